"""The data of a project: which files there are, what each is, for which theme the configuration
names it, and what is to be said of it."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely

from mc_city.app.config_text import Held, digest_of, read_held, sources_in, with_sources, write_held
from mc_city.app.credits import read_credits
from mc_city.app.project import Project
from mc_city.app.recognising import MOST_FILES, Looked, Recogniser, crs_words, files_in
from mc_city.app.remarks import ELEVATION, Remark, Where, place_words, remarks_on
from mc_city.build.publishing import write_whole
from mc_city.build.staging import disk_errors
from mc_city.settings.config import Config
from mc_city.settings.fetched import MADE, sources_under
from mc_city.site.found import HOUSES, MODEL, Found
from mc_city.starter import EXAMPLES, SINGLE, cell_m, same_place, settled, source_of, starter_texts
from mc_city.starter_place import choose_start
from terrain.areas.landcover import COVER_OF
from terrain.frame import Grid
from terrain.plane import CityCrs, way
from worlds.errors import ConfigError

THEMES = tuple(EXAMPLES)
"""Keys of a configuration that name files."""
RASTERS = (ELEVATION, "buildings.surface_model", "terrain.canopy", "terrain.landcover")
ONLY_OF = {
    "legend": ("terrain.landcover",),
    "unit": (*RASTERS[:3], "buildings.point_cloud"),
    "swap_axes": tuple(theme for theme in THEMES if theme not in RASTERS),
}
"""Keys of a source → the themes that know them."""
REMOVED = "removed"
Source = str | dict[str, Any]


class Named(NamedTuple):
    """A file in a configuration. said: the source as it is written there; fetched: whether it
    stands there by what is fetched."""

    theme: str
    said: dict[str, Any]
    fetched: bool = False


@dataclass(frozen=True, eq=False)
class File:
    """A file of the project. named: where the configuration names it; fixed: what it says there of
    its CRS, axes and unit."""

    path: Path
    looked: Looked
    named: tuple[Named, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def is_wrong(self) -> bool:
        return any(remark.wrong for remark in self.remarks)


@dataclass(frozen=True, eq=False)
class Data:
    """All of it. config: the project's, None while it has none that can be read; problem: why not;
    more: files beyond those that are looked at."""

    project: Project
    held: Held | None = None
    config: Config | None = None
    problem: tuple[str, str] | None = None
    files: tuple[File, ...] = ()
    more: int = 0
    credits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def where(self) -> Where | None:
        config = self.config
        return None if config is None else Where(config.city.crs, config.area.bounds)


def _sources(text: str, theme: str) -> list[dict[str, Any]]:
    return [one if isinstance(one, dict) else {"path": str(one)} for one in sources_in(text, theme)]


def named_in(text: str, folder: Path) -> list[tuple[Path, Named]]:
    """(file or pattern, where it is named) of every source in a configuration of a folder."""
    return [
        (Path(os.path.realpath(folder / str(said.get("path", "")))), Named(theme, said))
        for theme in THEMES
        for said in _sources(text, theme)
    ]


def _means(named: Path, path: Path) -> bool:
    return named == path or named in path.parents or fnmatch.fnmatchcase(str(path), str(named))


def read_data(project: Project, recogniser: Recogniser, remarked: bool = True) -> Data:
    """Everything that is known of a project's files. remarked: whether what is to be said of them
    is wanted, which takes longer."""
    held = read_held(project.config) if project.has_config else None
    config, problem = None, None
    if held is not None:
        try:
            config = project.read_config()
        except ConfigError as error:
            problem = str(error), error.hint
    named = named_in(held.text, project.config.parent) if held is not None else []
    named += _fetched(config) if config is not None else []
    there = files_in(project.data)
    beyond = [path for path, _ in named if path.is_file() and path not in there]
    paths = [Path(os.path.realpath(path)) for path in (*there, *dict.fromkeys(beyond))]
    paths = list(dict.fromkeys(paths))
    seen = []
    for path in paths[:MOST_FILES]:
        own = tuple(one for at, one in named if _means(at, path))
        fixed = _fixed(own)
        looked = recogniser.look(path, fixed.get("crs"), bool(fixed.get("swap_axes")))
        seen.append((looked, own))
    where = None if config is None else Where(config.city.crs, config.area.bounds)
    everything = [looked for looked, _ in seen]
    files = tuple(
        File(
            one.path,
            one,
            own,
            tuple(remarks_on(one, everything, where, _fixed(own))) if remarked else (),
        )
        for one, own in seen
    )
    return Data(
        project=project,
        held=held,
        config=config,
        problem=problem,
        files=files,
        more=max(len(paths) - MOST_FILES, 0),
        credits=read_credits(project.folder),
    )


def _fetched(config: Config) -> list[tuple[Path, Named]]:
    """What `[fetch]` names without writing it out."""
    if config.fetch is None:
        return []
    return [
        (Path(os.path.realpath(config.fetch.path_of(key))), Named(".".join(place), said, True))
        for key in config.fetch.chosen
        for place, sources in MADE[key].fills.items()
        for said in ({"path": MADE[key].file, **more} for more in sources)
        if any(
            os.path.realpath(path) == os.path.realpath(config.fetch.path_of(key))
            for path in sources_under(config, place)
        )
    ]


def _fixed(named: Sequence[Named]) -> dict[str, Any]:
    """What a configuration corrects of a file."""
    return {
        key: one.said[key]
        for one in named
        for key in ("crs", "swap_axes", "unit", "legend")
        if key in one.said
    }


def facts(data: Data) -> dict[str, Any]:
    """All of it as JSON for the page, places in the city's plane."""
    config = data.config
    plane: CityCrs | None = None if config is None else config.frame.crs
    grid: Grid | None = None if config is None else config.grid
    city = None
    if config is not None and grid is not None:
        west, south, east, north = config.area.bounds
        middle = shapely.box(west, south, east, north)
        city = {
            "name": config.city.name,
            "crs": config.city.crs,
            "crs_name": crs_words(config.city.crs),
            "area": list(grid.bounds),
            "bounds": [west, south, east, north],
            **place_words(config.city.crs, middle),
        }
    return {
        "digest": data.held.digest if data.held is not None else digest_of(data.project.config),
        "folder": str(data.project.folder),
        "has_config": data.held is not None,
        "problem": data.problem,
        "city": city,
        "more": data.more,
        "themes": THEMES,
        "covers": [name for name in COVER_OF if name],
        "single": SINGLE,
        "files": [_file_facts(one, data, plane) for one in data.files],
    }


