"""What a file is by its first bytes, whatever its name says, so that one that cannot be used is
named for what it is."""

from __future__ import annotations

import errno
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from worlds.errors import SourceError

Family = Literal[
    "vector",
    "raster",
    "points",
    "model",
    "drawing",
    "table",
    "document",
    "archive",
    "nothing",
    "unknown",
]
HEAD, ROOT = 65_536, 2_000
"""Bytes that are looked at, and those in which the root of an XML file stands."""


@dataclass(frozen=True)
class Kind:
    """name: with its article, as in `a PDF document`; advice: what to do where geodata were
    expected, empty where nothing is known."""

    name: str
    family: Family
    advice: str = ""


AS_VECTORS = "export its outlines from a GIS as a GeoPackage, and name that"
EMPTY = Kind("an empty file", "nothing", "copy or download it again")
MISSING_LFS = Kind(
    "a pointer of Git LFS, not the file itself",
    "nothing",
    "fetch the file with `git lfs pull`, or download it from the web page",
)
HTML = Kind(
    "a web page (HTML)",
    "document",
    "the download went wrong: open the file in a browser, read what it says and download it again",
)
SERVICE_ERROR = Kind(
    "an error message of a web service",
    "document",
    "open it in an editor, read what it says and ask the service again",
)
POINT_CLOUD = Kind(
    "a point cloud (LAS or LAZ)",
    "points",
    "name it as buildings.point_cloud: roofs and trees are read from it; outlines and rasters are "
    "other files",
)
AS_MODEL = (
    "a model stands in the city where [[models]] names it; as footprints, export its outlines from "
    "a GIS as a GeoPackage"
)
IFC = Kind("an IFC building model", "model", AS_MODEL)
GLTF = Kind("a glTF model", "model", AS_MODEL)
OBJ = Kind("a Wavefront OBJ model", "model", AS_MODEL)
DWG = Kind("a DWG drawing", "drawing", AS_VECTORS)
DXF = Kind(
    "a DXF drawing",
    "drawing",
    f"{AS_VECTORS}; with crs = … beside its path a drawing of closed lines can be tried as it is",
)
PDF = Kind("a PDF document", "document", "ask for the data behind it, as a GeoPackage or a GeoTIFF")
IMAGE = Kind(
    "a picture or raster",
    "raster",
    "name outlines, lines or points here: a GeoPackage, a shapefile or GeoJSON",
)
XLSX = Kind(
    "an Excel workbook",
    "table",
    "draw its coordinates as points in a GIS and save them as a GeoPackage",
)
CSV = Kind(
    "a table of text (CSV)",
    "table",
    "draw its coordinates as points in a GIS and save them as a GeoPackage",
)
ZIP = Kind("a zip archive", "archive", "unpack it, and name the file in it")
GZIP = Kind("a gzip archive", "archive", "unpack it, and name the file in it")
UNKNOWN = Kind("of no kind that is known", "unknown")

