"""Words on signs of saved Java worlds: put back where a layer sets a sign again."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from isal import isal_zlib
from nbtlib import Byte, Compound, Int

from worlds.java.reader import chunk_places, inflate_chunk, read_region_file
from worlds.java.region import LEVEL
from worlds.java.saved import place_key, replace_chunks, with_entities
from worlds.java.spans import Nbt
from worlds.java.versions import JavaVersion, version_of

Place = tuple[int, int, int]


def _payload(at: Place, entity: Mapping[str, Any]) -> bytes:
    """A block entity at its place (x, y, z) as an entry of `block_entities`."""
    place = dict(zip("xyz", map(Int, at), strict=True))
    out = io.BytesIO()
    Compound({**entity, **place, "keepPacked": Byte(0)}).write(out)
    return out.getvalue()


def chunk_versions(
    path: Path, chunks: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], JavaVersion]:
    """The version that saved each of these chunks, (x, z) of the world, as far as a region file
    holds them: a game upgrades only those that somebody comes near."""
    data = read_region_file(path)
    offsets = {(x, z): offset for x, z, offset in chunk_places(path, data)}
    found = {}
    for place in chunks:
        inner = place[0] & 31, place[1] & 31
        if inner in offsets:
            nbt = Nbt(inflate_chunk(path, *place, data, offsets[inner]))
            root = nbt.root()
            number = nbt.number(root[b"DataVersion"]) if b"DataVersion" in root else 0
            found[place] = version_of(number)
    return found


def write_signs(path: Path, signs: Mapping[Place, Mapping[str, Any]]) -> None:
    """Puts block entities, without their places, into the chunks of a region file that hold their
    places; all else stays."""
    by_chunk: dict[tuple[int, int], dict[Place, Mapping[str, Any]]] = defaultdict(dict)
    for at, entity in signs.items():
        by_chunk[at[0] >> 4, at[2] >> 4][at] = entity
    if not by_chunk:
        return
    data = read_region_file(path)
    offsets = {(x, z): offset for x, z, offset in chunk_places(path, data)}
    rewritten = {}
    for place, mine in sorted(by_chunk.items()):
        inner = place[0] & 31, place[1] & 31
        if inner not in offsets:
            continue
        nbt = Nbt(inflate_chunk(path, *place, data, offsets[inner]))
        root = nbt.root()
        if b"block_entities" not in root:
            continue
        tag = root[b"block_entities"]
        keys = np.array([place_key(*at) for at in mine], np.int64)
        added = [_payload(at, entity) for at, entity in sorted(mine.items())]
        made = with_entities(nbt, tag, keys, added)
        rewritten[inner] = isal_zlib.compress(
            nbt.raw[: tag.start] + made + nbt.raw[tag.end :], LEVEL
        )
    replace_chunks(path, data, rewritten)
