"""Opening vector files as people have them: which layer is meant, in which CRS it lies, and what a
file is that cannot be opened."""

from __future__ import annotations

import lzma
import shutil
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from terrain.files import ogr
from terrain.files.databases import Stamp, require_bounded, stamp_of
from terrain.files.kinds import Kind, is_readable, nothing_there, what_is
from worlds.bounded import copy_bounded
from worlds.errors import SourceError

Bounds = tuple[float, float, float, float]
DATASETS = (
    ".gpkg",
    ".shp",
    ".geojson",
    ".json",
    ".fgb",
    ".gml",
    ".kml",
    ".tab",
    ".mif",
    ".sqlite",
    ".gpx",
    ".geojsonl",
)
"""Endings of files that hold vectors, of which a folder, a pattern or a zip may have several."""
BESIDE = (
    ".shx",
    ".dbf",
    ".prj",
    ".cpg",
    ".qix",
    ".sbn",
    ".sbx",
    ".qmd",
    ".qml",
    ".xml",
    ".gpkg-wal",
    ".gpkg-shm",
    ".dat",
    ".map",
    ".id",
)
"""Endings of files that go with others."""
REFUSED = ("points", "model", "drawing", "document", "nothing", "raster")
"""Families of files that are refused before they are opened: some drivers would read a few of them,
as what they are not."""
MOST_UNPACKED, FEW_UNPACKED, DENSEST = 4_000_000_000, 500_000_000, 100
"""Bytes that an archive of geodata may unpack to: ever, however small it is, and for each of its
own."""


UNPACKABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError,
    NotImplementedError, ValueError,
    MemoryError,
)  # fmt: skip
"""What reading an archive that is damaged, or none, comes to."""


@dataclass(frozen=True)
class VectorSource:
    """encoding: of the text columns, when the file does not declare it; crs: the right one, when
    the file declares none or a wrong one; swap_axes: whether its first coordinate goes north;
    zero: WKT of what the city counts heights from, for models that say what theirs are; None = left
    as they are."""

    path: Path
    layer: str | None = None
    where: str | None = None
    encoding: str | None = None
    crs: str | None = None
    swap_axes: bool = False
    zero: str | None = None


