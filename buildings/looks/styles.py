"""Style tables: which blocks a use is built of. Read from TOML, turned into palette ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from buildings.looks.colours import parse_colour
from buildings.looks.look import LOOK, Look, LookBlocks, StepBlocks, WindowShape
from buildings.plans.gates import GateSize
from buildings.plans.slopes import KINDS
from terrain.ground.covers import COVERS
from terrain.ground.ground import PATTERNS, GroundBlocks
from worlds.errors import ConfigError
from worlds.materials import BEDROCK, WATER, Materials, full_block
from worlds.natures import SOIL, among
from worlds.records import Table
from worlds.style_tables import HINT, read_materials
from worlds.volume import BlockState, Palette

FACINGS = ("north", "east", "south", "west")
GROUND_LOTS, PLANT_LOTS = 8, 16
"""Places among which the blocks, and the plants, of a cover are spread."""
DOORS = 2
"""Kinds of doors, one of which each house has by lot."""
LOW_USES = ("shed", "garage")
"""Their flat roofs have no parapet."""


Blocks = Annotated[int, Field(ge=1, le=16)]
Storey = Annotated[int, Field(ge=2, le=64)]
Metres = Annotated[float, Field(gt=0, le=400)]


@dataclass(frozen=True, kw_only=True)
class WindowStyle:
    """Blocks, see buildings.looks.look.WindowShape."""

    width: Blocks
    height: Blocks
    sill: Annotated[int, Field(ge=0, le=16)]
    spacing: Blocks


@dataclass(frozen=True, kw_only=True)
class LookStyle:
    """Blocks that belong together, by name; roof, awning, balcony: families."""

    wall: str
    trim: str
    plinth: str
    roof: str
    wall2: str = ""
    shop: str = ""
    frame: str = ""
    awning: str = ""
    balcony: str = ""

    def of(self, part: str) -> str:
        """The block of a part; of the wall's where it has none of its own."""
        return getattr(self, part) or self.wall


@dataclass(frozen=True)
class GateStyle:
    """A large door. block: what it is closed with; without one it is open."""

    width: Annotated[int, Field(ge=2, le=8)]
    height: Annotated[int, Field(ge=2, le=8)]
    block: str = ""


@dataclass(frozen=True, kw_only=True)
class UseStyle:
    """How buildings of one use look; see docs/styles.md."""

    storey: Storey
    ground_storey: Storey
    roof: str
    window: WindowStyle
    height_m: tuple[Metres, Metres]
    looks: Annotated[tuple[LookStyle, ...], Field(min_length=1)]
    front: bool = False
    course: bool = False
    chimney: bool = False
    overhang: bool = False
    frame: bool = False
    shelves: Annotated[int, Field(ge=0, le=16)] = 0
    gate: GateStyle | None = None

    @property
    def gate_size(self) -> GateSize:
        return GateSize(self.gate.width, self.gate.height) if self.gate else GateSize(0, 0)


@dataclass(frozen=True, kw_only=True)
class GroundStyle:
    """How ground of one cover looks; see docs/styles.md."""

    tops: Annotated[tuple[str, ...], Field(min_length=1)]
    unders: Annotated[tuple[str, ...], Field(min_length=1)]
    edges: tuple[str, ...] = ()
    slabs: tuple[str, ...] = ()
    plants: tuple[str, ...] = ()
    plant_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    pattern: Literal["noise", "grid", "rows", "cells"] = "noise"
    period: Annotated[int, Field(ge=1, le=64)] = 4


@dataclass(frozen=True)
class Styles:
    """What a city is made of. colours, materials: `walls` and `roofs`, see buildings.looks.colours;
    blocks: the whole table, for all that is not ground or walls."""

    uses: Mapping[str, UseStyle]
    ground: Mapping[str, GroundStyle]
    colours: Mapping[str, Mapping[str, str]]
    materials: Mapping[str, Mapping[str, str]]
    blocks: Materials

    def __repr__(self) -> str:
        return f"Styles({self.blocks.path.name}: {len(self.uses)} uses, {len(self.ground)} covers)"


_USES = TypeAdapter(dict[str, UseStyle], config=ConfigDict(extra="forbid"))
_GROUND = TypeAdapter(dict[str, GroundStyle], config=ConfigDict(extra="forbid"))


def read_styles(path: Path) -> Styles:
    """The style tables of a TOML file, see worlds.style_tables; ConfigError where they cannot be
    drawn with."""
    blocks = read_materials(path)
    table = blocks.table
    part = "use"
    try:
        uses = _USES.validate_python(table["use"])
        part = "ground"
        ground = _GROUND.validate_python({cover: table["ground"][cover] for cover in COVERS})
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, (part, *first["loc"])))
        raise ConfigError(
            f"style {name} = {first['input']!r}: {first['msg']} ({path})", hint=HINT
        ) from error
    _require_roofs(uses, path)
    _require_colours(table["colours"], path)
    return Styles(uses, ground, table["colours"], table["materials"], blocks)


