"""Kernels that are compiled beside a first build."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from worlds import ahead
from worlds.ahead import compile_listed, compiled_ahead, kernel_named, list_line, read_list
from worlds.kernels import PROGRAM
from worlds.topview import draw_map


def test_most_of_what_is_listed_is_what_the_program_has():
    """A list that is much older than the program helps nobody: `python -m bench.kernel_list`."""
    listed = read_list()
    there = [kernel_named(module, name) is not None for module, name, _ in listed]
    assert len(listed) > 50
    assert sum(there) > 0.8 * len(listed)


def test_packages_that_are_not_wanted_are_left_out():
    everything, java = read_list(), read_list(("worlds.bedrock",))
    assert {module for module, *_ in everything} - {module for module, *_ in java} >= {
        "worlds.bedrock.subchunks"
    }


def test_kernels_of_the_list_are_compiled_into_files(tmp_path):
    """In a process of its own: the folder of kernels is chosen once in each."""
    wanted = [row for row in read_list() if row[0].startswith("worlds.topview")]
    lines = "\n".join(
        line
        for line in ahead.LIST.read_text("ascii").splitlines()
        if line.startswith("worlds.topview")
    )
    (tmp_path / "list").write_text(f"{lines}\n{list_line('worlds.topview', 'gone', ())}\n", "ascii")
    code = (
        "import pathlib, worlds.ahead as ahead; "
        f"ahead.LIST = pathlib.Path({str(tmp_path / 'list')!r}); ahead.compile_listed(0, 1, ())"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels")}
    subprocess.run([sys.executable, "-c", code], cwd=PROGRAM, env=environment, check=True)
    made = list((tmp_path / "kernels").glob("worlds.topview.*.kernel"))
    assert len(made) == len(wanted) > 0


def test_what_is_no_kernel_any_more_is_passed_over(monkeypatch, tmp_path):
    (tmp_path / "list").write_text(list_line("worlds.topview", draw_map.__name__, ()), "ascii")
    monkeypatch.setattr(ahead, "LIST", tmp_path / "list")
    assert kernel_named("worlds.topview", "draw_map") is None
    compile_listed(0, 1, ())


@pytest.mark.parametrize("processors", [1, 3])
def test_helpers_end_with_the_build(monkeypatch, processors):
    started = []
    real = subprocess.Popen

    def heard(*given, **named):
        started.append(real(*given, **named))
        return started[-1]

    monkeypatch.setattr(os, "cpu_count", lambda: processors)
    monkeypatch.setattr(subprocess, "Popen", heard)
    with compiled_ahead():
        assert all(process.poll() is None for process in started)
    assert len(started) == processors - 1
    assert all(process.poll() is not None for process in started)
