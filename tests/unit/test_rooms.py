"""Furnished rooms: reached from the door, the same however they are cut, nothing before windows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
import shapely
from scipy.ndimage import label

from buildings.drawing.columns import BuildingColumns, Levels, measure_columns
from buildings.drawing.facades import SHOP_WINDOW, WINDOW, Fronts, survey_walls
from buildings.drawing.houses import draw_buildings
from buildings.looks.look import Looks
from buildings.looks.roof_blocks import roof_table
from buildings.looks.styles import look_table, step_blocks, use_style
from buildings.plans.doors import Surroundings, find_doors, rooms_of
from buildings.plans.plans import BuildingPlans
from buildings.plans.stairs import find_stairs
from buildings.rooms.drawing import draw_rooms
from buildings.rooms.layouts import read_rooms, read_stamp, room_states, room_tables
from buildings.rooms.storeys import (
    BLANK,
    CLOSED,
    DOOR,
    FREE,
    GAP,
    GLAZED,
    KEPT,
    NO_WALL,
    divide,
    empty_storey,
    fill_room,
    may_take,
)
from mc_city.settings.config import Buildings
from mc_city.site.houses import flights
from terrain.columns.outlines import Outlines
from tests.materials import MATERIALS, STYLE
from tests.roofed import GROUND, STATES, Facts, planned
from tests.walking import walk_in
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.bedrock.versions import VERSIONS
from worlds.canvas import Canvas
from worlds.connections import expand_families
from worlds.java.climate import BIOMES
from worlds.volume import BlockVolume, Palette

ALL = [*STATES, *room_states(MATERIALS)]
PALETTE = Palette.of([*ALL, *expand_families(ALL)])
TABLES = room_tables(PALETTE, MATERIALS)
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
SIZE, HALF = 96, 48
USES = ("house", "apartments", "office", "retail", "public", "church", "industry", "farm", "garage",
        "school", "care", "sport")  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """bare, full: (y, z, x) ids of the house without and with its rooms."""

    outlines: Outlines
    plans: BuildingPlans
    looks: Looks
    columns: BuildingColumns
    bare: np.ndarray
    full: np.ndarray

    def volume(self, ids: np.ndarray) -> BlockVolume:
        return BlockVolume(x0=-HALF, y0=0, z0=-HALF, ids=ids, palette=PALETTE)


def rooms_in(drawn_plans, outlines, looks, use, x0, z0, shape, ids):
    columns = measure_columns(outlines, drawn_plans, np.array([0]), x0, z0=z0, shape=shape)
    draw_rooms(
        Canvas(ids, x0, 0, z0),
        columns,
        outlines,
        drawn_plans,
        looks.houses,
        layouts=np.array([read_rooms().layout_of(use)], np.int32),
        tables=TABLES,
    )


def house_of(shape, use: str) -> Drawn:
    outlines, plans = planned([shape], "flat")
    plans.stair["steps"] = flights([use_style(STYLE, use)], plans)
    columns = measure_columns(outlines, plans, np.array([0]), -HALF, z0=-HALF, shape=(SIZE, SIZE))
    ground, dry = np.full((SIZE, SIZE), GROUND, np.int32), np.ones((SIZE, SIZE), bool)
    rooms = rooms_of(columns.owner, dry)
    around = Surroundings(columns.owner, rooms, ground, dry, ~dry, x0=-HALF, z0=-HALF)
    find_doors(outlines, np.array([0]), around, plans.floor_y, plans.door)
    find_stairs(outlines.boxes, np.array([0]), around, plans.door, plans.stair)
    look = look_table(STYLE, [use], np.zeros(1, np.uint32), PALETTE)
    looks = Looks(look, roof_table(Facts([use]), STYLE, PALETTE), step_blocks(PALETTE, MATERIALS))
    bare = np.zeros((40, SIZE, SIZE), np.uint16)
    bare[: GROUND + 1] = PALETTE.id("stone")
    draw_buildings(
        Canvas(bare, -HALF, 0, -HALF), Levels(ground, ground), columns, plans, looks,
        interiors="full",
    )  # fmt: skip
    full = bare.copy()
    rooms_in(plans, outlines, looks, use, -HALF, -HALF, (SIZE, SIZE), full)
    return Drawn(outlines, plans, looks, columns, bare, full)


def random_shape(rng):
    """A rectangle, an L or a U, turned or not."""
    wide, deep = rng.integers(5, 34), rng.integers(5, 22)
    shape = shapely.box(-wide / 2, -deep / 2, wide / 2, deep / 2)
    if rng.random() < 0.5:
        corner = shapely.box(0, 0, wide / 2 + 1, deep / 2 + 1)
        shape = shape.difference(shapely.affinity.translate(corner, wide / 6, deep / 6))
    if rng.random() < 0.5:
        shape = shapely.affinity.rotate(shape, float(rng.uniform(0, 90)), origin=(0, 0))
    return shape


CARPETS = np.array([state.name.endswith("_carpet") for state in PALETTE.states])


@lru_cache(maxsize=1)
def houses() -> list[tuple[str, Drawn]]:
    rng = np.random.default_rng(11)
    return [
        (USES[number % len(USES)], house_of(random_shape(rng), USES[number % len(USES)]))
        for number in range(72)
    ]


def floors_of(house: Drawn) -> list[int]:
    look = house.looks.houses[0]
    out, base, tall = [], int(house.plans.floor_y[0]), int(look["ground_storey"])
    while True:
        out.append(base)
        if int(house.plans.eaves_y[0]) - (base + tall) < 3:
            return out
        base, tall = base + tall, int(look["storey"])


def test_all_that_one_came_to_in_the_bare_house_one_comes_to_in_the_furnished_one():
    furnished = 0
    for use, house in houses():
        door = house.plans.door[0]
        if door["facing"] < 0:
            continue
        start = np.array([[house.plans.floor_y[0] + 1, door["z"] + HALF, door["x"] + HALF]])
        mine = house.columns.owner == 0
        bare, full = (walk_in(house.volume(ids)) for ids in (house.bare, house.full))
        before, after = bare.reached(start, mine), full.reached(start, mine)
        for base in floors_of(house):
            lost = before[base + 1] & full.stands[base + 1] & ~after[base + 1]
            assert not lost.any(), (use, base, np.argwhere(lost).tolist())
        furnished += bool((house.full != house.bare).any())
    assert furnished > 40


def test_rooms_take_nothing_but_the_air_inside_and_stand_on_something():
    for use, house in houses():
        changed = house.full != house.bare
        assert (house.bare[changed] == 0).all()
        mine = house.columns.owner == 0
        inner = mine & np.roll(mine, 1, 0) & np.roll(mine, -1, 0)
        inner &= np.roll(mine, 1, 1) & np.roll(mine, -1, 1)
        y, z, x = np.nonzero(changed)
        assert inner[z, x].all()
        assert (y < house.plans.eaves_y[0]).all()
        assert (house.full[y - 1, z, x] != 0).all(), use


def test_nothing_stands_before_windows_or_doors():
    seen = 0
    for _, house in houses():
        fronts = Fronts(house.columns, *(np.zeros((SIZE, SIZE), np.uint8) for _ in range(2)))
        survey_walls(house.plans.walls, house.looks.houses, fronts)
        changed = house.full != house.bare
        # One steps on carpets.
        changed &= ~CARPETS[house.full]
        for number, base in enumerate(floors_of(house)):
            bits = WINDOW | SHOP_WINDOW if number == 0 else WINDOW
            glazed = (fronts.sides > 0) & (fronts.held & bits > 0)
            for dz, dx in STEPS:
                before = np.roll(glazed, (dz, dx), (0, 1))
                seen += int(before.sum())
                assert not (changed[base + 1 : base + 3] & before).any()
        x, z, facing = house.plans.door[0].tolist()
        if facing >= 0:
            dz, dx = STEPS[facing]
            floor_y = int(house.plans.floor_y[0])
            behind = (z - dz + HALF, x - dx + HALF)
            assert not changed[floor_y + 1 : floor_y + 3, behind[0], behind[1]].any()
    assert seen > 1000


def test_a_house_that_is_cut_has_the_same_blocks():
    for use, house in houses()[:27]:
        whole = house.full.copy()
        for x0, wide in ((-HALF, HALF + 3), (1, HALF - 1)):
            piece = house.bare[:, :, x0 + HALF : x0 + HALF + wide].copy()
            rooms_in(house.plans, house.outlines, house.looks, use, x0, -HALF, (SIZE, wide), piece)
            inner = slice(1, wide - 1)
            assert (piece[:, :, inner] == whole[:, :, x0 + HALF + 1 : x0 + HALF + wide - 1]).all()


def test_doors_and_beds_have_both_halves():
    names = np.array([state.name.removeprefix("minecraft:") for state in PALETTE.states])
    halves = np.array([dict(state.properties).get("half", "") for state in PALETTE.states])
    pillow, *kinds = (
        MATERIALS.block(f"rooms.{name}").name.removeprefix("minecraft:")
        for name in ("pillow", "bed", "double_bed", "hospital_bed")
    )
    doors = beds = 0
    for _, house in houses():
        new = np.where(house.full != house.bare, house.full, 0)
        door = np.char.endswith(names, "_door")
        lower, upper = (door & (halves == half) for half in ("lower", "upper"))
        assert (lower[new][:-1] == upper[new][1:]).all()
        doors += int(lower[new].sum())
        heads, feet = names[new] == pillow, np.isin(names[new], kinds)
        assert heads.sum() == feet.sum()
        beds += int(heads.sum())
    assert doors > 20
    assert beds > 20


@pytest.mark.parametrize("seed", range(40))
def test_what_may_be_taken_parts_no_columns_from_the_others(seed):
    """Against all columns found anew by walking."""
    rng = np.random.default_rng(seed)
    storey = empty_storey((14, 14))
    storey.use[2:-2, 2:-2] = np.where(rng.random((10, 10)) < 0.8, FREE, CLOSED)
    allowed = 0
    for row in range(2, 10):
        for column in range(2, 10):
            rows, columns = rng.integers(1, 4, 2)
            if not may_take(storey, (row, column), (int(rows), int(columns))):
                continue
            allowed += 1
            before, _ = label(storey.use != CLOSED)
            taken = storey.use.copy()
            taken[row : row + rows, column : column + columns] = CLOSED
            after, _ = label(taken != CLOSED)
            pairs = {tuple(pair) for pair in np.stack([before, after], -1)[taken != CLOSED]}
            assert len({one for one, _ in pairs}) == len(pairs), "a room fell into two"
    assert allowed > 5


def test_a_storey_is_divided_into_rooms_that_hang_together():
    storey = empty_storey((24, 34))
    storey.use[3:-3, 3:-3] = FREE
    storey.wall[2, 2:-2] = storey.wall[-3, 2:-2] = BLANK
    storey.wall[2:-2, 2] = storey.wall[2:-2, -3] = BLANK
    assert fill_room(storey, (5, 5), 1) == 18 * 28
    rooms = divide(storey, 4, 12345)
    assert rooms >= 6
    _, parts = label(storey.use != CLOSED)
    assert parts == 1
    assert (storey.doorway == DOOR).sum() == rooms - 1
    for number in range(1, rooms + 1):
        z, x = np.nonzero(storey.room == number)
        assert min(np.ptp(z), np.ptp(x)) >= 3


def test_a_partition_ends_before_windows_with_a_gap_instead_of_a_door():
    storey = empty_storey((14, 34))
    storey.use[3:-3, 3:-3] = FREE
    storey.wall[2, 2:-2] = storey.wall[-3, 2:-2] = GLAZED
    storey.use[3:5, 3:-3] = storey.use[-5:-3, 3:-3] = KEPT
    storey.wall[2:-2, 2] = storey.wall[2:-2, -3] = BLANK
    fill_room(storey, (5, 5), 1)
    assert divide(storey, 5, 7) >= 3
    built = storey.wall[3:-3, 3:-3] == BLANK
    assert built.any()
    assert not built[:2].any(), "before a window"
    assert not built[-2:].any(), "before a window"
    assert set(storey.doorway[storey.doorway > 0].tolist()) == {GAP}
    assert label(storey.use != CLOSED)[1] == 1


@pytest.mark.parametrize("seed", range(60))
def test_partitions_part_nobody_from_anything(seed):
    """Storeys of any shape, with windows and stairs in any place."""
    rng = np.random.default_rng(seed)
    storey = empty_storey((24, 30))
    z, x = np.mgrid[:24, :30]
    slant = rng.uniform(-0.5, 0.5)
    inside = (abs(z - 12 - slant * (x - 15)) < 7) & (abs(x - 15 + slant * (z - 12)) < 12)
    inside[:3] = inside[-3:] = inside[:, :3] = inside[:, -3:] = False
    stairs = rng.integers(8, 14, 2)
    inside[stairs[0] : stairs[0] + 2, stairs[1] : stairs[1] + 3] = False
    storey.use[inside] = np.where(rng.random(inside.sum()) < 0.9, FREE, KEPT)
    storey.wall[~inside] = rng.choice([NO_WALL, BLANK, GLAZED], (~inside).sum(), p=[0.1, 0.7, 0.2])
    before, _ = label(storey.use != CLOSED)
    first = tuple(np.argwhere(storey.use != CLOSED)[0])
    fill_room(storey, first, 1)
    divide(storey, int(rng.integers(3, 6)), int(rng.integers(1 << 20)))
    after, _ = label(storey.use != CLOSED)
    pairs = {tuple(pair) for pair in np.stack([before, after], -1)[storey.use != CLOSED]}
    assert len({one for one, _ in pairs}) == len(pairs), "a room fell into two"


def test_every_use_of_the_style_table_has_a_layout_and_no_layout_another():
    laid = [use for layout in read_rooms().layouts for use in layout.uses]
    assert sorted(laid) == sorted(STYLE.uses)


@pytest.mark.parametrize("name", ["1.20.80", "1.21.0", "1.26.30"])
def test_furniture_is_the_same_in_bedrock(name):
    """Those blocks that Bedrock draws by an entity get one."""
    palette = Palette.of(list(room_states(MATERIALS)))
    tables = encode_bedrock_palette(palette, VERSIONS[name], BIOMES)
    assert tables.substituted == {}
    assert tables.simplified == {}


def test_furniture_has_no_look_or_content_that_an_entity_of_java_holds():
    names = {state.name.removeprefix("minecraft:") for state in room_states(MATERIALS)}
    held = ("_bed", "chest", "barrel", "lectern", "_banner", "_head", "_skull", "_sign", "shelf",
            "furnace", "cauldron")  # fmt: skip
    assert [name for name in sorted(names) if name.endswith(held) and name != "bookshelf"] == []


def test_a_stamp_with_a_hole_is_refused():
    with pytest.raises(ValueError, match="rectangle"):
        read_stamp("table", {"levels": ["t_t"], "letters": {"t": "table"}})


def test_interiors_are_full_bare_or_none_and_true_means_full():
    assert Buildings().interiors == "full"
    assert Buildings(interiors=True).interiors == "full"
    assert [Buildings(interiors=said).interiors for said in ("bare", False)] == ["bare", False]
    with pytest.raises(ValueError, match="interiors"):
        Buildings(interiors="some")
