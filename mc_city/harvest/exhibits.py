"""Which proposals are exhibited, and as which switches: those that stand in one another's place are
variants of one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.harvest.proposals import Proposal
from mc_city.harvest.saying import KINDS, shortened
from worlds.layers import CELL, MOST_STATES, Layers, Switch
from worlds.merging import columns_at, states_of
from worlds.words import Words

MOST_EXHIBITS = 240
"""Proposals of one exhibition, the largest ones: one walks through them, and each has functions of
its own."""
MOST_BLOCKS, MOST_TOGETHER = 250_000, 3_000_000
"""Of a proposal, and of all of them, each counted once for each state of its variants."""
MOST_VARIANTS = 9
"""Of one place; fewer where layers of the world meet there."""
LETTERS = 60
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A proposal that is exhibited. name: as it is called in the world; switch: its id; option: of
    that switch, from 1; ballot: the id of its votes; beside: how many stand in its place."""

    proposal: Proposal
    name: str
    switch: str
    option: int
    ballot: str
    beside: int

    @property
    def built(self) -> Built:
        return self.proposal.built


@dataclass(frozen=True)
class NotShown:
    """A proposal that is not exhibited, by its number, and why."""

    number: int
    reason: str


@dataclass(frozen=True, eq=False)
class Exhibition:
    """switches: with the exhibits that are their options, in the order of these; not_shown: what is
    left out."""

    switches: tuple[tuple[Switch, tuple[Exhibit, ...]], ...]
    not_shown: tuple[NotShown, ...] = ()

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """All of them, by their numbers."""
        found = (one for _, options in self.switches for one in options)
        return tuple(sorted(found, key=lambda one: one.proposal.number))


def columns_of(built: Built) -> Numbers:
    """The columns in which blocks are other, each once, a number each."""
    return np.unique(columns_at(built.x, built.z))


def widened(columns: Numbers) -> Numbers:
    """Columns and those around them."""
    steps = [(dx << 32) + dz for dx in (-1, 0, 1) for dz in (-1, 0, 1)]
    near: Numbers = np.unique((columns[:, None] + np.array(steps)).reshape(-1))
    return near


@dataclass(eq=False)
class _Place:
    """Proposals that stand in one another's place. columns: of all of them; room: how many may be
    shown there, one at a time; cost: of their blocks."""

    members: list[Proposal]
    columns: Numbers
    room: int
    blocks: int = field(default=0)


def room_in(layers: Sequence[Layers]) -> Callable[[Numbers], int]:
    """Says for columns how many variants there may be beside the world's own layers. layers: of
    each edition."""
    most: dict[tuple[int, int], int] = {}
    for one in layers:
        for unit in one.units:
            states = states_of(one.switches, unit.switches)
            most[unit.cell] = max(most.get(unit.cell, 1), states)

    def room(columns: Numbers) -> int:
        z = columns.astype(np.int32)
        x = (columns - z) >> 32
        cells = set(zip((x // CELL).tolist(), (z // CELL).tolist(), strict=True))
        states = max((most.get(cell, 1) for cell in cells), default=1)
        return min(MOST_VARIANTS, MOST_STATES // states - 1)

    return room


def _placed(
    proposals: Iterable[Proposal], room: Callable[[Numbers], int]
) -> tuple[list[_Place], list[NotShown]]:
    """The proposals by their places, largest first, and those for which a place has no room."""
    places: list[_Place] = []
    left: list[NotShown] = []
    together = 0
    for one in proposals:
        columns = columns_of(one.built)
        near = widened(columns)
        met = [place for place in places if np.isin(near, place.columns, True).any()]
        members = [one, *(each for place in met for each in place.members)]
        everything = np.unique(np.concatenate([columns, *(place.columns for place in met)]))
        most = room(everything)
        blocks = len(one.built) + sum(place.blocks for place in met)
        cost = blocks * (len(members) + 1)
        saved = sum(place.blocks * (len(place.members) + 1) for place in met)
        if most < 1:
            left.append(NotShown(one.number, "too many layers of the world meet there"))
        elif len(members) > most:
            left.append(NotShown(one.number, f"more than {most} stand in one place"))
        elif together + cost - saved > MOST_TOGETHER:
            left.append(NotShown(one.number, "the exhibition has too many blocks"))
        else:
            together += cost - saved
            places = [place for place in places if place not in met]
            places.append(_Place(members, everything, most, blocks))
    return places, left


def unused(wanted: str, taken: Collection[str]) -> str:
    """The name, or the next one that nobody has."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def exhibit_name(proposal: Proposal, words: Words) -> str:
    """`12. Torn, klass 4b`: never who."""
    said = KINDS[proposal.kind]
    kind = said.swedish if words.language == "sv" else said.english
    school_class = shortened(proposal.sender.school_class, 20)
    klass = words.own["idea_class"].format(name=school_class) if school_class else ""
    whole = f"{proposal.number}. {kind[:1].upper()}{kind[1:]}" + (f", {klass}" if klass else "")
    return shortened(whole, LETTERS)


def exhibition_of(
    proposals: Sequence[Proposal],
    layers: Sequence[Layers],
    words: Words,
    taken: Collection[str] = (),
) -> Exhibition:
    """What of a harvest is exhibited. layers: of the handed-out world in each edition; taken: ids
    that the world has."""
    left = [
        NotShown(one.number, "has words and no blocks") for one in proposals if not len(one.built)
    ]
    left += [
        NotShown(one.number, f"has more than {MOST_BLOCKS:,} blocks")
        for one in proposals
        if len(one.built) > MOST_BLOCKS
    ]
    able = [one for one in proposals if 0 < len(one.built) <= MOST_BLOCKS]
    able.sort(key=lambda one: (-len(one.built), one.number))
    left += [
        NotShown(one.number, f"{MOST_EXHIBITS} larger ones are exhibited")
        for one in able[MOST_EXHIBITS:]
    ]
    places, without_room = _placed(able[:MOST_EXHIBITS], room_in(layers))
    used = set(taken)
    switches = []
    for place in sorted(places, key=lambda place: min(one.number for one in place.members)):
        members = sorted(place.members, key=lambda one: one.number)
        names = [exhibit_name(one, words) for one in members]
        numbers = [str(one.number) for one in members]
        alone = len(members) == 1
        name = names[0] if alone else f"{words.own['idea_ideas']} {', '.join(numbers)}"
        switch_id = unused(f"{'idea' if alone else 'ideas'}_{numbers[0]}", used)
        used.add(switch_id)
        exhibits = []
        for option, (one, called) in enumerate(zip(members, names, strict=True), 1):
            ballot = switch_id if alone else unused(f"idea_{one.number}", used)
            used.add(ballot)
            exhibits.append(
                Exhibit(one, called, switch_id, option, ballot=ballot, beside=len(members))
            )
        options = ("",) if alone else tuple(numbers)
        switches.append((Switch(switch_id, name, options), tuple(exhibits)))
    gone = sorted([*left, *without_room], key=lambda one: one.number)
    return Exhibition(tuple(switches), tuple(gone))
