"""Models of landmarks and planned houses, from their files to the blocks of a city."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.build.report import source_report
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.saved.switching import toggle
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.frame import Grid
from tests.bedrock_worlds import chunk_names, records_of
from tests.commands import run
from tests.conftest import quiet
from tests.end_to_end.test_layers import assert_every_state_is_reached
from tests.models import (
    LOW,
    TALL,
    city_with,
    map_place,
    write_glb,
    write_ifc,
    write_l,
)
from tests.models import RED as RED_RGB
from tests.plans import feature, point, rectangle, write_plans
from tests.regions import window_of
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume

RED, BLUE = "red_concrete", "blue_concrete"
SMALL = "600016, 6900000, 600064, 6900048"


def entry(path, **more) -> str:
    held = {"path": str(path), "at": [600_030, 6_900_020], **more}
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else value!r}"
             for key, value in held.items()]  # fmt: skip
    return "\n".join(["[[models]]", *lines, ""])


def city_of(folder, models, extra="", **more):
    return read_city(read_config(city_with(folder, models, extra, **more)), quiet)


class Drawn:
    """A drawn city, asked by places of the world."""

    def __init__(self, city, active=None):
        self.city = city
        self.volume, self.ground = draw(
            city, city.grid, no_options(city) if active is None else active
        )

    def name(self, x, y, z):
        volume = self.volume
        ids = volume.ids[y - volume.y0, z - volume.z0, x - volume.x0]
        return volume.palette.states[ids].name.removeprefix("minecraft:")

    def places(self, *names):
        """{(x, y, z)} of all blocks of these names."""
        volume = self.volume
        wanted = [state.name.removeprefix("minecraft:") in names for state in volume.palette.states]
        y, z, x = np.nonzero(np.array(wanted)[volume.ids])
        return set(
            zip((x + volume.x0).tolist(), (y + volume.y0).tolist(), (z + volume.z0).tolist(),
                strict=True)
        )  # fmt: skip


def shell(xs, ys, zs):
    """{(x, y, z)} of the sides of a box of blocks."""
    return {
        (x, y, z)
        for x in xs for y in ys for z in zs
        if x in (xs[0], xs[-1]) or y in (ys[0], ys[-1]) or z in (zs[0], zs[-1])
    }  # fmt: skip


def java_places(world, name):
    found = set()
    for *_, path in region_files(world):
        volume, present = read_region_volume(path)
        wanted = [state.name == f"minecraft:{name}" for state in volume.palette.states]
        window = window_of(present)
        y, z, x = np.nonzero(np.array(wanted)[volume.ids[window]])
        corner = volume.x0 + window[2].start, volume.y0, volume.z0 + window[1].start
        places = np.stack([x, y, z], axis=1) + np.array(corner)
        found |= set(map(tuple, places.tolist()))
    return found


def bedrock_places(world, name, chunks_x, chunks_z):
    found, records = set(), records_of(world)
    for chunk_x in chunks_x:
        for chunk_z in chunks_z:
            names = chunk_names(records, chunk_x, chunk_z)[0]
            every = names.ravel().tolist()
            named = {kind: kind.startswith(f"minecraft:{name}[") for kind in set(every)}
            y, z, x = np.nonzero(np.array([named[kind] for kind in every]).reshape(names.shape))
            places = np.stack([x + 16 * chunk_x, y - 64, z + 16 * chunk_z], axis=1)
            found |= set(map(tuple, places.tolist()))
    return found


def highest(city, xs, zs):
    """The highest ground below columns, without the model."""
    window = Grid(city.grid.frame, xs[0], zs[0], len(xs), len(zs))
    return int(read_ground(city.land, window).standing_y.max())


def test_a_glb_stands_on_the_ground_turned_clockwise(tmp_path):
    """A quarter: its east goes south. The other turns stand in tests/unit/test_models.py."""
    tall, low = (range(30, 33), range(-20, -16)), (range(30, 31), range(-16, -14))
    model = write_l(tmp_path / "l.glb")
    city = city_of(tmp_path, entry(model, turn=90), buildings=False)
    drawn = Drawn(city)
    xs = range(min(tall[0][0], low[0][0]), max(tall[0][-1], low[0][-1]) + 1)
    zs = range(min(tall[1][0], low[1][0]), max(tall[1][-1], low[1][-1]) + 1)
    foot = max(highest(city, *tall), highest(city, *low)) + 1
    assert foot >= highest(city, xs, zs)
    assert drawn.places(RED) == shell(tall[0], range(foot, foot + 5), tall[1])
    assert drawn.places(BLUE) == {(x, foot, z) for x in low[0] for z in low[1]}
    inside = [
        (x, y, z) for x in tall[0][1:-1] for z in tall[1][1:-1] for y in range(foot + 1, foot + 4)
    ]
    assert inside
    assert {drawn.name(*place) for place in inside} == {"air"}


L_OF_IFC = [(TALL, (142, 33, 33)), (LOW, (45, 47, 143))]


def test_an_ifc_house_stands_where_its_map_conversion_says(tmp_path):
    """Its x axis goes north on the map, so it is turned to the left: a quarter turn of 270."""
    pytest.importorskip("ifcopenshell")
    place = map_place(600_030, 6_900_020, 25, (0, 1), "#7", "0.001")
    model = write_ifc(tmp_path / "l.ifc", L_OF_IFC, place)
    city = city_of(tmp_path, f'[[models]]\npath = "{model}"\n', buildings=False)
    drawn = Drawn(city)
    foot = int(city.grid.frame.y_block(np.array([25.0]))[0]) + 1
    tall, low = (range(27, 30), range(-24, -20)), (range(29, 30), range(-26, -24))
    assert drawn.places(RED) == shell(tall[0], range(foot, foot + 5), tall[1])
    assert drawn.places(BLUE) == {(x, foot, z) for x in low[0] for z in low[1]}


def test_the_scales_of_the_configuration_hold_for_models_too(tmp_path):
    model = write_l(tmp_path / "l.glb")
    text = entry(model, height_datum_m=10) + "[area]\n"
    config = city_with(tmp_path, text.removesuffix("[area]\n"), buildings=False)
    config.write_text(
        config.read_text("utf-8").replace("[area]", "[vertical]\nscale = 2.0\n[area]\nscale = 2.0"),
        "utf-8",
    )
    city = read_city(read_config(config), quiet)
    drawn = Drawn(city)
    foot = city.config.vertical.sea_level_y + 40 + 1
    assert drawn.places(RED) == shell(range(60, 68), range(foot, foot + 20), range(-46, -40))


def test_any_cut_of_the_area_gives_the_same_model(tmp_path):
    """The L lies over the corner at which four regions meet, turned by no quarter."""
    model = write_l(tmp_path / "l.glb")
    text = entry(model, at=[599_993, 6_899_995], turn=17.0, scale=3.0)
    city = city_of(tmp_path, text, buildings=False)
    whole, _ = draw(city, city.grid, no_options(city))
    assert len(list(city.grid.regions())) == 4
    for region in city.grid.regions():
        tile = city.grid.region(*region).intersection(city.grid)
        part, _ = draw(city, tile, no_options(city))
        low, high = max(part.y0, whole.y0), min(part.y0 + len(part.ids), whole.y0 + len(whole.ids))
        mine = whole.ids[low - whole.y0 : high - whole.y0, *tile.window_in(city.grid)]
        theirs = part.ids[low - part.y0 : high - part.y0]
        assert (mine == theirs).all()
    assert Drawn(city).places(RED)


def test_a_model_on_a_slope_is_carried_down_to_the_ground_and_nothing_grows_in_it(tmp_path):
    """Twelve metres wide on ground that rises half a metre for each ten."""
    model = write_glb(tmp_path / "h.glb", [(((0, 0, 0), (48, 6, 4)), RED_RGB)])
    city = city_of(tmp_path, entry(model, at=[600_005, 6_899_980]), buildings=False)
    drawn = Drawn(city)
    xs, zs = range(5, 53), range(14, 20)
    foot = highest(city, xs, zs) + 1
    assert drawn.places(RED) == shell(xs, range(foot, foot + 4), zs)
    ground = read_ground(city.land, city.grid)
    below = ground.ground_y[zs[0] - city.grid.z0 : zs[-1] + 1 - city.grid.z0,
                            xs[0] - city.grid.x0 : xs[-1] + 1 - city.grid.x0]  # fmt: skip
    assert below.min() < foot - 2
    carried = {
        (x, y, z)
        for x in xs for z in zs for y in range(below[z - zs[0], x - xs[0]] + 1, foot)
    }  # fmt: skip
    assert drawn.places("stone_bricks") == carried
    assert {
        drawn.name(x, y, z) for x in xs[1:-1] for z in zs[1:-1] for y in (foot + 1, foot + 2)
    } == {"air"}


def test_a_house_below_a_model_gives_way_and_one_beside_it_stays(tmp_path):
    """Of the three houses one is below it, one it only reaches into."""
    model = write_glb(tmp_path / "h.glb", [(((0, 0, 0), (20, 20, 8)), RED_RGB)])
    text = entry(model, at=[599_947, 6_900_006])
    city = city_of(tmp_path, text)
    report = source_report(city)
    assert report["buildings"]["skipped"]["where a model stands"] == 1
    assert report["buildings"]["drawn"] == 2
    told = report["models"]["standing"][0]
    assert (told["houses_replaced"], told["houses_crossed"]) == (1, 0)
    kept = city_of(tmp_path / "kept", text + "replaces = false\n")
    report = source_report(kept)
    assert report["buildings"]["drawn"] == 3
    assert report["models"]["standing"][0]["houses_crossed"] == 1
    drawn = Drawn(city)
    foot = min(y for _, y, _ in drawn.places(RED))
    inside = {drawn.name(x, foot + 3, z) for x in range(-52, -34) for z in range(-25, -7)}
    assert inside == {"air"}


PLAN = [
    feature(point(-40, -48), layer="kajen", role="info", name="Kajen", status="antagen",
            done_year=2031),
    feature(rectangle(30, 20, 35, 23), layer="kajen", variant="a", role="building", floors=3),
    feature(rectangle(-60, 0, -25, 30), layer="norr", role="demolish"),
    feature(rectangle(-12, 25, 10, 50), layer="norr", role="ground", surface="square", level_m=25),
]  # fmt: skip


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """A model of variant a of a layer where the plan has a house; one of today that another layer
    takes away; one of a layer of its own."""
    folder = tmp_path_factory.mktemp("planned")
    write_plans(folder / "plans.geojson", PLAN)
    models = [
        entry(write_l(folder / "l.glb"), layer="kajen", variant="a"),
        entry(write_l(folder / "m.glb"), at=[599_955, 6_900_010], scale=2.0, name="Gamla"),
        entry(write_l(folder / "n.glb"), at=[599_992, 6_900_030], scale=2.0, layer="norr"),
        entry(write_l(folder / "o.glb"), at=[599_992, 6_899_966], scale=3.0, layer="ny_kyrka"),
    ]
    extra = '[plans]\nsources = "plans.geojson"\n'
    return city_of(folder, "\n".join(models), extra)


def state_of(city, **shown):
    layers = [layer.id for layer in city.developments.layers]
    return city.developments.active([shown.get(layer, 0) for layer in layers])


def near(places, x, z, reach=30):
    return {place for place in places if abs(place[0] - x) < reach and abs(place[2] - z) < reach}


def test_a_model_of_a_layer_stands_with_it_in_the_place_of_the_plans_house(planned):
    assert [layer.id for layer in planned.developments.layers] == ["kajen", "norr", "ny_kyrka"]
    today, shown = Drawn(planned), Drawn(planned, state_of(planned, kajen=1))
    foot = highest(planned, range(30, 36), range(-23, -20)) + 1
    assert near(today.places(RED), 31, -21, 8) == set()
    assert near(shown.places(RED), 31, -21, 8) == shell(
        range(30, 34), range(foot, foot + 5), range(-23, -20)
    )
    # A column of the plan's house that is none of the model's.
    assert shown.name(34, foot + 2, -23) == "air"


def test_a_layer_takes_a_model_of_today_away_and_levels_the_ground_of_its_own(planned):
    today, shown = Drawn(planned), Drawn(planned, state_of(planned, norr=1))
    assert near(today.places(RED), -41, -13, 10)
    assert near(shown.places(RED), -41, -13, 10) == set()
    foot = int(planned.grid.frame.y_block(np.array([25.0]))[0]) + 1
    assert {y for _, y, _ in near(shown.places(RED), -4, -33, 10)} == set(range(foot, foot + 10))


def test_every_state_of_layers_with_models_is_what_is_built_directly(planned):
    assert_every_state_is_reached(planned)


def test_boards_and_the_spawn_keep_clear_of_models(planned):
    for fixture in planned.fixtures:
        grid = Grid(planned.grid.frame, *fixture.ground)
        assert not planned.land.models.any_columns(grid).any(), fixture.name
    x, _, z, _ = planned.spawn
    assert not planned.land.models.any_columns(Grid(planned.grid.frame, x, z, 1, 1)).any()


@pytest.mark.slow
def test_both_editions_have_the_model_and_the_layer_is_switched(tmp_path):
    model = write_glb(tmp_path / "g.glb", [(TALL, RED_RGB), (LOW, (102, 153, 216, 90))])
    text = entry(model) + entry(model, at=[600_030, 6_900_032], layer="kajen", name="Planerad")
    config = read_config(city_with(tmp_path, text, buildings=False, bounds=SMALL))
    city = read_city(config, quiet)
    build(config, tmp_path / "out", 1, False, quiet)
    wanted, ground = Drawn(city), highest(city, range(30, 36), range(-23, -20))
    tall = shell(range(30, 34), range(ground + 1, ground + 6), range(-23, -20))
    assert near(wanted.places(RED), 32, -21, 4) == tall
    world = tmp_path / "out" / "Liten"
    others = java_places(world, RED) - tall
    assert len(others) < 3, "the map's point where one stands"
    assert len(java_places(world, "light_blue_stained_glass")) == 2
    with zipfile.ZipFile(tmp_path / "out" / "Liten.mcworld") as archive:
        archive.extractall(tmp_path / "bedrock")
    assert bedrock_places(tmp_path / "bedrock", RED, (1, 2), (-2,)) - others == tall
    toggle(world, ["kajen"], True, quiet)
    assert len(java_places(world, RED) - others) == 2 * len(tall)
    toggle(world, ["kajen"], False, quiet)
    assert java_places(world, RED) == tall | others


def test_the_table_says_what_stands_and_what_is_not_there(tmp_path):
    write_l(tmp_path / "l.glb")
    text = (
        '[[models]]\npath = "l.glb"\nname = "Sankt Ellen"\nat = [600030, 6900020]\nturn = 90\n'
        '[[models]]\npath = "l.glb"\nname = "Fjärran"\nat = [609030, 6900020]\n'
        '[[models]]\npath = "l.glb"\nname = "Högt"\nat = [600000, 6900020]\nheight_datum_m = 80\n'
    )
    (tmp_path / "sources.toml").write_text(
        '[[source]]\ntitle = "Modellen"\nfiles = "l.glb"\nlicence = "CC BY 4.0"\n'
        'attribution = "Skolan"\n',
        "utf-8",
    )
    done = run("check", city_with(tmp_path, text))
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    for words in (
        "2 stand", "Sankt Ellen (l.glb, glTF): 3 x 6 m, 5 m high, 24 faces",
        "turned 90 degrees", "54 red_concrete, 2 blue_concrete; hollow inside",
        "left out: Fjärran, outside the area", "Högt: its foot lies", "CC BY 4.0",
    ):  # fmt: skip
        assert words in said, (words, said)
    assert "model not in the city: Fjärran" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("height_datum_m = 300", "where the world ends"), ('layer = "Norra Kajen"', "norra_kajen"),
        ("scale = 1000.0", "blocks (east, north, up)"), ('unit = "cubits"', "models.unit"),
        ("at = [6900020, 600030]", "600030, 6900020"), ("hight = 3", "height_datum_m"),
        ('path = "borta.glb"', "no such file"), ('path = "dem.tif"', "no model that is known"),
        ('path = "."', "a folder"), ("turn = nan", "models.turn"),
    ],
)  # fmt: skip
def test_mistakes_are_said_with_what_to_do(tmp_path, text, said):
    held = {"path": '"l.glb"', "at": "[600030, 6900020]"}
    key, _, value = text.partition(" = ")
    held[key] = value
    write_l(tmp_path / "l.glb")
    models = "[[models]]\n" + "".join(f"{name} = {one}\n" for name, one in held.items())
    done = run("check", city_with(tmp_path, models, buildings=False))
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if not line.startswith("reading")]
    assert said in " ".join(lines[-2:]), done.stderr
    assert "Traceback" not in done.stderr
