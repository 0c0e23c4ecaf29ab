"""Scores: set in a new scoreboard or in the game's own, where all else stays."""

import json

import nbtlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbtlib import Byte, Compound, Int, List, String

from worlds.errors import WorldError
from worlds.java.leveldat import LevelSettings, write_level_dat
from worlds.java.scores import read_scores, scoreboard, write_scores
from worlds.java.versions import VERSIONS, java_version

SCORES = {("mc_city", "#norra_kajen"): 2, ("mc_city_unit", "#17"): -1, ("mc_city", "#lock"): 0}


def world_of(folder, version="1.21.4"):
    folder.mkdir(exist_ok=True)
    write_level_dat(
        folder / "level.dat",
        LevelSettings("A", java_version(version), (0, 70, 0), (0.0, 0.0), 100.0),
    )
    return folder


def load(world):
    return nbtlib.load(world / "data" / "scoreboard.dat")


@pytest.mark.parametrize("version", list(VERSIONS))
def test_a_new_scoreboard(tmp_path, version):
    world = world_of(tmp_path, version)
    assert read_scores(world) == {}
    write_scores(world, SCORES)
    assert read_scores(world) == SCORES
    (path,) = world.rglob("scoreboard.dat")
    folder = "data/minecraft" if VERSIONS[version].layout == "dimensions" else "data"
    assert path.parent == world / folder
    root = nbtlib.load(path)
    assert int(root["DataVersion"]) == VERSIONS[version].data_version
    assert set(root["data"]) == {"Objectives", "PlayerScores", "Teams", "DisplaySlots"}
    assert [str(objective["Name"]) for objective in root["data"]["Objectives"]] == [
        "mc_city",
        "mc_city_unit",
    ]
    for objective in root["data"]["Objectives"]:
        assert (str(objective["CriteriaName"]), str(objective["RenderType"])) == (
            "dummy",
            "integer",
        )
        shown = str(objective["DisplayName"])
        assert (
            shown == objective["Name"]
            if VERSIONS[version].data_version >= 4325
            else json.loads(shown) == {"text": objective["Name"]}
        )
    holders = [
        (str(entry["Objective"]), str(entry["Name"]), int(entry["Score"]))
        for entry in root["data"]["PlayerScores"]
    ]
    assert holders == [
        ("mc_city", "#lock", 0),
        ("mc_city", "#norra_kajen", 2),
        ("mc_city_unit", "#17", -1),
    ]
    assert root == scoreboard(SCORES, java_version(version))


def game_scoreboard(world, version=4189):
    """As the game leaves one: a team, another pack's objective, one of ours already there and shown
    at the side."""
    ours = Compound(
        {
            "RenderType": String("hearts"),
            "Name": String("mc_city"),
            "DisplayName": String('"Staden"'),
            "format": Compound({}),
        }
    )
    other = Compound(
        {
            "Name": String("deaths"),
            "CriteriaName": String("deathCount"),
            "DisplayName": String('"deaths"'),
        }
    )
    scores = [
        Compound(
            {
                "Score": Int(7),
                "Name": String("Åsa"),
                "Objective": String("deaths"),
                "Locked": Byte(1),
            }
        ),
        Compound(
            {
                "Score": Int(1),
                "Name": String("#norra_kajen"),
                "Objective": String("mc_city"),
                "display": String('"Kajen"'),
            }
        ),
        Compound({"Score": Int(5), "Name": String("#other"), "Objective": String("mc_city")}),
    ]
    team = Compound({"Name": String("röd"), "Players": List[String]([String("Åsa")])})
    data = Compound({
        "DisplaySlots": Compound({"sidebar": String("mc_city")}),
        "PlayerScores": List[Compound](scores),
        "Objectives": List[Compound]([other, ours]), "Teams": List[Compound]([team]),
    })  # fmt: skip
    (world / "data").mkdir(exist_ok=True)
    root = (
        Compound({"data": data})
        if version is None
        else Compound({"data": data, "DataVersion": Int(version)})
    )
    nbtlib.File(root, gzipped=True).save(world / "data" / "scoreboard.dat")
    return root


