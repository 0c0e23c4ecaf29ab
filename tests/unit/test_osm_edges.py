"""Areas that the edge of an extract has cut: closed along it where anything tells on which side
they lie, else counted."""

from __future__ import annotations

import bz2
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from terrain.osm import extract as osm
from terrain.osm import forms as osm_forms
from terrain.osm.rings import Evidence, assemble
from terrain.vectors.features import VectorSource, read_features
from terrain.vectors.seen import see_source
from worlds.errors import SourceError

CRS = "EPSG:3006"
ORIGIN = 619200.0, 6919800.0
TO_DEGREES = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
AREA = (619080.0, 6919680.0, 619320.0, 6919920.0)
Place = tuple[float, float]


def degrees(place: Place) -> Place:
    lon, lat = TO_DEGREES.transform(ORIGIN[0] + place[0], ORIGIN[1] + place[1])
    return round(lon, 7), round(lat, 7)


class Town:
    """An extract of 240 by 240 m around the origin; places are metres east and north of it."""

    def __init__(self, bounds: bool = True) -> None:
        self.nodes: dict[int, Place] = {}
        self.ways: list[tuple[int, list[int], dict[str, str]]] = []
        self.relations: list[tuple[int, list[tuple[str, int, str]], dict[str, str]]] = []
        self.bounds = bounds

    def node(self, place: Place) -> int:
        for number, held in self.nodes.items():
            if held == place:
                return number
        self.nodes[len(self.nodes) + 1] = place
        return len(self.nodes)

    def way(self, places: Sequence[Place | None], **tags: str) -> int:
        """None: a node that the extract lacks."""
        number = 1000 + len(self.ways)
        lacking = iter(range(90_000 + 100 * number, 91_000 + 100 * number))
        refs = [next(lacking) if place is None else self.node(place) for place in places]
        if len(places) > 2 and places[0] is None and places[-1] is None:
            refs[-1] = refs[0]
        self.ways.append(
            (number, refs, {key.replace("__", ":"): value for key, value in tags.items()})
        )
        return number

    def relation(self, members: Sequence[tuple[str, int, str]], **tags: str) -> int:
        number = 5000 + len(self.relations)
        self.relations.append((number, list(members), {"type": "multipolygon", **tags}))
        return number

    def area(self, ways: Sequence[int], **tags: str) -> int:
        return self.relation([("way", way, "outer") for way in ways], **tags)

    def house(self, x: float, y: float) -> int:
        return self.way(
            [(x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10), (x, y)], building="house"
        )

    def text(self, order: Callable[[list[str]], list[str]] = list, sign: int = 1) -> str:
        def tags(held: dict[str, str]) -> str:
            return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in held.items())

        parts = []
        for number, (x, y) in self.nodes.items():
            lon, lat = TO_DEGREES.transform(ORIGIN[0] + x, ORIGIN[1] + y)
            parts.append(f'<node id="{sign * number}" lon="{lon:.7f}" lat="{lat:.7f}"/>')
        for number, refs, held in self.ways:
            parts.append(
                f'<way id="{sign * number}">'
                + "".join(f'<nd ref="{sign * ref}"/>' for ref in refs)
                + tags(held)
                + "</way>"
            )
        for number, members, held in self.relations:
            joined = "".join(
                f'<member type="{kind}" ref="{sign * ref}" role="{role}"/>'
                for kind, ref, role in members
            )
            parts.append(f'<relation id="{sign * number}">{joined}{tags(held)}</relation>')
        (west, south), (east, north) = (
            TO_DEGREES.transform(ORIGIN[0] + half, ORIGIN[1] + half) for half in (-120, 120)
        )
        box = (
            f'<bounds minlon="{west:.7f}" minlat="{south:.7f}" maxlon="{east:.7f}" '
            f'maxlat="{north:.7f}"/>'
            if self.bounds
            else ""
        )
        return f'<?xml version="1.0"?><osm version="0.6">{box}' + "\n".join(order(parts)) + "</osm>"

    def write(self, path: Path, **how) -> Path:
        path.write_text(self.text(**how), "utf-8")
        return path


