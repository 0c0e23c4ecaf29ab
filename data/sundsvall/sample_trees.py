"""Single trees of the sample: rows of limes along the boulevards, and what stands between the
houses. Forests grow from the land cover."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from sample_relief import NORTH, SHAPE, TOWN, WEST, Box, burn
from sample_streets import CROSS_STREETS, quarter, town
from scipy.ndimage import distance_transform_edt

KINDS = ("spruce", "pine", "birch", "linden")


def rows_of_limes() -> list[tuple[float, float]]:
    """Both sides of the middle of Esplanaden, of Skolhusallén's west side, and round Vängåvan and
    the church."""
    points = [town(147 + side, b) for b in np.arange(-352, 250, 9.0) for side in (-7.0, 7.0)]
    for west, east, south, north in ((62, 121.5, 46.5, 101.5), (-375, -313, -270, -208)):
        points += [town(a, b) for a in np.arange(west, east, 8.5) for b in (south, north)]
        points += [town(a, b) for b in np.arange(south + 8.5, north - 4, 8.5) for a in (west, east)]
    return points


@dataclass(frozen=True)
class Ground:
    """Metres from every cell of the relief to the nearest house, and to what is paved, wet or
    used."""

    to_house: np.ndarray
    to_closed: np.ndarray


def ground_of(houses: list[dict], closed: shapely.Geometry, areas: list[dict]) -> Ground:
    homes = [row["geometry"] for row in houses]
    used = [closed, *(row["geometry"] for row in areas if row["kind"] != "garden")]
    to_house, to_closed = (
        distance_transform_edt(~burn(shapes, all_touched=True)) for shapes in (homes, used)
    )
    return Ground(to_house, to_closed)


def scattered(step: float, seed: int, frame: Box) -> np.ndarray:
    """(n, 2) east, north: a jittered lattice so loose that no rows show."""
    rng = np.random.default_rng([1947, seed])
    west, south, east, north = frame
    lattice = np.meshgrid(
        np.arange(west + 4, east - 4, step), np.arange(south + 4, north - 4, step)
    )
    points = np.column_stack([axis.ravel() for axis in lattice])
    points = points + rng.uniform(-0.48 * step, 0.48 * step, points.shape)
    return points[rng.permutation(len(points))]


def at(mask: np.ndarray, points: np.ndarray) -> np.ndarray:
    rows = np.clip((NORTH - points[:, 1]).astype(int), 0, SHAPE[0] - 1)
    columns = np.clip((points[:, 0] - WEST).astype(int), 0, SHAPE[1] - 1)
    return mask[rows, columns]


def tree(rng: np.random.Generator, place: tuple[float, float], kind: str, *tall: float) -> dict:
    """tall: from how high to how high, metres."""
    return {
        "height_m": round(float(rng.uniform(*tall)), 1),
        "kind": kind,
        "geometry": shapely.Point(round(place[0], 1), round(place[1], 1)),
    }


def tree_rows(ground: Ground, planted: list[tuple[float, float, str, float]]) -> list[dict]:
    """Limes along the streets, what is planted, single trees between houses; none on streets,
    pitches, in houses or in water."""
    rng = np.random.default_rng(1888)
    limes = [
        tree(rng, place, "linden", 7, 10)
        for place in rows_of_limes()
        if at(ground.to_house, np.array([place]))[0] > 3
    ]
    crossing = shapely.union_all(
        [quarter(-387, 407, b - half, b + half) for b, (_, half) in CROSS_STREETS.items()]
    )
    rows = [row for row in limes if not crossing.intersects(row["geometry"])]
    for east, north, kind, high in planted:
        if at(ground.to_house, np.array([[east, north]]))[0] > 2:
            rows.append(tree(rng, (east, north), kind, high - 1.5, high + 2))
    park = burn([quarter(59, 124, 44, 104), quarter(-377, -311, -272, -206)])
    gardens = scattered(17.0, 2, TOWN)
    return rows + trees_between(rng, ground, gardens, ~at(park, gardens))


def trees_between(
    rng: np.random.Generator, ground: Ground, points: np.ndarray, may: np.ndarray
) -> list[dict]:
    """Single trees near houses, at some of the points (n, 2) at which they may stand, (n,) bool."""
    to_house, to_closed = at(ground.to_house, points), at(ground.to_closed, points)
    free = (to_house > 4.5) & (to_closed > 4) & (to_house < 40) & may
    rows = []
    for place in points[free & (rng.random(len(points)) < 0.62)]:
        kind = str(rng.choice(["birch", "birch", "linden", "spruce", "pine"]))
        rows.append(tree(rng, (place[0], place[1]), kind, 6, 12))
    return rows
