"""What each layer changes: the blocks that differ between the states of the city, found by drawing
it in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from buildings.developments.developments import Development
from buildings.developments.volumes import volumes_at
from mc_city.city.block_keys import BlockKeys, BlockPlaces, block_keys, places_of
from mc_city.city.city import City
from mc_city.city.concerned import layers_in
from mc_city.city.drawing import Tile, draw
from mc_city.city.occupancy import HALO
from mc_city.placing.furniture import taken_with
from mc_city.placing.greenery import CLEAR
from mc_city.placing.ideas import kept_signs_among
from mc_city.placing.posts import signs_among
from terrain.columns.near import within
from terrain.frame import Grid
from terrain.furniture.drawing import CLEAR_OF_PLANS, THING_REACH
from terrain.ground.ground import below_layers
from terrain.trees.shapes import FARTHEST, TREE_REACH
from terrain.water.jetties import BOAT_REACH, boat_columns
from terrain.works.presence import Options
from terrain.works.regrade import reached_columns
from worlds.errors import SourceError
from worlds.layers import CELL, MOST_STATES, Change, State, Switch, Unit, combinations
from worlds.units_of import Places, cleared_first, cut_units
from worlds.volume import BlockVolume

REACH = CLEAR + TREE_REACH + FARTHEST
"""Columns beyond its own that a layer can change: banks of its ponds, steps of its doors, panes and
corners of stairs."""
GLASS_REACH = 2
"""Columns beyond its own that the glass of what a plan allows can change: a fence that joins it.
What somebody built reaches as far."""
BESIDE_DRAWN = 40
"""Columns beside a window and its halo whose cost is like that of reading the ground around it."""


@dataclass(frozen=True)
class Sparse:
    """Blocks by place. keys: (n,), sorted; ids: (n,) uint16."""

    keys: BlockKeys
    ids: NDArray[np.uint16]


@dataclass(frozen=True)
class Differences:
    """The units of one region, each with the blocks of each of its pieces, in the order of the
    pieces of each combination. masks: (z, x) uint64, see `touched_columns`, None where no
    development concerns any column; states: by (mask, combination) what differs from today in the
    columns of that mask."""

    units: tuple[Unit, ...]
    changes: dict[str, Change]
    masks: NDArray[np.uint64] | None = None
    states: dict[tuple[int, int], Sparse] = field(default_factory=dict)


def switches_of(city: City) -> tuple[Switch, ...]:
    """The developments as switches, in their order; paused ones have no place on the year dial."""
    return tuple(
        Switch(
            layer.id,
            layer.name,
            layer.variants,
            None if layer.status == "paused" else layer.done_year,
        )
        for layer in city.developments.layers
    )


def state_of_shown(city: City, shown: Sequence[str]) -> State:
    """See `shown_state`."""
    return shown_state(city.developments.layers, shown)


def shown_state(layers: Sequence[Development], shown: Sequence[str]) -> State:
    """The state in which these options (`norra_kajen`, `sodra_kajen/a`) are shown, for each
    development 0 or its option's number. A layer's name alone means its first option. SourceError
    for a name that is none, or two variants at once."""
    state = [0] * len(layers)
    for name in shown:
        found = [
            (rank, number)
            for rank, layer in enumerate(layers)
            for number in range(1, len(layer.variants) + 1)
            if name == layer.option_id(number) or (name == layer.id and number == 1)
        ]
        if not found:
            known = [
                layer.option_id(number)
                for layer in layers
                for number in range(1, len(layer.variants) + 1)
            ]
            raise SourceError(
                f"no layer {name!r} in the plans",
                hint=f"its layers: {', '.join(known) or 'none; see [plans] sources'}",
            )
        rank, number = found[0]
        if state[rank] not in (0, number):
            raise SourceError(
                f"{name} and {layers[rank].option_id(state[rank])} are variants of one layer",
                hint="show one of them",
            )
        state[rank] = number
    return tuple(state)


def _spread(columns: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """(z, x) bool: what lies within so many columns of one that is set, on either axis."""
    return within(columns, reach) if columns.any() else columns


def _widened(columns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return _spread(columns, REACH)


def _changes_near(city: City, options: Options, grid: Grid) -> bool:
    """Whether works or houses of the options (options,) may lie so near the grid, or a rink that
    reaches into it, that they take furniture away."""
    works, houses, rinks = city.land.works, city.houses, city.furniture.rinks.boxes
    corner = np.array([grid.x0, grid.z0]) - CLEAR_OF_PLANS - 2.0
    end = corner + np.array([grid.nx, grid.nz]) + 2 * CLEAR_OF_PLANS + 4.0
    mine = (rinks[:, :2] <= end).all(axis=1) & (rinks[:, 2:] >= corner).all(axis=1)
    corner = np.vstack([corner[None], rinks[mine, :2] - CLEAR_OF_PLANS - 2.0]).min(axis=0)
    end = np.vstack([end[None], rinks[mine, 2:] + CLEAR_OF_PLANS + 2.0]).max(axis=0)
    boxes = np.concatenate(
        [
            works.outlines.boxes[works.chosen(options)],
            houses.outlines.boxes[houses.presence.concerned(options)],
        ]
    )
    return bool(((boxes[:, :2] <= end) & (boxes[:, 2:] >= corner)).all(axis=1).any())


def touched_columns(city: City, grid: Grid) -> NDArray[np.uint64]:
    """(z, x) uint64 over the grid: bit i = the state of development i can matter here. Zero outside
    the city's area."""
    outer = grid.grow(REACH + max(TREE_REACH, BOAT_REACH, THING_REACH))
    boats = boat_columns(city.jetties, outer)
    houses, planting = city.houses, city.planting
    out = np.zeros(grid.shape, np.uint64)
    layer_of = np.array([layer for layer, _ in city.developments.options], int)
    # What has its place elsewhere has no say here.
    for layer in layers_in(city, outer.grow(CLEAR_OF_PLANS + 2).rect).tolist():
        own = layer_of == layer
        reached = reached_columns(city.land.works, own, outer)
        models = city.land.models
        reached |= models.columns(outer, models.presence.concerned(own))
        reached |= city.structures.reached(outer, own)
        concerned = np.flatnonzero(houses.presence.concerned(own))
        reached |= houses.owners(outer, concerned) >= 0
        if _changes_near(city, own, outer):
            reached |= taken_with(city.furniture, city.land.works, houses, own, outer)
        afloat = np.isin(boats, np.unique(boats[(boats >= 0) & _widened(reached)]))
        trunks = planting.presence.concerned(own)
        row, column = planting.trees.z[trunks] - outer.z0, planting.trees.x[trunks] - outer.x0
        inside = (row >= 0) & (row < outer.nz) & (column >= 0) & (column < outer.nx)
        crowns = np.zeros(outer.shape, bool)
        crowns[row[inside], column[inside]] = True
        if crowns.any():
            reached |= _spread(crowns, TREE_REACH)
        allowed = (volumes_at(city.volumes, own, outer) >= 0) | city.kept.columns(outer, own)
        if reached.any() or allowed.any():
            wide = (_widened(reached) | afloat | _spread(allowed, GLASS_REACH))[
                grid.window_in(outer)
            ]
            out |= np.where(wide, np.uint64(1) << np.uint64(layer), np.uint64(0))
    area = np.zeros(grid.shape, bool)
    area[city.grid.intersection(grid).window_in(grid)] = True
    return np.where(area, out, np.uint64(0))


