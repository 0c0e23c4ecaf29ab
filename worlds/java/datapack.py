"""The data pack that switches layers inside the game: functions over scores, structure templates,
and work spread over ticks.

Scores of the objective `mc_city`: `#<switch>` the wanted state, `#lock`, and what the work needs;
of `mc_city_unit`: `#<number>` the combination that stands in a unit, −1 while it is being changed.
A unit whose score is not the wanted combination is placed whole, so pressing twice, joining late or
a restart in the middle all end in the wanted state. Votes are in `worlds.java.votes`.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from worlds.fixtures import Ballot
from worlds.java.dimension import is_raised
from worlds.java.menu import CLICKS, menus
from worlds.java.pack_meta import PACK, write_pack_meta, write_raised
from worlds.java.plots import load_lines as plot_load_lines
from worlds.java.plots import plot_functions
from worlds.java.versions import JavaVersion
from worlds.java.votes import load_lines, sign_functions, vote_functions
from worlds.layers import CELL, OBJECTIVE, UNIT_OBJECTIVE, Switch, Unit, switch_text
from worlds.plots import NO_PLOTS, PlotPack
from worlds.quoting import function_file, java_text, json_file
from worlds.words import Words

BUDGET = 16_000
"""Blocks set in one tick, about; a unit is never split."""
PATIENCE = 1200
"""Ticks after which loading is given up."""
NEWER = "from_1_21_5"
"""The folder of what a pack for older games has for it."""

Functions = dict[str, list[str]]
Batches = dict[tuple[int, int], list[tuple[int, Unit]]]


def _root(world: Path) -> Path:
    return world / "datapacks" / PACK


def write_height_pack(world: Path, version: JavaVersion) -> None:
    """The pack of a world without layers, if it needs one."""
    if is_raised(version):
        write_pack_meta(_root(world), version, write_raised(_root(world), version))


def structure_folder(world: Path, version: JavaVersion) -> Path:
    """Where a game of this version looks for the structures of a world's data pack."""
    return _root(world) / "data" / PACK / f"structure{_plural(version)}"


def _plural(version: JavaVersion) -> str:
    return "s" if version.pack_folders == "plural" else ""


def _carry_over(root: Path, version: JavaVersion) -> None:
    """Lays what a game before 1.21 reads beside it once more under the names without the s: a newer
    one that upgrades the world reads these alone, and passes over the others without a word."""
    if version.pack_folders != "plural":
        return
    data = root / "data"
    for plural in (
        data / PACK / "functions",
        data / PACK / "structures",
        data / "minecraft" / "tags" / "functions",
    ):
        if plural.is_dir():
            shutil.copytree(
                plural, plural.with_name(plural.name.removesuffix("s")), dirs_exist_ok=True
            )


def _batches(units: Sequence[Unit]) -> Batches:
    grouped: Batches = defaultdict(list)
    for number, unit in enumerate(units):
        grouped[unit.batch].append((number, unit))
    return dict(sorted(grouped.items()))


def _set_name(switches: Sequence[Switch], chosen: Sequence[int]) -> str:
    return ".".join(switches[index].id for index in chosen)


def combination_function(switches: Sequence[Switch], chosen: Sequence[int]) -> list[str]:
    """Sets #c to the number of the combination that is wanted of these switches."""
    lines = [
        f"scoreboard players operation #c {OBJECTIVE} = #{switches[chosen[-1]].id} {OBJECTIVE}"
    ]
    for index in reversed(chosen[:-1]):
        lines.append(
            f"scoreboard players operation #c {OBJECTIVE} *= #k{switches[index].states} {OBJECTIVE}"
        )
        lines.append(
            f"scoreboard players operation #c {OBJECTIVE} += #{switches[index].id} {OBJECTIVE}"
        )
    return lines


STRICT = " none none 1.0 0 strict"
"""Placed as it is: without turning, mirroring or decay, and without making the blocks around it
look for new neighbours."""