def areas(path: Path, where: str = "natural IS NOT NULL"):
    return read_features(VectorSource(path, "multipolygons", where), CRS, None)


def covers(features, x: float, y: float) -> bool:
    point = shapely.Point(ORIGIN[0] + x, ORIGIN[1] + y)
    return bool(shapely.contains(features.geometry, point).any())


def lake_shore() -> list[Place]:
    """West of a line that wanders from the south of the extract to its north, beyond its edge at
    both ends."""
    return [(0.0, -150.0), (10.0, -60.0), (-10.0, 0.0), (10.0, 60.0), (0.0, 150.0)]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("side", [-1, 1])
def test_houses_stand_beside_a_lake_not_in_it(tmp_path, backwards, side):
    town = Town()
    shore = lake_shore()[:: -1 if backwards else 1]
    town.area([town.way(shore), 99_999], natural="water")
    for y in (-40, 0, 40):
        town.house(50 * side, y)
    found = areas(town.write(tmp_path / "town.osm"))
    assert covers(found, -80 * side, 0)
    assert not covers(found, 80 * side, 0)
    assert found.skipped == {}


def test_an_island_lies_in_its_lake(tmp_path):
    town = Town()
    island = town.way([(60, 0), (80, 0), (80, 20), (60, 20), (60, 0)])
    shore = town.way(lake_shore())
    town.relation(
        [("way", shore, "outer"), ("way", 99_999, "outer"), ("way", island, "inner")],
        natural="water",
    )
    found = areas(town.write(tmp_path / "town.osm"))
    assert covers(found, 100, 0)
    assert not covers(found, 70, 10)
    assert not covers(found, -60, 0)


def test_a_label_says_where_a_lake_lies(tmp_path):
    town = Town()
    label = town.node((-70.0, 20.0))
    shore = town.way(lake_shore())
    town.relation(
        [("way", shore, "outer"), ("way", 99_999, "outer"), ("node", label, "label")],
        natural="water",
    )
    found = areas(town.write(tmp_path / "town.osm"))
    assert covers(found, -60, 0)
    assert not covers(found, 60, 0)


def test_what_nothing_tells_is_left_out_and_counted(tmp_path):
    town = Town()
    town.area([town.way(lake_shore()), 99_999], natural="water")
    path = town.write(tmp_path / "town.osm")
    found = areas(path)
    assert len(found.geometry) == 0
    assert sum(found.skipped.values()) == 1
    assert "on which side" in next(iter(found.skipped))
    seen = see_source(VectorSource(path, "multipolygons", "natural = 'water'"), CRS, AREA)
    assert (seen.closed, seen.lost) == (0, 1)
    assert areas(path, "landuse IS NOT NULL").skipped == {}


def test_a_river_that_runs_through_keeps_to_its_banks(tmp_path):
    town = Town(bounds=False)
    south = town.way([(-120.0, -20.0), (0.0, -25.0), (120.0, -20.0)])
    north = town.way([(120.0, 20.0), (0.0, 15.0), (-120.0, 20.0)])
    town.area([south, north, 98_001, 98_002], natural="water")
    town.house(0, 60)
    town.house(0, -110)
    found = areas(town.write(tmp_path / "town.osm"))
    assert covers(found, 0, 0)
    assert not covers(found, 0, 50)
    assert not covers(found, 0, -60)


def test_a_small_wood_at_the_edge_is_the_small_side(tmp_path):
    town = Town()
    town.way([(-20, 90), (20, 90), (20, 108), None, None, (-20, 108), (-20, 90)], natural="wood")
    found = areas(town.write(tmp_path / "town.osm"))
    assert covers(found, 0, 114), "as far as the edge, which lies a little askew in the city's CRS"
    assert not covers(found, 0, 0)
    assert found.geometry[0].area == pytest.approx(40 * 26, rel=0.05)


