"""The blocks of the handed-out world around proposals, for their pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mc_city.harvest.built import Built
from mc_city.harvest.pictures import DEPTH, MARGIN, MOST_AROUND, draw_proposal
from mc_city.harvest.proposals import Proposal
from worlds.bedrock.level import is_bedrock
from worlds.bedrock.reader import opened_regions
from worlds.bedrock.reader import read_region_volume as read_bedrock_volume
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume
from worlds.volume import AIR, BlockState, BlockVolume, Palette

SIDE, CHUNK = 512, 16
Region = tuple[int, int]


class Read(Protocol):
    """Reads the wanted chunks of a region, (32, 32) bool in (z, x); None where it is not there."""

    def __call__(self, region: Region, wanted: NDArray[np.bool_], /) -> BlockVolume | None: ...


def rows_of(wanted: NDArray[np.bool_]) -> tuple[int, int]:
    """The first row with a wanted chunk, and the one after the last."""
    held = np.flatnonzero(wanted.any(axis=1))
    return int(held[0]), int(held[-1]) + 1


@contextmanager
def opened_reader(folder: Path) -> Iterator[Read]:
    """The blocks of a world's folder, of either edition."""
    if is_bedrock(folder):
        with opened_regions(folder) as saved:

            def bedrock(region: Region, wanted: NDArray[np.bool_], /) -> BlockVolume | None:
                if region not in saved.chunks:
                    return None
                rows = rows_of(wanted)
                return read_bedrock_volume(saved, region, rows=rows, only=wanted)[0]

            yield bedrock
        return
    paths = {(x, z): path for x, z, path in region_files(folder)}

    def java(region: Region, wanted: NDArray[np.bool_], /) -> BlockVolume | None:
        if region not in paths:
            return None
        return read_region_volume(paths[region], rows=rows_of(wanted), only=wanted)[0]

    yield java


class Piece:
    """A window of the world, filled region by region; what is not there is air."""

    def __init__(self, built: Built) -> None:
        low = [int(axis.min()) for axis in (built.y, built.z, built.x)]
        high = [int(axis.max()) + 1 for axis in (built.y, built.z, built.x)]
        self.y0, self.z0, self.x0 = low[0] - DEPTH, low[1] - MARGIN, low[2] - MARGIN
        self.shape = (
            high[0] + MARGIN - self.y0,
            high[1] + MARGIN - self.z0,
            high[2] + MARGIN - self.x0,
        )
        self.ids: NDArray[np.uint16] | None = None
        self.states: dict[BlockState, int] = {AIR: 0}

    @property
    def fits(self) -> bool:
        return self.shape[0] * self.shape[1] * self.shape[2] <= MOST_AROUND

    def regions(self) -> list[Region]:
        x1, z1 = self.x0 + self.shape[2] - 1, self.z0 + self.shape[1] - 1
        return [
            (x, z)
            for z in range(self.z0 // SIDE, z1 // SIDE + 1)
            for x in range(self.x0 // SIDE, x1 // SIDE + 1)
        ]

    def mark(self, region: Region, wanted: NDArray[np.bool_]) -> None:
        """Says which chunks of a region it needs."""
        west, north = self.x0 - SIDE * region[0], self.z0 - SIDE * region[1]
        columns = slice(max(west, 0) // CHUNK, -(-min(west + self.shape[2], SIDE) // CHUNK))
        rows = slice(max(north, 0) // CHUNK, -(-min(north + self.shape[1], SIDE) // CHUNK))
        wanted[rows, columns] = True

    def fill(self, volume: BlockVolume) -> None:
        """Takes what lies in it of a volume."""
        if self.ids is None:
            self.ids = np.zeros(self.shape, np.uint16)
        to, of = [], []
        corners = zip(
            (self.y0, self.z0, self.x0),
            self.shape,
            (volume.y0, volume.z0, volume.x0),
            volume.ids.shape,
            strict=True,
        )
        for own, size, other, length in corners:
            first, last = max(own, other), min(own + size, other + length)
            if first >= last:
                return
            to.append(slice(first - own, last - own))
            of.append(slice(first - other, last - other))
        found = volume.ids[tuple(of)]
        table = np.zeros(len(volume.palette), np.uint16)
        for number in np.unique(found).tolist():
            state = volume.palette.states[number]
            table[number] = self.states.setdefault(state, len(self.states))
        self.ids[tuple(to)] = table[found]

    def volume(self) -> BlockVolume | None:
        if self.ids is None:
            return None
        return BlockVolume(self.x0, self.y0, self.z0, self.ids, Palette(tuple(self.states)))


def pieces_of(read: Read, proposals: Sequence[Proposal]) -> Iterator[tuple[Proposal, Piece | None]]:
    """Each proposal, in any order, with the world around it; None for one that is too large. Each
    region is read once, and one at a time."""
    left: dict[str, int] = {}
    pieces: dict[str, Piece] = {}
    by_region: dict[Region, list[Proposal]] = {}
    for proposal in proposals:
        piece = Piece(proposal.built) if len(proposal.built) else None
        if piece is None or not piece.fits:
            yield proposal, None
            continue
        pieces[proposal.id] = piece
        left[proposal.id] = len(piece.regions())
        for region in piece.regions():
            by_region.setdefault(region, []).append(proposal)
    for region in sorted(by_region):
        wanted = np.zeros((SIDE // CHUNK, SIDE // CHUNK), bool)
        for proposal in by_region[region]:
            pieces[proposal.id].mark(region, wanted)
        volume = read(region, wanted)
        for proposal in by_region[region]:
            if volume is not None:
                pieces[proposal.id].fill(volume)
            left[proposal.id] -= 1
            if not left[proposal.id]:
                yield proposal, pieces.pop(proposal.id)


def draw_all(folder: Path, proposals: Sequence[Proposal]) -> Mapping[str, bytes]:
    """The picture of each proposal by its id, in the world of a folder as it was handed out."""
    out: dict[str, bytes] = {}
    with opened_reader(folder) as read:
        for proposal, piece in pieces_of(read, proposals):
            out[proposal.id] = draw_proposal(proposal, piece.volume() if piece else None)
    return out
