"""The small planned city as whole Bedrock worlds, built directly in any state of its layers."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbtlib
import numpy as np
from PIL import Image

from buildings.developments.texts import dial_years
from mc_city.build.report import write_world_facts
from mc_city.city.drawing import voxelise
from mc_city.placing.npcs import guides_of
from tests.bedrock_worlds import names_of, write_records
from tests.packs.bedrock.small_city import TEXTS, VERSION, SmallCity, write_small_city
from worlds.bedrock.behaviour import PackContents, write_behaviour_pack
from worlds.bedrock.entities import fixture_entities
from worlds.bedrock.leveldat import BedrockSettings, level_bytes
from worlds.bedrock.leveldb import strip_length, write_part
from worlds.bedrock.mcworld import write_bedrock_world, write_icon
from worlds.bedrock.reader import opened_copy, read_entry
from worlds.bedrock.region import encode_region_records
from worlds.bedrock.scores import SCOREBOARD, scores_record
from worlds.bedrock.subchunks import BLOCK_ENTITIES, SUB_CHUNK
from worlds.bedrock.subchunks import VERSION as CHUNK_VERSION
from worlds.bedrock.translate import BedrockTables, encode_bedrock_palette, java_state
from worlds.bedrock.versions import BedrockVersion
from worlds.java.climate import BIOMES
from worlds.layers import starting_scores, write_layers
from worlds.volume import Palette
from worlds.votes import ballots_of, starting_votes, write_ballots
from worlds.words import read_words

SWEDISH = read_words("sv")

State = tuple[int, ...]
AIR_LAYER = np.full((16, 16, 16), "minecraft:air[]", object)


@dataclass(frozen=True)
class BedrockCity:
    """A city whose structures are written; `folder` takes what is built of it."""

    city: SmallCity
    folder: Path

    def built(self, state: State) -> Path:
        """The world that stands in this state, built once. It is not to be changed."""
        world = self.folder / "-".join(map(str, state)) / "Liten"
        if not world.exists():
            write_bedrock_city(self.city, world, state)
        return world


def write_bedrock_city(city: SmallCity, world: Path, state: State) -> Path:
    """A whole world as a build leaves it."""
    scene, picture, version = (
        city.scene,
        Image.new("RGB", (64, 48), (30, 90, 60)),
        city.tables.version,
    )
    shutil.copytree(city.world, world)
    layers = scene.developments.layers
    guides = guides_of("Liten", layers, scene.fixtures, SWEDISH)
    contents = PackContents(
        switches=city.switches,
        units=city.units,
        years=dial_years(layers),
        state=state,
        guides=guides,
        fixtures=scene.fixtures,
    )
    write_behaviour_pack(world, contents, TEXTS, picture, version, SWEDISH)
    parts = []
    for region in scene.grid.regions():
        tile = voxelise(scene, *region, scene.developments.active(state))
        entities = fixture_entities(scene.fixtures, version)
        records = encode_region_records(
            *region, tile.volume, tile.below, tile.biomes, tile.present, city.tables, entities
        )
        parts.append(world.parent / f"r.{region[0]}.{region[1]}.part")
        write_part(parts[-1], records, strip_length(64))
    ballots = ballots_of(scene.fixtures)
    scores = starting_scores(city.switches, city.units, state) | starting_votes(ballots)
    extras = {SCOREBOARD: scores_record(None, scores)}
    write_bedrock_world(world, BedrockSettings("Liten", version, (0, 90, 0)), parts, extras)
    write_icon(picture, world / "world_icon.jpeg")
    write_layers(world, city.switches, city.units)
    write_ballots(world, ballots)
    write_world_facts(world, scene, "bedrock", version.name)
    return world


def write_all(folder: Path, version: BedrockVersion = VERSION) -> BedrockCity:
    return BedrockCity(write_small_city(folder / "pack", version=version), folder / "built")


def _respelled(value: bytes, spelled: dict[bytes, bytes]) -> bytes:
    """A sub-chunk of which each entry of a palette is spelled anew."""
    source = io.BytesIO(value)
    out = source.read(3)
    for _ in range(value[1]):
        (head,) = source.read(1)
        each = 32 // (head >> 1)
        out += bytes([head]) + source.read(4 * -(-4096 // each))
        count = source.read(4)
        out += count
        for _ in range(int.from_bytes(count, "little")):
            start = source.tell()
            nbtlib.File.parse(source, "little")
            out += spelled[value[start : source.tell()]]
    assert source.tell() == len(value)
    return out


def _entry(tables: BedrockTables, number: int) -> bytes:
    return tables.entries[tables.starts[number] : tables.starts[number + 1]].tobytes()


def as_saved_by(version: BedrockVersion, city: SmallCity, world: Path, target: Path) -> Path:
    """A world as a newer game leaves it behind: chunks and states of its own version, its keys in
    level.dat, records that older ones lack; the pack stays as it was built."""
    shutil.copytree(world, target)
    # What stood for a newer block is what it is, also in a game that has that block.
    old = city.tables
    stood = {
        index: java_state(read_entry(_entry(old, int(old.entry_of[index]))))
        for index in old.substituted
    }
    meant = [stood.get(index, state) for index, state in enumerate(city.scene.palette.states)]
    table = Palette.of(meant)
    new = encode_bedrock_palette(table, version, BIOMES)
    mine, theirs = (
        [
            tables.entries[start:end].tobytes()
            for start, end in zip(tables.starts, tables.starts[1:], strict=False)
        ]
        for tables in (old, new)
    )
    spelled = {
        mine[ours]: theirs[new.entry_of[table.id(state)]]
        for ours, state in zip(old.entry_of.tolist(), meant, strict=True)
    }
    spelled[mine[old.water]] = theirs[new.water]
    records = {}
    for key, value in records_in(world).items():
        if len(key) == 9 and key[8] == CHUNK_VERSION:
            records[key] = bytes([version.chunk])
            # Hashes of what the generator knew, and which actors stand here: none.
            records[key[:8] + b"\x3f"], records[b"digp" + key[:8]] = bytes(8), b""
        else:
            records[key] = (
                _respelled(value, spelled) if len(key) == 10 and key[8] == SUB_CHUNK else value
            )
    shutil.rmtree(target / "db")
    write_records(target, records)
    (target / "level.dat").write_bytes(level_bytes(BedrockSettings("Liten", version, (0, 90, 0))))
    return target


def entities_in(record: bytes) -> list[str]:
    source, found = io.BytesIO(record), []
    while source.tell() < len(record):
        found.append(nbtlib.File.parse(source, "little").snbt())
    return found


def _is_same(kind: int, one: bytes | None, other: bytes | None) -> bool:
    if one == other:
        return True
    if kind == BLOCK_ENTITIES:
        return sorted(entities_in(one or b"")) == sorted(entities_in(other or b""))
    if kind != SUB_CHUNK:
        return False
    first, second = (
        [*(names_of(value) if value else ()), AIR_LAYER, AIR_LAYER][:2] for value in (one, other)
    )
    return all(np.array_equal(mine, theirs) for mine, theirs in zip(first, second, strict=True))


def records_in(world: Path) -> dict[bytes, bytes]:
    """All records of a world's database, which is left as it is."""
    with opened_copy(world) as database:
        return dict(database.items())


def differing_records(world: Path, other: Path) -> list[str]:
    """The records in which two worlds differ, but for scores: sub-chunks by their blocks in both
    layers, as they may be spelled in several ways and left out where they are empty, block entities
    in any order; heights, biomes and all else by their bytes."""
    one, two = records_in(world), records_in(other)
    keys = sorted((one.keys() | two.keys()) - {SCOREBOARD})
    return [
        key.hex()
        for key in keys
        if not _is_same(key[8] if len(key) in (9, 10) else 0, one.get(key), two.get(key))
    ]
