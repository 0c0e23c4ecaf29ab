"""The functions that switch layers inside a Bedrock world: over scores, with work spread over
ticks.

Scores of the objective `mc_city`: `#<switch>` the wanted state, `#lock`, and what the work needs;
of `mc_city_unit`: `#<number>` the combination that stands in a unit, −1 while it is being changed.
A unit whose score is not the wanted combination is placed whole, so pressing twice, joining late or
closing the world in the middle all end in the wanted state.

Bedrock has no `return`, no `execute store` and, in 1.21.0, no delay. So `tick.json` runs
`mc_city/tick`, which asks the game every tick to call a batch's work when its ticking area is
loaded: nothing is ever placed where nothing is loaded, not after a restart either, and the game
keeps areas and scores. No line relies on a function being done before the next line runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Sized

from worlds.bedrock.npc import Guide, summon_commands
from worlds.layers import (
    CELL,
    OBJECTIVE,
    UNIT_OBJECTIVE,
    Piece,
    State,
    Switch,
    Unit,
    combination,
    switch_text,
)
from worlds.quoting import raw_text
from worlds.words import Words

BUDGET = 8_000
"""Blocks set in one tick, about; a unit is never split. Half of Java's: tablets run this too."""
BATCH_CELLS = 4
"""Cells along one side of what is loaded at a time: 8 chunks and one around them, as a ticking area
holds 100."""
MARGIN = 16
AGAIN, PATIENCE = 100, 1200
"""Ticks without an answer after which loading is asked for again, and given up."""
PART = 2_000
"""Lines of a function that may not run with others in one tick: a function and what it calls may
run 10,000 commands."""
RESERVED = ("all", "year", "mc_city", "lock", "unlock", "status", "repair", "vote", "plot",
            "plots")  # fmt: skip
WORK = ("job", "scan", "found", "group", "left", "budget", "asked", "waited", "again", "was")
"""Scores of the work, as `#work.job`: no layer's name has a dot."""
START = "function mc_city/start"

Functions = dict[str, list[str]]
Listed = list[tuple[int, Unit]]


def structure_id(piece: Piece) -> str:
    """What `structure load` calls a piece, and its file: without folders, as consoles take paths of
    80 letters only."""
    cell, layers, part = piece.name.split("/")
    return f"{cell}-{layers.replace('.', '-')}-{part}"


def score(name: str, objective: str = OBJECTIVE) -> str:
    """A holder and its objective; in quotes, as only a plain word may go without."""
    return f'"#{name}" {objective}'


def _set(name: str, value: int, objective: str = OBJECTIVE) -> str:
    return f"scoreboard players set {score(name, objective)} {value}"


def _copy(to: str, source: str) -> str:
    return f"scoreboard players operation {score(to)} = {score(source)}"


def _if(name: str, matches: str | int) -> str:
    return f"if score {score(name)} matches {matches}"


def _unless(name: str, matches: str | int) -> str:
    return f"unless score {score(name)} matches {matches}"


def _actionbar(target: str, text: str) -> str:
    return f"titleraw {target} actionbar {raw_text(text)}"


