"""Where the information boards, the city room and the spawn are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from buildings.developments.boards import (
    APPROACH,
    ROOM_DEPTH,
    Builder,
    Pad,
    Place,
    board_size,
    draw_board,
    draw_room,
    find_pad,
    room_size,
)
from buildings.developments.developments import KEPT, Development, Developments
from buildings.developments.map_wall import draw_map_wall, wall_size
from buildings.developments.texts import (
    board_book,
    board_buttons,
    board_signs,
    board_voting,
    dial_years,
    map_legend,
    room_book,
    room_groups,
    room_signs,
    room_welcome,
)
from mc_city.placing.map_wall import map_picture
from mc_city.settings.config import Config
from mc_city.settings.provenance import real_and_illustrative
from mc_city.site.houses import Houses
from mc_city.site.land import Land, read_ground
from mc_city.site.spanning import span_columns
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.frame import Frame, Grid
from terrain.ground.covers import ROAD_COVERS, WALKED_COVERS, codes_of
from terrain.ground.ground import NO_WATER, Ground
from terrain.plane import in_city
from terrain.structures.structures import Structures
from terrain.works.regrade import reached_columns
from worlds.fixtures import Fixture
from worlds.materials import Materials
from worlds.rect import Rect
from worlds.words import Words

CLEAR_OF_ROOM, CLEAR_OF_OTHERS = 4, 2
"""Columns between a board and the city room, and what stands already."""
LOOK_FOR = 72
"""Columns around the wished place in which a board may stand."""
WALL_GAP, WALL_APPROACH = 2, 6
"""Columns between city room and map wall; open rows in front of the wall."""
WALL_SEEN_FROM = 12
"""Columns around the map wall that stay free of boards."""
LOOKS_NORTH, MUCH_FARTHER = 0, 24
"""A wall that one sees looking south, as everybody does who arrives in a Bedrock world; columns
that a room goes away to be one."""
SPAWN_REACHES = (32, 256)
"""Columns around the wished spawn in which open ground is looked for: near it, then farther."""
TOWARDS_WALL = (0.0, 90.0, 180.0, -90.0)
"""The angle at which one looks at a wall whose front looks north, east, south, west."""


class Surroundings(NamedTuple):
    """What is read of a city around a place. grid: the area that is known; structures: None where
    nobody asks for them."""

    grid: Grid
    land: Land
    houses: Houses
    structures: Structures | None = None


SurroundingsOf = Callable[[int, int], Surroundings]
"""Asked with the x and z of a place."""


@dataclass(frozen=True)
class Plot:
    """What is known of the ground around a place. Arrays (z, x) over `grid`: ground_y; blocked: no
    fixture may stand there;
    changing: some plan changes it; paved."""

    grid: Grid
    ground_y: NDArray[np.int32]
    blocked: NDArray[np.bool_]
    changing: NDArray[np.bool_]
    paved: NDArray[np.bool_]


class Marks(NamedTuple):
    """Outlines of what plans bring that is neither ground nor house. glass: of what they allow:
    signs are better read outside; kept: of what somebody built."""

    glass: Outlines
    kept: Outlines


def _marks(developments: Developments, grid: Grid) -> Marks:
    named = (developments.roles.get(role) for role in ("allowed", KEPT))
    return Marks(*(outlines_of([] if one is None else one.geometry, grid.frame) for one in named))


def _inside(outlines: Outlines, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns in any of the outlines."""
    out = np.full(grid.shape, -1, np.int32)
    burn(outlines, np.zeros(outlines.number, np.int32), grid.x0, z0=grid.z0, out=out)
    return out >= 0


def _survey(
    grid: Grid, land: Land, houses: Houses, taken: list[Rect], marks: Marks | None = None
) -> Plot:
    ground = read_ground(land, grid)
    everything = np.ones(houses.presence.options.shape[1], bool)
    order = np.concatenate([houses.today, houses.planned])
    owner = houses.owners(grid, order)
    road = np.isin(ground.cover, codes_of(ROAD_COVERS))
    blocked = (
        binary_dilation(owner >= 0, iterations=2)
        | (ground.water_y != NO_WATER)
        | ground.missing
        | road
    )
    if land.spans is not None:
        blocked |= span_columns(land.spans, grid)
    blocked |= binary_dilation(land.models.any_columns(grid), iterations=2)
    for rect in taken:
        blocked[rect.grow(CLEAR_OF_OTHERS).window_in(grid.rect)] = True
    changing = (
        reached_columns(land.works, everything, grid)
        if len(land.works)
        else np.zeros(grid.shape, bool)
    )
    if marks is not None and marks.glass.number:
        changing |= _inside(marks.glass, grid)
    if marks is not None and marks.kept.number:
        blocked |= binary_dilation(_inside(marks.kept, grid), iterations=2)
    paved = np.isin(ground.cover, codes_of(WALKED_COVERS))
    return Plot(grid, ground.ground_y, blocked, changing, paved)


