"""`[fetch]`: where open data is had from, theme by theme, and which files that makes. They fill in
what the configuration does not name itself."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import AfterValidator, Field, field_validator, model_validator

from mc_city.settings.mistakes import SettingError
from mc_city.settings.sections import LocalPath, Section
from worlds.errors import SourceError
from worlds.quoting import typed_path

DEFAULT_FOLDER = "data"
Key = tuple[str, str]


class Made(NamedTuple):
    """What a source makes. file: its name in the folder; fills: (section, key) → what is written
    there, `path` aside; single: whether a key takes one source and no list of them; of_extract:
    what OpenStreetMap's extract still gives for keys that are filled, since this does not."""

    file: str
    fills: Mapping[Key, tuple[Mapping[str, str], ...]]
    single: bool = False
    of_extract: Mapping[Key, tuple[Mapping[str, str], ...]] = {}


def _one(section: str, key: str, **more: str) -> dict[Key, tuple[Mapping[str, str], ...]]:
    return {(section, key): (more,)}


GROUND, WATER = ("terrain", "elevation"), ("terrain", "water")
HYDROGRAPHY = ("StandingWater", "WatercoursePolygon", "WatercourseLine")
"""Layers of Lantmäteriet's Hydrografi that are fetched."""
MADE: Mapping[Key, Made] = {
    ("ground", "mapterhorn"): Made("mapterhorn.tif", _one(*GROUND)),
    ("ground", "copernicus"): Made("copernicus.tif", _one(*GROUND)),
    ("ground", "lantmateriet"): Made("lm-markhojd.tif", _one(*GROUND)),
    ("osm", "overpass"): Made("openstreetmap.osm", _one("osm", "extract"), single=True),
    ("osm", "geofabrik"): Made("openstreetmap.osm.pbf", _one("osm", "extract"), single=True),
    ("buildings", "openstreetmap"): Made("", {}),
    ("buildings", "overture"): Made("overture.gpkg", _one("buildings", "footprints")),
    ("buildings", "wfs"): Made("wfs-buildings.gpkg", _one("buildings", "footprints")),
    ("buildings", "lantmateriet"): Made("lm-byggnad.gpkg", _one("buildings", "footprints")),
    ("laser", "lantmateriet"): Made("lm-laser.laz", _one("buildings", "point_cloud")),
    ("plans", "wfs"): Made("wfs-plans.gpkg", _one("plans", "detaljplaner")),
    ("plans", "lantmateriet"): Made("lm-detaljplaner.json", _one("plans", "detaljplaner")),
    ("landcover", "worldcover"): Made(
        "worldcover.tif", _one("terrain", "landcover", legend="worldcover"), single=True
    ),
    ("landcover", "nmd2018"): Made(
        "nmd2018.tif", _one("terrain", "landcover", legend="nmd2018"), single=True
    ),
    ("landcover", "lantmateriet"): Made("lm-marktacke.gpkg", _one("terrain", "vegetation")),
    ("water", "lantmateriet"): Made(
        "lm-hydrografi.gpkg",
        {WATER: tuple({"layer": name} for name in HYDROGRAPHY)},
        of_extract={WATER: ({"layer": "lines", "where": "natural = 'coastline'"},)},
    ),
    ("canopy", "meta"): Made("canopy.tif", _one("terrain", "canopy"), single=True),
}
"""(theme, source) → what it makes. Without a file nothing is fetched: `openstreetmap` is what the
extract fills in."""


def sources_of(theme: str) -> list[str]:
    return [name for known, name in MADE if known == theme]


def _is_source_of(theme: str) -> Callable[[str], str]:
    def checked(value: str) -> str:
        known = sources_of(theme)
        if value not in known:
            near = difflib.get_close_matches(value, known, 1, 0.5)
            raise SettingError(
                f"no source of {theme} is called so",
                hint=f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}",
            )
        return value

    return checked


County = Literal[
    "AB", "C", "D", "E", "F", "G", "H", "I", "K", "M", "N", "O", "S", "T", "U", "W", "X", "Y",
    "Z", "AC", "BD",
]  # fmt: skip
"""Letters of Swedish counties."""
CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+")


class Wfs(Section):
    """A WFS of the municipality: its address, and its layers by theme."""

    url: str = Field(pattern=r"^https?://[^\s?#]+$")
    buildings: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    licence: str = ""
    attribution: str = ""


