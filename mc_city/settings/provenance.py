"""Whose data a world is made of: sources, licences, and which parts are real."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mc_city import __version__
from mc_city.settings.config import Config, Source
from mc_city.settings.ideas import idea_entries
from mc_city.settings.names import NOTICE
from mc_city.settings.zero import uses_swedish_geoid
from terrain.osm.extract import is_osm
from terrain.rasters.datums import SWEDISH_NAME
from worlds.errors import SourceError
from worlds.notes import read_source_notes, why
from worlds.quoting import plain

OSM_CREDIT = "© OpenStreetMap contributors, https://www.openstreetmap.org/copyright"
GEOID_ENTRY = {
    "title": f"Geoid model {SWEDISH_NAME} / Geoidmodell {SWEDISH_NAME}", "licence": "CC0 1.0",
    "attribution": "Lantmäteriet", "date": "2019",
    "taken": "how far heights above the ellipsoid lie from those above the sea", "real": True,
}  # fmt: skip


def source_files(config: Config) -> list[Path]:
    """Every file that the configuration names, in the order of its keys."""
    terrain, buildings = config.terrain, config.buildings
    named: list[Source] = [
        *terrain.water,
        *terrain.streets,
        *terrain.squares,
        *terrain.piers,
        *terrain.edges,
        *terrain.parcels,
        *terrain.structures,
        *terrain.vegetation,
        *terrain.trees,
    ]
    named += [
        *terrain.furniture,
        *buildings.footprints,
        *config.plans.sources,
        *config.names.places,
    ]
    heights = [path for source in terrain.elevation for path in source.files]
    rasters = [
        path
        for source in (buildings.surface_model, terrain.landcover, terrain.canopy)
        if source
        for path in source.files
    ]
    plans = [path for source in config.plans.detaljplaner for path in source.files]
    clouds = [path for cloud in buildings.point_cloud for path in cloud.files]
    models = [model.path for model in config.models]
    vectors, ideas = [source.path for source in named], config.lessons.ideas
    if config.lessons.plots is not None:
        vectors += [one.path for one in config.lessons.plots.files if one.path is not None]
    return list(dict.fromkeys([*heights, *vectors, *plans, *ideas, *models, *rasters, *clouds]))


def _extract_entry(path: Path) -> dict[str, Any]:
    """What is known of an OpenStreetMap extract that has no notes beside it."""
    return {
        "title": plain(path.name),
        "licence": "ODbL 1.0",
        "attribution": OSM_CREDIT,
        "date": "",
        "real": True,
    }


def _folders_with_notes(config: Config) -> list[Path]:
    """Where a `sources.toml` is looked for: beside the configuration, then beside each file."""
    return list(
        dict.fromkeys([config.path.parent, *(path.parent for path in source_files(config))])
    )


def _notes_in(notes: Path) -> list[dict[str, Any]]:
    """The entries of a `sources.toml`, none where there is none. SourceError for one that cannot be
    read."""
    if not notes.exists():
        return []
    try:
        return read_source_notes(notes)
    except (OSError, ValueError) as error:
        hint = 'mend it; each entry begins with [[source]], and text stands in "quotes"'
        raise SourceError(f"{notes}: not readable ({why(error)})", hint=hint) from error


def require_source_notes(config: Config) -> None:
    """SourceError when a `sources.toml` beside the configuration or a source cannot be read."""
    for folder in _folders_with_notes(config):
        _notes_in(folder / "sources.toml")


def _files_of(entry: Mapping[str, Any]) -> set[str]:
    """The files that an entry of notes names."""
    return {name.strip() for name in str(entry.get("files", "")).split(",")}


def read_sources(config: Config) -> list[dict[str, Any]]:
    """Licences and provenance from the `sources.toml` beside the configuration and beside each
    source file; an entry may name its `files`, with commas between. Files of which nothing is said
    are said to be unknown, but for OpenStreetMap's. A flat ground is an illustrative source too."""
    entries: list[dict[str, Any]] = []
    if config.terrain.flat_m is not None:
        title = f"Flat ground at {config.terrain.flat_m:g} m: no elevation model was given"
        entries.append(
            {"title": title, "licence": "none needed", "attribution": "", "date": "", "real": False}
        )
    if uses_swedish_geoid(config):
        entries.append(GEOID_ENTRY)
    told: set[str] = set()
    for folder in _folders_with_notes(config):
        used = {path.name for path in source_files(config) if path.parent == folder}
        # What was fetched for another configuration in the same folder is none of this one's.
        notes = [
            entry
            for entry in _notes_in(folder / "sources.toml")
            if "fetched" not in entry or _files_of(entry) & used
        ]
        told.update(name for entry in notes for name in _files_of(entry))
        entries.extend(
            {key: value for key, value in entry.items() if key != "files"} for entry in notes
        )
        if notes and not any("files" in entry for entry in notes):
            continue
        inside = [
            path for path in source_files(config) if path.parent == folder and path.name not in told
        ]
        entries.extend(_extract_entry(path) for path in inside if is_osm(path))
        ideas = config.lessons.ideas
        entries.extend(idea_entries(inside, ideas))
        names = ", ".join(path.name for path in inside if not is_osm(path) and path not in ideas)
        if names:
            entries.append(
                {
                    "title": plain(names),
                    "licence": "unknown: ask who gave you the data",
                    "attribution": "",
                    "date": "",
                }
            )
    return entries


