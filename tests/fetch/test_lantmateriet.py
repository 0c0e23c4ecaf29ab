"""Lantmäteriet's catalogues and files: with a login, without, with one that may not, and nowhere a
secret."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from shapely import box

from mc_city import cli
from mc_city.fetch.credentials import LANTMATERIET, find_login
from mc_city.settings.config import read_config
from tests.commands import run
from tests.fetch.answerer import Answerer, Reply, whole_or_part
from tests.fetch.geodata import buildings, cog, heights_differ, zipped
from tests.fetch.nginx import PASSWORD, USER
from tests.fetch.served import height_at, write_config
from worlds.errors import ConfigError
from worlds.notes import read_source_notes

API, FILES = "api.lantmateriet.se", "dl1.lantmateriet.se"
TOKEN = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
ALL = 'ground = "lantmateriet"\nbuildings = "lantmateriet"'
FLAT = "[terrain]\nflat_m = 3.0"


def locked(answer, forbidden: bool = False):
    """Basic login, as the file server has it; forbidden: a product that was not ordered."""

    def asked_for(asked):
        if asked.headers.get("authorization") != f"Basic {TOKEN}":
            page = b"<html><body>401 Unauthorized</body></html>"
            login = {"WWW-Authenticate": 'Basic realm="Authorization Server"'}
            return Reply(page, 401, "text/html", login)
        if forbidden:
            said = b'{"code":"900908","message":"Resource forbidden"}'
            return Reply(said, 403, "application/json")
        return answer(asked)

    return asked_for


class Catalogue:
    """A STAC search in two pages, with items of other collections among those that are asked for.
    items: (collection, id, address, facts of the file)."""

    def __init__(self, items):
        self.items = items

    def __call__(self, asked):
        assert "authorization" not in asked.headers
        second = "page" in asked.query
        held = self.items[1:] if second else self.items[:1]
        features = [
            {
                "type": "Feature", "id": name, "collection": collection,
                "properties": {"datetime": "2025-06-01T00:00:00Z"},
                "assets": {"data": {"href": url, **facts}, "info": {"href": url + ".json"}},
            }
            for collection, name, url, facts in held
        ]  # fmt: skip
        links = [] if second else [
            {"rel": "next", "href": f"https://{API}{asked.path}?page=2", "method": "GET"}
        ]  # fmt: skip
        body = {"type": "FeatureCollection", "features": features, "links": links}
        return Reply(json.dumps(body).encode(), kind="application/geo+json")


@pytest.fixture
def lm(answerer, mirrored, tmp_path) -> Answerer:
    """Heights in two tiles of 10 km side by side, and houses in a zip."""
    west = cog(tmp_path / "a.tif", height_at, "EPSG:5845", (618226.0, 6920324.0, 1, 1))
    east = cog(tmp_path / "b.tif", height_at, "EPSG:5845", (619250.0, 6920324.0, 1, 1))
    buildings().to_file(tmp_path / "byggnad.gpkg", layer="byggnad")
    houses = zipped(byggnad_kn2281__gpkg=(tmp_path / "byggnad.gpkg").read_bytes())
    served = {"/hojd/a/m.tif": west, "/hojd/b/m.tif": east, "/byggnad/kn2281.zip": houses}
    for path, data in served.items():
        answerer.routes[path] = locked(lambda asked, data=data: whole_or_part(data, asked))
    digest = "1220" + hashlib.sha256(houses).hexdigest()
    answerer.routes["/stac-hojd/v1/search"] = Catalogue(
        [
            ("dtm-cog", "691_61", f"https://{FILES}/hojd/a/m.tif", {"file:size": len(west)}),
            ("mhm-69_6", "69175", f"https://{FILES}/hojd/other.tif", {"file:size": 99}),
            ("dtm-cog", "691_62", f"https://{FILES}/hojd/b/m.tif", {"file:size": len(east)}),
        ]
    )
    answerer.routes["/stac-vektor/v1/search"] = Catalogue(
        [("byggnader", "2281", f"https://{FILES}/byggnad/kn2281.zip",
          {"file:size": len(houses), "file:checksum": digest})]
    )  # fmt: skip
    mirrored({API: answerer.url, FILES: answerer.url})
    return answerer


@pytest.fixture
def logged_in(monkeypatch):
    for name, value in zip(LANTMATERIET.variables, (USER, PASSWORD), strict=True):
        monkeypatch.setenv(name, value)


def secrets_in(folder: Path) -> list[str]:
    """Files that hold the password, or what it is sent as."""
    words = [PASSWORD.encode(), TOKEN.encode(), PASSWORD.encode("utf-16-le")]
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]


@pytest.mark.usefixtures("logged_in")
def test_heights_and_houses_come_with_a_login_and_leave_no_secret(lm, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    done = run("fetch", write_config(tmp_path / "city", ALL))
    assert done.returncode == 0, done.stderr
    data = tmp_path / "city" / "data"
    assert heights_differ(data / "lm-markhojd.tif") <= 1e-3
    assert set(pyogrio.read_dataframe(data / "lm-byggnad.gpkg")["andamal1"]) == {
        "Samhällsfunktion;Samfund", "Bostad;Flerfamiljshus", "Komplementbyggnad;",
    }  # fmt: skip
    entries = {entry["source"]: entry for entry in read_source_notes(data / "sources.toml")}
    houses = entries["buildings lantmateriet"]
    assert houses["licence"] == "CC BY 4.0"
    assert "© Lantmäteriet, Byggnad" in houses["attribution"]
    assert secrets_in(tmp_path / "city") == []
    assert PASSWORD not in done.stderr + done.stdout
    assert TOKEN not in done.stderr + done.stdout
    assert caplog.text
    assert PASSWORD not in caplog.text
    assert TOKEN not in caplog.text
    assert "/hojd/other.tif" not in lm.paths()


@pytest.mark.usefixtures("logged_in")
def test_land_cover_comes_as_its_polygons_of_the_area(lm, tmp_path):
    places = [(619130, 6919700), (629000, 6919700)]
    land = gpd.GeoDataFrame(
        {"objekttyp": ["Lövskog", "Åker"]},
        geometry=[box(east, north, east + 50, north + 50) for east, north in places],
        crs="EPSG:3006",
    )
    land.to_file(tmp_path / "m.gpkg", layer="mark")
    data = zipped(mark_kn2281__gpkg=(tmp_path / "m.gpkg").read_bytes())
    url = f"https://{FILES}/marktacke/kn2281.zip"
    lm.routes["/marktacke/"] = locked(lambda asked: whole_or_part(data, asked))
    lm.routes["/stac-vektor/v1/search"] = Catalogue([("marktacke", "2281", url, {})])
    config = write_config(tmp_path / "city", 'landcover = "lantmateriet"', FLAT)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    (vegetation,) = read_config(config).terrain.vegetation
    assert list(pyogrio.read_dataframe(vegetation.path)["objekttyp"]) == ["Lövskog"]


def test_sizes_are_told_without_a_login(lm, tmp_path):
    done = run("fetch", write_config(tmp_path / "city", ALL), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "every building, Lantmäteriet: 0." in done.stderr
    assert not any("authorization" in asked.headers for asked in lm.asked)


def test_a_list_that_cannot_be_followed_to_its_end_is_told(lm, tmp_path):
    catalogue = lm.routes["/stac-vektor/v1/search"]

    def by_post(asked):
        reply = catalogue(asked)
        return replace(reply, body=reply.body.replace(b'"method": "GET"', b'"method": "POST"'))

    lm.routes["/stac-vektor/v1/search"] = by_post
    done = run("fetch", write_config(tmp_path / "city", 'buildings = "lantmateriet"', FLAT))
    assert done.returncode == 1
    assert "lists more files than can be followed" in done.stderr


@pytest.mark.usefixtures("lm")
def test_without_a_login_it_says_how_to_get_one(tmp_path):
    done = run("fetch", write_config(tmp_path / "city", ALL))
    assert done.returncode == 1
    assert "Lantmäteriet, Geotorget wants a login" in done.stderr
    assert "mc-city login lantmateriet" in done.stderr


def test_a_wrong_password_and_a_product_not_ordered_are_told_apart(lm, tmp_path, monkeypatch):
    user, secret = LANTMATERIET.variables
    monkeypatch.setenv(user, USER)
    monkeypatch.setenv(secret, "fel-lösenord-9")
    config = write_config(tmp_path / "city", 'buildings = "lantmateriet"', FLAT)
    done = run("fetch", config)
    assert done.returncode == 1
    assert "(401)" in done.stderr
    assert "the user or the password is wrong" in done.stderr
    assert "fel-lösenord-9" not in done.stderr
    monkeypatch.setenv(secret, PASSWORD)
    lm.routes["/byggnad/kn2281.zip"] = locked(lambda _: Reply(), forbidden=True)
    done = run("fetch", config)
    assert done.returncode == 1
    assert "(403)" in done.stderr
    assert "order it in Geotorget" in done.stderr
    assert "Byggnad Nedladdning" in done.stderr


@pytest.mark.usefixtures("logged_in")
def test_a_file_of_another_digest_is_not_taken_and_is_fetched_anew(lm, tmp_path):
    right = lm.routes["/byggnad/kn2281.zip"]

    def damaged(asked):
        reply = right(asked)
        return replace(reply, body=reply.body[:-1] + b"!") if reply.status == 200 else reply

    lm.routes["/byggnad/kn2281.zip"] = damaged
    config = write_config(tmp_path / "city", 'buildings = "lantmateriet"', FLAT)
    done = run("fetch", config)
    assert done.returncode == 1
    assert "came damaged" in done.stderr
    assert not list((tmp_path / "city").rglob("*.gpkg"))
    lm.routes["/byggnad/kn2281.zip"] = right
    assert run("fetch", config).returncode == 0


@pytest.mark.usefixtures("logged_in")
def test_files_that_lead_elsewhere_get_no_login_there(lm, nginx, mirrored, tmp_path):
    data = b""
    lm.routes["/byggnad/kn2281.zip"] = lambda _: Reply(
        status=302, headers={"Location": "https://elsewhere.example/files/kn2281.zip"}
    )
    nginx.put("files/kn2281.zip", data)
    mirrored({API: lm.url, FILES: lm.url, "elsewhere.example": nginx.elsewhere})
    done = run("fetch", write_config(tmp_path / "city", 'buildings = "lantmateriet"', FLAT))
    assert done.returncode == 1
    assert nginx.log("elsewhere").splitlines()[-1].startswith("GET /files/kn2281.zip HTTP/1.1|-|")


def test_a_login_is_kept_in_the_keyring_and_forgotten(ring, monkeypatch):
    answers = iter([USER, PASSWORD])
    monkeypatch.setattr(cli.typer, "prompt", lambda *_, **__: next(answers))
    done = run("login", "lantmateriet")
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stderr + done.stdout
    login = find_login(LANTMATERIET)
    assert login is not None
    assert login.header == f"Basic {TOKEN}"
    assert PASSWORD not in f"{login!r} {login}"
    assert "forgotten" in run("login", "lantmateriet", "--forget").stderr
    assert find_login(LANTMATERIET) is None
    assert ring.held == {}
    assert run("login", "nobody").returncode == 1


def test_half_a_login_is_named(monkeypatch):
    monkeypatch.setenv(LANTMATERIET.variables[0], USER)
    with pytest.raises(ConfigError, match="only a half"):
        find_login(LANTMATERIET)


@pytest.mark.usefixtures("logged_in")
@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_an_archive_that_is_damaged_inside_is_told_and_thrown_away(lm, tmp_path, packing):
    """The catalogue gives no digest of it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", packing) as archive:
        archive.writestr("a.gpkg", bytes(range(256)) * 400)
    body = bytearray(held.getvalue())
    body[45:90] = bytes(one ^ 0x5A for one in body[45:90])
    lm.routes["/byggnad/kn2281.zip"] = locked(lambda asked: whole_or_part(bytes(body), asked))
    item = ("byggnader", "2281", f"https://{FILES}/byggnad/kn2281.zip", {"file:size": 10**400})
    lm.routes["/stac-vektor/v1/search"] = Catalogue([item])
    done = run("fetch", write_config(tmp_path / "city", 'buildings = "lantmateriet"', FLAT))
    assert done.returncode == 1
    assert "a damaged archive" in done.stderr
    assert not list((tmp_path / "city").rglob("*.zip"))


@pytest.mark.usefixtures("logged_in")
def test_a_file_without_an_address_is_told(lm, tmp_path):
    lm.routes["/stac-vektor/v1/search"] = Catalogue([("byggnader", "2281", "https://[", {})])
    done = run("fetch", write_config(tmp_path / "city", 'buildings = "lantmateriet"', FLAT))
    assert done.returncode == 1
    assert "https://[: no address of the web" in done.stderr
