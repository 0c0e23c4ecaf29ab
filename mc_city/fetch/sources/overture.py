"""Buildings of Overture Maps: OpenStreetMap's and others', put together, some with heights. They
are files of the whole earth (GeoParquet), of which only the rows come that touch the area."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely
from shapely.errors import GEOSException

from mc_city.fetch.area import DEGREES, Area, Bounds
from mc_city.fetch.client import Question
from mc_city.fetch.downloads import Wanted
from mc_city.fetch.features import write_features
from mc_city.fetch.ranged import RangedFile, Store, reraised
from mc_city.fetch.records import Credit
from mc_city.fetch.source import Piece, Session
from mc_city.fetch.windows import store_of
from mc_city.settings.coordinates import horizontal
from mc_city.settings.fetched import Fetch
from worlds.errors import ConfigError, SourceError
from worlds.quoting import plain

INDEX = "https://stac.overturemaps.org"
FILES = "https://overturemaps-us-west-2.s3.us-west-2.amazonaws.com"
BUCKET = "s3://overturemaps-us-west-2"
TYPE = "building"
MOST_FILES, MOST_ROWS = 40, 2_000_000
LOWEST_M, HIGHEST_M = 2.5, 500.0
"""Heights beyond are taken for mistakes."""
WORDS: Mapping[str, str] = {
    "num_floors": "building:levels", "min_height": "min_height", "roof_shape": "roof:shape",
    "roof_height": "roof:height", "roof_color": "roof:colour", "facade_color": "building:colour",
    "facade_material": "building:material", "roof_material": "roof:material",
}  # fmt: skip
"""Overture's columns → OpenStreetMap's, by which houses are read."""
COLUMNS = ("id", "geometry", "bbox", "height", "class", "subtype", "names", "sources",
           "is_underground", *WORDS)  # fmt: skip
MEASURED = ("openstreetmap", "lidar", "3dep")
"""Parts of a source's name that measures heights, or is told of them by people."""


def _parquet() -> Any:
    """pyarrow's reader. ConfigError where it is not installed."""
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise ConfigError(
            'buildings = "overture" needs pyarrow',
            hint="install it: .venv/bin/pip install 'pyarrow<26'",
        ) from error
    return parquet


def _addresses(held: Any) -> Iterator[str]:
    """Every address anywhere in an entry's assets, which have had several forms."""
    if isinstance(held, dict):
        for key, value in held.items():
            if key == "href" and isinstance(value, str):
                yield value
            else:
                yield from _addresses(value)


def file_url(assets: Any) -> str:
    """Where an entry's file is had without an account; empty where it does not say."""
    for address in _addresses(assets):
        for beginning in (f"{BUCKET}/", f"{FILES}/"):
            if address.startswith(beginning) and address.endswith(".parquet"):
                return f"{FILES}/{address.removeprefix(beginning)}"
    return ""


def _touches(box: Any, bounds: Bounds) -> bool:
    """Whether (west, south, east, north) in degrees meet; so does what does not say where it
    is, or says it in no numbers."""
    west, south, east, north = bounds
    try:
        return not (
            box["xmin"] > east or box["xmax"] < west or box["ymin"] > north or box["ymax"] < south
        )
    except (TypeError, KeyError):
        return True


@contextmanager
def _opened(store: Store, parquet: Any) -> Iterator[Any]:
    store.opened()
    try:
        yield parquet.ParquetFile(io.BufferedReader(RangedFile(store), 1 << 16))
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        reraised(store)
        raise SourceError(
            f"{store.question.host}: {Path(store.question.url).name} is no table that can be read "
            f"({' '.join(str(error).split())[:120]})",
            hint="run the same command again; if it stays so, please report it",
        ) from error
    finally:
        reraised(store)


def groups_in(metadata: Any, bounds: Bounds) -> list[int]:
    """The groups of rows that touch bounds in degrees."""
    names = {metadata.schema.column(number).path: number for number in range(metadata.num_columns)}
    places = {edge: names.get(f"bbox.{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")}
    found = []
    for group in range(metadata.num_row_groups):
        box = {}
        for edge, column in places.items():
            facts = None if column is None else metadata.row_group(group).column(column).statistics
            if facts is not None and facts.has_min_max:
                box[edge] = facts.min if edge.endswith("min") else facts.max
        if _touches(box, bounds):
            found.append(group)
    return found


def _bytes_of(metadata: Any, groups: Sequence[int]) -> int:
    return sum(
        metadata.row_group(group).column(number).total_compressed_size
        for group in groups
        for number in range(metadata.num_columns)
        if metadata.schema.column(number).path.partition(".")[0] in COLUMNS
    )


def _measured(sources: Any) -> bool:
    """Whether the height is somebody's knowledge and no guess from pictures."""
    listed = sources if isinstance(sources, list) else ()
    said = [one for one in listed if isinstance(one, dict)]
    own = [one for one in said if "height" in str(one.get("property"))]
    return any(
        word in str(one.get("dataset")).casefold() for one in (own or said) for word in MEASURED
    )


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


@dataclass
class _Counts:
    estimated: int = 0
    absurd: int = 0
    underground: int = 0
    shapeless: int = 0


