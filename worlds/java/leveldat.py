"""level.dat: the world's settings as the game keeps them."""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtlib import Byte, Compound, Double, File, Float, Int, IntArray, List, Long, String

from worlds.java.layout import layout_of
from worlds.java.level import LEVEL_DAT
from worlds.java.strings import JavaString
from worlds.java.versions import JavaVersion

GAME_MODES = {"survival": 0, "creative": 1, "adventure": 2, "spectator": 3}
DIFFICULTIES = ("peaceful", "easy", "normal", "hard")
LAST_PLAYED = 1_733_184_000_000
"""The world list shows it; fixed, so that a rebuild is the same: 3 December 2024, the day 1.21.4
came out."""

OVERWORLD = "minecraft:overworld"
STILL = 12_000_000
"""Ticks in which the weather does not change: a week of playing."""


@dataclass(frozen=True)
class Rule:
    """A game rule of ours. old: its name before 1.21.11; new: its name since; value: of the new
    one; old_value: of the old one, where the two do not mean the same."""

    old: str
    new: str
    value: bool | int
    old_value: bool | int | None = None

    @property
    def text(self) -> str:
        """The value of the old rule: those were kept as words."""
        value = self.value if self.old_value is None else self.old_value
        return str(value).lower()

    @property
    def tag(self) -> Byte | Int:
        return Byte(self.value) if isinstance(self.value, bool) else Int(self.value)


GAME_RULES = (
    Rule("announceAdvancements", "show_advancement_messages", False),
    Rule("commandBlockOutput", "command_block_output", False),
    Rule("disableRaids", "raids", False, True),
    Rule("doEntityDrops", "entity_drops", True),
    Rule("doFireTick", "fire_spread_radius_around_player", 0, False),
    Rule("doImmediateRespawn", "immediate_respawn", True),
    Rule("doInsomnia", "spawn_phantoms", False),
    Rule("doMobLoot", "mob_drops", True),
    Rule("doMobSpawning", "spawn_mobs", False),
    Rule("doPatrolSpawning", "spawn_patrols", False),
    Rule("doTileDrops", "block_drops", True),
    Rule("doTraderSpawning", "spawn_wandering_traders", False),
    Rule("doVinesSpread", "spread_vines", False),
    Rule("doWardenSpawning", "spawn_wardens", False),
    Rule("drowningDamage", "drowning_damage", True),
    Rule("fallDamage", "fall_damage", True),
    Rule("fireDamage", "fire_damage", True),
    Rule("freezeDamage", "freeze_damage", True),
    Rule("keepInventory", "keep_inventory", True),
    Rule("logAdminCommands", "log_admin_commands", True),
    Rule("maxCommandChainLength", "max_command_sequence_length", 65536),
    Rule("mobGriefing", "mob_griefing", False),
    Rule("naturalRegeneration", "natural_health_regeneration", True),
    Rule("randomTickSpeed", "random_tick_speed", 3),
    Rule("sendCommandFeedback", "send_command_feedback", True),
    Rule("showDeathMessages", "show_death_messages", True),
    Rule("snowAccumulationHeight", "max_snow_accumulation_height", 0),
    Rule("spawnRadius", "respawn_radius", 0),
    Rule("tntExplodes", "tnt_explodes", False),
    Rule("waterSourceConversion", "water_source_conversion", True),
)
"""Rules that matter to a city; the game takes its own defaults for the others, and ignores those it
does not know yet."""
COMMAND_BLOCKS = Rule("commandBlocksEnabled", "command_blocks_work", True)
"""A rule since 1.21.9, a server's setting before. Our buttons need it."""


@dataclass(frozen=True)
class LevelSettings:
    """spawn: block x, y, z; border_centre: x, z; border_size: blocks along a side; time: 0 … 23999,
    6000 is noon;
    spawn_angle: degrees, 0 looks south, 90 west; data_packs: in the order they are loaded, `file/…`
    for the world's own."""

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


def game_rules(settings: LevelSettings) -> Compound:
    """The rules under the names, and with the types, of a version."""
    version = settings.version
    rules = [
        *GAME_RULES,
        Rule("doDaylightCycle", "advance_time", settings.daylight_cycle),
        Rule("doWeatherCycle", "advance_weather", settings.weather_cycle),
        *([COMMAND_BLOCKS] if version.command_block_rule else []),
    ]
    if version.game_rules == "GameRules":
        return Compound(
            {rule.old: String(rule.text) for rule in sorted(rules, key=lambda rule: rule.old)}
        )
    return Compound(
        {f"minecraft:{rule.new}": rule.tag for rule in sorted(rules, key=lambda rule: rule.new)}
    )


