"""Files that the browser sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mc_city.app.answers import TooLargeError
from mc_city.app.incoming import Incoming, Wanted, safe_name
from worlds.errors import ConfigError, McCityError

BOUNDARY = "x123"
KIND = f"multipart/form-data; boundary={BOUNDARY}"


def body(data: bytes, ends: bool = True) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return head.encode() + data + (f"\r\n--{BOUNDARY}--\r\n".encode() if ends else b"")


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 7):
        yield data[at : at + 7]


def run_apart(work: Coroutine[object, object, object]) -> object:
    """In a thread of its own: that of the tests has the browser's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def send(incoming: Incoming, files: dict[str, bytes]) -> str:
    batch, _ = incoming.begin([Wanted(name, len(data)) for name, data in files.items()])
    for number, data in enumerate(files.values()):
        run_apart(incoming.receive(batch, number, KIND, pieces(body(data))))
    return batch


def bring(incoming: Incoming, files: dict[str, bytes]) -> list[str]:
    placed = incoming.end(send(incoming, files))
    return [path.relative_to(incoming.data).as_posix() for path in placed.new]


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "name", ["../dem.tif", "a/../../dem.tif", "/etc/passwd", "a//b.tif", "", "a/b/c/d/e/f/g.tif"]
)
def test_a_name_that_leads_elsewhere_is_refused(name: str):
    with pytest.raises(ConfigError):
        safe_name(name)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Höjder/dem 1 m.tif", "Höjder/dem 1 m.tif"),
        ("C:\\..x\\dem.tif", "C_/x/dem.tif"),
        ("con.tif", "_con.tif"),
        (".hidden.tif", "hidden.tif"),
        ("a,b:c\n.tif", "a_b_c_.tif"),
        ("x" * 300 + ".gpkg", "x" * 115 + ".gpkg"),
    ],
)
def test_a_name_becomes_one_that_every_disk_takes(name: str, kept: str):
    assert safe_name(name) == kept


def test_files_arrive_whole_with_their_folders(tmp_path: Path):
    incoming = Incoming(tmp_path / "data")
    files = {
        "dem.tif": b"\r\n--x12" * 1000,
        "town/houses.gpkg": b"",
        "town/deep/a.txt": b"\x00\xff",
    }
    assert bring(incoming, files) == list(files)
    assert everything(tmp_path / "data") == dict(sorted(files.items()))


def test_what_is_there_is_never_overwritten_and_what_belongs_together_stays_so(tmp_path: Path):
    incoming = Incoming(tmp_path / "data")
    bring(incoming, {"houses.shp": b"one", "houses.dbf": b"same"})
    placed = bring(incoming, {"houses.shp": b"two", "houses.dbf": b"same"})
    assert placed == ["brought-2/houses.shp", "brought-2/houses.dbf"]
    assert everything(tmp_path / "data")["houses.shp"] == b"one"


def test_the_same_file_again_is_told_and_not_kept_twice(tmp_path: Path):
    incoming = Incoming(tmp_path / "data")
    bring(incoming, {"dem.tif": b"one"})
    placed = incoming.end(send(incoming, {"dem.tif": b"one"}))
    assert placed.new == ()
    assert placed.there == ("dem.tif",)
    assert everything(tmp_path / "data") == {"dem.tif": b"one"}


@pytest.mark.parametrize("sent", [b"longer than said", b"x"])
def test_what_is_not_as_long_as_was_said_leaves_nothing(tmp_path: Path, sent: bytes):
    incoming = Incoming(tmp_path / "data")
    batch, _ = incoming.begin([Wanted("dem.tif", 5)])
    with pytest.raises(McCityError):
        run_apart(incoming.receive(batch, 0, KIND, pieces(body(sent))))
    with pytest.raises(ConfigError, match="has not come"):
        incoming.end(batch)
    incoming.stop(batch)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_connection_that_breaks_leaves_nothing(tmp_path: Path):
    incoming = Incoming(tmp_path / "data")
    batch, _ = incoming.begin([Wanted("dem.tif", 5)])
    with pytest.raises(ConfigError, match="only in part"):
        run_apart(incoming.receive(batch, 0, KIND, pieces(body(b"abcde", ends=False))))
    assert everything(tmp_path / "data") == {}


def test_more_than_the_disk_or_anybody_takes_is_refused_before_it_comes(tmp_path: Path):
    incoming = Incoming(tmp_path / "data")
    with pytest.raises(TooLargeError):
        incoming.begin([Wanted("dem.tif", 10**15)])
    with pytest.raises(ConfigError):
        incoming.begin([Wanted(f"{number}.tif", 1) for number in range(5000)])
    with pytest.raises(ConfigError, match="same name"):
        incoming.begin([Wanted("a.tif", 1), Wanted("A.TIF", 1)])
