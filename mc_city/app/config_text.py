"""Edits of a configuration's text that keep its comments and its order, and writing it so that
nothing of somebody else's is lost."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Array, Item

from mc_city.build.publishing import write_whole
from mc_city.build.staging import disk_errors
from mc_city.settings.config import Config, config_of_text
from mc_city.settings.mistakes import parse, read_text
from mc_city.starter import FLAT_M, SINGLE
from worlds.errors import ConfigError

LONG = 60
"""Characters of a list from which on it has a line an entry."""

Place = Sequence[str]
"""Where a value stands: the section and the key in it, as in `("area", "bounds")`."""
Value = bool | int | float | str | Sequence[Any] | Mapping[str, Any]


class ChangedMeanwhileError(ConfigError):
    """A file is another than the one that an edit was made from."""


class Held(NamedTuple):
    """A configuration as it stands on the disk. text: with \\n at the ends of its lines."""

    text: str
    digest: str


def digest_of(path: Path) -> str:
    """Of a file's bytes; of one that is not there, that of none."""
    data = path.read_bytes() if path.is_file() else b""
    return hashlib.sha256(data).hexdigest()


def read_held(path: Path) -> Held:
    """A configuration, and what tells whether somebody changed it meanwhile. ConfigError for what
    is no text."""
    before = digest_of(path)
    return Held(read_text(path).replace("\r\n", "\n"), before)


def write_held(path: Path, text: str, digest: str) -> Config:
    """Puts a text in the place of the configuration that it was made from, once it is known to be
    one; what was there stays beside as `city.toml.old`, as it was before the first edit.
    ChangedMeanwhileError when the file is another by now, ConfigError when the text is none."""
    config = config_of_text(text, path)
    with disk_errors(path, "close the program that holds it"):
        if digest_of(path) != digest:
            raise ChangedMeanwhileError(
                f"{path.name}: somebody changed it meanwhile",
                hint="look at what it says now, and change it again",
            )
        kept = path.with_name(f"{path.name}.old")
        if path.is_file() and not kept.exists():
            _copy_whole(path, kept)
        write_whole(path, text)
    return config


