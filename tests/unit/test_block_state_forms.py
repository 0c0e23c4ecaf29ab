"""Block states in every form that a version of the game writes, in chunks and in structures."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import nbtlib
import numpy as np
import PyMCTranslate
import pytest
from nbtlib import Byte, Compound, Int, List, LongArray, String

from worlds.default_states import completed, default_properties
from worlds.errors import WorldError
from worlds.java.entries import Entries, meant, spelled
from worlds.java.reader import COMPOUND, STRING, read_region_volume, state_of, state_of_tag
from worlds.java.saved import blocks_at, change_region
from worlds.java.structures import read_template
from worlds.java.versions import VERSIONS
from worlds.volume import AIR, BlockState, Palette

OLD, NEW = VERSIONS["1.21.4"], VERSIONS["26.3"]
STONE = BlockState("minecraft:stone")
STAIRS = BlockState(
    "minecraft:oak_stairs", (("facing", "north"), ("half", "bottom"), ("shape", "straight"))
)
TURNED = STAIRS.with_properties(facing="east")
WET = STAIRS.with_properties(waterlogged="true")


def test_defaults_are_those_of_the_game():
    """Against PyMCTranslate's tables of 26.3, which we did not write and which know no
    `waterlogged`."""
    table = PyMCTranslate.new_translation_manager().get_version("java", (26, 3, 0)).block
    names = list(table.base_names("minecraft"))
    assert len(names) > 1200
    wrong = {}
    for name in names:
        wanted = {
            key: tag.py_str
            for key, tag in table.get_specification("minecraft", name).default_properties.items()
        }
        known = {
            key: value
            for key, value in default_properties(f"minecraft:{name}")
            if key != "waterlogged"
        }
        if known != wanted:
            wrong[name] = (known, wanted)
    # The block of creators begins in another mode since 26.x, which these tables do not say.
    assert wrong.keys() <= {"structure_block"}


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("minecraft:stone", ()),
        ("minecraft:sea_lantern", ()),
        ("minecraft:lantern", (("hanging", "false"),)),
        ("minecraft:oak_wall_hanging_sign", (("facing", "north"),)),
        ("minecraft:oak_hanging_sign", (("attached", "false"), ("rotation", "8"))),
        ("minecraft:brain_coral", (("waterlogged", "true"),)),
        ("mine:oak_stairs", ()),
        ("minecraft:never_heard_of", ()),
        ("minecraft:never_heard_of_stairs", STAIRS.properties),
    ],
)
def test_default_properties(name, properties):
    assert default_properties(name) == properties


def tag_of(text: str) -> object:
    return nbtlib.parse_nbt(text)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ('{Name:"minecraft:stone"}', STONE),
        (
            '{Name:"minecraft:oak_stairs",Properties:{facing:"east",half:"bottom",shape:"straight",waterlogged:"false"}}',
            TURNED,
        ),
        ('{id:"minecraft:stone"}', STONE),
        (
            '{id:"minecraft:oak_stairs",properties:{facing:"east",half:"bottom",shape:"straight",waterlogged:"false"}}',
            TURNED,
        ),
        (
            '{properties:{waterlogged:"true",shape:"straight",half:"bottom",facing:"north"},id:"minecraft:oak_stairs"}',
            WET,
        ),
        # What is not said is as by default.
        ('{id:"minecraft:oak_stairs",properties:{facing:"east"}}', TURNED),
        ('{id:"minecraft:oak_stairs"}', STAIRS),
        ('"minecraft:oak_stairs"', STAIRS),
        ('{"":"minecraft:oak_stairs"}', STAIRS),
        ('{"":{id:"minecraft:oak_stairs",properties:{facing:"east"}}}', TURNED),
        ('{"":"minecraft:stone"}', STONE),
        (
            '"minecraft:brain_coral"',
            BlockState("minecraft:brain_coral", (("waterlogged", "true"),)),
        ),
        (
            '{id:"minecraft:brain_coral",properties:{waterlogged:"false"}}',
            BlockState("minecraft:brain_coral"),
        ),
    ],
)
def test_a_state_is_read_in_every_form(text, state):
    tag = tag_of(text)
    assert state_of_tag(tag) == state
    out = io.BytesIO()
    tag.write(out)
    assert state_of(out.getvalue(), STRING if isinstance(tag, String) else COMPOUND) == state


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"":{}}',
        '{"":5}',
        "5",
        "{id:5}",
        '{id:"a",properties:5}',
        "{Name:{}}",
        '{"":"a",b:"c"}',
        "[]",
    ],
)
def test_what_is_no_state(text):
    with pytest.raises(ValueError, match="state of its palette"):
        state_of_tag(tag_of(text))


@pytest.mark.parametrize(
    "state", [STONE, STAIRS, TURNED, WET, AIR, BlockState("minecraft:chain", (("axis", "y"),))]
)
@pytest.mark.parametrize("version", [OLD, VERSIONS["1.21.9"], VERSIONS["26.2"], NEW])
def test_a_state_is_spelled_as_a_version_writes_it_and_means_the_same(state, version):
    span = spelled(state, version)
    compound = nbtlib.Compound.parse(io.BytesIO(span))
    assert set(compound) <= (
        {"id", "properties", ""} if version.states == "id" else {"Name", "Properties"}
    )
    assert meant(state_of(span)) == meant(state)
    assert ("minecraft:iron_chain" in span.decode("latin-1")) == (
        "chain" in state.name and version.data_version >= 4554
    )
    if version is NEW:
        assert (list(compound) == [""]) == (state not in (TURNED, WET))


def section(y: int, palette: List, cells: dict[int, int]) -> Compound:
    """A section whose cells are the palette's first entry but for these."""
    states = Compound({"palette": palette})
    if len(palette) > 1:
        indices = np.zeros(4096, np.uint64)
        for cell, number in cells.items():
            indices[cell] = number
        shifts = np.arange(16, dtype=np.uint64) * np.uint64(4)
        states["data"] = LongArray(
            (indices.reshape(-1, 16) << shifts).sum(axis=1, dtype=np.uint64).view(np.int64)
        )
    biomes = Compound({"palette": List[String]([String("minecraft:plains")])})
    return Compound({"Y": Byte(y), "block_states": states, "biomes": biomes})


