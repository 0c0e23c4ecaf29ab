"""What stands on platforms by rule: on their decks, clear of lamps and of each other."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
from shapely import Point

from mc_city.placing.platforms import platform_things, read_stations
from terrain.frame import Frame
from terrain.furniture.drawing import DECK_LOWEST, DECK_SHIFT, RAISED, columns_of, raised_bits
from terrain.furniture.shapes import SHAPES
from terrain.spans.bridges import Bridge, gather_decks
from terrain.spans.lines import Chain
from terrain.vectors.features import VectorSource

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0, 1.0, 62, 1.0)


def platform(length, top_y=70.0, lamps=(), way=(1.0, 0.0)):
    points = np.array([[0.5, 0.5], [0.5 + way[0] * length, 0.5 + way[1] * length]])
    return gather_decks(
        [
            Bridge(
                chain=Chain(points, ((0, False),), np.array([0.0, float(length)])),
                layer=0,
                top_y=np.full(length + 1, top_y),
                step=1.0,
                carriage=2.0,
                left=3.0,
                right=3.0,
                style="platform",
                depth=0,
                lamps=lamps,
            )
        ]
    )


def kinds_of(table):
    return Counter(SHAPES[shape].kind for shape in table[:, 2].tolist())


@pytest.mark.parametrize("way", [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)])
def test_a_long_platform_has_a_shelter_signs_with_its_name_and_one_clock(way):
    table, signs = platform_things(platform(120, way=way), [(60.0, 30.0, "Byn C")], 1.0)
    kinds = kinds_of(table)
    assert kinds["platform_shelter"] == 1
    assert kinds["clock"] == 1
    assert kinds["station_sign"] >= 2
    assert kinds["bench"] >= 3
    assert set(signs) == {"Byn C"}


def test_short_ones_have_none_and_without_a_station_there_is_no_board():
    assert len(platform_things(platform(11), [], 1.0)[0]) == 0
    short, _ = platform_things(platform(30), [(5000.0, 0.0, "Fjärran")], 1.0)
    assert len(short) > 1
    assert not {"station_sign", "platform_shelter"} & set(kinds_of(short))


def test_things_keep_clear_of_lamps_and_of_each_other_and_stand_on_the_deck():
    lamps = tuple((x, 0) for x in range(10, 120, 15))
    table, _ = platform_things(platform(120, top_y=71.0, lamps=lamps), [(60.0, 0.0, "Byn")], 1.0)
    taken = [columns_of(*row[:4]) for row in table.tolist()]
    seen = Counter(
        (x, z) for x0, z0, x1, z1 in taken for x in range(x0, x1 + 1) for z in range(z0, z1 + 1)
    )
    assert max(seen.values()) == 1
    assert not set(lamps) & set(seen)
    assert {abs(z) for _, z in seen} <= {0, 1}
    bits = table[:, 4]
    assert (bits & RAISED != 0).all()
    assert ((bits >> DECK_SHIFT) + DECK_LOWEST == 71).all()
    assert (raised_bits(-60) >> DECK_SHIFT) + DECK_LOWEST == -60


def test_stations_are_those_with_a_name(tmp_path):
    points = [Point(600_010, 6_899_990), Point(600_020, 6_899_990), Point(600_030, 6_899_990)]
    table = {"name": ["Byn", None, "Toppen"], "railway": ["station", "halt", None]}
    gpd.GeoDataFrame({"geometry": points, **table}, crs="EPSG:3006").to_file(
        tmp_path / "places.gpkg", layer="places"
    )
    bounds = (599_900.0, 6_899_900.0, 600_100.0, 6_900_100.0)
    found = read_stations([VectorSource(tmp_path / "places.gpkg")], FRAME, bounds)
    assert found == [(10.0, 10.0, "Byn")]
