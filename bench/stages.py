"""`make profile`: where a build spends its time, by stage, and what each takes at its peak.

    python -m bench.stages configs/sundsvall.toml --edition java

Looks at all threads a hundred times a second and counts what they are doing; kernels and libraries
count for who called them. Shares are of the samples in which something was done: with two jobs
there are up to two at a time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from mc_city.settings.config import PROJECT

ROOMS = tuple(f"{PROJECT / room}/" for room in ("mc_city", "terrain", "buildings", "worlds"))
WAITING = frozenset(("wait", "acquire", "_wait_for_tstate_lock", "as_completed", "result"))
STAGES = ("read_city", "make_region", "_write_worlds", "_report")
"""Of mc_city/build/; the rest is the start and the end."""
LEAST = 0.006
"""Share of a line that is shown."""

Path_ = tuple[str, ...]


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _own(frame: FrameType) -> Path_:
    """The program's functions on a thread's stack, from outside; empty for one that waits."""
    if frame.f_code.co_name in WAITING:
        return ()
    names = []
    for one in _frames(frame):
        file = one.f_code.co_filename
        if file.startswith(ROOMS) and not one.f_code.co_name.startswith(("<", "__call__")):
            place = Path(file).relative_to(PROJECT).as_posix()
            names.append(f"{one.f_code.co_name} ({place})")
    return tuple(reversed(names))


class Sampler:
    """Counts the stacks of all threads but its own while it runs."""

    def __init__(self, seconds: float = 0.01) -> None:
        self.counts: Counter[Path_] = Counter()
        self._seconds, self._done = seconds, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        own = threading.get_ident()
        while not self._done.wait(self._seconds):
            for thread, frame in sys._current_frames().items():
                stack = _own(frame) if thread != own else ()
                if stack:
                    self.counts[stack] += 1

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def by_stage(counts: Counter[Path_]) -> dict[str, Counter[Path_]]:
    """The stacks below each stage, from it on."""
    found: dict[str, Counter[Path_]] = {name: Counter() for name in (*STAGES, "start and end")}
    for stack, count in counts.items():
        place = next(
            (
                (number, name.split(" ")[0])
                for number, name in enumerate(stack)
                if name.split(" ")[0] in STAGES
            ),
            (0, "start and end"),
        )
        found[place[1]][stack[place[0] :]] += count
    return found


def lines_of(counts: Counter[Path_], total: int, deep: int) -> Iterator[str]:
    """A tree of what takes at least LEAST of all, the largest first."""
    inside: Counter[Path_] = Counter()
    for stack, count in counts.items():
        for length in range(1, min(len(stack), deep) + 1):
            inside[stack[:length]] += count

    def below(place: Path_) -> Iterator[str]:
        found = [
            (count, stack)
            for stack, count in inside.items()
            if len(stack) == len(place) + 1 and stack[: len(place)] == place
        ]
        for count, stack in sorted(found, reverse=True):
            if count >= LEAST * total:
                yield f"{100 * count / total:6.1f} %  {'  ' * len(place)}{stack[-1]}"
                yield from below(stack)

    yield from below(())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path, nargs="?", default=PROJECT / "configs/sundsvall.toml")
    parser.add_argument("--edition", default="java")
    parser.add_argument("--area")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--deep", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        words = ["build", str(asked.config), "--out", f"{name}/out", "--jobs", asked.jobs]
        words += ["--edition", asked.edition, *(["--area", asked.area] if asked.area else [])]
        start, spent = time.perf_counter(), time.process_time()
        with Sampler() as sampler:
            sys.argv = ["mc-city", *words]
            from mc_city.cli import main as build

            try:
                build()
            except SystemExit as ended:
                if ended.code:
                    raise
        wall, core = time.perf_counter() - start, time.process_time() - spent
    total = sum(sampler.counts.values())
    print(f"{core:.1f} s of processors in {wall:.1f} s; {total:,} samples")
    for stage, counts in by_stage(sampler.counts).items():
        print(f"{stage}: {100 * sum(counts.values()) / max(total, 1):.1f} %")
        print(*lines_of(counts, total, asked.deep), sep="\n")


if __name__ == "__main__":
    main()
