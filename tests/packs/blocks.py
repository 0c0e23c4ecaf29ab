"""The blocks of a world as the executor changes them: sections of 16 x 16 x 16 state numbers, made
when first touched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from tests.packs.programs import minecraft_data
from tests.packs.structures import Structure
from worlds.volume import BlockState

UNTOUCHED = 0
Position = tuple[int, int, int]


@dataclass(frozen=True)
class Cut:
    """One section's part of a structure: `rows` of the structure's blocks, `cells` flat indices (y,
    z, x) in the section."""

    section: Position
    rows: np.ndarray
    cells: np.ndarray


class Blocks:
    """`states[n]` is what number n means; 0 is a position that nobody has told about."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.states: list[BlockState | None] = [None]
        self.numbers: dict[BlockState, int] = {}
        self.sections: dict[Position, np.ndarray] = {}
        self.entities: dict[Position, object] = {}
        self._cuts: dict[tuple[int, Position], list[Cut]] = {}
        self._palettes: dict[int, tuple[Structure, np.ndarray]] = {}

    def number(self, state: BlockState) -> int:
        if state not in self.numbers:
            self.numbers[state] = len(self.states)
            self.states.append(state)
        return self.numbers[state]

    def get(self, x: int, y: int, z: int) -> BlockState | None:
        section = self.sections.get((x >> 4, y >> 4, z >> 4))
        return (
            None
            if section is None
            else self.states[section[(y & 15) << 8 | (z & 15) << 4 | x & 15]]
        )

    def set(self, x: int, y: int, z: int, state: BlockState) -> None:
        self._section((x >> 4, y >> 4, z >> 4))[(y & 15) << 8 | (z & 15) << 4 | x & 15] = (
            self.number(state)
        )
        self.entities.pop((x, y, z), None)

    def put(self, x: int, y: int, z: int, volume: np.ndarray, states: list[BlockState]) -> None:
        """Sets a whole box at once, block entities left alone: `volume` (y, z, x) of indices into
        `states`, its first cell at x, y, z."""
        table = np.array([self.number(state) for state in states], np.uint16)
        for place, here, there in _overlaps((x, y, z), volume.shape):
            self._section(place).reshape(16, 16, 16)[here] = table[volume[there]]

    def box(self, x: int, y: int, z: int, shape: tuple[int, int, int]) -> np.ndarray:
        """State numbers (y, z, x) of a box whose first cell is at x, y, z; 0 where untouched."""
        found = np.zeros(shape, np.uint16)
        for place, here, there in _overlaps((x, y, z), shape):
            if place in self.sections:
                found[there] = self.sections[place].reshape(16, 16, 16)[here]
        return found

    def place(self, structure: Structure, corner: Position) -> int:
        """As the game places a template: only what it lists; what can be waterlogged keeps the
        water it is put into. Returns a count."""
        numbers = self._palette(structure)[structure.state]
        for cut in self._cut(structure, corner):
            section = self._section(cut.section)
            new = numbers[cut.rows]
            wet = self._is_wet()[section[cut.cells]]
            if wet.any():
                new = new.copy()
                new[wet] = [self._waterlogged(number) for number in new[wet]]
            section[cut.cells] = new
        x, y, z = corner
        near = [
            at
            for at in self.entities
            if all(0 <= a - c < s for a, c, s in zip(at, corner, structure.size, strict=True))
        ]
        for at in (
            set(near) & {tuple(at) for at in (structure.at + np.array(corner)).tolist()}
            if near
            else ()
        ):
            del self.entities[at]
        for index, entity in structure.entities.items():
            dx, dy, dz = structure.at[index].tolist()
            self.entities[x + dx, y + dy, z + dz] = entity
        return len(numbers)

    def copy(self) -> Blocks:
        other = Blocks(self.version)
        other.states, other.numbers, other.entities = (
            list(self.states),
            dict(self.numbers),
            dict(self.entities),
        )
        other.sections = {place: section.copy() for place, section in self.sections.items()}
        other._cuts, other._palettes = dict(self._cuts), dict(self._palettes)
        return other

    def _section(self, place: Position) -> np.ndarray:
        if place not in self.sections:
            self.sections[place] = np.full(4096, UNTOUCHED, np.uint16)
        return self.sections[place]

    def _palette(self, structure: Structure) -> np.ndarray:
        # the structure is kept with it, so its id stays its own
        if id(structure) not in self._palettes:
            self._palettes[id(structure)] = (
                structure,
                np.array([self.number(state) for state in structure.palette], np.uint16),
            )
        return self._palettes[id(structure)][1]

    def _cut(self, structure: Structure, corner: Position) -> list[Cut]:
        key = id(structure), corner
        if key not in self._cuts:
            at = structure.at.astype(np.int64) + np.array(corner)
            sections = at >> 4
            codes = (sections[:, 0] << 42) + (sections[:, 1] << 21) + sections[:, 2]
            order = np.argsort(codes, kind="stable").astype(np.int32)
            cells = ((at[:, 1] & 15) << 8 | (at[:, 2] & 15) << 4 | at[:, 0] & 15).astype(np.int16)
            starts = np.flatnonzero(np.diff(codes[order])) + 1
            self._cuts[key] = [
                Cut(tuple(sections[rows[0]].tolist()), rows, cells[rows])
                for rows in np.split(order, starts)
                if len(rows)
            ]
        return self._cuts[key]

    def _is_wet(self) -> np.ndarray:
        if len(getattr(self, "_wet", ())) != len(self.states):
            self._wet = np.array(
                [state is not None and holds_water(state) for state in self.states]
            )
        return self._wet

    def _waterlogged(self, number: int) -> int:
        state = self.states[number]
        assert state is not None
        # The stairs and slabs that came after minecraft-data's last version hold water as all
        # others do.
        holds = state.name in waterloggable(self.version) or state.name.endswith(
            ("_slab", "_stairs")
        )
        return self.number(state.with_properties(waterlogged="true")) if holds else number


def holds_water(state: BlockState) -> bool:
    """A source of water, which a block placed there would keep."""
    properties = dict(state.properties)
    return properties.get("waterlogged") == "true" or (
        state.name == "minecraft:water" and properties.get("level", "0") == "0"
    )


@lru_cache(maxsize=4)
def waterloggable(version: str) -> frozenset[str]:
    blocks = minecraft_data(version, "blocks")
    return frozenset(
        f"minecraft:{block['name']}"
        for block in blocks
        if any(state["name"] == "waterlogged" for state in block["states"])
    )


def _overlaps(corner: Position, shape: tuple[int, ...]):
    """(section, slices in it, slices in a box) for every section that a box (y, z, x) touches."""
    x, y, z = corner
    spans = [_spans(start, length) for start, length in zip((y, z, x), shape, strict=True)]
    for sy, here_y, there_y in spans[0]:
        for sz, here_z, there_z in spans[1]:
            for sx, here_x, there_x in spans[2]:
                yield (sx, sy, sz), (here_y, here_z, here_x), (there_y, there_z, there_x)


def _spans(start: int, length: int) -> list[tuple[int, slice, slice]]:
    found = []
    for section in range(start >> 4, (start + length + 15) >> 4):
        low, high = max(start, section * 16), min(start + length, section * 16 + 16)
        if low < high:
            found.append(
                (
                    section,
                    slice(low - section * 16, high - section * 16),
                    slice(low - start, high - start),
                )
            )
    return found
