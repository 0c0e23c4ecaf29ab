"""Plots along the streets of the slopes, wide or narrow, deep or shallow by the age of the quarter,
each with its house, garage, drive, shed and fence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from sample_houses import GARAGE, ROW_HOUSE, SHED, VILLA, House, Site, put
from sample_sheet import Sheet, xy
from sample_streets import Street
from shapely import LineString, Point, Polygon, box
from shapely.affinity import affine_transform

DEPTHS = (38.0, 34.0, 30.0, 26.0, 22.0, 18.5)
TAKEN = 0.03
"""Share of a plot that may lie on what is there."""


@dataclass(frozen=True)
class Age:
    """How one built then. front, depth: (least, most) metres of a plot; setback; length, deep: of
    the house; tall: share with two floors; gable_on: share that turns its gable to the street;
    garage, drive: shares; fences: kinds by lot; roofs: gable, hip, mansard, flat."""

    front: tuple[float, float]
    depth: tuple[float, float]
    setback: tuple[float, float]
    length: tuple[float, float]
    deep: tuple[float, float]
    tall: float
    gable_on: float
    garage: float
    fences: tuple[str, ...]
    roofs: tuple[float, float, float, float]


OLD = Age((16, 23), (24, 34), (3.5, 6.5), (9, 12.5), (8, 10.5), 0.85, 0.45, 0.34,
          ("staket", "staket", "häck", "staket", "stenmur", "staket"),
          (0.55, 0.13, 0.32, 0.0))  # fmt: skip
FIFTIES = Age((18.5, 25.5), (26, 38), (6, 10), (9.5, 13), (7.6, 9.4), 0.4, 0.2, 0.62,
              ("häck", "häck", "staket", "häck", "", "häck"), (0.8, 0.18, 0.02, 0.0))  # fmt: skip
SEVENTIES = Age((19.5, 28), (22, 32), (5, 9), (12, 17), (8, 10.5), 0.22, 0.3, 0.85,
                ("häck", "", "plank", "häck", "", "mur"), (0.72, 0.06, 0.02, 0.2))  # fmt: skip
LATE = Age((21, 32), (26, 38), (6, 13), (11, 16), (8.5, 11), 0.7, 0.3, 0.8,
           ("", "häck", "stenmur", "", "mur", ""), (0.62, 0.1, 0.0, 0.28))  # fmt: skip

ROWS = (
    [(9380, 9010), (9590, 8990), (9590, 8860), (9360, 8850)],
    [(9990, 10350), (10240, 10340), (10240, 10420), (10010, 10440)],
    [(8870, 9120), (8870, 8960), (9010, 8960), (9010, 9120)],
)
"""Where houses stand in rows."""
SPARSE = 0.8
"""Share of plots that are built on high up."""


@dataclass(frozen=True)
class Lot:
    """A plot with its own axes: u along the street from its first corner, v away from it."""

    corner: np.ndarray
    along: np.ndarray
    inward: np.ndarray
    front: float
    depth: float

    def point(self, u: float, v: float) -> tuple[float, float]:
        east, north = self.corner + u * self.along + v * self.inward
        return round(float(east), 2), round(float(north), 2)

    def place(self, shape: Polygon) -> Polygon:
        (a, d), (b, e) = self.along, self.inward
        return affine_transform(shape, [a, b, d, e, *self.corner])

    @property
    def shape(self) -> Polygon:
        corners = np.array([(0, 0), (self.front, 0), (self.front, self.depth), (0, self.depth)])
        return Polygon(self.corner + corners[:, :1] * self.along + corners[:, 1:] * self.inward)


def age_of(east: float, north: float) -> Age:
    away = float(np.hypot(east - 619250, north - 6919812))
    if away < 760:
        return OLD
    if north > 6920500 or north < 6918930:
        return LATE
    return SEVENTIES if east > 619900 or (north < 6919000) else FIFTIES


def in_rows(place: tuple[float, float]) -> bool:
    return any(Polygon([xy(*corner) for corner in ring]).contains(Point(place)) for ring in ROWS)


def lot_at(
    line: LineString, station: float, front: float, side: int, edge: float, depth: float
) -> Lot | None:
    """A plot beside a street, at the chord between two stations."""
    first, last = (np.array(line.interpolate(s).coords[0]) for s in (station, station + front))
    chord = last - first
    if np.hypot(*chord) < 0.9 * front:
        return None
    along = np.round(chord / np.hypot(*chord), 5)
    inward = side * np.array([-along[1], along[0]])
    middle = np.array(line.interpolate(station + front / 2).coords[0])
    bulge = max(0.0, float((middle - first) @ inward))
    return Lot(np.round(first + (edge + bulge) * inward, 2), along, inward, front, depth)


def build_plots(site: Site, sheet: Sheet, streets: list[Street]) -> list[Lot]:
    """Plots on both sides of all streets, those that climb last, so that corner houses look at the
    quiet ones."""
    lots: list[Lot] = []
    for street in streets:
        if street.highway != "residential" or street.bridge or street.line.length < 40:
            continue
        for side in (-1, 1):
            station = float(site.rng.uniform(7, 13))
            while station < street.line.length - 16:
                here = street.line.interpolate(station)
                age = age_of(here.x, here.y)
                rowed = in_rows((here.x, here.y))
                front = round(
                    float(site.rng.integers(4, 8)) * 7.0
                    if rowed
                    else float(site.rng.uniform(*age.front)),
                    1,
                )
                lot = fitted(site, sheet, street, station, (side, front, age, rowed))
                if lot is None:
                    station += 5.0
                    continue
                sheet.claims.claim(lot.shape)
                if site.rng.random() < (0.98 if age in (OLD, FIFTIES) else 0.95):
                    done = (
                        row_of_houses(site, sheet, lot)
                        if rowed
                        else villa_on(site, sheet, lot, age)
                    )
                    if done:
                        lots.append(lot)
                station += front + (0.4 if site.rng.random() < 0.9 else 9.0)
    return lots


def fitted(site: Site, sheet: Sheet, street: Street, station: float, wish: tuple) -> Lot | None:
    side, front, age, rowed = wish
    if station + front > street.line.length - 4:
        return None
    most = 24.0 if rowed else float(site.rng.uniform(*age.depth))
    edge = street.paved_half + 0.6
    least = lot_at(street.line, station, front, side, edge, DEPTHS[-1])
    if least is None or sheet.claims.share(least.shape) > TAKEN:
        return None
    for depth in DEPTHS[:-1]:
        lot = Lot(least.corner, least.along, least.inward, front, depth)
        if depth <= most + 2 and sheet.claims.share(lot.shape) <= TAKEN:
            return lot
    return least


def villa_on(site: Site, sheet: Sheet, lot: Lot, age: Age) -> bool:
    rng = site.rng
    length, deep = float(rng.uniform(*age.length)), float(rng.uniform(*age.deep))
    if rng.random() < age.gable_on:
        length, deep = deep, length
    length, deep = min(length, lot.front - 5.0), min(deep, lot.depth - 8.0)
    setback = min(float(rng.uniform(*age.setback)), lot.depth - deep - 3.0)
    hand = bool(rng.random() < 0.5)
    room = lot.front - length
    gap = float(rng.uniform(1.5, 2.6)) if room < 8 else float(rng.uniform(2.0, 0.4 * room))
    u0 = room - gap if hand else gap
    shape = lot.place(
        shapely.union(
            box(u0, setback, u0 + length, setback + deep), annex(rng, u0, setback, length, deep)
        )
    )
    tall = rng.random() < age.tall
    eaves = float(rng.uniform(5.2, 6.3) if tall else rng.uniform(3.1, 4.0))
    roof = ["gable", "hip", "mansard", "flat"][int(rng.choice(4, p=age.roofs))]
    rise = 0.0 if roof == "flat" else float(rng.uniform(2.2, 3.8))
    if sheet.ways_at(shape) or not put(site, shape, House(VILLA, eaves, rise, roof), 1.0):
        return False
    beside = (0.0, u0) if hand else (u0 + length, lot.front)
    drive = drive_in(site, sheet, lot, age, (beside, setback, deep))
    back_things(site, sheet, lot, setback + deep)
    fence(sheet, lot, age.fences[int(rng.integers(len(age.fences)))], drive)
    return True


def annex(rng: np.random.Generator, u0: float, v0: float, length: float, deep: float) -> Polygon:
    """A wing, a porch, or nothing, on the house's back or front."""
    lot = rng.random()
    if lot < 0.2:
        wide = float(rng.uniform(4.2, 5.6))
        start = u0 if rng.random() < 0.5 else u0 + length - wide
        return box(start, v0 + deep - 1, start + wide, v0 + deep + 3.0)
    if lot < 0.42:
        middle = u0 + length * float(rng.uniform(0.3, 0.7))
        return box(middle - 1.6, v0 - 1.5, middle + 1.6, v0 + 1)
    return box(u0, v0, u0 + length, v0 + deep)


