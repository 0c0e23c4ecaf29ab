"""Street furniture: the words that name it, where it stands, and that nobody stumbles over it."""

from __future__ import annotations

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.placing.wishes import Wish, added, along_quays
from mc_city.settings.config import read_config
from terrain.frame import Frame, Grid
from terrain.furniture.catalogue import read_things
from terrain.furniture.drawing import GIVEN, LYING_ON, STREETS, columns_of
from terrain.furniture.shapes import FRONT, HIGHEST, KINDS, LONGEST, SHAPES, furniture_states
from terrain.furniture.things import kind_of, read_furniture
from terrain.ground.covers import COVER, COVERS, ROAD_COVERS
from terrain.ground.ground import NO_WATER
from terrain.vectors.features import VectorSource
from terrain.water.bodies import water_columns
from tests.conftest import ORIGIN, quiet, write_city
from tests.materials import MATERIALS
from tests.strict_palette import fault_of
from worlds.connections import SIDES
from worlds.materials import WATER

EAST, NORTH = ORIGIN
OWN = set(KINDS) - {thing.kind for thing in read_things()}
"""Kinds that are built here; those of the table have a town of their own, tests/kinds."""
ROAD = np.isin(np.arange(len(COVERS)), [COVER[name] for name in ROAD_COVERS])
ON_FOOT = np.isin(np.arange(len(COVERS)), [COVER[name] for name in STREETS])


def test_every_state_exists_in_the_game():
    assert [fault for state in furniture_states(MATERIALS) if (fault := fault_of(state))] == []


def test_shapes_are_small_and_lie_within_their_size():
    for shape in SHAPES:
        assert max(shape.deep, shape.wide) <= LONGEST
        for parts in (shape.parts, shape.on_slabs or ()):
            assert all(
                0 <= ahead < shape.deep and 0 <= right < shape.wide and 0 <= up <= HIGHEST
                for ahead, right, up, _ in parts
            )
            assert len({part[:3] for part in parts}) == len(parts)


def test_water_of_a_fountain_is_held_on_all_sides():
    shape = SHAPES[KINDS["fountain"][0]]
    at = {part[:3]: MATERIALS.filled(part[3]) for part in shape.parts}
    wet = [place for place, state in at.items() if state.startswith(str(WATER))]
    assert len(wet) == 8
    for ahead, right, up in wet:
        assert (ahead, right, up - 1) in at
        assert all(
            (ahead + da, right + dr, up) in at for da, dr in ((1, 0), (-1, 0), (0, 1), (0, -1))
        )


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "bench"}, "bench"), ({"amenity": "Bicycle_Parking"}, "bicycle_parking"),
        ({"highway": "bus_stop"}, "bus_stop"),
        ({"historic": "memorial"}, "memorial"), ({"historic": "memorial", "memorial": "statue"},
        "statue"),
        ({"historic": "memorial", "memorial": "plaque"}, None), ({"tourism": "artwork",
        "artwork_type": "mural"}, None),
        ({"tourism": "artwork", "artwork_type": "sculpture"}, "statue"),
        ({"leisure": "picnic_table"}, "picnic_table"),
        ({"kind": "cykelställ"}, "bicycle_parking"), ({"kind": "ice_rink"}, "ice_rink"),
        ({"playground": "swing"}, "swing"), ({"kind": "gunga"}, "swing"),
        ({"amenity": "pub"}, None),
        ({"amenity": "vending_machine"}, "vending_machine"),
        ({"amenity": "vending_machine", "vending": "parking_tickets"}, "parking_meter"),
        ({"tourism": "information", "information": "guidepost"}, "guidepost"),
        ({"kind": "runsten"}, "rune_stone"), ({"highway": "street_lamp"}, "street_lamp"),
        ({"kind": "belysningsstolpe"}, "street_lamp"),
        ({"highway": "traffic_sign", "traffic_sign": "SE:C31-5"}, "speed_sign"),
        ({"traffic_sign": "SE:B2"}, "stop"), ({"traffic_sign": "SE:A5-1"}, "warning_sign"),
        ({"traffic_sign": "SE:E19-1"}, "parking_sign"), ({"traffic_sign": "XY:7"}, "traffic_sign"),
        ({"traffic_sign": "no"}, None),
        ({"amenity": None, "kind": float("nan")}, None), ({}, None),
    ],
)  # fmt: skip
def test_words(tags, kind):
    assert kind_of(tags) == kind


