"""Rect: a rectangle of columns."""

from __future__ import annotations

from typing import NamedTuple


class Rect(NamedTuple):
    """x, z: its north-western column; nx, nz: columns towards the east and the south."""

    x: int
    z: int
    nx: int
    nz: int

    @classmethod
    def between(cls, one: tuple[int, int], other: tuple[int, int]) -> Rect:
        """The rectangle that has these columns (x, z) in opposite corners."""
        x, z = min(one[0], other[0]), min(one[1], other[1])
        return cls(x, z, abs(one[0] - other[0]) + 1, abs(one[1] - other[1]) + 1)

    def grow(self, by: int) -> Rect:
        """With so many columns more on every side."""
        return Rect(self.x - by, self.z - by, self.nx + 2 * by, self.nz + 2 * by)

    def meets(self, other: Rect) -> bool:
        """Whether they have a column in common."""
        across = self.x < other.x + other.nx and other.x < self.x + self.nx
        return across and self.z < other.z + other.nz and other.z < self.z + self.nz

    def window_in(self, outer: Rect) -> tuple[slice, slice]:
        """(rows, columns) of an array over `outer` that lie in this rectangle; what is outside of
        it is left out."""
        west, north = self.x - outer.x, self.z - outer.z
        return (
            slice(max(north, 0), max(north + self.nz, 0)),
            slice(max(west, 0), max(west + self.nx, 0)),
        )
