"""A saved world as exports see it: nothing more and nothing less than what the game shows."""

import numpy as np
import pytest

from mc_city.api import open_world
from mc_city.exports.groups import coarse_groups
from mc_city.exports.scene import (
    opened_scene,
    piece_in_state,
    pieces_of,
    read_blocks,
    read_piece,
)
from mc_city.exports.shells import outside, shell_of
from worlds.errors import WorldError
from worlds.faces import SOLID
from worlds.layers import combination
from worlds.meshing import Blocks, joined_quads, mesh
from worlds.rect import Rect


def names(piece, ids) -> np.ndarray:
    return np.array([str(state) for state in piece.states])[ids]


def test_pieces_cover_the_area_once():
    area = Rect(-300, 16, 700, 300)
    covered = np.zeros((area.nz, area.nx), int)
    for piece in pieces_of(area):
        rows, columns = piece.window_in(area)
        covered[rows, columns] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("edition", ["Liten", "Liten.mcworld"])
def test_today_and_each_layer_are_what_the_world_shows(planned_out, edition):
    """A world that shows nothing, read as it shows all, is that which was built showing all."""
    with opened_scene(planned_out() / edition) as scene:
        rect = scene.pieces[0]
        piece = read_piece(scene, rect)
        layers = [state.id for state in open_world(planned_out() / edition).layers]
        first = list({name.partition("/")[0]: name for name in reversed(layers)}.values())
        read = piece_in_state(scene, piece, [1] * len(scene.layers.switches))
    with opened_scene(planned_out(*reversed(first)) / edition) as scene:
        standing = read_blocks(scene, rect)
    high = min(len(read.ids), standing.y0 + len(standing.ids) - read.y0)
    cut = standing.ids[read.y0 - standing.y0 :][:high]
    own = np.array([str(state) for state in standing.palette.states])
    assert (names(piece, read.ids[:high]) == own[cut]).all()
    assert not read.ids[high:].any()


@pytest.mark.parametrize("chosen", range(5))
def test_a_shell_has_every_side_that_is_seen_from_outside(planned_out, chosen):
    """In each state: sides of whole blocks beside which there is a place under the open sky."""
    with opened_scene(planned_out() / "Liten") as scene:
        piece = read_piece(scene, Rect(-64, -64, 96, 96))
        shell = shell_of(piece)
        assert piece.places
        count = len(scene.layers.switches)
        assert count == 3
        state = [int(chosen in (one, 4)) for one in range(count)]
        parts = [shell.always] + [
            shell.options[
                place.number, combination(scene.layers.switches, place.unit.switches, state)
            ]
            for place in piece.places
        ]
        seen = seen_sides(piece, piece_in_state(scene, piece, state).ids)
    assert len(seen) > 5000
    assert seen <= squares(joined_quads(parts))


def seen_sides(piece, ids) -> set[tuple[int, ...]]:
    """(side, x, y, z) of sides of whole opaque blocks that a place under the open sky lies beside,
    found block by block; without those at the edge of the piece."""
    solid = piece.faces.kinds[ids] == SOLID
    open_sky = outside(~piece.faces.seals[ids])
    found = set()
    for side in range(6):
        axis, step = (2, 0, 1)[side >> 1], 1 if side & 1 else -1
        beside = np.roll(open_sky, -step, axis) & ~np.roll(solid, -step, axis)
        shown = solid & beside
        ends = [slice(1, -1)] * 3
        ys, zs, xs = np.nonzero(shown[tuple(ends)])
        for y, z, x in zip(ys + 1, zs + 1, xs + 1, strict=True):
            place = [int(x) + piece.rect.x, int(y) + piece.y0, int(z) + piece.rect.z]
            place[side >> 1] += side & 1
            found.add((side, *place))
    return found


def squares(quads) -> set[tuple[int, ...]]:
    """(side, x, y, z) of each square of a block that rectangles of whole blocks cover."""
    found = set()
    whole = (quads.at % 16 == 0).all(axis=1) & (quads.size % 16 == 0).all(axis=1)
    for at, size, side, _ in zip(*quads.take(whole), strict=True):
        one, two = [axis for axis in range(3) if axis != side >> 1]
        for first in range(size[0] // 16):
            for second in range(size[1] // 16):
                place = (at // 16).tolist()
                place[one] += first
                place[two] += second
                found.add((int(side), *place))
    return found


def test_a_shell_has_no_rooms(planned_out):
    """Far fewer faces than all blocks have."""
    with opened_scene(planned_out() / "Liten") as scene:
        piece = read_piece(scene, scene.pieces[0])
        inner = np.ascontiguousarray(piece.always[:, 1:-1, 1:-1])
        at = piece.rect.x, piece.y0, piece.rect.z
        whole = mesh(Blocks(inner, piece.around, at), piece.faces)
        assert len(shell_of(piece).always.side) < len(whole.side)


@pytest.mark.parametrize("times", [2, 4, 8])
def test_from_afar_no_column_is_open_to_below_in_any_state(planned_out, times):
    with opened_scene(planned_out() / "Liten") as scene:
        piece = read_piece(scene, Rect(-64, -64, 96, 96))
        groups = coarse_groups(scene, piece, shell_of(piece), times)
        count = len(scene.layers.switches)
    for state in ([0] * count, *np.eye(count, dtype=int).tolist(), [1] * count):
        covered = np.zeros((96, 96), bool)
        for group in groups:
            if all(state[number] == option for number, option in group.shown):
                up = group.quads.take(group.quads.side == 3)
                for (x, _, z), (wide, deep) in zip(up.at // 16, up.size // 16, strict=True):
                    covered[z + 64 : z + 64 + deep, x + 64 : x + 64 + wide] = True
        assert covered.all()


def test_a_room_that_is_closed_is_not_outside_and_one_with_a_hole_is():
    passes = np.ones((5, 5, 5), bool)
    passes[0:4, 1:4, 1:4] = False
    passes[1:3, 2, 2] = True
    assert not outside(passes)[1, 2, 2]
    passes[1, 2, 1] = True
    assert outside(passes)[1, 2, 2]


def test_a_world_of_others_is_explained(tmp_path):
    (tmp_path / "level.dat").write_bytes(b"")
    with pytest.raises(WorldError, match="not made by mc-city"), opened_scene(tmp_path):
        pass
