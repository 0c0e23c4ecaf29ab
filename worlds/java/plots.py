"""Building plots in Java worlds: the functions that set one back, and those that keep builders on
them. What a plot is, and what is stored where, is said in `worlds.plots`.

A plot is set back when its chunks are loaded and no layer is being switched, one plot a tick. Who
stands outside all plots while building is kept to them is in adventure mode: one walks, looks, and
presses buttons there, and has the mode of before again on a plot. Who is away when that ends has it
when coming back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worlds.java.pack_meta import PACK
from worlds.java.versions import JavaVersion
from worlds.layers import OBJECTIVE, Switch
from worlds.plots import (
    FALLING_SECONDS,
    GUARD,
    GUARDED,
    LOOK_AGAIN,
    LOOK_SELDOM,
    PLOT,
    PLOTS,
    TEACHER,
    Plot,
    PlotPack,
    Resettable,
    barring_lines,
    fill_lines,
    inside_lines,
    reset_holder,
    starting_plots,
)
from worlds.quoting import java_text, java_texts
from worlds.words import Words

Functions = dict[str, list[str]]
PATIENCE = 1200
"""Ticks after which loading is given up."""
ON_A_LINE = 20
"""Plots that the menu lists beside each other."""


def _score(name: str) -> str:
    return f"#{name} {PLOTS}"


def _set(name: str, value: int) -> str:
    return f"scoreboard players set {_score(name)} {value}"


def _if(name: str, matches: str | int) -> str:
    return f"execute if score {_score(name)} matches {matches} run"


def _chunks(plot: Plot) -> list[tuple[int, int]]:
    """The chunks that are loaded to set a plot back, as x, z of a column in each: the game looks
    one block beyond a structure."""
    rect = plot.rect
    return [
        (16 * x, 16 * z)
        for z in range(rect.z >> 4, (rect.z + rect.nz >> 4) + 1)
        for x in range(rect.x >> 4, (rect.x + rect.nx >> 4) + 1)
    ]


def _place_function(
    reset: Resettable,
    pack: PlotPack,
    switches: Sequence[Switch],
    version: JavaVersion,
    words: Words,
) -> list[str]:
    """Sets a plot back, if nothing else is at work; counts it in #left until it is done."""
    plot, rect = reset.plot, reset.plot.rect
    box = f"{rect.x} {rect.z} {rect.x + rect.nx} {rect.z + rect.nz}"
    exactly = " none none 1.0 0 strict" if version.strict_placing else ""
    lines = [
        f"scoreboard players add {_score('left')} 1",
        f"execute unless score #batch {OBJECTIVE} matches 0 run return 0",
        f"{_if('placed', '1..')} return 0",
        f"forceload add {box}",
        *(f"execute unless loaded {x} {pack.lowest} {z} run return 0" for x, z in _chunks(plot)),
        _set("placed", 1),
        *fill_lines(pack, plot),
    ]
    for unit in reset.units:
        if unit.switches:
            named = ".".join(switches[index].id for index in unit.switches)
            lines.append(f"function {PACK}:wanted/{named}")
        for number, pieces in enumerate(unit.pieces):
            test = f"execute if score #c {OBJECTIVE} matches {number} run " if unit.switches else ""
            for piece in pieces:
                x, y, z = piece.at
                lines.append(f"{test}place template {PACK}:{piece.name} {x} {y} {z}{exactly}")
    return [
        *lines,
        f"forceload remove {box}",
        _set(reset_holder(plot), 0),
        f"scoreboard players remove {_score('left')} 1",
        f"title @a actionbar {java_text(words.both('plot_done', number=plot.number))}",
    ]


def _reset_functions(
    pack: PlotPack, switches: Sequence[Switch], version: JavaVersion, words: Words
) -> Functions:
    begin = [
        _set("waited", 0),
        f"title @a actionbar {java_text(words.both('plots_waiting'))}",
        f"schedule function {PACK}:plots/work 1t replace",
    ]
    out: Functions = {
        "plots/reset": [*(_set(reset_holder(plot), 1) for plot in pack.plots), *begin],
        "plots/work": [
            _set("left", 0),
            _set("placed", 0),
            *(
                f"{_if(reset_holder(plot), 1)} function {PACK}:{PLOT}/{plot.number}/place"
                for plot in pack.plots
            ),
            f"execute if score #batch {OBJECTIVE} matches 0 run scoreboard players add "
            f"{_score('waited')} 1",
            f"{_if('placed', 1)} {_set('waited', 0)}",
            f"{_if('waited', f'{PATIENCE}..')} return run function {PACK}:plots/give_up",
            f"{_if('left', '1..')} schedule function {PACK}:plots/work 1t replace",
        ],
        "plots/give_up": [
            *(_set(reset_holder(plot), 0) for plot in pack.plots),
            f"tellraw @a {java_text(words.both('give_up'))}",
        ],
    }
    for reset in pack.resets:
        plot = reset.plot
        out[f"{PLOT}/{plot.number}/reset"] = [_set(reset_holder(plot), 1), *begin]
        out[f"{PLOT}/{plot.number}/place"] = _place_function(
            reset, pack, switches, version=version, words=words
        )
    return out


