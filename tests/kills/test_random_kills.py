"""The same at random moments, in the middle of whatever the program and its libraries do: by the
signal that nothing can catch."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from mc_city.build import publishing
from tests.kills.killing import fresh, run, tree
from tests.kills.test_kills import (
    Case,
    build_case,
    layers_case,
    look,
    pack_case,
    without_second_backup,
)

KILLS = 200
pytestmark = [
    pytest.mark.stress,
    pytest.mark.skipif(sys.platform != "linux", reason="forks"),
]


def killed_after(command, seconds: float) -> bool:
    """Runs a command in a process of its own, and kills that after so long; whether it was still at
    work."""
    child = os.fork()
    if child == 0:
        command()
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def duration(command) -> float:
    start = time.monotonic()
    assert run(command, Path("/nowhere")).text == ""
    return time.monotonic() - start


@pytest.mark.parametrize("exchange", [True, False], ids=["in one step", "in two"])
def test_commands_are_killed_at_random_moments(exchange, made, tmp_path, monkeypatch):
    if not exchange:
        monkeypatch.setattr(publishing, "_exchanger", lambda: None)
    chance = random.Random(7)
    cases: list[tuple[str, Case]] = []
    for number, (name, make) in enumerate({
        "build both": partial(build_case, editions="both", plans=True, old="changed"),
        "build java": partial(build_case, editions="java", plans=False, old="built"),
        "build bedrock": partial(build_case, editions="bedrock", plans=True, old="nothing"),
        "layers folder": partial(layers_case, kind="folder", show=True),
        "layers database": partial(layers_case, kind="database", show=False),
        "layers zip": partial(layers_case, kind="zip", show=False),
        "layers mcworld": partial(layers_case, kind="mcworld", show=True),
        "pack both": partial(pack_case, editions="both", plans=True, over=True),
    }.items()):  # fmt: skip
        (tmp_path / str(number)).mkdir()
        cases.append((name, make(made, tmp_path / str(number))))
    counts: dict[str, int] = {}
    for name, case in cases:
        work = tmp_path / "work"
        command = partial(case.command, work)
        old = tree(fresh(case.template, work))
        seconds = duration(command)
        new = tree(work)
        for number in range(KILLS // 2 // len(cases) + 1):
            fresh(case.template, work)
            moment = chance.uniform(0, seconds)
            counts[name] = counts.get(name, 0) + killed_after(command, moment)
            if number % 2:
                assert run(partial(look, case, work, old, new), work).text == "", (
                    f"{name} after {moment:.3f} s"
                )
            again = run(command, work)
            assert again.text == "", f"{name} after {moment:.3f} s: {again.text}"
            assert without_second_backup(tree(work), new, case.place) == new, (
                f"{name} after {moment:.3f} s"
            )
    print(f"killed while at work: {sum(counts.values())}: {counts}")
