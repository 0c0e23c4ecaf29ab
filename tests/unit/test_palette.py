"""Every block state that a build can write is one that the game knows, in each version under its
name."""

import pytest

from buildings.looks.styles import read_styles, style_states
from tests.packs.programs import minecraft_data
from tests.strict_palette import fault_of
from worlds.connections import expand_families
from worlds.java.palettes import explicit, own_state
from worlds.java.versions import java_version
from worlds.style_tables import STYLES
from worlds.volume import BlockState

VERSIONS = ("1.21.4", "1.21.9", "26.1", "26.3")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_state_exists_with_exactly_its_properties(version):
    row = java_version(version)
    numbers = (*row.numbers, 0)[:3]
    states = expand_families(style_states(read_styles(STYLES)))
    assert [fault for state in states if (fault := fault_of(own_state(state, row), numbers))] == []


@pytest.mark.parametrize("version", ["1.21.4", "1.21.11", "26.1"])
def test_every_state_of_a_city_is_one_of_those_of_minecraft_data(small_scene, version):
    """`waterlogged` included, which is written out."""
    known = {
        f"minecraft:{block['name']}": block["states"] for block in minecraft_data(version, "blocks")
    }
    wrong = []
    for state in small_scene.palette.states:
        state = explicit(own_state(state, java_version(version)))
        allowed = {
            entry["name"]: set(entry.get("values", ("true", "false")))
            for entry in known.get(state.name, ())
        }
        properties = dict(state.properties)
        if (
            state.name not in known
            or set(properties) != set(allowed)
            or any(value not in allowed[key] for key, value in properties.items())
        ):
            wrong.append(str(state))
    assert wrong == []


@pytest.mark.parametrize(
    "state",
    [
        "minecraft:grass",
        "stone_slab",
        "stone_slab[type=middle]",
        "stone[facing=north]",
        "glass_pane[north=true]",
    ],
)
def test_a_wrong_state_is_caught(state):
    assert fault_of(BlockState.parse(state))


def test_the_old_name_of_a_renamed_block_is_caught():
    chain = BlockState.parse("chain[axis=x]")
    assert fault_of(chain, (26, 3, 0))
    assert fault_of(own_state(chain, java_version("26.3")), (26, 3, 0)) is None
    assert fault_of(own_state(chain, java_version("1.21.4")), (1, 21, 4)) is None
