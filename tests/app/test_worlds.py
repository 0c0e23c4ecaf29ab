"""The room of saved worlds: what a plan became is switched; worlds that came back are compared."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mc_city import api
from mc_city.api import build, read_config
from mc_city.app.game_folders import game_folders, world_name, worlds_in
from mc_city.app.project import Project
from mc_city.app.saved_worlds import found_worlds, shown_layers, world_called
from tests.app.conftest import enter, looked_at, served, until
from tests.plans import SMALL_PLANS, write_planned_city
from worlds.errors import WorldError

HOLDING = """
import fcntl, sys
file = open(sys.argv[1], "r+b")
fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held_by_another(lock: Path) -> Iterator[None]:
    """Another process holds a file as the game does."""
    lock.touch()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            program.stdin.close()


@pytest.fixture(scope="module")
def built_city(tmp_path_factory) -> Path:
    """A project with a small city that is built, for Java."""
    folder = tmp_path_factory.mktemp("built") / "city"
    write_planned_city(folder, SMALL_PLANS)
    config = read_config(folder).with_world(editions=("java",))
    build(config, folder / "out")
    return folder


@pytest.fixture
def window(built_city, tmp_path):
    """The window of a copy of it."""
    shutil.copytree(built_city, tmp_path / "city")
    with served(tmp_path / "city") as window:
        yield window


def world_of(window) -> Path:
    return next(path.parent for path in sorted(window.project.out.glob("*/level.dat")))


def open_world(page, window):
    enter(page, window, "worlds")
    page.locator("[data-world]").first.click()
    page.wait_for_selector(".card.layers")


def test_a_layer_of_a_world_is_shown_and_hidden_and_a_backup_is_named(window, page):
    world = world_of(window)
    assert shown_layers(world) == ()
    open_world(page, window)
    page.check("input[name=layer-beta][value='beta/b']")
    page.wait_for_selector(".layers .said .done")
    assert shown_layers(world) == ("beta/b",)
    said = page.inner_text(".layers .said")
    backup = next(path for path in world.parent.iterdir() if "backup" in path.name)
    assert backup.name in said
    assert page.is_checked("input[name=layer-beta][value='beta/b']")
    page.check("input[name=layer-beta][value='']")
    until(lambda: "backup-2" in page.inner_text(".layers"))
    assert shown_layers(world) == ()
    page.click("#worlds-close")
    page.wait_for_selector("[data-world]")
    assert "backup" not in page.inner_text(".worlds-list")


def test_what_somebody_built_is_kept_by_a_tick_and_only_java_is_built_then(
    window, page, monkeypatch
):
    asked: list = []

    def built(config, _out, *, force, **_given):
        asked.append((config.world.editions, force))
        raise WorldError("the disk is full while writing it", hint="free some space")

    monkeypatch.setattr(api, "build", built)
    enter(page, window, "build")
    page.click("details summary:has-text('Bygg igen')")
    page.locator("#build-keep").focus()
    page.keyboard.press("Space")
    bedrock = page.get_by_label("Minecraft Education och Bedrock")
    assert bedrock.is_disabled()
    assert not bedrock.is_checked()
    page.get_by_role("button", name="Bygg igen", exact=True).click()
    page.wait_for_selector(".mistake")
    assert asked == [(("java",), api.Again(False, keep_builds=world_of(window)))]


def test_a_world_that_the_game_has_open_is_left_alone(window, page):
    world = world_of(window)
    open_world(page, window)
    with held_by_another(world / "session.lock"):
        page.check("input[name=layer-gamma][value='gamma']")
        page.wait_for_selector(".layers .lane .mistake")
    assert shown_layers(world) == ()
    page.wait_for_selector("input[name=layer-gamma][value='']:checked")


@pytest.mark.slow
def test_facts_and_map_of_a_world_that_was_brought(window, page, tmp_path):
    zipped = next(window.project.out.glob("*.zip"))
    sent = tmp_path / "tillbaka.zip"
    shutil.copyfile(zipped, sent)
    enter(page, window, "worlds")
    page.set_input_files("#worlds-files", sent)
    page.wait_for_selector("[data-world='tillbaka.zip']")
    assert (window.project.folder / "worlds" / "tillbaka.zip").read_bytes() == sent.read_bytes()
    page.click("[data-world='tillbaka.zip']")
    page.wait_for_selector(".card.layers")
    assert "EPSG:3006" in page.inner_text(".world-facts")
    page.click("#worlds-map")
    page.wait_for_selector("img.picture")
    page.wait_for_function("document.querySelector('img.picture').naturalWidth > 100")


def test_what_is_no_world_is_explained(window, page):
    folder = window.project.folder / "worlds"
    folder.mkdir()
    (folder / "skräp.mcworld").write_bytes(b"PK\x03\x04 no")
    enter(page, window, "worlds")
    page.click("[data-world='skräp.mcworld']")
    page.wait_for_selector(".mistake")
    assert page.locator("[data-world]").count() >= 2


