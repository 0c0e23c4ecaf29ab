"""The teacher guide: two languages, whole HTML, and no word of what is not there."""

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from mc_city.handout.guide import (
    Contents,
    Handed,
    Mark,
    Picture,
    choose,
    framed,
    guide_html,
    in_language,
    listed,
    picture_of,
)
from mc_city.harvest.senders import sender_of

FACTS = {
    "made_by": "mc-city 0",
    "city": "Åmåls <stad>",
    "version": "1.21.4",
    "frame": {"blocks_per_metre": 0.5},
    "layers": [
        {
            "id": "kajen",
            "name": "Södra kajen",
            "name_en": "South quay",
            "options": ["kajen/a", "kajen/b"],
            "status": "consultation",
            "start_year": 2024,
            "done_year": 2030,
            "homes": 2500,
            "as_of": "2020",
        },
        {"id": "torget", "name": "Torget", "options": ["torget"], "status": "idea"},
    ],
    "sources": [
        {
            "title": "shoreline / strandlinje",
            "real": True,
            "licence": "ODbL 1.0",
            "attribution": "© OpenStreetMap contributors",
        },
        {"title": "houses / hus", "real": False, "licence": "MIT", "attribution": ""},
        {"title": "vägar", "licence": "CC0", "attribution": "Kommunen"},
    ],
}
VOID = {"meta", "br", "img"}


def contents(**changes) -> Contents:
    files = (
        Handed("A-java.zip", 26_000_000),
        Handed("A.mcworld", 9_000_000),
        Handed("A.mctemplate", 9_000_000),
    )
    return replace(
        Contents(
            *files,
            "A",
            True,
            True,
            (2030, 2035, 2040),
            Picture(b"t"),
            Picture(b"p", (Mark(1, "Södra kajen", 0.5, 0.25),)),
        ),
        **changes,
    )


