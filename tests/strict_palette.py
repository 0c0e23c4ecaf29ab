"""Whether a block state exists in the version written, with exactly its properties: PyMCTranslate's
tables, which we did not write."""

from __future__ import annotations

from functools import cache, lru_cache

import PyMCTranslate

from worlds.volume import BlockState


@cache
def translations() -> PyMCTranslate.TranslationManager:
    """The tables of all versions, each read when it is asked for first."""
    return PyMCTranslate.new_translation_manager()


def tables_of(numbers: tuple[int, ...]):
    """The blocks of a version of Java."""
    return translations().get_version("java", numbers).block


@lru_cache(maxsize=1 << 16)
def fault_of(state: BlockState, numbers: tuple[int, ...] = (1, 21, 4)) -> str | None:
    """What is wrong with a state, or None. The tables know no `waterlogged`, and we write none."""
    space, _, name = state.name.partition(":")
    tables = tables_of(numbers)
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
