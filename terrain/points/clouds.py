"""Point clouds: what a file is, where it lies and what its heights are counted from, before its
points are read."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path

from pyproj import CRS
from pyproj.exceptions import CRSError

from terrain.files.kinds import is_readable, nothing_there, what_is
from terrain.frame import Frame
from terrain.plane import crs_text, flat_crs, horizontal_of, is_same, way
from terrain.points.heads import Bounds, Head, Record, data_of, read_head, require_sound_chunks
from terrain.rasters.datums import Separation, datum_of
from terrain.rasters.files import UNITS, vertical_of
from terrain.rasters.vertical import counted
from worlds.errors import SourceError

ENDINGS = (".laz", ".las")
PROJECTION, WKT, GEO_KEYS = "LASF_Projection", 2112, 34735
PROJECTED, GEOGRAPHIC, VERTICAL, VERTICAL_UNIT = 3072, 2048, 4096, 4099
"""Keys of GeoTIFF."""
USER_DEFINED = 32767
MOST_DEGREES = 400.0
"""Of a place on the earth, in degrees or gon."""
KEY_UNITS = {9001: "m", 9002: "ft", 9003: "us-ft"}
COPC = Record("copc", 1, 0, 0)


@dataclass(frozen=True)
class CloudSource:
    """A point cloud that a configuration names under `key`. crs: what the file does not say, or
    says wrong; unit: of its heights, datum: what they are counted from, in the same way; shift_m:
    what to add to them."""

    path: Path
    crs: str | None = None
    unit: str | None = None
    key: str = "buildings.point_cloud"
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


@dataclass(frozen=True)
class Cloud:
    """What is known of a point cloud. crs: WKT of where its points lie, without heights; vertical:
    WKT of what their heights are measured from, None = unsaid; separation: what to take from
    heights for those of the city; bounds: (west, south, east, north) in crs; octree: whether it is
    a COPC, which can be read in part; counted: what its heights are counted from, for a person;
    notes: what a user should know of it."""

    source: CloudSource
    head: Head
    crs: str
    vertical: str | None
    separation: Separation | None
    metres_per_unit: float
    octree: bool
    counted: str = ""
    notes: tuple[str, ...] = ()

    @property
    def bounds(self) -> Bounds:
        return self.head.bounds

    def __repr__(self) -> str:
        return f"Cloud({self.source.path.name}, {self.head.count:,} points)"


def cloud_paths(path: Path) -> tuple[Path, ...]:
    """The files that a path of a configuration means: itself, those that a pattern (`*.laz`)
    matches, or the point clouds in a folder, by name. The path itself where that is nothing."""
    if any(sign in path.name for sign in "*?["):
        found = sorted(path.parent.glob(path.name)) if path.parent.is_dir() else []
        return tuple(file for file in found if is_readable(file)) or (path,)
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
        return tuple(file for file in inside if file.is_file()) or (path,)
    return (path,)


def inspect_cloud(source: CloudSource, frame: Frame, zero: CRS | None = None) -> Cloud:
    """Opens a point cloud and checks that it can hold what a city is read from; SourceError when it
    cannot. zero: what the city counts its heights from, where its CRS does not say."""
    head, crs, unit = look_at_cloud(source)
    horizontal, vertical = horizontal_of(crs), vertical_of(crs)
    if horizontal.is_geographic and head.count and max(map(abs, head.bounds)) > MOST_DEGREES:
        raise SourceError(
            f"{source.name}: its coordinates, {head.lows[0]:.9g} {head.lows[1]:.9g}, are no "
            f"degrees, as its CRS {horizontal.name!r} wants them",
            hint=f"say which CRS they are in, {source.declared('crs', 'EPSG:5845')}",
        )
    if source.datum is not None:
        vertical = datum_of(source.datum)
    wkt = None if vertical is None else vertical.to_wkt()
    found = counted(horizontal.to_wkt(), wkt, source, frame, zero)
    notes = found.notes
    if not head.count:
        notes = (*notes, "holds no points")
    return Cloud(
        source=source,
        head=head,
        crs=horizontal.to_wkt(),
        vertical=wkt,
        separation=found.separation,
        counted=found.said,
        metres_per_unit=_metres_per_unit(source, unit, horizontal, vertical),
        octree=head.record(COPC.user, COPC.number) is not None and head.form >= 6,
        notes=notes,
    )


def look_at_cloud(source: CloudSource) -> tuple[Head, CRS, str | None]:
    """(the head of a file, its CRS, the unit of heights where its keys name one)."""
    _require_points(source)
    try:
        head = read_head(source.path, source.name)
        require_sound_chunks(head, source.path, source.name)
        return head, *_crs_of(head, source)
    except (OSError, struct.error) as error:
        raise SourceError(
            f"{source.name}: cannot be read ({' '.join(str(error).split())[:80]})",
            hint="copy or download it again",
        ) from error


def _require_points(source: CloudSource) -> None:
    path = source.path
    absent = nothing_there(source.name, path, source.key)
    if absent is not None:
        raise absent
    if not path.is_file():
        raise SourceError(
            f"{source.name}: a folder without point clouds", hint='name `"laser/*.laz"`'
        )
    try:
        kind = what_is(path)
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as error:
        raise SourceError(
            f"{source.name}: cannot be read ({error.strerror})", hint="look at its permissions"
        ) from error
    if begins != b"LASF":
        advice = "name a .laz or .las file here"
        raise SourceError(
            f"{source.name}: this is {kind.name}, not a point cloud (LAS or LAZ)",
            hint=kind.advice if kind.family in ("nothing", "document", "archive") else advice,
        )


def _crs_of(head: Head, source: CloudSource) -> tuple[CRS, str | None]:
    """(its CRS, that of the configuration first; the unit of heights that GeoTIFF keys name).
    SourceError when there is none in which a place on the earth can be found."""
    unit = None
    if source.crs is not None:
        crs = CRS.from_user_input(source.crs)
    else:
        text = head.record(PROJECTION, WKT)
        keys = head.record(PROJECTION, GEO_KEYS)
        found = _from_wkt(data_of(text, source.path, source.name)) if text else None
        if found is None and keys is not None:
            found, unit = _from_keys(data_of(keys, source.path, source.name))
        if found is None:
            said = "has no CRS" if text is None and keys is None else "its CRS is not understood"
            raise SourceError(
                f"{source.name}: {said}", hint=f"say which, {source.declared('crs', 'EPSG:5845')}"
            )
        crs = found
    flat = horizontal_of(crs)
    if not (flat.is_projected or flat.is_geographic):
        raise SourceError(
            f"{source.name}: its CRS {flat.name!r} is local, and says nothing of where on the "
            f"earth it lies",
            hint=f"say which CRS its coordinates are in, {source.declared('crs', 'EPSG:5845')}",
        )
    return crs, unit


def _from_wkt(data: bytes) -> CRS | None:
    try:
        return CRS.from_wkt(data.split(b"\x00")[0].decode("utf-8", "replace"))
    except CRSError:
        return None


def _from_keys(data: bytes) -> tuple[CRS | None, str | None]:
    """(the CRS that GeoTIFF keys name by its numbers, None = none; the unit of heights)."""
    words = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
    keys = {
        words[at]: words[at + 3]
        for at in range(4, len(words) - 3, 4)
        if words[at + 1] == 0 and 0 < words[at + 3] < USER_DEFINED
    }
    number, vertical = keys.get(PROJECTED) or keys.get(GEOGRAPHIC), keys.get(VERTICAL)
    unit = KEY_UNITS.get(keys.get(VERTICAL_UNIT, 0))
    for text in (f"EPSG:{number}+{vertical}", f"EPSG:{number}"):
        try:
            return CRS.from_user_input(text), unit
        except CRSError:
            continue
    return None, unit


def _metres_per_unit(
    source: CloudSource, unit: str | None, horizontal: CRS, vertical: CRS | None
) -> float:
    """Of its heights: as the configuration says, or the vertical CRS; else as its coordinates."""
    named = source.unit or (vertical.axis_info[-1].unit_name if vertical is not None else unit)
    if named is None and horizontal.is_projected:
        return float(horizontal.axis_info[0].unit_conversion_factor)
    known = UNITS.get(str(named or "m").strip().lower())
    if known is None:
        raise SourceError(
            f"{source.name}: unknown unit of height {named!r}",
            hint="say which it is, " + source.declared("unit", "m"),
        )
    return known


def bounds_in(cloud: Cloud, frame: Frame, bounds: Bounds) -> Bounds:
    """Bounds of the city's CRS in that of a cloud, with a little more on each side where they are
    not the same."""
    there, here = CRS.from_wkt(cloud.crs), flat_crs(frame.crs)
    if is_same(there, here):
        return bounds
    transformer = way(here, there)
    west, south, east, north = transformer.transform_bounds(*bounds, densify_pts=21)
    hair = 1e-6 * max(east - west, north - south)
    return float(west - hair), float(south - hair), float(east + hair), float(north + hair)


def bounds_on_map(cloud: Cloud, frame: Frame) -> Bounds:
    """Its bounds in the city's CRS, on the map; infinite where they have no place there."""
    there, here = CRS.from_wkt(cloud.crs), flat_crs(crs_text(frame.crs))
    if is_same(there, here):
        return cloud.bounds
    transformer = way(there, here)
    west, south, east, north = transformer.transform_bounds(*cloud.bounds, densify_pts=21)
    return float(west), float(south), float(east), float(north)


def meets(first: Bounds, second: Bounds) -> bool:
    """Whether two bounds touch; those that are not finite may."""
    if not all(math.isfinite(one) for one in (*first, *second)):
        return True
    return (
        first[0] <= second[2]
        and second[0] <= first[2]
        and first[1] <= second[3]
        and second[1] <= first[3]
    )
