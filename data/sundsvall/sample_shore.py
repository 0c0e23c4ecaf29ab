"""Jetties for small boats in the inner harbour, and a beach with a bathing jetty on the south
shore: illustrative, drawn by eye."""

from __future__ import annotations

import numpy as np
import shapely
from sample_streets import INSIDE
from shapely import LineString, Point, Polygon

HARBOUR = ((619640, 6920104), (619668.5, 6919954.3))
"""The ends of the quay at the head of the harbour, from the north."""
BERTHS = (78.0, 101.0, 124.0)
"""Metres along that quay at which jetties begin."""
LENGTH_M, WIDTH_M, HEAD_M = 46.0, 3.0, 14.0
BEACH_DEEP_M = 20.0
DECIMALS = 0.1


def jetty_rows(sea: Polygon, beach: Polygon, club: list[tuple[LineString, float]]) -> list[dict]:
    """Lines with their width: three jetties out from the quay, the middle one with a crosswise
    head, and those of the boat club; the point where one bathes."""
    start, end = np.array(HARBOUR, float)
    along = (end - start) / np.hypot(*(end - start))
    out = np.array([-along[1], along[0]])
    rows = []
    for number, place in enumerate(BERTHS):
        foot = start + place * along
        tip = foot + LENGTH_M * out
        rows.append((LineString([foot - out, tip]), WIDTH_M))
        if number == 1:
            rows.append((LineString([tip - HEAD_M / 2 * along, tip + HEAD_M / 2 * along]), WIDTH_M))
    rows += club
    piers = [
        {"man_made": "pier", "width": width, "geometry": shapely.set_precision(line, DECIMALS)}
        for line, width in rows
    ]
    return [*piers, {"leisure": "bathing_place", "geometry": bathing_place(sea, beach)}]


def bathing_place(sea: Polygon, beach: Polygon) -> Point:
    """In the middle of the beach's shore."""
    shore = max(
        shapely.get_parts(sea.boundary.intersection(beach.intersection(INSIDE))),
        key=lambda part: part.length,
    )
    return shapely.set_precision(shore.interpolate(0.5, normalized=True), DECIMALS)


def beach_rows(sea: Polygon, beach: Polygon) -> list[dict]:
    sand = sea.buffer(BEACH_DEEP_M).difference(sea).intersection(beach).intersection(INSIDE)
    return [
        {"natural": "beach", "name": "Stranden", "geometry": shapely.set_precision(sand, DECIMALS)}
    ]