def test_a_house_that_lacks_a_side_stands(tmp_path):
    town = Town()
    town.area([town.way([(0, 0), (20, 0), (20, 10), (0, 10)]), 99_999], building="yes")
    town.way([(40, 0), (60, 0), None, (60, 10), (40, 10), (40, 0)], building="yes")
    found = areas(town.write(tmp_path / "town.osm"), "building IS NOT NULL")
    assert sorted(round(shape.area) for shape in found.geometry) == [200, 200]


def test_an_area_of_which_no_line_is_there_is_none(tmp_path):
    town = Town()
    town.house(0, 0)
    town.area([98_000, 98_001], natural="water")
    assert len(areas(town.write(tmp_path / "town.osm")).geometry) == 0


def test_a_street_that_lacks_nodes_keeps_the_rest(tmp_path):
    town = Town()
    town.way([(-100, 0), (-50, 0), None, (50, 0), (100, 0)], highway="residential")
    found = read_features(
        VectorSource(town.write(tmp_path / "town.osm"), "lines"), CRS, None, "line"
    )
    assert found.geometry[0].length == pytest.approx(100, rel=0.01), (
        "two pieces, and nothing between them"
    )
    assert see_source(VectorSource(tmp_path / "town.osm", "lines"), CRS, AREA).shortened == 1


def test_a_part_that_is_whole_says_nothing_of_one_that_is_cut(tmp_path):
    town = Town()
    pond = town.way([(-110, -100), (-60, -100), (-60, -50), (-110, -50), (-110, -100)])
    island = town.way([(-90, -80), (-80, -80), (-80, -70), (-90, -70), (-90, -80)])
    shore = town.way(lake_shore())
    members = [
        ("way", shore, "outer"),
        ("way", 99_999, "outer"),
        ("way", pond, "outer"),
        ("way", island, "inner"),
    ]
    town.relation(members, natural="water")
    found = areas(town.write(tmp_path / "town.osm"))
    assert covers(found, 60, 0), "the other side than the pond's"
    assert covers(found, -70, -60)
    assert not covers(found, -85, -75)
    assert not covers(found, -60, 50)


def test_of_a_large_extract_only_what_is_near_is_kept(tmp_path, monkeypatch):
    town = full_town()
    town.way([(5000, 5000), (5010, 5000), (5010, 5010), (5000, 5010), (5000, 5000)], building="yes")
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in read_things(town):
            writer.add(thing)
    monkeypatch.setattr(osm, "MARGIN_DEGREES", 0.01)
    everything = areas(path, "building IS NOT NULL")
    whole = see_source(VectorSource(path, "multipolygons", "building IS NOT NULL"), CRS, AREA)
    for module in (osm, osm_forms):
        monkeypatch.setattr(module, "LARGE_PBF", 0)
    osm._kept.cache_clear()
    cut = see_source(VectorSource(path, "multipolygons", "building IS NOT NULL"), CRS, AREA)
    near = areas(path, "building IS NOT NULL")
    assert [shape.wkb for shape in near.geometry] == [
        shape.wkb for shape in everything.geometry[:-1]
    ]
    assert (whole.features, cut.features, cut.touching) == (5, None, whole.touching)
    osm._kept.cache_clear()


def test_a_large_extract_of_which_the_ways_come_first_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in reversed(list(read_things(full_town()))):
            writer.add(thing)
    for module in (osm, osm_forms):
        monkeypatch.setattr(module, "LARGE_PBF", 0)
    with pytest.raises(SourceError, match="osmium sort"):
        see_source(VectorSource(path, "lines"), CRS, AREA)


def test_an_outline_of_old_gives_its_tags_to_its_relation(tmp_path):
    town = Town()
    outer = town.way(
        [(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)], building="yes", building__levels="3"
    )
    inner = town.way([(10, 10), (30, 10), (30, 30), (10, 30), (10, 10)])
    town.relation([("way", outer, "outer"), ("way", inner, "inner")])
    found = areas(town.write(tmp_path / "town.osm"), "building IS NOT NULL")
    assert [round(shape.area, -2) for shape in found.geometry] == [1200]
    assert list(found.columns["building:levels"]) == ["3"]


