"""The houses of a world as CityJSON 2.0, for GIS: each as a block, and where its roof is made of a
few planes, with that; today's and what is planned, told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from mc_city.build.house_notes import PER_METRE, HouseNote, HousesNote, read_houses
from mc_city.exports.areas import Bounds, city_crs, exported_area
from mc_city.exports.city_objects import Layers, Objects, house_parts
from mc_city.exports.folders import Exported, write_export
from mc_city.exports.scene import Scene, opened_scene
from mc_city.exports.solids import place_of
from mc_city.settings.names import HOUSES
from terrain.plane import in_city
from worlds.errors import WorldError
from worlds.layers import note_path
from worlds.names import near_name
from worlds.notes import FrameNote
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
TODAY, PLANNED = "today.city.json", "planned.city.json"
STEP = 200
"""Houses from one message of progress to the next."""


def _houses(scene: Scene, world: Path) -> HousesNote:
    path = note_path(scene.folder, HOUSES)
    if not path.exists():
        raise WorldError(
            f"{world}: built by an mc-city that noted no houses (no {HOUSES} in it)",
            hint="build it again with this version; `web` and `gltf` are made of its blocks",
        )
    return read_houses(path)


def _is_in(rect: Rect, frame: FrameNote, house: HouseNote) -> bool:
    """Whether the place of a house is in a rectangle of columns."""
    east, north = place_of(house.shape)
    right, above = in_city(
        city_crs(frame), frame.origin[0] + east / PER_METRE, frame.origin[1] + north / PER_METRE
    )
    x = (right - frame.origin[0]) * frame.blocks_per_metre - rect.x
    z = (frame.origin[1] - above) * frame.blocks_per_metre - rect.z
    return 0.0 <= x < rect.nx and 0.0 <= z < rect.nz


def stands(house: HouseNote, active: frozenset[str]) -> bool:
    """Whether a house is there while some options of developments are shown."""
    brought = not house.options or not active.isdisjoint(house.options)
    return brought and active.isdisjoint(house.taken_by)


def _files(scene: Scene) -> dict[str, frozenset[str] | None]:
    """The names of the files, and the options of developments that each shows; None = all houses of
    whatever state."""
    name = f"{near_name(scene.note.city)}.city.json"
    if not scene.note.layers:
        return {name: None}
    first = frozenset(layer.options[0] for layer in scene.note.layers)
    return {name: None, TODAY: frozenset(), PLANNED: first}


def write_cityjson(
    scene: Scene, note: HousesNote, houses: Sequence[HouseNote], folder: Path, progress: Progress
) -> dict[str, int]:
    """Writes the files of some houses; returns how many houses, and how many with their roofs."""
    layers: Layers = {option: layer for layer in scene.note.layers for option in layer.options}
    counts: Counter[str] = Counter(houses=0, roofs=0)
    with ExitStack() as opened:
        files = []
        for name, active in _files(scene).items():
            file = opened.enter_context((folder / name).open("w", encoding="utf-8", newline="\n"))
            own = [house for house in houses if active is None or stands(house, active)]
            files.append((Objects(file, own), active))
        for objects, _ in files:
            objects.begin(note.origin)
        for number, house in enumerate(houses, start=1):
            parts = house_parts(house)
            counts["houses"] += len(parts) > 0
            counts["roofs"] += any(len(part) > 1 for part in parts)
            for objects, active in files:
                if parts and (active is None or stands(house, active)):
                    objects.add(house, parts, layers, scene.note.frame)
            if number % STEP == 0 or number == len(houses):
                progress("houses", number, len(houses))
        for objects, _ in files:
            objects.end(note, scene.note.city)
    return dict(counts)


def export_cityjson(
    world: Path, out: Path, bounds: Bounds | None, force: bool, progress: Progress
) -> Exported:
    """A folder with CityJSON of a world, or of bounds of it on the map."""
    with opened_scene(world) as scene:
        note, frame = _houses(scene, world), scene.note.frame
        area = exported_area(scene, bounds)
        houses = [house for house in note.houses if bounds is None or _is_in(area, frame, house)]
        return write_export(
            scene, out, force, lambda made: write_cityjson(scene, note, houses, made, progress)
        )