class Fetch(Section):
    """contact: an address that the services see; region: of Geofabrik's extracts; county: of NMD
    2018; trust_heights: take a ground of which the level of the sea looks wrong."""

    contact: str = ""
    folder: LocalPath = Field(Path(DEFAULT_FOLDER), validate_default=True)
    ground: Annotated[str, AfterValidator(_is_source_of("ground"))] | None = None
    osm: Annotated[str, AfterValidator(_is_source_of("osm"))] | None = None
    buildings: Annotated[str, AfterValidator(_is_source_of("buildings"))] | None = None
    landcover: Annotated[str, AfterValidator(_is_source_of("landcover"))] | None = None
    canopy: Annotated[str, AfterValidator(_is_source_of("canopy"))] | None = None
    water: Annotated[str, AfterValidator(_is_source_of("water"))] | None = None
    laser: Annotated[str, AfterValidator(_is_source_of("laser"))] | None = None
    plans: Annotated[str, AfterValidator(_is_source_of("plans"))] | None = None
    wfs: Wfs | None = None
    region: str = Field("europe/sweden", pattern=r"^[a-z][a-z/-]*[a-z]$")
    county: County | None = None
    trust_heights: bool = False

    @field_validator("contact")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if value and not (CONTACT.fullmatch(value) and value.isascii()):
            raise SettingError(
                "neither a mail address nor a web page",
                hint='the services see it: contact = "gis@kommun.se"',
            )
        return value

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Fetch:
        if self.buildings == "openstreetmap" and self.osm is None:
            raise ValueError('buildings = "openstreetmap" needs osm = "overpass" beside it')
        for theme in ("buildings", "plans"):
            if getattr(self, theme) == "wfs" and not (self.wfs and getattr(self.wfs, theme)):
                raise ValueError(
                    f'{theme} = "wfs" needs a section [fetch.wfs] with url and {theme} = '
                    '["workspace:layer"]'
                )
        if self.landcover == "nmd2018" and self.county is None:
            raise ValueError(
                'landcover = "nmd2018" needs the letter of the county: county = '
                f'"Y"; known: {", ".join(get_args(County))}'
            )
        return self

    @property
    def chosen(self) -> list[Key]:
        """(theme, source) of everything that is fetched, in the order of MADE, OpenStreetMap first:
        others ask it where the sea is."""
        held = [key for key in MADE if getattr(self, key[0]) == key[1] and MADE[key].file]
        return sorted(held, key=lambda key: key[0] != "osm")

    def path_of(self, key: Key) -> Path:
        return self.folder / MADE[key].file


def fill_from_fetched(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A configuration's table with what `[fetch]` makes in the place of what it leaves out. folder:
    of the configuration."""
    chosen = table.get("fetch")
    if not isinstance(chosen, dict):
        return table
    named = chosen.get("folder", DEFAULT_FOLDER)
    if not isinstance(named, str | Path):
        return table
    try:
        data = os.path.realpath(folder / Path(named).expanduser())
    except RuntimeError:
        return table
    filled = dict(table)
    extract = MADE.get(("osm", str(chosen.get("osm"))))
    for (theme, name), made in MADE.items():
        if chosen.get(theme) != name:
            continue
        for (section, key), sources in made.fills.items():
            held = filled.get(section, {})
            if not isinstance(held, dict) or key in held:
                continue
            entries: Any = [{"path": f"{data}/{made.file}", **more} for more in sources]
            if extract is not None:
                entries += [
                    {"path": f"{data}/{extract.file}", **more}
                    for more in made.of_extract.get((section, key), ())
                ]
            if (section, key) == ("osm", "extract"):
                entries = [entries[0]["path"]]
            filled[section] = {**held, key: entries[0] if made.single else entries}
    return filled


def sources_under(config: Section, place: Key) -> list[Path]:
    """The files that a configuration names under a key (section, key) or has there from what is
    fetched."""
    held: Any = getattr(getattr(config, place[0], None), place[1], None)
    several = held if isinstance(held, list | tuple) else [] if held is None else [held]
    return [one if isinstance(one, Path) else one.path for one in several]


def is_to_be_fetched(fetch: Fetch | None) -> bool:
    """Whether something that `[fetch]` names is not there yet."""
    return fetch is not None and any(not fetch.path_of(key).exists() for key in fetch.chosen)


def require_fetched(fetch: Fetch | None, config: Path) -> None:
    """SourceError when what `[fetch]` names is not there yet."""
    if fetch is None:
        return
    missing = [key for key in fetch.chosen if not fetch.path_of(key).exists()]
    if missing:
        names = ", ".join(f"{theme} ({name})" for theme, name in missing)
        raise SourceError(
            f"not fetched yet: {names}", hint=f"run `mc-city fetch {typed_path(config)}` first"
        )
