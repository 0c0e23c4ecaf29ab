"""Makes the embedded Sundsvall sample from the few real inputs in real/ and a reconstruction. Deterministic.

    python data/sundsvall/make_sample.py

Real: the shoreline (generalised), the place of Stora Torget and the bearing of its streets. Everything else is an honest
illustration of how the town lies, drawn by this script; SOURCES.md says it in full.
"""

from __future__ import annotations

import math
import uuid
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate, translate

HERE = Path(__file__).parent
# GeoPackage keeps the hour of its last change; a fixed one keeps the files the same.
pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00Z"})
WEST, SOUTH, EAST, NORTH = 618126, 6918688, 620374, 6920936
TORGET = (619250.0, 6919812.0)
BEARING = math.radians(102.4)
ALONG = np.array([math.sin(BEARING), math.cos(BEARING)])  # Storgatan, towards the east-south-east
ACROSS = np.array([math.sin(BEARING - math.pi / 2), math.cos(BEARING - math.pi / 2)])  # towards the north
RIVER = [(618000, 6920010), (618260, 6919985), (618450, 6920030), (618640, 6920055), (618820, 6920020), (619000, 6919995),
         (619180, 6920035), (619360, 6920075), (619520, 6920085), (619660, 6920080)]  # fmt: skip
INNER_QUAY = [(619560, 6919975), (619660, 6919940), (619830, 6919890), (619830, 6919860), (619560, 6919930)]
AVENUES = ["Nybrogatan", "Bankgatan", "Thulegatan", "Rådhusgatan", "Esplanaden", "Tullgatan", "Trädgårdsgatan"]
STREETS = ["Sjögatan", "Storgatan", "Köpmangatan", "Kyrkogatan", "Skolhusallén", "Bergsgatan"]
COLUMNS_AT = [-430, -345, -260, -172, -85, 92, 195, 280, 365]
ROWS_AT = [118, 46, -46, -122, -198, -274, -345]


def town(along: float, across: float) -> tuple[float, float]:
    """A point of the street grid: metres along Storgatan and across it (north) from Stora Torget → east, north."""
    return tuple(np.array(TORGET) + along * ALONG + across * ACROSS)


def quarter(a0: float, a1: float, b0: float, b1: float) -> Polygon:
    return Polygon([town(a0, b0), town(a1, b0), town(a1, b1), town(a0, b1)])


