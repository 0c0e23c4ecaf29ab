"""Many at once from one installation whose kernels are not compiled yet; stopped, forked and short
of memory while they are."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import PROJECT, write_city

pytestmark = pytest.mark.stress
LEAST_MEMORY, STEP = 700_000_000, 150_000_000


def builder(config: Path, out: Path, cache: Path, memory: int | None = None) -> subprocess.Popen:
    def limit() -> None:
        if memory:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    command = [
        sys.executable,
        "-m",
        "mc_city",
        "build",
        str(config),
        "--out",
        str(out),
        "--edition",
        "all",
        "--jobs",
        "2",
    ]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
    return subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


def ended(process: subprocess.Popen) -> tuple[int, str]:
    _, error = process.communicate(timeout=3600)
    return process.returncode, error


def digest(out: Path) -> str:
    hashed = hashlib.sha256()
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name != "report.json":
            hashed.update(str(path.relative_to(out)).encode() + path.read_bytes())
    return hashed.hexdigest()


def test_eight_at_once(tmp_path):
    config = write_city(tmp_path / "city")
    outs = [tmp_path / f"out{number}" / "out" for number in range(8)]
    for out in outs:
        out.parent.mkdir()
    for code, error in [
        ended(process) for process in [builder(config, out, tmp_path / "cache") for out in outs]
    ]:
        assert code == 0, error
    assert len({digest(out) for out in outs}) == 1


def test_killed_and_short_of_memory_while_compiling(tmp_path):
    """Twelve processes that end before they are done, then one that must find nothing broken."""
    config, cache = write_city(tmp_path / "city"), tmp_path / "cache"
    lots = random.Random(5)
    for _ in range(6):
        process = builder(config, tmp_path / "out", cache)
        time.sleep(lots.uniform(4.0, 25.0))
        process.send_signal(signal.SIGKILL)
        ended(process)
    for number in range(6):
        ended(builder(config, tmp_path / "out", cache, LEAST_MEMORY + number * STEP))
    code, error = ended(builder(config, tmp_path / "out", cache))
    assert code == 0, error


def test_a_child_of_a_fork_compiles_and_leaves_a_whole_cache(tmp_path):
    program = (
        "import os, sys, numpy as np\n"
        "from terrain.rasters.resample import bilinear, sample\n"
        "cells = np.ones((4, 4), np.float32)\n"
        "assert bilinear(cells, 1.5, 1.5) == 1.0\n"
        "child = os.fork()\n"
        "assert sample(cells, np.full((2, 2), 1.5), np.full((2, 2), 1.5), 1).sum() == 4.0\n"
        "if child:\n"
        "    _, status = os.waitpid(child, 0)\n"
        "    sys.exit(os.waitstatus_to_exitcode(status))\n"
    )
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
