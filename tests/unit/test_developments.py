"""Reading and checking plans: Swedish words, variants, ranks, and what cannot be used."""

from __future__ import annotations

import re

import pytest

from buildings.developments.developments import normal_status, read_developments
from mc_city.build.report import layer_facts, source_report
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from terrain.vectors.features import VectorSource
from tests.conftest import ORIGIN, quiet
from tests.nasty import NASTY
from tests.plans import (
    SMALL_PLANS,
    feature,
    line,
    point,
    rectangle,
    write_planned_city,
    write_plans,
)
from worlds.errors import SourceError
from worlds.notes import LayerNote
from worlds.quoting import json_text, plain

AREA = (ORIGIN[0] - 64, ORIGIN[1] - 64, ORIGIN[0] + 64, ORIGIN[1] + 64)


def read(tmp_path, features):
    return read_developments(
        [VectorSource(write_plans(tmp_path / "plans.geojson", features))], "EPSG:3006", AREA
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("idé", "idea"),
        ("Samråd", "consultation"),
        ("granskning", "consultation"),
        ("antagen", "adopted"),
        ("laga kraft", "adopted"),
        ("byggstart", "building"),
        ("inflyttat", "built"),
        ("pausad", "paused"),
        ("building", "building"),
        ("built", "built"),
        ("idea", "idea"),
        ("Antagen 2021", "adopted"),
        ("vet ej", None),
        (None, None),
        ("", None),
    ],
)
def test_status_words(word, status):
    assert normal_status(word) == status


def test_layers_are_ranked_by_the_year_they_are_done_then_as_in_the_file(tmp_path):
    features = [
        feature(rectangle(0, 0, 9, 9), layer=name, role="ground", surface="park")
        for name in ("undated", "late", "early", "undated_2", "same")
    ]
    years = {"late": 2040, "early": "2030", "same": 2030.0}
    features += [
        feature(point(0, 0), layer=name, role="info", done_year=year)
        for name, year in years.items()
    ]
    found = read(tmp_path, features)
    assert [layer.id for layer in found.layers] == ["early", "same", "late", "undated", "undated_2"]
    assert [layer.done_year for layer in found.layers][:3] == [2030, 2030, 2040]


def test_variants_are_options_and_common_features_belong_to_all(tmp_path):
    found = read(tmp_path, SMALL_PLANS)
    beta = next(index for index, layer in enumerate(found.layers) if layer.id == "beta")
    assert found.layers[beta].variants == ("a", "b")
    assert [layer.option_id(1) for layer in found.layers] == ["gamma", "alfa", "beta/a"]
    mine = [number for number, (layer, _) in enumerate(found.options) if layer == beta]
    quay = next(
        row
        for row, kind in zip(
            found.roles["ground"].options, found.roles["ground"].values("surface"), strict=True
        )
        if kind == "quay"
    )
    assert quay[mine].all()
    floors = found.roles["building"].values("floors")
    assert [
        int(value)
        for value, row in zip(floors, found.roles["building"].options, strict=True)
        if row[mine[1]]
    ] == [17]
    assert found.active([0, 0, 2]).tolist() == [False, False, False, True]


def test_facts_of_the_board(tmp_path):
    alfa = next(layer for layer in read(tmp_path, SMALL_PLANS).layers if layer.id == "alfa")
    assert (alfa.name, alfa.status, alfa.done_year, alfa.homes, alfa.as_of) == (
        "Alfa kvarter",
        "adopted",
        2031,
        120,
        "2021-05-01",
    )
    assert alfa.place == (ORIGIN[0] - 40, ORIGIN[1] - 48)


def test_what_cannot_be_used_is_counted_with_the_reason(tmp_path):
    found = read(
        tmp_path,
        [
            feature(rectangle(0, 0, 9, 9), layer="alfa", role="building"),
            feature(rectangle(0, 0, 9, 9), layer="alfa", role="castle"),
            feature(rectangle(0, 0, 9, 9), role="building"),
            feature(line((0, 0), (9, 9)), layer="alfa", role="building"),
            feature(rectangle(900, 0, 909, 9), layer="alfa", role="building"),
            feature(rectangle(900, 0, 909, 9), layer="far", role="building"),
            feature(
                point(0, 0),
                layer="alfa",
                role="info",
                status="kanske",
                start_year=2040,
                done_year=2030,
            ),
        ],
    )
    assert found.skipped == {
        "unknown role 'castle' in alfa": 1,
        "without a layer": 1,
        "a building that is a LineString in alfa": 1,
        "outside the area, the whole layer far": 1,
    }
    assert found.notes == {
        "alfa: features outside the area": 1,
        "alfa: unknown status 'kanske'": 1,
        "alfa: done in 2030, before it starts in 2040": 1,
    }
    assert [layer.id for layer in found.layers] == ["alfa"]


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("Norra Kajen", "norra_kajen"),
        ("södra-kajen", "sodra_kajen"),
        ("å/ä", "a_a"),
        ("all", "all_1"),
        ("repair", "repair_1"),
        ("mc_city", "mc_city_1"),
        ("wanted", "wanted_1"),
    ],
)
def test_names_that_cannot_be_functions_are_refused_with_one_that_can(tmp_path, name, better):
    with pytest.raises(SourceError, match="layer") as caught:
        read(tmp_path, [feature(rectangle(0, 0, 9, 9), layer=name, role="building")])
    assert better in caught.value.hint


