"""One small city with everything in it, in two coordinate systems: every roof and shape of house,
bridges, a tunnel, rails, a river, a lake, a quay, woods, trees and a planned layer. Run as a
program it prints the digest of the blocks that a configuration gives."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import box

from tests.conftest import ORIGIN, quiet
from tests.random_city import (
    AREAS,
    EDGES,
    ROOFS,
    SHAPES,
    USES,
    City,
    House,
    Patch,
    Street,
    write_city,
)

HOUSES = tuple(
    House(
        -78 + 26 * (number % 7), -74 + 29 * (number // 7), 9 + 5 * (number % 3),
        8 + 3 * (number % 4),
        (0, 30, 45, 17, 90, 63, 5)[number % 7],
        SHAPES[number % len(SHAPES)], USES[number % len(USES)], number % 6,
        ROOFS[number % len(ROOFS)], number % 5 == 0,
    )
    for number in range(42)
)  # fmt: skip
STREETS = (
    Street((0, 2), (-55, -40), 15, "residential", ""), Street((3, 1), (5, -12), -18, "secondary",
    "bridge"),
    Street((0, 2), (62, 40), 9, "tertiary", ""), Street((3, 1), (66, 60), 4, "primary", "tunnel"),
    Street((0, 1), (-20, -66), 6, "path", ""),
)  # fmt: skip
RICH = City(
    base=9, slope=(5, -4), step=2, valley=7, noise=1, seed=11, sea=24, houses=HOUSES,
    streets=STREETS,
    lakes=(Patch(-60, 40, 24, 18, 33, 0, None),), rivers=(Street((0, 2), (3, 9), 14, "river", ""),),
    squares=(Patch(-34, -30, 22, 18, 20, 0), Patch(40, 70, 30, 12, 0, 2)),
    areas=tuple(Patch(-70 + 30 * number, -50 + 21 * number, 34, 26, 12 * number, kind) for number,
    kind in enumerate((0, 2, 5, 7, 9, 1))),
    trees=tuple((-80 + 14 * number, 20 - 11 * (number % 5), number % 6) for number in range(12)),
    rails=(Street((3, 1), (-52, -44), 3, "rail", ""),), landcover=False,
    edges=tuple(Patch(-66 + 33 * (number % 5), -40 + 60 * (number // 5), 30, 22, 17 * number,
    number) for number in range(len(EDGES))),
)  # fmt: skip
assert len(AREAS) > 9


def write_rich_city(folder: Path, city: City = RICH, planned_floors: int = 4) -> Path:
    """Writes its files and configuration; streets, areas and water in degrees, so that they are
    transformed on reading."""
    config = write_city(folder, replace(city))
    for name in ("streets", "vegetation", "water"):
        path = folder / f"{name}.gpkg"
        gpd.read_file(path).to_crs("EPSG:4326").to_file(path, layer=name)
    east, north = ORIGIN
    plans = {
        "geometry": [box(east - 20, north + 30, east + 4, north + 47), box(east - 24, north + 24,
        east + 10, north + 50)],
        "layer": ["torget", "torget"], "name": ["Torget", "Torget"], "role": ["building", "ground"],
        "floors": [planned_floors, None],
        "surface": [None, "square"],
    }  # fmt: skip
    gpd.GeoDataFrame(plans, crs="EPSG:3006").to_file(folder / "plans.gpkg", layer="plans")
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[plans]\nsources = ["plans.gpkg"]\n')
    return config


def digests(config: Path) -> dict[str, str]:
    """SHA-256 of the blocks as they are today and with every plan."""
    from mc_city.city.drawing import draw
    from mc_city.city.reading import read_city
    from mc_city.settings.config import read_config

    scene = read_city(read_config(config), quiet)
    names = json.dumps([str(state) for state in scene.palette.states])
    found = {}
    for state, active in (("today", False), ("planned", True)):
        volume, ground = draw(scene, scene.grid, np.full(len(scene.developments.options), active))
        hashed = hashlib.sha256(names.encode())
        hashed.update(np.array([volume.y0, *volume.ids.shape]).tobytes())
        hashed.update(np.ascontiguousarray(volume.ids).tobytes())
        hashed.update(ground.ground_y.tobytes())
        found[state] = hashed.hexdigest()
    return found


if __name__ == "__main__":
    print(json.dumps(digests(Path(sys.argv[1]))))
