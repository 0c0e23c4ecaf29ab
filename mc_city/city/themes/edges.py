"""Hedges, fences and walls: those of the data, and around gardens and other areas where the data
have none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mc_city.city.themes.furnishing import doors_of
from mc_city.placing.enclosures import enclosing_edges
from mc_city.placing.gardens import garden_edges
from mc_city.settings.config import Config
from mc_city.site.houses import Houses
from mc_city.site.sources import theme_sources
from terrain.areas.parcels import Parcels
from terrain.areas.uses import UsedArea
from terrain.edges.edges import Edges, ParcelCounts, no_edges, plan_edges, read_edges
from terrain.frame import REGION
from terrain.streets.ways import Ways


def read_all_edges(
    config: Config,
    ways: Ways,
    villas: NDArray[np.object_],
    uses: Sequence[UsedArea],
    houses: Houses,
    parcels: Parcels,
) -> Edges:
    """villas: (n,) polygons of detached houses of today, in and around the area; uses: areas that
    have a fence or wall around them as a rule; parcels: along which gardens have theirs."""
    if not config.world.furniture:
        return no_edges()
    frame, grid = config.frame, config.grid
    given = read_edges(theme_sources(config, "terrain.edges"), frame, grid.grow(REGION).bounds)
    gardens = garden_edges(villas, ways, given.lines, frame, parcels)
    around = enclosing_edges(uses, ways, given.shapes, frame)
    edges = plan_edges(
        given,
        [*gardens, *around.shapes],
        ways,
        doors_of(houses),
        frame,
        posts=around.posts,
        gates=around.gates,
    )
    theirs = np.unique(parcels.of(villas))
    counts = ParcelCounts(parcels.read, int((theirs >= 0).sum()), parcels.skipped)
    return replace(edges, parcels=counts)
