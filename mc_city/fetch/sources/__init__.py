"""Where each theme can be had from: the table to which a new source is added, besides what it makes
in mc_city/settings/fetched.py."""

from __future__ import annotations

from collections.abc import Mapping

from mc_city.fetch.source import Source
from mc_city.fetch.sources.mapterhorn import Mapterhorn
from mc_city.fetch.sources.overpass import Overpass

SOURCES: Mapping[tuple[str, str], Source] = {
    ("ground", "mapterhorn"): Mapterhorn(),
    ("osm", "overpass"): Overpass(),
}
"""(theme, name in the configuration) → the source."""
