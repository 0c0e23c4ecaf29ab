"""Showing and hiding layers in worlds that exist, with the game closed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from mc_city.build.publishing import backup_name
from mc_city.build.staging import digest
from mc_city.build.zips import write_zip
from mc_city.saved.archives import opened_archive
from mc_city.saved.changing import changed_whole
from mc_city.saved.opening import opened_world
from mc_city.saved.own import require_own
from worlds.bedrock.level import is_bedrock
from worlds.errors import WorldError
from worlds.layers import (
    NO_UNIT,
    OBJECTIVE,
    UNIT_OBJECTIVE,
    Change,
    Layers,
    State,
    Switch,
    Unit,
    combination,
    read_layers,
    unit_changes,
)
from worlds.volume import BlockState


@dataclass(frozen=True)
class LayerState:
    """One option of a layer in a world: its id on the command line, its name, whether it is
    shown."""

    id: str
    name: str
    shown: bool


@dataclass(frozen=True)
class Toggled:
    """What a change came to. strange: blocks that somebody had built inside the difference, now
    overwritten; missing: blocks in chunks that the world no longer has; unfinished: places that
    have such blocks; shown: ids of the layers, or of their variants, that are shown now."""

    changed: int
    strange: int
    missing: int
    backup: Path | None
    unfinished: int = 0
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Editable:
    """A world to change. folder: where; begun: a folder for a Java world's scores to say in that
    the change has begun, None where nobody can see it half made; backup: of the world as it was."""

    folder: Path
    begun: Path | None
    backup: Path


def has_layers(world: Path) -> bool:
    return bool(read_layers(world)[0])


def read_world_layers(world: Path) -> Layers:
    """The layers of an unpacked world. WorldError when it has none."""
    switches, units = read_layers(world)
    if not switches:
        raise WorldError(
            f"{world}: has no layers", hint="build it with [plans] sources; see docs/plans.md"
        )
    scores = read_world_scores(world)
    state = tuple(
        min(max(scores.get((OBJECTIVE, f"#{switch.id}"), 0), 0), switch.states - 1)
        for switch in switches
    )
    standing = tuple(
        scores.get((UNIT_OBJECTIVE, f"#{number}"), NO_UNIT) for number in range(len(units))
    )
    return Layers(switches, units, state, standing)


def read_world_scores(world: Path) -> Mapping[tuple[str, str], int]:
    """The scores of an unpacked world of either edition."""
    if is_bedrock(world):
        from worlds.bedrock.scores import read_scores

        return read_scores(world)
    from worlds.java.scores import read_scores as read_java_scores

    return read_java_scores(world)


def _units(world: Path) -> Any:
    """What reads and changes the units of a world's edition: loaded for one that is asked for."""
    if is_bedrock(world):
        from worlds.bedrock import units

        return units
    from worlds.java import units as java_units

    return java_units


def option_ids(switch: Switch) -> list[str]:
    return [f"{switch.id}/{option}" if option else switch.id for option in switch.options]


def layer_states(layers: Layers) -> list[LayerState]:
    """One entry for each layer, or for each variant of it."""
    out = []
    for switch, state in zip(layers.switches, layers.state, strict=True):
        for number, (name, option) in enumerate(
            zip(option_ids(switch), switch.options, strict=True), start=1
        ):
            label = f"{switch.name} ({option})" if option else switch.name
            out.append(LayerState(name, label, state == number))
    return out


def _shown(layers: Layers, state: tuple[int, ...]) -> tuple[str, ...]:
    now = layer_states(replace(layers, state=state))
    return tuple(one.id for one in now if one.shown)


def unfinished(layers: Layers) -> int:
    """How many units do not stand as the state wants them: a switch was interrupted."""
    return len(unit_changes(layers, layers.state))


def changed_state(layers: Layers, names: Sequence[str], show: bool) -> tuple[int, ...]:
    """The state after showing or hiding these layers; no names: all of them. WorldError for a name
    that is none."""
    state = list(layers.state)
    known = {
        name: (index, number)
        for index, switch in enumerate(layers.switches)
        for number, name in enumerate(option_ids(switch), 1)
    }
    for index, switch in enumerate(layers.switches):
        known.setdefault(switch.id, (index, 0))
    for name in names or [switch.id for switch in layers.switches]:
        if name not in known:
            raise WorldError(
                f"no layer {name!r} in this world", hint=f"its layers: {', '.join(known)}"
            )
        index, number = known[name]
        if show:
            state[index] = number or state[index] or 1
        elif number in (0, state[index]):
            state[index] = 0
    return tuple(state)


