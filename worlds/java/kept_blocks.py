"""Blocks that were kept as structures of the game, with where they stood, read back: files that
anybody may have made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.java.structures import read_template
from worlds.names import near_name
from worlds.notes import FrameNote
from worlds.volume import AIR, BlockState

FOLDER = "blocks"
MOST_INDEX = 4 << 20
"""Bytes of the file that tells where the parts of a proposal stand."""
MOST_PARTS = 20_000
MOST_BLOCKS = 4_000_000
"""Of one proposal: whoever built more has not built it by hand."""
SIMPLE = re.compile(r"[a-z0-9åäö-]{1,40}")
"""Ids that are names of files as they stand: no two of them are one on any file system."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """The blocks of a proposal as they are to be set, in the order of (y, z, x): x, y, z: (n,)
    int32, blocks of the world; after: (n,) int32, numbers of `states`, which begin with air. What
    was there before is not kept: that is in the world that was handed out. frame: of that world,
    None where the files do not say it."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    after: NDArray[np.int32]
    states: tuple[BlockState, ...]
    frame: FrameNote | None = None

    def __len__(self) -> int:
        return len(self.x)


def file_stem(proposal_id: str) -> str:
    """The beginning of the names of a proposal's files: its id, or what is near it and a digest."""
    if SIMPLE.fullmatch(proposal_id):
        return proposal_id
    digest = sha256(proposal_id.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{near_name(proposal_id, 'idea')[:40].strip('. ')}_{digest}"


def index_of(folder: Path, proposal_id: str) -> Path:
    """The file that tells where the parts of a proposal are, beside its geodata."""
    return folder / FOLDER / f"{file_stem(proposal_id)}.json"


def _listed(index: Path) -> tuple[list[tuple[Path, tuple[int, int, int]]], FrameNote | None]:
    """The parts that a file names, which lie beside it, and the frame of their world. ValueError
    and others when it is none."""
    note = json.loads(read_file(index, MOST_INDEX).decode("utf-8"))
    parts = [(str(part["file"]), tuple(int(at) for at in part["corner"])) for part in note["parts"]]
    if not 0 < len(parts) <= MOST_PARTS:
        raise ValueError(f"it names {len(parts)} parts")
    for name, corner in parts:
        if Path(name).name != name or not name.endswith(".nbt") or len(corner) != 3:
            raise ValueError(f"{name!r:.80} is no part of it")
        if max(abs(at) for at in corner) >= 1 << 30:
            raise ValueError("its corner is beyond the world")
    frame = note.get("frame")
    known = None if frame is None else FrameNote.model_validate_json(json.dumps(frame))
    return [(index.with_name(name), corner) for name, corner in parts], known  # type: ignore[misc]


def files_of_blocks(folder: Path) -> list[Path]:
    """The files of all proposals whose geodata lie in a folder."""
    inside = folder / FOLDER
    found = inside.iterdir() if inside.is_dir() else ()
    return sorted(path for path in found if path.suffix in (".nbt", ".json") and path.is_file())


def read_blocks(folder: Path, proposal_id: str) -> Kept:
    """The blocks of a proposal that `mc-city harvest` wrote into a folder. WorldError when they are
    missing, damaged or too many."""
    index = index_of(folder, proposal_id)
    try:
        parts, frame = _listed(index)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise WorldError(
            f"{index}: does not tell where the blocks of {proposal_id!r:.80} are ({error})",
            hint="harvest the returned worlds again",
        ) from error
    numbers: dict[BlockState, int] = {AIR: 0}
    places: list[NDArray[Any]] = []
    after: list[NDArray[np.int32]] = []
    together = 0
    for path, corner in parts:
        template = read_template(path)
        together += len(template.x)
        if together > MOST_BLOCKS:
            raise WorldError(
                f"{index}: {proposal_id!r:.80} has more than {MOST_BLOCKS:,} blocks",
                hint="write no or volume in its column build, or harvest the worlds again",
            )
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
        states=tuple(numbers), frame=frame,
    )  # fmt: skip
