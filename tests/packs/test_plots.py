"""Who may build where, in both editions: the functions run over players who walk onto plots and off
them, leave, come back, and are teachers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.packs.bedrock.executor import Blocks, Source
from tests.packs.bedrock.executor import World as BedrockGame
from tests.packs.bedrock.forms import form_faults, pack_commands
from tests.packs.executor import World as JavaGame
from tests.packs.mecha_check import mecha_faults
from tests.packs.own_check import own_faults
from tests.packs.packview import VERSIONS
from worlds.bedrock.behaviour import pack_root
from worlds.bedrock.functions import pack_functions, starting_scores
from worlds.bedrock.plots import with_plots
from worlds.java.datapack import write_datapack
from worlds.java.versions import java_version
from worlds.plots import PLOTS, TEACHER, Plot, PlotPack, Resettable, plots_at, starting_plots
from worlds.quoting import function_file
from worlds.rect import Rect
from worlds.words import read_words

SWEDISH = read_words("sv")
CORNERED = Plot(2, "", (Rect(40, 0, 16, 8), Rect(40, 8, 8, 8)), (60, 80))
PACK = PlotPack(
    (Resettable(Plot(1, "", (Rect(0, 0, 16, 16),), (60, 80)), ()), Resettable(CORNERED, ())),
    lowest=-64,
    highest=319,
    below=((-64, -64, "bedrock"), (-63, 319, "stone")),
)
ON_ONE, ON_TWO, ON_NONE, IN_CORNER = (8.0, 8.0), (50.0, 4.0), (100.0, 100.0), (52.0, 12.0)


class Java:
    """A Java world with two plots and nothing else."""

    def __init__(self, folder: Path, version: str = "1.21.4", guarded: bool = False) -> None:
        world = folder / f"java-{version}"
        if not world.exists():
            write_datapack(
                world, [], [], years=[], version=java_version(version), words=SWEDISH, plots=PACK
            )
        self.game = JavaGame(world / "datapacks" / "mc_city", version, players=())
        self.game.objectives.add(PLOTS)
        self.game.scores |= starting_plots(PACK.plots)
        if guarded:
            self.game.scores |= {(PLOTS, "#guard"): 1, (PLOTS, "#guarded"): 1}
        self.game.run("#minecraft:load")

    def stand(self, player: str, at: tuple[float, float], y: float = 70.0) -> None:
        self.game.places[player] = (at[0], y, at[1])
        self.game.players = tuple(self.game.places)

    def leave(self, player: str) -> None:
        del self.game.places[player]
        self.game.players = tuple(self.game.places)

    def mode(self, player: str) -> str:
        return self.game.mode_of(player)

    def set_mode(self, player: str, mode: str) -> None:
        self.game.modes[player] = mode

    def run(self, function: str, player: str | None = None) -> None:
        self.game.run(f"mc_city:{function}", player)

    def reopen(self) -> None:
        self.game.restart(self.game.save())


class Bedrock:
    """A Bedrock world with the same."""

    def __init__(self, folder: Path, nested: str = "at once", guarded: bool = False) -> None:
        root = pack_root(folder / "bedrock")
        if not root.exists():
            functions = pack_functions(
                [], [], years=[], state=(), guides=[], words=SWEDISH, plots=len(PACK.resets)
            )
            for name, lines in with_plots(functions, PACK, [], 1, SWEDISH).items():
                path = root / "functions" / f"{name}.mcfunction"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(function_file(lines), "utf-8")
        air = np.zeros((4, 4, 4), np.int32)
        self.game = BedrockGame(root, Blocks((0, 0, 0), air, air.copy(), {}), nested=nested)
        self.game.objectives |= {PLOTS, "mc_city", "mc_city_unit"}
        self.game.scores |= starting_scores([], [], (), ()) | starting_plots(PACK.plots)
        if guarded:
            self.game.scores |= {(PLOTS, "#guard"): 1, (PLOTS, "#guarded"): 1}

    def stand(self, player: str, at: tuple[float, float], y: float = 70.0) -> None:
        self.game.players[player] = (at[0], y, at[1])

    def leave(self, player: str) -> None:
        del self.game.players[player]

    def mode(self, player: str) -> str:
        return self.game.modes.get(player, "creative")

    def set_mode(self, player: str, mode: str) -> None:
        self.game.modes[player] = mode

    def run(self, function: str, player: str | None = None) -> None:
        source = None if player is None else Source(player, self.game.players[player])
        self.game.run(function, source)

    def reopen(self) -> None:
        self.game = self.game.save()
        self.game.restart()


Game = Java | Bedrock
KINDS: dict[str, Callable[..., Game]] = {
    "java 1.21.4": lambda folder, **more: Java(folder, "1.21.4", **more),
    "java 26.3": lambda folder, **more: Java(folder, "26.3", **more),
    "bedrock, at once": lambda folder, **more: Bedrock(folder, "at once", **more),
    "bedrock, afterwards": lambda folder, **more: Bedrock(folder, "afterwards", **more),
}


@pytest.fixture(scope="module")
def packs(tmp_path_factory) -> Path:
    """Where packs lie that are written once."""
    return tmp_path_factory.mktemp("plots")


@pytest.fixture(params=KINDS)
def game(request, packs) -> Game:
    return KINDS[request.param](packs)


def wait(game: Game, ticks: int = 6) -> None:
    game.game.tick(ticks)


def guard(game: Game) -> None:
    """A teacher, who stands on no plot, begins."""
    game.stand("Teacher", ON_NONE)
    game.run("plots/guard_on", "Teacher")
    wait(game)


def test_outside_plots_one_walks_and_on_them_one_builds(game):
    game.stand("Alex", ON_NONE)
    game.stand("Kim", ON_ONE)
    game.set_mode("Kim", "survival")
    guard(game)
    assert [game.mode(name) for name in ("Alex", "Kim")] == ["adventure", "survival"]
    assert ("Alex", "minecraft:slow_falling") in game.game.effects or (
        "Alex",
        "slow_falling",
    ) in game.game.effects
    game.stand("Alex", ON_TWO)
    game.stand("Kim", IN_CORNER)
    wait(game)
    assert [game.mode(name) for name in ("Alex", "Kim")] == ["creative", "adventure"]
    game.stand("Kim", ON_ONE, y=300.0)
    wait(game)
    assert game.mode("Kim") == "survival"


def test_nothing_happens_before_it_is_asked_for(game):
    game.stand("Alex", ON_NONE)
    wait(game, 20)
    assert game.mode("Alex") == "creative"
    if isinstance(game, Java):
        assert not game.game.scheduled
    else:
        assert max(tick.commands for tick in game.game.ticks[5:]) < 14


def test_teachers_and_who_only_watches_are_left_alone(game):
    game.stand("Sam", ON_NONE)
    game.set_mode("Sam", "spectator")
    guard(game)
    assert game.mode("Teacher") == "creative"
    assert TEACHER in game.game.tags["Teacher"]
    assert game.mode("Sam") == "spectator"
    game.stand("Alex", ON_NONE)
    wait(game)
    game.run("plots/teacher", "Alex")
    wait(game)
    assert game.mode("Alex") == "creative"
    game.run("plots/pupil", "Alex")
    wait(game)
    assert game.mode("Alex") == "adventure"


def test_when_it_ends_everybody_has_the_mode_of_before_also_who_was_away(game):
    game.stand("Alex", ON_NONE)
    game.stand("Kim", ON_NONE)
    game.set_mode("Kim", "survival")
    game.stand("Robin", ON_NONE)
    game.set_mode("Robin", "adventure")
    guard(game)
    game.leave("Kim")
    game.run("plots/guard_off", "Teacher")
    wait(game)
    assert [game.mode(name) for name in ("Alex", "Robin")] == ["creative", "adventure"]
    game.reopen()
    game.stand("Kim", ON_NONE)
    wait(game, 120)
    assert game.mode("Kim") == "survival"
    assert not [
        tag for tags in game.game.tags.values() for tag in tags if tag.startswith("mc_city_was")
    ]


def test_a_world_that_is_opened_again_is_still_guarded(game):
    guard(game)
    game.reopen()
    game.stand("Alex", ON_NONE)
    wait(game, 10)
    assert game.mode("Alex") == "adventure"


@pytest.mark.parametrize("kind", KINDS)
def test_a_world_can_begin_so(kind, packs):
    game = KINDS[kind](packs, guarded=True)
    game.stand("Alex", ON_NONE)
    game.stand("Kim", ON_TWO)
    wait(game, 10)
    assert [game.mode(name) for name in ("Alex", "Kim")] == ["adventure", "creative"]


def test_no_name_of_a_player_is_a_holder_of_scores(game):
    game.stand("Alex", ON_NONE)
    guard(game)
    assert {holder for _, holder in game.game.scores if not holder.startswith("#")} == set()


WALKS = st.lists(
    st.tuples(
        st.sampled_from(["Alex", "Kim"]),
        st.tuples(st.integers(-4, 60), st.integers(-4, 20)),
        st.sampled_from(["stay", "on", "off", "reopen", "leave", "creative", "survival"]),
    ),
    max_size=12,
)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
@given(walks=WALKS)
def test_whoever_walks_wherever_builds_where_it_is_allowed(kind, packs, walks):
    game = KINDS[kind](packs)
    game.stand("Teacher", ON_NONE)
    guarded, before, there = False, dict[str, str](), dict[str, tuple[int, int]]()
    for player, (x, z), what in walks:
        game.stand(player, (x + 0.5, z + 0.5))
        there[player] = (x, z)
        before.setdefault(player, "creative")
        if what in ("on", "off"):
            game.run(f"plots/guard_{what}", "Teacher")
            guarded = what == "on"
        elif what == "reopen":
            game.reopen()
        elif what == "leave":
            game.leave(player)
            del there[player]
        elif what in ("creative", "survival"):
            game.set_mode(player, what)
            before[player] = what
        wait(game, 105)
        for name, (at_x, at_z) in there.items():
            on_plot = plots_at(PACK.plots, np.array([at_x]), np.array([at_z]))[0] > 0
            wanted = before[name] if on_plot or not guarded else "adventure"
            assert game.mode(name) == wanted, (name, at_x, at_z)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_java_version_takes_the_functions(packs, version):
    game = Java(packs, version)
    assert mecha_faults(game.game.pack, version) == []
    assert own_faults(game.game.pack, version) == []
    assert game.game.unknown_commands() == []


@pytest.mark.parametrize("version", ["1.20.80", "1.21.0", "1.26.30"])
def test_bedrock_and_education_take_the_functions(packs, version):
    game = Bedrock(packs)
    commands = list(pack_commands(game.game.root))
    assert any("gamemode adventure" in line for _, line in commands)
    assert form_faults(iter(commands), version) == []


def test_allow_blocks_are_laid_where_one_stands_and_stay_when_a_plot_is_set_back(packs):
    game = Bedrock(packs)
    lines = game.game.pack.functions["plots/allow"]
    laid = [line.split() for line in lines if line.startswith("fill")]
    assert [word[-1] for word in laid] == ["allow"] * 3
    assert {(int(word[2]), int(word[5])) for word in laid} == {(-64, -64)}
    game.stand("Teacher", ON_ONE)
    game.run("plots/allow", "Teacher")
    assert "/immutableworld true" in game.game.said[-1]


def test_a_menu_writes_what_takes_buildings_away_and_does_not_do_it(packs):
    for version, key in (("1.21.4", '"value"'), ("1.21.5", '"command"')):
        game = Java(packs, version)
        (text,) = [
            path.read_text("utf-8")
            for name, path in game.game.view.functions.items()
            if name == "mc_city:menu/plots"
        ]
        assert text.count('"suggest_command"') == 3
        assert f'{key}: "/function mc_city:plot/2/reset"' in text
        assert '"run_command"' in text.splitlines()[-1]
