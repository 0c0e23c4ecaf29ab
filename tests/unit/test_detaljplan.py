"""What detaljplaner allow: every rule of height, what several of them come to, and files that are
wrong."""

from __future__ import annotations

import contextlib
import json
import math
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from buildings.detaljplan.choice import PlanSource, read_plans
from buildings.detaljplan.files import is_v4, read_v4
from buildings.detaljplan.plans import Provision, Value
from buildings.detaljplan.rules import Rule, Unused, read_rule
from buildings.detaljplan.uses import may_be_built
from buildings.detaljplan.volumes import allowed_volumes
from buildings.developments.boards import (
    APPROACH,
    MOST_COLUMNS,
    ROOM_DEPTH,
    Builder,
    Pad,
    draw_room,
    room_size,
)
from buildings.developments.developments import Development, read_developments
from buildings.developments.texts import room_groups
from buildings.developments.volumes import NO_VOLUME, allowed_tops, planned_volumes
from mc_city.site.found import look_at
from terrain.frame import Frame, Grid
from tests.conftest import ORIGIN
from tests.detaljplaner import (
    DISTANCE,
    RIDGE,
    RIDGE_DATUM,
    STEEPEST,
    STOREYS,
    TOTAL_DATUM,
    WHOLE,
    plan,
    provision,
    use,
    write_v4,
)
from worlds.errors import SourceError
from worlds.fixtures import Book
from worlds.style_tables import STYLES, read_materials
from worlds.words import read_words

CRS = "EPSG:3006"
BOUNDS = (ORIGIN[0] - 60, ORIGIN[1] - 60, ORIGIN[0] + 60, ORIGIN[1] + 60)


def rule(words="", *values, code="", unit="", datum=""):
    told = tuple(Value(str(value), unit) for value in values)
    return read_rule(Provision("property", None, code, words, told, datum))


def told(found):
    return (found.about, found.value, found.datum)


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("DP_KM_Eg_Hojd_HogstaHojd_Nockhojd", "14,0", ("ridge", 14.0, False)),
        (RIDGE, "14.0", ("ridge", 14.0, False)),
        (RIDGE.upper(), "14", ("ridge", 14.0, False)),
        ("DP_KM_Eg_Hojd_HogstaHojd_NockhojdNollplan", "45,5", ("ridge", 45.5, True)),
        (RIDGE_DATUM, "45,5", ("ridge", 45.5, True)),
        ("DP_KM_Eg_Hojd_HogstaHojd_Totalhojd", "+20", ("ridge", 20.0, False)),
        (TOTAL_DATUM, "+31,2", ("ridge", 31.2, True)),
        ("DP_KM_Eg_Hojd_ExaktHojd_Totalhojd", "9", ("ridge", 9.0, False)),
        ("DP_KM_Eg_Hojd_HogstaHojd_ByggnadsverkTotalhojd", "9", ("ridge", 9.0, False)),
        ("DP_PO_Eg_Hojd_HogstaHojd_Nockhojd", "8", ("ridge", 8.0, False)),
        (STOREYS, "3", ("storeys", 3.0, False)),
        ("DP_KM_Eg_Hojd_HogstaHojd_HogstaVan_Aldre", "IV", ("storeys", 4.0, False)),
        ("DP_KM_Eg_Hojd_ExaktHojd_ExaktVan_Aldre", "2", ("storeys", 2.0, False)),
        (STEEPEST, "38", ("pitch", 38.0, False)),
        ("DP_KM_Eg_Takvinkel_Exakt_Byggnad", "27", ("pitch", 27.0, False)),
        (DISTANCE, "4,5", ("distance", 4.5, False)),
    ],
)
def test_a_code_says_what_a_number_is(code, value, expected):
    found = rule("", value, code=code)
    assert told(found) == expected
    assert not found.by_wording


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Högsta nockhöjd 14,0 m", ("ridge", 14.0, False)),
        ("Högsta nockhöjd är 14,0 meter.", ("ridge", 14.0, False)),
        ("Högsta totalhöjd är 45,5 meter över angivet nollplan.", ("ridge", 45.5, True)),
        ("Högsta totalhöjd i meter över nollplanet: +23,5", ("ridge", 23.5, True)),
        ("Högsta byggnadshöjd 7,6 m", ("eaves", 7.6, False)),
        ("Högsta byggnadshöjd +12,5 m ö h", ("eaves", 12.5, True)),
        ("Byggnad får ej uppföras till större höjd än 7,6 meter", ("eaves", 7.6, False)),
        ("Byggnadens höjd får inte överstiga 60 dm", ("eaves", 6.0, False)),
        ("Högsta antal våningar II", ("storeys", 2.0, False)),
        ("Byggnad får uppföras i högst två våningar", ("storeys", 2.0, False)),
        ("Byggnad får inte uppföras med mer än 3 våningar", ("storeys", 3.0, False)),
        ("Takvinkel mellan 22 och 38 grader", ("pitch", 38.0, False)),
        ("Taklutning 22–27°", ("pitch", 27.0, False)),
        ("Byggnad ska placeras minst 4,5 meter från fastighetsgräns", ("distance", 4.5, False)),
        ("Byggnad får inte placeras närmare än 4 m från tomtgräns", ("distance", 4.0, False)),
    ],
)
def test_older_wording_without_a_code_is_read_and_said_to_be(words, expected):
    found = rule(words)
    assert told(found) == expected
    assert found.by_wording


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("Marken får inte förses med byggnad.", "bare"),
        ("Mark som inte får bebyggas", "bare"),
        ("Byggnad får inte uppföras", "bare"),
        ("Prickad mark", "bare"),
        ("Marken får endast förses med komplementbyggnad", "sheds"),
        ("Endast uthus och garage får uppföras", "sheds"),
        ("Korsmark", "sheds"),
    ],
)
def test_ground_without_buildings_and_with_sheds_only_is_known(words, about):
    assert rule(words).about == about


