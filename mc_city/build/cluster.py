"""Regions made by the workers of a Dask cluster: processes of this machine, or a cluster that runs
elsewhere. Workers give back what is in a region's files, and this process writes it, so that nobody
else needs to see the build's folder."""

from __future__ import annotations

import logging
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from mc_city.build.fingerprint import files_of
from mc_city.build.regions import Plan, Region, RegionMade
from mc_city.build.sending import Packed, pack_plan, versions, write_made
from mc_city.build.working import different, make_at_worker, versions_here
from worlds.errors import McCityError, WorldError

TALKING = ("distributed", "tornado", "asyncio")
"""Whose loggers speak while a cluster is there."""
NEEDED = ("cryptography", "dask", "distributed")
AHEAD = 2
"""Regions that are sent for each thread of the workers: one that is made, one that waits there."""
LOSSES = 3
"""So many times a region is given to a worker that is lost with it, and no more."""
CONNECTING_S, DESERTED_S, LOOKING_S = 30, 300, 2
"""Seconds in which a cluster must answer, and in which one without workers must get some; between
two looks whether it is still there."""
SETTINGS = {
    "distributed.scheduler.allowed-failures": LOSSES - 1,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.deploy.lost-worker-timeout": f"{DESERTED_S}s",
}
"""Of the cluster on this machine. Nothing is shown on any page; a worker that was lost may take its
time to begin anew, since it loads the program."""


def require_dask() -> None:
    """WorldError where it is not installed."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise WorldError(
            f"--scheduler needs packages that are not installed: {', '.join(missing)}",
            hint="pip install 'mc-city[cluster]', or build without --scheduler",
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask has to say is said in our words."""
    # Some of its loggers have levels of their own, which those above them have no say in.
    known = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in TALKING]
    loggers = [logging.getLogger(name) for name in dict.fromkeys((*TALKING, *known))]
    before = [logger.level for logger in loggers]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"(distributed|contextlib)(\.|$)")
            for logger in loggers:
                logger.setLevel(logging.CRITICAL + 1)
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _gone(where: str) -> WorldError:
    return WorldError(
        f"the Dask scheduler {where} went away while the world was built",
        hint="run the same command again when it is back, or without --scheduler: what is done is "
        "kept",
    )


@contextmanager
def opened_cluster(
    scheduler: str, jobs: int | None, digests: Mapping[Path, str]
) -> Iterator[ClusterPool]:
    """The workers at an address, or `jobs` processes of this machine. digests: of the
    build's sources, by path. WorldError where nobody answers, or workers are not like this
    machine."""
    require_dask()
    import dask
    import distributed

    new_cluster: Any = distributed.LocalCluster
    new_client: Any = distributed.Client
    with ExitStack() as held:
        held.enter_context(_quiet())
        address: Any = scheduler
        if jobs is not None:
            held.enter_context(dask.config.set(SETTINGS))
            address = held.enter_context(
                new_cluster(
                    n_workers=jobs,
                    threads_per_worker=1,
                    processes=True,
                    # Others who use this machine can reach its ports: they lack the certificate.
                    security=True,
                    host="127.0.0.1",
                    dashboard_address=None,
                    worker_dashboard_address="127.0.0.1:0",
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    preload="mc_city.build.working",
                    memory_limit=0,
                    silence_logs=logging.CRITICAL + 1,
                )
            )
        try:
            client = new_client(address, timeout=CONNECTING_S, set_as_default=False)
        except (OSError, ValueError, RuntimeError, ImportError) as error:
            raise WorldError(
                f"no Dask scheduler answers at {scheduler}",
                hint="start one with `dask scheduler`, or use --scheduler dask for processes of "
                "this machine",
            ) from error
        held.enter_context(_closed(client))
        _require_alike(client, scheduler)
        yield ClusterPool(client, scheduler, digests)


@contextmanager
def _closed(client: Any) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(Exception):
            client.close(timeout=LOOKING_S)


