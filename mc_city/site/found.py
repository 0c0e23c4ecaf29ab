"""Files that somebody has: what each is, where it lies, and for which key of a configuration it is
most likely meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from buildings.detaljplan.files import read_v4, v4_files
from terrain.areas.landcover import LEGENDS, NMD, NMD_2023, class_of
from terrain.files import ogr
from terrain.files.databases import require_bounded
from terrain.files.kinds import GLTF, IFC, OBJ, POINT_CLOUD, what_is
from terrain.files.vectors import VectorSource, layer_info, layer_of, opened, require_file
from terrain.models.city_models import ground_of_models
from terrain.osm.extract import OSM_CRS, is_osm
from terrain.plane import horizontal_of
from terrain.points.clouds import CloudSource, look_at_cloud
from terrain.rasters.files import (
    RasterSource,
    crs_of,
    is_picture,
    raster_paths,
    read_band,
    require_band,
)
from terrain.rasters.files import opened as opened_raster
from terrain.vectors.features import is_model, read_features, read_model
from terrain.vectors.held import HeldLayer
from worlds.errors import SourceError

Bounds = tuple[float, float, float, float]
BESIDE = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qmd", ".qpj", ".tfw", ".jgw",
".ovr", ".msk", ".xml", ".lock", ".toml",
          ".txt", ".md", ".pdf", ".html", ".qml", ".sld", ".wld", ".zipx", ".crc", ".idx", ".mtl",
          ".gpkg-wal", ".gpkg-shm")  # fmt: skip
"""Endings of what lies beside data and is none, or says something of it."""
KINDS = {2: "polygon", 1: "line", 0: "point"}
THUMB = 256
"""Cells along the longer side to which a raster is thinned out to look at it."""
RASTER_WORDS = (
    (
        "terrain.canopy",
        ("cdsm", "canopy", "chm", "krontak", "krontack", "tradhojd", "vegetationshojd", "kronhojd"),
    ),
    (
        "terrain.landcover",
        ("landcover", "land_cover", "nmd", "marktack", "worldcover", "lulc", "clc", "landuse"),
    ),
    ("buildings.surface_model", ("dsm", "dom", "surface", "ytmodell", "yta", "ndsm")),
)
"""Key → words in the name of a raster that is meant for it; without any it is elevation."""
LAYER_WORDS: dict[int, tuple[tuple[str, tuple[str, ...]], ...]] = {
    2: (
        ("buildings.footprints", ("byggnad", "building", "hus", "house", "footprint", "pand",
        "gebaude", "rakennu", "bygning")),
        ("terrain.water", ("vatten", "water", "sjo", "lake", "hydro", "hav", "vesi", "wasser")),
        ("terrain.squares", ("torg", "square", "plats", "parkering")),
        ("terrain.piers", ("brygg", "pier", "jetty", "jetties", "kaj")),
        ("terrain.parcels", ("fastighet", "registerenhet", "parcel", "tomt", "cadast", "matrikel")),
        ("terrain.vegetation", ("mark", "vegetation", "skog", "forest", "landuse", "areas", "natur",
        "park", "gron")),
    ),
    1: (
        ("terrain.streets", ("vag", "street", "road", "gata", "gator", "jarnvag", "rail", "highway",
        "natt", "stig", "path", "trafik")),
        ("terrain.water", ("vattendrag", "water", "river", "stream", "hydro")),
        ("terrain.piers", ("brygg", "pier", "jetty", "jetties")),
        ("terrain.structures", ("ledning", "power", "lift", "linbana")),
        ("terrain.edges", ("staket", "hack", "mur", "fence", "hedge", "wall", "barrier")),
    ),
    0: (
        ("terrain.trees", ("trad", "tree", "baum", "puu")),
        ("names.places", ("place", "ort", "namn", "name")),
        ("terrain.structures", ("mast", "torn", "tower", "anlagg", "structure", "vindkraft")),
        ("terrain.furniture", ("furniture", "bank", "bench", "mobel", "hallplats")),
    ),
}  # fmt: skip
"""Dimension of a layer's features → key, words in its name."""
COLUMN_WORDS: dict[int, tuple[tuple[str, tuple[str, ...]], ...]] = {
    2: (
        ("buildings.footprints", ("building", "building:levels", "andamal1", "rel_ridge",
        "rooftype", "byggnadsna", "vaningar", "floors",
                                  "objektidentitet", "bouwjaar")),
        ("terrain.water", ("level_m", "waterway", "water")),
        ("terrain.vegetation", ("landuse", "leisure", "natural")),
        ("terrain.parcels", ("fastighet", "registerenhet", "fastighetsbeteckning")),
    ),
    1: (("terrain.streets", ("highway", "railway", "nattyp", "vagnummer", "korfalt")),
    ("terrain.water", ("waterway",))),
    0: (("terrain.trees", ("species", "tradart", "genus", "tradslag")), ("terrain.furniture",
    ("amenity",)), ("names.places", ("place",))),
}  # fmt: skip
"""The same by its columns, which are asked first."""


