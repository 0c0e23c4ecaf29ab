"""A saved world as exports see it: nothing more and nothing less than what the game shows."""

import numpy as np
import pytest

from mc_city.api import open_world
from mc_city.exports.scene import (
    always_quads,
    opened_scene,
    option_quads,
    piece_in_state,
    pieces_of,
    quads_in_state,
    read_blocks,
    read_piece,
)
from mc_city.exports.shells import outside, shell_of
from mc_city.exports.web.tiles import coarse_groups
from worlds.errors import WorldError
from worlds.layers import combination
from worlds.rect import Rect


def states_of(scene) -> list[tuple[int, ...]]:
    """Today, and each layer's first option alone, and all of them."""
    count = len(scene.layers.switches)
    alone = [tuple(int(one == other) for other in range(count)) for one in range(count)]
    return [(0,) * count, *alone, (1,) * count]


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


def test_what_always_stands_with_one_option_of_each_unit_has_all_faces_of_that_state(planned_out):
    with opened_scene(planned_out() / "Liten") as scene:
        piece = read_piece(scene, scene.pieces[0])
        assert piece.places
        for state in states_of(scene):
            whole = _squares(quads_in_state(scene, piece, state))
            parts = _squares(always_quads(piece))
            for place in piece.places:
                number = combination(scene.layers.switches, place.unit.switches, state)
                parts |= _squares(option_quads(piece, place.options[number]))
            assert whole <= parts


def _squares(quads) -> set[tuple[int, ...]]:
    """(side, x, y, z, colour) of each square of a block that rectangles of whole blocks cover."""
    found = set()
    whole = (quads.at % 16 == 0).all(axis=1) & (quads.size % 16 == 0).all(axis=1)
    for at, size, side, colour in zip(*quads.take(whole), strict=True):
        one, two = [axis for axis in range(3) if axis != side >> 1]
        for first in range(0, size[0], 16):
            for second in range(0, size[1], 16):
                place = at.tolist()
                place[one] += first
                place[two] += second
                found.add((int(side), *place, int(colour)))
    return found


def test_a_shell_is_part_of_the_faces_and_has_all_that_the_sky_sees(planned_out):
    with opened_scene(planned_out() / "Liten") as scene:
        piece = read_piece(scene, scene.pieces[0])
        shell, whole = shell_of(piece), always_quads(piece)
    # But for the colour of panes.
    shown, known = ({square[:-1] for square in _squares(one)} for one in (shell.always, whole))
    assert shown <= known
    assert len(shell.always.side) < len(whole.side)
    # From above, the highest face of every column is the same.
    assert _tops(shell.always) == _tops(whole)


def _tops(quads) -> dict[tuple[int, int], int]:
    found: dict[tuple[int, int], int] = {}
    for side, x, y, z, _ in _squares(quads):
        if side == 3:
            found[x, z] = max(found.get((x, z), y), y)
    return found


@pytest.mark.parametrize("times", [2, 4, 8])
def test_from_afar_no_column_is_open_to_below(planned_out, times):
    with opened_scene(planned_out() / "Liten") as scene:
        piece = read_piece(scene, Rect(-32, -32, 64, 64))
        groups = coarse_groups(scene, piece, shell_of(piece), times)
    covered = np.zeros((64, 64), bool)
    for group in groups:
        up = group.quads.take(group.quads.side == 3)
        for (x, _, z), (wide, deep) in zip(up.at // 16, up.size // 16, strict=True):
            covered[z + 32 : z + 32 + deep, x + 32 : x + 32 + wide] = True
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
