"""What the map wall shows: the area's middle, read coarsely from land, houses and plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from buildings.developments.boards import sign_lines
from buildings.developments.developments import KEPT, Developments
from buildings.developments.map_wall import (
    HEIGHT,
    SQUARE,
    WIDTH,
    MapPicture,
    here_sign,
    spread_names,
)
from mc_city.site.houses import Houses
from mc_city.site.land import Land
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.columns.strips import strips
from terrain.frame import Grid
from terrain.ground.covers import codes_of, names_of
from terrain.ground.ground import SEA
from terrain.rasters.elevation import read_heights
from terrain.spans.rails import IN_TUNNEL, Rails
from worlds.words import Words

FINE = 8
"""Samples along one side of a square."""
CROSSED = 0.5
"""Rails in a square that is shown as railway, at least, in sides of it."""
SHARES = (
    ("paved", 0.35),
    ("house", 0.16),
    ("fresh", 0.3),
    ("sea", 0.5),
    ("rail", CROSSED),
    ("allowed", 0.2),
    ("planned", 0.2),
)
"""How much of a square a class must fill to be shown, or a railway cross; later ones win. Houses
that fill a sixth make a town on a map."""
MARGIN = 1.1
PAVED = codes_of(names_of(lambda cover: cover.laid))
"""Whatever is laid on squares and between houses, stone, asphalt or gravel."""


def coarse_step(grid: Grid, spawn: tuple[int, int], places: NDArray[np.float64]) -> float:
    """Blocks along one side of a square, so that spawn and places (n, 2) x, z are on the wall, and
    no more than the area is."""
    most = min(grid.nx / WIDTH, grid.nz / HEIGHT)
    reach = np.abs(places - np.array(spawn)).max(axis=0) if len(places) else np.zeros(2)
    wanted = MARGIN * max(2 * reach[0] / WIDTH, 2 * reach[1] / HEIGHT)
    return float(min(max(wanted, 0.6 * most), most))


def _corner(grid: Grid, spawn: tuple[int, int], step: float) -> tuple[float, float]:
    """The north-western corner (x, z) of what is shown: round the spawn, inside the area."""
    x = min(max(spawn[0] - step * WIDTH / 2, grid.x0), grid.x0 + grid.nx - step * WIDTH)
    z = min(max(spawn[1] - step * HEIGHT / 2, grid.z0), grid.z0 + grid.nz - step * HEIGHT)
    return x, z


def _fine(outlines: Outlines, corner: tuple[float, float], step: float) -> Outlines:
    """Outlines in samples instead of blocks, from the corner on."""
    factor, (x, z) = FINE / step, corner
    boxes = (outlines.boxes - np.array([x, z, x, z])) * factor
    return outlines._replace(
        xs=(outlines.xs - x) * factor, zs=(outlines.zs - z) * factor, boxes=boxes
    )


def _burnt(
    outlines: Outlines, values: NDArray[np.int32], corner: tuple[float, float], step: float
) -> NDArray[np.int32]:
    """(samples z, x) int32: the value of the last outline there, −1 outside all."""
    out = np.full((HEIGHT * FINE, WIDTH * FINE), -1, np.int32)
    burn(_fine(outlines, corner, step), values, 0, 0, out)
    return out


def _share(samples: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(HEIGHT, WIDTH) the part of each square that is true."""
    shares: NDArray[np.float64] = samples.reshape(HEIGHT, FINE, WIDTH, FINE).mean(axis=(1, 3))
    return shares


