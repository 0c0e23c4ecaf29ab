"""Whose the files are that were brought: entries of the project's `sources.toml`, which go into the
world, ATTRIBUTION.txt and the hand-out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from mc_city.build.publishing import write_whole
from mc_city.build.staging import disk_errors
from mc_city.settings.mistakes import read_text
from worlds.errors import ConfigError
from worlds.notes import read_source_notes, why
from worlds.quoting import plain

TEXTS = ("title", "files", "licence", "attribution", "date")
HEAD = """\
# Whose data the city is made of: `mc-city` writes it into the world, ATTRIBUTION.txt and the
# hand-out. One [[source]] each.
"""
Credit = Mapping[str, str | bool]
"""title, licence, attribution, date; real: whether it is true or made up."""


def read_credits(folder: Path) -> dict[str, dict[str, Any]]:
    """Name of a file → what is said of it, in the folder's own notes and in those of its data."""
    out: dict[str, dict[str, Any]] = {}
    for notes in (folder / "data" / "sources.toml", folder / "sources.toml"):
        if not notes.is_file():
            continue
        try:
            entries = read_source_notes(notes)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{notes.name}: cannot be read ({why(error)})", hint="mend it in an editor"
            ) from error
        for entry in entries:
            for name in str(entry.get("files", "")).split(","):
                out[name.strip()] = entry
    return out


def with_credit(text: str, name: str, credit: Credit) -> str:
    """The notes with what is said of one file, its own entry new or in the place of the old; every
    other line as it was."""
    said = {"title": credit.get("title") or name, "files": name, **credit}
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"sources.toml: {error}", hint="mend it in an editor") from error
    own = next((one for one in document.get("source", []) if one.get("files") == name), None)
    if own is None:
        lines = [f"{key} = {tomlkit.item(_clean(value)).as_string()}" for key, value in _kept(said)]
        gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
        new = "\n".join([f"{text}{gap}[[source]]", *lines, ""])
    else:
        for key in (*TEXTS, "real"):
            if key in own and key not in dict(_kept(said)):
                del own[key]
        for key, value in _kept(said):
            own[key] = _clean(value)
        new = document.as_string()
    tomllib.loads(new)
    return new


def _clean(value: str | bool) -> str | bool:
    return value if isinstance(value, bool) else plain(value)[:300]


def _kept(said: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key, said[key]) for key in (*TEXTS, "real") if said.get(key) not in (None, "")]


def write_credit(folder: Path, name: str, credit: Credit) -> None:
    """Says in the project's `sources.toml` whose a file is."""
    notes = folder / "sources.toml"
    text = read_text(notes).replace("\r\n", "\n") if notes.is_file() else HEAD
    with disk_errors(notes, "close the program that holds it"):
        write_whole(notes, with_credit(text, name, credit))
