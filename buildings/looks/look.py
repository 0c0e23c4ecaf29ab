"""What a house is drawn with: the tables that the styles fill and the kernels read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from worlds.records import Table, record


class LookBlocks(NamedTuple):
    """Palette ids, 0 = none. wall2: of every second bay; shop: of the ground floor; light, glow:
    lamps, and those behind a lit window; roof_stairs, balcony, shelf: the first of four that face
    north, east, south, west (a balcony's railing stands away from the wall, which lies on that
    side); door: the first of eight, lower and upper half for each way it looks out; gate: of large
    doors that are closed."""

    wall: int
    wall2: int
    trim: int
    plinth: int
    shop: int
    floor: int
    glass: int
    pane: int
    light: int
    glow: int
    roof: int
    roof_slab: int
    roof_stairs: int
    flat_roof: int
    parapet: int
    door: int
    chimney: int
    balcony: int
    balcony_floor: int
    awning: int
    books: int
    shelf: int
    gate: int


class WindowShape(NamedTuple):
    """Blocks: width of a window, from one to the next, from the floor to it, its height."""

    width: int
    spacing: int
    sill: int
    height: int


class Look(NamedTuple):
    """How a house looks. storey, ground_storey: blocks from floor to floor; has_parapet: at the
    edge of a flat roof; front: shop windows; course: a band of trim above the ground floor;
    overhang: eaves; frame: boards above and below windows; shelves: share in sixteenths of the
    walls without windows that have them."""

    blocks: LookBlocks
    window: WindowShape
    storey: int
    ground_storey: int
    has_parapet: bool
    front: bool
    course: bool
    overhang: bool
    frame: bool
    shelves: int


class RoofLook(NamedTuple):
    """Palette ids, 0 = none. hanging: the slab in the upper half of a block that eaves are made of;
    copper: of turrets, its stairs the first of four; vent, vent_top, skylight: what stands on flat
    roofs; green, herb, carpet: of planted ones."""

    hanging: int
    copper: int
    copper_slab: int
    copper_stairs: int
    vent: int
    vent_top: int
    skylight: int
    green: int
    herb: int
    carpet: int


class StepBlocks(NamedTuple):
    """Palette ids. inside, outside: (4,) int32, of stairs that climb north, east, south, west;
    ladder: on a block north of it; post: such a block where there is no wall."""

    inside: NDArray[np.int32]
    ladder: int
    post: int
    outside: NDArray[np.int32]


class Looks(NamedTuple):
    """What the houses of a city are drawn with. houses: (n,) of LOOK; roofs: (n,) of ROOF_LOOK."""

    houses: Table
    roofs: Table
    steps: StepBlocks


LOOK, ROOF_LOOK = record(Look), record(RoofLook)
