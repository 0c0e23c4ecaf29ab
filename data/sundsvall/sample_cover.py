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
from scipy.ndimage import distance_transform_edt

CELL = 10
PINE, SPRUCE, MIXED, LEAF, CLEARING, FIELD, MEADOW, BUILT = 111, 112, 113, 115, 118, 3, 42, 52


def cover_codes(heights: np.ndarray, houses: list[dict], closed: shapely.Geometry) -> np.ndarray:
    """(rows, columns) uint8: forest on the hills away from houses, meadows and a few fields at
    their feet, built land between."""
    east, north = np.meshgrid(
        np.arange(WEST + CELL / 2, EAST, CELL), np.arange(NORTH - CELL / 2, SOUTH, -CELL)
    )
    points = np.column_stack([east.ravel(), north.ravel()])
    to_house = at(
        distance_transform_edt(~burn([row["geometry"] for row in houses], all_touched=True)), points
    )
    to_closed = at(distance_transform_edt(~burn([closed], all_touched=True)), points)
    _, wild = smooth_base(points[:, 0], points[:, 1])
    height = at(heights, points)
    patches = noise(31, 140, points[:, 0], points[:, 1])
    dry = noise(22, 160, points[:, 0], points[:, 1]) + (height - 70) / 120
    codes = np.full(len(points), BUILT, np.uint8)
    outside = (to_house > 22) & (to_closed > 4)
    codes[outside & (wild > 0.2)] = MEADOW
    codes[outside & (wild > 0.2) & (to_house > 60) & (height < 60) & (patches > 0.25)] = FIELD
    forest = (to_house > 18) & (to_closed > 6) & (wild > 0.38)
    codes[forest] = np.select(
        [dry[forest] > 0.32, dry[forest] > 0.12, patches[forest] < -0.45],
        [PINE, MIXED, LEAF],
        SPRUCE,
    )
    codes[forest & (patches > 0.62)] = CLEARING
    return codes.reshape(east.shape)


def write_cover(path: Path, codes: np.ndarray) -> None:
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "width": codes.shape[1],
    "height": codes.shape[0], "crs": "EPSG:3006",
               "transform": from_origin(WEST, NORTH, CELL, CELL), "compress": "deflate",
               "zlevel": 9, "nodata": 0}  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(codes, 1)
