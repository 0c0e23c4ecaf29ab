"""Votes at the boards, in both editions: their functions run, by players who press twice, change
their minds, go away and come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.packs.mecha_check import mecha_faults
from tests.packs.own_check import own_faults
from tests.packs.packview import VERSIONS
from tests.packs.voting import BALLOTS, BOARDS, PLACES, Bedrock, Game, Java, before
from worlds.bedrock.votes import MOST_SHOWN
from worlds.votes import (
    MOST_VOTES,
    ROUND,
    ROUNDS,
    VOTES,
    read_ballots,
    starting_votes,
    votes_in,
    write_ballots,
)

KINDS: dict[str, Callable[[Path], Game]] = {
    "java 1.21.4": lambda folder: Java(folder, "1.21.4"),
    "java 26.3": lambda folder: Java(folder, "26.3"),
    "bedrock, at once": lambda folder: Bedrock(folder, "at once"),
    "bedrock, afterwards": lambda folder: Bedrock(folder, "afterwards"),
}


@pytest.fixture(scope="module")
def packs(tmp_path_factory) -> Path:
    """Where packs lie that are written once."""
    return tmp_path_factory.mktemp("votes")


@pytest.fixture(params=KINDS)
def game(request, packs) -> Game:
    return KINDS[request.param](packs)


def vote(game: Game, player: str, name: str, side: str) -> None:
    """Somebody walks to a button and presses it."""
    game.stand(player, before(name, side))
    game.press(name, side)


def test_each_player_has_one_vote_for_each_development(game):
    vote(game, "Alex", "alfa", "up")
    game.leave("Alex")
    vote(game, "Kim", "alfa", "down")
    vote(game, "Kim", "beta", "up")
    assert game.counts() == {"alfa": (1, 1), "beta": (1, 0)}


def test_pressing_twice_counts_once_and_says_so(game):
    for _ in range(3):
        vote(game, "Alex", "alfa", "up")
    assert game.counts()["alfa"] == (1, 0)
    assert "redan" in game.said()


def test_the_other_button_moves_the_vote(game):
    vote(game, "Alex", "alfa", "up")
    assert "1 bra, 0 inte bra" in game.said()
    vote(game, "Alex", "alfa", "down")
    assert game.counts()["alfa"] == (0, 1)
    assert "0 bra, 1 inte bra" in game.said()
    vote(game, "Alex", "alfa", "up")
    assert game.counts()["alfa"] == (1, 0)


def test_of_two_in_one_tick_each_has_the_vote_of_the_button_that_is_nearest(game):
    game.stand("Alex", before("alfa", "up"))
    game.stand("Kim", before("alfa", "down"))
    game.press("alfa", "up")
    game.press("alfa", "down")
    game.tick()
    assert game.counts()["alfa"] == (1, 1)
    game.press("alfa", "down")
    game.press("alfa", "up")
    game.tick()
    assert game.counts()["alfa"] == (1, 1)
    assert game.shown("alfa") == ("1", "1")


def test_nobody_near_is_nobody(game):
    game.stand("Alex", (60.0, 64.0, 60.0))
    game.press("alfa", "up")
    assert game.counts()["alfa"] == (0, 0)


@pytest.mark.parametrize("lock", ["vote/lock", "lock"])
def test_a_locked_button_counts_nothing_and_says_so(game, lock):
    vote(game, "Alex", "alfa", "up")
    game.run(lock)
    vote(game, "Alex", "alfa", "down")
    vote(game, "Alex", "beta", "up")
    assert game.counts() == {"alfa": (1, 0), "beta": (0, 0)}
    assert ("stängd" if lock == "vote/lock" else "låst") in game.said()
    game.run(lock.replace("lock", "unlock"))
    vote(game, "Alex", "alfa", "down")
    assert game.counts()["alfa"] == (0, 1)


def test_a_reset_takes_all_votes_away_also_of_who_is_not_there(game):
    vote(game, "Alex", "alfa", "up")
    vote(game, "Kim", "alfa", "down")
    game.leave("Kim")
    game.run("vote/reset")
    assert game.counts() == {"alfa": (0, 0), "beta": (0, 0)}
    vote(game, "Alex", "alfa", "up")
    vote(game, "Kim", "alfa", "down")
    vote(game, "Kim", "alfa", "down")
    assert game.counts()["alfa"] == (1, 1)


def test_rounds_begin_anew_and_a_vote_of_one_is_none_in_the_next(game):
    game.scores()[VOTES, f"#{ROUND}"] = ROUNDS - 1
    vote(game, "Alex", "alfa", "up")
    game.run("vote/reset")
    assert game.scores()[VOTES, f"#{ROUND}"] == 0
    vote(game, "Alex", "alfa", "up")
    vote(game, "Alex", "alfa", "up")
    assert game.counts()["alfa"] == (1, 0)


def test_signs_show_the_counts_also_of_a_board_that_was_far_away(game):
    vote(game, "Alex", "alfa", "up")
    game.tick()
    assert game.shown("alfa") == ("1", "0")
    assert game.shown("beta") is None
    vote(game, "Alex", "beta", "down")
    game.tick()
    game.run("vote/reset")
    game.tick()
    assert game.shown("beta") == ("0", "0")
    assert game.shown("alfa") == ("1", "0"), "nobody is there to see it"
    game.reopen()
    game.stand("Alex", before("alfa", "up"))
    game.tick(60)
    assert game.shown("alfa") == ("0", "0")


def test_a_world_that_is_opened_again_knows_who_has_voted(game):
    vote(game, "Alex", "alfa", "up")
    game.tick()
    game.reopen()
    vote(game, "Alex", "alfa", "up")
    assert game.counts()["alfa"] == (1, 0)
    vote(game, "Alex", "alfa", "down")
    assert game.counts()["alfa"] == (0, 1)


def test_no_name_of_a_player_is_a_holder_of_scores(game):
    vote(game, "Alex", "alfa", "up")
    vote(game, "Kim", "beta", "down")
    game.run("vote/reset")
    vote(game, "Kim", "beta", "down")
    game.tick()
    assert {holder for _, holder in game.scores() if not holder.startswith("#")} == set()
    assert {key for key in game.scores() if key[0] == VOTES} == starting_votes(BALLOTS).keys()


def test_the_result_is_told_to_who_is_near(game):
    vote(game, "Alex", "beta", "down")
    game.run("vote/result", "Alex")
    assert game.said() == "Beta: 0 bra, 1 inte bra"


STEPS = st.one_of(
    st.tuples(st.sampled_from(["Alex", "Kim", "Robin"]), st.sampled_from(sorted(PLACES)),
    st.sampled_from(["up", "down"])),
    st.sampled_from(["lock", "unlock", "vote/lock", "vote/unlock", "vote/reset", "reopen", "tick"]),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(steps=st.lists(STEPS, max_size=20))
def test_whatever_is_pressed_the_counts_are_those_of_a_ballot_box(kind, packs, steps):
    game = KINDS[kind](packs)
    box: dict[tuple[str, str], str] = {}
    shut: set[str] = set()
    for step in steps:
        if isinstance(step, tuple):
            player, name, side = step
            for other in ("Alex", "Kim", "Robin"):
                game.stand(other, (100.0, 200.0, 100.0))
            vote(game, player, name, side)
            if not shut:
                box[player, name] = side
        elif step == "reopen":
            game.reopen()
        elif step == "tick":
            game.tick()
        else:
            game.run(step)
            if step == "vote/reset":
                box.clear()
            elif step.endswith("unlock"):
                shut.discard(step.replace("unlock", "lock"))
            else:
                shut.add(step)
        assert game.counts() == {
            name: tuple(
                sum(1 for (_, voted), given in box.items() if (voted, given) == (name, side))
                for side in ("up", "down")
            )
            for name in PLACES
        }


@pytest.mark.parametrize("version", VERSIONS)
def test_every_java_version_writes_the_signs_in_its_own_words(packs, version):
    game = Java(packs, version)
    vote(game, "Alex", "alfa", "up")
    assert game.game.signs[BALLOTS[0].up] == ["1", "röster", "votes", ""]
    assert game.game.signs[BALLOTS[0].down] == ["0", "röster", "votes", ""]
    pack = game.game.pack
    assert mecha_faults(pack, version) == []
    assert own_faults(pack, version) == []
    assert game.game.unknown_commands() == []


def test_a_pack_for_an_older_game_writes_them_in_a_newer_one(packs):
    older = Java(packs, "1.21.4")
    game = Java(packs, "1.21.4")
    game.game = type(older.game)(older.game.pack, "26.3", players=())
    game.game.blocks = older.game.blocks
    game.game.objectives.add(VOTES)
    game.game.scores |= starting_votes(BALLOTS)
    vote(game, "Alex", "alfa", "down")
    assert game.shown("alfa") == ("0", "1")


@pytest.mark.parametrize("version", ["1.21.4", "1.21.5"])
def test_java_has_nothing_to_do_when_no_board_is_marked(packs, version):
    game = Java(packs, version)
    vote(game, "Alex", "alfa", "up")
    game.tick(30)
    assert not game.game.scheduled
    game.reopen()
    assert not game.game.scheduled


def test_a_spectator_has_no_vote(packs):
    game = Java(packs)
    game.stand("Alex", before("alfa", "up"))
    game.game.spectators = {"Alex"}
    game.press("alfa", "up")
    assert game.counts()["alfa"] == (0, 0)


@pytest.mark.parametrize(
    ("count", "shown"), [(MOST_SHOWN, "60"), (MOST_SHOWN + 1, "60+"), (999, "60+")]
)
def test_bedrock_shows_numbers_as_far_as_there_are_signs(packs, count, shown):
    game = Bedrock(packs)
    game.scores()[VOTES, "#up.alfa"] = count - 1
    vote(game, "Alex", "alfa", "up")
    game.tick()
    assert game.shown("alfa") == (shown, "0")
    assert game.counts()["alfa"] == (count, 0)


def test_bedrock_does_nearly_nothing_while_nobody_votes(packs):
    game = Bedrock(packs)
    vote(game, "Alex", "alfa", "up")
    game.tick(3)
    game.game.ticks.clear()
    game.tick(50)
    assert max(tick.commands for tick in game.game.ticks) < 12


def test_bedrock_sets_up_its_votes_in_a_world_without_scores(packs):
    game = Bedrock(packs)
    game.game.scores.clear()
    game.game.objectives.clear()
    game.tick(4)
    vote(game, "Alex", "beta", "up")
    game.tick()
    assert game.counts() == {"alfa": (0, 0), "beta": (1, 0)}
    assert game.shown("beta") == ("1", "0")


def test_scores_of_others_are_no_votes():
    scores = {
        (VOTES, "#up.alfa"): 3,
        (VOTES, "#down.alfa"): -4,
        (VOTES, "#up.beta"): 2**31 - 1,
        (VOTES, "#up.Å=1"): 1,
        (VOTES, "#up." + "a" * 101): 1,
        (VOTES, "Alex"): 5,
        ("other", "#up.alfa"): 9,
    }
    assert votes_in(scores) == {"alfa": (3, 0), "beta": (MOST_VOTES, 0)}


def test_ballots_are_noted_and_read_back(tmp_path):
    write_ballots(tmp_path, BALLOTS)
    assert read_ballots(tmp_path) == BALLOTS
    assert read_ballots(tmp_path / "nowhere") == ()


def test_buttons_stand_two_apart_and_their_signs_are_the_ballots():
    for fixture in BOARDS:
        places = sorted(press.at for press in fixture.presses)
        for one, two in zip(places, places[1:], strict=False):
            assert abs(one[0] - two[0]) + abs(one[2] - two[2]) >= 2
        written = {sign.at: sign.lines for sign in fixture.signs}
        assert (
            written[fixture.ballot.up] == written[fixture.ballot.down] == ("0", "röster", "votes")
        )
