"""Products: each is recognised by its columns and layers, and says in our words what it says in its
own; what is not understood is counted."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from buildings.sources.footprints import FieldNames, Footprints, normal_use, read_footprints
from terrain.areas.squares import SQUARE_COVERS, read_squares
from terrain.areas.vegetation import WORDS as LAND_WORDS
from terrain.areas.vegetation import read_vegetation
from terrain.frame import Frame
from terrain.furniture.things import WORDS as FURNITURE_WORDS
from terrain.furniture.things import read_furniture
from terrain.ground.covers import COVERS
from terrain.rasters.elevation import flat_raster
from terrain.streets.ways import Ways, read_streets, read_ways
from terrain.streets.words import RAILS, SURFACES, WIDTHS_M
from terrain.vectors.features import VectorSource, read_features
from terrain.vectors.held import HeldLayer, product_of, serving, themes_of
from terrain.vectors.products import ELSEWHERE, NEXT, bare, look_up, products, translated
from terrain.water.bodies import STREAM_M, read_water
from tests.conftest import ORIGIN, SHARED
from tests.products import (
    EAST,
    GONE,
    NORTH,
    PATH,
    ROADS,
    STREET,
    WIDE,
    area,
    building,
    ground,
    line,
    nvdb,
    write_layers,
    write_made,
)

FRAME = Frame("EPSG:3006", *ORIGIN)
BOUNDS = EAST - 64, NORTH - 64, EAST + 64, NORTH + 64
REAL_NVDB = SHARED / "data" / "nvdb" / "test1_316366.gpkg"

UNDERSTOOD = {
    ("buildings.footprints", "use"): lambda said: normal_use(said) != "other",
    ("terrain.vegetation", "kind"): LAND_WORDS.__contains__,
    ("terrain.water", "kind"): ("sea", "lake", "river").__contains__,
    ("terrain.water", "waterway"): STREAM_M.__contains__,
    ("terrain.squares", "kind"): SQUARE_COVERS.__contains__,
    ("terrain.streets", "highway"): WIDTHS_M.__contains__,
    ("terrain.streets", "railway"): RAILS.__contains__,
    ("terrain.streets", "surface"): SURFACES.__contains__,
    ("terrain.furniture", "kind"): FURNITURE_WORDS["kind"].__contains__,
}


def outputs():
    for product in products():
        for theme, fields in product.themes.items():
            for one in fields:
                said = [word for column in one.columns for word in (column.words or {}).values()]
                yield product, theme, one, {*said, one.default} - {None, NEXT, ELSEWHERE}


def test_every_word_that_a_product_is_put_into_is_one_that_its_theme_knows():
    strange = [
        (product.name, one.name, word)
        for product, theme, one, words in outputs()
        if (theme, one.name) in UNDERSTOOD
        for word in words
        if not UNDERSTOOD[theme, one.name](word)
    ]
    assert strange == []


def test_what_is_asked_of_a_product_is_written_as_it_is_compared():
    for product in products():
        assert all(name == bare(name) for either in product.has for name in either), product.name
        assert all(name == bare(name) for name in product.columns), product.name
        assert product.has or product.layers
        assert product.geometry in ("polygon", "line", "point")
    for _, _, one, _ in outputs():
        for column in one.columns:
            assert all(word == word.casefold().strip() for word in column.words or {}), one.name


@pytest.mark.parametrize(
    ("value", "means"),
    [
        ("Bostad;Flerfamiljshus", "apartments"),
        ("Bostad; Småhus friliggande", "house"),
        ("BOSTAD;SMÅHUS  RADHUS", "house"),
        ("Komplementbyggnad;", "shed"),
        ("Komplementbyggnad;Garage", "garage"),
        ("Samhällsfunktion;Något nytt", "public"),
        ("Samhällsfunktion;Samfund", "church"),
        ("Industri;Ospecificerad", NEXT),
        ("Rymdskepp", None),
    ],
)
def test_uses_are_looked_up_whole_then_by_their_narrow_part_then_by_the_broad_one(value, means):
    words = next(iter(products()[1].themes["buildings.footprints"])).columns[0].words
    assert words is not None
    assert look_up(words, value) == means


def houses(path: Path) -> Footprints:
    return read_footprints([VectorSource(path)], FieldNames(), "EPSG:3006", BOUNDS)


def test_byggnad_in_the_present_schema(tmp_path):
    rows = [
        building(area(0, 0, 10, 10), "a", andamal1="Bostad;Flerfamiljshus"),
        building(area(20, 0, 30, 10), "b", objekttyp="Samhällsfunktion", objekttypnr=2063,
                 andamal1="Övrig byggnad;", andamal2="Samhällsfunktion;Samfund",
                 byggnadsnamn1=None, byggnadsnamn2="S:t Olofs kyrka"),
        building(area(40, 0, 50, 10), "c", objekttyp="Komplementbyggnad", objekttypnr=2066),
        building(area(0, 20, 10, 30), "d", objekttyp=None, objekttypnr=2062),
        building(area(20, 20, 30, 30), "e", objekttyp="Övrig byggnad", objekttypnr=2067),
        building(area(40, 20, 50, 30), "f", objekttyp=None, objekttypnr=None,
                 andamal1="Rymdskepp;Litet"),
    ]  # fmt: skip
    found = houses(write_layers(tmp_path / "b.gpkg", {"byggnad": rows}))
    assert found.id == list("abcdef")
    assert found.use == ["apartments", "church", "shed", "industry", "other", "other"]
    assert found.name == ["", "S:t Olofs kyrka", "", "", "", ""]
    assert found.notes == {
        "'Rymdskepp;Litet' is no use that Lantmäteriet Byggnad, present schema is known to have": 1
    }


def test_of_a_house_that_is_there_several_times_the_edge_of_its_roof_is_taken(tmp_path):
    rows = [
        building(area(1, 1, 9, 9), "a", "Fasad"),
        building(area(0, 0, 10, 10), "a", "Takkant"),
        building(area(0, 0, 8, 8), "a", "Illustrativt läge"),
        building(area(20, 0, 30, 10), "b", "Ospecificerad"),
        building(area(20, 0, 29, 9), "b", "Illustrativt läge"),
        building(area(40, 0, 50, 10), "c", "Fasad"),
        building(area(60, 0, 64, 10), "d", "Takkant"),
        building(area(60, 20, 64, 30), "d", "Takkant"),
        building(area(0, 40, 10, 50), None, "Fasad"),
        building(area(20, 40, 30, 50), None, "Takkant"),
    ]
    found = houses(write_layers(tmp_path / "b.gpkg", {"byggnad": rows}))
    assert [round(shape.area) for shape in found.geometry] == [100, 100, 100, 40, 40, 100, 100]
    assert found.skipped == {"the same again, told better by another insamlingslage": 3}


def test_houses_that_are_called_alike_have_their_numbers(tmp_path):
    rows = [
        building(area(0, 0, 10, 10), "a", byggnadsnamn1="Sjukhuset", husnummer=1),
        building(area(20, 0, 30, 10), "b", byggnadsnamn1="Sjukhuset", husnummer=12,
                 huvudbyggnad="Nej"),
        building(area(40, 0, 50, 10), "c", byggnadsnamn1="Skolan", husnummer=3, huvudbyggnad="Nej"),
    ]  # fmt: skip
    found = houses(write_layers(tmp_path / "b.gpkg", {"byggnad": rows}))
    assert found.name == ["Sjukhuset", "Sjukhuset, hus 12", "Skolan"]


@pytest.mark.parametrize("shout", [str.lower, str.upper, str.title])
def test_byggnad_in_the_older_schema_in_any_case(tmp_path, shout):
    old = {
        "OBJEKT_ID": "x", "DETALJTYP": "HUS", "INSAM_LAGE": "Takkant", "HUVUDBYGGN": "J",
        "ANDAMAL_1": 133, "ANDAMAL_1T": "Bostad; Flerfamiljshus", "NAMN1": None, "NAMN2": "Borgen",
    }  # fmt: skip
    row = {shout(name): value for name, value in old.items()}
    other = row | {shout("OBJEKT_ID"): "x", shout("INSAM_LAGE"): "Fasad"}
    rows = [row | {"geometry": area(0, 0, 10, 10)}, other | {"geometry": area(1, 1, 9, 9)}]
    path = write_layers(tmp_path / "by_get.gpkg", {"by_get": rows})
    found = houses(path)
    assert (found.id, found.use, found.name) == (["x"], ["apartments"], ["Borgen"])
    product = product_of(VectorSource(path), "buildings.footprints")
    assert product is not None
    assert product.name == "Lantmäteriet Byggnad, older schema"


def test_columns_of_byggnad_in_mixed_case_are_the_same(tmp_path):
    row = building(area(0, 0, 10, 10), "a", andamal1="Verksamhet;Kontor", byggnadsnamn1="Huset")
    mixed = {name.title() if name != "geometry" else name: value for name, value in row.items()}
    found = houses(write_layers(tmp_path / "b.gpkg", {"Byggnad": [mixed]}))
    assert (found.id, found.use, found.name) == (["a"], ["office"], ["Huset"])


def test_fields_that_a_configuration_names_come_before_what_a_product_says(tmp_path):
    rows = [building(area(0, 0, 9, 9), "a", andamal1="Bostad;", andamal2="Industri;")]
    path = write_layers(tmp_path / "b.gpkg", {"byggnad": rows})
    named = FieldNames(use="andamal2")
    found = read_footprints([VectorSource(path)], named, "EPSG:3006", BOUNDS)
    assert found.use == ["industry"]


@pytest.fixture
def topography(tmp_path) -> Path:
    return write_made(tmp_path / "topografi.gpkg", "TOPOGRAPHY")


def covers_of(codes: np.ndarray) -> list[str]:
    return sorted(COVERS[code] for code in codes)


def test_a_file_with_many_layers_serves_the_themes_that_it_has(topography):
    served = themes_of([VectorSource(topography)])
    assert {theme: {one.layer for one in sources} for theme, sources in served.items()} == {
        "terrain.vegetation": {"mark", "sankmark"},
        "terrain.water": {"mark", "hydrolinje"},
        "terrain.squares": {"mark"},
        "terrain.streets": {"vaglinje", "ovrig_vag", "ralstrafik"},
        "buildings.footprints": {"byggnad"},
    }
    whole = VectorSource(topography)
    assert [one.layer for one in serving(whole, "terrain.water")] == ["mark", "hydrolinje"]
    assert serving(whole, "terrain.piers") == [whole]


KIND, HOUSE = ("objekttyp", "objekttypnr"), ("objekttyp", "objekttypnr", "andamal1")


@pytest.mark.parametrize(
    ("layer", "columns", "geometry", "themes"),
    [
        ("mark_mark", KIND, "polygon", {"vegetation", "water", "squares"}),
        ("Markytor", KIND, "polygon", {"vegetation", "water", "squares"}),
        ("hydro_vattenyta", KIND, "polygon", {"vegetation", "water", "squares"}),
        ("hydrografi_hydrolinje", KIND, "line", {"water"}),
        ("mark_sankmark", KIND, "polygon", {"vegetation", "water", "squares"}),
        ("kommunikation_vaglinje", KIND, "line", {"streets"}),
        ("kommunikation_ralstrafik", KIND, "line", {"streets"}),
        ("byggnadsverk_byggnad", HOUSE, "polygon", {"footprints"}),
        ("anlaggningsomrade", (*KIND, "andamal"), "polygon", {"vegetation"}),
        ("markkantlinje", KIND, "line", set()),
        ("mark", KIND, "line", set()),
        ("remarkable", KIND, "polygon", set()),
        ("NVDB_DKVagtrafiknat", ("Nattyp",), "line", {"streets"}),
        ("NVDB_DK_O_31_Vagbredd", ("ELEMENT_ID", "START_MEASURE", "VALID_TO"), "line", set()),
        ("TNE_FT_VAGDATA", ("Vagtr_474", "Bredd_156"), "line", {"streets"}),
        ("lager1", ("insamlingslage", "objekttyp"), "polygon", {"footprints"}),
        ("lager1", ("insamlingslage", "objekttyp"), "point", set()),
    ],
)
def test_layers_are_known_by_their_names_and_columns(layer, columns, geometry, themes):
    served = HeldLayer(layer, tuple(columns), geometry).themes()
    assert {theme.rpartition(".")[2] for theme in served} == themes


def test_wetland_of_a_layer_of_its_own_and_grounds_by_their_purpose(tmp_path):
    wet = [ground(area(0, 0, 9, 9), "Sankmark, svårframkomlig")]
    grounds = [
        ground(area(20, 0, 29, 9), "Idrott", andamal="Fotbollsplan"),
        ground(area(40, 0, 49, 9), "Begravningsplats", andamal=None),
        ground(area(50, 0, 59, 9), "Industriområde", andamal="Energiproduktion"),
    ]
    path = write_layers(tmp_path / "t.gpkg", {"sankmark": wet, "anlaggningsomrade": grounds})
    found = read_vegetation(serving(VectorSource(path), "terrain.vegetation"), FRAME, BOUNDS)
    assert covers_of(found.codes) == ["cemetery", "pitch", "wetland"]
    assert found.skipped == {"of another theme": 1}


def test_nvdb_in_one_table(tmp_path):
    row = {"Vagtr_474": 1, "Klass_181": 2, "Bredd_156": 7.5, "Slitl_152": 2, "Namn_130": "Gatan"}
    rows = [row | {"geometry": STREET}, {"Vagtr_474": 4, "geometry": PATH}]
    found = ways(write_layers(tmp_path / "slitlager.gpkg", {"TNE_FT_VAGDATA": rows}))
    assert found.highway == ("primary", "footway")
    assert (found.width_m[0], found.surface[0], found.name[0]) == (7.5, "gravel", "Gatan")


def test_land_of_topografi_and_marktacke(topography):
    found = read_vegetation(serving(VectorSource(topography), "terrain.vegetation"), FRAME, BOUNDS)
    assert covers_of(found.codes) == ["crops", "mixed_forest", "wetland"]
    assert found.skipped == {
        "of another theme": 3,
        "objekttyp=månlandskap says nothing of the land": 1,
    }


def test_words_of_others_in_columns_that_are_called_alike_are_no_product(tmp_path):
    """A municipality has an `objekttyp` of its own; of its words some are Lantmäteriet's."""
    kinds = ("Lekplats", "Fotbollsplan", "Damm", "Åker", "Gräsyta")
    rows = [
        ground(area(12 * place, 0, 12 * place + 8, 8), kind) for place, kind in enumerate(kinds)
    ]
    path = write_layers(tmp_path / "park.gpkg", {"parkytor": rows})
    assert themes_of([VectorSource(path)]) == {}
    for theme in ("terrain.vegetation", "terrain.water", "terrain.squares"):
        assert product_of(VectorSource(path), theme) is None
    land = read_vegetation([VectorSource(path)], FRAME, BOUNDS)
    assert covers_of(land.codes) == ["crops", "pitch", "playground"]
    ponds = write_layers(tmp_path / "dammar.gpkg", {"dammar": rows[2:3]})
    water = read_water([VectorSource(ponds)], [flat_raster(10.0, FRAME.crs)], FRAME, BOUNDS)
    assert (len(water.level_m), water.skipped) == (1, {})