@pytest.mark.parametrize(
    ("words", "values", "reason"),
    [
        ("Lägsta nockhöjd är 5 meter", (), "least height"),
        ("Minsta takvinkel är 14 grader", (), "least roof pitch"),
        ("Högsta nockhöjd på komplementbyggnad är 4,0 meter", (), "sheds"),
        ("Komplementbyggnad ska placeras minst 1 m från fastighetsgräns", (), "sheds"),
        ("Plank får uppföras till en höjd av högst 2 meter", (), "sheds"),
        ("Högsta nockhöjd 14 m över RH 70", (), "another zero"),
        ("Högsta nockhöjd över stadens nollplan 14 m", (), "another zero"),
        ("Högsta nockhöjd är [höjd:decimaltal] meter", ("NaN",), "no number"),
        ("Högsta nockhöjd är [höjd:decimaltal] meter", ("1e99",), "no number"),
        ("Högsta nockhöjd är [höjd:decimaltal] meter", ("9" * 39,), "no house has"),
        ("Högsta nockhöjd är [höjd:decimaltal] meter", ("-4",), "no house has"),
        ("Högsta antal våningar", ("4000",), "none"),
        ("Största byggnadsarea är 200 m² per fastighet", (), "Största byggnadsarea är … m²"),
        ("", (), "says nothing"),
    ],
)
def test_what_draws_nothing_has_a_reason(words, values, reason):
    found = rule(words, *values)
    assert isinstance(found, Unused)
    assert reason in found.reason


def test_a_height_in_a_unit_that_nobody_knows_is_left_out():
    assert "unit" in rule("Högsta nockhöjd", "14", unit="alnar").reason
    assert told(rule("Högsta nockhöjd", "140", unit="dm")) == ("ridge", 14.0, False)
    assert told(rule("Högsta nockhöjd", "14", unit="meter över nollplanet")) == ("ridge", 14, True)


