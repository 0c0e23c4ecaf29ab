"""The ridge of every ridged roof lies square to the direction that the data gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from shapely import affinity, box

from buildings.sources.heights import parse_direction
from tests.roofed import roofed

RIDGED = ("gable", "half_hip", "mansard", "gambrel", "round", "saltbox", "hip")
LONG, SQUARE = box(-12, -6, 12, 6), box(-8, -8, 8, 8)
ANGLED = shapely.Polygon([(-12, -12), (12, -12), (12, 0), (2, 0), (2, 12), (-12, 12)])


def ridge_of(made, direction: float) -> tuple[float, float]:
    """How much the highest columns of a roof spread (along the ridge that the direction asks for,
    square to it)."""
    z, x = np.nonzero(made.top >= np.nanmax(made.top) - 0.01)
    angle = math.radians(direction)
    along, square = (
        x * math.cos(angle) + z * math.sin(angle),
        x * math.sin(angle) - z * math.cos(angle),
    )
    return float(np.ptp(along)), float(np.ptp(square))


@pytest.mark.parametrize("word", RIDGED)
@pytest.mark.parametrize("shape", [LONG, affinity.rotate(LONG, 90), SQUARE])
@pytest.mark.parametrize("direction", [0.0, 90.0, 180.0, 270.0, 80.0])
def test_the_ridge_lies_square_to_the_direction(word, shape, direction):
    snapped = 90.0 * round(direction / 90.0)
    made = roofed([shape], word, rise=6.0, direction=np.array([direction]))
    same = roofed([shape], word, rise=6.0, direction=np.array([snapped % 360]))
    np.testing.assert_array_equal(made.top, same.top)
    along, square = ridge_of(made, snapped)
    assert along > square, (word, along, square)
    # The two slopes fall to the sides that the direction names: the roof is at its lowest all along
    # them.
    top = made.top[np.ix_(~np.isnan(made.top).all(axis=1), ~np.isnan(made.top).all(axis=0))]
    sides = (top[0], top[-1]) if snapped % 180 == 0 else (top[:, 0], top[:, -1])
    for side in sides:
        assert np.nanmax(side) <= 0.7 * np.nanmax(top)


@pytest.mark.parametrize("word", ["gable", "round", "gambrel", "half_hip"])
@pytest.mark.parametrize("direction", [0.0, 90.0])
def test_also_of_houses_that_are_no_rectangles(word, direction):
    made = roofed([ANGLED], word, rise=6.0, direction=np.array([direction]))
    top = made.top[np.ix_(~np.isnan(made.top).all(axis=1), ~np.isnan(made.top).all(axis=0))]
    # Every wall that looks along the slope carries one: nothing there is higher than its first
    # courses, and dormers.
    first = top[0] if direction == 0 else top[:, 0]
    assert np.nanmax(first) <= 2.5
    along, square = ridge_of(made, direction)
    assert along > square


@pytest.mark.parametrize("angle", [20.0, -35.0])
@pytest.mark.parametrize("word", ["gable", "hip", "mansard"])
def test_a_turned_house_has_its_ridge_along_its_own_walls(word, angle):
    turned = affinity.rotate(LONG, angle, origin=(0, 0))
    # Shapely turns from x to z here, which is clockwise on the map.
    for square_to, along_x in ((0.0, True), (90.0, False)):
        made = roofed([turned], word, rise=6.0, direction=np.array([(square_to + angle) % 360]))
        z, x = np.nonzero(made.top >= np.nanmax(made.top) - 0.01)
        turn = math.radians(angle)
        u, v = x * math.cos(turn) + z * math.sin(turn), z * math.cos(turn) - x * math.sin(turn)
        assert (np.ptp(u) > np.ptp(v)) == along_x


@pytest.mark.parametrize("neighbour", [box(12, -6, 36, 6), box(-12, 6, 12, 18)])
def test_a_neighbour_does_not_turn_a_directed_roof(neighbour):
    alone, beside = (
        roofed(shapes, "gable", rise=4.0, direction=np.full(len(shapes), 90.0))
        for shapes in ([LONG], [LONG, neighbour])
    )
    mine = beside.columns.owner == 0
    np.testing.assert_array_equal(alone.top[mine], beside.top[mine])


@pytest.mark.parametrize(
    ("said", "degrees"),
    [
        ("N", 0), ("NNE", 22.5), ("se", 135), ("South", 180), ("north-east", 45), ("South West",
        225), ("nordost", 45), ("nordöst", 45),
        ("sydväst", 225), ("SV", 225), ("NÖ", 45), ("Öster", 90), ("väster", 270), ("90", 90),
        ("370°", 10), (0, 0),
    ],
)  # fmt: skip
def test_directions_in_words(said, degrees):
    assert parse_direction(said) == degrees


@pytest.mark.parametrize("said", ["", None, "no", "along", "yes", "up"])
def test_words_that_are_no_direction(said):
    assert parse_direction(said) is None
