"""level.dat: the world's settings as the game keeps them."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

from nbtlib import Byte, Compound, Double, File, Float, Int, List, Long, String

from worlds.java.strings import JavaString
from worlds.java.versions import JavaVersion

GAME_MODES = {"survival": 0, "creative": 1, "adventure": 2, "spectator": 3}
DIFFICULTIES = {"peaceful": 0, "easy": 1, "normal": 2, "hard": 3}
LAST_PLAYED = 1_733_184_000_000
"""The world list shows it; fixed, so that a rebuild is the same: 3 December 2024, the day 1.21.4 came out."""

GAME_RULES = {
    "announceAdvancements": "false", "commandBlockOutput": "false", "disableRaids": "true", "doEntityDrops": "true",
    "doFireTick": "false", "doImmediateRespawn": "true", "doInsomnia": "false", "doMobLoot": "true",
    "doMobSpawning": "false", "doPatrolSpawning": "false", "doTileDrops": "true", "doTraderSpawning": "false",
    "doVinesSpread": "false", "doWardenSpawning": "false", "drowningDamage": "true", "fallDamage": "true",
    "fireDamage": "true", "freezeDamage": "true", "keepInventory": "true", "logAdminCommands": "true",
    "maxCommandChainLength": "65536", "mobGriefing": "false", "naturalRegeneration": "true", "randomTickSpeed": "3",
    "sendCommandFeedback": "true", "showDeathMessages": "true", "snowAccumulationHeight": "0",
    "spawnRadius": "0", "tntExplodes": "false", "waterSourceConversion": "true",
}  # fmt: skip
"""Rules that matter to a city; the game takes its own defaults for the others, and ignores those it does not know yet."""


@dataclass(frozen=True)
class LevelSettings:
    """spawn: block x, y, z; border_centre: x, z; border_size: blocks along a side; time: 0 … 23999, 6000 is noon;
    spawn_angle: degrees, 0 looks south, 90 west; data_packs: in the order they are loaded, `file/…` for the world's own."""

    name: str
    version: JavaVersion
    spawn: tuple[int, int, int]
    border_centre: tuple[float, float]
    border_size: float
    game_mode: str = "creative"
    time: int = 6000
    daylight_cycle: bool = False
    weather_cycle: bool = False
    seed: int = 0
    data_packs: tuple[str, ...] = ("vanilla",)
    spawn_angle: float = 0.0
    difficulty: str = "peaceful"
    commands: bool = True


def _dimensions() -> Compound:
    """An overworld of nothing: outside the city there is void, whose biome never freezes. Nether and End as usual."""
    return Compound({
        "minecraft:overworld": Compound({
            "type": String("minecraft:overworld"),
            "generator": Compound({
                "type": String("minecraft:flat"),
                "settings": Compound({
                    "biome": String("minecraft:the_void"),
                    "features": Byte(0),
                    "lakes": Byte(0),
                    "layers": List[Compound]([]),
                    "structure_overrides": List[String]([]),
                }),
            }),
        }),
        "minecraft:the_nether": Compound({
            "type": String("minecraft:the_nether"),
            "generator": Compound({
                "type": String("minecraft:noise"),
                "settings": String("minecraft:nether"),
                "biome_source": Compound({
                    "type": String("minecraft:multi_noise"), "preset": String("minecraft:nether"),
                }),
            }),
        }),
        "minecraft:the_end": Compound({
            "type": String("minecraft:the_end"),
            "generator": Compound({
                "type": String("minecraft:noise"),
                "settings": String("minecraft:end"),
                "biome_source": Compound({"type": String("minecraft:the_end")}),
            }),
        }),
    })  # fmt: skip


def level_data(settings: LevelSettings) -> File:
    """The whole level.dat as NBT."""
    version = settings.version
    x, y, z = settings.spawn
    rules = {
        **GAME_RULES,
        "doDaylightCycle": str(settings.daylight_cycle).lower(),
        "doWeatherCycle": str(settings.weather_cycle).lower(),
    }
    data = Compound({
        "DataVersion": Int(version.data_version),
        "Version": Compound({
            "Id": Int(version.data_version), "Name": String(version.name), "Series": String("main"), "Snapshot": Byte(0),
        }),
        "version": Int(19133),
        "LevelName": JavaString(settings.name),
        "LastPlayed": Long(LAST_PLAYED),
        "GameType": Int(GAME_MODES[settings.game_mode]),
        "Difficulty": Byte(DIFFICULTIES[settings.difficulty]),
        "DifficultyLocked": Byte(0),
        "hardcore": Byte(0),
        "allowCommands": Byte(settings.commands),
        "initialized": Byte(1),
        "WasModded": Byte(0),
        "ServerBrands": List[String]([]),
        "SpawnX": Int(x), "SpawnY": Int(y), "SpawnZ": Int(z), "SpawnAngle": Float(settings.spawn_angle),
        "Time": Long(0),
        "DayTime": Long(settings.time),
        "raining": Byte(0), "rainTime": Int(12_000_000), "thundering": Byte(0), "thunderTime": Int(12_000_000),
        "clearWeatherTime": Int(0 if settings.weather_cycle else 12_000_000),
        "GameRules": Compound({name: String(value) for name, value in sorted(rules.items())}),
        "BorderCenterX": Double(settings.border_centre[0]), "BorderCenterZ": Double(settings.border_centre[1]),
        "BorderSize": Double(settings.border_size), "BorderSizeLerpTarget": Double(settings.border_size),
        "BorderSizeLerpTime": Long(0), "BorderSafeZone": Double(5.0), "BorderDamagePerBlock": Double(0.2),
        "BorderWarningBlocks": Double(5.0), "BorderWarningTime": Double(15.0),
        "DataPacks": Compound({
            "Enabled": List[String]([String(pack) for pack in settings.data_packs]), "Disabled": List[String]([]),
        }),
        "WorldGenSettings": Compound({
            "seed": Long(settings.seed), "generate_features": Byte(0), "bonus_chest": Byte(0),
            "dimensions": _dimensions(),
        }),
        "CustomBossEvents": Compound({}),
        "DragonFight": Compound({
            "NeedsStateScanning": Byte(1), "DragonKilled": Byte(0), "PreviouslyKilled": Byte(0),
        }),
        "ScheduledEvents": List[Compound]([]),
        "WanderingTraderSpawnChance": Int(0), "WanderingTraderSpawnDelay": Int(24000),
    })  # fmt: skip
    return File({"Data": data}, gzipped=True)


def write_level_dat(path: Path, settings: LevelSettings) -> None:
    """Writes level.dat; the same settings give the same bytes."""
    raw, packed = io.BytesIO(), io.BytesIO()
    level_data(settings).write(raw)
    # Not gzip.compress: with mtime=0 that leaves the header's byte for the operating system to zlib.
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
        stream.write(raw.getvalue())
    path.write_bytes(packed.getvalue())