def _around(grid: Grid, x: int, z: int) -> Grid:
    return Grid(grid.frame, x - LOOK_FOR, z - LOOK_FOR, 2 * LOOK_FOR + 1, 2 * LOOK_FOR + 1)


def _find(
    plot: Plot,
    near: tuple[int, int],
    size: tuple[int, int],
    front: int,
    facings: Sequence[int] = range(4),
) -> Pad | None:
    place = Place(
        x0=plot.grid.x0,
        z0=plot.grid.z0,
        ground_y=plot.ground_y,
        blocked=plot.blocked,
        disliked=binary_dilation(plot.changing, iterations=3),
        paved=plot.paved,
    )
    return find_pad(place, near, size, front, facings)


def _board(
    development: Development,
    frame: Frame,
    surroundings: SurroundingsOf,
    taken: list[Rect],
    words: Words,
    materials: Materials,
    marks: Marks,
    votes: bool = False,
) -> Fixture | None:
    """votes: whether one is to vote there; where there is no room for those buttons, there are
    none."""
    if development.place is None:
        return None
    east, north = development.place
    x, z = (int(np.floor(value)) for value in frame.to_blocks(east, north))
    grid, land, houses, _ = surroundings(x, z)
    plot = _survey(_around(grid, x, z), land, houses, taken, marks)
    buttons = board_buttons(development, words)
    voting = board_voting(development, words) if votes else None
    pad = _find(plot, (x, z), board_size(len(buttons), votes), 2)
    if pad is None and votes:
        voting, pad = None, _find(plot, (x, z), board_size(len(buttons)), 2)
    if pad is None:
        return None
    return draw_board(
        development.id,
        Builder(pad, materials),
        signs=board_signs(development, words),
        buttons=buttons,
        book=board_book(development, "", words),
        voting=voting,
    )


