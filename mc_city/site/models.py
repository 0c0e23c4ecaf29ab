"""Models of landmarks and planned houses: read, placed on the ground, and what gives way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from buildings.developments.developments import MODEL, Developments, planned_model
from buildings.developments.planned import Planned
from buildings.models.meshes import ModelSource
from buildings.models.reading import read_model
from buildings.models.shades import Paints
from buildings.models.shaping import shape_model
from buildings.models.standing import Models, Shaped, StandingModel, no_models
from buildings.sources.footprints import Footprints
from mc_city.settings.config import Config, ModelEntry
from mc_city.settings.zero import city_zero
from mc_city.site.houses import Houses, chosen_footprints
from terrain.columns.outlines import outlines_of
from terrain.columns.scan import burn
from terrain.frame import Grid
from terrain.ground.ground import Ground
from terrain.plane import on_map
from terrain.works.presence import Options, Presence
from worlds.errors import SourceError
from worlds.java.versions import JavaVersion
from worlds.quoting import plain

MOSTLY = 0.5
"""Share of a house's columns from which on a model over it takes its place."""
MOST_TOGETHER = 200_000_000
"""Voxels of the boxes of all models: they are held while a city is built, a byte each."""
TAKEN_BY = ("demolish", "building", "water")
"""What a model of today, or of an earlier layer, gives way to."""
GroundOf = Callable[[Grid, Options], Ground]


@dataclass(frozen=True, kw_only=True, eq=False)
class ShapedModels:
    """Those that reach into the area, in the order of the configuration; skipped: the others, with
    the reason."""

    shaped: tuple[Shaped, ...]
    skipped: Counter[str]


def model_source(entry: ModelEntry, zero: CRS | None = None) -> ModelSource:
    """zero: what the city counts its heights from."""
    return ModelSource(
        path=entry.path,
        name=plain(entry.name).strip() or entry.path.stem,
        at=entry.at,
        height_datum_m=entry.height_datum_m,
        counted_from=None if zero is None else zero.to_wkt(),
        on_ground=entry.on_ground,
        turn=entry.turn,
        scale=entry.scale,
        unit=entry.unit,
        up=entry.up,
        zero=entry.zero,
        replaces=entry.replaces,
        inside=entry.inside,
        layer=entry.layer.strip(),
        variant=entry.variant.strip(),
    )


def read_models(config: Config, paints: Callable[[], Paints]) -> ShapedModels:
    """Every model as blocks. paints: asked only where there is a model."""
    grid, skipped, shaped = config.grid, Counter[str](), []
    together = 0
    zero = city_zero(config) if config.models else None
    # One file often stands many times.
    read_once, paints_once = lru_cache(maxsize=1)(read_model), lru_cache(maxsize=1)(paints)
    for entry in config.models:
        source = model_source(entry, zero)
        read, up = read_once(source.path)
        one = shape_model(read, up, source, config.frame, paints_once())
        if not one.shape.rect.meets(grid.rect):
            east, north = on_map(config.frame.crs, one.pose.east, one.pose.north)
            skipped[f"{source.name}, outside the area (E {east:.0f} N {north:.0f})"] += 1
            continue
        together += one.shape.codes.size
        if together > MOST_TOGETHER:
            raise SourceError(
                f"{source.path}: the models together are larger than {MOST_TOGETHER:,} blocks",
                hint="leave some of them out, or build a smaller area",
            )
        shaped.append(one)
    return ShapedModels(shaped=tuple(shaped), skipped=skipped)


def planned_models(models: ShapedModels, config: Config) -> list[Planned]:
    """The features of those that belong to a layer."""
    return [
        planned_model(
            one.source.layer,
            one.source.variant,
            shapely.box(*one.grid.bounds),
            number,
            config.path,
        )
        for number, one in enumerate(models.shaped)
        if one.source.layer
    ]


def _options(models: ShapedModels, developments: Developments) -> NDArray[np.bool_]:
    """(models, options) bool: which options bring each, none for those of today."""
    out = np.zeros((len(models.shaped), len(developments.options)), bool)
    features = developments.roles.get(MODEL)
    if features is not None and len(features):
        numbers = np.array(features.values(MODEL), int)
        out[numbers] = features.options
    return out


def _takes(
    models: Sequence[StandingModel], options: NDArray[np.bool_], developments: Developments
) -> NDArray[np.bool_]:
    """(options, models) bool: a model goes where a layer after its own marks half of it, or a point
    in it, for demolition, or builds or digs there."""
    takes = np.zeros((len(developments.options), len(models)), bool)
    rank_of = np.array([layer for layer, _ in developments.options], int)
    features = [developments.roles[role] for role in TAKEN_BY if role in developments.roles]
    for number, model in enumerate(models):
        own = rank_of[options[number]].min() if options[number].any() else -1
        for one in features:
            for shape, row in zip(one.geometry, one.options, strict=True):
                if _marked(model, shape):
                    takes[row & (rank_of > own), number] = True
    return takes


def _marked(model: StandingModel, shape: shapely.Geometry) -> bool:
    columns = model.shape.columns
    grid = model.shaped.grid
    if shapely.get_dimensions(shape) == 0:
        points = shapely.get_coordinates(shape)
        x, z = (np.floor(part).astype(int) for part in grid.frame.to_blocks(*points.T))
        row, column = z - grid.z0, x - grid.x0
        inside = (row >= 0) & (row < grid.nz) & (column >= 0) & (column < grid.nx)
        return bool(columns[row[inside], column[inside]].any())
    return bool(2 * (_burned(shape, grid) & columns).sum() >= columns.sum())


