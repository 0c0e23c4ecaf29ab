"""Zips of worlds."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path


def write_zip(folder: Path, target: Path) -> None:
    """The world folder as a zip, files in order and with a fixed date, so that equal worlds give equal zips.

    Without `session.lock`: who opens and closes that file gives up the hold on the world.
    """
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "session.lock"):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, (2024, 12, 3, 0, 0, 0))
            # Regions are mostly the padding of deflated chunks: the fastest level takes it all.
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
