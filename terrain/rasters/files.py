"""Raster files: opened, and what is wrong with one is found and named before its cells are used."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import CRSError as RasterCRSError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from terrain.files.kinds import Kind, is_readable, nothing_there, what_is
from terrain.plane import horizontal_of
from terrain.rasters.mosaics import SETTINGS, UnsoundError, require_local, require_small_blocks
from worlds.errors import SourceError

TILES = (
    ".tif",
    ".tiff",
    ".asc",
    ".img",
    ".vrt",
    ".bil",
    ".flt",
    ".dem",
    ".dt2",
    ".hgt",
    ".jp2",
    ".grd",
    ".xyz",
    ".ntf",
)
"""Endings of files that are tiles of a raster when a folder of them is named."""
MOST_CELLS = 200_000_000
"""That are read at one time: a region's in cells of 5 cm."""
FOOT, US_FOOT = 0.3048, 1200.0 / 3937.0
UNITS = {
    "m": 1.0, "metre": 1.0, "meter": 1.0, "metres": 1.0, "meters": 1.0, "dm": 0.1, "decimetre": 0.1,
    "decimeter": 0.1, "cm": 0.01,
    "centimetre": 0.01, "centimeter": 0.01, "mm": 0.001, "millimetre": 0.001, "millimeter": 0.001,
    "ft": FOOT, "foot": FOOT, "feet": FOOT,
    "international foot": FOOT, "us-ft": US_FOOT, "us survey foot": US_FOOT, "us_ft": US_FOOT,
    "ftus": US_FOOT, "foot_us": US_FOOT,
    "us foot": US_FOOT, "us survey feet": US_FOOT,
}  # fmt: skip
COLOURS = {
    ColorInterp.red,
    ColorInterp.green,
    ColorInterp.blue,
    ColorInterp.cyan,
    ColorInterp.magenta,
    ColorInterp.yellow,
}


@dataclass(frozen=True)
class RasterSource:
    """A raster that a configuration names under `key`. unit, crs: what the file does not say, or
    says wrong; nodata: values that mean no data, besides the one that the file declares; datum:
    what its heights are counted from, in the same way; shift_m: what to add to them."""

    path: Path
    unit: str | None = None
    band: int = 1
    crs: str | None = None
    nodata: tuple[float, ...] = ()
    key: str = "terrain.elevation"
    datum: str | None = None
    shift_m: float | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.key.rpartition('.')[2]} {self.path}"

    def declared(self, key: str, value: str | float) -> str:
        """How a configuration says more of it, as part of a hint."""
        written = f'"{value}"' if isinstance(value, str) else f"{value:.9g}"
        return f'in {self.key}: {{ path = "{self.path.name}", {key} = {written} }}'


def raster_paths(path: Path) -> tuple[Path, ...]:
    """The files that a path of a configuration means: itself, those that a pattern (`tiles/*.tif`)
    matches, or a folder's tiles,
    by name. The path itself where that is nothing."""
    if any(sign in path.name for sign in "*?["):
        found = sorted(path.parent.glob(path.name)) if path.parent.is_dir() else []
        return tuple(
            file
            for file in found
            if is_readable(file) and file.suffix.lower() not in (".ovr", ".xml", ".tfw", ".msk")
        ) or (path,)
    if path.is_dir() and not (path / "hdr.adf").exists():
        return tuple(
            sorted(
                file for file in path.rglob("*") if file.suffix.lower() in TILES and file.is_file()
            )
        ) or (path,)
    return (path,)


def _instead(kind: Kind) -> str:
    """What to do with a file of another kind where a raster belongs."""
    if kind.family == "vector":
        return (
            "name a raster such as a .tif here; outlines and lines belong under the keys of "
            "their themes"
        )
    if kind.family == "archive":
        return "unpack it, and name the raster in it"
    if kind.family == "points":
        return (
            "name it as buildings.point_cloud; for the ground make a raster in a GIS or with "
            "PDAL, and name that"
        )
    return (
        kind.advice
        if kind.family in ("nothing", "document") and kind.advice
        else "name a raster such as a GeoTIFF here"
    )


