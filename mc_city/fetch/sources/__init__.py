"""Where each theme can be had from: the table to which a new source is added, besides what it makes
in mc_city/settings/fetched.py."""

from __future__ import annotations

from collections.abc import Mapping

from mc_city.fetch.source import Source
from mc_city.fetch.sources import global_rasters, lantmateriet
from mc_city.fetch.sources.detaljplaner import Detaljplaner
from mc_city.fetch.sources.geofabrik import Geofabrik
from mc_city.fetch.sources.hydrography import Hydrography
from mc_city.fetch.sources.laser import Laser
from mc_city.fetch.sources.mapterhorn import Mapterhorn
from mc_city.fetch.sources.nmd import Nmd2018
from mc_city.fetch.sources.overpass import Overpass
from mc_city.fetch.sources.overture import Overture
from mc_city.fetch.sources.wfs import WfsSource

SOURCES: Mapping[tuple[str, str], Source] = {
    ("ground", "mapterhorn"): Mapterhorn(),
    ("ground", "copernicus"): global_rasters.COPERNICUS,
    ("ground", "lantmateriet"): lantmateriet.GROUND,
    ("osm", "overpass"): Overpass(),
    ("osm", "geofabrik"): Geofabrik(),
    ("buildings", "overture"): Overture(),
    ("buildings", "wfs"): WfsSource("buildings", "Buildings / Byggnader, WFS"),
    ("buildings", "lantmateriet"): lantmateriet.BUILDINGS,
    ("plans", "wfs"): WfsSource("plans", "Detaljplaner, WFS", apart=True),
    ("laser", "lantmateriet"): Laser(),
    ("plans", "lantmateriet"): Detaljplaner(),
    ("landcover", "worldcover"): global_rasters.WORLDCOVER,
    ("landcover", "nmd2018"): Nmd2018(),
    ("landcover", "lantmateriet"): lantmateriet.LAND,
    ("water", "lantmateriet"): Hydrography(),
    ("canopy", "meta"): global_rasters.CANOPY,
}
"""(theme, name in the configuration) → the source."""
