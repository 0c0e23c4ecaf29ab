"""Rasters with masks, undeclared nodata and other zeros: the blocks or words that the cases' README
states."""

from __future__ import annotations

import shutil

from tests.cases.cases import CASES, build_case, said


def test_a_hole_in_the_mask_band_is_filled_and_counted(tmp_path):
    case = build_case("12-mask-band", tmp_path)
    assert case.report["elevation"]["voids_filled"] == 32 * 32
    assert (case.report["elevation"]["lowest_m"], case.report["elevation"]["highest_m"]) == (
        10.0,
        10.0,
    )
    for x, z in ((0, 0), (-50, 50), (40, -40)):
        column = case.column(x, z)
        assert column[72 - 60] == "grass_block", (x, z, column)
    assert case.count("grass_block") == 128 * 128


def test_undeclared_nodata_is_named_with_how_to_declare_it():
    status, _, words = said("check", str(CASES / "15-undeclared-nodata-9999" / "city.toml"))
    assert status == 1
    assert "-9999 in 1,024 cells" in words
    assert "probably nodata" in words
    assert 'terrain.elevation: { path = "dem.tif", nodata = -9999 }' in words
    assert "vertical" not in words
    assert "sea_level_y" not in words


def test_as_the_hint_says_it_is_built(tmp_path):
    case = build_case(
        "15-undeclared-nodata-9999",
        tmp_path,
        {'["dem.tif"]': '{ path = "dem.tif", nodata = -9999 }'},
    )
    assert case.report["elevation"]["voids_filled"] > 0
    assert case.count("grass_block") == 128 * 128
    assert case.column(0, 0)[72 - 60] == "grass_block"


def test_ellipsoidal_heights_come_down_to_the_citys_datum(tmp_path):
    case = build_case("16-ellipsoidal", tmp_path)
    # Lantmäteriet's model has the zero of RH 2000 26.06 m above the ellipsoid here.
    assert 8.9 < case.report["elevation"]["lowest_m"] < case.report["elevation"]["highest_m"] < 9.0
    assert case.column(0, 0)[62 + 9 - 60] == "grass_block"
    assert "SWEN17_RH2000" in case.report["elevation"]["rasters"][0]["notes"][0]
    assert "SWEN17_RH2000" in (case.out / "ATTRIBUTION.txt").read_text("utf-8")


def test_ellipsoidal_heights_without_a_geoid_model_are_refused_with_the_reason(tmp_path):
    shutil.copytree(CASES / "16-ellipsoidal", tmp_path / "city")
    config = tmp_path / "city" / "city.toml"
    # In Iceland, where no model of this program reaches.
    text = (
        config.read_text("utf-8")
        .replace("EPSG:3006", "EPSG:3057")
        .replace("[619200, 6919800]", "[357000, 408000]")
    )
    text = text.replace("[619136, 6919736, 619264, 6919864]", "[356936, 407936, 357064, 408064]")
    config.write_text(text, "utf-8")
    status, _, words = said("check", str(config))
    assert status == 1
    assert "ellipsoidal heights (EPSG:4979)" in words
    assert "no geoid model" in words
