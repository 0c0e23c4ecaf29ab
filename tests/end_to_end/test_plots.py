"""Building plots of a class in built worlds: a plot is set back to the city as it is shown, block
for block, and nothing else is touched."""

from __future__ import annotations

import gc
import json
import random
import shutil

import numpy as np
import pytest

from mc_city import harvest
from mc_city.build.build import build
from mc_city.settings.config import read_config
from tests.class_plots import write_class_city
from tests.commands import run
from tests.conftest import made_once, quiet, write_city
from tests.end_to_end.test_datapack import finish, opened, pack_of, plain_numbers
from tests.harvest.child import build_in, hut
from tests.packs.bedrock.own_check import own_faults as bedrock_faults
from tests.packs.mecha_check import mecha_faults
from tests.packs.own_check import own_faults
from worlds.bedrock.behaviour import pack_root
from worlds.bedrock.scores import read_scores as bedrock_scores
from worlds.java.scores import read_scores
from worlds.layers import read_layers
from worlds.plots import GUARD, PLOTS, plots_at, read_plots
from worlds.volume import BlockState

BOX = (-64, -64, -64), (384, 128, 128)
"""The whole city, from the bottom of the world to its top."""
WORDS = (
    "gold_block", "water[level=0]", "lava[level=0]", "sand", "air",
    "chest[facing=north,type=single]",
    "oak_stairs[facing=east,half=bottom,shape=straight,waterlogged=true]", "oak_sign[rotation=3]",
)  # fmt: skip
MESS = [BlockState.parse(word) for word in WORDS]


def java_only(config):
    return read_config(config).with_world(editions=("java",))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """World folders of the small city with plots, by the layers they were built with."""

    def make(folder):
        config = java_only(write_class_city(folder))
        for shown in ((), ("alfa", "gamma")):
            build(config, folder / "-".join(("out", *shown)), 1, False, quiet, shown)

    folder = made_once(tmp_path_factory, "class_plots", make)
    return {
        shown: folder / "-".join(("out", *shown)) / "Liten" for shown in ((), ("alfa", "gamma"))
    }


@pytest.fixture(autouse=True)
def _let_go():
    yield
    gc.collect()


def blocks_in(game) -> np.ndarray:
    """(y, z, x) of the city's blocks, as numbers that mean the same in every game."""
    return plain_numbers(game.blocks.states)[game.blocks.box(*BOX[0], BOX[1])]


def columns_of(plots, number) -> np.ndarray:
    """(z, x) bool of the city's columns."""
    z, x = np.indices(BOX[1][1:]) - 64
    return (plots_at(plots, x.ravel(), z.ravel()) == number).reshape(x.shape)


def vandalise(game, chance, count=4000) -> None:
    for _ in range(count):
        at = chance.randrange(-64, 64), chance.randrange(-63, 300), chance.randrange(-64, 64)
        game.blocks.set(*at, chance.choice(MESS))
    for x in range(-20, 20):
        for z in range(5, 30):
            for y in range(60, 85):
                game.blocks.set(x, y, z, chance.choice(MESS))


@pytest.mark.parametrize(
    ("shown", "steps"),
    [
        ((), ()),
        ((), ("alfa/show", "beta/show_b")),
        ((), ("gamma/show", "beta/show_a")),
        (("alfa", "gamma"), ()),
    ],
)
@pytest.mark.parametrize("number", [2, 12])
def test_a_plot_is_set_back_to_the_city_that_is_shown_and_nothing_else(built, shown, steps, number):
    game, plots = opened(built[shown]), read_plots(built[shown])
    for step in steps:
        game.run(f"mc_city:{step}")
        finish(game)
    wanted = blocks_in(game)
    vandalise(game, random.Random(number))
    before = blocks_in(game)
    mine = columns_of(plots, number)
    assert (before != wanted)[:, mine].any()
    assert (before != wanted)[:, ~mine].any()
    game.run(f"mc_city:plot/{number}/reset")
    finish(game)
    after = blocks_in(game)
    assert np.array_equal(after[:, mine], wanted[:, mine])
    assert np.array_equal(after[:, ~mine], before[:, ~mine])
    assert not game.forced
    assert f"Tomt {number}" in game.said("actionbar")[-1]


def test_all_plots_one_a_tick(built):
    game, plots = opened(built[()], loads_after=4), read_plots(built[()])
    wanted = blocks_in(game)
    vandalise(game, random.Random(1))
    game.stats.clear()
    game.run("mc_city:plots/reset")
    finish(game)
    after = blocks_in(game)
    for plot in plots:
        mine = columns_of(plots, plot.number)
        assert np.array_equal(after[:, mine], wanted[:, mine]), plot.number
    assert sum(tick.places > 0 for tick in game.stats) == len(plots)


