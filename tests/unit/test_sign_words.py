"""Words on signs: how long ones are cut, how two names are set apart, and in which language the
fixed ones are."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildings.developments.boards import names_apart
from buildings.developments.developments import Development
from buildings.developments.map_wall import here_sign
from buildings.developments.texts import (
    board_book,
    board_buttons,
    board_signs,
    board_voting,
    map_legend,
    room_book,
    room_groups,
    room_signs,
    room_welcome,
)
from mc_city.placing.npcs import room_guide
from mc_city.settings.config import read_config
from tests.conftest import write_city
from tests.nasty import NASTY
from worlds.errors import ConfigError
from worlds.fixtures import Fixture, letters_wide, wrap
from worlds.words import WORDS, languages, read_words

ANY = st.text(st.characters(exclude_categories=("Cs",)), max_size=80) | st.sampled_from(NASTY)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Norra Sjukhus-parkeringen", ("Norra Sjukhus-", "parkeringen")),
        ("Nordre-Longyearbyen-Vest", ("Nordre-", "Longyearbyen-", "Vest")),
        ("Universitetssjukhuset", ("Universitets-", "sjukhuset")), ("Saint-Germain-en-Laye",
        ("Saint-Germain-", "en-Laye")),
        ("Kvarnen--Torget", ("Kvarnen–Torget",)), ("Stora Torget", ("Stora Torget",)), ("", ()),
    ],
)  # fmt: skip
def test_words_are_cut_at_their_own_hyphens_first(text, lines):
    assert wrap(text, 15, 4) == lines


@settings(deadline=None)
@given(ANY)
def test_no_line_is_too_wide_and_no_two_hyphens_meet(text):
    lines = wrap(text, 15, 4)
    assert len(lines) <= 4
    assert all(line.strip() and (letters_wide(line) <= 15 or len(line) <= 2) for line in lines)
    assert not re.search("--|-\n-", "\n".join(lines))
    whole = "".join(wrap(text, 15, 10_000))
    assert re.sub("[-–\\s]", "", whole) == re.sub("[-–\\s]", "", text)


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        (("Nygatan", "Storgatan"), ("Nygatan", "", "Storgatan")),
        (
            ("Universitetssjukhusgatan", "Storgatan"),
            ("Universitets-", "sjukhusgatan", "", "Storgatan"),
        ),
        (
            ("Norra Järnvägsgatan", "Södra Järnvägsgatan"),
            ("» Norra", "Järnvägsgatan", "» Södra", "Järnvägsgatan"),
        ),
    ],
)
def test_two_streets_on_a_sign_are_set_apart(names, lines):
    assert names_apart(*names) == lines


@settings(deadline=None)
@given(ANY, ANY)
def test_whatever_two_names_are_both_begin_on_the_sign(one, other):
    lines = names_apart(one, other)
    assert len(lines) <= 4


def test_every_language_has_every_word_with_its_places_and_no_other():
    tables = tomllib.loads(WORDS.read_text("utf-8"))
    assert {"sv", "en", "fi", "no", "da", "de", "fr", "es", "nl"} <= set(languages())
    for language, table in tables.items():
        assert set(table) == set(tables["en"]), language
        for key, text in table.items():
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(
                re.findall(r"\{\w+\}", tables["en"][key])
            ), (language, key)
            assert text.strip() == text


@pytest.mark.parametrize("language", ["sv", "en", "fi", "no", "da", "de", "fr", "es", "nl"])
def test_short_words_fit_their_signs_whole(language):
    words = read_words(language)
    for key in (
        "here",
        "room",
        "press",
        "read_book",
        "today",
        "planned",
        "show_all",
        "shape",
        "stop",
        "houses",
        "streets",
        "railway",
        "water",
    ):
        assert not any("…" in line for line in wrap(words.own[key], 15, 4)), key
    for signs in (
        [here_sign(words)],
        map_legend(words),
        room_signs("Sundsvall", words),
        room_welcome("Sundsvall", words),
    ):
        assert not any("…" in line for lines in signs for line in lines)


LAYER = Development(
    "alfa",
    "Alfa",
    ("a", "b"),
    "adopted",
    2026,
    2030,
    120,
    "Texten.",
    "Alpha",
    "The text.",
    as_of="2025",
)
SWEDISH = re.compile(
    r"bostäder|Planerat|Idag|Tryck|Läs boken|Antagen|Visa allt|Stadsrummet|Välkommen|Du "
    r"är|Varje|Inte bra|röster|Rösterna|Vid varje tavla|Källa|illustrativ\b|År "
)
ENGLISH = re.compile(
    "homes|Planned|Today|Press|Read the|Adopted|Show all|The city room|Welcome|You are|Each "
    "button|Facts"
)


def said(language: str) -> str:
    words = read_words(language)
    voting = board_voting(LAYER, words)
    signs = [
        voting.tally,
        *board_signs(LAYER, words),
        *room_signs("Stad", words),
        *room_welcome("Stad", words),
        *map_legend(words),
    ]
    buttons = [
        *board_buttons(LAYER, words),
        voting.good,
        voting.bad,
        *(button for group in room_groups([LAYER], [2030], words, True) for button in group),
    ]
    books = [board_book(LAYER, "", words), room_book("Stad", "", "", words, True)]
    guide = room_guide(
        "Stad", [LAYER], Fixture("city_room", (), (), books, (), (0, 0, 1, 1), 0), words
    )
    labels = [label for choice in guide.choices for label in choice.label]
    lines = [line for sign in (*signs, *(button.lines for button in buttons)) for line in sign]
    return "\n".join(
        [*lines, *(page for book in books for page in book.pages), *guide.text, *labels]
    )


@pytest.mark.parametrize("language", ["fi", "no", "da", "de", "fr", "es", "nl", "et"])
def test_a_city_of_another_language_says_nothing_in_swedish_but_english_beside(language):
    text = said(language)
    assert not [
        word
        for word in SWEDISH.findall(text)
        if word != "illustrativ" and word not in "".join(read_words(language).own.values())
    ]
    assert len(set(ENGLISH.findall(text))) >= 10
    for key in ("homes", "today", "read_book", "status_adopted"):
        assert read_words(language).own[key].split()[0] in text


def test_a_swedish_city_is_swedish_first_and_an_english_one_says_nothing_twice():
    text = said("sv")
    assert len(set(SWEDISH.findall(text))) >= 10
    assert text.index("Välkommen") < text.index("Welcome")
    text = said("en")
    assert not SWEDISH.findall(text)
    assert text.count("Each button shows") == 1


@pytest.mark.parametrize(
    ("written", "language"), [("sv-SE", "sv"), ("nb", "no"), ("DE_at", "de"), ("et", "et")]
)
def test_languages_as_people_write_them(tmp_path, written, language):
    config = write_city(tmp_path)
    config.write_text(
        config.read_text("utf-8").replace("[city]", f'[city]\nlanguage = "{written}"'), "utf-8"
    )
    assert read_config(config).city.language == language


@pytest.mark.parametrize("written", ["svenska", "", "s1", "a\\nb"])
def test_no_language(tmp_path, written):
    config = write_city(tmp_path)
    config.write_text(
        config.read_text("utf-8").replace("[city]", f'[city]\nlanguage = "{written}"'), "utf-8"
    )
    with pytest.raises(ConfigError, match="two letters"):
        read_config(config)
