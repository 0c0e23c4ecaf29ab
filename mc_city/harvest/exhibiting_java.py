"""An exhibition in an unpacked Java world."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mc_city.harvest.exhibition_plan import (
    Planned,
    Progress,
    add_to_note,
    added_of,
    layers_of,
    scores_to_begin,
    version_in,
    wanted_state,
)
from worlds.java.adding import JavaBlocks, remove_pieces, set_fixtures
from worlds.java.datapack import (
    Functions,
    function_lines,
    pack_functions,
    structure_folder,
    write_datapack,
    write_more,
)
from worlds.java.dimension import raised, read_levels
from worlds.java.exhibition import exhibition_functions
from worlds.java.level import data_version, write_level_name
from worlds.java.pack_meta import PACK
from worlds.java.scores import write_scores
from worlds.java.units import change_units, structures_of
from worlds.java.versions import VERSIONS, JavaVersion, version_of
from worlds.layers import (
    LEVELS,
    NO_UNIT,
    OBJECTIVE,
    UNIT_OBJECTIVE,
    Layers,
    Unit,
    dial_years,
    write_layers,
)
from worlds.merging import Blocks, merged
from worlds.plots import PLOT, Plot, marked_plots, read_plots, units_on
from worlds.votes import ballots_of, read_ballots, write_ballots


def _version(world: Path) -> JavaVersion:
    """The version for which a world's data pack was made, with the world's height."""
    name = version_in(world)
    version = VERSIONS[name] if name in VERSIONS else version_of(data_version(world))
    levels = read_levels(structure_folder(world, version).parents[2])
    return version if levels == LEVELS else raised(version, *levels)


def _own_lines(world: Path, version: JavaVersion, expected: Functions) -> list[str]:
    """What runs when a world is opened, and is not the layers': somebody else's, which stays."""
    known = set(expected["load"])
    return [line for line in function_lines(world, version, "load") if line not in known]


def _resets(
    world: Path, version: JavaVersion, plots: Sequence[Plot], units: Sequence[Unit], first: int
) -> Functions:
    """What sets plots back: as it is, and then what is exhibited there stands again. first: the
    first switch that is an exhibit."""
    out: Functions = {}
    for plot in plots:
        name = f"{PLOT}/{plot.number}/place"
        lines = function_lines(world, version, name)
        if lines:
            again = [
                f"scoreboard players set #{number} {UNIT_OBJECTIVE} {NO_UNIT}"
                for number in units_on(plot, units, first)
            ]
            out[name] = [*lines, *again, f"function {PACK}:start"]
    return out


def exhibit(world: Path, planned: Planned, progress: Progress) -> int:
    """Makes a copy of the world that was handed out the exhibition; returns how many blocks of its
    boards lie in chunks that it does not hold."""
    layers, version, words = layers_of(world), _version(world), planned.words
    folder = structures_of(world) if layers.switches else structure_folder(world, version)
    before, plots = read_ballots(world), read_plots(world)
    own = _own_lines(
        world,
        version,
        pack_functions(
            layers.switches,
            layers.units,
            dial_years(layers.switches),
            version=version,
            words=words,
            ballots=before,
            plots=marked_plots(plots),
        ),
    )
    held = JavaBlocks(world, folder, version)
    added = added_of(planned, held.built)
    joined = merged(layers, added, Blocks(held.read, held.today, held.clears), planned.fixed)
    remove_pieces(folder, joined.gone)
    held.write(joined.changes)
    ballots = (*before, *ballots_of(planned.boards.fixtures))
    stops = [(stop.at, stop.yaw) for stop in planned.boards.stops]
    walk = exhibition_functions(planned.boards.folder, planned.switches, stops, words)
    resets = _resets(world, version, plots, joined.units, first=len(layers.switches))
    write_datapack(
        world,
        joined.switches,
        joined.units,
        years=dial_years(joined.switches),
        version=version,
        words=words,
        ballots=ballots,
        plots=marked_plots(plots),
    )
    write_more(world, version, walk | resets, own)
    write_layers(world, joined.switches, joined.units)
    write_ballots(world, ballots)
    add_to_note(world, planned)
    write_level_name(world, planned.name)
    nothing = {
        (OBJECTIVE, f"#{one}"): 0 for one in ("batch", *(switch.id for switch in planned.switches))
    }
    write_scores(world, scores_to_begin(world, planned, joined) | nothing)
    missing = set_fixtures(world, planned.boards.fixtures)
    now = Layers(joined.switches, joined.units, layers.state + (0,) * len(added), joined.standing)
    change_units(world, now, wanted_state(layers, planned), progress)
    return missing
