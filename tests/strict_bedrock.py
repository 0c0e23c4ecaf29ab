"""Whether Bedrock states exist in the version written: the palette that its server sends, as npm's
minecraft-data holds it."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbtlib

from tests.packs.programs import READERS, npm_folder
from worlds.bedrock.reader import read_entry
from worlds.bedrock.translate import BedrockTables
from worlds.bedrock.versions import BedrockVersion
from worlds.volume import BlockState

SPELLED = {"1.21.40": "1.21.42"}
"""Versions that the list has under the number of their last correction."""
KINDS = {"byte": nbtlib.Byte, "int": nbtlib.Int, "string": nbtlib.String}

State = tuple[str, tuple[tuple[str, type, Any], ...], int]


def _table_file(name: str, what: str) -> Path:
    data = npm_folder(READERS) / "node_modules" / "minecraft-data" / "minecraft-data" / "data"
    folder = json.loads((data / "dataPaths.json").read_text("utf-8"))["bedrock"][
        SPELLED.get(name, name)
    ][what]
    return data / folder / f"{what}.json"


def game_facts(name: str) -> dict[str, Any]:
    """Protocol and name of a version."""
    return json.loads(_table_file(name, "version").read_text("utf-8"))


@lru_cache(maxsize=32)
def _states_in(path: Path) -> frozenset[State]:
    return frozenset(
        (
            f"minecraft:{entry['name']}",
            tuple(
                sorted(
                    (key, KINDS[tag["type"]], tag["value"]) for key, tag in entry["states"].items()
                )
            ),
            entry["version"],
        )
        for entry in json.loads(path.read_text("utf-8"))
    )


def game_states(name: str) -> frozenset[State]:
    """Every state that the game of a version knows."""
    return _states_in(_table_file(name, "blockStates"))


def written_state(data: bytes) -> State:
    """A palette's entry in the same form."""
    entry = read_entry(data)
    states = (
        (key, type(tag), str(tag) if isinstance(tag, nbtlib.String) else int(tag))
        for key, tag in entry["states"].items()
    )
    return str(entry["name"]), tuple(sorted(states)), int(entry["version"])


def state_fault(data: bytes, version: BedrockVersion) -> str | None:
    """What is wrong with a palette's entry, or None."""
    name, states, number = written_state(data)
    known = game_states(version.name)
    if (name, states, number) in known:
        return None
    alike = [state for state in known if state[0] == name]
    if not alike:
        return f"no block {name}"
    if number not in {state[2] for state in alike}:
        return f"{name}: version {struct.pack('>i', number).hex('.')}"
    keys = [key for key, _, _ in states]
    wanted = [key for key, _, _ in alike[0][1]]
    if keys != wanted:
        return f"{name}: states {keys}, should be {wanted}"
    return f"{name}: no such values {states}"


def palette_faults(tables: BedrockTables) -> list[str]:
    whole, starts = tables.entries.tobytes(), tables.starts.tolist()
    entries = (whole[start:end] for start, end in zip(starts, starts[1:], strict=False))
    return [fault for entry in entries if (fault := state_fault(entry, tables.version))]


LATER = {
    "leaf_litter": (1, 21, 70), "wildflowers": (1, 21, 70), "bush": (1, 21, 70), "firefly_bush": (1,
    21, 70),
    "waxed_copper_lantern": (1, 21, 111), "spruce_shelf": (1, 21, 111),
}  # fmt: skip
"""Blocks of the sample by Bedrock's first version that has them; slabs of concrete and wool came
after all that can be written."""


def lacking(states: Iterable[BlockState], numbers: tuple[int, int, int]) -> set[str]:
    """The states that a Bedrock version lacks."""
    newest = ("_concrete_slab", "_wool_slab", "_concrete_stairs", "_wool_stairs")
    return {
        str(state)
        for state in states
        if state.name.endswith(newest)
        or LATER.get(state.name.removeprefix("minecraft:"), (0, 0, 0)) > numbers
    }
