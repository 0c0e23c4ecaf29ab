"""The area that is fetched, in the coordinates of each service."""

from __future__ import annotations

from dataclasses import dataclass

from pyproj import CRS, Transformer

from mc_city.settings.coordinates import horizontal
from mc_city.settings.figures import whole

Bounds = tuple[float, float, float, float]
DEGREES = "EPSG:4326"
MARGIN_M = 150.0
"""What lies beyond the area and still shapes it: what stands at its edge, and slopes down to it."""


@dataclass(frozen=True)
class Area:
    """west, south, east, north in the city's CRS."""

    crs: str
    own: Bounds

    def bounds(self, crs: str, margin_m: float = MARGIN_M) -> Bounds:
        """West, south, east, north in another CRS, of the area with a margin."""
        west, south, east, north = self.own
        grown = (west - margin_m, south - margin_m, east + margin_m, north + margin_m)
        there = Transformer.from_crs(
            horizontal(self.crs), horizontal(CRS.from_user_input(crs).to_wkt()), always_xy=True
        )
        found = there.transform_bounds(*grown, densify_pts=21)
        return (found[0], found[1], found[2], found[3])

    @property
    def degrees(self) -> Bounds:
        """With the margin, longitudes and latitudes to the seventh digit: half a centimetre."""
        west, south, east, north = (round(value, 7) for value in self.bounds(DEGREES))
        return west, south, east, north

    @property
    def middle(self) -> tuple[float, float]:
        """Longitude and latitude."""
        west, south, east, north = self.degrees
        return (west + east) / 2, (south + north) / 2

    @property
    def km2(self) -> float:
        west, south, east, north = self.own
        return (east - west) * (north - south) / 1e6

    def __str__(self) -> str:
        west, south, east, north = (whole(value) for value in self.own)
        return f"{self.crs} W {west} S {south} E {east} N {north}"
