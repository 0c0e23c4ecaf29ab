"""What is measured of a thing: its place and size in metres, and the traits that kinds go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest import outlines
from mc_city.harvest.built import Built
from mc_city.harvest.grounds import Columns, Ground, Numbers, below_what_stood, given, guessed
from mc_city.harvest.matter import Matter
from mc_city.harvest.rooms import Rooms, rooms_of
from terrain.frame import Frame, quantised

MOST_COLOURS, LEAST_SHARE = 3, 0.08
"""Of the blocks that stand, to be named among the colours."""
SHARES = (
    "plant", "water", "sign", "rail", "fence", "glass", "colour", "play", "climb", "natural",
)  # fmt: skip
"""Roles whose share of what stands is a trait."""
COUNTS = ("door", "home")
OVER = 3
"""Blocks above the ground from which one walks below."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
    """What is measured of one thing.

    outline: a polygon or several, in the CRS of the city on the map; bottom_m, top_m: heights in
    the city's datum, of the lowest and above the highest block; ground_m: of the ground beneath it,
    the median; height_m: of its top above that ground; area_m2: of the outline; volume_m3: what it
    encloses, walls and rooms together; floors: of what has rooms, else None; added, removed,
    replaced: blocks; materials: how many blocks of each material by its plain name (`wood`,
    `brick`, `glass` …), most first; colours: the commonest, as `#rrggbb`.
    """

    outline: Any
    bottom_m: float
    top_m: float
    ground_m: float
    height_m: float
    area_m2: float
    volume_m3: float
    floors: int | None
    added: int
    removed: int
    replaced: int
    materials: Mapping[str, int]
    colours: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Figures(Measured):
    """traits: numbers by their names, in blocks and shares, see docs/harvest-kinds.md."""

    traits: Mapping[str, float]

    def __repr__(self) -> str:
        return f"Figures({self.area_m2:.0f} m², {self.height_m:.1f} m high)"


@dataclass(frozen=True, eq=False)
class _Blocks:
    """The blocks of a thing with what they mean. x, y, z: int64; ground: its y under each; stands:
    whether anything is there now."""

    built: Built
    matter: Matter
    x: Numbers
    y: Numbers
    z: Numbers
    ground: Numbers
    wet: NDArray[np.bool_]
    stands: NDArray[np.bool_]

    def __repr__(self) -> str:
        return f"_Blocks({len(self.x)})"

    def now(self, role: str) -> NDArray[np.bool_]:
        return self.stands & self.matter.roles[role][self.built.after]

    def was(self, role: str) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.matter.roles[role][self.built.before]
        return found

    @property
    def solid(self) -> NDArray[np.bool_]:
        return self.stands & self.matter.solid[self.built.after]


def changes(built: Built, matter: Matter) -> tuple[int, int, int]:
    """(added, removed, replaced): what stands where nothing stood, or what gives way; nothing where
    something stood; anything else."""
    empty = matter.roles["empty"]
    gone = empty[built.after]
    free = (empty | matter.roles["soft"])[built.before] & ~gone
    removed, added = int(gone.sum()), int(free.sum())
    return added, removed, len(built) - removed - added


def level_m(y: float, frame: Frame) -> float:
    """The height in the city's datum of the upper face of a block."""
    return float(quantised((y - frame.sea_level_y) / frame.vertical_scale))


def _standing(built: Built, matter: Matter) -> NDArray[np.int32]:
    """The states of what stands; where nothing does, of what stood."""
    stands = ~matter.roles["empty"][built.after]
    states = built.after[stands] if stands.any() else built.before
    there: NDArray[np.int32] = states[~matter.roles["empty"][states]]
    return there


def _materials(built: Built, matter: Matter) -> dict[str, int]:
    """How many blocks of each material stand, or else stood; most first."""
    states = _standing(built, matter)
    counts = np.bincount(matter.material[states], minlength=len(matter.materials))
    order = np.argsort(-counts, kind="stable")
    return {matter.materials[one]: int(counts[one]) for one in order if counts[one]}


