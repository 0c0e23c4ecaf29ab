"""Fetching what a configuration names: first what it is and how large, then one after the other,
each whole or not there, with a record of whose it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from filelock import FileLock, Timeout

from mc_city.build.staging import disk_errors
from mc_city.fetch.area import Area
from mc_city.fetch.client import Client, in_words
from mc_city.fetch.credentials import (
    LANTMATERIET,
    LANTMATERIET_KEYS,
    Account,
    find_login,
    require_login,
)
from mc_city.fetch.downloads import digest_of, is_whole
from mc_city.fetch.records import Record, is_current, is_own, read_records, write_record
from mc_city.fetch.source import PIECES, Piece, Session, Source
from mc_city.fetch.sources import SOURCES
from mc_city.settings.config import Config
from mc_city.settings.fetched import MADE, Fetch, Key, sources_under
from mc_city.site.land import Progress
from terrain.plane import box_on_map
from worlds.bedrock.sizes import megabytes
from worlds.errors import ConfigError, SourceError, WorldError
from worlds.quoting import typed_path

LARGE = 1_000_000_000
"""Bytes that are not fetched without asking."""
SPARE = 200_000_000
"""Bytes of the disk that are left alone."""
STEP = "fetch"
OTHER_FOLDER = "name another folder under [fetch]"
BYTES_A_SECOND, SECONDS_A_PIECE = 2_500_000, 0.2
"""Of a line of 20 Mbit/s, for a first guess of how long it takes."""
"""What progress calls it."""


@dataclass(frozen=True)
class Options:
    """dry_run: only say what would be fetched; offline: ask nobody; renew: also what is there
    already; large: also more than LARGE bytes."""

    dry_run: bool = False
    offline: bool = False
    renew: bool = False
    large: bool = False


@dataclass(frozen=True)
class Fetched:
    """What is there now. files: by (theme, source); new: those that were fetched by this run."""

    folder: Path
    files: dict[Key, Path]
    new: tuple[Key, ...] = ()


@dataclass(frozen=True)
class _Part:
    """One source of a run. pieces: None where its file is there."""

    key: Key
    source: Source
    query: str
    pieces: Sequence[Piece] | None

    @property
    def missing(self) -> list[Piece]:
        return [piece for piece in self.pieces or () if not is_whole(piece.wanted)]

    @property
    def bytes(self) -> int:
        return sum(piece.size for piece in self.missing)

    def line(self) -> str:
        """One line of the table that is said before it starts."""
        name = f"{self.key[0]}: {self.source.title}"
        if self.pieces is None:
            return f"{name}: there already"
        about = "about " if any(piece.about for piece in self.missing) else ""
        count = len(self.missing)
        files = f" in {count:,} pieces" if count > 1 else ""
        return f"{name}: {about}{megabytes(self.bytes)}{files}"


@dataclass
class _Bytes:
    """How much of a run has come."""

    progress: Progress
    total: int = 0
    done: int = 0

    def grow(self, count: int) -> None:
        """Tells more of it. What is looked at beforehand does not count: total is not known yet."""
        if self.total:
            self.done += count
            self.progress(STEP, min(max(self.done, 0), self.total), self.total)


@dataclass
class _Run:
    config: Config
    settings: Fetch
    options: Options
    told: Callable[[str], None]
    progress: Progress
    files: dict[Key, Path] = field(default_factory=dict)

    @property
    def area(self) -> Area:
        grid = self.config.grid
        return Area(self.config.city.crs, box_on_map(grid.frame.crs, grid.bounds))

    def parts(self, session: Session) -> list[_Part]:
        """What there is to do. SourceError where the network is needed and not wanted."""
        records = read_records(self.settings.folder)
        there = {}
        for key in self.settings.chosen:
            query, entry = (
                SOURCES[key].query(self.area, self.settings),
                records.get(record_name(key)),
            )
            current = is_current(self.settings.folder, MADE[key].file, query, entry)
            there[key] = current and not self.options.renew
            if not current:
                self._require_ours(key, entry)
        parts = []
        for key in self.settings.chosen:
            source = SOURCES[key]
            query = source.query(self.area, self.settings)
            if not there[key] and self.options.offline:
                raise SourceError(
                    f"{source.title}: not there, or of another area, and --offline asks nobody",
                    hint=f"run `mc-city fetch {typed_path(self.config.path)}` with a network",
                )
            parts.append(_Part(key, source, query, None if there[key] else source.plan(session)))
        return parts

    def _require_ours(self, key: Key, entry: Mapping[str, str] | None) -> None:
        """SourceError where somebody's own file lies in the place of what would be fetched."""
        theme, name = key
        if is_own(self.settings.folder, MADE[key].file, entry):
            since = "was changed since it was fetched" if entry else "was not fetched by mc-city"
            raise SourceError(
                f"{self.settings.path_of(key)}: is somebody's own file, it {since}, and is kept",
                hint="move it to another folder or give it another name, or take the line "
                f'{theme} = "{name}" out of [fetch]',
            )

    def unused(self) -> Iterator[str]:
        """A line for each theme of which the configuration names sources of its own, and what is
        fetched is none of them."""
        for key in self.settings.chosen:
            path = os.path.realpath(self.settings.path_of(key))
            filled = MADE[key].fills
            named = {place: sources_under(self.config, place) for place in filled}
            if not any(path in map(os.path.realpath, own) for own in named.values()):
                said = " and ".join(f"[{section}] {name}" for section, name in filled)
                yield (
                    f"{key[0]}: {said} of the configuration comes first, and {MADE[key].file} is "
                    f'not used: take {key[0]} = "{key[1]}" out of [fetch]'
                    + ("" if MADE[key].single else f", or name both files under {said}")
                )

    def require_room(self, parts: Sequence[_Part]) -> None:
        total = sum(part.bytes for part in parts)
        if total > LARGE and not self.options.large:
            raise ConfigError(
                f"{megabytes(total)} to fetch",
                hint="give --yes if that is meant, or make the area smaller",
            )
        free = shutil.disk_usage(_existing(self.settings.folder)).free
        # What came is kept until its file is made of it.
        if 2 * total + SPARE > free:
            raise WorldError(
                f"{self.settings.folder}: {megabytes(free)} free, and {megabytes(2 * total)} are "
                f"needed",
                hint="free some space, or name another folder under [fetch]",
            )

    def take(self, part: _Part, session: Session) -> None:
        """Fetches a source's file, and notes whose it is."""
        if part.pieces is None:
            return
        path = self.settings.path_of(part.key)
        target = path.with_name(f".new-{path.name}")
        target.unlink(missing_ok=True)
        try:
            credit = part.source.fetch(session, part.pieces, target)
            digest = digest_of(target)
            os.replace(target, path)
        finally:
            target.unlink(missing_ok=True)
        day = datetime.now(UTC).date().isoformat()
        record = Record(
            source=record_name(part.key),
            file=path.name,
            query=part.query,
            day=day,
            credit=credit,
            digest=digest,
        )
        write_record(self.settings.folder, record)
        self.told(f"{path.name}: {credit.taken or credit.title}")
        if credit.note:
            self.told(f"{path.name}: {credit.note}")
        if credit.licence.startswith("unknown"):
            self.told(f"{path.name}: its licence is not known; ask before the world is handed out")


