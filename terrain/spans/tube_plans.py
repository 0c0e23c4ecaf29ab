"""How tunnels are planned: where their ramps run, and how deep they have to go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d
from shapely.ops import substring

from terrain.ground.ground import NO_WATER
from terrain.spans.bridges import HeightOf, Look, kind_of, outer_half
from terrain.spans.deck_heights import cones, smoothed
from terrain.spans.lines import SAME_PLACE, Chain, Floats, chains_of, lines_of, stations
from terrain.spans.passings import crossings_of
from terrain.spans.tunnels import Tube, Tubes
from terrain.streets.ways import Ways

Bools = NDArray[np.bool_]
CLEAR = {"motor": 5, "foot": 4, "rail": 5}
SLOPES = {"motor": (0.08, 0.12, 0.17), "foot": (0.125, 0.17, 0.25), "rail": (0.03, 0.05)}
"""Slopes of ramps, the first that the room allows."""
WATER_COVER = 3
"""Blocks between a tunnel's lining and the bed of water above it, at least."""
SMOOTH = 2
BESIDE = 32.0
"""Blocks beside a tunnel's line up to which it may change anything, and more."""


def _ramp(
    ways: Ways, lines: NDArray[np.object_], tree: shapely.STRtree, chain: Chain, last: bool
) -> tuple[int, bool] | None:
    """(way, whether it must be turned to lead away from the chain) of the way on the ground that
    goes on at an end, the straightest."""
    point = chain.points[-1 if last else 0]
    inner = chain.points[-2 if last else 1]
    best, found = -0.2, None
    mine = {way for way, _ in chain.parts}
    for way in np.sort(tree.query(shapely.Point(point).buffer(SAME_PLACE))):
        if (
            way in mine
            or not ways.on_ground[way]
            or kind_of(ways, int(way)) != kind_of(ways, chain.parts[0][0])
        ):
            continue
        points = shapely.get_coordinates(lines[way])
        for turned, own in ((False, points), (True, points[::-1])):
            if np.hypot(*(own[0] - point)) > SAME_PLACE:
                continue
            away, before = own[1] - own[0], point - inner
            straight = float(away[0] * before[0] + away[1] * before[1]) / max(
                float(np.hypot(*away) * np.hypot(*before)), 1e-9
            )
            if straight > best:
                best, found = straight, (int(way), turned)
    return found


@dataclass(frozen=True)
class _Draft:
    """Where a tunnel runs. ends: heights of its ways at both ends; ramps: see `_ramp_points`, the
    heights of each; points: of the chain and its ramps, which begins `before` blocks along them;
    core, whole: stations of the chain, and of all."""

    chain: Chain
    ends: tuple[float, float]
    ramps: tuple[Floats, Floats]
    points: Floats
    before: float
    core: tuple[Floats, Floats, float]
    whole: tuple[Floats, Floats, float]


