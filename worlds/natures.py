"""What the game lets grow and stand: facts about its blocks, whatever a style is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worlds.volume import Palette

SOIL = frozenset(
    (
        "grass_block",
        "dirt",
        "coarse_dirt",
        "podzol",
        "rooted_dirt",
        "moss_block",
        "mud",
        "mycelium",
        "farmland",
    )
)
"""Blocks on which flowers, grass and ferns can grow, in both editions."""
FIRM_SOIL = SOIL - {"mud", "mycelium", "farmland"}
"""Soil of full height, on which what stands for fallen leaves in older games grows."""
LOGS = ("_log", "_wood", "_stem", "_hyphae")
"""Ends of the names of trunks."""
FLOWERS = frozenset((
    "dandelion", "golden_dandelion", "poppy", "blue_orchid", "allium", "azure_bluet", "red_tulip",
    "orange_tulip", "white_tulip", "pink_tulip", "oxeye_daisy", "cornflower",
    "lily_of_the_valley", "wither_rose", "torchflower", "closed_eyeblossom", "open_eyeblossom",
    "sunflower", "lilac", "rose_bush", "peony", "wildflowers", "pink_petals",
))  # fmt: skip
"""All of the game's, of one block and of two."""
GREENERY = frozenset((
    "short_grass", "tall_grass", "fern", "large_fern", "bush", "firefly_bush", "leaf_litter",
    "dead_bush", "short_dry_grass", "tall_dry_grass",
))  # fmt: skip
"""What grows or lies on the ground so thinly that the ground is seen."""


def names_of_states(palette: Palette) -> list[str]:
    """The names of a palette's states, without `minecraft:`."""
    return [state.name.removeprefix("minecraft:") for state in palette.states]


def among(palette: Palette, names: frozenset[str]) -> NDArray[np.bool_]:
    """(states,) bool: those whose block is one of these."""
    return np.array([name in names for name in names_of_states(palette)], bool)


def ends_with(palette: Palette, ends: tuple[str, ...]) -> NDArray[np.bool_]:
    """(states,) bool: those whose block's name ends so."""
    return np.array([name.endswith(ends) for name in names_of_states(palette)], bool)
