"""What a build is made from, to the byte: the program, its settings and every file that it
reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import rasterio
from rasterio.errors import RasterioError

from buildings.models.companions import companions_of
from mc_city import __version__
from mc_city.settings.config import Config
from mc_city.settings.provenance import source_files
from worlds.errors import SourceError
from worlds.java.kept_blocks import files_of_blocks

PROGRAM = ("mc_city", "terrain", "buildings", "worlds", "configs", "data/fonts", "data/proj")
WHOLE = 1 << 30
"""A larger file is not read whole: PLACES pieces of it, its size and its time have to do."""
PIECE, PLACES = 1 << 20, 64
COMPANIONS = (
    ".shx", ".dbf", ".prj", ".cpg", ".tfw", ".tifw", ".jgw", ".pgw", ".wld", ".hdr", ".aux",
)  # fmt: skip
"""Endings of the other parts of shapefiles, and of what says where a raster lies, that stand in
place of the source's own."""


@dataclass(frozen=True)
class Fingerprint:
    """text: equal for equal results; files: (digest, time of the last change) of each source
    file."""

    text: str
    files: dict[Path, tuple[str, int]]


def _sampled(path: Path, size: int, changed: int) -> str:
    state = hashlib.sha256(f"{size} {changed}".encode())
    with path.open("rb") as file:
        for place in range(PLACES):
            file.seek(place * (size - PIECE) // (PLACES - 1))
            state.update(file.read(PIECE))
    return state.hexdigest()


def _state(path: Path) -> tuple[str, int]:
    """(digest of a file, time of its last change). The digest is of what is in it: clocks are set
    back, and archives set times."""
    stat = path.stat()
    if stat.st_size > WHOLE:
        return _sampled(path, stat.st_size, stat.st_mtime_ns), stat.st_mtime_ns
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), stat.st_mtime_ns


def _with_companions(path: Path) -> Iterator[Path]:
    """A source and what belongs to it: all below a folder; parts of a shapefile and notes of a
    raster beside it; what a mosaic names."""
    if path.is_dir():
        yield from (inside for inside in path.rglob("*") if inside.is_file())
        return
    for other in path.parent.iterdir() if path.parent.is_dir() else ():
        part = other.stem == path.stem and other.suffix.lower() in COMPANIONS
        # SQLite keeps there what was written last, for as long as somebody has the file open.
        log = other.name == f"{path.name}-wal" and other.stat().st_size > 0
        if (
            part or log or other.name == path.name or other.name.startswith(f"{path.name}.")
        ) and other.is_file():
            yield other
    if path.suffix.lower() == ".vrt" and path.is_file():
        try:
            with rasterio.open(path) as mosaic:
                yield from (found for name in mosaic.files if (found := Path(name)).is_file())
        except RasterioError:
            return


def _input_files(config: Config) -> list[Path]:
    """Every file of the user's that a build of this configuration reads and that is there,
    sorted."""
    named = source_files(config)
    notes = [path.parent / "sources.toml" for path in named]
    extracts = [config.osm.extract] if config.osm else []
    found = {other for path in [*named, *extracts] for other in _with_companions(path)}
    found |= {other for model in config.models for other in companions_of(model.path)}
    found |= {other for path in config.lessons.ideas for other in files_of_blocks(path.parent)}
    return sorted(found | {path for path in [*notes, config.styles] if path.is_file()})


@cache
def program() -> str:
    """One number for the program and the libraries that it stands on."""
    state = hashlib.sha256(__version__.encode())
    code = Path(__file__).resolve().parent.parent.parent
    for path in sorted(
        path for name in PROGRAM for path in (code / name).rglob("*") if path.is_file()
    ):
        if "__pycache__" not in path.parts:
            state.update(f"{path.relative_to(code).as_posix()} {_state(path)[0]}".encode())
    try:
        names = sorted(
            wanted.rstrip("<>=!~,.0123456789")
            for wanted in requires("mc-city") or ()
            if ";" not in wanted
        )
        state.update(" ".join(f"{name} {version(name)}" for name in names).encode())
    except PackageNotFoundError:
        pass
    return state.hexdigest()


def states_of(paths: Iterable[Path]) -> dict[Path, tuple[str, int]]:
    """(digest, time of the last change) of each file."""
    return {path: _state(path) for path in paths}


def files_of(paths: Iterable[Path]) -> set[Path]:
    """All files that belong to sources."""
    return {other for path in paths for other in _with_companions(path)}


def fingerprint(config: Config, shown: Sequence[str] = ()) -> Fingerprint:
    """Says whether a killed build can be taken up again: the same program, settings and files."""
    files = states_of(_input_files(config))
    facts = [
        program(),
        json.dumps(config.model_dump(), default=str),
        list(shown),
        [[str(path), digest] for path, (digest, _) in files.items()],
    ]
    return Fingerprint(hashlib.sha256(json.dumps(facts).encode()).hexdigest(), files)


def require_unchanged(config: Config, before: Fingerprint) -> None:
    """SourceError when a source is another than before the build: nobody knows which of the two
    each part was read from. So is one that was written again with the same content: it may have
    been another in between."""
    now = states_of(_input_files(config))
    for path in sorted(now.keys() | before.files.keys()):
        if now.get(path) != before.files.get(path):
            raise SourceError(
                f"{path} was changed while the world was built, so nothing was published",
                hint="run the same command again when nothing writes to it",
            )
