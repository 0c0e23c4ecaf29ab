"""Switches and what they change, in any edition: developments with their options, and the places whose blocks depend on them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.errors import WorldError

CELL = 32
"""Columns along one side of a unit: whole chunks, and small enough to be changed in one tick."""
BATCH = 224
"""Columns along one side of what is loaded at a time: 14 chunks and, as the game looks one block beyond a structure, one
more; `forceload` takes at most 16 × 16."""
PIECE = 48
"""Blocks along one side of a structure, at most."""


@dataclass(frozen=True)
class Switch:
    """A development. options: the names of its alternatives, one empty name where there are none; done_year: the year from
    which the year dial shows it, None = never."""

    id: str
    name: str
    options: tuple[str, ...]
    done_year: int | None = None

    @property
    def states(self) -> int:
        """How many states it can be in: hidden, or one of its options."""
        return len(self.options) + 1


@dataclass(frozen=True)
class Piece:
    """A structure's place in the world: its name (below the pack's structures), its lowest corner and how many blocks it lists."""

    name: str
    at: tuple[int, int, int]
    blocks: int


@dataclass(frozen=True)
class Unit:
    """A place whose blocks depend on some switches, and nothing else.

    switches: indices, ascending; pieces: for each combination of their states, in the order of `combinations`, the structures
    that make it. Every one of them lists all positions that differ between any two combinations, so it is right whatever
    stood there before.
    """

    switches: tuple[int, ...]
    cell: tuple[int, int]
    pieces: tuple[tuple[Piece, ...], ...]

    @property
    def batch(self) -> tuple[int, int]:
        return self.cell[0] * CELL // BATCH, self.cell[1] * CELL // BATCH

    @property
    def blocks(self) -> int:
        """The most blocks that changing it sets."""
        return max(sum(piece.blocks for piece in pieces) for pieces in self.pieces)

    def distinct_pieces(self) -> tuple[Piece, ...]:
        """Its structures, each once: combinations share those that clear."""
        return tuple({piece.name: piece for pieces in self.pieces for piece in pieces}.values())


@dataclass(frozen=True)
class Change:
    """The blocks of one piece. x, y, z: (n,) int32; ids: (n,) uint16 into a palette."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    ids: NDArray[np.uint16]


def combinations(switches: Sequence[Switch], chosen: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """All states of the chosen switches in the order of their number: the first one counts fastest."""
    for backwards in product(*(range(switches[index].states) for index in reversed(chosen))):
        yield tuple(reversed(backwards))


def combination(switches: Sequence[Switch], chosen: Sequence[int], state: Sequence[int]) -> int:
    """The number of the combination that a state of all switches (0, or an option's number) means for the chosen ones."""
    number, factor = 0, 1
    for index in chosen:
        number += factor * state[index]
        factor *= switches[index].states
    return number


OBJECTIVE, UNIT_OBJECTIVE = "mc_city", "mc_city_unit"
"""Scores in which a world keeps which state is wanted of each switch, and which combination stands in each unit."""
LAYERS_FILE = "mc_city_layers.json"
NOTES = "metadata"
"""Folder of a Bedrock world for what the game does not read: Mojang's validator refuses files that it does not know, but looks
into no folder of this name."""


def note_path(world: Path, name: str) -> Path:
    """Where a world's folder keeps one of its notes: beside level.dat in Java's worlds, in `NOTES` in Bedrock's."""
    path = world / NOTES / name
    return path if path.exists() else world / name


def starting_scores(switches: Sequence[Switch], units: Sequence[Unit], state: Sequence[int]) -> dict[tuple[str, str], int]:
    """(objective, holder) → score of a world that was built in this state."""
    scores = {(OBJECTIVE, f"#{switch.id}"): wanted for switch, wanted in zip(switches, state, strict=True)}
    scores[OBJECTIVE, "#lock"] = 0
    for number, unit in enumerate(units):
        scores[UNIT_OBJECTIVE, f"#{number}"] = combination(switches, unit.switches, state)
    return scores


def unit_facts(unit: Unit) -> dict[str, Any]:
    """A unit as plain data."""
    return {
        "switches": list(unit.switches),
        "cell": list(unit.cell),
        "pieces": [[[piece.name, *piece.at, piece.blocks] for piece in pieces] for pieces in unit.pieces],
    }


def unit_of(facts: dict[str, Any]) -> Unit:
    """The unit that `unit_facts` described."""
    pieces = tuple(tuple(Piece(name, (x, y, z), blocks) for name, x, y, z, blocks in listed) for listed in facts["pieces"])
    return Unit(tuple(facts["switches"]), (facts["cell"][0], facts["cell"][1]), pieces)


def write_layers(folder: Path, switches: Sequence[Switch], units: Sequence[Unit]) -> None:
    """Notes in a folder, the world's or its `NOTES`, which switches and units it has, for `mc-city layers`."""
    described = [{"id": one.id, "name": one.name, "options": list(one.options), "done_year": one.done_year} for one in switches]
    text = json.dumps({"switches": described, "units": [unit_facts(unit) for unit in units]}, ensure_ascii=False)
    (folder / LAYERS_FILE).write_text(text + "\n", "utf-8", newline="\n")


def read_layers(world: Path) -> tuple[tuple[Switch, ...], tuple[Unit, ...]]:
    """WorldError when the notes are damaged; a world without any has no layers."""
    path = note_path(world, LAYERS_FILE)
    if not path.exists():
        return (), ()
    try:
        facts = json.loads(path.read_text("utf-8"))
        switches = tuple(Switch(one["id"], one["name"], tuple(one["options"]), one["done_year"]) for one in facts["switches"])
        return switches, tuple(unit_of(unit) for unit in facts["units"])
    except (ValueError, KeyError, TypeError) as error:
        raise WorldError(f"{path}: not readable ({error})", hint="take it again from the zip of this world") from error
