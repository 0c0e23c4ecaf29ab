"""Saved Bedrock worlds: exactly the wished blocks change, whole or not at all, and never while the
game has the world open."""

import io
import shutil
import subprocess
import sys

import nbtlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bedrock_worlds import (
    CHUNKS,
    chunk_names,
    entry,
    key,
    random_ids,
    records_of,
    sub_chunk,
    write_records,
    write_world,
)
from tests.readers.bedrock_programs import read_with_operator
from worlds.bedrock.reader import opened_regions
from worlds.bedrock.saved import change_world_blocks, holding, opened_for_change
from worlds.bedrock.saved_sections import SavedState
from worlds.errors import WorldError

STATES = [
    SavedState(entry("air")), SavedState(entry("stone")), SavedState(entry("gold_block")),
    SavedState(entry("brick_block")),
    SavedState(entry("oak_fence"), wet=True), SavedState(entry("oak_fence")),
    SavedState(entry("water", liquid_depth=0)),
    SavedState(entry("oak_log", pillar_axis="x")),
    SavedState(entry("chest"), entity={"id": nbtlib.String("Chest"), "Findable": nbtlib.Byte(0)}),
]  # fmt: skip
NAMES = [
    "minecraft:air[]", "minecraft:stone[]", "minecraft:gold_block[]", "minecraft:brick_block[]",
    "minecraft:oak_fence[]",
    "minecraft:oak_fence[]", "minecraft:water[('liquid_depth', "
                             "'0')]", "minecraft:oak_log[('pillar_axis', "
                                      "'x')]", "minecraft:chest[]",
]  # fmt: skip
SIGNS = [
    {"id": nbtlib.String("Sign"), "x": nbtlib.Int(x), "y": nbtlib.Int(y), "z": nbtlib.Int(z)}
    for x, y, z in ((-20, 3, 1030), (-1, 39, 1024), (-32, 20, 1055))
]
HOLD = (
    "import leveldb, sys; d = leveldb.LevelDB(sys.argv[1]); print('held', flush=True); "
    "sys.stdin.read(); d.close()"
)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return write_world(
        tmp_path_factory.mktemp("saved") / "world",
        random_ids(np.random.default_rng(8)),
        SIGNS,
        {b"~local_player": b"somebody"},
    )


def change(world, places, ids, expected=None, also=None, compact=False):
    x, y, z = np.array(places, np.int32).reshape(-1, 3).T
    with opened_for_change(world, compact=compact) as database:
        awaited = None if expected is None else np.array(expected)
        return change_world_blocks(
            database, world, (x, y, z), np.array(ids, np.int64), STATES, awaited, also
        )


def cube(records) -> np.ndarray:
    """(2, 384, 32, 32) names of both layers of the four chunks, from y −64, x −32, z 1024."""
    out = np.empty((2, 384, 32, 32), object)
    for x, z in CHUNKS:
        out[:, :, 16 * z - 1024 : 16 * z - 1008, 16 * x + 32 : 16 * x + 48] = chunk_names(
            records, x, z
        )
    return out


def heights(records, names: np.ndarray) -> None:
    """Checks the stored heights of all columns against the blocks."""
    for x, z in CHUNKS:
        solid = (
            names[0, :, 16 * z - 1024 : 16 * z - 1008, 16 * x + 32 : 16 * x + 48]
            != "minecraft:air[]"
        )
        meant = np.where(solid.any(axis=0), 384 - np.argmax(solid[::-1], axis=0), 0)
        assert (np.frombuffer(records[key(x, z, 43)][:512], "<i2").reshape(16, 16) == meant).all()


