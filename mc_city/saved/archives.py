"""Archives of worlds: what is in one is looked at before anything of it is written, and it is
written below one folder only."""

from __future__ import annotations

import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from worlds.bounded import copy_bounded
from worlds.errors import WorldError
from worlds.names import fault_of_name, is_device

MOST_MEMBERS, MOST_DIRECTORY = 200_000, 64 << 20
MOST_BYTES = 32 << 30
FEW_BYTES, DENSEST = 256 << 20, 64
"""What an archive may unpack to however small it is, and how many bytes for each of its own: worlds
come to about four."""
ROOM = 64 << 20
"""Left free on the disk."""
LONGEST_PART, LONGEST_PATH = 255, 1000
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
_END, _END64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q")


def _directory_size(world: Path) -> int:
    """Bytes of an archive's list of members, which is read whole; 0 when it has none."""
    with world.open("rb") as file:
        length = file.seek(0, 2)
        file.seek(max(0, length - 0xFFFF - _END.size - 20))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < _END.size:
            return 0
        size = int(_END.unpack_from(tail, at)[5])
        if size != 0xFFFFFFFF or at < 20:
            return size
        file.seek(int.from_bytes(tail[at - 12 : at - 4], "little"))
        record = file.read(_END64.size)
        return int(_END64.unpack(record)[8]) if len(record) == _END64.size else size


def parts_of(name: str) -> tuple[str, ...]:
    """The folders and the file that a member's name means, on every system. ValueError when it
    leads elsewhere, or cannot be a file.

    Some programs write backslashes between them."""
    parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    if name[:1] in ("/", "\\") or (len(name) > 1 and name[1] == ":"):
        raise ValueError("it leads out of the archive")
    if len(name.encode("utf-8", "replace")) > LONGEST_PATH:
        raise ValueError("it is too long")
    for part in parts:
        if part == "..":
            raise ValueError("it leads out of the archive")
        if len(part.encode("utf-8", "replace")) > LONGEST_PART:
            raise ValueError("it is too long")
        if any(
            letter in '<>:"|?*' or ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000
            for letter in part
        ):
            raise ValueError("it holds what no file may have in its name")
        if part[-1] in ". " or is_device(part):
            raise ValueError("no file on Windows can be called so")
    return parts


def _require_plain(entry: zipfile.ZipInfo) -> None:
    """ValueError for a member that is neither a file nor a folder, or is packed in a way that
    worlds are not."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ValueError("it is a link or a device")
    if entry.flag_bits & ENCRYPTED:
        raise ValueError("it is encrypted")
    if entry.compress_type not in METHODS:
        raise ValueError(f"it is compressed in way {entry.compress_type}, which worlds are not")


def _members(archive: zipfile.ZipFile) -> dict[tuple[str, ...], zipfile.ZipInfo]:
    """The files of an archive by their paths. ValueError when one of them may not be written, or
    two would be one file."""
    entries = archive.infolist()
    if len(entries) > MOST_MEMBERS:
        raise ValueError(f"it has {len(entries):,} members, worlds have up to {MOST_MEMBERS:,}")
    found: dict[tuple[str, ...], zipfile.ZipInfo] = {}
    seen: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()
    for entry in entries:
        try:
            parts = parts_of(entry.filename)
            _require_plain(entry)
        except ValueError as error:
            raise ValueError(f"{entry.filename[:80]!r}: {error}") from error
        # Windows and macOS know no capitals in names.
        plain = tuple(part.casefold() for part in parts)
        folders.update(plain[:depth] for depth in range(1, len(plain)))
        if entry.filename.endswith(("/", "\\")) or not parts:
            folders.add(plain)
            continue
        if plain in seen:
            raise ValueError(f"{entry.filename[:80]!r}: it is there twice")
        seen.add(plain)
        found[parts] = entry
    if seen & folders:
        raise ValueError(f"{'/'.join(sorted(seen & folders)[0])[:80]!r}: it is a file and a folder")
    return found


def _require_room(world: Path, target: Path, entries: Iterator[zipfile.ZipInfo]) -> int:
    """The bytes that an archive says it unpacks to. ValueError when they are beyond all measure, or
    the disk lacks room for them."""
    size, whole = sum(entry.file_size for entry in entries), world.stat().st_size
    most = min(MOST_BYTES, max(FEW_BYTES, DENSEST * whole))
    if size > most:
        raise ValueError(
            f"{whole / 1e6:,.1f} MB that unpack to {size / 1e6:,.0f} MB are no world, "
            f"{most / 1e6:,.0f} MB would be"
        )
    free = shutil.disk_usage(target).free
    if size + ROOM > free:
        raise ValueError(
            f"it unpacks to {size / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free in {target}"
        )
    return size


@contextmanager
def _opened(
    world: Path,
) -> Iterator[tuple[zipfile.ZipFile, dict[tuple[str, ...], zipfile.ZipInfo]]]:
    """An archive of a world, and its files by their paths. WorldError when it is none, or damaged,
    or one of them may not be written."""
    hint = "name a world folder, or a whole .zip or .mcworld"
    try:
        if not world.is_file():
            raise ValueError("it is no file")
        if _directory_size(world) > MOST_DIRECTORY:
            raise ValueError("its list of members is longer than any world's")
        with zipfile.ZipFile(world) as archive:
            yield archive, _members(archive)
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        RuntimeError,
        NotImplementedError,
        ValueError,
        OverflowError,
        zlib.error,
    ) as error:
        raise WorldError(f"{world}: cannot be unpacked ({error})", hint=hint) from error
    except (struct.error, UnicodeError) as error:
        raise WorldError(
            f"{world}: cannot be unpacked (it is damaged: {error})", hint=hint
        ) from error


def unpack(world: Path, target: Path, but: Container[str] = ()) -> None:
    """Unpacks an archive of a world into a folder that is there, all but folders of these names.
    WorldError, with nothing written, when it is no such archive, or what it holds may not be
    written; later when it is damaged or holds more than it says."""
    with _opened(world) as (archive, members):
        left = _require_room(world, target, iter(members.values()))
        for parts, entry in members.items():
            if any(part in but for part in parts[:-1]):
                continue
            path = target.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, path.open("wb") as sink:
                left -= copy_bounded(cast(BinaryIO, source), sink, left)


def member_names(world: Path) -> list[str]:
    """The paths of all files in an archive of a world, with forward slashes; errors as `unpack`."""
    with _opened(world) as (_, members):
        return ["/".join(parts) for parts in members]


@contextmanager
def opened_archive(world: Path, but: Container[str] = ()) -> Iterator[tuple[Path, Path]]:
    """(all that is in a .zip, .mcworld or .mctemplate but folders of these names, unpacked for the
    time being; the folder of the world in it, the same when it lies at the root). WorldError when
    it holds no world."""
    with tempfile.TemporaryDirectory() as folder:
        # Named as the archive: a world at its root is called so.
        root = Path(folder) / ("world" if fault_of_name(world.stem) else world.stem)
        root.mkdir()
        unpack(world, root, but)
        found = sorted(root.rglob("level.dat"), key=lambda path: (len(path.parts), path))
        if not found:
            raise WorldError(
                f"{world}: no level.dat inside", hint="name a .zip of a world, or a .mcworld"
            )
        yield root, found[0].parent
