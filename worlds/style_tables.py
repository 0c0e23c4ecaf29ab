"""Style tables: read from TOML, laid over the shipped one, and held against its shape."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from worlds.errors import ConfigError
from worlds.materials import Materials
from worlds.notes import read_toml
from worlds.shipped import SHIPPED
from worlds.style_kinds import facing_north, own_blocks, wrong_kind

STYLES = SHIPPED / "configs" / "styles.toml"
HINT = "compare it with configs/styles.toml"
OPEN_TABLES = (
    "colours.walls", "colours.roofs", "materials.walls", "materials.roofs", "models.blocks",
    "models.glass",
)  # fmt: skip
"""Tables whose keys are the user's: blocks and words."""
LOT_LISTS = ("tops", "edges", "unders", "slabs", "plants", "looks", "wall")
"""Lists that are drawn from by lot, and may be of any length; others have one entry for each
thing."""


def read_materials(path: Path) -> Materials:
    """The style table of a file; what it leaves out is as in the shipped one. ConfigError where it
    says what the shipped one has no place for."""
    try:
        own, base = read_toml(path), read_toml(STYLES)
    except (OSError, ValueError) as error:
        raise ConfigError(f"style table: {error} ({path})", hint=HINT) from error
    for mistake, hint in _mistakes(base, own, ""):
        raise ConfigError(f"style {mistake} ({path})", hint=hint)
    materials = Materials(merged(base, own), path)
    if own != base:
        _require_kinds(Materials(base, STYLES), materials, own)
    return materials


def _require_kinds(shipped: Materials, materials: Materials, own: Mapping[str, Any]) -> None:
    """ConfigError for a block that cannot stand where a user's table names it."""
    for kind, (place, text), like in own_blocks(shipped, own):
        state = materials.state(facing_north(text), place)
        wrong = wrong_kind(kind, state, place, shipped.state(facing_north(like), place))
        if wrong:
            raise ConfigError(
                f"style {place}: {wrong} ({materials.path})",
                hint=f"choose a block like {like!r}",
            )


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of `base` with what `own` says instead, table by table, key by key; lists and
    values replace."""
    out = dict(base)
    for key, value in own.items():
        before = out.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            out[key] = merged(before, value)
        else:
            out[key] = value
    return out


def _mistakes(
    base: Mapping[str, Any], own: Mapping[str, Any], place: str
) -> Iterator[tuple[str, str]]:
    """(what is wrong, what to do) of a table that lies at a place of the whole."""
    for key, value in own.items():
        name = f"{place}.{key}" if place else key
        if place in OPEN_TABLES:
            if not isinstance(value, str):
                yield f"{name}: a text in quotes is wanted, not {value!r}", HINT
            continue
        if key not in base:
            near = difflib.get_close_matches(key, base, 1, 0.5)
            known = ", ".join(list(base)[:12])
            yield (
                f"{name}: there is no such key",
                f"did you mean {near[0]!r}?" if near else f"known here: {known}",
            )
        else:
            yield from _mistakes_of_value(base[key], value, name)


def _mistakes_of_value(base: Any, own: Any, name: str) -> Iterator[tuple[str, str]]:
    if _kind(base) != _kind(own):
        yield f"{name}: {_kind(base)} is wanted, not {own!r}", HINT
    elif isinstance(base, Mapping):
        rows = list(base.values())
        alike = "." not in name and rows and all(isinstance(row, Mapping) for row in rows)
        # Tables that stand side by side know the same keys.
        shape = {key: {**_together(rows), **base[key]} for key in base} if alike else base
        yield from _mistakes(shape, own, name)
    elif isinstance(base, Sequence) and not isinstance(base, str):
        yield from _mistakes_of_list(base, own, name)


def _together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for row in rows for key, value in row.items()}


def _mistakes_of_list(base: Sequence[Any], own: Any, name: str) -> Iterator[tuple[str, str]]:
    if name.rpartition(".")[2] in LOT_LISTS:
        if not own:
            yield f"{name}: the list is empty", HINT
    elif len(own) != len(base):
        yield f"{name}: {len(base)} entries are wanted, not {len(own)}", HINT
    for number, value in enumerate(own):
        if _kind(value) != _kind(base[0]):
            yield f"{name}.{number}: {_kind(base[0])} is wanted, not {value!r}", HINT


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a text in quotes"
    if isinstance(value, (int, float)):
        return "a number"
    return "a table" if isinstance(value, Mapping) else "a list in [brackets]"
