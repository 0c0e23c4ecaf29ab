"""A proposal's picture shows its best side, stands out of the world around and is always small."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mc_city.harvest.pictures import MOST_PX, best_view, draw_proposal, ground_level, own_blocks
from tests.unit.harvest_proposals import built_of, cottage, filled, proposal_of
from worlds.isometric import GHOST, PLAIN
from worlds.volume import BlockVolume, Palette


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), float)


def turned(places: dict, quarters: int) -> dict:
    """The same seen from elsewhere; blocks keep their states."""
    for _ in range(quarters):
        places = {(-z, y, x): block for (x, y, z), block in places.items()}
    return places


@pytest.mark.parametrize("quarters", range(4))
def test_the_side_with_the_door_is_seen(quarters):
    walls = filled((0, 0, 0), (6, 4, 6), "stone")
    walls[3, 1, 6] = "oak_door[facing=north]"
    # What looked south looks west after one turn.
    sides = ("south", "west", "north", "east")[quarters]
    shown = (("south", "east"), ("east", "north"), ("north", "west"), ("west", "south"))
    assert sides in shown[best_view(built_of(turned(walls, quarters)))]


def test_what_has_no_front_is_seen_from_the_south_east():
    assert best_view(built_of(filled((0, 0, 0), (3, 3, 3), "stone"))) == 0
    gone = {(0, 0, 0): "air"}
    assert best_view(built_of(gone, {(0, 0, 0): "stone"})) == 0


def test_the_ground_is_where_blocks_were_replaced_or_under_what_was_set():
    house = cottage(0, 0, 64)
    floor = {place: "grass_block" for place in house if place[1] == 63}
    assert ground_level(built_of(house, floor)) == 63
    assert ground_level(built_of({(0, 70, 0): "stone", (0, 71, 0): "stone"})) == 69
    assert ground_level(built_of({(0, 70, 0): "air"}, {(0, 70, 0): "stone"})) == 70


def test_what_is_gone_is_a_ghost_where_that_is_what_was_done():
    hole = filled((0, 60, 0), (3, 63, 3), "air")
    before = dict.fromkeys(hole, "dirt")
    assert (own_blocks(built_of(hole, before)).way == GHOST).all()
    house = cottage() | {(1, 64, 1): "air"}
    assert (own_blocks(built_of(house, {(1, 64, 1): "dandelion"})).way == PLAIN).all()
    assert len(draw_proposal(proposal_of(built=built_of(hole, before)))) > 200


def around(size: int, level: int, wall: bool = False) -> BlockVolume:
    """Grass up to a level about the origin; wall: a high one of stone south and east of it all."""
    palette = Palette.of(["grass_block", "stone"])
    ids = np.zeros((40, size, size), np.uint16)
    ids[: level - 49] = 1
    if wall:
        ids[:, -3:, :] = ids[:, :, -3:] = 2
    return BlockVolume(-8, 50, -8, ids, palette)


def test_the_world_around_is_pale_and_never_before_what_was_built():
    proposal = proposal_of(after=filled((0, 64, 0), (4, 70, 4), "red_wool"))
    alone, there, walled = (
        pixels(draw_proposal(proposal, world))
        for world in (None, around(24, 63), around(17, 63, wall=True))
    )

    def red(picture: np.ndarray) -> int:
        return int(((picture[..., 0] > 1.8 * picture[..., 1]) & (picture[..., 0] > 60)).sum())

    # The same block is drawn smaller where more of the world is shown, but wholly.
    share = [red(picture) / picture.shape[1] ** 2 for picture in (there, walled)]
    assert red(alone) > 1000
    assert share[0] > 0.05
    assert share[1] > 0.05
    green = (there[..., 1] > there[..., 0] + 8) & (there[..., 1] > there[..., 2] + 8)
    assert green.sum() > 1000
    assert there[green].min() > 60


def test_where_something_was_changed_the_old_world_is_not_drawn():
    world = around(24, 63)
    pit = filled((0, 63, 0), (4, 63, 4), "red_wool")
    picture = pixels(
        draw_proposal(proposal_of(built=built_of(pit, dict.fromkeys(pit, "grass_block"))), world)
    )
    assert ((picture[..., 0] > 1.8 * picture[..., 1]) & (picture[..., 0] > 60)).sum() > 500


@pytest.mark.parametrize(
    "places",
    [
        {(0, 64, 0): "stone"},
        {(x, 64, 0): "dirt_path" for x in range(0, 4000, 3)},
        filled((0, 0, 0), (2, 300, 2), "mod:unknown_block[a=b]"),
        {(0, 64, 0): "air"},
        {(-(1 << 30), 0, 0): "stone", (1 << 30, 0, 5): "stone"},
    ],
)
@pytest.mark.parametrize("world", [None, around(24, 63)])
def test_a_picture_is_bounded_whatever_was_built(places, world):
    png = draw_proposal(proposal_of(built=built_of(places)), world)
    width, height = struct.unpack(">II", png[16:24])
    assert 0 < max(width, height) <= MOST_PX
    assert len(png) < 80_000


def test_the_same_proposal_gives_the_same_picture():
    assert draw_proposal(proposal_of()) == draw_proposal(proposal_of())
