"""A commented configuration for a new city: with example paths, or for the files that somebody
has."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely

from mc_city.build.staging import disk_errors
from mc_city.settings.config import Config, config_of_text
from mc_city.settings.coordinates import (
    NATIONAL,
    as_list,
    horizontal,
    in_words,
)
from mc_city.site.found import (
    MODEL,
    Found,
    expanded,
    look_at,
    to_crs,
    without_layers_beside,
)
from mc_city.site.land import read_land
from mc_city.site.sources import height_sources
from mc_city.starter_models import model_entries
from mc_city.starter_place import METRES_PER_DEGREE, Start, choose_start, far_apart
from terrain.files.kinds import what_is
from terrain.rasters.elevation import inspect_raster
from worlds.errors import McCityError, SourceError, WorldError
from worlds.names import near_name
from worlds.quoting import plain, toml_text, typed_path

ROOM_Y = (-40, 240)
"""y of the lowest and the highest ground to begin with, so that houses and trees fit above."""
FLAT_M, HIGH_Y = 3.0, 160
"""Metres at which a flat ground lies; y above which it is brought down to where that would lie, so
that houses fit above."""
SAMPLE_ORIGIN, SAMPLE_BOUNDS = (619250.0, 6919812.0), (618994.0, 6919556.0, 619506.0, 6920068.0)

EXAMPLES = {
    "terrain.elevation": 'elevation = ["data/elevation.tif"]   # one or several rasters; earlier '
    "ones win where they overlap",
    "terrain.water": 'water = ["data/water.gpkg"]        # polygons; kind: sea, river or lake; '
    "level_m where known",
    "terrain.streets": 'streets = [{ path = "data/streets.gpkg", layer = "streets" }]    # lines '
    "with OSM `highway` and `width`, or NVDB",
    "terrain.landcover": 'landcover = { path = "data/nmd.tif", legend = "nmd" }            # or '
    '"worldcover", or your own table',
    "terrain.vegetation": 'vegetation = ["data/landuse.gpkg"]                    # polygons '
    "over it: OSM's words or Topografi 10's",
    "terrain.canopy": 'canopy = "data/canopy.tif"                                       # heights '
    "of trees above the ground",
    "terrain.squares": 'squares = [{ path = "data/streets.gpkg", layer = "squares" }]    # '
    "polygons; kind: square, park or quay",
    "terrain.trees": 'trees = ["data/trees.gpkg"]        # points, or lines for rows; height_m, '
    "species",
    "terrain.furniture": 'furniture = ["data/furniture.gpkg"]                  # points: OSM\'s '
    "words",
    "terrain.piers": 'piers = ["data/piers.gpkg"]        # jetties: lines (width in metres) or '
    "polygons over the water; boats lie at them",
    "terrain.edges": 'edges = ["data/fences.gpkg"]       # lines and points: OSM\'s barrier, or '
    "kind = häck, staket, mur …",
    "terrain.parcels": 'parcels = ["data/parcels.gpkg"]    # polygons: along which gardens have '
    "their hedges and fences",
    "terrain.structures": 'structures = ["data/masts.gpkg"]  # points, lines and areas: OSM\'s '
    "words, or kind = mast, vattentorn, kraftledning …; height",
    "buildings.footprints": 'footprints = ["data/buildings.gpkg"]      # polygons, CityJSON or '
    "CityGML",
    "buildings.surface_model": 'surface_model = "data/dsm.tif"            # heights from surface '
    "minus terrain",
    "buildings.point_cloud": 'point_cloud = ["data/laser/*.laz"]        # LAZ or COPC of a laser '
    "scanner: roofs, and trees where they stand",
    "plans.sources": 'sources = ["data/plans.geojson"]          # planned developments: features '
    "with layer and role; see docs/plans.md",
    "plans.detaljplaner": 'detaljplaner = [{ path = "data/plans/*.json", from_year = 2015 }]    '
    "# what detaljplaner allow",
    "names.places": 'places = ["data/places.gpkg"]             # points with name',
    "products.files": 'files = ["data/topografi10.gpkg"]         # files of well-known products '
    "(docs/own-data.md): they fill in the themes that they have",
    "osm.extract": 'extract = "data/town.osm.pbf"             # OpenStreetMap: fills in every '
    "theme that is not named below",
}
"""Key → the line that shows how it is written."""
SINGLE = ("buildings.surface_model", "terrain.canopy", "terrain.landcover", "osm.extract")
"""Keys that take one file."""
MORE = {
    "terrain": (
        '# elevation_unit = "m"               # "m", "ft" or "us-ft", only when the raster does '
        "not say",
        "# allow_voids = true                 # ground where no raster has data takes the nearest "
        "known height",
    ),
    "buildings": (
        '# fields = { height_m = "height", floors = "levels", use = "type" }    # only where '
        "names differ from those known",
        '# interiors = "full"                 # furnished rooms; "bare": floors, stairs and light; '
        "false: hollow",
    ),
}

HEAD = """\
# A city for mc-city. Paths are relative to this file; on Windows write them in 'single quotes' or
# with forward slashes.
# `mc-city check {folder}` reads everything without building; `mc-city build {folder}` builds.

