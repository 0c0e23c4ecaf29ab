"""Single trees of the sample: rows of limes along the boulevards, and what stands between the
houses. Forests grow from the land cover."""

from __future__ import annotations

import numpy as np
import shapely
from sample_relief import EAST, NORTH, SHAPE, SOUTH, WEST, burn
from sample_streets import quarter, town
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


def scattered(step: float, seed: int) -> np.ndarray:
    """(n, 2) east, north: a jittered lattice so loose that no rows show."""
    rng = np.random.default_rng([1947, seed])
    east, north = np.meshgrid(
        np.arange(WEST + 4, EAST - 4, step), np.arange(SOUTH + 4, NORTH - 4, step)
    )
    points = np.column_stack([east.ravel(), north.ravel()])
    points = points + rng.uniform(-0.48 * step, 0.48 * step, points.shape)
    return points[rng.permutation(len(points))]


def at(mask: np.ndarray, points: np.ndarray) -> np.ndarray:
    rows = np.clip((NORTH - points[:, 1]).astype(int), 0, SHAPE[0] - 1)
    columns = np.clip((points[:, 0] - WEST).astype(int), 0, SHAPE[1] - 1)
    return mask[rows, columns]


def tree_rows(
    houses: list[dict],
    closed: shapely.Geometry,
    areas: list[dict],
    planted: list[tuple[float, float, str, float]],
) -> list[dict]:
    """Limes along the streets, single trees between houses; none on streets, pitches, in houses or
    in water."""
    rng = np.random.default_rng(1888)
    homes = [row["geometry"] for row in houses]
    to_house = distance_transform_edt(~burn(homes, all_touched=True))
    to_closed = distance_transform_edt(
        ~burn(
            [closed, *(row["geometry"] for row in areas if row["kind"] != "garden")],
            all_touched=True,
        )
    )
    park = burn([quarter(59, 124, 44, 104), quarter(-377, -311, -272, -206)])
    rows = []

    def add(east: float, north: float, kind: str, low: float, high: float) -> None:
        rows.append(
            {
                "height_m": round(float(rng.uniform(low, high)), 1),
                "kind": kind,
                "geometry": shapely.Point(round(east, 1), round(north, 1)),
            }
        )

    for east, north in rows_of_limes():
        if at(to_house, np.array([[east, north]]))[0] > 3:
            add(east, north, "linden", 7, 10)
    for east, north, kind, high in planted:
        if at(to_house, np.array([[east, north]]))[0] > 2:
            add(east, north, kind, high - 1.5, high + 2)
    gardens = scattered(17.0, 2)
    open_ground = (
        (at(to_house, gardens) > 4.5)
        & (at(to_closed, gardens) > 4)
        & (at(to_house, gardens) < 40)
        & ~at(park, gardens)
    )
    for east, north in gardens[open_ground & (rng.random(len(gardens)) < 0.62)]:
        kind = str(rng.choice(["birch", "birch", "linden", "spruce", "pine"]))
        add(east, north, kind, 6, 12)
    return rows
