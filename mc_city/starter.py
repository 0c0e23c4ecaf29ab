"""A commented configuration for a new city."""

from __future__ import annotations

from pathlib import Path

from mc_city.staging import disk_errors
from worlds.errors import WorldError

STARTER = """\
# A city for mc-city. Paths are relative to this file. `mc-city check city.toml` reads everything without building.

[city]
name = "My city"
crs = "EPSG:3006"                    # any projected CRS in metres
origin = [619250, 6919812]           # east, north of block 0 0: a fixed point of the city, never moved again

[area]
bounds = [618994, 6919556, 619506, 6920068]    # west, south, east, north; grows to whole chunks of 16 blocks
scale = 1.0                          # blocks per metre

[vertical]
sea_level_y = 62                     # y of height 0 in the elevation's datum
scale = 1.0

[terrain]
elevation = ["data/elevation.tif"]   # one or several rasters; earlier ones win where they overlap
# elevation_unit = "m"               # "m", "ft" or "us-ft", only when the raster does not say
# allow_voids = false                # true: ground where no raster has data takes the nearest known height
# water = ["data/water.gpkg"]        # polygons; kind: sea, river or lake; level_m where known
# streets = [{ path = "data/streets.gpkg", layer = "streets" }]    # lines with OSM `highway` and `width`
# landcover = { path = "data/nmd.tif", legend = "nmd" }            # or "worldcover"
# vegetation = ["data/landuse.gpkg"]                             # polygons over it: OpenStreetMap's words or Topografi 10's
# canopy = "data/canopy.tif"                                       # heights of trees above the ground; else from buildings.surface_model
# squares = [{ path = "data/streets.gpkg", layer = "squares" }]    # polygons; kind: square, park or quay
# furniture = ["data/furniture.gpkg"]                  # points: OpenStreetMap's words; [world] furniture = false leaves the streets bare
# piers = ["data/piers.gpkg"]                         # jetties: lines (width in metres) or polygons over the water; boats lie at them

[buildings]
# footprints = ["data/buildings.gpkg"]      # polygons
# fields = { height_m = "height", floors = "levels", use = "type" }    # only where names differ from those known
# surface_model = "data/dsm.tif"            # heights from surface minus terrain

[world]
java_version = "1.21.4"
game_mode = "creative"               # or adventure, survival, spectator
# spawn = [619250, 6919812]          # east, north; otherwise the city's origin
# time = 6000                        # noon; daylight_cycle = true lets the sun move
"""


def write_starter(folder: Path) -> Path:
    """Writes city.toml and an empty data folder; WorldError when the folder holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorldError(f"{folder} holds something already", hint="name a new folder")
    with disk_errors(folder):
        (folder / "data").mkdir(parents=True, exist_ok=True)
        config = folder / "city.toml"
        config.write_text(STARTER, "utf-8")
    return config