def _colours(built: Built, matter: Matter) -> tuple[str, ...]:
    """The commonest of what stands, or else stood, as `#rrggbb`."""
    states = _standing(built, matter)
    counts: dict[tuple[int, int, int], int] = {}
    for state, count in zip(*np.unique(states, return_counts=True), strict=True):
        colour = matter.colours[state]
        counts[colour] = counts.get(colour, 0) + int(count)
    common = sorted(counts, key=lambda colour: (-counts[colour], colour))[:MOST_COLOURS]
    return tuple(
        "#{:02x}{:02x}{:02x}".format(*colour)
        for colour in common
        if colour == common[0] or counts[colour] >= LEAST_SHARE * len(states)
    )


def _lowest(columns: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
    """(each column once, y of its lowest block)."""
    order = np.lexsort((y, columns))
    first = np.concatenate([[True], np.diff(columns[order]) != 0])
    return order[first], y[order][first]


def _upright(x: Numbers, y: Numbers, z: Numbers) -> float:
    """How alike the levels of a thing are: their mean box over the largest, 1 of a prism."""
    order = np.argsort(y, kind="stable")
    levels, starts = np.unique(y[order], return_index=True)
    sides = [
        np.maximum.reduceat(axis[order], starts) - np.minimum.reduceat(axis[order], starts) + 1
        for axis in (x, z)
    ]
    boxes = sides[0] * sides[1]
    return float(boxes.sum()) / float(boxes.max() * len(levels))


def _share(part: NDArray[np.bool_], whole: int) -> float:
    return float(part.sum()) / whole if whole else 0.0


def _ground_traits(blocks: _Blocks, columns: Columns) -> dict[str, float]:
    """What was dug and what was taken away."""
    count = len(blocks.x)
    gone = ~blocks.stands
    earth = blocks.was("natural") & (blocks.y <= blocks.ground)
    slight = blocks.was("soft") | blocks.was("empty")
    # A column's surface that was dug away, or is water now, lets the light in.
    column = columns.rows(blocks.x, blocks.z)
    opened = np.zeros(len(columns.x), bool)
    opened[column[(gone | blocks.now("water")) & (blocks.y == blocks.ground)]] = True
    under = earth & (blocks.y <= blocks.ground - 2) & ~opened[column]
    return {
        "removed": _share(gone, count),
        "dug": _share(gone & earth, count),
        "demolished": _share(gone & ~earth & ~slight, count),
        "under": _share(under, count),
        "deep": float(max(0, int((blocks.ground - blocks.y).max()))),
    }


def _standing_traits(blocks: _Blocks, ground_y: float) -> dict[str, float]:
    """What stands: how high, how even, and of what."""
    stands, solid = blocks.stands, blocks.solid
    standing = int(stands.sum())
    traits = {f"{role}_share": _share(blocks.now(role), standing) for role in SHARES}
    traits |= {f"{role}_count": float(blocks.now(role).sum()) for role in COUNTS}
    traits["standing"] = float(standing)
    traits["white_share"] = _share(stands & blocks.matter.white[blocks.built.after], standing)
    above = blocks.y - blocks.ground
    traits["flat"] = _share(stands & ((above == 0) | (above == 1)), standing)
    traits["sunk"] = _share(stands & (above <= 0), standing)
    tops = blocks.y[stands]
    traits["high"] = float(max(0.0, float(tops.max()) - ground_y)) if standing else 0.0
    material = blocks.matter.material[blocks.built.after[stands]]
    counts = np.sort(np.bincount(material, minlength=2))[::-1]
    traits["variety"] = float((counts >= max(1.0, 0.03 * standing)).sum())
    traits["commonest"] = float(counts[0]) / standing if standing else 0.0
    traits |= {"over": 0.0, "plane": 0.0, "upright": 0.0, "spread": 0.0, "bulk": 0.0}
    if not solid.any():
        return traits
    x, y, z = blocks.x[solid], blocks.y[solid], blocks.z[solid]
    lowest, low = _lowest((z - z.min()) * (1 << 24) + x - x.min(), y)
    ground, wet = blocks.ground[solid][lowest], blocks.wet[solid][lowest]
    traits["over"] = _share((low - ground >= OVER) | (wet & (low > ground)), len(low))
    sides = [int(axis.max()) - int(axis.min()) + 1 for axis in (x, z)]
    traits["plane"] = float(min(sides))
    traits["spread"] = float(max(sides))
    traits["upright"] = _upright(x, y, z)
    traits["bulk"] = len(x) / (sides[0] * sides[1] * (int(y.max()) - int(y.min()) + 1))
    return traits


def _plan_traits(plan: outlines.Plan, rooms: Rooms) -> dict[str, float]:
    length, width = outlines.extents(plan.x, plan.z)
    return {
        "columns": float(len(plan.x)),
        "length": length,
        "width": width,
        "thickness": outlines.thickness(plan.x, plan.z),
        "fill": len(plan.x) / (length * width),
        "pieces": float(plan.pieces),
        "surrounds": float(len(plan.inside_x) - len(plan.x)),
        "rooms": float(rooms.area),
        "floors": float(rooms.floors),
        "open_rooms": float(rooms.open_area),
        "fenced": float(rooms.fenced),
    }


def _more_traits(traits: dict[str, float]) -> dict[str, float]:
    """What is made of others."""
    return {
        "load": traits["standing"] / max(1.0, traits["columns"]),
        "ratio": traits["length"] / max(1.0, traits["width"]),
        "toys": traits["play_share"] + traits["climb_share"],
        "slender": traits["high"] / max(1.0, traits["spread"]),
        "winding": traits["columns"] / max(1.0, traits["thickness"] ** 2),
        "room_share": traits["rooms"] / max(1.0, traits["columns"]),
    }


def figures_of(built: Built, matter: Matter, frame: Frame, ground: Ground | None) -> Figures:
    """Of one thing, at least one block. matter: of the states of `built`; ground: where it is not
    known, it is guessed, and bridges and tunnels are then hard to tell."""
    plan = outlines.plan_of(built.x, built.z)
    if ground is None:
        own = guessed(plan.x, plan.z, built, matter)
        level = int(np.sort(own.y)[len(own.y) // 2])
        inside = np.full(len(plan.inside_x), level, np.int64)
    else:
        own = below_what_stood(given(plan.x, plan.z, ground), built, matter)
        inside = given(plan.inside_x, plan.inside_z, ground).y
    x, y, z = (axis.astype(np.int64) for axis in (built.x, built.y, built.z))
    under, wet = own.under(x, z)
    stands = ~matter.roles["empty"][built.after]
    blocks = _Blocks(built, matter, x, y, z, ground=under, wet=wet, stands=stands)
    solid = blocks.solid
    rooms = rooms_of(
        (x[solid], y[solid], z[solid]), under[solid], (plan.inside_x, plan.inside_z, inside)
    )
    ground_y = float(np.sort(own.y)[len(own.y) // 2])
    traits = {
        "blocks": float(len(built)),
        **_ground_traits(blocks, own),
        **_standing_traits(blocks, ground_y),
        **_plan_traits(plan, rooms),
    }
    traits |= _more_traits(traits)
    added, removed, replaced = changes(built, matter)
    outline = outlines.in_blocks(plan.inside_x, plan.inside_z)
    ground_m, top_m = level_m(ground_y, frame), level_m(int(y.max()), frame)
    block_m3 = 1.0 / (frame.scale * frame.scale * frame.vertical_scale)
    return Figures(
        outline=outlines.on_the_map(outline, frame),
        bottom_m=level_m(int(y.min()) - 1, frame),
        top_m=top_m,
        ground_m=ground_m,
        height_m=float(quantised(top_m - ground_m)),
        area_m2=float(quantised(outline.area / (frame.scale * frame.scale))),
        volume_m3=float(quantised((len(built) + rooms.enclosed) * block_m3)),
        floors=rooms.floors or None,
        added=added,
        removed=removed,
        replaced=replaced,
        materials=_materials(built, matter),
        colours=_colours(built, matter),
        traits={name: float(quantised(value)) for name, value in traits.items()},
    )