def blocks_of_units(
    world: Path, wanted: Sequence[tuple[Unit, int]], states: dict[BlockState, int]
) -> list[Change]:
    """The blocks of some units, each with the number of a combination. states: what their ids mean,
    which grows."""
    blocks: list[Change] = _units(world).unit_states(world, wanted, states)
    return blocks


def blocks_of_state(
    world: Path, layers: Layers, state: State, states: dict[BlockState, int]
) -> dict[tuple[int, int], list[Change]]:
    """By region (x, z): all blocks that a state of the layers decides. states: what their ids mean,
    which grows."""
    wanted = [(unit, combination(layers.switches, unit.switches, state)) for unit in layers.units]
    found: dict[tuple[int, int], list[Change]] = {}
    for unit, change in zip(layers.units, blocks_of_units(world, wanted, states), strict=True):
        found.setdefault(unit.region, []).append(change)
    return found


def _replace(target: Path, write: Callable[[Path], object], same: Path | None = None) -> bool:
    """The file is there whole, or as it was; whether it was written: not when it would be another
    of a file that is the `same`."""
    partial = target.with_name(f"{target.name}.partial")
    try:
        write(partial)
        if (
            same is not None
            and same.is_file()
            and same.stat().st_size == partial.stat().st_size
            and digest(same) == digest(partial)
        ):
            return False
        with partial.open("r+b") as file:
            os.fsync(file.fileno())
        os.replace(partial, target)
        return True
    finally:
        partial.unlink(missing_ok=True)


def _back_up(world: Path, ending: str, write: Callable[[Path], object]) -> Path:
    """Keeps a world beside it, under the next free name; under the last one when that holds just
    this: a change that was killed had made it then. Returns the name."""
    whole = world.resolve()
    named = whole.with_name(whole.stem if whole.is_file() else whole.name)
    free = next(number for number in count(1) if not backup_name(named, number, ending).exists())
    last, backup = backup_name(named, free - 1, ending), backup_name(named, free, ending)
    return backup if _replace(backup, write, last) else last


@contextmanager
def _alone(archive: Path) -> Iterator[None]:
    """One change of an archive at a time."""
    name = hashlib.sha256(str(archive).encode()).hexdigest()[:16]
    lock = FileLock(Path(tempfile.gettempdir()) / f"mc-city-{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise WorldError(
            f"{archive} is being changed by another command", hint="wait for it"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def editable_world(world: Path) -> Iterator[Editable]:
    """A world folder, held so that no game opens it meanwhile, or a zip or .mcworld, which is
    packed again at the end: a zip as it was laid out, a .mcworld with the world at its root.
    Whatever happens, the world is as it was, or as it became, or the next command makes it so."""
    from worlds.bedrock.mcworld import write_mcworld

    if world.is_dir():
        with opened_world(world) as folder:
            require_own(folder)
            write, ending = (
                (write_mcworld, ".mcworld") if is_bedrock(folder) else (write_zip, ".zip")
            )
            with changed_whole(
                folder, lambda: _back_up(folder, ending, lambda partial: write(folder, partial))
            ) as (mirror, backup):
                yield Editable(mirror.folder, mirror.begun, backup)
        return
    # A link stays one: what it leads to is replaced.
    world = world.resolve()
    with _alone(world), opened_archive(world) as (root, folder):
        backup = _back_up(world, world.suffix, lambda partial: shutil.copyfile(world, partial))
        yield Editable(folder, None, backup)
        if world.suffix.lower() == ".mcworld":
            _replace(world, lambda partial: write_mcworld(folder, partial))
        else:
            _replace(world, lambda partial: write_zip(root, partial, inside=""))


def toggle(
    world: Path, names: Sequence[str], show: bool, progress: Callable[[str, int, int], None]
) -> Toggled:
    """Shows or hides layers of a saved world, backed up first; nothing is touched when there is
    nothing to do."""
    if world.is_file() and world.suffix.lower() == ".mctemplate":
        raise WorldError(
            f"{world}: a template stays as it was built",
            hint="change the .mcworld, or build with --show",
        )
    with opened_world(world) as folder:
        units = _units(folder)
        layers = read_world_layers(folder)
        state = changed_state(layers, names, show)
        if state == layers.state and not unfinished(layers):
            return Toggled(0, 0, 0, None, shown=_shown(layers, state))
        units.require_changeable(folder, layers, state)
    with editable_world(world) as held:
        layers = read_world_layers(held.folder)
        if held.begun is not None and not is_bedrock(held.folder):
            units.begin_change(held.begun, layers, state)
        done = units.change_units(held.folder, layers, state, progress)
    return Toggled(
        done.changed,
        done.strange,
        done.missing,
        held.backup,
        unfinished=done.unfinished,
        shown=_shown(layers, state),
    )