def entities_of(records) -> dict[tuple[int, int, int], str]:
    found = {}
    for x, z in CHUNKS:
        data = records.get(key(x, z, 49), b"")
        source = io.BytesIO(data)
        while source.tell() < len(data):
            one = nbtlib.File.parse(source, "little")
            found[int(one["x"]), int(one["y"]), int(one["z"])] = str(one["id"])
    return found


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    high=st.sampled_from([-60, 47, 319]),
    count=st.sampled_from([1, 30, 3000]),
)
def test_exactly_the_wished_blocks_change(original, tmp_path_factory, seed, high, count):
    world = tmp_path_factory.mktemp("change") / "w"
    shutil.copytree(original, world)
    rng = np.random.default_rng(seed)
    everywhere = np.stack(
        [
            rng.integers(-32, 0, count),
            rng.integers(-64, high + 1, count),
            rng.integers(1024, 1056, count),
        ],
        axis=1,
    )
    places = (
        np.unique(np.vstack([everywhere, [[-20, 3, 1030]]]), axis=0)
        if high > 3
        else np.unique(everywhere, axis=0)
    )
    ids = rng.integers(0, len(STATES), len(places))
    before = records_of(world)
    meant = cube(before)
    x, y, z = places.T
    at = (y + 64, z - 1024, x + 32)
    water = [NAMES[6] if STATES[number].wet else NAMES[0] for number in ids.tolist()]
    was = meant[(0, *at)].copy(), meant[(1, *at)].copy()
    meant[(0, *at)], meant[(1, *at)] = [NAMES[number] for number in ids.tolist()], water
    done = change(world, places, ids)
    differing = (was[0] != meant[(0, *at)]) | (was[1] != meant[(1, *at)])
    assert (done.changed, done.already) == (differing.sum(), len(places) - differing.sum())
    assert (done.strange, done.missing) == (0, 0)
    after = records_of(world)
    assert (cube(after) == meant).all()
    heights(after, meant)
    changed = {tuple(place) for place in places[differing].tolist()}
    chests = {tuple(place): "Chest" for place in places[differing & (ids == 8)].tolist()}
    signs = {(int(sign["x"]), int(sign["y"]), int(sign["z"])): "Sign" for sign in SIGNS}
    assert entities_of(after) == {
        **{place: name for place, name in signs.items() if place not in changed},
        **chests,
    }
    # No other record is touched, nor any sub-chunk that no change lies in.
    concerned = {(x >> 4, z >> 4, y >> 4) for x, y, z in changed}
    for name in before.keys() | after.keys():
        if before.get(name) != after.get(name):
            assert len(name) in (9, 10)
            place = (
                int.from_bytes(name[:4], "little", signed=True),
                int.from_bytes(name[4:8], "little", signed=True),
            )
            assert name[8] in (43, 47, 49)
            assert place in done.chunks
            if name[8] == 47 and name in before:
                assert (*place, int.from_bytes(name[9:], "little", signed=True)) in concerned
    for chunk_x, chunk_z in CHUNKS:
        levels = sorted(
            int.from_bytes(name[9:], "little", signed=True)
            for name in after
            if name[:9] == key(chunk_x, chunk_z, 47)
        )
        assert levels == list(range(-4, levels[-1] + 1)), "some readers stop at the first gap"
    again = change(world, places, ids)
    assert (again.changed, again.already, again.chunks) == (0, len(places), ())
    assert records_of(world) == after


def test_back_again_is_the_world_as_it_was(original, tmp_path):
    shutil.copytree(original, tmp_path / "w")
    before = cube(records_of(tmp_path / "w"))
    places = [(-20, y, 1030) for y in range(16, 32)] + [(-3, 200, 1050)]
    assert change(tmp_path / "w", places, [4] * 17).changed == 17
    assert change(tmp_path / "w", places, [1] * 16 + [0]).changed == 17
    records = records_of(tmp_path / "w")
    assert (cube(records) == before).all()
    assert records[key(-2, 64, 47, 1)][1] == 1, "the layer of water is gone"


def test_what_was_built_there_and_what_is_not_there_is_counted(original, tmp_path):
    shutil.copytree(original, tmp_path / "w")
    places = [
        (-20, 16, 1030),
        (-20, 17, 1030),
        (-20, 18, 1030),
        (-20, 19, 1030),
        (400, 5, 1030),
        (401, 5, 1030),
        (-20, 5, 4000),
    ]
    done = change(tmp_path / "w", places, [2, 2, 1, 2, 2, 2, 2], expected=[1, 3, 3, 0, 1, 1, 1])
    assert (done.changed, done.already, done.strange, done.missing) == (3, 1, 2, 3)
    assert set(done.missing_chunks) == {(25, 64), (-2, 250)}
    assert done.chunks == ((-2, 64),)


