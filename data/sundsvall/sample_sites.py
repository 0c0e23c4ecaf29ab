"""What stands on ground of its own: schools, the hospital, sports grounds, allotments, the boat
club, blocks of the 1960s in their hollows. Each is a table in metres along (a) and across (b)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sample_houses import FLATS, GARAGE, SHED, House, Site, put
from sample_sheet import Axes, Sheet, xy
from sample_streets import Street
from shapely import LineString, Point, Polygon

SCHOOL, CARE, SPORT = (
    "Samhällsfunktion;Skola",
    "Samhällsfunktion;Sjukhus",
    "Samhällsfunktion;Ishall",
)


Box = tuple[float, float, float, float]
Spot = tuple[float, float]


@dataclass(frozen=True)
class Plan:
    """A site: where it lies, which way it is turned, its ground (a0, a1, b0, b1), whether that is
    level, and what is on it."""

    name: str
    at: tuple[float, float]
    turn: float
    ground: tuple[float, float, float, float]
    things: tuple[tuple, ...]
    level: bool = True

    @property
    def axes(self) -> Axes:
        return Axes(*xy(*self.at), self.turn)

    @property
    def shape(self) -> Polygon:
        return self.axes.box(*self.ground)


def house(
    use: str,
    box: tuple[float, float, float, float],
    floors: float,
    roof: str = "flat",
    name: str | None = None,
) -> tuple:
    return "house", use, box, floors, roof, name


def area(kind: str, box: tuple[float, float, float, float], sport: str | None = None) -> tuple:
    return "area", kind, box, sport


def square(kind: str, box: tuple[float, float, float, float]) -> tuple:
    return "square", kind, box


def way(
    points: list[tuple[float, float]],
    highway: str = "service",
    width: float = 5.0,
    surface: str = "asphalt",
    enters: bool = True,
) -> tuple:
    """enters: it begins at the nearest street."""
    return "way", highway, width, surface, points, enters


def edge(kind: str, points: list[tuple[float, float]], height: float | None = None) -> tuple:
    return "edge", kind, points, height


def built(kind: str, a: float, b: float, wide: float = 0.0, height: float | None = None) -> tuple:
    return "structure", kind, a, b, wide, height


def thing(kind: str, *places: tuple[float, float, float]) -> tuple:
    return "thing", kind, places


def trees(kind: str, points: list[tuple[float, float]]) -> tuple:
    return "trees", kind, points


def row(a0: float, a1: float, b: float, step: float) -> list[tuple[float, float]]:
    return [(float(a), b) for a in np.arange(a0, a1 + 0.1, step)]


HOSPITAL = Plan("sjukhuset", (8364, 10216), 5, (-112, 112, -54, 54), (
    house(CARE, (-60, 30, 8, 24), 7, name="Sjukhuset"),
    house(CARE, (-44, -30, 24.2, 50), 5, name="Sjukhuset"),
    house(CARE, (8, 22, 24.2, 50), 5, name="Sjukhuset"),
    house(CARE, (-22, 2, -16, 7.8), 3, name="Sjukhuset"),
    house(CARE, (-96, -66, -2, 14), 3, name="Sjukhuset"),
    house(CARE, (40, 58, 0, 40), 4, name="Sjukhuset"),
    house("Samhällsfunktion;Ambulansstation", (-100, -78, 28, 42), 1.3),
    built("chimney", -62, 46, 2, 32), built("flagpole", -20, -26, 0, 10),
    built("flagpole", -24, -26, 0, 10),
    area("helikopterplatta", (84, 104, 26, 46)),
    built("floodlight", 82, 24, 0, 12),
    square("asphalt", (-104, -40, -50, -16)), square("asphalt", (16, 104, -50, -16)),
    square("asphalt", (66, 104, -10, 18)),
    way([(-12, -40), (-12, -22), (6, -22)], "service", 6.0),
    way([(-104, -33), (-108, 20), (-74, 24)], "service", 5.0, enters=False),
    way([(-40, -33), (-12, -33)], "service", 5.0, enters=False),
    way([(-12, -33), (16, -33)], "service", 5.0, enters=False),
    way([(40, -14), (62, -10), (66, 4)], "service", 5.0, enters=False),
    thing("bus_stop", (-12, -52, 0)), thing("bench", (-20, -20, 180), (6, -18, 180)),
    thing("bicycle_parking", (-26, -20, 180), (-30, -20, 180)),
    thing("charging_station", (17.5, -14.5, 180)), thing("parking_meter", (-60, -14.5, 180),
    (60, -14.5, 180)),
    thing("windsock", (80, 48, 0)), thing("map_board", (-6, -30, 0)),
    thing("grit_bin", (-70, -14, 180)),
    trees("birch", [*row(-100, -44, -52, 12), *row(20, 100, -52, 12)]),
    trees("pine", [*row(-60, 60, 52.5, 15)]),
))  # fmt: skip

SCHOOL_NORTH = Plan("norra skolan", (9008, 10186), 0, (-78, 78, -46, 46), (
    house(SCHOOL, (-40, 22, 22, 35), 3, "gable", "Norra skolan"),
    house(SCHOOL, (22.2, 35, -8, 35), 2, "gable", "Norra skolan"),
    house(SCHOOL, (-62, -44, 4, 34), 2, "flat", "Norra skolan, gymnastiksal"),
    house(SHED, (38, 46, 28, 33), 1, "gable"),
    area("skolgård", (-40, 20, -8, 20)), area("pitch", (-36, 14, -43, -12), "soccer"),
    area("pitch", (44, 72, -18, -3), "basketball"),
    area("playground", (44, 70, 4, 22)), square("asphalt", (20, 66, -43, -22)),
    way([(68, -32), (74, 0), (74, 36), (50, 38)], "service", 4.5),
    way([(66, -32), (74, -32)], "service", 4.5, enters=False),
    way([(-70, -40), (-66, -10), (-42, -2)], "footway", 3.0),
    thing("bicycle_parking", *((-36 + 4 * n, 20.8, 180) for n in range(5))),
    thing("table_tennis", (40, 0, 0)),
    thing("bench", (-42, 12, 90), (-42, 4, 90)), built("flagpole", -8, 12, 0, 10),
    thing("waste_basket", (18, 14, 0)), edge("wire", [(-40, -45), (18, -45)], 3.0),
    edge("häck", [(-76, -20), (-76, 42), (60, 42)]),
    trees("linden", row(-70, 60, 44, 12)),
))  # fmt: skip

SCHOOL_SOUTH = Plan("södra skolan", (9456, 9132), -2, (-82, 82, -46, 44), (
    house(SCHOOL, (-66, -52, -30, 28), 2, "flat", "Södra skolan"),
    house(SCHOOL, (-51.8, -10, 14, 28), 2, "flat", "Södra skolan"),
    house(SCHOOL, (-51.8, -18, -30, -16), 1.2, "flat", "Södra skolan"),
    house("Samhällsfunktion;Förskola", (40, 68, 20, 34), 1.2, "gable", "Förskolan"),
    area("skolgård", (-50, -8, -14, 12)), area("skolgård", (38, 74, -2, 16)),
    area("pitch", (4, 70, -44, -8), "soccer"), area("multi", (12, 34, 18, 36)),
    square("asphalt", (-8, 30, -4, 14)),
    way([(0, 40), (4, 30), (8, 13)], "service", 4.5), way([(-72, 36), (-70, -40), (-14, -42)],
    "footway", 3.0),
    edge("picket", [(38, 17), (38, -3), (75, -3), (75, 36), (36, 36), (36, 26)]),
    edge("wire", [(3, -7), (3, -45), (71, -45), (71, -12)], 3.0),
    thing("bicycle_parking", *((-46 + 4 * n, 12.8, 180) for n in range(6))),
    built("flagpole", -14, 4, 0, 9),
    thing("fitness", (-20, -38, 0), (-28, -38, 0), (-36, -38, 0)),
    thing("table_tennis", (-12, -22, 0)),
    trees("birch", row(-76, 76, 42, 14)),
))  # fmt: skip

SPORTS = Plan("idrottsplatsen", (8486, 9056), -14, (-110, 104, -62, 62), (
    area("pitch", (-102, 74, -58, 34), "athletics"),
    house(SPORT, (-96, -32, 42, 60), 2.6, "flat", "Ishallen"),
    house("Samhällsfunktion;Idrott", (8, 39, 37, 43), 1.2, "skillion"),
    area("läktare", (-20, 6, 36, 41)), area("pitch", (80, 98, -56, -20), "tennis"),
    area("pitch", (80, 98, -16, 20), "tennis"),
    area("ishockeyrink", (50, 94, 40, 60)), square("asphalt", (-26, 40, 44.5, 61.5)),
    way([(44, 52), (44, 36), (78, 28), (100, 26)], "service", 5.0, enters=False),
    way([(98, 26), (100, 26)], "service", 5.0),
    edge("wire", [(-104, -60), (-104, 36), (-24, 36)], 2.5),
    edge("wire", [(79, 22), (79, -57), (99, -57), (99, 21), (82, 21)], 4.0),
    built("belysningsmast", -104, -40, 0, 18), built("belysningsmast", -104, 22, 0, 18),
    built("belysningsmast", 76, -40, 0, 18), built("belysningsmast", 76, 24, 0, 18),
    thing("bench", (0, 43, 180)), thing("bicycle_parking", (46, 48, 90), (46, 44, 90)),
    thing("stall", (8, 37, 180)),
))  # fmt: skip

HILL_FLATS = Plan("miljonprogrammet", (9770, 10398), 8, (-166, 162, -54, 52), (
    *(house(FLATS, (a, a + 11.5, -40, 14), 8 if n == 1 else 4) for n,
    a in enumerate((-150, -108, -66))),
    *(house(FLATS, (a, a + 11.5, -40, 14), 4) for a in (12, 54, 96)),
    house(FLATS, (-150, -96, 34, 45.5), 3), house(FLATS, (-86, -26, 34, 45.5), 3),
    house(FLATS, (30, 88, 34, 45.5), 3), house(FLATS, (98, 150, 34, 45.5), 3),
    house("Verksamhet;Handel", (-36, -8, -44, -28), 1.3), house(SHED, (-48, -42, 18, 22), 1),
    house(SHED, (74, 80, 18, 22), 1),
    square("asphalt", (-50, 6, -22, 8)), square("asphalt", (116, 158, -46, -10)),
    house(GARAGE, (118, 154, -4, 2), 0.8), house(GARAGE, (118, 154, 8, 14), 0.8),
    area("playground", (-134, -114, -12, 8)), area("playground", (70, 92, -14, 6)),
    area("park", (-90, -70, -36, 10)), area("park", (28, 50, -36, 10)),
    area("multi", (-20, 8, 16, 32)),
    way([(0, -52), (-4, -28), (0, -22)], "service", 5.5),
    way([(-22, 8), (-24, 22), (-40, 28), (-150, 28)], "service", 4.0, enters=False),
    way([(-22, 22), (20, 24), (150, 26)], "service", 4.0, enters=False),
    way([(136, -52), (136, -46)], "service", 5.5),
    *(way([(a, 28), (a, -44)], "footway", 2.0, "gravel", enters=False) for a in (-154, -112, -94)),
    *(way([(a, 24), (a, -44)], "footway", 2.0, "gravel", enters=False) for a in (52, 94)),
    thing("bicycle_parking", (-136, -16, 0), (-94, -20, 90), (66, -20, 90), (26, -20, 90)),
    thing("carpet_rack", (-124, -26, 0), (80, -26, 0)),
    thing("clothes_line", (-80, -44, 0), (40, -44, 0)), thing("bench", (-134, 10, 180),
    (92, 8, 180), (30, 12, 180)), thing("recycling", (8, 10, 90)),
    thing("barbecue", (-80, 14, 0)), thing("parcel_locker", (-24, -46, 180)),
    thing("post_row", (-52, 12, 90), (110, 12, 90)),
    trees("birch", [(-128, -36), (-122, -20), (-84, 16), (-78, -20), (36, -20), (42, -4), (84, -38),
    (78, 12)]), trees("pine", row(-160, 156, 50, 16)),
    trees("linden", [(-54, -24), (-54, -10), (-54, 4)]),
))  # fmt: skip

SOUTH_FLATS = Plan("lamellhusen", (8292, 9374), -16, (-116, 118, -62, 62), (
    house(FLATS, (-104, -44, 40, 51), 3, "gable"), house(FLATS, (-30, 30, 40, 51), 3, "gable"),
    house(FLATS, (44, 100, 40, 51), 3, "gable"),
    house(FLATS, (-104, -92.5, -44, 14), 4), house(FLATS, (-66, -54.5, -44, 14), 4),
    house(FLATS, (92, 103, -50, 6), 3, "gable"),
    house(FLATS, (-30, -12, -46, -29), 9), house(FLATS, (20, 38, -46, -29), 9),
    house(FLATS, (64, 82, -46, -29), 9),
    square("asphalt", (-44, 46, -4, 14)), house(GARAGE, (52, 80, 4, 10), 0.8),
    house(GARAGE, (52, 80, -8, -2), 0.8),
    area("playground", (-86, -70, -30, -8)), area("boules", (60, 72, 20, 32)),
    area("park", (-34, 56, 20, 34)), area("kind=odlingslotter", (-90, -52, 18, 34)),
    way([(40, 60), (37, 30), (30, 14)], "service", 5.0), way([(-38, -4), (-40, -26), (10, -24),
    (56, -22), (86, -20)], "service", 4.0, enters=False),
    way([(46, 2), (50, 2)], "service", 4.0, enters=False),
    *(way([(a, 36), (a + 56, 36)], "footway", 2.0, "gravel", enters=False) for a in (-102, 40)),
    way([(-88, 32), (-88, -46), (-44, -48)], "footway", 2.0, "gravel", enters=False),
    thing("bicycle_parking", (-50, -10, 90), (-8, -27, 0), (42, -27, 0)),
    thing("carpet_rack", (-78, 2, 0), (4, 24, 0)), thing("clothes_line", (30, 24, 0), (12, 28, 0)),
    thing("bench", (-86, -6, 180), (0, 36, 180), (66, 34, 180)), thing("recycling", (-48, 12, 90)),
    thing("swing", (-20, 28, 0)), thing("springy", (-8, 28, 0), (-4, 28, 0)),
    trees("birch", [(-80, 10), (-24, 24), (-10, 30), (24, 32), (48, 28), (0, -48), (50, -40),
    (-46, -40)]), trees("linden", row(-42, 42, 17, 12)),
))  # fmt: skip

ALLOTMENTS = Plan("kolonilotterna", (8650, 9372), -17, (-66, 66, -28, 28), (
    area("allotments", (-62, 30, -25, 25)), area("plantskola", (36, 62, -24, 4)),
    house(SHED, (38, 46, 12, 17), 1, "gable"), built("växthus", 55, 14, 8, 4),
    way([(33, 27), (33, -24)], "track", 3.0, "gravel"), thing("water_tap", (31, 8, 90)),
    thing("bee_hives", (60, 22, 180)),
    thing("insect_hotel", (50, 22, 180)), thing("notice_board", (35, 25, 0)),
))  # fmt: skip

NORTH_ALLOTMENTS = Plan("norra kolonin", (10140, 10470), 6, (-40, 40, -24, 24), (
    area("allotments", (-37, 37, -21, 21)), thing("water_tap", (0, 23, 0)),
))  # fmt: skip

CEMETERY = Plan("griftegården", (8724, 10228), 6, (-62, 62, -34, 30), (
    house("Samhällsfunktion;Kapell", (-10, 8, -4, 6), 2, "gable", "Kapellet"),
    area("cemetery", (-58, -16, -31, 27)), area("cemetery", (14, 58, -31, 27)),
    edge("stenmur", [(-61, 29), (-61, -33), (-6, -33)], 1.0),
    edge("stenmur", [(2, -33), (61, -33), (61, 29), (-61, 29)], 1.0),
    way([(-2, -33), (-2, -6)], "footway", 3.0, "gravel"),
    thing("bench", (-12, -16, 90), (10, -16, 270)), thing("water_tap", (-12, 12, 0)),
    thing("bell", (12, 10, 0)),
    trees("linden", [(-13, b) for b in (-28, -18, 18)] + [(11, b) for b in (-28, -18, 20)]),
    trees("spruce", [(-50, 24), (50, 24), (54, -26)]),
), level=False)  # fmt: skip

KINDERGARTEN = Plan("förskolan", (9872, 9262), 2, (-34, 34, -24, 24), (
    house("Samhällsfunktion;Förskola", (-26, 8, 6, 18), 1.2, "gable", "Förskolan Kotten"),
    area("förskolegård", (-28, 10, -20, 4)), square("asphalt", (13, 32, -20, 18)),
    edge("picket", [(-29, 5), (-29, -21), (11, -21), (11, 4)]),
    way([(22, 22), (22, 16)], "service", 5.0), thing("bicycle_parking", (10, 12, 90)),
))  # fmt: skip

SKI = Plan("slalombacken", (8292, 8950), -82, (-140, 132, -18, 26), (
    area("skiing", (-118, 128, -9, 9), "skiing"), edge("stollift", [(-120, 17), (126, 17)]),
    house("Samhällsfunktion;Idrott", (-136, -126, -12, -2), 1.2, "gable", "Värmestugan"),
    built("belysningsmast", -60, -13, 0, 14), built("belysningsmast", 20, -13, 0, 14),
    built("belysningsmast", 100, -13, 0, 14),
    thing("firepit", (-130, 8, 0)), thing("picnic_table", (-134, 4, 0)),
), level=False)  # fmt: skip

RIVER_PARK = Plan("åparken", (8622, 9908), 12, (-50, 50, -17, 17), (
    area("minigolf", (-46, -14, -14, 8)), area("pitch", (-8, 16, -14, 4), "skateboard"),
    area("playground", (20, 44, -12, 6)),
    thing("picnic_table", (-30, 12, 0), (-20, 12, 0)), thing("barbecue", (-10, 12, 0)),
    thing("fitness", (22, 11, 0), (30, 11, 0), (38, 11, 0)),
    thing("toilets", (0, 11, 180)), thing("drinking_water", (10, 10, 0)),
    trees("linden", row(-46, 46, 15.5, 10)),
), level=False)  # fmt: skip

SITES = (
    HOSPITAL,
    SCHOOL_NORTH,
    SCHOOL_SOUTH,
    SPORTS,
    HILL_FLATS,
    SOUTH_FLATS,
    ALLOTMENTS,
    NORTH_ALLOTMENTS,
    CEMETERY,
    KINDERGARTEN,
    SKI,
    RIVER_PARK,
)


def shelves() -> list[Polygon]:
    """The ground that lies level."""
    return [plan.shape for plan in SITES if plan.level]


def storeys(use: str, floors: float, roof: str) -> tuple[float, float]:
    """(eaves, rise) in metres."""
    storey = 3.7 if use.startswith("Samhälls") else 3.0
    return round(storey * floors + (1.0 if floors > 1 else 0.4), 1), 0.0 if roof == "flat" else 2.8


@dataclass(frozen=True)
class Drawing:
    """What a site is drawn on. lanes: its ways, a little wider than they are."""

    axes: Axes
    site: Site
    sheet: Sheet
    lanes: shapely.Geometry


def lay(plan: Plan, site: Site, sheet: Sheet, streets: list[Street]) -> None:
    """Draws a site, its ways first: nothing stands in them."""
    for sort, *facts in plan.things:
        if sort == "way":
            sheet.ways.append(_way(plan.axes, streets, *facts))
            sheet.claims.claim(sheet.ways[-1].line.buffer(sheet.ways[-1].half + 0.6))
    lanes = shapely.union_all([lane.line.buffer(lane.width / 2 + 0.4) for lane in sheet.ways])
    drawing = Drawing(plan.axes, site, sheet, lanes)
    for sort, *facts in plan.things:
        if sort != "way":
            DRAWN[sort](drawing, *facts)
    sheet.claims.claim(plan.shape)


def _house(to: Drawing, use: str, box: Box, floors: float, roof: str, name: str | None) -> None:
    eaves, rise = storeys(use, floors, roof)
    put(to.site, to.axes.box(*box), House(use, eaves, rise, roof, name), 0.0)


def _area(to: Drawing, kind: str, box: Box, sport: str | None) -> None:
    if kind in ("multi", "boules"):
        kind, sport = "pitch", kind
    to.sheet.area(kind, to.axes.box(*box), sport)


def _square(to: Drawing, kind: str, box: Box) -> None:
    to.sheet.square(kind, to.axes.box(*box).difference(to.lanes.buffer(-0.4)))


def _edge(to: Drawing, kind: str, points: list[Spot], height: float | None) -> None:
    if kind == "stollift":
        to.sheet.structure(kind, to.axes.line(points))
    else:
        to.sheet.edge(kind, to.axes.line(points), height)


def _structure(
    to: Drawing, kind: str, a: float, b: float, wide: float, height: float | None
) -> None:
    half = wide / 2
    shape: shapely.Geometry = Point(to.axes.point(a, b))
    if kind == "växthus":
        shape = to.axes.box(a - half, a + half, b - half, b + half)
    elif wide:
        shape = shape.buffer(half)
    to.sheet.structure(kind, shape, height)


def _things(to: Drawing, kind: str, places: tuple[tuple[float, float, float], ...]) -> None:
    for a, b, look in places:
        to.sheet.thing(kind, to.axes.point(a, b), to.axes.bearing(look))


def _trees(to: Drawing, kind: str, points: list[Spot]) -> None:
    for a, b in points:
        if not to.lanes.dwithin(Point(to.axes.point(a, b)), 1.5):
            to.sheet.trees.append((*to.axes.point(a, b), kind, 9.0))


DRAWN: dict[str, Callable[..., None]] = {
    "house": _house, "area": _area, "square": _square, "edge": _edge, "structure": _structure,
    "thing": _things, "trees": _trees,
}  # fmt: skip
"""How each sort of thing in a plan is drawn."""


def _way(axes: Axes, streets: list[Street], *facts: Any) -> Street:
    highway, width, surface, points, enters = facts
    places = [axes.point(a, b) for a, b in points]
    if enters:
        roads = [
            street.line
            for street in streets
            if street.highway in ("primary", "secondary", "residential", "service")
            and not street.bridge
        ]
        near = min(roads, key=lambda line: round(line.distance(Point(places[0])), 2))
        foot = near.interpolate(near.project(Point(places[0])))
        places = [(round(foot.x, 2), round(foot.y, 2)), *places]
    return Street(LineString(places), highway, None, width, width / 2 + 0.6, surface)
