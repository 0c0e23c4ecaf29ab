"""Which blocks roofs are made of, beside those of the façades' table; colours and materials that
the data gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from buildings.looks.colours import made_of, nearest_block
from buildings.looks.look import ROOF_LOOK, RoofLook
from buildings.looks.styles import Styles, roof_states, use_style
from buildings.sources.footprints import Footprints
from buildings.sources.quarters import NEW
from worlds.materials import Materials
from worlds.records import Table
from worlds.volume import BlockState, Palette

ON_FLAT_ROOFS = ("vent", "vent_top", "skylight")
PLANTED = ("planted", "herb", "carpet")
"""Materials of roofs."""
GREEN_WORDS = ("grass", "green", "sedum", "plants", "gräs", "garden")


def _hanging(materials: Materials, family: str) -> BlockState:
    return materials.state(f"{family}_slab[type=top]", "roof")


def _turret(styles: Styles) -> str:
    return styles.blocks.text("roofs.turret")


def _families(styles: Styles) -> dict[str, str]:
    """Each family of roofs, and where it first stands in the table."""
    named = [
        *(
            (look.roof, f"use.{use}.looks.{number}.roof")
            for use, style in styles.uses.items()
            for number, look in enumerate(style.looks)
        ),
        *((family, f"colours.roofs.{family}") for family in styles.colours["roofs"]),
        *(
            (family, f"materials.roofs.{word}")
            for word, family in styles.materials["roofs"].items()
        ),
        (_turret(styles), "roofs.turret"),
    ]
    found: dict[str, str] = {}
    for family, place in named:
        found.setdefault(family, place)
    return found


def roof_block_states(styles: Styles) -> Iterator[BlockState]:
    """Every state that roofs, and walls in given colours, can be drawn with."""
    materials = styles.blocks
    for family, place in _families(styles).items():
        yield from roof_states(materials, family, place)
        yield _hanging(materials, family)
    yield from (materials.state(name, f"colours.walls.{name}") for name in styles.colours["walls"])
    yield from (
        materials.state(name, f"materials.walls.{word}")
        for word, name in styles.materials["walls"].items()
    )
    yield from (materials.block(f"roofs.{part}") for part in (*ON_FLAT_ROOFS, *PLANTED))


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


def paint(look: Table, footprints: Footprints, styles: Styles, palette: Palette) -> Table:
    """`look` (buildings,) of LOOK with the walls and roofs in the colours and materials that the
    data gives."""
    out, materials = look.copy(), styles.blocks
    blocks, before = out["blocks"], look["blocks"]
    for house in range(len(footprints)):
        wall, family = wall_of(footprints, house, styles), roof_of(footprints, house, styles)
        if wall:
            block = palette.id(materials.state(wall, "walls"))
            # What is of the same block as the wall is a part of it: corners, and a ground floor
            # without shop windows.
            if before["trim"][house] == before["wall"][house]:
                blocks["trim"][house] = block
            if before["shop"][house] == before["wall"][house] or not look["front"][house]:
                blocks["shop"][house] = block
            blocks["wall"][house] = blocks["wall2"][house] = block
        if family:
            full, slab, *stairs = roof_states(materials, family)
            blocks["roof"][house] = blocks["flat_roof"][house] = palette.id(full)
            blocks["roof_slab"][house] = palette.id(slab)
            blocks["roof_stairs"][house] = palette.run(stairs)
    return out


def _ids(palette: Palette, materials: Materials, parts: tuple[str, ...]) -> list[int]:
    return [palette.id(materials.block(f"roofs.{part}")) for part in parts]


def roof_table(footprints: Footprints, styles: Styles, palette: Palette) -> Table:
    """(buildings,) of ROOF_LOOK."""
    rows = np.zeros(len(footprints), ROOF_LOOK)
    materials = styles.blocks
    copper, copper_slab, *copper_stairs = roof_states(materials, _turret(styles))
    vent, vent_top, skylight = _ids(palette, materials, ON_FLAT_ROOFS)
    green, herb, carpet = _ids(palette, materials, PLANTED)
    for house, (use, seed) in enumerate(zip(footprints.use, footprints.seed.tolist(), strict=True)):
        looks = use_style(styles, use).looks
        family = roof_of(footprints, house, styles) or looks[seed % len(looks)].roof
        rows[house] = RoofLook(
            hanging=palette.id(_hanging(materials, family)),
            copper=palette.id(copper),
            copper_slab=palette.id(copper_slab),
            copper_stairs=palette.run(copper_stairs),
            vent=vent,
            vent_top=vent_top,
            skylight=skylight,
            green=green if _is_green(use, footprints.roof_material[house]) else 0,
            herb=herb,
            carpet=carpet,
        )
    return rows
