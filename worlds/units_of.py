"""Units and their pieces out of what stands in each combination of some switches' states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.java.palettes import WATER_PLANTS, explicit
from worlds.layers import CELL, PIECE, Change, Piece, Unit
from worlds.volume import AIR, BlockState

Table = NDArray[np.uint16]
"""(combinations, places): the id of each place in each combination."""


class Places(NamedTuple):
    """(n,) int32 each, in blocks of the world."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]


def cleared_first(
    states: Sequence[BlockState], table: Table, anywhere: bool = False
) -> NDArray[np.bool_]:
    """(places,) bool: where one combination has water and another a block that takes it up, the
    game would waterlog it, so such places are cleared first. states: what the ids mean; anywhere:
    whether there may be water in each place, whatever the combinations say."""
    watery = ("water", *WATER_PLANTS)
    wet, takes = np.zeros(len(states), bool), np.zeros(len(states), bool)
    for number in np.unique(table).tolist():
        state = states[number]
        wet[number] = state.name.removeprefix("minecraft:") in watery
        takes[number] = state != AIR and "waterlogged" in dict(explicit(state).properties)
    found: NDArray[np.bool_] = (wet[table].any(axis=0) | anywhere) & takes[table].any(axis=0)
    return found


def cut_units(
    places: Places,
    table: Table,
    chosen: tuple[int, ...],
    name: str,
    clears: NDArray[np.bool_],
    air: int = 0,
) -> Iterator[tuple[Unit, dict[str, Change]]]:
    """Units of a cell each, with the blocks of their pieces by name. chosen: the switches; name: of
    these, in names of pieces; clears: as of `cleared_first`; air: its id."""
    x, y, z = places
    cells = np.stack([z // CELL, x // CELL])
    # The game places from below; so do we, cell by cell.
    order = np.lexsort((x, z, y, cells[1], cells[0]))
    borders = np.flatnonzero(np.diff(cells[:, order], axis=1).any(axis=0)) + 1
    for mine in np.split(order, borders):
        at = int(x[mine[0]]) // CELL, int(z[mine[0]]) // CELL
        folder = f"x{at[0]}_z{at[1]}/{name}"
        made: dict[str, Change] = {}
        first, listed = _slices(mine[clears[mine]], y), _slices(mine, y)
        pieces: list[tuple[Piece, ...]] = []
        for number in range(len(table)):
            cleared = [
                (f"clear_{part}", rows, np.full(len(rows), air, np.uint16))
                for part, rows in enumerate(first)
            ]
            own = [
                (f"{number}_{part}", rows, table[number, rows]) for part, rows in enumerate(listed)
            ]
            pieces.append(
                tuple(
                    _piece(f"{folder}/{what}", Change(x[rows], y[rows], z[rows], ids), made)
                    for what, rows, ids in (*cleared, *own)
                )
            )
        yield Unit(chosen, at, tuple(pieces)), made


def _piece(name: str, change: Change, made: dict[str, Change]) -> Piece:
    made[name] = change
    at = int(change.x.min()), int(change.y.min()), int(change.z.min())
    return Piece(name, at, len(change.x))


def _slices(rows: NDArray[np.int64], y: NDArray[np.int32]) -> list[NDArray[np.int64]]:
    """The places in slices of PIECE blocks of height, from below."""
    if not len(rows):
        return []
    level = (y[rows] - y[rows].min()) // PIECE
    return [rows[level == number] for number in np.unique(level)]
