"""What classes built, where it stands in this city: blocks that go over all else while their layer
is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.developments.developments import KEPT, Developments
from mc_city.placing.posts import Posts
from mc_city.site.ideas import Ideas, KeptShape
from terrain.columns.cutting import Rows, meeting, members, renumbered
from terrain.frame import Grid
from terrain.works.presence import Options
from worlds.canvas import Canvas
from worlds.fixtures import Fixture, Sign
from worlds.layers import Change
from worlds.volume import BlockState, BlockVolume, Palette

Bools = NDArray[np.bool_]


class KeptSign(NamedTuple):
    """A sign that says something. owner: which proposal it is of; state: its block."""

    owner: int
    sign: Sign
    state: BlockState


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptBlocks:
    """Blocks of proposals, in the order in which later ones stand over earlier ones.

    x, y, z: (m,) int32, blocks of the world; state: (m,) int32, numbers of `states`; starts: (n +
    1,) int64, the first block of each proposal; boxes: (n, 4) float64, x and z minimum, x and z
    maximum; options: (n, options) bool, those that show each; signs: what is written.
    """

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    state: NDArray[np.int32]
    states: tuple[BlockState, ...]
    starts: NDArray[np.int64]
    boxes: NDArray[np.float64]
    options: Bools
    signs: tuple[KeptSign, ...] = ()

    def __len__(self) -> int:
        return len(self.boxes)

    def __repr__(self) -> str:
        return f"KeptBlocks({len(self)} proposals, {len(self.x)} blocks)"

    def on(self, grid: Grid, active: Options) -> NDArray[np.int64]:
        """(k,) the blocks over the grid of what some options show, in their order."""
        shown = (self.options & active).any(axis=1) & meeting(self.boxes, grid.rect)
        rows = members(self.starts, np.flatnonzero(shown).astype(np.int64))[0]
        x, z = self.x[rows] - grid.x0, self.z[rows] - grid.z0
        return rows[(x >= 0) & (x < grid.nx) & (z >= 0) & (z < grid.nz)]

    def columns(self, grid: Grid, options: Options) -> Bools:
        """(z, x) bool: the columns in which they stand."""
        out, rows = np.zeros(grid.shape, bool), self.on(grid, options)
        out[self.z[rows] - grid.z0, self.x[rows] - grid.x0] = True
        return out

    def levels(self, grid: Grid, active: Options) -> list[int]:
        """The lowest and the highest y on the grid; nothing where there is none."""
        y = self.y[self.on(grid, active)]
        return [int(y.min()), int(y.max())] if len(y) else []


def no_kept_blocks(options: int = 0) -> KeptBlocks:
    nothing = np.zeros(0, np.int32)
    return KeptBlocks(
        x=nothing, y=nothing, z=nothing, state=nothing, states=(),
        starts=np.zeros(1, np.int64), boxes=np.zeros((0, 4)), options=np.zeros((0, options), bool),
    )  # fmt: skip


def _barred(x: NDArray[np.int32], z: NDArray[np.int32], fixtures: Sequence[Fixture]) -> Bools:
    """(n,) bool: the places that are alike in every state of the world."""
    out = np.zeros(len(x), bool)
    for fixture in fixtures:
        ground = fixture.ground
        across = (x >= ground.x) & (x < ground.x + ground.nx)
        out |= across & (z >= ground.z) & (z < ground.z + ground.nz)
    return out


def _worded(x: NDArray[np.int32], z: NDArray[np.int32], sign: Bools, posts: Posts) -> Bools:
    """(n,) bool: signs in a column where the city has words for one."""
    columns = posts.x.astype(np.int64) << 32 | (posts.z.astype(np.int64) & 0xFFFFFFFF)
    own = x.astype(np.int64) << 32 | (z.astype(np.int64) & 0xFFFFFFFF)
    return np.asarray(sign & np.isin(own, columns), bool)


def place_ideas(
    found: Ideas, developments: Developments, fixtures: Sequence[Fixture], posts: Posts
) -> KeptBlocks:
    """The blocks of all proposals that are kept block for block, by the rank of their layers, but
    for those that may not be: see `left_out`."""
    features = developments.roles.get(KEPT)
    if features is None or not len(features):
        return no_kept_blocks(len(developments.options))
    number = dict[BlockState, int]()
    parts, boxes, signs = [], [], list[KeptSign]()
    for owner, row in enumerate(features.values(KEPT)):
        kept = found.ideas[int(row)].kept
        assert kept is not None
        bad, _ = _left_out(kept.x, kept.z, _is_sign(kept.states)[kept.state], fixtures, posts)
        table = np.array([number.setdefault(state, len(number)) for state in kept.states], np.int32)
        parts.append((kept.x[~bad], kept.y[~bad], kept.z[~bad], table[kept.state[~bad]]))
        signs += _signs(kept, ~bad, owner)
        x, z = parts[-1][0], parts[-1][2]
        far = 1 << 30
        boxes.append(
            (x.min(), z.min(), x.max() + 1, z.max() + 1) if len(x) else (far, far, far, far)
        )
    x, y, z, state = (
        np.concatenate([part[axis] for part in parts]).astype(np.int32) for axis in range(4)
    )
    return KeptBlocks(
        x=x, y=y, z=z, state=state, states=tuple(number),
        starts=np.cumsum([0, *(len(part[0]) for part in parts)]).astype(np.int64),
        boxes=np.array(boxes, np.float64).reshape(-1, 4), options=features.options,
        signs=_told_apart(signs),
    )  # fmt: skip


def _signs(kept: KeptShape, there: Bools, owner: int) -> list[KeptSign]:
    """The signs of a proposal that say something and are among those blocks (n,) bool."""
    rows = np.flatnonzero(there & _is_sign(kept.states)[kept.state])
    at = np.stack([kept.x, kept.y, kept.z], axis=1)[rows].tolist()
    return [
        KeptSign(owner, Sign((x, y, z), kept.signs[x, y, z]), kept.states[state])
        for (x, y, z), state in zip(at, kept.state[rows].tolist(), strict=True)
        if (x, y, z) in kept.signs
    ]


def _told_apart(signs: Sequence[KeptSign]) -> tuple[KeptSign, ...]:
    """Those of which the block says what is written on it: two proposals may have the same sign in
    one place with other words, and those say nothing."""
    said: dict[tuple[object, BlockState], set[tuple[str, ...]]] = {}
    for one in signs:
        said.setdefault((one.sign.at, one.state), set()).add(one.sign.lines)
    return tuple(one for one in signs if len(said[one.sign.at, one.state]) == 1)


def kept_signs(volume: BlockVolume, kept: KeptBlocks) -> tuple[Sign, ...]:
    """The signs of proposals that stand in a volume."""
    found: dict[tuple[int, int, int], Sign] = {}
    for _, sign, state in kept.signs:
        x, y, z = sign.at
        place = y - volume.y0, z - volume.z0, x - volume.x0
        inside = all(0 <= at < size for at, size in zip(place, volume.ids.shape, strict=True))
        if inside and volume.ids[place] == volume.palette.id(state):
            found[sign.at] = sign
    return tuple(found.values())


def kept_signs_among(change: Change, kept: KeptBlocks, palette: Palette) -> dict[int, Sign]:
    """By number of a block of a change the sign of a proposal that it is."""
    if not kept.signs:
        return {}
    named = {(*one.sign.at, palette.id(one.state)): one.sign for one in kept.signs}
    rows = np.flatnonzero(np.isin(change.ids, [key[3] for key in named])).tolist()
    keys = (
        (int(change.x[row]), int(change.y[row]), int(change.z[row]), int(change.ids[row]))
        for row in rows
    )
    return {row: named[key] for row, key in zip(rows, keys, strict=True) if key in named}


def _is_sign(states: Sequence[BlockState]) -> Bools:
    return np.array([state.name.endswith("_sign") for state in states], bool)


def _left_out(
    x: NDArray[np.int32],
    z: NDArray[np.int32],
    sign: Bools,
    fixtures: Sequence[Fixture],
    posts: Posts,
) -> tuple[Bools, Counter[str]]:
    """((n,) bool, the same by reason): blocks that are not set."""
    barred = _barred(x, z, fixtures)
    worded = _worded(x, z, sign, posts) & ~barred
    counts = {
        "where a board or the city room stands": int(barred.sum()),
        "signs where the city has one": int(worded.sum()),
    }
    return barred | worded, Counter({why: count for why, count in counts.items() if count})


def left_out(found: Ideas, fixtures: Sequence[Fixture], posts: Posts) -> list[Counter[str]]:
    """For each proposal the blocks that are not set, by reason."""
    out = []
    for idea in found.ideas:
        counts = Counter(idea.left_out)
        if idea.kept is not None:
            sign = _is_sign(idea.kept.states)[idea.kept.state]
            counts += _left_out(idea.kept.x, idea.kept.z, sign, fixtures, posts)[1]
        out.append(counts)
    return out


def cut_kept_blocks(kept: KeptBlocks, rows: Rows, options: Rows) -> KeptBlocks:
    """Some of the proposals, with some of the options; their states in an order of their own, so
    that a region does not hang on what stands elsewhere."""
    block, starts = members(kept.starts, rows)
    number = renumbered(rows, len(kept))
    used, state = np.unique(kept.state[block], return_inverse=True)
    states = [kept.states[number] for number in used.tolist()]
    order = sorted(range(len(states)), key=lambda place: states[place])
    place = np.zeros(len(states), np.int32)
    place[order] = np.arange(len(states), dtype=np.int32)
    return KeptBlocks(
        x=kept.x[block], y=kept.y[block], z=kept.z[block],
        state=place[state.reshape(-1)] if len(states) else np.zeros(0, np.int32),
        states=tuple(states[number] for number in order),
        starts=starts, boxes=kept.boxes[rows], options=kept.options[np.ix_(rows, options)],
        signs=tuple(
            one._replace(owner=int(number[one.owner]))
            for one in kept.signs
            if number[one.owner] >= 0
        ),
    )  # fmt: skip


def draw_kept_blocks(
    canvas: Canvas, grid: Grid, kept: KeptBlocks, active: Options, palette: Palette
) -> None:
    """Sets the blocks of what is shown, whatever stood there. grid: the columns of the canvas."""
    rows = kept.on(grid, active)
    if not len(rows):
        return
    table = np.array([palette.id(state) for state in kept.states], np.uint16)
    # One after the other: each names a place once, and two may name the same.
    for mine in np.split(rows, np.searchsorted(rows, kept.starts[1:-1])):
        level = kept.y[mine] - canvas.y0
        inside = (level >= 0) & (level < len(canvas.ids))
        own, level = mine[inside], level[inside]
        canvas.ids[level, kept.z[own] - grid.z0, kept.x[own] - grid.x0] = table[kept.state[own]]
