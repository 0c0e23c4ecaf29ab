"""Ground that nothing is known of: paved between streets and tall houses, a quay at the sea;
elsewhere it stays grass."""

from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from buildings.sources.quarters import town_houses
from terrain.areas.town import TOWN_REACH, Town, pave_gaps, quay_columns
from terrain.columns.outlines import outlines_of
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import NO_WATER, SEA, Ground
from terrain.streets.roadway import lay_streets, roadway_of
from terrain.streets.ways import ways_of
from terrain.vectors.features import Features

FRAME = Frame("EPSG:3006", 0.0, 0.0, 1.0, 62, 1.0)
GRID = Grid(FRAME, 0, 0, 120, 120)
GRASS, PAVEMENT, QUAY = (COVER[name] for name in ("grass", "pavement", "quay"))


def town_of(*houses):
    """houses: (x0, z0, x1, z1, whether tall)."""
    shapes = np.array([box(x0, -z1, x1, -z0) for x0, z0, x1, z1, _ in houses], object)
    return Town(outlines_of(shapes, FRAME), np.array([tall for *_, tall in houses], bool))


def flat(grid, cover=None):
    no = np.zeros(grid.shape, bool)
    water = np.full(grid.shape, NO_WATER, np.int32)
    covers = np.full(grid.shape, GRASS, np.uint8) if cover is None else cover
    return Ground(
        grid,
        np.full(grid.shape, 65, np.int32),
        water,
        np.zeros(grid.shape, np.uint8),
        covers,
        no,
        no.copy(),
    )


def street(grid, z=40.0, highway="residential", cover=None):
    line = np.array([shapely.LineString([(-200, -z), (400, -z)])], object)
    ways = ways_of([Features(line, {"highway": np.array([highway], object)}, Counter())])
    return lay_streets(
        flat(grid, cover),
        roadway_of(ways, lambda there: np.full(there.shape, 3.0, np.float32), FRAME),
    )


TALL = (20, 52, 100, 70, True)


def test_between_a_street_and_a_tall_house_it_is_paved_as_high_as_the_pavement():
    before = street(GRID)
    edge = int(np.flatnonzero(before.cover[:, 60] != GRASS).max())
    assert 43 <= edge < 50, "the street's own pavement ends before the house"
    after = pave_gaps(before, town_of(TALL))
    assert (after.cover[edge + 1 : 52, 60] == PAVEMENT).all()
    assert (after.half[edge + 1 : 52, 60] == before.half[edge, 60]).all()
    changed = after.cover != before.cover
    assert not changed[:40].any(), "across the street there is no house"
    assert not changed[52:].any(), "neither in the house nor behind it"
    assert (after.ground_y == before.ground_y).all()


@pytest.mark.parametrize(
    ("town", "z"), [(town_of((20, 52, 100, 70, False)), 40.0), (town_of((20, 66, 100, 80, True)),
    40.0), (town_of(), 40.0)],
    ids=["low houses have gardens", "too wide", "no houses"],
)  # fmt: skip
def test_elsewhere_nothing_changes(town, z):
    before = street(GRID, z)
    after = pave_gaps(before, town)
    assert (after.cover == before.cover).all()
    assert (after.half == before.half).all()


def test_what_is_known_stays_and_paths_that_do_not_say_are_paved():
    park = np.full(GRID.shape, COVER["park"], np.uint8)
    assert (pave_gaps(street(GRID, cover=park), town_of(TALL)).cover[52:70] == COVER["park"]).all()
    assert (
        pave_gaps(street(GRID, cover=park), town_of(TALL)).cover == street(GRID, cover=park).cover
    ).all()
    before = street(GRID)
    before.cover[50, :] = COVER["gravel"]
    assert (pave_gaps(before, town_of(TALL)).cover[50, 30:90] == PAVEMENT).all()


def test_narrow_strips_between_paving_in_town_only():
    for house, paved in ((TALL, True), ((20, 52, 100, 70, False), False)):
        ground = flat(GRID)
        ground.cover[20:24] = ground.cover[28:32] = COVER["square"]
        after = pave_gaps(ground, town_of(house))
        assert (after.cover[24:28, 40:80] == (PAVEMENT if paved else GRASS)).all()
        ground.cover[28:32], ground.cover[34:38] = GRASS, COVER["square"]
        assert (pave_gaps(ground, town_of(house)).cover[24:34, 40:80] == GRASS).all(), (
            "wider than any gap"
        )


def test_quays_in_town_and_moles_throughout():
    sea = np.zeros(GRID.shape, np.uint8)
    sea[:20] = SEA
    sea[20:50, :40] = sea[20:50, 52:90] = SEA
    cover = np.full(GRID.shape, GRASS, np.uint8)
    found = quay_columns(town_of((20, 80, 60, 100, True)), GRID, sea, cover)
    assert found[30, 40:52].all(), "a mole"
    assert found[50:53, 60].all()
    assert not found[53:, 60].any()
    assert not found[sea == SEA].any()
    assert not quay_columns(town_of((20, 80, 60, 100, False)), GRID, sea, cover).any()
    assert not quay_columns(town_of((20, 80, 60, 100, True)), GRID, np.zeros_like(sea), cover).any()
    assert not quay_columns(
        town_of((20, 80, 60, 100, True)), GRID, sea, np.full(GRID.shape, COVER["park"], np.uint8)
    ).any()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.randoms(use_true_random=False))
def test_one_piece_equals_tiles(x, z, random):
    houses = []
    for _ in range(12):
        west, north = random.uniform(-40, 150), random.uniform(-40, 150)
        houses.append(
            (
                west,
                north,
                west + random.uniform(6, 30),
                north + random.uniform(6, 30),
                random.random() < 0.5,
            )
        )
    town = town_of(*houses)
    piece = Grid(FRAME, x, z, 40, 30)

    def paved(grid):
        outer = grid.grow(TOWN_REACH)
        return pave_gaps(street(outer, 55.0, "secondary"), town).crop(grid)

    whole, part = paved(GRID), paved(piece)
    window = piece.window_in(GRID)
    assert (part.cover == whole.cover[window]).all()
    assert (part.half == whole.half[window]).all()


def test_which_houses_make_a_town():
    shapes = np.array([box(0, 0, side, side) for side in (12, 12, 30, 30, 30, 12)], object)
    use = ["apartments", "other", "office", "house", "office", "office"]
    nan = np.nan
    floors, height = np.array([4, 1, nan, nan, 1, nan]), np.array([nan, nan, nan, nan, nan, 14])
    assert town_houses(shapes, use, floors, height, np.full(6, nan)).tolist() == [
        True,
        False,
        True,
        False,
        False,
        True,
    ]
