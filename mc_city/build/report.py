"""What a build says of itself: counts, what was skipped and why, where heights came from, sources
and licences."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.detaljplan.choice import PlanReading
from buildings.developments.developments import Development
from mc_city import __version__
from mc_city.checking.allowed import volume_notes
from mc_city.checking.askew import askew_report, street_runs
from mc_city.checking.ideas import ideas_report
from mc_city.checking.models import models_report
from mc_city.checking.raster_remarks import raster_remarks, unmapped_report
from mc_city.checking.taken import taken_columns
from mc_city.city.city import City
from mc_city.city.differences import check_meetings
from mc_city.idea_reports import ProposedReport
from mc_city.placing.obstructions import houses_in_decks, houses_in_streets
from mc_city.reports import (
    AllowedReport,
    AreaReport,
    CityReport,
    DetaljplanerReport,
    ElevationReport,
    FlatReport,
    LaserReport,
    MachineReport,
    PlansReport,
    RasterReport,
    SpansReport,
    StreetsReport,
    VoidReport,
)
from mc_city.settings.config import Config
from mc_city.settings.names import CREDITS, FACTS
from mc_city.settings.provenance import attribution, read_sources
from mc_city.site.laser import laser_report
from mc_city.site.sources import cut_themes, empty_themes, sources_report
from terrain.areas.landcover import EDITIONS
from terrain.frame import Grid
from terrain.furniture.drawing import GIVEN
from terrain.plane import CityCrs, box_on_map, corners_on_map, turn_of
from terrain.rasters.elevation import Raster
from terrain.vectors.features import VectorSource, layer_extent
from worlds.quoting import json_file

ODD_VALUES = ("width that is no width", "unknown surface", "layer that is no number")
"""What is counted of streets that are laid all the same."""


def world_facts(city: City) -> dict[str, Any]:
    """What `info` tells of a world, whatever its edition, without anything that differs between two
    equal builds."""
    config = city.config
    grid = city.grid
    return {
        "made_by": f"mc-city {__version__}",
        "city": config.city.name,
        "language": config.city.language,
        "frame": {
            "crs": config.city.crs,
            "origin": list(config.city.origin),
            "blocks_per_metre": config.area.scale,
            "sea_level_y": config.vertical.sea_level_y,
            "vertical_scale": config.vertical.scale,
            **({"turn_deg": config.city.turn_deg} if config.city.turn_deg else {}),
        },
        "area": {
            **_placed(grid),
            "blocks": [grid.x0, grid.z0, grid.x0 + grid.nx, grid.z0 + grid.nz],
        },
        "layers": [layer_facts(layer) for layer in city.developments.layers],
        "sources": read_sources(config),
    }


def _placed(grid: Grid) -> dict[str, Any]:
    """Where an area lies in the CRS on the map: the box round it, and its corners where it is
    turned."""
    crs = grid.frame.crs
    told: dict[str, Any] = {"bounds": _millimetres(box_on_map(crs, grid.bounds), crs)}
    if turn_of(crs):
        told["corners"] = [_millimetres(corner, crs) for corner in corners_on_map(crs, grid.bounds)]
    return told


def _millimetres(values: Sequence[float], crs: CityCrs) -> list[float]:
    """Rounded where they were turned."""
    return [round(value, 3) for value in values] if turn_of(crs) else list(values)


def placed_report(grid: Grid, config: Config) -> AreaReport:
    """Where an area lies, and how large it is."""
    west, south, east, north = grid.bounds
    told: AreaReport = {
        "bounds": _placed(grid)["bounds"],
        "columns": grid.nx * grid.nz,
        "share_beyond_extract": round(beyond_extract(config), 4),
    }
    if config.city.turn_deg:
        told["turn_deg"] = config.city.turn_deg
        told["size_m"] = [east - west, north - south]
    return told


def area_report(grid: Grid, config: Config, runs: NDArray[np.float64]) -> AreaReport:
    """Where an area lies, and whether its streets, which run so, lie askew."""
    askew = askew_report(runs, config.city.turn_deg)
    return cast("AreaReport", placed_report(grid, config) | askew)


def write_world_facts(
    folder: Path, city: City, edition: str, version: str, blocks: str = ""
) -> None:
    """Keeps in a folder, the world's or its `NOTES`, what the world is and whose data it is made
    of. blocks: a digest of what was built, by which a world is known again."""
    facts = world_facts(city)
    whole = {
        "made_by": facts.pop("made_by"),
        "city": facts.pop("city"),
        "edition": edition,
        "version": version,
        **facts,
        **({"blocks": blocks} if blocks else {}),
    }
    (folder / FACTS).write_text(json_file(whole), "utf-8", newline="\n")
    (folder / CREDITS).write_text(attribution(city.config), "utf-8", newline="\n")


def layer_facts(layer: Development) -> dict[str, Any]:
    """A planned development as the world and the report tell it; what is not known is left out."""
    facts = {
        "id": layer.id, "name": layer.name,
        "options": [layer.option_id(number + 1) for number in range(len(layer.variants))],
        "status": layer.status, "start_year": layer.start_year, "done_year": layer.done_year,
        "homes": layer.homes,
        "description": layer.description, "name_en": layer.name_en,
        "description_en": layer.description_en, "url": layer.url,
        "as_of": layer.as_of, "lawful": layer.lawful, "allows": layer.allows or None,
    }  # fmt: skip
    return {key: value for key, value in facts.items() if value not in (None, "")}


def _plans_report(city: City) -> PlansReport:
    developments, houses = city.developments, city.houses
    boards = {fixture.name for fixture in city.fixtures}
    planned = houses.footprints
    first = houses.existing
    known = (
        np.isfinite(planned.height_m)
        | np.isfinite(planned.eaves_m)
        | np.isfinite(planned.top_m)
        | (planned.floors > 0)
    )
    notes = dict(developments.notes + city.ideas.notes + volume_notes(city))
    for layer in developments.layers:
        if layer.id not in boards:
            notes[f"{layer.id}: no free, dry and level place for its board"] = 1
    for layer_id, count in houses.unmarked.items():
        notes[
            f"{layer_id}: houses in the way of a planned one, taken down though not marked demolish"
        ] = count
    unknown = int((~known[first:]).sum())
    if unknown:
        notes["planned buildings without height or floors, estimated from size and use"] = unknown
    allowed: AllowedReport = {}
    if city.config.plans.detaljplaner:
        allowed["detaljplaner"] = _detaljplaner_report(developments.detaljplaner)
    proposals = ideas_report(city)
    ideas: ProposedReport = {"ideas": proposals} if city.config.lessons.ideas else {}
    return {
        "layers": [layer_facts(layer) for layer in developments.layers],
        "features": {role: len(features) for role, features in developments.roles.items()},
        "demolished": int(houses.presence.taken[:first].sum()) if len(developments) else 0,
        "trees_removed": int(city.planting.presence.taken.sum()) if len(developments) else 0,
        "meet": [list(chosen) for chosen in check_meetings(city)],
        "skipped": dict(sorted((developments.skipped + city.ideas.skipped).items())),
        "notes": dict(sorted(notes.items())),
        **allowed,
        **ideas,
    }


def _detaljplaner_report(reading: PlanReading) -> DetaljplanerReport:
    """What was read of detaljplaner: the plans that are layers, and all that is not, with the
    reason."""
    return {
        "read": reading.read,
        "plans": [
            {
                "name": one.plan.title,
                "designation": one.plan.designation,
                "file": one.plan.file,
                "status": one.plan.status,
                "lawful": one.plan.lawful,
                "group": one.group,
                "volumes": len(one.allowed.volumes),
                "square_metres": round(sum(volume.shape.area for volume in one.allowed.volumes)),
            }
            for one in reading.chosen
        ],
        "left_out": {reason: list(names) for reason, names in sorted(reading.left_out.items())},
        "skipped": dict(sorted(reading.skipped.items())),
        "provisions_not_drawn": dict(sorted(reading.provisions.items())),
        "notes": dict(sorted(reading.notes.items())),
        "recognised": [
            {
                "file": table.file,
                "layer": table.layer,
                "rows": table.rows,
                "as": table.kind,
                "columns": table.columns,
            }
            for table in reading.tables
        ],
    }


def _unknown_codes(city: City) -> dict[int, int]:
    return dict(sum((cover.unknown for cover in city.land.landcover), Counter()))


def beyond_extract(config: Config) -> float:
    """The share of the area, 0 … 1, that lies beyond what the OpenStreetMap extract says it
    covers."""
    osm, area = config.osm, shapely.box(*config.grid.bounds)
    known = layer_extent(VectorSource(osm.extract, "points"), config.frame.crs) if osm else None
    return 0.0 if known is None else float(shapely.difference(area, known).area / area.area)


def _touching(shapes: Any, grid: Grid) -> int:
    """How many of the shapes (in the city's CRS) touch the area."""
    return int(
        shapely.intersects(np.array([*shapes, None], object)[:-1], shapely.box(*grid.bounds)).sum()
    )


def _standing(city: City) -> NDArray[np.object_]:
    """The houses of today that stand on the ground: streets and bridges run below those that hang
    in the air."""
    today = slice(0, city.houses.existing)
    return np.asarray(
        city.houses.footprints.geometry[today][~city.houses.plans.hanging[today]], object
    )


def _streets_report(city: City) -> StreetsReport:
    """Streets and paths that touch the area, by where they run, and how long they are in it."""
    ways, area = city.land.roadway.ways, shapely.box(*city.grid.bounds)
    here = (
        shapely.intersects(ways.geometry, area) & (np.array(ways.highway, object) != "")
        if len(ways)
        else np.zeros(0, bool)
    )
    inside = shapely.length(shapely.intersection(ways.geometry[here], area))
    return {
        "laid": int((here & ways.on_ground).sum()),
        "on_bridges": int((here & ways.bridge).sum()),
        "in_tunnels": int((here & ways.tunnel).sum()),
        "metres": round(float(inside.sum())),
        "broader_than_long": int((here & (city.land.roadway.beyond == 0.0)).sum()),
        "named": len({name for name, there in zip(ways.name, here, strict=True) if there and name}),
        "skipped": {
            reason: count
            for reason, count in sorted(ways.skipped.items())
            if reason not in ODD_VALUES
        },
        "values_not_used": {
            reason: count for reason, count in sorted(ways.skipped.items()) if reason in ODD_VALUES
        },
        "houses_in_the_way": int(houses_in_streets(_standing(city), ways).sum()),
    }


def _spans_report(city: City) -> SpansReport:
    """Bridges, tunnels, tracks and platforms in the area or at its edge."""
    spans, grid = city.spans, city.grid
    window = grid.x0, grid.z0, grid.shape
    decks = spans.decks.lines.near(np.maximum(spans.decks.left, spans.decks.right), *window)
    return {
        "bridges": int((decks < spans.bridges).sum()),
        "raised": spans.raised,
        "tunnels": len(spans.tubes.near(*window)),
        "tracks": len(spans.rails.lines.near(spans.rails.half, *window)),
        "platforms": int((decks >= spans.bridges).sum()),
        "houses_in_the_way": int(
            houses_in_decks(_standing(city), spans.decks, spans.bridges, grid.frame).sum()
        ),
        "skipped": dict(sorted(spans.skipped.items())),
    }


def _raster_report(raster: Raster) -> RasterReport:
    told: RasterReport = {
        "file": raster.source.path.name,
        "unit": raster.unit,
        "cell_m": round(raster.cell, 4),
        "bounds": list(raster.bounds),
        "heights": raster.counted,
    }
    if raster.notes:
        told["notes"] = list(raster.notes)
    return told


def _elevation_report(city: City) -> ElevationReport:
    relief, flat_m = city.heights.relief, city.config.terrain.flat_m
    flat: FlatReport = {} if flat_m is None else {"flat_m": flat_m, "illustrative": True}
    voids: VoidReport = {"without_data_at": "the nearest known height"} if relief.missing else {}
    return {
        "rasters": [
            _raster_report(raster)
            for raster in city.land.rasters
            if raster.flat_m is None and raster.nearest is None
        ],
        **flat,
        "lowest_m": round(relief.lowest_m, 3),
        "highest_m": round(relief.highest_m, 3),
        "voids_filled": relief.voids_filled,
        "columns_without_data": relief.missing,
        **voids,
        "remarks": raster_remarks(city),
    }


def source_report(city: City) -> CityReport:
    """Counts and reasons of everything that was read, as `check` prints it and `report.json` keeps
    it."""
    houses = city.houses
    footprints, today = houses.footprints, houses.existing
    too_small = int((houses.plans.columns[:today] == 0).sum())
    skipped = dict(sorted(footprints.skipped.items()))
    if too_small:
        skipped["smaller than a block"] = too_small
    by_rule = int((city.furniture.table[:, 4] & GIVEN == 0).sum())
    report: CityReport = {
        "area": area_report(city.grid, city.config, street_runs(city)),
        "sources": sources_report(city.seen),
        "empty": empty_themes(city.seen, city.config.city.crs),
        "cut": cut_themes(city.seen),
        "columns": taken_columns(city.config),
        "elevation": _elevation_report(city),
        "unmapped": unmapped_report(city),
        "water": {"bodies": city.land.water.standing, "skipped": dict(city.land.water.skipped)},
        "piers": {
            "decks": len(city.jetties),
            "decks_by_rule": city.jetties.by_rule,
            "boats": city.jetties.moored,
            "afloat": city.jetties.afloat,
            "gates": len(city.jetties.gates),
            "skipped": dict(sorted(city.jetties.skipped.items())),
        },
        "edges": {
            "lines": len(city.edges.lines.kind) - city.edges.by_rule.total(),
            "by_rule": dict(sorted(city.edges.by_rule.items())),
            "points": len(city.edges.stands),
            "skipped": dict(sorted(city.edges.skipped.items())),
        },
        "parcels": {
            "read": city.edges.parcels.read,
            "gardens": city.edges.parcels.gardens,
            "skipped": dict(sorted(city.edges.parcels.skipped.items())),
        },
        "structures": {
            "given": dict(sorted(city.structures.given.items())),
            "by_rule": dict(sorted(city.structures.by_rule.items())),
            "wires": len(city.structures.ropes.blocks),
            "cut": city.structures.cut,
            "skipped": dict(sorted(city.structures.skipped.items())),
        },
        "streets": _streets_report(city),
        "squares": {
            "laid": _touching(city.land.covers.shapes, city.grid),
            "skipped": dict(sorted(city.land.covers.skipped.items())),
        },
        "spans": _spans_report(city),
        "vegetation": {
            "areas": len(city.land.vegetation),
            "laid_out": city.land.vegetation.laid_out,
            "skipped": dict(city.land.vegetation.skipped),
        },
        "landcover": {
            "unknown_codes": {
                str(code): count for code, count in sorted(_unknown_codes(city).items())
            },
            "rasters": [
                {
                    "file": cover.name,
                    "as": EDITIONS[cover.edition.legend],
                    "because": cover.edition.because,
                }
                for cover in city.land.landcover
                if cover.edition is not None
            ],
        },
        "trees": {
            "read": int(city.planting.presence.of_today.sum()),
            "skipped": dict(city.planting.trees.skipped),
        },
        "furniture": {
            "given": len(city.given),
            "planned": len(city.furniture) + city.furniture.rinks.number,
            "by_data": len(city.furniture) - by_rule + city.furniture.rinks.number,
            "by_rule": by_rule,
            "skipped": dict(sorted(city.given.skipped.items())),
        },
        "buildings": {
            "read": today,
            "drawn": len(houses.today),
            "repaired": footprints.repaired,
            "with_passages": len(np.unique(houses.plans.passages.house)),
            "skipped": skipped,
            "heights_from": dict(sorted(houses.height_sources.items())),
            "values_not_used": dict(sorted(footprints.notes.items())),
        },
        "plans": _plans_report(city),
    }
    laser = _laser_report(city)
    if laser is not None:
        report["laser"] = laser
    models = models_report(city.land.models, city.grid.rect)
    if models is not None:
        report["models"] = models
    if city.config.lessons.plots is not None:
        report["class_plots"] = {
            "asked": city.class_plots.wished,
            "laid": len(city.class_plots),
            "numbers": [plot.number for plot in city.class_plots.plots],
            "left_out": dict(sorted(city.class_plots.left_out.items())),
            "notes": dict(sorted(city.class_plots.notes.items())),
        }
    return report


def _laser_report(city: City) -> LaserReport | None:
    trees = None if city.heights.laser.tops is None else city.laser_trees
    return laser_report(city.heights.laser, city.houses.laser, city.spans.measured, trees)


def machine() -> MachineReport:
    return {
        "system": platform.system(),
        "python": platform.python_version(),
        "peak_memory_mb": _peak_megabytes(),
    }


def _peak_megabytes() -> int | None:
    """Peak resident memory of this process; None on Windows, which has no `resource`. On Linux
    `resource` begins with the peak of the process that started this one, so the system's own table
    is asked there."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(
            line.split(":", 1)
            for line in status.read_text(encoding="ascii", errors="replace").splitlines()
            if ":" in line
        )
        if "VmHWM" in lines:
            return round(int(lines["VmHWM"].split()[0]) * 1024 / 1e6)
    try:
        import resource
    except ImportError:
        return None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round((used if platform.system() == "Darwin" else used * 1024) / 1e6)