def noise(rng: np.random.Generator, shape: tuple[int, int], cell: int) -> np.ndarray:
    """Smooth value noise, −1 … 1, with features of about `cell` metres."""
    coarse = rng.uniform(-1, 1, (shape[0] // cell + 3, shape[1] // cell + 3))
    return zoom(coarse, cell, order=3)[: shape[0], : shape[1]]


def water_shapes() -> tuple[Polygon, Polygon]:
    """(sea, river): the sea is what the real land polygons leave of the area, quays straightened in the harbour head."""
    land = gpd.read_file(HERE / "real" / "land.gpkg").geometry.union_all()
    area = box(WEST - 500, SOUTH - 500, EAST + 500, NORTH + 500)
    sea = area.difference(land)
    basin = Polygon([(619600, 6920055), (619640, 6920115), (619760, 6920108), (619760, 6919960), (619660, 6919985)])
    sea = shapely.union_all([part for part in shapely.get_parts(sea.union(basin)) if part.area > 20_000])
    curve = shapely.get_coordinates(LineString(RIVER).segmentize(20))
    smooth = np.column_stack([gaussian_filter(curve[:, axis], 3, mode="nearest") for axis in (0, 1)])
    river = LineString(smooth).buffer(15.5, cap_style="flat").difference(sea)
    return sea, river


def relief(sea: Polygon, river: Polygon) -> np.ndarray:
    """(row, column) float32 metres at 1 m: hills north and south, the low town between, flat water."""
    shape = (NORTH - SOUTH, EAST - WEST)
    rng = np.random.default_rng(1888)
    rows, columns = np.indices(shape)
    east, north = WEST + columns + 0.5, NORTH - rows - 0.5
    bend = 70 * noise(rng, shape, 380)
    up_north = np.clip((north - 6920310 + bend + 0.12 * (east - 619200)) / 560, 0, 1.15)
    hill = np.exp(-(((east - 619070) / 620) ** 2 + ((north - 6920900) / 420) ** 2))
    up_south = np.clip((6919330 + bend - north + 0.05 * (east - 619250)) / 560, 0, 1.3)
    wild = np.clip(up_north + up_south, 0, 1)
    base = 3.6 + 2.2 * np.clip((619300 - east) / 900, 0, 1) + 0.9 * noise(rng, shape, 240)
    rise = 46 * up_north**1.35 + 82 * hill * np.clip(up_north * 1.5, 0, 1) + 62 * up_south**1.4
    rough = 9 * noise(rng, shape, 150) + 4.5 * noise(rng, shape, 60) + 1.6 * noise(rng, shape, 24)
    heights = base + rise + rough * wild**1.2
    transform = from_origin(WEST, NORTH, 1, 1)
    wet_sea = rasterize([sea], shape, transform=transform).astype(bool)
    wet_river = rasterize([river], shape, transform=transform).astype(bool)
    shore = distance_transform_edt(~(wet_sea | wet_river))
    bank = np.clip(shore / 45, 0, 1)
    level = np.select([east < 618520, east < 619050], [2.2, 1.2], 0.2)
    heights = np.maximum(heights * bank + (level + 1.9) * (1 - bank), level + 1.55)
    heights = gaussian_filter(heights, 1.2)
    heights[wet_river] = level[wet_river]
    heights[wet_sea] = 0.0
    # Sixteenths of a metre pack small; a hundredth more keeps them off the halves that rounding splits.
    return (np.round(heights * 16) / 16 + np.where(wet_sea, 0.0, 0.01)).astype(np.float32)


def hillside(points: list[tuple[float, float]]) -> LineString:
    curve = shapely.get_coordinates(LineString(points).segmentize(15))
    return LineString(np.column_stack([gaussian_filter(curve[:, axis], 4, mode="nearest") for axis in (0, 1)]))


def streets() -> list[dict]:
    """The lines: the grid of Stenstaden, the way round the harbour, and streets along the slopes."""
    out: list[dict] = []

    def add(line: LineString, highway: str, name: str | None, width: float, surface: str = "asphalt") -> None:
        out.append({"geometry": line, "highway": highway, "name": name, "width": width, "surface": surface, "bridge": None})

    top, bottom = ROWS_AT[0], ROWS_AT[-1]
    for number, at in enumerate(COLUMNS_AT):
        name = AVENUES[number % len(AVENUES)] if at != 92 else "Esplanaden"
        if at == 92:
            for side in (-11, 11):
                add(LineString([town(at + side, top), town(at + side, bottom)]), "secondary", "Esplanaden", 7.0)
        else:
            add(LineString([town(at, top), town(at, bottom)]), "residential", name, 8.0)
    for number, at in enumerate(ROWS_AT[:-1]):
        walk = STREETS[number] == "Storgatan"
        line = LineString([town(COLUMNS_AT[0], at), town(COLUMNS_AT[-1], at)])
        add(line, "pedestrian" if walk else "residential", STREETS[number], 11.0 if walk else 8.0)
    add(LineString([town(COLUMNS_AT[0], bottom), town(COLUMNS_AT[-1], bottom)]), "primary", "Landsvägsallén", 10.0)
    north_shore = [
        (618226, 6920110),
        (618600, 6920140),
        (619000, 6920110),
        (619300, 6920170),
        (619560, 6920190),
        (619900, 6920195),
        (620374, 6920210),
    ]
    add(hillside(north_shore), "primary", "Norra vägen", 10.0)
    for number in range(5):
        rise = 75 + 78 * number
        line = [
            (618230 + 40 * number, 6920180 + rise),
            (618600, 6920215 + rise),
            (618950, 6920185 + rise),
            (619300, 6920230 + rise),
            (619700, 6920225 + rise),
            (620200, 6920230 + rise),
        ]
        add(
            hillside(line),
            "residential",
            ["Skolgatan", "Norrmalmsgatan", "Bergsvägen", "Utsiktsvägen", "Hasselvägen"][number],
            6.0,
        )
    for number in range(4):
        drop = 70 + 72 * number
        line = [
            (618230, 6919370 - drop),
            (618700, 6919345 - drop),
            (619200, 6919330 - drop),
            (619700, 6919300 - drop),
            (620250, 6919330 - drop),
        ]
        add(
            hillside(line),
            "residential",
            ["Södermalmsgatan", "Fridhemsgatan", "Baldersvägen", "Lasarettsvägen"][number],
            6.0,
        )
    for at, name in ((618480, "Västra vägen"), (618900, "Hovrättsgatan"), (619480, "Fredsgatan"), (620000, "Kajvägen")):
        add(hillside([(at, 6920135), (at + 20, 6920320), (at - 15, 6920560)]), "residential", name, 6.0)
        add(hillside([(at + 30, 6919430), (at, 6919250), (at + 25, 6919050)]), "residential", name, 6.0)
    add(LineString([town(-430, 46), (618480, 6919960), (618226, 6919945)]), "secondary", "Storgatan", 9.0)
    add(
        LineString([town(365, -46), (619800, 6919620), (620050, 6919560), (620374, 6919520)]),
        "secondary",
        "Södra kajvägen",
        9.0,
    )
    add(
        hillside([(619050, 6920560), (618990, 6920660), (619080, 6920760), (619060, 6920860)]),
        "footway",
        "Norra bergsstigen",
        2.5,
        "gravel",
    )
    return out


def squares() -> list[dict]:
    return [
        {"geometry": quarter(-82, 8, -40, 40), "name": "Stora Torget", "kind": "square"},
        {"geometry": quarter(-79, 4, 52, 112), "name": "Vängåvan", "kind": "park"},
        {"geometry": quarter(77, 107, ROWS_AT[-1], ROWS_AT[0]), "name": "Esplanaden", "kind": "park"},
        {"geometry": box(619700, 6920128, 620374, 6920166), "name": "Norra kajen", "kind": "quay"},
        {"geometry": Polygon(INNER_QUAY), "name": "Inre hamnen", "kind": "quay"},
    ]  # fmt: skip


class Town:
    """Collects footprints that touch neither water, streets, squares nor each other, on ground that is not too steep."""

    def __init__(self, heights: np.ndarray, blocked: shapely.Geometry) -> None:
        self.heights = heights
        self.blocked = blocked
        shapely.prepare(self.blocked)
        self.rows: list[dict] = []
        self.rng = np.random.default_rng(1621)

    def slope(self, shape: Polygon) -> float:
        west, south, east, north = (int(value) for value in shape.bounds)
        patch = self.heights[max(0, NORTH - north) : NORTH - south + 1, max(0, west - WEST) : east - WEST + 1]
        return float(np.ptp(patch)) / max(east - west, north - south, 1) if patch.size else 9.0

    def fits(self, shape: Polygon, gap: float) -> bool:
        if self.blocked.intersects(shape) or self.slope(shape) > 0.34 or not box(WEST, SOUTH, EAST, NORTH).contains(shape):
            return False
        near = shape.buffer(gap) if gap else shape.buffer(-0.05)
        tree = shapely.STRtree([row["geometry"] for row in self.rows])
        return len(tree.query(near, predicate="intersects")) == 0

    def add(
        self,
        shape: Polygon,
        use: str,
        number: int,
        eaves: float,
        rise: float,
        roof: str | None,
        name: str | None = None,
        gap: float = 0.0,
    ) -> bool:
        if not self.fits(shape, gap):
            return False
        lot = self.rng.random()
        floors = max(1, round(eaves / 3.1))
        # As in real registers: most rows have a height, some only floors, some nothing.
        known = lot < 0.8 or name is not None
        self.rows.append({
            "geometry": shapely.MultiPolygon([shapely.set_precision(shape, 0.01)]),
            "objektidentitet": str(uuid.uuid5(uuid.NAMESPACE_URL, f"sundsvall-sample/{shape.centroid.x:.1f}/{shape.centroid.y:.1f}")),
            "objekttypnr": number, "objekttyp": use.split(";")[0], "andamal1": use, "byggnadsnamn1": name,
            "insamlingslage": "Illustrativt läge",
            "height_m": round(eaves + rise, 1) if known else None,
            "eaves_m": round(eaves, 1) if known and rise else None,
            "ridge_m": round(eaves + rise, 1) if known and rise else None,
            "floors": floors if lot < 0.93 else None,
            "roof_shape": roof if known else None,
        })  # fmt: skip
        return True

    def perimeter(self, a0: float, a1: float, b0: float, b1: float) -> None:
        """A block of Stenstaden: houses 12 m deep around a yard, each with its own height."""
        rng, deep = self.rng, 12.0
        if rng.random() < 0.16:
            ring = quarter(a0, a1, b0, b1).difference(quarter(a0 + deep, a1 - deep, b0 + deep, b1 - deep))
            self.add(ring, "Verksamhet;Kontor", 2064, float(rng.uniform(13, 17)), 3.5, "hip")
        else:
            for low, high, make in (
                (a0, a1, lambda s, e: quarter(s, e, b0, b0 + deep)), (a0, a1, lambda s, e: quarter(s, e, b1 - deep, b1)),
                (b0 + deep, b1 - deep, lambda s, e: quarter(a0, a0 + deep, s, e)),
                (b0 + deep, b1 - deep, lambda s, e: quarter(a1 - deep, a1, s, e)),
            ):  # fmt: skip
                parts = max(1, round((high - low) / rng.uniform(17, 27)))
                cuts = np.linspace(low, high, parts + 1)
                cuts[1:-1] += rng.uniform(-2, 2, parts - 1)
                for start, end in zip(cuts, cuts[1:], strict=False):
                    use = ("Bostad;Flerfamiljshus", 2061) if rng.random() < 0.72 else ("Verksamhet;Kontor", 2064)
                    eaves, roof = float(rng.uniform(11.5, 18)), str(rng.choice(["gable", "gable", "mansard"]))
                    self.add(make(start, end), *use, eaves, float(rng.uniform(3.2, 4.8)), roof)
        for _ in range(2):
            a, b = rng.uniform(a0 + deep + 4, a1 - deep - 9), rng.uniform(b0 + deep + 4, b1 - deep - 7)
            self.add(quarter(a, a + 5, b, b + 4), "Komplementbyggnad;", 2066, 2.6, 0.8, "skillion", gap=1.5)

    def along(self, line: LineString, step: float, kinds: str) -> None:
        """Houses on both sides of a street, turned to it, none like its neighbour."""
        at = 12.0
        while at < line.length - 10:
            here, ahead = line.interpolate(at), line.interpolate(at + 1)
            bearing = math.degrees(math.atan2(ahead.y - here.y, ahead.x - here.x))
            for side in (-1, 1):
                rng = self.rng
                if kinds == "slab":
                    size, away = (rng.uniform(38, 62), rng.uniform(10.5, 12.5)), 20.0
                else:
                    size, away = (rng.uniform(9.5, 13), rng.uniform(7.5, 9.5)), rng.uniform(13, 17)
                shape = rotate(box(-size[0] / 2, -size[1] / 2, size[0] / 2, size[1] / 2), bearing + rng.uniform(-5, 5))
                normal = math.radians(bearing + 90 * side)
                shape = translate(shape, here.x + away * math.cos(normal), here.y + away * math.sin(normal))
                if kinds == "slab":
                    roof, rise = ("gable", 3.2) if rng.random() < 0.5 else ("flat", 0.0)
                    self.add(shape, "Bostad;Flerfamiljshus", 2061, float(rng.choice([9.2, 12.2, 15.2])), rise, roof, gap=9)
                elif (
                    self.add(
                        shape,
                        "Bostad;Småhus friliggande",
                        2061,
                        float(rng.uniform(3.4, 6.4)),
                        float(rng.uniform(2.2, 3.4)),
                        str(rng.choice(["gable", "gable", "gable", "hip"])),
                        gap=4,
                    )
                    and rng.random() < 0.6
                ):
                    shed = translate(
                        rotate(box(-2.6, -3, 2.6, 3), bearing),
                        shape.centroid.x + 11 * math.cos(math.radians(bearing)),
                        shape.centroid.y + 11 * math.sin(math.radians(bearing)),
                    )
                    self.add(shed, "Komplementbyggnad;Garage", 2066, 2.5, 0.7, "gable", gap=1.5)
            at += step * self.rng.uniform(0.85, 1.3)


def landmarks(place: Town) -> None:
    kyrka = Point(618880, 6919640)
    nave = translate(rotate(box(-24, -10, 24, 10), -12.4, origin=(0, 0)), kyrka.x, kyrka.y)
    tower = translate(rotate(box(-33.2, -5.5, -24.2, 5.5), -12.4, origin=(0, 0)), kyrka.x, kyrka.y)
    place.add(nave, "Samhällsfunktion;Kyrka", 2063, 15.0, 10.0, "gable", "Gustav Adolfs kyrka")
    place.add(tower, "Samhällsfunktion;Kyrka", 2063, 45.0, 30.0, "pyramid", "Gustav Adolfs kyrka, tornet")
    place.add(quarter(-80, -10, -38, -24), "Samhällsfunktion;Stadshus", 2063, 12.0, 4.0, "hip", "Stadshuset")
    for number in range(4):
        a = 285 + 19 * (number % 2)
        b = 60 + 26 * (number // 2)
        place.add(quarter(a, a + 15, b, b + 22), "Industri;Magasin", 2062, 14.0, 4.0, "gable", f"Kulturmagasinet {number + 1}")
    place.add(
        translate(rotate(box(-38, -7, 38, 7), -12.4), 619900, 6919380),
        "Samhällsfunktion;Station",
        2063,
        8.0,
        3.5,
        "hip",
        "Sundsvall C",
    )
    for row in range(2):
        for column in range(3):
            x, y = 619737 + 26 * column, 6920168 + 46 * row
            name = "Lastkajen" if row == 0 else "Pollaren"
            place.add(
                box(x, y, x + 18, y + 36),
                "Bostad;Flerfamiljshus",
                2061,
                15.0 + 3 * ((row + column) % 3),
                0.0,
                "flat",
                f"{name} {column + 1}",
            )
    place.add(box(619066, 6920888, 619073, 6920895), "Samhällsfunktion;Museum", 2063, 18.0, 4.0, "pyramid", "Utsiktstornet")
    for _ in range(26):
        x, y = place.rng.uniform(618930, 619210), place.rng.uniform(6920800, 6920920)
        cottage = translate(rotate(box(-4.5, -3, 4.5, 3), place.rng.uniform(0, 180)), x, y)
        place.add(cottage, "Ekonomibyggnad;", 2065, 2.8, 2.2, "gable", "Friluftsmuseet", gap=5)


def buildings(heights: np.ndarray, blocked: shapely.Geometry, lines: list[dict]) -> list[dict]:
    place = Town(heights, blocked)
    landmarks(place)
    half = 8.0  # half of a street between blocks
    for left, right in zip(COLUMNS_AT, COLUMNS_AT[1:], strict=False):
        for top, bottom in zip(ROWS_AT, ROWS_AT[1:], strict=False):
            wide = [18.0 if at == 92 else half for at in (left, right)]
            if (left, top) == (-85, 46) or (left, top) == (-85, 118):
                # Stora Torget and Vängåvan: houses only on the side towards Esplanaden.
                place.perimeter(15, 74, bottom + half, top - half)
                continue
            place.perimeter(left + wide[0], right - wide[1], bottom + half, top - half)
    for line in lines:
        if line["name"] in ("Norra vägen", "Landsvägsallén", "Skolgatan", "Södermalmsgatan"):
            place.along(line["geometry"], 34, "slab")
    for line in lines:
        if line["name"] not in STREETS and line["name"] not in AVENUES and line["highway"] == "residential":
            place.along(line["geometry"], 17, "villa")
    rng = place.rng
    for _ in range(260):
        x, y = rng.uniform(619450, 620330), rng.uniform(6919400, 6919960)
        if rng.random() < 0.3:
            y = rng.uniform(6920215, 6920300)
        size = rng.uniform(18, 55), rng.uniform(14, 28)
        shed = translate(rotate(box(-size[0] / 2, -size[1] / 2, size[0] / 2, size[1] / 2), -12.4 + 90 * (rng.random() < 0.3)), x, y)
        place.add(shed, "Industri;Lager", 2062, float(rng.uniform(5.5, 11)), 0.0, "flat", gap=9)
    return place.rows


def write_vector(path: Path, layer: str, rows: list[dict]) -> None:
    frame = gpd.GeoDataFrame(rows, crs="EPSG:3006")
    frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", mode="a" if path.exists() else "w")


def main() -> None:
    sea, river = water_shapes()
    heights = relief(sea, river)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "width": EAST - WEST, "height": NORTH - SOUTH,
               "crs": "EPSG:5845", "transform": from_origin(WEST, NORTH, 1, 1), "compress": "deflate", "predictor": 3,
               "zlevel": 9, "tiled": True, "nodata": -9999.0}  # fmt: skip
    with rasterio.open(HERE / "elevation.tif", "w", **profile) as raster:
        raster.write(heights, 1)
    lines, areas = streets(), squares()
    wet = shapely.union_all([sea, river])
    for name in ("water.gpkg", "streets.gpkg", "buildings.gpkg"):
        (HERE / name).unlink(missing_ok=True)
    write_vector(HERE / "water.gpkg", "water", [
        {"geometry": sea, "name": "Sundsvallsfjärden", "kind": "sea", "level_m": 0.0},
        {"geometry": river, "name": "Selångersån", "kind": "river", "level_m": None},
    ])  # fmt: skip
    for line in lines:
        line["geometry"] = line["geometry"].difference(wet)
    write_vector(HERE / "streets.gpkg", "streets", lines)
    for area in areas:
        area["geometry"] = area["geometry"].difference(wet)
    write_vector(HERE / "streets.gpkg", "squares", areas)
    taken = [line["geometry"].buffer(line["width"] / 2 + 2.6) for line in lines] + [wet.buffer(5)]
    taken += [area["geometry"] for area in areas if area["name"] in ("Vängåvan", "Esplanaden")]
    taken.append(quarter(-10, 8, -40, 40).union(quarter(-82, 8, -22, 40)))
    write_vector(HERE / "buildings.gpkg", "buildings", buildings(heights, shapely.union_all(taken), lines))


if __name__ == "__main__":
    main()
