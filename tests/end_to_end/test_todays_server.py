"""A server and a client of 26.x that we did not write: Minestom loads our worlds with its own
loader, mineflayer joins it and walks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import nbtlib
import numpy as np
import pytest

from mc_city.city.drawing import voxelise
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from tests.conftest import quiet
from tests.end_to_end.test_java_versions import Built
from tests.plans import SMALL_PLANS, write_planned_city
from tests.readers.java_programs import read_with_minestom, served_by_minestom, walk_with_mineflayer
from tests.upgrade import entities_of
from tests.walking import walk_in
from worlds.java.climate import BIOMES
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume
from worlds.volume import BlockState, BlockVolume

LOW, HIGH = -64, 320
ABSENT = (900, 900)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    return read_config(
        write_planned_city(tmp_path_factory.mktemp("server"), SMALL_PLANS)
    ).with_world(editions=("java",))


@pytest.fixture(scope="module")
def worlds(config, tmp_path_factory):
    return Built(config, tmp_path_factory.mktemp("worlds"))


def plain(state: str) -> str:
    """A state as all of them write it: properties in order, `waterlogged=false` left out, as our
    reader leaves it."""
    found = BlockState.parse(state)
    return str(
        BlockState(
            found.name,
            tuple(sorted(pair for pair in found.properties if pair != ("waterlogged", "false"))),
        )
    )


class Numbers(dict):
    """A number for each state, in whichever words it is told."""

    def __missing__(self, state: str) -> int:
        self[state] = self.setdefault(plain(state), len(self))
        return self[state]

    def of(self, runs: Iterable[tuple[str, int]]) -> np.ndarray:
        states, counts = zip(*runs, strict=True)
        return np.repeat([self[state] for state in states], counts)


def whole_chunk(volume: BlockVolume, numbers: Numbers, x: int, z: int) -> np.ndarray:
    """(y, z, x) of a chunk of a region from the lowest block of the world to the highest, as our
    reader has it; z, x in the region."""
    out = np.full((HIGH - LOW, 16, 16), numbers["minecraft:air"])
    ours = np.array([numbers[str(state)] for state in volume.palette.states])[
        volume.ids[:, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16]
    ]
    out[volume.y0 - LOW : volume.y0 - LOW + len(ours)] = ours
    return out


@pytest.mark.parametrize("version", ["26.1.2", "26.2"])
def test_minestom_loads_every_chunk_block_for_block(version, worlds, config):
    world, numbers = worlds[f"{version} shown"], Numbers()
    ours = {}
    for region_x, region_z, path in region_files(world):
        volume, present = read_region_volume(path)
        for z, x in np.argwhere(present).tolist():
            ours[32 * region_x + x, 32 * region_z + z] = whole_chunk(volume, numbers, x, z)
    found = read_with_minestom(world, [*ours, ABSENT], version)
    assert (found["version"], found["low"]) == (version, LOW)
    *chunks, absent = found["chunks"]
    assert absent == {"x": ABSENT[0], "z": ABSENT[1], "missing": True}
    counts: Counter[int] = Counter()
    for chunk in chunks:
        theirs = numbers.of(chunk["blocks"]).reshape(HIGH - LOW, 16, 16)
        assert np.array_equal(theirs, ours.pop((chunk["x"], chunk["z"]))), (chunk["x"], chunk["z"])
        counts.update(dict(zip(*np.unique(theirs, return_counts=True), strict=True)))
    assert not ours
    assert len(counts) > 40
    assert counts.total() - counts[numbers["minecraft:air"]] > 500_000
    scene = read_city(config.with_world(java_version=version), quiet)
    by_place = {(chunk["x"], chunk["z"]): chunk["biomes"] for chunk in chunks}
    for region in scene.grid.regions():
        tile = voxelise(scene, *region)
        for z, x in np.argwhere(tile.present).tolist():
            meant = [
                BIOMES[index] for index in tile.biomes[4 * z : 4 * z + 4, 4 * x : 4 * x + 4].ravel()
            ] * ((HIGH - LOW) // 4)
            assert [
                biome
                for biome, count in by_place[32 * region[0] + x, 32 * region[1] + z]
                for _ in range(count)
            ] == meant
    kept = entities_of(world)
    assert len(kept) > 20
    read = {
        (x, y, z): (kind, nbtlib.parse_nbt(said))
        for chunk in chunks
        for x, y, z, kind, said in chunk["entities"]
    }
    assert read.keys() == kept.keys()
    for place, (kind, said) in read.items():
        meant = {
            key: tag for key, tag in kept[place].items() if key not in ("x", "y", "z", "keepPacked")
        }
        assert {"id": kind, **said} == meant, place


def test_a_client_joins_the_world_sees_its_blocks_and_walks(worlds):
    world, numbers = worlds["26.1.2 shown"], Numbers()
    volume, present = read_region_volume(
        next(path for x, z, path in region_files(world) if (x, z) == (-1, -1))
    )
    walk = walk_in(volume)
    places = np.argwhere(walk.stands & present.repeat(16, 0).repeat(16, 1))
    # On the ground, 40 blocks north-west of the middle of the city: more than some roof can be
    # reached from there.
    near = places[np.abs(places[:, 1:] - (512 - 40)).sum(1).argsort()]
    begin = next(place for place in near if walk.reached(place[None, :]).sum() > 1000)
    reached = np.argwhere(walk.reached(begin[None, :]))
    away = np.abs(reached - begin)[:, 1:].sum(1)
    goal = reached[np.abs(away - 24).argmin()]
    assert abs(int(away[np.abs(away - 24).argmin()]) - 24) < 3
    corner = np.array([volume.x0, volume.y0, volume.z0])
    (x, y, z), to = (corner + place[[2, 0, 1]] for place in (begin, goal))
    low, high = (int(x) - 20, int(y) - 8, int(z) - 20), (int(x) + 20, int(y) + 24, int(z) + 20)
    with served_by_minestom(world, (x + 0.5, y + 1, z + 0.5), "26.1.2") as port:
        seen = walk_with_mineflayer(port, low, high, [*map(int, to)])
    meant = volume.ids[
        tuple(slice(low[axis] - corner[axis], high[axis] - corner[axis]) for axis in (1, 2, 0))
    ]
    ours = np.array([numbers[str(state)] for state in volume.palette.states])[meant]
    theirs = numbers.of(seen["blocks"]).reshape(ours.shape)
    assert np.array_equal(theirs, ours)
    assert len(np.unique(ours)) > 10
    assert np.abs(np.array(seen["first"]) - (x + 0.5, y, z + 0.5)).max() < 1.5
    assert np.abs(np.array(seen["last"]) - to - np.array((0.5, 0, 0.5))).max() < 2, seen["said"]
