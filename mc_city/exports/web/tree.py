"""The tiles of the page as a tree: each level shows the same in blocks twice as wide. The second is
cut as the finest is, so that one may change to the other close by; from there on each tile is of
the four beneath it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from worlds.rect import Rect

SIDE = 128
"""Blocks that a finest tile is wide."""
MOST_LEVELS = 6


def side_of(level: int) -> int:
    """Blocks that the tiles of a level are wide."""
    return SIDE << max(level - 1, 0)


class Node(NamedTuple):
    """A tile. level: 0 = the finest; x, z: of its corner in blocks, multiples of its side."""

    level: int
    x: int
    z: int

    @property
    def side(self) -> int:
        """Blocks that it is wide."""
        return side_of(self.level)

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.level}_{self.x}_{self.z}"


def levels_of(area: Rect) -> tuple[int, ...]:
    """Blocks that a block of each level is wide: four levels, more for an area that is wider than
    four of the coarsest tiles."""
    count = 4
    while count < MOST_LEVELS and max(area.nx, area.nz) > 4 * side_of(count - 1):
        count += 1
    return tuple(1 << level for level in range(count))


def nodes_in(area: Rect, level: int, within: Rect) -> Iterator[Node]:
    """The tiles of a level that have columns of an area and lie in a rectangle, row by row."""
    side = side_of(level)
    for z in range(within.z // side * side, within.z + within.nz, side):
        for x in range(within.x // side * side, within.x + within.nx, side):
            if area.meets(Rect(x, z, side, side)):
                yield Node(level, x, z)


def finer(area: Rect, node: Node) -> Iterator[Node]:
    """The up to four tiles that a tile is made of."""
    return nodes_in(area, node.level - 1, Rect(node.x, node.z, node.side, node.side))


def leaves(area: Rect, node: Node) -> Iterator[Node]:
    """The finest tiles of a tile, in the order in which `finer` comes to them."""
    if node.level == 0:
        yield node
        return
    for one in finer(area, node):
        yield from leaves(area, one)


def columns_of(area: Rect, node: Node) -> Rect:
    """The columns of an area in a tile."""
    x0, z0 = max(node.x, area.x), max(node.z, area.z)
    x1 = min(node.x + node.side, area.x + area.nx)
    z1 = min(node.z + node.side, area.z + area.nz)
    return Rect(x0, z0, x1 - x0, z1 - z0)
