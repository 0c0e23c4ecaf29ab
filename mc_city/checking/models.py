"""What is to be said of the models that stand in a city."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from buildings.models.standing import Models, StandingModel
from mc_city.reports import ModelReport, ModelsReport
from mc_city.settings.figures import counted
from terrain.plane import on_map, turn_of
from worlds.quoting import plain
from worlds.rect import Rect

MUCH_OVER_M = 10.0
"""Metres from the ground to the foot of a model from which on it is said: most often the height is
above another zero."""
MOST_BLOCKS, MOST_LEFT = 6, 6
"""Blocks, and reasons why something is left out, that are named for a model."""
INSIDE = {
    "hollow": "hollow inside",
    "solid": "filled inside",
    "kept": "inside as it is modelled",
    "open": "open, so what is inside is as it is modelled",
}


def _layer_of(model: StandingModel) -> str:
    source = model.shaped.source
    return f"{source.layer}/{source.variant}" if source.variant else source.layer


def _reach(model: StandingModel, area: Rect) -> tuple[list[float], list[float]]:
    """(metres that a model is long from west to east and from south to north, as it is turned; how
    many of them lie outside an area)."""
    columns, rect = model.shape.columns, model.shape.rect
    whole, outside = [], []
    for axis, first, start, count in (
        (0, rect.x, area.x, area.nx),
        (1, rect.z, area.z, area.nz),
    ):
        at = first + np.flatnonzero(columns.any(axis=axis))
        beyond = int(((at < start) | (at >= start + count)).sum())
        whole.append(round(len(at) / model.shaped.frame.scale, 1))
        outside.append(round(beyond / model.shaped.frame.scale, 1))
    return whole, outside


def _outside_line(model: ModelReport) -> str | None:
    """`12 of 40 m lie outside the area`, along the side of which most does."""
    sides = zip(model["outside_m"], model["footprint_m"], strict=True)
    beyond, size = max(sides, key=lambda side: side[0] / max(side[1], 0.1))
    if not beyond:
        return None
    return f"{model['name']}: {beyond:g} of {size:g} m lie outside the area, and are not built"


def _report(model: StandingModel, models: Models, number: int, area: Rect) -> ModelReport:
    shaped = model.shaped
    footprint_m, outside_m = _reach(model, area)
    return {
        "name": shaped.source.name,
        "file": shaped.source.path.name,
        "format": shaped.format,
        "layer": _layer_of(model),
        "goes_with_a_plan": bool(models.presence.taken[number]),
        "size_m": list(shaped.size_m),
        "at": [
            round(value, 1)
            for value in on_map(shaped.frame.crs, shaped.pose.east, shaped.pose.north)
        ],
        "turn": round((shaped.pose.turn + turn_of(shaped.frame.crs)) % 360.0, 2) % 360.0,
        "footprint_m": footprint_m,
        "outside_m": outside_m,
        "foot_y": model.foot_y,
        "foot_over_ground_m": round(model.over_m, 1),
        "faces": shaped.faces,
        "materials": shaped.materials,
        "pictures": shaped.pictures,
        "voxels": int(sum(shaped.used.values())),
        "blocks": shaped.used,
        "inside": shaped.source.inside if shaped.shape.closed else "open",
        "houses_replaced": model.replaced,
        "houses_crossed": model.crossed,
        "left_out": dict(sorted(shaped.left_out.items())),
        "notes": [plain(note) for note in shaped.notes],
    }


def models_report(models: Models, area: Rect) -> ModelsReport | None:
    """None where the configuration names no model."""
    if not len(models) and not models.skipped:
        return None
    return {
        "standing": [
            _report(model, models, number, area) for number, model in enumerate(models.standing)
        ],
        "skipped": dict(sorted(models.skipped.items())),
    }


def _listed(counts: dict[str, int], most: int) -> str:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    more = f" and {len(ordered) - most} more" if len(ordered) > most else ""
    return ", ".join(f"{count:,} {name}" for name, count in ordered[:most]) + more


def _model_lines(model: ModelReport) -> Iterator[str]:
    wide, deep, high = model["size_m"]
    where = f" in the layer {model['layer']}" if model["layer"] else ""
    turned = f", turned {model['turn']:g} degrees" if model["turn"] else ""
    yield (
        f"{model['name']} ({model['file']}, {model['format']}){where}: {wide:g} x {deep:g} m, "
        f"{high:g} m high, {counted(model['faces'], 'face')}; at E {model['at'][0]:.1f} "
        f"N {model['at'][1]:.1f}{turned}"
    )
    coloured = counted(model["materials"], "material") + (
        f", {counted(model['pictures'], 'picture')}" if model["pictures"] else ""
    )
    yield (
        f"{model['name']}: {counted(model['voxels'], 'block')} of {coloured}, nearest in CIELAB: "
        f"{_listed(model['blocks'], MOST_BLOCKS)}; {INSIDE[model['inside']]}"
    )
    if (outside := _outside_line(model)) is not None:
        yield outside
    over = model["foot_over_ground_m"]
    if abs(over) >= MUCH_OVER_M:
        yield (
            f"{model['name']}: its foot lies {abs(over):g} m {'above' if over > 0 else 'below'} "
            f"the ground: is its height above another zero? on_ground = true puts it there"
        )
    if model["houses_replaced"]:
        yield f"{model['name']}: houses that give way to it: {model['houses_replaced']:,}"
    if model["houses_crossed"]:
        yield f"{model['name']}: houses that stay inside it: {model['houses_crossed']:,}"
    if model["goes_with_a_plan"]:
        yield f"{model['name']}: goes with a plan"
    if model["left_out"]:
        yield f"{model['name']}: left out: {_listed(model['left_out'], MOST_LEFT)}"
    yield from (f"{model['name']}: {note}" for note in model["notes"])


def model_lines(report: ModelsReport) -> Sequence[str]:
    lines = [line for model in report["standing"] for line in _model_lines(model)]
    return [*lines, *(f"left out: {reason}" for reason in report["skipped"])]


def loud_models(report: ModelsReport) -> list[str]:
    """What a person must not miss: models that are not there, and heights that can hardly be
    meant."""
    lines = [f"model not in the city: {reason}" for reason in report["skipped"]]
    outside = [_outside_line(model) for model in report["standing"]]
    lines += [f"model {line}" for line in outside if line is not None]
    return lines + [
        f"model {line}"
        for model in report["standing"]
        if np.abs(model["foot_over_ground_m"]) >= MUCH_OVER_M
        for line in _model_lines(model)
        if "its foot lies" in line
    ]
