"""What stands in an exhibition, the same in both editions: proposals as switches, and boards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest import exhibits
from mc_city.harvest.around import opened_blocks
from mc_city.harvest.exhibition_boards import Boards, keep_clear, place_boards, signs_of
from mc_city.harvest.exhibits import Exhibition, exhibition_of
from mc_city.harvest.handed_out import HandedOut, read_world_note
from mc_city.harvest.proposals import Proposal
from mc_city.harvest.stands import FAR, WIDE, Grounds, Layered, layered_of
from mc_city.saved.switching import (
    blocks_of_units,
    has_layers,
    option_ids,
    read_world_layers,
    read_world_scores,
)
from mc_city.settings.names import FACTS
from worlds.bedrock.level import is_bedrock
from worlds.bedrock.level import read_level as bedrock_level
from worlds.fixtures import Sign
from worlds.java.level import read_level as java_level
from worlds.layers import CELL, UNIT_OBJECTIVE, Change, Layers, Switch, note_path
from worlds.merging import Added, Joined
from worlds.names import near_name
from worlds.plots import read_plots
from worlds.quoting import json_file
from worlds.style_tables import STYLES, read_materials
from worlds.units_of import Places
from worlds.volume import AIR, BlockState
from worlds.votes import ballots_of, read_ballots, starting_votes
from worlds.words import Words, read_words

Progress = Callable[[str, int, int], None]
STATUS = "idea"


@dataclass(frozen=True)
class Planned:
    """What both editions are told alike."""

    exhibition: Exhibition
    boards: Boards
    words: Words
    name: str

    @property
    def fixed(self) -> Places:
        """Where boards stand, in every state."""
        blocks = [(x, y, z) for one in self.boards.fixtures for x, y, z, _ in one.blocks]
        return Places(*np.array(blocks, np.int32).reshape(-1, 3).T)

    @property
    def switches(self) -> tuple[Switch, ...]:
        return tuple(switch for switch, _ in self.exhibition.switches)


def layers_of(world: Path) -> Layers:
    """The layers of a world's folder; none where it has none."""
    return read_world_layers(world) if has_layers(world) else Layers((), (), (), ())


def _spawn(world: Path) -> tuple[int, int, int] | None:
    """Where everybody arrives; None where the world does not say, or at no height."""
    return (bedrock_level(world) if is_bedrock(world) else java_level(world)).spawn


def _cells(x: tuple[int, int], z: tuple[int, int]) -> set[tuple[int, int]]:
    """The cells around what reaches from the first to the last of these columns."""
    first, last = -FAR - WIDE, FAR + WIDE + CELL
    return {
        (column // CELL, row // CELL)
        for column in range(x[0] + first, x[1] + last, CELL)
        for row in range(z[0] + first, z[1] + last, CELL)
    }


def _layered(
    world: Path,
    layers: Layers,
    exhibition: Exhibition,
    spawn: tuple[int, int, int] | None,
) -> Layered:
    """What the world's layers change around exhibits, and around where everybody arrives."""
    cells = set[tuple[int, int]]()
    for x, z in ((one.built.x, one.built.z) for one in exhibition.exhibits):
        cells |= _cells((int(x.min()), int(x.max())), (int(z.min()), int(z.max())))
    if spawn is not None:
        cells |= _cells((spawn[0], spawn[0]), (spawn[2], spawn[2]))
    near = [
        (unit, number)
        for unit in layers.units
        if unit.cell in cells
        for number in range(len(unit.pieces))
    ]
    states: dict[BlockState, int] = {AIR: 0}
    return layered_of(blocks_of_units(world, near, states), tuple(states))


def plan_exhibition(
    handed: HandedOut, proposals: Sequence[Proposal], progress: Progress
) -> Planned:
    """What is exhibited, and where its boards stand."""
    words = read_words(handed.note.language)
    layers = [layers_of(world) for world in handed.folders.values()]
    known = {switch.id for one in layers for switch in one.switches}
    ballots = {one.id: one for world in handed.folders.values() for one in read_ballots(world)}
    exhibition = exhibition_of(proposals, layers, words, known | ballots.keys())
    world = handed.any_folder
    spawn = _spawn(world)
    with opened_blocks(world) as regions:
        grounds = Grounds(regions, _layered(world, layers_of(world), exhibition, spawn))
        columns = [exhibits.columns_of(one.built) for one in exhibition.exhibits]
        if columns:
            grounds.changing = np.unique(np.concatenate(columns))
        plots = (plot for each in handed.folders.values() for plot in read_plots(each))
        grounds.taken += [plot.rect.grow(1) for plot in plots]
        keep_clear(grounds, [at for one in ballots.values() for at in (one.up, one.down)], spawn)
        boards = place_boards(
            exhibition,
            grounds,
            spawn,
            materials=read_materials(STYLES),
            words=words,
            taken=known,
            progress=progress,
        )
    name = near_name(f"{handed.note.city} {words.own['exhibition'].lower()}")
    return Planned(exhibition, boards, words, name)


def add_to_note(world: Path, planned: Planned) -> None:
    """Says of a world that it has the exhibits as layers."""
    path = note_path(world, FACTS)
    facts = json.loads(path.read_text("utf-8"))
    facts["layers"] += [
        {
            "id": switch.id,
            "name": switch.name,
            "options": option_ids(switch),
            "status": STATUS,
        }
        for switch in planned.switches
    ]
    facts.pop("blocks", None)
    path.write_text(json_file(facts), "utf-8", newline="\n")


Worded = Callable[
    [Places, Sequence[BlockState], NDArray[np.int32], Mapping[tuple[int, int, int], Sign]], Change
]
"""What puts blocks into the words of an edition: where, what states mean, which, and signs."""


def added_of(planned: Planned, built: Worded) -> list[Added]:
    """The exhibits as switches that are added to a world."""
    return [
        Added(
            switch,
            tuple(
                built(
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


def wanted_state(layers: Layers, planned: Planned) -> tuple[int, ...]:
    """The world's own state, and the first variant of everything that is exhibited."""
    return (*layers.state, *(1 for _ in planned.switches))


def version_in(world: Path) -> str:
    """The version of the game that a world was built for; '' where it does not say."""
    note = read_world_note(world)
    return (note.version or "") if note is not None else ""


def scores_to_begin(world: Path, planned: Planned, joined: Joined) -> dict[tuple[str, str], int]:
    """(objective, holder) → what a world's scores have to say before the exhibits are shown: votes
    that nobody has given yet, and what stands in each unit, whose numbers are others now."""
    held = read_world_scores(world)
    votes = starting_votes(ballots_of(planned.boards.fixtures))
    return {
        **{key: value for key, value in votes.items() if key not in held},
        **{(UNIT_OBJECTIVE, f"#{number}"): stands for number, stands in enumerate(joined.standing)},
    }
