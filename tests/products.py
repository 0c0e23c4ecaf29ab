"""Small GeoPackages with exactly the columns and layers of well-known products, around ORIGIN."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely import LineString, Point, box

from tests.conftest import ORIGIN

EAST, NORTH = ORIGIN
NVDB_OPEN = 99991231


def area(west: float, south: float, east: float, north: float) -> Any:
    return box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def line(*points: tuple[float, float]) -> LineString:
    return LineString([(EAST + east, NORTH + north) for east, north in points])


def point(east: float, north: float) -> Point:
    return Point(EAST + east, NORTH + north)


def write_layers(path: Path, layers: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """A GeoPackage. layers: name → rows, `geometry` among their columns."""
    for name, rows in layers.items():
        keys = list(dict.fromkeys(key for row in rows for key in row))
        columns = {key: [row.get(key) for row in rows] for key in keys}
        gpd.GeoDataFrame(columns, crs="EPSG:3006").to_file(path, layer=name)
    return path


@cache
def _made(name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.gpkg"
        return write_layers(
            path, {"TOPOGRAPHY": TOPOGRAPHY, "ROADS": ROADS, "BGT": BGT}[name]
        ).read_bytes()


def write_made(path: Path, name: str) -> Path:
    """The file of TOPOGRAPHY, ROADS or BGT, which is made once."""
    path.write_bytes(_made(name))
    return path


def building(shape: Any, identity: str, place: str = "Takkant", **more: Any) -> dict[str, Any]:
    """A row of Byggnad Nedladdning vektor."""
    return {
        "objektidentitet": identity, "versiongiltigfran": "2024-01-01", "objektversion": 1,
        "objekttypnr": 2061, "objekttyp": "Bostad", "insamlingslage": place,
        "byggnadsnamn1": None, "byggnadsnamn2": None, "byggnadsnamn3": None, "husnummer": None,
        "huvudbyggnad": "Ja", "andamal1": None, "andamal2": None, "andamal3": None,
        "andamal4": None, "andamal5": None, "geometry": shape, **more,
    }  # fmt: skip


def ground(shape: Any, kind: str, number: int | None = None, **more: Any) -> dict[str, Any]:
    """A row of Marktäcke, or of `mark` in Topografi."""
    return {"objektidentitet": kind, "objekttyp": kind, "objekttypnr": number,
            "geometry": shape, **more}  # fmt: skip


TOPOGRAPHY = {
    "mark": [
        ground(area(-64, -64, 0, 0), "Barr- och blandskog", 2645),
        ground(area(0, -64, 32, 0), "Åker", 2642),
        ground(area(32, -64, 64, -32), "Sjö", 2632, hojd_over_havet="9", vattenytaid=7),
        ground(area(32, -32, 64, 0), "Torg", 2641),
        ground(area(-64, 32, 0, 64), "Låg bebyggelse", 2638),
        ground(area(0, 48, 8, 56), "Månlandskap", 9999),
    ],
    "markkantlinje": [{"objekttyp": "Öppen markgräns", "geometry": line((0, 0), (9, 9))}],
    "sankmark": [ground(area(-32, -32, -16, -16), "Sankmark, våt", 2651)],
    "vaglinje": [
        {"objekttyp": "Lokalgata liten", "objekttypnr": 1811, "gatunamn": "Storgatan",
         "bro_och_tunnel": None, "status": None, "geometry": line((-60, 20), (60, 20))},
        {"objekttyp": "Landsväg", "objekttypnr": 1804, "gatunamn": None,
         "bro_och_tunnel": "överfart", "status": None, "geometry": line((-40, 30), (-40, 60))},
        {"objekttyp": "Landsväg", "objekttypnr": 1804, "gatunamn": None, "bro_och_tunnel": None,
         "status": "Planerad", "geometry": line((50, 30), (50, 60))},
    ],
    "ovrig_vag": [
        {"objekttyp": "Gångstig", "objekttypnr": 1624, "geometry": line((-60, 40), (-44, 44))},
    ],
    "ralstrafik": [
        {"objekttyp": "Järnväg", "objekttypnr": 1861, "geometry": line((-60, 28), (60, 28))},
    ],
    "hydrolinje": [
        {"objekttyp": "Vattendrag", "objekttypnr": 2552, "storleksklass": "Klass 2",
         "kanal": "Nej", "geometry": line((-64, 10), (64, 10))},
    ],
    "byggnad": [
        {"objektidentitet": "s", "objekttyp": "Samhällsfunktion", "objekttypnr": 2063,
         "andamal1": "Skola", "andamal2": None, "byggnadsnamn1": "Skolan", "husnummer": 4,
         "geometry": area(30, 30, 46, 42)},
    ],
    "skyddadnatur": [ground(area(-64, -64, 64, 64), "Naturreservat", 2701)],
    "textpunkt": [{"textstrang": "Byn", "geometry": point(1, 1)}],
}  # fmt: skip
"""A cut of Topografi 10 in one file: a lake, a stream, streets, a school, what no theme reads."""


def nvdb(shape: LineString, element: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    """A row of a layer of NVDB."""
    return {"ELEMENT_ID": element, "VALID_FROM": 20141014, "VALID_TO": NVDB_OPEN,
            "START_MEASURE": start, "END_MEASURE": end, "EXTENT_LENGTH": shape.length,
            "geometry": shape, **more}  # fmt: skip


STREET, PATH, GONE = line((-60, 0), (40, 0)), line((-60, 8), (40, 8)), line((-60, 30), (40, 30))
WIDE, NARROW = line((-60, 0), (-10, 0)), line((-10, 0), (40, 0))
OVER, BELOW = line((0, -40), (0, 40)), line((-60, 0.4), (40, 0.4))
ROADS = {
    "NVDB_DK_O_88_Vagtrafiknat": [
        nvdb(STREET, "1:1", 0.0, 1.0, Nattyp="bilnät"),
        nvdb(PATH, "1:2", 0.25, 0.75, Nattyp="cykelnät"),
        nvdb(OVER, "1:3", 0.0, 1.0, Nattyp="bilnät"),
        nvdb(GONE, "1:4", 0.0, 1.0, Nattyp="bilnät") | {"VALID_TO": 20201231},
    ],
    "NVDB_DK_O_38_FunkVagklass": [
        nvdb(STREET, "1:1", 0.0, 1.0, Klass="3"),
        nvdb(OVER, "1:3", 0.0, 1.0, Klass="7"),
    ],
    "NVDB_DK_O_31_Vagbredd": [
        nvdb(WIDE, "1:1", 0.0, 0.5, Bredd=9.0, Matmetod="medelvärde"),
        nvdb(NARROW, "1:1", 0.5, 1.0, Bredd=5.0, Matmetod=None),
        nvdb(BELOW, "9:9", 0.0, 1.0, Bredd=3.0, Matmetod=None),
        nvdb(PATH, "1:2", 0.25, 0.75, Bredd=4.0) | {"VALID_TO": 20151231},
    ],
    "NVDB_DK_O_20_Gatunamn": [nvdb(STREET, "1:1", 0.0, 1.0, Namn="Esplanaden")],
    "NVDB_DK_O_99_GCM_vagtyp": [nvdb(PATH, "1:2", 0.25, 0.75, Gcm_typ="Trappa")],
    "NVDB_DK_O_30_Slitlager": [nvdb(STREET, "1:1", 0.0, 1.0, Slitlagertyp="grus")],
    "NVDB_DK_O_190_Bro_och_tunnel": [nvdb(OVER, "1:3", 0.0, 1.0, Konstruktion="överfart")],
    "NVDB_DK_O_24_Hojdhinder45dm": [
        {"ELEMENT_ID": "1:1", "VALID_TO": NVDB_OPEN, "MEASURE": 0.6, "Fri_hojd": 4.2,
         "geometry": point(0, 0)},
    ],
    "VIS_DK_O_49_Hallplats": [
        {"ELEMENT_ID": "1:1", "VALID_TO": NVDB_OPEN, "MEASURE": 0.2, "Hallplats_id": 1,
         "Hallplatsnamn": "Torget", "geometry": point(-40, 6)},
    ],
    "NVDB_DK_O_48_Hastighetsgrans": [
        nvdb(STREET, "1:1", 0.0, 1.0, Hogsta_tillatna_hastighet=40),
    ],
}  # fmt: skip
"""A cut of NVDB: a street that grows narrow, stairs, a bridge, a street that is gone, a stop."""


def paved(shape: Any, use: str, surface: str, **more: Any) -> dict[str, Any]:
    """A row of `bgt_wegdeel`."""
    return {"lokaal_id": use, "bgt_functie": use, "bgt_fysiek_voorkomen": surface,
            "plus_fysiek_voorkomen": None, "relatieve_hoogteligging": 0,
            "eind_registratie": None, "geometry": shape, **more}  # fmt: skip


BGT = {
    "bgt_wegdeel": [
        paved(area(-64, 0, 64, 8), "rijbaan lokale weg", "gesloten verharding"),
        paved(area(-64, 8, 64, 12), "fietspad", "gesloten verharding"),
        paved(area(-64, 12, 64, 16), "voetpad", "open verharding"),
        paved(area(-64, 20, 64, 24), "rijbaan lokale weg", "open verharding") |
        {"eind_registratie": "2020-01-01"},
        paved(area(-64, 30, 64, 34), "fietspad", "gesloten verharding",
              relatieve_hoogteligging=-1),
    ],
    "bgt_begroeidterreindeel": [
        {"bgt_fysiek_voorkomen": "naaldbos", "eind_registratie": None,
         "geometry": area(-64, -64, 0, -8)},
    ],
    "bgt_waterdeel": [
        {"bgt_type": "watervlakte", "eind_registratie": None, "relatieve_hoogteligging": 0,
         "geometry": area(16, -48, 48, -16)},
    ],
}  # fmt: skip
