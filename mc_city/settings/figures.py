"""Numbers as people write them."""

from __future__ import annotations

import math


def counted(number: int, one: str, many: str = "") -> str:
    """`1 house`, `2 houses`, `1,204 bodies`. many: where that is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def whole(value: float) -> str:
    """A coordinate as people write it: whole where it is, never 6.9e+06."""
    if not math.isfinite(value):
        return str(value)
    digits = 3 if abs(value) > 360 else 6
    return (
        f"{value:.0f}" if value == round(value) else f"{value:.{digits}f}".rstrip("0").rstrip(".")
    )
