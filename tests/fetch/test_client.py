"""The client against a real nginx, and against answers that no nginx gives."""

from __future__ import annotations

import hashlib
import re
import socket

import pytest

from mc_city.fetch.answers import seconds_of
from mc_city.fetch.client import BusyError, Client, Question, user_agent
from mc_city.fetch.credentials import LANTMATERIET, Login
from mc_city.fetch.downloads import Wanted, download
from tests.fetch.answerer import Reply, whole_or_part
from tests.fetch.nginx import PASSWORD, USER
from worlds.errors import SourceError

DATA = bytes(range(256)) * 4000
DL1 = "dl1.lantmateriet.se"


@pytest.fixture
def web(nginx, mirrored):
    """nginx as data.example and Lantmäteriet's files, its other server as elsewhere.example."""
    nginx.put("files/a.bin", DATA)
    nginx.put("locked/a.bin", DATA)
    mirrored({"data.example": nginx.url, "elsewhere.example": nginx.elsewhere, DL1: nginx.url})
    return nginx


def get(url: str, path, *, login=None, **wanted) -> None:
    with Client("test@example.org") as client:
        download(client, Question(url, login=login), Wanted(path, **wanted))


def login(password: str = PASSWORD) -> Login:
    return Login(LANTMATERIET, USER, password)


def refusal(url: str, path, **more) -> SourceError:
    with pytest.raises(SourceError) as caught:
        get(url, path, **more)
    assert not path.exists()
    return caught.value


def test_a_file_comes_whole_and_is_not_fetched_twice(web, tmp_path):
    before = web.log("access").count("/files/a.bin")
    for _ in range(2):
        get(
            "https://data.example/files/a.bin", tmp_path / "a.bin",
            size=len(DATA), digest=hashlib.sha256(DATA).hexdigest(),
        )  # fmt: skip
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    assert web.log("access").count("/files/a.bin") == before + 1
    assert user_agent("test@example.org") in web.log("access")


