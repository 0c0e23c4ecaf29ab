"""Industry, harbour and the boat club: sheds in their yards, tanks, silos, cranes."""

from __future__ import annotations

import numpy as np
import shapely
from sample_flats import axes_of, fits, way_in
from sample_houses import SHED, House, Site, oblong, put
from sample_sheet import Axes, Sheet, xy
from sample_streets import Street
from shapely import LineString, Point, Polygon

USES = (
    "Industri;Lager",
    "Industri;Verkstad",
    "Industri;Lager",
    "Verksamhet;Handel",
    "Verksamhet;Kontor",
)
TANKS, PULP = Point(xy(10040, 10215)), Point(xy(9990, 9488))
"""Near which the oil tanks and the pulp works are."""
COVE = (xy(9990, 9785), xy(9880, 9720))
"""Near the ends of the shore of the boat club, from the north."""


def works_yard(site: Site, sheet: Sheet, face: Polygon, streets: list[Street]) -> None:
    """A face of the streets that industry fills: sheds along both sides of a yard."""
    for part in shapely.get_parts(face.buffer(-3.0, join_style="mitre")):
        if part.geom_type == "Polygon" and part.area > 500:
            one_yard(site, sheet, part, streets)


def one_yard(site: Site, sheet: Sheet, inner: Polygon, streets: list[Street]) -> None:
    axes, length, width = axes_of(inner)
    if inner.distance(TANKS) < 5:
        tank_farm(sheet, inner, axes, (length, width))
    if inner.distance(PULP) < 5:
        pulp_works(site, sheet, inner, axes, (length, width))
    sheds(site, sheet, inner, axes, (length, width))
    if inner.area > 3500:
        place_park(site, sheet, inner, axes, (length, width), streets)
    ground = inner.difference(
        shapely.union_all(
            [row["geometry"].buffer(1.0) for row in sheet.squares if row["kind"] == "asphalt"]
        )
    )
    kind = (
        "landuse=port"
        if inner.centroid.y > 6_920_090 and site.rng.random() < 0.5
        else "industriområde"
    )
    for part in shapely.get_parts(ground):
        if part.geom_type == "Polygon" and part.area > 400:
            sheet.area(kind, part)


def sheds(site: Site, sheet: Sheet, inner: Polygon, axes: Axes, size: tuple[float, float]) -> None:
    """Rows of sheds and halls, backs to the street, as deep as the yard bears."""
    rng, (length, width) = site.rng, size
    rows = [4.0] if width < 46 else [4.0, -1.0] if width < 92 else [4.0, width / 2 - 12, -1.0]
    for b in rows:
        a = float(rng.uniform(4, 9))
        while a < length - 12:
            long, deep = float(rng.choice([16, 22, 28, 36, 46, 58])), float(rng.uniform(14, 25))
            deep = min(deep, max(9.0, (width - 14) / max(1, len(rows) - 0.4)))
            b0 = b if b >= 0 else width - 4 - deep
            done = False
            for share in (1.0, 0.75, 0.5):
                shape = axes.box(a, a + long * share, b0, b0 + deep)
                if fits(sheet, inner, shape, 2.0) and put(site, shape, hall(rng, shape.area), 2.0):
                    sheet.claims.claim(shape.buffer(3.0, join_style="mitre"))
                    a += long * share + float(rng.choice([3.5, 6.0, 9.0, 14.0]))
                    done = True
                    break
            if not done:
                a += 7.0


def hall(rng: np.random.Generator, size: float) -> House:
    use = USES[int(rng.choice(5, p=[0.36, 0.26, 0.16, 0.12, 0.1]))]
    roof = str(rng.choice(["flat", "gable", "sawtooth", "skillion"], p=[0.5, 0.3, 0.12, 0.08]))
    eaves = float(rng.uniform(4.6, 7.5) if size < 500 else rng.uniform(6.5, 11.0))
    if use.endswith("Kontor"):
        eaves, roof = 3.4 * int(rng.integers(2, 5)) + 0.8, "flat"
    return House(use, eaves, 0.0 if roof == "flat" else 2.6, roof)


def place_park(
    site: Site,
    sheet: Sheet,
    inner: Polygon,
    axes: Axes,
    size: tuple[float, float],
    streets: list[Street],
) -> None:
    length, width = size
    for _ in range(30):
        a, b = (
            float(site.rng.uniform(3, length - 42)),
            float(site.rng.uniform(3, max(4, width - 21))),
        )
        shape = axes.box(a, a + 40, b, b + 17.5)
        if fits(sheet, inner, shape, 0.5):
            sheet.square("asphalt", shape)
            sheet.claims.claim(shape)
            way_in(sheet, shape, streets)
            return


