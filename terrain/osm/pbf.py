"""An .osm.pbf read block by block into columns: nodes and ways never become objects of Python.

Only what nearly all writers write is read here: dense nodes, blocks packed with zlib or as they
are, places in ten-millionths of a degree. `UnfamiliarError` is raised for anything else, and for
what is damaged: libosmium reads that, or says what is wrong with it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.files.vectors import Bounds
from terrain.osm.messages import (
    NUMBER,
    PIECE,
    Bytes,
    columns_of,
    fields_of,
    packed,
    required,
    take_node_tags,
)
from terrain.osm.objects import (
    KINDS,
    OUT_OF_ORDER,
    Extract,
    Nodes,
    Numbers,
    Points,
    Relations,
    Tags,
    Ways,
    Words,
    in_order,
    rows_of,
    starts_of,
    stretches,
    trace_ways,
)
from terrain.osm.pbf_blobs import MOST_HEAD

MOST_BLOCK = 32 * 1024 * 1024
"""Bytes that a block unpacks to; the format allows no more."""
FAMILIAR = {b"OsmSchema-V0.6", b"DenseNodes"}
"""What a file may require of those who read it."""
PLAIN = {17: 100, 19: 0, 20: 0}
"""Fields of a block that say how its numbers become places, and what they are where nothing is
said."""
FARTHEST = np.array([1_800_000_000, 900_000_000])


class UnfamiliarError(Exception):
    """A file of another kind than is read here."""


class _Block(NamedTuple):
    """data: as unpacked; texts, groups: (n, 2) begin, end of each."""

    data: Bytes
    texts: Numbers
    groups: Numbers


def _blobs(path: Path) -> Iterator[tuple[bytes, Bytes]]:
    """(kind, unpacked data) of all parts of a file."""
    with path.open("rb") as file:
        while size := file.read(4):
            length = int.from_bytes(size, "big")
            head = np.frombuffer(file.read(min(length, MOST_HEAD)), np.uint8)
            if len(size) < 4 or len(head) != length:
                raise UnfamiliarError
            said = fields_of(head, 0, len(head))
            kind = b"".join(_pieces(head, said, 1))
            counts = said[(said[:, 0] == 3) & (said[:, 1] == NUMBER), 2]
            if len(counts) != 1 or not 0 <= counts[0] <= 2 * MOST_BLOCK:
                raise UnfamiliarError
            body = file.read(int(counts[0]))
            if len(body) != counts[0]:
                raise UnfamiliarError
            yield kind, np.frombuffer(_unpacked(np.frombuffer(body, np.uint8)), np.uint8)


def _unpacked(body: Bytes) -> bytes:
    said = fields_of(body, 0, len(body))
    plain, zipped = _pieces(body, said, 1), _pieces(body, said, 3)
    if len(plain) + len(zipped) != 1 or not np.isin(said[:, 0], (1, 2, 3)).all():
        raise UnfamiliarError
    sizes = said[(said[:, 0] == 2) & (said[:, 1] == NUMBER), 2]
    if plain:
        return plain[0]
    if len(sizes) != 1 or not 0 <= sizes[0] <= MOST_BLOCK:
        raise UnfamiliarError
    unpacker = zlib.decompressobj()
    data = unpacker.decompress(zipped[0], int(sizes[0]) + 1)
    if len(data) != sizes[0] or not unpacker.eof:
        raise UnfamiliarError
    return data


def _pieces(data: Bytes, said: Numbers, number: int) -> list[bytes]:
    chosen = said[(said[:, 0] == number) & (said[:, 1] == PIECE)]
    return [data[begin:end].tobytes() for begin, end in chosen[:, 2:].tolist()]


def _spans(said: Numbers, number: int) -> Numbers:
    """(n, 2) begin, end of the messages in a field."""
    chosen = said[said[:, 0] == number]
    if (chosen[:, 1] != PIECE).any():
        raise UnfamiliarError
    return np.ascontiguousarray(chosen[:, 2:])


def _blocks(path: Path) -> Iterator[_Block]:
    begun = False
    for kind, data in _blobs(path):
        said = fields_of(data, 0, len(data))
        if not begun:
            if kind != b"OSMHeader" or not set(_pieces(data, said, 4)) <= FAMILIAR:
                raise UnfamiliarError
            begun = True
            continue
        if kind != b"OSMData":
            raise UnfamiliarError
        for number, usual in PLAIN.items():
            if (said[said[:, 0] == number, 2] != usual).any():
                raise UnfamiliarError
        (table,) = _spans(said, 1).tolist()
        yield _Block(data, _spans(fields_of(data, *table), 1), _spans(said, 2))
    if not begun:
        raise UnfamiliarError


def _worded(numbers: Numbers, block: _Block, words: Words) -> Numbers:
    """The numbers of a block's texts as those of words; what nothing uses, as the names of those
    who drew, is none."""
    used, which = np.unique(numbers, return_inverse=True)
    if len(used) and not 0 <= used[0] <= used[-1] < len(block.texts):
        raise UnfamiliarError
    texts = [
        block.data[begin:end].tobytes().decode("utf-8") for begin, end in block.texts[used].tolist()
    ]
    return np.array([words.number(text) for text in texts], np.int64)[which]


class _Found(NamedTuple):
    """Things of one kind. ids: (n,); given: their places in ten-millionths of a degree (n, 2), or
    the ids of their nodes; starts: (n + 1,), where those of each begin; tags: in numbers of the
    block's texts, until they are `_told`."""

    ids: Numbers
    given: Numbers
    starts: Numbers
    tags: Tags


