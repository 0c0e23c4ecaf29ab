"""Long work, one at a time for a project: in a thread that tells how far it is, waits when it is
paused and ends when it is stopped."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Literal

from mc_city.api import Progress
from mc_city.progress import COMPILING
from worlds.errors import McCityError, WorldError
from worlds.quoting import plain

State = Literal["running", "paused", "stopping", "done", "stopped", "failed"]
ALIVE: tuple[State, ...] = ("running", "paused", "stopping")
Work = Callable[[Progress], Any]
"""Long work: it is given the progress to call, and returns what can be told as JSON."""
EVEN: Mapping[str, float] = {}
TELLING_SHARE = 0.03
"""Of the work that must be done before a time left is told."""
KEPT = 20
"""Jobs that are remembered."""


class StoppedError(BaseException):
    """A person stopped it. Like an interrupt from the keyboard, nothing on the way mends it."""


@dataclass(kw_only=True)
class _Job:
    """weights: share of the whole time by step, in their order; waited: seconds that it was
    paused."""

    number: int
    kind: str
    weights: Mapping[str, float]
    begun: float
    state: State = "running"
    step: str = ""
    detail: str = ""
    done: int = 0
    total: int = 0
    passed: list[str] = field(default_factory=list)
    waited: float = 0.0
    since: float | None = None
    ended: float | None = None
    result: Any = None
    error: str = ""
    hint: str = ""
    bug: bool = False

    def seconds(self, now: float) -> float:
        """Of work, without pauses."""
        paused = self.waited + (now - self.since if self.since is not None else 0.0)
        return (self.ended or now) - self.begun - paused

    def share(self) -> float:
        """How much of the whole is done, 0 … 1."""
        if self.state == "done":
            return 1.0
        part = min(self.done / self.total, 1.0) if self.total else 0.0
        if not self.weights:
            return part
        before = 0.0
        for step, weight in self.weights.items():
            if step == self.step:
                return before + weight * part
            before += weight if step in self.passed else 0.0
        return before


class Jobs:
    """The jobs of a project. now: a clock in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._changed = Condition()
        self._jobs: dict[int, _Job] = {}
        self._threads: dict[int, Thread] = {}
        self._closed = False

    def start(self, kind: str, work: Work, weights: Mapping[str, float] = EVEN) -> int:
        """Begins a job and returns its number. WorldError while another goes on."""
        with self._changed:
            if self._closed:
                raise WorldError("the window is being closed", hint="start `mc-city app` again")
            if any(job.state in ALIVE for job in self._jobs.values()):
                raise WorldError(
                    "other work is going on in this project", hint="wait for it, or stop it"
                )
            number = max(self._jobs, default=0) + 1
            job = _Job(number=number, kind=kind, weights=weights, begun=self._now())
            self._jobs[number] = job
            for old in sorted(self._jobs)[:-KEPT]:
                del self._jobs[old]
                self._threads.pop(old, None)
            # A second interrupt must be able to end the program at once.
            thread = Thread(
                target=self._run, args=(job, work), name=f"{kind} {number}", daemon=True
            )
            self._threads[number] = thread
            thread.start()
        return number

    def told(self, number: int) -> dict[str, Any]:
        """A job's state as JSON. WorldError for one that is not known."""
        with self._changed:
            return self._facts(self._known(number))

    def latest(self, kind: str | None = None) -> dict[str, Any] | None:
        """The state of the last one, of a kind or any."""
        with self._changed:
            found = [job for job in self._jobs.values() if kind in (None, job.kind)]
            return self._facts(found[-1]) if found else None

    def pause(self, number: int) -> None:
        with self._changed:
            job = self._known(number)
            if job.state == "running":
                job.state, job.since = "paused", self._now()
            self._changed.notify_all()

    def resume(self, number: int) -> None:
        with self._changed:
            job = self._known(number)
            if job.state == "paused":
                self._awake(job, "running")

    def stop(self, number: int) -> None:
        """What is done stays for the next time."""
        with self._changed:
            job = self._known(number)
            if job.state in ("running", "paused"):
                self._awake(job, "stopping")

    def wait(self, number: int, seconds: float) -> bool:
        """Whether a job has ended within so many seconds."""
        thread = self._threads.get(number)
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def close(self, seconds: float = 120.0) -> None:
        """Stops what goes on and waits for its end."""
        with self._changed:
            self._closed = True
            alive = [job.number for job in self._jobs.values() if job.state in ALIVE]
        for number in alive:
            self.stop(number)
            self.wait(number, seconds)

    def _known(self, number: int) -> _Job:
        job = self._jobs.get(number)
        if job is None:
            raise WorldError(
                f"there is no work number {number}",
                hint="the program was started again since: begin the work again, it goes on where "
                "it was",
            )
        return job

    def _awake(self, job: _Job, state: State) -> None:
        if job.since is not None:
            job.waited += self._now() - job.since
            job.since = None
        job.state = state
        self._changed.notify_all()

    def _run(self, job: _Job, work: Work) -> None:
        found: dict[str, Any] = {"state": "done"}
        try:
            found["result"] = work(lambda what, done, total: self._step(job, what, done, total))
        except StoppedError:
            found["state"] = "stopped"
        except McCityError as error:
            found |= {"state": "failed", "error": plain(str(error)), "hint": plain(error.hint)}
        except BaseException as error:
            traceback.print_exc()
            found |= {
                "state": "failed",
                "bug": True,
                "error": f"this is a bug in mc-city: {type(error).__name__}: {plain(error)[:300]}",
                "hint": "please report it with what the window shows that mc-city was started from",
            }
        with self._changed:
            self._awake(job, found["state"])
            for name, value in found.items():
                setattr(job, name, value)
            job.ended = self._now()

    def _step(self, job: _Job, what: str, done: int, total: int) -> None:
        """What the work calls: it is told, waits here while it is paused, and ends here when it is
        stopped."""
        step, _, detail = what.partition(": ")
        with self._changed:
            if step != COMPILING or not job.step:
                if job.step not in (step, "") and job.step not in job.passed:
                    job.passed.append(job.step)
                job.step, job.detail, job.done, job.total = step, detail, done, total
            else:
                job.detail = COMPILING
            # The compiler calls in the middle of its work, from whatever thread.
            if step == COMPILING:
                return
            while job.state == "paused":
                self._changed.wait()
            if job.state == "stopping":
                raise StoppedError

    def _facts(self, job: _Job) -> dict[str, Any]:
        seconds, share = job.seconds(self._now()), job.share()
        left = None
        if job.state in ("running", "paused") and share >= TELLING_SHARE:
            left = round(seconds * (1 - share) / share, 1)
        return {
            "number": job.number, "kind": job.kind, "state": job.state, "step": job.step,
            "detail": job.detail, "done": job.done, "total": job.total, "passed": job.passed,
            "steps": list(job.weights), "share": round(share, 4), "seconds": round(seconds, 1),
            "left": left, "result": job.result, "error": job.error, "hint": job.hint,
            "bug": job.bug,
        }  # fmt: skip
