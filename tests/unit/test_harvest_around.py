"""The world around a proposal is that which was handed out, whatever regions it lies in."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mc_city.harvest.around import SIDE, pieces_of
from mc_city.harvest.pictures import DEPTH, MARGIN
from tests.unit.harvest_proposals import built_of, proposal_of
from worlds.volume import BlockVolume, Palette

PALETTES = (Palette.of(["stone", "dirt"]), Palette.of(["dirt", "grass_block", "stone"]))


def block_at(x: int, y: int, z: int) -> str:
    """A made-up world in which every place says where it is, roughly."""
    if y > 66:
        return "air"
    return ("stone", "dirt")[(x + 3 * y + 5 * z) // 2 % 2]


class World:
    """Regions of that world, but for those that are missing; counts how often each is read."""

    def __init__(self, missing=()) -> None:
        self.missing, self.reads, self.wanted = missing, Counter(), {}

    def __call__(self, region, wanted, /):
        self.reads[region] += 1
        self.wanted[region] = wanted.copy()
        if region in self.missing:
            return None
        palette = PALETTES[(region[0] + region[1]) % 2]
        y, z, x = np.meshgrid(
            np.arange(50, 80),
            SIDE * region[1] + np.arange(SIDE),
            SIDE * region[0] + np.arange(SIDE),
            indexing="ij",
            sparse=True,
        )
        odd = (x + 3 * y + 5 * z) // 2 % 2
        ids = np.where(odd == 1, palette.id("dirt"), palette.id("stone"))
        ids = np.where(y > 66, 0, ids).astype(np.uint16)
        there = wanted.repeat(16, 0).repeat(16, 1)
        ids[:, ~there] = 0
        return BlockVolume(SIDE * region[0], 50, SIDE * region[1], ids, palette)


@pytest.mark.parametrize("corner", [(100, 100), (-3, -3), (510, -2), (1020, 1022)])
def test_a_piece_is_the_same_across_the_edges_of_regions(corner):
    x, z = corner
    proposal = proposal_of(built=built_of({(x, 64, z): "stone", (x + 6, 68, z + 9): "stone"}))
    world = World()
    ((found, piece),) = pieces_of(world, [proposal])
    assert found is proposal
    volume = piece.volume()
    assert (volume.x0, volume.y0, volume.z0) == (x - MARGIN, 64 - DEPTH, z - MARGIN)
    assert volume.ids.shape == (5 + DEPTH + MARGIN, 10 + 2 * MARGIN, 7 + 2 * MARGIN)
    for down, south, east in np.ndindex(volume.ids.shape):
        state = volume.palette.states[volume.ids[down, south, east]]
        place = volume.x0 + east, volume.y0 + down, volume.z0 + south
        assert state.name == f"minecraft:{block_at(*place)}", place
    assert sum(int(wanted.sum()) for wanted in world.wanted.values()) <= 9


def test_each_region_is_read_once_and_large_proposals_are_drawn_without():
    near = [
        proposal_of(number, {(number % 9 * 100, 64, 5): "stone"}, id=f"x{number}")
        for number in range(40)
    ]
    large = proposal_of(41, {(0, 64, 0): "stone", (3000, 64, 3000): "stone"}, id="large")
    world = World(missing=[(1, 0)])
    found = dict((one.id, piece) for one, piece in pieces_of(world, [*near, large]))
    assert set(found) == {*(one.id for one in near), "large"}
    assert found["large"] is None
    assert set(world.reads.values()) == {1}
    assert found["x6"].volume() is None
    assert found["x1"].volume() is not None
