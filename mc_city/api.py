"""What Python programs use, by way of `import mc_city`, and the command line too: each function is
one command. What a function needs is loaded when it is called."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mc_city.exports import formats
from worlds.errors import ConfigError as ConfigError
from worlds.errors import McCityError as McCityError
from worlds.errors import SourceError as SourceError
from worlds.errors import WorldError as WorldError

if TYPE_CHECKING:
    from mc_city.build.estimate import Estimate
    from mc_city.exports.folders import Exported
    from mc_city.exports.printing.settings import Printer as Printer
    from mc_city.fetch.fetching import Fetched
    from mc_city.handout.handout import Packed
    from mc_city.harvest.gathering import Gathered
    from mc_city.reports import BuiltReport, CheckReport
    from mc_city.saved.switching import LayerState
    from mc_city.saved.world import World as World
    from mc_city.settings.config import Config as Config

Progress = Callable[[str, int, int], None]
"""Called with a step, how much of it is done, and how much there is."""
JOBS = min(os.cpu_count() or 1, 4)
"""Regions at the same time."""
LONGEST_NAME, LONGEST_PATH = 255, 4000
"""Bytes of a name and of a path that every disk takes, or more."""


def __getattr__(name: str) -> Any:
    if name == "Config":
        from mc_city.settings.config import Config

        return Config
    if name == "Printer":
        from mc_city.exports.printing.settings import Printer

        return Printer
    if name == "World":
        from mc_city.saved.world import World

        return World
    raise AttributeError(f"module 'mc_city.api' has no attribute {name!r}")


def _path(value: Path | str) -> Path:
    """ConfigError for what is no path, and for one that no disk can hold."""
    try:
        path = Path(os.fsdecode(value))
        names, whole = [len(os.fsencode(part)) for part in path.parts], len(os.fsencode(path))
    except (TypeError, UnicodeError) as error:
        raise ConfigError(f"{value!r:.80} is no path", hint="give a str or a Path") from error
    if "\0" in str(path) or max([0, *names]) > LONGEST_NAME or whole > LONGEST_PATH:
        raise ConfigError(f"{str(path)!r:.80} can be no path", hint="give one that is shorter")
    return path


def _require_config(config: object) -> None:
    from mc_city.settings.config import Config

    if not isinstance(config, Config):
        raise ConfigError(
            f"a Config is wanted, not {config!r:.80}",
            hint="read one with mc_city.read_config, or make one with mc_city.Config.of",
        )


def _require_count(name: str, value: object) -> None:
    if not isinstance(value, int) or value < 1:
        raise ConfigError(f"{name} = {value!r:.80}", hint="give a whole number from 1")


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody is told."""


def untold(_line: str) -> None:
    """Lines that nobody is told."""


@dataclass(frozen=True)
class Again:
    """How a folder that was built before is built again. force: also when it was changed since or
    is not ours, which is then kept beside it; afresh: also the regions of which nothing has
    changed; keep_builds: a Java world that was built into it, in which the chunks that somebody has
    built in since stay as they are."""

    force: bool = False
    afresh: bool = False
    keep_builds: Path | str | None = None


@dataclass(frozen=True, repr=False)
class Built:
    """What a build made. folder: with all of it; report: what was counted, skipped and why, as in
    report.json; address, sent: where it was sent too, and how many files were sent now."""

    folder: Path
    report: BuiltReport = field(compare=False)
    address: str | None = None
    sent: int = 0

    def __repr__(self) -> str:
        city, chunks = self.report["world"]["city"], self.report["chunks"]
        return f"<Built {city}: {chunks:,} chunks in {self.folder}>"

    @property
    def world(self) -> World:
        """The Java world, or the .mcworld where only that was built."""
        from mc_city.saved.world import World

        name = self.report["world"]["city"]
        java = "java" in self.report["editions"]
        return World(self.folder / (name if java else f"{name}.mcworld"))

    @property
    def map(self) -> Path:
        """The picture from above."""
        return self.folder / "map.png"


def read_config(path: Path | str | None = None) -> Config:
    """The configuration in a TOML file or in the folder that `init` made; without one the Sundsvall
    sample. ConfigError with the nearest known key. `Config.of` makes one without a file.

    >>> read_config().with_area((619_250, 6_919_700, 619_378, 6_919_828))
    <Config Sundsvall: EPSG:3006, 144 x 144 blocks>
    """
    from mc_city.settings.config import DEFAULT_CONFIG
    from mc_city.settings.config import read_config as read

    return read(_path(path) if path is not None else DEFAULT_CONFIG)