def _dense_nodes(block: _Block, begin: int, end: int) -> _Found:
    said = fields_of(block.data, begin, end)
    columns = []
    for number in (1, 8, 9, 10):
        spans = _spans(said, number)
        if len(spans) > 1 or (not len(spans) and number != 10):
            raise UnfamiliarError
        columns.append(
            packed(block.data, int(spans[0, 0]), int(spans[0, 1]), running=number != 10)
            if len(spans)
            else np.empty(0, np.int64)
        )
    ids, lat, lon, mixed = columns
    if not len(ids) == len(lat) == len(lon):
        raise UnfamiliarError
    counts = np.zeros(len(ids), np.int64)
    keys, values = np.empty(len(mixed) // 2, np.int64), np.empty(len(mixed) // 2, np.int64)
    total = required(take_node_tags(mixed, counts, keys, values)) if len(mixed) else 0
    tags = Tags(starts_of(counts), keys[:total], values[:total])
    return _Found(ids, np.column_stack([lon, lat]), np.arange(len(ids) + 1), tags)


def _ways(block: _Block, rows: Numbers) -> _Found:
    ids, (keys, values, refs) = columns_of(block.data, rows, [(2, False), (3, False), (8, True)])
    return _Found(ids, refs[1], refs[0], _paired(keys, values))


def _paired(keys: tuple[Numbers, Numbers], values: tuple[Numbers, Numbers]) -> Tags:
    if (keys[0] != values[0]).any():
        raise UnfamiliarError
    return Tags(keys[0], keys[1], values[1])


def _told(found: _Found, block: _Block, words: Words) -> _Found:
    starts, keys, values = found.tags
    return found._replace(
        tags=Tags(starts, _worded(keys, block, words), _worded(values, block, words))
    )


def _relations(block: _Block, rows: Numbers) -> _Found:
    """given: (members, 3), see Relations."""
    ids, (keys, values, roles, refs, kinds) = columns_of(
        block.data, rows, [(2, False), (3, False), (8, False), (9, True), (10, False)]
    )
    if (roles[0] != refs[0]).any() or (roles[0] != kinds[0]).any():
        raise UnfamiliarError
    if len(kinds[1]) and not 0 <= kinds[1].min() <= kinds[1].max() < len(KINDS):
        raise UnfamiliarError
    members = np.column_stack([kinds[1], refs[1], roles[1]])
    return _Found(ids, members, refs[0], _paired(keys, values))


def _nodes_in(block: _Block) -> list[_Found]:
    return [
        _dense_nodes(block, *span)
        for begin, end in block.groups.tolist()
        for span in _spans(_group(block, begin, end), 2).tolist()
    ]


def _ways_in(block: _Block) -> list[_Found]:
    rows = [_spans(_group(block, begin, end), 3) for begin, end in block.groups.tolist()]
    return [_ways(block, own) for own in rows if len(own)]


def _relations_in(block: _Block, words: Words) -> list[_Found]:
    rows = [_spans(_group(block, begin, end), 4) for begin, end in block.groups.tolist()]
    found = [_told(_relations(block, own), block, words) for own in rows if len(own)]
    for one in found:
        one.given[:, 2] = _worded(one.given[:, 2], block, words)
    return found


def _group(block: _Block, begin: int, end: int) -> Numbers:
    said = fields_of(block.data, begin, end)
    # Nodes that are not dense, which few write.
    if (said[:, 0] == 1).any():
        raise UnfamiliarError
    return said


def _together(found: Iterable[_Found], width: tuple[int, ...]) -> _Found:
    """All things, one after the other."""
    parts = [_NOTHING._replace(given=np.empty((0, *width), np.int64)), *found]
    tags = Tags(
        starts_of(np.concatenate([np.diff(one.tags.starts) for one in parts])),
        np.concatenate([one.tags.keys for one in parts]),
        np.concatenate([one.tags.values for one in parts]),
    )
    return _Found(
        np.concatenate([one.ids for one in parts]),
        np.concatenate([one.given for one in parts]),
        starts_of(np.concatenate([np.diff(one.starts) for one in parts])),
        tags,
    )


_NONE = np.empty(0, np.int64)
_NOTHING = _Found(_NONE, _NONE, np.zeros(1, np.int64), Tags(np.zeros(1, np.int64), _NONE, _NONE))


def _chosen(found: _Found, rows: Numbers) -> _Found:
    return _Found(
        found.ids[rows],
        found.given[stretches(found.starts, rows)],
        starts_of(np.diff(found.starts)[rows]),
        found.tags.taken(rows),
    )


def _ordered(found: _Found) -> _Found:
    """In the order of the ids; the last of those that are there more than once."""
    return _chosen(found, in_order(found.ids))


def _on_earth(nodes: _Found) -> _Found:
    return _chosen(nodes, np.flatnonzero((np.abs(nodes.given) <= FARTHEST).all(axis=1)))


def _as_nodes(nodes: _Found) -> Nodes:
    return Nodes(nodes.ids, nodes.given / 1e7, nodes.tags)


def _said_of(nodes: _Found, named: Numbers) -> NDArray[np.bool_]:
    """Which nodes have tags, or are named by relations."""
    said: NDArray[np.bool_] = (np.diff(nodes.tags.starts) > 0) | rows_of(named, nodes.ids)[1]
    return said


def _as_relations(found: list[_Found]) -> Relations:
    held = _ordered(_together(found, (3,)))
    return Relations(held.ids, held.tags, held.starts, held.given)


def _extent(places: Points) -> Bounds | None:
    if not len(places):
        return None
    (west, south), (east, north) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    return west, south, east, north


def read_pbf(path: Path) -> Extract:
    """All of an .osm.pbf, whatever order its parts and ids have, but for the boxes that it says it
    covers. UnfamiliarError, or ValueError or zlib.error, for one that is not read here."""
    words = Words()
    found_relations: list[_Found] = []
    found_nodes: list[_Found] = []
    found_ways: list[_Found] = []
    for block in _blocks(path):
        found_nodes += [_told(found, block, words) for found in _nodes_in(block)]
        found_ways += [_told(found, block, words) for found in _ways_in(block)]
        found_relations += _relations_in(block, words)
    relations = _as_relations(found_relations)
    nodes = _ordered(_on_earth(_together(found_nodes, (2,))))
    ways = _ordered(_together(found_ways, ()))
    ascending = np.argsort(nodes.ids, kind="stable")
    placed = Nodes(nodes.ids[ascending], nodes.given[ascending] / 1e7, nodes.tags)
    return Extract(
        words=words,
        nodes=_as_nodes(_chosen(nodes, np.flatnonzero(_said_of(nodes, relations.named_nodes)))),
        ways=trace_ways(ways.ids, ways.given, ways.starts, nodes=placed, tags=ways.tags),
        relations=relations,
        boxes=[],
        extent=_extent(placed.places),
    )


def read_pbf_near(path: Path, box: Bounds) -> Extract:
    """What lies near a box in an .osm.pbf of which the nodes come before the ways, with ids that
    ascend; of other ways those around the areas of relations. Of what lies elsewhere only the
    places of nodes are kept, 16 bytes each. Errors as of read_pbf."""
    words = Words()
    found_relations: list[_Found] = []
    for block in _blocks(path):
        found_relations += _relations_in(block, words)
    relations = _as_relations(found_relations)
    named, needed = relations.named_nodes, relations.ways_around(words)
    store = _Store()
    near_nodes: list[_Found] = []
    near_ways: list[_Found] = []
    for block in _blocks(path):
        for nodes in map(_on_earth, _nodes_in(block)):
            store.add(nodes)
            chosen = _said_of(nodes, named) & _inside(nodes.given / 1e7, box)
            near_nodes.append(_told(_chosen(nodes, np.flatnonzero(chosen)), block, words))
        for ways in _ways_in(block):
            meets = _meets(store.traced(ways), box) | rows_of(needed, ways.ids)[1]
            near_ways.append(_told(_chosen(ways, np.flatnonzero(meets)), block, words))
    traced = store.traced(_ordered(_together(near_ways, ())))
    nodes = _ordered(_together(near_nodes, (2,)))
    places = nodes.given / 1e7
    return Extract(
        words=words,
        nodes=_as_nodes(nodes),
        ways=traced,
        relations=relations,
        boxes=[],
        extent=_extent(np.vstack([traced.points, places])),
    )


class _Store:
    """Where all nodes of a large file lie."""

    def __init__(self) -> None:
        self._ids: list[Numbers] = []
        self._places: list[NDArray[np.int32]] = []
        self._last: int | None = None
        self._closed = False

    def add(self, nodes: _Found) -> None:
        if not len(nodes.ids):
            return
        first = -1 if self._last is None else self._last
        if self._closed or nodes.ids[0] <= first or (np.diff(nodes.ids) <= 0).any():
            raise ValueError(OUT_OF_ORDER)
        self._ids.append(nodes.ids)
        self._places.append(nodes.given.astype(np.int32))
        self._last = int(nodes.ids[-1])

    def traced(self, ways: _Found) -> Ways:
        if not self._closed:
            self._closed = True
            self._ids = [np.concatenate([_NONE, *self._ids])]
            self._places = [np.concatenate([np.empty((0, 2), np.int32), *self._places])]
        rows, there = rows_of(self._ids[0], np.unique(ways.given))
        rows = rows[there]
        places = self._places[0][rows] / 1e7
        nodes = Nodes(self._ids[0][rows], places, _NOTHING.tags)
        return trace_ways(ways.ids, ways.given, ways.starts, nodes=nodes, tags=ways.tags)


def _inside(places: Points, box: Bounds) -> NDArray[np.bool_]:
    lon, lat = places.T
    inside: NDArray[np.bool_] = (
        (box[0] <= lon) & (lon <= box[2]) & (box[1] <= lat) & (lat <= box[3])
    )
    return inside


def _meets(ways: Ways, box: Bounds) -> NDArray[np.bool_]:
    """Which ways have a piece the bounds of which meet a box."""
    if not len(ways.points):
        return np.zeros(len(ways), bool)
    low = np.minimum.reduceat(ways.points, ways.starts[:-1])
    high = np.maximum.reduceat(ways.points, ways.starts[:-1])
    meets = (low <= box[2:]).all(axis=1) & (high >= box[:2]).all(axis=1)
    before = np.concatenate([[0], np.cumsum(meets)])
    found: NDArray[np.bool_] = before[ways.pieces[1:]] > before[ways.pieces[:-1]]
    return found
