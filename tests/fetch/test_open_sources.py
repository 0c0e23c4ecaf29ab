"""The sources without an account, from the command line, against answers like theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import rasterio
from pyproj import Transformer

import mc_city
from mc_city.fetch.sources import SOURCES
from mc_city.settings.config import read_config
from mc_city.settings.fetched import MADE
from tests.commands import run
from tests.fetch.answerer import Reply
from tests.fetch.served import Tiles, height_at, osm_xml, terrarium, tile_metres, write_config
from worlds.notes import read_source_notes

OPEN = 'ground = "mapterhorn"\nosm = "overpass"\nbuildings = "openstreetmap"'
TILES, OVERPASS = "tiles.mapterhorn.com", "overpass-api.de"


@pytest.fixture
def town(answerer, mirrored):
    """Mapterhorn and Overpass."""
    answerer.routes["/tiles/"] = lambda asked: Tiles()(_without(asked, "/tiles"))
    answerer.routes["/api/"] = lambda _: Reply(osm_xml(), kind="application/osm3s+xml")
    mirrored({TILES: f"{answerer.url}/tiles", OVERPASS: answerer.url})
    return answerer


def _without(asked, prefix):

    return replace(asked, path=asked.path.removeprefix(prefix))


def serve_tiles(answerer, tiles: Tiles) -> None:
    answerer.routes["/tiles/"] = lambda asked: tiles(_without(asked, "/tiles"))


def heights(path) -> float:
    """The worst difference, in metres, of a raster's heights from those that are served."""
    with rasterio.open(path) as raster:
        cells, crs = raster.read(1, masked=True), raster.crs
        rows, columns = np.indices(cells.shape)
        x, y = rasterio.transform.xy(raster.transform, rows.ravel(), columns.ravel())

    east, north = Transformer.from_crs(crs, "EPSG:3006", always_xy=True).transform(x, y)
    near = ~cells.mask.ravel() if cells.mask.any() else np.ones(cells.size, bool)
    return float(np.abs(cells.data.ravel() - height_at(east, north))[near].max())


def test_every_source_that_can_be_named_is_there():
    assert {key for key, made in MADE.items() if made.file} == set(SOURCES)


def test_tiles_become_one_raster_of_true_heights_in_its_place(town, tmp_path):
    config = write_config(tmp_path, OPEN)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    assert heights(tmp_path / "data" / "mapterhorn.tif") <= 0.004
    assert "the sea lies at +0.0 m" in done.stderr
    loaded = read_config(config)
    assert [source.path.name for source in loaded.terrain.elevation] == ["mapterhorn.tif"]
    assert loaded.osm.extract.name == "openstreetmap.osm"
    entries = {
        entry["source"]: entry for entry in read_source_notes(tmp_path / "data" / "sources.toml")
    }
    assert "© Lantmäteriet" in entries["ground mapterhorn"]["attribution"]
    assert entries["osm overpass"]["licence"] == "ODbL 1.0"
    assert entries["osm overpass"]["date"] == "2026-11-28"
    assert all(entry["real"] is True for entry in entries.values())
    (question,) = [asked for asked in town.asked if asked.path == "/api/interpreter"]
    assert question.method == "POST"
    assert "test@example.org" in question.headers["user-agent"]
    assert {asked.headers["user-agent"] for asked in town.asked} == {question.headers["user-agent"]}


def test_a_second_run_asks_nobody_and_offline_is_content(town, tmp_path):
    config = write_config(tmp_path, OPEN)
    assert run("fetch", config).returncode == 0
    town.asked.clear()
    for words in ((), ("--offline",), ("--dry-run",)):
        done = run("fetch", config, *words)
        assert done.returncode == 0, done.stderr
        assert "Mapterhorn: there already" in done.stderr
    assert town.asked == []


def test_it_is_had_from_python_too(town, tmp_path):
    lines = []
    config = mc_city.read_config(write_config(tmp_path, OPEN))
    fetched = mc_city.fetch(config, told=lines.append)
    assert {path.name for path in fetched.files.values()} == {"openstreetmap.osm", "mapterhorn.tif"}
    assert lines[0].startswith("osm: OpenStreetMap, Overpass: about")
    assert town.asked


def test_offline_without_the_data_says_what_is_missing(town, tmp_path):
    done = run("fetch", write_config(tmp_path, OPEN), "--offline")
    assert done.returncode == 1
    assert "OpenStreetMap, Overpass: not there" in done.stderr
    assert town.asked == []


