"""The saved worlds that a project can reach: what it built, what came back to it, and those of the
games on this machine. A page names them by what they are called here, never by a path."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mc_city import api
from mc_city.api import Progress
from mc_city.app.game_folders import game_folders, world_name, worlds_in
from mc_city.app.project import Project
from mc_city.build.staging import disk_errors
from mc_city.harvest.saying import KINDS
from mc_city.saved.facts import saved_lines
from mc_city.saved.opening import opened_world
from mc_city.saved.switching import layer_states, read_world_layers, toggle
from worlds.bedrock.level import is_bedrock
from worlds.errors import McCityError, WorldError
from worlds.names import near_name
from worlds.quoting import plain

ARCHIVES = (".zip", ".mcworld")
BACKUP = re.compile(r"-backup-\d+$")
"""At the end of what a backup is called."""
BROUGHT, IDEAS, HANDOUT = "worlds", "ideas", "handout"
"""Folders of a project: worlds that came back, what was built in them, what is handed out of one
world."""
DEEPEST = 3
MAP_PX = 2048


@dataclass(frozen=True)
class Found:
    """id: what a page calls it; where: `built`, `brought`, or a game."""

    id: str
    name: str
    path: Path
    where: str

    @property
    def kind(self) -> str:
        """`java`, `bedrock` or `file`."""
        if self.path.is_file():
            return "file"
        return "bedrock" if is_bedrock(self.path) else "java"


def brought_folder(project: Project) -> Path:
    return project.folder / BROUGHT


def found_worlds(project: Project) -> list[Found]:
    """All of them: what was built first."""
    out = [*_below(project.out, "built", 1)]
    out += _below(brought_folder(project), "brought", DEEPEST)
    for game, folder in game_folders():
        out += [_found(path, game) for path in worlds_in(folder)]
    return out


def _found(path: Path, where: str) -> Found:
    name = hashlib.sha256(str(path).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    said = path.name if path.is_file() else world_name(path)
    return Found(name, plain(said), path, where)


def _below(folder: Path, where: str, deep: int) -> Iterator[Found]:
    """Worlds in a folder of the project, as folders or archives; none inside of another, and none
    that lies elsewhere."""
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return
    for path in inside:
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_file():
            if path.suffix.lower() in ARCHIVES and not BACKUP.search(path.stem):
                yield _found(path, where)
        elif (path / "level.dat").is_file():
            yield _found(path, where)
        elif deep > 1:
            yield from _below(path, where, deep - 1)


def world_called(project: Project, name: str) -> Found:
    """WorldError for one that is not there."""
    for one in found_worlds(project):
        if one.id == name:
            return one
    raise WorldError("that world is not there any more", hint="reload the page")


def told_world(found: Found) -> dict[str, Any]:
    """What a world says of itself. Worlds that mc-city did not make have a map only."""
    out: dict[str, Any] = {"id": found.id, "name": found.name, "path": str(found.path)}
    try:
        facts = api.open_world(found.path).facts
    except McCityError as error:
        with opened_world(found.path):
            return {**out, "ours": False, "why": plain(str(error)), "layers": []}
    area, frame = facts["area"], facts["frame"]
    sources = [
        {
            "title": plain(one.get("title", "?")),
            "licence": plain(one.get("licence", "")),
            "attribution": plain(one.get("attribution", "")),
            "real": one.get("real"),
        }
        for one in facts["sources"]
    ]
    return {
        **out,
        "ours": True,
        "city": facts["city"],
        "crs": frame["crs"],
        "frame": frame,
        "bounds": area["bounds"],
        "blocks": area["blocks"],
        "saved": saved_lines(facts["saved"]),
        "sources": sources,
        "layers": _grouped(facts["layer_states"]),
    }


def _grouped(states: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Options by their layer: id, name, options [{id, name, shown}]."""
    layers: dict[str, dict[str, Any]] = {}
    for state in states:
        layer, _, option = str(state["id"]).partition("/")
        one = layers.setdefault(layer, {"id": layer, "name": state["name"], "options": []})
        if option:
            one["name"] = str(state["name"]).removesuffix(f" ({option})")
        one["options"].append({"id": state["id"], "name": option, "shown": state["shown"]})
    return list(layers.values())


