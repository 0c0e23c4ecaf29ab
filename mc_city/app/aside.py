"""Beginning with another city: everything of the one before goes aside together, into a folder that
is a project of its own, so that nothing is lost."""

from __future__ import annotations

import os
from pathlib import Path

from mc_city.app.project import Project
from mc_city.build.staging import disk_errors
from worlds.errors import McCityError
from worlds.names import fault_of_name

ASIDE = "aside"
MOVING = ".moving"
"""Ends the name of a folder that not everything has come into yet."""


def _name_of(project: Project) -> str:
    """The city's name, where its configuration can be read."""
    try:
        name = project.read_config().city.name if project.has_config else ""
    except McCityError:
        name = ""
    return name if name and fault_of_name(name) is None else "city"


def _free_name(folder: Path, name: str) -> str:
    taken = {path.name.removesuffix(MOVING) for path in folder.iterdir()}
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(one for one in numbered if one not in taken)


def _move_all(folder: Path, target: Path) -> Path:
    """Everything of a project into a folder in it; the name is whole once everything is there."""
    for path in sorted(folder.iterdir()):
        if path.name != ASIDE and not path.name.endswith(".lock"):
            os.replace(path, target / path.name)
    whole = target.with_name(target.name.removesuffix(MOVING))
    os.replace(target, whole)
    return whole


def set_aside(project: Project) -> Path:
    """Leaves the project empty; returns where what it held is now. For who knows that nothing is
    at work in it."""
    aside = project.folder / ASIDE
    with disk_errors(aside, "close the program that holds it"):
        aside.mkdir(exist_ok=True)
        target = aside / f"{_free_name(aside, _name_of(project))}{MOVING}"
        target.mkdir()
        return _move_all(project.folder, target)


def finish(project: Project) -> None:
    """Moves what a killed program had not moved yet."""
    for target in sorted((project.folder / ASIDE).glob(f"*{MOVING}")):
        with disk_errors(target, "close the program that holds it"):
            _move_all(project.folder, target)
