"""The hand-out folder: what a teacher gives to a class, gathered from a built world."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mc_city.build.publishing import put_right
from mc_city.build.staging import (
    MARK,
    NEW,
    claimed,
    digest,
    inventory,
    publish,
    require_unused,
    staging,
)
from mc_city.build.zips import write_zip
from mc_city.handout.guide import (
    Box,
    Contents,
    Handed,
    Mark,
    Picture,
    framed,
    guide_html,
    picture_of,
)
from mc_city.saved.archives import member_names
from mc_city.saved.facts import read_facts, stale_lines, world_caption, world_turn
from mc_city.saved.layer_map import LayerMaps, Shown, draw_layer_maps, save_layer_maps
from mc_city.saved.opening import opened_world
from mc_city.saved.own import require_own
from mc_city.settings.names import CREDITS
from mc_city.site.land import Progress
from worlds.bedrock.level import is_bedrock
from worlds.bedrock.leveldat import MOST_LEVEL, saved_version
from worlds.bedrock.mcworld import write_mcworld
from worlds.bedrock.saved import holding as holding_database
from worlds.bedrock.sizes import size_warning
from worlds.bedrock.versions import shown_version
from worlds.errors import WorldError
from worlds.java.layout import find_layout
from worlds.java.saved import holding
from worlds.layers import note_path
from worlds.notes import ReportNote, read_note
from worlds.topview import write_map

GUIDE, MAP, LAYER_MAP = "lararguide.html", "map.png", "map-layers.png"
LAYER_MAP_PX = 2048
"""Longest side of each of the two maps."""
_FUNCTION = re.compile(r"/functions?/(?:mc_city/)?([a-z0-9_/]+)\.mcfunction$")


@dataclass(frozen=True)
class Built:
    """A build's output. out: its folder, None when the world lies elsewhere; world: the Java world
    folder, None when there is none; bedrock: the .mcworld, or an unpacked Bedrock world, None when
    there is none; facts: what the world says of itself; changed: the Java world was opened or
    changed after it was built."""

    out: Path | None
    world: Path | None
    bedrock: Path | None
    facts: dict[str, Any]
    changed: bool


@dataclass(frozen=True)
class Packed:
    """A hand-out folder. missing: the files that it should have and has not, each with the reason;
    notes: what else to know;
    kept: where an older folder went."""

    folder: Path
    files: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    kept: Path | None


def _report(out: Path) -> dict[str, Any] | None:
    """The report of a build, or None when this is no folder that a build made."""
    try:
        return read_note(out / MARK, ReportNote).model_dump(mode="json", exclude_unset=True)
    except WorldError:
        return None


def _is_changed(world: Path, files: dict[str, str]) -> bool:
    held = {
        f"{world.name}/{path.relative_to(world).as_posix()}": path
        for path in world.rglob("*")
        if path.is_file()
    }
    wanted = {name: value for name, value in files.items() if name.startswith(f"{world.name}/")}
    return held.keys() != wanted.keys() or any(
        digest(path) != wanted[name] for name, path in held.items()
    )


def find_build(path: Path) -> Built:
    """What a build made, from its folder, or from the world or a world file inside it. WorldError
    when it is neither."""
    path = path.resolve()
    put_right(path)
    if not path.exists():
        raise WorldError(
            f"{path}: no such file or folder",
            hint="name the folder that `mc-city build` wrote, as in out",
        )
    for out in (path, path.parent):
        report = _report(out) if out.is_dir() else None
        if report is None or (
            out != path and not any(name.split("/")[0] == path.name for name in report["files"])
        ):
            continue
        world, mcworld = (
            out / str(report["world"]["city"]),
            out / f"{report['world']['city']}.mcworld",
        )
        bedrock = mcworld if mcworld.exists() else None
        if (world / "level.dat").exists():
            return Built(
                out, world, bedrock, read_facts(world), _is_changed(world, report["files"])
            )
        return Built(out, None, bedrock, read_facts(bedrock) if bedrock else report["world"], False)
    if path.is_dir() and not is_bedrock(path) and find_layout(path).region.is_dir():
        return Built(None, path, None, read_facts(path), True)
    if path.suffix == ".mcworld" or is_bedrock(path):
        return Built(None, None, path, read_facts(path), True)
    raise WorldError(
        f"{path}: not what a build made (no {MARK} in it or beside it)",
        hint="name the folder that `mc-city build` wrote, as in out",
    )


def default_folder(built: Built) -> Path:
    """Beside what was built, so that the build's own folder stays as it is."""
    beside = built.out or built.world or built.bedrock
    if beside is None:
        raise ValueError("nothing was built")
    return beside.with_name(f"{beside.stem if beside.is_file() else beside.name}-handout")


