"""Pages of books and of the guides' speech: they end where a sentence does."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from worlds.bedrock.npc import Choice, Guide, dialogue_file
from worlds.fixtures import LINE, PAGE, pages
from worlds.words import read_words

TEXT = (
    "Norra kajen\n\nByggs nu\n2024–2030\n750 bostäder\n\nDen gamla oljehamnen blir en stadsdel "
    "vid vattnet. Här planeras ungefär 750 "
    "bostäder, t.ex. i trä. En lång mening som fortsätter och fortsätter med många ord. Ännu en "
    "mening här. Och en till!"
)


def test_paragraphs_share_a_page_where_they_fit_and_sentences_stay_whole():
    assert pages(TEXT) == (
        "Norra kajen\n\nByggs nu\n2024–2030\n750 bostäder",
        "Den gamla oljehamnen blir en stadsdel vid vattnet. Här planeras ungefär 750 bostäder, "
        "t.ex. i trä. En lång mening som fortsätter "
        "och fortsätter med många ord. Ännu en mening här. Och en till!",
    )
    for page in pages(TEXT, 100)[1:]:
        assert page[0].isupper()
        assert page[-1] in ".!"


def test_a_page_break_is_kept_even_where_all_would_fit():
    assert pages(f"Hej.{PAGE}Hello.") == ("Hej.", "Hello.")
    assert pages("Hej.\n\nHello.") == ("Hej.\n\nHello.",)


def test_a_sentence_longer_than_a_page_is_cut_between_words_and_a_longer_word_inside():
    assert pages("ord " * 100, 40, None) == ("ord ord ord ord ord ord ord ord ord ord",) * 10
    assert pages("x" * 90, 40, None) == ("x" * 40, "x" * 40, "x" * 10)


@given(st.text(alphabet="ab .!\nÅ", max_size=300), st.integers(10, 60))
def test_nothing_is_lost_and_no_page_is_too_long(text, letters):
    found = pages(text, letters, 6)
    assert re.sub(r"\s", "", "".join(found)) == re.sub(r"\s", "", text)
    assert all(0 < len(page) <= letters for page in found)


def test_a_page_has_no_more_lines_than_a_book_shows():
    lists = "\n".join(f"rad {number}" for number in range(40))
    for page in pages(lists):
        assert sum(-(-len(line) // LINE) for line in page.split("\n")) <= 13


def test_the_guides_speech_turns_its_page_between_sentences():
    swedish = " ".join(
        f"Mening {number} berättar något om kvarteret och dess hus." for number in range(20)
    )
    english = " ".join(
        f"Sentence {number} tells something of the quarter and its houses." for number in range(20)
    )
    guide = Guide(
        "kajen",
        "Kajen",
        (swedish, english),
        (Choice(("Idag", "Today"), "kajen/press_0"),),
        (0, 64, 0),
        0,
    )
    scenes = json.loads(dialogue_file(guide, read_words("sv")))["minecraft:npc_dialogue"]["scenes"]
    texts = {
        language: [scene["text"] for scene in scenes if f"_{language}_" in scene["scene_tag"]]
        for language in ("own", "en")
    }
    for language, whole in (("own", swedish), ("en", english)):
        assert len(texts[language]) > 3
        assert " ".join(texts[language]) == whole
        assert all(text.endswith(".") for text in texts[language])
