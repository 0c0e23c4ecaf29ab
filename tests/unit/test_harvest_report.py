"""The report is one page that fetches nothing, tells everything once, and takes no text of a world
for anything but text."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
import pytest
import shapely
from PIL import Image
from shapely.geometry import box

from mc_city.harvest.built import Sender
from mc_city.harvest.harvest import LeftOut
from mc_city.harvest.maps import (
    BaseMap,
    Window,
    built_on,
    cell_size,
    ground_of,
    label_places,
    outline_in_blocks,
    window_of,
)
from mc_city.harvest.pictures import draw_proposal
from mc_city.harvest.report import NotCounted, Told, report_html, write_report
from mc_city.harvest.saying import Said, decimal, kind_said, over_plan, shortened, words_said
from terrain.frame import Frame
from terrain.plane import Plane
from tests.nasty import NASTY
from tests.unit.harvest_proposals import CRS, EAST, NORTH, filled, proposal_of
from worlds.errors import WorldError
from worlds.quoting import plain

FRAME = Frame(CRS, EAST, NORTH)
PNG = b"\x89PNG made up"


def base_map() -> BaseMap:
    data = BytesIO()
    Image.new("RGB", (256, 256), (90, 140, 80)).save(data, "PNG")
    return BaseMap(data.getvalue(), (-512, -512), 4, FRAME)


def sent(school_class: str, pupil: str = "07") -> Sender:
    return Sender(school_class=school_class, pupil=pupil, file=f"{school_class}-{pupil}.zip")


def told_of(**changed) -> Told:
    proposals = changed.pop("proposals", [proposal_of(1), proposal_of(2, kind="bridge", on=())])
    whole = Told(
        city="Sundsvall",
        frame=FRAME,
        proposals=proposals,
        senders=list(dict.fromkeys(one.sender for one in proposals)),
        developments={"norra_kajen": "Norra kajen", "alliero": "Alliero"},
        base=base_map(),
    )
    return replace(whole, **changed)


class Page(HTMLParser):
    """What a browser makes of it: the tags with what they hold, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def of(self, tag: str, **held: str) -> list[dict]:
        return [
            attrs
            for name, attrs in self.tags
            if name == tag
            and all(attrs.get(key.rstrip("_")) == value for key, value in held.items())
        ]


def page(pictures=None, **changed) -> Page:
    return Page(report_html(told_of(**changed), pictures or {}))


def test_each_proposal_has_its_card_its_number_on_the_map_and_its_words():
    made = page({"4b-07-1": PNG})
    cards = [attrs["id"] for attrs in made.of("article", class_="card")]
    assert cards == ["p1", "p2"]
    assert [one["href"] for one in made.of("a") if one["href"].startswith("#p")] == ["#p1", "#p2"]
    for text in (
        "Hus (tydligt)", "Bro (tydligt)", "”Vårt hus”", "house (clear)", "betong, tegel, glas",
        "4b · 07", "Ingen bild", "Norra kajen", "9 m", "1 våning",
    ):  # fmt: skip
        assert text in made.text, text
    assert len([one for one in made.of("img")]) == 1


def test_it_fetches_nothing_and_runs_nothing():
    made = report_html(told_of(), {"4b-07-1": PNG})
    found = Page(made)
    addresses = [
        value
        for _, attrs in found.tags
        for key, value in attrs.items()
        if key in ("src", "href", "srcset", "data", "action")
    ]
    assert addresses
    assert all(one.startswith(("#", "data:image/")) for one in addresses)
    assert not found.of("script") + found.of("link") + found.of("iframe")
    assert "url(" not in made
    assert "@import" not in made
    targets = {attrs["id"] for _, attrs in found.tags if "id" in attrs}
    assert {one[1:] for one in addresses if one.startswith("#")} <= targets


@pytest.mark.parametrize("text", NASTY)
def test_no_text_of_a_world_is_anything_but_text(text):
    sender = Sender(school_class=text, pupil=text, file=text)
    hostile = replace(
        proposal_of(1),
        sender=sender,
        words=(text,),
        on=(text,),
        materials={text: 3},
        colours=(text,),
    )
    told = {
        "city": text,
        "developments": {text: text},
        "left_out": [LeftOut(text, text)],
        "not_counted": [NotCounted(Said(text, text), 3)],
        "credits": [text],
    }
    harmless = {
        "city": "x",
        "developments": {"x": "x"},
        "left_out": [LeftOut("x", "x")],
        "not_counted": [NotCounted(Said("x", "x"), 3)],
        "credits": ["x"],
    }
    calm = replace(
        hostile,
        sender=Sender(school_class="x", pupil="x", file="x"),
        words=("x",) if plain(text) else (),
        on=("x",),
        materials={"x": 3},
    )
    made, same = (
        page(proposals=[one], base=None, **held)
        for one, held in ((hostile, told), (calm, harmless))
    )

    def shape(found: Page) -> list:
        return [(tag, sorted(attrs)) for tag, attrs in found.tags if tag not in ("i",)]

    assert shape(made) == shape(same)
    assert len(made.text) < len(same.text) + 9_000
    said = " ".join(shortened(text, 240).split())
    assert not said or f"”{said}”" in made.text


