"""Jetties and piers on posts over the water, the boats that are moored at them, and what else is in
the water: buoys, beacons, gates of locks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.facings import FACINGS, STEPS, facing_of, turned
from terrain.columns.lots import BERTH, BOAT
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn, hash2
from terrain.frame import Frame, Grid, quantised
from terrain.ground.ground import NO_WATER, Ground
from terrain.vectors.features import VectorSource, read_features
from terrain.vectors.words import metres_of, word
from terrain.water.afloat import BED, DECK, Afloat, Part, looks_of, named_afloat, read_afloat
from terrain.water.bathing import Wet, bathing_jetties, gate_columns
from worlds.canvas import Canvas
from worlds.materials import Materials
from worlds.volume import BlockState, Palette

Bounds = tuple[float, float, float, float]
WIDTH_M = 2.5
"""Width of a jetty that is drawn as a line and does not say."""
POSTS_M = 4.0
"""Metres from post to post along a jetty's edges."""
INSET_M = 0.6
BERTHS_M, OUT_M = 5.0, 1.5
"""Metres from boat to boat along a jetty's edge, and from the edge to a boat's stern."""
MOORED, IN_MARINAS = 0.5, 0.85
"""Share of the berths that are taken."""
NO_BOATS_M = 20.0
"""Metres from a place where one bathes within which no boat lies."""
BOAT_REACH = 6
"""Columns from one end of a boat to the other."""
PIERS = frozenset(("pier", "jetty", "brygga"))
MARINAS = frozenset(("marina", "småbåtshamn"))
BATHING = frozenset(("bathing_place", "swimming_area", "badplats"))
GATE, GATES = "lock_gate", frozenset(("slussport",))
ROWING_BOATS = 4
"""Looks of a rowing boat: tarred or painted."""
Boat = tuple[int, int, int, int]
"""A row of `Jetties.boats`."""
CRUISER, GLASS, ROOF = "<jetties.cruiser>", "<jetties.cruiser_glass>", "<jetties.cruiser_roof>"


@dataclass(frozen=True)
class Jetties:
    """outlines: the decks; post_x, post_z: (posts,) int32 columns; boats: (boats, 4) int32, of
    everything afloat: column x, z of the stern's left, facing as an index of
    terrain.columns.facings, place in BOATS; sorted, so that every tile draws them alike; gates:
    (n, 2) int32 columns x, z of the gates of locks; skipped: reason → how many; by_rule: decks that
    no data have."""

    outlines: Outlines
    post_x: NDArray[np.int32]
    post_z: NDArray[np.int32]
    boats: NDArray[np.int32]
    gates: NDArray[np.int32]
    skipped: Counter[str]
    by_rule: int = 0

    def __len__(self) -> int:
        return self.outlines.number

    @property
    def moored(self) -> int:
        """How many boats lie at jetties by rule."""
        return int(np.isin(self.boats[:, 3], MOORED_KINDS).sum())

    @property
    def afloat(self) -> dict[str, int]:
        """How many of each kind, by its name."""
        kinds = Counter(BOATS[look].kind for look in self.boats[:, 3].tolist())
        return dict(sorted(kinds.items()))


class Found(NamedTuple):
    """What the data have, in the city's CRS. decks, marinas, bathing: polygons, of the last also
    points; gates: points and lines; marks: kind of configs/afloat.toml, east, north."""

    decks: list[Any]
    marinas: list[Any]
    bathing: list[Any]
    gates: list[Any]
    marks: list[tuple[str, float, float]]


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


BOATS: tuple[Afloat, ...] = (
    *(Afloat("rowing_boat", 4, 2, tuple(_rowing(look)), moored=1) for look in range(ROWING_BOATS)),
    Afloat("cruiser", 5, 3, tuple(_cruiser()), moored=2),
    *read_afloat(),
)
"""All that lies on the water, each look of it."""
MOORED_KINDS = tuple(look for look, one in enumerate(BOATS) for _ in range(one.moored))
"""Places in BOATS of what lies at jetties, as often as it does."""
FINGER = next(look for look, one in enumerate(BOATS) if one.kind == "finger")
MOST_HIGH = max(one.high for one in BOATS)


class JettyBlocks(NamedTuple):
    """Palette ids. boats: of each of BOATS its parts (columns ahead, to the right, blocks up, ids
    by facing)."""

    deck: int
    post: int
    gate: int
    boats: tuple[tuple[tuple[int, int, int, tuple[int, ...]], ...], ...]


