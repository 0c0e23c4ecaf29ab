"""Long work: how far it is, pausing, stopping, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from mc_city.app.jobs import Jobs
from tests.app.conftest import DEADLINE, until
from worlds.errors import SourceError, WorldError


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Steps:
    """Work that does a piece whenever it is let."""

    def __init__(self, total: int = 4) -> None:
        self.total = total
        self.done = 0
        self.may = Event()
        self.ended = False

    def __call__(self, progress) -> dict[str, int]:
        try:
            for number in range(self.total):
                assert self.may.wait(DEADLINE)
                progress("regions", number, self.total)
                if number == 0:
                    self.may.clear()
                self.done = number + 1
            return {"made": self.total}
        finally:
            self.ended = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jobs(clock) -> Iterator[Jobs]:
    jobs = Jobs(clock)
    yield jobs
    jobs.close(DEADLINE)


def test_work_tells_how_far_it_is_and_what_it_made(jobs, clock):
    steps = Steps()
    number = jobs.start("build", steps, {"sources": 0.2, "regions": 0.8})
    steps.may.set()
    until(lambda: steps.done == 1)
    clock.seconds = 10.0
    steps.may.set()
    assert jobs.wait(number, DEADLINE)
    told = jobs.told(number)
    assert told["state"] == "done"
    assert told["share"] == 1.0
    assert told["result"] == {"made": 4}
    clock.seconds = 99.0
    assert jobs.told(number)["seconds"] == 10.0
    assert jobs.latest("build") == jobs.told(number)
    assert jobs.latest("check") is None


def test_the_time_left_is_told_once_some_of_it_is_known(jobs, clock):
    told = []

    def work(progress) -> None:
        progress("sources: streets", 0, 2)
        told.append(jobs.told(1))
        clock.seconds = 30.0
        progress("regions", 1, 4)
        told.append(jobs.told(1))

    assert jobs.wait(jobs.start("build", work, {"sources": 0.2, "regions": 0.8}), DEADLINE)
    assert told[0]["left"] is None
    assert (told[0]["step"], told[0]["detail"]) == ("sources", "streets")
    assert told[1]["passed"] == ["sources"]
    assert told[1]["share"] == pytest.approx(0.4)
    assert told[1]["left"] == pytest.approx(45.0)


def test_paused_work_waits_and_its_time_stands_still(jobs, clock):
    steps = Steps()
    number = jobs.start("build", steps)
    jobs.pause(number)
    steps.may.set()
    clock.seconds = 50.0
    assert not jobs.wait(number, 0.2)
    assert steps.done == 0
    told = jobs.told(number)
    assert told["state"] == "paused"
    assert told["seconds"] == 0.0
    jobs.resume(number)
    until(lambda: steps.done == 1)
    steps.may.set()
    assert jobs.wait(number, DEADLINE)
    assert jobs.told(number)["state"] == "done"


@pytest.mark.parametrize("paused", [False, True])
def test_stopped_work_ends_at_its_next_step(jobs, paused):
    steps = Steps()
    number = jobs.start("build", steps)
    steps.may.set()
    until(lambda: steps.done == 1)
    if paused:
        jobs.pause(number)
    jobs.stop(number)
    steps.may.set()
    assert jobs.wait(number, DEADLINE)
    assert steps.ended
    assert steps.done == 1
    assert jobs.told(number)["state"] == "stopped"
    # What has ended is not woken.
    jobs.resume(number)
    assert jobs.told(number)["state"] == "stopped"


def test_one_work_at_a_time(jobs):
    steps = Steps()
    number = jobs.start("build", steps)
    with pytest.raises(WorldError, match="other work is going on"):
        jobs.start("check", lambda _: None)
    jobs.stop(number)
    steps.may.set()
    assert jobs.wait(number, DEADLINE)
    assert jobs.wait(jobs.start("check", lambda _: None), DEADLINE)
    with pytest.raises(WorldError, match="no work number 99"):
        jobs.told(99)


def test_a_mistake_is_told_in_two_lines_and_a_bug_says_that_it_is_one(jobs, capsys):
    def mistaken(_progress) -> None:
        raise SourceError("dem.tif: is empty\n\x1b[31m", hint="take another")

    def broken(_progress) -> None:
        raise ZeroDivisionError("by nothing")

    number = jobs.start("build", mistaken)
    assert jobs.wait(number, DEADLINE)
    told = jobs.told(number)
    assert (told["state"], told["error"], told["hint"]) == (
        "failed", "dem.tif: is empty [31m", "take another",
    )  # fmt: skip
    assert not told["bug"]
    number = jobs.start("build", broken)
    assert jobs.wait(number, DEADLINE)
    assert jobs.told(number)["bug"]
    assert "ZeroDivisionError" in jobs.told(number)["error"]
    assert "Traceback" in capsys.readouterr().err


def test_the_compiler_is_never_interrupted_in_the_middle_of_its_work(jobs):
    went = []

    def work(progress) -> None:
        jobs.stop(1)
        progress("kernels", 1, 349)
        went.append("compiled")
        progress("sources", 0, 1)
        went.append("read")

    assert jobs.wait(jobs.start("build", work), DEADLINE)
    assert went == ["compiled"]
    assert jobs.told(1)["state"] == "stopped"


def test_closing_stops_what_goes_on_and_begins_nothing_more(clock):
    jobs, steps = Jobs(clock), Steps()
    steps.may.set()
    number = jobs.start("build", steps)
    until(lambda: steps.done == 1)
    jobs.stop(number)
    steps.may.set()
    jobs.close(DEADLINE)
    assert jobs.told(number)["state"] == "stopped"
    with pytest.raises(WorldError, match="is being closed"):
        jobs.start("build", steps)
