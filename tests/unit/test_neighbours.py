"""Floors of houses that do not say how many they have, from the houses around them."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from buildings.sources.neighbours import bounds_with_neighbours, neighbour_floors, with_neighbours
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import quiet

NAN = np.nan


def square(x, y, side=12.0):
    return box(x, y, x + side, y + side)


def floors_of(rows):
    """rows: (shape, use, floors, height, part)."""
    shapes = np.array([row[0] for row in rows], object)
    columns = [
        np.array([row[place] for row in rows], kind)
        for place, kind in ((2, float), (3, float), (4, bool))
    ]
    return neighbour_floors(shapes, [row[1] for row in rows], *columns)


def street(*floors, use="apartments", gap=30.0):
    return [
        (square(gap * number, 40.0), use, value, NAN, False) for number, value in enumerate(floors)
    ]


UNKNOWN = (square(20, 0), "apartments", NAN, NAN, False)


@pytest.mark.parametrize(
    ("neighbours", "expected"),
    [
        (street(4, 5, 7), 5),
        (street(4, 5, 6, 7), 6),
        (street(4, 5), NAN),
        (street(4, 5, 7, use="house"), NAN),
        ([*street(4, 5), *street(6, use="retail")], NAN),
        ([(square(400 + 30 * n, 0), "apartments", 5, NAN, False) for n in range(4)], NAN),
        ([(square(30 * n, 40, 60), "apartments", 9, NAN, False) for n in range(4)], NAN),
        ([(square(30 * n, 40), "apartments", NAN, 17.5, False) for n in range(3)], 5),
        ([(square(30 * n, 40), "apartments", 9, NAN, True) for n in range(4)], NAN),
        ([*street(4, 4, 4), (square(45, 0), "apartments", 0, NAN, False)], 4),
    ],
    ids=[
        "median",
        "half up",
        "too few",
        "other use",
        "uses apart",
        "too far",
        "too large",
        "by height",
        "parts",
        "zero says nothing",
    ],
)
def test_the_median_of_at_least_three_like_neighbours(neighbours, expected):
    np.testing.assert_equal(floors_of([UNKNOWN, *neighbours])[0], float(expected))


def test_who_knows_the_own_floors_or_height_is_left_alone_and_so_are_parts():
    own = [
        (square(20, 0), "apartments", 2, NAN, False),
        (square(50, 0), "apartments", NAN, 9.0, False),
    ]
    part = (square(80, 0), "apartments", NAN, NAN, True)
    assert np.isnan(floors_of([*own, part, *street(5, 5, 5, 5)])).all()
    assert len(floors_of([])) == 0


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_neither_the_order_nor_what_is_read_besides_matters(random):
    rows = []
    for _ in range(60):
        shape = square(random.uniform(0, 900), random.uniform(0, 900), random.uniform(6, 30))
        rows.append(
            (
                shape,
                random.choice(["house", "apartments"]),
                random.choice([NAN, 1, 2, 3, 5, 8]),
                NAN,
                random.random() < 0.1,
            )
        )
    whole = floors_of(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    np.testing.assert_equal(floors_of([rows[place] for place in order]), whole[order])
    area = box(*sorted((random.uniform(0, 450), random.uniform(0, 450))), 500, 500)
    here = [place for place, row in enumerate(rows) if row[0].intersects(area)]
    near = box(
        *bounds_with_neighbours(np.array([rows[place][0] for place in here], object), area.bounds)
    )
    wide = [place for place, row in enumerate(rows) if row[0].intersects(near)]
    found = dict(zip(wide, floors_of([rows[place] for place in wide]), strict=True))
    np.testing.assert_equal([found[place] for place in here], whole[here])


def test_a_city_takes_them_counts_them_and_any_area_has_the_same(tmp_path):
    from mc_city.build.report import source_report

    said = {"type": "Feature", "properties": {"building": "apartments", "building:levels": "6"}}
    asks = {"type": "Feature", "properties": {"building": "apartments"}}
    shapes = [
        square(600040 + 40 * column, 6900040 + 40 * row, 16)
        for row in range(3)
        for column in range(6)
    ]
    features = [
        {
            **(asks if number % 4 == 2 else said),
            "id": number,
            "geometry": shapely.geometry.mapping(shape),
        }
        for number, shape in enumerate(shapes)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}
    (tmp_path / "houses.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "crs": crs, "features": features}), "utf-8"
    )
    text = """
[city]
name = "Town"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [{bounds}]
[terrain]
flat_m = 3.0
[buildings]
footprints = "houses.geojson"
"""
    found = {}
    for name, bounds in (
        ("whole", "600000, 6900000, 600320, 6900192"),
        ("part", "600112, 6900032, 600160, 6900096"),
    ):
        path = tmp_path / f"{name}.toml"
        path.write_text(text.format(bounds=bounds), "utf-8")
        scene = read_city(read_config(path), quiet)
        plans = scene.houses.plans
        shapes = [
            tuple(np.rint(shape.bounds).astype(int).tolist())
            for shape in scene.houses.footprints.geometry
        ]
        found[name] = dict(
            zip(
                shapes,
                zip(
                    plans.floor_y.tolist(),
                    plans.eaves_y.tolist(),
                    scene.houses.footprints.use,
                    strict=True,
                ),
                strict=True,
            )
        )
        told = source_report(scene)["buildings"]["heights_from"]
    assert told["neighbours"] >= 1
    assert "size and use" not in told
    assert set(found["part"].items()) <= set(found["whole"].items())
    assert len({eaves - floor for floor, eaves, _ in found["whole"].values()}) == 1


def test_houses_that_stand_beside_the_chosen_come_with_them():
    shapes = np.array([square(0, 0), square(12, 0), square(40, 0), square(52, 0)], object)
    assert with_neighbours(shapes, np.array([True, False, False, False])).tolist() == [
        True,
        True,
        False,
        False,
    ]
    assert not with_neighbours(shapes, np.zeros(4, bool)).any()