def test_a_product_is_known_by_its_words_whatever_its_layer_is_called(tmp_path):
    rows = [ground(area(0, 0, 9, 9), "Sjö"), ground(area(20, 0, 29, 9), "Lövskog")]
    path = write_layers(tmp_path / "uttag.gpkg", {"export": rows})
    product = product_of(VectorSource(path), "terrain.water")
    assert product is not None
    water = read_water([VectorSource(path)], [flat_raster(10.0, FRAME.crs)], FRAME, BOUNDS)
    assert (len(water.level_m), water.skipped) == (1, {"of another theme": 1})


def test_water_of_topografi_and_hydrografi(topography):
    sources = serving(VectorSource(topography), "terrain.water")
    found = read_water(sources, [flat_raster(10.0, FRAME.crs)], FRAME, BOUNDS)
    assert sorted(found.level_m[~np.isnan(found.level_m)].tolist()) == [9.0]
    assert len(found.rivers) == 1
    assert sum(count for reason, count in found.skipped.items() if "theme" in reason) == 4


@pytest.mark.parametrize(
    ("layer", "shape", "kinds"),
    [
        ("StandingWater", area(0, 0, 20, 20), 1),
        ("WatercoursePolygon", area(0, 0, 60, 10), 0),
        ("WatercourseLine", line((0, 0), (60, 0)), 0),
    ],
)
def test_water_of_hydrografi_direkt(tmp_path, layer, shape, kinds):
    rows = [{"persistence": "perennial", "localType": None, "geometry": shape}]
    path = write_layers(tmp_path / "hydro.gpkg", {layer: rows})
    found = read_water([VectorSource(path)], [flat_raster(10.0, FRAME.crs)], FRAME, BOUNDS)
    assert (len(found.level_m) - len(found.rivers), len(found.rivers)) == (kinds, 1 - kinds)


