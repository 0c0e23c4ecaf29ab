"""What is to be said of the volumes in which plans allow buildings, once the ground is known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely

from buildings.developments.volumes import NO_VOLUME, allowed_tops
from mc_city.city.city import City
from mc_city.settings.zero import city_zero
from mc_city.site.land import read_ground
from terrain.frame import Grid
from terrain.rasters.datums import RH2000, called


def volume_notes(city: City) -> Counter[str]:
    """Volumes that the world cuts off, and those that end below the ground: the height is above
    another zero then, or the ground is not the plan's. Each is looked at in its middle."""
    notes: Counter[str] = Counter()
    volumes, frame = city.volumes, city.grid.frame
    zero = city_zero(city.config) if len(volumes) else None
    if zero is not None and zero.to_epsg() != RH2000:
        above = np.isfinite(volumes.top_datum_m) | np.isfinite(volumes.eaves_datum_m)
        if above.any():
            notes[
                f"volumes with heights above RH 2000, where the ground counts from {called(zero)}: "
                "they end as far too high or too low as the two lie apart"
            ] = int(above.sum())
    for number in range(len(volumes)):
        middle = shapely.point_on_surface(volumes.shapes[number])
        x, z = (int(np.floor(value)) for value in frame.to_blocks(middle.x, middle.y))
        column = Grid(frame, x, z, 1, 1)
        if not city.grid.rect.meets(column.rect):
            continue
        ground_y = read_ground(city.land, column).standing_y
        top_y = allowed_tops(volumes, volumes.options[number], column, ground_y)
        if NO_VOLUME < top_y[0, 0] <= ground_y[0, 0]:
            notes["volumes that end below the ground: nothing of them is seen"] += 1
        elif top_y[0, 0] >= frame.highest_y:
            notes["volumes that the top of the world cuts off"] += 1
    return notes
