"""What a person should know of the rasters: other zeros, doubtful cells, roofs without
footprints."""

from __future__ import annotations

from mc_city.city.city import City
from mc_city.reports import UnmappedReport

DEEP_M = -12.0
"""Below the lowest towns of Europe's coasts: ground that lies wholly deeper is asked about."""


def raster_remarks(city: City) -> list[str]:
    """Sentences, one for each thing."""
    measured = [
        raster
        for raster in (*city.land.rasters, *city.heights.surface)
        if raster.flat_m is None and raster.nearest is None
    ]
    remarks = [
        f"{raster.source.path.name}: {note}"
        for raster in (*measured, *city.heights.canopy)
        for note in raster.notes
    ]
    remarks += [f"{suspect.said}; {suspect.hint}" for suspect in city.heights.doubtful]
    highest = city.heights.relief.highest_m
    if measured and highest < DEEP_M:
        remarks.append(
            f"all of the ground lies below the sea, at most {highest:.0f} m: are these depths, or "
            "heights above another zero? A sea floor needs the sea over it, as a polygon of "
            'terrain.water with kind = "sea"; a land below the sea is built as it is'
        )
    return remarks


def unmapped_report(city: City) -> UnmappedReport:
    """What the surface model shows besides trees and known houses."""
    found = city.unmapped
    remarks = []
    if found.count and found.first is not None:
        east, north = found.first
        remarks.append(
            f"without a footprint: about {found.count:,} "
            f"building{'s' if found.count > 1 else ''}, {found.square_metres:,.0f} m², "
            f"stand in the surface model, one at E {east:.0f} N {north:.0f}; nothing is built or "
            f"planted there: "
            "name their outlines as buildings.footprints"
        )
    if found.too_coarse_m is not None:
        remarks.append(
            f"surface model: cells of {found.too_coarse_m:.1f} m do not tell roofs from trees; "
            "trees grow by it only where land cover or vegetation says so"
        )
    return {
        "buildings": found.count,
        "square_metres": round(found.square_metres),
        "remarks": remarks,
    }
