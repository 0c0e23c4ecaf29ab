"""Regions made by the workers of a Dask cluster: the same bytes as by threads, whatever is lost on
the way; two lines where it cannot go on, and the next run does."""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import distributed
import numpy as np
import pytest
from pyproj import CRS

from mc_city.build import cluster as clusters
from mc_city.build import pools, sending, working
from mc_city.build.build import build
from mc_city.build.publishing import partial_folder
from mc_city.build.regions import RegionMade
from mc_city.build.sending import Packed, pack_plan, unpack_plan, write_made
from mc_city.build.staging import inventory
from mc_city.settings.config import Config, read_config
from terrain.rasters.datums import RH2000, proj_separation, swedish_separation
from tests.conftest import quiet, write_city
from tests.plans import feature, rectangle, write_plans
from worlds.errors import ConfigError, McCityError, SourceError, WorldError

Told = Callable[[str, int, int], None]


def refused(command: Callable[[], object], error: type[McCityError] = WorldError) -> str:
    with pytest.raises(error) as caught:
        command()
    assert caught.value.hint
    assert "\n" not in f"{caught.value}{caught.value.hint}"
    return str(caught.value)


def write_planned_city(folder: Path) -> Path:
    """A city in two regions, with a planned house that stands in both."""
    plans = '[plans]\nsources = "plans.geojson"\n'
    write_city(folder, plans, bounds="599936, 6900000, 600064, 6900064")
    write_plans(
        folder / "plans.geojson",
        [feature(rectangle(-12, 20, 12, 34), layer="alfa", role="building", floors=3, use="house")],
    )
    return folder / "city.toml"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    return read_config(write_planned_city(tmp_path_factory.mktemp("city")))


