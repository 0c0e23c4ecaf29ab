"""Extracts in columns: .osm.pbf taken apart without libosmium, and questions asked of tables."""

from __future__ import annotations

import contextlib
from io import BytesIO
from pathlib import Path

import numpy as np
import osmium
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from terrain.osm import forms
from terrain.osm.extract import read_osm
from terrain.osm.layers import layers_of
from terrain.osm.objects import Extract
from terrain.osm.pbf import UnfamiliarError, read_pbf, read_pbf_near
from terrain.osm.rules import layer_keys
from terrain.osm.tables import Table
from tests.unit.test_osm_edges import full_town, read_things
from worlds.errors import SourceError


def write_town(path: Path, kind: str = "pbf", backwards: bool = False) -> Path:
    town = full_town()
    town.way([(0, 0), None, (10, 10), (20, 20), None, (30, 0), (40, 0)], highway="path")
    town.way([(0, 5), (5, 5), None, (5, 9), (0, 5)], natural="wood")
    town.way([None, (5, 5)], highway="path")
    things = list(read_things(town))
    with osmium.SimpleWriter(osmium.io.File(str(path), kind)) as writer:
        for thing in reversed(things) if backwards else things:
            writer.add(thing)
    return path


def things(extract: Extract) -> list[object]:
    """All that is in an extract, whatever the numbers of its words."""
    ways, nodes, relations, words = (
        extract.ways,
        extract.nodes,
        extract.relations,
        extract.words,
    )
    return [
        [
            (
                number,
                ways.closed[row],
                ways.whole[row],
                [piece.tolist() for piece in ways.way(row).pieces],
                ways.tags.of(row, words),
            )
            for row, number in enumerate(ways.ids.tolist())
        ],
        [
            (number, nodes.places[row].tolist(), nodes.tags.of(row, words))
            for row, number in enumerate(nodes.ids.tolist())
        ],
        [
            (number, relations.members_of(row, words), relations.tags.of(row, words))
            for row, number in enumerate(relations.ids.tolist())
        ],
        extract.extent,
    ]


@pytest.mark.parametrize("kind", ["pbf", "pbf,pbf_compression=none"])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_packed_extract_is_what_libosmium_reads(tmp_path, kind, backwards):
    path = write_town(tmp_path / "town.osm.pbf", kind, backwards)
    found = read_pbf(path)
    assert len(found.ways) == 9
    assert things(found) == things(forms._read_any_order(path))


def test_what_lies_near_in_a_large_one_is_what_libosmium_reads(tmp_path):
    path = write_town(tmp_path / "town.osm.pbf")
    west, south, east, north = read_pbf(path).extent
    box = (west, south, (west + east) / 2, (south + north) / 2)
    near = read_pbf_near(path, box)
    assert 0 < len(near.ways) < 9
    assert things(near) == things(forms._read_near(path, box))


def test_nodes_that_are_not_dense_are_left_to_libosmium(tmp_path):
    path = write_town(tmp_path / "sparse.osm.pbf", "pbf,pbf_dense_nodes=false")
    with pytest.raises(UnfamiliarError):
        read_pbf(path)
    dense = write_town(tmp_path / "dense.osm.pbf")
    assert things(forms.read_extract(path)) == things(forms.read_extract(dense))


@settings(max_examples=80, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_one_is_read_or_refused(tmp_path_factory, place, byte, cut):
    path = write_town(tmp_path_factory.mktemp("bad") / "t.osm.pbf", "pbf,pbf_compression=none")
    data = bytearray(path.read_bytes())
    place %= len(data)
    if cut:
        del data[place:]
    else:
        data[place] = byte
    path.write_bytes(data)
    with contextlib.suppress(SourceError):
        layers_of(forms.read_extract(path))


CONDITIONS = (
    "building IS NOT NULL",
    "building = 'YES'",
    "BUILDING IN ('school', 'x') OR \"building:part\" IS NOT NULL",
    "name LIKE 'Sk%' AND natural IS NULL",
    "osm_way_id IS NULL",
    "OGR_GEOM_AREA > 0 AND building = 'yes'",
    "fid = 1",
    "1 = 1",
    "building IS NULL AND wikidata IS NULL",
)


@pytest.mark.parametrize("where", CONDITIONS)
def test_a_condition_is_what_gdal_makes_of_it(tmp_path, where):
    """Asked of combinations of words, it is true of the same features."""
    extract = read_pbf(write_town(tmp_path / "town.osm.pbf"))
    layer = layers_of(extract).held["multipolygons"]
    table = Table(layer, layer_keys("multipolygons"), True, extract.words)
    file, every = BytesIO(), np.arange(len(layer))
    pyogrio.raw.write(
        file,
        shapely.to_wkb(layer.geometry),
        [table.column(name, every) for name in table.fields],
        list(table.fields),
        driver="FlatGeobuf",
        geometry_type="Unknown",
        crs="EPSG:4326",
        SPATIAL_INDEX="NO",
    )
    fids = pyogrio.raw.read(file.getvalue(), where=where, return_fids=True)[1]
    assert np.flatnonzero(table.chosen(where)).tolist() == fids.tolist()


def test_a_condition_that_is_none_is_refused(tmp_path):
    path = write_town(tmp_path / "town.osm.pbf")
    with pytest.raises(SourceError, match="not understood"):
        read_osm(path, "lines", "nothing_of_that_name = 'x'", None)
