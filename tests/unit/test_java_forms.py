"""Chunks, signs, books, structures and packs stand as each version writes them; read with programs
that are not ours."""

import json

import amulet_nbt
import numpy as np
import pytest
from isal import igzip, isal_zlib

from tests.packs.own_check import mcmeta_faults, wording_faults
from tests.packs.packview import VERSIONS as PUBLISHED
from tests.packs.packview import new_range, read_view
from tests.packs.structures import read_structure, structure_form
from tests.strict_palette import fault_of
from worlds.fixtures import Book, Press, Sign
from worlds.java.datapack import write_datapack
from worlds.java.entities import command_entity, lectern_entity, sign_entity
from worlds.java.menu import menu_functions
from worlds.java.palettes import encode_palette, own_state, state_bytes
from worlds.java.region import count_substituted, encode_region
from worlds.java.structures import Template, decode_template, encode_template, write_template
from worlds.java.versions import VERSIONS, java_version
from worlds.layers import Piece, Switch, Unit
from worlds.stand_ins import java_since
from worlds.volume import BlockState, BlockVolume, Palette
from worlds.words import read_words

STATES = (
    "stone",
    "oak_slab[type=top]",
    "chain[axis=x]",
    "birch_leaves[distance=1,persistent=true]",
)
PALETTE = Palette.of(STATES)
NEW_TEXTS = [name for name, row in VERSIONS.items() if row.text == "nbt"]
ROOT_KEYS = {
    "DataVersion", "yPos", "LastUpdate", "InhabitedTime", "Status", "isLightOn", "structures",
    "block_ticks", "fluid_ticks",
    "PostProcessing", "xPos", "zPos", "Heightmaps", "block_entities", "sections",
}  # fmt: skip
AT = (3, 70, 4)


def chunk(version: str) -> amulet_nbt.CompoundTag:
    row = java_version(version)
    ids = np.zeros((16, 512, 512), np.uint16)
    ids[:4, :16, :16] = np.arange(1, 5)[:, None, None]
    present = np.zeros((32, 32), bool)
    present[0, 0] = True
    volume, below, biomes = (
        BlockVolume(0, 64, 0, ids, PALETTE),
        np.ones(128, np.uint16),
        np.zeros((128, 128), np.uint8),
    )
    data = encode_region(
        (0, 0),
        volume,
        below,
        biomes,
        present,
        encode_palette(PALETTE, ("minecraft:river",), row),
        row,
    )
    length = int.from_bytes(data[8192:8196], "big")
    return amulet_nbt.load(
        isal_zlib.decompress(data[8197 : 8196 + length]), compressed=False
    ).compound