@pytest.mark.parametrize("named", [True, False], ids=["by words", "by numbers"])
def test_marktacke_by_its_words_or_by_its_numbers(tmp_path, named):
    kinds = {"Hav": 2631, "Sjö": 2632, "Lövskog": 2646, "Skog": 2650, "Torg": 2641}
    rows = [
        ground(area(10 * place, 0, 10 * place + 8, 8), word if named else None, number)
        for place, (word, number) in enumerate(kinds.items())
    ]
    path = write_layers(tmp_path / "m.gpkg", {"mark": rows})
    land = read_vegetation([VectorSource(path)], FRAME, BOUNDS)
    assert covers_of(land.codes) == ["leaf_forest", "mixed_forest"]
    water = read_water([VectorSource(path)], [flat_raster(10.0, FRAME.crs)], FRAME, BOUNDS)
    assert len(water.level_m) == 2
    squares = read_squares([VectorSource(path)], FRAME, BOUNDS)
    assert covers_of(squares.codes) == ["square"]


def ways(path: Path, layer: str | None = None) -> Ways:
    source = VectorSource(path, layer)
    return read_ways(serving(source, "terrain.streets"), FRAME, BOUNDS)


def test_streets_and_rails_of_topografi(topography):
    found = ways(topography)
    kinds = sorted(zip(found.highway, found.railway, found.name, found.bridge, strict=True))
    assert kinds == [
        ("", "rail", "", False),
        ("path", "", "", False),
        ("primary", "", "", True),
        ("residential", "", "Storgatan", False),
    ]
    assert found.skipped == {"not built or not a way": 1}


