"""Gardens of the plots, and the churchyard. All of it is illustrative."""

from __future__ import annotations

import shapely
from sample_plots import Lot
from sample_streets import town
from shapely import Polygon

TAGS = dict.fromkeys(("kind", "leisure", "landuse", "natural", "sport"))


def garden_rows(lots: list[Lot], closed: shapely.Geometry) -> list[dict]:
    """The plots, where no street crosses them."""
    shapely.prepare(closed)
    out = []
    for lot in lots:
        shape = lot.shape.buffer(-0.1, join_style="mitre")
        if closed.intersects(shape):
            shape = shape.difference(closed)
        for part in shapely.get_parts(shapely.set_precision(shape, 0.1)):
            if part.geom_type == "Polygon" and part.area > 60:
                out.append({**TAGS, "kind": "garden", "geometry": part})
    return out


def churchyard(houses: list[dict]) -> list[dict]:
    """The graves beside Gustav Adolfs kyrka, where no street lies."""
    west, south, east, north = -372, -267, -316, -211
    ground = Polygon([town(west, south), town(east, south), town(east, north), town(west, north)])
    church = shapely.union_all(
        [row["geometry"].buffer(4) for row in houses if "kyrka" in str(row.get("byggnadsnamn1"))]
    )
    return [
        {
            "kind": "cemetery",
            "leisure": None,
            "landuse": None,
            "natural": None,
            "sport": None,
            "geometry": part,
        }
        for part in shapely.get_parts(ground.difference(church))
        if part.area > 200
    ]


def schoolyard() -> dict:
    """Between the wings of Skolhuset."""
    west, south, east, north = -356, -347, -332, -310
    ground = Polygon([town(west, south), town(east, south), town(east, north), town(west, north)])
    return {**TAGS, "kind": "skolgård", "geometry": shapely.set_precision(ground, 0.01)}