def unwrapped(entry) -> tuple[str, dict[str, str], str]:
    """(name, properties, form) of an entry of a palette."""
    if list(entry) == [""]:
        return entry[""].py_str, {}, "alone"
    name, inside = ("id", "properties") if "id" in entry else ("Name", "Properties")
    assert set(entry) <= {name, inside}
    return (
        entry[name].py_str,
        {key: value.py_str for key, value in entry.get(inside, {}).items()},
        name,
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_a_chunk_has_the_keys_and_the_palettes_of_its_version(version):
    root, new = chunk(version), version == "26.3"
    assert set(root) == ROOT_KEYS
    assert root["DataVersion"].py_int == java_version(version).data_version
    assert root["Status"].py_str == "minecraft:full"
    palettes = {
        section["Y"].py_int: section["block_states"]["palette"] for section in root["sections"]
    }
    found = [unwrapped(entry) for entry in palettes[4]]
    chain = "chain" if java_version(version).data_version < 4554 else "iron_chain"
    form = "id" if new else "Name"
    assert found == [
        ("minecraft:stone", {}, "alone" if new else "Name"),
        ("minecraft:oak_slab", {"type": "top", "waterlogged": "false"}, form),
        (f"minecraft:{chain}", {"axis": "x", "waterlogged": "false"}, form),
        (
            "minecraft:birch_leaves",
            {"distance": "1", "persistent": "true", "waterlogged": "false"},
            form,
        ),
        ("minecraft:air", {}, "alone" if new else "Name"),
    ]
    assert [unwrapped(entry) for entry in palettes[0]] == [
        ("minecraft:stone", {}, "alone" if new else "Name")
    ]
    assert [entry.py_str for entry in root["sections"][0]["biomes"]["palette"]] == [
        "minecraft:river"
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_structure_has_the_palette_of_its_version_and_is_read_back(version, tmp_path):
    row, path = java_version(version), tmp_path / "a.nbt"
    nowhere = np.zeros(len(PALETTE), np.int32)
    template = Template(
        np.arange(len(PALETTE), dtype=np.int32),
        nowhere,
        nowhere,
        PALETTE.states,
        np.arange(len(PALETTE)),
    )
    write_template(path, template, row)
    assert structure_form(path) == ({"id", ""} if row.states == "id" else {"Name"})
    read = read_structure(path)
    assert read.data_version == row.data_version
    assert [state.name for state in read.palette] == [
        own_state(state, row).name for state in PALETTE.states
    ]
    again = decode_template(path.read_bytes())
    assert again.states == tuple(own_state(state, row) for state in PALETTE.states)
    assert set(amulet_nbt.load(igzip.decompress(path.read_bytes()), compressed=False).compound) == {
        "size", "entities", "blocks", "palette", "DataVersion",
    }  # fmt: skip


def test_the_two_forms_of_a_state_byte_for_byte():
    stone, slab = BlockState.parse("stone"), BlockState.parse("oak_slab[type=top]")
    assert state_bytes(stone) == b"\x08\x00\x04Name\x00\x0fminecraft:stone\x00"
    assert state_bytes(stone, "id") == b"\x08\x00\x00\x00\x0fminecraft:stone\x00"
    inside = b"\x08\x00\x04type\x00\x03top\x08\x00\x0bwaterlogged\x00\x05false\x00\x00"
    assert (
        state_bytes(slab)
        == b"\x08\x00\x04Name\x00\x12minecraft:oak_slab\x0a\x00\x0aProperties" + inside
    )
    assert (
        state_bytes(slab, "id")
        == b"\x08\x00\x02id\x00\x12minecraft:oak_slab\x0a\x00\x0aproperties" + inside
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_signs_books_and_command_blocks_are_in_the_words_of_their_version(version):
    row = java_version(version)
    text = (
        (lambda value: str(value))
        if version in NEW_TEXTS
        else (lambda value: json.loads(value)["text"])
    )
    sign = sign_entity(Sign(AT, ('Å "gatan"', "{1}")), row)
    place = {"id", "x", "y", "z", "keepPacked"}
    assert set(sign) == place | {"is_waxed", "front_text", "back_text"} | (
        {"allow_op_features"} if version == "26.3" else set()
    )
    assert int(sign.get("allow_op_features", 1)) == 1
    assert set(sign["front_text"]) == {"messages", "color", "has_glowing_text"}
    assert [text(line) for line in sign["front_text"]["messages"]] == ['Å "gatan"', "{1}", "", ""]
    lectern = lectern_entity(Book(AT, "Bok", "mc-city", ("Första", "Andra")), row)
    assert set(lectern) == place | {"Book", "Page"}
    if version == "1.20.4":
        assert set(lectern["Book"]) == {"id", "Count", "tag"}
    else:
        assert set(lectern["Book"]) == {"id", "count", "components"}
        content = lectern["Book"]["components"]["minecraft:written_book_content"]
        assert set(content) == {"title", "author", "resolved", "generation", "pages"}
        assert [text(page["raw"]) for page in content["pages"]] == ["Första", "Andra"]
    block = command_entity(Press(AT, "alfa/press_1"), row)
    assert str(block["Command"]) == "function mc_city:alfa/press_1"
    assert text(block["CustomName"]) == "mc-city"
    assert set(block) == place | {
        "Command", "CustomName", "SuccessCount", "TrackOutput", "UpdateLastExecution",
        "LastExecution", "powered", "auto", "conditionMet",
    }  # fmt: skip


def write_small_pack(world, version: str):
    row = java_version(version)
    piece = Piece("0_0/0/a", (0, 64, 0), 1)
    folder = (
        world
        / "datapacks"
        / "mc_city"
        / "data"
        / "mc_city"
        / ("structures" if row.pack_folders == "plural" else "structure")
    )
    nowhere = np.zeros(1, np.int32)
    write_template(
        folder / f"{piece.name}.nbt",
        Template(nowhere, nowhere, nowhere, PALETTE.states, np.ones(1, np.int64)),
        row,
    )
    switch = Switch("alfa", "Alfa", ("",), 2031)
    write_datapack(
        world, [switch], [Unit((0,), (0, 0), ((piece,), (piece,)))], [2031], row, read_words("sv")
    )
    return world / "datapacks" / "mc_city"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_pack_says_which_games_it_is_for_in_the_keys_of_its_version(version, tmp_path):
    row, pack = java_version(version), write_small_pack(tmp_path, version)
    assert mcmeta_faults(pack) == []
    meta = json.loads((pack / "pack.mcmeta").read_text("utf-8"))
    old = row.pack_format[0] < 82
    assert set(meta["pack"]) == {"min_format", "max_format", "description"} | (
        {"pack_format", "supported_formats"} if old else set()
    )
    assert ("overlays" in meta) == (pack / "from_1_21_5").exists() == (version not in NEW_TEXTS)
    low, high = new_range(meta["pack"])
    assert low == row.pack_format
    assert all(
        (low <= number <= high) == (number >= row.pack_format) for _, number in PUBLISHED.values()
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_the_menu_can_be_clicked_in_its_version_and_all_later_ones(version, tmp_path):
    row, pack = java_version(version), write_small_pack(tmp_path, version)
    for later, (_, number) in PUBLISHED.items():
        if number < row.pack_format:
            continue
        view = read_view(pack, later)
        assert wording_faults(view) == [], later
        menu = view.functions["mc_city:menu"].read_text("utf-8").splitlines()
        parts = [part for line in menu for part in json.loads(line.removeprefix("tellraw @s "))]
        events = [
            part[key] for part in parts for key in ("clickEvent", "click_event") if key in part
        ]
        words = "value" if number < (71, 0) else "command"
        slash = "/" if number < (71, 0) else ""
        assert len(events) == 6
        assert {event["action"] for event in events} == {"run_command"}
        assert all(
            set(event) == {"action", words} and event[words].startswith(f"{slash}function mc_city:")
            for event in events
        )


def test_a_menu_of_64_layers_has_pages_that_lead_to_each_other():
    switches = [Switch(f"l{number}", f"Plan {number}", ("",)) for number in range(64)]
    pages = menu_functions(switches, (2030,), java_version("1.21.5"), read_words("sv"))
    assert list(pages) == ["menu", "menu/2", "menu/3", "menu/4", "menu/5"]
    assert max(map(len, pages.values())) <= 20
    for page, following in zip(pages, [*list(pages)[1:], "menu"], strict=True):
        assert f'"function mc_city:{following}"' in pages[page][-1]
    shown = [f"mc_city:l{number}/option_1" for number in range(64)]
    text = "".join(line for lines in pages.values() for line in lines)
    assert all(text.count(f'"function {name}"') == 1 for name in shown)
    (alone,) = menu_functions(switches[:3], (), java_version("1.21.5"), read_words("sv")).values()
    assert "mc_city:menu" not in "".join(alone)


@pytest.mark.parametrize("version", ["1.20.4", "1.20.6"])
def test_a_pack_of_the_old_folders_lives_on_in_games_that_look_for_the_new_ones(version, tmp_path):
    """Every later game finds every function, structure and tag that the first one finds, and the
    same in them."""
    pack = write_small_pack(tmp_path, version)
    first, *later = (
        read_view(pack, name) for name, (number, _) in PUBLISHED.items() if number >= 3700
    )
    assert list(first.structures) == ["mc_city:0_0/0/a"]
    assert list(first.function_tags) == ["minecraft:load"]
    assert len(first.functions) > 20
    for view in later:
        for found, there in (
            (view.functions, first.functions), (view.structures, first.structures),
            (view.function_tags, first.function_tags),
        ):  # fmt: skip
            assert found.keys() == there.keys(), view.version
            differing = [
                name
                for name, path in found.items()
                if path.read_bytes() != there[name].read_bytes()
            ]
            assert differing == (
                ["mc_city:menu"] if found is view.functions and view.version in NEW_TEXTS else []
            ), view.version


def test_a_menu_in_the_words_of_another_version_is_found(tmp_path):
    pack = write_small_pack(tmp_path, "26.3")
    menu = pack / "data" / "mc_city" / "function" / "menu.mcfunction"
    menu.write_text(menu.read_text("utf-8").replace("click_event", "clickEvent"), "utf-8")
    (menu.parent / "rule.mcfunction").write_text(
        "gamerule doDaylightCycle false\ngamerule advance_time false\n", "utf-8"
    )
    found = wording_faults(read_view(pack, "26.3"))
    assert [fault.rpartition(": ")[2].split(" ")[0] for fault in found].count("clickEvent") == 3
    assert found[-1].endswith("rule.mcfunction:1: game rule doDaylightCycle is not known in 26.3")
    older = [fault for fault in wording_faults(read_view(pack, "1.21.10")) if "game rule" in fault]
    assert len(older) == 1
    assert older[0].endswith("rule.mcfunction:2: game rule advance_time is not known in 1.21.10")


@pytest.mark.parametrize("version", VERSIONS)
def test_structures_are_placed_without_touching_their_neighbours_since_that_can_be_asked(
    version, tmp_path
):
    pack = write_small_pack(tmp_path, version)
    plural = "s" if version in ("1.20.4", "1.20.6") else ""
    placing = (pack / "data" / "mc_city" / f"function{plural}" / "unit" / "0.mcfunction").read_text(
        "utf-8"
    )
    lines = [line for line in placing.splitlines() if "place template" in line]
    end = "mc_city:0_0/0/a 0 64 0" + (" none none 1.0 0 strict" if version in NEW_TEXTS else "")
    assert lines
    assert all(line.endswith(end) for line in lines)


def test_what_stands_for_a_newer_block_is_written_as_if_it_had_been_meant():
    """Byte for byte, in chunks and in structures; the blocks are counted."""
    older, newer = "polished_blackstone_slab[type=bottom]", "gray_concrete_slab[type=bottom]"
    both, one = Palette.of([older, newer, "stone"]), Palette.of([older, "stone"])
    ids = np.random.default_rng(5).integers(0, 4, (16, 512, 512)).astype(np.uint16)
    plain = np.array([0, 1, 1, 2], np.uint16)[ids]
    present = np.zeros((32, 32), bool)
    present[2, 3:5] = True
    below, biomes, row = (
        np.zeros(128, np.uint16),
        np.zeros((128, 128), np.uint8),
        java_version("1.21.4"),
    )
    tables = encode_palette(both, ("minecraft:river",), row)
    meant = encode_region(
        (0, 0), BlockVolume(0, 64, 0, ids, both), below, biomes, present, tables, row
    )
    said = encode_region(
        (0, 0),
        BlockVolume(0, 64, 0, plain, one),
        below,
        biomes,
        present,
        encode_palette(one, ("minecraft:river",), row),
        row,
    )
    assert meant == said
    state = f"minecraft:{newer}"
    assert tables.substituted == {2: (state, f"minecraft:{older}")}
    count = int((ids[:, 32:48, 48:80] == 2).sum())
    assert count_substituted(BlockVolume(0, 64, 0, ids, both), present, tables) == {state: count}
    x = np.arange(4, dtype=np.int32)
    zeros = np.zeros(4, np.int32)
    structures = [
        encode_template(Template(x, zeros, zeros, palette.states, np.array(numbers)), row)
        for palette, numbers in ((both, [1, 2, 3, 0]), (one, [1, 1, 2, 0]))
    ]
    assert structures[0] == structures[1]
    new = java_version("26.3")
    assert encode_palette(both, ("minecraft:river",), new).substituted == {}
    assert own_state(BlockState.parse(newer), new) == BlockState.parse(newer)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_stands_for_newer_blocks_exists_in_its_version(version):
    """Every block that came later than the oldest, by the tables of PyMCTranslate."""
    import PyMCTranslate

    row = java_version(version)
    tables = PyMCTranslate.new_translation_manager().get_version("java", (26, 3, 0)).block
    wrong = []
    for name in tables.base_names("minecraft"):
        if java_since(name) <= row.data_version:
            continue
        properties = {
            key: values[0].py_str
            for key, values in tables.get_specification("minecraft", name).valid_properties.items()
        }
        state = own_state(BlockState(f"minecraft:{name}", tuple(sorted(properties.items()))), row)
        if fault := fault_of(state, (*row.numbers, 0)[:3]):
            wrong.append(fault)
    assert wrong == []
