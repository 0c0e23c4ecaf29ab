"""Which columns a layer changes, of worlds that others may have changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mc_city.saved import layer_map
from worlds.errors import WorldError
from worlds.layers import Change, Layers, Switch, Unit

LAYERS = Layers((Switch("a", "A", ("",)),), (Unit((0,), (0, 0), ((), ())),), (0,), (0,))


def blocks(*ids: int) -> Change:
    """A row of blocks towards the east, with these states."""
    x = np.arange(len(ids), dtype=np.int32)
    return Change(x, np.zeros_like(x), np.zeros_like(x), np.array(ids, np.uint16))


def test_the_columns_are_those_that_differ(monkeypatch):
    both = iter([[blocks(1, 2, 3)], [blocks(1, 5, 6)]])
    monkeypatch.setattr(layer_map, "blocks_of_units", lambda *_: next(both))
    (columns,) = layer_map.changed_columns(Path("world"), LAYERS)
    assert columns.tolist() == [[1, 0], [2, 0]]


def test_states_that_list_other_places_are_damage(monkeypatch):
    both = iter([[blocks(1, 2, 3)], [blocks(1, 2)]])
    monkeypatch.setattr(layer_map, "blocks_of_units", lambda *_: next(both))
    with pytest.raises(WorldError, match="list other blocks"):
        layer_map.changed_columns(Path("world"), LAYERS)
