"""What we believe of blocks and biomes, against minecraft-data, which we did not write."""

import json
import subprocess

import pytest

from tests.conftest import PROJECT
from worlds.java.climate import BASE_TEMPERATURE
from worlds.java.palettes import (
    MOTION_BLOCKING,
    MOTION_BLOCKING_NO_LEAVES,
    OCEAN_FLOOR,
    WORLD_SURFACE,
    explicit,
    height_flags,
)
from worlds.volume import BlockState

FORCED_SOLID = (
    "_sign", "_banner", "_pressure_plate", "lantern", "turtle_egg", "conduit", "amethyst_cluster",
    "_amethyst_bud", "powder_snow",
    "pointed_dripstone",
)  # fmt: skip
"""Blocks that count as solid though what they are hit by is small or nothing."""
FORCED_PASSABLE = ("ladder", "end_rod", "scaffolding")


@pytest.fixture(scope="module", params=["1.21.4", "26.1"])
def facts(node_reader, request):  # noqa: ARG001 (installs minecraft-data)
    command = ["node", str(PROJECT / "tests" / "readers" / "list_facts.js"), request.param]
    return json.loads(
        subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    )


def stops_movement(boxes) -> bool:
    """The game's rule: at least 0.729 long on average over the three axes, or a block high."""
    if not boxes:
        return False
    sides = [
        max(box[axis + 3] for box in boxes) - min(box[axis] for box in boxes) for axis in range(3)
    ]
    return sum(sides) / 3 >= 0.7291666666666666 or sides[1] >= 1


def test_waterlogged_is_written_for_exactly_the_blocks_that_have_it(facts):
    written = {
        name
        for name in facts["blocks"]
        if "waterlogged" in dict(explicit(BlockState(f"minecraft:{name}")).properties)
    }
    assert written == {name for name, block in facts["blocks"].items() if block["waterlogged"]}


def test_a_waterlogged_block_stays_so():
    assert explicit(BlockState.parse("oak_slab[type=top,waterlogged=true]")) == BlockState.parse(
        "oak_slab[type=top,waterlogged=true]"
    )


def test_solid_blocks_are_those_that_stop_movement(facts):
    fluids = {"water", "lava", "seagrass", "tall_seagrass", "kelp", "kelp_plant", "bubble_column"}
    wrong = []
    for name, block in facts["blocks"].items():
        solid = bool(height_flags(BlockState(f"minecraft:{name}")) & OCEAN_FLOOR)
        wanted = name not in FORCED_PASSABLE and (
            name.endswith(FORCED_SOLID) or stops_movement(block["boxes"])
        )
        if solid != (wanted and name not in fluids):
            wrong.append(name)
    assert wrong == []


@pytest.mark.parametrize(
    ("state", "flags"),
    [
        ("air", 0),
        ("stone", WORLD_SURFACE | OCEAN_FLOOR | MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES),
        ("birch_leaves", WORLD_SURFACE | OCEAN_FLOOR | MOTION_BLOCKING),
        ("water", WORLD_SURFACE | MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES),
        ("kelp_plant", WORLD_SURFACE | MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES),
        ("rail", WORLD_SURFACE),
        ("rail[waterlogged=true]", WORLD_SURFACE | MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES),
        (
            "verdant_froglight",
            WORLD_SURFACE | OCEAN_FLOOR | MOTION_BLOCKING | MOTION_BLOCKING_NO_LEAVES,
        ),
    ],
)
def test_heightmaps_that_count_a_block(state, flags):
    assert height_flags(BlockState.parse(state)) == flags


def test_base_temperatures_are_the_published_ones(facts):
    assert {biome: facts["biomes"][biome] for biome in BASE_TEMPERATURE} == BASE_TEMPERATURE
