"""A project's file of plans: changed, undone, never lost."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys

import geopandas as gpd
import pytest
import shapely

from mc_city.app import plan_edits
from mc_city.app.config_text import ChangedMeanwhileError
from mc_city.app.plan_changes import Altered, PlanFeature, Removed
from mc_city.app.plan_history import ELSEWHERE, History
from mc_city.app.plans_file import change_plans, open_plans, step_plans
from mc_city.app.project import Project
from mc_city.settings.provenance import read_sources
from tests.conftest import ORIGIN
from tests.plans import SMALL_PLANS, feature, rectangle, write_planned_city, write_plans
from worlds.errors import McCityError, SourceError

EAST, NORTH = ORIGIN


@pytest.fixture
def project(tmp_path) -> Project:
    config = write_planned_city(tmp_path / "city", SMALL_PLANS)
    return Project(config.parent)


def ids(plans):
    return [one.id for one in plans.developments().layers]


def name_of(plans, layer="alfa"):
    return next(one.name for one in plans.developments().layers if one.id == layer)


def describe(layer, **values):
    return lambda _, features: plan_edits.described(features, layer, values)


def house(layer, west, south, east, north, **values):
    corners = [(west, south), (east, south), (east, north), (west, north)]
    points = [(EAST + x, NORTH + y) for x, y in corners]

    def changes(plans, _features):
        shape = plan_edits.shape_drawn(plans, "building", "polygon", points)
        return plan_edits.drawn(plans, layer, "building", shape, values)

    return changes


def test_a_name_and_a_status_are_changed_and_everything_else_stays(project):
    document = json.loads(project.plans.read_text("utf-8"))
    document["who"] = {"drew": ["Å", 1]}
    document["features"][3]["properties"]["ours"] = {"deep": [1, None]}
    document["features"].append({"type": "Feature", "geometry": None, "properties": None, "id": 7})
    project.plans.write_text(json.dumps(document), "utf-8")
    plans = open_plans(project)
    plans = change_plans(
        plans, plans.digest(), describe("alfa", name="Nya Alfa", status="samråd"), "describe"
    )
    after = json.loads(project.plans.read_text("utf-8"))
    assert after["who"] == document["who"]
    assert after["features"][3]["properties"] == {
        **document["features"][3]["properties"], "name": "Nya Alfa", "status": "samråd",
    }  # fmt: skip
    assert [one for number, one in enumerate(after["features"]) if number != 3] == [
        one for number, one in enumerate(document["features"]) if number != 3
    ]
    layer = next(one for one in plans.developments().layers if one.id == "alfa")
    assert (layer.name, layer.status, layer.done_year) == ("Nya Alfa", "consultation", 2031)


def test_a_house_is_drawn_where_the_map_shows_it(project):
    plans = open_plans(project)
    plans = change_plans(plans, plans.digest(), house("alfa", 30, 20, 42, 31, height_m=12), "draw")
    last = plans.developments().roles["building"]
    found = [
        one for one in last.geometry if one.bounds == (EAST + 30, NORTH + 20, EAST + 42, NORTH + 31)
    ]
    assert len(found) == 1


def test_in_a_file_in_degrees_a_house_comes_back_to_the_centimetre(project):
    gpd.GeoDataFrame(
        {"layer": ["alfa"], "role": ["building"], "floors": [3]},
        geometry=[shapely.box(EAST, NORTH, EAST + 10, NORTH + 10)], crs="EPSG:3006",
    ).to_crs("EPSG:4326").to_file(project.plans, driver="GeoJSON")  # fmt: skip
    plans = open_plans(project)
    plans = change_plans(plans, plans.digest(), house("alfa", 30, 20, 42, 31, floors=2), "draw")
    text = json.loads(project.plans.read_text("utf-8"))
    assert abs(text["features"][1]["geometry"]["coordinates"][0][0][0]) < 180
    shape = plans.developments().roles["building"].geometry[1]
    assert shape.bounds == pytest.approx((EAST + 30, NORTH + 20, EAST + 42, NORTH + 31), abs=0.02)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([(0, 0), (10, 10), (10, 0), (0, 10)], "crosses itself"),
        ([(0, 0), (1, 0), (1, 1)], "too small"),
        ([(9000, 0), (9010, 0), (9010, 9)], "outside"),
        ([(0, 0), (10, 0)], "2 corners"),
    ],
)
def test_what_cannot_be_built_is_not_written(project, points, said):
    plans, before = open_plans(project), project.plans.read_bytes()
    with pytest.raises(SourceError, match=said):
        change_plans(
            plans,
            plans.digest(),
            lambda plans, _: plan_edits.drawn(
                plans,
                "alfa",
                "building",
                plan_edits.shape_drawn(
                    plans, "building", "polygon", [(EAST + x, NORTH + y) for x, y in points]
                ),
                {"floors": 2},
            ),
            "draw",
        )
    assert project.plans.read_bytes() == before


def test_a_change_that_no_build_could_read_is_refused_by_the_builds_own_reader(project):
    plans, before = open_plans(project), project.plans.read_bytes()
    with pytest.raises(McCityError, match="may hold only a-z") as caught:
        change_plans(
            plans, plans.digest(), lambda *_: (Altered(0, {"layer": "Åre Åre"}),), "describe"
        )
    assert str(project.folder / ".plans") not in str(caught.value)
    with pytest.raises(SourceError, match="would skip it: unknown role"):
        change_plans(plans, plans.digest(), lambda *_: (Altered(0, {"role": "spaceship"}),), "x")
    assert project.plans.read_bytes() == before
    assert open_plans(project).told().undo is None


def test_undo_and_redo_outlive_the_program(project):
    before = project.plans.read_bytes()
    for name in ("Ett", "Två"):
        plans = open_plans(project)
        change_plans(plans, plans.digest(), describe("alfa", name=name), "describe")
    after = project.plans.read_bytes()

    def step(forward):
        plans = open_plans(project)
        return step_plans(plans, plans.digest(), forward)

    assert name_of(step(forward=False)) == "Ett"
    assert step(forward=False).told().undo is None
    assert project.plans.read_bytes() == before
    assert step(forward=True).told().redo == "describe"
    assert step(forward=True).told().redo is None
    assert project.plans.read_bytes() == after


def test_what_somebody_changed_in_qgis_is_kept_and_can_be_undone(project):
    plans = open_plans(project)
    change_plans(plans, plans.digest(), describe("alfa", name="Ett"), "describe")
    theirs = write_plans(
        project.plans, [feature(rectangle(0, 0, 9, 9), layer="deras", role="building", floors=2)]
    )
    said = theirs.read_bytes()
    plans = open_plans(project)
    assert plans.told().undo == ELSEWHERE
    plans = change_plans(plans, plans.digest(), describe("deras", name="Deras"), "describe")
    plans = step_plans(plans, plans.digest(), forward=False)
    assert project.plans.read_bytes() == said
    plans = step_plans(plans, plans.digest(), forward=False)
    assert "Ett" in [one.name for one in plans.developments().layers]


def test_a_window_that_shows_an_older_state_is_told_so(project):
    first, second = open_plans(project), open_plans(project)
    digest = second.digest()
    change_plans(first, first.digest(), describe("alfa", name="Först"), "describe")
    with pytest.raises(ChangedMeanwhileError):
        change_plans(open_plans(project), digest, describe("alfa", name="Sedan"), "describe")
    with pytest.raises(ChangedMeanwhileError):
        step_plans(open_plans(project), digest, forward=False)
    assert name_of(open_plans(project)) == "Först"


@pytest.mark.parametrize("after", ["kept", "put", "noted"])
def test_a_program_that_was_killed_has_the_old_version_or_the_new(project, after, monkeypatch):
    before, plans = project.plans.read_bytes(), open_plans(project)

    class Killed(BaseException):
        pass

    def die(*_args):
        raise Killed

    name = {"kept": "os.replace", "put": "_note", "noted": "_forget"}[after]
    calls = []
    if name == "os.replace":
        import os

        real = os.replace

        def replace(source, target):
            calls.append(target)
            if target == project.plans:
                die()
            real(source, target)

        monkeypatch.setattr(os, "replace", replace)
    elif name == "_note":
        real_note = History._note
        monkeypatch.setattr(
            History, "_note",
            lambda own, at, said: die() if at > 1 else real_note(own, at, said),
        )  # fmt: skip
    else:
        monkeypatch.setattr(History, "_forget", die)
    with pytest.raises(Killed):
        change_plans(plans, plans.digest(), describe("alfa", name="Ny"), "describe")
    monkeypatch.undo()
    found = open_plans(project)
    if after == "kept":
        assert project.plans.read_bytes() == before
    else:
        assert name_of(found) == "Ny"
        found = step_plans(found, found.digest(), forward=False)
        assert project.plans.read_bytes() == before
    found = change_plans(found, found.digest(), describe("alfa", name="Åter"), "describe")
    assert found.told().undo == "describe"


def test_the_sample_is_never_changed_but_copied(tmp_path):
    project = Project(tmp_path)
    plans = open_plans(project)
    assert plans.own is None
    theirs = plans.sources[0].path
    before = theirs.read_bytes()
    plans = change_plans(plans, plans.digest(), describe("alliero", name="Allero"), "describe")
    assert theirs.read_bytes() == before
    assert plans.own is not None
    assert plans.own.path == project.plans
    assert "Allero" in [one.name for one in plans.developments().layers]
    text = project.config.read_text("utf-8")
    assert "# The embedded sample" in text
    assert 'sources = ["plans.geojson"]' in text
    # Whose they are goes along.
    sources = read_sources(project.read_config())
    assert not [one for one in sources if "unknown" in one.get("licence", "")]
    assert {one["real"] for one in sources if "planned developments" in one["title"]} == {False}
    plans = step_plans(plans, plans.digest(), forward=False)
    assert project.plans.read_bytes() == before


def test_a_project_without_plans_begins_a_file(project):
    text = project.config.read_text("utf-8")
    project.config.write_text(text.replace('sources = "plans.geojson"', ""), "utf-8")
    project.plans.unlink()
    plans = open_plans(project)
    at = (EAST + 5, NORTH + 5)
    plans = change_plans(
        plans, plans.digest(), lambda *both: plan_edits.begun(*both, "Nya Ån", at), "begin"
    )
    plans = change_plans(plans, plans.digest(), house("nya_an", 0, 0, 12, 12, floors=3), "draw")
    assert [(one.id, one.name, one.place) for one in plans.developments().layers] == [
        ("nya_an", "Nya Ån", at)
    ]
    plans = step_plans(plans, plans.digest(), forward=False)
    plans = step_plans(plans, plans.digest(), forward=False)
    assert ids(plans) == []


def test_a_geopackage_is_changed_and_what_else_is_in_it_stays(project):
    path = project.folder / "plans.gpkg"
    gpd.read_file(project.plans).to_file(path, layer="planer", driver="GPKG")
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1, 2)], crs="EPSG:3006").to_file(
        path, layer="other", driver="GPKG"
    )
    text = project.config.read_text("utf-8")
    named = 'sources = [{ path = "plans.gpkg", layer = "planer" }]'
    project.config.write_text(text.replace('sources = "plans.geojson"', named), "utf-8")
    before = path.read_bytes()
    plans = open_plans(project)
    count = len(plans.read())
    plans = change_plans(plans, plans.digest(), house("alfa", 30, 20, 42, 31, floors=2), "draw")
    plans = change_plans(plans, plans.digest(), describe("alfa", name="Alfa å"), "describe")
    keys = [one.key for one in plans.read()]
    plans = change_plans(plans, plans.digest(), lambda *_: (Removed(keys[0]),), "remove")
    assert len(plans.read()) == count
    assert "Alfa å" in [one.name for one in plans.developments().layers]
    assert len(gpd.read_file(path, layer="other")) == 1
    # The index too: what is asked for by place is found.
    box = (EAST + 30, NORTH + 20, EAST + 42, NORTH + 31)
    assert "building" in set(gpd.read_file(path, layer="planer", bbox=box).role)
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for _ in range(3):
        plans = step_plans(plans, plans.digest(), forward=False)
    assert path.read_bytes() == before


def test_alternatives_are_copied_and_renamed(project):
    plans = open_plans(project)
    plans = change_plans(
        plans, plans.digest(),
        lambda _, features: plan_edits.option_copied(features, "beta", "a", "low"), "option",
    )  # fmt: skip
    plans = change_plans(
        plans, plans.digest(),
        lambda _, features: plan_edits.option_renamed(features, "beta", "b", "high"), "option",
    )  # fmt: skip
    layer = next(one for one in plans.developments().layers if one.id == "beta")
    assert layer.variants == ("a", "high", "low")


def test_of_two_layers_of_one_year_one_is_put_on_top(project):
    plans = open_plans(project)
    for name in ("alfa", "beta"):
        plans = change_plans(plans, plans.digest(), describe(name, done_year=2031), "describe")
    order = [one for one in ids(plans) if one in ("alfa", "beta")]
    first = order[0]
    plans = change_plans(
        plans, plans.digest(),
        lambda own, features: plan_edits.ranked(own, features, first, later=True), "rank",
    )  # fmt: skip
    assert [one for one in ids(plans) if one in ("alfa", "beta")] == order[::-1]


def test_hostile_files_are_refused_in_two_lines(project):
    whole = project.plans.read_bytes()
    for text in (
        b"", b"[]", b'{"type": "FeatureCollection", "features": 3}', b"[" * 100_000, b"\xff\xfe",
        b'{"type": "FeatureCollection", "features": [3]}', whole[:-30],
    ):  # fmt: skip
        project.plans.write_bytes(text)
        plans = open_plans(project)
        with pytest.raises(McCityError) as caught:
            change_plans(plans, plans.digest(), describe("alfa", name="x"), "describe")
        assert caught.value.hint
        assert project.plans.read_bytes() == text
    shutil.rmtree(project.folder / ".plans")


def test_a_geometry_of_nonsense_stays_and_harms_nothing(project):
    document = json.loads(project.plans.read_text("utf-8"))
    odd = {
        "type": "Feature", "properties": {"layer": "alfa", "role": "tree"},
        "geometry": {"type": "Point", "coordinates": []},
    }  # fmt: skip
    document["features"].append(odd)
    project.plans.write_text(json.dumps(document), "utf-8")
    plans = open_plans(project)
    plans = change_plans(plans, plans.digest(), describe("alfa", name="Ny"), "describe")
    assert json.loads(project.plans.read_text("utf-8"))["features"][-1] == odd


def test_a_layers_id_is_one_that_nothing_has():
    taken = {"norra_an", "norra_an_2"}
    assert plan_edits.free_id("Norra Ån!", taken) == "norra_an_3"
    assert plan_edits.free_id("all", set()) == "all_2"
    assert plan_edits.free_id("東京", set()) == "plan"


def test_numbers_are_checked():
    checked = plan_edits.checked_values("building", {"height_m": "12,5", "floors": 4, "use": ""})
    assert checked == {"height_m": 12.5, "floors": 4, "use": None}
    for value in ("x", "-3", "nan", "1e9"):
        with pytest.raises(SourceError):
            plan_edits.checked_values("building", {"height_m": value})
    with pytest.raises(SourceError):
        plan_edits.checked_values("tree", {"layer": "x"})


def test_keys_that_are_gone_are_told(project):
    plans = open_plans(project)
    features = [PlanFeature(0, {"layer": "alfa", "role": "tree"}, None)]
    with pytest.raises(SourceError, match="not there any more"):
        plan_edits.removed(features, [0, 5], None)
    with pytest.raises(ChangedMeanwhileError):
        change_plans(plans, plans.digest(), lambda *_: (Removed(999),), "remove")


QGIS = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE theirs (name TEXT)")
    database.commit()
    print("open", flush=True)
    sys.stdin.read()
"""


