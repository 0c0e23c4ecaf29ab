"""Large doors of garages, barns and industry."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from buildings.drawing.columns import Levels, measure_columns
from buildings.drawing.houses import draw_buildings
from buildings.looks.look import Looks
from buildings.looks.roof_blocks import roof_table
from buildings.looks.styles import look_table, step_blocks, use_style
from buildings.plans.doors import Surroundings, find_doors, rooms_of
from buildings.plans.gates import GateSize, find_gates, openings, wanted_gates
from buildings.plans.plans import BuildingPlans
from tests.materials import MATERIALS, STYLE
from tests.roofed import GROUND, STATES, Facts, planned
from worlds.canvas import Canvas
from worlds.volume import Palette

SIZE, HALF = 96, 48
STEPS = np.array(((-1, 0), (0, 1), (1, 0), (0, -1)))
PALETTE = Palette.of(STATES)


def gated(shape, size: GateSize, ground: np.ndarray | None = None, paved: np.ndarray | None = None):
    outlines, plans = planned([shape], "flat")
    plans = plans._replace(gate=wanted_gates([size]))
    columns = measure_columns(outlines, plans, np.array([0]), -HALF, z0=-HALF, shape=(SIZE, SIZE))
    dry = np.ones((SIZE, SIZE), bool)
    level = np.full((SIZE, SIZE), GROUND, np.int32) if ground is None else ground
    street = ~dry if paved is None else paved
    rooms = rooms_of(columns.owner, dry)
    around = Surroundings(columns.owner, rooms, level, dry, street, x0=-HALF, z0=-HALF)
    find_doors(outlines, np.array([0]), around, plans.floor_y, plans.door)
    find_gates(outlines, np.array([0]), around, plans.floor_y, (plans.door, plans.gate))
    return outlines, plans, columns


def columns_of(plans: BuildingPlans) -> np.ndarray:
    """(n, 3) z, x, facing of the gate's columns in the window."""
    found = openings(plans.door[:0], plans.gate)
    return np.stack([found["z"] + HALF, found["x"] + HALF, found["facing"]], axis=1)


@pytest.mark.parametrize("angle", [0, 12, 33, 45, 90])
def test_a_gate_is_in_a_straight_wall_away_from_the_door_before_level_ground(angle):
    shape = shapely.affinity.rotate(shapely.box(-12, -7, 12, 7), angle)
    _, plans, columns = gated(shape, GateSize(4, 4))
    if angle in (33, 45):
        assert plans.gate["facing"][0] < 0, "no two columns of wall in line"
        return
    places = columns_of(plans)
    assert 2 <= len(places) == plans.gate["width"][0] <= 4
    mine = columns.owner == 0
    door = plans.door[0]
    for z, x, facing in places:
        dz, dx = STEPS[facing]
        assert mine[z, x]
        assert not mine[z + dz, x + dx]
        assert mine[z - dz, x - dx]
        assert max(abs(door["z"] + HALF - z), abs(door["x"] + HALF - x)) >= 2


def test_a_gate_looks_at_the_street_if_it_can():
    for facing, (dz, dx) in enumerate(STEPS):
        paved = np.zeros((SIZE, SIZE), bool)
        z, x = HALF + 12 * dz, HALF + 12 * dx
        paved[z - 3 : z + 4, :] |= dz != 0
        paved[:, x - 3 : x + 4] |= dx != 0
        _, plans, _ = gated(shapely.box(-9, -9, 9, 9), GateSize(4, 4), paved=paved)
        assert plans.gate["facing"][0] == facing


def test_there_is_no_gate_where_the_ground_is_higher_or_lower_or_the_house_too_narrow():
    uneven = np.full((SIZE, SIZE), GROUND - 1, np.int32)
    assert gated(shapely.box(-9, -6, 9, 6), GateSize(4, 4), ground=uneven)[1].gate["facing"][0] < 0
    assert gated(shapely.box(-1.5, -1.5, 1.5, 1.5), GateSize(4, 4))[1].gate["facing"][0] < 0
    assert gated(shapely.box(-9, -6, 9, 6), GateSize(0, 0))[1].gate["facing"][0] < 0


@pytest.mark.parametrize("use", ["industry", "garage"])
def test_a_gate_is_open_or_closed_as_the_style_says_and_the_same_however_it_is_cut(use):
    size = use_style(STYLE, use).gate_size
    outlines, plans, _ = gated(shapely.box(-9, -6, 9, 6), size)
    plans.eaves_y[0] = GROUND + 8
    look = look_table(STYLE, [use], np.zeros(1, np.uint32), PALETTE)
    looks = Looks(look, roof_table(Facts([use]), STYLE, PALETTE), step_blocks(PALETTE, MATERIALS))
    level = np.full((SIZE, SIZE), GROUND, np.int32)

    def draw(first: int, wide: int) -> np.ndarray:
        ids = np.zeros((40, SIZE, wide), np.uint16)
        columns = measure_columns(
            outlines, plans, np.array([0]), first - HALF, z0=-HALF, shape=(SIZE, wide)
        )
        ground = level[:, first : first + wide]
        draw_buildings(
            Canvas(ids, first - HALF, 0, -HALF), Levels(ground, ground), columns, plans, looks,
            interiors="full",
        )  # fmt: skip
        return ids

    whole = draw(0, SIZE)
    places = columns_of(plans)
    assert len(places) == size.width
    block = look["blocks"]["gate"][0]
    assert (block == 0) == (use == "industry")
    for z, x, _ in places:
        opening = whole[GROUND + 1 : GROUND + 1 + size.height, z, x]
        assert (opening == block).all()
        assert whole[GROUND + 1 + size.height, z, x] != 0, "a lintel"
    middle = int(places[:, 1].mean())
    left, right = draw(0, middle + 2), draw(middle - 1, SIZE - middle + 1)
    assert (left[:, :, 1:-1] == whole[:, :, 1 : middle + 1]).all()
    assert (right[:, :, 1:-1] == whole[:, :, middle:-1]).all()