def test_megabytes_of_signs_make_a_small_page():
    words = tuple(f"{number} " + "ord " * 50_000 for number in range(100))
    made = report_html(told_of(proposals=[proposal_of(1, words=words)]), {})
    assert len(made) < 60_000
    assert "… + 94" in made


def test_classes_are_in_order_with_their_numbers_and_those_who_built_nothing():
    classes = ["10a", "9b", "", "9b"]
    proposals = [
        proposal_of(number, sender=sent(name, str(number)), id=f"x{number}")
        for number, name in enumerate(classes, 1)
    ]
    senders = [*(one.sender for one in proposals), sent("3c")]
    made = page(proposals=proposals, senders=senders)
    assert "3c 1 0 – 9b 2 2 2, 4 10a 1 1 1 utan klass no class 1 1 3" in made.text
    assert [one["href"] for one in made.of("a") if "class" in one["href"]] == [
        "#class1",
        "#class2",
        "#class3",
    ]
    assert "Klass 9b: 2 förslag" in made.text


def test_how_many_built_on_what_is_planned():
    proposals = [
        proposal_of(1, on=("norra_kajen", "okänd")),
        proposal_of(2, on=("norra_kajen",)),
        proposal_of(3, on=("norra_kajen",), sender=sent("5a")),
        proposal_of(4, on=()),
    ]
    text = page(proposals=proposals).text
    for row in ("Norra kajen 3 2", "Alliero 0 0", "okänd 1 1", "outside planned areas 1 1"):
        assert row in text, row


@pytest.mark.parametrize(
    ("metres", "sv", "en"),
    [
        (3.0, "tre meter över vad planen medger", "three metres above what the plan allows"),
        (1.0, "en meter över vad planen medger", "one metre above what the plan allows"),
        (2.44, "2,4 meter över vad planen medger", "2.4 metres above what the plan allows"),
        (0.1, "0,1 meter över vad planen medger", "0.1 metres above what the plan allows"),
        (12.0, "tolv meter över vad planen medger", "twelve metres above what the plan allows"),
        (30.0, "30 meter över vad planen medger", "30 metres above what the plan allows"),
        (0.0, "inom vad planen medger", "within what the plan allows"),
        (0.04, "inom vad planen medger", "within what the plan allows"),
        (-5.0, "inom vad planen medger", "within what the plan allows"),
    ],
)
def test_against_what_a_plan_allows(metres, sv, en):
    assert over_plan(metres) == Said(sv, en)
    text = page(proposals=[proposal_of(1, over_plan_m=metres), proposal_of(2)]).text
    assert f"{sv} {en}" in text
    assert f"{int(round(metres * 10) > 0)} av 1 förslag på mark med detaljplan" in text


def test_nothing_is_said_of_plans_where_none_is_known():
    assert "medger" not in page().text


def test_how_sure_a_kind_is():
    said = [
        kind_said(proposal_of(1, confidence=sure)).swedish for sure in (0.8, 0.79, 0.55, 0.5, 0.0)
    ]
    assert said == ["hus (tydligt)", *["hus (troligt)"] * 2, *["hus (osäkert)"] * 2]


def test_numbers_and_words():
    assert decimal(12345.04) == Said("12\u00a0345", "12,345")
    assert decimal(0.25, 2) == Said("0,25", "0.25")
    assert decimal(-0.01) == Said("0", "0")
    assert decimal(100.0, 0) == Said("100", "100")
    assert words_said(["a", "\n", "a ", "b", "c"], 9, 2) == ["a", "b", "… + 1"]


def test_what_was_left_out_and_not_counted_is_told():
    made = page(
        left_out=[
            LeftOut("klass4b-13.mcworld", "/a/klass4b-13.mcworld: its level.dat is cut short"),
            LeftOut("Anna Ek.zip", "Anna Ek.zip: is no world"),
        ],
        not_counted=[
            NotCounted(Said("gräs", "grass"), 12_345),
            NotCounted(Said("ingen", "none"), 0),
        ],
    ).text
    assert "2 världar är inte med 2 worlds were left out" in made
    assert "4b · 13 its level.dat is cut short" in made
    assert "utan klass och kod no class or code is no world" in made
    assert "Anna" not in made
    assert "gräs grass 12 345" in made
    assert "ingen none" not in made
    assert "Alla inlämnade världar har lästs" in page().text
    assert "UUID" in made


def test_the_names_of_files_that_were_read_are_not_told():
    assert "klass4b-07.mcworld" not in report_html(told_of(), {})


@pytest.mark.parametrize("turn", [0.0, 17.5])
def test_an_outline_lies_on_the_map_where_it_was_built(turn):
    frame = replace(FRAME, crs=Plane(CRS, EAST, NORTH, turn)) if turn else FRAME
    corners = [frame.on_map(x, z) for x, z in ((3, 5), (9, 5), (9, 7), (3, 7))]
    outline = outline_in_blocks(shapely.Polygon(corners), frame)
    assert shapely.hausdorff_distance(outline, box(3, 5, 9, 7)) < 0.001


