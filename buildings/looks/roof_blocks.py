"""Which blocks roofs are made of, beside those of the façades' table; colours and materials that
the data gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.drawing.facades import (
    FLAT_ROOF,
    FRONT,
    ROOF,
    ROOF_SLAB,
    ROOF_STAIRS,
    SHOP,
    TRIM,
    WALL,
    WALL2,
)
from buildings.drawing.roofs import ROOF_LOOK
from buildings.looks.colours import made_of, nearest_block
from buildings.looks.styles import Styles, roof_states, use_style
from buildings.sources.footprints import Footprints
from buildings.sources.quarters import NEW
from worlds.volume import BlockState, Palette

TURRET_ROOF = "oxidized_cut_copper"
ON_FLAT_ROOFS = (
    "light_gray_concrete",
    "light_gray_concrete_slab[type=bottom]",
    "light_gray_stained_glass",
)
PLANTED = ("moss_block", "short_grass", "moss_carpet")
GREEN_WORDS = ("grass", "green", "sedum", "plants", "gräs", "garden")


def _hanging(family: str) -> BlockState:
    return BlockState.parse(f"{family}_slab[type=top]")


def _families(styles: Styles) -> list[str]:
    used = [look["roof"] for use in styles.uses.values() for look in use.looks]
    return list(
        dict.fromkeys(
            [*used, *styles.colours["roofs"], *styles.materials["roofs"].values(), TURRET_ROOF]
        )
    )


def roof_block_states(styles: Styles) -> Iterator[BlockState]:
    """Every state that roofs, and walls in given colours, can be drawn with."""
    for family in _families(styles):
        yield from roof_states(family)
        yield _hanging(family)
    yield from (
        BlockState.parse(name)
        for name in (*styles.colours["walls"], *styles.materials["walls"].values())
    )
    yield from (BlockState.parse(name) for name in (*ON_FLAT_ROOFS, *PLANTED))


def wall_of(footprints: Footprints, house: int, styles: Styles) -> str | None:
    """The block of the colour or material that the data gives a building's walls; None where it
    gives none."""
    by_colour = nearest_block(footprints.colour[house], styles.colours["walls"])
    return by_colour or made_of(footprints.material[house], styles.materials["walls"])


def roof_of(footprints: Footprints, house: int, styles: Styles) -> str | None:
    """The roof family of the colour or material that the data gives; None where it gives none."""
    by_colour = nearest_block(footprints.roof_colour[house], styles.colours["roofs"])
    return by_colour or made_of(footprints.roof_material[house], styles.materials["roofs"])


def _is_green(use: str, material: Any) -> bool:
    return use == NEW if material is None else any(word in str(material) for word in GREEN_WORDS)


def paint(
    look: NDArray[np.int32], footprints: Footprints, styles: Styles, palette: Palette
) -> NDArray[np.int32]:
    """`look` (buildings, LOOK) with the walls and roofs in the colours and materials that the data
    gives."""
    out = look.copy()
    for house in range(len(footprints)):
        wall, family = wall_of(footprints, house, styles), roof_of(footprints, house, styles)
        if wall:
            # What is of the same block as the wall is a part of it: corners, and a ground floor
            # without shop windows.
            same = [
                column
                for column in (TRIM, SHOP)
                if out[house, column] == look[house, WALL]
                or (column == SHOP and not look[house, FRONT])
            ]
            out[house, [WALL, WALL2, *same]] = palette.id(wall)
        if family:
            full, slab, stairs, *_ = (palette.id(state) for state in roof_states(family))
            out[house, [ROOF, FLAT_ROOF, ROOF_SLAB, ROOF_STAIRS]] = full, full, slab, stairs
    return out


def roof_table(footprints: Footprints, styles: Styles, palette: Palette) -> NDArray[np.int32]:
    """(buildings, ROOF_LOOK) int32, the columns named in buildings.drawing.roofs."""
    rows = np.zeros((len(footprints), ROOF_LOOK), np.int32)
    copper, copper_slab, copper_stairs, *_ = (
        palette.id(state) for state in roof_states(TURRET_ROOF)
    )
    vent, vent_top, skylight = (palette.id(name) for name in ON_FLAT_ROOFS)
    green, herb, carpet = (palette.id(name) for name in PLANTED)
    for house, (use, seed) in enumerate(zip(footprints.use, footprints.seed.tolist(), strict=True)):
        looks = use_style(styles, use).looks
        family = roof_of(footprints, house, styles) or looks[seed % len(looks)]["roof"]
        planted = green if _is_green(use, footprints.roof_material[house]) else 0
        rows[house] = [
            palette.id(_hanging(family)),
            copper,
            copper_slab,
            copper_stairs,
            vent,
            vent_top,
            skylight,
            planted,
            herb,
            carpet,
        ]
    return rows
