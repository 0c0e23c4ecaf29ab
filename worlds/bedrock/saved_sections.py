"""Sub-chunks of saved Bedrock worlds, cut into their palette entries and put together again:
what is not changed keeps its bytes."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.reader import WATERS, read_state
from worlds.bedrock.saved_chunks import LAYER, MAX_LAYERS, SECTION, scan_sub_chunk, unpack_layer
from worlds.bedrock.subchunks import SUB_CHUNK_VERSION, bits_for, put_indices
from worlds.bedrock.translate import java_state, state_bytes
from worlds.volume import BlockState

Ints = NDArray[np.int64]
Identity = tuple[str, tuple[tuple[str, str], ...]]
DRY, WET, ODD = range(3)
"""What stands in the second layer: nothing, water, something else."""


@dataclass(frozen=True)
class SavedState:
    """A block as it is to stand in a world. entry: of a palette, an unnamed little-endian compound
    of name, states and version (`state_bytes`, or `compound_bytes` of one); wet: with water in the
    same place; entity: its block entity in Bedrock's form (tags of nbtlib; x, y, z are filled in),
    if it has one."""

    entry: bytes
    wet: bool = False
    entity: Mapping[str, object] | None = field(default=None, compare=False)


def _identity(compound: Any) -> Identity:
    """Name and states of a palette entry. Games write its version anew whenever they save it."""
    states = compound.get("states", {})
    return str(compound["name"]), tuple(
        sorted((str(key), f"{type(value).__name__} {value}") for key, value in states.items())
    )


class Entries:
    """The palette entries met, numbered by their bytes, and what each one means.

    The game renames blocks and states in the worlds that it opens, so an entry of another version
    than the wishes' means the wish that Java calls the same, if there is only one.
    """

    def __init__(self, states: Sequence[SavedState]) -> None:
        self.spans: list[bytes] = []
        self.meanings: list[int] = []
        self.layers: list[int] = []
        self._numbers: dict[bytes, int] = {}
        self._known: dict[Identity, int] = {}
        self._by_java: dict[BlockState, int] | None = {}
        self._wished = [read_state(state.entry) for state in states]
        self.version = max(
            (int(compound.get("version", 0)) for compound in self._wished), default=0
        )
        self.air = self.number(state_bytes("minecraft:air", (), self.version))
        self.water = self.number(
            state_bytes("minecraft:water", (("liquid_depth", 0),), self.version)
        )
        self.wishes = np.array([self.number(state.entry) for state in states], np.int64)
        # Now that the wishes have their meanings, others may be found to mean the same; in which
        # words, only if one is met.
        self._by_java = None

    def number(self, span: bytes) -> int:
        found = self._numbers.get(span)
        if found is None:
            compound = read_state(span)
            name = str(compound["name"])
            if len(self.spans) > 0xFFFF:
                raise ValueError("the chunks hold too many different states")
            found = self._numbers[span] = len(self.spans)
            self.spans.append(span)
            self.meanings.append(self._meaning(compound))
            self.layers.append(DRY if name == "minecraft:air" else WET if name in WATERS else ODD)
        return found

    def _meaning(self, compound: Any) -> int:
        identity = _identity(compound)
        if identity not in self._known:
            same = (
                self._translated(compound)
                if int(compound.get("version", 0)) != self.version
                else None
            )
            self._known[identity] = len(self.meanings) if same is None else same
        return self._known[identity]

    def _translated(self, compound: Any) -> int | None:
        if self._by_java is None:
            meant: dict[BlockState, set[int]] = {}
            for wished in self._wished:
                meant.setdefault(java_state(wished), set()).add(self._known[_identity(wished)])
            self._by_java = {
                state: next(iter(ours)) for state, ours in meant.items() if len(ours) == 1
            }
        return self._by_java.get(java_state(compound))


class Wishes(NamedTuple):
    """What a chunk's blocks shall be, sorted: sub-chunk (y), cell in it ((x * 16 + z) * 16 + y),
    indices of the states wished and expected (−1: anything)."""

    section: Ints
    cell: Ints
    state: Ints
    expected: Ints

    def part(self, place: slice) -> Wishes:
        return Wishes(*(column[place] for column in self))


class Tables(NamedTuple):
    """By state: the entry that spells it, what it means, whether it stands in water; and the
    meaning and layer of each entry."""

    entry: Ints
    meaning: Ints
    layer: Ints


class Section(NamedTuple):
    """version: of the sub-chunk's form; cells: entry numbers of each layer (4096,) uint16, in the
    order of (x, z, y)."""

    version: int
    cells: list[NDArray[np.uint16]]


def read_section(value: bytes, entries: Entries) -> Section:
    data = np.frombuffer(value, np.uint8)
    row = np.zeros(SECTION, np.int64)
    spans = np.zeros((MAX_LAYERS * 4096, 2), np.int64)
    scan_sub_chunk(data, 0, len(data), row=row, spans=spans, used=0)
    layers = []
    for layer in range(int(row[1])):
        bits, at, first, count = row[2 + LAYER * layer : 6 + LAYER * layer].tolist()
        indices = np.empty(4096, np.uint16)
        unpack_layer(data, bits, at, indices)
        # Indices beyond the palette are air.
        table = np.full(1 << max(bits, 1), entries.air, np.uint16)
        table[:count] = [
            entries.number(value[start:end]) for start, end in spans[first : first + count].tolist()
        ]
        layers.append(table[indices])
    return Section(int(value[0]), layers)


def _layer_bytes(cells: NDArray[np.uint16], entries: Entries) -> bytes:
    used, local = np.unique(cells, return_inverse=True)
    buffer = np.empty(8193, np.uint8)
    length = put_indices(buffer, 0, local.astype(np.uint16), bits_for(len(used)), 0)
    return (
        buffer[:length].tobytes()
        + struct.pack("<I", len(used))
        + b"".join(entries.spans[number] for number in used.tolist())
    )


def section_bytes(section: Section, y: int, entries: Entries) -> bytes:
    """A sub-chunk in the form it had; the first one, which had room for one layer only, in the
    next."""
    layers = section.cells
    if len(layers) == MAX_LAYERS and (layers[1] == entries.air).all():
        layers = layers[:1]
    if section.version == SUB_CHUNK_VERSION:
        head = struct.pack("<BBb", SUB_CHUNK_VERSION, len(layers), y)
    else:
        head = struct.pack("<BB", SUB_CHUNK_VERSION - 1, len(layers))
    return head + b"".join(_layer_bytes(cells, entries) for cells in layers)


def set_cells(
    section: Section, wishes: Wishes, tables: Tables, entries: Entries
) -> tuple[NDArray[np.bool_], int]:
    """Changes a sub-chunk's cells; (which of the wishes changed something, how many of those were
    not as expected)."""
    while len(section.cells) < (MAX_LAYERS if tables.layer[wishes.state].any() else 1):
        section.cells.append(np.full(4096, entries.air, np.uint16))
    meanings, layers = np.array(entries.meanings, np.int64), np.array(entries.layers, np.int64)
    first = section.cells[0]
    there = meanings[first[wishes.cell]]
    beside = (
        layers[section.cells[1][wishes.cell]]
        if len(section.cells) == MAX_LAYERS
        else np.zeros(len(there), np.int64)
    )
    change = (there != tables.meaning[wishes.state]) | (beside != tables.layer[wishes.state])
    awaited = (there == tables.meaning[wishes.expected]) & (beside == tables.layer[wishes.expected])
    strange = change & (wishes.expected >= 0) & ~awaited
    if change.any():
        # As the sub-chunk spells it already, so that its palette holds each state once.
        present = np.unique(first)
        known = np.full(max(meanings.max(), tables.meaning.max()) + 1, -1, np.int64)
        known[meanings[present]] = present
        spelled = np.where(known[tables.meaning] >= 0, known[tables.meaning], tables.entry)
        first[wishes.cell[change]] = spelled[wishes.state[change]]
        if len(section.cells) == MAX_LAYERS:
            section.cells[1][wishes.cell[change]] = np.where(
                tables.layer[wishes.state[change]] == WET, entries.water, entries.air
            )
    return change, int(strange.sum())
