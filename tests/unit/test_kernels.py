"""Compiled kernels are kept in files that many processes share: whole, of this version of the
program, or compiled again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mc_city.progress import _Bars
from tests.conftest import PROJECT
from worlds.kernels import PROVEN, SUFFIX, program_digest

CALLER = """
from worlds.kernels import njit
from terrain.callee import twice
@njit(cache=True, nogil=True)
def kernel(x):
    return twice(x) + 1
"""
CALLEE = """
from worlds.kernels import njit
@njit(cache=True, nogil=True)
def twice(x):
    return FACTOR * x
"""
ASKED = (
    "from terrain.caller import kernel; from terrain.callee import twice; "
    "print(kernel(20), kernel(1.5), twice(4), twice(0.5), "
    "kernel._cache_hits.total() + twice._cache_hits.total())"
)


@pytest.fixture
def program(tmp_path) -> Path:
    """A program of two kernels, one of which calls the other."""
    for name in ("terrain", "worlds"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("", "utf-8")
    shutil.copy(PROJECT / "worlds" / "kernels.py", tmp_path / "worlds")
    (tmp_path / "terrain" / "caller.py").write_text(CALLER, "utf-8")
    (tmp_path / "terrain" / "callee.py").write_text(CALLEE.replace("FACTOR", "2"), "utf-8")
    return tmp_path


def surroundings(program: Path, **variables: str) -> dict[str, str]:
    """The environment of a process of the program."""
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    return inherited | {"PYTHONPATH": str(program)} | variables


def fresh(program: Path, code: str = ASKED) -> str:
    """What a Python says that begins with nothing loaded."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=program, env=surroundings(program),
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PARENT = """
import json, os, subprocess, sys, traceback
import numba, numpy.linalg, numba.np.arraymath
from numba.core.registry import cpu_target
cpu_target.target_context, cpu_target.typing_context

def run(asked):
    os.chdir(asked["program"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path.insert(0, asked["program"])
    for name, number in (("out", 1), ("error", 2)):
        os.dup2(os.open(asked[name], os.O_WRONLY | os.O_CREAT), number)
    try:
        exec(compile(asked["code"], "<asked>", "exec"), {"__name__": "__main__"})
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

for line in sys.stdin:
    asked = json.loads(line)
    if os.fork() == 0:
        child = os.fork()
        if child == 0:
            code = run(asked)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with open(asked["ended"], "w") as told:
            told.write(str(ended))
        os._exit(0)
    while os.waitpid(-1, os.WNOHANG)[0]:
        pass
"""
"""numba takes most of a second to load, so one process has it loaded, and nothing of any program;
each that is asked for is a fork of it."""


@pytest.fixture(scope="module", autouse=True)
def parent() -> Iterator[None]:
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, text=True, cwd="/", env=inherited
    ) as process:
        Started.parent = process
        yield
        assert process.stdin
        process.stdin.close()


class Started:
    """A process that runs some code in the program."""

    parent: subprocess.Popen[str]

    def __init__(self, folder: Path, asked: dict[str, object]) -> None:
        self.paths = {name: folder / name for name in ("out", "error", "ended")}
        os.mkfifo(self.paths["ended"])
        named = {name: str(path) for name, path in self.paths.items()}
        assert self.parent.stdin
        self.parent.stdin.write(json.dumps({**asked, **named}) + "\n")
        self.parent.stdin.flush()

    def wait(self) -> int:
        """Its exit status; comes when it has ended."""
        return int(self.paths["ended"].read_text("ascii"))


def started(program: Path, code: str = ASKED, **variables: str) -> Started:
    folder = program.with_name(f"{program.name}-asked")
    folder.mkdir(exist_ok=True)
    own = folder / str(len(list(folder.iterdir())))
    own.mkdir()
    environment = surroundings(program, **variables)
    return Started(own, {"program": str(program), "environment": environment, "code": code})


def said(process: Started) -> str:
    status = process.wait()
    assert status == 0, process.paths["error"].read_text("utf-8")
    return process.paths["out"].read_text("utf-8").strip()