def name_in(project: Project, path: Path) -> str:
    """How the page calls a file: below the folder of data, else its whole path."""
    data = Path(os.path.realpath(project.data))
    return path.relative_to(data).as_posix() if data in path.parents else path.as_posix()


def _file_facts(one: File, data: Data, plane: CityCrs | None) -> dict[str, Any]:
    said = data.credits.get(one.path.name, {})
    return {
        "name": name_in(data.project, one.path),
        "inside": Path(os.path.realpath(data.project.data)) in one.path.parents,
        "fetched": any(named.fetched for named in one.named),
        "bytes": one.looked.bytes,
        "kind": one.looked.kind,
        "fault": one.looked.fault,
        "fixed": _fixed(one.named),
        "pieces": [_piece_facts(found, one, plane) for found in one.looked.found],
        "named": [{"theme": named.theme, "layer": named.said.get("layer")} for named in one.named],
        "remarks": [remark.facts() for remark in one.remarks],
        "credit": {
            key: said.get(key, "") for key in ("title", "licence", "attribution", "date", "real")
        },
    }


def _piece_facts(found: Found, one: File, plane: CityCrs | None) -> dict[str, Any]:
    ring = None if plane is None or found.key == MODEL else ring_in(found, plane)
    return {
        "key": found.key,
        "layer": found.layer,
        "crs": "" if found.key == MODEL else found.crs if found.crs.startswith("EPSG") else "",
        "crs_name": "" if found.key == MODEL else crs_words(found.crs),
        "features": found.features,
        "cell": round(cell_m(found), 2) if found.cell else None,
        "product": found.product,
        "raster": found.known is not None,
        "theme": _theme_of(found, one),
        "ring": ring,
        "place": {} if found.key == MODEL else place_words(found.crs, found.extent),
    }


