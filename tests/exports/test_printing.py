"""Parts for a 3D printer: closed, as large as the scale says, and such that they fit together."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import lib3mf
import manifold3d
import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import grey_opening

from mc_city import api
from mc_city.exports.areas import exported_area
from mc_city.exports.printing.cells import coarse, thickened
from mc_city.exports.printing.heights import FINE, VOID, Changed, counted, tops_of
from mc_city.exports.printing.jobs import beds_of
from mc_city.exports.printing.letters import LETTERS, arrow, printed, squares_of
from mc_city.exports.printing.parts import insert_air, insert_solid, key_solid, plate_solid
from mc_city.exports.printing.pockets import (
    MOST_PIECES,
    Pocket,
    joined_groups,
    places_of,
    wanted_states,
)
from mc_city.exports.printing.printing import Model, closed_mesh, read_model
from mc_city.exports.printing.settings import Printer, measures
from mc_city.exports.printing.solids import MICRO, Mesh, Solid, fill_diagonals, is_closed, mesh_of
from mc_city.exports.printing.stamps import Side, box_stamp, with_stamps
from mc_city.exports.printing.town import BASE, RIM, Box, Town, split
from mc_city.exports.scene import opened_scene, piece_in_state, read_piece
from tests.commands import run
from tests.conftest import quiet
from worlds.errors import ConfigError
from worlds.faces import faces_of
from worlds.layers import Switch
from worlds.rect import Rect
from worlds.volume import AIR, BlockState

BED = (90.0, 90.0)
TEXTS = "Liten", "1:1000", 0.0


def manifold(mesh: Mesh) -> manifold3d.Manifold:
    return manifold3d.Manifold(
        manifold3d.Mesh(
            np.ascontiguousarray(mesh.points, np.float32),
            np.ascontiguousarray(mesh.triangles, np.uint32),
        )
    )


def require_manifold(mesh: Mesh, holes: int = 0) -> manifold3d.Manifold:
    found = manifold(mesh)
    assert found.status() == manifold3d.Error.NoError
    assert found.volume() > 0
    assert found.genus() == holes
    return found


def read_3mf(path: Path) -> tuple[lib3mf.Model, dict[str, Mesh]]:
    """(the file, its parts by name, as the library of the 3MF consortium reads them)."""
    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(path))
    assert reader.GetWarningCount() == 0
    found, meshes = {}, model.GetMeshObjects()
    while meshes.MoveNext():
        mesh = meshes.GetCurrentMeshObject()
        assert mesh.IsManifoldAndOriented()
        found[mesh.GetName()] = Mesh(
            np.array([list(one.Coordinates) for one in mesh.GetVertices()]),
            np.array([list(one.Indices) for one in mesh.GetTriangleIndices()]),
        )
    return model, found


def placed(model: lib3mf.Model) -> list[tuple[str, float, float]]:
    """(name, x, y) of each copy of a part on the bed."""
    items, found = model.GetBuildItems(), []
    while items.MoveNext():
        item = items.GetCurrent()
        moved = item.GetObjectTransform().Fields[3]
        found.append((item.GetObjectResource().GetName(), moved[0], moved[1]))
    return found


@pytest.fixture(scope="module")
def exported(planned_out, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("print") / "out"
    done = api.export(planned_out() / "Liten", out, "3mf", printer=Printer(bed=BED))
    assert done.counts["plates"] == 4
    assert done.counts["pieces"] >= 2
    return out


@pytest.fixture(scope="module")
def read_back(exported) -> dict[str, tuple[lib3mf.Model, dict[str, Mesh]]]:
    """What each file holds, by its name; of pieces, the first files."""
    named = [*exported.glob("plate-*.3mf"), exported / "keys.3mf"]
    named += sorted(exported.glob("inserts-*.3mf"))[:6]
    return {path.name: read_3mf(path) for path in named}


@pytest.fixture(scope="module")
def model(planned_out) -> Model:
    with opened_scene(planned_out() / "Liten") as scene:
        return read_model(scene, scene.area, Printer(bed=BED), quiet)


def plate_meshes(model: Model) -> list[tuple[Box, Mesh]]:
    return [
        (plate.box, mesh_of(plate_solid(model.town, plate, model.today, model.pockets, TEXTS)))
        for plate in model.town.plates
    ]


def test_manifold3d_takes_every_part(read_back):
    assert set(read_back) >= {
        "inserts-1.3mf", "keys.3mf",
        "plate-A1.3mf", "plate-A2.3mf", "plate-B1.3mf", "plate-B2.3mf",
    }  # fmt: skip
    for _, meshes in read_back.values():
        for mesh in meshes.values():
            found = manifold(mesh)
            assert found.status() == manifold3d.Error.NoError
            assert found.volume() > 0


def test_a_slicer_reads_millimetres_names_and_whose_data_it_is(read_back):
    model, parts = read_back["plate-A2.3mf"]
    assert model.GetUnit() == lib3mf.ModelUnit.MilliMeter
    assert list(parts) == ["Liten A2"]
    group = model.GetMetaDataGroup()
    told = {
        group.GetMetaData(place).GetName(): group.GetMetaData(place).GetValue()
        for place in range(group.GetMetaDataCount())
    }
    assert told["Title"] == "Liten 1:1000, plate-A2"
    assert told["Application"].startswith("mc-city")
    names = list(read_back["inserts-1.3mf"][1])
    assert re.match(r"\d+A ", names[0])
    assert "i dag" in names[0]
    assert "today" in names[0]


def test_all_parts_fit_the_bed_and_lie_apart_on_it(read_back):
    for model, meshes in read_back.values():
        taken = []
        for name, x, y in placed(model):
            wide, deep, _ = meshes[name].size
            assert -1e-4 <= x <= BED[0] - wide + 1e-4
            assert -1e-4 <= y <= BED[1] - deep + 1e-4
            taken.append((x, y, x + wide, y + deep))
        for number, one in enumerate(taken):
            for other in taken[:number]:
                apart = max(one[0] - other[2], other[0] - one[2], one[1] - other[3],
                            other[1] - one[3])  # fmt: skip
                assert apart > 5


def test_a_town_is_as_large_as_the_scale_says(model):
    """128 x 128 blocks of a metre at 1:1000, with a strip for the name in the south."""
    meshes = dict(zip([one.name for one in model.town.plates], plate_meshes(model), strict=True))
    sizes = {name: mesh.size for name, (_, mesh) in meshes.items()}
    air = model.town.printer.clearance
    assert sizes["A1"][0] + sizes["B1"][0] == pytest.approx(128 - air, abs=0.01)
    assert sizes["A1"][1] + sizes["A2"][1] == pytest.approx(128 + RIM / MICRO - air, abs=0.01)
    low, high = model.today.min() / FINE, model.today.max() / FINE
    assert max(size[2] for size in sizes.values()) <= BASE / MICRO + high - low + 1e-6
    assert model.town.micrometres(model.today).min() >= BASE


@pytest.mark.parametrize("scale", [250, 1000, 2500, 10_000])
def test_cells_can_be_printed_and_are_true_to_the_scale(scale):
    with_frame = measures(_frame(), Printer(scale=scale))
    assert with_frame.cell >= 0.4 - 1e-9
    assert with_frame.cell == pytest.approx(with_frame.times * 1000 / scale)
    assert with_frame.level == pytest.approx(1000 / scale / 1.5)
    assert with_frame.thick * with_frame.cell >= 0.8 - 1e-9


def _frame():
    from worlds.notes import FrameNote

    return FrameNote(
        crs="EPSG:3006", origin=(0.0, 0.0), blocks_per_metre=1.0, sea_level_y=62,
        vertical_scale=1.5,
    )  # fmt: skip


def moved_insert(model: Model, place: int, shown: int) -> manifold3d.Manifold:
    """A piece where it is pressed into its pocket, in the town's own millimetres."""
    town, pocket = model.town, model.pockets[place]
    mesh = mesh_of(insert_solid(town, pocket, pocket.inserts[shown]))
    west, south, _, _ = insert_air(town, pocket.box)
    cell = town.measures.cell
    at = pocket.box.west * cell + west / MICRO, pocket.box.south * cell + south / MICRO
    return manifold(mesh.moved(*at, pocket.floor / MICRO))