def test_a_newer_game_s_words_for_a_block_are_the_same_block(tmp_path):
    """Newer games rename what they open: `stonebrick` of kinds became blocks of their own."""
    newer = 1 << 24 | 21 << 16 | 60 << 8 | 33
    zeros = np.zeros((16, 16, 16), int)
    zeros[0, 0, 1] = 1
    palette = [entry("stone_bricks", newer), entry("gold_block", newer)]
    records = {key(0, 0, 47, 0): sub_chunk([(zeros, palette, 1)], 0), key(0, 0, 44): b"\x29"}
    world = write_records(tmp_path / "w", records)
    states = [
        SavedState(entry("stonebrick", stone_brick_type="default")),
        SavedState(entry("gold_block")),
    ]
    x, y, z = np.array([[0, 0, 0], [0, 1, 0], [0, 2, 0]], np.int32).T
    with opened_for_change(world) as database:
        done = change_world_blocks(
            database, world, (x, y, z), np.array([0, 1, 1]), states, np.array([0, 0, 0])
        )
    assert (done.changed, done.already, done.strange) == (1, 2, 0)
    after = records_of(world)[key(0, 0, 47, 0)]
    assert after.count(b"gold_block") == 1, "spelled as the sub-chunk does already"
    assert b"stonebrick" not in after


@pytest.mark.parametrize("version", [1, 8])
def test_older_sub_chunks_stay_readable(tmp_path, version):
    zeros = np.zeros((16, 16, 16), int)
    records = {
        key(0, 0, 47, 2): sub_chunk([(zeros, [entry("stone")], 1)], 2, version),
        key(0, 0, 118): b"\x13",
    }
    world = write_records(tmp_path / "w", records)
    assert change(world, [(5, 33, 6), (5, 100, 6)], [4, 2]).changed == 2
    after = records_of(world)
    assert {name[9] for name in after if name[8] == 47} == set(range(7)), (
        "old chunks begin at y = 0"
    )
    assert {value[0] for name, value in after.items() if name[8] == 47} == {8}
    names = chunk_names(after, 0, 0)
    assert (names[0, 97, 6, 5], names[1, 97, 6, 5], names[0, 164, 6, 5]) == (
        NAMES[4],
        NAMES[6],
        NAMES[2],
    )
    assert (names[0] == "minecraft:stone[]").sum() == 4095


@pytest.mark.parametrize(("version", "known"), [(40, True), (41, True), (42, True), (43, False)])
def test_chunks_of_every_version_that_we_know_are_changed_and_no_newer_ones(
    original, tmp_path, version, known
):
    world = shutil.copytree(original, tmp_path / "w")
    write_records(world, {key(-1, 65, 44): bytes([version])})
    before = records_of(world)
    if known:
        assert (
            change(world, [(-5, 3, 1045)], [2]).changed
            + change(world, [(-5, 3, 1045)], [3]).changed
            >= 1
        )
        return
    # The other chunk is known, and stays as it is all the same.
    with pytest.raises(WorldError, match="chunk -1, 65 of version 43, known: 42"):
        change(world, [(-20, 3, 1030), (-5, 3, 1045)], [2, 2])
    assert records_of(world) == before


