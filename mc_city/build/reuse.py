"""Regions that an earlier build made and this one need not: a folder beside OUT knows what each was
made from. Java's files are taken from OUT itself, what is not in OUT from that folder; nothing is
believed that is not, to the byte, what it was."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from isal import isal_zlib
from pydantic import Field

from mc_city.build.fingerprint import program
from mc_city.build.java_edition import files_of as java_files
from mc_city.build.regions import STAGES, Plan, Region, bedrock_edition, note_of, write_note
from mc_city.build.staging import NEW, digest
from mc_city.city.city import City
from mc_city.city.part import part_of
from mc_city.reports import RegionReport
from worlds.bounded import inflate, read_file
from worlds.errors import WorldError
from worlds.layers import Unit, unit_of
from worlds.notes import Count, Id, Line, Note, PlacedNote, read_note
from worlds.topview import Tops

ENTRY, TOPS, FILES = "region.json", "tops", "files"
OURS = re.compile(r"-?\d+\.-?\d+")
"""What the folder of a region is called: whatever else lies beside it is somebody's."""
MOST_BYTES = 1 << 30
"""Of a file of a region."""
JOBS = min(os.cpu_count() or 1, 4)
"""Regions that are looked at together."""
PIXEL = 3 + 2 + 2
"""Bytes of a column in TOPS: colour, height, depth of water."""

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Counts = dict[Line, Count]


class _FactsNote(Note):
    """The part of a region's facts that a later build tells too."""

    chunks: Count
    blocks: Count
    substituted: _Counts
    substituted_java: _Counts
    units: tuple[PlacedNote, ...]
    key: _Digest
    files: dict[Annotated[str, Field(max_length=4096)], _Digest]


class _RegionNote(Note):
    """What is known of a region. layers: ids of the developments that the units number; step:
    columns a pixel of TOPS; tops: its digest, None where there is none; own: the digest of all
    this."""

    layers: tuple[Id, ...] = Field(max_length=10_000)
    step: Annotated[int, Field(ge=1, le=512)]
    tops: _Digest | None
    facts: _FactsNote
    own: _Digest = "0" * 64

    def summed(self) -> str:
        """The digest of all but itself."""
        rest = self.model_dump(mode="json", exclude={"own"})
        return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Reused:
    """regions: those that were taken; tops: how some of them look from above."""

    regions: frozenset[Region]
    tops: Mapping[Region, Tops]


def kept_folder(out: Path) -> Path:
    """Where it is kept what the regions of `out` were made from."""
    return out.with_name(f".{out.name}.regions")


