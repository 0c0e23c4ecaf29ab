"""The built world in 3D: the page of `export web`, made once for each state of the world, and
served to this window's browser."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from mc_city import api
from mc_city.api import Progress
from mc_city.app.building import built_world
from mc_city.app.exporting import page_seconds
from mc_city.app.project import Project
from mc_city.build.publishing import write_whole
from mc_city.build.staging import disk_errors
from worlds.bedrock.level import is_bedrock
from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.java.layout import region_files
from worlds.quoting import json_file

KIND = "look"
NOTE = "look.json"
MOST_NOTE = 4096
SERVED = re.compile(r"(tiles/)?[A-Za-z0-9_-]{1,80}\.(html|js|css)")
"""Names of what such a page is made of."""


def page_folder(project: Project) -> Path:
    return project.out.with_name(f"{project.out.name}-web")


def _print_of(root: Path, files: list[Path]) -> str:
    """Names, sizes and times of files, as a digest: another one where any has changed."""
    found = hashlib.sha256()
    for path in sorted(files):
        facts = path.stat()
        found.update(f"{path.relative_to(root)}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _state_of_world(world: Path) -> str:
    if world.is_file():
        return _print_of(world.parent, [world])
    if is_bedrock(world):
        return _print_of(world, [path for path in (world / "db").iterdir() if path.is_file()])
    return _print_of(world, [path for _, _, path in region_files(world)])


def _state_of_page(folder: Path) -> str:
    return _print_of(folder, [path for path in folder.rglob("*") if path.is_file()])


def _read_note(project: Project) -> dict[str, str]:
    """world, page: the states of both when the page was made; empty where none was."""
    try:
        told = json.loads(read_file(project.kept / NOTE, MOST_NOTE))
        return {name: str(told[name]) for name in ("world", "page")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _is_ours(project: Project) -> bool:
    """Whether the page that is there is the one that this window made, untouched."""
    folder, note = page_folder(project), _read_note(project)
    return bool(note) and folder.is_dir() and note["page"] == _state_of_page(folder)


def told_page(project: Project) -> dict[str, Any] | None:
    """ready: whether the page shows the world as it is now; seconds: about how long it takes to
    make it; None where nothing is built."""
    found = built_world(project)
    if found is None:
        return None
    world, area = found
    note = _read_note(project)
    ready = bool(note) and note["world"] == _state_of_world(world) and _is_ours(project)
    return {
        "ready": ready,
        "seconds": page_seconds(area.nx * area.nz),
        "folder": page_folder(project).name if ready else None,
    }


def make_page(project: Project, progress: Progress) -> dict[str, Any]:
    """Makes the page anew. One that was made here before gives way to it; whatever else has that
    name is kept beside it. kept: the name that it has then."""
    found = built_world(project)
    if found is None:
        raise WorldError("there is no world yet", hint="build first")
    world, folder, ours = found[0], page_folder(project), _is_ours(project)
    before = _state_of_world(world)
    done = api.export(world, folder, "web", force=True, progress=progress)
    with disk_errors(project.kept, "close the program that holds it"):
        project.kept.mkdir(exist_ok=True)
        state = {"world": before, "page": _state_of_page(folder)}
        write_whole(project.kept / NOTE, json_file(state))
        if ours and done.kept is not None:
            shutil.rmtree(done.kept, ignore_errors=True)
    return {"folder": folder.name, "kept": done.kept.name if done.kept and not ours else None}


def served_file(project: Project, name: str) -> Path:
    """A file of the page, by the name that the page gives it. WorldError for whatever is no part of
    a page that was made here."""
    folder = page_folder(project)
    path = folder / name
    allowed = SERVED.fullmatch(name) and _read_note(project) and not folder.is_symlink()
    inside = allowed and path.is_file() and path.resolve().is_relative_to(folder.resolve())
    if not inside:
        raise WorldError("the page in 3D is not there", hint="make it in the room for building")
    return path
