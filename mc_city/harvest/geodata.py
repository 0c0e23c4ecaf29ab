"""Proposals as geodata: a GeoPackage with its style, a GeoJSON, a table for spreadsheets.

`ideas.gpkg` has the outlines in the city's own CRS. `ideas.geojson` follows RFC 7946, which knows
WGS 84 only (longitude, latitude): its `city_crs` names the CRS of the GeoPackage. `ideas.csv` is
for spreadsheets as they are set up in Sweden: semicolons, decimal commas, UTF-8 with a mark at its
beginning. In none of them stands the name of a player or of a returned file.
"""

from __future__ import annotations

import csv
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS, Transformer
from shapely.geometry import mapping

from mc_city.harvest.proposals import Proposal
from mc_city.harvest.saying import KINDS, shortened, words_said
from mc_city.harvest.style import style_qml
from mc_city.site.ideas import title_of
from terrain.plane import horizontal_of
from worlds.errors import WorldError
from worlds.quoting import json_file, plain

LAYER = "ideas"
GEOPACKAGE, GEOJSON, TABLE = "ideas.gpkg", "ideas.geojson", "ideas.csv"
LETTERS, TEXTS = 500, 40
"""Of one text of a sign or a book, and how many of them."""
NAME = 80
"""Letters of an id, a class, a code, a material."""
DEGREES = 7
"""Decimals of a degree: about a centimetre."""
NO_DAY = "2000-01-01T00:00:00.000Z"
"""What GDAL writes for the day on which a GeoPackage was changed: always the same."""
FORMULA = re.compile(r"^\s*(?=[=+\-@＝＋－＠])|(?<=[,;\t\r\n\"'|])\s*(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet would begin a formula: at the start of a text and, where it is set up to part
the cells elsewhere, after what could part them."""
STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30), update_time DATETIME
)
"""
"""As QGIS makes it and looks for it."""


def _columns(proposal: Proposal) -> dict[str, Any]:
    """Everything that is told of a proposal, by the names of its columns."""
    words = words_said(proposal.words, LETTERS, TEXTS)
    kind_sv = KINDS[proposal.kind].swedish
    school_class = shortened(proposal.sender.school_class, NAME)
    materials = (f"{shortened(name, NAME)} {count}" for name, count in proposal.materials.items())
    return {
        "number": proposal.number,
        "id": shortened(proposal.id, NAME),
        "title": title_of(kind_sv, proposal.number, school_class),
        "kind": proposal.kind,
        "kind_sv": kind_sv,
        "confidence": round(proposal.confidence, 3),
        "school_class": school_class,
        "pupil": shortened(proposal.sender.pupil, NAME),
        "words": " | ".join(words),
        "height_m": round(proposal.height_m, 2),
        "bottom_m": round(proposal.bottom_m, 2),
        "top_m": round(proposal.top_m, 2),
        "ground_m": round(proposal.ground_m, 2),
        "area_m2": round(proposal.area_m2, 2),
        "volume_m3": round(proposal.volume_m3, 2),
        "floors": proposal.floors,
        "added": proposal.added,
        "removed": proposal.removed,
        "replaced": proposal.replaced,
        "materials": ", ".join(materials),
        "colours": ", ".join(shortened(colour, NAME) for colour in proposal.colours),
        "developments": ", ".join(shortened(name, NAME) for name in proposal.on),
        "over_plan_m": None if proposal.over_plan_m is None else round(proposal.over_plan_m, 2),
        "plot": proposal.plot,
    }


WHOLE = ("number", "floors", "added", "removed", "replaced", "plot")
REAL = (
    "confidence", "height_m", "bottom_m", "top_m", "ground_m", "area_m2", "volume_m3",
    "over_plan_m",
)  # fmt: skip
COLUMNS = (
    "number", "id", "title", "kind", "kind_sv", "confidence", "school_class", "pupil", "words",
    "height_m", "bottom_m", "top_m", "ground_m", "area_m2", "volume_m3", "floors", "added",
    "removed", "replaced", "materials", "colours", "developments", "over_plan_m", "plot",
)  # fmt: skip
EDITED = ("build", "layer", "variant")
"""Columns of the GeoPackage alone, empty, with which people say what becomes of each proposal in
the next world: see mc_city.site.ideas."""
_BEFORE = 1 + COLUMNS.index("title")
GEOPACKAGE_COLUMNS = (*COLUMNS[:_BEFORE], *EDITED, *COLUMNS[_BEFORE:])


def _table(proposals: Sequence[Proposal]) -> pd.DataFrame:
    """A row each; the same columns and kinds of numbers also where there are none."""
    table = pd.DataFrame([_columns(proposal) for proposal in proposals], columns=list(COLUMNS))
    kinds: dict[str, str] = dict.fromkeys(COLUMNS, "object")
    kinds |= dict.fromkeys(WHOLE, "Int64") | dict.fromkeys(REAL, "float64")
    return table.astype(kinds)


@contextmanager
def _without_a_day() -> Iterator[None]:
    """GDAL writes the same day into a GeoPackage, whenever that is."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": NO_DAY})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _outlines(proposals: Sequence[Proposal]) -> list[Any]:
    """Polygons, all as one of several parts, flat."""
    return [
        shapely.multipolygons(shapely.get_parts(shapely.force_2d(proposal.outline)))
        for proposal in proposals
    ]


def write_geopackage(path: Path, proposals: Sequence[Proposal], crs: str) -> None:
    """The layer `ideas` with a style by kind and labels by number as its default in QGIS."""
    table = _table(proposals)
    for place, name in enumerate(EDITED, _BEFORE):
        table.insert(place, name, pd.Series([None] * len(table), dtype="object"))
    frame = gpd.GeoDataFrame(
        table,
        geometry=_outlines(proposals),
        crs=horizontal_of(CRS.from_user_input(crs)),
    )
    partial = path.with_name(f"{path.stem}.partial{path.suffix}")
    partial.unlink(missing_ok=True)
    try:
        with _without_a_day():
            pyogrio.write_dataframe(
                frame,
                partial,
                layer=LAYER,
                driver="GPKG",
                geometry_type="MultiPolygon",
                layer_options={"DESCRIPTION": "", "IDENTIFIER": LAYER},
            )
        with closing(sqlite3.connect(partial)) as base, base:
            base.execute(STYLES)
            base.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '')",
                (LAYER, "ideas", style_qml(), "Förslag efter slag / proposals by kind"),
            )
            base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, "
                "last_change, srs_id) VALUES ('layer_styles', 'attributes', 'layer_styles', '', "
                "?, 0)",
                (NO_DAY,),
            )
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def _finite(value: Any) -> Any:
    """A value as JSON has it: what is missing or no number is null."""
    if value is None or value is pd.NA or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def _in_degrees(outline: Any, way: Transformer) -> dict[str, Any]:
    """A GeoJSON geometry in WGS 84, rings turned as RFC 7946 wants them."""
    moved = shapely.transform(
        outline, lambda points: np.stack(way.transform(points[:, 0], points[:, 1]), axis=1)
    )
    parts = [shapely.orient_polygons(part) for part in shapely.get_parts(moved)]

    def rounded(ring: Any) -> list[list[float]]:
        return [[round(x, DEGREES), round(y, DEGREES)] for x, y in ring]

    return {
        "type": "MultiPolygon",
        "coordinates": [[rounded(ring) for ring in mapping(part)["coordinates"]] for part in parts],
    }


def write_geojson(path: Path, proposals: Sequence[Proposal], crs: str) -> None:
    """The same proposals in WGS 84, as RFC 7946 wants; `city_crs` says which CRS the GeoPackage
    has."""
    flat = horizontal_of(CRS.from_user_input(crs))
    way = Transformer.from_crs(flat, "EPSG:4326", always_xy=True)
    authority = flat.to_authority()
    collection = {
        "type": "FeatureCollection",
        "name": LAYER,
        "city_crs": ":".join(authority) if authority else plain(flat.name),
        "features": [
            {
                "type": "Feature",
                "id": proposal.number,
                "geometry": _in_degrees(outline, way),
                "properties": {name: _finite(value) for name, value in _columns(proposal).items()},
            }
            for proposal, outline in zip(proposals, _outlines(proposals), strict=True)
        ],
    }
    path.write_text(json_file(collection, indent=None), "utf-8")


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands where one would
    begin."""
    return FORMULA.sub("'", plain(text))


def _cell(value: Any) -> str:
    value = _finite(value)
    if value is None:
        return ""
    return repr(value).replace(".", ",") if isinstance(value, float | int) else defused(str(value))


def write_table(path: Path, proposals: Sequence[Proposal]) -> None:
    """The figures and words for a spreadsheet: semicolons, decimal commas, no formulas."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for proposal in proposals:
        writer.writerow([_cell(value) for value in _columns(proposal).values()])
    path.write_bytes(out.getvalue().encode("utf-8-sig", "replace"))


def write_ideas(folder: Path, proposals: Sequence[Proposal], crs: str) -> None:
    """Writes ideas.gpkg, ideas.geojson and ideas.csv into a folder, which it makes. crs: of the
    outlines, the city's own on the map; the GeoJSON alone is in WGS 84. The same proposals give the
    same bytes with the same GDAL. WorldError when the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_geopackage(folder / GEOPACKAGE, proposals, crs)
        write_geojson(folder / GEOJSON, proposals, crs)
        write_table(folder / TABLE, proposals)
    except (OSError, sqlite3.Error, pyogrio.errors.DataSourceError) as error:
        raise WorldError(
            f"{folder}: cannot be written ({plain(error)})",
            hint="close QGIS and other programs that have it open, or name another folder",
        ) from error
