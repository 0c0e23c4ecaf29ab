"""What stands on platforms by rule: benches, signs with the station's name, a clock, and a shelter
on long ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.columns.facings import STEPS, facing_of
from terrain.frame import Frame, quantised
from terrain.furniture.drawing import raised_bits
from terrain.furniture.shapes import KINDS, SHAPES
from terrain.spans.decks import PLATFORM_STYLE, Decks
from terrain.vectors.features import Bounds, VectorSource, read_features
from terrain.vectors.words import text, word

Station = tuple[float, float, str]
"""x, z in blocks and the name of a station."""
SHORTEST_M, SHELTERED_M, EVERY_M, FROM_ENDS_M = 12.0, 40.0, 9.0, 5.0
"""Platforms that have anything, and a shelter; from thing to thing, and from their ends."""
STATION_M = 400.0
"""From a platform to its station, at most."""
SHIFTS = (0, 2, -2, 3, -3, 4, -4)
"""Blocks along its platform that a thing gives way to a lamp."""
IN_TURN = ("bench", "station_sign", "bench", "clock", "bench", "station_sign")


class _Place(NamedTuple):
    """Columns x, z of a thing's back's left, its shape, facing, y of its deck."""

    x: int
    z: int
    shape: int
    facing: int
    y: int

    def columns(self) -> set[tuple[int, int]]:
        (ahead_x, ahead_z), (right_x, right_z) = STEPS[self.facing], STEPS[(self.facing + 1) % 4]
        return {
            (self.x + far * ahead_x + off * right_x, self.z + far * ahead_z + off * right_z)
            for far in range(SHAPES[self.shape].deep)
            for off in range(SHAPES[self.shape].wide)
        }


def read_stations(sources: Sequence[VectorSource], frame: Frame, bounds: Bounds) -> list[Station]:
    """The stations and halts with a name near the bounds."""
    found = []
    for source in sources:
        features = read_features(source, frame.crs, bounds, "feature")
        names = list(features.columns)
        for place, shape in enumerate(features.geometry):
            tags = {name: features.columns[name][place] for name in names}
            name = text(tags.get("name"))
            if name and word(tags.get("railway")) in ("station", "halt"):
                middle = shapely.centroid(shape)
                x, z = frame.to_blocks(float(middle.x), float(middle.y))
                found.append((float(quantised(x)), float(quantised(z)), name))
    return sorted(found)


def _name_near(stations: Sequence[Station], x: float, z: float, scale: float) -> str:
    """The name of the nearest station, '' far from any."""
    near = [((one_x - x) ** 2 + (one_z - z) ** 2, name) for one_x, one_z, name in stations]
    away, name = min(near, default=(float("inf"), ""))
    return name if away <= (STATION_M * scale) ** 2 else ""


def _kinds(count: int, length: float, named: bool) -> Iterator[str]:
    """What stands at each of so many places along a platform, its length in metres."""
    for place in range(count):
        if place == count // 2 and length >= SHELTERED_M:
            yield "platform_shelter"
            continue
        kind = IN_TURN[place % len(IN_TURN)]
        # One clock, and no board without a name.
        clock = kind == "clock" and place != IN_TURN.index("clock")
        yield "bench" if clock or (kind == "station_sign" and not named) else kind


class _Platform:
    def __init__(self, decks: Decks, deck: int) -> None:
        lines = decks.lines
        here = slice(int(lines.starts[deck]), int(lines.starts[deck + 1]))
        self.line = shapely.LineString(np.column_stack([lines.xs[here], lines.zs[here]]))
        self.length = float(quantised(float(self.line.length)))
        self._top_y = decks.top_y[decks.top_starts[deck] : decks.top_starts[deck + 1]]
        self._step = float(decks.step[deck])
        self.lamps = {tuple(row) for row in decks.lamps[decks.lamps[:, 0] == deck, 1:].tolist()}

    def _deck_y(self, along: float) -> int:
        station = min(max(round(along / self._step), 0), len(self._top_y) - 1)
        return int(np.floor(quantised(float(self._top_y[station])) + 0.5))

    def put(self, kind: str, along: float, side: int) -> _Place:
        """A thing with its middle on the platform's line, looking to one side."""
        at, ahead = (
            shapely.get_coordinates(shapely.line_interpolate_point(self.line, along + more))[0]
            for more in (-0.5, 0.5)
        )
        middle = quantised((at + ahead) / 2)
        run_x, run_z = quantised(ahead - at).tolist()
        facing = facing_of(-run_z * side, -run_x * side)
        shape = KINDS[kind][0]
        deep, wide = (SHAPES[shape].deep - 1) / 2, (SHAPES[shape].wide - 1) / 2
        ahead_x, ahead_z = STEPS[facing]
        right_x, right_z = STEPS[(facing + 1) % 4]
        x = int(np.floor(middle[0] - ahead_x * deep - right_x * wide))
        z = int(np.floor(middle[1] - ahead_z * deep - right_z * wide))
        return _Place(x, z, shape, facing, self._deck_y(along))


def platform_things(
    decks: Decks, stations: Sequence[Station], scale: float
) -> tuple[NDArray[np.int32], list[str]]:
    """((n, 5) int32 rows of `Furniture.table`, what is written on each) of all platforms, clear of
    their lamps and of each other."""
    rows: list[tuple[int, int, int, int, int]] = []
    signs: list[str] = []
    for deck in np.flatnonzero(decks.style == PLATFORM_STYLE).tolist():
        platform = _Platform(decks, deck)
        metres = platform.length / scale
        if metres < SHORTEST_M:
            continue
        middle = shapely.line_interpolate_point(platform.line, platform.length / 2)
        name = _name_near(stations, float(middle.x), float(middle.y), scale)
        count = int((metres - 2 * FROM_ENDS_M) // EVERY_M) + 1
        taken = set(platform.lamps)
        for number, kind in enumerate(_kinds(count, metres, bool(name))):
            share = (number + 0.5) / count
            along = FROM_ENDS_M * scale + share * (metres - 2 * FROM_ENDS_M) * scale
            for shift in SHIFTS:
                place = platform.put(kind, along + shift, 1 if number % 2 else -1)
                if not place.columns() & taken:
                    taken |= place.columns()
                    rows.append((*place[:4], raised_bits(place.y)))
                    signs.append(name)
                    break
    return np.array(rows, np.int32).reshape(-1, 5), signs
