"""A region in memory, in random states of a layer, with random buildings of a child and whatever
the game does by itself: the child's blocks are found, all of them and no other."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city.harvest.differing import Expected, Sides, region_difference
from mc_city.harvest.noise import read_grown, reason_between
from worlds.block_names import is_known
from worlds.layers import Change
from worlds.volume import AIR, BlockState, BlockVolume, Palette

ONE = np.zeros((32, 32), bool)
ONE[1, 2] = True
"""The chunk that was saved anew."""
X0, Z0, Y0 = 2 * 16, 16, 48
FENCE = "oak_fence[east={0},north=false,south=false,waterlogged=false,west={0}]"
DOOR = "oak_door[facing=east,half=lower,hinge=left,open={0},powered={0}]"
GROUND = [BlockState.parse(f"minecraft:{name}") for name in (
    "stone", "grass_block[snowy=false]", "water[level=0]", "dirt", "copper_block",
    DOOR.format("false"), FENCE.format("false"),
)]  # fmt: skip
CHILDS = [BlockState.parse(f"minecraft:{name}") for name in (
    "gold_block", "oak_planks", "glass", "red_wool",
    "oak_stairs[facing=west,half=bottom,shape=straight]",
)]  # fmt: skip
GAMES = {
    "minecraft:grass_block": "dirt",
    "minecraft:dirt": "grass_block[snowy=true]",
    "minecraft:oak_door": DOOR.format("true"),
    "minecraft:water": "ice",
    "minecraft:oak_fence": FENCE.format("true"),
    "minecraft:copper_block": "exposed_copper",
    "minecraft:air": "water[level=3]",
}
"""What a game makes of a block by itself."""

cell = st.tuples(st.integers(0, 15), st.integers(0, 7), st.integers(0, 15))


def volume_of(blocks: dict[tuple[int, int, int], BlockState]) -> BlockVolume:
    """(y, 512, 512) with blocks by (x, level, z) in the one chunk."""
    palette = list(dict.fromkeys([AIR, *blocks.values()]))
    ids = np.zeros((16, 512, 512), np.uint16)
    for (x, y, z), state in blocks.items():
        ids[y, Z0 + z, X0 + x] = palette.index(state)
    return BlockVolume(0, Y0, 0, ids, Palette(tuple(palette)))


def sides_of(base: BlockVolume, world: BlockVolume) -> Sides:
    return Sides(
        regions=[(0, 0)],
        anew=lambda _: (ONE, np.zeros((32, 32), bool), 1, 1),
        otherwise=lambda _, chunks: chunks,
        read=lambda _region, _chunks, returned: world if returned else base,
        texts=lambda *_: [],
    )


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(cell, st.sampled_from(GROUND), max_size=60),
    st.dictionaries(cell, st.sampled_from([AIR, *GROUND]), max_size=30),
    st.booleans(),
    st.dictionaries(cell, st.sampled_from([AIR, *CHILDS]), max_size=30),
    st.sets(cell, max_size=30),
)
def test_all_of_it_is_found_and_nothing_else(ground, layer, shown, childs, games):
    stands = {**ground, **(layer if shown else {})}
    world = {**stands, **childs}
    for place in sorted(games):
        if place in childs:
            continue
        now = GAMES.get(world.get(place, AIR).name)
        if now is not None:
            world[place] = BlockState.parse(f"minecraft:{now}")
    states = list(dict.fromkeys([AIR, *layer.values()]))
    places = list(layer)
    change = Change(
        *(np.array([place[axis] + shift for place in places], np.int32)
          for axis, shift in ((0, X0), (1, Y0), (2, Z0))),
        ids=np.array([states.index(layer[place]) for place in places], np.uint16),
    )  # fmt: skip
    expected = Expected({(0, 0): [change]} if shown and layer else {}, {}, states)
    own: dict[BlockState, int] = {AIR: 0}
    sides = sides_of(volume_of(ground), volume_of(world))
    cells = region_difference(sides, (0, 0), expected, own, ONE).cells
    found = {
        (x - X0, y - Y0, z - Z0): list(own)[after]
        for x, y, z, after in zip(
            cells.x.tolist(), cells.y.tolist(), cells.z.tolist(), cells.after.tolist(), strict=True
        )
    }
    wanted = {
        place: state
        for place, state in childs.items()
        if stands.get(place, AIR) != state and reason_between(stands.get(place, AIR), state) is None
    }
    assert found.keys() == wanted.keys()
    assert {at: state.name for at, state in found.items()} == {
        at: state.name for at, state in wanted.items()
    }


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(cell, st.sampled_from(GROUND), max_size=40),
    st.dictionaries(cell, st.sampled_from(CHILDS), min_size=1, max_size=30),
    st.sets(st.integers(0, 29)),
)
def test_a_layer_that_stands_half_is_nobodys(ground, layer, done):
    half = {place: state for number, (place, state) in enumerate(layer.items()) if number in done}
    states = [AIR, *dict.fromkeys([*ground.values(), *layer.values()])]
    places = list(layer)
    x, y, z = (
        np.array([place[axis] + shift for place in places], np.int32)
        for axis, shift in ((0, X0), (1, Y0), (2, Z0))
    )
    today, planned = (
        Change(x, y, z, np.array([states.index(one) for one in ids], np.uint16))
        for ids in ([ground.get(place, AIR) for place in places], list(layer.values()))
    )
    expected = Expected({}, {(0, 0): [today, planned]}, states)
    own: dict[BlockState, int] = {AIR: 0}
    sides = sides_of(volume_of(ground), volume_of({**ground, **half}))
    cells = region_difference(sides, (0, 0), expected, own, ONE).cells
    assert len(cells.x) == 0


def test_what_a_person_turns_or_swaps_is_a_persons():
    pairs = [
        ("oak_stairs[facing=west,half=bottom,shape=straight]",
         "oak_stairs[facing=east,half=bottom,shape=straight]"),
        ("stone", "cobblestone"), ("air", "water[level=0]"), ("grass_block", "stone"),
        ("oak_leaves[persistent=true]", "air"), ("smooth_stone_slab[type=bottom]",
                                                 "smooth_stone_slab[type=double]"),
        ("air", "oak_sapling[stage=0]"), ("air", "short_grass"),
    ]  # fmt: skip
    for before, after in pairs:
        states = [BlockState.parse(f"minecraft:{name}") for name in (before, after)]
        assert reason_between(*states) is None, (before, after)


def test_the_table_names_blocks_that_there_are():
    table = read_grown()
    names = {name for row in table.turns for name in row} | table.grows | table.liquids
    gone = {"moving_piston", "unlit_redstone_torch"}
    assert [name for name in sorted(names - gone) if not is_known(name)] == []
