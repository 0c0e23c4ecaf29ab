"""Jetties and piers on posts over the water, and the boats that are moored at them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.facings import FACINGS, STEPS, facing_of, turned
from terrain.columns.lots import BERTH, BOAT
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn, hash2
from terrain.frame import Frame, Grid
from terrain.ground.ground import NO_WATER, Ground
from terrain.vectors.features import VectorSource, read_features
from terrain.vectors.words import metres_of
from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

Bounds = tuple[float, float, float, float]
WIDTH_M = 2.5
"""Width of a jetty that is drawn as a line and does not say."""
POSTS_M = 4.0
"""Metres from post to post along a jetty's edges."""
INSET_M = 0.6
BERTHS_M, OUT_M = 7.0, 2.6
"""Metres from boat to boat along a jetty's edge, and from the edge to a boat's middle."""
MOORED = 0.6
"""Share of the berths that are taken."""
BOAT_REACH = 4
"""Columns from one end of a boat to the other."""
PIERS = frozenset(("pier", "jetty", "brygga"))
ROWING_BOATS = 4
"""Looks of a rowing boat: tarred or painted."""
CRUISER, GLASS, ROOF = "<jetties.cruiser>", "<jetties.cruiser_glass>", "<jetties.cruiser_roof>"

Part = tuple[int, int, int, str]
"""Columns ahead, columns to the right, blocks above the water's top block, state with `<material>`
in it; `{ahead}`, `{right}` … stand for directions."""


@dataclass(frozen=True)
class Jetties:
    """outlines: the decks; post_x, post_z: (posts,) int32 columns; boats: (boats, 4) int32: column
    x, z of the stern's left, facing as an index of terrain.columns.facings, look; sorted, so that
    every tile draws them alike; skipped: reason → how many."""

    outlines: Outlines
    post_x: NDArray[np.int32]
    post_z: NDArray[np.int32]
    boats: NDArray[np.int32]
    skipped: Counter[str]

    def __len__(self) -> int:
        return self.outlines.number


def _rowing(look: int) -> list[Part]:
    """A boat of two columns by four: hull at the water's top, open trapdoors for sides, a slab at
    the bow."""
    hull, bow = f"<jetties.hulls.{look}>", f"<jetties.bows.{look}>_slab[type=bottom]"
    board = f"<jetties.trims.{look}>_trapdoor[facing={{way}},half=bottom,open=true,powered=false]"
    board_right, board_left, board_ahead = (
        board.replace("way", way) for way in ("right", "left", "ahead")
    )
    parts: list[Part] = [(ahead, right, 0, hull) for ahead in range(4) for right in range(2)]
    for ahead in range(1, 3):
        parts.append((ahead, 0, 1, board_right))
        parts.append((ahead, 1, 1, board_left))
    for right in range(2):
        parts.append((0, right, 1, board_ahead))
        parts.append((3, right, 1, bow))
    return parts


def _cruiser() -> list[Part]:
    """A white boat of three columns by five, with a cabin."""
    parts: list[Part] = [(ahead, right, 0, CRUISER) for ahead in range(4) for right in range(3)]
    parts += [(4, 1, 0, CRUISER), (4, 1, 1, ROOF)]
    parts += [
        (ahead, right, 1, GLASS if ahead == 2 else CRUISER)
        for ahead in (1, 2)
        for right in range(3)
    ]
    parts += [(ahead, right, 2, ROOF) for ahead in (1, 2) for right in range(3)]
    return [*parts, *((3, right, 1, ROOF) for right in range(3))]


BOATS: tuple[list[Part], ...] = (*(_rowing(look) for look in range(ROWING_BOATS)), _cruiser())
SIZES = ((4, 2), (4, 2), (4, 2), (4, 2), (5, 3))
"""Columns along and across each boat."""


class JettyBlocks(NamedTuple):
    """Palette ids. boats: of each look its parts (columns ahead, to the right, blocks up, ids by
    facing)."""

    deck: int
    post: int
    boats: tuple[tuple[tuple[int, int, int, tuple[int, ...]], ...], ...]


def _turned(materials: Materials, state: str) -> list[BlockState]:
    """The state of a part for each of FACINGS."""
    return [materials.made(turned(state, facing)) for facing in range(len(FACINGS))]


