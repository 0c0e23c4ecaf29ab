"""Two worlds that amulet-core has opened, compared in the words of Bedrock 1.21.0."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

OVERWORLD = "minecraft:overworld"
VERSION = (1, 21, 0)
HEIGHTS = slice(-64, 320)

Words = dict[Any, tuple[str, ...]]
"""What a block is called, with one name a layer, by the block as amulet has it."""


def bedrock_words(level: Any, chunk: Any, known: Words) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """(names by number, numbers (x, y, z) over the world's height) of a chunk."""
    translate = level.translation_manager.get_version("bedrock", VERSION).block.from_universal
    names = []
    for block in chunk.block_palette.blocks:
        if block not in known:
            layers = []
            for part in (block.base_block, *block.extra_blocks):
                found, _, _ = translate(part)
                properties = sorted(
                    (key, str(value.py_data)) for key, value in found.properties.items()
                )
                layers.append(f"{found.namespaced_name}{properties}")
            known[block] = tuple(layers)
        names.append(known[block])
    return names, np.asarray(chunk.blocks[:, HEIGHTS, :])


def compare_chunk(
    java: Any, bedrock: Any, place: tuple[int, int], known: Words
) -> Counter[tuple[tuple[str, ...], tuple[str, ...]]]:
    """How often which block stands in the Java world where which one stands in the Bedrock world,
    over one chunk."""
    theirs, ours = (level.get_chunk(*place, OVERWORLD) for level in (java, bedrock))
    names, cells = bedrock_words(java, theirs, known)
    our_names, our_cells = bedrock_words(bedrock, ours, known)
    times = np.bincount(cells.ravel().astype(np.int64) * len(our_names) + our_cells.ravel())
    found: Counter[tuple[tuple[str, ...], tuple[str, ...]]] = Counter()
    for pair in np.flatnonzero(times).tolist():
        found[names[pair // len(our_names)], our_names[pair % len(our_names)]] += int(times[pair])
    return found


def _plain(text: Any) -> str:
    return json.loads(text.py_str)["text"]


def _sign_lines(side: Any) -> list[str]:
    lines = (
        [_plain(line) for line in side["java_json"]]
        if "java_json" in side
        else side["bedrock_string"].py_str.split("\n")
    )
    return [*lines, "", "", ""][:4]


def _book(item: Any) -> tuple[str, str, list[str]]:
    if "components" in item:
        content = item["components"]["minecraft:written_book_content"]
        return (
            content["title"]["raw"].py_str,
            content["author"].py_str,
            [_plain(page["raw"]) for page in content["pages"]],
        )
    content = item["tag"]
    return (
        content["title"].py_str,
        content["author"].py_str,
        [page["text"].py_str for page in content["pages"]],
    )


def entity_words(level: Any, place: tuple[int, int]) -> dict[tuple[int, int, int], tuple[str, Any]]:
    """(kind, what is written or run) by place of a chunk's block entities that have such: signs,
    lecterns, command blocks; commands without Java's `mc_city:`. ValueError for two in one place.
    """
    readers: dict[str, Callable[[Any], Any]] = {
        "sign": lambda facts: [_sign_lines(facts[side]) for side in ("front_text", "back_text")],
        "lectern": lambda facts: _book(facts["Book"]),
        "command_block": lambda facts: facts["Command"].py_str.replace(
            "function mc_city:", "function "
        ),
    }
    found: dict[tuple[int, int, int], tuple[str, Any]] = {}
    for entity in level.get_chunk(*place, OVERWORLD).block_entities:
        kind, facts = entity.base_name, entity.nbt.compound["utags"]
        if kind not in readers:
            continue
        words = readers[kind](facts)
        if entity.location in found:
            raise ValueError(f"two block entities at {entity.location}")
        found[entity.location] = kind, words
    return found
