"""A script that plays a child: it builds in a saved world of either edition with a library that is
not ours, in Java's words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from worlds.volume import BlockState

Place = tuple[int, int, int]
VERSION = ("java", (1, 21, 4))
OVERWORLD = "minecraft:overworld"


def build_in(
    world: Path, blocks: Mapping[Place, str], signs: Mapping[Place, str] | None = None
) -> None:
    """Sets blocks (x, y, z) of a world's folder, and oak signs that say something."""
    import amulet
    import amulet_nbt
    from amulet.api.block import Block
    from amulet.api.block_entity import BlockEntity

    level = amulet.load_level(str(world))
    try:
        for at, text in blocks.items():
            state = BlockState.parse(text)
            base = state.name.removeprefix("minecraft:")
            properties = {key: amulet_nbt.StringTag(value) for key, value in state.properties}
            level.set_version_block(*at, OVERWORLD, VERSION, Block("minecraft", base, properties))
        for at, text in (signs or {}).items():
            lines = amulet_nbt.ListTag(
                [amulet_nbt.StringTag(f'{{"text":"{line}"}}') for line in (text, "", "", "")]
            )
            side = amulet_nbt.CompoundTag({"messages": lines})
            entity = BlockEntity(
                "minecraft",
                "sign",
                *at,
                amulet_nbt.NamedTag(
                    amulet_nbt.CompoundTag(
                        {"utags": amulet_nbt.CompoundTag({}), "front_text": side}
                    )
                ),
            )
            block = Block("minecraft", "oak_sign", {"rotation": amulet_nbt.StringTag("0")})
            level.set_version_block(*at, OVERWORLD, VERSION, block, entity)
        level.save()
    finally:
        level.close()


def hut(x: int, y: int, z: int, block: str = "minecraft:oak_planks") -> dict[Place, str]:
    """A hut of five by five with a door, a window, and a flat roof."""
    found: dict[Place, str] = {}
    for dx in range(5):
        for dz in range(5):
            edge = dx in (0, 4) or dz in (0, 4)
            for dy in range(3):
                if edge:
                    found[x + dx, y + dy, z + dz] = block
            found[x + dx, y + 3, z + dz] = block
    found[x + 2, y, z] = found[x + 2, y + 1, z] = "minecraft:air"
    found[x, y + 1, z + 2] = "minecraft:glass"
    return {at: one for at, one in found.items() if one != "minecraft:air"}
