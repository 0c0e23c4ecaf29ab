"""The houses of the sample: perimeter blocks of Stenstaden, villas on the slopes, slab blocks,
harbour sheds, landmarks."""

from __future__ import annotations

import math
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
import shapely
import shapely.ops
from sample_relief import NORTH, TOWN, WEST, Box
from sample_streets import quarter
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate, translate

FLATS, VILLA, ROW_HOUSE = (
    "Bostad;Flerfamiljshus",
    "Bostad;Småhus friliggande",
    "Bostad;Småhus radhus",
)
OFFICE, TRADE, SHED, GARAGE = (
    "Verksamhet;Kontor",
    "Verksamhet;Handel",
    "Komplementbyggnad;",
    "Komplementbyggnad;Garage",
)
TYPES = {
    "Bostad": 2061,
    "Industri": 2062,
    "Samhällsfunktion": 2063,
    "Verksamhet": 2064,
    "Ekonomibyggnad": 2065,
    "Komplementbyggnad": 2066,
}
CELL = 48


@dataclass(frozen=True)
class Site:
    """What is built so far, and where nothing may be: `closed` is water, streets, squares, rails.
    frame: the box in which it may be; passages: ways through houses to their yards."""

    heights: np.ndarray
    closed: shapely.Geometry
    rng: np.random.Generator
    frame: Box = TOWN
    rows: list[dict] = field(default_factory=list)
    cells: dict[tuple[int, int], list[Polygon]] = field(default_factory=lambda: defaultdict(list))
    passages: list[LineString] = field(default_factory=list)


@dataclass(frozen=True)
class House:
    """eaves and rise (of the roof above them) in metres."""

    use: str
    eaves: float
    rise: float
    roof: str
    name: str | None = None


