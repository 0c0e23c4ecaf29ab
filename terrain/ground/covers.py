"""What covers the ground: one table, from which every list of covers is derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Cover:
    """One class of surface and what holds for it.

    natural: nobody laid it; forest: trees stand on it closely; wooded: what is tall on it may be a
    tree; green: benches and the like stand on it; strewn: nobody sweeps leaves from it; sandy: it
    gives way to a beach's sand.
    road: carriageways and paths, on which nothing grows or stands; beside: the rest of a street's
    cross-section; on_foot: of streets on foot; square: laid out to be walked on, without a way;
    made: whether it is laid of stone, asphalt or boards, where that is known; raised: half a block
    above a carriageway; old_town: what lies in old towns.
    walled: it ends at water with a wall; loose: the bed of a track replaces it; bed: under water;
    trees, posts: whether a tree or a post may stand there, roads apart.
    """

    name: str
    natural: bool = False
    forest: bool = False
    wooded: bool = False
    green: bool = False
    strewn: bool = False
    sandy: bool = False
    road: bool = False
    beside: bool = False
    on_foot: bool = False
    square: bool = False
    made: bool = True
    raised: bool = False
    old_town: bool = False
    walled: bool = False
    loose: bool = False
    bed: bool = False
    trees: bool = True
    posts: bool = True

    @property
    def street(self) -> bool:
        """Carriageways, paths and what is beside them."""
        return self.road or self.beside

    @property
    def walked(self) -> bool:
        """Where people walk: streets, squares, quays."""
        return self.street or self.square

    @property
    def laid(self) -> bool:
        """Whether it is of what a map shows as built over: neither what grows nor bare rock."""
        return not (self.natural or self.sandy or self.name == "void")


TABLE = (
    Cover(name="grass", natural=True, green=True, strewn=True, loose=True, sandy=True),
    Cover(name="asphalt", road=True, on_foot=True, walled=True),
    Cover(name="pavement", beside=True, raised=True, walled=True),
    Cover(name="square", square=True, old_town=True, walled=True),
    Cover(name="gravel", road=True, on_foot=True, made=False, loose=True),
    Cover(name="park", green=True, strewn=True, wooded=True, loose=True, sandy=True),
    Cover(name="quay", square=True, old_town=True, walled=True),
    Cover(name="shore", loose=True, trees=False),
    Cover(name="sea_bed", bed=True, trees=False, posts=False),
    Cover(name="river_bed", bed=True, trees=False, posts=False),
    Cover(name="rock", loose=True, sandy=True),
    Cover(name="void", loose=True, trees=False, posts=False),
    Cover(name="playground", loose=True),
    Cover(name="ballast"),
    Cover(name="concrete", road=True, on_foot=True, walled=True),
    Cover(name="paving", road=True, on_foot=True, old_town=True, walled=True),
    Cover(name="sett", road=True, on_foot=True, old_town=True, walled=True),
    Cover(name="trail", road=True, made=False, loose=True),
    Cover(name="boardwalk", road=True, old_town=True),
    Cover(name="steps", road=True),
    Cover(name="cycle", road=True, walled=True),
    Cover(name="kerb", beside=True, raised=True, walled=True),
    Cover(name="line", road=True, walled=True),
    Cover(name="bank", strewn=True, loose=True),
    Cover(name="wall", trees=False),
    Cover(name="spruce_forest", natural=True, forest=True, sandy=True),
    Cover(name="pine_forest", natural=True, forest=True, sandy=True),
    Cover(name="mixed_forest", natural=True, forest=True, strewn=True, sandy=True),
    Cover(name="leaf_forest", natural=True, forest=True, strewn=True, sandy=True),
    Cover(name="clearing", natural=True, wooded=True, green=True, strewn=True, sandy=True),
    Cover(name="field", natural=True, sandy=True),
    Cover(name="meadow", natural=True, green=True, strewn=True, sandy=True),
    Cover(name="wetland", natural=True, wooded=True, sandy=True),
    Cover(name="weir", trees=False, posts=False),
    Cover(name="beach", trees=False),
    Cover(name="shingle"),
    Cover(name="gravel_bed", bed=True),
    Cover(name="clay_bed", bed=True),
    Cover(name="heath", natural=True, wooded=True, green=True, strewn=True, sandy=True),
    Cover(name="garden", natural=True, green=True, strewn=True, sandy=True),
    Cover(name="pitch"),
    Cover(name="court"),
    Cover(name="cemetery", wooded=True, strewn=True),
    Cover(name="allotments"),
    Cover(name="sand"),
    Cover(name="yard"),
    Cover(name="rubber"),
    Cover(name="tiles", trees=False),
    Cover(name="mown", green=True, loose=True),
    Cover(name="mud", trees=False, loose=True),
    Cover(name="ice", trees=False, posts=False),
    Cover(name="scree", loose=True),
    Cover(name="quarry", loose=True),
    Cover(name="gravel_yard", loose=True),
    Cover(name="flowerbed", loose=True),
    Cover(name="crops", natural=True, sandy=True),
)
"""All covers; their places are the codes in `Ground.cover`."""
COVERS = tuple(cover.name for cover in TABLE)
COVER = {name: code for code, name in enumerate(COVERS)}


def names_of(holds: Callable[[Cover], bool]) -> tuple[str, ...]:
    """The covers for which something holds."""
    return tuple(cover.name for cover in TABLE if holds(cover))


def codes_of(names: Iterable[str]) -> NDArray[np.uint8]:
    """Their codes, for `np.isin`."""
    return np.array([COVER[name] for name in names], np.uint8)


def mask_of(names: Iterable[str]) -> NDArray[np.bool_]:
    """(covers,) bool: which of all covers they are."""
    return np.isin(np.arange(len(TABLE)), codes_of(names))


def among(cover: NDArray[np.uint8], codes: Iterable[int]) -> NDArray[np.bool_]:
    """Where a cover, of any shape, is one of the codes: as `np.isin` says, in a tenth of its
    time."""
    table = bytearray(256)
    for code in codes:
        table[code] = 1
    found = bytearray(np.ascontiguousarray(cover).data.cast("B") if cover.size else b"")
    return np.frombuffer(found.translate(table), np.bool_).reshape(cover.shape)


NATURAL = names_of(lambda cover: cover.natural)
"""Covers that nobody laid."""
ROAD_COVERS = names_of(lambda cover: cover.road)
"""Covers of carriageways and paths: nothing grows or stands there."""
STREET_COVERS = names_of(lambda cover: cover.street)
WALKED_COVERS = names_of(lambda cover: cover.walked)
"""Covers of streets, squares and quays."""
