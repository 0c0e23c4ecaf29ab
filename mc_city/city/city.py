"""The city: everything that is read and decided once for a whole build, before the first tile."""

from __future__ import annotations

from dataclasses import dataclass

from buildings.developments.developments import Developments
from buildings.developments.volumes import AllowedVolumes
from mc_city.city.blocks import CityBlocks
from mc_city.city.unmapped_houses import Unmapped
from mc_city.placing.class_plots import ClassPlots
from mc_city.placing.ideas import KeptBlocks
from mc_city.placing.lamps import Lamps
from mc_city.placing.planting import Planting
from mc_city.placing.posts import Posts
from mc_city.settings.config import Config
from mc_city.site.houses import Houses
from mc_city.site.ideas import Ideas
from mc_city.site.land import Land, Relief
from mc_city.site.laser import LaserScan
from mc_city.site.sources import SeenTheme
from mc_city.site.spanning import Spans
from terrain.edges.edges import Edges
from terrain.frame import Grid
from terrain.furniture.drawing import Furniture
from terrain.furniture.things import GivenFurniture
from terrain.rasters.elevation import Raster
from terrain.rasters.suspects import Suspects
from terrain.structures.structures import Structures
from terrain.water.jetties import Jetties
from worlds.bedrock.versions import BedrockVersion
from worlds.fixtures import Fixture
from worlds.java.versions import JavaVersion
from worlds.volume import Palette


@dataclass(frozen=True, kw_only=True, eq=False)
class Heights:
    """The rasters of heights. rasters: the elevation, with the nearest height where a city allows
    voids; measured: without; surface, canopy, laser: what stands on the ground, if that is known;
    relief: of the elevation over the area; doubtful: what a person should look at."""

    rasters: tuple[Raster, ...]
    measured: tuple[Raster, ...]
    surface: tuple[Raster, ...]
    canopy: tuple[Raster, ...]
    laser: LaserScan
    relief: Relief
    doubtful: tuple[Suspects, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class City:
    """A city, decided whole: any piece of it can be drawn in any state of its plans.

    seen: what is in each source; developments: the plans; volumes: in which some allow
    buildings; laser_trees: how many stand by the laser alone; posts, lamps: signs with names, and
    street lamps; fixtures: boards and the city room; class_plots: where a class builds; spawn: x,
    y, z and where one looks; given: furniture that the data knows; furniture: all that stands;
    ideas: what classes built, kept: their blocks; blocks: what each theme is drawn with, ids in the
    palette.
    """

    config: Config
    grid: Grid
    version: JavaVersion
    bedrock: BedrockVersion
    seen: tuple[SeenTheme, ...]
    heights: Heights
    developments: Developments
    land: Land
    spans: Spans
    volumes: AllowedVolumes
    houses: Houses
    unmapped: Unmapped
    planting: Planting
    laser_trees: int
    jetties: Jetties
    edges: Edges
    structures: Structures
    posts: Posts
    lamps: Lamps
    fixtures: tuple[Fixture, ...]
    class_plots: ClassPlots
    spawn: tuple[int, int, int, float]
    given: GivenFurniture
    furniture: Furniture
    ideas: Ideas
    kept: KeptBlocks
    palette: Palette
    blocks: CityBlocks

    def __repr__(self) -> str:
        return f"City({self.config.city.name!r}, {self.grid.nx} × {self.grid.nz} blocks)"
