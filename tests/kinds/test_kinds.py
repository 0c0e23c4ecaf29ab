"""Every kind of thing that is mapped in towns, alone on a plot: its own blocks stand there."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mc_city.city.drawing import Tile, voxelise
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import quiet
from tests.kinds.town import ACROSS, PLOT, Kind, read_kinds, write_config

KINDS = read_kinds()
LEAST_KINDS = 280
"""Rows of the table."""
LEAST_DRAWN = 278
"""Rows of kinds that are drawn."""
NOT_YET = 0
"""Kinds that are not drawn yet, at most: a number that only falls."""


def names_at(tile: Tile, y: int, min_y: int) -> np.ndarray:
    """(512, 512) names of the blocks of one layer."""
    volume = tile.volume
    names = np.array(
        [state.name.removeprefix("minecraft:") for state in volume.palette.states], object
    )
    if y < volume.y0:
        return np.full((512, 512), names[tile.below[y - min_y]], object)
    if y >= volume.y0 + len(volume.ids):
        return np.full((512, 512), "air", object)
    return names[volume.ids[y - volume.y0]]


@pytest.fixture(scope="module")
def gained(tmp_path_factory) -> tuple[dict[int, Counter[str]], list[tuple[int, int]]]:
    """(kind → the blocks that stand on its plot and did not without it; columns that have changed
    outside of all plots, or so near a plot's edge that another one could be meant)."""
    folder = tmp_path_factory.mktemp("kinds")
    towns = [
        read_city(read_config(write_config(folder / name, KINDS, things)), quiet)
        for name, things in (("with", True), ("without", False))
    ]
    found: dict[int, Counter[str]] = {kind.number: Counter() for kind in KINDS}
    strange: list[tuple[int, int]] = []
    min_y = towns[0].version.min_y
    for region in sorted(towns[0].grid.regions()):
        tiles = [voxelise(town, *region) for town in towns]
        bottom = min(tile.volume.y0 for tile in tiles)
        top = max(tile.volume.y0 + len(tile.volume.ids) for tile in tiles)
        for y in range(bottom, top):
            now, before = (names_at(tile, y, min_y) for tile in tiles)
            for row, column in np.argwhere(now != before).tolist():
                x, z = region[0] * 512 + column, region[1] * 512 + row
                if z >= towns[0].grid.nz or x >= towns[0].grid.nx:
                    # Beyond the town: layers below a piece's relief are the same all over it.
                    continue
                number = z // PLOT * ACROSS + x // PLOT
                near = min(x % PLOT, PLOT - 1 - x % PLOT, z % PLOT, PLOT - 1 - z % PLOT)
                if number not in found or near < 3:
                    strange.append((x, z))
                elif now[row, column] != "air":
                    found[number][now[row, column]] += 1
    return found, strange


def test_the_table_holds_each_kind_once_and_not_less_than_before():
    assert len(KINDS) >= LEAST_KINDS
    assert len({str(kind) for kind in KINDS}) == len(KINDS)
    assert sum(bool(kind.wanted) for kind in KINDS) >= LEAST_DRAWN


def test_kinds_that_are_not_drawn_become_fewer():
    waiting = [str(kind) for kind in KINDS if not kind.wanted and kind.why is None]
    assert len(waiting) <= NOT_YET, waiting


def test_a_thing_changes_its_own_plot_only(gained):
    assert gained[1] == []


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.wanted], ids=lambda kind: str(kind)
)
def test_its_blocks_stand_on_its_plot(kind: Kind, gained):
    blocks = gained[0][kind.number]
    lacking = [one for one in kind.wanted if not any(blocks[name] for name in one.split("|"))]
    assert lacking == [], f"{kind} is made of {dict(blocks.most_common(12))}"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.why is not None], ids=lambda kind: str(kind)
)
def test_what_is_not_drawn_says_why_and_changes_nothing(kind: Kind, gained):
    assert kind.why
    assert gained[0][kind.number] == Counter(), f"{kind} is drawn: say of which blocks"