SWEDISH = "EPSG:3006"
MODEL = "models"
"""The key of models, of which nobody but a person knows where they stand."""
HOUSES, MOST_PLACES = "buildings.footprints", 300_000
"""The key of houses; features of a layer of which it is looked where each lies."""
MODELS = (GLTF.name, OBJ.name, IFC.name)
EITHER_NMD = {**NMD_2023, **NMD}


@dataclass(frozen=True)
class Found:
    """key: section and key, as in `terrain.water`; '' where nobody can tell; path as it was given;
    crs: without heights; extent: polygon in it, of what is known in the file; remark: what a person
    should know; legend: of land cover; product: what it is, where that is known. Of rasters: known,
    (k, 2) float64, a selection of the points in `crs` that have data; cell: the side of a cell, in
    units of `crs`. Of houses: places, (k, 2) float64, the middle of each. Of city models: ground_m,
    the height above the datum at which the middle one of its houses begins."""

    key: str
    path: Path
    crs: str
    extent: shapely.Polygon
    layer: str | None = None
    remark: str = ""
    legend: str | None = None
    features: int | None = None
    product: str = ""
    known: NDArray[np.float64] | None = None
    cell: float = 0.0
    ground_m: float | None = None
    places: NDArray[np.float64] | None = None


def _plain(text: str) -> str:
    return text.lower().translate(str.maketrans("åäöéü", "aaoeu"))