def jetty_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that jetties and boats are made of."""
    yield from (materials.block("jetties.deck"), materials.block("jetties.post"))
    parts = dict.fromkeys(state for boat in BOATS for *_, state in boat)
    yield from dict.fromkeys(state for part in parts for state in _turned(materials, part))


def jetty_blocks(palette: Palette, materials: Materials) -> JettyBlocks:
    return JettyBlocks(
        deck=palette.id(materials.block("jetties.deck")),
        post=palette.id(materials.block("jetties.post")),
        boats=tuple(
            tuple(
                (ahead, right, up, tuple(palette.id(way) for way in _turned(materials, state)))
                for ahead, right, up, state in boat
            )
            for boat in BOATS
        ),
    )


def _decks(
    sources: Sequence[VectorSource], frame: Frame, bounds: Bounds, skipped: Counter[str]
) -> list[Any]:
    """Polygons of the piers; every feature of a source that has no `man_made` is one."""
    shapes: list[Any] = []
    for source in sources:
        features = read_features(source, frame.crs, bounds, geometry_kind="feature")
        skipped.update(features.skipped)
        count = len(features.geometry)
        kinds, widths = (
            features.columns.get(name, np.full(count, None, object))
            for name in ("man_made", "width")
        )
        for shape, kind, width in zip(features.geometry, kinds, widths, strict=True):
            if "man_made" in features.columns and str(kind) not in PIERS:
                skipped["not a pier"] += 1
            elif shapely.get_dimensions(shape) == 1:
                metres = metres_of(width)
                shapes.append(
                    shapely.buffer(
                        shape,
                        (metres if metres == metres else WIDTH_M) / 2,
                        cap_style="flat",
                        join_style="mitre",
                    )
                )
            elif shapely.get_dimensions(shape) == 2:
                shapes.append(shape)
            else:
                skipped["not a line or polygon"] += 1
    return [shape for shape in shapes if shapely.area(shape) > 0]


def _along(shape: Any, distance: float, step: float) -> NDArray[np.float64]:
    """(n, 4): points on the outline moved outwards by a distance, and the direction there."""
    rows: list[NDArray[np.float64]] = []
    for part in shapely.get_parts(shapely.buffer(shape, distance, join_style="mitre")):
        ring = part.exterior
        stations = np.arange(step / 2, ring.length, step)
        here, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(ring, stations + more))
            for more in (0.0, 0.25)
        )
        rows.append(np.hstack([here, ahead - here]))
    return np.vstack(rows) if rows else np.zeros((0, 4))


def _footprint(x: int, z: int, facing: int, look: int) -> tuple[int, int, int, int]:
    """(x0, z0, end x, end z) columns that a boat takes, the last ones included."""
    long, wide = SIZES[look]
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[facing], STEPS[(facing + 1) % 4]
    end_x, end_z = (
        x + ahead_x * (long - 1) + right_x * (wide - 1),
        z + ahead_z * (long - 1) + right_z * (wide - 1),
    )
    return min(x, end_x), min(z, end_z), max(x, end_x), max(z, end_z)


def _boats(shapes: Sequence[Any], frame: Frame) -> NDArray[np.int32]:
    """Boats beside the decks, clear of every deck and of each other."""
    decks = shapely.buffer(shapely.union_all(list(shapes)), 0.3)
    found: list[tuple[int, int, int, int]] = []
    for shape in shapes:
        for east, north, run_east, run_north in _along(shape, OUT_M, BERTHS_M).tolist():
            column, row = frame.to_blocks(east, north)
            x, z = int(np.floor(column)), int(np.floor(row))
            lot = int(hash2(x, z, BERTH))
            if (lot & 0xFFFF) / 65536.0 >= MOORED:
                continue
            facing = (facing_of(run_east, run_north) + 2 * (lot >> 17 & 1)) % 4
            found.append((x, z, facing, (lot >> 20) % len(BOATS)))
    if not found:
        return np.zeros((0, 4), np.int32)
    found = sorted(set(found))
    columns = np.array([_footprint(*boat) for boat in found]).astype(np.float64)
    west, north = frame.to_city(columns[:, 0], columns[:, 1])
    east, south = frame.to_city(columns[:, 2] + 1, columns[:, 3] + 1)
    boxes = shapely.box(west, south, east, north)
    kept = ~shapely.intersects(boxes, decks)
    # Of two that would touch the one with the higher lot stays away, whatever else becomes of the
    # other: so no chain reaches far.
    lots = np.array([(int(hash2(x, z, BOAT)), x, z) for x, z, *_ in found])
    order = np.lexsort(lots.T[::-1])
    rank = np.empty(len(found), int)
    rank[order] = np.arange(len(found))
    one, two = shapely.STRtree(boxes).query(boxes, predicate="dwithin", distance=1.0 / frame.scale)
    kept[one[rank[one] > rank[two]]] = False
    return np.asarray(np.array(found, np.int32)[kept], np.int32)


def read_jetties(sources: Sequence[VectorSource], frame: Frame, bounds: Bounds) -> Jetties:
    """Jetties near the bounds: lines (`width` in metres) and polygons, of OSM those with
    `man_made=pier`."""
    skipped: Counter[str] = Counter()
    shapes = _decks(sources, frame, bounds, skipped)
    posts = np.vstack([np.zeros((0, 4)), *(_along(shape, -INSET_M, POSTS_M) for shape in shapes)])
    x, z = (np.floor(axis).astype(np.int32) for axis in frame.to_blocks(posts[:, 0], posts[:, 1]))
    return Jetties(outlines_of(shapes, frame), x, z, _boats(shapes, frame), skipped)


def near_boats(jetties: Jetties, grid: Grid) -> NDArray[np.int32]:
    """The boats of which a column may lie on the grid."""
    x, z = jetties.boats[:, 0], jetties.boats[:, 1]
    reach = BOAT_REACH
    inside = (
        (x >= grid.x0 - reach)
        & (x < grid.x0 + grid.nx + reach)
        & (z >= grid.z0 - reach)
        & (z < grid.z0 + grid.nz + reach)
    )
    return np.asarray(jetties.boats[inside], np.int32)


def boat_columns(jetties: Jetties, grid: Grid) -> NDArray[np.int32]:
    """(z, x) int32: the number of the boat that lies in each column, among those near the grid, or
    -1."""
    out = np.full(grid.shape, -1, np.int32)
    for number, boat in enumerate(near_boats(jetties, grid).tolist()):
        x0, z0, end_x, end_z = _footprint(*boat)
        out[
            max(z0 - grid.z0, 0) : max(end_z + 1 - grid.z0, 0),
            max(x0 - grid.x0, 0) : max(end_x + 1 - grid.x0, 0),
        ] = number
    return out


def _draw_boat(
    canvas: Canvas, ground: Ground, free: NDArray[np.bool_], boat: list[int], blocks: JettyBlocks
) -> None:
    grid = ground.grid
    x0, z0, end_x, end_z = _footprint(*boat)
    rows, columns = (
        slice(z0 - grid.z0, end_z + 1 - grid.z0),
        slice(x0 - grid.x0, end_x + 1 - grid.x0),
    )
    if min(rows.start, columns.start) < 0 or rows.stop > grid.nz or columns.stop > grid.nx:
        return
    level = ground.water_y[rows, columns]
    if (level == NO_WATER).any() or (level != level[0, 0]).any() or not free[rows, columns].all():
        return
    surface = int(level[0, 0]) - canvas.y0
    x, z, facing, look = boat
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[facing], STEPS[(facing + 1) % 4]
    for ahead, right, up, ids in blocks.boats[look]:
        row, column = (
            z + ahead_z * ahead + right_z * right - grid.z0,
            x + ahead_x * ahead + right_x * right - grid.x0,
        )
        canvas.ids[surface + up, row, column] = ids[facing]


def draw_jetties(
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    jetties: Jetties,
    blocks: JettyBlocks,
) -> None:
    """Decks a block above the water on posts down to the bed, where there is water; boats where all
    of theirs is. free: (z, x) bool, columns that nothing else takes. The canvas lies over the
    ground's grid; a boat reaches BOAT_REACH columns: the grid needs that halo."""
    if not len(jetties):
        return
    grid, ids, y0 = ground.grid, canvas.ids, canvas.y0
    jetty = np.full(grid.shape, -1, np.int32)
    burn(jetties.outlines, np.zeros(len(jetties), np.int32), grid.x0, grid.z0, jetty)
    deck = (jetty >= 0) & (ground.water_y != NO_WATER) & free
    z, x = np.nonzero(deck)
    ids[ground.water_y[z, x] + 1 - y0, z, x] = blocks.deck
    rows, columns = jetties.post_z - grid.z0, jetties.post_x - grid.x0
    inside = (rows >= 0) & (rows < grid.nz) & (columns >= 0) & (columns < grid.nx)
    for row, column in zip(rows[inside].tolist(), columns[inside].tolist(), strict=True):
        if deck[row, column]:
            ids[
                ground.ground_y[row, column] + 1 - y0 : ground.water_y[row, column] + 1 - y0,
                row,
                column,
            ] = blocks.post
    for boat in near_boats(jetties, grid).tolist():
        _draw_boat(canvas, ground, free, boat, blocks)