def tank_farm(sheet: Sheet, inner: Polygon, axes: Axes, size: tuple[float, float]) -> None:
    """Oil tanks within a wall, joined by a pipe."""
    length, width = size
    made = []
    for a in np.arange(16.0, length - 10, 23.0):
        for number, b in enumerate(np.arange(15.0, min(width - 10, 62.0), 22.0)):
            round_ = Point(axes.point(float(a), float(b))).buffer(
                8.0 if number else 6.5, quad_segs=6
            )
            if fits(sheet, inner, round_, 2.5):
                sheet.structure("cistern", round_, 13.0 if number else 9.0)
                sheet.claims.claim(round_.buffer(5))
                made.append(round_)
    if len(made) > 1:
        hull = shapely.union_all(made).minimum_rotated_rectangle.buffer(4.5, join_style="mitre")
        ring = shapely.get_coordinates(hull.exterior)
        sheet.edge("mur", LineString([*ring[:-1], ring[-2] + 0.7 * (ring[-1] - ring[-2])][:4]), 1.2)


def pulp_works(
    site: Site, sheet: Sheet, inner: Polygon, axes: Axes, size: tuple[float, float]
) -> None:
    """A mill with its chimney, silos, conveyor and boiler house."""
    length, width = size
    a, b = length * 0.5, width * 0.5
    for box, eaves, use in (
        ((a - 38, a + 8, b - 12, b + 12), 19.0, "Industri;Fabrik"),
        ((a + 8.2, a + 26, b - 9, b + 12), 27.0, "Industri;Fabrik"),
        ((a - 38, a - 18, b - 24, b - 12.2), 11.0, "Industri;Fabrik"),
    ):
        shape = axes.box(*box)
        if fits(sheet, inner, shape, 0.0) and put(
            site, shape, House(use, eaves, 0.0, "flat", "Bruket")
        ):
            continue
    sheet.claims.claim(axes.box(a - 41, a + 52, b - 27, b + 15))
    sheet.structure("skorsten", Point(axes.point(a + 32, b + 8)).buffer(2.2), 62.0)
    for number in range(3):
        sheet.structure("silo", Point(axes.point(a + 34 + 8 * number, b - 4)).buffer(3.4), 21.0)
    sheet.edge("rörledning", axes.line([(a + 27, b - 11), (a + 50, b - 11), (a + 50, b - 24)]))


def quay_sheds(site: Site) -> None:
    """Long warehouses behind the quays of the inner harbour."""
    for east, north, length, angle in ((619745, 6919893, 58, -19.4), (619818, 6919867, 62, -19.4),
    (619893, 6919840, 56, -19.4),
                                       (619960, 6919615, 50, -5.7),
                                       (620022, 6919608, 52, -5.7)):  # fmt: skip
        put(
            site,
            oblong(east, north, length, 15, angle),
            House("Industri;Magasin", 6.5, 3.2, "gable"),
            5,
        )


def cove_axes(sea: Polygon) -> Axes:
    """Along the shore of the boat club, b towards the land."""
    corners = shapely.get_coordinates(sea)
    start, end = (corners[np.argmin(np.round(np.hypot(*(corners - near).T), 1))] for near in COVE)
    run = end - start
    turn = round(float(np.degrees(np.arctan2(run[1], run[0]))), 2)
    return Axes(float(start[0]), float(start[1]), turn)


def boat_club(site: Site, sheet: Sheet, sea: Polygon) -> list[tuple[LineString, float]]:
    """A club house, boats on land, a slipway, a mast crane; → its jetties with their widths."""
    axes = cove_axes(sea)
    side = 1.0 if not sea.contains(Point(axes.point(60, 6))) else -1.0
    long = Point(COVE[0]).distance(Point(COVE[1]))

    def spot(a: float, b: float) -> tuple[float, float]:
        return axes.point(a, side * b)

    def ground(a0: float, a1: float, b0: float, b1: float) -> Polygon:
        return axes.box(a0, a1, *sorted((side * b0, side * b1)))

    put(
        site,
        ground(long * 0.3, long * 0.3 + 15, 22, 31),
        House("Samhällsfunktion;Båtklubb", 3.6, 2.6, "gable", "Båtklubben"),
        2.0,
    )
    put(site, ground(long * 0.3 + 20, long * 0.3 + 32, 24, 30), House(SHED, 2.8, 1.0, "gable"), 1.0)
    sheet.area("småbåtshamn", ground(long * 0.28, long * 0.86, 5, 19))
    sheet.structure("kran", Point(spot(long * 0.5, 3)), 12.0)
    sheet.structure("flaggstång", Point(spot(long * 0.3 - 4, 20)), 10.0)
    for share in (0.35, 0.7):
        sheet.thing("life_ring", spot(long * share, 2.5), axes.bearing(0))
    sheet.thing("bench", spot(long * 0.3 + 8, 20.5), axes.bearing(180 if side > 0 else 0))
    sheet.claims.claim(ground(long * 0.25, long * 0.9, 0, 34))
    out = []
    for number, share in enumerate((0.34, 0.52, 0.7, 0.88)):
        reach = (30.0, 46.0, 46.0, 34.0)[number]
        line = LineString([spot(long * share, 1.0), spot(long * share, -reach)])
        out.append((line, 2.5))
    return out
