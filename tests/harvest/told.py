"""How well kinds are told: of a labelled set, with the ground known and guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mc_city.harvest.built import Sender
from mc_city.harvest.proposals import proposals_of
from terrain.frame import Frame
from tests.harvest.labelled import Maker

FRAME = Frame("EPSG:3006", 617000.0, 6918000.0)
SENDER = Sender(school_class="klass4b", pupil="07", file="klass4b-07.mcworld")


@dataclass(frozen=True)
class Told:
    """pairs: (what it is, what it was called, its name), one a thing; sure: with which
    confidence."""

    pairs: tuple[tuple[str, str, str], ...]
    sure: tuple[float, ...]

    def of_kind(self, kind: str) -> tuple[int, int, int]:
        """(rightly called so, called so, are so)."""
        right = sum(1 for one, other, _ in self.pairs if one == other == kind)
        called = sum(1 for _, other, _ in self.pairs if other == kind)
        return right, called, sum(1 for one, _, _ in self.pairs if one == kind)

    @property
    def kinds(self) -> list[str]:
        return sorted({one for one, _, _ in self.pairs})

    @property
    def precision(self) -> float:
        """The mean over kinds; a kind that nothing was called has none right."""
        every = [self.of_kind(kind) for kind in self.kinds]
        return sum(right / called if called else 0.0 for right, called, _ in every) / len(every)

    @property
    def recall(self) -> float:
        every = [self.of_kind(kind) for kind in self.kinds]
        return sum(right / are for right, _, are in every) / len(every)

    @property
    def right(self) -> int:
        return sum(1 for one, other, _ in self.pairs if one == other)

    def confident(self) -> str:
        """A row of Markdown: how many were right of those that the report calls clear, likely and
        uncertain."""
        edges = [(0.8, 2.0), (0.55, 0.8), (0.0, 0.55)]
        rows = [
            [one == other for (one, other, _), sure in zip(self.pairs, self.sure, strict=True)
             if least <= sure < most]
            for least, most in edges
        ]  # fmt: skip
        return " | ".join(f"{sum(row)} of {len(row)}" for row in rows)

    def lines(self) -> str:
        """A table of Markdown."""
        rows = [
            "| kind | things | called so | rightly | precision | recall |",
            "|---|---|---|---|---|---|",
        ]
        for kind in self.kinds:
            right, called, are = self.of_kind(kind)
            precision = f"{right / called:.2f}" if called else "–"
            rows.append(
                f"| {kind} | {are} | {called} | {right} | {precision} | {right / are:.2f} |"
            )
        return "\n".join(rows)


def told(things: Mapping[str, tuple[str, Maker]], guessed: bool = False) -> Told:
    """Each thing alone in a world: its largest proposal counts."""
    pairs, sure = [], []
    for name, (kind, maker) in things.items():
        site = maker()
        ground = None if guessed else site.ground
        found = proposals_of(site.built(), SENDER, FRAME, (), ground)
        pairs.append((kind, found[0].kind, name))
        sure.append(found[0].confidence)
    return Told(tuple(pairs), tuple(sure))