def _turned(materials: Materials, state: str) -> list[BlockState]:
    """The state of a part for each of FACINGS."""
    text = materials.filled(state)
    return [materials.state(turned(text, facing), state) for facing in range(len(FACINGS))]


def jetty_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that jetties and boats are made of."""
    yield from (materials.block(f"jetties.{part}") for part in ("deck", "post", "lock_gate"))
    parts = dict.fromkeys(state for boat in BOATS for *_, state in boat.parts)
    yield from dict.fromkeys(state for part in parts for state in _turned(materials, part))


def jetty_blocks(palette: Palette, materials: Materials) -> JettyBlocks:
    return JettyBlocks(
        deck=palette.id(materials.block("jetties.deck")),
        post=palette.id(materials.block("jetties.post")),
        gate=palette.id(materials.block("jetties.lock_gate")),
        boats=tuple(
            tuple(
                (ahead, right, up, tuple(palette.id(way) for way in _turned(materials, state)))
                for ahead, right, up, state in boat.parts
            )
            for boat in BOATS
        ),
    )


def _deck(shape: Any, width: Any) -> Any | None:
    """The polygon of a pier, None for a point."""
    if shapely.get_dimensions(shape) == 2:
        return shape
    if shapely.get_dimensions(shape) != 1:
        return None
    metres = metres_of(width)
    half = (metres if metres == metres else WIDTH_M) / 2
    return shapely.buffer(shape, half, cap_style="flat", join_style="mitre")


def _found(
    sources: Sequence[VectorSource], frame: Frame, bounds: Bounds, skipped: Counter[str]
) -> Found:
    """What the sources have; every feature of one that has neither `man_made` nor `kind` is a
    pier."""
    found = Found([], [], [], [], [])
    for source in sources:
        features = read_features(source, frame.crs, bounds, geometry_kind="feature")
        skipped.update(features.skipped)
        names = list(features.columns)
        telling = {"man_made", "kind"} & set(names)
        for place, shape in enumerate(features.geometry):
            tags = {name: features.columns[name][place] for name in names}
            if not telling or word(tags.get("man_made") or tags.get("kind")) in PIERS:
                deck = _deck(shape, tags.get("width"))
                if deck is None:
                    skipped["not a line or polygon"] += 1
                elif shapely.area(deck) > 0:
                    found.decks.append(deck)
            elif word(tags.get("leisure")) in MARINAS or word(tags.get("kind")) in MARINAS:
                found.marinas.append(shape)
            elif _is_bathing(tags):
                found.bathing.append(shape)
            elif word(tags.get("waterway")) == GATE or word(tags.get("kind")) in GATES:
                found.gates.append(shape)
            elif (kind := named_afloat(tags)) is not None:
                middle = shapely.centroid(shape)
                found.marks.append((kind, float(middle.x), float(middle.y)))
            else:
                skipped["not a pier"] += 1
    return found


def _is_bathing(tags: Mapping[str, Any]) -> bool:
    leisure, kind = word(tags.get("leisure")), word(tags.get("kind"))
    swum_at = word(tags.get("natural")) == "beach" and "swim" in word(tags.get("sport"))
    return leisure in BATHING or kind in BATHING or swum_at


def _along(shape: Any, distance: float, step: float) -> NDArray[np.float64]:
    """(n, 4): points on the outline moved outwards by a distance, and the direction there, the
    inside on its left."""
    rows: list[NDArray[np.float64]] = []
    for part in shapely.get_parts(shapely.buffer(shape, distance, join_style="mitre")):
        ring = shapely.geometry.polygon.orient(part, 1.0).exterior
        stations = np.arange(step / 2, ring.length, step)
        here, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(ring, stations + more))
            for more in (0.0, 0.25)
        )
        rows.append(np.hstack([here, ahead - here]))
    return np.vstack(rows) if rows else np.zeros((0, 4))


def _footprint(x: int, z: int, facing: int, look: int) -> tuple[int, int, int, int]:
    """(x0, z0, end x, end z) columns that a boat takes, the last ones included."""
    boat = BOATS[look]
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[facing], STEPS[(facing + 1) % 4]
    end_x = x + ahead_x * (boat.long - 1) + right_x * (boat.wide - 1)
    end_z = z + ahead_z * (boat.long - 1) + right_z * (boat.wide - 1)
    return min(x, end_x), min(z, end_z), max(x, end_x), max(z, end_z)


def _boxes(boats: Sequence[Boat], frame: Frame, inset: float = 0.0) -> NDArray[np.object_]:
    """Of each boat its columns, in the frame's CRS, smaller by so many columns on each side."""
    columns = np.array([_footprint(*boat) for boat in boats], np.float64).reshape(-1, 4)
    west, north = frame.to_city(columns[:, 0] + inset, columns[:, 1] + inset)
    east, south = frame.to_city(columns[:, 2] + 1 - inset, columns[:, 3] + 1 - inset)
    return np.asarray(shapely.box(west, south, east, north), object)


