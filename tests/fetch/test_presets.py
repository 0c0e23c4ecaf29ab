"""The two configurations of Sundsvall that come with the program, whole: four square kilometres
from `fetch` to worlds of both editions in which stands what was served."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from shapely import box

from mc_city.fetch.area import Area
from mc_city.fetch.sources.hydrography import BYTES_PER_KM2 as WATER_BYTES
from mc_city.fetch.sources.lantmateriet import CELL_BYTES
from mc_city.fetch.sources.nmd import COUNTY_BYTES
from mc_city.fetch.sources.overpass import BYTES_PER_KM2 as OSM_BYTES
from mc_city.settings.config import read_config
from tests.cases.cases import Case
from tests.commands import run
from tests.fetch.answerer import Answerer, Reply, whole_or_part
from tests.fetch.geodata import buildings, cog, zipped
from tests.fetch.served import ORIGIN, SHORE_E, Tiles, height_at, osm_xml
from tests.fetch.test_end_to_end import (
    HOUSES,
    SEA_Y,
    require_credit,
    require_heights,
    require_houses,
    roof_tops,
    seen_by_laser,
)
from tests.fetch.test_hydrography import ITEMS, Collections, feature
from tests.fetch.test_lantmateriet import (
    API,
    FILES,
    Catalogue,
    locked,
    logged_in,
    secrets_in,
)
from tests.fetch.test_laser import copc
from tests.fetch.test_open_sources import serve_tiles

__all__ = ["logged_in"]
CONFIGS = Path(__file__).parents[2] / "configs"
pytestmark = pytest.mark.slow
WEB_OF = {
    "tiles.mapterhorn.com": "/tiles",
    "overpass-api.de": "",
    "esa-worldcover.s3.eu-central-1.amazonaws.com": "/wc",
    "dataforgood-fb-data.s3.amazonaws.com": "/canopy",
    "geodata.naturvardsverket.se": "/nmd",
    API: "",
    FILES: "",
}
FAR = ((-900, -900), (-900, 900), (-500, 300), (-300, -700))
"""Columns far from the town's middle, on land."""


def preset(name: str, folder: Path) -> Path:
    """The configuration as it comes, beside nothing else."""
    config = folder / "configs" / name
    config.parent.mkdir(parents=True)
    shutil.copy(CONFIGS / name, config)
    return config


def built(config: Path) -> Case:
    out = config.parent.parent / "out"
    done = run("build", config, "--out", out)
    assert done.returncode == 0, done.stderr
    assert list(out.glob("*.mcworld"))
    return Case(out)


def require_town(case: Case) -> None:
    require_heights(case)
    require_houses(case, "Sundsvall")
    assert case.report["buildings"]["drawn"] == len(HOUSES)
    for x, z in FAR:
        column = case.column(x, z, SEA_Y, 250)
        ground = SEA_Y + float(height_at(ORIGIN[0] + x + 0.5, ORIGIN[1] - z - 0.5))
        solid = [place for place, name in enumerate(column) if name in ("grass_block", "dirt")]
        assert SEA_Y + max(solid) == pytest.approx(ground, abs=1.6), (x, z)
    sea = round(SHORE_E - ORIGIN[0])
    surface = [case.column(sea + 40, z, SEA_Y, SEA_Y + 2) for z in (-1000, -400, 300, 1000)]
    assert surface == [["water", "air"]] * 4
    assert case.count("gray_concrete", "black_concrete", "gray_concrete_powder") > 300


@pytest.fixture
def web(answerer: Answerer, mirrored) -> Answerer:
    answerer.routes["/api/"] = lambda _: Reply(osm_xml(reach=3000.0), kind="application/osm3s+xml")
    mirrored({host: f"{answerer.url}{path}" for host, path in WEB_OF.items()})
    return answerer


