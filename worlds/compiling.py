"""Hearing of kernels while they are compiled, so that a first run has something to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def compiling_told(told: Callable[[int], None]) -> Iterator[None]:
    """Calls `told` with how many kernels were compiled since the beginning, after each of them. It
    is called in whatever thread compiles. Kernels that are taken from their files are not
    counted."""
    from numba.core import event

    done = 0

    class Heard(event.Listener):
        def on_start(self, event: Any) -> None:
            """Only what is done counts."""

        def on_end(self, event: Any) -> None:  # noqa: ARG002
            nonlocal done
            done += 1
            told(done)

    with event.install_listener("numba:compile", Heard()):
        yield