def _refuse_unreadable(source: RasterSource, error: Exception | None) -> SourceError:
    path = source.path
    absent = nothing_there(source.name, path, source.key)
    if absent is not None:
        return absent
    if path.is_dir() and not (path / "hdr.adf").exists():
        kinds = sorted(
            {file.suffix.lower() or file.name for file in path.rglob("*") if file.is_file()}
        )
        held = ", ".join(kinds[:6]) or "no files"
        return SourceError(
            f"{source.name}: a folder without raster tiles ({held})",
            hint="name a raster, or `tiles/*.tif`",
        )
    kind = what_is(path) if path.is_file() else None
    if kind is not None and kind.family not in ("raster", "unknown"):
        return SourceError(f"{source.name}: this is {kind.name}, not a raster", hint=_instead(kind))
    reason = " ".join(str(error).split())
    return SourceError(
        f"{source.name}: not a readable raster ({reason})",
        hint="the file may be empty or cut short: copy or download it again",
    )


@contextmanager
def opened(source: RasterSource) -> Iterator[rasterio.DatasetReader]:
    """The raster, open; SourceError when it cannot be read, then or while its cells are."""
    if not source.path.exists() or (
        source.path.is_dir() and not (source.path / "hdr.adf").exists()
    ):
        raise _refuse_unreadable(source, None)
    try:
        with warnings.catch_warnings(), rasterio.Env(**SETTINGS):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            require_local(source.path)
            with rasterio.open(source.path) as dataset:
                require_small_blocks(dataset)
                yield dataset
    except UnsoundError as error:
        raise SourceError(
            f"{source.name}: {error}",
            hint="ask for the data as a GeoTIFF, or make one, as with `gdal_translate -co "
            "TILED=YES OLD NEW`",
        ) from error
    except RasterioError as error:
        raise _refuse_unreadable(source, error) from error


def require_band(dataset: rasterio.DatasetReader, source: RasterSource) -> None:
    """Refuses what has no such band, and complex numbers."""
    if not dataset.count:
        inside = ", ".join(name.rpartition(":")[2] for name in dataset.subdatasets[:8])
        raise SourceError(
            f"{source.name}: holds no raster itself, but {inside or 'nothing'}",
            hint="save the one that is wanted as a .tif",
        )
    if not 1 <= source.band <= dataset.count:
        raise SourceError(
            f"{source.name}: has no band {source.band}", hint=f"it has {dataset.count}"
        )
    if "complex" in dataset.dtypes[source.band - 1]:
        raise SourceError(
            f"{source.name}: band {source.band} holds complex numbers",
            hint="name a raster of heights",
        )


def is_picture(dataset: rasterio.DatasetReader) -> bool:
    """Whether its bands are the colours of a picture: a hillshade, a map or an orthophoto."""
    bytes_only = set(dataset.dtypes) == {"uint8"} and dataset.count >= 3
    return bytes_only or bool(COLOURS & set(dataset.colorinterp))


def crs_of(dataset: rasterio.DatasetReader, source: RasterSource) -> CRS:
    """Its CRS, that of the configuration first; SourceError when there is none in which a place on
    the earth can be found."""
    if source.crs is not None:
        return CRS.from_user_input(source.crs)
    if not dataset.crs:
        points = len(dataset.gcps[0])
        if points:
            raise SourceError(
                f"{source.name}: has {points} ground control points and no CRS; it is an image, "
                f"not a raster of the ground",
                hint="name an elevation raster, or rectify this one first with gdalwarp",
            )
        raise SourceError(
            f"{source.name}: has no CRS", hint=f"say which, {source.declared('crs', 'EPSG:3006')}"
        )
    try:
        crs = CRS.from_user_input(dataset.crs.to_wkt())
    except (CRSError, RasterCRSError) as error:
        raise SourceError(
            f"{source.name}: its CRS is not understood ({' '.join(str(error).split())[:80]})",
            hint=f"say which it is, {source.declared('crs', 'EPSG:3006')}",
        ) from error
    flat = horizontal_of(crs)
    if not (flat.is_projected or flat.is_geographic):
        raise SourceError(
            f"{source.name}: its CRS {flat.name!r} is local ({flat.type_name}), and says nothing "
            f"of where on the earth it lies",
            hint=f"say which CRS its coordinates are in, {source.declared('crs', 'EPSG:3006')}",
        )
    return crs


