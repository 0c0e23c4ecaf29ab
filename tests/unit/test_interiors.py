"""Houses that can be walked: every storey is reached from the door, and the door from the
ground."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
import pytest

from buildings.drawing.columns import measure_columns
from mc_city.city.drawing import draw, no_options
from terrain.frame import Grid
from worlds.java.palettes import is_passable
from worlds.volume import BlockState, BlockVolume


def walkable(volume: BlockVolume) -> tuple[np.ndarray, np.ndarray]:
    """(solid, climbs), by palette id: what one stands on, and what one climbs."""
    names = [state.name.removeprefix("minecraft:") for state in volume.palette.states]
    climbs = np.array([name == "ladder" for name in names])
    free = ("air", "light", "ladder")
    solid = np.array(
        [
            not (name in free or is_passable(name) or name.endswith(("_door", "_sign")))
            for name in names
        ]
    )
    return solid, climbs


def reached(
    volume: BlockVolume, start: tuple[int, int, int], most: int = 200_000
) -> set[tuple[int, int, int]]:
    """All places (x, y, z) of the feet that one comes to from `start`: a step up at most, three
    down, ladders, two blocks of air."""
    solid_of, climb_of = walkable(volume)
    solid, ladder = solid_of[volume.ids], climb_of[volume.ids]
    height, depth, width = solid.shape

    def stands(x: int, y: int, z: int) -> bool:
        if not (1 <= y < height - 1 and 0 <= z < depth and 0 <= x < width):
            return False
        return (
            not solid[y, z, x]
            and not solid[y + 1, z, x]
            and bool(solid[y - 1, z, x] or ladder[y, z, x] or ladder[y - 1, z, x])
        )

    first = start[0] - volume.x0, start[1] - volume.y0, start[2] - volume.z0
    waiting, seen = deque([first]), {first}
    while waiting and len(seen) < most:
        x, y, z = waiting.popleft()
        near = [
            (x + dx, y + dy, z + dz)
            for dx, dz in ((1, 0), (-1, 0), (0, 1), (0, -1))
            for dy in (0, 1, -1, -2, -3)
        ]
        near += [(x, y + dy, z) for dy in (1, -1) if ladder[y, z, x] or ladder[y + dy, z, x]]
        for place in near:
            nx, ny, nz = place
            if place in seen or not stands(*place):
                continue
            if ny > y and solid[min(y + 2, height - 1), z, x] and (nx, nz) != (x, z):
                continue
            if ny < y and solid[ny : y + 2, nz, nx].any():
                continue
            seen.add(place)
            waiting.append(place)
    return {(x + volume.x0, y + volume.y0, z + volume.z0) for x, y, z in seen}


def storeys(plans, look, index: int) -> list[int]:
    """The y of the feet on each floor of a house."""
    floors, base, tall = [], int(plans.floor_y[index]), int(look["ground_storey"][index])
    while True:
        floors.append(base + 1)
        if int(plans.eaves_y[index]) - (base + tall) < 3:
            return floors
        base, tall = base + tall, int(look["storey"][index])


def house_volume(scene, index: int) -> BlockVolume:
    left, top, right, bottom = scene.houses.outlines.boxes[index]
    x0, z0 = int(np.floor(left)) - 6, int(np.floor(top)) - 6
    grid = Grid(
        scene.grid.frame, x0, z0, int(np.ceil(right)) + 6 - x0, int(np.ceil(bottom)) + 6 - z0
    )
    return draw(scene, grid, no_options(scene))[0]


STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))


@pytest.fixture(scope="module")
def chosen(sample_scene) -> list[int]:
    """Some houses of every use, none on the area's edge."""
    scene = sample_scene
    rng = np.random.default_rng(5)
    uses = np.array(scene.houses.footprints.use)
    inside = np.ones(len(uses), bool)
    for axis, (low, high) in enumerate(
        (
            (scene.grid.x0, scene.grid.x0 + scene.grid.nx),
            (scene.grid.z0, scene.grid.z0 + scene.grid.nz),
        )
    ):
        inside &= (scene.houses.outlines.boxes[:, axis] > low + 16) & (
            scene.houses.outlines.boxes[:, axis + 2] < high - 16
        )
    inside[scene.houses.existing :] = False
    inside &= scene.houses.plans.door["facing"] >= 0
    picked = [
        rng.permutation(np.flatnonzero(inside & (uses == use)))[:8] for use in np.unique(uses)
    ]
    return np.concatenate(picked).tolist()


def test_every_storey_is_reached_from_the_door_and_the_door_from_the_ground(sample_scene, chosen):
    scene, plans = sample_scene, sample_scene.houses.plans
    several = 0
    shut: list[tuple[int, str]] = []
    for index in chosen:
        volume = house_volume(scene, index)
        x, z, facing = (int(value) for value in plans.door[index])
        inside = (x, int(plans.floor_y[index]) + 1, z)
        found = reached(volume, inside)
        dx, dz = STEPS[facing]
        if not any((x + dx, y, z + dz) in found for y in range(inside[1] - 4, inside[1] + 2)):
            shut.append((index, "no way out of the door"))
        floors = storeys(plans, scene.blocks.looks.houses, index)
        footprint = {(px, pz) for px, _, pz in found}
        own = {place for place in found if (place[0], place[2]) in footprint}
        for floor in floors[1:] if plans.stair["code"][index] >= 0 else []:
            several += 1
            if sum(place[1] == floor for place in own) < 4:
                shut.append(
                    (
                        index,
                        f"floor {floors.index(floor)} of {len(floors)} not reached, stairs "
                        f"{plans.stair[index].tolist()}",
                    )
                )
    assert several > 40
    assert shut == []


