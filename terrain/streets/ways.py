"""Streets, paths and rails as lines with what is known of them, in OpenStreetMap's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.files.vectors import layer_of, opened
from terrain.frame import Frame
from terrain.osm.extract import is_osm
from terrain.plane import CityCrs
from terrain.streets.beside import with_layers_beside
from terrain.streets.words import (
    BED_M,
    DEFAULT_BED_M,
    DEFAULT_SURFACE,
    LANE_M,
    LEFT,
    LIT,
    MOTOR,
    NOT_BUILT,
    RAILS,
    RIGHT,
    SAME_AS,
    SURFACES,
    UNTOLD,
    WIDTHS_M,
    WITH_PAVEMENT,
    beside_m,
    parking_of,
    sides_of,
)
from terrain.vectors.features import (
    Bounds,
    Features,
    VectorSource,
    in_words_of,
    read_features,
)
from terrain.vectors.lifecycle import kind_of, not_there, prefixed
from terrain.vectors.products import recognise
from terrain.vectors.words import is_yes, metres_of, number, text, word

THEME = "terrain.streets"
SHORTEST_M = 0.5
LONGEST_PIECE_M = 250_000.0
"""From one point of a way to the next: a point that was lost to 0, 0 makes longer ones."""


@dataclass(frozen=True)
class Ways:
    """Ways as they are drawn on a map: whole features, one line each.

    geometry: (n,) LineStrings in the city's CRS; highway: OSM class (`residential`, `footway` …;
    links count as their class), ''
    for rails; railway: `rail`, `tram`, `platform` …, '' for roads; width_m: (n,) float64 of the
    carriageway, with the bays beside it, or track bed; lanes:
    (n,) int32, of both directions; sidewalk, cycleway: (n,) uint8, LEFT = 1, RIGHT = 2 along the
    line; surface: asphalt, concrete, paving, sett, wood, gravel or ground; bridge, tunnel, oneway,
    lit: (n,) bool; layer: (n,) int32; name: '' = none;
    speed_kmh: (n,) float64, the limit, NaN where the data does not say; parking: (n, 2) uint8,
    left and right of the line, UNTOLD, NO_PARKING, PARALLEL, ACROSS or DIAGONAL; passage: (n,)
    bool, those that lead through a house where one stands over them;
    skipped: reason → how many features were left out. Of bridges: deck_m, (n,) float64 height of
    the deck above the datum, clearance_m, free height below it, NaN where the data does not say;
    measured_m, (n,) the heights of the deck at even places from the line's beginning to its end as
    a laser has measured them, (k,) float64 with NaN between, or None.
    """

    geometry: NDArray[np.object_]
    highway: tuple[str, ...]
    railway: tuple[str, ...]
    width_m: NDArray[np.float64]
    lanes: NDArray[np.int32]
    sidewalk: NDArray[np.uint8]
    cycleway: NDArray[np.uint8]
    surface: tuple[str, ...]
    bridge: NDArray[np.bool_]
    tunnel: NDArray[np.bool_]
    layer: NDArray[np.int32]
    oneway: NDArray[np.bool_]
    lit: NDArray[np.bool_]
    name: tuple[str, ...]
    skipped: Counter[str] = field(default_factory=Counter)
    deck_m: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    clearance_m: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    speed_kmh: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    measured_m: NDArray[np.object_] = field(default_factory=lambda: np.zeros(0, object))
    parking: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 2), np.uint8))
    passage: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))

    def __post_init__(self) -> None:
        if len(self.measured_m) != len(self.geometry):
            object.__setattr__(self, "measured_m", np.full(len(self.geometry), None, object))
        if len(self.parking) != len(self.geometry):
            object.__setattr__(self, "parking", np.zeros((len(self.geometry), 2), np.uint8))
        if len(self.passage) != len(self.geometry):
            object.__setattr__(self, "passage", np.zeros(len(self.geometry), bool))
        for name in ("deck_m", "clearance_m", "speed_kmh"):
            if len(getattr(self, name)) != len(self.geometry):
                object.__setattr__(self, name, np.full(len(self.geometry), np.nan))

    def __len__(self) -> int:
        return len(self.geometry)

    def with_decks(self, measured_m: NDArray[np.object_]) -> Ways:
        return replace(self, measured_m=measured_m)

    @cached_property
    def on_ground(self) -> NDArray[np.bool_]:
        """(n,) bool: neither on a bridge nor in a tunnel."""
        return ~(self.bridge | self.tunnel)

    def take(self, which: NDArray[Any]) -> Ways:
        """The ways of a mask (n,) bool or of indices (m,) int, in their order."""
        index = np.flatnonzero(which) if which.dtype == bool else which
        chosen: dict[str, Any] = {}
        for item in fields(self):
            values = getattr(self, item.name)
            if isinstance(values, tuple):
                chosen[item.name] = tuple(values[place] for place in index)
            elif item.name != "skipped":
                chosen[item.name] = values[index]
        return replace(self, **chosen)


@dataclass(frozen=True)
class _Way:
    """One way before its fields are gathered in arrays."""

    highway: str
    railway: str
    width_m: float
    lanes: int
    sidewalk: int
    cycleway: int
    surface: str
    bridge: bool
    tunnel: bool
    layer: int
    oneway: bool
    lit: bool
    name: str
    deck_m: float = float("nan")
    clearance_m: float = float("nan")
    speed_kmh: float = float("nan")
    parking: tuple[int, int] = (UNTOLD, UNTOLD)
    passage: bool = False


TAGGED = ("highway", "railway", *prefixed("highway"), *prefixed("railway"))
"""Keys by which one sees that a feature has OpenStreetMap's tags."""