_BEGINNINGS: tuple[tuple[bytes, Kind], ...] = (
    (b"version https://git-lfs", MISSING_LFS),
    (b"LASF", POINT_CLOUD),
    (b"ASTM-E57", Kind("a point cloud (E57)", "points", POINT_CLOUD.advice)),
    (b"ply\n", Kind("a PLY model or point cloud", "model", AS_VECTORS)),
    (b"ply\r\n", Kind("a PLY model or point cloud", "model", AS_VECTORS)),
    (b"ISO-10303-21", IFC),
    (b"AutoCAD Binary DXF", DXF),
    (b"%PDF", PDF),
    (b"%!PS", Kind("a PostScript document", "document", PDF.advice)),
    (b"\x89PNG", Kind("a PNG picture", "raster", IMAGE.advice)),
    (b"\xff\xd8\xff", Kind("a JPEG picture", "raster", IMAGE.advice)),
    (b"GIF8", Kind("a GIF picture", "raster", IMAGE.advice)),
    (b"BM", Kind("a BMP picture", "raster", IMAGE.advice)),
    (b"II*\x00", Kind("a TIFF raster", "raster", IMAGE.advice)),
    (b"MM\x00*", Kind("a TIFF raster", "raster", IMAGE.advice)),
    (b"II+\x00", Kind("a TIFF raster", "raster", IMAGE.advice)),
    (b"MM\x00+", Kind("a TIFF raster", "raster", IMAGE.advice)),
    (b"\x00\x00\x00\x0cjP  ", Kind("a JPEG 2000 raster", "raster", IMAGE.advice)),
    (b"\x89HDF", Kind("an HDF5 or NetCDF raster", "raster", IMAGE.advice)),
    (b"CDF\x01", Kind("a NetCDF raster", "raster", IMAGE.advice)),
    (b"CDF\x02", Kind("a NetCDF raster", "raster", IMAGE.advice)),
    (b"glTF", GLTF),
    (b"b3dm", Kind("a tile of a 3D Tiles model", "model", AS_VECTORS)),
    (b"Kaydara FBX", Kind("an FBX model", "model", AS_VECTORS)),
    (b"BLENDER", Kind("a Blender model", "model", AS_VECTORS)),
    (b"solid ", Kind("an STL model", "model", AS_VECTORS)),
    (b"\xff\xfe\xff\x0eS\x00k\x00e\x00t\x00c\x00h", Kind("a SketchUp model", "model", AS_VECTORS)),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Kind("an old Excel, Word or Revit file", "table", XLSX.advice),
    ),
    (b"SQLite format 3\x00", Kind("an SQLite database or GeoPackage", "vector")),
    (b"\x00\x00\x27\x0a", Kind("a shapefile", "vector")),
    (b"fgb\x03", Kind("a FlatGeobuf", "vector")),
    (
        b"PAR1",
        Kind(
            "a Parquet file",
            "vector",
            "save it as a GeoPackage, with `ogr2ogr NEW.gpkg OLD` or in a GIS",
        ),
    ),
    (b"7z\xbc\xaf\x27\x1c", Kind("a 7z archive", "archive", ZIP.advice)),
    (b"Rar!", Kind("a RAR archive", "archive", ZIP.advice)),
    (b"\xfd7zXZ", Kind("an xz archive", "archive", ZIP.advice)),
    (b"\x28\xb5\x2f\xfd", Kind("a Zstandard archive", "archive", ZIP.advice)),
    (b"\x1f\x8b", GZIP),
    (b"BZh", Kind("a bzip2 archive", "archive", ZIP.advice)),
    (b"!table", Kind("a MapInfo table", "vector")),
    (b"ncols", Kind("an ESRI ASCII raster", "raster", IMAGE.advice)),
    (b"NCOLS", Kind("an ESRI ASCII raster", "raster", IMAGE.advice)),
    (b"{\\rtf", Kind("a text document (RTF)", "document", PDF.advice)),
    (b"MZ", Kind("a Windows program", "document", "name a file with geodata")),
    (b"\x7fELF", Kind("a program", "document", "name a file with geodata")),
)
_WORDS_IN_XML: tuple[tuple[bytes, Kind], ...] = (
    (
        b"<ogrvrtdatasource",
        Kind(
            "a list of other sources (an OGR VRT), not the data",
            "document",
            "name the files that it lists",
        ),
    ),
    (
        b"<ogrwfsdatasource",
        Kind(
            "the address of a web service",
            "document",
            "download its data with a GIS, and name that",
        ),
    ),
    (
        b"<gdal_wms",
        Kind(
            "the address of a web service",
            "document",
            "download its data with a GIS, and name that",
        ),
    ),
    (
        b"md_metadata",
        Kind(
            "a description of data (metadata), not the data",
            "document",
            "name the file that it describes",
        ),
    ),
    (
        b"_capabilities",
        Kind(
            "what a web service says of itself (capabilities)",
            "document",
            "download its data with a GIS, and save them",
        ),
    ),
    (b"serviceexception", SERVICE_ERROR),
    (b"exceptionreport", SERVICE_ERROR),
    (b"<error>", SERVICE_ERROR),
    (
        b"<osmchange",
        Kind(
            "a list of changes to OpenStreetMap (osmChange)",
            "vector",
            "take an extract: an .osm or .osm.pbf",
        ),
    ),
    (b"<osm", Kind("an OpenStreetMap extract", "vector")),
    (b"citygml", Kind("a CityGML model", "vector")),
    (b"<kml", Kind("a KML file", "vector")),
    (b"<gpx", Kind("a GPX track", "vector")),
    (
        b"landxml",
        Kind(
            "a LandXML surface", "model", "make a raster of it in a GIS, and name that as elevation"
        ),
    ),
    (b"<collada", Kind("a COLLADA model", "model", AS_VECTORS)),
    (b"<svg", Kind("an SVG drawing", "drawing", AS_VECTORS)),
    (b"opengis.net/gml", Kind("a GML file", "vector")),
    (b"<html", HTML),
    (
        b"<metadata",
        Kind(
            "a description of data (metadata), not the data",
            "document",
            "name the file that it describes",
        ),
    ),
    (
        b"<qgis",
        Kind(
            "a QGIS project or style",
            "document",
            "name the data file that it shows, not the project",
        ),
    ),
)
_WORDS_IN_JSON: tuple[tuple[bytes, Kind], ...] = (
    (b'"cityjson', Kind("a CityJSON model", "vector")),
    (b'"overpass', Kind("an answer of Overpass", "vector")),
    (b'"osm3s"', Kind("an answer of Overpass", "vector")),
    (b'"accessors"', GLTF),
    (b'"bufferviews"', GLTF),
    (b'"geometricerror"', Kind("a set of 3D Tiles", "model", AS_VECTORS)),
    (b'"topology"', Kind("a TopoJSON file", "vector")),
    (b'"featurecollection"', Kind("a GeoJSON file", "vector")),
    (b'"feature"', Kind("a GeoJSON file", "vector")),
    (b'"error"', SERVICE_ERROR),
    (b'"exceptions"', SERVICE_ERROR),
)


