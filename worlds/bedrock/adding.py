"""Saved Bedrock worlds that get more switches: their blocks read and written as merging wants them,
and fixtures set into their chunks."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.behaviour import structure_folder, write_unit
from worlds.bedrock.entities import fixture_entities, sign_entity
from worlds.bedrock.functions import structure_id
from worlds.bedrock.reader import chunk_error, opened_copy, read_entry, read_state, sub_chunks
from worlds.bedrock.region import compound_bytes
from worlds.bedrock.saved import change_world_blocks
from worlds.bedrock.saved_sections import WET, Entries, SavedState, read_section
from worlds.bedrock.subchunks import BLOCK_ENTITIES
from worlds.bedrock.translate import BedrockTables, encode_bedrock_palette, java_state, wet_state
from worlds.bedrock.units import Block, read_unit
from worlds.bedrock.versions import BedrockVersion
from worlds.errors import WorldError
from worlds.fixtures import Fixture, Sign
from worlds.java.climate import BIOMES
from worlds.layers import Change, Piece, Unit
from worlds.nbt import parse_row
from worlds.units_of import Places, Table, cleared_first
from worlds.volume import AIR, BlockState, Palette

if TYPE_CHECKING:
    from leveldb import LevelDB

Place = tuple[int, int, int]
PLACE = ("x", "y", "z")
PLAYERS = (b"~local_player", b"player_")
"""How the keys of records begin that say who has played in a world, and how they voted."""


def _placeless(entity: Mapping[str, object]) -> bytes:
    return compound_bytes({name: tag for name, tag in entity.items() if name not in PLACE})


def _entries_of(tables: BedrockTables) -> list[bytes]:
    """The entry of each state of the tables."""
    whole, starts = tables.entries.tobytes(), tables.starts.tolist()
    return [whole[starts[entry] : starts[entry + 1]] for entry in tables.entry_of.tolist()]


def _blocks_of(states: Sequence[BlockState], version: BedrockVersion) -> list[Block]:
    """Java's states in Bedrock's words."""
    palette = Palette.of(states)
    tables = encode_bedrock_palette(palette, version, BIOMES)
    entities = {number: _placeless(one) for number, one in tables.block_entities.items()}
    found = [
        Block(entry, bool(tables.wet[number]), entities.get(number, b""))
        for number, entry in enumerate(_entries_of(tables))
    ]
    return [found[palette.id(state)] for state in states]


class BedrockBlocks:
    """The blocks of an unpacked Bedrock world, numbered as they come."""

    def __init__(self, world: Path, version: BedrockVersion) -> None:
        self.world, self.version = world, version
        (air,) = _blocks_of([AIR], version)
        self.numbers: dict[Block, int] = {air: 0}

    def _number(self, block: Block) -> int:
        number = self.numbers.setdefault(block, len(self.numbers))
        if number > 0xFFFF:
            raise WorldError(
                f"{self.world.name}: what is exhibited has blocks of too many kinds",
                hint="exhibit the worlds of one class at a time",
            )
        return number

    def read(self, unit: Unit, number: int) -> Change:
        return read_unit(self.world, unit, number, self.numbers)

    def today(self, places: Places) -> NDArray[np.uint16]:
        """What stands at places; air in chunks that the world does not hold."""
        out = np.zeros(len(places.x), np.uint16)
        with opened_copy(self.world) as database:
            for (x, z), rows in _by_chunk(places):
                try:
                    out[rows] = self._of_chunk(database, x, z, places, rows)
                except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
                    raise chunk_error(self.world, x, z, error) from error
        return out

    def _of_chunk(
        self, database: LevelDB, x: int, z: int, places: Places, rows: NDArray[np.int64]
    ) -> list[int]:
        entries = Entries([SavedState(block.entry) for block in list(self.numbers)[:1]])
        wanted = set((places.y[rows] >> 4).tolist())
        held = {
            y: read_section(value, entries)
            for y, value in sub_chunks(database, x, z).items()
            if y in wanted
        }
        entities: dict[Place, bytes] = {}
        key = struct.pack("<iiB", x, z, BLOCK_ENTITIES)
        if key in database:
            for entity in parse_row(database.get(key)):
                at = int(entity["x"]), int(entity["y"]), int(entity["z"])
                entities[at] = _placeless(entity)
        out = []
        for row in rows.tolist():
            at = int(places.x[row]), int(places.y[row]), int(places.z[row])
            section = held.get(at[1] >> 4)
            if section is None or not section.cells:
                out.append(0)
                continue
            cell = (at[0] & 15) << 8 | (at[2] & 15) << 4 | at[1] & 15
            wet = len(section.cells) > 1 and entries.layers[section.cells[1][cell]] == WET
            entry = entries.spans[section.cells[0][cell]]
            out.append(self._number(Block(entry, bool(wet), entities.get(at, b""))))
        return out

    def built(
        self,
        places: Places,
        states: Sequence[BlockState],
        ids: NDArray[np.int32],
        signs: Mapping[Place, Sign],
    ) -> Change:
        """What somebody built, in the words of Java's newest version; signs: what is on them."""
        used = np.unique(ids)
        blocks = _blocks_of([states[number] for number in used.tolist()], self.version)
        table = np.array([self._number(block) for block in blocks], np.uint16)
        out = table[np.searchsorted(used, ids)]
        if signs:
            for row, place in enumerate(zip(*(axis.tolist() for axis in places), strict=True)):
                if place in signs:
                    block = blocks[int(np.searchsorted(used, ids[row]))]
                    entity = _placeless(sign_entity(signs[place]))
                    out[row] = self._number(block._replace(entity=entity))
        return Change(*places, out)

    def clears(self, table: Table) -> NDArray[np.bool_]:
        blocks = list(self.numbers)
        states = [AIR] * len(blocks)
        for number in np.unique(table).tolist():
            state = java_state(read_state(blocks[number].entry))
            states[number] = wet_state(state) if blocks[number].wet else state
        return cleared_first(states, table)

    def tables(self) -> BedrockTables:
        """All blocks so far as the tables of a palette: its states are their numbers."""
        plain = encode_bedrock_palette(Palette.of([AIR]), self.version, BIOMES)
        entries: dict[bytes, int] = {entry: 0 for entry in _entries_of(plain)}
        start = plain.starts.tolist()[plain.water]
        water = plain.entries.tobytes()[start : plain.starts.tolist()[plain.water + 1]]
        entries.setdefault(water, len(entries))
        entry_of = [entries.setdefault(block.entry, len(entries)) for block in self.numbers]
        return BedrockTables(
            version=self.version,
            entries=np.frombuffer(b"".join(entries), np.uint8).copy(),
            starts=np.concatenate([[0], np.cumsum([len(one) for one in entries])]).astype(np.int64),
            entry_of=np.array(entry_of, np.uint16),
            wet=np.array([block.wet for block in self.numbers], bool),
            biomes=plain.biomes,
            water=entries[water],
            names=(),
            substituted={},
            simplified={},
            block_entities={
                number: read_entry(block.entity)
                for number, block in enumerate(self.numbers)
                if block.entity
            },
        )

    def write(self, units: Sequence[Unit], changes: Mapping[str, Change]) -> None:
        """Writes the structures of those units whose pieces are among these."""
        tables = self.tables()
        for unit in units:
            if unit.pieces[0][0].name in changes:
                write_unit(self.world, unit, changes, tables)


