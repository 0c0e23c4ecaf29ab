"""Games of either edition in which there is nothing but two boards with buttons for votes, and
players who press them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from buildings.developments.boards import Builder, Pad, draw_board
from buildings.developments.developments import Development
from buildings.developments.texts import board_book, board_buttons, board_signs, board_voting
from tests.materials import MATERIALS
from tests.packs.bedrock.executor import Blocks
from tests.packs.bedrock.executor import World as BedrockGame
from tests.packs.executor import World as JavaGame
from worlds.bedrock.behaviour import pack_root, structure_folder
from worlds.bedrock.functions import pack_functions, starting_scores
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.bedrock.versions import bedrock_version
from worlds.bedrock.votes import with_votes, write_tallies
from worlds.fixtures import Fixture
from worlds.java.climate import BIOMES
from worlds.java.datapack import write_datapack
from worlds.java.versions import java_version
from worlds.layers import Switch
from worlds.quoting import function_file
from worlds.volume import Palette
from worlds.votes import VOTES, ballots_of, starting_votes, votes_in
from worlds.words import read_words

SWEDISH = read_words("sv")
PLACES = {"alfa": Pad(0, 64, 0, 2), "beta": Pad(200, 70, -90, 1)}
"""Of the boards: two that nobody sees at once."""
SWITCHES = [Switch(name, name.title(), ("",)) for name in PLACES]
EARLIER = {"#one": 1, "Alex": 2}
"""Scores of another pack in a world, which stay as they are."""


def board(name: str, voted: bool = True) -> Fixture:
    development = Development(name, name.title(), ("",))
    return draw_board(
        name,
        Builder(PLACES[name], MATERIALS),
        signs=board_signs(development, SWEDISH),
        buttons=board_buttons(development, SWEDISH),
        book=board_book(development, "", SWEDISH),
        voting=board_voting(development, SWEDISH) if voted else None,
    )


BOARDS = tuple(board(name) for name in PLACES)
BALLOTS = ballots_of(BOARDS)
STATES = Palette.of([state for fixture in BOARDS for *_, state in fixture.blocks])


def before(name: str, side: str) -> tuple[float, float, float]:
    """Where one stands who presses a button: two steps in front of it."""
    x, y, z = button(name, side)
    right, ahead = {2: (0, 3), 1: (3, 0)}[PLACES[name].facing]
    return x + right + 0.5, y - 1.0, z + ahead + 0.5


def button(name: str, side: str) -> tuple[int, int, int]:
    """The command block behind a button."""
    (fixture,) = (one for one in BOARDS if one.name == name)
    (press,) = (one for one in fixture.presses if one.function == f"vote/{name}/{side}")
    return press.at


class Counting:
    """What both editions are asked alike. game: an executor of their functions."""

    game: Any

    def scores(self) -> dict[tuple[str, str], int]:
        return self.game.scores

    def counts(self) -> dict[str, tuple[int, int]]:
        return votes_in(self.game.scores)

    def lines(self, sign: Any) -> Sequence[str]:
        """What is written on a sign."""
        raise NotImplementedError

    def shown(self, name: str) -> tuple[str, str] | None:
        """The first lines of the signs of a board; None where they are as they were built."""
        (one,) = (ballot for ballot in BALLOTS if ballot.id == name)
        signs = [self.game.signs.get(at) for at in (one.up, one.down)]
        assert [sign is None for sign in signs] in ([True] * 2, [False] * 2)
        return None if None in signs else (self.lines(signs[0])[0], self.lines(signs[1])[0])


class Java(Counting):
    """Voting in a Java world of a version."""

    def __init__(self, folder: Path, version: str = "1.21.4") -> None:
        world = folder / f"java-{version}"
        if not world.exists():
            write_datapack(
                world,
                SWITCHES,
                [],
                years=[],
                version=java_version(version),
                words=SWEDISH,
                ballots=BALLOTS,
            )
        self.game = JavaGame(world / "datapacks" / "mc_city", version, players=())
        for fixture in BOARDS:
            for x, y, z, state in fixture.blocks:
                self.game.blocks.set(x, y, z, state)
        self.game.objectives.add(VOTES)
        self.game.scores |= starting_votes(BALLOTS)
        self.game.run("#minecraft:load")

    def stand(self, player: str, at: tuple[float, float, float]) -> None:
        """Somebody comes, or walks; what is around them is loaded."""
        self.game.places[player] = at
        self.game.players = tuple(self.game.places)
        self._load()

    def leave(self, player: str) -> None:
        del self.game.places[player]
        self.game.players = tuple(self.game.places)
        self._load()

    def _load(self) -> None:
        self.game.kept_loaded = {
            (int(x) // 16 + dx, int(z) // 16 + dz)
            for x, _, z in self.game.places.values()
            for dx in range(-2, 3)
            for dz in range(-2, 3)
        }

    def press(self, name: str, side: str) -> None:
        self.game.press(f"mc_city:vote/{name}/{side}", button(name, side))

    def run(self, function: str, player: str | None = None) -> None:
        self.game.run(f"mc_city:{function}", player)

    def tick(self, count: int = 25) -> None:
        self.game.tick(count)

    def reopen(self) -> None:
        """Closed and opened: only what is on the disk is left."""
        self.game.restart(self.game.save())

    def lines(self, sign: Any) -> Sequence[str]:
        return sign

    def said(self) -> str:
        return self.game.said()[-1] if self.game.messages else ""


class Bedrock(Counting):
    """Voting in a Bedrock world, its functions nested as an executor can."""

    def __init__(self, folder: Path, nested: str = "at once") -> None:
        world = folder / "bedrock"
        root = pack_root(world)
        if not world.exists():
            tables = encode_bedrock_palette(STATES, bedrock_version("1.21.0"), BIOMES)
            write_tallies(structure_folder(world), BOARDS, STATES, tables=tables, words=SWEDISH)
            functions = pack_functions(
                SWITCHES, [], years=[], state=(0, 0), guides=[], words=SWEDISH
            )
            for name, lines in with_votes(functions, BOARDS, SWEDISH).items():
                path = root / "functions" / f"{name}.mcfunction"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(function_file(lines), "utf-8")
        shape = 300, 80, 300
        air = np.zeros(shape, np.int32)
        self.game = BedrockGame(root, Blocks((-50, 20, -200), air, air.copy(), {}), nested=nested)
        self.game.objectives |= {VOTES, "mc_city", "mc_city_unit"}
        self.game.scores |= starting_scores(SWITCHES, [], (0, 0), ())
        self.game.scores |= starting_votes(BALLOTS)

    def stand(self, player: str, at: tuple[float, float, float]) -> None:
        self.game.players[player] = at

    def leave(self, player: str) -> None:
        del self.game.players[player]

    def press(self, name: str, side: str) -> None:
        self.game.press(f"vote/{name}/{side}", button(name, side))

    def run(self, function: str, player: str | None = None) -> None:
        from tests.packs.bedrock.executor import Source

        self.game.run(
            function, None if player is None else Source(player, self.game.players[player])
        )

    def tick(self, count: int = 3) -> None:
        self.game.tick(count)

    def reopen(self) -> None:
        self.game = self.game.save()
        self.game.restart()

    def lines(self, sign: Any) -> Sequence[str]:
        return sign.split("\n")

    def said(self) -> str:
        return self.game.said[-1] if self.game.said else ""


Game = Java | Bedrock