def _by_words(name: str, table: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """The key of the first word that is in a name: as a word of its own, or, when long enough,
    anywhere."""
    plain = _plain(name)
    pieces = re.split(r"[^a-z]+", plain)
    return next(
        (
            key
            for key, words in table
            if any(word in pieces or (len(word) > 3 and word in plain) for word in words)
        ),
        "",
    )


def expanded(files: Sequence[Path]) -> list[Path]:
    """The files that are meant: patterns, which not every shell resolves, and folders are looked
    into; what only goes with data is left out. SourceError for one that is not there."""
    out: dict[Path, None] = {}
    for file in files:
        if any(sign in file.name for sign in "*?[") and not file.exists():
            inside = sorted(file.parent.glob(file.name)) if file.parent.is_dir() else []
        elif file.is_dir() and file.suffix.lower() != ".gdb":
            inside = sorted(
                path for path in file.iterdir() if path.is_file() or path.suffix.lower() == ".gdb"
            )
        else:
            inside = [file]
            if not file.exists():
                raise SourceError(
                    f"{file}: no such file",
                    hint="correct the path; it is looked for from the folder you are in",
                )
            require_file(file)
        several = len(inside) > 1 or inside != [file]
        if not inside:
            raise SourceError(
                f"{file}: no file there",
                hint="name the files that you have, as in data/dem.tif data/houses.gpkg",
            )
        out |= dict.fromkeys(
            path for path in inside if not (several and path.suffix.lower() in BESIDE)
        )
        if not several and file.suffix.lower() in (".dbf", ".shx", ".prj", ".cpg"):
            out.pop(file)
    return list(out)


def _box(bounds: Sequence[float]) -> shapely.Polygon:
    """The polygon of bounds, with points between its corners. What has no width, a single point,
    gets one of a millionth."""
    west, south, east, north = (float(value) for value in bounds)
    hair = 1e-6 * max(abs(west), abs(north), 1.0)
    east, north = max(east, west + hair), max(north, south + hair)
    return shapely.segmentize(
        shapely.box(west, south, east, north), max(east - west, north - south) / 16
    )


def crs_text(crs: CRS) -> str:
    """EPSG:… of a CRS, as WKT where it has no number."""
    authority = crs.to_authority(min_confidence=70)
    return ":".join(authority) if authority else crs.to_wkt()


def look_at_raster(path: Path, own: str | None = None) -> Found:
    """A raster, and where it holds something. own: its CRS, where the file says none or a wrong
    one."""
    key = _by_words(path.stem, RASTER_WORDS) or "terrain.elevation"
    source = RasterSource(raster_paths(path)[0], crs=own, key=key)
    with opened_raster(source) as dataset:
        require_band(dataset, source)
        crs = crs_text(horizontal_of(crs_of(dataset, source)))
        shrink = min(1.0, THUMB / max(dataset.shape))
        shape = max(round(dataset.height * shrink), 1), max(round(dataset.width * shrink), 1)
        cells, known = read_band(dataset, source, shape=shape)
        transform = dataset.transform * dataset.transform.scale(
            dataset.width / shape[1], dataset.height / shape[0]
        )
        if key == "terrain.elevation" and is_picture(dataset):
            return Found("", path, crs, _box(dataset.bounds), remark="a picture, no heights")
    if not known.any():
        return Found("", path, crs, _box(dataset.bounds), remark="no cell of it holds anything")
    rows, columns = np.nonzero(known)
    east, north = (
        one * (columns + 0.5) + two * (rows + 0.5) + more
        for one, two, more in (transform[:3], transform[3:6])
    )
    thumb = float(np.sqrt(abs(transform.determinant)))
    half = thumb / 2
    extent = _box((east.min() - half, north.min() - half, east.max() + half, north.max() + half))
    found = Found(key, path, crs, extent, known=np.column_stack([east, north]), cell=thumb * shrink)
    return _with_legend(found, cells[known]) if key == "terrain.landcover" else found


def _with_legend(found: Found, cells: NDArray[np.generic]) -> Found:
    """A land cover with the legend that knows most of its codes; commented where none does."""
    codes, counts = np.unique(cells, return_counts=True)
    best, share = "", 0.0
    for name, legend in {"nmd": EITHER_NMD, "worldcover": LEGENDS["worldcover"]}.items():
        fits = sum(
            int(count)
            for code, count in zip(codes, counts, strict=True)
            if class_of(int(code), legend) is not None
        )
        if fits / counts.sum() > share:
            best, share = name, fits / counts.sum()
    if share > 0.8:
        return replace(found, legend=best)
    shown = ", ".join(str(int(code)) for code in codes[:12])
    return replace(
        found,
        key="",
        remark=f"land cover with a legend of its own, codes {shown}: write what each means, as in "
        f'{{ 3 = "spruce" }}',
    )


def _dimension(source: VectorSource, layer: str, kind: str) -> int:
    """2, 1 or 0 of a layer's features; of those that may be anything, that of the first hundred."""
    for word, dimension in (
        ("Polygon", 2),
        ("Line", 1),
        ("Point", 0),
        ("Curve", 1),
        ("Surface", 2),
    ):
        if word in kind:
            return dimension
    found = ogr.raw.read(
        source.path, layer=layer, max_features=100, columns=[], encoding="ISO-8859-1"
    )[2]
    shapes = (
        shapely.from_wkb(found, on_invalid="ignore")
        if found is not None and len(found)
        else np.empty(0, object)
    )
    dimensions = shapely.get_dimensions(shapes)
    return int(dimensions.max()) if len(dimensions) else -1


def _look_at_layer(
    path: Path, source: VectorSource, layer: str, kind: str, alone: bool
) -> Iterator[Found]:
    require_bounded(path, layer)
    info = layer_info(source, layer, force_feature_count=True, force_total_bounds=True)
    bounds, count, own = info["total_bounds"], int(info["features"]), source.crs or info["crs"]
    if not count or bounds is None or not np.isfinite(bounds).all() or not own:
        if own or not count:
            return
        raise SourceError(
            f"{path}: {layer} has no CRS",
            hint="save it with one in a GIS, or leave it out and name it with crs = … later",
        )
    columns = {str(name).lower() for name in info["fields"]}
    dimension = _dimension(source, layer, kind)
    named = None if alone else layer
    crs = crs_text(horizontal_of(CRS.from_user_input(own)))
    if {"layer", "role"} <= columns:
        yield Found("plans.sources", path, crs, _box(bounds), named, features=count)
        return
    served = HeldLayer(layer, tuple(info["fields"]), KINDS.get(dimension)).themes()
    for theme, product in served.items():
        places = _places(source, layer, count) if theme == HOUSES else None
        yield Found(
            theme, path, crs, _box(bounds), named, features=count, product=product.name,
            places=places,
        )  # fmt: skip
    if served:
        return
    by_columns = next(
        (key for key, words in COLUMN_WORDS.get(dimension, ()) if columns & set(words)), ""
    )
    words = LAYER_WORDS.get(dimension, ())
    key = (
        by_columns
        or _by_words(layer, words)
        or _by_words(path.stem, words)
        or _by_words(path.stem, LAYER_WORDS[0][-1:])
    )
    what = {2: "outlines", 1: "lines", 0: "points"}.get(dimension, "features")
    yield Found(
        key=key,
        path=path,
        crs=crs,
        extent=_box(bounds),
        layer=named,
        remark="" if key else f"{what}: of what is not said; name it under its key by hand",
        features=count,
        places=_places(source, layer, count) if key == HOUSES else None,
    )


def _places(source: VectorSource, layer: str, count: int) -> NDArray[np.float64] | None:
    """(k, 2) the middle of each feature's bounds; None where there are too many to be looked at."""
    if count > MOST_PLACES:
        return None
    west, south, east, north = ogr.read_bounds(source.path, layer=layer)[1]
    middles = np.column_stack([(west + east) / 2, (south + north) / 2])
    return np.asarray(middles[np.isfinite(middles).all(axis=1)])


def _look_at_vectors(path: Path, own: str | None = None) -> Iterator[Found]:
    source = opened(VectorSource(path, crs=own))
    if is_model(source):
        crs = own or _model_crs(source)
        houses = read_features(source, crs, None)
        if len(houses.geometry):
            extent = _box(shapely.total_bounds(houses.geometry))
            yield Found(
                "buildings.footprints",
                path,
                crs,
                extent,
                features=len(houses.geometry),
                ground_m=ground_of_models(houses.columns),
                places=shapely.get_coordinates(shapely.centroid(houses.geometry)),
            )
        return
    try:
        layers = [
            (str(name), str(kind))
            for name, kind in ogr.list_layers(source.path)
            if kind is not None
        ]
    except (ogr.DataSourceError, ogr.DataLayerError):
        layer_of(source)
        raise
    if not layers:
        layer_of(source)
    for name, kind in layers:
        yield from _look_at_layer(path, source, name, kind, len(layers) == 1)


def _model_crs(source: VectorSource) -> str:
    own = read_model(source.path)[0]
    if not own:
        raise SourceError(
            f"{source.path}: has no CRS", hint="leave it out, and name it with crs = … later"
        )
    return crs_text(horizontal_of(CRS.from_user_input(own)))


def _look_at_extract(path: Path) -> Found:
    said = layer_info(VectorSource(path, "points"), "points", force_total_bounds=True)[
        "total_bounds"
    ]
    boxes = np.array([said if said is not None else [np.nan] * 4], float)
    if not np.isfinite(boxes).all():
        # Its head does not say what it covers: what is in it does.
        boxes = np.vstack(
            [ogr.read_bounds(path, layer=layer)[1].T for layer in ("points", "lines")]
        )
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        raise SourceError(f"{path}: an extract with nothing in it", hint="download a larger one")
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return Found("osm.extract", path, OSM_CRS, _box((west, south, east, north)))


def _look_at_cloud(path: Path) -> Found:
    head, crs, _ = look_at_cloud(CloudSource(path))
    remark = "" if head.count else "holds no points"
    return Found(
        "buildings.point_cloud",
        path,
        crs_text(horizontal_of(crs)),
        _box(head.bounds),
        remark=remark,
        features=head.count,
    )


def _look_at_detaljplan(path: Path) -> list[Found]:
    """A detaljplan of Lantmäteriet's, in Sweden's national system."""
    plans = [plan for file in v4_files(path) for plan in read_v4(file, SWEDISH).plans]
    shapes = [plan.shape for plan in plans if plan.shape is not None]
    if not shapes:
        return []
    extent = _box(shapely.total_bounds(np.array([*shapes, None], object)[:-1]))
    return [Found("plans.detaljplaner", path, SWEDISH, extent, features=len(shapes))]


def look_at(path: Path, own: str | None = None) -> list[Found]:
    """What is in a file, or in a folder of tiles: a raster, an extract, or layers of features. own:
    its CRS, where the file says none or a wrong one. SourceError for one that cannot be used."""
    if is_osm(path):
        return [_look_at_extract(path)]
    if v4_files(path):
        return _look_at_detaljplan(path)
    kind = what_is(path) if path.is_file() else None
    if kind is not None and kind.name in MODELS:
        return [Found(MODEL, path, SWEDISH, shapely.Polygon(), remark=kind.name)]
    if kind == POINT_CLOUD:
        return [_look_at_cloud(path)]
    if kind is not None and kind.family == "raster":
        return [look_at_raster(path, own)]
    if path.is_file() and path.suffix.lower() in (
        ".asc",
        ".img",
        ".vrt",
        ".bil",
        ".flt",
        ".dem",
        ".hgt",
        ".grd",
        ".jp2",
        ".xyz",
    ):
        return [look_at_raster(path, own)]
    return list(_look_at_vectors(path, own))


def without_layers_beside(found: Sequence[Found]) -> list[Found]:
    """Without the other layers of files of well-known products: they serve no theme, or are read
    with those that do. Of a road network that is not recognised the layer with most lines."""
    kept = []
    for path in dict.fromkeys(one.path for one in found):
        own = [one for one in found if one.path == path]
        known = [one for one in own if one.product]
        others = len({one.layer for one in own} - {one.layer for one in known})
        if known:
            own = known
        elif any(one.key == "terrain.streets" and "nvdb" in str(one.layer).lower() for one in own):
            streets = [one for one in own if one.key == "terrain.streets"]
            own = [max(streets, key=lambda one: one.features or 0)]
        kept += own
        if known and others:
            remark = f"{others} other layers, which serve no theme or are read with those above"
            kept.append(replace(known[0], key="", layer=None, remark=remark))
    return kept


def carried(found: Found, crs: str) -> shapely.Polygon | None:
    """The extent of a file in another CRS; None where it has no place in it."""
    return to_crs(found.extent, found.crs, crs)


def to_crs(shape: shapely.Polygon, own: str, crs: str) -> shapely.Polygon | None:
    try:
        transformer = Transformer.from_crs(
            CRS.from_user_input(own), CRS.from_user_input(crs), always_xy=True
        )
        moved = shapely.transform(
            shape, lambda points: np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
        )
    except (CRSError, ProjError):
        return None
    return moved if np.isfinite(shapely.get_coordinates(moved)).all() else None
