"""`.mcstructure` files: boxes of which only some blocks are set, as `structure load` sets them.

A box has an index for every place, x outermost, z innermost, −1 where the world is to stay as it
is; a second such list holds what stands in the same place as a block: water, or air where such
water is to go away. Elsewhere it is −1, as in the game's own files: other readers (nucleation) let
air in the second list hide the block of the first.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbtlib
import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.entities import sign_entity
from worlds.bedrock.reader import read_state
from worlds.bedrock.region import compound_bytes
from worlds.bedrock.translate import BedrockTables
from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.fixtures import Sign
from worlds.layers import PIECE, Change
from worlds.nbt import parse_file

AIR_ENTRY = 0
UNTOUCHED = -1
MOST_BYTES = 8 << 20
"""Of a file: the indices of a full box take a megabyte."""
_LISTS = b"\x09\x0d\x00block_indices\x09" + struct.pack("<i", 2)


@dataclass(frozen=True)
class Structure:
    """Blocks of a structure file. size: its box (x, y, z); x, y, z: (n,) int32 within it; palette:
    Bedrock states as unnamed little-endian compounds, as `BedrockTables.entries` holds them; first,
    second: (n,) int32, indices into the palette of the block and of what stands in the same place,
    −1 where the file leaves that alone; entities: by number of the block its block entity, without
    its place."""

    size: tuple[int, int, int]
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    palette: tuple[bytes, ...]
    first: NDArray[np.int32]
    second: NDArray[np.int32]
    entities: Mapping[int, bytes]


def _name(text: str) -> bytes:
    data = text.encode("utf-8")
    return struct.pack("<H", len(data)) + data


def _int_list(name: str, values: tuple[int, ...]) -> bytes:
    return (
        b"\x09" + _name(name) + b"\x03" + struct.pack(f"<{1 + len(values)}i", len(values), *values)
    )


def _position_data(
    places: NDArray[np.int64],
    corner: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
    ids: NDArray[np.uint16],
    tables: BedrockTables,
    signs: Mapping[int, Sign],
) -> bytes:
    """The block entities without which beds have no colour, pots no flower and signs no words, by
    place. corner: x, y, z from the box's lowest corner."""
    entities = {
        number: tables.block_entities[int(ids[number])]
        for number in np.flatnonzero(np.isin(ids, list(tables.block_entities))).tolist()
    }
    entities |= {number: sign_entity(sign) for number, sign in signs.items()}
    out = b""
    for number in sorted(entities):
        place = zip("xyz", (nbtlib.Int(int(axis[number])) for axis in corner), strict=True)
        entity = compound_bytes({**entities[number], **dict(place)})[3:]
        out += (
            b"\x0a"
            + _name(str(int(places[number])))
            + b"\x0a"
            + _name("block_entity_data")
            + entity
            + b"\x00"
        )
    return out + b"\x00"


def encode_mcstructure(
    x: NDArray[np.int32],
    y: NDArray[np.int32],
    z: NDArray[np.int32],
    ids: NDArray[np.uint16],
    tables: BedrockTables,
    soaked: NDArray[np.bool_] | None = None,
    signs: Mapping[int, Sign] | None = None,
) -> bytes:
    """The bytes of a structure file.

    x, y, z: (n,) int32 from the box's lowest corner; ids: (n,) uint16 into the tables' Java states;
    soaked: (n,) bool, where water may stand in the same place that is to go away; signs: by number
    of a block what is written on it. ValueError when it is empty, larger than PIECE blocks, or
    names a place twice.
    """
    if (
        not len(x)
        or min(int(axis.min()) for axis in (x, y, z)) < 0
        or max(int(axis.max()) for axis in (x, y, z)) >= PIECE
    ):
        raise ValueError(f"a structure holds 1 to {PIECE} blocks along each side")
    size = int(x.max()) + 1, int(y.max()) + 1, int(z.max()) + 1
    places = (x.astype(np.int64) * size[1] + y) * size[2] + z
    entries, wet = tables.entry_of[ids], tables.wet[ids]
    dries = np.zeros(len(ids), bool) if soaked is None else soaked & ~wet
    second = np.where(wet, tables.water, AIR_ENTRY)[wet | dries]
    used, local = np.unique(np.concatenate([entries, second]), return_inverse=True)
    layers = np.full((2, size[0] * size[1] * size[2]), UNTOUCHED, "<i4")
    layers[0, places] = local[: len(entries)]
    if int((layers[0] >= 0).sum()) != len(places):
        raise ValueError("a structure names a place twice")
    layers[1, places[wet | dries]] = local[len(entries) :]
    whole, starts = tables.entries.tobytes(), tables.starts
    palette = b"".join(
        whole[starts[entry] + 3 : starts[entry + 1]] for entry in used.astype(np.int64).tolist()
    )
    count = struct.pack("<i", layers.shape[1])
    data: bytes = (
        b"\x0a\x00\x00"
        + b"\x03"
        + _name("format_version")
        + struct.pack("<i", 1)
        + _int_list("size", size)
        + b"\x0a"
        + _name("structure")
        + _LISTS
        + b"\x03"
        + count
        + layers[0].tobytes()
        + b"\x03"
        + count
        + layers[1].tobytes()
        + b"\x09"
        + _name("entities")
        + b"\x0a"
        + struct.pack("<i", 0)
        + b"\x0a"
        + _name("palette")
        + b"\x0a"
        + _name("default")
        + b"\x09"
        + _name("block_palette")
        + b"\x0a"
        + struct.pack("<i", len(used))
        + palette
        + b"\x0a"
        + _name("block_position_data")
        + _position_data(places, (x, y, z), ids, tables, signs or {})
        + b"\x00\x00\x00"
        + _int_list("structure_world_origin", (0, 0, 0))
        + b"\x00"
    )
    return data


