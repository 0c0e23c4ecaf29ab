"""Plans in a GeoPackage: its rows are changed in place, in a copy, and all else in it stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import shapely

from mc_city.app.plan_changes import (
    Added,
    Altered,
    Change,
    PlanFeature,
    Removed,
    require_keys,
)
from worlds.errors import SourceError

ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}
"""Bytes of the box in a geometry's head, by its kind."""
HEAD = 8
MOST_ROWS = 200_000
STEPS, MOST_STEPS = 100_000, 10_000
"""Of the database's machine between two looks, and how many looks there are."""
OPEN_ELSEWHERE = "close the project in QGIS that holds it open, then try again"


class _Table(NamedTuple):
    """name, key, geometry: of the table and its columns; columns: all others, with their types;
    srs: number of its coordinates."""

    name: str
    key: str
    geometry: str
    columns: dict[str, str]
    srs: int


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def shape_of(blob: Any) -> Any:
    """The shape in a GeoPackage's geometry; None for what is none."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < HEAD:
        return None
    start = HEAD + ENVELOPES.get(blob[3] >> 1 & 7, 0)
    found = shapely.from_wkb(blob[start:], on_invalid="ignore")
    return None if found is None or found.is_empty else found


def _blob_of(shape: Any, srs: int) -> bytes:
    head = b"GP\0\1" + srs.to_bytes(4, "little", signed=True)
    return head + bytes(shapely.to_wkb(shape, byte_order=1, flavor="iso"))


def _bound(number: int) -> Any:
    def bound(blob: Any) -> float | None:
        shape = shape_of(blob)
        return None if shape is None else float(shape.bounds[number])

    return bound


def require_closed(path: Path) -> None:
    """SourceError while another program holds changes that are not yet in the file itself."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:
        raise SourceError(f"{path.name} is open in another program", hint=OPEN_ELSEWHERE)


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    """A database with the functions that the triggers of its spatial index call. mode: `ro`,
    `rw`."""
    try:
        address = f"file:{quote(str(path))}?mode={mode}"
        with closing(sqlite3.connect(address, uri=True)) as database:
            # What somebody's file lets triggers do has an end.
            steps = iter(range(MOST_STEPS))
            database.set_progress_handler(lambda: next(steps, None) is None, STEPS)
            database.execute("PRAGMA trusted_schema = ON")
            for number, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
                database.create_function(name, 1, _bound(number), deterministic=True)
            database.create_function(
                "ST_IsEmpty", 1, lambda blob: int(shape_of(blob) is None), deterministic=True
            )
            yield database
    except sqlite3.Error as error:
        raise SourceError(f"{path}: cannot be changed ({error})", hint=OPEN_ELSEWHERE) from error


def _table_of(database: sqlite3.Connection, layer: str) -> _Table:
    found = database.execute(
        "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?", (layer,)
    ).fetchone()
    rows = database.execute(f"PRAGMA table_info({_quoted(layer)})").fetchall()
    keys = [name for _, name, *_, key in rows if key]
    if found is None or len(keys) != 1:
        raise SourceError(
            f"its layer {layer!r} is no table that can be changed",
            hint="save it in QGIS as a new GeoPackage",
        )
    named = {name: kind for _, name, kind, *_ in rows if name not in (found[0], keys[0])}
    return _Table(layer, keys[0], found[0], named, int(found[1]))


def read_rows(path: Path, layer: str) -> list[PlanFeature]:
    """The features of a layer, in their order, each with the number of its row."""
    with _opened(path, "ro") as database:
        table = _table_of(database, layer)
        names = ", ".join(map(_quoted, (table.key, table.geometry, *table.columns)))
        wanted = f"SELECT {names} FROM {_quoted(layer)} ORDER BY {_quoted(table.key)}"
        rows = database.execute(f"{wanted} LIMIT {MOST_ROWS}").fetchall()
    return [
        PlanFeature(
            int(key),
            {
                name: value
                for name, value in zip(table.columns, values, strict=True)
                if isinstance(value, str | int | float)
            },
            shape_of(blob),
        )
        for key, blob, *values in rows
    ]


def _with_columns(database: sqlite3.Connection, table: _Table, facts: Any) -> None:
    """Columns for what no row has had till now."""
    for name, value in facts.items():
        if name not in table.columns and value is not None:
            kind = {int: "INTEGER", float: "REAL"}.get(type(value), "TEXT")
            database.execute(f"ALTER TABLE {_quoted(table.name)} ADD COLUMN {_quoted(name)} {kind}")
            table.columns[name] = kind


def change_rows(path: Path, layer: str, changes: tuple[Change, ...], name: str) -> None:
    """Makes changes in a file, all or none. name: of the file, for a person."""
    with _opened(path, "rw") as database, database:
        table = _table_of(database, layer)
        own, key = _quoted(layer), _quoted(table.key)
        known = {number for (number,) in database.execute(f"SELECT {key} FROM {own}")}
        require_keys(changes, known, name)
        for change in changes:
            if isinstance(change, Removed):
                database.execute(f"DELETE FROM {own} WHERE {key} = ?", (change.key,))
                continue
            if not isinstance(change, Added | Altered):
                raise SourceError(
                    "the order of a GeoPackage's features is that of its rows",
                    hint="say in which year each is done: what is done later is seen on top",
                )
            _with_columns(database, table, change.facts)
            values = {one: value for one, value in change.facts.items() if one in table.columns}
            if change.shape is not None:
                values[table.geometry] = _blob_of(change.shape, table.srs)
            names, given = list(map(_quoted, values)), list(values.values())
            if isinstance(change, Added):
                marks = ", ".join("?" * len(given))
                database.execute(f"INSERT INTO {own} ({', '.join(names)}) VALUES ({marks})", given)
            elif names:
                wanted = ", ".join(f"{one} = ?" for one in names)
                database.execute(f"UPDATE {own} SET {wanted} WHERE {key} = ?", [*given, change.key])
