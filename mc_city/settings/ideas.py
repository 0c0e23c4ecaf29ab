"""Where the proposals of classes lie that a harvest has written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

GEOPACKAGE = "ideas.gpkg"
IDEAS_ENTRY = {
    "title": "What pupils built in the game / Vad elever byggde i spelet",
    "licence": "ask the school / fråga skolan", "attribution": "", "date": "", "real": False,
}  # fmt: skip
"""What is known of them where no `sources.toml` lies beside them."""


def geopackages(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files that are meant by paths of files, or of folders that a harvest wrote."""
    return tuple(path / GEOPACKAGE if path.is_dir() else path for path in paths)


def idea_entries(inside: Sequence[Path], ideas: Sequence[Path]) -> list[dict[str, Any]]:
    """What is told of those files that are proposals."""
    return [dict(IDEAS_ENTRY)] if any(path in ideas for path in inside) else []
