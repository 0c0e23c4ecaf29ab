"""Houses with roofs for tests: polygons in blocks, planned, measured and drawn on level ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from buildings.drawing.columns import BuildingColumns, measure_columns
from buildings.drawing.roof_columns import RoofColumns, measure_roofs
from buildings.drawing.roofs import draw_roofs
from buildings.looks.look import Looks
from buildings.looks.roof_blocks import roof_block_states, roof_table
from buildings.looks.styles import look_table, step_blocks, style_states
from buildings.plans.doors import no_doors
from buildings.plans.gates import GateSize, wanted_gates
from buildings.plans.passages import no_passages
from buildings.plans.plans import BuildingPlans, long_axes
from buildings.plans.roof_plans import RoofWishes, plan_roofs
from buildings.plans.side_doors import no_side_doors
from buildings.plans.stairs import no_stairs
from buildings.plans.walls import wall_runs
from terrain.columns.outlines import Outlines, outlines_of
from terrain.frame import Frame
from tests.materials import MATERIALS, STYLE
from worlds.canvas import Canvas
from worlds.connections import connect, connection_tables, expand_families
from worlds.volume import Palette

FRAME = Frame("EPSG:3006", 0.0, 0.0, 1.0, 62, 1.0)
EAVES, GROUND = 20, 4
STATES = [*style_states(STYLE), *roof_block_states(STYLE)]
PALETTE = Palette.of([*STATES, *expand_families(STATES)])


@dataclass(frozen=True)
class Roofed:
    """columns, roofs: over a square window at block x0, z0; top: (z, x) blocks above the eaves of
    the surface, NaN elsewhere;
    ids: (y, z, x), y0 = 0."""

    outlines: Outlines
    plans: BuildingPlans
    columns: BuildingColumns
    roofs: RoofColumns
    top: np.ndarray
    ids: np.ndarray
    x0: int
    z0: int


def planned(shapes, word, rise=np.nan, **more) -> tuple[Outlines, BuildingPlans]:
    """Houses on polygons of blocks (x east, z south), all with one roof shape. more: fields of
    RoofWishes."""
    count = len(shapes)
    geometry = np.empty(count, object)
    geometry[:] = [shapely.transform(shape, lambda points: points * [1, -1]) for shape in shapes]
    outlines = outlines_of(geometry, FRAME)
    axes = long_axes(geometry, FRAME)
    eaves = np.full(count, EAVES, np.int32)
    wishes = {
        "shape": [word] * count, "usual": ["flat"] * count, "rise": np.full(count, float(rise)),
        "angle": np.full(count, np.nan),
        "direction": np.full(count, np.nan), "across": np.zeros(count, bool),
        "group": np.zeros(count, np.int64),
        "chimney": np.zeros(count, bool), "turret": np.zeros(count, bool),
        "seed": np.arange(count).astype(np.uint32),
        "models": [None] * count, **more,
    }  # fmt: skip
    blocks = np.empty(count, object)
    blocks[:] = shapes
    roofs = plan_roofs(blocks, outlines, axes, eaves, RoofWishes(**wishes))
    floor, columns = (
        np.full(count, GROUND, np.int32),
        np.rint(shapely.area(blocks)).astype(np.int64),
    )
    plans = BuildingPlans(
        floor_y=floor,
        eaves_y=eaves,
        roofs=roofs,
        axis=axes,
        columns=columns,
        door=no_doors(count),
        gate=wanted_gates([GateSize(0, 0)] * count),
        stair=no_stairs(count),
        walls=wall_runs(outlines),
        hanging=np.zeros(count, bool),
        passages=no_passages(),
        side_doors=no_side_doors(),
    )
    return outlines, plans


class Facts:
    """As much of footprints as the tables of blocks need."""

    def __init__(self, uses):
        self.use = uses
        self.seed = np.arange(len(uses)).astype(np.uint32)
        self.colour = self.material = self.roof_colour = self.roof_material = [None] * len(uses)

    def __len__(self):
        return len(self.use)


def measured(
    outlines, plans, uses, x0, z0, size
) -> tuple[BuildingColumns, RoofColumns, np.ndarray]:
    look = look_table(STYLE, uses, np.arange(len(uses)).astype(np.uint32), PALETTE)
    columns = measure_columns(outlines, plans, np.arange(len(uses)), x0, z0, (size, size))
    free = columns.owner < 0
    return columns, measure_roofs(plans, columns, look, free), look


def roofed(shapes, word, use="apartments", rise=np.nan, x0=-40, z0=-40, size=80, **more) -> Roofed:
    """The houses with their roofs, drawn with the blocks of one use. Below the eaves there is
    stone, so that a hole shows."""
    uses = [use] * len(shapes)
    outlines, plans = planned(shapes, word, rise, **more)
    columns, roofs, look = measured(outlines, plans, uses, x0, z0, size)
    top = np.where(
        columns.owner >= 0, roofs.full + np.array([0.0, 0.5, 1.0, 0.0])[roofs.cap], np.nan
    )
    ids = np.zeros((EAVES + 60, size, size), np.uint16)
    ids[EAVES, columns.owner >= 0] = PALETTE.id("stone")
    standing = np.full((size, size), GROUND, np.int32)
    looks = Looks(look, roof_table(Facts(uses), STYLE, PALETTE), step_blocks(PALETTE, MATERIALS))
    draw_roofs(Canvas(ids, x0, 0, z0), standing, roofs, plans, looks)
    connect(ids, connection_tables(PALETTE))
    return Roofed(outlines, plans, columns, roofs, top, ids, x0, z0)
