"""Switches that are added to a world: in every state of all of them stands what is shown, whatever
stood there before, and units list the same places in every combination."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from worlds.merging import Added, Blocks, merged
from worlds.units_of import Places, cut_units

SIDE = 2 * CELL
"""Columns along a side of the world, in the middle of which cells meet."""
Place = tuple[int, int, int]


def change(blocks: dict[Place, int]) -> Change:
    places = np.array(sorted(blocks), np.int32).reshape(-1, 3)
    ids = np.array([blocks[tuple(place)] for place in places.tolist()], np.uint16)
    return Change(places[:, 0], places[:, 1], places[:, 2], ids)


def nothing_clears(table):
    return np.zeros(table.shape[1], bool)


class Tiny:
    """A world of a few columns. today: (x, y, z) → id, zero elsewhere; own: of each switch and
    state the blocks that it changes, each switch in columns of its own or joined with others."""

    def __init__(self, today: dict[Place, int], own: list[list[dict[Place, int]]]) -> None:
        self.today = today
        self.own = own
        self.switches = tuple(
            Switch(f"own_{number}", "", ("a", "b")[: len(states)])
            for number, states in enumerate(own)
        )
        self.changes: dict[str, Change] = {}
        self.units: list[Unit] = []
        columns: dict[tuple[int, int], set[int]] = {}
        for number, states in enumerate(own):
            for x, _, z in itertools.chain(*states):
                columns.setdefault((x, z), set()).add(number)
        for chosen in sorted({tuple(sorted(one)) for one in columns.values()}):
            mine = {column for column, one in columns.items() if tuple(sorted(one)) == chosen}
            places = sorted(
                {
                    place
                    for number in chosen
                    for place in itertools.chain(*own[number])
                    if (place[0], place[2]) in mine
                }
            )
            wanted = list(combinations(self.switches, chosen))
            table = np.array(
                [
                    [self._at(place, dict(zip(chosen, states, strict=True))) for place in places]
                    for states in wanted
                ],
                np.uint16,
            )
            x, y, z = np.array(places, np.int32).T
            name = ".".join(self.switches[number].id for number in chosen)
            for unit, made in cut_units(
                Places(x, y, z), table, chosen, name=name, clears=nothing_clears(table)
            ):
                self.units.append(unit)
                self.changes |= made

    def _at(self, place: Place, state: dict[int, int]) -> int:
        found = self.today.get(place, 0)
        for number, shown in sorted(state.items()):
            if shown:
                found = self.own[number][shown - 1].get(place, found)
        return found

    def layers(self) -> Layers:
        nothing = (0,) * len(self.units)
        return Layers(self.switches, tuple(self.units), (0,) * len(self.switches), nothing)

    def blocks(self) -> Blocks:
        def read(unit: Unit, number: int) -> Change:
            (piece,) = unit.pieces[number]
            return self.changes[piece.name]

        def today(places: Places):
            at = zip(*(axis.tolist() for axis in places), strict=True)
            return np.array([self.today.get(place, 0) for place in at], np.uint16)

        return Blocks(read, today, nothing_clears)


near = st.tuples(st.integers(CELL - 3, CELL + 2), st.integers(60, 63), st.integers(-3, 2))
some = st.dictionaries(near, st.integers(0, 6), min_size=1, max_size=12)


@settings(max_examples=60)
@given(
    some,
    st.lists(st.lists(some, min_size=1, max_size=2), max_size=2),
    st.lists(st.lists(some, min_size=1, max_size=2), min_size=1, max_size=2),
    st.sets(near, max_size=4),
    st.randoms(use_true_random=False),
)
def test_every_state_is_what_is_laid_directly(today, own, added, fixed, lot):
    world = Tiny(today, own)
    new = [
        Added(
            Switch(f"new_{number}", "", ("a", "b")[: len(options)]),
            tuple(
                # Nothing is exhibited where a board stands.
                change({at: block for at, block in one.items() if at not in fixed})
                for one in options
            ),
        )
        for number, options in enumerate(added)
    ]
    places = Places(*np.array(sorted(fixed), np.int32).reshape(-1, 3).T)
    joined = merged(world.layers(), new, world.blocks(), places)
    changes = {**world.changes, **joined.changes}
    assert not joined.gone & {p.name for unit in joined.units for p in unit.distinct_pieces()}
    stands = dict(today)
    states = list(itertools.product(*(range(one.states) for one in joined.switches)))
    for state in [lot.choice(states) for _ in range(4)] + [states[0]]:
        for unit in joined.units:
            for piece in unit.pieces[combination(joined.switches, unit.switches, state)]:
                one = changes[piece.name]
                ids = one.ids.tolist()
                at = zip(one.x.tolist(), one.y.tolist(), one.z.tolist(), strict=True)
                stands.update(zip(at, ids, strict=True))
        wanted = dict(today)
        for number, states_of_one in enumerate(own):
            if state[number]:
                wanted |= states_of_one[state[number] - 1]
        for number, options in enumerate(added):
            if state[len(own) + number]:
                wanted |= options[state[len(own) + number] - 1]
        wanted |= {at: today.get(at, 0) for at in fixed}
        alike = {at: stands.get(at, 0) for at in stands.keys() | wanted.keys()}
        assert alike == {at: wanted.get(at, 0) for at in alike}, state
    for unit, score in zip(joined.units, joined.standing, strict=True):
        listed = [
            np.concatenate(
                [np.stack([changes[p.name].x, changes[p.name].y, changes[p.name].z]) for p in one],
                axis=1,
            ).tobytes()
            for one in unit.pieces
        ]
        assert len(set(listed)) == 1
        assert score == (NO_UNIT if max(unit.switches) >= len(own) else 0)


def test_units_that_are_not_touched_stay_as_they_are():
    world = Tiny({}, [[{(2, 60, 2): 1}], [{(40, 60, 2): 1}]])
    new = Added(Switch("new", "", ("",)), (change({(40, 60, 2): 3, (41, 60, 2): 4}),))
    joined = merged(world.layers(), [new], world.blocks())
    assert joined.units[0] == world.units[0]
    assert {unit.switches for unit in joined.units} == {(0,), (1, 2), (2,)}
    assert joined.gone == {piece.name for piece in world.units[1].distinct_pieces()}
    assert joined.standing == (0, NO_UNIT, NO_UNIT)


def test_more_states_than_may_meet_are_refused():
    own = [[{(2, 60, 2): number}, {(2, 60, 2): number + 1}] for number in range(1, 4)]
    world = Tiny({}, own)
    options = tuple(change({(2, 60, 2): number}) for number in range(5))
    new = Added(Switch("new", "", tuple("abcde")), options)
    assert MOST_STATES < 27 * 6
    with pytest.raises(WorldError, match="states of layers meet"):
        merged(world.layers(), [new], world.blocks())
