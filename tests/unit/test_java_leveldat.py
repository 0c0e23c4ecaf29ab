"""level.dat and the files beside it hold what was asked for, as each version wants it, in the same
bytes each time.

The keys are those that the games themselves save: 1.21.4 after Mojang's own worlds, 26.3 after a
world that its official server saved, those between after the technical change logs of the snapshots
that brought them."""

import gzip

import nbtlib
import pytest

from worlds.java.leveldat import GAME_RULES, LevelSettings, level_data, write_level, write_level_dat
from worlds.java.versions import VERSIONS, java_version

words = str.split
FIRST_AT_ROOT = words(
    "DataVersion Version version LevelName LastPlayed GameType Difficulty DifficultyLocked "
    "hardcore allowCommands initialized WasModded "
    "ServerBrands SpawnX SpawnY SpawnZ SpawnAngle Time DayTime raining rainTime thundering "
    "thunderTime clearWeatherTime GameRules "
    "BorderCenterX BorderCenterZ BorderSize BorderSizeLerpTarget BorderSizeLerpTime "
    "BorderSafeZone BorderDamagePerBlock "
    "BorderWarningBlocks BorderWarningTime DataPacks WorldGenSettings CustomBossEvents "
    "DragonFight ScheduledEvents "
    "WanderingTraderSpawnChance WanderingTraderSpawnDelay"
)
MOVED_1_21_9 = {name for name in FIRST_AT_ROOT if name.startswith(("Border", "Spawn"))}
LEAN = words(
    "DataVersion Version version version_history LevelName LastPlayed GameType "
    "difficulty_settings allowCommands initialized WasModded "
    "ServerBrands spawn Time DataPacks"
)
OWN_BORDER = ("1.21.9", "1.21.10", "1.21.11")
BY_DIMENSION = ("26.1", "26.1.1", "26.1.2", "26.2", "26.3")
BORDER = "dimensions/minecraft/overworld/data/minecraft/world_border.dat"
BESIDE = {
    BORDER: {
        "center_x": "Double", "center_z": "Double", "size": "Double", "lerp_target": "Double",
        "lerp_time": "Long", "safe_zone": "Double",
        "damage_per_block": "Double", "warning_blocks": "Int", "warning_time": "Int",
    },
    "data/minecraft/world_gen_settings.dat": {
        "seed": "Long", "generate_structures": "Byte", "bonus_chest": "Byte",
        "dimensions": "Compound",
    },
    "data/minecraft/world_clocks.dat": {"minecraft:overworld": "Compound",
    "minecraft:the_end": "Compound"},
    "data/minecraft/weather.dat": {
        "clear_weather_time": "Int", "rain_time": "Int", "thunder_time": "Int", "raining": "Byte",
        "thundering": "Byte",
    },
    "data/minecraft/scheduled_events.dat": {"events": "List"},
    "data/minecraft/custom_boss_events.dat": {},
    "data/minecraft/random_sequences.dat": {"salt": "Int", "sequences": "Compound"},
    "data/minecraft/stopwatches.dat": {"stopwatches": "Compound"},
}  # fmt: skip
RULES_26_3 = set(
    words(
        "advance_time advance_weather allow_entering_nether_using_portals block_drops "
        "block_explosion_drop_decay command_block_output "
        "command_blocks_work drowning_damage elytra_movement_check ender_pearls_vanish_on_death "
        "entity_drops fall_damage fire_damage "
        "fire_spread_radius_around_player forgive_dead_players freeze_damage global_sound_events "
        "immediate_respawn keep_inventory "
        "lava_source_conversion limited_crafting locator_bar log_admin_commands "
        "max_block_modifications max_command_forks "
        "max_command_sequence_length max_entity_cramming max_snow_accumulation_height mob_drops "
        "mob_explosion_drop_decay mob_griefing "
        "natural_health_regeneration player_movement_check players_nether_portal_creative_delay "
        "players_nether_portal_default_delay "
        "players_sleeping_percentage projectiles_can_break_blocks pvp raids random_tick_speed "
        "reduced_debug_info respawn_radius "
        "send_command_feedback show_advancement_messages show_death_messages spawn_mobs "
        "spawn_monsters spawn_patrols spawn_phantoms "
        "spawn_wandering_traders spawn_wardens spawner_blocks_work spectators_generate_chunks "
        "spread_vines tnt_explodes "
        "tnt_explosion_drop_decay universal_anger water_source_conversion"
    )
)
"""All that the official 26.3 server saved."""
NUMBERS = {
    "max_command_sequence_length": 65536, "random_tick_speed": 3, "max_snow_accumulation_height": 0,
    "respawn_radius": 0,
    "fire_spread_radius_around_player": 0,
}  # fmt: skip
"""The rules of ours that are no yes or no."""


