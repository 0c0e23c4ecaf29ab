"""Errors that a user can mend. Anything else that escapes is a bug and shows a traceback."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any


class McCityError(Exception):
    """What is wrong, with which value, and where; `hint` says what to do about it. Both are one
    line."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """An error of another process arrives with its hint."""
        return partial(type(self), hint=self.hint), self.args


class ConfigError(McCityError):
    """A setting is missing, unknown or contradicts another."""


class SourceError(McCityError):
    """A raster or vector source cannot be used."""


class WorldError(McCityError):
    """A world, an output folder or the disk refuses what is asked."""