def _theme_of(found: Found, one: File) -> str:
    """The theme under which a piece of a file is named, '' for none."""
    alone = len(one.looked.found) == 1
    own = (named.theme for named in one.named if alone or _is_of(named, found))
    return next(own, "")


def _is_of(named: Named, found: Found) -> bool:
    """Whether a source means this piece of its file."""
    layer = named.said.get("layer")
    if layer is not None or found.layer is None:
        return layer == found.layer or found.layer is None
    return named.theme == found.key


def ring_in(found: Found, plane: CityCrs) -> list[list[float]] | None:
    """The outline of a file in the city's plane, metres; None where it has no place in it."""
    points = shapely.get_coordinates(found.extent)
    x, y = way(found.crs, plane).transform(points[:, 0], points[:, 1])
    moved = np.column_stack([x, y])
    if not np.isfinite(moved).all():
        return None
    return [[round(float(x), 1), round(float(y), 1)] for x, y in moved]


def take(project: Project, recogniser: Recogniser, new: Sequence[Path]) -> None:
    """Names files in the configuration that have just come, each for what it is; the first ones
    make it. What is wrong with one keeps it out."""
    data = read_data(project, recogniser)
    if data.problem is not None:
        return
    if data.config is None or data.held is None:
        _begin(project, data)
        return
    fresh = {Path(os.path.realpath(path)) for path in new}
    folder, text = project.config.parent, data.held.text
    for one in data.files:
        if one.path not in fresh or one.is_wrong or one.named:
            continue
        for found in one.looked.found:
            if found.key in THEMES and not _taken(found, text, data):
                text = _with_found(text, found, source_of(found, folder), data)
    if text != data.held.text:
        write_held(project.config, text, data.held.digest)


def _taken(found: Found, text: str, data: Data) -> bool:
    """Whether a theme has a file already and takes no other, or the same houses."""
    if found.key in SINGLE:
        return bool(sources_in(text, found.key))
    others = (
        twin
        for one in data.files
        for twin in one.looked.found
        if found.key == HOUSES == twin.key and any(named.theme == HOUSES for named in one.named)
    )
    return any(same_place(found, twin) for twin in others)


def _with_found(text: str, found: Found, said: Mapping[str, Any], data: Data) -> str:
    """The text with one more source of a theme; of elevations the finer stands before the
    coarser."""
    held = list(sources_in(text, found.key))
    at = len(held)
    if found.key == ELEVATION:
        folder = data.project.config.parent
        cells = {one.path: cell_m(one.looked.found[0]) for one in data.files if one.looked.found}
        for number, other in enumerate(_sources(text, ELEVATION)):
            path = Path(os.path.realpath(folder / str(other["path"])))
            if cells.get(path, 0.0) > cell_m(found):
                at = min(at, number)
    held.insert(at, dict(said))
    return with_sources(text, found.key, held)


def _begin(project: Project, data: Data) -> None:
    """Writes the configuration of a project whose files can be placed, as `mc-city init` does, of
    those that lie together."""
    usable, remarks = settled([found for one in data.files for found in one.looked.found])
    placed = [one for one in usable if one.key != MODEL]
    if not placed:
        return
    start = choose_start(placed)
    where = Where(start.crs, start.bounds)
    wrong = {
        one.path
        for one in data.files
        if any(remark.wrong for remark in remarks_on(one.looked, (), where, {}))
    }
    near = [one for one in placed if Path(os.path.realpath(one.path)) not in wrong]
    texts = starter_texts(project.folder, near or placed, remarks)
    with disk_errors(project.folder, "close the program that holds it"):
        notes = project.folder / "sources.toml"
        if not notes.exists():
            write_whole(notes, texts.sources)
    write_held(project.folder / "city.toml", texts.config, digest_of(project.folder / "city.toml"))


