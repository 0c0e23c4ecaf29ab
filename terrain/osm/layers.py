"""The layers of an OpenStreetMap extract: points, lines and areas with the tags that matter as
columns, as terrain/osm.ini says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.files.vectors import Bounds
from terrain.osm.evidence import GREEN, Known
from terrain.osm.objects import (
    KINDS,
    Extract,
    Member,
    Numbers,
    Points,
    Relation,
    Tags,
    Way,
    Words,
    rows_of,
    starts_of,
    stretches,
    tags_of,
)
from terrain.osm.rings import Assembled, Evidence, assemble, without_islands
from terrain.osm.rules import ADMINISTRATIVE, CUT, LAYERS, is_area, says_what, settings
from terrain.osm.tables import Layer, joined_layers, patched

RINGS = ("outer", "inner", "", "outline", "enclave", "exclave")
"""Roles of members that are lines around an area."""


@dataclass(frozen=True)
class Layers:
    """held, lost: by the names of LAYERS; lost are the areas that could not be closed, as boxes
    around what is known of them; covered: west,
    south, east, north of what the extract covers, None for an empty one."""

    held: dict[str, Layer]
    lost: dict[str, Layer]
    covered: Bounds | None


def _lines(way: Way) -> list[Any]:
    return [shapely.LineString(piece) for piece in way.pieces]


class _Sink:
    """Areas, or lines, one by one."""

    def __init__(self) -> None:
        self.shapes: list[Any] = []
        self.tags: list[Mapping[str, str]] = []
        self.ids: list[int] = []
        self.of_way: list[bool] = []

    def add(self, shape: Any, tags: Mapping[str, str], number: int, of_way: bool) -> None:
        self.shapes.append(shape)
        self.tags.append(tags)
        self.ids.append(number)
        self.of_way.append(of_way)

    def layer(self, words: Words) -> Layer:
        return Layer(
            _objects(self.shapes),
            np.array(self.ids, np.int64),
            np.array(self.of_way, bool),
            tags_of(self.tags, words),
        )


def _objects(shapes: Sequence[Any]) -> NDArray[np.object_]:
    out = np.empty(len(shapes), object)
    out[:] = shapes
    return out


class _WayTags:
    """Tags of ways by their ids, some of which relations have changed."""

    def __init__(self, extract: Extract) -> None:
        self._ways, self._words = extract.ways, extract.words
        self.rows = dict(zip(extract.ways.ids.tolist(), range(len(extract.ways)), strict=True))
        self.changed: dict[int, dict[str, str]] = {}
        """By rows."""

    def __contains__(self, number: int) -> bool:
        return number in self.rows

    def __getitem__(self, number: int) -> dict[str, str]:
        row = self.rows[number]
        found = self.changed.get(row)
        return self._ways.tags.of(row, self._words) if found is None else found

    def __setitem__(self, number: int, tags: dict[str, str]) -> None:
        self.changed[self.rows[number]] = tags

    def get(self, number: int) -> dict[str, str]:
        return self[number] if number in self.rows else {}


class _Reader:
    def __init__(self, extract: Extract) -> None:
        self.extract, self.words = extract, extract.words
        self.held: dict[str, Layer] = {}
        self.lost = _Sink()
        self.covered = _covered(extract)
        self.box = (
            None
            if self.covered is None
            else shapely.union_all([shapely.box(*box) for box in extract.boxes or [self.covered]])
        )
        if self.box is not None and (self.box.geom_type != "Polygon" or self.box.area == 0):
            self.box = None if self.box.area == 0 else shapely.envelope(self.box)
        self.known: Known | None = None
        self.tags = _WayTags(extract)
        relations = extract.relations
        self.relations = [
            Relation(number, (), relations.tags.of(row, self.words))
            for row, number in enumerate(relations.ids.tolist())
        ]
        self.own_tags = {relation.id: dict(relation.tags) for relation in self.relations}
        self.taken: set[int] = set()

    def members(self, row: int) -> tuple[Member, ...]:
        return self.extract.relations.members_of(row, self.words)

    def way(self, number: int) -> Way:
        return self.extract.ways.way(self.tags.rows[number])

    def evidence(
        self, tags: Mapping[str, str], inside: Sequence[Any], outside: Sequence[Any]
    ) -> Evidence:
        self.known = self.known or Known(self.extract)
        return self.known.about(tags, inside, outside)

    def keep(
        self,
        found: Assembled,
        lines: Sequence[Any],
        tags: Mapping[str, str],
        number: int,
        sink: _Sink | None = None,
    ) -> None:
        """sink: where an area of a relation is kept; None for a way's, which is only lost."""
        if found.area is not None and sink is not None:
            sink.add(found.area, {**tags, CUT: "closed"} if found.closed else tags, number, False)
        elif lines:
            around = shapely.buffer(shapely.MultiLineString(lines).envelope, 1e-6)
            self.lost.add(around, {**tags, CUT: found.reason}, number, sink is None)

    def read_points(self) -> None:
        nodes = self.extract.nodes
        rows = np.flatnonzero(_have(nodes.tags, self.words.known(settings()[2]["points"])))
        self.held["points"] = Layer(
            shapely.points(nodes.places[rows]),
            nodes.ids[rows],
            np.zeros(len(rows), bool),
            nodes.tags.taken(rows),
        )

    def _areas(self) -> NDArray[np.bool_]:
        """(ways,) which go around an area, if they are closed."""
        tags, words = self.extract.ways.tags, self.words
        keys, pairs, _ = settings()
        hit = np.isin(tags.keys, words.known(keys))
        for pair in pairs:
            key, _, value = pair.partition("=")
            for one, other in zip(words.known([key]), words.known([value]), strict=False):
                hit |= (tags.keys == one) & (tags.values == other)
        said = tags.column("area", words)
        areas: NDArray[np.bool_] = (
            np.bincount(tags.owners, weights=hit, minlength=len(self.extract.ways)) > 0
        )
        areas |= np.isin(said, words.known(["yes"]))
        areas &= ~np.isin(said, words.known(["no"]))
        for row, own in self.tags.changed.items():
            areas[row] = is_area(own)
        return areas

    def read_ways(self) -> None:
        ways = self.extract.ways
        free = ~np.isin(ways.ids, np.array(sorted(self.taken), np.int64)) & (
            np.diff(ways.pieces) > 0
        )
        around = free & ways.closed & self._areas()
        self._read_areas(np.flatnonzero(around))
        along = _have(ways.tags, self.words.known(settings()[2]["lines"]))
        keys = set(settings()[2]["lines"])
        for row, own in self.tags.changed.items():
            along[row] = bool(keys & set(own))
        self._read_lines(np.flatnonzero(free & ~around & along))

    def _read_areas(self, rows: Numbers) -> None:
        ways = self.extract.ways
        points = np.zeros(len(ways), np.int64)
        one = np.flatnonzero(np.diff(ways.pieces) > 0)
        points[one] = np.diff(ways.starts)[ways.pieces[one]]
        whole = ways.whole[rows] & (points[rows] > 3)
        shapes = np.full(len(rows), None, object)
        shapes[whole] = _polygons(*ways.points_of(rows[whole]))
        tags = {row: own for row, own in self.tags.changed.items()}
        for place in np.flatnonzero(~whole).tolist():
            row = int(rows[place])
            number = int(ways.ids[row])
            own, lines = self.tags[number], _lines(ways.way(row))
            found = assemble(lines, False, self.box, self.evidence(own, [], []))
            if found.area is None:
                self.keep(found, lines, own, number)
                continue
            shapes[place] = found.area
            if found.closed:
                tags[row] = {**own, CUT: "closed"}
        self.held["multipolygons"] = self._layer(rows[shapes != None], shapes[shapes != None], tags)  # noqa: E711 - element by element

    def _layer(
        self,
        rows: Numbers,
        shapes: NDArray[np.object_],
        tags: Mapping[int, Mapping[str, str]],
        of_way: bool = True,
    ) -> Layer:
        """tags: of rows of ways, in the place of their own."""
        ways = self.extract.ways
        places = dict(zip(rows.tolist(), range(len(rows)), strict=True))
        patches = {places[row]: own for row, own in tags.items() if row in places}
        return Layer(
            shapes,
            ways.ids[rows],
            np.full(len(rows), of_way),
            patched(ways.tags.taken(rows), patches, self.words),
        )

    def _read_lines(self, rows: Numbers) -> None:
        ways = self.extract.ways
        single = np.diff(ways.pieces)[rows] == 1
        shapes = np.full(len(rows), None, object)
        shapes[single] = _linestrings(*ways.points_of(rows[single]))
        for place in np.flatnonzero(~single).tolist():
            shapes[place] = shapely.MultiLineString(_lines(ways.way(int(rows[place]))))
        tags = dict(self.tags.changed)
        for row in rows[~ways.whole[rows]].tolist():
            tags[row] = {**self.tags[int(ways.ids[row])], CUT: "shortened"}
        self.held["lines"] = self._layer(rows, shapes, tags, of_way=False)

    def spread_tags(self) -> None:
        """What relations say for their members: a building's relation for its outline, and lines
        around an area for the area."""
        for row, relation in enumerate(self.relations):
            if relation.tags.get("type") != "building":
                continue
            said = {key: value for key, value in relation.tags.items() if key != "type"}
            for member in self.members(row):
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
                    and not says_what(self.tags[member.ref])
                ):
                    self.tags[member.ref] = {"building:part": "yes", **self.tags[member.ref]}
        for row, relation in enumerate(self.relations):
            own = self.own_tags[relation.id]
            if own.get("type") != "multipolygon":
                continue
            if says_what(own):
                self.taken.update(self._repeated(self.members(row), own))
                continue
            for member in sorted(self.members(row), key=lambda member: member.ref):
                if (
                    member.kind == "w"
                    and member.role in ("outer", "")
                    and is_area(self.tags.get(member.ref))
                ):
                    own.update(
                        {
                            key: value
                            for key, value in self.tags[member.ref].items()
                            if key not in own
                        }
                    )
                    self.taken.add(member.ref)

    def _repeated(self, members: Sequence[Member], own: Mapping[str, str]) -> Iterator[int]:
        """The outer ways that say again what their relation says: drawn by themselves they would
        fill its courtyards."""
        for member in members:
            tags = (
                self.tags.get(member.ref)
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
        relations = self.extract.relations
        parts = np.isin(relations.members[:, 2], self.words.known(("outline", "part")))
        before = np.concatenate([[0], np.cumsum(parts)])
        parted = before[relations.starts[1:]] > before[relations.starts[:-1]]
        chosen: dict[str, list[int]] = {"multilinestrings": [], "other_relations": []}
        areas = _Sink()
        for row, relation in enumerate(self.relations):
            kind = relation.tags.get("type")
            if kind in ("multipolygon", "boundary") or (kind == "building" and not parted[row]):
                self._read_area(row, relation, areas)
            elif kind not in ("building", "restriction"):
                layer = (
                    "multilinestrings"
                    if kind in ("multilinestring", "route")
                    else "other_relations"
                )
                if not set(settings()[2][layer]).isdisjoint(set(relation.tags) - {"type"}):
                    chosen[layer].append(row)
        self.held["multipolygons"] = joined_layers(
            [self.held["multipolygons"], areas.layer(self.words)]
        )
        for layer, rows in chosen.items():
            self.held[layer] = self._lines_of(np.array(rows, np.int64))

    def _lines_of(self, rows: Numbers) -> Layer:
        """The lines of relations, of each that has any."""
        ways, relations = self.extract.ways, self.extract.relations
        each = stretches(relations.starts, rows)
        owners = np.repeat(np.arange(len(rows)), np.diff(relations.starts)[rows])
        order = np.argsort(ways.ids, kind="stable")
        found, there = rows_of(ways.ids[order], relations.members[each, 1])
        there &= relations.members[each, 0] == KINDS.index("w")
        way_rows, owners = order[found[there]] if len(ways) else found[there], owners[there]
        owners = np.repeat(owners, np.diff(ways.pieces)[way_rows])
        pieces = stretches(ways.pieces, way_rows)
        points = ways.points[stretches(ways.starts, pieces)]
        lines = _linestrings(points, starts_of(np.diff(ways.starts)[pieces]))
        kept, owners = np.unique(owners, return_inverse=True)
        return Layer(
            shapely.multilinestrings(lines, indices=owners),
            relations.ids[rows[kept]],
            np.zeros(len(kept), bool),
            relations.tags.taken(rows[kept]),
        )

    def _read_area(self, row: int, relation: Relation, sink: _Sink) -> None:
        tags = self.own_tags[relation.id]
        if not says_what(tags) or tags.get("boundary") in ADMINISTRATIVE:
            return
        members = self.members(row)
        around = [member for member in members if member.kind == "w" and member.role in RINGS]
        ways = [(member, self.way(member.ref)) for member in around if member.ref in self.tags]
        whole = bool(ways) and len(ways) == len(around) and all(way.whole for _, way in ways)
        lines = [line for _, way in ways for line in _lines(way)]
        if whole:
            found = assemble(lines, True, None, _NOTHING)
            if found.area is not None:
                self.keep(found, lines, tags, relation.id, sink)
                return
        bounding = [member for member in around if member.role == "outer"]
        outer = [way for member, way in ways if member.role == "outer"]
        if outer and len(outer) == len(bounding) and all(way.whole for way in outer):
            islands = [
                line for member, way in ways if member.role == "inner" for line in _lines(way)
            ]
            area = without_islands([line for way in outer for line in _lines(way)], islands)
            if area is not None:
                self.keep(Assembled(area, closed=True), lines, tags, relation.id, sink)
                return
        inside = self._labels(members)
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
        self.keep(assemble(lines, False, self.box, evidence), lines, tags, relation.id, sink)

    def _labels(self, members: Sequence[Member]) -> list[tuple[float, ...]]:
        """Where the nodes lie that a relation names."""
        nodes = self.extract.nodes
        named = [member.ref for member in members if member.kind == "n"]
        return [
            tuple(nodes.places[row].tolist())
            for number in named
            for row in np.flatnonzero(nodes.ids == number).tolist()
        ]

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
    nothing = {name: _Sink().layer(extract.words) for name in LAYERS}
    lost = {**nothing, "multipolygons": reader.lost.layer(extract.words)}
    return Layers(reader.held, lost, reader.covered)


def _have(tags: Tags, keys: Numbers) -> NDArray[np.bool_]:
    """(n,) which things have one of the keys."""
    found: NDArray[np.bool_] = (
        np.bincount(tags.owners, weights=np.isin(tags.keys, keys), minlength=len(tags.starts) - 1)
        > 0
    )
    return found


def _linestrings(points: Points, starts: Numbers) -> NDArray[np.object_]:
    """Lines along points (p, 2), those of each from starts (n + 1,) on."""
    owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    found: NDArray[np.object_] = shapely.linestrings(points, indices=owners)
    return found


def _polygons(points: Points, starts: Numbers) -> NDArray[np.object_]:
    owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    found: NDArray[np.object_] = shapely.polygons(shapely.linearrings(points, indices=owners))
    return found
