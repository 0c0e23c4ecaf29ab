"""Biomes for 62° north that keep the harbour open.

Our generator is a flat void, and with it the game takes y = −63 for sea level: above −46 it grows
colder by 0.05 every 40 blocks. Taiga (0.25) would freeze at y 62; birch forest (0.6), river and
cold ocean (0.5) stay well above 0.15.
"""

from __future__ import annotations

BIOMES = ("minecraft:birch_forest", "minecraft:cold_ocean", "minecraft:river")
LAND, OCEAN, RIVER = range(3)

BASE_TEMPERATURE = {
    "minecraft:birch_forest": 0.6, "minecraft:cold_ocean": 0.5, "minecraft:river": 0.5,
    "minecraft:the_void": 0.5,
    "minecraft:taiga": 0.25, "minecraft:snowy_taiga": -0.5,
}  # fmt: skip
"""Published base temperatures of the biomes we write or have weighed."""
FLAT_SEA_LEVEL = -63
FREEZING = 0.15


def coldest(biome: str, y: int) -> float:
    """The lowest temperature at a height in the flat generator, whatever the game's noise (at most
    8 blocks' worth) says."""
    above = max(0.0, 8.0 + y - (FLAT_SEA_LEVEL + 17))
    return BASE_TEMPERATURE[biome] - above * 0.05 / 40.0


def freezes(biome: str, y: int) -> bool:
    """Whether water may freeze and snow may lie at this height."""
    return coldest(biome, y) < FREEZING
