"""Units of saved Bedrock worlds: water in the place of blocks, block entities, what is cleared
first, and what the pack begins with."""

import shutil
import struct

import numpy as np
import pytest
from PIL import Image

from tests.bedrock_city import differing_records, records_in
from tests.conftest import quiet
from tests.packs.bedrock.executor import Blocks, World
from worlds.bedrock.behaviour import PackContents, pack_root, write_behaviour_pack, write_unit
from worlds.bedrock.functions import PART, has_begun
from worlds.bedrock.functions import starting_scores as pack_scores
from worlds.bedrock.leveldat import BedrockSettings
from worlds.bedrock.leveldb import write_part
from worlds.bedrock.mcworld import write_bedrock_world
from worlds.bedrock.region import encode_region_records
from worlds.bedrock.saved import opened_for_change
from worlds.bedrock.scores import SCOREBOARD, read_scores, scores_of, scores_record
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.bedrock.units import change_units, unit_states
from worlds.bedrock.versions import bedrock_version
from worlds.errors import WorldError
from worlds.layers import (
    CELL,
    NO_UNIT,
    UNIT_OBJECTIVE,
    Change,
    Layers,
    Piece,
    Switch,
    Unit,
    starting_scores,
)
from worlds.volume import AIR, BlockVolume, Palette
from worlds.words import read_words

SWEDISH = read_words("sv")

VERSION = bedrock_version("1.21.0")
TEXTS = {"sv_SE": ("Prov", "Planer"), "en_US": ("Test", "Plans")}
PALETTE = Palette.of(
    [
        "stone", "water[level=0]", "seagrass", "brick_slab[type=bottom]",
        "brick_slab[type=bottom,waterlogged=true]",
        "oak_fence[east=false,north=false,south=false,waterlogged=true,west=false]", "potted_poppy",
        "potted_fern",
        "white_bed[facing=east,occupied=false,part=head]",
        "red_bed[facing=east,occupied=false,part=head]",
        "oak_stairs[facing=north,half=bottom,shape=straight,waterlogged=true]",
    ]
)  # fmt: skip
STATES = 4
SWITCH = Switch("alfa", "Alfa", tuple("abc"))


def contents(switches, units, state):
    return PackContents(switches=switches, units=units, years=[], state=state, guides=[])


@pytest.fixture(scope="module")
def tables():
    return encode_bedrock_palette(PALETTE, VERSION, ["minecraft:plains"])


@pytest.fixture(scope="module")
def places():
    """(n, 3) x, y, z in the cell −1, 2, over the tops of sub-chunks and of the lowest one."""
    rng = np.random.default_rng(3)
    found = rng.integers((-CELL, -60, 2 * CELL), (0, 130, 3 * CELL), (700, 3))
    return np.unique(found, axis=0).astype(np.int32)


@pytest.fixture(scope="module")
def wanted(places):
    """(states, n) what stands at each place in each state: everything turns into everything."""
    return (
        np.random.default_rng(4).integers(0, len(PALETTE), (STATES, len(places))).astype(np.uint16)
    )


def write_states(folder, tables, places, wanted):
    """Worlds built in each state of one unit, its structures in each."""
    x, y, z = places.T
    pieces, changes = [], {}
    for number in range(STATES):
        listed = []
        # Some places are cleared first, and lie in the structure of all again.
        for what, part, ids in (
            ("clear", places[::3], np.zeros(len(places[::3]), np.uint16)),
            (str(number), places, wanted[number]),
        ):
            low = (part[:, 1] + 60) // 48
            for level in np.unique(low).tolist():
                name = f"x-1_z2/alfa/{what}_{level}"
                changes[name] = Change(*part[low == level].T, ids[low == level])
                corner = tuple(int(side) for side in part[low == level].min(axis=0))
                listed.append(Piece(name, corner, int((low == level).sum())))
        pieces.append(tuple(listed))
    unit = Unit((0,), (-1, 2), tuple(pieces))
    worlds = []
    present = np.zeros((32, 32), bool)
    present[4:6, 30:] = True
    for number in range(STATES):
        ids = np.zeros((384, 512, 512), np.uint16)
        ids[y + 64, z, x + 512] = wanted[number]
        world = folder / str(number)
        write_unit(world, unit, changes, tables)
        picture = Image.new("RGB", (16, 16))
        write_behaviour_pack(
            world, contents([SWITCH], [unit], [number]), TEXTS, picture, VERSION, SWEDISH
        )
        volume, biomes = BlockVolume(-512, -64, 0, ids, PALETTE), np.zeros((128, 128), np.uint8)
        part = folder / "r.-1.0.part"
        write_part(
            part,
            encode_region_records(-1, 0, volume, np.zeros(0, np.uint16), biomes, present, tables),
        )
        extras = {SCOREBOARD: scores_record(None, starting_scores([SWITCH], [unit], [number]))}
        write_bedrock_world(world, BedrockSettings("Prov", VERSION, (-8, 60, 70)), [part], extras)
        worlds.append(world)
    return unit, worlds


@pytest.fixture(scope="module")
def built(tmp_path_factory, tables, places, wanted):
    return write_states(tmp_path_factory.mktemp("built"), tables, places, wanted)


