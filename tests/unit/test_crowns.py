"""Single trees in what a laser sees from above."""

from __future__ import annotations

import numpy as np

from mc_city.placing.laser_trees import with_laser_trees
from terrain.frame import Frame, Grid
from terrain.points.reading import Points
from terrain.points.tops import Tops
from terrain.trees.crowns import crown_tops
from terrain.trees.trees import Trees

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0)


def crowns(*trees: tuple[float, float, float, float], side: int = 60) -> np.ndarray:
    """(z, x) float32 metres: trees of (x, z, height, radius), a fifth of the columns unseen."""
    z, x = np.mgrid[:side, :side] + 0.5
    out = np.full((side, side), np.nan, np.float32)
    for east, south, height, radius in trees:
        away = np.hypot(x - east, z - south)
        own = np.where(away < radius, height * (1 - 0.5 * (away / radius) ** 2), np.nan)
        out = np.fmax(out, own.astype(np.float32))
    out[np.random.default_rng(1).random(out.shape) < 0.2] = np.nan
    return out


def test_each_crown_is_one_tree():
    trees = [(10, 10, 18, 4), (24, 12, 8, 2.5), (40, 40, 25, 5), (47, 31, 12, 3), (12, 44, 5, 1.8)]
    found = np.argwhere(crown_tops(crowns(*trees), 1.0))
    assert len(found) == len(trees)
    for east, south, *_ in trees:
        assert np.hypot(found[:, 1] + 0.5 - east, found[:, 0] + 0.5 - south).min() < 1.6


def test_wires_birds_and_bushes_are_no_trees():
    height = np.full((40, 40), np.nan, np.float32)
    height[20, ::3] = 9.0
    height[5, 5] = 30.0
    height[30:34, 8:12] = 2.0
    height[30, 30] = 300.0
    assert not crown_tops(height, 1.0).any()


def test_only_the_highest_return_of_what_grows_counts_and_only_near_the_area():
    grid = Grid(FRAME, -600, -40, 700, 80)
    tops = Tops(grid)
    east = np.array([600_000.5, 600_000.6, 600_000.5, 599_400.5, 600_900.0])
    height = np.array([12.0, 14.0, 30.0, 7.0, 50.0])
    code = np.array([1, 5, 6, 1, 1], np.uint8)
    points = Points(east, np.full(5, 6_899_999.5), height, code, np.ones(5, bool))
    tops.add(points.chosen(slice(0, 3)))
    tops.add(points.chosen(slice(3, 5)))
    over = tops.over(grid)
    assert over[40, 600] == 14.0
    assert over[40, 0] == 7.0
    assert np.isnan(over).sum() == over.size - 2
    nothing = tops.nothing_else(np.array([0.5, 300.5]), np.array([0.5, 0.5]))
    assert nothing[0] == 0.0
    assert np.isnan(nothing[1])


def test_a_tree_that_the_data_names_stays_and_learns_its_height():
    def trees(*rows: tuple[int, int, int, int]) -> Trees:
        x, z, height, kind = np.array(rows, np.int32).reshape(-1, 4).T
        return Trees(x, z, height, kind.astype(np.uint8))

    known = trees((0, 0, 0, 2), (50, 0, 9, 3))
    seen = trees((2, 1, 17, 0), (51, 0, 20, 0), (20, 20, 11, 1))
    joined, more = with_laser_trees(known, seen, 1.0)
    assert more == 1
    rows = sorted(zip(joined.x.tolist(), joined.height.tolist(), joined.kind.tolist(), strict=True))
    assert rows == [(0, 17, 2), (20, 11, 1), (50, 9, 3)]
