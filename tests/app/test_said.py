"""What the program says, on the Swedish page: in Swedish where there are words for it, and marked
as English where there are none."""

from __future__ import annotations

import ast
import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mc_city import api
from mc_city.app.jobs import Jobs
from mc_city.app.project import open_project
from mc_city.app.saved_worlds import world_called
from mc_city.app.words import read_words
from mc_city.build.staging import disk_errors
from mc_city.checking.rows import table_rows
from mc_city.checking.telling import build_notes, earlier_lines
from tests.app.conftest import enter
from tests.conftest import PROJECT
from tests.plans import SMALL_PLANS, write_planned_city
from worlds.errors import McCityError

SAID = {key: text for key, text in read_words().items() if key.startswith("said.")}
OF_THE_SYSTEM = {errno.EACCES, errno.ENOENT, errno.EROFS, errno.ENOSPC}
COMPOSED = {"said.parts_drawn"}
"""Texts whose words stand apart in the program."""
IN_SWEDISH = """async (texts) => {
  const table = await (await fetch("/api/words")).json();
  const { inSwedish } = await import("/said.js");
  return texts.map((text) => inSwedish(text, table)); }"""


def texts_of(path: Path) -> list[str]:
    """The texts in a module, with a break where a value stands."""
    return [
        "".join(one.value if isinstance(one, ast.Constant) else "\0" for one in node.values)
        if isinstance(node, ast.JoinedStr)
        else str(node.value)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    ]


def test_every_pattern_is_a_text_of_the_program():
    """What the program does not say any more needs no words."""
    tops = ("mc_city", "terrain", "buildings", "worlds")
    said = "\n".join(
        text for top in tops for path in (PROJECT / top).rglob("*.py") for text in texts_of(path)
    )
    said += "\n".join(os.strerror(number) for number in OF_THE_SYSTEM)
    strange = []
    for key, texts in SAID.items():
        for part in re.split(r"\{\w+\}", texts["en"]):
            piece = part.strip(" ,;:()`%°")
            # A noun after a number stands by itself in the program: `counted(3, "column")`.
            after_noun = piece.partition(" ")[2]
            if piece and piece not in said and key not in COMPOSED:
                known = after_noun and after_noun in said
                single = piece.removesuffix("s") in said or re.sub("ies$", "y", piece) in said
                strange += [] if known or single else [(key, piece)]
    assert strange == []


def test_both_languages_of_a_pattern_tell_the_same_values():
    for key, texts in SAID.items():
        english, swedish = (set(re.findall(r"\{(\w+)\}", texts[one])) for one in ("en", "sv"))
        assert swedish <= english, key
        assert "--" not in texts["sv"], f"{key}: a window has no options of the command line"


def refusal(asked: Callable[[], object]) -> McCityError:
    with pytest.raises(McCityError) as found:
        asked()
    return found.value


def refused_by_the_disk(path: Path, number: int) -> None:
    with disk_errors(path):
        raise OSError(number, os.strerror(number))


def likely(folder: Path) -> list[McCityError]:
    """Faults that staff meet, as the program raises them."""
    broken, empty = folder / "trasig.mcworld", folder / "tom"
    broken.write_bytes(b"PK\x03\x04 no")
    empty.mkdir()
    project, jobs = open_project(folder / "p"), Jobs()
    return [
        refusal(lambda: refused_by_the_disk(folder / "out", errno.ENOSPC)),
        refusal(lambda: refused_by_the_disk(folder / "out", errno.EACCES)),
        refusal(lambda: api.open_world(folder / "ingen")),
        refusal(lambda: api.open_world(empty)),
        refusal(lambda: api.open_world(broken)),
        refusal(lambda: world_called(project, "0" * 16)),
        refusal(lambda: jobs.told(7)),
    ]


