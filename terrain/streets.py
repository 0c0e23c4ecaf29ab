"""Streets and squares as ground cover: carriageways, pavements, paths and paving at the height of the ground."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.features import VectorSource, read_features
from terrain.frame import Frame, Grid
from terrain.ground import COVER
from terrain.osm import square_kinds
from terrain.outlines import Outlines, outlines_of
from terrain.scan import burn

WIDTHS_M = {
    "motorway": 14.0, "trunk": 12.0, "primary": 10.0, "secondary": 9.0, "tertiary": 8.0, "residential": 6.5,
    "unclassified": 6.0, "living_street": 6.0, "service": 4.0, "track": 3.0, "pedestrian": 8.0, "footway": 2.5,
    "path": 2.0, "cycleway": 3.0, "steps": 2.5,
}  # fmt: skip
"""Width of the carriageway when the data does not say."""
PAVED_FOOT = ("pedestrian",)
PATHS = ("footway", "path", "track", "steps")
WITH_PAVEMENT = ("primary", "secondary", "tertiary", "residential", "living_street")
PAVEMENT_M = 2.0
SQUARE_COVERS = {"park": "park", "square": "square", "quay": "quay", "gravel": "gravel", "asphalt": "asphalt"}


@dataclass(frozen=True)
class StreetCovers:
    """Outlines with their cover codes, in the order they are laid: later ones over earlier ones."""

    outlines: Outlines
    codes: NDArray[np.int32]
    skipped: Counter[str]


def metres_of(value: Any) -> float:
    """The width that a column holds, metres; NaN when it holds none that can be one."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return float("nan")
    return number if 0 < number < 100 else float("nan")


def read_street_covers(
    streets: Sequence[VectorSource],
    squares: Sequence[VectorSource],
    frame: Frame,
    bounds: tuple[float, float, float, float],
) -> StreetCovers:
    """Streets (lines with OSM `highway`, optional `width` in metres) and squares (polygons with `kind`) near the bounds."""
    layers: dict[int, list[tuple[Any, str]]] = {0: [], 1: [], 2: [], 3: []}
    skipped: Counter[str] = Counter()
    for source in squares:
        features = read_features(source, frame.crs, bounds, geometry_kind="polygon")
        skipped.update(features.skipped)
        kinds = square_kinds(features.columns, len(features.geometry))
        for shape, kind in zip(features.geometry, kinds, strict=True):
            layers[0].append((shape, SQUARE_COVERS.get(str(kind), "square")))
    for source in streets:
        features = read_features(source, frame.crs, bounds, geometry_kind="line")
        skipped.update(features.skipped)
        count = len(features.geometry)
        classes = features.columns.get("highway", ["residential"] * count)
        widths = features.columns.get("width", [None] * count)
        for line, highway, width in zip(features.geometry, classes, widths, strict=True):
            known = metres_of(width)
            metres = known if known == known else WIDTHS_M.get(str(highway), 5.0)
            if highway in WITH_PAVEMENT:
                layers[1].append((shapely.buffer(line, metres / 2 + PAVEMENT_M, cap_style="flat"), "pavement"))
            cover = "square" if highway in PAVED_FOOT else "gravel" if highway in PATHS else "asphalt"
            layers[2 if cover == "gravel" else 3].append((shapely.buffer(line, metres / 2), cover))
    laid = [item for level in (0, 1, 2, 3) for item in layers[level]]
    codes = np.array([COVER[cover] for _, cover in laid], np.int32)
    return StreetCovers(outlines_of([shape for shape, _ in laid], frame), codes, skipped)


def cover_columns(covers: StreetCovers, grid: Grid) -> NDArray[np.uint8]:
    """(z, x) uint8 codes of terrain.ground.COVERS: grass where no street or square lies."""
    out = np.full(grid.shape, COVER["grass"], np.int32)
    burn(covers.outlines, covers.codes, grid.x0, grid.z0, out)
    return out.astype(np.uint8)
