"""`make` finds a Python that fits, or fetches one: tried with a PATH that holds only stand-ins."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="no make on this machine")
PYTHON = """#!/bin/sh
# A Python of version {version}, of which an environment has a pip that brings uv.
if [ "$1" = -c ]; then exec {real} -c "import sys; sys.version_info = ({version}, 0, 'final', 0)
$2"; fi
echo "{name} $*" >> {log}
mkdir -p "$3/bin"
printf '%s\\n' '#!/bin/sh' 'echo "pip $*" >> {log}' 'cp {uv} "$(dirname "$0")/uv"' > "$3/bin/python"
chmod +x "$3/bin/python"
"""
UV = """#!/bin/sh
echo "uv $*" >> {log}
for last; do :; done
mkdir -p "$last/bin" && touch "$last/bin/python"
"""


def made(folder: Path, pythons: dict[str, str], uv: bool) -> tuple[int, str, list[str]]:
    """`make .venv/bin/python` with Pythons of these versions, and uv or not: status, what was said,
    and what was run."""
    tools, log, stored = folder / "tools", folder / "log", folder / "uv"
    tools.mkdir()
    log.touch()
    for tool in ("mkdir", "chmod", "cp", "dirname", "touch"):
        (tools / tool).symlink_to(shutil.which(tool) or "")
    stored.write_text(UV.format(log=log), "utf-8")
    stored.chmod(0o755)
    if uv:
        shutil.copy(stored, tools / "uv")
    for name, version in pythons.items():
        text = PYTHON.format(version=version, real=sys.executable, name=name, log=log, uv=stored)
        (tools / name).write_text(text, "utf-8")
        (tools / name).chmod(0o755)
    shutil.copy(PROJECT / "Makefile", folder)
    done = subprocess.run(
        [shutil.which("make") or "make", ".venv/bin/python"],
        cwd=folder, env=os.environ | {"PATH": str(tools)}, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stderr, log.read_text("utf-8").splitlines()


BY_UV = "uv venv --seed --python 3.12 .venv"


def test_a_python_that_fits_is_taken(tmp_path):
    status, _, ran = made(tmp_path, {"python3": "3, 14", "python3.12": "3, 12"}, uv=True)
    assert (status, ran) == (0, ["python3.12 -m venv .venv"])


def test_a_newer_python_alone_fetches_one_by_an_uv_of_its_own(tmp_path):
    status, said, ran = made(tmp_path, {"python3": "3, 14"}, uv=False)
    pip = "pip -m pip install --quiet --disable-pip-version-check uv"
    assert (status, ran) == (0, ["python3 -m venv .uv", pip, BY_UV]), said
    assert "fetching Python 3.12" in said
    assert (tmp_path / ".venv" / "bin" / "python").exists()


def test_uv_is_taken_where_it_is(tmp_path):
    assert made(tmp_path, {"python": "3, 13"}, uv=True)[2] == [BY_UV]


def test_without_any_python_it_says_what_to_install(tmp_path):
    status, said, ran = made(tmp_path, {"python": "2, 7"}, uv=False)
    assert (status != 0, ran) == (True, [])
    assert "needs Python 3: install it" in said
