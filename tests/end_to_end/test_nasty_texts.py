"""Text from data stays text: a city whose names, descriptions, years and sources are hostile
differs from the same city with harmless ones in its words only. Commands, click events, tags and
keys are read by parsers of others: mecha, amulet's NBT and LevelDB, Python's JSON and HTML."""

from __future__ import annotations

import json
import re
import struct
import tomllib
import zlib
from html.parser import HTMLParser
from itertools import count, cycle
from pathlib import Path
from typing import Any

import amulet_nbt
import pytest
from leveldb import LevelDB

from mc_city.build.build import build
from mc_city.handout.handout import GUIDE, pack
from mc_city.settings.config import read_config
from tests.conftest import quiet
from tests.nasty import NASTY
from tests.packs.bedrock.diagnoser import diagnoser_faults
from tests.packs.bedrock.own_check import own_faults as bedrock_faults
from tests.packs.mecha_check import mecha_faults
from tests.packs.spyglass_check import spyglass_faults
from tests.plans import (
    SMALL_PLANS,
    feature,
    line,
    point,
    rectangle,
    write_planned_city,
    write_plans,
)
from worlds.quoting import toml_text

CITY = "Sta'd $x ${city} {city} %s &amp; 👩\u200d🔧🏙"
PLAN_TEXTS = (
    "name",
    "name_en",
    "description",
    "description_en",
    "url",
    "as_of",
    "start_year",
    "homes",
)
SOURCE_TEXTS = ("title", "licence", "attribution", "date", "taken", "note")


def write_worded_city(folder: Path, city: str, words: Any) -> Path:
    """The small city with plans, streets, a stop, places, named houses and sources, all of whose
    texts come from the iterator `words`."""
    features = []
    for one in SMALL_PLANS:
        properties = dict(one["properties"])
        if properties["role"] == "info":
            properties |= {key: next(words) for key in PLAN_TEXTS}
        if properties["layer"] == "beta" and properties["role"] == "info":
            properties["status"] = next(words)
        if properties["role"] == "tree":
            properties["species"] = next(words)
        features.append({**one, "properties": properties})
    features.append(feature(rectangle(0, 0, 9, 9), layer="alfa", role=next(words)))
    config = write_planned_city(folder, features)
    streets = [line((-60, 52), (60, 52)), line((-58, -60), (-58, 60)), line((50, -60), (50, 60))]
    things = {
        "streets": [{"geometry": shape, "properties": {"highway": "residential",
        "name": next(words)}} for shape in streets],
        "places": [{"geometry": point(east, -40),
        "properties": {"name": next(words)}} for east in (-50, -20, 10, 40)],
        "stops": [{"geometry": point(east, 49), "properties": {"highway": "bus_stop",
        "name": next(words)}} for east in (-30, 20)],
        "houses": [
            {
                "geometry": rectangle(east, 10, east + 12, 22),
                "properties": {"building": "house", "name": next(words), "roof:shape": next(words)},
            }
            for east in (0, 20, -20)
        ],
    }  # fmt: skip
    for name, listed in things.items():
        write_plans(folder / f"{name}.geojson", [{"type": "Feature", **one} for one in listed])
    entries = [
        "\n".join(f"{key} = {toml_text(next(words)[:2000])}" for key in SOURCE_TEXTS)
        + f"\nreal = {real}"
        for real in ("true", "false")
    ]
    (folder / "sources.toml").write_text(
        "".join(f"[[source]]\n{entry}\n" for entry in entries), "utf-8"
    )
    text = config.read_text("utf-8").replace('name = "Liten"', f"name = {toml_text(city)}")
    text = text.replace(
        'water = "water.gpkg"',
        'water = "water.gpkg"\nstreets = "streets.geojson"\nfurniture = "stops.geojson"',
    )
    text = (
        text.replace('footprints = "houses.gpkg"', 'footprints = "houses.geojson"')
        + '[names]\nplaces = "places.geojson"\n'
    )
    config.write_text(text, "utf-8")
    assert tomllib.loads(text)["city"]["name"] == city
    return config


def built_city(folder: Path, city: str, words: Any) -> Path:
    config = read_config(write_worded_city(folder, city, words))
    build(config, folder / "out", 1, False, quiet)
    pack(folder / "out", folder / "handout", False, 1, quiet)
    return folder


