"""Each mistake that people make in a configuration has its own sentence, with the line to write."""

from __future__ import annotations

import pytest

from buildings.developments.developments import normal_role
from mc_city.settings.config import read_config
from mc_city.settings.coordinates import fitting_crs, worst_scale
from worlds.errors import ConfigError
from worlds.shipped import SHIPPED

GOOD = """\
[city]
name = "Liten"
crs = "EPSG:3006"
origin = [619250, 6919812]
[area]
bounds = [618226, 6918788, 620274, 6920836]
[terrain]
flat_m = 3.0
"""
BOUNDS = "bounds = [618226, 6918788, 620274, 6920836]"
ORIGIN = "origin = [619250, 6919812]"


def written(folder, text, encoding="utf-8"):
    path = folder / "city.toml"
    path.write_bytes(text.encode(encoding))
    return path


def refusal(folder, old, new):
    """(what is wrong, what to do) of the good configuration with `old` made `new`."""
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        read_config(written(folder, GOOD.replace(old, new)))
    assert "\n" not in f"{caught.value}{caught.value.hint}"
    return str(caught.value), caught.value.hint


@pytest.mark.parametrize(
    ("new", "says", "hint"),
    [
        ("bounds = [618226, 620274, 6918788, 6920836]", "another order", BOUNDS),
        ("bounds = [618226, 6920836, 620274, 6918788]", "another order", BOUNDS),
        ("bounds = [6918788, 618226, 6920836, 620274]", "east and north are exchanged", BOUNDS),
        ("bounds = [17.29, 62.38, 17.33, 62.40]", "degrees", "bounds = [618"),
        ("bounds = [62.38, 17.29, 62.40, 17.33]", "degrees", "bounds = [618"),
        ("bounds = [17.29, 17.33, 62.38, 62.40]", "degrees", "bounds = [618"),
        (
            "bounds = [618226, 6918788, 618226, 6920836]",
            "no width: west and east are both 618226",
            "west, south, east, north",
        ),
        ("bounds = [618226, 6920836, 620274, 6920836]", "no height", "west, south, east, north"),
        ("bounds = [618226, 6918788, 620274]", "three values, and it takes four numbers", BOUNDS),
        (
            "bounds = [618226, 6918788, 620274, 6920836, 3]",
            "five values, and it takes four numbers",
            BOUNDS,
        ),
        ('bounds = "618226, 6918788, 620274, 6920836"', "four numbers", BOUNDS),
        (
            "bounds = [618226, inf, 620274, 6920836]",
            "no number that a place can have",
            "west, south, east, north",
        ),
        ("bounds = [1e12, 1e12, 2e12, 2e12]", "no such place", "west, south, east, north"),
        ("", "area.bounds is missing", "write under [area]: bounds = ["),
    ],
)
def test_bounds_that_are_meant_otherwise(tmp_path, new, says, hint):
    message, told = refusal(tmp_path, BOUNDS, new)
    assert says in message
    assert hint in told


@pytest.mark.parametrize(
    ("new", "says", "hint"),
    [
        ("origin = [17.31, 62.39]", "degrees", "origin = [619423, 6919761]"),
        ("origin = [62.39, 17.31]", "degrees", "origin = [619423, 6919761]"),
        ("origin = [6919812, 619250]", "exchanged", ORIGIN),
        ("origin = [0, 0]", "6,947 km from the area", ORIGIN.replace("12", "10")),
        ("origin = [nan, 6919812]", "no place", "origin = [619250, 6919810]"),
        ("origin = [619250]", "takes two numbers", ORIGIN),
        ("origin = 619250", "two numbers", ORIGIN),
    ],
)
def test_origins_that_are_meant_otherwise(tmp_path, new, says, hint):
    message, told = refusal(tmp_path, ORIGIN, new)
    assert says in message
    assert hint in told


def test_a_spawn_in_degrees_is_told_in_metres(tmp_path):
    message, told = refusal(tmp_path, "[terrain]", "[world]\nspawn = [17.31, 62.39]\n[terrain]")
    assert "world.spawn 17.31, 62.39: these are degrees" in message
    assert told == "write spawn = [619423, 6919761]"