def drive_in(site: Site, sheet: Sheet, lot: Lot, age: Age, house: tuple) -> float | None:
    """A garage beside the house, or before it, and a drive; → where along the front it leaves."""
    (u0, u1), setback, deep = house
    rng = site.rng
    if rng.random() > age.garage or u1 - u0 < 5.2:
        return None
    wide = min(6.2 if u1 - u0 > 9 and rng.random() < 0.4 else 3.8, u1 - u0 - 1.0)
    u = u0 + 0.6 if u0 < 1 else u1 - 0.6 - wide
    back = (
        setback + float(rng.uniform(0, 4))
        if age is not OLD
        else setback + deep + float(rng.uniform(-2, 2))
    )
    back = max(4.5, min(back, lot.depth - 7.5))
    roof, rise = ("gable", 1.5) if rng.random() < 0.6 and age is not SEVENTIES else ("flat", 0.0)
    shape = lot.place(box(u, back, u + wide, back + 6.0))
    if sheet.ways_at(shape) or not put(site, shape, House(GARAGE, 2.5, rise, roof), 0.6):
        return None
    middle = u + wide / 2
    if rng.random() < 0.62:
        surface = str(rng.choice(["gravel", "asphalt", "paving_stones"], p=[0.5, 0.3, 0.2]))
        line = LineString([lot.point(middle, -2.6), lot.point(middle, back - 0.6)])
        sheet.ways.append(Street(line, "service", None, 3.0, 1.6, surface, service="driveway"))
    return middle


