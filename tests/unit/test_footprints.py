"""What is read of a building from a register's or OpenStreetMap's columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buildings.sources.footprints import FieldNames, Footprints, footprints_of, normal_use
from buildings.sources.heights import parse_column, parse_direction, parse_number, parse_year
from terrain.vectors.features import Features, VectorSource
from worlds.errors import ConfigError

SOURCE = VectorSource(Path("houses.gpkg"))


def footprints(
    rows: list[dict[str, object]],
    shapes: list[object] | None = None,
    names: FieldNames | None = None,
) -> Footprints:
    columns = {
        key: np.array([*(row.get(key) for row in rows), None], object)[:-1]
        for key in dict.fromkeys(key for row in rows for key in row)
    }
    geometry = np.empty(len(rows), object)
    geometry[:] = shapes or [
        shapely.box(20 * place, 0, 20 * place + 10, 10) for place in range(len(rows))
    ]
    return footprints_of([(Features(geometry, columns), SOURCE)], names or FieldNames())


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("12 m", 12),
        ("40'", 12.192),
        ("6'6\"", 1.9812),
        ("3;4", 4),
        ("10-12", 12),
        ("12,5", 12.5),
        ("~10", 10),
        (7, 7),
        ("high", None),
        (None, None),
    ],
)
def test_numbers_as_they_are_written(text, metres):
    assert parse_number(text) == (None if metres is None else pytest.approx(metres))


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("N", 0),
        ("sw", 225),
        ("NNW", 337.5),
        ("135", 135),
        ("135°", 135),
        (405, 45),
        ("along", None),
        (None, None),
    ],
)
def test_directions(text, degrees):
    assert parse_direction(text) == degrees


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1894", 1894),
        ("1894-05-01", 1894),
        ("~1900", 1900),
        ("1890s", 1890),
        ("C19", 1850),
        (1962, 1962),
        ("old", None),
        (None, None),
    ],
)
def test_years(text, year):
    assert parse_year(text) == year


@given(st.one_of(st.none(), st.text(max_size=12), st.floats(), st.integers(-(10**6), 10**6)))
def test_no_value_is_too_odd(value):
    for parse in (parse_number, parse_direction, parse_year):
        numbers, _ = parse_column([value], 400.0, "height", parse, zero=True)
        assert np.isnan(numbers[0]) or 0 <= numbers[0] <= 400


def test_zero_is_a_value_only_where_it_says_something():
    read = footprints(
        [
            {
                "height": "0",
                "min_height": "0",
                "roof:levels": "0",
                "roof:height": "0",
                "building:levels": "0",
            }
        ]
    )
    assert np.isnan(read.height_m[0])
    assert np.isnan(read.floors[0])
    assert read.min_height_m[0] == read.roof_floors[0] == read.roof_height_m[0] == 0


def test_height_is_to_the_top_of_the_roof():
    read = footprints(
        [
            {"height": "20", "roof:height": "6"},
            {"height": "20"},
            {"height": "4", "roof:height": "6"},
        ]
    )
    assert read.height_m.tolist() == [20, 20, 4]
    assert read.eaves_m[0] == 14
    assert np.isnan(read.eaves_m[1:]).all(), "a roof higher than its house is not believed"


def test_what_simple_3d_buildings_say():
    row = {
        "building:part": "yes", "building:levels": "4", "roof:levels": "2",
        "building:min_level": "1", "min_height": "3.5 m",
        "roof:shape": "half-hipped", "roof:angle": "45", "roof:direction": "SE",
        "roof:orientation": "Across", "building:colour": "#FFCC00",
        "building:material": "Brick", "roof:colour": "red", "roof:material": "roof_tiles",
        "start_date": "C18",
    }  # fmt: skip
    read = footprints([row])
    assert read.part.tolist() == [True]
    assert (read.floors[0], read.roof_floors[0], read.min_floors[0], read.min_height_m[0]) == (
        4,
        2,
        1,
        3.5,
    )
    assert (read.roof_shape, read.roof_angle[0], read.roof_direction[0], read.roof_orientation) == (
        ["half_hip"],
        45,
        135,
        ["across"],
    )
    assert (read.colour, read.material, read.roof_colour, read.roof_material) == (
        ["#ffcc00"],
        ["brick"],
        ["red"],
        ["roof_tiles"],
    )
    assert read.year[0] == 1750


def test_a_part_takes_over_what_its_outline_says():
    outer, wider = shapely.box(0, 0, 20, 20), shapely.box(-10, -10, 40, 40)
    rows = [
        {"building": "church", "building:colour": "white", "height": "30"},
        {"building": "retail", "building:material": "brick"},
        {"building": None, "building:part": "yes", "roof:colour": "green"},
        {"building": None, "building:part": "yes", "building:colour": "red"},
    ]
    read = footprints(rows, [outer, wider, shapely.box(2, 2, 8, 8), shapely.box(100, 0, 110, 10)])
    assert read.use == ["church", "retail", "church", "other"]
    assert read.colour == ["white", None, "white", "red"]
    assert read.material[2] == "brick", "from the wider outline what the nearer one leaves open"
    assert np.isnan(read.height_m[2]), "heights are each part's own"
    assert read.seed[2] == read.seed[0], "and looks as the whole does"


def test_a_dome_of_unknown_height_stands_on_its_tower():
    tower, dome = (
        {"building:part": "yes", "height": "23"},
        {"building:part": "yes", "min_height": "18", "roof:height": "5"},
    )
    shapes = [shapely.box(0, 0, 5, 5), shapely.box(1, 1, 4, 4), shapely.box(10, 0, 14, 4)]
    read = footprints([tower, dome, dome], shapes)
    assert read.height_m.tolist() == [23, 28, 23]
    assert read.eaves_m[1:].tolist() == [23, 18]


@pytest.mark.parametrize(
    ("row", "use"),
    [
        ({"building": "yes", "amenity": "place_of_worship", "religion": "christian"}, "church"),
        ({"building": "yes", "amenity": "place_of_worship", "religion": "muslim"}, "public"),
        ({"building": "yes", "shop": "books"}, "retail"),
        ({"building": "yes", "amenity": "cafe"}, "retail"),
        ({"building": "yes", "office": "government"}, "office"),
        ({"building": "yes", "amenity": "school"}, "school"),
        ({"building": "yes", "amenity": "hospital"}, "care"),
        ({"building": "yes", "leisure": "sports_hall"}, "sport"),
        ({"building": "yes", "amenity": "library"}, "public"),
        ({"building": "yes", "tourism": "hotel"}, "office"),
        ({"building": "apartments", "shop": "books"}, "apartments"),
        ({"building": "yes"}, "other"),
    ],
)
def test_use_from_what_else_is_said(row, use):
    assert footprints([row]).use == [use]


@pytest.mark.parametrize(
    ("word", "use"),
    [("warehouse", "industry"), ("greenhouse", "farm"), ("courthouse", "public"),
    ("Bostad;Småhus friliggande", "house"),
     ("Samhällsfunktion;Kyrka", "church"), ("detached", "house"), ("townhouse", "house")],
)  # fmt: skip
def test_words_of_use(word, use):
    assert normal_use(word) == use


def test_the_first_filled_of_the_known_columns_counts():
    read = footprints([{"osm_id": "7", "osm_way_id": None}, {"osm_id": None, "osm_way_id": "8"}])
    assert read.id == ["7", "8"]


def test_a_named_column_is_the_only_one():
    read = footprints(
        [{"height": "9", "est": "11"}, {"height": "9", "est": None}],
        names=FieldNames(height_m="est"),
    )
    assert read.height_m[0] == 11
    assert np.isnan(read.height_m[1])
    with pytest.raises(ConfigError, match="no column 'hight'"):
        footprints([{"height": "9"}], names=FieldNames(height_m="hight"))