def _berth(east: float, north: float, facing: int, look: int, frame: Frame) -> Boat:
    """A boat with the middle of its stern at a place."""
    right_x, right_z = STEPS[(facing + 1) % 4]
    column, row = frame.to_blocks(east, north)
    half = (BOATS[look].wide - 1) / 2
    x, z = quantised(column - right_x * half), quantised(row - right_z * half)
    return int(np.floor(x)), int(np.floor(z)), facing, look


def _moored(found: Found, frame: Frame) -> list[Boat]:
    """Boats at the decks with their bows outwards, and in marinas fingers between them: clear of
    every deck and of each other."""
    decks = shapely.union_all(found.decks)
    marinas = shapely.buffer(shapely.union_all(found.marinas), 5.0)
    bathing = shapely.buffer(shapely.union_all(found.bathing), NO_BOATS_M)
    boats: list[Boat] = []
    fingers: list[Boat] = []
    for shape in found.decks:
        if shapely.intersects(shape, bathing):
            continue
        in_marina = bool(shapely.intersects(shape, marinas))
        for number, place in enumerate(_along(shape, OUT_M, BERTHS_M / 2).tolist()):
            east, north, run_east, run_north = place
            facing = facing_of(run_north, -run_east)
            column, row = frame.to_blocks(east, north)
            lot = int(hash2(int(np.floor(column)), int(np.floor(row)), BERTH))
            if number % 2:
                step_x, step_z = STEPS[facing]
                if in_marina:
                    x, z, *_ = _berth(east, north, facing, FINGER, frame)
                    fingers.append((x - step_x, z - step_z, facing, FINGER))
            elif (lot & 0xFFFF) / 65536.0 < (IN_MARINAS if in_marina else MOORED):
                look = MOORED_KINDS[(lot >> 20) % len(MOORED_KINDS)]
                boats.append(_berth(east, north, facing, look, frame))
    boats = _apart(sorted(set(boats)), shapely.buffer(decks, 0.3), frame)
    fingers = sorted(set(fingers))
    if not fingers:
        return boats
    boxes = _boxes(fingers, frame, 0.45)
    free = ~shapely.intersects(boxes, decks)
    taken = shapely.STRtree(_boxes(boats, frame)).query(boxes, predicate="intersects")[0]
    free[taken] = False
    one, two = shapely.STRtree(boxes).query(boxes, predicate="dwithin", distance=2.0)
    # Where two edges meet, neither has one: so it hangs on nothing but its neighbours.
    free[one[one != two]] = False
    return [*boats, *(finger for finger, fits in zip(fingers, free.tolist(), strict=True) if fits)]


def _apart(found: list[Boat], decks: Any, frame: Frame) -> list[Boat]:
    """Boats clear of the decks and of each other."""
    if not found:
        return []
    boxes = _boxes(found, frame)
    kept = ~shapely.intersects(boxes, decks)
    # Of two that would touch the one with the higher lot stays away, whatever else becomes of the
    # other: so no chain reaches far.
    lots = np.array([(int(hash2(x, z, BOAT)), x, z) for x, z, *_ in found])
    order = np.lexsort(lots.T[::-1])
    rank = np.empty(len(found), int)
    rank[order] = np.arange(len(found))
    one, two = shapely.STRtree(boxes).query(boxes, predicate="dwithin", distance=0.99 / frame.scale)
    kept[one[rank[one] > rank[two]]] = False
    return [boat for boat, stays in zip(found, kept.tolist(), strict=True) if stays]


def _marks(found: Found, frame: Frame, wet: Wet | None, skipped: Counter[str]) -> list[Boat]:
    """What the data have afloat or standing in the water, where there is water."""
    marks = []
    for kind, east, north in found.marks:
        column, row = frame.to_blocks(east, north)
        x, z = int(np.floor(quantised(column))), int(np.floor(quantised(row)))
        if wet is not None and wet(Grid(frame, x, z, 1, 1)).all():
            marks.append((x, z, 0, looks_of(kind, BOATS)[0]))
        else:
            skipped[f"{kind} on land"] += 1
    return marks


