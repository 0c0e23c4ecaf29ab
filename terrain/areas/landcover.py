"""What covers the land where no street, square or water lies: rasters of classes, sampled for each
column with soft edges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.windows import Window

from terrain.columns.lots import SWAY_X, SWAY_Z
from terrain.columns.scan import hash2
from terrain.frame import Grid, quantised
from terrain.ground.covers import COVER
from terrain.plane import CityCrs, flat_crs, horizontal_of, is_same, way
from terrain.rasters.files import RasterSource, crs_of, is_picture, opened, read_band, require_band
from worlds.errors import SourceError
from worlds.kernels import njit

NMD = {
    0: "", 2: "wetland", 3: "field", 41: "rock", 42: "meadow", 51: "", 52: "", 53: "", 61: "",
    62: "", 111: "pine", 112: "spruce", 113: "mixed", 114: "mixed", 115: "broadleaved",
    116: "broadleaved", 117: "broadleaved", 118: "clearing", 121: "pine", 122: "spruce",
    123: "mixed", 124: "mixed", 125: "broadleaved", 126: "broadleaved", 127: "broadleaved",
    128: "clearing",
}  # fmt: skip
"""Classes of the Swedish national land cover of 2018; '' says nothing that is not known better."""
NMD_2023 = {
    **NMD, 20: "wetland", 21: "wetland", 22: "wetland", 200: "wetland",
    **dict.fromkeys((*range(211, 219), *range(221, 229)), "wetland"), 23: "broadleaved",
    230: "broadleaved", 43: "broadleaved", 41: "meadow", 411: "rock", 412: "rock", 413: "rock",
    421: "clearing", 422: "meadow", 423: "meadow", 54: "", 110: "mixed", 120: "mixed",
}  # fmt: skip
"""The same of 2023: open wetland is divided, low mountain forest (23, 43, 230) has come, and 41 is
open land that is not divided further: what has nothing growing on it is 411."""
ONLY_2023 = frozenset(NMD_2023) - frozenset(NMD)
WORLDCOVER = {
    10: "mixed", 20: "clearing", 30: "meadow", 40: "field", 50: "", 60: "rock", 70: "rock", 80: "",
    90: "wetland", 95: "wetland",
    100: "clearing", 0: "",
}  # fmt: skip
LEGENDS = {"nmd": NMD, "nmd2018": NMD, "nmd2023": NMD_2023, "worldcover": WORLDCOVER}
EDITIONS = {"nmd2018": "NMD 2018", "nmd2023": "NMD 2023"}
THUMB = 512
"""Cells along the longer side to which a raster is thinned out to look at its codes."""
COVER_OF = {
    "": "grass", "spruce": "spruce_forest", "pine": "pine_forest", "mixed": "mixed_forest",
    "broadleaved": "leaf_forest",
    "clearing": "clearing", "field": "field", "meadow": "meadow", "wetland": "wetland",
    "rock": "rock",
}  # fmt: skip
FORESTS = ("spruce_forest", "pine_forest", "mixed_forest", "leaf_forest")
METRES_PER_DEGREE = 111_320.0
WAVE, SWAY = 8, 0.45
"""Columns between the knots of the noise that moves where a column is looked up; how far, in
cells."""


@dataclass(frozen=True)
class Edition:
    """Of the national land cover. legend: a key of EDITIONS; because: how it was recognised."""

    legend: str
    because: str


@dataclass(frozen=True)
class LandCover:
    """codes: (rows, columns) uint8 of COVERS; matrix: the affine transform from the raster's CRS to
    (column, row); crs: as text; unknown: codes of the raster that the legend lacks → cells, taken
    for what says nothing; name: of the file; edition: of the national land cover, None of
    others."""

    codes: NDArray[np.uint8]
    transform: rasterio.Affine
    crs: str
    unknown: Counter[int] = field(default_factory=Counter)
    name: str = ""
    edition: Edition | None = None


def class_of(code: int, legend: dict[int, str]) -> str | None:
    """The class of a code; NMD's four digits 42xx are kinds of its 42x. None when the legend lacks
    it."""
    if code in legend:
        return legend[code]
    if not 4200 <= code < 4300:
        return None
    return legend.get(code // 10, legend.get(code // 100))


def edition_of(source: RasterSource) -> Edition:
    """Which edition of the national land cover a raster is: by its name, or by codes that only the
    later one has, wherever in it they stand. Whatever area is built, it is the same."""
    name = source.path.stem.casefold()
    for legend in EDITIONS:
        if legend.removeprefix("nmd") in name:
            return Edition(legend, "by its name")
    with opened(source) as dataset:
        require_band(dataset, source)
        shrink = min(1.0, THUMB / max(dataset.shape))
        shape = max(round(dataset.height * shrink), 1), max(round(dataset.width * shrink), 1)
        cells, known = read_band(dataset, source, shape=shape)
    held = {int(code) for code in np.unique(cells[known]).tolist() if code == code}
    later = sorted(code for code in held if code in ONLY_2023 or 4200 <= code < 4300)
    if later:
        return Edition("nmd2023", f"by its codes {', '.join(map(str, later[:4]))}")
    return Edition("nmd2018", "no code that only 2023 has")


def legend_of(
    source: RasterSource, said: str | dict[int, str]
) -> tuple[dict[int, str], Edition | None]:
    """(the legend of a raster, its edition of the national land cover or None). said: a key of
    LEGENDS, of which `nmd` leaves the edition open, or a legend of one's own."""
    if isinstance(said, dict):
        return said, None
    edition = edition_of(source) if said == "nmd" else None
    if said in EDITIONS:
        edition = Edition(said, "as the configuration says")
    return LEGENDS[said if edition is None else edition.legend], edition