@pytest.fixture(scope="module")
def harmless(tmp_path_factory):
    return built_city(
        tmp_path_factory.mktemp("harmless"), "Stad", (f"Ord {number}" for number in count())
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return built_city(tmp_path_factory.mktemp("hostile"), CITY, cycle(NASTY))


def world_of(folder: Path) -> Path:
    return next((folder / "out").glob("*/level.dat")).parent


def unpacked(folder: Path) -> Path:
    import zipfile

    target = folder / "bedrock"
    if not target.exists():
        with zipfile.ZipFile(next((folder / "out").glob("*.mcworld"))) as archive:
            archive.extractall(target)
    return target


def masked(value: Any) -> Any:
    """A JSON value without its words: what people read."""
    if isinstance(value, dict):
        return {
            key: "…"
            if key in ("text", "name", "npc_name") and isinstance(one, str)
            else masked(one)
            for key, one in value.items()
        }
    return [masked(one) for one in value] if isinstance(value, list) else value


def commands(pack_folder: Path) -> dict[str, list[str]]:
    """The lines of each function, with the words of their JSON, and the names of whom they summon,
    masked."""
    found = {}
    for path in sorted(pack_folder.rglob("*.mcfunction")):
        lines = []
        # As the games read lines, not as Python does.
        for line_ in re.split("\r\n|\r|\n", path.read_bytes().decode("utf-8")):
            told = (
                re.search(r"(?<= )[\[{].*$", line_)
                if re.search(r"\b(tellraw|titleraw|title|bossbar add)\b", line_)
                else None
            )
            lines.append(
                line_[: told.start()] + json.dumps(masked(json.loads(told[0])))
                if told
                else re.sub('(summon minecraft:npc) ".*" ', r"\1 … ", line_)
            )
        found[path.relative_to(pack_folder).as_posix()] = lines
    return found


def java_entities(world: Path) -> list[Any]:
    found = []
    for path in sorted((world / "region").glob("*.mca")):
        data = path.read_bytes()
        for place in range(1024):
            offset = (int.from_bytes(data[4 * place : 4 * place + 3], "big")) * 4096
            if offset:
                length, kind = struct.unpack_from(">IB", data, offset)
                assert kind == 2
                chunk = amulet_nbt.load(
                    zlib.decompress(data[offset + 5 : offset + 4 + length]), compressed=False
                )
                found += list(chunk.compound.get_list("block_entities"))
    return found


def component(tag: Any) -> str:
    """The words of a text component that has nothing but words."""
    value = json.loads(tag.py_str)
    assert list(value) == ["text"]
    return str(value["text"])


def java_words(world: Path) -> tuple[list[Any], list[str]]:
    """(kind, place, command of every block entity; all words of signs and books)."""
    frame, said = [], []
    for entity in java_entities(world):
        kind = entity.get_string("id").py_str
        place = tuple(entity.get_int(axis).py_int for axis in "xyz")
        frame.append(
            (kind, place, entity.get_string("Command").py_str if "Command" in entity else "")
        )
        if kind == "minecraft:sign":
            for side in ("front_text", "back_text"):
                said += [
                    component(message) for message in entity.get_compound(side).get_list("messages")
                ]
        if kind == "minecraft:lectern":
            content = (
                entity.get_compound("Book")
                .get_compound("components")
                .get_compound("minecraft:written_book_content")
            )
            said += [component(page.get_string("raw")) for page in content.get_list("pages")]
            assert len(content.get_list("pages")) <= 100
    return sorted(frame), said


def bedrock_words(world: Path) -> tuple[list[Any], list[str]]:
    frame, said = [], []
    database = LevelDB(str(world / "db"))
    for key, value in database.iterate():
        if len(key) in (9, 13) and key[-1] == 49:
            offset = 0
            while offset < len(value):
                read = amulet_nbt.ReadContext()
                tag = amulet_nbt.load(
                    value[offset:],
                    compressed=False,
                    little_endian=True,
                    string_decoder=amulet_nbt.utf8_decoder,
                    read_context=read,
                )
                offset += read.offset
                entity = tag.compound
                kind, place = (
                    entity.get_string("id").py_str,
                    tuple(entity.get_int(axis).py_int for axis in "xyz"),
                )
                frame.append(
                    (
                        kind,
                        place,
                        entity.get_string("Command").py_str if "Command" in entity else "",
                    )
                )
                if kind == "Sign":
                    said += [
                        entity.get_compound(side).get_string("Text").py_str
                        for side in ("FrontText", "BackText")
                    ]
                if kind == "Lectern":
                    pages = entity.get_compound("book").get_compound("tag").get_list("pages")
                    said += [page.get_string("text").py_str for page in pages]
                    assert len(pages) <= 50
    database.close()
    return sorted(frame), said


def tags(path: Path) -> list[Any]:
    """Every tag of a page with the names of its attributes, comments, declarations and whatever
    else is no text."""
    found: list[Any] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, sorted(name for name, _ in attrs)))

        def handle_endtag(self, tag):
            found.append(("/", tag))

        def handle_comment(self, data):
            found.append(("comment", data))

        def handle_decl(self, decl):
            found.append(("declaration", decl))

        def unknown_decl(self, data):
            found.append(("unknown", data))

        def handle_pi(self, data):
            found.append(("instruction", data))

    reader = Reader()
    reader.feed(path.read_text("utf-8"))
    reader.close()
    return found


