"""Whether a block state exists in the version written, with exactly its properties: PyMCTranslate's
tables, which we did not write."""

from __future__ import annotations

from functools import lru_cache

import PyMCTranslate

from worlds.volume import BlockState


@lru_cache(maxsize=1)
def _tables(numbers: tuple[int, ...]):
    return PyMCTranslate.new_translation_manager().get_version("java", numbers).block


def fault_of(state: BlockState, numbers: tuple[int, ...] = (1, 21, 4)) -> str | None:
    """What is wrong with a state, or None. The tables know no `waterlogged`, and we write none."""
    space, _, name = state.name.partition(":")
    tables = _tables(numbers)
    if name not in tables.base_names(space):
        return f"{state}: no such block"
    known = tables.get_specification(space, name).valid_properties
    properties = dict(state.properties)
    if set(properties) != set(known):
        return f"{state}: properties {sorted(properties)}, should be {sorted(known)}"
    for key, value in properties.items():
        if value not in {tag.py_str for tag in known[key]}:
            return f"{state}: {key} cannot be {value}"
    return None