def town_of(model: Model) -> manifold3d.Manifold:
    """All plates side by side."""
    parts = []
    air, cell = model.town.printer.clearance / 2, model.town.measures.cell
    for box, mesh in plate_meshes(model):
        south = -RIM / MICRO if box.south == 0 else box.south * cell + air
        west = 0.0 if box.west == 0 else box.west * cell + air
        parts.append(manifold(mesh.moved(west, south, 0.0)))
    return manifold3d.Manifold.compose(parts)


def test_a_piece_goes_into_its_pocket_with_just_the_air_that_was_asked_for(model):
    town, air = town_of(model), model.town.printer.clearance
    for place, pocket in enumerate(model.pockets):
        half = min(insert_air(model.town, pocket.box)) / MICRO - 0.01
        for shown in range(len(pocket.inserts)):
            piece = moved_insert(model, place, shown)
            assert (town ^ piece).volume() < 1e-6
            for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                assert (town ^ piece.translate((x * half, y * half, 0))).volume() < 1e-6
        # Where its wall is the town's, it holds.
        far = [
            (town ^ piece.translate((x * (air + 0.05), y * (air + 0.05), 0))).volume()
            for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))
        ]
        assert max(far) > 1e-3


def test_no_piece_lies_in_two_plates_and_none_over_another(model):
    for place, pocket in enumerate(model.pockets):
        held = [plate for plate in model.town.plates if plate.box.meets(pocket.box)]
        assert len(held) == 1
        assert held[0].box.shared(pocket.box) == pocket.box
        assert not any(pocket.box.meets(other.box) for other in model.pockets[:place])


