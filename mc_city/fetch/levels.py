"""Whether heights are counted from the sea: where there is sea, it must lie at 0.

Tiles are made by others from heights with the geoid's name on them; where a step on the way took
those for heights above the ellipsoid, all of a town lies tens of metres too high or too low, and
nothing else shows it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
from numpy.typing import NDArray
from pyproj import CRS

from mc_city.fetch.source import Session
from terrain.rasters.datums import swedish_separation
from worlds.errors import SourceError

STEP_M = 0.25
"""Of the levels that are told apart."""
FLAT_M = 0.08
"""Neighbours of a water's surface differ by no more: that is how finely tiles tell heights."""
LEAST_CELLS = 2500
"""Of a surface that may be the sea's."""
FEW = 0.01
"""Share of all cells that may lie under the sea's level and its surface still be the lowest."""
SHORE_M, FOOT_M = 2.5, 6.0
"""What is higher than the first is land, seams between sources aside; in a town by the sea some of
it lies lower than the geoid's height less the second."""
SEA_M, SHIFT_M = 1.0, 1.5
"""How far the sea may lie from 0; how far from a geoid's height a level is taken for it."""


@dataclass
class Levels:
    """Level surfaces of a raster, by their heights in steps of STEP_M."""

    flat: Counter[int] = field(default_factory=Counter)
    all: Counter[int] = field(default_factory=Counter)

    def add(self, metres: NDArray[np.float32]) -> None:
        """metres: (row, column), NaN = no data."""
        inner = metres[:-1, :-1]
        with np.errstate(invalid="ignore"):
            level = (np.abs(metres[1:, :-1] - inner) <= FLAT_M) & (
                np.abs(metres[:-1, 1:] - inner) <= FLAT_M
            )
        for counter, chosen in ((self.flat, level), (self.all, np.isfinite(inner))):
            steps, counts = np.unique(np.rint(inner[chosen] / STEP_M), return_counts=True)
            counter.update(dict(zip(steps.astype(int).tolist(), counts.tolist(), strict=True)))

    def lowest(self) -> float | None:
        """The height of the lowest level surface with hardly anything below it; None without."""
        total, below = sum(self.all.values()), 0
        for step in sorted(self.all):
            around = sum(self.flat[step + near] for near in (-1, 0, 1))
            if around >= LEAST_CELLS:
                best = max((-1, 0, 1), key=lambda near: self.flat[step + near])
                return (step + best) * STEP_M
            below += self.all[step]
            if below > max(FEW * total, LEAST_CELLS):
                return None
        return None

    def lacks_low_ground(self, geoid: float) -> bool:
        """Whether nothing but the sea lies lower than the ellipsoid's zero would: then the sea was
        filled in at 0 by one step and the land lifted by another."""
        land = {step: count for step, count in self.all.items() if step * STEP_M > SHORE_M}
        low = sum(count for step, count in land.items() if step * STEP_M < geoid - FOOT_M)
        total = sum(land.values())
        return geoid > 2 * FOOT_M and total > LEAST_CELLS and low < FEW * total


def has_coast(extract: Path) -> bool:
    """Whether an OpenStreetMap extract has a coastline."""
    found = osmium.FileProcessor(str(extract), osmium.osm.WAY)
    found = found.with_filter(osmium.filter.TagFilter(("natural", "coastline")))
    return next(iter(found), None) is not None


def geoid_m(longitude: float, latitude: float) -> float | None:
    """Metres from the ellipsoid to the sea at a place; None beyond the model that comes along."""
    east, north = (np.full((1, 2), value) for value in (longitude, latitude))
    metres = float(swedish_separation(CRS.from_epsg(4326).to_wkt())(east, north)[0, 0])
    return metres if np.isfinite(metres) else None


def require_true_zero(levels: Levels, session: Session) -> str:
    """What is said of the heights' zero. SourceError where the sea lies elsewhere."""
    lowest, geoid = levels.lowest(), geoid_m(*session.area.middle)
    extract = next((path for (theme, _), path in session.known.items() if theme == "osm"), None)
    coast = extract is not None and has_coast(extract)
    if lowest is None:
        return "where its heights are counted from is not tested: no level water in the area"
    shifted = geoid is not None and abs(geoid) > 5 and abs(lowest - geoid) <= SHIFT_M
    if not coast and not shifted:
        return (
            f"where its heights are counted from is not tested: no sea is known in the area; its "
            f"lowest water lies at {lowest:+.1f} m"
        )
    lifted = geoid is not None and abs(lowest) <= SEA_M and levels.lacks_low_ground(geoid)
    if abs(lowest) <= SEA_M and not lifted:
        return f"tested: the sea lies at {lowest:+.1f} m"
    if session.settings.trust_heights:
        return f"its lowest water lies at {lowest:+.1f} m, and it was taken all the same"
    if lifted:
        raise SourceError(
            f"these heights are wrong: beside a sea at {lowest:+.1f} m no land begins below "
            f"{geoid:.0f} m, as high as the geoid lies above the ellipsoid here",
            hint='write ground = "copernicus" under [fetch], or trust_heights = true if the coast '
            "is a cliff",
        )
    cause = (
        f"as far as the geoid from the ellipsoid here ({geoid:.1f} m): they are counted from there"
        if shifted
        else "so they are counted from somewhere else"
    )
    raise SourceError(
        f"these heights are wrong: the {'sea' if coast else 'lowest water'} lies at "
        f"{lowest:+.1f} m, {cause}",
        hint='write ground = "copernicus" under [fetch]'
        + ("" if coast else ", or trust_heights = true if it is a lake that lies so high"),
    )
