"""The volumes in which plans allow buildings: how high in each column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import Developments, PlannedFeatures
from buildings.sources.heights import parse_number
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.frame import Frame, Grid, quantised
from terrain.works.presence import Options

STOREY_M = 3.0
"""Of a storey, where a plan counts storeys."""
HALF_HOUSE_M = 6.0
"""From the façade to the ridge of a house, where a plan says the height of the façade and the pitch
of the roof, and not how high that may rise."""
UNKNOWN_SLOPE = 1.0
"""Rise to run of a roof between the façade and the ridge where a plan says no pitch: byggnadshöjd
is measured along a plane of 45 degrees."""
NO_VOLUME = -32768


@dataclass(frozen=True, kw_only=True, eq=False)
class AllowedVolumes:
    """shapes: (n,) polygons in the city's CRS; outlines: the same in blocks; top_m, eaves_m: (n,)
    metres above the ground, NaN = unknown; top_datum_m, eaves_datum_m: above the datum; slope: rise
    to run of the roof from the eaves on; options: (n, options) bool."""

    shapes: NDArray[np.object_]
    outlines: Outlines
    top_m: NDArray[np.float64]
    top_datum_m: NDArray[np.float64]
    eaves_m: NDArray[np.float64]
    eaves_datum_m: NDArray[np.float64]
    slope: NDArray[np.float64]
    options: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.shapes)

    def __repr__(self) -> str:
        return f"AllowedVolumes({len(self)})"


def _column(features: PlannedFeatures, name: str) -> NDArray[np.float64]:
    values = [parse_number(value) for value in features.values(name)]
    return np.array([np.nan if value is None else value for value in values], float)


def planned_volumes(developments: Developments, frame: Frame) -> AllowedVolumes:
    """The volumes of all plans, in the order of their layers: a later one over those before it."""
    features = developments.roles.get("allowed")
    if features is None:
        nothing = np.empty(0, object)
        features = PlannedFeatures(nothing, np.zeros((0, len(developments.options)), bool), {})
    top, top_datum, eaves, eaves_datum, storeys, pitch = (
        _column(features, name)
        for name in (
            "height_m",
            "height_datum_m",
            "eaves_m",
            "eaves_datum_m",
            "floors",
            "roof_angle",
        )
    )
    # Storeys end where the roof begins; where nothing is said of a roof, nothing rises above them.
    eaves = np.fmin(eaves, STOREY_M * storeys)
    capped = ~np.isnan(top) | ~np.isnan(top_datum)
    slope = np.where(
        np.isnan(pitch),
        np.where(capped, UNKNOWN_SLOPE, 0.0),
        np.tan(np.radians(np.clip(np.nan_to_num(pitch), 0.0, 80.0))),
    )
    rise = slope * HALF_HOUSE_M
    top = np.where(capped, top, eaves + rise)
    top_datum = np.where(capped, top_datum, eaves_datum + rise)
    return AllowedVolumes(
        shapes=features.geometry,
        outlines=outlines_of(features.geometry, frame),
        top_m=top,
        top_datum_m=top_datum,
        eaves_m=eaves,
        eaves_datum_m=eaves_datum,
        slope=quantised(slope),
        options=features.options,
    )


def volumes_at(volumes: AllowedVolumes, active: Options, grid: Grid) -> NDArray[np.int32]:
    """(z, x) int32: the last of the volumes of the active options in each column, −1 = none."""
    owner = np.full(grid.shape, -1, np.int32)
    chosen = np.flatnonzero((volumes.options & active).any(axis=1))
    if len(chosen):
        numbers = np.arange(len(volumes), dtype=np.int32)
        burn(volumes.outlines, numbers, grid.x0, z0=grid.z0, out=owner, order=chosen)
    return owner


def allowed_tops(
    volumes: AllowedVolumes,
    active: Options,
    grid: Grid,
    ground_y: NDArray[np.int32],
) -> NDArray[np.int32]:
    """(z, x) int32: the highest block that the active options allow in each column, NO_VOLUME where
    none does. ground_y: (z, x), the ground or water that heights are counted from."""
    out = np.full(grid.shape, NO_VOLUME, np.int32)
    owner = volumes_at(volumes, active, grid)
    inside = owner >= 0
    if not inside.any():
        return out
    mine, frame = owner[inside], grid.frame
    ground = ground_y[inside].astype(float)
    top = _level(volumes.top_m[mine], volumes.top_datum_m[mine], ground, frame)
    eaves = _level(volumes.eaves_m[mine], volumes.eaves_datum_m[mine], ground, frame)
    sloped = ~np.isnan(eaves)
    if sloped.any():
        zs, xs = np.nonzero(inside)
        east, north = frame.to_city(xs[sloped] + grid.x0 + 0.5, zs[sloped] + grid.z0 + 0.5)
        those, which = np.unique(mine[sloped], return_inverse=True)
        edges = shapely.boundary(volumes.shapes[those])
        shapely.prepare(edges)
        away = quantised(shapely.distance(edges[which], shapely.points(east, north)))
        rise = volumes.slope[mine[sloped]] * np.maximum(away * frame.scale - 0.5, 0.0)
        top[sloped] = np.fmin(top[sloped], eaves[sloped] + np.rint(rise))
    out[inside] = np.where(np.isnan(top), NO_VOLUME, np.maximum(top, NO_VOLUME)).astype(np.int32)
    return out


def _level(
    above_m: NDArray[np.float64],
    datum_m: NDArray[np.float64],
    ground: NDArray[np.float64],
    frame: Frame,
) -> NDArray[np.float64]:
    """(n,) y, the lower of a height above the ground and one above the datum; NaN without any."""
    levels = np.where(np.isnan(datum_m), np.nan, frame.y_block(np.nan_to_num(datum_m)))
    over = ground + np.rint(above_m * frame.scale)
    return np.asarray(np.minimum(np.fmin(over, levels), frame.highest_y), float)