def _require_alike(client: Any, where: str) -> None:
    """WorldError unless there are workers, and scheduler and workers are like this machine."""
    try:
        client.wait_for_workers(1, timeout=CONNECTING_S)
    except TimeoutError as error:
        raise WorldError(
            f"the Dask scheduler {where} has no workers",
            hint=f"start some on its machines: dask worker {where}",
        ) from error
    try:
        found = client.run(versions_here, on_error="return")
        found[where] = client.run_on_scheduler(versions_here)
    except (OSError, CancelledError) as error:
        raise _gone(where) from error
    except Exception as error:
        found = {where: error}
    wanted = versions()
    for name, here in found.items():
        if not isinstance(here, Mapping):
            raise WorldError(
                f"{name} cannot load mc-city ({type(here).__name__}: {here})".replace("\n", " "),
                hint="install the same mc-city[cluster] on the scheduler's machine and on all "
                "workers",
            )
        refused = different(here, wanted, name)
        if refused:
            raise refused


def _same(packed: Packed) -> Packed:
    """As a task, what is sent can be had again when all workers that had it are lost."""
    return packed


@dataclass(frozen=True)
class ClusterPool:
    """Workers of a Dask cluster. where: its name; digests: of the build's sources, by path."""

    client: Any
    where: str
    digests: Mapping[Path, str]

    def made(self, plan: Plan, regions: Sequence[Region]) -> Iterator[tuple[Region, RegionMade]]:
        """See `Pool`."""
        rasters = [raster.source.path for raster in plan.city.land.rasters]
        drawn = files_of(rasters)
        sources = {path: digest for path, digest in self.digests.items() if path in drawn}
        if regions:
            yield from self._made(plan, pack_plan(plan, sources), regions)

    def _made(
        self, plan: Plan, packed: Packed, regions: Sequence[Region]
    ) -> Iterator[tuple[Region, RegionMade]]:
        build, waiting = uuid.uuid4().hex, iter(regions)
        ready: SimpleQueue[Any] = SimpleQueue()
        under_way: dict[str, tuple[Region, Any]] = {}
        try:
            with self._answering():
                sent = self.client.submit(_same, packed, key=f"city-{build}", pure=False)
            while True:
                room = AHEAD * max(self._threads(), 1)
                while len(under_way) < room and (region := next(waiting, None)):
                    with self._answering():
                        future = self.client.submit(
                            make_at_worker, sent, region, pure=False,
                            key=f"region-{region[0]}.{region[1]}-{build}",
                        )  # fmt: skip
                    under_way[future.key] = region, future
                    future.add_done_callback(ready.put)
                if not under_way:
                    return
                future = self._next(ready)
                region, _ = under_way.pop(future.key)
                made = self._result(future, region)
                # The worker may forget it now.
                future.release()
                yield region, write_made(plan, region, made)
        except BaseException:
            with suppress(Exception):
                self.client.cancel([future for _, future in under_way.values()])
            raise

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turns what Dask raises when its scheduler is not there into two lines."""
        try:
            yield
        except McCityError:
            raise
        except (OSError, CancelledError, TimeoutError) as error:
            raise _gone(self.where) from error
        except (RuntimeError, ValueError, AttributeError) as error:
            # So it says that it is closed.
            if self.client.status != "running":
                raise _gone(self.where) from error
            raise

    def _threads(self) -> int:
        """Of all workers that are there now."""
        with self._answering():
            return sum(self.client.nthreads().values())

    def _next(self, ready: SimpleQueue[Any]) -> Any:
        """The region that is done next."""
        deserted = 0.0
        while True:
            with suppress(Empty):
                return ready.get(timeout=LOOKING_S)
            if self._threads():
                deserted = 0.0
                continue
            deserted = deserted or time.monotonic()
            if time.monotonic() - deserted > DESERTED_S:
                raise WorldError(
                    f"the Dask scheduler {self.where} has lost all its workers",
                    hint="start some and run the same command again: what is done is kept",
                )

    def _result(self, future: Any, region: Region) -> RegionMade:
        from distributed import KilledWorker

        with self._answering():
            try:
                made = future.result()
            except KilledWorker as error:
                raise WorldError(
                    f"region {region[0]}, {region[1]} was lost {error.allowed_failures + 1} times, "
                    f"each time with the worker that made it",
                    hint="most often a worker's memory is too small: give each more, or start "
                    "fewer; what is done is kept",
                ) from error
        if not isinstance(made, RegionMade):
            raise TypeError(f"a worker gave back {type(made).__name__}")
        return made
