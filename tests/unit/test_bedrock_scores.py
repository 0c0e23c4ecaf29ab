"""The scoreboard's record: our scores go in beside what the game keeps there."""

import amulet_nbt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbtlib import Byte, Compound, Int, List, Long, String

from tests.bedrock_worlds import records_of, write_records
from worlds.bedrock.reader import read_entry
from worlds.bedrock.region import compound_bytes
from worlds.bedrock.saved import opened_for_change
from worlds.bedrock.scores import SCOREBOARD, read_scores, scores_of, scores_record, write_scores
from worlds.errors import WorldError

SCORES = st.dictionaries(
    st.tuples(
        st.sampled_from(["mc_city", "mc_city_unit", "other"]),
        st.sampled_from([f"#{number}" for number in range(9)]),
    ),
    st.integers(-(2**31), 2**31 - 1),
)


def played() -> bytes:
    """A scoreboard in which two players have played a game."""
    return compound_bytes({
        "Criteria": List([]),
        "DisplayObjectives": List[Compound]([
            Compound({"Name": String("sidebar"), "ObjectiveName": String("kills"),
            "SortOrder": Byte(0)}),
        ]),
        "Entries": List[Compound]([
            Compound({"IdentityType": Byte(1), "PlayerId": Long(-4294967295),
            "ScoreboardId": Long(1)}),
            Compound({"EntityID": Long(-17), "IdentityType": Byte(2), "ScoreboardId": Long(7)}),
            Compound({"FakePlayerName": String("#lock"), "IdentityType": Byte(3),
            "ScoreboardId": Long(4)}),
        ]),
        "LastUniqueID": Long(9),
        "Objectives": List[Compound]([
            Compound({
                "Criteria": String("dummy"), "DisplayName": String("Träffar"),
                "Name": String("kills"),
                "Scores": List[Compound]([Compound({"Score": Int(12), "ScoreboardId": Long(1)})]),
            }),
            Compound({
                "Criteria": String("dummy"), "DisplayName": String(""), "Name": String("mc_city"),
                "Scores": List[Compound]([Compound({"Score": Int(1), "ScoreboardId": Long(4)})]),
            }),
        ]),
    })  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(first=SCORES, second=SCORES)
def test_scores_are_read_back_and_set_one_by_one(first, second):
    record = scores_record(None, first)
    assert scores_of(record) == first
    assert scores_of(scores_record(record, second)) == {**first, **second}
    assert scores_record(record, first) == record
    assert scores_record(record, {}) == record


@settings(max_examples=30, deadline=None)
@given(scores=SCORES)
def test_another_library_finds_what_the_game_asks_for(scores):
    root = amulet_nbt.load(
        scores_record(None, scores), compressed=False, little_endian=True
    ).compound
    assert sorted(root) == [
        "Criteria",
        "DisplayObjectives",
        "Entries",
        "LastUniqueID",
        "Objectives",
    ]
    entries = {int(entry["ScoreboardId"]): entry for entry in root["Entries"]}
    assert len(entries) == len(root["Entries"])
    assert int(root["LastUniqueID"]) == max(entries, default=0)
    assert all(entry["IdentityType"] == amulet_nbt.ByteTag(3) for entry in entries.values())
    found = {}
    for objective in root["Objectives"]:
        assert sorted(objective) == ["Criteria", "DisplayName", "Name", "Scores"]
        assert objective["Criteria"].py_str == "dummy"
        for score in objective["Scores"]:
            assert (type(score["Score"]), type(score["ScoreboardId"])) == (
                amulet_nbt.IntTag,
                amulet_nbt.LongTag,
            )
            holder = entries[int(score["ScoreboardId"])]["FakePlayerName"].py_str
            found[objective["Name"].py_str, holder] = int(score["Score"])
    assert found == scores


def test_what_the_game_keeps_stays():
    new = scores_record(
        played(),
        {("mc_city", "#lock"): 0, ("mc_city", "#norra_kajen"): 2, ("mc_city_unit", "#17"): -1},
    )
    before, after = read_entry(played()), read_entry(new)
    assert after["DisplayObjectives"] == before["DisplayObjectives"]
    assert after["Entries"][:3] == before["Entries"]
    assert after["Objectives"][0] == before["Objectives"][0]
    assert [int(entry["ScoreboardId"]) for entry in after["Entries"][3:]] == [10, 11]
    assert int(after["LastUniqueID"]) == 11
    assert scores_of(new) == {
        ("mc_city", "#lock"): 0,
        ("mc_city", "#norra_kajen"): 2,
        ("mc_city_unit", "#17"): -1,
    }
    assert scores_of(played()) == {("mc_city", "#lock"): 1}


@pytest.mark.parametrize(
    "record",
    [b"", played()[:-40], b"\x0a\0\0\x09\x07\0Entries\x0a\1\0\0\0\0\0", b"no NBT at all"],
    ids=["empty", "cut", "incomplete", "text"],
)
def test_a_damaged_scoreboard_is_refused(record):
    with pytest.raises(WorldError, match="scoreboard is not readable"):
        scores_of(record)
    with pytest.raises(WorldError, match="scoreboard is not readable"):
        scores_record(record, {("a", "b"): 1})


def test_in_a_world(tmp_path):
    world = write_records(tmp_path / "w", {b"Overworld": b"x"})
    assert read_scores(world) == {}
    with opened_for_change(world) as database:
        write_scores(database, {("mc_city", "#a"): 1, ("mc_city", "#b"): 2})
        write_scores(database, {("mc_city", "#b"): 3})
    assert read_scores(world) == {("mc_city", "#a"): 1, ("mc_city", "#b"): 3}
    assert records_of(world).keys() == {b"Overworld", SCOREBOARD}
