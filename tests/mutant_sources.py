"""A small city with a source of every format, and its worlds: what `tests.mutants` damages."""

from __future__ import annotations

import shutil
from pathlib import Path

from pyproj import Transformer

from mc_city.build.build import build
from mc_city.settings.config import read_config
from tests.city_models import gabled, write_cityjson
from tests.conftest import ORIGIN, quiet, write_city
from tests.ideas import Made, write_harvest
from tests.mutants import UPGRADED
from tests.plans import SMALL_PLANS, write_plans
from tests.unit.harvest_proposals import filled
from tests.upgrade import upgrade

SIGN = "oak_wall_sign[facing=south]"
BOUNDS = "600000, 6899968, 600032, 6900000"
"""Within one region."""
SOURCE_NOTES = """[[source]]
title = "Höjder"
real = true
licence = "CC0 1.0"
attribution = "Ingen"
date = 2024-05-01
note = "Påhittat"

[[source]]
title = "Hus"
real = false
"""


def _write_osm(path: Path) -> None:
    to_degrees = Transformer.from_crs("EPSG:3006", "EPSG:4326", always_xy=True)
    east, north = ORIGIN
    places = [(-20, -5), (10, -8), (40, -12), (5, -30), (20, -30), (20, -20), (5, -20)]
    nodes = []
    for number, (x, y) in enumerate(places, start=1):
        lon, lat = to_degrees.transform(east + x, north + y)
        nodes.append(f'<node id="{number}" lat="{lat:.7f}" lon="{lon:.7f}" version="1"/>')

    def way(number: int, refs: tuple[int, ...], **tags: str) -> str:
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs) + "".join(
            f'<tag k="{key}" v="{value}"/>' for key, value in tags.items()
        )
        return f'<way id="{number}" version="1">{inner}</way>'

    ways = [
        way(10, (1, 2, 3), highway="residential", name="Storgatan", lanes="2", surface="asphalt"),
        way(11, (4, 5, 6, 7, 4), building="yes", height="7", roof="gabled"),
        way(12, (2, 6), highway="footway", bridge="yes", layer="1"),
    ]
    path.write_text(
        '<?xml version="1.0"?><osm version="0.6">' + "".join(nodes + ways) + "</osm>", "utf-8"
    )


def write_whole_city(folder: Path) -> Path:
    """The city's folder with city.toml and a file of every format."""
    config = write_city(folder, '[plans]\nsources = "plans.geojson"', bounds=BOUNDS)
    text = config.read_text("utf-8")
    streets = 'water = "water.gpkg"\nstreets = { path = "streets.osm", layer = "lines" }'
    text = text.replace('water = "water.gpkg"', streets).replace(
        '"houses.gpkg"', '["houses.gpkg", "model.json"]'
    )
    config.write_text(text, "utf-8")
    write_plans(folder / "plans.geojson", SMALL_PLANS)
    write_cityjson(
        folder / "model.json",
        {"hus": gabled(12, -12, 24, -2, 5, 8), "skjul": gabled(2, -20, 8, -14, 3, 4)},
    )
    _write_osm(folder / "streets.osm")
    (folder / "sources.toml").write_text(SOURCE_NOTES, "utf-8")
    hut = filled((22, 80, 22), (26, 84, 26), "oak_planks") | {(24, 82, 27): SIGN}
    write_harvest(folder / "ideas", read_config(config), [Made(hut)])
    config.write_text(config.read_text("utf-8") + '\n[class]\nideas = "ideas"\n', "utf-8")
    return folder


def write_whole_world(folder: Path) -> Path:
    """The folder that a build of that city wrote, both editions, with layers; and the Java world as
    26.3 saved it since."""
    out = folder / "out"
    build(read_config(write_whole_city(folder / "city") / "city.toml"), out, 1, False, quiet)
    upgrade(shutil.copytree(out / "Liten", out / UPGRADED / "Liten"))
    return out


def write_whole(folder: Path) -> None:
    """Both, as `tests.mutants` looks for them: a build's folder in world/out, a configuration's in
    city."""
    write_whole_world(folder / "world")
    write_whole_city(folder / "city")
