"""What somebody has built in a world stays when its city is built again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.build.staging import inventory
from mc_city.checking.telling import earlier_lines
from mc_city.settings.config import read_config
from tests.conftest import quiet
from tests.plans import SMALL_PLANS, feature, rectangle, write_planned_city, write_plans
from worlds.errors import WorldError
from worlds.java.layout import find_layout
from worlds.java.reader import read_region_volume
from worlds.java.saved import blocks_at, change_region
from worlds.volume import BlockState, Palette

GOLD = BlockState.parse("minecraft:gold_block")
AT = (-58, 120, -60)
"""Where a child builds: in chunk −4, −4, which no plan changes."""
IN_PLAN = (-10, 120, 20)
"""Where another does: in chunk −1, 1, in which a plan builds a house."""


def _put(world: Path, places: list[tuple[int, int, int]]) -> None:
    """Gold at places (x, y, z), as the game would save it."""
    for x, y, z in places:
        path = find_layout(world).region_file(x >> 9, z >> 9)
        at = [np.array([value], np.int32) for value in (x, y, z)]
        done = change_region(path, *at, ids=np.array([1], np.uint16), palette=Palette.of([GOLD]))
        assert done.changed == 1


def _gold(world: Path, place: tuple[int, int, int]) -> bool:
    path = find_layout(world).region_file(place[0] >> 9, place[2] >> 9)
    return blocks_at(path, *(np.array([value], np.int32) for value in place)) == [GOLD]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("kept")
    config = write_planned_city(folder, SMALL_PLANS)
    text = config.read_text("utf-8").replace("[world]", '[world]\neditions = ["java"]')
    config.write_text(text, "utf-8")
    build(read_config(config), folder / "out", 1, False, quiet)
    return config, folder / "out"


@pytest.fixture
def mine(built, tmp_path) -> tuple[Path, Path]:
    folder = shutil.copytree(built[0].parent, tmp_path / "city")
    return folder / built[0].name, folder / built[1].name


def test_what_was_built_stays_and_all_else_is_new(mine):
    config, out = mine
    world = out / "Liten"
    _put(world, [AT, IN_PLAN])
    with pytest.raises(WorldError, match="opened or changed"):
        build(read_config(config), out, 1, False, quiet)
    plans = [feature(rectangle(-25, -30, 10, -10), role="ground", surface="asphalt", layer="alfa"),
             *SMALL_PLANS[4:]]  # fmt: skip
    write_plans(config.parent / "plans.geojson", plans)
    report = build(read_config(config), out, 1, False, quiet, keep_builds=world)
    kept = report["kept_builds"]
    assert kept["chunks"] == [(-4, -4), (-1, 1)]
    assert (-4, -4) not in kept["would_change"]
    assert kept["beyond"] == []
    assert _gold(world, AT)
    assert _gold(world, IN_PLAN)
    assert _gold(Path(report["kept_old_as"]) / "Liten", AT)
    # Everywhere else stands what a build without them makes.
    build(read_config(config), out.parent / "other", 1, False, quiet)
    for _, _, path in find_layout(world).region_files():
        ours, _ = read_region_volume(path)
        theirs, _ = read_region_volume(out.parent / "other" / "Liten" / "region" / path.name)
        assert _different(ours, theirs) <= {(-4, -4), (-1, 1)}
    assert inventory(out) == json.loads((out / "report.json").read_text("utf-8"))["files"]
    # A later build asks again, and goes on keeping them.
    with pytest.raises(WorldError, match="somebody built"):
        build(read_config(config), out, 1, False, quiet)
    again = build(read_config(config), out, 1, False, quiet, keep_builds=world)
    assert again["kept_builds"]["chunks"] == [(-4, -4), (-1, 1)]
    assert _gold(world, AT)


def _different(one, other) -> set[tuple[int, int]]:
    """Chunks in which two volumes of a region differ, by the names of their states."""
    numbers: dict[str, int] = {}
    tables = [
        np.array([numbers.setdefault(str(state), len(numbers)) for state in held.palette.states])
        for held in (one, other)
    ]
    found = set()
    for y in range(max(one.y0, other.y0), min(one.y0 + len(one.ids), other.y0 + len(other.ids))):
        mine, theirs = (
            table[held.ids[y - held.y0]] for table, held in zip(tables, (one, other), strict=True)
        )
        for row, column in np.argwhere(mine != theirs).tolist():
            found.add(((one.x0 + column) >> 4, (one.z0 + row) >> 4))
    return found


@pytest.mark.slow
def test_what_the_new_city_would_have_changed_is_told_by_place(mine):
    config, out = mine
    world = out / "Liten"
    _put(world, [AT])
    text = config.read_text("utf-8")
    config.write_text(text.replace("[terrain]", "[terrain]\n# higher", 1), "utf-8")
    import rasterio

    with rasterio.open(config.parent / "dem.tif", "r+") as raster:
        raster.write(raster.read(1) + 5, 1)
    report = build(read_config(config), out, 1, False, quiet, keep_builds=world)
    assert report["kept_builds"]["would_change"] == [(-4, -4)]
    told = [line for line in earlier_lines(report) if "kept" in line]
    assert told == [
        "1 chunk kept as somebody had built there; in 1 of them the new city would be another, "
        "at x z -64 -64"
    ]


@pytest.mark.slow
def test_a_smaller_area_leaves_what_was_built_outside_in_the_old_folder(mine):
    config, out = mine
    world = out / "Liten"
    _put(world, [AT])
    smaller = read_config(config).with_area((600000 - 32, 6900000 - 32, 600000 + 32, 6900000 + 32))
    report = build(smaller, out, 1, False, quiet, keep_builds=world)
    assert report["kept_builds"] == {"chunks": [], "would_change": [], "beyond": [(-4, -4)]}
    assert "old folder" in earlier_lines(report)[-1]
    assert _gold(Path(report["kept_old_as"]) / "Liten", AT)


def test_what_cannot_be_kept_is_refused_before_anything_is_done(mine, tmp_path):
    config, out = mine
    world, loaded = out / "Liten", read_config(config)
    before = inventory(out)
    for wanted, says, place in (
        (loaded.with_world(editions=("java", "bedrock")), "Java worlds only", world),
        (loaded, "no Java world", tmp_path),
    ):
        with pytest.raises(WorldError, match=says) as caught:
            build(wanted, out, 1, False, quiet, keep_builds=place)
        assert caught.value.hint
    with pytest.raises(WorldError, match="shows the layers none, and is to be built with alfa"):
        build(loaded, out, 1, False, quiet, ("alfa",), keep_builds=world)
    (out / "Liten-java.zip").write_bytes(b"another")
    with pytest.raises(WorldError, match="not there as it was built"):
        build(loaded, out, 1, False, quiet, keep_builds=world)
    after = inventory(out)
    assert {name for name in before if before[name] != after[name]} == {"Liten-java.zip"}
