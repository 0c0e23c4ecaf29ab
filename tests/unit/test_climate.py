"""The harbour stays open: the game's published temperature rule for flat worlds, applied to the
biomes we write."""

import pytest

from worlds.java.climate import BIOMES, coldest, freezes


@pytest.mark.parametrize("biome", BIOMES)
def test_no_biome_we_write_freezes_below_y_200(biome):
    assert not any(freezes(biome, y) for y in range(-64, 201))


def test_taiga_would_freeze_the_harbour():
    assert freezes("minecraft:taiga", 62)
    # 62 + 8 of noise is 116 above −46: 0.25 − 116 × 0.00125
    assert coldest("minecraft:taiga", 62) == pytest.approx(0.105)
