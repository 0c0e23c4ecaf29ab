"""The land around the town: streets that leave it go on, with houses and gardens, as far as a
square of the size of the city reaches that lies along Stenstaden. All of it is illustrative."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import shapely
from sample_hills import ALL, Network, grown, slopes_of, trace, unit, wild_ground
from sample_houses import Site
from sample_plots import Lot, build_plots
from sample_relief import SHAPE, burn
from sample_sheet import Sheet
from sample_streets import BEARING, INSIDE, TORGET, Street, longest, stretched
from sample_trees import Ground, scattered, trees_between
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate

HALF_M, SPARE_M = 1024.0, 24.0
"""Half a side of that square, and how much further data reach."""
END_M = 8.0
"""A street that ends so near the border of the town leaves it."""
REACH_M, FEWEST = 420.0, 4
"""How far a street may go on, and the fewest places it is led by."""
STEEPEST = 0.12
"""Rise of a street that goes on."""
SEAM_M = 45.0
"""Metres of the town's streets along which plots may reach into the margin."""


def beyond() -> shapely.Geometry:
    """The corners of that square outside the town."""
    half = HALF_M + SPARE_M
    east, north = TORGET
    square = box(east - half, north - half, east + half, north + half)
    return rotate(square, 90 - math.degrees(BEARING), (east, north)).difference(INSIDE)


def onward(heights: np.ndarray, streets: list[Street], kept: list[Polygon]) -> list[Street]:
    """What the streets that end at the border of the town are beyond it, led by the slopes, and
    side streets there. kept: where none may come."""
    barred = burn([*kept, *wild_ground(), ALL.difference(beyond())])
    net = Network(
        slopes_of(heights), barred, np.zeros(SHAPE, np.int32), np.random.default_rng(1904)
    )
    for street in streets:
        net.add(street)
    out = [
        net.add(found)
        for number, street in enumerate(streets, 1)
        for points in ends_of(street)
        if (found := gone_on(net, number, points)) is not None
    ]
    grown(net, out, (110, 300), (62, 86))
    return net.streets[len(streets) :]


def ends_of(street: Street) -> list[np.ndarray]:
    """(2, 2) the last point but one and the last of each end at the border of the town."""
    if street.bridge or street.highway in ("footway", "cycleway", "steps"):
        return []
    points = shapely.get_coordinates(street.line)
    ends = (points[1::-1], points[-2:])
    return [end for end in ends if INSIDE.exterior.distance(Point(end[1])) < END_M]


def gone_on(net: Network, parent: int, end: np.ndarray) -> Street | None:
    street = net.streets[parent - 1]
    heading = unit(end[1] - end[0])
    start = np.round(end[1] + END_M * heading, 2)
    if net.label(start)[1]:
        return None
    _, rise = net.slopes.at(start)
    grade = round(float(np.clip(rise @ heading, -STEEPEST, STEEPEST)), 3)
    points, _ = trace(net, start, heading, grade, REACH_M, parent)
    if len(points) < FEWEST:
        return None
    return replace(street, line=LineString([end[1], *points]))


def build_margin(
    site: Site, sheet: Sheet, streets: list[Street], further: list[Street]
) -> list[Lot]:
    """Plots with their houses along the streets beyond the town, and the ends of those in it."""
    for street in further:
        line = stretched(street.line, 3.0)
        sheet.claims.claim(line.buffer(street.paved_half + 0.2, cap_style="flat"))
    sheet.claims.claim(ALL.difference(beyond()).difference(INSIDE))
    seam = beyond().buffer(SEAM_M)
    ends = [
        replace(street, line=longest(street.line.intersection(seam)))
        for street in streets
        if street.highway == "residential" and street.line.intersects(seam)
    ]
    own = replace(site, rng=np.random.default_rng(1622), frame=ALL.bounds)
    return build_plots(own, sheet, [*further, *ends])


def margin_trees(ground: Ground) -> list[dict]:
    points = scattered(17.0, 3, ALL.bounds)
    inside = shapely.contains_xy(beyond(), points)
    return trees_between(np.random.default_rng(1889), ground, points, inside)
