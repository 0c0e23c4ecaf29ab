"""Blocks merged for what is seen from afar."""

import numpy as np
import pytest

from mc_city.exports.coarser import Filled, coarse_quads, coarser, on_more_ground
from worlds.faces import faces_of
from worlds.volume import AIR, BlockState

FACES = faces_of([AIR, *map(BlockState.parse, ("stone", "grass_block", "bricks"))])


def filled(ids, at=(0, 0, 0)) -> Filled:
    ids = np.asarray(ids, np.uint16)
    return Filled(ids, ids > 0, at)


@pytest.mark.parametrize("times", [2, 4, 8])
def test_ground_stays_closed_where_a_layer_changes_even_the_lowest_level(times):
    ids = np.ones((3, 16, 16), np.uint16)
    ids[:, 4:12, 4:12] = 0
    quads = coarse_quads(on_more_ground(filled(ids, (0, 61, 0)), times), FACES, times)
    up = quads.take(quads.side == 3)
    covered = np.zeros((16, 16), bool)
    for (x, _, z), (wide, deep) in zip(up.at // 16, up.size // 16, strict=True):
        covered[z : z + deep, x : x + wide] = True
    assert covered.all()


def test_a_cube_is_full_from_half_on_and_looks_like_the_highest_in_it():
    ids = np.zeros((2, 2, 4), np.uint16)
    ids[0] = 1
    ids[1, 0, 0] = 2
    ids[0, 0, 2] = 0
    merged, full = coarser(filled(ids), 2)
    assert full.tolist() == [[[True, False]]]
    assert merged[0, 0, 0] == 2


def test_a_room_whose_thin_wall_lies_in_the_next_cube_looks_like_that_wall():
    ids = np.zeros((2, 2, 4), np.uint16)
    ids[:, :, 1] = 3
    ids[1, 0, 1] = 0
    full = ids > 0
    full[:, :, 2:] = True
    merged, filled_cubes = coarser(Filled(ids, full, (0, 0, 0)), 2)
    assert filled_cubes.tolist() == [[[False, True]]]
    assert merged.tolist() == [[[0, 3]]]


def test_cubes_lie_at_multiples_of_their_width_wherever_a_piece_begins():
    quads = coarse_quads(filled(np.ones((5, 6, 7)), (-3, 9, 5)), FACES, 4)
    assert (quads.at % (4 * 16) == 0).all()
    assert (quads.size % (4 * 16) == 0).all()