def full_town() -> Town:
    town = Town()
    town.area([town.way(lake_shore()), 99_999], natural="water")
    for y in (-40, 0, 40):
        town.house(50, y)
    outline = town.way([(60, 60), (90, 60), (90, 90), (60, 90), (60, 60)])
    town.relation([("way", outline, "outline")], type="building", building="school", name="Skolan")
    town.way([(-100, -100), (100, 100)], highway="residential", name="Gatan")
    return town


def every_layer(path: Path) -> list[tuple[str, list[bytes]]]:
    out = []
    for layer, kind in (("multipolygons", "polygon"), ("lines", "line"), ("points", "point")):
        found = read_features(VectorSource(path, layer), CRS, None, kind)
        out.append((layer, [shapely.normalize(shape).wkb for shape in found.geometry]))
        out.append(("names", [str(name).encode() for name in found.columns["name"]]))
    return out


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), sign=st.sampled_from([-1, 1]))
def test_neither_order_nor_sign_changes_anything(tmp_path_factory, seed, sign):
    folder = tmp_path_factory.mktemp("order")
    town = full_town()
    plain = every_layer(town.write(folder / "plain.osm"))

    def shuffled(parts: list[str]) -> list[str]:
        return [parts[index] for index in np.random.default_rng(seed).permutation(len(parts))]

    assert every_layer(town.write(folder / "mixed.osm", order=shuffled, sign=sign)) == plain
    assert len(plain[0][1]) == 5


def test_every_form_of_an_extract_is_the_same(tmp_path):
    town = full_town()
    plain = town.write(tmp_path / "town.osm")
    wanted = every_layer(plain)
    (tmp_path / "town.osm.bz2").write_bytes(bz2.compress(plain.read_bytes()))
    (tmp_path / "bom.osm").write_bytes(b"\xef\xbb\xbf" + plain.read_bytes())
    ascending, descending = (
        osmium.SimpleWriter(str(tmp_path / f"{name}.osm.pbf")) for name in ("up", "down")
    )
    with ascending, descending:
        things = list(read_things(town))
        for thing in things:
            ascending.add(thing)
        for thing in reversed(things):
            descending.add(thing)
    for name in ("town.osm.bz2", "bom.osm", "up.osm.pbf", "down.osm.pbf"):
        found = every_layer(tmp_path / name)
        if name.endswith(".pbf"):
            # The writer keeps no box, so that areas are closed along what is there: the rest must
            # be the same.
            assert [found[1], *found[2:]] == [wanted[1], *wanted[2:]], name
        else:
            assert found == wanted, name


def read_things(made: Town):
    places = {number: degrees(place) for number, place in made.nodes.items()}
    for number, place in places.items():
        yield osmium.osm.mutable.Node(id=number, location=place)
    for number, refs, tags in made.ways:
        yield osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags)
    for number, members, tags in made.relations:
        yield osmium.osm.mutable.Relation(
            id=number, members=[(kind[0], ref, role) for kind, ref, role in members], tags=tags
        )


def overpass(town: Town, form: str) -> dict:
    def at(ref: int):
        if ref not in town.nodes:
            return None
        lon, lat = degrees(town.nodes[ref])
        return {"lat": lat, "lon": lon}

    elements: list[dict] = []
    if form == "body":
        elements += [{"type": "node", "id": number, **at(number)} for number in town.nodes]
    for number, refs, tags in town.ways:
        more = (
            {"nodes": refs}
            if form == "body"
            else {"nodes": refs, "geometry": [at(ref) for ref in refs]}
        )
        elements.append({"type": "way", "id": number, "tags": tags, **more})
    for number, members, tags in town.relations:
        elements.append(
            {
                "type": "relation",
                "id": number,
                "tags": tags,
                "members": [
                    {"type": kind, "ref": ref, "role": role} for kind, ref, role in members
                ],
            }
        )
    return {
        "version": 0.6,
        "generator": "Overpass API 0.7",
        "osm3s": {"copyright": "ODbL"},
        "elements": elements[::-1],
    }


