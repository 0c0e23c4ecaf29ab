"""What is decided once for each whole building, before any tile is drawn: floor, eaves, ridge,
roof, door.

Decided from the full footprint, so that a house cut by a tile or by the edge of the area is the
same on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import label

from buildings.plans.roof_plans import TURRET_WALL, RoofPlans
from terrain.columns.outlines import Outlines
from terrain.columns.scan import crossings
from terrain.frame import Frame
from worlds.kernels import njit


@dataclass(frozen=True)
class BuildingPlans:
    """Arrays over buildings.

    floor_y: int32, block of the ground floor, level with the highest ground inside; eaves_y: int32,
    last block of the walls; roofs: see `buildings.plans.roof_plans`;
    axis: (n, 5) float64 centre x, z, unit direction x, z along the longest side, half the width
    across it;
    columns: int64, block columns inside; door: (n, 3) int32 x, z and facing (0 north, 1 east, 2
    south, 3 west, -1 none);
    stair: (n, 4) int32 x, z, code and steps, see `buildings.drawing.interiors.find_stairs`;
    walls: (vertices, 6) int32, not over buildings: see `buildings.plans.walls.wall_runs`;
    hanging: bool, those that begin above the ground and are open below; of roofs on posts floor_y
    is eaves_y.
    """

    floor_y: NDArray[np.int32]
    eaves_y: NDArray[np.int32]
    roofs: RoofPlans
    axis: NDArray[np.float64]
    columns: NDArray[np.int64]
    door: NDArray[np.int32]
    stair: NDArray[np.int32]
    walls: NDArray[np.int32]
    hanging: NDArray[np.bool_]

    @property
    def top_y(self) -> NDArray[np.int32]:
        """(n,) int32: no block of the building is above this."""
        turrets = np.where(
            self.roofs.turret[:, 2] > 0, self.roofs.turret[:, 3] + TURRET_WALL + 2, 0.0
        )
        return (self.eaves_y + np.ceil(np.maximum(self.roofs.rise, turrets)) + 4).astype(np.int32)


@njit(cache=True, nogil=True)
def edge_distance(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    first_ring: int,
    last_ring: int,
    x: float,
    z: float,
) -> tuple[float, float, float, int]:
    """Nearest wall of a point: (distance, place along the wall from its start, length of the wall,
    its first vertex)."""
    best, place, length, at = 1e18, 0.0, 1.0, -1
    for ring in range(first_ring, last_ring):
        for vertex in range(rings[ring], rings[ring + 1] - 1):
            ax, az = xs[vertex], zs[vertex]
            dx, dz = xs[vertex + 1] - ax, zs[vertex + 1] - az
            square = dx * dx + dz * dz
            if square == 0.0:
                continue
            share = min(1.0, max(0.0, ((x - ax) * dx + (z - az) * dz) / square))
            px, pz = ax + share * dx - x, az + share * dz - z
            distance = px * px + pz * pz
            if distance < best - 1e-9:
                best, length, at = distance, np.sqrt(square), vertex
                place = share * length
    return np.sqrt(best), place, length, at


@njit(cache=True, nogil=True)
def survey_ground(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    polygons: NDArray[np.int64],
    boxes: NDArray[np.float64],
    chosen: NDArray[np.int64],
    standing_y: NDArray[np.int32],
    surface_m: NDArray[np.float32],
    ground_m: NDArray[np.float32],
    x0: int,
    z0: int,
    out: NDArray[np.float64],
) -> None:
    """Fills out[i] of the chosen buildings with (columns, highest ground y, mean ground y, deepest
    distance from a wall,
    30th and 90th percentile of surface − ground in metres, NaN without a surface model).

    standing_y, surface_m, ground_m: (z, x) over a window that holds all chosen buildings; x0, z0:
    its first column.
    """
    depth, width = standing_y.shape
    found = np.empty(len(xs) + 1, np.float64)
    for polygon in chosen:
        count, highest, total, deepest = 0, -1_000_000, 0, 0.0
        box_columns = int(
            (boxes[polygon, 2] - boxes[polygon, 0] + 2)
            * (boxes[polygon, 3] - boxes[polygon, 1] + 2)
        )
        above = np.empty(box_columns, np.float64)
        known = 0
        for z in range(
            max(int(np.floor(boxes[polygon, 1])), z0),
            min(int(np.ceil(boxes[polygon, 3])), z0 + depth),
        ):
            hits = crossings(
                xs, zs, rings, polygons[polygon], polygons[polygon + 1], z + 0.5, found
            )
            for pair in range(0, hits - 1, 2):
                first = max(int(np.ceil(found[pair] - 0.5)), x0)
                for x in range(first, min(int(np.ceil(found[pair + 1] - 0.5)), x0 + width)):
                    y = standing_y[z - z0, x - x0]
                    count += 1
                    total += y
                    highest = max(highest, y)
                    distance = edge_distance(
                        xs, zs, rings, polygons[polygon], polygons[polygon + 1], x + 0.5, z + 0.5
                    )[0]
                    deepest = max(deepest, distance)
                    value = surface_m[z - z0, x - x0] - ground_m[z - z0, x - x0]
                    if value == value and known < box_columns:
                        above[known] = value
                        known += 1
        out[polygon, 0] = count
        out[polygon, 1] = highest
        out[polygon, 2] = total / max(count, 1)
        out[polygon, 3] = deepest
        out[polygon, 4] = np.nan
        out[polygon, 5] = np.nan
        if known > 0:
            values = np.sort(above[:known])
            out[polygon, 4] = values[int(0.3 * (known - 1))]
            out[polygon, 5] = values[int(0.9 * (known - 1))]


@dataclass(frozen=True)
class Rooms:
    """Arrays (z, x) over a window. inside: int8, 2 in the largest room of a house, where one walks
    on its ground floor, 1 in its others, 0 in walls; open: bool, free ground from which one comes
    out of the window, and no courtyard."""

    inside: NDArray[np.int8]
    open: NDArray[np.bool_]


def rooms_of(owner: NDArray[np.int32], dry: NDArray[np.bool_]) -> Rooms:
    """owner: (z, x) int32 house drawn there or −1. A house that is narrow somewhere has several
    rooms with no way between them."""
    inner = np.zeros(owner.shape, bool)
    middle = owner[1:-1, 1:-1]
    around = (owner[:-2, 1:-1], owner[2:, 1:-1], owner[1:-1, :-2], owner[1:-1, 2:])
    inner[1:-1, 1:-1] = (middle >= 0) & np.logical_and.reduce([middle == side for side in around])
    room, count = label(inner)
    size = np.bincount(room.ravel(), minlength=count + 1)
    house = np.zeros(count + 1, np.int64)
    house[room[inner]] = owner[inner]
    largest = np.zeros(count + 1, bool)
    order = np.lexsort((-np.arange(count), size[1:], house[1:])) + 1
    largest[order[np.diff(house[order], append=-1) != 0]] = True
    free, _ = label((owner < 0) & dry)
    edge = np.unique(np.concatenate([free[0], free[-1], free[:, 0], free[:, -1]]))
    inside = np.where(inner, 1 + largest[room], 0).astype(np.int8)
    return Rooms(inside, np.isin(free, edge[edge > 0]))


CLOSED_IN, NICHE, ASLANT, ROOMLESS, BURIED = 200.0, 40.0, 80.0, 400.0, 300.0
"""What a door costs that leads to a courtyard, lies in a niche, stands in a wall that runs aslant
with nothing beside it, leads to no room, or before which the ground is higher, where nobody can
step up under the lintel; each block up or down costs BLOCK."""
BLOCK = 8.0


@njit(cache=True, nogil=True)
def find_doors(
    xs: NDArray[np.float64],
    zs: NDArray[np.float64],
    rings: NDArray[np.int64],
    polygons: NDArray[np.int64],
    boxes: NDArray[np.float64],
    chosen: NDArray[np.int64],
    owner: NDArray[np.int32],
    inside: NDArray[np.int8],
    open_ground: NDArray[np.bool_],
    standing_y: NDArray[np.int32],
    dry: NDArray[np.bool_],
    paved: NDArray[np.bool_],
    floor_y: NDArray[np.int32],
    x0: int,
    z0: int,
    door: NDArray[np.int32],
) -> None:
    """Chooses each building's door: a piece of outer wall before its largest room whose ground
    outside is dry and nearest to the floor, towards a street where there is a choice, nearest the
    middle of its wall; a corner where there is nothing else. owner: (z, x) building drawn there or
    -1; inside, open_ground: see Rooms.
    """
    depth, width = owner.shape
    for polygon in chosen:
        best = 1e9
        for z in range(
            max(int(np.floor(boxes[polygon, 1])), z0 + 4),
            min(int(np.ceil(boxes[polygon, 3])), z0 + depth - 4),
        ):
            for x in range(
                max(int(np.floor(boxes[polygon, 0])), x0 + 4),
                min(int(np.ceil(boxes[polygon, 2])), x0 + width - 4),
            ):
                row, column = z - z0, x - x0
                if owner[row, column] != polygon:
                    continue
                for facing, (dz, dx) in enumerate(((-1, 0), (0, 1), (1, 0), (0, -1))):
                    if owner[row + dz, column + dx] >= 0 or not dry[row + dz, column + dx]:
                        continue
                    left, right = (
                        owner[row + dx, column + dz] == polygon,
                        owner[row - dx, column - dz] == polygon,
                    )
                    clear = (
                        owner[row + dz + dx, column + dx + dz] < 0
                        and owner[row + dz - dx, column + dx - dz] < 0
                    )
                    if not (left or right) or owner[row - dz, column - dx] != polygon:
                        continue
                    # Walls at 45° have nothing but corners: a pier is built where the doorway lacks
                    # its jamb.
                    pier = -1 if left else 1
                    if not (left and right) and not dry[row + pier * dx, column + pier * dz]:
                        continue
                    drop = abs(floor_y[polygon] - standing_y[row + dz, column + dx])
                    _, place, length, _ = edge_distance(
                        xs, zs, rings, polygons[polygon], polygons[polygon + 1], x + 0.5, z + 0.5
                    )
                    street = 0.0
                    for reach in range(1, 5):
                        if paved[row + reach * dz, column + reach * dx]:
                            street = -3.0
                    cost = BLOCK * drop + street + abs(place / length - 0.5)
                    # Doors in niches of walls that run aslant, or at their edges, only where there
                    # is no better place.
                    cost += (0.0 if clear else NICHE) + (0.0 if left and right else ASLANT)
                    cost += BURIED if standing_y[row + dz, column + dx] > floor_y[polygon] else 0.0
                    cost += 0.5 * ROOMLESS * (2 - inside[row - dz, column - dx])
                    cost += 0.0 if open_ground[row + dz, column + dx] else CLOSED_IN
                    if cost < best - 1e-9:
                        best = cost
                        door[polygon, 0], door[polygon, 1], door[polygon, 2] = x, z, facing


def long_axes(
    geometries: NDArray[np.object_], outlines: Outlines, frame: Frame
) -> NDArray[np.float64]:
    """(n, 6) float64: `BuildingPlans.axis`, then the share of the smallest enclosing rectangle that
    is filled (0 … 1)."""
    rectangles = shapely.oriented_envelope(geometries)
    axes = np.zeros((outlines.number, 6))
    areas = shapely.area(geometries)
    for index, rectangle in enumerate(rectangles):
        corners = shapely.get_coordinates(rectangle)
        if len(corners) < 4:
            continue
        x, z = frame.to_blocks(corners[:, 0], corners[:, 1])
        sides = np.hypot(np.diff(x[:3]), np.diff(z[:3]))
        along = int(np.argmax(sides))
        direction = np.array([x[along + 1] - x[along], z[along + 1] - z[along]]) / max(
            sides[along], 1e-9
        )
        filled = areas[index] * frame.scale**2 / max(sides[0] * sides[1], 1e-9)
        axes[index] = (
            x[:4].mean(),
            z[:4].mean(),
            direction[0],
            direction[1],
            sides[1 - along] / 2,
            filled,
        )
    return axes