def test_a_geopackage_that_qgis_holds_open_is_left_alone(project):
    path = project.folder / "plans.gpkg"
    gpd.read_file(project.plans).to_file(path, layer="plans", driver="GPKG")
    text = project.config.read_text("utf-8")
    named = 'sources = [{ path = "plans.gpkg", layer = "plans" }]'
    project.config.write_text(text.replace('sources = "plans.geojson"', named), "utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", QGIS, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as theirs:
        assert theirs.stdout.readline() == b"open\n"
        plans, before = open_plans(project), path.read_bytes()
        with pytest.raises(SourceError, match="open in another program"):
            change_plans(plans, plans.digest(), describe("alfa", name="Vår"), "describe")
        assert path.read_bytes() == before
        theirs.stdin.close()


def test_a_view_in_the_place_of_a_table_is_refused(project):
    path = project.folder / "plans.gpkg"
    gpd.read_file(project.plans).to_file(path, layer="plans", driver="GPKG")
    with sqlite3.connect(path) as theirs:
        theirs.execute("CREATE VIEW shown AS SELECT * FROM plans")
        theirs.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('shown', 'features', 'shown', 3006)"
        )
        theirs.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('shown', 'geom', 'GEOMETRY', 3006, 0, 0)"
        )
    text = project.config.read_text("utf-8")
    named = 'sources = [{ path = "plans.gpkg", layer = "shown" }]'
    project.config.write_text(text.replace('sources = "plans.geojson"', named), "utf-8")
    plans, before = open_plans(project), path.read_bytes()
    with pytest.raises(McCityError) as caught:
        change_plans(plans, plans.digest(), describe("alfa", name="Vår"), "describe")
    assert "no table that can be changed" in str(caught.value)
    assert path.read_bytes() == before