@pytest.mark.parametrize(
    ("crs", "says", "hint"),
    [
        ('"EPSG:4326"', "degrees", 'crs = "EPSG:3006"'),
        ('"EPSG:2263"', "US survey foot", "crs ="),
        ('"EPSG:4978"', "no projected CRS", "crs ="),
        ('"SWEREF hundra"', "not a known CRS", 'crs = "EPSG:3006"'),
        ('["EPSG:3006"]', "a list of 1, and it takes one value", 'crs = "EPSG:3006"'),
        ("true", "text in quotes", 'crs = "EPSG:3006"'),
    ],
)
def test_coordinate_systems_that_cannot_be(tmp_path, crs, says, hint):
    message, told = refusal(tmp_path, '"EPSG:3006"', crs)
    assert says in message
    assert hint in told


def test_degrees_throughout_are_carried_into_metres(tmp_path):
    text = GOOD.replace("EPSG:3006", "EPSG:4326").replace(ORIGIN, "origin = [17.31, 62.39]")
    with pytest.raises(ConfigError) as caught:
        read_config(
            written(tmp_path, text.replace(BOUNDS, "bounds = [17.29, 62.38, 17.33, 62.40]"))
        )
    assert 'crs = "EPSG:3006"' in caught.value.hint
    assert "origin = [619423, 6919761], bounds = [618" in caught.value.hint


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:3395"])
def test_a_crs_whose_metres_are_no_metres_is_refused_with_one_that_fits(tmp_path, crs):
    text = GOOD.replace("EPSG:3006", crs).replace(ORIGIN, "origin = [1926500, 8958000]")
    with pytest.raises(ConfigError, match=r"100 m on the ground are 21. m") as caught:
        read_config(
            written(tmp_path, text.replace(BOUNDS, "bounds = [1926000, 8957500, 1927000, 8958500]"))
        )
    line = caught.value.hint.removeprefix("write ").replace(" (SWEREF99 TM)", "").split(", ", 1)
    assert line[0] == 'crs = "EPSG:3006"'
    origin, bounds = line[1].split(", bounds")
    mended = GOOD.replace(ORIGIN, origin).replace(BOUNDS, "bounds" + bounds)
    assert read_config(written(tmp_path, mended)).city.crs == "EPSG:3006"


@pytest.mark.parametrize(
    ("crs", "east", "north"),
    [
        ("EPSG:3006", 619250, 6919812),
        ("EPSG:28992", 78000, 457000),
        ("EPSG:2056", 2678000, 1237000),
        ("EPSG:27700", 530000, 180000),
        ("EPSG:7415", 78000, 457000),
        ("EPSG:3067", 385000, 6672000),
        ("EPSG:5514", -740000, -1040000),
        ("EPSG:3035", 4690000, 4430000),
        ("EPSG:31370", 150000, 170000),
        ("EPSG:32733", 500000, 6000000),
    ],
)
def test_national_grids_have_metres(crs, east, north):
    assert abs(worst_scale(crs, east, north) - 1) < 0.01


def test_the_crs_that_fits_a_place():
    towns = {
        (17.3, 62.4): "EPSG:3006",
        (13.0, 55.6): "EPSG:3006",
        (24.1, 65.85): "EPSG:3006",
        (20.2, 67.85): "EPSG:3006",
    }
    towns |= {
        (12.57, 55.68): "EPSG:25833",
        (10.4, 63.4): "EPSG:25832",
        (24.94, 60.17): "EPSG:25835",
        (21.6, 63.1): "EPSG:25834",
    }
    towns |= {
        (-74.0, 40.7): "EPSG:32618",
        (151.2, -33.9): "EPSG:32756",
        (4.3, 52.1): "EPSG:25831",
        (179.99, -17.0): "EPSG:32760",
    }
    assert {place: fitting_crs(*place) for place in towns} == towns


@pytest.mark.parametrize("number", ["28992", '"28992"', '"epsg:28992"'])
def test_a_number_is_a_crs(tmp_path, number):
    text = GOOD.replace('"EPSG:3006"', number).replace(ORIGIN, "origin = [78000, 457000]")
    config = read_config(
        written(tmp_path, text.replace(BOUNDS, "bounds = [77000, 456000, 79000, 458000]"))
    )
    assert config.city.crs.upper() == "EPSG:28992"


