"""What sets a plot back, wherever it lies and whatever is shown: the blocks of the city drawn so,
over anything that somebody may have built."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mc_city.city.differences import differences, switches_of
from mc_city.city.drawing import draw, voxelise
from mc_city.city.plot_resets import layers_below, plot_resets
from mc_city.placing.class_plots import ClassPlots, MarkedPlot
from terrain.ground.ground import below_layers
from worlds.layers import combination
from worlds.plots import Plot, boxes_of, plot_of, resettable
from worlds.rect import Rect

LOW, HIGH = -64, 319
PIECES = st.lists(
    st.builds(Rect, st.integers(0, 20), st.integers(0, 20), st.integers(1, 12), st.integers(1, 12)),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module")
def city(planned_read):
    return planned_read()


@pytest.fixture(scope="module")
def known(city):
    """By region its tile without plans, and what its layers change."""
    tiles = {region: voxelise(city, *region) for region in city.grid.regions()}
    return {region: (tile, differences(city, tile)) for region, tile in tiles.items()}


@pytest.fixture(scope="module")
def drawn(city):
    """Asked with a state: (y, z, x) ids of the whole city, from LOW to HIGH."""
    kept: dict[tuple[int, ...], np.ndarray] = {}

    def of(state):
        if state not in kept:
            volume, _ = draw(city, city.grid, city.developments.active(state))
            ids = np.zeros((HIGH - LOW + 1, *volume.ids.shape[1:]), np.uint16)
            below = below_layers(city.blocks.ground, LOW, volume.y0)
            ids[: volume.y0 - LOW] = below[:, None, None]
            ids[volume.y0 - LOW : volume.y0 - LOW + len(volume.ids)] = volume.ids
            kept[state] = ids
        return kept[state]

    return of


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    x=st.integers(-64, 30),
    z=st.integers(-64, 30),
    pieces=PIECES,
    levels=st.tuples(st.integers(-60, 110), st.integers(0, 60)),
    state=st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 2)),
    seed=st.integers(0, 99),
)
def test_anything_becomes_the_city_that_is_shown(
    city, known, drawn, x, z, pieces, levels, state, seed
):
    mask = np.zeros((40, 40), bool)
    for piece in pieces:
        mask[piece.window_in(Rect(0, 0, 40, 40))] = True
    area = Rect(city.grid.x0, city.grid.z0, city.grid.nx, city.grid.nz)
    plot = Plot(7, "", boxes_of(mask, x, z), (levels[0], levels[0] + levels[1]))
    inside = plot.columns_in(area)
    plot = replace(plot, boxes=boxes_of(inside, area.x, area.z))
    if not plot.boxes:
        return
    marked = replace(city, class_plots=ClassPlots((MarkedPlot(plot, (), ()),)))
    units, changes = [], {}
    for tile, found in known.values():
        more = plot_resets(marked, tile, found)
        assert more.units[: len(found.units)] == found.units
        units += more.units[len(found.units) :]
        changes |= more.changes
    assert {plot_of(unit) for unit in units} == {7}
    (reset,) = resettable([plot], units)
    switches = switches_of(city)
    assert sorted(switch.states for switch in switches) == [2, 2, 3]
    state = tuple(min(one, switch.states - 1) for one, switch in zip(state, switches, strict=True))
    chance = np.random.default_rng(seed)
    ids = chance.integers(0, len(city.palette), (HIGH - LOW + 1, area.nz, area.nx)).astype(
        np.uint16
    )
    before = ids.copy()
    for first, last, block in layers_below(city.blocks.ground, city.version):
        top = min(last, plot.levels[0] - 1)
        ids[first - LOW : max(top - LOW + 1, 0), inside] = block
    ids[plot.levels[1] + 1 - LOW :, inside] = 0
    for unit in reset.units:
        for piece in unit.pieces[combination(switches, unit.switches, state)]:
            change = changes[piece.name]
            ids[change.y - LOW, change.z - area.z, change.x - area.x] = change.ids
    assert np.array_equal(ids[:, inside], drawn(state)[:, inside])
    assert np.array_equal(ids[:, ~inside], before[:, ~inside])


def test_every_combination_has_pieces_that_list_the_same_places(city, known):
    plot = Plot(7, "", (Rect(-20, 0, 40, 20),), (60, 80))
    marked = replace(city, class_plots=ClassPlots((MarkedPlot(plot, (), ()),)))
    for tile, found in known.values():
        more = plot_resets(marked, tile, found)
        for unit in more.units[len(found.units) :]:
            places = set()
            for pieces in unit.pieces:
                parts = [more.changes[piece.name] for piece in pieces]
                x, y, z = (
                    np.concatenate([getattr(part, axis) for part in parts]).tolist()
                    for axis in "xyz"
                )
                places.add(frozenset(zip(x, y, z, strict=True)))
            assert len(places) == 1
            counts = [switches_of(city)[index].states for index in unit.switches]
            assert len(unit.pieces) == len(list(product(*map(range, counts))))