def test_a_height_above_another_zero_is_not_mixed_with_ours():
    assert told(rule("", "45", code=RIDGE_DATUM, datum="RH 2000")) == ("ridge", 45.0, True)
    assert "another zero" in rule("", "45", code=RIDGE_DATUM, datum="RH 70").reason
    assert told(rule("", "12", code=RIDGE, datum="RH 70")) == ("ridge", 12.0, False)


def test_streets_parks_and_water_are_no_ground_to_build_on():
    def ground(words="", **more):
        return may_be_built(Provision("use", None, wording=words, **more))

    assert [ground(words) for words in ("Gata", "Park", "NATUR", "Torg", "Öppet vatten")] == 5 * [
        False
    ]
    assert [ground(words) for words in ("Bostäder", "Centrum", "Gatukontor", "Parkering")] == 4 * [
        True
    ]
    assert not ground(label="GATA")
    assert ground(label="BC")
    assert not ground("Bostäder", form="Allmän plats")
    assert not ground(code="DP_AP_An_Gata")
    assert ground(code="DP_KM_An_Bostad")


def allowed(*features, tmp_path):
    found = read_v4(write_v4(tmp_path / "plan.json", plan(), *features), CRS)
    return allowed_volumes(found.plans[0])


def caps(found):
    return [
        {name: value for name, value in one.caps._asdict().items() if value == value}
        for one in found.volumes
    ]


def test_of_several_provisions_the_strictest_holds(tmp_path):
    found = allowed(
        use(),
        provision("Högsta nockhöjd är 14 meter"),
        provision("", "12,5", number=RIDGE),
        provision("", "40", number=TOTAL_DATUM),
        provision("Högsta nockhöjd är 20 meter"),
        tmp_path=tmp_path,
    )
    assert caps(found) == [{"ridge_m": 12.5, "ridge_datum_m": 40.0}]
    assert found.notes["rules read from their wording, without a code"] == 2


def test_each_provision_holds_where_it_lies(tmp_path):
    found = allowed(
        use(),
        provision("", "20", number=RIDGE),
        provision("", "8", number=RIDGE, box=(-30, -30, 0, 30)),
        tmp_path=tmp_path,
    )
    areas = {one.caps.ridge_m: one.shape.area for one in found.volumes}
    assert areas == pytest.approx({20.0: 1800.0, 8.0: 1800.0})


def test_ground_without_buildings_and_streets_are_cut_out(tmp_path):
    found = allowed(
        use((-30, -30, 30, 10)),
        use((-30, 10, 30, 30), "Gata"),
        provision("", "20", number=RIDGE),
        provision("Marken får inte förses med byggnad", box=(-30, -30, 30, -20)),
        provision("Marken får endast förses med garage", box=(-30, -20, -20, 10)),
        tmp_path=tmp_path,
    )
    x, y = ORIGIN
    assert found.volumes[0].shape.equals(shapely.box(x - 20, y - 20, x + 30, y + 10))


def test_a_distance_to_the_boundary_shrinks_the_volume(tmp_path):
    found = allowed(
        use(),
        provision("", "9", number=RIDGE),
        provision("", "4,5", number=DISTANCE),
        tmp_path=tmp_path,
    )
    assert found.volumes[0].shape.area == pytest.approx(51.0**2)
    assert any("boundary" in note for note in found.notes)


def test_ground_without_a_height_is_counted(tmp_path):
    found = allowed(
        use(), provision("", "9", number=RIDGE, box=(0, -30, 30, 30)), tmp_path=tmp_path
    )
    assert found.left_out["ground that may be built on, without a height"] == 1
    assert found.volumes[0].shape.area == pytest.approx(1800.0)


def test_borders_that_were_drawn_twice_leave_no_slivers(tmp_path):
    found = allowed(
        use(),
        provision("", "9", number=RIDGE, box=(-29.8, -29.8, 29.8, 29.8)),
        tmp_path=tmp_path,
    )
    assert len(found.volumes) == 1
    assert not found.left_out


GROUND_Y = 70


