"""Building plots in Bedrock worlds: the functions that set one back, and those that keep builders
on them. What a plot is, and what is stored where, is said in `worlds.plots`.

Setting a plot back is a job as switching layers is, see `worlds.bedrock.functions`: it begins when
no other is at work, and the blocks are set when its ticking area is loaded. Who stands outside all
plots while building is kept to them is in adventure mode: one walks, looks, and presses buttons
there, and has the mode of before again on a plot. As in `worlds.bedrock.functions`, no line relies
on a function being done before the next line runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from worlds.bedrock.functions import (
    Functions,
    job_lines,
    placing_lines,
    score,
    wanted_lines,
)
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
    PlotPack,
    Resettable,
    barring_lines,
    fill_lines,
    inside_lines,
    reset_holder,
    starting_plots,
)
from worlds.quoting import raw_text
from worlds.words import Words

BESIDE = 16
"""Columns around a plot that are loaded with it."""


def _set(name: str, value: int) -> str:
    return f"scoreboard players set {score(name, PLOTS)} {value}"


def _if(name: str, matches: str | int) -> str:
    return f"if score {score(name, PLOTS)} matches {matches}"


def _actionbar(target: str, text: str) -> str:
    return f"titleraw {target} actionbar {raw_text(text)}"


def plot_work(
    reset: Resettable, pack: PlotPack, switches: Sequence[Switch], words: Words
) -> list[str]:
    """What sets a plot back once it is loaded."""
    plot, listed = reset.plot, list(enumerate(reset.units))
    changing = [(number, unit) for number, unit in listed if unit.switches]
    return [
        *wanted_lines(switches, changing),
        *fill_lines(pack, plot),
        *(line for _, unit in listed for line in placing_lines(switches, unit)),
        _set(reset_holder(plot), 0),
        _actionbar("@a", words.both("plot_done", number=plot.number)),
    ]


def plot_jobs(pack: PlotPack, switches: Sequence[Switch], first: int, words: Words) -> Functions:
    """The jobs of all plots, numbered from `first` on."""
    out: Functions = {}
    for number, reset in enumerate(pack.resets, start=first):
        box = reset.plot.rect.grow(BESIDE)
        corners = box.x, box.z, box.x + box.nx - 1, box.z + box.nz - 1
        release = f"function mc_city/job/{number}/release"
        work = plot_work(reset, pack, switches, words)
        out.update(job_lines(number, corners, [*work, release]))
    return out


def _reset_functions(pack: PlotPack, first: int, words: Words) -> Functions:
    waiting = [_set("any", 1), _actionbar("@a", words.both("plots_waiting"))]
    out: Functions = {
        "plots/reset": [*(_set(reset_holder(plot), 1) for plot in pack.plots), *waiting],
        "plots/look": [
            _set("any", 0),
            *(
                f"execute {_if(reset_holder(plot), 1)} run scoreboard players set "
                f"{score('work.job')} {number}"
                for number, plot in enumerate(pack.plots, start=first)
            ),
            # Whatever is left is looked for when this one is done.
            *(f"execute {_if(reset_holder(plot), 1)} run {_set('any', 1)}" for plot in pack.plots),
            f"execute if score {score('work.job')} matches 1.. run function mc_city/load",
        ],
    }
    for plot in pack.plots:
        out[f"{PLOT}/{plot.number}/reset"] = [_set(reset_holder(plot), 1), *waiting]
    return out


def _guard_functions(pack: PlotPack, words: Words) -> Functions:
    """What keeps builders on plots. Who begins it is the teacher."""
    told = words.both("guard_outside")
    return {
        "plots/guard_on": [
            f"tag @s add {TEACHER}",
            _set(GUARD, 1),
            _set(GUARDED, 1),
            f"tellraw @a {raw_text(words.both('guard_on'))}",
        ],
        "plots/guard_off": [
            _set(GUARD, 0),
            _set("ticks", LOOK_SELDOM),
            f"tellraw @a {raw_text(words.both('guard_off'))}",
        ],
        "plots/teacher": [
            f"tag @s add {TEACHER}",
            f"tellraw @s {raw_text(words.both('guard_teacher'))}",
        ],
        "plots/pupil": [
            f"tag @s remove {TEACHER}",
            f"tellraw @s {raw_text(words.both('guard_pupil'))}",
        ],
        # Education's own way, for worlds in which only world builders may change anything.
        "plots/allow": [
            *(
                f"fill {box.x} {pack.lowest} {box.z} {box.x + box.nx - 1} {pack.lowest} "
                f"{box.z + box.nz - 1} allow"
                for plot in pack.plots
                for box in plot.boxes
            ),
            f"tellraw @s {raw_text(words.both('plots_allowed'))}",
        ],
        "plots/wait": [
            f"scoreboard players add {score('ticks', PLOTS)} 1",
            f"execute {_if(GUARD, 1)} {_if('ticks', f'{LOOK_AGAIN}..')} run function plots/guard",
            f"execute {_if(GUARD, 0)} {_if('ticks', f'{LOOK_SELDOM}..')} run function plots/guard",
        ],
        "plots/guard": [
            _set("ticks", 0),
            *inside_lines(
                pack.plots, f"execute {_if(GUARD, 1)} run", f"execute {_if(GUARD, 0)} run"
            ),
            *barring_lines(
                "m",
                lambda who: f"effect {who} slow_falling {FALLING_SECONDS} 0 true",
                lambda who: _actionbar(who, told),
            ),
        ],
    }


def with_plots(
    functions: Functions, pack: PlotPack, switches: Sequence[Switch], first: int, words: Words
) -> Functions:
    """The functions of a pack with those about plots, whose jobs begin with the number `first`: the
    first tick of a world without scores makes theirs, too, and every later one looks for plots that
    are to be set back, and for players outside."""
    if not pack.resets:
        return functions
    begin = [
        f"scoreboard objectives add {PLOTS} dummy",
        *(
            _set(holder[1:], value)
            for (_, holder), value in starting_plots(pack.plots, pack.guarded).items()
        ),
    ]
    idle = " ".join(
        f"if score {score(f'work.{name}', OBJECTIVE)} matches 0"
        for name in ("job", "scan", "guide")
    )
    return {
        **functions,
        **plot_jobs(pack, switches, first, words),
        **_reset_functions(pack, first, words),
        **_guard_functions(pack, words),
        "mc_city/init/0": [*functions["mc_city/init/0"], *begin],
        "mc_city/work": [
            *functions["mc_city/work"],
            f"execute {idle} {_if('any', 1)} run function plots/look",
            f"execute {_if(GUARDED, 1)} run function plots/wait",
        ],
        "mc_city/give_up": [*functions["mc_city/give_up"], _set("any", 0)],
    }
