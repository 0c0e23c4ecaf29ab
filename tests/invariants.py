"""What must hold in every city, drawn from whatever data: each check gives the faults that it
finds, in words, with their places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from scipy.ndimage import binary_dilation, binary_erosion, label

from buildings.drawing.columns import measure_columns
from buildings.plans.passages import passage_columns
from mc_city.city.city import City
from mc_city.city.drawing import draw, no_options
from mc_city.site.land import kept_columns
from mc_city.site.spanning import span_columns
from terrain.edges.drawing import edge_columns
from terrain.frame import Grid
from terrain.furniture.drawing import parked_columns, thing_columns
from terrain.ground.covers import COVER, ROAD_COVERS, STREET_COVERS
from terrain.ground.ground import NO_WATER, Ground
from terrain.structures.drawing import draw_ropes, draw_structures
from tests.joints import connected, connects
from tests.unit.test_interiors import STEPS, storeys
from tests.walking import FREE, FULL, HIGH, LADDER, Walk, codes_of, feet_of, walk_in
from worlds.canvas import Canvas
from worlds.java.palettes import WATER_PLANTS, is_passable
from worlds.volume import AIR, BlockVolume

SOIL = (
    "grass_block", "dirt", "coarse_dirt", "podzol", "rooted_dirt", "moss_block", "mud",
    "muddy_mangrove_roots", "mycelium", "farmland",
)  # fmt: skip
"""What flowers, grass, ferns and berry bushes grow on, in both editions."""
ON_SOIL = (
    "short_grass", "tall_grass", "fern", "large_fern", "dandelion", "poppy", "blue_orchid",
    "allium", "azure_bluet", "oxeye_daisy",
    "cornflower", "lily_of_the_valley", "sweet_berry_bush", "sunflower", "lilac", "rose_bush",
    "peony",
    "bush", "firefly_bush", "wildflowers",
)  # fmt: skip
FIRM_SOIL = tuple(
    name for name in SOIL if name not in ("mud", "farmland", "muddy_mangrove_roots", "mycelium")
)
"""What fallen leaves lie on: of full height, and what stands for them in older games grows
there."""
FALLING = ("sand", "red_sand", "gravel")
RAISED = ("air", "light", "rail", "wheat")
"""What may be above a street's surface, besides slabs, stairs and signs on walls."""
LEAST_ROOM = 3
"""Columns of a room in which a ladder leaves room to stand."""
MOST = 40
"""Faults that are told of each kind."""


@dataclass(frozen=True)
class Drawn:
    """A piece of a city as it is drawn. owner: (z, x) house or −1; rim: columns along its sides of
    which neighbours are not seen."""

    scene: City
    grid: Grid
    volume: BlockVolume
    ground: Ground
    owner: np.ndarray

    @cached_property
    def names(self) -> np.ndarray:
        """(states,) str"""
        return np.array(
            [state.name.removeprefix("minecraft:") for state in self.scene.palette.states]
        )

    @cached_property
    def codes(self) -> np.ndarray:
        """(states,) uint8: what each is to one who walks, see tests.walking."""
        return codes_of(self.scene.palette)

    @cached_property
    def through(self) -> np.ndarray:
        """(z, x) bool: columns of passages through houses."""
        passages = self.scene.houses.plans.passages
        return passage_columns(passages, self.owner, self.grid.x0, self.grid.z0) >= 0

    @cached_property
    def walk(self) -> Walk:
        return walk_in(self.volume)

    @cached_property
    def roads(self) -> np.ndarray:
        """(z, x) bool: columns of streets and paths with their pavements, not under houses or
        spans."""
        cover = np.isin(self.ground.cover, [COVER[name] for name in STREET_COVERS])
        free = (
            (self.owner < 0)
            & ~kept_columns(self.scene.land, self.grid)
            & (self.ground.water_y == NO_WATER)
        )
        return cover & free & ~span_columns(self.scene.spans, self.grid)

    @cached_property
    def raised(self) -> np.ndarray:
        """(y, z, x) bool: blocks where structures and wires are drawn if nothing else is there."""
        scene, volume, grid = self.scene, self.volume, self.grid
        canvas = Canvas(np.zeros_like(volume.ids), grid.x0, volume.y0, grid.z0)
        standing, nowhere = scene.structures, np.zeros(grid.shape, bool)
        today = no_options(scene)
        there = standing.there(grid, standing.presence.standing(today))
        ropes = standing.ropes.of(grid, standing.ropes.presence.standing(today))
        blocks = scene.blocks.structures
        draw_structures(canvas, self.ground.standing_y, nowhere, there, blocks)
        if len(ropes):
            draw_ropes(canvas, nowhere, ropes, blocks)
        return canvas.ids != 0

    def of_names(self, *wanted: str) -> np.ndarray:
        """(states,) bool: states whose name is one of these, or ends in one that begins with an
        underscore."""
        return np.array(
            [
                any(name == word or (word[0] == "_" and name.endswith(word)) for word in wanted)
                for name in self.names
            ]
        )

    def said(self, key: str, value: str) -> np.ndarray:
        """(states,) bool: states with this property."""
        return np.array(
            [dict(state.properties).get(key) == value for state in self.scene.palette.states]
        )

    def at(self, y: int, z: int, x: int) -> str:
        """The place of an index, and what is there."""
        return (
            f"{self.grid.x0 + x} {self.volume.y0 + y} {self.grid.z0 + z} "
            f"{self.scene.palette.states[self.volume.ids[y, z, x]]}"
        )

    def told(self, what: str, places: np.ndarray) -> list[str]:
        """Faults at places (n, 3) y, z, x."""
        return [f"{what}: {self.at(*place)}" for place in places[:MOST].tolist()]


