"""Worlds that exist: exactly the wished blocks change, in our files and in ones laid out as the
game lays them out."""

import gzip
import io
import struct
import subprocess
import sys
import zlib

import nbtlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbtlib import Byte, Compound, Int, List, Long, LongArray, String

from tests.property.test_sections import chunk_of, decode
from worlds.errors import WorldError
from worlds.java.palettes import encode_palette
from worlds.java.reader import read_region_volume
from worlds.java.region import encode_region, write_region
from worlds.java.saved import blocks_at, change_region, holding, relight_region
from worlds.java.versions import java_version
from worlds.volume import AIR, BlockState, BlockVolume, Palette

VERSION = java_version("1.21.4")
PALETTE = Palette.of(
    [
        "stone", "bricks", "oak_stairs[facing=north,half=top,shape=straight]",
        "oak_leaves[distance=1,persistent=true]", "glass",
        "oak_slab[type=bottom,waterlogged=true]", "oak_slab[type=bottom]", "white_wool",
        "oak_log[axis=y]",
    ]
)  # fmt: skip
STONE, BRICKS, STAIRS, LEAVES, GLASS, WET, SLAB, WOOL, LOG = range(1, 10)


def random_world(path, rng):
    """Four chunks of random blocks in region −1, 2, one of them uniform; (the file's bytes, ids
    (48, 512, 512) from y 0)."""
    ids = np.zeros((48, 512, 512), np.uint16)
    ids[:, :32, 480:] = rng.integers(0, len(PALETTE), (48, 32, 32))
    ids[:16, :16, 480:496], ids[16:32] = rng.integers(0, 2, (16, 16, 16)), STONE
    present = np.zeros((32, 32), bool)
    present[:2, 30:] = True
    volume = BlockVolume(-512, 0, 1024, ids, PALETTE)
    biomes = np.zeros((128, 128), np.uint8)
    tables = encode_palette(PALETTE, ("minecraft:river",), VERSION)
    data = bytearray(
        encode_region(
            (-1, 2), volume, np.full(64, STONE, np.uint16), biomes, present, tables, VERSION
        )
    )
    data[4096:8192] = rng.integers(0, 256, 4096, np.uint8).tobytes()
    path.write_bytes(data)
    return bytes(data), ids


def whole_cube(path) -> np.ndarray:
    """(384, 32, 32) states as text of the four chunks, from the world's bottom, by the reader of
    maps."""
    volume, _ = read_region_volume(path)
    names = np.array([str(state) for state in volume.palette.states])
    out = np.full((384, 32, 32), str(AIR), object)
    out[volume.y0 + 64 : volume.y0 + 64 + len(volume.ids)] = names[volume.ids[:, :32, 480:]]
    return out


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    count=st.integers(0, 3000),
    low=st.sampled_from([-64, -20, 0, 47]),
    high=st.sampled_from([50, 319]),
)
def test_exactly_these_blocks_change(tmp_path_factory, seed, count, low, high):
    rng = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("world") / "r.-1.2.mca"
    before_bytes, _ = random_world(path, rng)
    before = whole_cube(path)
    places = np.unique(rng.integers((low, 0, 0), (high + 1, 32, 32), (count, 3)), axis=0)
    rng.shuffle(places)
    y, row, column = places.T.astype(np.int32)
    ids = rng.integers(0, len(PALETTE), len(y))
    # Half of the wishes expect what is there.
    numbers = {str(state): index for index, state in enumerate(PALETTE.states)}
    there = np.array([numbers[text] for text in before[y + 64, row, column]], np.int64)
    expected = np.where(rng.random(len(y)) < 0.5, there, rng.integers(0, len(PALETTE), len(y)))
    done = change_region(path, column - 32, y, row + 1024, ids, PALETTE, expected)
    meant = before.copy()
    meant[y + 64, row, column] = [str(PALETTE.states[index]) for index in ids]
    after = whole_cube(path)
    assert (after == meant).all()
    assert done.changed == (after != before).sum() == len(y) - done.already
    assert done.strange == ((there != ids) & (there != expected)).sum()
    assert (done.missing, done.missing_chunks) == (0, ())
    data = path.read_bytes()
    assert data[4096:8192] == before_bytes[4096:8192]
    for x, z in ((30, 0), (31, 0), (30, 1), (31, 1)):
        old, new = (chunk_bytes(whole, x, z) for whole in (before_bytes, data))
        touched = (x - 32, z + 64) in done.chunks
        assert touched == (old != new)
        columns = slice(16 * z, 16 * z + 16), slice(16 * (x - 30), 16 * (x - 30) + 16)
        assert touched == (after[:, *columns] != before[:, *columns]).any()
        check_palettes(chunk_of(data, x, z))
    again = change_region(path, column - 32, y, row + 1024, ids, PALETTE)
    assert (again.changed, again.already, again.chunks) == (0, len(y), ())
    assert path.read_bytes() == data
    assert not list(path.parent.glob("*.partial"))


