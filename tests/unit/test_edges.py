"""Edges: their words, where they run, and that nobody is shut in or held up by them."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.edges.drawing import MOST_JOINED, _looks, edge_columns, edge_states
from terrain.edges.edges import OPEN, cut_edges, no_edges, plan_edges, read_edges
from terrain.edges.words import GATES, KINDS, POINTS, kind_of, point_kind_of
from terrain.frame import Frame, Grid
from terrain.streets.ways import read_ways
from terrain.vectors.features import VectorSource
from tests.conftest import ORIGIN, quiet, write_city, write_raster
from tests.joints import connected
from tests.materials import MATERIALS
from tests.strict_palette import fault_of
from worlds.rect import Rect
from worlds.volume import AIR

EAST, NORTH = ORIGIN
FRAME = Frame("EPSG:3006", float(EAST), float(NORTH), 1.0, 62, 1.0)
NO_DOORS = np.zeros((0, 2), np.int32)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"barrier": "hedge"}, "hedge"), ({"barrier": "Fence"}, "picket"),
        ({"barrier": "fence", "fence_type": "chain_link"}, "wire"),
        ({"barrier": "fence", "material": "metal"}, "railing"),
        ({"barrier": "wall"}, "wall"), ({"barrier": "wall", "wall": "dry_stone"}, "dry_stone"),
        ({"barrier": "wall", "material": "brick"}, "masonry"), ({"barrier": "kerb"}, "kerb"),
        ({"natural": "cliff"}, "cliff"), ({"man_made": "pipeline"}, "pipeline"),
        ({"historic": "citywalls"}, "city_wall"), ({"kind": "häck"}, "hedge"),
        ({"kind": "bullerplank"}, "noise"), ({"barrier": "no"}, None), ({"barrier": None}, None),
        ({"kind": float("nan"), "barrier": "guard_rail"}, "guard_rail"), ({}, None),
    ],
)  # fmt: skip
def test_words_of_lines(tags, kind):
    assert kind_of(tags) == kind


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"barrier": "gate"}, "gate"), ({"barrier": "kissing_gate"}, "gate"),
        ({"barrier": "lift_gate"}, "lift_gate"), ({"kind": "vägbom"}, "lift_gate"),
        ({"barrier": "bollard"}, "bollard"), ({"barrier": "no"}, None), ({}, None),
    ],
)  # fmt: skip
def test_words_of_points(tags, kind):
    assert point_kind_of(tags) == kind


def test_every_state_exists_in_the_game():
    assert [fault for state in edge_states(MATERIALS) if (fault := fault_of(state))] == []


def test_every_kind_has_blocks_and_every_gate_is_made_of_points():
    assert set(MATERIALS.value("edges")) == set(KINDS)
    assert set(MATERIALS.value("edge_points")) == set(POINTS)
    for gate in GATES.values():
        assert {name for _, name in gate.columns(2, 4)} <= set(POINTS)
        assert gate.columns(2, 4), "something stands there"


def edges_of(tmp_path, shapes, doors=NO_DOORS, **columns):
    path = tmp_path / "edges.gpkg"
    gpd.GeoDataFrame({"geometry": shapes, **columns}, crs="EPSG:3006").to_file(path, layer="edges")
    around = (EAST - 200, NORTH - 200, EAST + 200, NORTH + 200)
    ways = read_ways([], FRAME, around)
    given = read_edges([VectorSource(path)], FRAME, around)
    return plan_edges(given, (), ways, doors, FRAME)


def at(x: float, z: float) -> tuple[float, float]:
    return EAST + x, NORTH - z


def test_what_the_words_do_not_know_is_counted(tmp_path):
    shapes = [LineString([at(0, 0), at(5, 0)]), Point(at(1, 1)), box(*at(0, 9), *at(9, 0))]
    edges = edges_of(tmp_path, shapes, barrier=["spikes", "spikes", "hedge"])
    assert edges.skipped == Counter({"no edge that is known": 1, "no gate that is known": 1})
    assert len(edges.lines.kind) == 1, "an area's outline is an edge"


@pytest.mark.parametrize("seed", range(6))
def test_the_columns_of_a_line_follow_each_other_along_an_axis(tmp_path, seed):
    """So that fences join: no step is diagonal, none is left out, and none comes twice."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(-60, 60, (5, 2))
    edges = edges_of(tmp_path, [LineString([at(x, z) for x, z in places])], barrier=["fence"])
    run = edge_columns(edges, Grid(FRAME, -80, -80, 160, 160))
    z, x = np.nonzero(run.line >= 0)
    steps = run.step[z, x]
    by_step = {step: (int(x[place]), int(z[place])) for place, step in enumerate(steps.tolist())}
    for step, (column, row) in by_step.items():
        if step + 1 in by_step:
            after = by_step[step + 1]
            assert abs(after[0] - column) + abs(after[1] - row) == 1
    # A line that crosses itself has the later step there.
    assert len(by_step) >= 0.9 * (max(by_step) + 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_window_shows_what_the_whole_has(tmp_path, seed):
    rng = np.random.default_rng(seed)
    lines = [LineString([at(x, z) for x, z in rng.uniform(-90, 90, (4, 2))]) for _ in range(12)]
    kinds = [("hedge", "city_wall", "kerb", "fence")[number % 4] for number in range(12)]
    edges = edges_of(tmp_path, lines, barrier=kinds)
    whole = edge_columns(edges, Grid(FRAME, -96, -96, 192, 192))
    for x0, z0 in ((-96, -96), (-32, 0), (0, -64), (32, 32)):
        cut = cut_edges(edges, Rect(x0, z0, 64, 64))
        part = edge_columns(cut, Grid(FRAME, x0, z0, 64, 64))
        window = np.s_[z0 + 96 : z0 + 160, x0 + 96 : x0 + 160]
        kind = np.append(edges.lines.kind, -1)
        mine = np.append(cut.lines.kind, -1)
        assert np.array_equal(mine[part.line], kind[whole.line[window]])
        seen = part.line >= 0
        assert np.array_equal(part.step[seen], whole.step[window][seen])


def test_of_two_that_cross_the_stronger_stays_whatever_comes_first(tmp_path):
    lines = [LineString([at(-9.5, 0.5), at(9.5, 0.5)]), LineString([at(0.5, -9.5), at(0.5, 9.5)])]
    for kinds in (["hedge", "wall"], ["wall", "hedge"]):
        edges = edges_of(tmp_path, lines, barrier=kinds)
        run = edge_columns(edges, Grid(FRAME, -16, -16, 32, 32))
        assert list(KINDS)[edges.lines.kind[run.line[16, 16]]] == "wall"


def test_it_is_as_high_as_the_data_say_and_not_higher_than_can_be(tmp_path):
    lines = [LineString([at(0, z), at(9, z)]) for z in range(4)]
    edges = edges_of(
        tmp_path, lines, barrier=["wall", "wall", "kerb", "wall"], height=["2.4 m", "900", "3", "?"]
    )
    high = dict(zip(edges.lines.zs[edges.lines.starts[:-1]], edges.lines.high, strict=True))
    # 900 m is no height of a wall, and a kerb is as it is.
    assert high == {0.0: 2, 1.0: 0, 2.0: 0, 3.0: 0}


RING = box(*at(-12, 12), *at(12, -12))


def fenced(folder):
    """The small city on level ground: a house in a ring of hedge, a street beside it, a wall across
    the street with a gate in it."""
    config = write_city(folder)
    text = config.read_text("utf-8").replace('elevation = "dem.tif"', "flat_m = 10.0")
    keys = 'streets = "streets.gpkg"\nedges = "edges.gpkg"'
    config.write_text(text.replace('water = "water.gpkg"', keys), "utf-8")
    house = {"geometry": [box(*at(-5, 5), *at(5, -5))], "andamal1": ["Bostad;Småhus friliggande"],
             "height_m": ["6"]}  # fmt: skip
    gpd.GeoDataFrame(house, crs="EPSG:3006").to_file(folder / "houses.gpkg", layer="houses")
    streets = {
        "geometry": [LineString([at(-60, 30), at(60, 30)]), LineString([at(40, -60), at(40, 29)])],
        "highway": ["residential", "footway"], "width": [6.0, 3.0],
    }  # fmt: skip
    gpd.GeoDataFrame(streets, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    edges = {
        "geometry": [RING.exterior, LineString([at(20, -20), at(60, -20)]), Point(at(40, -20)),
                     LineString([at(-40, 20), at(-40, 45)])],
        "barrier": ["hedge", "fence", "gate", "wall"],
    }  # fmt: skip
    gpd.GeoDataFrame(edges, crs="EPSG:3006").to_file(folder / "edges.gpkg", layer="edges")
    return config


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return read_city(read_config(fenced(tmp_path_factory.mktemp("fenced"))), quiet)


@pytest.fixture(scope="module")
def names(scene):
    """(y, z, x) names of the small city's blocks, from the ground on."""
    volume, ground = draw(scene, scene.grid, no_options(scene))
    every = np.array(
        [state.name.removeprefix("minecraft:") for state in volume.palette.states], object
    )
    level = int(ground.ground_y.min())
    assert int(ground.ground_y.max()) == level
    return every[volume.ids[level - volume.y0 :]], scene.grid


def block(names, x: int, y: int, z: int) -> str:
    return str(names[0][y, z - names[1].z0, x - names[1].x0])


def test_a_hedge_stands_and_opens_for_the_way_to_the_street(scene, names):
    hedge = [block(names, x, 1, 12) for x in range(-12, 12)]
    assert sum(name.endswith("leaves") for name in hedge) >= 18
    door_x = int(scene.houses.plans.door["x"][0])
    gap = [x for x in range(-12, 12) if not block(names, x, 1, 12).endswith("leaves")]
    assert len(gap) == 2 * OPEN + 1
    assert min(abs(x - door_x) for x in gap) <= OPEN


def test_an_edge_leaves_room_for_streets_and_stands_beside_them(names):
    across = [block(names, -40, 1, z) for z in range(20, 45)]
    assert any(name.endswith("_wall") for name in across)
    assert not any(name.endswith("_wall") for name in across[8:13]), "the carriageway"


def test_a_gate_stands_open_across_its_path_between_posts(names):
    row = [block(names, x, 1, -20) for x in range(36, 45)]
    assert row.count("spruce_fence_gate") in (3, 4)
    assert [name for name in row if not name.endswith(("fence", "fence_gate"))] == [], row


def test_a_hedge_is_closed_where_the_ground_steps(tmp_path):
    config = fenced(tmp_path)
    rows, columns = np.mgrid[-200:200, -200:200]
    steps = (150.0 + columns // 4 + 2 * (rows // 9)).astype(np.float32)
    write_raster(tmp_path / "dem.tif", steps)
    text = config.read_text("utf-8").replace("flat_m = 10.0", 'elevation = "dem.tif"')
    config.write_text(text, "utf-8")
    city = read_city(read_config(config), quiet)
    volume, ground = draw(city, city.grid, no_options(city))
    leaves = np.array([state.name.endswith("_leaves") for state in volume.palette.states])
    run = edge_columns(city.edges, city.grid)
    hedge = list(KINDS).index("hedge")
    mine = (run.line >= 0) & (np.append(city.edges.lines.kind, -1)[run.line] == hedge)
    foot = ground.ground_y + 1 - volume.y0
    z, x = np.nonzero(mine)
    mine[z, x] = leaves[volume.ids[foot[z, x], z, x]]
    closed = 0
    for z, x in np.argwhere(mine).tolist():
        for beside in ((z, x + 1), (z + 1, x)):
            if not (mine[beside] and run.line[beside] == run.line[z, x]):
                continue
            lower, upper = sorted(((z, x), beside), key=lambda place: foot[place])
            up = foot[upper] - foot[lower]
            if 0 < up <= MOST_JOINED:
                closed += 1
                top = foot[upper] + 1
                assert leaves[volume.ids[foot[lower] : top + 1, *lower]].all()
    assert closed > 4


def test_without_furniture_there_are_none(tmp_path):
    config = read_config(fenced(tmp_path)).with_world(furniture=False)
    assert len(read_city(config, quiet).edges) == len(no_edges())


def test_bars_of_edges_join_the_posts_between_them():
    """A pane joins no wooden fence in the game."""
    seen = 0
    for kind in KINDS:
        for look in _looks(MATERIALS, kind):
            for here, ahead in zip(look, [*look[1:], look[0]], strict=True):
                for mine, other in zip(here, ahead, strict=False):
                    if mine is None or other is None or not mine.name.endswith("_bars"):
                        continue
                    seen += 1
                    joined = connected(mine, lambda *way, o=other: o if way == (0, 0, 1) else AIR)
                    assert dict(joined.properties)["east"] == "true", (kind, other)
    assert seen > 3
