"""An exhibition in an unpacked Bedrock world."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

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
from mc_city.settings.names import FACTS
from worlds.bedrock.adding import BedrockBlocks, player_records, remove_pieces, set_fixtures
from worlds.bedrock.behaviour import (
    PackContents,
    pack_root,
    structure_folder,
    write_behaviour_pack,
)
from worlds.bedrock.exhibition import (
    exhibition_functions,
    guides_in,
    own_lines,
    plot_functions,
    voting_places,
)
from worlds.bedrock.functions import batches_of, pack_functions, starting_scores
from worlds.bedrock.leveldat import write_level_name
from worlds.bedrock.plots import with_plots
from worlds.bedrock.saved import opened_for_change
from worlds.bedrock.scores import SCOREBOARD, read_scores, scores_record, stored
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.bedrock.units import change_units
from worlds.bedrock.versions import DEFAULT, VERSIONS, BedrockVersion
from worlds.bedrock.votes import with_votes, write_tallies
from worlds.java.climate import BIOMES
from worlds.layers import (
    OBJECTIVE,
    Layers,
    State,
    dial_years,
    note_path,
    write_layers,
)
from worlds.merging import Blocks, Joined, merged
from worlds.plots import marked_plots, read_plots
from worlds.volume import Palette
from worlds.votes import ballots_of, read_ballots, write_ballots

KEPT = ("#lock", "#work.guide")
"""Scores of the objective of layers that stay as they are."""
ICON, COLOUR = 64, (96, 128, 96)
"""Of the pack of a world that had none."""


def _texts(name: str) -> dict[str, tuple[str, str]]:
    return {
        "sv_SE": (name, "Visar och döljer barnens förslag. Inte en officiell Minecraft-produkt."),
        "en_US": (name, "Shows and hides the children's ideas. Not an official Minecraft product."),
    }


def exhibit(world: Path, planned: Planned, progress: Progress) -> int:
    """Makes a copy of the world that was handed out the exhibition; returns how many blocks of its
    boards lie in chunks that it does not hold."""
    layers, version = layers_of(world), VERSIONS.get(version_in(world), VERSIONS[DEFAULT])
    held = BedrockBlocks(world, version)
    added = added_of(planned, held.built)
    joined = merged(layers, added, Blocks(held.read, held.today, held.clears), planned.fixed)
    remove_pieces(world, joined.gone)
    held.write(joined.units, joined.changes)
    wanted = wanted_state(layers, planned)
    contents = _contents(world, planned, layers, joined, wanted)
    _write_pack(world, planned, contents, version)
    notes = note_path(world, FACTS).parent
    write_layers(notes, joined.switches, joined.units)
    write_ballots(notes, ballots_of(contents.fixtures))
    add_to_note(world, planned)
    write_level_name(world, planned.name)
    state = (*layers.state, *(0 for _ in planned.switches))
    scores = starting_scores(joined.switches, joined.units, state, contents.guides)
    known = read_scores(world)
    scores |= {(OBJECTIVE, key): known[OBJECTIVE, key] for key in KEPT if (OBJECTIVE, key) in known}
    scores |= scores_to_begin(world, planned, joined)
    with opened_for_change(world) as database:
        also: dict[bytes, bytes | None] = dict.fromkeys(player_records(database))
        also[SCOREBOARD] = scores_record(stored(database), scores)
        missing = set_fixtures(database, world, planned.boards.fixtures, version, also)
    now = Layers(joined.switches, joined.units, state, joined.standing)
    change_units(world, now, wanted, progress)
    return missing


def _contents(
    world: Path, planned: Planned, layers: Layers, joined: Joined, wanted: State
) -> PackContents:
    """What the pack of the exhibition switches, and what stays of the world's own."""
    words, guides = planned.words, guides_in(world, layers.units)
    before, plots = voting_places(read_ballots(world)), marked_plots(read_plots(world))
    old = len(batches_of(layers.units)) + len(guides) + 1
    functions = pack_functions(
        layers.switches,
        layers.units,
        years=dial_years(layers.switches),
        state=layers.state,
        guides=guides,
        words=words,
        plots=len(plots.resets),
    )
    functions = with_votes(functions, before, words)
    own = own_lines(world, with_plots(functions, plots, layers.switches, old, words))
    new = len(batches_of(joined.units)) + len(guides) + 1
    stops = [(stop.at, stop.yaw) for stop in planned.boards.stops]
    walk = exhibition_functions(planned.boards.folder, planned.switches, stops, words)
    return PackContents(
        switches=joined.switches,
        units=joined.units,
        years=dial_years(joined.switches),
        state=wanted,
        guides=guides,
        fixtures=(*before, *planned.boards.fixtures),
        plots=plots,
        more=walk
        | plot_functions(world, plots.plots, joined.units, (old, new), first=len(layers.switches)),
        besides=own,
        stays=(pack_root(world) / "functions" / "tick.json").is_file(),
    )


def _write_pack(
    world: Path, planned: Planned, contents: PackContents, version: BedrockVersion
) -> None:
    boards = planned.boards.fixtures
    palette = Palette.of([state for one in boards for *_, state in one.blocks])
    tables = encode_bedrock_palette(palette, version, BIOMES)
    write_tallies(structure_folder(world), boards, palette, tables=tables, words=planned.words)
    write_behaviour_pack(
        world,
        contents,
        _texts(planned.name),
        picture=Image.new("RGB", (ICON, ICON), COLOUR),
        version=version,
        words=planned.words,
    )
