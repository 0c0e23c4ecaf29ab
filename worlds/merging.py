"""Switches that are added to a world that has some already: what they change, joined with what the
others change in the same columns, so that every state of all of them is right in any order.

A column that a new switch can change belongs to one unit with all switches that can change it, the
world's own included. In each combination of their states stands: the block of a new switch that is
shown, later ones over earlier; else what the world's own unit has there in that combination; else
what stands in the world today. Units without such columns stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.layers import (
    CELL,
    MOST_STATES,
    NO_UNIT,
    Change,
    Layers,
    Switch,
    Unit,
    combination,
    combinations,
)
from worlds.units_of import Places, Table, cut_units

Numbers = NDArray[np.int64]
NOWHERE = Places(*(np.zeros(0, np.int32) for _ in range(3)))
Read = Callable[[Unit, int], Change]
"""What a combination of a unit sets; ids as those of what is added."""


@dataclass(frozen=True)
class Added:
    """A new switch. options: the blocks of each of its options, each place once."""

    switch: Switch
    options: tuple[Change, ...]


@dataclass(frozen=True)
class Joined:
    """A world's switches and units with those that were added. standing: of each unit, NO_UNIT of
    those that are new; changes: the blocks of new pieces by name; gone: names of pieces that no
    unit has any more."""

    switches: tuple[Switch, ...]
    units: tuple[Unit, ...]
    standing: tuple[int, ...]
    changes: dict[str, Change]
    gone: frozenset[str]


@dataclass(frozen=True)
class Blocks:
    """What merging asks of an edition. read: of a unit; today: the ids of what stands at places;
    clears: which of the places of a table are cleared first."""

    read: Read
    today: Callable[[Places], NDArray[np.uint16]]
    clears: Callable[[Table], NDArray[np.bool_]]


def columns_of(change: Change) -> Numbers:
    """(n,) the columns of a change's blocks, a number each."""
    return columns_at(change.x, change.z)


def columns_at(x: NDArray[np.int32] | Numbers, z: NDArray[np.int32] | Numbers) -> Numbers:
    """(n,) a number of its own for each column."""
    return (x.astype(np.int64) << 32) + z


def _keys(change: Change) -> Numbers:
    """(n,) a number for each place; what it is does not matter."""
    x, y, z = (axis.astype(np.int64) for axis in (change.x, change.y, change.z))
    return ((x + (1 << 25)) << 38) | ((z + (1 << 25)) << 12) | (y + 2048)


def _rows(change: Change, rows: NDArray[np.bool_] | Numbers) -> Change:
    return Change(change.x[rows], change.y[rows], change.z[rows], change.ids[rows])


@dataclass(frozen=True)
class _Held:
    """A unit of the world that has columns which new switches change, or places that are the same
    in every state now. number: in the world; places: its other blocks in its first combination;
    table: (combinations, places); hit: (places,) bool, those in such columns; columns: of its
    places."""

    number: int
    unit: Unit
    places: Change
    table: Table
    hit: NDArray[np.bool_]
    columns: Numbers