def settings(version: str = "1.21.4", **more) -> LevelSettings:
    return LevelSettings(
        name="Åre",
        version=java_version(version),
        spawn=(-3, 70, 12),
        border_centre=(8.0, -24.0),
        border_size=512.0,
        **more,
    )


def kinds(compound) -> dict[str, str]:
    return {
        key: "List" if isinstance(value, nbtlib.List) else type(value).__name__
        for key, value in compound.items()
    }


def faults(world, version: str) -> list[str]:
    """What stands otherwise in a world's settings than a game of that version would save it."""
    row, found = java_version(version), []

    def same(what, given, wanted) -> None:
        if given != wanted:
            found.append(f"{what}: {given}, should be {wanted}")

    data = nbtlib.load(world / "level.dat")["Data"]
    same("level.dat", sorted(data), sorted(level_keys(version)))
    same(
        "DataVersion",
        (int(data["DataVersion"]), int(data["Version"]["Id"])),
        (row.data_version, row.data_version),
    )
    files = {
        path.relative_to(world).as_posix(): nbtlib.load(path)
        for path in world.rglob("*.dat")
        if path.name != "level.dat"
    }
    same("files", sorted(files), sorted(beside(version)))
    for name, file in files.items():
        same(name, sorted(file), ["DataVersion", "data"])
        same(name, int(file["DataVersion"]), row.data_version)
        if name != "data/minecraft/game_rules.dat":
            same(name, kinds(file["data"]), beside(version).get(name))
    beside_level = files.get("data/minecraft/game_rules.dat", {"data": {}})["data"]
    same(
        "game rules",
        kinds(beside_level if version in BY_DIMENSION else data.get(rules_key(version), {})),
        rule_kinds(version),
    )
    if version in BY_DIMENSION:
        same(
            "version_history",
            [int(number) for number in data.get("version_history", [])],
            [row.data_version],
        )
        same(
            "difficulty",
            kinds(data.get("difficulty_settings", {})),
            {"difficulty": "String", "hardcore": "Byte", "locked": "Byte"},
        )
    if version in (*OWN_BORDER, *BY_DIMENSION):
        same(
            "spawn",
            kinds(data.get("spawn", {})),
            {"pos": "IntArray", "dimension": "String", "yaw": "Float", "pitch": "Float"},
        )
    return found


def rules_key(version: str) -> str:
    return "game_rules" if version == "1.21.11" else "GameRules"


def level_keys(version: str) -> list[str]:
    if version in BY_DIMENSION:
        return LEAN
    if version not in OWN_BORDER:
        return FIRST_AT_ROOT
    kept = [name for name in FIRST_AT_ROOT if name not in MOVED_1_21_9]
    return [rules_key(version) if name == "GameRules" else name for name in kept] + ["spawn"]


def beside(version: str) -> dict[str, dict[str, str]]:
    if version in BY_DIMENSION:
        return {**BESIDE, "data/minecraft/game_rules.dat": {}}
    return {"data/world_border.dat": BESIDE[BORDER]} if version in OWN_BORDER else {}


