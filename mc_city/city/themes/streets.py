"""Streets and rails, with their heights, and squares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mc_city.city.city import Heights
from mc_city.settings.config import Config
from mc_city.site.land import dry_heights
from mc_city.site.sources import theme_sources
from terrain.areas.squares import SquareCovers, read_squares
from terrain.frame import REGION
from terrain.furniture.things import CROSSING, NOTHING_GIVEN, GivenFurniture, read_furniture
from terrain.points.reading import BRIDGE
from terrain.spans.measured_decks import with_measured_decks
from terrain.streets.profiles import Profiles, read_profiles
from terrain.streets.roadway import Roadway, roadway_along
from terrain.streets.sections import Crossings
from terrain.streets.ways import Ways, read_ways
from terrain.water.bodies import WaterBodies


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """Streets and rails. profiles: their heights; covers: squares; roadway: all of it as columns.
    Read a little beyond the area: doors look for streets, and houses on its edge must not change
    with it. given: street furniture that the data knows, crossings among it."""

    ways: Ways
    profiles: Profiles
    covers: SquareCovers
    roadway: Roadway
    given: GivenFurniture

    @property
    def crossings(self) -> Crossings:
        """Those that the data names."""
        return _crossings(self.given)


def _crossings(given: GivenFurniture) -> Crossings:
    places = [(one.east, one.north) for one in given.crossings]
    striped = [one.kind == CROSSING for one in given.crossings]
    return Crossings(np.array(places, np.float64).reshape(-1, 2), np.array(striped, bool))


def _read_given(config: Config) -> GivenFurniture:
    if not config.world.furniture:
        return NOTHING_GIVEN
    bounds = config.grid.grow(REGION).bounds
    return read_furniture(theme_sources(config, "terrain.furniture"), config.frame, bounds)


def read_streets(config: Config, heights: Heights, water: WaterBodies) -> Streets:
    frame, bounds = config.frame, config.grid.grow(REGION).bounds
    covers = read_squares(theme_sources(config, "terrain.squares"), frame, bounds)
    ways = with_measured_decks(
        read_ways(theme_sources(config, "terrain.streets"), frame, bounds),
        heights.laser.classed.of(BRIDGE),
    )
    profiles = read_profiles(
        ways, lambda window: dry_heights(heights.rasters, water, window), frame
    )
    given = _read_given(config)
    roadway = roadway_along(ways, profiles, frame, _crossings(given))
    return Streets(ways=ways, profiles=profiles, covers=covers, roadway=roadway, given=given)
