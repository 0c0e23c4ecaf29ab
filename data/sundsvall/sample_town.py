"""Which houses stand where: the streets divide the town into faces, and each face is built
according to its quarter."""

from __future__ import annotations

import numpy as np
import shapely
from sample_houses import (
    House,
    Site,
    along_fronts,
    landmarks,
    oblong,
    perimeter_block,
    put,
    row_houses,
    slab_block,
    works,
)
from sample_relief import EAST, NORTH, SOUTH, WEST, river_course
from sample_streets import NORTH_NAMES, RAIL, SOUTH_NAMES, Street, quarter, stretched
from shapely import LineString, Polygon, box

STONE_TOWN = quarter(-396, 416, -371, 420)


def closed_ground(streets: list[Street], squares: list[dict], wet: Polygon) -> shapely.Geometry:
    """Where no house may stand."""
    paved = [street.line.buffer(street.paved_half - 0.02, cap_style="flat") for street in streets]
    open_squares = [row["geometry"] for row in squares]
    closed = shapely.union_all([*paved, *open_squares, wet.buffer(9), LineString(RAIL).buffer(9)])
    shapely.prepare(closed)
    return closed


def faces_of(streets: list[Street], squares: list[dict], wet: Polygon) -> list[Polygon]:
    """The ground between streets, up to the building lines."""
    wheels = [street for street in streets if street.highway not in ("footway", "cycleway")]
    lines = [stretched(street.line, 0.8) for street in streets if street.highway != "cycleway"]
    frame = box(WEST, SOUTH, EAST, NORTH)
    edges = shapely.union_all([*lines, frame.exterior, wet.boundary, LineString(RAIL)])
    taken = [
        street.line.buffer(street.half, cap_style="square", join_style="mitre") for street in wheels
    ]
    taken += [row["geometry"] for row in squares]
    taken += [wet.buffer(10), LineString(RAIL).buffer(11)]
    taken = shapely.union_all(taken)
    out = []
    for face in shapely.get_parts(
        shapely.polygonize([edges])
        if not hasattr(edges, "geoms")
        else shapely.polygonize(list(edges.geoms))
    ):
        for part in shapely.get_parts(face.intersection(frame).difference(taken)):
            if part.geom_type == "Polygon" and part.area > 300:
                out.append(part)
    return sorted(out, key=lambda part: (round(part.centroid.x), round(part.centroid.y)))


def zone_of(
    face: Polygon, north_road: LineString, foot_north: LineString, foot_south: LineString
) -> str:
    """stone | flats | harbour | slope."""
    point = face.representative_point()
    if STONE_TOWN.contains(point) and point.y < np.interp(point.x, *river_course()[0].T):
        return "stone"
    rail_north = float(np.interp(point.x, *np.array(RAIL).T))
    road_north = float(np.interp(point.x, *shapely.get_coordinates(north_road).T))
    first_north = float(np.interp(point.x, *shapely.get_coordinates(foot_north).T))
    first_south = float(np.interp(point.x, *shapely.get_coordinates(foot_south).T))
    if point.x > 619600 and rail_north - 30 < point.y < road_north:
        return "harbour"
    if point.y > first_north or point.y < first_south:
        return "slope"
    return "flats"


def build_town(
    heights: np.ndarray, streets: list[Street], squares: list[dict], wet: Polygon
) -> list[dict]:
    site = Site(heights, closed_ground(streets, squares, wet), np.random.default_rng(1621))
    landmarks(site)
    quay_sheds(site)
    named = {
        street.name: street.line
        for street in streets
        if street.name in (*NORTH_NAMES, *SOUTH_NAMES)
    }
    north_road = shapely.line_merge(
        shapely.union_all([street.line for street in streets if street.name == "Norra vägen"])
    )
    slope_faces = []
    for face in faces_of(streets, squares, wet):
        zone = zone_of(face, north_road, named[NORTH_NAMES[0]], named[SOUTH_NAMES[0]])
        if zone == "stone" and face.area < 9000:
            perimeter_block(site, face)
        elif zone == "harbour":
            works(site, face, 140, 64)
        elif zone in ("flats", "stone"):
            if zone == "flats" and site.rng.random() < 0.12:
                works(site, face, 40, 40)
            else:
                slab_block(site, face)
        else:
            slope_faces.append(face)
    for face in slope_faces:
        lot, steep = site.rng.random(), drop(heights, face)
        if steep < 17 and lot < 0.12:
            slab_block(site, face)
        elif steep < 14 and lot < 0.22:
            row_houses(site, face)
    hill_names = (*NORTH_NAMES, *SOUTH_NAMES)
    homes = [
        street
        for street in streets
        if street.highway == "residential" and not street.bridge and street.half < 5.9
    ]
    for street in sorted(homes, key=lambda street: street.name not in hill_names):
        high = street.name in (*NORTH_NAMES[4:], *SOUTH_NAMES[4:])
        along_fronts(site, street, 0.8 if high else 0.93, 11.5)
    return site.rows


def yards(houses: list[dict], closed: shapely.Geometry) -> list[dict]:
    """The paved ground around sheds and works."""
    sheds = [row["geometry"] for row in houses if row["objekttyp"] == "Industri"]
    paved = (
        shapely.union_all([shed.buffer(10, join_style="mitre") for shed in sheds])
        .buffer(6)
        .buffer(-6, join_style="mitre")
    )
    return [
        {"geometry": part, "name": None, "kind": "asphalt"}
        for part in shapely.get_parts(paved.difference(closed))
        if part.geom_type == "Polygon" and part.area > 200
    ]


def drop(heights: np.ndarray, face: Polygon) -> float:
    west, south, east, north = (int(value) for value in face.bounds)
    return float(
        np.ptp(
            heights[
                max(0, NORTH - north) : NORTH - south + 1, max(0, west - WEST) : east - WEST + 1
            ]
        )
    )


def quay_sheds(site: Site) -> None:
    """Long warehouses behind the quays of the inner harbour."""
    for east, north, length, angle in ((619745, 6919893, 58, -19.4), (619818, 6919867, 62, -19.4),
    (619893, 6919840, 56, -19.4),
                                       (619960, 6919615, 50, -5.7), (620022, 6919608, 52,
                                       -5.7)):  # fmt: skip
        put(
            site,
            oblong(east, north, length, 15, angle),
            House("Industri;Magasin", 6.5, 3.2, "gable"),
            5,
        )
