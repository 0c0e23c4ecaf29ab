"""What is other in a world that came back than in the one that was handed out, and is a person's:
whatever layers either shows, whatever the game did by itself, whatever version saved it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built, Text
from mc_city.harvest.noise import by_the_game
from mc_city.harvest.surface import Surface, surface_of
from mc_city.saved.switching import blocks_of_units, read_world_layers, read_world_scores
from worlds.bedrock.level import is_bedrock
from worlds.comparing import Cells, differing_cells, meanings
from worlds.errors import WorldError
from worlds.java import returned as java
from worlds.java.entries import as_newest, meant
from worlds.layers import (
    UNIT_OBJECTIVE,
    Change,
    Layers,
    Unit,
    joined,
    read_layers,
    with_blocks,
)
from worlds.quoting import prose
from worlds.volume import AIR, BlockState, BlockVolume

Region = tuple[int, int]
Progress = Callable[[str, int, int], None]
MOST_BUILT, MOST_OTHER = 2_000_000, 8_000_000
"""Blocks of a world that people may have changed: more is no class's work but another world; and
those of one region that are other for whatever reason, snow that fell as well."""
MOST_TEXTS, LONGEST_TEXT = 2000, 2000
"""Texts of a world that are read, and letters of each."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Difference:
    """What was found in a world. built: what a person did; by_game: blocks that the game changed by
    itself, by reason; compared: chunks of it that were saved anew and looked at; same: those that
    are as they were handed out; beyond: chunks that the handed-out world has not, which are not
    looked at; missing: chunks that only that one has; texts_left: texts beyond the most that are
    read; surface: the ground around what was built, as it was handed out."""

    built: Built
    surface: Surface = field(default_factory=Surface)
    by_game: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    same: int = 0
    beyond: int = 0
    missing: int = 0
    texts_left: int = 0


@dataclass(frozen=True)
class Sides:
    """Two open worlds of one edition. regions: those of the handed-out one; anew: of a region which
    chunks were saved anew, which the handed-out one has not, and how many either has; otherwise:
    those of some chunks that may hold other blocks than the handed-out world's files; read: blocks
    of chunks, of the handed-out world or of the returned one; texts: of the returned one."""

    regions: Sequence[Region]
    anew: Callable[[Region], tuple[NDArray[np.bool_], NDArray[np.bool_], int, int]]
    otherwise: Callable[[Region, NDArray[np.bool_]], NDArray[np.bool_]]
    read: Callable[[Region, NDArray[np.bool_], bool], BlockVolume]
    texts: Callable[[Region, NDArray[np.bool_]], list[tuple[tuple[int, int, int], str, str]]]


class Shelf:
    """Regions of the handed-out world, whole, that were asked for last: of a class, many have built
    in the same ones."""

    def __init__(self, most: int = 3) -> None:
        self._most, self._lock = most, Lock()
        self._held: dict[tuple[Path, Region], BlockVolume] = {}

    def take(self, base: Path, region: Region, read: Callable[[], BlockVolume]) -> BlockVolume:
        """A region as `read` gives it."""
        with self._lock:
            volume = self._held.pop((base, region), None)
            volume = read() if volume is None else volume
            self._held[base, region] = volume
            while len(self._held) > self._most:
                del self._held[next(iter(self._held))]
            return volume


EVERY = np.ones((32, 32), bool)


@contextmanager
def _java_sides(base: Path, world: Path, shelf: Shelf | None) -> Iterator[Sides]:
    theirs, mine = java.regions_of(base), java.regions_of(world)

    def read(region: Region, chunks: NDArray[np.bool_], returned: bool) -> BlockVolume:
        if returned:
            return java.read_blocks(mine[region], chunks)
        if shelf is None:
            return java.read_blocks(theirs[region], chunks)
        return shelf.take(base, region, lambda: java.read_blocks(theirs[region], EVERY))

    def texts(region: Region, chunks: NDArray[np.bool_]) -> Any:
        return java.texts_of(mine[region], chunks)

    yield Sides(
        regions=sorted(theirs),
        anew=lambda region: java.saved_anew(mine.get(region), theirs[region]),
        otherwise=lambda region, chunks: java.built_otherwise(mine[region], theirs[region], chunks),
        read=read,
        texts=texts,
    )


@contextmanager
def _bedrock_sides(base: Path, world: Path, shelf: Shelf | None) -> Iterator[Sides]:
    from worlds.bedrock import reader, returned

    with reader.opened_regions(base) as theirs, reader.opened_regions(world) as mine:

        def read(region: Region, chunks: NDArray[np.bool_], is_returned: bool) -> BlockVolume:
            if is_returned:
                return reader.read_region_volume(mine, region, only=chunks)[0]
            if shelf is None:
                return reader.read_region_volume(theirs, region, only=chunks)[0]
            return shelf.take(base, region, lambda: reader.read_region_volume(theirs, region)[0])

        def texts(region: Region, chunks: NDArray[np.bool_]) -> Any:
            return returned.texts_of(mine, region, chunks)

        yield Sides(
            regions=sorted(theirs.chunks),
            anew=lambda region: returned.saved_anew(mine, theirs, region),
            otherwise=lambda _, chunks: chunks,
            read=read,
            texts=texts,
        )


