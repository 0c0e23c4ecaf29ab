"""Saved Java worlds that get more switches: their blocks read and written as merging wants them,
and fixtures set into their chunks."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from nbtlib import Compound
from numpy.typing import NDArray

from worlds.errors import WorldError
from worlds.fixtures import Fixture, Sign
from worlds.java.belongings import entities_in
from worlds.java.entities import PLACE, fixture_entities, sign_without_place
from worlds.java.entries import meant
from worlds.java.layout import find_layout
from worlds.java.saved import blocks_at, change_region, relight_region
from worlds.java.saved_signs import chunk_versions, write_signs
from worlds.java.structures import Template, write_template
from worlds.java.units import levels_of, read_unit
from worlds.java.versions import JavaVersion
from worlds.layers import Change, Unit, beside
from worlds.units_of import Places, Table, cleared_first
from worlds.volume import AIR, BlockState, Palette

Place = tuple[int, int, int]


class Block(NamedTuple):
    """A state, and the payload of its block entity without its place; empty = none."""

    state: BlockState
    entity: bytes = b""


def _payload(entity: Mapping[str, Any]) -> bytes:
    """A block entity without its place, as the payload of a compound."""
    out = io.BytesIO()
    Compound({name: tag for name, tag in entity.items() if name not in PLACE}).write(out)
    return out.getvalue()


class JavaBlocks:
    """The blocks of an unpacked Java world, numbered as they come. folder: of its structures."""

    def __init__(self, world: Path, folder: Path, version: JavaVersion) -> None:
        self.world, self.folder, self.version = world, folder, version
        self.levels = levels_of(folder)
        self.numbers: dict[Block, int] = {Block(AIR): 0}
        self.entities: dict[bytes, Mapping[str, Any]] = {}

    def _number(self, state: BlockState, entity: Mapping[str, Any] | None) -> int:
        written = b""
        if entity is not None:
            written = _payload(entity)
            self.entities[written] = {
                name: tag for name, tag in entity.items() if name not in PLACE
            }
        number = self.numbers.setdefault(Block(state, written), len(self.numbers))
        if number > 0xFFFF:
            raise WorldError(
                f"{self.world.name}: what is exhibited has blocks of too many kinds",
                hint="exhibit the worlds of one class at a time",
            )
        return number

    def _change(
        self,
        places: Places,
        states: Sequence[BlockState],
        ids: NDArray[np.int64],
        entities: Mapping[Place, Mapping[str, Any]],
    ) -> Change:
        """Blocks whose ids mean `states`, with the block entities that lie among them."""
        table = np.array([self._number(meant(state), None) for state in states], np.uint16)
        out = table[ids] if len(table) else np.zeros(0, np.uint16)
        if entities:
            at = zip(*(axis.tolist() for axis in places), strict=True)
            for row, place in enumerate(at):
                if place in entities:
                    out[row] = self._number(meant(states[ids[row]]), entities[place])
        return Change(*places, out)

    def read(self, unit: Unit, number: int) -> Change:
        states: dict[BlockState, int] = {AIR: 0}
        written: dict[Place, Mapping[str, Any]] = {}
        found = read_unit(self.folder, unit, number, states, levels=self.levels, written=written)
        places = Places(found.x, found.y, found.z)
        return self._change(places, list(states), found.ids.astype(np.int64), written)

    def today(self, places: Places) -> NDArray[np.uint16]:
        """What stands at places; air in chunks that the world does not hold."""
        out = np.zeros(len(places.x), np.uint16)
        layout, regions = find_layout(self.world), (places.x >> 9, places.z >> 9)
        for region in sorted(set(zip(*(part.tolist() for part in regions), strict=True))):
            rows = np.flatnonzero((regions[0] == region[0]) & (regions[1] == region[1]))
            x, y, z = (axis[rows] for axis in places)
            path = layout.region_file(*region)
            states = [state or AIR for state in blocks_at(path, x, y, z)]
            own = {state: number for number, state in enumerate(dict.fromkeys(states))}
            ids = np.array([own[state] for state in states], np.int64)
            chunks = np.unique(np.stack([x >> 4, z >> 4], axis=1), axis=0).tolist()
            entities = entities_in(path, [(chunk_x, chunk_z) for chunk_x, chunk_z in chunks])
            out[rows] = self._change(Places(x, y, z), list(own), ids, entities).ids
        return out

    def built(
        self,
        places: Places,
        states: Sequence[BlockState],
        ids: NDArray[np.int32],
        signs: Mapping[Place, Sign],
    ) -> Change:
        """What somebody built, in the words of the newest version; signs: what is on them."""
        entities = {at: sign_without_place(sign, self.version) for at, sign in signs.items()}
        return self._change(places, states, ids.astype(np.int64), entities)

    def clears(self, table: Table) -> NDArray[np.bool_]:
        return cleared_first([block.state for block in self.numbers], table)

    def write(self, changes: Mapping[str, Change]) -> None:
        """Writes the structures of pieces, by their names."""
        blocks = list(self.numbers)
        states = tuple(block.state for block in blocks)
        says = np.array([bool(block.entity) for block in blocks], bool)
        for name, change in changes.items():
            entities = {
                row: self.entities[blocks[int(change.ids[row])].entity]
                for row in np.flatnonzero(says[change.ids]).tolist()
            }
            x, y, z = (axis - int(axis.min()) for axis in (change.x, change.y, change.z))
            template = Template(x, y, z, states, change.ids.astype(np.int64), entities=entities)
            write_template(self.folder / f"{name}.nbt", template, self.version)


def remove_pieces(folder: Path, names: frozenset[str]) -> None:
    """Takes the files of pieces out of a folder of structures, and of the one that newer games
    read."""
    for each in {folder, folder.with_name(folder.name.removesuffix("s"))}:
        for name in names:
            (each / f"{name}.nbt").unlink(missing_ok=True)


def set_fixtures(world: Path, fixtures: Sequence[Fixture]) -> int:
    """Sets fixtures into the chunks of an unpacked world, with all that is written in them, in the
    words of the version that saved each chunk; returns how many of their blocks lie in chunks that
    it does not hold."""
    layout = find_layout(world)
    blocks: dict[tuple[int, int], dict[Place, BlockState]] = defaultdict(dict)
    for fixture in fixtures:
        for *where, state in fixture.blocks:
            blocks[where[0] >> 9, where[2] >> 9][where[0], where[1], where[2]] = state
    missing, relit = 0, set[tuple[int, int]]()
    spoken: dict[int, dict[Place, Mapping[str, Any]]] = {}
    for region, mine in sorted(blocks.items()):
        path, palette = layout.region_file(*region), Palette.of(list(mine.values()))
        own = {state: number for number, state in enumerate(palette.states)}
        x, y, z = np.array(list(mine), np.int32).T
        ids = np.array([own[state] for state in mine.values()])
        done = change_region(path, x, y, z, ids=ids, palette=palette)
        said: dict[Place, Mapping[str, Any]] = {}
        if path.exists():
            chunks = {(at[0] >> 4, at[2] >> 4) for at in mine}
            for chunk, version in chunk_versions(path, sorted(chunks)).items():
                number = version.data_version
                if number not in spoken:
                    spoken[number] = _said(fixtures, version)
                said |= {
                    at: entity
                    for at, entity in spoken[number].items()
                    if (at[0] >> 4, at[2] >> 4) == chunk
                }
            write_signs(path, said)
        missing += done.missing
        relit |= beside(done.chunks)
    for region in sorted({(x >> 5, z >> 5) for x, z in relit}):
        path = layout.region_file(*region)
        if path.exists():
            relight_region(path, [one for one in relit if (one[0] >> 5, one[1] >> 5) == region])
    return missing


def _said(fixtures: Sequence[Fixture], version: JavaVersion) -> dict[Place, Mapping[str, Any]]:
    """The block entities of fixtures without their places, by these."""
    found: dict[Place, Mapping[str, Any]] = {}
    for entity in fixture_entities(fixtures, version):
        at = int(entity["x"]), int(entity["y"]), int(entity["z"])
        found[at] = {name: tag for name, tag in entity.items() if name not in PLACE}
    return found