def chunk_bytes(data: bytes, x: int, z: int) -> bytes:
    entry = int.from_bytes(data[4 * (32 * z + x) : 4 * (32 * z + x) + 4], "big")
    return data[4096 * (entry >> 8) : 4096 * ((entry >> 8) + (entry & 0xFF))]


def check_palettes(chunk) -> None:
    for section in chunk["sections"]:
        cells = decode(section)
        palette = section["block_states"]["palette"]
        assert sorted(np.unique(cells)) == list(range(len(palette))), "every entry is used"
        assert len({str(entry) for entry in palette}) == len(palette)
        assert "biomes" in section


def test_anvil_parser_reads_what_was_changed(tmp_path):
    import anvil

    path = tmp_path / "r.-1.2.mca"
    _, ids = random_world(path, np.random.default_rng(3))
    y = np.array([-64, 0, 17, 47, 48, 319], np.int32)
    done = change_region(path, np.full(6, -31), y, np.full(6, 1024), np.full(6, STAIRS), PALETTE)
    assert done.changed + done.already == 6
    chunk = anvil.Chunk.from_region(anvil.Region.from_file(str(path)), 30, 0)
    for level in y.tolist():
        block = chunk.get_block(1, level, 0)
        assert block.id == "oak_stairs"
        assert {key: str(value) for key, value in block.properties.items()}[
            "waterlogged"
        ] == "false"
    assert chunk.get_block(2, 0, 0).id == PALETTE.states[ids[0, 0, 482]].name.removeprefix(
        "minecraft:"
    )


def pack(indices: np.ndarray, bits: int) -> LongArray:
    each = 64 // bits
    longs = []
    for first in range(0, len(indices), each):
        value = sum(
            int(index) << bits * place for place, index in enumerate(indices[first : first + each])
        )
        longs.append(value - (1 << 64) if value >= 1 << 63 else value)
    return LongArray(longs)


def entry(text: str) -> Compound:
    """A palette entry in the game's order: properties first, all of them."""
    state = BlockState.parse(text)
    out = Compound(
        {"Properties": Compound({key: String(value) for key, value in reversed(state.properties)})}
        if state.properties
        else {}
    )
    out["Name"] = String(state.name)
    return out


LIGHT = nbtlib.ByteArray(np.full(2048, -1, np.int8))


def game_section(y: int, texts: list[str], cells: np.ndarray) -> Compound:
    states = Compound({"palette": List[Compound]([entry(text) for text in texts])})
    if len(texts) > 1:
        states["data"] = pack(cells.ravel(), max(4, (len(texts) - 1).bit_length()))
    biomes = Compound({"palette": List[String]([String("minecraft:taiga")])})
    return Compound(
        {
            "block_states": states,
            "SkyLight": LIGHT,
            "biomes": biomes,
            "BlockLight": LIGHT,
            "Y": Byte(y),
        }
    )


def game_chunk(sections, entities=()) -> Compound:
    """A chunk with everything in it that must not get lost."""
    return Compound({
        "Heightmaps": Compound({"WORLD_SURFACE": LongArray([0] * 37)}),
        "Status": String("minecraft:full"), "zPos": Int(0),
        "block_entities": List[Compound](list(entities)), "InhabitedTime": Long(1234),
        "LastUpdate": Long(99), "xPos": Int(0),
        "structures": Compound({"starts": Compound({"x": Compound({"id": String("INVALID")})}),
        "References": Compound({})}),
        "block_ticks": List[Compound]([Compound({"i": String("minecraft:stone"), "x": Int(1)})]),
        "isLightOn": Byte(1),
        "sections": List[Compound](list(sections)), "DataVersion": Int(4189), "yPos": Int(-4),
        "mod:extra": Compound({"ö": Int(7)}),
    })  # fmt: skip


def chest(x: int, y: int, z: int, **more) -> Compound:
    return Compound(
        {
            "z": Int(z),
            "id": String("minecraft:chest"),
            "y": Int(y),
            "keepPacked": Byte(0),
            "x": Int(x),
            **more,
        }
    )


def nbt_bytes(chunk: Compound) -> bytes:
    out = io.BytesIO()
    nbtlib.File(chunk).write(out)
    return out.getvalue()


