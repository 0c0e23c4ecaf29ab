"""Roofs as they are decided for each whole building: which walls carry a slope and which a gable,
how steep, how high, where turrets and chimneys stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.plans.slopes import (
    FLAT,
    FULL_PITCH,
    GABLE,
    HIP,
    KINDS,
    MANSARD,
    MODEL,
    ROUND,
    SKILLION,
    deepest_runs,
    edge_frames,
    interior_angles,
)
from terrain.columns.outlines import Outlines
from terrain.frame import quantised
from worlds.kernels import njit

GABLED = ("gable", "half_hip", "gambrel", "round", "saltbox")
"""Shapes with upright walls at the ends of their wings."""
RIDGED = (*GABLED, "hip", "mansard")
"""Shapes with a ridge, which lies square to the direction that the data gives."""
SHORT_RIDGE, LEAST_RIDGE = 1.25, 0.4
"""Of hips whose ridge is to lie across: how much longer than broad the house must be for its ridge
to lie there by itself, and else the share of the length that is ridge, between ends that are
steeper."""
PARTY_M, PARTY_DROP = 0.7, 2
"""How near another house must stand to share a wall, and how many blocks lower it may end."""
WIDEST_END, END_SHARE = 18.0, 0.85
"""Blocks of the widest end of a wing of a house that is no rectangle, and its width as a share of
the walls beside it."""
RECTANGLE = 0.82
"""Share of the enclosing rectangle from which on a footprint counts as one."""
STEEPEST, SPIRE = 2.0, 8.0
"""Blocks of rise a block inward at most, of roofs and of spires."""
USUAL = {"pyramid": 2.0, "skillion": 0.3, "dome": 1.0, "onion": 1.6, "round": 0.8}
"""Blocks of rise a block inward where the data says nothing; others 0.65."""
TURRET_SHARE, TURRET_RADIUS, TURRET_WALL = 3, 2.6, 2
"""One corner house in so many has a turret; its radius and the height of its wall above the eaves,
in blocks."""
CHIMNEY_EVERY = 11.0
"""Blocks of ridge for each chimney."""


@dataclass(frozen=True)
class RoofPlans:
    """kind, rise, run: (n,) see buildings.plans.slopes, uint8, blocks from eaves to ridge, blocks
    from the wall to the ridge.
    frame: (vertices, 4) float64 of the edge that begins at each vertex: unit normal inward x, z,
    blocks of rise a block inward (0 = an upright wall), blocks above the eaves at which its slope
    begins; links: (vertices, 2) int32, the edges before and behind it. turret: (n, 4) float64
    centre x, z, radius (0 = none), height of its cap; chimneys: (m, 3) int32 building, x, z.
    triangles: (t, 9) float64 x, z, y of three corners, of roofs that are given, triangle_of: (n +
    1,) int64."""

    kind: NDArray[np.uint8]
    rise: NDArray[np.float64]
    run: NDArray[np.float64]
    frame: NDArray[np.float64]
    links: NDArray[np.int32]
    turret: NDArray[np.float64]
    chimneys: NDArray[np.int32]
    triangles: NDArray[np.float64]
    triangle_of: NDArray[np.int64]


def _edge_owner(outlines: Outlines) -> NDArray[np.int64]:
    """(vertices,) the building of each vertex."""
    rings = np.repeat(np.arange(outlines.number), np.diff(outlines.polygons))
    return np.repeat(rings, np.diff(outlines.rings))


def party_walls(
    geometry: NDArray[Any], outlines: Outlines, frame: NDArray[np.float64],
    group: NDArray[np.int64], eaves_y: NDArray[np.int32],
    top_y: NDArray[np.float64], scale: float,
) -> NDArray[np.bool_]:  # fmt: skip
    """(vertices,) bool: edges along which another house of the same group stands that is about as
    high. frame: as of RoofPlans. Houses of other groups never count, so that a roof does not change
    when a plan is switched."""
    owner = _edge_owner(outlines)
    solid = np.flatnonzero((frame[:, 0] != 0) | (frame[:, 1] != 0))
    party = np.zeros(len(owner), bool)
    if not len(solid):
        return party
    hits = np.zeros(len(solid), int)
    shapes = shapely.transform(geometry, lambda points: points)
    tree = shapely.STRtree(shapes)
    for share in (0.2, 0.5, 0.8):
        x = (
            outlines.xs[solid]
            + share * (outlines.xs[solid + 1] - outlines.xs[solid])
            - PARTY_M * scale * frame[solid, 0]
        )
        z = (
            outlines.zs[solid]
            + share * (outlines.zs[solid + 1] - outlines.zs[solid])
            - PARTY_M * scale * frame[solid, 1]
        )
        point, house = tree.query(shapely.points(x, z), predicate="within")
        mine = owner[solid[point]]
        beside = (
            (house != mine)
            & (group[house] == group[mine])
            & (top_y[house] >= eaves_y[mine] - PARTY_DROP)
        )
        hits[np.unique(point[beside])] += 1
    party[solid[hits >= 2]] = True
    return party


def _ends(
    outlines: Outlines, owner: NDArray[np.int64], frame: NDArray[np.float64],
    links: NDArray[np.int32], across: NDArray[np.float64],
    rectangular: NDArray[np.bool_],
) -> NDArray[np.bool_]:  # fmt: skip
    """(vertices,) bool: edges at the end of a ridge. across: (n, 2) unit direction of each
    building's ridge; rectangular: (n,)."""
    length = np.zeros(len(owner))
    length[:-1] = np.hypot(np.diff(outlines.xs), np.diff(outlines.zs))
    there = (frame[:, 0] != 0) | (frame[:, 1] != 0)
    faces = np.abs(frame[:, 0] * across[owner, 0] + frame[:, 1] * across[owner, 1]) > 0.75
    turn = interior_angles(outlines.xs, outlines.zs, frame, links)
    before, behind = links[:, 0], links[:, 1]
    # Both corners about square, and shorter than the walls beside it.
    square = (np.abs(turn - 90) < 35) & (np.abs(turn[behind] - 90) < 35)
    short = (length <= WIDEST_END) & (
        length <= END_SHARE * np.minimum(length[before], length[behind])
    )
    ends: NDArray[np.bool_] = there & np.where(rectangular[owner], faces, square & short)
    return ends


