"""The blocks of proposals, kept as structures of the game, so that each can be built again."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.harvest.proposals import Proposal
from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.java.structures import LARGEST, Template, read_template, write_template
from worlds.java.versions import NEWEST, JavaVersion
from worlds.names import near_name
from worlds.quoting import json_file
from worlds.volume import AIR, BlockState

FOLDER = "blocks"
MOST_INDEX = 4 << 20
"""Bytes of the file that tells where the parts of a proposal stand."""
MOST_PARTS = 20_000
SIMPLE = re.compile(r"[a-z0-9åäö-]{1,40}")
"""Ids that are names of files as they stand: no two of them are one on any file system."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """The blocks of a proposal as they are to be set, in the order of (y, z, x): x, y, z: (n,)
    int32, blocks of the world; after: (n,) int32, numbers of `states`, which begin with air. What
    was there before is not kept: that is in the world that was handed out."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    after: NDArray[np.int32]
    states: tuple[BlockState, ...]


def file_stem(proposal_id: str) -> str:
    """The beginning of the names of a proposal's files: its id, or what is near it and a digest."""
    if SIMPLE.fullmatch(proposal_id):
        return proposal_id
    digest = sha256(proposal_id.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{near_name(proposal_id, 'idea')[:40].strip('. ')}_{digest}"


def _parts(built: Built) -> list[tuple[tuple[int, int, int], NDArray[np.int64]]]:
    """Boxes of the blocks, each with its number along x, y and z and the rows of its blocks."""
    cells = np.stack(
        [
            (axis.astype(np.int64) - int(axis.min())) // LARGEST
            for axis in (built.x, built.y, built.z)
        ]
    )
    order = np.lexsort((cells[0], cells[2], cells[1]))
    held = cells[:, order]
    starts = np.flatnonzero(np.r_[True, (held[:, 1:] != held[:, :-1]).any(axis=0)])
    return [
        ((int(held[0, rows]), int(held[1, rows]), int(held[2, rows])), np.sort(own))
        for rows, own in zip(starts.tolist(), np.split(order, starts[1:]), strict=True)
    ]


def _write_part(
    path: Path, built: Built, rows: NDArray[np.int64], version: JavaVersion
) -> tuple[int, int, int]:
    """Writes some blocks as one structure; returns the corner from which they are counted."""
    corner = int(built.x[rows].min()), int(built.y[rows].min()), int(built.z[rows].min())
    used, local = np.unique(built.after[rows], return_inverse=True)
    x, y, z = (
        (axis[rows] - low).astype(np.int32)
        for axis, low in zip((built.x, built.y, built.z), corner, strict=True)
    )
    states = tuple(built.states[number] for number in used.tolist())
    ids = local.reshape(-1).astype(np.int64)
    write_template(path, Template(x, y, z, states=states, ids=ids), version)
    return corner


def write_blocks(folder: Path, proposal: Proposal, version: JavaVersion = NEWEST) -> None:
    """Writes `blocks/<id>.nbt`, or several `blocks/<id>_<i>_<j>_<k>.nbt` of at most 48 blocks along
    x, y and z, and `blocks/<id>.json`, which says where each has its corner. What is gone is air in
    them. version: in whose words; an older one than the newest knows fewer blocks. ValueError for
    a proposal without blocks."""
    built, stem, inside = proposal.built, file_stem(proposal.id), folder / FOLDER
    if not len(built):
        raise ValueError(f"{proposal.id}: has no blocks")
    parts = _parts(built)
    listed: list[dict[str, Any]] = []
    inside.mkdir(parents=True, exist_ok=True)
    for place, rows in parts:
        name = f"{stem}.nbt" if len(parts) == 1 else "{}_{}_{}_{}.nbt".format(stem, *place)
        corner = _write_part(inside / name, built, rows, version)
        listed.append({"file": name, "corner": list(corner)})
    (inside / f"{stem}.json").write_text(
        json_file({"id": proposal.id, "axes": "x y z", "parts": listed}), "utf-8"
    )


def write_all_blocks(folder: Path, proposals: Sequence[Proposal]) -> None:
    """`write_blocks` of each that has some: a text alone has none. WorldError when the folder
    cannot be written."""
    try:
        for proposal in proposals:
            if len(proposal.built):
                write_blocks(folder, proposal)
    except OSError as error:
        raise WorldError(
            f"{folder / FOLDER}: cannot be written ({error})", hint="name another folder"
        ) from error


def _listed(index: Path) -> list[tuple[Path, tuple[int, int, int]]]:
    """The parts that a file names, which lie beside it. ValueError and others when it is none."""
    note = json.loads(read_file(index, MOST_INDEX).decode("utf-8"))
    parts = [(str(part["file"]), tuple(int(at) for at in part["corner"])) for part in note["parts"]]
    if not 0 < len(parts) <= MOST_PARTS:
        raise ValueError(f"it names {len(parts)} parts")
    for name, corner in parts:
        if Path(name).name != name or not name.endswith(".nbt") or len(corner) != 3:
            raise ValueError(f"{name!r:.80} is no part of it")
        if max(abs(at) for at in corner) >= 1 << 30:
            raise ValueError("its corner is beyond the world")
    return [(index.with_name(name), corner) for name, corner in parts]  # type: ignore[misc]


def read_blocks(folder: Path, proposal_id: str) -> Kept:
    """The blocks of a proposal that `write_blocks` wrote into a folder. WorldError when they are
    missing or damaged."""
    index = folder / FOLDER / f"{file_stem(proposal_id)}.json"
    try:
        parts = _listed(index)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise WorldError(
            f"{index}: does not tell where the blocks of {proposal_id!r:.80} are ({error})",
            hint="harvest the returned worlds again",
        ) from error
    numbers: dict[BlockState, int] = {AIR: 0}
    places, after = [], []
    for path, corner in parts:
        template = read_template(path)
        table = np.array(
            [numbers.setdefault(state, len(numbers)) for state in template.states], np.int32
        )
        places.append(np.stack([template.x, template.y, template.z]) + np.array(corner)[:, None])
        after.append(table[template.ids])
    x, y, z = np.concatenate(places, axis=1).astype(np.int32)
    states = np.concatenate(after)
    order = np.lexsort((x, z, y))
    return Kept(
        x=x[order], y=y[order], z=z[order], after=states[order].astype(np.int32),
        states=tuple(numbers),
    )  # fmt: skip
