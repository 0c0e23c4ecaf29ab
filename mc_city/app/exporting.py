"""The city outside the game, from the window: which formats there are, where an export goes, and a
map of a world on which a part of it is chosen."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import Field

from mc_city import api
from mc_city.api import Progress
from mc_city.app.answers import Asked
from mc_city.app.area import bounds_to_write
from mc_city.app.building import files_in
from mc_city.app.project import Project
from mc_city.app.saved_worlds import Found
from mc_city.build.staging import disk_errors
from mc_city.exports.areas import city_crs
from mc_city.exports.printing.settings import Printer
from mc_city.saved.opening import PACKS, opened_world
from terrain.plane import Bounds
from worlds.errors import ConfigError
from worlds.names import near_name
from worlds.notes import FrameNote
from worlds.quoting import json_text
from worlds.topview import draw_map, save_map

EXPORT = "export"
"""Begins the name of a folder that was exported from the window."""
PLAN_PX = 1400
SECONDS_A_COLUMN = 16e-6
"""Of the page in 3D, measured over the sample on two processors."""


class Print(Asked):
    """scale: 1000 for 1:1000; bed: millimetres of a printer's bed, wide and deep; clearance:
    millimetres of air around what is pressed in."""

    scale: float = Field(gt=0, le=1e6)
    bed: tuple[float, float]
    clearance: float = Field(ge=0, le=100)


class ExportWanted(Asked):
    """What is exported. area: in the plane of the world's map; all of it where none is given."""

    kind: str = Field(max_length=40)
    area: Bounds | None = None
    printer: Print | None = None


def told_formats() -> dict[str, Any]:
    """formats: those of `export`, each with whether it is printed; printer: what a print is made
    with unless something else is said."""
    return {
        "formats": [{"name": kind, "printed": kind in api.PRINTED} for kind in api.FORMATS],
        "printer": asdict(Printer()),
    }


def page_seconds(columns: int) -> int:
    """About how long the page in 3D takes for so many columns of blocks."""
    return round(SECONDS_A_COLUMN * columns)


def free_folder(folder: Path, name: str) -> Path:
    """A folder of that name that is not there yet: with a number where it is."""
    taken = {path.name.casefold() for path in folder.iterdir()} if folder.is_dir() else set()
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return folder / next(one for one in (name, *numbered) if one.casefold() not in taken)


def export_folder(project: Project, found: Found, kind: str) -> Path:
    """Where an export goes: never where something is."""
    named = found.path.stem if found.path.is_file() else found.name
    return free_folder(project.folder, f"{EXPORT}-{kind}-{near_name(named, 'world')}")


def export_facts(told: dict[str, Any]) -> dict[str, Any]:
    """What is told of a world for who exports it. told: what else is told of it. plane: west,
    south, east, north in the plane of its map, which may be turned, in metres; seconds: about how
    long its page in 3D takes."""
    x0, z0, x1, z1 = told["blocks"]
    return {
        "plane": _in_plane(_frame_of(told["frame"]), (x0, z0), (x1, z1)),
        "seconds": page_seconds((x1 - x0) * (z1 - z0)),
    }


def _frame_of(facts: dict[str, Any]) -> FrameNote:
    return FrameNote.model_validate_json(json_text(facts))


def _frame(found: Found) -> FrameNote:
    return _frame_of(api.open_world(found.path).facts["frame"])


def _in_plane(frame: FrameNote, upper: tuple[int, int], lower: tuple[int, int]) -> list[float]:
    """Of the blocks from an upper left corner x, z up to a lower right one."""
    (east, north), scale = frame.origin, frame.blocks_per_metre
    return [
        east + upper[0] / scale, north - lower[1] / scale,
        east + lower[0] / scale, north - upper[1] / scale,
    ]  # fmt: skip


def export_world(
    project: Project, found: Found, wanted: ExportWanted, progress: Progress
) -> dict[str, Any]:
    """Exports a world into a new folder of the project."""
    if wanted.kind not in api.FORMATS:
        raise ConfigError(f"{wanted.kind!r:.80} is no format", hint="reload the page")
    bounds = None
    if wanted.area is not None:
        bounds = bounds_to_write(city_crs(_frame(found)), wanted.area)
    printer = None
    if wanted.kind in api.PRINTED and wanted.printer is not None:
        printer = Printer(**wanted.printer.model_dump())
    out = export_folder(project, found, wanted.kind)
    done = api.export(found.path, out, wanted.kind, area=bounds, printer=printer, progress=progress)
    return {
        "folder": done.folder.name,
        "files": [{"name": one["name"], "bytes": one["bytes"]} for one in files_in(done.folder)],
        "counts": dict(done.counts),
    }


def draw_plan(project: Project, found: Found, progress: Progress) -> dict[str, Any]:
    """Draws a world of ours from above without anything beside it; the picture's name, and its
    bounds in the plane of the map."""
    frame = _frame(found)
    png = project.kept / f"world-{found.id}-plan.png"
    with opened_world(found.path, but=PACKS) as folder, disk_errors(png, "free some space"):
        project.kept.mkdir(parents=True, exist_ok=True)
        drawn = draw_map(folder, max_px=PLAN_PX, jobs=os.cpu_count() or 1, progress=progress)
        save_map(drawn.picture, png, (), drawn.step)
    (x, z), step = drawn.corner, drawn.step
    lower = x + step * drawn.picture.width, z + step * drawn.picture.height
    return {"picture": png.name, "bounds": _in_plane(frame, (x, z), lower)}
