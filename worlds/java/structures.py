"""Structure templates: boxes of which only some blocks are listed, as the game's `/place template`
sets them."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbtlib
import numpy as np
from isal import igzip
from numpy.typing import NDArray

from worlds.bounded import gunzip, read_file
from worlds.errors import WorldError
from worlds.java.palettes import nbt_text, own_state, state_bytes
from worlds.java.reader import state_of_tag
from worlds.java.versions import JavaVersion
from worlds.nbt import parse_file
from worlds.volume import BlockState

RECORD = np.dtype([
    ("state_tag", "V8"), ("state", ">i4"), ("pos_tag", "V11"), ("x", ">i4"), ("y", ">i4"), ("z",
    ">i4"), ("end", "V1"),
])  # fmt: skip
"""One entry of `blocks`, in the order of keys in which we write them."""
STATE_TAG = b"\x03" + nbt_text("state")
POS_TAG = b"\x09" + nbt_text("pos") + b"\x03" + struct.pack(">i", 3)
LARGEST = 48
MOST_BYTES = 16 << 20
"""Of a file, and of what it inflates to: a full box has a quarter of that."""


@dataclass(frozen=True)
class Template:
    """x, y, z: (n,) int32 within the box; states: what is used; ids: (n,) int, indices into states;
    entities: by number of the block its block entity, without its place."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    states: tuple[BlockState, ...]
    ids: NDArray[np.int64]
    entities: Mapping[int, Any] = field(default_factory=dict)


def _entries(records: NDArray[Any], entities: Mapping[int, Any]) -> bytes:
    """The entries of `blocks`; those with a block entity have it as a third tag."""
    pieces, start = [], 0
    for number in sorted(entities):
        payload = io.BytesIO()
        nbtlib.Compound(entities[number]).write(payload)
        plain = records[start : number + 1].tobytes()[:-1]
        pieces.append(plain + b"\x0a" + nbt_text("nbt") + payload.getvalue() + b"\x00")
        start = number + 1
    return b"".join([*pieces, records[start:].tobytes()])


def encode_template(template: Template, version: JavaVersion) -> bytes:
    """The bytes of a structure file, as a version writes it. ValueError when it is empty, larger
    than 48 blocks, or names a place twice."""
    spread = [int(axis.max(initial=-1)) + 1 for axis in (template.x, template.y, template.z)]
    if (
        not len(template.x)
        or max(spread) > LARGEST
        or min(int(axis.min()) for axis in (template.x, template.y, template.z)) < 0
    ):
        raise ValueError(f"a structure holds 1 to {LARGEST} blocks along each side, not {spread}")
    used, local = np.unique(template.ids, return_inverse=True)
    own = [own_state(template.states[number], version) for number in used.tolist()]
    # Two states may be one in an older version.
    written = list(dict.fromkeys(own))
    place = {state: number for number, state in enumerate(written)}
    local = np.array([place[state] for state in own])[local]
    records = np.zeros(len(template.x), RECORD)
    records["state_tag"], records["pos_tag"] = np.void(STATE_TAG), np.void(POS_TAG)
    records["state"], records["x"], records["y"], records["z"] = (
        local,
        template.x,
        template.y,
        template.z,
    )
    palette = b"".join(state_bytes(state, version.states) for state in written)
    body = (
        b"\x0a\x00\x00"
        + b"\x09" + nbt_text("size") + b"\x03" + struct.pack(">4i", 3, *spread)
        + b"\x09" + nbt_text("entities") + b"\x00" + struct.pack(">i", 0)
        + b"\x09" + nbt_text("blocks") + b"\x0a" + struct.pack(">i",
        len(records)) + _entries(records, template.entities)
        + b"\x09" + nbt_text("palette") + b"\x0a" + struct.pack(">i", len(written)) + palette
        + b"\x03" + nbt_text("DataVersion") + struct.pack(">i", version.data_version)
        + b"\x00"
    )  # fmt: skip
    return bytes(igzip.compress(body, compresslevel=1, mtime=0))


def write_template(path: Path, template: Template, version: JavaVersion) -> int:
    """Writes a structure file and its folders; returns its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = encode_template(template, version)
    path.write_bytes(data)
    return len(data)


def decode_template(data: bytes) -> Template:
    """A structure file read back: fast when it is laid out as ours are, by nbtlib when not.
    ValueError when it is none, or larger than ours are."""
    return _checked(_decode(gunzip(data, MOST_BYTES)))


def _checked(template: Template) -> Template:
    axes = template.x, template.y, template.z
    if len(template.x) and (
        min(int(axis.min()) for axis in axes) < 0
        or max(int(axis.max()) for axis in axes) >= LARGEST
    ):
        raise ValueError(f"it has blocks outside a box of {LARGEST}")
    if len(template.ids) and not (
        template.ids.min() >= 0 and template.ids.max() < len(template.states)
    ):
        raise ValueError("it has blocks beyond its palette")
    return template


def _decode(raw: bytes) -> Template:
    head = raw.find(b"\x09" + nbt_text("blocks") + b"\x0a")
    if head >= 0:
        start = head + 14
        (count,) = struct.unpack_from(">i", raw, start - 4)
        end = start + count * RECORD.itemsize
        if count > 0 and end <= len(raw):
            records = np.frombuffer(raw, RECORD, count, start)
            ours = (records["state_tag"] == np.void(STATE_TAG)) & (
                records["pos_tag"] == np.void(POS_TAG)
            )
            if (ours & (records["end"] == np.void(b"\x00"))).all():
                rest = parse_file(raw[: start - 5] + b"\x00" + bytes(4) + raw[end:])
                x, y, z = (records[name].astype(np.int32) for name in "xyz")
                return Template(x, y, z, _states(rest), records["state"].astype(np.int64))
    file = parse_file(raw)
    places = np.array(
        [[int(value) for value in block["pos"]] for block in file["blocks"]], np.int32
    ).reshape(-1, 3)
    ids = np.array([int(block["state"]) for block in file["blocks"]], np.int64)
    entities = {
        number: dict(block["nbt"]) for number, block in enumerate(file["blocks"]) if "nbt" in block
    }
    return Template(places[:, 0], places[:, 1], places[:, 2], _states(file), ids, entities=entities)


def _states(file: nbtlib.File) -> tuple[BlockState, ...]:
    return tuple(state_of_tag(tag) for tag in file["palette"])


def read_template(path: Path) -> Template:
    """WorldError when the file is missing or damaged."""
    try:
        return decode_template(read_file(path, MOST_BYTES))
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        OverflowError,
        AttributeError,
        struct.error,
    ) as error:
        raise WorldError(
            f"{path}: not a readable structure ({error})",
            hint="take the world again from its zip or a backup",
        ) from error
