"""The page's tiles: a tree over the whole area, whose files are all there and no other."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path

import numpy as np
import pytest

from mc_city import api
from mc_city.exports.web.tree import (
    SIDE,
    columns_of,
    finer,
    leaves,
    levels_of,
    nodes_in,
    side_of,
)
from worlds.rect import Rect

AREAS = [
    Rect(0, 0, 16, 16),
    Rect(-1000, 40, 2000, 500),
    Rect(-16, -16, 32, 32),
    Rect(5000, -70_000, 128, 4112),
]


@pytest.mark.parametrize("area", AREAS)
def test_every_column_is_in_one_tile_of_each_level(area):
    levels = levels_of(area)
    for level in range(len(levels)):
        covered = np.zeros((area.nz, area.nx), int)
        for node in nodes_in(area, level, area):
            assert (node.side, node.x % node.side, node.z % node.side) == (side_of(level), 0, 0)
            rows, columns = columns_of(area, node).window_in(area)
            covered[rows, columns] += 1
        assert (covered == 1).all()


@pytest.mark.parametrize("area", AREAS)
def test_the_finest_tiles_of_the_coarsest_are_all_of_them(area):
    roots = nodes_in(area, len(levels_of(area)) - 1, area)
    found = [node for root in roots for node in leaves(area, root)]
    assert len(found) == len(set(found))
    assert set(found) == set(nodes_in(area, 0, area))


def test_the_two_finest_levels_are_cut_alike_and_each_other_twice_as_wide():
    assert [side_of(level) // SIDE for level in range(6)] == [1, 1, 2, 4, 8, 16]


def test_a_tile_is_of_at_most_four():
    area = Rect(-300, -300, 600, 600)
    for node in nodes_in(area, 2, area):
        assert 1 <= len(list(finer(area, node))) <= 4


@pytest.mark.parametrize(
    ("side", "count"), [(500, 4), (2048, 4), (4096, 5), (8192, 6), (50_000, 6)]
)
def test_larger_areas_have_more_levels(side, count):
    assert levels_of(Rect(0, 0, side, side)) == tuple(1 << level for level in range(count))


@pytest.fixture(scope="module")
def folder(planned_out, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("tree") / "out"
    api.export(planned_out() / "Liten", out, "web")
    return out


def call(path: Path) -> list:
    """What a data file gives the page."""
    found = re.fullmatch(r"city\.\w+\((.*)\);\n", path.read_text("utf-8"), re.DOTALL)
    assert found
    return json.loads(f"[{found[1]}]")


def test_each_tile_that_the_page_knows_has_its_file_with_as_many_faces(folder):
    (facts,) = call(folder / "city.js")
    assert {f"{level}_{x}_{z}.js" for level, x, z, _ in facts["tiles"]} == {
        path.name for path in (folder / "tiles").iterdir()
    }
    for level, x, z, faces in facts["tiles"]:
        name, tile = call(folder / "tiles" / f"{level}_{x}_{z}.js")
        rows = np.frombuffer(gzip.decompress(base64.b64decode(tile["data"])), "<i2").reshape(-1, 6)
        assert name == f"{level}_{x}_{z}"
        assert len(rows) == faces == sum(sum(group["counts"]) for group in tile["groups"])
        # All of it lies in its tile, in sixteenths of the level's blocks.
        assert rows[:, [0, 2]].min() >= 0
        assert rows[:, [0, 2]].max() <= SIDE * 16
        assert rows[:, 3:5].min() > 0


def test_what_is_seen_from_afar_lies_where_the_finest_does(folder):
    """Water and flat ground have their level within one coarse block."""
    (facts,) = call(folder / "city.js")
    highest = {}
    for level, x, z, _ in facts["tiles"]:
        _, tile = call(folder / "tiles" / f"{level}_{x}_{z}.js")
        rows = np.frombuffer(gzip.decompress(base64.b64decode(tile["data"])), "<i2").reshape(-1, 6)
        top = int(rows[:, 1].max()) * facts["levels"][level] / 16
        highest[level] = max(highest.get(level, -999), top)
    assert all(abs(highest[level] - highest[0]) <= facts["levels"][level] + 1 for level in highest)
