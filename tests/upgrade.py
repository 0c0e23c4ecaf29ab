"""Plays what a game of 26.x does to a world of 1.21.4 that it opens, and what a player does in it
then.

Written after Mojang's changelogs, with nbtlib and zlib only: nothing here is the program's own
reading or writing.
"""

from __future__ import annotations

import io
import json
import random
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import nbtlib
import numpy as np
import PyMCTranslate
from nbtlib import Byte, Compound, Double, Int, IntArray, List, Long, LongArray, String

SECTOR = 4096
Chunks = dict[tuple[int, int], nbtlib.File]
MOVED = {
    "region": "dimensions/minecraft/overworld/region",
    "entities": "dimensions/minecraft/overworld/entities",
    "poi": "dimensions/minecraft/overworld/poi", "DIM-1": "dimensions/minecraft/the_nether",
    "DIM1": "dimensions/minecraft/the_end",
    "playerdata": "players/data", "stats": "players/stats", "advancements": "players/advancements",
}  # fmt: skip


@dataclass(frozen=True)
class Game:
    """A version that upgrades worlds. ids: whether it writes `{id, properties}` and lone names."""

    name: str
    number: int
    ids: bool


GAMES = {"26.1": Game("26.1", 4786, False), "26.3": Game("26.3", 5023, True)}


# --- region files


def region_folder(world: Path) -> Path:
    new = world / MOVED["region"]
    return new if new.is_dir() else world / "region"


def read_chunks(path: Path) -> Chunks:
    """The chunks of a region file by x, z counted over the world."""
    data = path.read_bytes()
    found = {}
    for number in range(1024):
        sector = int.from_bytes(data[4 * number : 4 * number + 3], "big")
        if sector:
            length, kind = struct.unpack_from(">IB", data, sector * SECTOR)
            assert kind == 2
            raw = zlib.decompress(data[sector * SECTOR + 5 : sector * SECTOR + 4 + length])
            chunk = nbtlib.File.parse(io.BytesIO(raw))
            found[int(chunk["xPos"]), int(chunk["zPos"])] = chunk
    return found


