"""Files of well-known products, named once, in the city and its blocks; what is said of them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from mc_city.build.build import build
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.site.sources import named_sources
from tests.cases.cases import Case, said
from tests.conftest import ORIGIN, TESTED, quiet
from tests.products import area, building, write_layers, write_made
from worlds.errors import SourceError

EAST, NORTH = ORIGIN
GROUND_Y = 62 + 10
CITY = """
[city]
name = "Orten"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [599936, 6899936, 600064, 6900064]
[terrain]
flat_m = 10.0
{terrain}
{more}
"""


def write(folder: Path, terrain: str = "", more: str = "") -> Path:
    config = folder / "city.toml"
    config.write_text(CITY.format(terrain=terrain, more=more), "utf-8")
    return config


def built(config: Path) -> Case:
    loaded = read_config(config).with_world(editions=("java",), java_version=TESTED)
    build(loaded, config.parent / "out", 1, False, quiet)
    return Case(config.parent / "out")


def layers_of(config: Path) -> dict[str, list[str | None]]:
    held = named_sources(read_config(config))
    return {theme: [source.layer for source in sources] for theme, sources in held.items()}


def test_a_file_of_topografi_that_is_named_once_fills_in_its_themes(tmp_path):
    """Land, a lake at the level that it says, a stream, a street, a school with its name."""
    write_made(tmp_path / "topografi.gpkg", "TOPOGRAPHY")
    config = write(tmp_path, more='[products]\nfiles = ["topografi.gpkg"]')
    case = built(config)
    assert case.block(48, 62 + 9, 48).startswith("minecraft:water")
    assert "water" in case.column(0, -10, GROUND_Y - 2, GROUND_Y + 1), "the stream"
    assert case.column(16, 32, GROUND_Y, GROUND_Y + 1)[0] in ("farmland", "coarse_dirt")
    assert case.count("spruce_log", "oak_log", "birch_log") > 20, "the wood of `mark`"
    street = case.column(20, -20, GROUND_Y, GROUND_Y + 1)
    assert street != case.column(20, -44, GROUND_Y, GROUND_Y + 1), "Storgatan is paved"
    assert case.report["buildings"]["drawn"] == 1
    assert case.report["streets"]["named"] == 1
    told = {source["layer"]: source["product"] for source in case.report["sources"]}
    assert told["vaglinje"] == "Lantmäteriet Topografi, kommunikation"
    assert "textpunkt" not in told
    assert case.report["vegetation"]["skipped"] == {
        "of another theme": 3,
        "objekttyp=månlandskap says nothing of the land": 1,
    }
    assert case.report["columns"]["terrain.vegetation"]["taken"]["kind"] == {
        "columns": {"objekttyp": 2},
        "not_understood": 1,
        "examples": ["Månlandskap"],
    }


def test_what_the_configuration_names_itself_is_not_filled_in(tmp_path):
    write_made(tmp_path / "topografi.gpkg", "TOPOGRAPHY")
    write_made(tmp_path / "nvdb.gpkg", "ROADS")
    config = write(
        tmp_path, 'streets = ["nvdb.gpkg"]', '[products]\nfiles = "topografi.gpkg"\n'
    )  # fmt: skip
    found = layers_of(config)
    assert found["terrain.streets"] == ["NVDB_DK_O_88_Vagtrafiknat"]
    assert found["terrain.water"] == ["mark", "hydrolinje"]
    assert "terrain.furniture" not in found


def test_several_products_are_named_in_a_folder(tmp_path):
    (tmp_path / "data").mkdir()
    write_made(tmp_path / "data" / "topografi.gpkg", "TOPOGRAPHY")
    write_made(tmp_path / "data" / "nvdb.gpkg", "ROADS")
    found = layers_of(write(tmp_path, more='[products]\nfiles = ["data/*.gpkg"]'))
    assert found["terrain.furniture"] == ["VIS_DK_O_49_Hallplats"]
    assert found["terrain.streets"] == [
        "NVDB_DK_O_88_Vagtrafiknat", "vaglinje", "ovrig_vag", "ralstrafik",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "words"), [("none.gpkg", "no such file"), ("own.gpkg", "no product whose columns")]
)
def test_a_product_that_is_not_there_or_not_known_is_said(tmp_path, name, words):
    write_layers(tmp_path / "own.gpkg", {"own": [{"kind": "lake", "geometry": area(0, 0, 9, 9)}]})
    config = write(tmp_path, more=f'[products]\nfiles = ["{name}"]')
    status, _, err = said("check", str(config))
    assert status == 1
    assert words in err


def test_nvdb_is_drawn_as_wide_as_it_says(tmp_path):
    """9 m, and from the middle on 5 m; what is no longer valid is not drawn."""
    write_made(tmp_path / "nvdb.gpkg", "ROADS")
    case = built(write(tmp_path, 'streets = ["nvdb.gpkg"]'))
    kerbs = [
        [z for z in range(-9, 10) if "slab" in case.block(x, GROUND_Y + 1, z)] for x in (-40, 30)
    ]
    between = [max(found) - min(found) - 3 for found in kerbs]
    assert between == [10, 6], "whole blocks from kerb to kerb"
    assert case.report["streets"]["skipped"] == {"no longer valid": 1}
    assert case.report["streets"]["on_bridges"] == 1
    columns = case.report["columns"]["terrain.streets"]["taken"]
    assert columns["width"] == {"columns": {"bredd": 2}}
    assert columns["name"] == {"columns": {"gatunamn": 2}}


@pytest.mark.parametrize("key", ["squares", "streets"])
def test_streets_that_are_given_as_areas_are_paved(tmp_path, key):
    write_made(tmp_path / "bgt.gpkg", "BGT")
    case = built(write(tmp_path, f'{key} = ["bgt.gpkg"]'))
    names = [case.column(10, z, GROUND_Y, GROUND_Y + 1)[0] for z in (-5, -11, -15, -22, -40)]
    asphalt, cycle, paving, gone, grass = names
    assert len({asphalt, cycle, paving, grass}) == 4
    assert gone == grass == "grass_block"
    assert case.report["squares"]["skipped"] == {
        "no longer valid": 1, "a street under ground": 1,
    }  # fmt: skip


def test_a_house_that_is_there_twice_stands_once_on_the_edge_of_its_roof(tmp_path):
    rows = [
        building(area(2, 2, 18, 14), "a", "Fasad", andamal1="Bostad;Flerfamiljshus"),
        building(area(0, 0, 20, 16), "a", "Takkant", andamal1="Bostad;Flerfamiljshus"),
    ]
    write_layers(tmp_path / "byggnad.gpkg", {"byggnad": rows})
    case = built(write(tmp_path, more='[buildings]\nfootprints = ["byggnad.gpkg"]'))
    assert case.report["buildings"]["drawn"] == 1
    assert case.report["buildings"]["skipped"] == {
        "the same again, told better by another insamlingslage": 1
    }
    grass = [case.block(x, GROUND_Y, -8) == "minecraft:grass_block[snowy=false]" for x in (-2, 0)]
    assert grass == [True, False]


def write_cover(path: Path, codes: np.ndarray) -> None:
    place = from_origin(EAST - 100, NORTH + 100, 10, 10)
    with rasterio.open(
        path, "w", driver="GTiff", dtype="uint16", count=1, height=codes.shape[0],
        width=codes.shape[1], crs="EPSG:3006", transform=place,
    ) as raster:  # fmt: skip
        raster.write(codes.astype("uint16"), 1)


@pytest.mark.parametrize(("beside", "edition"), [(42, "NMD 2018"), (4222, "NMD 2023")])
def test_the_edition_of_the_land_cover_is_said_and_its_unknown_codes_counted(
    tmp_path, beside, edition
):
    codes = np.full((20, 20), 41)
    codes[:, :4] = beside
    codes[10, 10] = 977
    write_cover(tmp_path / "cover.tif", codes)
    config = write(tmp_path, 'landcover = { path = "cover.tif", legend = "nmd" }')
    status, out, err = said("check", str(config))
    assert status == 0, err
    assert f"{edition}, " in out
    assert "1 cell with code 977: not in the legend" in out
    report = json.loads(said("check", str(config), "--json")[1])
    assert [raster["as"] for raster in report["landcover"]["rasters"]] == [edition]
    assert report["landcover"]["unknown_codes"] == {"977": 1}


def test_check_says_what_was_recognised(tmp_path):
    write_made(tmp_path / "topografi.gpkg", "TOPOGRAPHY")
    write_made(tmp_path / "nvdb.gpkg", "ROADS")
    write_layers(
        tmp_path / "byggnad.gpkg",
        {"byggnad": [building(area(0, 0, 20, 16), "a", andamal1="Rymdskepp;")]},
    )
    files = '[products]\nfiles = ["nvdb.gpkg", "topografi.gpkg", "byggnad.gpkg"]'
    status, out, err = said("check", str(write(tmp_path, more=files)))
    assert status == 0, err
    text = " ".join(out.split())
    for words in (
        "Lantmäteriet Byggnad, present schema",
        "Lantmäteriet Marktäcke, Topografi: mark",
        "NVDB, road network",
        "1 value of kind not understood: 'Månlandskap'",
        "name from gatunamn (",
    ):
        assert words in text, text


def test_init_puts_products_under_the_right_keys(tmp_path):
    write_made(tmp_path / "topografi.gpkg", "TOPOGRAPHY")
    write_made(tmp_path / "nvdb.gpkg", "ROADS")
    write_layers(tmp_path / "hus.gpkg", {"lager1": [building(area(0, 0, 20, 16), "a")]})
    write_made(tmp_path / "bgt.gpkg", "BGT")
    files = [str(tmp_path / name) for name in ("topografi.gpkg", "nvdb.gpkg", "hus.gpkg")]
    status, _, err = said("init", str(tmp_path / "town"), *files, str(tmp_path / "bgt.gpkg"))
    assert status == 0, err
    found = layers_of(tmp_path / "town" / "city.toml")
    assert found["terrain.streets"] == [
        "vaglinje", "ovrig_vag", "ralstrafik", "NVDB_DK_O_88_Vagtrafiknat",
    ]  # fmt: skip
    assert found["terrain.water"] == ["mark", "hydrolinje", "bgt_waterdeel"]
    assert found["terrain.squares"] == ["mark", "bgt_wegdeel"]
    assert found["terrain.vegetation"] == ["mark", "sankmark", "bgt_begroeidterreindeel"]
    assert found["terrain.furniture"] == ["VIS_DK_O_49_Hallplats"]
    text = (tmp_path / "town" / "city.toml").read_text("utf-8")
    assert "skyddadnatur" not in text
    assert "# nvdb.gpkg: 8 other layers" in text


def test_a_theme_without_a_layer_for_it_is_refused_as_ever(tmp_path):
    write_made(tmp_path / "nvdb.gpkg", "ROADS")
    config = read_config(write(tmp_path, 'piers = ["nvdb.gpkg"]'))
    with pytest.raises(SourceError, match="several layers"):
        read_city(config, quiet)


def test_a_product_in_a_zip_is_read_as_it_comes(tmp_path):
    """As Lantmäteriet and Trafikverket hand them out."""
    write_made(tmp_path / "inside.gpkg", "ROADS")
    with zipfile.ZipFile(tmp_path / "Y_lan_GeoPackage.zip", "w") as archive:
        archive.write(tmp_path / "inside.gpkg", "Y_lan/inside.gpkg")
    (tmp_path / "inside.gpkg").unlink()
    config = write(tmp_path, more='[products]\nfiles = "Y_lan_GeoPackage.zip"')
    assert layers_of(config) == {
        "terrain.streets": ["NVDB_DK_O_88_Vagtrafiknat"],
        "terrain.furniture": ["VIS_DK_O_49_Hallplats"],
    }
    city = read_city(read_config(config), quiet)
    streets = next(theme for theme in city.seen if theme.theme == "terrain.streets")
    assert streets.sources[0].product == "NVDB, road network"