def write_region(path: Path, sections: list[Compound], number: int) -> Path:
    """A region with one chunk, at 0, 0."""
    root = nbtlib.File({
        "DataVersion": Int(number), "xPos": Int(0), "zPos": Int(0), "yPos": Int(-4),
        "Status": String("minecraft:full"),
        "sections": List[Compound](sections), "block_entities": List[Compound]([]),
        "isLightOn": Byte(1),
    })  # fmt: skip
    raw = io.BytesIO()
    root.write(raw)
    packed = zlib.compress(raw.getvalue())
    record = (len(packed) + 1).to_bytes(4, "big") + b"\x02" + packed
    sectors = -(-len(record) // 4096)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        (2).to_bytes(3, "big")
        + bytes([sectors])
        + bytes(8188)
        + record.ljust(4096 * sectors, b"\0")
    )
    return path


def read_sections(path: Path) -> dict[int, Compound]:
    data = path.read_bytes()
    sector = int.from_bytes(data[:3], "big")
    length = int.from_bytes(data[4096 * sector : 4096 * sector + 4], "big")
    root = nbtlib.File.parse(
        io.BytesIO(zlib.decompress(data[4096 * sector + 5 : 4096 * sector + 4 + length]))
    )
    return {int(one["Y"]): one for one in root["sections"]}


