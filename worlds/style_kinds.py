"""What kind of block a style may name where the shipped one has a block: a wall is of full blocks,
what lies half a block higher is a slab, and nothing is half of a thing or falls down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worlds.block_names import is_known
from worlds.connections import full_cube
from worlds.materials import Materials
from worlds.volume import BlockState

ANY_SHAPE = (
    "furniture", "things", "area_things", "structures", "edges", "edge_points", "facades.chimney",
    "interiors.books", "roofs.vent",
)  # fmt: skip
"""What stands free: of any shape, whatever the shipped one is."""
ON_FIRM_GROUND = ("ground", "plots", "areas")
"""Tables of what cannot fall, since it lies on the ground."""
LOW_GROUND = ("dirt_path", "farmland")
"""Ground that is a sixteenth lower than a block."""
KEYS_ARE_BLOCKS = ("colours.walls", "models.blocks", "models.glass")
VALUES_ARE_BLOCKS = ("materials.walls",)
OPEN = (*KEYS_ARE_BLOCKS, *VALUES_ARE_BLOCKS)
FAMILIES = ("colours.roofs", "materials.roofs")
PARTS_OF_LOOKS = ("wall", "wall2", "trim", "plinth", "shop")
FALLING = (
    "sand", "gravel", "concrete_powder", "anvil", "dragon_egg", "scaffolding", "pointed_dripstone",
)  # fmt: skip
"""Ends of the names of blocks that fall when nothing is below them."""
HALVES = ({"upper", "lower"}, {"head", "foot"})
"""Values of a property that says which half of a thing of two blocks one is."""

Named = tuple[str, str]
"""Where a block is named in the table, and as what."""


def facing_north(text: str) -> str:
    """The text of a state whose directions turn with a thing, for one that faces north."""
    ways = {"ahead": "north", "right": "east", "back": "south", "left": "west"}
    for way, side in ways.items():
        text = text.replace(f"{{{way}}}", side)
    return text


def own_blocks(shipped: Materials, own: Mapping[str, Any]) -> Iterator[tuple[str, Named, str]]:
    """(which kind is wanted, the place and the name, a block of the kind) of every block that a
    user's table names; families, which are no blocks, are left out."""
    for place, base, value in _values(shipped.table, own, ""):
        known = [text for text in base if _is_block(text)]
        if not _is_block(value) or len(known) < len(base):
            continue
        states = [shipped.state(facing_north(text), place) for text in base]
        if place.startswith(ANY_SHAPE):
            kind = "any"
        elif all(_is_full(state, place) for state in states):
            kind = "full"
        else:
            kind = "slab" if all(text.endswith("_slab") for text in _names(states)) else "any"
        # What the shipped table has in the same list can stand there.
        yield kind, (place, value), value if value in base else base[0]


def wrong_kind(kind: str, state: BlockState, place: str, like: BlockState) -> str:
    """What is wrong with a block at a place of the table; empty where nothing is. like: the block
    that the shipped table has there."""
    name = state.name.removeprefix("minecraft:")
    if kind == "full" and not _is_full(state, place):
        return f"{name} is no full block"
    if kind == "slab" and not name.endswith("_slab"):
        return f"{name} is no slab"
    if _is_half(state) and not _is_half(like):
        return f"{name} is half of a thing of two blocks"
    falls = name.endswith(FALLING) and not place.startswith(ON_FIRM_GROUND)
    return f"{name} falls down" if falls and kind == "full" else ""


def _is_block(text: str) -> bool:
    return is_known(text.partition("[")[0])


def _names(states: Sequence[BlockState]) -> list[str]:
    return [state.name.removeprefix("minecraft:") for state in states]


def _is_full(state: BlockState, place: str) -> bool:
    low = place.startswith("ground") and state.name.removeprefix("minecraft:") in LOW_GROUND
    return low or full_cube(state)


def _is_half(state: BlockState) -> bool:
    return any(value in half for _, value in state.properties for half in HALVES)


def _values(
    base: Mapping[str, Any], own: Mapping[str, Any], place: str
) -> Iterator[tuple[str, Sequence[str], str]]:
    """(place, the shipped texts there, the user's text) of every text that may name a block."""
    for key, value in own.items():
        name = f"{place}.{key}" if place else key
        if name in FAMILIES:
            continue
        if place in KEYS_ARE_BLOCKS:
            yield name, list(base)[:1], key
        elif place in VALUES_ARE_BLOCKS:
            yield name, list(base.values())[:1], value
        elif isinstance(value, Mapping):
            beside = _together(base) if place and name not in OPEN else {}
            yield from _values({**beside, **base[key]}, value, name)
        elif isinstance(value, str):
            yield name, [base[key]], value
        elif isinstance(value, list):
            yield from _values_of_list(base[key], value, name)


def _values_of_list(
    base: Sequence[Any], own: Sequence[Any], name: str
) -> Iterator[tuple[str, Sequence[str], str]]:
    for number, value in enumerate(own):
        if isinstance(value, str):
            yield f"{name}.{number}", base, value
        elif isinstance(value, Mapping):
            for part in PARTS_OF_LOOKS:
                if isinstance(value.get(part), str):
                    yield f"{name}.{number}.{part}", [base[0]["wall"]], value[part]


def _together(base: Mapping[str, Any]) -> dict[str, Any]:
    """What tables that stand side by side hold: each may have the keys of the others."""
    rows = (row for row in base.values() if isinstance(row, Mapping))
    return {key: value for row in rows for key, value in row.items()}