[city]
name = {name}
crs = {crs}                    # {crs_name}: a projected CRS in metres
# language = "sv"                    # of all that the world says, with English beside it; or en,
# fi, no, da, de, fr, es, nl
origin = {origin}           # east, north of block 0 0: a fixed point of the city, never moved again
# turn_deg = 12.5                    # turns the block grid clockwise about the origin, so that a
# town's streets lie along it; never changed again

[area]
bounds = {bounds}    # west, south, east, north; grows to whole chunks of 16 blocks
{extent}scale = 1.0                          # blocks per metre

[vertical]
sea_level_y = {sea_level_y}                     # y of height 0 in the elevation's datum
scale = 1.0
"""
TAIL = """\
[world]
editions = ["java", "bedrock"]       # or one of them
java_version = "26.3"                # or 26.2, 26.1, 1.21.11 … 1.21.4; later games open it too
game_mode = "creative"               # or adventure, survival, spectator
# spawn = {origin}          # east, north; otherwise the city's origin
# time = 6000                        # noon; daylight_cycle = true lets the sun move
# furniture = false                  # bare streets
# [class]
# votes = false                      # no buttons for votes at the boards
"""
SOURCES = """\
# Whose data the city is made of: `mc-city` writes it into the world, ATTRIBUTION.txt and the
# hand-out. One [[source]] each.
# A sources.toml beside the data files is read, too.

