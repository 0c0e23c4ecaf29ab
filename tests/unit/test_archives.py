"""Archives: every member comes back as it was, in the order that was asked for."""

from __future__ import annotations

import random
import zipfile

import pytest

from mc_city.build.zips import write_zip
from worlds import archives
from worlds.archives import Member, write_archive


@pytest.fixture
def files(tmp_path):
    rng = random.Random(4)
    bodies = {
        "b/empty.dat": b"",
        "a.mca": bytes(20_000) + rng.randbytes(5000) + bytes(40_000),
        "c å.nbt": rng.randbytes(3000),
        **{f"d/{number}.txt": f"line {number}\n".encode() * number for number in range(20)},
    }
    for name, body in bodies.items():
        path = tmp_path / "world" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return bodies


def members(folder, names, kind=zipfile.ZIP_DEFLATED):
    for name in names:
        entry = zipfile.ZipInfo(name, (2024, 12, 3, 0, 0, 0))
        entry.compress_type = kind
        yield Member(entry, folder / name)


@pytest.mark.parametrize("most", [archives.MOST_AT_ONCE, 4000])
def test_members_come_back_in_order(tmp_path, files, monkeypatch, most):
    monkeypatch.setattr(archives, "MOST_AT_ONCE", most)
    names = sorted(files, reverse=True)
    stored = names[3]
    listed = [
        *members(tmp_path / "world", names[:3]),
        *members(tmp_path / "world", [stored], zipfile.ZIP_STORED),
        *members(tmp_path / "world", names[4:]),
    ]
    write_archive(tmp_path / "a.zip", listed)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == names
        assert {name: archive.read(name) for name in names} == files
        assert archive.getinfo(stored).compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("a.mca").compress_size < 6000


def test_more_may_be_added_behind(tmp_path, files):
    write_zip(tmp_path / "world", tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        archive.writestr("more.txt", "more")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {f"world/{name}" for name in files} | {"more.txt"}


def test_equal_worlds_give_equal_zips(tmp_path, files):
    for name in ("a.zip", "b.zip"):
        write_zip(tmp_path / "world", tmp_path / name, inside="")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert files
