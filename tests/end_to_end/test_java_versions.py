"""One city written for several versions of the game: the same blocks, each as that game keeps them,
and a pack that works in it."""

from __future__ import annotations

import gc
import json
import shutil
from collections import Counter

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.city.drawing import voxelise
from mc_city.city.reading import read_city
from mc_city.saved.switching import toggle
from mc_city.settings.names import HOUSES
from tests.conftest import quiet
from tests.end_to_end.test_datapack import assert_same_places, finish, names, opened, pack_of
from tests.packs.mecha_check import mecha_faults
from tests.packs.own_check import own_faults
from tests.packs.packview import VERSIONS as PUBLISHED
from tests.packs.spyglass_check import spyglass_faults_of
from tests.packs.structures import structure_form
from tests.regions import window_of
from worlds.java.layout import layout_of, region_files
from worlds.java.palettes import own_state
from worlds.java.reader import read_region_volume
from worlds.java.versions import java_version
from worlds.volume import BlockState

WRITTEN = ("1.21.4", "1.21.11", "26.1", "26.3")
EACH = [
    version if version in ("1.21.4", "26.3") else pytest.param(version, marks=pytest.mark.slow)
    for version in WRITTEN
]
SHOWN = ("alfa", "beta/a")
LATER = ("1.21.5", "1.21.9", "1.21.11", "26.1", "26.3")
"""Versions in which something about packs changed."""


@pytest.fixture(scope="module")
def config(planned_config):
    return planned_config.with_world(editions=("java",))


class Built(dict):
    """The world's folder by version, nothing shown, and by version and " shown", with some layers;
    built when first asked for."""

    def __init__(self, config, folder) -> None:
        self.config, self.folder = config, folder

    def __missing__(self, key):
        version, _, shown = key.partition(" ")
        build(
            self.config.with_world(java_version=version),
            self.folder / key,
            2,
            False,
            quiet,
            SHOWN if shown else (),
        )
        self[key] = self.folder / key / self.config.city.name
        return self[key]


@pytest.fixture(scope="module")
def worlds(config, tmp_path_factory):
    return Built(config, tmp_path_factory.mktemp("worlds"))


@pytest.fixture(autouse=True)
def _let_go():
    yield
    gc.collect()


def blocks_of(world) -> dict[tuple[int, int], tuple[list[str], np.ndarray]]:
    """(states, ids of the chunks that are there) of every region, as our own reader has them."""
    found = {}
    for x, z, path in region_files(world):
        volume, present = read_region_volume(path)
        names = [str(state) for state in volume.palette.states]
        found[x, z] = names, volume.ids[window_of(present)]
    return found


def as_numbers(states: list[str], ids: np.ndarray, known: dict[str, int]) -> np.ndarray:
    return np.array([known.setdefault(state, len(known)) for state in states], np.int32)[ids]


@pytest.mark.parametrize("version", EACH)
def test_every_file_lies_where_its_version_looks_for_it(worlds, version):
    world = worlds[version]
    layout = layout_of(world, java_version(version).data_version)
    files = {path.relative_to(world).as_posix() for path in world.rglob("*") if path.is_file()}
    files = {name for name in files if not name.startswith("datapacks/mc_city/")}
    notes = {"mc_city.json", "mc_city_layers.json", "mc_city_votes.json", "ATTRIBUTION.txt", HOUSES}
    notes |= {"icon.png", "level.dat"}
    regions = {layout.within(path) for _, _, path in layout.region_files()}
    assert len(regions) == 4
    if version in ("26.1", "26.3"):
        names = (
            "game_rules world_gen_settings world_clocks weather scheduled_events "
            "custom_boss_events random_sequences stopwatches"
        )
        settings = {f"data/minecraft/{name}.dat" for name in [*names.split(), "scoreboard"]}
        settings.add("dimensions/minecraft/overworld/data/minecraft/world_border.dat")
        assert all(name.startswith("dimensions/minecraft/overworld/region/r.") for name in regions)
    else:
        settings = {"data/scoreboard.dat"} | (
            {"data/world_border.dat"} if version == "1.21.11" else set()
        )
        assert all(name.startswith("region/r.") for name in regions)
    assert files == notes | regions | settings