@pytest.fixture
def roads(tmp_path) -> Path:
    return write_made(tmp_path / "Y_lan_GeoPackage.gpkg", "ROADS")


def test_nvdb_says_by_measures_what_holds_where(roads):
    """Beside the street runs a line of another link, and its name and width are not taken."""
    found = ways(roads)
    assert list(zip(found.highway, found.name, found.width_m.tolist(), strict=True)) == [
        ("secondary", "Esplanaden", 9.0),
        ("secondary", "Esplanaden", 5.0),
        ("steps", "", WIDTHS_M["steps"]),
        ("residential", "", WIDTHS_M["residential"]),
    ]
    assert [one.length for one in found.geometry] == [50.0, 50.0, 100.0, 80.0]
    assert found.surface[:2] == ("gravel", "gravel")
    assert found.skipped == {"no longer valid": 1}


@pytest.mark.parametrize("end", [20991231, 0, -1, "2099-12-31", None])
def test_nvdb_has_several_ways_to_say_that_there_is_no_end(tmp_path, end):
    rows = [row | {"VALID_TO": end} for row in ROADS["NVDB_DK_O_88_Vagtrafiknat"]]
    found = ways(write_layers(tmp_path / "n.gpkg", ROADS | {"NVDB_DK_O_88_Vagtrafiknat": rows}))
    assert found.skipped == {}
    assert len(found.geometry) == 5


