"""The faces of blocks: all that are seen, each once, whatever they are merged into."""

from collections import Counter

import numpy as np
import pytest

from worlds.faces import OPEN, PARTS, SIDES, SOLID, WATER, faces_of
from worlds.meshing import (
    FINE,
    Blocks,
    corners,
    joined_quads,
    kinds_around,
    kinds_in_all,
    mesh,
)
from worlds.volume import AIR, BlockState

STATES = [
    AIR,
    *map(
        BlockState.parse,
        (
            "stone", "grass_block", "water", "glass", "stone_slab[type=bottom]",
            "oak_stairs[facing=east,half=bottom]", "glass_pane[east=true,west=true]",
        ),
    ),
]  # fmt: skip
FACES = faces_of(STATES)
WHOLE = [0, 1, 2, 3, 4]
STEPS = ((-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, -1), (0, 0, 1))
"""x, y, z of a step to each side."""


def volume(seed: int, states: list[int], shape=(6, 7, 8)) -> Blocks:
    """Blocks by chance, with a ring of one around them that is by chance too."""
    ids = np.random.default_rng(seed).choice(states, [side + 2 for side in shape])
    ids = ids.astype(np.uint16)
    return Blocks(np.ascontiguousarray(ids[1:-1, 1:-1, 1:-1]), FACES.kinds[ids], (100, -20, 7))


def expected(blocks: Blocks) -> Counter:
    """(side, x, y, z, colour) of every side of a whole block that is seen, one by one."""
    found: Counter = Counter()
    for (y, z, x), state in np.ndenumerate(blocks.ids):
        kind = FACES.kinds[state]
        for side, (dx, dy, dz) in enumerate(STEPS):
            beside = blocks.around[y + 1 + dy, z + 1 + dz, x + 1 + dx]
            if kind not in (OPEN, PARTS) and beside not in (SOLID, kind):
                part = {"up": 0, "down": 2}.get(SIDES[side], 1)
                found[side, x + 100, y - 20, z + 7, int(FACES.colours[state, part])] += 1
    return found


def unit_sides(quads) -> Counter:
    """The same of rectangles: every square of a block in each of them."""
    found: Counter = Counter()
    for at, size, side, colour in zip(*quads, strict=True):
        axis = side >> 1
        one, two = [other for other in range(3) if other != axis]
        for first in range(size[0] // FINE):
            for second in range(size[1] // FINE):
                place = (at // FINE).tolist()
                place[axis] -= int(side & 1)
                place[one] += first
                place[two] += second
                found[int(side), *place, int(colour)] += 1
    return found


@pytest.mark.parametrize("seed", range(4))
def test_every_side_of_a_whole_block_that_is_seen_is_covered_once(seed):
    blocks = volume(seed, WHOLE)
    assert unit_sides(mesh(blocks, FACES)) == expected(blocks)


def test_a_plain_becomes_one_rectangle():
    ids = np.ones((1, 40, 50), np.uint16)
    around = kinds_around(np.pad(FACES.kinds[ids], ((0, 0), (1, 1), (1, 1)), mode="edge"))
    quads = mesh(Blocks(ids, around, (0, 0, 0)), FACES)
    assert len(quads.side) == 1
    assert SIDES[quads.side[0]] == "up"
    assert quads.size.tolist() == [[50 * FINE, 40 * FINE]]


@pytest.mark.parametrize("seed", range(3))
def test_corners_turn_counter_clockwise_as_seen_from_outside(seed):
    quads = mesh(volume(seed, list(range(len(STATES)))), FACES)
    points = corners(quads).astype(float)
    normals = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 1])
    lengths = np.linalg.norm(normals, axis=1)
    assert (lengths > 0).all()
    steps = np.array(STEPS)[quads.side]
    assert np.allclose(normals / lengths[:, None], steps)


def test_a_whole_body_is_closed():
    """Walked round, the rectangles' areas with their directions come to nothing."""
    ids = np.zeros((8, 8, 8), np.uint16)
    ids[1:-1, 1:-1, 1:-1] = np.random.default_rng(5).choice([0, 1], (6, 6, 6))
    around = np.pad(FACES.kinds[ids], 1)
    quads = mesh(Blocks(ids, around, (0, 0, 0)), FACES)
    areas = quads.size.prod(axis=1) * np.where(quads.side & 1, 1, -1)
    assert [int(areas[quads.side >> 1 == axis].sum()) for axis in range(3)] == [0, 0, 0]


def test_panes_that_continue_each_other_have_no_sides_between_them():
    ids = np.full((1, 1, 5), STATES.index(BlockState.parse(
        "glass_pane[east=true,west=true]")), np.uint16)  # fmt: skip
    around = np.pad(FACES.kinds[ids], 1)
    quads = mesh(Blocks(ids, around, (0, 0, 0)), FACES)
    across = quads.take(quads.side >> 1 == 0)
    assert sorted(across.at[:, 0].tolist()) == [0, 5 * FINE]
    assert quads.clear.all()


def test_what_is_sure_holds_in_every_combination():
    kinds = np.array(
        [[SOLID, SOLID, WATER, OPEN, PARTS], [SOLID, WATER, WATER, SOLID, SOLID]], np.uint8
    )
    assert kinds_in_all(kinds).tolist() == [SOLID, WATER, WATER, OPEN, OPEN]


def test_no_rectangles_are_joined_to_none():
    assert len(joined_quads([]).side) == 0
    assert len(corners(joined_quads([]))) == 0
