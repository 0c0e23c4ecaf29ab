"""Progress on stderr: bars that move whatever takes long, or plain lines where no terminal is."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from mc_city.build.estimate import Estimate
    from mc_city.site.land import Progress

WORDS = {
    "fetch": "fetching",
    "sources": "reading the sources",
    "kernels": "compiling, once",
    "survey": "looking over the ground",
    "laser points": "reading the laser points",
    "houses": "planning the houses",
    "regions": "building regions",
    "map": "drawing the map",
    "zip": "packing the archives",
    "layers": "changing regions",
    "upload": "sending the files",
    "worlds": "comparing worlds",
    "boards": "placing boards",
    "faces": "finding the faces that are seen",
    "heights": "measuring heights",
    "pieces": "measuring what layers change",
    "plates": "shaping plates",
}
"""What is said of each step; `sources: streets` is the step `sources`, at its streets."""

READING, COMPILING, FETCHING = "sources", "kernels", "fetch"
ALONG = (READING, COMPILING)
"""The steps that go on while others are taken."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def tell_before(found: Estimate, city: str, out: Path | None) -> None:
    """Says what a build will take, before any work. out: None where none is made."""
    from mc_city.build.estimate import cold_start, estimate_lines

    for line in estimate_lines(found, city, out):
        say(line)
    if cold_start():
        say("first run on this machine: compiling the kernels takes some minutes, once")


def _in_units(step: str, done: float, total: float, of: str = " of ") -> str:
    """How much of a step is done, as people say it; what is fetched counts in bytes."""
    if step == FETCHING:
        return f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"
    return f"{done:.0f}{of}{total:.0f}"


def _plain_lines() -> Progress:
    """A line at the beginning of a step, and at each tenth of it."""
    last: dict[str, int] = {}

    def told(what: str, done: int, total: int) -> None:
        step, _, detail = what.partition(": ")
        tenth = 10 * done // max(total, 1)
        if detail:
            say(f"{WORDS[step]}: {detail}")
        elif step != READING and last.get(step) != tenth:
            last[step] = tenth
            counted = _in_units(step, done, total)
            say(f"{WORDS[step]}: {counted}" if total > 1 else WORDS[step])

    return told


class _Bars:
    """One bar a step. Steps follow one another, so a new one completes those before it. A wheel
    turns on its own while one lasts."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self.shown = Progress(
            SpinnerColumn(finished_text=" "), TextColumn("{task.description:34}", markup=False),
            BarColumn(), TextColumn("{task.fields[counted]}"),
            TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn(),
            console=Console(stderr=True),
        )  # fmt: skip
        self.tasks: dict[str, Any] = {}

    def draw(self, what: str, done: int, total: int) -> None:
        step, _, detail = what.partition(": ")
        if step not in self.tasks:
            self.complete(but=ALONG)
            self.tasks[step] = self.shown.add_task(
                WORDS[step], total=max(total, 1), rate="", counted=""
            )
        task = self.tasks[step]
        speed = self.shown.tasks[self.shown.task_ids.index(task)].speed
        rate = f"{1024 * speed:,.0f} chunks/s" if step == "regions" and speed else ""
        if step == FETCHING and speed:
            rate = f"{speed / 1e6:.1f} MB/s"
        words = f"{WORDS[step]}: {detail}" if detail else WORDS[step]
        self.shown.update(
            task, description=words[:34], completed=done, total=max(total, 1), rate=rate,
            counted=_in_units(step, done, max(total, 1), "/"),
        )  # fmt: skip

    def complete(self, but: Sequence[str] = ()) -> None:
        for step, task in self.tasks.items():
            if step in but:
                continue
            held = self.shown.tasks[self.shown.task_ids.index(task)]
            if not held.finished and held.total is not None:
                counted = _in_units(step, held.total, held.total, "/")
                self.shown.update(
                    task, description=WORDS[step], completed=held.total, counted=counted
                )

    def give_up(self) -> None:
        """Takes away what will not be completed."""
        for step in [
            step
            for step, task in self.tasks.items()
            if not self.shown.tasks[self.shown.task_ids.index(task)].finished
        ]:
            self.shown.remove_task(self.tasks.pop(step))


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A callback that shows progress on stderr: bars with rate and time left, or plain lines when
    it is no terminal."""
    if not sys.stderr.isatty():
        yield _plain_lines()
        return
    bars = _Bars()
    with bars.shown:
        try:
            yield bars.draw
        except BaseException:
            bars.give_up()
            raise
        bars.complete()
