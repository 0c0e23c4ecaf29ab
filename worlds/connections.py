"""Connection states: panes, bars, fences, walls, gates and stairs know their neighbours in the
saved block state, and the game does not work this out when it loads a chunk. So we do, by its own
rules (Java 1.21)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.kernels import njit
from worlds.records import Table, record
from worlds.volume import BlockState, Palette

SIDES = ("north", "east", "south", "west")
NOTHING, PANE, FENCE, WALL, STAIRS, GATE = range(6)
SHAPES = ("straight", "inner_left", "inner_right", "outer_left", "outer_right")
TALLNESS = ("none", "low", "tall")
ALL_SIDES = 15
POST, RAISES_POST = 16, 32
"""Bits of what a block does to the wall below it, beside the four bits of SIDES for the wall's
arms: stand on its post, or be a wall with a post itself."""
NEVER_JOINED = (
    "_leaves", "shulker_box", "barrier", "carved_pumpkin", "jack_o_lantern", "melon", "pumpkin",
)  # fmt: skip
"""Ends of the names of full blocks that nothing joins."""
FLAT = (
    "_carpet", "farmland", "dirt_path", "repeater", "comparator", "enchanting_table",
    "end_portal_frame", "lectern",
    "daylight_detector", "stonecutter", "campfire", "sculk_sensor", "sculk_shrieker",
)  # fmt: skip
"""Ends of the names of blocks whose underside is full and whose sides are not."""
NARROW = (
    "chest", "cactus", "lily_pad", "brewing_stand", "dragon_egg", "flower_pot", "_skull", "_head",
    "anvil", "turtle_egg",
    "sniffer_egg", "sea_pickle", "honey_block", "candle", "candle_cake", "azalea", "decorated_pot",
    "heavy_core", "lantern",
    "chain", "end_rod", "lightning_rod", "cake", "chorus_plant", "grindstone",
)  # fmt: skip
"""Ends of the names of blocks that stand on a wall's post only."""
THIN = (
    "air", "water", "lava", "light", "void", "bubble_column", "fire", "portal", "end_gateway",
    "powder_snow",
    "sapling", "propagule", "grass", "fern", "bush", "roots", "sprouts", "fungus", "mushroom",
    "_tulip", "daisy", "dandelion",
    "torchflower", "poppy", "orchid", "allium", "bluet", "cornflower", "rose", "lily_of_the_valley",
    "sunflower", "lilac",
    "peony", "eyeblossom", "petals", "wildflowers", "leaf_litter", "spore_blossom", "vine", "vines",
    "vines_plant", "lichen",
    "clump", "sculk_vein", "hanging_moss", "kelp", "kelp_plant", "seagrass", "_coral", "_fan",
    "conduit", "frogspawn",
    "sugar_cane", "bamboo", "wheat", "carrots", "potatoes", "beetroots", "_stem",
    "nether_wart", "cocoa", "_crop", "pitcher_plant", "dripleaf",
    "torch", "redstone_wire", "rail", "lever", "_button", "_plate", "tripwire", "tripwire_hook",
    "_sign", "_banner", "_bed", "cobweb",
    "scaffolding", "cauldron", "hopper", "piston_head", "moving_piston", "bell", "_shelf",
    "dripstone", "amethyst_cluster", "amethyst_bud",
)  # fmt: skip
"""Ends of the names of blocks that neither side nor underside of is full. What is in none of these
lists is a full block."""
FULL_ALL_THE_SAME = (
    "grass_block", "mangrove_roots", "mushroom_stem", "crimson_stem", "warped_stem", "sea_lantern",
    "jack_o_lantern",
    "shroomlight", "froglight",
)  # fmt: skip
"""Ends of names that look like one of THIN or NARROW."""


def _kind(state: BlockState) -> int:
    name = state.name.removeprefix("minecraft:")
    if name.endswith(("glass_pane", "_bars")):
        return PANE
    if name.endswith("_fence"):
        return FENCE
    if name.endswith("_fence_gate"):
        return GATE
    if name.endswith("_wall"):
        return WALL
    return STAIRS if name.endswith("_stairs") else NOTHING


def _truth(value: int) -> str:
    return "true" if value else "false"


