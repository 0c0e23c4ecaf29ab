"""What a printer can do and how large the town becomes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from worlds.errors import ConfigError
from worlds.notes import FrameNote

SCALES = 50, 200_000
BEDS = 60, 2000
"""Millimetres that a bed may be wide or deep."""
CLEARANCES = 0.0, 1.0
CELL, WALL = 0.4, 0.8
"""Millimetres: the narrowest cell and the thinnest wall that a nozzle of 0.4 mm prints."""


@dataclass(frozen=True, kw_only=True)
class Printer:
    """scale: 1000 for 1:1000; bed: millimetres that a part may be wide and deep; clearance:
    millimetres of air at each side of what is pressed into another part."""

    scale: float = 1000.0
    bed: tuple[float, float] = (200.0, 200.0)
    clearance: float = 0.2

    def __post_init__(self) -> None:
        for option, value, (least, most), example in (
            ("--scale", self.scale, SCALES, "--scale 1000 for 1:1000"),
            ("--bed", self.bed[0], BEDS, "--bed 200x200, in millimetres"),
            ("--bed", self.bed[1], BEDS, "--bed 200x200, in millimetres"),
            ("--clearance", self.clearance, CLEARANCES, "--clearance 0.2, in millimetres"),
        ):
            if not (math.isfinite(value) and least <= value <= most):
                raise ConfigError(
                    f"{option} {value:g}: {least:g} to {most:g} is possible",
                    hint=f"as in {example}",
                )


@dataclass(frozen=True, kw_only=True)
class Measures:
    """How a world becomes millimetres. block, level: millimetres of a block across and up; times:
    blocks of a cell along each side; thick: cells that the thinnest wall has."""

    block: float
    level: float
    times: int
    thick: int

    @property
    def cell(self) -> float:
        """Millimetres that a cell is wide."""
        return self.block * self.times

    def cells(self, millimetres: float) -> int:
        """How many cells are at least so many millimetres."""
        return math.ceil(millimetres / self.cell - 1e-6)


def measures(frame: FrameNote, printer: Printer) -> Measures:
    """True to the scale across and up, whatever a metre is in blocks."""
    block = 1000 / printer.scale / frame.blocks_per_metre
    times = max(math.ceil(CELL / block - 1e-6), 1)
    return Measures(
        block=block,
        level=1000 / printer.scale / frame.vertical_scale,
        times=times,
        thick=max(math.ceil(WALL / (block * times) - 1e-6), 1),
    )