def _window_of(dataset: rasterio.DatasetReader, crs: CRS, grid: Grid | None) -> Window:
    """The part of a raster that a grid needs, a cell more on each side; all of it without a
    grid."""
    whole = Window(0, 0, dataset.width, dataset.height)
    if grid is None:
        return whole
    west, south, east, north = way(flat_crs(grid.frame.crs), crs).transform_bounds(
        *grid.bounds, densify_pts=21
    )
    corners = [
        ~dataset.transform @ corner
        for corner in ((west, north), (east, north), (west, south), (east, south))
    ]
    left, top = (int(np.floor(min(corner[axis] for corner in corners))) - 2 for axis in (0, 1))
    right, bottom = (int(np.ceil(max(corner[axis] for corner in corners))) + 2 for axis in (0, 1))
    left, top, right, bottom = (
        max(left, 0),
        max(top, 0),
        min(right, dataset.width),
        min(bottom, dataset.height),
    )
    return (
        Window(left, top, right - left, bottom - top)
        if left < right and top < bottom
        else Window(0, 0, 0, 0)
    )


def _refuse_no_codes(
    dataset: rasterio.DatasetReader, source: RasterSource, values: NDArray[np.generic]
) -> None:
    """SourceError where cells are colours or numbers that no class has."""
    if is_picture(dataset):
        raise SourceError(
            f"{source.name}: is a picture with {dataset.count} bands of colours, not classes",
            hint="name the raster of class codes that it was drawn from",
        )
    if np.issubdtype(values.dtype, np.floating):
        broken = values[values != np.rint(values)]
        if len(broken):
            raise SourceError(
                f"{source.name}: {len(broken):,} of its cells are no codes of classes but numbers "
                f"such as {broken[0]:.4g}",
                hint="name a raster of land cover classes; heights belong under terrain.elevation "
                "or terrain.canopy",
            )


def read_landcover(
    source: RasterSource, said: str | dict[int, str], grid: Grid | None = None
) -> LandCover:
    """The classes of a raster as covers, where a grid needs them. said: see legend_of. SourceError
    when it cannot be used."""
    legend, edition = legend_of(source, said)
    with opened(source) as dataset:
        require_band(dataset, source)
        crs = horizontal_of(crs_of(dataset, source))
        window = _window_of(dataset, crs, grid)
        transform = dataset.transform @ rasterio.Affine.translation(window.col_off, window.row_off)
        if not window.width:
            return LandCover(
                np.zeros((0, 0), np.uint8),
                transform,
                crs.to_wkt(),
                name=source.path.name,
                edition=edition,
            )
        values, known = read_band(dataset, source, window)
        _refuse_no_codes(dataset, source, values[known])
    codes, unknown = np.full(values.shape, COVER["grass"], np.uint8), Counter[int]()
    found_in, cells = np.unique(values[known], return_counts=True)
    for value, count in zip(found_in.tolist(), cells.tolist(), strict=True):
        found = class_of(int(value), legend)
        if found is None:
            unknown[int(value)] = int(count)
        else:
            codes[known & (values == value)] = COVER[COVER_OF[found]]
    if len(found_in) and len(unknown) == len(found_in):
        some = ", ".join(str(code) for code in sorted(unknown)[:8])
        raise SourceError(
            f"{source.name}: its legend knows none of the codes in it ({some})",
            hint='say what they mean: legend = { 5 = "broadleaved", 7 = "" }, with the classes '
            "that README.md lists",
        )
    return LandCover(
        codes, transform, crs.to_wkt(), unknown, name=source.path.name, edition=edition
    )


