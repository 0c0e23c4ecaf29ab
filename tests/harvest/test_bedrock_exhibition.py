"""An exhibition for Bedrock and Education: its database is, record for record, that of the
handed-out world with the proposals that are shown laid over it."""

from __future__ import annotations

import random
import shutil
import zipfile
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.harvest.exhibiting import FOLDER
from mc_city.saved.switching import read_world_layers, toggle
from mc_city.settings.config import read_config
from tests.bedrock_city import differing_records, records_in
from tests.class_plots import write_class_city
from tests.conftest import quiet
from tests.harvest.exhibits import box, torn_down
from tests.harvest.test_differing import unpacked
from tests.harvest.test_exhibition import exhibited, shown_of
from tests.packs.bedrock.executor import Blocks, World
from tests.packs.bedrock.own_check import own_faults
from tests.packs.bedrock.structures import key_of_bytes
from worlds.bedrock.adding import set_fixtures
from worlds.bedrock.behaviour import pack_root
from worlds.bedrock.level import read_level
from worlds.bedrock.saved import change_world_blocks, opened_for_change
from worlds.bedrock.saved_sections import Entries, SavedState, read_section
from worlds.bedrock.scores import read_scores, scores_of
from worlds.bedrock.subchunks import SUB_CHUNK
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.bedrock.versions import bedrock_version
from worlds.java.climate import BIOMES
from worlds.nbt import parse_row
from worlds.volume import Palette
from worlds.votes import read_ballots

LOT = 21
VERSION = bedrock_version("1.21.0")
AIR = ("minecraft:air", (), 0)


@pytest.fixture(scope="module")
def shown(planned_out, tmp_path_factory):
    """(the folder that a build made, the exhibition's world unpacked, what stands in it)."""
    lot, out, folder = random.Random(LOT), planned_out(), tmp_path_factory.mktemp("shown")
    around = [(0, 20), (-10, -30), (20, -10), (-45, 45)]
    worlds = [box(lot, place) for place in around for _ in range(3)]
    worlds.append(torn_down(read_ballots(out / "Liten")[0].up))
    found = exhibited(out, worlds, folder)
    with zipfile.ZipFile(folder / FOLDER / f"{found.planned.name}.mcworld") as archive:
        archive.extractall(folder / "world")
    return out, folder / "world", found.planned


def lay(world: Path, planned, exhibits) -> None:
    """Sets the blocks of exhibits, and the boards."""
    with opened_for_change(world) as database:
        for one in exhibits:
            built = one.built
            palette = Palette.of(built.states)
            tables = encode_bedrock_palette(palette, VERSION, BIOMES)
            whole, starts = tables.entries.tobytes(), tables.starts.tolist()
            states = [
                SavedState(
                    whole[starts[entry] : starts[entry + 1]],
                    bool(wet),
                    tables.block_entities.get(n),
                )
                for n, (entry, wet) in enumerate(
                    zip(tables.entry_of.tolist(), tables.wet.tolist(), strict=True)
                )
            ]
            ids = np.array([palette.id(built.states[n]) for n in built.after.tolist()])
            change_world_blocks(database, world, (built.x, built.y, built.z), ids, states)
        set_fixtures(database, world, planned.boards.fixtures, VERSION, {})


def same_words(one: bytes | None, other: bytes | None) -> bool:
    """Whether two records hold the same block entities, in whatever order their tags are."""
    if one is None or other is None:
        return False
    try:
        found = [
            sorted(str(sorted(entity.items())) for entity in parse_row(record))
            for record in (one, other)
        ]
    except ValueError:
        return False
    return found[0] == found[1]


def assert_stands(world: Path, base: Path, planned, scratch: Path) -> None:
    """base: the handed-out world in the same state of its own layers."""
    other = shutil.copytree(base, scratch)
    state = read_world_layers(world).state
    lay(other, planned, shown_of(planned, state, len(read_world_layers(base).switches)))
    ours, theirs = records_in(world), records_in(other)
    differing = [bytes.fromhex(key) for key in differing_records(world, other)]
    assert [key.hex() for key in differing if not same_words(ours.get(key), theirs.get(key))] == []


