"""Nodes, ways and relations of OpenStreetMap extracts, and how they are put together."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from terrain.files.vectors import Bounds

Points = NDArray[np.float64]
MOST_NODES, MOST_REFERENCES, MOST_TAGS = 5_000_000, 15_000_000, 3_000_000
"""Things in an extract that is read as text. Larger ones are for .osm.pbf."""


@dataclass(frozen=True)
class Node:
    id: int
    lon: float
    lat: float
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Way:
    """pieces: (n, 2) longitudes and latitudes each, one unless nodes are missing; closed: whether
    it ends where it begins; whole: whether all its nodes are there."""

    id: int
    pieces: tuple[Points, ...]
    closed: bool
    whole: bool
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Member:
    kind: Literal["n", "w", "r"]
    ref: int
    role: str


@dataclass(frozen=True)
class Relation:
    id: int
    members: tuple[Member, ...]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Extract:
    """nodes: those with tags, and those that relations name; boxes: west, south, east, north that
    the file says it covers; extent: of all its nodes, None where there are none; each list in the
    order of the ids."""

    nodes: dict[int, Node]
    ways: dict[int, Way]
    relations: list[Relation]
    boxes: list[Bounds] = field(default_factory=list)
    extent: Bounds | None = None


def id_order(number: int) -> tuple[int, bool]:
    return abs(number), number < 0


class Collected:
    """What a parser has found so far."""

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
        ways = {}
        for number in sorted(set(self.ways) | set(self.drawn), key=id_order):
            refs, tags = self.ways.get(number, ((), {}))
            drawn = self.drawn.get(number)
            if drawn is not None and not (
                len(refs) and np.isin(np.array(refs, np.int64), ids).all()
            ):
                whole = len(drawn) == 1
                ways[number] = Way(
                    number, tuple(drawn), self.closed.get(number, False), whole, tags
                )
                continue
            there = np.array(refs, np.int64)
            row = np.minimum(np.searchsorted(ids, there), max(len(ids) - 1, 0))
            known = ids[row] == there if len(ids) else np.zeros(len(there), bool)
            closed = len(refs) > 2 and refs[0] == refs[-1]
            pieces = [places[row[run]] for run in runs_of(known, closed)]
            ways[number] = Way(
                number, tuple(pieces), closed, bool(known.all()) and len(refs) > 1, tags
            )
        wanted = {
            member.ref
            for relation in self.relations.values()
            for member in relation.members
            if member.kind == "n"
        } | set(self.tagged)
        nodes = {}
        for number in sorted(wanted, key=id_order):
            place = int(np.searchsorted(ids, number))
            if place < len(ids) and ids[place] == number:
                nodes[number] = Node(
                    number,
                    float(places[place, 0]),
                    float(places[place, 1]),
                    self.tagged.get(number, {}),
                )
        relations = [self.relations[number] for number in sorted(self.relations, key=id_order)]
        seen = (
            [places] if len(places) else [piece for drawn in self.drawn.values() for piece in drawn]
        )
        return Extract(nodes, ways, relations, self.boxes, extent_of(seen))


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


def runs_of(known: NDArray[np.bool_], closed: bool) -> list[NDArray[np.int64]]:
    """The stretches of known nodes, as indices, that are longer than one node; around the start of
    what is closed they are one."""
    rows = np.flatnonzero(known)
    if not len(rows):
        return []
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    if closed and len(runs) > 1 and known[0] and known[-1]:
        runs = [np.concatenate([runs[-1], runs[0][1:]]), *runs[1:-1]]
    return [run for run in runs if len(run) > 1]


# --- XML


# --- Overpass JSON


# --- PBF