def files(program: Path) -> list[Path]:
    return sorted((program / "worlds" / "__pycache__" / "kernels").glob(f"*{SUFFIX}"))


def test_a_kernel_is_compiled_once_and_again_when_what_it_calls_has_changed(program):
    assert fresh(program) == "41 4.0 8 1.0 0"
    assert len(files(program)) == 4
    assert fresh(program) == "41 4.0 8 1.0 4"
    (program / "terrain" / "callee.py").write_text(CALLEE.replace("FACTOR", "3"), "utf-8")
    assert said(started(program)) == "61 5.5 12 1.5 0"
    assert len(files(program)) == 4


READ = """
import sys
import numpy as np
from terrain.callee import twice
print(twice(4), twice(np.arange(3)).tolist(), "numba.np.arraymath" in sys.modules)
try:
    twice(np.zeros(2, "M8[s]"))
except Exception:
    print("refused", "numba.np.arraymath" in sys.modules)
from terrain.caller import kernel
print(kernel(2.5), twice(0.25), twice(np.ones(2, np.float32)).tolist())
"""


def test_what_compiles_is_loaded_where_something_is_compiled(program):
    """A kernel from a file does not wait for it, and kernels of both kinds stand side by side."""
    assert "False" not in fresh(program, READ)
    for path in files(program):
        if "caller" in path.name:
            path.unlink()
    lines = fresh(program, READ).splitlines()
    assert lines == ["8 [0, 2, 4] False", "refused True", "6.0 0.5 [2.0, 2.0]"]