@pytest.mark.parametrize(
    ("still", "gone"),
    [
        ("9999-12-31", "2020-12-31"),
        ("9999-12-31T00:00:00", "2020-12-31T00:00:00"),
        ("9999/12/31", "2020/12/31"),
        ("99991231", "20201231"),
        (date(9999, 12, 31), date(2020, 12, 31)),
        (None, 20201231),
    ],
)
def test_a_day_of_nvdb_is_the_same_in_a_column_of_dates(tmp_path, still, gone):
    rows = [
        nvdb(shape, element, 0.0, 1.0, Nattyp="bilnät", VALID_TO=until)
        for shape, element, until in ((STREET, "1:1", still), (GONE, "1:4", gone))
    ]
    found = ways(write_layers(tmp_path / "väg.gpkg", {"Vagtrafiknat": rows}))
    assert [one.length for one in found.geometry] == [100.0]
    assert found.skipped == {"no longer valid": 1}


def test_a_bridge_of_nvdb_is_as_high_as_the_sign_below_it_says(roads):
    found = ways(roads)
    assert found.bridge.tolist() == [False, False, False, True]
    assert found.clearance_m[3] == 4.2


def test_a_theme_of_nvdb_can_be_named_by_itself_and_brings_its_own_widths(roads):
    found = ways(roads, "NVDB_DK_O_31_Vagbredd")
    assert sorted(zip(found.highway, found.width_m.tolist(), strict=True)) == [
        ("residential", 3.0),
        ("secondary", 5.0),
        ("secondary", 9.0),
    ]