def test_every_way_of_naming_a_thing_of_the_table_means_that_thing():
    rows = [(thing.kind, named) for thing in read_things() for named in thing.named]
    assert len(rows) > 150
    assert [(kind, named) for kind, named in rows if kind_of(dict(named)) != kind] == []


def test_plates_of_things_are_in_the_middle_of_their_fronts():
    for thing in read_things():
        for shape in thing.shapes if thing.says else ():
            plates = {
                (ahead, right) for ahead, right, _, state in shape.parts if state == "<signs.plate>"
            }
            assert plates == {(shape.deep - 1, shape.wide // 2)}, thing.kind


def test_odd_features_are_counted_and_read_ones_sorted(tmp_path):
    rows = {
        "geometry": [
            Point(9, 5),
            Point(1, 1),
            Point(2, 2),
            LineString([(0, 0), (4, 0)]),
            box(0, 0, 4, 4),
            Point(3, 3),
        ],
        "amenity": ["bench", "bench", "pub", "bicycle_parking", "fountain", None],
        "leisure": [None, None, None, None, None, "ice_rink"],
        "direction": ["NE", "200", "?", None, "nan", None],
    }
    gpd.GeoDataFrame(rows, crs="EPSG:3006").to_file(tmp_path / "things.gpkg", layer="things")
    found = read_furniture(
        [VectorSource(tmp_path / "things.gpkg")],
        Frame("EPSG:3006", 0.0, 0.0, 1.0, 62, 1.0),
        (-10, -10, 20, 20),
    )
    assert [(thing.kind, thing.east, thing.north) for thing in found.things] == [
        ("bench", 1, 1), ("bicycle_parking", 2, 0), ("fountain", 2, 2), ("bench", 9, 5),
    ]  # fmt: skip
    assert found.things[0].direction == 200
    assert found.things[3].direction == 45
    assert found.skipped == Counter(
        {"no furniture that is known": 1, "an ice rink that is no area": 1}
    )


SQUARE, QUAY = (-62, -62, -22, -22), (-20, -62, 19, -24)


def furnished(folder, more: str = "", bounds: str = "599936, 6899936, 600064, 6900064"):
    """The small city on level ground, with a square, a quay on its lake, streets, trees on the
    square, and things of every kind."""
    config = write_city(folder, more, bounds=bounds)
    text = config.read_text("utf-8").replace('elevation = "dem.tif"', "flat_m = 10.0")
    keys = (
        'streets = "streets.gpkg"\nsquares = "squares.gpkg"\ntrees = "trees.gpkg"\nfurniture = '
        '"things.gpkg"'
    )
    config.write_text(
        text.replace('water = "water.gpkg"', f'water = "water.gpkg"\n{keys}'), "utf-8"
    )
    lines = [
        [(-64, -20), (64, -20)],
        [(-21, -64), (-21, 64)],
        [(-64, 46), (64, 46)],
        [(30, -18), (30, 60)],
    ]
    streets = {
        "geometry": [LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines],
        "highway": ["residential", "cycleway", "pedestrian", "footway"], "width": [6.0, 3.0, 14.0,
        2.5], "name": [None] * 4,
        "surface": ["asphalt", "asphalt", "paving_stones", "gravel"],
    }  # fmt: skip
    gpd.GeoDataFrame(streets, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    areas = [box(EAST + w, NORTH + s, EAST + e, NORTH + n) for w, s, e, n in (SQUARE, QUAY)]
    gpd.GeoDataFrame({"geometry": areas, "kind": ["square", "quay"]}, crs="EPSG:3006").to_file(
        folder / "squares.gpkg", layer="squares"
    )
    trees = {
        "geometry": [Point(EAST - 12, NORTH - 44), Point(EAST + 12, NORTH - 52)],
        "kind": ["oak", "oak"],
        "height_m": [8.0, 8.0],
    }
    gpd.GeoDataFrame(trees, crs="EPSG:3006").to_file(folder / "trees.gpkg", layer="trees")
    kinds = sorted(OWN - {"bus_stop"})
    places = [(-55 + 12 * (number % 3), -27 - 10 * (number // 3)) for number in range(len(kinds))]
    rows = {
        "geometry": [*(Point(EAST + x, NORTH + y) for x, y in places), Point(EAST + 10, NORTH - 15),
        Point(EAST + 45, NORTH + 10)],
        "kind": [*kinds, "bus_stop", "bench"], "name": [*[None] * len(kinds), "Torget", None],
        "direction": [None] * (len(kinds) + 2),
    }  # fmt: skip
    gpd.GeoDataFrame(rows, crs="EPSG:3006").to_file(folder / "things.gpkg", layer="things")
    return config


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    return read_city(read_config(furnished(tmp_path_factory.mktemp("furnished"))), quiet)


@pytest.fixture(scope="module")
def drawn(scene):
    """(volume, ground, rows of the table of the things that stand)."""
    volume, ground = draw(scene, scene.grid, no_options(scene))
    return volume, ground, standing(scene, volume, ground)


def names_at(volume, x, z, low, high):
    return [
        volume.palette.states[block].name
        for block in volume.ids[low - volume.y0 : high - volume.y0, z - volume.z0, x - volume.x0]
    ]


def standing(scene, volume, ground):
    """The things of the table whose blocks are found where they would be."""
    found, grid = [], ground.grid
    steps = ((0, -1), (1, 0), (0, 1), (-1, 0))
    for row in scene.furniture.table.tolist():
        x, z, shape, facing, _ = row
        (ax, az), (rx, rz) = steps[facing], steps[(facing + 1) % 4]
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        if (
            x0 < grid.x0 + 3
            or z0 < grid.z0 + 3
            or x1 >= grid.x0 + grid.nx - 3
            or z1 >= grid.z0 + grid.nz - 3
        ):
            continue
        half = bool(ground.half[z - grid.z0, x - grid.x0])
        parts = SHAPES[shape].on_slabs if half else SHAPES[shape].parts
        level = int(ground.ground_y[z - grid.z0, x - grid.x0])
        there = [
            names_at(volume, x + ax * a + rx * r, z + az * a + rz * r, level + up,
            level + up + 1)[0]
            == f"minecraft:{MATERIALS.filled(state).removeprefix('minecraft:').split('[')[0]}"
            for a, r, up, state in parts or ()
        ]  # fmt: skip
        if there and all(there):
            found.append(row)
    return found


def test_what_the_data_names_stands_and_rules_add_more(drawn):
    kinds = Counter(SHAPES[row[2]].kind for row in drawn[2])
    assert OWN - set(kinds) == set(), "one of each at least"
    assert kinds["bench"] > 4
    assert kinds["planter"] > 3


def test_nothing_stands_on_a_carriageway_a_path_or_in_water_and_one_walks_past(drawn):
    volume, ground, things = drawn
    grid, table = ground.grid, drawn[2]
    lying = [COVER[name] for name in LYING_ON]
    taken = np.zeros(grid.shape, int)
    for x, z, shape, facing, _ in table:
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        taken[z0 - grid.z0 : z1 + 1 - grid.z0, x0 - grid.x0 : x1 + 1 - grid.x0] += 1
    assert taken.max() == 1, "no two in one place"
    assert len(things) > 15
    for x, z, shape, facing, bits in table:
        foot = bits & 1
        x0, z0, x1, z1 = (
            at - first
            for at, first in zip(
                columns_of(x, z, shape, facing), (grid.x0, grid.z0) * 2, strict=True
            )
        )
        mine = np.s_[z0 : z1 + 1, x0 : x1 + 1]
        cover = ground.cover[mine]
        assert (np.isin(cover, lying) | (ON_FOOT[cover] & (foot == 1))).all()
        assert (ground.water_y[mine] == NO_WATER).all()
        assert len(np.unique(ground.ground_y[mine])) == 1
        dx, dz = ((0, -1), (1, 0), (0, 1), (-1, 0))[facing]
        front = np.zeros(grid.shape, bool)
        for step in range(1, FRONT + 1):
            front[z0 + dz * step : z1 + 1 + dz * step, x0 + dx * step : x1 + 1 + dx * step] = True
        front[mine] = False
        assert front.sum() == FRONT * (x1 - x0 + 1 if dz else z1 - z0 + 1)
        assert taken[front].max() == 0
        assert (~ROAD[ground.cover[front]] | (foot == 1)).all(), (
            "those two columns are not the carriageway"
        )
        assert (abs(ground.walk2[front] - int(ground.walk2[z0, x0])) <= 1).all()
        for row, column in np.argwhere(front):
            feet = (int(ground.walk2[row, column]) + 1) // 2
            above = names_at(volume, column + grid.x0, row + grid.z0, feet + 1, feet + 3)
            assert set(above) <= {
                "minecraft:air",
                "minecraft:short_grass",
                "minecraft:fern",
                "minecraft:dandelion",
                "minecraft:iron_trapdoor",
            }


def test_doors_are_free(scene):
    door = scene.houses.plans.door[scene.houses.plans.door["facing"] >= 0]
    doors = np.stack([door["x"], door["z"]], axis=1)
    assert len(doors) >= 3
    for x, z, shape, facing, _ in scene.furniture.table.tolist():
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        away = np.maximum(
            np.maximum(x0 - doors[:, 0], doors[:, 0] - x1),
            np.maximum(z0 - doors[:, 1], doors[:, 1] - z1),
        )
        assert away.min() > 2


def test_a_street_on_foot_keeps_its_middle(drawn):
    ground = drawn[1]
    rows = [
        row
        for row in drawn[2]
        if ON_FOOT[ground.cover[row[1] - ground.grid.z0, row[0] - ground.grid.x0]]
    ]
    assert len(rows) >= 4
    for x, z, shape, facing, _ in rows:
        _, z0, _, z1 = columns_of(x, z, shape, facing)
        # It lies from z = −53 to −39, its axis at −46: two columns are free along either side, and
        # its middle.
        assert (z0 >= -45 and z1 < -41) or (z0 >= -51 and z1 < -47)


@pytest.mark.parametrize("kind", ["gravel", "paving"])
def test_what_the_data_has_on_a_square_stands_there_whatever_it_is_laid_of(tmp_path, kind, drawn):
    path = furnished(tmp_path)
    squares = gpd.read_file(tmp_path / "squares.gpkg")
    squares.assign(kind=[kind, "quay"]).to_file(tmp_path / "squares.gpkg", layer="squares")
    laid = read_city(read_config(path), quiet)
    volume, ground = draw(laid, laid.grid, no_options(laid))
    west, south, east, north = SQUARE

    def of_data(things):
        return {
            tuple(row[:4])
            for row in things
            if row[4] & GIVEN and west < row[0] < east and -north < row[1] < -south
        }

    expected = of_data(drawn[2])
    assert len(expected) >= 8
    assert of_data(standing(laid, volume, ground)) >= expected


def test_benches_have_backs_that_are_away_from_where_they_look(drawn):
    volume, ground, things = drawn
    seats = 0
    for x, z, shape, facing, _ in things:
        if SHAPES[shape].kind != "bench" or ground.half[z - ground.grid.z0, x - ground.grid.x0]:
            continue
        x0, z0, x1, z1 = columns_of(x, z, shape, facing)
        level = int(ground.ground_y[z - ground.grid.z0, x - ground.grid.x0]) + 1 - volume.y0
        for row in range(z0, z1 + 1):
            for column in range(x0, x1 + 1):
                state = volume.palette.states[
                    volume.ids[level, row - volume.z0, column - volume.x0]
                ]
                if state.name.endswith("_stairs"):
                    seats += 1
                    assert dict(state.properties)["facing"] == SIDES[(facing + 2) % 4]
                    assert dict(state.properties)["shape"] == "straight"
    assert seats > 8


def test_a_bus_stop_has_a_sign_with_its_name(scene):
    assert ("Hållplats", "Torget") in scene.posts.lines


def test_life_rings_hang_at_the_edge_of_a_quay_on_its_side_to_the_water_only(scene):
    wet = water_columns(scene.land.water, scene.grid)[0] != NO_WATER
    z, x = np.nonzero(wet)
    left, top = EAST + scene.grid.x0 + x.min(), NORTH - scene.grid.z0 - z.min()
    # One quay lies along the whole lake, the other far from any water.
    on_lake, on_land = box(left - 80, top - 120, left, top), box(left - 300, 0, left - 200, 90)
    rings = [
        wish
        for wish in along_quays([on_lake, on_land], scene.land.water, scene.grid.frame)
        if wish.kind == "life_ring"
    ]
    assert rings
    for ring in rings:
        assert left - ring.east == pytest.approx(2.5)
        assert ring.facing == 1, "to the lake in the east"


def test_no_life_ring_is_added_near_one_of_the_data():
    mine = [Wish("life_ring", east, 0.0, 0) for east in (0.0, 60.0)]
    assert added(mine, [Wish("life_ring", 10.0, 0.0, 0, True)]) == mine[1:]


def test_grates_lie_around_trees_in_paving_only(scene, drawn):
    volume, ground, _ = drawn
    grate = volume.palette.id("iron_trapdoor[facing=north,half=bottom,open=false,powered=false]")
    _, z, x = np.nonzero(volume.ids == grate)
    assert len(z) >= 8
    trunks = np.stack(
        [scene.planting.trees.x - volume.x0, scene.planting.trees.z - volume.z0], axis=1
    )
    away = np.abs(np.stack([x, z], axis=1)[:, None] - trunks[None]).max(axis=2).min(axis=1)
    assert away.max() == 1
    assert np.isin(ground.cover[z, x], [COVER["square"], COVER["quay"], COVER["pavement"]]).all()


@pytest.mark.parametrize("cut", [(-60, -66, 41, 45), (-30, 20, 35, 29), (-11, -57, 60, 23)])
def test_any_cut_draws_the_same(scene, drawn, cut):
    whole = drawn[0]
    part, _ = draw(scene, Grid(scene.grid.frame, *cut), no_options(scene))
    low, high = max(whole.y0, part.y0), min(whole.y0 + len(whole.ids), part.y0 + len(part.ids))
    z, x = part.z0 - whole.z0, part.x0 - whole.x0
    first_z, first_x = max(-z, 0), max(-x, 0)
    mine = part.ids[low - part.y0 : high - part.y0, first_z:, first_x:]
    theirs = whole.ids[low - whole.y0 : high - whole.y0, max(z, 0) :, max(x, 0) :]
    depth, width = min(mine.shape[1], theirs.shape[1]), min(mine.shape[2], theirs.shape[2])
    assert min(depth, width) > 20
    assert (mine[:, :depth, :width] == theirs[:, :depth, :width]).all()


def test_it_can_be_switched_off(tmp_path):
    bare = read_city(read_config(furnished(tmp_path, "[world]\nfurniture = false")), quiet)
    assert len(bare.furniture) == 0
    assert not any("Hållplats" in lines for lines in bare.posts.lines)
    volume, _ = draw(bare, bare.grid, no_options(bare))
    names = {
        volume.palette.states[block].name.removeprefix("minecraft:")
        for block in np.unique(volume.ids)
    }
    assert not names & {"composter", "iron_bars", "iron_trapdoor", "spruce_trapdoor", "packed_ice"}
