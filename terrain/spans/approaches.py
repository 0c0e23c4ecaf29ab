"""Approaches of bridges that are too low: the ways on both sides are raised as ramps, as far as
they have room for them."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.spans.bridges import Low, kind_of
from terrain.streets.profiles import Profiles
from terrain.streets.ways import Ways

GRADES = {"motor": (0.08, 0.10), "foot": (0.10, 0.15), "rail": (0.02, 0.03)}
"""Slopes of ramps that are tried, one after the other, for each kind of bridge."""
STEPS_GRADE = 0.5
KNOWN_END = 1.5
"""Blocks from a way's end within which a node is that end."""
UNFELT = 0.3
"""Blocks by which a way may be raised where it should not be: at tracks, tunnels, and the street
below."""
DEAD_END = 0.6
"""Blocks by which the end of a way may be raised from which nothing goes on."""


@dataclass(frozen=True)
class Approaches:
    """profiles: with the ramps; grades: way of a bridge → the slope that its deck may have; raised:
    how many bridges got ramps."""

    profiles: Profiles
    grades: Mapping[int, float]
    raised: int


class _Network:
    """Ways with their nodes. Heights are blocks, places blocks along a way."""

    def __init__(self, ways: Ways, lines: NDArray[np.object_], profiles: Profiles) -> None:
        self.ways, self.profiles = ways, profiles
        self.length = shapely.length(lines)
        nodes = profiles.nodes
        self.at_node: dict[int, list[tuple[int, float]]] = {}
        self.on_way: dict[int, list[tuple[float, int]]] = {}
        for way, along, node in zip(
            nodes.way.tolist(), nodes.along.tolist(), nodes.node.tolist(), strict=True
        ):
            self.at_node.setdefault(node, []).append((way, along))
            self.on_way.setdefault(way, []).append((along, node))
        for arms in self.on_way.values():
            arms.sort()

    def end_node(self, way: int, last: bool) -> int | None:
        """The node in which a way begins or ends."""
        place = float(self.length[way]) if last else 0.0
        return next(
            (node for along, node in self.on_way.get(way, ()) if abs(along - place) < KNOWN_END),
            None,
        )

    def beside(
        self, way: int, along: float
    ) -> tuple[tuple[float, int | None], tuple[float, int | None]]:
        """(place, node) of the nodes before and behind a place on a way; its ends, without a node,
        where there is none."""
        before: tuple[float, int | None] = (0.0, None)
        behind: tuple[float, int | None] = (float(self.length[way]), None)
        for place, node in self.on_way.get(way, ()):
            if place < along - 1e-6:
                before = place, node
            elif place > along + 1e-6:
                behind = place, node
                break
        return before, behind


@dataclass(frozen=True)
class _Ramps:
    """heights: node → what it is raised to; seeds: way → (place, height) from which it falls."""

    heights: dict[int, float]
    seeds: dict[int, list[tuple[float, float]]]


def _grade(ways: Ways, way: int, grade: float, kind: str) -> float:
    """The slope of a ramp along a way, for a bridge of some kind whose own ramp has this one."""
    if ways.highway[way] == "steps":
        return STEPS_GRADE
    own = kind_of(ways, way)
    return grade if own == kind else GRADES[own][-1]


def _ramps(
    network: _Network, starts: Sequence[tuple[int, float]], low: Low, grade: float, unit: float
) -> _Ramps | None:
    """The ramps that fall from the nodes (node, height) at a bridge's ends along all ways that meet
    there; None where they have no room: they would lift a track, a tunnel's mouth or the end of a
    street. unit: blocks up for each block along, at a slope of 1."""
    ways, profiles = network.ways, network.profiles
    own = set(low.ways)
    heights: dict[int, float] = {}
    seeds: dict[int, list[tuple[float, float]]] = {}
    queue = [(-height, node) for node, height in starts]
    heapq.heapify(queue)
    while queue:
        negative, node = heapq.heappop(queue)
        height = -negative
        if heights.get(node, -np.inf) >= height:
            continue
        heights[node] = height
        for way, along in network.at_node[node]:
            lifted = height - profiles.at(way, along)
            if way in own or lifted <= 0:
                continue
            stands = ways.tunnel[way] or (
                ways.railway[way] and low.kind != "rail" and ways.railway[way] != "platform"
            )
            if stands and lifted > UNFELT:
                return None
            if stands:
                continue
            slope = _grade(ways, way, grade, low.kind) * unit
            seeds.setdefault(way, []).append((along, height))
            for place, other in network.beside(way, along):
                fallen = height - slope * abs(place - along)
                above = fallen - profiles.at(way, place)
                if other is not None and above > 0:
                    heapq.heappush(queue, (-fallen, other))
                elif other is None and place != along and above > DEAD_END:
                    return None
    return _Ramps(heights, seeds)


def _raised(network: _Network, ramps: _Ramps, low: Low, grade: float, unit: float) -> Profiles:
    """The profiles with the ramps; ways on other bridges run straight between their nodes as
    before."""
    ways, profiles = network.ways, network.profiles
    top_y = profiles.top_y.copy()
    for way, seeds in {**ramps.seeds, **dict.fromkeys(low.ways, ())}.items():
        window = slice(int(profiles.starts[way]), int(profiles.starts[way + 1]))
        along = np.arange(window.stop - window.start) * profiles.step[way]
        if ways.bridge[way]:
            arms = network.on_way.get(way, [(0.0, -1)])
            known = [
                max(profiles.at(way, place), ramps.heights.get(node, -np.inf))
                for place, node in arms
            ]
            top_y[window] = np.interp(along, [place for place, _ in arms], known)
            continue
        slope = _grade(ways, way, grade, low.kind) * unit
        for place, height in seeds:
            top_y[window] = np.maximum(top_y[window], height - slope * np.abs(along - place))
    return replace(profiles, top_y=top_y)


def _with_ramps(network: _Network, low: Low, unit: float) -> tuple[Profiles, float] | None:
    """(profiles in which a bridge is high enough, the slope of its deck); None where its ramps have
    no room."""
    nodes = [network.end_node(way, last) for way, last in low.ends]
    for grade in GRADES[low.kind]:
        first, last = low.end_heights(grade)
        starts = []
        for node, height, now in zip(nodes, (first, last), low.now, strict=True):
            if node is not None:
                starts.append((node, max(height, now)))
            elif height > now + UNFELT:
                return None
        ramps = _ramps(network, starts, low, grade, unit)
        if ramps is None:
            continue
        made = _raised(network, ramps, low, grade, unit)
        if all(
            made.at(way, along) <= network.profiles.at(way, along) + UNFELT
            for way, along in low.crossed
        ):
            return made, grade
    return None


def raise_approaches(
    ways: Ways,
    lines: NDArray[np.object_],
    profiles: Profiles,
    lows: Sequence[Low],
    grades: Mapping[int, float],
    unit: float,
) -> Approaches:
    """Ramps for those of the bridges that have room for them. lines: (n,) the ways' lines in
    blocks; grades: of bridges that have got ramps before; unit: blocks up for each block along, at
    a slope of 1."""
    found = dict(grades)
    raised = 0
    for low in lows:
        made = _with_ramps(_Network(ways, lines, profiles), low, unit)
        if made is not None:
            profiles, raised = made[0], raised + 1
            found.update(dict.fromkeys(low.ways, made[1]))
    return Approaches(profiles, found, raised)
