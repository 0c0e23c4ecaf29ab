"""Hostile worlds and notes: refused in two lines, within bounds of time and memory, and nothing is
written outside."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import stat
import struct
import time
import zipfile
import zlib
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from mc_city.build.build import build
from mc_city.city.reading import read_city
from mc_city.saved.archives import parts_of
from mc_city.saved.facts import read_facts
from mc_city.saved.opening import opened_world
from mc_city.saved.switching import toggle
from mc_city.settings.config import read_config
from tests.conftest import made_once, quiet
from tests.memory import growth_of
from tests.mutant_sources import write_whole, write_whole_city
from tests.mutants import run
from worlds.bedrock.scores import read_scores as read_bedrock_scores
from worlds.bedrock.sstable import STAMP, TableFacts, framed, manifest, plain_block, table_end
from worlds.errors import McCityError, WorldError
from worlds.java.level import read_level_dat
from worlds.java.reader import read_region_volume
from worlds.java.scores import read_scores
from worlds.java.structures import read_template
from worlds.layers import read_layers
from worlds.topview import draw_map


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return made_once(tmp_path_factory, "whole", write_whole) / "world" / "out"


@pytest.fixture
def out(whole, tmp_path) -> Path:
    """A build's folder of the test's own, four folders deep."""
    return shutil.copytree(whole, tmp_path / "a" / "b" / "c" / "out")


def refused(*arguments: str) -> str:
    """What a command says that must refuse, in two lines."""
    code, said = run(arguments)
    assert code == 1, said
    return said


def _change(path: Path, *steps: str | int, to: object) -> None:
    note = json.loads(path.read_text("utf-8"))
    place = note
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    path.write_text(json.dumps(note), "utf-8")


@pytest.mark.parametrize(
    "name", ["../../../X", "/tmp/X", "..", "C:\\X", "CON", "a\nb", "x" * 300, "", "X.", "\u202eX"]
)
def test_a_city_in_notes_is_no_path(out, tmp_path, name):
    for place, steps in (
        (out / "Liten" / "mc_city.json", ("city",)),
        (out / "report.json", ("world", "city")),
    ):
        _change(place, *steps, to=name)
    before = {path for path in tmp_path.rglob("*") if out not in path.parents}
    for target in (out, out / "Liten"):
        text = refused("pack", str(target), "--jobs", "1")
        assert "the name" in text or "not what a build made" in text
    assert {path for path in tmp_path.rglob("*") if out not in path.parents} == before


STRANGE = (None, 7, "x", [], {}, [None], -1, 2**70, 1e308, True, "9" * 5000)


def _paths(value: object, held: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [held, *(path for key, inner in pairs for path in _paths(inner, (*held, key)))]


@pytest.mark.parametrize("name", ["mc_city.json", "mc_city_layers.json"])
def test_no_value_of_a_note_is_trusted(out, name):
    path = out / "Liten" / name
    good = path.read_text("utf-8")
    tried = 0
    for steps in [steps for steps in _paths(json.loads(good)) if steps][:200]:
        for value in STRANGE:
            path.write_text(good, "utf-8")
            _change(path, *steps, to=value)
            tried += 1
            with contextlib.suppress(WorldError):
                read_facts(out / "Liten")
                read_layers(out / "Liten")
    assert tried > 300


@pytest.mark.parametrize("name", ["mc_city.json", "mc_city_layers.json"])
def test_what_a_note_lacks_is_no_bug(out, name):
    path = out / "Liten" / name
    good = json.loads(path.read_text("utf-8"))
    said = set()
    for *steps, last in [steps for steps in _paths(good) if steps and isinstance(steps[-1], str)][
        :120
    ]:
        note = json.loads(json.dumps(good))
        place = note
        for step in steps:
            place = place[step]
        del place[last]
        path.write_text(json.dumps(note), "utf-8")
        for command in (["info"], ["layers", "list"]):
            code, text = run([*command, str(out / "Liten")])
            assert code in (0, 1), text
            said.add((code, text))
    assert len(said) > 2


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        "",
        "[" * 200_000,
        '{"city": ' * 100_000,
        "\ufeff{}",
        '{"city": "\\ud800"}',
        "{}",
        "NaN",
        "7" * 5000,
        b"\xff\xfe",
        b"\0" * 100,
    ],
    ids=[
        "list",
        "null",
        "empty",
        "deep",
        "deeper",
        "mark",
        "half a pair",
        "nothing in it",
        "nan",
        "huge",
        "not utf-8",
        "zeros",
    ],
)
def test_notes_that_are_none_end_in_two_lines(out, text):
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    for name in ("mc_city.json", "mc_city_layers.json"):
        path = out / "Liten" / name
        good = path.read_bytes()
        path.write_bytes(data)
        assert "not readable" in refused("info", str(out / "Liten"))
        path.write_bytes(good)
    (out / "report.json").write_bytes(data)
    refused("build", str(out.parent / "none.toml"), "--out", str(out))
    assert run(["pack", str(out)])[0] == 1


def test_pieces_of_a_unit_lie_in_its_cell(out):
    notes = out / "Liten" / "mc_city_layers.json"
    for place, value in (((1,), 10**6), ((2,), 400), ((4,), 1)):
        good = notes.read_text("utf-8")
        _change(notes, "units", 0, "pieces", 0, 0, *place, to=value)
        with pytest.raises(WorldError):
            toggle(out / "Liten", [], True, quiet)
        notes.write_text(good, "utf-8")


@pytest.mark.parametrize(
    "name", ["../../etc", "x0_z0/../../../X", "x0_z0/alfa/" + "0" * 400, "/x0_z0/alfa/0"]
)
def test_a_structure_is_no_path(out, name):
    _change(out / "Liten" / "mc_city_layers.json", "units", 0, "pieces", 0, 0, 0, to=name)
    assert "readable" in refused("layers", "show", str(out / "Liten"))


NAMES = {
    "../X": "leads out", "a/../../X": "leads out", "/X": "leads out", "\\X": "leads out",
    "C:X": "leads out", "C:\\X": "leads out",
    "a\\..\\..\\X": "leads out", "a/CON": "Windows", "nul.txt": "Windows", "a./X": "Windows",
    "a /X": "Windows", "ab:c/X": "may have",
    "a\x01": "may have", "x" * 300: "too long", "a/" * 600 + "X": "too long",
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_in_archives_stay_inside(name):
    with pytest.raises(ValueError, match=NAMES[name]):
        parts_of(name)


def test_backslashes_part_folders():
    assert parts_of("Sundsvall\\region\\r.0.0.mca") == ("Sundsvall", "region", "r.0.0.mca")


def _archive(
    path: Path, *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data, method)
    return path


def test_archives_with_links_doubles_and_other_surprises_are_refused(tmp_path):
    link = zipfile.ZipInfo("region")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    pipe = zipfile.ZipInfo("pipe")
    pipe.external_attr = (stat.S_IFIFO | 0o666) << 16
    world = ("level.dat", b"x")
    cases = {
        "a link": (world, (link, b"/etc")),
        "a device": (world, (pipe, b"")),
        "there twice": (world, ("Level.dat", b"y")),
        "a file and a folder": (world, ("a", b""), ("a/b", b"")),
        "leads out": (world, ("../../X", b"")),
    }
    for says, members in cases.items():
        with (
            pytest.raises(WorldError, match=says),
            opened_world(_archive(tmp_path / "w.zip", *members)),
        ):
            pass
    with (
        pytest.raises(WorldError, match="compressed in way"),
        opened_world(_archive(tmp_path / "w.zip", world, method=zipfile.ZIP_LZMA)),
    ):
        pass
    data = bytearray(_archive(tmp_path / "w.zip", world).read_bytes())
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "w.zip").write_bytes(data)
    with pytest.raises(WorldError, match="encrypted"), opened_world(tmp_path / "w.zip"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["w.zip"]


def test_an_archive_that_blows_up_is_refused_before_anything_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("level.dat", b"x")
        with archive.open("region/r.0.0.mca", "w") as sink:
            for _ in range(600):
                sink.write(bytes(1 << 20))
    used = shutil.disk_usage(tmp_path).used
    with pytest.raises(WorldError, match="are no world"), opened_world(bomb):
        pass
    assert shutil.disk_usage(tmp_path).used - used < 100 << 20
    assert not list((tmp_path / "temporary").iterdir())
    # A head that says less than there is: cut off, and its check sum is wrong.
    data = bytearray(bomb.read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 1000)
    bomb.write_bytes(data)
    with pytest.raises(WorldError, match="cannot be unpacked"), opened_world(bomb):
        pass
    assert not list((tmp_path / "temporary").iterdir())


def test_a_full_disk_is_foreseen(out, monkeypatch):
    monkeypatch.setattr(
        "shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 10**7, 10**7)
    )
    with pytest.raises(WorldError, match="are free"), opened_world(out / "Liten.mcworld"):
        pass


def test_links_that_lead_out_of_a_world_are_not_followed(out, tmp_path):
    world, elsewhere = out / "Liten", tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("region", "data", "session.lock", "mc_city.json"):
        changed = shutil.copytree(world, tmp_path / name / "Liten")
        victim = elsewhere / name
        if (changed / name).exists():
            shutil.move(changed / name, victim)
        else:
            victim.write_bytes(b"")
        (changed / name).symlink_to(victim)
        before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
        assert "leads out" in refused("layers", "show", str(changed))
        assert "leads out" in refused("pack", str(changed), "--out", str(tmp_path / "given"))
        assert {
            path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()
        } == before
        assert not (tmp_path / "given").exists()


def test_pipes_in_a_world_do_not_hold_anybody_up(out, tmp_path):
    world = out / "Liten"
    for name in ("level.dat", "mc_city.json", "region/r.0.0.mca", "data/scoreboard.dat"):
        changed = shutil.copytree(world, tmp_path / name.replace("/", "_") / "Liten")
        (changed / name).unlink(missing_ok=True)
        os.mkfifo(changed / name)
        for command in (["info"], ["layers", "show"], ["pack"]):
            assert run([*command, str(changed)])[0] in (0, 1)


def _peak_of(action) -> tuple[float, int]:
    """(seconds, MB by which the process has grown at most) of what must end in a WorldError."""
    start = time.process_time()

    def fails() -> None:
        with pytest.raises(WorldError):
            action()

    megabytes = growth_of(fails)
    return time.process_time() - start, megabytes


def _list_of(count: int, kind: int, each: bytes) -> bytes:
    return (
        b"\x0a\0\0"
        + b"\x09\0\4Data"
        + bytes([kind])
        + struct.pack(">i", count)
        + each * count
        + b"\0"
    )


def _packed(data: bytes, times: int = 1) -> bytes:
    return gzip.compress(data, 1) * times


HOSTILE_NBT = {
    "two gigabytes": lambda: _packed(bytes(100 << 20), 20),
    "ten million numbers": lambda: _packed(_list_of(10_000_000, 1, b"\1")),
    "a million lists": partial(_packed, _list_of(1_000_000, 9, bytes(5))),
    "nested without end": partial(_packed, b"\x0a\0\0" + b"\x0a\0\0" * 500_000),
    "lists in lists": partial(_packed, b"\x0a\0\0\x09\0\0" + b"\x09\0\0\0\1" * 500_000),
    "an array longer than the file": partial(_packed, b"\x0a\0\0\x07\0\1a\x7f\xff\xff\xff\0"),
    "a list longer than the file": partial(_packed, b"\x0a\0\0\x09\0\1a\x0a\x7f\xff\xff\xff\0"),
    "a negative length": partial(_packed, b"\x0a\0\0\x0b\0\1a\xff\xff\xff\xff\0"),
    "a list of nothing": partial(_packed, b"\x0a\0\0\x09\0\1a\0\x7f\xff\xff\xff\0"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_NBT)
def test_nbt_that_blows_up_is_refused(tmp_path, name):
    (tmp_path / "data").mkdir()
    data = HOSTILE_NBT[name]()
    for path, read in (
        (tmp_path / "level.dat", lambda: read_level_dat(tmp_path)),
        (tmp_path / "data" / "scoreboard.dat", lambda: read_scores(tmp_path)),
        (tmp_path / "a.nbt", lambda: read_template(tmp_path / "a.nbt")),
    ):
        path.write_bytes(data)
        seconds, megabytes = _peak_of(read)
        assert seconds < 30
        assert megabytes < 300


def _region(path: Path, chunks: dict[int, bytes], places: dict[int, int] | None = None) -> Path:
    """A region file of deflated chunks by number; places: sectors that they claim instead of their
    own."""
    table, body = [0] * 1024, b""
    for number, data in chunks.items():
        record = struct.pack(">IB", len(data) + 1, 2) + data
        count = -(-len(record) // 4096)
        table[number] = (2 + len(body) // 4096) << 8 | count
        body += record.ljust(4096 * count, b"\0")
    for number, place in (places or {}).items():
        table[number] = place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(struct.pack(">1024I", *table) + bytes(4096) + body)
    return path


def test_chunks_that_blow_up_or_share_a_place_are_refused(tmp_path):
    bomb = zlib.compress(bytes(64 << 20), 9)
    path = _region(tmp_path / "region" / "r.0.0.mca", dict.fromkeys(range(16), bomb))
    seconds, megabytes = _peak_of(lambda: read_region_volume(path))
    assert (seconds < 10, megabytes < 200) == (True, True)
    chunk = zlib.compress(b"\x0a\0\0\0")
    path = _region(path, {0: chunk}, dict.fromkeys(range(1024), 2 << 8 | 1))
    with pytest.raises(WorldError, match="in one place"):
        read_region_volume(path)
    path = _region(path, {0: chunk}, {0: 1 << 8 | 1})
    with pytest.raises(WorldError, match="in its head"):
        read_region_volume(path)


def _section(y: int, states: int) -> bytes:
    entries = b"".join(
        b"\x08\0\4Name" + struct.pack(">H", 8) + b"%08x" % (4096 * y + number & 0xFFFFFFFF) + b"\0"
        for number in range(states)
    )
    palette = b"\x09\0\7palette\x0a" + struct.pack(">i", states) + entries
    bits = max(4, (states - 1).bit_length())
    longs = -(-4096 // (64 // bits)) if states > 1 else 0
    data = b"\x0c\0\4data" + struct.pack(">i", longs) + bytes(8 * longs) if longs else b""
    return b"\1\0\1Y" + struct.pack(">b", y) + b"\x0a\0\x0cblock_states" + palette + data + b"\0\0"


def _chunk(sections: list[bytes]) -> bytes:
    head = b"\x0a\0\0" + b"\x09\0\x08sections\x0a" + struct.pack(">i", len(sections))
    return zlib.compress(head + b"".join(sections) + b"\0", 9)


def test_more_states_than_blocks_and_more_levels_than_memory_are_refused(tmp_path):
    path = tmp_path / "region" / "r.0.0.mca"
    twice = _section(0, 4096).replace(b"\x0c\0\4data", b"", 1)
    _region(path, {0: _chunk([twice])})
    with pytest.raises(WorldError):
        read_region_volume(path)
    _region(path, {0: _chunk([_section(-128, 1)]), 1: _chunk([_section(127, 1)])})
    with pytest.raises(WorldError, match="levels"):
        read_region_volume(path)
    many = {
        number: _chunk([_section(y, 4096) for y in range(8 * number - 128, 8 * number - 120)])
        for number in range(20)
    }
    _region(path, many)
    with pytest.raises(WorldError):
        read_region_volume(path)


def test_a_region_far_away_makes_no_picture_of_the_way_there(tmp_path):
    chunk = {0: _chunk([_section(0, 1)])}
    _region(tmp_path / "region" / "r.0.0.mca", chunk)
    for name in ("r.100000000.0.mca", "r.0.-70000.mca"):
        far = _region(tmp_path / "region" / name, chunk)
        seconds, megabytes = _peak_of(lambda: draw_map(tmp_path, jobs=1))
        assert (seconds < 10, megabytes < 200) == (True, True)
        far.unlink()
    _region(tmp_path / "region" / "r.4000.4000.mca", chunk)
    drawn = []
    assert growth_of(lambda: drawn.append(draw_map(tmp_path, jobs=1))) < 600
    assert drawn[0].step == 512
    assert max(drawn[0].picture.size) <= 4096


def _database(world: Path, block: bytes) -> Path:
    """A database of one table with this framed block under one key."""
    (world / "db").mkdir(parents=True)
    (world / "level.dat").write_bytes(b"")
    key = b"scoreboard"
    data = block + table_end([(key, 0, len(block) - 5)], len(block))
    (world / "db" / "000004.ldb").write_bytes(data)
    (world / "db" / "MANIFEST-000002").write_bytes(
        manifest([TableFacts(4, len(data), key, key)], 5)
    )
    (world / "db" / "CURRENT").write_bytes(b"MANIFEST-000002\n")
    return world


def test_databases_that_would_harm_the_library_are_not_opened(tmp_path):
    whole = plain_block([(b"scoreboard" + STAMP, b"x")])
    good = _database(tmp_path / "good", framed(whole))
    with pytest.raises(WorldError, match="scoreboard"):
        read_bedrock_scores(good)
    cases = {
        "more than": plain_block([(b"scoreboard" + STAMP, bytes(200 << 20))]),
        "too short": plain_block([(b"abc", b"x")]),
        "longer than it is": b"\0\x7f\x7fabc" + struct.pack("<II", 0, 1),
        "cut short": struct.pack("<I", 0x7FFFFFFF),
    }
    for number, (says, content) in enumerate(cases.items()):
        world = _database(tmp_path / str(number), framed(content))
        seconds, megabytes = _peak_of(partial(read_bedrock_scores, world))
        assert (seconds < 10, megabytes < 300) == (True, True)
        with pytest.raises(WorldError, match=says):
            read_bedrock_scores(world)
    (tmp_path / "good" / "db" / "CURRENT").write_bytes(b"../../../../etc/passwd\n")
    with pytest.raises(WorldError, match="names no manifest"):
        read_bedrock_scores(tmp_path / "good")


@pytest.mark.parametrize(
    "text",
    [
        "[[source]\ntitle = 1",
        "source = 3",
        "source = [[1]]",
        "[[source]]\nreal = 7",
        "a = " + "[" * 5000,
        "[[source]]\ntitle = { a = 1 }",
        b"\xff",
    ],
)
def test_source_notes_are_read_before_any_work(tmp_path, text):
    city = write_whole_city(tmp_path / "city")
    (city / "sources.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert "sources.toml" in refused("check", str(city / "city.toml"))
    with pytest.raises(McCityError, match=r"sources\.toml"):
        build(read_config(city / "city.toml"), tmp_path / "out", 1, False, quiet)
    assert {path.name for path in tmp_path.iterdir()} - {".out.lock"} == {"city"}


def test_a_day_in_source_notes_reaches_the_world_as_text(whole):
    assert read_facts(whole / "Liten")["sources"][0]["date"] == "2024-05-01"


def test_a_raster_of_absurd_size_is_refused(tmp_path):
    city = write_whole_city(tmp_path / "city")
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": 1,
        "crs": "EPSG:3006",
        "tiled": True,
        "compress": "deflate",
        "sparse_ok": True,
    }
    with rasterio.open(
        city / "dem.tif",
        "w",
        height=200_000,
        width=200_000,
        transform=from_origin(599_950, 6_900_050, 0.0005, 0.0005),
        **profile,
    ) as raster:
        raster.write(np.full((1, 256, 256), 5, np.float32), window=((0, 256), (0, 256)))
    config = read_config(city / "city.toml")

    def fails() -> None:
        with pytest.raises(McCityError):
            read_city(config, quiet)

    assert growth_of(fails) < 1500


def test_a_city_model_nested_without_end_is_refused(tmp_path):
    city = write_whole_city(tmp_path / "city")
    (city / "model.json").write_text('{"type": "CityJSON", "x": ' + "[" * 200_000, "utf-8")
    assert "model.json" in refused("check", str(city / "city.toml"))
