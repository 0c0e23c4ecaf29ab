"""What the Bedrock kernels write, a slow decoder written from the format's description reads back,
and LevelDB itself too."""

import io
import itertools
import struct

import nbtlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worlds.bedrock.leveldb import strip_length, write_database, write_part
from worlds.bedrock.region import Records, encode_region_records
from worlds.bedrock.translate import BedrockTables, state_bytes
from worlds.bedrock.versions import bedrock_version
from worlds.volume import BlockVolume, Palette

VERSION = bedrock_version("1.21.0")
BIOMES = [7, 27, 192]
BIOME_MAP = (np.arange(128 * 128) % 3).reshape(128, 128).astype(np.uint8)


def make_tables(states: int, wet: int = -1) -> BedrockTables:
    """Palette id i is written as `test:b<i // 2>`, so that pairs share an entry; id `wet` stands in
    water, 1 is water."""
    names = ["minecraft:air", *(f"test:b{number}" for number in range(1, states // 2 + 1))]
    entries = [
        state_bytes(name, [("k", number % 5), ("t", "x" * (number % 3))], VERSION.block_version)
        for number, name in enumerate(names)
    ]
    wets = np.zeros(states, bool)
    if wet >= 0:
        wets[wet] = True
    return BedrockTables(
        version=VERSION,
        entries=np.frombuffer(b"".join(entries), np.uint8),
        starts=np.concatenate([[0], np.cumsum([len(entry) for entry in entries])]).astype(np.int64),
        entry_of=((np.arange(states) + 1) // 2).astype(np.uint16),
        wet=wets,
        biomes=np.array(BIOMES, np.int32),
        water=1,
        names=tuple(names),
        substituted={},
        simplified={},
        block_entities={},
    )


def indices(data: bytes, at: int) -> tuple[np.ndarray, int, int]:
    """((x, z, y) indices, bits, position after) by the book: 32-bit words, low bits first, none
    straddling."""
    bits, at = data[at] >> 1, at + 1
    if bits == 0:
        return np.zeros((16, 16, 16), int), bits, at
    each = 32 // bits
    words = -(-4096 // each)
    out = []
    for (word,) in struct.iter_unpack("<I", data[at : at + 4 * words]):
        out += [word >> bits * place & (1 << bits) - 1 for place in range(each)]
    return np.array(out[:4096]).reshape(16, 16, 16), bits, at + 4 * words


def decode_sub_chunk(data: bytes, number: int) -> list[np.ndarray]:
    """Names of each layer's blocks, (y, z, x)."""
    assert (data[0], data[2]) == (9, number & 0xFF)
    layers, at = [], 3
    for _ in range(data[1]):
        assert data[at] & 1 == 0
        cells, bits, at = indices(data, at)
        assert bits in (1, 2, 3, 4, 5, 6, 8, 16)
        (count,) = struct.unpack_from("<I", data, at)
        source = io.BytesIO(data)
        source.seek(at + 4)
        names = []
        for _ in range(count):
            compound = nbtlib.File.parse(source, "little")
            assert int(compound["version"]) == VERSION.block_version
            names.append(str(compound["name"]))
        at = source.tell()
        assert len(set(names)) == count
        layers.append(np.array(names)[cells].transpose(2, 1, 0))
    assert at == len(data)
    return layers


def records_of(
    ids, tables, present=None, y0=0, below=None, region=(0, 0), entities=()
) -> dict[bytes, bytes]:
    if present is None:
        present = np.zeros((32, 32), bool)
        present[0, 0] = present[5, 31] = True
    volume = BlockVolume(0, y0, 0, ids, Palette.of([]))
    below = np.ones(y0 + 64, np.uint16) if below is None else below
    chunks = encode_region_records(*region, volume, below, BIOME_MAP, present, tables, entities)
    return dict(pair for records in chunks for pair in records.pairs())


def key(x: int, z: int, kind: int, number: int | None = None) -> bytes:
    return struct.pack("<iiB", x, z, kind) + (b"" if number is None else struct.pack("<b", number))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9, 17, 33, 65, 129, 257, 4096])
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_sub_chunks_round_trip_for_every_palette_size(count, seed):
    rng = np.random.default_rng(seed)
    tables = make_tables(8194)
    cells = (2 * (rng.permutation(np.arange(4096) % count) + 1)).astype(np.uint16)
    cells -= rng.integers(0, 2, 4096).astype(np.uint16)
    ids = np.zeros((16, 512, 512), np.uint16)
    ids[:, 80:96, 496:512] = cells.reshape(16, 16, 16)
    records = records_of(ids, tables)
    (names,) = decode_sub_chunk(records[key(31, 5, 47, 0)], 0)
    meant = np.array(tables.names)[tables.entry_of[cells]].reshape(16, 16, 16)
    assert (names == meant).all()
    # The chunk that is all air ends with the layers below it.
    assert key(0, 0, 47, -1) in records
    assert key(0, 0, 47, 0) not in records
    for number in range(-4, 0):
        (under,) = decode_sub_chunk(records[key(0, 0, 47, number)], number)
        assert (under == "test:b1").all()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), share=st.sampled_from([0.0001, 0.5, 1.0]))
def test_water_is_a_second_layer(seed, share):
    rng = np.random.default_rng(seed)
    tables = make_tables(12, wet=7)
    ids = np.zeros((32, 512, 512), np.uint16)
    ids[:, :16, :16] = np.where(
        rng.random((32, 16, 16)) < share, 7, rng.integers(0, 7, (32, 16, 16))
    )
    ids[20, 3, 4] = 7
    records = records_of(ids, tables)
    for number in (0, 1):
        cells = ids[16 * number : 16 * number + 16, :16, :16]
        layers = decode_sub_chunk(records[key(0, 0, 47, number)], number)
        assert (layers[0] == np.array(tables.names)[tables.entry_of[cells]]).all()
        assert (len(layers) == 2) == (cells == 7).any()
        if len(layers) == 2:
            assert (layers[1] == np.where(cells == 7, "test:b1", "minecraft:air")).all()


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31), filled=st.sampled_from([0.0, 0.003, 0.1, 1.0]))
def test_heights_biomes_and_contiguity(seed, filled):
    rng = np.random.default_rng(seed)
    tables = make_tables(12)
    ids = np.zeros((48, 512, 512), np.uint16)
    ids[:40, 80:96, 496:512] = rng.choice(3, (40, 16, 16), p=[1 - filled, filled / 2, filled / 2])
    below = np.zeros(96, np.uint16)
    below[:70] = 3
    records = records_of(ids, tables, y0=32, below=below, region=(-1, 2))
    data = records[key(-1, 69, 43)]
    heights = np.frombuffer(data[:512], "<i2").reshape(16, 16)
    box = ids[:, 80:96, 496:512]
    for z, x in itertools.product(range(16), range(16)):
        tops = np.flatnonzero(box[:, z, x])
        assert heights[z, x] == (96 + tops[-1] + 1 if len(tops) else 70)
    cells, _, at = indices(data, 512)
    assert data[512] & 1 == 1
    (count,) = struct.unpack_from("<I", data, at)
    palette = np.array(struct.unpack_from(f"<{count}I", data, at + 4))
    meant = np.array(BIOMES)[BIOME_MAP[20:24, 124:128]]
    assert (palette[cells] == meant.T.repeat(4, 0).repeat(4, 1)[:, :, None]).all()
    assert data[at + 4 + 4 * count :] == b"\xff" * 23
    tops = np.flatnonzero(box.any(axis=(1, 2)))
    highest = 2 + tops[-1] // 16 if len(tops) else 0
    numbers = [
        struct.unpack("b", name[9:])[0]
        for name in records
        if name[:8] == struct.pack("<ii", -1, 69) and name[8] == 47
    ]
    assert sorted(numbers) == list(range(-4, highest + 1))
    assert records[key(-1, 69, 44)] == bytes([VERSION.chunk])
    assert records[key(-1, 69, 54)] == struct.pack("<i", 2)


