"""Switches and what they change, in any edition: developments with their options, and the places
whose blocks depend on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.fixtures import Sign
from worlds.notes import AGAIN, SwitchesNote, read_note
from worlds.quoting import json_file
from worlds.volume import BlockState, BlockVolume, Palette
from worlds.words import Words

CELL = 32
"""Columns along one side of a unit: whole chunks, and small enough to be changed in one tick."""
BATCH = 224
"""Columns along one side of what is loaded at a time: 14 chunks and, as the game looks one block
beyond a structure, one more; `forceload` takes at most 16 × 16."""
PIECE = 48
"""Blocks along one side of a structure, at most."""
MOST_STATES = 81
"""Combinations of switches that may meet in one column."""
MOST_BLOCKS = 1 << 24
"""Of all units of a world, each in its largest state."""
LEVELS = -64, 319
"""The lowest and the highest level of both editions' worlds, unless one is raised."""


@dataclass(frozen=True)
class Switch:
    """A development. options: the names of its alternatives, one empty name where there are none;
    done_year: the year from which the year dial shows it, None = never."""

    id: str
    name: str
    options: tuple[str, ...]
    done_year: int | None = None

    @property
    def states(self) -> int:
        """How many states it can be in: hidden, or one of its options."""
        return len(self.options) + 1


