"""Roofs as they are decided for each whole building: which walls carry a slope and which a gable,
how steep, how high, where turrets and chimneys stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

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
    Slopes,
    deepest_runs,
    interior_angles,
    is_edge,
    wall_edges,
)
from terrain.columns.outlines import Outlines
from terrain.frame import quantised
from worlds.kernels import njit
from worlds.records import Table, record

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


class Turret(NamedTuple):
    """At the corner of a house. x, z: its centre; radius, 0 = none; cap: blocks of height of its
    roof."""

    x: float
    z: float
    radius: float
    cap: float


class Chimney(NamedTuple):
    """A house's chimney at a column."""

    house: int
    x: int
    z: int


TURRET, CHIMNEY = record(Turret), record(Chimney)


class RoofPlans(NamedTuple):
    """kind: (n,) uint8, see buildings.plans.slopes; rise, run: (n,) float64, blocks from eaves to
    ridge, from the wall to the ridge; slopes: over the walls; turret: (n,) of TURRET; chimneys:
    (m,) of CHIMNEY; triangles: (t, 9) float64 x, z, y of three corners, of roofs that are given;
    triangle_of: (n + 1,) int64, the first of each house."""

    kind: NDArray[np.uint8]
    rise: NDArray[np.float64]
    run: NDArray[np.float64]
    slopes: Slopes
    turret: Table
    chimneys: Table
    triangles: NDArray[np.float64]
    triangle_of: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Walls:
    """slopes: of all walls; owner: (vertices,) the house of each; length: blocks; there: bool,
    whether a wall begins; party: bool, whether another house shares it."""

    slopes: Slopes
    owner: NDArray[np.int64]
    length: NDArray[np.float64]
    there: NDArray[np.bool_]
    party: NDArray[np.bool_]


def _edge_owner(outlines: Outlines) -> NDArray[np.int64]:
    """(vertices,) the building of each vertex."""
    rings = np.repeat(np.arange(outlines.number), np.diff(outlines.polygons))
    return np.repeat(rings, np.diff(outlines.rings))


def _walls_of(
    geometry: NDArray[Any],
    outlines: Outlines,
    group: NDArray[np.int64],
    eaves_y: NDArray[np.int32],
    top_y: NDArray[np.float64],
) -> _Walls:
    """geometry: (n,) polygons in blocks; group, eaves_y, top_y: (n,), see `_party_walls`."""
    edges, owner = wall_edges(outlines), _edge_owner(outlines)
    length = np.zeros(len(owner))
    length[:-1] = np.hypot(np.diff(outlines.xs), np.diff(outlines.zs))
    walls = _Walls(
        Slopes(outlines, edges), owner, length, is_edge(edges), np.zeros(len(owner), bool)
    )
    return replace(walls, party=_party_walls(geometry, walls, group, eaves_y, top_y))