def test_block_entities_stand_with_their_chunk():
    ids = np.zeros((16, 512, 512), np.uint16)
    signs = [
        {
            "id": nbtlib.String("Sign"),
            "x": nbtlib.Int(x),
            "y": nbtlib.Int(3),
            "z": nbtlib.Int(z),
            "Text": nbtlib.String("åäö"),
        }
        for x, z in ((-500, 1026), (-512, 1024), (-1, 1100))
    ]
    records = records_of(ids, make_tables(4), region=(-1, 2), entities=signs)
    assert [name for name in records if name[8] == 49] == [key(-32, 64, 49)], (
        "the third is in a chunk that is not written"
    )
    source = io.BytesIO(records[key(-32, 64, 49)])
    found = [nbtlib.File.parse(source, "little") for _ in range(2)]
    assert [int(entity["x"]) for entity in found] == [-500, -512]
    assert str(found[0]["Text"]) == "åäö"
    assert source.read() == b""


def test_volumes_that_do_not_fit_are_refused():
    tables, ids = make_tables(4), np.zeros((16, 512, 512), np.uint16)
    ids[0, 0, 0] = 4
    with pytest.raises(ValueError, match="palette of 4"):
        records_of(ids, tables)
    with pytest.raises(ValueError, match="whole sections"):
        records_of(ids[:7], tables)
    with pytest.raises(ValueError, match="do not fit"):
        records_of(ids, tables, below=np.zeros(5, np.uint16))