def _class_of(row: Mapping[str, Any]) -> tuple[str, str] | str:
    """(highway, railway) of a feature's columns, which are in lower case; or why it is none."""
    if any(key in row for key in TAGGED):
        return _class_by_tags(row)
    return "residential", ""


def _class_by_tags(row: Mapping[str, Any]) -> tuple[str, str] | str:
    """The same of what has OpenStreetMap's tags."""
    highway, railway = kind_of(row, "highway", "track"), kind_of(row, "railway", "rail")
    gone = (
        not_there(row, "railway", ("abandoned", "razed", "dismantled")),
        not_there(row, "highway"),
    )
    if railway in RAILS and not gone[0] and (railway == "platform" or not word(row.get("highway"))):
        return "", railway
    if gone[0] and not highway:
        return f"railway {gone[0]}: no track lies there"
    if gone[1]:
        return f"highway {gone[1]}: no street is there"
    if not highway:
        return "not a track that is there" if railway else "neither highway nor railway"
    if highway in NOT_BUILT:
        return "not built or not a way"
    if is_yes(row.get("area")):
        return "an area, not a line"
    highway = SAME_AS.get(highway, highway)
    return (highway if highway in WIDTHS_M else "unclassified"), ""


def _both_sides(row: Mapping[str, Any], key: str, default: int) -> int:
    """The sides on which something runs: `key`, and `key:left`, `key:right`, `key:both`."""
    said = sides_of(row.get(key))
    sides = default if said is None else said
    for ending, bits in (("both", LEFT | RIGHT), ("left", LEFT), ("right", RIGHT)):
        value = sides_of(row.get(f"{key}:{ending}", row.get(f"{key}_{ending}")))
        if value is not None:
            if said is None:
                sides, said = 0, 0
            sides = sides | bits if value else sides & ~bits
    return sides


def _speed(said: Any) -> float:
    """Kilometres an hour that a limit says, NaN where it is none."""
    limit = number(said)
    return limit if 5 <= limit <= 130 and "mph" not in word(said) else float("nan")


