"""Materials: which blocks the parts of a city are made of, as the style table names them.

A material is called by its way through the table: `lamps.pole`, `bridges.road.surface`, and
`jetties.hulls.2` for one of a list. A value is a block (`lantern`, `oak_log[axis=x]`: properties
that it leaves out are as by default), a list of blocks, or a family, the part that names of stairs,
slabs, planks … have in common (`spruce`). Whatever is asked for must be a block of the game.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from worlds.block_names import is_known, nearest_name
from worlds.default_states import completed, default_properties
from worlds.errors import ConfigError
from worlds.state_values import property_values
from worlds.volume import BlockState

WATER = BlockState.parse("water[level=0]")
BEDROCK = BlockState.parse("bedrock")
RAIL = BlockState.parse("rail[shape=north_south,waterlogged=false]")
COMMAND = BlockState.parse("command_block[conditional=false]")
"""What no style changes."""
_NAMED = re.compile(r"<([a-z0-9_.]+)>")


@dataclass(frozen=True, eq=False)
class Materials:
    """The table of a style, whole, see worlds.style_tables. path: the file, for what is said of
    mistakes."""

    table: Mapping[str, Any]
    path: Path

    def __repr__(self) -> str:
        return f"Materials({self.path.name}: {', '.join(self.table)})"

    def value(self, name: str) -> Any:
        """What stands under a name; KeyError where there is nothing, which is a bug of ours."""
        found: Any = self.table
        for part in name.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found

    def text(self, name: str) -> str:
        """The name of a block or family, as it stands in the table."""
        found = self.value(name)
        if not isinstance(found, str):
            raise ConfigError(
                f"style {name}: a name in quotes is wanted here, not {found!r} ({self.path})",
                hint="compare it with configs/styles.toml",
            )
        return found

    def block(self, name: str, *needs: str) -> BlockState:
        """The block under a name. needs: properties that it must have for what is made of it."""
        state = self.state(self.text(name), name)
        lacking = [need for need in needs if need not in dict(state.properties)]
        if lacking:
            raise ConfigError(
                f"style {name}: {self.text(name)} has no {lacking[0]} ({self.path})",
                hint="choose a block of the same kind as the one in configs/styles.toml",
            )
        return state

    def blocks(self, name: str) -> tuple[BlockState, ...]:
        found = self.value(name)
        return tuple(self.block(f"{name}.{number}") for number in range(len(found)))

    def filled(self, text: str) -> str:
        """The text of a state with each `<name>` replaced by what the table says:
        `<jetties.trims.0>_slab[type=bottom]`."""
        return _NAMED.sub(lambda found: self.text(found[1]), text)

    def made(self, text: str) -> BlockState:
        """The state of a text with `<name>` in it."""
        return self.state(self.filled(text), ", ".join(_NAMED.findall(text)))

    def state(self, text: str, name: str) -> BlockState:
        """The state that a text from the table means; name: where it stands there."""
        found = _understood(text)
        return self._mistaken(text, name) if found is None else found

    def _mistaken(self, text: str, name: str) -> NoReturn:
        """ConfigError with what is wrong with a text that means no state."""
        try:
            state = BlockState.parse(text)
        except ValueError as error:
            raise ConfigError(
                f"style {name}: {error} ({self.path})",
                hint='write a block as in "oak_log[axis=x]", properties only where they matter',
            ) from error
        if not is_known(state.name):
            near = nearest_name(state.name)
            raise ConfigError(
                f"style {name}: there is no block {state.name.removeprefix('minecraft:')!r} "
                f"({self.path})",
                hint=f"did you mean {near!r}?" if near else "names are those of Minecraft Java",
            )
        block = state.name.removeprefix("minecraft:")
        for key, value in state.properties:
            possible = property_values(block, key)
            if not possible:
                known = ", ".join(key for key, _ in default_properties(state.name))
                raise ConfigError(
                    f"style {name}: {block} has no property {key!r} ({self.path})",
                    hint=f"it has {known or 'none'}",
                )
            if value not in possible:
                raise ConfigError(
                    f"style {name}: {key} of {block} is never {value!r} ({self.path})",
                    hint=f"it is one of {', '.join(possible)}",
                )
        raise AssertionError(f"{text} means a state")


@lru_cache(maxsize=8192)
def _understood(text: str) -> BlockState | None:
    """The state that a text means, with all its properties; None where there is no such state."""
    try:
        state = BlockState.parse(text)
    except ValueError:
        return None
    block = state.name.removeprefix("minecraft:")
    if not is_known(state.name) or any(
        value not in property_values(block, key) for key, value in state.properties
    ):
        return None
    return completed(state.name, (*_kept_by_hand(state), *state.properties))


def _kept_by_hand(state: BlockState) -> tuple[tuple[str, str], ...]:
    """What a block gets that a player sets: leaves do not wither far from a trunk."""
    return (("persistent", "true"),) if state.name.endswith("_leaves") else ()


def full_block(family: str) -> str:
    """The name of a family's full block: `bricks` of `brick`, `oak_planks` of `oak`, `quartz_block`
    of `quartz`."""
    names = (f"{family}s", f"{family}_planks", f"{family}_block")
    return next((name for name in names if is_known(name)), family)