def dial_years(switches: Iterable[Switch]) -> tuple[int, ...]:
    """The steps of the year dial: every fifth year in which something more is done by then."""
    done = {switch.done_year for switch in switches if switch.done_year is not None}
    return tuple(sorted({-(-year // 5) * 5 for year in done}))


State = Sequence[int]
"""Of a city or world: for each switch (a development) 0, or the number of the option that is
shown."""


def switch_text(switch: Switch, state: int, words: Words) -> str:
    """What the game says of a switch in a state: its name, and today or planned, with the option's
    name."""
    option = switch.options[state - 1] if state else ""
    return f"{switch.name}: {words.both('now_planned' if state else 'now_today')}" + (
        f" ({option})" if option else ""
    )


def shown_text(switch: Switch, state: int, words: Words) -> str:
    """What the game says of a switch that is no plan: its name, and whether it is shown, with the
    option's name."""
    option = switch.options[state - 1] if state else ""
    said = words.both("exhibition_shown" if state else "exhibition_hidden")
    return f"{switch.name}: {said}" + (f" ({option})" if option else "")


@dataclass(frozen=True)
class Piece:
    """A structure's place in the world: its name (below the pack's structures), its lowest corner
    and how many blocks it lists."""

    name: str
    at: tuple[int, int, int]
    blocks: int


@dataclass(frozen=True)
class Unit:
    """A place whose blocks depend on some switches, and nothing else.

    switches: indices, ascending; pieces: for each combination of their states, in the order of
    `combinations`, the structures that make it. Every one of them lists all positions that differ
    between any two combinations, so it is right whatever stood there before.
    """

    switches: tuple[int, ...]
    cell: tuple[int, int]
    pieces: tuple[tuple[Piece, ...], ...]

    @property
    def batch(self) -> tuple[int, int]:
        return self.cell[0] * CELL // BATCH, self.cell[1] * CELL // BATCH

    @property
    def region(self) -> tuple[int, int]:
        """The region, 512 blocks wide, that it lies in."""
        return self.cell[0] * CELL >> 9, self.cell[1] * CELL >> 9

    @property
    def blocks(self) -> int:
        """The most blocks that changing it sets."""
        return max(sum(piece.blocks for piece in pieces) for pieces in self.pieces)

    def distinct_pieces(self) -> tuple[Piece, ...]:
        """Its structures, each once: combinations share those that clear."""
        return tuple({piece.name: piece for pieces in self.pieces for piece in pieces}.values())


@dataclass(frozen=True)
class Change:
    """The blocks of one piece. x, y, z: (n,) int32; ids: (n,) uint16 into a palette; signs: by
    number of a block what is written on it."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    ids: NDArray[np.uint16]
    signs: Mapping[int, Sign] = field(default_factory=dict)


@dataclass(frozen=True)
class Layers:
    """A world's switches and units, the state that is wanted, and which combination stands in each
    unit (NO_UNIT = unfinished)."""

    switches: tuple[Switch, ...]
    units: tuple[Unit, ...]
    state: tuple[int, ...]
    standing: tuple[int, ...]


@dataclass(frozen=True)
class UnitChange:
    """A unit, by its number in the world, that is to stand as the combination `wanted`. stands:
    what it is now, None where a change was interrupted and nobody knows."""

    number: int
    unit: Unit
    stands: int | None
    wanted: int


@dataclass(frozen=True)
class Changed:
    """What a change came to. changed: blocks rewritten; strange: those of them that somebody had
    built inside the difference; missing: blocks in chunks that the world no longer has; unfinished:
    units that have such blocks, and so do not stand as wanted."""

    changed: int
    strange: int
    missing: int
    unfinished: int = 0


def combinations(switches: Sequence[Switch], chosen: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All states of the chosen switches in the order of their number: the first one counts
    fastest."""
    for backwards in product(*(range(switches[index].states) for index in reversed(chosen))):
        yield tuple(reversed(backwards))


def combination(switches: Sequence[Switch], chosen: Sequence[int], state: State) -> int:
    """The number of the combination that a state of all switches means
    for the chosen ones."""
    number, factor = 0, 1
    for index in chosen:
        number += factor * state[index]
        factor *= switches[index].states
    return number


def unit_changes(layers: Layers, state: State) -> list[UnitChange]:
    """The units that do not stand as a state wants them."""
    out = []
    for number, (unit, stands) in enumerate(zip(layers.units, layers.standing, strict=True)):
        wanted = combination(layers.switches, unit.switches, state)
        if stands != wanted:
            out.append(
                UnitChange(number, unit, stands if 0 <= stands < len(unit.pieces) else None, wanted)
            )
    return out


def beside(chunks: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Chunks, (x, z) each, with those around them."""
    steps = (-1, 0, 1)
    return {(x + dx, z + dz) for x, z in chunks for dx in steps for dz in steps}


def units_in(changes: Sequence[UnitChange], chunks: Iterable[tuple[int, int]]) -> set[int]:
    """The numbers of the units whose cells hold some of these chunks, (x, z) each."""
    across = CELL // 16
    cells = {(x // across, z // across) for x, z in chunks}
    return {change.number for change in changes if change.unit.cell in cells}


def joined(parts: Sequence[Change]) -> Change:
    """All blocks of some pieces, one after another; none when there are no pieces."""
    if not parts:
        nowhere = np.zeros(0, np.int32)
        return Change(nowhere, nowhere, nowhere, np.zeros(0, np.uint16))
    return Change(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("x", "y", "z", "ids")
        )
    )


def laid_over(parts: Sequence[Change]) -> Change:
    """The same with each place once, later pieces over earlier ones, in the order of (y, z, x)."""
    whole = joined(parts)
    places = np.stack([whole.y, whole.z, whole.x], axis=1)[::-1]
    _, first = np.unique(places, axis=0, return_index=True)
    last = len(places) - 1 - first
    return Change(whole.x[last], whole.y[last], whole.z[last], whole.ids[last])


def with_blocks(volume: BlockVolume, change: Change, states: Sequence[BlockState]) -> BlockVolume:
    """Blocks of a region with those of a change that lie among them, whose ids mean `states`."""
    depth, width = volume.ids.shape[1:]
    among = (change.z >= volume.z0) & (change.z < volume.z0 + depth)
    among &= (change.x >= volume.x0) & (change.x < volume.x0 + width)
    if not among.any():
        return volume
    change = Change(change.x[among], change.y[among], change.z[among], change.ids[among])
    own = {known: number for number, known in enumerate(volume.palette.states)}
    table = np.array([own.setdefault(known, len(own)) for known in states], np.uint16)
    low, high = (
        min(int(change.y.min()), volume.y0),
        max(int(change.y.max()) + 1, volume.y0 + len(volume.ids)),
    )
    blocks = np.zeros((high - low, depth, width), np.uint16)
    blocks[volume.y0 - low : volume.y0 - low + len(volume.ids)] = volume.ids
    blocks[change.y - low, change.z - volume.z0, change.x - volume.x0] = table[change.ids]
    return BlockVolume(volume.x0, low, volume.z0, blocks, Palette(tuple(own)))


class Wanted(NamedTuple):
    """The blocks that are wanted of some units. stood: (n,) ids of what should be there now, −1
    where nobody knows; owners: (n,) the numbers of their units."""

    blocks: Change
    stood: NDArray[np.int64]
    owners: NDArray[np.int64]

    def lacking(self, absent: Collection[tuple[int, int]]) -> set[int]:
        """The numbers of the units that have blocks in absent chunks, (x, z) each."""
        if not absent:
            return set()
        gone = np.zeros(len(self.owners), bool)
        for x, z in absent:
            gone |= (self.blocks.x >> 4 == x) & (self.blocks.z >> 4 == z)
        return set(self.owners[gone].tolist())


def read_changes(changes: Sequence[UnitChange], read: Callable[[Unit, int], Change]) -> Wanted:
    """The blocks that are wanted of some units. read: gives what a combination of a unit sets, the
    same places for all of them."""
    wanted, stood, owners = [], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for change in changes:
        blocks = read(change.unit, change.wanted)
        wanted.append(blocks)
        stood.append(
            np.full(len(blocks.x), -1)
            if change.stands is None
            else read(change.unit, change.stands).ids.astype(np.int64)
        )
        owners.append(np.full(len(blocks.x), change.number))
    return Wanted(joined(wanted), np.concatenate(stood), np.concatenate(owners))


OBJECTIVE, UNIT_OBJECTIVE = "mc_city", "mc_city_unit"
"""Scores in which a world keeps which state is wanted of each switch, and which combination stands
in each unit."""
LAYERS_FILE = "mc_city_layers.json"
NO_UNIT = -1
"""The score of a unit that is being changed."""
NOTES = "metadata"
"""Folder of a Bedrock world for what the game does not read: Mojang's validator refuses files that
it does not know, but looks into no folder of this name."""


def note_path(world: Path, name: str) -> Path:
    """Where a world's folder keeps one of its notes: beside level.dat in Java's worlds, in `NOTES`
    in Bedrock's."""
    path = world / NOTES / name
    return path if path.exists() else world / name


def starting_scores(
    switches: Sequence[Switch], units: Sequence[Unit], state: State
) -> dict[tuple[str, str], int]:
    """(objective, holder) → score of a world that was built in this state."""
    scores = {
        (OBJECTIVE, f"#{switch.id}"): wanted for switch, wanted in zip(switches, state, strict=True)
    }
    scores[OBJECTIVE, "#lock"] = 0
    for number, unit in enumerate(units):
        scores[UNIT_OBJECTIVE, f"#{number}"] = combination(switches, unit.switches, state)
    return scores


def unit_facts(unit: Unit) -> dict[str, Any]:
    """A unit as plain data."""
    return {
        "switches": list(unit.switches),
        "cell": list(unit.cell),
        "pieces": [
            [[piece.name, *piece.at, piece.blocks] for piece in pieces] for pieces in unit.pieces
        ],
    }


def unit_of(facts: dict[str, Any]) -> Unit:
    """The unit that `unit_facts` described."""
    pieces = tuple(
        tuple(Piece(name, (x, y, z), blocks) for name, x, y, z, blocks in listed)
        for listed in facts["pieces"]
    )
    return Unit(tuple(facts["switches"]), (facts["cell"][0], facts["cell"][1]), pieces)


def write_layers(folder: Path, switches: Sequence[Switch], units: Sequence[Unit]) -> None:
    """Notes in a folder, the world's or its `NOTES`, which switches and units it has, for `mc-city
    layers`."""
    described = [
        {"id": one.id, "name": one.name, "options": list(one.options), "done_year": one.done_year}
        for one in switches
    ]
    text = json_file({"switches": described, "units": [unit_facts(unit) for unit in units]}, None)
    (folder / LAYERS_FILE).write_text(text, "utf-8", newline="\n")


def _require_consistent(switches: Sequence[Switch], units: Sequence[Unit]) -> None:
    """ValueError unless the units are about these switches, and each changes its own cell only."""
    if len({switch.id for switch in switches}) != len(switches):
        raise ValueError("two switches have one id")
    for number, unit in enumerate(units):
        chosen = unit.switches
        if list(chosen) != sorted(set(chosen)) or chosen[-1] >= len(switches):
            raise ValueError(f"units.{number}: its switches are not those of the world")
        if len(unit.pieces) != math.prod(switches[index].states for index in chosen):
            raise ValueError(f"units.{number}: has not one list of pieces for each combination")
        places = [piece.at for pieces in unit.pieces for piece in pieces]
        if not all(
            0 <= at[axis] - CELL * unit.cell[axis // 2] < CELL for at in places for axis in (0, 2)
        ):
            raise ValueError(f"units.{number}: has pieces outside its cell")
    if sum(unit.blocks for unit in units) > MOST_BLOCKS:
        raise ValueError(f"its units hold more than {MOST_BLOCKS:,} blocks")


def read_layers(world: Path) -> tuple[tuple[Switch, ...], tuple[Unit, ...]]:
    """WorldError when the notes are damaged; a world without any has no layers."""
    path = note_path(world, LAYERS_FILE)
    if not path.exists():
        return (), ()
    notes = read_note(path, SwitchesNote)
    switches = tuple(Switch(one.id, one.name, one.options, one.done_year) for one in notes.switches)
    units = tuple(unit_of(unit.model_dump()) for unit in notes.units)
    try:
        _require_consistent(switches, units)
    except ValueError as error:
        raise WorldError(f"{path}: not readable ({error})", hint=AGAIN) from error
    return switches, units


def require_inside(
    path: Path, unit: Unit, piece: Piece, change: Change, levels: tuple[int, int] = LEVELS
) -> Change:
    """The blocks that a structure sets; WorldError when they are not as many as the notes say, or
    some lie outside the unit's cell or the world's levels: then it is not the structure that the
    notes mean."""
    if len(change.x) != piece.blocks:
        fault = f"has {len(change.x):,} blocks, not {piece.blocks:,}"
        raise WorldError(f"{path}: {fault}", hint="take the world again from its zip or a backup")
    x, z = (
        axis - CELL * side for axis, side in ((change.x, unit.cell[0]), (change.z, unit.cell[1]))
    )
    level = change.y
    if len(x) and (
        min(x.min(), z.min()) < 0
        or max(x.max(), z.max()) >= CELL
        or level.min() < levels[0]
        or level.max() > levels[1]
    ):
        raise WorldError(
            f"{path}: has blocks outside its place in the world",
            hint="take the world again from its zip or a backup",
        )
    return change