def _over_or_under(row: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """(on a bridge, in a tunnel, through a house); a way through a house is one on the ground."""
    bridge, through = is_yes(row.get("bridge")), word(row.get("tunnel")) == "building_passage"
    tunnel = is_yes(row.get("tunnel")) and not through and not bridge
    covered = word(row.get("covered")) in ("yes", "true", "1")
    return bridge, tunnel, (through or covered) and not bridge and not tunnel


def _bridge_heights(row: Mapping[str, Any]) -> tuple[float, float]:
    """(metres of a deck above the datum, free metres below it), NaN where the columns say nothing
    that can be."""
    deck = number(row.get("deck_m", row.get("ele")))
    free = [number(row.get(key)) for key in ("clearance_m", "min_height", "height_m", "height")]
    clearance = next((value for value in free if 0 < value < 400), float("nan"))
    return (deck if -500 < deck < 9000 else float("nan")), clearance


def _lanes(row: Mapping[str, Any], highway: str, oneway: bool) -> int:
    lanes = number(row.get("lanes", row.get("korfaltsantal")))
    if 1 <= lanes <= 12:
        return int(lanes)
    if highway not in MOTOR:
        return 1
    if highway == "motorway":
        return 2
    return 1 if oneway or highway == "service" else 2


def _way_of(row: Mapping[str, Any], highway: str, railway: str) -> tuple[_Way, list[str]]:
    """The way that a feature's columns describe, and which of them held what cannot be read."""
    odd = []
    oneway = word(row.get("oneway")) in ("yes", "1", "-1", "true", "reversible") or (
        highway == "motorway" and not word(row.get("oneway"))
    )
    lanes = _lanes(row, highway, oneway)
    given = next(
        (row[key] for key in ("width", "bredd", "vagbredd", "est_width") if word(row.get(key))),
        None,
    )
    width = metres_of(given)
    if given is not None and width != width:
        odd.append("width that is no width")
    if width != width:
        known = highway in MOTOR and word(row.get("lanes")) and number(row.get("lanes")) == lanes
        width = (
            lanes * LANE_M
            if known
            else WIDTHS_M[highway]
            if highway
            else BED_M.get(railway, DEFAULT_BED_M)
        )
    width += beside_m(row) if highway in MOTOR else 0.0
    surface = word(row.get("surface", row.get("slitlagertyp")))
    default = DEFAULT_SURFACE.get(highway or railway, "asphalt" if highway else "gravel")
    if word(row.get("footway")) in ("sidewalk", "crossing"):
        default = "paving"
    if surface and surface not in SURFACES:
        odd.append("unknown surface")
    bridge, tunnel, passage = _over_or_under(row)
    level = number(row.get("layer"))
    if word(row.get("layer")) and level != level:
        odd.append("layer that is no number")
    layer = int(np.clip(level, -10, 10)) if level == level else 1 if bridge else -1 if tunnel else 0
    lit = is_yes(row["lit"]) if word(row.get("lit")) else highway in LIT
    name = text(row.get("name")) or text(row.get("gatunamn")) or text(row.get("namn"))
    sidewalk = _both_sides(row, "sidewalk", LEFT | RIGHT if highway in WITH_PAVEMENT else 0)
    motor = highway in MOTOR
    cycleway = _both_sides(row, "cycleway", 0) if motor else 0
    deck, clearance = _bridge_heights(row) if bridge else (float("nan"), float("nan"))
    return _Way(
        highway=highway,
        railway=railway,
        width_m=width,
        lanes=lanes,
        sidewalk=sidewalk if motor else 0,
        cycleway=cycleway,
        surface=SURFACES.get(surface, default),
        bridge=bridge,
        tunnel=tunnel,
        layer=layer,
        oneway=oneway,
        lit=lit,
        name=name,
        deck_m=deck,
        clearance_m=clearance,
        speed_kmh=_speed(row.get("maxspeed", row.get("hastighetsgrans"))),
        parking=parking_of(row) if motor else (UNTOLD, UNTOLD),
        passage=passage and bool(highway),
    ), odd


def _lines(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """(lines (m,), where those of each feature begin (n + 1,)), without repeated points and what is
    too short to be a way."""
    merged = shapes.copy()
    several = shapely.get_type_id(shapes) == shapely.GeometryType.MULTILINESTRING
    merged[several] = shapely.line_merge(shapes[several])
    parts, owner = shapely.get_parts(merged, return_index=True)
    parts = shapely.remove_repeated_points(parts)
    long = shapely.length(parts) >= SHORTEST_M
    keep = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING) & long
    counts = np.bincount(owner[keep], minlength=len(shapes))
    return parts[keep], np.concatenate([[0], np.cumsum(counts)])


def _torn(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """(n,) whether a line has a piece longer than any way is straight."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    step = np.hypot(*np.diff(points, axis=0).T)
    far = (step > LONGEST_PIECE_M) & (part[1:] == part[:-1])
    torn = np.zeros(len(shapes), bool)
    torn[owner[part[1:][far]]] = True
    return torn


def _rows(part: Features) -> Iterator[dict[str, Any]]:
    """The columns of each feature, their names in lower case."""
    count = len(part.geometry)
    filled: list[list[tuple[str, Any]]] = [[] for _ in range(count)]
    columns = {name.casefold(): column for name, column in part.columns.items()}
    for key, column in columns.items():
        for place, value in enumerate(column.tolist() if column.dtype == object else column):
            if value is not None:
                filled[place].append((key, value))
    nothing = dict.fromkeys(columns)
    for said in filled:
        yield nothing | dict(said)


def ways_of(features: Sequence[Features]) -> Ways:
    """The ways among the features (lines in the city's CRS with their columns)."""
    shapes: list[Any] = []
    ways: list[_Way] = []
    skipped: Counter[str] = Counter()
    for part in features:
        skipped.update(part.skipped)
        torn = _torn(part.geometry).tolist()
        lines, starts = _lines(part.geometry)
        for place, row in enumerate(_rows(part)):
            found = _class_of(row)
            if isinstance(found, str):
                skipped[found] += 1
                continue
            if torn[place]:
                skipped["a point of it lies in another part of the world"] += 1
                continue
            own = lines[starts[place] : starts[place + 1]].tolist()
            if not own:
                skipped["too short"] += 1
                continue
            way, odd = _way_of(row, *found)
            skipped.update(odd)
            shapes.extend(own)
            ways.extend([way] * len(own))
    return _gather(shapes, ways, skipped)


def _gather(shapes: Sequence[Any], ways: Sequence[_Way], skipped: Counter[str]) -> Ways:
    geometry = np.empty(len(shapes), object)
    geometry[:] = shapes

    def column(name: str, kind: Any) -> NDArray[Any]:
        return np.array([getattr(way, name) for way in ways], kind)

    def words(name: str) -> tuple[str, ...]:
        return tuple(getattr(way, name) for way in ways)

    return Ways(
        geometry=geometry,
        highway=words("highway"),
        railway=words("railway"),
        width_m=column("width_m", np.float64),
        lanes=column("lanes", np.int32),
        sidewalk=column("sidewalk", np.uint8),
        cycleway=column("cycleway", np.uint8),
        surface=words("surface"),
        bridge=column("bridge", bool),
        tunnel=column("tunnel", bool),
        layer=column("layer", np.int32),
        oneway=column("oneway", bool),
        lit=column("lit", bool),
        name=words("name"),
        skipped=skipped,
        deck_m=column("deck_m", np.float64),
        clearance_m=column("clearance_m", np.float64),
        speed_kmh=column("speed_kmh", np.float64),
        parking=column("parking", np.uint8).reshape(-1, 2),
        passage=column("passage", bool),
    )


def join_ways(parts: Sequence[Ways]) -> Ways:
    """All of them, one after the other. parts: one at least."""
    joined: dict[str, Any] = {}
    for item in fields(Ways):
        values = [getattr(part, item.name) for part in parts]
        if item.name == "skipped":
            joined[item.name] = sum(values, Counter())
        elif isinstance(values[0], tuple):
            joined[item.name] = tuple(value for part in values for value in part)
        else:
            joined[item.name] = np.concatenate(values)
    return Ways(**joined)


def read_streets(source: VectorSource, crs: CityCrs, bounds: Bounds) -> Features:
    """The lines of a source near the bounds (in `crs`), in OpenStreetMap's words where they are of
    a well-known product, with what other layers of the file say of them."""
    features = read_features(source, crs, bounds, "line")
    if is_osm(source.path):
        return features
    layer = layer_of(opened(source))
    product = recognise(THEME, layer, list(features.columns), "line")
    if product is not None and product.beside:
        named = replace(source, layer=layer)
        features = with_layers_beside(features, product, named, crs)
    return in_words_of(THEME, layer, features, "line")


def read_ways(sources: Sequence[VectorSource], frame: Frame, bounds: Bounds) -> Ways:
    """The streets, paths and rails that touch the bounds (west, south, east, north in the frame's
    CRS).

    Columns: OSM keys (`highway`, `railway`, `lanes`, `width`, `surface`, `sidewalk`, `cycleway`,
    `bridge`, `tunnel`, `covered`, `layer`, `oneway`, `lit`, `name`), or those of a well-known
    product, such as NVDB's network or Topografi 10. Lines without any of these are residential
    streets. SourceError for a file that cannot be used.
    """
    return ways_of([read_streets(source, frame.crs, bounds) for source in sources])
