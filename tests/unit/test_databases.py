"""Vectors that are small on the disk and without end when they are read."""

from __future__ import annotations

import random
import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import pytest
from shapely import box

from mc_city.site.found import look_at
from terrain.files.databases import require_bounded
from terrain.files.kinds import what_is
from terrain.files.vectors import VectorSource, layer_of, opened
from terrain.vectors.held import held_layers
from tests.conftest import write_city
from worlds.errors import SourceError


def with_view(path, rows: str):
    """The houses as a view: rows, a table with a column `number`, says how often each is there."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("DROP TABLE rtree_houses_geom")
        database.execute("DELETE FROM gpkg_extensions")
        columns = [row[1] for row in database.execute("PRAGMA table_info(houses)")]
        database.execute("ALTER TABLE houses RENAME TO base")
        picked = ", ".join(
            "rows.number * 10 + base.fid AS fid" if name == "fid" else f'base."{name}"'
            for name in columns
        )
        database.execute(
            f"CREATE VIEW houses AS WITH RECURSIVE {rows} SELECT {picked} FROM base, rows WHERE "
            f"ST_IsEmpty(base.geom) IS NOT 1"
        )
    return path


@pytest.fixture
def houses(tmp_path):
    write_city(tmp_path)
    return tmp_path / "houses.gpkg"


def refused(path) -> str:
    with pytest.raises(SourceError) as caught:
        layer_of(opened(VectorSource(path)))
    assert "\n" not in f"{caught.value}{caught.value.hint}"
    return f"{caught.value} | {caught.value.hint}"


def test_a_view_is_a_layer(houses):
    assert layer_of(VectorSource(with_view(houses, "rows(number) AS (SELECT 0)"))) == "houses"


def test_a_view_has_an_end(houses):
    path = with_view(houses, "rows(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM rows)")
    assert "take too long" in refused(path)


def test_a_view_without_end_is_passed_over_where_layers_are_looked_for(houses, monkeypatch):
    monkeypatch.setattr("terrain.files.databases.MOST_STEPS", 2_000_000)
    path = with_view(houses, "rows(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM rows)")
    whole = gpd.GeoDataFrame({"kind": ["lake"]}, geometry=[box(0, 0, 1, 1)], crs="EPSG:3006")
    whole.to_file(path, layer="water")
    assert [layer.name for layer in held_layers(VectorSource(path))] == ["water"]
    with pytest.raises(SourceError, match="take too long"):
        look_at(path)


def test_a_view_does_not_multiply(houses):
    path = with_view(
        houses,
        "rows(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM rows WHERE number < 200000)",
    )
    assert "more than the file holds" in refused(path)


def test_the_list_of_layers_has_an_end(houses, monkeypatch):
    monkeypatch.setattr("terrain.files.databases.MOST_STEPS", 2_000_000)
    with closing(sqlite3.connect(houses, isolation_level=None)) as database:
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("ALTER TABLE gpkg_contents RENAME TO base")
        database.execute(
            "CREATE VIEW gpkg_contents AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
            "FROM n) SELECT base.* FROM base, n"
        )
    with pytest.raises(SourceError, match="gpkg_contents"):
        require_bounded(houses)


def test_a_small_zip_unpacks_to_little(tmp_path, monkeypatch):
    few = 5_000_000
    monkeypatch.setattr("terrain.files.vectors.FEW_UNPACKED", few)
    path = tmp_path / "houses.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.geojson", "w") as file,
    ):
        for _ in range((few >> 20) + 10):
            file.write(bytes(1 << 20))
    assert "too much to unpack" in refused(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_damaged_zip_is_named(tmp_path, method):
    path, chance = tmp_path / "houses.zip", random.Random(1)
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.geojson", bytes(chance.choices(b"abcd", k=5000)))
    whole = path.read_bytes()
    for _ in range(15):
        at = chance.randrange(40, 1200)
        path.write_bytes(whole[:at] + chance.randbytes(8) + whole[at + 8 :])
        what_is(path)
        refused(path)


def test_a_list_of_other_sources_is_no_source(tmp_path):
    path = tmp_path / "houses.gpkg"
    path.write_text(
        "<OGRVRTDataSource><OGRVRTLayer "
        'name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    assert "name the files that it lists" in refused(path)


def test_a_damaged_one_whose_fault_cannot_be_quoted_is_left_to_gdal(tmp_path):
    path = tmp_path / "damaged.gpkg"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE things (x)")
        database.execute("CREATE TRIGGER t AFTER INSERT ON things BEGIN SELECT x FROM things; END")
    path.write_bytes(path.read_bytes().replace(b"BEGIN SELECT", b"BEGIN\xc6SELECT"))
    require_bounded(path)
    with pytest.raises(SourceError):
        layer_of(VectorSource(path))