def _guard_functions(pack: PlotPack, words: Words) -> Functions:
    """What keeps builders on plots. Who begins it is the teacher."""
    guard = f"function {PACK}:plots/guard"
    told = java_text(words.both("guard_outside"))
    return {
        "plots/guard_on": [
            f"tag @s add {TEACHER}",
            _set(GUARD, 1),
            _set(GUARDED, 1),
            guard,
            f"tellraw @a {java_text(words.both('guard_on'))}",
        ],
        "plots/guard_off": [
            _set(GUARD, 0),
            guard,
            f"tellraw @a {java_text(words.both('guard_off'))}",
        ],
        "plots/teacher": [
            f"tag @s add {TEACHER}",
            f"tellraw @s {java_text(words.both('guard_teacher'))}",
        ],
        "plots/pupil": [
            f"tag @s remove {TEACHER}",
            f"tellraw @s {java_text(words.both('guard_pupil'))}",
        ],
        "plots/guard": [
            *inside_lines(pack.plots, _if(GUARD, 1), _if(GUARD, 0)),
            *barring_lines(
                "gamemode",
                lambda who: f"effect give {who} slow_falling {FALLING_SECONDS} 0 true",
                lambda who: f"title {who} actionbar {told}",
            ),
            f"{_if(GUARD, 1)} schedule function {PACK}:plots/guard {LOOK_AGAIN}t replace",
            f"{_if(GUARD, 0)} schedule function {PACK}:plots/guard {LOOK_SELDOM}t replace",
        ],
    }


def plot_functions(
    pack: PlotPack, switches: Sequence[Switch], version: JavaVersion, words: Words
) -> Functions:
    """Everything about plots but the menu, by name; nothing where there are none."""
    if not pack.resets:
        return {}
    return {
        **_reset_functions(pack, switches, version, words),
        **_guard_functions(pack, words),
    }


def plot_menu(pack: PlotPack, version: JavaVersion, words: Words) -> Functions:
    """A list for teachers. To set a plot back stands in the chat then, to be sent: a click alone
    would take what somebody has built."""
    if not pack.resets:
        return {}

    def click(label: str, function: str, action: str) -> dict[str, Any]:
        command = f"/function {PACK}:{function}"
        old = version.click == "clickEvent"
        # Newer games run a command without its slash.
        typed = command if old or action == "suggest_command" else command[1:]
        event = {"action": action, "value" if old else "command": typed}
        return {"text": f" [{label}]", "color": "aqua", version.click: event}

    rows: list[list[dict[str, Any]]] = []
    for first in range(0, len(pack.plots), ON_A_LINE):
        part = pack.plots[first : first + ON_A_LINE]
        label = f"{words.both('plots')}:" if first == 0 else ""
        rows.append(
            [
                {"text": label, "color": "white"},
                *(
                    click(str(plot.number), f"{PLOT}/{plot.number}/reset", "suggest_command")
                    for plot in part
                ),
            ]
        )
    rows[-1].append(click(words.both("plots_all"), "plots/reset", "suggest_command"))
    rows.append(
        [
            {"text": f"{words.both('guard_menu')}:", "color": "white"},
            click(words.both("guard_menu_on"), "plots/guard_on", "run_command"),
            click(words.both("guard_menu_off"), "plots/guard_off", "run_command"),
        ]
    )
    return {"menu/plots": [f"tellraw @s {java_texts(row)}" for row in rows]}


def load_lines(pack: PlotPack) -> list[str]:
    """What a world runs when it is opened."""
    if not pack.resets:
        return []
    begins = starting_plots(pack.plots)
    return [
        f"scoreboard objectives add {PLOTS} dummy",
        *(f"scoreboard players add {holder} {PLOTS} 0" for _, holder in begins),
        f"{_if(GUARDED, 1)} function {PACK}:plots/guard",
        *(
            f"{_if(reset_holder(plot), 1)} schedule function {PACK}:plots/work 1t replace"
            for plot in pack.plots
        ),
    ]