@lru_cache(maxsize=4096)
def _variants(state: BlockState) -> tuple[BlockState, ...]:
    """Every state that connecting can make of this one, in the order of the kernel's variant
    numbers."""
    kind = _kind(state)
    if kind in (PANE, FENCE):
        return tuple(
            state.with_properties(
                **{side: _truth(mask >> bit & 1) for bit, side in enumerate(SIDES)}
            )
            for mask in range(16)
        )
    if kind == WALL:
        return tuple(
            state.with_properties(
                up=_truth(up),
                **{side: TALLNESS[code // 3**place % 3] for place, side in enumerate(SIDES)},
            )
            for up in range(2)
            for code in range(81)
        )
    if kind == STAIRS:
        return tuple(state.with_properties(shape=shape) for shape in SHAPES)
    if kind == GATE:
        return tuple(state.with_properties(in_wall=_truth(in_wall)) for in_wall in range(2))
    return (state,)


CONNECTING = {
    PANE: SIDES, FENCE: SIDES, WALL: (*SIDES, "up"), STAIRS: ("shape",), GATE: ("in_wall",),
}  # fmt: skip
"""Kind → the properties that connecting sets."""


def _family(state: BlockState) -> BlockState:
    """What all variants of a state have in common."""
    set_by_joints = CONNECTING.get(_kind(state), ())
    return BlockState(
        state.name, tuple(pair for pair in state.properties if pair[0] not in set_by_joints)
    )


def expand_families(states: Iterable[BlockState]) -> list[BlockState]:
    """The states and all that connecting can make of them: 16 of a pane, bars or a fence, 162 of a
    wall, 5 of stairs of one facing and half, 2 of a gate."""
    return list(dict.fromkeys(variant for state in states for variant in _variants(state)))


class Joint(NamedTuple):
    """How a state joins others. group: which fences join; facing: of stairs and gates, an index
    into SIDES; sturdy: a bit for each full side in the order of SIDES; covers: what the block does
    to a wall below: bits of SIDES, POST and RAISES_POST."""

    kind: int
    group: int
    facing: int
    sturdy: int
    covers: int
    top_half: bool


JOINT = record(Joint)


class ConnectionTables(NamedTuple):
    """By palette id. joints: (states,) of JOINT; variants: (states, 162) uint16."""

    joints: Table
    variants: NDArray[np.uint16]


def _opposite(state: BlockState, turns: int = 2) -> int:
    """The bit of the side so many quarter turns clockwise from the block's facing."""
    return 1 << (SIDES.index(dict(state.properties)["facing"]) + turns) % 4


def sturdy_sides(state: BlockState) -> int:
    """The full faces that panes, fences and walls join: bits in the order of SIDES. Stairs: their
    back, as if straight, since the shape of stairs in the halo cannot be known; so a corner of a
    roof counts like its slope."""
    name = state.name.removeprefix("minecraft:")
    properties = dict(state.properties)
    if name.endswith("_stairs"):
        return _opposite(state, 0)
    if name.endswith("_slab"):
        return ALL_SIDES if properties.get("type") == "double" else 0
    if name.endswith("_door"):
        hinge = 1 if properties.get("hinge") == "right" else 3
        return _opposite(state, hinge if properties.get("open") == "true" else 2)
    if name.endswith("_trapdoor"):
        return _opposite(state) if properties.get("open") == "true" else 0
    if name == "ladder" or name.endswith("_shelf"):
        return _opposite(state)
    if name == "snow":
        return ALL_SIDES if properties.get("layers") == "8" else 0
    if _kind(state) != NOTHING or name.endswith(NEVER_JOINED):
        return 0
    return 0 if _shape(name) != "full" else ALL_SIDES


def full_cube(state: BlockState) -> bool:
    """Whether a block fills its place on all sides, though it may be seen through."""
    name = state.name.removeprefix("minecraft:")
    if name.endswith(NEVER_JOINED):
        return _kind(state) == NOTHING and _shape(name) == "full"
    return sturdy_sides(state) == ALL_SIDES


def _shape(name: str) -> str:
    """`full`, `flat`, `narrow` or `thin`, for blocks that have one shape whatever their state."""
    if name.endswith(FULL_ALL_THE_SAME):
        return "full"
    if name.startswith("potted_"):
        return "narrow"
    # A wall's head or torch hangs on the side of its block and stands on nothing.
    if "_wall_" in name and name.endswith(("_skull", "_head")):
        return "thin"
    for shape, names in (("flat", FLAT), ("narrow", NARROW), ("thin", THIN)):
        if name.endswith(names):
            return shape
    return "full"


def covered_below(state: BlockState) -> int:
    """What a block covers of a wall below it: bits of SIDES for the arms, POST, and RAISES_POST."""
    name = state.name.removeprefix("minecraft:")
    properties = dict(state.properties)
    kind = _kind(state)
    everything = ALL_SIDES | POST
    if kind in (PANE, FENCE, WALL):
        arms = sum(
            1 << bit
            for bit, side in enumerate(SIDES)
            if properties.get(side, "none") not in ("false", "none")
        )
        if kind == WALL:
            return arms | (
                POST | RAISES_POST if properties.get("up") == "true" else POST if arms else 0
            )
        return arms | POST
    if kind == GATE:
        across = 1 << 1 | 1 << 3 if properties["facing"] in ("north", "south") else 1 << 0 | 1 << 2
        return 0 if properties.get("open") == "true" else across | POST
    if kind == STAIRS or name.endswith("_trapdoor"):
        return (
            everything if properties["half"] == "bottom" and properties.get("open") != "true" else 0
        )
    if name.endswith("_slab"):
        return 0 if properties.get("type") == "top" else everything
    if name == "snow":
        return 0 if properties.get("layers", "1") == "1" else everything
    if name.endswith(("torch", "_sign", "_banner", "_pressure_plate", "tripwire")):
        return 0 if name.endswith(("_hanging_sign", "wall_torch")) else POST
    if name.endswith("lantern") and properties.get("hanging") == "true":
        return 0
    if name.endswith(("chain", "end_rod", "lightning_rod")) and (
        properties.get("axis") in ("x", "z") or properties.get("facing") in SIDES
    ):
        return 0
    if name.endswith("_door") or name == "ladder":
        return 0
    return {"full": everything, "flat": everything, "narrow": POST, "thin": 0}[_shape(name)]


def connection_tables(palette: Palette) -> ConnectionTables:
    """The tables of a palette; KeyError when it lacks a state that connecting can produce (see
    `expand_families`), or when stairs or gates do not say which way they face."""
    count = len(palette)
    joints = np.zeros(count, JOINT)
    variants = np.zeros((count, 162), np.uint16)
    families: dict[BlockState, list[int]] = {}
    for index, state in enumerate(palette.states):
        kind, properties = _kind(state), dict(state.properties)
        group = 0 if kind != FENCE else 1 if "nether_brick" in state.name else 2
        joints[index] = Joint(
            kind=kind,
            group=group,
            facing=SIDES.index(properties["facing"]) if kind in (STAIRS, GATE) else 0,
            sturdy=sturdy_sides(state),
            covers=covered_below(state),
            top_half=kind == STAIRS and properties["half"] == "top",
        )
        if kind != NOTHING:
            family = _family(state)
            if family not in families:
                families[family] = [palette.id(variant) for variant in _variants(state)]
            variants[index, : len(families[family])] = families[family]
    return ConnectionTables(joints, variants)


@njit(cache=True, nogil=True)
def _joins(mine: int, other: int, side: int, joints: Table) -> bool:
    """Whether a pane, fence or wall joins its neighbour on `side` (0 north, 1 east, 2 south, 3
    west)."""
    if (joints[other].sturdy >> ((side + 2) % 4)) & 1 == 1:
        return True
    theirs = joints[other].kind
    if joints[mine].kind == FENCE:
        if theirs == FENCE:
            return joints[mine].group == joints[other].group
    elif theirs in (PANE, WALL):
        return True
    # A gate that faces north spans from west to east.
    return theirs == GATE and joints[mine].kind != PANE and joints[other].facing % 2 != side % 2


@njit(cache=True, nogil=True)
def _beside(ids: NDArray[np.uint16], y: int, z: int, x: int, side: int) -> int:
    if side == 0:
        return ids[y, z - 1, x]
    if side == 1:
        return ids[y, z, x + 1]
    if side == 2:
        return ids[y, z + 1, x]
    return ids[y, z, x - 1]


@njit(cache=True, nogil=True)
def _stairs_shape(ids: NDArray[np.uint16], y: int, z: int, x: int, joints: Table) -> int:
    """Index into SHAPES: corners where stairs of the same half stand crosswise in front or
    behind."""
    mine = ids[y, z, x]
    ahead = joints[mine].facing
    front = _beside(ids, y, z, x, ahead)
    if (
        joints[front].kind == STAIRS
        and joints[front].top_half == joints[mine].top_half
        and (joints[front].facing - ahead) % 2 == 1
    ):
        side = _beside(ids, y, z, x, (joints[front].facing + 2) % 4)
        if not (
            joints[side].kind == STAIRS
            and joints[side].facing == ahead
            and joints[side].top_half == joints[mine].top_half
        ):
            return 3 if joints[front].facing == (ahead + 3) % 4 else 4
    back = _beside(ids, y, z, x, (ahead + 2) % 4)
    if (
        joints[back].kind == STAIRS
        and joints[back].top_half == joints[mine].top_half
        and (joints[back].facing - ahead) % 2 == 1
    ):
        side = _beside(ids, y, z, x, joints[back].facing)
        if not (
            joints[side].kind == STAIRS
            and joints[side].facing == ahead
            and joints[side].top_half == joints[mine].top_half
        ):
            return 1 if joints[back].facing == (ahead + 3) % 4 else 2
    return 0


@njit(cache=True, nogil=True)
def _wall_variant(joined: int, cover: int) -> int:
    """Variant number of a wall with arms on the `joined` sides (bits) under a block that covers
    `cover`."""
    code, power = 0, 1
    for side in range(4):
        if (joined >> side) & 1:
            code += power * (2 if (cover >> side) & 1 else 1)
        power *= 3
    # A post stands at ends, corners and under another post; elsewhere where something needs it, but
    # not in a tall wall.
    through = joined == 5 or joined == 10 or joined == 15
    tall = joined & cover
    unbroken = (tall & 5) == 5 or (tall & 10) == 10
    if not through or cover & RAISES_POST or (cover & POST and not unbroken):
        code += 81
    return code


@njit(cache=True, nogil=True)
def _joined(ids: NDArray[np.uint16], y: int, z: int, x: int, joints: Table) -> int:
    """The sides on which a block joins its neighbours, as bits."""
    mask = 0
    for side in range(4):
        if _joins(ids[y, z, x], _beside(ids, y, z, x, side), side, joints):
            mask |= 1 << side
    return mask


@njit(cache=True, nogil=True)
def connect(ids: NDArray[np.uint16], tables: ConnectionTables) -> None:
    """Sets the connection states in `ids` (y, z, x) in place. The outermost columns are halo: read,
    not changed.

    Beside it, a block is seen by its kind, facing and half, which connecting does not change; above
    it, by its finished state, which belongs to the same column: order and tiling make no
    difference. Above the box is air.
    """
    joints = tables.joints
    height, depth, width = ids.shape
    # Downwards: a wall looks at the finished state of what stands on it.
    for y in range(height - 1, -1, -1):
        for z in range(1, depth - 1):
            before = -1
            for x in range(1, width - 1):
                mine = ids[y, z, x]
                # Most of a row is air or rock, and like what is beside it.
                if mine == before:
                    continue
                what = joints[mine].kind
                if what == NOTHING:
                    before = mine
                    continue
                if what == STAIRS:
                    variant = _stairs_shape(ids, y, z, x, joints)
                elif what == GATE:
                    left = _beside(ids, y, z, x, (joints[mine].facing + 1) % 4)
                    right = _beside(ids, y, z, x, (joints[mine].facing + 3) % 4)
                    variant = 1 if joints[left].kind == WALL or joints[right].kind == WALL else 0
                else:
                    variant = _joined(ids, y, z, x, joints)
                    if what == WALL:
                        variant = _wall_variant(
                            variant, joints[ids[y + 1, z, x]].covers if y + 1 < height else 0
                        )
                ids[y, z, x] = tables.variants[mine, variant]
