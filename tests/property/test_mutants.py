"""Damaged files of every kind end in a result or in two lines: no traceback, nothing left outside,
in bounded time and memory.

They run in processes of their own, a few of each kind in one, many of a kind in one each: a crash,
an endless loop or a lack of memory ends that, and is a failure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from mc_city.settings.config import PROJECT
from tests.conftest import made_once
from tests.mutant_sources import write_whole
from tests.mutants import KINDS

FEW, MANY = 3, 300
MOST_MB = 1500
"""Of a process with all libraries, the compiled kernels and what mutants leave in its caches."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    return made_once(tmp_path_factory, "whole", write_whole)


def _batch(kinds: Sequence[str], numbers: range, whole: Path, folder: Path) -> dict[str, list[str]]:
    """What failed of some mutants of each kind; where a process ends early, the mutant that it was
    at, and the rest is tried in another."""
    failed: dict[str, list[str]] = {kind: [] for kind in kinds}
    left, start = list(kinds), numbers.start
    folder.mkdir()
    while left:
        given = (start, numbers.start, numbers.stop, whole, *left)
        ran = subprocess.run(
            [sys.executable, "-m", "tests.mutants", *map(str, given)],
            cwd=PROJECT,
            env={**os.environ, "TMPDIR": str(folder)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        peaks = {line["kind"]: line["mb"] for line in lines if "number" in line}
        for line in lines:
            for fault in line.get("faults", ()):
                failed[line["kind"]].append(f"{line['kind']} {line['number']}: {fault}")
        for kind, peak in peaks.items():
            if peak > MOST_MB:
                failed[kind].append(f"{kind}: {peak} MB")
        if not ran.returncode:
            assert lines[-1] == lines[-1] | {"kind": left[-1], "number": numbers.stop - 1}
            break
        ended = signal.Signals(-ran.returncode).name if ran.returncode < 0 else ran.returncode
        at = lines[-1] if lines else {"kind": left[0]}
        kind, number = at["kind"], at.get("begins", at.get("number", numbers.stop))
        failed[kind].append(f"{kind} {number}: the process ended with {ended}: {ran.stderr[-800:]}")
        left, start = left[left.index(kind) :], number + 1
        if start >= numbers.stop:
            left, start = left[1:], numbers.start
    return failed


@pytest.fixture(scope="module")
def few(whole, tmp_path_factory) -> dict[str, list[str]]:
    """What failed of the first mutants of every kind."""
    folder = tmp_path_factory.mktemp("few") / "temporary"
    return _batch(KINDS, range(FEW), whole, folder)


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_mutants(kind, few):
    assert few[kind] == []


@pytest.mark.stress
@pytest.mark.parametrize("kind", KINDS)
def test_many_mutants(kind, whole, tmp_path):
    many = _batch([kind], range(FEW, FEW + MANY), whole, tmp_path / "temporary")
    assert many == {kind: []}
