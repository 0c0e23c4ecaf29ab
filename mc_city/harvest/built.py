"""What somebody built in a world: the blocks that are other than they were handed out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from worlds.volume import BlockState


@dataclass(frozen=True)
class Text:
    """What is written at a place: x, y, z in blocks; text: plain, without the game's formatting,
    bounded in length."""

    x: int
    y: int
    z: int
    kind: Literal["sign", "book"]
    text: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Built:
    """Blocks that a person changed, each place once, in the order of (y, z, x).

    x, y, z: (n,) int32, blocks of the world; before, after: (n,) int32, numbers of `states`, which
    are named in Java's words and begin with air; texts: what is written in that world and was not
    in the one that was handed out.
    """

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    before: NDArray[np.int32]
    after: NDArray[np.int32]
    states: tuple[BlockState, ...]
    texts: tuple[Text, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        return f"Built({len(self)} blocks, {len(self.texts)} texts)"

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Built:
        """Some of the blocks, without texts."""
        return Built(
            x=self.x[rows],
            y=self.y[rows],
            z=self.z[rows],
            before=self.before[rows],
            after=self.after[rows],
            states=self.states,
        )


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Whose world it is, from the name of its file and never from a player's: school_class, as in
    `klass4b`; pupil: a code, as in `07`; empty where the name says none; file: its name."""

    school_class: str
    pupil: str
    file: str
