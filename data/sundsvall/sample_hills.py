"""Streets of the slopes: a few that climb, drawn by hand, and from them such as follow the hillside
step by step until they meet another, or end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from rasterio.features import rasterize
from sample_relief import EAST, MARGIN, NORTH, SHAPE, SOUTH, WEST, burn, window_of
from sample_sheet import xy
from sample_streets import INSIDE, Street, curve
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from shapely import LineString, Point, Polygon, box

CELL = 4
"""Metres between the heights that streets are led by."""
ALL = box(WEST, SOUTH, EAST, NORTH)
STEP_M, APART_M, TURN = 6.0, 42.0, 0.13
"""Of a street's step; how near its middle may come to another's; the sine of its sharpest bend."""
FEWEST_M = 84.0
LINK_GRADE, STEPS_GRADE = 0.13, 0.5

CLIMBING = (
    ("Fridhemsvägen", 6.5, [(8312, 10031), (8296, 10090), (8214, 10140), (8176, 10250),
    (8196, 10345),
    (8300, 10400), (8420, 10436), (8520, 10490)]),
    ("Bergsvägen", 6.5, [(8546, 10037), (8560, 10120), (8538, 10220), (8600, 10300), (8690, 10350),
    (8760, 10420), (8860, 10446)]),
    ("Skolhusallén", 6.5, [(8863, 10117), (8868, 10190), (8912, 10262), (8900, 10330)]),
    ("Gaffelbyvägen", 6.5, [(9113, 10104), (9124, 10190), (9180, 10280), (9300, 10340),
    (9396, 10415),
    (9330, 10486), (9195, 10520)]),
    ("Ludvigsbergsvägen", 7.0, [(9440, 10153), (9462, 10240), (9520, 10310), (9530, 10400),
    (9600, 10486),
    (9720, 10530), (9850, 10560), (9990, 10600), (10130, 10640), (10300, 10690), (10400, 10700)]),
    ("Kranbilsgatan", 6.5, [(9967, 10297), (9996, 10390), (10012, 10470), (10080, 10545),
    (10100, 10630)]),
    ("Heffnersvägen", 6.5, [(10264, 10306), (10274, 10400), (10240, 10500), (10266, 10590),
    (10240, 10680)]),
    ("Västergatan", 6.5, [(8425, 9604), (8438, 9510), (8446, 9400), (8452, 9300), (8560, 9232),
    (8636, 9140),
    (8616, 9010), (8560, 8910), (8480, 8810), (8470, 8680)]),
    ("Skolhusallén", 6.5, [(8822, 9474), (8832, 9360), (8850, 9270), (8800, 9180), (8830, 9080),
    (8902, 8990),
    (8880, 8890), (8950, 8790), (8960, 8680)]),
    ("Södra Esplanaden", 6.5, [(9312, 9396), (9316, 9290), (9320, 9180), (9290, 9080), (9330, 8990),
    (9288, 8900), (9340, 8800), (9340, 8680)]),
    ("Lasarettsvägen", 6.5, [(9716, 9399), (9722, 9290), (9730, 9200), (9790, 9120), (9760, 9030),
    (9840, 8950), (9900, 8870), (9880, 8780), (9900, 8680)]),
    ("Rosenborgsgatan", 6.5, [(10088, 9428), (10092, 9320), (10100, 9240), (10040, 9150),
    (10092, 9050),
    (10060, 8950), (10110, 8860)]),
    ("Grönborgsgatan", 6.0, [(8452, 9300), (8360, 9262), (8270, 9180), (8180, 9150), (8110, 9120)]),
    ("Oscarsgatan", 6.0, [(8800, 9180), (8960, 9150), (9100, 9120), (9200, 9150), (9320, 9180)]),
    ("Baldersvägen", 6.0, [(9320, 9180), (9440, 9216), (9580, 9190), (9730, 9200)]),
    ("Fridhemsgatan", 6.0, [(9760, 9030), (9880, 9060), (9980, 9110), (10040, 9150)]),
)  # fmt: skip
"""Name, width and way of the streets that climb, as `xy` takes places."""

WILD = (
    [(8575, 10700), (8655, 10700), (8700, 10480), (8640, 10390), (8596, 10420)],
    [(8985, 10700), (9110, 10700), (9130, 10560), (9060, 10440), (9030, 10330), (8990, 10360),
    (8960, 10470)],
    [(9400, 10900), (9640, 10900), (9600, 10560), (9500, 10480), (9440, 10330), (9410, 10480)],
    [(9840, 10700), (9930, 10720), (9910, 10640), (9860, 10610)],
    [(8640, 8680), (8760, 8680), (8740, 8900), (8750, 9080), (8700, 9230), (8684, 9080),
    (8700, 8900)],
    [(9050, 8680), (9240, 8680), (9200, 8800), (9120, 8980), (9080, 9080), (9060, 8900)],
    [(9560, 8680), (9740, 8680), (9700, 8860), (9660, 9010), (9640, 9140), (9600, 9010),
    (9590, 8860)],
    [(10180, 8680), (10374, 8680), (10374, 8960), (10260, 8960), (10200, 8860)],
    [(8126, 8680), (8420, 8680), (8390, 8900), (8300, 9100), (8126, 9090)],
)  # fmt: skip
"""Forest and rock between the quarters, and what is too steep."""
FIRST = ("Back", "Klipp", "Ängs", "Björk", "Rönn", "Hassel", "Lind", "Park", "Kvarn", "Smedje",
"Sol",
         "Bäck", "Gran", "Tall", "Brunns", "Murar", "Snickar", "Trast", "Lärk", "Sälg", "Ek",
         "Hägg", "Källar", "Stig", "Mossa", "Ljung", "Blåbärs", "Lingon", "Tjäder",
         "Orr")  # fmt: skip


@dataclass(frozen=True)
class Slopes:
    """Heights every CELL metres, metres, and their rise to the east and the north."""

    heights: np.ndarray
    east: np.ndarray
    north: np.ndarray

    def at(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        row = min(max(int((NORTH - point[1]) / CELL), 0), self.heights.shape[0] - 1)
        column = min(max(int((point[0] - WEST) / CELL), 0), self.heights.shape[1] - 1)
        rise = np.array([self.east[row, column], self.north[row, column]])
        return float(self.heights[row, column]), rise


@dataclass
class Network:
    """The streets so far. labels: of the cells near each, its number + 1; barred: where no street
    may come."""

    slopes: Slopes
    barred: np.ndarray
    labels: np.ndarray
    rng: np.random.Generator
    streets: list[Street] = field(default_factory=list)

    def add(self, street: Street) -> int:

        number = len(self.streets) + 1
        self.streets.append(street)
        shape = street.line.buffer(APART_M, quad_segs=3)
        if shape.intersects(ALL):
            window, here = window_of(shape, 1)
            size = (window[0].stop - window[0].start, window[1].stop - window[1].start)
            inside = rasterize([shape], size, transform=here).astype(bool)
            free = self.labels[window] == 0
            self.labels[window] = np.where(inside & free, number, self.labels[window])
        return number

    def label(self, point: np.ndarray) -> tuple[int, bool]:
        row, column = int(NORTH - point[1]), int(point[0] - WEST)
        if not (0 <= row < SHAPE[0] and 0 <= column < SHAPE[1]):
            return -1, True
        return int(self.labels[row, column]), bool(self.barred[row, column])


def slopes_of(heights: np.ndarray) -> Slopes:
    smooth = np.round(gaussian_filter(heights, 26)[CELL // 2 :: CELL, CELL // 2 :: CELL], 2)
    south, east = np.gradient(smooth, CELL)
    return Slopes(smooth, np.round(east, 4), np.round(-south, 4))


def town_slopes(heights: np.ndarray) -> Slopes:
    """The same, of the town as if nothing lay around it."""
    own = slopes_of(heights[MARGIN:-MARGIN, MARGIN:-MARGIN])
    fields = (own.heights, own.east, own.north)
    return Slopes(*(np.pad(cells, MARGIN // CELL, "edge") for cells in fields))


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / max(float(np.hypot(*vector)), 1e-9)


def led(rise: np.ndarray, heading: np.ndarray, grade: float) -> np.ndarray:
    """The way on from a place where the ground rises so: along the slope, at a grade, and no
    sharper bend than TURN."""
    steep = float(np.hypot(*rise))
    wanted = heading
    if steep > 0.025:
        up = rise / steep
        along = np.array([-up[1], up[0]])
        along = along if along @ heading >= 0 else -along
        climb = float(np.clip(grade / steep, -0.8, 0.8))
        wanted = along * np.sqrt(1 - climb * climb) + up * climb
    turn = float(np.clip(heading[0] * wanted[1] - heading[1] * wanted[0], -TURN, TURN))
    left = np.array([-heading[1], heading[0]])
    return unit(heading * np.sqrt(1 - turn * turn) + left * turn)


def trace(
    net: Network, start: np.ndarray, heading: np.ndarray, grade: float, reach: float, parent: int
) -> tuple[list[np.ndarray], np.ndarray]:
    """(places of a street that follows the slope, where it looks at its end)."""
    points, gone = [start], 0.0
    while gone < reach:
        _, rise = net.slopes.at(points[-1])
        heading = led(rise, heading, grade)
        ahead = np.round(points[-1] + STEP_M * heading, 2)
        gone += STEP_M
        label, barred = net.label(ahead)
        if barred or (label not in (0, parent)) or (label == parent and gone > 100):
            break
        points.append(ahead)
    return points, heading


def joined(
    net: Network, points: list[np.ndarray], heading: np.ndarray, parent: int
) -> np.ndarray | None:
    """Where a street that ends could meet one ahead of it, None if there is none."""
    end = Point(points[-1])
    best = None
    lines = np.array([street.line for street in net.streets], object)
    away = np.round(shapely.distance(lines, end), 2)
    for number in np.flatnonzero(away <= APART_M + 22).tolist():
        street = net.streets[number]
        if number + 1 == parent or street.highway in ("footway", "cycleway", "steps"):
            continue
        place = street.line.interpolate(round(street.line.project(end), 2))
        to = np.array([place.x, place.y]) - points[-1]
        if unit(to) @ heading > 0.35 and (best is None or away[number] < best[0]):
            best = float(away[number]), np.round([place.x, place.y], 2)
    return None if best is None else best[1]


def side_street(net: Network, parent: int, station: float, side: int, reach: float) -> bool:
    """A street that leaves its parent at a station, to one side."""
    line = net.streets[parent - 1].line
    at, ahead = (np.array(line.interpolate(station + more).coords[0]) for more in (0.0, 2.0))
    run = unit(ahead - at)
    heading = side * np.array([-run[1], run[0]])
    start = np.round(at, 2)
    _, rise = net.slopes.at(start)
    if np.hypot(*rise) > 0.04:
        level = unit(np.array([-rise[1], rise[0]]))
        level = level if level @ heading >= 0 else -level
        if level @ heading < 0.35:
            return False
        heading = level
    grade = float(np.round(net.rng.uniform(-0.035, 0.035), 3))
    points, end = trace(net, start, heading, grade, reach, parent)
    if STEP_M * len(points) < FEWEST_M:
        return False
    meets = joined(net, points, end, parent)
    if meets is not None and net.rng.random() < 0.6:
        points.append(meets)
    if LineString(points[11:]).distance(line) < 25:
        return False
    net.add(Street(smoothed(points), "residential", None, *wide(net)))
    return True


def wide(net: Network) -> tuple[float, float]:
    """(width, half) of a small street."""
    width = float(net.rng.choice([5.5, 6.0, 6.5]))
    return width, width / 2 + 2.2


def smoothed(points: list[np.ndarray]) -> LineString:
    dense = shapely.get_coordinates(LineString(points).segmentize(6))
    out = np.round(gaussian_filter1d(dense, 1.6, axis=0, mode="nearest"), 2)
    out[0], out[-1] = points[0], points[-1]
    return LineString(out)


def climbing(net: Network) -> list[int]:
    """Those that are drawn by hand; each begins on the street that is there."""
    out = []
    for name, width, places in CLIMBING:
        line = curve([xy(*place) for place in places], 2.2)
        points = [xy(*places[0]), *list(line.coords)[1:-1], xy(*places[-1])]
        for end in (0, -1):
            known = [
                s.line
                for s in net.streets
                if s.highway not in ("footway", "cycleway") and not s.bridge
            ]
            near = min(known, key=lambda other: round(other.distance(Point(points[end])), 3))
            if near.distance(Point(points[end])) < 22:
                place = near.interpolate(near.project(Point(points[end])))
                points[end] = (round(place.x, 2), round(place.y, 2))
        cut = shapely.set_precision(LineString(points), 0.01).intersection(INSIDE)
        line = max(shapely.get_parts(cut), key=lambda part: part.length)
        out.append(net.add(Street(line, "residential", name, width, width / 2 + 2.2)))
    return out


def grown(
    net: Network, parents: list[int], reach: tuple[float, float], gap: tuple[float, float]
) -> list[int]:
    """Side streets of some, at uneven distances, seldom opposite each other."""
    first = len(net.streets) + 1
    for parent in parents:
        length = net.streets[parent - 1].line.length
        for side in (-1, 1):
            station = float(net.rng.uniform(34, 74))
            while station < length - 24:
                longest = float(net.rng.uniform(*reach))
                done = net.rng.random() < 0.92 and side_street(net, parent, station, side, longest)
                station += float(net.rng.uniform(*gap)) if done else 9.0
    return list(range(first, len(net.streets) + 1))


def links(net: Network, lanes: list[int]) -> None:
    """From long streets up to the next: a street where the ground lets one, else steps."""
    for number in lanes:
        line = net.streets[number - 1].line
        if line.length < 150:
            continue
        station = line.length * float(net.rng.uniform(0.35, 0.7))
        at = np.array(line.interpolate(station).coords[0])
        height, rise = net.slopes.at(at)
        up = unit(rise)
        ray = LineString([at + 6 * up, at + 120 * up])
        hits = []
        for other, street in enumerate(net.streets, 1):
            if other != number and street.highway == "residential" and street.line.intersects(ray):
                place = shapely.get_parts(street.line.intersection(ray))[0].centroid
                hits.append((round(float(np.hypot(place.x - at[0], place.y - at[1])), 2), place))
        if not hits:
            continue
        away, place = min(hits, key=lambda hit: hit[0])
        top, _ = net.slopes.at(np.array([place.x, place.y]))
        line = LineString([np.round(at, 2), np.round([place.x, place.y], 2)])
        middle = [
            net.label(np.array(line.interpolate(share, normalized=True).coords[0]))[1]
            for share in (0.3, 0.5, 0.7)
        ]
        grade = abs(top - height) / away
        if any(middle) or away < 34 or grade > STEPS_GRADE:
            continue
        if grade < LINK_GRADE:
            net.add(Street(line, "residential", None, *wide(net)))
        else:
            net.add(Street(line, "steps", None, 2.5, 1.8, "concrete"))


def named(streets: list[Street], rng: np.random.Generator) -> list[Street]:
    """The same, with names: gatan near the town, vägen further out, stigen and gränd for short
    ends."""
    first = [FIRST[number] for number in rng.permutation(len(FIRST))]
    out, used = [], 0
    for street in streets:
        if street.name is not None or street.highway != "residential":
            out.append(street)
            continue
        away = street.line.distance(Point(619250, 6919812))
        ending = "gatan" if away < 600 else "gränd" if street.line.length < 90 else "vägen"
        if used >= len(first):
            ending = "stigen" if street.line.length < 160 else "backen"
        name = (first[used % len(first)] + ending) if used < 2 * len(first) else None
        used += 1
        out.append(
            Street(street.line, street.highway, name, street.width, street.half, street.surface)
        )
    return out


def wild_ground() -> list[Polygon]:
    return [Polygon([xy(*place) for place in ring]).buffer(9).buffer(-9) for ring in WILD]


def hillside(heights: np.ndarray, flat: list[Street], kept: list[Polygon]) -> list[Street]:
    """Streets of both slopes. kept: where none may come (water, rails, sites)."""
    rng = np.random.default_rng(1903)
    west, south, east, north = INSIDE.bounds
    # The last step of a street may lie a metre outside.
    out = ALL.difference(box(west - 1, south, east, north + 1))
    barred = burn([*kept, *wild_ground(), out])
    net = Network(town_slopes(heights), barred, np.zeros(SHAPE, np.int32), rng)
    for street in flat:
        net.add(street)
    main = climbing(net)
    lanes = grown(net, main, (150, 460), (62, 86))
    more = grown(net, lanes, (110, 260), (150, 260))
    links(net, [*lanes, *more])
    return named(net.streets[len(flat) :], rng)


def museum_road(road: Street) -> list[Street]:
    """On from the end of Gaffelbyvägen, in bends up to the open-air museum on Norra berget, and a
    path to the lookout tower."""
    start = road.line.coords[-1]
    way = curve([start, *(xy(*place) for place in (
        (9150, 10540), (9230, 10572), (9350, 10590), (9405, 10625), (9330, 10662), (9200, 10650),
        (9110, 10680),
        (9112, 10730), (9150, 10775), (9118, 10806)))], 2.0)  # fmt: skip
    way = LineString([start, *list(way.coords)[1:]])
    end = way.coords[-1]
    paths = (
        ("Gaffelbyn", [(9070, 10800), (9000, 10794), (8950, 10780)], 3.0),
        ("Utsiktsstigen", [(9095, 10830), (9080, 10868), (9075, 10936)], 2.5),
    )
    return [
        Street(way, "service", "Gaffelbyvägen", 5.0, 4.5, "asphalt"),
        *(
            Street(
                curve([end, *(xy(*p) for p in places)], 2), "footway", name, width, 3.0, "gravel"
            )
            for name, places, width in paths
        ),
    ]
