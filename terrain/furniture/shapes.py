"""Street furniture as small shapes of blocks: benches, planters, bicycle stands, shelters, stalls …

A shape lies in columns `ahead` (0 is its back) and `right`; `up` 1 is the first block above the
ground. On ground with a slab it stands in the slab's place, half a block lower against its
surroundings; what would look wrong there has parts of its own, or is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from terrain.columns.facings import FACINGS, turned
from terrain.furniture.catalogue import Part, Shape, read_things
from worlds.materials import WATER, Materials
from worlds.volume import BlockState

LONGEST = 7
"""Columns of the largest shape along and across."""
FRONT = 2
"""Columns ahead of a thing that stay free to walk, as high as the ground it stands on."""


def _of(name: str) -> str:
    """The material of furniture with this name."""
    return f"<furniture.{name}>"


def _stairs(block: str, facing: str) -> str:
    return f"{block}_stairs[facing={{{facing}}},half=bottom,shape=straight]"


def _open(wood: str, facing: str) -> str:
    """A trapdoor that stands upright on the side of its block that is opposite to `facing`."""
    return f"{wood}_trapdoor[facing={{{facing}}},half=bottom,open=true,powered=false]"


def _bench(look: int) -> Shape:
    """Two seats with a back, a trapdoor for each arm."""
    wood = _of(f"bench_woods.{look}")
    seats: list[Part] = [(0, 1, 1, _stairs(wood, "back")), (0, 2, 1, _stairs(wood, "back"))]
    low: list[Part] = [(0, right, 1, f"{wood}_planks") for right in (1, 2)]
    low += [(0, right, 2, _open(wood, "ahead")) for right in (1, 2)]
    return Shape(
        "bench",
        1,
        4,
        (*seats, (0, 0, 1, _open(wood, "left")), (0, 3, 1, _open(wood, "right"))),
        tuple(low),
    )


def _planter(look: int) -> Shape:
    """A tub of boards with a plant in it; on slabs, into which no board fits, a low bed of moss."""
    plant, wood = _of(f"planter_plants.{look}"), _of(f"planter_woods.{look}")
    tub: list[Part] = [(1, 1, 1, _of("planter_soil")), (1, 1, 2, plant)]
    sides: list[Part] = [(0, 1, 1, _open(wood, "back")), (2, 1, 1, _open(wood, "ahead"))]
    sides += [(1, 0, 1, _open(wood, "left")), (1, 2, 1, _open(wood, "right"))]
    return Shape(
        "planter", 3, 3, (*tub, *sides), ((1, 1, 1, _of("planter_moss")), (1, 1, 2, plant))
    )


def _bicycle_stand(bicycles: tuple[int | None, ...]) -> Shape:
    """A rail, and at right angles to it the bicycles that lean there: trapdoors whose frame shows
    through."""
    rail: tuple[Part, ...] = tuple((0, right, 1, _of("bicycle_rail")) for right in range(5))
    leaning: list[Part] = [
        (1, 2 * place, 1, _open(_of(f"bicycles.{look}"), "left"))
        for place, look in enumerate(bicycles)
        if look is not None
    ]
    return Shape("bicycle_parking", 2, 5, (*rail, *leaning), rail)


def _shelter() -> Shape:
    """Walls of glass on three sides, a roof, a seat for two."""
    glass: list[Part] = [(0, right, up, _of("shelter_pane")) for right in range(5) for up in (1, 2)]
    glass += [(1, right, up, _of("shelter_pane")) for right in (0, 4) for up in (1, 2)]
    roof: list[Part] = [
        (ahead, right, 3, _of("shelter_roof")) for ahead in range(2) for right in range(5)
    ]
    seats: list[Part] = [(1, right, 1, _stairs(_of("shelter_wood"), "back")) for right in (1, 2)]
    low: list[Part] = [(1, right, 1, _of("shelter_wood") + "_planks") for right in (1, 2)]
    return Shape("bus_stop", 2, 5, (*glass, *roof, *seats), (*glass, *roof, *low))


def _fountain() -> Shape:
    """A basin with a column in its middle; its floor is of stone, since grass dies under water."""
    parts: list[Part] = []
    for ahead in range(5):
        for right in range(5):
            rim = ahead in (0, 4) or right in (0, 4)
            inside = _of("fountain_middle") if ahead == right == 2 else str(WATER)
            parts.append((ahead, right, 0, _of("fountain_floor")))
            parts.append(
                (
                    ahead,
                    right,
                    1,
                    inside if not rim else _of("fountain_rim"),
                )
            )
    spout: tuple[Part, ...] = ((2, 2, 2, _of("fountain_pillar")), (2, 2, 3, _of("fountain_top")))
    return Shape("fountain", 5, 5, (*parts, *spout), (*parts, *spout))


def _statue() -> Shape:
    """A figure of copper that has turned green, on a plinth with steps around it."""
    stone = _of("statue_steps")
    steps: list[Part] = []
    for right in range(3):
        steps += [
            (0, right, 1, _stairs(stone, "ahead")),
            (2, right, 1, _stairs(stone, "back")),
        ]
    steps += [
        (1, 0, 1, _stairs(stone, "right")),
        (1, 2, 1, _stairs(stone, "left")),
    ]
    plinth: list[Part] = [(1, 1, up, _of("statue_plinth")) for up in (1, 2, 3)]
    figure: list[Part] = [(1, 1, 4, _of("statue_body")), (1, 1, 5, _of("statue_head"))]
    return Shape("statue", 3, 3, (*steps, *plinth, *figure), (*steps, *plinth, *figure))


def _memorial() -> Shape:
    stone: tuple[Part, ...] = (
        (0, 0, 1, _of("memorial")),
        (0, 0, 2, _of("memorial_top")),
    )
    return Shape("memorial", 1, 1, stone, (*stone[:1], (0, 0, 2, _of("memorial"))))


def _picnic_table() -> Shape:
    wood = _of("picnic_wood")
    table: list[Part] = [(1, right, 1, f"{wood}_slab[type=top]") for right in range(2)]
    seats: list[Part] = [
        (ahead, right, 1, _stairs(wood, way))
        for ahead, way in ((0, "back"), (2, "ahead"))
        for right in range(2)
    ]
    return Shape("picnic_table", 3, 2, (*table, *seats), None)


def _swing() -> Shape:
    """Two seats that hang from a beam between posts."""
    frame: list[Part] = [(0, right, up, _of("swing_frame")) for right in (0, 4) for up in (1, 2, 3)]
    frame += [(0, right, 4, _of("swing_frame")) for right in range(5)]
    seats: list[Part] = [(0, right, up, _of("swing_chain")) for right in (1, 3) for up in (2, 3)]
    seats += [(0, right, 1, _of("swing_seat")) for right in (1, 3)]
    return Shape("swing", 1, 5, (*frame, *seats), None)


def _stall(look: int, *wares: int) -> Shape:
    """Four posts under a striped cloth, wares in front, crates behind."""
    cloths = (_of(f"stall_cloths.{look}"), _of("stall_cloth"))
    front, behind = (_of(f"stall_wares.{ware}") for ware in wares)
    posts: list[Part] = [
        (ahead, right, up, _of("stall_post"))
        for ahead in (0, 2)
        for right in (0, 3)
        for up in (1, 2)
    ]
    roof: list[Part] = [
        (ahead, right, 3, f"{cloths[right % 2]}_wool") for ahead in range(3) for right in range(4)
    ]
    goods: list[Part] = [
        (2, 1, 1, front),
        (2, 2, 1, behind),
        (0, 1, 1, _of("stall_crate")),
        (0, 1, 2, behind),
    ]
    return Shape("stall", 3, 4, (*posts, *roof, *goods), None)


def _bandstand() -> Shape:
    """Eight posts on a floor of boards, under a roof."""
    inside = [
        (ahead, right)
        for ahead in range(5)
        for right in range(5)
        if ahead not in (0, 4) or right not in (0, 4)
    ]
    posts = [(0, 1), (0, 3), (1, 0), (1, 4), (3, 0), (3, 4), (4, 1), (4, 3)]
    parts: list[Part] = [
        (*place, 1, _of("bandstand_floor")) for place in inside if place not in posts
    ]
    parts += [(*place, up, _of("bandstand_post")) for place in posts for up in (1, 2, 3)]
    parts += [(*place, 4, _of("bandstand_roof")) for place in inside]
    parts += [
        (ahead, right, 5, _of("bandstand_roof")) for ahead in (1, 2, 3) for right in (1, 2, 3)
    ]
    parts += [
        (ahead, right, 4, _of("bandstand_roof") + "[type=double]")
        for ahead in (1, 2, 3)
        for right in (1, 2, 3)
    ]
    return Shape(
        "bandstand", 5, 5, tuple(dict(((*part[:3],), part) for part in parts).values()), None
    )


def _single(kind: str, *states: str) -> Shape:
    parts: tuple[Part, ...] = tuple((0, 0, up + 1, state) for up, state in enumerate(states))
    return Shape(kind, 1, 1, parts, parts)


SHAPES: tuple[Shape, ...] = (
    *(_bench(look) for look in range(3)),
    *(_planter(look) for look in range(3)),
    _bicycle_stand((0, 1, 2)),
    _bicycle_stand((2, None, 0)),
    _bicycle_stand((3, 0, None)),
    _single("waste_basket", _of("waste_basket")),
    _shelter(),
    _fountain(),
    _statue(),
    _memorial(),
    _picnic_table(),
    _single("drinking_water", _of("drinking_foot"), _of("drinking_bowl")),
    _stall(0, 0, 1),
    _stall(1, 2, 3),
    _stall(2, 1, 0),
    _stall(3, 2, 1),
    _bandstand(),
    _swing(),
    *(shape for thing in read_things() for shape in thing.shapes),
)
KINDS: dict[str, tuple[int, ...]] = {
    kind: tuple(number for number, shape in enumerate(SHAPES) if shape.kind == kind)
    for kind in dict.fromkeys(shape.kind for shape in SHAPES)
}
"""Kind → numbers of its shapes, one of which is drawn by lot."""
HIGHEST = max(up for shape in SHAPES for _, _, up, _ in shape.parts)
"""Blocks from the ground to the top of the highest shape."""

RINK = ("ice", "rink_board", "rink_post", "rink_light")
"""A rink: ice that does not melt, boards around it, lights at its corners."""
GRATE = ("tree_grate", "tree_soil")
"""Around and under the trunk of a tree on a pavement."""


def turned_states(materials: Materials, state: str) -> list[BlockState]:
    """The state of a part for each way that its thing can face."""
    text = materials.filled(state)
    return [materials.state(turned(text, facing), state) for facing in range(len(FACINGS))]


def furniture_states(materials: Materials) -> Iterator[BlockState]:
    """Every block state that furniture is made of, before connection states."""
    parts = dict.fromkeys(
        state for shape in SHAPES for *_, state in (*shape.parts, *(shape.on_slabs or ()))
    )
    yield from dict.fromkeys(state for part in parts for state in turned_states(materials, part))
    yield from (materials.block(f"furniture.{part}") for part in (*RINK, *GRATE))