def unit_function(number: int, unit: Unit, version: JavaVersion) -> list[str]:
    """Places what is wanted of a unit (in #c), if this tick's budget allows; counts it in #left
    until it stands."""
    exactly = STRICT if version.strict_placing else ""
    lines = [
        f"scoreboard players add #left {OBJECTIVE} 1",
        f"execute if score #budget {OBJECTIVE} matches ..0 run return 0",
        f"scoreboard players set #{number} {UNIT_OBJECTIVE} -1",
        f"scoreboard players set #n {OBJECTIVE} 0",
    ]
    for combination, pieces in enumerate(unit.pieces):
        for place, piece in enumerate(pieces):
            before = f" if score #n {OBJECTIVE} matches 1" if place else ""
            x, y, z = piece.at
            lines.append(
                f"execute if score #c {OBJECTIVE} matches {combination}{before} store success "
                f"score #n {OBJECTIVE} "
                f"run place template {PACK}:{piece.name} {x} {y} {z}{exactly}"
            )
    return [
        *lines,
        f"execute unless score #n {OBJECTIVE} matches 1 run return fail",
        f"scoreboard players operation #{number} {UNIT_OBJECTIVE} = #c {OBJECTIVE}",
        f"scoreboard players remove #budget {OBJECTIVE} {unit.blocks}",
        f"scoreboard players add #done {OBJECTIVE} 1",
        f"scoreboard players remove #left {OBJECTIVE} 1",
    ]


def _each_unit(
    switches: Sequence[Switch], listed: Sequence[tuple[int, Unit]], what: str
) -> list[str]:
    """For every unit whose combination is not the wanted one, `what` with its number in place of
    `%`."""
    lines = []
    for chosen in dict.fromkeys(unit.switches for _, unit in listed):
        lines.append(f"function {PACK}:wanted/{_set_name(switches, chosen)}")
        for number, unit in listed:
            if unit.switches == chosen:
                test = f"execute unless score #{number} {UNIT_OBJECTIVE} = #c {OBJECTIVE} run "
                lines.append(test + what.replace("%", str(number)))
    return lines


def batch_functions(switches: Sequence[Switch], batches: Batches) -> Functions:
    """What is loaded, changed and released together."""
    out: Functions = {}
    for number, listed in enumerate(batches.values(), start=1):
        xs, zs = (
            [unit.cell[0] * CELL for _, unit in listed],
            [unit.cell[1] * CELL for _, unit in listed],
        )
        box = f"{min(xs)} {min(zs)} {max(xs) + CELL} {max(zs) + CELL}"
        folder = f"batch/{number}"
        out[f"{folder}/count"] = _each_unit(
            switches, listed, f"scoreboard players add #left {OBJECTIVE} 1"
        )
        out[f"{folder}/look"] = [
            f"scoreboard players set #left {OBJECTIVE} 0",
            f"function {PACK}:{folder}/count",
            f"execute if score #left {OBJECTIVE} matches 1.. run function {PACK}:{folder}/load",
        ]
        out[f"{folder}/load"] = [
            f"scoreboard players set #batch {OBJECTIVE} {number}",
            f"scoreboard players set #waited {OBJECTIVE} 0",
            f"forceload add {box}",
        ]
        out[f"{folder}/work"] = [
            f"scoreboard players set #left {OBJECTIVE} 0",
            *_each_unit(switches, listed, f"function {PACK}:unit/%"),
            f"execute if score #left {OBJECTIVE} matches 0 run function {PACK}:{folder}/release",
        ]
        out[f"{folder}/release"] = [
            f"forceload remove {box}",
            f"scoreboard players set #batch {OBJECTIVE} 0",
        ]
    return out


