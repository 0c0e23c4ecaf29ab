"""The palettes of chunks that exist: what their entries mean, and how a version of the game spells
a state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from worlds.default_states import default_properties
from worlds.java.chunks import (
    DATA_START,
    LONG_ARRAY,
    STATES_START,
    States,
    bits_for,
    put_blocks,
    scratch_for,
)
from worlds.java.palettes import StateForm, nbt_text, own_state, state_bytes
from worlds.java.reader import COMPOUND, MOST_STATE_TAGS, STRING, state_of_tag
from worlds.java.saved_chunks import length_at, longs_for
from worlds.java.spans import Nbt, Tag, unpack
from worlds.java.versions import NEWEST, JavaVersion
from worlds.nbt import parse_payload
from worlds.volume import AIR, BlockState, BlockVolume, Palette

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
WRAPPED = b"\x08\x00\x00"
"""How a compound begins whose one tag is a string without a name: so a name stands in a list of
compounds."""
NAMES_START = STATES_START.copy()
"""`block_states` whose palette is a list of names."""
NAMES_START[-1] = STRING


def is_default(state: BlockState) -> bool:
    """Whether a state is how its block is placed when nothing is said."""
    own = tuple(sorted(pair for pair in state.properties if pair != ("waterlogged", "false")))
    return own == default_properties(state.name)


def spelled(state: BlockState, version: JavaVersion) -> bytes:
    """A state as the payload of a compound in a palette that this version saved: since 26.3 a
    default state is its name alone."""
    state = own_state(state, version)
    if version.states == "id" and is_default(state):
        return WRAPPED + nbt_text(state.name) + b"\x00"
    return state_bytes(state, version.states)


def meant(state: BlockState) -> BlockState:
    """One state for all spellings of it: the newest name, every property that its block has by
    default, no `waterlogged=false`."""
    state = own_state(state, NEWEST)
    missing = (pair for pair in default_properties(state.name) if pair[0] != "waterlogged")
    pairs = {**dict(missing), **dict(state.properties)}
    return BlockState(
        state.name,
        tuple(sorted(pair for pair in pairs.items() if pair != ("waterlogged", "false"))),
    )


def as_newest(volume: BlockVolume) -> BlockVolume:
    """The volume with its states as `meant` has them, each once."""
    states = [meant(state) for state in volume.palette.states]
    own = {state: number for number, state in enumerate(dict.fromkeys(states))}
    if list(own) == list(volume.palette.states):
        return volume
    table = np.array([own[state] for state in states], np.uint16)
    return replace(volume, ids=table[volume.ids], palette=Palette(tuple(own)))


class Entries:
    """The palette entries of a region file, numbered by their bytes as payloads of compounds, and
    what state each one means.

    The game writes an entry's tags in any order, and `waterlogged` even when false; two spellings
    are one state.
    """

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self.meanings: list[int] = []
        self.states: dict[BlockState, int] = {}
        self._written: list[BlockState] = []
        self._forms: list[StateForm] = []
        self._tables: tuple[int, Bytes, Ints] = (0, np.empty(0, np.uint8), np.zeros(1, np.int64))

    def entry(self, span: bytes) -> int:
        number = self.numbers.get(span)
        if number is None:
            if len(self.numbers) > 0xFFFF:
                raise ValueError("the chunks hold too many different states")
            number = self.numbers[span] = len(self.numbers)
            tag = parse_payload(span, most_tags=MOST_STATE_TAGS)
            state = state_of_tag(tag)
            self.meanings.append(self.meaning(state))
            self._written.append(state)
            self._forms.append("Name" if "Name" in tag else "id")
        return number

    def meaning(self, state: BlockState) -> int:
        return self.states.setdefault(meant(state), len(self.states))

    def spellings(self, palette: Palette, used: Ints, version: JavaVersion) -> Ints:
        """(states of the palette,) the entries that spell those which are used, −1 for others."""
        out = np.full(len(palette), -1, np.int64)
        for index in used.tolist():
            out[index] = self.entry(spelled(palette.states[index], version))
        return out

    def cells(self, nbt: Nbt, states: Tag | None, version: JavaVersion) -> NDArray[np.uint16]:
        """(4096,) entry numbers of a section; air where it has no blocks."""
        air = self.entry(spelled(AIR, version))
        tags = nbt.compound(states.payload)[0] if states else {}
        if b"palette" not in tags:
            return np.full(4096, air, np.uint16)
        kind, spans = nbt.payloads(tags[b"palette"], (COMPOUND, STRING))
        if len(spans) > 4096:
            raise ValueError("a section has more states than blocks")
        around = (WRAPPED, b"\x00") if kind == STRING else (b"", b"")
        numbers = [self.entry(around[0] + nbt.raw[start:end] + around[1]) for start, end in spans]
        data = tags.get(b"data")
        if data is None or len(numbers) < 2:
            if len(numbers) != 1:
                raise ValueError("a section's data do not fit its palette")
            return np.full(4096, numbers[0], np.uint16)
        if data.kind != LONG_ARRAY or length_at(nbt.data, data.payload) != longs_for(len(numbers)):
            raise ValueError("a section's data do not fit its palette")
        bits = int(bits_for(len(numbers), 4))
        indices = np.empty(4096, np.uint16)
        unpack(nbt.data, data.payload + 4, bits, indices)
        # Indices beyond the palette are air.
        table = np.full(1 << bits, air, np.uint16)
        table[: len(numbers)] = numbers
        return table[indices]

    def blocks_bytes(self, cells: NDArray[np.uint16], version: JavaVersion) -> bytes:
        """`block_states` of a section, with its name, as a version writes it: only the entries that
        are used. A palette of names alone is a list of them."""
        cells = self._in_form(cells, version)
        spans, starts = self._bytes()
        start = STATES_START
        used = np.unique(cells)
        if all(
            spans[starts[number] : starts[number] + 3].tobytes() == WRAPPED
            for number in used.tolist()
        ):
            names = [spans[starts[number] + 3 : starts[number + 1] - 1] for number in used.tolist()]
            spans, starts = (
                np.concatenate(names),
                np.concatenate([[0], np.cumsum([len(name) for name in names])]).astype(np.int64),
            )
            cells, start = np.searchsorted(used, cells).astype(np.uint16), NAMES_START
        buffer = np.empty(len(spans) + 16384, np.uint8)
        scratch, states = (
            scratch_for(len(starts) - 1),
            States(spans, starts, np.arange(len(starts) - 1, dtype=np.uint16)),
        )
        blocks = cells.reshape(16, 16, 16)
        length = put_blocks(buffer, 0, blocks, states, scratch, tags=(start, DATA_START))
        return buffer[:length].tobytes()

    def _in_form(self, cells: NDArray[np.uint16], version: JavaVersion) -> NDArray[np.uint16]:
        """The cells, with entries of the version's form for those of another."""
        table = np.arange(len(self._forms), dtype=np.uint16)
        strange = [
            number for number in np.unique(cells).tolist() if self._forms[number] != version.states
        ]
        for number in strange:
            table[number] = self.entry(spelled(self._written[number], version))
        return table[cells] if strange else cells

    def _bytes(self) -> tuple[Bytes, Ints]:
        """All entries' bytes, and where each one starts; as `put_blocks` takes them."""
        if self._tables[0] != len(self.numbers):
            spans = list(self.numbers)
            starts = np.concatenate([[0], np.cumsum([len(span) for span in spans])]).astype(
                np.int64
            )
            self._tables = len(spans), np.frombuffer(b"".join(spans), np.uint8), starts
        return self._tables[1:]