class Whole(HTMLParser):
    """Follows the tags; notes languages, addresses and the text by language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = {"": "", "sv": "", "en": ""}
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(
                (tag, dict(attrs).get("lang") or (self.open[-1][1] if self.open else ""))
            )

    def handle_endtag(self, tag):
        assert self.open
        assert self.open[-1][0] == tag
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1][0] != "style":
            self.text[self.open[-1][1]] += re.sub(r"[ \n]+", " ", data)


def test_the_guide_is_whole_html_with_a_page_in_each_language():
    page = Whole(guide_html(FACTS, contents()))
    assert page.seen[0] == ("html", {"lang": "sv"})
    assert [attributes["lang"] for tag, attributes in page.seen if tag == "section"] == 6 * [
        "sv"
    ] + 6 * ["en"]
    assert ("meta", {"charset": "utf-8"}) in page.seen
    swedish, english = page.text["sv"], page.text["en"]
    assert "Åmåls <stad> i Minecraft" in swedish
    assert "Åmåls <stad> in Minecraft" in english
    for text in (swedish, english):
        assert "INTE EN OFFICIELL MINECRAFT-PRODUKT." in text
        assert "NOT AN OFFICIAL MINECRAFT PRODUCT." in text
        assert "$" not in text
    assert "<!--" not in guide_html(FACTS, contents())


def test_the_guide_fetches_nothing_and_names_no_place_of_this_machine():
    html = guide_html(FACTS, contents())
    page = Whole(html)
    addresses = [
        value
        for _, attributes in page.seen
        for name, value in attributes.items()
        if name in ("src", "href", "data")
    ]
    assert len(addresses) == 4
    assert all(value.startswith("data:image/jpeg;base64,") for value in addresses)
    assert not re.search(
        r"https?:|url\(|@import|<script|<link|file:|[A-Z]:\\|/(home|tmp|root|work|Users)/", html
    )


def test_facts_are_told_in_the_readers_language():
    page = Whole(guide_html(FACTS, contents()))
    swedish, english = page.text["sv"], page.text["en"]
    assert "Södra kajen (2 förslag)Samråd pågår2024–20302\u00a05002020" in swedish
    assert "South quay (2 proposals)Consultation2024–20302,5002020" in english
    assert "TorgetIdea–––/function torget/show" in english
    assert "/function kajen/show_a …/show_b" in swedish
    colours = [
        attributes["style"].split("background:")[1]
        for tag, attributes in page.seen
        if "background" in (attributes.get("style") or "")
    ]
    assert len(set(colours)) == 2
    # On a map an area has its number and its name.
    assert swedish.index("1Södra kajen") < swedish.index("Planerade områden")
    assert "Verkligt: strandlinje." in swedish
    assert "Real: shoreline." in english
    assert "Källan säger inte: vägar." in swedish
    assert "© OpenStreetMap contributors, ODbL 1.0; Kommunen, CC0." in swedish
    assert "Ett block är 2 meter." in swedish
    assert "strandlinje" not in english


def test_commands_are_those_of_the_editions_that_are_there():
    both = Whole(guide_html(FACTS, contents())).text["sv"]
    assert "/function torget/show" in both
    assert "/function year/2035" in both
    assert "/function mc_city:all/show" in both
    java = Whole(guide_html(FACTS, contents(bedrock_layers=False, npc=False))).text["sv"]
    assert "/function mc_city:torget/show" in java
    assert "/function mc_city:lock" in java
    assert "/function torget" not in java
    assert "Knapparna finns bara i Java-världen" in java
    assert "Guiden" in both
    assert "Guiden" not in java


def test_the_table_at_the_top_says_which_file_is_for_which_device_and_version():
    html = guide_html(FACTS, contents(bedrock_version="26.30"))
    for language, page in zip(
        ("sv", "en"),
        re.findall(r'<table class="files">(.*?)</table>', html, re.DOTALL),
        strict=True,
    ):
        rows = [re.sub("<.*?>", "", row) for row in re.findall("<tr>(.*?)</tr>", page, re.DOTALL)][
            1:
        ]
        assert len(rows) == 4
        school = ("Chromebook", "26.30", "A.mcworld", "A.mctemplate", "9\u00a0MB")
        wanted = (school, ("26.30", "A.mcworld"), (), ("1.21.4", "A-java.zip", "26\u00a0MB"))
        for row, words in zip(rows, wanted, strict=True):
            assert all(word in row for word in words), (language, row)


def test_there_is_a_page_for_each_way_in_which_a_class_meets():
    text = Whole(guide_html(FACTS, contents(bedrock_version="1.21.0"))).text
    for language, words in (
        (
            "sv",
            (
                "En egen kopia var",
                "En gemensam värld med anslutningskod",
                "En egen server",
                "Uppgradera och spela",
                "säkerhetskopia",
                "Det kan inte göras ogjort",
                "Upp till 40",
                "kabel",
                "samma version",
                "IPv4",
                "Byggare (world builder)",
                "oföränderlig",
            ),
        ),
        (
            "en",
            (
                "A copy each",
                "One world with a join code",
                "A server of your own",
                "Upgrade and Play",
                "backup",
                "It cannot be undone",
                "Up to 40",
                "cable",
                "same version",
                "IPv4",
                "World builder from the start",
                "immutable",
            ),
        ),
    ):
        for word in (
            *words,
            "/wb",
            "/ability @a worldbuilder true",
            "/immutableworld true",
            "/function lock",
            "250 MB",
            '" * : < > ? / \\ |',
        ):
            assert word in text[language], (language, word)
    assert (
        text["sv"].index("En egen server")
        > text["sv"].index("En gemensam värld med")
        > text["sv"].index("En egen kopia")
    )


def test_a_class_with_java_alone_has_no_page_of_education():
    lone = contents(
        world=Handed("A.mcworld", None),
        template=Handed("A.mctemplate", None),
        bedrock_layers=False,
        npc=False,
    )
    page = Whole(guide_html(FACTS, lone))
    assert [attributes["lang"] for tag, attributes in page.seen if tag == "section"] == 4 * [
        "sv"
    ] + 4 * ["en"]
    assert "worldbuilder" not in page.text["sv"] + page.text["en"]
    assert "Uppgradera och spela" in page.text["sv"]
    text = Whole(guide_html(FACTS, contents(java=Handed("A-java.zip", None)))).text
    assert "Uppgradera och spela" not in text["sv"]


def test_what_is_missing_is_said_and_not_explained():
    lone = contents(
        world=Handed("A.mcworld", None),
        template=Handed("A.mctemplate", None),
        bedrock_layers=False,
        npc=False,
    )
    text = Whole(guide_html(FACTS, lone)).text
    assert text["sv"].count("finns inte i mappen") == 2
    assert text["en"].count("is not in the folder") == 2
    assert "Chromebook" not in text["sv"] + text["en"]
    assert "packa upp zip-filen igen" in text["sv"]
    text = Whole(guide_html(FACTS, contents(java=Handed("A-java.zip", None)))).text
    assert "Chromebook" in text["sv"]
    assert "appdata" not in text["sv"] + text["en"]
    assert "mc_city:" not in text["sv"]


def test_a_world_without_plans_has_no_word_of_buttons():
    text = Whole(guide_html({**FACTS, "layers": []}, contents(years=(), planned=None))).text["sv"]
    assert "inga planerade områden" in text
    assert "Stadsrummet" not in text
    assert "/function" not in text


def test_long_lists_are_cut_and_counted():
    layers = [
        {"id": f"l{number}", "name": f"Område {number}", "options": [f"l{number}"]}
        for number in range(1, 12)
    ]
    sources = [
        {"title": f"källa {number} " + "med ett långt namn " * 9, "real": True}
        for number in range(20)
    ]
    text = Whole(guide_html({**FACTS, "layers": layers, "sources": sources}, contents())).text["sv"]
    assert "Och 4 till: Område 8, Område 9, Område 10, Område 11." in text
    assert "; + 18." in text
    assert listed(["a", "b", "a"]) == "a; b."
    assert listed([]) == ""


def test_the_lesson_names_files_buttons_and_how_to_hand_in():
    text = Whole(guide_html(FACTS, contents(votes=True))).text
    for language, words in (
        ("sv", ("En lektion på 40 minuter", "Vad saknas vid Södra kajen", "grön knapp", "zip")),
        ("en", ("A lesson of 40 minutes", "missing at South quay", "green button", "ZIP")),
    ):
        for word in (*words, "A.mctemplate", "A.mcworld", "A-java.zip", "/function vote/result"):
            assert word in text[language], (language, word)
        minutes = re.findall(r"\b(\d+)–(\d+)(?=[A-ZF])", text[language].split("40", 1)[1])
        assert [int(end) for _, end in minutes] == [5, 15, 30, 35, 40]
        assert [int(begin) for begin, _ in minutes] == [0, 5, 15, 30, 35]


def test_what_the_lesson_calls_a_file_is_what_the_harvest_reads(tmp_path):
    text = Whole(guide_html(FACTS, contents())).text
    names = re.findall(r"(?:klass|class)4b(?:_07)?\.(?:mcworld|zip)", "".join(text.values()))
    assert len(set(names)) == 6
    for name in set(names):
        path = tmp_path / name
        path.touch()
        assert sender_of(path).school_class == "4b"
        assert sender_of(path).pupil == ("07" if "_07" in name else "")


def test_the_lab_is_told_what_comes_back_and_what_to_do_with_it():
    for votes in (True, False):
        text = Whole(guide_html(FACTS, contents(votes=votes))).text
        for language, word in (("sv", "Radera de inlämnade filerna"), ("en", "Delete the files")):
            assert word in text[language]
            for name in (
                "mc-city harvest", "ideas.html", "ideas.gpkg", "ideas.csv", "ideas/world",
                "--ideas ideas",
            ):  # fmt: skip
                assert name in text[language]
            # A world without buttons for votes has no word of them.
            assert ("votes_total.csv" in text[language]) is votes
            assert ("vote/" in text[language]) is votes


def test_a_class_with_plots_is_told_of_them_and_no_other():
    for plots in (True, False):
        text = Whole(guide_html(FACTS, contents(plots=plots))).text
        for language in ("sv", "en"):
            for word in ("plots/guard_on", "plots/teacher", "plot/3/reset"):
                assert (word in text[language]) is plots


@pytest.mark.slow
@pytest.mark.parametrize("areas", [0, 1, 3, 5, 12])
def test_each_part_is_printed_on_one_page(areas, tmp_path):
    """With maps as high as they may be and long names."""
    browser = next(
        (
            found
            for name in ("chromium", "google-chrome", "chrome")
            if (found := shutil.which(name))
        ),
        None,
    )
    if browser is None:
        pytest.skip("printing needs Chromium")
    first, _ = FACTS["layers"]
    layers = [
        {**first, "id": f"omrade_{number}", "name": f"Södra kajens förlängning, etapp {number}"}
        for number in range(areas)
    ]
    sources = [
        {"title": f"källa {number} av kommunens egna", "real": number % 2 == 0, "licence": "CC0"}
        for number in range(9)
    ]
    buffer = BytesIO()
    Image.new("RGB", (900, 380)).save(buffer, "JPEG")
    marks = tuple(
        Mark(number, f"Område {number}", number / 13, 0.5) for number in range(1, areas + 1)
    )
    shown = {
        "today": Picture(buffer.getvalue()),
        "planned": Picture(buffer.getvalue(), marks) if areas else None,
    }
    html = guide_html(
        {**FACTS, "layers": layers, "sources": sources},
        contents(bedrock_version="1.21.0", votes=True, plots=True, **shown),
    )
    (tmp_path / "guide.html").write_text(html, "utf-8")
    paper = tmp_path / "guide.pdf"
    quietly = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    command = [browser, *quietly, f"--print-to-pdf={paper}", (tmp_path / "guide.html").as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) == html.count("<section") == 12


def test_parts_are_chosen_and_may_stand_in_each_other():
    text = "1<!-- if a -->2<!-- if b !c -->3<!-- end -->4<!-- end -->5"
    assert choose(text, {"a", "b"}) == "12345"
    assert choose(text, {"a", "b", "c"}) == "1245"
    assert choose(text, {"b"}) == "15"
    for wrong in ("<!-- if a -->", "<!-- end -->"):
        with pytest.raises(ValueError, match="without its"):
            choose(wrong, {"a"})


def test_titles_in_two_languages():
    assert in_language("houses / hus", 0) == "hus"
    assert in_language("houses / hus", 1) == "houses"
    assert in_language("hus", 1) == "hus"


def test_the_window_lies_in_the_area_and_holds_the_places():
    area = (-512, -512, 512, 512)
    assert framed(area, []) == area
    for place in (
        (0, 0, 32, 32),
        (-512, -512, -480, -300),
        (400, -500, 512, 512),
        (-512, 480, 512, 512),
    ):
        west, north, east, south = framed(area, [place])
        assert -512 <= west <= place[0]
        assert -512 <= north <= place[1]
        assert place[2] <= east <= 512
        assert place[3] <= south <= 512


def test_a_picture_is_cut_and_its_marks_lie_on_it():
    whole = Image.new("RGB", (512, 512), (0, 0, 255))
    whole.paste((255, 0, 0), (256, 256, 512, 512))
    picture = picture_of(
        whole, (-512, -512, 512, 512), (0, 0, 512, 256), [Mark(1, "Kajen", 128, 64)]
    )
    assert picture.marks == (Mark(1, "Kajen", 0.25, 0.25),)
    cut = Image.open(BytesIO(picture.jpeg))
    assert cut.size == (256, 128)
    assert cut.getpixel((2, 2))[0] > 240