def work_functions(switches: Sequence[Switch], batches: int, words: Words) -> Functions:
    """The work that goes on tick by tick until every unit is as wanted."""
    every = range(1, batches + 1)
    states = sorted({switch.states for switch in switches})
    prepare = [
        f"scoreboard objectives add {OBJECTIVE} dummy",
        f"scoreboard objectives add {UNIT_OBJECTIVE} dummy",
        *(f"scoreboard players set #k{count} {OBJECTIVE} {count}" for count in states),
        *(
            f"scoreboard players add #{name} {OBJECTIVE} 0"
            for name in (*(switch.id for switch in switches), "lock", "batch")
        ),
        f"bossbar add {PACK}:progress {java_text(words.own['rebuilding'])}",
        f"bossbar set {PACK}:progress color yellow",
        *(
            f"execute if score #batch {OBJECTIVE} matches {number} run function "
            f"{PACK}:batch/{number}/release"
            for number in every
        ),
        f"function {PACK}:work/count",
        f"execute if score #total {OBJECTIVE} matches 1.. run function {PACK}:start",
    ]
    return {
        "load": prepare,
        "start": [
            f"function {PACK}:work/count",
            f"execute store result bossbar {PACK}:progress max run scoreboard players get #total "
            f"{OBJECTIVE}",
            f"bossbar set {PACK}:progress players @a",
            f"bossbar set {PACK}:progress visible true",
            f"schedule function {PACK}:work 1t replace",
        ],
        "work": [
            f"scoreboard players set #budget {OBJECTIVE} {BUDGET}",
            f"execute if score #batch {OBJECTIVE} matches 0 run function {PACK}:work/pick",
            f"execute if score #batch {OBJECTIVE} matches 0 run return run function "
            f"{PACK}:work/finish",
            *(
                f"execute if score #batch {OBJECTIVE} matches {number} run function "
                f"{PACK}:batch/{number}/work"
                for number in every
            ),
            f"execute store result bossbar {PACK}:progress value run scoreboard players get #done "
            f"{OBJECTIVE}",
            f"scoreboard players add #waited {OBJECTIVE} 1",
            f"execute if score #waited {OBJECTIVE} matches {PATIENCE}.. run return run function "
            f"{PACK}:work/give_up",
            f"schedule function {PACK}:work 1t replace",
        ],
        "work/pick": [
            f"execute if score #batch {OBJECTIVE} matches 0 run function {PACK}:batch/{number}/look"
            for number in every
        ],
        "work/count": [
            f"scoreboard players set #left {OBJECTIVE} 0",
            *(f"function {PACK}:batch/{number}/count" for number in every),
            f"scoreboard players operation #total {OBJECTIVE} = #left {OBJECTIVE}",
            f"scoreboard players set #done {OBJECTIVE} 0",
        ],
        "work/finish": [
            f"bossbar set {PACK}:progress visible false",
            f"title @a actionbar {java_text(words.both('done'))}",
        ],
        "work/give_up": [
            *(
                f"execute if score #batch {OBJECTIVE} matches {number} run function "
                f"{PACK}:batch/{number}/release"
                for number in every
            ),
            f"bossbar set {PACK}:progress visible false",
            f"tellraw @a {java_text(words.both('give_up'))}",
        ],
        "repair": [f"scoreboard players reset * {UNIT_OBJECTIVE}", f"function {PACK}:start"],
    }


def locked_line(words: Words) -> str:
    """Ends what a button runs while the teacher has locked the buttons."""
    return (
        f"execute if score #lock {OBJECTIVE} matches 1 run return run title @p actionbar "
        f"{java_text(words.both('teacher_locked'))}"
    )


def switch_functions(switch: Switch, words: Words) -> Functions:
    """show, hide, toggle, and what its buttons run."""
    score = f"#{switch.id} {OBJECTIVE}"
    folder = f"{PACK}:{switch.id}"
    start = f"function {PACK}:start"
    out: Functions = {
        "hide": [
            f"scoreboard players set {score} 0",
            f"title @a actionbar {java_text(switch_text(switch, 0, words))}",
            start,
        ],
        "show": [f"function {folder}/option_1"],
        "toggle": [
            f"execute if score {score} matches 0 run return run function {folder}/show",
            f"function {folder}/hide",
        ],
        "press_0": [locked_line(words), f"function {folder}/hide"],
    }
    for number, option in enumerate(switch.options, start=1):
        label = java_text(switch_text(switch, number, words))
        out[f"option_{number}"] = [
            f"scoreboard players set {score} {number}",
            f"title @a actionbar {label}",
            start,
        ]
        if option:
            out[f"show_{option}"] = [f"function {folder}/option_{number}"]
        # A second press takes it away again.
        out[f"press_{number}"] = [
            locked_line(words),
            f"execute if score {score} matches {number} run return run function {folder}/hide",
            f"function {folder}/option_{number}",
        ]
    return {f"{switch.id}/{name}": lines for name, lines in out.items()}