def batches_of(units: Sequence[Unit]) -> list[Listed]:
    """The units, with their numbers, that are loaded and changed together."""
    grouped: dict[tuple[int, int], Listed] = defaultdict(list)
    for number, unit in enumerate(units):
        grouped[unit.cell[0] // BATCH_CELLS, unit.cell[1] // BATCH_CELLS].append((number, unit))
    return [grouped[key] for key in sorted(grouped)]


def _box(listed: Listed) -> tuple[int, int, int, int]:
    xs, zs = (
        [unit.cell[0] * CELL for _, unit in listed],
        [unit.cell[1] * CELL for _, unit in listed],
    )
    return (
        min(xs) - MARGIN,
        min(zs) - MARGIN,
        max(xs) + CELL + MARGIN - 1,
        max(zs) + CELL + MARGIN - 1,
    )


def _area(number: int) -> str:
    return f"mc_city_{number}"


def _set_name(switches: Sequence[Switch], chosen: Sequence[int]) -> str:
    return "wanted." + ".".join(switches[index].id for index in chosen)


def wanted_lines(switches: Sequence[Switch], listed: Listed) -> list[str]:
    """Computes, for each set of switches that units depend on, the number of the combination that
    is wanted."""
    lines = []
    for chosen in dict.fromkeys(unit.switches for _, unit in listed):
        name = _set_name(switches, chosen)
        lines.append(_copy(name, switches[chosen[-1]].id))
        for index in reversed(chosen[:-1]):
            lines.append(
                f"scoreboard players operation {score(name)} *= "
                f"{score(f'work.k{switches[index].states}')}"
            )
            lines.append(
                f"scoreboard players operation {score(name)} += {score(switches[index].id)}"
            )
    return lines


def _stale(switches: Sequence[Switch], number: int, unit: Unit) -> str:
    return (
        f"unless score {score(str(number), UNIT_OBJECTIVE)} = "
        f"{score(_set_name(switches, unit.switches))}"
    )


def unit_function(switches: Sequence[Switch], number: int, unit: Unit) -> list[str]:
    """Places what is wanted of a unit and counts it off this tick's budget."""
    wanted = _set_name(switches, unit.switches)
    return [
        _set(str(number), -1, UNIT_OBJECTIVE),
        *placing_lines(switches, unit),
        f"scoreboard players operation {score(str(number), UNIT_OBJECTIVE)} = {score(wanted)}",
        f"scoreboard players remove {score('work.budget')} {unit.blocks}",
    ]


def placing_lines(switches: Sequence[Switch], unit: Unit) -> list[str]:
    """Places the combination of a unit that is wanted; the only one of a unit without switches."""
    lines = []
    for count, pieces in enumerate(unit.pieces):
        wanted = _if(_set_name(switches, unit.switches), count) if unit.switches else ""
        for piece in pieces:
            x, y, z = piece.at
            load = f'structure load "mc_city:{structure_id(piece)}" {x} {y} {z}'
            lines.append(f"execute {wanted} run {load}" if wanted else load)
    return lines


def job_lines(number: int, box: tuple[int, int, int, int], work: list[str]) -> Functions:
    """What is loaded, done and released together: a batch of units, or a guide."""
    folder, (x0, z0, last_x, last_z) = f"mc_city/job/{number}", box
    return {
        f"{folder}/area": [f"tickingarea add {x0} 0 {z0} {last_x} 0 {last_z} {_area(number)}"],
        f"{folder}/load": [
            _set("work.waited", 0),
            _set("work.again", 0),
            _set("work.asked", 0),
            f"function {folder}/area",
        ],
        # Marked before it is asked: an answer may come at once.
        f"{folder}/ask": [
            _set("work.asked", 1),
            f"schedule on_area_loaded add tickingarea {_area(number)} {folder}/loaded",
        ],
        f"{folder}/loaded": [f"execute {_if('work.job', number)} run function {folder}/work"],
        f"{folder}/work": [
            _set("work.waited", 0),
            _set("work.again", 0),
            _set("work.asked", 0),
            *work,
        ],
        f"{folder}/release": [f"tickingarea remove {_area(number)}", _set("work.job", 0)],
    }


def _batch_work(switches: Sequence[Switch], number: int, listed: Listed, words: Words) -> list[str]:
    progress = raw_text(
        f"{words.own['rebuilding']} ", {"score": {"name": "#work.left", "objective": OBJECTIVE}}
    )
    return [
        *wanted_lines(switches, listed),
        _set("work.left", 0),
        *(f"execute {_stale(switches, each, unit)} run scoreboard players add "
          f"{score('work.left')} 1" for each, unit in listed),
        f"execute {_if('work.left', '1..')} run titleraw @a actionbar {progress}",
        *(
            f"execute {_stale(switches, each, unit)} {_if('work.budget', '1..')} run function "
            f"mc_city/unit/{each}"
            for each, unit in listed
        ),
        f"execute {_if('work.left', 0)} run function mc_city/job/{number}/release",
    ]  # fmt: skip


def _guide_work(guide: Guide, place: int, count: int, number: int) -> list[str]:
    following = place + 1 if place < count else 0
    return [
        *summon_commands(guide),
        _set("work.guide", following),
        f"function mc_city/job/{number}/release",
    ]


def _guide_box(guide: Guide) -> tuple[int, int, int, int]:
    x, _, z = guide.at
    return x - MARGIN, z - MARGIN, x + MARGIN, z + MARGIN


def job_functions(
    switches: Sequence[Switch], batches: Sequence[Listed], guides: Sequence[Guide], words: Words
) -> Functions:
    out: Functions = {}
    for number, listed in enumerate(batches, start=1):
        out.update(job_lines(number, _box(listed), _batch_work(switches, number, listed, words)))
    for place, guide in enumerate(guides, start=1):
        number = len(batches) + place
        out.update(
            job_lines(number, _guide_box(guide), _guide_work(guide, place, len(guides), number))
        )
    return out


def _scan_groups(batches: Sequence[Listed]) -> list[list[int]]:
    """Numbers of batches that are looked through in one tick."""
    groups: list[list[int]] = []
    lines = PART
    for number, listed in enumerate(batches, start=1):
        if lines + len(listed) > PART:
            groups.append([])
            lines = 0
        groups[-1].append(number)
        lines += len(listed)
    return groups


def scan_functions(switches: Sequence[Switch], batches: Sequence[Listed]) -> Functions:
    """Looks for a batch with something to do, some batches a tick; the first one becomes the
    job."""
    groups = _scan_groups(batches)
    out: Functions = {
        "mc_city/scan": [
            _set("work.found", 0),
            _copy("work.group", "work.scan"),
            *(
                f"execute {_if('work.group', group)} run function mc_city/scan/{group}"
                for group in range(1, len(groups) + 1)
            ),
            f"execute {_if('work.group', f'{len(groups) + 1}..')} run function mc_city/finish",
        ]
    }
    for group, numbers in enumerate(groups, start=1):
        lines = []
        for number in numbers:
            listed = batches[number - 1]
            lines += wanted_lines(switches, listed)
            lines += [
                f"execute {_if('work.found', 0)} {_stale(switches, each, unit)} run "
                f"{_set('work.found', number)}" for each, unit in listed
            ]  # fmt: skip
        out[f"mc_city/scan/{group}"] = [
            *lines,
            f"execute {_if('work.found', 0)} run scoreboard players add {score('work.scan')} 1",
            _copy("work.job", "work.found"),
            f"execute {_if('work.job', '1..')} run function mc_city/load",
        ]
    return out


def starting_scores(
    switches: Sequence[Switch], units: Sequence[Unit], state: State, guides: Sized
) -> dict[tuple[str, str], int]:
    """(objective, holder) → score of a new world that was built in this state, as `mc_city/init`
    would set them. guides: all that are to be placed."""
    holders = [
        *((f"work.k{count}", count) for count in sorted({switch.states for switch in switches})),
        *zip((switch.id for switch in switches), state, strict=True),
        ("lock", 0),
        *((f"work.{name}", 0) for name in WORK),
        *(
            (_set_name(switches, chosen), 0)
            for chosen in dict.fromkeys(unit.switches for unit in units)
        ),
        ("work.guide", 1 if guides else 0),
        ("work.init", len(_standing_parts(units)) + 1),
    ]
    scores = {(OBJECTIVE, f"#{name}"): value for name, value in holders}
    for number, unit in enumerate(units):
        scores[UNIT_OBJECTIVE, f"#{number}"] = combination(switches, unit.switches, state)
    return scores


def has_begun(scores: Mapping[tuple[str, str], int], units: Sequence[Unit]) -> bool:
    """Whether a world holds the scores that its pack begins with. As long as it does not, the pack
    writes them down when the game opens the world, in the state that it was built in."""
    return scores.get((OBJECTIVE, "#work.init"), 0) > len(_standing_parts(units))


def _standing_parts(units: Sequence[Unit]) -> list[range]:
    """The numbers of units whose scores are set in one tick each."""
    return [range(at, min(at + PART, len(units))) for at in range(0, len(units), PART)]


def init_functions(
    switches: Sequence[Switch], units: Sequence[Unit], state: State, guides: Sequence[Guide]
) -> Functions:
    """Writes down, in the first ticks of a world without scores, the state it was built in;
    `#work.init` says how far that has come. Built worlds hold these scores already."""
    scores = starting_scores(switches, units, state, guides)
    first = [
        f"scoreboard players set {score(name[1:], objective)} {value}"
        for (objective, name), value in scores.items()
        if objective == OBJECTIVE and name != "#work.init"
    ]
    standing = [
        [_set(str(number), scores[UNIT_OBJECTIVE, f"#{number}"], UNIT_OBJECTIVE) for number in part]
        for part in _standing_parts(units)
    ]
    parts = [first, *standing]
    out: Functions = {f"mc_city/init/{part}": lines for part, lines in enumerate(parts)}
    done = len(parts)
    out["mc_city/init"] = [
        _copy("work.part", "work.init"),
        f"scoreboard players add {score('work.init')} 1",
        *(
            f"execute {_if('work.part', part)} run function mc_city/init/{part}"
            for part in range(done)
        ),
    ]
    out["mc_city/tick"] = [
        f"scoreboard objectives add {OBJECTIVE} dummy",
        f"scoreboard objectives add {UNIT_OBJECTIVE} dummy",
        f"scoreboard players add {score('work.init')} 0",
        f"execute {_if('work.init', f'{done}..')} run function mc_city/work",
        f"execute {_if('work.init', f'..{done - 1}')} run function mc_city/init",
    ]
    return out


def work_functions(batches: int, guides: int, words: Words, plots: int = 0) -> Functions:
    """What goes on tick by tick until every unit is as wanted and every guide stands. plots: jobs
    after theirs, see `worlds.bedrock.plots`."""
    jobs = range(1, batches + guides + plots + 1)
    return {
        "mc_city/start": [_set("work.scan", 1)],
        "mc_city/work": [
            _set("work.budget", BUDGET),
            f"execute {_if('work.job', '1..')} run function mc_city/watch",
            f"execute {_if('work.job', 0)} {_if('work.scan', '1..')} run function mc_city/scan",
            f"execute {_if('work.job', 0)} {_if('work.scan', 0)} {_if('work.guide', '1..')} run "
            f"function mc_city/guide",
        ],
        "mc_city/watch": [
            f"scoreboard players add {score('work.waited')} 1",
            f"scoreboard players add {score('work.again')} 1",
            f"execute {_if('work.again', f'{AGAIN}..')} run function mc_city/again",
            *(f"execute {_if('work.asked', 0)} {_if('work.job', number)} run function "
              f"mc_city/job/{number}/ask" for number in jobs),
            f"execute {_if('work.waited', f'{PATIENCE}..')} run function mc_city/give_up",
        ],
        "mc_city/again": [
            _set("work.again", 0),
            _set("work.asked", 0),
            *(f"execute {_if('work.job', number)} run function "
              f"mc_city/job/{number}/area" for number in jobs),
        ],
        "mc_city/load": [f"execute {_if('work.job', number)} run function "
                         f"mc_city/job/{number}/load" for number in jobs],
        "mc_city/guide": [
            _copy("work.job", "work.guide"),
            f"scoreboard players add {score('work.job')} {batches}",
            "function mc_city/load",
        ],
        "mc_city/finish": [_set("work.scan", 0), _actionbar("@a", words.both("done"))],
        "mc_city/give_up": [
            _set("work.scan", 0),
            _set("work.guide", 0),
            *(f"execute {_if('work.job', number)} run function "
              f"mc_city/job/{number}/release" for number in jobs),
            f"tellraw @a {raw_text(words.both('give_up'))}",
        ],
    }  # fmt: skip


def pressed(function: str, words: Words) -> list[str]:
    """What a button runs: the function, unless the teacher has locked the buttons."""
    locked = f"execute {_if('lock', 1)} run {_actionbar('@p', words.both('teacher_locked'))}"
    return [locked, f"execute {_unless('lock', 1)} run function {function}"]


def switch_functions(switch: Switch, words: Words) -> Functions:
    """show, hide, toggle, and what its buttons run."""
    folder = switch.id
    out: Functions = {
        "hide": [_set(switch.id, 0), _actionbar("@a", switch_text(switch, 0, words)), START],
        "show": [f"function {folder}/option_1"],
        "toggle": [
            _copy("work.was", switch.id),
            f"execute {_if('work.was', 0)} run function {folder}/show",
            f"execute {_unless('work.was', 0)} run function {folder}/hide",
        ],
        "press_0": pressed(f"{folder}/hide", words),
    }
    for number, option in enumerate(switch.options, start=1):
        out[f"option_{number}"] = [
            _set(switch.id, number),
            _actionbar("@a", switch_text(switch, number, words)),
            START,
        ]
        if option:
            out[f"show_{option}"] = [f"function {folder}/option_{number}"]
        # A second press takes it away again.
        out[f"turn_{number}"] = [
            _copy("work.was", switch.id),
            f"execute {_if('work.was', number)} run function {folder}/hide",
            f"execute {_unless('work.was', number)} run function {folder}/option_{number}",
        ]
        out[f"press_{number}"] = pressed(f"{folder}/turn_{number}", words)
    return {f"{folder}/{name}": lines for name, lines in out.items()}


def dial_functions(
    switches: Sequence[Switch], units: int, years: Sequence[int], guides: int, words: Words
) -> Functions:
    """The year dial, all and nothing, lock, status and repair."""

    def shown(switch: Switch) -> str:
        return f"execute {_if(switch.id, 0)} run {_set(switch.id, 1)}"

    def hidden(switch: Switch) -> str:
        return _set(switch.id, 0)

    hide = [*(hidden(switch) for switch in switches), _actionbar("@a", words.both("today")), START]
    out: Functions = {
        "year/today": hide,
        "year/press_today": pressed("year/today", words),
        "all/hide": hide,
        "all/show": [*(shown(switch) for switch in switches), _actionbar("@a",
        words.both("all_plans")), START],
        "all/press_show": pressed("all/show", words),
        "lock": [_set("lock", 1), f"tellraw @a {raw_text(words.both('locked'))}"],
        "unlock": [_set("lock", 0), f"tellraw @a {raw_text(words.both('unlocked'))}"],
        "repair": [
            *(_set(str(number), -1, UNIT_OBJECTIVE) for number in range(units)),
            _set("work.guide", 1 if guides else 0),
            START,
        ],
        "status": [f"tellraw @s {raw_text(words.both('areas'))}"],
    }  # fmt: skip
    for year in years:
        done = [
            shown(switch)
            if switch.done_year is not None and switch.done_year <= year
            else hidden(switch)
            for switch in switches
        ]
        out[f"year/{year}"] = [*done, _actionbar("@a", words.both("by_year", year=year)), START]
        out[f"year/press_{year}"] = pressed(f"year/{year}", words)
    for switch in switches:
        for state in range(switch.states):
            out["status"].append(
                f"execute {_if(switch.id, state)} run tellraw @s "
                f"{raw_text(switch_text(switch, state, words))}"
            )
    for state, what in ((0, words.both("unlocked")), (1, words.both("locked"))):
        out["status"].append(f"execute {_if('lock', state)} run tellraw @s {raw_text(what)}")
    return out


def pack_functions(
    switches: Sequence[Switch],
    units: Sequence[Unit],
    years: Sequence[int],
    state: State,
    guides: Sequence[Guide],
    words: Words,
    plots: int = 0,
) -> Functions:
    """All functions of the pack by name, with room for the jobs of so many plots. ValueError when a
    switch has the name of a function or folder of the pack's own."""
    taken = [switch.id for switch in switches if switch.id in RESERVED]
    if taken:
        raise ValueError(f"a layer cannot be called {', '.join(taken)}")
    batches = batches_of(units)
    out = {
        **init_functions(switches, units, state, guides),
        **work_functions(len(batches), len(guides), words, plots),
        **scan_functions(switches, batches),
        **job_functions(switches, batches, guides, words),
        **dial_functions(switches, len(units), years, len(guides), words),
    }
    for switch in switches:
        out.update(switch_functions(switch, words))
    for number, unit in enumerate(units):
        out[f"mc_city/unit/{number}"] = unit_function(switches, number, unit)
    return out
