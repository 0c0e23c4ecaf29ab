"""Trees, and what stands along streets and keeps clear of all else: signs, lamps and furniture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildings.plans.gates import openings
from mc_city.city.themes.plans import Plans
from mc_city.city.themes.streets import Streets
from mc_city.placing.furniture import (
    Standing,
    large_things,
    plan_furniture,
    small_things,
    with_raised,
)
from mc_city.placing.gardens import drive_cars
from mc_city.placing.lamps import Lamps, plan_lamps
from mc_city.placing.laser_trees import laser_trees, with_laser_trees
from mc_city.placing.parking import parked_cars, waiting_buses
from mc_city.placing.planting import Planting, plant
from mc_city.placing.platforms import platform_things, read_stations
from mc_city.placing.posts import Posts, obstacles, plan_posts, with_plates
from mc_city.placing.speeds import speed_signs
from mc_city.placing.stops import stop_signs
from mc_city.settings.config import Config
from mc_city.site.houses import Houses
from mc_city.site.land import Land
from mc_city.site.sources import theme_sources
from terrain.areas.parcels import Parcels
from terrain.columns.outlines import outlines_of
from terrain.frame import REGION, Grid
from terrain.furniture.drawing import Furniture, no_furniture
from terrain.furniture.things import GivenFurniture
from terrain.points.tops import Tops
from terrain.spans.decks import Decks
from terrain.streets.ways import Ways
from terrain.trees.shapes import TREE_REACH
from terrain.trees.trees import read_trees
from terrain.water.bodies import WaterBodies
from worlds.fixtures import Fixture
from worlds.rect import Rect
from worlds.words import Words


@dataclass(frozen=True, kw_only=True, eq=False)
class Furnishing:
    """What stands along streets. given: what the data knows of furniture."""

    posts: Posts
    lamps: Lamps
    given: GivenFurniture
    furniture: Furniture


def read_planting(
    config: Config, plans: Plans, tops: Tops | None, land: Land, houses: Houses
) -> tuple[Planting, int]:
    """(the trees that are known; how many of them only the laser sees). tops: what that sees."""
    frame, around = config.frame, config.grid.grow(TREE_REACH)
    today, count = read_trees(theme_sources(config, "terrain.trees"), frame, around.bounds), 0
    if tops is not None:
        existing = outlines_of(houses.footprints.geometry[: houses.existing], frame)
        today, count = with_laser_trees(
            today, laser_trees(tops, land, existing, around), frame.scale
        )
    works = [(work.shape, work.options) for work in plans.works]
    return plant(today, plans.developments, works, frame), count


class Around(NamedTuple):
    """places: east, north, name; villas: (n,) polygons of detached houses of today, in and around
    the area, and the parcels that they lie on; decks: bridges and platforms; plots: where a class
    builds."""

    places: Sequence[tuple[float, float, str]]
    villas: NDArray[np.object_]
    parcels: Parcels
    decks: Decks
    plots: Sequence[Rect]


def read_furnishing(
    config: Config,
    streets: Streets,
    water: WaterBodies,
    houses: Houses,
    plans: Plans,
    planting: Planting,
    fixtures: Sequence[Fixture],
    around: Around,
) -> Furnishing:
    given = streets.given
    works = [work.shape for work in plans.works]
    posts, lamps = _read_posts(
        streets.ways,
        config.grid,
        houses,
        works=works,
        places=around.places,
        given=given,
        words=config.words,
    )
    furniture = no_furniture()
    if config.world.furniture:
        standing = _standing(houses, posts, lamps, planting, fixtures)
        standing = replace(standing, boards=[*standing.boards, *around.plots])
        roadway = streets.roadway
        more = parked_cars(streets.covers, streets.ways, roadway, config.frame)
        more += waiting_buses(given.things, streets.ways, roadway, config.frame.scale)
        more += speed_signs(roadway, given)
        more += drive_cars(around.villas, streets.ways, config.frame, around.parcels)
        furniture, plates = plan_furniture(
            given,
            streets.ways,
            streets.covers,
            water=water,
            standing=standing,
            frame=config.frame,
            more=more,
        )
        stations = read_stations(
            theme_sources(config, "names.places"), config.frame, config.grid.grow(REGION).bounds
        )
        furniture, plates = with_raised(
            furniture, plates, *platform_things(around.decks, stations, config.frame.scale)
        )
        posts = with_plates(posts, plates)
    return Furnishing(posts=posts, lamps=lamps, given=given, furniture=furniture)


def _read_posts(
    ways: Ways,
    grid: Grid,
    houses: Houses,
    works: Sequence[Any],
    places: Sequence[tuple[float, float, str]],
    given: GivenFurniture,
    words: Words,
) -> tuple[Posts, Lamps]:
    """Signs with names and street lamps, clear of all that any plan builds, digs or levels."""
    planned = ~houses.presence.of_today
    geometry = houses.footprints.geometry
    changed = [*works, *geometry[planned], *large_things(given)]
    barred = obstacles(geometry[~planned], ways, changed, small_things(given))
    lasting = ~planned & ~houses.presence.taken
    stops = stop_signs(given, ways, barred, words.own["stop"])
    posts = plan_posts(
        grid.frame,
        ways,
        places,
        barred=barred,
        names=houses.footprints.name,
        plans=houses.plans,
        lasting=lasting,
        stops=stops,
    )
    known = np.array([(lamp.east, lamp.north) for lamp in given.lamps], np.float64)
    return posts, plan_lamps(
        ways,
        grid.frame,
        barred,
        doors_of(houses),
        np.stack([posts.x, posts.z], axis=1),
        known=known.reshape(-1, 2),
    )


def _standing(
    houses: Houses, posts: Posts, lamps: Lamps, planting: Planting, fixtures: Sequence[Fixture]
) -> Standing:
    """What furniture keeps clear of, in whatever state of the plans it stands."""
    columns = [np.stack([things.x, things.z], axis=1) for things in (posts, lamps)]
    trees = np.stack([planting.trees.x, planting.trees.z], axis=1)
    return Standing(
        doors_of(houses), np.concatenate(columns), trees, [fixture.ground for fixture in fixtures]
    )


def doors_of(houses: Houses) -> NDArray[np.int32]:
    """(n, 2) int32 columns x, z, large doors with each of theirs."""
    door = openings(houses.plans.door, houses.plans.gate)
    return np.stack([door["x"], door["z"]], axis=1)
