"""`make bench-scale`: what a region costs in areas of 1 to 256 regions, what memory they take, and
what a second job saves; ratios within one run.

    python -m bench.scale --sides 512 1024 2048 4096 8192

The areas are squares of a made-up hilly town with a house every 30 m. Figures are appended to
bench/history.jsonl.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.pairs import Case, Spent, keep, spent_by
from bench.run import write_synthetic
from mc_city.settings.config import DEFAULT_CONFIG, PROJECT
from terrain.frame import REGION

SIDES = (512, 1024, 2048, 4096, 8192)


def regions_of(side: int) -> int:
    """Regions of a square of so many metres that begins at a region's corner."""
    along = -(-side // REGION)
    return along * along


def say_scale(found: dict[int, Spent]) -> list[dict[str, object]]:
    """Prints and returns, by the side of the area: seconds of processors a region, beyond those of
    the smallest area, against those of the largest."""
    least = min(found)
    rows: list[dict[str, object]] = []
    for side, spent in sorted(found.items()):
        regions = regions_of(side)
        more = regions - regions_of(least)
        each = (spent.core - found[least].core) / more if more else spent.core
        rows.append({"side": side, "regions": regions, "a_region": round(each, 3), **asdict(spent)})
        what = "more for each region" if more else "in all"
        print(
            f"{side:,} m, {regions} regions: {spent.core:.1f} s of processors ({each:.2f} s {what})"
            f", {spent.wall:.1f} s, {spent.memory_mb:,.0f} MB",
            flush=True,
        )
    return rows


def efficiency(one: Spent, two: Spent) -> float:
    """The share of two jobs that is not lost: 1 where they take half the time of one."""
    return one.wall / (2 * two.wall)


def _of_jobs(config: str, folder: Path, jobs: Sequence[int]) -> list[Spent]:
    cases = [Case("", config, ("--edition", "java", "--jobs", str(number))) for number in jobs]
    spent_by(PROJECT, cases[0], folder / "out")
    return [spent_by(PROJECT, case, folder / "out") for case in cases]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=SIDES, help="metres")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, found = Path(name), dict[int, Spent]()
        one, two = _of_jobs(str(DEFAULT_CONFIG), folder, (1, 2))
        print(
            f"sample, Java: {one.wall:.1f} s with one job, {two.wall:.1f} s with two, efficiency "
            f"{efficiency(one, two):.2f}",
            flush=True,
        )
        for side in asked.sides:
            made = folder / str(side)
            made.mkdir()
            case = Case("", str(write_synthetic(made, side)), ("--edition", "java", "--yes"))
            found[side] = spent_by(PROJECT, case, folder / "out")
        rows = say_scale(found)
    jobs = {"one": asdict(one), "two": asdict(two), "efficiency": round(efficiency(one, two), 3)}
    keep({"scale": rows, "jobs": jobs})


if __name__ == "__main__":
    main()
