"""From a model that was read to blocks at the place where it stands, without its height."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from buildings.models.meshes import (
    SMALLER,
    UNITS,
    Mesh,
    ModelSource,
    Place,
    ReadModel,
    Upward,
    sound,
    too_much,
    upright,
)
from buildings.models.shades import NO_BLOCK, Paints, paints_of
from buildings.models.standing import AIR, FIRST_BLOCK, LEAVE, Pose, Shape, Shaped
from buildings.models.voxels import (
    EMPTY,
    FINE,
    MOST_BLOCKS,
    MOST_CELLS,
    OUTSIDE,
    SURFACE,
    Body,
    Hits,
    body_of,
    crossings_of,
)
from terrain.frame import Frame, quantised
from terrain.plane import CityCrs, crs_text, in_city, turn_of, way
from terrain.vectors.model_heights import model_separation
from worlds.errors import SourceError

FAR_M = 10_000.0
"""From a model's origin: what lies farther away has the coordinates of a map."""
SEEN_FROM_FRONT, SEEN_FROM_BACK = 16, 8
"""How much more a surface counts that is seen from outside, for the block of a voxel."""
SMALLEST = 0.5
"""Metres of the longest side of a model, below which its unit is most often another."""
PAINTS = 250
"""Blocks that a table may have: codes are a byte."""


def _in_city(place: Place, source: ModelSource, crs: CityCrs) -> tuple[float, float, float]:
    """(east, north, degrees clockwise that its map's north is turned) of a place in the city."""
    if place.crs is None:
        return *in_city(crs, place.east, place.north), -turn_of(crs)
    try:
        own = CRS.from_user_input(place.crs)
        plane = own.sub_crs_list[0] if own.is_compound else own
        there = way(plane, crs)
        step = 0.001 if plane.is_geographic else 100.0
        east, north = there.transform(place.east, place.north)
        east_up, north_up = there.transform(place.east, place.north + step)
    except (CRSError, ProjError) as error:
        raise SourceError(
            f"{source.path}: says its place in {place.crs!r}, which is no known CRS",
            hint="write where it stands: at = [east, north]",
        ) from error
    if not (math.isfinite(east) and math.isfinite(north)):
        raise SourceError(
            f"{source.path}: says a place that does not exist in {place.crs}",
            hint="write where it stands: at = [east, north]",
        )
    turned = math.degrees(math.atan2(east_up - east, north_up - north))
    return east, north, turned if abs(turned) > 1e-6 else 0.0


def _city_height(place: Place, source: ModelSource, crs: CityCrs) -> float:
    """The height that a file says, counted from the city's zero. SourceError where nothing leads
    from its own to that."""
    if place.crs is None or source.counted_from is None:
        return place.height_m
    middle = place.east, place.north
    separation = model_separation(
        source.path, place.crs, middle, city=(crs_text(crs), source.counted_from)
    )
    if separation is None:
        return place.height_m
    there = (np.full((1, 2), value) for value in middle)
    return place.height_m - float(separation(*there)[0, 0])


def _pose(read: ReadModel, source: ModelSource, mesh: Mesh, frame: Frame, notes: list[str]) -> Pose:
    """mesh: in metres, z up."""
    low, high = mesh.corners.min(axis=(0, 1)), mesh.corners.max(axis=(0, 1))
    middle = float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2
    far = math.hypot(*middle) > FAR_M
    place, own, turn, metres = read.place, (0.0, 0.0), source.turn, 1.0
    said = place is not None and math.isfinite(place.east) and math.isfinite(place.north)
    if place is not None:
        turn += place.turn
    height = source.height_datum_m
    if source.at is not None:
        east, north = in_city(frame.crs, *source.at)
        turn -= turn_of(frame.crs)
        if far:
            own = middle
            notes.append("its coordinates are those of a map: its middle stands at `at`")
    elif said and place is not None:
        east, north, turned = _in_city(place, source, frame.crs)
        turn, metres = turn + turned, place.metres
        if height is None and not source.on_ground and math.isfinite(place.height_m):
            height = _city_height(place, source, frame.crs)
    elif far:
        own = middle if turn_of(frame.crs) else own
        east, north = in_city(frame.crs, *own)
        turn -= turn_of(frame.crs)
        notes.append("its coordinates are taken for those of the city's CRS")
    else:
        raise SourceError(
            f"{source.path}: says nowhere where it stands",
            hint="write it: at = [east, north] of the model's origin, in the city's CRS",
        )
    zero = source.zero or read.zero
    if source.zero is None and zero == "origin" and not low[2] - 1.0 <= 0.0 <= high[2]:
        zero = "foot"
        notes.append("its height 0 lies outside of it: its lowest point stands there instead")
    foot = float(low[2]) if zero == "foot" else 0.0
    return Pose(
        east=east, north=north, own=own, turn=turn % 360.0, metres=metres, foot_m=foot,
        height_m=height,
    )  # fmt: skip


