"""Blocks that were kept as structures of the game, with where they stood, read back: files that
anybody may have made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.java.structures import read_template
from worlds.names import near_name
from worlds.notes import FrameNote, Level, Line, Note, Place, why
from worlds.volume import AIR, BlockState

FOLDER = "blocks"
MOST_INDEX = 4 << 20
"""Bytes of the file that tells where the parts of a proposal stand."""
MOST_PARTS, MOST_SIGNS = 20_000, 5_000
MOST_BLOCKS = 4_000_000
"""Of one proposal: whoever built more has not built it by hand."""
MOST_STATES = 30_000
"""Kinds of blocks of one proposal: as many as the game has."""
SIMPLE = re.compile(r"[a-z0-9åäö-]{1,40}")
"""Ids that are names of files as they stand: no two of them are one on any file system."""


class PartNote(Note):
    """A structure that lies beside the index. corner: x, y, z of the world from which it counts."""

    file: Line
    corner: tuple[Place, Level, Place]


class SignNote(Note):
    """What stands on a sign at x, y, z."""

    at: tuple[Place, Level, Place]
    lines: tuple[Line, ...] = Field(max_length=4)


class KeptIndex(Note):
    """`blocks/<id>.json`."""

    parts: tuple[PartNote, ...] = Field(min_length=1, max_length=MOST_PARTS)
    signs: tuple[SignNote, ...] = Field((), max_length=MOST_SIGNS)
    frame: FrameNote | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """The blocks of a proposal as they are to be set, in the order of (y, z, x): x, y, z: (n,)
    int32, blocks of the world; after: (n,) int32, numbers of `states`, which begin with air. What
    was there before is not kept: that is in the world that was handed out. frame: of that world,
    None where the files do not say it; signs: what is written."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    after: NDArray[np.int32]
    states: tuple[BlockState, ...]
    frame: FrameNote | None = None
    signs: tuple[SignNote, ...] = ()

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


def _listed(index: Path) -> KeptIndex:
    """What a file tells of the blocks beside it. ValueError and OSError when it is none."""
    note = KeptIndex.model_validate_json(read_file(index, MOST_INDEX))
    for part in note.parts:
        if Path(part.file).name != part.file or not part.file.endswith(".nbt"):
            raise ValueError(f"{part.file!r:.80} is no part of it")
    return note


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
        note = _listed(index)
    except (OSError, ValueError) as error:
        raise WorldError(
            f"{index}: does not tell where the blocks of {proposal_id!r:.80} are ({why(error)})",
            hint="harvest the returned worlds again",
        ) from error
    numbers: dict[BlockState, int] = {AIR: 0}
    places: list[NDArray[Any]] = []
    after: list[NDArray[np.int32]] = []
    together = 0
    for part in note.parts:
        template = read_template(index.with_name(part.file))
        together += len(template.x)
        if together > MOST_BLOCKS or len(numbers) > MOST_STATES:
            raise WorldError(
                f"{index}: {proposal_id!r:.80} has more than {MOST_BLOCKS:,} blocks, or kinds of "
                f"them",
                hint="write no or volume in its column build, or harvest the worlds again",
            )
        table = np.array(
            [numbers.setdefault(state, len(numbers)) for state in template.states], np.int32
        )
        places.append(
            np.stack([template.x, template.y, template.z]) + np.array(part.corner)[:, None]
        )
        after.append(table[template.ids])
    x, y, z = np.concatenate(places, axis=1).astype(np.int32)
    states = np.concatenate(after)
    order = np.lexsort((x, z, y))
    return Kept(
        x=x[order], y=y[order], z=z[order], after=states[order].astype(np.int32),
        states=tuple(numbers), frame=note.frame, signs=note.signs,
    )  # fmt: skip
