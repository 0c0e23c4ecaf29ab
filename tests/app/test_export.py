"""The city outside the game, from the window: the page in 3D of what was built, and exports of an
opened world."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import httpx2
import pytest

from mc_city import api
from mc_city.app.exporting import export_facts, free_folder, told_formats
from mc_city.app.looking import NOTE, page_folder, served_file, told_page
from mc_city.app.project import Project
from mc_city.app.words import read_words
from tests.app.conftest import enter, looked_at, served, until
from tests.plans import SMALL_PLANS, write_planned_city
from worlds.errors import WorldError


@pytest.fixture(scope="module")
def built_city(tmp_path_factory) -> Path:
    """A project with a small city that is built, for Java."""
    folder = tmp_path_factory.mktemp("built") / "city"
    write_planned_city(folder, SMALL_PLANS)
    config = api.read_config(folder).with_world(editions=("java",))
    api.build(config, folder / "out")
    return folder


@pytest.fixture
def window(built_city, tmp_path):
    """The window of a copy of it."""
    shutil.copytree(built_city, tmp_path / "city")
    with served(tmp_path / "city") as window:
        yield window


def corner_of(world: Path) -> tuple[float, float, float, float]:
    """A few metres of a world, which are exported at once."""
    west, south, _, _ = api.open_world(world).facts["area"]["bounds"]
    return west, south, west + 16, south + 16


real_export = api.export


@pytest.fixture
def no_page(monkeypatch):
    """A page in 3D that is made at once; where it was asked for, each time."""
    asked: list[Path] = []

    def export(world, out, _kind, **given):
        asked.append(Path(out))
        return real_export(world, out, "gltf", area=corner_of(world), **given)

    monkeypatch.setattr(api, "export", export)
    return asked


def open_world(page, window):
    enter(page, window, "worlds")
    page.locator("[data-world]").first.click()
    page.wait_for_selector(".card.export")


def test_what_was_built_is_looked_at_in_3d_in_a_tab_of_its_own(window, page):
    enter(page, window, "build")
    page.get_by_text("Det tar ungefär: mindre än en minut").wait_for()
    page.click("#build-look")
    page.wait_for_selector("#build-look-open")
    page.wait_for_function("document.activeElement.id === 'build-look-open'")
    until(lambda: len(page.context.pages) == 2)
    tab = page.context.pages[1]
    until(lambda: tab.url.endswith("/look/index.html"))
    tab.wait_for_load_state()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("response", lambda found: faults.append(found.url) if found.status != 200 else None)
    tab.reload()
    until(lambda: tab.evaluate("city.state().ready || !document.getElementById('fault').hidden"))
    assert tab.url.startswith(f"http://127.0.0.1:{window.port}/look/index.html")
    assert tab.locator("#layers li").count() == 3
    assert [one for one in faults if "favicon" not in one] == []
    # What stands on that page may ask the window for nothing.
    asked = """async () => { try { await fetch("/api/build/state"); return "answered"; }
        catch { return "refused"; } }"""
    assert tab.evaluate(asked) == "refused"
    folder = page_folder(window.project)
    assert (folder / "index.html").is_file()
    assert folder.name in page.inner_text(".look")


def test_the_page_is_made_again_only_for_another_world(window, no_page, page):
    project = window.project
    assert told_page(project)["ready"] is False
    enter(page, window, "build")
    page.click("#build-look")
    page.wait_for_selector("#build-look-open")
    made = page_folder(project)
    enter(page, window, "build")
    page.wait_for_selector("#build-look-open")
    assert page.locator("#build-look").count() == 0
    assert no_page == [made]

    region = next((project.out / "Liten").rglob("*.mca"))
    os.utime(region, ns=(1, 1))
    enter(page, window, "build")
    page.click("#build-look")
    page.wait_for_selector("#build-look-open")
    assert no_page == [made, made]
    # The one before gave way; what somebody else put there is kept.
    assert [one.name for one in project.folder.glob("out-web*")] == ["out-web"]
    (made / "mine.txt").write_text("my own")
    assert told_page(project)["ready"] is False
    enter(page, window, "build")
    page.click("#build-look")
    page.wait_for_selector(".look .warning")
    kept = [one for one in project.folder.glob("out-web*") if one != made]
    assert [(one / "mine.txt").read_text() for one in kept] == ["my own"]
    assert kept[0].name in page.inner_text(".look .warning")


def test_nothing_but_the_page_is_served_and_to_nobody_else(window):
    project = window.project
    folder = page_folder(project)
    folder.mkdir()
    (folder / "index.html").write_text("<p>")
    (folder / "secret.txt").write_text("no")
    (folder / "link.js").symlink_to(project.config)
    with pytest.raises(WorldError):
        served_file(project, "index.html")
    project.kept.mkdir(exist_ok=True)
    (project.kept / NOTE).write_text(json.dumps({"world": "a", "page": "b"}))
    assert served_file(project, "index.html") == folder / "index.html"
    address = f"http://127.0.0.1:{window.port}/look"
    cookies = {f"mc-city-{window.port}": window.token}
    with httpx2.Client(trust_env=False, cookies=cookies) as client:
        found = client.get(f"{address}/index.html")
        assert found.status_code == 200
        policy = found.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "connect-src" not in policy
        for name in (
            "secret.txt", "link.js", "../city.toml", "..%2fcity.toml", "%2e%2e/city.toml",
            "tiles/../../city.toml", "tiles", "/etc/passwd", "index.html%00.js", "..\\city.toml",
        ):  # fmt: skip
            assert client.get(f"{address}/{name}").status_code in (400, 404), name
    with httpx2.Client(trust_env=False) as stranger:
        assert stranger.get(f"{address}/index.html").status_code == 403
    with httpx2.Client(trust_env=False, cookies=cookies) as client:
        foreign = {"Sec-Fetch-Site": "same-site"}
        assert client.get(f"{address}/index.html", headers=foreign).status_code == 403


def test_a_part_of_a_world_is_exported_by_keyboard_and_never_over_what_is_there(window, page):
    folder = window.project.folder
    (folder / "export-gltf-Liten").mkdir()
    open_world(page, window)
    assert page.locator("input[name=export-kind]").count() == len(api.FORMATS)
    page.focus("input[name=export-kind][value=web]")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("input[name=export-kind][value=gltf]")
    page.focus("#export-whole")
    page.keyboard.press("Space")
    page.wait_for_selector(".part-of-world canvas")
    page.fill("[data-export=wide]", "64")
    page.fill("[data-export=high]", "48")
    page.keyboard.press("Tab")
    page.focus("#worlds-export")
    page.keyboard.press("Enter")
    page.wait_for_selector(".export .done")
    out = folder / "export-gltf-Liten-2"
    assert out.name in page.inner_text(".export .done")
    assert (out / "Liten.glb").is_file()
    assert "Liten.glb" in page.inner_text(".export ul")
    assert list((folder / "export-gltf-Liten").iterdir()) == []
    world = window.project.out / "Liten"
    west, south, east, north = api.open_world(world).facts["area"]["bounds"]
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    asked = (middle_x - 32, middle_y - 24, middle_x + 32, middle_y + 24)
    expected = api.export(world, folder / "expected", "gltf", area=asked)
    counted = json.loads((out / "about.json").read_text("utf-8"))["counts"]
    assert counted == dict(expected.counts)
    assert page.evaluate("document.activeElement.className") == "done"


def test_formats_are_those_of_the_program_and_new_ones_appear_by_name(window, page, monkeypatch):
    def refused(*_: object, **_given: object) -> None:
        raise WorldError("the disk is full while writing it", hint="free some space")

    monkeypatch.setattr(api, "FORMATS", (*api.FORMATS, "vxl"))
    monkeypatch.setattr(api, "export", refused)
    open_world(page, window)
    page.get_by_text("vxl", exact=True).wait_for()
    assert page.locator("input[name=export-kind]").count() == len(api.FORMATS)
    assert page.locator(".export fieldset.numbers").first.is_hidden()
    page.check("input[name=export-kind][value=vxl]")
    page.click("#worlds-export")
    page.wait_for_selector(".export .mistake")
    assert "Disken blev full" in page.inner_text(".export .mistake")
    assert list(window.project.folder.glob("export-*")) == []


def test_every_format_has_its_sentence_in_both_languages():
    words = read_words()
    for kind in api.FORMATS:
        for what in ("name", "what"):
            assert words[f"worlds.export.{what}.{kind}"]["sv"], kind
    assert [one["name"] for one in told_formats()["formats"]] == list(api.FORMATS)


def test_what_is_printed_asks_for_the_printer(window, page, monkeypatch):
    asked: dict = {}

    def export(world, out, kind, *, printer=None, **given):
        asked[kind] = printer
        return real_export(world, out, "gltf", **{**given, "area": corner_of(world)})

    monkeypatch.setattr(api, "export", export)
    open_world(page, window)
    page.check("input[name=export-kind][value='3mf']")
    page.get_by_label("Skala 1:").fill("2000")
    page.get_by_label("Skrivarens bredd, mm").fill("5000")
    page.click("#worlds-export")
    assert asked == {}
    page.get_by_label("Skrivarens bredd, mm").fill("180.5")
    page.click("#worlds-export")
    page.wait_for_selector(".export .done")
    assert asked == {"3mf": api.Printer(scale=2000.0, bed=(180.5, 200.0), clearance=0.2)}


def test_a_turned_world_lies_in_the_plane_of_its_map():
    frame = {
        "crs": "EPSG:3006", "origin": [1000.0, 2000.0], "blocks_per_metre": 2.0,
        "sea_level_y": 62, "vertical_scale": 1.0, "turn_deg": 30.0,
    }  # fmt: skip
    told = export_facts({"frame": frame, "blocks": [-100, -40, 100, 60]})
    assert told["plane"] == [950.0, 1970.0, 1050.0, 2020.0]


def test_a_folder_that_is_there_gives_the_new_one_a_number(tmp_path):
    assert free_folder(tmp_path, "export-web-A").name == "export-web-A"
    (tmp_path / "export-web-a").mkdir()
    (tmp_path / "export-web-A-2").touch()
    assert free_folder(tmp_path, "export-web-A").name == "export-web-A-3"
    assert told_page(Project(tmp_path)) is None


@pytest.mark.parametrize(("wide", "high"), [(640, 400), (400, 800)])
def test_at_twice_the_size_nothing_of_an_export_is_lost(window, browser, wide, high):
    with looked_at(browser, wide, high) as page:
        open_world(page, window)
        page.uncheck("#export-whole")
        page.wait_for_selector(".part-of-world canvas")
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
        enter(page, window, "build")
        page.wait_for_selector("#build-look")
        assert page.evaluate("document.documentElement.scrollWidth") <= wide


def test_nothing_moves_by_itself_where_that_is_not_wanted(window, page):
    page.emulate_media(reduced_motion="reduce")
    open_world(page, window)
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
        const style = getComputedStyle(one);
        return parseFloat(style.transitionDuration) > 0
            || style.animationName !== "none"; }).length"""
    assert page.evaluate(moving) == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) > 0
