"""The small planned city as whole Bedrock worlds, built directly in any state of its layers."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbtlib
import numpy as np
from PIL import Image

from buildings.board_texts import dial_years
from mc_city.npcs import guides_of
from mc_city.report import write_world_facts
from mc_city.voxelise import voxelise
from tests.bedrock_worlds import names_of
from tests.packs.bedrock.small_city import TEXTS, VERSION, SmallCity, write_small_city
from worlds.bedrock.behaviour import write_behaviour_pack
from worlds.bedrock.entities import fixture_entities
from worlds.bedrock.leveldat import BedrockSettings
from worlds.bedrock.leveldb import strip_length, write_part
from worlds.bedrock.mcworld import write_bedrock_world, write_icon
from worlds.bedrock.reader import opened_copy
from worlds.bedrock.region import encode_region_records
from worlds.bedrock.scores import SCOREBOARD, scores_record
from worlds.bedrock.subchunks import BLOCK_ENTITIES, SUB_CHUNK
from worlds.layers import starting_scores, write_layers
from worlds.words import read_words

SWEDISH = read_words("sv")

State = tuple[int, ...]
AIR_LAYER = np.full((16, 16, 16), "minecraft:air[]")


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
    scene, picture = city.scene, Image.new("RGB", (64, 48), (30, 90, 60))
    shutil.copytree(city.world, world)
    layers = scene.developments.layers
    guides = guides_of("Liten", layers, scene.fixtures, SWEDISH)
    write_behaviour_pack(world, city.switches, city.units, dial_years(layers), state, guides, TEXTS, picture, VERSION, SWEDISH)
    parts = []
    for region in scene.grid.regions():
        tile = voxelise(scene, *region, scene.developments.active(state))
        entities = fixture_entities(scene.fixtures, VERSION)
        records = encode_region_records(*region, tile.volume, tile.below, tile.biomes, tile.present, city.tables, entities)
        parts.append(world.parent / f"r.{region[0]}.{region[1]}.part")
        write_part(parts[-1], records, strip_length(64))
    extras = {SCOREBOARD: scores_record(None, starting_scores(city.switches, city.units, state))}
    write_bedrock_world(world, BedrockSettings("Liten", VERSION, (0, 90, 0)), parts, extras)
    write_icon(picture, world / "world_icon.jpeg")
    write_layers(world, city.switches, city.units)
    write_world_facts(world, scene, "bedrock", VERSION.name)
    return world


def write_all(folder: Path) -> BedrockCity:
    return BedrockCity(write_small_city(folder / "pack"), folder / "built")


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
    first, second = ([*(names_of(value) if value else ()), AIR_LAYER, AIR_LAYER][:2] for value in (one, other))
    return all(np.array_equal(mine, theirs) for mine, theirs in zip(first, second, strict=True))


def records_in(world: Path) -> dict[bytes, bytes]:
    """All records of a world's database, which is left as it is."""
    with opened_copy(world) as database:
        return dict(database.items())


def differing_records(world: Path, other: Path) -> list[str]:
    """The records in which two worlds differ, but for scores: sub-chunks by their blocks in both layers, as they may be spelled
    in several ways and left out where they are empty, block entities in any order; heights, biomes and all else by their bytes."""
    one, two = records_in(world), records_in(other)
    keys = sorted((one.keys() | two.keys()) - {SCOREBOARD})
    return [key.hex() for key in keys if not _is_same(key[8] if len(key) in (9, 10) else 0, one.get(key), two.get(key))]