def fetch(
    config: Config,
    *,
    dry_run: bool = False,
    offline: bool = False,
    renew: bool = False,
    large: bool = False,
    progress: Progress = quiet,
    told: Callable[[str], None] = untold,
) -> Fetched:
    """Fetches the open data that a configuration names under [fetch], with a record of whose it is.

    dry_run: only tell what would be fetched; offline: ask nobody, only look whether all is there;
    renew: also what is there already; large: also more than a gigabyte; told: called with lines for
    a person.
    """
    from mc_city.fetch.fetching import Options
    from mc_city.fetch.fetching import fetch as run

    _require_config(config)
    options = Options(dry_run=dry_run, offline=offline, renew=renew, large=large)
    return run(config, options, progress, told)


def check(
    config: Config,
    *,
    picture: Path | str | None = None,
    progress: Progress = quiet,
    told: Callable[[Estimate], None] | None = None,
) -> CheckReport:
    """Reads every source without building: counts, what was skipped and why, and what a build would
    take, as `mc-city check --json` prints it. SourceError where a build would fail. picture: a PNG
    of the area with what each source covers, voids in the elevation, and houses by what their
    height is known from; told: called with the estimate before any work."""
    from mc_city.build.estimate import compiling_shown, estimate
    from mc_city.build.report import source_report
    from mc_city.build.staging import disk_errors
    from mc_city.checking.inputs import read_inputs
    from mc_city.checking.picture import require_place, write_picture
    from mc_city.city.reading import read_city
    from mc_city.settings.fetched import require_fetched

    _require_config(config)
    if picture is not None:
        picture = _path(picture)
        require_place(picture)
    require_fetched(config.fetch, config.path)
    found = estimate(config, Path("out"), JOBS)
    if told:
        told(found)
    with compiling_shown(config, progress):
        city = read_city(config, progress)
        inputs = read_inputs(city)
        if picture is not None:
            with disk_errors(picture, "give another --picture"):
                write_picture(city, inputs, picture)
        return {
            "build": found.facts(),
            "inputs": [one.facts() for one in inputs],
            **source_report(city),
        }


def build(
    config: Config,
    out: Path | str = "out",
    *,
    show: Sequence[str] = (),
    jobs: int | str = JOBS,
    force: bool | Again = False,
    large: bool = False,
    progress: Progress = quiet,
    told: Callable[[Estimate], None] | None = None,
) -> Built:
    """Builds the worlds of a configuration into the folder `out`, or, where that is an address
    (`s3://bucket/city`), into a folder here that is then sent there.

    show: ids of layers that the worlds begin with; jobs: regions at the same time, in threads;
    `dask` or `dask:4` for processes of this machine, or the address of a Dask cluster; force: also
    when `out` was changed since it was built or is not ours, which is then kept beside it, or an
    `Again` that says more; large: also when it takes more than 100,000 chunks, 5 GB or an hour;
    told: called with the estimate before any work.
    McCityError before `out` is touched.
    """
    from mc_city.build.build import build as run
    from mc_city.build.delivery import deliver, is_address, local_folder
    from mc_city.build.estimate import compiling_shown, estimate, require_possible
    from mc_city.build.pools import crew_of
    from mc_city.settings.fetched import require_fetched

    _require_config(config)
    crew = crew_of(jobs)
    require_fetched(config.fetch, config.path)
    address = out if isinstance(out, str) and is_address(out) else None
    folder = local_folder(address) if address else _path(out)
    shown = (show,) if isinstance(show, str) else tuple(show)
    found = estimate(config, folder, crew.jobs)
    if told:
        told(found)
    require_possible(found, config, folder, large)

    again = force if isinstance(force, Again) else Again(force)
    world = None if again.keep_builds is None else _path(again.keep_builds)

    def make(into: Path) -> BuiltReport:
        return run(
            config, into, jobs=jobs, force=again.force, progress=progress, shown=shown,
            afresh=again.afresh, keep_builds=world,
        )  # fmt: skip

    with compiling_shown(config, progress):
        if address is None:
            return Built(folder, make(folder))
        done = deliver(
            address, config, shown, force=again.force, progress=progress, make=make,
            anew=again.afresh or world is not None,
        )  # fmt: skip
        return Built(folder, done.report, address, done.sent)


