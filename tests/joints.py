"""The game's rules of connection (Java 1.21), in plain Python, one block at a time: what a pane,
fence, wall, gate or stairs must look like among its neighbours. Made for checking: it shares
nothing with worlds.connections."""

from __future__ import annotations

from collections.abc import Callable

from worlds.volume import AIR, BlockState

Neighbour = Callable[[int, int, int], BlockState]
"""The state at (dy, dz, dx) from the block."""
WAYS = {"north": (0, -1, 0), "east": (0, 0, 1), "south": (0, 1, 0), "west": (0, 0, -1)}
NAMES = tuple(WAYS)
NEVER = ("leaves", "shulker_box", "barrier", "carved_pumpkin", "jack_o_lantern", "melon", "pumpkin")
OPEN_SHAPES = (
    "air", "water", "light", "grass", "fern", "dandelion", "poppy", "tulip", "bluet", "daisy",
    "orchid", "allium", "cornflower", "valley",
    "berry_bush", "kelp", "kelp_plant", "seagrass", "lily_pad", "torch", "lantern", "chain",
    "ladder", "rail", "sign", "button", "lever",
    "carpet", "slab", "stairs", "pane", "bars", "fence", "fence_gate", "wall", "door", "trapdoor",
    "plate", "lectern", "path", "farmland",
    "bed", "campfire", "pot", "candle", "head", "skull", "sapling", "bush", "vine", "wheat",
    "carrots", "potatoes", "beetroots", "banner",
    "azalea", "sunflower", "detector", "hook",
    "cauldron", "hopper", "chest", "bell", "anvil", "end_rod", "lightning_rod",
    "grindstone", "stonecutter", "snow",
    "wildflowers", "litter", "shelf",
)  # fmt: skip
"""Last words of blocks that are no full cube; of those with full sides see `full_side`."""


def name_of(state: BlockState) -> str:
    return state.name.removeprefix("minecraft:")


def is_a(state: BlockState, *endings: str) -> bool:
    return name_of(state).endswith(endings)


def turned(side: str, quarters: int) -> str:
    return NAMES[(NAMES.index(side) + quarters) % 4]


def _cube(state: BlockState) -> bool:
    name = name_of(state)
    if name in ("grass_block", "sea_lantern") or name.endswith(("froglight", "mushroom_stem")):
        return True
    return not any(name == word or name.endswith(f"_{word}") for word in OPEN_SHAPES)


def full_side(state: BlockState, side: str) -> bool:
    """Whether the face on a side covers the whole square."""
    name, properties = name_of(state), dict(state.properties)
    if name.endswith("_slab"):
        return properties.get("type") == "double"
    if name.endswith("_stairs"):
        facing, shape = properties["facing"], properties.get("shape", "straight")
        whole = {
            "straight": {facing}, "inner_left": {facing, turned(facing, -1)},
            "inner_right": {facing, turned(facing, 1)},
            "outer_left": set(), "outer_right": set(),
        }[shape]  # fmt: skip
        return side in whole
    if name.endswith("_trapdoor"):
        return properties.get("open") == "true" and side == turned(properties["facing"], 2)
    if name.endswith("_door"):
        closed = turned(properties["facing"], 2)
        hinge = turned(properties["facing"], 1 if properties.get("hinge") == "right" else -1)
        return side == (hinge if properties.get("open") == "true" else closed)
    if name == "ladder" or name.endswith("_shelf"):
        return side == turned(properties["facing"], 2)
    return _cube(state)


def _joins_solid(other: BlockState, side: str) -> bool:
    return not is_a(other, *NEVER) and full_side(other, turned(side, 2))


def _gate_meets(other: BlockState, side: str) -> bool:
    return (
        is_a(other, "_fence_gate")
        and NAMES.index(dict(other.properties)["facing"]) % 2 != NAMES.index(side) % 2
    )


def _fence_joins(mine: BlockState, other: BlockState, side: str) -> bool:
    alike = is_a(other, "_fence") and ("nether_brick" in mine.name) == (
        "nether_brick" in other.name
    )
    return alike or _joins_solid(other, side) or _gate_meets(other, side)


def _pane_joins(other: BlockState, side: str) -> bool:
    return is_a(other, "glass_pane", "_bars", "_wall") or _joins_solid(other, side)


def _wall_joins(other: BlockState, side: str) -> bool:
    return _pane_joins(other, side) or _gate_meets(other, side)


