"""What is said of proposals that are layers: what of them is built, and how they lie to what a
detaljplan allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from buildings.developments.developments import KEPT
from buildings.developments.volumes import NO_VOLUME, allowed_tops
from mc_city.city.city import City
from mc_city.idea_reports import IdeaReport
from mc_city.placing.ideas import left_out
from mc_city.site.idea_features import NUMBER
from mc_city.site.ideas import Idea
from mc_city.site.land import read_ground
from mc_city.site.over_plan import highest, metres_over
from terrain.frame import Grid
from terrain.works.presence import Options
from worlds.volume import AIR


def _windows(columns: NDArray[np.int64], grid: Grid) -> Iterator[tuple[Grid, NDArray[np.int64]]]:
    """(the part of a region that holds them, which they are) of the columns in the area."""
    x, z = columns.T
    inside = (x >= grid.x0) & (x < grid.x0 + grid.nx) & (z >= grid.z0) & (z < grid.z0 + grid.nz)
    rows = np.flatnonzero(inside)
    regions = columns[rows] >> 9
    for region in np.unique(regions, axis=0):
        mine = rows[(regions == region).all(axis=1)]
        (west, north), (east, south) = columns[mine].min(axis=0), columns[mine].max(axis=0)
        size = int(east - west) + 1, int(south - north) + 1
        yield Grid(grid.frame, int(west), int(north), *size), mine


def _tops(city: City, number: int, idea: Idea) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """((columns, 2) x and z, (columns,) y of its highest block) of a proposal."""
    if idea.kept is not None:
        kept = idea.kept
        solid = np.array([state != AIR for state in kept.states], bool)[kept.state]
        return highest(kept.x[solid], kept.y[solid], kept.z[solid])
    features, plans = city.developments.roles["building"], city.houses.plans
    rows = [row for row, one in enumerate(features.values(NUMBER)) if one == number]
    found = [(np.zeros((0, 2), np.int64), np.zeros(0, np.int64))]
    for row in rows:
        house = city.houses.existing + row
        top = int(plans.eaves_y[house] + np.ceil(plans.roofs.rise[house]))
        x0, z0, x1, z1 = city.houses.outlines.boxes[house]
        west, north = int(np.floor(x0)), int(np.floor(z0))
        box = Grid(city.grid.frame, west, north, int(x1) - west + 2, int(z1) - north + 2)
        box = box.intersection(city.grid)
        z, x = np.nonzero(city.houses.owners(box, np.array([house])) >= 0)
        columns = np.stack([x + box.x0, z + box.z0], axis=1).astype(np.int64)
        found.append((columns, np.full(len(x), top, np.int64)))
    return np.concatenate([one for one, _ in found]), np.concatenate([top for _, top in found])


def _allowing(city: City) -> Options:
    """(options,) bool: those that are nothing but what a plan allows."""
    layers = city.developments.layers
    return np.array([layers[layer].allows for layer, _ in city.developments.options], bool)


def over_plan(city: City, number: int, idea: Idea, allowing: Options) -> float | None:
    """Metres of a proposal above what any plan allows in its place, None where none says."""
    columns, top_y = _tops(city, number, idea)
    allowed_y = np.full(len(columns), NO_VOLUME, np.int64)
    for grid, mine in _windows(columns, city.grid):
        ground_y = read_ground(city.land, grid).standing_y
        tops = allowed_tops(city.volumes, allowing, grid, ground_y)
        x, z = columns[mine].T
        allowed_y[mine] = tops[z - grid.z0, x - grid.x0]
    known = allowed_y != NO_VOLUME
    return metres_over(top_y, allowed_y, known, city.grid.frame.vertical_scale)


def ideas_report(city: City) -> list[IdeaReport]:
    """Each proposal that is a layer of the city, or an option of one."""
    if not len(city.ideas):
        return []
    allowing, features = _allowing(city), city.developments.roles
    there = {int(number) for number in features[KEPT].values(KEPT)}
    for role in ("building", "ground", "water"):
        there |= {int(one) for one in features[role].values(NUMBER) if one is not None}
    without = left_out(city.ideas, city.fixtures, city.posts)
    out: list[IdeaReport] = []
    for number, idea in enumerate(city.ideas.ideas):
        if number not in there:
            continue
        metres = over_plan(city, number, idea, allowing) if allowing.any() else None
        blocks = 0 if idea.kept is None else len(idea.kept) + idea.left_out.total()
        out.append(
            {
                "id": idea.id,
                "title": idea.title,
                "layer": idea.layer,
                "variant": idea.variant,
                "built": idea.built,
                "blocks": blocks - without[number].total(),
                "left_out": dict(sorted(without[number].items())),
                "over_plan_m": None if metres is None else round(metres, 2),
            }
        )
    return out


def merged_ideas(districts: Sequence[Sequence[IdeaReport]]) -> list[IdeaReport]:
    """Those of all districts: of one that lies in several the highest counts."""
    found: dict[tuple[str, str, str], IdeaReport] = {}
    for one in (one for ideas in districts for one in ideas):
        key = one["layer"], one["variant"], one["id"]
        known = found.setdefault(key, one)
        both = [each for each in (known["over_plan_m"], one["over_plan_m"]) if each is not None]
        found[key] = {**known, "over_plan_m": max(both, default=None)}
    return list(found.values())
