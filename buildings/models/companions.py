"""The files that a model names, for whoever must know whether anything of it has changed."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from buildings.models.beside import require_inside
from buildings.models.gltf_head import header_of
from buildings.models.meshes import MOST_BYTES
from terrain.files.kinds import is_readable, model_format
from worlds.errors import SourceError

LIBRARY = re.compile(rb"^[ \t]*mtllib[ \t]+([^\r\n]+)", re.MULTILINE)
PICTURE = re.compile(rb"^[ \t]*map_kd[ \t]+(?:-\w+[ \t]+(?:[-\d.]+[ \t]+)*)*([^\r\n]+)",
                     re.MULTILINE | re.IGNORECASE)  # fmt: skip
TEXTURE = re.compile(rb"<(?:\w+:)?imageURI>\s*([^<]+?)\s*<")


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace").strip()


def _of_gltf(path: Path) -> Iterator[str]:
    head: dict[str, Any] = header_of(path, path.read_bytes())
    for key in ("buffers", "images"):
        rows = head.get(key)
        for row in rows if isinstance(rows, list) else ():
            uri = row.get("uri") if isinstance(row, dict) else None
            if isinstance(uri, str) and not uri.startswith("data:"):
                yield uri


def _of_obj(path: Path) -> Iterator[str]:
    for name in map(_text, LIBRARY.findall(path.read_bytes())):
        yield name
        library = require_inside(name, path)
        if library.is_file():
            yield from map(_text, PICTURE.findall(library.read_bytes()))


def _names(path: Path) -> Iterator[str]:
    kind = model_format(path)
    if kind == "gltf":
        yield from _of_gltf(path)
    elif kind == "obj":
        yield from _of_obj(path)
    elif kind == "citygml":
        yield from map(_text, TEXTURE.findall(path.read_bytes()))


def companions_of(path: Path) -> list[Path]:
    """The files that are there of those that a model names. What is wrong with it, its reader
    says."""
    found: dict[Path, None] = {}
    with contextlib.suppress(OSError, SourceError):
        if is_readable(path) and path.is_file() and path.stat().st_size <= MOST_BYTES:
            for name in _names(path):
                file = require_inside(name, path)
                if file.is_file():
                    found[file] = None
    return list(found)
