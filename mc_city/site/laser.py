"""Point clouds of a laser scanner: read once, piece by piece, for all that a city takes from
them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.sources.footprints import Footprints
from buildings.sources.roof_fits import READING
from buildings.sources.roof_returns import LaserRoofs, RoofOrigin, RoofReturns, roofs_from_laser
from mc_city.reports import LaserReport
from mc_city.settings.config import Config
from mc_city.settings.zero import city_zero
from mc_city.site.land import Progress
from terrain.columns.outlines import outlines_of
from terrain.frame import Frame
from terrain.plane import corners_in_city
from terrain.points.classed import Classed
from terrain.points.clouds import Cloud, CloudSource, bounds_on_map, inspect_cloud
from terrain.points.heads import Bounds
from terrain.points.reading import PIECE, Tally, read_points
from terrain.points.tops import Tops
from terrain.rasters.elevation import Raster
from terrain.trees.shapes import TREE_REACH
from worlds.records import Table

FILE_STEPS = 1000
"""Parts into which the bar divides the reading of clouds."""
EVEN_SLOPES = ("gable", "hip", "skillion")
"""Shapes of which the laser also says which way they face."""


@dataclass(frozen=True, eq=False)
class LaserScan:
    """What was kept of the clouds. covered: (houses,) bool, those that lie in a cloud; tops: what
    grows, None where nobody asks; classed: from water and from bridges; tallies: of each cloud."""

    clouds: tuple[Cloud, ...] = ()
    tallies: tuple[Tally, ...] = ()
    returns: RoofReturns | None = None
    covered: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    tops: Tops | None = None
    classed: Classed = field(default_factory=Classed)

    def of_houses(self, keep: NDArray[np.bool_]) -> LaserScan:
        """Without the houses that something else stands in the place of. keep: (houses,) bool."""
        if self.returns is None or keep.all():
            return self
        return replace(self, returns=self.returns.of_houses(keep), covered=self.covered[keep])


NO_LASER = LaserScan()


@dataclass(frozen=True, eq=False)
class AboveGround:
    """What measures how high things stand: a surface model, a laser."""

    surface: tuple[Raster, ...] = ()
    laser: LaserScan = NO_LASER


def cloud_sources(config: Config) -> list[CloudSource]:
    """Every point cloud that a configuration names."""
    return [
        CloudSource(
            path=path, crs=entry.crs, unit=entry.unit, datum=entry.datum, shift_m=entry.shift_m
        )
        for entry in config.buildings.point_cloud
        for path in entry.files
    ]


def read_clouds(config: Config) -> tuple[Cloud, ...]:
    """What each of them is; SourceError for one that cannot be used."""
    named = cloud_sources(config)
    zero = city_zero(config) if named else None
    return tuple(inspect_cloud(source, config.frame, zero) for source in named)


def scan_clouds(
    config: Config, clouds: Sequence[Cloud], existing: Footprints, progress: Progress
) -> LaserScan:
    """Reads what lies in the area and in footprints at its edge."""
    if not clouds:
        return NO_LASER
    frame, grid = config.frame, config.grid
    returns = RoofReturns(existing.geometry, outlines_of(existing.geometry, frame), frame)
    classed = Classed()
    tops = Tops(grid.grow(TREE_REACH)) if config.terrain.trees_from_laser else None
    bounds = _joined(grid.grow(TREE_REACH).bounds, returns.bounds)
    tallies = []
    for number, cloud in enumerate(clouds):
        tally = Tally()
        density = _density(cloud, frame)
        pieces = max(cloud.head.count // PIECE, 1)
        for points in read_points(cloud, frame, bounds, tally):
            returns.add(points, density)
            classed.add(points)
            if tops is not None:
                tops.add(points)
            done = (number + min(tally.unpacked / PIECE / pieces, 1.0)) / len(clouds)
            progress("laser points", int(FILE_STEPS * done), FILE_STEPS)
        tallies.append(tally)
    progress("laser points", FILE_STEPS, FILE_STEPS)
    return LaserScan(
        clouds=tuple(clouds),
        tallies=tuple(tallies),
        returns=returns,
        covered=_covered(clouds, frame, existing.geometry),
        tops=tops,
        classed=classed,
    )


def _joined(first: Bounds, second: Bounds | None) -> Bounds:
    if second is None:
        return first
    west, south = (min(one, two) for one, two in zip(first[:2], second[:2], strict=True))
    east, north = (max(one, two) for one, two in zip(first[2:], second[2:], strict=True))
    return west, south, east, north


def _density(cloud: Cloud, frame: Frame) -> float:
    """Points a square metre, as its head says; 0 where its bounds have no place in the city's
    CRS."""
    west, south, east, north = bounds_on_map(cloud, frame)
    return cloud.head.count / max((east - west) * (north - south), 1.0)


def _covered(
    clouds: Sequence[Cloud], frame: Frame, geometry: NDArray[np.object_]
) -> NDArray[np.bool_]:
    """(n,) bool: which shapes the bounds of some cloud hold."""
    out = np.zeros(len(geometry), bool)
    for cloud in clouds:
        bounds = bounds_on_map(cloud, frame)
        if cloud.head.count and np.isfinite(bounds).all():
            out |= shapely.intersects(geometry, shapely.Polygon(corners_in_city(frame.crs, bounds)))
    return out


def measured_roofs(laser: LaserScan, survey: Table, axes: Table, frame: Frame) -> LaserRoofs | None:
    """What the laser says of all houses, existing ones first, of which alone it knows; None without
    one. survey, axes: (n,) of SURVEY and AXIS."""
    if laser.returns is None:
        return None
    count, rest = len(laser.returns.geometry), len(survey) - len(laser.returns.geometry)
    own = survey[:count]
    found = roofs_from_laser(
        laser.returns,
        axes[:count],
        ground_m=(own["mean_y"] - frame.sea_level_y) / frame.vertical_scale,
        deepest_m=own["deepest"] / frame.scale,
        covered=laser.covered,
    )
    return LaserRoofs(
        readings=np.concatenate([found.readings, np.zeros(rest, READING)]),
        known=np.concatenate([found.known, np.zeros(rest, bool)]),
        origins=found.origins,
    )


def with_roof_shapes(footprints: Footprints, laser: LaserRoofs | None) -> Footprints:
    """The footprints with the shapes that the laser sees where the data says none, and the way in
    which these face."""
    if laser is None:
        return footprints
    shapes, directions = list(footprints.roof_shape), footprints.roof_direction.copy()
    facing = laser.readings["facing"]
    for house, shape in enumerate(laser.shapes):
        if shape is None or shapes[house] is not None or footprints.roof_surfaces[house]:
            continue
        shapes[house] = shape
        if shape in EVEN_SLOPES and np.isnan(directions[house]):
            directions[house] = facing[house]
    return replace(footprints, roof_shape=shapes, roof_direction=directions)


def laser_report(
    laser: LaserScan, roofs: LaserRoofs | None, bridges: int, trees: int | None
) -> LaserReport | None:
    """For `check` and report.json; None without point clouds. bridges, trees: that stand where the
    laser sees them."""
    if roofs is None:
        return None
    measured = roofs.readings[roofs.known]
    shapes = Counter(
        shape or "no simple shape" for shape in np.array(roofs.shapes, object)[roofs.known]
    )
    return {
        "clouds": [
            {
                "file": cloud.source.path.name,
                "points": cloud.head.count,
                "unpacked": tally.unpacked,
                "in_area": tally.inside,
                "octree": cloud.octree,
                "heights": cloud.counted,
                "skipped": dict(sorted(tally.skipped.items())),
                "notes": list(cloud.notes),
            }
            for cloud, tally in zip(laser.clouds, laser.tallies, strict=True)
        ],
        "houses": {
            str(origin): int((roofs.origins == origin).sum())
            for origin in RoofOrigin
            if (roofs.origins == origin).any()
        },
        "roofs": dict(sorted(shapes.items())),
        "error_m": round(float(np.median(measured["error_m"])), 2) if len(measured) else None,
        "bridges": bridges,
        "trees": trees,
    }