def _burned(shape: shapely.Geometry, grid: Grid) -> NDArray[np.bool_]:
    """(z, x) bool: the columns of the grid inside a polygon in the city's CRS."""
    out = np.full(grid.shape, -1, np.int32)
    outlines = outlines_of([shape], grid.frame)
    burn(outlines, np.zeros(1, np.int32), grid.x0, z0=grid.z0, out=out)
    return out >= 0


def _foot_y(shaped: Shaped, ground: Ground) -> tuple[int, float]:
    """(y of the blocks at its foot, metres from the highest ground below it to that)."""
    frame, foot = ground.grid.frame, shaped.shape.foot
    below = ground.standing_y[foot if foot.any() else shaped.shape.columns]
    highest = int(below.max())
    if shaped.pose.height_m is None:
        return highest + 1, 0.0
    # As ground of that height, but for the ends of the world, which are looked at afterwards.
    above = frame.level(np.array([shaped.pose.height_m])) - frame.sea_level_y
    level = int(np.rint(above[0])) + frame.sea_level_y
    return level + 1, (level - highest) / frame.vertical_scale


def stand_models(
    models: ShapedModels, developments: Developments, ground_of: GroundOf, version: JavaVersion
) -> Models:
    """Each model at its height: its own, or on the highest ground below its foot, as the option
    makes it that brings it. SourceError for one that the world cannot hold."""
    if not models.shaped:
        return replace(no_models(len(developments.options)), skipped=models.skipped)
    options = _options(models, developments)
    standing = []
    for shaped, row in zip(models.shaped, options, strict=True):
        first = np.zeros(len(row), bool)
        first[np.flatnonzero(row)[:1]] = True
        foot_y, over_m = _foot_y(shaped, ground_of(shaped.grid, first))
        model = StandingModel(shaped=shaped, foot_y=foot_y, over_m=over_m)
        _require_room(model, version)
        standing.append(model)
    takes = _takes(standing, options, developments)
    return Models(
        standing=tuple(standing), presence=Presence(options, takes), skipped=models.skipped
    )


def _require_room(model: StandingModel, version: JavaVersion) -> None:
    for y, beyond in ((model.top_y, version.max_y), (model.y0, version.min_y)):
        if y > version.max_y or y < version.min_y:
            where = "above" if y > version.max_y else "below"
            raise SourceError(
                f"model {model.name} would reach y {y}, {where} {beyond}, where the world ends",
                hint="correct its height_datum_m, unit or scale, or set vertical.sea_level_y or "
                "vertical.scale so that it fits",
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class GivingWay:
    """(models, houses) bool each: which houses a model takes the place of, and which it reaches
    into all the same."""

    replaced: NDArray[np.bool_]
    crossed: NDArray[np.bool_]


def giving_way(models: Models, houses: NDArray[np.object_]) -> GivingWay:
    """houses: (n,) polygons in the city's CRS."""
    replaced = np.zeros((len(models), len(houses)), bool)
    crossed = replaced.copy()
    if not len(models) or not len(houses):
        return GivingWay(replaced=replaced, crossed=crossed)
    tree, areas = shapely.STRtree(houses), shapely.area(houses)
    for number, model in enumerate(models.standing):
        grid, columns = model.shaped.grid, model.shape.columns
        scale = grid.frame.scale
        for house in tree.query(shapely.box(*grid.bounds)).tolist():
            common = int((_burned(houses[house], grid) & columns).sum())
            covers = common >= MOSTLY * max(areas[house] * scale**2, 1.0)
            gives = covers and model.shaped.source.replaces
            replaced[number, house] = gives
            crossed[number, house] = common > 0 and not gives
    return GivingWay(replaced=replaced, crossed=crossed)


def kept_houses(models: Models, giving: GivingWay) -> NDArray[np.bool_]:
    """(n,) bool: the houses of today that no model of today takes the place of."""
    return np.asarray(~giving.replaced[models.presence.of_today].any(axis=0))


def without_replaced(existing: Footprints, kept: NDArray[np.bool_]) -> Footprints:
    """The houses of today that are kept, (n,) bool; the others are counted."""
    if kept.all():
        return existing
    told = Counter({"where a model stands": int((~kept).sum())})
    left = chosen_footprints(existing, kept)
    return replace(left, skipped=left.skipped + told)


def with_planned_models(houses: Houses, models: Models, developments: Developments) -> Houses:
    """Houses that know which models of layers take their place: today's, and planned ones of the
    same layer or one before."""
    if not models.presence.options.any():
        return houses
    giving = giving_way(models, houses.footprints.geometry)
    takes = houses.presence.takes.copy()
    rank_of = np.array([layer for layer, _ in developments.options], int)
    built = houses.presence.options
    rank = np.where(built, rank_of, len(rank_of)).min(axis=1, initial=len(rank_of))
    rank = np.where(built.any(axis=1), rank, -1)
    for row, gone in zip(models.presence.options, giving.replaced, strict=True):
        for option in np.flatnonzero(row):
            takes[option] |= gone & (rank <= rank_of[option])
    return replace(houses, presence=houses.presence._replace(takes=takes))


def counted(models: Models, giving: GivingWay) -> Models:
    """With how many houses give way to each."""
    standing = tuple(
        replace(model, replaced=int(gone.sum()), crossed=int(met.sum()))
        for model, gone, met in zip(models.standing, giving.replaced, giving.crossed, strict=True)
    )
    return replace(models, standing=standing)
