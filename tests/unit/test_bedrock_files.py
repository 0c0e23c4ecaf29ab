"""level.dat, the database's files and the archives."""

import io
import json
import struct
import zipfile

import nbtlib
import numpy as np
import pytest
from PIL import Image

from worlds.bedrock.leveldat import BedrockSettings, level_bytes, saved_version, write_level_dat
from worlds.bedrock.leveldb import _Tables, strip_length, write_database
from worlds.bedrock.mcworld import (
    write_bedrock_world,
    write_icon,
    write_mctemplate,
    write_mcworld,
)
from worlds.bedrock.sizes import megabytes, size_warning
from worlds.bedrock.sstable import (
    CRC,
    TableFacts,
    _log,
    crc32c,
    level_for,
    manifest,
    masked_crc,
    varint,
)
from worlds.bedrock.versions import bedrock_version, shown_version
from worlds.names import fault_of_name, near_name

VERSION = bedrock_version("1.21.0")
SETTINGS = BedrockSettings("Sundsvall å", VERSION, (3, 70, -9))


def test_level_dat_has_a_header_and_what_a_school_needs():
    data = level_bytes(SETTINGS)
    assert struct.unpack("<ii", data[:8]) == (10, len(data) - 8)
    level = nbtlib.File.parse(io.BytesIO(data[8:]), "little")
    assert str(level["LevelName"]) == "Sundsvall å"
    assert [int(level[name]) for name in ("SpawnX", "SpawnY", "SpawnZ")] == [3, 70, -9]
    on = (
        "cheatsEnabled",
        "commandsEnabled",
        "commandblocksenabled",
        "educationFeaturesEnabled",
        "eduOffer",
        "keepinventory",
    )
    off = (
        "domobspawning",
        "spawnMobs",
        "dodaylightcycle",
        "doweathercycle",
        "experimentalgameplay",
        "tntexplodes",
        "Difficulty",
    )
    assert {name: int(level[name]) for name in on + off} == {
        **dict.fromkeys(on, 1),
        **dict.fromkeys(off, 0),
    }
    assert not any(int(value) for value in level["experiments"].values())
    assert (int(level["GameType"]), int(level["Generator"]), int(level["Time"])) == (1, 2, 6000)
    for name in ("MinimumCompatibleClientVersion", "lastOpenedWithVersion"):
        assert [int(part) for part in level[name]] == [1, 21, 0, 0, 0]
    assert str(level["baseGameVersion"]) == "1.21.0"
    layers = json.loads(str(level["FlatWorldLayers"]))["block_layers"]
    assert [layer["block_name"] for layer in layers] == ["minecraft:air"]


def test_level_dat_follows_its_settings(tmp_path):
    other = BedrockSettings(
        "B", VERSION, (0, 0, 0), "adventure", 18000, True, True, 42, "easy", False
    )
    write_level_dat(tmp_path, other)
    level = nbtlib.File.parse(io.BytesIO((tmp_path / "level.dat").read_bytes()[8:]), "little")
    names = (
        "GameType",
        "Time",
        "dodaylightcycle",
        "doweathercycle",
        "RandomSeed",
        "Difficulty",
        "cheatsEnabled",
        "commandsEnabled",
    )
    assert [int(level[name]) for name in names] == [2, 18000, 1, 1, 42, 1, 0, 0]
    assert (tmp_path / "levelname.txt").read_text("utf-8") == "B"


def test_check_sums_are_castagnolis():
    assert crc32c(np.frombuffer(b"123456789", np.uint8), CRC) == 0xE3069283
    assert crc32c(np.zeros(32, np.uint8), CRC) == 0x8A9136AA
    assert crc32c(np.arange(32, dtype=np.uint8), CRC) == 0x46DD794E
    assert masked_crc(b"") == struct.pack("<I", 0xA282EAD8)


def test_varints():
    assert [varint(value) for value in (0, 127, 128, 300, 1 << 32)] == [
        b"\0",
        b"\x7f",
        b"\x80\x01",
        b"\xac\x02",
        b"\x80\x80\x80\x80\x10",
    ]


def test_long_manifests_are_cut_at_block_ends():
    record = bytes(range(256)) * 300
    data = _log(record)
    joined, kinds, at = b"", [], 0
    while at < len(data):
        if 32768 - at % 32768 < 7:
            at += 32768 - at % 32768
        length, kind = struct.unpack_from("<HB", data, at + 4)
        assert data[at : at + 4] == masked_crc(data[at + 6 : at + 7 + length])
        assert at // 32768 == (at + 6 + length) // 32768
        joined, at = joined + data[at + 7 : at + 7 + length], at + 7 + length
        kinds.append(kind)
    assert joined == record
    assert kinds == [2, 3, 4]
    assert _log(b"x")[6] == 1


def test_big_databases_lie_deeper():
    assert [level_for(size) for size in (0, 8_000_000, 8_000_001, 80_000_001, 10**15)] == [
        1,
        1,
        2,
        3,
        6,
    ]
    many = [TableFacts(number, 2 << 20, b"a" * 10, b"b" * 10) for number in range(900)]
    assert len(manifest(many, 904)) > 32768


