"""How large a .mcworld is, and what is said of it."""

from __future__ import annotations

CLOUD_MB, NEAR_MB = 250, 200
"""Megabytes of a .mcworld over which Minecraft Education keeps no copy in the school's cloud, and
from which a class that builds in the world may get there."""


def megabytes(size: int) -> str:
    """A file's size as people say it; never 0."""
    return f"{size / 1e6:.1f} MB" if size < 10_000_000 else f"{size / 1e6:.0f} MB"


def size_warning(name: str, size: int) -> str | None:
    """What to say of a .mcworld that is too large for Education's cloud, or nearly; None of any
    other. size: in bytes."""
    if size < NEAR_MB * 1_000_000:
        return None
    how = "over" if size > CLOUD_MB * 1_000_000 else "near"
    return (
        f"{name} has {megabytes(size)}, {how} the {CLOUD_MB} MB from which Minecraft Education no "
        f"longer backs worlds up to the "
        "school's cloud: build a smaller area, or at a smaller scale"
    )
