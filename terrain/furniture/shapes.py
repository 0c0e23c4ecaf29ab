"""Street furniture as small shapes of blocks: benches, planters, bicycle stands, shelters, stalls …

A shape lies in columns `ahead` (0 is its back) and `right`; `up` 1 is the first block above the
ground. On ground with a slab it stands in the slab's place, half a block lower against its
surroundings; what would look wrong there has parts of its own, or is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from terrain.columns.facings import turned
from worlds.volume import BlockState

Part = tuple[int, int, int, str]
"""Columns ahead, columns to the right, blocks above the ground, state; `{ahead}`, `{right}` … stand
for directions."""

LONGEST = 5
"""Columns of the largest shape along and across."""
FRONT = 2
"""Columns ahead of a thing that stay free to walk, as high as the ground it stands on."""
_BARE = "east=false,north=false,south=false,west=false"
BARS, PANE, POST = f"iron_bars[{_BARE}]", f"glass_pane[{_BARE}]", f"spruce_fence[{_BARE}]"
PILLAR = "stone_brick_wall[east=none,north=none,south=none,up=true,west=none]"
FIGURE = "prismarine_wall[east=none,north=none,south=none,up=true,west=none]"
WATER = "water[level=0]"


@dataclass(frozen=True)
class Shape:
    """deep, wide: columns ahead and to the right; parts: on full blocks; on_slabs: where slabs lie,
    None = it does not stand there."""

    kind: str
    deep: int
    wide: int
    parts: tuple[Part, ...]
    on_slabs: tuple[Part, ...] | None


def _stairs(block: str, facing: str) -> str:
    return f"{block}_stairs[facing={{{facing}}},half=bottom,shape=straight]"


def _open(wood: str, facing: str) -> str:
    """A trapdoor that stands upright on the side of its block that is opposite to `facing`."""
    return f"{wood}_trapdoor[facing={{{facing}}},half=bottom,open=true,powered=false]"


def _bench(wood: str) -> Shape:
    """Two seats with a back, a trapdoor for each arm."""
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


def _planter(plant: str, wood: str) -> Shape:
    """A tub of boards with a plant in it; on slabs, into which no board fits, a low bed of moss."""
    tub: list[Part] = [(1, 1, 1, "rooted_dirt"), (1, 1, 2, plant)]
    sides: list[Part] = [(0, 1, 1, _open(wood, "back")), (2, 1, 1, _open(wood, "ahead"))]
    sides += [(1, 0, 1, _open(wood, "left")), (1, 2, 1, _open(wood, "right"))]
    return Shape("planter", 3, 3, (*tub, *sides), ((1, 1, 1, "moss_block"), (1, 1, 2, plant)))


def _bicycle_stand(bicycles: tuple[str, ...]) -> Shape:
    """A rail, and at right angles to it the bicycles that lean there: trapdoors whose frame shows
    through."""
    rail: tuple[Part, ...] = tuple((0, right, 1, BARS) for right in range(5))
    leaning: list[Part] = [
        (1, 2 * place, 1, _open(wood, "left")) for place, wood in enumerate(bicycles) if wood
    ]
    return Shape("bicycle_parking", 2, 5, (*rail, *leaning), rail)


def _shelter() -> Shape:
    """Walls of glass on three sides, a roof, a seat for two."""
    glass: list[Part] = [(0, right, up, PANE) for right in range(5) for up in (1, 2)]
    glass += [(1, right, up, PANE) for right in (0, 4) for up in (1, 2)]
    roof: list[Part] = [
        (ahead, right, 3, "polished_deepslate_slab[type=bottom]")
        for ahead in range(2)
        for right in range(5)
    ]
    seats: list[Part] = [(1, right, 1, _stairs("spruce", "back")) for right in (1, 2)]
    low: list[Part] = [(1, right, 1, "spruce_planks") for right in (1, 2)]
    return Shape("bus_stop", 2, 5, (*glass, *roof, *seats), (*glass, *roof, *low))


def _fountain() -> Shape:
    """A basin with a column in its middle; its floor is of stone, since grass dies under water."""
    parts: list[Part] = []
    for ahead in range(5):
        for right in range(5):
            rim = ahead in (0, 4) or right in (0, 4)
            middle = ahead == right == 2
            parts.append((ahead, right, 0, "stone_bricks"))
            parts.append(
                (
                    ahead,
                    right,
                    1,
                    "polished_andesite" if rim else "chiseled_stone_bricks" if middle else WATER,
                )
            )
    spout: tuple[Part, ...] = ((2, 2, 2, PILLAR), (2, 2, 3, "stone_brick_slab[type=bottom]"))
    return Shape("fountain", 5, 5, (*parts, *spout), (*parts, *spout))


def _statue() -> Shape:
    """A figure of copper that has turned green, on a plinth with steps around it."""
    steps: list[Part] = []
    for right in range(3):
        steps += [
            (0, right, 1, _stairs("stone_brick", "ahead")),
            (2, right, 1, _stairs("stone_brick", "back")),
        ]
    steps += [(1, 0, 1, _stairs("stone_brick", "right")), (1, 2, 1, _stairs("stone_brick", "left"))]
    plinth: list[Part] = [(1, 1, up, "polished_granite") for up in (1, 2, 3)]
    figure: list[Part] = [(1, 1, 4, "waxed_oxidized_cut_copper"), (1, 1, 5, FIGURE)]
    return Shape("statue", 3, 3, (*steps, *plinth, *figure), (*steps, *plinth, *figure))


def _memorial() -> Shape:
    stone: tuple[Part, ...] = (
        (0, 0, 1, "polished_granite"),
        (0, 0, 2, "polished_granite_slab[type=bottom]"),
    )
    return Shape("memorial", 1, 1, stone, (*stone[:1], (0, 0, 2, "polished_granite")))


def _picnic_table() -> Shape:
    table: list[Part] = [(1, right, 1, "spruce_slab[type=top]") for right in range(2)]
    seats: list[Part] = [
        (ahead, right, 1, _stairs("spruce", way))
        for ahead, way in ((0, "back"), (2, "ahead"))
        for right in range(2)
    ]
    return Shape("picnic_table", 3, 2, (*table, *seats), None)


def _swing() -> Shape:
    """Two seats that hang from a beam between posts."""
    frame: list[Part] = [(0, right, up, POST) for right in (0, 4) for up in (1, 2, 3)]
    frame += [(0, right, 3, POST) for right in (1, 2, 3)]
    seats: list[Part] = [(0, right, 2, BARS) for right in (1, 3)]
    seats += [(0, right, 1, "spruce_slab[type=bottom]") for right in (1, 3)]
    return Shape("swing", 1, 5, (*frame, *seats), None)


def _stall(cloth: str, wares: tuple[str, str]) -> Shape:
    """Four posts under a striped cloth, wares in front, crates behind."""
    posts: list[Part] = [
        (ahead, right, up, POST) for ahead in (0, 2) for right in (0, 3) for up in (1, 2)
    ]
    roof: list[Part] = [
        (ahead, right, 3, f"{cloth if right % 2 == 0 else 'white'}_wool")
        for ahead in range(3)
        for right in range(4)
    ]
    goods: list[Part] = [
        (2, 1, 1, wares[0]),
        (2, 2, 1, wares[1]),
        (0, 1, 1, "spruce_planks"),
        (0, 1, 2, wares[1]),
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
        (*place, 1, "spruce_slab[type=bottom]") for place in inside if place not in posts
    ]
    parts += [(*place, up, f"dark_oak_fence[{_BARE}]") for place in posts for up in (1, 2, 3)]
    parts += [(*place, 4, "dark_oak_slab[type=bottom]") for place in inside]
    parts += [
        (ahead, right, 5, "dark_oak_slab[type=bottom]")
        for ahead in (1, 2, 3)
        for right in (1, 2, 3)
    ]
    parts += [
        (ahead, right, 4, "dark_oak_slab[type=double]")
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
    _bench("spruce"), _bench("dark_oak"), _bench("spruce"), _planter("flowering_azalea", "spruce"),
    _planter("azalea", "dark_oak"),
    _planter("pink_tulip", "spruce"), _bicycle_stand(("iron", "acacia", "oak")),
    _bicycle_stand(("oak", "", "iron")),
    _bicycle_stand(("jungle", "iron", "")), _single("waste_basket", "composter[level=0]"),
    _shelter(), _fountain(), _statue(), _memorial(),
    _picnic_table(), _single("drinking_water", "chiseled_stone_bricks",
    "stone_brick_slab[type=bottom]"),
    _stall("red", ("pumpkin", "hay_block[axis=y]")), _stall("light_blue", ("melon",
    "honeycomb_block")),
    _stall("lime", ("hay_block[axis=y]", "pumpkin")), _stall("orange", ("melon",
    "hay_block[axis=y]")), _bandstand(), _swing(),
)  # fmt: skip
KINDS: dict[str, tuple[int, ...]] = {
    kind: tuple(number for number, shape in enumerate(SHAPES) if shape.kind == kind)
    for kind in dict.fromkeys(shape.kind for shape in SHAPES)
}
"""Kind → numbers of its shapes, one of which is drawn by lot."""
HIGHEST = max(up for shape in SHAPES for _, _, up, _ in shape.parts)
"""Blocks from the ground to the top of the highest shape."""

ICE, BOARD, LIGHT_POST, LIGHT = (
    "packed_ice",
    "white_concrete",
    f"dark_oak_fence[{_BARE}]",
    "lantern[hanging=false]",
)
"""A rink: ice that does not melt, boards around it, lights at its corners."""
GRATE, SOIL = "iron_trapdoor[facing=north,half=bottom,open=false,powered=false]", "rooted_dirt"
"""Around and under the trunk of a tree on a pavement."""


def furniture_states() -> Iterator[BlockState]:
    """Every block state that furniture is made of, before connection states."""
    texts = [
        turned(state, facing)
        for shape in SHAPES
        for *_, state in (*shape.parts, *(shape.on_slabs or ()))
        for facing in range(4)
    ]
    yield from (
        BlockState.parse(text)
        for text in dict.fromkeys([*texts, ICE, BOARD, LIGHT_POST, LIGHT, GRATE, SOIL])
    )