def tops(*features, tmp_path):
    """(z, x) of the highest allowed blocks around the origin over flat ground at GROUND_Y."""
    write_v4(tmp_path / "plan.json", plan(), *features)
    source = PlanSource(files=(tmp_path / "plan.json",))
    developments = read_developments([], CRS, BOUNDS, [source])
    frame = Frame(crs=CRS, origin_east=ORIGIN[0], origin_north=ORIGIN[1], sea_level_y=62)
    grid = Grid(frame, -40, -40, 80, 80)
    volumes = planned_volumes(developments, frame)
    ground_y = np.full(grid.shape, GROUND_Y, np.int32)
    return allowed_tops(volumes, np.ones(len(developments.options), bool), grid, ground_y)


@pytest.mark.parametrize(
    ("features", "middle", "edge"),
    [
        ([provision("", "14,0", number=RIDGE)], 84, 84),
        ([provision("", "20", number=TOTAL_DATUM)], 82, 82),
        ([provision("", "3", number=STOREYS)], 79, 79),
        ([provision("Högsta byggnadshöjd 7,6 m")], 78, 78),
        ([provision("Högsta byggnadshöjd +20 m ö h")], 82, 82),
        # A roof of 45 degrees from the façade up to the ridge.
        ([provision("Högsta byggnadshöjd 7 m"), provision("", "12", number=RIDGE)], 82, 77),
        # And of the pitch that the plan says.
        (
            [
                provision("Högsta byggnadshöjd 7 m"),
                provision("", "30", number=STEEPEST),
            ],
            80,
            77,
        ),
        # Storeys end where the roof begins.
        ([provision("", "2", number=STOREYS), provision("", "9", number=RIDGE)], 79, 76),
        # What is above the datum caps what is above the ground, and never adds to it.
        ([provision("", "14", number=RIDGE), provision("", "16", number=RIDGE_DATUM)], 78, 78),
    ],
)
def test_a_volume_is_as_high_as_its_provisions_say(tmp_path, features, middle, edge):
    found = tops(use(), *features, tmp_path=tmp_path)
    assert found[40, 40] == middle
    assert found[10, 40] == edge
    assert found[40, 10] == edge
    assert (found[:10] == NO_VOLUME).all()
    assert (found != NO_VOLUME).sum() == 60 * 60


def reading(tmp_path, *plans, room=64, **chosen):
    for number, features in enumerate(plans):
        write_v4(tmp_path / f"{number}.json", *features)
    files = tuple(sorted(tmp_path.glob("*.json")))
    return read_plans([PlanSource(files=files, **chosen)], CRS, BOUNDS, room)


def simple(key, name, status="laga kraft", day="2019-03-12", box=WHOLE):
    decided = [{"datumLagakraft": [day]}] if day else []
    return (
        plan(key, namn=name, status=status, beslutsinformation=decided),
        use(box, key=key),
        provision("", "9", number=RIDGE, box=box, key=key),
    )


def test_plans_are_chosen_by_status_year_and_place_and_the_rest_is_named(tmp_path):
    plans = [
        simple("a", "Nya", day="2021-01-01"),
        simple("b", "Gamla", day="1987-05-05"),
        simple("c", "På samråd", status="samråd"),
        simple("d", "Borta", box=(900, 900, 950, 950)),
        simple("e", "Utan dag", day=""),
        simple("a", "Nya", day="2021-01-01"),
    ]
    plans[3][0]["properties"]["plangeometri"] = plans[3][1]["properties"]["bestammelsegeometri"]
    found = reading(tmp_path, *plans, from_year=2015)
    assert [one.plan.name for one in found.chosen] == ["Nya"]
    assert found.left_out == {
        "before 2015": ["Gamla"],
        "of another status: samråd": ["På samråd"],
        "outside the area": ["Borta"],
        "without a year": ["Utan dag"],
        "several times in the files": ["Nya"],
    }
    assert found.read == 6