def _party_walls(
    geometry: NDArray[Any],
    walls: _Walls,
    group: NDArray[np.int64],
    eaves_y: NDArray[np.int32],
    top_y: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(vertices,) bool: edges along which another house of the same group stands that is about as
    high. Houses of other groups never count, so that a roof does not change when a plan is
    switched."""
    outlines, edges = walls.slopes
    solid = np.flatnonzero(walls.there)
    party = np.zeros(len(walls.owner), bool)
    if not len(solid):
        return party
    hits = np.zeros(len(solid), int)
    shapes = shapely.transform(geometry, lambda points: points)
    tree = shapely.STRtree(shapes)
    for share in (0.2, 0.5, 0.8):
        x, z = (
            ends[solid] + share * (ends[solid + 1] - ends[solid]) - PARTY_M * edges[normal][solid]
            for ends, normal in ((outlines.xs, "normal_x"), (outlines.zs, "normal_z"))
        )
        point, house = tree.query(shapely.points(x, z), predicate="within")
        mine = walls.owner[solid[point]]
        beside = (
            (house != mine)
            & (group[house] == group[mine])
            & (top_y[house] >= eaves_y[mine] - PARTY_DROP)
        )
        hits[np.unique(point[beside])] += 1
    party[solid[hits >= 2]] = True
    return party


def _ends(
    walls: _Walls, across: NDArray[np.float64], rectangular: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """(vertices,) bool: edges at the end of a ridge. across: (n, 2) unit direction of each
    building's ridge; rectangular: (n,)."""
    edges, owner, length = walls.slopes.edges, walls.owner, walls.length
    faces = (
        np.abs(edges["normal_x"] * across[owner, 0] + edges["normal_z"] * across[owner, 1]) > 0.75
    )
    turn = interior_angles(walls.slopes)
    before, behind = edges["before"], edges["behind"]
    # Both corners about square, and shorter than the walls beside it.
    square = (np.abs(turn - 90) < 35) & (np.abs(turn[behind] - 90) < 35)
    short = (length <= WIDEST_END) & (
        length <= END_SHARE * np.minimum(length[before], length[behind])
    )
    ends: NDArray[np.bool_] = walls.there & np.where(rectangular[owner], faces, square & short)
    return ends


def _along(axis: Table) -> NDArray[np.float64]:
    """(n, 2) unit directions of AXIS."""
    return np.stack([axis["along_x"], axis["along_z"]], axis=1)


def _across(axis: Table) -> NDArray[np.float64]:
    """(n, 2) unit directions square to those of AXIS."""
    return np.stack([-axis["along_z"], axis["along_x"]], axis=1)


def _ridges(
    axis: Table, walls: _Walls, across: NDArray[np.bool_], fixed: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(n, 2) unit direction of the ridge: along the long axis, or where houses stand wall to wall
    from one to the next."""
    edges, owner, party = walls.slopes.edges, walls.owner, walls.party
    ridge = np.where(across[:, None], _across(axis), _along(axis))
    along = np.abs(
        edges["normal_x"] * axis["along_x"][owner] + edges["normal_z"] * axis["along_z"][owner]
    )
    for_long, for_short = (
        np.bincount(owner[party], (walls.length * parallel)[party], minlength=len(axis))
        for parallel in (along > 0.75, along < 0.66)
    )
    turned = (for_short > 2 * for_long + 3.0) & ~fixed
    return np.where(turned[:, None], _across(axis), ridge)


def _given_ridges(
    words: list[str], wishes: RoofWishes, axis: Table
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """((n,) bool the houses whose ridge the data directs, (n,) bool whether it lies across the long
    axis): square to the direction, along the walls that are nearest to that."""
    directed = np.isin(words, RIDGED) & ~np.isnan(wishes.direction)
    angle = np.radians(np.nan_to_num(wishes.direction))
    along = np.abs(np.sin(angle) * axis["along_x"] - np.cos(angle) * axis["along_z"])
    across = np.abs(np.cos(angle) * axis["along_x"] + np.sin(angle) * axis["along_z"])
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


def _flip_lean_to(walls: _Walls, axis: Table, direction: NDArray[np.float64], house: int) -> None:
    """Leaves one edge of a lean-to sloping: the one that looks the way the roof falls."""
    edges = walls.slopes.edges
    own = np.flatnonzero((walls.owner == house) & walls.there)
    if not len(own):
        return
    if np.isnan(direction[house]):
        fall = np.array([-axis["along_z"][house], axis["along_x"][house]])
    else:
        angle = np.radians(direction[house])
        fall = quantised(np.array([np.sin(angle), -np.cos(angle)]))
    low = own[np.argmin(edges["normal_x"][own] * fall[0] + edges["normal_z"][own] * fall[1])]
    edges["pitch"][own] = 0.0
    edges["pitch"][low] = FULL_PITCH


@njit(cache=True, nogil=True)
def _clear_of_walls(outlines: Outlines, house: int, x: float, z: float, least: float) -> bool:
    """Whether a point is `least` blocks from the walls of a house."""
    xs, zs, rings, polygons = outlines.xs, outlines.zs, outlines.rings, outlines.polygons
    for vertex in range(rings[polygons[house]], rings[polygons[house + 1]] - 1):
        dx, dz = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
        square = dx * dx + dz * dz
        if square == 0.0:
            continue
        share = min(1.0, max(0.0, ((x - xs[vertex]) * dx + (z - zs[vertex]) * dz) / square))
        if np.hypot(xs[vertex] + share * dx - x, zs[vertex] + share * dz - z) < least:
            return False
    return True


def _find_turrets(walls: _Walls, wanted: NDArray[np.bool_], seed: NDArray[np.uint32]) -> Table:
    """(n,) of TURRET. A corner house has walls to its neighbours and two free fronts that meet in a
    corner. wanted: (n,) bool."""
    outlines, edges = walls.slopes
    owner, length, party = walls.owner, walls.length, walls.party
    turret = np.zeros(len(wanted), TURRET)
    attached = np.bincount(owner[party], minlength=len(wanted)) > 0
    turn = interior_angles(walls.slopes)
    before = edges["before"]
    corner = (
        walls.there
        & (np.abs(turn - 90) < 30)
        & ~party
        & ~party[before]
        & (length >= 7)
        & (length[before] >= 7)
    )
    for vertex in np.flatnonzero(corner & attached[owner] & wanted[owner]).tolist():
        house = int(owner[vertex])
        if seed[house] // 7 % TURRET_SHARE or turret["radius"][house] > 0:
            continue
        meeting = edges[[vertex, before[vertex]]]
        inward = np.array([meeting["normal_x"].sum(), meeting["normal_z"].sum()])
        inward = inward / max(float(np.hypot(*inward)), 1e-9)
        centre = np.floor(np.array([outlines.xs[vertex], outlines.zs[vertex]]) + 2.9 * inward) + 0.5
        turret[house] = Turret(
            x=centre[0], z=centre[1], radius=TURRET_RADIUS, cap=6.0 + seed[house] // 64 % 3
        )
    return turret


def _find_chimneys(
    geometry: NDArray[Any],
    outlines: Outlines,
    axis: Table,
    ridge: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    seed: NDArray[np.uint32],
) -> Table:
    """(m,) of CHIMNEY. One for each stretch of the ridge (n, 2), beside it; geometry in blocks;
    wanted: (n,) bool."""
    found = []
    for house in np.flatnonzero(wanted).tolist():
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
            x = axis["x"][house] + along * ridge[house, 0] - 1.2 * ridge[house, 1]
            z = axis["z"][house] + along * ridge[house, 1] + 1.2 * ridge[house, 0]
            x, z = float(np.floor(x)), float(np.floor(z))
            if shapely.contains_xy(geometry[house], x + 0.5, z + 0.5) and _clear_of_walls(
                outlines, house, x + 0.5, z + 0.5, 1.8
            ):
                found.append(Chimney(house, int(x), int(z)))
    return np.array(found, CHIMNEY)


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


def _turned(words: list[str], turned: NDArray[np.bool_]) -> list[str]:
    return [
        "gambrel" if word == "mansard" and short else word
        for word, short in zip(words, turned, strict=True)
    ]


def plan_roofs(
    geometry: NDArray[Any],
    outlines: Outlines,
    axes: Table,
    eaves_y: NDArray[np.int32],
    wishes: RoofWishes,
) -> RoofPlans:
    """The roofs of all buildings, each from its whole footprint. geometry: (n,) polygons in blocks
    (x, z); axes: (n,) of AXIS."""
    words = _words(wishes)
    kind = np.array([KINDS[word] for word in words], np.uint8)
    directed, across = _given_ridges(words, wishes, axes)
    top_y = eaves_y.astype(np.float64) + np.nan_to_num(wishes.rise)
    walls = _walls_of(geometry, outlines, wishes.group, eaves_y, top_y)
    owner, edges, there, party = walls.owner, walls.slopes.edges, walls.there, walls.party
    long, broad = _extents(outlines, owner, np.where(across[:, None], _across(axes), _along(axes)))
    # Slopes on all sides leave no ridge that lies across a house: the ends of hips get steeper
    # then, those of mansards upright.
    turned = (directed | (across & np.isin(words, RIDGED))) & (long < SHORT_RIDGE * broad)
    words = _turned(words, turned)
    gabled = np.isin(words, GABLED)
    fixed = across | directed | np.isin(words, ("pyramid", "dome", "onion"))
    ridge = _ridges(axes, walls, across, fixed)
    rectangular = axes["filled"] >= RECTANGLE
    ends = _ends(walls, ridge, rectangular | directed)
    closed = np.isin(kind, (GABLE, HIP, MANSARD, ROUND))
    pitch = edges["pitch"]
    pitch[:] = np.where(there, FULL_PITCH, 0.0)
    # Where the data says which way a roof slopes, it does so to a neighbour, too.
    sloping = (directed & gabled)[owner] & ~ends
    pitch[(party & closed[owner] & ~sloping) | (ends & gabled[owner])] = 0.0
    # A house between neighbours on all sides, or with nothing but ends, is a plain hip.
    carried = np.bincount(owner[pitch > 0], minlength=len(words)) > 0
    pitch[there & ~carried[owner]] = FULL_PITCH
    steep = np.where(turned, broad / ((1.0 - LEAST_RIDGE) * long), 1.0)[owner]
    hip = ends & ((kind == HIP) & rectangular)[owner]
    pitch[hip] *= steep[hip]
    for house in np.flatnonzero(kind == SKILLION).tolist():
        _flip_lean_to(walls, axes, wishes.direction, house)
    run = deepest_runs(walls.slopes, kind)
    rise = _rises(words, wishes, run)
    kind[(rise < 0.5) & (kind != MODEL)] = FLAT
    rise[kind == FLAT] = 0.0
    pitch *= (rise / np.maximum(run, 0.5))[owner]
    hipped = ends & ~party & (np.array(words) == "half_hip")[owner]
    pitch[hipped] = (rise / np.maximum(run, 0.5))[owner[hipped]] * steep[hipped]
    edges["start"][hipped] = 0.5 * rise[owner[hipped]]
    _pull_saltboxes(edges, owner, words, ridge)
    triangles, triangle_of = _given(wishes.models, kind, rise, eaves_y)
    sloped = (kind != FLAT) & (kind != MODEL)
    turret = _find_turrets(walls, wishes.turret & sloped, wishes.seed)
    smoking = wishes.chimney & sloped & (rise >= 1.5)
    chimneys = _find_chimneys(geometry, outlines, axes, ridge, wanted=smoking, seed=wishes.seed)
    return RoofPlans(
        kind=kind,
        rise=rise,
        run=run,
        slopes=walls.slopes,
        turret=turret,
        chimneys=chimneys,
        triangles=triangles,
        triangle_of=triangle_of,
    )


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
    edges: Table,
    owner: NDArray[np.int64],
    words: list[str],
    ridge: NDArray[np.float64],
) -> None:
    """One slope of a saltbox is steeper, the other flatter, so that its ridge is off the middle."""
    salt = (np.array(words) == "saltbox")[owner] & (edges["pitch"] > 0)
    side = edges["normal_x"] * -ridge[owner, 1] + edges["normal_z"] * ridge[owner, 0]
    edges["pitch"][salt] *= np.where(side[salt] > 0, 1.5, 0.75)


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
