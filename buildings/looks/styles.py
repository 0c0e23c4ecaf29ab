"""Style tables: which blocks a use is built of. Read from TOML, turned into palette ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.looks.look import LOOK, Look, LookBlocks, StepBlocks, WindowShape
from terrain.ground.covers import COVERS
from terrain.ground.ground import PATTERNS, GroundBlocks, soil_table
from worlds.errors import ConfigError
from worlds.notes import read_toml
from worlds.records import Table
from worlds.volume import BlockState, Palette

FACINGS = ("north", "east", "south", "west")
ROCKS = ("stone", "deepslate", "bedrock", "water[level=0]")
STAIRS, LADDER, STEPS = "spruce_stairs", "ladder[facing=south]", "stone_brick_stairs"
"""Inside, and outside a door."""
DOORS = ("spruce", "dark_oak")
CHIMNEY = "bricks"
WOODS = (
    "oak",
    "spruce",
    "birch",
    "dark_oak",
    "mangrove",
    "acacia",
    "cherry",
    "jungle",
    "crimson",
    "warped",
)
IRREGULAR = {"quartz": "quartz_block", "purpur": "purpur_block"}
"""Roof families whose full block is not called like its stairs."""
GLOW = "ochre_froglight[axis=y]"
"""Lamp behind a lit window."""
BOOKS, SHELF = "bookshelf", "spruce_shelf"
"""Along walls inside; a shelf stands above the books."""
BALCONY_FLOOR = "light_gray_concrete_slab[type=top]"
SLABS = ("smooth_stone_slab",)
"""What lies on a cover that names no slab."""
INSIDE = ("spruce_planks", "glass", "glass_pane", "sea_lantern")
"""Floor, slanting window, window, lamp: the same in every building for now."""
LOW_USES = ("shed", "garage")
"""Their flat roofs have no parapet."""


@dataclass(frozen=True)
class UseStyle:
    """How buildings of one use look; see the comments in configs/styles.toml."""

    storey: int
    ground_storey: int
    roof: str
    window: Mapping[str, int]
    height_m: tuple[float, float]
    looks: tuple[Mapping[str, str], ...]
    front: bool = False
    course: bool = False
    chimney: bool = False
    overhang: bool = False
    frame: bool = False
    shelves: int = 0


@dataclass(frozen=True)
class Styles:
    """colours, materials: `walls` and `roofs`, see buildings.looks.colours."""

    uses: Mapping[str, UseStyle]
    ground: Mapping[str, Mapping[str, Any]]
    colours: Mapping[str, Mapping[str, str]]
    materials: Mapping[str, Mapping[str, str]]


def read_styles(path: Path) -> Styles:
    """The style tables of a TOML file; ConfigError when a ground class, use or entry is missing."""
    try:
        table = read_toml(path)
        uses = {
            name: UseStyle(**{**use, "looks": tuple(use["looks"])})
            for name, use in table["use"].items()
        }
        ground = {name: table["ground"][name] for name in COVERS}
        uses["other"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"style table: {error} ({path})", hint="compare it with configs/styles.toml"
        ) from error
    return Styles(uses, ground, _both(table.get("colours", {})), _both(table.get("materials", {})))


def _both(table: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
    return {part: dict(table.get(part, {})) for part in ("walls", "roofs")}


def _plant_state(name: str) -> BlockState:
    return BlockState.parse(name)


def _top_state(name: str) -> BlockState:
    state = BlockState.parse(name)
    if state.name in ("minecraft:grass_block", "minecraft:podzol"):
        return state.with_properties(snowy="false")
    if state.name == "minecraft:deepslate":
        return state.with_properties(axis="y")
    return state


def _slab_states(ground: Mapping[str, Any]) -> list[BlockState]:
    return [BlockState.parse(f"{name}[type=bottom]") for name in ground.get("slabs", SLABS)]


def roof_states(family: str) -> list[BlockState]:
    """The full block, the slab and the four stairs of a roof family such as `deepslate_tile` or
    `brick`."""
    full = (
        f"{family}s"
        if family.endswith(("brick", "tile"))
        else f"{family}_planks"
        if family in WOODS
        else family
    )
    stairs = BlockState.parse(f"{family}_stairs[half=bottom,shape=straight]")
    return [
        BlockState.parse(IRREGULAR.get(full, full)),
        BlockState.parse(f"{family}_slab[type=bottom]"),
        *(stairs.with_properties(facing=facing) for facing in FACINGS),
    ]


def _door_states(wood: str) -> list[BlockState]:
    """Lower and upper half for each way the door looks, north first. A door looks inward: it faces
    away from its street."""
    door = BlockState.parse(f"{wood}_door[hinge=left,open=false,powered=false]")
    inward = ("south", "west", "north", "east")
    return [
        door.with_properties(facing=facing, half=half)
        for facing in inward
        for half in ("lower", "upper")
    ]


def style_states(styles: Styles) -> Iterator[BlockState]:
    """Every block state that ground and buildings can be drawn with, before connection states."""
    yield from (_top_state(name) for name in ROCKS)
    for ground in styles.ground.values():
        yield from (
            _top_state(name)
            for name in (*ground["tops"], *ground.get("edges", ()), *ground["unders"])
        )
        yield from (_plant_state(name) for name in ground.get("plants", ()))
        yield from _slab_states(ground)
    pane = {side: "false" for side in FACINGS}
    for name in INSIDE:
        state = BlockState.parse(name)
        yield state.with_properties(**pane) if name.endswith("pane") else state
    for use in styles.uses.values():
        for look in use.looks:
            yield from (BlockState.parse(look[part]) for part in ("wall", "trim", "plinth"))
            yield from (
                BlockState.parse(look.get(part, look["wall"])) for part in ("shop", "wall2")
            )
            yield _parapet(look["trim"])
            yield from roof_states(look["roof"])
            yield from _railings(look["balcony"]) if "balcony" in look else ()
            yield from (
                (BlockState.parse(f"{look['awning']}_slab[type=bottom]"),)
                if "awning" in look
                else ()
            )
    for wood in DOORS:
        yield from _door_states(wood)
    yield from (
        *_climbing(STAIRS),
        *_climbing(STEPS),
        BlockState.parse(LADDER),
        BlockState.parse(CHIMNEY),
    )
    yield from (
        BlockState.parse(GLOW),
        BlockState.parse(BALCONY_FLOOR),
        BlockState.parse(BOOKS),
        *_shelves(),
    )


def _shelves() -> list[BlockState]:
    """Shelves that look north, east, south, west. Without power none is joined to the next, which
    is what `side_chain` says."""
    return [
        BlockState.parse(f"{SHELF}[facing={facing},powered=false,side_chain=unconnected]")
        for facing in FACINGS
    ]


def _parapet(trim: str) -> BlockState:
    """What edges a flat roof: half a block where it is of concrete."""
    return BlockState.parse(f"{trim}_slab[type=bottom]" if trim.endswith("_concrete") else trim)


def _railings(wood: str) -> list[BlockState]:
    """Open trapdoors at the side of their block that is away from the wall: the wall lies north,
    east, south, west of them."""
    state = BlockState.parse(f"{wood}_trapdoor[half=bottom,open=true,powered=false]")
    return [state.with_properties(facing=facing) for facing in FACINGS]


def _climbing(stairs: str) -> list[BlockState]:
    """Stairs that climb north, east, south, west."""
    state = BlockState.parse(f"{stairs}[half=bottom,shape=straight]")
    return [state.with_properties(facing=facing) for facing in FACINGS]


def step_blocks(palette: Palette) -> StepBlocks:
    """What one climbs on, inside houses and before their doors."""
    inside, outside = (
        np.array([palette.id(state) for state in _climbing(name)], np.int32)
        for name in (STAIRS, STEPS)
    )
    return StepBlocks(inside, palette.id(LADDER), palette.id(INSIDE[0]), outside)


def _spread(ids: Sequence[int], places: int) -> list[int]:
    return [ids[place * len(ids) // places] for place in range(places)]


def ground_blocks(styles: Styles, palette: Palette) -> GroundBlocks:
    """The ground's blocks as palette ids."""
    tops, edges, unders, plants, shares, slabs, pattern = [], [], [], [], [], [], []
    for cover in COVERS:
        ground = styles.ground[cover]
        tops.append(_spread([palette.id(_top_state(name)) for name in ground["tops"]], 8))
        edges.append(
            _spread(
                [palette.id(_top_state(name)) for name in ground.get("edges", ground["tops"])], 8
            )
        )
        unders.append(_spread([palette.id(_top_state(name)) for name in ground["unders"]], 8))
        slabs.append(_spread([palette.id(state) for state in _slab_states(ground)], 8))
        pattern.append(
            (PATTERNS.index(ground.get("pattern", "noise")), int(ground.get("period", 4)))
        )
        plants.append(_spread([palette.id(name) for name in ground.get("plants", ())] or [0], 16))
        shares.append(float(ground.get("plant_share", 0.0)))
    stone, deepslate, bedrock, water = (palette.id(_top_state(name)) for name in ROCKS)
    return GroundBlocks(
        tops=np.array(tops, np.uint16),
        edges=np.array(edges, np.uint16),
        unders=np.array(unders, np.uint16),
        slabs=np.array(slabs, np.uint16),
        pattern=np.array(pattern, np.int32),
        plants=np.array(plants, np.uint16),
        plant_share=np.array(shares),
        soil=soil_table(palette),
        stone=stone,
        deepslate=deepslate,
        bedrock=bedrock,
        water=water,
    )