def test_a_part_is_gone_on_with(web, answerer, mirrored, tmp_path):
    """The first transfer breaks off after each third; the last one is nginx's."""
    tag = {}

    def breaking(asked):
        reply = whole_or_part(DATA, asked, tag["it"])
        return Reply(reply.body, reply.status, headers=reply.headers, cut=len(DATA) // 3 - 1)

    path = tmp_path / "a.bin"
    mirrored({"data.example": web.url})
    with Client() as client, client.answer(Question("https://data.example/files/a.bin")) as held:
        tag["it"] = held[1].headers["etag"]
    answerer.routes["/files/a.bin"] = breaking
    mirrored({"data.example": answerer.url})
    with Client() as client:
        client.patiently = lambda _question, work: work()
        with pytest.raises(BusyError, match="broke off"):
            download(client, Question("https://data.example/files/a.bin"), Wanted(path))
    assert (tmp_path / "a.bin.part").stat().st_size >= len(DATA) // 4
    assert not path.exists()
    mirrored({"data.example": web.url})
    get("https://data.example/files/a.bin", path)
    assert path.read_bytes() == DATA
    assert '" 206 ' in web.log("access").splitlines()[-1]


def test_a_transfer_that_breaks_again_and_again_comes_whole_as_long_as_it_grows(
    answerer, mirrored, tmp_path
):
    def breaking(asked):
        reply = whole_or_part(DATA, asked)
        return Reply(reply.body, reply.status, headers=reply.headers, cut=len(DATA) // 10)

    answerer.routes["/a.bin"] = breaking
    mirrored({"data.example": answerer.url})
    get("https://data.example/a.bin", tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert len(answerer.asked) > 9


def test_a_part_of_another_version_is_thrown_away(answerer, mirrored, tmp_path):
    (tmp_path / "a.bin.part").write_bytes(b"old" * 100)
    (tmp_path / "a.bin.part.tag").write_text('"another"')
    answerer.routes["/a.bin"] = lambda asked: whole_or_part(DATA, asked)
    mirrored({"data.example": answerer.url})
    get("https://data.example/a.bin", tmp_path / "a.bin")
    assert answerer.asked[0].headers["range"] == "bytes=300-"
    assert (tmp_path / "a.bin").read_bytes() == DATA


@pytest.mark.usefixtures("web")
def test_what_is_damaged_or_of_another_length_is_not_kept(tmp_path):
    wrong = refusal("https://data.example/files/a.bin", tmp_path / "a.bin", digest="0" * 64)
    assert "came damaged" in str(wrong)
    short = refusal("https://data.example/files/a.bin", tmp_path / "a.bin", size=17)
    assert "is 1,024,000 bytes, and 17 are promised" in str(short)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "words", "hint"),
    [
        ("locked", r"wants a login, or does not know this one \(401\)", "login"),
        ("forbidden", r"refuses \(403\): Forbidden not ordered", "conditions"),
        ("files/none", r"has no such thing \(404\)", "report"),
        ("busy", r"is busy or being repaired \(503\)", "goes on where it was"),
        ("later", r"busy .*it asks to wait 2 h", "goes on where it was"),
        ("round", "from place to place without end", "goes on where it was"),
        ("unsafe", "from a safe connection to an unsafe one", "not followed"),
        ("page", "answers with a web page: Log in Please log in", "goes on where it was"),
    ],
)
@pytest.mark.usefixtures("web")
def test_each_refusal_is_told_apart(tmp_path, where, words, hint):
    error = refusal(f"https://data.example/{where}/a.bin", tmp_path / "a.bin")
    assert re.search(words, str(error)), str(error)
    assert hint in error.hint


def test_a_host_that_is_not_there_is_named(mirrored, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    mirrored({"data.example": f"http://127.0.0.1:{port}"})
    error = refusal("https://data.example/a.bin", tmp_path / "a.bin")
    assert str(error) == "data.example cannot be reached"


def test_a_busy_host_is_asked_again_and_waited_for(answerer, mirrored, tmp_path):
    told = []
    answers = [Reply(status=429, headers={"Retry-After": "42"}), Reply(status=503), Reply(DATA)]
    answerer.routes["/a.bin"] = lambda _: answers[len(answerer.asked) - 1]
    mirrored({"data.example": answerer.url})
    with Client(told=told.append) as client:
        download(client, Question("https://data.example/a.bin"), Wanted(tmp_path / "a.bin"))
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert told[0] == "data.example asks to wait 42 s"
    assert told[1].startswith("data.example is busy or being repaired (503)")
    assert told[1].endswith("it is asked again for a while")
    assert len(told) == 2


@pytest.mark.usefixtures("web")
def test_a_limit_of_requests_is_said(tmp_path):
    get("https://data.example/few/a.bin", tmp_path / "first.bin")
    assert "asked too often (429)" in str(
        refusal("https://data.example/few/a.bin", tmp_path / "a.bin")
    )


@pytest.mark.usefixtures("web")
def test_a_login_goes_to_its_hosts_only(tmp_path):
    get(f"https://{DL1}/locked/a.bin", tmp_path / "a.bin", login=login())
    assert (tmp_path / "a.bin").read_bytes() == DATA
    error = refusal("https://data.example/locked/a.bin", tmp_path / "b.bin", login=login())
    assert "(401)" in str(error)


def test_no_login_crosses_a_redirect(web, tmp_path):
    get(f"https://{DL1}/away/a.bin", tmp_path / "a.bin", login=login())
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert web.log("elsewhere").splitlines()[-1] == "GET /files/a.bin HTTP/1.1|-|200"


def test_a_secret_that_a_service_repeats_is_not_told(answerer, mirrored, tmp_path):
    answerer.routes["/"] = lambda asked: Reply(
        f"bad token {asked.headers['authorization']} of {PASSWORD}".encode(), 401
    )
    mirrored({DL1: answerer.url})
    error = refusal(f"https://{DL1}/a.bin", tmp_path / "a.bin", login=login())
    assert PASSWORD not in str(error)
    assert login().header.split()[1] not in str(error)
    assert PASSWORD not in repr(login())
    assert "bad token Basic … of …" in str(error)


@pytest.mark.parametrize(
    "location",
    ["http://[bad/", "https://data.example:99999999/", "file:///etc/passwd"],
)
def test_a_redirect_to_no_address_is_told(answerer, mirrored, tmp_path, location):
    mirrored({"data.example": answerer.url})
    answerer.routes["/"] = lambda _: Reply(status=302, headers={"Location": location})
    error = refusal("https://data.example/a.bin", tmp_path / "a.bin")
    assert "no address" in str(error) or "unsafe" in str(error)


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000])
def test_a_part_whose_length_is_no_number_is_a_part_of_unknown_length(
    answerer, mirrored, tmp_path, length
):
    mirrored({"data.example": answerer.url})
    headers = {"ETag": '"one"', "Content-Range": f"bytes 0-9/{length}"}
    answerer.routes["/"] = lambda _: Reply(b"0123456789", 206, headers=headers)
    get("https://data.example/a.bin", tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == b"0123456789"


def test_a_wait_that_is_no_number_is_none():
    assert seconds_of("\xb2") is None
    assert seconds_of("120") == 120


def test_a_file_without_an_end_does_not_fill_the_disk(answerer, mirrored, tmp_path, monkeypatch):
    mirrored({"data.example": answerer.url})
    answerer.routes["/"] = lambda _: Reply(DATA)
    monkeypatch.setattr("mc_city.fetch.downloads.SPARE_BYTES", 1 << 62)
    error = refusal("https://data.example/a.bin", tmp_path / "a.bin")
    assert "room" in str(error)
    assert list(tmp_path.iterdir()) == []
