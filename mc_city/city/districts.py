"""The districts of a large area: what is decided of the whole, then each as a city of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from buildings.looks.styles import read_styles
from buildings.models.shades import model_paints
from mc_city.city.city import City
from mc_city.city.differences import check_meetings
from mc_city.city.reading import read_city
from mc_city.city.themes.class_plots import read_class_plots
from mc_city.city.themes.plans import read_layers
from mc_city.city.whole import Whole, districts_of
from mc_city.placing.boards import LOOK_FOR, Surroundings, place_fixtures
from mc_city.placing.posts import read_place_names
from mc_city.settings.config import Config
from mc_city.settings.provenance import require_source_notes
from mc_city.site.ideas import read_ideas
from mc_city.site.land import Progress
from mc_city.site.limits import require_one_height
from mc_city.site.models import read_models
from mc_city.site.sources import see_sources, theme_sources
from terrain.frame import Grid

AROUND = 512
"""Columns around a board that are read to place it."""
HOME = 1024
"""Columns around the spawn that are read where there are layers: the map wall shows them at
most."""
CLEARANCE = LOOK_FOR + 96
"""Columns between a place and the end of what is known around it, at least: where a board may
stand, and what it may be as broad as."""


class _Neighbourhoods:
    """Reads the city around places: once where the next place lies in what is known of the last, or
    of the spawn, which is asked first."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._home: Surroundings | None = None
        self._last: Surroundings | None = None

    def __call__(self, x: int, z: int) -> Surroundings:
        area = self._whole.config.grid
        x = min(max(x, area.x0), area.x0 + area.nx - 1)
        z = min(max(z, area.z0), area.z0 + area.nz - 1)
        wanted = _square(area, x, z, CLEARANCE)
        for known in (self._home, self._last):
            if known is not None and wanted.intersection(known.grid) == wanted:
                return known
        shown = self._home is None and len(self._whole.developments) > 0
        reach = HOME if shown else AROUND
        city = read_city(
            part_of(self._whole.config, _square(area, x, z, reach)), _quiet, self._whole
        )
        found = Surroundings(city.grid, city.land, city.houses, city.structures)
        self._home, self._last = self._home or found, found
        return found


def _quiet(what: str, done: int, total: int) -> None:
    """Progress of what is told as a whole."""


def _square(area: Grid, x: int, z: int, reach: int) -> Grid:
    """The part of the area within so many columns of a place."""
    square = Grid(area.frame, x - reach, z - reach, 2 * reach + 1, 2 * reach + 1)
    return square.intersection(area)


def part_of(config: Config, grid: Grid) -> Config:
    """The configuration of a part of its area, of whole chunks."""
    return config.with_grid(grid)


def read_whole(config: Config, progress: Progress) -> Whole:
    """What is decided of an area before its districts are read. SourceError as `read_city`."""
    require_one_height(config)
    require_source_notes(config)
    styles = read_styles(config.styles)
    progress("sources: the whole area", 0, 1)
    seen = see_sources(config)
    models = read_models(config, lambda: model_paints(styles.blocks))
    ideas = read_ideas(config)
    whole = Whole(
        config=config,
        seen=seen,
        models=models,
        ideas=ideas,
        developments=read_layers(config, models, ideas),
        places=read_place_names(
            theme_sources(config, "names.places"), config.frame, config.grid.bounds
        ),
    )
    around = _Neighbourhoods(whole)
    fixtures, spawn = place_fixtures(
        config,
        around,
        developments=whole.developments,
        materials=styles.blocks,
        places=whole.places,
    )
    plots = read_class_plots(config, around, whole.developments, fixtures)
    progress("sources: the whole area", 1, 1)
    return replace(whole, fixtures=fixtures, spawn=spawn, class_plots=plots)


@dataclass(frozen=True, kw_only=True, eq=False)
class Area:
    """What is built. face: what the worlds tell of the area, and are made with: its first district
    with the plans and the extent of the whole; whole: None where the area is one district; cities:
    of the districts, each read when it is asked for, and read once."""

    face: City
    whole: Whole | None
    cities: Iterator[City]


def read_area(config: Config, progress: Progress) -> Area:
    """An area, of which the first district is read. SourceError for layers of which too many meet
    there."""
    districts = districts_of(config.grid)
    if len(districts) == 1:
        city = read_city(config, progress)
        check_meetings(city)
        return Area(face=city, whole=None, cities=iter((city,)))
    whole = read_whole(config, progress)
    first = read_city(part_of(config, districts[0]), progress, whole)
    check_meetings(first)
    rest = (read_city(part_of(config, district), _quiet, whole) for district in districts[1:])
    face = replace(first, config=config, grid=config.grid, developments=whole.developments)
    return Area(face=face, whole=whole, cities=chain((first,), rest))
