"""level.dat holds what was asked for, in the same bytes each time."""

import gzip

import nbtlib
import pytest

from worlds.errors import ConfigError
from worlds.java.leveldat import LevelSettings, level_data, write_level_dat
from worlds.java.versions import DATA_VERSIONS, java_version


def settings(**more) -> LevelSettings:
    return LevelSettings(
        name="Åre", version=java_version("1.21.4"), spawn=(-3, 70, 12), border_centre=(8.0, -24.0), border_size=512.0, **more
    )


def test_the_same_settings_give_the_same_bytes(tmp_path):
    for name in ("a.dat", "b.dat"):
        write_level_dat(tmp_path / name, settings())
    data = (tmp_path / "a.dat").read_bytes()
    assert data == (tmp_path / "b.dat").read_bytes()
    assert data[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff", "no name, no time, no operating system in the gzip header"
    assert gzip.decompress(data)[:1] == b"\x0a"


def test_settings_arrive(tmp_path):
    asked = settings(
        game_mode="adventure", difficulty="easy", commands=False, time=18000, seed=-7, spawn_angle=90.0, daylight_cycle=True,
        weather_cycle=True, data_packs=("vanilla", "file/plans"),
    )  # fmt: skip
    write_level_dat(tmp_path / "level.dat", asked)
    data = nbtlib.load(tmp_path / "level.dat")["Data"]
    assert str(data["LevelName"]) == "Åre"
    assert [int(data[key]) for key in ("SpawnX", "SpawnY", "SpawnZ")] == [-3, 70, 12]
    assert [float(data[key]) for key in ("SpawnAngle", "BorderCenterX", "BorderCenterZ", "BorderSize")] == [90, 8, -24, 512]
    assert [int(data[key]) for key in ("GameType", "Difficulty", "allowCommands", "DayTime", "clearWeatherTime")] == [2, 1, 0, 18000, 0]
    assert int(data["WorldGenSettings"]["seed"]) == -7
    assert [str(pack) for pack in data["DataPacks"]["Enabled"]] == ["vanilla", "file/plans"]
    assert {str(data["GameRules"][rule]) for rule in ("doDaylightCycle", "doWeatherCycle")} == {"true"}


def test_the_world_is_still_and_safe_by_default():
    data = level_data(settings())["Data"]
    off = ("doDaylightCycle", "doWeatherCycle", "doMobSpawning", "doFireTick", "mobGriefing", "doTraderSpawning", "doPatrolSpawning")
    assert {str(data["GameRules"][rule]) for rule in (*off, "doWardenSpawning", "doInsomnia")} == {"false"}
    assert (str(data["GameRules"]["spawnRadius"]), str(data["GameRules"]["snowAccumulationHeight"])) == ("0", "0")
    assert all(isinstance(value, nbtlib.String) for value in data["GameRules"].values())
    assert (int(data["version"]), int(data["raining"]), int(data["thundering"]), int(data["hardcore"])) == (19133, 0, 0, 0)


def test_outside_the_city_is_void():
    world = level_data(settings())["Data"]["WorldGenSettings"]
    assert set(world["dimensions"]) == {"minecraft:overworld", "minecraft:the_nether", "minecraft:the_end"}
    flat = world["dimensions"]["minecraft:overworld"]["generator"]
    assert (str(flat["type"]), list(flat["settings"]["layers"]), int(flat["settings"]["features"])) == ("minecraft:flat", [], 0)


@pytest.mark.parametrize(("name", "data_version"), DATA_VERSIONS.items())
def test_each_version_says_what_it_is(name, data_version):
    version = java_version(name)
    level = level_data(LevelSettings("a", version, (0, 0, 0), (0, 0), 16))["Data"]
    assert int(level["DataVersion"]) == int(level["Version"]["Id"]) == version.data_version == data_version
    assert (str(level["Version"]["Name"]), version.min_y, version.max_y) == (name, -64, 319)


def test_versions_stand_in_order():
    assert list(DATA_VERSIONS.values()) == sorted(DATA_VERSIONS.values())
    assert [java_version(name).numbers for name in DATA_VERSIONS] == sorted(java_version(name).numbers for name in DATA_VERSIONS)


@pytest.mark.parametrize(("asked", "near"), [("1.21.44", "1.21.4"), ("1.20", "1.20."), ("", "1.2")])
def test_an_unknown_version_is_refused_naming_the_nearest(asked, near):
    with pytest.raises(ConfigError, match=f"'{asked}'") as caught:
        java_version(asked)
    assert f"use '{near}" in caught.value.hint
