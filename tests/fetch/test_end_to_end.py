"""From `fetch` to a world: what is served stands in it, and whose it is."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mc_city.settings.config import read_config
from mc_city.settings.provenance import attribution
from tests.cases.cases import Case
from tests.commands import run
from tests.fetch.answerer import Reply, whole_or_part
from tests.fetch.geodata import cog
from tests.fetch.served import HOUSES, ORIGIN, Tiles, height_at, osm_xml, write_config
from tests.fetch.test_lantmateriet import (
    FILES,
    PASSWORD,
    TOKEN,
    lm,
    locked,
    logged_in,
    secrets_in,
)
from tests.fetch.test_laser import copc, scattered
from tests.fetch.test_open_sources import serve_tiles

__all__ = ["lm", "logged_in"]
SEA_Y = 62
OPEN = """ground = "mapterhorn"
osm = "overpass"
buildings = "openstreetmap"
landcover = "worldcover"
"""


def built(config: Path) -> Case:
    out = config.parent / "out"
    done = run("build", config, "--out", out, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    return Case(out)


def ground_y(case: Case, x: int, z: int) -> int:
    """y of the highest block of the ground in a column without houses and streets."""
    column = case.column(x, z, 55, 100)
    natural = [place for place, name in enumerate(column) if name not in ("air", "short_grass")]
    return 55 + max(natural)


def require_heights(case: Case) -> None:
    """Open columns, as high as is served."""
    for x, z in ((-100, -100), (-60, 60), (20, -100), (-110, 30)):
        east, north = ORIGIN[0] + x + 0.5, ORIGIN[1] - z - 0.5
        high = [ground_y(case, x + dx, z) for dx in range(3)]
        assert min(high) == pytest.approx(SEA_Y + float(height_at(east, north)), abs=1.6), (x, z)


def require_houses(case: Case, city: str = "Liten stad") -> None:
    """Where they are served, walls stand above the ground."""
    for name, (east, north, wide, deep, _) in HOUSES.items():
        x, z = round(east + wide / 2 - ORIGIN[0]), round(ORIGIN[1] - north - deep / 2)
        ground = SEA_Y + float(height_at(east + wide / 2, north))
        column = case.column(x, z, round(ground) + 2, round(ground) + 26)
        assert any(block != "air" for block in column), name
    assert case.report["world"]["city"] == city


def require_credit(case: Case, *words: str) -> None:
    text = (case.out / "ATTRIBUTION.txt").read_text("utf-8")
    inside = next(case.out.glob("*/ATTRIBUTION.txt")).read_text("utf-8")
    for word in words:
        assert word in text
        assert word in inside
    titles = json.dumps(case.report["world"]["sources"], ensure_ascii=False)
    assert all(word in titles for word in words)
    assert "unknown" not in text


def test_an_open_town_from_fetch_to_the_world(answerer, mirrored, tmp_path):
    serve_tiles(answerer, Tiles())
    answerer.routes["/api/"] = lambda _: Reply(osm_xml(), kind="application/osm3s+xml")
    cover = cog(tmp_path / "wc.tif", 30, "EPSG:4326", (15.0, 63.0, 3 / 1024, 3 / 1024),
                dtype="uint8", nodata=0)  # fmt: skip
    answerer.routes["/wc/"] = lambda asked: whole_or_part(cover, asked)
    mirrored(
        {
            "tiles.mapterhorn.com": f"{answerer.url}/tiles",
            "overpass-api.de": answerer.url,
            "esa-worldcover.s3.eu-central-1.amazonaws.com": f"{answerer.url}/wc",
        }
    )
    config = write_config(tmp_path, OPEN)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    case = built(config)
    require_heights(case)
    require_houses(case)
    assert case.report["buildings"]["drawn"] == 3
    assert case.report["buildings"]["heights_from"] == {"column": 1, "floors": 1, "size and use": 1}
    require_credit(case, "© Lantmäteriet (Markhöjdmodell", "© OpenStreetMap", "© ESA WorldCover")
    # The sea lies east of the coast, its surface at 0.
    assert case.column(110, 0, SEA_Y - 1, SEA_Y + 2)[:1] == ["water"]
    sea = np.array([case.column(x, 30, SEA_Y, SEA_Y + 1)[0] for x in range(95, 125)])
    assert (sea == "water").mean() > 0.5


ROOFS = {"kyrkan": 19.0, "huset": 12.5, "boden": 3.0}
"""Name → metres above the ground at which the laser meets a flat roof."""


def seen_by_laser() -> tuple[np.ndarray, np.ndarray]:
    """(points, their classes): the ground, and the roofs of the town."""
    points = scattered(150_000, 200.0)
    classes = np.full(len(points), 2)
    for name, (east, north, wide, deep, _) in HOUSES.items():
        inside = (points[:, 0] > east) & (points[:, 0] < east + wide)
        inside &= (points[:, 1] > north) & (points[:, 1] < north + deep)
        points[inside, 2] = float(height_at(east + wide / 2, north)) + ROOFS[name]
        classes[inside] = 1
    return points, classes


def roof_tops(case: Case, name: str) -> tuple[float, list[int]]:
    """(y of the roof that the laser saw, y of the highest block in columns all over the house)."""
    east, north, wide, deep, _ = HOUSES[name]
    roof = SEA_Y + float(height_at(east + wide / 2, north)) + ROOFS[name]
    low, tops = round(roof) - 8, []
    for dx in range(2, int(wide) - 1, 2):
        for dz in range(2, int(deep) - 1, 2):
            x, z = round(east - ORIGIN[0]) + dx, round(ORIGIN[1] - north) - dz
            column = case.column(x, z, low, round(roof) + 8)
            tops.append(low + max(at for at, block in enumerate(column) if block != "air"))
    return roof, tops


@pytest.mark.usefixtures("logged_in")
def test_a_town_of_lantmateriets_files_from_fetch_to_the_world(lm, tmp_path):
    cloud = copc(tmp_path / "cloud.laz", *seen_by_laser())
    lm.routes["/pointcloud/"] = locked(lambda asked: whole_or_part(cloud, asked))
    heights = lm.routes["/stac-hojd/v1/search"]
    heights.items.append(
        ("dsm-skoglig-copc", "23f028", f"https://{FILES}/pointcloud/tile.copc.laz",
         {"file:size": len(cloud)})
    )  # fmt: skip
    themes = ("ground", "buildings", "laser")
    config = write_config(
        tmp_path / "city", "\n".join(f'{theme} = "lantmateriet"' for theme in themes)
    )
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    case = built(config)
    require_heights(case)
    require_houses(case)
    require_credit(
        case,
        "© Lantmäteriet, Markhöjdmodell",
        "© Lantmäteriet, Byggnad",
        "© Lantmäteriet, Laserdata",
    )
    assert case.report["buildings"]["heights_from"] == {"laser": 3}
    for name in HOUSES:
        roof, tops = roof_tops(case, name)
        assert np.median(tops) == pytest.approx(roof, abs=1.6), (name, roof, sorted(tops))
    assert secrets_in(tmp_path) == []
    assert PASSWORD not in done.stderr
    assert TOKEN not in done.stderr
    assert lm.asked


def test_a_source_that_is_no_longer_used_is_not_credited(answerer, mirrored, tmp_path):
    serve_tiles(answerer, Tiles())
    answerer.routes["/api/"] = lambda _: Reply(osm_xml())
    mirrored({"tiles.mapterhorn.com": f"{answerer.url}/tiles", "overpass-api.de": answerer.url})
    config = write_config(tmp_path, 'ground = "mapterhorn"\nosm = "overpass"')
    assert run("fetch", config).returncode == 0
    assert "OpenStreetMap contributors" in attribution(read_config(config))
    config = write_config(tmp_path, 'ground = "mapterhorn"')
    assert "OpenStreetMap contributors" not in attribution(read_config(config))
