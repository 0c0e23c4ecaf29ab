"""Which rows of the tables have a say in a place, and so which plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mc_city.city.city import City
from terrain.columns.cutting import Rows, meeting, within_rect
from terrain.furniture.drawing import CLEAR_OF_PLANS
from terrain.streets.roadway import Roadway
from terrain.trees.forest import EDGE, PLANTED
from worlds.rect import Rect

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Concerned:
    """Rows of the tables that plans have a say in, before it is known which plans those are."""

    works: Rows
    houses: Rows
    trees: Rows
    models: Rows
    volumes: Rows
    streets: Rows
    structures: Rows
    ropes: Rows
    kept: Rows


def rows_of(keep: Bools) -> Rows:
    """(m,) those of a mask (n,) bool."""
    return np.asarray(np.flatnonzero(keep), np.int64)


def ways_in(roadway: Roadway, rect: Rect) -> Rows:
    """The ways of which a piece reaches a rectangle."""
    reached = meeting(roadway.boxes.T, rect.grow(1))
    return np.asarray(np.unique(roadway.owner[reached]), np.int64)


def concerned_rows(city: City, near: Rect) -> Concerned:
    """The rows of what stands in a rectangle, or takes something away that reaches into it."""
    land, trees = city.land, city.planting.trees
    rinks = city.furniture.rinks.boxes
    # A plan takes a rink away whole, wherever it changes it.
    ice = [
        Rect.between((int(x0) - 1, int(z0) - 1), (int(x1) + 1, int(z1) + 1)).grow(
            CLEAR_OF_PLANS + 2
        )
        for x0, z0, x1, z1 in rinks[meeting(rinks, near)].tolist()
    ]
    shapes = [model.shape.rect.meets(near) for model in land.models.standing]
    return Concerned(
        works=rows_of(meeting(land.works.outlines.boxes, near, *ice)),
        houses=rows_of(meeting(city.houses.outlines.boxes, near, *ice)),
        # Parks have no groups of trees by rule around those that are known.
        trees=rows_of(within_rect(trees.x, trees.z, near.grow(PLANTED + EDGE))),
        models=rows_of(np.array(shapes, bool)),
        volumes=rows_of(meeting(city.volumes.outlines.boxes, near)),
        streets=ways_in(land.planned.roadway, near) if land.planned else rows_of(np.zeros(0, bool)),
        structures=rows_of(meeting(city.structures.boxes, near)),
        ropes=rows_of(meeting(city.structures.ropes.boxes, near)),
        kept=rows_of(meeting(city.kept.boxes, near)),
    )


def options_of(city: City, kept: Concerned) -> Bools:
    """(options,) bool: those that have a say in any of these rows."""
    land = city.land
    found = land.works.options[kept.works].any(axis=0) | city.volumes.options[kept.volumes].any(
        axis=0
    )
    found |= city.kept.options[kept.kept].any(axis=0)
    for presence, rows in (
        (city.houses.presence, kept.houses),
        (city.planting.presence, kept.trees),
        (land.models.presence, kept.models),
        (city.structures.presence, kept.structures),
        (city.structures.ropes.presence, kept.ropes),
    ):
        if len(rows):
            found |= presence.options[rows].any(axis=0) | presence.takes[:, rows].any(axis=1)
    if land.planned:
        found |= land.planned.options[kept.streets].any(axis=0)
    return np.asarray(found, bool)


def layers_in(city: City, near: Rect) -> Rows:
    """(k,) the developments that have a say in a rectangle, or may have, growing."""
    layer_of = np.array([layer for layer, _ in city.developments.options], np.int64)
    found = np.unique(layer_of[options_of(city, concerned_rows(city, near))])
    return np.asarray(found, np.int64)
