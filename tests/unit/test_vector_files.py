"""Files of vectors as people have them, and files that are none: what is read, and what is said of
the rest."""

from __future__ import annotations

import bz2
import gzip
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from terrain.files import vectors as vector_files
from terrain.files.kinds import what_is
from terrain.files.vectors import vector_paths
from terrain.osm import forms as osm_forms
from terrain.vectors.features import VectorSource, read_features
from terrain.vectors.seen import elsewhere, see_source
from worlds.errors import SourceError

CRS = "EPSG:3006"
AREA = (619136.0, 6919736.0, 619264.0, 6919864.0)
HOUSE = shapely.box(619180, 6919790, 619200, 6919810)


def houses(crs: str | None = CRS, shape=HOUSE) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": ["Åkes hus"], "geometry": [shape]}, crs=crs)


def said(path: Path, **source) -> str:
    """What is said of a file that is refused, by the look at it and by reading it alike."""
    with pytest.raises(SourceError) as caught:
        see_source(VectorSource(path, **source), CRS, AREA)
    with pytest.raises(SourceError):
        read_features(VectorSource(path, **source), CRS, AREA)
    assert caught.value.hint
    damaged = any(word in str(caught.value) for word in ("HTML", "empty", "zeros"))
    assert damaged or "download it again" not in caught.value.hint
    return f"{caught.value} | {caught.value.hint}"


