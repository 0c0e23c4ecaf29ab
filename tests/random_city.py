"""Small random cities: what hypothesis chooses, written as the files a city gives, on about 190 ×
190 m around ORIGIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, affinity, box

from tests.conftest import ORIGIN, write_raster

HALF = 96
"""Metres from the middle of the city to its sides."""
RASTER = 400
USES = (
    "apartments",
    "house",
    "garage",
    "industrial",
    "retail",
    "office",
    "church",
    "barn",
    "school",
    "yes",
)
ROOFS = (
    None,
    "flat",
    "gabled",
    "hipped",
    "half-hipped",
    "mansard",
    "pyramidal",
    "skillion",
    "dome",
    "onion",
)
ROADS = (
    "primary",
    "secondary",
    "residential",
    "service",
    "living_street",
    "footway",
    "cycleway",
    "path",
    "track",
    "pedestrian",
)
SHAPES = ("rectangle", "L", "U", "court", "row", "odd", "narrow")
AREAS = (
    {"landuse": "forest"}, {"landuse": "forest", "leaf_type": "needleleaved"},
    {"landuse": "farmland"}, {"natural": "wetland"},
    {"leisure": "pitch", "sport": "soccer"}, {"leisure": "pitch", "sport": "tennis"},
    {"leisure": "playground"}, {"landuse": "cemetery"},
    {"landuse": "allotments"}, {"leisure": "garden"}, {"natural": "heath"}, {"landuse": "meadow"},
)  # fmt: skip
EDGES = (
    {"barrier": "hedge"}, {"barrier": "fence"}, {"barrier": "fence", "fence_type": "chain_link"},
    {"barrier": "wall"}, {"barrier": "city_wall", "height": "6"}, {"barrier": "retaining_wall"},
    {"barrier": "kerb"}, {"natural": "cliff"}, {"man_made": "pipeline"}, {"barrier": "bollard"},
)  # fmt: skip
GATES = ("gate", "lift_gate", "bollard", "block", "stile")
TREES = ("birch", "oak", "pine", "spruce", "bush", None)
NMD = (2, 3, 41, 42, 111, 112, 113, 115, 118)


@dataclass(frozen=True)
class House:
    """At x east, z south of the middle; wide × deep metres, turned by so many degrees; `joined`
    puts the next one against it."""

    x: int
    z: int
    wide: int
    deep: int
    turn: int
    shape: str
    use: str
    floors: int
    roof: str | None
    joined: bool


@dataclass(frozen=True)
class Street:
    """From one side of the city (0 north … 3 west) to another; ends: metres along the sides, bend:
    metres by which the middle is moved; span: bridge, tunnel or '' of the piece in the middle."""

    sides: tuple[int, int]
    ends: tuple[int, int]
    bend: int
    highway: str
    span: str


@dataclass(frozen=True)
class Patch:
    """Something that covers a turned rectangle. kind: an index into what such things can be; level:
    metres above the land in its middle, or None."""

    x: int
    z: int
    wide: int
    deep: int
    turn: int
    kind: int
    level: int | None = None


@dataclass(frozen=True)
class City:
    """base, slope (in percent east and south), step (metres up east of a fault), valley (metres
    deep along north to south), noise (metres): the relief. sea: metres of its shore from the
    southern side, 0 = none."""

    base: int
    slope: tuple[int, int]
    step: int
    valley: int
    noise: int
    seed: int
    sea: int
    houses: tuple[House, ...]
    streets: tuple[Street, ...]
    lakes: tuple[Patch, ...]
    rivers: tuple[Street, ...]
    squares: tuple[Patch, ...]
    areas: tuple[Patch, ...]
    trees: tuple[tuple[int, int, int], ...]
    rails: tuple[Street, ...]
    landcover: bool
    edges: tuple[Patch, ...] = ()


def _places(reach: int = HALF - 8) -> st.SearchStrategy[int]:
    return st.integers(-reach, reach)


def _turns() -> st.SearchStrategy[int]:
    return st.one_of(st.sampled_from((0, 45, 30, 90)), st.integers(0, 89))


def houses() -> st.SearchStrategy[House]:
    return st.builds(
        House, _places(), _places(), st.integers(4, 26), st.integers(4, 20), _turns(),
        st.sampled_from(SHAPES), st.sampled_from(USES),
        st.integers(0, 7), st.sampled_from(ROOFS), st.booleans(),
    )  # fmt: skip


def streets(spans: Sequence[str] = ("",)) -> st.SearchStrategy[Street]:
    sides = st.sampled_from([(0, 2), (1, 3), (2, 0), (3, 1), (0, 1), (2, 3)])
    return st.builds(
        Street,
        sides,
        st.tuples(_places(70), _places(70)),
        st.integers(-25, 25),
        st.sampled_from(ROADS),
        st.sampled_from(spans),
    )


def patches(kinds: int, least: int = 8, most: int = 60) -> st.SearchStrategy[Patch]:
    sizes = st.integers(least, most)
    return st.builds(
        Patch,
        _places(),
        _places(),
        sizes,
        sizes,
        _turns(),
        st.integers(0, kinds - 1),
        st.none() | st.integers(-2, 0),
    )


def _few(
    strategy: st.SearchStrategy[Any], most: int, least: int = 0
) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, min_size=least, max_size=most).map(tuple)


def cities() -> st.SearchStrategy[City]:
    """Cities with everything that mc-city draws, on slopes, steps, valleys and noise."""
    ends = st.tuples(_places(60), _places(60))
    river = st.builds(
        Street,
        st.sampled_from([(0, 2), (1, 3)]),
        ends,
        st.integers(-20, 20),
        st.just("river"),
        st.just(""),
    )
    rail = st.builds(
        Street,
        st.sampled_from([(0, 2), (1, 3), (0, 1)]),
        ends,
        st.integers(-4, 4),
        st.just("rail"),
        st.just(""),
    )
    ways = st.tuples(
        streets(), streets(("", "bridge", "tunnel")), _few(streets(("", "bridge")), 3)
    ).map(lambda parts: (*parts[:2], *parts[2]))
    return st.builds(
        City, st.integers(2, 20), st.tuples(st.integers(-12, 12), st.integers(-12, 12)),
        st.integers(-5, 5), st.integers(0, 8),
        st.integers(0, 1), st.integers(0, 2**16), st.sampled_from((0, 0, 24, 40)), _few(houses(),
        18, 6),
        ways,
        _few(patches(1, 12), 1), _few(river, 1), _few(patches(5, 10, 30), 2),
        _few(patches(len(AREAS)), 5),
        _few(st.tuples(_places(), _places(), st.integers(0, len(TREES) - 1)), 12), _few(rail, 1),
        st.booleans(),
    ).map(_with_edges)  # fmt: skip


def _with_edges(city: City) -> City:
    """With some rings, chosen by its seed."""
    rng = np.random.default_rng(city.seed)
    rings = rng.integers((-80, -80, 8, 8, 0, 0), (81, 81, 61, 61, 90, len(EDGES)), (4, 6)).tolist()
    return replace(city, edges=tuple(Patch(*ring) for ring in rings[: int(rng.integers(5))]))


def _rectangle(patch: Patch | House) -> Polygon:
    shape = box(-patch.wide / 2, -patch.deep / 2, patch.wide / 2, patch.deep / 2)
    return affinity.translate(
        affinity.rotate(shape, patch.turn, origin=(0, 0)), ORIGIN[0] + patch.x, ORIGIN[1] - patch.z
    )


def _house_shapes(house: House) -> list[Polygon]:
    """One outline, or several that touch each other for a row."""
    w, d = house.wide / 2, house.deep / 2
    whole = box(-w, -d, w, d)
    shapes = {
        "rectangle": [whole],
        "L": [whole.difference(box(0, 0, w, d))],
        "U": [whole.difference(box(-w / 2, -d / 3, w / 2, d))],
        "court": [
            box(-w - 6, -d - 6, w + 6, d + 6).difference(box(-w / 1.6, -d / 1.6, w / 1.6, d / 1.6))
        ],
        "row": [
            box(-w + 6 * number, -d, -w + 6 * number + 6, d)
            for number in range(max(house.wide // 6, 1))
        ],
        "odd": [
            Polygon(
                [(-w, -d), (w * 0.7, -d * 0.9), (w, d * 0.2), (w * 0.2, d), (-w * 0.9, d * 0.6)]
            )
        ],
        "narrow": [box(-w, -1.6, w, 1.6)],
    }[house.shape]
    if house.joined:
        shapes = [*shapes, box(w, -d / 2, w + 8, d / 2)]
    turned = [affinity.rotate(shape, house.turn, origin=(0, 0)) for shape in shapes]
    return [affinity.translate(shape, ORIGIN[0] + house.x, ORIGIN[1] - house.z) for shape in turned]


def _line(street: Street) -> LineString:
    def end(side: int, along: int) -> tuple[float, float]:
        far = HALF + 30
        return ((along, far), (far, along), (along, -far), (-far, along))[side]

    first, last = (
        np.array(end(side, along), float)
        for side, along in zip(street.sides, street.ends, strict=True)
    )
    ahead = (last - first) / np.hypot(*(last - first))
    middle = (first + last) / 2 + street.bend * np.array([-ahead[1], ahead[0]])
    smooth = [
        (1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last for t in np.linspace(0, 1, 7)
    ]
    return LineString(np.array(smooth) + ORIGIN)


def _ways(city: City) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {
        name: [] for name in ("geometry", "highway", "railway", "bridge", "tunnel", "layer", "name")
    }

    def add(geometry: LineString, highway: str | None, span: str, number: int) -> None:
        railway = "rail" if highway == "rail" else None
        named = f"Gata {number}" if number % 2 == 0 and not railway else None
        layer = {"bridge": "1", "tunnel": "-1", "": None}[span]
        values = (
            geometry,
            None if railway else highway,
            railway,
            "yes" if span == "bridge" else None,
            "yes" if span == "tunnel" else None,
        )
        for name, value in zip(rows, (*values, layer, named), strict=True):
            rows[name].append(value)

    for number, street in enumerate((*city.streets, *city.rails)):
        line = _line(street)
        if not street.span:
            add(line, street.highway, "", number)
            continue
        cuts = (0.0, 0.35, 0.65, 1.0)
        for place, (start, stop) in enumerate(zip(cuts, cuts[1:], strict=False)):
            piece = shapely.ops.substring(line, start, stop, normalized=True)
            add(piece, street.highway, street.span if place == 1 else "", number)
    return rows


def heights(city: City) -> np.ndarray:
    """(400, 400) float32 metres; the first row is 200 m north of the middle."""
    rng = np.random.default_rng(city.seed)
    south, east = np.indices((RASTER, RASTER)) - RASTER / 2
    out = city.base + (city.slope[0] * east + city.slope[1] * south) / 100
    out += np.where(east + 0.3 * south > 20, city.step, 0)
    out -= city.valley * np.exp(-(((east - 0.4 * south) / 25) ** 2))
    out += city.noise * rng.normal(0, 0.6, out.shape)
    if city.sea:
        out = np.where(south > HALF - city.sea, 0, np.maximum(out, 1))
    for lake in city.lakes:
        # The surface of a lake is level in every elevation model.
        level = np.rint(out[lake.z + RASTER // 2, lake.x + RASTER // 2])
        out[
            shapely.contains_xy(
                _rectangle(lake).buffer(6), east + 0.5 + ORIGIN[0], ORIGIN[1] - south - 0.5
            )
        ] = level
    return np.maximum(out, -20).astype(np.float32)


def _write(folder: Path, name: str, columns: dict[str, list[Any]]) -> str | None:
    if not columns["geometry"]:
        return None
    gpd.GeoDataFrame(columns, crs="EPSG:3006").to_file(folder / f"{name}.gpkg", layer=name)
    return f"{name}.gpkg"


def _footprints(city: City, clear: Any) -> dict[str, list[Any]]:
    """The houses that stand on no street, rail or water; they may touch or overlap each other a
    little, as in registers."""
    rows: dict[str, list[Any]] = {
        "geometry": [],
        "building": [],
        "building:levels": [],
        "roof:shape": [],
    }
    laid: list[Polygon] = []
    for house in city.houses:
        for shape in _house_shapes(house):
            common = sum(shape.intersection(other).area for other in laid)
            if shape.intersects(clear) or common > 0.1 * shape.area:
                continue
            laid.append(shape)
            for name, value in zip(
                rows,
                (shape, house.use, str(house.floors) if house.floors else None, house.roof),
                strict=True,
            ):
                rows[name].append(value)
    return rows


def _passages(ways: dict[str, list[Any]], houses_: dict[str, list[Any]]) -> None:
    """Adds to the streets a way through every third house that is large enough."""
    for number, shape in enumerate(houses_["geometry"][::3]):
        around = shapely.get_coordinates(shapely.oriented_envelope(shape))[:4]
        sides = np.hypot(*np.diff(around, axis=0).T)
        if sides.max() < 16 or sides.min() < 6:
            continue
        first = int(sides.argmin())
        ahead = (around[first + 1] - around[first]) / sides[first]
        at = np.array(shape.representative_point().coords[0])
        far = (sides[first] / 2 + 4) * ahead
        row = (LineString([at - far, at + far]), ("service", "footway")[number % 2], None, None,
               "building_passage", None, None)  # fmt: skip
        for name, value in zip(ways, row, strict=True):
            ways[name].append(value)


def _water(city: City) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {"geometry": [], "kind": [], "level_m": []}
    east, north = ORIGIN
    seas = [box(east - 200, north - 200, east + 200, north - HALF + city.sea)] if city.sea else []
    found = [(shape, "sea", None) for shape in seas]
    land = heights(city)
    for lake in city.lakes:
        level = (
            None
            if lake.level is None
            else float(np.rint(land[lake.z + RASTER // 2, lake.x + RASTER // 2])) + lake.level
        )
        found.append((_rectangle(lake).buffer(3), "lake", level))
    found += [
        (_line(river).buffer(4 + abs(river.bend) / 5), "river", None) for river in city.rivers
    ]
    for row in found:
        for name, value in zip(rows, row, strict=True):
            rows[name].append(value)
    return rows


def _patches(patches_: Sequence[Patch], tags: Sequence[dict[str, str]]) -> dict[str, list[Any]]:
    keys = sorted({key for tag in tags for key in tag})
    rows: dict[str, list[Any]] = {"geometry": [_rectangle(patch) for patch in patches_]}
    return rows | {key: [tags[patch.kind].get(key) for patch in patches_] for key in keys}


def _edges(city: City) -> dict[str, list[Any]]:
    """Rings that run across whatever is there, and a gate in the middle of each street."""
    keys = ("barrier", "fence_type", "natural", "man_made", "height")
    rows: dict[str, list[Any]] = {"geometry": []} | {key: [] for key in keys}
    rings = [(_rectangle(patch).exterior, EDGES[patch.kind]) for patch in city.edges]
    gates = [
        (_line(street).interpolate(0.3, normalized=True), {"barrier": GATES[number % len(GATES)]})
        for number, street in enumerate(city.streets if city.edges else ())
    ]
    for geometry, tags in (*((LineString(ring), tags) for ring, tags in rings), *gates):
        rows["geometry"].append(geometry)
        for key in keys:
            rows[key].append(tags.get(key))
    return rows


STRUCTURES = (
    {"man_made": "mast", "height": "24"}, {"man_made": "silo", "height": "14"},
    {"man_made": "water_tower"}, {"man_made": "chimney", "height": "30"},
    {"man_made": "crane"}, {"man_made": "storage_tank"}, {"man_made": "flagpole"},
    {"power": "generator", "generator:source": "wind"}, {"man_made": "lighthouse"},
)  # fmt: skip


def _structures(city: City) -> dict[str, list[Any]]:
    """Points wherever they fall, and a power line from side to side; by the city's seed."""
    rng = np.random.default_rng(city.seed + 5)
    east, north = ORIGIN
    found: list[tuple[Any, dict[str, str]]] = [
        (Point(east + x, north - z), STRUCTURES[kind])
        for x, z, kind in rng.integers(
            (-HALF, -HALF, 0), (HALF, HALF, len(STRUCTURES)), (int(rng.integers(6)), 3)
        ).tolist()
    ]
    if rng.random() < 0.4:
        ends = rng.integers(-70, 71, 5).tolist()
        line = [(east - HALF - 40 + 70 * number, north - end) for number, end in enumerate(ends)]
        found.append((LineString(line), {"power": "line"}))
    keys = sorted({key for _, tags in found for key in tags})
    return {"geometry": [shape for shape, _ in found]} | {
        key: [tags.get(key) for _, tags in found] for key in keys
    }