def write_game_region(path, chunks: dict[int, tuple[int, bytes]]) -> None:
    """chunks: index → (method, payload); sectors with holes and in a strange order, as the game
    leaves them."""
    table, body, sector = [0] * 1024, b"", 5
    for index, (method, payload) in sorted(chunks.items(), reverse=True):
        record = struct.pack(">IB", len(payload) + 1, method) + payload
        count = -(-len(record) // 4096)
        table[index] = sector << 8 | count
        body += record.ljust(count * 4096, b"\xaa") + bytes(4096)
        sector += count + 1
    stamps = struct.pack(">1024I", *range(1024))
    path.write_bytes(struct.pack(">1024I", *table) + stamps + bytes(3 * 4096) + body)


TEXTS = ["minecraft:oak_slab[type=bottom,waterlogged=false]",
"minecraft:chest[facing=east,type=single,waterlogged=false]",
         "minecraft:air", "mod:thing[glow=3,waterlogged=false]"]  # fmt: skip


@pytest.fixture
def played(tmp_path):
    """(path, chunk, cells of the section at y −64) of a region as the game leaves it, with three
    compressions."""
    cells = np.random.default_rng(8).integers(0, 4, (16, 16, 16))
    cells[0, 0, :4] = [0, 1, 2, 3]
    light_only = [Compound({"Y": Byte(y), "BlockLight": LIGHT}) for y in (-5, 20)]
    sections = [game_section(19, TEXTS[2:3], cells), game_section(-4, TEXTS, cells), *light_only]
    chunk = game_chunk(
        sections,
        [chest(1, -64, 0), chest(3, -64, 0, Items=List[Compound]([Compound({"Count": Byte(3)})]))],
    )
    raw = nbt_bytes(chunk)
    path = tmp_path / "r.0.0.mca"
    write_game_region(
        path,
        {0: (1, gzip.compress(raw)), 1: (2, zlib.compress(raw)), 40: (3, raw), 41: (0x82, b"")},
    )
    (tmp_path / "c.9.1.mcc").write_bytes(zlib.compress(raw))
    return path, chunk, cells


def column(path, x, z, y, ids, **more):
    count = len(y)
    return change_region(
        path, np.full(count, x), np.array(y), np.full(count, z), np.array(ids), PALETTE, **more
    )


@pytest.mark.parametrize(("x", "z", "index"), [(0, 0, 0), (16, 0, 1), (128, 16, 40)])
def test_a_chunk_of_the_game_keeps_its_other_tags(played, x, z, index):
    path, chunk, cells = played
    before = path.read_bytes()
    done = column(
        path,
        x + 1,
        z,
        [-64, -63, 319, 100],
        [WOOL, WOOL, WOOL, GLASS],
        expected=np.array([0, 0, 0, 0]),
    )
    assert done.changed == 4
    data = path.read_bytes()
    after = chunk_of(data, index % 32, index // 32)
    untouched = {
        name
        for name in chunk
        if name not in ("Heightmaps", "sections", "isLightOn", "block_entities")
    }
    assert set(after) == untouched | {"sections", "isLightOn", "block_entities"}
    assert all(after[name] == chunk[name] for name in untouched)
    assert int(after["isLightOn"]) == 0
    sections = {int(section["Y"]): section for section in after["sections"]}
    assert list(sections) == [-4, 6, 19], "sections of nothing but light are gone"
    assert all(set(section) == {"Y", "block_states", "biomes"} for section in sections.values())
    assert sections[6]["biomes"] == chunk["sections"][0]["biomes"]
    names = [str(text["Name"]) for text in sections[-4]["block_states"]["palette"]]
    found = np.array(names)[decode(sections[-4])]
    meant = np.array([BlockState.parse(text).name for text in TEXTS], object)[cells]
    meant[0, 0, 1] = meant[1, 0, 1] = "minecraft:white_wool"
    assert (found == meant).all()
    things = [
        text for text in sections[-4]["block_states"]["palette"] if text["Name"] == "mod:thing"
    ]
    assert things == [entry(TEXTS[3])]
    assert list(things[0]) == ["Properties", "Name"], "spelled as before"
    for other in {0, 1, 40} - {index}:
        assert chunk_bytes(data, other % 32, other // 32) == chunk_bytes(
            before, other % 32, other // 32
        )
    assert data[4096:8192] == before[4096:8192]


def test_block_entities_go_only_where_blocks_change(played):
    path, chunk, _ = played
    change_region(
        path,
        np.array([1, 4, 3]),
        np.array([-63, -64, -63]),
        np.zeros(3, int),
        np.full(3, LOG),
        PALETTE,
    )
    assert chunk_of(path.read_bytes(), 0, 0)["block_entities"] == chunk["block_entities"]
    column(path, 1, 0, [-64], [BRICKS])
    assert chunk_of(path.read_bytes(), 0, 0)["block_entities"] == chunk["block_entities"][1:]
    column(path, 3, 0, [-64], [BRICKS])
    assert len(chunk_of(path.read_bytes(), 0, 0)["block_entities"]) == 0


def test_waterlogged_false_is_the_state_without_it(played):
    path, _, _ = played
    before = path.read_bytes()
    done = column(path, 0, 0, [-64], [SLAB])
    assert (done.changed, done.already) == (0, 1)
    assert path.read_bytes() == before
    assert column(path, 0, 0, [-64], [WET], expected=np.array([SLAB])).strange == 0
    assert column(path, 0, 0, [-64], [SLAB], expected=np.array([WOOL])).strange == 1
    assert [str(state) for state in blocks_at(path, np.zeros(1), np.full(1, -64), np.zeros(1))] == [
        "minecraft:oak_slab[type=bottom]"
    ]


def test_a_chunk_beside_the_file(played, tmp_path):
    path, _, _ = played
    assert column(path, 144, 16, [-60], [BRICKS]).changed == 1
    assert not (tmp_path / "c.9.1.mcc").exists(), "it fits the file now"
    assert [
        str(block) for block in blocks_at(path, np.array([144]), np.array([-60]), np.array([16]))
    ] == ["minecraft:bricks"]


def test_a_chunk_too_large_for_the_file_stays_beside(tmp_path):
    noise = nbtlib.ByteArray(
        np.random.default_rng(1).integers(-128, 128, 1_200_000).astype(np.int8)
    )
    chunk = game_chunk([game_section(0, TEXTS[2:3], np.zeros(4096))], [chest(9, 9, 9, noise=noise)])
    path = tmp_path / "r.0.0.mca"
    write_game_region(path, {0: (0x82, b""), 5: (2, zlib.compress(nbt_bytes(game_chunk([]))))})
    (tmp_path / "c.0.0.mcc").write_bytes(zlib.compress(nbt_bytes(chunk)))
    assert column(path, 2, 2, [5, 6], [BRICKS, GLASS]).changed == 2
    assert path.stat().st_size == 4 * 4096
    beside = nbtlib.File.parse(io.BytesIO(zlib.decompress((tmp_path / "c.0.0.mcc").read_bytes())))
    assert beside["block_entities"] == chunk["block_entities"]
    assert blocks_at(path, np.full(3, 2), np.array([5, 6, 7]), np.full(3, 2)) == [
        PALETTE.states[BRICKS],
        PALETTE.states[GLASS],
        AIR,
    ]


def test_chunks_that_are_not_there(played, tmp_path):
    path, _, _ = played
    x, z = np.array([0, 300, 301]), np.array([0, 0, 0])
    done = change_region(path, x, np.full(3, 0), z, np.full(3, BRICKS), PALETTE)
    assert (done.changed, done.missing, done.missing_chunks, done.chunks) == (
        1,
        2,
        ((18, 0),),
        ((0, 0),),
    )
    assert blocks_at(path, x, np.full(3, 0), z) == [PALETTE.states[BRICKS], None, None]
    absent = tmp_path / "r.4.4.mca"
    assert column(absent, 2048, 2048, [0], [BRICKS]).missing_chunks == ((128, 128),)
    assert not absent.exists()


def test_an_empty_chunk_gets_sections(tmp_path):
    path = tmp_path / "r.0.0.mca"
    write_game_region(path, {0: (2, zlib.compress(nbt_bytes(game_chunk([]))))})
    assert column(path, 5, 5, [-64, 319, 0], [BRICKS, BRICKS, 0]).changed == 2
    sections = chunk_of(path.read_bytes(), 0, 0)["sections"]
    assert [int(section["Y"]) for section in sections] == [-4, 19]
    assert [str(section["biomes"]["palette"][0]) for section in sections] == [
        "minecraft:plains"
    ] * 2
    assert blocks_at(path, np.full(3, 5), np.array([-64, -63, 319]), np.full(3, 5)) == [
        PALETTE.states[BRICKS], AIR, PALETTE.states[BRICKS],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("x", "y", "z", "why"),
    [
        ([512], [0], [0], "outside the region"),
        ([0], [320], [0], "height"),
        ([0], [-65], [0], "height"),
        ([1, 1], [5, 5], [2, 2], "twice"),
    ],
)
def test_positions_that_cannot_be(played, x, y, z, why):
    path, _, _ = played
    before = path.read_bytes()
    with pytest.raises(ValueError, match=why):
        change_region(path, np.array(x), np.array(y), np.array(z), np.ones(len(x), int), PALETTE)
    assert path.read_bytes() == before


@pytest.mark.parametrize("broken", ["old", "cut", "data", "palette"])
def test_damage_is_named_and_nothing_written(tmp_path, broken):
    section = game_section(0, TEXTS, np.zeros((16, 16, 16), int))
    if broken == "data":
        section["block_states"]["data"] = LongArray([0] * 200)
    if broken == "palette":
        section["block_states"]["palette"] = List[Compound]([Compound({"Nam": String("x")})])
    chunk = Compound({"Level": Compound({})}) if broken == "old" else game_chunk([section])
    raw = nbt_bytes(chunk)
    path = tmp_path / "r.0.0.mca"
    write_game_region(path, {0: (2, zlib.compress(raw[:-300] if broken == "cut" else raw))})
    before = path.read_bytes()
    with pytest.raises(WorldError, match=r"r\.0\.0\.mca: chunk 0, 0"):
        column(path, 0, 0, [1], [BRICKS])
    assert path.read_bytes() == before


def test_relighting(played):
    path, chunk, _ = played
    before = path.read_bytes()
    assert relight_region(path, [(0, 0), (5, 5), (40, 40), (0, 0)]) == 1
    data = path.read_bytes()
    after = chunk_of(data, 0, 0)
    assert int(after["isLightOn"]) == 0
    assert after["Heightmaps"] == chunk["Heightmaps"]
    assert after["block_entities"] == chunk["block_entities"]
    assert [set(section) for section in after["sections"]] == [{"Y", "block_states", "biomes"}] * 2
    assert [section["block_states"] for section in after["sections"]] == [
        section["block_states"] for section in chunk["sections"][:2]
    ]
    assert chunk_bytes(data, 1, 0) == chunk_bytes(before, 1, 0)
    assert relight_region(path, [(0, 0)]) == 0


HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "r+b")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="locks by fcntl")
def test_a_world_that_the_game_has_open_is_refused(tmp_path):
    lock = tmp_path / "session.lock"
    lock.write_bytes("☃".encode())
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(WorldError, match="open in Minecraft") as caught, holding(tmp_path):
            pass
        assert "leave the world" in caught.value.hint
        holder.stdin.close()
        assert holder.wait(10) == 0
    with holding(tmp_path):
        assert try_lock(lock) == "refused"
    assert try_lock(lock) == "free"


