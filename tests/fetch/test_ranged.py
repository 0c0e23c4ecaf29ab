"""Parts of files of the web, from servers that give more, less or something else than was asked."""

from __future__ import annotations

import pytest

from mc_city.fetch.client import Client, Question
from mc_city.fetch.ranged import BLOCK, LENGTH, Store
from mc_city.fetch.stac import _bounds_of
from tests.fetch.answerer import Reply, whole_or_part
from worlds.errors import SourceError

DATA = bytes(range(256)) * (BLOCK // 256 * 3) + b"end"
URL = "https://data.example/a.tif"


def store(folder, client: Client) -> Store:
    return Store(client, Question(URL), folder / "parts", lambda _: None).opened()


def test_a_file_is_read_in_parts(answerer, mirrored, tmp_path):
    mirrored({"data.example": answerer.url})
    answerer.routes["/"] = lambda asked: whole_or_part(DATA, asked)
    with Client("test@example.org") as client:
        assert store(tmp_path, client).read(10, len(DATA)) == DATA[10:]


def test_a_part_that_goes_on_after_its_end_is_refused(answerer, mirrored, tmp_path):
    mirrored({"data.example": answerer.url})
    span = {"Content-Range": f"bytes 0-{BLOCK - 1}/{10 * BLOCK}", "ETag": '"one"'}
    answerer.routes["/"] = lambda _: Reply(DATA, 206, headers=span)
    with (
        Client("test@example.org") as client,
        pytest.raises(SourceError, match="more than it was asked for"),
    ):
        store(tmp_path, client)


@pytest.mark.parametrize("length", [b"", b"many", b"\xff", b"0", b"9" * 5000])
def test_a_length_that_was_not_kept_whole_is_asked_for_anew(answerer, mirrored, tmp_path, length):
    mirrored({"data.example": answerer.url})
    answerer.routes["/"] = lambda asked: whole_or_part(DATA, asked)
    with Client("test@example.org") as client:
        store(tmp_path, client)
        (tmp_path / "parts" / LENGTH).write_bytes(length)
        assert store(tmp_path, client).length == len(DATA)


def test_bounds_that_are_no_numbers_are_none():
    for box in ([10**400, 0, 1, 1], ["a", 0, 1, 1], [float("nan"), 0, 1, 1], {}, [1, 2, 3]):
        assert _bounds_of({"bbox": box}) is None
