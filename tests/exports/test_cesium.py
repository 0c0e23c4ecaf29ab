"""Tilesets shown by CesiumJS in Chromium: it reads them, and finds the city where it is."""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from pyproj import Transformer

from mc_city import api
from mc_city.exports.globe.earth import earth_below
from mc_city.exports.scene import opened_scene, piece_in_state, read_piece
from tests.app.conftest import CHROMIUM
from tests.exports.test_web import DRAWN_WITHOUT_A_CARD
from tests.packs.programs import CESIUM, npm_folder
from worlds.faces import OPEN, SOLID, faces_of
from worlds.rect import Rect

# It brings 130 MB, and draws a globe without a graphics card.
pytestmark = pytest.mark.slow


class _Handler(SimpleHTTPRequestHandler):
    """Serves a folder, and beside it Cesium and the page."""

    def translate_path(self, path: str) -> str:
        if path == "/":
            return str(CESIUM / "page.html")
        if path.startswith("/cesium/"):
            build = CESIUM / "node_modules" / "cesium" / "Build" / "Cesium"
            return str(build / path.partition("?")[0].removeprefix("/cesium/"))
        return super().translate_path(path)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def exported(planned_out, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("cesium") / "out"
    api.export(planned_out() / "Liten", out, "3dtiles")
    return out


@pytest.fixture(scope="module")
def page(exported) -> Iterator[Page]:
    npm_folder(CESIUM)
    handler = functools.partial(_Handler, directory=str(exported))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(DRAWN_WITHOUT_A_CARD)
        )
        page = browser.new_page(viewport={"width": 400, "height": 300})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        home = f"http://127.0.0.1:{server.server_port}/"
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((home, "blob:", "data:")) else faults.append(asked.url)
            ),
        )
        page.goto(home)
        yield page
        assert faults == []
        browser.close()
        server.shutdown()


def picture(page: Page) -> np.ndarray:
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return np.asarray(image, np.int64)


def test_cesium_shows_today_and_what_is_planned(page, planned_out):
    frame = api.open_world(planned_out() / "Liten").facts["frame"]
    to_degrees = Transformer.from_crs(frame["crs"], 4326, always_xy=True)
    pictures = []
    for name in ("tileset", "planned"):
        told = page.evaluate(f"show('/{name}.json')")
        assert told["failed"] == []
        assert told["version"] == "1.1"
        assert np.allclose(told["degrees"], to_degrees.transform(*frame["origin"]), atol=1e-3)
        pictures.append(picture(page))
    today, planned = pictures
    assert len(np.unique(today.reshape(-1, 3), axis=0)) > 50
    assert (np.abs(today - planned).sum(axis=2) > 30).mean() > 0.005


def test_what_stands_is_as_high_above_the_ellipsoid_as_it_is(page, planned_out):
    with opened_scene(planned_out() / "Liten") as scene:
        rect = Rect(-40, -40, 80, 80)
        volume = piece_in_state(scene, read_piece(scene, rect), [0] * len(scene.layers.switches))
        earth = earth_below(scene.note.frame, rect)
    kinds = faces_of(volume.palette.states).kinds[volume.ids]
    above = (kinds != OPEN)[::-1].argmax(axis=0)
    tops = volume.y0 + len(kinds) - above
    whole = np.take_along_axis(kinds[::-1], above[None], axis=0)[0] == SOLID
    # Columns that end in a whole block, as their neighbours do.
    flat = [
        (x, z)
        for z in range(2, 78, 5)
        for x in range(2, 78, 5)
        if len(np.unique(tops[z - 1 : z + 2, x - 1 : x + 2])) == 1
        and whole[z - 1 : z + 2, x - 1 : x + 2].all()
    ]
    assert len(flat) > 20
    places = np.array([[rect.x + x + 0.5, tops[z, x], rect.z + z + 0.5] for x, z in flat], float)
    known = earth.degrees(places)
    page.evaluate("show('/tileset.json')")
    heights = page.evaluate("(places) => heights(places)", known[:, :2].tolist())
    assert np.abs(np.array(heights, float) - known[:, 2]).max() < 0.1
