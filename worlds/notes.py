"""What a world and a build say of themselves, checked where it is read: such notes come with worlds
that anybody may have made.

Names become files, positions become blocks and years become text, so nothing of a note is used that
is not of the kind and in the range that a build writes.
"""

from __future__ import annotations

import tomllib
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.names import fault_of_name
from worlds.quoting import plain, prose

MOST_BYTES = 24 << 20
MOST_TOML = 1 << 20
FAR = 30_000_000
"""Blocks from the middle to the edge of the games' worlds."""
HIGH = 2048
MOST_PLOTS, MOST_NUMBER = 120, 9999
"""Building plots of a world, and the highest number that one has."""
MOST_BOXES, WIDEST_PLOT = 100, 48
"""Rectangles that make up a plot, and columns along its longer side."""
AGAIN = "take it again from the zip or .mcworld of this world"


def _fits_a_file(name: str) -> str:
    fault = fault_of_name(name)
    if fault:
        raise ValueError(f"the name {plain(name)[:80]!r} {fault}")
    return name


Name = Annotated[str, AfterValidator(_fits_a_file)]
"""Of a file or folder, without any path."""
Line = Annotated[str, Field(max_length=2000), AfterValidator(plain)]
Prose = Annotated[str, Field(max_length=20_000), AfterValidator(prose)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=100)]
Option = Annotated[str, Field(pattern=r"^[a-z0-9_]*$", max_length=100)]
OptionId = Annotated[str, Field(pattern=r"^[a-z0-9_]+(/[a-z0-9_]+)?$", max_length=201)]
PieceName = Annotated[
    str,
    Field(pattern=r"^x-?[0-9]+_z-?[0-9]+/[a-z0-9_]+(\.[a-z0-9_]+)*/[a-z0-9_]+$", max_length=500),
]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Year = Annotated[int, Field(ge=1000, le=9999)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Place = Annotated[int, Field(ge=-FAR, le=FAR)]
Level = Annotated[int, Field(ge=-HIGH, lt=HIGH)]
PlotSide = Annotated[int, Field(ge=1, le=WIDEST_PLOT)]
Metres = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Scale = Annotated[float, Field(gt=0.0, le=1000.0, allow_inf_nan=False)]


def _as_said(values: dict[str, str | bool | int | float]) -> dict[str, str | bool | int | float]:
    if not isinstance(values.get("real", True), bool):
        raise ValueError("real is true or false")
    said = {
        key: prose(value) if key == "note" else plain(value) if isinstance(value, str) else value
        for key, value in values.items()
    }
    # Only `real` is asked for as what it is; the others are shown.
    return {
        plain(key): value if isinstance(value, bool) else str(value) for key, value in said.items()
    }


def _days_as_text(values: Any) -> Any:
    """TOML has days; JSON and people have words for them."""
    return (
        {
            key: str(value) if isinstance(value, date | time) else value
            for key, value in values.items()
        }
        if isinstance(values, dict)
        else values
    )


SourceNote = Annotated[
    dict[
        Annotated[str, Field(max_length=60)],
        Annotated[str, Field(max_length=5000)] | bool | int | float,
    ],
    BeforeValidator(_days_as_text),
    AfterValidator(_as_said),
]
"""What is known of a source: title, licence, attribution, date, taken, note, and whether it is
real."""


class Note(BaseModel):
    """What a note lacks is as a build without it would have it; what it has besides is left out."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class FrameNote(Note):
    crs: Line
    origin: tuple[Metres, Metres]
    blocks_per_metre: Scale
    sea_level_y: Annotated[int, Field(ge=-10_000, le=10_000)]
    vertical_scale: Scale
    turn_deg: Annotated[float, Field(ge=-180.0, le=180.0, allow_inf_nan=False)] = 0.0


class AreaNote(Note):
    """corners: in the CRS, from the upper left of the map clockwise, of an area that is turned; its
    bounds are those of the box round it."""

    bounds: tuple[Metres, Metres, Metres, Metres]
    blocks: tuple[Place, Place, Place, Place]
    corners: tuple[tuple[Metres, Metres], ...] = Field((), max_length=4)


def _has_size(area: AreaNote) -> AreaNote:
    west, north, east, south = area.blocks
    if not (west < east and north < south):
        raise ValueError("blocks are west, north, east, south")
    return area


class LayerNote(Note):
    id: Id
    name: Line
    options: tuple[OptionId, ...] = Field(min_length=1)
    status: Line | None = None
    start_year: Year | None = None
    done_year: Year | None = None
    homes: Count | None = None
    description: Prose | None = None
    name_en: Line | None = None
    description_en: Prose | None = None
    url: Line | None = None
    as_of: Line | None = None
    lawful: Line | None = None
    allows: bool | None = None


class WorldNote(Note):
    """`mc_city.json` of a world; edition and version are missing where a report describes the
    worlds of all editions; blocks: a digest of what was built, in Java worlds."""

    made_by: Line
    city: Name
    language: Language = "sv"
    edition: Line | None = None
    version: Line | None = None
    frame: FrameNote
    area: Annotated[AreaNote, AfterValidator(_has_size)]
    layers: tuple[LayerNote, ...]
    sources: tuple[SourceNote, ...]
    blocks: Line = ""


class KeptNote(Note):
    """chunks: x, z of those that a build kept as somebody had left them."""

    chunks: tuple[tuple[Place, Place], ...] = ()


class ReportNote(Note):
    """The part of `report.json` that later commands rely on. files: digest by path."""

    files: dict[Annotated[str, Field(max_length=4096)], Annotated[str, Field(max_length=200)]]
    world: WorldNote
    kept_builds: KeptNote = KeptNote()


class SwitchNote(Note):
    id: Id
    name: Line
    options: tuple[Option, ...] = Field(min_length=1)
    done_year: Year | None = None


class UnitNote(Note):
    switches: tuple[Annotated[int, Field(ge=0, le=10_000)], ...] = Field(min_length=1)
    cell: tuple[Place, Place]
    pieces: tuple[tuple[tuple[PieceName, Place, Level, Place, Count], ...], ...]


class PlacedNote(UnitNote):
    """A unit of a build: of layers, or of a plot, which no layer may touch."""

    switches: tuple[Annotated[int, Field(ge=0, le=10_000)], ...]


class SwitchesNote(Note):
    """`mc_city_layers.json` of a world."""

    switches: tuple[SwitchNote, ...]
    units: tuple[UnitNote, ...]


class BallotNote(Note):
    id: Id
    name: Line
    up: tuple[Place, Level, Place]
    down: tuple[Place, Level, Place]


class VotesNote(Note):
    """`mc_city_votes.json` of a world."""

    ballots: tuple[BallotNote, ...] = Field(max_length=1000)


class PlotNote(Note):
    """boxes: x, z of the first column, columns east and south."""

    number: Annotated[int, Field(ge=1, le=MOST_NUMBER)]
    name: Annotated[str, Field(max_length=200), AfterValidator(plain)] = ""
    boxes: tuple[tuple[Place, Place, PlotSide, PlotSide], ...] = Field(
        min_length=1, max_length=MOST_BOXES
    )
    levels: tuple[Level, Level] = (0, 0)


class PlotsNote(Note):
    """`mc_city_plots.json` of a world."""

    plots: tuple[PlotNote, ...] = Field(max_length=MOST_PLOTS)


Some = TypeVar("Some", bound=Note)


def why(error: Exception) -> str:
    """The first thing that is wrong with a note, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        return plain(f"{place}: {first['msg']}" if place else first["msg"])[:300]
    return plain(error.strerror if isinstance(error, OSError) and error.strerror else error)[:300]


def read_note(path: Path, kind: type[Some]) -> Some:
    """A note in JSON; WorldError when it is not what a build writes."""
    try:
        return kind.model_validate_json(read_file(path, MOST_BYTES))
    except (OSError, ValueError) as error:
        raise WorldError(f"{path}: not readable ({why(error)})", hint=AGAIN) from error


def read_toml(path: Path, most: int = MOST_TOML) -> dict[str, Any]:
    """A TOML file, with a byte-order mark or without. OSError when it cannot be read, ValueError
    when it is none."""
    data = read_file(path, most)
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8 text") from error
    except RecursionError as error:
        raise ValueError("its brackets are nested too deeply") from error


_SOURCES = TypeAdapter(list[SourceNote], config=ConfigDict(strict=True))


def read_source_notes(path: Path) -> list[dict[str, Any]]:
    """The entries of a `sources.toml`. OSError or ValueError when it is none."""
    return [dict(entry) for entry in _SOURCES.validate_python(read_toml(path).get("source", []))]
