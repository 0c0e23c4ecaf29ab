"""The vector library, pyogrio, by the names of what is used of it: loaded when one of them is first
asked for. With all that it loads itself it takes most of a second, which a city that is read from
an extract alone need not wait for."""

from __future__ import annotations

from typing import Any

ERRORS = ("DataLayerError", "DataSourceError")


def __getattr__(name: str) -> Any:
    import pyogrio
    import pyogrio.errors

    return getattr(pyogrio.errors if name in ERRORS else pyogrio, name)
