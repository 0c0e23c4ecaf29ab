"""From an empty folder to a built world, without typing a path."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from mc_city import api
from mc_city.app.server import Window
from tests.app.brought import write_hill, write_houses
from tests.app.conftest import enter, looked_at, until
from tests.conftest import SHARED

GOTHENBURG = (319_000.0, 6_400_000.0)
OTHERS = SHARED / "data"
"""With `denhaag/` and `goteborg/`: other cities' data, which are no part of the project."""
LONG = 400_000


def reach(page: Page, wanted: Locator) -> None:
    """Tabs until something has the focus."""
    for _ in range(120):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached by keyboard")


def press(page: Page, wanted: Locator) -> None:
    reach(page, wanted)
    page.keyboard.press("Enter")


def named(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True).first


def bring(page: Page, files: Sequence[Path]) -> None:
    """The button, by keyboard, and the system's own dialogue."""
    with page.expect_file_chooser() as chooser:
        press(page, named(page, "Välj filer …"))
    chooser.value.set_files([str(path) for path in files])


def choose_small(page: Page, metres: int) -> None:
    press(page, named(page, "Nästa: välj område"))
    page.wait_for_selector("#place > .room-choose[data-ready]")
    for label in ("Öst–väst", "Norr–söder"):
        reach(page, page.get_by_label(label))
        page.keyboard.press("Control+A")
        page.keyboard.type(str(metres))
        page.keyboard.press("Tab")
    until(
        lambda: page.locator("[data-fact='choose.blocks']").inner_text() == f"{metres} × {metres}"
    )
    press(page, named(page, "Använd det här området"))
    page.locator(".room").get_by_text("Området är sparat.").wait_for()


def check(page: Page) -> None:
    press(page, page.locator("nav a[href='#/check']"))
    page.wait_for_selector("#place > .room-check[data-ready]")
    press(page, named(page, "Kontrollera"))
    page.locator(".check-ready").wait_for(timeout=LONG)


def build(page: Page, window: Window) -> api.World:
    """Java alone, which is the sooner there."""
    press(page, page.locator("nav a[href='#/build']"))
    page.wait_for_selector("#place > .room-build[data-ready]")
    for box in page.locator("fieldset input[type=checkbox]:checked").all():
        if "Java" not in box.locator("xpath=ancestor::label").inner_text():
            reach(page, box)
            page.keyboard.press("Space")
            break
    press(page, page.locator(".room-build button.main"))
    page.locator(".done").wait_for(timeout=LONG)
    (level,) = window.project.out.glob("*/level.dat")
    return api.open_world(level.parent)


def test_files_are_brought_checked_and_built_by_keyboard_alone_at_200_per_cent(
    window, browser, tmp_path
):
    files = [
        write_hill(tmp_path / "dem.tif"),
        write_houses(tmp_path / "houses.gpkg"),
        write_houses(tmp_path / "there.gpkg", GOTHENBURG),
    ]
    with looked_at(browser, 640, 400) as page:
        enter(page, window, "bring")
        bring(page, files)
        mistake = page.locator('[data-file="there.gpkg"] .mistake')
        mistake.wait_for()
        assert "ligger i Göteborg" in mistake.inner_text()
        press(page, page.get_by_role("button", name="Ta bort ur projektet"))
        page.wait_for_selector('[data-file="there.gpkg"]', state="detached")
        choose_small(page, 64)
        check(page)
        world = build(page, window)
    config = api.read_config(window.project.config)
    assert (config.grid.nx, config.grid.nz) == (64, 64)
    assert world.path.parent == window.project.out
    report = json.loads((window.project.out / "report.json").read_text("utf-8"))
    assert report["buildings"]["drawn"] > 0
    assert report["elevation"]["columns_without_data"] == 0


@pytest.mark.slow
@pytest.mark.skipif(not OTHERS.is_dir(), reason="the towns' files lie beside the checkout only")
@pytest.mark.parametrize(("town", "other"), [("denhaag", "goteborg"), ("goteborg", "denhaag")])
def test_the_files_of_two_real_cities_are_told_apart_and_built(window, page, town, other):
    folder = OTHERS
    mine, its = (sorted((folder / name).iterdir()) for name in (town, other))
    enter(page, window, "bring")
    bring(page, mine)
    page.locator(".bring-said p").wait_for()
    bring(page, [path for path in its if path.suffix == ".tif"][:1])
    mistake = page.locator(".bring-file .mistake", has_text="km från staden").first
    mistake.wait_for()
    assert ("Göteborg" if other == "goteborg" else "Den Haag") in mistake.inner_text()
    choose_small(page, 64)
    check(page)
    assert page.locator(".check-theme").count() >= 3
    assert build(page, window)
