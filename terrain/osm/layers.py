"""The layers of an OpenStreetMap extract: points, lines and areas with the tags that matter as
columns, as terrain/osm.ini says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.files.vectors import Bounds
from terrain.osm.objects import Extract, Relation, Way
from terrain.osm.rings import Assembled, Evidence, assemble, without_islands

SETTINGS = Path(__file__).with_name("osm.ini")
LAYERS = ("points", "lines", "multilinestrings", "multipolygons", "other_relations")
CUT = "cut"
"""Column: `closed` for areas that an extract's edge had cut, or why one could not be closed;
`shortened` for lines that lack nodes."""
RINGS = ("outer", "inner", "", "outline", "enclave", "exclave")
"""Roles of members that are lines around an area."""
ADMINISTRATIVE = (
    "administrative",
    "postal_code",
    "political",
    "religious_administration",
    "census",
    "statistical",
    "electoral",
)
DESCRIBED = frozenset(
    (
        "type",
        "name",
        "name:sv",
        "name:en",
        "boundary",
        "admin_level",
        "ref",
        "wikidata",
        "ele",
        "layer",
        "level",
        "location",
    )
)
"""Keys that say nothing of what an area is."""
LIVED_IN = (
    "residential",
    "commercial",
    "industrial",
    "retail",
    "education",
    "farmyard",
    "institutional",
)
GREEN = ("landuse", "natural", "landcover", "leisure")


@dataclass
class Layer:
    """geometry: (n,) shapely objects in degrees; tags, ids, ways: of each, with the way's id where
    it is one."""

    geometry: list[Any] = field(default_factory=list)
    tags: list[Mapping[str, str]] = field(default_factory=list)
    ids: list[str | None] = field(default_factory=list)
    ways: list[str | None] = field(default_factory=list)

    def add(
        self, shape: Any, tags: Mapping[str, str], number: int | None, way: int | None = None
    ) -> None:
        self.geometry.append(shape)
        self.tags.append(tags)
        self.ids.append(None if number is None else str(number))
        self.ways.append(None if way is None else str(way))

    def table(self, name: str) -> tuple[NDArray[np.object_], list[str], list[NDArray[np.object_]]]:
        """(WKB (n,), names of the columns, columns (n,) each)."""
        keys = [key for key in layer_keys(name) if key != CUT]
        columns = [np.array(self.ids, object)] + (
            [np.array(self.ways, object)] if name == "multipolygons" else []
        )
        columns += [np.array([tags.get(key) for tags in self.tags], object) for key in (*keys, CUT)]
        names = ["osm_id", *(["osm_way_id"] if name == "multipolygons" else []), *keys, CUT]
        shapes = np.empty(len(self.geometry), object)
        shapes[:] = self.geometry
        return shapely.to_wkb(shapes), names, [column.reshape(len(shapes)) for column in columns]


@dataclass(frozen=True)
class Layers:
    """held, lost: by the names of LAYERS; lost are the areas that could not be closed, as boxes
    around what is known of them; covered: west,
    south, east, north of what the extract covers, None for an empty one."""

    held: dict[str, Layer]
    lost: dict[str, Layer]
    covered: Bounds | None


@lru_cache(maxsize=1)
def _settings() -> tuple[frozenset[str], frozenset[str], dict[str, tuple[str, ...]]]:
    """(keys of areas, pairs key=value of areas, layer → its columns)."""
    keys: list[str] = []
    columns: dict[str, tuple[str, ...]] = {}
    layer = ""
    for line in SETTINGS.read_text("utf-8").splitlines():
        if line.startswith("["):
            layer = line.strip("[] ")
        elif line.startswith("closed_ways_are_polygons="):
            keys = line.partition("=")[2].split(",")
        elif line.startswith("attributes="):
            columns[layer] = tuple(line.partition("=")[2].split(","))
    return (
        frozenset(key for key in keys if "=" not in key),
        frozenset(key for key in keys if "=" in key),
        columns,
    )


def layer_keys(layer: str) -> tuple[str, ...]:
    """The tags that are columns of a layer, and CUT."""
    return (*_settings()[2][layer], CUT)


def osm_keys() -> frozenset[str]:
    """The tags that are columns of any layer."""
    return frozenset(key for columns in _settings()[2].values() for key in columns)


def is_area(tags: Mapping[str, str]) -> bool:
    """Whether a closed way with these tags goes around an area."""
    if tags.get("area") == "no":
        return False
    keys, pairs, _ = _settings()
    return tags.get("area") == "yes" or any(
        key in keys or f"{key}={value}" in pairs for key, value in tags.items()
    )


def _says_what(tags: Mapping[str, str]) -> bool:
    columns = _settings()[2]["multipolygons"]
    return any(key in columns and key not in DESCRIBED for key in tags)


def _shape(way: Way) -> Any:
    lines = [shapely.LineString(piece) for piece in way.pieces]
    return lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)


def _lines(way: Way) -> list[Any]:
    return [shapely.LineString(piece) for piece in way.pieces]


class _Known:
    """Where houses, streets and areas stand that are whole: by them it is told on which side of a
    cut line an area lies."""

    def __init__(self, extract: Extract) -> None:
        found: dict[str, list[tuple[float, float]]] = {
            "houses": [],
            "streets": [],
            "trees": [],
            "water": [],
            "lived": [],
            "green": [],
        }
        for way in extract.ways.values():
            if not way.whole:
                continue
            points, tags = way.pieces[0], way.tags
            middle = points[:-1].mean(axis=0) if way.closed else points[len(points) // 2]
            place = (float(middle[0]), float(middle[1]))
            if way.closed and tags.get("building", "no") != "no":
                found["houses"].append(place)
            elif ("highway" in tags or "railway" in tags) and not {
                "bridge",
                "tunnel",
                "proposed",
            } & set(tags):
                if tags.get("route") != "ferry":
                    found["streets"].extend((float(x), float(y)) for x, y in points[1:-1:4])
                    found["streets"].append(place)
            elif way.closed and (tags.get("natural") == "water" or "water" in tags):
                found["water"].append(place)
            elif way.closed and any(key in tags for key in GREEN):
                found["lived" if tags.get("landuse") in LIVED_IN else "green"].append(place)
        found["trees"] = [
            (node.lon, node.lat)
            for node in extract.nodes.values()
            if node.tags.get("natural") == "tree"
        ]
        self.points = {
            kind: np.array(places, float).reshape(-1, 2) for kind, places in found.items()
        }

    def about(
        self, tags: Mapping[str, str], inside: Sequence[Any], outside: Sequence[Any]
    ) -> Evidence:
        """inside, outside: points (2,) that are known otherwise, as from islands."""
        points, empty = self.points, np.empty((0, 2))
        building = tags.get("building", tags.get("building:part", "no")) != "no"
        wet = (
            tags.get("natural") in ("water", "bay")
            or "water" in tags
            or tags.get("waterway") in ("riverbank", "dock")
        )
        without = [empty]
        if wet:
            without = [
                points["houses"],
                points["streets"],
                points["trees"],
                points["lived"],
                points["green"],
            ]
        elif tags.get("landuse") in LIVED_IN:
            without = [points["water"], points["lived"], points["green"]]
        elif not building and any(key in tags for key in GREEN):
            without = [points["houses"], points["water"], points["lived"], points["green"]]
        elif not building:
            without = [points["houses"], points["water"]]
        rows = [np.array(list(places), float).reshape(-1, 2) for places in (inside, outside)]
        if inside or outside:
            # Islands and labels belong to the area itself: they say it alone.
            return Evidence(rows[0], rows[1], building)
        return Evidence(empty, np.vstack(without), building)


class _Reader:
    def __init__(self, extract: Extract) -> None:
        self.extract = extract
        self.held = {name: Layer() for name in LAYERS}
        self.lost = {name: Layer() for name in LAYERS}
        self.covered = _covered(extract)
        self.box = (
            None
            if self.covered is None
            else shapely.union_all([shapely.box(*box) for box in extract.boxes or [self.covered]])
        )
        if self.box is not None and (self.box.geom_type != "Polygon" or self.box.area == 0):
            self.box = None if self.box.area == 0 else shapely.envelope(self.box)
        self.known: _Known | None = None
        self.tags = {number: way.tags for number, way in extract.ways.items()}
        self.own_tags = {relation.id: dict(relation.tags) for relation in extract.relations}
        self.taken: set[int] = set()

    def evidence(
        self, tags: Mapping[str, str], inside: Sequence[Any], outside: Sequence[Any]
    ) -> Evidence:
        self.known = self.known or _Known(self.extract)
        return self.known.about(tags, inside, outside)

    def keep(
        self,
        found: Assembled,
        lines: Sequence[Any],
        tags: Mapping[str, str],
        number: int | None,
        way: int | None,
    ) -> None:
        if found.area is not None:
            self.held["multipolygons"].add(
                found.area, {**tags, CUT: "closed"} if found.closed else tags, number, way
            )
        elif lines:
            around = shapely.buffer(shapely.MultiLineString(lines).envelope, 1e-6)
            self.lost["multipolygons"].add(around, {**tags, CUT: found.reason}, number, way)

    def read_points(self) -> None:
        keys = set(_settings()[2]["points"])
        for node in self.extract.nodes.values():
            if keys & set(node.tags):
                self.held["points"].add(shapely.Point(node.lon, node.lat), node.tags, node.id)

    def read_ways(self) -> None:
        keys = set(_settings()[2]["lines"])
        for way in self.extract.ways.values():
            tags = self.tags[way.id]
            if way.id in self.taken or not way.pieces:
                continue
            if way.closed and is_area(tags):
                if way.whole and len(way.pieces[0]) > 3:
                    self.keep(Assembled(shapely.Polygon(way.pieces[0])), [], tags, None, way.id)
                else:
                    self.keep(
                        assemble(_lines(way), False, self.box, self.evidence(tags, [], [])),
                        _lines(way),
                        tags,
                        None,
                        way.id,
                    )
            elif keys & set(tags):
                self.held["lines"].add(
                    _shape(way), tags if way.whole else {**tags, CUT: "shortened"}, way.id
                )

    def spread_tags(self) -> None:
        """What relations say for their members: a building's relation for its outline, and lines
        around an area for the area."""
        for relation in self.extract.relations:
            if relation.tags.get("type") != "building":
                continue
            said = {key: value for key, value in relation.tags.items() if key != "type"}
            for member in relation.members:
                if member.role == "outline" and member.kind in "wr":
                    self._say(
                        member.kind,
                        member.ref,
                        said if "building" in said else {**said, "building": "yes"},
                    )
                elif (
                    member.role == "part"
                    and member.kind == "w"
                    and member.ref in self.tags
                    and not _says_what(self.tags[member.ref])
                ):
                    self.tags[member.ref] = {"building:part": "yes", **self.tags[member.ref]}
        for relation in self.extract.relations:
            own = self.own_tags[relation.id]
            if own.get("type") != "multipolygon":
                continue
            if _says_what(own):
                self.taken.update(self._repeated(relation, own))
                continue
            for member in sorted(relation.members, key=lambda member: member.ref):
                if (
                    member.kind == "w"
                    and member.role in ("outer", "")
                    and is_area(self.tags.get(member.ref, {}))
                ):
                    own.update(
                        {
                            key: value
                            for key, value in self.tags[member.ref].items()
                            if key not in own
                        }
                    )
                    self.taken.add(member.ref)

    def _repeated(self, relation: Relation, own: Mapping[str, str]) -> Iterator[int]:
        """The outer ways that say again what their relation says: drawn by themselves they would
        fill its courtyards."""
        for member in relation.members:
            tags = (
                self.tags.get(member.ref, {})
                if member.kind == "w" and member.role in ("outer", "")
                else {}
            )
            if not is_area(tags):
                continue
            building = (
                own.get("building", "no") != "no"
                and tags.get("building", "no") != "no"
                and "building:part" not in tags
            )
            if building or any(
                own.get(key) == tags.get(key) is not None
                for key in (*GREEN, "water", "amenity", "highway")
            ):
                yield member.ref

    def _say(self, kind: str, number: int, said: Mapping[str, str]) -> None:
        """What a relation says of an outline stands where that says nothing itself, or only that it
        is a building."""
        held: Any = self.tags if kind == "w" else self.own_tags
        if number not in held:
            return
        own = held[number]
        more = {
            key: value
            for key, value in said.items()
            if key not in own or (key == "building" and own[key] == "yes")
        }
        held[number] = {**own, **more}

    def read_relations(self) -> None:
        for relation in self.extract.relations:
            kind = relation.tags.get("type")
            parted = any(member.role in ("outline", "part") for member in relation.members)
            if kind in ("multipolygon", "boundary") or (kind == "building" and not parted):
                self._read_area(relation)
            elif kind not in ("building", "restriction"):
                layer = (
                    "multilinestrings"
                    if kind in ("multilinestring", "route")
                    else "other_relations"
                )
                ways = [
                    self.extract.ways[member.ref]
                    for member in relation.members
                    if member.kind == "w" and member.ref in self.extract.ways
                ]
                lines = [line for way in ways for line in _lines(way)]
                if lines and set(relation.tags) & set(_settings()[2][layer]) - {"type"}:
                    self.held[layer].add(shapely.MultiLineString(lines), relation.tags, relation.id)

    def _read_area(self, relation: Relation) -> None:
        tags = self.own_tags[relation.id]
        if not _says_what(tags) or tags.get("boundary") in ADMINISTRATIVE:
            return
        around = [
            member for member in relation.members if member.kind == "w" and member.role in RINGS
        ]
        ways = [
            (member, self.extract.ways[member.ref])
            for member in around
            if member.ref in self.extract.ways
        ]
        whole = bool(ways) and len(ways) == len(around) and all(way.whole for _, way in ways)
        lines = [line for _, way in ways for line in _lines(way)]
        if whole:
            found = assemble(lines, True, None, _NOTHING)
            if found.area is not None:
                self.keep(found, lines, tags, relation.id, None)
                return
        bounding = [member for member in around if member.role == "outer"]
        outer = [way for member, way in ways if member.role == "outer"]
        if outer and len(outer) == len(bounding) and all(way.whole for way in outer):
            islands = [
                line for member, way in ways if member.role == "inner" for line in _lines(way)
            ]
            area = without_islands([line for way in outer for line in _lines(way)], islands)
            if area is not None:
                self.keep(Assembled(area, closed=True), lines, tags, relation.id, None)
                return
        nodes = [
            self.extract.nodes.get(member.ref) for member in relation.members if member.kind == "n"
        ]
        inside = [(node.lon, node.lat) for node in nodes if node is not None]
        rings = [
            (member.role, way)
            for member, way in ways
            if way.closed and way.whole and len(way.pieces[0]) > 3
        ]
        outer_faces = shapely.union_all([_face(way) for role, way in rings if role == "outer"])
        # An island that lies in a part that is whole says nothing of the part that is cut.
        islands = [
            way
            for role, way in rings
            if role == "inner" and not outer_faces.intersects(shapely.Point(way.pieces[0][0]))
        ]
        inside += [tuple(way.pieces[0][0]) for way in islands]
        outside = [tuple(way.pieces[0][0]) for role, way in rings if role == "outer"]
        evidence = self.evidence(tags, inside, outside)
        if islands and all(way.closed and way.whole for _, way in ways):
            # Islands, and no line of the shore around them: it lies wholly beyond what the extract
            # covers.
            lines, evidence = self._around(islands, outer_faces, lines, evidence)
        self.keep(assemble(lines, False, self.box, evidence), lines, tags, relation.id, None)

    def _around(
        self, islands: Sequence[Way], others: Any, lines: Sequence[Any], evidence: Evidence
    ) -> tuple[list[Any], Evidence]:
        """(lines, evidence) of an area that has these islands: all that the extract covers, unless
        another part of the area lies beside them, which cannot be in it."""
        land = shapely.union_all([_face(way) for way in islands])
        if (
            self.box is not None
            and land.intersects(self.box)
            and (others.is_empty or land.covers(others))
        ):
            return list(lines), replace(evidence, around=True)
        mine = {shapely.LineString(way.pieces[0]).wkb for way in islands}
        return [line for line in lines if line.wkb not in mine], evidence


def _face(way: Way) -> Any:
    return shapely.make_valid(shapely.Polygon(way.pieces[0]))


_NOTHING = Evidence(np.empty((0, 2)), np.empty((0, 2)))


def _covered(extract: Extract) -> Bounds | None:
    if not extract.boxes:
        return extract.extent
    west, south, east, north = np.array(extract.boxes).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())


def layers_of(extract: Extract) -> Layers:
    """All layers of an extract, the ways and then the relations of each in the order of their
    ids."""
    reader = _Reader(extract)
    reader.spread_tags()
    reader.read_points()
    reader.read_ways()
    reader.read_relations()
    return Layers(reader.held, reader.lost, reader.covered)
