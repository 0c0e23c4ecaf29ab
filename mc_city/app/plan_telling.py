"""A project's plans as its page is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from buildings.developments.developments import (
    NO_DEVELOPMENTS,
    ROLES,
    Development,
    Developments,
)
from buildings.developments.texts import board_book, board_buttons, board_signs
from mc_city.app.plan_changes import PlanFeature
from mc_city.app.plan_edits import OF_ROLE, layer_of, role_of, variant_of
from mc_city.app.plans_file import PlansFile
from mc_city.saved.layer_map import COLOURS
from worlds.errors import McCityError
from worlds.quoting import PROSE, plain, prose
from worlds.words import Words

MOST_SHAPES = 20_000
"""That a page is sent."""
TEXTS = (
    "name", "name_en", "status", "start_year", "done_year", "homes", "description",
    "description_en", "url", "as_of",
)  # fmt: skip


def told_plans(plans: PlansFile) -> dict[str, Any]:
    """Everything that the page shows. What a build could not read is told with its fault, and what
    can be read of it beside."""
    fault = None
    features: list[PlanFeature] = []
    developments: Developments = NO_DEVELOPMENTS
    digest = plans.digest()
    try:
        features = plans.read()
        developments = plans.developments()
    except McCityError as error:
        fault = {"error": plain(str(error)), "hint": plain(error.hint)}
    told = plans.told()
    own = plans.own
    return {
        "digest": digest,
        "file": own.path.name if own is not None else None,
        "can_order": own is None or own.path.suffix.lower() != ".gpkg",
        "others": [one.path.name for one in plans.sources if one != own],
        "undo": told.undo,
        "redo": told.redo,
        "bounds": plans.config.grid.bounds,
        "origin": plans.config.city.origin,
        "turn_deg": plans.config.city.turn_deg,
        "developments": list(_told_layers(plans, developments, features)),
        "features": _told_features(plans, developments, features),
        "remarks": [f"{plain(text)} ({count})" for text, count in developments.notes.items()],
        "skipped": [f"{plain(text)} ({count})" for text, count in developments.skipped.items()],
        "fault": fault,
    }


def _told_layers(
    plans: PlansFile, developments: Developments, features: list[PlanFeature]
) -> Iterator[dict[str, Any]]:
    """Those that a build has, by rank, then those that it has not, as they stand in the file."""
    own = {layer_of(one) for one in features} - {""}
    words = plans.config.words
    for rank, layer in enumerate(developments.layers):
        yield {
            **{name: getattr(layer, name) for name in TEXTS},
            "id": layer.id,
            "colour": "#{:02x}{:02x}{:02x}".format(*COLOURS[rank % len(COLOURS)]),
            "variants": list(layer.variants),
            "place": layer.place,
            "own": layer.id in own,
            "built": True,
            **_board(layer, words),
        }
    known = {layer.id for layer in developments.layers}
    for name in dict.fromkeys(layer_of(one) for one in features):
        if name and name not in known:
            yield _unbuilt(name, [one for one in features if layer_of(one) == name])


def _unbuilt(name: str, own: list[PlanFeature]) -> dict[str, Any]:
    """A layer that a build leaves out: nothing but a board yet, or outside the area."""
    board = next((one for one in own if role_of(one) == "info"), None)
    facts = board.facts if board is not None else {}
    texts = {
        key: prose(value) if key in PROSE else plain(value)
        for key in TEXTS
        if (value := facts.get(key)) is not None
    }
    variants = sorted({variant_of(one) for one in own} - {""}) or [""]
    return {
        **dict.fromkeys(TEXTS),
        **texts,
        "name": texts.get("name") or name.replace("_", " ").capitalize(),
        "id": name,
        "colour": "#55626c",
        "variants": variants,
        "place": None,
        "own": True,
        "built": False,
        "empty": all(role_of(one) == "info" for one in own),
        "signs": [],
        "buttons": [],
        "book": [],
    }


def _board(layer: Development, words: Words) -> dict[str, Any]:
    """What its board will say."""
    return {
        "signs": [list(lines) for lines in board_signs(layer, words)],
        "buttons": [list(one.lines) for one in board_buttons(layer, words)],
        "book": list(board_book(layer, "", words).pages),
    }


def _told_features(
    plans: PlansFile, developments: Developments, features: list[PlanFeature]
) -> list[dict[str, Any]]:
    placed = [one for one in features if one.shape is not None][:MOST_SHAPES]
    out = []
    for one, shape in zip(placed, plans.to_city([one.shape for one in placed]), strict=True):
        role = role_of(one)
        values = {
            name: value if isinstance(value, int | float) else plain(value)
            for name in OF_ROLE.get(role, ())
            if (value := one.facts.get(name)) is not None and role != "info"
        }
        out.append(
            {
                "key": one.key,
                "layer": layer_of(one),
                "variant": variant_of(one),
                "role": role if role in ROLES else "",
                "values": values,
                **drawn_shape(shape),
            }
        )
    return [*out, *_of_others(developments, {layer_of(one) for one in features})]


def _of_others(developments: Developments, own: set[str]) -> Iterator[dict[str, Any]]:
    """Features of layers that stand in files which the project may not change."""
    for role in ROLES:
        found = developments.roles.get(role)
        for number in range(0 if found is None else min(len(found), MOST_SHAPES)):
            assert found is not None
            option = int(np.argmax(found.options[number]))
            layer = developments.layers[developments.options[option][0]]
            if layer.id not in own:
                single = int(found.options[number].sum()) == 1
                variant = layer.variants[developments.options[option][1] - 1] if single else ""
                yield {
                    "key": None, "layer": layer.id, "variant": variant, "role": role,
                    "values": {}, **drawn_shape(found.geometry[number]),
                }  # fmt: skip


def drawn_shape(shape: Any) -> dict[str, Any]:
    """A shape as the map draws it: lists of points, lines and areas (each a list of rings)."""
    out: dict[str, list[Any]] = {"points": [], "lines": [], "areas": []}
    for part in shapely.get_parts(shape):
        if shapely.get_dimensions(part) == 2:
            out["areas"].append([_points(ring) for ring in shapely.get_rings(part)])
        else:
            name = "points" if shapely.get_dimensions(part) == 0 else "lines"
            out[name].extend(_points(part) if name == "points" else [_points(part)])
    return {**out, "box": [round(float(value), 2) for value in shape.bounds]}


def _points(shape: Any) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in shapely.get_coordinates(shape)]
