"""Hedges, fences and walls: those of the data, and around gardens where the data have none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mc_city.city.themes.furnishing import doors_of
from mc_city.placing.gardens import garden_edges
from mc_city.settings.config import Config
from mc_city.site.houses import Houses
from mc_city.site.sources import theme_sources
from terrain.edges.edges import Edges, no_edges, plan_edges, read_edges
from terrain.frame import REGION
from terrain.streets.ways import Ways


def read_all_edges(
    config: Config, ways: Ways, villas: NDArray[np.object_], houses: Houses
) -> Edges:
    """villas: (n,) polygons of detached houses of today, in and around the area."""
    if not config.world.furniture:
        return no_edges()
    frame, grid = config.frame, config.grid
    given = read_edges(theme_sources(config, "terrain.edges"), frame, grid.grow(REGION).bounds)
    gardens = garden_edges(villas, ways, given.lines, frame)
    return plan_edges(given, gardens, ways, doors_of(houses), frame)