def rule_kinds(version: str) -> dict[str, str]:
    cycles = [("doDaylightCycle", "advance_time"), ("doWeatherCycle", "advance_weather")]
    cycles += (
        [("commandBlocksEnabled", "command_blocks_work")]
        if version in (*OWN_BORDER, *BY_DIMENSION)
        else []
    )
    if version == "1.21.11" or version in BY_DIMENSION:
        names = [rule.new for rule in GAME_RULES] + [new for _, new in cycles]
        return {f"minecraft:{name}": "Int" if name in NUMBERS else "Byte" for name in sorted(names)}
    return dict.fromkeys(
        sorted([rule.old for rule in GAME_RULES] + [old for old, _ in cycles]), "String"
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_exactly_the_keys_that_its_game_saves(tmp_path, version):
    written = write_level(tmp_path, settings(version))
    assert faults(tmp_path, version) == []
    assert sorted(written) == sorted(path for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("version", "other"),
    [("1.21.4", "1.21.9"), ("1.21.9", "1.21.11"), ("1.21.11", "26.1"), ("26.3", "26.2")],
)
def test_settings_of_another_version_are_found(tmp_path, version, other):
    write_level(tmp_path, settings(other))
    assert faults(tmp_path, version)


@pytest.mark.parametrize(
    "file",
    ["level.dat", BORDER, "data/minecraft/world_gen_settings.dat", "data/minecraft/game_rules.dat"],
)
def test_a_key_that_is_missing_or_of_another_kind_is_found(tmp_path, file):
    write_level(tmp_path, settings("26.3"))
    whole = (tmp_path / file).read_bytes()
    for spoil in ("missing", "kind"):
        data = nbtlib.load(tmp_path / file)
        inner = data["Data" if file == "level.dat" else "data"]
        key = sorted(inner)[-1]
        inner[key] = nbtlib.ByteArray([1])
        if spoil == "missing":
            del inner[key]
        data.save(tmp_path / file)
        assert faults(tmp_path, "26.3"), spoil
        (tmp_path / file).write_bytes(whole)
    assert faults(tmp_path, "26.3") == []


@pytest.mark.parametrize("file", sorted(BESIDE))
def test_a_file_that_is_missing_is_found(tmp_path, file):
    write_level(tmp_path, settings("26.3"))
    (tmp_path / file).rename(tmp_path / "elsewhere")
    assert faults(tmp_path, "26.3")


def test_the_same_settings_give_the_same_bytes(tmp_path):
    for version in ("1.21.4", "26.3"):
        first = {
            path.relative_to(tmp_path / "a"): path.read_bytes()
            for path in write_level(tmp_path / "a", settings(version))
        }
        second = {
            path.relative_to(tmp_path / "b"): path.read_bytes()
            for path in write_level(tmp_path / "b", settings(version))
        }
        assert first == second
        for data in first.values():
            assert data[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", (
                "no name, no time, no operating system in the gzip header"
            )
            assert gzip.decompress(data)[:1] == b"\x0a"


ASKED = {
    "game_mode": "adventure", "difficulty": "easy", "commands": False, "time": 18000, "seed": -7,
    "spawn_angle": 90.0,
    "daylight_cycle": True, "weather_cycle": True, "data_packs": ("vanilla", "file/plans"),
}  # fmt: skip


def test_settings_arrive(tmp_path):
    write_level_dat(tmp_path / "level.dat", settings(**ASKED))
    data = nbtlib.load(tmp_path / "level.dat")["Data"]
    assert str(data["LevelName"]) == "Åre"
    assert [int(data[key]) for key in ("SpawnX", "SpawnY", "SpawnZ")] == [-3, 70, 12]
    assert [
        float(data[key]) for key in ("SpawnAngle", "BorderCenterX", "BorderCenterZ", "BorderSize")
    ] == [90, 8, -24, 512]
    assert [
        int(data[key])
        for key in ("GameType", "Difficulty", "allowCommands", "DayTime", "clearWeatherTime")
    ] == [2, 1, 0, 18000, 0]
    assert int(data["WorldGenSettings"]["seed"]) == -7
    assert [str(pack) for pack in data["DataPacks"]["Enabled"]] == ["vanilla", "file/plans"]
    assert {str(data["GameRules"][rule]) for rule in ("doDaylightCycle", "doWeatherCycle")} == {
        "true"
    }


@pytest.mark.parametrize("version", ["1.21.9", "1.21.11", "26.1", "26.3"])
def test_settings_arrive_in_newer_games(tmp_path, version):
    write_level(tmp_path, settings(version, **ASKED))
    data = nbtlib.load(tmp_path / "level.dat")["Data"]
    spawn = data["spawn"]
    assert ([int(axis) for axis in spawn["pos"]], float(spawn["yaw"]), str(spawn["dimension"])) == (
        [-3, 70, 12],
        90.0,
        "minecraft:overworld",
    )
    assert (int(data["GameType"]), int(data["allowCommands"]), str(data["LevelName"])) == (
        2,
        0,
        "Åre",
    )
    assert [str(pack) for pack in data["DataPacks"]["Enabled"]] == ["vanilla", "file/plans"]
    new = version in BY_DIMENSION
    border = nbtlib.load(tmp_path / (BORDER if new else "data/world_border.dat"))["data"]
    assert [float(border[key]) for key in ("center_x", "center_z", "size", "lerp_target")] == [
        8,
        -24,
        512,
        512,
    ]
    assert int(border["warning_time"]) == (15 if version == "1.21.9" else 300), (
        "15 seconds; in ticks since 1.21.11"
    )
    if new:
        beside = {
            name: nbtlib.load(tmp_path / "data" / "minecraft" / f"{name}.dat")["data"]
            for name in ("world_clocks", "weather")
        }
        assert int(beside["world_clocks"]["minecraft:overworld"]["total_ticks"]) == 18000
        assert int(beside["weather"]["clear_weather_time"]) == 0
        assert (
            int(
                nbtlib.load(tmp_path / "data" / "minecraft" / "world_gen_settings.dat")["data"][
                    "seed"
                ]
            )
            == -7
        )
        assert str(data["difficulty_settings"]["difficulty"]) == "easy"
    else:
        assert (
            int(data["DayTime"]),
            int(data["Difficulty"]),
            int(data["WorldGenSettings"]["seed"]),
        ) == (18000, 1, -7)


def test_the_world_is_still_and_safe_by_default():
    data = level_data(settings())["Data"]
    off = (
        "doDaylightCycle",
        "doWeatherCycle",
        "doMobSpawning",
        "doFireTick",
        "mobGriefing",
        "doTraderSpawning",
        "doPatrolSpawning",
    )
    assert {str(data["GameRules"][rule]) for rule in (*off, "doWardenSpawning", "doInsomnia")} == {
        "false"
    }
    assert (
        str(data["GameRules"]["spawnRadius"]),
        str(data["GameRules"]["snowAccumulationHeight"]),
    ) == ("0", "0")
    assert str(data["GameRules"]["disableRaids"]) == "true"
    assert all(isinstance(value, nbtlib.String) for value in data["GameRules"].values())
    assert (
        int(data["version"]),
        int(data["raining"]),
        int(data["thundering"]),
        int(data["hardcore"]),
    ) == (19133, 0, 0, 0)


def test_the_rules_of_newer_games_mean_the_same(tmp_path):
    assert {rule.new for rule in GAME_RULES} < RULES_26_3
    write_level(tmp_path, settings("26.3"))
    rules = {
        name: int(value)
        for name, value in nbtlib.load(tmp_path / "data" / "minecraft" / "game_rules.dat")[
            "data"
        ].items()
    }
    assert set(rules) <= {f"minecraft:{name}" for name in RULES_26_3}
    off = words(
        "advance_time advance_weather spawn_mobs fire_spread_radius_around_player mob_griefing "
        "spawn_wandering_traders spawn_patrols "
        "spawn_wardens spawn_phantoms raids respawn_radius max_snow_accumulation_height "
        "tnt_explodes show_advancement_messages "
        "command_block_output spread_vines"
    )
    assert {name for name, value in rules.items() if not value} == {
        f"minecraft:{name}" for name in off
    }
    assert {name: rules[f"minecraft:{name}"] for name in NUMBERS} == NUMBERS


@pytest.mark.parametrize("version", VERSIONS)
def test_outside_the_city_is_void(tmp_path, version):
    write_level(tmp_path, settings(version))
    if version in BY_DIMENSION:
        world = nbtlib.load(tmp_path / "data" / "minecraft" / "world_gen_settings.dat")["data"]
    else:
        world = nbtlib.load(tmp_path / "level.dat")["Data"]["WorldGenSettings"]
    assert set(world["dimensions"]) == {
        "minecraft:overworld",
        "minecraft:the_nether",
        "minecraft:the_end",
    }
    flat = world["dimensions"]["minecraft:overworld"]["generator"]
    assert (str(flat["type"]), int(flat["settings"]["features"])) == ("minecraft:flat", 0)
    assert str(flat["settings"]["biome"]) == "minecraft:the_void"
    layers = [(str(layer["block"]), int(layer["height"])) for layer in flat["settings"]["layers"]]
    assert layers == ([("minecraft:air", 1)] if version in BY_DIMENSION else [])
