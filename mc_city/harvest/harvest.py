"""From the world that was handed out and those that came back to what was built in them."""

from __future__ import annotations

import glob
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.allowed import Allowed, allowed_in
from mc_city.harvest.built import Sender
from mc_city.harvest.differing import Difference, Progress, Shelf, find_difference
from mc_city.harvest.handed_out import HandedOut, frame_of
from mc_city.harvest.senders import senders_of
from mc_city.harvest.votes import Votes, read_counted, votes_of
from mc_city.saved.layer_map import changed_columns
from mc_city.saved.opening import PACKS, opened_world
from mc_city.saved.switching import has_layers, read_world_layers
from terrain.frame import Frame
from worlds.bedrock.level import is_bedrock
from worlds.errors import McCityError, WorldError
from worlds.notes import WorldNote
from worlds.plots import Plot, read_plots
from worlds.topview import Drawn, draw_map
from worlds.votes import read_ballots

ENDINGS = (".mcworld", ".zip")
MAP_PX = 4096
"""A block a pixel of most cities: the report cuts out what it shows."""
SEVERAL = 3
"""Worlds from which on whole regions of the handed-out one are kept for the next."""
JOBS = 2
"""Worlds that are compared at one time: each takes the memory of two regions."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Returned:
    """A world that came back."""

    sender: Sender
    edition: str
    difference: Difference
    votes: tuple[Votes, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A world that is not in the harvest, by the name of its file, and why."""

    file: str
    reason: str


@dataclass(frozen=True, eq=False)
class Development:
    """A layer of the handed-out world. columns: (n, 2) int32 x, z that look different when it is
    shown."""

    id: str
    name: str
    columns: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Harvest:
    """What came back. note: what the handed-out world says of itself; by_game: blocks that the game
    changed by itself in all of them, by reason; map: the handed-out world from above; allowed: what
    plans allow in it, None where it has no such layer; plots: where a class was to build."""

    note: WorldNote
    frame: Frame
    worlds: tuple[Returned, ...]
    map: Drawn
    developments: tuple[Development, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    by_game: Counter[str] = field(default_factory=Counter)
    allowed: Allowed | None = None
    plots: tuple[Plot, ...] = ()


def _is_world(path: Path) -> bool:
    return path.is_dir() and (path / "level.dat").exists()


def worlds_in(names: Sequence[Path | str]) -> list[Path]:
    """The worlds that are meant: files, folders of worlds, folders that hold such, and patterns
    with * in them, which not every shell resolves; each once, in the order of their names.
    WorldError for a name that is nothing."""
    found: dict[Path, Path] = {}
    for name in names:
        path = Path(name)
        if not path.exists() and glob.has_magic(str(name)):
            here = sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
        elif path.is_dir() and not _is_world(path):
            here = [
                one
                for one in sorted(path.iterdir())
                if _is_world(one) or (one.is_file() and one.suffix.lower() in ENDINGS)
            ]
        else:
            here = [path]
        if not here or not all(one.exists() for one in here):
            raise WorldError(
                f"{name}: no world",
                hint="name worlds that came back, .mcworld or .zip, or a folder of them",
            )
        found.update({one.resolve(): one for one in here})
    return list(found.values())


def _compared(base: HandedOut, path: Path, sender: Sender, shelf: Shelf | None) -> Returned:
    with opened_world(path, but=PACKS) as folder:
        bedrock = is_bedrock(folder)
        base.require_same(folder)
        given = base.of_edition(bedrock)
        difference = find_difference(given, folder, _untold, shelf)
        names = {layer.id: layer.name for layer in base.note.layers}
        names |= {ballot.id: ballot.name for ballot in read_ballots(given)}
        votes = votes_of(read_counted(folder), sender, names, read_counted(given))
    return Returned(
        sender=sender,
        edition="bedrock" if bedrock else "java",
        difference=difference,
        votes=tuple(votes),
    )


def _developments(folder: Path, note: WorldNote) -> tuple[tuple[Development, ...], Allowed | None]:
    """The layers of a world, and what those allow that are what a plan allows."""
    if not has_layers(folder):
        return (), None
    layers = read_world_layers(folder)
    found = tuple(
        Development(switch.id, switch.name, columns)
        for switch, columns in zip(layers.switches, changed_columns(folder, layers), strict=True)
    )
    return found, allowed_in(folder, layers, note)


def _untold(what: str, done: int, total: int) -> None:
    """Progress within a world, which nobody is told."""


def harvest(handed: HandedOut, returned: Sequence[Path | str], progress: Progress) -> Harvest:
    """Compares each world that came back with the one that was handed out. One that is damaged, or
    another city's, is named and left out. progress: called with ("worlds", done, of how many).
    WorldError where nothing came back."""
    paths = worlds_in(returned)
    shelf = Shelf() if len(paths) > SEVERAL else None
    senders, lock, done = senders_of(paths), Lock(), 0

    def one(path: Path, sender: Sender) -> Returned | LeftOut:
        nonlocal done
        try:
            found: Returned | LeftOut = _compared(handed, path, sender, shelf)
        except McCityError as error:
            found = LeftOut(path.name, str(error))
        with lock:
            done += 1
            progress("worlds", done, len(paths))
        return found

    with ThreadPoolExecutor(max_workers=JOBS) as pool:
        results = list(pool.map(one, paths, senders))
    worlds = tuple(each for each in results if isinstance(each, Returned))
    folder = handed.any_folder
    developments, allowed = _developments(folder, handed.note)
    return Harvest(
        note=handed.note,
        frame=frame_of(handed.note),
        worlds=worlds,
        map=draw_map(folder, max_px=MAP_PX, jobs=JOBS, progress=progress),
        developments=developments,
        allowed=allowed,
        left_out=tuple(each for each in results if isinstance(each, LeftOut)),
        by_game=sum((world.difference.by_game for world in worlds), Counter[str]()),
        plots=read_plots(folder),
    )