def bits_of(mask: int) -> tuple[int, ...]:
    return tuple(index for index in range(64) if mask >> index & 1)


def meeting(city: City, grid: Grid) -> list[tuple[int, ...]]:
    """The sets of developments that meet in some column of the grid. SourceError where too many
    do."""
    switches = switches_of(city)
    sets = [bits_of(int(mask)) for mask in np.unique(touched_columns(city, grid)) if mask]
    for chosen in sets:
        if int(np.prod([switches[index].states for index in chosen])) > MOST_STATES:
            names = ", ".join(switches[index].id for index in chosen)
            raise SourceError(
                f"too many layers meet in one place: {names}",
                hint=f"their states may have {MOST_STATES} combinations; join layers into one, or "
                f"make them variants of one",
            )
    return sets


_MEETINGS: WeakKeyDictionary[City, list[tuple[str, ...]]] = WeakKeyDictionary()
"""What `check_meetings` has found: a build asks before it begins, and for its report."""


def check_meetings(city: City) -> list[tuple[str, ...]]:
    """The sets of layers that meet somewhere in the area, by name. SourceError where too many
    do."""
    if city not in _MEETINGS:
        _MEETINGS[city] = _meetings(city) if len(city.developments) else []
    return list(_MEETINGS[city])


def _meetings(city: City) -> list[tuple[str, ...]]:
    sets = {
        chosen
        for region in city.grid.regions()
        for chosen in meeting(city, city.grid.region(*region))
        if len(chosen) > 1
    }
    return [
        tuple(city.developments.layers[index].id for index in chosen) for chosen in sorted(sets)
    ]