def _levels(land: Land, grid: Grid, corner: tuple[float, float], step: float) -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH) codes of low, middle and high ground, by thirds of the relief that is
    shown."""
    east, north = grid.frame.to_city(np.array(corner[0]), np.array(corner[1]))
    frame = replace(
        grid.frame,
        scale=grid.frame.scale / step,
        origin_east=float(east),
        origin_north=float(north),
    )
    heights = read_heights(land.rasters, Grid(frame, 0, 0, WIDTH, HEIGHT))
    low, high = (
        (float(np.nanmin(heights)), float(np.nanmax(heights)))
        if not np.isnan(heights).all()
        else (0.0, 0.0)
    )
    third = np.nan_to_num((heights - low) / max(high - low, 12.0))
    return np.select(
        [third < 0.18, third < 0.5], [SQUARE["low"], SQUARE["middle"]], SQUARE["high"]
    ).astype(np.uint8)


def _tracks(rails: Rails | None, corner: tuple[float, float], step: float) -> NDArray[np.bool_]:
    """(HEIGHT, WIDTH) bool: the squares that a railway above the ground crosses."""
    crossed = np.zeros((HEIGHT, WIDTH), np.int64)
    if rails is not None:
        seen = rails.rails[rails.rails[:, 3] != IN_TUNNEL]
        column, row = ((seen[:, :2] + 0.5 - np.array(corner)) // step).astype(int).T
        shown = (row >= 0) & (row < HEIGHT) & (column >= 0) & (column < WIDTH)
        np.add.at(crossed, (row[shown], column[shown]), 1)
    return crossed >= max(1.0, CROSSED * step)


def map_picture(
    grid: Grid,
    land: Land,
    houses: Houses,
    developments: Developments,
    spawn: tuple[int, int],
    places: tuple[tuple[float, float, str], ...],
    words: Words,
) -> MapPicture:
    """places: (x, z, name) in blocks of what is named besides the developments."""
    planned = [
        (*grid.frame.to_blocks(*layer.place), layer.name)
        for layer in developments.layers
        if layer.place
    ]
    points = np.array([(x, z) for x, z, _ in planned]).reshape(-1, 2)
    step = coarse_step(grid, spawn, points)
    corner = _corner(grid, spawn, step)
    water = _burnt(land.water.outlines, land.water.kind.astype(np.int32), corner, step)
    cover = _burnt(land.covers.outlines, land.covers.codes, corner, step)
    ways = land.roadway.ways
    wide = outlines_of(strips(ways.geometry, ways.width_m / 2, quad_segs=2), grid.frame)
    street = _burnt(wide, np.zeros(len(ways), np.int32), corner, step) >= 0
    town = _burnt(houses.outlines, (~houses.presence.of_today).astype(np.int32), corner, step)
    works = _burnt(land.works.outlines, np.ones(len(land.works), np.int32), corner, step)
    allowed, built = (
        _burnt(outlines, np.zeros(outlines.number, np.int32), corner, step) >= 0
        for outlines in (
            outlines_of(features.geometry if features else [], grid.frame)
            for features in map(developments.roles.get, ("allowed", KEPT))
        )
    )
    shares = {
        "allowed": _share(allowed),
        "paved": _share((np.isin(cover, PAVED) | street) & (town < 0)),
        "house": _share(town == 0),
        "fresh": _share((water >= 0) & (water != SEA)),
        "sea": _share(water == SEA),
        "planned": _share((works >= 0) | (town == 1) | built),
    }
    squares = _levels(land, grid, corner, step)
    tracks = _tracks(land.spans.rails if land.spans else None, corner, step)
    for name, least in SHARES:
        squares[tracks if name == "rail" else shares[name] >= least] = SQUARE[name]
    here = _square(spawn[0] + 0.5, spawn[1] + 0.5, corner, step)
    squares[here] = SQUARE["here"]
    named = [(*here, here_sign(words))]
    named += [
        (*_square(x, z, corner, step), sign_lines(name)) for x, z, name in (*planned, *places)
    ]
    return MapPicture(squares, spread_names(named))


def _square(x: float, z: float, corner: tuple[float, float], step: float) -> tuple[int, int]:
    """(row, column) of a place in blocks."""
    return int((z - corner[1]) // step), int((x - corner[0]) // step)
