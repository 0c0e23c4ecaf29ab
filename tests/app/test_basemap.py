"""The map of the network: asked for by nobody until it is switched on."""

from __future__ import annotations

import io

import httpx2
import pytest
from PIL import Image

from mc_city.app.basemap import MOST_TILES, Basemap, Tile, placed, tiles_over
from mc_city.fetch.client import MIRRORS
from tests.app.conftest import enter, until
from tests.fetch.answerer import Reply, answering
from worlds.errors import ConfigError, SourceError

PLACE = "EPSG:3006"
SHOWN = (618000.0, 6918000.0, 620000.0, 6920000.0)


def png() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (256, 256), (200, 30, 30)).save(held, "PNG")
    return held.getvalue()


@pytest.mark.parametrize("width", [100, 800, 4000])
def test_tiles_cover_what_is_shown_and_are_not_too_many(width):
    tiles = tiles_over(PLACE, SHOWN, width)
    assert 1 <= len(tiles) <= MOST_TILES
    corners = [corner for tile in tiles for corner in placed(PLACE, tile)]
    xs, ys = zip(*corners, strict=True)
    assert min(xs) <= SHOWN[0]
    assert max(ys) >= SHOWN[3]
    assert max(xs) > SHOWN[0] + 1000


def test_no_tile_but_one_that_there_is():
    for wrong in ((-1, 0, 0), (19, 0, 0), (3, 8, 0), (3, 0, -1)):
        with pytest.raises(ConfigError):
            Tile(*wrong)


def test_it_is_asked_for_only_while_it_is_on_and_each_tile_once(tmp_path, monkeypatch):
    with answering() as service:
        monkeypatch.setenv(MIRRORS, f"tile.openstreetmap.org={service.url}")
        service.routes["/3/"] = lambda _: Reply(png(), kind="image/png")
        service.routes["/4/"] = lambda _: Reply(b"<html>busy</html>", kind="text/html")
        basemap = Basemap(tmp_path)
        with pytest.raises(ConfigError, match="is off"):
            basemap.picture(Tile(3, 4, 2))
        assert service.asked == []
        basemap.switch(True)
        assert basemap.picture(Tile(3, 4, 2)) == basemap.picture(Tile(3, 4, 2)) == png()
        assert service.paths() == ["/3/4/2.png"]
        assert service.asked[0].headers["user-agent"].startswith("mc-city/")
        with pytest.raises(SourceError, match="no tile"):
            basemap.picture(Tile(4, 4, 2))
        with pytest.raises(SourceError):
            basemap.picture(Tile(5, 4, 2))
        assert not list(tmp_path.rglob("*.partial"))


def test_a_page_shows_it_when_its_box_is_ticked_and_asks_nobody_but_us(window, page, monkeypatch):
    with answering() as service:
        monkeypatch.setenv(MIRRORS, f"tile.openstreetmap.org={service.url}")
        service.routes["/"] = lambda _: Reply(png(), kind="image/png")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        enter(page, window, "choose")
        page.locator("[role=status]", has_text="Ritar kartan").wait_for(state="detached")
        assert service.asked == []
        page.get_by_label("Visa en bakgrundskarta").check()
        page.get_by_text("© OpenStreetMap contributors").wait_for()
        until(lambda: service.asked)
        reddish = """canvas => {
            const [r, g] = canvas.getContext("2d").getImageData(60, 60, 1, 1).data;
            return r > 150 && g < 80;
        }"""
        until(lambda: page.locator("canvas").evaluate(reddish))
        page.get_by_label("Visa en bakgrundskarta").uncheck()
        until(lambda: not page.locator("canvas").evaluate(reddish))
        assert all(url.startswith(f"http://127.0.0.1:{window.port}/") for url in asked)
        tile = f"http://127.0.0.1:{window.port}/api/choose/basemap/3/4/2.png"
        cookies = {f"mc-city-{window.port}": window.token}
        with httpx2.Client(trust_env=False, cookies=cookies) as client:
            assert client.get(tile).status_code == 400