def read_jetties(
    sources: Sequence[VectorSource], frame: Frame, bounds: Bounds, wet: Wet | None = None
) -> Jetties:
    """Jetties near the bounds: lines (`width` in metres) and polygons, of OSM those with
    `man_made=pier`; by rule one where people bathe. wet: which columns of a grid are water."""
    skipped: Counter[str] = Counter()
    found = _found(sources, frame, bounds, skipped)
    boats = [] if not found.decks else _moored(found, frame)
    boats += _marks(found, frame, wet, skipped)
    by_rule = 0
    gates = np.zeros((0, 2), np.int32)
    if wet is not None:
        gates = gate_columns(found.gates, frame, wet, skipped)
        jetties = bathing_jetties(found.bathing, found.decks, frame, wet)
        by_rule = len(jetties)
        found.decks.extend(jetty.deck for jetty in jetties)
        boats += [
            (x, z, facing, looks_of(kind, BOATS)[0])
            for jetty in jetties
            for kind, x, z, facing in jetty.things
        ]
    posts = np.vstack(
        [np.zeros((0, 4)), *(_along(shape, -INSET_M, POSTS_M) for shape in found.decks)]
    )
    x, z = (np.floor(axis).astype(np.int32) for axis in frame.to_blocks(posts[:, 0], posts[:, 1]))
    return Jetties(
        outlines=outlines_of(found.decks, frame),
        post_x=x,
        post_z=z,
        boats=np.array(sorted(set(boats)), np.int32).reshape(-1, 4),
        gates=gates,
        skipped=skipped,
        by_rule=by_rule,
    )


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
    canvas: Canvas,
    ground: Ground,
    free: NDArray[np.bool_],
    deck: NDArray[np.bool_],
    boat: list[int],
    blocks: JettyBlocks,
) -> None:
    grid = ground.grid
    x0, z0, end_x, end_z = _footprint(*boat)
    rows, columns = (
        slice(z0 - grid.z0, end_z + 1 - grid.z0),
        slice(x0 - grid.x0, end_x + 1 - grid.x0),
    )
    if min(rows.start, columns.start) < 0 or rows.stop > grid.nz or columns.stop > grid.nx:
        return
    x, z, facing, look = boat
    one = BOATS[look]
    level = ground.water_y[rows, columns]
    if (level == NO_WATER).any() or (level != level[0, 0]).any() or not free[rows, columns].all():
        return
    if one.footing == DECK:
        if not deck[rows, columns].all():
            return
    elif int(level[0, 0]) - int(ground.ground_y[rows, columns].max()) < one.draught:
        return
    surface = int(level[0, 0]) - canvas.y0 + (2 if one.footing == DECK else 0)
    (ahead_x, ahead_z), (right_x, right_z) = STEPS[facing], STEPS[(facing + 1) % 4]
    for ahead, right, up, ids in blocks.boats[look]:
        row, column = (
            z + ahead_z * ahead + right_z * right - grid.z0,
            x + ahead_x * ahead + right_x * right - grid.x0,
        )
        bottom = surface + up
        if one.footing == BED and up == 0:
            bottom = int(ground.ground_y[row, column]) + 1 - canvas.y0
        canvas.ids[bottom : surface + up + 1, row, column] = ids[facing]


def top_of_boats(jetties: Jetties, ground: Ground) -> int:
    """The highest block that anything afloat may reach."""
    there = near_boats(jetties, ground.grid)
    return int(ground.standing_y.max()) + 2 + MOST_HIGH if len(there) else -(1 << 30)


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
    if not len(jetties) and not len(jetties.boats) and not len(jetties.gates):
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
    gate_x, gate_z = (jetties.gates - np.array((grid.x0, grid.z0), np.int32)).T
    inside = (gate_z >= 0) & (gate_z < grid.nz) & (gate_x >= 0) & (gate_x < grid.nx)
    for row, column in zip(gate_z[inside].tolist(), gate_x[inside].tolist(), strict=True):
        water_y = int(ground.water_y[row, column])
        if water_y != NO_WATER and free[row, column]:
            bottom = int(ground.ground_y[row, column]) + 1 - y0
            ids[bottom : water_y + 2 - y0, row, column] = blocks.gate
    for boat in near_boats(jetties, grid).tolist():
        _draw_boat(canvas, ground, free, deck, boat=boat, blocks=blocks)