def _afloat(city: City) -> dict[str, list[Any]]:
    """With a sea: a jetty, a place where one bathes, a berth and two buoys."""
    if not city.sea:
        return {"geometry": [], "man_made": []}
    east, shore = ORIGIN[0], ORIGIN[1] - HALF + city.sea
    rows = [
        (LineString([(east - 40, shore + 2), (east - 40, shore - 18)]), {"man_made": "pier"}),
        (Point(east + 30, shore), {"leisure": "bathing_place"}),
        (box(east - 60, shore - 20, east - 20, shore + 4), {"leisure": "marina"}),
        (Point(east - 5, shore - 12), {"seamark:type": "buoy_lateral"}),
        (Point(east + 60, shore - 9), {"seamark:type": "buoy_cardinal"}),
    ]
    keys = ("man_made", "leisure", "seamark:type")
    return {"geometry": [shape for shape, _ in rows]} | {
        key: [tags.get(key) for _, tags in rows] for key in keys
    }


def write_city(folder: Path, city: City) -> Path:
    """Writes all sources of the city and its configuration; returns the TOML file."""
    folder.mkdir(parents=True, exist_ok=True)
    write_raster(folder / "dem.tif", heights(city))
    ways, water = _ways(city), _water(city)
    lines = [
        line.buffer(9 if highway else 6)
        for line, highway in zip(ways["geometry"], ways["highway"], strict=True)
    ]
    clear = shapely.union_all([*lines, *water["geometry"]])
    footprints = _footprints(city, clear)
    _passages(ways, footprints)
    squares = [{"kind": kind} for kind in ("square", "park", "quay", "gravel", "asphalt")]
    trees = {
        "geometry": [Point(ORIGIN[0] + x + 0.5, ORIGIN[1] - z - 0.5) for x, z, _ in city.trees],
        "species": [TREES[kind] for *_, kind in city.trees],
    }
    east, north = ORIGIN
    named = {
        "water": _write(folder, "water", water),
        "streets": _write(folder, "streets", ways),
        "squares": _write(folder, "squares", _patches(city.squares, squares)),
        "piers": _write(folder, "piers", _afloat(city)),
        "trees": _write(folder, "trees", trees),
        "edges": _write(folder, "edges", _edges(city)),
        "structures": _write(folder, "structures", _structures(city)),
        "vegetation": _write(folder, "vegetation", _patches(city.areas, AREAS)),
    }
    if city.landcover:
        blobs = np.random.default_rng(city.seed + 1).integers(0, len(NMD), (25, 25))
        write_raster(
            folder / "cover.tif",
            np.array(NMD, np.uint8)[np.kron(blobs, np.ones((16, 16), int))],
            nodata=0,
        )
    terrain = [f'{key} = "{name}"' for key, name in named.items() if name]
    terrain += ['landcover = { path = "cover.tif", legend = "nmd" }'] if city.landcover else []
    houses_ = _write(folder, "houses", footprints)
    config = folder / "city.toml"
    config.write_text(
        "\n".join(
            [
                "[city]", 'name = "Slump"', 'crs = "EPSG:3006"', f"origin = [{east}, {north}]",
                "[area]", f"bounds = [{east - HALF}, {north - HALF}, {east + HALF}, "
                          f"{north + HALF}]",
                "[terrain]", 'elevation = "dem.tif"', *terrain,
                "[buildings]", *([f'footprints = "{houses_}"'] if houses_ else []),
                "[world]", 'java_version = "1.21.4"',
            ]
        ),
        "utf-8",
    )  # fmt: skip
    return config


def words(city: City) -> str:
    """What is in a city, one line, for messages."""
    counts = [
        f"{entry.name} {len(getattr(city, entry.name))}"
        for entry in fields(city)
        if isinstance(getattr(city, entry.name), tuple)
    ]
    return ", ".join(counts)