def test_a_key_lies_in_its_slot(model):
    town = town_of(model)
    key = mesh_of(key_solid(model.town.clearance))
    require_manifold(key)
    wide, deep, high = key.size
    seam = model.town.xs[1] * model.town.measures.cell
    ends = [place * model.town.measures.cell for place in model.town.ys]
    middle = ends[1] + (ends[2] - ends[1]) / 4
    piece = manifold(key.moved(seam - wide / 2, middle - deep / 2, 0.0))
    assert high < 1.6
    assert (town ^ piece).volume() < 1e-6
    assert (town ^ piece.translate((0.0, 3.0, 0.0))).volume() > 1
    # Its heads hold: the plates cannot be drawn apart.
    assert (town ^ piece.translate((3.0, 0.0, 0.0))).volume() > 1


def test_heights_over_a_piece_are_those_of_its_state(planned_out, model):
    """Block by block: the highest whole block, slab or stair of each column."""
    with opened_scene(planned_out() / "Liten") as scene:
        pieces = [read_piece(scene, part) for part in scene.pieces]
        for state in {pocket.inserts[-1].states[0] for pocket in model.pockets}:
            whole = np.full((scene.area.nz, scene.area.nx), -1000.0)
            for piece in pieces:
                ids = piece_in_state(scene, piece, state).ids
                part = counted(piece.faces).tops[ids] / FINE
                levels = piece.y0 + np.arange(len(part))[:, None, None] + part
                whole[piece.rect.window_in(scene.area)] = np.where(part > 0, levels, -1000.0).max(
                    axis=0
                )
            wanted = whole[::-1]
            for pocket in model.pockets:
                if pocket.inserts[-1].states[0] == state:
                    # But for lamps, which are left out.
                    heights = pocket.inserts[-1].heights / FINE
                    assert (heights == wanted[pocket.box.window]).mean() > 0.97
                    assert is_printed_so(model, pocket, heights)