def back_things(site: Site, sheet: Sheet, lot: Lot, behind: float) -> None:
    """A shed, or a summer kitchen, in a corner of the garden."""
    rng = site.rng
    room = lot.depth - behind
    if room < 6 or rng.random() > 0.6:
        return
    wide, deep = float(rng.uniform(3, 5.5)), float(rng.uniform(2.6, 3.6))
    u = 0.8 if rng.random() < 0.5 else lot.front - 0.8 - wide
    v = lot.depth - deep - float(rng.uniform(0.8, 2.0))
    shape = lot.place(box(u, v, u + wide, v + deep))
    if not sheet.ways_at(shape):
        put(site, shape, House(SHED, 2.3, 0.8, "gable"), 0.6)


def fence(sheet: Sheet, lot: Lot, kind: str, drive: float | None) -> None:
    """Along the street, open at the drive or the gate, and back along one side and behind."""
    if not kind:
        return
    gap = (
        (drive - 2.0, drive + 2.0)
        if drive is not None
        else (lot.front / 2 - 1.2, lot.front / 2 + 1.2)
    )
    tall = {"häck": 1.5, "stenmur": 1.0, "mur": 1.0}.get(kind)
    first = [(gap[0], 0.3), (0.3, 0.3), (0.3, lot.depth - 0.3), (lot.front - 0.3, lot.depth - 0.3)]
    if gap[0] < 1.0:
        first = first[1:]
    side = "häck" if kind in ("mur", "stenmur") else kind
    front = [point for point in first[:2] if point[1] == 0.3]
    back = first[1:] if len(first) == 4 else first
    if kind == side:
        sheet.edge(kind, LineString([lot.point(u, v) for u, v in first]), tall)
    else:
        if len(front) == 2:
            sheet.edge(kind, LineString([lot.point(u, v) for u, v in front]), tall)
        sheet.edge(side, LineString([lot.point(u, v + 0.0) for u, v in back]), 1.5)
    if gap[1] < lot.front - 1.0:
        sheet.edge(
            kind, LineString([lot.point(gap[1], 0.3), lot.point(lot.front - 0.3, 0.3)]), tall
        )


def row_of_houses(site: Site, sheet: Sheet, lot: Lot) -> bool:
    """Houses wall to wall, or of the 1970s joined by their garages; a strip of garden behind."""
    wide, setback = 7.0, 5.0
    chained = lot.depth > 21 and site.rng.random() < 0.5
    count = int(lot.front // (wide + (3.6 if chained else 0.0)))
    done = 0
    for number in range(count):
        u = number * (wide + (3.6 if chained else 0.0)) + 0.3
        step = 0.0 if not chained else 1.2 * (number % 2)
        unit = lot.place(box(u, setback + step, u + wide, setback + step + 9.0))
        use = House(ROW_HOUSE, 5.4 if not chained else 3.2, 2.4, "gable")
        if put(site, unit, use):
            done += 1
            if chained and number < count - 1:
                put(
                    site,
                    lot.place(box(u + wide, setback + 3.0, u + wide + 3.6, setback + 8.0)),
                    House(GARAGE, 2.5, 0.0, "flat"),
                )
        if number and lot.depth > 18:
            sheet.edge(
                "plank",
                LineString([lot.point(u - 0.2, setback + 9.8), lot.point(u - 0.2, setback + 14)]),
                1.8,
            )
    return done > 0