def test_worlds_of_a_project_are_found_and_nothing_beside(built_city, tmp_path):
    project = Project(built_city)
    found = found_worlds(project)
    assert {one.where for one in found} >= {"built"}
    assert {one.kind for one in found if one.where == "built"} == {"java", "file"}
    with pytest.raises(WorldError):
        world_called(project, "0" * 16)
    other = Project(tmp_path / "other")
    (other.folder / "worlds").mkdir(parents=True)
    (other.folder / "worlds" / "link").symlink_to(built_city / "out")
    assert [one for one in found_worlds(other) if one.where == "brought"] == []


def test_folders_of_the_games_are_known_on_each_system(tmp_path):
    minecraft = tmp_path / ".minecraft/saves"
    (minecraft / "Min värld").mkdir(parents=True)
    (minecraft / "Min värld/level.dat").write_bytes(b"")
    (minecraft / "tom").mkdir()
    assert [one.game for one in game_folders(tmp_path, {}, "linux")] == ["java"]
    assert worlds_in(minecraft) == [minecraft / "Min värld"]
    local, roaming = tmp_path / "local", tmp_path / "roaming"
    package = "Packages/Microsoft.MinecraftEducationEdition_8wekyb3d8bbwe/LocalState"
    folder = local / package / "games/com.mojang/minecraftWorlds/x7Ab="
    folder.mkdir(parents=True)
    (folder / "level.dat").write_bytes(b"")
    (folder / "levelname.txt").write_text("Klass 4b\u202e", "utf-8")
    users = roaming / "Minecraft Bedrock/Users/123/games/com.mojang/minecraftWorlds"
    users.mkdir(parents=True)
    environment = {"APPDATA": str(roaming), "LOCALAPPDATA": str(local)}
    found = game_folders(tmp_path, environment, "win32")
    assert {one.game for one in found} == {"education", "bedrock"}
    assert world_name(folder) == "Klass 4b"


def test_strange_questions_are_refused(window, page):
    enter(page, window, "worlds")
    ask = """async ([path, body]) => (await fetch(path, {method: "POST", headers:
        {"Content-Type": "application/json", "X-MC-City": "1"}, body})).status"""
    for path, body in (
        ("switch", '{"id": "../../etc", "layer": "a"}'), ("map", '{"id": "0000000000000000"}'),
        ("show", '{"what": "handout", "name": "../.."}'), ("harvest", '{"base": 1}'),
        ("begin", '{"files": [{"name": "../x", "bytes": 1}]}'),
    ):  # fmt: skip
        assert page.evaluate(ask, [f"/api/worlds/{path}", body]) == 400
    read = "async (path) => (await fetch(path)).status"
    for path in ("picture/..%2fcity.toml", "picture/world-x.png", "report", "one/..%2f.."):
        assert page.evaluate(read, f"/api/worlds/{path}") in (400, 404)


@pytest.mark.parametrize(("wide", "high"), [(640, 400), (400, 800)])
def test_at_twice_the_size_nothing_is_lost(window, browser, wide, high):
    with looked_at(browser, wide, high) as page:
        open_world(page, window)
        assert page.evaluate("document.documentElement.scrollWidth") <= wide


@pytest.mark.slow
def test_worlds_that_came_back_are_compared_and_the_report_is_opened(window, page):
    from tests.harvest.child import build_in, hut

    folder = window.project.folder / "worlds"
    returned = folder / "Anna klass 4b"
    shutil.copytree(world_of(window), returned)
    build_in(returned, hut(-58, 100, -60), {(-50, 100, -60): "<b>En koja</b>"})
    enter(page, window, "worlds")
    page.check("fieldset input[type=checkbox]")
    page.click("#worlds-harvest")
    page.wait_for_selector("tbody tr", timeout=600_000)
    assert page.locator("tbody tr").count() == 1
    with page.context.expect_page() as opened:
        page.click("text=Öppna rapporten")
    report = opened.value
    report.wait_for_load_state()
    assert "<b>En koja</b>" in report.inner_text("body")
    # Its own style holds, and nothing runs.
    assert report.evaluate("getComputedStyle(document.body).margin") == "0px"


@pytest.mark.slow
def test_what_is_drawn_on_the_map_is_built_and_switched(tmp_path, page):
    """The whole way: from a house on the map to its blocks in a saved world."""
    folder = tmp_path / "city"
    write_planned_city(folder, SMALL_PLANS)
    with served(folder) as window:
        enter(page, window, "plans")
        page.fill("#plans-new-name", "Vårt hus")
        page.click("#plans-new-middle")
        page.wait_for_selector("#plans-save")
        page.click("summary:has-text('siffror')")
        page.click("#plans-place")
        page.wait_for_selector("#plans-undo:has-text('ritat')")
        build(read_config(folder).with_world(editions=("java",)), folder / "out")
        world = world_of(window)
        open_world(page, window)
        page.check("input[name=layer-vart_hus][value=vart_hus]")
        page.wait_for_selector(".layers .said .done")
        assert shown_layers(world) == ("vart_hus",)
