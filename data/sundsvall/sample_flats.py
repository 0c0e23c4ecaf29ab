"""Blocks of flats of the 1940s to 70s in the low town, each face of the streets by one plan: slabs
in rows or round a yard, or towers; with car parks, garages, playgrounds, and what stands about."""

from __future__ import annotations

import numpy as np
import shapely
from sample_houses import FLATS, GARAGE, SHED, House, Site, put
from sample_sheet import Axes, Sheet
from sample_streets import Street
from shapely import LineString, Point, Polygon, box

PARK_M = (17.5, 40.0)
"""Width and least length of a car park: one aisle with bays on both sides."""
Place = tuple[Axes, float, float]
"""Axes of a piece of ground, its length and width."""
PLANNED = (
    (619815, 6920100, 620300, 6920320), (619880, 6919545, 620330, 6919670),
    (619640, 6919780, 620000, 6920000), (618270, 6919850, 618550, 6919990),
)  # fmt: skip
"""West, south, east and north of ground for which there are plans."""


def axes_of(shape: Polygon) -> tuple[Axes, float, float]:
    """(axes along the longer side of the smallest rectangle around, its length and width)."""
    corners = np.round(shapely.get_coordinates(shape.minimum_rotated_rectangle)[:4], 2)
    sides = np.round(np.hypot(*np.diff(np.vstack([corners, corners[:1]]), axis=0).T), 1)
    first = int(np.argmax(sides[:2]))
    start, ahead, across = corners[first], corners[(first + 1) % 4], corners[(first + 2) % 4]
    run, left = ahead - start, across - ahead
    if run[0] * left[1] - run[1] * left[0] < 0:
        start, run = ahead, -run
    turn = round(float(np.degrees(np.arctan2(run[1], run[0]))), 2)
    return (
        Axes(float(start[0]), float(start[1]), turn),
        float(sides[first]),
        float(sides[1 - first]),
    )


def fits(sheet: Sheet, inner: Polygon, shape: Polygon, gap: float) -> bool:
    return bool(inner.contains(shape)) and sheet.claims.share(grown(shape, gap)) == 0


def car_park(site: Site, sheet: Sheet, inner: Polygon, place: Place, streets: list[Street]) -> None:
    """At an end of the yard, with a way in."""
    axes, length, width = place
    longest = min(width - 12, float(site.rng.integers(10, 16)) * 4.0)
    if longest < PARK_M[1]:
        return
    for a in (4.0, length - PARK_M[0] - 4, length / 2 - PARK_M[0] / 2):
        for b in (5.0, width - longest - 5, width / 2 - longest / 2):
            shape = axes.box(a, a + PARK_M[0], b, b + longest)
            if fits(sheet, inner, shape, 1.0):
                sheet.square("asphalt", shape)
                sheet.claims.claim(shape.buffer(1.5))
                way_in(sheet, shape, streets)
                return


def way_in(sheet: Sheet, shape: Polygon, streets: list[Street]) -> None:
    """From the nearest street; none where a development is planned, whose streets are its own."""
    if any(box(*ground).intersects(shape) for ground in PLANNED):
        return
    roads = [
        street
        for street in streets
        if street.highway in ("primary", "secondary", "residential") and not street.bridge
    ]
    near = min(roads, key=lambda street: round(street.line.distance(shape), 2))
    if near.line.distance(shape) > 40:
        return
    foot, edge = (shapely.get_point(shapely.shortest_line(near.line, shape), n) for n in (0, 1))
    middle = shape.centroid
    inside = Point(edge.x + 0.25 * (middle.x - edge.x), edge.y + 0.25 * (middle.y - edge.y))
    points = [(round(p.x, 2), round(p.y, 2)) for p in (foot, edge, inside)]
    sheet.ways.append(
        Street(LineString(points), "service", None, 4.5, 2.8, service="parking_aisle")
    )


def house_of(floors: int) -> House:
    flat = floors > 3
    return House(FLATS, 3.0 * floors + 1.0, 0.0 if flat else 3.0, "flat" if flat else "gable")


def estate(site: Site, sheet: Sheet, face: Polygon, streets: list[Street]) -> None:
    """One face, in pieces that were built at different times: of each its car park, its houses,
    then what lies between."""
    inner = face.buffer(-4.5)
    if inner.is_empty or inner.area < 600:
        return
    axes, length, width = axes_of(face)
    count = max(1, round(length / 135))
    cuts = [round(float(cut), 1) for cut in np.linspace(0, length, count + 1)]
    for first, last in zip(cuts[:-1], cuts[1:], strict=True):
        piece = inner.intersection(axes.box(first + 3, last - 3, -5, width + 5))
        for part in shapely.get_parts(piece):
            if part.geom_type == "Polygon" and part.area > 500:
                own = Axes(*axes.point(first + 3, 0), axes.turn)
                one_estate(site, sheet, part, (own, last - first - 6, width), streets)


