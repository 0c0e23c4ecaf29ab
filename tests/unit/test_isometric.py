"""What stands before hides what stands behind, whatever the shapes and however it is turned."""

from __future__ import annotations

import numpy as np
import pytest

from worlds.block_names import NAMES
from worlds.default_states import default_properties
from worlds.isometric import FADED, GHOST, PAPER, PLAIN, Blocks, draw_isometric
from worlds.map_colors import map_color
from worlds.shapes import FULL, UNSEEN, Box, boxes_of
from worlds.volume import BlockState

RED, BLUE, GREEN = "red_concrete", "blue_concrete", "lime_concrete"


def blocks_of(places: dict, way: int = PLAIN) -> Blocks:
    palette = list(dict.fromkeys(places.values()))
    x, y, z = np.array(list(places)).reshape(-1, 3).T
    states = np.array([palette.index(name) for name in places.values()])
    ways = np.full(len(places), way, np.uint8)
    return Blocks(x, y, z, states, ways, [BlockState.parse(name) for name in palette])


def is_of(name: str, pixels: np.ndarray) -> np.ndarray:
    """Which pixels (…, 3) have the colour of a block, in light or shade."""
    colour = np.array(map_color(name), float)
    own = pixels / np.maximum(np.linalg.norm(pixels, axis=-1, keepdims=True), 1)
    return (own @ (colour / np.linalg.norm(colour)) > 0.995) & (pixels.min(axis=-1) < 245)


def seen(name: str, places: dict, **how) -> int:
    return int(is_of(name, np.asarray(draw_isometric(blocks_of(places), 200, **how), float)).sum())


@pytest.mark.parametrize("before", [(1, 1, 1), (2, 2, 2)])
def test_a_block_towards_who_looks_hides_the_one_behind(before):
    cube = {
        (before[0] + x, before[1] + y, before[2] + z): RED
        for x in range(2)
        for y in range(2)
        for z in range(2)
    }
    assert seen(BLUE, {(0, 0, 0): BLUE, **cube}) == 0
    assert seen(BLUE, {(0, 0, 0): BLUE, **cube}, quarters=2) > 100


@pytest.mark.parametrize(
    ("quarters", "sides"), [(0, "se"), (1, "en"), (2, "nw"), (3, "ws")]
)  # fmt: skip
def test_two_sides_are_seen_after_each_turn(quarters, sides):
    cube = {(x, y, z): RED for x in range(9) for y in range(9) for z in range(9)}
    plates = {"s": (4, 4, 9), "n": (4, 4, -1), "e": (9, 4, 4), "w": (-1, 4, 4)}
    shown = {
        side
        for side, place in plates.items()
        if seen(BLUE, {**cube, place: BLUE}, quarters=quarters)
    }
    assert shown == set(sides)


def test_what_is_seen_through_lets_the_other_be_seen():
    behind = {(0, 0, 0): RED, (1, 1, 1): "glass", (2, 2, 2): "glass"}
    picture = np.asarray(draw_isometric(blocks_of(behind), 200), float)
    plain = np.asarray(draw_isometric(blocks_of({**behind, (0, 0, 0): "glass"}), 200), float)
    assert (picture[..., 0] > picture[..., 2] + 8).sum() > 100
    assert (plain[..., 0] > plain[..., 2] + 8).sum() == 0


def test_a_slab_is_half_as_high_and_a_flower_small():
    def painted(name: str) -> float:
        places = {(0, 0, 0): name, (9, 0, 0): RED}
        pixels = np.asarray(draw_isometric(blocks_of(places), 300), float)
        return float((is_of(name, pixels) & ~is_of(RED, pixels)).sum())

    whole = painted("oak_planks")
    assert 0.45 < painted("oak_slab[type=bottom]") / whole < 0.8
    assert 0 < painted("dandelion") / whole < 0.3


def test_pale_and_gone_blocks_are_neither_hidden_nor_as_strong():
    here = {(0, 0, 0): BLUE}
    plain, pale = (
        np.asarray(draw_isometric(blocks_of(here, way), 100), float) for way in (PLAIN, FADED)
    )
    assert pale.mean() > plain.mean() + 20
    blocks = blocks_of({(0, 0, 0): BLUE, (1, 1, 1): RED})
    blocks.way[1] = GHOST
    through = np.asarray(draw_isometric(blocks, 100), float)
    # All but the strip below, which is seen past the other.
    bluish = (through[..., 2] > through[..., 0] + 20).sum()
    assert bluish > 500
    assert is_of(BLUE, through).sum() < 0.3 * bluish


def test_the_ground_hides_what_is_in_it_and_shows_what_is_flush():
    places = {(x, 0, z): RED for x in range(4) for z in range(4)}
    low = {(x, -1, z): GREEN for x in range(4) for z in range(4)}
    assert seen(RED, places, floor=0) > 100
    assert seen(GREEN, {**places, **low}, floor=0) == 0
    assert seen(GREEN, {**places, **low}) > 100


@pytest.mark.parametrize(
    "places",
    [
        {(0, 0, 0): RED},
        {(0, 0, 0): RED, (3000, 0, 0): BLUE},
        {(0, 0, 0): RED, (0, 2000, 0): BLUE, (-900, 5, 1): GREEN},
        {(-(1 << 30), -64, 1 << 30): RED, (1 << 30, 0, 0): BLUE},
        {(x, 0, z): RED for x in range(300) for z in range(300)},
    ],
)
@pytest.mark.parametrize("floor", [None, 0, -30])
def test_a_picture_is_never_larger_than_asked(places, floor):
    picture = draw_isometric(blocks_of(places), 160, quarters=3, floor=floor)
    assert max(picture.size) <= 160
    assert len(set(np.asarray(picture).reshape(-1, 3).tobytes())) > 1


def test_nothing_is_a_blank_picture():
    assert draw_isometric(blocks_of({(0, 0, 0): "cave_air"}), 100).getcolors() == [(64, PAPER)]


def test_the_order_of_blocks_does_not_matter():
    places = {
        (x, y, z): RED if x % 2 else BLUE for x in range(5) for y in range(3) for z in range(4)
    }
    turned = dict(reversed(places.items()))
    assert (
        draw_isometric(blocks_of(places), 120).tobytes()
        == draw_isometric(blocks_of(turned), 120).tobytes()
    )


def test_every_block_has_a_shape_within_its_place():
    for name in NAMES:
        boxes = boxes_of(BlockState(f"minecraft:{name}", default_properties(f"minecraft:{name}")))
        assert bool(boxes) == (name not in UNSEEN), name
        for box in boxes:
            assert all(0 <= low < high <= 16 for low, high in zip(box.low, box.high, strict=True))


def test_shapes_that_matter():
    def shape(text: str) -> tuple[Box, ...]:
        return boxes_of(BlockState.parse(text))

    assert shape("stone") == shape("oak_slab[type=double]") == shape("mod:unknown") == (FULL,)
    assert shape("oak_slab[type=top]") == (Box((0, 8, 0), (16, 16, 16)),)
    assert set(shape("oak_stairs[facing=east,half=bottom]")) == {
        Box((0, 0, 0), (16, 8, 16)), Box((8, 8, 0), (16, 16, 16)),
    }  # fmt: skip
    assert Box((10, 0, 6), (16, 15, 10)) in shape("oak_fence[east=true,west=false]")
    assert shape("snow[layers=8]") == (FULL,)
    for odd in ("x", "9" * 5000, "²", "-3"):
        assert shape(f"snow[layers={odd}]") == (Box((0, 0, 0), (16, 2, 16)),)
    assert shape("oak_door[facing=nowhere]")
