"""A saved world as exports see it: what always stands, piece by piece, and apart from it what each
combination of planned layers puts in its places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.regions import Read, opened_regions
from mc_city.saved.opening import opened_world
from mc_city.saved.switching import blocks_of_units, has_layers, read_world_layers
from mc_city.settings.names import FACTS
from worlds.errors import WorldError
from worlds.faces import SOLID, Faces, faces_of
from worlds.layers import CELL, Change, Layers, State, Unit, combination, note_path
from worlds.meshing import kinds_around, kinds_in_all
from worlds.notes import WorldNote, read_note
from worlds.rect import Rect
from worlds.volume import AIR, BlockState, BlockVolume, Palette

PIECE = 256
"""Blocks that a piece is wide, a divisor of a region's 512 and a multiple of a unit's cell."""
CHUNK, REGION = 16, 512


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """An open world. folder: unpacked; note: what the build wrote down of it; layers: its switches
    and units, None without plans; area: the columns that were built; read: see `regions.Read`."""

    folder: Path
    note: WorldNote
    layers: Layers | None
    area: Rect
    read: Read

    def __repr__(self) -> str:
        return f"<Scene {self.note.city}: {self.area.nx} x {self.area.nz} blocks>"

    @property
    def pieces(self) -> tuple[Rect, ...]:
        """The pieces of the area, cut at multiples of PIECE."""
        return pieces_of(self.area)


@dataclass(frozen=True, kw_only=True, eq=False)
class Option:
    """What a combination of layers puts into a unit's places. number: of the combination, see
    `worlds.layers.combination`; blocks: where and what, ids into the piece's palette."""

    number: int
    blocks: Change


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """A unit in a piece, whose blocks depend on the layers `unit.switches` and nothing else.
    options: one for each combination of their states, in order."""

    unit: Unit
    number: int
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """A rectangle of the city. rect: its columns; y0: the lowest level; always: (y, z + 2, x + 2)
    uint16, blocks that stand whatever is shown, with a ring of one column; the places of units are
    air in it; around: (y + 2, z + 2, x + 2) uint8, what surely fills each place (worlds.faces);
    states: what ids mean, air first; faces: what they show; places: the units in it.
    """

    rect: Rect
    y0: int
    always: NDArray[np.uint16]
    around: NDArray[np.uint8]
    states: tuple[BlockState, ...]
    faces: Faces
    places: tuple[Place, ...]