def _require_roofs(uses: Mapping[str, UseStyle], path: Path) -> None:
    for use, style in uses.items():
        if style.roof not in KINDS:
            raise ConfigError(
                f"style use.{use}.roof: {style.roof!r} is no form of a roof ({path})",
                hint=f"it is one of {', '.join(KINDS)}",
            )


def _require_colours(tables: Mapping[str, Mapping[str, str]], path: Path) -> None:
    for part, table in tables.items():
        for block, colour in table.items():
            if parse_colour(colour) is None:
                raise ConfigError(
                    f"style colours.{part}.{block}: {colour!r} is no colour ({path})",
                    hint='write it as "#a05040"',
                )


def _slab_states(materials: Materials, cover: str, ground: GroundStyle) -> list[BlockState]:
    names = ground.slabs or (materials.text("slab"),)
    return [materials.state(name, f"ground.{cover}.slabs") for name in names]


def _ground_states(
    materials: Materials, cover: str, ground: GroundStyle, part: str
) -> list[BlockState]:
    """The blocks of a cover's `tops`, `edges`, `unders` or `plants`."""
    names = getattr(ground, part) or (ground.tops if part == "edges" else ())
    return [materials.state(name, f"ground.{cover}.{part}") for name in names]


def roof_states(materials: Materials, family: str, place: str = "roof") -> list[BlockState]:
    """The full block, the slab and the four stairs of a roof family such as `deepslate_tile` or
    `brick`. place: where it stands in the table."""
    texts = (full_block(family), f"{family}_slab[type=bottom]", f"{family}_stairs")
    full, slab, stairs = (materials.state(text, place) for text in texts)
    return [full, slab, *(stairs.with_properties(facing=facing) for facing in FACINGS)]


def _door_states(materials: Materials, number: int) -> list[BlockState]:
    """Lower and upper half for each way the door looks, north first. A door looks inward: it faces
    away from its street."""
    door = materials.made(f"<facades.doors.{number}>_door")
    inward = ("south", "west", "north", "east")
    return [
        door.with_properties(facing=facing, half=half)
        for facing in inward
        for half in ("lower", "upper")
    ]


def rock_states(materials: Materials) -> list[BlockState]:
    """Stone and deepslate, the floor of the world, and water."""
    return [materials.block("rocks.stone"), materials.block("rocks.deepslate"), BEDROCK, WATER]


def _inside_states(materials: Materials) -> list[BlockState]:
    """Floor, slanting window, window, lamp: the same in every building."""
    return [materials.block(f"interiors.{part}") for part in ("floor", "glass", "pane", "light")]


def _look_states(materials: Materials, look: LookStyle, place: str) -> Iterator[BlockState]:
    """What one look of a use is made of. place: where it stands in the table."""
    for part in ("wall", "trim", "plinth", "shop", "wall2"):
        yield materials.state(look.of(part), f"{place}.{part}")
    yield _parapet(materials, look.trim, f"{place}.trim")
    yield from roof_states(materials, look.roof, f"{place}.roof")
    if look.balcony:
        yield from _railings(materials, look.balcony, f"{place}.balcony")
    if look.awning:
        yield _awning(materials, look.awning, f"{place}.awning")


def style_states(styles: Styles) -> Iterator[BlockState]:
    """Every block state that ground and buildings can be drawn with, before connection states."""
    materials = styles.blocks
    yield from rock_states(materials)
    for cover, ground in styles.ground.items():
        for part in ("tops", "edges", "unders", "plants"):
            yield from _ground_states(materials, cover, ground, part)
        yield from _slab_states(materials, cover, ground)
    yield from _inside_states(materials)
    for use, style in styles.uses.items():
        if style.gate and style.gate.block:
            yield materials.state(style.gate.block, f"use.{use}.gate.block")
        for number, look in enumerate(style.looks):
            yield from _look_states(materials, look, f"use.{use}.looks.{number}")
    for number in range(DOORS):
        yield from _door_states(materials, number)
    yield from (
        *_climbing(materials, "interiors.stairs"),
        *_climbing(materials, "facades.steps"),
        _ladder(materials),
    )
    yield from (
        materials.block(name)
        for name in (
            "facades.chimney",
            "interiors.glow",
            "facades.balcony_floor",
            "interiors.books",
        )
    )
    yield from _shelves(materials)


def _ladder(materials: Materials) -> BlockState:
    return materials.block("interiors.ladder", "facing").with_properties(facing="south")


def _facing(state: BlockState) -> list[BlockState]:
    """The state facing north, east, south, west."""
    return [state.with_properties(facing=facing) for facing in FACINGS]


def _shelves(materials: Materials) -> list[BlockState]:
    """Without power none is joined to the next, which is what `side_chain` says."""
    return _facing(materials.block("interiors.shelf", "facing"))


def _parapet(materials: Materials, trim: str, place: str = "trim") -> BlockState:
    """What edges a flat roof: half a block where it is of concrete."""
    return materials.state(
        f"{trim}_slab[type=bottom]" if trim.endswith("_concrete") else trim, place
    )