@pytest.mark.parametrize("version", EACH[1:])
def test_the_blocks_are_those_of_the_oldest_but_for_their_names_and_newer_ones(worlds, version):
    """Of newer blocks the oldest has what stands for them."""
    row, oldest, known = java_version(version), java_version("1.21.4"), dict[str, int]()
    theirs, ours = blocks_of(worlds["1.21.4"]), blocks_of(worlds[version])
    assert theirs.keys() == ours.keys()
    for place, (states, ids) in theirs.items():
        renamed = [str(own_state(BlockState.parse(state), row)) for state in states]
        states, own = ours[place]
        older = [
            str(own_state(own_state(BlockState.parse(state), oldest), row)) for state in states
        ]
        assert np.array_equal(as_numbers(renamed, ids, known), as_numbers(older, own, known))


def state_words(block, translate, known) -> str:
    """What amulet calls a universal block in the version's own words; `waterlogged=false` left
    out."""
    if block not in known:
        found, _, _ = translate(block)
        pairs = sorted((key, str(value.py_data)) for key, value in found.properties.items())
        known[block] = str(
            BlockState(
                found.namespaced_name,
                tuple(pair for pair in pairs if pair != ("waterlogged", "false")),
            )
        )
    return known[block]


@pytest.mark.parametrize("version", [pytest.param("26.1", marks=pytest.mark.slow), "26.3"])
def test_amulet_reads_the_new_layouts_block_for_block(worlds, config, version, tmp_path):
    """Layout and palettes: every chunk where amulet looks for it, every block from the bottom of
    the world to its top what we meant."""
    import amulet

    row = java_version(version)
    scene = read_city(config.with_world(java_version=version), quiet)
    shutil.copytree(worlds[version], tmp_path / "copy")
    level = amulet.load_level(str(tmp_path / "copy"))
    wrong: Counter[tuple[str, str]] = Counter()
    try:
        assert level.level_wrapper.version == row.data_version
        translate = level.translation_manager.get_version(
            "java", (*row.numbers, 0)
        ).block.from_universal
        coords = {(int(x), int(z)) for x, z in level.all_chunk_coords("minecraft:overworld")}
        compared, known = 0, {}
        bottom, top = scene.version.min_y, scene.version.max_y + 1
        for region in scene.grid.regions():
            tile = voxelise(scene, *region)
            meant = [str(own_state(state, row)) for state in scene.palette.states]
            for z, x in np.argwhere(tile.present).tolist():
                place = 32 * region[0] + x, 32 * region[1] + z
                coords.remove(place)
                chunk = level.get_chunk(*place, "minecraft:overworld")
                cells = np.asarray(chunk.blocks[:, bottom:top, :]).transpose(1, 2, 0)
                names = [
                    state_words(block, translate, known) for block in chunk.block_palette.blocks
                ]
                ours = np.zeros((top - bottom, 16, 16), np.uint16)
                under, drawn = len(tile.below), len(tile.volume.ids)
                ours[:under] = tile.below[:, None, None]
                ours[under : under + drawn] = tile.volume.ids[
                    :, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16
                ]
                pairs, counts = np.unique(
                    ours.ravel().astype(np.int64) * len(names) + cells.ravel(), return_counts=True
                )
                for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
                    mine, its = divmod(pair, len(names))
                    if meant[mine] != names[its]:
                        wrong[meant[mine], names[its]] += count
                compared += ours.size
        assert not coords, "no chunk but ours"
        assert not wrong, wrong.most_common(5)
        assert compared == 64 * 16 * 16 * (top - bottom)
    finally:
        level.close()