@dataclass(frozen=True)
class _Drawing:
    """A state of the city that is to be drawn, and where: serves every (set of developments,
    combination) listed."""

    state: dict[int, int]
    serves: list[tuple[int, int]]


def _drawings(switches: Sequence[Switch], masks: Sequence[int]) -> list[_Drawing]:
    """As few states as will do: places that share no development are drawn together."""
    drawings: list[_Drawing] = []
    for mask in sorted(masks, key=lambda mask: -len(bits_of(mask))):
        chosen = bits_of(mask)
        for number, states in enumerate(combinations(switches, chosen)):
            if not any(states):
                continue
            wanted = dict(zip(chosen, states, strict=True))
            for drawing in drawings:
                if all(drawing.state.get(index, state) == state for index, state in wanted.items()):
                    drawing.state.update(wanted)
                    drawing.serves.append((mask, number))
                    break
            else:
                drawings.append(_Drawing(wanted, [(mask, number)]))
    return drawings


def _window(grid: Grid, columns: NDArray[np.bool_]) -> Grid:
    """The part of the grid that holds all the columns."""
    rows, across = np.flatnonzero(columns.any(axis=1)), np.flatnonzero(columns.any(axis=0))
    return Grid(
        grid.frame, grid.x0 + int(across[0]), grid.z0 + int(rows[0]),
        int(across[-1] - across[0]) + 1, int(rows[-1] - rows[0]) + 1,
    )  # fmt: skip


