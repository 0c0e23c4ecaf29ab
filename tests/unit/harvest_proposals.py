"""Made-up proposals for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from shapely.geometry import box

from mc_city.harvest.built import Built, Sender
from mc_city.harvest.proposals import Proposal
from worlds.volume import AIR, BlockState

CRS = "EPSG:3006"
EAST, NORTH = 617_000.0, 6_920_000.0
Places = Mapping[tuple[int, int, int], str]


def built_of(after: Places, before: Places | None = None) -> Built:
    """x, y, z → block, `air` for what is gone; before: what stood there, else air."""
    old = before or {}
    places = sorted(after, key=lambda place: (place[1], place[2], place[0]))
    states: dict[BlockState, int] = {AIR: 0}

    def number(text: str) -> int:
        return states.setdefault(BlockState.parse(text), len(states))

    new = [number(after[place]) for place in places]
    was = [number(old.get(place, "air")) for place in places]
    x, y, z = np.array(places, np.int32).reshape(-1, 3).T
    return Built(
        x=x,
        y=y,
        z=z,
        before=np.array(was, np.int32),
        after=np.array(new, np.int32),
        states=tuple(states),
    )


def filled(low: tuple[int, int, int], high: tuple[int, int, int], block: str) -> dict[Any, str]:
    """A box of one block, both corners inside."""
    return {
        (x, y, z): block
        for x in range(low[0], high[0] + 1)
        for y in range(low[1], high[1] + 1)
        for z in range(low[2], high[2] + 1)
    }


def cottage(x: int = 0, z: int = 0, y: int = 64) -> dict[Any, str]:
    """White walls, a gabled roof of bricks, a door and windows to the south."""
    wall, roof = "white_concrete", "brick_stairs[facing={},half=bottom,shape=straight]"
    places = filled((x, y - 1, z), (x + 8, y - 1, z + 6), "oak_planks")
    places |= filled((x, y, z), (x + 8, y + 3, z + 6), wall)
    for place in filled((x + 1, y, z + 1), (x + 7, y + 3, z + 5), "air"):
        del places[place]
    for dx in (1, 2, 6, 7):
        places[x + dx, y + 1, z + 6] = places[x + dx, y + 2, z + 6] = "glass"
    for up, half in ((0, "lower"), (1, "upper")):
        places[x + 4, y + up, z + 6] = (
            f"spruce_door[facing=north,half={half},hinge=left,open=false,powered=false]"
        )
    for step in range(5):
        for dz in range(-1, 8):
            places[x - 1 + step, y + 3 + step, z + dz] = roof.format("east")
            places[x + 9 - step, y + 3 + step, z + dz] = roof.format("west")
        for dx in range(step, 9 - step):
            places[x + dx, y + 3 + step, z] = places[x + dx, y + 3 + step, z + 6] = wall
    for dz in range(-1, 8):
        places[x + 4, y + 8, z + dz] = "brick_slab[type=bottom]"
    return places


def proposal_of(number: int = 1, after: Places | None = None, **changed: Any) -> Proposal:
    built = changed.pop("built", None) or built_of(after or cottage(40 * number))
    x0, x1 = float(built.x.min()), float(built.x.max()) + 1
    z0, z1 = float(built.z.min()), float(built.z.max()) + 1
    bottom, top = float(built.y.min()) - 62, float(built.y.max()) - 61
    plain = Proposal(
        id=f"4b-07-{number}",
        number=number,
        sender=Sender(school_class="4b", pupil="07", file="klass4b-07.mcworld"),
        built=built,
        outline=box(EAST + x0, NORTH - z1, EAST + x1, NORTH - z0),
        bottom_m=bottom,
        top_m=top,
        ground_m=bottom + 1,
        height_m=top - bottom - 1,
        area_m2=(x1 - x0) * (z1 - z0),
        volume_m3=420.0,
        floors=1,
        added=len(built),
        removed=0,
        replaced=63,
        materials={"concrete": 120, "brick": 90, "glass": 8},
        colours=("#e4e6e6", "#976153"),
        kind="house",
        confidence=0.9,
        words=("Vårt hus",),
        on=("norra_kajen",),
    )
    return replace(plain, **changed)
