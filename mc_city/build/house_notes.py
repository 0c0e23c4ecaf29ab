"""What a world says of its houses: a note that comes with it, checked where it is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from isal import igzip
from pydantic import Field, model_validator

from worlds.bounded import gunzip, read_file
from worlds.errors import WorldError
from worlds.notes import AGAIN, Id, Level, Line, Metres, Note, OptionId, Year, why
from worlds.quoting import json_text

MOST_BYTES, MOST_ZIPPED = 256 << 20, 64 << 20
"""Of the note, and of its file."""
MOST_HOUSES, MOST_CORNERS, MOST_POLYGONS, MOST_RINGS = 1_000_000, 100_000, 1000, 10_000
LONGEST_ID = 200
PER_METRE = 100
"""Centimetres, in which the note has places and heights."""
FAR = 10**10
"""Centimetres from a city's origin to anything."""

Roof = Literal[
    "flat", "gable", "hip", "half_hip", "gambrel", "mansard", "pyramid", "skillion", "dome",
    "onion", "round", "saltbox", "model",
]  # fmt: skip
"""A roof's form; `model`: as a city model has it."""
ROOFS: frozenset[str] = frozenset(get_args(Roof))
Place = Annotated[int, Field(ge=-FAR, le=FAR)]
Height = Annotated[int, Field(ge=-10_000 * PER_METRE, le=20_000 * PER_METRE)]
Ring = Annotated[tuple[Place, ...], Field(min_length=6, max_length=2 * MOST_CORNERS)]
Rings = Annotated[tuple[Ring, ...], Field(min_length=1, max_length=MOST_RINGS)]
Polygons = Annotated[tuple[Rings, ...], Field(min_length=1, max_length=MOST_POLYGONS)]
Degrees = Annotated[float, Field(ge=0.0, lt=360.0, allow_inf_nan=False)]
Slope = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]
Rise = Annotated[float, Field(ge=0.0, le=400.0, allow_inf_nan=False)]
Part = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class BuiltNote(Note):
    """A house in blocks. floor_y, eaves_y: of its ground floor, its walls' last; rise: from there
    to its ridge, which the highest block of a steep roof may not reach by half a block."""

    floor_y: Level
    eaves_y: Level
    rise: Annotated[float, Field(ge=0.0, le=4096.0, allow_inf_nan=False)]


class HouseNote(Note):
    """A house. shape: polygons, of each the ring round it and its holes, east and north of one
    corner after the other, on the map, cm from the city's origin, without the first again at the
    end.

    ground, bottom, eaves, ridge: cm of the height system, as they were decided before they became
    blocks, see `mc_city.site.house_heights`; built: as blocks; roof_direction: degrees clockwise
    from the north of the map, of a ridge (below 180) or the way a lean-to falls; slopes: of each
    wall of a house that is one ring, rise to run of the roof from it, 0 = upright, empty where the
    roof is no lot of planes from its walls; knee: metres above the eaves at which the planes above
    the knee of a mansard would begin at the walls that are not upright, and their slope; storeys:
    as its source counts them; height_from: what told its height; year: in which it was built;
    whole: what parts of one building have in common; options: of developments that build it, none
    for those of today; taken_by: those that take it down.
    """

    id: Annotated[Line, Field(min_length=1, max_length=LONGEST_ID)]
    shape: Polygons
    ground: Height
    bottom: Height
    eaves: Height
    ridge: Height
    built: BuiltNote
    roof: Roof
    height_from: Annotated[Line, Field(max_length=100)]
    use: Id
    roof_direction: Degrees | None = None
    slopes: Annotated[tuple[Slope, ...], Field(max_length=MOST_CORNERS)] = ()
    knee: tuple[Rise, Slope] | None = None
    storeys: Annotated[int, Field(ge=1, le=1000)] | None = None
    name: Annotated[Line, Field(max_length=LONGEST_ID)] = ""
    year: Year | None = None
    whole: Part | None = None
    options: Annotated[tuple[OptionId, ...], Field(max_length=10_000)] = ()
    taken_by: Annotated[tuple[OptionId, ...], Field(max_length=10_000)] = ()

    @model_validator(mode="after")
    def _fits(self) -> HouseNote:
        if not self.bottom < self.eaves <= self.ridge:
            raise ValueError("a house has its eaves above its bottom and not above its ridge")
        if any(len(ring) % 2 for rings in self.shape for ring in rings):
            raise ValueError("a ring has an east and a north of each corner")
        rings = self.shape[0]
        plain = len(self.shape) == 1 and len(rings) == 1
        if self.slopes and not (plain and 2 * len(self.slopes) == len(rings[0])):
            raise ValueError("slopes are those of the walls of one ring")
        return self


class HousesNote(Note):
    """All houses of a world. crs: EPSG:… of the map with its heights, or without where those have
    no known system, empty where that has no number; heights: the name of the height system, empty
    where it is not known; origin: east, north."""

    crs: Annotated[str, Field(pattern=r"^(EPSG:[0-9]{1,9})?$")] = ""
    heights: Annotated[Line, Field(max_length=300)] = ""
    origin: tuple[Metres, Metres]
    houses: Annotated[tuple[HouseNote, ...], Field(max_length=MOST_HOUSES)]


def packed_note(about: dict[str, Any], houses: Sequence[str]) -> bytes:
    """The file of a note: the same for the same facts. about: all but the houses; houses: each as
    JSON."""
    rows = ",\n".join(houses)
    text = f'{json_text(about)[:-1]}, "houses": [\n{rows}\n]}}\n'
    packed: bytes = igzip.compress(text.encode(), 2, mtime=0)
    return packed


def read_houses(path: Path) -> HousesNote:
    """WorldError when it is not what a build writes."""
    try:
        return HousesNote.model_validate_json(gunzip(read_file(path, MOST_ZIPPED), MOST_BYTES))
    except (OSError, ValueError) as error:
        raise WorldError(f"{path}: not readable ({why(error)})", hint=AGAIN) from error
