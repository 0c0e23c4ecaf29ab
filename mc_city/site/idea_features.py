"""Proposals as features of the plans: what stands for each, and what its layer's board says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shapely

from buildings.developments.developments import KEPT, PROPOSED
from buildings.developments.planned import Planned
from buildings.sources.heights import HIGHEST_M, parse_number
from mc_city.site.ideas import BUILDINGS, NAME, SURFACES, Idea, Ideas, short

FACADES = ("wood", "brick", "stone", "concrete", "glass", "metal")
"""Materials of harvests that are words for façades, too."""
NUMBER = "(proposal)"
"""The property of a feature that stands for a proposal: which of them. No column of a file is taken
for it by chance."""


def _building_facts(facts: Mapping[str, Any], kind: str) -> dict[str, Any]:
    material = short(facts.get("materials"), NAME).partition(" ")[0].lower()
    colour = short(facts.get("colours"), NAME).partition(",")[0].strip()
    told: dict[str, Any] = {
        "height_m": parse_number(facts.get("height_m")),
        "floors": parse_number(facts.get("floors")),
        "use": "house" if kind == "house" else None,
        "colour": colour or None,
        "material": material if material in FACADES else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _volume(idea: Idea) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """(role, shape, facts) of each part of what stands for it."""
    for part in shapely.get_parts(idea.shape):
        if idea.kind in BUILDINGS:
            yield "building", part, _building_facts(idea.facts, idea.kind)
        elif idea.kind == "water":
            yield "water", part, {}
        else:
            yield "ground", part, {"surface": SURFACES[idea.kind]}


def _over_plan(metres: float) -> tuple[str, str]:
    """How far it rises above what the plan of its place allows, as the harvest found it, in both
    languages."""
    said = f"{min(max(round(metres, 1), -HIGHEST_M), HIGHEST_M):g}"
    if metres < 0.05:
        return "inom vad planen medger", "within what the plan allows"
    own = f"{said.replace('.', ',')} meter över vad planen medger"
    return own, f"{said} m above what the plan allows"


def _described(ideas: Sequence[Idea], language: int) -> str:
    paragraphs = []
    for idea in ideas:
        lines = [idea.title if language == 0 else idea.title_en or idea.title]
        if not idea.title_en:
            # Somebody named it: the name says neither.
            kind, of = ((idea.kind_sv, "klass"), (idea.kind, "class"))[language]
            said = f"{kind}{f', {of} {idea.school_class}' if idea.school_class else ''}"
            lines.append(said.capitalize())
        over = parse_number(idea.facts.get("over_plan_m"))
        lines += [] if over is None else [_over_plan(over)[language]]
        lines += [f"”{words}”" if language == 0 else f"“{words}”" for words in idea.words]
        paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


def _names(ideas: Sequence[Idea]) -> tuple[str, str]:
    """What the layer of some proposals is called, in the city's language and in English."""
    titles = list(dict.fromkeys(idea.title for idea in ideas))
    if len(titles) == 1:
        return titles[0], ideas[0].title_en
    numbers = ", ".join(dict.fromkeys(idea.number or idea.id for idea in ideas))
    return f"Förslag {numbers}", f"Proposals {numbers}"


def _board(ideas: Sequence[Idea]) -> tuple[Any, dict[str, Any]]:
    """(where it is wished, what it says) of the board of a layer."""
    west, south, east, _ = shapely.total_bounds([idea.shape for idea in ideas])
    name, english = _names(ideas)
    facts = {
        "name": name,
        "name_en": english,
        "status": "idea",
        "description": _described(ideas, 0),
        "description_en": _described(ideas, 1),
        PROPOSED: True,
    }
    return shapely.Point((west + east) / 2, south), facts


def idea_features(found: Ideas) -> list[Planned]:
    """The features of all proposals, and of their boards."""
    features: list[Planned] = []

    def add(layer: str, variant: str, role: str, shape: Any, facts: dict[str, Any]) -> None:
        place = len(features)
        features.append(
            Planned(place=place, layer=layer, variant=variant, role=role, shape=shape, facts=facts)
        )

    for layer in dict.fromkeys(idea.layer for idea in found.ideas):
        own = [idea for idea in found.ideas if idea.layer == layer]
        shape, facts = _board(own)
        add(layer, "", "info", shape, facts)
    for number, idea in enumerate(found.ideas):
        if idea.kept is not None:
            add(idea.layer, idea.variant, KEPT, idea.shape, {KEPT: number})
            continue
        for role, shape, facts in _volume(idea):
            add(idea.layer, idea.variant, role, shape, facts | {NUMBER: number})
    return features
