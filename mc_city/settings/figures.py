"""Numbers as people write them."""

from __future__ import annotations

import math


def whole(value: float) -> str:
    """A coordinate as people write it: whole where it is, never 6.9e+06."""
    if not math.isfinite(value):
        return str(value)
    digits = 3 if abs(value) > 360 else 6
    return (
        f"{value:.0f}" if value == round(value) else f"{value:.{digits}f}".rstrip("0").rstrip(".")
    )