def switch_layer(found: Found, layer: str, option: str, progress: Progress) -> dict[str, Any]:
    """Shows an option of a layer, or the city of today where `option` is empty. The backup that was
    made is named."""
    with disk_errors(found.path, "close the game that has it open"):
        done = toggle(found.path, [option or layer], bool(option), progress)
    return {
        "changed": done.changed,
        "strange": done.strange,
        "missing": done.missing,
        "unfinished": done.unfinished,
        "backup": done.backup.name if done.backup is not None else None,
        "shown": list(done.shown),
    }


def shown_layers(path: Path) -> tuple[str, ...]:
    """Ids of the options that a world shows."""
    with opened_world(path) as folder:
        return tuple(one.id for one in layer_states(read_world_layers(folder)) if one.shown)


def draw_world(project: Project, found: Found, layers: bool, progress: Progress) -> str:
    """Draws a world's map, and returns the picture's name."""
    progress("map", 0, 1)
    project.kept.mkdir(parents=True, exist_ok=True)
    name = f"world-{found.id}{'-layers' if layers else ''}.png"
    api.draw_map(found.path, project.kept / name, layers=layers, max_px=MAP_PX)
    progress("map", 1, 1)
    return name


def handout_folder(project: Project, found: Found) -> Path:
    """Where what is handed out of a world is gathered."""
    if found.where == "built":
        return project.out.with_name(f"{project.out.name}-{HANDOUT}")
    named = found.path.stem if found.path.is_file() else found.name
    return project.folder / f"{HANDOUT}-{near_name(named, 'world')}"


def require_free(folder: Path, force: bool) -> None:
    """WorldError where something is there that nobody said to make again."""
    if folder.exists() and not force:
        raise WorldError(
            f"the folder {folder.name} is there already",
            hint="make it again with the button below: the older one is kept beside it",
        )


def pack_world(project: Project, found: Found, force: bool, progress: Progress) -> dict[str, Any]:
    """Gathers what is handed out of a world: of what was built all its editions."""
    path = project.out if found.where == "built" else found.path
    packed = api.pack(path, handout_folder(project, found), force=force, progress=progress)
    return {
        "folder": packed.folder.name,
        "files": list(packed.files),
        "missing": [list(one) for one in packed.missing],
        "notes": list(packed.notes),
        "kept": packed.kept.name if packed.kept is not None else None,
    }


def harvest_worlds(
    project: Project, base: Found, returned: Sequence[Found], force: bool, progress: Progress
) -> dict[str, Any]:
    """Compares worlds that came back with the one that was handed out."""
    whole = replace(base, path=project.out) if base.where == "built" else base
    gathered = api.harvest(
        whole.path,
        [one.path for one in returned],
        project.folder / IDEAS,
        force=force,
        progress=progress,
    )
    proposals = [
        {
            "number": one.number,
            "kind": {"sv": KINDS[one.kind].swedish, "en": KINDS[one.kind].english},
            "class": plain(one.sender.school_class),
            "height_m": round(one.height_m, 1),
            "area_m2": round(one.area_m2),
            "on": [plain(name) for name in one.on],
        }
        for one in gathered.proposals
    ]
    left = [[plain(one.file), plain(one.reason)] for one in gathered.harvest.left_out]
    return {
        "folder": gathered.folder.name,
        "worlds": len(gathered.harvest.worlds),
        "proposals": proposals,
        "left_out": left,
        "lines": [plain(line) for line in gathered.lines()],
        "kept": gathered.kept.name if gathered.kept is not None else None,
    }
