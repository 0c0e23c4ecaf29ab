"""What a worker of a cluster does: makes a region of a plan that was sent to it."""

from __future__ import annotations

import platform
import signal
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mc_city.build.fingerprint import states_of
from mc_city.build.regions import Plan, Region, RegionMade, make_region
from mc_city.build.sending import Packed, moved, prepare, taken_up, unpack_plan, versions
from mc_city.build.staging import FULL
from worlds.errors import McCityError, SourceError, WorldError

HERE = Path()
_kept: dict[str, tuple[Plan, Mapping[Path, tuple[str, int]]]] = {}
"""The plan that was sent last, and the state of the sources when it came, by its number."""
_unpacking = threading.Lock()


def dask_setup(_worker: Any) -> None:
    """Dask calls this when a worker of the cluster on this machine begins. Whom the keyboard
    interrupts is the build, which ends its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def versions_here() -> dict[str, str]:
    """What this machine makes regions with."""
    return versions()


def different(here: Mapping[str, str], wanted: Mapping[str, str], where: str) -> WorldError | None:
    """Why the machine `where` cannot make regions, or None. here, wanted: as `versions` gives
    them."""
    for name, value in wanted.items():
        found = here.get(name, "none")
        if found == value:
            continue
        said = (
            f"another program than this machine, though both are mc-city {wanted['mc-city']}"
            if name == "program"
            else f"{name} {found}, and this machine {value}"
        )
        return WorldError(
            f"the worker {where} has {said}",
            hint="install the same mc-city on all machines, in the same way, with its "
            "constraints.txt",
        )
    return None


def _sources_here(packed: Packed) -> Mapping[Path, tuple[str, int]]:
    """The rasters that drawing reads as they lie on this machine. SourceError where they are
    others than those of the build."""
    missing = [path for path in packed.sources if not path.is_file()]
    if missing:
        raise SourceError(
            f"{missing[0]} is not on the worker {platform.node()}",
            hint="rasters of heights must lie at the same path on all machines: docs/cluster.md",
        )
    found = states_of(packed.sources)
    for path, (digest, _) in found.items():
        if digest != packed.sources[path]:
            raise SourceError(
                f"{path} on the worker {platform.node()} is another file than here, or was "
                f"changed while the world was built",
                hint="bring the same file to all machines, and run the same command again",
            )
    return found


def _plan_of(packed: Packed) -> Plan:
    """The plan, unpacked once for all regions."""
    with _unpacking:
        if packed.number not in _kept:
            refused = different(versions(), packed.made_with, platform.node())
            if refused:
                raise refused
            state = _sources_here(packed)
            _kept.clear()
            _kept[packed.number] = unpack_plan(packed, HERE), state
        return _kept[packed.number][0]


def _require_unchanged(packed: Packed) -> None:
    """SourceError when a raster was written while a region was drawn from it."""
    before = _kept[packed.number][1]
    for path, (_, changed) in before.items():
        if not path.is_file() or path.stat().st_mtime_ns != changed:
            raise SourceError(
                f"{path} was changed while the world was built, so nothing was published",
                hint="run the same command again when nothing writes to it",
            )


def _scratch() -> str | None:
    """A folder that Dask removes with the worker, however that ends; None outside of one."""
    from distributed import get_worker

    try:
        return str(get_worker().local_directory)
    except ValueError:
        return None


def make_at_worker(packed: Packed, region: Region) -> RegionMade:
    """A region with what is in its files."""
    try:
        plan = _plan_of(packed)
        with tempfile.TemporaryDirectory(dir=_scratch(), prefix="region-") as folder:
            mine = moved(plan, Path(folder) / "plan")
            prepare(mine)
            made = taken_up(mine, make_region(mine, region))
        _require_unchanged(packed)
    except McCityError:
        raise
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise WorldError(
            f"the disk of the worker {platform.node()} is full",
            hint="free some space there and run the same command again: it goes on where it was",
        ) from error
    return made
