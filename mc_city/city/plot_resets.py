"""What sets the building plots of a class back: for each combination of the developments that touch
a plot the blocks of its columns, as the city has them there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mc_city.city.block_keys import BlockKeys, BlockPlaces, block_keys, places_of
from mc_city.city.city import City
from mc_city.city.differences import (
    Differences,
    bits_of,
    switches_of,
    today_at,
    units_at,
    with_words,
)
from mc_city.city.drawing import Tile
from terrain.ground.ground import GroundBlocks, below_layers
from worlds.bedrock.versions import BedrockVersion
from worlds.java.versions import JavaVersion
from worlds.layers import Change, Unit
from worlds.plots import PLOT, Plot
from worlds.units_of import cleared_first


def plot_resets(city: City, today: Tile, found: Differences) -> Differences:
    """The differences of a region with the units that set its plots back, called after them, see
    `worlds.plots.plot_of`. today: its tile without any plan."""
    units: list[Unit] = []
    changes: dict[str, Change] = {}
    grid = city.grid.region(*today.region)
    for plot in city.class_plots.plots:
        if plot.rect.meets(grid.rect):
            for unit, made in _units_of(city, today, found, plot):
                units.append(unit)
                changes.update(made)
    return Differences(
        (*found.units, *units),
        found.changes | with_words(changes, city),
        found.masks,
        found.states,
    )


def _units_of(
    city: City, today: Tile, found: Differences, plot: Plot
) -> list[tuple[Unit, dict[str, Change]]]:
    grid, switches = city.grid.region(*today.region), switches_of(city)
    mine = plot.columns_in(grid.rect)
    masks = np.zeros(mine.shape, np.uint64) if found.masks is None else found.masks
    out: list[tuple[Unit, dict[str, Change]]] = []
    for mask in np.unique(masks[mine]).tolist():
        columns = mine & (masks == np.uint64(mask))
        chosen = bits_of(mask)
        count = int(np.prod([switches[index].states for index in chosen], dtype=np.int64))
        differing = [found.states[mask, number] for number in range(1, count)]
        inside = [_within(one.keys, columns) for one in differing]
        keys = np.unique(
            np.concatenate(
                [
                    _between(columns, *plot.levels),
                    _strange(city, today, columns, plot),
                    *(one.keys[here] for one, here in zip(differing, inside, strict=True)),
                ]
            )
        )
        table = np.tile(today_at(today, keys, city), (count, 1))
        for number, (one, here) in enumerate(zip(differing, inside, strict=True), start=1):
            table[number, np.searchsorted(keys, one.keys[here])] = one.ids[here]
        # Whoever builds there may have poured water anywhere.
        clears = cleared_first(city.palette.states, table, anywhere=True)
        name = ".".join([PLOT, str(plot.number), *(switches[index].id for index in chosen)])
        out += units_at(keys, table, chosen, name=name, grid=grid, clears=clears)
    return out


def layers_below(
    blocks: GroundBlocks, version: JavaVersion | BedrockVersion
) -> list[tuple[int, int, int]]:
    """(first level, last level, block) of what is under everything, from the bottom of a world."""
    lowest = version.min_y
    ids = below_layers(blocks, lowest, version.max_y + 1)
    starts = [0, *(np.flatnonzero(np.diff(ids.astype(np.int64))) + 1).tolist(), len(ids)]
    return [
        (lowest + first, lowest + last - 1, int(ids[first]))
        for first, last in zip(starts, starts[1:], strict=False)
    ]


def _within(keys: BlockKeys, columns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) bool: the places that lie in some columns (z, x) of the region."""
    z, x, _ = places_of(keys)
    return np.asarray(columns[z, x])


def _between(columns: NDArray[np.bool_], low: int, high: int) -> BlockKeys:
    """All places of columns (z, x) from one level to another."""
    row, column = np.nonzero(columns)
    levels = np.arange(low, high + 1)
    return block_keys(
        BlockPlaces(
            np.repeat(row, len(levels)), np.repeat(column, len(levels)), np.tile(levels, len(row))
        )
    )


def _strange(city: City, today: Tile, columns: NDArray[np.bool_], plot: Plot) -> BlockKeys:
    """The places of columns (z, x) beyond a plot's levels at which something else is than stone
    below and air above."""
    volume, lowest = today.volume, city.version.min_y
    row, column = np.nonzero(columns)
    stone = below_layers(city.blocks.ground, lowest, max(plot.levels[0], volume.y0))
    # What is under all that is drawn, as far as it reaches above the plot's levels.
    first = min(volume.y0, plot.levels[1] + 1)
    under = np.tile(stone[first - lowest : volume.y0 - lowest, None], (1, len(row)))
    ids = np.concatenate([under, volume.ids[:, row, column]])
    levels = np.arange(first, volume.y0 + len(volume.ids))
    usual = np.zeros(len(levels), np.uint16)
    below = levels < plot.levels[0]
    usual[below] = stone[levels[below] - lowest]
    beyond = below | (levels > plot.levels[1])
    level, place = np.nonzero((ids != usual[:, None]) & beyond[:, None])
    return block_keys(BlockPlaces(row[place], column[place], levels[level]))