def cells_of(shape: Polygon) -> list[tuple[int, int]]:
    west, south, east, north = shape.bounds
    return [
        (x, y)
        for x in range(int(west // CELL), int(east // CELL) + 1)
        for y in range(int(south // CELL), int(north // CELL) + 1)
    ]


def drop_inside(site: Site, shape: Polygon) -> float:
    """Difference in height inside the bounds of a footprint, metres."""
    west, south, east, north = (int(value) for value in shape.bounds)
    patch = site.heights[
        max(0, NORTH - north) : NORTH - south + 1, max(0, west - WEST) : east - WEST + 2
    ]
    return float(np.ptp(patch)) if patch.size else 99.0


def is_free(site: Site, shape: Polygon, gap: float, inside: bool = False) -> bool:
    """Whether a house fits here: on land, off the streets, away from others, on ground that is not
    too steep."""
    west, south, east, north = shape.bounds
    left, below, right, above = site.frame
    if west < left + 2 or south < below + 2 or east > right - 2 or north > above - 2:
        return False
    if not inside and site.closed.intersects(shape):
        return False
    if drop_inside(site, shape) > min(0.3 * math.hypot(east - west, north - south), 6.0):
        return False
    near = shape.buffer(gap, join_style="mitre") if gap > 0 else shape.buffer(-0.05)
    return not any(
        other.intersects(near) for cell in cells_of(near) for other in site.cells.get(cell, ())
    )


def put(site: Site, shape: Polygon, house: House, gap: float = 0.0, inside: bool = False) -> bool:
    """Adds a house where it fits. As in real registers most rows have heights, some only floors, a
    few nothing."""
    shape = shapely.set_precision(shape, 0.001)
    if (
        shape.geom_type != "Polygon"
        or shape.area < 8
        or not shape.is_valid
        or not is_free(site, shape, gap, inside)
    ):
        return False
    lot = site.rng.random()
    kind = house.use.split(";")[0]
    small = house.use in (SHED, GARAGE)
    known = house.name is not None or lot < 0.82
    storey = 3.7 if kind in ("Industri", "Samhällsfunktion") else 3.0
    point = shape.representative_point()
    pitched = house.rise > 0
    site.rows.append({
        "objektidentitet": str(uuid.uuid5(uuid.NAMESPACE_URL,
        f"mc-city/sundsvall/{point.x:.2f}/{point.y:.2f}")),
        "objekttypnr": TYPES[kind], "objekttyp": kind, "andamal1": house.use,
        "byggnadsnamn1": house.name,
        "height_m": round(house.eaves + house.rise, 1) if known else None,
        "eaves_m": round(house.eaves, 1) if known and lot < 0.74 else None,
        "ridge_m": round(house.eaves + house.rise, 1) if known and pitched and lot < 0.74 else None,
        "floors": max(1, round((house.eaves - 0.6) / storey)) if lot < 0.95 and not small else None,
        "roof_shape": house.roof if known or lot < 0.9 else None,
        "insamlingslage": "Takkant" if lot < 0.7 else "Fasad",
        "geometry": shapely.MultiPolygon([shape]),
    })  # fmt: skip
    for cell in cells_of(shape):
        site.cells[cell].append(shape)
    return True


def oblong(east: float, north: float, length: float, depth: float, angle: float) -> Polygon:
    """A rectangle about a point, its length along `angle` (degrees from east, anticlockwise)."""
    return translate(
        rotate(box(-length / 2, -depth / 2, length / 2, depth / 2), angle, origin=(0, 0)),
        east,
        north,
    )


# ---- Stenstaden
# ------------------------------------------------------------------------------------------


def stone_house(rng: np.random.Generator) -> House:
    use = [FLATS, OFFICE, TRADE][int(rng.choice(3, p=[0.58, 0.27, 0.15]))]
    floors = int(rng.choice([3, 4, 5], p=[0.36, 0.46, 0.18]))
    eaves = 1.0 + 4.1 + (floors - 1) * 3.3 + float(rng.uniform(-0.3, 0.6))
    roof = ["mansard", "gable", "hip", "flat"][int(rng.choice(4, p=[0.4, 0.36, 0.16, 0.08]))]
    return House(use, eaves, 0.0 if roof == "flat" else float(rng.uniform(3.0, 4.8)), roof)


def front_strip(
    block: Polygon, start: np.ndarray, end: np.ndarray, depth: float
) -> tuple[Polygon, np.ndarray, np.ndarray]:
    """(strip `depth` deep behind one street front of a block, unit vector along it, unit vector
    into the block)."""
    along = (end - start) / np.hypot(*(end - start))
    inward = np.array([-along[1], along[0]])
    if not block.contains(Point(*((start + end) / 2 + inward * 0.5))):
        inward = -inward
    strip = Polygon(
        [start - along, end + along, end + along + inward * depth, start - along + inward * depth]
    ).intersection(block)
    return strip, along, inward


def ring_passage(block: Polygon) -> LineString:
    """Through the middle of the longest front of a house that closes its yard all round."""
    corners = shapely.get_coordinates(block.exterior)
    lengths = np.hypot(*np.diff(corners, axis=0).T)
    side = int(np.argmax(np.round(lengths)))
    start, end = corners[side], corners[side + 1]
    _, along, inward = front_strip(block, start, end, 10.0)
    middle = start + along * lengths[side] / 2
    return LineString([middle - inward * 1.5, middle + inward * 17])


def perimeter_block(site: Site, block: Polygon) -> None:
    """Houses wall to wall round a courtyard, each with its own height; a gateway, houses in the
    yard, sheds."""
    rng = site.rng
    block = shapely.set_precision(block.simplify(1.2), 0.001)
    if block.geom_type != "Polygon" or block.area < 420:
        return
    depth = float(rng.uniform(11.4, 13.2))
    yard = block.buffer(-depth, join_style="mitre")
    whole = rng.random()
    if whole < 0.05 and yard.area > 500 and yard.geom_type == "Polygon":
        ring = block.difference(yard)
        house = House(OFFICE, float(rng.uniform(13.5, 17)), float(rng.uniform(3, 4)), "hip")
        if put(site, ring, house):
            site.passages.append(ring_passage(block))
    elif whole < 0.12 and 2500 < block.area < 5500 and block.centroid.x > 619480:
        put(
            site,
            block.buffer(-0.4, join_style="mitre"),
            House(TRADE, float(rng.uniform(11, 14)), 0.0, "flat"),
        )
        return
    else:
        corners = shapely.get_coordinates(block.exterior)
        fronts = sorted(
            zip(corners[:-1], corners[1:], strict=True),
            key=lambda pair: -round(float(np.hypot(*(pair[1] - pair[0])))),
        )
        taken: list[Polygon] = []
        for start, end in fronts:
            if np.hypot(*(end - start)) < 13:
                continue
            strip, along, inward = front_strip(block, start, end, depth)
            strip = strip.difference(shapely.union_all(taken)) if taken else strip
            for part in shapely.get_parts(strip):
                if part.geom_type == "Polygon" and part.area > 90:
                    cut_front(site, part, start, along, inward)
            taken.append(front_strip(block, start, end, depth)[0])
    back_yard(site, yard)


def cut_front(
    site: Site, strip: Polygon, start: np.ndarray, along: np.ndarray, inward: np.ndarray
) -> None:
    """Divides a street front into houses of 14 to 30 m."""
    rng = site.rng
    reach = (shapely.get_coordinates(strip) - start) @ along
    low, high = float(reach.min()), float(reach.max())
    count = max(1, round((high - low) / float(rng.uniform(17, 25))))
    cuts = np.linspace(low, high, count + 1)
    cuts[1:-1] += rng.uniform(-3.2, 3.2, count - 1)
    gateway = rng.random() < 0.65
    for number, (near, far) in enumerate(zip(cuts[:-1], cuts[1:], strict=True)):
        through = None
        if gateway and number == 1 and far - near > 14:
            # Every other yard is reached through a house, the others between two of them.
            if int(abs(near + start[0]) * 10) % 2:
                middle = start + along * (near + far) / 2
                through = LineString([middle - inward * 1.5, middle + inward * 17])
            else:
                near += 3.6
        base = start - inward * 2
        slab = Polygon(
            [
                base + along * near,
                base + along * far,
                base + along * far + inward * 60,
                base + along * near + inward * 60,
            ]
        )
        piece = strip.intersection(slab)
        if piece.geom_type == "Polygon" and piece.area > 60 and rng.random() > 0.025:
            built = put(site, piece, stone_house(rng))
            if built and through is not None:
                site.passages.append(through)


def back_yard(site: Site, yard: shapely.Geometry) -> None:
    rng = site.rng
    for part in shapely.get_parts(yard):
        if part.geom_type != "Polygon" or part.area < 260:
            continue
        inner = part.buffer(-3.5, join_style="mitre")
        if inner.is_empty:
            continue
        angle = longest_side_angle(part)
        if rng.random() < 0.55 and part.area > 1100:
            point = inner.representative_point()
            wing = oblong(
                point.x + rng.uniform(-6, 6),
                point.y + rng.uniform(-6, 6),
                float(rng.uniform(14, 24)),
                9.0,
                angle,
            )
            if inner.contains(wing):
                put(site, wing, House(FLATS, float(rng.uniform(6.5, 10)), 2.8, "gable"), 2.5)
        west, south, east, north = inner.bounds
        for _ in range(7):
            size = float(rng.uniform(4, 9)), float(rng.uniform(3.2, 4.6))
            shed = oblong(
                float(rng.uniform(west, east)),
                float(rng.uniform(south, north)),
                *size,
                angle + 90 * int(rng.integers(2)),
            )
            if inner.contains(shed):
                put(site, shed, House(SHED, 2.6, 0.9, str(rng.choice(["skillion", "gable"]))), 2.0)


def longest_side_angle(shape: Polygon) -> float:
    """Degrees from east of the longest side of the smallest rectangle round a shape."""
    corners = shapely.get_coordinates(shape.minimum_rotated_rectangle)[:3]
    sides = np.diff(corners, axis=0)
    side = sides[int(np.argmax(np.hypot(*sides.T)))]
    return math.degrees(math.atan2(side[1], side[0]))


# ---- landmarks
# ------------------------------------------------------------------------------------------


def landmarks(site: Site) -> None:
    """Named buildings near their real places; their shapes are drawn by eye. They go first and may
    stand on their squares."""
    church = "Samhällsfunktion;Kyrka"
    put(
        site,
        quarter(-362, -318, -250, -230),
        House(church, 14.0, 9.5, "gable", "Gustav Adolfs kyrka"),
        inside=True,
    )
    put(
        site,
        quarter(-372, -362, -245, -235),
        House(church, 44.0, 31.0, "pyramid", "Gustav Adolfs kyrka, tornet"),
        inside=True,
    )
    for a0, a1, b0, b1 in ((-350, -336, -230, -224), (-350, -336, -256, -250)):
        put(
            site,
            quarter(a0, a1, b0, b1),
            House(church, 12.0, 5.0, "gable", "Gustav Adolfs kyrka, korsarm"),
            inside=True,
        )
    put(
        site,
        quarter(-27, 27, -63, -45.2),
        House("Samhällsfunktion;Stadshus", 13.5, 4.0, "hip", "Stadshuset"),
    )
    for number, (a, b) in enumerate(((176, 204), (206, 204), (176, 236), (206, 236))):
        size = 24, 28
        name = f"Kulturmagasinet {number + 1}"
        put(
            site,
            quarter(a, a + size[0], b, b + size[1]),
            House("Samhällsfunktion;Magasin", 15.0, 5.0, "gable", name),
        )
    station = oblong(619900, 6919378, 78, 13, -3)
    put(
        site,
        station,
        House("Samhällsfunktion;Station", 8.5, 4.0, "hip", "Sundsvall C"),
        inside=True,
    )
    put(site, quarter(-45, 45, -118 + 7.2, -118 + 21), stone_house(site.rng))
    school = shapely.union_all(
        [
            quarter(-372, -316, -308, -293),
            quarter(-372, -358, -340, -293),
            quarter(-330, -316, -340, -293),
        ]
    )
    put(site, school, House("Samhällsfunktion;Skola", 12.0, 4.5, "hip", "Skolhuset"), inside=True)
    north_quay(site)
    museum(site)


def north_quay(site: Site) -> None:
    """The first stage of Norra kajen on its measured extent: two quarters of quay houses open to
    the water."""
    for x0, x1, y0, y1, eaves, name in (
        (619735, 619749, 6920134, 6920184, 16.6, "Lastkajen"), (619753, 619797, 6920170, 6920184,
        22.6, "Lastkajen"),
        (619801, 619815, 6920134, 6920184, 19.6, "Lastkajen"), (619735, 619749, 6920196, 6920260,
        19.6, "Pollaren"),
        (619753, 619797, 6920246, 6920260, 25.6, "Pollaren"), (619801, 619815, 6920196, 6920260,
        22.6, "Pollaren"),
        (619762, 619788, 6920206, 6920222, 16.6, "Pollaren")):  # fmt: skip
        put(site, box(x0, y0, x1, y1), House(FLATS, eaves, 0.0, "flat", name))


def museum(site: Site) -> None:
    """Norra bergets friluftsmuseum: small timber houses in loose yards, and the lookout tower."""
    rng = site.rng
    put(
        site,
        box(619086, 6920815, 619093, 6920822),
        House("Samhällsfunktion;Museum", 17.0, 4.0, "pyramid", "Utsiktstornet"),
        6,
    )
    for east, north in (
        (618975, 6920815),
        (619035, 6920825),
        (619010, 6920768),
        (619075, 6920772),
        (618945, 6920760),
    ):
        turn = float(rng.uniform(0, 90))
        for number in range(6):
            angle = math.radians(turn + 60 * number)
            away = float(rng.uniform(15, 21))
            size = float(rng.uniform(6, 13)), float(rng.uniform(4.6, 6.4))
            house = House(
                "Ekonomibyggnad;",
                float(rng.uniform(2.4, 3.6)),
                float(rng.uniform(1.8, 2.6)),
                "gable",
                "Norra bergets friluftsmuseum",
            )
            cottage = oblong(
                east + away * math.cos(angle),
                north + away * math.sin(angle),
                *size,
                math.degrees(angle) + 90,
            )
            put(site, cottage, house, 3.5)
