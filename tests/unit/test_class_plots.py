"""Building plots: how they are asked for, where they come to lie, and what can be none."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city.build.fingerprint import fingerprint
from mc_city.checking.rows import plot_lines
from mc_city.checking.telling import loud_notes
from mc_city.city.part import part_of
from mc_city.city.part_key import part_key
from mc_city.city.reading import read_city
from mc_city.city.themes.class_plots import Wish, in_reading_order
from mc_city.harvest.built import Sender
from mc_city.harvest.proposals import proposals_of
from mc_city.placing.class_plots import NO_CLASS_PLOTS, corners_of, marked
from mc_city.settings.config import read_config
from terrain.frame import Frame
from tests.class_plots import DIAMOND, write_class_city, write_plots_file
from tests.commands import run
from tests.conftest import quiet
from tests.nasty import NASTY
from tests.plans import SMALL_PLANS, feature, rectangle
from tests.unit.harvest_proposals import built_of, cottage
from worlds.errors import ConfigError, McCityError, WorldError
from worlds.plots import (
    MOST_FILLED,
    Plot,
    PlotPack,
    boxes_of,
    fill_lines,
    looked_at,
    plots_at,
    read_plots,
    write_plots,
)
from worlds.quoting import java_text, plain
from worlds.rect import Rect
from worlds.words import languages, read_words

SWEDISH = read_words("sv")


def plots_of(folder, said="", plots=(), plans=SMALL_PLANS):
    """What becomes of plots in the small city."""
    said = said or 'plots = "plots.geojson"'
    config = read_config(write_class_city(folder, said, plans=plans, plots=list(plots)))
    return read_city(config, quiet).class_plots


BAD = [
    (feature(rectangle(-70, 40, -60, 50), nummer=4), "plot 4 leaves the area"),
    (feature(rectangle(0, -20, 70, 60), nummer=5), "plot 5 is wider than 48 blocks"),
    (feature(rectangle(25, -50, 40, -35), nummer=6), "plot 6 lies in water"),
    (feature(rectangle(-48, 12, -36, 24), nummer=7), "plot 7 lies on a house"),
    (feature(rectangle(-60, 40, -57, 60), nummer=8), "plot 8 is smaller than 4 blocks"),
    (feature(rectangle(-55, 40, -43, 52), nummer=9), "plot 9 overlaps plot 1"),
    (feature(rectangle(-60, -60, -50, -50), nummer="tre"), "a plot whose number is 'tre'"),
    (feature(rectangle(-60, -60, -50, -50), nummer=1), "a second plot with the number 1"),
    (feature({"type": "Point", "coordinates": [600000, 6900000]}), "not a polygon"),
    (feature(rectangle(300, 300, 310, 310), nummer=10), "plot 10 leaves the area"),
]


def test_what_can_be_no_plot_is_left_out_with_the_reason(tmp_path):
    good = [
        feature(rectangle(-60, 35, -48, 47), nummer=1.0, namn="Rävarna §k" + "å" * 99),
        feature(rectangle(-16, -24, 4, -12)),
        feature(rectangle(20, 45, 30, 55)),
    ]
    found = plots_of(tmp_path, plots=[*good, *(one for one, _ in BAD)])
    assert dict(found.left_out) == {reason: 1 for _, reason in BAD}
    assert found.wished == len(good) + len(BAD)
    one, two, three = found.plots
    assert (one.number, two.number, three.number) == (1, 2, 3)
    assert one.name.startswith("Rävarna k")
    assert len(one.name) == 60
    assert two.rect.z < three.rect.z, "numbers are given from the north"


def test_a_board_is_no_place_for_a_plot(planned_read, tmp_path):
    city = planned_read()
    ground = city.fixtures[0].ground
    west, north = ground.x, -ground.z
    plot = feature(rectangle(west, north - 8, west + 8, north))
    (reason,) = plots_of(tmp_path, plots=[plot]).left_out
    assert "board" in reason


def test_check_and_report_say_it(tmp_path):
    config = write_class_city(
        tmp_path, plots=[feature(rectangle(-60, 35, -48, 47)), *(one for one, _ in BAD)]
    )
    done = run("check", config)
    assert done.returncode == 0, done.stderr
    assert "plot 6 lies in water" in done.stdout
    done = run("check", "--json", config)
    told = json.loads(done.stdout)["class_plots"]
    assert (told["laid"], told["asked"], told["numbers"]) == (2, 1 + len(BAD), [1, 9])
    assert told["left_out"]["plot 6 lies in water"] == 1
    assert any("plot 6" in line for line in loud_notes(json.loads(done.stdout)))


def test_a_file_with_thousands_of_plots_and_nasty_words_is_bounded(tmp_path):
    names = [*NASTY, "x" * 10_000, float("1e308"), True, None]
    many = [
        feature(
            rectangle(-60 + number % 40, 20 + number // 40, -55 + number % 40, 25 + number // 40),
            name=names[number % len(names)],
            nummer=names[number % len(names)] if number % 3 == 0 else None,
        )
        for number in range(1500)
    ]
    config = write_class_city(tmp_path, plots=many)
    done = run("check", "--json", config)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["class_plots"]
    assert told["asked"] == 1500
    assert told["laid"] + sum(told["left_out"].values()) == 1500
    assert told["left_out"]["more than 1000 plots in one city"] > 0
    assert len(plot_lines(told)) < 30
    assert all(plain(line) == line and len(line) < 200 for line in told["left_out"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("plots = 3", "class.plots"),
        ('plots = ""', "names no file"),
        ("[class.plots]\nsize = 8", "nothing says where"),
        ('[class.plots]\non = "alfa"\nat = [600000, 6900000]', "on and at at once"),
        ('[class.plots]\npath = "plots.geojson"\nsize = 8', "size says nothing"),
        ('[class.plots]\non = "alfa"\nlayer = "a"', "layer says nothing"),
        ('[class.plots]\nat = [600000, 6900000]\ncount = 2\nvariant = "a"', "variant"),
        ("[class.plots]\nat = [600000, 6900000]", "nothing says how many"),
        ("[class.plots]\nat = [600000, 6900000]\nrows = 2", "rows and columns"),
        ("[class.plots]\nat = [600000, 6900000]\nrows = 2\ncolumns = 3\ncount = 6", "count"),
        ("[class.plots]\nat = [600000, 6900000]\nrows = 60\ncolumns = 60", "3600 plots"),
        ("[class.plots]\nat = [15.1, 62.2]\ncount = 2", "degrees"),
        ("[class.plots]\nat = [6900000, 600000]\ncount = 2", "exchanged"),
        ('[class.plots]\non = "alfa"\nsize = 2', "class.plots.size"),
        ('[class.plots]\non = "alfa"\nsize = true', "true"),
        ('[class.plots]\non = "alfa"\nsizes = 20', "size"),
        ("guard = true", "there are no plots"),
    ],
)
def test_a_mistake_in_the_settings_is_named(tmp_path, said, told):
    with pytest.raises(ConfigError) as error:
        read_config(write_class_city(tmp_path, said))
    assert told in f"{error.value} {error.value.hint}"
    assert error.value.hint
    assert "\n" not in f"{error.value}{error.value.hint}"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('[class.plots]\non = "omega"', "gamma, alfa, beta"),
        ('[class.plots]\non = "beta"\nvariant = "c"', "a, b"),
        ('[class.plots]\non = "alfa"\nvariant = "c"', "leave that key out"),
        ('[class.plots]\non = "alfa"\nshown = "omega"', "omega"),
        ('plots = "nowhere.geojson"', "nowhere.geojson"),
    ],
)
def test_what_is_not_there_is_named(tmp_path, said, told):
    with pytest.raises(McCityError) as error:
        read_city(read_config(write_class_city(tmp_path, said)), quiet)
    assert told in f"{error.value} {error.value.hint}"


def test_squares_lie_in_the_place_of_a_development_and_on_nothing_else(tmp_path):
    found = plots_of(tmp_path, '[class.plots]\non = "alfa"\nsize = 8\ngap = 2')
    place = Rect(-30, 5, 50, 45)
    assert len(found) > 6
    assert not found.left_out
    columns = np.zeros((128, 128), int)
    for plot in found.plots:
        rect = plot.rect
        assert plot.boxes == (rect,)
        assert (rect.nx, rect.nz) == (8, 8)
        assert min(rect.x - place.x, rect.z - place.z) >= 0
        assert max(rect.x + 8 - place.x - place.nx, rect.z + 8 - place.z - place.nz) <= 0
        columns += plot.columns_in(Rect(-64, -64, 128, 128))
    assert columns.max() == 1
    starts = np.array([plot.rect[:2] for plot in found.plots])
    assert (np.diff(np.unique(starts[:, 0])) % 10 == 0).all()
    assert [plot.number for plot in found.plots] == list(range(1, len(found) + 1))
    order = [(plot.rect.z, plot.rect.x) for plot in found.plots]
    assert order == sorted(order)


def test_a_few_squares_of_many_and_more_than_there_is_room_for(tmp_path):
    few = plots_of(tmp_path / "few", '[class.plots]\non = "alfa"\nsize = 8\ncount = 3')
    assert len(few) == few.wished == 3
    many = plots_of(tmp_path / "many", '[class.plots]\non = "alfa"\nsize = 16\ncount = 40')
    assert len(many) + many.left_out["no room on alfa"] == many.wished == 40
    none = plots_of(tmp_path / "none", '[class.plots]\non = "alfa"\nsize = 48')
    assert none.left_out == {"no room on alfa": 1}


def test_what_is_shown_decides_whether_a_plot_lies_on_a_house(tmp_path):
    said = '[class.plots]\npath = "plots.geojson"\n'
    plot = feature(rectangle(-16, -24, 4, -12))
    assert len(plots_of(tmp_path / "today", said, [plot])) == 1
    planned = plots_of(tmp_path / "planned", f'{said}shown = "alfa"', [plot])
    assert "lies on a house" in next(iter(planned.left_out))


def test_a_grid_at_a_place_on_ground_that_rises(tmp_path):
    said = "[class.plots]\nat = [599975, 6900040]\nrows = 2\ncolumns = 2\nsize = 12\ngap = 1"
    found = plots_of(tmp_path, said)
    assert found.wished == 4
    xs, zs = ({plot.rect[axis] for plot in found.plots} for axis in (0, 1))
    assert len(xs) == len(zs) == 2
    assert max(xs) - min(xs) == max(zs) - min(zs) == 13
    for note in found.notes:
        assert "rises" in note


def test_posts_stand_at_the_corners_and_look_outwards():
    plot = Plot(3, "", (Rect(10, 20, 16, 12),), (0, 9))
    one = marked(plot, SWEDISH)
    assert one.posts == ((10, 20, 6), (10, 31, 2), (25, 20, 10), (25, 31, 14))
    assert one.lines == ("", "Tomt 3", "Plot 3")
    named = marked(replace(plot, name="Ugglorna i den stora eken"), SWEDISH)
    assert named.lines[:2] == ("Tomt 3", "Plot 3")
    assert len(named.lines) == 4


MASKS = st.integers(0, 2**30 - 1).map(
    lambda bits: np.array([bits >> shift & 1 for shift in range(30)], bool).reshape(5, 6)
)


@given(MASKS)
def test_rectangles_are_the_columns_and_share_none(mask):
    boxes = boxes_of(mask, -3, 7)
    count = np.zeros((5, 6), int)
    for box in boxes:
        count[box.window_in(Rect(-3, 7, 6, 5))] += 1
    assert np.array_equal(count, mask)


@given(st.integers(8, 24), st.integers(0, 3))
def test_where_one_is_looked_for_is_few_rectangles_that_hold_the_plot(half, more):
    z, x = np.indices((2 * half + 1, 2 * half + 1)) - half
    mask = np.abs(x) + np.abs(z) <= half + more
    plot = Plot(1, "", boxes_of(mask, 100, -50), (0, 9))
    looked = looked_at(plot)
    assert len(looked) <= 12
    seen = replace(plot, boxes=looked).columns_in(plot.rect)
    assert (seen | ~mask).all()
    assert (seen & ~mask).sum() <= 4 * 2 * mask.shape[0], "a few columns beyond its edges"


@settings(deadline=None)
@given(MASKS)
def test_corners_are_columns_that_span_the_others(mask):
    if mask.sum() > 2:
        corners = corners_of(mask)
        assert all(mask[z, x] for x, z in corners)
        assert len(corners) == len(set(corners)) <= 8


@given(st.integers(-63, 300), st.integers(1, 48), st.integers(1, 48))
def test_fills_cover_all_levels_once_and_none_too_much(low, nx, nz):
    plot = Plot(1, "", (Rect(5, -7, nx, nz),), (low, low + 3))
    pack = PlotPack((), -64, 319, ((-64, -64, "bedrock"), (-63, 0, "a"), (1, 319, "b")))
    levels = []
    for line in fill_lines(pack, plot):
        word, x0, y0, z0, x1, y1, z1, name = line.split()
        assert word == "fill"
        first, last = int(y0), int(y1)
        assert (int(x0), int(z0), int(x1), int(z1)) == (5, -7, 4 + nx, -8 + nz)
        assert (last - first + 1) * nx * nz <= MOST_FILLED
        assert (name == "air") == (first > low + 3)
        levels += range(first, last + 1)
    outside = [*range(-64, low), *range(low + 4, 320)]
    assert sorted(levels) == outside


def test_reading_order_takes_what_is_about_level_for_a_row():
    square = np.ones((10, 10), bool)
    places = [(0, 4), (20, 0), (40, 5), (2, 30), (22, 27)]
    wishes = [Wish(0, str(number), x, z, square) for number, (x, z) in enumerate(places)]
    assert [one.name for one in in_reading_order(wishes[::-1])] == ["0", "1", "2", "3", "4"]


def test_the_note_of_plots_is_bounded_and_checked(tmp_path):
    one = Plot(3, "Å", (Rect(1, 2, 3, 4), Rect(4, 2, 1, 1)), (-5, 9))
    plots = (one, Plot(7, "", (Rect(0, 0, 1, 1),), (0, 0)))
    write_plots(tmp_path, plots)
    assert read_plots(tmp_path) == plots
    assert read_plots(tmp_path / "nowhere") == ()
    path = tmp_path / "mc_city_plots.json"
    good = json.loads(path.read_text("utf-8"))
    for change in (
        {"number": 0}, {"number": "3"}, {"number": 10_000}, {"boxes": []},
        {"boxes": [[0, 0, 0, 4]]},
        {"boxes": [[0, 0, 49, 4]]}, {"boxes": [[0, 0, 4]]}, {"boxes": [[10**9, 0, 4, 4]]},
        {"boxes": [[0, 0, 4, 4]] * 101}, {"levels": [0, 10**6]}, {"name": "x" * 300}, {"number": 7},
    ):  # fmt: skip
        bad = {"plots": [{**good["plots"][0], **change}, good["plots"][1]]}
        path.write_text(json.dumps(bad), "utf-8")
        with pytest.raises(WorldError) as error:
            read_plots(tmp_path)
        assert error.value.hint
    path.write_text(json.dumps({"plots": good["plots"] * 100}), "utf-8")
    with pytest.raises(WorldError):
        read_plots(tmp_path)


def test_a_proposal_says_on_which_plot_it_stands():
    frame = Frame("EPSG:3006", 617000.0, 6918000.0)
    sender = Sender(school_class="klass4b", pupil="07", file="klass4b-07.mcworld")
    built = built_of({**cottage(), **cottage(60)})
    places = {4: Rect(5, -2, 20, 20), 9: Rect(-20, -2, 25, 20)}
    plots = [Plot(number, "", (rect,), (0, 0)) for number, rect in places.items()]
    found = proposals_of(built, sender, frame, (), plots=plots)
    assert sorted((one.plot or 0) for one in found) == [0, 9]
    assert [one.plot for one in proposals_of(built, sender, frame, ())] == [None, None]


def test_a_region_knows_of_its_plots_and_of_no_others(planned_read):
    city = planned_read()
    assert city.class_plots == NO_CLASS_PLOTS
    plot = Plot(1, "", (Rect(-60, -47, 12, 12),), (60, 90))
    marks = replace(NO_CLASS_PLOTS, marked=(marked(plot, SWEDISH),))
    changed = replace(city, class_plots=marks)
    for region in city.grid.regions():
        same = part_key(part_of(city, region), region, "") == part_key(
            part_of(changed, region), region, ""
        )
        assert same == (region != (-1, -1)), region


def test_words_fit_on_signs_in_every_language():
    for language in languages():
        words = read_words(language)
        one = marked(Plot(9999, "", (Rect(0, 0, 8, 8),), (0, 9)), words)
        assert all(len(line) <= 15 for line in one.lines), language
        assert java_text(words.both("plot_done", number=1))


def test_plots_are_read_again_when_the_file_changes(tmp_path):
    config = read_config(write_class_city(tmp_path))
    before = fingerprint(config)
    assert tmp_path / "plots.geojson" in {path for path in before.files}
    write_plots_file(tmp_path, [feature(DIAMOND)])
    assert fingerprint(config).text != before.text


def test_columns_know_their_plot():
    plots = [Plot(2, "", (Rect(0, 0, 2, 2), Rect(2, 0, 1, 1)), (0, 0))]
    x, z = np.array([0, 1, 2, 2, -1]), np.array([0, 1, 0, 1, 0])
    assert plots_at(plots, x, z).tolist() == [2, 2, 2, 0, 0]