def drawn(scene: City, grid: Grid) -> Drawn:
    volume, ground = draw(scene, grid, no_options(scene))
    houses = scene.houses
    owner = measure_columns(
        houses.outlines, houses.plans, houses.today, grid.x0, grid.z0, grid.shape
    ).owner
    return Drawn(scene, grid, volume, ground, owner)


def open_water(city: Drawn) -> list[str]:
    """Water that has air or something that gives way beside it or below it, and water above or
    below its level."""
    ids, watery = city.volume.ids, city.of_names("water", *WATER_PLANTS)
    soft = (
        np.array([name in ("air", "light") or is_passable(name) for name in city.names]) & ~watery
    )
    wet, empty = watery[ids], soft[ids]
    faults = np.zeros(ids.shape, bool)
    faults[1:] |= wet[1:] & empty[:-1]
    for axis in (1, 2):
        first, last = [slice(None)] * 3, [slice(None)] * 3
        first[axis], last[axis] = slice(1, None), slice(None, -1)
        one, two = tuple(first), tuple(last)
        faults[one] |= wet[one] & empty[two]
        faults[two] |= wet[two] & empty[one]
    found = city.told("open water", np.argwhere(faults))
    level = city.ground.water_y - city.volume.y0
    y = np.arange(len(ids))[:, None, None]
    tubes = span_columns(city.scene.spans, city.grid)
    fountains = thing_columns(city.scene.furniture, city.grid) >= 0
    above = wet & (y > np.where(city.ground.water_y == NO_WATER, -1, level)) & ~tubes & ~fountains
    found += city.told("water above its level", np.argwhere(above))
    dry = (city.ground.water_y != NO_WATER) & (city.owner < 0) & ~tubes
    z, x = np.nonzero(dry)
    surface = ids[level[z, x].clip(0, len(ids) - 1), z, x]
    bare = ~watery[surface] & (surface == 0)
    return found + city.told("hole in the water", np.stack([level[z, x], z, x], axis=1)[bare])