@pytest.mark.parametrize("key", ["layer", "variant"])
@pytest.mark.parametrize("name", NASTY)
def test_ids_are_short_and_plain_whatever_stands_in_the_file(tmp_path, name, key):
    """`layer` and `variant` name functions, files and tags, so nothing else passes, and the message
    is two lines of modest length."""
    one = feature(
        rectangle(0, 0, 9, 9), **{"layer": "alfa", "variant": "a", key: name, "role": "building"}
    )
    # GDAL ends a text at its first zero.
    id_ = plain(name.split("\0")[0])
    if re.fullmatch("[a-z0-9_]{1,60}", id_):
        (layer,) = read(tmp_path, [one]).layers
        assert {"layer": layer.id, "variant": layer.variants[0]}[key] == id_
        return
    with pytest.raises(SourceError, match=r"^(layer|variant of alfa) ") as caught:
        read(tmp_path, [one])
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300 + len(str(tmp_path))
    assert re.fullmatch("call it '[a-z0-9_]{1,62}' in every feature", caught.value.hint)


def test_an_id_that_no_file_can_be_called_is_refused(tmp_path):
    """A layer of 300 letters was built and then could not be written; one of 101 was written and
    then could not be read."""
    for length, fine in ((60, True), (61, False), (300, False)):
        plans = [feature(rectangle(0, 0, 9, 9), layer="x" * length, role="building")]
        if fine:
            assert read(tmp_path, plans).layers[0].id == "x" * length
        else:
            with pytest.raises(SourceError, match="at most 60"):
                read(tmp_path, plans)


@pytest.mark.parametrize("first", range(len(NASTY)))
def test_facts_that_a_build_keeps_can_be_read_again(tmp_path, first):
    """What goes into a world's note is of the kind and length that reading it takes, whichever
    property a string stands in."""
    keys = (
        "name",
        "name_en",
        "description",
        "description_en",
        "url",
        "as_of",
        "start_year",
        "done_year",
        "homes",
        "status",
    )
    words = NASTY[first:] + NASTY[:first]
    facts = dict(zip(keys, words, strict=False)) | {
        "homes": ("9" * 5000, "12 st" + words[8])[first % 2]
    }
    found = read(
        tmp_path,
        [
            feature(rectangle(0, 0, 9, 9), layer="alfa", role="building"),
            feature(rectangle(0, 0, 9, 9), layer="alfa", role=words[10]),
            feature(point(0, 0), layer="alfa", role="info", **facts),
        ],
    )
    (layer,) = found.layers
    told = layer_facts(layer)
    read_again = LayerNote.model_validate_json(json_text(told))
    kept = (
        "id",
        "name",
        "options",
        "status",
        "homes",
        "name_en",
        "url",
        "as_of",
        "description",
        "description_en",
    )
    assert {key: getattr(read_again, key) for key in kept if told.get(key)} == {
        key: tuple(told[key]) if key == "options" else told[key] for key in kept if told.get(key)
    }
    assert read_again.homes == (None if first % 2 == 0 else 12)
    assert all(len(note) < 150 and note.isprintable() for note in (*found.notes, *found.skipped))


def test_a_file_that_is_no_plan_is_refused(tmp_path):
    with pytest.raises(SourceError, match="layer and role"):
        read(tmp_path, [feature(rectangle(0, 0, 9, 9), name="x")])


def test_check_tells_of_layers_that_meet_heights_that_lack_and_houses_in_the_way(tmp_path):
    features = [
        *SMALL_PLANS,
        feature(rectangle(-6, 30, 6, 42), layer="delta", role="building"),
        feature(rectangle(0, 5, 20, 15), layer="delta", role="building", height_datum_m=60),
    ]
    scene = read_city(read_config(write_planned_city(tmp_path, features)), quiet)
    plans = source_report(scene)["plans"]
    assert ["alfa", "beta"] in plans["meet"]
    assert (
        plans["notes"]["planned buildings without height or floors, estimated from size and use"]
        == 1
    )
    assert plans["notes"]["delta: no info feature, so its board knows only the name"] == 1
    assert (
        plans["notes"][
            "alfa: houses in the way of a planned one, taken down though not marked demolish"
        ]
        == 1
    )
    tower = scene.houses.existing + 4
    assert scene.houses.plans.eaves_y[tower] + scene.houses.plans.roofs.rise[
        tower
    ] == pytest.approx(62 + 60, abs=1.5)


def test_too_many_layers_in_one_place_are_refused(tmp_path):
    features = [
        feature(rectangle(0, 0, 20, 20), layer=f"layer_{number}", role="ground", surface="park")
        for number in range(7)
    ]
    scene = read_city(read_config(write_planned_city(tmp_path, features)), quiet)
    with pytest.raises(SourceError, match="too many layers"):
        source_report(scene)


@pytest.mark.parametrize("corner", [600_029_999_400_016.0, 3e7, -1e9])
@pytest.mark.parametrize("role", ["building", "water", "street", "ground", "demolish"])
def test_a_corner_in_another_part_of_the_world_costs_its_feature_only(tmp_path, role, corner):
    east, north = ORIGIN
    near = feature(rectangle(-20, -20, 20, 20), layer="alfa", role="building")
    ring = [[east, north], [corner, north + 9], [east + 9, north + 40], [east, north]]
    torn = feature({"type": "Polygon", "coordinates": [ring]}, layer="alfa", role=role)
    found = read(tmp_path, [near, torn])
    assert sum(len(features) for features in found.roles.values()) == 1
    assert [(key, count) for key, count in found.skipped.items() if "wider than" in key] == [
        (f"a {role} wider than {10 if role in ('building', 'water') else 250} km in alfa", 1)
    ]