def _copy_whole(path: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.partial")
    shutil.copyfile(path, partial)
    os.replace(partial, target)


def with_value(text: str, place: Place, value: Value) -> str:
    """The text with a value at a place, whether one stood there or not. What a commented example
    (`# spawn = …`) shows stands below it, in its section."""
    wanted = _set(parse(text, Path("city.toml")), place, value)
    held = _table_of(text, place[:-1])
    if held is not None and place[-1] in held:
        return _required(_replaced(text, place, value), wanted)
    written = f"{place[-1]} = {_item(value).as_string()}\n"
    new = _inserted(text, place, written)
    return new if _says(new, wanted) else _required(_replaced(text, place, value), wanted)


def without(text: str, place: Place) -> str:
    """The text without a key; as it is where there is none."""
    held = _table_of(text, place[:-1])
    if held is None or place[-1] not in held:
        return text
    document = _document(text)
    inner: Any = document
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    wanted = deepcopy(tomllib.loads(text))
    part: Any = wanted
    for name in place[:-1]:
        part = part[name]
    del part[place[-1]]
    return _required(document.as_string(), wanted)


def with_sources(text: str, theme: str, sources: Sequence[str | Mapping[str, Value]]) -> str:
    """The text with these sources of a theme, `terrain.water`, and no others; without any the key
    is taken out. sources: paths as the configuration names them, or tables with `path`. A flat
    ground goes when there is an elevation, and comes when there is none."""
    section, _, key = theme.partition(".")
    place = (section, key)
    if theme == "terrain.elevation":
        flat = (section, "flat_m")
        text = without(text, flat) if sources else with_value(text, flat, FLAT_M)
    if not sources:
        return without(text, place)
    if theme in SINGLE:
        if len(sources) > 1:
            raise ConfigError(f"{theme} takes one file", hint="take the other one out first")
        return with_value(text, place, _plain(sources[0]))
    return with_value(text, place, [_plain(one) for one in sources])


def sources_in(text: str, theme: str) -> list[str | dict[str, Any]]:
    """What a configuration names under a theme, as it is written there."""
    section, _, key = theme.partition(".")
    held = parse(text, Path("city.toml")).get(section, {})
    value = held.get(key, []) if isinstance(held, dict) else []
    return value if isinstance(value, list) else [value]


def _plain(source: str | Mapping[str, Value]) -> str | Mapping[str, Value]:
    if isinstance(source, str):
        return source
    return str(source["path"]) if set(source) == {"path"} else source


def _document(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(
            f"city.toml: {error}", hint="mend it in an editor, then change it here"
        ) from error


def _table_of(text: str, names: Place) -> dict[str, Any] | None:
    part: Any = parse(text, Path("city.toml"))
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part if isinstance(part, dict) else None


def _set(table: dict[str, Any], place: Place, value: Value) -> dict[str, Any]:
    """The table with a value in it, a plain one."""
    out = deepcopy(table)
    part = out
    for name in place[:-1]:
        part = part.setdefault(name, {})
        if not isinstance(part, dict):
            raise ConfigError(f"city.toml: {name} is no section", hint="mend it in an editor")
    part[place[-1]] = tomllib.loads(f"value = {_item(value).as_string()}")["value"]
    return out


def _says(text: str, wanted: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _required(text: str, wanted: Mapping[str, Any]) -> str:
    """A text that says what was wanted, and nothing else. ConfigError where an edit cannot be done
    so."""
    if not _says(text, wanted):
        raise ConfigError(
            "city.toml: is written so that this change would touch other lines",
            hint="make it in an editor",
        )
    return text


def _item(value: Value) -> Item:
    """A value as it is written: long lists with a line an entry, tables in one line."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table.append(key, _item(inner))
        return table
    if isinstance(value, Sequence) and not isinstance(value, str):
        array = tomlkit.array()
        for inner in value:
            array.append(_item(inner))
        return _wrapped(array)
    return tomlkit.item(value)


def _wrapped(array: Array) -> Array:
    text = len(array.as_string())
    if text > LONG and any(not isinstance(one, int | float) for one in array.unwrap()):
        array.multiline(True)
    return array


def _replaced(text: str, place: Place, value: Value) -> str:
    document = _document(text)
    inner: Any = document
    for name in place[:-1]:
        inner = inner.setdefault(name, tomlkit.table())
    item = _item(value)
    # What is said behind the old value is said behind the new one.
    old = inner.get(place[-1])
    if isinstance(old, Item) and old.trivia.comment:
        item.trivia.comment = old.trivia.comment
        item.trivia.comment_ws = old.trivia.comment_ws
    inner[place[-1]] = item
    return document.as_string()


def _inserted(text: str, place: Place, line: str) -> str:
    """A new line in its section: below the example of its key, else at the section's end; the
    section too where there is none."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    head = ".".join(place[:-1])
    start = _line_of(lines, rf"\s*\[\s*{re.escape(head)}\s*\]\s*(#.*)?$")
    if start is None:
        return "".join([*lines, f"\n[{head}]\n", line])
    end = next(
        (at for at in range(start + 1, len(lines)) if re.match(r"\s*(# ?)?\[", lines[at])),
        len(lines),
    )
    example = _line_of(lines[start:end], rf"#\s*{re.escape(place[-1])}\s*=")
    if example is not None and _outside_of_lists(lines, start, start + example + 1):
        at = start + example + 1
        return "".join([*lines[:at], line, *lines[at:]])
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return "".join([*lines[:end], line, *lines[end:]])


def _line_of(lines: Sequence[str], pattern: str) -> int | None:
    return next((at for at, line in enumerate(lines) if re.match(pattern, line)), None)


def _outside_of_lists(lines: Sequence[str], start: int, at: int) -> bool:
    """Whether what stands from a section's head to a line is whole by itself."""
    try:
        tomllib.loads("".join(lines[start:at]))
    except tomllib.TOMLDecodeError:
        return False
    return True
