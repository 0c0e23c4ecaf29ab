"""What heights are counted from: every source's zero is known, converted with the right numbers, or
refused with the reason; nothing is mixed without a word."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS, Transformer, datadir
from rasterio.transform import from_origin

from buildings.looks.styles import read_styles
from buildings.models.shades import model_paints
from mc_city import api
from mc_city.city.themes.elevation import read_rasters, read_surface
from mc_city.settings.config import Config, ModelEntry
from mc_city.settings.zero import city_zero, uses_swedish_geoid
from mc_city.site.laser import read_clouds
from mc_city.site.models import read_models
from terrain.frame import Frame, Grid
from terrain.points.reading import Tally, read_points
from terrain.rasters import datums
from terrain.rasters.datums import NAMED, RH2000, SWEDISH, datum_of, swedish_separation
from terrain.rasters.elevation import read_heights
from terrain.vectors.features import VectorSource, read_features
from tests.city_models import gabled, write_citygml, write_cityjson
from tests.conftest import write_raster
from tests.laser_scene import write_cloud
from worlds.errors import ConfigError, SourceError
from worlds.style_tables import STYLES

EAST, NORTH = 619_200.0, 6_919_800.0
"""In Sundsvall, where Lantmäteriet's model has RH 2000's zero 26.06 m above the ellipsoid."""
GEOID_M = 26.06
CORNER = from_origin(EAST - 200, NORTH + 200, 1, 1)
FLAT = np.full((400, 400), 10.0, np.float32)


def city(folder, elevation, crs="EPSG:3006", vertical=None, **buildings):
    """A configuration of 128 m. elevation: CRS of each raster of 10 m, or what is written of it."""
    entries = []
    for number, said in enumerate(elevation):
        entry = {"crs": said} if isinstance(said, str) else said
        name = f"dem_{number}.tif"
        write_raster(folder / name, FLAT, crs=entry["crs"], transform=CORNER)
        entries.append(
            {"path": name, **{key: value for key, value in entry.items() if key != "crs"}}
        )
    return Config.of(
        folder=folder,
        city={"name": "Höjd", "crs": crs, "origin": (EAST, NORTH)},
        area={"bounds": (EAST - 64, NORTH - 64, EAST + 64, NORTH + 64)},
        vertical=vertical or {},
        terrain={"elevation": entries},
        buildings=buildings,
    )


def surface(folder, crs, metres=20.0, **more):
    cells = np.full((400, 400), metres, np.float32)
    path = write_raster(folder / "dsm.tif", cells, crs=crs, transform=CORNER)
    return {"path": path.name, **more}


def middle_of(rasters, config):
    return float(read_heights(rasters, config.grid).mean())


def laser(folder, own, **more):
    """Points of 30 m."""
    side = np.arange(-60.0, 60.0, 4.0)
    east, north = (part.ravel() for part in np.meshgrid(EAST + side, NORTH + side))
    rest = np.full(len(east), 30.0), np.full(len(east), 1.0), np.full(len(east), 1.0)
    write_cloud(folder / "a.laz", np.column_stack([east, north, *rest]), crs=own)
    return {"path": "a.laz", **more}


def laser_heights(config):
    (cloud,) = read_clouds(config)
    found = read_points(cloud, config.frame, config.grid.bounds, Tally())
    return np.concatenate([part.height for part in found]), cloud


def three_dimensional(code=3006):
    return CRS.from_epsg(code).to_3d().to_wkt()


# What the city counts from.


@pytest.mark.parametrize(
    ("elevation", "crs", "vertical", "code"),
    [
        (["EPSG:3006+5613"], "EPSG:3006", None, 5613),
        (["EPSG:3006+5718"], "EPSG:3006", None, 5718),
        (["EPSG:3006", "EPSG:3006+5613"], "EPSG:3006", None, 5613),
        (["EPSG:3006"], "EPSG:5845", None, 5613),
        (["EPSG:3006"], "EPSG:3006", {"datum": "RH 2000"}, 5613),
        (["EPSG:3006"], "EPSG:3006", {"datum": 5718}, 5718),
        ([{"crs": "EPSG:3006", "datum": "rh00"}], "EPSG:3006", None, 5615),
        ([three_dimensional()], "EPSG:3006", None, 5613),
        (["EPSG:3006"], "EPSG:3006", None, None),
    ],
)  # fmt: skip
def test_the_city_counts_from_what_its_crs_or_its_ground_says(
    tmp_path, elevation, crs, vertical, code
):
    zero = city_zero(city(tmp_path, elevation, crs, vertical))
    assert (None if zero is None else zero.to_epsg()) == code


def test_names_of_systems_are_understood_and_others_refused_with_the_nearest(tmp_path):
    assert datum_of("RH 2000").to_epsg() == RH2000
    assert datum_of("EPSG:5941").to_epsg() == NAMED["nn2000"]
    assert {CRS.from_epsg(code).is_vertical for code in NAMED.values()} == {True}
    with pytest.raises(ConfigError, match="'RH 2000'"):
        city(tmp_path, ["EPSG:3006"], vertical={"datum": "RH 200"})
    with pytest.raises(ConfigError, match="no system of heights"):
        city(tmp_path, ["EPSG:3006"], vertical={"datum": "EPSG:3006"})


def test_a_source_is_said_to_count_from_the_ellipsoid_and_a_city_never(tmp_path):
    config = city(tmp_path, [{"crs": "EPSG:3006", "datum": "ellipsoid"}])
    assert city_zero(config).to_epsg() == RH2000
    assert "SWEN17_RH2000" in read_rasters(config).used[0].counted
    assert datum_of("EPSG:4977").to_epsg() == 4977
    for named in ("ellipsoid", "EPSG:4979"):
        with pytest.raises(ConfigError, match="not from the ellipsoid"):
            city(tmp_path, ["EPSG:3006"], vertical={"datum": named})


# Elevation.


def test_one_zero_is_taken_as_it_is_and_said(tmp_path):
    config = city(tmp_path, ["EPSG:3006+5718"])
    rasters = read_rasters(config).used
    assert middle_of(rasters, config) == 10
    assert rasters[0].counted == "RH70"
    config = city(tmp_path, ["EPSG:3006"], "EPSG:5845")
    assert read_rasters(config).used[0].counted == "not said, taken as RH2000"
    assert middle_of(read_rasters(config).used, config) == 10


def test_ellipsoidal_heights_are_converted_by_the_model_that_comes_along(tmp_path):
    config = city(tmp_path, [three_dimensional()])
    rasters = read_rasters(config).used
    assert middle_of(rasters, config) == pytest.approx(10 - GEOID_M, abs=0.02)
    assert "the ellipsoid" in rasters[0].counted
    assert "SWEN17_RH2000, -26.06 m at the origin" in rasters[0].counted
    assert uses_swedish_geoid(config)
    assert not uses_swedish_geoid(city(tmp_path, ["EPSG:3006+5613"]))


def test_another_zero_that_proj_knows_the_way_from_is_converted(tmp_path):
    """EVRF2007, by the published plane between it and RH 2000, without a grid."""
    config = city(tmp_path, ["EPSG:3006+5613", "EPSG:3006+5621"])
    own = read_rasters(config).used[1:]
    way = Transformer.from_crs("EPSG:3006+5621", "EPSG:3006+5613", always_xy=True)
    expected = way.transform(EAST, NORTH, 10.0)[2]
    assert abs(expected - 10) > 0.005
    assert middle_of(own, config) == pytest.approx(expected, abs=1e-4)
    assert "EVRF2007, converted to RH2000 by PROJ" in own[0].counted


@pytest.mark.parametrize(
    ("other", "words", "hint"),
    [
        ("EPSG:3006+5718", "RH 70 is a system of 1970", "shift_m = 0.35"),
        ("EPSG:3006+5615", "RH 00 is a system of 1900", "shift_m = 0.35"),
        ("EPSG:3006+3855", "counted from EGM2008", "pyproj sync --file us_nga_egm08_25.tif"),
        ("EPSG:3006+5941", "NN2000", "pyproj sync --file no_kv_HREF2018B_NN2000_EUREF89.tif"),
        ("EPSG:3006+5709", "counted from NAP", "shift_m"),
        ("EPSG:3006+3900", "counted from N2000", "shift_m"),
        ("EPSG:3006+5799", "counted from DVR90", "shift_m"),
    ],
)  # fmt: skip
def test_zeros_that_nothing_leads_from_are_refused_with_the_reason(tmp_path, other, words, hint):
    config = city(tmp_path, ["EPSG:3006+5613", other])
    with pytest.raises(SourceError, match=words) as caught:
        read_rasters(config)
    assert "the city's from RH2000" in str(caught.value)
    assert hint in caught.value.hint
    # Alone it is what the city counts from.
    alone = city(tmp_path, [other])
    assert middle_of(read_rasters(alone).used, alone) == 10


def test_what_is_declared_is_added_and_said_with_the_reason(tmp_path):
    config = city(tmp_path, ["EPSG:3006+5613", {"crs": "EPSG:3006+5718", "shift_m": 0.62}])
    own = read_rasters(config).used[1:]
    assert middle_of(own, config) == pytest.approx(10.62, abs=1e-4)
    assert own[0].counted == "RH70; +0.62 m added, as the configuration says"
    assert own[0].notes


def test_a_grid_that_was_fetched_is_used(tmp_path):
    """Norway's geoid model, here a level one of 40 m where PROJ looks for grids: NN2000 becomes
    RH 2000 by way of the ellipsoid."""
    with rasterio.open(SWEDISH) as grid:
        profile, tags, units = grid.profile, grid.tags(), grid.tags(1)
        shape = grid.shape
    name = "no_kv_HREF2018B_NN2000_EUREF89.tif"
    with rasterio.open(tmp_path / name, "w", **profile) as grid:
        grid.write(np.full(shape, 40.0, np.float32), 1)
        grid.update_tags(**{key: value for key, value in tags.items() if key != "target_crs"})
        grid.update_tags(1, **units)
        grid.set_band_description(1, "geoid_undulation")
    before = datadir.get_data_dir()
    datadir.append_data_dir(str(tmp_path))
    try:
        config = city(tmp_path, ["EPSG:3006+5613", "EPSG:3006+5941"])
        own = read_rasters(config).used[1:]
        geoid = swedish_separation(CRS.from_epsg(3006).to_wkt())
        there = geoid(np.full((1, 2), EAST), np.full((1, 2), NORTH))[0, 0]
        assert middle_of(own, config) == pytest.approx(10 + 40 - there, abs=0.01)
    finally:
        datadir.set_data_dir(before)


# What stands on it.


def test_a_surface_model_is_brought_to_the_zero_of_the_ground(tmp_path):
    config = city(
        tmp_path, ["EPSG:3006+5613"], surface_model=surface(tmp_path, three_dimensional(), 50.0)
    )
    assert middle_of(read_surface(config), config) == pytest.approx(50 - GEOID_M, abs=0.02)
    config = city(tmp_path, ["EPSG:3006+5613"], surface_model=surface(tmp_path, "EPSG:3006+5718"))
    with pytest.raises(SourceError, match="RH 70"):
        read_surface(config)
    told = surface(tmp_path, "EPSG:3006", datum="RH 70", shift_m=-1.5)
    config = city(tmp_path, ["EPSG:3006+5613"], surface_model=told)
    assert middle_of(read_surface(config), config) == pytest.approx(18.5, abs=1e-4)


def test_laser_points_are_brought_to_the_zero_of_the_ground(tmp_path):
    config = city(tmp_path, ["EPSG:3006+5613"], point_cloud=laser(tmp_path, "EPSG:5845"))
    heights, cloud = laser_heights(config)
    assert np.abs(heights - 30).max() < 0.002
    assert cloud.counted == "RH2000"
    above = laser(tmp_path, "EPSG:3006", crs=three_dimensional())
    config = city(tmp_path, ["EPSG:3006+5613"], point_cloud=above)
    heights, cloud = laser_heights(config)
    assert heights.mean() == pytest.approx(30 - GEOID_M, abs=0.02)
    assert uses_swedish_geoid(config)
    shifted = laser(tmp_path, "EPSG:3006", datum="RH 00", shift_m=0.5)
    heights, _ = laser_heights(city(tmp_path, ["EPSG:3006+5613"], point_cloud=shifted))
    assert np.abs(heights - 30.5).max() < 0.002


def test_laser_points_of_another_zero_than_the_ground_are_refused(tmp_path):
    config = city(tmp_path, ["EPSG:3006+5718"], point_cloud=laser(tmp_path, "EPSG:5845"))
    with pytest.raises(SourceError, match="counted from RH2000, the city's from RH70") as caught:
        read_clouds(config)
    assert "buildings.point_cloud" in caught.value.hint


def test_roofs_of_a_city_model_are_brought_to_the_zero_of_the_ground(tmp_path):
    path = write_cityjson(tmp_path / "a.json", {"a": gabled(-6, -4, 6, 4, eaves=4, ridge=8)})

    def roofs(declared, zero=5613):
        source = VectorSource(path, crs=declared, zero=CRS.from_epsg(zero).to_wkt())
        roof = read_features(source, "EPSG:3006", None).columns["roof_surfaces"][0]
        return sorted({round(z, 1) for z in shapely.get_coordinates(roof, include_z=True)[:, 2]})

    assert roofs("EPSG:5845") == roofs("EPSG:3006") == [14, 18]
    place = np.full((1, 2), 600_000.0), np.full((1, 2), 6_900_000.0)
    geoid = float(swedish_separation(CRS.from_epsg(3006).to_wkt())(*place)[0, 0])
    assert roofs(three_dimensional()) == pytest.approx([14 - geoid, 18 - geoid], abs=0.06)
    with pytest.raises(SourceError, match="RH 70") as caught:
        roofs("EPSG:3006+5718")
    assert 'crs = "EPSG:3006"' in caught.value.hint


def test_check_says_of_every_source_what_its_heights_are_counted_from(tmp_path):
    config = city(
        tmp_path,
        ["EPSG:3006+5613"],
        point_cloud=laser(tmp_path, "EPSG:3006"),
        surface_model=surface(tmp_path, three_dimensional(), 50.0),
    )
    report = api.check(config)
    said = {one["theme"]: one["heights"] for one in report["inputs"]}
    assert said["terrain.elevation"] == "RH2000"
    assert said["buildings.point_cloud"] == "not said, taken as RH2000"
    assert "converted to RH2000 by the geoid model" in said["buildings.surface_model"]
    assert report["elevation"]["rasters"][0]["heights"] == "RH2000"
    assert report["laser"]["clouds"][0]["heights"] == "not said, taken as RH2000"


def test_a_frame_is_all_that_a_conversion_needs(tmp_path):
    """The separation is the same in whatever tile it is asked for."""
    config = city(tmp_path, [three_dimensional()])
    rasters = read_rasters(config).used
    whole = read_heights(rasters, config.grid)
    part = read_heights(rasters, Grid(config.frame, -7, 13, 40, 30))
    assert np.array_equal(part, whole[64 + 13 : 64 + 43, 64 - 7 : 64 + 33])
    assert isinstance(config.frame, Frame)


def test_a_model_that_says_its_height_is_brought_to_the_zero_of_the_ground(tmp_path):
    """A landmark of CityGML, of which the middle of its foot is its place."""
    houses = {"a": gabled(-6, -4, 6, 4, eaves=4, ridge=8)}
    materials = read_styles(STYLES).blocks

    def height(urn, zero):
        path = write_citygml(tmp_path / "a.gml", houses, urn, north_first=True)
        config = city(tmp_path, ["EPSG:3006"], vertical={"datum": zero})
        near = config.model_copy(
            update={
                "models": (ModelEntry(path=path),),
                "city": config.city.model_copy(update={"origin": (600_000.0, 6_900_000.0)}),
                "area": config.area.model_copy(
                    update={"bounds": (599_936.0, 6_899_936.0, 600_064.0, 6_900_064.0)}
                ),
            }
        )
        (one,) = read_models(near, lambda: model_paints(materials)).shaped
        return one.pose.height_m

    flat, rh2000, evrf = (
        f"urn:ogc:def:crs,crs:EPSG::3006{more}"
        for more in ("", ",crs:EPSG::5613", ",crs:EPSG::5621")
    )
    own = height(flat, "RH 2000")
    assert height(rh2000, "RH 2000") == own
    way = Transformer.from_crs("EPSG:3006+5621", "EPSG:3006+5613", always_xy=True)
    assert height(evrf, "RH 2000") == pytest.approx(way.transform(EAST, NORTH, own)[2], abs=2e-3)
    with pytest.raises(SourceError, match="counted from RH2000, the city's from RH70"):
        height(rh2000, "RH 70")


@pytest.mark.parametrize("kept", [None, 0, 3000])
def test_a_geoid_model_that_is_gone_or_cut_is_told(tmp_path, monkeypatch, kept):
    grid = tmp_path / SWEDISH.name
    if kept is not None:
        grid.write_bytes(SWEDISH.read_bytes()[:kept])
    monkeypatch.setattr(datums, "SWEDISH", grid)
    with pytest.raises(SourceError, match="missing or damaged"):
        swedish_separation(CRS.from_epsg(3006).to_wkt())
