"""`make bench-pairs BESIDE=DIR`: whole commands against those of another checkout of mc-city, such
as the last release, in turn on the same machine; what is told is the ratio of processor time.

    python -m bench.pairs ../mc-city-0.4 --extract town.osm.pbf

Each case is built once by both, so that kernels are compiled and files in the cache, and then some
times in turn. With an extract of OpenStreetMap it is built whole, four by four of it side by side,
and one chunk of it. Figures are appended to bench/history.jsonl.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import osmium

from mc_city.settings.config import PROJECT

HISTORY = Path(__file__).parent / "history.jsonl"
VERSION = "1.21.4"
"""Of Java, which every checkout since 0.3 writes."""
SHIFT = 1 << 34
"""Between the ids of one tile of an extract and the next."""
MIDDLE = "618900,6919500,619400,6920000"


@dataclass(frozen=True)
class Case:
    """config: of the checkout, where it is a relative path; words: more of `build`'s."""

    name: str
    config: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Spent:
    """A command in a process of its own. core: seconds of all processors; wall: seconds; memory_mb:
    the peak."""

    core: float
    wall: float
    memory_mb: float


def spent_by(checkout: Path, case: Case, out: Path) -> Spent:
    """One build, of which nothing is there yet. CalledProcessError when it fails."""
    for folder in (out, out.with_name(f".{out.name}.regions")):
        shutil.rmtree(folder, ignore_errors=True)
    words = ["build", case.config, "--out", str(out)]
    words += [*(() if "--jobs" in case.words else ("--jobs", "2")), *case.words]
    return spent_on(checkout, words)


def spent_on(checkout: Path, words: Sequence[str]) -> Spent:
    """A command of a checkout's mc-city. CalledProcessError when it fails."""
    command = [sys.executable, "-m", "mc_city", *words]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    # As on any machine: a program is compiled at its first start, not at each one.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=checkout, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Spent(used.ru_utime + used.ru_stime, wall, _megabytes(used))


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def write_tiled(extract: Path, target: Path, across: int) -> None:
    """An extract beside itself, `across` times each way, with ids of their own."""
    with osmium.SimpleWriter(str(target), overwrite=True) as writer:
        header = osmium.io.Reader(str(extract)).header()
        box = header.box()
        width = box.top_right.lon - box.bottom_left.lon
        height = box.top_right.lat - box.bottom_left.lat
        for kind in (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION):
            for number in range(across * across):
                more = number * SHIFT
                row, column = divmod(number, across)
                for entity in osmium.FileProcessor(str(extract), kind):
                    if kind == osmium.osm.NODE:
                        place = entity.location
                        if not place.valid():
                            continue
                        moved = place.lon + column * width, place.lat - row * height
                        writer.add_node(entity.replace(id=entity.id + more, location=moved))
                    elif kind == osmium.osm.WAY:
                        nodes = [node.ref + more for node in entity.nodes]
                        writer.add_way(entity.replace(id=entity.id + more, nodes=nodes))
                    else:
                        members = [(one.type, one.ref + more, one.role) for one in entity.members]
                        writer.add_relation(entity.replace(id=entity.id + more, members=members))


def write_config(extract: Path, folder: Path) -> Path:
    """A configuration of all of an extract, by `init`."""
    city = folder / extract.name.partition(".")[0]
    command = [sys.executable, "-m", "mc_city", "init", str(city), str(extract)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)
    config = city / "city.toml"
    lines = config.read_text("utf-8").splitlines()
    whole = next(line for line in lines if line.startswith("# the data reaches"))
    bounds = whole[whole.index("bounds =") :]
    changed = [
        bounds if line.startswith("bounds =") else
        f'java_version = "{VERSION}"' if line.startswith("java_version =") else line
        for line in lines
    ]  # fmt: skip
    config.write_text("\n".join(changed) + "\n", "utf-8")
    return config


def _middle_chunk(config: Path) -> str:
    """The area of one chunk in the middle, as `--area` takes it."""
    line = next(
        line for line in config.read_text("utf-8").splitlines() if line.startswith("bounds =")
    )
    west, south, east, north = json.loads(line.partition("=")[2])
    x, y = (west + east) // 2, (south + north) // 2
    return f"{x},{y},{x + 16},{y + 16}"


def cases_of(extract: Path | None, folder: Path) -> list[Case]:
    sample = "configs/sundsvall.toml"
    cases = [
        Case("sample, Java", sample, ("--edition", "java")),
        Case("sample, both editions", sample, ("--edition", "all")),
        Case("middle of the sample, Java", sample, ("--edition", "java", "--area", MIDDLE)),
    ]
    if extract is None:
        return cases
    name = extract.name.partition(".")[0]
    tiled = folder / f"{name}16.osm.pbf"
    write_tiled(extract, tiled, 4)
    whole, sixteen = (str(write_config(path, folder)) for path in (extract, tiled))
    chunk = _middle_chunk(Path(whole))
    return [
        *cases,
        Case(f"{name}, Java", whole, ("--edition", "java")),
        Case(f"{name}, both editions", whole, ("--edition", "all")),
        Case(f"{name} 4 x 4, Java", sixteen, ("--edition", "java")),
        Case(f"one chunk of {name}, Java", whole, ("--edition", "java", "--area", chunk)),
    ]


def told(case: Case, ours: Sequence[Spent], theirs: Sequence[Spent]) -> dict[str, object]:
    """What is printed and kept of a case."""
    ratios = [one.core / other.core for one, other in zip(ours, theirs, strict=True)]
    walls = [one.wall / other.wall for one, other in zip(ours, theirs, strict=True)]
    middle, other = (
        min(runs, key=lambda run: abs(run.core - statistics.median(one.core for one in runs)))
        for runs in (ours, theirs)
    )
    print(
        f"{case.name}: {middle.core:.1f} s of processors against {other.core:.1f} s, ratio "
        f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); wall "
        f"{middle.wall:.1f} s against {other.wall:.1f} s, ratio {statistics.median(walls):.2f}; "
        f"memory {middle.memory_mb:,.0f} MB against {other.memory_mb:,.0f} MB",
        flush=True,
    )
    return {
        "case": case.name,
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "ours": [asdict(run) for run in ours],
        "theirs": [asdict(run) for run in theirs],
    }


def _commit(checkout: Path) -> str:
    command = ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8") if Path("/proc/cpuinfo").exists() else ""
    found = [line for line in lines.splitlines() if line.startswith("model name")]
    return found[0].partition(":")[2].strip() if found else "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("beside", type=Path, help="the other checkout")
    parser.add_argument("--extract", type=Path, help="an extract of OpenStreetMap")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--only", default="", help="cases whose names begin so")
    parser.add_argument("--but", default="\0", help="no cases with this in their names")
    asked = parser.parse_args()
    ours, theirs = PROJECT, asked.beside.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder, results = Path(name), []
        extract = asked.extract.resolve() if asked.extract else None
        for case in cases_of(extract, folder):
            if not case.name.startswith(asked.only) or asked.but in case.name:
                continue
            for checkout in (ours, theirs):
                spent_by(checkout, case, folder / "out")
            runs = [
                [spent_by(checkout, case, folder / "out") for checkout in (ours, theirs)]
                for _ in range(asked.times)
            ]
            results.append(told(case, *zip(*runs, strict=True)))
    keep({"beside": _commit(theirs), "cases": results})


def keep(figures: dict[str, object]) -> None:
    """Appends figures to HISTORY, with the day, the commit and the machine."""
    entry = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(PROJECT),
        "machine": f"{os.cpu_count()} processors, {_processor()}",
        **figures,
    }
    with HISTORY.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    main()
