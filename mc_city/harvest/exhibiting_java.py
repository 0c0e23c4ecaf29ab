"""An exhibition in an unpacked Java world."""

from __future__ import annotations

from pathlib import Path

from mc_city.harvest.exhibition_boards import signs_of
from mc_city.harvest.exhibition_plan import (
    Planned,
    Progress,
    add_to_note,
    layers_of,
    scores_to_begin,
    version_in,
    wanted_state,
)
from worlds.java.adding import JavaBlocks, remove_pieces, set_fixtures
from worlds.java.datapack import Functions, pack_functions, structure_folder, write_datapack
from worlds.java.dimension import raised, read_levels
from worlds.java.exhibition import exhibition_functions
from worlds.java.level import data_version, write_level_name
from worlds.java.scores import write_scores
from worlds.java.units import change_units, structures_of
from worlds.java.versions import VERSIONS, JavaVersion, version_of
from worlds.layers import LEVELS, OBJECTIVE, Layers, dial_years, write_layers
from worlds.merging import Added, Blocks, merged
from worlds.units_of import Places
from worlds.votes import ballots_of, read_ballots, write_ballots


def _version(world: Path) -> JavaVersion:
    """The version for which a world's data pack was made, with the world's height."""
    name = version_in(world)
    version = VERSIONS[name] if name in VERSIONS else version_of(data_version(world))
    levels = read_levels(structure_folder(world, version).parents[2])
    return version if levels == LEVELS else raised(version, *levels)


def _own_lines(structures: Path, expected: Functions) -> list[str]:
    """What runs when a world is opened, and is not the layers': somebody else's, which stays."""
    folder = f"function{'s' if structures.name.endswith('s') else ''}"
    path = structures.with_name(folder) / "load.mcfunction"
    if not path.is_file():
        return []
    known = set(expected["load"])
    return [line for line in path.read_text("utf-8").splitlines() if line and line not in known]


def exhibit(world: Path, planned: Planned, progress: Progress) -> int:
    """Makes a copy of the world that was handed out the exhibition; returns how many blocks of its
    boards lie in chunks that it does not hold."""
    layers, version, words = layers_of(world), _version(world), planned.words
    folder = structures_of(world) if layers.switches else structure_folder(world, version)
    before = read_ballots(world)
    own = _own_lines(
        folder,
        pack_functions(
            layers.switches,
            layers.units,
            dial_years(layers.switches),
            version=version,
            words=words,
            ballots=before,
        ),
    )
    held = JavaBlocks(world, folder, version)
    added = [
        Added(
            switch,
            tuple(
                held.built(
                    Places(one.built.x, one.built.y, one.built.z),
                    one.built.states,
                    one.built.after,
                    signs_of(one),
                )
                for one in exhibits
            ),
        )
        for switch, exhibits in planned.exhibition.switches
    ]
    joined = merged(layers, added, Blocks(held.read, held.today, held.clears), planned.fixed)
    remove_pieces(folder, joined.gone)
    held.write(joined.changes)
    ballots = (*before, *ballots_of(planned.boards.fixtures))
    stops = [(stop.at, stop.yaw) for stop in planned.boards.stops]
    walk = exhibition_functions(planned.boards.folder, planned.switches, stops, words)
    write_datapack(
        world,
        joined.switches,
        joined.units,
        years=dial_years(joined.switches),
        version=version,
        words=words,
        ballots=ballots,
        more={**walk, "load": own},
    )
    write_layers(world, joined.switches, joined.units)
    write_ballots(world, ballots)
    add_to_note(world, planned)
    write_level_name(world, planned.name)
    nothing = {
        (OBJECTIVE, f"#{one}"): 0 for one in ("batch", *(switch.id for switch in planned.switches))
    }
    write_scores(world, scores_to_begin(world, planned, joined) | nothing)
    missing = set_fixtures(world, planned.boards.fixtures, version)
    now = Layers(joined.switches, joined.units, layers.state + (0,) * len(added), joined.standing)
    change_units(world, now, wanted_state(layers, planned), progress)
    return missing