def _wished_spawn(config: Config, grid: Grid) -> tuple[int, int]:
    east, north = in_city(grid.frame.crs, *(config.world.spawn or config.city.origin))
    x, z = (int(np.floor(value)) for value in grid.frame.to_blocks(east, north))
    inside = grid.x0 <= x < grid.x0 + grid.nx and grid.z0 <= z < grid.z0 + grid.nz
    return (x, z) if inside else (grid.x0 + grid.nx // 2, grid.z0 + grid.nz // 2)


def find_spawn(
    config: Config, grid: Grid, land: Land, houses: Houses
) -> tuple[int, int, int, float]:
    """The open, dry ground nearest to the wished spawn: block x, y (of the feet), z and the angle
    of the look."""
    x, z = _wished_spawn(config, grid)
    for reach in SPAWN_REACHES:
        around = Grid(grid.frame, x - reach, z - reach, 2 * reach, 2 * reach).intersection(grid)
        ground = read_ground(land, around)
        free = _open(around, ground, land, houses)
        zs, xs = np.indices(around.shape)
        away = np.hypot(zs + around.z0 - z, xs + around.x0 - x) + np.where(free, 0, 1e6)
        row, column = np.unravel_index(int(np.argmin(away)), away.shape)
        # Nothing beyond the window is nearer than its edges.
        if away[row, column] < reach:
            break
    feet = int(ground.walk2[row, column] + 1) // 2
    return int(around.x0 + column), feet, int(around.z0 + row), 0.0


def _open(grid: Grid, ground: Ground, land: Land, houses: Houses) -> NDArray[np.bool_]:
    """(z, x) bool: the dry columns of today's city under the open sky."""
    owner = houses.owners(grid, houses.today)
    free = (owner < 0) & (ground.water_y == NO_WATER) & ~ground.missing
    if land.spans is not None:
        free &= ~span_columns(land.spans, grid)
    return np.asarray(free & ~land.models.columns(grid, land.models.presence.of_today))


def _room(
    config: Config,
    grid: Grid,
    land: Land,
    houses: Houses,
    developments: Developments,
    materials: Materials,
) -> tuple[Fixture, Pad, tuple[int, int]] | None:
    """The city room as near to the wished spawn as there is room for it, its place, and its width
    and depth."""
    votes = config.lessons.votes
    groups = room_groups(developments.layers, dial_years(developments.layers), config.words, votes)
    size = room_size(groups)
    depth = size[1] - APPROACH
    x, z = _wished_spawn(config, grid)
    plot = _survey(_around(grid, x, z), land, houses, [], _marks(developments, grid))
    pads = [_find(plot, (x, z), size, depth, facings) for facings in ((LOOKS_NORTH,), range(4))]
    found = [
        (np.hypot(*np.subtract(pad.at(size[0] // 2, 0, 0)[::2], (x, z))), pad)
        for pad in pads
        if pad is not None
    ]
    if not found:
        return None
    pad = found[0][1] if found[0][0] <= found[-1][0] + MUCH_FARTHER else found[-1][1]
    city, words = config.city.name, config.words
    book = room_book(city, *real_and_illustrative(config), words, votes)
    builder = Builder(pad, materials)
    room = draw_room(builder, room_welcome(city, words), room_signs(city, words), groups, book)
    return room, pad, (size[0], depth)


def _wall_pad(
    grid: Grid, land: Land, houses: Houses, room: Pad, size: tuple[int, int], marks: Marks
) -> Pad | None:
    """A place for the map wall beside the front wall of the city room, both looking the same way,
    so that one sees them at once. size: width and depth of the room; marks: what plans bring."""
    width, depth = wall_size()
    plots = []
    for middle in (size[0] + WALL_GAP + width // 2, -WALL_GAP - width // 2):
        x, _, z = room.at(middle, 0, size[1] - ROOM_DEPTH)
        # Glass is seen through: the wall may stand in it.
        seen = marks._replace(glass=outlines_of([], grid.frame))
        plot = _survey(_around(grid, x, z), land, houses, [_room_ground(room, size)], seen)
        pad = _find(plot, (x, z), (width, depth + WALL_APPROACH), depth, (room.facing,))
        if pad is not None:
            plots.append((np.hypot(*np.subtract(pad.at(width // 2, 0, 0)[::2], (x, z))), pad))
    return min(plots, key=lambda item: item[0])[1] if plots else None


def _room_ground(room: Pad, size: tuple[int, int]) -> Rect:
    """The city room and the way to it."""
    return Rect.between(room.at(0, 0, 0)[::2], room.at(size[0] - 1, 0, size[1] + 2)[::2])


def place_fixtures(
    config: Config,
    surroundings: SurroundingsOf,
    developments: Developments,
    materials: Materials,
    places: tuple[tuple[float, float, str], ...] = (),
) -> tuple[tuple[Fixture, ...], tuple[int, int, int, float]]:
    """(city room, map wall and boards, spawn). surroundings: of any place in the area, or the
    nearest to one outside; those of the spawn are what the map wall shows; places: (x, z, name) in
    blocks, for that.

    Boards stand as near to their `info` point as is free, dry and level, also when that is outside
    the area; without a layer there is neither room nor board.
    """
    grid = config.grid
    shown, land, houses, _ = surroundings(*_wished_spawn(config, grid))
    if not len(developments):
        return (), find_spawn(config, grid, land, houses)
    fixtures, taken = [], []
    allowed = any(layer.allows for layer in developments.layers)
    marks = _marks(developments, grid)
    room = _room(config, grid, land, houses, developments=developments, materials=materials)
    spawn = find_spawn(config, grid, land, houses)
    if room is not None:
        fixture, pad, size = room
        fixtures.append(fixture)
        taken.append(fixture.ground.grow(CLEAR_OF_ROOM))
        feet_x, _, feet_z = pad.at(size[0] // 2, 1, size[1] + 2)
        spawn = (
            feet_x,
            _standing(land, grid, feet_x, feet_z) + 1,
            feet_z,
            TOWARDS_WALL[pad.facing],
        )
        wall = _wall_pad(grid, land, houses, pad, size=size, marks=marks)
        if wall is not None:
            picture = map_picture(
                shown,
                land,
                houses,
                developments=developments,
                spawn=(spawn[0], spawn[2]),
                places=places,
                words=config.words,
            )
            fixtures.append(
                draw_map_wall(Builder(wall, materials), picture, map_legend(config.words, allowed))
            )
            taken.append(fixtures[-1].ground.grow(WALL_SEEN_FROM))
    for development in developments.layers:
        board = _board(
            development,
            grid.frame,
            surroundings,
            taken=taken,
            words=config.words,
            materials=materials,
            marks=marks,
            votes=config.lessons.votes,
        )
        if board is not None:
            fixtures.append(board)
            taken.append(board.ground)
    return tuple(fixtures), spawn


def _standing(land: Land, grid: Grid, x: int, z: int) -> int:
    return int(read_ground(land, Grid(grid.frame, x, z, 1, 1)).walk2[0, 0] + 1) // 2 - 1
