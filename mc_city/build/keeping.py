"""What somebody has built in a world of a city is kept when the city is built again: chunks that
hold other blocks than the build made come into the new world as they are."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mc_city.build.staging import MARK, digest
from mc_city.city.city import City
from mc_city.reports import KeptBuildsReport
from mc_city.settings.config import Config
from mc_city.settings.names import FACTS
from worlds.errors import WorldError
from worlds.java.belongings import hung_chunks, other_words
from worlds.java.keeping import Chunk, only_chunks, other_chunks, put_chunks
from worlds.java.layout import Layout, find_layout
from worlds.java.level import LEVEL_DAT
from worlds.java.saved import holding
from worlds.java.scores import read_scores
from worlds.layers import OBJECTIVE, read_layers
from worlds.notes import ReportNote, read_note
from worlds.votes import read_ballots

Region = tuple[int, int]
MOST_FILE = 1 << 30
"""Bytes of a file of the zip that a world was built as."""


@dataclass(frozen=True)
class Kept:
    """chunks: of the world that hold what somebody built, by region; known: those of them of which
    an earlier build kept already, so that nobody knows what was there; base: what the build had
    made, by region."""

    world: Layout
    chunks: dict[Region, set[Chunk]]
    known: frozenset[Chunk]
    base: dict[Region, Path]


def _shown(world: Path) -> tuple[str, ...]:
    """The ids of the layers that are shown in a world, with their variants."""
    switches, _ = read_layers(world)
    scores = read_scores(world)
    states = ((switch, scores.get((OBJECTIVE, f"#{switch.id}"), 0)) for switch in switches)
    return tuple(
        f"{switch.id}/{switch.options[state - 1]}".rstrip("/")
        for switch, state in states
        if 0 < state < switch.states
    )


def _base(out: Path, name: str, note: ReportNote, folder: Path) -> Path:
    """The world as it was built, unpacked from the zip that lies beside it."""
    archive = out / f"{name}-java.zip"
    if not archive.is_file() or digest(archive) != note.files.get(archive.name):
        raise WorldError(
            f"{archive} is not there as it was built, so nobody can say what was built since",
            hint="put it back, or build without --keep-builds",
        )
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            parts = entry.filename.split("/")
            if entry.is_dir() or parts[0] != name or ".." in parts or "structure" in entry.filename:
                continue
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(entry) as source, target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
    return folder / name


def _require_alike(world: Path, base: Path, shown: Sequence[str]) -> None:
    """WorldError where the world shows other layers than it began with, or than the new one will:
    what stands there by a layer could not be told from what somebody built."""
    now, began = _shown(world), _shown(base)
    known = {switch.id for switch in read_layers(base)[0]}
    wanted = tuple(name for name in shown if name.split("/")[0] in known)
    for other, what in ((began, "was built with"), (wanted, "is to be built with")):
        if set(now) != set(other):
            raise WorldError(
                f"{world} shows the layers {', '.join(now) or 'none'}, and "
                f"{what} {', '.join(other) or 'none'}",
                hint="show and hide them there first: mc-city layers show | hide",
            )


def require_keepable(config: Config, out: Path, world: Path) -> ReportNote:
    """What is said of the build that made a world; WorldError where what somebody built in it
    cannot be kept."""
    if config.world.editions != ("java",):
        raise WorldError(
            "what somebody built can be kept in Java worlds only",
            hint="give --edition java; a Bedrock world has to be built without --keep-builds",
        )
    note, name = read_note(out / MARK, ReportNote), config.city.name
    # No game changes what a world says of itself: a world of another city, or of another build of
    # this one, says something else.
    facts = world / FACTS
    if (
        not (world / LEVEL_DAT).is_file()
        or note.world.city != name
        or not facts.is_file()
        or digest(facts) != note.files.get(f"{name}/{FACTS}")
    ):
        raise WorldError(
            f"{world} is no Java world that was built into {out}",
            hint=f"name its folder, as in --keep-builds {out / name}",
        )
    frame, then = config.frame, note.world.frame
    if (
        then.origin,
        then.turn_deg,
        then.blocks_per_metre,
        then.sea_level_y,
        then.vertical_scale,
    ) != (
        (frame.origin_east, frame.origin_north),
        config.city.turn_deg,
        frame.scale,
        frame.sea_level_y,
        frame.vertical_scale,
    ):
        raise WorldError(
            f"{world} has another origin, turn, scale or sea level than the configuration",
            hint="what was built in it would stand elsewhere: build without --keep-builds",
        )
    return note


@contextmanager
def found(
    config: Config, out: Path, world: Path, folder: Path, shown: Sequence[str]
) -> Iterator[Kept]:
    """What somebody has built in a world that was built into `out`, which stays closed meanwhile.
    folder: to work in; shown: ids of the layers that the new world begins with. WorldError where it
    cannot be said."""
    note, name = require_keepable(config, out, world), config.city.name
    with holding(world):
        base = _base(out, name, note, folder)
        _require_alike(world, base, shown)
        files = {(x, z): path for x, z, path in find_layout(base).region_files()}
        known = frozenset(note.kept_builds.chunks)
        # Votes are written there, by functions of ours.
        counts = {at for ballot in read_ballots(base) for at in (ballot.up, ballot.down)}
        chunks, layout = {}, find_layout(world)
        for x, z, path in layout.region_files():
            before, hung = files.get((x, z)), layout.entities / path.name
            mine = {chunk for chunk in known if (chunk[0] >> 5, chunk[1] >> 5) == (x, z)}
            if before is None or digest(path) != digest(before):
                mine |= other_chunks(path, before) | other_words(path, before, counts)
            if hung.is_file():
                mine |= hung_chunks(hung)
            if mine:
                chunks[x, z] = mine
        yield Kept(layout, chunks, known, files)
    shutil.rmtree(folder, ignore_errors=True)


def bring(kept: Kept, city: City, world: Path) -> KeptBuildsReport:
    """Puts the kept chunks, and what lives and hangs in them, in the place of those that were built
    in a new world; says which, and which of them are other than they were before somebody built."""
    held: list[Chunk] = []
    changed: list[Chunk] = []
    beyond: list[Chunk] = []
    target = find_layout(world)
    regions = set(city.grid.regions())
    for region, chunks in sorted(kept.chunks.items()):
        new, source = target.region_file(*region), kept.world.region_file(*region)
        if region not in regions:
            beyond += chunks
            continue
        base = kept.base.get(region)
        other = other_chunks(new, base) | other_words(new, base)
        put = put_chunks(source, new, chunks)
        held += put
        changed += (put & other) - kept.known
        beyond += chunks - put
        for mine, its in ((target.entities, kept.world.entities), (target.poi, kept.world.poi)):
            if (its / new.name).is_file():
                only_chunks(its / new.name, mine / new.name, put)
    return {
        "chunks": _places(held),
        "would_change": _places(changed),
        "beyond": _places(beyond),
    }


def _places(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Sorted, from north to south."""
    return [(x, z) for x, z in sorted(chunks, key=lambda chunk: (chunk[1], chunk[0]))]
