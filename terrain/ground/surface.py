"""The surface of the ground as arrays that kernels take together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Surface(NamedTuple):
    """The ground as it is drawn on. Arrays (z, x), see `terrain.ground.ground.Ground`.

    ground_y: int32, top block of the ground or of the bed under water; water_y: int32, top block of
    water or NO_WATER; cover: uint8, codes of COVERS; half: bool, where a slab lies on the ground.
    """

    ground_y: NDArray[np.int32]
    water_y: NDArray[np.int32]
    cover: NDArray[np.uint8]
    half: NDArray[np.bool_]