NAMED = Compound(
    {"id": String("minecraft:oak_stairs"), "properties": Compound({"facing": String("east")})}
)
PALETTES = {
    "names": List[String]([String("minecraft:air"), String("minecraft:stone"),
    String("minecraft:oak_stairs")]),
    "wrapped": List[Compound]([Compound({"": String(f"minecraft:{name}")}) for name in ("air",
    "stone", "oak_stairs")]),
    "mixed": List[Compound]([Compound({"": String("minecraft:air")}),
    Compound({"": String("minecraft:stone")}), NAMED]),
    "ids": List[Compound]([Compound({"id": String("minecraft:air")}),
    Compound({"id": String("minecraft:stone")}), NAMED]),
    "old": List[Compound]([
        Compound({"Name": String("minecraft:air")}), Compound({"Name": String("minecraft:stone")}),
        Compound({"Name": String("minecraft:oak_stairs"), "Properties": Compound({
            "facing": String("east"), "half": String("bottom"), "shape": String("straight"),
            "waterlogged": String("false"),
        })}),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("form", PALETTES)
def test_a_region_is_read_in_every_form(form, tmp_path):
    third = STAIRS if form in ("names", "wrapped") else TURNED
    solid = (
        List[String]([String("minecraft:oak_stairs")])
        if form != "old"
        else List[Compound](PALETTES["old"][:1])
    )
    number = OLD.data_version if form == "old" else NEW.data_version
    path = write_region(
        tmp_path / "r.0.0.mca",
        [section(0, PALETTES[form], {0: 1, 4095: 2}), section(1, solid, {})],
        number,
    )
    volume, there = read_region_volume(path)
    assert there.sum() == 1
    states = volume.palette.states

    def at(x: int, y: int, z: int) -> BlockState:
        return states[volume.ids[y - volume.y0, z, x]]

    assert [at(0, 0, 0), at(1, 0, 0), at(15, 15, 15)] == [STONE, AIR, third]
    if form != "old":
        assert at(3, 16, 3) == STAIRS
    x = np.array([0, 1, 15])
    assert blocks_at(path, x, np.array([0, 0, 15]), np.array([0, 0, 15])) == [STONE, AIR, third]


def test_one_state_in_two_forms_is_one_in_the_palette(tmp_path):
    both = List[Compound](
        [
            Compound({"": String("minecraft:oak_stairs")}),
            Compound({"id": String("minecraft:oak_stairs")}),
        ]
    )
    path = write_region(tmp_path / "r.0.0.mca", [section(0, both, {5: 1})], NEW.data_version)
    volume, _ = read_region_volume(path)
    assert list(volume.palette.states) == [AIR, STAIRS]


@pytest.mark.parametrize("kind", [List[Int]([Int(5)]), List[List]([List[String]([String("a")])])])
def test_a_palette_of_something_else_is_damage(kind, tmp_path):
    path = write_region(tmp_path / "r.0.0.mca", [section(0, kind, {})], NEW.data_version)
    for read in (
        lambda: read_region_volume(path),
        lambda: blocks_at(path, *([np.zeros(1, int)] * 3)),
    ):
        with pytest.raises(WorldError, match="chunk 0, 0 is not readable"):
            read()


def change(path: Path, state: BlockState, x: int = 7, y: int = 3) -> None:
    one = (np.array([x], np.int32), np.array([y], np.int32), np.array([0], np.int32))
    done = change_region(path, *one, np.array([1]), Palette((AIR, state)))
    assert done.changed == 1
    assert blocks_at(path, *one) == [meant(state)]


@pytest.mark.parametrize("form", ["names", "wrapped", "mixed", "ids"])
def test_a_changed_palette_is_a_list_of_names_or_of_compounds_as_the_game_has_it(form, tmp_path):
    path = write_region(
        tmp_path / "r.0.0.mca", [section(0, PALETTES[form], {0: 1, 4095: 2})], NEW.data_version
    )
    change(path, BlockState("minecraft:bricks"))
    palette = read_sections(path)[0]["block_states"]["palette"]
    names_only = form in ("names", "wrapped")
    assert all(isinstance(tag, String) for tag in palette) == names_only
    if names_only:
        assert sorted(map(str, palette)) == [
            "minecraft:air",
            "minecraft:bricks",
            "minecraft:oak_stairs",
            "minecraft:stone",
        ]
    change(path, TURNED, x=8)
    palette = read_sections(path)[0]["block_states"]["palette"]
    assert all(
        isinstance(tag, Compound) and set(tag) <= {"", "id", "properties"} for tag in palette
    )
    # A state that stands there already keeps its spelling.
    assert len(palette) == (5 if names_only else 4)


def test_a_section_that_becomes_full_of_one_name_is_one_name(tmp_path):
    few = List[String]([String("minecraft:stone"), String("minecraft:dirt")])
    path = write_region(tmp_path / "r.0.0.mca", [section(0, few, {0: 1})], NEW.data_version)
    change(path, STONE, x=0, y=0)
    states = read_sections(path)[0]["block_states"]
    assert states["palette"] == List[String]([String("minecraft:stone")])
    assert "data" not in states


def test_a_section_that_was_not_there_is_written_in_the_chunks_form(tmp_path):
    for version, keys in ((OLD, {"Name"}), (NEW, {""})):
        path = write_region(
            tmp_path / version.name / "r.0.0.mca",
            [section(0, PALETTES["old"], {})],
            version.data_version,
        )
        change(path, TURNED, y=40)
        tags = read_sections(path)[2]["block_states"]["palette"]
        assert {next(iter(tag)) for tag in tags if len(tag) == 1} == keys


def test_entries_of_another_form_in_a_chunk_are_respelled_when_it_changes(tmp_path):
    """A chunk that says it is of 26.3, with a palette of before: as a program leaves it that sets
    the number alone."""
    path = write_region(
        tmp_path / "r.0.0.mca", [section(0, PALETTES["old"], {0: 1, 4095: 2})], NEW.data_version
    )
    change(path, BlockState("minecraft:bricks"))
    assert all(
        set(tag) <= {"", "id", "properties"}
        for tag in read_sections(path)[0]["block_states"]["palette"]
    )
    x = np.array([0, 1, 15])
    assert blocks_at(path, x, np.array([0, 0, 15]), np.array([0, 0, 15])) == [STONE, AIR, TURNED]


def test_entries_are_told_apart_by_form_and_joined_by_meaning():
    entries = Entries()
    numbers = [entries.entry(spelled(STAIRS, version)) for version in (OLD, NEW)]
    assert numbers[0] != numbers[1]
    assert (
        entries.meanings[numbers[0]]
        == entries.meanings[numbers[1]]
        == entries.meaning(completed("minecraft:oak_stairs", ()))
    )


@pytest.mark.parametrize("form", PALETTES)
def test_structures_are_read_in_every_form(form, tmp_path):
    third = STAIRS if form in ("names", "wrapped") else TURNED
    blocks = [
        Compound({"pos": List[Int]([Int(n), Int(0), Int(0)]), "state": Int(n)}) for n in range(3)
    ]
    file = nbtlib.File({
        "DataVersion": Int(5023), "size": List[Int]([Int(3), Int(1), Int(1)]),
        "palette": PALETTES[form],
        "blocks": List[Compound](blocks), "entities": List[Compound]([]),
    }, gzipped=True)  # fmt: skip
    file.save(tmp_path / "a.nbt")
    template = read_template(tmp_path / "a.nbt")
    assert [template.states[number] for number in template.ids] == [AIR, STONE, third]
