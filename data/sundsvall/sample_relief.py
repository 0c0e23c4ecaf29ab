"""The relief of the sample: two hills, the low town between them, flat water; an illustration hung
on two real heights.

All arrays are (row, column), row 0 in the north, 1 m cells; heights in metres RH 2000.
"""

from __future__ import annotations

import numpy as np
import shapely
from affine import Affine
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates
from shapely import LineString, Polygon

Box = tuple[float, float, float, float]
"""West, south, east, north."""
TOWN = 618126, 6918688, 620374, 6920936
"""The box of the town: streets and houses of the slopes are made for it alone."""
MARGIN = 120
"""Metres of land around the town, for the corners of a square that is turned, a multiple of the
cells of all rasters; `sample_margin` goes on with streets and houses there."""
WEST, SOUTH, EAST, NORTH = TOWN[0] - MARGIN, TOWN[1] - MARGIN, TOWN[2] + MARGIN, TOWN[3] + MARGIN
SHAPE = (NORTH - SOUTH, EAST - WEST)
TRANSFORM = from_origin(WEST, NORTH, 1, 1)
SEED = 1888
COARSE = 4
"""Metres between the places at which what is smooth is reckoned."""

# Foot of the slope and height of the crest as they run from west to east. Two real samples of
# Lantmäteriet's heights lie in the area: 126.5 m at (618816, 6920736) and 50.8 m at (618816,
# 6918688); `anchored` bends the relief through them.
NORTH_FOOT = PchipInterpolator([617900, 618126, 618500, 618850, 619250, 619600, 619900, 620600],
                               [6920010, 6920035, 6920070, 6920150, 6920160, 6920250, 6920320,
                               6920350])  # fmt: skip
NORTH_CREST = PchipInterpolator([617900, 618126, 618500, 618816, 619070, 619400, 619800, 620374,
620600],
                                [62, 78, 106, 123, 124, 107, 79, 51, 44])  # fmt: skip
SOUTH_FOOT = PchipInterpolator([617900, 618126, 618700, 619200, 619600, 619900, 620600],
                               [6919560, 6919530, 6919390, 6919300, 6919285, 6919295,
                               6919360])  # fmt: skip
SOUTH_CREST = PchipInterpolator([617900, 618126, 618500, 618816, 619150, 619500, 619900, 620374,
620600],
                                [88, 80, 62, 47, 60, 70, 64, 46, 40])  # fmt: skip
NORTH_PROFILE = PchipInterpolator(
    [-2, 0, 0.16, 0.34, 0.52, 0.72, 0.86, 1.0, 2], [0, 0, 0.06, 0.19, 0.41, 0.77, 0.965, 1.0, 1.0]
)
SOUTH_PROFILE = PchipInterpolator(
    [-2, 0, 0.16, 0.5, 0.8, 1.0, 2], [0, 0, 0.08, 0.42, 0.8, 1.0, 1.2]
)


