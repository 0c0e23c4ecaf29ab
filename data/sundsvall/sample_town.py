"""Which houses stand where: the streets divide the low town into faces, and each is built according
to its quarter; the slopes are built along their streets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from sample_flats import estate, grown, house_of
from sample_hills import wild_ground
from sample_houses import Site, landmarks, perimeter_block, put
from sample_plots import Lot, build_plots, lot_at
from sample_relief import river_course
from sample_sheet import Sheet, xy
from sample_sites import SITES, lay
from sample_streets import INSIDE, RAIL, Street, quarter, stretched
from sample_works import boat_club, quay_sheds, works_yard
from shapely import LineString, Point, Polygon, box

BOARDS = ((9825, 10137), (10082, 9598), (8455, 9860), (9780, 9851), (9286, 9819))
"""Where boards tell of developments (make_plans.py): nothing is built there."""
FIRST_STAGE = box(619722, 6920120, 619830, 6920285)
"""Of Norra kajen: homes among what is still harbour."""
STONE_TOWN = quarter(-396, 416, -371, 420)


def closed_ground(streets: list[Street], squares: list[dict], wet: Polygon) -> shapely.Geometry:
    """Where no house may stand."""
    paved = [street.line.buffer(street.paved_half - 0.02, cap_style="flat") for street in streets]
    # A dead end is drawn with its pavement around it.
    ends = [street for street in streets if street.highway == "residential" and not street.bridge]
    paved += [stretched(s.line, 3.0).buffer(s.paved_half - 0.02, cap_style="flat") for s in ends]
    open_squares = [row["geometry"] for row in squares]
    closed = shapely.union_all([*paved, *open_squares, wet.buffer(9), LineString(RAIL).buffer(9)])
    shapely.prepare(closed)
    return closed


def faces_of(streets: list[Street], squares: list[dict], wet: Polygon) -> list[Polygon]:
    """The ground between streets, up to the building lines."""
    wheels = [street for street in streets if street.highway not in ("footway", "cycleway")]
    lines = [stretched(street.line, 0.8) for street in streets if street.highway != "cycleway"]
    edges = shapely.union_all([*lines, INSIDE.exterior, wet.boundary, LineString(RAIL)])
    taken = [
        street.line.buffer(street.half, cap_style="square", join_style="mitre") for street in wheels
    ]
    taken += [row["geometry"] for row in squares]
    taken += [wet.buffer(10), LineString(RAIL).buffer(11)]
    gone = shapely.union_all(taken)
    out = []
    for face in shapely.get_parts(shapely.polygonize(list(shapely.get_parts(edges)))):
        for part in shapely.get_parts(face.intersection(INSIDE).difference(gone)):
            if part.geom_type == "Polygon" and part.area > 300:
                out.append(part)
    return sorted(out, key=lambda part: (round(part.centroid.x), round(part.centroid.y)))


def zone_of(face: Polygon, north_road: LineString) -> str:
    """stone | flats | harbour | slope."""
    point = face.representative_point()
    if STONE_TOWN.contains(point) and point.y < np.interp(point.x, *river_course()[0].T):
        return "stone"
    rail = float(np.interp(point.x, *np.array(RAIL).T))
    road = float(np.interp(point.x, *shapely.get_coordinates(north_road).T))
    if not rail - 34 < point.y < road:
        return "slope"
    if FIRST_STAGE.contains(face.centroid):
        return "flats"
    return "harbour" if point.x > 619600 else "flats"


def works_here(face: Polygon) -> bool:
    """A few yards of trade west of the stone town, by the railway."""
    point = face.centroid
    return 618640 < point.x < 618840 and 6919420 < point.y < 6919640


def build_town(
    site: Site, sheet: Sheet, flat: list[Street], hill: list[Street], ground: tuple
) -> tuple[list[Lot], list[tuple[LineString, float]]]:
    """(plots of villas, jetties of the boat club). ground: squares, water, the sea."""
    squares, wet, sea = ground
    streets = [*flat, *hill]
    for shape in (
        wet.buffer(9),
        LineString(RAIL).buffer(12),
        *(row["geometry"] for row in squares),
        *wild_ground(),
    ):
        sheet.claims.claim(shape)
    for street in streets:
        line = stretched(street.line, 3.0) if street.highway == "residential" else street.line
        sheet.claims.claim(line.buffer(street.paved_half + 0.2, cap_style="flat"))
    for place in BOARDS:
        sheet.claims.claim(Point(xy(*place)).buffer(11))
    landmarks(site)
    quay_sheds(site)
    for plan in SITES:
        lay(plan, site, sheet, streets)
    jetties = boat_club(site, sheet, sea)
    for row in site.rows:
        sheet.claims.claim(row["geometry"].buffer(2))
    north_road = shapely.line_merge(
        shapely.union_all([street.line for street in flat if street.name == "Norra vägen"])
    )
    for face in faces_of(flat, squares, wet):
        zone = zone_of(face, north_road)
        if zone == "stone" and face.area < 9000:
            perimeter_block(site, face)
        elif zone == "harbour" or (zone == "flats" and works_here(face)):
            works_yard(site, sheet, face, flat)
        elif zone != "slope":
            estate(site, sheet, face, flat)
    slabs_along(site, sheet, [street for street in flat if street.name == "Norra vägen"], 1)
    quiet = [street for street in flat if street.name == "Södra Järnvägsgatan"]
    for street in quiet:
        sheet.claims.claim(street.line.buffer(30, single_sided=True))
        middle = street.line.intersection(box(618830, INSIDE.bounds[1], 619760, INSIDE.bounds[3]))
        slabs_along(site, sheet, [replace(street, line=middle)], -1)
    climbing = sorted(hill, key=lambda street: -round(street.line.length))
    road = [replace(s, highway="residential") for s in flat if s.name == "Norra vägen"]
    return build_plots(site, sheet, [*quiet, *climbing, *road]), jetties


def slabs_along(site: Site, sheet: Sheet, streets: list[Street], side: int) -> None:
    """Houses of two to five floors along one side of a road, in runs; between them it is left to
    villas."""
    for street in streets:
        station, left = 12.0, float(site.rng.uniform(60, 200))
        while station < street.line.length - 50:
            front = float(site.rng.choice([18.0, 24.0, 32.0, 44.0]))
            deep, back = round(float(site.rng.uniform(10.5, 13)), 1), float(site.rng.uniform(3, 8))
            lot = lot_at(street.line, station, front, side, street.paved_half + back, deep)
            shape = lot.shape if lot is not None else Polygon()
            house = house_of(int(site.rng.choice([2, 3, 3, 3, 4, 5])))
            if (
                lot is not None
                and sheet.claims.share(grown(shape, 4.0)) == 0
                and put(site, shape, house, 4.0)
            ):
                sheet.claims.claim(grown(shape, 4.0))
                station += front + float(site.rng.choice([8.0, 11.0, 18.0]))
                left -= front + 12
            else:
                station += 8.0
                left -= 8.0
            if left < 0:
                station += float(site.rng.uniform(70, 170))
                left = float(site.rng.uniform(60, 220))
