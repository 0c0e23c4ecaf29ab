"""Laid-out areas drawn into block volumes: rings along their outline, patterns, lines, what is
scattered over them, and things that stand there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.areas.layouts import (
    MOST_RINGS,
    Layout,
    StandingThing,
    read_layouts,
    read_things_on_areas,
)
from terrain.columns.facings import FACINGS, STEPS, turned
from terrain.columns.lots import AREA_COLUMN, AREA_THING
from terrain.columns.scan import hash2, hash2_each
from terrain.frame import Grid, quantised
from terrain.ground.covers import mask_of
from worlds.canvas import Canvas
from worlds.materials import WATER, Materials
from worlds.volume import AIR, BlockState, Palette

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
DOWN, HIGH = 4, 9
"""Blocks below and above the ground's own that an area is drawn with at most."""
LEAVE = 0xFFFF
"""In tables of palette ids: the block stays what it is."""
STAYS = ""
EDGE = 6
"""Columns between the ends of an area and the middles of things at both of them, together."""
NEAR = tuple(sorted(
    ((dx, dz) for dx in range(-2, 3) for dz in range(-2, 3)),
    key=lambda step: (step[0] ** 2 + step[1] ** 2, step),
))  # fmt: skip
"""Columns from its place where a thing may stand, the nearest first, if it stays nearer to that
place than to the next."""
OUTSIDE = 99
"""The ring of columns that are farther in than any ring."""


class LayoutBlocks(NamedTuple):
    """What layouts are drawn with. columns: (letters, 4, DOWN + 1 + HIGH) uint16 palette ids by
    facing, from below, LEAVE = as it is; watery: (letters,) bool; first: of each layout a letter →
    its place in `columns`; over: (layouts, covers) bool, on which covers it is drawn; things: by
    name (looks, 4 facings) of `StandingBlocks`."""

    columns: NDArray[np.uint16]
    watery: Bools
    places: tuple[dict[str, int], ...]
    over: Bools
    things: dict[str, list[list[StandingBlocks]]]


class StandingBlocks(NamedTuple):
    """A thing as it is set up, facing one way. cells: (n, 3) int32: dx, dz from its middle, blocks
    above the ground; ids: (n,) uint16; reach: columns from the middle west, north, east, south."""

    cells: Ints
    ids: NDArray[np.uint16]
    reach: tuple[int, int, int, int]


class Laid(NamedTuple):
    """Masks (z, x). closed: areas that no tree enters by itself; stood: columns where something
    stands."""

    closed: Bools
    stood: Bools


def _place_of(materials: Materials, name: str, letter: str) -> str:
    """Where the style table has a letter: with the layout's own, or with those of all."""
    own = materials.table["areas"].get(name, {})
    return f"areas.{name}.{letter}" if letter in own else f"areas.common.{letter}"


def _column(materials: Materials, name: str, letter: str, facing: int) -> dict[int, BlockState]:
    """The blocks of a letter by their height over the ground's own."""
    place = _place_of(materials, name, letter)
    found: dict[int, BlockState] = {}
    for up in range(len(materials.value(place))):
        text = materials.text(f"{place}.{up}")
        if text != STAYS:
            found[up] = materials.state(turned(text, facing), place)
    below = place.rpartition(".")[0].replace("areas.", "areas_below.")
    deeper = materials.table["areas_below"].get(below.partition(".")[2], {}).get(letter, ())
    for down in range(len(deeper)):
        found[-1 - down] = materials.block(f"{below}.{letter}.{down}")
    if 0 in found and 1 not in found:
        # A plant that grew there.
        found[1] = AIR
    return found


def _looks(materials: Materials, thing: StandingThing) -> int:
    return max(
        len(materials.value(f"area_things.{thing.name}.{letter}")) if letter.isupper() else 1
        for letter in thing.letters
    )


def _thing_state(
    materials: Materials, thing: StandingThing, letter: str, look: int, facing: int
) -> BlockState:
    place = f"area_things.{thing.name}.{letter}"
    if letter.isupper():
        place = f"{place}.{look % len(materials.value(place))}"
    return materials.state(turned(materials.text(place), facing), place)


