"""The data pack of a built world: sound to the programs of others, and run by an executor it ends
where a direct build does."""

from __future__ import annotations

import gc
import shutil
import zlib
from functools import cache

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.saved.switching import toggle
from tests.conftest import quiet, sample_config
from tests.packs.executor import World
from tests.packs.mecha_check import mecha_faults
from tests.packs.own_check import own_faults
from tests.packs.spyglass_check import spyglass_faults
from worlds.java.layout import region_files
from worlds.java.level import read_level_dat
from worlds.java.reader import read_region_volume
from worlds.java.scores import read_scores
from worlds.java.structures import read_template
from worlds.layers import read_layers
from worlds.volume import AIR, BlockState

STATES = [
    (),
    ("alfa",),
    ("beta/b",),
    ("alfa", "gamma"),
    ("alfa", "beta/a"),
    ("alfa", "beta/a", "gamma"),
]


@pytest.fixture(scope="module")
def built(planned_out):
    """World folders of the small city by the layers they were built with."""
    return {shown: planned_out(*shown) / "Liten" for shown in STATES}


@pytest.fixture(autouse=True)
def _let_go():
    """A game in the executor holds itself; hundreds of megabytes are not left to the collector's
    own time."""
    yield
    gc.collect()


def pack_of(world):
    return world / "datapacks" / "mc_city"


def opened(world, **more) -> World:
    """The world in the executor, its blocks, scores and pack; the load tag has run."""
    game = World(pack_of(world), **more)
    for _, _, path in region_files(world):
        volume, present = read_region_volume(path)
        states = list(volume.palette.states)
        # What is in no chunk of the file is never set, and so air.
        for z, x in (16 * np.argwhere(present)).tolist():
            chunk = volume.ids[:, z : z + 16, x : x + 16]
            game.blocks.put(volume.x0 + x, volume.y0, volume.z0 + z, chunk, states)
    (scoreboard,) = (world / "data").rglob("scoreboard.dat")
    game.read_scoreboard(scoreboard)
    game.run("#minecraft:load")
    return game


BOX = (-64, 30, -64), (110, 128, 128)


def plain_numbers(states) -> np.ndarray:
    """A number for each state, the same in every world. Never set is air; `waterlogged=false` is
    written by some, left out by others."""
    known = [AIR if state is None else state for state in states]
    plain = [
        BlockState(
            one.name, tuple(pair for pair in one.properties if pair != ("waterlogged", "false"))
        )
        for one in known
    ]
    return np.array([zlib.crc32(str(state).encode()) for state in plain])


def names(game) -> np.ndarray:
    """(y, z, x) of the city's blocks as numbers that mean the same state in every game."""
    return plain_numbers(game.blocks.states)[game.blocks.box(*BOX[0], BOX[1])]


def assert_same_places(game, other):
    assert_same_names(names(game), names(other))


def assert_same_names(ours, theirs):
    wrong = np.argwhere(ours != theirs)
    assert not len(wrong), (len(wrong), wrong[:3])


@cache
def names_as_built(world) -> np.ndarray:
    """Those of a world that nobody changes, opened once."""
    return names(opened(world))


def assert_stands(game, built, shown):
    assert_same_names(names(game), names_as_built(built[shown]))


def finish(game, limit=400):
    for _ in range(limit):
        if not game.scheduled:
            return
        game.tick()
    raise AssertionError("the work does not end")


def test_the_pack_is_sound(built):
    pack = pack_of(built[()])
    assert mecha_faults(pack) == []
    assert own_faults(pack, "1.21.4", data_version=4189) == []
    assert spyglass_faults(pack) == []
    assert opened(built[()]).unknown_commands() == []


@pytest.mark.slow
def test_later_games_find_the_pack_sound(built):
    pack = pack_of(built[()])
    for version in ("1.21.5", "1.21.11"):
        assert mecha_faults(pack, version) == []
        assert own_faults(pack, version, data_version=4189) == []
    assert spyglass_faults(pack, "1.21.5") == []


