"""What a raster file leads to besides its own cells: a mosaic names other files, and some files are
nothing but the address of a service.

Only files of this machine are read for a raster, and only those that are rasters themselves:
whoever gives away a mosaic decides neither what is asked of the network nor which of a reader's
files become ground."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import rasterio
from rasterio.errors import RasterioError

from worlds.bounded import read_file

HEAD, MOST_XML = 4096, 64 << 20
MOST_BLOCK = 256 << 20
"""Bytes of the pieces that a raster is stored in: each is read whole, however little of it is
wanted."""
DEEPEST = 4
"""Mosaics of mosaics."""
NAMING = ("SourceFilename", "SourceDataset")
SERVICES = (b"<gdal_wms", b"<wcs_gdal", b"<mrf_meta", b"<plmosaic", b'"stac_version"')
SETTINGS = {"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".nothing"}
"""GDAL's settings for whatever is opened: no addresses."""
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_]+:")
_INSIDE = re.compile(
    r'(?:NETCDF|HDF4_SDS|HDF4_EOS|HDF5|GTIFF_DIR|GPKG|BAG):"?(?!/vsi)', re.IGNORECASE
)
"""Before the name of a file that holds several rasters."""


class UnsoundError(Exception):
    """Why a raster is not to be opened."""


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)


def _named(path: Path) -> Iterator[Path]:
    """The files that a mosaic names, as far as they are there. UnsoundError for what is no file of
    this machine."""
    try:
        root = ElementTree.fromstring(read_file(path, MOST_XML))
    except ElementTree.ParseError as error:
        raise UnsoundError(f"its XML is damaged, {error}") from error
    if root.tag != "VRTDataset":
        return
    for element in root.iter():
        if element.get("subClass") == "VRTRawRasterBand":
            raise UnsoundError("it takes the bytes of some file for cells (VRTRawRasterBand)")
        if element.tag not in NAMING or not (name := (element.text or "").strip()):
            continue
        if (
            name.startswith("/vsi")
            or "://" in name
            or "<" in name
            or (_PREFIX.match(name) and not _INSIDE.match(name))
        ):
            raise UnsoundError(f"it names {name[:80]!r}, which is no file of this machine")
        beside = (element.get("relativeToVRT") or element.get("relativetoVRT")) == "1"
        found = path.parent / name if beside else Path(name)
        if found.exists() and not (found.is_file() or found.is_dir()):
            raise UnsoundError(f"it names {name[:80]!r}, which is a pipe or a device")
        if found.is_file():
            yield found


def _require_local(path: Path, deep: int) -> None:
    head = _head(path).lower()
    found = next((name for name in SERVICES if name in head), None)
    if found is not None:
        raise UnsoundError("it is the address of a service, not the data")
    if b"<vrtdataset" not in head:
        return
    if deep == DEEPEST:
        raise UnsoundError("it is a mosaic of mosaics of mosaics, too deep to be meant")
    for inner in _named(path):
        _require_local(inner, deep + 1)
        if deep or b"<vrtdataset" not in _head(inner).lower():
            _require_small_blocks(inner)


def _require_small_blocks(path: Path) -> None:
    try:
        with rasterio.open(path) as dataset:
            require_small_blocks(dataset)
    except RasterioError:
        # It is said when the mosaic is read, if it is read there.
        return


def require_small_blocks(dataset: rasterio.DatasetReader) -> None:
    """UnsoundError for a raster that is stored in pieces beyond all measure."""
    together = dataset.count if str(dataset.profile.get("interleave", "")).lower() == "pixel" else 1
    for (high, wide), kind in zip(dataset.block_shapes, dataset.dtypes, strict=True):
        size = high * wide * together * _bytes_of(kind)
        if size > MOST_BLOCK:
            raise UnsoundError(
                f"it is stored in pieces of {high} x {wide} cells, {size / 1e6:,.0f} MB each: "
                f"`gdal_translate -co TILED=YES` mends that"
            )


def _bytes_of(kind: str) -> int:
    found = re.search(r"\d+$", kind)
    return int(found[0]) // 8 if found else 1


@lru_cache(maxsize=4096)
def _checked(path: Path, changed: int, size: int) -> None:  # noqa: ARG001 - a file that has changed is another file
    _require_local(path, 0)


def require_local(path: Path) -> None:
    """UnsoundError for a file that leads to services, or to files that are none, or cannot be
    read."""
    if not path.is_file():
        return
    try:
        stat = path.stat()
        _checked(path, stat.st_mtime_ns, stat.st_size)
    except (OSError, ValueError, RecursionError) as error:
        raise UnsoundError(" ".join(str(error).split())) from error