def write_structure(
    path: Path, change: Change, tables: BedrockTables, soaked: NDArray[np.bool_] | None = None
) -> int:
    """Writes the blocks of a piece, its corner at their lowest, and the file's folders; returns its
    size in bytes."""
    x, y, z = (axis - axis.min() for axis in (change.x, change.y, change.z))
    data = encode_mcstructure(
        x, y, z, ids=change.ids, tables=tables, soaked=soaked, signs=change.signs
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return len(data)


def _keys(change: Change) -> NDArray[np.int64]:
    return (
        (change.x.astype(np.int64) + (1 << 25) << 38)
        | (change.z.astype(np.int64) + (1 << 25) << 12)
        | (change.y + 2048)
    )


def soaked_places(changes: Sequence[Change], tables: BedrockTables) -> list[NDArray[np.bool_]]:
    """For each of the pieces that can stand in one place, (n,) bool: where one of them has water in
    the place of a block."""
    wet = [_keys(change)[tables.wet[change.ids]] for change in changes]
    places = np.unique(np.concatenate(wet)) if wet else np.zeros(0, np.int64)
    return [np.isin(_keys(change), places) for change in changes]


def _read_entities(data: Mapping[str, Any], places: NDArray[np.int64]) -> dict[int, bytes]:
    """The block entities of a structure as unnamed little-endian compounds; without x, y, z, equal
    ones are equal."""
    found = {}
    for place, held in data.items():
        number = int(np.searchsorted(places, int(place)))
        if "block_entity_data" in held and number < len(places) and places[number] == int(place):
            found[number] = compound_bytes(
                {
                    name: tag
                    for name, tag in held["block_entity_data"].items()
                    if name not in ("x", "y", "z")
                }
            )
    return found


def decode_mcstructure(data: bytes) -> Structure:
    """A structure file read back, ours or the game's. ValueError, KeyError or struct.error when it
    is none."""
    start = data.find(_LISTS)
    if start < 0:
        raise ValueError("no block indices")
    layers, at = [], start + len(_LISTS)
    for _ in range(2):
        tag, count = struct.unpack_from("<bi", data, at)
        if (tag != 3 and count) or count < 0:
            raise ValueError("block indices are not numbers")
        layers.append(np.frombuffer(data, "<i4", count, at + 5))
        at += 5 + 4 * count
    # The rest is small once the indices are out of it.
    rest = parse_file(data[:start] + data[at:], little=True)
    size = tuple(int(side) for side in rest["size"])
    if (
        len(size) != 3
        or not all(1 <= side <= PIECE for side in size)
        or len(layers[0]) != size[0] * size[1] * size[2]
        or len(layers[1]) != len(layers[0])
    ):
        raise ValueError(f"{len(layers[0])} and {len(layers[1])} block indices in a box of {size}")
    if len(rest["structure_world_origin"]) != 3:
        raise ValueError("cut off")
    default = rest["structure"]["palette"]["default"]
    palette = tuple(compound_bytes(entry) for entry in default["block_palette"])
    for entry in palette:
        read_state(entry)
    places = np.flatnonzero((layers[0] >= 0) | (layers[1] >= 0))
    first, second = layers[0][places].astype(np.int32), layers[1][places].astype(np.int32)
    if max(int(first.max(initial=-1)), int(second.max(initial=-1))) >= len(palette):
        raise ValueError("a block index beyond the palette")
    x, y, z = (axis.astype(np.int32) for axis in np.unravel_index(places, size))
    entities = _read_entities(default.get("block_position_data", {}), places)
    return Structure(
        size=(size[0], size[1], size[2]),
        x=x,
        y=y,
        z=z,
        palette=palette,
        first=first,
        second=second,
        entities=entities,
    )


def read_mcstructure(path: Path) -> Structure:
    """WorldError when the file is missing or damaged."""
    try:
        return decode_mcstructure(read_file(path, MOST_BYTES))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        struct.error,
    ) as error:
        raise WorldError(
            f"{path}: not a readable structure ({error})",
            hint="take the world again from its zip or a backup",
        ) from error
