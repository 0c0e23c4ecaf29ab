"""Connection states, against cases worked out by hand from the game's rules, and against any
cutting of the box."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worlds.connections import connect, connection_tables, expand_families
from worlds.volume import BlockState, Palette

PLAIN = [
    "stone", "oak_leaves[persistent=true]", "barrier", "carved_pumpkin[facing=north]",
    "water[level=0]", "torch", "glass", "snow[layers=1]",
    "stone_slab[type=bottom]", "stone_slab[type=top]", "stone_slab[type=double]",
    "oak_trapdoor[facing=east,half=top,open=true]",
    "oak_door[facing=east,half=lower,hinge=left,open=false]",
    "oak_door[facing=east,half=lower,hinge=right,open=true]",
    "lantern[hanging=false]", "lantern[hanging=true]", "white_carpet",
]  # fmt: skip
CONNECTING = [
    "glass_pane", "red_stained_glass_pane", "iron_bars", "oak_fence", "birch_fence",
    "nether_brick_fence", "stone_brick_wall",
    "oak_fence_gate[facing=north,open=false,powered=false]",
    "oak_fence_gate[facing=east,open=false,powered=false]",
    *(f"oak_stairs[facing={facing},half={half}]" for facing in ("north", "east", "south",
    "west") for half in ("bottom", "top")),
]  # fmt: skip
PALETTE = Palette.of([*PLAIN, *expand_families(map(BlockState.parse, CONNECTING))])
TABLES = connection_tables(PALETTE)
STRAIGHT = {state: expand_families([BlockState.parse(state)])[0] for state in CONNECTING}
BESIDE = {
    "north": (0, -1, 0),
    "east": (0, 0, 1),
    "south": (0, 1, 0),
    "west": (0, 0, -1),
    "up": (1, 0, 0),
    "down": (-1, 0, 0),
}


def connected(middle: str, **around: str) -> dict[str, str]:
    """The properties of `middle` after connecting, with the named blocks beside it (up_north: north
    of the block above)."""
    ids = np.zeros((4, 5, 5), np.uint16)
    ids[1, 2, 2] = PALETTE.id(STRAIGHT[middle])
    for where, text in around.items():
        place = np.array([1, 2, 2]) + sum(np.array(BESIDE[word]) for word in where.split("_"))
        ids[tuple(place)] = PALETTE.id(STRAIGHT.get(text, text))
    connect(ids, TABLES)
    return dict(PALETTE.states[ids[1, 2, 2]].properties)


def joined(middle: str, **around: str) -> set[str]:
    properties = connected(middle, **around)
    return {
        side
        for side in ("north", "east", "south", "west")
        if properties[side] not in ("false", "none")
    }


def test_families_are_as_large_as_the_game_has_them():
    sizes = {text: len(expand_families([BlockState.parse(text)])) for text in CONNECTING}
    assert sizes["glass_pane"] == sizes["iron_bars"] == sizes["oak_fence"] == 16
    assert sizes["stone_brick_wall"] == 162
    assert sizes["oak_stairs[facing=east,half=top]"] == 5
    assert expand_families([BlockState.parse("stone")]) == [BlockState.parse("stone")]


def test_a_palette_without_the_variants_is_refused():
    with pytest.raises(KeyError):
        connection_tables(Palette.of(["stone", "glass_pane"]))


@pytest.mark.parametrize(
    ("other", "pane", "fence", "wall"),
    [
        ("stone", True, True, True),
        ("glass", True, True, True),
        ("oak_leaves[persistent=true]", False, False, False),
        ("barrier", False, False, False),
        ("carved_pumpkin[facing=north]", False, False, False),
        ("water[level=0]", False, False, False),
        ("torch", False, False, False),
        ("snow[layers=1]", False, False, False),
        ("white_carpet", False, False, False),
        ("lantern[hanging=false]", False, False, False),
        ("stone_slab[type=bottom]", False, False, False),
        ("stone_slab[type=top]", False, False, False),
        ("stone_slab[type=double]", True, True, True),
        ("red_stained_glass_pane", True, False, True),
        ("iron_bars", True, False, True),
        ("birch_fence", False, True, False),
        ("nether_brick_fence", False, False, False),
        ("stone_brick_wall", True, False, True),
        # A gate that faces north is closed from west to east: it meets its neighbours east and
        # west.
        ("oak_fence_gate[facing=north,open=false,powered=false]", False, True, True),
        ("oak_fence_gate[facing=east,open=false,powered=false]", False, False, False),
        # East of us: only a full western face joins.
        ("oak_stairs[facing=west,half=bottom]", True, True, True),
        ("oak_stairs[facing=west,half=top]", True, True, True),
        ("oak_stairs[facing=east,half=bottom]", False, False, False),
        ("oak_stairs[facing=north,half=bottom]", False, False, False),
        ("oak_door[facing=east,half=lower,hinge=left,open=false]", True, True, True),
        ("oak_door[facing=east,half=lower,hinge=right,open=true]", False, False, False),
        ("oak_trapdoor[facing=east,half=top,open=true]", True, True, True),
    ],
)
def test_what_joins_what(other, pane, fence, wall):
    assert (
        joined("glass_pane", east=other)
        == joined("iron_bars", east=other)
        == ({"east"} if pane else set())
    )
    assert joined("oak_fence", east=other) == ({"east"} if fence else set())
    assert joined("stone_brick_wall", east=other) == ({"east"} if wall else set())


def test_an_open_door_stands_on_the_side_of_its_hinge():
    door = "oak_door[facing=east,half=lower,hinge=right,open=true]"
    assert joined("glass_pane", north=door) == {"north"}
    assert joined("glass_pane", south=door) == set()


def test_nether_brick_fences_join_their_own_only():
    assert joined("nether_brick_fence", north="nether_brick_fence", south="oak_fence") == {"north"}


def test_every_side_has_its_own_neighbour():
    for side in ("north", "east", "south", "west"):
        assert joined("glass_pane", **{side: "stone"}) == {side}
        assert joined("oak_fence", **{side: "birch_fence"}) == {side}
    assert joined("glass_pane", up="stone", down="stone") == set()


WALL = "stone_brick_wall"


@pytest.mark.parametrize(
    ("around", "north", "east", "up"),
    [
        ({}, "none", "none", "true"),
        ({"north": WALL}, "low", "none", "true"),
        ({"north": WALL, "south": WALL}, "low", "none", "false"),
        ({"north": WALL, "east": WALL}, "low", "low", "true"),
        ({"north": WALL, "east": WALL, "south": WALL}, "low", "low", "true"),
        ({"north": WALL, "east": WALL, "south": WALL, "west": WALL}, "low", "low", "false"),
        # Covered from above: arms reach up, and a wall that runs through needs no post.
        ({"north": WALL, "south": WALL, "up": "stone"}, "tall", "none", "false"),
        ({"north": WALL, "up": "stone"}, "tall", "none", "true"),
        ({"north": WALL, "south": WALL, "up": "stone_slab[type=bottom]"}, "tall", "none", "false"),
        ({"north": WALL, "south": WALL, "up": "stone_slab[type=top]"}, "low", "none", "false"),
        ({"north": WALL, "south": WALL, "up": "white_carpet"}, "tall", "none", "false"),
        (
            {"north": WALL, "south": WALL, "up": "oak_leaves[persistent=true]"},
            "tall",
            "none",
            "false",
        ),
        # Small things on top want a post.
        ({"north": WALL, "south": WALL, "up": "torch"}, "low", "none", "true"),
        ({"north": WALL, "south": WALL, "up": "lantern[hanging=false]"}, "low", "none", "true"),
        ({"north": WALL, "south": WALL, "up": "lantern[hanging=true]"}, "low", "none", "false"),
        ({"north": WALL, "south": WALL, "up": "snow[layers=1]"}, "low", "none", "false"),
        ({"north": WALL, "south": WALL, "up": "oak_fence"}, "low", "none", "true"),
        # A wall upon a wall: its arms cover ours, its post stands on ours.
        ({"north": WALL, "south": WALL, "up": WALL}, "low", "none", "true"),
        (
            {"north": WALL, "south": WALL, "up": WALL, "up_north": WALL, "up_south": WALL},
            "tall",
            "none",
            "false",
        ),
        ({"north": WALL, "south": WALL, "up": WALL, "up_north": WALL}, "tall", "none", "true"),
        (
            {
                "north": "stone",
                "south": WALL,
                "up": "glass_pane",
                "up_north": "glass",
                "up_south": "glass",
            },
            "tall",
            "none",
            "false",
        ),
        # A post goes down through all walls below it.
        (
            {
                "north": WALL,
                "south": WALL,
                "up": WALL,
                "up_north": WALL,
                "up_south": WALL,
                "up_up": "torch",
            },
            "tall",
            "none",
            "true",
        ),
    ],
)
def test_walls(around, north, east, up):
    properties = connected(WALL, **around)
    assert (properties["north"], properties["east"], properties["up"]) == (north, east, up)


def test_a_post_goes_down_through_walls():
    ids = np.zeros((3, 5, 5), np.uint16)
    wall = PALETTE.id(STRAIGHT[WALL])
    ids[:2, 1:4, 2] = wall
    ids[2, 2, 2] = wall
    connect(ids, TABLES)
    assert [dict(PALETTE.states[ids[y, 2, 2]].properties)["up"] for y in range(3)] == ["true"] * 3


@pytest.mark.parametrize("half", ["bottom", "top"])
@pytest.mark.parametrize(
    ("front", "back", "shape"),
    [
        ("west", None, "outer_left"),
        ("east", None, "outer_right"),
        ("north", None, "straight"),
        ("south", None, "straight"),
        (None, "west", "inner_left"),
        (None, "east", "inner_right"),
        (None, "south", "straight"),
        ("west", "east", "outer_left"),
    ],
)
def test_stairs_that_face_north(half, front, back, shape):
    mine = f"oak_stairs[facing=north,half={half}]"
    around = {"north": front, "south": back}
    placed = {
        side: f"oak_stairs[facing={facing},half={half}]"
        for side, facing in around.items()
        if facing
    }
    assert connected(mine, **placed)["shape"] == shape
    other = "top" if half == "bottom" else "bottom"
    turned = {side: text.replace(f"half={half}", f"half={other}") for side, text in placed.items()}
    assert connected(mine, **turned)["shape"] == "straight"


def test_stairs_in_a_row_keep_straight_beside_a_corner():
    """A row of stairs that meets a cross row is not turned where the row itself goes on."""
    mine = "oak_stairs[facing=north,half=bottom]"
    crosswise = "oak_stairs[facing=west,half=bottom]"
    assert connected(mine, north=crosswise, east=mine)["shape"] == "straight"
    assert connected(mine, north=crosswise, west=mine)["shape"] == "outer_left"
    assert connected(mine, south=crosswise, west=mine)["shape"] == "straight"
    assert connected(mine, south=crosswise, east=mine)["shape"] == "inner_left"


def test_gates_are_lowered_between_walls():
    gate = "oak_fence_gate[facing=north,open=false,powered=false]"
    assert connected(gate, east=WALL)["in_wall"] == "true"
    assert connected(gate, north=WALL)["in_wall"] == "false"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), cut=st.integers(2, 9), across=st.booleans())
def test_two_halves_with_a_halo_equal_the_whole(seed, cut, across):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, len(PALETTE), (5, 12, 12)).astype(np.uint16)
    ids[rng.random(ids.shape) < 0.3] = 0
    whole = ids.copy()
    connect(whole, TABLES)
    first, second = (slice(0, cut + 1), slice(cut - 1, None))
    boxes = [
        (slice(None), part, slice(None)) if across else (slice(None), slice(None), part)
        for part in (first, second)
    ]
    for box in boxes:
        piece = ids[box].copy()
        rim = piece.copy()
        connect(piece, TABLES)
        assert (piece[:, 1:-1, 1:-1] == whole[box][:, 1:-1, 1:-1]).all()
        rim[:, 1:-1, 1:-1] = piece[:, 1:-1, 1:-1]
        assert (rim == piece).all()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_connecting_again_changes_nothing_and_only_connections_change(seed):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, len(PALETTE), (5, 9, 9)).astype(np.uint16)
    once = ids.copy()
    connect(once, TABLES)
    twice = once.copy()
    connect(twice, TABLES)
    assert (once == twice).all()
    names = np.array([state.name for state in PALETTE.states])
    assert (names[once] == names[ids]).all()
