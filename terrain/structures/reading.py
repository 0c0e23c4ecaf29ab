"""Structures as the data have them, before it is known how high their ground lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from terrain.frame import Frame, quantised
from terrain.structures.areas import area_stands
from terrain.structures.forms import Stand
from terrain.structures.lines import Line
from terrain.structures.shapes import BUILDERS, shape_of
from terrain.structures.words import KINDS, WIDEST_M, height_of, kind_of, line_kind_of
from terrain.vectors.features import Bounds, Features, VectorSource, read_features

SUPPORTS = ("pylon", "pole", "portal", "utility_pole", "lift_pylon")
"""Kinds by which lines hang, where one runs through them."""
MOVING = (
    "flagpole",
    "antenna",
    "cross",
    "monitoring_station",
    "pole",
    "utility_pole",
    "floodlight",
)
"""What may stand a step beside the place that the data give, off a street."""


class Sketch(NamedTuple):
    """stands: what stands by itself; supports: column → its stand, of what lines may hang from;
    lines, in an order of their own; skipped: reason → how many."""

    stands: list[Stand]
    supports: dict[tuple[int, int], tuple[Stand, int]]
    lines: list[Line]
    skipped: Counter[str]


def _tags(features: Features) -> list[Mapping[str, Any]]:
    names = {name: name.casefold() for name in features.columns}
    return [
        {names[name]: values[place] for name, values in features.columns.items()}
        for place in range(len(features.geometry))
    ]


def _high(tags: Mapping[str, Any], kind: str, frame: Frame, skipped: Counter[str]) -> int:
    metres, why = height_of(tags, kind)
    if why:
        skipped[why] += 1
    return max(round(metres * frame.vertical_scale), KINDS[kind].lowest)


def _wide(shape: Any, kind: str, frame: Frame) -> int:
    """Columns across: those of a round as large as the area."""
    area = float(quantised(float(shapely.area(shape))))
    metres = 2 * float(np.sqrt(area / np.pi)) if area > 0 else KINDS[kind].wide_m
    return max(round(min(metres, WIDEST_M) * frame.scale), 1)


def read_sketch(sources: Sequence[VectorSource], frame: Frame, bounds: Bounds) -> Sketch:
    """Points, areas and lines near the bounds. What the words do not know is left out and
    counted."""
    sketch = Sketch([], {}, [], Counter())
    for source in sources:
        features = read_features(source, frame.crs, bounds, "feature", theme="terrain.structures")
        sketch.skipped.update(features.skipped)
        for shape, tags in zip(features.geometry, _tags(features), strict=True):
            if shapely.get_dimensions(shape) == 1:
                _add_lines(sketch, shape, tags, frame)
            else:
                _add_stands(sketch, shape, tags, frame)
    sketch.lines.sort(
        key=lambda line: (line.kind, len(line.points), line.points[0].tolist(),
                          line.points[-1].tolist())
    )  # fmt: skip
    sketch.stands.sort(key=lambda stand: (stand.kind, stand.x, stand.z, len(stand.form.blocks)))
    return sketch


def _add_lines(sketch: Sketch, shape: Any, tags: Mapping[str, Any], frame: Frame) -> None:
    kind = line_kind_of(tags)
    if kind is None:
        sketch.skipped["no structure that is known"] += 1
        return
    said = height_of(tags, "pylon")[0] if tags.get("height") is not None else 0.0
    high = 0 if said == KINDS["pylon"].high_m else max(round(said * frame.vertical_scale), 0)
    for part in shapely.get_parts(shape):
        x, z = frame.to_blocks(*shapely.get_coordinates(part).T)
        points = quantised(np.stack([x, z], axis=1))
        moved = (np.floor(points[1:]) != np.floor(points[:-1])).any(axis=1)
        points = points[np.concatenate([[True], moved])]
        if len(points) > 1:
            sketch.lines.append(Line(kind, points, high))


def _add_stands(sketch: Sketch, shape: Any, tags: Mapping[str, Any], frame: Frame) -> None:
    kind = kind_of(tags)
    if kind is None:
        sketch.skipped["no structure that is known"] += 1
        return
    high, known = _high(tags, kind, frame, sketch.skipped), KINDS[kind]
    for part in shapely.get_parts(shape):
        area = shapely.get_dimensions(part) == 2
        if area and (known.shaped or kind == "tower"):
            shaped = "keep" if kind == "tower" else kind
            found = area_stands(part, shaped, high, frame, known.pierces)
            if found is None:
                sketch.skipped[f"{kind} of an area that cannot be"] += 1
            sketch.stands.extend(found or [])
            continue
        if kind not in BUILDERS:
            sketch.skipped[f"{kind} without an area"] += 1
            continue
        middle = shapely.centroid(part)
        x, z = frame.to_blocks(float(middle.x), float(middle.y))
        column = int(np.floor(quantised(x))), int(np.floor(quantised(z)))
        form = shape_of(kind, high, _wide(part, kind, frame))
        stand = Stand(form, *column, kind=kind, pierces=known.pierces, moves=kind in MOVING)
        if kind in SUPPORTS:
            sketch.supports[column] = stand, high
        else:
            sketch.stands.append(stand)
