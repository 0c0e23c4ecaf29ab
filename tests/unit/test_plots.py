"""What stands on pitches."""

from __future__ import annotations

import numpy as np
import pyogrio
import pytest
import shapely
import shapely.affinity
from scipy import ndimage

from terrain.areas.plots import draw_plots, plot_blocks, plot_states
from terrain.areas.vegetation import lay_vegetation, read_vegetation
from terrain.frame import Frame, Grid
from terrain.ground.ground import NO_WATER, Ground
from terrain.vectors.features import VectorSource
from worlds.canvas import Canvas
from worlds.style_tables import STYLES, read_materials
from worlds.volume import Palette

FRAME = Frame("EPSG:3006", 600_000.0, 6_900_000.0, 1.0, 62, 1.0)
BOUNDS = (600_000.0, 6_899_800.0, 600_200.0, 6_900_000.0)
GRID = Grid(FRAME, 0, 0, 200, 140)
MATERIALS = read_materials(STYLES)
PALETTE = Palette.of(plot_states(MATERIALS))
BLOCKS = plot_blocks(PALETTE, MATERIALS)
LEVEL, Y0 = 65, 60


def drawn(path, tags, size, turn=0.0):
    """ids (y, z, x) of a pitch of that length and width in the middle of the grid, turned by
    degrees against the clock."""
    long, broad = size
    box = shapely.box(
        600_100 - long / 2, 6_899_930 - broad / 2, 600_100 + long / 2, 6_899_930 + broad / 2
    )
    box = shapely.affinity.rotate(box, turn, origin="centroid")
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([box], object)),
        [np.array([value], object) for value in tags.values()],
        list(tags),
        geometry_type="Polygon",
        crs="EPSG:3006",
    )
    found = read_vegetation([VectorSource(path)], FRAME, BOUNDS)
    cover = lay_vegetation(found, GRID, np.zeros(GRID.shape, np.uint8))
    no = np.zeros(GRID.shape, bool)
    ground = Ground(
        GRID,
        np.full(GRID.shape, LEVEL, np.int32),
        np.full(GRID.shape, NO_WATER, np.int32),
        np.zeros(GRID.shape, np.uint8),
        cover,
        no,
        no,
    )
    ids = np.zeros((20, *GRID.shape), np.uint16)
    draw_plots(Canvas(ids, GRID.x0, Y0, GRID.z0), ground, ~no, no, found, BLOCKS)
    return ids


@pytest.mark.parametrize(
    ("tags", "size"),
    [
        ({"leisure": "pitch", "sport": "soccer"}, (100, 64)),
        ({"leisure": "pitch", "sport": "athletics"}, (170, 92)),
    ],
)
def test_a_football_pitch_has_two_goals_within_a_running_track_too(tmp_path, tags, size):
    """Each three blocks high, on the short lines of the pitch, open in the middle."""
    ids = drawn(tmp_path / "pitch.gpkg", tags, size)
    above = ids[LEVEL - Y0 + 1 :]
    line = PALETTE.id(MATERIALS.block("plots.line"))
    assert set(np.unique(above).tolist()) == {0, line}
    goals, count = ndimage.label((above != 0).any(axis=0))
    assert count == 2
    for where in ndimage.find_objects(goals):
        frame = above[:3, where[0], where[1]] != 0
        assert frame[2].any(axis=1).all()
        assert frame[0].any(axis=1).tolist() == [True] + [False] * (frame.shape[1] - 2) + [True]
        assert 6 <= frame.shape[1] <= 9
        # Beside the line behind which the ball is in.
        columns = np.arange(where[1].start - 2, where[1].stop + 2)
        assert (ids[LEVEL - Y0, where[0].start, columns] == line).any()
    assert not above[3:].any()


@pytest.mark.parametrize("turn", [0, 12.4])
def test_the_lines_of_singles_and_doubles_are_apart(tmp_path, turn):
    """In each row of the court, from its outer line inwards: line, court, line."""
    tags = {"leisure": "pitch", "sport": "tennis"}
    ids = drawn(tmp_path / "court.gpkg", tags, (36, 18), turn)[LEVEL - Y0]
    line, court = (PALETTE.id(MATERIALS.block(f"plots.{part}")) for part in ("line", "court"))
    rows = 0
    # Across the court, between the base line and that of the service, where only side lines are.
    for ahead in (-9.5, -8.5, 8.5, 9.5):
        along = np.deg2rad(turn)
        for side in (-1, 1):
            seen = [
                ids[
                    int(70 - ahead * np.sin(along) + side * across * np.cos(along)),
                    int(100 + ahead * np.cos(along) + side * across * np.sin(along)),
                ]
                for across in np.arange(6.4, 1.0, -0.1)
            ]
            changes = [
                block for block, before in zip(seen[1:], seen, strict=False) if block != before
            ]
            assert [block for block in changes if block in (line, court)] == [line, court] * 2
            rows += 1
    assert rows == 8
