"""Showing and hiding layers in worlds that exist, with the game closed."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mc_city.inspect import opened_world
from mc_city.zips import write_zip
from worlds.errors import WorldError
from worlds.java.datapack import structure_folder
from worlds.java.reader import read_level_dat
from worlds.java.saved import change_region, holding, relight_region
from worlds.java.scores import read_scores, write_scores
from worlds.java.structures import read_template
from worlds.java.versions import JavaVersion
from worlds.layers import OBJECTIVE, UNIT_OBJECTIVE, Switch, Unit, combination, read_layers
from worlds.volume import AIR, BlockState, Palette

NO_UNIT = -1


@dataclass(frozen=True)
class LayerState:
    """One option of a layer in a world: its id on the command line, its name, whether it is shown."""

    id: str
    name: str
    shown: bool


@dataclass(frozen=True)
class Toggled:
    """What a change came to. strange: blocks that somebody had built inside the difference, now overwritten; missing:
    blocks in chunks that the world no longer has."""

    changed: int
    strange: int
    missing: int
    backup: Path | None


@dataclass(frozen=True)
class Layers:
    """A world's switches and units, the state that is wanted, and which combination stands in each unit (−1 = unfinished)."""

    switches: tuple[Switch, ...]
    units: tuple[Unit, ...]
    state: tuple[int, ...]
    standing: tuple[int, ...]


def read_world_layers(world: Path) -> Layers:
    """The layers of an unpacked Java world. WorldError when it has none."""
    switches, units = read_layers(world)
    if not switches:
        raise WorldError(f"{world}: has no layers", hint="build it with [plans] sources; see README.md")
    scores = read_scores(world)
    state = tuple(min(scores.get((OBJECTIVE, f"#{switch.id}"), 0), switch.states - 1) for switch in switches)
    standing = tuple(scores.get((UNIT_OBJECTIVE, f"#{number}"), NO_UNIT) for number in range(len(units)))
    return Layers(switches, units, state, standing)


def option_ids(switch: Switch) -> list[str]:
    return [f"{switch.id}/{option}" if option else switch.id for option in switch.options]


def layer_states(layers: Layers) -> list[LayerState]:
    """One entry for each layer, or for each variant of it."""
    out = []
    for switch, state in zip(layers.switches, layers.state, strict=True):
        for number, (name, option) in enumerate(zip(option_ids(switch), switch.options, strict=True), start=1):
            label = f"{switch.name} ({option})" if option else switch.name
            out.append(LayerState(name, label, state == number))
    return out


def unfinished(layers: Layers) -> int:
    """How many units do not stand as the state wants them: a switch was interrupted."""
    wanted = [combination(layers.switches, unit.switches, layers.state) for unit in layers.units]
    return sum(stands != number for stands, number in zip(layers.standing, wanted, strict=True))


def changed_state(layers: Layers, names: Sequence[str], show: bool) -> tuple[int, ...]:
    """The state after showing or hiding these layers; no names: all of them. WorldError for a name that is none."""
    state = list(layers.state)
    known = {name: (index, number) for index, switch in enumerate(layers.switches) for number, name in enumerate(option_ids(switch), 1)}
    for index, switch in enumerate(layers.switches):
        known.setdefault(switch.id, (index, 0))
    for name in names or [switch.id for switch in layers.switches]:
        if name not in known:
            raise WorldError(f"no layer {name!r} in this world", hint=f"its layers: {', '.join(known)}")
        index, number = known[name]
        if show:
            state[index] = number or state[index] or 1
        elif number in (0, state[index]):
            state[index] = 0
    return tuple(state)