def is_printed_so(model: Model, pocket: Pocket, heights: np.ndarray) -> bool:
    """Whether a piece is as high as its cells: measured at the middle of some, in its pocket."""
    mesh = mesh_of(insert_solid(model.town, pocket, pocket.inserts[-1]))
    west, south, _, _ = insert_air(model.town, pocket.box)
    part = trimesh.Trimesh(mesh.points, mesh.triangles, process=False)
    rows, columns = (np.arange(side)[1:-1:5] for side in heights.shape)
    rows, columns = (one.ravel() for one in np.meshgrid(rows, columns))
    middles = np.stack([columns + 0.5 - west / MICRO, rows + 0.5 - south / MICRO], axis=1)
    tops = mesh.points[:, 2].max() - heights_below(part, middles)
    wanted = heights[rows, columns] - model.town.lowest / FINE + (BASE - pocket.floor) / MICRO
    return bool((abs(tops - wanted) < 1e-6).mean() > 0.97)


def heights_below(part: trimesh.Trimesh, places: np.ndarray) -> np.ndarray:
    """(n,) how far below its highest place the upper side of a body is at some places."""
    flat = part.face_normals[:, 2] > 0.5
    corners = part.triangles[flat]
    found = np.zeros(len(places))
    for number, place in enumerate(places):
        sides = [
            np.cross(
                corners[:, (one + 1) % 3, :2] - corners[:, one, :2], place - corners[:, one, :2]
            )
            for one in range(3)
        ]
        inside = np.all([side >= -1e-9 for side in sides], axis=0)
        found[number] = corners[inside, 0, 2].max()
    return part.bounds[1, 2] - found


def test_pieces_of_one_pocket_differ(model):
    for pocket in model.pockets:
        fields = [insert.heights.tobytes() for insert in pocket.inserts]
        assert len(set(fields)) == len(fields) > 1
        assert not any(pocket.inserts[0].states[0])


def test_the_name_stands_on_the_rim_and_below(model):
    plate = next(one for one in model.town.plates if one.rim and one.box.west == 0)
    solids = [
        plate_solid(model.town, plate, model.today, model.pockets, (name, "1:1000", 0.0))
        for name in ("ÅÄÖ", "AAO", "")
    ]
    with_marks, without, bare = (manifold(mesh_of(solid)).volume() for solid in solids)
    assert with_marks > without > bare
    assert (solids[0].bottoms == 600).any()


def test_every_letter_is_one_and_has_its_size():
    pictures = {letter: squares_of(letter).tobytes() for letter in LETTERS if letter != " "}
    assert len(set(pictures.values())) == len(pictures) - 1  # O and 0
    assert squares_of("a").shape == (7, 5)
    assert squares_of("Å").shape == (10, 5)
    assert squares_of("ab").shape == (7, 11)
    assert squares_of("漢").sum() == 0
    assert squares_of("").shape[1] == 1
    assert printed("I").shape == (21, 15)


@pytest.mark.parametrize(("turn", "row", "column"), [(0, 1, 0), (90, 0, -1), (180, -1, 0)])
def test_the_arrow_points_north(turn, row, column):
    """Its tip is far from the middle, where the rows run clockwise of north."""
    marked = arrow(turn, 41)
    rows, columns = np.nonzero(marked)
    way = rows - 20.0, columns - 20.0
    ahead = row * way[0] + column * way[1]
    across = column * way[0] + row * way[1]
    assert abs(across[ahead > 16]).max() < abs(across[ahead < -16]).max()


@pytest.mark.parametrize("seed", range(3))
def test_what_is_thin_grows_to_what_can_be_printed(seed):
    rng = np.random.default_rng(seed)
    heights = rng.choice([0, 0, 0, 16, 48], (40, 50)).astype(np.int16)
    for thick in (2, 3, 4):
        found = thickened(heights, thick)
        assert (found >= heights).all()
        opened = grey_opening(found, (thick, thick))
        inner = np.s_[2 * thick : -2 * thick, 2 * thick : -2 * thick]
        assert (opened[inner] == found[inner]).all()
    assert (thickened(heights, 1) == heights).all()


def test_a_thin_wall_is_thickened_and_a_house_is_not():
    heights = np.zeros((20, 20), np.int16)
    heights[3, 2:18] = 32
    heights[8:14, 5:12] = 80
    found = thickened(heights, 2)
    assert (found == 32).sum() == 2 * 17
    assert ((found == 80) == (heights == 80)).all()