def layout_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that laid-out areas are drawn with, before connection states."""
    for layout in read_layouts():
        for letter in layout.letters:
            for facing in range(len(FACINGS)):
                yield from _column(materials, layout.name, letter, facing).values()
    for thing in read_things_on_areas():
        for look in range(_looks(materials, thing)):
            for letter in thing.letters:
                for facing in range(len(FACINGS)):
                    yield _thing_state(materials, thing, letter, look, facing)


def _standing(
    palette: Palette, materials: Materials, thing: StandingThing, look: int, facing: int
) -> StandingBlocks:
    ahead, right = STEPS[facing], STEPS[(facing + 1) % 4]
    own = {
        letter: palette.id(_thing_state(materials, thing, letter, look, facing))
        for letter in thing.letters
    }
    found: dict[tuple[int, int, int], int] = {}
    for back, aside, up, letter in thing.cells:
        along, across = thing.deep // 2 - back, aside - thing.wide // 2
        x, z = (along * ahead[axis] + across * right[axis] for axis in (0, 1))
        found[x, z, up] = own[letter]
    # Plants that grew where it lies in the ground.
    for x, z, up in tuple(found):
        for over in (1, 2) if up == 0 else ():
            found.setdefault((x, z, over), palette.id(AIR))
    table = np.array(list(found), np.int32)
    west, north = (int(table[:, axis].min()) for axis in (0, 1))
    east, south = (int(table[:, axis].max()) for axis in (0, 1))
    return StandingBlocks(
        table, np.array(list(found.values()), np.uint16), (west, north, east, south)
    )


def layout_blocks(palette: Palette, materials: Materials) -> LayoutBlocks:
    columns: list[NDArray[np.uint16]] = [np.full((4, DOWN + 1 + HIGH), LEAVE, np.uint16)]
    watery = [False]
    places = []
    for layout in read_layouts():
        mine = {".": 0}
        for letter in layout.letters:
            table = np.full((4, DOWN + 1 + HIGH), LEAVE, np.uint16)
            made = [_column(materials, layout.name, letter, facing) for facing in range(4)]
            for facing, column in enumerate(made):
                for up, state in column.items():
                    table[facing, DOWN + up] = palette.id(state)
            mine[letter] = len(columns)
            columns.append(table)
            watery.append(made[0].get(0) == WATER)
        places.append(mine)
    things = {
        thing.name: [
            [_standing(palette, materials, thing, look, facing) for facing in range(4)]
            for look in range(_looks(materials, thing))
        ]
        for thing in read_things_on_areas()
    }
    over = np.array([mask_of(layout.over) for layout in read_layouts()])
    return LayoutBlocks(np.array(columns), np.array(watery), tuple(places), over, things)


def rings_of(owner: Ints, most: int) -> Ints:
    """(z, x) int32: how many columns of the same area lie between a column and its outline, OUTSIDE
    where they are `most` or more. A smaller area inside makes no outline of the larger one. owner:
    (z, x), areas in the order of their size, −1 = none."""
    out = np.full(owner.shape, OUTSIDE, np.int32)
    wide = np.pad(owner, 1, mode="edge")
    sides = [wide[1 + dz : wide.shape[0] - 1 + dz, 1 + dx : wide.shape[1] - 1 + dx]
             for dx, dz in STEPS]  # fmt: skip
    # Corners too: what stands on the outline has no gap where that goes aslant.
    corners = [wide[1 + dz : wide.shape[0] - 1 + dz, 1 + dx : wide.shape[1] - 1 + dx]
               for dx in (-1, 1) for dz in (-1, 1)]  # fmt: skip
    here: Bools = (owner >= 0) & np.logical_or.reduce([side < owner for side in sides + corners])
    out[here] = 0
    for ring in range(1, most):
        found = np.pad(out == ring - 1, 1)
        near = np.logical_or.reduce(
            [
                found[1 + dz : found.shape[0] - 1 + dz, 1 + dx : found.shape[1] - 1 + dx]
                & (side == owner)
                for (dx, dz), side in zip(STEPS, sides, strict=True)
            ]
        )
        out[near & (out == OUTSIDE) & (owner >= 0)] = ring
    return out


class _Field(NamedTuple):
    """Columns of one layout: z, x: (n,) rows and columns of the arrays; along, across: from the
    middle of their area; half, wide: half its length and breadth; facing: of its longer side."""

    z: NDArray[np.int64]
    x: NDArray[np.int64]
    along: NDArray[np.float64]
    across: NDArray[np.float64]
    half: NDArray[np.float64]
    wide: NDArray[np.float64]
    facing: NDArray[np.int64]


def _facing(axis: NDArray[np.float64]) -> NDArray[np.int64]:
    """(n,) index into FACINGS of the longer side of each area; axis: see Vegetation."""
    along_x, along_z = axis[:, 2], axis[:, 3]
    flat = np.abs(along_x) >= np.abs(along_z)
    return np.where(flat, np.where(along_x > 0, 1, 3), np.where(along_z > 0, 2, 0))


def _field(mine: Bools, owner: Ints, axis: NDArray[np.float64], grid: Grid) -> _Field:
    z, x = np.nonzero(mine)
    own = axis[owner[z, x]]
    right, down = grid.x0 + x + 0.5 - own[:, 0], grid.z0 + z + 0.5 - own[:, 1]
    along = quantised(right * own[:, 2] + down * own[:, 3])
    across = quantised(down * own[:, 2] - right * own[:, 3])
    return _Field(
        z=z,
        x=x,
        along=along,
        across=across,
        half=own[:, 4],
        wide=own[:, 5],
        facing=_facing(own),
    )


def _letters(
    layout: Layout, places: dict[str, int], field: _Field, ring: NDArray[np.int32], grid: Grid
) -> NDArray[np.int64]:
    """(n,) the place in LayoutBlocks.columns of each column of a layout; 0 = as it is."""
    out = np.zeros(len(field.z), np.int64)
    if layout.rows:
        pattern = np.array([[places[letter] for letter in row] for row in layout.rows])
        across = field.across + np.where(layout.from_side, np.rint(field.wide), 0.0)
        row = np.floor(across).astype(np.int64) % len(pattern)
        out = pattern[row, np.floor(field.along).astype(np.int64) % pattern.shape[1]]
    for letter, share in layout.lines:
        there = np.abs(np.abs(field.along) - share * field.half) < 0.5
        out[there] = places[letter]
    if layout.scatter:
        lots = hash2_each(field.x + grid.x0, field.z + grid.z0, AREA_COLUMN) >> 4
        for number, (letter, count) in enumerate(layout.scatter):
            out[(out == 0) & ((lots >> (6 * number)) % count == 0)] = places[letter]
    for number, letter in enumerate(layout.rings):
        out[ring == number] = places[letter]
    if layout.opening:
        open_ = (np.abs(field.along) < 1.0) & (ring < len(layout.rings))
        out[open_] = np.where(ring[open_] == 0, places[layout.opening], 0)
    return out


def _held(ground_y: Ints, field: _Field) -> Bools:
    """(n,) bool: no column beside lies lower."""
    wide = np.pad(ground_y, 1, mode="edge")
    here = ground_y[field.z, field.x]
    return np.asarray(
        np.logical_and.reduce([wide[field.z + 1 + dz, field.x + 1 + dx] >= here
                               for dx, dz in STEPS])
    )  # fmt: skip


def _set_columns(
    canvas: Canvas, ground_y: Ints, field: _Field, ids: NDArray[np.uint16], mapped: Bools
) -> Bools:
    """Sets columns (n, DOWN + 1 + HIGH) of ids; of those where a mapped thing stands only the
    ground. Returns (n,) bool: where something stands now."""
    stood = np.zeros(len(field.z), bool)
    level = ground_y[field.z, field.x] - canvas.y0 - DOWN
    for up in np.flatnonzero((ids != LEAVE).any(axis=0)).tolist():
        there = ids[:, up] != LEAVE
        if up > DOWN:
            there &= ~mapped
            stood |= there & (ids[:, up] != 0)
        canvas.ids[level[there] + up, field.z[there], field.x[there]] = ids[there, up]
    return stood


def _lattice(reach: float, step: int) -> tuple[float, int]:
    """(place of the first, how many) along one side of an area: as many, `step` apart, as leave
    EDGE columns to its ends, in its middle; one where step is 0. reach: half its length."""
    count = max(int((2 * reach - EDGE) // step) + 1, 1) if step else 1
    return -(count - 1) / 2 * step, count


def _places_of(layout: Layout, axis: NDArray[np.float64], grid: Grid) -> NDArray[np.int64]:
    """(n, 4) int64: x, z, place along, place across of the things of one area, those in the
    grid."""
    mid_x, mid_z, along_x, along_z, half, wide = axis.tolist()
    right = np.array((0.0, grid.nx, 0.0, grid.nx)) + (grid.x0 - mid_x)
    down = np.array((0.0, 0.0, grid.nz, grid.nz)) + (grid.z0 - mid_z)
    spans, starts = [], []
    for away, reach, step in (
        (right * along_x + down * along_z, half, layout.every[0]),
        (down * along_x - right * along_z, wide, layout.every[1]),
    ):
        start, count = _lattice(reach, step)
        low, high = (float(away.min()) - start, float(away.max()) - start) if step else (0.0, 0.0)
        first = max(int(np.floor(low / step)), 0) if step else 0
        last = min(int(np.ceil(high / step)), count - 1) if step else 0
        spans.append(np.arange(first, last + 1))
        starts.append(start)
    far, aside = (each.ravel() for each in np.meshgrid(*spans, indexing="ij"))
    ahead, across = starts[0] + far * layout.every[0], starts[1] + aside * layout.every[1]
    x = np.floor(quantised(mid_x + ahead * along_x - across * along_z)).astype(np.int64)
    z = np.floor(quantised(mid_z + ahead * along_z + across * along_x)).astype(np.int64)
    inside = (x >= grid.x0) & (x < grid.x0 + grid.nx) & (z >= grid.z0) & (z < grid.z0 + grid.nz)
    places: NDArray[np.int64] = np.stack([x, z, far, aside], axis=1)
    return np.asarray(places[inside], np.int64)


def _set_up(
    canvas: Canvas, ground_y: Ints, room: Ints, place: tuple[int, int, int], thing: StandingBlocks
) -> tuple[slice, slice] | None:
    """Sets a thing up with its middle at (x, z) where all its columns, and those around it, are
    `room` (z, x) of the same area and lie within a block of each other; place: x, z, the area.
    Returns the columns, None where there is no room."""
    west, north, east, south = thing.reach
    column, row = place[0] - canvas.x0, place[1] - canvas.z0
    depth, width = room.shape
    if not (0 <= row < depth and 0 <= column < width) or room[row, column] != place[2]:
        return None
    top, left, bottom, right = (
        row + north - 1,
        column + west - 1,
        row + south + 2,
        column + east + 2,
    )
    if top < 0 or left < 0 or bottom > depth or right > width:
        return None
    if not (room[top:bottom, left:right] == place[2]).all():
        return None
    heights = ground_y[top:bottom, left:right]
    base = int(heights.max())
    if base - int(heights.min()) > 1:
        return None
    x, z, up = (thing.cells + np.array((column, row, 0), np.int32)).T
    bed = (z[up == 0], x[up == 0])
    if (ground_y[bed] < base).any():
        # A bed lies in the ground, not on it.
        return None
    low = (up == 1) & (ground_y[z, x] < base)
    canvas.ids[base - canvas.y0 + up, z, x] = thing.ids
    # Where the ground is a block lower it stands on a block more of itself.
    canvas.ids[base - canvas.y0, z[low], x[low]] = thing.ids[low]
    return slice(top + 1, bottom - 1), slice(left + 1, right - 1)


def _fill(canvas: Canvas, site: Site, field: _Field, ids: NDArray[np.uint16]) -> None:
    """Sets the water over columns (n,) to blocks of ids (n,) that are not LEAVE."""
    ground, top = site.ground_y[field.z, field.x], site.standing_y[field.z, field.x]
    for up in range(1, int((top - ground).max(initial=0)) + 1):
        deep = (top - ground >= up) & (ids != LEAVE)
        canvas.ids[ground[deep] + up - canvas.y0, field.z[deep], field.x[deep]] = ids[deep]


class Site(NamedTuple):
    """Where layouts are drawn. Arrays (z, x). ground_y, standing_y: int32, the top of the ground,
    of it or the water on it; cover: uint8; owner: int32, the area of a column by its outline alone;
    free: bool; mapped: bool, where something mapped stands or grows."""

    ground_y: Ints
    standing_y: Ints
    cover: NDArray[np.uint8]
    owner: Ints
    free: Bools
    mapped: Bools


def lay_out(
    canvas: Canvas,
    grid: Grid,
    site: Site,
    areas: tuple[NDArray[np.int32], NDArray[np.float64]],
    blocks: LayoutBlocks,
) -> Laid:
    """Draws laid-out areas. areas: (layout of each, −1 = none; axis, see Vegetation). A tile agrees
    with the whole within a halo of MOST_RINGS and twice a thing's length."""
    layout_of, axis = areas
    owner = site.owner
    closed, stood = np.zeros(owner.shape, bool), np.zeros(owner.shape, bool)
    layout = np.append(layout_of, -1)[owner]
    present = np.unique(layout[layout >= 0]).tolist()
    drawn = (layout >= 0) & site.free
    if not present:
        return Laid(closed, stood)
    drawn &= blocks.over[layout, site.cover]
    rows = read_layouts()
    ringed = any(rows[number].rings for number in present)
    ring = rings_of(owner, MOST_RINGS) if ringed else np.full(owner.shape, OUTSIDE, np.int32)
    for number in present:
        mine = drawn & (layout == number)
        row = rows[number]
        if not row.drawn or not mine.any():
            continue
        if not row.trees:
            closed |= mine
        if not row.letters:
            continue
        field = _field(mine, owner, axis, grid)
        places = blocks.places[number]
        letters = _letters(row, places, field, ring[field.z, field.x], grid)
        spills = blocks.watery[letters] & ~_held(site.ground_y, field)
        letters[spills] = places[row.rings[0]] if row.rings else 0
        ids = blocks.columns[letters, field.facing]
        level_y = site.ground_y
        if row.filled:
            level_y = site.standing_y
            _fill(canvas, site, field, ids[:, DOWN])
        up = _set_columns(canvas, level_y, field, ids, site.mapped[field.z, field.x])
        stood[field.z[up], field.x[up]] = True
    room = np.where(drawn & ~site.mapped & ~stood, owner, -1).astype(np.int32)
    for area in np.unique(room[room >= 0]).tolist():
        row = rows[layout_of[area]]
        if row.things:
            own = area, row, axis[area]
            for taken in _furnish(
                canvas, grid, site.ground_y, area=own, room=room, things=blocks.things
            ):
                stood[taken] = True
    return Laid(closed | stood, stood)


