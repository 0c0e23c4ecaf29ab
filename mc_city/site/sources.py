"""The sources that a configuration names; and of every vector source, theme by theme, what it holds
and whether it lies where the city does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from buildings.detaljplan.choice import PlanSource
from mc_city.reports import NOTHING, SourceReport
from mc_city.settings.config import Config, DetaljplanSource, HeightSource, Source
from mc_city.settings.figures import counted
from mc_city.settings.plots import Plots
from terrain.files.kinds import what_is
from terrain.files.vectors import VectorSource, layer_of, opened, require_file
from terrain.osm.extract import is_osm
from terrain.rasters.files import RasterSource
from terrain.vectors.features import is_model
from terrain.vectors.held import product_of, read_elsewhere, serving, themes_of
from terrain.vectors.seen import NOTHING_TOUCHES, SeenSource, elsewhere, place_of, see_source
from worlds.errors import SourceError

PLOTS = "class.plots"
"""The key of building plots."""


@dataclass(frozen=True)
class SeenTheme:
    """theme: section and key, as in `terrain.water`; from_extract: whether [osm] fills it in."""

    theme: str
    from_extract: bool
    sources: tuple[SeenSource, ...]

    @property
    def touching(self) -> int:
        return sum(seen.touching for seen in self.sources)


def vector_source(source: Source) -> VectorSource:
    return VectorSource(
        path=source.path,
        layer=source.layer,
        where=source.where,
        encoding=source.encoding,
        crs=source.crs,
        swap_axes=source.swap_axes,
    )


def plots_source(plots: Plots, path: Path) -> VectorSource:
    """A file of building plots."""
    return VectorSource(
        path=path,
        layer=plots.layer,
        where=plots.where,
        encoding=plots.encoding,
        crs=plots.crs,
        swap_axes=plots.swap_axes,
    )


def height_sources(
    entries: Sequence[HeightSource | None], key: str, unit: str | None = None
) -> list[RasterSource]:
    """Every file of the entries under a key. unit: where an entry says none."""
    return [
        RasterSource(
            path=path,
            unit=entry.unit or unit,
            band=entry.band,
            crs=entry.crs,
            nodata=entry.nodata,
            key=key,
            datum=entry.datum,
            shift_m=entry.shift_m,
        )
        for entry in entries
        if entry is not None
        for path in entry.files
    ]


def plan_source(source: DetaljplanSource) -> PlanSource:
    return PlanSource(
        files=source.files,
        layer=source.layer,
        where=source.where,
        encoding=source.encoding,
        crs=source.crs,
        swap_axes=source.swap_axes,
        area=source.area,
        status=source.status,
        from_year=source.from_year,
        to_year=source.to_year,
        plans=source.plans,
        group=source.group.strip(),
    )


def named_sources(config: Config) -> dict[str, list[VectorSource]]:
    """Theme → the vector sources that the configuration names for it, or that its extract or its
    products fill in; themes without any are left out. Of a file of a well-known product that is
    named without a layer those that serve the theme; what belongs to another theme stands there."""
    terrain = config.terrain
    named: dict[str, tuple[Source, ...]] = {
        "terrain.water": terrain.water,
        "terrain.streets": terrain.streets,
        "terrain.squares": terrain.squares,
        "terrain.piers": terrain.piers,
        "terrain.edges": terrain.edges,
        "terrain.parcels": terrain.parcels,
        "terrain.structures": terrain.structures,
        "terrain.trees": terrain.trees,
        "terrain.vegetation": terrain.vegetation,
        "terrain.furniture": terrain.furniture,
        "buildings.footprints": config.buildings.footprints,
        "plans.sources": config.plans.sources,
        "names.places": config.names.places,
    }
    plots = config.lessons.plots
    held: dict[str, list[VectorSource]] = {theme: [] for theme in named}
    for theme, sources in named.items():
        for source in map(vector_source, sources):
            moved, here = read_elsewhere(source, theme), serving(source, theme)
            for other, layers in moved.items():
                held[other] += layers
            held[theme] += [] if moved and here == [source] else here
    if plots is not None:
        held[PLOTS] = [plots_source(one, one.path) for one in plots.files if one.path is not None]
    return {theme: sources for theme, sources in held.items() if sources}


def theme_sources(config: Config, theme: str) -> list[VectorSource]:
    """The vector sources of one theme, see named_sources."""
    return named_sources(config).get(theme, [])


def _product(source: VectorSource, theme: str) -> str:
    """What a source is, in words; '' where it is nothing that is known by a name."""
    if is_osm(source.path):
        return "OpenStreetMap"
    if is_model(source):
        return what_is(source.path).name
    product = product_of(source, theme)
    return "" if product is None else product.name


def _require_known_products(config: Config) -> None:
    for source in map(vector_source, config.products.files):
        require_file(source.path)
        if not themes_of([source]):
            layer_of(opened(source))
            raise SourceError(
                f"{source.path}: no product whose columns and layers are known",
                hint="name it under the theme that it is for, as in water = "
                f'["{source.path.name}"] under [terrain]',
            )


@contextmanager
def _hints_name(theme: str) -> Iterator[None]:
    """Hints that say how an entry is written say under which key it stands."""
    try:
        yield
    except SourceError as error:
        if error.hint.startswith("write {"):
            error.hint = f"write in {theme}: {error.hint.removeprefix('write ')}"
        raise


def see_sources(config: Config) -> tuple[SeenTheme, ...]:
    """Looks at every vector source. SourceError for one that cannot be used, or that lies wholly
    elsewhere by a mistake that is recognised: wrong CRS, swapped axes, degrees for metres."""
    area, city = config.grid.bounds, config.frame.crs
    _require_known_products(config)
    themes = []
    for theme, sources in named_sources(config).items():
        with _hints_name(theme):
            seen = tuple(
                replace(see_source(source, city, area), product=_product(source, theme))
                for source in sources
            )
            for one in seen:
                if one.mistake is not None:
                    raise elsewhere(one, city, area)
        extract = config.osm is not None and all(
            source.path == config.osm.extract for source in sources
        )
        themes.append(SeenTheme(theme, extract, seen))
    return tuple(themes)


def _rounded(bounds: Sequence[float] | None) -> list[float] | None:
    if bounds is None:
        return None
    digits = 6 if all(abs(value) <= 360 for value in bounds) else 1
    return [round(value, digits) for value in bounds]


def sources_report(themes: Sequence[SeenTheme]) -> list[SourceReport]:
    """One entry a source, for `check` and report.json. distance_m: None where it lies beyond what
    can be said in the city's CRS."""
    return [
        {
            "theme": theme.theme,
            "from_extract": theme.from_extract,
            "file": seen.path.name,
            "layer": seen.layer,
            "product": seen.product,
            "features": seen.features,
            "touching": seen.touching,
            "crs": seen.crs,
            "extent": _rounded(seen.extent_own),
            "extent_in_city": _rounded(seen.extent_city),
            "distance_m": round(seen.distance_m, 1) if seen.distance_m != float("inf") else None,
            "closed_at_edge": seen.closed,
            "shortened_at_edge": seen.shortened,
            "cut_and_left_out": seen.lost,
            "remark": seen.remark,
        }
        for theme in themes
        for seen in theme.sources
    ]


