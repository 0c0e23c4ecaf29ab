"""Planned changes of the ground: what is levelled, filled, paved, dug and flooded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.columns.strips import strips
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.ground.ground import FRESH, NO_WATER, Ground, hold_water
from terrain.streets.profiles import PAVEMENT_M
from terrain.streets.words import WIDTHS_M, WITH_PAVEMENT
from terrain.vectors.words import metres_of
from terrain.works.presence import Options

PATHS = ("footway", "path", "track", "steps")
SURFACES = {
    "park": "park", "grass": "grass", "garden": "park", "meadow": "grass", "lawn": "park",
    "square": "square", "plaza": "square",
    "quay": "quay", "pier": "quay", "asphalt": "asphalt", "parking": "asphalt", "gravel": "gravel",
    "path": "gravel",
    "playground": "playground", "pavement": "pavement", "sidewalk": "pavement", "beach": "shore",
    "torg": "square", "kaj": "quay",
    "lekplats": "playground", "asfalt": "asphalt", "grus": "gravel", "gräs": "grass",
}  # fmt: skip
"""Cover of each word for a surface, in English and Swedish."""
FILL_ABOVE_WATER = {"quay": 2}
"""Blocks above the water to which land is filled when a plan gives no level; others 1."""
POOL_DEPTH = 3
KEEP = -32768
"""Level of works that follow today's ground."""


@dataclass(frozen=True)
class GroundWorks:
    """Polygons in the order in which they are laid: later ones over earlier ones.

    cover: (n,) int32, codes of COVERS; level_y: (n,) int32, top block of the ground or of the
    water, KEEP = as it is today;
    water: (n,) bool, what becomes water; options: (n, options) bool, see
    `buildings.developments.developments`.
    """

    outlines: Outlines
    cover: NDArray[np.int32]
    level_y: NDArray[np.int32]
    water: NDArray[np.bool_]
    options: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.cover)

    def chosen(self, active: Options) -> NDArray[np.int64]:
        """The works of the active options (options,) bool."""
        return (
            np.flatnonzero((self.options & active).any(axis=1))
            if len(self)
            else np.zeros(0, np.int64)
        )


@dataclass(frozen=True)
class Work:
    """One change before it is an outline. shape: polygon in the city's CRS; level_m: metres above
    the datum, NaN = not given;
    water: whether it becomes water; street: whether it is one drawn as a line."""

    shape: Any
    cover: str
    level_m: float
    water: bool
    options: NDArray[np.bool_]
    street: bool = False


def ground_works(works: Sequence[Work], frame: Frame, options: int) -> GroundWorks:
    """The works as outlines, in their order."""
    levels = np.array([work.level_m for work in works], float)
    levels_y = np.where(np.isnan(levels), KEEP, frame.y_block(np.nan_to_num(levels))).astype(
        np.int32
    )
    return GroundWorks(
        outlines_of([work.shape for work in works], frame),
        np.array([COVER[work.cover] for work in works], np.int32),
        levels_y,
        np.array([work.water for work in works], bool),
        np.array([work.options for work in works], bool).reshape(len(works), options),
    )


def settle_water(
    works: GroundWorks, ground_over: Callable[[Grid], Ground], frame: Frame
) -> GroundWorks:
    """The works with a level for all water: where none was given, that of the lowest ground or
    water in it and around it."""
    level_y = works.level_y.copy()
    for number in np.flatnonzero(works.water & (works.level_y == KEEP)):
        left, top, right, bottom = works.outlines.boxes[number]
        x0, z0 = int(np.floor(left)) - 2, int(np.floor(top)) - 2
        grid = Grid(frame, x0, z0, int(np.ceil(right)) + 2 - x0, int(np.ceil(bottom)) + 2 - z0)
        inside = np.full(grid.shape, -1, np.int32)
        burn(
            works.outlines, np.zeros(len(works), np.int32), x0, z0, inside, order=np.array([number])
        )
        around = binary_dilation(inside >= 0)
        if around.any():
            level_y[number] = int(ground_over(grid).standing_y[around].min())
    return replace(works, level_y=level_y)


def street_works(
    line: Any, highway: str, width: Any, level_m: float, options: NDArray[np.bool_]
) -> list[Work]:
    """A planned street as works: pavement under its carriageway, as the streets of today are
    laid."""
    known = metres_of(width)
    metres = known if known == known else WIDTHS_M.get(highway, 6.0)
    works = []
    if highway in WITH_PAVEMENT:
        works.append(
            Work(
                shape=shapely.buffer(line, metres / 2 + PAVEMENT_M, cap_style="flat"),
                cover="pavement",
                level_m=level_m,
                water=False,
                options=options,
                street=True,
            )
        )
    cover = "square" if highway == "pedestrian" else "gravel" if highway in PATHS else "asphalt"
    return [
        *works,
        Work(
            shape=strips(np.array([line], object), np.array([metres / 2]))[0],
            cover=cover,
            level_m=level_m,
            water=False,
            options=options,
            street=True,
        ),
    ]


def works_at(works: GroundWorks, active: Options, grid: Grid) -> NDArray[np.int32]:
    """(z, x) int32: the last of the works of the active options in each column, −1 = none."""
    owner = np.full(grid.shape, -1, np.int32)
    burn(
        works.outlines,
        np.arange(len(works), dtype=np.int32),
        grid.x0,
        grid.z0,
        owner,
        order=works.chosen(active),
    )
    return owner


def apply_works(
    ground: Ground, works: GroundWorks, active: Options, kept: NDArray[np.bool_]
) -> Ground:
    """The ground with the works of the active options; columns that are `kept` (z, x) stay as they
    are.

    Each column depends on itself and on its neighbours only. active: (options,) bool.
    """
    chosen = works.chosen(active)
    if len(chosen) == 0:
        return ground
    owner = works_at(works, active, ground.grid)
    changed = (owner >= 0) & ~kept
    if not changed.any():
        return ground
    work = owner[changed]
    ground_y, water_y = ground.ground_y.copy(), ground.water_y.copy()
    kind, cover, missing, half = (
        ground.water_kind.copy(),
        ground.cover.copy(),
        ground.missing.copy(),
        ground.half.copy(),
    )
    was_wet = water_y[changed] != NO_WATER
    above = np.where(works.cover[work] == COVER["quay"], FILL_ABOVE_WATER["quay"], 1)
    natural = np.where(was_wet, water_y[changed] + above, ground_y[changed])
    flooded, level = works.water[work], works.level_y[work]
    land = np.where(level == KEEP, natural, level)
    ground_y[changed] = np.where(flooded, np.minimum(level - POOL_DEPTH, ground_y[changed]), land)
    water_y[changed] = np.where(flooded, level, NO_WATER)
    kind[changed] = np.where(flooded, FRESH, 0)
    cover[changed] = works.cover[work]
    half[changed] = False
    missing[changed] = False
    # Where the works leave water without a bank, its edge becomes one, as everywhere.
    bank = hold_water(ground_y, water_y)
    ground_y[bank] = water_y[bank]
    cover[bank] = COVER["shore"]
    water_y[bank], kind[bank] = NO_WATER, 0
    return replace(
        ground,
        ground_y=ground_y,
        water_y=water_y,
        water_kind=kind,
        cover=cover,
        missing=missing,
        half=half,
    )


def reached_columns(works: GroundWorks, active: Options, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns inside the works of the active options."""
    return np.asarray(works_at(works, active, grid) >= 0)
