"""What the head of a LAS or LAZ file says, looked at before anything is read by it: every number of
it may be damaged."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from worlds.errors import SourceError

SHORT, LONG = 227, 375
"""Bytes of the head of LAS 1.0 … 1.2, and of 1.4."""
MOST_RECORDS, MOST_RECORD = 10_000, 64_000_000
"""Notes in a file at most, and bytes of one of them."""
SIZES = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)
"""Bytes of a point at least, by its format."""
LONGEST = 512
"""Bytes of a point at most, with what makers add."""
FARTHEST = 1e8
"""No coordinate on the earth is larger, in metres or feet."""
ITEMS = 34
"""Bytes before the list of what a packed point is made of."""
BEGINNING, TABLE_PLACE = struct.Struct("<2i"), 8
"""How a point of any format begins; bytes before packed ones, which say where their table lies."""
SLACK = 1.0
"""Metres, feet or degrees: heads are rounded."""
LEAST_CHUNK = 8
"""Bytes of a chunk of compressed points, at least."""
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Record:
    """A note in a file, before its points or behind them. start: where its data begin; length:
    bytes of them."""

    user: str
    number: int
    start: int
    length: int


@dataclass(frozen=True)
class Head:
    """version: as in (1, 4); form: of its points; point_bytes: of each; first: where the points
    begin; count: of points; scales, offsets, lows, highs: of x, y, z; records: the notes."""

    version: tuple[int, int]
    form: int
    compressed: bool
    point_bytes: int
    first: int
    count: int
    scales: tuple[float, float, float]
    offsets: tuple[float, float, float]
    lows: tuple[float, float, float]
    highs: tuple[float, float, float]
    records: tuple[Record, ...]
    file_bytes: int

    @property
    def bounds(self) -> Bounds:
        """(west, south, east, north) in its own CRS, as the file says them."""
        return self.lows[0], self.lows[1], self.highs[0], self.highs[1]

    def record(self, user: str, *numbers: int) -> Record | None:
        """The first note of a user with one of the numbers."""
        return next(
            (one for one in self.records if one.user == user and one.number in numbers), None
        )


def damaged(name: str, why: str) -> SourceError:
    return SourceError(
        f"{name}: damaged ({why})", hint="it may be cut short: copy or download it again"
    )


def read_head(path: Path, name: str) -> Head:
    """The head of a file that begins as a point cloud does. SourceError for one by which it could
    not be read. name: what messages call it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        raw = file.read(LONG)
        if len(raw) < SHORT:
            raise damaged(name, f"{len(raw)} bytes are less than a head")
        head = _unpacked(raw, size, name)
        _require_sound_bounds(head, file, name)
        return _with_records(head, file, raw, name)


def _require_sound_bounds(head: Head, file: BinaryIO, name: str) -> None:
    """SourceError where the head says that the points lie elsewhere than the first of them does:
    only by their bounds a file is passed over. A first point is never packed."""
    file.seek(head.first + (TABLE_PLACE if head.compressed else 0))
    raw = file.read(BEGINNING.size)
    if not head.count or len(raw) < BEGINNING.size:
        return
    for axis, whole in enumerate(BEGINNING.unpack(raw)):
        value = whole * head.scales[axis] + head.offsets[axis]
        low, high = head.lows[axis], head.highs[axis]
        slack = high - low + SLACK
        if low > high or not low - slack <= value <= high + slack:
            raise SourceError(
                f"{name}: its head says that it lies from {low:.9g} to {high:.9g}, and its first "
                f"point lies at {value:.9g}",
                hint="write it anew, as with `pdal translate OLD NEW.laz`",
            )