@contextmanager
def without_warnings() -> Iterator[None]:
    """GDAL's remarks on a file are for programmers: what matters of them is an error, or
    counted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def vector_paths(path: Path) -> tuple[Path, ...]:
    """The files that a path of a configuration means: itself, those that a pattern (`tiles/*.gpkg`)
    matches, or those in a folder, by name. The path itself where that is nothing. A geodatabase is
    a folder and one file."""
    if any(sign in path.name for sign in "*?[") and not path.exists():
        found = sorted(path.parent.glob(path.name)) if path.parent.is_dir() else []
        return tuple(
            file for file in found if is_readable(file) and file.suffix.lower() not in BESIDE
        ) or (path,)
    if path.is_dir() and path.suffix.lower() != ".gdb":
        return tuple(
            sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in DATASETS and is_readable(file)
            )
        ) or (path,)
    return (path,)


def require_file(path: Path) -> None:
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise SourceError(
            f"{path}: a folder without a vector file in it",
            hint=f"name a file, or a folder with {', '.join(DATASETS[:4])}",
        )
    absent = nothing_there(str(path), path, "the path")
    if absent is not None:
        raise absent
    if not is_readable(path):
        raise SourceError(f"{path}: is a pipe or a device", hint="name a file")


def refusal(path: Path, expected: str, error: Exception | None = None) -> SourceError:
    """What to say of a file that is not as expected, as in `not readable CityJSON`: what it is, or
    why it cannot be read."""
    try:
        kind = (
            what_is(path) if path.is_file() else Kind("a folder", "unknown", "name the file in it")
        )
    except OSError as failed:
        return SourceError(
            f"{path}: cannot be read ({failed.strerror})",
            hint="check the path and the rights to read it",
        )
    # What GDAL advises is for those who call it.
    reason = (
        ""
        if error is None
        else f" ({' '.join(str(error).partition('It might help')[0].split())[:200]})"
    )
    if kind.family == "vector" and not kind.advice:
        hint = (
            "it begins as such a file does but does not go on so: compare its size with the "
            "original, and open it in a GIS"
        )
        return SourceError(f"{path}: {kind.name} that cannot be read{reason}", hint=hint)
    if kind.family == "unknown":
        return SourceError(
            f"{path}: {expected}; it is {kind.name}{reason}",
            hint=kind.advice
            or "name a GeoPackage, shapefile, GeoJSON, CityJSON, CityGML or OpenStreetMap extract",
        )
    return SourceError(
        f"{path}: is {kind.name}, not a file of outlines, lines or points", hint=kind.advice
    )


def refuse_other_kinds(source: VectorSource) -> None:
    """SourceError for a file that is known to hold no vectors, by its content. A drawing passes
    where its CRS is given."""
    if not source.path.is_file():
        return
    try:
        kind = what_is(source.path)
    except OSError as error:
        raise refusal(source.path, "not a readable vector file", error) from error
    if kind.family in REFUSED and not (kind.family == "drawing" and source.crs):
        raise refusal(source.path, "not a readable vector file")
    require_bounded(source.path)


@dataclass(frozen=True)
class _Unpacked:
    """A zip's files in a folder that lasts as long as this is held."""

    folder: Any

    @property
    def path(self) -> Path:
        return Path(self.folder.name)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Name inside, with plain slashes → entry, of the files of a zip that stay inside the folder
    they are unpacked to."""
    found = {}
    for entry in archive.infolist():
        parts = [
            part for part in entry.filename.replace("\\", "/").split("/") if part not in ("", ".")
        ]
        if entry.is_dir() or entry.filename.endswith("\\") or not parts or parts[0] == "__MACOSX":
            continue
        if ".." in parts or ":" in parts[0] or "\x00" in entry.filename:
            continue
        found["/".join(parts)] = entry
    return found


@lru_cache(maxsize=8)
def _unpack(path: Path, changed: int, size: int) -> _Unpacked:  # noqa: ARG001 - a file that has changed is another file
    """A zip unpacked for the time being, within bounds."""
    folder = tempfile.TemporaryDirectory(prefix="mc-city-", ignore_cleanup_errors=True)
    root, left = Path(folder.name), min(MOST_UNPACKED, max(FEW_UNPACKED, DENSEST * size))
    try:
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            declared = sum(entry.file_size for entry in members.values())
            if declared > min(left, shutil.disk_usage(root).free - 100_000_000):
                raise SourceError(
                    f"{path}: {size / 1e6:,.1f} MB that unpack to {declared / 1e9:.1f} GB, too "
                    f"much to unpack here",
                    hint="unpack it, and name the file in it",
                )
            for name, entry in members.items():
                target = root / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as packed, target.open("wb") as plain:
                    left -= copy_bounded(packed, plain, left)  # type: ignore[arg-type]
    except UNPACKABLE as error:
        raise SourceError(
            f"{path}: a zip that cannot be unpacked ({' '.join(str(error).split())[:200]})",
            hint="unpack it by hand, and name the file in it",
        ) from error
    return _Unpacked(folder)


def files_in_zip(path: Path) -> tuple[Path, ...]:
    """The files of a zip, by name, unpacked for the time being; none where it is no zip.
    SourceError for one that cannot be unpacked."""
    if path.suffix.lower() != ".zip" or not path.is_file() or not zipfile.is_zipfile(path):
        return ()
    stat = path.stat()
    root = _unpack(path, stat.st_mtime_ns, stat.st_size).path
    return tuple(sorted(file for file in root.rglob("*") if file.is_file()))


def _chosen_in(path: Path, root: Path, layer: str | None) -> tuple[Path, str | None]:
    """(the data set of an unpacked zip, the layer in it) that a layer's name, or its being the only
    one, chooses."""
    found = sorted(
        file
        for file in root.rglob("*")
        if file.suffix.lower() in DATASETS or (file.is_dir() and file.suffix.lower() == ".gdb")
    )
    if not found:
        inside = sorted(file.name for file in root.rglob("*") if file.is_file())
        listed = ", ".join(inside[:5]) + (", …" if len(inside) > 5 else "")
        hint = f"it holds: {listed}" if listed else "it holds no file that may be unpacked"
        raise SourceError(f"{path}: a zip without a vector file in it", hint=hint)
    names = {file.relative_to(root).as_posix(): file for file in found}
    for name, file in names.items():
        if layer is not None and layer in (name, file.name, file.stem):
            single = file.suffix.lower() in (
                ".shp",
                ".tab",
                ".mif",
                ".fgb",
                ".geojson",
                ".json",
                ".geojsonl",
            )
            return file, None if single else layer if layer in _layer_names(file) else None
    if len(found) == 1:
        return found[0], layer
    if layer is not None:
        held = [file for file in found if layer in _layer_names(file)]
        if len(held) == 1:
            return held[0], layer
        raise SourceError(f"{path}: has no layer {layer!r}", hint=f"its files: {', '.join(names)}")
    raise SourceError(
        f"{path}: has several layers",
        hint=f'name one with {{ path = "…", layer = "…" }}: {", ".join(names)}',
    )


def _layer_names(path: Path) -> list[str]:
    try:
        with without_warnings():
            return [str(name) for name, _ in ogr.list_layers(path)]
    except (ogr.DataSourceError, ogr.DataLayerError):
        return []


def opened(source: VectorSource) -> VectorSource:
    """The source with a path that can be opened as it stands: of a zip the file inside, unpacked
    for the time being."""
    path = source.path
    if path.suffix.lower() != ".zip" or not path.is_file() or not zipfile.is_zipfile(path):
        return source
    stat = path.stat()
    inside, layer = _chosen_in(
        path, _unpack(path, stat.st_mtime_ns, stat.st_size).path, source.layer
    )
    return replace(source, path=inside, layer=layer)


def _without_index(path: Path) -> SourceError | None:
    if path.suffix.lower() != ".shp":
        return None
    beside = {
        file.suffix.lower()
        for file in path.parent.iterdir()
        if file.stem.lower() == path.stem.lower()
    }
    if ".shx" in beside:
        return None
    return SourceError(
        f"{path}: the shapefile lacks its index, {path.stem}.shx",
        hint=f"a shapefile is several files: put {path.stem}.shx, .dbf and .prj beside it, from "
        f"where the .shp came",
    )


def layer_of(source: VectorSource) -> str:
    """The name of the layer that is meant: the one that is named, or the only one with geometry."""
    stamp = stamp_of(source.path)
    return _chosen_layer(source) if stamp is None else _known_layer(source, stamp)


@lru_cache(maxsize=128)
def _known_layer(source: VectorSource, stamp: Stamp) -> str:  # noqa: ARG001 - a file that has changed is another file
    return _chosen_layer(source)


def _chosen_layer(source: VectorSource) -> str:
    refuse_other_kinds(source)
    chosen = _layer_of(source)
    require_bounded(source.path, chosen)
    return chosen


def _layer_of(source: VectorSource) -> str:
    path = source.path
    try:
        with without_warnings():
            found = [(str(name), kind) for name, kind in ogr.list_layers(path)]
    except (ogr.DataSourceError, ogr.DataLayerError) as error:
        raise _without_index(path) or refusal(path, "not a readable vector file", error) from error
    layers = [name for name, kind in found if kind is not None]
    tables = [name for name, kind in found if kind is None]
    if source.layer is not None:
        if source.layer in layers:
            return source.layer
        if source.layer in tables:
            raise SourceError(
                f"{path}: {source.layer!r} is a table without geometry",
                hint=f"its layers: {', '.join(layers) or 'none'}",
            )
        raise SourceError(
            f"{path}: has no layer {source.layer!r}", hint=f"its layers: {', '.join(layers)}"
        )
    if not layers and tables:
        kind = what_is(path) if path.is_file() else None
        name = f"{kind.name}, " if kind is not None and kind.family == "table" else ""
        raise SourceError(
            f"{path}: {name}a table without geometry ({', '.join(tables[:5])})",
            hint="draw its coordinates as points in a GIS and save them as a GeoPackage",
        )
    if not layers:
        raise SourceError(f"{path}: has no layers", hint="name a file with features in it")
    if len(layers) > 1:
        raise SourceError(
            f"{path}: has several layers",
            hint=f'name one with {{ path = "…", layer = "…" }}: {", ".join(layers)}',
        )
    return layers[0]


def layer_info(source: VectorSource, layer: str | None, **wanted: bool) -> dict[str, Any]:
    """What pyogrio tells of a layer; wanted: `force_feature_count`, `force_total_bounds`."""
    stamp = stamp_of(source.path)
    if stamp is None:
        return _told_of(source, layer, tuple(wanted.items()))
    return dict(_known_of(source, layer, tuple(wanted.items()), stamp))


@lru_cache(maxsize=128)
def _known_of(
    source: VectorSource,
    layer: str | None,
    wanted: tuple[tuple[str, bool], ...],
    stamp: Stamp,  # noqa: ARG001 - a file that has changed is another file
) -> dict[str, Any]:
    return _told_of(source, layer, wanted)


def _told_of(
    source: VectorSource, layer: str | None, wanted: tuple[tuple[str, bool], ...]
) -> dict[str, Any]:
    try:
        with without_warnings():
            found: dict[str, Any] = ogr.read_info(
                source.path, layer=layer, encoding=source.encoding or "ISO-8859-1", **dict(wanted)
            )
    except (ogr.DataSourceError, ogr.DataLayerError, ValueError) as error:
        raise refusal(source.path, "not a readable vector file", error) from error
    return found


def read_raw(path: Path, encoding: str | None, **options: Any) -> Any:
    """What pyogrio reads of a file of which the encoding may not be known."""
    try:
        return ogr.raw.read(path, encoding=encoding, **options)
    except UnicodeDecodeError:
        # Old Swedish files seldom declare their encoding; it is Latin-1 then.
        return ogr.raw.read(path, encoding="ISO-8859-1", **options)


def read_rows(source: VectorSource, layer: str, bbox: Bounds | None) -> Any:
    """(meta, _, WKB (n,), columns) of a layer's features near a box in its own coordinates."""
    # Read as raw WKB: one feature that cannot be built must not lose the file.
    options: dict[str, Any] = {"layer": layer, "where": source.where, "bbox": bbox}
    try:
        with without_warnings():
            return read_raw(source.path, source.encoding, **options)
    except (ogr.DataSourceError, ogr.DataLayerError, ValueError) as error:
        if source.where is not None and "where" in str(error).lower():
            raise SourceError(
                f"{source.path}, layer {layer}: `where` is not understood "
                f"({' '.join(str(error).split())})",
                hint="write it as in where = \"kind = 'lake'\", with names of this layer's columns",
            ) from error
        raise SourceError(
            f"{source.path}, layer {layer}: cannot be read ({' '.join(str(error).split())})",
            hint="check the file, and `where` if there is one",
        ) from error
