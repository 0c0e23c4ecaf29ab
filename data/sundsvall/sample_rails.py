"""The railway of the sample, drawn by eye along its bed: two main tracks, a yard with platforms, a
way below it for people."""

from __future__ import annotations

import numpy as np
import shapely
from sample_relief import TOWN
from sample_streets import INSIDE, RAIL, Street, curve
from shapely import LineString

MAIN = 2.25
"""Metres from the middle of the railway to the middle of each main track."""
SIDINGS = {6.75: (619620, 620016), -11.25: (619600, 620016)}
"""Offset of each siding to the left, and from where to where (east) it runs."""
SWITCH = 60.0
"""Metres in which a siding leaves its main track."""
PLATFORMS = {
    11.5: ("Sundsvall C spår 1", 5.0, 619825, 619965),
    -6.75: ("Sundsvall C spår 2-3", 4.5, 619825, 619965),
}
UNDERPASS_EAST = 619520.0
UNDERPASS_HALF = 7.5
"""Metres from the middle of the railway to the portals."""


def beside(offsets: np.ndarray, easts: np.ndarray) -> LineString:
    """The line at so many metres left of the railway's middle, at its points with these easts."""
    line = curve(RAIL, 3.0)
    points = shapely.get_coordinates(line.segmentize(4.0))
    ahead = np.gradient(points, axis=0)
    left = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.hypot(*ahead.T)[:, None]
    centre = np.column_stack([easts, np.interp(easts, *points.T)])
    normal = np.column_stack([np.interp(easts, points[:, 0], left[:, axis]) for axis in (0, 1)])
    return LineString(centre + normal * offsets[:, None])


def tracks() -> list[LineString]:
    easts = np.arange(TOWN[0] - 40.0, TOWN[2] + 60.0, 4.0)
    lines = [
        beside(np.full(len(easts), offset), easts).intersection(INSIDE) for offset in (MAIN, -MAIN)
    ]
    for offset, (west, east) in SIDINGS.items():
        easts = np.arange(west, east + 1.0, 4.0)
        share = np.clip(np.minimum(easts - west, east - easts) / SWITCH, 0, 1)
        main = MAIN if offset > 0 else -MAIN
        lines.append(beside(main + (offset - main) * share * share * (3 - 2 * share), easts))
    return lines


def row(line: LineString, **columns: object) -> dict:
    return {"geometry": shapely.set_precision(line, 0.01), **columns}


def underpass(streets: list[Street]) -> list[dict]:
    """A path from Norra to Södra Järnvägsgatan under the main tracks; south of them it bends, so
    that its ramp is not too steep."""
    north, south = (
        next(s.line for s in streets if s.name == f"{side} Järnvägsgatan")
        for side in ("Norra", "Södra")
    )
    at = UNDERPASS_EAST

    def on(line: LineString, east: float) -> float:
        return float(
            shapely.get_coordinates(
                line.intersection(LineString([(east, TOWN[1]), (east, TOWN[3])]))
            )[0, 1]
        )

    middle = on(curve(RAIL, 3.0), at)
    portals = (at, round(middle + UNDERPASS_HALF, 2)), (at, round(middle - UNDERPASS_HALF, 2))
    bend = middle - 19
    common = {"highway": "footway", "name": "Järnvägstunneln", "width": 4.0, "surface": "asphalt"}
    return [
        row(LineString([(at, on(north, at)), portals[0]]), **common),
        row(LineString(portals), **common, tunnel="yes", layer=-1),
        row(
            LineString([portals[1], (at, bend), (at + 34, bend), (at + 34, on(south, at + 34))]),
            **common,
        ),
    ]


def rail_rows(streets: list[Street]) -> list[dict]:
    """Features of the theme `streets`: tracks, platforms and the underpass."""
    rows = [
        row(line, railway="rail", width=4.5, name="Ådalsbanan" if number == 0 else None)
        for number, line in enumerate(tracks())
    ]
    for offset, (name, width, west, east) in PLATFORMS.items():
        easts = np.arange(west, east + 1.0, 4.0)
        rows.append(
            row(
                beside(np.full(len(easts), offset), easts),
                railway="platform",
                name=name,
                width=width,
                surface="paving_stones",
            )
        )
    return rows + underpass(streets)