def test_a_damaged_file_is_compiled_again(program):
    said(started(program))
    for damage, path in zip(("empty", "cut", "other bytes", "folder"), files(program), strict=True):
        data = path.read_bytes()
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        path.unlink()
        if damage == "folder":
            path.mkdir()
        else:
            path.write_bytes(
                {"empty": b"", "cut": data[: len(data) // 2], "other bytes": bytes(changed)}[damage]
            )
    assert said(started(program)) == "41 4.0 8 1.0 0"


def test_what_only_kernels_call_is_a_part_of_them_and_kept_with_them(program):
    """It is not kept by itself, and of their errors none is lost."""
    callee = CALLEE + '    if x > 90:\n        raise ValueError("too much")\n'
    callee = callee.replace("    return FACTOR * x\n", "") + "    return 2 * x\n"
    (program / "terrain" / "callee.py").write_text(callee, "utf-8")
    code = (
        "from terrain.caller import kernel\nprint(kernel(20))\n"
        "try: kernel(91)\nexcept ValueError as error: print(error, kernel._cache_hits.total())"
    )
    assert said(started(program, code)) == "41\ntoo much 0"
    assert [path.name.split(".")[2] for path in files(program)] == ["kernel"]
    assert said(started(program, code)) == "41\ntoo much 1"


def test_whole_numbers_are_no_variants_of_what_kernels_call(program):
    """Written out, of 32 bits, in a tuple: compiled once, with the same answers."""
    caller = (
        "import numpy as np\nfrom worlds.kernels import njit\n"
        "@njit(cache=True, nogil=True)\ndef inner(x, pair):\n"
        "    return (x << 40) + pair[0] * pair[1]\n"
        "@njit(cache=True, nogil=True)\ndef kernel(few, x):\n"
        "    return (inner(3, (2, 5)) + inner(few[0], (few[1], 5)) + inner(x, (x, few[0])),\n"
        "        inner(np.uint8(1), (x, x)))\n"
    )
    (program / "terrain" / "caller.py").write_text(caller, "utf-8")
    code = (
        "import numpy as np\nfrom terrain.caller import inner, kernel\n"
        "few = np.array([7, 2], np.int32)\nprint(kernel(few, 1) == kernel.plain(few.tolist(), 1), "
        "len(inner.called.signatures))"
    )
    assert said(started(program, code)) == "True 2"


def test_a_numba_that_was_not_tried_compiles_by_itself(program):
    code = "import numba; numba.__version__ = '0.99.0'; " + ASKED
    assert said(started(program, code)).startswith("41 4.0 8 1.0 ")
    assert len(files(program)) == 4
    assert f"numba=={PROVEN[-1]}" in (PROJECT / "constraints.txt").read_text("utf-8")


TOGETHER = """
import numba.core.event as event, os, pathlib, time
from terrain.caller import kernel
class Seen(event.Listener):
    count = 0
    def on_start(self, told):
        Seen.count += told.data["dispatcher"].py_func.__name__ == "kernel"
        while len(list(pathlib.Path().glob("*.asks"))) < PROCESSES:
            time.sleep(0.01)
    def on_end(self, told):
        pass
event.register("numba:compile", Seen())
pathlib.Path(f"{os.getpid()}.asks").touch()
kernel(20)
print(Seen.count)
"""
"""Compiles when so many processes ask for the kernel."""


def test_of_several_at_once_one_compiles_and_the_others_wait(program):
    code = TOGETHER.replace("PROCESSES", "3")
    running = [started(program, code) for _ in range(3)]
    assert sorted(said(process) for process in running) == ["0", "0", "1"]
    assert not list(files(program)[0].parent.glob("*.lock"))


def test_a_process_that_ends_while_it_compiles_keeps_nobody_waiting(program):
    alone = TOGETHER.replace("PROCESSES", "1")
    dying = alone.replace(
        "    count = 0", "    count = 0; on_start = lambda *_: os._exit(3)"
    ).replace("def on_start", "def other")
    assert started(program, dying).wait() == 3
    assert said(started(program, alone)) == "1"


def test_four_at_once_on_a_cold_cache(program):
    # Who comes late may find what another has compiled.
    assert {
        said(process).rsplit(" ", 1)[0] for process in [started(program) for _ in range(4)]
    } == {"41 4.0 8 1.0"}
    assert said(started(program)) == "41 4.0 8 1.0 4"


def test_a_folder_that_cannot_be_written_is_no_fault(program):
    cold = program / "worlds" / "__pycache__"
    cold.mkdir(exist_ok=True)
    (cold / "kernels").write_text("a file where the folder should be", "utf-8")
    home = program / "home"
    assert said(started(program, XDG_CACHE_HOME=str(home))) == "41 4.0 8 1.0 0"
    assert len(list(home.rglob(f"*{SUFFIX}"))) == 4
    assert said(started(program, XDG_CACHE_HOME="/dev/null")) == "41 4.0 8 1.0 0"


def test_all_kernels_are_kept_this_way():
    """And each knows what it depends on."""
    for name in ("terrain", "buildings", "worlds", "mc_city"):
        for path in (PROJECT / name).rglob("*.py"):
            if path.name not in ("kernels.py", "compiling.py"):
                assert not re.search(
                    r"^\s*(from numba|import numba)", path.read_text("utf-8"), re.MULTILINE
                ), path
    assert program_digest("terrain.spans.decks") != program_digest("terrain.columns.scan")


def test_kernels_are_told_of_while_they_are_compiled(program):
    """And not those that are taken from their files."""
    shutil.copy(PROJECT / "worlds" / "compiling.py", program / "worlds")
    code = (
        "from worlds.compiling import compiling_told; from terrain.caller import kernel\n"
        "told = []\nwith compiling_told(told.append): kernel(20)\nkernel(1.5)\nprint(told)"
    )
    assert said(started(program, code)) == "[1, 2]"
    assert said(started(program, code)) == "[]"


def test_the_bar_of_compiling_goes_on_while_steps_change():
    bars = _Bars()
    bars.draw("kernels", 3, 10)
    bars.draw("survey", 1, 1)
    bars.draw("kernels", 4, 10)
    bars.draw("houses", 0, 5)
    shown = {task.description: (task.completed, task.total) for task in bars.shown.tasks}
    assert shown == {
        "compiling, once": (4, 10), "looking over the ground": (1, 1),
        "planning the houses": (0, 5),
    }  # fmt: skip
