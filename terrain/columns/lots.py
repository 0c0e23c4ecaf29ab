"""Named seeds of chance for `hash2`: what is decided by lot has a seed of its own, so that no two
answers hang together.

They are 64-bit numbers of numpy, so that `hash2` is compiled once, not anew for each of them.
"""

from __future__ import annotations

from typing import cast

import numpy as np


def _seed(number: int) -> int:
    return cast(int, np.int64(number))


GROUND_BLOCK = _seed(17)
"""Which of its cover's blocks a column has."""
PLANT_PATCH, PLANT = _seed(5), _seed(91)
BED, SHORE = _seed(311), _seed(313)
"""What beds and shores are mottled with."""
SWAY_X, SWAY_Z = _seed(61), _seed(67)
"""How the edges of a coarse land cover sway."""
QUAY_WALL = _seed(29)
WATER_PLANT, KELP, SEAGRASS, LILY = _seed(401), _seed(403), _seed(405), _seed(409)
BERTH, BOAT = _seed(77), _seed(79)
GRAVE, ALLOTMENT = _seed(211), _seed(223)
TREE_KIND, TREE_SHAPE, CROWN = _seed(41), _seed(43), _seed(131)
FOREST_PLACE, FOREST_KIND, FOREST_SHARE = _seed(71), _seed(73), _seed(79)
FOREST_GROWTH, UNDERGROWTH = _seed(83), _seed(97)
LITTER = _seed(613)
PARK_GROUP = _seed(617)
"""Where groups of trees stand in a park."""
THING_SHAPE, THING_FACING, THING_ORDER = _seed(71), _seed(83), _seed(79)
"""Of street furniture."""
EDGE_LOOK, GARDEN = _seed(811), _seed(821)
"""Which look of its kind an edge has, and what a garden has around it."""
ENCLOSURE = _seed(839)
"""What an area has around it."""
PARKED_HERE, PARKED_KIND, PARKED_FACING = _seed(829), _seed(823), _seed(827)
"""Of parked cars."""
LIT_WINDOW, SHELF = _seed(1), _seed(701)
ROOM = _seed(941)
"""How a storey is divided and furnished."""
ROOF_PLANT, ROOF_THING = _seed(77), _seed(78)
RUIN = _seed(821)
"""How much of a ruin's wall is left."""
AREA_LAYOUT, AREA_COLUMN, AREA_THING = _seed(911), _seed(919), _seed(929)
"""What is laid out on areas: which of several layouts, what is scattered, which thing stands."""
