"""How high the eaves and roofs of houses are: as the data says, else by the laser, their floors,
the surface model, their neighbours, or their size and use."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.looks.styles import Styles, use_style
from buildings.plans.roof_plans import RoofPlans
from buildings.plans.slopes import FLAT
from buildings.sources.footprints import Footprints
from buildings.sources.heights import HIGHEST_M
from buildings.sources.roof_returns import LaserRoofs
from terrain.frame import Frame
from worlds.records import Table

ROOF_STOREY_M = 2.8
"""Height of a storey within the roof."""
SLENDER, SPIRE_SHARE = 4.0, 0.4
"""A pointed roof of a tower so many times as high as it is wide is a spire, and so much of the
tower."""
FLOOR_M = 3.0
"""Height of a floor of what hangs in the air."""
LEAST_UNDER_M = 1.0
"""Metres above the ground from which on a building hangs in the air; what begins lower is a kerb or
a plinth."""
THINNEST_M = 1.0
"""A roof on posts whose upper edge is not known lies so much above where it begins."""
HIGHEST_STOREY = 6.0
"""Blocks; what is higher is a hall."""
ROUNDED = 0.5
"""Metres by which the rise of a planned roof differs from what is known by rounding alone."""
LEAST_M = 0.5
"""Metres of wall that a house has at least."""
CARRIED = 0.5
"""A part begins where the lower ones begin when more than this of it lies over them: a column holds
one house of those that stand on the ground, and one of those that hang over it."""


@dataclass(frozen=True)
class HouseHeights:
    """Arrays (n,), blocks above the mean ground. eaves; rise: from them to the ridge, NaN =
    unknown; top: what the data says of the whole, NaN = nothing; loose: bool, whether the eaves may
    move so that the top is right; source: where each came from."""

    eaves: NDArray[np.float64]
    rise: NDArray[np.float64]
    top: NDArray[np.float64]
    loose: NDArray[np.bool_]
    source: NDArray[np.object_]


@dataclass(frozen=True)
class DecidedHeights:
    """Arrays (n,), metres of the city's height system, before they became blocks. ground: the mean
    under the house, from which its heights are counted; bottom: where it begins, the lowest ground
    under it but for what hangs in the air; eaves, ridge: of its walls and its roof."""

    ground: NDArray[np.float64]
    bottom: NDArray[np.float64]
    eaves: NDArray[np.float64]
    ridge: NDArray[np.float64]


def known_tops(
    footprints: Footprints, survey: Table, frame: Frame
) -> tuple[NDArray[np.float64], Counter[str]]:
    """((n,) metres from the ground to the tops that are known above the datum, NaN = unknown; what
    is not believed, counted)."""
    above = footprints.top_m - (survey["mean_y"] - frame.sea_level_y) / frame.vertical_scale
    wild = above > HIGHEST_M
    notes = (
        Counter({f"top_m is more than {HIGHEST_M:g} m above the ground": int(wild.sum())})
        if wild.any()
        else Counter[str]()
    )
    return np.where(wild, np.nan, above), notes


def estimate_heights(
    footprints: Footprints,
    survey: Table,
    styles: Styles,
    frame: Frame,
    laser: LaserRoofs | None = None,
) -> HouseHeights:
    """survey: (n,) of SURVEY; laser: what a laser says of each. What is trusted most is asked
    first: a column, the laser, floors, the surface model, neighbours, size and use."""
    scale = frame.scale
    eaves, ridge = footprints.eaves_m.copy(), footprints.ridge_m.copy()
    uses = [use_style(styles, use) for use in footprints.use]
    storeys = np.array([use.storey for use in uses], float)
    ground = np.array([use.ground_storey for use in uses], float)
    low, high = np.array([use.height_m for use in uses]).reshape(-1, 2).T
    above, _ = known_tops(footprints, survey, frame)
    total = np.where(np.isnan(footprints.height_m), np.maximum(above, 2.0), footprints.height_m)
    source = np.full(len(uses), "column", dtype=object)
    roof_only = ~np.isnan(footprints.open_m)
    unsaid_roof = roof_only & np.isnan(total) & np.isnan(eaves) & np.isnan(ridge)
    total[unsaid_roof] = np.fmax(footprints.open_m, footprints.min_height_m + THINNEST_M)[
        unsaid_roof
    ]
    source[unsaid_roof] = "roofs on posts as usual"
    top = np.where(np.isnan(ridge), total, ridge)
    usual_rise = np.minimum(survey["deepest"] / scale * 0.65, 6.0)
    flat = np.array(
        [
            shape == "flat" or (shape is None and (use.roof == "flat" or bare))
            for shape, use, bare in zip(
                footprints.roof_shape,
                uses,
                roof_only & ~(footprints.roof_height_m > 0),
                strict=True,
            )
        ],
        bool,
    )
    rise = np.where(flat, 0.0, np.nan)
    both = ~np.isnan(eaves) & ~np.isnan(top)
    rise[both] = np.maximum(top[both] - eaves[both], 0.0)
    lacking = np.isnan(eaves)
    only_top = lacking & ~np.isnan(top)
    taken = np.where(flat, 0.0, np.minimum(usual_rise, 0.4 * np.nan_to_num(top)))
    pointed = np.array(
        [shape in ("pyramid", "onion", "dome") for shape in footprints.roof_shape], bool
    )
    spire = pointed & (top > SLENDER * np.sqrt(np.maximum(survey["columns"], 1.0)) / scale)
    taken[spire] = SPIRE_SHARE * top[spire]
    own_rise = np.where(
        footprints.roof_height_m > 0,
        footprints.roof_height_m,
        ROOF_STOREY_M * footprints.roof_floors,
    )
    said = (own_rise > 0) & ~flat
    taken[said] = np.minimum(own_rise, 0.6 * np.nan_to_num(top))[said]
    seen_by_laser = np.zeros(len(uses), bool) if laser is None else laser.known & lacking
    if laser is not None:
        low_m, high_m = _above_ground(laser, survey, frame, flat)
        shaped = seen_by_laser & ~said & ~spire
        taken[shaped] = np.minimum(high_m - low_m, 0.6 * np.nan_to_num(top))[shaped]
        seen_by_laser &= np.isnan(top)
        eaves[seen_by_laser] = low_m[seen_by_laser]
        rise[seen_by_laser] = (high_m - low_m)[seen_by_laser]
        top[seen_by_laser] = high_m[seen_by_laser]
        source[seen_by_laser] = "laser"
    eaves[only_top], rise[only_top] = top[only_top] - taken[only_top], taken[only_top]
    from_floors = np.isnan(eaves) & np.isnan(top) & (footprints.floors > 0)
    # A nave is one storey in which several floors of a register fit.
    hall = storeys > HIGHEST_STOREY
    floors = np.where(
        hall,
        np.maximum(low, footprints.floors * HIGHEST_STOREY),
        ground + (footprints.floors - 1) * storeys,
    )
    # What hangs in the air begins at its lowest floor times the same height.
    floors = np.where(bases(footprints) > 0, FLOOR_M * footprints.floors - 0.5, floors)
    eaves[from_floors] = floors[from_floors] + 0.5
    source[from_floors] = "floors"
    seen = np.isnan(eaves) & (survey["high_m"] > 2.0)
    pitched = seen & (survey["high_m"] - survey["low_m"] > 1.2)
    eaves[seen] = np.where(pitched, survey["low_m"], survey["high_m"])[seen]
    rise[seen] = np.where(pitched, survey["high_m"] - survey["low_m"], 0.0)[seen]
    source[seen] = "surface model"
    like_others = np.isnan(eaves) & (footprints.near_floors > 0)
    eaves[like_others] = (ground + (footprints.near_floors - 1) * storeys)[like_others] + 0.5
    source[like_others] = "neighbours"
    guessed = np.isnan(eaves)
    unsaid = np.isnan(rise) & said
    rise[unsaid] = own_rise[unsaid]
    size = np.clip(survey["columns"] / scale**2 / 400.0, 0.0, 1.0)
    lot = (footprints.seed & 0xFF) / 255.0
    eaves[guessed] = (low + (high - low) * (0.6 * size + 0.4 * lot))[guessed]
    source[guessed] = "size and use"
    told = np.where(only_top | both | seen_by_laser, top, np.nan) * scale
    return HouseHeights(
        eaves * scale, rise * scale, told, lacking | (footprints.roof_height_m > 0), source
    )


def _above_ground(
    laser: LaserRoofs, survey: Table, frame: Frame, flat: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """((n,) metres from the mean ground to the eaves, (n,) to the ridge); between the two for the
    flat (n,) bool: a flat roof in several levels has its eaves between them."""
    ground_m = (survey["mean_y"] - frame.sea_level_y) / frame.vertical_scale
    eaves, ridge = (laser.readings[name] - ground_m for name in ("eaves_m", "ridge_m"))
    level = (eaves + ridge) / 2.0
    return np.where(flat, level, eaves), np.where(flat, level, np.maximum(ridge, eaves))


def bases(footprints: Footprints) -> NDArray[np.float64]:
    """(n,) metres above the ground at which each building begins: 0 but for those that hang in the
    air."""
    base = np.nan_to_num(
        np.where(
            np.isnan(footprints.min_height_m),
            FLOOR_M * footprints.min_floors,
            footprints.min_height_m,
        )
    )
    base = np.where(base >= LEAST_UNDER_M, base, 0.0)
    lifted = np.flatnonzero((base > 0) & np.isnan(footprints.open_m))
    if not len(lifted):
        return base
    out = base.copy()
    tree = shapely.STRtree(footprints.geometry)
    for mine in lifted.tolist():
        shape = footprints.geometry[mine]
        near = tree.query(shape, predicate="intersects")
        near = near[(base[near] < base[mine]) & np.isnan(footprints.open_m[near])]
        for level in np.unique(base[near]).tolist():
            below = shapely.union_all(footprints.geometry[near[base[near] <= level]])
            if shapely.area(shapely.intersection(shape, below)) > CARRIED * shapely.area(shape):
                out[mine] = level
                break
    return out


def decided_heights(
    footprints: Footprints,
    survey: Table,
    heights: HouseHeights,
    roofs: RoofPlans,
    given: NDArray[np.bool_],
    frame: Frame,
) -> DecidedHeights:
    """The heights of houses whose roofs are planned. given: (n,) bool, those that have the roof of
    a city model."""
    ground, lowest = (
        (survey[name] - frame.sea_level_y) / frame.vertical_scale for name in ("mean_y", "lowest_y")
    )
    told = heights.top / frame.scale
    planned_rise = roofs.rise / frame.scale
    rise = np.where(np.isnan(heights.rise), planned_rise, heights.rise / frame.scale)
    eaves = heights.eaves / frame.scale
    ridge = np.where(np.isnan(told), eaves + rise, told)
    # The walls reach up to where the roof that was planned begins, if only its top is known.
    off = np.abs(ridge - eaves - planned_rise) > ROUNDED
    eaves = np.where(heights.loose & ~np.isnan(told) & off, ridge - planned_rise, eaves)
    level = (roofs.kind == FLAT) & (ridge - eaves <= ROUNDED)
    eaves[level] = ridge[level]
    eaves, ridge = ground + eaves, ground + np.maximum(ridge, eaves)
    for house in np.flatnonzero(given).tolist():
        corners = shapely.get_coordinates(footprints.roof_surfaces[house], include_z=True)
        eaves[house], ridge[house] = corners[:, 2].min(), corners[:, 2].max()
    base = bases(footprints)
    bottom = np.where(base > 0, ground + base, lowest)
    on_posts = ~np.isnan(footprints.open_m)
    bottom[on_posts] = eaves[on_posts] - THINNEST_M
    return DecidedHeights(ground, np.minimum(bottom, eaves - LEAST_M), eaves, ridge)
