"""The regions of an open world of either edition. The last ones are kept whole, as pieces that lie
beside each other are read one after the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from worlds.bedrock.level import is_bedrock
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume
from worlds.volume import BlockVolume

Region = tuple[int, int]
Read = Callable[[Region, tuple[int, int], NDArray[np.bool_]], BlockVolume | None]
"""The blocks of a region: which one, which rows of chunks, which chunks (32, 32) in (z, x); None
where there is none. What is read may hold more than was asked for."""
KEPT = 2
ROWS = 32
MANY = 64
"""Chunks of a region from which it is read whole."""


@contextmanager
def opened_regions(folder: Path) -> Iterator[Read]:
    """What reads the regions of a world's folder, from several threads too."""
    with _reader(folder) as read:
        yield _Kept(read).read


@contextmanager
def _reader(folder: Path) -> Iterator[Read]:
    if is_bedrock(folder):
        from worlds.bedrock import reader

        with reader.opened_regions(folder) as saved:
            places, one_by_one = set(saved.chunks), Lock()

            def read_saved(
                region: Region, rows: tuple[int, int], only: NDArray[np.bool_]
            ) -> BlockVolume | None:
                if region not in places:
                    return None
                with one_by_one:
                    return reader.read_region_volume(saved, region, rows=rows, only=only)[0]

            yield read_saved
        return
    paths = {(x, z): path for x, z, path in region_files(folder)}

    def read_region(
        region: Region, rows: tuple[int, int], only: NDArray[np.bool_]
    ) -> BlockVolume | None:
        if region not in paths:
            return None
        return read_region_volume(paths[region], rows=rows, only=only)[0]

    yield read_region


class _Kept:
    """Regions that were asked for last, each read once however many threads ask for it."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._held: OrderedDict[Region, Future[BlockVolume | None]] = OrderedDict()
        self._lock = Lock()

    def read(
        self, region: Region, rows: tuple[int, int], only: NDArray[np.bool_]
    ) -> BlockVolume | None:
        """See `Read`."""
        with self._lock:
            found = self._held.get(region)
            if found is not None:
                self._held.move_to_end(region)
            elif only.sum() >= MANY:
                mine = self._held[region] = Future()
                while len(self._held) > KEPT:
                    self._held.popitem(last=False)
        if found is not None:
            return found.result()
        if only.sum() < MANY:
            return self._read(region, rows, only)
        try:
            mine.set_result(self._read(region, (0, ROWS), np.ones((ROWS, ROWS), bool)))
        except BaseException as error:
            mine.set_exception(error)
        return mine.result()
