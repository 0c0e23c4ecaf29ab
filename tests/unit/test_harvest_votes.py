"""Votes of worlds that came back: read from saved worlds of both editions, and written as tables
that no spreadsheet takes for programs."""

from __future__ import annotations

import csv

import pytest

from mc_city.harvest.built import Sender
from mc_city.harvest.votes import (
    HEADS,
    Counted,
    Votes,
    read_counted,
    total_path,
    votes_of,
    write_votes,
)
from worlds.bedrock.leveldat import BedrockSettings
from worlds.bedrock.mcworld import write_bedrock_world
from worlds.bedrock.scores import SCOREBOARD, scores_record
from worlds.bedrock.versions import bedrock_version
from worlds.errors import WorldError
from worlds.java.layout import find_layout
from worlds.java.leveldat import LevelSettings, write_level
from worlds.java.scores import write_scores
from worlds.java.versions import VERSIONS, java_version
from worlds.votes import VOTES

SCORES = {
    (VOTES, "#up.alfa"): 12,
    (VOTES, "#down.alfa"): 3,
    (VOTES, "#up.beta"): 0,
    (VOTES, "#down.beta"): 0,
    (VOTES, "#vote.round"): 4,
    ("mc_city", "#alfa"): 1,
    ("stars", "Alex"): 7,
}
NAMES = {"alfa": "Alfa kvarter", "beta": "Beta", "gamma": "Gamma"}


def java_world(folder, version="26.3"):
    write_level(
        folder,
        LevelSettings("Liten", java_version(version), (0, 64, 0), (0.0, 0.0), 512.0),
    )
    write_scores(folder, SCORES)
    return folder


def bedrock_world(folder):
    settings = BedrockSettings("Liten", bedrock_version("1.21.0"), (0, 90, 0))
    write_bedrock_world(folder, settings, [], {SCOREBOARD: scores_record(None, SCORES)})
    return folder


@pytest.mark.parametrize("version", VERSIONS)
def test_java_worlds_of_every_version_are_read(tmp_path, version):
    world = java_world(tmp_path / "world", version)
    assert read_counted(world) == Counted({"alfa": (12, 3), "beta": (0, 0)}, 4)


def test_bedrock_worlds_are_read_and_not_touched(tmp_path):
    world = bedrock_world(tmp_path / "world")
    before = {path: path.read_bytes() for path in world.rglob("*") if path.is_file()}
    assert read_counted(world) == Counted({"alfa": (12, 3), "beta": (0, 0)}, 4)
    assert {path: path.read_bytes() for path in world.rglob("*") if path.is_file()} == before


def test_a_damaged_scoreboard_is_named(tmp_path):
    world = java_world(tmp_path / "world")
    scoreboard = find_layout(world).scoreboard
    scoreboard.write_bytes(scoreboard.read_bytes()[:40])
    with pytest.raises(WorldError, match="scoreboard"):
        read_counted(world)


def test_only_what_was_handed_out_is_counted_and_nobody_is_named(tmp_path):
    world = java_world(tmp_path / "world")
    write_scores(world, {(VOTES, "#up.elsewhere"): 99, (VOTES, "Alex"): 1})
    sender = Sender(school_class="4b", pupil="07", file="klass4b-07.zip")
    assert votes_of(read_counted(world), sender, NAMES) == [
        Votes(sender=sender, development="alfa", name="Alfa kvarter", up=12, down=3)
    ]


def test_what_was_handed_out_with_votes_is_counted_once():
    sender = Sender(school_class="4b", pupil="07", file="klass4b-07.zip")
    handed_out = Counted({"alfa": (5, 3), "beta": (2, 0)}, 1)

    def given(votes, number):
        found = votes_of(Counted(votes, number), sender, NAMES, handed_out)
        return {one.development: (one.up, one.down) for one in found}

    assert given({"alfa": (6, 3), "beta": (2, 0)}, 1) == {"alfa": (1, 0)}
    assert given({"alfa": (4, 4), "beta": (2, 0)}, 1) == {"alfa": (0, 1)}, "a mind was changed"
    assert given({"alfa": (1, 0), "beta": (0, 0)}, 2) == {"alfa": (1, 0)}, "taken away since"
    assert given({}, 1) == {}


def row(school_class, pupil, development, name, up, down):
    sender = Sender(school_class=school_class, pupil=pupil, file="x.zip")
    return Votes(sender=sender, development=development, name=name, up=up, down=down)


def read_table(path):
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("\ufeff"), "Excel takes it for Latin letters without"
    return list(csv.reader(text[1:].splitlines(), delimiter=";"))


def test_tables_of_each_world_and_of_all(tmp_path):
    rows = [
        row("4b", "01", "beta", "Beta", 1, 0),
        row("4b", "01", "alfa", "Alfa", 0, 1),
        row("5a", "01", "alfa", "Alfa", 20, 4),
    ]
    path = tmp_path / "votes.csv"
    write_votes(path, rows)
    assert read_table(path) == [
        list(HEADS),
        ["4b", "01", "beta", "Beta", "1", "0"],
        ["4b", "01", "alfa", "Alfa", "0", "1"],
        ["5a", "01", "alfa", "Alfa", "20", "4"],
    ]
    assert read_table(total_path(path))[1:] == [
        ["alfa", "Alfa", "2", "20", "5"],
        ["beta", "Beta", "1", "1", "0"],
    ]
    write_votes(path, [])
    assert read_table(path) == [list(HEADS)]


@pytest.mark.parametrize(
    "hostile",
    [
        '=HYPERLINK("http://x","y")', "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u200b=1",
        "＝1", "§=1",
    ],
)  # fmt: skip
def test_formulas_are_text(tmp_path, hostile):
    path = tmp_path / "votes.csv"
    write_votes(path, [row(hostile, hostile, "alfa", hostile, 1, 0)])
    for table in (path, total_path(path)):
        for cell in (cell for line in read_table(table) for cell in line):
            assert cell.lstrip()[:1] not in tuple("=+-@＝\t\r\n"), cell
    assert read_table(path)[1][3].startswith("'")


def test_separators_and_quotes_stay_in_their_cell(tmp_path):
    path = tmp_path / "votes.csv"
    name = 'Kv. "Ängen"; norra\nsidan'
    write_votes(path, [row("4b", "01", "alfa", name, 1, 2)])
    assert read_table(path)[1] == ["4b", "01", "alfa", 'Kv. "Ängen"; norra sidan', "1", "2"]
