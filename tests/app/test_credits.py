"""Whose the files are, in the project's sources.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

from mc_city import api
from mc_city.app.credits import read_credits, with_credit, write_credit
from mc_city.settings.provenance import attribution

CREDIT = {
    "title": "Höjder",
    "licence": "CC0 1.0",
    "attribution": "© Sundsvalls kommun",
    "real": True,
}


def test_an_entry_is_added_and_changed_and_every_other_line_stays():
    text = '# Ours.\n\n[[source]]   # of old\ntitle = "Water"\nfiles = "sea.gpkg, lakes.gpkg"\n'
    new = with_credit(text, "dem.tif", CREDIT)
    assert new.startswith(text)
    assert tomllib.loads(new)["source"][1] == {**CREDIT, "files": "dem.tif"}
    again = with_credit(new, "dem.tif", {"licence": "ODbL 1.0"})
    assert tomllib.loads(again)["source"][1] == {
        "title": "dem.tif", "files": "dem.tif", "licence": "ODbL 1.0",
    }  # fmt: skip
    assert "[[source]]   # of old" in again


def test_quotes_and_line_breaks_of_a_person_stay_in_their_text():
    new = with_credit("", "dem.tif", {"licence": 'a"\n[[source]]\ntitle = "b'})
    assert len(tomllib.loads(new)["source"]) == 1


CITY = """
[city]
name = "Town"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [600000, 6900000, 600128, 6900128]
[terrain]
flat_m = 3.0
water = ["data/sea.gpkg"]
"""


def test_what_is_said_stands_in_the_attribution_of_the_city(tmp_path: Path):
    config = tmp_path / "city.toml"
    config.write_text(CITY, "utf-8")
    assert "unknown" in attribution(api.read_config(config))
    write_credit(tmp_path, "sea.gpkg", CREDIT)
    assert read_credits(tmp_path)["sea.gpkg"]["licence"] == "CC0 1.0"
    text = attribution(api.read_config(config))
    assert "Höjder" in text
    assert "© Sundsvalls kommun" in text
    assert "unknown" not in text
