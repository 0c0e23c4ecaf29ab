"""`[products]`: files of well-known products, each named once; what they hold fills in every theme
that the configuration does not name itself."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from terrain.files.vectors import VectorSource, vector_paths
from terrain.vectors.held import themes_of


def _entries(said: Any) -> list[dict[str, Any]]:
    """The files as tables with a path; what is none of these is left to who checks them."""
    listed = said if isinstance(said, list | tuple) else [said]
    tables = [{"path": str(entry)} if isinstance(entry, str | Path) else entry for entry in listed]
    return [
        table
        for table in tables
        if isinstance(table, dict) and isinstance(table.get("path"), str) and table["path"].strip()
    ]


def _paths(entry: dict[str, Any], folder: Path) -> tuple[Path, ...]:
    try:
        return vector_paths(Path(os.path.realpath(folder / Path(entry["path"]).expanduser())))
    except (RuntimeError, OSError, ValueError):
        return ()


def fill_from_products(
    table: dict[str, Any], folder: Path, known: Iterable[tuple[str, str]]
) -> dict[str, Any]:
    """The configuration's table with the products' layers in the place of those among the known
    keys that it leaves out. folder: of the configuration."""
    section = table.get("products")
    if not isinstance(section, dict) or "files" not in section:
        return table
    served: dict[str, list[dict[str, Any]]] = {}
    for entry in _entries(section["files"]):
        for path in _paths(entry, folder):
            for theme, sources in themes_of([VectorSource(path, entry.get("layer"))]).items():
                served.setdefault(theme, []).extend(
                    {**entry, "path": str(path), "layer": source.layer} for source in sources
                )
    filled = dict(table)
    for name, key in known:
        held = filled.get(name, {})
        if f"{name}.{key}" in served and isinstance(held, dict) and key not in held:
            filled[name] = {**held, key: served[f"{name}.{key}"]}
    return filled
