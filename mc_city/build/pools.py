"""Who makes the regions of a build: an interface, and threads of this process or the workers of a
cluster behind it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mc_city.build.regions import Plan, Region, RegionMade, make_region, write_note
from worlds.errors import ConfigError

LOCAL = "dask"
"""What a cluster of processes of this machine is called."""
PROCESSES = re.compile(rf"{LOCAL}(:(?P<jobs>[1-9][0-9]?))?")
ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s/]+")
CORES = min(os.cpu_count() or 1, 4)


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


@dataclass(frozen=True)
class Crew:
    """Who makes regions. jobs: how many at the same time on this machine; scheduler: LOCAL for
    processes, the address of a cluster, None for threads."""

    jobs: int
    scheduler: str | None = None


def crew_of(jobs: int | str) -> Crew:
    """The crew that a number of threads means, `dask` or `dask:4` for processes of this machine, or
    the address of a Dask scheduler. ConfigError for what means none; WorldError where Dask is not
    installed."""
    if isinstance(jobs, int) and jobs > 0:
        return Crew(jobs)
    given = str(jobs)
    processes = PROCESSES.fullmatch(given)
    if processes is None and not ADDRESS.fullmatch(given):
        raise ConfigError(
            f"jobs or --scheduler = {jobs!r:.80}",
            hint=f"give a whole number from 1, {LOCAL} for processes of this machine, or the "
            f"address of a Dask scheduler, as in tcp://10.0.0.5:8786",
        )
    from mc_city.build.cluster import require_dask

    require_dask()
    if processes is None:
        return Crew(CORES, given)
    return Crew(int(processes["jobs"] or CORES), LOCAL)


@contextmanager
def opened_pool(crew: Crew, digests: Mapping[Path, str]) -> Iterator[Pool]:
    """Threads, or the workers of a scheduler. digests: of the build's sources, by path."""
    if crew.scheduler is None:
        yield LocalPool(crew.jobs)
        return
    from mc_city.build.cluster import opened_cluster

    jobs = crew.jobs if crew.scheduler == LOCAL else None
    with opened_cluster(crew.scheduler, jobs, digests) as pool:
        yield pool
