"""Choosing the area: on the map, by keyboard, by name and in numbers; and what is written."""

from __future__ import annotations

import tomllib

import pytest

from mc_city.app.area import bounds_to_write
from mc_city.app.project import open_project
from tests.app.conftest import enter, looked_at, until


def small(page) -> None:
    """128 x 128 m at the middle."""
    page.get_by_label("Öst–väst").fill("128")
    page.get_by_label("Öst–väst").press("Tab")
    page.get_by_label("Norr–söder").fill("128")
    page.get_by_label("Norr–söder").press("Tab")


def fact(page, name: str) -> str:
    return page.locator(f"[data-fact='choose.{name}']").inner_text()


def test_the_numbers_of_an_area_are_counted_while_it_changes_and_it_is_written(window, page):
    enter(page, window, "choose")
    assert fact(page, "blocks") == "2\xa0048 × 2\xa0048"
    small(page)
    until(lambda: fact(page, "blocks") == "128 × 128")
    assert not window.project.has_config
    page.get_by_role("button", name="Använd det här området").click()
    page.locator(".room").get_by_text("Området är sparat.").wait_for()
    written = tomllib.loads((window.project.folder / "city.toml").read_text("utf-8"))
    assert written["area"]["bounds"] == [619186, 6919748, 619314, 6919876]
    assert "# Where a class builds" in window.project.read_config_text()
    assert window.project.read_config().grid.nx == 128
    page.get_by_text(str(window.project.folder)).wait_for()


def test_an_area_is_drawn_with_the_mouse_and_with_the_keyboard_alone(window, page):
    enter(page, window, "choose")
    box = page.locator("canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.get_by_role("button", name="Rita ett nytt område").click()
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 90)
    page.mouse.up()
    until(lambda: fact(page, "blocks") != "2\xa0048 × 2\xa0048")
    wide, high = (int(part.replace("\xa0", "")) for part in fact(page, "blocks").split(" × "))
    assert 1.2 < high / wide < 1.8

    page.get_by_role("button", name="Rita ett nytt område").press("Enter")
    for key in ["Enter", *["Shift+ArrowRight"] * 2, *["Shift+ArrowDown"] * 2, "Enter"]:
        page.keyboard.press(key)
    until(lambda: fact(page, "blocks") != f"{wide} × {high}")
    wide, high = (int(part.replace("\xa0", "")) for part in fact(page, "blocks").split(" × "))
    assert abs(wide - high) <= 16
    page.get_by_role("button", name="Rita ett nytt område").press("Enter")
    page.keyboard.press("Escape")
    assert page.locator(".map-note").is_hidden()


def test_a_known_name_moves_the_area_there(window, page):
    enter(page, window, "choose")
    before = page.get_by_label("Mitten, öst").input_value()
    page.get_by_label("Sök en plats").fill("norra kajen")
    page.get_by_role("button", name="Flytta hit").click()
    until(lambda: page.get_by_label("Mitten, öst").input_value() != before)
    page.get_by_label("Sök en plats").fill("<b>Atlantis</b>")
    page.get_by_role("button", name="Flytta hit").click()
    page.locator(".warning", has_text="<b>Atlantis</b>").wait_for()


def test_what_another_window_wrote_meanwhile_is_not_overwritten(window, browser, page):
    enter(page, window, "choose")
    small(page)
    with looked_at(browser) as other:
        enter(other, window, "choose")
        small(other)
        other.get_by_role("button", name="Använd det här området").click()
        other.locator(".room").get_by_text("Området är sparat.").wait_for()
    page.get_by_label("Mitten, öst").fill("619000")
    page.get_by_label("Mitten, öst").press("Tab")
    page.get_by_role("button", name="Använd det här området").click()
    page.get_by_text("Någon ändrade konfigurationen").wait_for()
    assert page.get_by_label("Mitten, öst").input_value() == "619250"
    assert window.project.read_config().area.bounds[0] == 619186


@pytest.mark.parametrize("turned", [False, True])
def test_bounds_that_are_written_are_read_as_those_that_were_shown(tmp_path, turned):
    config = open_project(tmp_path).read_config()
    place = config.frame.crs if turned else config.city.crs
    shown = (618500.0, 6919500.0, 618628.0, 6919756.0)
    written = bounds_to_write(place, shown)
    assert (written[2] - written[0], written[3] - written[1]) == (128, 256)
    if turned:
        west, south, east, north = config.with_area(written).grid.bounds
        assert west - 16 <= shown[0]
        assert east >= shown[2] - 16
        assert abs((south + north) / 2 - 6919628) <= 16
    else:
        assert written == shown
