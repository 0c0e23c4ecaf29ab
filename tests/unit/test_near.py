"""The kernels that say how near columns lie to those of a mask, against scipy's."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt, maximum_filter

from terrain.columns.near import squares_away, within
from terrain.ground.covers import COVERS, NATURAL, among, codes_of
from terrain.ground.shores import depths


def masks():
    rng = np.random.default_rng(15)
    for share in (0.0, 0.001, 0.02, 0.3, 0.98, 1.0):
        for _ in range(12):
            yield rng.random(tuple(rng.integers(1, 70, 2))) < share


@pytest.mark.parametrize("reach", [0, 1, 6, 40])
def test_columns_within_a_square_are_those_of_a_maximum_filter(reach):
    for mask in masks():
        wanted = maximum_filter(mask.view(np.uint8), 2 * reach + 1, mode="constant") > 0
        assert np.array_equal(within(mask, reach), wanted)


@pytest.mark.parametrize("reach", [0, 1, 6, 40])
def test_squares_are_those_of_the_exact_distance(reach):
    for mask in masks():
        away = distance_transform_edt(~mask) if mask.any() else np.full(mask.shape, 1e9)
        wanted = np.where(away <= reach, np.rint(away**2), (reach + 1) ** 2)
        assert np.array_equal(squares_away(mask, reach), wanted)


def test_the_water_is_as_deep_as_exact_distances_say():
    rng = np.random.default_rng(7)
    for _ in range(8):
        far = distance_transform_edt(rng.random((150, 170)) > 0.0004)
        wet = far > 9.0
        quay = ~wet & (rng.random(wet.shape) < 0.02)
        beach = ~wet & ~quay & (rng.random(wet.shape) < 0.02)
        to_quay, to_beach = distance_transform_edt(~quay), distance_transform_edt(~beach)
        wanted = 2 + np.minimum(distance_transform_edt(wet), 72).astype(int) // 6
        wanted += np.maximum(4 - np.maximum(np.ceil((to_quay - 10.0) / 6), 0), 0).astype(int)
        sandy = wet & (to_beach <= 24.0)
        wanted = np.where(sandy, np.minimum(wanted, 1 + (to_beach / 6).astype(int)), wanted)
        deep, sand = depths(wet, quay, beach)
        assert np.array_equal(deep, wanted)
        assert np.array_equal(sand, sandy)


def test_what_is_among_some_covers_is_what_isin_says():
    cover = np.random.default_rng(3).integers(0, len(COVERS), (40, 60)).astype(np.uint8)
    for part in (cover, cover[3:9, 5:50], cover[:, ::3], cover[:0], cover[4, 6:9]):
        found = among(part, codes_of(NATURAL))
        assert np.array_equal(found, np.isin(part, codes_of(NATURAL)))
        found[...] = True
