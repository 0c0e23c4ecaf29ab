"""The blocks of proposals, kept as structures of the game, so that each can be built again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.harvest.proposals import Proposal
from worlds.errors import WorldError
from worlds.java.kept_blocks import FOLDER as FOLDER
from worlds.java.kept_blocks import MOST_SIGNS, index_of
from worlds.java.kept_blocks import Kept as Kept
from worlds.java.kept_blocks import file_stem as file_stem
from worlds.java.kept_blocks import read_blocks as read_blocks
from worlds.java.structures import LARGEST, Template, write_template
from worlds.java.versions import NEWEST, JavaVersion
from worlds.notes import FrameNote
from worlds.quoting import json_file, plain

LETTERS = 200
"""Of a line of a sign."""


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


def _signs(built: Built) -> list[dict[str, Any]]:
    """What is written on signs that are among the blocks, four short lines each."""
    texts = {(text.x, text.y, text.z): text.text for text in built.texts if text.kind == "sign"}
    signs = np.array([state.name.endswith("_sign") for state in built.states], bool)[built.after]
    at = np.stack([built.x, built.y, built.z], axis=1)[signs].tolist()
    return [
        {"at": place, "lines": [plain(line)[:LETTERS] for line in said.split("\n")[:4]]}
        for place in at[:MOST_SIGNS]
        if (said := texts.get((place[0], place[1], place[2])))
    ]


def write_blocks(
    folder: Path,
    proposal: Proposal,
    version: JavaVersion = NEWEST,
    frame: FrameNote | None = None,
) -> None:
    """Writes `blocks/<id>.nbt`, or several `blocks/<id>_<i>_<j>_<k>.nbt` of at most 48 blocks along
    x, y and z, and `blocks/<id>.json`, which says where each has its corner, and in which frame.
    What is gone is air in them. version: in whose words; an older one than the newest knows fewer
    blocks; frame: of the world, without which nobody can build them again elsewhere. ValueError for
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
    told: dict[str, Any] = {"id": proposal.id, "axes": "x y z", "parts": listed}
    signs = _signs(built)
    if signs:
        told["signs"] = signs
    if frame is not None:
        told["frame"] = frame.model_dump(mode="json")
    index_of(folder, proposal.id).write_text(json_file(told), "utf-8")


def write_all_blocks(
    folder: Path, proposals: Sequence[Proposal], frame: FrameNote | None = None
) -> None:
    """`write_blocks` of each that has some: a text alone has none. WorldError when the folder
    cannot be written."""
    try:
        for proposal in proposals:
            if len(proposal.built):
                write_blocks(folder, proposal, frame=frame)
    except OSError as error:
        raise WorldError(
            f"{folder / FOLDER}: cannot be written ({error})", hint="name another folder"
        ) from error
