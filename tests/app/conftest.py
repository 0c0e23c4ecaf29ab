"""The window, served on a free port in a thread, and a browser to look at it with: one browser a
module, one context a test."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mc_city.app.project import open_project
from mc_city.app.server import Window

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
DEADLINE = 90.0


def until(asked: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Waits for a condition; fails when it does not come true in time."""
    end = time.monotonic() + seconds
    while not asked():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.02)


@contextmanager
def served(folder: Path) -> Iterator[Window]:
    """The window of a project, until the end of the block."""
    window = Window(open_project(folder))
    thread = threading.Thread(target=window.run, daemon=True)
    thread.start()
    try:
        until(lambda: window.server.started)
        yield window
    finally:
        window.stop()
        thread.join(DEADLINE)
        assert not thread.is_alive()


@pytest.fixture
def window(tmp_path) -> Iterator[Window]:
    """Of an empty project."""
    with served(tmp_path / "project") as window:
        yield window


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Of a module, and not of the session: while it runs, no test can have a loop of its own."""
    with sync_playwright() as playwright:
        # Root has no sandbox, containers little shared memory; all pages are our own.
        found = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield found
        found.close()


@contextmanager
def looked_at(browser: Browser, wide: int = 1280, high: int = 800) -> Iterator[Page]:
    """A page that fails the test where a script fails or the console shows an error."""
    context = browser.new_context(viewport={"width": wide, "height": high})
    page = context.new_page()
    page.set_default_timeout(DEADLINE * 1000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: faults.append(message.text) if message.type == "error" else None,
    )
    try:
        yield page
        # What the server refuses on purpose stands in the console, too.
        assert [one for one in faults if "status of 4" not in one] == []
    finally:
        context.close()


@pytest.fixture
def page(browser) -> Iterator[Page]:
    with looked_at(browser) as page:
        yield page


def enter(page: Page, window: Window, room: str) -> None:
    """Opens a room as who started the program does, and waits until it is there."""
    # A room's name goes along where the token is taken out of the address.
    page.goto(f"{window.address}#/{room}")
    page.wait_for_selector(f"#place > .room-{room}[data-ready]")