@dataclass(frozen=True)
class _Blocks:
    """Blocks to be set. x, y, z: (n,) int32; ids: (n,) int64, indices into the states that are being collected."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    ids: NDArray[np.int64]


def _unit_blocks(folder: Path, unit: Unit, number: int, states: dict[BlockState, int]) -> _Blocks:
    """What a combination of a unit lists, each place once: later pieces over earlier ones. In the order of (y, z, x)."""
    parts = []
    for piece in unit.pieces[number]:
        template = read_template(folder / f"{piece.name}.nbt")
        local = np.array([states.setdefault(state, len(states)) for state in template.states], np.int64)
        west, low, north = piece.at
        parts.append((template.y + low, template.z + north, template.x + west, local[template.ids]))
    y, z, x, ids = (np.concatenate(column)[::-1] for column in zip(*parts, strict=True))
    _, first = np.unique(np.stack([y, z, x], axis=1), axis=0, return_index=True)
    return _Blocks(x[first], y[first], z[first], ids[first])


def change_world(world: Path, layers: Layers, state: Sequence[int], progress: Callable[[str, int, int], None]) -> Toggled:
    """Makes an unpacked Java world stand in `state`. The scores say that units are being changed before the first block is,
    so that an interrupted change is finished by the game or by the next call."""
    version = JavaVersion("", int(read_level_dat(world).get("DataVersion", 0)))
    folder = structure_folder(world, version)
    wanted = [combination(layers.switches, unit.switches, state) for unit in layers.units]
    concerned = [number for number, unit in enumerate(layers.units) if layers.standing[number] != wanted[number]]
    kept = {(OBJECTIVE, f"#{switch.id}"): value for switch, value in zip(layers.switches, state, strict=True)}
    write_scores(world, {**kept, **{(UNIT_OBJECTIVE, f"#{number}"): NO_UNIT for number in concerned}})
    by_region: dict[tuple[int, int], list[int]] = {}
    for number in concerned:
        by_region.setdefault(_region(layers.units[number]), []).append(number)
    changed = strange = missing = 0
    relit: set[tuple[int, int]] = set()
    for done, ((region_x, region_z), numbers) in enumerate(sorted(by_region.items()), start=1):
        states: dict[BlockState, int] = {AIR: 0}
        new, old = [], []
        for number in numbers:
            unit, stands = layers.units[number], layers.standing[number]
            new.append(_unit_blocks(folder, unit, wanted[number], states))
            # Where a change was interrupted nobody knows what stood there: nothing is called strange.
            old.append(_unit_blocks(folder, unit, stands if 0 <= stands < len(unit.pieces) else wanted[number], states))
        xs, ys, zs, ids = (np.concatenate([getattr(part, name) for part in new]) for name in ("x", "y", "z", "ids"))
        path = world / "region" / f"r.{region_x}.{region_z}.mca"
        if path.exists():
            before = np.concatenate([part.ids for part in old])
            facts = change_region(path, xs, ys, zs, ids, Palette(tuple(states)), before)
            changed, strange, missing = changed + facts.changed, strange + facts.strange, missing + facts.missing
            relit.update((x + dx, z + dz) for x, z in facts.chunks for dx in (-1, 0, 1) for dz in (-1, 0, 1))
        else:
            missing += len(xs)
        progress("layers", done, len(by_region))
    for region_x, region_z in sorted({(x >> 5, z >> 5) for x, z in relit}):
        path = world / "region" / f"r.{region_x}.{region_z}.mca"
        if path.exists():
            relight_region(path, [chunk for chunk in sorted(relit) if (chunk[0] >> 5, chunk[1] >> 5) == (region_x, region_z)])
    write_scores(world, {(UNIT_OBJECTIVE, f"#{number}"): wanted[number] for number in concerned})
    return Toggled(changed, strange, missing, None)


def region_blocks(
    world: Path, layers: Layers, region: tuple[int, int], state: Sequence[int], states: dict[BlockState, int]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]] | None:
    """(x, y, z, ids into `states`, which grows) of all that a state of the layers decides in a region; None = nothing there."""
    folder = structure_folder(world, JavaVersion("", int(read_level_dat(world).get("DataVersion", 0))))
    units = [unit for unit in layers.units if _region(unit) == region]
    if not units:
        return None
    parts = [_unit_blocks(folder, unit, combination(layers.switches, unit.switches, state), states) for unit in units]
    x, y, z = (np.concatenate([getattr(part, name) for part in parts]) for name in "xyz")
    return x, y, z, np.concatenate([part.ids for part in parts])


def _region(unit: Unit) -> tuple[int, int]:
    x, _, z = unit.pieces[0][0].at
    return x >> 9, z >> 9


def _free_name(world: Path) -> Path:
    stem = world.stem if world.is_file() else world.name
    return next(name for number in count(1) if not (name := world.with_name(f"{stem}-backup-{number}.zip")).exists())


@contextmanager
def editable_world(world: Path) -> Iterator[tuple[Path, Path]]:
    """(folder to change, backup that was made of it first) of a world folder, held so that no game opens it meanwhile, or of
    a zip, which is packed again at the end."""
    backup = _free_name(world)
    if world.is_dir():
        with opened_world(world) as folder, holding(folder):
            write_zip(folder, backup)
            yield folder, backup
        return
    with opened_world(world) as folder:
        shutil.copy2(world, backup)
        yield folder, backup
        partial = world.with_suffix(".partial")
        write_zip(folder, partial)
        os.replace(partial, world)


def toggle(world: Path, names: Sequence[str], show: bool, progress: Callable[[str, int, int], None]) -> Toggled:
    """Shows or hides layers of a saved world, backed up first; nothing is touched when there is nothing to do."""
    with opened_world(world) as folder:
        layers = read_world_layers(folder)
        state = changed_state(layers, names, show)
        if state == layers.state and not unfinished(layers):
            return Toggled(0, 0, 0, None)
    try:
        with editable_world(world) as (folder, backup):
            done = change_world(folder, read_world_layers(folder), state, progress)
    except zipfile.BadZipFile as error:
        raise WorldError(f"{world}: cannot be packed ({error})", hint="unpack it and name the folder") from error
    return Toggled(done.changed, done.strange, done.missing, backup)