def test_a_picture_is_cut_to_what_the_maps_need():
    base = base_map()
    shapes = [box(-100, -20, -90, 10), box(60, 30, 70, 40)]
    ground = ground_of(base, shapes)
    window = ground.window
    assert window.x <= -120
    assert window.x + window.width >= 90
    assert window.width < 256
    assert ground_of(base, []).window == Window(-512, -512, 1024, 1024)
    # What was built at the edge of the world, or beyond its picture, is no reason to fail.
    for far in (
        [box(500, 500, 512, 512)],
        [box(5000, 0, 5010, 10)],
        [box(-9000, -9000, 9000, 9000)],
    ):
        inside = ground_of(base, far).window
        assert -512 <= inside.x < inside.x + inside.width <= 512
        assert -512 <= inside.z < inside.z + inside.height <= 512
    report_html(told_of(base=None), {})


@pytest.mark.parametrize("side", [10, 300, 4000])
def test_the_picture_below_is_neither_coarse_nor_large(side):
    base = base_map()
    small = [box(0, 0, side, side)]
    source = ground_of(base, small).source.partition(",")[2]
    size = Image.open(BytesIO(base64.b64decode(source))).size
    assert 450 <= max(size) <= 1500


def test_a_window_holds_its_outlines_and_has_the_shape_of_a_page():
    everything = Window(-5000, -5000, 10_000, 10_000)
    for shape in (box(0, 0, 3, 3), box(0, 0, 900, 3), box(0, 0, 3, 900)):
        window = window_of([shape], everything)
        assert 0.9 <= window.width / window.height <= 2.1
        assert box(window.x, window.z, window.x + window.width, window.z + window.height).contains(
            shape
        )


@pytest.mark.parametrize("count", [1, 40, 200])
def test_no_number_lies_on_another(count):
    window = Window(0, 0, 300, 250)
    lots = np.random.default_rng(3)
    wanted = lots.normal((150, 120), (20, 20), (count, 2)).tolist()
    placed = np.array(label_places([tuple(one) for one in wanted], 3.0, window))
    away = np.hypot(*(placed[:, None] - placed[None]).transpose(2, 0, 1))
    assert away[~np.eye(count, dtype=bool)].min(initial=99.0) >= 6.0
    assert (placed >= 3).all()
    assert (placed <= (297, 247)).all()


def test_how_often_a_place_was_built_on_counts_worlds_and_not_proposals():
    here = filled((0, 64, 0), (3, 64, 3), "stone")
    proposals = [
        proposal_of(1, here),
        proposal_of(2, here),
        proposal_of(3, here, sender=sent("5a")),
        proposal_of(4, filled((-1, 64, 0), (-1, 90, 0), "stone")),
    ]
    assert built_on(proposals, 4) == {(-1, 0): 1, (0, 0): 2}
    assert cell_size(100) == 4
    assert cell_size(1000) == 32


def test_a_harvest_of_nothing_is_a_page_too():
    made = page(proposals=[], senders=[sent("4b")])
    assert "0 förslag proposals" in made.text
    assert "4b 1 0 –" in made.text


def test_the_page_is_written_and_a_folder_that_is_a_file_told(tmp_path):
    path = write_report(tmp_path / "ideas", told_of(), {})
    assert path.name == "ideas.html"
    assert path.read_text("utf-8") == report_html(told_of(), {})
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorldError, match="cannot be written"):
        write_report(tmp_path / "file", told_of(), {})


def two_hundred() -> tuple[Told, dict[str, bytes]]:
    first = proposal_of(0)
    proposals = [
        replace(
            first,
            number=number,
            id=f"k-{number}",
            built=replace(first.built, x=first.built.x + 3 * number),
            outline=shapely.transform(
                first.outline, lambda points, x=3 * number: np.add(points, (x, 0))
            ),
            sender=sent(f"{4 + number % 5}b", str(number % 30)),
            words=("Vi vill ha mer plats att leka på " * 3,) * 3,
            over_plan_m=3.0 if number % 7 == 0 else None,
        )
        for number in range(1, 201)
    ]
    picture = draw_proposal(proposals[0])
    return told_of(proposals=proposals), {one.id: picture for one in proposals}


def test_two_hundred_proposals_are_a_small_file():
    whole, pictures = two_hundred()
    made = report_html(whole, pictures)
    assert made.count('class="card"') == 200
    assert len(made) < 15_000_000


@pytest.mark.slow
def test_it_prints_with_no_card_on_two_pages(tmp_path):
    """As many pages as the cards need when each stands on one wholly."""
    names = ("chromium", "google-chrome", "chrome")
    browser = next((found for name in names if (found := shutil.which(name))), None)
    if browser is None:
        pytest.skip("printing needs Chromium")
    whole, pictures = two_hundred()
    paper, source = tmp_path / "ideas.pdf", write_report(tmp_path, whole, pictures)
    quietly = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [browser, *quietly, profile, f"--print-to-pdf={paper}", source.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pages = len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes()))
    assert 200 / 6 < pages < 200 / 4 + 20
