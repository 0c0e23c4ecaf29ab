"""The four ways in which a thing can face, and block states that turn with it."""

from __future__ import annotations

FACINGS = ("north", "east", "south", "west")
STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""(x, z) of one step towards each of FACINGS."""


def turned(state: str, facing: int) -> str:
    """The state of a thing that faces `facing`: {ahead}, {right}, {back} and {left} in it stand for
    directions."""
    ways = {
        name: FACINGS[(facing + turn) % 4]
        for turn, name in enumerate(("ahead", "right", "back", "left"))
    }
    return state.format(**ways) if "{" in state else state


def facing_of(east: float, north: float) -> int:
    """The index into FACINGS nearest to a direction."""
    if abs(east) > abs(north):
        return 1 if east > 0 else 3
    return 0 if north > 0 else 2