def test_it_begins_with_everything_shown_and_hidden_it_is_what_was_handed_out(shown, tmp_path):
    out, made, planned = shown
    base = unpacked(out, "bedrock", tmp_path / "base")
    world = shutil.copytree(made, tmp_path / "world")
    assert read_level(world).name == planned.name
    assert_stands(world, base, planned, tmp_path / "one")
    toggle(world, [switch.id for switch in planned.switches], False, quiet)
    assert_stands(world, base, planned, tmp_path / "two")


def test_random_orders_on_the_command_line(shown, tmp_path):
    out, made, planned = shown
    lot = random.Random(5)
    base = unpacked(out, "bedrock", tmp_path / "base")
    world = shutil.copytree(made, tmp_path / "world")
    own = len(read_world_layers(base).switches)
    for step in range(5):
        layers = read_world_layers(world)
        number = lot.randrange(len(layers.switches))
        switch = layers.switches[number]
        option, show = lot.choice(switch.options), lot.random() < 0.7
        name = f"{switch.id}/{option}" if option and show else switch.id
        for each in (world, *((base,) if number < own else ())):
            toggle(each, [name], show, quiet)
        assert_stands(world, base, planned, tmp_path / f"wanted {step}")


def blocks_of(world: Path) -> Blocks:
    """A world's blocks for the executor of functions."""
    records = records_in(world)
    chunks = {
        key: value for key, value in records.items() if len(key) == 10 and key[8] == SUB_CHUNK
    }
    places = np.array([np.frombuffer(key[:8], "<i4") for key in chunks])
    levels = [int.from_bytes(key[9:], "little", signed=True) for key in chunks]
    assert max(levels) < 12
    low, high = places.min(axis=0), places.max(axis=0)
    size = [16 * int(high[0] - low[0] + 1), 256, 16 * int(high[1] - low[1] + 1)]
    first, second, numbers = np.zeros(size, np.int32), np.zeros(size, np.int32), {}
    entries, keys = Entries([]), dict[int, tuple[str, ...]]()
    numbers[AIR] = 0
    for value, place, level in zip(chunks.values(), places, levels, strict=True):
        section = read_section(value, entries)
        for layer, cells in zip((first, second), section.cells, strict=False):
            for entry in np.unique(cells).tolist():
                key = keys.setdefault(entry, key_of_bytes(entries.spans[entry]))
                keys[entry] = AIR if key[0] == AIR[0] else key
                numbers.setdefault(keys[entry], len(numbers))
            table = {entry: numbers[keys[entry]] for entry in np.unique(cells).tolist()}
            x, z = 16 * (place - low)
            y = 16 * (level + 4)
            layer[x : x + 16, y : y + 16, z : z + 16] = (
                np.vectorize(table.get)(cells).reshape(16, 16, 16).transpose(0, 2, 1)
            )
    return Blocks((16 * int(low[0]), -64, 16 * int(low[1])), first, second, numbers)


def same_blocks(one: Blocks, other: Blocks) -> None:
    """Both layers of both, by the names of states."""
    numbers: dict = {}
    for layer in ("first", "second"):
        mine, theirs = (
            np.array([numbers.setdefault(key[:2], len(numbers)) for key in each.numbers], np.int32)[
                getattr(each, layer)
            ]
            for each in (one, other)
        )
        assert np.array_equal(mine, theirs)