def things_on_streets(city: Drawn) -> list[str]:
    """Whatever stands on a street's surface or hangs into the two blocks above it, but for
    furniture on streets on foot."""
    fine = city.of_names(*RAISED, "_slab", "_stairs", "_wall_sign", "_carpet")
    # Gates that the data names stand on ways, and are open.
    fine |= np.array(
        [
            state.name.endswith("_fence_gate") and dict(state.properties)["open"] == "true"
            for state in city.volume.palette.states
        ]
    )
    fine[0] = True
    road = city.roads & np.isin(city.ground.cover, [COVER[name] for name in ROAD_COVERS])
    furnished = thing_columns(city.scene.furniture, city.grid) >= 0
    road &= ~(furnished & np.isin(city.ground.cover, [COVER["paving"], COVER["sett"]]))
    # Cars stand in car parks and in bays, which tests.unit.test_roadside holds.
    road &= ~parked_columns(city.scene.furniture, city.grid)
    z, x = np.nonzero(road)
    found: list[str] = []
    for up in (1, 2):
        y = city.ground.ground_y[z, x] + up - city.volume.y0
        bad = ~fine[city.volume.ids[y, z, x]]
        found += city.told("on a street", np.stack([y, z, x], axis=1)[bad])
    green = city.of_names("_leaves", "_sapling") | np.array(
        [is_passable(name) and name in ON_SOIL for name in city.names]
    )
    green |= city.of_names("spruce_log", "oak_log", "birch_log", "dark_oak_log", "leaf_litter")
    z, x = np.nonzero(city.roads)
    for up in (1, 2, 3):
        y = city.ground.ground_y[z, x] + up - city.volume.y0
        found += city.told(
            "growing on a street", np.stack([y, z, x], axis=1)[green[city.volume.ids[y, z, x]]]
        )
    return found


def trees_in_houses(city: Drawn) -> list[str]:
    """Leaves or unhewn trunks in a house's columns, from its floor to its roof."""
    green = city.of_names("_leaves", "spruce_log", "oak_log", "birch_log", "dark_oak_log")
    owned = np.maximum(city.owner, 0)
    y = np.arange(len(city.volume.ids))[:, None, None] + city.volume.y0
    plans = city.scene.houses.plans
    if not len(plans.floor_y):
        return []
    inside = (city.owner >= 0) & (y >= plans.floor_y[owned]) & (y <= plans.top_y[owned])
    return city.told("tree in a house", np.argwhere(green[city.volume.ids] & inside))


def _materials(scene: City, house: int) -> set[str]:
    """The names of the blocks that a house is made of."""
    steps = scene.blocks.looks.steps
    states = [
        *scene.blocks.looks.houses["blocks"][house].tolist(),
        *scene.blocks.looks.roofs[house].tolist(),
        *np.unique(scene.blocks.rooms.stamps.ids).tolist(),
        scene.blocks.rooms.partition,
        *(*steps.inside.tolist(), steps.ladder, steps.post, *steps.outside.tolist()),
    ]
    return {
        scene.palette.states[state].name.removeprefix("minecraft:") for state in states if state > 0
    }


def foreign_blocks(city: Drawn) -> list[str]:
    """Blocks in a house's columns, above its floor, that are of none of its own materials: a
    neighbour's, a tree's, a lamp's."""
    scene, plans = city.scene, city.scene.houses.plans
    spans = span_columns(scene.spans, city.grid)
    found: list[str] = []
    for house in np.unique(city.owner[city.owner >= 0]).tolist():
        own = np.isin(city.names, [*_materials(scene, house), "air", "light"])
        z, x = np.nonzero((city.owner == house) & ~spans & ~city.through)
        low = max(int(plans.floor_y[house]) + 1 - city.volume.y0, 0)
        strange = ~own[city.volume.ids[low:, z, x]] & ~city.raised[low:, z, x]
        places = np.argwhere(strange)
        found += city.told(
            f"not of house {house}",
            np.stack([places[:, 0] + low, z[places[:, 1]], x[places[:, 1]]], axis=1),
        )
    return found