def cut_themes(themes: Sequence[SeenTheme]) -> list[str]:
    """What to say of areas and lines that the edge of an extract has cut."""
    lines = []
    for theme in themes:
        closed, shortened, lost = (
            sum(getattr(seen, key) for seen in theme.sources)
            for key in ("closed", "shortened", "lost")
        )
        if closed:
            lines.append(
                f"{theme.theme}: areas that the edge of the extract has cut, closed along it: "
                f"{closed:,}"
            )
        if shortened:
            lines.append(
                f"{theme.theme}: lines of which nodes are missing beyond the edge of the extract, "
                f"and which end there: {shortened:,}"
            )
        if lost:
            lines.append(
                f"{theme.theme}: areas that the edge of the extract has cut, LEFT OUT since "
                f"nothing says on which side they lie: {lost:,}; "
                "take an extract with whole relations"
            )
    return lines


def empty_themes(themes: Sequence[SeenTheme], city: str) -> list[str]:
    """What to say of themes of which nothing touches the area: `terrain.water: houses.gpkg has 12
    features, none of which …`."""
    lines = []
    for theme in themes:
        if theme.touching or theme.from_extract:
            continue
        for seen in theme.sources:
            count = "" if seen.features is None else f" has {counted(seen.features, 'feature')} and"
            place = f"; it covers {place_of(seen, city)}" if seen.extent_own else ""
            lines.append(
                f"{theme.theme}: {seen.path.name}{count} none touches the area"
                f"{'' if seen.remark == NOTHING_TOUCHES else f': {seen.remark}'}{place}"
            )
    if themes and not any(theme.touching for theme in themes):
        lines.append(
            f"{NOTHING} is in this area: no source has anything here; correct "
            "area.bounds, or name sources of this place"
        )
    return lines
