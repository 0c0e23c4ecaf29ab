"""What is there in which state of the plans."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Options = NDArray[np.bool_]
"""(options,) bool: some of the planned options. Those that are active, which means carried out, are
a state of the city: none of them is the city of today."""


class Presence(NamedTuple):
    """Of things that plans may bring or take away.

    options: (things, options) bool, which options bring each, none for those of today; takes:
    (options, things) bool, which things an option takes away.
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

    def brought(self, active: Options) -> NDArray[np.bool_]:
        """(things,) bool: those that active options bring, whatever they take away."""
        return np.asarray((self.options & active).any(axis=1))

    def standing(self, active: Options) -> NDArray[np.bool_]:
        """(things,) bool: those that are there in a state."""
        there = self.of_today
        if active.any():
            there = (there | self.brought(active)) & ~self.takes[active].any(axis=0)
        return there

    def concerned(self, options: Options) -> NDArray[np.bool_]:
        """(things,) bool: those that any of the options brings or takes away."""
        return np.asarray(self.brought(options) | self.takes[options].any(axis=0))