def test_a_dry_run_tells_sizes_and_writes_nothing(town, tmp_path):
    done = run("fetch", write_config(tmp_path, OPEN), "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "osm: OpenStreetMap, Overpass: about" in done.stderr
    assert "together:" in done.stderr
    assert not (tmp_path / "data").exists()
    assert town.asked == []


def test_a_build_before_fetching_says_what_to_do(tmp_path):
    done = run("build", write_config(tmp_path, OPEN), "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "not fetched yet: osm (overpass), ground (mapterhorn)" in done.stderr
    assert "mc-city fetch" in done.stderr


@pytest.mark.parametrize("coast", [True, False])
def test_heights_from_the_ellipsoid_are_refused(town, tmp_path, coast):
    serve_tiles(town, Tiles(shift_m=26.1))
    town.routes["/api/"] = lambda _: Reply(osm_xml(coast), kind="application/osm3s+xml")
    config = write_config(tmp_path, OPEN)
    done = run("fetch", config)
    assert done.returncode == 1
    assert f"the {'sea' if coast else 'lowest water'} lies at +26.0 m" in done.stderr
    assert "counted from there" in done.stderr
    assert 'ground = "copernicus"' in done.stderr
    assert sorted(path.name for path in (tmp_path / "data").glob("[!.]*")) == [
        "openstreetmap.osm", "pieces", "sources.toml",
    ]  # fmt: skip


def test_land_that_is_lifted_beside_a_sea_at_0_is_refused(town, tmp_path):
    """The sea of another source, filled in where Lantmäteriet's model ends."""

    def lifted(asked):
        at = asked.path.removeprefix("/tiles/").removesuffix(".webp").split("/")
        metres = tile_metres(*(int(part) for part in at))
        return Reply(terrarium(np.where(metres > 0, metres + 26.1, metres)), kind="image/webp")

    town.routes["/tiles/"] = lifted
    done = run("fetch", write_config(tmp_path, OPEN))
    assert done.returncode == 1
    assert "beside a sea at +0.0 m no land begins below 26 m" in done.stderr, done.stderr


def test_a_lake_of_that_height_can_be_trusted(town, tmp_path):
    serve_tiles(town, Tiles(shift_m=26.1))
    town.routes["/api/"] = lambda _: Reply(osm_xml(False), kind="application/osm3s+xml")
    done = run("fetch", write_config(tmp_path, OPEN + "\ntrust_heights = true"))
    assert done.returncode == 0, done.stderr


def test_a_sea_that_lies_elsewhere_is_refused_where_there_is_a_coast(town, tmp_path):
    serve_tiles(town, Tiles(shift_m=-7.0))
    done = run("fetch", write_config(tmp_path, OPEN))
    assert done.returncode == 1
    assert "the sea lies at -7.0 m" in done.stderr


def test_where_a_tile_is_missing_its_parent_is_taken(town, tmp_path):
    serve_tiles(town, Tiles(deepest=14))
    done = run("fetch", write_config(tmp_path, OPEN))
    assert done.returncode == 0, done.stderr
    assert "of zoom 14" in done.stderr
    # A pixel of zoom 14 is 2.2 m wide, the slope 1 in 10; at the shore the step of 2 m lies there.
    assert heights(tmp_path / "data" / "mapterhorn.tif") <= 2.3
    missing = [path for path in town.paths() if path.startswith("/tiles/15")]
    assert len(missing) == len(set(missing))


def test_a_tile_that_is_no_picture_is_named_and_fetched_anew(town, tmp_path):
    town.routes["/tiles/"] = lambda _: Reply(b"RIFF....WEBP nothing", kind="image/webp")
    config = write_config(tmp_path, OPEN)
    done = run("fetch", config)
    assert done.returncode == 1
    assert "not a picture that can be read" in done.stderr
    serve_tiles(town, Tiles())
    assert run("fetch", config).returncode == 0


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(osm_xml(remark="runtime error: Query timed out in &quot;query&quot; at line 3 after "
         "180 seconds.")), "Overpass did not finish: runtime error: Query timed out"),
        (Reply(osm_xml()[:-30]), "cut off"),
        (Reply(b"<html><body><strong>Error</strong>: line 1: parse error</body></html>", 400),
         "does not understand the question (400): Error : line 1: parse error"),
        (Reply(b"<html>Not acceptable</html>", 406), "does not accept the request (406)"),
        (Reply(b"<html>rate_limited</html>", 429), "has been asked too often (429)"),
        (Reply(b"<html>The server is probably too busy</html>", 504), "took too long (504)"),
        (Reply(b"<!DOCTYPE html><html><p>Proxy</p></html>", kind="text/html"),
         "answers with a web page: Proxy"),
        (Reply(osm_xml(), cut=900), "broke off"),
    ],
)  # fmt: skip
def test_what_overpass_does_not_finish_is_never_taken(town, tmp_path, reply, words):
    town.routes["/api/"] = lambda _: reply
    config = write_config(tmp_path, 'osm = "overpass"', "[terrain]\nflat_m = 3.0")
    done = run("fetch", config)
    assert done.returncode == 1
    assert words in done.stderr
    assert "hint:" in done.stderr
    assert not list(tmp_path.rglob("*.osm"))
    town.routes["/api/"] = lambda _: Reply(osm_xml())
    assert run("fetch", config).returncode == 0