def notes_by_file(config: Config) -> dict[Path, list[dict[str, Any]]]:
    """File → the entries of `sources.toml` that tell of it: those that name it, else all beside it
    where none there names files. A file that nothing is known of has none."""
    told: dict[Path, list[dict[str, Any]]] = {}
    own = _notes_in(config.path.parent / "sources.toml")
    for path in source_files(config):
        beside = (
            own if path.parent == config.path.parent else _notes_in(path.parent / "sources.toml")
        )
        for notes in (beside, own):
            named = [entry for entry in notes if path.name in _files_of(entry)]
            if not named and not any("files" in entry for entry in notes):
                named = notes
            if named:
                break
        told[path] = named or ([_extract_entry(path)] if is_osm(path) else [])
    return told


def attribution(config: Config) -> str:
    """The text of ATTRIBUTION.txt."""
    lines = [f"{config.city.name}, made with mc-city {__version__}", "", NOTICE]
    for entry in read_sources(config):
        kind = (
            ""
            if "real" not in entry
            else "REAL / VERKLIG"
            if entry["real"]
            else "ILLUSTRATIVE / ILLUSTRATIV"
        )
        lines += [f"* {entry.get('title', '?')}" + (f"  [{kind}]" if kind else "")]
        for key in ("licence", "attribution", "date", "taken", "note"):
            if entry.get(key):
                lines.append(f"    {key}: {plain(entry[key])}")
    return "\n".join(lines) + "\n"


def real_and_illustrative(config: Config) -> tuple[str, str]:
    """(what in the sources is real, what is illustrative), for readers in the world; empty where
    they do not say."""
    entries = read_sources(config)
    named = (
        "; ".join(str(entry.get("title", "?")) for entry in entries if entry.get("real") is kind)
        for kind in (True, False)
    )
    real, made_up = named
    return real, made_up


def caption(config: Config) -> list[str]:
    """The lines under the map: what is real and what is not, and whose data it is."""
    entries = read_sources(config)
    real = [str(entry.get("title", "?")) for entry in entries if entry.get("real") is True]
    made_up = [str(entry.get("title", "?")) for entry in entries if entry.get("real") is False]
    lines, words = [config.city.name], config.words
    if made_up:
        lines.append(f"{words.both('illustrative')}: " + "; ".join(made_up))
        unsaid = words.both(
            "see_credits" if any("real" not in entry for entry in entries) else "nothing"
        )
        lines.append(f"{words.both('real')}: " + ("; ".join(real) or unsaid))
    credit_lines = dict.fromkeys(
        str(entry["attribution"]) for entry in entries if entry.get("attribution")
    )
    lines += ["; ".join(credit_lines)] if credit_lines else []
    return lines
