"""The colours of an export as one small picture: each rectangle's corners lie in the middle of a
pixel of it."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 64
"""Pixels of the picture's sides: 4,096 colours, ten times those of a whole city."""


class Colours:
    """The colours met so far, 0xAARRGGBB each, numbered in the order in which they came."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}

    def numbered(self, colours: NDArray[np.uint32]) -> NDArray[np.int64]:
        """(n,) the number of each colour; those past the last pixel share it."""
        found, inverse = np.unique(colours, return_inverse=True)
        known = [self.numbers.setdefault(one, len(self.numbers)) for one in found.tolist()]
        numbers: NDArray[np.int64] = np.minimum(np.array(known, np.int64), SIDE * SIDE - 1)
        return numbers[inverse]

    def places(self, colours: NDArray[np.uint32]) -> NDArray[np.uint16]:
        """(n, 2) uint16: right and down in the picture, of 65,535."""
        numbers = self.numbered(colours)
        pixels = np.stack([numbers % SIDE, numbers // SIDE], axis=1)
        return np.asarray((2 * pixels + 1) * 65535 // (2 * SIDE), np.uint16)

    def png(self) -> bytes:
        """The picture, RGBA."""
        pixels = np.zeros((SIDE * SIDE, 4), np.uint8)
        held = np.array(list(self.numbers), np.uint32)[: SIDE * SIDE]
        for part, shift in enumerate((16, 8, 0, 24)):
            pixels[: len(held), part] = held >> np.uint32(shift) & np.uint32(255)
        file = io.BytesIO()
        Image.fromarray(pixels.reshape(SIDE, SIDE, 4), "RGBA").save(file, "PNG")
        return file.getvalue()