def _awning(materials: Materials, family: str, place: str = "awning") -> BlockState:
    return materials.state(f"{family}_slab[type=bottom]", place)


def _railings(materials: Materials, wood: str, place: str = "balcony") -> list[BlockState]:
    """Open trapdoors at the side of their block that is away from the wall: the wall lies north,
    east, south, west of them."""
    return _facing(materials.state(f"{wood}_trapdoor[open=true]", place))


def _climbing(materials: Materials, name: str) -> list[BlockState]:
    """Stairs that climb north, east, south, west."""
    return _facing(materials.block(name, "facing", "half", "shape"))


def step_blocks(palette: Palette, materials: Materials) -> StepBlocks:
    """What one climbs on, inside houses and before their doors."""
    inside, outside = (
        np.array([palette.id(state) for state in _climbing(materials, name)], np.int32)
        for name in ("interiors.stairs", "facades.steps")
    )
    floor = materials.block("interiors.floor")
    return StepBlocks(inside, palette.id(_ladder(materials)), palette.id(floor), outside)


def _spread(ids: Sequence[int], places: int) -> list[int]:
    return [ids[place * len(ids) // places] for place in range(places)]


def ground_blocks(styles: Styles, palette: Palette) -> GroundBlocks:
    """The ground's blocks as palette ids."""
    materials = styles.blocks
    found: dict[str, list[list[int]]] = {"tops": [], "edges": [], "unders": [], "plants": []}
    slabs, pattern, shares = [], [], []
    for cover in COVERS:
        ground = styles.ground[cover]
        for part, rows in found.items():
            states = _ground_states(materials, cover, ground, part)
            ids = [palette.id(state) for state in states] or [0]
            rows.append(_spread(ids, PLANT_LOTS if part == "plants" else GROUND_LOTS))
        lying = [palette.id(state) for state in _slab_states(materials, cover, ground)]
        slabs.append(_spread(lying, GROUND_LOTS))
        pattern.append((PATTERNS.index(ground.pattern), ground.period))
        shares.append(ground.plant_share)
    stone, deepslate, bedrock, water = (palette.id(state) for state in rock_states(materials))
    return GroundBlocks(
        tops=np.array(found["tops"], np.uint16),
        edges=np.array(found["edges"], np.uint16),
        unders=np.array(found["unders"], np.uint16),
        slabs=np.array(slabs, np.uint16),
        pattern=np.array(pattern, np.int32),
        plants=np.array(found["plants"], np.uint16),
        plant_share=np.array(shares),
        soil=among(palette, SOIL),
        stone=stone,
        deepslate=deepslate,
        bedrock=bedrock,
        water=water,
    )


def use_style(styles: Styles, use: str) -> UseStyle:
    return styles.uses.get(use, styles.uses["other"])


def _look_blocks(
    style: UseStyle, look: LookStyle, door: int, palette: Palette, materials: Materials
) -> LookBlocks:
    floor, glass, pane, light = (palette.id(state) for state in _inside_states(materials))
    roof, slab, *stairs = roof_states(materials, look.roof)

    def wall(part: str) -> int:
        return palette.id(materials.state(look.of(part), part))

    gate = style.gate.block if style.gate else ""
    return LookBlocks(
        wall=wall("wall"),
        wall2=wall("wall2"),
        trim=wall("trim"),
        plinth=wall("plinth"),
        shop=wall("shop"),
        floor=floor,
        glass=glass,
        pane=pane,
        light=light,
        glow=palette.id(materials.block("interiors.glow")),
        roof=palette.id(roof),
        roof_slab=palette.id(slab),
        roof_stairs=palette.run(stairs),
        flat_roof=palette.id(roof),
        parapet=palette.id(_parapet(materials, look.trim)),
        door=palette.run(_door_states(materials, door)),
        chimney=palette.id(materials.block("facades.chimney")) if style.chimney else 0,
        balcony=palette.run(_railings(materials, look.balcony)) if look.balcony else 0,
        balcony_floor=palette.id(materials.block("facades.balcony_floor")),
        awning=palette.id(_awning(materials, look.awning)) if look.awning else 0,
        books=palette.id(materials.block("interiors.books")),
        shelf=palette.run(_shelves(materials)),
        gate=palette.id(materials.state(gate, "gate")) if gate else 0,
    )


def look_table(
    styles: Styles, uses: Sequence[str], seeds: NDArray[np.uint32], palette: Palette
) -> Table:
    """(buildings,) of LOOK; each building's look is drawn by its seed."""
    rows = np.zeros(len(uses), LOOK)
    known: dict[tuple[str, int, int], Look] = {}
    for index, (use, seed) in enumerate(zip(uses, seeds.tolist(), strict=True)):
        style = use_style(styles, use)
        key = (use, seed % len(style.looks), (seed >> 8) % DOORS)
        if key not in known:
            known[key] = Look(
                blocks=_look_blocks(style, style.looks[key[1]], key[2], palette, styles.blocks),
                window=WindowShape(**asdict(style.window)),
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