def _windows(grid: Grid, columns: NDArray[np.bool_]) -> list[Grid]:
    """Parts of the grid that hold all the columns together: what lies far apart is not drawn in
    one, with all that is between."""
    depth, width = (-(-length // CELL) for length in grid.shape)
    cells = np.zeros((depth * CELL, width * CELL), bool)
    cells[: grid.nz, : grid.nx] = columns
    cells = cells.reshape(depth, CELL, width, CELL).any(axis=(1, 3))
    joined, count = label(cells, np.ones((3, 3), int))
    apart = np.repeat(np.repeat(joined, CELL, axis=0), CELL, axis=1)[: grid.nz, : grid.nx]
    windows = [_window(grid, columns & (apart == number)) for number in range(1, count + 1)]
    while True:
        pairs = [
            (_drawn(together) - _drawn(one) - _drawn(other), first, second)
            for first, one in enumerate(windows)
            for second, other in enumerate(windows[:first])
            for together in [_around(one, other)]
        ]
        if not pairs or min(pairs)[0] >= 0:
            return windows
        _, first, second = min(pairs)
        both = _around(windows[first], windows[second])
        windows = [
            window for number, window in enumerate(windows) if number not in (first, second)
        ] + [both]


def _around(one: Grid, other: Grid) -> Grid:
    """The grid that just holds two."""
    x0, z0 = min(one.x0, other.x0), min(one.z0, other.z0)
    end_x = max(one.x0 + one.nx, other.x0 + other.nx)
    end_z = max(one.z0 + one.nz, other.z0 + other.nz)
    return Grid(one.frame, x0, z0, end_x - x0, end_z - z0)


def _drawn(window: Grid) -> int:
    """The columns that are drawn and read for a window: a measure of what it costs."""
    wide = window.grow(HALO + BESIDE_DRAWN)
    return wide.nx * wide.nz


def _layer(
    volume: BlockVolume, window: tuple[slice, slice], y: int, below: NDArray[np.uint16], min_y: int
) -> NDArray[np.uint16] | np.uint16:
    """The window's blocks (z, x) at a height, or the one that all are: of the uniform layers below
    the volume, from min_y on, or the air above it."""
    if y < volume.y0:
        return np.uint16(below[y - min_y])
    if y >= volume.y0 + len(volume.ids):
        return np.uint16(0)
    return volume.ids[y - volume.y0, window[0], window[1]]


def _difference(
    city: City, today: Tile, masks: NDArray[np.uint64], drawing: _Drawing, grid: Grid
) -> tuple[BlockKeys, NDArray[np.uint16], NDArray[np.uint64]]:
    """(keys, ids drawn, masks) of the blocks in which a drawing differs from today, where it
    serves."""
    served = np.isin(masks, np.array(sorted({mask for mask, _ in drawing.serves}), np.uint64))
    state = [drawing.state.get(index, 0) for index in range(len(city.developments))]
    active = city.developments.active(state)
    found = [
        _changed(city, today, draw(city, window, active)[0], served[window.window_in(grid)], window)
        for window in _windows(grid, served)
    ]
    row, column, y, ids = (np.concatenate(parts) for parts in zip(*found, strict=True))
    row, column = row - grid.z0, column - grid.x0
    keys = block_keys(BlockPlaces(row, column, y))
    # Windows may overlap, and agree where they do.
    keys, first = np.unique(keys, return_index=True)
    return keys, ids[first], masks[row[first], column[first]]


def _changed(
    city: City, today: Tile, volume: BlockVolume, served: NDArray[np.bool_], window: Grid
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
    """(z, x, y, ids drawn) of the blocks of a volume over a window that are others today, in the
    columns that are served (z, x)."""
    here, whole = window.window_in(city.grid.region(*today.region)), (slice(None), slice(None))
    min_y, before = city.version.min_y, today.volume
    below = below_layers(city.blocks.ground, min_y, max(volume.y0, before.y0))
    top = max(volume.y0 + len(volume.ids), before.y0 + len(before.ids))
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Any]] = []
    for y in range(min(volume.y0, before.y0), top):
        drawn = _layer(volume, whole, y, below, min_y)
        z, x = np.nonzero((drawn != _layer(before, here, y, below, min_y)) & served)
        ids = np.broadcast_to(drawn, served.shape)[z, x]
        parts.append((z + window.z0, x + window.x0, np.full(len(z), y, np.int64), ids))
    row, column, height, ids = (np.concatenate(each) for each in zip(*parts, strict=True))
    return row, column, height, ids


def today_at(today: Tile, keys: BlockKeys, city: City) -> NDArray[np.uint16]:
    z, x, y = places_of(keys)
    inside = (y >= today.volume.y0) & (y < today.volume.y0 + len(today.volume.ids))
    out = np.zeros(len(keys), np.uint16)
    out[inside] = today.volume.ids[y[inside] - today.volume.y0, z[inside], x[inside]]
    under = y < today.volume.y0
    if under.any():
        out[under] = below_layers(city.blocks.ground, city.version.min_y, today.volume.y0)[
            y[under] - city.version.min_y
        ]
    return out


def differences(city: City, today: Tile) -> Differences:
    """The units of a region. today: its tile without any plan."""
    grid = city.grid.region(*today.region)
    masks = touched_columns(city, grid)
    present = [int(mask) for mask in np.unique(masks[masks > 0])]
    if not present:
        return Differences((), {})
    switches = switches_of(city)
    found: dict[tuple[int, int], Sparse] = {}
    for drawing in _drawings(switches, present):
        keys, ids, owner = _difference(city, today, masks, drawing, grid)
        for mask, number in drawing.serves:
            mine = owner == np.uint64(mask)
            found[mask, number] = Sparse(keys[mine], ids[mine])
    units: list[Unit] = []
    changes: dict[str, Change] = {}
    for mask in present:
        chosen = bits_of(mask)
        count = int(np.prod([switches[index].states for index in chosen]))
        keys = np.unique(np.concatenate([found[mask, number].keys for number in range(1, count)]))
        if not len(keys):
            continue
        table = np.tile(today_at(today, keys, city), (count, 1))
        for number in range(1, count):
            sparse = found[mask, number]
            table[number, np.searchsorted(keys, sparse.keys)] = sparse.ids
        name = ".".join(switches[index].id for index in chosen)
        clears = cleared_first(city.palette.states, table)
        for unit, made in units_at(keys, table, chosen, name=name, grid=grid, clears=clears):
            units.append(unit)
            changes.update(made)
    return Differences(
        tuple(sorted(units, key=lambda unit: (unit.cell, unit.switches))),
        with_words(changes, city),
        masks,
        found,
    )


def with_words(changes: dict[str, Change], city: City) -> dict[str, Change]:
    """The blocks of pieces with what is written on the signs among them."""
    return {
        name: replace(
            change,
            signs=signs_among(change, city.posts, city.blocks.signs)
            | kept_signs_among(change, city.kept, city.palette),
        )
        for name, change in changes.items()
    }


def units_at(
    keys: BlockKeys,
    table: NDArray[np.uint16],
    chosen: tuple[int, ...],
    name: str,
    grid: Grid,
    clears: NDArray[np.bool_],
) -> Iterator[tuple[Unit, dict[str, Change]]]:
    """Units of a cell each, see `worlds.units_of.cut_units`; keys: the places, within the grid."""
    row, column, y = (part.astype(np.int32) for part in places_of(keys))
    places = Places(column + np.int32(grid.x0), y, row + np.int32(grid.z0))
    return cut_units(places, table, chosen, name=name, clears=clears)
