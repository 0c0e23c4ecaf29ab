"""level.dat of Bedrock: the world's settings, little-endian, all the keys that strict readers ask
for."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtlib import Byte, Compound, Float, Int, List, Long, String

from worlds.bedrock.versions import BedrockVersion
from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.nbt import parse_file
from worlds.quoting import plain

GAME_MODES = {"survival": 0, "creative": 1, "adventure": 2, "spectator": 6}
DIFFICULTIES = {"peaceful": 0, "easy": 1, "normal": 2, "hard": 3}
FLAT = 2
MOST_LEVEL = 4 << 20
"""Bytes of a level.dat."""
LAST_PLAYED = 1_718_236_800
"""The world list shows it; fixed, so that a rebuild is the same: 13 June 2024, the day 1.21.0 came
out."""
CLEAR_FOR = 12_000_000
"""Ticks until the next rain or thunder, for those who let the weather go."""
FIRST_START = 0xFFFF_FFFF
"""The game counts its starts of a world downwards from here and names what lives in it after
them."""

SWITCHES = {
    # How it is played: fixed noon, no mobs, nothing burns, blows up or is lost.
    "commandblockoutput": 0, "commandblocksenabled": 1, "dodaylightcycle": 0, "doentitydrops": 0,
    "dofiretick": 0,
    "doimmediaterespawn": 1, "doinsomnia": 0, "dolimitedcrafting": 0, "domobloot": 1,
    "domobspawning": 0, "dotiledrops": 1,
    "doweathercycle": 0, "drowningdamage": 1, "falldamage": 1, "firedamage": 1, "freezedamage": 1,
    "keepinventory": 1,
    "mobgriefing": 0, "naturalgeneration": 0, "naturalregeneration": 1,
    "projectilescanbreakblocks": 0, "pvp": 0,
    "recipesunlock": 0, "respawnblocksexplode": 0, "sendcommandfeedback": 1, "showbordereffect": 1,
    "showcoordinates": 1,
    "showdaysplayed": 0, "showdeathmessages": 1, "showrecipemessages": 0, "showtags": 1,
    "spawnMobs": 0, "tntexplodes": 0,
    "tntexplosiondropdecay": 0,
    # Education's blocks and commands, also in the ordinary game; no experiments.
    "educationFeaturesEnabled": 1, "eduLevel": 0, "experimentalgameplay": 0,
    # Where it came from and who may join.
    "CenterMapsToOrigin": 0, "ConfirmedPlatformLockedContent": 0, "ForceGameType": 0,
    "HasUncompleteWorldFileOnDisk": 0,
    "IsHardcore": 0, "LANBroadcast": 1, "LANBroadcastIntent": 1, "MultiplayerGame": 1,
    "MultiplayerGameIntent": 1,
    "PlayerHasDied": 0, "SpawnV1Villagers": 0, "XBLBroadcast": 0, "bonusChestEnabled": 0,
    "bonusChestSpawned": 0,
    "hasBeenLoadedInCreative": 1, "hasLockedBehaviorPack": 0, "hasLockedResourcePack": 0,
    "immutableWorld": 0,
    "isCreatedInEditor": 0, "isExportedFromEditor": 0, "isFromLockedTemplate": 0,
    "isFromWorldTemplate": 0,
    "isRandomSeedAllowed": 0, "isSingleUseWorld": 0, "isWorldTemplateOptionLocked": 0,
    "requiresCopiedPackRemovalCheck": 0,
    "startWithMapEnabled": 0, "texturePacksRequired": 0, "useMsaGamertagsOnly": 0,
}  # fmt: skip

NUMBERS = {
    "Generator": FLAT, "LimitedWorldOriginY": 32767, "NetherScale": 8, "Platform": 2,
    "PlatformBroadcastIntent": 3,
    "WorldVersion": 1, "XBLBroadcastIntent": 3, "XBLBroadcastMode": 0, "daylightCycle": 0,
    "eduOffer": 1, "editorWorldType": 0,
    "functioncommandlimit": 10000, "lightningTime": CLEAR_FOR, "limitedWorldDepth": 16,
    "limitedWorldWidth": 16,
    "maxcommandchainlength": 65535, "permissionsLevel": 0, "playerPermissionsLevel": 1,
    "playerssleepingpercentage": 100,
    "rainTime": CLEAR_FOR, "randomtickspeed": 1, "serverChunkTickRange": 4, "spawnradius": 0,
}  # fmt: skip

ABILITIES = {
    "attackmobs": Byte(1), "attackplayers": Byte(1), "build": Byte(1), "doorsandswitches": Byte(1),
    "flySpeed": Float(0.05),
    "flying": Byte(0), "instabuild": Byte(0), "invulnerable": Byte(0), "lightning": Byte(0),
    "mayfly": Byte(0), "mine": Byte(1),
    "mute": Byte(0), "noclip": Byte(0), "op": Byte(0), "opencontainers": Byte(1),
    "permissionsLevel": Int(0),
    "playerPermissionsLevel": Int(1), "privilegedbuilder": Byte(0), "teleport": Byte(0),
    "verticalFlySpeed": Float(1.0),
    "walkSpeed": Float(0.1), "worldbuilder": Byte(0),
}  # fmt: skip
ELSEWHERE = ("mute", "noclip", "privilegedbuilder", "worldbuilder")
"""Abilities of players that games do not write here; readers that are strict take no level.dat that
has them."""

VOID_LAYERS = {
    "biome_id": 1,
    "block_layers": [{"block_name": "minecraft:air", "count": 1}],
    "encoding_version": 6,
    "structure_options": None,
    "world_version": "version.post_1_18",
}
"""The flat generator's recipe for nothing: outside the city there is void."""


