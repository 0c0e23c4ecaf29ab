"""Every block state that a build can write is one that the game knows."""

import pytest

from buildings.styles import read_styles, style_states
from mc_city.config import STYLES
from tests.strict_palette import fault_of
from worlds.connections import expand_families
from worlds.volume import BlockState


def test_every_state_exists_with_exactly_its_properties():
    faults = [fault for state in expand_families(style_states(read_styles(STYLES))) if (fault := fault_of(state))]
    assert faults == []


@pytest.mark.parametrize(
    "state",
    ["minecraft:grass", "stone_slab", "stone_slab[type=middle]", "stone[facing=north]", "glass_pane[north=true]"],
)
def test_a_wrong_state_is_caught(state):
    assert fault_of(BlockState.parse(state))
