"""A large area is read and built district by district: the same world, to the byte, as in one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString

from mc_city.build import districts
from mc_city.build.build import build
from mc_city.build.district_reports import report_of
from mc_city.checking import askew
from mc_city.checking.askew import QUARTER
from mc_city.city import whole
from mc_city.city.districts import part_of, read_area
from mc_city.city.whole import districts_of, plans_near
from mc_city.settings.config import read_config
from mc_city.settings.names import HOUSES
from tests.class_plots import write_class_city
from tests.conftest import ORIGIN, quiet, write_city
from worlds.errors import SourceError


def cut_small(patch):
    """Districts of one region each, in areas of any size."""
    patch.setattr(whole, "DISTRICT", 1)
    patch.setattr(whole, "LARGE", 1)


@pytest.fixture
def in_districts(monkeypatch):
    cut_small(monkeypatch)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """(configuration, report) of the small city with layers and plots, built in one, both
    editions."""
    folder = tmp_path_factory.mktemp("planned")
    config = read_config(write_class_city(folder))
    config = config.with_world(editions=("java", "bedrock"))
    return config, build(config, folder / "one", 1, False, quiet)


@pytest.fixture(scope="module")
def cut(planned, tmp_path_factory):
    """(report of the same in four districts, how many were made at the same time)."""
    config, _ = planned
    alive, most = [0], [0]
    real = districts.write_regions

    def counted(*given):
        alive[0] += 1
        most[0] = max(most[0], alive[0])
        try:
            return real(*given)
        finally:
            alive[0] -= 1

    with pytest.MonkeyPatch.context() as patch:
        cut_small(patch)
        patch.setattr(districts, "write_regions", counted)
        assert len(districts_of(config.grid)) == 4
        return build(config, tmp_path_factory.mktemp("cut") / "out", 2, False, quiet), most[0]


def test_districts_make_the_same_files(planned, cut):
    assert cut[0]["files"] == planned[1]["files"]
    assert sum(name.endswith(HOUSES) for name in cut[0]["files"]) == 1
    assert cut[0]["units"] == planned[1]["units"] > 0


def test_districts_are_made_one_after_another(cut):
    assert cut[1] == 1


def test_what_does_not_lie_on_a_border_is_counted_once(planned, cut):
    one, report = planned[1], cut[0]
    for key in ("area", "sources", "empty", "cut", "chunks", "elevation", "class_plots"):
        assert report[key] == one[key], key
    assert report["streets"]["metres"] == pytest.approx(one["streets"]["metres"], abs=4)
    for key in ("layers", "features", "meet", "notes", "skipped"):
        assert report["plans"][key] == one["plans"][key], key
    assert report["buildings"]["drawn"] >= one["buildings"]["drawn"]


@pytest.mark.usefixtures("in_districts")
def test_a_district_takes_the_features_near_it_and_all_layers(planned):
    config, _ = planned
    area = read_area(config, quiet)
    first = next(iter(area.cities))
    assert len(first.developments) == len(area.whole.developments)
    assert first.developments.options == area.whole.developments.options
    far = part_of(config, config.grid.region(9, 9)).grid
    _, none = plans_near(area.whole, far)
    assert none.options == area.whole.developments.options
    assert not any(len(features) for features in none.roles.values())


@pytest.mark.usefixtures("in_districts")
def test_a_mistake_in_a_later_district_stops_the_build(tmp_path, monkeypatch):
    """Nothing is published, and what was done by then is taken up by the next run."""
    config = read_config(write_city(tmp_path))
    real, asked = districts.check_meetings, []

    def refusing(city):
        asked.append(city.grid)
        if len(asked) == 3:
            raise SourceError("this district cannot be built", hint="none")
        return real(city)

    monkeypatch.setattr(districts, "check_meetings", refusing)
    with pytest.raises(SourceError, match="this district cannot be built"):
        build(config, tmp_path / "out", 1, False, quiet)
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(districts, "check_meetings", real)
    made = build(config, tmp_path / "out", 1, False, quiet)
    monkeypatch.setattr(whole, "LARGE", 64)
    assert build(config, tmp_path / "one", 1, False, quiet)["files"] == made["files"]


def test_an_area_of_few_regions_is_one_district(tmp_path):
    grid = read_config(write_city(tmp_path)).grid
    assert districts_of(grid) == [grid]
    large = grid.grow(5 * 1024)
    cut = districts_of(large)
    assert len(cut) > 1
    assert sum(piece.nx * piece.nz for piece in cut) == large.nx * large.nz
    assert all(piece.intersection(large) == piece for piece in cut)


def test_reports_of_one_district_are_its_own(planned):
    config, one = planned
    area = read_area(config, quiet)
    told = {"area": one["area"]}
    assert area.whole is None
    assert report_of(area, [told], np.zeros(QUARTER)) is told


def test_streets_that_lie_askew_are_told_of_districts_too(tmp_path, monkeypatch):
    path, (east, north) = write_city(tmp_path, buildings=False), ORIGIN
    ways = [
        LineString([(east + x, north - 90), (east + x + 40, north + 90)])
        for x in range(-80, 60, 20)
    ]
    rows = {"geometry": ways, "highway": ["residential"] * len(ways)}
    gpd.GeoDataFrame(rows, crs="EPSG:3006").to_file(tmp_path / "streets.gpkg")
    text = path.read_text("utf-8").replace("[terrain]\n", '[terrain]\nstreets = "streets.gpkg"\n')
    path.write_text(text, "utf-8")
    monkeypatch.setattr(askew, "LEAST_M", 200.0)
    one = build(read_config(path), tmp_path / "one", 1, False, quiet)["area"]
    cut_small(monkeypatch)
    cut = build(read_config(path), tmp_path / "cut", 1, False, quiet)["area"]
    assert one["turn_to_deg"] == pytest.approx(np.degrees(np.arctan2(40, 180)), abs=0.051)
    assert cut == one