def test_views_and_copies_give_the_same_records():
    rng = np.random.default_rng(4)
    wide = rng.integers(0, 12, (16, 514, 514)).astype(np.uint16)
    tables = make_tables(12, wet=5)
    assert records_of(wide[:, 1:-1, 1:-1], tables) == records_of(wide[:, 1:-1, 1:-1].copy(), tables)


def fake_records(rng, chunks: list[tuple[int, int]]) -> Records:
    """Random values under the keys of these chunks, which lie in their order."""
    rows, values = [], []
    for x, z in chunks:
        for kind, number in [
            (43, 0),
            (44, 0),
            *((47, n & 0xFF) for n in (*range(3), *range(-4, 0))),
            (54, 0),
        ]:
            value = rng.integers(0, 256, int(rng.choice([1, 4, 700]))).astype(np.uint8)
            rows.append((x, z, kind, number, len(value)))
            values.append(value)
    columns = np.array(rows, np.int64).T
    return Records(*columns[:4], np.cumsum(columns[4]), np.concatenate(values))


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    regions=st.sets(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=6),
    extra=st.dictionaries(
        st.sampled_from(
            [b"scoreboard", b"~local_player", b"digp\0\0\0\0\1\0\0\0", b"actorprefix\0\0"]
        ),
        st.binary(),
    ),
)
def test_leveldb_reads_the_database_whole(tmp_path_factory, seed, regions, extra):
    import leveldb

    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("database")
    deep = 32 * (max(z for _, z in regions) - min(z for _, z in regions) + 1)
    meant, parts = dict(extra), []
    for region_x, region_z in sorted(regions):
        chunks = sorted(
            {
                (32 * region_x + int(x), 32 * region_z + int(z))
                for x, z in rng.integers(0, 32, (12, 2))
            }
        )
        records = fake_records(rng, chunks)
        meant.update(records.pairs())
        parts.append(folder / f"r.{region_x}.{region_z}.part")
        write_part(parts[-1], [records], strip_length(deep))
    write_database(folder / "db", parts, extra)
    write_database(folder / "again", parts[::-1], extra)
    files = {path.name: path.read_bytes() for path in (folder / "db").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (folder / "again").iterdir()}
    assert not any(name.endswith(".log") for name in files)
    database = leveldb.LevelDB(str(folder / "db"))
    try:
        assert dict(database.items()) == meant
        for name in list(meant)[::7]:
            assert database.get(name) == meant[name]
        with pytest.raises(KeyError):
            database.get(b"\x01\x02\x03")
        database.put(b"later", b"1")
        database.compact()
        assert dict(database.items()) == {**meant, b"later": b"1"}
    finally:
        database.close()
