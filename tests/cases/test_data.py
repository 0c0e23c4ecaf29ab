"""Other inputs of the kinds of tests/data/cases: water at the edge of what is known, areas of which
an extract has only islands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from mc_city.checking.telling import skip_line
from mc_city.settings.config import read_config
from mc_city.settings.extract import THEMES
from terrain.frame import Frame
from terrain.osm.forms import read_extract
from terrain.osm.layers import layers_of
from terrain.rasters.elevation import flat_raster, inspect_raster
from terrain.rasters.files import RasterSource
from terrain.vectors.features import VectorSource, read_features
from terrain.water.bodies import read_water
from terrain.water.levels import lake_level
from tests.mutant_sources import write_whole_city
from tests.mutants import run
from worlds.errors import ConfigError, SourceError

EAST, NORTH = 619200, 6919800


def model(path: Path, heights: np.ndarray) -> list:
    """A terrain model of 1 m cells around the place."""
    half = heights.shape[0] // 2
    with rasterio.open(
        path, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1,
        dtype="float32", nodata=-9999.0,
        crs="EPSG:3006", transform=from_origin(EAST - half, NORTH + half, 1, 1),
    ) as dataset:  # fmt: skip
        dataset.write(heights.astype("float32"), 1)
    return [inspect_raster(RasterSource(path))]


@pytest.mark.parametrize(("inside", "level"), [(8.0, 8.0), (-9999.0, 10.0)], ids=["known", "void"])
@pytest.mark.parametrize("far", [200, 30_000])
def test_a_lake_that_goes_on_beyond_the_model_stands_as_its_shore_there(
    tmp_path, inside, level, far
):
    """Of a lake of 60 km the model knows a strip, or a shore of 128 m."""
    heights = np.full((128, 128), 10.0)
    heights[:, 100:] = inside
    rasters = model(tmp_path / "dem.tif", heights)
    lake = shapely.box(EAST + 36, NORTH - far, EAST + far, NORTH + far)
    assert lake_level(lake, rasters, Frame("EPSG:3006", EAST, NORTH)) == level


def extract(
    tmp_path: Path,
    rings: dict[int, tuple[float, float, float, float]],
    members: list[tuple[int, str]],
    open_ways=(),
) -> shapely.Geometry:
    """The area of a relation of an extract of 0.01 degrees; of `open_ways` only half of the ring is
    there."""
    nodes, ways = [], []
    for number, (west, south, east, north) in rings.items():
        corners = [(west, south), (east, south), (east, north), (west, north)]
        refs = [number * 10 + place for place in range(4)]
        nodes += [
            f"<node id='{ref}' lat='{lat}' lon='{lon}'/>"
            for ref, (lon, lat) in zip(refs, corners, strict=True)
        ]
        refs = refs[:3] if number in open_ways else [*refs, refs[0]]
        ways.append(
            f"<way id='{number}'>" + "".join(f"<nd ref='{ref}'/>" for ref in refs) + "</way>"
        )
    related = "".join(f"<member type='way' ref='{ref}' role='{role}'/>" for ref, role in members)
    text = "<osm version='0.6'><bounds minlat='62.0' minlon='17.0' maxlat='62.01' maxlon='17.01'/>"
    text += "".join(nodes) + "".join(ways)
    text += (
        f"<relation id='1'>{related}<tag k='type' v='multipolygon'/><tag k='natural' "
        f"v='water'/></relation></osm>"
    )
    path = tmp_path / "t.osm"
    path.write_text(text, "utf-8")
    return layers_of(read_extract(path)).held["multipolygons"].geometry


ISLAND = (17.004, 62.004, 17.006, 62.006)
ON_ISLAND, ON_LAKE = shapely.Point(17.005, 62.005), shapely.Point(17.002, 62.002)


def test_an_extract_within_a_lake_that_has_only_its_island_is_water_around_it(tmp_path):
    (area,) = extract(tmp_path, {2: ISLAND}, [(9, "outer"), (2, "inner")])
    assert not area.contains(ON_ISLAND)
    assert area.contains(ON_LAKE)
    assert shapely.box(17.0, 62.0, 17.01, 62.01).buffer(1e-9).contains(area)


def test_an_island_is_never_the_lake(tmp_path):
    """Beside another part of the lake the lines that lack say nothing; the island is land all the
    same."""
    (area,) = extract(
        tmp_path,
        {2: ISLAND, 3: (17.007, 62.007, 17.009, 62.009)},
        [(9, "outer"), (2, "inner"), (3, "outer")],
    )
    assert not area.intersects(ON_ISLAND)
    assert area.contains(shapely.Point(17.008, 62.008))


def test_a_lake_whose_shore_is_whole_is_not_lost_with_an_island_that_is_not(tmp_path):
    (area,) = extract(
        tmp_path,
        {2: ISLAND, 3: (17.001, 62.001, 17.009, 62.009)},
        [(3, "outer"), (2, "inner"), (9, "inner")],
        open_ways=(2,),
    )
    assert area.contains(ON_LAKE)
    assert not area.contains(shapely.Point(17.0055, 62.0045))


@pytest.mark.parametrize("kind", ["drain", "ditch", "tidal_channel"])
def test_drains_of_an_extract_are_water(tmp_path, kind):
    path = tmp_path / "t.osm"
    nodes = "".join(
        f"<node id='{number}' lat='62.3904' lon='{17.304 + 0.001 * number}'/>" for number in (1, 2)
    )
    way = f"<way id='3'><nd ref='1'/><nd ref='2'/><tag k='waterway' v='{kind}'/></way>"
    path.write_text(f"<osm version='0.6'>{nodes}{way}</osm>", "utf-8")
    layer, where = THEMES["terrain", "water"][1]
    bounds = (EAST - 200.0, NORTH - 200.0, EAST + 200.0, NORTH + 200.0)
    found = read_water(
        [VectorSource(path, layer, where)],
        [flat_raster(3.0, "EPSG:3006")],
        Frame("EPSG:3006", EAST, NORTH),
        bounds,
    )
    assert found.standing == 1


def test_closed_lines_of_a_drawing_are_outlines(tmp_path):
    """As the refusal of drawings without `crs` promises."""
    corners = [(0, 0), (16, 0), (16, 16), (0, 16)]
    places = "".join(f"10\n{EAST + x}\n20\n{NORTH + y}\n" for x, y in corners)
    text = (
        f"0\nSECTION\n2\nENTITIES\n0\nLWPOLYLINE\n8\n0\n90\n4\n70\n1\n{places}0\nENDSEC\n0\nEOF\n"
    )
    path = tmp_path / "b.dxf"
    path.write_text(text, "utf-8")
    (outline,) = read_features(VectorSource(path, crs="EPSG:3006"), "EPSG:3006", None).geometry
    assert outline.area == 256


def test_what_cannot_be_read_is_told_without_advice_for_programmers(tmp_path):
    path = tmp_path / "b.txt"
    path.write_text("hello", "utf-8")
    with pytest.raises(SourceError) as failed:
        read_features(VectorSource(path), "EPSG:3006", None)
    assert "driver" not in str(failed.value).lower()


def test_what_is_drawn_is_not_said_to_be_left_out():
    assert skip_line(
        "bridge with less than 4 free blocks over what it crosses: no room for ramps", 2
    ).startswith("2 drawn all the same: ")
    assert skip_line("no area", 1_000) == "1,000 left out: no area"


CITY = (
    '[city]\nname = "case"\ncrs = "EPSG:3006"\norigin = [619200, 6919800]\n[area]\nbounds = '
    "[619168, 6919768, 619232, 6919832]\n"
)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", 'elevation = ["dem.tif"], or with flat_m'),
        ('[terrain]\nflat_m = 3.0\n[buildings]\nfootprints = ""\n', "names no file"),
        ('[terrain]\nelevation = ""\n', "names no file"),
        (
            '[terrain]\nflat_m = 3.0\n[buildings]\nfootprints = "https://x.example/b.gpkg"\n',
            "a web address",
        ),
    ],
)
def test_what_names_no_file_is_told_so(tmp_path, more, said):
    path = tmp_path / "city.toml"
    path.write_text(CITY + more, "utf-8")
    with pytest.raises(ConfigError) as failed:
        read_config(path)
    assert said in f"{failed.value} {failed.value.hint}"


def test_one_edition_needs_no_list(tmp_path):
    path = tmp_path / "city.toml"
    path.write_text(CITY + '[terrain]\nflat_m = 3.0\n[world]\neditions = "java"\n', "utf-8")
    assert read_config(path).world.editions == ("java",)


def test_an_empty_area_is_not_the_whole_city(tmp_path):
    path = tmp_path / "city.toml"
    path.write_text(CITY + "[terrain]\nflat_m = 3.0\n", "utf-8")
    assert run(["check", str(path), "--area="])[0] == 1


@pytest.mark.parametrize("metres", [-430, 2640, 4090, 8840])
def test_a_city_on_any_land_of_the_earth_is_built_as_the_hint_says(tmp_path, metres):
    path = tmp_path / "city.toml"
    path.write_text(f'{CITY}[terrain]\nflat_m = {metres}\n[world]\neditions = "java"\n', "utf-8")
    code, said = run(["check", str(path)])
    assert (code, "sea_level_y" in said) == (1, True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"[vertical]\n{said[said.index('sea_level_y =') :]}\n")
    assert run(["build", str(path), "--out", str(tmp_path / "out"), "--jobs", "1"])[0] == 0
    code, said = run(["info", str(next(tmp_path.glob("out/*/level.dat")).parent)])
    level = int(said[said.index("height 0 at y ") :].split("\n")[0].rsplit(" ", 1)[1])
    assert (code, -64 <= level + metres <= 319) == (0, True)


@pytest.mark.parametrize("name", ["EPSG:6", "EPSG:abc", "urn:x"])
def test_a_model_that_names_no_crs_that_is_known_is_refused_in_two_lines(tmp_path, name):
    city = write_whole_city(tmp_path / "city")
    model = json.loads((city / "model.json").read_text("utf-8"))
    model["metadata"]["referenceSystem"] = (
        f"https://www.opengis.net/def/crs/{name.replace(':', '/0/')}"
    )
    (city / "model.json").write_text(json.dumps(model), "utf-8")
    code, said = run(["check", str(city / "city.toml")])
    assert (code, "model.json" in said, "CRS" in said) == (1, True, True)
