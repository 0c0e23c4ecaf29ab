"""What is sent to the machines that make regions: a plan as bytes, what it is to be made with, and
what comes back, written into the build's folder."""

from __future__ import annotations

import hashlib
import io
import pickle
import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from mc_city import __version__
from mc_city.build.fingerprint import program
from mc_city.build.regions import Plan, Region, RegionMade, write_note
from mc_city.build.staging import NOTES
from worlds.errors import WorldError
from worlds.java.layout import layout_of

NOWHERE = Path()
"""The folder of a plan on its way."""


@dataclass(frozen=True)
class Packed:
    """A plan on its way. number: of what is in it; made_with: see `versions`; sources: digest of
    each raster that drawing reads, by its path; data: the plan itself."""

    number: str
    made_with: Mapping[str, str]
    sources: Mapping[Path, str]
    data: bytes


def versions() -> dict[str, str]:
    """What must be alike on all machines of a build, so that they give the same bytes."""
    return {
        "system": platform.system(),
        "Python": platform.python_version(),
        "mc-city": __version__,
        "numpy": version("numpy"),
        "numba": version("numba"),
        "distributed": version("distributed"),
        "program": program(),
    }


def _proxy(held: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(held)


def _list_of(subtype: Any, held: list[Any]) -> Any:
    from nbtlib.tag import List

    return List[subtype](held)


class _Pickler(pickle.Pickler):
    """Knows the two kinds of things in a city that pickle does not: mappings that do not change,
    and lists of nbtlib, whose classes have no name."""

    def reducer_override(self, given: Any) -> Any:
        if isinstance(given, MappingProxyType):
            return _proxy, (dict(given),)
        if isinstance(given, list) and hasattr(given, "subtype"):
            return _list_of, (given.subtype, list(given))
        return NotImplemented


def pack_plan(plan: Plan, sources: Mapping[Path, str]) -> Packed:
    """The plan for another process. sources: digests by path, of what drawing reads."""
    held = io.BytesIO()
    _Pickler(held, pickle.HIGHEST_PROTOCOL).dump(moved(plan, NOWHERE))
    data = held.getvalue()
    return Packed(hashlib.sha256(data).hexdigest(), versions(), dict(sources), data)


def unpack_plan(packed: Packed, folder: Path) -> Plan:
    """The plan, with its files below a folder of this process. Only what a build sent to its own
    workers is unpacked: a pickle is a program."""
    plan = pickle.loads(packed.data)
    if not isinstance(plan, Plan):
        raise TypeError(f"{type(plan).__name__} is no plan")
    return moved(plan, folder)


def moved(plan: Plan, folder: Path) -> Plan:
    """The plan with all that it writes below another folder."""

    def there(path: Path) -> Path:
        return folder / path.relative_to(plan.folder)

    java, bedrock = plan.java, plan.bedrock
    return replace(
        plan,
        folder=folder,
        java=java and replace(java, folder=there(java.folder)),
        bedrock=bedrock
        and replace(bedrock, folder=there(bedrock.folder), parts=there(bedrock.parts)),
    )


def prepare(plan: Plan) -> None:
    """Makes the folders that a region's files go into."""
    if plan.java:
        layout = layout_of(plan.java.folder, plan.city.version.data_version)
        layout.region.mkdir(parents=True, exist_ok=True)
    if plan.bedrock:
        for path in (plan.bedrock.folder, plan.bedrock.parts):
            path.mkdir(parents=True, exist_ok=True)


def taken_up(plan: Plan, made: RegionMade) -> RegionMade:
    """What was written below a plan's folder, as a value; the folder is empty then."""
    files = {name: (plan.folder / name).read_bytes() for name in made.facts["files"]}
    shutil.rmtree(plan.folder)
    return replace(made, files=files)


def write_made(plan: Plan, region: Region, made: RegionMade) -> RegionMade:
    """Writes what another machine made of a region, and its note. WorldError for what came
    otherwise than it left. Returns it without its files, which are on the disk."""
    wanted = made.facts["files"]
    for name, data in made.files.items():
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts or place.parts[:1] in ((), (NOTES,)):
            raise WorldError(
                f"a worker sent a file for {name}, which is no part of a world",
                hint="look after that machine: it is not what this build sent",
            )
        if hashlib.sha256(data).hexdigest() != wanted.get(name):
            raise WorldError(
                f"{name} came damaged from a worker",
                hint="run the same command again: what is done is kept",
            )
    for name, data in made.files.items():
        path = plan.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    write_note(plan.folder, region, made.facts)
    return replace(made, files={})