def test_an_interrupted_change_has_not_happened(original, tmp_path):
    world = tmp_path / "w"
    shutil.copytree(original, world)
    before = records_of(world)
    places = [(x, y, 1030) for x in range(-32, 0) for y in range(-64, 60)]
    change(world, places, [2] * len(places), also={b"scoreboard": b"new", b"~local_player": None})
    whole = tmp_path / "whole"
    shutil.copytree(world, whole)
    after = records_of(whole)
    assert after[b"scoreboard"] == b"new"
    assert b"~local_player" not in after
    # The write is cut off somewhere in the middle of the log.
    (log,) = [path for path in (world / "db").glob("*.log") if path.stat().st_size]
    log.write_bytes(log.read_bytes()[: log.stat().st_size * 2 // 3])
    assert records_of(world) == before


def test_a_damaged_chunk_changes_nothing(original, tmp_path):
    world = tmp_path / "w"
    shutil.copytree(original, world)
    whole = records_of(world)
    write_records(world, {key(-1, 65, 47, 0): whole[key(-1, 65, 47, 0)][:50]})
    before = records_of(world)
    with pytest.raises(WorldError, match="chunk -1, 65 is not readable"):
        change(world, [(-20, 3, 1030), (-5, 3, 1045)], [2, 2])
    assert records_of(world) == before


@pytest.mark.parametrize(
    ("places", "text"),
    [([(0, 320, 0)], "height"), ([(0, -65, 0)], "height"), ([(0, 1, 0)] * 2, "given twice")],
)
def test_impossible_places_are_refused(original, tmp_path, places, text):
    shutil.copytree(original, tmp_path / "w")
    with pytest.raises(ValueError, match=text):
        change(tmp_path / "w", places, [1] * len(places))


def test_a_world_that_is_open_is_refused_but_can_be_read(original, tmp_path):
    world = tmp_path / "w"
    shutil.copytree(original, world)
    game = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(world / "db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert game.stdout is not None
    assert game.stdout.readline().strip() == b"held"
    for attempt in (
        lambda: change(world, [(-20, 3, 1030)], [2]),
        lambda: holding(world).__enter__(),
    ):
        with pytest.raises(WorldError, match="is open in Minecraft") as caught:
            attempt()
        assert caught.value.hint == "leave the world in the game first"
    with opened_regions(world) as regions:
        assert sum(map(len, regions.chunks.values())) == 4
    game.communicate()
    assert change(world, [(-20, 20, 1030)], [2]).changed == 1


def test_while_held_nobody_else_opens_it(original, tmp_path):
    world = tmp_path / "w"
    shutil.copytree(original, world)
    command = [sys.executable, "-c", HOLD, str(world / "db")]
    with holding(world):
        refused = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        assert refused.returncode != 0
        assert b"lock" in refused.stderr
        assert change(world, [(-20, 20, 1030)], [2]).changed == 1
    assert (
        subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60
        ).returncode
        == 0
    )


def test_no_bedrock_world(tmp_path):
    with pytest.raises(WorldError, match="no Bedrock world"):
        change(tmp_path, [], [])


@pytest.fixture(scope="module")
def changed_world(original, tmp_path_factory):
    """A compacted world with changes of all sorts, and what stands in it."""
    world = tmp_path_factory.mktemp("readers") / "w"
    shutil.copytree(original, world)
    rng = np.random.default_rng(2)
    places = np.unique(
        np.stack(
            [
                rng.integers(-32, 0, 4000),
                rng.integers(-64, 90, 4000),
                rng.integers(1024, 1056, 4000),
            ],
            axis=1,
        ),
        axis=0,
    )
    assert (
        change(world, places, rng.integers(0, len(STATES), len(places)), compact=True).changed
        > 3000
    )
    names = cube(records_of(world))
    return world, names


def test_bedrock_world_operator_reads_what_was_changed(changed_world, tmp_path):
    world, names = changed_world
    found = read_with_operator(shutil.copytree(world, tmp_path / "w"), CHUNKS)
    assert found["valid"]
    renamed: dict[str, set[str]] = {}
    for chunk in found["chunks"]:
        x, z = chunk["x"], chunk["z"]
        for layer, listed in enumerate(chunk["layers"]):
            theirs = np.array(
                [f"{name}{states}" for name, states, count in listed for _ in range(count)], object
            )
            ours = names[layer, :, 16 * z - 1024 : 16 * z - 1008, 16 * x + 32 : 16 * x + 48].ravel()
            for name in np.unique(ours):
                renamed.setdefault(name, set()).update(np.unique(theirs[ours == name]).tolist())
    assert all(len(shown) == 1 for shown in renamed.values()), renamed
    shown = [next(iter(one)) for one in renamed.values()]
    assert len(set(shown)) == len(shown)
    assert not any("unknown" in one for one in shown)
    assert sum(len(chunk["entities"]) for chunk in found["chunks"]) == len(
        entities_of(records_of(tmp_path / "w"))
    )


def test_amulet_reads_what_was_changed(changed_world, tmp_path):
    import amulet

    world, names = changed_world
    shutil.copytree(world, tmp_path / "w")
    level = amulet.load_level(str(tmp_path / "w"))
    try:
        assert set(level.all_chunk_coords("minecraft:overworld")) == set(CHUNKS)
        renamed: dict[tuple[str, str], set[str]] = {}
        for x, z in CHUNKS:
            chunk = level.get_chunk(x, z, "minecraft:overworld")
            theirs = np.asarray(chunk.blocks[:, -64:320, :]).transpose(1, 2, 0)
            both = names[:, :, 16 * z - 1024 : 16 * z - 1008, 16 * x + 32 : 16 * x + 48].reshape(
                2, -1
            )
            pairs = np.array([f"{first}|{second}" for first, second in both.T.tolist()], object)
            for pair in np.unique(pairs):
                blocks = {
                    str(chunk.block_palette[number])
                    for number in np.unique(theirs.ravel()[pairs == pair]).tolist()
                }
                renamed.setdefault(pair, set()).update(blocks)
        assert all(len(shown) == 1 for shown in renamed.values()), renamed
        shown = [next(iter(one)) for one in renamed.values()]
        assert len(set(shown)) == len(shown)
        assert sum("water" in one for one in shown) >= 3
    finally:
        level.close()
