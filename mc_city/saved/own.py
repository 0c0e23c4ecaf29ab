"""Folders that hold nothing but their own: no links that lead out of them, and no pipes or
devices."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from worlds.errors import WorldError


def require_own(folder: Path) -> None:
    """WorldError when something below a folder that others filled leads elsewhere: what is written
    there would change another place, and what is handed out would come from it."""
    root = folder.resolve()
    for place, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(place, name)
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                if not Path(os.path.realpath(path)).is_relative_to(root):
                    raise WorldError(
                        f"{path}: is a link that leads out of {root.name}",
                        hint="put what it leads to in its place, or take the world again from its "
                        "zip or a backup",
                    )
            elif not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise WorldError(
                    f"{path}: is neither a file nor a folder",
                    hint="take it away, or take the world again from its zip",
                )
