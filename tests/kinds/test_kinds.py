"""Every kind of thing that is mapped in towns, alone on a plot: its own blocks stand there."""

from __future__ import annotations

import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.city.city import City
from mc_city.city.drawing import Tile, voxelise
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import quiet
from tests.invariants import drawn, unsupported
from tests.kinds.town import ACROSS, PLOT, Kind, read_kinds, write_config
from worlds.bedrock import reader as bedrock
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.java import reader as java
from worlds.java.climate import BIOMES
from worlds.java.palettes import palette_in
from worlds.volume import BlockState, BlockVolume

KINDS = read_kinds()
LEAST_KINDS = 280
"""Rows of the table."""
LEAST_DRAWN = 278
"""Rows of kinds that are drawn."""
NOT_YET = 0
"""Kinds that are not drawn yet, at most: a number that only falls."""


@dataclass(frozen=True)
class Gained:
    """What the things change. blocks: kind → how often each block stands on its plot that did not
    without it; places: (kind, block) → (x, y, z) and state of the first of them; strange: columns
    that have changed outside of all plots, or so near a plot's edge that another one could be
    meant."""

    town: City
    blocks: dict[int, Counter[str]]
    places: dict[tuple[int, str], tuple[tuple[int, int, int], BlockState]] = field(
        default_factory=dict
    )
    strange: list[tuple[int, int]] = field(default_factory=list)


def short(state: BlockState) -> str:
    return state.name.removeprefix("minecraft:")


def ids_at(tile: Tile, y: int, min_y: int) -> np.ndarray:
    """(512, 512) of the tile's palette, the blocks of one layer."""
    volume = tile.volume
    if y < volume.y0:
        return np.full((512, 512), tile.below[y - min_y])
    if y >= volume.y0 + len(volume.ids):
        return np.zeros((512, 512), np.uint16)
    return volume.ids[y - volume.y0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("kinds")


@pytest.fixture(scope="module")
def gained(folder) -> Gained:
    towns = [
        read_city(read_config(write_config(folder / name, KINDS, things)), quiet)
        for name, things in (("with", True), ("without", False))
    ]
    town = towns[0]
    gained = Gained(town, {kind.number: Counter() for kind in KINDS})
    min_y = town.version.min_y
    for region in sorted(town.grid.regions()):
        tiles = [voxelise(town, *region) for town in towns]
        bottom = min(tile.volume.y0 for tile in tiles)
        top = max(tile.volume.y0 + len(tile.volume.ids) for tile in tiles)
        states = [tile.volume.palette.states for tile in tiles]
        names = [np.array([short(state) for state in known], object) for known in states]
        for y in range(bottom, top):
            ids = [ids_at(tile, y, min_y) for tile in tiles]
            now, before = (known[layer] for known, layer in zip(names, ids, strict=True))
            for row, column in np.argwhere(now != before).tolist():
                name = now[row, column]
                x, z = region[0] * 512 + column, region[1] * 512 + row
                if z >= town.grid.nz or x >= town.grid.nx:
                    # Beyond the town: layers below a piece's relief are the same all over it.
                    continue
                number = z // PLOT * ACROSS + x // PLOT
                near = min(x % PLOT, PLOT - 1 - x % PLOT, z % PLOT, PLOT - 1 - z % PLOT)
                if number not in gained.blocks or near < 3:
                    gained.strange.append((x, z))
                elif name != "air":
                    gained.blocks[number][name] += 1
                    place = (x, y, z), states[0][ids[0][row, column]]
                    gained.places.setdefault((number, name), place)
    return gained


@pytest.fixture(scope="module")
def built(folder) -> Path:
    """The town as worlds of both editions."""
    config = read_config(write_config(folder / "built", KINDS, things=True))
    build(config, folder / "out", 1, True, quiet)
    return folder / "out"


def test_the_table_holds_each_kind_once_and_not_less_than_before():
    assert len(KINDS) >= LEAST_KINDS
    assert len({str(kind) for kind in KINDS}) == len(KINDS)
    assert sum(bool(kind.wanted) for kind in KINDS) >= LEAST_DRAWN


def test_kinds_that_are_not_drawn_become_fewer():
    waiting = [str(kind) for kind in KINDS if not kind.wanted and kind.why is None]
    assert len(waiting) <= NOT_YET, waiting


def test_a_thing_changes_its_own_plot_only(gained):
    assert gained.strange == []


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.wanted], ids=lambda kind: str(kind)
)
def test_its_blocks_stand_on_its_plot(kind: Kind, gained):
    blocks = gained.blocks[kind.number]
    lacking = [one for one in kind.wanted if not any(blocks[name] for name in one.split("|"))]
    assert lacking == [], f"{kind} is made of {dict(blocks.most_common(12))}"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.why is not None], ids=lambda kind: str(kind)
)
def test_what_is_not_drawn_says_why_and_changes_nothing(kind: Kind, gained):
    assert kind.why
    assert gained.blocks[kind.number] == Counter(), f"{kind} is drawn: say of which blocks"


def lost(
    gained: Gained,
    volumes: dict[tuple[int, int], BlockVolume],
    written: dict[BlockState, BlockState],
) -> list[str]:
    """The kinds one of whose own blocks does not stand in a world that was read back."""
    found = []
    for kind in KINDS:
        names = [one for wanted in kind.wanted for one in wanted.split("|")]
        own = {
            name: gained.places[kind.number, name]
            for name in names
            if (kind.number, name) in gained.places
        }
        if kind.wanted and not own:
            found.append(f"{kind}: nothing of its own")
        for name, ((x, y, z), state) in own.items():
            volume = volumes[x // 512, z // 512]
            read = volume.palette.states[volume.ids[y - volume.y0, z % 512, x % 512]]
            if read.name != written[state].name:
                found.append(f"{kind}: {read.name} for {name}")
    return found


def test_each_kind_is_read_back_from_the_java_world(built, gained):
    volumes = {}
    for path in built.rglob("dimensions/minecraft/overworld/region/*.mca"):
        _, x, z, _ = path.name.split(".")
        volumes[int(x), int(z)] = java.read_region_volume(path)[0]
    palette = gained.town.palette
    own = dict(zip(palette.states, palette_in(palette, gained.town.version), strict=True))
    assert set(volumes) == set(gained.town.grid.regions())
    assert lost(gained, volumes, own) == []


def test_each_kind_is_read_back_from_the_bedrock_world(built, gained, tmp_path):
    with zipfile.ZipFile(built / "Slagen.mcworld") as archive:
        archive.extractall(tmp_path)
    with bedrock.opened_regions(tmp_path) as regions:
        volumes = {
            region: bedrock.read_region_volume(regions, region)[0] for region in regions.chunks
        }
    palette = gained.town.palette
    tables = encode_bedrock_palette(palette, gained.town.bedrock, BIOMES)
    own = dict(zip(palette.states, bedrock.palette_in(palette, tables), strict=True))
    assert set(volumes) == set(gained.town.grid.regions())
    assert lost(gained, volumes, own) == []


def test_everything_is_held_by_what_holds_it_in_the_game(gained):
    """The game takes away what stands on nothing as soon as anything beside it changes."""
    town = gained.town
    for region in sorted(town.grid.regions()):
        piece = drawn(town, town.grid.intersection(town.grid.region(*region)))
        assert unsupported(piece) == []