class Assigned(NamedTuple):
    """What a person decided of a file. theme: '' for none; fixes: crs, swap_axes, unit."""

    name: str
    layer: str | None
    theme: str
    fixes: Mapping[str, Any] = {}


def assign(project: Project, recogniser: Recogniser, asked: Assigned, digest: str) -> None:
    """Names a file, or a layer of it, under another theme of the configuration, or none."""
    data = read_data(project, recogniser)
    one = _file_of(data, asked.name)
    if data.held is None:
        raise ConfigError(
            "there is no city yet", hint="bring heights, houses or an OpenStreetMap extract first"
        )
    if asked.theme and asked.theme not in THEMES:
        raise ConfigError(f"no theme {asked.theme!r:.60}", hint="choose one of the list")
    folder = project.config.parent
    said = {**_fixed(one.named), **asked.fixes}
    found = _piece_of(one, asked.layer, recogniser, said)
    text = _without(data.held.text, one, asked.layer)
    if asked.theme:
        source: dict[str, Any] = source_of(found, folder) | said
        for key, themes in ONLY_OF.items():
            if asked.theme not in themes:
                source.pop(key, None)
        if asked.theme in SINGLE and sources_in(text, asked.theme):
            text = with_sources(text, asked.theme, [])
        piece = Found(asked.theme, found.path, found.crs, found.extent, cell=found.cell)
        text = _with_found(text, piece, source, data)
    write_held(project.config, text, digest)


def _file_of(data: Data, name: str) -> File:
    for one in data.files:
        if name_in(data.project, one.path) == name:
            return one
    raise ConfigError(f"{name}: is not there any more", hint="load the page anew")


def _piece_of(
    one: File, layer: str | None, recogniser: Recogniser, said: Mapping[str, Any]
) -> Found:
    looked = recogniser.look(one.path, said.get("crs"), bool(said.get("swap_axes")))
    for found in looked.found:
        if found.layer == layer:
            return found
    raise ConfigError(looked.error or "nothing in it", hint=looked.hint or "export it again")


def _without(text: str, one: File, layer: str | None) -> str:
    """The text without a file, or one layer of it."""
    for named in one.named:
        if layer is not None and named.said.get("layer") not in (None, layer):
            continue
        kept = [said for said in _sources(text, named.theme) if said != named.said]
        text = with_sources(text, named.theme, kept)
    return text


def remove(project: Project, recogniser: Recogniser, name: str, digest: str) -> None:
    """Takes a file out of the configuration and out of the data, with what belongs to it; it is
    kept in the project's hidden folder."""
    data = read_data(project, recogniser)
    one = _file_of(data, name)
    if data.held is not None and one.named:
        write_held(project.config, _without(data.held.text, one, None), digest)
    folder = Path(os.path.realpath(project.data))
    if folder not in one.path.parents:
        return
    bin_folder = project.kept / REMOVED
    with disk_errors(project.data, "close the program that holds it"):
        bin_folder.mkdir(parents=True, exist_ok=True)
        number = 1 + sum(1 for _ in bin_folder.iterdir())
        target = bin_folder / f"{number:04d}"
        target.mkdir()
        for path in _family(one.path):
            os.replace(path, target / path.name)


def _family(path: Path) -> list[Path]:
    """A file and what goes with it: of a shapefile its table, its CRS …"""
    if path.suffix.lower() != ".shp":
        return [path]
    return [other for other in path.parent.iterdir() if other.stem == path.stem]
