"""Open data, ticked: what is asked of the network, and when."""

from __future__ import annotations

import json
import tomllib

import pytest

from mc_city import api
from mc_city.app.fetching import fetch_facts, run_fetch, with_fetch
from mc_city.app.project import open_project
from tests.app.conftest import enter
from tests.fetch.answerer import Reply
from tests.fetch.conftest import answerer, mirrored, ring
from tests.fetch.served import Tiles, osm_xml, write_config
from tests.fetch.test_open_sources import serve_tiles
from worlds.errors import McCityError

__all__ = ["answerer", "mirrored", "ring"]
PLACE = [{"lat": "62.3908", "lon": "17.3069", "display_name": "Sundsvall, Sverige"}]


@pytest.fixture
def town(answerer, mirrored):
    """The services, on loopback."""
    serve_tiles(answerer, Tiles())
    answerer.routes["/api/"] = lambda _: Reply(osm_xml(), kind="application/osm3s+xml")
    answerer.routes["/search"] = lambda _: Reply(
        json.dumps(PLACE).encode(), kind="application/json"
    )
    mirrored(
        {
            "tiles.mapterhorn.com": f"{answerer.url}/tiles",
            "overpass-api.de": answerer.url,
            "nominatim.openstreetmap.org": answerer.url,
        }
    )
    return answerer


def test_ticks_become_a_section_and_go_again(tmp_path):
    config, _ = api.init(tmp_path / "town")
    text = config.read_text("utf-8")
    new = with_fetch(text, {"ground": "mapterhorn", "osm": "overpass"}, "gis@kommun.se")
    assert tomllib.loads(new)["fetch"] == {
        "ground": "mapterhorn", "osm": "overpass", "buildings": "openstreetmap",
        "contact": "gis@kommun.se",
    }  # fmt: skip
    again = with_fetch(new, {"landcover": "worldcover"})
    assert tomllib.loads(again)["fetch"] == {"landcover": "worldcover"}
    with pytest.raises(McCityError):
        with_fetch(text, {"ground": "elsewhere"})


def test_heights_that_are_fetched_take_the_place_of_flat_ground(tmp_path):
    path = write_config(tmp_path, 'osm = "overpass"', "[terrain]\nflat_m = 3.0")
    text = path.read_text("utf-8")
    new = with_fetch(text, {"ground": "mapterhorn"})
    assert "flat_m" not in tomllib.loads(new)["terrain"]
    assert tomllib.loads(with_fetch(new, {"osm": "overpass"}))["terrain"]["flat_m"] == 3.0


def test_nothing_is_written_where_the_fetch_fails(town, tmp_path):
    del town.routes["/tiles/"]
    path = write_config(tmp_path, 'osm = "overpass"', "[terrain]\nflat_m = 3.0")
    before, project = path.read_text("utf-8"), open_project(tmp_path)
    with pytest.raises(McCityError):
        run_fetch(
            project, with_fetch(before, {"ground": "mapterhorn"}), project.digest(), api.quiet
        )
    assert path.read_text("utf-8") == before


def test_the_sources_are_told_without_asking_anybody(town, tmp_path):
    write_config(tmp_path, 'ground = "mapterhorn"\nosm = "overpass"')
    facts = fetch_facts(open_project(tmp_path))
    ticked = {(one["theme"], one["name"]) for one in facts["sources"] if one["ticked"]}
    assert ticked == {("ground", "mapterhorn"), ("osm", "overpass")}
    assert town.asked == []


def test_a_place_is_named_and_its_data_are_fetched_without_a_path(town, window, page):
    enter(page, window, "bring")
    page.get_by_text("Hämta öppna data").click()
    page.get_by_label("Ort", exact=True).fill("Sundsvall")
    assert town.asked == []
    page.get_by_role("button", name="Börja här").click()
    page.get_by_label("Stadens namn").wait_for()
    assert page.get_by_label("Stadens namn").input_value() == "Sundsvall"
    page.get_by_role("button", name="Nästa: hämta data").wait_for()
    # A small area, so that the served town is soon there.
    path = window.project.config
    text = path.read_text("utf-8")
    bounds = next(line for line in text.splitlines() if line.startswith("bounds"))
    small = "bounds = [619122, 6919684, 619378, 6919940]"
    path.write_text(text.replace(bounds, small), "utf-8")
    page.reload()
    page.wait_for_selector("#place > .room-bring[data-ready]")
    page.get_by_text("Hämta öppna data").click()
    asked = len(town.asked)
    page.locator(".bring-fetch input[type=checkbox]:checked").first.wait_for()
    for box in page.locator(".bring-fetch input[type=checkbox]").all():
        box.set_checked(False)
    page.get_by_label("Mapterhorn").check()
    assert len(town.asked) == asked
    page.get_by_role("button", name="Hämta", exact=True).first.click()
    page.locator(".bring-good", has_text="Hämtat.").wait_for()
    page.locator('[data-file="mapterhorn.tif"] .used').wait_for()
    page.get_by_role("button", name="Nästa: välj område").wait_for()
    assert api.read_config(path).terrain.elevation[0].path.name == "mapterhorn.tif"


def test_an_area_is_chosen_before_anything_is_fetched(window, page):
    write_config(window.project.folder, 'ground = "mapterhorn"\nosm = "overpass"')
    enter(page, window, "choose")
    assert page.locator("[data-fact='choose.blocks']").inner_text() == "256 × 256"
