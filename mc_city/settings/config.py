"""TOML → frozen, checked settings. The only place that knows the names of the keys."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from buildings.models.meshes import Inside, Unit, Upward, Zero
from mc_city.settings.coordinates import (
    as_option,
    require_four,
    require_near_origin,
    require_sound_bounds,
    require_sound_places,
    require_sound_point,
)
from mc_city.settings.extract import fill_from_extract
from mc_city.settings.fetched import Fetch, fill_from_fetched
from mc_city.settings.heights import CountedHeights, Vertical
from mc_city.settings.ideas import geopackages
from mc_city.settings.mistakes import SettingError, explain, find_config, parse, read_text
from mc_city.settings.outline import area_svg
from mc_city.settings.place import Area, City
from mc_city.settings.plots import OnePlots
from mc_city.settings.products import fill_from_products
from mc_city.settings.sections import CrsText, LocalPath, Section
from terrain.areas.landcover import COVER_OF
from terrain.files.vectors import vector_paths
from terrain.frame import ROOM_ABOVE, ROOM_BELOW, Frame, Grid
from terrain.plane import area_in_city, box_on_map, turned
from terrain.points.clouds import cloud_paths
from terrain.rasters.files import raster_paths
from worlds.bedrock.versions import DEFAULT as BEDROCK_VERSION
from worlds.bedrock.versions import BedrockVersion
from worlds.errors import ConfigError
from worlds.java.dimension import raised
from worlds.java.versions import DEFAULT as JAVA_VERSION
from worlds.java.versions import JavaVersion, java_version
from worlds.shipped import SHIPPED
from worlds.style_tables import STYLES
from worlds.words import Words, read_words

PROJECT = Path(__file__).resolve().parent.parent.parent
DEFAULT_CONFIG = SHIPPED / "configs" / "sundsvall.toml"


class Source(Section):
    """A file, and where several layers or many features are in it, which of them. crs: the right
    one, where the file says none or a wrong one; swap_axes: vectors of which the first coordinate
    goes north."""

    path: LocalPath
    layer: str | None = None
    where: str | None = None
    encoding: str | None = None
    crs: CrsText | None = None
    swap_axes: bool = False


def _as_source(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise SettingError("names no file", hint="write the path of a file, or leave this key out")
    return {"path": value} if isinstance(value, str | Path) else value


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _text_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


OneSource = Annotated[Source, BeforeValidator(_as_source)]


def _each_file(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """A source for each file that a pattern (`tiles/*.gpkg`) or a folder means."""
    return tuple(
        source.model_copy(update={"path": path})
        for source in sources
        for path in vector_paths(source.path)
    )


Sources = Annotated[tuple[OneSource, ...], BeforeValidator(_as_list), AfterValidator(_each_file)]


def _one_or_several(value: Any) -> Any:
    return () if value is None else value if isinstance(value, list | tuple) else (value,)


class RasterFiles(Section):
    """A raster, a folder of tiles or a pattern such as `tiles/*.tif`. crs, nodata: what the files
    do not say, or say wrong."""

    path: LocalPath
    crs: CrsText | None = None
    nodata: Annotated[tuple[float, ...], BeforeValidator(_one_or_several)] = ()
    band: int = Field(1, ge=1)

    @property
    def files(self) -> tuple[Path, ...]:
        return raster_paths(self.path)


class HeightSource(RasterFiles, CountedHeights):
    """A raster of heights. unit: of a height, when the file does not say it or says it wrong."""

    unit: Literal["m", "dm", "cm", "mm", "ft", "us-ft"] | None = None


OneHeightSource = Annotated[HeightSource, BeforeValidator(_as_source)]
HeightSources = Annotated[tuple[OneHeightSource, ...], BeforeValidator(_as_list)]


class PointCloudSource(CountedHeights):
    """Point clouds of a laser scanner (LAZ, COPC): one, a folder of them or a pattern such as
    `laser/*.laz`. crs: what the files do not say, or say wrong; unit: of their heights."""

    path: LocalPath
    crs: CrsText | None = None
    unit: Literal["m", "ft", "us-ft"] | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        return cloud_paths(self.path)


OnePointCloud = Annotated[PointCloudSource, BeforeValidator(_as_source)]
PointClouds = Annotated[tuple[OnePointCloud, ...], BeforeValidator(_as_list)]


class LandCoverSource(RasterFiles):
    """A raster of classes. legend: `nmd` of either edition, which is recognised, or `nmd2018`,
    `nmd2023`, `worldcover`, or its codes with one of the classes of terrain.landcover each."""

    legend: Literal["nmd", "nmd2018", "nmd2023", "worldcover"] | dict[int, str] = "nmd"

    @field_validator("legend")
    @classmethod
    def _has_known_classes(cls, value: Any) -> Any:
        unknown = (
            sorted({name for name in value.values() if name not in COVER_OF})
            if isinstance(value, dict)
            else []
        )
        if unknown:
            raise ValueError(
                f"no class {', '.join(unknown)}; known: "
                f"{', '.join(name for name in COVER_OF if name)}"
            )
        return value


class Osm(Section):
    """An OpenStreetMap extract that fills in every theme that is not named."""

    extract: LocalPath


class Products(Section):
    """Files of well-known products (Lantmäteriet's, NVDB, BGT), each of which fills in the themes
    that it has and that are not named."""

    files: Sources = ()


class Terrain(Section):
    elevation: HeightSources = ()
    flat_m: float | None = Field(None, ge=-500.0, le=9000.0)
    elevation_unit: Literal["m", "ft", "us-ft"] | None = None
    allow_voids: bool = False
    water: Sources = ()
    streets: Sources = ()
    squares: Sources = ()
    piers: Sources = ()
    edges: Sources = ()
    parcels: Sources = ()
    structures: Sources = ()
    trees: Sources = ()
    furniture: Sources = ()
    landcover: Annotated[LandCoverSource, BeforeValidator(_as_source)] | None = None
    canopy: OneHeightSource | None = None
    vegetation: Sources = ()
    trees_from_laser: bool = True

    @model_validator(mode="after")
    def _has_ground(self) -> Terrain:
        if not self.elevation and self.flat_m is None:
            raise ValueError(
                "no elevation raster; a city that has none needs flat_m = 3.0, a flat ground at "
                "that height"
            )
        if self.elevation and self.flat_m is not None:
            raise ValueError("either elevation or flat_m, not both")
        return self


class Fields(Section):
    """Column names, where they differ from the known ones."""

    id: str | None = None
    name: str | None = None
    use: str | None = None
    height_m: str | None = None
    eaves_m: str | None = None
    ridge_m: str | None = None
    top_m: str | None = None
    floors: str | None = None
    min_height_m: str | None = None
    min_floors: str | None = None
    roof_shape: str | None = None
    roof_height_m: str | None = None
    roof_floors: str | None = None
    roof_angle: str | None = None
    roof_direction: str | None = None
    roof_orientation: str | None = None
    colour: str | None = None
    material: str | None = None
    roof_colour: str | None = None
    roof_material: str | None = None
    year: str | None = None
    part: str | None = None


def _full_if_true(value: object) -> object:
    """Early configurations say only whether there is anything inside."""
    return "full" if value is True else value


Interiors = Annotated[Literal["full", "bare", False], BeforeValidator(_full_if_true)]
"""What is inside houses: furnished rooms, or floors, stairs, light and shelves, or nothing."""


class Buildings(Section):
    footprints: Sources = ()
    fields: Fields = Fields()
    surface_model: OneHeightSource | None = None
    point_cloud: PointClouds = ()
    interiors: Interiors = "full"


class DetaljplanSource(Source):
    """Detaljplaner, of which what they allow becomes layers: v4 JSON of Lantmäteriet's, or vector
    files of a municipality's. area: west, south, east, north in the city's CRS, instead of the
    whole city; status: words that a plan's status holds; from_year, to_year: of legal force; plans:
    names or designations; group: one layer of that name for all of them."""

    area: tuple[float, float, float, float] | None = None
    status: Annotated[tuple[str, ...], BeforeValidator(_text_as_list)] = ("laga kraft",)
    from_year: int | None = Field(None, ge=1850, le=2200)
    to_year: int | None = Field(None, ge=1850, le=2200)
    plans: Annotated[tuple[str, ...], BeforeValidator(_text_as_list)] = ()
    group: str = Field("", max_length=100)

    @property
    def files(self) -> tuple[Path, ...]:
        return vector_paths(self.path)


OneDetaljplanSource = Annotated[DetaljplanSource, BeforeValidator(_as_source)]


class Plans(Section):
    """Planned developments, each a layer that can be switched on and off; and what detaljplaner
    allow."""

    sources: Sources = ()
    detaljplaner: Annotated[tuple[OneDetaljplanSource, ...], BeforeValidator(_as_list)] = ()


class ModelEntry(Section):
    """A model of a landmark or a planned house: glTF, OBJ, IFC or CityGML. See
    buildings.models.meshes.ModelSource for what the keys mean."""

    path: LocalPath
    name: str = Field("", max_length=100)
    at: tuple[float, float] | None = None
    height_datum_m: float | None = Field(None, ge=-500.0, le=9000.0)
    on_ground: bool = False
    turn: float = Field(0.0, ge=-3600.0, le=3600.0)
    scale: float = Field(1.0, gt=0.0, le=1e6)
    unit: Unit | None = None
    up: Upward | None = None
    zero: Zero | None = None
    replaces: bool = True
    inside: Inside = "hollow"
    layer: str = Field("", max_length=60)
    variant: str = Field("", max_length=60)

    @model_validator(mode="after")
    def _has_one_height(self) -> ModelEntry:
        if self.on_ground and self.height_datum_m is not None:
            raise ValueError("either height_datum_m or on_ground = true, not both")
        if self.variant and not self.layer:
            raise ValueError("a variant belongs to a layer: name that too")
        return self


class Names(Section):
    """What is named in the world besides streets and houses: points with `name`."""

    places: Sources = ()


class World(Section):
    editions: Annotated[tuple[Literal["java", "bedrock"], ...], BeforeValidator(_text_as_list)] = (
        Field(("java", "bedrock"), min_length=1)
    )
    java_version: str = JAVA_VERSION
    bedrock_version: str = BEDROCK_VERSION
    game_mode: Literal["creative", "adventure", "survival", "spectator"] = "creative"
    spawn: tuple[float, float] | None = None
    seed: int = 0
    time: int = Field(6000, ge=0, lt=24000)
    daylight_cycle: bool = False
    weather_cycle: bool = False
    furniture: bool = True


class Lessons(Section):
    """What a class does in the world. votes: whether there are buttons for votes at the boards;
    ideas: what classes built, as `mc-city harvest` wrote it, each proposal a layer; plots: where it
    builds; guard: whether it may build there only, from the beginning."""

    votes: bool = True
    ideas: Annotated[
        tuple[LocalPath, ...], BeforeValidator(_as_list), AfterValidator(geopackages)
    ] = ()
    plots: OnePlots | None = None
    guard: bool = False

    @model_validator(mode="after")
    def _guards_something(self) -> Lessons:
        if self.guard and self.plots is None:
            raise ValueError("guard = true keeps builders on their plots, and there are no plots")
        return self


class Config(Section):
    """A whole configuration; `path` is the file it was read from and `styles` the style table to
    draw with."""

    path: Path
    city: City
    area: Area
    vertical: Vertical = Vertical()
    fetch: Fetch | None = None
    osm: Osm | None = None
    products: Products = Products()
    terrain: Terrain
    buildings: Buildings = Buildings()
    plans: Plans = Plans()
    models: Annotated[tuple[ModelEntry, ...], BeforeValidator(_as_list)] = Field((), max_length=64)
    names: Names = Names()
    world: World = World()
    lessons: Lessons = Field(Lessons(), alias="class")
    styles: LocalPath = STYLES
    _built: tuple[int, int, int, int] | None = PrivateAttr(None)
    """x0, z0, nx, nz of a part of a turned city, whose bounds on the map would say it roughly."""

    @model_validator(mode="after")
    def _lies_somewhere(self) -> Config:
        require_sound_places(self.city.crs, self.city.origin, self.area.bounds)
        if self.world.spawn is not None:
            require_sound_point("world.spawn", self.world.spawn, self.city.crs, self.area.bounds)
        for model in self.models:
            if model.at is not None:
                require_sound_point("models.at", model.at, self.city.crs, self.area.bounds)
        if self.lessons.plots is not None and self.lessons.plots.at is not None:
            at = self.lessons.plots.at
            require_sound_point("class.plots.at", at, self.city.crs, self.area.bounds)
        return self

    @property
    def words(self) -> Words:
        """The fixed words of the world, in the city's language."""
        return read_words(self.city.language)

    @property
    def java(self) -> JavaVersion:
        """How its Java world is written: as high as it says, where that is the only edition."""
        version = java_version(self.world.java_version)
        if set(self.world.editions) != {"java"}:
            return version
        return raised(version, self.vertical.java_bottom, self.vertical.java_top)

    @property
    def _levels(self) -> tuple[int, int]:
        """The lowest and the highest block of the worlds in which a city has to stand. What stands
        in one edition does so in both, unless Java's is raised."""
        if self.vertical.raises_java and set(self.world.editions) == {"java"}:
            return self.vertical.java_bottom, self.vertical.java_top
        return (
            max(JavaVersion.min_y, BedrockVersion.min_y),
            min(JavaVersion.max_y, BedrockVersion.max_y),
        )

    @property
    def frame(self) -> Frame:
        east, north = self.city.origin
        lowest, highest = self._levels
        return Frame(
            crs=turned(self.city.crs, self.city.origin, self.city.turn_deg),
            origin_east=east,
            origin_north=north,
            scale=self.area.scale,
            sea_level_y=self.vertical.sea_level_y,
            vertical_scale=self.vertical.scale * self.area.scale,
            lowest_y=lowest + ROOM_BELOW,
            highest_y=highest - ROOM_ABOVE,
        )

    @property
    def grid(self) -> Grid:
        frame = self.frame
        if self._built is not None:
            return Grid(frame, *self._built)
        return Grid.of_bounds(frame, *area_in_city(frame.crs, self.area.bounds))

    @classmethod
    def of(
        cls,
        settings: Mapping[str, Any] | None = None,
        *,
        folder: Path | str = ".",
        **sections: Any,
    ) -> Config:
        """Settings without a file: sections as a dict or by name, each a dict with the keys of the
        TOML file, checked as those are. folder: what relative paths begin at.

        >>> Config.of(
        ...     city={"name": "Ön", "crs": "EPSG:3006", "origin": (600_000, 6_900_000)},
        ...     area={"bounds": (600_000, 6_900_000, 600_256, 6_900_128)},
        ...     terrain={"flat_m": 3.0},
        ... )
        <Config Ön: EPSG:3006, 256 x 128 blocks>
        """
        table = {**(settings or {}), **sections}
        return _checked(table, Path(folder).expanduser().resolve() / "settings")

    def __repr__(self) -> str:
        grid = self.grid
        return f"<Config {self.city.name}: {self.city.crs}, {grid.nx} x {grid.nz} blocks>"

    __str__ = __repr__

    def _repr_svg_(self) -> str:
        """The area's outline, in a notebook."""
        grid = self.grid
        return area_svg(
            self.city.name,
            self.city.crs,
            box_on_map(grid.frame.crs, grid.bounds),
            (grid.nx, grid.nz),
            blocks_per_metre=self.area.scale,
            turn_deg=self.city.turn_deg,
        )

    def with_world(self, **settings: Any) -> Config:
        """With other settings of its worlds, checked as those of a file are."""
        try:
            world = World.model_validate({**dict(self.world), **settings})
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(map(str, ("world", *first["loc"])))
            raise ConfigError(
                f"{key} = {first['input']!r:.80}: {first['msg']}",
                hint="the keys are those of [world] in a configuration",
            ) from error
        return self.model_copy(update={"world": world})

    def with_ideas(self, paths: Sequence[Path]) -> Config:
        """With these files of ideas besides its own."""
        more = geopackages([Path(os.path.realpath(path)) for path in paths])
        ideas = tuple(dict.fromkeys((*self.lessons.ideas, *more)))
        return self.model_copy(update={"lessons": self.lessons.model_copy(update={"ideas": ideas})})

    def with_area(self, bounds: tuple[float, float, float, float]) -> Config:
        require_four(bounds, "an area")
        require_sound_bounds(bounds, self.city.crs, as_option)
        require_near_origin(self.city.origin, bounds, as_option)
        found = self.model_copy(update={"area": Area(bounds=bounds, scale=self.area.scale)})
        found._built = None
        return found

    def with_grid(self, part: Grid) -> Config:
        """For a part of its area, which grows to whole chunks."""
        grid = Grid.of_bounds(part.frame, *part.bounds)
        found = self.with_area(box_on_map(grid.frame.crs, grid.bounds))
        if self.city.turn_deg:
            found._built = grid.x0, grid.z0, grid.nx, grid.nz
        return found


def _themes() -> list[tuple[str, str]]:
    """(section, key) of everything that can be configured."""
    sections = {name: field.annotation for name, field in Config.model_fields.items()}
    models = {
        name: model
        for name, model in sections.items()
        if isinstance(model, type) and issubclass(model, BaseModel)
    }
    return [(name, key) for name, model in models.items() for key in model.model_fields]


def read_config(path: Path) -> Config:
    """The configuration in a file, paths made absolute; ConfigError with the nearest known key."""
    path = find_config(path)
    return config_of_text(read_text(path), path)


def config_of_text(text: str, path: Path) -> Config:
    return _checked(parse(text, path), path)


def _checked(table: dict[str, Any], path: Path) -> Config:
    """The settings of a table; path: of the file that it was read from, or would be written to."""
    if "path" in table:
        raise ConfigError(
            f"unknown key path ({path})",
            hint="known here: city, area, vertical, fetch, osm, products, terrain, buildings, "
            "plans, models, names, world, class",
        )
    folder = path.resolve().parent
    table = fill_from_products(fill_from_fetched(table, folder), folder, _themes())
    extract = table["osm"].get("extract") if isinstance(table.get("osm"), dict) else None
    if isinstance(extract, str | Path):
        table = fill_from_extract(
            table, os.path.realpath(folder / Path(extract).expanduser()), _themes()
        )
    try:
        return Config.model_validate({"path": path.resolve(), **table}, context={"folder": folder})
    except ValidationError as error:
        raise explain(error, path, Config) from error