def test_a_coarse_cell_loses_no_wall():
    heights = np.zeros((6, 7), np.int16)
    heights[2, 3] = 16
    assert coarse(heights, 2).tolist() == [[0, 0, 0], [0, 16, 0], [0, 0, 0]]


STATES = [
    AIR,
    *map(
        BlockState.parse,
        (
            "stone", "oak_fence", "stone_slab[type=bottom]", "lantern", "oak_leaves", "water",
            "short_grass", "oak_stairs[facing=east,half=bottom]", "white_carpet", "oak_sign",
        ),
    ),
]  # fmt: skip


def column(*ids: int) -> np.ndarray:
    """A column among others of one block."""
    field = np.zeros((6, 3, 3), np.uint16)
    field[0] = 1
    field[: len(ids), 1, 1] = ids
    return field


@pytest.mark.parametrize(
    ("ids", "top"),
    [
        ((1, 1, 1), 48), ((1, 3), 24), ((1, 8), 28), ((1, 7), 16), ((1, 2, 2), 16), ((1, 9), 16),
        ((1, 2, 2, 1), 16), ((1, 2, 2, 4), 16), ((6,), 16), ((1, 0, 0, 5), 64), ((1, 10), 16),
    ],
)  # fmt: skip
def test_what_fills_its_column_counts_and_what_is_thin_does_not(ids, top):
    """A block on a post is a lamp; a crown over air is filled."""
    tops = tops_of(column(*ids), 10, counted(faces_of(STATES)))
    assert tops[1, 1] - 160 == top


def test_a_column_without_blocks_is_void():
    field = column(1)
    field[:, 1, 1] = 0
    assert tops_of(field, 0, counted(faces_of(STATES)))[1, 1] == VOID


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 7), st.integers(1, 7), st.integers(0, 2**32 - 1), st.integers(2, 5),
    st.booleans(),
)  # fmt: skip
def test_any_heights_become_a_closed_body(rows, columns, seed, kinds, holed):
    rng = np.random.default_rng(seed)
    tops = (2 + rng.integers(0, kinds, (rows, columns))).astype(np.int32) * 700
    bottoms = rng.integers(0, 2, (rows, columns)).astype(np.int32) * 500
    holed &= rows > 2 and columns > 2
    if holed:
        tops[1, 1] = bottoms[1, 1] = 0
    xs, ys = (np.cumsum(rng.integers(1, 2000, side + 1)) for side in (columns, rows))
    mesh = mesh_of(Solid(xs, ys, tops, bottoms))
    assert is_closed(mesh)
    require_manifold(mesh, holes=int(holed))
    # Just as much as its cells are, those that were raised too.
    upper, lower = tops.copy(), -bottoms
    for field in (upper, lower):
        field[tops == bottoms] = -(1 << 30)
        fill_diagonals(field)
    thick = np.where(tops == bottoms, 0, upper.astype(float) + lower)
    area = np.diff(ys)[:, None] * np.diff(xs)[None].astype(float)
    assert mesh.volume == pytest.approx((thick * area).sum() / 1e9, rel=1e-9)


def test_two_towers_that_touch_at_a_corner_are_joined():
    tops = np.array([[9, 1], [1, 9]], np.int32) * 1000
    mesh = mesh_of(Solid(np.array([0, 1000, 2000]), np.array([0, 1000, 2000]), tops, 0 * tops))
    assert is_closed(mesh)
    assert mesh.volume == pytest.approx(9 * 3 + 1)


def test_a_stamp_cuts_where_it_lies():
    edges = np.array([0, 5000, 10_000])
    tops = np.full((2, 2), 4000, np.int32)
    solid = Solid(edges, edges, tops, np.zeros_like(tops))
    stamps = [
        box_stamp(1000, 2000, 4000, 3000, side=Side.BOTTOM, level=1000),
        box_stamp(4000, 6000, 7000, 8000, side=Side.THROUGH),
        box_stamp(-500, 9000, 12_000, 12_000, side=Side.TOP, level=5000),
    ]
    mesh = closed_mesh(with_stamps(solid, stamps))
    require_manifold(mesh, holes=1)
    assert mesh.volume == pytest.approx(400 - 3 - 3 * 2 * 4 + 10)


