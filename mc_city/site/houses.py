"""A plan for every house, existing or planned, and which of them stand in which state of the
city."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.developments.developments import Developments
from buildings.drawing.roof_tops import TOP_OFF, drawn_rises, moved_eaves
from buildings.looks.styles import Styles, UseStyle, use_style
from buildings.plans.doors import Surroundings, find_doors, no_doors, rooms_of
from buildings.plans.gates import find_gates, wanted_gates
from buildings.plans.passages import lower_ceilings, passage_columns, plan_passages
from buildings.plans.plans import BuildingPlans, long_axes
from buildings.plans.roof_plans import RoofWishes, plan_roofs
from buildings.plans.side_doors import SIDE_DOOR, SideDoor, find_side_doors, no_side_doors
from buildings.plans.stairs import find_stairs, no_stairs
from buildings.plans.survey import SURVEY, SurveyedGround, survey_ground
from buildings.plans.walls import wall_runs
from buildings.rooms.layouts import NO_LAYOUT, read_rooms
from buildings.sources.footprints import Footprints
from buildings.sources.model_roofs import ModelRoofs, roofs_of_models
from buildings.sources.quarters import CORE
from buildings.sources.roof_returns import LaserRoofs
from mc_city.site.demolitions import demolitions
from mc_city.site.house_heights import (
    DecidedHeights,
    bases,
    decided_heights,
    estimate_heights,
    known_tops,
)
from mc_city.site.land import Progress
from mc_city.site.laser import AboveGround, measured_roofs, with_roof_shapes
from mc_city.site.passages import passages_of
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn
from terrain.frame import REGION, Frame, Grid
from terrain.rasters.elevation import read_heights
from terrain.streets.ways import Ways
from terrain.works.presence import Options, Presence

UNDER_ROOFS = 3
"""Blocks from the ground to a roof on posts, at least: two of them free."""


@dataclass(frozen=True)
class Site:
    """What a house finds where it is to stand. Arrays (z, x): standing_y int32, top of ground or
    water; dry, paved bool;
    heights_m float32, metres above the datum."""

    standing_y: NDArray[np.int32]
    dry: NDArray[np.bool_]
    paved: NDArray[np.bool_]
    heights_m: NDArray[np.float32]


@dataclass(frozen=True)
class Setting:
    """What all houses find. site: (grid, active options) → what is there; ways: of today."""

    site: Callable[[Grid, Options], Site]
    ways: Ways


@dataclass(frozen=True)
class Houses:
    """Existing buildings, then planned ones.

    today: drawing order of the existing ones; planned: that of the planned ones, by the rank of
    their development; presence: which options build or take away each; unmarked: existing houses in
    the way that no plan marks for demolition; height_from: (n,) what the height of each is known
    from; rooms: (n,) int32 which layout of configs/rooms.toml, −1 = none; laser: what a laser
    says of each, None without one; heights: of each before they became blocks, None where they are
    not asked for.
    """

    footprints: Footprints
    outlines: Outlines
    plans: BuildingPlans
    today: NDArray[np.int64]
    planned: NDArray[np.int64]
    presence: Presence
    unmarked: Counter[str]
    height_from: NDArray[np.object_]
    rooms: NDArray[np.int32]
    laser: LaserRoofs | None = None
    heights: DecidedHeights | None = None

    @property
    def height_sources(self) -> Counter[str]:
        """How many of all buildings have their height from what."""
        return Counter(self.height_from.tolist())

    @property
    def existing(self) -> int:
        """How many there are today; the first ones."""
        return int(self.presence.of_today.sum())

    def owners(self, grid: Grid, order: NDArray[np.int64]) -> NDArray[np.int32]:
        """(z, x) int32 over the grid: the building of each column, −1 = none of them. order: (n,)
        which ones, a later one over those before it."""
        owner = np.full(grid.shape, -1, np.int32)
        numbers = np.arange(self.outlines.number, dtype=np.int32)
        burn(self.outlines, numbers, grid.x0, z0=grid.z0, out=owner, order=order)
        return owner

    def drawn(self, active: Options) -> NDArray[np.int64]:
        """The buildings of a state in drawing order. active: (options,) bool."""
        if not active.any():
            return self.today
        order = np.concatenate([self.today, self.planned])
        return np.asarray(order[self.presence.standing(active)[order]])


def join_footprints(first: Footprints, second: Footprints) -> Footprints:
    """Both, one after the other."""
    held = {
        entry.name: (getattr(first, entry.name), getattr(second, entry.name))
        for entry in fields(Footprints)
    }
    arrays = {
        name: np.concatenate(both) for name, both in held.items() if isinstance(both[0], np.ndarray)
    }
    lists = {name: both[0] + both[1] for name, both in held.items() if isinstance(both[0], list)}
    return replace(first, **arrays, **lists)


def chosen_footprints(footprints: Footprints, keep: NDArray[np.bool_]) -> Footprints:
    """Those of a mask (n,) bool, in their order."""
    held = {entry.name: getattr(footprints, entry.name) for entry in fields(Footprints)}
    arrays: dict[str, Any] = {
        name: values[keep] for name, values in held.items() if isinstance(values, np.ndarray)
    }
    lists: dict[str, Any] = {
        name: [values[index] for index in np.flatnonzero(keep)]
        for name, values in held.items()
        if isinstance(values, list)
    }
    return replace(footprints, **arrays, **lists)


def _windows(
    outlines: Outlines, chosen: NDArray[np.int64], frame: Frame
) -> list[tuple[NDArray[np.int64], Grid]]:
    """The chosen buildings in groups that lie together, each with a grid that holds them whole."""
    owners = np.floor(
        (outlines.boxes[chosen, :2] + outlines.boxes[chosen, 2:]) / 2 / REGION
    ).astype(int)
    windows = []
    for key in np.unique(owners, axis=0):
        group = chosen[(owners == key).all(axis=1)]
        left, top = np.floor(outlines.boxes[group, :2].min(axis=0)).astype(int) - 8
        right, bottom = np.ceil(outlines.boxes[group, 2:].max(axis=0)).astype(int) + 8
        windows.append(
            (group, Grid(frame, int(left), int(top), int(right - left), int(bottom - top)))
        )
    return windows


def plan_houses(
    existing: Footprints,
    planned: Footprints,
    developments: Developments,
    frame: Frame,
    styles: Styles,
    measured: AboveGround,
    setting: Setting,
    progress: Progress,
) -> Houses:
    """Plans all buildings, each from the ground under the whole of it: existing ones as it is
    today, planned ones as the (first) option that builds them makes it."""
    footprints = join_footprints(existing, planned)
    outlines = outlines_of(footprints.geometry, frame)
    count, options = len(footprints), len(developments.options)
    built_by = np.zeros((count, options), bool)
    if len(planned):
        built_by[len(existing) :] = developments.roles["building"].options
    takes, unmarked = demolitions(developments, existing, planned)
    groups = [(np.zeros(options, bool), np.arange(len(existing)))]
    for option in range(options):
        first = built_by.any(axis=1) & (built_by.argmax(axis=1) == option)
        groups.append((np.arange(options) == option, np.flatnonzero(first)))
    work = [
        (active, group, window)
        for active, chosen in groups
        if len(chosen)
        for group, window in _windows(outlines, chosen, frame)
    ]
    survey = np.zeros(count, SURVEY)
    sites = []
    for done, (active, group, window) in enumerate(work):
        there = setting.site(window, active)
        sites.append(there)
        above = np.full(window.shape, np.nan, np.float32)
        if measured.surface and not active.any():
            above = read_heights(measured.surface, window)
        surveyed = SurveyedGround(there.standing_y, above, there.heights_m, window.x0, window.z0)
        survey_ground(outlines, group, surveyed, survey)
        progress("houses", done + 1, len(work))
    axes = long_axes(footprints.geometry, frame)
    laser = measured_roofs(measured.laser, survey, axes, frame)
    footprints = with_roof_shapes(footprints, laser)
    heights = estimate_heights(footprints, survey, styles, frame, laser)
    sources = heights.source
    base = bases(footprints) * frame.scale
    roof_only = ~np.isnan(footprints.open_m)
    hanging = (base > 0) | roof_only
    floor_y = np.where(base > 0, np.rint(survey["mean_y"] + base), survey["highest_y"]).astype(
        np.int32
    )
    eaves_y = np.maximum(np.rint(survey["mean_y"] + heights.eaves).astype(np.int32), floor_y + 3)
    eaves_y[roof_only] = np.maximum(
        np.rint(survey["mean_y"] + heights.eaves), survey["highest_y"] + UNDER_ROOFS
    )[roof_only].astype(np.int32)
    given = roofs_of_models(footprints.roof_surfaces, frame, floor_y, eaves_y, built_by.any(axis=1))
    eaves_y, sources[given.given] = given.eaves_y, "city model"
    footprints = replace(
        footprints, notes=footprints.notes + given.notes + known_tops(footprints, survey, frame)[1]
    )
    # A low house has no room for a roof on top of the two blocks in which one stands.
    top_y = np.where(given.given, np.nan, survey["mean_y"] + heights.top)
    too_high = eaves_y + heights.rise > top_y + TOP_OFF
    rise = np.where(too_high, np.clip(top_y - eaves_y, 0.0, heights.rise), heights.rise)
    wishes = _wishes(footprints, styles, rise=rise, built_by=built_by, given=given, hanging=hanging)
    roofs = plan_roofs(
        shapes_in_blocks(footprints.geometry, frame), outlines, axes, eaves_y, wishes
    )
    lowest_y = np.where(roof_only, survey["highest_y"], floor_y) + 3
    told_y = np.where(heights.loose, top_y, np.nan)
    eaves_y = moved_eaves(
        eaves_y,
        lowest_y,
        told_y,
        drawn_rises(roofs, axes, np.flatnonzero(~np.isnan(told_y))),
    )
    floor_y[roof_only] = eaves_y[roof_only]
    uses = [use_style(styles, use) for use in footprints.use]
    passages = passages_of(
        footprints.geometry, hanging, setting.ways, developments, built_by=built_by, frame=frame
    )
    plans = BuildingPlans(
        floor_y=floor_y,
        eaves_y=eaves_y,
        roofs=roofs,
        axis=axes,
        columns=survey["columns"].astype(np.int64),
        door=no_doors(count),
        gate=wanted_gates([use.gate_size for use in uses]),
        stair=no_stairs(count),
        walls=wall_runs(outlines),
        hanging=hanging,
        passages=plan_passages(
            *passages,
            levels=(floor_y, eaves_y, np.array([use.ground_storey for use in uses], np.int32)),
            frame=frame,
        ),
        side_doors=no_side_doors(),
    )
    plans.stair["steps"] = flights(uses, plans)
    today, planned_order = _orders(developments, built_by, plans)
    houses = Houses(
        footprints=footprints,
        outlines=outlines,
        plans=plans,
        today=today,
        planned=planned_order,
        presence=Presence(built_by, takes),
        unmarked=unmarked,
        height_from=sources,
        rooms=np.array([read_rooms().layout_of(use) for use in footprints.use], np.int32),
        laser=laser,
        heights=decided_heights(footprints, survey, heights, roofs, given.given, frame=frame),
    )
    side_doors: list[SideDoor] = []
    for (active, group, window), there in zip(work, sites, strict=True):
        drawn = houses.drawn(active)
        for chosen, order in (
            (group[~hanging[group]], drawn[~hanging[drawn]]),
            (group[hanging[group]], drawn[hanging[drawn]]),
        ):
            if not len(chosen):
                continue
            owner = np.full(window.shape, -1, np.int32)
            burn(
                outlines,
                np.arange(count, dtype=np.int32),
                window.x0,
                z0=window.z0,
                out=owner,
                order=order,
            )
            which = passage_columns(plans.passages, owner, window.x0, z0=window.z0)
            lower_ceilings(plans.passages, chosen, which, there.standing_y, wheels=passages[2])
            through = which >= 0
            around = Surroundings(
                # To the house a passage is what another one would be: no door leads there.
                owner=np.where(through, count, owner).astype(np.int32),
                rooms=rooms_of(np.where(through, -1, owner).astype(np.int32), there.dry),
                standing_y=there.standing_y,
                dry=there.dry,
                paved=there.paved,
                x0=window.x0,
                z0=window.z0,
            )
            # Nobody walks into what hangs in the air.
            entered = chosen[~hanging[chosen]]
            find_doors(outlines, entered, around, floor_y, plans.door)
            find_gates(outlines, entered, around, floor_y, (plans.door, plans.gate))
            find_stairs(outlines.boxes, chosen, around, plans.door, plans.stair)
            cut = np.intersect1d(entered, plans.passages.house)
            side_doors += find_side_doors(cut, around, through, floor_y, door=plans.door)
            # Where another house reaches in, nobody knows what of its rooms is left.
            left = np.bincount(owner[owner >= 0], minlength=count)
            houses.rooms[chosen[left[chosen] != plans.columns[chosen]]] = NO_LAYOUT
    doors = np.array(sorted(side_doors), SIDE_DOOR)
    return replace(houses, plans=plans._replace(side_doors=doors))


def shapes_in_blocks(geometry: NDArray[np.object_], frame: Frame) -> NDArray[np.object_]:
    moved: NDArray[np.object_] = shapely.transform(
        geometry, lambda points: np.column_stack(frame.to_blocks(points[:, 0], points[:, 1]))
    )
    return moved


def _wishes(
    footprints: Footprints, styles: Styles, rise: NDArray[np.float64], built_by: NDArray[np.bool_],
    given: ModelRoofs,
    hanging: NDArray[np.bool_],
) -> RoofWishes:  # fmt: skip
    """What the data and the style table say of the roofs. built_by: (buildings, options) bool;
    houses of the same options, and those of today, are neighbours."""
    uses = [use_style(styles, use) for use in footprints.use]
    group = (
        np.unique(built_by, axis=0, return_inverse=True)[1].ravel()
        if built_by.shape[1]
        else np.zeros(len(uses))
    )
    # What hangs in the air is nobody's neighbour.
    group = np.where(hanging, -1 - np.arange(len(uses)), group)
    shapes = [
        "flat" if level else shape
        for shape, level in zip(footprints.roof_shape, given.flat, strict=True)
    ]
    return RoofWishes(
        shape=shapes,
        usual=[use.roof for use in uses],
        rise=rise,
        angle=footprints.roof_angle,
        direction=footprints.roof_direction,
        across=np.array([word == "across" for word in footprints.roof_orientation], bool),
        group=group.astype(np.int64),
        chimney=np.array([use.chimney for use in uses], bool),
        turret=np.array([use == CORE for use in footprints.use], bool),
        seed=footprints.seed,
        models=given.triangles,
    )


def flights(uses: Sequence[UseStyle], plans: BuildingPlans) -> NDArray[np.int32]:
    """(n,) int32: steps of the longest flight of stairs that each building needs; 0 where there is
    one storey."""
    ground = np.array([use.ground_storey for use in uses], np.int32)
    storey = np.array([use.storey for use in uses], np.int32)
    inside = plans.eaves_y - plans.floor_y
    several = inside - ground >= 3
    return np.where(
        several, np.where(inside - ground - storey >= 3, np.maximum(ground, storey), ground), 0
    ).astype(np.int32)


def _orders(
    developments: Developments, built_by: NDArray[np.bool_], plans: BuildingPlans
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(drawing order of today's houses, of the planned ones): higher ones last, planned ones by
    rank first."""
    height = plans.eaves_y + plans.roofs.rise
    there = plans.columns > 0
    planned = built_by.any(axis=1)
    today = np.argsort(height, kind="stable")
    today = today[(there & ~planned)[today]]
    rank_of = np.array([layer for layer, _ in developments.options] or [0])
    rank = rank_of[built_by.argmax(axis=1)] if built_by.shape[1] else np.zeros(len(height), int)
    later = np.lexsort((height, rank))
    return today, later[(there & planned)[later]]
