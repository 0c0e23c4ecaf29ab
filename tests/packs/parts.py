"""What commands are made of: names, selectors, positions, numbers, texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import dist, floor
from typing import TYPE_CHECKING, Any

from tests.packs.blocks import Position
from tests.packs.mecha_check import Node

if TYPE_CHECKING:
    from tests.packs.executor import World


class UnknownCommandError(Exception):
    """A command, or a form of one, that the executor does not know."""


@dataclass(frozen=True)
class Source:
    """Who runs a command (None: the server) and where."""

    executor: str | None
    at: tuple[float, float, float]


def location(node: Node) -> str:
    """`town:show`; `#town:all` for a tag."""
    return f"{'#' if node['is_tag'] else ''}{node['namespace'] or 'minecraft'}:{node['path']}"


def entities(node: Node, source: Source, world: World) -> list[str]:
    """The players that a selector or a name means, @p the nearest of them."""
    if node["type"] == "PlayerName":
        return [node["value"]] if node["value"] in world.players else []
    if node["type"] != "Selector":
        raise UnknownCommandError(f"targets {node['type']}")
    if node["variable"] == "s":
        everybody = [] if source.executor is None else [source.executor]
    else:
        everybody = list(world.players)
    filters = node.get("arguments", ())
    found = [
        name
        for name in everybody
        if all(_lets_through(one, name, source, world) for one in filters)
        and _in_box(filters, name, source, world)
    ]
    if node["variable"] == "p":
        found.sort(key=lambda name: dist(world.place_of(name), source.at))
    return found if node["variable"] in "aes" else found[:1]


WIDE, TALL = 0.6, 1.8
"""Of a player."""


def _in_box(filters: Any, name: str, source: Source, world: World) -> bool:
    """Whether a player's body reaches into the blocks that dx, dy and dz mean, if some do."""
    given = {
        one["key"]["value"]: one["value"]["value"]
        for one in filters
        if one["key"]["value"] in ("x", "y", "z", "dx", "dy", "dz")
    }
    if not given.keys() & {"dx", "dy", "dz"}:
        return True
    inside = []
    for axis, here, at in zip("xyz", source.at, world.place_of(name), strict=True):
        low = given.get(axis, here)
        first, last = (at, at + TALL) if axis == "y" else (at - WIDE / 2, at + WIDE / 2)
        inside.append(last > low and first < low + given.get(f"d{axis}", 0) + 1)
    return all(inside)


def _lets_through(one: Node, name: str, source: Source, world: World) -> bool:
    """Whether a filter of a selector, in brackets, lets a player through; those that are not known
    let everybody through."""
    key, value = one["key"]["value"], one["value"]
    if key == "distance":
        away = dist(world.place_of(name), source.at)
        low, high = value["min"], value["max"]
        return (low is None or away >= low) and (high is None or away <= high)
    if key == "tag":
        holds = value["value"] in world.tags.get(name, ())
    elif key == "gamemode":
        holds = value["value"] == world.mode_of(name)
    else:
        return True
    return holds != one["inverted"]


def holders(node: Node, source: Source, world: World) -> list[str]:
    """The holders of scores that a name, `*` or a selector means."""
    if node["type"] == "PlayerName":
        return [node["value"]]
    if node["type"] == "Wildcard":
        return sorted({holder for _, holder in world.scores})
    return entities(node, source, world)


def one_holder(node: Node, source: Source, world: World) -> str:
    found = holders(node, source, world)
    return found[0] if len(found) == 1 else ""


def position(node: Node, source: Source) -> tuple[float, float, float]:
    values = []
    for axis, here in zip("xyz", source.at, strict=True):
        coordinate = node[axis]
        if coordinate["kind"] == "local":
            raise UnknownCommandError("^ coordinates")
        values.append(coordinate["value"] + (here if coordinate["kind"] == "relative" else 0))
    return values[0], values[1], values[2]


def block_position(node: Node, source: Source) -> Position:
    return floored(position(node, source))


def column(node: Node, source: Source) -> tuple[int, int]:
    """mecha calls the axes of a column x and y."""
    values = [
        node[axis]["value"] + (here if node[axis]["kind"] == "relative" else 0)
        for axis, here in zip("xy", source.at[::2], strict=True)
    ]
    return floor(values[0]), floor(values[1])


def chunk_of(x: int, _: int, z: int) -> tuple[int, int]:
    return x >> 4, z >> 4


def chunks_between(one: tuple[int, int], two: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The chunks of all columns between two corners (x, z), both included."""
    spans = [range(min(a, b) >> 4, (max(a, b) >> 4) + 1) for a, b in zip(one, two, strict=True)]
    return ((x, z) for x in spans[0] for z in spans[1])


def whole(value: int) -> int:
    """32 bits, as the game counts."""
    return (value + 0x80000000 & 0xFFFFFFFF) - 0x80000000


def plain(node: Node, world: World) -> Any:
    """A text component, or any value, as Python's; scores in it are looked up now."""
    if "entries" in node:
        found = {entry["key"]["value"]: plain(entry["value"], world) for entry in node["entries"]}
        if isinstance(score := found.get("score"), dict):
            found["text"] = str(world.scores.get((score["objective"], score["name"]), ""))
        return found
    if "elements" in node:
        return [plain(element, world) for element in node["elements"]]
    return node["value"]


def words(text: object) -> str:
    """The words of a text component, its formatting left out."""
    if isinstance(text, dict):
        return str(text.get("text", text.get("translate", ""))) + words(text.get("extra", []))
    return (
        "".join(map(words, text)) if isinstance(text, list) else "" if text is None else str(text)
    )


def floored(at: tuple[float, float, float]) -> Position:
    return floor(at[0]), floor(at[1]), floor(at[2])
