"""Which part of a world is exported, and where on Earth it lies."""

from __future__ import annotations

import math

from mc_city.exports.scene import Scene
from terrain.plane import CityCrs, area_in_city, on_map, turned
from worlds.errors import ConfigError
from worlds.notes import FrameNote
from worlds.rect import Rect

Bounds = tuple[float, float, float, float]
"""West, south, east, north in metres of the CRS."""


def city_crs(frame: FrameNote) -> CityCrs:
    """The plane of a world's frame."""
    return turned(frame.crs, frame.origin, frame.turn_deg)


def exported_area(scene: Scene, bounds: Bounds | None) -> Rect:
    """The columns to export: all, or those in bounds on the map. ConfigError where none are."""
    if bounds is None:
        return scene.area
    west, south, east, north = bounds
    if not (all(math.isfinite(value) for value in bounds) and west < east and south < north):
        raise ConfigError(
            f"--area {west:g},{south:g},{east:g},{north:g}: no area",
            hint="give west,south,east,north, west less than east and south less than north",
        )
    frame, area = scene.note.frame, scene.area
    left, below, right, above = area_in_city(city_crs(frame), bounds)
    scale, (zero_x, zero_y) = frame.blocks_per_metre, frame.origin
    x0, x1 = (math.floor((value - zero_x) * scale) for value in (left, right))
    z0, z1 = (math.floor((zero_y - value) * scale) for value in (above, below))
    x0, z0 = max(x0, area.x), max(z0, area.z)
    x1, z1 = min(x1, area.x + area.nx), min(z1, area.z + area.nz)
    if x1 <= x0 or z1 <= z0:
        lies = ",".join(f"{value:g}" for value in scene.note.area.bounds)
        raise ConfigError(
            f"--area {west:g},{south:g},{east:g},{north:g}: nothing of the world lies there",
            hint=f"{scene.note.city} is {lies}",
        )
    return Rect(x0, z0, x1 - x0, z1 - z0)


def on_earth(frame: FrameNote, x: float, y: float, z: float) -> tuple[float, float, float]:
    """(east, north, height) in metres of the CRS, of a place in blocks."""
    scale = frame.blocks_per_metre
    east, north = on_map(city_crs(frame), frame.origin[0] + x / scale, frame.origin[1] - z / scale)
    return float(east), float(north), (y - frame.sea_level_y) / frame.vertical_scale