def _void(version: JavaVersion) -> Compound:
    """The flat generator's settings for nothing at all, whose biome never freezes."""
    common = {"biome": String("minecraft:the_void"), "features": Byte(0), "lakes": Byte(0)}
    if version.layout == "root":
        return Compound(
            {**common, "layers": List[Compound]([]), "structure_overrides": List[String]([])}
        )
    air = Compound({"block": String("minecraft:air"), "height": Int(1)})
    return Compound({**common, "layers": List[Compound]([air])})


def _dimensions(version: JavaVersion) -> Compound:
    """An overworld of nothing: outside the city there is void. Nether and End as usual."""
    return Compound({
        "minecraft:overworld": Compound({
            "type": String("minecraft:overworld"),
            "generator": Compound({"type": String("minecraft:flat"), "settings": _void(version)}),
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


def _world_gen(settings: LevelSettings) -> Compound:
    structures = "generate_features" if settings.version.layout == "root" else "generate_structures"
    return Compound({
        "seed": Long(settings.seed), structures: Byte(0), "bonus_chest": Byte(0),
        "dimensions": _dimensions(settings.version),
    })  # fmt: skip


def _common(settings: LevelSettings) -> dict[str, Any]:
    """What stands in every level.dat."""
    version = settings.version
    number = Int(version.data_version)
    return {
        "DataVersion": number,
        "Version": Compound(
            {
                "Id": number,
                "Name": String(version.name),
                "Series": String("main"),
                "Snapshot": Byte(0),
            }
        ),
        "version": Int(19133),
        "LevelName": JavaString(settings.name),
        "LastPlayed": Long(LAST_PLAYED),
        "GameType": Int(GAME_MODES[settings.game_mode]),
    }


def _spawn(settings: LevelSettings) -> dict[str, Any]:
    x, y, z = settings.spawn
    angle = Float(settings.spawn_angle)
    if settings.version.spawn == "SpawnX":
        return {"SpawnX": Int(x), "SpawnY": Int(y), "SpawnZ": Int(z), "SpawnAngle": angle}
    place = {
        "pos": IntArray([x, y, z]),
        "dimension": String(OVERWORLD),
        "yaw": angle,
        "pitch": Float(0.0),
    }
    return {"spawn": Compound(place)}


def _border_in_level(settings: LevelSettings) -> dict[str, Any]:
    return {
        "BorderCenterX": Double(settings.border_centre[0]),
        "BorderCenterZ": Double(settings.border_centre[1]),
        "BorderSize": Double(settings.border_size),
        "BorderSizeLerpTarget": Double(settings.border_size),
        "BorderSizeLerpTime": Long(0), "BorderSafeZone": Double(5.0),
        "BorderDamagePerBlock": Double(0.2),
        "BorderWarningBlocks": Double(5.0),
        "BorderWarningTime": Double(settings.version.warning_time),
    }  # fmt: skip


def _border(settings: LevelSettings) -> Compound:
    return Compound({
        "center_x": Double(settings.border_centre[0]),
        "center_z": Double(settings.border_centre[1]),
        "size": Double(settings.border_size), "lerp_target": Double(settings.border_size),
        "lerp_time": Long(0),
        "safe_zone": Double(5.0), "damage_per_block": Double(0.2),
        "warning_blocks": Int(5), "warning_time": Int(settings.version.warning_time),
    })  # fmt: skip


def _clear_weather(settings: LevelSettings) -> Int:
    return Int(0 if settings.weather_cycle else STILL)


def _whole_level(settings: LevelSettings) -> dict[str, Any]:
    """level.dat before 26.1, which holds everything."""
    own_border = _border_in_level(settings) if settings.version.border == "BorderSize" else {}
    return {
        **_common(settings),
        "Difficulty": Byte(DIFFICULTIES.index(settings.difficulty)),
        "DifficultyLocked": Byte(0),
        "hardcore": Byte(0),
        "allowCommands": Byte(settings.commands),
        "initialized": Byte(1),
        "WasModded": Byte(0),
        "ServerBrands": List[String]([]),
        **_spawn(settings),
        "Time": Long(0),
        "DayTime": Long(settings.time),
        "raining": Byte(0), "rainTime": Int(STILL), "thundering": Byte(0),
        "thunderTime": Int(STILL),
        "clearWeatherTime": _clear_weather(settings),
        settings.version.game_rules: game_rules(settings),
        **own_border,
        "DataPacks": _data_packs(settings),
        "WorldGenSettings": _world_gen(settings),
        "CustomBossEvents": Compound({}),
        "DragonFight": Compound({"NeedsStateScanning": Byte(1), "DragonKilled": Byte(0),
        "PreviouslyKilled": Byte(0)}),
        "ScheduledEvents": List[Compound]([]),
        "WanderingTraderSpawnChance": Int(0), "WanderingTraderSpawnDelay": Int(24000),
    }  # fmt: skip


def _lean_level(settings: LevelSettings) -> dict[str, Any]:
    """level.dat since 26.1: what the list of worlds shows, and where one begins."""
    difficulty = {"difficulty": String(settings.difficulty), "hardcore": Byte(0), "locked": Byte(0)}
    return {
        **_common(settings),
        "version_history": List[Int]([Int(settings.version.data_version)]),
        "difficulty_settings": Compound(difficulty),
        "allowCommands": Byte(settings.commands),
        "initialized": Byte(1),
        "WasModded": Byte(0),
        "ServerBrands": List[String]([]),
        **_spawn(settings),
        "Time": Long(0),
        "DataPacks": _data_packs(settings),
    }


def _data_packs(settings: LevelSettings) -> Compound:
    enabled = List[String]([String(pack) for pack in settings.data_packs])
    return Compound({"Enabled": enabled, "Disabled": List[String]([])})


def level_data(settings: LevelSettings) -> File:
    """The whole level.dat as NBT."""
    level = _whole_level if settings.version.layout == "root" else _lean_level
    return File({"Data": Compound(level(settings))}, gzipped=True)


def _beside(world: Path, settings: LevelSettings) -> dict[Path, Compound]:
    """The files that hold what a version does not keep in level.dat, each with its data."""
    layout = layout_of(world, settings.version.data_version)
    border = layout.dimension_data / "world_border.dat"
    if settings.version.layout == "root":
        return {} if settings.version.border == "BorderSize" else {border: _border(settings)}
    clocks = {OVERWORLD: settings.time, "minecraft:the_end": 0}
    weather = {
        "clear_weather_time": _clear_weather(settings), "rain_time": Int(STILL),
        "thunder_time": Int(STILL),
        "raining": Byte(0), "thundering": Byte(0),
    }  # fmt: skip
    return {
        border: _border(settings),
        layout.world_gen_settings: _world_gen(settings),
        layout.game_rules: game_rules(settings),
        layout.world_clocks: Compound(
            {name: Compound({"total_ticks": Long(ticks)}) for name, ticks in clocks.items()}
        ),
        layout.weather: Compound(weather),
        layout.data / "scheduled_events.dat": Compound({"events": List[Compound]([])}),
        layout.data / "custom_boss_events.dat": Compound({}),
        layout.data / "random_sequences.dat": Compound({"salt": Int(0), "sequences": Compound({})}),
        layout.data / "stopwatches.dat": Compound({"stopwatches": Compound({})}),
    }


def _write(path: Path, file: File) -> None:
    raw, packed = io.BytesIO(), io.BytesIO()
    file.write(raw)
    # Not gzip.compress: with mtime=0 that leaves the header's byte for the operating system to
    # zlib.
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
        stream.write(raw.getvalue())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.getvalue())


def write_level_dat(path: Path, settings: LevelSettings) -> None:
    """Writes level.dat alone; the same settings give the same bytes."""
    _write(path, level_data(settings))


def write_level(world: Path, settings: LevelSettings) -> list[Path]:
    """Writes level.dat and the files beside it that its version has, and returns their paths."""
    write_level_dat(world / LEVEL_DAT, settings)
    beside = _beside(world, settings)
    for path, data in beside.items():
        _write(
            path,
            File({"data": data, "DataVersion": Int(settings.version.data_version)}, gzipped=True),
        )
    return [world / LEVEL_DAT, *beside]