def _covers(above: BlockState, part: str) -> bool:
    """Whether the underside of what is above covers an arm (a side) or the `post` of a wall."""
    name, properties = name_of(above), dict(above.properties)
    if name.endswith("_wall"):
        return (
            properties["up"] == "true" or any(properties[side] != "none" for side in NAMES)
            if part == "post"
            else properties[part] != "none"
        )
    if name.endswith(("glass_pane", "_bars", "_fence")):
        return part == "post" or properties[part] == "true"
    if name.endswith("_fence_gate"):
        along = (
            ("east", "west") if properties["facing"] in ("north", "south") else ("north", "south")
        )
        return properties.get("open") != "true" and (part == "post" or part in along)
    if name.endswith("_slab"):
        return properties.get("type") != "top"
    if name.endswith(("_stairs", "_trapdoor")):
        return properties["half"] == "bottom" and properties.get("open", "false") != "true"
    if name.endswith("lantern") and name != "sea_lantern":
        return part == "post" and properties.get("hanging") != "true"
    if name.endswith(("_carpet", "dirt_path", "farmland", "lectern", "leaves")):
        return True
    return _cube(above)


def _raises_post(above: BlockState) -> bool:
    posted = is_a(above, "torch", "_sign", "_banner", "pressure_plate") and not is_a(
        above, "wall_torch", "hanging_sign"
    )
    return posted or _covers(above, "post")


def wall_state(mine: BlockState, at: Neighbour) -> BlockState:
    above = at(1, 0, 0)
    arms = {}
    for side, way in WAYS.items():
        joined = _wall_joins(at(*way), side)
        arms[side] = ("tall" if _covers(above, side) else "low") if joined else "none"
    if is_a(above, "_wall") and dict(above.properties)["up"] == "true":
        return mine.with_properties(**arms, up="true")
    none = {side: arms[side] == "none" for side in NAMES}
    if all(none.values()) or none["north"] != none["south"] or none["east"] != none["west"]:
        return mine.with_properties(**arms, up="true")
    if arms["north"] == arms["south"] == "tall" or arms["east"] == arms["west"] == "tall":
        return mine.with_properties(**arms, up="false")
    return mine.with_properties(**arms, up="true" if _raises_post(above) else "false")


def stairs_state(mine: BlockState, at: Neighbour) -> BlockState:
    properties = dict(mine.properties)
    facing, half = properties["facing"], properties["half"]

    def stairs(side: str) -> dict[str, str] | None:
        other = at(*WAYS[side])
        found = dict(other.properties)
        return found if is_a(other, "_stairs") and found["half"] == half else None

    def free(side: str) -> bool:
        other = stairs(side)
        return other is None or other["facing"] != facing

    ahead, behind = stairs(facing), stairs(turned(facing, 2))
    if (
        ahead
        and NAMES.index(ahead["facing"]) % 2 != NAMES.index(facing) % 2
        and free(turned(ahead["facing"], 2))
    ):
        return mine.with_properties(
            shape="outer_left" if ahead["facing"] == turned(facing, -1) else "outer_right"
        )
    if (
        behind
        and NAMES.index(behind["facing"]) % 2 != NAMES.index(facing) % 2
        and free(behind["facing"])
    ):
        return mine.with_properties(
            shape="inner_left" if behind["facing"] == turned(facing, -1) else "inner_right"
        )
    return mine.with_properties(shape="straight")


def connects(state: BlockState) -> bool:
    return is_a(state, "glass_pane", "_bars", "_fence", "_wall", "_fence_gate", "_stairs")


def connected(mine: BlockState, at: Neighbour = lambda *_: AIR) -> BlockState:
    """The state that the game would give this block among its neighbours."""
    if is_a(mine, "_stairs"):
        return stairs_state(mine, at)
    if is_a(mine, "_wall"):
        return wall_state(mine, at)
    if is_a(mine, "_fence_gate"):
        facing = dict(mine.properties)["facing"]
        lowered = any(is_a(at(*WAYS[turned(facing, quarters)]), "_wall") for quarters in (1, -1))
        return mine.with_properties(in_wall="true" if lowered else "false")
    fence = is_a(mine, "_fence")
    sides = {
        side: _fence_joins(mine, at(*way), side) if fence else _pane_joins(at(*way), side)
        for side, way in WAYS.items()
    }
    return mine.with_properties(
        **{side: "true" if joined else "false" for side, joined in sides.items()}
    )