def test_the_functions_of_the_world_do_the_same(shown, tmp_path):
    _, made, planned = shown
    lot = random.Random(3)
    world = shutil.copytree(made, tmp_path / "world")
    scores = read_scores(world)
    game = World(
        pack_root(world),
        blocks_of(world),
        scores=dict(scores),
        objectives={name for name, _ in scores},
    )
    game.settle()
    assert len(game.guides) == 4, "those of the handed-out world"
    layers = read_world_layers(world)
    names = []
    for _ in range(4):
        number = lot.randrange(len(layers.switches))
        switch = layers.switches[number]
        wanted = lot.randrange(switch.states)
        game.run(f"{switch.id}/{f'option_{wanted}' if wanted else 'hide'}")
        game.settle()
        if wanted:
            option = switch.options[wanted - 1]
            names.append((f"{switch.id}/{option}" if option else switch.id, True))
        else:
            names.append((switch.id, False))
    for name, show in names:
        toggle(world, [name], show, quiet)
    same_blocks(game.blocks, blocks_of(world))
    game.run(f"{planned.boards.folder}/hide")
    game.settle()
    toggle(world, [switch.id for switch in planned.switches], False, quiet)
    same_blocks(game.blocks, blocks_of(world))


def test_a_plot_that_is_set_back_has_what_is_exhibited_there(tmp_path):
    config = read_config(write_class_city(tmp_path / "city"))
    build(config.with_world(editions=("bedrock",)), tmp_path / "out", 1, False, quiet)
    lot = random.Random(17)
    worlds = [box(lot, place, 5) for place in [(-6, 18), (10, 18)] for _ in range(2)]
    found = exhibited(tmp_path / "out", worlds, tmp_path / "made")
    with zipfile.ZipFile(tmp_path / "made" / FOLDER / f"{found.planned.name}.mcworld") as archive:
        archive.extractall(tmp_path / "world")
    world, scores = tmp_path / "world", read_scores(tmp_path / "world")
    assert own_faults(pack_root(world), world) == []
    game = World(
        pack_root(world),
        blocks_of(world),
        scores=dict(scores),
        objectives={name for name, _ in scores},
    )
    game.settle()
    before = deepcopy(game.blocks)
    x, y, z = game.blocks.corner
    game.blocks.first[-14 - x : 2 - x, 70 - y : 90 - y, 14 - z : 22 - z] = 1
    game.run("plot/2/reset")
    for _ in range(60):
        game.tick()
    same_blocks(game.blocks, before)
    assert not game.areas


def test_the_pack_is_well_formed_and_leads_from_board_to_board(shown):
    _, world, planned = shown
    assert own_faults(pack_root(world), world) == []
    boards = planned.boards
    for number, board in enumerate(boards.fixtures[: len(boards.stops)]):
        onward = board.presses[1]
        game = World(
            pack_root(world), Blocks((0, 0, 0), np.zeros((1, 1, 1)), np.zeros((1, 1, 1)), {})
        )
        x, y, z = onward.at
        game.players = {"Alex": (x + 1.0, y, z + 1.0), "Kim": (x + 60.0, y, z)}
        game.press(onward.function, onward.at)
        stop = boards.stops[(number + 1) % len(boards.stops)]
        assert game.players["Alex"] == stop.at
        assert game.players["Kim"] == (x + 60.0, y, z)


def test_who_played_in_it_is_not_handed_on(planned_out, tmp_path):
    out = shutil.copytree(planned_out(), tmp_path / "out")
    world = unpacked(out, "bedrock", tmp_path / "played")
    with opened_for_change(world) as database:
        for key in (b"~local_player", b"player_server_1", b"player_2"):
            database.put(key, b"\x0a\x00\x00\x00")
    from worlds.bedrock.mcworld import write_mcworld

    write_mcworld(world, out / "Liten.mcworld")
    found = exhibited(out, [box(random.Random(1), (0, 20))], tmp_path / "made")
    with zipfile.ZipFile(tmp_path / "made" / FOLDER / f"{found.planned.name}.mcworld") as archive:
        archive.extractall(tmp_path / "new")
    assert not [key for key in records_in(tmp_path / "new") if b"player" in key]
    assert scores_of(records_in(tmp_path / "new")[b"scoreboard"])