def require_free(folder: Path, built: Built, force: bool, published: Mapping[str, str]) -> None:
    """WorldError when a hand-out folder may not be made here. published: what a killed `pack` had
    put there, by path."""
    for taken in (built.out, built.world, built.bedrock):
        if taken is not None and (folder == taken or taken in folder.parents):
            raise WorldError(
                f"{folder} lies in what was built",
                hint="give --out a folder elsewhere: a build replaces its own only unchanged",
            )
    require_unused(folder, force, published)


def bedrock_names(files: Sequence[Path]) -> list[str]:
    """The names of all that is in the first of these archives that is there. WorldError when it is
    damaged."""
    for path in files:
        if path.exists():
            try:
                return member_names(path)
            except WorldError as error:
                raise WorldError(str(error), hint="build the world again") from error
    return []


def bedrock_version_of(files: Sequence[Path]) -> str:
    """The game that last saved the world in the first of these archives that is there, as it calls
    itself; '' when it does not say."""
    for path in files:
        if path.exists():
            with zipfile.ZipFile(path) as archive:
                if (
                    "level.dat" in archive.namelist()
                    and archive.getinfo("level.dat").file_size <= MOST_LEVEL
                ):
                    return shown_version(saved_version(archive.read("level.dat")))
    return ""


def functions_of(world: Path | None, archived: Sequence[str]) -> frozenset[str]:
    """What can be called in a world, as in `year/2035`. archived: names of a Bedrock world's
    files."""
    names = list(archived)
    if world is not None:
        names += [path.as_posix() for path in (world / "datapacks").rglob("*.mcfunction")]
    return frozenset(found[1] for name in names if (found := _FUNCTION.search(name)))


def dial_steps(functions: Iterable[str]) -> tuple[int, ...]:
    """The years of the dial."""
    years = (name.removeprefix("year/") for name in functions if name.startswith("year/"))
    return tuple(sorted(int(year) for year in years if re.fullmatch(r"[0-9]{4}", year)))


def whole_map(picture: Image.Image, area: Box) -> Image.Image | None:
    """The map in a picture, without the strip below; None when it does not show just this area."""
    step = (area[2] - area[0]) / picture.width
    height = round((area[3] - area[1]) / step)
    if step not in (1, 2, 4, 8, 16, 32) or height > picture.height:
        return None
    return picture.crop((0, 0, picture.width, height))


