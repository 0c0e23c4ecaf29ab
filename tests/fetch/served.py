"""A made-up town by the sea at Sundsvall's place, as the services would tell of it."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image
from pyproj import Transformer

from tests.fetch.answerer import Asked, Reply

ORIGIN = 619250.0, 6919812.0
BOUNDS = 619122.0, 6919684.0, 619378.0, 6919940.0
SHORE_E = 619330.0
"""East of it is sea."""
HALF_WORLD = 20_037_508.342789244
WEB = "EPSG:3857"
HOUSES = {
    "kyrkan": (619180.0, 6919800.0, 30.0, 18.0, {"building": "church", "height": "21"}),
    "huset": (619240.0, 6919850.0, 16.0, 12.0, {"building": "apartments", "building:levels": "4"}),
    "boden": (619280.0, 6919760.0, 8.0, 6.0, {"building": "shed"}),
}
"""Name → east, north of the south-west corner, width, depth, tags."""


def height_at(east, north):
    """Metres above the sea: a slope down to a flat sea at 0."""
    return np.where(east < SHORE_E, 2.0 + (SHORE_E - east) * 0.1 + 0 * north, 0.0)


def tile_metres(zoom: int, column: int, row: int, side: int = 512) -> np.ndarray:
    size = 2 * HALF_WORLD / 2**zoom
    at = (np.arange(side) + 0.5) / side
    x = column * size - HALF_WORLD + at[None, :] * size
    y = HALF_WORLD - row * size - at[:, None] * size
    to_city = Transformer.from_crs(WEB, "EPSG:3006", always_xy=True)
    east, north = to_city.transform(*np.broadcast_arrays(x, y))
    return height_at(east, north)


def terrarium(metres: np.ndarray) -> bytes:
    """A tile as a lossless picture."""
    value = np.rint((metres + 32768) * 256).astype(np.int64)
    colours = np.stack([value >> 16, (value >> 8) & 255, value & 255], -1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(colours, "RGB").save(out, "WEBP", lossless=True, quality=0, method=0)
    return out.getvalue()


@lru_cache(maxsize=256)
def tile(zoom: int, column: int, row: int, shift_m: float) -> bytes:
    return terrarium(tile_metres(zoom, column, row) + shift_m)


class Tiles:
    """Mapterhorn. shift_m: a wrong zero; deepest: zoom below which there are none; absent: tiles
    that are not there."""

    def __init__(self, shift_m: float = 0.0, deepest: int = 16, absent: tuple[str, ...] = ()):
        self.shift_m, self.deepest, self.absent = shift_m, deepest, absent

    def __call__(self, asked: Asked) -> Reply:
        zoom, column, row = (int(part) for part in asked.path.strip("/").split(".")[0].split("/"))
        if zoom > self.deepest or asked.path in self.absent:
            return Reply(status=404)
        return Reply(tile(zoom, column, row, self.shift_m), kind="image/webp")


def _corners(east: float, north: float, width: float, depth: float) -> list[tuple[float, float]]:
    return [(east, north), (east + width, north), (east + width, north + depth),
            (east, north + depth)]  # fmt: skip


def osm_xml(coast: bool = True, remark: str = "", reach: float = 500.0) -> bytes:
    """The town as Overpass tells of it: three houses, a street, and the coast for `reach` metres
    beyond."""
    to_degrees = Transformer.from_crs("EPSG:3006", "EPSG:4326", always_xy=True)
    nodes: list[str] = []
    ways: list[str] = []

    def way(points, tags, closed=False):
        first = len(nodes) + 1
        for east, north in points:
            longitude, latitude = to_degrees.transform(east, north)
            nodes.append(
                f'<node id="{len(nodes) + 1}" lat="{latitude:.7f}" lon="{longitude:.7f}"/>'
            )
        refs = [*range(first, len(nodes) + 1), *([first] if closed else [])]
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        ways.append(f'<way id="{1000 + len(ways)}">{inside}</way>')

    for name, (*place, tags) in HOUSES.items():
        way(_corners(*place), {"name": name, **tags}, closed=True)
    west, south, _, north = BOUNDS
    middle = south + 60
    street = {"highway": "residential", "name": "Storgatan"}
    way([(west - 50, middle), (SHORE_E - 20, middle)], street)
    if coast:
        way([(SHORE_E, south - reach), (SHORE_E, north + reach)], {"natural": "coastline"})
    said = f"<remark> {remark} </remark>" if remark else ""
    head = '<meta osm_base="2026-11-28T20:20:00Z"/>'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="Overpass API">'
        f"<note>ODbL</note>{head}{''.join(nodes)}{''.join(ways)}{said}</osm>\n"
    ).encode()


def write_config(folder: Path, fetch: str, more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "city.toml"
    bounds = ", ".join(str(value) for value in BOUNDS)
    path.write_text(
        f"""
[city]
name = "Liten stad"
crs = "EPSG:3006"
origin = [{ORIGIN[0]}, {ORIGIN[1]}]
[area]
bounds = [{bounds}]
[fetch]
contact = "test@example.org"
{fetch}
{more}
[world]
editions = ["java"]
java_version = "1.21.4"
""",
        "utf-8",
    )
    return path


def metres_per_pixel(zoom: int, latitude: float) -> float:
    return 2 * HALF_WORLD / 2**zoom / 512 * math.cos(math.radians(latitude))
