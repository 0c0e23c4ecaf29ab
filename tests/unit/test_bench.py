"""Benches: what is counted where."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from pathlib import Path

import osmium
import pytest

from bench import stages
from bench.pairs import Case, Spent, spent_by, told, write_tiled
from bench.scale import efficiency, say_scale
from bench.stages import Sampler, by_stage, lines_of
from tests.conftest import SHARED

EXTRACT = SHARED / "data" / "helsinki" / "Helsinki.osm.pbf"


def test_samples_belong_to_the_stage_that_they_were_taken_in():
    counts = Counter({
        ("build (a)", "read_city (b)", "read_water (c)"): 6,
        ("build (a)", "read_city (b)"): 1,
        ("make_region (a)", "voxelise (d)", "read_city (b)"): 3,
        ("main (e)",): 2,
    })  # fmt: skip
    found = by_stage(counts)
    assert found["read_city"] == {("read_city (b)", "read_water (c)"): 6, ("read_city (b)",): 1}
    assert sum(found["make_region"].values()) == 3
    assert found["start and end"] == {("main (e)",): 2}
    assert list(lines_of(found["read_city"], 12, 5)) == [
        "  58.3 %  read_city (b)",
        "  50.0 %    read_water (c)",
    ]


def test_threads_that_wait_are_not_counted(monkeypatch):
    """One of this file's threads works until it has been seen, the other waits meanwhile."""
    monkeypatch.setattr(stages, "ROOMS", (__file__,))
    monkeypatch.setattr(stages, "PROJECT", Path(__file__).parent)
    done = threading.Event()

    def idle():
        done.wait()

    def busy(sampler):
        while not any("busy" in name for stack in sampler.counts for name in stack):
            sum(range(1000))

    thread = threading.Thread(target=idle)
    thread.start()
    # Until it waits it does something.
    while sys._current_frames()[thread.ident].f_code.co_name != "wait":
        time.sleep(0)
    with Sampler(0.001) as sampler:
        busy(sampler)
    done.set()
    thread.join()
    seen = {name.partition(" ")[0] for stack in sampler.counts for name in stack}
    assert "busy" in seen
    assert "idle" not in seen


def test_a_command_that_fails_is_no_figure(tmp_path):
    (tmp_path / "mc_city.py").write_text("raise SystemExit(3)", "utf-8")
    with pytest.raises(Exception, match="status 3"):
        spent_by(tmp_path, Case("x", "x.toml", ()), tmp_path / "out")


def test_ratios_are_of_runs_in_turn(capsys):
    ours = [Spent(2.0, 1.0, 100.0), Spent(3.0, 2.0, 110.0), Spent(2.0, 1.0, 105.0)]
    theirs = [Spent(4.0, 2.0, 200.0), Spent(4.0, 2.0, 200.0), Spent(8.0, 4.0, 200.0)]
    kept = told(Case("x", "x.toml", ()), ours, theirs)
    assert kept["ratios"] == [0.5, 0.75, 0.25]
    assert "ratio 0.50 (0.25 to 0.75)" in capsys.readouterr().out


@pytest.mark.skipif(not EXTRACT.exists(), reason="the extract is not part of the project")
def test_an_extract_is_tiled_with_ids_of_its_own(tmp_path):
    write_tiled(EXTRACT, tmp_path / "four.osm.pbf", 2)
    once, four = (
        Counter(
            (kind, entity.id)
            for kind in (osmium.osm.WAY, osmium.osm.RELATION)
            for entity in osmium.FileProcessor(str(path), kind)
        )
        for path in (EXTRACT, tmp_path / "four.osm.pbf")
    )
    assert len(four) == 4 * len(once)
    assert set(four.values()) == {1}
    assert set(once) < set(four)


def test_what_a_region_costs_is_told_beyond_the_smallest_area(capsys):
    found = {512: Spent(10.0, 9.0, 400.0), 1024: Spent(16.0, 12.0, 500.0)}
    rows = say_scale(found)
    assert [row["regions"] for row in rows] == [1, 4]
    assert [row["a_region"] for row in rows] == [10.0, 2.0]
    assert "1,024 m, 4 regions: 16.0 s of processors (2.00 s more for each region)" in (
        capsys.readouterr().out
    )


def test_two_jobs_of_half_the_time_lose_nothing():
    one = Spent(10.0, 10.0, 1.0)
    assert efficiency(one, Spent(10.0, 5.0, 1.0)) == 1.0
    assert efficiency(one, Spent(10.0, 10.0, 1.0)) == 0.5