def walls_outside(city: Drawn) -> list[str]:
    """Full blocks above the free ground within three columns of a house that are no tree, no post,
    and no base of steps to a door."""
    scene = city.scene
    plain = city.names
    hard = ~np.array([name == "air" or name == "light" or is_passable(name) for name in plain])
    hard &= ~city.of_names(
        *WATER_PLANTS,
        "_slab", "_stairs", "_leaves", "_log", "_sign", "_fence", "_trapdoor", "lantern",
        "_copper_lantern", "water", "_wall", "_pane",
        "_bars",
        "_carpet", "_door", "ladder", "_gate", "rail",
    )  # fmt: skip
    near = (
        binary_dilation(city.owner >= 0, np.ones((7, 7), bool))
        & (city.owner < 0)
        & ~kept_columns(scene.land, city.grid)
    )
    near &= ~span_columns(scene.spans, city.grid) & (city.ground.water_y == NO_WATER)
    near &= ~np.isin(
        city.ground.cover,
        [
            COVER[name]
            for name in (
                "playground", "pitch", "court", "cemetery", "allotments", "yard", "gravel_yard",
            )
        ],  # containers, heaps, pallets
    )  # fmt: skip
    near &= thing_columns(scene.furniture, city.grid) < 0
    near &= edge_columns(scene.edges, city.grid).line < 0
    for x, z, facing in scene.houses.plans.door[np.unique(city.owner[city.owner >= 0])].tolist():
        row, column = z - city.grid.z0, x - city.grid.x0
        if facing >= 0:
            # A doorway at a corner has a pier as its jamb.
            near[max(row - 1, 0) : max(row + 2, 0), max(column - 1, 0) : max(column + 2, 0)] = False
    steps = (
        np.unique(scene.blocks.looks.houses["blocks"]["plinth"])
        if len(scene.blocks.looks.houses)
        else []
    )
    z, x = np.nonzero(near)
    found: list[str] = []
    for up in range(1, 40):
        y = city.ground.ground_y[z, x] + up - city.volume.y0
        inside = y < len(city.volume.ids) - 1
        ids = city.volume.ids[y[inside], z[inside], x[inside]]
        above = plain[city.volume.ids[y[inside] + 1, z[inside], x[inside]]]
        based = np.isin(ids, steps) & (
            np.char.endswith(above, "_stairs") | np.isin(above, plain[steps])
        )
        bad = hard[ids] & ~based & ~city.raised[y[inside], z[inside], x[inside]]
        found += city.told(
            "wall outside its house", np.stack([y[inside], z[inside], x[inside]], axis=1)[bad]
        )
    return found


def _doors(city: Drawn) -> list[tuple[int, int, int, int, int]]:
    """(house, index of the feet inside the door y, z, x, facing) of the houses that lie whole in
    the piece."""
    plans, grid = city.scene.houses.plans, city.grid
    boxes = city.scene.houses.outlines.boxes
    inner = grid.grow(-1)
    found = []
    for house in np.unique(city.owner[city.owner >= 0]).tolist():
        left, top, right, bottom = boxes[house]
        whole = (
            left >= inner.x0
            and top >= inner.z0
            and right <= inner.x0 + inner.nx
            and bottom <= inner.z0 + inner.nz
        )
        if not whole or plans.hanging[house]:
            continue
        x, z, facing = (int(value) for value in plans.door[house])
        found.append(
            (
                house,
                int(plans.floor_y[house]) + 1 - city.volume.y0,
                z - grid.z0,
                x - grid.x0,
                facing,
            )
        )
    return found


def houses_without_door(city: Drawn) -> list[int]:
    """Houses that have room for a door: three columns in a row and its like; see `shut_doors` for
    those that have one."""
    return [house for house, *_, facing in _doors(city) if facing < 0]


def _goals(city: Drawn) -> np.ndarray:
    """(n, 3) y, z, x of places on streets, and on the ground along the piece's sides."""
    stands, height = city.walk.stands, len(city.volume.ids)
    wanted = city.roads.copy()
    rim = np.zeros_like(wanted)
    rim[[0, -1]] = True
    rim[:, [0, -1]] = True
    wanted |= rim & (city.owner < 0)
    z, x = np.nonzero(wanted & (city.ground.water_y == NO_WATER))
    found = []
    for up in (1, 2):
        y = (city.ground.ground_y[z, x] + up - city.volume.y0).clip(0, height - 1)
        found.append(np.stack([y, z, x], axis=1)[stands[y, z, x]])
    return np.concatenate(found)


def shut_doors(city: Drawn) -> list[str]:
    """Doors that are not there, before which one cannot stand, or from which one does not come to a
    street or the piece's side."""
    doors = _doors(city)
    out = city.walk.reached(_goals(city), back=True) if doors else np.zeros(0)
    found = []
    for house, y, z, x, facing in doors:
        if facing < 0:
            continue
        block = city.names[city.volume.ids[y, z, x]]
        dx, dz = STEPS[facing]
        before = [(level, z + dz, x + dx) for level in range(max(y - 3, 1), y + 2)]
        if not block.endswith("_door"):
            found.append(f"house {house}: no door but {city.at(y, z, x)}")
        elif feet_of(city.walk, y, z, x) < 0 or not any(
            city.walk.stands[place] for place in before
        ):
            found.append(f"house {house}: nowhere to stand before {city.at(y, z, x)}")
        elif not out[y, z, x]:
            found.append(f"house {house}: no way from {city.at(y, z, x)} to any street")
    return found