def test_a_pack_that_is_broken_is_found(built, tmp_path):
    """The real pack with one thing wrong at a time."""
    world = shutil.copytree(built[()], tmp_path / "world")
    pack = pack_of(world)
    functions = pack / "data" / "mc_city" / "function"
    (functions / "alfa" / "hide.mcfunction").unlink()
    assert any("alfa/hide" in fault for fault in own_faults(pack, "1.21.4"))
    lines = (functions / "work.mcfunction").read_text("utf-8")
    (functions / "work.mcfunction").write_text(lines.replace("matches 0", "match 0", 1), "utf-8")
    assert any("work.mcfunction" in fault for fault in mecha_faults(pack))
    next((pack / "data" / "mc_city" / "structure").rglob("*.nbt")).unlink()
    assert any("structure" in fault for fault in own_faults(pack, "1.21.4"))


def test_level_dat_enables_the_pack(built):
    assert [str(name) for name in read_level_dat(built[()])["DataPacks"]["Enabled"]] == [
        "vanilla",
        "file/mc_city",
    ]


def test_showing_and_hiding_ends_in_the_built_worlds(built):
    game = opened(built[()])
    for function, shown in [
        ("alfa/show", ("alfa",)), ("beta/show_a", ("alfa", "beta/a")), ("gamma/show", ("alfa",
        "beta/a", "gamma")),
        ("beta/hide", ("alfa", "gamma")), ("all/hide", ()), ("beta/show_b", ("beta/b",)),
        ("beta/toggle", ()),
        ("gamma/toggle", None), ("alfa/press_1", ("alfa", "gamma")), ("gamma/press_1", ("alfa",)),
        ("alfa/press_1", ()),
    ]:  # fmt: skip
        game.run(f"mc_city:{function}")
        finish(game)
        if shown is not None:
            assert_stands(game, built, shown)
        assert not game.forced, "chunks are released"


def test_the_year_dial_shows_what_is_done_by_then(built):
    game = opened(built[()])
    game.run("mc_city:year/2035")
    finish(game)
    assert_stands(game, built, ("alfa",))
    game.run("mc_city:year/2040")
    finish(game)
    assert_stands(game, built, ("alfa", "beta/a"))
    assert game.score("#gamma", "mc_city") == 0, "paused: not on the dial"
    game.run("mc_city:year/press_today")
    finish(game)
    assert_stands(game, built, ())


def test_locked_buttons_do_nothing_but_the_teacher_can(built):
    game = opened(built[()])
    game.run("mc_city:lock")
    for button in ("alfa/press_1", "year/press_2040", "all/press_show"):
        game.run(f"mc_city:{button}", player="Alex")
        finish(game)
    assert_stands(game, built, ())
    assert any("låst" in text for text in game.said("actionbar"))
    game.run("mc_city:alfa/show")
    finish(game)
    game.run("mc_city:unlock")
    game.run("mc_city:alfa/press_0")
    finish(game)
    assert_stands(game, built, ())


def test_pressing_again_in_the_middle_leaves_no_mixture(built):
    game = opened(built[()], loads_after=3)
    game.run("mc_city:alfa/press_1")
    game.tick(4)
    game.run("mc_city:beta/press_2")
    game.tick(1)
    game.run("mc_city:alfa/press_1")
    game.run("mc_city:beta/press_1")
    game.run("mc_city:alfa/press_1")
    finish(game)
    assert_stands(game, built, ("alfa", "beta/a"))


@pytest.mark.parametrize("ticks", [0, 1, 4, 5, 6, 8])
def test_a_restart_in_the_middle_is_finished(built, ticks):
    game = opened(built[()], loads_after=3)
    game.run("mc_city:all/show")
    game.tick(ticks)
    saved = game.save()
    saved.scheduled.clear()
    game.restart(saved)
    finish(game)
    assert_stands(game, built, ("alfa", "beta/a", "gamma"))
    assert not game.forced


