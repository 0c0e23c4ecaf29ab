"""The units of saved Bedrock worlds: read from the behaviour pack's structures, and put into the
database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np

from worlds.bedrock import functions
from worlds.bedrock.behaviour import pack_root, structure_path
from worlds.bedrock.reader import WATERS, opened_copy, read_entry, read_state
from worlds.bedrock.saved import (
    absent_chunks,
    change_world_blocks,
    opened_for_change,
    require_known_chunks,
    require_known_storage,
)
from worlds.bedrock.saved_sections import SavedState
from worlds.bedrock.scores import SCOREBOARD, scores_of, scores_record, stored
from worlds.bedrock.structures import read_mcstructure
from worlds.bedrock.translate import java_state, wet_state
from worlds.errors import WorldError
from worlds.layers import (
    CELL,
    NO_UNIT,
    OBJECTIVE,
    UNIT_OBJECTIVE,
    Change,
    Changed,
    Layers,
    State,
    Unit,
    laid_over,
    read_changes,
    require_inside,
    starting_scores,
    unit_changes,
)
from worlds.plots import read_plots, starting_plots
from worlds.volume import BlockState
from worlds.votes import read_ballots, starting_votes


class Block(NamedTuple):
    """A block of a structure: the entry of its palette, whether water stands in the same place, its
    block entity (empty = none)."""

    entry: bytes
    wet: bool
    entity: bytes


def read_unit(world: Path, unit: Unit, number: int, blocks: dict[Block, int]) -> Change:
    """What a combination of a unit sets, each place once, in the order of (y, z, x). blocks: what
    the ids mean, which grows. WorldError when a structure is missing or damaged."""
    parts = []
    for piece in unit.pieces[number]:
        path = structure_path(world, piece)
        found = read_mcstructure(path)
        if (found.first < 0).any():
            raise WorldError(
                f"{path}: has water without a block",
                hint="take the world again from its .mcworld or a backup",
            )
        if len(blocks) + 2 * len(found.palette) + len(found.entities) > 0xFFFF:
            raise WorldError(
                f"{path}: too many different states",
                hint="take the world again from its zip or a backup",
            )
        water = np.array([str(read_state(entry)["name"]) in WATERS for entry in found.palette])
        kinds, local = np.unique(
            2 * found.first + (water[found.second] & (found.second >= 0)), return_inverse=True
        )
        known = [Block(found.palette[kind >> 1], bool(kind & 1), b"") for kind in kinds.tolist()]
        ids = np.array([blocks.setdefault(block, len(blocks)) for block in known], np.uint16)[local]
        for place, entity in found.entities.items():
            ids[place] = blocks.setdefault(known[local[place]]._replace(entity=entity), len(blocks))
        west, low, north = piece.at
        change = Change(found.x + west, found.y + low, found.z + north, ids)
        parts.append(require_inside(path, unit, piece, change))
    return laid_over(parts)


def unit_states(
    world: Path, units: Sequence[tuple[Unit, int]], states: dict[BlockState, int]
) -> list[Change]:
    """The blocks of some units, each with the number of a combination, in Java's words; states:
    what their ids mean, which grows."""
    blocks: dict[Block, int] = {}
    read = [read_unit(world, unit, number, blocks) for unit, number in units]
    dry = [java_state(read_state(block.entry)) for block in blocks]
    meant = [
        wet_state(state) if block.wet else state for block, state in zip(blocks, dry, strict=True)
    ]
    table = np.array([states.setdefault(state, len(states)) for state in meant], np.uint16)
    return [Change(change.x, change.y, change.z, table[change.ids]) for change in read]


def _saved(block: Block) -> SavedState:
    return SavedState(block.entry, block.wet, read_entry(block.entity) if block.entity else None)


def require_changeable(world: Path, layers: Layers, state: State) -> None:
    """WorldError when an unpacked world may not be made to stand in `state`, as a newer game has
    saved it or some of its chunks. Nothing is touched."""
    require_known_storage(world)
    across = CELL // 16
    cells = [change.unit.cell for change in unit_changes(layers, state)]
    chunks = [
        (across * cell[0] + x, across * cell[1] + z)
        for cell in cells
        for x in range(across)
        for z in range(across)
    ]
    with opened_copy(world) as database:
        require_known_chunks(database, world, chunks)


def change_units(
    world: Path, layers: Layers, state: State, progress: Callable[[str, int, int], None]
) -> Changed:
    """Makes an unpacked world stand in `state`: blocks and scores in one batch, so that a change
    that is interrupted has not happened. Units that lack a chunk are not done, and the scores say
    so: only the game can make it. The database is merged at the end, as some readers miss what is
    only in its log. WorldError when the world has none of the chunks."""
    changes, blocks = unit_changes(layers, state), dict[Block, int]()
    steps, done = 2 * len(changes) + 1, count(1)

    def read(unit: Unit, number: int) -> Change:
        progress("layers", next(done), steps)
        return read_unit(world, unit, number, blocks)

    wanted = read_changes(changes, read)
    new = wanted.blocks
    scores = starting_scores(layers.switches, layers.units, state)
    with opened_for_change(world, compact=True) as database:
        record = stored(database)
        held = scores_of(record)
        absent = absent_chunks(database, new.x, new.z)
        if (
            len(new.x)
            and set(zip((new.x >> 4).tolist(), (new.z >> 4).tolist(), strict=True)) == absent
        ):
            raise WorldError(
                f"{world.name}: has none of the chunks that these layers change ({len(changes)} "
                f"places)",
                hint="take the world again from its .mcworld or a backup",
            )
        unfinished = wanted.lacking(absent)
        scores.update({(UNIT_OBJECTIVE, f"#{number}"): NO_UNIT for number in unfinished})
        scores[OBJECTIVE, "#lock"] = held.get((OBJECTIVE, "#lock"), 0)
        if not functions.has_begun(held, layers.units):
            guides = list((pack_root(world) / "dialogue").glob("*.json"))
            scores = {
                **functions.starting_scores(layers.switches, layers.units, state, guides),
                **starting_votes(read_ballots(world)),
                **starting_plots(read_plots(world)),
                **scores,
            }
        states = [_saved(block) for block in blocks]
        also = {SCOREBOARD: scores_record(record, scores)}
        facts = change_world_blocks(
            database,
            world,
            (new.x, new.y, new.z),
            new.ids,
            states,
            expected=wanted.stood,
            also=also,
        )
    progress("layers", steps, steps)
    return Changed(facts.changed, facts.strange, facts.missing, len(unfinished))