def test_the_open_one(web, tmp_path):
    serve_tiles(web, Tiles())
    cover = cog(tmp_path / "wc.tif", 30, "EPSG:4326", (15.0, 63.0, 3 / 1024, 3 / 1024),
                dtype="uint8", nodata=0)  # fmt: skip
    web.routes["/wc/"] = lambda asked: whole_or_part(cover, asked)
    trees = cog(tmp_path / "chm.tif", 0, "EPSG:3857", (1_917_652.0, 8_982_000.0, 39.0, 39.0),
                dtype="uint8")  # fmt: skip
    web.routes["/canopy/"] = lambda asked: whole_or_part(trees, asked)
    config = preset("sundsvall-open.toml", tmp_path)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    case = built(config)
    require_town(case)
    require_credit(
        case, "© Lantmäteriet (Markhöjdmodell", "© OpenStreetMap", "© ESA WorldCover", "Meta"
    )


@pytest.mark.usefixtures("logged_in")
def test_the_one_with_an_account(web, tmp_path):
    half = 2600
    heights = cog(tmp_path / "h.tif", height_at, "EPSG:5845",
                  (ORIGIN[0] - half / 2, ORIGIN[1] + half / 2, 1, 1), side=half)  # fmt: skip
    buildings().to_file(tmp_path / "byggnad.gpkg", layer="byggnad")
    houses = zipped(byggnad_kn2281__gpkg=(tmp_path / "byggnad.gpkg").read_bytes())
    cloud = copc(tmp_path / "cloud.laz", *seen_by_laser())
    files = {"/hojd/a.tif": heights, "/byggnad/kn2281.zip": houses, "/points/c.laz": cloud}
    for path, data in files.items():
        web.routes[path] = locked(lambda asked, data=data: whole_or_part(data, asked))
    web.routes["/stac-hojd/v1/search"] = Catalogue(
        [
            ("dtm-cog", "691_61", f"https://{FILES}/hojd/a.tif", {"file:size": len(heights)}),
            ("dsm-skoglig-copc", "23f028", f"https://{FILES}/points/c.laz",
             {"file:size": len(cloud)}),
        ]
    )  # fmt: skip
    web.routes["/stac-vektor/v1/search"] = Catalogue(
        [("byggnader", "2281", f"https://{FILES}/byggnad/kn2281.zip", {})]
    )
    pond = feature("a", box(618500, 6919100, 618540, 6919140), localType="Sjö")
    web.routes[ITEMS] = locked(Collections(StandingWater=[pond]))
    cover = cog(tmp_path / "nmd.tif", 42, "EPSG:3006", (614000.0, 6925000.0, 10, 10),
                dtype="uint8", nodata=0)  # fmt: skip
    packed = zipped(nmd__tif=cover)
    web.routes["/nmd/"] = lambda asked: whole_or_part(packed, asked)
    config = preset("sundsvall-lantmateriet.toml", tmp_path)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    case = built(config)
    require_town(case)
    pond_at = round(618520 - ORIGIN[0]), round(ORIGIN[1] - 6919120)
    assert "water" in case.column(*pond_at, SEA_Y + 60, SEA_Y + 100)
    assert case.report["buildings"]["heights_from"] == {"laser": 3}
    for name in HOUSES:
        roof, tops = roof_tops(case, name)
        assert np.median(tops) == pytest.approx(roof, abs=1.6), name
    require_credit(
        case, "© Lantmäteriet, Markhöjdmodell", "© Lantmäteriet, Byggnad",
        "© Lantmäteriet, Laserdata", "© Lantmäteriet, Hydrografi", "NMD",
    )  # fmt: skip
    assert secrets_in(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["configs/sundsvall-lantmateriet.toml", "README.md", "LÄSMIG.md", "docs/fetch.md"]
)
def test_how_much_comes_with_an_account_is_said_before_anything(text):
    config = read_config(CONFIGS / "sundsvall-lantmateriet.toml")
    square = Area(config.city.crs, config.grid.bounds).km2
    most = 20e6 + COUNTY_BYTES + square * (1e6 * CELL_BYTES + OSM_BYTES + 3 * WATER_BYTES)
    said = (CONFIGS.parent / text).read_text("utf-8")
    assert f"{round(most / 1e6, -1):.0f} MB" in said
    assert "500 MB" in said
    assert any(word in said for word in ("guess", "gissning"))
