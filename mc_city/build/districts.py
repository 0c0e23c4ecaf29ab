"""The regions of an area, district by district: while those of one are made, the next is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event

import numpy as np
from numpy.typing import NDArray

from mc_city.build.noted_houses import Noted, noted_houses
from mc_city.build.pools import Pool
from mc_city.build.regions import Plan, Region, note_of
from mc_city.build.report import source_report
from mc_city.build.reuse import take
from mc_city.build.staging import NOTES
from mc_city.checking.askew import QUARTER, street_runs
from mc_city.city.city import City
from mc_city.city.differences import check_meetings
from mc_city.city.districts import Area
from mc_city.reports import CityReport, RegionReport
from mc_city.site.land import Progress
from worlds.topview import Tops


@dataclass
class Written:
    """What became of an area. regions: the facts of each; tops: how those look from above that were
    not done before; reused: those that an earlier build had made; reports, houses: of each
    district; runs: metres of streets by their direction, of all."""

    regions: dict[Region, RegionReport] = field(default_factory=dict)
    tops: dict[Region, Tops] = field(default_factory=dict)
    reused: frozenset[Region] = frozenset()
    reports: list[CityReport] = field(default_factory=list)
    houses: list[Noted] = field(default_factory=list)
    runs: NDArray[np.float64] = field(default_factory=lambda: np.zeros(QUARTER))

    def add(self, other: Written) -> None:
        """Takes what became of a part."""
        self.regions |= other.regions
        self.tops |= other.tops
        self.reused |= other.reused


class StoppedError(Exception):
    """Another district has failed."""


def write_regions(
    plan: Plan, pool: Pool, progress: Progress, stopped: Event | None = None
) -> Written:
    """Has every region of the plan's city made that is not done yet and that no earlier build has
    made from the same; the notes remember which are.
    stopped: set when nothing more is wanted."""
    (plan.folder / NOTES).mkdir(exist_ok=True)
    regions = list(plan.city.grid.regions())
    earlier = take(plan)
    found = Written(tops=dict(earlier.tops), reused=earlier.regions)
    for region in regions:
        note = note_of(plan.folder, region)
        if note.exists():
            found.regions[region] = json.loads(note.read_text("utf-8"))
    waiting = [region for region in regions if region not in found.regions]
    for region, made in pool.made(plan, waiting):
        found.regions[region], found.tops[region] = made.facts, made.tops
        progress("regions", len(found.regions), len(regions))
        if stopped is not None and stopped.is_set():
            raise StoppedError
    return replace(found, regions={region: found.regions[region] for region in regions})


def write_area(plan: Plan, area: Area, pool: Pool, progress: Progress) -> Written:
    """The regions of an area, and a report of each of its districts. Not more than two cities are
    held: the one that is read and the one that is made. plan: of the area."""
    if area.whole is None:
        found = write_regions(plan, pool, progress)
        return replace(found, reports=[source_report(plan.city)], houses=[noted_houses(plan.city)])
    return _write_districts(plan, area.cities, pool, progress)


def _write_districts(plan: Plan, cities: Iterator[City], pool: Pool, progress: Progress) -> Written:
    found, stopped = Written(), Event()
    total = len(list(plan.city.grid.regions()))

    def told(what: str, done: int, _: int) -> None:
        progress(what, len(found.regions) + done, total)

    with ThreadPoolExecutor(max_workers=1) as behind:
        under_way: Future[Written] | None = None
        try:
            for city in cities:
                check_meetings(city)
                if under_way is not None:
                    found.add(under_way.result())
                own = replace(plan, city=city)
                under_way = behind.submit(write_regions, own, pool, told, stopped)
                found.reports.append(source_report(city))
                found.houses.append(noted_houses(city))
                found.runs += street_runs(city)
                del city, own
            if under_way is not None:
                found.add(under_way.result())
        except BaseException:
            stopped.set()
            raise
    # In the order of a build of one district: so the packs are numbered alike.
    return replace(found, regions={key: found.regions[key] for key in plan.city.grid.regions()})
