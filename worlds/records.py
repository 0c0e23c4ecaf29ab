"""Tables whose columns have names, in compiled code too: a NamedTuple says what a row holds, fills
one, and is its type where a row is read."""

from __future__ import annotations

from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.void]
"""(rows,) of a record dtype; `table["name"]` is a column, `table[i].name` a value in kernels."""
_NUMBERS: dict[Any, Any] = {int: np.int32, float: np.float64, bool: np.bool_}


def record(row: type[tuple[Any, ...]]) -> np.dtype[np.void]:
    """The dtype of rows like a NamedTuple of int (int32), float (float64), bool, and NamedTuples of
    such."""
    fields = get_type_hints(row)
    return np.dtype(
        [(name, _NUMBERS[kind] if kind in _NUMBERS else record(kind)) for name, kind in
         fields.items()], align=True,
    )  # fmt: skip
