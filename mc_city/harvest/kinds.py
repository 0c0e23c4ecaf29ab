"""Which kind of thing it is, by its traits and the rules of configs/built.toml.

The rules stand in an order, and the first that holds decides: each asks of some traits that they
lie within bounds. Its confidence is how often it was right where we tried it, by our guess; where
a later rule for something else holds as well, it is less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from mc_city.harvest.matter import TABLE, read_table

Kind = Literal[
    "house", "tower", "bridge", "park", "playground", "path", "water", "sculpture", "tunnel",
    "sign", "wall", "demolition", "other",
]  # fmt: skip
DOUBT = 0.15
"""Taken from a rule's confidence when another kind's holds too."""
OTHERWISE = 0.3
"""The confidence of `other`, where no rule holds."""


@dataclass(frozen=True)
class Rule:
    """kind; why: in words; confidence: 0 … 1; bounds: trait → (least, most), both belonging to
    it."""

    kind: Kind
    why: str
    confidence: float
    bounds: Mapping[str, tuple[float, float]]

    def holds(self, traits: Mapping[str, float]) -> bool:
        return all(least <= traits[trait] <= most for trait, (least, most) in self.bounds.items())


@lru_cache
def read_rules(path: Path = TABLE) -> tuple[Rule, ...]:
    """In their order."""
    return tuple(
        Rule(
            row["kind"],
            row["why"],
            float(row["confidence"]),
            {trait: (float(least), float(most)) for trait, (least, most) in row["when"].items()},
        )
        for row in read_table(path)["rule"]
    )


def holding(traits: Mapping[str, float]) -> list[Rule]:
    """The rules that hold, in their order."""
    return [rule for rule in read_rules() if rule.holds(traits)]


def kind_of(traits: Mapping[str, float]) -> tuple[Kind, float]:
    """(kind, confidence 0 … 1)."""
    rules = holding(traits)
    if not rules:
        return "other", OTHERWISE
    doubted = any(rule.kind != rules[0].kind for rule in rules[1:])
    return rules[0].kind, round(rules[0].confidence - DOUBT * doubted, 2)


def told(rules: tuple[Rule, ...]) -> str:
    """The rules as a table of Markdown, as it stands in docs/harvest-kinds.md."""

    def bound(trait: str, least: float, most: float) -> str:
        low, high = (f"{value:g}" for value in (least, most))
        if most >= 1e6 or (most == 1 and least > 0):
            return f"{trait} ≥ {low}"
        return f"{trait} ≤ {high}" if least <= 0 else f"{low} ≤ {trait} ≤ {high}"

    lines = ["| | kind | why | when all of this holds | confidence |", "|---|---|---|---|---|"]
    for number, rule in enumerate(rules, 1):
        when = ", ".join(bound(trait, *span) for trait, span in rule.bounds.items())
        lines.append(f"| {number} | {rule.kind} | {rule.why} | {when} | {rule.confidence:g} |")
    return "\n".join(lines) + "\n"
