"""The shapes of blocks, as boxes in sixteenths of a block: near enough for a picture."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from worlds.natures import FLOWERS, GREENERY
from worlds.volume import BlockState


class Box(NamedTuple):
    """Two corners, x, y and z in sixteenths of a block from its west, lower, north corner."""

    low: tuple[int, int, int]
    high: tuple[int, int, int]


FULL = Box((0, 0, 0), (16, 16, 16))
UNSEEN = frozenset(("air", "cave_air", "void_air", "light", "barrier", "structure_void"))
SMALL = frozenset((
    "torch", "wall_torch", "soul_torch", "lantern", "soul_lantern", "sea_pickle", "candle",
    "lever", "tripwire_hook", "flower_pot", "lightning_rod", "end_rod", "pointed_dripstone",
    "iron_chain", "copper_chain", "conduit",
))  # fmt: skip
"""Thin or little things in the middle of their block."""
FLAT = frozenset((
    "rail", "powered_rail", "detector_rail", "activator_rail", "lily_pad", "redstone_wire",
    "repeater", "comparator", "moss_carpet", "pale_moss_carpet", "pink_petals", "wildflowers",
    "leaf_litter",
))  # fmt: skip
HALF = frozenset(("daylight_detector", "cake", "stonecutter", "sculk_sensor", "heavy_core"))
SIDES: dict[str, tuple[int, int]] = {
    "north": (0, -1), "south": (0, 1), "west": (-1, 0), "east": (1, 0),
}  # fmt: skip
"""x and z of a step to each side."""
OPPOSITE = {"north": "south", "south": "north", "west": "east", "east": "west"}


def _at_side(side: str, thick: int, low: int = 0, high: int = 16) -> Box:
    """A plate at a side of its block."""
    dx, dz = SIDES.get(side, (0, 1))
    return Box(
        (16 - thick if dx > 0 else 0, low, 16 - thick if dz > 0 else 0),
        (thick if dx < 0 else 16, high, thick if dz < 0 else 16),
    )


def _joined(held: dict[str, str], half: int, high: int) -> tuple[Box, ...]:
    """A post with arms to the sides to which it is joined. half: its half width."""
    low, top = 8 - half, 8 + half
    arms = [
        Box(
            (0 if dx < 0 else top if dx > 0 else low, 0, 0 if dz < 0 else top if dz > 0 else low),
            (
                16 if dx > 0 else low if dx < 0 else top,
                high,
                16 if dz > 0 else low if dz < 0 else top,
            ),
        )
        for side, (dx, dz) in SIDES.items()
        if held.get(side, "false") not in ("false", "none")
    ]
    return Box((low, 0, low), (top, high, top)), *arms


def _stairs(held: dict[str, str]) -> tuple[Box, ...]:
    """A slab and, towards `facing`, half of the other one; corners are drawn as straight ones."""
    upside = held.get("half") == "top"
    slab = Box((0, 8 if upside else 0, 0), (16, 16 if upside else 8, 16))
    step = _at_side(held.get("facing", "north"), 8, 0 if upside else 8, 8 if upside else 16)
    return (step, slab) if upside else (slab, step)


def _snow(held: dict[str, str]) -> int:
    """Layers of snow, 1 to 8, whatever somebody wrote."""
    return int(held["layers"]) if held.get("layers") in tuple("12345678") else 1


def _by_end(name: str, held: dict[str, str]) -> tuple[Box, ...] | None:
    """The shape of a block by what its name ends in; None = another."""
    facing = held.get("facing", "north")
    if name.endswith("_slab"):
        lower = {"bottom": 0, "top": 8}.get(held.get("type", "bottom"))
        return (FULL,) if lower is None else (Box((0, lower, 0), (16, lower + 8, 16)),)
    if name.endswith("_stairs"):
        return _stairs(held)
    if name.endswith(("_trapdoor", "_shelf")):
        if held.get("open") == "true" or name.endswith("_shelf"):
            return (_at_side(OPPOSITE.get(facing, "south"), 3),)
        low = 13 if held.get("half") == "top" else 0
        return (Box((0, low, 0), (16, low + 3, 16)),)
    if name.endswith("_door"):
        # Thicker than it is: in the depth of its wall nobody would see it.
        return (_at_side(OPPOSITE.get(facing, "south"), 10),)
    if name.endswith(("_wall_sign", "_wall_banner", "_wall_fan", "_button")) or name in (
        "ladder",
        "vine",
        "glow_lichen",
    ):
        inset = (4, 12) if name.endswith(("_sign", "_button")) else (0, 16)
        return (_at_side(OPPOSITE.get(facing, "south"), 2, *inset),)
    if name.endswith(("_sign", "_banner")):
        return Box((7, 0, 7), (9, 8, 9)), Box((1, 7, 7), (15, 15, 9))
    if name.endswith("_bed"):
        return (Box((0, 0, 0), (16, 9, 16)),)
    if name.endswith("_fence_gate"):
        along = facing in ("north", "south")
        return (Box((0, 3, 7), (16, 15, 9)) if along else Box((7, 3, 0), (9, 15, 16)),)
    return None


def _thin(name: str, held: dict[str, str]) -> tuple[Box, ...] | None:
    """The shape of what is joined to its neighbours, flat, small or grows; None = another."""
    if name.endswith("_fence"):
        return _joined(held, 2, 15)
    if name.endswith(("_pane", "_bars")):
        return _joined(held, 1, 16)
    if name.endswith("_wall"):
        return _joined(held, 4, 15)
    if name.endswith(("_carpet", "_pressure_plate")) or name in FLAT:
        return (Box((0, 0, 0), (16, 1, 16)),)
    if name == "snow":
        return (Box((0, 0, 0), (16, 2 * _snow(held), 16)),)
    if name in HALF:
        return (Box((0, 0, 0), (16, 8, 16)),)
    if name in SMALL or name.endswith(("_torch", "_candle", "_chain", "_lantern")):
        return (Box((6, 0, 6), (10, 9, 10)),)
    if name.endswith(("_head", "_skull")) or name in ("dragon_egg", "turtle_egg", "decorated_pot"):
        return (Box((4, 0, 4), (12, 8, 12)),)
    if name in FLOWERS or name.endswith("_tulip") or name.startswith("potted_"):
        return Box((7, 0, 7), (9, 7, 9)), Box((5, 7, 5), (11, 12, 11))
    if name in GREENERY or name.endswith(("_sapling", "_propagule", "_fungus", "_roots")):
        return (Box((4, 0, 4), (12, 10, 12)),)
    return None


@lru_cache(maxsize=8192)
def boxes_of(state: BlockState) -> tuple[Box, ...]:
    """What a block fills, none for what is not seen; whatever is not known is a whole block."""
    name, held = state.name.removeprefix("minecraft:"), dict(state.properties)
    if name in UNSEEN:
        return ()
    found = _by_end(name, held) or _thin(name, held)
    if found is not None:
        return found
    if name in ("dirt_path", "farmland"):
        return (Box((0, 0, 0), (16, 15, 16)),)
    if name.endswith("chest"):
        return (Box((1, 0, 1), (15, 14, 15)),)
    if name in ("cactus", "bamboo", "sugar_cane"):
        return (
            (Box((1, 0, 1), (15, 16, 15)),) if name == "cactus" else (Box((5, 0, 5), (11, 16, 11)),)
        )
    if name in ("wheat", "carrots", "potatoes", "beetroots", "sweet_berry_bush"):
        return (Box((2, 0, 2), (14, 9, 14)),)
    return (FULL,)


def lets_light_through(state: BlockState) -> bool:
    """Whether what stands behind a block is seen through it."""
    name = state.name.removeprefix("minecraft:")
    return name in ("water", "ice", "slime_block", "honey_block", "bubble_column") or (
        name.endswith(("glass", "glass_pane"))
    )