def use_style(styles: Styles, use: str) -> UseStyle:
    return styles.uses.get(use, styles.uses["other"])


def _inside_blocks(palette: Palette) -> list[int]:
    """Palette ids of INSIDE."""
    alone = {side: "false" for side in FACINGS}
    states = (BlockState.parse(name) for name in INSIDE)
    return [
        palette.id(state.with_properties(**alone) if state.name.endswith("pane") else state)
        for state in states
    ]


def _look_blocks(
    style: UseStyle, look: Mapping[str, str], wood: str, palette: Palette
) -> LookBlocks:
    floor, glass, pane, light = _inside_blocks(palette)
    roof, slab, *stairs = roof_states(look["roof"])
    return LookBlocks(
        wall=palette.id(look["wall"]),
        wall2=palette.id(look.get("wall2", look["wall"])),
        trim=palette.id(look["trim"]),
        plinth=palette.id(look["plinth"]),
        shop=palette.id(look.get("shop", look["wall"])),
        floor=floor,
        glass=glass,
        pane=pane,
        light=light,
        glow=palette.id(GLOW),
        roof=palette.id(roof),
        roof_slab=palette.id(slab),
        roof_stairs=palette.run(stairs),
        flat_roof=palette.id(roof),
        parapet=palette.id(_parapet(look["trim"])),
        door=palette.run(_door_states(wood)),
        chimney=palette.id(CHIMNEY) if style.chimney else 0,
        balcony=palette.run(_railings(look["balcony"])) if "balcony" in look else 0,
        balcony_floor=palette.id(BALCONY_FLOOR),
        awning=palette.id(f"{look['awning']}_slab[type=bottom]") if "awning" in look else 0,
        books=palette.id(BOOKS),
        shelf=palette.run(_shelves()),
    )


def look_table(
    styles: Styles, uses: Sequence[str], seeds: NDArray[np.uint32], palette: Palette
) -> Table:
    """(buildings,) of LOOK; each building's look is drawn by its seed."""
    rows = np.zeros(len(uses), LOOK)
    known: dict[tuple[str, int, int], Look] = {}
    for index, (use, seed) in enumerate(zip(uses, seeds.tolist(), strict=True)):
        style = use_style(styles, use)
        key = (use, seed % len(style.looks), (seed >> 8) & 1)
        if key not in known:
            known[key] = Look(
                blocks=_look_blocks(style, style.looks[key[1]], DOORS[key[2]], palette),
                window=WindowShape(**style.window),
                storey=style.storey,
                ground_storey=style.ground_storey,
                has_parapet=use not in LOW_USES,
                front=style.front,
                course=style.course,
                overhang=style.overhang,
                frame=style.frame,
                shelves=style.shelves,
            )
        rows[index] = known[key]
    return rows