def _accounts(parts: Sequence[_Part]) -> Iterator[Account]:
    """Whose logins a run needs, before anything is taken."""
    for part in parts:
        theme, name = part.key
        if name == LANTMATERIET.name and part.pieces is not None:
            yield LANTMATERIET_KEYS if theme == "plans" else LANTMATERIET


def _login_words(account: Account) -> str:
    if find_login(account) is not None:
        return "a login is there; whether it is right shows when it is used"
    return f"a login is wanted, and none is kept: `mc-city login {account.name}`"


def record_name(key: Key) -> str:
    """What a source is called in the notes: one that gives several themes has several entries."""
    return f"{key[0]} {key[1]}"


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def fetch(
    config: Config,
    options: Options,
    progress: Progress,
    told: Callable[[str], None],
) -> Fetched:
    """Fetches what `[fetch]` names. told: called with lines for a person. McCityError where
    something cannot be had: what came until then is kept, and the same command goes on."""
    settings = config.fetch
    if settings is None or not settings.chosen:
        raise ConfigError(
            f"{config.path}: names nothing to fetch",
            hint='write a section [fetch] with ground = "mapterhorn" and osm = "overpass", or '
            "`mc-city init DIR --place NAME` makes a configuration that has one",
        )
    run = _Run(config, settings, options, told, progress)
    folder = settings.folder
    # What is looked at for a dry run leaves nothing behind.
    kept = TemporaryDirectory() if options.dry_run else nullcontext(folder / PIECES)
    with (
        disk_errors(folder, OTHER_FOLDER),
        kept as pieces,
        Client(settings.contact, told) as client,
    ):
        counted = _Bytes(progress)
        session = Session(
            client=client,
            area=run.area,
            settings=settings,
            pieces=Path(pieces),
            told=told,
            grows=counted.grow,
            known=run.files,
        )
        parts = run.parts(session)
        for line in (*run.unused(), *(part.line() for part in parts)):
            told(line)
        counted.total = sum(part.bytes for part in parts)
        seconds = counted.total / BYTES_A_SECOND + SECONDS_A_PIECE * sum(
            len(part.missing) for part in parts
        )
        told(
            f"together: {megabytes(counted.total)} into {folder}, about {in_words(seconds)} over a "
            "line of 20 Mbit/s"
        )
        accounts = dict.fromkeys(_accounts(parts))
        if options.dry_run:
            for account in accounts:
                told(f"{account.title}: {_login_words(account)}")
            return Fetched(folder, {})
        for account in accounts:
            require_login(account)
        run.require_room(parts)
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            if options.renew:
                shutil.rmtree(folder / PIECES, ignore_errors=True)
            for part in parts:
                run.take(part, session)
                run.files[part.key] = settings.path_of(part.key)
    new = tuple(part.key for part in parts if part.pieces is not None)
    return Fetched(folder, run.files, new)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Alone in the folder: two runs at once would write the same parts."""
    try:
        with FileLock(folder / ".fetch.lock").acquire(timeout=0):
            yield
    except Timeout as error:
        raise WorldError(
            f"{folder}: another mc-city is fetching into it", hint="wait until it is done"
        ) from error