def test_a_plot_waits_while_layers_are_switched_and_is_as_they_are_then(built):
    game, plots = opened(built[()], loads_after=3), read_plots(built[()])
    game.run("mc_city:alfa/show")
    game.run("mc_city:gamma/show")
    game.run("mc_city:plot/2/reset")
    finish(game)
    direct = opened(built["alfa", "gamma"])
    mine = columns_of(plots, 2)
    assert np.array_equal(blocks_in(game), blocks_in(direct)), "posts and strips too"
    assert mine.any()
    assert not game.forced


def test_a_world_that_is_closed_in_between_goes_on(built):
    game, plots = opened(built[()], loads_after=5), read_plots(built[()])
    wanted = blocks_in(game)
    vandalise(game, random.Random(3))
    game.run("mc_city:plot/2/reset")
    game.tick(2)
    saved = game.save()
    saved.scheduled.clear()
    game.restart(saved)
    finish(game)
    mine = columns_of(plots, 2)
    assert np.array_equal(blocks_in(game)[:, mine], wanted[:, mine])


def test_chunks_that_never_load_are_given_up(built):
    game = opened(built[()], loads_after=10**9)
    game.run("mc_city:plot/2/reset")
    finish(game, 1300)
    assert any("inte laddas" in text for text in game.said("tellraw"))
    assert game.score("#reset.2", PLOTS) == 0


@pytest.mark.parametrize("version", ["1.21.4", "1.21.5", "1.21.11"])
def test_the_pack_is_sound(built, version):
    pack = pack_of(built[()])
    assert mecha_faults(pack, version) == []
    assert own_faults(pack, version, data_version=4189) == []
    assert opened(built[()], version=version).unknown_commands() == []


def test_signs_stand_at_the_corners_and_say_the_number(built):
    game, plots = opened(built[()]), read_plots(built[()])
    states = game.blocks.states
    box = game.blocks.box(*BOX[0], BOX[1])
    signs = np.array([state is not None and state.name.endswith("oak_sign") for state in states])
    where = np.argwhere(signs[box]) - 64
    numbers = plots_at(plots, where[:, 2], where[:, 1])
    for plot in plots:
        assert 4 <= (numbers == plot.number).sum() <= 5, plot.number
    _, units = read_layers(built[()])
    assert not [unit for unit in units if "plot." in unit.pieces[0][0].name]


def test_what_comes_back_says_on_which_plot_it_stands(built, tmp_path):
    folder = tmp_path / "klass 4b"
    world = shutil.copytree(built[()], folder / "07")
    build_in(world, {**hut(-58, 90, -45), **hut(40, 90, -60)}, {})
    found = harvest(built[()].parent, [folder], tmp_path / "ideas")
    assert sorted(one.plot or 0 for one in found.proposals) == [0, 1]
    text = (tmp_path / "ideas" / "ideas.geojson").read_text("utf-8")
    told = [one["properties"]["plot"] for one in json.loads(text)["features"]]
    assert sorted(told, key=str) == [1, None]
    assert "Tomt" in (tmp_path / "ideas" / "ideas.html").read_text("utf-8")


def test_a_city_without_plans_has_plots_too(tmp_path):
    said = "[class]\nguard = true\n[class.plots]\nat = [599980, 6900030]\ncount = 2\nsize = 8"
    build(read_config(write_city(tmp_path, said)), tmp_path / "out", 1, False, quiet)
    world = tmp_path / "out" / "Liten"
    plots = read_plots(world)
    assert [plot.number for plot in plots] == [1, 2]
    assert read_scores(world)[PLOTS, f"#{GUARD}"] == 1
    game = opened(world)
    wanted = blocks_in(game)
    vandalise(game, random.Random(5))
    game.run("mc_city:plots/reset")
    for _ in range(60):
        game.tick()
    mine = columns_of(plots, 1) | columns_of(plots, 2)
    assert np.array_equal(blocks_in(game)[:, mine], wanted[:, mine])
    assert game.mode_of("Alex") == "adventure", "nobody builds at 0 64 0"
    other = tmp_path / "bedrock"
    shutil.unpack_archive(tmp_path / "out" / "Liten.mcworld", other, "zip")
    assert read_plots(other) == plots
    scores = bedrock_scores(other)
    assert (scores[PLOTS, f"#{GUARD}"], scores["mc_city", "#work.init"]) == (1, 1)
    assert bedrock_faults(pack_root(other), other) == []
    for words in (("info", other), ("info", world), ("pack", tmp_path / "out")):
        assert run(*words).returncode == 0, words
    done = run("layers", "list", world)
    assert "Traceback" not in done.stderr
    guide = (tmp_path / "out-handout").glob("*.html")
    assert any("plots/guard_on" in page.read_text("utf-8") for page in guide)