@dataclass(frozen=True)
class BedrockSettings:
    """spawn: block x, y (of the feet), z; time: 0 … 23999, 6000 is noon; commands: cheats on."""

    name: str
    version: BedrockVersion
    spawn: tuple[int, int, int]
    game_mode: str = "creative"
    time: int = 6000
    daylight_cycle: bool = False
    weather_cycle: bool = False
    seed: int = 0
    difficulty: str = "peaceful"
    commands: bool = True


def _version_list(version: BedrockVersion) -> List[Int]:
    return List[Int]([Int(part) for part in (*version.numbers, 0, 0)])


def level_data(settings: BedrockSettings) -> Compound:
    """The whole level.dat as NBT."""
    version = settings.version
    x, y, z = settings.spawn
    switches = {
        **SWITCHES,
        **version.level_bytes,
        "cheatsEnabled": settings.commands,
        "commandsEnabled": settings.commands,
        "dodaylightcycle": settings.daylight_cycle,
        "doweathercycle": settings.weather_cycle,
    }
    numbers = {
        **NUMBERS,
        **version.level_ints,
        "Difficulty": DIFFICULTIES[settings.difficulty],
        "GameType": GAME_MODES[settings.game_mode],
        "LimitedWorldOriginX": x,
        "LimitedWorldOriginZ": z,
        "NetworkVersion": version.network,
        "SpawnX": x,
        "SpawnY": y,
        "SpawnZ": z,
        "StorageVersion": version.storage,
    }
    data = {
        **{name: Byte(value) for name, value in switches.items()},
        **{name: Int(value) for name, value in numbers.items()},
        "BiomeOverride": String(""),
        "FlatWorldLayers": String(json.dumps(VOID_LAYERS, separators=(",", ":")) + "\n"),
        "InventoryVersion": String(version.name),
        "LastPlayed": Long(LAST_PLAYED),
        "LevelName": String(plain(settings.name)),
        "MinimumCompatibleClientVersion": _version_list(version),
        "RandomSeed": Long(settings.seed),
        "Time": Long(settings.time),
        "abilities": Compound(
            {
                name: tag
                for name, tag in ABILITIES.items()
                if version.abilities == "more" or name not in ELSEWHERE
            }
        ),
        "baseGameVersion": String(version.name),
        "currentTick": Long(0),
        "experiments": Compound(
            {"experiments_ever_used": Byte(0), "saved_with_toggled_experiments": Byte(0)}
        ),
        "lastOpenedWithVersion": _version_list(version),
        "lightningLevel": Float(0.0),
        "prid": String(""),
        "rainLevel": Float(0.0),
        "worldStartCount": Long(FIRST_START),
        "world_policies": Compound({}),
    }
    return Compound(dict(sorted(data.items())))


def level_bytes(settings: BedrockSettings) -> bytes:
    """level.dat: the storage version, the length, then an unnamed compound."""
    out = io.BytesIO()
    level_data(settings).write(out, "little")
    body = b"\x0a\x00\x00" + out.getvalue()
    return struct.pack("<ii", settings.version.storage, len(body)) + body


def write_level_dat(world: Path, settings: BedrockSettings) -> None:
    """Writes level.dat and levelname.txt into the world's folder; the same settings give the same
    bytes."""
    (world / "level.dat").write_bytes(level_bytes(settings))
    (world / "levelname.txt").write_text(plain(settings.name), "utf-8", newline="")


def write_level_name(world: Path, name: str) -> None:
    """Calls a saved world so. WorldError when its level.dat is damaged."""
    path = world / "level.dat"
    data = read_file(path, MOST_LEVEL)
    storage, level = read_level(data)
    if not level:
        raise WorldError(f"{path}: not a readable level.dat", hint="name a Minecraft Bedrock world")
    out = io.BytesIO()
    Compound({**level, "LevelName": String(plain(name))}).write(out, "little")
    body = b"\x0a\x00\x00" + out.getvalue()
    path.write_bytes(struct.pack("<ii", storage, len(body)) + body)
    (world / "levelname.txt").write_text(plain(name), "utf-8", newline="")


def read_level(data: bytes) -> tuple[int, Mapping[str, Any]]:
    """(storage version in the header, settings) of a level.dat; (0, none) when it is none."""
    try:
        (header,) = struct.unpack_from("<i", data)
        return int(header), parse_file(data[8:], little=True)
    except (ValueError, TypeError, AttributeError, struct.error):
        return 0, {}


def saved_version(data: bytes) -> tuple[int, ...]:
    """The game that last saved the world of this level.dat, in three numbers; none when it does not
    say."""
    try:
        return tuple(int(part) for part in read_level(data)[1]["lastOpenedWithVersion"])[:3]
    except (KeyError, TypeError, ValueError):
        return ()


def storage_version(world: Path) -> int:
    """How the game that saved a world lays out its database, as level.dat has it in both places; 0
    where it says nothing."""
    try:
        header, level = read_level(read_file(world / "level.dat", MOST_LEVEL))
        return max(header, int(level.get("StorageVersion", 0)))
    except (OSError, ValueError, TypeError):
        return 0
