"""City models: their roofs stand in the world block for block; what is broken in them is left out
and counted."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from buildings.drawing.columns import measure_columns
from buildings.plans.slopes import FLAT, MODEL
from mc_city.build.report import source_report
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.frame import Grid
from terrain.vectors.features import VectorSource, read_features
from tests.city_models import EAST, NORTH, gabled, level, write_citygml, write_cityjson
from tests.conftest import quiet
from worlds.errors import SourceError

HOUSE = gabled(-6, -4, 6, 4, eaves=4, ridge=8)


def read(path, crs="EPSG:3006"):
    return read_features(VectorSource(path), crs, None)


def scene_of(path):
    (path.parent / "city.toml").write_text(
        f"""
[city]
name = "Model"
crs = "EPSG:3006"
origin = [{EAST:.0f}, {NORTH:.0f}]
[area]
bounds = [{EAST - 32:.0f}, {NORTH - 32:.0f}, {EAST + 32:.0f}, {NORTH + 32:.0f}]
[terrain]
flat_m = 10.0
[buildings]
footprints = "{path.name}"
""",
        "utf-8",
    )
    return read_city(read_config(path.parent / "city.toml"), quiet)


def drawn(scene):
    """(names (y, z, x) of blocks, y0, owner (z, x)) of 64 × 64 columns around the origin."""
    grid = Grid(scene.grid.frame, -32, -32, 64, 64)
    volume, _ = draw(scene, grid, no_options(scene))
    owner = measure_columns(
        scene.houses.outlines, scene.houses.plans, scene.houses.today, -32, -32, (64, 64)
    ).owner
    names = np.array(
        [str(state).removeprefix("minecraft:") for state in volume.palette.states], object
    )
    return names[volume.ids], volume.y0, owner


def top_of(names, y0, x, z):
    """(y, name) of the highest block over a column."""
    column = names[:, z + 32, x + 32]
    y = int(np.flatnonzero(column != "air")[-1])
    return y + y0, column[y]


@pytest.mark.parametrize("write", [write_cityjson, write_citygml])
def test_a_given_gable_stands_where_the_model_says(tmp_path, write):
    """Ground 10 m is y 72, the eaves at 14 m are y 76, the ridge at 18 m y 80; a block of rise a
    block inward makes stairs."""
    scene = scene_of(
        write(tmp_path / ("model.json" if write is write_cityjson else "model.gml"), {"a": HOUSE})
    )
    plans = scene.houses.plans
    assert plans.roofs.kind.tolist() == [MODEL]
    assert (plans.floor_y[0], plans.eaves_y[0]) == (72, 75)
    names, y0, owner = drawn(scene)
    assert (owner >= 0).sum() == 12 * 8
    for course, (north, south) in enumerate(zip(range(-4, 0), range(3, -1, -1), strict=True)):
        for x in range(-6, 6):
            y, name = top_of(names, y0, x, north)
            assert y == 77 + course
            assert "stairs" in name
            assert "facing=south" in name
            y, name = top_of(names, y0, x, south)
            assert y == 77 + course
            assert "facing=north" in name
    # The gables are closed, and have their walls up to the roof.
    assert (names[75 - y0 : 80 - y0, 32, 32 - 6] != "air").all()
    assert "stairs" not in names[79 - y0, 31, 32 - 6]
    assert source_report(scene)["buildings"]["heights_from"] == {"city model": 1}


def test_citygml_and_cityjson_of_one_model_are_alike_also_where_north_comes_first(tmp_path):
    first = read(write_cityjson(tmp_path / "a.json", {"a": HOUSE}))
    urn = "urn:ogc:def:crs,crs:EPSG::3006,crs:EPSG::5613"
    for second in (
        read(write_citygml(tmp_path / "a.gml", {"a": HOUSE})),
        read(write_citygml(tmp_path / "b.gml", {"a": HOUSE}, urn, north_first=True)),
    ):
        assert second.columns["id"].tolist() == ["a"]
        assert shapely.equals_exact(
            first.geometry[0].normalize(), second.geometry[0].normalize(), 1e-3
        )
        assert shapely.area(second.columns["roof_surfaces"][0]) == pytest.approx(96)


def test_roofs_move_with_their_footprint_into_the_city_s_frame(tmp_path):
    features = read(write_cityjson(tmp_path / "a.json", {"a": HOUSE}), "EPSG:3014")
    roof = features.columns["roof_surfaces"][0]
    assert (
        shapely.symmetric_difference(
            shapely.union_all(shapely.force_2d(roof)), features.geometry[0]
        ).area
        < 0.01
    )
    assert {round(z) for z in shapely.get_coordinates(roof, include_z=True)[:, 2]} == {14, 18}


def test_a_tower_has_walls_and_eaves_of_its_own(tmp_path):
    nave = gabled(-20, -6, 10, 6, eaves=8, ridge=14)
    tower = [("RoofSurface", [*level(10, -6, 20, 6, 30)])]
    ground = [("GroundSurface", level(-20, -6, 20, 6, 0))]
    scene = scene_of(
        write_cityjson(tmp_path / "church.json", {"church": [*ground, *nave[1:], *tower]})
    )
    plans = scene.houses.plans
    assert scene.houses.footprints.id == ["church", "church.1"]
    assert plans.roofs.kind.tolist() == [MODEL, FLAT]
    assert plans.eaves_y.tolist() == [72 + 8 - 1, 72 + 30]
    assert shapely.area(scene.houses.footprints.geometry).tolist() == [30 * 12, 10 * 12]


def test_dormers_without_ground_stand_on_the_roof_below_them(tmp_path):
    dormer = [
        ("RoofSurface", level(-2, -3, 2, -1, 7)),
        ("WallSurface", [(-2, -3, 5), (2, -3, 5), (2, -3, 7), (-2, -3, 7)]),
    ]
    scene = scene_of(
        write_cityjson(tmp_path / "a.json", {"a-1": HOUSE, "a-2": dormer}, {"a-1": "a", "a-2": "a"})
    )
    assert scene.houses.footprints.id == ["a-1"]
    names, y0, _ = drawn(scene)
    # 7 m above 72 is the level of the block at y 79; beside it the slope is lower.
    assert [top_of(names, y0, x, 2)[0] for x in (-3, -2, 1, 2)] == [78, 79, 79, 78]


def test_a_level_roof_is_a_flat_one_and_roofs_without_marks_are_found(tmp_path):
    box = [
        (None, level(-6, -4, 6, 4, 0)),
        (None, level(-6, -4, 6, 4, 6)),
        (None, [(-6, -4, 0), (6, -4, 0), (6, -4, 6), (-6, -4, 6)]),
    ]
    plans = scene_of(write_cityjson(tmp_path / "a.json", {"a": box})).houses.plans
    assert plans.roofs.kind.tolist() == [FLAT]
    assert plans.eaves_y.tolist() == [78]


def test_a_roof_that_hangs_over_is_cut_at_the_walls(tmp_path):
    wide = [HOUSE[0], *gabled(-8, -6, 8, 6, eaves=4, ridge=8)[2:]]
    _, _, owner = drawn(scene_of(write_cityjson(tmp_path / "a.json", {"a": wide})))
    assert (owner >= 0).sum() == 12 * 8


def test_what_the_model_does_not_cover_goes_on_like_the_roof_beside_it(tmp_path):
    narrow = [HOUSE[0], *gabled(-5, -4, 6, 4, eaves=4, ridge=8)[2:]]
    names, y0, _ = drawn(scene_of(write_cityjson(tmp_path / "a.json", {"a": narrow})))
    for z in range(-4, 4):
        assert abs(top_of(names, y0, -6, z)[0] - top_of(names, y0, -5, z)[0]) <= 1


BROKEN = {
    "without roof surfaces": [HOUSE[0], HOUSE[1]],
    "cover too little": [HOUSE[0], ("RoofSurface", level(-6, -4, 0, -2, 6))],
    "above their ground": [
        HOUSE[0],
        ("RoofSurface", [(-6, -4, -9), (6, -4, -9), (6, 4, -5), (-6, 4, -5)]),
    ],
}


@pytest.mark.parametrize("reason", BROKEN)
def test_broken_roofs_are_guessed_and_counted(tmp_path, reason):
    scene = scene_of(write_cityjson(tmp_path / "a.json", {"a": BROKEN[reason]}))
    assert (scene.houses.plans.roofs.kind != MODEL).all()
    assert len(scene.houses.today) == 1
    notes = source_report(scene)["buildings"]["values_not_used"]
    assert [count for note, count in notes.items() if reason in note] == [1]
    drawn(scene)


def test_surfaces_that_cross_themselves_or_are_lines_or_upside_down_do_no_harm(tmp_path):
    odd = [
        HOUSE[0],
        ("RoofSurface", [(-6, -4, 4), (6, 4, 8), (6, -4, 4), (-6, 4, 8)]),
        ("RoofSurface", list(reversed(level(-6, -4, 6, 4, 5)))),
        ("RoofSurface", [(0, 0, 4), (1, 1, 5), (2, 2, 6)]),
        ("RoofSurface", [(0, 0, 4), (1, 1, 5)]),
    ]
    scene = scene_of(write_cityjson(tmp_path / "a.json", {"a": odd}))
    names, y0, _ = drawn(scene)
    assert top_of(names, y0, 5, 3)[0] >= 77


def test_numbers_that_are_none_in_citygml_leave_out_their_surface(tmp_path):
    path = write_citygml(tmp_path / "a.gml", {"a": HOUSE, "b": gabled(10, -4, 20, 4, 4, 8)})
    path.write_text(
        path.read_text("utf-8").replace("599994.000", "nan", 2).replace("600010.000", "x", 1),
        "utf-8",
    )
    features = read(path)
    assert len(features.geometry) == 2
    assert np.isfinite(shapely.get_coordinates(features.geometry)).all()


def test_parts_and_insides_of_citygml(tmp_path):
    """Rooms are no walls, parts are houses of their own, a solid that repeats the surfaces counts
    once."""
    triangle = (
        "<gml:Polygon><gml:exterior><gml:LinearRing><gml:pos>600010 6900000 "
        "10</gml:pos><gml:pos>600020 6900000 10</gml:pos>"
        "<gml:pos>600020 6900010 10</gml:pos><gml:pos>600010 6900000 "
        "10</gml:pos></gml:LinearRing></gml:exterior></gml:Polygon>"
    )
    inner = (
        f"<bldg:interiorRoom><bldg:Room><bldg:lod4MultiSurface>{triangle}</bldg:lod4MultiSurface></bldg:Room></bldg:interiorRoom>"
        f"<bldg:lod2Solid>{triangle}</bldg:lod2Solid><bldg:yearOfConstruction>1894</bldg:yearOfConstruction>"
        f"<bldg:consistsOfBuildingPart><bldg:BuildingPart><bldg:lod1Solid>{triangle}</bldg:lod1Solid></bldg:BuildingPart>"
        "</bldg:consistsOfBuildingPart>"
    )
    features = read(write_citygml(tmp_path / "a.gml", {"a": HOUSE}, inner=inner))
    assert features.columns["id"].tolist() == ["a", "a-part-1"]
    assert shapely.area(features.geometry).tolist() == pytest.approx([96, 50])
    assert features.columns["yearOfConstruction"].tolist() == ["1894", "1894"]


def test_a_cut_file_is_refused_in_two_lines(tmp_path):
    path = write_citygml(tmp_path / "a.gml", {"a": HOUSE})
    path.write_text(path.read_text("utf-8")[:-200], "utf-8")
    with pytest.raises(SourceError, match="CityGML that is cut short"):
        read(path)


def test_citygml_without_a_reference_system_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no CRS"):
        read(write_citygml(tmp_path / "a.gml", {"a": HOUSE}, reference="local"))


def test_courses_of_a_given_roof_copy_the_wall_that_they_rise_from(tmp_path):
    """Also where it runs aslant: the eaves are level from one end to the other."""
    turn = np.array([[0.8944, -0.4472], [0.4472, 0.8944]])
    aslant = [
        (kind, [(*(turn @ np.array(point[:2])).tolist(), point[2]) for point in ring])
        for kind, ring in gabled(-14, -4, 14, 4, 4, 8)
    ]
    names, y0, owner = drawn(scene_of(write_cityjson(tmp_path / "a.json", {"a": aslant})))
    eaves = {
        top_of(names, y0, x, int(np.flatnonzero(owner[:, x + 32] >= 0)[-1]) - 32)
        for x in range(-9, 10)
    }
    assert len(eaves) == 1