def dial_functions(switches: Sequence[Switch], years: Sequence[int], words: Words) -> Functions:
    """The year dial, all and nothing, lock and status."""

    def shown(switch: Switch) -> str:
        return (
            f"execute if score #{switch.id} {OBJECTIVE} matches 0 run scoreboard players set "
            f"#{switch.id} {OBJECTIVE} 1"
        )

    def hidden(switch: Switch) -> str:
        return f"scoreboard players set #{switch.id} {OBJECTIVE} 0"

    start = f"function {PACK}:start"
    hide = [
        *(hidden(switch) for switch in switches),
        f"title @a actionbar {java_text(words.both('today'))}",
        start,
    ]
    out: Functions = {
        "year/today": hide,
        "year/press_today": [locked_line(words), f"function {PACK}:year/today"],
        "all/hide": hide,
        "all/show": [
            *(shown(switch) for switch in switches),
            f"title @a actionbar {java_text(words.both('all_plans'))}",
            start,
        ],
        "all/press_show": [locked_line(words), f"function {PACK}:all/show"],
        "lock": [
            f"scoreboard players set #lock {OBJECTIVE} 1",
            f"tellraw @a {java_text(words.both('locked'))}",
        ],
        "unlock": [
            f"scoreboard players set #lock {OBJECTIVE} 0",
            f"tellraw @a {java_text(words.both('unlocked'))}",
        ],
        "status": [f"tellraw @s {java_text(words.both('areas'))}"],
    }
    for year in years:
        done = [
            shown(switch)
            if switch.done_year is not None and switch.done_year <= year
            else hidden(switch)
            for switch in switches
        ]
        out[f"year/{year}"] = [
            *done,
            f"title @a actionbar {java_text(words.both('by_year', year=year))}",
            start,
        ]
        out[f"year/press_{year}"] = [locked_line(words), f"function {PACK}:year/{year}"]
    for switch in switches:
        for state in range(switch.states):
            test = f"execute if score #{switch.id} {OBJECTIVE} matches {state} run "
            out["status"].append(f"{test}tellraw @s {java_text(switch_text(switch, state, words))}")
    for state, what in ((0, words.both("unlocked")), (1, words.both("locked"))):
        out["status"].append(
            f"execute if score #lock {OBJECTIVE} matches {state} run tellraw @s {java_text(what)}"
        )
    return out


def pack_functions(
    switches: Sequence[Switch],
    units: Sequence[Unit],
    years: Sequence[int],
    version: JavaVersion,
    words: Words,
    ballots: Sequence[Ballot] = (),
    plots: PlotPack = NO_PLOTS,
) -> Functions:
    """All functions of the pack, by name."""
    batches = _batches(units)
    out = {
        **work_functions(switches, len(batches), words),
        **batch_functions(switches, batches),
        **dial_functions(switches, years, words),
    }
    for switch in switches:
        out.update(switch_functions(switch, words))
    changing = [*units, *(unit for reset in plots.resets for unit in reset.units)]
    for chosen in dict.fromkeys(unit.switches for unit in changing if unit.switches):
        out[f"wanted/{_set_name(switches, chosen)}"] = combination_function(switches, chosen)
    for number, unit in enumerate(units):
        out[f"unit/{number}"] = unit_function(number, unit, version)
    out.update(menus(switches, years, version, words=words, ballots=ballots, plots=plots))
    out.update(vote_functions(ballots, version, words))
    out.update(plot_functions(plots, switches, version, words))
    out["load"] += [*load_lines(ballots), *plot_load_lines(plots)]
    return out


