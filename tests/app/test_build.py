"""Building in the window: choices, pause, stop, going on, a killed server, what was made."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import numpy as np
import pytest

from mc_city import api
from mc_city.app.angle import SIDES, drawn_at_an_angle, window_around
from mc_city.app.building import Choices, kind_of, layers_of, weights_of
from mc_city.app.showing import folder_command
from mc_city.build.publishing import partial_folder
from mc_city.build.staging import NOTES
from tests.app.conftest import DEADLINE, enter, looked_at, served, until
from tests.conftest import PROJECT, write_city
from tests.plans import SMALL_PLANS, write_planned_city
from worlds.errors import WorldError
from worlds.kernels import kernel_folder
from worlds.rect import Rect

SLOW = 240_000
"""Milliseconds, where kernels may be compiled."""
JAVA_ONLY = '[world]\neditions = ["java"]\n'


@pytest.fixture
def small(tmp_path) -> Iterator[Any]:
    """The window of the small city, of four regions, for Java."""
    folder = tmp_path / "project"
    folder.mkdir()
    write_city(folder, JAVA_ONLY)
    with served(folder) as window:
        yield window


class Held:
    """A build that waits once a region is done, until it is let go."""

    def __init__(self, monkeypatch) -> None:
        self.reached, self.let_go = Event(), Event()
        monkeypatch.setattr(api, "build", self._build)

    def _build(self, config, out, **given: Any) -> Any:
        progress = given.pop("progress")

        def told(what: str, done: int, total: int) -> None:
            if what == "regions" and done >= 1 and not self.let_go.is_set():
                self.reached.set()
                assert self.let_go.wait(DEADLINE)
            progress(what, done, total)

        return real_build(config, out, progress=told, **given)


real_build = api.build


@pytest.fixture
def held(monkeypatch) -> Held:
    return Held(monkeypatch)


def stamps(folder: Path) -> dict[str, int]:
    """When each file of a region was written, by its name."""
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("region/*.mca")}


def written_regions(out: Path) -> dict[str, int]:
    """The same of the regions that a build which was broken off has noted as done."""
    partial = partial_folder(out)
    names = {f"r.{note.stem}.mca" for note in (partial / NOTES).glob("*.json")}
    return {name: stamp for name, stamp in stamps(partial).items() if name in names}


def test_a_build_that_is_stopped_goes_on_where_it_was(small, page, held, browser):
    enter(page, small, "build")
    page.get_by_role("button", name="Bygg", exact=True).click()
    until(held.reached.is_set, 240)
    page.get_by_role("button", name="Stoppa").click()
    until(lambda: small.jobs.latest()["state"] == "stopping")
    held.let_go.set()
    goes_on = page.get_by_role("button", name="Fortsätt bygget")
    goes_on.wait_for(timeout=SLOW)
    assert not small.project.out.exists()
    kept = written_regions(small.project.out)
    assert 1 <= len(kept) <= 4
    page.get_by_text("Ett bygge avbröts.").wait_for()

    goes_on.click()
    page.get_by_role("heading", name="Färdigt").wait_for(timeout=SLOW)
    count, total = small.jobs.latest()["result"]["reused"]
    assert (count, total) == (len(kept), 4)
    assert kept.items() <= stamps(small.project.out).items()
    page.get_by_text(f"{count} av {total} delar fanns redan").wait_for()
    assert (small.project.out / "Liten" / "level.dat").is_file()
    with looked_at(browser, 640, 400) as other:
        enter(other, small, "build")
        other.get_by_role("button", name="Visa i mappen: Liten-java.zip").wait_for()
        assert other.evaluate("document.documentElement.scrollWidth <= innerWidth")
        image = other.get_by_alt_text("Världen uppifrån")
        image.scroll_into_view_if_needed()
        until(lambda: image.evaluate("image => image.naturalWidth") > 0)
        other.get_by_role("button", name="från öster").click()
        other.get_by_alt_text("Världen i 3D, sedd från öster").wait_for()


def test_two_windows_see_the_same_build_and_a_closed_browser_stops_nothing(small, browser, held):
    with looked_at(browser) as first:
        enter(first, small, "build")
        first.get_by_role("button", name="Bygg", exact=True).click()
        until(held.reached.is_set, 240)
        with looked_at(browser) as second:
            enter(second, small, "build")
            second.get_by_role("button", name="Pausa").press("Enter")
            first.get_by_role("button", name="Fortsätt").wait_for()
    held.let_go.set()
    # Nobody looks now; it waits, as it was told to.
    number = small.jobs.latest()["number"]
    assert not small.jobs.wait(number, 0.3)
    with looked_at(browser) as third:
        enter(third, small, "build")
        third.get_by_role("button", name="Fortsätt").press("Enter")
        third.get_by_role("heading", name="Färdigt").wait_for(timeout=SLOW)
    assert (small.project.out / "map.png").is_file()


def test_what_is_chosen_is_built_and_a_mistake_is_told_in_two_lines(tmp_path, browser, monkeypatch):
    asked: list[Any] = []

    def refused(config, out, **given: Any) -> None:
        asked.append((config.world.editions, config.world.java_version, out, given["show"]))
        raise WorldError("dem.tif: <b>is empty</b>", hint="take another file")

    monkeypatch.setattr(api, "build", refused)
    folder = tmp_path / "project"
    folder.mkdir()
    write_planned_city(folder, SMALL_PLANS)
    with served(folder) as window, looked_at(browser) as page:
        enter(page, window, "build")
        layers = layers_of(window.project.read_config())
        assert layers
        page.get_by_label("Minecraft Education").uncheck()
        page.get_by_label("Spelets version (Java)").select_option("1.21.4")
        page.get_by_role("button", name="Allt som planeras").click()
        page.get_by_role("button", name="Bygg", exact=True).click()
        page.get_by_text("dem.tif: <b>is empty</b>").wait_for()
        page.get_by_text("take another file").wait_for()
        shown = tuple(layer["options"][0] for layer in layers)
        assert asked == [(("java",), "1.21.4", window.project.out, shown)]
        # The same choices stand there again.
        assert not page.get_by_label("Minecraft Education").is_checked()
        page.get_by_role("button", name="Fortsätt bygget").wait_for()


def test_what_somebody_changed_is_built_over_only_when_it_is_meant(small, page, small_java):
    small_java(small.project.out)
    (small.project.out / "Liten" / "note.txt").write_text("mine", "utf-8")
    enter(page, small, "build")
    page.get_by_text("Bygg igen").first.click()
    again = page.get_by_role("button", name="Bygg igen")
    assert again.is_disabled()
    page.get_by_label("Det som byggdes förra gången har öppnats").check()
    again.click()
    page.get_by_role("heading", name="Färdigt").wait_for(timeout=SLOW)
    kept = Path(small.jobs.latest()["result"]["kept"])
    assert (kept / "Liten" / "note.txt").read_text("utf-8") == "mine"


@pytest.fixture
def small_java(tmp_path):
    """Builds the small city for Java into a folder."""

    def make(out: Path) -> None:
        real_build(api.read_config(tmp_path / "project"), out, jobs=1)

    return make


def ask(port: int, token: str, path: str, body: Any = None) -> Any:
    address = f"http://127.0.0.1:{port}{path}"
    given = {"cookies": {f"mc-city-{port}": token}, "timeout": 60.0}
    with httpx2.Client(trust_env=False, **given) as client:
        if body is None:
            answer = client.get(address)
        else:
            headers = {"X-MC-City": "1", "Content-Type": "application/json"}
            answer = client.post(address, content=json.dumps(body), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextmanager
def process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """`mc-city app` in a process of its own: (it, port, token)."""
    words = [sys.executable, "-m", "mc_city", "app", str(folder), "--no-browser"]
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "NUMBA_CACHE_DIR": str(kernel_folder())}
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment) as running:
        try:
            assert running.stderr is not None
            found = None
            while found is None:
                line = running.stderr.readline()
                assert line, "it ended"
                found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", line)
            yield running, int(found[1]), found[2]
        finally:
            running.kill()


def test_a_server_that_is_killed_in_the_middle_of_a_build_leaves_nothing_half(tmp_path):
    write_city(tmp_path, JAVA_ONLY)
    out = tmp_path / "out"
    with process(tmp_path) as (running, port, token):
        choices = ask(port, token, "/api/build/choices")
        chosen = {
            "editions": ["java"],
            "java_version": choices["java_version"],
            "bedrock_version": choices["bedrock_version"],
        }
        started = {"choices": chosen, "digest": choices["digest"]}
        number = ask(port, token, "/api/build/start", started)["number"]
        until(lambda: list((partial_folder(out) / NOTES).glob("*.json")), 240)
        ask(port, token, f"/api/jobs/{number}/pause", {})
        running.send_signal(signal.SIGKILL)
        running.wait(DEADLINE)
    assert not out.exists() or (out / "report.json").is_file()
    with process(tmp_path) as (running, port, token):
        state = ask(port, token, "/api/build/state")
        assert state["job"] is None
        begun, kept = state["begun"], written_regions(out)
        assert begun["regions"] == len(kept) >= 1
        number = ask(
            port, token, "/api/build/start", {**started, "choices": begun["choices"]}
        )["number"]  # fmt: skip
        done = ("done", "failed", "stopped")
        until(lambda: ask(port, token, f"/api/jobs/{number}")["job"]["state"] in done, 240)
        job = ask(port, token, f"/api/jobs/{number}")["job"]
        assert job["state"] == "done", job
        assert job["result"]["reused"] == [len(kept), 4]
        assert kept.items() <= stamps(out).items()
        assert ask(port, token, "/api/build/state")["begun"] is None
        running.send_signal(signal.SIGINT)
        assert running.wait(DEADLINE) in (0, 130)
    assert (out / "Liten" / "level.dat").is_file()


def test_a_build_of_another_configuration_than_was_seen_is_not_begun(small):
    body = {
        "choices": {"editions": ["java"], "java_version": "26.3", "bedrock_version": "1.21.0"},
        "digest": "0",
    }
    headers = {"X-MC-City": "1"}
    with httpx2.Client(trust_env=False, cookies={f"mc-city-{small.port}": small.token}) as client:
        address = f"http://127.0.0.1:{small.port}/api/build"
        assert client.post(f"{address}/start", json=body, headers=headers).status_code == 409
        for name in ("../city.toml", "/etc/passwd", "city.toml", "-R"):
            asked = {"what": "built", "name": name}
            assert client.post(f"{address}/show", json=asked, headers=headers).status_code == 400
    assert small.jobs.latest() is None


def test_a_world_at_an_angle_shows_what_is_nearer_before_what_is_behind():
    """A tall red block in the south, a blue one behind it."""
    colours = np.zeros((4, 3, 2, 4), np.uint8)
    colours[0] = (90, 90, 90, 255)
    colours[:, 2, 0] = (200, 0, 0, 255)
    colours[1, 1, 0] = (0, 0, 200, 255)

    def seen(side: str) -> set[tuple[int, ...]]:
        turned = np.rot90(colours, SIDES.index(side), axes=(1, 2))
        return set(drawn_at_an_angle(np.ascontiguousarray(turned)).getdata())

    assert (200, 0, 0) in seen("south")
    assert (0, 0, 200) not in seen("south")
    for side in ("north", "west"):
        assert {(200, 0, 0), (0, 0, 200)} <= seen(side)


def test_the_piece_that_is_drawn_lies_in_the_area_around_where_players_begin():
    area = Rect(-512, -512, 1024, 1024)
    for spawn in (None, (0, 64, 0), (500, 70, -500), (9000, 70, 9000)):
        found = window_around(spawn, area)
        assert (found.nx, found.nz) == (288, 288)
        assert found.x >= area.x
        assert found.x + found.nx <= area.x + area.nx
        assert found.z >= area.z
        assert found.z + found.nz <= area.z + area.nz
    assert window_around((0, 64, 0), Rect(0, 0, 64, 32)) == Rect(0, 0, 64, 32)


@pytest.mark.parametrize(
    ("system", "folder", "file"),
    [
        ("linux", ["xdg-open", "{out}"], ["xdg-open", "{out}"]),
        ("darwin", ["open", "{out}"], ["open", "-R", "{file}"]),
        ("win32", ["explorer", "{out}"], ["explorer", "/select,{file}"]),
    ],
)
def test_folders_are_shown_by_the_systems_own_program_and_no_shell(tmp_path, system, folder, file):
    out = tmp_path / "å; rm -rf $(HOME) & echo"
    out.mkdir()
    world = out / "Liten.mcworld"
    world.touch()
    told = {"out": out, "file": world}
    assert folder_command(out, system) == [part.format(**told) for part in folder]
    assert folder_command(world, system) == [part.format(**told) for part in file]


def test_the_shares_of_the_steps_are_a_whole_and_every_file_is_known(tmp_path):
    config = api.read_config(write_city(tmp_path, JAVA_ONLY))
    assert sum(weights_of(config).values()) == pytest.approx(1.0)
    assert kind_of("Liten.mcworld") == "mcworld"
    assert kind_of("x.bin") == "other"
    chosen = Choices(editions=("java",), java_version="1.21.4", bedrock_version="1.21.0")
    assert chosen.applied(config).world.java_version == "1.21.4"