@pytest.mark.parametrize("form", ["body", "geom"])
def test_answers_of_overpass_hold_the_same(tmp_path, form):
    town = full_town()
    town.bounds = False
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(overpass(town, form)), "utf-8")
    assert every_layer(path) == every_layer(town.write(tmp_path / "town.osm"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.osm", b"", "an empty file"),
        ("a.osm", b"<osm version='0.6'><node id='1' lat='62' lon='17'/>", "cut short"),
        (
            "a.osm",
            b"<osm version='0.6'><node id='x' lat='62' lon='17'/></osm>",
            "not a readable extract",
        ),
        (
            "a.osm",
            b"<osm version='0.6'><node id='1' lat='162' lon='17'/></osm>",
            "no place on the earth",
        ),
        ("a.osm", b"<osmChange version='0.6'><create/></osmChange>", "osmChange"),
        ("a.osm", b"<!DOCTYPE x [<!ENTITY a 'aa'>]><osm version='0.6'>&a;</osm>", "entities"),
        ("a.osm", b"<html><body>429 Too Many Requests</body></html>", "a web page"),
        ("a.osm.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\3", "cut short"),
        ("a.osm.gz", b"no archive", "not a readable extract"),
        ("a.osm.pbf", b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x05", "extract"),
        (
            "a.json",
            b'{"elements": [], "osm3s": {}, "remark": "runtime error: Query timed out"}',
            "Query timed out",
        ),
        ("a.json", b'{"elements": [{"type": "node"', "extract"),
        (
            "a.json",
            b'{"elements": [{"type": "way", "nodes": "abc"}], "osm3s": {}}',
            "not a readable extract",
        ),
    ],
)
def test_what_is_no_extract_is_said_in_two_lines(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as caught:
        see_source(VectorSource(tmp_path / name, "lines"), CRS, AREA)
    assert words in f"{caught.value} | {caught.value.hint}"
    assert caught.value.hint


def test_what_an_editor_has_deleted_is_gone(tmp_path):
    town = Town()
    town.house(0, 0)
    town.house(40, 0)
    path = tmp_path / "town.osm"
    path.write_text(
        town.text().replace('<way id="1001"', '<way id="1001" action="delete"'), "utf-8"
    )
    assert len(areas(path, "building IS NOT NULL").geometry) == 1


def test_islands_in_lakes_on_islands():
    def ring(half: float) -> shapely.LineString:
        return shapely.LineString(shapely.box(-half, -half, half, half).exterior.coords)

    nothing = Evidence(np.empty((0, 2)), np.empty((0, 2)))
    found = assemble([ring(4), ring(3), ring(2), ring(1)], True, None, nothing)
    assert found.area.area == pytest.approx(64 - 36 + 16 - 4)
    assert not found.closed


def test_rings_that_touch_and_lines_that_two_rings_share():
    nothing = Evidence(np.empty((0, 2)), np.empty((0, 2)))
    left = [shapely.LineString([(0, 0), (0, 2), (2, 2)]), shapely.LineString([(2, 0), (0, 0)])]
    right = [shapely.LineString([(2, 2), (4, 2), (4, 0), (2, 0)])]
    between = shapely.LineString([(2, 2), (2, 0)])
    assert assemble(
        [*left, *right, between, between], True, None, nothing
    ).area.area == pytest.approx(8)
    touching = [
        shapely.LineString([(0, 0), (1, 1), (2, 0), (0, 0)]),
        shapely.LineString([(0, 2), (1, 1), (2, 2), (0, 2)]),
    ]
    assert assemble(touching, True, None, nothing).area.area == pytest.approx(2)
