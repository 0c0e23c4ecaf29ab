"""Where the files of a Java world lie, found from what is on the disk."""

from __future__ import annotations

import re
from pathlib import Path

import nbtlib
import pytest
from nbtlib import Compound, Float, Int, IntArray, List, String

from tests.conftest import PROJECT
from worlds.errors import WorldError
from worlds.java.layout import BY_DIMENSION, find_layout, is_apart, layout_of
from worlds.java.level import Level, read_level
from worlds.java.scores import read_scores, write_scores
from worlds.java.versions import VERSIONS

ROOT, NEW = "region", "dimensions/minecraft/overworld/region"
OLD_SCORES, NEW_SCORES = "data/scoreboard.dat", "data/minecraft/scoreboard.dat"


def write_level(world: Path, number: int, **more: object) -> None:
    world.mkdir(parents=True, exist_ok=True)
    nbtlib.File({"Data": Compound({"DataVersion": Int(number), **more})}, gzipped=True).save(
        world / "level.dat"
    )


def put(world: Path, *names: str) -> None:
    for name in names:
        path = world / name
        if name in (ROOT, NEW):
            path = path / "r.0.0.mca"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(3 * 4096))


@pytest.mark.parametrize(
    ("there", "number", "by_dimension", "stale"),
    [
        ((ROOT, OLD_SCORES), 4189, False, []),
        ((NEW, NEW_SCORES), 5023, True, []),
        # Both there: as level.dat says; the other's files are stale.
        ((ROOT, OLD_SCORES, NEW, NEW_SCORES), 5023, True, [ROOT, OLD_SCORES]),
        ((ROOT, OLD_SCORES, NEW, NEW_SCORES), 4189, False, [NEW, NEW_SCORES]),
        ((ROOT, NEW, NEW_SCORES), 4189, False, [NEW, NEW_SCORES]),
        # A stray scoreboard, as an older mc-city left in upgraded worlds, moves nothing.
        ((NEW, OLD_SCORES), 5023, True, [OLD_SCORES]),
        ((NEW, OLD_SCORES), 4189, True, [OLD_SCORES]),
        # What is there is read, whatever level.dat says.
        ((ROOT,), 5023, False, []),
        ((NEW,), 4189, True, []),
        # Nothing there yet.
        ((), 4671, False, []),
        ((), 4786, True, []),
        ((OLD_SCORES,), 5023, False, []),
    ],
)
def test_the_layout_is_found_from_what_is_there(there, number, by_dimension, stale, tmp_path):
    write_level(tmp_path, number)
    put(tmp_path, *there)
    layout = find_layout(tmp_path)
    assert layout.by_dimension == by_dimension
    assert [layout.within(path) for path in layout.stale] == stale
    assert [path.parent for *_, path in layout.region_files()] == (
        [layout.region] if {ROOT, NEW} & set(there) else []
    )


def test_empty_regions_do_not_decide(tmp_path):
    write_level(tmp_path, 5023)
    put(tmp_path, NEW)
    (tmp_path / ROOT).mkdir()
    (tmp_path / ROOT / "r.0.0.mca").write_bytes(bytes(8192))
    assert find_layout(tmp_path).by_dimension


def test_level_dat_is_read_only_where_both_are_there(tmp_path):
    (tmp_path / "level.dat").write_bytes(b"damaged")
    put(tmp_path, NEW)
    assert find_layout(tmp_path).by_dimension
    put(tmp_path, ROOT)
    with pytest.raises(WorldError, match="not a readable level"):
        find_layout(tmp_path)


def test_each_version_writes_where_it_reads():
    world = Path("world")
    for version in VERSIONS.values():
        layout = layout_of(world, version.data_version)
        assert (
            layout.by_dimension
            == (version.layout == "dimensions")
            == (version.data_version >= BY_DIMENSION)
        )
    old, new = layout_of(world, 4189), layout_of(world, 5023)
    assert [old.within(getattr(old, name)) for name in ("scoreboard", "player_data", "game_rules",
    "weather", "dimension_data")] == [
        OLD_SCORES, "playerdata", "level.dat", "level.dat", "data",
    ]  # fmt: skip
    assert [new.within(getattr(new, name)) for name in ("scoreboard", "player_data", "game_rules",
    "weather", "dimension_data")] == [
        NEW_SCORES, "players/data", "data/minecraft/game_rules.dat", "data/minecraft/weather.dat",
        "dimensions/minecraft/overworld/data/minecraft",
    ]  # fmt: skip
    assert new.within(new.region_file(-1, 2)) == f"{NEW}/r.-1.2.mca"


@pytest.mark.parametrize(
    "folder",
    [
        "dimensions",
        "dimensions/minecraft",
        "dimensions/minecraft/overworld",
        NEW,
        ROOT,
        "data",
        "datapacks",
    ],
)
def test_a_change_concerns_the_overworld(folder):
    assert not is_apart(folder)