def test_the_work_is_spread_over_ticks(built):
    game = opened(built[()])
    game.run("mc_city:all/show")
    finish(game)
    assert max(tick.blocks for tick in game.stats) < 16_000 + 32 * 32 * 48
    assert max(tick.commands for tick in game.stats) < 2_000
    assert sum(tick.blocks > 0 for tick in game.stats) > 3


def test_chunks_that_never_load_are_given_up_with_a_message(built):
    game = opened(built[()], loads_after=10**9)
    game.run("mc_city:alfa/show")
    finish(game, 1300)
    assert any("inte laddas" in text for text in game.said("tellraw"))
    assert not game.forced
    game.loads_after = 1
    game.run("mc_city:alfa/show")
    finish(game)
    assert_stands(game, built, ("alfa",))


def test_repair_places_everything_again(built):
    game = opened(built["alfa",])
    _, units = read_layers(built["alfa",])
    piece = units[0].pieces[1][-1]
    template = read_template(
        pack_of(built["alfa",]) / "data" / "mc_city" / "structure" / f"{piece.name}.nbt"
    )
    before = names(game)
    at = (
        piece.at[0] + int(template.x[0]),
        piece.at[1] + int(template.y[0]),
        piece.at[2] + int(template.z[0]),
    )
    game.blocks.set(*at, BlockState.parse("gold_block"))
    assert not np.array_equal(names(game), before)
    game.run("mc_city:repair")
    finish(game)
    assert_stands(game, built, ("alfa",))


def test_game_and_command_line_agree_on_the_state(built, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "world")
    toggle(world, ["alfa", "beta/a"], True, quiet)
    game = opened(world)
    assert not game.scheduled, "nothing is left to do"
    assert_stands(game, built, ("alfa", "beta/a"))
    scores = read_scores(world)
    assert scores["mc_city", "#beta"] == 1
    assert {key: value for key, value in game.scores.items() if key[0] == "mc_city_unit"} == {
        key: value for key, value in scores.items() if key[0] == "mc_city_unit"
    }


@pytest.mark.slow
def test_the_sample_switched_in_the_game_and_on_the_command_line_is_the_sample_built_so(
    sample_out, tmp_path
):
    """Everything shown, then all but one hidden: game, command line and direct build agree over the
    whole sample."""
    from tests.end_to_end.test_layers import assert_same_blocks

    today = sample_out / "Sundsvall"
    config = sample_config()
    game = opened(today)
    world = shutil.copytree(today, tmp_path / "world")
    for shown in (
        ("alliero", "inre_hamnen", "norra_kajen", "sodra_kajen/b", "torget_tower"),
        ("norra_kajen",),
    ):
        build(config, tmp_path / shown[0], 2, False, quiet, shown)
        direct = tmp_path / shown[0] / "Sundsvall"
        for layer in ("alliero", "inre_hamnen", "norra_kajen", "sodra_kajen", "torget_tower"):
            option = next((name for name in shown if name.partition("/")[0] == layer), None)
            verb = (
                "hide"
                if option is None
                else "show"
                if "/" not in option
                else f"show_{option.partition('/')[2]}"
            )
            game.run(f"mc_city:{layer}/{verb}")
        toggle(
            world,
            [
                name
                for name in ("alliero", "inre_hamnen", "sodra_kajen", "torget_tower")
                if name not in shown
            ],
            False,
            quiet,
        )
        toggle(world, list(shown), True, quiet)
        finish(game, 2000)
        assert_same_blocks(world, direct)
        for _, _, path in region_files(direct):
            volume, _ = read_region_volume(path)
            height, depth, width = volume.ids.shape
            ours = game.blocks.box(volume.x0, volume.y0, volume.z0, (height, depth, width))
            assert np.array_equal(
                plain_numbers(game.blocks.states)[ours],
                plain_numbers(volume.palette.states)[volume.ids],
            ), path.name
