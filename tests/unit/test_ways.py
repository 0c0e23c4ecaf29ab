"""Ways: what each source says of them, and that odd values are counted and never stop a build."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from terrain.frame import Frame
from terrain.streets.ways import THEME, Ways, read_ways, ways_of
from terrain.streets.words import LEFT, RIGHT, WIDTHS_M
from terrain.vectors.features import Features, VectorSource, in_words_of
from terrain.vectors.words import metres_of

DATA = Path(__file__).resolve().parents[2] / "data"
LINE = shapely.LineString([(0, 0), (100, 0)])


def one(shape: Any = LINE, **columns: Any) -> Ways:
    """The ways of one feature with these columns; `sidewalk__left` is the key `sidewalk:left`."""
    geometry = np.empty(1, object)
    geometry[0] = shape
    named = {key.replace("__", ":"): np.array([value], object) for key, value in columns.items()}
    return ways_of([in_words_of(THEME, "lines", Features(geometry, named, Counter()), "line")])


@pytest.mark.parametrize(
    ("value", "metres"),
    [
        ("6'", 1.8288),
        ("20 ft", 6.096),
        ("5,5 m", 5.5),
        ("3;4", 3.0),
        (7, 7.0),
        ("7 ft 6 in", 2.286),
    ],
)
def test_widths_are_read_in_every_notation(value: Any, metres: float) -> None:
    assert metres_of(value) == pytest.approx(metres)


@pytest.mark.parametrize("value", [None, "wide", "", -3, 0, 1000, float("nan"), "inf"])
def test_what_is_no_width_takes_that_of_the_class(value: Any) -> None:
    ways = one(highway="residential", width=value)
    assert ways.width_m.tolist() == [WIDTHS_M["residential"]]
    assert ways.skipped["width that is no width"] == (str(value) not in ("None", "", "nan"))


@pytest.mark.parametrize(
    ("columns", "sides"),
    [
        ({}, LEFT | RIGHT),
        ({"sidewalk": "no"}, 0),
        ({"sidewalk": "left"}, LEFT),
        ({"sidewalk": "separate"}, 0),
        ({"sidewalk__left": "no", "sidewalk__right": "yes"}, RIGHT),
        ({"sidewalk__both": "yes"}, LEFT | RIGHT),
        ({"sidewalk": "both", "sidewalk__left": "no"}, RIGHT),
    ],
)
def test_sides_of_pavements(columns: dict[str, str], sides: int) -> None:
    assert one(highway="residential", **columns).sidewalk.tolist() == [sides]


def test_a_bridge_has_a_layer_and_a_tunnel_lies_below() -> None:
    assert one(highway="primary", bridge="viaduct").layer.tolist() == [1]
    assert one(highway="primary", tunnel="yes").layer.tolist() == [-1]
    assert one(highway="primary", bridge="yes", layer="3;4").layer.tolist() == [3]
    assert one(highway="footway", tunnel="building_passage").on_ground.tolist() == [True]
    assert one(highway="primary", bridge="no", tunnel=None).on_ground.tolist() == [True]


@pytest.mark.parametrize(
    ("columns", "highway", "railway"),
    [
        ({"highway": "primary_link"}, "primary", ""),
        ({"highway": "something_new"}, "unclassified", ""),
        ({"highway": None, "railway": "tram"}, "", "tram"),
        ({"highway": "residential", "railway": "tram"}, "residential", ""),
        ({"Nattyp": "bilnät", "Klass": "4", "VALID_TO": 99991231}, "secondary", ""),
        ({"Nattyp": 2, "VALID_TO": 99991231}, "cycleway", ""),
        ({"objekttyp": "Lokalgata liten", "objekttypnr": 1811}, "residential", ""),
        ({"objekttypnr": 1809}, "secondary", ""),
        ({"objekttyp": "Järnväg"}, "", "rail"),
        ({"objekttyp": "Traktorväg"}, "track", ""),
        ({"whatever": 1}, "residential", ""),
    ],
)
def test_classes_of_every_source(columns: dict[str, Any], highway: str, railway: str) -> None:
    ways = one(**columns)
    assert (ways.highway, ways.railway) == ((highway,), (railway,))


@pytest.mark.parametrize(
    "columns",
    [
        {"highway": "proposed"},
        {"highway": None, "railway": "abandoned"},
        {"highway": None, "railway": None},
        {"highway": "pedestrian", "area": "yes"},
        {"Nattyp": "bilnät", "VALID_TO": 20201231},
        {"objekttyp": "Landsväg", "status": "Planerad"},
    ],
)
def test_what_is_no_way_is_counted(columns: dict[str, Any]) -> None:
    ways = one(**columns)
    assert len(ways) == 0
    assert sum(ways.skipped.values()) == 1


def test_lines_of_several_parts_are_several_ways() -> None:
    ways = one(shapely.MultiLineString([[(0, 0), (10, 0)], [(20, 0), (30, 0)]]), highway="path")
    assert [line.length for line in ways.geometry] == [10, 10]
    assert len(ways.take(np.array([True, False]))) == 1
    assert len(one(shapely.LineString([(0, 0), (0, 0)]), highway="path")) == 0


KEYS = (
    "highway", "railway", "width", "lanes", "layer", "sidewalk", "sidewalk:left", "cycleway",
    "bridge", "tunnel", "oneway", "lit",
    "surface", "name", "Nattyp", "Klass", "VALID_TO", "objekttyp", "objekttypnr", "area",
)  # fmt: skip
WORDS = st.sampled_from(
    ["yes", "no", "3;4", "left", "-1", "residential", "9" * 400, "rail", "1801", "6'"]
)


@given(
    st.dictionaries(
        st.sampled_from(KEYS),
        st.one_of(st.none(), st.text("a;é-0.,9' ", max_size=8), st.floats(), st.integers(), WORDS),
    )
)
def test_no_attribute_stops_a_build(columns: dict[str, Any]) -> None:
    ways = one(**columns)
    assert len(ways) <= 1
    assert ((ways.width_m > 0) & (ways.width_m < 100)).all()
    assert ((ways.lanes >= 1) & (np.abs(ways.layer) <= 10)).all()


def test_the_streets_of_the_sample() -> None:
    source = VectorSource(DATA / "sundsvall" / "streets.gpkg", "streets")
    ways = read_ways(
        [source], Frame("EPSG:3006", 619250, 6919812), (618226, 6918788, 620274, 6920836)
    )
    assert len(ways) > 100
    assert ways.bridge.sum() == 7
    assert "Storgatan" in ways.name