# [[source]]
# title = "Elevation model, 1 m"
# files = {files}
# licence = "CC0"
# attribution = "© Lantmäteriet"
# date = "2024-05"
# real = true                        # false: made up for the picture
"""


@dataclass(frozen=True)
class _Text:
    """What goes into a configuration. lines: key → the files that are named; remarks: of files that
    are not; flat_m: the height of the ground where there is no elevation; models: files."""

    folder: Path
    start: Start
    found: Sequence[Found]
    remarks: Sequence[str]
    sea_level_y: int = 62
    allow_voids: bool = False
    flat_m: float | None = None
    models: Sequence[Path] = ()


def relative_path(path: Path, folder: Path) -> str:
    """A path as a configuration in the folder names it: relative where it is near, and always with
    forward slashes."""
    whole = Path(os.path.realpath(path))
    try:
        relative = Path(os.path.relpath(whole, folder.resolve()))
    except ValueError:
        # Another drive of Windows.
        relative = whole
    near = relative.parts.count("..") <= 3
    return (relative if near else whole).as_posix()


def source_of(one: Found, folder: Path) -> dict[str, str]:
    """What a configuration in a folder says of a file, under its key."""
    said = {"path": relative_path(one.path, folder)}
    said |= {"layer": one.layer} if one.layer else {}
    return said | ({"legend": one.legend} if one.legend else {})


def _entry(one: Found, folder: Path) -> str:
    said = source_of(one, folder)
    if len(said) == 1:
        return toml_text(said["path"])
    return f"{{ {', '.join(f'{key} = {toml_text(text)}' for key, text in said.items())} }}"


def _section(section: str, text: _Text) -> list[str]:
    """A section with what is named in it, and an example for every key that is not."""
    lines = [f"[{section}]"]
    for key, example in EXAMPLES.items():
        if not key.startswith(f"{section}."):
            continue
        own = [one for one in text.found if one.key == key]
        name = key.partition(".")[2]
        if own and key in SINGLE:
            lines.append(f"{name} = {_entry(own[0], text.folder)}")
        elif len(own) == 1:
            lines.append(f"{name} = [{_entry(own[0], text.folder)}]")
        elif own:
            lines += [f"{name} = [", *(f"  {_entry(one, text.folder)}," for one in own), "]"]
        elif key == "terrain.elevation" and text.flat_m is not None:
            flat = f"flat_m = {text.flat_m:.1f}"
            lines += [
                f"# {example}",
                f"{flat:<36} # no elevation model was given: a flat ground at {text.flat_m:g} m",
            ]
        else:
            lines.append(f"# {example}")
    for more in MORE.get(section, ()):
        lines.append(
            more.removeprefix("# ") if text.allow_voids and "allow_voids" in more else more
        )
    if section in ("plans", "names", "osm", "products") and all(
        line.startswith("#") for line in lines[1:]
    ):
        lines[0] = f"# {lines[0]}"
    return lines


def _as_text(text: _Text) -> str:
    start = text.start
    name = near_name(
        text.folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize(),
        "My city",
    )
    full = start.full
    extent = (
        f"# the data reaches from {in_words(full)}: bounds = {as_list(full)}\n"
        if full is not None
        else ""
    )
    head = HEAD.format(
        folder=typed_path(text.folder), name=toml_text(name), crs=toml_text(start.crs),
        crs_name=horizontal(start.crs).name,
        origin=as_list(start.origin), bounds=as_list(start.bounds), extent=extent,
        sea_level_y=text.sea_level_y,
    )  # fmt: skip
    sections = [
        "\n".join(_section(section, text))
        for section in ("osm", "products", "terrain", "buildings", "plans", "names")
    ]
    remarks = [f"# {plain(remark)}" for remark in text.remarks]
    parts = [
        head,
        *sections,
        model_entries(
            [toml_text(relative_path(path, text.folder)) for path in text.models], start.origin
        ),
        *(["\n".join(["# Files that are not named above:", *remarks])] if remarks else []),
    ]
    return (
        "\n\n".join(part.rstrip() for part in (*parts, TAIL.format(origin=as_list(start.origin))))
        + "\n"
    )


def _settle_twins(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """Without footprints that lie where other footprints lie: the same houses from two files. City
    models come first, they have roofs."""
    kept: list[Found] = []
    remarks = []
    ordered = sorted(
        found,
        key=lambda one: (
            not (one.layer is None and one.path.suffix.lower() in (".json", ".gml", ".xml"))
        ),
    )
    for one in ordered:
        twin = next(
            (
                other
                for other in kept
                if one.key == other.key == "buildings.footprints" and same_place(one, other)
            ),
            None,
        )
        if twin is None:
            kept.append(one)
        else:
            twice = (
                f"footprints where those of {twin.path.name} lie, and the same houses would "
                f"stand twice"
            )
            remarks.append(f"{one.path.name}: {twice}; add it by hand if these are others")
    return [one for one in found if one in kept], remarks


def same_place(first: Found, second: Found) -> bool:
    """Whether more than half of one lies where the other does."""
    there = to_crs(first.extent, first.crs, second.crs)
    if there is None:
        return False
    both = shapely.intersection(there, second.extent).area
    return bool(both > 0.5 * min(there.area, second.extent.area))


def find(files: Sequence[Path]) -> tuple[list[Found], list[str]]:
    """(what the files are for, remarks on those that nobody can place, or cannot be used).
    SourceError where none can be used: of the first that was named."""
    found: list[Found] = []
    remarks: list[str] = []
    bad: list[McCityError] = []
    for path in expanded(files):
        if not os.path.realpath(path).isprintable():
            raise SourceError(
                f"{plain(path)}: has a line break or the like in its name",
                hint="rename it, and give its new name",
            )
        try:
            found += look_at(path)
        except McCityError as error:
            if path in files:
                bad.append(error)
                said = str(error).removeprefix(f"{path}: ").removeprefix(f"{path.name}: ")
                remarks.append(f"{path.name}: {said}; {error.hint}")
            elif path.is_file() and what_is(path).family != "unknown":
                remarks.append(f"{path.name}: is {what_is(path).name}; {error.hint}")
    found = without_layers_beside(found)
    usable, more = settled(found)
    remarks += more
    if bad and all(one.key == MODEL for one in usable):
        raise bad[0]
    if all(one.key == MODEL for one in usable):
        raise SourceError(
            f"none of the files can be placed: {'; '.join(remarks)[:300] or 'nothing in them'}",
            hint="name an elevation raster, footprints, or an OpenStreetMap extract",
        )
    return usable, remarks


def settled(found: Sequence[Found]) -> tuple[list[Found], list[str]]:
    """(what is used of what was found, each key once where it takes one file; remarks on the
    rest)."""
    remarks = [
        f"{one.path.name}{f', {one.layer}' if one.layer else ''}: {one.remark}"
        for one in found
        if not one.key
    ]
    usable = [one for one in found if one.key]
    for key in SINGLE:
        own = [one for one in usable if one.key == key]
        remarks += [
            f"{one.path.name}: {key} takes one file, and {own[0].path.name} is named"
            for one in own[1:]
        ]
        usable = [one for one in usable if one not in own[1:]]
    usable, twins = _settle_twins(usable)
    # Of several elevation models the finest comes first: it wins where they overlap.
    usable.sort(key=lambda one: cell_m(one) if one.key == "terrain.elevation" else 0.0)
    return usable, [*remarks, *twins]


def _flat_ground(found: Sequence[Found]) -> float | None:
    """The height of a ground that no file tells: that on which city models stand, whose roofs have
    heights of their own."""
    if not found or any(one.key == "terrain.elevation" for one in found):
        return None
    return next((round(one.ground_m, 1) for one in found if one.ground_m is not None), FLAT_M)


def _fitted(text: _Text, config: Config) -> _Text:
    """The text with what the ground of its area demands: another level of the sea, or voids
    allowed. config: read from it."""
    if text.flat_m is not None:
        return (
            text
            if text.flat_m + text.sea_level_y <= HIGH_Y
            else replace(text, sea_level_y=62 - round(text.flat_m - FLAT_M))
        )
    rasters = [
        inspect_raster(source)
        for source in height_sources(config.terrain.elevation, "terrain.elevation")
    ]
    lowest, highest, missing, known_at_all = np.inf, -np.inf, False, False
    for region in config.grid.regions():
        tile = config.grid.region(*region).intersection(config.grid)
        heights, known, lacking = read_land(rasters, tile)
        missing |= bool(lacking.any())
        if known.any():
            known_at_all = True
            lowest, highest = (
                min(lowest, float(np.nanmin(heights))),
                max(highest, float(np.nanmax(heights))),
            )
    if not known_at_all:
        return text
    level = text.sea_level_y
    if highest + level > ROOM_Y[1]:
        level = int(min(ROOM_Y[1] - highest, max(ROOM_Y[0] + 60 - lowest, -2000)))
    elif lowest + level < ROOM_Y[0]:
        level = int(ROOM_Y[0] - lowest) + 1
    return replace(text, sea_level_y=level, allow_voids=missing)


def cell_m(found: Found) -> float:
    """Metres of a raster's cell."""
    return found.cell * (METRES_PER_DEGREE if horizontal(found.crs).is_geographic else 1.0)