def made_with(city: City, strip: int) -> str:
    """A digest of what all regions of a build are made with: the program, the style table, and what
    is written of them. strip: by which Bedrock's records are cut, 0 without that edition."""
    world = city.config.world
    facts = [
        program(),
        digest(city.config.styles),
        city.config.city.name,
        sorted(world.editions),
        strip,
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _entry(out: Path, region: Region) -> Path:
    return kept_folder(out) / f"{region[0]}.{region[1]}"


def _files(plan: Plan, region: Region, units: Sequence[Unit]) -> set[str]:
    """The files that a region has, by their paths in a build's folder."""
    found: list[Path] = []
    if plan.java:
        found += java_files(plan.java, plan.city, region, units)
    if plan.bedrock:
        found += bedrock_edition().files_of(plan.bedrock, region, units)
    return {path.relative_to(plan.folder).as_posix() for path in found}


def _source(out: Path, region: Region, name: str) -> Path:
    """Where a file of a build's folder is found again."""
    inside = Path(name)
    if inside.parts[0] == NEW:
        return out.joinpath(*inside.parts[1:])
    return _entry(out, region) / FILES / inside


def _bring(source: Path, target: Path, wanted: str, own: bool) -> None:
    """A file with a digest, put where a build has it. own: whether it may be one and the same: of
    what is in OUT, which may be kept beside, a copy is made. ValueError where it is another."""
    if source.is_symlink() or not source.is_file() or source.stat().st_size > MOST_BYTES:
        raise ValueError(f"{source} is no file of a region")
    target.parent.mkdir(parents=True, exist_ok=True)
    _link_or_copy(source, target) if own else shutil.copyfile(source, target)
    if digest(target) != wanted:
        raise ValueError(f"{source} is another than it was")


def _link_or_copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write_tops(path: Path, tops: Tops) -> None:
    parts = (tops.colors, tops.ys.astype("<i2"), tops.deep.astype("<i2"), tops.present)
    raw = b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
    path.write_bytes(isal_zlib.compress(raw, 1))


def _read_tops(path: Path, wanted: str, step: int) -> Tops:
    """ValueError where it is not what was written."""
    data = read_file(path, MOST_BYTES)
    if hashlib.sha256(data).hexdigest() != wanted:
        raise ValueError("another than it was")
    side = 512 // step
    pixels, size = side * side, PIXEL * side * side + 32 * 32
    raw = inflate(data, size)
    if len(raw) != size:
        raise ValueError("of another size")
    levels = np.frombuffer(raw, "<i2", 2 * pixels, 3 * pixels).astype(np.int16)
    return Tops(
        np.frombuffer(raw, np.uint8, 3 * pixels).reshape(side, side, 3),
        levels[:pixels].reshape(side, side),
        levels[pixels:].reshape(side, side),
        np.frombuffer(raw, np.uint8, offset=size - 32 * 32).reshape(32, 32) != 0,
    )


def _facts(plan: Plan, known: _RegionNote) -> RegionReport:
    """A region's facts in a build that takes it. ValueError where one of its layers is none of this
    city's."""
    own = known.facts.model_dump(mode="json")
    number = {layer.id: index for index, layer in enumerate(plan.city.developments.layers)}
    names = known.layers
    for unit in own["units"]:
        if any(one >= len(names) or names[one] not in number for one in unit["switches"]):
            raise ValueError("a layer that is none")
        unit["switches"] = [number[names[one]] for one in unit["switches"]]
    return {
        "chunks": own["chunks"],
        "blocks": own["blocks"],
        "seconds": dict.fromkeys(STAGES, 0.0),
        "substituted": own["substituted"],
        "substituted_java": own["substituted_java"],
        "units": own["units"],
        "key": own["key"],
        "files": own["files"],
    }


def _take(plan: Plan, out: Path, region: Region) -> Tops | bool:
    """How a region looks from above, or True, where it could be taken from an earlier build; False
    where it could not."""
    try:
        known = read_note(_entry(out, region) / ENTRY, _RegionNote)
    except WorldError:
        return False
    if known.own != known.summed():
        return False
    if plan.key(part_of(plan.city, region), region) != known.facts.key:
        return False
    try:
        facts = _facts(plan, known)
        units = [unit_of(unit) for unit in facts["units"]]
        if set(facts["files"]) != _files(plan, region, units):
            return False
        for name, wanted in facts["files"].items():
            source = _source(out, region, name)
            own = not name.startswith(f"{NEW}/")
            _bring(source, plan.folder / name, wanted, own)
    except (ValueError, OSError):
        # What was brought of it is written over when the region is made.
        return False
    write_note(plan.folder, region, facts)
    if known.tops is None or known.step != plan.map_step:
        return True
    with suppress(ValueError, OSError):
        return _read_tops(_entry(out, region) / TOPS, known.tops, known.step)
    return True


def take(plan: Plan) -> Reused:
    """Puts every region of the plan's city that an earlier build has made from the same into the
    folder of this one, as done."""
    out = plan.out
    if out is None:
        return Reused(frozenset(), {})
    waiting = [
        region
        for region in plan.city.grid.regions()
        if not note_of(plan.folder, region).exists() and (_entry(out, region) / ENTRY).is_file()
    ]
    with ThreadPoolExecutor(max_workers=JOBS) as threads:
        found = dict(
            zip(waiting, threads.map(lambda one: _take(plan, out, one), waiting), strict=True)
        )
    return Reused(
        frozenset(region for region, taken in found.items() if taken is not False),
        {region: taken for region, taken in found.items() if isinstance(taken, Tops)},
    )


def _forget(entry: Path) -> None:
    """Removes what is kept of a region; what a link leads to stays."""
    if entry.is_symlink() or entry.is_file():
        entry.unlink()
    # Without its note an entry is none.
    (entry / ENTRY).unlink(missing_ok=True)
    shutil.rmtree(entry, ignore_errors=True)


def _keep(plan: Plan, out: Path, region: Region, facts: RegionReport, tops: Tops | None) -> None:
    entry = _entry(out, region)
    _forget(entry)
    entry.mkdir(parents=True)
    for name in facts["files"]:
        if not name.startswith(f"{NEW}/"):
            target = entry / FILES / name
            target.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(plan.folder / name, target)
    if tops is not None:
        _write_tops(entry / TOPS, tops)
    known = {
        "layers": [layer.id for layer in plan.city.developments.layers],
        "step": plan.map_step,
        "tops": digest(entry / TOPS) if tops is not None else None,
        "facts": {key: value for key, value in facts.items() if key != "seconds"},
    }
    note = _RegionNote.model_validate_json(json.dumps(known))
    partial = entry / f"{ENTRY}.partial"
    partial.write_text(json.dumps({**known, "own": note.summed()}), "utf-8")
    os.replace(partial, entry / ENTRY)


def keep(
    plan: Plan,
    out: Path,
    made: Mapping[Region, RegionReport],
    tops: Mapping[Region, Tops],
    reused: frozenset[Region],
) -> bool:
    """Keeps what a later build can take of the regions that were made, and forgets those that are
    no longer in the area. made: facts of all regions; reused: those that are kept already. False
    where the disk refuses it: the build is whole without."""
    folder = kept_folder(out)
    try:
        folder.mkdir(exist_ok=True)
        wanted = {_entry(out, region) for region in made}
        for entry in _entries(folder) - wanted:
            _forget(entry)
        for region, facts in made.items():
            if region not in reused:
                _keep(plan, out, region, facts, tops.get(region))
    except OSError:
        forget(out)
        return False
    return True


def _entries(folder: Path) -> set[Path]:
    """What is kept in a folder of ours: nothing else in it is touched."""
    return {path for path in folder.iterdir() if OURS.fullmatch(path.name)}


def forget(out: Path) -> None:
    """Leaves nothing to be taken."""
    folder = kept_folder(out)
    with suppress(OSError):
        for entry in _entries(folder):
            _forget(entry)
        if not folder.is_symlink():
            folder.rmdir()
