"""Parts of large rasters, by ranges of a real nginx; packed rasters; extracts of a country."""

from __future__ import annotations

import hashlib

import numpy as np
import osmium
import pytest
import rasterio
from pyproj import Transformer

from mc_city.fetch.area import Area
from mc_city.fetch.client import Client, Question
from mc_city.fetch.ranged import BLOCK, RangedFile, Store
from mc_city.fetch.sources.global_rasters import (
    canopy_urls,
    copernicus_urls,
    quadkey,
    worldcover_urls,
)
from mc_city.settings.config import read_config
from tests.commands import run
from tests.fetch.answerer import Reply, whole_or_part
from tests.fetch.geodata import as_pbf, cog, heights_differ, zipped
from tests.fetch.served import BOUNDS, height_at, osm_xml, write_config
from worlds.errors import SourceError
from worlds.notes import read_source_notes

GLO30 = "copernicus-dem-30m.s3.amazonaws.com"
WORLDCOVER = "esa-worldcover.s3.eu-central-1.amazonaws.com"
NMD = "geodata.naturvardsverket.se"
COPERNICUS_NAME = "Copernicus_DSM_COG_10_N62_00_E017_00_DEM"


@pytest.fixture(scope="module")
def surface(tmp_path_factory) -> bytes:
    """The degree of Sundsvall in cells of 1.2 by 2.4 seconds … but of 1,024 cells only."""
    path = tmp_path_factory.mktemp("glo") / "dem.tif"
    return cog(path, height_at, "EPSG:4326", (17.0, 63.0, 1 / 1024, 1 / 1024))


@pytest.fixture
def glo30(nginx, mirrored, surface):
    nginx.put(f"glo30/{COPERNICUS_NAME}/{COPERNICUS_NAME}.tif", surface)
    mirrored({GLO30: f"{nginx.url}/glo30"})
    return nginx


def test_names_of_tiles_are_those_of_the_services():
    sundsvall = Area("EPSG:3006", BOUNDS).degrees
    assert list(copernicus_urls(sundsvall)) == [
        f"https://{GLO30}/{COPERNICUS_NAME}/{COPERNICUS_NAME}.tif"
    ]
    assert [url[-30:] for url in worldcover_urls(sundsvall)] == ["_10m_2021_v200_N60E015_Map.tif"]
    assert [url.rpartition("/")[2] for url in canopy_urls(sundsvall)] == ["1200132023.tif"]
    assert quadkey(3, 5, 3) == "213"
    south = list(copernicus_urls((-70.1, -33.5, -69.9, -33.4)))
    assert [url[-19:-8] for url in south] == ["_00_W071_00", "_00_W070_00"]


def test_only_the_blocks_of_the_area_come(glo30, tmp_path, surface):
    done = run("fetch", write_config(tmp_path, 'ground = "copernicus"'))
    assert done.returncode == 0, done.stderr
    path = tmp_path / "data" / "copernicus.tif"
    assert heights_differ(path) <= 1e-3
    with rasterio.open(path) as raster:
        assert raster.width < 40
        assert "EGM2008" in raster.crs.to_wkt()
    log = [line for line in glo30.log("access").splitlines() if "/glo30/" in line]
    came = sum(int(line.split('" ')[1].split()[1]) for line in log)
    assert all('" 206 ' in line for line in log)
    assert came < len(surface) / 3
    (entry,) = read_source_notes(tmp_path / "data" / "sources.toml")
    assert entry["attribution"].startswith("produced using Copernicus WorldDEM-30 ©")
    assert "a surface, with the tops of trees" in entry["note"]
    assert not list((tmp_path / "data" / "pieces").rglob("*.blocks"))


def test_tiles_with_cells_of_another_width_are_fitted(nginx, mirrored, tmp_path):
    """Copernicus' cells are half as wide again north of 60 degrees."""

    def sloping(east, north):
        return (east - 600_000) * 0.03 + (north - 6_600_000) * 0.002

    for south, wide in ((60, 1.5), (59, 1.0)):
        name = COPERNICUS_NAME.replace("N62", f"N{south}")
        tile = cog(tmp_path / f"{south}.tif", sloping, "EPSG:4326",
                   (17.0, south + 1.0, wide / 1024, 1 / 1024))  # fmt: skip
        nginx.put(f"glo30/{name}/{name}.tif", tile)
    mirrored({GLO30: f"{nginx.url}/glo30"})
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:3006", always_xy=True).transform(17.4, 60)
    bounds = (round(east) - 900, round(north) - 900, round(east) + 900, round(north) + 900)
    config = write_config(tmp_path, 'ground = "copernicus"')
    text = config.read_text("utf-8").replace(
        f"bounds = [{', '.join(str(value) for value in BOUNDS)}]", f"bounds = {list(bounds)}"
    )
    config.write_text(text, "utf-8")
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "data" / "copernicus.tif"
    with rasterio.open(path) as raster:
        cells = raster.read(1, masked=True)
        _, south, _, north = raster.bounds
    assert south < 60 - 0.005
    assert north > 60 + 0.005
    assert not np.ma.getmaskarray(cells).any()
    assert cells.max() - cells.min() > 50
    # Straight between the cells, and at most half a cell (40 m) off at the edge of a tile.
    assert heights_differ(path, served=sloping) <= 0.03 * 40