def _own_room(layout: Layout, axis: NDArray[np.float64]) -> int:
    """Columns from the place of a thing that are nearer to it than to any other's, along x and
    z."""
    along = layout.every[0] * axis[2:4]
    across = layout.every[1] * np.array([-axis[3], axis[2]])
    apart = [np.abs(step).max() for step in (along, across, along + across, along - across)]
    return int((float(quantised(min(apart))) - 1) // 2) if min(layout.every) else 0


def _furnish(
    canvas: Canvas,
    grid: Grid,
    ground_y: Ints,
    area: tuple[int, Layout, NDArray[np.float64]],
    room: Ints,
    things: dict[str, list[list[StandingBlocks]]],
) -> Iterator[tuple[slice, slice]]:
    """Sets the things of one area (its number, layout, axis) up and takes the room (z, x) of the
    area's number; yields their columns."""
    number, layout, axis = area
    facing = int(_facing(axis[None])[0])
    own = _own_room(layout, axis)
    for x, z, far, aside in _places_of(layout, axis, grid).tolist():
        lot = hash2(x, z, AREA_THING) >> 3
        name = layout.things[(far + 3 * aside + lot % 2) % len(layout.things)]
        if name:
            looks = things[name]
            thing = looks[(lot >> 4) % len(looks)][facing]
            for dx, dz in NEAR:
                beyond = max(thing.reach[2] + dx, -thing.reach[0] - dx, thing.reach[3] + dz,
                             -thing.reach[1] - dz)  # fmt: skip
                if (dx or dz) and beyond > own:
                    continue
                taken = _set_up(canvas, ground_y, room, (x + dx, z + dz, number), thing)
                if taken is not None:
                    room[taken] = -1
                    yield taken
                    break
