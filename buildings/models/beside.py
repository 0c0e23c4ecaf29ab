"""Files that a model names: only from its own folder, as large as such files are."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from buildings.models.meshes import MOST_BYTES, MOST_PICTURES, MOST_PIXELS
from worlds.errors import SourceError
from worlds.quoting import plain

WORDS = ("I;16", "I;16B", "I;16L", "I")
"""Kinds of pictures of one grey of 16 bits."""
SIDE, SIDE_OF_MANY, MANY = 2048, 1024, 16
"""Pixels that a side of a picture keeps: a block is a metre, and sees few of them; with more than
MANY pictures fewer."""


def require_inside(name: str, path: Path) -> Path:
    """The file that a model calls by a name, in the model's folder. SourceError for one that lies
    elsewhere, on the web or up the tree: what a file names must not make the program read."""
    said = unquote(name).replace("\\", "/").strip()
    parts = PurePosixPath(said).parts
    folder = path.parent.resolve()
    outside = (
        not said
        or "\x00" in said
        or ":" in said
        or said.startswith(("/", "~"))
        or ".." in parts
        or not (folder / said).resolve().is_relative_to(folder)
    )
    if outside:
        raise SourceError(
            f"{path}: names a file outside its own folder, '{plain(said)[:80]}'",
            hint="put the file beside the model and name it without a path, or save the model as "
            "GLB, which holds all in one",
        )
    return folder / said


class Beside:
    """The files beside a model, as libraries ask for them: `get(name)` → bytes.

    refused: the first name that must not be followed, as an error; missing: names that are not
    there, with the reason. Libraries go on without what they do not get, so both are asked for
    afterwards.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.refused: SourceError | None = None
        self.missing: Counter[str] = Counter()
        self._bytes = 0

    def get(self, name: str) -> bytes:
        try:
            file = require_inside(str(name), self.path)
        except SourceError as error:
            self.refused = self.refused or error
            raise
        if not file.is_file():
            self.missing["pictures or materials that are not there"] += 1
            raise FileNotFoundError(name)
        self._bytes += file.stat().st_size
        if self._bytes > MOST_BYTES:
            self.refused = self.refused or SourceError(
                f"{self.path}: the files that it names are larger than {MOST_BYTES >> 20} MB",
                hint="save it with smaller pictures",
            )
            raise self.refused
        return file.read_bytes()

    __getitem__ = get

    def keys(self) -> list[str]:
        return []

    def __contains__(self, name: str) -> bool:
        return False


class Pictures:
    """Decodes the pictures of one model, each once, and keeps them small. count: of those that the
    model has."""

    def __init__(self, count: int, left_out: Counter[str]) -> None:
        self._side = SIDE_OF_MANY if count > MANY else SIDE
        self._left_out = left_out
        self._known: dict[int, NDArray[np.uint8] | None] = {}
        self._held: list[Any] = []
        self._named: dict[str, NDArray[np.uint8] | None] = {}

    def __len__(self) -> int:
        return sum(picture is not None for picture in self._known.values())

    def of(self, image: Any) -> NDArray[np.uint8] | None:
        """(rows, columns, 4) uint8 of a Pillow image; None, counted, where it cannot be used."""
        if id(image) not in self._known:
            self._held.append(image)
            self._known[id(image)] = self._decoded(image)
        return self._known[id(image)]

    def named(self, name: str, beside: Beside) -> NDArray[np.uint8] | None:
        """Of a file beside the model, looked for once; None where it is not there. SourceError
        where it must not be read."""
        if name not in self._named:
            try:
                self._named[name] = self.read(beside.get(name))
            except FileNotFoundError:
                self._named[name] = None
        return self._named[name]

    def read(self, data: bytes) -> NDArray[np.uint8] | None:
        from PIL import Image

        try:
            return self.of(Image.open(io.BytesIO(data)))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            self._left_out["pictures that cannot be read"] += 1
            return None

    def _decoded(self, image: Any) -> NDArray[np.uint8] | None:
        width, height = image.size
        if width * height > MOST_PIXELS or len(self._known) >= MOST_PICTURES:
            self._left_out["pictures that are too large, or too many"] += 1
            return None
        try:
            shrink = -(-max(width, height) // self._side)
            # Of words the library would take all that is lighter than 255 for white.
            if image.mode in WORDS:
                image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
            pixels = image.convert("RGBA")
            pixels = pixels.reduce(shrink) if shrink > 1 else pixels
            return np.ascontiguousarray(np.asarray(pixels, np.uint8))
        # Decoders of a dozen formats read what anybody may have damaged, and each has its errors.
        except Exception:
            self._left_out["pictures that cannot be read"] += 1
            return None