def largest_room(mine: np.ndarray) -> int:
    """Columns of the largest room of a house (z, x) bool: those with the house on all four
    sides."""
    inner = binary_erosion(mine, border_value=0)
    rooms, count = label(inner)
    return int(np.bincount(rooms[inner]).max()) if count else 0


def unreached_storeys(city: Drawn) -> list[str]:
    """Storeys of houses with a door where one cannot come from it without leaving the house."""
    scene = city.scene
    found = []
    for house, y, z, x, facing in _doors(city):
        if facing < 0:
            continue
        mine = city.owner == house
        if largest_room(mine & ~city.through) < LEAST_ROOM:
            continue
        floors = storeys(scene.houses.plans, scene.blocks.looks.houses, house)
        window = tuple(slice(int(axis.min()), int(axis.max()) + 1) for axis in np.nonzero(mine))
        walk = Walk(
            np.ascontiguousarray(city.walk.kind[:, window[0], window[1]]),
            city.walk.stands[:, window[0], window[1]],
        )
        start = np.array([[y, z - window[0].start, x - window[1].start]])
        seen = walk.reached(start, mine[window])
        for number, floor in enumerate(floors):
            level = floor - city.volume.y0
            if not (walk.stands[level] & mine[window]).any():
                continue
            # The place above a ladder is none of the storey yet.
            if not (
                seen[level] & (walk.kind[level] != LADDER) & (walk.kind[level - 1] != LADDER)
            ).any():
                stair = scene.houses.plans.stair[house].tolist()
                found.append(
                    f"house {house}: storey {number} of {len(floors)} at y {floor}, stairs "
                    f"{stair}, door {city.at(y, z, x)}"
                )
    return found


def shut_passages(city: Drawn) -> list[str]:
    """Columns of passages in which one cannot stand on the ground, and house walls beside them that
    are open."""
    base = city.ground.ground_y - city.volume.y0
    z, x = np.nonzero(city.through & ~kept_columns(city.scene.land, city.grid))
    stands = city.walk.stands
    shut = ~(stands[base[z, x] + 1, z, x] | stands[base[z, x] + 2, z, x])
    shut &= city.ground.water_y[z, x] == NO_WATER
    found = city.told("shut passage", np.stack([base[z, x] + 1, z, x], axis=1)[shut])
    floor = city.scene.houses.plans.floor_y - city.volume.y0
    for dx, dz in STEPS:
        inside = (z + dz >= 0) & (z + dz < len(base)) & (x + dx >= 0) & (x + dx < base.shape[1])
        beside = z[inside] + dz, x[inside] + dx
        wall = (city.owner[beside] == city.owner[z[inside], x[inside]]) & ~city.through[beside]
        here = beside[0][wall], beside[1][wall]
        level = floor[city.owner[here]] + 1
        open_ = city.walk.kind[level, *here] == FREE
        open_ &= ~city.of_names("_door")[city.volume.ids[level, *here]]
        found += city.told("open wall of a passage", np.stack([level, *here], axis=1)[open_])
    return found