def _require_new(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorldError(f"{folder} holds something already", hint="name a new folder")


class StarterTexts(NamedTuple):
    """What `city.toml` and `sources.toml` of a new city say."""

    config: str
    sources: str


def starter_texts(
    folder: Path,
    placed: Sequence[Found],
    remarks: Sequence[str],
    told: Callable[[str], None] = lambda _: None,
) -> StarterTexts:
    """The texts for files that were found, as they are to stand in a folder. told: called with
    lines for a person."""
    found = [one for one in placed if one.key != MODEL]
    start = choose_start(found) if found else Start(NATIONAL, SAMPLE_ORIGIN, SAMPLE_BOUNDS, None)
    models = [one.path for one in placed if one.key == MODEL]
    for line in far_apart(found, start):
        told(line)
    text = _Text(folder, start, found, remarks, flat_m=_flat_ground(found), models=models)
    written = _as_text(text)
    if found:
        written = _as_text(_fitted(text, config_of_text(written, folder / "city.toml")))
    else:
        written = written.replace(
            f"# {EXAMPLES['terrain.elevation']}", EXAMPLES["terrain.elevation"]
        )
    rasters = [one for one in found if one.key == "terrain.elevation"] or found
    names = toml_text(", ".join(one.path.name for one in rasters[:3]) or "elevation.tif")
    return StarterTexts(written, SOURCES.format(files=names))


def write_starter(
    folder: Path, files: Sequence[Path] = (), told: Callable[[str], None] = lambda _: None
) -> tuple[Path, list[str]]:
    """Writes city.toml and sources.toml; (the configuration, remarks on files that are not used).
    told: called with lines for a person. Without files it has
    examples and an empty data folder; with files it names them where they are and builds at once.
    WorldError when the folder holds something."""
    _require_new(folder)
    placed, remarks = find(files) if files else ([], [])
    texts = starter_texts(folder, placed, remarks, told)
    config = folder / "city.toml"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        config.write_text(texts.config, "utf-8", newline="\n")
        if all(one.key == MODEL for one in placed):
            (folder / "data").mkdir()
        (folder / "sources.toml").write_text(texts.sources, "utf-8", newline="\n")
    return config, remarks
