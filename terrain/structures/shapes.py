"""What each kind of structure looks like: forms from a height and a breadth in blocks."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from terrain.structures.forms import (
    SLANTING,
    Form,
    Points,
    aslant,
    corners,
    disc,
    form_of,
    frame,
    pole,
    raised,
    ring,
    rod,
    square,
    turned,
    without,
)

MATERIALS: dict[str, tuple[str, ...]] = {
    "mast": ("leg", "band", "other_band", "lamp"),
    "tower": ("shaft", "pod", "glass", "wall", "slit", "top"),
    "water_tower": ("stem", "tank", "roof"),
    "silo": ("wall", "band", "roof", "ladder"),
    "tank": ("wall", "roof", "rail"),
    "gasometer": ("wall", "frame", "roof"),
    "cooling_tower": ("wall",),
    "chimney": ("wall", "band", "top"),
    "lighthouse": ("wall", "band", "gallery", "glass", "light", "roof"),
    "lookout": ("leg", "brace", "floor", "rail", "roof"),
    "crane": ("mast", "jib", "weight", "cab", "rope"),
    "flag": ("pole", "cloth", "cross", "knob"),
    "cross": ("wood",),
    "station": ("leg", "box", "lid"),
    "turbine": ("tower", "nacelle", "blade"),
    "windmill": ("wall", "cap", "sail"),
    "pylon": ("leg", "arm", "insulator"),
    "pole": ("wood", "arm", "insulator", "lamp"),
    "power": ("case", "lid", "bushing", "fence", "kiosk", "kiosk_roof"),
    "solar": ("post", "panel"),
    "greenhouse": ("post", "glass", "plant"),
    "ruins": ("wall", "overgrown"),
    "bunker": ("wall", "roof"),
    "lift": ("pylon", "arm", "post", "roof", "chair", "hanger", "cabin", "window"),
    "coaster": ("track", "support"),
    "ski_jump": ("track", "edge", "support"),
    "catenary": ("mast", "arm"),
    "wires": ("along_x", "along_z"),
}
"""Table of `[structures]` in the style table → the blocks that it names."""
NAMES = [f"{table}.{part}" for table, parts in MATERIALS.items() for part in parts]
CODES = {name: number + 1 for number, name in enumerate(NAMES)}
Parts = list[tuple[Points, int]]


class Size(NamedTuple):
    """Blocks."""

    high: int
    wide: int


def made(points: Points, name: str) -> tuple[Points, int]:
    return points, CODES[name]


def _mast(size: Size) -> Parts:
    """A lattice of four legs with bands, and an antenna on it; a low one is a pole."""
    high, wide = size
    if high < 14 or wide < 3:
        return [
            made(pole(0, high - 1), "mast.leg"),
            made(raised(frame(1), high - 4, high - 3), "mast.leg"),
            made(pole(high - 1, high), "mast.lamp"),
        ]
    body = high - max(high // 6, 4)
    parts = [
        made(raised(corners(1), 0, body), "mast.leg"),
        made(pole(body, high - 1), "mast.leg"),
    ]
    for number, level in enumerate(range(body - 1, 0, -5)):
        name = "mast.band" if number % 2 == 0 else "mast.other_band"
        parts.append(made(raised(frame(1), level, level + 1), name))
    return [
        *parts,
        made(raised(corners(1), body, body + 2), "mast.leg"),
        made(pole(high - 1, high), "mast.lamp"),
    ]


def _antenna(size: Size) -> Parts:
    high = size.high
    arms = [
        made(raised(np.array([[off, 0] for off in range(-reach, reach + 1)]), level, level + 1),
             "mast.leg")
        for reach, level in ((1, high - 2), (2, high - 4)) if level > 1
    ]  # fmt: skip
    return [made(pole(0, high - 1), "mast.leg"), *arms, made(pole(high - 1, high), "mast.lamp")]


def _communications_tower(size: Size) -> Parts:
    """A shaft of concrete with a pod of floors under its antenna."""
    high, wide = size
    shaft = min(max(wide, 3), 9)
    head, pod = high * 2 // 3, shaft + 6
    antenna = [
        made(pole(level, min(level + 3, high)), name)
        for level, name in zip(
            range(head + 7, high, 3),
            ("mast.band", "mast.other_band") * (high // 6 + 1),
            strict=False,
        )
    ]
    return [
        made(raised(ring(shaft), 0, head), "tower.shaft"),
        made(raised(disc(pod - 2), head - 1, head), "tower.pod"),
        made(raised(ring(pod), head, head + 4), "tower.pod"),
        made(raised(disc(pod), head, head + 1), "tower.pod"),
        made(raised(ring(pod), head + 1, head + 3), "tower.glass"),
        made(raised(disc(pod), head + 4, head + 5), "tower.pod"),
        made(raised(disc(shaft), head + 5, head + 7), "tower.shaft"),
        *antenna,
    ]


def _water_tower(size: Size) -> Parts:
    """A stem that spreads into a tank like a mushroom."""
    high, wide = size
    tank, stem = max(wide, 7), max(wide // 3, 3)
    deep = max(min(high // 3, tank // 2), 3)
    parts = [made(raised(ring(stem), 0, high - deep), "water_tower.stem")]
    for level in range(deep - 1):
        across = stem + (tank - stem) * (level + 1) // max(deep * 2 // 3, 1)
        across = min(across, tank)
        y = high - deep + level
        inner = disc(max(across - 4, 1)) if level else disc(0)
        parts.append(made(raised(without(disc(across), inner), y, y + 1), "water_tower.tank"))
    parts.append(made(raised(disc(tank), high - 1, high), "water_tower.roof"))
    parts.append(made(raised(disc(max(tank // 3, 1)), high, high + 1), "water_tower.roof"))
    return parts


def _dome(wide: int, level: int, name: str) -> Parts:
    """A low dome of steps."""
    return [
        made(raised(disc(across), level + step, level + step + 1), name)
        for step, across in enumerate((wide, wide - 2, wide - 5))
        if across > 0 and (step == 0 or wide >= 4)
    ]


def _silo(size: Size) -> Parts:
    high, wide = size
    body = ring(wide)
    bands = [made(raised(body, level, level + 1), "silo.band") for level in range(4, high - 3, 6)]
    south = int(disc(wide)[:, 1].max()) + 1
    return [
        made(raised(body, 0, high - 2), "silo.wall"),
        *bands,
        *_dome(wide, high - 2, "silo.roof"),
        made(pole(0, high - 1, 0, south), "silo.ladder"),
    ]


def _storage_tank(size: Size) -> Parts:
    high, wide = size
    return [
        made(raised(ring(wide), 0, high - 1), "tank.wall"),
        made(raised(disc(wide), high - 1, high), "tank.roof"),
        made(raised(disc(wide - 4), high, high + 1), "tank.roof"),
        made(raised(ring(wide), high, high + 1), "tank.rail"),
    ]


def _gasometer(size: Size) -> Parts:
    """A round house of brick with pillars and a dome."""
    high, wide = size
    body, outer = ring(wide), ring(wide + 2)
    angle = np.round(np.arctan2(outer[:, 1] + 0.5, outer[:, 0] + 0.5) * 24 / (2 * np.pi)).astype(
        int
    )
    pillars = outer[np.unique(angle, return_index=True)[1]]
    rings = [
        made(raised(body, level, level + 1), "gasometer.frame")
        for level in (high // 3, 2 * high // 3, high - 3)
    ]
    return [
        made(raised(body, 0, high - 2), "gasometer.wall"),
        *rings,
        made(raised(pillars, 0, high - 2), "gasometer.frame"),
        *_dome(wide, high - 2, "gasometer.roof"),
    ]


def _cooling_tower(size: Size) -> Parts:
    high, wide = size
    parts = []
    for level in range(high):
        share = level / max(high - 1, 1) - 0.7
        across = max(round(wide * (0.6 + 0.8 * share * share)), 3)
        parts.append(made(raised(ring(across), level, level + 1), "cooling_tower.wall"))
    return parts


def _chimney(size: Size) -> Parts:
    high, wide = size
    body = ring(wide) if wide > 2 else disc(wide)
    bands = [
        made(raised(body, level, level + 2), "chimney.band")
        for level in range(high - 6, max(high - 20, 4), -5)
    ]
    return [
        made(raised(body, 0, high - 1), "chimney.wall"),
        *(bands if high >= 20 else []),
        made(raised(body, high - 1, high), "chimney.top"),
    ]


def _lighthouse(size: Size) -> Parts:
    high, wide = size
    across = max(wide, 3)
    lamp = high - 4
    body = [
        made(raised(ring(across), level, min(level + 3, lamp)),
             "lighthouse.band" if number % 2 else "lighthouse.wall")
        for number, level in enumerate(range(0, lamp, 3))
    ]  # fmt: skip
    return [
        *body,
        made(raised(disc(across + 2), lamp, lamp + 1), "lighthouse.gallery"),
        made(raised(ring(3), lamp + 1, lamp + 3), "lighthouse.glass"),
        made(pole(lamp + 1, lamp + 3), "lighthouse.light"),
        made(raised(disc(3), lamp + 3, lamp + 4), "lighthouse.roof"),
        made(pole(lamp + 4, lamp + 5), "lighthouse.roof"),
    ]


def _lookout(size: Size) -> Parts:
    """Four legs with braces, a floor with a railing and a roof."""
    high = size.high
    floor = high - 4
    braces = [
        made(raised(frame(2), level, level + 1), "lookout.brace") for level in range(4, floor, 5)
    ]
    stairs = [
        made(raised(square(1), level, level + 1), "lookout.floor") for level in range(4, floor, 5)
    ]
    return [
        *braces,
        *stairs,
        made(raised(corners(2), 0, high - 1), "lookout.leg"),
        made(raised(square(3), floor, floor + 1), "lookout.floor"),
        made(raised(frame(3), floor + 1, floor + 2), "lookout.rail"),
        made(raised(square(3), high - 1, high), "lookout.roof"),
        made(raised(square(1), high, high + 1), "lookout.roof"),
    ]


def _tower(size: Size) -> Parts:
    """A round tower of stone with slits and battlements."""
    high, wide = size
    across = max(wide, 5)
    body = ring(across)
    slits = body[(body[:, 0] == 0) | (body[:, 1] == 0)]
    return [
        made(raised(body, 0, high - 1), "tower.wall"),
        *(made(raised(slits, level, level + 2), "tower.slit") for level in range(4, high - 3, 5)),
        made(raised(disc(across), high - 2, high - 1), "tower.top"),
        made(raised(body[(body.sum(axis=1) % 2) == 0], high - 1, high), "tower.top"),
    ]


def _floodlight(size: Size) -> Parts:
    high = size.high
    head = np.array([[off, 0] for off in range(-1, 2)])
    return [
        made(pole(0, high - 2), "mast.leg"),
        made(raised(head, high - 2, high), "pole.lamp"),
    ]


def _crane(size: Size) -> Parts:
    """A tower crane: mast, jib with a rope, a weight behind."""
    high = size.high
    jib = min(max(high * 2 // 3, 8), 40)
    level = high - 3
    return [
        made(raised(corners(1) if high >= 30 else square(0), 0, level), "crane.mast"),
        *(made(raised(frame(1), step, step + 1), "crane.mast") for step in range(3, level, 4)
          if high >= 30),
        made(rod((-jib // 3, level, 0), (jib, level, 0)), "crane.jib"),
        made(pole(level + 1, high), "crane.mast"),
        made(rod((1, high - 1, 0), (jib // 2, level + 1, 0)), "crane.rope"),
        made(raised(np.array([[-jib // 3, 0], [-jib // 3 + 1, 0]]), level - 2, level),
             "crane.weight"),
        made(pole(level - 2, level, 1, 1), "crane.cab"),
        made(pole(level - max(level // 2, 3), level, jib - 2), "crane.rope"),
    ]  # fmt: skip


def _portal_crane(size: Size) -> Parts:
    """A harbour's crane: four legs, a beam, a boom that reaches out."""
    high = size.high
    beam = high * 2 // 3
    legs = np.array([[x, z] for x in (-5, 5) for z in (-4, 4)])
    return [
        made(raised(legs, 0, beam), "crane.mast"),
        *(made(rod((x, beam, -4), (x, beam, 4)), "crane.mast") for x in (-5, 5)),
        *(made(rod((-9, beam + 1, z), (18, beam + 1, z)), "crane.jib") for z in (-1, 1)),
        made(pole(beam + 1, high), "crane.mast"),
        made(rod((0, high - 1, 0), (17, beam + 2, 0)), "crane.rope"),
        made(raised(square(1), beam + 2, beam + 5) + np.array([-7, 0, 0]), "crane.cab"),
        made(pole(beam - 6, beam + 1, 14), "crane.rope"),
    ]