def _shown_box(layer: Shown, maps: LayerMaps) -> Box:
    """The box in blocks of all that a layer changes."""
    rows, columns = (
        np.flatnonzero(layer.inside.any(axis=1)),
        np.flatnonzero(layer.inside.any(axis=0)),
    )
    x, z = maps.corner
    west, north, east, south = (
        int(pixel) * maps.step for pixel in (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    )
    return x + west, z + north, x + east, z + south


def _pictures(
    folder: Path, facts: dict[str, Any], maps: LayerMaps | None
) -> tuple[Picture | None, Picture | None]:
    """The guide's maps: of today and of what is planned, or where there are no layers the folder's
    own."""
    if maps is not None:
        x, z = maps.corner
        area = (x, z, x + maps.today.width * maps.step, z + maps.today.height * maps.step)
        shown = framed(area, [_shown_box(layer, maps) for layer in maps.shown])
        marks = [
            Mark(one.number, one.name, x + one.middle[0] * maps.step, z + one.middle[1] * maps.step)
            for one in maps.shown
        ]
        return picture_of(maps.today, area, shown, marks), picture_of(
            maps.planned, area, shown, marks
        )
    if (folder / MAP).exists():
        west, north, east, south = facts["area"]["blocks"]
        area = (west, north, east, south)
        with Image.open(folder / MAP) as picture:
            single = whole_map(picture, area)
        if single:
            return picture_of(single, area, area), None
    return None, None


def _write_maps(
    folder: Path, built: Built, world: Path | None, jobs: int, progress: Progress
) -> tuple[LayerMaps | None, list[tuple[str, str]]]:
    """Writes the map, and the one of today and planned; returns the latter and what could not be
    made, with the reason."""
    missing = []
    old = built.out / MAP if built.out is not None else None
    progress("map", 0, 1)
    if old is not None and old.exists() and not built.changed:
        shutil.copy2(old, folder / MAP)
    elif world is not None:
        write_map(
            world,
            folder / MAP,
            caption=world_caption(world),
            turn_deg=world_turn(world),
            jobs=jobs,
        )
    else:
        missing.append((MAP, "the build has none"))
    if built.facts["layers"] and world is not None:
        maps = draw_layer_maps(world, max_px=LAYER_MAP_PX, jobs=jobs)
        save_layer_maps(
            maps, folder / LAYER_MAP, caption=world_caption(world), turn_deg=world_turn(world)
        )
        return maps, missing
    if built.facts["layers"]:
        missing.append((LAYER_MAP, "there is no world to draw it from"))
    return None, missing


def _write_java(folder: Path, built: Built, name: str, progress: Progress) -> bool:
    """The Java world's zip: the one that was built, or the world as it is now when it was changed
    since."""
    old = built.out / name if built.out is not None else None
    progress("zip", 0, 1)
    if built.world is not None and (built.changed or old is None or not old.exists()):
        with holding(built.world):
            write_zip(built.world, folder / name)
    elif old is not None and old.exists():
        shutil.copy2(old, folder / name)
    return (folder / name).exists()


def _write_bedrock(folder: Path, built: Built, names: tuple[str, str]) -> list[tuple[str, str]]:
    """The Bedrock files; returns those that are missing, with the reason."""
    mcworld, mctemplate = names
    missing = []
    if built.bedrock is None:
        missing.append(
            (
                mcworld,
                "build with --edition all or bedrock"
                if built.out is not None
                else "it is made by a build; name its folder",
            )
        )
    elif built.bedrock.is_dir():
        with holding_database(built.bedrock):
            write_mcworld(built.bedrock, folder / mcworld)
    else:
        shutil.copy2(built.bedrock, folder / mcworld)
    if built.out is not None and (built.out / mctemplate).exists():
        shutil.copy2(built.out / mctemplate, folder / mctemplate)
    else:
        reason = (
            "build with --edition all or bedrock"
            if built.out is not None
            else "it is made by a build; name its folder"
        )
        missing.append((mctemplate, reason))
    return missing


def _changes(built: Built, folder: Path, java: str, bedrock: tuple[str, str]) -> list[str]:
    """What is to be said when some of the worlds were changed since they were built, and others
    not."""
    report = _report(built.out) if built.out is not None else None
    if built.out is None or report is None:
        return []
    notes = []
    there = [name for name in bedrock if (folder / name).exists()]
    if built.changed and built.world is not None:
        notes.append(
            f"{built.world.name} was opened or changed since it was built: {java} and the map are "
            f"as it is now"
        )
    changed = {name for name in there if digest(folder / name) != report["files"].get(name)}
    notes += [f"{name} was changed since it was built" for name in there if name in changed]
    if built.changed or changed:
        notes += [
            f"{name} is as it was built, without those changes"
            for name in there
            if name not in changed
        ]
    return notes


def _write_files(
    folder: Path, built: Built, world: Path | None, jobs: int, progress: Progress
) -> tuple[list[tuple[str, str]], list[str]]:
    """Everything in the hand-out folder; returns what is missing and what is to be said. world: the
    folder that maps are drawn from."""
    city = str(built.facts["city"])
    java, bedrock = f"{city}-java.zip", (f"{city}.mcworld", f"{city}.mctemplate")
    missing: list[tuple[str, str]] = []
    if not _write_java(folder, built, java, progress):
        missing.append((java, "build with --edition all or java"))
    missing += _write_bedrock(folder, built, bedrock)
    maps, lacking = _write_maps(folder, built, world, jobs, progress)
    missing += lacking
    credits_file = next(
        (
            path
            for place in (world, built.out)
            if place and (path := note_path(place, CREDITS)).exists()
        ),
        None,
    )
    if credits_file is None:
        missing.append((CREDITS, "the world has none"))
    else:
        shutil.copy2(credits_file, folder / CREDITS)
    contents = _contents(folder, built, maps, java, bedrock)
    (folder / GUIDE).write_text(guide_html(built.facts, contents), "utf-8", newline="\n")
    sizes = [(name, (folder / name).stat().st_size) for name in bedrock if (folder / name).exists()]
    warned = [warning for name, size in sizes if (warning := size_warning(name, size))]
    stale = (
        [f"{built.world.name}: {line}" for line in stale_lines(built.world)]
        if built.world is not None
        else []
    )
    return missing, [*_changes(built, folder, java, bedrock), *stale, *warned]


def _contents(
    folder: Path, built: Built, maps: LayerMaps | None, java: str, bedrock: tuple[str, str]
) -> Contents:
    sizes = {
        name: (folder / name).stat().st_size if (folder / name).exists() else None
        for name in (java, *bedrock)
    }
    archived = bedrock_names([folder / name for name in bedrock])
    functions = functions_of(built.world, archived)
    today, planned = _pictures(folder, built.facts, maps)
    return Contents(
        java=Handed(java, sizes[java]),
        world=Handed(bedrock[0], sizes[bedrock[0]]),
        template=Handed(bedrock[1], sizes[bedrock[1]]),
        folder=built.world.name if built.world is not None else str(built.facts["city"]),
        bedrock_layers=any(name.endswith("/lock.mcfunction") for name in archived),
        npc=any("/dialogue/" in name and name.endswith(".json") for name in archived),
        years=dial_steps(functions),
        votes="vote/result" in functions,
        plots="plots/guard_on" in functions,
        today=today,
        planned=planned,
        bedrock_version=bedrock_version_of([folder / name for name in bedrock]),
    )


@contextmanager
def _drawn_from(built: Built) -> Iterator[Path | None]:
    """The folder of a world, Java's if there is one; an archive is unpacked for the time being."""
    if built.world is not None or built.bedrock is None:
        yield built.world
        return
    with opened_world(built.bedrock) as folder:
        yield folder


def pack(path: Path, out: Path | None, force: bool, jobs: int, progress: Progress) -> Packed:
    """Makes the hand-out folder of what a build made. out: where, None = beside it.

    WorldError before anything is written when `path` is no build, or the folder is there already
    and `force` is not given."""
    built = find_build(path)
    for place in (built.out, built.world, built.bedrock):
        if place is not None and place.is_dir():
            require_own(place)
    folder = Path(os.path.realpath(out or default_folder(built)))
    require_free(folder, built, True, {})
    with claimed(folder) as published:
        require_free(folder, built, force, published)
        with _drawn_from(built) as world, staging(folder, "handout") as work:
            made = work / NEW
            made.mkdir()
            missing, notes = _write_files(made, built, world, jobs, progress)
            files = inventory(made)
            kept = publish(folder, files, published)
    return Packed(folder, tuple(files), tuple(missing), tuple(notes), kept)
