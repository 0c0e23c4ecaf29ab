"""Canvas: the blocks of a piece of the city while they are drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Canvas(NamedTuple):
    """A box of blocks that is drawn into. Functions and compiled kernels take it as one argument.

    ids: (y, z, x) uint16 palette indices, 0 = air, changed in place; x0, y0, z0: the block of
    ids[0, 0, 0]. A column of arrays over the same ground, (z, x), is ids[:, z, x].
    """

    ids: NDArray[np.uint16]
    x0: int
    y0: int
    z0: int
