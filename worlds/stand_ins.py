"""Blocks that not every version of either edition has, and what stands for them where they are
missing. In Java's names."""

from __future__ import annotations

from functools import lru_cache

_LIKE_CONCRETE = {
    "light_blue": "prismarine_brick", "light_gray": "polished_andesite", "white": "smooth_quartz",
    "orange": "smooth_red_sandstone",
    "magenta": "purpur", "yellow": "bamboo", "lime": "oxidized_cut_copper", "pink": "cherry",
    "gray": "polished_blackstone",
    "cyan": "warped", "purple": "purpur", "blue": "dark_prismarine", "brown": "mud_brick",
    "green": "dark_prismarine",
    "red": "mangrove", "black": "polished_blackstone",
}  # fmt: skip
"""Which stairs and slabs look most like those of concrete and wool, by colour; a name before one
that is a part of it."""
_AGES = (
    "waxed_exposed_",
    "waxed_weathered_",
    "waxed_oxidized_",
    "waxed_",
    "exposed_",
    "weathered_",
    "oxidized_",
    "",
)
_OF_COPPER = (
    ("copper_lantern", "lantern"), ("copper_bars", "iron_bars"), ("copper_chain", "chain"),
    ("copper_chest", "chest"),
    ("copper_wall_torch", "wall_torch"), ("copper_torch", "torch"),
)  # fmt: skip

STAND_INS = (
    ("red_poplar_leaves", "mangrove_leaves"), ("orange_poplar_leaves", "azalea_leaves"),
    ("yellow_poplar_leaves", "birch_leaves"),
    *((f"{wood}_shelf", "bookshelf") for wood in (
        "poplar", "dark_oak", "pale_oak", "oak", "spruce", "birch", "jungle", "acacia", "mangrove",
        "cherry", "bamboo", "crimson", "warped",
    )),
    ("stripped_poplar", "stripped_birch"), ("poplar", "birch"),
    ("stripped_pale_oak", "stripped_birch"), ("pale_oak", "birch"), ("pale_moss", "moss"),
    ("pale_hanging_moss", "hanging_roots"),
    ("chiseled_resin_bricks", "chiseled_red_sandstone"), ("resin_brick", "brick"), ("resin_block",
    "orange_terracotta"),
    ("open_eyeblossom", "orange_tulip"), ("closed_eyeblossom", "allium"), ("firefly_bush", "fern"),
    ("=bush", "fern"),
    ("short_dry_grass", "dead_bush"), ("tall_dry_grass", "dead_bush"), ("leaf_litter",
    "short_grass"), ("wildflowers", "dandelion"),
    ("cactus_flower", "poppy"), ("dried_ghast", "brown_wool"),
    *((f"{colour}_{stuff}_{form}", f"{like}_{form}") for colour,
    like in _LIKE_CONCRETE.items() for stuff in ("concrete", "wool")
      for form in ("stairs", "slab")),
    *((age + new, old) for age in _AGES for new, old in _OF_COPPER),
    *((f"{age}lightning_rod", "lightning_rod") for age in _AGES[:-1]),
    ("potent_sulfur", "sandstone"), ("sulfur_spike", "pointed_dripstone"),
    ("polished_sulfur_wall", "sandstone_wall"), ("polished_cinnabar_wall", "red_sandstone_wall"),
    ("polished_sulfur", "smooth_sandstone"), ("sulfur_brick", "end_stone_brick"),
    ("chiseled_sulfur", "chiseled_sandstone"),
    ("sulfur", "sandstone"), ("polished_cinnabar", "smooth_red_sandstone"), ("cinnabar_brick",
    "red_nether_brick"),
    ("chiseled_cinnabar", "chiseled_red_sandstone"), ("cinnabar", "red_sandstone"),
    ("golden_dandelion", "dandelion"), ("red_shrub", "dead_bush"), ("shelf_mushroom",
    "brown_mushroom"), ("straw_bed", "yellow_bed"),
)  # fmt: skip
"""Parts of names of blocks that not every version has, and of older ones that look most like them;
the first that fits. With = before it, a part is the whole name."""

JAVA_SINCE = (
    (5023, (
        "_concrete_stairs", "_concrete_slab", "_wool_stairs", "_wool_slab", "poplar", "red_shrub",
        "shelf_mushroom", "straw_bed",
    )),
    (4903, ("sulfur", "cinnabar")),
    (4786, ("golden_dandelion",)),
    (4554, (
        "copper_lantern", "copper_bars", "copper_chain", "copper_chest", "copper_torch",
        "copper_wall_torch", "_shelf", "_lightning_rod",
    )),
    (4435, ("dried_ghast",)),
    (4325, ("leaf_litter", "wildflowers", "=bush", "firefly_bush", "short_dry_grass",
    "tall_dry_grass", "cactus_flower")),
)  # fmt: skip
"""DataVersion of the first Java version that has a block, by a part of its name; all others are in
every version that can be written."""


def _fits(part: str, name: str) -> bool:
    return name == part[1:] if part[0] == "=" else part in name


@lru_cache(maxsize=2048)
def java_since(name: str) -> int:
    """The DataVersion of the first Java version with a block of ours; 0 for one that all have."""
    return next(
        (number for number, parts in JAVA_SINCE if any(_fits(part, name) for part in parts)), 0
    )


def older_name(name: str) -> str | None:
    """An older block that looks most like one, both without namespace; None when none is known."""
    return next(
        (
            name.replace(part.removeprefix("="), older)
            for part, older in STAND_INS
            if _fits(part, name)
        ),
        None,
    )
