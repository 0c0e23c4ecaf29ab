"""Showing a file or folder in the system's own window of files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from worlds.errors import WorldError


def folder_command(path: Path, system: str) -> list[str]:
    """The program that shows a path, and what it is given; no shell reads it. system: as
    `sys.platform` has it."""
    if system == "win32":
        return ["explorer", str(path)] if path.is_dir() else ["explorer", f"/select,{path}"]
    if system == "darwin":
        return ["open", str(path)] if path.is_dir() else ["open", "-R", str(path)]
    return ["xdg-open", str(path if path.is_dir() else path.parent)]


def show_in_folder(path: Path, system: str = sys.platform) -> None:
    """Shows a path that is there. WorldError where this system has no program for it."""
    command = folder_command(path, system)
    if not path.exists() or shutil.which(command[0]) is None:
        raise WorldError(
            f"{path}: this system shows no folders from here", hint="open it yourself, it is there"
        )
    subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
