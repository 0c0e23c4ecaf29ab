"""Makes the embedded Sundsvall sample from the few real inputs in real/ and a reconstruction.
Deterministic.

    python data/sundsvall/make_sample.py

Real: the shoreline (generalised), two heights, the place of Stora Torget and the bearing of its
streets. Everything else is an honest illustration of how the town lies, drawn by these scripts;
SOURCES.md says it in full."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import shapely
from sample_areas import churchyard, garden_rows, schoolyard
from sample_cover import cover_codes, write_cover
from sample_furniture import furniture_rows
from sample_hills import hillside, museum_road
from sample_houses import Site
from sample_margin import build_margin, margin_trees, onward
from sample_rails import rail_rows
from sample_relief import (
    EAST,
    NORTH,
    SHAPE,
    SOUTH,
    TOWN,
    TRANSFORM,
    WEST,
    burn,
    finished,
    flattened,
    graded,
    levelled,
    raw_relief,
    terraced,
    water_shapes,
    with_shores,
)
from sample_sheet import Sheet
from sample_shore import beach_rows, jetty_rows
from sample_sites import SITES, shelves
from sample_streets import (
    RAIL,
    Street,
    flat_streets,
    fountain_place,
    park_paths,
    squares_of,
    street_rows,
    town,
)
from sample_town import build_town, closed_ground
from sample_trees import ground_of, tree_rows
from shapely import LineString, Point, Polygon

HERE = Path(__file__).parent
CRS = "EPSG:3006"


def read_land() -> Polygon:
    return gpd.read_file(HERE / "real" / "land.gpkg").geometry.union_all()


def read_anchors() -> list[tuple[float, float, float]]:
    """(east, north, height) of the real samples that lie in the raster or on its edge."""
    with rasterio.open(HERE / "real" / "heights_2048m.tif") as raster:
        heights = raster.read(1)
        points = [
            (*raster.xy(row, column), float(heights[row, column]))
            for row, column in np.ndindex(*heights.shape)
        ]
    return [
        point
        for point in points
        if TOWN[0] <= point[0] <= TOWN[2] and TOWN[1] <= point[1] <= TOWN[3]
    ]


def read_place() -> tuple[str, Point]:
    row = gpd.pd.read_csv(HERE / "real" / "places_geonames.csv").iloc[0]
    return str(row["name"]), Point(row["e3006"], row["n3006"])


def write_elevation(path: Path, heights: np.ndarray) -> None:
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "width": SHAPE[1],
    "height": SHAPE[0], "crs": "EPSG:5845",
               "transform": TRANSFORM, "compress": "deflate", "predictor": 3, "zlevel": 9,
               "tiled": True,
               "blockxsize": 512, "blockysize": 512, "nodata": -9999.0}  # fmt: skip
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(heights, 1)


def write_layer(path: Path, layer: str, rows: list[dict]) -> None:
    frame = gpd.GeoDataFrame(rows, crs=CRS)
    for column in ("floors", "layer", "maxspeed", "lanes"):
        if column in frame:
            frame[column] = frame[column].astype("Int32")
    frame.to_file(
        path,
        layer=layer,
        driver="GPKG",
        engine="pyogrio",
        mode="a" if path.exists() else "w",
        SPATIAL_INDEX="NO",
    )


def passage_rows(lines: list[LineString], houses: list[dict]) -> list[dict]:
    """Ways on foot through houses to their yards, those that end before the houses in the yard."""
    standing = shapely.STRtree([row["geometry"] for row in houses])
    return [
        {"highway": "footway", "width": 3.0, "surface": "sett", "tunnel": "building_passage",
         "geometry": shapely.set_precision(line, 0.01)}
        for line in lines
        if len(standing.query(line, predicate="intersects")) == 1
    ]  # fmt: skip


def place_rows() -> list[dict]:
    """Named places; all but the first near their real position, to perhaps 100 m."""
    name, point = read_place()
    rows = [(name, "town", point), ("Stora Torget", "square", Point(619250, 6919812)), ("Vängåvan",
    "fountain", Point(*town(92, 74))),
            ("Gustav Adolfs kyrka", "church", Point(*town(-340, -240))), ("Kulturmagasinet",
            "culture", Point(*town(203, 234))),
            ("Sundsvall C", "station", Point(619900, 6919380)), ("Norra berget", "hill",
            Point(619070, 6920880)),
            ("Norra bergets friluftsmuseum", "museum", Point(619010, 6920795)), ("Utsiktstornet",
            "tower", Point(619090, 6920818)),
            ("Norra kajen", "quarter", Point(619775, 6920195)), ("Inre hamnen", "harbour",
            Point(619690, 6919990)),
            ("Södra kajen", "harbour", Point(620080, 6919640)), ("Stenstaden", "quarter",
            Point(*town(0, -150))),
            ("Esplanaden", "street", Point(*town(147, -60))), ("Selångersån", "river", Point(618820,
            6920030))]  # fmt: skip
    return [{"name": name, "kind": kind, "geometry": point} for name, kind, point in rows]


def clear_of_ways(houses: list[dict], hill: list[Street], rails: list[dict]) -> list[dict]:
    """The houses that no path of the slopes and no ramp of the underpass touches."""
    ways = [street.line.buffer(street.paved_half + 1.0) for street in hill]
    ways += [way["geometry"].buffer(way["width"] / 2 + 3.0) for way in rails if way.get("highway")]
    barred = shapely.STRtree(ways)
    return [row for row in houses if not len(barred.query(row["geometry"], predicate="intersects"))]


def barred_lanes(ways: list[Street], houses: list[dict]) -> list[bool]:
    """Which drives and aisles would run through a house; they end before one."""
    shapes = np.array([row["geometry"] for row in houses])
    standing, lanes = (
        shapely.STRtree(shapes),
        [way.line.buffer(way.width / 2, cap_style="flat") for way in ways],
    )
    return [
        bool(shapely.area(shapely.intersection(shapes[standing.query(lane)], lane)).sum() > 0.1)
        for lane in lanes
    ]


def main() -> None:
    # GeoPackage keeps the hour of its last change; a fixed one keeps the files the same.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-01-01T00:00:00Z"})
    sea, river, beach = water_shapes(read_land())
    wet = shapely.union_all([sea, river])
    flat, squares = flat_streets(sea, river), squares_of(sea, river, beach)
    heights = with_shores(raw_relief(read_anchors()), sea, river, beach)
    heights = terraced(heights, shelves(), 30.0)
    kept = [wet.buffer(14), LineString(RAIL).buffer(16), *(plan.shape.buffer(5) for plan in SITES)]
    hill = hillside(heights, flat, kept)
    hill += museum_road(next(s for s in hill if s.name == "Gaffelbyvägen"))
    further = onward(heights, [*flat, *hill], kept)
    streets = [*flat, *hill, *further]
    paved = [(street.line, street.paved_half) for street in streets if not street.bridge]
    heights = graded(heights, paved)
    heights = flattened(
        heights, next(row["geometry"] for row in squares if row["name"] == "Stora Torget")
    )
    sheet = Sheet()
    closed = closed_ground(streets, squares, wet)
    site = Site(heights, closed, np.random.default_rng(1621))
    lots, jetties = build_town(site, sheet, flat, hill, (squares, wet, sea))
    town = len(site.rows)
    lots += build_margin(site, sheet, hill, further)
    rails = rail_rows(streets)
    homes, others = (
        clear_of_ways(rows, [*hill, *further], rails)
        for rows in (site.rows[:town], site.rows[town:])
    )
    houses = [*homes, *others]
    barred = barred_lanes(sheet.ways, houses)
    sheet.ways[:] = [way for way, shut in zip(sheet.ways, barred, strict=True) if not shut]
    streets += sheet.ways
    passages = passage_rows(site.passages, houses)
    roads = burn([line.buffer(half) for line, half in paved])
    heights = levelled(heights, [row["geometry"].buffer(2.5) for row in houses], roads)
    closed = closed_ground(streets, [*squares, *sheet.squares], wet)
    solid = burn([closed, *(row["geometry"] for row in houses)], all_touched=True)
    level = [row["geometry"] for row in sheet.areas if row["kind"] in LEVEL]
    heights = terraced(heights, level, 9.0, solid)
    heights = finished(np.maximum(heights, np.where(burn([beach]), 0.1, 1.25)), sea, river)
    write_all(
        heights,
        sheet,
        (streets, passages),
        squares,
        (homes, others),
        lots,
        jetties,
        (sea, river, beach, closed),
    )


LEVEL = ("pitch", "playground", "ishockeyrink", "skolgård", "helikopterplatta")


def write_all(heights, sheet, ways, squares, built, lots, jetties, ground) -> None:
    houses = [*built[0], *built[1]]
    streets, passages = ways
    sea, river, beach, closed = ground
    for name in ("water", "streets", "buildings", "places", "trees", "shore", "areas", "furniture",
                 "edges", "structures"):  # fmt: skip
        (HERE / f"{name}.gpkg").unlink(missing_ok=True)
    write_elevation(HERE / "elevation.tif", heights)
    frame = shapely.box(WEST, SOUTH, EAST, NORTH)
    write_layer(HERE / "water.gpkg", "water", [
        {"name": "Sundsvallsfjärden", "kind": "sea", "level_m": 0.0,
        "geometry": sea.intersection(frame)},
        {"name": "Selångersån", "kind": "river", "level_m": None,
        "geometry": river.intersection(frame)},
    ])  # fmt: skip
    write_layer(
        HERE / "streets.gpkg",
        "streets",
        [*street_rows(streets), *rail_rows(streets), *passages, *park_paths()],
    )
    squares = [row for row in [*squares, *sheet.squares] if not row["geometry"].is_empty]
    squares.append(fountain_place())
    write_layer(HERE / "streets.gpkg", "squares", squares)
    write_layer(HERE / "buildings.gpkg", "buildings", houses)
    gardens = garden_rows(lots, closed)
    areas = [*sheet.areas, *churchyard(houses), schoolyard()]
    write_layer(HERE / "areas.gpkg", "areas", [*gardens, *areas])
    trees = tree_rows(ground_of(built[0], closed, areas), sheet.trees)
    trees += margin_trees(ground_of(houses, closed, areas))
    write_layer(HERE / "trees.gpkg", "trees", trees)
    write_cover(HERE / "landcover.tif", cover_codes(heights, houses, closed, [*gardens, *areas]))
    write_layer(HERE / "edges.gpkg", "edges", sheet.edges)
    write_layer(HERE / "structures.gpkg", "structures", sheet.structures)
    write_layer(HERE / "shore.gpkg", "jetties", jetty_rows(sea, beach, jetties))
    write_layer(HERE / "shore.gpkg", "beaches", beach_rows(sea, beach))
    write_layer(HERE / "places.gpkg", "places", place_rows())
    write_layer(HERE / "furniture.gpkg", "furniture", [*furniture_rows(), *sheet.furniture])


if __name__ == "__main__":
    main()