def _by_chunk(places: Places) -> Iterator[tuple[tuple[int, int], NDArray[np.int64]]]:
    """(x, z of a chunk, the rows of the places in it)."""
    chunks = np.stack([places.x >> 4, places.z >> 4], axis=1)
    order = np.lexsort((chunks[:, 1], chunks[:, 0]))
    borders = np.flatnonzero(np.diff(chunks[order], axis=0).any(axis=1)) + 1
    for rows in np.split(order, borders):
        if len(rows):
            x, z = chunks[rows[0]].tolist()
            yield (x, z), rows


def remove_pieces(world: Path, names: frozenset[str]) -> None:
    """Takes the files of pieces out of a world's behaviour pack."""
    for name in names:
        path = structure_folder(world) / f"{structure_id(Piece(name, (0, 0, 0), 0))}.mcstructure"
        path.unlink(missing_ok=True)


def set_fixtures(
    database: LevelDB,
    world: Path,
    fixtures: Sequence[Fixture],
    version: BedrockVersion,
    also: Mapping[bytes, bytes | None],
) -> int:
    """Sets fixtures into the chunks of an open database, with all that is written in them, and
    other records; returns how many of their blocks lie in chunks that it does not hold."""
    blocks: dict[Place, BlockState] = {}
    for fixture in fixtures:
        blocks |= {(x, y, z): state for x, y, z, state in fixture.blocks}
    entities: dict[Place, Mapping[str, Any]] = {}
    for entity in fixture_entities(fixtures, version):
        x, y, z = (int(entity[axis]) for axis in PLACE)
        entities[x, y, z] = {name: tag for name, tag in entity.items() if name not in PLACE}
    found = _blocks_of(list(blocks.values()), version) if blocks else []
    saved: list[SavedState] = []
    for at, block in zip(blocks, found, strict=True):
        own = entities.get(at) or (read_entry(block.entity) if block.entity else None)
        saved.append(SavedState(block.entry, block.wet, own))
    # One for all that say nothing: a state that says something is a state of its own.
    first: dict[tuple[bytes, bool], int] = {}
    states: list[SavedState] = []
    ids = []
    for one in saved:
        if one.entity is None and (one.entry, one.wet) in first:
            ids.append(first[one.entry, one.wet])
            continue
        if one.entity is None:
            first[one.entry, one.wet] = len(states)
        ids.append(len(states))
        states.append(one)
    x, y, z = np.array(list(blocks), np.int32).reshape(-1, 3).T
    done = change_world_blocks(
        database, world, (x, y, z), np.array(ids, np.int64), states, also=also
    )
    return done.missing


def player_records(database: LevelDB) -> list[bytes]:
    """The keys of records that say who has played in a world."""
    return [
        key
        for start in PLAYERS
        for key, _ in database.iterate(start, start[:-1] + bytes([start[-1] + 1]))
    ]