def test_a_region_is_too_much_for_overpass(town, tmp_path):
    config = write_config(tmp_path, OPEN)
    text = config.read_text("utf-8").replace("619122.0, 6919684.0", "600000, 6900000")
    config.write_text(text, "utf-8")
    done = run("fetch", config, "--dry-run")
    assert done.returncode == 1
    assert 'osm = "geofabrik"' in done.stderr
    assert town.asked == []


@pytest.mark.usefixtures("town")
def test_the_notes_of_others_stay(tmp_path):
    config = write_config(tmp_path, 'osm = "overpass"', "[terrain]\nflat_m = 3.0")
    notes = tmp_path / "data" / "sources.toml"
    notes.parent.mkdir()
    notes.write_text('# mine\n[[source]]\ntitle = "my trees"\nfiles = "trees.gpkg"\n', "utf-8")
    for _ in range(2):
        assert run("fetch", config, "--renew").returncode == 0
    assert notes.read_text("utf-8").startswith("# mine\n")
    assert [entry["title"][:8] for entry in read_source_notes(notes)] == [
        "my trees", "OpenStre",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fetch", "words"),
    [
        ('ground = "mapterhon"', "did you mean 'mapterhorn'?"),
        ('buildings = "openstreetmap"', 'needs osm = "overpass"'),
        ('contact = "nobody"', "neither a mail address"),
        ('grund = "mapterhorn"', "did you mean 'ground'?"),
    ],
)
def test_a_mistake_under_fetch_is_explained(tmp_path, fetch, words):
    config = write_config(tmp_path, fetch)
    if "contact" in fetch:
        config.write_text(
            config.read_text("utf-8").replace('contact = "test@example.org"\n', ""), "utf-8"
        )
    done = run("fetch", config)
    assert done.returncode == 1
    assert words in done.stderr, done.stderr


@pytest.mark.parametrize("words", [(), ("--renew",), ("--offline",), ("--dry-run",)])
def test_a_file_of_somebody_s_own_is_kept(town, tmp_path, words):
    config = write_config(tmp_path, OPEN)
    own = tmp_path / "data" / "mapterhorn.tif"
    own.parent.mkdir()
    own.write_bytes(b"my own elevation")
    done = run("fetch", config, *words)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 2
    assert "mapterhorn.tif: is somebody's own file, it was not fetched by mc-city" in done.stderr
    assert (
        'hint: move it to another folder or give it another name, or take the line ground = "'
        in (done.stderr)
    )
    assert own.read_bytes() == b"my own elevation"
    assert town.asked == []


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("words", [(), ("--renew",), ("--offline",)])
def test_a_fetched_file_that_somebody_changed_is_kept(tmp_path, words):
    config = write_config(tmp_path, OPEN)
    assert run("fetch", config).returncode == 0
    mine = tmp_path / "data" / "openstreetmap.osm"
    mine.write_text(mine.read_text("utf-8") + "<!-- edited -->", "utf-8")
    done = run("fetch", config, *words)
    assert done.returncode == 1
    assert "openstreetmap.osm: is somebody's own file, it was changed since" in done.stderr
    assert mine.read_text("utf-8").endswith("<!-- edited -->")


@pytest.mark.usefixtures("town")
def test_own_elevation_beside_a_fetched_one_comes_first_and_that_is_said(tmp_path):
    config = write_config(tmp_path, OPEN)
    own = '[terrain]\nelevation = ["mine/dem.tif"]\n'
    config.write_text(own + config.read_text("utf-8"), "utf-8")
    done = run("fetch", config)
    assert "[terrain] elevation of the configuration comes first, and mapterhorn.tif is not" in (
        done.stderr
    )
    both = '[terrain]\nelevation = ["mine/dem.tif", "data/mapterhorn.tif"]\n'
    config.write_text(config.read_text("utf-8").replace(own, both), "utf-8")
    assert "comes first" not in run("fetch", config).stderr
    assert "comes first" not in run("fetch", write_config(tmp_path / "plain", OPEN)).stderr
