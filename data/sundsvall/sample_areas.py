"""Areas of the sample: pitches, playgrounds, a cemetery by the church, allotments, gardens round
the villas. All of it is illustrative."""

from __future__ import annotations

import numpy as np
import shapely
from rasterio.features import rasterize
from sample_relief import EAST, NORTH, SHAPE, SOUTH, TRANSFORM, WEST, burn
from sample_streets import town
from sample_trees import at
from scipy.ndimage import distance_transform_edt, uniform_filter
from shapely import Polygon
from shapely.affinity import rotate

SIZES = (
    ("soccer", 105.0, 68.0, 2), ("tennis", 36.0, 18.0, 2), ("basketball", 28.0, 15.0, 2),
    ("playground", 26.0, 16.0, 3),
    ("allotments", 66.0, 44.0, 1),
)  # fmt: skip
"""What is looked for, its length and width in metres, and how many."""
TURNS = (12.4, 102.4, 0.0, 45.0, 90.0, 135.0)
APART = 90.0
"""Metres between two of a kind, at least."""
GARDEN_M, TERRACE_M = 13.0, 9.0


def _oblong(east: float, north: float, length: float, width: float, turn: float) -> Polygon:
    box = shapely.box(east - length / 2, north - width / 2, east + length / 2, north + width / 2)
    return rotate(box, turn, origin=(east, north))


def claim(shape: Polygon, taken: np.ndarray) -> bool:
    """Whether no cell under the shape was taken; then they are, in place."""
    west, south, east, north = shape.bounds
    left, top = (int(value) for value in ~TRANSFORM * (west, north))
    right, bottom = (int(value) + 1 for value in ~TRANSFORM * (east, south))
    if left < 0 or top < 0 or right > SHAPE[1] or bottom > SHAPE[0]:
        return False
    window = taken[top:bottom, left:right]
    inside = rasterize(
        [shape], window.shape, transform=TRANSFORM * TRANSFORM.translation(left, top)
    ).astype(bool)
    if (inside & window).any():
        return False
    window |= inside
    return True


def play_areas(heights: np.ndarray, houses: list[dict], closed: shapely.Geometry) -> list[dict]:
    """Pitches, courts, playgrounds and allotments where the ground is nearly level, free, and near
    homes."""
    rng = np.random.default_rng(1891)
    taken = burn([*(row["geometry"] for row in houses), closed], all_touched=True)
    to_house = distance_transform_edt(~burn([row["geometry"] for row in houses]))
    mean = uniform_filter(heights, 41)
    uneven = np.sqrt(np.maximum(uniform_filter(heights * heights, 41) - mean * mean, 0))
    rows: list[dict] = []
    for kind, length, width, count in SIZES:
        points = np.column_stack(
            [rng.uniform(WEST + 170, EAST - 170, 4000), rng.uniform(SOUTH + 170, NORTH - 170, 4000)]
        )
        level = at(uneven, points) + 0.004 * at(to_house, points)
        found = 0
        for east, north in points[np.argsort(level)]:
            if found == count:
                break
            if any(
                row["kind"] == kind
                and shapely.distance(row["geometry"], shapely.Point(east, north)) < APART
                for row in rows
            ):
                continue
            for turn in TURNS:
                shape = _oblong(east, north, length, width, turn)
                if claim(shape.buffer(3), taken):
                    found += 1
                    rows.append({"kind": "pitch" if kind in ("soccer", "tennis",
                    "basketball") else kind,
                                 "sport": kind if kind in ("soccer", "tennis",
                                 "basketball") else None, "geometry": shape})  # fmt: skip
                    break
    return rows


def terraced(heights: np.ndarray, areas: list[dict], kept: np.ndarray) -> np.ndarray:
    """Each area lies level, at a whole metre, and runs out softly; where `kept` (bool mask) the
    ground stays."""
    free = np.clip(distance_transform_edt(~kept) / 4, 0, 1)
    for row in areas:
        inside = burn([row["geometry"]], all_touched=True)
        weight = np.clip(1 - distance_transform_edt(~inside) / TERRACE_M, 0, 1)
        heights = heights + free * weight * (np.round(np.median(heights[inside])) - heights)
    return heights


def churchyard(houses: list[dict]) -> list[dict]:
    """The graves beside Gustav Adolfs kyrka, where no street lies."""
    west, south, east, north = -372, -267, -316, -211
    ground = Polygon([town(west, south), town(east, south), town(east, north), town(west, north)])
    church = shapely.union_all(
        [row["geometry"].buffer(4) for row in houses if "kyrka" in str(row.get("byggnadsnamn1"))]
    )
    return [
        {"kind": "cemetery", "sport": None, "geometry": part}
        for part in shapely.get_parts(ground.difference(church))
        if part.area > 200
    ]


def gardens(houses: list[dict], closed: shapely.Geometry, areas: list[dict]) -> list[dict]:
    """The ground round villas, between their streets."""
    villas = [
        row["geometry"] for row in houses if str(row.get("andamal1")).startswith("Bostad;Småhus")
    ]
    lots = shapely.union_all([villa.buffer(GARDEN_M, quad_segs=2) for villa in villas])
    lots = lots.difference(closed).difference(
        shapely.union_all([row["geometry"].buffer(3) for row in areas])
    )
    lots = shapely.set_precision(lots.buffer(-1.5, quad_segs=2).buffer(1.5, quad_segs=2), 0.1)
    return [
        {"kind": "garden", "sport": None, "geometry": part}
        for part in shapely.get_parts(lots)
        if part.area > 60
    ]
