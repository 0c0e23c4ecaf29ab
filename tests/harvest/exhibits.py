"""Proposals for exhibitions in the small city: boxes of blocks that random children built."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from mc_city.harvest.built import Built, Sender, Text
from mc_city.harvest.proposals import Proposal, proposals_of
from terrain.frame import Frame
from worlds.volume import AIR, BlockState

Place = tuple[int, int, int]
BLOCKS = (
    "oak_planks", "red_wool", "glass", "water", "oak_slab[type=bottom]", "oak_stairs[facing=east]",
    "air", "oak_fence", "torch", "gold_block",
)  # fmt: skip


def built_of(blocks: dict[Place, str], texts: tuple[Text, ...] = ()) -> Built:
    """Blocks that somebody set, in the order of (y, z, x)."""
    rows = sorted((y, z, x, block) for (x, y, z), block in blocks.items())
    states = tuple(dict.fromkeys([AIR, *(BlockState.parse(row[3]) for row in rows)]))
    known = {state: number for number, state in enumerate(states)}
    y, z, x = (np.array([row[axis] for row in rows], np.int32) for axis in range(3))
    after = np.array([known[BlockState.parse(row[3])] for row in rows], np.int32)
    return Built(
        x=x, y=y, z=z, before=np.zeros(len(x), np.int32), after=after, states=states, texts=texts
    )


def proposals(worlds: list[dict[Place, str]], frame: Frame, words: str = "") -> list[Proposal]:
    """What classes built, a world each, numbered through."""
    out: list[Proposal] = []
    for number, blocks in enumerate(worlds):
        x, y, z = next(iter(blocks))
        texts = (Text(x, y, z, "sign", words),) if words else ()
        sender = Sender(school_class=f"{number % 3 + 4}b", pupil=f"{number:02}", file="x")
        for one in proposals_of(built_of(blocks, texts), sender, frame, ()):
            out.append(replace(one, number=len(out) + 1))
    return out


def torn_down(at: Place) -> dict[Place, str]:
    """A part of a board, around one of its signs, that somebody took away."""
    x, y, z = at
    return {
        (x + right, y + up, z + down): "minecraft:air"
        for right in range(-2, 3) for up in range(-2, 1) for down in range(-2, 3)
    }  # fmt: skip


def box(lot: random.Random, around: tuple[int, int], wide: int = 14) -> dict[Place, str]:
    """A box of a few kinds of blocks, somewhere around a place, that reaches into the ground and
    above it."""
    x0, z0 = (value + lot.randint(-wide, wide) for value in around)
    y0 = lot.randint(64, 78)
    nx, ny, nz = (lot.randint(1, 7) for _ in range(3))
    kinds = lot.sample(BLOCKS, 3)
    return {
        (x0 + x, y0 + y, z0 + z): f"minecraft:{lot.choice(kinds)}"
        for x in range(nx) for y in range(ny) for z in range(nz)
        if lot.random() < 0.9 or (x, y, z) == (0, 0, 0)
    }  # fmt: skip