def test_the_likely_faults_are_said_in_swedish(window, page, tmp_path):
    enter(page, window, "build")
    faults = [str(one) for one in likely(tmp_path)]
    said = page.evaluate(IN_SWEDISH, faults)
    assert [fault for fault, text in zip(faults, said, strict=True) if text is None] == []
    assert said[0] == f"Disken blev full när {tmp_path / 'out'} skulle skrivas"
    assert said[1] == f"{tmp_path / 'out'} kan inte skrivas (åtkomst nekad)"


def test_the_notes_of_a_check_and_of_a_build_are_said_in_swedish(window, page, tmp_path):
    write_planned_city(tmp_path / "city", SMALL_PLANS)
    config = api.read_config(tmp_path / "city").with_world(editions=("java",))
    rows = table_rows(api.check(config))
    texts = [row.used for row in rows] + [note for row in rows for note in row.notes]
    texts += [one["holds"] for row in rows for one in row.inputs if one["holds"]]
    built = api.build(config, tmp_path / "out").report
    texts += [*build_notes(built), *earlier_lines(built)]
    enter(page, window, "build")
    texts = list(dict.fromkeys(texts))
    said = page.evaluate(IN_SWEDISH, texts)
    assert [text for text, swedish in zip(texts, said, strict=True) if swedish is None] == []
    assert len(texts) > 20


def test_numbers_and_lists_are_said_as_swedes_say_them(window, page):
    texts = {
        "2,048 x 2,048 m": "2\u00a0048 × 2\u00a0048 m",
        "heights from: 2,700 column, 9 size and use":
            "höjder från: 2\u00a0700 kolumn i datan, 9 storlek och användning (gissade)",
        "height from height_m (2,664); floors from floors (8)":
            "höjd från height_m (2,664); våningar från floors (8)",
        "torget: Höghus, 110 meter, idea": "torget: Höghus, 110 meter, idé",
        "wholly new words": None,
        "": None,
    }  # fmt: skip
    enter(page, window, "build")
    assert page.evaluate(IN_SWEDISH, list(texts)) == list(texts.values())


def test_a_fault_says_swedish_first_and_what_is_english_is_marked(window, page):
    enter(page, window, "build")
    show = """async ([message, hint, language]) => {
      const { wordsOf } = await import("/words.js");
      const { mistake } = await import("/dom.js");
      const words = wordsOf(await (await fetch("/api/words")).json(), language);
      const error = Object.assign(new Error(message), { status: 400, hint });
      document.getElementById("place").replaceChildren(mistake(error, words)); }"""
    known = ["x.tif: has no CRS", "say which, crs = 1", "sv"]
    page.evaluate(show, known)
    assert "x.tif säger inte vilket koordinatsystem" in page.inner_text(".mistake > p:first-child")
    assert page.locator(".mistake > p [lang]").count() == 0
    assert "has no CRS" not in page.inner_text(".mistake")
    page.focus(".mistake summary")
    page.keyboard.press("Enter")
    details = page.locator(".mistake details p")
    assert details.get_attribute("lang") == "en"
    assert details.inner_text() == "x.tif: has no CRS. say which, crs = 1"

    page.evaluate(show, ["the moon <b>is</b> away", "wait", "sv"])
    assert "bara på engelska" in page.inner_text(".mistake > p:first-child")
    assert page.locator(".mistake [lang=en]").all_inner_texts() == [
        "the moon <b>is</b> away", "wait",
    ]  # fmt: skip
    page.evaluate(show, ["out: cannot be written (strange reason)", "", "sv"])
    assert page.locator(".mistake > p [lang=en]").all_inner_texts() == ["strange reason"]

    page.evaluate(show, [*known[:2], "en"])
    assert page.inner_text(".mistake > p:first-child") == "x.tif: has no CRS"
    assert page.locator(".mistake details").count() == 0


def test_a_world_that_is_none_is_explained_in_swedish(window, page):
    folder = window.project.folder / "worlds"
    folder.mkdir()
    (folder / "skräp.mcworld").write_bytes(b"PK\x03\x04 no")
    enter(page, window, "worlds")
    page.click("[data-world='skräp.mcworld']")
    page.wait_for_selector(".mistake")
    assert "kan inte packas upp" in page.inner_text(".mistake")
