"""Nodes, ways and relations of OpenStreetMap extracts as columns, and how they are put together."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.files.vectors import Bounds

Points = NDArray[np.float64]
Numbers = NDArray[np.int64]
AREA_TYPES = ("multipolygon", "boundary", "building")
MOST_NODES, MOST_REFERENCES, MOST_TAGS = 5_000_000, 15_000_000, 3_000_000
"""Things in an extract that is read as text. Larger ones are for .osm.pbf."""
OUT_OF_ORDER = (
    "its nodes do not come before its ways with ids that ascend: `osmium sort` or `osmium "
    "renumber` mends that"
)


class Words:
    """Texts, each once, by number."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        found = self._numbers.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found

    def known(self, texts: Iterable[str]) -> Numbers:
        """The numbers of those texts that occur."""
        found = [self._numbers[text] for text in texts if text in self._numbers]
        return np.array(found, np.int64)


class Tags(NamedTuple):
    """Tags of n things. starts: (n + 1,), where those of each begin; keys, values: numbers of
    words."""

    starts: Numbers
    keys: Numbers
    values: Numbers

    def of(self, row: int, words: Words) -> dict[str, str]:
        own = slice(int(self.starts[row]), int(self.starts[row + 1]))
        return {
            words.texts[key]: words.texts[value]
            for key, value in zip(self.keys[own].tolist(), self.values[own].tolist(), strict=True)
        }

    def column(self, key: str, words: Words) -> Numbers:
        """(n,) the number of each thing's word for a key, -1 where it has none."""
        out = np.full(len(self.starts) - 1, -1, np.int64)
        chosen = np.isin(self.keys, words.known([key]))
        out[self.owners[chosen]] = self.values[chosen]
        return out

    @property
    def owners(self) -> Numbers:
        """Of each tag, whose it is."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def taken(self, rows: Numbers) -> Tags:
        """Those of some of the things, in their order."""
        starts, each = starts_of(np.diff(self.starts)[rows]), stretches(self.starts, rows)
        return Tags(starts, self.keys[each], self.values[each])


class Nodes(NamedTuple):
    """ids: (n,); places: (n, 2) longitude and latitude; tags: of each."""

    ids: Numbers
    places: Points
    tags: Tags


class Way(NamedTuple):
    """pieces: (n, 2) longitudes and latitudes each, one unless nodes are missing; closed: whether
    it ends where it begins; whole: whether all its nodes are there."""

    pieces: tuple[Points, ...]
    closed: bool
    whole: bool


@dataclass(frozen=True, eq=False)
class Ways:
    """ids: (n,); pieces: (n + 1,), which of the pieces are whose; starts: where the points of each
    piece begin; points: (p, 2) longitudes and latitudes; closed, whole: (n,), see Way."""

    ids: Numbers
    pieces: Numbers
    starts: Numbers
    points: Points
    closed: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    tags: Tags

    def __len__(self) -> int:
        return len(self.ids)

    def way(self, row: int) -> Way:
        pieces = range(int(self.pieces[row]), int(self.pieces[row + 1]))
        return Way(
            tuple(self.points[self.starts[piece] : self.starts[piece + 1]] for piece in pieces),
            bool(self.closed[row]),
            bool(self.whole[row]),
        )

    def points_of(self, rows: Numbers) -> tuple[Points, Numbers]:
        """(points, where those of each begin) of ways that have one piece each."""
        first = self.pieces[rows]
        counts = self.starts[first + 1] - self.starts[first]
        return self.points[stretches(self.starts, first)], starts_of(counts)


Kind = Literal["n", "w", "r"]
KINDS: tuple[Kind, ...] = ("n", "w", "r")


class Member(NamedTuple):
    kind: Kind
    ref: int
    role: str


@dataclass(frozen=True)
class Relation:
    id: int
    members: tuple[Member, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Relations:
    """ids: (n,); tags: of each; starts: (n + 1,), where the members of each begin; members: (m, 3)
    which of KINDS, id, number of the word for its role."""

    ids: Numbers
    tags: Tags
    starts: Numbers
    members: Numbers

    def __len__(self) -> int:
        return len(self.ids)

    def members_of(self, row: int, words: Words) -> tuple[Member, ...]:
        own = self.members[self.starts[row] : self.starts[row + 1]]
        return tuple(
            Member(KINDS[kind], ref, words.texts[role]) for kind, ref, role in own.tolist()
        )

    @property
    def named_nodes(self) -> Numbers:
        """The ids of nodes that are members, ascending."""
        found: Numbers = np.unique(self.members[self.members[:, 0] == KINDS.index("n"), 1])
        return found

    def ways_around(self, words: Words) -> Numbers:
        """The ids of ways that are members of areas, ascending."""
        kind = self.tags.column("type", words)
        area = np.isin(kind, words.known(AREA_TYPES))
        own = self.members[stretches(self.starts, np.flatnonzero(area))]
        found: Numbers = np.unique(own[own[:, 0] == KINDS.index("w"), 1])
        return found


@dataclass(frozen=True, eq=False)
class Extract:
    """nodes: those with tags, and those that relations name; boxes: west, south, east, north that
    the file says it covers; extent: of all its nodes, None where there are none; each in the order
    of the ids."""

    words: Words
    nodes: Nodes
    ways: Ways
    relations: Relations
    boxes: list[Bounds] = field(default_factory=list)
    extent: Bounds | None = None


def starts_of(counts: Numbers) -> Numbers:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def stretches(starts: Numbers, rows: Numbers) -> Numbers:
    """The indices of what lies from starts[row] to starts[row + 1], of one row after the other."""
    begins, counts = starts[rows], starts[rows + 1] - starts[rows]
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    found: Numbers = np.arange(total) + np.repeat(begins - (ends - counts), counts)
    return found


def in_order(ids: Numbers) -> Numbers:
    """The rows of ids in their order, the last of each that is there more than once."""
    order = np.lexsort((np.arange(len(ids)), ids < 0, np.abs(ids)))
    last = np.ones(len(ids), bool)
    last[:-1] = ids[order][1:] != ids[order][:-1]
    rows: Numbers = order[last]
    return rows


def rows_of(ids: Numbers, wanted: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """(row of each wanted id among ids that ascend, whether it is there)."""
    if not len(ids):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    rows = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return rows, ids[rows] == wanted


def id_order(number: int) -> tuple[int, bool]:
    return abs(number), number < 0


class Collected:
    """What a parser of texts has found so far."""

    def __init__(self) -> None:
        self.ids, self.places = array("q"), array("d")
        self.tagged: dict[int, dict[str, str]] = {}
        self.ways: dict[int, tuple[Sequence[int], dict[str, str]]] = {}
        self.drawn: dict[int, list[Points]] = {}
        self.closed: dict[int, bool] = {}
        self.relations: dict[int, Relation] = {}
        self.boxes: list[Bounds] = []

    def add_node(self, number: int, lon: float, lat: float, tags: dict[str, str]) -> None:
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            raise ValueError(f"node {number} lies at no place on the earth")
        if len(self.ids) >= MOST_NODES:
            raise ValueError(
                f"it has more than {MOST_NODES:,} nodes: take a smaller one, or a .osm.pbf"
            )
        self.ids.append(number)
        self.places.extend((lon, lat))
        if tags:
            self.tagged[number] = tags

    def extract(self) -> Extract:
        ids, first = np.unique(np.array(self.ids, np.int64)[::-1], return_index=True)
        places = quantised_places(np.array(self.places, float).reshape(-1, 2)[::-1][first])
        order = sorted(set(self.ways) | set(self.drawn), key=id_order)
        held = [self.ways.get(number, ((), {})) for number in order]
        # What a way is drawn with counts only where its nodes are not told.
        refs = [
            np.array(refs, np.int64) if number not in self.drawn or self._told(refs, ids) else None
            for number, (refs, _) in zip(order, held, strict=True)
        ]
        words = Words()
        tags = tags_of([tags for _, tags in held], words)
        relations = relations_of(self.relations, words)
        nodes = named_nodes(ids, places, self.tagged, relations.named_nodes, words=words)
        seen = (
            [places] if len(places) else [piece for drawn in self.drawn.values() for piece in drawn]
        )
        return Extract(
            words=words,
            nodes=nodes,
            ways=self._traced(order, refs, Nodes(ids, places, nodes.tags), tags),
            relations=relations,
            boxes=self.boxes,
            extent=extent_of(seen),
        )

    @staticmethod
    def _told(refs: Sequence[int], ids: Numbers) -> bool:
        return bool(len(refs) and np.isin(np.array(refs, np.int64), ids).all())

    def _traced(
        self, order: Sequence[int], refs: Sequence[Numbers | None], nodes: Nodes, tags: Tags
    ) -> Ways:
        numbers = np.array(order, np.int64)
        counts = np.array([0 if own is None else len(own) for own in refs], np.int64)
        flat = np.concatenate([np.empty(0, np.int64), *(own for own in refs if own is not None)])
        traced = trace_ways(numbers, flat, starts_of(counts), nodes=nodes, tags=tags)
        drawn = np.flatnonzero([own is None for own in refs])
        if not len(drawn):
            return traced
        made = [traced.way(row) for row in range(len(traced))]
        for row in drawn.tolist():
            own = self.drawn[order[row]]
            made[row] = Way(tuple(own), self.closed.get(order[row], False), len(own) == 1)
        return joined_ways(numbers, made, tags)


def joined_ways(ids: Numbers, ways: Sequence[Way], tags: Tags) -> Ways:
    """Ways, one after the other. ids: (n,)."""
    pieces = [piece for way in ways for piece in way.pieces]
    return Ways(
        ids=ids,
        pieces=starts_of(np.array([len(way.pieces) for way in ways], np.int64)),
        starts=starts_of(np.array([len(piece) for piece in pieces], np.int64)),
        points=np.vstack([np.empty((0, 2)), *pieces]),
        closed=np.array([way.closed for way in ways], bool),
        whole=np.array([way.whole for way in ways], bool),
        tags=tags,
    )


def trace_ways(ids: Numbers, refs: Numbers, starts: Numbers, *, nodes: Nodes, tags: Tags) -> Ways:
    """Ways along their nodes. refs: their ids, of way after way, from starts (n + 1,) on; nodes:
    with ids that ascend."""
    row, known = rows_of(nodes.ids, refs)
    counts = np.diff(starts)
    missing = np.concatenate([[0], np.cumsum(~known)])
    lacks = missing[starts[1:]] - missing[starts[:-1]]
    whole = (lacks == 0) & (counts > 1)
    closed = counts > 2
    closed[closed] = refs[starts[:-1][closed]] == refs[starts[1:][closed] - 1]
    per_way = np.ones(len(ids), np.int64)
    taken: list[Numbers] = []
    lengths: list[Numbers] = []
    done = 0
    for torn in [*np.flatnonzero(~whole).tolist(), len(ids)]:
        taken.append(np.arange(starts[done], starts[torn]))
        lengths.append(counts[done:torn])
        if torn == len(ids):
            break
        runs = runs_of(known[starts[torn] : starts[torn + 1]], bool(closed[torn]))
        taken += [run + starts[torn] for run in runs]
        lengths.append(np.array([len(run) for run in runs], np.int64))
        per_way[torn], done = len(runs), torn + 1
    return Ways(
        ids=ids,
        pieces=starts_of(per_way),
        starts=starts_of(np.concatenate(lengths)),
        points=nodes.places[row[np.concatenate(taken)]],
        closed=closed,
        whole=whole,
        tags=tags,
    )


def tags_of(tags: Sequence[Mapping[str, str]], words: Words) -> Tags:
    number = words.number
    return Tags(
        starts_of(np.array([len(own) for own in tags], np.int64)),
        np.array([number(key) for own in tags for key in own], np.int64),
        np.array([number(value) for own in tags for value in own.values()], np.int64),
    )


def relations_of(relations: Mapping[int, Relation], words: Words) -> Relations:
    held = [relations[number] for number in sorted(relations, key=id_order)]
    members = [
        (KINDS.index(member.kind), member.ref, words.number(member.role))
        for one in held
        for member in one.members
    ]
    return Relations(
        np.array([one.id for one in held], np.int64),
        tags_of([one.tags for one in held], words),
        starts_of(np.array([len(one.members) for one in held], np.int64)),
        np.array(members, np.int64).reshape(-1, 3),
    )


def named_nodes(
    ids: Numbers,
    places: Points,
    tagged: Mapping[int, Mapping[str, str]],
    named: Numbers,
    *,
    words: Words,
) -> Nodes:
    """The nodes that have tags, or that relations name. ids: of all, ascending."""
    order = np.array(sorted({*named.tolist(), *tagged}, key=id_order), np.int64)
    rows, there = rows_of(ids, order)
    order, rows = order[there], rows[there]
    return Nodes(
        order,
        places[rows].reshape(-1, 2),
        tags_of([tagged.get(number, {}) for number in order.tolist()], words),
    )


def quantised_places(places: Points) -> Points:
    """Places to a ten-millionth of a degree, as OpenStreetMap keeps them: in every form of an
    extract they are the same."""
    out: Points = np.rint(places * 1e7) / 1e7
    return out


def extent_of(pieces: list[Points]) -> Bounds | None:
    if not pieces:
        return None
    points = np.vstack(pieces)
    (west, south), (east, north) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return west, south, east, north


def runs_of(known: NDArray[np.bool_], closed: bool) -> list[Numbers]:
    """The stretches of known nodes, as indices, that are longer than one node; around the start of
    what is closed they are one."""
    rows = np.flatnonzero(known)
    if not len(rows):
        return []
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    if closed and len(runs) > 1 and known[0] and known[-1]:
        runs = [np.concatenate([runs[-1], runs[0][1:]]), *runs[1:-1]]
    return [run for run in runs if len(run) > 1]
