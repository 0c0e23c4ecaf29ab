"""Parcels: what belongs to which house, as polygons of a register or a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.frame import Frame, quantised
from terrain.vectors.features import Bounds, VectorSource, read_features

THEME = "terrain.parcels"
GARDEN_M2 = (150.0, 6000.0)
"""Smaller ones are strips beside others, larger ones forests and fields."""


@dataclass(frozen=True)
class Parcels:
    """shapes: (n,) polygons in the city's CRS, in the order in which they go before each other;
    read: how many the data have; skipped: reason → how many of them."""

    shapes: NDArray[np.object_] = field(default_factory=lambda: np.zeros(0, object))
    read: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    def of(self, houses: NDArray[np.object_]) -> NDArray[np.int64]:
        """(n,) int64: which parcel the middle of each house lies on, −1 = none; of several that lie
        over each other the smallest."""
        out = np.full(len(houses), -1, np.int64)
        if not len(self.shapes) or not len(houses):
            return out
        house, parcel = shapely.STRtree(self.shapes).query(
            shapely.centroid(houses), predicate="intersects"
        )
        area = quantised(shapely.area(self.shapes))[parcel]
        order = np.lexsort((parcel, area, house))[::-1]
        out[house[order]] = parcel[order]
        return out


NO_PARCELS = Parcels()


def _in_order(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """By their places, whatever the order in which they are read."""
    bounds = quantised(shapely.bounds(shapes).reshape(-1, 4))
    order = np.lexsort((quantised(shapely.area(shapes)), *bounds.T[::-1]))
    return np.asarray(shapes[order], object)


def read_parcels(sources: Sequence[VectorSource], frame: Frame, bounds: Bounds) -> Parcels:
    """Polygons near the bounds, whatever their columns. Those of no garden's size are counted."""
    found: list[NDArray[np.object_]] = []
    skipped: Counter[str] = Counter()
    for source in sources:
        features = read_features(source, frame.crs, bounds, "polygon", theme=THEME)
        skipped.update(features.skipped)
        parts = shapely.get_parts(shapely.make_valid(features.geometry))
        found.append(parts[shapely.get_dimensions(parts) == 2])
    shapes = np.concatenate([np.zeros(0, object), *found])
    shapes = shapely.get_parts(shapes) if len(shapes) else shapes
    area = shapely.area(shapes)
    for reason, wrong in (
        ("too small for a garden", area < GARDEN_M2[0]),
        ("too large for a garden", area > GARDEN_M2[1]),
    ):
        if wrong.any():
            skipped[reason] += int(wrong.sum())
    kept = shapes[(area >= GARDEN_M2[0]) & (area <= GARDEN_M2[1])]
    return Parcels(_in_order(kept) if len(kept) else kept, len(shapes), skipped)
