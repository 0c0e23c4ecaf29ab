"""What a person is told of proposals that are layers."""

from __future__ import annotations

from collections.abc import Sequence

from mc_city.idea_reports import IdeaReport
from mc_city.settings.figures import counted

MOST_SAID = 40
"""Proposals of which there is a line."""


def _said(idea: IdeaReport) -> str:
    layer = "/".join(part for part in (idea["layer"], idea["variant"]) if part)
    parts = [f"{layer}: {idea['title']}"]
    parts.append(f"{idea['blocks']:,} blocks" if idea["built"] == "blocks" else "as a volume")
    parts += [f"{count:,} left out, {why}" for why, count in idea["left_out"].items()]
    over = idea["over_plan_m"]
    if over is not None:
        parts.append(
            f"{over:g} m above what the plan allows" if over > 0 else "within what the plan allows"
        )
    return ", ".join(parts)


def idea_lines(ideas: Sequence[IdeaReport]) -> list[str]:
    """A line for each, as `check` and `build` say it."""
    lines = [_said(idea) for idea in ideas[:MOST_SAID]]
    rest = len(ideas) - MOST_SAID
    return lines + ([f"… and {counted(rest, 'more')}"] if rest > 0 else [])