def test_a_raster_that_breaks_off_is_gone_on_with(answerer, mirrored, tmp_path, surface):
    """The second half of the tries is refused; what came before is not asked for again."""
    count = []

    def sometimes(asked):
        count.append(asked.headers.get("range"))
        return whole_or_part(surface, asked) if len(count) <= 1 else Reply(status=503)

    answerer.routes["/"] = sometimes
    mirrored({GLO30: answerer.url})
    config = write_config(tmp_path, 'ground = "copernicus"')
    done = run("fetch", config)
    assert done.returncode == 1
    assert "is busy or being repaired (503)" in done.stderr
    assert not list((tmp_path / "data").glob("*copernicus*"))
    first = list(count)
    answerer.routes["/"] = lambda asked: whole_or_part(surface, asked)
    answerer.asked.clear()
    assert run("fetch", config).returncode == 0
    again = {asked.headers["range"] for asked in answerer.asked}
    assert not again & set(first[:1])


def test_a_raster_that_changes_meanwhile_is_not_mixed(answerer, mirrored, tmp_path, surface):
    tags = iter(['"one"', *['"two"'] * 50])
    answerer.routes["/"] = lambda asked: whole_or_part(
        surface, asked, asked.headers.get("if-range") or next(tags)
    )
    mirrored({GLO30: answerer.url})
    config = write_config(tmp_path, 'ground = "copernicus"')
    done = run("fetch", config)
    assert done.returncode == 1
    assert "has changed while it was read" in done.stderr
    assert run("fetch", config).returncode == 0


def test_a_service_without_parts_is_told(answerer, mirrored, tmp_path, surface):
    answerer.routes["/"] = lambda _: Reply(surface)
    mirrored({GLO30: answerer.url})
    done = run("fetch", write_config(tmp_path, 'ground = "copernicus"'))
    assert done.returncode == 1
    assert "does not give parts of a file" in done.stderr


@pytest.mark.parametrize("status", [404, 403])
def test_where_there_is_no_tile_it_says_so(answerer, mirrored, tmp_path, status):
    answerer.routes["/"] = lambda _: Reply(b"<Error><Code>AccessDenied</Code></Error>", status)
    mirrored({GLO30: answerer.url})
    done = run("fetch", write_config(tmp_path, 'ground = "copernicus"'))
    assert done.returncode == 1
    assert "heights of the surface, Copernicus GLO-30: nothing of this area" in done.stderr


def test_what_is_no_raster_is_named(answerer, mirrored, tmp_path):
    answerer.routes["/"] = lambda asked: whole_or_part(b"II*\0" + bytes(5000), asked)
    mirrored({GLO30: answerer.url})
    done = run("fetch", write_config(tmp_path, 'ground = "copernicus"'))
    assert done.returncode == 1
    assert "is not a raster that can be read" in done.stderr


def test_a_failure_while_gdal_reads_does_not_end_the_program(answerer, mirrored, tmp_path):
    answerer.routes["/a.tif"] = lambda asked: whole_or_part(bytes(3 * BLOCK), asked)
    mirrored({"data.example": answerer.url})
    with Client() as client:
        store = Store(client, Question("https://data.example/a.tif"), tmp_path, lambda _: None)
        store.opened()
        answerer.routes["/a.tif"] = lambda _: Reply(status=503)
        file = RangedFile(store)
        assert file.read(10) == bytes(10)
        file.seek(2 * BLOCK)
        assert file.read(10) == b""
    assert isinstance(store.failure, SourceError)


def test_stopped_while_a_raster_is_read_it_goes_on(glo30, tmp_path, monkeypatch):
    config = write_config(tmp_path, 'ground = "copernicus"')
    once, count = Store._once, []

    def stopped(store, question, first, last):
        count.append(first)
        if len(count) == 2:
            raise KeyboardInterrupt
        once(store, question, first, last)

    monkeypatch.setattr(Store, "_once", stopped)
    done = run("fetch", config)
    assert done.returncode == 130
    assert "the same command goes on where it was" in done.stderr
    assert not list((tmp_path / "data").glob("*.tif"))
    monkeypatch.setattr(Store, "_once", once)
    before = len(glo30.log("access").splitlines())
    assert run("fetch", config).returncode == 0
    again = glo30.log("access").splitlines()[before:]
    assert len(again) < len(count) + 2
    assert heights_differ(tmp_path / "data" / "copernicus.tif") <= 1e-3