def noise(seed: int, cell: float, east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """Smooth noise, about −1 … 1, with features of `cell` metres; the lattice is turned so that no
    axis shows."""
    turn = 0.4 + 1.3 * seed
    east, north = east - TOWN[0], north - TOWN[1]
    u = (east * np.cos(turn) + north * np.sin(turn)) / cell
    v = (north * np.cos(turn) - east * np.sin(turn)) / cell
    side = int(2 * 4500 / cell) + 8
    lattice = np.random.default_rng([SEED, seed]).uniform(-1.35, 1.35, (side, side))
    return map_coordinates(lattice, [u + side / 2, v + side / 2], order=3, mode="wrap")


def smooth_base(east: np.ndarray, north: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(height without detail, how hilly 0 … 1) at points; rises steadily away from the valley, so
    streets can follow it."""
    bend = 46 * noise(1, 420, east, north) + 16 * noise(2, 170, east, north)
    plain = (
        2.4
        + 4.2 * np.clip((619700 - east) / 1500, 0, 1.2)
        + 0.004 * np.clip(6920020 - north, 0, 600)
    )
    plain += 0.7 * noise(3, 260, east, north) * np.clip((619900 - east) / 500, 0.15, 1)
    far_north = (north + bend - NORTH_FOOT(east)) / (6920850 - NORTH_FOOT(east))
    far_south = (SOUTH_FOOT(east) - north + bend) / (SOUTH_FOOT(east) - 6918688)
    hill = NORTH_CREST(east) * NORTH_PROFILE(np.clip(far_north, -1, 1.9))
    hill += SOUTH_CREST(east) * SOUTH_PROFILE(np.clip(far_south, -1, 1.9))
    wild = np.clip(np.maximum(far_north, far_south) * 2.6 - 0.1, 0, 1)
    return plain + hill, wild


def swells(east: np.ndarray, north: np.ndarray, wild: np.ndarray) -> np.ndarray:
    """Knolls, gullies and unevenness of 30 m and more: much on the hills, next to nothing in
    town."""
    swell = 4.5 * noise(4, 150, east, north) + 2.2 * noise(5, 68, east, north)
    rough = 1.0 * noise(6, 31, east, north)
    gully = -5.5 * np.exp(-((noise(9, 230, east, north) / 0.2) ** 2))
    crag = np.exp(-(((noise(10, 120, east, north) - 0.25) / 0.16) ** 2))
    knoll = 3.2 * crag * np.clip(noise(11, 34, east, north) + 0.25, 0, 1) ** 1.5
    town = 0.16 * noise(12, 45, east, north)
    return (
        wild**1.3 * (0.55 * swell + 0.8 * rough + gully) + wild**3 * (knoll + 0.45 * swell) + town
    )


def cell_centres() -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.indices(SHAPE)
    return WEST + columns + 0.5, NORTH - rows - 0.5


def anchored(heights: np.ndarray, points: list[tuple[float, float, float]]) -> np.ndarray:
    """Bends the relief, over some 250 m, so that it goes through real (east, north, height)."""
    east, north = cell_centres()
    out = heights.copy()
    for at_east, at_north, height in points:
        row = min(int(NORTH - at_north), NORTH - TOWN[1] - 1)
        column = int(at_east - WEST)
        lack = height - float(heights[row, column])
        out += lack * np.exp(-((east - at_east) ** 2 + (north - at_north) ** 2) / (2 * 130.0**2))
    return out


def burn(shapes: list, all_touched: bool = False) -> np.ndarray:
    shapes = [shape for shape in shapes if not shape.is_empty]
    if not shapes:
        return np.zeros(SHAPE, bool)
    return rasterize(shapes, SHAPE, transform=TRANSFORM, all_touched=all_touched).astype(bool)


def river_level(east: np.ndarray) -> np.ndarray:
    """Three weirs on the way through the town; below the lowest the river stands with the sea."""
    return np.select([east < 618330, east < 618690, east < 618985], [3.0, 2.0, 1.0], 0.0)


def raw_relief(anchors: list[tuple[float, float, float]]) -> np.ndarray:
    """The land before people came: no water, streets or plots yet. What is smooth is reckoned
    every COARSE metres and drawn out between, which is many times faster."""
    east, north = cell_centres()
    rows, columns = np.indices((SHAPE[0] // COARSE + 2, SHAPE[1] // COARSE + 2))
    far_east = WEST + 0.5 + COARSE * columns.astype(float)
    far_north = NORTH - 0.5 - COARSE * rows.astype(float)
    base, wild = smooth_base(far_east, far_north)
    broad = base + swells(far_east, far_north, wild)
    places = [np.indices(SHAPE)[axis] / COARSE for axis in (0, 1)]
    broad, wild = (
        map_coordinates(np.round(part, 4), places, order=1, mode="nearest")
        for part in (broad, wild)
    )
    fine = wild**1.3 * 0.8 * (0.45 * noise(7, 14, east, north) + 0.16 * noise(8, 6.5, east, north))
    return anchored(broad + fine, anchors)


def with_shores(heights: np.ndarray, sea: Polygon, river: Polygon, beach: Polygon) -> np.ndarray:
    """Quays stand 1.7 m above the sea with an upright edge, beaches slope into it, river banks
    slope to 1.2 m above it."""
    east, _ = cell_centres()
    wet_sea, wet_river = burn([sea]), burn([river])
    to_sea, to_river = distance_transform_edt(~wet_sea), distance_transform_edt(~wet_river)
    sandy = np.clip(gaussian_filter(burn([beach]).astype(np.float32), 12), 0, 1)
    out = np.maximum(heights, 1.7)
    near = np.clip(1 - (to_sea - 14) / 60, 0, 1)
    out += near**2 * (np.minimum(out, 1.8) - out)
    strand = np.minimum(out, 0.2 + 0.075 * to_sea)
    out += sandy * (strand - out)
    level = river_level(east)
    level = gaussian_filter(level, (0, 6))
    bank = np.clip((to_river - 3) / 55, 0, 1) ** 0.8
    low = np.minimum(np.maximum(out, level + 1.25), level + 1.45)
    return np.where(to_sea > 12, np.maximum(out, level + 1.25) * bank + low * (1 - bank), out)


def graded(heights: np.ndarray, lines: list[tuple[LineString, float]]) -> np.ndarray:
    """Streets lie on a smoothed profile, level across, with banks that run out into the hillside.
    lines: (line, half width)."""
    smooth = gaussian_filter(heights, 16)
    core = burn([line.buffer(0.8) for line, _ in lines], all_touched=True)
    carriage = burn([line.buffer(half + 1.0) for line, half in lines])
    _, (rows, columns) = distance_transform_edt(~core, return_indices=True)
    profile = gaussian_filter(smooth[rows, columns], 2.0)
    outside = distance_transform_edt(~carriage)
    weight = np.clip(1 - outside / 11, 0, 1)
    weight = weight * weight * (3 - 2 * weight)
    return heights + weight * (profile - heights)


def levelled(heights: np.ndarray, plots: list[Polygon], streets: np.ndarray) -> np.ndarray:
    """Plots are partly levelled for their houses, with a soft edge; streets (bool mask) stay as
    they are."""
    labels = rasterize(
        [(plot, number + 1) for number, plot in enumerate(plots)],
        SHAPE,
        transform=TRANSFORM,
        dtype="int32",
    )
    count = np.maximum(np.bincount(labels.ravel(), minlength=len(plots) + 1), 1)
    mean = np.bincount(labels.ravel(), heights.ravel(), minlength=len(plots) + 1) / count
    away, (rows, columns) = distance_transform_edt(labels == 0, return_indices=True)
    weight = np.clip(1 - (away - 1) / 6, 0, 1)
    weight = 0.7 * weight * weight * (3 - 2 * weight)
    weight = np.where(streets, 0, weight)
    soft = gaussian_filter(heights + weight * (mean[labels[rows, columns]] - heights), 1.5)
    keep = np.clip(distance_transform_edt(~streets) / 3, 0, 1)
    return heights + keep * np.clip(weight * 3, 0, 1) * (soft - heights)


def terraced(
    heights: np.ndarray, shapes: list[Polygon], reach: float, kept: np.ndarray | None = None
) -> np.ndarray:
    """Each shape lies level, at a whole metre, and runs out softly over `reach` metres; where
    `kept` (bool mask) the ground stays."""
    out = heights.copy()
    for shape in shapes:
        window, here = window_of(shape, reach + 6)
        inside = rasterize(
            [shape], (window[0].stop - window[0].start, window[1].stop - window[1].start),
            transform=here, all_touched=True,
        ).astype(bool)  # fmt: skip
        if not inside.any():
            continue
        ground = out[window]
        weight = np.clip(1 - distance_transform_edt(~inside) / reach, 0, 1)
        weight = weight * weight * (3 - 2 * weight)
        if kept is not None:
            stays = kept[window]
            weight = (
                weight * np.clip(distance_transform_edt(~stays) / 4, 0, 1)
                if stays.any()
                else weight
            )
        out[window] = ground + weight * (np.round(np.median(ground[inside])) - ground)
    return out


def window_of(shape: Polygon, margin: float) -> tuple[tuple[slice, slice], Affine]:
    """(rows and columns of the cells around a shape, the transform of that window)."""
    west, south, east, north = shape.bounds
    top, bottom = int(NORTH - north - margin), int(NORTH - south + margin) + 1
    left, right = int(west - margin - WEST), int(east + margin - WEST) + 1
    top, left = min(max(top, 0), SHAPE[0] - 1), min(max(left, 0), SHAPE[1] - 1)
    bottom, right = min(max(bottom, top + 1), SHAPE[0]), min(max(right, left + 1), SHAPE[1])
    return (slice(top, bottom), slice(left, right)), TRANSFORM * Affine.translation(left, top)


def flattened(heights: np.ndarray, square: Polygon) -> np.ndarray:
    """A paved square lies level, at a whole metre so that no step crosses it, and runs out softly
    into the streets around it."""
    inside = burn([square], all_touched=True)
    level = np.round(np.median(heights[inside]))
    weight = np.clip(1 - distance_transform_edt(~inside) / 25, 0, 1)
    return heights + weight * weight * (3 - 2 * weight) * (level - heights)


def finished(heights: np.ndarray, sea: Polygon, river: Polygon) -> np.ndarray:
    """float32, flat water, in steps of 1/8 m, and never on the half metre that rounding could take
    either way."""
    east, _ = cell_centres()
    out = np.round(heights * 8) / 8
    out = np.where(burn([river]), river_level(east), out)
    out = np.where(burn([sea]), 0.0, out)
    out = np.where(np.mod(out, 1) == 0.5, out + 1 / 8, out)
    return out.astype(np.float32)


def river_course() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Selångersån from the west to the harbour: points (n, 2) east, north; unit normals to the
    left; half widths (n,)."""
    course = LineString([(617950, 6919872), (618126, 6919898), (618300, 6919958), (618480, 6919945),
    (618650, 6919985),
                         (618820, 6920030), (619000, 6920012), (619180, 6920030), (619330, 6920062),
                         (619480, 6920078),
                         (619600, 6920076), (619720, 6920068)])  # fmt: skip
    points = shapely.get_coordinates(course.segmentize(8))
    points = np.column_stack(
        [gaussian_filter(points[:, axis], 5, mode="nearest") for axis in (0, 1)]
    )
    ahead = np.gradient(points, axis=0)
    normal = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.hypot(*ahead.T)[:, None]
    steps = np.arange(len(points))
    return points, normal, 14.8 + 1.6 * np.sin(steps / 9.0) + 0.9 * np.sin(steps / 3.7)


def water_shapes(land: Polygon) -> tuple[Polygon, Polygon, Polygon]:
    """(sea, river, beach). The sea is what the real, generalised land leaves; the harbour head gets
    straight quays, drawn by eye within the error of that shoreline; the river's course is drawn by
    eye."""
    west, south, east, north = TOWN
    area = shapely.box(west - 200, south - 200, east + 200, north + 200)
    sea = max(shapely.get_parts(area.difference(land)), key=lambda part: part.area)
    head, corner = (619640, 6920104), (619668.5, 6919954.3)
    sea = sea.union(Polygon([head, (619800, 6920112), (619800, 6919915), corner]))
    for solid in (
        [(619500, 6920104), head, (east + 200, 6920150), (east + 200, 6920330), (619500, 6920330)],
        [(619500, 6920104), head, corner, (619500, 6919900)],
    ):
        sea = sea.difference(Polygon(solid))
    sea = max(shapely.get_parts(sea), key=lambda part: part.area)
    points, normal, half = river_course()
    river = Polygon(
        np.vstack([points + normal * half[:, None], (points - normal * half[:, None])[::-1]])
    ).difference(sea)
    river = max(shapely.get_parts(river), key=lambda part: part.area)
    return sea, river, shapely.box(620090, 6919450, east + 200, 6919700)
