"""The menus of Java worlds: lists to click on in the chat, for those who may run functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worlds.fixtures import Ballot
from worlds.java.pack_meta import PACK
from worlds.java.plots import plot_menu
from worlds.java.versions import JavaVersion, java_version
from worlds.layers import Switch
from worlds.plots import PlotPack
from worlds.quoting import java_texts
from worlds.words import Words

ON_A_PAGE = 14
"""Layers that the menu lists at a time: the chat shows 20 lines."""
CLICKS = java_version("1.21.5")
"""The first version whose texts say `click_event`, and on signs are no JSON."""
Functions = dict[str, list[str]]


def menus(
    switches: Sequence[Switch],
    years: Sequence[int],
    version: JavaVersion,
    words: Words,
    ballots: Sequence[Ballot],
    plots: PlotPack,
) -> Functions:
    """What one clicks on, in a version's words."""
    votes, built = len(ballots) > 0, len(plots.resets) > 0
    pages = menu_functions(switches, years, version, words, votes=votes, plots=built)
    return pages | plot_menu(plots, version, words)


def menu_functions(
    switches: Sequence[Switch],
    years: Sequence[int],
    version: JavaVersion,
    words: Words,
    votes: bool = False,
    plots: bool = False,
) -> Functions:
    """A list to click on in the chat, for those who may run functions: as many of them as it takes,
    by name, each of which leads to the next and the last one to the first. votes, plots: whether
    one votes, and whether there are plots."""
    parts = [switches[first : first + ON_A_PAGE] for first in range(0, len(switches), ON_A_PAGE)]
    names = ["menu", *(f"menu/{number}" for number in range(2, len(parts) + 1))]
    after = [("more", name) for name in names[1:]] + [("back", "menu") if names[1:] else None]
    return {
        name: _menu_page(
            part, years, version, words=words, leads_to=leads_to, votes=votes, plots=plots
        )
        for name, part, leads_to in zip(names, parts or [switches], after, strict=True)
    }


def _menu_page(
    switches: Sequence[Switch],
    years: Sequence[int],
    version: JavaVersion,
    words: Words,
    leads_to: tuple[str, str] | None,
    votes: bool,
    plots: bool,
) -> list[str]:
    """leads_to: (word, function) of a last line; None where there is one page only."""

    def click(label: str, function: str) -> dict[str, Any]:
        command = f"function {PACK}:{function}"
        old = {"action": "run_command", "value": f"/{command}"}
        event = (
            old if version.click == "clickEvent" else {"action": "run_command", "command": command}
        )
        return {"text": f" [{label}]", "color": "aqua", version.click: event}

    rows = [[{"text": "mc-city", "color": "gold"}]]
    for switch in switches:
        row: list[dict[str, Any]] = [
            {"text": switch.name, "color": "white"},
            click(words.own["today"], f"{switch.id}/hide"),
        ]
        for number, option in enumerate(switch.options, start=1):
            row.append(
                click(f"{words.own['planned']} {option}".strip(), f"{switch.id}/option_{number}")
            )
        rows.append(row)
    steps = [
        click(words.own["today"], "year/today"),
        *(click(str(year), f"year/{year}") for year in years),
    ]
    rows.append([{"text": f"{words.both('year')}:", "color": "white"}, *steps])
    rows.append(
        [
            {"text": f"{words.both('buttons')}:", "color": "white"},
            *(click(words.both(name), name) for name in ("lock", "unlock")),
        ]
    )
    if votes:
        keys = (("lock", "lock"), ("unlock", "unlock"), ("vote_reset", "reset"))
        rows.append(
            [
                {"text": f"{words.both('voting')}:", "color": "white"},
                *(click(words.both(key), f"vote/{name}") for key, name in keys),
                click(words.both("all_votes"), "vote/result"),
            ]
        )
    if plots:
        rows.append([click(words.both("plots"), "menu/plots")])
    if leads_to is not None:
        rows.append([click(words.both(leads_to[0]), leads_to[1])])
    return [f"tellraw @s {java_texts(row)}" for row in rows]
