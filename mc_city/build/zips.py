"""Zips of worlds."""

from __future__ import annotations

import zipfile
from pathlib import Path

from worlds.archives import Member, write_archive

LOCKS = ("session.lock", "LOCK")
"""Files by which the games hold a world: who opens and closes one gives up the hold."""
DATE = (2024, 12, 3, 0, 0, 0)
"""Of every file in an archive, so that equal worlds give equal archives."""


def write_zip(folder: Path, target: Path, inside: str | None = None) -> None:
    """The folder as a zip, files in order and with a fixed date, so that equal worlds give equal
    zips. inside: the folder that they lie in there, empty for its root; by default that of the
    world's name. The games' locks are left out."""
    prefix = f"{folder.name if inside is None else inside}/".lstrip("/")
    members = []
    for path in sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name not in LOCKS
    ):
        entry = zipfile.ZipInfo(f"{prefix}{path.relative_to(folder).as_posix()}", DATE)
        entry.compress_type = zipfile.ZIP_DEFLATED
        members.append(Member(entry, path))
    write_archive(target, members)