def test_every_block_turns_into_every_other(built, tmp_path):
    unit, worlds = built
    world = shutil.copytree(worlds[0], tmp_path / "w")
    stands = 0
    assert len(differing_records(worlds[0], worlds[1])) > 4
    for state in (1, 2, 3, 2, 1, 0, 3, 1, 3, 0, 2, 0):
        done = change_units(
            world, Layers((SWITCH,), (unit,), (stands,), (stands,)), (state,), quiet
        )
        assert done.changed > 500
        assert (done.strange, done.missing) == (0, 0)
        assert differing_records(world, worlds[state]) == []
        stands = state


def drop_chunks(world, *places):
    """Takes chunks, (x, z) each, out of a world."""
    with opened_for_change(world) as database:
        for name in list(database.keys()):
            if len(name) >= 8 and struct.unpack("<ii", name[:8]) in places and len(name) in (9, 10):
                database.delete(name)


def test_a_unit_with_a_chunk_that_is_gone_is_not_said_to_be_done(built, tmp_path):
    unit, worlds = built
    world = shutil.copytree(worlds[0], tmp_path / "w")
    drop_chunks(world, (-1, 4))
    done = change_units(world, Layers((SWITCH,), (unit,), (0,), (0,)), (1,), quiet)
    assert done.changed > 300
    assert done.missing > 50
    assert done.unfinished == 1
    assert read_scores(world)[UNIT_OBJECTIVE, "#0"] == NO_UNIT


def test_a_world_with_none_of_the_chunks_is_an_error_and_stays_as_it_is(built, tmp_path):
    unit, worlds = built
    world = shutil.copytree(worlds[0], tmp_path / "w")
    drop_chunks(world, (-1, 4), (-2, 4), (-1, 5), (-2, 5))
    before = records_in(world)
    with pytest.raises(WorldError, match="has none of the chunks"):
        change_units(world, Layers((SWITCH,), (unit,), (0,), (0,)), (1,), quiet)
    assert records_in(world) == before


def test_a_unit_that_is_half_done_is_finished_and_nothing_called_strange(built, tmp_path):
    unit, worlds = built
    world = shutil.copytree(worlds[1], tmp_path / "w")
    done = change_units(world, Layers((SWITCH,), (unit,), (2,), (-1,)), (2,), quiet)
    assert done.strange == 0
    assert differing_records(world, worlds[2]) == []
    wrong = change_units(world, Layers((SWITCH,), (unit,), (0,), (0,)), (3,), quiet)
    assert wrong.strange > 500, "it did not stand as the scores said"
    assert differing_records(world, worlds[3]) == []


def test_a_state_that_changes_no_unit_is_written_down(built, tmp_path):
    unit, worlds = built
    world = shutil.copytree(worlds[1], tmp_path / "w")
    other = Switch("beta", "Beta", ("",))
    done = change_units(world, Layers((SWITCH, other), (unit,), (1, 0), (1,)), (1, 1), quiet)
    assert done.changed == 0
    assert differing_records(world, worlds[1]) == []
    assert scores_of(records_in(world)[SCOREBOARD])["mc_city", "#beta"] == 1


def test_pieces_are_told_in_java_words(built, places, wanted):
    unit, worlds = built
    states = {AIR: 0}
    order = np.lexsort((places[:, 0], places[:, 2], places[:, 1]))
    for number, change in enumerate(
        unit_states(worlds[0], [(unit, number) for number in range(STATES)], states)
    ):
        assert np.array_equal(np.stack([change.x, change.y, change.z], axis=1), places[order])
        names = list(states)
        for found, meant in zip(change.ids.tolist(), wanted[number][order].tolist(), strict=True):
            one, other = names[found], PALETTE.states[meant]
            # Pots and beds are told apart by their block entities, which a map does not need.
            assert one.name.split("_")[-1] == other.name.split("_")[-1] or "pot" in one.name
            assert ("waterlogged", "true") in one.properties or (
                "waterlogged",
                "true",
            ) not in other.properties


@pytest.mark.parametrize("units", [0, 1, PART, PART + 1])
def test_what_a_new_pack_writes_down_is_what_is_written_for_it(tmp_path, units):
    made = [Unit((number % 2,), (number, 0), ((), ())) for number in range(units)]
    switches, state = [Switch("alfa", "Alfa", ("",)), Switch("beta", "Beta", ("",))], (1, 0)
    write_behaviour_pack(
        tmp_path,
        contents(switches, made, state),
        TEXTS,
        Image.new("RGB", (16, 16)),
        VERSION,
        SWEDISH,
    )
    game = World(
        pack_root(tmp_path), Blocks((0, 0, 0), np.zeros((1, 1, 1)), np.zeros((1, 1, 1)), {})
    )
    steps = 0
    while not has_begun(game.scores, made):
        game.tick()
        steps += 1
    assert steps == 1 + -(-units // PART)
    written = pack_scores(switches, made, state, [])
    assert starting_scores(switches, made, state).items() <= written.items()
    passing = ("mc_city", "#work.part")
    assert {key: value for key, value in game.scores.items() if key != passing} == written