class _Planner:
    def __init__(
        self, ways: Ways, lines: NDArray[np.object_], look: Look, height_of: HeightOf, scale: float
    ) -> None:
        self.ways, self.lines, self.look, self.height_of, self.scale = (
            ways,
            lines,
            look,
            height_of,
            scale,
        )
        self.tree = shapely.STRtree(lines)
        self.skipped: Counter[str] = Counter()

    def _limits(
        self, chain: Chain, ground: Floats, wet: Bools, step: float, clear: int, straight: Floats
    ) -> Floats:
        """The highest that the floor may lie at the stations of the chain: under ways and water,
        and under the ground somewhere. ground, wet: what lies over them."""
        limit = np.where(wet, np.floor(ground - WATER_COVER - 1 - clear), np.inf)
        mine = [way for way, _ in chain.parts]
        found = crossings_of(chain.points, self.lines, self.tree, mine)
        for way, along, there in zip(found.way, found.along, found.there, strict=True):
            if not self.ways.on_ground[way] or not 1.0 < along < chain.length - 1.0:
                continue
            half = outer_half(self.ways, int(way), self.scale) + 1.0
            first, last = (
                int(max((along - half) / step, 0)),
                int(min((along + half) / step + 1, len(ground) - 1)),
            )
            height = np.floor(self.height_of(int(way), float(there)) - clear - 2)
            limit[first : last + 1] = np.minimum(limit[first : last + 1], height)
        if not np.isfinite(limit).any() and (ground - straight).max() < clear + 2:
            third = len(ground) // 3
            middle = slice(third, max(len(ground) - third, third + 1))
            limit[middle] = np.floor(ground[middle] - clear - 2)
        return limit

    def may_reach(self, chain: Chain, wanted: Floats) -> bool:
        """Whether a tunnel, with whatever ways may become its ramps, comes near one of the boxes,
        or bears a railway, which is planned whole."""
        if kind_of(self.ways, chain.parts[0][0]) == "rail":
            return True
        ends = shapely.buffer(shapely.points(chain.points[[0, -1]]), SAME_PLACE)
        near = np.unique(self.tree.query(ends)[1])
        own = shapely.linestrings(chain.points)
        box = shapely.total_bounds(np.array([own, *self.lines[near]], object))
        low, high = box[:2] - BESIDE, box[2:] + BESIDE
        return bool(((wanted[:, :2] <= high) & (wanted[:, 2:] >= low)).all(axis=1).any())

    def draft(self, chain: Chain) -> _Draft | None:
        """Where a tunnel and its ramps run."""
        (one, one_back), (two, two_back) = chain.parts[0], chain.parts[-1]
        ends = (
            self.height_of(one, float(self.lines[one].length) if one_back else 0.0),
            self.height_of(two, 0.0 if two_back else float(self.lines[two].length)),
        )
        if not np.isfinite(ends).all():
            self.skipped["tunnel without elevation at its ends"] += 1
            return None
        sides = [self._ramp_points(chain, last) for last in (False, True)]
        points = np.concatenate([sides[0][0][::-1][:-1], chain.points, sides[1][0][1:]])
        before = float(np.hypot(*np.diff(sides[0][0], axis=0).T).sum())
        return _Draft(
            chain=chain,
            ends=ends,
            ramps=(sides[0][1], sides[1][1]),
            points=points,
            before=before,
            core=stations(chain.points),
            whole=stations(points),
        )

    def plan(self, draft: _Draft, ground: Floats, water: NDArray[np.int32]) -> Tube | None:
        """ground, water: at the stations of the core, then of the whole."""
        ways, chain, points, before = self.ways, draft.chain, draft.points, draft.before
        kind = kind_of(ways, chain.parts[0][0])
        clear = CLEAR[kind]
        x, _, step = draft.core
        long_x, _, long_step = draft.whole
        straight = np.linspace(*draft.ends, len(x))
        below_water = water != NO_WATER
        limit = self._limits(
            chain, ground[: len(x)], below_water[: len(x)], step, clear, straight=straight
        )
        along = np.arange(len(long_x)) * long_step
        core = (before, before + chain.length)
        surface = np.interp(along - before, np.arange(len(x)) * step, straight)
        for heights, outside, places in (
            (draft.ramps[0], along < core[0], before - along),
            (draft.ramps[1], along > core[1], along - core[1]),
        ):
            if len(heights):
                surface[outside] = np.interp(
                    places[outside], np.linspace(0, heights[0], len(heights) - 1), heights[1:]
                )
        whole = np.full(len(along), np.inf)
        inner = (along >= core[0]) & (along <= core[1])
        whole[inner] = limit[
            np.clip(np.rint((along[inner] - before) / step).astype(int), 0, len(limit) - 1)
        ]
        wet = below_water[len(x) :]
        for slope in SLOPES[kind]:
            deep = np.asarray(minimum_filter1d(whole, 2 * SMOOTH + 1, mode="nearest"))
            lowered = -cones(-deep, slope * long_step)
            if lowered[0] >= surface[0] - 0.3 and lowered[-1] >= surface[-1] - 0.3:
                break
        else:
            self.skipped["tunnel without room for its ramps"] += 1
            return None
        floor = smoothed(np.minimum(lowered, surface), SMOOTH)
        if (wet & ~inner & (floor < surface - 0.5)).any():
            self.skipped["tunnel whose ramp lies in water"] += 1
            return None
        half = max(outer_half(ways, way, self.scale) for way, _ in chain.parts)
        return Tube(
            points=points,
            floor_y=floor,
            step=long_step,
            core=core,
            half=max(half, 1.0),
            clear=clear,
            foot=kind == "foot",
            ways=chain.parts,
        )

    def _ramp_points(self, chain: Chain, last: bool) -> tuple[Floats, Floats]:
        """(points (k, 2) from the chain's end outwards; the way's length, then its heights from
        there on a block apart)."""
        end = chain.points[-1:] if last else chain.points[:1]
        found = _ramp(self.ways, self.lines, self.tree, chain, last)
        if found is None:
            return end, np.zeros(0)
        way, turned = found
        points = shapely.get_coordinates(self.lines[way])
        length = float(self.lines[way].length)
        places = np.linspace(0.0, length, max(int(length), 1) + 1)
        heights = [self.height_of(way, length - place if turned else place) for place in places]
        points = np.concatenate([end, (points[::-1] if turned else points)[1:]])
        # Only as far as the next street, which a ramp must not cut.
        others = crossings_of(
            points, self.lines, self.tree, [way, *(part for part, _ in chain.parts)]
        )
        stops = [
            along - outer_half(self.ways, int(other), self.scale) - 1.0
            for other, along in zip(others.way, others.along, strict=True)
            if along > 1.0 and self.ways.on_ground[other]
        ]
        room = max(min([length, *stops]), 0.0)
        if room < 2.0:
            return end, np.zeros(0)
        cut = shapely.get_coordinates(substring(shapely.LineString(points), 0.0, room))
        return cut, np.array(
            [room, *np.interp(np.linspace(0.0, room, max(int(room), 1) + 1), places, heights)]
        )