def pieces_of(area: Rect, side: int = PIECE) -> tuple[Rect, ...]:
    """A rectangle cut at multiples of `side`, region by region and in each row by row."""
    out = []
    for z in range(area.z // side * side, area.z + area.nz, side):
        for x in range(area.x // side * side, area.x + area.nx, side):
            west, north = max(x, area.x), max(z, area.z)
            east, south = min(x + side, area.x + area.nx), min(z + side, area.z + area.nz)
            out.append(Rect(west, north, east - west, south - north))
    return tuple(sorted(out, key=lambda one: (one.z // REGION, one.x // REGION)))


@contextmanager
def opened_scene(world: Path) -> Iterator[Scene]:
    """A world of either edition, for as long as it is read. WorldError for one that mc-city did not
    make."""
    with opened_world(world) as folder:
        path = note_path(folder, FACTS)
        if not path.exists():
            raise WorldError(
                f"{world}: not made by mc-city (no {FACTS} in it)",
                hint="`mc-city map` draws any world",
            )
        note = read_note(path, WorldNote)
        west, north, east, south = note.area.blocks
        area = Rect(
            west // CHUNK * CHUNK,
            north // CHUNK * CHUNK,
            -(-east // CHUNK) * CHUNK - west // CHUNK * CHUNK,
            -(-south // CHUNK) * CHUNK - north // CHUNK * CHUNK,
        )
        layers = read_world_layers(folder) if has_layers(folder) else None
        with opened_regions(folder) as read:
            yield Scene(folder=folder, note=note, layers=layers, area=area, read=read)


def _volumes(scene: Scene, rect: Rect) -> Iterator[BlockVolume]:
    """The blocks of whole chunks that meet a rectangle, region by region."""
    first_z, last_z = rect.z // CHUNK, (rect.z + rect.nz - 1) // CHUNK
    first_x, last_x = rect.x // CHUNK, (rect.x + rect.nx - 1) // CHUNK
    for region_z in range(first_z >> 5, (last_z >> 5) + 1):
        for region_x in range(first_x >> 5, (last_x >> 5) + 1):
            rows = max(first_z - 32 * region_z, 0), min(last_z + 1 - 32 * region_z, 32)
            columns = max(first_x - 32 * region_x, 0), min(last_x + 1 - 32 * region_x, 32)
            only = np.zeros((32, 32), bool)
            only[rows[0] : rows[1], columns[0] : columns[1]] = True
            volume = scene.read((region_x, region_z), rows, only)
            if volume is not None and len(volume.ids):
                yield volume


def _window(volume: BlockVolume, rect: Rect) -> tuple[slice, slice]:
    """(rows, columns) of a volume that lie in a rectangle."""
    depth, width = volume.ids.shape[1:]
    return rect.window_in(Rect(volume.x0, volume.z0, width, depth))


def read_blocks(scene: Scene, rect: Rect) -> BlockVolume:
    """The blocks of a rectangle of columns as the world stands just now, air where nothing is."""
    found = list(_volumes(scene, rect))
    own: dict[BlockState, int] = {AIR: 0}
    low = min((volume.y0 for volume in found), default=0)
    high = max((volume.y0 + len(volume.ids) for volume in found), default=low + 1)
    ids = np.zeros((high - low, rect.nz, rect.nx), np.uint16)
    for volume in found:
        table = np.array(
            [own.setdefault(state, len(own)) for state in volume.palette.states], np.uint16
        )
        rows, columns = _window(volume, rect)
        held = volume.ids[:, rows, columns]
        place = Rect(
            max(volume.x0, rect.x), max(volume.z0, rect.z), held.shape[2], held.shape[1]
        ).window_in(rect)
        ids[volume.y0 - low : volume.y0 - low + len(held), place[0], place[1]] = table[held]
    return BlockVolume(rect.x, low, rect.z, ids, Palette(tuple(own)))


def _units_in(layers: Layers, rect: Rect) -> list[int]:
    """The numbers of units that have a cell with columns of a rectangle."""
    return [
        number
        for number, unit in enumerate(layers.units)
        if rect.meets(Rect(unit.cell[0] * CELL, unit.cell[1] * CELL, CELL, CELL))
    ]


def _places(
    scene: Scene, rect: Rect, states: dict[BlockState, int]
) -> list[tuple[int, Unit, list[Change]]]:
    """(number, unit, what each of its combinations has) of the units that meet a rectangle."""
    if scene.layers is None:
        return []
    numbers = _units_in(scene.layers, rect)
    units = [scene.layers.units[number] for number in numbers]
    wanted = [(unit, option) for unit in units for option in range(len(unit.pieces))]
    found = iter(blocks_of_units(scene.folder, wanted, states))
    out = []
    for number, unit in zip(numbers, units, strict=True):
        options = [next(found) for _ in unit.pieces]
        if len({len(option.ids) for option in options}) != 1:
            raise WorldError(
                f"{scene.folder.name}: the states of one place of a layer list other blocks",
                hint="take the world again from its zip or a backup",
            )
        out.append((number, unit, options))
    return out


def _within(change: Change, rect: Rect, levels: tuple[int, int]) -> NDArray[np.bool_]:
    """(n,) bool: the blocks of a change that lie in a rectangle and between two levels."""
    return (
        (change.x >= rect.x)
        & (change.x < rect.x + rect.nx)
        & (change.z >= rect.z)
        & (change.z < rect.z + rect.nz)
        & (change.y >= levels[0])
        & (change.y < levels[1])
    )


def _taller(volume: BlockVolume, changes: Sequence[Change]) -> tuple[int, NDArray[np.uint16]]:
    """(lowest level, ids) of a volume that has room for all blocks of some changes."""
    ys = [change.y for change in changes if len(change.y)]
    low = min([volume.y0, *(int(levels.min()) for levels in ys)])
    high = max([volume.y0 + len(volume.ids), *(int(levels.max()) + 1 for levels in ys)])
    if (low, high) == (volume.y0, volume.y0 + len(volume.ids)):
        return low, volume.ids
    ids = np.zeros((high - low, *volume.ids.shape[1:]), np.uint16)
    ids[volume.y0 - low : volume.y0 - low + len(volume.ids)] = volume.ids
    return low, ids


def _lowest_seen(kinds: NDArray[np.uint8]) -> int:
    """The first level of (y, z, x) above which something is not solid, less one."""
    solid = (kinds == SOLID).all(axis=(1, 2))
    return max(int(np.argmin(solid)) - 1, 0) if not solid.all() else len(kinds) - 1


def read_piece(scene: Scene, rect: Rect) -> Piece:
    """A rectangle of the city in all states of its layers. Memory is that of its blocks."""
    ring = rect.grow(1)
    volume = read_blocks(scene, ring)
    own = {state: number for number, state in enumerate(volume.palette.states)}
    held = _places(scene, ring, own)
    low, ids = _taller(volume, [options[0] for _, _, options in held])
    states = tuple(own)
    faces = faces_of(states)
    for _, _, options in held:
        first = options[0]
        rows = _within(first, ring, (low, low + len(ids)))
        ids[first.y[rows] - low, first.z[rows] - ring.z, first.x[rows] - ring.x] = 0
    kinds = faces.kinds[ids]
    for _, _, options in held:
        first = options[0]
        rows = _within(first, ring, (low, low + len(ids)))
        sure = kinds_in_all(np.stack([faces.kinds[option.ids[rows]] for option in options]))
        kinds[first.y[rows] - low, first.z[rows] - ring.z, first.x[rows] - ring.x] = sure
    bottom = _lowest_seen(kinds)
    places = []
    for number, unit, options in held:
        rows = _within(options[0], rect, (low + bottom, low + len(ids)))
        if rows.any():
            made = tuple(
                Option(
                    number=option,
                    blocks=Change(change.x[rows], change.y[rows], change.z[rows], change.ids[rows]),
                )
                for option, change in enumerate(options)
            )
            places.append(Place(unit=unit, number=number, options=made))
    return Piece(
        rect=rect,
        y0=low + bottom,
        always=ids[bottom:],
        around=kinds_around(kinds[bottom:]),
        states=states,
        faces=faces,
        places=tuple(places),
    )


def piece_in_state(scene: Scene, piece: Piece, state: State) -> BlockVolume:
    """All blocks of a piece, (y, z, x) without its ring, in a state of the world's layers."""
    ids = piece.always[:, 1:-1, 1:-1].copy()
    for place in piece.places:
        assert scene.layers is not None
        number = combination(scene.layers.switches, place.unit.switches, state)
        blocks = place.options[number].blocks
        ids[blocks.y - piece.y0, blocks.z - piece.rect.z, blocks.x - piece.rect.x] = blocks.ids
    return BlockVolume(piece.rect.x, piece.y0, piece.rect.z, ids, Palette(piece.states))
