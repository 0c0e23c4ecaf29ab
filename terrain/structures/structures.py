"""Structures of a city: where each stands, how high, and in which state of the plans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.cutting import Rows, meeting, members
from terrain.frame import Grid
from terrain.structures.forms import Flat, Form, Stand
from terrain.structures.lines import Rope
from terrain.works.presence import Options, Presence

Bools = NDArray[np.bool_]


class Ropes(NamedTuple):
    """Pieces of wires, ropes and tracks. blocks: (m, 4) int32 x, y, z and the number of the block;
    starts: (n + 1,) int64, first block of each piece; boxes: (n, 4) float64, x and z minimum, x and
    z maximum; presence: of (n,) pieces."""

    blocks: NDArray[np.int32]
    starts: NDArray[np.int64]
    boxes: NDArray[np.float64]
    presence: Presence

    def __len__(self) -> int:
        return len(self.boxes)

    def of(self, grid: Grid, chosen: Bools) -> NDArray[np.int32]:
        """(k, 4) the blocks of the pieces of a mask (n,) that lie over the grid."""
        rows = np.flatnonzero(chosen & meeting(self.boxes, grid.rect)).astype(np.int64)
        blocks = self.blocks[members(self.starts, rows)[0]]
        x, z = blocks[:, 0] - grid.x0, blocks[:, 2] - grid.z0
        return blocks[(x >= 0) & (x < grid.nx) & (z >= 0) & (z < grid.nz)]


@dataclass(frozen=True, eq=False)
class Structures:
    """forms: what stands somewhere; table: (n, 4) int32, form, x and z of the column that it stands
    at, y of its lowest blocks; presence: of (n,) structures; given, by_rule: kind → how many that
    the data place, and that rules do; cut: those that reach beyond the world; skipped: reason → how
    many."""

    forms: tuple[Form, ...]
    table: NDArray[np.int32]
    boxes: NDArray[np.float64]
    presence: Presence
    ropes: Ropes
    given: Counter[str]
    by_rule: Counter[str]
    cut: int
    skipped: Counter[str]

    def __len__(self) -> int:
        return len(self.table)

    def there(self, grid: Grid, chosen: Bools) -> list[tuple[Form, int, int, int]]:
        """(form, x, z, y of its foot) of those of a mask (n,) that reach into the grid."""
        rows = np.flatnonzero(chosen & meeting(self.boxes, grid.rect))
        return [(self.forms[form], x, z, y) for form, x, z, y in self.table[rows].tolist()]

    def columns(self, grid: Grid, chosen: Bools) -> Bools:
        """(z, x) bool: the columns that structures of a mask (n,) take."""
        return self._marked(grid, [(form.low, x, z) for form, x, z, _ in self.there(grid, chosen)])

    def reached(self, grid: Grid, options: Options) -> Bools:
        """(z, x) bool: the columns that hold anything which the options take away."""
        concerned = self.presence.concerned(options)
        out = self._marked(
            grid, [(form.columns, x, z) for form, x, z, _ in self.there(grid, concerned)]
        )
        ropes = self.ropes.of(grid, self.ropes.presence.concerned(options))
        out[ropes[:, 2] - grid.z0, ropes[:, 0] - grid.x0] = True
        return out

    @staticmethod
    def _marked(grid: Grid, shapes: Sequence[tuple[Flat, int, int]]) -> Bools:
        out = np.zeros(grid.shape, bool)
        for flat, x, z in shapes:
            column, row = flat[:, 0] + (x - grid.x0), flat[:, 1] + (z - grid.z0)
            inside = (column >= 0) & (column < grid.nx) & (row >= 0) & (row < grid.nz)
            out[row[inside], column[inside]] = True
        return out

    def top_y(self, grid: Grid, active: Options) -> int | None:
        """The highest y that any of them reaches on the grid in a state, None without any."""
        tops = [y + form.top for form, _, _, y in self.there(grid, self.presence.standing(active))]
        ropes = self.ropes.of(grid, self.ropes.presence.standing(active))
        return max([*tops, *([int(ropes[:, 1].max())] if len(ropes) else [])], default=None)


def no_structures(options: int = 0) -> Structures:
    return structures_of([], [], np.zeros((options, 0), bool))


def _none_brought(takes: Bools) -> Presence:
    """Of things of today only. takes: (options, things)."""
    return Presence(np.zeros(takes.shape[::-1], bool), takes)


def structures_of(
    stands: Sequence[Stand],
    ropes: Sequence[Rope],
    takes: Bools,
    skipped: Counter[str] | None = None,
    highest_y: int = 1 << 20,
) -> Structures:
    """Stands whose foot is known. takes: (options, stands), which of them an option takes away; a
    rope goes with any that it hangs from; highest_y: of the world."""
    forms: dict[int, int] = {}
    kept: list[Form] = []
    rows, boxes = [], []
    for stand in stands:
        assert stand.foot_y is not None
        if id(stand.form) not in forms:
            forms[id(stand.form)] = len(kept)
            kept.append(stand.form)
        rows.append((forms[id(stand.form)], stand.x, stand.z, stand.foot_y))
        x0, z0, x1, z1 = stand.form.box
        boxes.append((stand.x + x0, stand.z + z0, stand.x + x1 + 1, stand.z + z1 + 1))
    table = np.array(rows, np.int32).reshape(-1, 4)
    tops = np.array([form.top for form in kept], np.int64)
    beyond = table[:, 3] + tops[table[:, 0]] > highest_y if len(table) else np.zeros(0, bool)
    return Structures(
        forms=tuple(kept),
        table=table,
        boxes=np.array(boxes, np.float64).reshape(-1, 4),
        presence=_none_brought(takes),
        ropes=_ropes_of(ropes, takes),
        given=Counter(stand.kind for stand in stands if not stand.by_rule),
        by_rule=Counter(stand.kind for stand in stands if stand.by_rule),
        cut=int(beyond.sum()),
        skipped=skipped or Counter(),
    )


def _ropes_of(ropes: Sequence[Rope], takes: Bools) -> Ropes:
    gone = np.zeros((len(takes), len(ropes)), bool)
    boxes = np.zeros((len(ropes), 4))
    for number, rope in enumerate(ropes):
        gone[:, number] = takes[:, list(rope.held)].any(axis=1)
        x, z = rope.blocks[:, 0], rope.blocks[:, 2]
        boxes[number] = x.min(), z.min(), x.max() + 1, z.max() + 1
    blocks = [np.zeros((0, 4), np.int32), *(rope.blocks for rope in ropes)]
    counts = [0, *(len(rope.blocks) for rope in ropes)]
    return Ropes(
        np.concatenate(blocks), np.cumsum(counts).astype(np.int64), boxes, _none_brought(gone)
    )


def cut_structures(structures: Structures, rows: Rows, ropes: Rows, options: Rows) -> Structures:
    """Some of the structures and of the pieces of ropes, with some of the options."""
    table, held = structures.table[rows].copy(), structures.ropes
    used, table[:, 0] = np.unique(table[:, 0], return_inverse=True)
    block, starts = members(held.starts, ropes)
    return Structures(
        forms=tuple(structures.forms[form] for form in used.tolist()),
        table=table,
        boxes=structures.boxes[rows],
        presence=_cut(structures.presence, rows, options),
        ropes=Ropes(
            held.blocks[block], starts, held.boxes[ropes], _cut(held.presence, ropes, options)
        ),
        given=Counter(),
        by_rule=Counter(),
        cut=0,
        skipped=Counter(),
    )


def _cut(presence: Presence, rows: Rows, options: Rows) -> Presence:
    return Presence(presence.options[np.ix_(rows, options)], presence.takes[np.ix_(options, rows)])