def _ridges(
    axis: NDArray[np.float64], owner: NDArray[np.int64], frame: NDArray[np.float64],
    length: NDArray[np.float64],
    party: NDArray[np.bool_], across: NDArray[np.bool_], fixed: NDArray[np.bool_],
) -> NDArray[np.float64]:  # fmt: skip
    """(n, 2) unit direction of the ridge: along the long axis, or where houses stand wall to wall
    from one to the next."""
    ridge = axis[:, 2:4].copy()
    ridge[across] = np.stack([-ridge[across, 1], ridge[across, 0]], axis=1)
    along = np.abs((frame[:, :2] * axis[owner, 2:4]).sum(axis=1))
    for_long = np.bincount(owner[party], (length * (along > 0.75))[party], minlength=len(axis))
    for_short = np.bincount(owner[party], (length * (along < 0.66))[party], minlength=len(axis))
    turned = (for_short > 2 * for_long + 3.0) & ~fixed
    ridge[turned] = np.stack([-axis[turned, 3], axis[turned, 2]], axis=1)
    return ridge


def _given_ridges(
    words: list[str], wishes: RoofWishes, axis: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """((n,) bool the houses whose ridge the data directs, (n,) bool whether it lies across the long
    axis): square to the direction, along the walls that are nearest to that."""
    directed = np.isin(words, RIDGED) & ~np.isnan(wishes.direction)
    angle = np.radians(np.nan_to_num(wishes.direction))
    along = np.abs(np.sin(angle) * axis[:, 2] - np.cos(angle) * axis[:, 3])
    across = np.abs(np.cos(angle) * axis[:, 2] + np.sin(angle) * axis[:, 3])
    return directed, np.where(directed, along > across, wishes.across)


def _extents(
    outlines: Outlines, owner: NDArray[np.int64], ridge: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """((n,) blocks that each house is long along its ridge, (n,) broad across it)."""
    count = outlines.number
    out = []
    for x, z in ((ridge[:, 0], ridge[:, 1]), (-ridge[:, 1], ridge[:, 0])):
        along = outlines.xs * x[owner] + outlines.zs * z[owner]
        high, low = np.full(count, -np.inf), np.full(count, np.inf)
        np.maximum.at(high, owner, along)
        np.minimum.at(low, owner, along)
        out.append(np.maximum(high - low, 1e-9))
    return out[0], out[1]


def _flip_lean_to(
    frame: NDArray[np.float64],
    owner: NDArray[np.int64],
    axis: NDArray[np.float64],
    direction: NDArray[np.float64],
    house: int,
) -> None:
    """Leaves one edge of a lean-to sloping: the one that looks the way the roof falls."""
    edges = np.flatnonzero((owner == house) & ((frame[:, 0] != 0) | (frame[:, 1] != 0)))
    if not len(edges):
        return
    if np.isnan(direction[house]):
        fall = np.array([-axis[house, 3], axis[house, 2]])
    else:
        angle = np.radians(direction[house])
        fall = quantised(np.array([np.sin(angle), -np.cos(angle)]))
    low = edges[np.argmin(frame[edges, 0] * fall[0] + frame[edges, 1] * fall[1])]
    frame[edges, 2] = 0.0
    frame[low, 2] = FULL_PITCH


@njit(cache=True, nogil=True)
def _clear_of_walls(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    first: int,
    last: int,
    x: float,
    z: float,
    least: float,
) -> bool:
    for vertex in range(first, last - 1):
        dx, dz = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
        square = dx * dx + dz * dz
        if square == 0.0:
            continue
        share = min(1.0, max(0.0, ((x - xs[vertex]) * dx + (z - zs[vertex]) * dz) / square))
        if np.hypot(xs[vertex] + share * dx - x, zs[vertex] + share * dz - z) < least:
            return False
    return True


def find_turrets(
    outlines: Outlines, owner: NDArray[np.int64], frame: NDArray[np.float64],
    links: NDArray[np.int32], party: NDArray[np.bool_],
    wanted: NDArray[np.bool_], seed: NDArray[np.uint32],
) -> NDArray[np.float64]:  # fmt: skip
    """(n, 4): see RoofPlans.turret. A corner house has walls to its neighbours and two free fronts
    that meet in a corner."""
    count = outlines.number
    turret = np.zeros((count, 4))
    attached = np.bincount(owner[party], minlength=count) > 0
    length = np.zeros(len(owner))
    length[:-1] = np.hypot(np.diff(outlines.xs), np.diff(outlines.zs))
    turn = interior_angles(outlines.xs, outlines.zs, frame, links)
    before = links[:, 0]
    there = (frame[:, 0] != 0) | (frame[:, 1] != 0)
    corner = (
        there
        & (np.abs(turn - 90) < 30)
        & ~party
        & ~party[before]
        & (length >= 7)
        & (length[before] >= 7)
    )
    for vertex in np.flatnonzero(corner & attached[owner] & wanted[owner]).tolist():
        house = int(owner[vertex])
        if seed[house] // 7 % TURRET_SHARE or turret[house, 2] > 0:
            continue
        inward = frame[vertex, :2] + frame[before[vertex], :2]
        inward = inward / max(float(np.hypot(*inward)), 1e-9)
        centre = np.floor(np.array([outlines.xs[vertex], outlines.zs[vertex]]) + 2.9 * inward) + 0.5
        turret[house] = centre[0], centre[1], TURRET_RADIUS, 6.0 + seed[house] // 64 % 3
    return turret


def find_chimneys(
    geometry: NDArray[Any], outlines: Outlines, axis: NDArray[np.float64],
    ridge: NDArray[np.float64], wanted: NDArray[np.bool_],
    kind: NDArray[np.uint8], rise: NDArray[np.float64], seed: NDArray[np.uint32],
) -> NDArray[np.int32]:  # fmt: skip
    """(m, 3) int32: see RoofPlans.chimneys. One for each stretch of the ridge, beside it; geometry
    in blocks."""
    found = []
    for house in np.flatnonzero(wanted & (kind != FLAT) & (kind != MODEL) & (rise >= 1.5)).tolist():
        box = outlines.boxes[house]
        reach = (
            float(
                abs((box[2] - box[0]) * ridge[house, 0]) + abs((box[3] - box[1]) * ridge[house, 1])
            )
            / 2
        )
        pieces = max(1, int(2 * reach / CHIMNEY_EVERY))
        for piece in range(pieces):
            along = (
                -reach
                + (piece + 0.5) * 2 * reach / pieces
                + (0.0 if pieces > 1 else 1.5 - seed[house] // 16 % 4)
            )
            x = axis[house, 0] + along * ridge[house, 0] - 1.2 * ridge[house, 1]
            z = axis[house, 1] + along * ridge[house, 1] + 1.2 * ridge[house, 0]
            x, z = float(np.floor(x)), float(np.floor(z))
            if shapely.contains_xy(geometry[house], x + 0.5, z + 0.5) and _clear_of_walls(
                outlines.xs, outlines.zs, int(outlines.rings[outlines.polygons[house]]),
                int(outlines.rings[outlines.polygons[house + 1]]), x + 0.5, z + 0.5, 1.8,
            ):  # fmt: skip
                found.append((house, int(x), int(z)))
    return np.array(found, np.int32).reshape(-1, 3)


@dataclass(frozen=True)
class RoofWishes:
    """What is known of each building's roof. shape: words of `buildings.footprints`, None =
    unknown; usual: the word its use has; rise: blocks from eaves to ridge, angle, direction:
    degrees, NaN = unknown; across: (n,) bool; group: (n,) int64, houses that stand and fall
    together; chimney, turret: (n,) bool, whether it may have them; models: triangles of each, or
    None."""

    shape: list[str | None]
    usual: list[str]
    rise: NDArray[np.float64]
    angle: NDArray[np.float64]
    direction: NDArray[np.float64]
    across: NDArray[np.bool_]
    group: NDArray[np.int64]
    chimney: NDArray[np.bool_]
    turret: NDArray[np.bool_]
    seed: NDArray[np.uint32]
    models: list[NDArray[np.float64] | None]


def _words(wishes: RoofWishes) -> list[str]:
    words = []
    for shape, usual, rise in zip(wishes.shape, wishes.usual, wishes.rise.tolist(), strict=True):
        word = shape or usual
        if shape is None and rise < 0.75:
            word = "flat"
        elif shape is None and rise >= 0.75 and word == "flat":
            word = "gable"
        words.append(word if word in KINDS else "flat")
    return words


def plan_roofs(
    geometry: NDArray[Any],
    outlines: Outlines,
    axes: NDArray[np.float64],
    eaves_y: NDArray[np.int32],
    wishes: RoofWishes,
) -> RoofPlans:
    """The roofs of all buildings, each from its whole footprint. geometry: (n,) polygons in blocks
    (x, z); axes: (n, 6) as of `buildings.plans.plans.long_axes`."""
    count = outlines.number
    words = _words(wishes)
    kind = np.array([KINDS[word] for word in words], np.uint8)
    directed, across = _given_ridges(words, wishes, axes)
    frame, links = edge_frames(outlines.xs, outlines.zs, outlines.rings, outlines.polygons)
    owner = _edge_owner(outlines)
    length = np.zeros(len(owner))
    length[:-1] = np.hypot(np.diff(outlines.xs), np.diff(outlines.zs))
    there = (frame[:, 0] != 0) | (frame[:, 1] != 0)
    top_y = eaves_y.astype(np.float64) + np.nan_to_num(wishes.rise)
    party = party_walls(geometry, outlines, frame, wishes.group, eaves_y, top_y, 1.0)
    long, broad = _extents(
        outlines,
        owner,
        np.where(across[:, None], np.stack([-axes[:, 3], axes[:, 2]], axis=1), axes[:, 2:4]),
    )
    # Slopes on all sides leave no ridge that lies across a house: the ends of hips get steeper
    # then, those of mansards upright.
    turned = (directed | (across & np.isin(words, RIDGED))) & (long < SHORT_RIDGE * broad)
    words = [
        "gambrel" if word == "mansard" and short else word
        for word, short in zip(words, turned, strict=True)
    ]
    gabled = np.isin(words, GABLED)
    fixed = across | directed | np.isin(words, ("pyramid", "dome", "onion"))
    ridge = _ridges(axes, owner, frame, length, party, across, fixed)
    ends = _ends(outlines, owner, frame, links, ridge, (axes[:, 5] >= RECTANGLE) | directed)
    closed = np.isin(kind, (GABLE, HIP, MANSARD, ROUND))
    frame[:, 2] = np.where(there, FULL_PITCH, 0.0)
    # Where the data says which way a roof slopes, it does so to a neighbour, too.
    sloping = (directed & gabled)[owner] & ~ends
    frame[(party & closed[owner] & ~sloping) | (ends & gabled[owner]), 2] = 0.0
    # A house between neighbours on all sides, or with nothing but ends, is a plain hip.
    carried = np.bincount(owner[frame[:, 2] > 0], minlength=count) > 0
    frame[there & ~carried[owner], 2] = FULL_PITCH
    steep = np.where(turned, broad / ((1.0 - LEAST_RIDGE) * long), 1.0)[owner]
    hip = ends & ((kind == HIP) & (axes[:, 5] >= RECTANGLE))[owner]
    frame[hip, 2] *= steep[hip]
    for house in np.flatnonzero(kind == SKILLION).tolist():
        _flip_lean_to(frame, owner, axes, wishes.direction, house)
    run = deepest_runs(
        outlines.xs,
        outlines.zs,
        outlines.rings,
        outlines.polygons,
        outlines.boxes,
        frame,
        links,
        kind,
    )
    rise = _rises(words, wishes, run)
    kind[(rise < 0.5) & (kind != MODEL)] = FLAT
    rise[kind == FLAT] = 0.0
    frame[:, 2] *= (rise / np.maximum(run, 0.5))[owner]
    hipped = ends & ~party & (np.array(words) == "half_hip")[owner]
    frame[hipped, 2] = (rise / np.maximum(run, 0.5))[owner[hipped]] * steep[hipped]
    frame[hipped, 3] = 0.5 * rise[owner[hipped]]
    _pull_saltboxes(frame, owner, words, ridge)
    triangles, triangle_of = _given(wishes.models, kind, rise, eaves_y)
    turret = find_turrets(
        outlines,
        owner,
        frame,
        links,
        party,
        wishes.turret & (kind != FLAT) & (kind != MODEL),
        wishes.seed,
    )
    chimneys = find_chimneys(
        geometry, outlines, axes, ridge, wishes.chimney, kind, rise, wishes.seed
    )
    return RoofPlans(kind, rise, run, frame, links, turret, chimneys, triangles, triangle_of)


def _rises(words: list[str], wishes: RoofWishes, run: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) blocks from eaves to ridge, to the half block."""
    usual = np.array([USUAL.get(word, 0.65) for word in words])
    tall = np.isin(words, ("pyramid", "dome", "onion"))
    most = np.where(tall, SPIRE, STEEPEST)
    rise = np.where(
        np.isnan(wishes.rise), np.minimum(run * usual, np.where(tall, 30.0, 7.0)), wishes.rise
    )
    lean = ~np.isnan(wishes.angle) & np.isnan(wishes.rise)
    rise[lean] = quantised(run * np.tan(np.radians(np.nan_to_num(wishes.angle))))[lean]
    # A mansard needs the height of a storey.
    mansard = np.isin(words, ("mansard", "gambrel"))
    rise = np.where(mansard & np.isnan(wishes.rise), np.clip(rise, 3.5, 5.5), rise)
    out: NDArray[np.float64] = (
        np.rint(2.0 * np.where(np.array(words) == "flat", 0.0, np.minimum(rise, run * most))) / 2.0
    )
    return out


def _pull_saltboxes(
    frame: NDArray[np.float64],
    owner: NDArray[np.int64],
    words: list[str],
    ridge: NDArray[np.float64],
) -> None:
    """One slope of a saltbox is steeper, the other flatter, so that its ridge is off the middle."""
    salt = (np.array(words) == "saltbox")[owner] & (frame[:, 2] > 0)
    side = frame[:, 0] * -ridge[owner, 1] + frame[:, 1] * ridge[owner, 0]
    frame[salt, 2] *= np.where(side[salt] > 0, 1.5, 0.75)


def _given(
    models: list[NDArray[np.float64] | None],
    kind: NDArray[np.uint8],
    rise: NDArray[np.float64],
    eaves_y: NDArray[np.int32],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(triangles, first triangle of each building) of the given roofs, whose kind and rise are set.
    Heights y become blocks above the eaves."""
    pieces, starts = [np.zeros((0, 9))], [0]
    for house, model in enumerate(models):
        if model is not None and len(model):
            own = model.reshape(-1, 3, 3).copy()
            own[:, :, 2] -= eaves_y[house]
            kind[house], rise[house] = MODEL, max(0.5, float(np.ceil(own[:, :, 2].max())))
            pieces.append(own.reshape(-1, 9))
        starts.append(starts[-1] + (len(pieces[-1]) if model is not None and len(model) else 0))
    return np.concatenate(pieces), np.array(starts, np.int64)
