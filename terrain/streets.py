"""Squares, parks and quays as ground cover: polygons at the height of the ground."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from terrain.features import VectorSource, read_features
from terrain.frame import Frame, Grid
from terrain.ground import COVER
from terrain.osm import square_kinds
from terrain.outlines import Outlines, outlines_of
from terrain.scan import burn

SQUARE_COVERS = {"park": "park", "square": "square", "quay": "quay", "gravel": "gravel", "asphalt": "asphalt"}


@dataclass(frozen=True)
class SquareCovers:
    """Outlines with their cover codes, in the order they are laid: later ones over earlier ones."""

    outlines: Outlines
    codes: NDArray[np.int32]
    skipped: Counter[str]


def read_squares(sources: Sequence[VectorSource], frame: Frame, bounds: tuple[float, float, float, float]) -> SquareCovers:
    """Squares (polygons with `kind`) near the bounds."""
    laid: list[tuple[Any, str]] = []
    skipped: Counter[str] = Counter()
    for source in sources:
        features = read_features(source, frame.crs, bounds, geometry_kind="polygon")
        skipped.update(features.skipped)
        kinds = square_kinds(features.columns, len(features.geometry))
        laid += [(shape, SQUARE_COVERS.get(str(kind), "square")) for shape, kind in zip(features.geometry, kinds, strict=True)]
    codes = np.array([COVER[cover] for _, cover in laid], np.int32)
    return SquareCovers(outlines_of([shape for shape, _ in laid], frame), codes, skipped)


def cover_columns(covers: SquareCovers, grid: Grid) -> NDArray[np.uint8]:
    """(z, x) uint8 codes of terrain.ground.COVERS: grass where no square lies."""
    out = np.full(grid.shape, COVER["grass"], np.int32)
    burn(covers.outlines, covers.codes, grid.x0, grid.z0, out)
    return out.astype(np.uint8)