def vertical_of(crs: CRS) -> CRS | None:
    """What its heights are measured from: a vertical CRS, itself where its third axis is the height
    above the ellipsoid, None = unsaid."""
    while crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    if len(crs.axis_info) == 3 and not crs.is_compound:
        return crs
    for part in crs.sub_crs_list:
        inner = part.source_crs if part.is_bound else part
        if inner is not None and inner.is_vertical:
            return inner
    return None


def unit_of(dataset: rasterio.DatasetReader, crs: CRS, source: RasterSource) -> str:
    """The unit of its heights, a key of UNITS; SourceError where that is not known or not said."""
    vertical = vertical_of(crs)
    named = (
        source.unit
        or dataset.units[source.band - 1]
        or (vertical.axis_info[-1].unit_name if vertical is not None else None)
    )
    flat = horizontal_of(crs)
    if not named:
        if flat.is_geographic or flat.axis_info[0].unit_conversion_factor == 1.0:
            return "m"
        raise SourceError(
            f"{source.name}: its CRS ({flat.name}) is in {flat.axis_info[0].unit_name}, "
            "and nothing says whether its heights are in feet or metres",
            hint="say which, " + source.declared("unit", "us-ft") + ', or unit = "ft" or "m"',
        )
    unit = str(named).strip().lower()
    if unit not in UNITS:
        raise SourceError(
            f"{source.name}: unknown unit of height {unit!r}",
            hint="say which it is, " + source.declared("unit", "m"),
        )
    return unit


def has_mask(dataset: rasterio.DatasetReader, band: int) -> bool:
    """Whether a mask or an alpha band says which cells are known, besides any value that means
    nodata."""
    return MaskFlags.per_dataset in dataset.mask_flag_enums[band - 1]


def same_value(cells: NDArray[np.generic], value: float) -> NDArray[np.bool_]:
    """Which cells hold a value, as far as their kind of number can hold it."""
    if np.issubdtype(cells.dtype, np.integer):
        limits = np.iinfo(str(cells.dtype))
        inside = float(value).is_integer() and limits.min <= value <= limits.max
        return cells == int(value) if inside else np.zeros(cells.shape, bool)
    with np.errstate(over="ignore"):
        return np.asarray(cells == cells.dtype.type(value))


def read_band(
    dataset: rasterio.DatasetReader,
    source: RasterSource,
    window: Window | None = None,
    shape: tuple[int, int] | None = None,
) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """((row, column) cells as they stand in the file, bool which are known: no nodata, not masked).
    shape: thinned out to that."""
    more: dict[str, Any] = {"window": window} if window is not None else {}
    if shape is not None:
        more["out_shape"] = shape
    high, wide = shape or ((window.height, window.width) if window is not None else dataset.shape)
    if high * wide > MOST_CELLS:
        raise SourceError(
            f"{source.name}: {high * wide / 1e6:,.0f} million of its cells lie in one part of the "
            f"area",
            hint="its cells are too small, or its georeference is wrong: `gdalwarp -tr 0.25 0.25 "
            "OLD NEW` makes larger ones",
        )
    cells = dataset.read(source.band, **more)
    known = np.ones(cells.shape, bool)
    if np.issubdtype(cells.dtype, np.floating):
        known &= np.isfinite(cells)
    for value in (dataset.nodatavals[source.band - 1], *source.nodata):
        if value is not None and value == value:
            known &= ~same_value(cells, value)
    alpha = [
        number + 1
        for number, meaning in enumerate(dataset.colorinterp)
        if meaning == ColorInterp.alpha and number + 1 != source.band
    ]
    if has_mask(dataset, source.band):
        known &= dataset.read_masks(source.band, **more) > 0
    elif alpha:
        # GDAL makes no mask of an alpha band whose numbers are no bytes.
        known &= dataset.read(alpha[0], **more) > 0
    return cells, known
