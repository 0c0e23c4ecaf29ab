"""`.mcstructure` files: what they hold, read back by us and by amulet-nbt, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from tests.packs.bedrock.structures import key_of_bytes, read_bedrock_structure
from worlds.bedrock.structures import (
    decode_mcstructure,
    encode_mcstructure,
    read_mcstructure,
    soaked_places,
    write_structure,
)
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.bedrock.versions import bedrock_version
from worlds.errors import WorldError
from worlds.layers import PIECE, Change
from worlds.volume import Palette

STATES = (
    "stone", "oak_log[axis=x]", "white_bed[facing=east,occupied=false,part=head]", "water[level=0]",
    "oak_fence[east=false,north=false,south=false,waterlogged=true,west=false]", "potted_poppy",
)  # fmt: skip
AIR, STONE, LOG, BED, WATER, FENCE, POT = range(7)


@pytest.fixture(scope="module")
def tables():
    return encode_bedrock_palette(
        Palette.of(STATES), bedrock_version("1.21.0"), ["minecraft:plains"]
    )


def change(*places, ids):
    x, y, z = np.array(places, np.int32).reshape(-1, 3).T
    return Change(x, y, z, np.array(ids, np.uint16))


def entry(tables, index):
    return tables.entries[tables.starts[index] : tables.starts[index + 1]].tobytes()


def test_blocks_come_back_in_their_places_and_nothing_else_is_touched(tables, tmp_path):
    rng = np.random.default_rng(5)
    places = np.unique(rng.integers(0, (30, PIECE, 20), (900, 3)), axis=0)
    rng.shuffle(places)
    ids = rng.choice([AIR, STONE, LOG, WATER], len(places))
    made = change(*places, ids=ids)
    path = tmp_path / "deep" / "a.mcstructure"
    size = write_structure(path, Change(made.x - 900, made.y - 64, made.z + 77, made.ids), tables)
    assert size == path.stat().st_size
    ours, theirs = read_mcstructure(path), read_bedrock_structure(path)
    low = places.min(axis=0)
    assert ours.size == theirs.size == tuple((places.max(axis=0) - low + 1).tolist())
    assert (theirs.first >= 0).sum() == len(places) == len(ours.x)
    assert (theirs.second < 0).all()
    assert (ours.second < 0).all()
    back = {
        place: ours.palette[index]
        for *place, index in zip(ours.x, ours.y, ours.z, ours.first, strict=True)
        for place in [tuple(place)]
    }
    for place, number in zip((places - low).tolist(), ids.tolist(), strict=True):
        expected = entry(tables, tables.entry_of[number])
        assert back[tuple(place)] == expected
        assert theirs.palette[theirs.first[tuple(place)]] == key_of_bytes(expected)


def test_water_in_the_place_of_a_block_comes_and_goes(tables):
    one = change((0, 0, 0), (1, 0, 0), (2, 0, 0), ids=[FENCE, STONE, LOG])
    other = change((2, 0, 0), (0, 0, 0), (1, 0, 0), ids=[AIR, AIR, WATER])
    soaked = soaked_places([one, other], tables)
    assert [places.tolist() for places in soaked] == [[True, False, False], [False, True, False]]
    water, air = entry(tables, tables.water), entry(tables, 0)
    for made, places, expected in ((one, soaked[0], water), (other, soaked[1], air)):
        read = decode_mcstructure(
            encode_mcstructure(made.x, made.y, made.z, made.ids, tables, places)
        )
        second = {int(x): index for x, index in zip(read.x, read.second, strict=True)}
        assert read.palette[second[0]] == expected
        assert second[1] == second[2] == -1
    assert soaked_places([], tables) == []


def test_beds_and_pots_bring_their_block_entities(tables, tmp_path):
    made = change((0, 0, 0), (3, 1, 2), (1, 0, 1), ids=[STONE, BED, POT])
    write_structure(tmp_path / "a.mcstructure", made, tables)
    read = read_bedrock_structure(tmp_path / "a.mcstructure")
    assert {place: tag["id"].py_str for place, tag in read.entities.items()} == {
        int(np.ravel_multi_index((3, 1, 2), read.size)): "Bed", int(np.ravel_multi_index((1, 0, 1),
        read.size)): "FlowerPot",
    }  # fmt: skip
    assert read.entities[int(np.ravel_multi_index((3, 1, 2), read.size))]["color"].py_int == 0


def test_the_same_blocks_give_the_same_bytes_in_any_order(tables):
    made = change((0, 0, 0), (3, 1, 2), (1, 0, 1), ids=[STONE, LOG, STONE])
    turned = [axis[::-1] for axis in (made.x, made.y, made.z, made.ids)]
    assert encode_mcstructure(*turned, tables) == encode_mcstructure(
        made.x, made.y, made.z, made.ids, tables
    )


@pytest.mark.parametrize("places", [[], [(0, 0, PIECE)], [(-1, 0, 0)], [(1, 2, 3), (1, 2, 3)]])
def test_what_is_no_structure_is_refused(tables, places):
    made = change(*places, ids=[STONE] * len(places))
    with pytest.raises(ValueError, match="structure"):
        encode_mcstructure(made.x, made.y, made.z, made.ids, tables)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-40],
        lambda data: data[:0],
        lambda data: data[:200],
        lambda data: data.replace(b"size", b"sise"),
    ],
)
def test_damaged_files_are_told_apart(tables, tmp_path, damage):
    made = change((0, 0, 0), (3, 1, 2), ids=[STONE, LOG])
    path = tmp_path / "a.mcstructure"
    path.write_bytes(damage(encode_mcstructure(made.x, made.y, made.z, made.ids, tables)))
    with pytest.raises(WorldError, match="not a readable structure"):
        read_mcstructure(path)
    with pytest.raises(WorldError):
        read_mcstructure(tmp_path / "missing.mcstructure")
