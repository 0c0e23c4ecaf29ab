"""What somebody has built in a world stays when its city is built again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbtlib
import numpy as np
import pytest
from nbtlib import Byte, Compound, Double, Int, IntArray, List, String

from mc_city.build.build import build
from mc_city.build.staging import inventory
from mc_city.checking.telling import earlier_lines
from mc_city.city import whole
from mc_city.settings.config import read_config
from tests import upgrade
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


def _edit(world: Path, edit: Callable[[nbtlib.File], bool]) -> None:
    """Has the game save each chunk that `edit` changes."""
    for path in sorted(upgrade.region_folder(world).glob("*.mca")):
        chunks = upgrade.read_chunks(path)
        if any([edit(chunk) for chunk in chunks.values()]):
            upgrade.write_chunks(path, chunks)


def _chunk_of_a_sign(world: Path, line: str) -> tuple[int, int]:
    """Writes on a board's sign; the chunk that it stands in."""
    places = sorted(
        place for place, one in upgrade.entities_of(world).items() if "front_text" in one
    )

    def write(chunk: nbtlib.File) -> bool:
        for one in chunk["block_entities"]:
            if tuple(int(one[axis]) for axis in "xyz") == places[0]:
                one["front_text"]["messages"][0] = String(line)
                return True
        return False

    _edit(world, write)
    return places[0][0] >> 4, places[0][2] >> 4


def _put_items(chunk: nbtlib.File) -> bool:
    """Two stones in a barrel, which the build left empty, of chunk −4, −4."""
    if (int(chunk["xPos"]), int(chunk["zPos"])) != (-4, -4):
        return False
    items = [Compound({"id": String("minecraft:stone"), "count": Int(2), "Slot": Byte(0)})]
    barrel = {"id": String("minecraft:barrel"), "x": Int(-60), "y": Int(70), "z": Int(-60)}
    chunk["block_entities"] = List[Compound](
        [*chunk["block_entities"], Compound({**barrel, "Items": List[Compound](items)})]
    )
    return True


def _let_in(world: Path, kind: str, **more: Any) -> None:
    """A creature or a thing that hangs in chunk −4, −4."""
    place = List[Double]([Double(-58), Double(80), Double(-58)])
    entity = Compound({"id": String(f"minecraft:{kind}"), "Pos": place, **more})
    where = {"Position": IntArray([-4, -4]), "xPos": Int(-4), "zPos": Int(-4)}
    chunk = nbtlib.File({**where, "DataVersion": Int(4189), "Entities": List[Compound]([entity])})
    (world / "entities").mkdir()
    upgrade.write_chunks(world / "entities" / "r.-1.-1.mca", {(-4, -4): chunk})


def _kept(mine: tuple[Path, Path], **more: Any) -> list[tuple[int, int]]:
    config, out = mine
    report = build(read_config(config), out, 1, False, quiet, keep_builds=out / "Liten", **more)
    return report["kept_builds"]["chunks"]


def test_words_and_things_are_kept_where_no_block_changed(mine):
    world = mine[1] / "Liten"
    written = _chunk_of_a_sign(world, '"Hej"')
    _edit(world, _put_items)
    assert _kept(mine) == sorted([(-4, -4), written], key=lambda chunk: chunk[::-1])
    entities = upgrade.entities_of(world)
    assert entities[-60, 70, -60]["Items"][0]["count"] == 2
    assert any(
        "Hej" in one["front_text"]["messages"][0]
        for one in entities.values()
        if "front_text" in one
    )


@pytest.mark.parametrize(
    ("kind", "more", "kept"),
    [
        ("painting", {}, [(-4, -4)]),
        ("oak_boat", {}, [(-4, -4)]),
        ("cow", {"CustomName": String('"Rosa"')}, [(-4, -4)]),
        # It came by itself.
        ("cow", {}, []),
    ],
)
def test_what_hangs_or_has_a_name_is_kept(mine, kind, more, kept):
    world = mine[1] / "Liten"
    _let_in(world, kind, **more)
    assert _kept(mine) == kept
    assert (world / "entities" / "r.-1.-1.mca").exists() == bool(kept)


@pytest.mark.slow
@pytest.mark.parametrize("game", ["26.1", "26.3"])
def test_a_newer_game_that_nobody_built_in_keeps_nothing(mine, game):
    """It spells blocks, words and books in other ways."""
    config, _ = mine
    text = config.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.startswith("java_version"))
    config.write_text(text.replace(old, 'java_version = "1.21.4"'), "utf-8")
    build(read_config(config), mine[1], 1, False, quiet)
    upgrade.upgrade(mine[1] / "Liten", game)
    assert _kept(mine) == []


@pytest.mark.slow
def test_a_board_that_would_say_something_else_is_told(mine):
    config, out = mine
    written = _chunk_of_a_sign(out / "Liten", '"Hej"')
    plans = json.loads(json.dumps(SMALL_PLANS))
    for plan in plans:
        if "name" in plan["properties"]:
            plan["properties"]["name"] += " II"
    write_plans(config.parent / "plans.geojson", plans)
    report = build(read_config(config), out, 1, False, quiet, keep_builds=out / "Liten")
    assert report["kept_builds"]["would_change"] == [written]


@pytest.mark.slow
def test_a_world_of_an_earlier_build_is_refused(mine):
    """What the later one changed would count as built by somebody."""
    config, out = mine
    saved = shutil.copytree(out / "Liten", out.parent / "saves" / "Liten")
    import rasterio

    with rasterio.open(config.parent / "dem.tif", "r+") as raster:
        raster.write(raster.read(1) + 5, 1)
    build(read_config(config), out, 1, False, quiet)
    with pytest.raises(WorldError, match="no Java world that was built into"):
        build(read_config(config), out, 1, False, quiet, keep_builds=saved)


def test_a_world_of_another_city_is_refused(mine):
    """By what a world says of itself: each city's regions are numbered alike."""
    config, out = mine
    other = shutil.copytree(out / "Liten", out.parent / "saves" / "Liten")
    facts = json.loads((other / "mc_city.json").read_text("utf-8"))
    (other / "mc_city.json").write_text(json.dumps({**facts, "city": "Annan"}), "utf-8")
    with pytest.raises(WorldError, match="no Java world that was built into"):
        build(read_config(config), out, 1, False, quiet, keep_builds=other)
    text = config.read_text("utf-8")
    config.write_text(f"{text}\n[vertical]\nsea_level_y = 70\n", "utf-8")
    with pytest.raises(WorldError, match="sea level"):
        build(read_config(config), out, 1, False, quiet, keep_builds=out / "Liten")


@pytest.mark.slow
def test_districts_tell_what_they_would_change(mine, monkeypatch):
    """Wherever it lies: the last of four districts, and the first."""
    config, out = mine
    first, last = (-58, 120, -60), (60, 120, 58)
    _put(out / "Liten", [first, last])
    import rasterio

    with rasterio.open(config.parent / "dem.tif", "r+") as raster:
        raster.write(raster.read(1) + 5, 1)
    monkeypatch.setattr(whole, "DISTRICT", 1)
    monkeypatch.setattr(whole, "LARGE", 1)
    report = build(read_config(config), out, 1, False, quiet, keep_builds=out / "Liten")
    assert report["kept_builds"]["chunks"] == [(-4, -4), (3, 3)]
    assert report["kept_builds"]["would_change"] == [(-4, -4), (3, 3)]
