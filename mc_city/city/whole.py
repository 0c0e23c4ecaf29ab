"""Large areas, of which one district after another is read and built, so that memory does not grow
with the area: what is decided of the whole before, and what of it each district takes.

A city is alike in whatever area it is read for, so districts join block for block. Only boards, the
city room and the map wall are asked of a whole area; they are placed first, each in a city that is
read around it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import MODEL, Developments, PlannedFeatures
from mc_city.placing.class_plots import NO_CLASS_PLOTS, ClassPlots
from mc_city.settings.config import Config
from mc_city.site.ideas import NO_IDEAS, Ideas
from mc_city.site.models import ShapedModels
from mc_city.site.sources import SeenTheme
from terrain.frame import REGION, Grid
from worlds.fixtures import Fixture

DISTRICT = 6
"""Regions along one side of a district: larger ones need more memory, smaller ones read more that
lies beside them."""
LARGE = 64
"""Regions of an area that is read in districts, at least."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Whole:
    """What is decided of an area before its districts are. config: of the whole area; models,
    ideas: all that stand in it; fixtures, spawn, class_plots: as in `City`, empty while they are
    looked for."""

    config: Config
    seen: tuple[SeenTheme, ...]
    models: ShapedModels
    developments: Developments
    places: tuple[tuple[float, float, str], ...]
    fixtures: tuple[Fixture, ...] = ()
    spawn: tuple[int, int, int, float] = (0, 0, 0, 0.0)
    class_plots: ClassPlots = NO_CLASS_PLOTS
    ideas: Ideas = NO_IDEAS

    @property
    def has_models(self) -> bool:
        """Whether any district holds a model: all share one palette."""
        return len(self.models.shaped) > 0


def districts_of(grid: Grid) -> list[Grid]:
    """The pieces in which an area is built, row by row: whole regions but at its edges. The area
    itself where it has less than LARGE of them."""
    if len(list(grid.regions())) < LARGE:
        return [grid]
    length = DISTRICT * REGION
    rows = range(grid.z0 // length, -(-(grid.z0 + grid.nz) // length))
    columns = range(grid.x0 // length, -(-(grid.x0 + grid.nx) // length))
    return [
        Grid(grid.frame, column * length, row * length, length, length).intersection(grid)
        for row in rows
        for column in columns
    ]


def _where(features: PlannedFeatures, mine: NDArray[np.bool_]) -> PlannedFeatures:
    return PlannedFeatures(
        features.geometry[mine],
        features.options[mine],
        {name: values[mine] for name, values in features.columns.items()},
    )


def _near(features: PlannedFeatures, area: shapely.Polygon) -> PlannedFeatures:
    return _where(
        features,
        shapely.intersects(features.geometry, area) if len(features) else np.zeros(0, bool),
    )


def plans_near(whole: Whole, grid: Grid) -> tuple[ShapedModels, Developments]:
    """(models, developments) that may reach into a district: all layers with their options, of
    their features those near it. The numbers by which features name models are those of the
    returned ones."""
    outer = grid.grow(REGION)
    near = [
        number
        for number, model in enumerate(whole.models.shaped)
        if model.shape.rect.meets(outer.rect)
    ]
    models = ShapedModels(
        shaped=tuple(whole.models.shaped[number] for number in near),
        skipped=whole.models.skipped,
    )
    area = shapely.box(*outer.bounds)
    roles = {role: _near(one, area) for role, one in whole.developments.roles.items()}
    named = roles.get(MODEL)
    if named is not None and MODEL in named.columns:
        mine = np.isin(named.columns[MODEL].astype(int), near)
        own = _where(named, mine)
        own.columns[MODEL] = np.searchsorted(near, own.columns[MODEL].astype(int)).astype(object)
        roles[MODEL] = own
    return models, replace(whole.developments, roles=roles)
