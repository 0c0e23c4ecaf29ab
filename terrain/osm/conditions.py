"""Conditions on words, as `where` has them, answered by ourselves: whether a column is there, and
whether it says this or that. What else GDAL understands, GDAL is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Columns = Mapping[str, NDArray[np.object_]]
Known = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""(n,) of which rows a condition is true, and of which it is unknown, as what is not there says
neither this nor that."""
Condition = Callable[[Columns], Known]
DEEPEST = 50
"""Brackets in each other that are followed."""
_TOKEN = re.compile(
    r"""\s*(?:'(?P<text>[^'\\]*)'(?!')|"(?P<name>[^"\\]+)"|(?P<word>[A-Za-z_]\w*)"""
    r"""|(?P<sign><>|!=|=|\(|\)|,))""",
    re.ASCII,
)
_WORDS = ("and", "or", "not", "in", "is", "null")
_OTHER_WORDS = (
    "like", "ilike", "between", "escape", "cast", "case", "when", "select", "true", "false",
)  # fmt: skip
"""Words of GDAL's conditions that are no names of columns."""


class _NotOursError(ValueError):
    """For what GDAL is asked."""


def _tokens(where: str) -> list[tuple[str, str]]:
    """(kind, what it says): `text`, `name`, or `sign`, which keywords are too."""
    found, at = [], 0
    where = where.rstrip()
    while at < len(where):
        match = _TOKEN.match(where, at)
        if match is None or not match[0].isascii():
            raise _NotOursError
        kind, said = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "word":
            if said.lower() in _OTHER_WORDS:
                raise _NotOursError
            kind, said = ("sign", said.lower()) if said.lower() in _WORDS else ("name", said)
        found.append((kind, said))
        at = match.end()
    return found


def _folded(value: object) -> str | None:
    """As GDAL compares texts: without regard to the case of letters from A to Z."""
    text = str(value)
    return text.lower() if text.isascii() else None


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[tuple[str, str]], names: Sequence[str]) -> None:
        self._tokens, self._names, self._at, self._deep = tokens, names, 0, 0

    def _next(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *signs: str) -> bool:
        """Goes past the signs, if they come next."""
        ahead = tuple(self._tokens[self._at : self._at + len(signs)])
        if ahead != tuple(("sign", sign) for sign in signs):
            return False
        self._at += len(signs)
        return True

    def _said(self, kind: str) -> str:
        if self._next()[0] != kind:
            raise _NotOursError
        self._at += 1
        return self._tokens[self._at - 1][1]

    def whole(self) -> Condition:
        found = self._either()
        if self._next()[0] != "end":
            raise _NotOursError
        return found

    def _either(self) -> Condition:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return _joined(parts, np.logical_or)

    def _both(self) -> Condition:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return _joined(parts, np.logical_and)

    def _one(self) -> Condition:
        if self._take("not"):
            if self._next() != ("sign", "("):
                raise _NotOursError
            return _not(self._one())
        if not self._take("("):
            return self._of_column()
        self._deep += 1
        if self._deep > DEEPEST:
            raise _NotOursError
        found = self._either()
        if not self._take(")"):
            raise _NotOursError
        self._deep -= 1
        return found

    def _of_column(self) -> Condition:
        name = self._said("name")
        if name not in self._names:
            raise _NotOursError
        if self._take("is", "null"):
            return _is_missing(name)
        if self._take("is", "not", "null"):
            return _not(_is_missing(name))
        if self._take("="):
            return _is_one_of(name, [self._said("text")])
        if self._take("<>") or self._take("!="):
            return _not(_is_one_of(name, [self._said("text")]))
        other = self._take("not")
        if not self._take("in", "("):
            raise _NotOursError
        texts = [self._said("text")]
        while self._take(","):
            texts.append(self._said("text"))
        if not self._take(")"):
            raise _NotOursError
        found = _is_one_of(name, texts)
        return _not(found) if other else found


def _is_missing(name: str) -> Condition:
    def known(columns: Columns) -> Known:
        missing = np.array([value is None for value in columns[name]], bool)
        return missing, np.zeros(len(missing), bool)

    return known


def _is_one_of(name: str, texts: Sequence[str]) -> Condition:
    wanted = {text.lower() for text in texts}

    def known(columns: Columns) -> Known:
        missing = np.array([value is None for value in columns[name]], bool)
        same = np.array([_folded(value) in wanted for value in columns[name]], bool)
        return same & ~missing, missing

    return known


def _not(condition: Condition) -> Condition:
    def known(columns: Columns) -> Known:
        true, unknown = condition(columns)
        return ~true & ~unknown, unknown

    return known


def _joined(parts: Sequence[Condition], how: np.ufunc) -> Condition:
    """With GDAL, several conditions together are unknown only where each of them is."""

    def known(columns: Columns) -> Known:
        true, unknown = zip(*(part(columns) for part in parts), strict=True)
        return how.reduce(true), np.logical_and.reduce(unknown)

    return known


def rows_of(where: str, columns: Columns) -> NDArray[np.bool_] | None:
    """(n,) of which rows a condition is true, by the columns that it may name; None where GDAL has
    to be asked."""
    try:
        return _Parser(_tokens(where), tuple(columns)).whole()(columns)[0]
    except _NotOursError:
        return None
