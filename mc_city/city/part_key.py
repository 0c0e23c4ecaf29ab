"""The digest of all that a region's blocks come from: equal for equal blocks, in whatever build."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.models.standing import StandingModel
from mc_city.city.city import City
from mc_city.city.occupancy import HALO
from mc_city.city.part import Part
from mc_city.site.houses import Houses
from mc_city.site.land import MARGIN, Land, land_heights
from terrain.areas.landcover import landcover_columns
from terrain.areas.unmapped import REACH, reading_step
from terrain.frame import Grid
from terrain.rasters.elevation import read_heights
from terrain.trees.forest import SPACING
from worlds.fixtures import Fixture

DRAWN = (
    "grid", "version", "bedrock", "developments", "spans", "volumes", "planting", "jetties",
    "edges", "structures", "posts", "lamps", "fixtures", "furniture", "kept",
    "class_plots",
)  # fmt: skip
"""Fields of a part's city that are in its digest as they are."""
DRAWN_OTHERWISE = {
    "config": "two of its settings",
    "heights": "what the rasters say around the region",
    "land": "the same, and its tables",
    "houses": "but for their sources",
    "palette": "by the style table, which it is made from; fixtures and what was built name what "
    "they add to it",
    "blocks": "by the style table, and the looks of the houses",
}
NOT_DRAWN = ("seen", "unmapped", "laser_trees", "spawn", "given", "ideas")
"""What is told, or decides what stands in other fields."""


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


def _put_array(digest: _Digest, array: NDArray[Any]) -> None:
    digest.update(f"{array.dtype.str}{array.shape}".encode())
    if array.dtype == object:
        for value in array.ravel().tolist():
            put(digest, value)
    elif array.dtype.names:
        # Between the columns of a record lie bytes that say nothing.
        for name in array.dtype.names:
            _put_array(digest, array[name])
    else:
        digest.update(np.ascontiguousarray(array).tobytes())


def put(digest: _Digest, value: Any) -> None:
    """Adds a value, with all that is in it. TypeError for one of a kind that is not known here: it
    could be another without its digest being so."""
    if isinstance(value, np.ndarray):
        _put_array(digest, value)
    elif value is None or isinstance(value, bool | int | float | str | bytes | np.generic):
        digest.update(f"{type(value).__name__}:{value!r};".encode())
    elif isinstance(value, shapely.Geometry):
        digest.update(shapely.to_wkb(value))
    elif isinstance(value, StandingModel):
        shape = value.shape
        put(digest, (value.foot_y, shape.codes, shape.x0, shape.z0, shape.low))
    elif isinstance(value, Houses):
        put(digest, (value.outlines, value.plans, value.today, value.planned, value.presence))
        put(digest, value.rooms)
    elif isinstance(value, Fixture):
        # A map on a wall has thousands of blocks, of states that are small.
        blocks = [(x, y, z, state.name, state.properties) for x, y, z, state in value.blocks]
        digest.update(repr(blocks).encode())
        put(digest, [getattr(value, one.name) for one in fields(value) if one.name != "blocks"])
    elif is_dataclass(value) and not isinstance(value, type):
        put(digest, [type(value).__name__, *(getattr(value, one.name) for one in fields(value))])
    elif isinstance(value, Mapping):
        put(digest, list(value.items()))
    elif isinstance(value, tuple | list):
        digest.update(f"{len(value)}[".encode())
        for each in value:
            put(digest, each)
    else:
        raise TypeError(f"no digest of a {type(value).__name__}")


def grid_asked(city: City, tile: Grid) -> Grid:
    """The columns around a region whose heights its drawing asks about."""
    step = reading_step(city.heights.surface, tile.frame) or 0
    return tile.grow(HALO + max(MARGIN, SPACING + REACH * step))


def _rasters(city: City, tile: Grid) -> Iterable[NDArray[Any]]:
    """What the rasters say of all columns that a region's drawing asks about: heights of the
    ground, which of them are not known, of its cover, of trees and of all that stands on it."""
    land, surface, canopy = city.land, city.heights.surface, city.heights.canopy
    around = grid_asked(city, tile)
    heights, _, missing = land_heights(land, around)
    yield np.where(missing, np.float32(0.0), heights)
    yield np.packbits(missing)
    if land.landcover:
        yield landcover_columns(land.landcover, tile.grow(HALO + MARGIN))
    for rasters in (surface, canopy):
        if rasters:
            yield read_heights(rasters, around)
            yield np.array([raster.cell for raster in rasters])


def _land(land: Land) -> list[Any]:
    """All of it but its rasters."""
    rasters = ("rasters", "landcover", "held")
    return [getattr(land, one.name) for one in fields(Land) if one.name not in rasters]


def part_key(part: Part, region: tuple[int, int], made_with: str) -> str:
    """The digest of a region (x, z) by the part that it is drawn from. made_with: a digest of the
    program, of the style table, and of what is written."""
    city, digest = part.city, hashlib.sha256(made_with.encode())
    settings = city.config.buildings.interiors, city.config.world.furniture
    put(digest, (region, settings, len(city.blocks.models) > 0))
    put(digest, [getattr(city, name) for name in DRAWN])
    put(digest, _land(city.land))
    # Whether there is any cover, canopy or surface decides whether trees grow by themselves.
    put(digest, (len(city.land.landcover), len(city.heights.canopy), len(city.heights.surface)))
    put(digest, city.houses)
    put(digest, (city.blocks.looks.houses, city.blocks.looks.roofs, city.blocks.roof_posts))
    for values in _rasters(city, city.grid.region(*region).intersection(city.grid)):
        put(digest, values)
    return digest.hexdigest()