def write_chunks(path: Path, chunks: Chunks) -> None:
    table, body = bytearray(2 * SECTOR), b""
    for (x, z), chunk in chunks.items():
        raw = io.BytesIO()
        chunk.write(raw)
        packed = zlib.compress(raw.getvalue())
        record = struct.pack(">IB", len(packed) + 1, 2) + packed
        sectors = -(-len(record) // SECTOR)
        at = 4 * (32 * (z & 31) + (x & 31))
        table[at : at + 4] = (2 + len(body) // SECTOR).to_bytes(3, "big") + bytes([sectors])
        body += record.ljust(sectors * SECTOR, b"\0")
    path.write_bytes(bytes(table) + body)


# --- block states


@cache
def _table() -> Any:
    return PyMCTranslate.new_translation_manager().get_version("java", (26, 3, 0)).block


@lru_cache(maxsize=4096)
def defaults(name: str) -> dict[str, str]:
    space, _, own = name.partition(":")
    if own not in _table().base_names(space):
        return {}
    return {
        key: tag.py_str
        for key, tag in _table().get_specification(space, own).default_properties.items()
    }


def split(tag: Any) -> tuple[str, dict[str, str]]:
    """(name, all properties but `waterlogged=false`) of a state in any form."""
    if isinstance(tag, dict) and list(tag) == [""]:
        tag = tag[""]
    if isinstance(tag, str):
        return str(tag), dict(defaults(str(tag)))
    name = str(tag["Name"] if "Name" in tag else tag["id"])
    held = tag.get("Properties" if "Name" in tag else "properties", {})
    pairs = {**defaults(name), **{str(key): str(value) for key, value in held.items()}}
    return name, {
        key: value for key, value in pairs.items() if (key, value) != ("waterlogged", "false")
    }


def state_tag(name: str, properties: Mapping[str, str], game: Game, water: bool) -> Any:
    """A state as the game writes it; water: whether the block can be waterlogged."""
    name = {"minecraft:chain": "minecraft:iron_chain"}.get(name, name)
    wet = {"waterlogged": "false"} if water and "waterlogged" not in properties else {}
    tags = Compound({key: String(value) for key, value in {**properties, **wet}.items()})
    if game.ids and dict(properties) == defaults(name):
        return String(name)
    keys = ("id", "properties") if game.ids else ("Name", "Properties")
    return Compound({keys[0]: String(name), **({keys[1]: tags} if tags else {})})


def mixed(tags: list[Any]) -> List:
    """A list as NBT has it since 1.21.5: of one kind, or everything in compounds, those that are
    none wrapped."""
    if all(isinstance(tag, String) for tag in tags):
        return List[String](tags)
    return List[Compound](
        [tag if isinstance(tag, Compound) else Compound({"": tag}) for tag in tags]
    )


def _palette(palette: List, game: Game) -> List:
    out = []
    for tag in palette:
        name, properties = split(tag)
        held = tag.get("Properties", {}) if isinstance(tag, dict) else {}
        out.append(state_tag(name, properties, game, "waterlogged" in held))
    return mixed(out)


# --- texts


def text_tag(said: str) -> Any:
    """A text that was JSON in a string, as NBT."""

    def of(value: Any) -> Any:
        if isinstance(value, str):
            return String(value)
        if isinstance(value, bool):
            return Byte(value)
        if isinstance(value, list):
            return mixed([of(one) for one in value])
        return Compound({key: of(inner) for key, inner in value.items()})

    value = of(json.loads(said))
    return value["text"] if isinstance(value, Compound) and list(value) == ["text"] else value


def _entity(entity: Compound) -> Compound:
    out = Compound(entity)
    if str(entity["id"]) == "minecraft:sign":
        for side in ("front_text", "back_text"):
            out[side] = Compound(
                {
                    **entity[side],
                    "messages": mixed([text_tag(line) for line in entity[side]["messages"]]),
                }
            )
        out["allow_op_features"] = Byte(1)
    if "CustomName" in entity:
        out["CustomName"] = text_tag(entity["CustomName"])
    if "Book" in entity:
        content = entity["Book"]["components"]["minecraft:written_book_content"]
        content["pages"] = List[Compound](
            [Compound({**page, "raw": text_tag(page["raw"])}) for page in content["pages"]]
        )
    return out


# --- the upgrade


def _shuffled(chunk: Compound, chance: random.Random) -> None:
    """Tags in another order, as the game's maps have none."""
    pairs = list(chunk.items())
    chance.shuffle(pairs)
    chunk.clear()
    chunk.update(pairs)


def upgrade_chunk(chunk: nbtlib.File, game: Game, chance: random.Random) -> None:
    """What happens to a chunk that is loaded and saved."""
    chunk["DataVersion"] = Int(game.number)
    for section in chunk["sections"]:
        if "block_states" in section:
            section["block_states"]["palette"] = _palette(section["block_states"]["palette"], game)
            _shuffled(section["block_states"], chance)
        section["SkyLight"] = nbtlib.ByteArray([-1] * 2048)
        _shuffled(section, chance)
    chunk["block_entities"] = List[Compound](
        [_entity(entity) for entity in chunk["block_entities"]]
    )
    chunk["isLightOn"] = Byte(1)
    chunk.pop("Heightmaps", None)
    _shuffled(chunk, chance)


def _saved(path: Path, data: Compound, game: Game) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbtlib.File({"data": data, "DataVersion": Int(game.number)}, gzipped=True).save(path)


def _scores(data: Compound) -> Compound:
    """As the game's codec writes them: what is as by default is left out."""
    left_out = {
        "Score": Int(0), "Locked": Byte(0), "CriteriaName": String("dummy"),
        "RenderType": String("integer"),
        "display_auto_update": Byte(0),
    }  # fmt: skip
    out = Compound()
    for key in ("Objectives", "PlayerScores", "Teams"):
        entries = [
            Compound({name: tag for name, tag in entry.items() if left_out.get(name) != tag})
            for entry in data.get(key, [])
        ]
        for entry in entries:
            if "DisplayName" in entry:
                entry["DisplayName"] = text_tag(entry["DisplayName"])
        if entries:
            out[key] = List[Compound](entries)
    return out


def _level(world: Path, game: Game) -> None:
    path = world / "level.dat"
    old = nbtlib.load(path)["Data"]
    spawn = {
        "pos": IntArray([old["SpawnX"], old["SpawnY"], old["SpawnZ"]]),
        "dimension": String("minecraft:overworld"),
    }
    difficulty = {"difficulty": String("peaceful"), "hardcore": Byte(0), "locked": Byte(0)}
    kept = (
        "version",
        "LevelName",
        "LastPlayed",
        "GameType",
        "Time",
        "initialized",
        "allowCommands",
        "WasModded",
        "DataPacks",
    )
    data = Compound({
        **{key: old[key] for key in kept},
        "DataVersion": Int(game.number), "ServerBrands": List[String]([String("vanilla")]),
        "version_history": List[Int]([Int(4189)]),
        "Version": Compound({"Id": Int(game.number), "Name": String(game.name),
        "Series": String("main"), "Snapshot": Byte(0)}),
        "difficulty_settings": Compound(difficulty),
        "spawn": Compound({**spawn, "yaw": old["SpawnAngle"], "pitch": nbtlib.Float(0.0)}),
        "singleplayer_uuid": IntArray([1, 2, 3, 4]),
    })  # fmt: skip
    nbtlib.File({"Data": data}, gzipped=True).save(path)
    rules = Compound(
        {
            "minecraft:advance_time": Byte(0),
            "minecraft:spawn_mobs": Byte(0),
            "minecraft:command_blocks_work": Byte(1),
        }
    )
    root, own = (
        world / "data" / "minecraft",
        world / "dimensions" / "minecraft" / "overworld" / "data" / "minecraft",
    )
    gen = Compound(
        {key: old["WorldGenSettings"][key] for key in ("seed", "bonus_chest", "dimensions")}
    )
    _saved(root / "world_gen_settings.dat", Compound({**gen, "generate_structures": Byte(0)}), game)
    _saved(root / "game_rules.dat", rules, game)
    _saved(
        root / "world_clocks.dat",
        Compound({"minecraft:overworld": Compound({"total_ticks": Long(old["DayTime"])})}),
        game,
    )
    _saved(root / "weather.dat", Compound({"raining": Byte(0), "clear_weather_time": Int(0)}), game)
    border = {
        "center_x": old["BorderCenterX"],
        "center_z": old["BorderCenterZ"],
        "size": old["BorderSize"],
    }
    _saved(
        own / "world_border.dat",
        Compound({**border, "lerp_time": Long(0), "safe_zone": Double(5.0)}),
        game,
    )


def upgrade(
    world: Path, version: str = "26.3", visited: Callable[[int, int], bool] | None = None
) -> Path:
    """Opens a copied world of 1.21.4 in a newer game, and closes it. visited: the chunks that were
    loaded, by x, z, None = all: the others stay as they were saved."""
    game, chance = GAMES[version], random.Random(5023)
    (world / "playerdata").mkdir(exist_ok=True)
    place = List[Double]([Double(0), Double(80), Double(0)])
    player = nbtlib.File(
        {"Pos": place, "Dimension": String("minecraft:overworld"), "DataVersion": Int(game.number)},
        gzipped=True,
    )
    player.save(world / "playerdata" / "00000001-0000-0002-0000-000300000004.dat")
    for old, new in MOVED.items():
        if (world / old).exists():
            (world / new).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(world / old, world / new)
    for path in [path for path in (world / "data").iterdir() if path.is_file()]:
        (world / "data" / "minecraft").mkdir(exist_ok=True)
        shutil.move(path, world / "data" / "minecraft" / path.name)
    for path in sorted(region_folder(world).glob("*.mca")):
        chunks = read_chunks(path)
        for place, chunk in chunks.items():
            if visited is None or visited(*place):
                upgrade_chunk(chunk, game, chance)
        write_chunks(path, chunks)
    scores = world / "data" / "minecraft" / "scoreboard.dat"
    if scores.exists():
        _saved(scores, _scores(nbtlib.load(scores)["data"]), game)
    _level(world, game)
    (world / "session.lock").write_bytes("☃".encode())
    return world


# --- what a player does


def indices(states: Compound) -> np.ndarray:
    """(4096,) places in the palette of a section, in the order of (y, z, x)."""
    count = len(states["palette"])
    if count == 1:
        return np.zeros(4096, np.int64)
    bits = max(4, (count - 1).bit_length())
    longs = np.array(states["data"], np.int64).view(np.uint64)
    each = 64 // bits
    cells = [
        (longs >> np.uint64(bits * place)) & np.uint64((1 << bits) - 1) for place in range(each)
    ]
    return np.stack(cells, axis=1).reshape(-1)[:4096].astype(np.int64)


def _with_block(states: Compound, cell: int, tag: Any) -> Compound:
    entries, where = list(states["palette"]), indices(states)
    where[cell] = len(entries)
    used = sorted(set(where.tolist()))
    tags = [
        entry[""] if isinstance(entry, dict) and list(entry) == [""] else entry
        for entry in [*entries, tag]
    ]
    out = Compound({"palette": mixed([tags[number] for number in used])})
    if len(used) > 1:
        local = np.searchsorted(used, where).astype(np.uint64)
        bits = max(4, (len(used) - 1).bit_length())
        each = 64 // bits
        longs = np.zeros(-(-4096 // each), np.uint64)
        for place in range(each):
            part = local[place::each]
            longs[: len(part)] |= part << np.uint64(bits * place)
        out["data"] = LongArray(longs.view(np.int64))
    return out


Place = tuple[int, int, int]


def play(
    world: Path,
    blocks: Mapping[Place, Any],
    version: str = "26.3",
    entities: Mapping[Place, Compound] | None = None,
) -> None:
    """Sets blocks of an upgraded world by (x, y, z) to state tags, and block entities beside them;
    the chunks are saved."""
    for path in sorted(region_folder(world).glob("*.mca")):
        chunks = read_chunks(path)
        touched = False
        for (x, y, z), tag in blocks.items():
            chunk = chunks.get((x >> 4, z >> 4))
            if chunk is None:
                continue
            touched = True
            if int(chunk["DataVersion"]) != GAMES[version].number:
                upgrade_chunk(chunk, GAMES[version], random.Random(1))
            section = next(one for one in chunk["sections"] if int(one["Y"]) == y >> 4)
            section["block_states"] = _with_block(
                section["block_states"], (y & 15) << 8 | (z & 15) << 4 | x & 15, tag
            )
            held = [
                one
                for one in chunk["block_entities"]
                if (int(one["x"]), int(one["y"]), int(one["z"])) != (x, y, z)
            ]
            if entities and (x, y, z) in entities:
                held.append(
                    Compound(
                        {
                            **entities[x, y, z],
                            "x": Int(x),
                            "y": Int(y),
                            "z": Int(z),
                            "keepPacked": Byte(0),
                        }
                    )
                )
            chunk["block_entities"] = List[Compound](held)
        if touched:
            write_chunks(path, chunks)


# --- looking at the result


def every_chunk(world: Path) -> Iterator[nbtlib.File]:
    for path in sorted(region_folder(world).glob("*.mca")):
        yield from read_chunks(path).values()


_NUMBERS: dict[str, int] = {"minecraft:air": 0}


def world_blocks(world: Path) -> dict[tuple[int, int, int], np.ndarray]:
    """By chunk x, z and section y: (4096,) numbers of the states, as `_NUMBERS` has them; sections
    of nothing but air are left out."""
    out = {}
    for chunk in every_chunk(world):
        for section in chunk["sections"]:
            if "block_states" not in section:
                continue
            numbers = []
            for tag in section["block_states"]["palette"]:
                name, properties = split(tag)
                name = {"minecraft:chain": "minecraft:iron_chain"}.get(name, name)
                said = ",".join(f"{key}={value}" for key, value in sorted(properties.items()))
                numbers.append(
                    _NUMBERS.setdefault(f"{name}[{said}]" if said else name, len(_NUMBERS))
                )
            blocks = np.array(numbers)[indices(section["block_states"])]
            if blocks.any():
                out[int(chunk["xPos"]), int(chunk["zPos"]), int(section["Y"])] = blocks
    return out


def differing(first: Path, second: Path) -> list[tuple[Place, str, str]]:
    """(place, state in the first, in the second world) wherever two worlds differ."""
    one, other = world_blocks(first), world_blocks(second)
    air, names, out = np.zeros(4096, np.int64), list(_NUMBERS), []
    for x, z, y in sorted(one.keys() | other.keys()):
        mine, its = one.get((x, z, y), air), other.get((x, z, y), air)
        for cell in np.flatnonzero(mine != its).tolist():
            place = 16 * x + (cell & 15), 16 * y + (cell >> 8), 16 * z + (cell >> 4 & 15)
            out.append((place, names[mine[cell]], names[its[cell]]))
    return out


def entities_of(world: Path) -> dict[Place, Compound]:
    return {
        (int(one["x"]), int(one["y"]), int(one["z"])): one
        for chunk in every_chunk(world)
        for one in chunk["block_entities"]
    }
