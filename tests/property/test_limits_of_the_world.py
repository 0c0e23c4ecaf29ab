"""Ground at the very limits of the world, in the area and beside it: built, or refused in two
lines; never drawn past an end."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from rasterio.transform import from_origin
from shapely import LineString

from mc_city.city import drawing as voxelise
from mc_city.city.city import City as WholeCity
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import ORIGIN, PROJECT, quiet, write_raster
from tests.random_city import HALF, RASTER, City, House
from tests.rich_city import RICH, write_rich_city
from worlds.errors import SourceError

LOW = tuple(replace(house, floors=1, roof="flat", use="garage") for house in RICH.houses[::4])
INLAND = replace(RICH, sea=0, lakes=())


def write_steep_city(folder: Path, city: City, inside: float, beside: float) -> Path:
    """A city on level ground, metres; beside the area it rises or falls to another height within 32
    m."""
    config = write_rich_city(folder, city, planned_floors=1)
    south, east = np.abs(np.indices((RASTER, RASTER)) - RASTER / 2 + 0.5)
    away = np.maximum(np.maximum(south, east) - HALF, 0.0)
    write_raster(
        folder / "dem.tif",
        (inside + (beside - inside) * np.clip(away / 32, 0, 1)).astype(np.float32),
    )
    return config


def steep_scene(folder: Path, city: City, inside: float, beside: float) -> WholeCity:
    return read_city(read_config(write_steep_city(folder, city, inside, beside)), quiet)


def houses(*chosen: House) -> City:
    return replace(INLAND, houses=chosen)


@pytest.mark.parametrize(
    ("city", "inside", "beside"),
    [(houses(*LOW), 245.0, 1000.0), (houses(*LOW), -106.0, -1000.0), (INLAND, 180.0, 300.0)],
    ids=["under-the-top", "over-the-bottom", "a-high-rim"],
)
def test_nothing_is_drawn_past_an_end(city, inside, beside, tmp_path, monkeypatch):
    """The same blocks come out of a volume with more room above and below: what is written past an
    end would be missing, or come up again at the other end."""
    scene = steep_scene(tmp_path, city, inside, beside)
    for active in (False, True):
        options = np.full(len(scene.developments.options), active)
        volume, ground = voxelise.draw(scene, scene.grid, options)
        assert scene.version.min_y <= volume.y0
        assert volume.y0 + len(volume.ids) <= scene.version.max_y + 1
        assert ground.ground_y.min() >= scene.version.min_y + 4
        assert ground.standing_y.max() <= scene.grid.frame.highest_y + 1
        exact = voxelise.drawn_levels
        with monkeypatch.context() as patch:
            patch.setattr(
                voxelise,
                "drawn_levels",
                lambda low, high, exact=exact: (exact(low, high)[0] - 48, exact(low, high)[1] + 48),
            )
            roomy, _ = voxelise.draw(scene, scene.grid, options)
        low, high = (
            max(volume.y0, roomy.y0),
            min(volume.y0 + len(volume.ids), roomy.y0 + len(roomy.ids)),
        )
        assert (
            volume.ids[low - volume.y0 : high - volume.y0]
            == roomy.ids[low - roomy.y0 : high - roomy.y0]
        ).all()
        # Above there is air, and below there is rock.
        assert not roomy.ids[high - roomy.y0 :].any()
        below = np.unique(roomy.ids[: low - roomy.y0])
        assert {scene.palette.states[state].name.removeprefix("minecraft:") for state in below} <= {
            "stone",
            "deepslate",
            "bedrock",
        }


def test_what_does_not_fit_in_the_area_is_refused_and_beside_it_does_not_matter(tmp_path):
    with pytest.raises(SourceError, match=r"y 308, outside -44 to 307"):
        steep_scene(tmp_path / "high", houses(), 246.0, 200.0)
    with pytest.raises(SourceError, match=r"y -45, outside -44 to 307"):
        steep_scene(tmp_path / "low", houses(), -107.0, 0.0)
    with pytest.raises(SourceError, match="the highest roof would reach y 3"):
        steep_scene(tmp_path / "roof", INLAND, 240.0, 240.0)


@pytest.mark.slow
def test_a_steep_rim_is_built_for_both_editions(tmp_path):
    """What wrote out of bounds: ground that rises from y 306 in the area to 326 within 32 m of
    it."""
    config = write_steep_city(tmp_path, houses(), 244.0, 264.0)
    command = [
        sys.executable,
        "-m",
        "mc_city",
        "build",
        str(config),
        "--out",
        str(tmp_path / "out"),
        "--edition",
        "all",
    ]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "Slump.mcworld").exists()


@pytest.mark.parametrize("kind", ["rail", "secondary"])
def test_a_tunnel_above_the_ground_is_drawn_whole_in_whatever_piece(kind, tmp_path):
    """What ended in an IndexError: a tunnel from hill to hill over a valley, seen from a piece of
    the valley only."""
    east, north = ORIGIN
    heights = np.zeros((80, 2400), np.float32)
    heights[:, :424] = heights[:, -424:] = 17
    write_raster(
        tmp_path / "dem.tif", heights, transform=from_origin(east - 1200, north + 40, 1, 1)
    )
    places = [east + x for x in (-1190, -800, 800, 1190)]
    ways = {
        "geometry": [LineString([(start, north), (stop, north)]) for start, stop in zip(places,
        places[1:], strict=False)],
        "railway" if kind == "rail" else "highway": [kind] * 3, "tunnel": [None, "yes", None],
        "layer": [None, "-1", None],
    }  # fmt: skip
    gpd.GeoDataFrame(ways, crs="EPSG:3006").to_file(tmp_path / "streets.gpkg", layer="streets")
    config = tmp_path / "city.toml"
    config.write_text(
        f'[city]\nname = "T"\ncrs = "EPSG:3006"\norigin = [{east}, {north}]\n'
        f"[area]\nbounds = [{east - 800}, {north - 16}, {east - 712}, {north + 16}]\n"
        '[vertical]\nsea_level_y = 54\n[terrain]\nelevation = "dem.tif"\nstreets = "streets.gpkg"\n'
    )
    scene = read_city(read_config(config), quiet)
    assert len(scene.spans.tubes) == 1
    whole, _ = voxelise.draw(scene, scene.grid, voxelise.no_options(scene))
    piece = replace(scene.grid, x0=scene.grid.x0 + scene.grid.nx - 32, nx=32)
    part, ground = voxelise.draw(scene, piece, voxelise.no_options(scene))
    window = piece.window_in(scene.grid)
    assert ground.standing_y.max() + voxelise.STANDING < part.y0 + len(part.ids) - 1
    assert (
        part.ids == whole.ids[part.y0 - whole.y0 :, window[0], window[1]][: len(part.ids)]
    ).all()
    assert not whole.ids[part.y0 - whole.y0 + len(part.ids) :, window[0], window[1]].any()