def house_of(row: Mapping[str, Any], counts: _Counts) -> dict[str, Any] | None:
    """A row in OpenStreetMap's words, by which houses are read; None for what lies under ground or
    has no shape. An estimated height is a hint: floors that are known go before it."""
    if row.get("is_underground") is True:
        counts.underground += 1
        return None
    try:
        shape = shapely.from_wkb(row["geometry"])
    except (GEOSException, TypeError, KeyError):
        shape = None
    if shape is None or shape.is_empty:
        counts.shapeless += 1
        return None
    house = {to: row.get(own) for own, to in WORDS.items()}
    floors, height = _number(row.get("num_floors")), _number(row.get("height"))
    known = _measured(row.get("sources"))
    if not LOWEST_M <= height <= HIGHEST_M:
        counts.absurd += height == height
        height = math.nan
    elif not known:
        counts.estimated += 1
        height = math.nan if floors == floors else height
    names = row.get("names")
    name = names.get("primary") if isinstance(names, dict) else None
    return {
        **{key: plain(value) if isinstance(value, str) else value for key, value in house.items()},
        "id": plain(str(row.get("id") or "")),
        "height": height,
        "building": plain(str(row.get("class") or row.get("subtype") or "yes")),
        "name": plain(name) if isinstance(name, str) else None,
        "geometry": shape,
    }


@dataclass(frozen=True)
class Overture:
    title: str = "buildings, Overture Maps"

    def query(self, area: Area, _settings: Fetch) -> str:
        return f"overture {TYPE} {area}"

    def _release(self, session: Session) -> str:
        """The newest: only the last ones are kept."""
        told = session.client.ask_json(Question(f"{INDEX}/catalog.json"))
        release = told.get("latest")
        if not isinstance(release, str) or not re.fullmatch(r"20\d\d-\d\d-\d\d\.\d+", release):
            raise SourceError("Overture does not say which release is the newest", hint="try later")
        return release

    def _urls(self, session: Session, release: str, parquet: Any) -> list[str]:
        url = f"{INDEX}/{release}/collections.parquet"
        body = session.client.ask(Question(url, timeout_s=120.0)).body
        try:
            rows = parquet.read_table(io.BytesIO(body)).to_pylist()
        except (OSError, ValueError, NotImplementedError) as error:
            raise SourceError(
                f"Overture's index of {release} cannot be read", hint="please report it"
            ) from error
        bounds = session.area.degrees
        found = [
            file_url(row.get("assets"))
            for row in rows
            if row.get("collection") == TYPE and _touches(row.get("bbox"), bounds)
        ]
        urls = sorted({url for url in found if url})
        if not urls or len(urls) > MOST_FILES:
            raise SourceError(
                f"Overture's index names {len(urls)} files with buildings of this area",
                hint='write buildings = "openstreetmap" under [fetch] instead',
            )
        return urls

    def plan(self, session: Session) -> Sequence[Piece]:
        parquet = _parquet()
        release = self._release(session)
        pieces = []
        for url in self._urls(session, release, parquet):
            name = f"{release} {Path(url).name}"
            wanted = Wanted(session.place("overture", f"{release}-{Path(url).name}"))
            piece = Piece(name, Question(url, timeout_s=120.0), wanted, 0)
            with _opened(store_of(session, piece), parquet) as table:
                groups = groups_in(table.metadata, session.area.degrees)
                size = _bytes_of(table.metadata, groups)
            pieces.append(Piece(name, piece.question, wanted, size, about=True))
        return pieces

    def fetch(self, session: Session, pieces: Sequence[Piece], target: Path) -> Credit:
        parquet = _parquet()
        counts = _Counts()
        houses: dict[str, dict[str, Any]] = {}
        for piece in pieces:
            with _opened(store_of(session, piece), parquet) as table:
                for row in self._rows(table, session.area.degrees):
                    house = house_of(row, counts)
                    if house is not None:
                        houses.setdefault(house["id"] or house["geometry"].wkb_hex, house)
        for piece in pieces:
            store_of(session, piece).forget()
        frame = gpd.GeoDataFrame(
            list(houses.values()) or {"geometry": []}, geometry="geometry", crs=DEGREES
        )
        # Of rows that do not say where they lie it is seen only now.
        frame = frame[frame.intersects(shapely.box(*session.area.degrees))]
        crs = horizontal(session.area.crs)
        write_features(frame.to_crs(crs), crs.to_wkt(), target)
        notes = [
            f"{number:,} {words}"
            for number, words in (
                (counts.estimated, "heights are estimates from pictures; where floors are known, "
                 "these are taken"),
                (counts.absurd, "heights that no house has, left out"),
                (counts.underground, "lie under ground, left out"),
                (counts.shapeless, "have no shape, left out"),
            )
            if number
        ]  # fmt: skip
        return Credit(
            title="Buildings / Byggnader (Overture Maps)",
            licence="ODbL 1.0",
            attribution="© OpenStreetMap contributors, Overture Maps Foundation, "
            "https://docs.overturemaps.org/attribution",
            date=pieces[0].what.partition(".")[0],
            taken=f"{len(frame):,} buildings of the area, parts of buildings not",
            note="; ".join(notes),
        )

    def _rows(self, table: Any, bounds: Bounds) -> Iterator[Mapping[str, Any]]:
        held = set(table.schema_arrow.names)
        if "geometry" not in held:
            raise ValueError("no column with shapes")
        wanted = [name for name in COLUMNS if name in held]
        came = 0
        for group in groups_in(table.metadata, bounds):
            for row in table.read_row_group(group, columns=wanted).to_pylist():
                if _touches(row.get("bbox"), bounds):
                    came += 1
                    if came > MOST_ROWS:
                        raise SourceError(
                            "too many buildings in this area", hint="make the area smaller"
                        )
                    yield row