def one_estate(
    site: Site, sheet: Sheet, inner: Polygon, place: Place, streets: list[Street]
) -> None:
    rng = site.rng
    axes, length, width = place
    if inner.area > 2800:
        car_park(site, sheet, inner, (axes, length, width), streets)
    floors = int(rng.choice([2, 3, 3, 3, 4, 4, 5]))
    lot = rng.random()
    deep = round(float(rng.uniform(11, 12.4)), 1)
    across = [(deep, long) for long in (56.0, 46.0, 36.0, 26.0)]
    along = [(long, deep) for long in (60.0, 48.0, 38.0, 26.0)]
    if lot < 0.17:
        filled(site, sheet, inner, axes, ([(18.0, 17.0)], 24.0, int(rng.integers(5, 10))))
    elif lot < 0.5 and width > 40:
        filled(site, sheet, inner, axes, (across, round(float(rng.uniform(17, 23)), 1), floors))
    elif lot < 0.8 and width > 60:
        filled(site, sheet, inner.difference(inner.buffer(-22)), axes, (along[:3], 7.0, floors))
        filled(
            site,
            sheet,
            inner.difference(inner.buffer(-22)),
            axes,
            (across, 7.0, max(3, floors - 1)),
        )
    else:
        filled(site, sheet, inner, axes, (along, round(float(rng.uniform(15, 20)), 1), floors))
    yard_things(site, sheet, inner, axes, (length, width))


def filled(site: Site, sheet: Sheet, ground: Polygon, axes: Axes, plan: tuple) -> None:
    """Puts houses wherever the ground takes one, the largest first. plan: their sizes along and
    across, how far apart they stand, floors."""
    sizes, apart, floors = plan
    corners = shapely.get_coordinates(ground)
    back = np.radians(axes.turn)
    east, north = corners[:, 0] - axes.east, corners[:, 1] - axes.north
    a = np.round(east * np.cos(back) + north * np.sin(back), 1)
    b = np.round(north * np.cos(back) - east * np.sin(back), 1)
    shapely.prepare(ground)
    for long, deep in sizes:
        for b0 in np.arange(b.min() + 0.5, b.max() - deep, 5.0):
            for a0 in np.arange(a.min() + 0.5, a.max() - long, 6.0):
                shape = axes.box(float(a0), float(a0) + long, float(b0), float(b0) + deep)
                if not ground.contains(shape) or sheet.claims.share(grown(shape, 2.0)) > 0:
                    continue
                if put(site, shape, house_of(floors), min(apart, 5.0)):
                    sheet.claims.claim(grown(shape, apart - 2.0))


def grown(shape: Polygon, by: float) -> Polygon:
    return shape.buffer(by, join_style="mitre")


def yard_things(
    site: Site, sheet: Sheet, inner: Polygon, axes: Axes, size: tuple[float, float]
) -> None:
    """A playground, a wash house, garages, bicycle stands, benches, where there is room."""
    rng = site.rng
    length, width = size
    wishes = [
        ("playground", 17.0, 12.0),
        ("garages", 27.0, 6.0),
        ("wash", 8.0, 6.0),
        ("grill", 9.0, 8.0),
        ("bicycles", 6.0, 4.0),
        ("carpets", 6.0, 5.0),
    ]
    if inner.area < 2600:
        wishes = wishes[2:5]
    for what, long, wide in wishes:
        for _ in range(14):
            a, b = (
                float(rng.uniform(4, max(5, length - long - 4))),
                float(rng.uniform(4, max(5, width - wide - 4))),
            )
            shape = axes.box(a, a + long, b, b + wide)
            if not fits(sheet, inner, shape, 1.5):
                continue
            middle = axes.point(a + long / 2, b + wide / 2)
            if what == "playground":
                sheet.area("playground", shape)
            elif what in ("garages", "wash"):
                put(
                    site,
                    shape,
                    House(
                        GARAGE if what == "garages" else SHED,
                        2.6,
                        0.0 if what == "garages" else 1.0,
                        "flat" if what == "garages" else "gable",
                    ),
                    2.0,
                )
            elif what == "grill":
                sheet.thing("barbecue", middle, axes.bearing(0))
                sheet.thing("picnic_table", axes.point(a + 2, b + 3), axes.bearing(0))
            elif what == "bicycles":
                sheet.thing("bicycle_parking", middle, axes.bearing(90 * int(rng.integers(4))))
            else:
                sheet.thing("carpet_rack", middle, axes.bearing(0))
                sheet.thing("clothes_line", axes.point(a + 2, b + 1), axes.bearing(0))
            sheet.claims.claim(shape)
            break