@njit(cache=True, nogil=True)
def _noise(x0: int, z0: int, depth: int, width: int, seed: int) -> NDArray[np.float32]:
    """(depth, width) float32 in −1 … 1, smooth over WAVE columns, the same wherever it is asked
    for."""
    out = np.empty((depth, width), np.float32)
    for z in range(depth):
        cell_z = (z0 + z) // WAVE
        part_z = ((z0 + z) - cell_z * WAVE) / WAVE
        for x in range(width):
            cell_x = (x0 + x) // WAVE
            part_x = ((x0 + x) - cell_x * WAVE) / WAVE
            total = 0.0
            for dz in range(2):
                for dx in range(2):
                    weight = (part_z if dz else 1.0 - part_z) * (part_x if dx else 1.0 - part_x)
                    total += weight * (
                        (hash2(cell_x + dx, cell_z + dz, seed) & 0xFFFF) / 32767.5 - 1.0
                    )
            out[z, x] = total
    return out


@njit(cache=True, nogil=True)
def _look_up(
    codes: NDArray[np.uint8],
    matrix: tuple[float, float, float, float, float, float],
    east: NDArray[np.float64],
    north: NDArray[np.float64],
    sway_east: NDArray[np.float32],
    sway_south: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    """Fills `out` with the class at (east (x,), north (z,)) moved by the sway (z, x), metres, where
    that lies in the raster."""
    a, b, c, d, e, f = matrix
    for z in range(out.shape[0]):
        for x in range(out.shape[1]):
            there_east, there_north = east[x] + sway_east[z, x], north[z] - sway_south[z, x]
            column = int(np.floor(a * there_east + b * there_north + c))
            row = int(np.floor(d * there_east + e * there_north + f))
            if 0 <= row < codes.shape[0] and 0 <= column < codes.shape[1]:
                out[z, x] = codes[row, column]


def landcover_columns(covers: Sequence[LandCover], grid: Grid) -> NDArray[np.uint8]:
    """(z, x) uint8 codes of COVERS over the grid; grass beyond the rasters, of which earlier ones
    win. Cells do not show as squares: where a column is looked up sways by a smooth noise."""
    out = np.full(grid.shape, COVER["grass"], np.uint8)
    for cover in reversed(covers):
        _lay(cover, grid, out)
    return out


def _lay(cover: LandCover, grid: Grid, out: NDArray[np.uint8]) -> None:
    """Lays one raster's classes over `out` (z, x), in place."""
    if not cover.codes.size:
        return
    frame = grid.frame
    same = _same_crs(cover.crs, frame.crs)
    cell_m = abs(cover.transform.e) * (
        METRES_PER_DEGREE if CRS.from_user_input(cover.crs).is_geographic else 1.0
    )
    sway_x, sway_z = (
        _noise(grid.x0, grid.z0, *grid.shape, seed) * np.float32(SWAY * cell_m)
        for seed in (SWAY_X, SWAY_Z)
    )
    east, north = frame.to_city(
        grid.x0 + np.arange(grid.nx) + 0.5, grid.z0 + np.arange(grid.nz) + 0.5
    )
    if same:
        _look_up(
            cover.codes,
            tuple(~cover.transform)[:6],
            east,
            north,
            sway_east=sway_x,
            sway_south=sway_z,
            out=out,
        )
        return
    transformer = way(frame.crs, cover.crs)
    there_x, there_y = transformer.transform(east[None, :] + sway_x, north[:, None] - sway_z)
    a, b, c, d, e, f = tuple(~cover.transform)[:6]
    column = np.floor(quantised(a * there_x + b * there_y + c)).astype(np.int64)
    row = np.floor(quantised(d * there_x + e * there_y + f)).astype(np.int64)
    inside = (
        (row >= 0) & (row < cover.codes.shape[0]) & (column >= 0) & (column < cover.codes.shape[1])
    )
    out[inside] = cover.codes[row[inside], column[inside]]


@lru_cache(maxsize=64)
def _same_crs(first: str, second: CityCrs) -> bool:
    return is_same(first, second)
