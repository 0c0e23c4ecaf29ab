"""Who makes the regions of a build: an interface, and threads of this process behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from mc_city.build.regions import Plan, Region, RegionMade, make_region, write_note


class Pool(Protocol):
    """Makes regions, some at the same time."""

    def made(self, plan: Plan, regions: Sequence[Region]) -> Iterator[tuple[Region, RegionMade]]:
        """Each region when its files and its note are below the plan's folder, in any order. Only
        so many are under way that memory does not grow with their number. What stops one stops
        all; what is done by then stays done."""
        ...


@dataclass(frozen=True)
class LocalPool:
    """Threads, which share the city. jobs: how many."""

    jobs: int

    def made(self, plan: Plan, regions: Sequence[Region]) -> Iterator[tuple[Region, RegionMade]]:
        """See `Pool`."""
        waiting = iter(regions)
        under_way: dict[Future[RegionMade], Region] = {}
        with ThreadPoolExecutor(max_workers=self.jobs) as threads:
            try:
                while True:
                    while len(under_way) < self.jobs and (region := next(waiting, None)):
                        under_way[threads.submit(_written, plan, region)] = region
                    if not under_way:
                        return
                    for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                        yield under_way.pop(future), future.result()
            except BaseException:
                threads.shutdown(cancel_futures=True)
                raise


def _written(plan: Plan, region: Region) -> RegionMade:
    made = make_region(plan, region)
    write_note(plan.folder, region, made.facts)
    return made