def test_houses_whose_walls_have_nothing_but_corners_have_a_door_between_two_jambs(sample_scene):
    scene, plans = sample_scene, sample_scene.houses.plans
    today = scene.houses.today
    assert (plans.door["facing"][today] < 0).sum() <= 2
    corners = 0
    for index in today[plans.door["facing"][today] >= 0].tolist():
        x, z, facing = plans.door[index].tolist()
        direction = [plans.axis[name][index] for name in ("along_x", "along_z")]
        if abs(abs(direction[0]) - abs(direction[1])) > 0.15:
            continue
        volume = house_volume(scene, index)
        dx, dz = STEPS[facing]
        level = int(plans.floor_y[index]) + 1 - volume.y0
        owner = measure_columns(
            scene.houses.outlines, plans, today, volume.x0, volume.z0, volume.ids.shape[1:]
        ).owner
        beside = [(z + side * dx - volume.z0, x + side * dz - volume.x0) for side in (-1, 1)]
        piers = [place for place in beside if owner[place] < 0]
        assert len(piers) <= 1
        for place in piers:
            corners += 1
            assert (volume.ids[level : level + 3, place[0], place[1]] != 0).all()
        found = reached(volume, (x, int(plans.floor_y[index]) + 1, z))
        assert any(
            (x + dx, y, z + dz) in found
            for y in range(level + volume.y0 - 4, level + volume.y0 + 2)
        )
    assert corners >= 10


def test_houses_of_several_storeys_have_stairs(sample_scene):
    """All but the narrowest."""
    plans = sample_scene.houses.plans
    tall = np.array(
        [
            len(storeys(plans, sample_scene.blocks.looks.houses, index)) > 1
            for index in range(len(plans.floor_y))
        ]
    )
    there = plans.columns > 0
    assert (plans.stair["code"][tall & there] >= 0).mean() > 0.97
    assert (plans.stair["code"][tall & there] != 2).mean() > 0.6, "most have real stairs"
    assert (plans.stair["code"][~tall] < 0).all()


def with_interiors(scene, wanted):
    config = scene.config
    buildings = config.buildings.model_copy(update={"interiors": wanted})
    return replace(scene, config=config.model_copy(update={"buildings": buildings}))


def test_houses_are_furnished_unless_they_are_to_be_bare(sample_scene, chosen):
    bare = with_interiors(sample_scene, "bare")
    rooms = np.unique(sample_scene.blocks.rooms.stamps.ids)
    furnished = 0
    for index in chosen:
        full, without = (house_volume(scene, index).ids for scene in (sample_scene, bare))
        furnished += (full != without).any() and np.isin(full, rooms).any()
    assert furnished > len(chosen) / 3


def test_interiors_can_be_left_out(sample_scene, chosen):
    bare = with_interiors(sample_scene, False)
    index = next(index for index in chosen if sample_scene.houses.plans.stair["code"][index] >= 0)
    stair = sample_scene.palette.id(
        BlockState.parse("spruce_stairs[facing=east,half=bottom,shape=straight]")
    )
    family = [
        number
        for number, state in enumerate(sample_scene.palette.states)
        if state.name == "minecraft:spruce_stairs"
    ]
    assert stair in family
    assert np.isin(
        house_volume(sample_scene, index).ids,
        [*family, sample_scene.palette.id("ladder[facing=south]")],
    ).any()
    assert not np.isin(house_volume(bare, index).ids, family).any()


def test_shelves_stand_along_walls_without_windows_and_bar_no_way(sample_scene, chosen):
    """The way is what `test_every_storey_is_reached…` walks; here: a wall behind each, books under
    it, room to stand before it."""
    scene = with_interiors(sample_scene, "bare")
    names = np.array([state.name.removeprefix("minecraft:") for state in scene.palette.states])
    facing = np.array([dict(state.properties).get("facing", "") for state in scene.palette.states])
    shelf, books = names == "spruce_shelf", names == "bookshelf"
    full = ~np.isin(names, ["air", "light", "glass", "glass_pane", "ladder"]) & ~np.char.endswith(
        names, "_door"
    )
    assert {str(state) for state in np.array(scene.palette.states, object)[shelf]} == {
        f"minecraft:spruce_shelf[facing={side},powered=false,side_chain=unconnected]"
        for side in ("north", "east", "south", "west")
    }
    seen = housed = 0
    for index in chosen:
        volume = house_volume(scene, index)
        ids = volume.ids
        places = np.argwhere(shelf[ids])
        assert books[ids].sum() == len(places)
        # A neighbour's lie at the edge of what was drawn, perhaps without the wall behind them.
        places = places[
            ((places[:, 1:] > 0) & (places[:, 1:] < np.array(ids.shape[1:]) - 1)).all(axis=1)
        ]
        for y, z, x in places.tolist():
            dx, dz = STEPS[("north", "east", "south", "west").index(facing[ids[y, z, x]])]
            assert books[ids[y - 1, z, x]]
            for level in (y, y - 1):
                assert full[ids[level, z - dz, x - dx]], "a wall behind it"
                assert names[ids[level, z + dz, x + dx]] == "air", "room before it"
            seen += 1
        housed += len(places) > 0
    assert seen > 40
    assert housed > 3