def test_a_town_is_cut_evenly_into_plates():
    assert split(100, 100) == (0, 100)
    assert split(101, 100) == (0, 50, 101)
    assert split(188, 100, 12) == (0, 88, 188)
    assert max(np.diff(split(1000, 90, 12))) <= 90


def town(side: int = 200, bed: float = 100) -> Town:
    printer = Printer(bed=(bed, bed))
    cuts = split(side, int(bed))
    scaled = replace(measures(_frame(), printer), level=1.0)
    return Town(
        area=Rect(-7, 5, side, side), measures=scaled, printer=printer, xs=cuts, ys=cuts, lowest=0
    )


def test_columns_and_cells_are_each_others():
    box = Box(3, 10, 20, 40)
    assert town().columns(box) == Rect(-4, 165, 17, 30)
    assert town().cells_around(town().columns(box)) == box


def test_changes_that_lie_near_are_one_piece_and_tiny_ones_none():
    def changed(switch: int, x: int, z: int, side: int) -> Changed:
        return Changed(frozenset([switch]), Rect(x - 7, z + 5, side, side), side * side)

    changes = [
        changed(0, 20, 20, 10), changed(0, 35, 20, 10), changed(1, 100, 150, 12),
        changed(2, 113, 150, 12), changed(0, 20, 150, 30), changed(3, 160, 20, 1),
    ]  # fmt: skip
    groups, few = places_of(town(), changes)
    assert few == 1
    assert [sorted(group.switches) for group in groups] == [[0], [0], [1, 2]]
    assert groups[0].box.grown(-1).shared(Box(20, 170, 45, 180)) == Box(20, 170, 45, 180)
    # None ends just before a seam or the edge.
    for group in groups:
        for line in town().xs:
            assert not 0 < group.box.west - line <= 2
            assert not 0 < line - group.box.east <= 2
    assert joined_groups(groups, town().measures) != []


def test_few_layers_are_combined_and_many_shown_one_by_one():
    switches = [Switch(name, name, ("a", "b")) for name in "xyz"]
    assert len(wanted_states(switches, [0])) == 3
    assert wanted_states(switches, [2])[1] == [0, 0, 1]
    some = wanted_states(switches, [0, 1, 2])
    assert len(some) == 8
    assert some[0] == [0, 0, 0]
    assert some[-1] == [1, 1, 1]
    assert len(wanted_states([*switches[:1], Switch("w", "w", ("",))], [0, 1])) <= MOST_PIECES


def test_parts_are_laid_on_beds_without_overlap():
    rng = np.random.default_rng(2)
    sizes = [(float(wide), float(deep)) for wide, deep in rng.integers(5, 90, (40, 2))]
    beds = beds_of(sizes, (100.0, 100.0))
    assert sorted(number for bed in beds for number, _, _ in bed) == list(range(40))
    for bed in beds:
        taken = np.zeros((100, 100), int)
        for number, x, y in bed:
            wide, deep = sizes[number]
            assert x + wide <= 100
            assert y + deep <= 100
            taken[int(y) : int(y + deep), int(x) : int(x + wide)] += 1
        assert taken.max() == 1


def test_stl_has_a_file_for_each_part(planned_out, tmp_path):
    done = api.export(planned_out() / "Liten", tmp_path / "out", "stl", printer=Printer(scale=2000))
    parts = sorted(path.name for path in (tmp_path / "out").glob("*.stl"))
    assert "plate-A1.stl" in parts
    assert len(parts) == done.counts["plates"] + done.counts["pieces"]
    for name in parts:
        mesh = trimesh.load(tmp_path / "out" / name)
        assert mesh.is_watertight
        assert mesh.is_winding_consistent
        assert mesh.volume > 0
    plate = trimesh.load(tmp_path / "out" / "plate-A1.stl")
    assert plate.extents[:2] == pytest.approx([64, 64 + RIM / MICRO], abs=0.25)