@pytest.mark.parametrize(
    ("old", "new", "says", "hint"),
    [
        (
            "flat_m = 3.0",
            r'elevation = "C:\Users\Anna\dem.tif"',
            "line 8: a \\",
            r"'C:\Users\Anna\dem.tif'",
        ),
        ("flat_m = 3.0", r'elevation = ["C:\data\dem.tif"]', "line 8: a \\", r"'C:\data\dem.tif'"),
        (
            "flat_m = 3.0",
            r'elevation = "C:\temp\new.tif"',
            "a tab or a line break",
            r"C:\temp\new.tif'",
        ),
        ("flat_m = 3.0", "elevation = “dem.tif”", "word processor", "straight"),
        ("flat_m = 3.0", "flat_m = 3,5", "not a value", "3.5"),
        ('name = "Liten"', "name = Liten", "not a value", 'name = "Liten"'),
        ('name = "Liten"', 'name = "Liten"\nname = "Stor"', "twice", "keep one"),
        ('name = "Liten"', 'name = "CON"', "device on Windows", 'name = "CON_"'),
        ('name = "Liten"', 'name = "..."', "nothing but dots", "name ="),
        ('name = "Liten"', 'name = "Liten. "', "space", 'name = "Liten"'),
        ('name = "Liten"', 'name = "a/b"', "holds /", 'name = "a_b"'),
        ('name = "Liten"', 'name = "Map.png"', "another file beside", 'name = "Map"'),
        ('name = "Liten"', 'name = ["Liten"]', "a list of 1", 'name = "Sundsvall"'),
        ('name = "Liten"', "name = 5", "text in quotes", 'name = "Sundsvall"'),
        (
            "flat_m = 3.0",
            "flat_m = [3.0]",
            "a list of 1, and it takes one value, a number",
            "flat_m = 3.0",
        ),
        ("flat_m = 3.0", "flat_m = 1e9", "less than or equal to 9000", "flat_m = 3.0"),
        ("[area]", "[area]\nscale = 0", "above 0 and at most 16", "scale = 1.0"),
        ("[area]", "[area]\nscale = nan", "above 0 and at most 16", "scale = 1.0"),
        ("[area]", "[vertical]\nscale = -1\n[area]", "above 0 and at most 16", "scale = 1.0"),
        (
            "[area]",
            "[vertical]\nsea_level_y = 62.5\n[area]",
            "whole number from -10000",
            "sea_level_y = 62",
        ),
        (
            "[area]",
            '[vertical]\nsea_level_y = "low"\n[area]',
            "whole number from -10000",
            "sea_level_y = 62",
        ),
        ("flat_m = 3.0", "elevation = 5", "path of a file in quotes", "own-data"),
        (
            "flat_m = 3.0",
            'flat_m = 3.0\n[buildings]\nsurface_model = ["a.tif", "b.tif"]',
            "a list of 2, and it takes one value",
            "own-data",
        ),
        ("flat_m = 3.0", 'elevation = "~nobody-is-called-so/dem.tif"', "nobody", "whole path"),
        (
            "[terrain]",
            "colour = 5\n[terrain]",
            "unknown key area.colour",
            "known here: bounds, scale",
        ),
    ],
)
def test_other_mistakes(tmp_path, old, new, says, hint):
    message, told = refusal(tmp_path, old, new)
    assert says in message
    assert hint in told