def _turned(degrees: float) -> tuple[float, float]:
    """(cosine, sine), exact for quarter turns."""
    if degrees % 90.0 == 0.0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(degrees // 90) % 4]
    angle = math.radians(degrees)
    return float(np.rint(math.cos(angle) * 2**40) / 2**40), float(
        np.rint(math.sin(angle) * 2**40) / 2**40
    )


def _in_blocks(corners: NDArray[np.float64], pose: Pose, frame: Frame) -> NDArray[np.float64]:
    """(n, 3, 3) x, y, z in blocks, y from the foot; the sums written out."""
    cosine, sine = _turned(pose.turn)
    east, north = corners[..., 0] - pose.own[0], corners[..., 1] - pose.own[1]
    x, z = frame.to_blocks(
        pose.east + (east * cosine + north * sine) * pose.metres,
        pose.north + (north * cosine - east * sine) * pose.metres,
    )
    y = quantised((corners[..., 2] - pose.foot_m) * pose.metres * frame.vertical_scale)
    return np.stack([x, y, z], axis=-1)


def _box(
    blocks: NDArray[np.float64], source: ModelSource
) -> tuple[NDArray[np.int64], tuple[int, int, int]]:
    """(first x, y, z; blocks along each) of a box with room around. SourceError for what is too
    large: most often in another unit than was said."""
    low, high = np.floor(blocks.min(axis=(0, 1))), np.ceil(blocks.max(axis=(0, 1)))
    size = high - low + 2
    if (size > MOST_BLOCKS).any() or size.prod() > MOST_CELLS:
        sides = " x ".join(f"{side:,.0f}" for side in (high - low)[[0, 2, 1]])
        raise SourceError(
            f"{source.path}: {sides} blocks (east, north, up), at most {MOST_BLOCKS:,} along a "
            f"side and {MOST_CELLS // 1_000_000} million in all are possible",
            hint='is its unit another? write unit = "mm" (or "cm", "dm"), or scale = 0.001 for mm',
        )
    width, height, depth = (int(side) for side in size)
    return low.astype(np.int64) - 1, (width, height, depth)


def _weights(hits: Hits, body: Body, glass: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(hits,) int64: what is seen from outside counts most, from its front before its back; glass
    before what it lies on."""
    _, depth, width = body.state.shape
    steps = np.array([0, 1, depth * width, width])
    flat = body.state.ravel()
    step = steps[np.abs(hits.front)] * np.sign(hits.front.astype(np.int64))
    last = len(flat) - 1
    front = flat[np.clip(hits.cell + step, 0, last)] == OUTSIDE
    back = flat[np.clip(hits.cell - step, 0, last)] == OUTSIDE
    known = hits.front != 0
    seen = 1 + SEEN_FROM_FRONT * (front & known) + SEEN_FROM_BACK * (back & known)
    return np.asarray(2 * seen + glass, np.int64)


def _voted(
    hits: Hits, paints: NDArray[np.int16], weights: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(cells, the paint of each): that for which most hits speak, of equals the first of the
    table."""
    keys, which = np.unique(hits.cell * 256 + paints, return_inverse=True)
    votes = np.zeros(len(keys), np.int64)
    np.add.at(votes, which, weights)
    cells, chosen = np.divmod(keys, 256)
    order = np.lexsort((chosen, -votes, cells))
    first = np.flatnonzero(np.diff(cells[order], prepend=-1))
    return cells[order][first], chosen[order][first]


def _codes(
    body: Body,
    cells: NDArray[np.int64],
    chosen: NDArray[np.int64],
    source: ModelSource,
    foot: int,
    solid: int,
) -> NDArray[np.uint8]:
    """(y, z, x) uint8. foot: the layer at the foot, where the floor over a cellar stays; solid: the
    code of what fills a solid body."""
    codes = np.full(body.state.size, LEAVE, np.uint8)
    codes[cells] = FIRST_BLOCK + chosen
    codes = codes.reshape(body.state.shape)
    if source.inside == "hollow":
        layer = np.arange(len(codes))[:, None, None]
        floor = (layer == foot) | (layer == foot - 1)
        codes[body.buried & (body.state == SURFACE) & ~floor] = AIR
    codes[body.state == EMPTY] = solid if source.inside == "solid" else AIR
    return codes


def _cropped(codes: NDArray[np.uint8], first: NDArray[np.int64], closed: bool, count: int) -> Shape:
    there = codes != LEAVE
    spans = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        found = np.flatnonzero(there.any(axis=others))
        spans.append(slice(int(found[0]), int(found[-1]) + 1))
    kept = np.ascontiguousarray(codes[tuple(spans)])
    return Shape(
        codes=kept,
        x0=int(first[0]) + spans[2].start,
        z0=int(first[2]) + spans[1].start,
        low=int(first[1]) + spans[0].start,
        closed=closed,
        used=np.bincount(kept.ravel(), minlength=FIRST_BLOCK + count),
    )


def shape_model(
    read: ReadModel, up: Upward, source: ModelSource, frame: Frame, paints: Paints
) -> Shaped:
    """The model as blocks. up: as its format has it. SourceError for one that is too large, or of
    which nobody says where it stands."""
    left_out, notes = Counter(read.left_out), list(read.notes)
    factor = UNITS[source.unit or "m"] * source.scale
    mesh = sound(read.mesh, left_out)
    if not len(mesh):
        raise SourceError(f"{source.path}: there are no faces with an area in it", hint=SMALLER)
    mesh = replace(mesh, corners=upright(mesh.corners * factor, source.up or up))
    pose = _pose(read, source, mesh, frame, notes)
    blocks = _in_blocks(mesh.corners, pose, frame)
    first, box = _box(blocks, source)
    hits = crossings_of(np.rint((blocks - first) * FINE).astype(np.int64), box)
    if hits is None:
        raise too_much(source.path, "a model with too many surfaces behind each other")
    painted = paints_of(mesh, blocks, hits, paints)
    there = painted != NO_BLOCK
    if not there.any():
        raise SourceError(
            f"{source.path}: all of it is so transparent that nothing is seen", hint=SMALLER
        )
    hits, painted = Hits._make(part[there] for part in hits), painted[there]
    body = body_of(np.unique(hits.cell), box)
    weights = _weights(hits, body, painted >= paints.solid)
    cells, chosen = _voted(hits, painted, weights)
    filling = FIRST_BLOCK + len(paints.states)
    codes = _codes(body, cells, chosen, source, foot=-int(first[1]), solid=filling)
    shape = _cropped(codes, first, body.closed, len(paints.states) + 1)
    extent = blocks.max(axis=(0, 1)) - blocks.min(axis=(0, 1))
    if extent.max() < SMALLEST * frame.scale:
        notes.append(
            f"it is only {extent.max() / frame.scale:.2g} m large: is its unit another? "
            'write unit = "m", or scale = 1000'
        )
    named = [*paints.names, paints.foundation.name.removeprefix("minecraft:")]
    counts = Counter({name: 0 for name in named})
    for name, count in zip(named, shape.used[FIRST_BLOCK:].tolist(), strict=True):
        counts[name] += count
    return Shaped(
        source=source,
        shape=shape,
        frame=frame,
        pose=pose,
        format=read.format,
        size_m=(
            round(float(extent[0]) / frame.scale, 1),
            round(float(extent[2]) / frame.scale, 1),
            round(float(extent[1]) / frame.vertical_scale, 1),
        ),
        faces=len(mesh),
        materials=len(mesh.materials),
        pictures=len({id(one.picture) for one in mesh.materials if one.picture is not None}),
        used={name: count for name, count in counts.most_common() if count},
        left_out=+left_out,
        notes=tuple(notes),
    )
