"""The rooms where data are brought and checked, in a browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mc_city import api
from tests.app.brought import write_hill, write_houses
from tests.app.conftest import enter, looked_at, until

GOTHENBURG = (319_000.0, 6_400_000.0)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A hill and houses of Sundsvall, and houses of Göteborg."""
    folder = tmp_path / "files"
    folder.mkdir()
    return {
        "dem.tif": write_hill(folder / "dem.tif"),
        "houses.gpkg": write_houses(folder / "houses.gpkg"),
        "there.gpkg": write_houses(folder / "there.gpkg", GOTHENBURG),
    }


def bring(page, *paths: Path) -> None:
    page.set_input_files("#bring-files", [str(path) for path in paths])
    page.wait_for_selector(f'[data-file="{paths[-1].name}"]')


def test_files_that_are_chosen_make_a_city_and_a_mistake_is_explained(window, page, files):
    enter(page, window, "bring")
    bring(page, files["dem.tif"], files["houses.gpkg"])
    page.locator(".bring-good", has_text="2 av 2 filer är med i staden.").wait_for()
    assert page.locator(".bring-state.used").count() == 2
    bring(page, files["there.gpkg"])
    mistake = page.locator('[data-file="there.gpkg"] .mistake')
    assert "ligger i Göteborg" in mistake.inner_text()
    assert "km från staden" in mistake.inner_text()
    page.get_by_role("button", name="Ta bort ur projektet").click()
    page.wait_for_selector('[data-file="there.gpkg"]', state="detached")
    config = api.read_config(window.project.config)
    assert [one.path.name for one in config.buildings.footprints] == ["houses.gpkg"]


def test_what_is_dropped_is_brought_with_its_folders(window, page, files, tmp_path):
    """As the system drops it: a folder with a folder in it, and a file."""
    folder = tmp_path / "town"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "houses.gpkg").write_bytes(files["houses.gpkg"].read_bytes())
    (folder / ".DS_Store").write_text("x", "utf-8")
    enter(page, window, "bring")
    box = page.locator(".bring-zone").bounding_box()
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(folder), str(files["dem.tif"])], "dragOperationsMask": 1}
    browser = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, "data": data, **at})
    page.locator(".bring-good", has_text="2 av 2 filer är med i staden.").wait_for()
    there = sorted(
        path.relative_to(window.project.data).as_posix()
        for path in window.project.data.rglob("*")
        if path.is_file()
    )
    assert there == ["dem.tif", "town/deep/houses.gpkg"]


def test_a_licence_and_another_theme_are_set_by_keyboard_alone(window, page, files):
    enter(page, window, "bring")
    bring(page, files["dem.tif"], files["houses.gpkg"])
    page.locator(".bring-good", has_text="2 av 2 filer är med i staden.").wait_for()
    head = page.locator('[data-file="houses.gpkg"] .bring-head')
    for _ in range(40):
        page.keyboard.press("Tab")
        if head.evaluate("one => one === document.activeElement"):
            break
    assert head.evaluate("one => one === document.activeElement")
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"
    page.keyboard.press("Tab")
    page.keyboard.type("CC0 1.0")
    page.keyboard.press("Tab")
    page.keyboard.type("© Sundsvalls kommun")
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Spara"
    with page.expect_response("**/api/bring/credit"):
        page.keyboard.press("Enter")
    text = (window.project.folder / "sources.toml").read_text("utf-8")
    assert 'licence = "CC0 1.0"' in text
    assert "© Sundsvalls kommun" in text


def test_the_rooms_hold_together_at_200_per_cent_and_on_a_phone(window, browser, files):
    for wide, high in ((640, 400), (400, 800)):
        with looked_at(browser, wide, high) as page:
            enter(page, window, "bring")
            bring(page, files["dem.tif"], files["houses.gpkg"])
            page.locator('[data-file="houses.gpkg"] .bring-head').click()
            page.get_by_text("Vems är datan?").wait_for()
            assert (
                page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                <= 0
            )


def test_a_window_that_is_older_than_the_project_is_told_and_shown_the_new_state(
    window, page, files
):
    enter(page, window, "bring")
    bring(page, files["dem.tif"], files["houses.gpkg"])
    page.locator(".bring-good", has_text="2 av 2 filer är med i staden.").wait_for()
    config = window.project.config
    config.write_text(
        config.read_text("utf-8").replace('name = "Project"', 'name = "Holmen"'), "utf-8"
    )
    page.get_by_label("Stadens namn").fill("Udden")
    page.get_by_label("Stadens namn").press("Enter")
    page.locator(".bring-said .mistake").wait_for()
    until(lambda: page.get_by_label("Stadens namn").input_value() == "Holmen")
    assert api.read_config(config).city.name == "Holmen"


def test_a_check_shows_what_it_found_as_pins_and_as_a_list(window, page, files):
    enter(page, window, "bring")
    bring(page, files["dem.tif"], files["houses.gpkg"])
    enter(page, window, "check")
    page.get_by_role("button", name="Kontrollera").click()
    page.locator(".check-findings").wait_for(timeout=200_000)
    guessed = page.locator(".check-finding", has_text="gissad höjd").first
    guessed.locator(".bring-head").click()
    assert guessed.locator(".bring-head").get_attribute("aria-expanded") == "true"
    assert "ytmodell" in guessed.inner_text()
    kept = json.loads((window.project.kept / "check.json").read_text("utf-8"))
    pins = [one["at"] for one in kept["findings"] if one["at"]]
    west, south, east, north = kept["area"]
    assert pins
    assert all(west <= x <= east and south <= y <= north for x, y in pins)
    # Another window sees the same, and that the project is another since.
    text = window.project.config.read_text("utf-8")
    window.project.config.write_text(f"{text}\n# changed\n", "utf-8")
    enter(page, window, "check")
    page.get_by_text("Projektet har ändrats sedan kontrollen").wait_for()
    assert page.locator(".check-finding").count() == len(kept["findings"])