def test_tables_refuse_keys_out_of_order(tmp_path):
    tables = _Tables(tmp_path)
    tables.add(b"a", b"c", b"block")
    with pytest.raises(ValueError, match="comes after"):
        tables.add(b"b", b"d", b"block")
    tables.close()


def test_strips_end_where_keys_would_mix():
    assert [strip_length(deep) for deep in (1, 256, 257)] == [8, 8, 1]


def test_an_empty_database_opens(tmp_path):
    import leveldb

    assert write_database(tmp_path / "db", []) == 0
    database = leveldb.LevelDB(str(tmp_path / "db"))
    assert list(database.keys()) == []
    database.close()


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "world"
    picture = Image.fromarray(np.arange(100 * 300 * 3, dtype=np.uint8).reshape(100, 300, 3))
    write_bedrock_world(folder, SETTINGS, [], {b"scoreboard": b"x"})
    write_icon(picture, folder / "world_icon.jpeg")
    return folder


def test_archives_hold_the_world_at_their_root_and_are_always_the_same(world, tmp_path):
    for number in (1, 2):
        write_mcworld(world, tmp_path / f"{number}.mcworld")
    assert (tmp_path / "1.mcworld").read_bytes() == (tmp_path / "2.mcworld").read_bytes()
    with zipfile.ZipFile(tmp_path / "1.mcworld") as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        assert Image.open(io.BytesIO(archive.read("world_icon.jpeg"))).size == (800, 450)
    assert names[0] == "level.dat"
    assert names[1:] == sorted(names[1:])
    assert {"levelname.txt", "db/CURRENT", "db/000004.ldb"} < set(names)


def test_templates_have_texts_and_an_identity_of_their_content(world, tmp_path):
    texts = {"en_US": ("Sundsvall", "A city"), "sv_SE": ("Sundsvall", "En stad")}
    found = []
    for number in (1, 2, 3):
        if number == 3:
            (world / "levelname.txt").write_text("changed", "utf-8")
        write_mcworld(world, tmp_path / "w.mcworld")
        write_mctemplate(tmp_path / "w.mcworld", tmp_path / "t.mctemplate", VERSION, texts)
        with zipfile.ZipFile(tmp_path / "t.mctemplate") as archive:
            manifest_ = json.loads(archive.read("manifest.json"))
            assert (
                archive.read("texts/sv_SE.lang").decode()
                == "pack.name=Sundsvall\npack.description=En stad\n"
            )
            assert json.loads(archive.read("texts/languages.json")) == ["en_US", "sv_SE"]
        assert manifest_["format_version"] == 2
        assert manifest_["header"]["base_game_version"] == [1, 21, 0]
        assert [module["type"] for module in manifest_["modules"]] == ["world_template"]
        found.append(manifest_["header"]["uuid"])
    assert found[0] == found[1] != found[2]
    with pytest.raises(ValueError, match="sv_SE"):
        write_mctemplate(
            tmp_path / "w.mcworld", tmp_path / "t.mctemplate", VERSION, {"en_US": ("a", "b")}
        )


@pytest.mark.parametrize(
    ("size", "said", "warned"),
    [(1, "0.0 MB", None), (9_440_000, "9.4 MB", None), (199_999_999, "200 MB", None), (200_000_000,
    "200 MB", "near the 250 MB"),
     (250_000_000, "250 MB", "near the 250 MB"), (250_000_001, "250 MB", "over the 250 MB"),
     (3_000_000_000, "3000 MB", "over the")],
)  # fmt: skip
def test_a_world_too_large_for_educations_cloud_is_said(size, said, warned):
    assert megabytes(size) == said
    warning = size_warning("Sundsvall.mcworld", size)
    assert (warned is None) == (warning is None)
    if warned and warning:
        assert warned in warning
        assert f"Sundsvall.mcworld has {said}" in warning


def test_the_version_that_last_saved_a_world_is_read_from_its_level_dat():
    assert saved_version(level_bytes(SETTINGS)) == (1, 21, 0)
    assert saved_version(
        level_bytes(BedrockSettings("A", bedrock_version("1.26.30"), (0, 0, 0)))
    ) == (1, 26, 30)
    assert [saved_version(data) for data in (b"", b"no level", level_bytes(SETTINGS)[:40])] == [
        ()
    ] * 3
    assert [shown_version(numbers) for numbers in ((1, 21, 0), (1, 21, 130), (1, 26, 30), ())] == [
        "1.21.0", "1.21.130", "26.30", "",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ['A"B', "A*B", "A:B", "A<B", "A>B", "A?B", "A/B", "A\\B", "A|B"])
def test_no_world_is_called_what_education_does_not_take(name):
    """Names of files, archives and LevelName are the city's."""
    assert fault_of_name(name) is not None
    assert not set(near_name(name)) & set('"*:<>?/\\|')
