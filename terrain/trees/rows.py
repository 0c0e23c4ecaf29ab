"""Rows of trees that are mapped as lines: a tree every few metres, but where one is mapped by
itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.vectors.features import Features
from terrain.vectors.words import word

APART_M = 8.0
"""From tree to tree in a row."""
LINED_WITH = "tilia"
"""What streets are lined with where a row does not say."""
SAYING = ("species", "species:sv", "genus", "taxon", "leaf_type", "kind")
SAME_M = 0.6 * APART_M
"""From a tree of a row to one that is mapped by itself, within which they are the same."""


def _places(line: Any) -> NDArray[Any]:
    """The trees of a row: both ends, or all around, and between them evenly."""
    gaps = max(int(np.rint(line.length / APART_M)), 1)
    shares = np.arange(gaps) / gaps if line.is_closed else np.linspace(0.0, 1.0, gaps + 1)
    return np.asarray(shapely.line_interpolate_point(line, shares, normalized=True), object)


def _with_genus(
    columns: dict[str, NDArray[Any]], row: NDArray[np.bool_]
) -> dict[str, NDArray[Any]]:
    """The columns with a genus for the rows (n,) bool that say nothing of their trees: those of one
    row are alike."""
    if not row.any():
        return columns
    said = np.zeros(len(row), bool)
    for name in SAYING:
        if name in columns:
            said |= np.array([bool(word(value)) for value in columns[name]], bool)
    genus = (
        columns["genus"].astype(object) if "genus" in columns else np.full(len(row), None, object)
    )
    return {**columns, "genus": np.where(row & ~said, LINED_WITH, genus)}


def with_rows(parts: Sequence[Features]) -> list[Features]:
    """The features with their lines turned into multipoints; what is no point or line is left out
    and counted."""
    lone = [part.geometry[shapely.get_dimensions(part.geometry) == 0] for part in parts]
    tree = shapely.STRtree(shapely.get_parts(np.concatenate(lone)) if lone else [])
    out = []
    for part in parts:
        shapes = part.geometry.copy()
        dimensions = shapely.get_dimensions(shapes)
        for row in np.flatnonzero(dimensions == 1):
            places = np.concatenate(
                [_places(line) for line in shapely.get_parts(shapely.line_merge(shapes[row]))]
            )
            taken, _ = tree.query(places, predicate="dwithin", distance=SAME_M)
            shapes[row] = shapely.multipoints(np.delete(places, taken))
        skipped = part.skipped.copy()
        if (dimensions == 2).any():
            skipped["not a point"] += int((dimensions == 2).sum())
        keep = (dimensions < 2) & ~shapely.is_empty(shapes)
        columns = _with_genus(part.columns, dimensions == 1)
        columns = {name: column[keep] for name, column in columns.items()}
        out.append(replace(part, geometry=shapes[keep], columns=columns, skipped=skipped))
    return out