def is_readable(path: Path) -> bool:
    """Whether something is a file or a folder: reading a pipe or a device may never end."""
    return path.is_file() or path.is_dir()


def nothing_there(name: str, path: Path, key: str) -> SourceError | None:
    """What to say where a path, or a pattern such as `*.tif`, means no file. name: what messages
    call the source; key: where a configuration names it."""
    if path.exists():
        return None
    pattern = any(sign in path.name for sign in "*?[")
    return SourceError(
        f"{name}: no file matches" if pattern else f"{name}: no such file",
        hint=f"correct {key}; paths are relative to the configuration",
    )


def head_of(path: Path) -> bytes:
    """The file's first bytes, without a byte-order mark; UTF-16 as UTF-8. OSError where it cannot
    be read."""
    if path.exists() and not is_readable(path):
        raise OSError(errno.EINVAL, "it is a pipe or a device", str(path))
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") and head[:4] != b"\xff\xfe\xff\x0e":
        return head.decode("utf-16", "replace").encode("utf-8")
    return head.removeprefix(b"\xef\xbb\xbf")


def _in_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.replace("\\", "/").lower() for name in archive.namelist()[:10_000]]
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        struct.error,
    ):
        return Kind(
            "a damaged zip archive",
            "archive",
            "copy or download it again: its list of contents, at its end, cannot be read",
        )
    if "xl/workbook.xml" in names:
        return XLSX
    if "content.xml" in names and "mimetype" in names:
        return Kind("an OpenDocument file", "table", XLSX.advice)
    if "word/document.xml" in names:
        return Kind("a Word document", "document", PDF.advice)
    if any(name.endswith("level.dat") for name in names):
        return Kind("a Minecraft world", "document", "name a file with geodata")
    return ZIP


def _is_obj(lines: list[bytes]) -> bool:
    """Whether the first lines that are no remarks are those of a Wavefront OBJ. lines: in lower
    case."""
    said = [line.split() for line in lines[:400] if line.strip() and not line.startswith(b"#")]
    keys = [words[0] for words in said if words][:20]
    known = (b"v", b"vt", b"vn", b"f", b"o", b"g", b"s", b"mtllib", b"usemtl")
    corners = b"v" in keys and all(key in known for key in keys)
    return corners or keys[:1] == [b"mtllib"]


def _in_text(text: bytes) -> Kind:
    """Of what begins like text. text: stripped, in lower case."""
    if text.startswith((b"<!doctype html", b"<html")):
        return HTML
    if text.startswith(b"<"):
        # Only the root says that it is no data: farther in such words may be somebody's.
        near = text[:ROOT]
        found = (
            kind
            for word, kind in _WORDS_IN_XML
            if word in (text if kind.family == "vector" else near)
        )
        return next(found, Kind("an XML file", "unknown"))
    if text[:1] in (b"{", b"["):
        return next(
            (kind for word, kind in _WORDS_IN_JSON if word in text), Kind("a JSON file", "unknown")
        )
    lines = text.split(b"\n")
    if lines[0].strip() in (b"0", b"999") and b"section" in text:
        return DXF
    if lines[0].startswith(b"!table"):
        return Kind("a MapInfo table", "vector")
    if _is_obj(lines):
        return OBJ
    if b"\x00" not in text and len(lines) > 1:
        first, second = (
            max(line.count(sign) for sign in (b",", b";", b"\t")) for line in lines[:2]
        )
        if first and first == second:
            return CSV
    return UNKNOWN


def what_is(path: Path) -> Kind:
    """The kind of a file, by its content; OSError where it cannot be read."""
    head = head_of(path)
    if not head:
        return EMPTY
    if not head.strip(b"\x00"):
        return Kind("a file of nothing but zeros", "nothing", "copy or download it again")
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _in_zip(path)
    if head[:4] == b"AC10" and head[4:6].isdigit():
        return DWG
    if b"OSMHeader" in head[:64]:
        return Kind("an OpenStreetMap extract", "vector")
    if head.startswith(b"BM") and b"\x00" not in head[:64]:
        return _in_text(head.lstrip().lower())
    found = next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), None)
    return _in_text(head.lstrip().lower()) if found is None else found


def model_format(path: Path) -> str | None:
    """`gltf`, `obj`, `ifc` or `citygml` of a file that can stand in the city as it looks, None of
    others. OSError where it cannot be read."""
    kind = what_is(path)
    known = {GLTF.name: "gltf", OBJ.name: "obj", IFC.name: "ifc", "a CityGML model": "citygml"}
    if kind.name in known:
        return known[kind.name]
    # What says little at its beginning is believed its name: remarks of any length, long buffers.
    by_name = {".gltf": "gltf", ".obj": "obj"}.get(path.suffix.lower())
    return by_name if kind.family == "unknown" or kind.name == "a table of text (CSV)" else None
