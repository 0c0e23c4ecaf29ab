"""Whatever string it is: each language's own reader finds one text again, and nothing else."""

from __future__ import annotations

import ast
import io
import json
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import amulet_nbt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbtlib import Compound

from tests.nasty import NASTY
from worlds.java.strings import JavaString
from worlds.quoting import (
    bedrock_argument,
    bedrock_shown,
    function_file,
    html_text,
    java_text,
    json_file,
    lang_line,
    plain,
    plain_values,
    prose,
    raw_text,
    toml_text,
    typed_path,
)

ANY = st.text(st.characters(), max_size=60) | st.sampled_from(NASTY)


def no_halves(text: str) -> str:
    return "".join("\ufffd" if 0xD800 <= ord(letter) <= 0xDFFF else letter for letter in text)


@settings(deadline=None)
@given(ANY)
def test_plain_text_is_one_visible_line_and_stays_as_it_is(text):
    made = plain(text)
    assert len(made.splitlines()) <= 1
    assert not set(made) & set("§\0\t\x1b\u202e\u2066\u200e\u2028\ufeff")
    made.encode("utf-8")
    assert plain(made) == made
    assert prose(prose(text)) == prose(text)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Norra kajen", "Norra kajen"), ("Å\nop @a", "Å op @a"), ("a\r\n\r\nb", "a b"),
        ("§kAlfa§r 3 § PBL", "kAlfar 3 PBL"),
        ("a\u202etxt.exe", "atxt.exe"), ("\ud83d", ""), ("👩\u200d🔧", "👩\u200d🔧"), ("1\u00a0200",
        "1\u00a0200"),
        (2031, "2031"), ("ẽłőșğØıß", "ẽłőșğØıß"),
    ],
)  # fmt: skip
def test_what_plain_leaves(text, made):
    assert plain(text) == made


def test_prose_keeps_its_paragraphs():
    assert prose("En\r\nrad\u2029\n \n\nTvå§l\trader\n") == "En\nrad\n\nTvål rader"


def test_values_of_others_at_any_depth():
    dirty = {
        "na\nme": ["a\nb", {"description": "a\n\nb", "years": "20\u202e30"}],
        "n": 3,
        "none": None,
        "day": tomllib.loads("d = 2020-01-02")["d"],
    }
    assert plain_values(dirty) == {
        "na me": ["a b", {"description": "a\n\nb", "years": "2030"}], "n": 3, "none": None,
        "day": "2020-01-02",
    }  # fmt: skip


@settings(deadline=None)
@given(ANY)
def test_json_is_one_line_and_means_the_same(text):
    for made, got in (
        (java_text(text), lambda value: value["text"]),
        (raw_text(text), lambda value: value["rawtext"][0]["text"]),
    ):
        assert len(made.splitlines()) == 1
        assert "\0" not in made
        assert got(json.loads(made.encode("utf-8"))) == no_halves(text)
    assert json.loads(json_file({text: [text]})) in ({no_halves(text): [no_halves(text)]},)
    function_file([f"tellraw @a {java_text(text)}", f"titleraw @a actionbar {raw_text(text)}"])


@settings(deadline=None)
@given(ANY)
def test_an_argument_of_bedrock_ends_where_it_should(text):
    made = bedrock_argument(text)
    assert made[0] == made[-1] == '"'
    assert not set(made[1:-1]) & set('"\\')
    function_file([f"summon minecraft:npc {made} 0 0 0"])


@settings(deadline=None)
@given(ANY)
def test_bedrock_signs_are_never_raw_text(text):
    shown = bedrock_shown(text)
    assert not shown.lstrip().startswith("{")
    shown.encode("utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "say a\nop @a",
        "say a\r",
        "say a\u2028",
        "say a\\",
        "$say $(a)",
        "#say",
        "/say",
        " say",
        "say \0",
    ],
)
def test_a_line_that_is_not_one_command_is_a_bug(line):
    with pytest.raises(ValueError, match="not one command"):
        function_file(["say a", line])


@settings(deadline=None)
@given(ANY)
def test_html_is_text_only(text):
    found: list[tuple[str, object]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, attrs))

        def handle_endtag(self, tag):
            found.append(("/", tag))

        def handle_comment(self, data):
            found.append(("comment", data))

        def handle_decl(self, decl):
            found.append(("decl", decl))

        def handle_data(self, data):
            found.append(("text", data))

    reader = Reader()
    reader.feed(f'<p title="{html_text(text)}">{html_text(text)}</p>')
    reader.close()
    texts = "".join(str(what) for kind, what in found if kind == "text")
    assert [one for one in found if one[0] != "text"] == [
        ("p", [("title", plain(text))]),
        ("/", "p"),
    ]
    assert texts == plain(text)


@settings(deadline=None)
@given(ANY)
def test_toml_reads_it_back(text):
    assert tomllib.loads(f"name = {toml_text(text)}\nother = 1\n") == {
        "name": no_halves(text),
        "other": 1,
    }


@settings(deadline=None)
@given(ANY)
def test_an_entry_of_a_language_file_is_one_line(text):
    assert lang_line("pack.name", text).splitlines() == [f"pack.name={plain(text)}"]


@settings(deadline=None)
@given(ANY.map(no_halves))
def test_a_java_string_is_what_javas_reader_expects(text):
    """Read by amulet's NBT, which decodes as Java does; plain UTF-8 of an emoji would be refused by
    the game, and its chunk lost."""
    out = io.BytesIO()
    Compound({"a": JavaString(text), "b": JavaString("end")}).write(out)
    assert b"\xf0\x9f" not in out.getvalue()
    read = amulet_nbt.load(b"\x0a\x00\x00" + out.getvalue(), compressed=False)
    assert read.compound.get_string("a").py_str == text
    assert read.compound.get_string("b").py_str == "end"


OWN_WORDS = {
    "worlds/bedrock/leveldat.py",
    "mc_city/build/regions.py",
    "mc_city/saved/changing.py",
    "mc_city/build/fingerprint.py",
    "mc_city/build/publishing.py",
    "mc_city/build/reuse.py",
    "buildings/models/gltf_head.py",
    "buildings/models/ifc_worker.py",
}
"""Write JSON of their own, which nobody else reads: the flat generator's recipe, notes of work that
is under way or kept for a later build, a digest, the head of a glTF for the library that reads it,
what one of our processes tells another."""


def test_nobody_else_quotes():
    """JSON and HTML are made in worlds.quoting and nowhere else, so that what is safe there is safe
    everywhere."""
    root = Path(__file__).resolve().parent.parent.parent
    found = set()
    for path in (
        path
        for part in ("mc_city", "buildings", "terrain", "worlds")
        for path in (root / part).rglob("*.py")
    ):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = node.func if isinstance(node, ast.Call) else None
            called = (
                name.attr
                if isinstance(name, ast.Attribute)
                else name.id
                if isinstance(name, ast.Name)
                else ""
            )
            owner = (
                name.value.id
                if isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name)
                else ""
            )
            if (owner, called) in (
                ("json", "dumps"),
                ("html", "escape"),
                ("", "escape"),
                ("json", "dump"),
            ):
                found.add(path.relative_to(root).as_posix())
    assert found - OWN_WORDS == {"worlds/quoting.py"}


def test_a_path_in_a_command_is_quoted_where_a_shell_would_cut_it():
    assert typed_path("out/Åre-2") == "out/Åre-2"
    assert typed_path(r"C:\data\stad.toml") == r"C:\data\stad.toml"
    assert typed_path("Min stad/ut") == '"Min stad/ut"'
    assert typed_path("a&b") == '"a&b"'