@pytest.mark.parametrize("version", EACH)
def test_the_pack_is_sound_in_its_version_and_in_all_later_ones(worlds, version):
    pack, row = pack_of(worlds[version]), java_version(version)
    for later, (number, _) in PUBLISHED.items():
        if number < row.data_version or (later not in LATER and later != version):
            continue
        assert mecha_faults(pack, later) == []
        # Structures of an older version hold blocks under the names of then, which the game renames
        # when it loads them.
        faults = [
            fault
            for fault in own_faults(pack, later, data_version=row.data_version)
            if "minecraft:chain" not in fault
        ]
        assert faults == [], later
    forms = {
        form
        for path in (pack / "data" / "mc_city" / "structure").rglob("*.nbt")
        for form in structure_form(path)
    }
    assert forms == ({"id", ""} if version == "26.3" else {"Name"})


@pytest.mark.slow
@pytest.mark.parametrize("first", ["1.20.4", "1.20.6"])
def test_a_pack_of_1_20_still_switches_when_a_newer_game_has_upgraded_the_world(worlds, first):
    """Those read other folders than the game that the pack was made for."""
    pack, number = pack_of(worlds[first]), java_version(first).data_version
    for later in ("1.21.1", *LATER):
        assert mecha_faults(pack, later) == []
        faults = [
            fault
            for fault in own_faults(pack, later, data_version=number)
            if "minecraft:chain" not in fault
        ]
        assert faults == [], later
    for later in (first, "26.3") if first in PUBLISHED else ("26.3",):
        game = opened(worlds[first], version=later)
        assert game.unknown_commands() == []
        before = names(game)
        for function in ("alfa/show", "beta/show_a"):
            game.run(f"mc_city:{function}")
            finish(game)
        assert_same_places(game, opened(worlds[f"{first} shown"], version=later))
        game.run("mc_city:all/hide")
        finish(game)
        assert (names(game) == before).all()


@pytest.mark.slow
def test_spyglass_knows_every_command_in_the_tree_of_26_1(worlds, tmp_path):
    """The newest tree of commands that anybody publishes; what came after it, our own table
    knows."""
    broken = shutil.copytree(pack_of(worlds["26.3"]), tmp_path / "pack")
    unit = broken / "data" / "mc_city" / "function" / "unit" / "0.mcfunction"
    unit.write_text(unit.read_text("utf-8").replace(" 1.0 0 strict", " 1.0 strict"), "utf-8")
    *sound, found = spyglass_faults_of(
        [pack_of(worlds["1.21.4"]), pack_of(worlds["26.3"]), broken], "26.1"
    )
    assert sound == [[], []]
    assert found
    assert all("unit/0.mcfunction" in fault for fault in found)


def test_the_pack_of_the_newest_version_ends_in_the_built_world(worlds):
    game = opened(worlds["26.3"], version="26.3")
    assert game.unknown_commands() == []
    for function in ("alfa/show", "beta/show_a"):
        game.run(f"mc_city:{function}")
        finish(game)
    assert_same_places(game, opened(worlds["26.3 shown"], version="26.3"))
    game.run("mc_city:all/hide")
    finish(game)
    assert_same_places(game, opened(worlds["26.3"], version="26.3"))


@pytest.mark.parametrize("version", [pytest.param("1.21.11", marks=pytest.mark.slow), "26.3"])
def test_the_command_line_switches_a_world_of_the_version(worlds, version, tmp_path):
    """Shown and hidden again it has the blocks that it had; shown, those of one built so."""
    world = shutil.copytree(worlds[version], tmp_path / "world")
    toggle(world, list(SHOWN), True, quiet)
    shown, known = blocks_of(world), dict[str, int]()
    row = java_version(version)
    for place, (states, ids) in blocks_of(worlds["26.3 shown"]).items():
        assert np.array_equal(as_numbers([str(own_state(BlockState.parse(state),
        row)) for state in states], ids, known),
                              as_numbers(*shown[place], known))  # fmt: skip
    toggle(world, ["alfa", "beta"], False, quiet)
    hidden = blocks_of(world)
    for place, (states, ids) in blocks_of(worlds[version]).items():
        assert np.array_equal(as_numbers(states, ids, known), as_numbers(*hidden[place], known))


def test_what_is_said_of_the_world_names_its_version(worlds):
    assert json.loads((worlds["26.3"] / "mc_city.json").read_text("utf-8"))["version"] == "26.3"