def run_by(told: dict[str, Any]) -> tuple[set[str], set[str]]:
    """(functions, other commands) behind the buttons of a dialogue's scenes."""
    scenes = told["minecraft:npc_dialogue"]["scenes"]
    run = {
        command for scene in scenes for button in scene["buttons"] for command in button["commands"]
    }
    return {command for command in run if command.startswith("/function ")}, {
        c for c in run if not c.startswith("/function ")
    }


def check_same_but_for_words(harmless: Path, hostile: Path) -> None:
    """All the comparisons of this module."""
    one, other = world_of(harmless), world_of(hostile)
    assert commands(other / "datapacks") == commands(one / "datapacks")
    assert mecha_faults(other / "datapacks" / "mc_city") == []
    java, said = java_words(other)
    assert java == java_words(one)[0]
    calm, b_said = bedrock_words(unpacked(hostile))
    assert calm == bedrock_words(unpacked(harmless))[0]
    assert not [text for text in b_said if text.lstrip().startswith("{")]
    for text in (*said, *b_said):
        assert not set(text) & set("§\0\t\r\x1b\u202e\u2028\u2066\ufeff")
    packs = [unpacked(folder) / "behavior_packs" / "mc_city" for folder in (harmless, hostile)]
    assert commands(packs[1]) == commands(packs[0])
    assert bedrock_faults(packs[1], unpacked(hostile)) == []
    dialogues = [
        {
            path.name: masked(json.loads(path.read_text("utf-8")))
            for path in folder.glob("dialogue/*.json")
        }
        for folder in packs
    ]
    assert sorted(dialogues[1]) == sorted(dialogues[0])
    for name, harmless_told in dialogues[0].items():
        assert run_by(dialogues[1][name])[0] == run_by(harmless_told)[0]
        opened = run_by(dialogues[1][name])[1]
        assert all(
            re.fullmatch(
                r"/dialogue open @e\[type=npc,tag=mc_city_guide_\w+,c=1\] @initiator mc_city_\w+",
                one,
            )
            for one in opened
        )
    for inside in ("texts/sv_SE.lang", "texts/en_US.lang"):
        assert len((packs[1] / inside).read_text("utf-8").splitlines()) == 2
    assert len((unpacked(hostile) / "levelname.txt").read_text("utf-8").splitlines()) == 1
    assert tags(hostile / "handout" / GUIDE) == tags(harmless / "handout" / GUIDE)
    credit_texts = [
        (folder / "out" / "ATTRIBUTION.txt").read_text("utf-8") for folder in (harmless, hostile)
    ]
    assert [each.count("\n") for each in credit_texts] == [
        len(each.splitlines()) for each in credit_texts
    ]
    assert credit_texts[0].count("\n* ") == credit_texts[1].count("\n* ")
    for path in (
        other / "mc_city.json",
        hostile / "out" / "report.json",
        other / "mc_city_layers.json",
    ):
        json.loads(path.read_bytes().decode("utf-8"))


def test_only_the_words_differ(harmless, hostile):
    check_same_but_for_words(harmless, hostile)


def test_the_words_are_there_and_the_world_has_its_name(hostile):
    world = world_of(hostile)
    level = amulet_nbt.load(str(world / "level.dat"))
    assert level.compound.get_compound("Data").get_string("LevelName").py_str == CITY
    assert world.name == CITY
    said = " ".join(java_words(world)[1])
    assert "op @a" in said
    assert "👩\u200d🔧" in said
    assert "&lt;" in (hostile / "handout" / GUIDE).read_text("utf-8")


@pytest.mark.stress
def test_programs_of_others_find_nothing(hostile):
    assert (
        spyglass_faults(
            world_of(hostile) / "datapacks" / "mc_city", declared=("mc_city", "mc_city_unit")
        )
        == []
    )
    assert diagnoser_faults(unpacked(hostile) / "behavior_packs" / "mc_city") == []


@pytest.mark.stress
@pytest.mark.parametrize("first", range(5, len(NASTY), 5))
def test_other_properties_get_other_strings(harmless, tmp_path, first):
    words = NASTY[first:] + NASTY[:first]
    check_same_but_for_words(harmless, built_city(tmp_path, CITY, cycle(words)))