@pytest.mark.parametrize(
    "folder",
    [
        "entities", "poi", "playerdata", "players", "DIM-1", "DIM1",
        "dimensions/minecraft/the_nether", "dimensions/minecraft/the_end",
        "dimensions/mine", "dimensions/minecraft/overworld/entities",
        "dimensions/minecraft/overworld/poi",
    ],
)  # fmt: skip
def test_a_change_concerns_nothing_else(folder):
    assert is_apart(folder)


def test_nothing_else_spells_these_folders():
    spelled = re.compile(
        r"[\"'/](region|entities|playerdata|scoreboard\.dat|overworld/region)[\"'/]"
    )
    # Keys of NBT and a word, no folders.
    allowed = {
        "mc_city/checking/telling.py",
        "worlds/java/layout.py",
        "worlds/java/structures.py",
        "worlds/bedrock/structures.py",
    }
    sources = [
        path
        for package in ("mc_city", "worlds")
        for path in sorted((PROJECT / package).rglob("*.py"))
    ]
    found = {
        path.relative_to(PROJECT).as_posix()
        for path in sources
        if spelled.search(path.read_text("utf-8"))
    }
    assert found - allowed == set()
    assert "worlds/java/layout.py" in found


def test_the_level_is_read_in_either_form(tmp_path):
    version, packs = (
        Compound({"Name": String("1.21.4")}),
        Compound({"Enabled": List[String](["vanilla", "file/mc_city"])}),
    )
    same = {"LevelName": String("Åre"), "Version": version, "DataPacks": packs}
    write_level(
        tmp_path / "old",
        4189,
        **same,
        SpawnX=Int(1),
        SpawnY=Int(2),
        SpawnZ=Int(-3),
        SpawnAngle=Float(0),
    )
    spawn = Compound(
        {
            "pos": IntArray([1, 2, -3]),
            "dimension": String("minecraft:overworld"),
            "yaw": Float(0),
            "pitch": Float(0),
        }
    )
    write_level(tmp_path / "new", 4189, **same, spawn=spawn)
    wanted = Level(4189, "1.21.4", "Åre", (1, 2, -3), ("vanilla", "file/mc_city"))
    assert [read_level(tmp_path / name) for name in ("old", "new")] == [wanted, wanted]
    write_level(tmp_path / "lean", 5023)
    assert read_level(tmp_path / "lean") == Level(5023, "", "", None, ())
    write_level(tmp_path / "odd", 5023, spawn=Compound({"pos": String("here")}))
    with pytest.raises(WorldError, match="not a readable level"):
        read_level(tmp_path / "odd")


@pytest.mark.parametrize(("number", "there"), [(4189, ROOT), (5023, NEW)])
def test_scores_are_read_and_written_where_the_layout_has_them(number, there, tmp_path):
    write_level(tmp_path, number)
    put(tmp_path, there)
    write_scores(tmp_path, {("mc_city", "#alfa"): 1, ("mc_city", "#lock"): 0})
    files = [
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    ]
    assert sorted(files) == sorted(
        ["level.dat", f"{there}/r.0.0.mca", OLD_SCORES if there == ROOT else NEW_SCORES]
    )
    assert read_scores(tmp_path) == {("mc_city", "#alfa"): 1, ("mc_city", "#lock"): 0}


def test_scores_that_the_game_left_out_as_they_are_by_default(tmp_path):
    """Since 1.21.5 it writes no list that is empty, no score of 0, no criterion `dummy`."""
    write_level(tmp_path, 5023)
    put(tmp_path, NEW)
    path = tmp_path / NEW_SCORES
    path.parent.mkdir(parents=True)
    nbtlib.File({"data": Compound({}), "DataVersion": Int(5023)}, gzipped=True).save(path)
    assert read_scores(tmp_path) == {}
    entry = {"Name": String("#alfa"), "Objective": String("mc_city")}
    objective = Compound(
        {
            "Name": String("mc_city"),
            "DisplayName": Compound({"text": String("mc"), "bold": nbtlib.Byte(1)}),
        }
    )
    data = Compound(
        {
            "PlayerScores": List[Compound]([Compound(entry)]),
            "Objectives": List[Compound]([objective]),
        }
    )
    nbtlib.File({"data": data, "DataVersion": Int(5023)}, gzipped=True).save(path)
    assert read_scores(tmp_path) == {("mc_city", "#alfa"): 0}
    write_scores(tmp_path, {("mc_city", "#alfa"): 2, ("mc_city_unit", "#0"): -1})
    saved = nbtlib.load(path)["data"]
    assert saved["Objectives"][0] == objective
    assert dict(saved["PlayerScores"][0]) == {**entry, "Score": Int(2)}
    # What is new is written as the newest games write it.
    assert str(saved["Objectives"][1]["DisplayName"]) == "mc_city_unit"
