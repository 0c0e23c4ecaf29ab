"""What a game changes by itself: grown grass, flowing water, grown trees, melted snow, opened
doors. The table is `configs/grown.toml`."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.comparing import Cells
from worlds.shipped import SHIPPED
from worlds.volume import AIR, BlockState

NAMESPACE = "minecraft:"
BOTTOM = "bedrock"
"""Of a world: nobody builds there, and teachers lay what allows and bars building, which has no
name in Java."""
AROUND = ((0, -1, 0), (0, 1, 0), (1, 0, 0), (-1, 0, 0), (0, 0, 1), (0, 0, -1))
"""Steps (x, y, z) to what a plant may have grown out of."""


@dataclass(frozen=True)
class Grown:
    """The table. turns: sets of names, each of which may become any other of its set; all names
    without namespace."""

    properties: frozenset[str]
    turns: tuple[frozenset[str], ...]
    prefixes: tuple[str, ...]
    liquids: frozenset[str]
    grows: frozenset[str]
    leaves: str
    saplings: tuple[str, ...]
    trees: tuple[str, ...]
    tree_reach: int
    tree_height: int


@cache
def read_grown() -> Grown:
    table: dict[str, Any] = tomllib.loads((SHIPPED / "configs" / "grown.toml").read_text("utf-8"))
    return Grown(
        properties=frozenset(table["properties"]),
        turns=tuple(frozenset(row) for row in table["turns"]),
        prefixes=tuple(table["prefixes"]),
        liquids=frozenset(table["liquids"]),
        grows=frozenset(table["grows"]),
        leaves=table["leaves"],
        saplings=tuple(table["saplings"]),
        trees=tuple(table["trees"]),
        tree_reach=int(table["tree_reach"]),
        tree_height=int(table["tree_height"]),
    )


def _name(state: BlockState) -> str:
    return state.name.removeprefix(NAMESPACE)


def _bare(name: str, prefixes: Sequence[str]) -> str:
    """A name without what time has put before it."""
    found = next((prefix for prefix in prefixes if name.startswith(prefix)), "")
    return name.removeprefix(found)


def _pairs(state: BlockState, but: frozenset[str]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in state.properties if pair[0] not in but)


def _flows(state: BlockState, table: Grown) -> bool:
    """Whether it is a liquid away from its source."""
    return _name(state) in table.liquids and dict(state.properties).get("level", "0") != "0"


def reason_between(before: BlockState, after: BlockState) -> str | None:
    """Why a game may have made one block of another by itself; None where somebody did."""
    table = read_grown()
    old, new = _name(before), _name(after)
    if old == BOTTOM:
        return "bottom of the world"
    if _flows(after, table) and (before == AIR or old in table.liquids):
        return "liquid that flowed"
    if _flows(before, table) and after == AIR:
        return "liquid that flowed"
    if _bare(old, table.prefixes) == _bare(new, table.prefixes):
        alike = _pairs(before, table.properties) == _pairs(after, table.properties)
        if not alike:
            return None
        return "state of a block" if old == new else "weathered"
    if any(old in turned and new in turned for turned in table.turns):
        return "grown, frozen or melted"
    withers = old.endswith(table.leaves) and dict(before.properties).get("persistent") == "false"
    return "leaves that withered" if withers and after == AIR else None


def _reasons(cells: Cells, states: Sequence[BlockState]) -> tuple[NDArray[np.int64], list[str]]:
    """((n,) which reason each cell's pair of blocks has, 0 = none; the reasons)."""
    if not len(cells.x):
        return np.zeros(0, np.int64), []
    pairs, which = np.unique(
        np.stack([cells.before, cells.after], axis=1), axis=0, return_inverse=True
    )
    names: list[str] = []
    numbers = []
    for before, after in pairs.tolist():
        reason = reason_between(states[before], states[after])
        if reason is not None and reason not in names:
            names.append(reason)
        numbers.append(0 if reason is None else 1 + names.index(reason))
    return np.array(numbers, np.int64)[which.ravel()], names


def _grown_out_of(
    cells: Cells, states: Sequence[BlockState], stood: Callable[[Any, Any, Any], NDArray[np.int32]]
) -> NDArray[np.bool_]:
    """(n,) bool: plants where nothing or water was, with one of their kind beside them before."""
    table = read_grown()
    plant = np.array([_name(state) in table.grows for state in states], bool)
    nothing = np.array([state == AIR or _name(state) in table.liquids for state in states], bool)
    kinds = {name: number for number, name in enumerate(sorted({_name(one) for one in states}))}
    kind = np.array([kinds[_name(state)] for state in states])
    found = np.zeros(len(cells.x), bool)
    maybe = np.flatnonzero(plant[cells.after] & nothing[cells.before])
    # A stalk grows by several blocks: each one out of the one before it.
    for _ in range(table.tree_height if len(maybe) else 0):
        grown = {
            (int(cells.x[row]), int(cells.y[row]), int(cells.z[row])) for row in maybe[found[maybe]]
        }
        left = maybe[~found[maybe]]
        if not len(left):
            break
        beside = np.zeros(len(left), bool)
        for dx, dy, dz in AROUND:
            x, y, z = cells.x[left] + dx, cells.y[left] + dy, cells.z[left] + dz
            beside |= kind[stood(x, y, z)] == kind[cells.after[left]]
            if grown:
                places = zip(x.tolist(), y.tolist(), z.tolist(), strict=True)
                beside |= np.array([place in grown for place in places], bool)
        if not beside.any():
            break
        found[left[beside]] = True
    return found


def _of_grown_trees(cells: Cells, states: Sequence[BlockState]) -> NDArray[np.bool_]:
    """(n,) bool: what a sapling of before has become, with its leaves."""
    table = read_grown()
    sapling = np.array([_name(state).endswith(table.saplings) for state in states], bool)
    wood = np.array([_name(state).endswith(table.trees) for state in states], bool)
    found = np.zeros(len(cells.x), bool)
    for root in np.flatnonzero(sapling[cells.before] & wood[cells.after]).tolist():
        near = np.abs(cells.x - cells.x[root]) <= table.tree_reach
        near &= np.abs(cells.z - cells.z[root]) <= table.tree_reach
        near &= (cells.y >= cells.y[root]) & (cells.y <= cells.y[root] + table.tree_height)
        found |= near & wood[cells.after]
    return found


def by_the_game(
    cells: Cells, states: Sequence[BlockState], stood: Callable[[Any, Any, Any], NDArray[np.int32]]
) -> tuple[NDArray[np.bool_], Counter[str]]:
    """((n,) bool: cells that the game changed by itself, how many for which reason). states: what
    the cells' numbers mean; stood: numbers of the blocks that were at (x, y, z) before."""
    reasons, names = _reasons(cells, states)
    counted = Counter(
        {name: int((reasons == number).sum()) for number, name in enumerate(names, 1)}
    )
    found = reasons > 0
    for name, more in (
        ("plants that grew on", _grown_out_of(cells, states, stood)),
        ("trees out of saplings", _of_grown_trees(cells, states)),
    ):
        if number := int((more & ~found).sum()):
            counted[name] += number
        found |= more
    return found, counted
