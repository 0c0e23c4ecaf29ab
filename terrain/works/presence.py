"""What is there in which state of the plans."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Presence(NamedTuple):
    """Of things that plans may bring or take away.

    options: (things, options) bool, which options bring each, none for those of today; takes:
    (options, things) bool, which things an option takes away. A state of the plans is (options,)
    bool: those that are carried out.
    """

    options: NDArray[np.bool_]
    takes: NDArray[np.bool_]

    @property
    def of_today(self) -> NDArray[np.bool_]:
        """(things,) bool: those that are there without any plan."""
        return np.asarray(~self.options.any(axis=1))

    @property
    def taken(self) -> NDArray[np.bool_]:
        """(things,) bool: those that some option takes away."""
        return np.asarray(self.takes.any(axis=0))

    def brought(self, state: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(things,) bool: those that a state brings, whatever it takes away."""
        return np.asarray((self.options & state).any(axis=1))

    def standing(self, state: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(things,) bool: those that are there in a state."""
        there = self.of_today
        if state.any():
            there = (there | self.brought(state)) & ~self.takes[state].any(axis=0)
        return there

    def concerned(self, options: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(things,) bool: those that any of the options brings or takes away."""
        return np.asarray(self.brought(options) | self.takes[options].any(axis=0))
