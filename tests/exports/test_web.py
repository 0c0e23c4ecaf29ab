"""The page, opened from its folder in Chromium as by a double click."""

from __future__ import annotations

import base64
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from mc_city import api
from tests.app.conftest import CHROMIUM

DRAWN_WITHOUT_A_CARD = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
)
DEADLINE = 90.0


@pytest.fixture(scope="module")
def folder(planned_out, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("web") / "out"
    done = api.export(planned_out() / "Liten", out, "web")
    assert done.counts["faces"] > 1000
    assert done.counts["faces from afar"] < done.counts["faces"] / 10
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(DRAWN_WITHOUT_A_CARD)
        )
        yield found
        found.close()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """Fails where a script fails, or asks for anything but files."""
    context = browser.new_context(viewport={"width": 900, "height": 600})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda told: faults.append(told.text) if told.type == "error" else None,
    )
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(("file:", "about:", "blob:", "data:"))
            else faults.append(asked.url)
        ),
    )
    yield page
    assert faults == []
    context.close()


def until(asked: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not asked():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def state(page: Page) -> dict:
    return page.evaluate("() => city.state()")


def enter(page: Page, folder: Path, place: str = "") -> None:
    page.goto("about:blank")
    page.goto(f"{(folder / 'index.html').as_uri()}{place}")
    settle(page)


def settle(page: Page) -> None:
    """Until all that this view wants is there."""
    calm = [0]

    def asked() -> bool:
        # What a picture asks for is counted before any of it is there.
        now = page.evaluate(
            "() => { city.set({quality: 1, sharp: 1}); city.render(); return city.state(); }"
        )
        calm[0] = calm[0] + 1 if now["ready"] and not now["queue"] else 0
        return calm[0] > 3

    until(asked)


def picture(page: Page) -> bytes:
    return pixels(page).tobytes()


def pixels(page: Page) -> np.ndarray:
    """(rows, columns, 3) uint8 of what is drawn, without what is written over it."""
    settle(page)
    coded = page.evaluate(
        "() => { city.set({quality: 1, sharp: 1}); city.render();"
        " return document.getElementById('view').toDataURL('image/png'); }"
    )
    data = base64.b64decode(coded.partition(",")[2])
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


def layer_buttons(page: Page):
    return page.locator("#layers button[data-option='1']")


def test_today_and_each_development_look_different_and_today_comes_back(folder, page):
    enter(page, folder)
    count = layer_buttons(page).count()
    assert count == 3
    for number in range(count):
        page.locator("#layers li").nth(number).get_by_role("button", name="Dit").click()
        today = picture(page)
        assert state(page)["faces"] > 100
        layer_buttons(page).nth(number).click()
        assert layer_buttons(page).nth(number).get_attribute("aria-pressed") == "true"
        assert picture(page) != today
        layer_buttons(page).nth(number).click()
        assert picture(page) == today


def test_the_slider_wipes_from_today_to_what_is_planned(folder, page):
    enter(page, folder)
    slider = page.locator("#wipe")
    slider.focus()
    slider.press("End")
    now = state(page)
    assert now["wipe"] == 100
    assert now["chosen"] == [1, 1, 1]
    slider.fill("50")
    settle(page)
    assert page.locator("#line").is_visible()
    assert page.locator("#left").is_visible()
    assert page.locator("#right").is_visible()
    both = pixels(page)
    slider.press("Home")
    today = pixels(page)
    middle = today.shape[1] // 2
    assert (both[:, : middle - 8] == today[:, : middle - 8]).all()
    assert (both[:, middle + 8 :] != today[:, middle + 8 :]).any()
    slider.press("Home")
    settle(page)
    assert page.locator("#right").is_hidden()


def test_a_link_opens_at_its_place_with_its_layers_and_hour(folder, page):
    enter(page, folder, "#12,100,-8,0.5,-0.7&s=0.1.0&w=100&d=2026-12-21&t=600")
    now = state(page)
    assert now["eye"] == {"at": [12, 100, -8], "yaw": 0.5, "pitch": -0.7}
    assert now["chosen"] == [0, 1, 0]
    assert page.locator("#day").input_value() == "2026-12-21"
    page.get_by_role("button", name="Länk hit").click()
    assert re.search(r"#12\.0,100\.0,-8\.0,0\.5\d*,-0\.7\d*&s=0\.1\.0&w=100", page.url)


def test_a_hostile_link_is_no_more_than_a_place(folder, page):
    enter(page, folder, "#<img src=x onerror=alert(1)>,1,2&s=9.9.9&w=1e9&d=<b>&t=x")
    now = state(page)
    assert now["wipe"] == 100
    assert all(0 <= option <= 2 for option in now["chosen"])
    assert page.locator("img").count() == 0


def test_one_moves_by_keyboard_alone(folder, page):
    enter(page, folder)
    page.locator("#view").focus()
    before = state(page)["eye"]
    page.keyboard.down("w")
    until(lambda: state(page)["eye"]["at"] != before["at"])
    page.keyboard.up("w")
    page.keyboard.down("e")
    until(lambda: state(page)["eye"]["yaw"] > before["yaw"])
    page.keyboard.up("e")
    page.keyboard.press("Space")
    until(lambda: page.locator("#walk").get_attribute("aria-pressed") == "true")


def test_who_stops_sees_it_whole_again(folder, page):
    enter(page, folder)
    page.evaluate("() => city.set({quality: 0.3, sharp: 0.5})")
    page.locator("#view").focus()
    page.keyboard.down("e")
    until(lambda: state(page)["sharp"] == 0.5)
    page.keyboard.up("e")
    until(lambda: (state(page)["quality"], state(page)["sharp"]) == (1, 1))


def test_nothing_moves_by_itself(folder, page):
    """So it is also for who asked for less motion."""
    page.emulate_media(reduced_motion="reduce")
    enter(page, folder)
    until(lambda: page.evaluate("() => !city.moved && !city.stale"))
    drawn = page.evaluate("""async () => {
        let drawn = 0;
        const render = city.render;
        const next = () => new Promise((done) => requestAnimationFrame(done));
        city.render = () => { drawn++; render.call(city); };
        for (let i = 0; i < 20; i++) await next();
        return [drawn, document.getAnimations().length];
    }""")
    assert drawn == [0, 0]


def test_who_wants_no_motion_moves_in_steps_and_nothing_moves_by_itself(folder, page):
    page.emulate_media(reduced_motion="reduce")
    enter(page, folder)
    frames = """() => new Promise((done) => { let count = 0;
        const next = () => (++count > 10 ? done() : requestAnimationFrame(next)); next(); })"""
    before = state(page)["eye"]
    page.evaluate(frames)
    assert state(page)["eye"] == before
    page.focus("#view")
    page.keyboard.down("ArrowUp")
    stepped = state(page)["eye"]
    assert stepped["at"] != before["at"]
    page.evaluate(frames)
    assert state(page)["eye"] == stepped
    page.keyboard.up("ArrowUp")
    page.keyboard.press("e")
    assert state(page)["eye"]["yaw"] != stepped["yaw"]
    moving = """() => [...document.querySelectorAll("*")].some((one) => {
        const style = getComputedStyle(one);
        return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none"; })"""
    assert not page.evaluate(moving)


def test_nobody_walks_under_the_ground(folder, page):
    enter(page, folder, "#0,-60,0,0,0")
    assert state(page)["eye"]["at"][1] > 0


def test_the_sun_casts_shadows_that_move(folder, page):
    enter(page, folder, "#0,140,60,0,-0.9&d=2026-06-21&t=720")
    noon = picture(page)
    page.locator("#hour").fill("1080")
    assert picture(page) != noon
    assert "horisonten" in page.locator("#sun-said").inner_text()
    page.locator("#hour").fill("30")
    page.locator("#day").fill("2026-12-21")
    assert "nere" in page.locator("#sun-said").inner_text()


def test_heights_and_distances_are_measured_by_keyboard(folder, page):
    enter(page, folder, "#0,140,0,0,-1.5")
    page.get_by_role("button", name="Mät").click()
    page.locator("#view").focus()
    page.keyboard.press("Enter")
    until(lambda: "Höjd" in page.locator("#said").inner_text())
    page.keyboard.press("Enter")
    until(lambda: "Avstånd 0,0 m" in page.locator("#said").inner_text())


def test_every_board_is_text_too_and_sources_are_named(folder, page):
    enter(page, folder)
    facts = json.loads(
        (folder / "city.js").read_text("utf-8").removeprefix("city.facts(").removesuffix(");\n")
    )
    shown = page.locator("#panel").text_content()
    assert all(layer["name"] in shown for layer in facts["layers"])
    assert "Not an official Minecraft product" in shown
    assert page.locator("#layers summary").count() == 3


@pytest.mark.parametrize(("wide", "high"), [(400, 700), (640, 400)])
def test_nothing_is_wider_than_a_small_screen(folder, page, wide, high):
    page.set_viewport_size({"width": wide, "height": high})
    enter(page, folder)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= wide


def test_without_webgl_the_texts_are_there(folder, browser):
    page = browser.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    page.goto((folder / "index.html").as_uri())
    until(lambda: page.locator("#fault").is_visible())
    assert page.locator("#layers li").count() == 3
    page.close()
