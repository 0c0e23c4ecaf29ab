"""The plans of houses cut to some of them."""

from __future__ import annotations

from buildings.plans.passages import cut_passages
from buildings.plans.plans import BuildingPlans
from buildings.plans.roof_plans import RoofPlans
from buildings.plans.slopes import Slopes
from terrain.columns.cutting import Rows, cut_outlines, members, renumbered
from worlds.records import Table


def _cut_slopes(slopes: Slopes, rows: Rows) -> Slopes:
    outlines, vertex = cut_outlines(slopes.outlines, rows)
    edges, number = slopes.edges[vertex].copy(), renumbered(vertex, len(slopes.outlines.xs))
    for name in ("before", "behind"):
        known = edges[name] >= 0
        edges[name][known] = number[edges[name][known]]
    return Slopes(outlines, edges)


def _cut_roofs(roofs: RoofPlans, rows: Rows) -> RoofPlans:
    number = renumbered(rows, len(roofs.kind))
    chimneys = roofs.chimneys[number[roofs.chimneys["house"]] >= 0].copy()
    chimneys["house"] = number[chimneys["house"]]
    triangle, triangle_of = members(roofs.triangle_of, rows)
    return RoofPlans(
        kind=roofs.kind[rows],
        rise=roofs.rise[rows],
        run=roofs.run[rows],
        slopes=_cut_slopes(roofs.slopes, rows),
        turret=roofs.turret[rows],
        chimneys=chimneys,
        triangles=roofs.triangles[triangle],
        triangle_of=triangle_of,
    )


def _cut_doors(doors: Table, rows: Rows, count: int) -> Table:
    number = renumbered(rows, count)[doors["house"]]
    cut: Table = doors[number >= 0].copy()
    cut["house"] = number[number >= 0]
    return cut


def cut_plans(plans: BuildingPlans, rows: Rows, vertices: Rows) -> BuildingPlans:
    """vertices: of the outlines of these houses."""
    return BuildingPlans(
        floor_y=plans.floor_y[rows],
        eaves_y=plans.eaves_y[rows],
        roofs=_cut_roofs(plans.roofs, rows),
        axis=plans.axis[rows],
        columns=plans.columns[rows],
        door=plans.door[rows],
        gate=plans.gate[rows],
        stair=plans.stair[rows],
        walls=plans.walls[vertices],
        hanging=plans.hanging[rows],
        passages=cut_passages(plans.passages, rows, len(plans.floor_y)),
        side_doors=_cut_doors(plans.side_doors, rows, len(plans.floor_y)),
    )