def open_world(path: Path | str) -> World:
    """A saved world of either edition: a folder, a .zip of one or a .mcworld. WorldError when it is
    none."""
    from mc_city.saved.opening import opened_world
    from mc_city.saved.world import World

    world = World(_path(path))
    with opened_world(world.path):
        return world


def layers(world: Path | str) -> tuple[LayerState, ...]:
    """The planned developments of a saved world: id, name, and whether each is shown."""
    return open_world(world).layers


def draw_map(
    world: Path | str,
    png: Path | str,
    *,
    layers: bool = False,
    max_px: int = 4096,
    jobs: int = JOBS,
) -> Path:
    """Draws any Java or Bedrock world from above. layers: today and with all plans side
    by side."""
    from mc_city.saved.world import write_world_map

    return write_world_map(_path(world), _path(png), layers=layers, max_px=max_px, jobs=jobs)


def init(
    folder: Path | str,
    files: Sequence[Path | str] = (),
    *,
    place: str | None = None,
    bounds: tuple[float, float, float, float] | None = None,
    told: Callable[[str], None] = untold,
) -> tuple[Path, list[str]]:
    """Writes a commented configuration: for these files, to be filled in, or, for a place by its
    name or by bounds in degrees (west, south, east, north), one that can be fetched. Returns its
    path, and what was not used of the files."""
    if place is not None or bounds is not None:
        from mc_city.fetch.beginning import write_beginning

        return write_beginning(_path(folder), place, bounds, told), []
    from mc_city.starter import write_starter

    named = [files] if isinstance(files, str | Path) else files
    return write_starter(_path(folder), [_path(file) for file in named], told)


def pack(
    out: Path | str,
    target: Path | str | None = None,
    *,
    force: bool = False,
    jobs: int = JOBS,
    progress: Progress = quiet,
) -> Packed:
    """Gathers what a teacher hands out of what was built into `out`: worlds, maps, sources and a
    guide to print."""
    from mc_city.handout.handout import pack as run

    _require_count("jobs", jobs)
    return run(_path(out), _path(target) if target is not None else None, force, jobs, progress)


def harvest(
    base: Path | str,
    returned: Sequence[Path | str],
    out: Path | str = "ideas",
    *,
    force: bool = False,
    world: bool = True,
    progress: Progress = quiet,
) -> Gathered:
    """Compares worlds that came back with the one that was handed out, and writes what was built in
    them into a folder: geodata, a report, votes, and a world to walk through, unless `world` is
    False."""
    from mc_city.harvest.gathering import gather

    named = [returned] if isinstance(returned, str | Path) else list(returned)
    return gather(
        _path(base), [_path(one) for one in named], _path(out), force, progress, world=world
    )


FORMATS = tuple(one.name for one in formats.FORMATS)
"""What `export` writes."""
PRINTED = tuple(one.name for one in formats.FORMATS if one.printed)
"""Those of them that are printed."""


def export(
    world: Path | str,
    out: Path | str,
    kind: str,
    *,
    area: tuple[float, float, float, float] | None = None,
    force: bool = False,
    printer: Printer | None = None,
    progress: Progress = quiet,
) -> Exported:
    """Writes a saved world for other programs, into a folder of its own.

    kind: one of `FORMATS` (mc_city/exports/formats.py says what each is for); area: west, south,
    east, north of a part, in the world's CRS; force: also when the folder is there already, which
    is then kept beside it; printer: scale, bed and clearance of what is printed.
    """
    wanted = next((one for one in formats.FORMATS if one.name == kind), None)
    if wanted is None:
        raise ConfigError(f"{kind!r:.80} is no format", hint=f"formats: {', '.join(FORMATS)}")
    where = _path(world), _path(out), area, force, progress
    if wanted.printed:
        from mc_city.exports.printing.settings import Printer as Wanted

        return wanted.load()(*where, kind=kind, printer=printer or Wanted())
    if printer is not None:
        raise ConfigError(
            f"{kind} is not printed: scale, bed and clearance are for {' and '.join(PRINTED)}",
            hint=f"leave them out, or export {PRINTED[0]}",
        )
    return wanted.load()(*where)
