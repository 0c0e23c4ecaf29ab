"""Votes in worlds that were built: the buttons stand at the boards, run what is in the pack, and
what they count is read back from the world as it is saved."""

from __future__ import annotations

import gc
import json
import shutil

import pytest

from buildings.developments.boards import FRONT, VOTES_WIDTH, board_size
from mc_city.city.reading import read_city
from mc_city.harvest.votes import read_counted
from mc_city.settings.config import Config, read_config
from tests.conftest import quiet
from tests.end_to_end.test_datapack import opened
from tests.plans import SMALL_PLANS, write_planned_city
from worlds.bedrock.scores import read_scores as bedrock_scores
from worlds.errors import ConfigError
from worlds.fixtures import Sign
from worlds.java.belongings import other_words
from worlds.java.entities import sign_without_place
from worlds.java.layout import region_files
from worlds.java.saved_signs import write_signs
from worlds.java.scores import write_scores
from worlds.java.versions import java_version
from worlds.layers import NOTES
from worlds.votes import VOTES_FILE, ballots_of, read_ballots, starting_votes

IDS = {"alfa", "beta", "gamma"}


@pytest.fixture(scope="module")
def today(planned_out):
    """OUT of the small city, in both editions."""
    return planned_out()


@pytest.fixture(autouse=True)
def _let_go():
    yield
    gc.collect()


@pytest.fixture
def scene(planned_read):
    return planned_read()


def test_every_board_has_buttons_for_votes_and_notes_say_where(today, scene):
    ballots = ballots_of(scene.fixtures)
    assert {one.id for one in ballots} == IDS
    assert read_ballots(today / "Liten") == ballots
    for fixture in scene.fixtures:
        if fixture.ballot is not None:
            functions = [press.function for press in fixture.presses]
            assert functions[-2:] == [f"vote/{fixture.name}/{side}" for side in ("up", "down")]
            signs = {sign.at for sign in fixture.signs}
            assert {fixture.ballot.up, fixture.ballot.down} <= signs


def test_the_buttons_of_a_built_world_count_and_what_is_saved_is_read(today, scene, tmp_path):
    world = shutil.copytree(today / "Liten", tmp_path / "world")
    game = opened(world, players=("Alex", "Kim"))
    board = next(one for one in scene.fixtures if one.name == "beta")
    up, down = (press.at for press in board.presses[-2:])
    ahead = FRONT[board.facing]
    for player, (x, y, z), function in (
        ("Alex", up, "up"), ("Kim", down, "down"), ("Alex", down, "down"), ("Alex", down, "down"),
    ):  # fmt: skip
        game.places = {"Alex": (1e4, 64.0, 1e4), "Kim": (1e4, 64.0, 1e4)}
        game.places[player] = (x + 0.5 + 2 * ahead[0], y - 1.0, z + 0.5 + 2 * ahead[1])
        game.kept_loaded = {(x // 16 + dx, z // 16 + dz) for dx in (-1, 0, 1) for dz in (-1, 0, 1)}
        game.press(f"mc_city:vote/beta/{function}", (x, y, z))
    assert game.signs[board.ballot.up][0] == "0"
    assert game.signs[board.ballot.down][0] == "2"
    write_scores(world, game.scores)
    assert read_counted(world).votes == {"alfa": (0, 0), "beta": (0, 2), "gamma": (0, 0)}


def test_worlds_of_both_editions_begin_without_votes(today, tmp_path):
    ballots = read_ballots(today / "Liten")
    zero = dict.fromkeys(IDS, (0, 0))
    assert read_counted(today / "Liten").votes == zero
    world = tmp_path / "world"
    shutil.unpack_archive(today / "Liten.mcworld", world, "zip")
    assert read_counted(world).votes == zero
    assert json.loads((world / NOTES / VOTES_FILE).read_text("utf-8"))
    assert read_ballots(world) == ballots
    scores = bedrock_scores(world)
    assert starting_votes(ballots).items() <= scores.items()


def test_a_board_is_no_wider_where_nobody_votes(tmp_path, scene):
    write_planned_city(tmp_path, SMALL_PLANS)
    path = tmp_path / "city.toml"
    path.write_text(path.read_text("utf-8") + "\n[class]\nvotes = false\n", "utf-8")
    config = read_config(path)
    city = read_city(config, quiet)
    assert not ballots_of(city.fixtures)
    functions = [press.function for one in city.fixtures for press in one.presses]
    assert functions
    assert not [name for name in functions if name.startswith("vote/")]
    wide, narrow = (
        max(next(one.ground for one in each.fixtures if one.name == "alfa")[2:])
        for each in (scene, city)
    )
    assert wide - narrow == VOTES_WIDTH == board_size(2, True)[0] - board_size(2)[0]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[class]\nvote = false", "votes"),
        ("[klass]\nvotes = false", "class"),
        ('[class]\nvotes = "maybe"', "true or false"),
    ],
)
def test_a_mistake_in_the_settings_is_named(tmp_path, written, said):
    write_planned_city(tmp_path, SMALL_PLANS)
    path = tmp_path / "city.toml"
    path.write_text(path.read_text("utf-8") + f"\n{written}\n", "utf-8")
    with pytest.raises(ConfigError) as error:
        read_config(path)
    assert said in f"{error.value} {error.value.hint}"


def test_settings_of_a_class_need_no_file():
    config = Config.of(
        {"class": {"votes": False}},
        city={"name": "Ön", "crs": "EPSG:3006", "origin": (600_000, 6_900_000)},
        area={"bounds": (600_000, 6_900_000, 600_256, 6_900_128)},
        terrain={"flat_m": 3.0},
    )
    assert not config.lessons.votes


def test_counts_on_a_sign_are_not_what_somebody_built(today, tmp_path):
    """Or every board at which somebody voted would be kept as it was when the city is built
    again."""
    world = shutil.copytree(today / "Liten", tmp_path / "world")
    before = {path.name: path for _, _, path in region_files(today / "Liten")}
    ballot = read_ballots(world)[0]
    region = ballot.up[0] >> 9, ballot.up[2] >> 9
    (path,) = (path for x, z, path in region_files(world) if (x, z) == region)
    write_signs(
        path,
        {ballot.up: sign_without_place(Sign(ballot.up, ("7", "röster")), java_version("1.21.4"))},
    )
    assert other_words(path, before[path.name]) == {(ballot.up[0] >> 4, ballot.up[2] >> 4)}
    assert other_words(path, before[path.name], {ballot.up, ballot.down}) == set()
