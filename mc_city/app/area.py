"""An area as the map shows it, in the city's plane, and as a configuration says it, in the CRS."""

from __future__ import annotations

from typing import Any

from mc_city.build.estimate import MOST_BYTES, MOST_CHUNKS, MOST_SECONDS, Estimate
from terrain.plane import Bounds, CityCrs, on_map


def bounds_to_write(place: CityCrs, shown: Bounds) -> Bounds:
    """Bounds on the map of which `area_in_city` makes those that are shown, in whole metres: of the
    same middle and size."""
    west, south, east, north = shown
    middle_east, middle_north = on_map(place, (west + east) / 2, (south + north) / 2)
    wide, high = round(east - west), round(north - south)
    left, below = round(float(middle_east) - wide / 2), round(float(middle_north) - high / 2)
    return left, below, left + wide, below + high


def measured(found: Estimate) -> dict[str, Any]:
    """What a build takes, for the page. large: whether it has to be agreed to."""
    return {
        "blocks": [found.blocks_x, found.blocks_z],
        "chunks": found.chunks,
        "bytes": sum(found.bytes_by_edition.values()),
        "bytes_needed": found.bytes_needed,
        "seconds": round(found.seconds),
        "free_bytes": found.free_bytes,
        "covered": None if found.covered is None else round(found.covered, 4),
        "large": found.chunks > MOST_CHUNKS
        or found.bytes_needed > MOST_BYTES
        or found.seconds > MOST_SECONDS,
    }
