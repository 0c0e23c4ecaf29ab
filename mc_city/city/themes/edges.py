"""Hedges, fences and walls: those of the data, and around gardens and other areas where the data
have none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mc_city.city.themes.furnishing import doors_of
from mc_city.placing.enclosures import enclosing_edges
from mc_city.placing.gardens import garden_edges
from mc_city.settings.config import Config
from mc_city.site.houses import Houses
from mc_city.site.sources import theme_sources
from terrain.areas.uses import UsedArea
from terrain.edges.edges import Edges, no_edges, plan_edges, read_edges
from terrain.frame import REGION
from terrain.streets.ways import Ways


def read_all_edges(
    config: Config,
    ways: Ways,
    villas: NDArray[np.object_],
    uses: Sequence[UsedArea],
    houses: Houses,
) -> Edges:
    """villas: (n,) polygons of detached houses of today, in and around the area; uses: areas that
    have a fence or wall around them as a rule."""
    if not config.world.furniture:
        return no_edges()
    frame, grid = config.frame, config.grid
    given = read_edges(theme_sources(config, "terrain.edges"), frame, grid.grow(REGION).bounds)
    gardens = garden_edges(villas, ways, given.lines, frame)
    around = enclosing_edges(uses, ways, given.shapes, frame)
    return plan_edges(
        given,
        [*gardens, *around.shapes],
        ways,
        doors_of(houses),
        frame,
        posts=around.posts,
        gates=around.gates,
    )