def test_what_nvdb_says_of_a_street_does_not_depend_on_the_area(roads):
    near = EAST + 30, NORTH - 4, EAST + 40, NORTH + 4
    part = read_ways(serving(VectorSource(roads), "terrain.streets"), FRAME, near)
    assert list(zip(part.highway, part.width_m.tolist(), strict=True)) == [
        ("secondary", 9.0), ("secondary", 5.0),
    ]  # fmt: skip


def test_stops_of_nvdb_are_furniture(roads):
    source = VectorSource(roads)
    found = read_furniture(serving(source, "terrain.furniture"), FRAME, BOUNDS)
    assert [(thing.kind, thing.name) for thing in found.things] == [("bus_stop", "Torget")]


@pytest.mark.skipif(not REAL_NVDB.exists(), reason="needs the real cut of NVDB")
def test_the_real_cut_of_nvdb():
    bounds = 319_297, 6_398_621, 320_364, 6_399_663
    (source,) = serving(VectorSource(REAL_NVDB), "terrain.streets")
    assert source.layer == "NVDB_DK_O_88_Vagtrafiknat"
    found = read_ways([source], Frame("EPSG:3006", 319_700, 6_399_200), bounds)
    assert Counter(found.highway) == {
        "residential": 149, "cycleway": 85, "secondary": 51, "tertiary": 18, "footway": 3,
    }  # fmt: skip
    lengths = sum(one.length for one in found.geometry)
    network = read_features(source, "EPSG:3006", bounds, "line").geometry
    assert lengths == pytest.approx(sum(shapely.length(network)))
    told = read_streets(source, "EPSG:3006", bounds).reading
    assert told is not None
    assert told.strange == {}
    assert told.taken["width"] == {"bredd": 210}
    assert told.taken["name"] == {"gatunamn": 304}


def test_areas_of_streets_are_paved_ground(tmp_path):
    path = write_made(tmp_path / "bgt.gpkg", "BGT")
    served = themes_of([VectorSource(path)])
    assert {theme: [one.layer for one in sources] for theme, sources in served.items()} == {
        "terrain.squares": ["bgt_wegdeel"],
        "terrain.vegetation": ["bgt_begroeidterreindeel"],
        "terrain.water": ["bgt_waterdeel"],
    }
    found = read_squares(served["terrain.squares"], FRAME, BOUNDS)
    assert covers_of(found.codes) == ["asphalt", "cycle", "paving"]
    assert found.skipped == {"no longer valid": 1, "a street under ground": 1}
    assert np.isnan(found.rows).all(), "nobody parks in rows on a carriageway"


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (("bgt-functie", "bgt-fysiekVoorkomen"), ("voetpad", "open verharding")),
        (("function", "surfaceMaterial"), ("voetpad", "open verharding")),
        (("BGT_FUNCTIE", "BGT_FYSIEKVOORKOMEN"), ("Voetpad", "Open verharding")),
    ],
)
def test_columns_of_bgt_as_each_of_its_forms_calls_them(names, values):
    columns = {name: np.array([value], object) for name, value in zip(names, values, strict=True)}
    found = translated("terrain.squares", "export", columns, 1, "polygon")
    assert found is not None
    assert found.columns["kind"].tolist() == ["paving"]


def test_the_identity_of_a_register_comes_before_that_of_a_service(tmp_path):
    rows = [building(area(0, 0, 9, 9), "register", name="Service") | {"id": "service"}]
    found = houses(write_layers(tmp_path / "b.gpkg", {"byggnad": rows}))
    assert (found.id, found.name) == (["register"], ["Service"])


def test_attributes_of_nvdb_that_are_empty_or_lie_on_one_another_say_nothing(tmp_path):
    twice = [
        nvdb(WIDE, "1:1", 0.0, 0.5, Bredd=None),
        nvdb(WIDE, "1:1", 0.0, 0.5, Bredd=7.0),
        nvdb(WIDE, "1:1", 0.4, 0.4, Bredd=30.0),
    ]
    path = write_layers(tmp_path / "n.gpkg", ROADS | {"NVDB_DK_O_31_Vagbredd": twice})
    found = ways(path)
    assert found.width_m[0] == 7.0
    assert [one.length for one in found.geometry] == [100.0, 100.0, 80.0]


def test_what_is_of_no_product_is_read_as_it_stands():
    columns = {"kind": np.array(["lake"], object), "objektid": np.array([1], object)}
    assert translated("terrain.water", "water", columns, 1, "polygon") is None
    assert translated("terrain.trees", "byggnad", {"insamlingslage": np.array([1])}, 1) is None
