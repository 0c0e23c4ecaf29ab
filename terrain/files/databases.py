"""GeoPackages and other SQLite databases: what a view gives is not bounded by the file, so it is
counted before GDAL reads it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from worlds.errors import SourceError

MAGIC = b"SQLite format 3\x00"
STEPS, MOST_STEPS = 100_000, 20_000_000
"""Of the database's machine: between looks at what it has done, and until it is stopped, after some
seconds."""
FEW_ROWS, BYTES_A_ROW = 100_000, 20
"""So many rows are always read; more only as far as the file has as many bytes for each: rows that
stand in it have."""
TABLES = (
    "gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "gpkg_extensions",
    "gpkg_ogr_contents", "gpkg_data_columns",
    "gpkg_metadata", "gpkg_metadata_reference", "gpkg_tile_matrix", "gpkg_tile_matrix_set",
    "geometry_columns", "spatial_ref_sys",
)  # fmt: skip
"""What GDAL reads of any such file; a view may be called so, too."""
Stamp = tuple[tuple[int, int], ...]
"""When files were changed, and their sizes."""
ALONE = (".gpkg", ".geojson", ".json", ".fgb")
"""Endings of files of which nothing stands in others beside them, but for a log."""
_UNKNOWN = re.compile(r"no such function: (\w+)")


def stamp_of(path: Path) -> Stamp | None:
    """By which a file is known again as long as nobody changes it; None for one that is not there,
    or of which a part is in other files."""
    if path.suffix.lower() not in ALONE or not path.is_file():
        return None
    files = (path, path.with_name(f"{path.name}-wal"))
    stats = [file.stat() for file in files if file.exists()]
    return tuple((stat.st_mtime_ns, stat.st_size) for stat in stats)


def _count(database: sqlite3.Connection, view: str) -> int | None:
    """The rows of a view; None where they cannot be counted here. Functions of geometry, which
    plain SQLite lacks, give nothing. sqlite3.OperationalError `interrupted` when there is no end to
    it."""
    for _ in range(32):
        done = iter(range(MOST_STEPS // STEPS))
        database.set_progress_handler(lambda done=done: next(done, None) is None, STEPS)  # type: ignore[misc]
        try:
            # What a row holds is made as well as its place: that is what may take for ever.
            return int(
                database.execute(f'SELECT count(*) FROM (SELECT * FROM "{view}")').fetchone()[0]
            )
        except sqlite3.OperationalError as error:
            unknown = _UNKNOWN.search(str(error))
            if str(error) == "interrupted":
                raise
            if unknown is None:
                return None
            database.create_function(unknown[1], -1, lambda *_: None)
    return None


def _views(database: sqlite3.Connection, wanted: tuple[str, ...]) -> Iterator[str]:
    known = {name.lower() for name in wanted}
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view'"):
        if str(name).lower() in known and '"' not in str(name):
            yield str(name)


def require_bounded(path: Path, layer: str | None = None) -> None:
    """SourceError where a layer of an SQLite database, or without a layer its lists of layers, are
    views that never end or give more than the file holds."""
    stamp = stamp_of(path)
    if stamp is None:
        _look(path, layer)
    else:
        _looked(path, layer, stamp)


@lru_cache(maxsize=256)
def _looked(path: Path, layer: str | None, stamp: Stamp) -> None:  # noqa: ARG001 - a file that has changed is another file
    _look(path, layer)


def _look(path: Path, layer: str | None) -> None:
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                return
        with closing(
            sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        ) as database:
            for view in _views(database, TABLES if layer is None else (layer,)):
                _require_bounded(path, database, view)
    except (sqlite3.Error, OSError, UnicodeDecodeError):
        # GDAL says better what is wrong with it; a message that quotes it may be no text.
        return


def _require_bounded(path: Path, database: sqlite3.Connection, view: str) -> None:
    hint = (
        "save the layer as a table of a new GeoPackage, with `ogr2ogr NEW.gpkg OLD.gpkg LAYER` "
        "or in a GIS"
    )
    try:
        rows = _count(database, view)
    except sqlite3.OperationalError as error:
        raise SourceError(
            f"{path}: {view!r} is a view whose rows take too long to find", hint=hint
        ) from error
    if rows is not None and rows > max(FEW_ROWS, path.stat().st_size // BYTES_A_ROW):
        raise SourceError(
            f"{path}: {view!r} is a view of {rows:,} rows, more than the file holds", hint=hint
        )
