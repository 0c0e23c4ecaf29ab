"""Which simple roof lies nearest to the laser's returns from a house: flat, one slope, a gable or a
hip, the simplest that fits.

All fits are robust: a chimney, a crown over the eaves or a bird counts little. Sums are written
out, so that every machine finds the same roof.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from terrain.columns.outlines import Outlines
from worlds.kernels import njit
from worlds.records import Table, record

Floats = NDArray[np.float64]
UNKNOWN, FLAT, SKILLION, GABLE, HIP = range(5)
"""Shapes; UNKNOWN: heights are known, and none of the others fits."""
SHAPES = (None, "flat", "skillion", "gable", "hip")
"""Their words, as `buildings.footprints` has them."""
INWARD_M, INWARD_SHARE = 0.7, 0.35
"""How far inside the footprint a return must lie, metres, and at most as a share of what its
deepest point does: eaves reach over walls, and footprints lie a little off."""
LOWEST_ROOF_M, HIGHEST_ROOF_M = 1.5, 400.0
"""Above the ground; below it lies what is no roof."""
LEAST = 8
"""Returns from which a roof is read."""
CAPPED_M = 0.6
"""A return that lies farther from a roof counts as much as one that lies so far from it."""
AS_GOOD, AS_GOOD_M = 1.2, 0.03
"""A simpler roof is taken when its error is at most so many times the least one, and so much."""
FITS_M = 0.35
"""Error from which on no roof fits."""
LEVEL_SHARE, LEVEL_M = 0.5, 0.25
"""Share of the returns that lie so near one level, from which on a roof that is nothing else is a
flat one with things on it."""
LEAST_RISE_M = 0.75
"""What rises less is flat."""
STEEPEST = 4.0
"""Metres of rise a metre of a pitched roof, at most."""
QUADRANT = 0.08
"""Share of the returns in each quarter of a rectangular house, at least: where one slope gives none
(black metal), no shape is read from the other."""
RECTANGLE = 0.82
"""Share of the enclosing rectangle from which on a footprint counts as one."""
END_SHARE, WIDEST_END_M, SQUARE = 0.85, 18.0, 0.6
"""Of a house that is no rectangle: the end of a wing is so much shorter than the walls beside it,
at most so wide, and square to both (cosine)."""
MOST = 1500
"""Returns that are fitted, spread evenly over those that there are."""
STEPS = 9
"""Rounds of each fit: a few that trust the middle, then some that forget what is far off."""


class RoofReading(NamedTuple):
    """What the laser says of a house. returns: from within its footprint; used: of these from its
    roof; low: from the ground in it; shape: a code; eaves_m, ridge_m: above the datum, NaN = not
    known; error_m: of the fit, root of the mean square; facing: degrees clockwise from north, the
    way that a slope faces, NaN = not known; deepest_m: from its walls to what lies farthest
    inside."""

    returns: int
    used: int
    low: int
    shape: int
    eaves_m: float
    ridge_m: float
    error_m: float
    facing: float
    deepest_m: float


READING = record(RoofReading)


class Returns(NamedTuple):
    """x, z: (n,) float64, blocks; height: (n,) float64, metres above the datum; first: (houses +
    1,) int64, the first one of each house."""

    x: Floats
    z: Floats
    height: Floats
    first: NDArray[np.int64]


class Seen(NamedTuple):
    """The returns of one roof, (n,) each: long, across: metres from the middle of the house along
    its longest side and square to that; height: metres above the datum; places: (n, 2) blocks;
    scale: blocks a metre."""

    long: Floats
    across: Floats
    height: Floats
    places: Floats
    scale: float


@njit(cache=True, nogil=True)
def _to_wall(outlines: Outlines, edges: NDArray[np.int64], x: float, z: float) -> float:
    """Blocks from a point to the nearest of some walls, each the vertex where it begins."""
    xs, zs = outlines.xs, outlines.zs
    least = 1e18
    for vertex in edges:
        dx, dz = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
        square = dx * dx + dz * dz
        if square == 0.0:
            continue
        share = min(1.0, max(0.0, ((x - xs[vertex]) * dx + (z - zs[vertex]) * dz) / square))
        away_x, away_z = xs[vertex] + share * dx - x, zs[vertex] + share * dz - z
        least = min(least, away_x * away_x + away_z * away_z)
    return float(np.sqrt(least))


@njit(cache=True, nogil=True)
def _walls(outlines: Outlines, house: int, sides_only: bool) -> NDArray[np.int64]:
    """The walls of a house. sides_only: without the ends of its wings, over which gables stand."""
    xs, zs, rings, polygons = outlines.xs, outlines.zs, outlines.rings, outlines.polygons
    first, last = rings[polygons[house]], rings[polygons[house + 1]]
    out = np.empty(max(last - first, 1), np.int64)
    count = 0
    for ring in range(polygons[house], polygons[house + 1]):
        begin, end = rings[ring], rings[ring + 1] - 1
        for vertex in range(begin, end):
            before = vertex - 1 if vertex > begin else end - 1
            behind = vertex + 1 if vertex + 1 < end else begin
            own_x, own_z = xs[vertex + 1] - xs[vertex], zs[vertex + 1] - zs[vertex]
            own = np.hypot(own_x, own_z)
            if sides_only and own > 0.0:
                is_end = own <= WIDEST_END_M
                for other in (before, behind):
                    dx, dz = xs[other + 1] - xs[other], zs[other + 1] - zs[other]
                    length = np.hypot(dx, dz)
                    cosine = abs(dx * own_x + dz * own_z) / max(length * own, 1e-9)
                    is_end = is_end and own <= END_SHARE * length and cosine < SQUARE
                if is_end:
                    continue
            out[count] = vertex
            count += 1
    return out[:count]


@njit(cache=True, nogil=True)
def _middle(values: Floats) -> float:
    """The median of what is not negative, to 1/64."""
    bins = np.zeros(1024, np.int64)
    for value in values:
        bins[min(int(value * 64.0), 1023)] += 1
    seen = 0
    for place in range(1024):
        seen += bins[place]
        if 2 * seen >= len(values):
            return (place + 0.5) / 64.0
    return 16.0


@njit(cache=True, nogil=True)
def _weigh(rest: Floats, step: int, weight: Floats) -> None:
    """Sets how much each return counts in the next round, by how far it lies from the roof."""
    if step < 3:
        for place in range(len(rest)):
            weight[place] = 1.0 / (rest[place] + 0.1)
        return
    far = 4.7 * max(1.4826 * _middle(rest), 0.04)
    for place in range(len(rest)):
        part = rest[place] / far
        weight[place] = (1.0 - part * part) ** 2 if part < 1.0 else 0.0


@njit(cache=True, nogil=True)
def _error(rest: Floats) -> float:
    total = 0.0
    for value in rest:
        total += min(value, CAPPED_M) ** 2
    return float(np.sqrt(total / max(len(rest), 1)))


@njit(cache=True, nogil=True)
def _line(along: Floats, height: Floats) -> tuple[float, float, float]:
    """(base, slope, error): height = base + slope · along."""
    count = len(height)
    weight, rest = np.ones(count), np.zeros(count)
    base, slope = 0.0, 0.0
    for step in range(STEPS):
        total = sum_t = sum_tt = sum_h = sum_th = 0.0
        for place in range(count):
            own = weight[place]
            total += own
            sum_t += own * along[place]
            sum_tt += own * along[place] * along[place]
            sum_h += own * height[place]
            sum_th += own * along[place] * height[place]
        det = total * sum_tt - sum_t * sum_t
        if total <= 0.0 or det <= 1e-9 * total * total:
            return 0.0, 0.0, 1e9
        slope = (total * sum_th - sum_t * sum_h) / det
        base = (sum_h - slope * sum_t) / total
        for place in range(count):
            rest[place] = abs(base + slope * along[place] - height[place])
        _weigh(rest, step, weight)
    return base, slope, _error(rest)


@njit(cache=True, nogil=True)
def _plane(first: Floats, second: Floats, height: Floats) -> tuple[float, float, float, float]:
    """(base, slope along first, along second, error)."""
    count = len(height)
    weight, rest = np.ones(count), np.zeros(count)
    base = along = across = 0.0
    for step in range(STEPS):
        total = mean_u = mean_v = mean_h = 0.0
        for place in range(count):
            own = weight[place]
            total += own
            mean_u += own * first[place]
            mean_v += own * second[place]
            mean_h += own * height[place]
        if total <= 0.0:
            return 0.0, 0.0, 0.0, 1e9
        mean_u, mean_v, mean_h = mean_u / total, mean_v / total, mean_h / total
        square_u = square_v = mixed = rise_u = rise_v = 0.0
        for place in range(count):
            own, to_u, to_v = weight[place], first[place] - mean_u, second[place] - mean_v
            above = height[place] - mean_h
            square_u += own * to_u * to_u
            square_v += own * to_v * to_v
            mixed += own * to_u * to_v
            rise_u += own * to_u * above
            rise_v += own * to_v * above
        det = square_u * square_v - mixed * mixed
        if det <= 1e-9 * total * total:
            return 0.0, 0.0, 0.0, 1e9
        along, across = (
            (rise_u * square_v - rise_v * mixed) / det,
            (rise_v * square_u - rise_u * mixed) / det,
        )
        base = mean_h - along * mean_u - across * mean_v
        for place in range(count):
            rest[place] = abs(base + along * first[place] + across * second[place] - height[place])
        _weigh(rest, step, weight)
    return base, along, across, _error(rest)


@njit(cache=True, nogil=True)
def _level(height: Floats) -> tuple[float, float, float]:
    """(the level on which most lies, error, share of what lies near it)."""
    lowest, highest = height[0], height[0]
    for value in height:
        lowest, highest = min(lowest, value), max(highest, value)
    bins = np.zeros(int((highest - lowest) / LEVEL_M) + 3, np.int64)
    for value in height:
        bins[int((value - lowest) / LEVEL_M)] += 1
    best, most = 0, -1
    for place in range(len(bins) - 1):
        if bins[place] + bins[place + 1] > most:
            best, most = place, bins[place] + bins[place + 1]
    level = lowest + (best + 1) * LEVEL_M
    rest = np.zeros(len(height))
    for _ in range(STEPS):
        total, weighed = 0.0, 0.0
        for value in height:
            part = (value - level) / (2.0 * LEVEL_M)
            if abs(part) < 1.0:
                own = (1.0 - part * part) ** 2
                total += own
                weighed += own * value
        if total > 0.0:
            level = weighed / total
    near = 0
    for place in range(len(height)):
        rest[place] = abs(height[place] - level)
        near += rest[place] <= LEVEL_M
    return level, _error(rest), near / len(height)


@njit(cache=True, nogil=True)
def _gable(across: Floats, half: float, height: Floats) -> tuple[float, float, float]:
    """(height of the ridge, slope, error) of the best gable whose ridge lies near the middle.
    across: metres from the middle; half: to its walls."""
    best = (0.0, 0.0, 1e9)
    along = np.empty(len(height))
    for place in range(-3, 4):
        off = 0.08 * place * half
        for number in range(len(height)):
            along[number] = abs(across[number] - off)
        base, slope, error = _line(along, height)
        if -STEEPEST <= slope < 0.0 and error < best[2]:
            best = (base, -slope, error)
    return best


@njit(cache=True, nogil=True)
def _hip(
    long: Floats, across: Floats, halves: tuple[float, float], height: Floats
) -> tuple[float, float, float]:
    """(height of the eaves, slope of its sides, error) of the best hip over a rectangle, whose ends
    may be steeper or flatter than its sides. long, across: metres from the middle; halves: to its
    ends, to its sides."""
    best = (0.0, 0.0, 1e9)
    inward = np.empty(len(height))
    for steep in (0.7, 1.0, 1.4, 2.0):
        for number in range(len(height)):
            to_side = max(halves[1] - abs(across[number]), 0.0)
            to_end = max(halves[0] - abs(long[number]), 0.0)
            inward[number] = min(to_side, steep * to_end)
        base, slope, error = _line(inward, height)
        if 0.0 < slope <= STEEPEST and error < best[2]:
            best = (base, slope, error)
    return best


@njit(cache=True, nogil=True)
def _towards(x: float, z: float) -> float:
    """Degrees clockwise from north of a direction in blocks."""
    return float(np.degrees(np.arctan2(x, -z)) % 360.0)


@njit(cache=True, nogil=True)
def _share_of(height: Floats, share: float) -> float:
    """The height below which such a share lies, to 1/64."""
    lowest = height[0]
    for value in height:
        lowest = min(lowest, value)
    bins = np.zeros(64 * int(HIGHEST_ROOF_M + 1.0), np.int64)
    for value in height:
        bins[min(int((value - lowest) * 64.0), len(bins) - 1)] += 1
    place, seen = 0, bins[0]
    while seen <= share * (len(height) - 1):
        place += 1
        seen += bins[place]
    return float(lowest + (place + 0.5) / 64.0)


@njit(cache=True, nogil=True)
def _is_even(long: Floats, across: Floats) -> bool:
    """Whether each quarter of a rectangle has its share of returns."""
    counts = np.zeros(4, np.int64)
    for place in range(len(long)):
        counts[2 * int(long[place] > 0.0) + int(across[place] > 0.0)] += 1
    least = min(min(counts[0], counts[1]), min(counts[2], counts[3]))
    return bool(least >= QUADRANT * len(long))


@njit(cache=True, nogil=True)
def _halves(outlines: Outlines, house: int, axis: Any) -> tuple[float, float]:
    """Blocks from the middle of a house to its ends, and to its sides."""
    far = 0.0
    rings, polygons = outlines.rings, outlines.polygons
    for vertex in range(rings[polygons[house]], rings[polygons[house + 1]]):
        x, z = outlines.xs[vertex] - axis.x, outlines.zs[vertex] - axis.z
        far = max(far, abs(x * axis.along_x + z * axis.along_z))
    return far, float(axis.half)


@njit(cache=True, nogil=True)
def _fit_rectangle(axis: Any, halves: tuple[float, float], seen: Seen, found: Floats) -> None:
    """Fills the rows GABLE and HIP of found. halves: blocks to the ends, and to the sides."""
    to_end, to_side = halves[0] / seen.scale, halves[1] / seen.scale
    ridge, slope, error = _gable(seen.across, to_side, seen.height)
    other, other_slope, other_error = _gable(seen.long, to_end, seen.height)
    facing = _towards(-axis.along_z, axis.along_x)
    if other_error < error / AS_GOOD - AS_GOOD_M:
        found[GABLE, 0], found[GABLE, 1] = other_error, other - other_slope * to_end
        found[GABLE, 2], found[GABLE, 3] = other, _towards(axis.along_x, axis.along_z)
    else:
        found[GABLE, 0], found[GABLE, 1] = error, ridge - slope * to_side
        found[GABLE, 2], found[GABLE, 3] = ridge, facing
    base, slope, error = _hip(seen.long, seen.across, (to_end, to_side), seen.height)
    found[HIP, 0], found[HIP, 1], found[HIP, 2] = error, base, base + slope * to_side
    found[HIP, 3] = facing


@njit(cache=True, nogil=True)
def _fit_walls(outlines: Outlines, house: int, seen: Seen, deepest_m: float, found: Floats) -> None:
    """The same for a house that is no rectangle: heights by how far inside its walls they lie."""
    inward = np.empty(len(seen.height))
    for shape in (GABLE, HIP):
        edges = _walls(outlines, house, shape == GABLE)
        if not len(edges):
            continue
        for number in range(len(inward)):
            x, z = seen.places[number, 0], seen.places[number, 1]
            inward[number] = _to_wall(outlines, edges, x, z) / seen.scale
        base, slope, error = _line(inward, seen.height)
        if 0.0 < slope <= STEEPEST:
            found[shape, 0], found[shape, 1] = error, base
            found[shape, 2], found[shape, 3] = base + slope * deepest_m, np.nan


@njit(cache=True, nogil=True)
def _fit_slope(outlines: Outlines, house: int, axis: Any, seen: Seen, found: Floats) -> None:
    """Fills the row SKILLION."""
    base, along, across, error = _plane(seen.long, seen.across, seen.height)
    if error >= 1e9 or np.hypot(along, across) > STEEPEST:
        return
    low, high = 1e18, -1e18
    rings, polygons = outlines.rings, outlines.polygons
    for vertex in range(rings[polygons[house]], rings[polygons[house] + 1]):
        x = (outlines.xs[vertex] - axis.x) / seen.scale
        z = (outlines.zs[vertex] - axis.z) / seen.scale
        level = (
            base
            + along * (x * axis.along_x + z * axis.along_z)
            + across * (z * axis.along_x - x * axis.along_z)
        )
        low, high = min(low, level), max(high, level)
    found[SKILLION, 0], found[SKILLION, 1], found[SKILLION, 2] = error, low, high
    found[SKILLION, 3] = _towards(
        -along * axis.along_x + across * axis.along_z, -along * axis.along_z - across * axis.along_x
    )


@njit(cache=True, nogil=True)
def _choose(found: Floats, near_level: float) -> int:
    """The simplest shape whose error is about the least."""
    least = 1e9
    for shape in range(FLAT, HIP + 1):
        least = min(least, found[shape, 0])
    for shape in range(FLAT, HIP + 1):
        if found[shape, 0] <= AS_GOOD * least + AS_GOOD_M and found[shape, 0] <= FITS_M:
            return shape if found[shape, 2] - found[shape, 1] >= LEAST_RISE_M else FLAT
    return FLAT if near_level >= LEVEL_SHARE else UNKNOWN


@njit(cache=True, nogil=True)
def read_roofs(
    outlines: Outlines,
    axes: Table,
    returns: Returns,
    ground_m: Floats,
    scale: float,
    readings: Table,
) -> None:
    """Fills readings (houses,) of READING; deepest_m is there. axes: (houses,) of AXIS; ground_m:
    (houses,) metres above the datum; scale: blocks a metre."""
    for house in range(len(returns.first) - 1):
        reading = readings[house]
        reading.eaves_m, reading.ridge_m = np.nan, np.nan
        reading.shape, reading.error_m, reading.facing = UNKNOWN, np.nan, np.nan
        kept = _roof_returns(
            outlines, returns, house, ground_m[house], scale=scale, reading=reading
        )
        if reading.used >= LEAST and reading.low <= reading.used:
            _fit(outlines, house, axes[house], _seen(returns, kept, axes[house], scale), reading)


@njit(cache=True, nogil=True)
def _roof_returns(
    outlines: Outlines, returns: Returns, house: int, ground_m: float, scale: float, reading: Any
) -> NDArray[np.int64]:
    """Those that are high enough and far enough inside, at most MOST; counts all in `reading`."""
    first, last = returns.first[house], returns.first[house + 1]
    inward = min(INWARD_M, INWARD_SHARE * reading.deepest_m) * scale
    edges = _walls(outlines, house, False)
    kept = np.empty(last - first, np.int64)
    used, low = 0, 0
    for place in range(first, last):
        above = returns.height[place] - ground_m
        if above < LOWEST_ROOF_M:
            low += 1
        elif (
            above <= HIGHEST_ROOF_M
            and _to_wall(outlines, edges, returns.x[place], returns.z[place]) >= inward
        ):
            kept[used] = place
            used += 1
    reading.returns, reading.used, reading.low = last - first, used, low
    if used > MOST:
        for number in range(MOST):
            kept[number] = kept[number * used // MOST]
        used = MOST
    return kept[:used]


@njit(cache=True, nogil=True)
def _seen(returns: Returns, kept: NDArray[np.int64], axis: Any, scale: float) -> Seen:
    count = len(kept)
    height, places = np.empty(count), np.empty((count, 2))
    long, across = np.empty(count), np.empty(count)
    for number in range(count):
        place = kept[number]
        x, z = (returns.x[place] - axis.x) / scale, (returns.z[place] - axis.z) / scale
        height[number] = returns.height[place]
        places[number, 0], places[number, 1] = returns.x[place], returns.z[place]
        long[number] = x * axis.along_x + z * axis.along_z
        across[number] = z * axis.along_x - x * axis.along_z
    return Seen(long, across, height, places, scale)


@njit(cache=True, nogil=True)
def _fit(outlines: Outlines, house: int, axis: Any, seen: Seen, reading: Any) -> None:
    """Fills in the shape and the heights of one house."""
    # Rows by shape: error, eaves, ridge, facing.
    found = np.empty((5, 4))
    for place in range(len(found)):
        found[place, 0] = 1e9
        found[place, 1:] = np.nan
    level, error, near_level = _level(seen.height)
    found[FLAT, 0], found[FLAT, 1], found[FLAT, 2] = error, level, level
    if axis.filled < RECTANGLE:
        _fit_slope(outlines, house, axis, seen, found)
        _fit_walls(outlines, house, seen, reading.deepest_m, found)
    elif _is_even(seen.long, seen.across):
        _fit_slope(outlines, house, axis, seen, found)
        _fit_rectangle(axis, _halves(outlines, house, axis), seen, found)
    shape = _choose(found, near_level)
    least = 1e9
    for place in range(len(found)):
        least = min(least, found[place, 0])
    reading.shape, reading.error_m = shape, least
    if shape == UNKNOWN:
        reading.eaves_m, reading.ridge_m = (
            _share_of(seen.height, 0.12),
            _share_of(seen.height, 0.95),
        )
        return
    reading.error_m, reading.eaves_m = found[shape, 0], found[shape, 1]
    reading.ridge_m, reading.facing = found[shape, 2], found[shape, 3]
