"""Files as the services serve them: rasters with blocks, extracts, archives."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import rasterio
from pyproj import Transformer
from rasterio.transform import from_origin
from shapely import box

from tests.fetch.served import HOUSES, height_at


def cog(path: Path, metres, crs: str, place: tuple[float, float, float, float], **more) -> bytes:
    """A raster of west, north, width and height of a cell with blocks, of a function of east and
    north in the city's CRS, or of one value."""
    west, north, wide, high = place
    side = more.pop("side", 1024)
    rows, columns = np.indices((side, side))
    x, y = west + (columns + 0.5) * wide, north - (rows + 0.5) * high
    if callable(metres):
        east, up = Transformer.from_crs(crs, "EPSG:3006", always_xy=True).transform(x, y)
        cells = metres(east, up)
    else:
        cells = np.full((side, side), metres)
    kind = more.pop("dtype", "float32")
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, dtype=kind, crs=crs,
        transform=from_origin(west, north, wide, high), tiled=True, blockxsize=128,
        blockysize=128, compress="deflate", **more,
    ) as raster:  # fmt: skip
        raster.write(cells.astype(kind), 1)
    return path.read_bytes()


def degrees(east: float, north: float) -> tuple[float, float]:
    found = Transformer.from_crs("EPSG:3006", "EPSG:4326", always_xy=True).transform(east, north)
    return found[0], found[1]


def buildings(crs: str = "EPSG:3006") -> gpd.GeoDataFrame:
    """The made-up town's houses, as Lantmäteriet's register has them."""
    places = [place for *place, _ in HOUSES.values()]
    shapes = [box(east, north, east + wide, north + deep) for east, north, wide, deep in places]
    frame = gpd.GeoDataFrame(
        {
            "objektidentitet": [f"id-{name}" for name in HOUSES],
            "andamal1": ["Samhällsfunktion;Samfund", "Bostad;Flerfamiljshus", "Komplementbyggnad;"],
        },
        geometry=shapes,
        crs="EPSG:3006",
    )
    return frame.to_crs(crs)


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "."), data)
    return held.getvalue()


def as_pbf(xml: bytes, folder: Path) -> bytes:
    """An extract of what is in OSM XML."""
    source, target = folder / "in.osm", folder / "out.osm.pbf"
    source.write_bytes(xml)
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        for one in osmium.FileProcessor(str(source)):
            writer.add(one)
    return target.read_bytes()


def heights_differ(path: Path, shift_m: float = 0.0, served=height_at) -> float:
    """The worst difference, in metres, of a raster's heights from those that are served."""
    with rasterio.open(path) as raster:
        cells, crs = raster.read(1, masked=True), raster.crs
        rows, columns = np.indices(cells.shape)
        x, y = rasterio.transform.xy(raster.transform, rows.ravel(), columns.ravel())
    flat = crs.to_wkt() if not crs.is_geographic else "EPSG:4326"
    east, north = Transformer.from_crs(flat, "EPSG:3006", always_xy=True).transform(x, y)
    known = ~np.ma.getmaskarray(cells).ravel()
    assert known.any()
    return float(np.abs(cells.data.ravel() - served(east, north) - shift_m)[known].max())
