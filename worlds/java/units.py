"""The units of saved Java worlds: read from the data pack's structures, and put into the region
files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from worlds.errors import WorldError
from worlds.java.datapack import structure_folder
from worlds.java.dimension import read_levels
from worlds.java.layout import BY_DIMENSION, Layout, find_layout, layout_of
from worlds.java.level import data_version, read_level
from worlds.java.saved import change_region, chunks_of, relight_region
from worlds.java.saved_signs import write_signs
from worlds.java.scores import write_scores
from worlds.java.structures import read_template
from worlds.java.versions import NEWEST, VERSIONS, version_of
from worlds.layers import (
    LEVELS,
    NO_UNIT,
    OBJECTIVE,
    UNIT_OBJECTIVE,
    Change,
    Changed,
    Layers,
    State,
    Unit,
    UnitChange,
    beside,
    laid_over,
    read_changes,
    require_inside,
    unit_changes,
    units_in,
)
from worlds.quoting import plain
from worlds.volume import AIR, BlockState, Palette


def structures_of(world: Path) -> Path:
    """Where a saved world's data pack keeps its structures: that depends on the version that it was
    made for, and the world may have been saved by a newer one since."""
    folders = {structure_folder(world, version) for version in VERSIONS.values()}
    found = [folder for folder in folders if folder.is_dir()]
    return found[0] if len(found) == 1 else structure_folder(world, version_of(data_version(world)))


def levels_of(structures: Path) -> tuple[int, int]:
    """The lowest and the highest level of the world in whose data pack a folder of structures
    lies."""
    return read_levels(structures.parents[2])


def read_unit(
    folder: Path,
    unit: Unit,
    number: int,
    states: dict[BlockState, int],
    levels: tuple[int, int] = LEVELS,
    written: dict[tuple[int, int, int], Mapping[str, Any]] | None = None,
) -> Change:
    """What a combination of a unit sets, each place once, in the order of (y, z, x). folder: of the
    structures; states: what the ids mean, which grows; levels: of the world; written: block
    entities by place, which grows. WorldError when a structure is missing or damaged."""
    parts = []
    for piece in unit.pieces[number]:
        path = folder / f"{piece.name}.nbt"
        template = read_template(path)
        if len(states) + len(template.states) > 0xFFFF:
            raise WorldError(
                f"{path}: too many different states",
                hint="take the world again from its zip or a backup",
            )
        local = np.array(
            [states.setdefault(state, len(states)) for state in template.states], np.uint16
        )
        west, low, north = piece.at
        found = Change(template.x + west, template.y + low, template.z + north, local[template.ids])
        parts.append(require_inside(path, unit, piece, found, levels))
        if written is not None:
            written |= {
                (int(found.x[number]), int(found.y[number]), int(found.z[number])): entity
                for number, entity in template.entities.items()
            }
    return laid_over(parts)


def unit_states(
    world: Path, units: Sequence[tuple[Unit, int]], states: dict[BlockState, int]
) -> list[Change]:
    """The blocks of some units, each with the number of a combination; states: what their ids mean,
    which grows."""
    folder = structures_of(world)
    levels = levels_of(folder)
    return [read_unit(folder, unit, number, states, levels) for unit, number in units]


def require_writable(world: Path, layout: Layout) -> None:
    """WorldError for a world that may be read only: a newer game than we know saved it, or the game
    does not look where its files lie."""
    level = read_level(world)
    saved = f"{plain(level.version) or 'a game'} (DataVersion {level.data_version})"
    if level.data_version > NEWEST.data_version:
        raise WorldError(
            f"{world.name}: was saved by {saved}, newer than {NEWEST.name} "
            f"({NEWEST.data_version}), the newest that can be written",
            hint="switch its layers in the game, or take a newer mc-city; info, map, layers list "
            "and pack read it",
        )
    if level.data_version >= BY_DIMENSION and not layout.by_dimension:
        there, wanted = layout.within(layout.region), layout_of(world, level.data_version)
        raise WorldError(
            f"{world.name}: was saved by {saved}, which reads {wanted.within(wanted.region)}, and "
            f"has its regions in {there}",
            hint="take the world again from its zip or a backup, or copy it whole from where it "
            "is played",
        )


def require_changeable(world: Path, layers: Layers, state: State) -> None:
    """WorldError when what a state changes is not there to be changed, or may not be written.
    Nothing is written."""
    layout = find_layout(world)
    require_writable(world, layout)
    changes = unit_changes(layers, state)
    there = {
        region: chunks_of(layout.region_file(*region))
        for region in sorted({change.unit.region for change in changes})
    }
    gone = [
        layout.within(layout.region_file(*region)) for region, chunks in there.items() if not chunks
    ]
    hint = "take the world again from its zip or a backup"
    if gone:
        raise WorldError(
            f"{world.name}: {len(gone)} of {len(there)} regions of these layers are missing or "
            f"empty, as {gone[0]}",
            hint=hint,
        )
    if changes and not units_in(changes, set().union(*there.values())):
        raise WorldError(
            f"{world.name}: has none of the chunks that these layers change ({len(changes)} "
            f"places)",
            hint=hint,
        )


def begin_change(world: Path, layers: Layers, state: State) -> list[UnitChange]:
    """Says in a world's scores which state is wanted, and that the units that are not so are being
    changed; returns these."""
    changes = unit_changes(layers, state)
    kept = {
        (OBJECTIVE, f"#{switch.id}"): value
        for switch, value in zip(layers.switches, state, strict=True)
    }
    write_scores(
        world, {**kept, **{(UNIT_OBJECTIVE, f"#{change.number}"): NO_UNIT for change in changes}}
    )
    return changes


def change_units(
    world: Path, layers: Layers, state: State, progress: Callable[[str, int, int], None]
) -> Changed:
    """Makes an unpacked world stand in `state`, region after region. The scores say that units are
    being changed before the first block is, so that an interrupted change is finished by the game
    or by the next call; they still say so at the end of units that lack a chunk, which only the
    game can make. Errors as `require_changeable`."""
    require_changeable(world, layers, state)
    layout, folder, changes = (
        find_layout(world),
        structures_of(world),
        begin_change(world, layers, state),
    )
    levels = levels_of(folder)
    by_region: dict[tuple[int, int], list[UnitChange]] = defaultdict(list)
    for change in changes:
        by_region[change.unit.region].append(change)
    changed = strange = missing = 0
    relit: set[tuple[int, int]] = set()
    unfinished: set[int] = set()
    for done, (region, here) in enumerate(sorted(by_region.items()), start=1):
        states: dict[BlockState, int] = {AIR: 0}
        written: dict[tuple[int, int, int], Mapping[str, Any]] = {}
        # What is written belongs to what is wanted: another combination may say something else.
        sought = {id(change.unit): change.wanted for change in here}

        def read(
            unit: Unit,
            number: int,
            sought: Mapping[int, int] = sought,
            states: dict[BlockState, int] = states,
            written: dict[tuple[int, int, int], Mapping[str, Any]] = written,
        ) -> Change:
            kept = written if sought[id(unit)] == number else None
            return read_unit(folder, unit, number, states, levels=levels, written=kept)

        wanted = read_changes(here, read)
        new = wanted.blocks
        facts = change_region(
            layout.region_file(*region),
            new.x,
            new.y,
            z=new.z,
            ids=new.ids,
            palette=Palette(tuple(states)),
            expected=wanted.stood,
            levels=levels,
        )
        write_signs(layout.region_file(*region), written)
        changed, strange, missing = (
            changed + facts.changed,
            strange + facts.strange,
            missing + facts.missing,
        )
        relit |= beside(facts.chunks)
        unfinished |= wanted.lacking(facts.missing_chunks)
        progress("layers", done, len(by_region))
    for region in sorted({(x >> 5, z >> 5) for x, z in relit}):
        path = layout.region_file(*region)
        if path.exists():
            relight_region(
                path, [chunk for chunk in sorted(relit) if (chunk[0] >> 5, chunk[1] >> 5) == region]
            )
    if changes and not changed and len(unfinished) == len(changes):
        raise WorldError(
            f"{world.name}: nothing could be changed, all {len(changes)} places lie in chunks "
            f"that this world does not have",
            hint="open the world in the game, which makes them, or take it again from its zip or "
            "a backup",
        )
    write_scores(
        world,
        {
            (UNIT_OBJECTIVE, f"#{change.number}"): change.wanted
            for change in changes
            if change.number not in unfinished
        },
    )
    return Changed(changed, strange, missing, len(unfinished))