def test_all_else_stays(tmp_path):
    world = world_of(tmp_path)
    before = game_scoreboard(world)
    write_scores(world, SCORES)
    after = load(world)
    assert read_scores(world) == {("deaths", "Åsa"): 7, ("mc_city", "#other"): 5, **SCORES}
    assert after["DataVersion"] == 4189
    assert [after["data"][name] for name in ("Teams", "DisplaySlots")] == [
        before["data"][name] for name in ("Teams", "DisplaySlots")
    ]
    assert after["data"]["Objectives"][:2] == before["data"]["Objectives"]
    assert str(after["data"]["Objectives"][2]["Name"]) == "mc_city_unit"
    entries = after["data"]["PlayerScores"]
    assert [entries[0], entries[2]] == [
        before["data"]["PlayerScores"][0],
        before["data"]["PlayerScores"][2],
    ]
    assert entries[1] == Compound({**before["data"]["PlayerScores"][1], "Score": Int(2)})
    assert len(entries) == 5


@pytest.mark.parametrize(
    ("kept", "level", "as_json"),
    [(4189, "1.21.5", True), (4325, "1.21.4", False), (None, "1.21.5", False)],
)
def test_texts_are_spelled_as_the_file_is(tmp_path, kept, level, as_json):
    world = world_of(tmp_path, level)
    game_scoreboard(world, kept)
    write_scores(world, SCORES)
    assert str(load(world)["data"]["Objectives"][2]["DisplayName"]).startswith("{") == as_json


def test_a_scoreboard_of_nothing(tmp_path):
    world = world_of(tmp_path)
    (world / "data").mkdir()
    nbtlib.File({"data": Compound({"PlayerScores": List([])})}, gzipped=True).save(
        world / "data" / "scoreboard.dat"
    )
    assert read_scores(world) == {}
    write_scores(world, SCORES)
    assert read_scores(world) == SCORES


@settings(max_examples=30, deadline=None)
@given(
    first=st.dictionaries(
        st.tuples(st.sampled_from("ab"), st.text("#åx_1", min_size=1)),
        st.integers(-(2**31), 2**31 - 1),
    ),
    second=st.dictionaries(
        st.tuples(st.sampled_from("bc"), st.text("#åx_1", min_size=1)),
        st.integers(-(2**31), 2**31 - 1),
    ),
)
def test_scores_read_back(tmp_path_factory, first, second):
    world = world_of(tmp_path_factory.mktemp("scores"))
    write_scores(world, first)
    write_scores(world, second)
    assert read_scores(world) == {**first, **second}
    once = (world / "data" / "scoreboard.dat").read_bytes()
    write_scores(world, second)
    assert (world / "data" / "scoreboard.dat").read_bytes() == once
    assert sorted(path.name for path in (world / "data").iterdir()) == ["scoreboard.dat"]


def test_the_order_given_does_not_matter(tmp_path):
    files = []
    for name, scores in (("a", SCORES), ("b", dict(reversed(SCORES.items())))):
        write_scores(world_of(tmp_path / name), scores)
        files.append((tmp_path / name / "data" / "scoreboard.dat").read_bytes())
    assert files[0] == files[1]
    assert files[0][4:10] == b"\0\0\0\0\2\xff"


@pytest.mark.parametrize("damage", ["cut", "text", "names"])
def test_damage_is_named_and_left(tmp_path, damage):
    world = world_of(tmp_path)
    game_scoreboard(world)
    path = world / "data" / "scoreboard.dat"
    if damage == "names":
        nbtlib.File(
            {"data": Compound({"PlayerScores": List[Compound]([Compound({})])})}, gzipped=True
        ).save(path)
    else:
        path.write_bytes(path.read_bytes()[:60] if damage == "cut" else b"scores")
    before = path.read_bytes()
    for attempt in (lambda: read_scores(world), lambda: write_scores(world, SCORES)):
        with pytest.raises(WorldError, match=r"scoreboard\.dat"):
            attempt()
    assert path.read_bytes() == before


def test_a_folder_that_is_no_world(tmp_path):
    with pytest.raises(WorldError, match=r"level\.dat"):
        write_scores(tmp_path, SCORES)
