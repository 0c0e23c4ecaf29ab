"""Palette and BlockVolume: the one hand-over between geography and Minecraft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, order=True)
class BlockState:
    """A block with its properties, both in Java's words; properties are sorted by name."""

    name: str
    properties: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> BlockState:
        """`stone` or `minecraft:oak_stairs[facing=north,half=bottom]`; ValueError when
        malformed."""
        name, bracket, rest = text.partition("[")
        if bracket and not rest.endswith("]"):
            raise ValueError(f"block state without closing bracket: {text!r}")
        if not name or " " in text:
            raise ValueError(f"not a block state: {text!r}")
        pairs: list[tuple[str, str]] = []
        for pair in rest[:-1].split(",") if rest[:-1] else []:
            key, equals, value = pair.partition("=")
            if not (key and equals and value):
                raise ValueError(f"not a property: {pair!r} in {text!r}")
            if key in dict(pairs):
                raise ValueError(f"{key} stands twice in {text!r}")
            pairs.append((key, value))
        return cls(name if ":" in name else f"minecraft:{name}", tuple(sorted(pairs)))

    def with_properties(self, **properties: str) -> BlockState:
        return BlockState(self.name, tuple(sorted({**dict(self.properties), **properties}.items())))

    def __str__(self) -> str:
        inside = ",".join(f"{key}={value}" for key, value in self.properties)
        return f"{self.name}[{inside}]" if inside else self.name


AIR = BlockState("minecraft:air")


@dataclass(frozen=True)
class Palette:
    """Block states by index; index 0 is air. Fixed for a whole build, so tiles are independent."""

    states: tuple[BlockState, ...]

    def __post_init__(self) -> None:
        if not self.states or self.states[0] != AIR:
            raise ValueError("a palette begins with air")
        if len(set(self.states)) != len(self.states):
            raise ValueError("a palette holds each state once")
        if len(self.states) > 0xFFFF:
            raise ValueError("a palette holds at most 65,535 states")

    @classmethod
    def of(cls, states: Iterable[BlockState | str]) -> Palette:
        """The palette of these states in their order, air first, repeats dropped."""
        parsed = (BlockState.parse(state) if isinstance(state, str) else state for state in states)
        return cls(tuple(dict.fromkeys((AIR, *parsed))))

    @cached_property
    def _ids(self) -> dict[BlockState, int]:
        return {state: index for index, state in enumerate(self.states)}

    def id(self, state: BlockState | str) -> int:
        """The index of a state; KeyError when the palette lacks it."""
        return self._ids[BlockState.parse(state) if isinstance(state, str) else state]

    def run(self, states: Sequence[BlockState | str]) -> int:
        """The index of the first of states that follow one another in the palette, so that a kernel
        adds a facing to it; ValueError when they do not."""
        ids = [self.id(state) for state in states]
        if not ids or ids != list(range(ids[0], ids[0] + len(ids))):
            raise ValueError(f"not together in the palette: {', '.join(map(str, states))}")
        return ids[0]

    def __contains__(self, state: BlockState) -> bool:
        return state in self._ids

    def __len__(self) -> int:
        return len(self.states)


@dataclass(frozen=True)
class BlockVolume:
    """A box of blocks. `ids`: (y, z, x) uint16 into `palette`; x0, y0, z0: the block of ids[0, 0,
    0]."""

    x0: int
    y0: int
    z0: int
    ids: NDArray[np.uint16]
    palette: Palette

    def __post_init__(self) -> None:
        if self.ids.ndim != 3 or self.ids.dtype != np.uint16:
            raise ValueError(f"ids must be (y, z, x) uint16, not {self.ids.shape} {self.ids.dtype}")
