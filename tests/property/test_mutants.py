"""Damaged files of every kind end in a result or in two lines: no traceback, nothing left outside,
in bounded time and memory.

Each batch runs in a process of its own: a crash, an endless loop or a lack of memory ends that, and
is a failure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mc_city.settings.config import PROJECT
from tests.mutant_sources import write_whole_city, write_whole_world
from tests.mutants import KINDS, WORLDS

FEW, MANY = 3, 300
MOST_MB = 1500
"""Of a process with all libraries, the compiled kernels and what mutants leave in its caches."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("whole")
    world, city = write_whole_world(folder / "world"), write_whole_city(folder / "city")
    return {kind: world if kind in WORLDS else city for kind in KINDS}


def _batch(kind: str, first: int, last: int, whole: Path, folder: Path) -> list[str]:
    """What failed of some mutants; where a process ends early, the mutant that it was at, and the
    rest is tried in another."""
    failed, done, peak = [], first, 0
    folder.mkdir()
    while done < last:
        command = [sys.executable, "-m", "tests.mutants", kind, str(done), str(last), str(whole)]
        ran = subprocess.run(
            command,
            cwd=PROJECT,
            env={**os.environ, "TMPDIR": str(folder)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        for line in lines:
            if "number" in line:
                failed += [f"{kind} {line['number']}: {fault}" for fault in line["faults"]]
                peak, done = max(peak, line["mb"]), line["number"] + 1
        if ran.returncode:
            ended = signal.Signals(-ran.returncode).name if ran.returncode < 0 else ran.returncode
            failed.append(f"{kind} {done}: the process ended with {ended}: {ran.stderr[-800:]}")
            if not lines:
                break
            done += 1
    if peak > MOST_MB:
        failed.append(f"{kind}: {peak} MB")
    return failed


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_mutants(kind, whole, tmp_path):
    assert _batch(kind, 0, FEW, whole[kind], tmp_path / "temporary") == []


@pytest.mark.stress
@pytest.mark.parametrize("kind", KINDS)
def test_many_mutants(kind, whole, tmp_path):
    assert _batch(kind, FEW, FEW + MANY, whole[kind], tmp_path / "temporary") == []