def _held(layers: Layers, touched: Numbers, fixed: Change, read: Read) -> list[_Held]:
    columns = np.unique(np.concatenate([touched, columns_of(fixed)]))
    # The lower half of a number is z itself; where that is negative the upper half is one less.
    z = columns.astype(np.int32)
    x = (columns - z) >> 32
    cells = set(zip((x // CELL).tolist(), (z // CELL).tolist(), strict=True))
    found, stays = [], np.sort(_keys(fixed))
    for number, unit in enumerate(layers.units):
        if unit.cell not in cells:
            continue
        first = read(unit, 0)
        hit, free = np.isin(columns_of(first), touched), ~np.isin(_keys(first), stays)
        if hit.any() or not free.all():
            others = [read(unit, count).ids for count in range(1, len(unit.pieces))]
            table = np.stack([first.ids, *others])[:, free]
            first = _rows(first, free)
            found.append(
                _Held(number, unit, first, table, hit=hit[free], columns=columns_of(first))
            )
    return found


def _sets_by_column(
    touched: Numbers, sources: Iterable[tuple[frozenset[int], Numbers]]
) -> tuple[list[frozenset[int]], Numbers]:
    """(sets of switches, of each touched column the number of its set). sources: switches, and
    columns that they change."""
    sets: list[frozenset[int]] = [frozenset()]
    known = {sets[0]: 0}
    label = np.zeros(len(touched), np.int64)
    for switches, columns in sources:
        at = np.searchsorted(touched, np.unique(columns))
        table = np.arange(len(sets))
        for number in np.unique(label[at]).tolist():
            wider = sets[number] | switches
            table[number] = known.setdefault(wider, len(sets))
            if table[number] == len(sets):
                sets.append(wider)
        label[at] = table[label[at]]
    return sets, label


def states_of(switches: Sequence[Switch], chosen: Iterable[int]) -> int:
    """How many combinations some switches have."""
    count = 1
    for index in chosen:
        count *= switches[index].states
    return count


@dataclass(frozen=True)
class _Meeting:
    """Columns in which the same switches meet. chosen: these, ascending; added: (index of the
    switch, its option from 1, its blocks here); held: (unit, its rows here)."""

    chosen: tuple[int, ...]
    added: list[tuple[int, int, Change]]
    held: list[tuple[_Held, Numbers]]


@dataclass(frozen=True)
class _Joint:
    """What meets, at all places that it may change, each once. open_ground: rows where no unit of
    the world says what stands; at_added, at_held: rows of each of the meeting's parts."""

    meeting: _Meeting
    places: Places
    open_ground: Numbers
    at_added: list[Numbers]
    at_held: list[Numbers]


def _joint(meeting: _Meeting) -> _Joint:
    held = [_rows(one.places, rows) for one, rows in meeting.held]
    parts = [*(change for *_, change in meeting.added), *held]
    keys, first = np.unique(np.concatenate([_keys(part) for part in parts]), return_index=True)
    x, y, z = (
        np.concatenate([getattr(part, axis) for part in parts])[first].astype(np.int32)
        for axis in "xyz"
    )
    at_held = [np.searchsorted(keys, _keys(part)) for part in held]
    known = np.zeros(len(keys), bool)
    for at in at_held:
        known[at] = True
    return _Joint(
        meeting,
        Places(x, y, z),
        np.flatnonzero(~known),
        [np.searchsorted(keys, _keys(change)) for *_, change in meeting.added],
        at_held,
    )


def _today(joints: Sequence[_Joint], blocks: Blocks) -> list[NDArray[np.uint16]]:
    """What stands in the world on the open ground of each: asked once, as worlds are slow to
    open."""
    wanted = [Places(*(axis[one.open_ground] for axis in one.places)) for one in joints]
    if not wanted:
        return []
    found = blocks.today(Places(*(np.concatenate(axes) for axes in zip(*wanted, strict=True))))
    return np.split(found, np.cumsum([len(one.x) for one in wanted])[:-1])


def _table(
    joint: _Joint, today: NDArray[np.uint16], switches: Sequence[Switch]
) -> tuple[Places, Table] | None:
    """What stands in each combination, at the places that are not the same in all of them; None
    where there are none. today: on the open ground."""
    meeting, (x, y, z) = joint.meeting, joint.places
    base = np.zeros(len(x), np.uint16)
    base[joint.open_ground] = today
    wanted = list(combinations(switches, meeting.chosen))
    table = np.tile(base, (len(wanted), 1))
    full = [0] * len(switches)
    for number, states in enumerate(wanted):
        for index, state in zip(meeting.chosen, states, strict=True):
            full[index] = state
        for (one, rows), at in zip(meeting.held, joint.at_held, strict=True):
            table[number, at] = one.table[combination(switches, one.unit.switches, full)][rows]
        for (index, option, change), at in zip(meeting.added, joint.at_added, strict=True):
            if full[index] == option:
                table[number, at] = change.ids
    differs = (table != table[0]).any(axis=0)
    if not differs.any():
        return None
    return Places(x[differs], y[differs], z[differs]), table[:, differs]


def _meetings(
    switches: Sequence[Switch], own: int, added: Sequence[Added], held: Sequence[_Held]
) -> list[_Meeting]:
    """Where new switches, the `own` first being the world's, meet with others. WorldError where
    they have more than MOST_STATES combinations."""
    options = [
        (own + place, number, change)
        for place, one in enumerate(added)
        for number, change in enumerate(one.options, 1)
    ]
    columns = [columns_of(change) for *_, change in options]
    touched = np.unique(np.concatenate(columns)) if columns else np.zeros(0, np.int64)
    sources = [
        (frozenset((index,)), mine) for (index, *_), mine in zip(options, columns, strict=True)
    ]
    sources += [(frozenset(one.unit.switches), one.columns[one.hit]) for one in held]
    sets, label = _sets_by_column(touched, sources)
    meetings = {
        number: _Meeting(tuple(sorted(chosen)), [], [])
        for number, chosen in enumerate(sets)
        if chosen
    }
    for (index, option, change), mine in zip(options, columns, strict=True):
        where = label[np.searchsorted(touched, mine)]
        for number in np.unique(where).tolist():
            part = _rows(change, where == number)
            meetings[number].added.append((index, option, part))
    for one in held:
        rows = np.flatnonzero(one.hit)
        where = label[np.searchsorted(touched, one.columns[rows])]
        for number in np.unique(where).tolist():
            meetings[number].held.append((one, rows[where == number]))
    found = [meeting for meeting in meetings.values() if meeting.added]
    for meeting in found:
        if states_of(switches, meeting.chosen) > MOST_STATES:
            raise WorldError(
                f"more than {MOST_STATES} states of layers meet in one column",
                hint="take the world that was handed out again from its zip or .mcworld",
            )
    return sorted(found, key=lambda meeting: meeting.chosen)


def _left(one: _Held, blocks: Blocks) -> tuple[list[Unit], dict[str, Change]]:
    """What a unit keeps of its columns, under its old names."""
    rows = ~one.hit
    if not rows.any():
        return [], {}
    x, y, z = (axis[rows].astype(np.int32) for axis in (one.places.x, one.places.y, one.places.z))
    name = one.unit.pieces[0][0].name.split("/")[1]
    table = one.table[:, rows]
    units, changes = list[Unit](), dict[str, Change]()
    for unit, made in cut_units(
        Places(x, y, z), table, one.unit.switches, name=name, clears=blocks.clears(table)
    ):
        units.append(unit)
        changes.update(made)
    return units, changes


def merged(
    layers: Layers, added: Sequence[Added], blocks: Blocks, fixed: Places = NOWHERE
) -> Joined:
    """The world's layers with more of them. fixed: places that are the same in every state from now
    on. WorldError where more than MOST_STATES combinations meet in one column: the caller keeps
    them apart."""
    switches = (*layers.switches, *(one.switch for one in added))
    parts = [columns_of(change) for one in added for change in one.options]
    touched = np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
    stays = Change(*fixed, np.zeros(len(fixed.x), np.uint16))
    held = _held(layers, touched, stays, blocks.read)
    units: list[tuple[Unit, int]] = []
    changes: dict[str, Change] = {}
    before: set[str] = set()
    by_number = {one.number: one for one in held}
    for number, (unit, stands) in enumerate(zip(layers.units, layers.standing, strict=True)):
        if number not in by_number:
            units.append((unit, stands))
            continue
        before.update(piece.name for piece in unit.distinct_pieces())
        kept, made = _left(by_number[number], blocks)
        units += [(one, stands) for one in kept]
        changes.update(made)
    joints = [_joint(each) for each in _meetings(switches, len(layers.switches), added, held)]
    for joint, today in zip(joints, _today(joints, blocks), strict=True):
        found = _table(joint, today, switches)
        if found is None:
            continue
        chosen = joint.meeting.chosen
        name = ".".join(switches[index].id for index in chosen)
        for unit, made in cut_units(*found, chosen, name=name, clears=blocks.clears(found[1])):
            units.append((unit, NO_UNIT))
            changes.update(made)
    used = {piece.name for unit, _ in units for piece in unit.distinct_pieces()}
    return Joined(
        switches,
        tuple(unit for unit, _ in units),
        tuple(stands for _, stands in units),
        changes,
        frozenset(before - used),
    )