def test_print_txt_says_what_to_do_in_both_languages(exported):
    text = (exported / "print.txt").read_text("utf-8")
    swedish, _, english = text.partition("-" * 72)
    assert "PLATTOR (4)" in swedish
    assert "PLATES (4)" in english
    for name in ("plate-A1.3mf", "inserts-1.3mf", "keys.3mf"):
        assert name in swedish
        assert name in english
    assert "Not an official Minecraft product" in text


def test_a_part_of_the_world_is_printed_alone(planned_out):
    with opened_scene(planned_out() / "Liten") as scene:
        area = exported_area(scene, (599_990.0, 6_899_990.0, 600_010.0, 6_900_010.0))
        model = read_model(scene, area, Printer(scale=500), quiet)
    assert model.town.box == Box(0, 0, 20, 20)
    assert model.town.measures.cell == 2.0


@pytest.mark.parametrize(
    ("given", "named"),
    [({"scale": 0.0}, "--scale"), ({"scale": float("nan")}, "--scale"), ({"bed": (1.0, 200.0)},
     "--bed"), ({"clearance": -1.0}, "--clearance"), ({"clearance": float("inf")}, "--clearance")],
)  # fmt: skip
def test_what_no_printer_can_is_explained(given, named):
    with pytest.raises(ConfigError, match=named) as caught:
        Printer(**given)
    assert caught.value.hint


def test_a_town_too_small_to_be_printed_is_explained(planned_out, tmp_path):
    with pytest.raises(ConfigError, match="--scale 100000"):
        api.export(planned_out() / "Liten", tmp_path / "out", "stl", printer=Printer(scale=1e5))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--bed", "20"), "--bed 20: not a width and a depth"),
        (("--bed", "200x5"), "--bed 5: 60 to 2000 is possible"),
        (("--scale", "1"), "--scale 1: 50 to 200000 is possible"),
    ],
)
def test_what_was_typed_wrong_is_explained_in_two_lines(tmp_path, words, told):
    done = run("export", tmp_path / "world", "stl", tmp_path / "out", *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 2


def test_a_print_is_asked_for_on_the_command_line(planned_out, tmp_path):
    part = "599960,6899960,600020,6900000"
    done = run(
        "export", planned_out() / "Liten", "stl", tmp_path / "out", "--area", part,
        "--scale", "500", "--bed", "130×150", "--clearance", "0.3",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 plates" in done.stderr
    text = (tmp_path / "out" / "print.txt").read_text("utf-8")
    assert "Liten i skala 1:500" in text
    assert "130 × 150 mm" in text
    assert "0,3 mm luft" in text


def test_a_page_has_no_scale(planned_out, tmp_path):
    with pytest.raises(ConfigError, match="web is not printed"):
        api.export(planned_out() / "Liten", tmp_path / "out", "web", printer=Printer())


def test_without_the_library_of_3mf_two_lines_say_what_to_do(planned_out, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "lib3mf", None)
    with pytest.raises(ConfigError, match="3mf needs lib3mf") as caught:
        api.export(planned_out() / "Liten", tmp_path / "out", "3mf")
    assert "pip install lib3mf" in caught.value.hint
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_prusaslicer_slices_a_plate_and_pieces_without_repairs(exported, tmp_path):
    slicer = shutil.which("prusa-slicer")
    assert slicer, "this test needs PrusaSlicer: apt-get install prusa-slicer"
    for name in ("plate-A2", "inserts-1", "keys"):
        path = exported / f"{name}.3mf"
        told = subprocess.run(
            [slicer, "--info", str(path)], capture_output=True, text=True, timeout=300, check=True
        ).stdout
        assert "manifold = yes" in told
        assert "manifold = no" not in told
        code = tmp_path / f"{name}.gcode"
        command = [slicer, "--export-gcode", "--output", str(code), str(path)]
        subprocess.run(command, capture_output=True, timeout=300, check=True)
        assert code.stat().st_size > 10_000