def _flagpole(size: Size) -> Parts:
    """The flag flies east: a yellow cross on blue."""
    high = size.high
    level = high - 4
    cloth = np.array([[x, 0] for x in range(1, 6)])
    return [
        made(pole(0, high - 1), "flag.pole"),
        made(raised(cloth, level, level + 3), "flag.cloth"),
        made(raised(cloth, level + 1, level + 2), "flag.cross"),
        made(pole(level, level + 3, 2), "flag.cross"),
        made(pole(high - 1, high), "flag.knob"),
    ]


def _cross(size: Size) -> Parts:
    high = size.high
    arm, reach = max(high * 2 // 3, 1), max(high // 4, 1)
    return [
        made(pole(0, high), "cross.wood"),
        made(rod((-reach, arm, 0), (reach, arm, 0)), "cross.wood"),
    ]


def _monitoring_station(size: Size) -> Parts:
    high = size.high
    return [
        made(pole(0, high - 2), "station.leg"),
        made(pole(high - 2, high - 1), "station.box"),
        made(pole(high - 1, high), "station.lid"),
    ]


def _blades(hub: tuple[int, int, int], reach: int, count: int, name: str) -> Parts:
    """Arms around a hub, in the plane that runs east and up."""
    x, y, z = hub
    angles = np.pi / 2 + 2 * np.pi * np.arange(count) / count + (np.pi / 4 if count == 4 else 0.0)
    return [
        made(
            rod(hub, (x + round(reach * np.cos(angle)), y + round(reach * np.sin(angle)), z)), name
        )
        for angle in angles.tolist()
    ]


def _wind_turbine(size: Size) -> Parts:
    """As high as the tip of its upper blade."""
    high = size.high
    reach = high * 3 // 8
    hub = high - reach
    thick = 3 if high >= 60 else 1
    return [
        made(raised(disc(thick), 0, hub), "turbine.tower"),
        made(rod((0, hub, -2), (0, hub, 2)), "turbine.nacelle"),
        *_blades((0, hub, 3), reach, 3, "turbine.blade"),
    ]


def _windmill(size: Size) -> Parts:
    high, wide = size
    body, across = high - 3, max(wide, 5)
    reach = min(high * 2 // 3, body - 2)
    return [
        made(raised(ring(across), 0, body // 2), "windmill.wall"),
        made(raised(ring(across - 2), body // 2, body), "windmill.wall"),
        made(raised(disc(across), body, body + 1), "windmill.cap"),
        made(raised(disc(across - 2), body + 1, high), "windmill.cap"),
        made(rod((0, body - 1, 0), (0, body - 1, across // 2 + 2)), "windmill.cap"),
        *_blades((0, body - 1, across // 2 + 2), reach, 4, "windmill.sail"),
    ]


PYLON_ARMS = ((0.68, 4), (0.86, 3))
"""Share of a pylon's height at which its arms lie, and how far they reach."""


def pylon_tips(high: int) -> list[tuple[int, int]]:
    """(blocks aside, level) at which wires hang on one side of a pylon."""
    return [(reach, int(high * share) - 2) for share, reach in PYLON_ARMS]


def _pylon(size: Size) -> Parts:
    """A lattice that narrows upwards, with arms across its line, which runs north and south."""
    high = size.high
    waist = high // 2
    parts = []
    for half, low, end in ((2, 0, waist // 2), (1, waist // 2, waist), (0, waist, high)):
        parts.append(made(raised(corners(half), low, end), "pylon.leg"))
        if half:
            parts.append(made(raised(frame(half), end - 1, end), "pylon.leg"))
    for share, reach in PYLON_ARMS:
        level = int(high * share)
        parts.append(made(rod((-reach, level, 0), (reach, level, 0)), "pylon.arm"))
        parts += [made(pole(level - 1, level, side * reach), "pylon.insulator") for side in (-1, 1)]
    return parts


def _portal(size: Size) -> Parts:
    """Two legs and a beam, across a line that runs north and south."""
    high = size.high
    beam = high - 2
    tips = [made(pole(beam - 1, beam, x), "pylon.insulator") for x in (-4, 0, 4)]
    legs = [made(pole(0, high, x), "pylon.leg") for x in (-5, 5)]
    return [*legs, made(rod((-5, beam, 0), (5, beam, 0)), "pylon.arm"), *tips]


def _pole(size: Size) -> Parts:
    """Of wood, with an arm across its line, which runs north and south."""
    high = size.high
    tips = [made(pole(high - 1, high, side), "pole.insulator") for side in (-1, 1)]
    arm = made(rod((-1, high - 2, 0), (1, high - 2, 0)), "pole.arm")
    return [arm, made(pole(0, high), "pole.wood"), *tips]


def _utility_pole(size: Size) -> Parts:
    high = size.high
    return [made(pole(0, high), "pole.wood"), made(pole(high - 1, high, 0, 1), "pole.insulator")]


def _transformer(_size: Size) -> Parts:
    return [
        made(raised(square(1), 0, 2), "power.case"),
        made(raised(square(1), 2, 3), "power.lid"),
        made(raised(np.array([[-1, 0], [0, 0], [1, 0]]), 3, 4), "power.bushing"),
    ]


def _kiosk(_size: Size) -> Parts:
    roof = made(raised(square(1), 2, 3), "power.kiosk_roof")
    return [made(raised(square(1), 0, 2), "power.kiosk"), roof]


def _lift_pylon(size: Size) -> Parts:
    """With an arm across its line, which runs north and south."""
    high = size.high
    return [
        made(pole(0, high), "lift.pylon"),
        made(rod((-2, high, 0), (2, high, 0)), "lift.arm"),
    ]


def _lift_station(size: Size) -> Parts:
    high = size.high
    return [
        made(raised(corners(2), 0, high), "lift.post"),
        made(raised(square(3), high, high + 1), "lift.roof"),
        made(rod((-2, high - 1, 0), (2, high - 1, 0)), "lift.arm"),
    ]


def _catenary_mast(size: Size) -> Parts:
    """A mast south of its track, which runs east and west, and an arm over it."""
    high, wide = size
    arm = made(rod((0, high, -1), (0, high, -wide)), "catenary.arm")
    return [made(pole(0, high + 1), "catenary.mast"), arm]


def _deck_mast(size: Size) -> Parts:
    """The same on a bridge: from its deck up, so that nothing stands below it."""
    return [(points + np.array([0, 1, 0]), code) for points, code in _catenary_mast(size)]


def _coaster_support(size: Size) -> Parts:
    return [made(pole(0, size.high), "coaster.support")]


def _jump_support(size: Size) -> Parts:
    return [made(pole(0, size.high), "ski_jump.support")]


def _solar(size: Size) -> Parts:
    """A table of panels, `wide` long, that looks south."""
    wide = size.wide
    front = np.array([[x, 0] for x in range(wide)])
    back = front - np.array([0, 1])
    return [
        made(raised(front, 0, 1), "solar.panel"),
        made(raised(back[:: max(wide - 1, 1)], 0, 1), "solar.post"),
        made(raised(back, 1, 2), "solar.panel"),
    ]


def _fence(size: Size) -> Parts:
    high = size.high
    return [made(pole(0, high), "power.fence")]


def _wall_piece(size: Size) -> Parts:
    """A column of a ruin; wide: what it is overgrown by, of four."""
    high, wide = size
    return [
        made(pole(0, high), "ruins.wall"),
        made(pole(max(high - wide, 0), high - (1 if wide > 2 else 0)), "ruins.overgrown"),
    ]


BUILDERS: dict[str, Callable[[Size], Parts]] = {
    "mast": _mast, "antenna": _antenna, "communications_tower": _communications_tower,
    "water_tower": _water_tower, "silo": _silo, "storage_tank": _storage_tank,
    "gasometer": _gasometer, "cooling_tower": _cooling_tower, "chimney": _chimney,
    "lighthouse": _lighthouse, "lookout": _lookout, "tower": _tower, "floodlight": _floodlight,
    "crane": _crane, "portal_crane": _portal_crane, "flagpole": _flagpole, "cross": _cross,
    "monitoring_station": _monitoring_station, "wind_turbine": _wind_turbine,
    "windmill": _windmill, "pylon": _pylon, "portal": _portal, "pole": _pole,
    "utility_pole": _utility_pole, "transformer": _transformer, "kiosk": _kiosk,
    "lift_pylon": _lift_pylon, "lift_station": _lift_station, "catenary_mast": _catenary_mast,
    "deck_mast": _deck_mast,
    "coaster_support": _coaster_support, "jump_support": _jump_support, "solar": _solar,
    "fence": _fence, "wall_piece": _wall_piece,
}  # fmt: skip
"""What is built at one place, by its height and breadth in blocks."""


@lru_cache(maxsize=4096)
def shape_of(kind: str, high: int, wide: int, quarter: int = 0) -> Form:
    """The form of one of BUILDERS, turned by quarters, or with its arms aslant, see SLANTING; the
    same object for the same question."""
    parts = BUILDERS[kind](Size(high, wide))
    if quarter >= SLANTING:
        sign = 1 if quarter == SLANTING else -1
        arms = [NAMES[code - 1].endswith(".arm") for _, code in parts]
        return form_of([(aslant(points, sign, closed=arm), code)
                        for (points, code), arm in zip(parts, arms, strict=True)])  # fmt: skip
    return form_of([(turned(points, quarter), code) for points, code in parts])
