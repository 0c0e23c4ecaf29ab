"""How much memory something takes at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def read_megabytes(line: str) -> int:
    """A line of this process's own status: VmHWM, the most that was resident, or VmRSS, what is
    now. What `getrusage` says begins with the peak of the process that started this one, so it
    tells nothing in the child of a large test run."""
    found = next(
        row for row in STATUS.read_text(encoding="ascii").splitlines() if row.startswith(f"{line}:")
    )
    return int(found.split()[1]) >> 10


def growth_of(action: Callable[[], object]) -> int:
    """MB by which this process grows at most while the action runs."""
    CLEAR.write_text("5", encoding="ascii")
    before = read_megabytes("VmRSS")
    action()
    return read_megabytes("VmHWM") - before