def test_files_in_a_zip_are_read(tmp_path):
    write_v4(tmp_path / "a.json", *simple("a", "Ett"))
    write_v4(tmp_path / "b.json", *simple("b", "Två"))
    with zipfile.ZipFile(tmp_path / "plans.zip", "w") as archive:
        archive.writestr("läs mig.txt", "two plans")
        archive.write(tmp_path / "a.json", "laga kraft/a.json")
        archive.write(tmp_path / "b.json", "laga kraft/b.json")
    found = read_plans([PlanSource(files=(tmp_path / "plans.zip",))], CRS, BOUNDS, 9)
    assert sorted(one.plan.name for one in found.chosen) == ["Ett", "Två"]
    (seen,) = look_at(tmp_path / "plans.zip")
    assert (seen.key, seen.features) == ("plans.detaljplaner", 2)


def test_there_are_as_many_layers_as_a_world_holds_and_the_newest_come_first(tmp_path):
    plans = [simple(f"p{year}", f"År {year}", day=f"{year}-01-01") for year in range(2000, 2012)]
    found = reading(tmp_path, *plans, room=5)
    assert [one.plan.year for one in found.chosen] == [2011, 2010, 2009, 2008, 2007]
    assert len(found.left_out["no room among the layers of a world, which newer plans take"]) == 7
    together = reading(tmp_path, group="Stenstaden", room=5)
    assert len(together.chosen) == 12


def test_a_group_is_one_layer(tmp_path):
    write_v4(tmp_path / "0.json", *simple("a", "Ett", box=(-30, -30, 0, 0)))
    write_v4(tmp_path / "1.json", *simple("b", "Två", box=(0, 0, 30, 30)))
    source = PlanSource(files=(tmp_path / "0.json", tmp_path / "1.json"), group="Stenstaden")
    found = read_developments([], CRS, BOUNDS, [source])
    assert [layer.id for layer in found.layers] == ["plan_stenstaden"]
    assert found.layers[0].allows
    assert "Ett" in found.layers[0].description
    assert "Två" in found.layers[0].description


def test_layers_of_plans_have_names_of_their_own(tmp_path):
    for number, name in enumerate(("All", "all", "Ö!", "Kv Väktaren, del 2")):
        write_v4(tmp_path / f"{number}.json", *simple(str(number), name))
    source = PlanSource(files=tuple(sorted(tmp_path.glob("*.json"))))
    found = read_developments([], CRS, BOUNDS, [source])
    assert [layer.id for layer in found.layers] == [
        "plan_all",
        "plan_all_2",
        "plan_dp_12",
        "plan_kv_vaktaren_del_2",
    ]
    assert {layer.lawful for layer in found.layers} == {"2019-03-12"}
    assert {layer.status for layer in found.layers} == {"adopted"}


@pytest.mark.parametrize(
    ("crs", "expected"),
    [("EPSG:3006", 3600), ("urn:ogc:def:crs:EPSG::3006", 3600), ("SWEREF 99 TM", 3600)],
)
def test_coordinate_systems_are_known_by_their_names(tmp_path, crs, expected):
    whole = provision("", "9", number=RIDGE)
    whole["properties"]["bestammelsegeometri"][0]["geometri"]["koordinatsystemPlan"] = crs
    found = allowed(use(), whole, tmp_path=tmp_path)
    assert found.volumes[0].shape.area == pytest.approx(expected)


def test_a_geometry_without_a_coordinate_system_is_counted(tmp_path):
    whole = provision("", "9", number=RIDGE)
    del whole["properties"]["bestammelsegeometri"][0]["geometri"]["koordinatsystemPlan"]
    path = write_v4(tmp_path / "plan.json", plan(), use(), whole)
    assert read_v4(path, CRS).skipped["provisions without a known coordinate system"] == 1
    assert len(read_v4(path, CRS, "EPSG:3006").plans[0].provisions) == 2


def test_northings_that_come_first_are_turned(tmp_path):
    whole = provision("", "9", number=RIDGE)
    held = whole["properties"]["bestammelsegeometri"][0]["geometri"]["position"]
    held["coordinates"] = [[[y, x] for x, y in held["coordinates"][0]]]
    found = allowed(use(), whole, tmp_path=tmp_path)
    assert found.volumes[0].shape.area == pytest.approx(3600)


