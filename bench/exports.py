"""`make bench-exports`: what the city outside the game costs: each format of the sample, then the
page of a made-up 8 × 8 km; processor time beside that of its world's build, and memory.

    python -m bench.exports --side 8192 --formats web gltf

Figures are appended to bench/history.jsonl.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.pairs import Case, Spent, keep, spent_by, spent_on
from bench.run import write_synthetic
from mc_city.api import FORMATS
from mc_city.settings.config import DEFAULT_CONFIG, PROJECT

MOST_MEMORY_MB = 2000
"""What an export of a large area may take at its peak."""


def world_in(out: Path) -> Path:
    """The saved Java world that a build left in a folder."""
    return next(path for path in sorted(out.iterdir()) if (path / "level.dat").exists())


def said(name: str, built: Spent, spent: Spent, out: Path) -> dict[str, object]:
    """Prints and returns what an export cost. built: what the build of its world cost."""
    counts = json.loads((out / "about.json").read_text("utf-8"))["counts"]
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
    told = ", ".join(f"{count:,} {word}" for word, count in counts.items())
    verdict = "met" if spent.memory_mb <= MOST_MEMORY_MB else "MISSED"
    print(
        f"{name}: {spent.wall:.1f} s, {spent.core:.1f} s of processors "
        f"({spent.core / built.core:.2f} of its build's), {size:.1f} MB: {told}\n"
        f"  memory {spent.memory_mb:,.0f} MB, aim at most {MOST_MEMORY_MB:,}: {verdict}",
        flush=True,
    )
    return {"name": name, "megabytes": round(size, 1), "counts": counts, **asdict(spent)}


def exports_of(
    name: str, config: str, formats: Sequence[str], folder: Path
) -> list[dict[str, object]]:
    """Builds a world and exports it in some formats, each in a process of its own."""
    words = ("--edition", "java", "--yes")
    built = spent_by(PROJECT, Case(name, config, words), folder / "out")
    print(f"{name}: built in {built.wall:.1f} s, {built.core:.1f} s of processors", flush=True)
    world, rows = world_in(folder / "out"), []
    for kind in formats:
        made = folder / f"out-{kind}"
        spent = spent_on(PROJECT, ["export", str(world), kind, str(made)])
        rows.append(said(f"{name}, {kind}", built, spent, made))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS)
    parser.add_argument("--side", type=int, default=8192, help="metres; 0 for the sample alone")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sample").mkdir()
        rows = exports_of("sample", str(DEFAULT_CONFIG), asked.formats, folder / "sample")
        if asked.side:
            made = folder / "made-up"
            made.mkdir()
            config = str(write_synthetic(made, asked.side))
            rows += exports_of(f"made-up, {asked.side:,} m square", config, ("web",), made)
    keep({"exports": rows})


if __name__ == "__main__":
    main()