def test_a_section_that_is_a_value(tmp_path):
    path = written(tmp_path, "buildings = 5\n" + GOOD)
    with pytest.raises(ConfigError, match="a section of its own"):
        read_config(path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_that_editors_put_at_the_beginning_are_no_text(tmp_path, encoding):
    assert (
        read_config(written(tmp_path, GOOD.replace("Liten", "Malmö"), encoding)).city.name
        == "Malmö"
    )


def test_another_encoding_is_named_with_its_line(tmp_path):
    with pytest.raises(ConfigError, match="line 2 is not UTF-8") as caught:
        read_config(written(tmp_path, GOOD.replace("Liten", "Malmö"), "latin-1"))
    assert "Notepad" in caught.value.hint


def test_a_data_file_is_no_configuration(tmp_path):
    (tmp_path / "dem.tif").write_bytes(b"II*\x00\x08\x00\x00\x00\xff\xfe\x80")
    with pytest.raises(ConfigError, match="is a data file") as caught:
        read_config(tmp_path / "dem.tif")
    assert "init my-city dem.tif" in caught.value.hint


def test_a_folder_stands_for_the_configuration_in_it(tmp_path):
    with pytest.raises(ConfigError, match="a folder with no configurations"):
        read_config(tmp_path)
    (tmp_path / "town.toml").write_text(GOOD, "utf-8")
    (tmp_path / "sources.toml").write_text("", "utf-8")
    assert read_config(tmp_path).path.name == "town.toml"
    (tmp_path / "other.toml").write_text(GOOD, "utf-8")
    with pytest.raises(ConfigError, match="2 configurations") as caught:
        read_config(tmp_path)
    assert "other.toml, town.toml" in caught.value.hint
    written(tmp_path, GOOD)
    assert read_config(tmp_path).path.name == "city.toml"


@pytest.mark.parametrize(
    ("area", "says", "hint"),
    [
        ((618226, 6918788, 618226, 6920836), "no width", "--area 618226,6918788,620274,6920836"),
        (
            (618226, 620274, 6918788, 6920836),
            "another order",
            "write --area 618226,6918788,620274,6920836",
        ),
        ((17.29, 62.38, 17.33, 62.40), "degrees", "write --area 618"),
        ((618226, 1918788, 620274, 1920836), "km from the city", "origin is [619250, 6919812]"),
    ],
)
def test_areas_of_the_command_line(tmp_path, area, says, hint):
    with pytest.raises(ConfigError, match=says) as caught:
        read_config(written(tmp_path, GOOD)).with_area(area)
    assert str(caught.value).startswith("--area ")
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("byggnad", "building"),
        ("Rivning", "demolish"),
        ("riv", "demolish"),
        ("mark", "ground"),
        ("vatten", "water"),
        ("gata", "street"),
        ("väg", "street"),
        ("va\u0308g", "street"),
        ("träd", "tree"),
        ("skylt", "info"),
        ("info", "info"),
        ("Building", "building"),
        ("slott", "slott"),
        (None, ""),
    ],
)
def test_roles_in_swedish(word, role):
    assert normal_role(word) == role


def test_a_configuration_of_the_program_that_is_not_here_is_pointed_to(tmp_path):
    """As after an installation without a checkout."""
    with pytest.raises(ConfigError) as failed:
        read_config(tmp_path / "configs" / "sundsvall-open.toml")
    assert "copy " in failed.value.hint
    assert str(SHIPPED / "configs" / "sundsvall-open.toml") in failed.value.hint
    with pytest.raises(ConfigError) as failed:
        read_config(tmp_path / "configs" / "other.toml")
    assert "mc-city init" in failed.value.hint


@pytest.mark.parametrize(
    ("line", "says", "hint"),
    [
        ("java_top = true", "vertical.java_top = true: it takes neither true nor false", "value"),
        ("scale = nan", "vertical.scale = nan: it takes blocks per metre", "scale = 1.0"),
        ("sea_level_y = nan", "vertical.sea_level_y = nan: it takes the y of height 0", "= 62"),
        ("java_top = 320", "vertical: a world begins and ends at whole sections", "335"),
    ],
)
def test_a_number_is_a_number(tmp_path, line, says, hint):
    message, told = refusal(tmp_path, "flat_m = 3.0", f"flat_m = 3.0\n[vertical]\n{line}")
    assert says in message
    assert hint in told


def test_too_many_of_a_kind_are_told_how_many_there_may_be(tmp_path):
    entry = '\n[[models]]\npath = "a.glb"\n'
    said, _ = refusal(tmp_path, "flat_m = 3.0\n", "flat_m = 3.0\n" + 65 * entry)
    assert "models: 65 values, and it takes at most 64" in said
