"""What is planned: its layers, and what they do to the ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from buildings.developments.developments import NO_DEVELOPMENTS, Developments, read_developments
from buildings.sources.heights import parse_number
from mc_city.settings.config import Config
from mc_city.site.idea_features import idea_features
from mc_city.site.ideas import NO_IDEAS, Ideas
from mc_city.site.limits import require_levels
from mc_city.site.models import ShapedModels, planned_models
from mc_city.site.sources import plan_source, theme_sources
from terrain.works.regrade import SURFACES, GroundWorks, Work, ground_works, street_works


@dataclass(frozen=True, kw_only=True, eq=False)
class Plans:
    """works: what the plans do to the ground, in the order in which it is done; ground: the same as
    outlines, before the levels of planned water are known."""

    developments: Developments
    works: list[Work]
    ground: GroundWorks


def read_layers(config: Config, models: ShapedModels, ideas: Ideas = NO_IDEAS) -> Developments:
    """The developments of the area. models, ideas: those that belong to a layer are features of
    it."""
    sources = theme_sources(config, "plans.sources")
    detaljplaner = [plan_source(source) for source in config.plans.detaljplaner]
    planned = [*planned_models(models, config), *idea_features(ideas)]
    if not (sources or detaljplaner or planned):
        return NO_DEVELOPMENTS
    grid = config.grid
    return read_developments(sources, grid.frame.crs, grid.bounds, detaljplaner, planned)


def plans_of(config: Config, developments: Developments) -> Plans:
    """What the developments do. SourceError for a level beyond the world."""
    grid, frame = config.grid, config.frame
    works = planned_works(developments)
    ground = ground_works(works, frame, len(developments.options))
    levels = [
        ("planned " + ("water" if work.water else "ground"), work.level_m, work.shape)
        for work in works
    ]
    require_levels(levels, grid)
    return Plans(developments=developments, works=works, ground=ground)


def _level(facts: Any) -> float:
    number = parse_number(facts)
    return np.nan if number is None else number


def planned_works(developments: Developments) -> list[Work]:
    """Ground, then water, then streets of each development, by rank: streets cross squares, and
    later layers earlier ones."""
    works: list[tuple[tuple[int, int, int], Work]] = []
    for order, role in enumerate(("ground", "water", "street")):
        features = developments.roles.get(role)
        if features is None:
            continue
        named = (features.values(name) for name in ("surface", "level_m", "highway", "width"))
        for place, (shape, row, surface, level, highway, width) in enumerate(
            zip(features.geometry, features.options, *named, strict=True)
        ):
            rank = developments.options[int(np.argmax(row))][0]
            metres = _level(level)
            if role == "water":
                made = [Work(shape, "river_bed", metres, True, row)]
            elif role == "street" and shape.geom_type.endswith("LineString"):
                made = street_works(shape, str(highway or "residential"), width, metres, row)
            else:
                default = "asphalt" if role == "street" else "grass"
                made = [
                    Work(shape, SURFACES.get(str(surface).lower(), default), metres, False, row)
                ]
            works.extend(
                ((rank, order, 2 * place + number), work) for number, work in enumerate(made)
            )
    return [work for _, work in sorted(works, key=lambda item: item[0])]