@pytest.fixture(scope="module")
def by_threads(config: Config, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of what threads make, by path."""
    out = tmp_path_factory.mktemp("threads") / "out"
    build(config, out, 2, False, quiet)
    return inventory(out)


def started() -> Any:
    """A cluster whose workers are threads of this process, at an address of its own."""
    return distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, host="tcp://127.0.0.1",
        dashboard_address=None, scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with started() as running:
        yield running


@pytest.fixture
def address(cluster: Any) -> str:
    working._kept.clear()
    return str(cluster.scheduler_address)


def at_first_region(act: Callable[[], object]) -> Told:
    """Progress that does something once, when the first region is done."""
    acts = [act]

    def told(what: str, _done: int, _total: int) -> None:
        if what == "regions" and acts:
            acts.pop()()

    return told


def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The regions that threads make from now on."""
    made: list[tuple[int, int]] = []
    real = pools.make_region
    monkeypatch.setattr(
        pools, "make_region", lambda plan, region: made.append(region) or real(plan, region)
    )
    return made


def test_a_running_cluster_makes_the_same_bytes(address, config, by_threads, tmp_path):
    report = build(config, tmp_path / "out", address, False, quiet)
    assert inventory(tmp_path / "out") == by_threads
    assert {name.split("/")[0] for name in by_threads} > {"Liten", "Liten.mcworld"}
    assert report["chunks"] == 32


@pytest.mark.skipif(sys.platform == "win32", reason="ends workers as Linux does")
@pytest.mark.slow
def test_killed_workers_regions_are_done_again_elsewhere(config, by_threads, tmp_path):
    """Both workers of the cluster on this machine are ended at once: what was sent to them and all
    that they had made is lost with them."""
    ended = []

    def kill() -> None:
        for child in multiprocessing.active_children():
            if child.pid is not None and "Dask" in child.name:
                os.kill(child.pid, signal.SIGKILL)
                ended.append(child)

    before = set(multiprocessing.active_children())
    build(config, tmp_path / "out", "dask", False, at_first_region(kill))
    assert len(ended) == 2
    assert inventory(tmp_path / "out") == by_threads
    assert set(multiprocessing.active_children()) <= before, "no worker is left"


def test_what_a_lost_scheduler_leaves_the_next_run_takes_up(
    config, by_threads, tmp_path, monkeypatch
):
    working._kept.clear()
    monkeypatch.setattr(clusters, "CONNECTING_S", 3)
    running, out = started(), tmp_path / "out"
    assert "went away" in refused(
        lambda: build(config, out, running.scheduler_address, False, at_first_region(running.close))
    )
    assert not out.exists()
    done = len(list((partial_folder(out) / "done").glob("*.json")))
    assert done >= 1
    made = counted(monkeypatch)
    build(config, out, 1, False, quiet)
    assert len(made) == 2 - done
    assert inventory(out) == by_threads


def test_a_cluster_goes_on_where_threads_were_interrupted(address, config, by_threads, tmp_path):
    def interrupt() -> None:
        raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        build(config, out, 1, False, at_first_region(interrupt))
    seen = []
    build(config, out, address, False, lambda what, done, _: seen.append((what, done)))
    assert [done for what, done in seen if what == "regions"] == [2]
    assert inventory(out) == by_threads


def test_a_full_disk_here_keeps_what_is_done(address, config, by_threads, tmp_path, monkeypatch):
    real, out = Path.write_bytes, tmp_path / "out"

    def full(path: Path, data: bytes) -> int:
        if path.is_relative_to(partial_folder(out)) and any(partial_folder(out).glob("done/*")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return real(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert "the disk is full" in refused(lambda: build(config, out, address, False, quiet))
    assert not out.exists()
    assert len(list((partial_folder(out) / "done").glob("*.json"))) == 1
    build(config, out, address, False, quiet)
    assert inventory(out) == by_threads


def test_a_full_disk_of_a_worker_is_said(address, config, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(working, "make_region", full)
        assert "the disk of the worker" in refused(
            lambda: build(config, tmp_path / "out", address, False, quiet)
        )
    assert list(tmp_path.iterdir()) == [tmp_path / ".out.lock"]


def test_a_source_that_changes_meanwhile_is_refused(address, tmp_path):
    config = read_config(write_planned_city(tmp_path / "city"))
    heights = tmp_path / "city" / "dem.tif"
    before, out = heights.stat(), tmp_path / "out"

    def change() -> None:
        os.utime(heights, ns=(before.st_atime_ns, before.st_mtime_ns + 10**9))

    assert "was changed while" in refused(
        lambda: build(config, out, address, False, at_first_region(change)), SourceError
    )
    assert not out.exists()


def test_a_worker_with_other_heights_is_refused(config, tmp_path, monkeypatch):
    plan = a_plan(config, tmp_path, monkeypatch)
    heights = config.path.parent / "dem.tif"
    for path, words in ((heights, "is another file than here"), (tmp_path / "no", "is not on")):
        packed = pack_plan(plan, {path: "0" * 64})
        assert words in refused(lambda sent=packed: working._plan_of(sent), SourceError)


def a_plan(config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What a build hands to its pool."""
    seen = []

    def stop(plan: Any, *_: object) -> None:
        seen.append(plan)
        raise KeyboardInterrupt

    monkeypatch.setattr("mc_city.build.build.write_area", stop)
    with pytest.raises(KeyboardInterrupt):
        build(config, folder / "planned", 1, False, quiet)
    monkeypatch.undo()
    return seen[0]


def test_errors_arrive_with_their_hints():
    import pickle

    for kind in (ConfigError, SourceError, WorldError):
        came = pickle.loads(pickle.dumps(kind("what", hint="do")))
        assert (type(came), str(came), came.hint) == (kind, "what", "do")


def test_separations_of_heights_are_sent():
    import pickle

    crs = CRS.from_epsg(3006).to_wkt()
    east, north = np.array([600_000.0, 700_000.0]), np.array([6_900_000.0, 7_200_000.0])
    ellipsoid, zero = CRS.from_epsg(4979), CRS.from_epsg(RH2000)
    for found in (swedish_separation(crs), proj_separation(crs, ellipsoid, zero)):
        if found is not None:
            came = pickle.loads(pickle.dumps(found))
            assert came(east, north).tolist() == found(east, north).tolist()


@pytest.mark.parametrize("name", ["../x", "/etc/x", "done/0.0.json", ""])
def test_nothing_is_written_outside_the_world(name, tmp_path):
    made = RegionMade({"files": {}}, None, {name: b""})  # type: ignore[arg-type, typeddict-item]
    plan: Any = SimpleNamespace(folder=tmp_path)
    assert "no part of a world" in refused(lambda: write_made(plan, (0, 0), made))
    assert list(tmp_path.iterdir()) == []


def test_what_comes_damaged_is_not_written(tmp_path):
    made = RegionMade({"files": {"a": "0" * 64}}, None, {"a": b"b"})  # type: ignore[arg-type, typeddict-item]
    plan: Any = SimpleNamespace(folder=tmp_path)
    assert "damaged" in refused(lambda: write_made(plan, (0, 0), made))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["numpy", "program"])
def test_workers_of_another_program_are_refused_before_the_work(
    what, address, config, tmp_path, monkeypatch
):
    here = sending.versions()
    monkeypatch.setattr(clusters, "versions", lambda: here | {what: "other"})
    monkeypatch.setattr("mc_city.build.build.read_area", None)
    said = refused(lambda: build(config, tmp_path / "out", address, False, quiet))
    assert ("numpy" in said) == (what == "numpy")


def test_a_worker_that_comes_later_is_held_to_it_too():
    packed = Packed("x", sending.versions() | {"numba": "0.1"}, {}, b"")
    assert "numba" in refused(lambda: working._plan_of(packed))


def test_a_region_that_is_lost_again_and_again_is_named():
    def lost() -> None:
        raise distributed.KilledWorker("key", SimpleNamespace(address="there"), 2)

    pool = clusters.ClusterPool(SimpleNamespace(status="running"), "x", {})
    said = refused(lambda: pool._result(SimpleNamespace(result=lost), (3, -4)))
    assert "region 3, -4 was lost 3 times" in said


@pytest.mark.parametrize("name", ["distributed.client", "distributed.scheduler", "tornado"])
def test_what_dask_says_is_not_seen_between_ours(name):
    """Also of those of its loggers that have a level of their own."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with clusters._quiet():
            assert not logger.isEnabledFor(logging.CRITICAL)
        assert logger.level == logging.WARNING
    finally:
        logger.setLevel(before)


def test_a_cluster_without_workers_is_given_up(monkeypatch):
    from queue import SimpleQueue

    monkeypatch.setattr(clusters, "DESERTED_S", -1)
    monkeypatch.setattr(clusters, "LOOKING_S", 0.01)
    client = SimpleNamespace(status="running", nthreads=dict)
    pool = clusters.ClusterPool(client, "x", {})
    assert "lost all its workers" in refused(lambda: pool._next(SimpleQueue()))


def test_no_scheduler_answers(config, tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "CONNECTING_S", 0.2)
    monkeypatch.setattr("mc_city.build.build.read_area", None)
    with started() as running:
        address = running.scheduler_address
    assert "no Dask scheduler answers" in refused(
        lambda: build(config, tmp_path / "out", address, False, quiet)
    )


def test_a_scheduler_without_workers(config, tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "CONNECTING_S", 0.5)
    with distributed.LocalCluster(
        n_workers=0, processes=False, host="tcp://127.0.0.1", dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
    ) as running:  # fmt: skip
        assert "has no workers" in refused(
            lambda: build(config, tmp_path / "out", running.scheduler_address, False, quiet)
        )


def test_without_dask_two_lines_say_how_to_get_it(config, tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "find_spec", lambda _: None)
    assert "dask, distributed" in refused(
        lambda: build(config, tmp_path / "out", "dask", False, quiet)
    )
    monkeypatch.undo()
    assert "http://x" in refused(
        lambda: build(config, tmp_path / "out", "http://x", False, quiet), ConfigError
    )
    assert list(tmp_path.iterdir()) == []


def test_a_plan_is_the_same_after_the_way(config, tmp_path, monkeypatch):
    plan = a_plan(config, tmp_path, monkeypatch)
    came = unpack_plan(pack_plan(plan, {}), tmp_path / "there")
    assert came.java.folder == tmp_path / "there" / "out" / "Liten"
    assert came.bedrock.parts == tmp_path / "there" / "bedrock.parts"
    assert came.city.palette.states == plan.city.palette.states
    assert came.city.version == plan.city.version
    assert pack_plan(plan, {}).number == pack_plan(plan, {}).number
