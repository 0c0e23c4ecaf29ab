"""How high everything stands, for the page's shadows and for who walks in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.groups import Shown, shown_options
from mc_city.exports.scene import Piece, Scene
from mc_city.exports.web.tiles import coded
from worlds.rect import Rect

MOST_CELLS = 2048 * 2048


class Tops(NamedTuple):
    """The heights of some columns. rect: which; tops: (z, x) int16, y above the highest block that
    casts a shadow, `low` where none does; low: the piece's lowest level."""

    rect: Rect
    tops: NDArray[np.int16]
    low: int


class PieceTops(NamedTuple):
    """always: of what stands whatever is shown; changes: of what each option has, and when it is
    shown."""

    always: Tops
    changes: tuple[tuple[Shown, Tops], ...]


def _tops(piece: Piece, rect: Rect, ids: NDArray[np.uint16]) -> Tops:
    full = piece.faces.seals[ids]
    above = full[::-1].argmax(axis=0)
    found = np.where(full.any(axis=0), piece.y0 + len(ids) - above, piece.y0)
    return Tops(rect, found.astype(np.int16), piece.y0)


def tops_of(scene: Scene, piece: Piece) -> PieceTops:
    """The heights of a piece in all states of its layers."""
    always = piece.always[:, 1:-1, 1:-1]
    changes = []
    for shown, unit, number in shown_options(scene, piece):
        place = next(place for place in piece.places if place.number == unit)
        blocks = place.options[number].blocks
        rect = Rect.between(
            (int(blocks.x.min()), int(blocks.z.min())), (int(blocks.x.max()), int(blocks.z.max()))
        )
        ids = np.zeros((len(always), rect.nz, rect.nx), np.uint16)
        ids[blocks.y - piece.y0, blocks.z - rect.z, blocks.x - rect.x] = blocks.ids
        changes.append((shown, _tops(piece, rect, ids)))
    return PieceTops(_tops(piece, piece.rect, always), tuple(changes))


@dataclass(eq=False)
class Heights:
    """What casts shadows in an area, in cells of `step` blocks. today: (z, x) int16, y above the
    highest block that always stands; changes: what each option has instead, as the page reads it.
    """

    area: Rect
    step: int
    today: NDArray[np.int16]
    changes: list[dict[str, Any]] = field(default_factory=list)

    def _cells(self, tops: Tops) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
        """(numbers of cells, the highest value in each)."""
        rect = tops.rect
        rows = (np.arange(rect.z, rect.z + rect.nz) - self.area.z) // self.step
        columns = (np.arange(rect.x, rect.x + rect.nx) - self.area.x) // self.step
        numbers = (rows[:, None] * self.today.shape[1] + columns[None]).reshape(-1)
        order = np.argsort(numbers, kind="stable")
        found, first = np.unique(numbers[order], return_index=True)
        return found, np.maximum.reduceat(tops.tops.reshape(-1)[order], first)

    def add(self, piece: PieceTops) -> None:
        """Notes a piece's heights; two pieces may have columns in one cell."""
        numbers, values = self._cells(piece.always)
        flat = self.today.reshape(-1)
        flat[numbers] = np.maximum(flat[numbers], values)
        for shown, tops in piece.changes:
            numbers, values = self._cells(tops)
            there = values > tops.low
            self.changes.append(
                {
                    "shown": [list(pair) for pair in shown],
                    "cells": coded(numbers[there].astype("<u4")),
                    "tops": coded(values[there].astype("<i2")),
                }
            )

    def told(self) -> dict[str, Any]:
        """As the page reads it."""
        return {
            "step": self.step,
            "shape": list(self.today.shape),
            "today": coded(self.today.astype("<i2")),
            "changes": self.changes,
        }


def heights_of(area: Rect) -> Heights:
    """Of an area, before any piece is noted; in cells of one block, or as few as fit."""
    step = 1
    while -(-area.nx // step) * -(-area.nz // step) > MOST_CELLS:
        step *= 2
    shape = -(-area.nz // step), -(-area.nx // step)
    return Heights(area, step, np.full(shape, np.iinfo(np.int16).min, np.int16))
