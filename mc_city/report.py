"""What a build says of itself: counts, what was skipped and why, where heights came from, sources and licences."""

from __future__ import annotations

import platform
import tomllib
from pathlib import Path
from typing import Any

from mc_city import __version__
from mc_city.config import Config
from mc_city.scene import Scene

NOTICE = (
    "NOT AN OFFICIAL MINECRAFT PRODUCT. NOT APPROVED BY OR ASSOCIATED WITH MOJANG OR MICROSOFT.\n"
    "INTE EN OFFICIELL MINECRAFT-PRODUKT. INTE GODKÄND AV ELLER FÖRKNIPPAD MED MOJANG ELLER MICROSOFT.\n"
)


def source_files(config: Config) -> list[Path]:
    """Every file that the configuration names, in the order of its keys."""
    terrain, buildings = config.terrain, config.buildings
    named = [*terrain.elevation, *terrain.water, *terrain.streets, *terrain.squares, *buildings.footprints]
    if buildings.surface_model:
        named.append(buildings.surface_model)
    return list(dict.fromkeys(source.path for source in named))


def read_sources(config: Config) -> list[dict[str, Any]]:
    """Licences and provenance from the `sources.toml` beside each source file; files without one are said to be unknown."""
    entries: list[dict[str, Any]] = []
    for folder in dict.fromkeys(path.parent for path in source_files(config)):
        notes = folder / "sources.toml"
        if notes.exists():
            entries.extend(tomllib.loads(notes.read_text("utf-8")).get("source", []))
        else:
            names = ", ".join(path.name for path in source_files(config) if path.parent == folder)
            entries.append({"title": names, "licence": "unknown: ask who gave you the data", "attribution": "", "date": ""})
    return entries


def attribution(config: Config) -> str:
    """The text of ATTRIBUTION.txt."""
    lines = [f"{config.city.name}, made with mc-city {__version__}", "", NOTICE]
    for entry in read_sources(config):
        kind = "" if "real" not in entry else "REAL / VERKLIG" if entry["real"] else "ILLUSTRATIVE / ILLUSTRATIV"
        lines += [f"* {entry.get('title', '?')}" + (f"  [{kind}]" if kind else "")]
        for key in ("licence", "attribution", "date", "taken", "note"):
            if entry.get(key):
                lines.append(f"    {key}: {entry[key]}")
    return "\n".join(lines) + "\n"


def caption(config: Config) -> list[str]:
    """The lines under the map: what is real and what is not, and whose data it is."""
    entries = read_sources(config)
    real = [str(entry["title"]) for entry in entries if entry.get("real") is True]
    made_up = [str(entry["title"]) for entry in entries if entry.get("real") is False]
    lines = [config.city.name]
    if made_up:
        lines.append("Illustrativt / illustrative: " + "; ".join(made_up))
        lines.append("Verkligt / real: " + ("; ".join(real) or "inget / nothing"))
    credit_lines = dict.fromkeys(str(entry["attribution"]) for entry in entries if entry.get("attribution"))
    lines += ["; ".join(credit_lines)] if credit_lines else []
    return lines


def world_facts(scene: Scene) -> dict[str, Any]:
    """What `info` tells of a world; kept inside it, without anything that differs between two equal builds."""
    config = scene.config
    grid = scene.grid
    return {
        "made_by": f"mc-city {__version__}",
        "city": config.city.name,
        "edition": "java",
        "version": scene.version.name,
        "frame": {
            "crs": config.city.crs,
            "origin": list(config.city.origin),
            "blocks_per_metre": config.area.scale,
            "sea_level_y": config.vertical.sea_level_y,
            "vertical_scale": config.vertical.scale,
        },
        "area": {"bounds": list(grid.bounds), "blocks": [grid.x0, grid.z0, grid.x0 + grid.nx, grid.z0 + grid.nz]},
        "layers": [],
        "sources": read_sources(config),
    }


def source_report(scene: Scene) -> dict[str, Any]:
    """Counts and reasons of everything that was read, as `check` prints it and `report.json` keeps it."""
    relief, footprints = scene.relief, scene.footprints
    too_small = int((scene.plans.columns == 0).sum())
    skipped = dict(sorted(footprints.skipped.items()))
    if too_small:
        skipped["smaller than a block"] = too_small
    return {
        "area": {"bounds": list(scene.grid.bounds), "columns": scene.grid.nx * scene.grid.nz},
        "elevation": {
            "rasters": [
                {
                    "file": raster.source.path.name,
                    "unit": raster.unit,
                    "cell_m": round(raster.cell, 4),
                    "bounds": list(raster.bounds),
                }
                for raster in scene.rasters
            ],
            "lowest_m": round(relief.lowest_m, 3),
            "highest_m": round(relief.highest_m, 3),
            "voids_filled": relief.voids_filled,
            "columns_without_data": relief.missing,
        },
        "water": {"bodies": len(scene.water.kind), "skipped": dict(scene.water.skipped)},
        "streets": {"laid": len(scene.covers.codes), "skipped": dict(scene.covers.skipped)},
        "buildings": {
            "read": len(footprints),
            "drawn": len(scene.order),
            "repaired": footprints.repaired,
            "skipped": skipped,
            "heights_from": dict(sorted(scene.height_sources.items())),
            "values_not_used": dict(sorted(footprints.notes.items())),
        },
    }


def machine() -> dict[str, Any]:
    return {"system": platform.system(), "python": platform.python_version(), "peak_memory_mb": _peak_megabytes()}


def _peak_megabytes() -> int | None:
    """Peak resident memory of this process; None on Windows, which has no `resource`."""
    try:
        import resource
    except ImportError:
        return None
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round((used if platform.system() == "Darwin" else used * 1024) / 1e6)
