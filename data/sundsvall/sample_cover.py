"""Land cover of the sample: a raster of 10 m cells with codes of the national land cover, where
relief and houses leave room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin
from sample_relief import EAST, NORTH, SOUTH, WEST, burn, noise, smooth_base
from sample_trees import at
from scipy.ndimage import distance_transform_edt, uniform_filter

CELL = 10
PINE, SPRUCE, MIXED, LEAF, CLEARING, FIELD, MEADOW, BUILT, ROCK = (
    111,
    112,
    113,
    115,
    118,
    3,
    42,
    52,
    41,
)


def cover_codes(
    heights: np.ndarray, houses: list[dict], closed: shapely.Geometry, areas: list[dict]
) -> np.ndarray:
    """(rows, columns) uint8: forest on the hills and down between the quarters, meadows at its
    edge, rock where it is steep and high, built land where people are."""
    east, north = np.meshgrid(
        np.arange(WEST + CELL / 2, EAST, CELL), np.arange(NORTH - CELL / 2, SOUTH, -CELL)
    )
    points = np.column_stack([east.ravel(), north.ravel()])
    homes = [row["geometry"] for row in houses]
    used = burn([*homes, *(row["geometry"] for row in areas)], all_touched=True)
    to_town = at(distance_transform_edt(~used), points)
    to_closed = at(distance_transform_edt(~burn([closed], all_touched=True)), points)
    _, wild = smooth_base(points[:, 0], points[:, 1])
    height = at(heights, points)
    south, east_ = np.gradient(heights)
    steep = at(uniform_filter(np.hypot(south, east_), 9), points)
    patches = noise(31, 140, points[:, 0], points[:, 1])
    small = noise(33, 46, points[:, 0], points[:, 1])
    dry = noise(22, 160, points[:, 0], points[:, 1]) + (height - 70) / 120
    codes = np.full(len(points), BUILT, np.uint8)
    hilly = wild > 0.12
    outside = (to_town > 7) & (to_closed > 4) & hilly
    codes[outside & (small > -0.1)] = MEADOW
    codes[outside & (to_town > 70) & (height < 60) & (patches > 0.45)] = FIELD
    forest = (to_town > 9 + 5 * small) & (to_closed > 6) & hilly & (codes != FIELD)
    codes[forest] = np.select(
        [dry[forest] > 0.32, dry[forest] > 0.12, (patches + small)[forest] < -0.5],
        [PINE, MIXED, LEAF],
        SPRUCE,
    )
    codes[forest & (patches > 0.7) & (to_town > 40)] = CLEARING
    codes[outside & (steep > 0.52) & (to_town > 5)] = ROCK
    return codes.reshape(east.shape)


def write_cover(path: Path, codes: np.ndarray) -> None:
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "width": codes.shape[1],
    "height": codes.shape[0], "crs": "EPSG:3006",
               "transform": from_origin(WEST, NORTH, CELL, CELL), "compress": "deflate",
               "zlevel": 9, "nodata": 0}  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(codes, 1)
