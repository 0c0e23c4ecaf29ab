"""Extracts of OpenStreetMap in whatever form: .osm of any order, packed or not, Overpass JSON,
.osm.pbf."""

from __future__ import annotations

import bz2
import io
import json
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

import numpy as np
import osmium

from terrain.files.kinds import head_of
from terrain.files.vectors import Bounds, refusal
from terrain.osm.objects import (
    MOST_REFERENCES,
    MOST_TAGS,
    OUT_OF_ORDER,
    Collected,
    Extract,
    Member,
    Points,
    Relation,
    Way,
    Words,
    extent_of,
    id_order,
    joined_ways,
    named_nodes,
    quantised_places,
    relations_of,
    runs_of,
    tags_of,
)
from terrain.osm.pbf import UnfamiliarError, read_pbf, read_pbf_near
from terrain.osm.pbf_blobs import unpacked_size
from worlds.errors import SourceError

MOST_TEXT, FEW_TEXT, DENSEST = 1_000_000_000, 32_000_000, 100
"""Bytes of text that an extract may unpack to: ever, however small it is, and for each of its
own."""
LARGE_PBF = 20_000_000
"""Bytes from which on only what lies around the first place that is asked for is kept of a
.osm.pbf."""


def is_osm(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract, by its name (.osm, .osm.gz, .osm.bz2, .pbf), or
    Overpass JSON, by its beginning."""
    name = path.name.lower()
    if name.endswith((".osm", ".pbf", ".osm.gz", ".osm.bz2", ".osm.xml")):
        return True
    if not name.endswith((".json", ".osm.json.gz", ".osj")) or not path.is_file():
        return False
    try:
        head = head_of(path)
    except OSError:
        return False
    return b'"elements"' in head and any(
        word in head for word in (b'"Overpass', b'"osm3s"', b'"node"', b'"way"', b'"relation"')
    )


class _XmlParser:
    """Takes the pieces of an .osm apart. What an editor has marked as deleted is left out."""

    def __init__(self) -> None:
        self.found = Collected()
        self.tags: dict[str, str] = {}
        self.refs = array("q")
        self.members: list[Member] = []
        self.words: dict[str, str] = {}
        self.many_refs, self.many_tags = 0, 0
        self.own: dict[str, str] | None = None
        self.root = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        # An extract has no entities of its own: they are for texts that grow without end.
        self.parser.EntityDeclHandler = self._no_entities

    @staticmethod
    def _no_entities(*_: Any) -> None:
        raise ValueError("it declares entities, which no extract does")

    def _start(self, name: str, said: dict[str, str]) -> None:
        if name == "tag":
            if self.own is not None:
                key, value = said["k"], said["v"]
                self.tags[self.words.setdefault(key, key)] = self.words.setdefault(value, value)
                self.many_tags += 1
        elif name == "nd":
            self.refs.append(int(said["ref"]))
            self.many_refs += 1
        elif name == "member":
            self.many_refs += 1
            if said["type"] in ("node", "way", "relation"):
                self.members.append(Member(said["type"][0], int(said["ref"]), said.get("role", "")))  # type: ignore[arg-type]
        elif name in ("node", "way", "relation"):
            self.own, self.tags, self.refs, self.members = said, {}, array("q"), []
            if self.many_refs > MOST_REFERENCES or self.many_tags > MOST_TAGS:
                raise ValueError(
                    "it is too large to be read as text: take a smaller one, or a .osm.pbf"
                )
        elif name == "bounds" and "minlon" in said:
            self.found.boxes.append(
                (
                    float(said["minlon"]),
                    float(said["minlat"]),
                    float(said["maxlon"]),
                    float(said["maxlat"]),
                )
            )
        elif not self.root:
            self.root = name
            if name != "osm":
                raise ValueError(f"it begins with <{name}>, not <osm>")

    def _end(self, name: str) -> None:
        if name not in ("node", "way", "relation") or self.own is None:
            return
        own, self.own = self.own, None
        if own.get("action") == "delete" or own.get("visible") == "false":
            return
        number = int(own["id"])
        if name == "node":
            if "lat" in own:
                self.found.add_node(number, float(own["lon"]), float(own["lat"]), self.tags)
        elif name == "way":
            self.found.ways[number] = (self.refs, self.tags)
        else:
            self.found.relations[number] = Relation(number, tuple(self.members), self.tags)

    def read(self, pieces: Iterator[bytes]) -> Extract:
        for piece in pieces:
            self.parser.Parse(piece, False)
        self.parser.Parse(b"", True)
        return self.found.extract()


def inflated(file: BinaryIO, most: int) -> Iterator[bytes]:
    """The bytes of a file, unpacked where it is gzip or bzip2, in pieces of at most 1 MB;
    ValueError beyond `most` bytes.

    EOFError where a packed file is cut short."""
    head = file.peek(3)[:3] if isinstance(file, io.BufferedReader) else b""
    left = most

    def counted(piece: bytes) -> bytes:
        nonlocal left
        left -= len(piece)
        if left < 0:
            raise ValueError(f"it unpacks to more than {most / 1e6:,.0f} MB")
        return piece

    if head[:2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(31)
        waiting = b""
        while True:
            waiting = waiting or file.read(1 << 18)
            if not waiting:
                break
            piece = unpacker.decompress(waiting, 1 << 20)
            waiting = unpacker.unconsumed_tail
            if piece:
                yield counted(piece)
            if unpacker.eof:
                # Several archives one after the other are one.
                waiting = unpacker.unused_data.lstrip(b"\x00")
                unpacker = zlib.decompressobj(31) if waiting or file.peek(1) else unpacker  # type: ignore[attr-defined]
        if not unpacker.eof:
            raise EOFError("the archive is cut short")
        return
    if head == b"BZh":
        with bz2.BZ2File(file) as plain:
            while piece := plain.read(1 << 20):
                yield counted(piece)
        return
    while piece := file.read(1 << 20):
        yield counted(piece)


def _geometry(drawn: Any) -> list[Points]:
    """The pieces of an Overpass geometry, in which points that are not told are null."""
    known = np.array([point is not None for point in drawn], bool)
    places = np.array(
        [[point["lon"], point["lat"]] if point is not None else [0.0, 0.0] for point in drawn],
        float,
    )
    places = quantised_places(places.reshape(-1, 2))
    closed = bool(len(known) > 2 and known[0] and known[-1] and (places[0] == places[-1]).all())
    return [places[run] for run in runs_of(known, closed)]


def _is_closed(refs: Any, drawn: Any) -> bool:
    return (
        len(refs) > 2 and refs[0] == refs[-1]
        if refs
        else len(drawn) > 2 and drawn[0] is not None and drawn[0] == drawn[-1]
    )


def _read_overpass(text: bytes) -> Extract:
    found = Collected()
    whole = json.loads(text.decode("utf-8-sig"))
    if not isinstance(whole, dict) or not isinstance(whole.get("elements"), list):
        raise ValueError("it has no list of elements")
    if "error" in str(whole.get("remark", "")):
        raise ValueError(f"Overpass did not come to its end: {whole['remark']}")
    for element in whole["elements"]:
        kind, number = element["type"], int(element.get("id", 0))
        tags = {str(key): str(value) for key, value in (element.get("tags") or {}).items()}
        if kind == "node" and "lat" in element:
            found.add_node(number, float(element["lon"]), float(element["lat"]), tags)
        elif kind == "way":
            refs, drawn = [int(ref) for ref in element.get("nodes") or []], element.get("geometry")
            found.ways[number] = (refs, tags)
            if drawn:
                found.drawn[number], found.closed[number] = (
                    _geometry(drawn),
                    _is_closed(refs, drawn),
                )
        elif kind == "relation":
            members = []
            for member in element.get("members") or []:
                if member["type"] not in ("node", "way", "relation"):
                    continue
                ref = int(member["ref"])
                members.append(Member(member["type"][0], ref, str(member.get("role", ""))))
                if member["type"] == "way" and member.get("geometry") and ref not in found.drawn:
                    found.drawn[ref], found.closed[ref] = (
                        _geometry(member["geometry"]),
                        _is_closed([], member["geometry"]),
                    )
            found.relations[number] = Relation(number, tuple(members), tags)
    return found.extract()


def _header(path: Path) -> list[Bounds]:
    """The box that the file says it covers, if any."""
    header = osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING).header()
    box = header.box()
    return (
        [(box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)]
        if box.valid()
        else []
    )


def _read_any_order(path: Path) -> Extract:
    """All of a .osm.pbf whatever order its parts and ids have."""
    found = Collected()
    thing: Any
    for thing in osmium.FileProcessor(str(path)):
        if thing.is_node():
            if thing.location.valid():
                found.add_node(thing.id, thing.lon, thing.lat, dict(thing.tags))
        elif thing.is_way():
            found.ways[thing.id] = ([node.ref for node in thing.nodes], dict(thing.tags))
        elif thing.is_relation():
            found.relations[thing.id] = _relation_of(thing)
    found.boxes = _header(path)
    return found.extract()


def _relation_of(found: Any) -> Relation:
    members = tuple(
        Member(member.type, int(member.ref), member.role)
        for member in found.members
        if member.type in "nwr"
    )
    return Relation(found.id, members, dict(found.tags))


def _read_pbf(path: Path, box: Bounds | None) -> Extract:
    """box: outside of which only members of relations are kept; None for all."""
    try:
        found = read_pbf(path) if box is None else read_pbf_near(path, box)
    except (UnfamiliarError, ValueError, zlib.error):
        return _read_any_order(path) if box is None else _read_near(path, box)
    return replace(found, boxes=_header(path))


_DRAWN = osmium.geom.WKBFactory()


def _way_of(way: Any) -> Way:
    closed = len(way.nodes) > 3 and bool(way.is_closed())
    try:
        # One call for all of its nodes; those that are missing it leaves out.
        points = np.frombuffer(
            bytes.fromhex(_DRAWN.create_linestring(way, osmium.geom.ALL))[9:], "<f8"
        ).reshape(-1, 2)
        if len(points) == len(way.nodes):
            return Way((points,), closed, True)
    except (osmium.InvalidLocationError, RuntimeError):
        pass
    lonlat = [
        (node.lon, node.lat) if node.location.valid() else (np.nan, np.nan) for node in way.nodes
    ]
    places = np.array(lonlat, float).reshape(-1, 2)
    known = np.isfinite(places[:, 0])
    pieces = [places[run] for run in runs_of(known, closed)]
    return Way(tuple(pieces), closed, bool(known.all()) and len(places) > 1)


def _read_near(path: Path, box: Bounds) -> Extract:
    """What lies near a box in a large .osm.pbf that `read_pbf_near` does not read."""
    thing: Any
    processor = osmium.FileProcessor(str(path), osmium.osm.RELATION)
    words = Words()
    relations = relations_of({thing.id: _relation_of(thing) for thing in processor}, words)
    named, held = (
        set(ids.tolist()) for ids in (relations.named_nodes, relations.ways_around(words))
    )
    nodes: dict[int, tuple[float, float]] = {}
    tagged: dict[int, dict[str, str]] = {}
    ways: dict[int, tuple[Way, dict[str, str]]] = {}
    reader = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    for thing in reader:
        if thing.is_node():
            if ways or thing.id < 0:
                raise ValueError(OUT_OF_ORDER)
            if (len(thing.tags) or thing.id in named) and thing.location.valid():
                lon, lat = thing.lon, thing.lat
                if box[0] <= lon <= box[2] and box[1] <= lat <= box[3]:
                    nodes[thing.id], tagged[thing.id] = (lon, lat), dict(thing.tags)
        elif thing.is_way():
            way = _way_of(thing)
            if thing.id in held or _meets(way, box):
                ways[thing.id] = way, dict(thing.tags)
    order = sorted(ways, key=id_order)
    tags = tags_of([ways[number][1] for number in order], words)
    ids = np.array(sorted(nodes), np.int64)
    places = np.array([nodes[number] for number in ids.tolist()], float).reshape(-1, 2)
    pieces = [piece for way, _ in ways.values() for piece in way.pieces]
    return Extract(
        words=words,
        nodes=named_nodes(ids, places, tagged, relations.named_nodes, words=words),
        ways=joined_ways(np.array(order, np.int64), [ways[number][0] for number in order], tags),
        relations=relations,
        boxes=_header(path),
        extent=extent_of([*pieces, places] if len(places) else pieces),
    )


def _meets(way: Way, box: Bounds) -> bool:
    for piece in way.pieces:
        (west, south), (east, north) = piece.min(axis=0), piece.max(axis=0)
        if west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]:
            return True
    return False


def _require_as_large(path: Path) -> None:
    """ValueError for a .osm.pbf that says it unpacks to far more than extracts do; they come to two
    or three times their size."""
    size, most = unpacked_size(path), max(FEW_TEXT, DENSEST * path.stat().st_size)
    if size > most:
        raise ValueError(f"it unpacks to {size / 1e6:,.0f} MB, more than {most / 1e6:,.0f} MB")


def read_extract(path: Path, box: Bounds | None = None) -> Extract:
    """All that is in an extract; of a large .osm.pbf only what lies near the box. SourceError for a
    file that cannot be read."""
    try:
        if path.suffix.lower() == ".pbf":
            _require_as_large(path)
            return _read_pbf(path, box if path.stat().st_size > LARGE_PBF else None)
        with path.open("rb") as file:
            pieces = inflated(file, min(MOST_TEXT, max(FEW_TEXT, DENSEST * path.stat().st_size)))
            first = next(pieces, b"")
            if not first:
                raise refusal(path, "not a readable extract")
            if first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
                return _read_overpass(b"".join([first, *pieces]))
            return _XmlParser().read(iter_from(first, pieces))
    except (
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        RecursionError,
        OverflowError,
        AttributeError,
    ) as error:
        raise _unreadable(path, error) from error
    except (expat.ExpatError, EOFError, OSError, RuntimeError, zlib.error, MemoryError) as error:
        raise _unreadable(path, error) from error


def iter_from(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _unreadable(path: Path, error: Exception) -> SourceError:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if isinstance(error, EOFError) or "no element found" in reason or "unclosed token" in reason:
        return SourceError(
            f"{path}: the extract is cut short ({reason})", hint="download or save it again"
        )
    found = refusal(path, "not a readable extract of OpenStreetMap", error)
    if (
        "archive" in str(found)
        or "OpenStreetMap extract" in str(found)
        or "Overpass" in str(found)
        or "JSON file" in str(found)
    ):
        return SourceError(
            f"{path}: not a readable extract of OpenStreetMap ({reason})",
            hint="open it in JOSM, which says what is wrong with it, and save it",
        )
    return found
