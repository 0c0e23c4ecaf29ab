"""Small files as people bring them: a hill and some houses, at a place and in a CRS."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import rasterio
import shapely
from rasterio.transform import from_origin

SUNDSVALL = (619_250.0, 6_919_812.0)
CRS = "EPSG:3006"


def write_hill(
    path: Path,
    at: tuple[float, float] = SUNDSVALL,
    crs: str | None = CRS,
    *,
    cell: float = 2.0,
    times: float = 1.0,
) -> Path:
    """Heights of 10 to 30 m over 256 x 256 m round a place. times: what they are told in."""
    count = int(256 / cell)
    steps = (np.arange(count) + 0.5) / count
    heights = (10 + 10 * steps[:, None] + 10 * steps[None, :]).astype(np.float32) * times
    transform = from_origin(at[0] - 128, at[1] + 128, cell, cell)
    more = {"crs": crs} if crs else {}
    with rasterio.open(
        path, "w", driver="GTiff", width=count, height=count, count=1, dtype="float32",
        transform=transform, **more,
    ) as file:  # fmt: skip
        file.write(heights, 1)
    return path


def write_houses(
    path: Path,
    at: tuple[float, float] = SUNDSVALL,
    crs: str | None = CRS,
    *,
    swapped: bool = False,
) -> Path:
    """Sixteen houses of 10 x 10 m round a place."""
    places = [(at[0] + x, at[1] + y) for x in (-80, -40, 0, 40) for y in (-80, -40, 0, 40)]
    shapes = [shapely.box(x, y, x + 10, y + 10) for x, y in places]
    if swapped:
        shapes = [shapely.transform(shape, lambda points: points[:, ::-1]) for shape in shapes]
    frame = geopandas.GeoDataFrame({"building": ["yes"] * 16}, geometry=shapes, crs=crs)
    frame.to_file(path, driver="GPKG")
    return path


def write_classes(path: Path, at: tuple[float, float] = SUNDSVALL) -> Path:
    """A land cover of two classes with codes that no legend knows."""
    cells = np.full((64, 64), 71, np.uint8)
    cells[:, 32:] = 72
    transform = from_origin(at[0] - 128, at[1] + 128, 4.0, 4.0)
    with rasterio.open(
        path, "w", driver="GTiff", width=64, height=64, count=1, dtype="uint8", crs=CRS,
        transform=transform,
    ) as file:  # fmt: skip
        file.write(cells, 1)
    return path
