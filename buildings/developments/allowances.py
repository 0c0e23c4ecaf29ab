"""What detaljplaner allow, as layers: a feature for each volume, and one for the board."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import shapely

from buildings.detaljplan.choice import ChosenPlan
from buildings.detaljplan.plans import Detaljplan
from buildings.detaljplan.uses import may_be_built
from buildings.detaljplan.volumes import Caps, Volume
from buildings.developments.planned import Planned

LONGEST_ID = 40
"""Letters of a layer's name that come from the plan's."""
BESIDE_M = 6.0
"""Metres from a volume at which the board is wished."""
COLUMNS = {
    "height_m": "ridge_m", "height_datum_m": "ridge_datum_m", "eaves_m": "eaves_m",
    "eaves_datum_m": "eaves_datum_m", "floors": "storeys", "roof_angle": "pitch",
}  # fmt: skip
"""Property of a feature → the cap that it holds."""
SAID = (
    ("ridge_m", "högst {} m till nock", "at most {} m to the ridge"),
    ("ridge_datum_m", "nock högst {} m över havet", "ridge at most {} m above the sea"),
    ("eaves_m", "byggnadshöjd högst {} m", "façades at most {} m high"),
    ("eaves_datum_m", "byggnadshöjd högst {} m över havet", "façades at most {} m above the sea"),
    ("storeys", "högst {} våningar", "at most {} storeys"),
    ("pitch", "takvinkel högst {} grader", "roofs of at most {} degrees"),
)
MOST_SAID = 12
"""Volumes of a plan that its board lists."""


def _slug(text: str) -> str:
    letters = text.lower().translate(str.maketrans("åäöéü", "aaoeu"))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")[:LONGEST_ID].strip("_")


def layer_id(name: str, taken: set[str]) -> str:
    """An id that no other layer has, which says that it is a plan's; it joins those taken."""
    first = f"plan_{_slug(name) or 'utan_namn'}"
    found, number = first, 1
    while found in taken:
        number += 1
        found = f"{first}_{number}"
    taken.add(found)
    return found


def _number(value: float, comma: str) -> str:
    return f"{round(value, 2):g}".replace(".", comma)


def _said(caps: Caps, language: int) -> str:
    parts = [
        words[language].format(_number(getattr(caps, name), ",."[language]))
        for name, *words in SAID
        if getattr(caps, name) == getattr(caps, name)
    ]
    return ", ".join(parts)


def _described(plan: Detaljplan, volumes: Sequence[Volume], language: int) -> str:
    """What a board says of one plan: its name, what its ground is for, how high one may build."""
    uses = list(
        dict.fromkeys(
            one.wording or one.label
            for one in plan.provisions
            if may_be_built(one) and (one.wording or one.label)
        )
    )
    named = " ".join(part for part in (plan.designation, plan.name) if part) or plan.key
    lines = [("Detaljplan " if language == 0 else "Detailed plan ") + named]
    if plan.lawful:
        lines.append(("Laga kraft " if language == 0 else "In force since ") + plan.lawful)
    if uses:
        lines.append(("Användning: " if language == 0 else "Use: ") + ", ".join(uses[:MOST_SAID]))
    told = list(dict.fromkeys(_said(volume.caps, language) for volume in volumes))
    lines += [f"• {line}" for line in told[:MOST_SAID]]
    return "\n".join(lines)


def _facts(chosen: Sequence[ChosenPlan], name: str) -> dict[str, Any]:
    plans = [one.plan for one in chosen]
    statuses = {plan.status for plan in plans if plan.status}
    texts = ["\n\n".join(_described(one.plan, one.allowed.volumes, language) for one in chosen)
             for language in (0, 1)]  # fmt: skip
    return {
        "name": name,
        "status": statuses.pop() if len(statuses) == 1 else "laga kraft",
        "lawful": max(plan.lawful for plan in plans),
        "description": texts[0],
        "description_en": texts[1],
    }


def _volume_facts(caps: Caps) -> dict[str, Any]:
    held = {column: getattr(caps, name) for column, name in COLUMNS.items()}
    return {column: value for column, value in held.items() if value == value}


def _beside(shapes: Sequence[Any]) -> Any:
    """Where a board is wished: south of what it tells of."""
    hull = shapely.buffer(shapely.convex_hull(shapely.union_all(list(shapes))), BESIDE_M)
    south = hull.bounds[1]
    near = shapely.Point(hull.centroid.x, south)
    return shapely.Point(shapely.get_coordinates(shapely.shortest_line(hull, near))[0])


def allowed_features(chosen: Sequence[ChosenPlan], first: int, taken: set[str]) -> list[Planned]:
    """The features of all chosen plans. first: the place of the first one among all; taken: names
    that no layer may have."""
    groups: dict[str, list[ChosenPlan]] = {}
    for one in chosen:
        groups.setdefault(f"group {one.group}" if one.group else f"plan {one.plan.key}", []).append(
            one
        )
    taken = set(taken)
    features: list[Planned] = []
    for same in groups.values():
        name = same[0].group or same[0].plan.title
        designation = "" if same[0].group else same[0].plan.designation
        layer = layer_id(name if len(_slug(name)) > 2 else designation, taken)
        for role, shape, facts in _layer(same, name):
            features.append(
                Planned(
                    place=first + len(features),
                    layer=layer,
                    variant="",
                    role=role,
                    shape=shape,
                    facts=facts,
                )
            )
    return features


def _layer(same: Sequence[ChosenPlan], name: str) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """(role, shape, facts) of each feature of a layer, the board's first."""
    volumes = [volume for one in same for volume in one.allowed.volumes]
    yield "info", _beside([volume.shape for volume in volumes]), _facts(same, name)
    for volume in volumes:
        yield "allowed", volume.shape, _volume_facts(volume.caps)
