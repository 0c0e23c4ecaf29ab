"""Small plans for tests: features around the small city's origin, in metres east and north of
it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import ORIGIN, write_city, write_files


def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    x, y = ORIGIN
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {"type": "Polygon", "coordinates": [[[x + right, y + up] for right, up in corners]]}


def point(east: float, north: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [ORIGIN[0] + east, ORIGIN[1] + north]}


def line(*places: tuple[float, float]) -> dict[str, Any]:
    return {
        "type": "LineString",
        "coordinates": [[ORIGIN[0] + east, ORIGIN[1] + north] for east, north in places],
    }


def write_plans(path: Path, features: list[dict[str, Any]]) -> Path:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}
    path.write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}), "utf-8"
    )
    return path


def _write_trees(folder: Path) -> None:
    import geopandas as gpd
    from shapely import Point

    east, north = ORIGIN
    places = [(-25, -20), (-22, -18), (15, -8), (-5, 30), (40, 20), (12, 40), (-40, -40)]
    trees = {
        "geometry": [Point(east + x, north + y) for x, y in places],
        "kind": ["birch", "oak", "pine", "spruce", None, "oak", "birch"],
    }
    gpd.GeoDataFrame(trees, crs="EPSG:3006").to_file(folder / "trees.gpkg", layer="trees")


def write_planned_city(folder: Path, features: list[dict[str, Any]]) -> Path:
    """The small city with these plans and a few trees; returns its configuration."""
    config = write_city(folder, '[plans]\nsources = "plans.geojson"')
    text = config.read_text("utf-8").replace(
        'water = "water.gpkg"', 'water = "water.gpkg"\ntrees = "trees.gpkg"'
    )
    config.write_text(text, "utf-8")
    write_files(folder, _write_trees)
    write_plans(folder / "plans.geojson", features)
    return config


SMALL_PLANS = [
    feature(rectangle(-20, -30, 10, -10), layer="alfa", role="building", floors=4,
    use="apartments"),
    feature(rectangle(-30, -50, 20, -5), layer="alfa", role="ground", surface="park"),
    feature(point(-25, -45), layer="alfa", role="tree", species="oak"),
    feature(point(-40, -48), layer="alfa", role="info", name="Alfa kvarter", status="antagen",
    done_year=2031, homes="120 st",
            description="Ett nytt kvarter.", description_en="A new quarter.", as_of="2021-05-01"),
    feature(rectangle(0, -25, 30, 0), layer="beta", variant="a", role="building", floors=2,
    use="house"),
    feature(rectangle(0, -25, 30, 0), layer="beta", variant="b", role="building", floors=17,
    use="office"),
    feature(rectangle(22, -62, 60, -20), layer="beta", role="ground", surface="quay"),
    feature(rectangle(-55, 5, -30, 25), layer="beta", role="demolish"),
    feature(point(-20, 30), layer="beta", role="info", name="Beta", status="samråd",
    done_year=2036),
    feature(line((-60, 40), (60, 30)), layer="gamma", role="street", highway="residential"),
    feature(rectangle(-10, 25, 10, 45), layer="gamma", role="water"),
    feature(rectangle(-28, -14, -12, -6), layer="gamma", role="ground", surface="square",
    level_m=9),
    feature(point(45, 50), layer="gamma", role="info", name="Gamma", status="pausad",
    done_year=2028),
]  # fmt: skip
"""Three layers that meet each other: a quarter in a park, one with two variants on a quay, a street
with a basin."""
