"""What holds for whatever anybody builds: counts, outlines, volumes and heights."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city.harvest.figures import changes, figures_of
from mc_city.harvest.matter import matter_of
from mc_city.harvest.proposals import proposals_of
from terrain.frame import Frame
from terrain.plane import Plane
from tests.harvest.builder import Site, flat, hill, river
from tests.harvest.told import SENDER

BLOCKS = (
    "air", "stone", "oak_planks", "glass", "water", "oak_leaves", "oak_fence", "red_wool", "dirt",
    "cave_air", "short_grass", "rail", "oak_sign",
)  # fmt: skip
FRAMES = (
    Frame("EPSG:3006", 617000.0, 6918000.0),
    Frame("EPSG:3006", 617000.0, 6918000.0, scale=2.0, vertical_scale=0.5, sea_level_y=40),
    Frame(Plane("EPSG:3006", 617000.0, 6918000.0, 23.0), 617000.0, 6918000.0, scale=1.5),
)
number = st.integers(-15, 15)
low = st.integers(-6, 12)


@st.composite
def buildings(draw) -> Site:
    """Boxes, rooms and walls of anything, over and in one another, on one of three grounds."""
    height, wet = draw(
        st.sampled_from([(flat, river(-4, 4)), (hill, river(1, 0)), (flat, river(1, 0))])
    )
    site = Site(height=height, wet=wet)
    for _ in range(draw(st.integers(1, 6))):
        first = draw(number), draw(low), draw(number)
        size = draw(st.tuples(*[st.integers(0, 7)] * 3))
        last = tuple(start + more for start, more in zip(first, size, strict=True))
        way = draw(st.sampled_from([site.box, site.walls, site.hollow]))
        if way != site.hollow or min(size) >= 2:
            way(first, last, draw(st.sampled_from(BLOCKS)))
    return site


@settings(deadline=None, max_examples=80)
@given(buildings(), st.sampled_from(FRAMES), st.booleans())
def test_whatever_is_built_is_measured_whole(site, frame, known):
    built = site.built()
    ground = site.ground if known else None
    proposals = proposals_of(built, SENDER, frame, (), ground)
    counts = np.array([(one.added, one.removed, one.replaced) for one in proposals] or [(0, 0, 0)])
    whole = changes(built, matter_of(built.states)) if len(built) else (0, 0, 0)
    assert counts.sum(axis=0).tolist() == list(whole)
    assert counts.sum() == len(built)
    assert sum(len(one.built) for one in proposals) == len(built)
    for one in proposals:
        x, z = one.built.x + 0.5, one.built.z + 0.5
        assert one.outline.is_valid
        assert shapely.contains_xy(one.outline, *frame.on_map(x, z)).all()
        assert one.outline.area == pytest.approx(one.area_m2, rel=1e-3)
        assert one.bottom_m < one.top_m
        assert one.height_m == one.top_m - one.ground_m
        block_m3 = 1 / (frame.scale**2 * frame.vertical_scale)
        assert one.volume_m3 >= len(one.built) * block_m3 * (1 - 1e-4)
        assert 0 < one.confidence <= 1
        stands = ~matter_of(built.states).roles["empty"][one.built.after]
        assert sum(one.materials.values()) in (stands.sum(), (one.built.before != 0).sum())


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 14), st.integers(3, 14), st.integers(2, 6), st.integers(1, 4))
def test_a_closed_house_encloses_its_rooms_and_has_its_floors(wide, deep, tall, storeys):
    site = Site()
    for storey in range(storeys):
        foot = storey * (tall + 1)
        site.hollow((0, foot, 0), (wide + 1, foot + tall + 1, deep + 1), "bricks")
    built = site.built()
    figures = figures_of(built, matter_of(built.states), FRAMES[0], site.ground)
    assert figures.volume_m3 == (wide + 2) * (deep + 2) * (storeys * (tall + 1) + 1)
    assert figures.floors == storeys
    assert figures.height_m == storeys * (tall + 1)


@settings(deadline=None, max_examples=40)
@given(buildings(), st.integers(-3000, 3000), st.integers(-3000, 3000))
def test_a_thing_is_told_alike_wherever_it_stands(site, dx, dz):
    """Its figures and its kind, but for where it is; the ground is flat."""
    here = Site(put=site.put)
    there = Site(put={(x + dx, y, z + dz): block for (x, y, z), block in site.put.items()})
    told = [
        [
            (one.kind, one.confidence, one.area_m2, one.volume_m3, one.floors, one.height_m)
            for one in proposals_of(some.built(), SENDER, FRAMES[0], (), some.ground)
        ]
        for some in (here, there)
    ]
    assert told[0] == told[1]