def write_excel(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")


def write_raster(path: Path) -> None:
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=4,
        height=4,
        count=1,
        dtype="float32",
        crs=CRS,
        transform=from_origin(0, 4, 1, 1),
    ) as file:
        file.write(np.zeros((1, 4, 4), "float32"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.gpkg", b"", "an empty file"),
        ("a.gpkg", b"\0" * 4096, "nothing but zeros"),
        (
            "a.gpkg",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
            "git lfs pull",
        ),
        ("a.geojson", b"\n <!DOCTYPE html><html><body>503</body></html>", "a web page"),
        ("a.gpkg", b"LASF\0\0\0\0\1\2", "a point cloud"),
        ("a.las", b"LASF\0\0\0\0\1\2", "a point cloud"),
        ("houses.gpkg", b"ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('IFC4'));", "an IFC building model"),
        ("plan.dwg", b"AC1032\0\0\0\0", "a DWG drawing"),
        ("plan.dxf", b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "a DXF drawing"),
        ("plan.shp", b"%PDF-1.7\n%\xe2", "a PDF document"),
        (
            "model.json",
            b'{"asset": {"version": "1.0"}, "geometricError": 500, "root": {}}',
            "3D Tiles",
        ),
        (
            "a.gml",
            b'<?xml version="1.0"?><ServiceExceptionReport><ServiceException>no '
            b"layer</ServiceException>",
            "a web service",
        ),
        ("a.gpkg", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
        ("houses.glb", b"glTF\2\0\0\0", "a glTF model"),
        ("a.csv", b"id,east,north\n1,619180,6919790\n2,619190,6919790\n", "a table of text (CSV)"),
        ("a.csv", b"\xef\xbb\xbfid;east;north\n1;619180;6919790\n", "a table of text (CSV)"),
        ("a.gpkg", b"just some words that nobody can draw", "of no kind that is known"),
        ("a.geojson", b"\x1f\x8b\x08\0\0", "a gzip archive"),
    ],
)
def test_what_is_no_file_of_vectors_is_named_for_what_it_is(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    assert words in said(tmp_path / name)


def test_rasters_and_workbooks_are_named(tmp_path):
    write_raster(tmp_path / "houses.gpkg")
    assert "a TIFF raster" in said(tmp_path / "houses.gpkg")
    write_excel(tmp_path / "trees.xlsx")
    assert "an Excel workbook" in said(tmp_path / "trees.xlsx")
    assert what_is(tmp_path / "trees.xlsx").family == "table"


def test_a_file_that_is_cut_is_not_said_to_be_something_else(tmp_path):
    path = tmp_path / "h.gpkg"
    houses().to_file(path)
    path.write_bytes(path.read_bytes()[:20_000])
    assert "GeoPackage that cannot be read" in said(path)


def test_tables_beside_a_layer_are_no_layers(tmp_path):
    path = tmp_path / "h.gpkg"
    houses().to_file(path, layer="houses")
    pyogrio.write_dataframe(pd.DataFrame({"note": ["x"]}), path, layer="notes", append=True)
    assert see_source(VectorSource(path), CRS, AREA).layer == "houses"
    assert "'notes' is a table without geometry" in said(path, layer="notes")
    houses().to_file(path, layer="sheds", mode="a")
    assert "houses, sheds" in said(path)


def test_tables_alone_are_said_to_have_no_geometry(tmp_path):
    pyogrio.write_dataframe(pd.DataFrame({"note": ["x"]}), tmp_path / "t.gpkg", layer="notes")
    assert "a table without geometry (notes)" in said(tmp_path / "t.gpkg")


def zipped(path: Path, folder: Path, names: dict[str, str]) -> Path:
    """names: file in the folder → member of the zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            if file.stem in names:
                archive.write(file, names[file.stem] + file.suffix)
    # Some programs write the separators of Windows, which zipfile mends on writing.
    if any("|" in name for name in names.values()):
        packed = path.read_bytes()
        for name in names.values():
            packed = packed.replace(name.encode(), name.replace("|", "\\").encode())
        path.write_bytes(packed)
    return path


@pytest.mark.parametrize("inside", ["h", "data/deep/h", "data|deep|h", "hus i ö/h"])
def test_shapefiles_lie_anywhere_in_a_zip(tmp_path, inside):
    made = tmp_path / "made"
    made.mkdir()
    houses().to_file(made / "h.shp")
    path = zipped(tmp_path / "h.zip", made, {"h": inside})
    features = read_features(VectorSource(path), CRS, AREA)
    assert list(features.columns["name"]) == ["Åkes hus"]
    assert see_source(VectorSource(path), CRS, AREA).touching == 1


def test_of_several_shapefiles_in_a_zip_one_is_asked_for(tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    houses().to_file(made / "h.shp")
    houses().to_file(made / "sheds.shp")
    path = zipped(tmp_path / "h.zip", made, {"h": "a/h", "sheds": "b/sheds"})
    assert "a/h.shp, b/sheds.shp" in said(path)
    for layer in ("sheds", "b/sheds.shp"):
        assert see_source(VectorSource(path, layer), CRS, AREA).touching == 1


def test_zips_stay_inside_and_within_bounds(tmp_path, monkeypatch):
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside.geojson", houses("EPSG:4326").to_json())
        archive.writestr("readme.txt", "nothing")
    assert "a zip without a vector file" in said(path)
    assert not (tmp_path.parent / "outside.geojson").exists()
    monkeypatch.setattr(vector_files, "MOST_UNPACKED", 100_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("h.geojson", b" " * 10_000_000)
    assert "too much to unpack" in said(path)


def test_a_shapefile_without_its_index_or_its_crs_is_said(tmp_path):
    houses().to_file(tmp_path / "h.shp")
    (tmp_path / "h.prj").unlink()
    text = said(tmp_path / "h.shp")
    assert "has no CRS: x 619180 … 619200, y 6919790 … 6919810" in text
    assert '{ path = "h.shp", crs = "EPSG:3006" }' in text
    assert see_source(VectorSource(tmp_path / "h.shp", crs=CRS), CRS, AREA).touching == 1
    (tmp_path / "h.shx").unlink()
    assert "h.shx" in said(tmp_path / "h.shp")


@pytest.mark.parametrize(
    ("crs", "shape_crs", "swap", "words", "line"),
    [
        (CRS, "EPSG:4326", False, "are degrees", 'crs = "EPSG:4326"'),
        (CRS, CRS, True, "north stands before east", "swap_axes = true"),
        ("EPSG:4326", "EPSG:4326", True, "north stands before east", "swap_axes = true"),
        (CRS, "EPSG:4326", True, "degrees, latitude first", 'crs = "EPSG:4326", swap_axes = true'),
        (CRS, "EPSG:3014", False, "fit EPSG:3014", 'crs = "EPSG:3014"'),
        (CRS, "EPSG:3857", False, "fit EPSG:3857", 'crs = "EPSG:3857"'),
        ("EPSG:3021", CRS, False, "fit EPSG:3006", 'crs = "EPSG:3006"'),
    ],
)
def test_mistakes_of_place_are_recognised_with_the_line_to_paste(
    tmp_path, crs, shape_crs, swap, words, line
):
    shape = houses().to_crs(shape_crs).geometry[0]
    if swap:
        shape = shapely.transform(shape, lambda points: points[:, ::-1])
    path = tmp_path / "h.gpkg"
    houses(crs, shape).to_file(path)
    seen = see_source(VectorSource(path), CRS, AREA)
    assert (seen.features, seen.touching) == (1, 0)
    assert seen.mistake is not None
    assert words in seen.mistake.said
    error = elsewhere(seen, CRS, AREA)
    assert line in error.hint
    assert "x 619136 … 619264" in str(error)
    mended = VectorSource(path, crs=seen.mistake.crs, swap_axes=seen.mistake.swap_axes)
    assert see_source(mended, CRS, AREA).touching == 1
    found = read_features(mended, CRS, AREA).geometry
    assert len(found) == 1
    assert shapely.distance(found[0].centroid, HOUSE.centroid) < 2.0


def test_data_of_another_city_are_no_mistake(tmp_path):
    path = tmp_path / "h.gpkg"
    houses(CRS, shapely.box(674000, 6580000, 674020, 6580020)).to_file(path)
    seen = see_source(VectorSource(path), CRS, AREA)
    assert seen.mistake is None
    assert seen.distance_m == pytest.approx(np.hypot(674000 - 619264, 6919736 - 6580020), rel=1e-6)
    assert "km from the area" in seen.remark


def test_where_is_counted(tmp_path):
    path = tmp_path / "h.gpkg"
    houses().to_file(path)
    assert see_source(VectorSource(path, where="name = 'x'"), CRS, AREA).features == 0
    assert see_source(VectorSource(path, where="name = 'Åkes hus'"), CRS, AREA).touching == 1


def test_geojson_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "h.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + houses().to_crs("EPSG:4326").to_json().encode())
    assert see_source(VectorSource(path), CRS, AREA).touching == 1


def test_patterns_and_folders_mean_their_files(tmp_path):
    for name in ("b", "a"):
        houses().to_file(tmp_path / f"{name}.shp")
    (tmp_path / "notes.txt").write_text("x")
    assert [path.name for path in vector_paths(tmp_path / "*.shp")] == ["a.shp", "b.shp"]
    assert [path.name for path in vector_paths(tmp_path / "?.*")] == ["a.shp", "b.shp"]
    assert [path.name for path in vector_paths(tmp_path)] == ["a.shp", "b.shp"]
    assert vector_paths(tmp_path / "a.shp") == (tmp_path / "a.shp",)
    assert "no file matches" in said(tmp_path / "*.gpkg")


MODEL = {
    "vertices": [
        [x, y, z]
        for z in (0, 9)
        for x, y in ((619180, 6919790), (619200, 6919790), (619200, 6919810), (619180, 6919810))
    ],
    "CityObjects": {
        "h": {
            "type": "Building",
            "geometry": [
                {
                    "type": "MultiSurface",
                    "lod": "2",
                    "boundaries": [[[0, 3, 2, 1]], [[4, 5, 6, 7]]],
                    "semantics": {
                        "surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}],
                        "values": [0, 1],
                    },
                }
            ],
        }
    },
    "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/3006"},
    "version": "2.0",
}


def test_keys_of_cityjson_have_no_order(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"padding": "x" * 20_000, **MODEL, "type": "CityJSON"}), "utf-8-sig")
    assert see_source(VectorSource(path), CRS, AREA).touching == 1
    assert list(read_features(VectorSource(path), CRS, AREA).columns["height_m"]) == [9.0]


def test_cityjson_line_by_line(tmp_path):
    path = tmp_path / "model.city.jsonl"
    first = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [0.5, 0.5, 0.5], "translate": [619180, 6919790, 0]},
    }
    first |= {"metadata": MODEL["metadata"], "CityObjects": {}, "vertices": []}
    whole = {
        "type": "CityJSONFeature",
        "id": "h",
        "CityObjects": MODEL["CityObjects"],
        "vertices": [[2 * (x - 619180), 2 * (y - 6919790), 2 * z] for x, y, z in MODEL["vertices"]],
    }
    path.write_text("\n".join(json.dumps(part) for part in (first, whole)) + "\n", "utf-8")
    found = read_features(VectorSource(path), CRS, AREA)
    assert found.geometry[0].equals(HOUSE)
    assert list(found.columns["height_m"]) == [9.0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text[: len(text) // 2], "cut short"),
        (lambda text: text.replace('"vertices": [', '"vertices": [,'), "damaged"),
        (
            lambda text: text.replace('"boundaries"', '"boundary"'),
            "not readable CityJSON (KeyError",
        ),
        (
            lambda text: text.replace("[0, 3, 2, 1]", "[0, 3, 99, 1]"),
            "not readable CityJSON (IndexError",
        ),
    ],
)
def test_damaged_cityjson_is_said_to_be_what_it_is(tmp_path, change, words):
    path = tmp_path / "model.json"
    path.write_text(change(json.dumps({"type": "CityJSON", **MODEL})), "utf-8")
    with pytest.raises(SourceError) as caught:
        see_source(VectorSource(path), CRS, AREA)
    assert words in str(caught.value)


def test_nothing_is_left_of_a_gzip_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(osm_forms, "MOST_TEXT", 1_000_000)
    path = tmp_path / "town.osm.gz"
    path.write_bytes(gzip.compress(b"<osm version='0.6'>" + b" " * 50_000_000))
    with pytest.raises(SourceError, match="unpacks to more than"):
        see_source(VectorSource(path, "lines"), CRS, AREA)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
@pytest.mark.parametrize("text", [b'<osm version="0.6">%s</osm>', b'{"elements": [], "x": "%s"}'])
def test_a_small_extract_unpacks_to_little(tmp_path, pack, text):
    """Two kilobytes that were a gigabyte of nothing."""
    path = tmp_path / "town.osm.packed"
    path.write_bytes(pack(text % (b" " * 100_000_000)))
    assert path.stat().st_size < 200_000
    with pytest.raises(SourceError, match="32 MB") as caught:
        osm_forms.read_extract(path)
    assert "\n" not in f"{caught.value}{caught.value.hint}"