@dataclass(frozen=True)
class Expected:
    """What layers make of the handed-out world in the returned one. by_region: blocks of units that
    stand otherwise there; unsure: by region, blocks of every combination of units that are not
    finished; states: what ids mean."""

    by_region: dict[Region, list[Change]]
    unsure: dict[Region, list[Change]]
    states: list[BlockState]


def _standing(world: Path, handed: Layers) -> Sequence[int]:
    """Which combination stands in each unit of a world that came back, by its scores; as they were
    handed out where it has none. What it says of its layers itself may have been lost on the way.
    WorldError where it says that they are others."""
    switches, units = read_layers(world)
    if switches and (switches, units) != (handed.switches, handed.units):
        raise WorldError(
            f"{world.name}: has other layers than the world that was handed out",
            hint="name the world or the build that it was made from as BASE",
        )
    scores = read_world_scores(world)
    return [
        scores.get((UNIT_OBJECTIVE, f"#{number}"), stood)
        for number, stood in enumerate(handed.standing)
    ]


def _expected(base: Path, world: Path) -> Expected:
    """Everything is read from the handed-out world but the scores of the returned one, which say
    what stands there."""
    states: dict[BlockState, int] = {AIR: 0}
    by_region: dict[Region, list[Change]] = {}
    unsure: dict[Region, list[Change]] = {}
    if not read_layers(base)[0]:
        return Expected(by_region, unsure, list(states))
    handed = read_world_layers(base)
    wanted: list[tuple[Unit, int]] = []
    into: list[dict[Region, list[Change]]] = []
    standing = _standing(world, handed)
    for unit, stood, stands in zip(handed.units, handed.standing, standing, strict=True):
        if 0 <= stands < len(unit.pieces):
            if stands != stood:
                wanted.append((unit, stands))
                into.append(by_region)
        else:
            wanted += [(unit, number) for number in range(len(unit.pieces))]
            into += [unsure] * len(unit.pieces)
    changes = blocks_of_units(base, wanted, states)
    for (unit, _), place, change in zip(wanted, into, changes, strict=True):
        place.setdefault(unit.region, []).append(change)
    return Expected(by_region, unsure, list(states))


def _keys(x: NDArray[Any], y: NDArray[Any], z: NDArray[Any]) -> NDArray[np.int64]:
    """A number for each place of one region."""
    return (
        (y.astype(np.int64) + 4096) << 18
        | (z.astype(np.int64) & 511) << 9
        | (x.astype(np.int64) & 511)
    )


def _may_be_of_layers(
    cells: Cells, unsure: Sequence[Change], states: Sequence[BlockState], own: dict[BlockState, int]
) -> NDArray[np.bool_]:
    """(n,) bool: cells that are as some combination of an unfinished unit has them."""
    if not unsure or not len(cells.x):
        return np.zeros(len(cells.x), bool)
    whole = joined(unsure)
    table = np.array([own.get(meant(state), -1) for state in states], np.int64)
    known = _keys(whole.x, whole.y, whole.z) << 20 | (table[whole.ids] + 1)
    mine = _keys(cells.x, cells.y, cells.z) << 20 | (cells.after.astype(np.int64) + 1)
    return np.isin(mine, known)


def _holding(changes: Sequence[Change]) -> NDArray[np.bool_]:
    """(32, 32) bool in (z, x): the chunks of a region in which some changes lie."""
    out, whole = np.zeros((32, 32), bool), joined(changes)
    out[whole.z >> 4 & 31, whole.x >> 4 & 31] = True
    return out


def _looked_up(
    volume: BlockVolume, numbers: NDArray[np.int32]
) -> Callable[[Any, Any, Any], NDArray[np.int32]]:
    """What gives the numbers of a volume's blocks at (x, y, z); 0 outside."""
    levels, depth, width = volume.ids.shape

    def stood(x: Any, y: Any, z: Any) -> NDArray[np.int32]:
        level, row, column = y - volume.y0, z - volume.z0, x - volume.x0
        inside = (level >= 0) & (level < levels) & (row >= 0) & (row < depth)
        inside &= (column >= 0) & (column < width)
        out = np.zeros(len(x), np.int32)
        out[inside] = numbers[volume.ids[level[inside], row[inside], column[inside]]]
        return out

    return stood


