"""Buildings that are drawn by their parts: an outline goes where parts describe it, parts take over what only it knows."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.footprints import Footprints

COVERED = 0.5
"""An outline goes when its parts cover more than this of it; else they stand on it."""
CARRIED = 0.5
"""A part that begins above the ground stands on the ground after all when more than this of it lies over lower parts."""


def _inside(footprints: Footprints) -> NDArray[np.int64]:
    """(n,) the outline that holds most of each part, −1 where there is none, and for what is no part."""
    owner = np.full(len(footprints), -1, np.int64)
    part = footprints.details.part
    outlines, parts = np.flatnonzero(~part), np.flatnonzero(part)
    if not len(outlines) or not len(parts):
        return owner
    area = shapely.area(footprints.geometry)
    best = np.zeros(len(footprints))
    found, held = shapely.STRtree(footprints.geometry[outlines]).query(footprints.geometry[parts], predicate="intersects")
    for mine, theirs in zip(parts[found], outlines[held], strict=True):
        common = shapely.area(shapely.intersection(footprints.geometry[mine], footprints.geometry[theirs]))
        if common > max(best[mine], 0.5 * area[mine]):
            best[mine], owner[mine] = common, theirs
    return owner


def _standing(footprints: Footprints) -> NDArray[np.float64]:
    """(n,) metres at which each building begins: 0 for a part that others carry, since a column holds one building."""
    base = footprints.details.base_m.copy()
    lifted = np.flatnonzero(base > 0)
    if not len(lifted):
        return base
    tree = shapely.STRtree(footprints.geometry)
    for mine in lifted.tolist():
        shape = footprints.geometry[mine]
        below = [other for other in tree.query(shape, predicate="intersects").tolist() if other != mine
                 and footprints.details.base_m[other] < footprints.details.base_m[mine]]  # fmt: skip
        carried = shapely.area(shapely.intersection(shape, shapely.union_all(footprints.geometry[below]))) if below else 0.0
        if carried > CARRIED * shapely.area(shape):
            base[mine] = 0.0
    return base


def settle_parts(footprints: Footprints) -> Footprints:
    """The buildings that are to be drawn. Parts get the seed of their outline, so that they look alike, and its use, name, colours
    and materials where they have none. notes: how many outlines are drawn by their parts."""
    details = footprints.details
    if not details.part.any() and not (details.base_m > 0).any():
        return footprints
    owner = _inside(footprints)
    covered = np.zeros(len(footprints))
    for outline in np.unique(owner[owner >= 0]).tolist():
        shape = footprints.geometry[outline]
        pieces = shapely.union_all(footprints.geometry[owner == outline])
        covered[outline] = shapely.area(shapely.intersection(shape, pieces)) / max(shapely.area(shape), 1e-9)
    keep = np.flatnonzero(~((covered > COVERED) & ~details.part))
    seed, use, name = footprints.seed.copy(), list(footprints.use), list(footprints.name)
    lists = {key: list(getattr(details, key)) for key in ("colour", "material", "roof_colour", "roof_material")}
    for mine in np.flatnonzero(owner >= 0).tolist():
        outline = int(owner[mine])
        seed[mine] = footprints.seed[outline]
        use[mine] = footprints.use[outline] if use[mine] == "other" else use[mine]
        name[mine] = name[mine] or footprints.name[outline]
        for values in lists.values():
            values[mine] = values[mine] or values[outline]
    settled = replace(footprints, seed=seed, use=use, name=name, details=replace(details, **lists))
    settled = settled.take(keep.tolist())
    settled = replace(settled, details=replace(settled.details, base_m=_standing(settled)))
    gone = len(footprints) - len(keep)
    return replace(settled, notes=settled.notes + Counter({"outline drawn by its parts": gone} if gone else {}))