TRIER = """
import fcntl, sys
try:
    fcntl.lockf(open(sys.argv[1], "r+b"), fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("free")
except OSError:
    print("refused")
"""


def try_lock(path) -> str:
    return subprocess.run(
        [sys.executable, "-c", TRIER, str(path)], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_holding_a_world_without_lock_file(tmp_path):
    with holding(tmp_path):
        assert (tmp_path / "session.lock").exists()
    assert (tmp_path / "session.lock").read_bytes() == b"\xe2\x98\x83"
    with pytest.raises(WorldError, match="cannot be opened"), holding(tmp_path / "absent"):
        pass


def test_holding_lets_go_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), holding(tmp_path):
        raise RuntimeError
    if sys.platform != "win32":
        assert try_lock(tmp_path / "session.lock") == "free"


@settings(max_examples=60, deadline=None)
@given(places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6))
def test_no_damage_ends_the_program(tmp_path_factory, places):
    cells = np.arange(4096).reshape(16, 16, 16) % 4
    raw = bytearray(nbt_bytes(game_chunk([game_section(0, TEXTS, cells)], [chest(1, 2, 3)])))
    for share, value in places:
        raw[int(share * len(raw))] = value
    path = tmp_path_factory.mktemp("any") / "r.0.0.mca"
    write_game_region(path, {0: (3, bytes(raw))})
    try:
        column(path, 0, 0, [1, 200], [BRICKS, GLASS])
    except WorldError:
        return
    assert blocks_at(path, np.zeros(2), np.array([1, 200]), np.zeros(2)) == [
        PALETTE.states[BRICKS],
        PALETTE.states[GLASS],
    ]


def test_writing_is_ours(tmp_path):
    """The same wishes give the same bytes."""
    files = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "r.-1.2.mca"
        write_region(path, random_world(path, np.random.default_rng(4))[0])
        order = np.random.default_rng(len(files)).permutation(200)
        change_region(path, -32 + order % 20, order // 20, np.full(200, 1030), order % 9, PALETTE)
        files.append(path.read_bytes())
    assert files[0] == files[1]
