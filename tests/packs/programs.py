"""Installs the independent programs that check data packs, the first time; an interrupted install is done again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).resolve().parent
READERS = HERE.parent / "readers"


def mecha_folder() -> Path:
    """The folder that holds mecha and what it needs; to be put on PYTHONPATH of another process, never into this one."""
    wanted = HERE / "mecha" / "requirements.txt"
    ready = wanted.with_name(f".site-{_digest(wanted)}")
    with FileLock(wanted.with_name(".install.lock")):
        if not ready.exists():
            for old in wanted.parent.glob(".site-*"):
                shutil.rmtree(old)
            partial = wanted.with_name(".site-partial")
            command = [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--target",
                str(partial),
            ]
            subprocess.run([*command, "-r", str(wanted)], check=True)
            os.replace(partial, ready)
    return ready


def npm_folder(folder: Path) -> Path:
    """`folder`, with the packages of its package.json in node_modules."""
    npm = shutil.which("npm")
    assert npm, "these tests need Node.js with npm"
    modules = folder / "node_modules"
    ready = modules / f".ready-{_digest(folder / 'package.json')}"
    with FileLock(folder / ".install.lock"):
        if not ready.exists():
            shutil.rmtree(modules, ignore_errors=True)
            command = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--omit=optional", "--loglevel=error"]
            subprocess.run(command, cwd=folder, check=True)
            ready.touch()
    return folder


NEWEST_DATA = "26.1"
"""The last version that minecraft-data has, which stands for newer ones; every block of it is one of theirs."""


def go_program(folder: Path) -> Path | None:
    """The program in a folder with a go.mod, built the first time; None where there is no Go."""
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if not go:
        return None
    built = folder / "build" / f"go-{_digest(folder / 'main.go')}-{_digest(folder / 'go.sum')}"
    with FileLock(folder / ".install.lock"):
        if not built.exists():
            shutil.rmtree(built.parent, ignore_errors=True)
            built.parent.mkdir()
            subprocess.run([go, "build", "-o", str(built), "."], cwd=folder, check=True)
    return built


def minecraft_data(version: str, table: str) -> list[dict]:
    """A table (`blocks`, `entities` …) of a Java version from npm's minecraft-data, which the readers of our worlds use too."""
    data = npm_folder(READERS) / "node_modules" / "minecraft-data" / "minecraft-data" / "data"
    known = json.loads((data / "dataPaths.json").read_text("utf-8"))["pc"]
    folder = known[version if version in known else NEWEST_DATA][table]
    return json.loads((data / folder / f"{table}.json").read_text("utf-8"))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() + sys.version.encode()).hexdigest()[:12]
