"""Signs, books and command blocks as amulet-nbt reads them, and in a chunk's record."""

from __future__ import annotations

import amulet_nbt

from worlds.bedrock.entities import fixture_entities
from worlds.bedrock.region import compound_bytes
from worlds.bedrock.versions import bedrock_version
from worlds.fixtures import Book, Fixture, Press, Sign

FIXTURE = Fixture(
    "alfa", (), (Sign((1, 2, 3), ("Kvarteret", "Å & \"Ö\"")),), (Book((-4, 5, 6), "Stadsrummet",
    "mc-city", ("Sida ett\nrad två", "Två")),),
    (Press((7, -8, 9), "norra_kajen/press_1"),), (0, 0, 4, 2), 0,
)  # fmt: skip


def read(entity):
    return amulet_nbt.load(
        compound_bytes(entity), compressed=False, little_endian=True
    ).compound.py_data


def test_a_sign_is_waxed_and_has_its_words_in_front():
    sign, _, _ = map(read, fixture_entities([FIXTURE], bedrock_version("1.21.0")))
    assert {key: sign[key].py_data for key in ("id", "x", "y", "z", "IsWaxed")} == {
        "id": "Sign",
        "x": 1,
        "y": 2,
        "z": 3,
        "IsWaxed": 1,
    }
    assert sign["FrontText"]["Text"].py_str == 'Kvarteret\nÅ & "Ö"'
    assert sign["BackText"]["Text"].py_str == ""
    assert set(sign["FrontText"]) == set(sign["BackText"])


def test_a_lectern_holds_the_book():
    _, lectern, _ = map(read, fixture_entities([FIXTURE], bedrock_version("1.21.0")))
    assert lectern["id"].py_str == "Lectern"
    assert (lectern["x"].py_int, lectern["hasBook"].py_int, lectern["totalPages"].py_int) == (
        -4,
        1,
        2,
    )
    book = lectern["book"]
    assert (book["Name"].py_str, book["Count"].py_int) == ("minecraft:written_book", 1)
    assert [page["text"].py_str for page in book["tag"]["pages"]] == ["Sida ett\nrad två", "Två"]
    assert (book["tag"]["title"].py_str, book["tag"]["author"].py_str) == ("Stadsrummet", "mc-city")


def test_a_command_block_waits_for_its_button():
    _, _, block = map(read, fixture_entities([FIXTURE], bedrock_version("1.21.0")))
    assert block["id"].py_str == "CommandBlock"
    assert block["Command"].py_str == "function norra_kajen/press_1"
    flags = {
        key: block[key].py_data
        for key in (
            "auto",
            "powered",
            "conditionalMode",
            "LPCommandMode",
            "LPRedstoneMode",
            "TrackOutput",
        )
    }
    assert flags == {
        "auto": 0,
        "powered": 0,
        "conditionalMode": 0,
        "LPCommandMode": 0,
        "LPRedstoneMode": 1,
        "TrackOutput": 0,
    }
