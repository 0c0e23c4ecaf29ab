"""What children built as layers of a city: every state is reached block for block, whatever they
built and whatever stands around; what does not fit is refused or counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mc_city.build.build import build
from mc_city.build.report import source_report
from mc_city.checking.rows import table_rows
from mc_city.city.differences import differences
from mc_city.city.drawing import draw, voxelise
from mc_city.city.part import part_of
from mc_city.city.part_key import part_key
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.commands import run
from tests.conftest import quiet, write_city
from tests.end_to_end.test_districts import cut_small
from tests.end_to_end.test_layers import assert_every_state_is_reached, planned_features
from tests.ideas import Made, edited, frame_note, write_harvest
from tests.nasty import NASTY
from tests.plans import SMALL_PLANS, feature, point, write_planned_city
from tests.unit.harvest_proposals import cottage, filled
from worlds.errors import SourceError
from worlds.quoting import plain, prose
from worlds.volume import BlockState

FENCE = "oak_fence[east=false,north=false,south=false,west=false]"
STAIRS = "oak_stairs[facing=east,half=bottom,shape=straight]"
WALL = "cobblestone_wall[east=none,north=none,south=none,up=true,west=none]"
BLOCKS = ("air", "stone", "glass_pane[east=true,north=false,south=false,west=false]", FENCE, WALL,
          STAIRS, "water[level=0]", "torch", "oak_sign[rotation=4]", "oak_leaves[distance=7]",
          "oak_slab[type=top,waterlogged=true]", "iron_chain[axis=y]")  # fmt: skip
HOUSE = cottage(-20, 8, 76)


@st.composite
def proposals(draw):
    """Boxes and single blocks of anything, in the air and in the ground."""
    x, y, z = (draw(st.integers(low, high)) for low, high in ((-60, 50), (60, 95), (-60, 50)))
    places = {}
    for _ in range(draw(st.integers(1, 4))):
        low = tuple(at + draw(st.integers(0, 9)) for at in (x, y, z))
        high = tuple(at + draw(st.integers(0, 5)) for at in low)
        places |= filled(low, high, draw(st.sampled_from(BLOCKS)))
    return places


def blocks_at(city, state):
    """(x, y, z) → state of every kept block as it is drawn in a state of the layers."""
    volume, _ = draw(city, city.grid, city.developments.active(state))
    kept = city.kept

    def at(row):
        place = kept.y[row] - volume.y0, kept.z[row] - volume.z0, kept.x[row] - volume.x0
        return volume.palette.states[volume.ids[place]]

    return [at(row) for row in range(len(kept.x))]


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(proposals(), min_size=1, max_size=3), planned_features("alfa"), st.booleans())
def test_random_proposals_reach_every_state(tmp_path_factory, built, planned, one_world):
    folder = tmp_path_factory.mktemp("ideas")
    config = read_config(write_planned_city(folder, [planned]))
    made = [
        Made(places, "07" if one_world else f"{number:02}") for number, places in enumerate(built)
    ]
    city = read_city(config.with_ideas([write_harvest(folder / "ideas", config, made)]), quiet)
    assert_every_state_is_reached(city)
    last = len(city.kept) - 1
    option = int(np.flatnonzero(city.kept.options[last])[0])
    layer, number = city.developments.options[option]
    state = [number if one == layer else 0 for one in range(len(city.developments))]
    rows = slice(int(city.kept.starts[last]), int(city.kept.starts[last + 1]))
    wanted = [city.kept.states[one] for one in city.kept.state[rows].tolist()]
    assert blocks_at(city, state)[rows] == wanted


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """(configuration with three proposals, city): two of two worlds in one place, which stand in a
    planned house, and one alone."""
    folder = tmp_path_factory.mktemp("planned")
    config = read_config(write_planned_city(folder, SMALL_PLANS))
    tower = filled((-18, 70, 8), (-15, 90, 12), FENCE) | {(-18, 74, 10): "air"}
    made = [Made(HOUSE), Made(tower, "08"), Made(cottage(10, -20, 80), "09")]
    config = config.with_ideas([write_harvest(folder / "ideas", config, made)])
    return config, read_city(config, quiet)


def test_what_two_worlds_have_in_one_place_are_variants(planned):
    _, city = planned
    layers = {layer.id: layer for layer in city.developments.layers}
    assert layers["idea_4b_07_1"].variants == ("4b_07", "4b_08")
    assert layers["idea_4b_07_1"].name == "Förslag 1, 2"
    assert layers["idea_4b_09_3"].variants == ("",)
    assert layers["idea_4b_09_3"].name == "Hus 3, klass 4b"
    assert layers["idea_4b_09_3"].name_en == "House 3, class 4b"
    assert "Vårt hus" in layers["idea_4b_09_3"].description
    assert layers["idea_4b_09_3"].status == "idea"
    boards = {fixture.name: fixture for fixture in city.fixtures}
    assert {"idea_4b_07_1", "idea_4b_09_3"} <= set(boards)
    said = " ".join(line for sign in boards["idea_4b_09_3"].signs for line in sign.lines)
    assert "Barnens förslag" in said
    assert_every_state_is_reached(city)


def test_boards_stand_beside_what_was_built_and_lose_no_block(planned):
    _, city = planned
    report = source_report(city)
    assert [one["left_out"] for one in report["plans"]["ideas"]] == [{}, {}, {}]
    assert [one["blocks"] for one in report["plans"]["ideas"]] == [
        len(HOUSE), 21 * 20 + 0, len(HOUSE),
    ]  # fmt: skip
    columns = city.kept.columns(city.grid, np.ones(len(city.developments.options), bool))
    for fixture in city.fixtures:
        assert not columns[fixture.ground.window_in(city.grid.rect)].any()
    report["build"] = {"chunks": 64}
    rows = {row.theme: row for row in table_rows({**report, "inputs": []})}
    assert rows["ideas"].used == "3 proposals"
    assert any("Hus 3, klass 4b" in note for note in rows["ideas"].notes)


def test_a_region_knows_its_proposals_and_no_others(planned):
    _, city = planned
    for region in ((-1, -1), (0, -1)):
        part = part_of(city, region)
        whole, cut = voxelise(city, *region), voxelise(part.city, *region)
        assert np.array_equal(whole.volume.ids, cut.volume.ids)
        here, there = differences(part.city, cut), differences(city, whole)
        assert here.changes.keys() == there.changes.keys()
        for name, change in here.changes.items():
            assert np.array_equal(change.ids, there.changes[name].ids)

    def key(kept):
        return part_key(replace(part, city=replace(part.city, kept=kept)), region, "")

    part = part_of(city, region)
    kept = part.city.kept
    other = replace(kept, states=(BlockState("minecraft:dirt"), *kept.states[1:]))
    assert key(kept) == key(kept) != key(other)


def test_districts_make_the_same_files(planned, tmp_path, monkeypatch):
    config, _ = planned
    config = config.with_world(editions=("java",))
    one = build(config, tmp_path / "one", 1, False, quiet)
    cut_small(monkeypatch)
    cut = build(config, tmp_path / "cut", 1, False, quiet)
    assert cut["files"] == one["files"]
    for key in ("ideas", "layers", "features", "skipped", "notes"):
        assert cut["plans"][key] == one["plans"][key], key


def small(tmp_path, made, frame=None, features=(), **changes):
    """(configuration with proposals, its GeoPackage) of the small city with these plans."""
    written = write_planned_city(tmp_path, list(features)) if features else write_city(tmp_path)
    config = read_config(written)
    note = frame_note(config)
    path = write_harvest(
        tmp_path / "ideas", config, made, note.model_copy(update=changes) if changes else frame
    )
    return config.with_ideas([path]), path


def kept_places(city):
    kept = city.kept
    return {
        (x, y, z): str(kept.states[state])
        for x, y, z, state in zip(
            kept.x.tolist(), kept.y.tolist(), kept.z.tolist(), kept.state.tolist(), strict=True
        )
    }


def test_blocks_of_a_frame_with_another_origin_and_sea_level_are_moved(tmp_path):
    config, _ = small(tmp_path, [Made({(0, 70, 0): "stone"})], origin=(600_010.0, 6_899_995.0),
                      sea_level_y=60)  # fmt: skip
    assert kept_places(read_city(config, quiet)) == {(10, 72, 5): "minecraft:stone"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"origin": (600_000.5, 6_900_000.0)}, "part of a block"),
        ({"turn_deg": 12.0}, "turn or scale"),
        ({"blocks_per_metre": 2.0}, "turn or scale"),
        ({"crs": "EPSG:3005"}, "another CRS"),
        ({"crs": "nothing"}, "another CRS"),
    ],
)
def test_blocks_that_lie_askew_are_refused_and_volumes_are_not(tmp_path, changes, said):
    config, path = small(tmp_path, [Made(HOUSE)], **changes)
    with pytest.raises(SourceError, match=said) as error:
        read_city(config, quiet)
    assert "volume" in error.value.hint
    edited(path, build=["Volym"])
    assert len(read_city(config, quiet).kept) == 0


def test_a_volume_is_a_house_of_the_plans_and_a_park_a_surface(tmp_path):
    made = [
        Made(HOUSE),
        Made(filled((20, 74, 20), (30, 74, 30), "grass_block"), "08", {"kind": "park"}),
        Made(filled((-50, 74, -50), (-48, 90, -50), "gold_block"), "09", {"kind": "sculpture"}),
    ]
    config, path = small(tmp_path, made)
    edited(path, build=["volume"] * 3, title=["Biblioteket", None, None])
    city = read_city(config, quiet)
    features = city.developments.roles
    assert len(features["building"]) == len(features["ground"]) == len(features["kept"]) == 1
    house = city.houses.existing
    ground = city.houses.plans.floor_y[house]
    assert abs(int(city.houses.plans.top_y[house]) - ground - 10) <= 3
    assert [layer.name for layer in city.developments.layers] == [
        "Biblioteket", "Park 2, klass 4b", "Konstverk 3, klass 4b",
    ]  # fmt: skip
    assert city.developments.layers[0].name_en == ""
    assert any("sculpture has no volume" in note for note in city.ideas.notes)
    told = source_report(city)["plans"]["ideas"]
    assert [(one["built"], one["blocks"], one["over_plan_m"]) for one in told] == [
        ("volume", 0, None), ("volume", 0, None), ("blocks", 3 * 17, None),
    ]  # fmt: skip
    assert_every_state_is_reached(city)


def test_the_lab_names_layers_and_variants(tmp_path):
    apart = cottage(20, 20, 78)
    config, path = small(tmp_path, [Made(HOUSE), Made(apart, "08"), Made(apart, "09"),
                                    Made({(0, 90, 0): "stone"})])  # fmt: skip
    edited(path, layer=["torget"] * 2 + [None] * 2, variant=["a", "b", None, None],
           build=[None, None, "nej", "block"])  # fmt: skip
    city = read_city(config, quiet)
    assert [(layer.id, layer.variants) for layer in city.developments.layers] == [
        ("torget", ("a", "b")),
        ("idea_4b_07_4", ("",)),
    ]
    assert city.ideas.skipped["ideas that are not to be built"] == 1
    plan = feature(point(0, 0), layer="torget", role="tree", variant="plan")
    config, path = small(tmp_path / "joined", [Made(HOUSE)], features=[plan])
    edited(path, layer=["torget"], variant=["barnen"])
    layers = read_city(config, quiet).developments.layers
    assert [(layer.id, layer.variants) for layer in layers] == [("torget", ("barnen", "plan"))]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"build": ["kanske"]}, "in its column build"),
        ({"layer": ["Torget!"]}, "may hold only"),
        ({"layer": ["all"]}, "functions need"),
        ({"variant": ["a"]}, "has a variant and no layer"),
        ({"id": ["../../x"]}, "does not tell"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_two_lines(tmp_path, columns, said):
    config, path = small(tmp_path, [Made(HOUSE)])
    edited(path, **columns)
    with pytest.raises(SourceError, match=said) as error:
        read_city(config, quiet)
    assert error.value.hint


def test_files_that_are_missing_or_none_are_refused(tmp_path):
    config, path = small(tmp_path, [Made(HOUSE)])
    (path.parent / "blocks" / "4b-07-1.nbt").write_bytes(b"no structure")
    with pytest.raises(SourceError, match="not a readable structure"):
        read_city(config, quiet)
    (path.parent / "blocks" / "4b-07-1.json").unlink()
    done = run("check", write_city(tmp_path / "city"), "--ideas", path)
    assert done.returncode == 1
    assert "does not tell where the blocks" in done.stderr
    assert "hint:" in done.stderr
    done = run("check", write_city(tmp_path / "city"), "--ideas", tmp_path / "nothing.gpkg")
    assert done.returncode == 1
    assert "nothing.gpkg" in done.stderr


def test_blocks_that_nobody_knows_or_that_lie_beyond_are_left_out_and_counted(tmp_path):
    places = {
        (0, 80, 0): "stone", (1, 80, 0): "mod:engine[power=9]", (2, 80, 0): "nonsense",
        (0, 80, 500): "stone", (0, 700, 0): "stone", (3, 80, 0): "oak_stairs[facing=up,odd=yes]",
        (4, 80, 0): "iron_chain[axis=x]",
    }  # fmt: skip
    config, _ = small(tmp_path, [Made(places)])
    city = read_city(config, quiet)
    assert kept_places(city) == {
        (0, 80, 0): "minecraft:stone",
        (3, 80, 0): "minecraft:oak_stairs[facing=north,half=bottom,shape=straight]",
        (4, 80, 0): "minecraft:chain[axis=x]",
    }
    told = source_report(city)["plans"]["ideas"][0]
    assert told["left_out"] == {
        "above or below the world": 1, "of a kind that this version does not know": 2,
        "outside the area": 1,
    }  # fmt: skip
    assert told["blocks"] == 3
    assert_every_state_is_reached(city)


def test_more_layers_than_a_world_holds_are_refused_with_what_to_do(tmp_path):
    made = [
        Made({(-60 + 12 * (number % 9), 90, -60 + 12 * (number // 9)): "stone"}, f"{number:02}")
        for number in range(66)
    ]
    config, _ = small(tmp_path, made)
    with pytest.raises(SourceError, match="66 layers in the area, 64 are possible") as error:
        read_city(config, quiet)
    assert "column build" in error.value.hint


def test_whatever_is_written_is_a_text_and_nothing_else(tmp_path):
    # What a GeoPackage can hold.
    texts = [text.encode("utf-8", "ignore").decode().replace("\0", "") for text in NASTY]
    made = [
        Made(
            {(-60 + 12 * (number % 9), 90, -60 + 12 * (number // 9)): "stone"},
            f"{number:02}",
            {"words": (text,), "materials": {text: 1}},
        )
        for number, text in enumerate(texts)
    ]
    config, path = small(tmp_path, made)
    edited(path, title=texts)
    layers = read_city(config, quiet).developments.layers
    assert len(layers) == len(made)
    for layer in layers:
        assert layer.name == plain(layer.name) != ""
        assert len(layer.name) <= 100
        assert layer.description == prose(layer.description)


def test_a_configuration_names_them_too(tmp_path):
    config, path = small(tmp_path, [Made(HOUSE)])
    text = (tmp_path / "city.toml").read_text("utf-8") + '\n[class]\nideas = "ideas"\n'
    (tmp_path / "city.toml").write_text(text, "utf-8")
    named = read_config(tmp_path / "city.toml")
    assert named.lessons.ideas == (path.resolve(),) == config.lessons.ideas
    assert len(read_city(named, quiet).kept) == 1