NONSENSE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["Polygon", "EPSG:3006", "Högsta nockhöjd", "detaljplan"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "geometri",
                    "position",
                    "type",
                    "coordinates",
                    "koordinatsystemPlan",
                    "variabelvarde",
                    "enhet",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
KEYS = st.sampled_from(
    [
        "feature:typ",
        "objektidentitet",
        "detaljplan",
        "namn",
        "status",
        "beslutsinformation",
        "plangeometri",
        "bestammelsegeometri",
        "bestammelsevarde",
        "bestammelseformulering",
        "planbestammelsekatalogreferens",
    ]
)


@given(st.sampled_from([plan(), use(), provision("", "9", number=RIDGE)]), KEYS, NONSENSE)
def test_nonsense_anywhere_ends_in_a_count_or_in_two_lines(tmp_path_factory, feature, key, value):
    path = tmp_path_factory.mktemp("nonsense") / "plan.json"
    broken = {**feature, "properties": {**feature["properties"], key: value}}
    others = [plan(), use(), provision("", "9", number=RIDGE)]
    write_v4(path, broken, *others)
    with contextlib.suppress(SourceError):
        found = read_plans([PlanSource(files=(path,))], CRS, BOUNDS, 64)
        assert found.chosen or found.left_out
        for volume in (volume for one in found.chosen for volume in one.allowed.volumes):
            assert math.isfinite(volume.shape.area)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "null",
        "{}",
        '{"features": 3, "plangeometri": 0}',
        '{"features": ' + "[" * 100_000,
        '{"feature:mediatyp": "application/vnd.lm.detaljplan.v4+json", "features": {"a": 1}}',
        '{"features": [' + "9" * 10_000 + "]}",
    ],
)
def test_a_file_that_is_none_is_refused_in_two_lines(tmp_path, text):
    path = tmp_path / "plan.json"
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError) as caught:
        read_v4(path, CRS)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_features_that_are_none_are_counted(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(
        json.dumps(
            {"features": [None, 3, {"properties": []}, {"properties": {}}], "plangeometri": 1}
        )
    )
    assert is_v4(path)
    assert sum(read_v4(path, CRS).skipped.values()) == 4


def test_a_plan_of_countless_pieces_or_heights_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("buildings.detaljplan.volumes.MOST_PIECES", 60)
    monkeypatch.setattr("buildings.detaljplan.volumes.MOST_LIMITS", 20)
    crossing = [
        provision("", str(5 + number), number=RIDGE, box=box)
        for number in range(8)
        for box in ((-30 + number, -30, 30, 30), (-30, -30 + number, 30, 30))
    ]
    found = allowed(use(), *crossing, tmp_path=tmp_path)
    assert found.left_out["a plan of more than 60 pieces or 20 heights"] == 1
    assert not found.volumes
    alike = [provision("", "9", number=RIDGE) for _ in range(30)]
    assert caps(allowed(use(), *alike, tmp_path=tmp_path)) == [{"ridge_m": 9.0}]
    several = [provision(f"Högsta nockhöjd {5 + number} m") for number in range(30)]
    assert not allowed(use(), *several, tmp_path=tmp_path).volumes


def write_riges(folder):
    """Layers as a municipality has them, in its own system and its own words."""
    x, y = ORIGIN
    plans = {
        "geometry": [shapely.box(x - 30, y - 30, x + 30, y + 30)],
        "BETECKNING": ["2281K-123"],
        "NAMN": ["Kv Björnen"],
        "LAGAKRAFT": ["20170502"],
    }
    uses = {
        "geometry": [
            shapely.box(x - 30, y - 30, x + 30, y + 10),
            shapely.box(x - 30, y + 10, x + 30, y + 30),
        ],
        "BESTAMMELSE": ["Bostäder", "Lokalgata"],
        "BETECKNING": ["B", "GATA"],
    }
    rules = {
        "geometry": [
            shapely.box(x - 30, y - 30, x + 30, y + 10),
            shapely.box(x - 30, y - 30, x + 30, y - 20),
            shapely.box(x + 400, y, x + 410, y + 10),
        ],
        "FORMULERING": [
            "Högsta byggnadshöjd i meter",
            "Marken får inte förses med byggnad",
            "Högsta nockhöjd 9 m",
        ],
        "VARDE": ["11,5", None, None],
    }
    for name, columns in (
        ("DetaljplanGallande_yta", plans),
        ("AnvandningsBestammelser_yta", uses),
        ("EgenskapsBestammelser_yta", rules),
    ):
        table = gpd.GeoDataFrame(columns, crs=CRS).to_crs("EPSG:3014")
        table.to_file(folder / "riges.gpkg", layer=name, mode="a" if name[0] != "D" else "w")


def test_the_municipality_s_layers_are_recognised_by_their_names(tmp_path):
    write_riges(tmp_path)
    source = PlanSource(files=(tmp_path / "riges.gpkg",))
    found = read_plans([source], CRS, BOUNDS, 64)
    assert [one.plan.name for one in found.chosen] == ["Kv Björnen"]
    assert found.chosen[0].plan.lawful == "2017-05-02"
    (volume,) = found.chosen[0].allowed.volumes
    assert volume.caps.eaves_m == 11.5
    assert volume.shape.area == pytest.approx(60 * 30, rel=1e-3)
    assert [table.kind for table in found.tables] == ["plan", "use", "property"]
    assert found.tables[2].columns["value"] == "VARDE"
    assert found.notes["plans without a status, taken to be in force"] == 1


def test_rows_of_the_national_search_carry_plan_and_provision_at_once(tmp_path):
    x, y = ORIGIN
    shape = shapely.box(x - 30, y - 30, x + 30, y + 30)
    rows = {
        "geometry": [shape, shape],
        "feature_typ": ["användningsbestämmelse", "egenskapsbestämmelse"],
        "detaljplan_objektidentitet": ["p", "p"],
        "detaljplan_namn": ["Kv Svanen", "Kv Svanen"],
        "detaljplan_status": ["laga kraft", "laga kraft"],
        "planbestammelse_bestammelseformulering": ["Bostäder", "Högsta nockhöjd är 9 meter."],
    }
    gpd.GeoDataFrame(rows, crs=CRS).to_file(tmp_path / "search.gpkg", layer="search")
    found = read_plans([PlanSource(files=(tmp_path / "search.gpkg",))], CRS, BOUNDS, 64)
    assert [one.plan.name for one in found.chosen] == ["Kv Svanen"]
    assert found.chosen[0].allowed.volumes[0].caps.ridge_m == 9.0


def test_rules_are_rules():
    assert isinstance(rule("Högsta nockhöjd 14 m"), Rule)


def test_a_city_room_of_64_layers_has_several_walls_and_every_button_once():
    layers = [Development(f"l{number}", f"Plan {number}", ("",)) for number in range(64)]
    groups = room_groups(layers, (), read_words("sv"))
    width, depth = room_size(groups)
    assert width <= 7 + 2 * MOST_COLUMNS
    assert (width, depth - APPROACH) == (51, 4 * ROOM_DEPTH)
    few = room_size(room_groups(layers[:6], (2030,), read_words("sv")))
    assert few[1] - APPROACH == ROOM_DEPTH
    book = Book((0, 0, 0), "Bok", "mc-city", ("Sida",))
    builder = Builder(Pad(0, 64, 0, 0), read_materials(STYLES))
    room = draw_room(builder, [("Hej",)], [("Rum",)], groups, book)
    wanted = {button.function for group in groups for button in group}
    assert len(room.presses) == len(wanted)
    assert {press.function for press in room.presses} == wanted
    places = [press.at for press in room.presses]
    # A pressed button powers its block: one beside it would run too.
    near = [
        (one, other)
        for one in places
        for other in places
        if one != other and sum(abs(a - b) for a, b in zip(one, other, strict=True)) < 2
    ]
    assert not near