def test_land_cover_comes_with_its_codes_and_credit(nginx, mirrored, tmp_path):
    data = cog(tmp_path / "wc.tif", 50, "EPSG:4326", (15.0, 63.0, 3 / 1024, 3 / 1024),
               dtype="uint8", nodata=0)  # fmt: skip
    nginx.put("wc/v200/2021/map/ESA_WorldCover_10m_2021_v200_N60E015_Map.tif", data)
    mirrored({WORLDCOVER: f"{nginx.url}/wc"})
    flat = "[terrain]\nflat_m = 3.0"
    done = run("fetch", write_config(tmp_path, 'landcover = "worldcover"', flat))
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "data" / "worldcover.tif") as raster:
        assert set(np.unique(raster.read(1))) == {50}
    (entry,) = read_source_notes(tmp_path / "data" / "sources.toml")
    assert "© ESA WorldCover project 2021" in entry["attribution"]


def test_heights_of_trees_come_without_impossible_ones(nginx, mirrored, tmp_path):
    to_web = Transformer.from_crs("EPSG:3006", "EPSG:3857", always_xy=True)
    west, north = to_web.transform(BOUNDS[0] - 700, BOUNDS[3] + 700)

    def trees(east, _):
        return np.where(east < 619200, 17, np.where(east < 619300, 255, 0))

    data = cog(tmp_path / "chm.tif", trees, "EPSG:3857", (west, north, 4, 4), dtype="uint8")
    folder = "forests/v2/global/dinov3_global_chm_v2_ml3/chm"
    nginx.put(f"chm/{folder}/1200132023.tif", data)
    mirrored({"dataforgood-fb-data.s3.amazonaws.com": f"{nginx.url}/chm"})
    config = write_config(tmp_path, 'canopy = "meta"', "[terrain]\nflat_m = 3.0")
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "data" / "canopy.tif") as raster:
        assert set(np.unique(raster.read(1))) == {0, 17}
    canopy = read_config(config).terrain.canopy
    assert canopy is not None
    assert canopy.path.name == "canopy.tif"


def test_land_cover_of_a_county_is_cut_out_of_its_archive(nginx, mirrored, tmp_path):
    raster = cog(tmp_path / "nmd.tif", 111, "EPSG:3006", (614000.0, 6925000.0, 10, 10),
                 dtype="uint8", nodata=0)  # fmt: skip
    name = "NMD2018/bas_lan_ogen/Y_lan_nmd2018bas_ogeneraliserad_v1_1.zip"
    nginx.put(f"nmd/nedladdning/marktacke/{name}", zipped(readme__txt=b"x", nmd__tif=raster))
    mirrored({NMD: f"{nginx.url}/nmd"})
    flat = "[terrain]\nflat_m = 3.0"
    config = write_config(tmp_path, 'landcover = "nmd2018"\ncounty = "Y"', flat)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "data" / "nmd2018.tif") as found:
        assert found.width < 80
        assert set(np.unique(found.read(1))) == {111}
    other = write_config(tmp_path / "b", 'landcover = "nmd2018"\ncounty = "Z"', flat)
    done = run("fetch", other)
    assert done.returncode == 1
    assert "is the letter of the county right?" in done.stderr


def test_a_large_area_is_cut_out_of_an_extract(nginx, mirrored, tmp_path):
    """With its digest looked at, and nothing in it that lies elsewhere."""
    far = '<node id="9001" lat="55.6" lon="13.0"><tag k="name" v="Malmö"/></node><way'
    xml = osm_xml().replace(b"<way", far.encode(), 1)
    data = as_pbf(xml, tmp_path)
    nginx.put("gf/europe/sweden-latest.osm.pbf", data)
    nginx.put("gf/europe/sweden-latest.osm.pbf.md5", b"0" * 32 + b"  sweden-latest.osm.pbf\n")
    mirrored({"download.geofabrik.de": f"{nginx.url}/gf"})
    flat = "[terrain]\nflat_m = 3.0"
    config = write_config(tmp_path / "city", 'osm = "geofabrik"', flat)
    done = run("fetch", config)
    assert done.returncode == 1
    assert "came damaged (another md5 than promised)" in done.stderr
    nginx.put(
        "gf/europe/sweden-latest.osm.pbf.md5", hashlib.md5(data).hexdigest().encode() + b"  x\n"
    )
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    extract = tmp_path / "city" / "data" / "openstreetmap.osm.pbf"
    names = [one.tags.get("name") for one in osmium.FileProcessor(str(extract)) if one.tags]
    assert {"kyrkan", "huset", "Storgatan"} <= set(names)
    assert "Malmö" not in names
