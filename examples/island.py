"""A small world from Python alone: settings without a file, two houses and a plan as GeoJSON, and
the plan shown. Run it in an empty folder: python island.py"""

import json
from pathlib import Path

import mc_city

EAST, NORTH = 600_000, 6_900_000


def box(west: int, south: int, east: int, north: int, **properties: object) -> dict[str, object]:
    """A rectangle, in metres from the city's origin."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    ring = [[EAST + x, NORTH + y] for x, y in corners]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def write(path: str, *features: dict[str, object]) -> str:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
    Path(path).write_text(text, "utf-8")
    return path


houses = write(
    "houses.geojson",
    box(8, 8, 20, 18, floors=2, roof_shape="gable"),
    box(30, 8, 40, 16, floors=1),
)
plans = write(
    "plans.geojson", box(24, 30, 44, 44, layer="school", role="building", floors=2, name="Skolan")
)

config = mc_city.Config.of(
    city={"name": "Holmen", "crs": "EPSG:3006", "origin": (EAST, NORTH)},
    area={"bounds": (EAST, NORTH, EAST + 64, NORTH + 64)},
    terrain={"flat_m": 3.0},
    buildings={"footprints": houses},
    plans={"sources": plans},
    world={"editions": "java"},
)
print(config)  # in a notebook, `config` alone draws the area

built = mc_city.build(config, "out")
print(built)

world = built.world
print(world, [layer.id for layer in world.layers if layer.shown])
world.show("school")
print(world, [layer.id for layer in world.layers if layer.shown])
print(world.map("both.png", layers=True))
