"""The room of plans: drawn with the mouse and with the keyboard alone, saved, undone, in two
windows."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.app.conftest import enter, looked_at, served
from tests.plans import SMALL_PLANS, write_planned_city


@pytest.fixture
def planned(tmp_path) -> Iterator:
    """The window of a small city with plans."""
    write_planned_city(tmp_path / "city", SMALL_PLANS)
    with served(tmp_path / "city") as window:
        yield window


def features(window) -> list:
    return json.loads(window.project.plans.read_text("utf-8"))["features"]


def open_layer(page, window, layer="alfa"):
    enter(page, window, "plans")
    page.click(f"#plans-open-{layer}")
    page.wait_for_selector("#plans-save")


def said(page) -> None:
    page.wait_for_selector(".plans-told .done")


def test_a_house_is_drawn_with_the_mouse_and_undone(planned, page):
    open_layer(page, planned)
    before = planned.project.plans.read_bytes()
    page.fill("#plans-new-floors", "7")
    page.click("#plans-draw")
    box = page.locator("canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    corners = [(-60, -60), (60, -60), (60, 50), (-60, 50)]
    for x, y in corners:
        page.mouse.click(middle[0] + x, middle[1] + y)
    page.mouse.click(middle[0] - 60, middle[1] + 50)
    said(page)
    drawn = features(planned)[-1]
    assert drawn["properties"] == {
        "layer": "alfa", "role": "building", "floors": 7, "use": "apartments",
    }  # fmt: skip
    assert len(drawn["geometry"]["coordinates"][0]) == 5
    page.click("#plans-undo")
    page.wait_for_selector("#plans-undo[disabled]")
    assert planned.project.plans.read_bytes() == before
    page.click("#plans-redo")
    page.wait_for_selector("#plans-redo[disabled]")
    assert features(planned)[-1] == drawn


def test_a_house_is_drawn_with_the_keyboard_alone(planned, page):
    enter(page, planned, "plans")
    count = len(features(planned))

    def press(*keys):
        for key in keys:
            page.keyboard.press(key)

    def tab_to(name):
        for _ in range(200):
            if page.evaluate("document.activeElement?.id") == name:
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"no {name} by tabulator")

    tab_to("plans-open-alfa")
    press("Enter")
    page.wait_for_selector("#plans-draw")
    tab_to("plans-draw")
    press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"
    for step in ("ArrowRight", "ArrowUp", "ArrowLeft"):
        press("Enter", *[step] * 3)
    press("Enter", "Enter")
    said(page)
    drawn = features(planned)[-1]
    assert len(features(planned)) == count + 1
    ring = drawn["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    page.keyboard.press("Control+z")
    page.wait_for_selector("#plans-undo[disabled]")
    assert len(features(planned)) == count
    page.keyboard.press("Control+Shift+Z")
    page.wait_for_selector("#plans-redo[disabled]")
    assert features(planned)[-1] == drawn


def test_texts_are_saved_and_the_board_says_them(planned, page):
    open_layer(page, planned)
    page.fill("#plans-text-name", "Nya <b>Alfa</b>")
    page.select_option("#plans-text-status", "consultation")
    page.click("#plans-save")
    said(page)
    assert page.locator(".part, .card h2").first.inner_text() == "Nya <b>Alfa</b>"
    page.click(".board > summary")
    assert "Samråd" in page.locator(".board .signs").first.inner_text()
    info = next(one for one in features(planned) if one["properties"].get("name"))
    assert info["properties"]["homes"] == "120 st"


def test_a_new_development_begins_with_a_name_and_a_place(planned, page):
    enter(page, planned, "plans")
    page.fill("#plans-new-name", "Nya ån")
    page.click("#plans-new-middle")
    page.wait_for_selector("#plans-save")
    page.click("summary:has-text('siffror')")
    page.click("#plans-place")
    said(page)
    page.wait_for_selector("#plans-undo:has-text('ritat')")
    roles = [
        one["properties"]["role"]
        for one in features(planned)
        if one["properties"]["layer"] == "nya_an"
    ]
    assert roles == ["info", "building"]


def test_a_part_is_moved_and_taken_away_and_what_is_typed_meanwhile_stays(planned, page):
    open_layer(page, planned)
    page.fill("#plans-text-name", "Inte sparat")
    page.select_option("#plans-kind", "tree")
    before = features(planned)[0]["geometry"]["coordinates"][0][0]
    page.click("summary:has-text('Delar')")
    page.click("#plans-part-0")
    page.fill("#plans-move-right", "10")
    page.click("#plans-move")
    said(page)
    after = features(planned)[0]["geometry"]["coordinates"][0][0]
    assert after == [before[0] + 10, before[1]]
    count = len(features(planned))
    page.click("#plans-part-remove")
    page.click("#plans-part-remove")
    page.wait_for_selector(".part", state="detached")
    assert len(features(planned)) == count - 1
    assert page.input_value("#plans-text-name") == "Inte sparat"


def test_of_two_windows_the_second_is_told_what_the_first_did(planned, page, browser):
    open_layer(page, planned)
    with looked_at(browser) as other:
        open_layer(other, planned)
        other.fill("#plans-text-name", "Den andra")
        other.click("#plans-save")
        said(other)
    page.fill("#plans-text-name", "Den första")
    page.click("#plans-save")
    page.wait_for_selector(".plans-told .warning")
    assert page.input_value("#plans-text-name") == "Den andra"
    names = [one["properties"].get("name") for one in features(planned)]
    assert "Den andra" in names
    assert "Den första" not in names


def test_a_hostile_file_is_explained_and_what_stood_before_comes_back(planned, page):
    open_layer(page, planned)
    page.fill("#plans-text-name", "Före")
    page.click("#plans-save")
    said(page)
    for text in ('{"type": "FeatureCollection", "features": 7}', "[" * 9999):
        planned.project.plans.write_text(text, "utf-8")
        page.reload()
        page.wait_for_selector(".plans-fault")
        page.click("#plans-undo")
        page.wait_for_selector("#plans-open-alfa")
        assert "Före" in page.inner_text("#plans-open-alfa")


def test_at_twice_the_size_nothing_is_lost(planned, browser):
    """200 % of 1280 × 800 is a page of 640 × 400; and a phone."""
    for wide, high in ((640, 400), (400, 800)):
        with looked_at(browser, wide, high) as page:
            open_layer(page, planned)
            across = page.evaluate("document.documentElement.scrollWidth")
            assert across <= wide
            page.click("#plans-draw")
            page.wait_for_function(
                "document.querySelector('canvas').getBoundingClientRect().top < innerHeight"
            )
            page.keyboard.press("Escape")


def test_strange_questions_change_nothing(planned, page):
    enter(page, planned, "plans")
    before = planned.project.plans.read_bytes()
    ask = """async ([path, body]) => (await fetch(path, {method: "POST", headers:
        {"Content-Type": "application/json", "X-MC-City": "1"}, body})).status"""
    for body in (
        "", "[]", '{"digest": "x", "edit": {"kind": "draw"}}', '{"digest": "x", "edit": 1}',
        '{"digest": "", "edit": {"kind": "remove", "layer": "alfa"}}',
        '{"digest": "x", "edit": {"kind": "begin", "name": "a", "at": [1e999, 0]}}',
    ):  # fmt: skip
        assert page.evaluate(ask, ["/api/plans/edit", body]) in (400, 409)
    path = "/api/plans/look/..%2f..%2fcity.toml"
    assert page.evaluate("async (path) => (await fetch(path)).status", path) in (400, 404)
    assert planned.project.plans.read_bytes() == before


@pytest.mark.slow
def test_today_and_planned_are_drawn_side_by_side(planned, page):
    open_layer(page, planned)
    page.click("#plans-look-draw")
    page.wait_for_selector(".looks img", timeout=600_000)
    page.wait_for_function(
        "[...document.querySelectorAll('.looks img')].every((one) => one.naturalWidth > 60)"
    )
    pictures = page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('.looks img')].map(
            async (one) => (await (await fetch(one.src)).blob()).text()))"""
    )
    assert len(pictures) == 2
    assert pictures[0] != pictures[1]