def _axis(
    city: Drawn, points: np.ndarray, first: float | None, what: str, taken: np.ndarray
) -> list[str]:
    """Faults of walking along points (n, 2) x, z in blocks from a surface at height `first`: where
    there is nothing to stand on within a block of the last place. taken: (z, x) columns where the
    walk begins anew on the ground."""
    grid, walk = city.grid, city.walk
    found: list[str] = []
    feet = first
    last = None
    for x, z in np.floor(points).astype(int).tolist():
        row, column = z - grid.z0, x - grid.x0
        if (row, column) == last:
            continue
        last = (row, column)
        if not (0 <= row < grid.nz and 0 <= column < grid.nx) or taken[row, column]:
            feet = None
            continue
        if feet is None:
            feet = float(city.ground.walk2[row, column]) - 2 * city.volume.y0
        near = [
            feet_of(walk, level, row, column)
            for level in range(max(int(feet) // 2 - 2, 1), int(feet) // 2 + 3)
        ]
        near = [level for level in near if level >= 0 and abs(level - feet) <= 2]
        if not near:
            found.append(f"{what}: no step on from height {feet / 2 + city.volume.y0} at {x} {z}")
            feet = None
            continue
        feet = min(near, key=lambda level: abs(level - feet))
    return found


def broken_streets(city: Drawn) -> list[str]:
    """Places along the axes of streets, bridges and tunnels where one cannot walk on: a step of
    more than a block, or a hole."""
    scene, grid = city.scene, city.grid
    ways, spans = scene.land.roadway.ways, scene.spans
    over = span_columns(spans, grid)
    kept = kept_columns(scene.land, grid)
    blocked = (city.owner >= 0) | kept
    found: list[str] = []
    box = shapely.box(grid.x0, grid.z0, grid.x0 + grid.nx, grid.z0 + grid.nz)
    for way in np.flatnonzero(ways.on_ground):
        if not ways.highway[way]:
            continue
        line = shapely.transform(
            ways.geometry[way],
            lambda points: np.column_stack(grid.frame.to_blocks(points[:, 0], points[:, 1])),
        )
        if not line.intersects(box):
            continue
        points = shapely.get_coordinates(
            shapely.line_interpolate_point(line, np.arange(1.0, max(line.length - 1, 1.5), 0.5))
        )
        found += (
            _axis(city, points, None, f"{ways.highway[way]} {way}", blocked | over)
            if len(points)
            else []
        )
    for kind, lines, tops, starts, step in (
        ("bridge", spans.decks.lines, spans.decks.top_y, spans.decks.top_starts, spans.decks.step),
        ("tunnel", spans.tubes.lines, spans.tubes.floor_y, spans.tubes.starts, spans.tubes.step),
    ):
        for span in range(lines.number):
            if kind == "bridge" and span >= spans.bridges:
                continue
            points = np.column_stack([lines.xs, lines.zs])[
                lines.starts[span] : lines.starts[span + 1]
            ]
            line = shapely.LineString(points)
            places = np.arange(1.5, line.length - 1.5, 0.5)
            if not len(places):
                continue
            heights = tops[starts[span] : starts[span + 1]]
            along = np.interp(places / step[span], np.arange(len(heights)), heights)
            points = shapely.get_coordinates(shapely.line_interpolate_point(line, places))
            x, z = np.floor(points).astype(int).T
            inside = (
                (x >= grid.x0) & (x < grid.x0 + grid.nx) & (z >= grid.z0) & (z < grid.z0 + grid.nz)
            )
            if inside.any():
                first = int(np.argmax(inside))
                last = first + int(np.argmin(np.append(inside[first:], False)))
                start = 2 * (along[first] + 1 - city.volume.y0)
                found += _axis(city, points[first:last], start, f"{kind} {span}", kept)
    return found


def wrong_joints(city: Drawn, share: float = 1.0, seed: int = 0) -> list[str]:
    """Panes, bars, fences, walls, gates and stairs whose state is not the one that the game would
    give them. share: of them that are looked at."""
    states, ids = city.scene.palette.states, city.volume.ids
    joined = np.array([connects(state) for state in states])
    places = np.argwhere(joined[ids[:, 2:-2, 2:-2]]) + np.array([0, 2, 2])
    if share < 1.0:
        places = places[np.random.default_rng(seed).random(len(places)) < share]
    found = []
    for y, z, x in places.tolist():
        mine = states[ids[y, z, x]]

        def at(dy: int, dz: int, dx: int, here: tuple[int, int, int] = (y, z, x)) -> Any:
            level = here[0] + dy
            return states[ids[level, here[1] + dz, here[2] + dx]] if 0 <= level < len(ids) else AIR

        wanted = connected(mine, at)
        if wanted != mine:
            found.append(f"{city.at(y, z, x)} should be {wanted}")
            if len(found) >= MOST:
                break
    return found


def wrong_leaves(city: Drawn) -> list[str]:
    """Leaves that would decay, or whose distance from a log is not the true one."""
    ids, states = city.volume.ids, city.scene.palette.states
    leaf = city.of_names("_leaves")
    log = city.of_names("_log", "_wood", "_stem", "_hyphae")
    true = np.where(log[ids], 0, 7).astype(np.int8)
    is_leaf = leaf[ids]
    for distance in range(1, 7):
        before = true == distance - 1
        near = np.zeros(ids.shape, bool)
        for axis in range(3):
            first, last = [slice(None)] * 3, [slice(None)] * 3
            first[axis], last[axis] = slice(1, None), slice(None, -1)
            near[tuple(first)] |= before[tuple(last)]
            near[tuple(last)] |= before[tuple(first)]
        true[near & is_leaf & (true == 7)] = distance
    said = np.array([int(dict(state.properties).get("distance", 0)) for state in states])
    lasting = np.array([dict(state.properties).get("persistent") == "true" for state in states])
    inner = np.zeros(ids.shape, bool)
    inner[:, 7:-7, 7:-7] = True
    found = city.told("leaves that decay", np.argwhere(is_leaf & ~lasting[ids]))
    return found + city.told(
        "leaves at another distance", np.argwhere(is_leaf & inner & (said[ids] != true))
    )


def falling_blocks(city: Drawn) -> list[str]:
    """Sand, gravel and powder with nothing below."""
    ids = city.volume.ids
    falls = city.of_names(*FALLING, "_concrete_powder")
    held = ~np.array(
        [
            name in ("air", "light", "water") or name in WATER_PLANTS or is_passable(name)
            for name in city.names
        ]
    )
    return city.told(
        "would fall", np.argwhere(falls[ids[1:]] & ~held[ids[:-1]]) + np.array([1, 0, 0])
    )


def _hung(city: Drawn, firm: np.ndarray) -> list[str]:
    """Ladders and signs on walls without a wall behind them."""
    ids, found = city.volume.ids, []
    for side, (dx, dz) in zip(("north", "east", "south", "west"), STEPS, strict=True):
        hung = city.of_names("ladder", "_wall_sign") & city.said("facing", side)
        places = np.argwhere(hung[ids[:, 1:-1, 1:-1]]) + np.array([0, 1, 1])
        behind = ids[places[:, 0], places[:, 1] - dz, places[:, 2] - dx]
        found += city.told("hung on nothing", places[~firm[behind]])
    return found


def unsupported(city: Drawn) -> list[str]:
    """Plants on what does not carry them, halves without the other, and ladders, doors, rails,
    signs and lanterns without a hold."""
    ids, doors = city.volume.ids, city.of_names("_door")
    below, here = ids[:-1], ids[1:]
    full = (city.codes == FULL) & ~city.of_names("_leaves", "_pane", "_bars", "_shelf")
    firm = full & ~(city.of_names("_stairs") & city.said("half", "bottom"))
    lower, upper = doors & city.said("half", "lower"), doors & city.said("half", "upper")
    posts = firm | city.of_names("_fence", "_wall", "_stairs", "_slab", "_bars")
    wrong = {
        "plant without soil": city.of_names(*ON_SOIL, "_tulip")[here]
        & ~city.of_names(*SOIL)[below],
        "leaves on what does not carry them": city.of_names("leaf_litter")[here]
        & ~city.of_names(*FIRM_SOIL)[below],
        "lily pad not on water": city.of_names("lily_pad")[here] & ~city.of_names("water")[below],
        "carpet over nothing": city.of_names("_carpet")[here] & (below == 0),
        "rail without a bed": city.of_names("rail")[here] & ~firm[below],
        "door on nothing": lower[here] & ~firm[below],
        "upper half of a door": upper[here] & ~lower[below],
        "lantern on nothing": (
            city.of_names("lantern", "_copper_lantern") & city.said("hanging", "false")
        )[here]
        & ~posts[below],
    }
    found = [
        fault
        for what, where in wrong.items()
        for fault in city.told(what, np.argwhere(where) + np.array([1, 0, 0]))
    ]
    found += city.told("lower half of a door", np.argwhere(lower[below] & ~upper[here]))
    return found + _hung(city, full | (city.codes == HIGH))