def _unpacked(raw: bytes, size: int, name: str) -> Head:
    major, minor = raw[24], raw[25]
    head_bytes, first = struct.unpack_from("<HI", raw, 94)
    if major != 1 or minor > 4:
        raise SourceError(
            f"{name}: a point cloud of LAS version {major}.{minor}, which is not known",
            hint="save it as LAZ 1.2 or 1.4, as with `pdal translate OLD NEW.laz`",
        )
    form, point_bytes, count = struct.unpack_from("<BHI", raw, 104)
    if minor == 4 and len(raw) >= LONG:
        count = struct.unpack_from("<Q", raw, 247)[0] or count
    numbers = struct.unpack_from("<12d", raw, 131)
    scales, offsets, extremes = numbers[:3], numbers[3:6], numbers[6:]
    if not all(math.isfinite(one) and 0.0 < abs(one) <= 1000.0 for one in scales):
        raise damaged(name, f"its coordinates have the scale {scales}")
    if not all(math.isfinite(one) and abs(one) <= FARTHEST for one in (*offsets, *extremes)):
        raise damaged(name, "its coordinates lie beyond the earth")
    kind, compressed = form & 0x3F, bool(form & 0xC0)
    if kind >= len(SIZES) or not SIZES[kind] <= point_bytes <= LONGEST:
        raise damaged(name, f"points of format {kind} with {point_bytes} bytes")
    if not head_bytes <= first <= size:
        raise damaged(name, f"its points begin at byte {first:,} of {size:,}")
    if not compressed and first + count * point_bytes > size:
        raise damaged(name, f"{count:,} points do not fit into {size:,} bytes")
    if compressed and count > max(size - first, 0) * 4096:
        raise damaged(name, f"{count:,} points do not fit into {size:,} bytes")
    return Head(
        version=(major, minor),
        form=kind,
        compressed=compressed,
        point_bytes=point_bytes,
        first=first,
        count=count,
        scales=scales,
        offsets=offsets,
        lows=extremes[1::2],
        highs=extremes[0::2],
        records=(),
        file_bytes=size,
    )


def _with_records(head: Head, file: BinaryIO, raw: bytes, name: str) -> Head:
    head_bytes, number = struct.unpack_from("<H", raw, 94)[0], struct.unpack_from("<I", raw, 100)[0]
    records = _records(file, head_bytes, number, head.first, extended=False, name=name)
    if head.version == (1, 4) and len(raw) >= LONG:
        start, more = struct.unpack_from("<QI", raw, 235)
        records += _records(file, start, more, head.file_bytes, extended=True, name=name)
    fields = {**head.__dict__, "records": tuple(records)}
    return Head(**fields)


def _records(
    file: BinaryIO, start: int, number: int, end: int, extended: bool, name: str
) -> list[Record]:
    """The notes from byte `start` up to `end`. extended: those behind the points, which may be
    long."""
    if number > MOST_RECORDS:
        raise damaged(name, f"it says that it has {number:,} notes")
    form = struct.Struct("<H16sHQ32s" if extended else "<H16sHH32s")
    found = []
    for _ in range(number):
        if start + form.size > end:
            raise damaged(name, "its notes end too early")
        file.seek(start)
        _, user, code, length, _ = form.unpack(file.read(form.size))
        start += form.size
        if start + length > end:
            raise damaged(name, "its notes end too early")
        text = user.split(b"\x00")[0].decode("ascii", "replace")
        found.append(Record(text, code, start, length))
        start += length
    return found


def data_of(record: Record, path: Path, name: str) -> bytes:
    if record.length > MOST_RECORD:
        raise damaged(name, f"a note of {record.length:,} bytes")
    with path.open("rb") as file:
        file.seek(record.start)
        return file.read(record.length)


def require_sound_chunks(head: Head, path: Path, name: str) -> None:
    """SourceError where the table of the chunks of compressed points does not lie in the file, or
    points are packed longer than they are: the reader makes room for what these say."""
    if not head.compressed or not head.count:
        return
    packing = head.record("laszip encoded", 22204)
    data = b"" if packing is None else data_of(packing, path, name)
    if len(data) < ITEMS or len(data) < ITEMS + 6 * struct.unpack_from("<H", data, 32)[0]:
        raise damaged(name, "nothing says how its points are packed")
    items = struct.unpack_from("<H", data, 32)[0]
    if sum(struct.unpack_from("<H", data, ITEMS + 6 * one + 2)[0] for one in range(items)) != (
        head.point_bytes
    ):
        raise damaged(name, "its points are packed with another length than they have")
    with path.open("rb") as file:
        file.seek(head.first)
        start = file.read(8)
        table = struct.unpack("<q", start)[0] if len(start) == 8 else 0
        if table == -1:
            file.seek(-8, 2)
            table = struct.unpack("<q", file.read(8))[0]
        if not head.first < table <= head.file_bytes - 8:
            raise damaged(name, f"its table of chunks lies at byte {table:,}")
        file.seek(table)
        _, chunks = struct.unpack("<II", file.read(8))
    if chunks > head.count or chunks * LEAST_CHUNK > head.file_bytes:
        raise damaged(name, f"it says that it has {chunks:,} chunks")
