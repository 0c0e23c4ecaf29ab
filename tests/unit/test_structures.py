"""Structures: their words and forms, where they stand, and that they are there or not as a
whole."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from scipy.ndimage import label
from shapely import LineString, Point, box

from mc_city.city.drawing import draw, no_options
from mc_city.city.part import part_of
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.frame import Frame, Grid
from terrain.structures.drawing import structure_states
from terrain.structures.forms import disc, hanging, ring, turned
from terrain.structures.lines import CARRYING, PIECE, Line, Stringing
from terrain.structures.shapes import BUILDERS, CODES, MATERIALS, NAMES, shape_of
from terrain.structures.words import (
    HIGHEST_M,
    KINDS,
    LINE_KINDS,
    height_of,
    kind_of,
    line_kind_of,
)
from tests.conftest import ORIGIN, quiet, write_city
from tests.end_to_end.test_layers import assert_every_state_is_reached
from tests.materials import MATERIALS as STYLE
from tests.plans import feature, rectangle, write_plans
from tests.strict_palette import fault_of
from worlds.rect import Rect

EAST, NORTH = ORIGIN
FLAT = Frame("EPSG:3006", 0.0, 0.0, 1.0, 62, 1.0)
ARMS = {"pylon": "pylon", "portal": "pylon", "pole": "pole"}


def level_at(y):
    return lambda places: np.full(len(places), y, np.int32)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"man_made": "Mast"}, "mast"), ({"man_made": "tower"}, "mast"),
        ({"man_made": "tower", "tower:type": "observation"}, "lookout"),
        ({"man_made": "tower", "tower:construction": "stone"}, "tower"),
        ({"man_made": "crane", "crane:type": "portal_crane"}, "portal_crane"),
        ({"power": "tower"}, "pylon"), ({"power": "generator"}, None),
        ({"power": "generator", "generator:source": "wind"}, "wind_turbine"),
        ({"power": "substation", "substation": "minor_distribution"}, "kiosk"),
        ({"building": "water_tower"}, "water_tower"), ({"building": "house"}, None),
        ({"historic": "ruins"}, "ruins"), ({"kind": "skorsten"}, "chimney"),
        ({"kind": float("nan"), "aerialway": "pylon"}, "lift_pylon"), ({}, None),
    ],
)  # fmt: skip
def test_words_of_points_and_areas(tags, kind):
    assert kind_of(tags) == kind


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"power": "line"}, "line"), ({"kind": "elledning"}, "minor_line"),
        ({"aerialway": "t-bar"}, "drag_lift"), ({"roller_coaster": "track"}, "coaster"),
        ({"piste:type": "ski_jump"}, "ski_jump"), ({"power": "cable"}, None),
        ({"railway": "rail", "electrified": "contact_line"}, "catenary"),
        ({"railway": "rail", "electrified": "no"}, None), ({}, None),
    ],
)  # fmt: skip
def test_words_of_lines(tags, kind):
    assert line_kind_of(tags) == kind
    assert kind is None or kind in LINE_KINDS


def test_a_height_that_cannot_be_is_told_and_that_of_the_kind_is_drawn():
    assert height_of({"height": "42 m"}, "mast") == (42.0, "")
    assert height_of({}, "mast") == (KINDS["mast"].high_m, "")
    for said in (HIGHEST_M + 1, -3, "9999"):
        metres, why = height_of({"height": said}, "mast")
        assert metres == KINDS["mast"].high_m
        assert why


def test_every_state_exists_in_the_game_and_every_block_has_a_number():
    assert [
        fault for state in structure_states(STYLE) if (fault := fault_of(state, (26, 3, 0)))
    ] == []
    assert len(NAMES) == len(set(NAMES)) < 256
    assert {name.split(".")[0] for name in NAMES} == set(MATERIALS)


@pytest.mark.parametrize("kind", [kind for kind in BUILDERS if kind != "deck_mast"])
@pytest.mark.parametrize("share", [1, 3])
def test_a_form_stands_on_the_ground_in_one_piece_and_is_as_high_as_was_asked(kind, share):
    known = KINDS.get(kind)
    high = max(round(known.high_m * share / 2), known.lowest) if known else 6
    form = shape_of(kind, high, round(known.wide_m) if known else 3)
    assert len(form.feet)
    assert form.blocks[:, 1].min() == 0
    assert high - 1 <= form.top + 1 <= high + 4 or kind in (
        "transformer",
        "kiosk",
        "solar",
        "windmill",
    )
    corner = form.blocks[:, :3].min(axis=0)
    filled = np.zeros(np.ptp(form.blocks[:, :3], axis=0) + 1, bool)
    filled[tuple((form.blocks[:, :3] - corner).T)] = True
    assert label(filled, np.ones((3, 3, 3), int))[1] == 1


def test_turning_a_form_four_times_leaves_it_as_it_was():
    form, once = (shape_of("pylon", 28, 1, quarter) for quarter in (0, 1))
    assert (turned(form.blocks[:, :3], 4) == form.blocks[:, :3]).all()
    assert once.box == (form.box[1], form.box[0], form.box[3], form.box[2])


@pytest.mark.parametrize("kind", CARRYING)
@pytest.mark.parametrize("ahead", [(1, 0), (0, 1), (5, 4), (4, -5), (9, 2), (-2, 9)])
def test_arms_lie_across_their_line_in_eight_directions(kind, ahead):
    end = np.array([600.0, 600.0])
    points = np.stack([end - 60 * np.array(ahead, float), end, end + 60 * np.array(ahead, float)])
    near = Rect(0, 0, 1200, 1200)
    stringing = Stringing(FLAT, near, level_at(10), level_at(10), {(600, 600): (kind, 24)})
    stringing.put_up([Line("line", points, 0)])
    stand = next(one for one in stringing.strung.stands if (one.x, one.z) == (600, 600))
    arms = stand.form.blocks[stand.form.blocks[:, 3] == CODES[f"{ARMS[kind]}.arm"]]
    span = np.ptp(arms[:, [0, 2]], axis=0) * np.sign(arms[-1, [0, 2]] - arms[0, [0, 2]])
    away = abs(span @ np.array(ahead)) / np.hypot(*span) / np.hypot(*ahead)
    assert away < 0.45, "at right angles, as near as eight directions are"
    tips = {tuple(rope.blocks[0, [0, 2]] - 600) for rope in stringing.strung.ropes}
    columns = set(map(tuple, arms[:, [0, 2]].tolist()))
    held = [tip for tip in tips if tip in columns]
    assert len(held) >= 2, "wires hang at its arms"


def test_a_mast_on_a_bridge_has_no_foot_below_its_deck():
    form = shape_of("deck_mast", 6, 3)
    assert len(form.feet) == 0
    assert form.blocks[:, 1].min() == 1


@pytest.mark.parametrize("wide", [1, 2, 3, 6, 7, 14, 31])
def test_a_disc_is_as_broad_as_was_asked_and_its_ring_is_closed(wide):
    whole = disc(wide)
    assert np.ptp(whole, axis=0).tolist() == [wide - 1, wide - 1]
    filled = np.zeros((wide + 2, wide + 2), bool)
    filled[tuple((ring(wide) - whole.min(axis=0) + 1).T)] = True
    inside = label(~filled)[1]
    assert inside == (2 if wide > 3 else inside)


def test_a_rope_begins_and_ends_where_it_is_tied_and_hangs_lower_between():
    rope = hanging((3, 30, -7), (60, 40, 20), 5.0)
    assert rope[0].tolist() == [3, 30, -7]
    assert rope[-1].tolist() == [60, 40, 20]
    assert rope[len(rope) // 2, 1] == 30
    assert np.abs(np.diff(rope, axis=0)).max() == 1


def at(east: float, north: float) -> tuple[float, float]:
    return EAST + east, NORTH + north


PYLONS = [(-90, -60), (-20, -58), (50, -57), (95, -40)]
STANDING = [
    (LineString([at(*place) for place in PYLONS]), {"power": "line"}),
    (LineString([at(-70, 70), at(70, 66)]), {"aerialway": "gondola"}),
    (Point(at(-60.5, 0.5)), {"man_made": "flagpole"}),
    (Point(at(0.5, 30.5)), {"man_made": "mast", "height": "9999"}),
    (Point(at(0.5, 0.5)), {"man_made": "antenna"}),
    (Point(at(3.5, 3.5)), {"man_made": "chimney", "height": "25"}),
    (Point(at(-80.5, 40.5)), {"man_made": "crane"}),
    (box(*at(60, 0), *at(80, 20)), {"power": "substation"}),
    (box(*at(-70, -40), *at(-50, -20)), {"building": "greenhouse"}),
]
PLANS = [
    feature(rectangle(-24, -62, -14, -50), layer="alfa", role="ground", surface="park", level_m=14),
    feature(rectangle(-92, 20, -70, 36), layer="beta", role="building", floors=3, use="apartments"),
    feature(rectangle(58, 12, 66, 24), layer="gamma", role="water"),
]


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    folder = tmp_path_factory.mktemp("structures")
    config = write_city(folder, '[plans]\nsources = "plans.geojson"')
    text = config.read_text("utf-8")
    config.write_text(
        text.replace(
            'water = "water.gpkg"',
            'water = "water.gpkg"\nstreets = "streets.gpkg"\n'
            'structures = ["points.gpkg", "lines.gpkg", "areas.gpkg"]',
        ),
        "utf-8",
    )
    house = {"geometry": [box(*at(-12, -8), *at(12, 8))], "use": ["house"], "floors": [2]}
    gpd.GeoDataFrame(house, crs="EPSG:3006").to_file(folder / "houses.gpkg", layer="houses")
    streets = {
        "geometry": [LineString([at(-90, 0), at(-20, 0)])], "highway": ["residential"],
        "width": [4.0],
    }  # fmt: skip
    gpd.GeoDataFrame(streets, crs="EPSG:3006").to_file(folder / "streets.gpkg", layer="streets")
    keys = ("power", "aerialway", "man_made", "height", "building")
    for name, kind in (("points", Point), ("lines", LineString), ("areas", type(box(0, 0, 1, 1)))):
        mine = [(shape, tags) for shape, tags in STANDING if isinstance(shape, kind)]
        table = {"geometry": [shape for shape, _ in mine]} | {
            key: [tags.get(key) for _, tags in mine] for key in keys
        }
        gpd.GeoDataFrame(table, crs="EPSG:3006").to_file(folder / f"{name}.gpkg", layer=name)
    write_plans(folder / "plans.geojson", PLANS)
    return read_city(read_config(config), quiet)


def names_of(scene, state=(0, 0, 0)):
    """(y, z, x) names over the area, and y of the lowest layer."""
    volume, _ = draw(scene, scene.grid, scene.developments.active(state))
    every = np.array([one.name.removeprefix("minecraft:") for one in volume.palette.states], object)
    return every[volume.ids], volume.y0


def test_what_the_data_place_is_counted_and_what_has_no_place_with_its_reason(scene):
    found = scene.structures
    assert found.given["pylon"] == len(PYLONS)
    assert found.given["chimney"] == found.given["mast"] == found.given["greenhouse"] == 1
    assert found.by_rule["lift_pylon"] == 2
    assert found.skipped["antenna in a house"] == 1
    assert found.skipped["a height that cannot be: drawn as its kind is"] == 1


def test_a_flagpole_steps_off_its_street_and_a_chimney_rises_through_its_house(scene):
    assert scene.structures.given["flagpole"] == 1
    names, _ = names_of(scene)
    grid = scene.grid
    pole = np.argwhere((names == "birch_fence").sum(axis=0) >= 5)
    assert len(pole) == 1
    z, x = pole[0] + (grid.z0, grid.x0)
    assert 2 <= abs(z) <= 4
    assert abs(x + 61) <= 2
    chimney = names[:, -4 - grid.z0 - 2 : -4 - grid.z0 + 3, 3 - grid.x0 - 2 : 3 - grid.x0 + 3]
    assert (chimney == "bricks").any(axis=(1, 2)).sum() >= 15


def test_wires_go_with_the_pylon_that_they_hang_from_and_with_no_other(scene):
    today, alfa = names_of(scene)[0], names_of(scene, (1, 0, 0))[0]
    least = min(len(today), len(alfa))
    wires = [(names[:least] == "iron_bars").any(axis=0) for names in (today, alfa)]
    column = np.arange(scene.grid.nx) + scene.grid.x0
    south = np.arange(scene.grid.nz)[:, None] + scene.grid.z0 > 30
    for first, last, stays in ((-80, -30, False), (-10, 40, False), (60, 85, True)):
        here = south & (column > first) & (column < last)
        assert (wires[0] & here).any()
        assert (wires[1] & here).any() == stays


def test_every_state_is_what_is_built_directly(scene):
    assert_every_state_is_reached(scene)


def test_any_window_and_any_part_has_the_same_blocks(scene):
    whole, _ = draw(scene, scene.grid, no_options(scene))
    grid = scene.grid
    window = Grid(grid.frame, grid.x0 + 48, grid.z0 + 32, 64, 80)
    for region in sorted(grid.regions()):
        part = part_of(scene, region).city
        for source, cut in ((part, part.grid), (scene, window)):
            volume, _ = draw(source, cut, no_options(source))
            here = cut.window_in(grid)
            low = volume.y0 - whole.y0
            mine = volume.ids[max(-low, 0) :]
            expected = whole.ids[max(low, 0) : max(low, 0) + len(mine), *here]
            assert (mine[: len(expected)] == expected).all()
            assert not mine[len(expected) :].any()


def test_ropes_are_in_pieces_that_a_region_can_leave_out(scene):
    ropes = scene.structures.ropes
    assert np.diff(ropes.starts).max() <= 3 * PIECE
    assert (ropes.boxes[:, 2:] - ropes.boxes[:, :2]).max() <= PIECE + 1
