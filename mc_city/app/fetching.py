"""Open data from the network, only when somebody asks for it: which sources there are, how much
they would be, and fetching them into the project."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from mc_city import api
from mc_city.app.config_text import (
    digest_of,
    read_held,
    sources_in,
    with_value,
    without,
    write_held,
)
from mc_city.app.project import Project
from mc_city.fetch.beginning import beginning_text
from mc_city.fetch.credentials import LANTMATERIET, LANTMATERIET_KEYS, find_login
from mc_city.fetch.sources import SOURCES
from mc_city.settings.config import Config, config_of_text
from mc_city.settings.fetched import MADE
from mc_city.starter import FLAT_M
from worlds.errors import ConfigError

THEMES = ("ground", "osm", "buildings", "laser", "landcover", "water", "canopy", "plans")
MOST_LINES = 60
ASKED = ("wfs",)
"""Sources that want more than a tick: they are written in city.toml by hand."""
Chosen = Mapping[str, str]
"""Theme → source."""


def fetch_facts(project: Project) -> dict[str, Any]:
    """The sources that can be ticked, in the order of their themes, and which of them are."""
    text = read_held(project.config).text if project.has_config else ""
    said = _section(text)
    sources = [
        {
            "theme": theme,
            "name": name,
            "title": SOURCES[theme, name].title,
            "account": name == LANTMATERIET.name,
            "ticked": said.get(theme) == name,
            "own": _has_own(text, theme, name),
        }
        for theme, name in sorted(SOURCES, key=lambda key: THEMES.index(key[0]))
        if name not in ASKED or said.get(theme) == name
    ]
    return {
        "sources": sources,
        "contact": said.get("contact", ""),
        "county": said.get("county", ""),
        "login": find_login(LANTMATERIET) is not None or find_login(LANTMATERIET_KEYS) is not None,
    }


def _section(text: str) -> dict[str, Any]:
    try:
        said = tomllib.loads(text).get("fetch", {})
    except tomllib.TOMLDecodeError:
        return {}
    return said if isinstance(said, dict) else {}


def _has_own(text: str, theme: str, name: str) -> bool:
    """Whether files of the project's own come before what a source brings."""
    fills = MADE[theme, name].fills
    try:
        return bool(text) and any(sources_in(text, ".".join(key)) for key in fills)
    except ConfigError:
        return False


def with_fetch(text: str, chosen: Chosen, contact: str = "", county: str = "") -> str:
    """A configuration that fetches these sources and no others."""
    unknown = [f"{theme} = {name}" for theme, name in chosen.items() if (theme, name) not in MADE]
    if unknown:
        raise ConfigError(f"no source {unknown[0]!r:.80}", hint="tick one of the list")
    wanted = dict(chosen)
    if "osm" in wanted:
        wanted.setdefault("buildings", "openstreetmap")
    for theme in THEMES:
        place = ("fetch", theme)
        text = with_value(text, place, wanted[theme]) if theme in wanted else without(text, place)
    for key, value in (("contact", contact), ("county", county)):
        text = with_value(text, ("fetch", key), value) if value else without(text, ("fetch", key))
    flat = ("terrain", "flat_m")
    if "ground" in wanted or sources_in(text, "terrain.elevation"):
        return without(text, flat)
    held = tomllib.loads(text).get("terrain", {})
    return text if "flat_m" in held else with_value(text, flat, FLAT_M)


def _config(project: Project, text: str) -> Config:
    return config_of_text(text, project.config)


def begin_at(project: Project, place: str) -> list[str]:
    """Makes the configuration of an empty project for a place, which OpenStreetMap's service is
    asked for by its name; lines for a person."""
    if project.has_config:
        raise ConfigError("this project has a city already", hint="choose its area instead")
    before = digest_of(project.config)
    lines: list[str] = []
    text = beginning_text(project.folder, place, None, lines.append)
    write_held(project.config, text, before)
    return lines


def plan_fetch(project: Project, text: str, progress: api.Progress) -> dict[str, Any]:
    """Asks the services how much it would be; nothing is taken. text: of the configuration, as it
    would be."""
    lines: list[str] = []
    api.fetch(_config(project, text), dry_run=True, progress=progress, told=lines.append)
    return {"lines": lines[:MOST_LINES]}


def run_fetch(project: Project, text: str, digest: str, progress: api.Progress) -> dict[str, Any]:
    """Fetches, and then names what came in the configuration."""
    lines: list[str] = []
    done = api.fetch(_config(project, text), progress=progress, told=lines.append)
    write_held(project.config, text, digest)
    return {"lines": lines[-MOST_LINES:], "new": len(done.new)}
