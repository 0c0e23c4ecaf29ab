"""The canvas that everything is drawn into."""

from __future__ import annotations

import numpy as np

from worlds.canvas import Canvas
from worlds.kernels import njit


@njit(cache=True, nogil=True)
def _set_block(canvas: Canvas, x: int, y: int, z: int, block: int) -> None:
    canvas.ids[y - canvas.y0, z - canvas.z0, x - canvas.x0] = block


def test_a_kernel_draws_into_a_canvas_by_the_places_of_the_world() -> None:
    ids = np.zeros((4, 5, 6), np.uint16)
    _set_block(Canvas(ids, -100, 60, 40), -97, 61, 42, 9)
    assert ids[1, 2, 3] == 9
    assert ids.sum() == 9


def test_a_plain_function_draws_as_the_kernel_does() -> None:
    compiled, plain = np.zeros((2, 4, 5, 6), np.uint16)
    _set_block(Canvas(compiled, 7, -8, 9), 12, -5, 13, 3)
    _set_block.py_func(Canvas(plain, 7, -8, 9), 12, -5, 13, 3)
    assert np.array_equal(compiled, plain)