def _write_function(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(function_file(lines), "utf-8", newline="\n")


def function_folders(world: Path, version: JavaVersion) -> tuple[Path, ...]:
    """Where a game of this version looks for the functions of a world's data pack, and newer
    ones."""
    data = _root(world) / "data" / PACK
    return tuple(data / f"function{ending}" for ending in dict.fromkeys((_plural(version), "")))


def function_lines(world: Path, version: JavaVersion, name: str) -> list[str]:
    """The lines of a function of a world's pack; none where it has no such function."""
    path = function_folders(world, version)[0] / f"{name}.mcfunction"
    if not path.is_file():
        return []
    return [line for line in path.read_text("utf-8", "replace").splitlines() if line]


def write_more(
    world: Path,
    version: JavaVersion,
    functions: Mapping[str, Sequence[str]],
    on_load: Sequence[str] = (),
) -> None:
    """Adds functions to a pack that is written, in place of those of the same names, and lines to
    what runs when the world is opened."""
    for folder in function_folders(world, version):
        for name, lines in functions.items():
            _write_function(folder / f"{name}.mcfunction", lines)
        load = folder / "load.mcfunction"
        _write_function(load, [*load.read_text("utf-8").splitlines(), *on_load])


def write_datapack(
    world: Path,
    switches: Sequence[Switch],
    units: Sequence[Unit],
    years: Sequence[int],
    version: JavaVersion,
    words: Words,
    ballots: Sequence[Ballot] = (),
    plots: PlotPack = NO_PLOTS,
) -> dict[str, Any]:
    """Writes the pack beside its structures, which are there already; returns counts for the
    report."""
    root, plural = _root(world), _plural(version)
    functions = pack_functions(
        switches, units, years, version=version, words=words, ballots=ballots, plots=plots
    )
    for name, lines in functions.items():
        _write_function(root / "data" / PACK / f"function{plural}" / f"{name}.mcfunction", lines)
    if version.click != CLICKS.click:
        newer = root / NEWER / "data" / PACK / "function"
        later = {
            **menus(switches, years, CLICKS, words=words, ballots=ballots, plots=plots),
            **sign_functions(ballots, CLICKS, words),
        }
        for name, lines in later.items():
            _write_function(newer / f"{name}.mcfunction", lines)
    tag = root / "data" / "minecraft" / "tags" / f"function{plural}" / "load.json"
    tag.parent.mkdir(parents=True, exist_ok=True)
    tag.write_text(json_file({"values": [f"{PACK}:load"]}, None), "utf-8", newline="\n")
    _carry_over(root, version)
    overlays = {NEWER: CLICKS.pack_format[0]} if version.click != CLICKS.click else {}
    write_pack_meta(root, version, overlays | write_raised(root, version))
    return {
        "functions": len(functions),
        "pieces": sum(
            len({piece.name for pieces in unit.pieces for piece in pieces}) for unit in units
        ),
        "by_layer": {
            switch.id: _layer_counts(index, units, structure_folder(world, version))
            for index, switch in enumerate(switches)
        },
    }


def _layer_counts(index: int, units: Sequence[Unit], folder: Path) -> dict[str, int]:
    """How much switching one layer sets in motion: units, blocks, structures and their bytes, ticks
    of work (loading on top)."""
    mine = [unit for unit in units if index in unit.switches]
    ticks = 0
    for _, listed in _batches(mine).items():
        spent = 0
        ticks += 2
        for _, unit in listed:
            if spent >= BUDGET:
                ticks, spent = ticks + 1, 0
            spent += unit.blocks
    names = {piece.name for unit in mine for pieces in unit.pieces for piece in pieces}
    size = sum((folder / f"{name}.nbt").stat().st_size for name in names)
    return {
        "units": len(mine),
        "blocks": sum(unit.blocks for unit in mine),
        "pieces": len(names),
        "bytes": size,
        "ticks": ticks,
    }