def _another(what: str, most: int) -> WorldError:
    return WorldError(
        f"{what}: more than {most:,} blocks are other than they were handed out",
        hint="it may be another city's, or built from other data: name the build that it was made "
        "from as BASE",
    )


class _Found(NamedTuple):
    """cells: that a person changed; by_game: what the game did; texts: new ones; surface: of the
    ground as it was handed out."""

    cells: Cells
    by_game: Counter[str]
    texts: list[tuple[tuple[int, int, int], str, str]]
    surface: Surface


def region_difference(
    sides: Sides, region: Region, expected: Expected, own: dict[BlockState, int],
    chunks: NDArray[np.bool_],
) -> _Found:  # fmt: skip
    """What a person changed in some chunks of a region."""
    before = sides.read(region, chunks, False)
    if region in expected.by_region:
        before = with_blocks(before, joined(expected.by_region[region]), expected.states)
    before, after = as_newest(before), as_newest(sides.read(region, chunks, True))
    cells = differing_cells(before, after, chunks, own, MOST_OTHER)
    if cells is None:
        raise _another("region {} {}".format(*region), MOST_OTHER)
    cells = cells.take(
        ~_may_be_of_layers(cells, expected.unsure.get(region, ()), expected.states, own)
    )
    noise, counted = by_the_game(cells, list(own), _looked_up(before, meanings(before, own)))
    cells = cells.take(~noise)
    # What somebody wrote stands on what somebody placed.
    built = np.zeros((32, 32), bool)
    built[cells.z >> 4 & 31, cells.x >> 4 & 31] = True
    places = set(zip(cells.x.tolist(), cells.y.tolist(), cells.z.tolist(), strict=True))
    texts = [one for one in sides.texts(region, built) if one[0] in places]
    return _Found(cells, counted, texts, surface_of(before, built))


def _texts(found: Sequence[tuple[tuple[int, int, int], str, str]]) -> tuple[Text, ...]:
    """Plain and bounded: what a sign says is up to who wrote it, and may be megabytes."""
    out = []
    for (x, y, z), kind, text in found[:MOST_TEXTS]:
        said = prose(text[: 4 * LONGEST_TEXT]).strip()[:LONGEST_TEXT]
        if said:
            out.append(Text(x, y, z, "book" if kind == "book" else "sign", said))
    return tuple(out)


def find_difference(
    base: Path, world: Path, progress: Progress, shelf: Shelf | None = None
) -> Difference:
    """What a person changed in a world's folder against the folder of the one that was handed out,
    both of one edition; neither is written to. Region after region, so memory is that of two of
    them. shelf: where several worlds are compared with the same one. WorldError where either is
    damaged, or they are not one city's."""
    bedrock = is_bedrock(base)
    if bedrock != is_bedrock(world):
        raise ValueError("two editions are not compared")
    expected = _expected(base, world)
    own: dict[BlockState, int] = {AIR: 0}
    parts: list[Cells] = []
    texts: list[tuple[tuple[int, int, int], str, str]] = []
    by_game: Counter[str] = Counter()
    surface = Surface()
    compared = same = beyond = missing = found = 0
    with (_bedrock_sides if bedrock else _java_sides)(base, world, shelf) as sides:
        for done, region in enumerate(sides.regions, 1):
            anew, strange, theirs, mine = sides.anew(region)
            chunks = anew & ~strange
            here = int(chunks.sum())
            compared, beyond = compared + here, beyond + int(strange.sum())
            same += mine - int(anew.sum())
            missing += max(0, theirs - (mine - int(strange.sum())))
            if here:
                # What layers change stands in no file of the handed-out world.
                chunks &= sides.otherwise(region, chunks) | _holding(
                    expected.by_region.get(region, ())
                )
            if chunks.any():
                part = region_difference(sides, region, expected, own, chunks)
                parts.append(part.cells)
                texts += part.texts
                by_game += part.by_game
                surface.chunks.update(part.surface.chunks)
                found += len(part.cells.x)
                if found > MOST_BUILT:
                    raise _another(world.name, MOST_BUILT)
            progress("compare", done, len(sides.regions))
    return Difference(
        built=_built(parts, tuple(own), _texts(texts)),
        by_game=by_game,
        compared=compared,
        same=same,
        beyond=beyond,
        missing=missing,
        texts_left=max(0, len(texts) - MOST_TEXTS),
        surface=surface,
    )


def _built(
    parts: Sequence[Cells], states: tuple[BlockState, ...], texts: tuple[Text, ...]
) -> Built:
    nothing = np.zeros(0, np.int32)
    columns = [np.concatenate([nothing, *(part[number] for part in parts)]) for number in range(5)]
    order = np.lexsort((columns[0], columns[2], columns[1]))
    x, y, z, before, after = (column[order].astype(np.int32) for column in columns)
    return Built(
        x=x, y=y, z=z, before=before, after=after, states=states, texts=texts
    )  # fmt: skip