def plan_tubes(
    ways: Ways,
    lines: NDArray[np.object_],
    look: Look,
    height_of: HeightOf,
    scale: float,
    wanted: Floats | None = None,
) -> Tubes:
    """All tunnels, or those of railways and those that may reach one of the wanted boxes (m, 4), x
    and z minimum, x and z maximum. lines: (n,) the ways' lines in blocks; scale: blocks per
    metre."""
    chosen = [
        way for way in range(len(ways)) if ways.tunnel[way] and ways.railway[way] != "platform"
    ]
    points = [shapely.get_coordinates(lines[way]) for way in chosen]
    planner = _Planner(ways, lines, look, height_of, scale)
    made = chains_of(points, [kind_of(ways, way) for way in chosen])
    chains = [
        replace(chain, parts=tuple((chosen[part], backwards) for part, backwards in chain.parts))
        for chain in made
    ]
    tubes: list[Tube] = []
    of_way: dict[int, tuple[int, float, int]] = {}
    if wanted is not None:
        chains = [chain for chain in chains if planner.may_reach(chain, wanted)]
    drafts = [draft for chain in chains if (draft := planner.draft(chain)) is not None]
    for draft, (ground, water) in zip(drafts, _looked_at(drafts, look), strict=True):
        tube, chain = planner.plan(draft, ground, water), draft.chain
        if tube is None:
            continue
        for (way, backwards), start, stop in zip(
            chain.parts, chain.starts, chain.starts[1:], strict=False
        ):
            of_way[way] = (
                len(tubes),
                tube.core[0] + float(stop if backwards else start),
                -1 if backwards else 1,
            )
        tubes.append(tube)
    return _gather(tubes, of_way, planner.skipped)


def _looked_at(drafts: Sequence[_Draft], look: Look) -> Iterator[tuple[Floats, NDArray[np.int32]]]:
    """(ground, water) at the stations of each: all are looked at together, since the ground is read
    a window at a time."""
    if not drafts:
        return
    along = [part for draft in drafts for part in (draft.core, draft.whole)]
    borders = np.cumsum([len(x) for x, _, _ in along])[1:-1:2]
    x, z = (np.concatenate([part[axis] for part in along]) for axis in (0, 1))
    ground, water = look(x, z)
    yield from zip(np.split(ground, borders), np.split(water, borders), strict=True)


def _gather(
    tubes: Sequence[Tube], of_way: dict[int, tuple[int, float, int]], skipped: Counter[str]
) -> Tubes:
    floors = [tube.floor_y for tube in tubes]
    return Tubes(
        lines=lines_of([tube.points for tube in tubes]),
        floor_y=np.concatenate(floors) if floors else np.zeros(0),
        starts=np.concatenate([[0], np.cumsum([len(floor) for floor in floors])]).astype(np.int64),
        step=np.array([tube.step for tube in tubes], float),
        core=np.array([tube.core for tube in tubes], float).reshape(len(tubes), 2),
        half=np.array([tube.half for tube in tubes], float),
        clear=np.array([tube.clear for tube in tubes], np.int32),
        foot=np.array([tube.foot for tube in tubes], bool),
        of_way=of_way,
        skipped=skipped,
    )
