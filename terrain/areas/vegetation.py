"""What polygons say of the land: woods, fields, gardens, pitches, playgrounds, cemeteries; words of
OpenStreetMap and Topografi 10 become covers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.areas.layouts import layout_of, numbers, read_layouts
from terrain.areas.uses import UsedArea, use_of
from terrain.columns.lots import AREA_LAYOUT
from terrain.columns.outlines import Outlines, outlines_of
from terrain.columns.scan import burn, hash2
from terrain.frame import Frame, Grid
from terrain.ground.covers import COVER
from terrain.vectors.features import VectorSource, read_features
from terrain.vectors.words import number, word

THEME = "terrain.vegetation"
KEYS = (
    "kind", "leisure", "sport", "golf", "playground", "landuse", "natural", "landcover", "wetland",
    "amenity", "surface", "objekttyp",
    "typ",
)  # fmt: skip
"""Columns that say what an area is, the most telling first."""
_WORDS = {
    "wood": ("forest", "wood", "skog"),
    "spruce_forest": ("barrskog",),
    "mixed_forest": ("barr- och blandskog",),
    "leaf_forest": ("lövskog", "fjällbjörkskog"),
    "garden": ("orchard", "fruktodling", "garden", "trädgård", "flowerbed"),
    "clearing": ("scrub", "shrubbery", "hygge", "clearcut"),
    "heath": ("heath", "hed", "fell", "tundra", "moor", "kalfjäll"),
    "meadow": (
        "meadow", "grassland", "äng", "pasture", "betesmark", "öppen mark", "annan öppen mark",
        "annan öppen mark utan skogskontur", "greenfield",
    ),
    "field": ("farmland", "åker", "odlad åker"),
    "gravel": ("farmyard", "shingle", "railway", "construction", "brownfield"),
    "park": ("park", "village_green", "recreation_ground", "grass", "golf_course", "golfbana",
    "fairway"),
    "pitch": ("green", "pitch", "idrottsplan", "soccer", "football", "fotbollsplan", "athletics",
    "track", "running"),
    "sand": ("bunker", "sand", "beach", "strand"),
    "wetland": ("wetland", "marsh", "sankmark", "bog", "sankmark, våt", "sankmark, svårframkomlig"),
    "rock": ("bare_rock", "rock", "scree", "berg i dagen"),
    "court": ("tennis", "basketball", "tennisbana"),
    "playground": ("playground", "lekplats"),
    "cemetery": ("cemetery", "grave_yard", "kyrkogård", "begravningsplats", "begravningsområde"),
    "allotments": ("allotments", "koloniområde", "koloniträdgård", "odlingslotter"),
}  # fmt: skip
WORDS = {word: cover for cover, words in _WORDS.items() for word in words}
"""Cover of each word, `wood` where the kind of its trees is still to be asked; words that say
nothing here are not in it."""
_WOODS = {
    "leaf_forest": ("broadleaved", "deciduous", "löv"),
    "spruce_forest": ("needleleaved", "evergreen", "barr", "gran", "spruce"),
    "pine_forest": ("pine", "tall"),
}  # fmt: skip
WOODS = {word: cover for cover, words in _WOODS.items() for word in words}
"""Cover of woods of such trees."""
COURTS = frozenset(("asphalt", "concrete", "tartan", "clay", "acrylic", "hard", "asfalt"))
"""Surfaces that make a pitch a court."""
PLAIN, SOCCER, ATHLETICS, TENNIS, BASKETBALL, CEMETERY, ALLOTMENTS = range(7)
"""What is drawn on a plot; PLAIN has an edge line only."""
LAID_OUT = 7
"""From here on: LAID_OUT + the row of configs/areas.toml by which a plot is laid out."""
WIDEST_M = 100.0
"""Metres of a runway or the like, at most."""
ON_IT_M = 1.0
"""A thing so near an area stands on it."""
Placed = tuple[str, float, float]
"""Kind, east and north of a thing that the data has."""
STAYS = -1
"""The code of areas that leave the cover as it is."""
SPORTS = {
    "soccer": SOCCER, "football": SOCCER, "fotboll": SOCCER, "fotbollsplan": SOCCER,
    "athletics": ATHLETICS, "running": ATHLETICS,
    "friidrott": ATHLETICS, "track": ATHLETICS, "tennis": TENNIS, "tennisbana": TENNIS,
    "padel": TENNIS, "basketball": BASKETBALL,
    "basket": BASKETBALL,
}  # fmt: skip
PLOT_OF = {
    "pitch": PLAIN,
    "court": PLAIN,
    "playground": LAID_OUT + numbers()["playground"],
    "cemetery": CEMETERY,
    "allotments": ALLOTMENTS,
}
"""What covers are drawn on, and how unless a sport is known."""


@dataclass(frozen=True)
class Vegetation:
    """Areas in the order in which they are laid, large ones first.

    codes: (n,) int32 of COVERS, STAYS where the cover stays as it is; plot: (n,) int32, what is
    drawn on them, −1 nothing; axis: (n, 6) float64 in blocks: x and z of the middle, the unit
    vector along the longer side, half the length and half the width of the smallest rectangle
    around; skipped: reason → count; uses: those that have a fence or wall around them as a rule.
    """

    outlines: Outlines
    codes: NDArray[np.int32]
    plot: NDArray[np.int32]
    axis: NDArray[np.float64]
    skipped: Counter[str]
    uses: tuple[UsedArea, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def laid_out(self) -> dict[str, int]:
        """How many areas configs/areas.toml lays out, by the name of the row."""
        rows = Counter((self.plot[self.plot >= LAID_OUT] - LAID_OUT).tolist())
        return {read_layouts()[row].name: rows[row] for row in sorted(rows)}


NO_VEGETATION = Vegetation(
    Outlines(np.zeros(0), np.zeros(0), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((0,
    4))),
    np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((0, 6)), Counter(),
)  # fmt: skip


def cover_of(tags: Mapping[str, Any]) -> tuple[str | None, int] | None:
    """(cover, None = it stays; what is drawn on it or −1) of an area with these tags; None when
    they say nothing of the land."""
    laid_out = layout_of(tags)
    if laid_out is not None:
        return read_layouts()[laid_out].cover, LAID_OUT + laid_out
    words = {
        key: str(value).strip().lower() for key, value in tags.items() if value not in (None, "")
    }
    found = next((WORDS[words[key]] for key in KEYS if words.get(key) in WORDS), None)
    if found is None:
        return None
    if found == "wood":
        named = (
            words.get(key, "")
            for key in ("leaf_type", "leaf_cycle", "wood", "tradslag", "trädslag", "species")
        )
        found = next((WOODS[word] for word in named if word in WOODS), "mixed_forest")
    if found not in PLOT_OF:
        return found, -1
    sports = words.get("sport", "").replace(";", " ").replace("_", " ").split()
    plot = next(
        (
            SPORTS[word]
            for word in (*sports, words.get("leisure", ""), words.get("kind", ""))
            if word in SPORTS
        ),
        PLOT_OF[found],
    )
    if found in ("pitch", "court"):
        hard = plot in (TENNIS, BASKETBALL) or (plot == PLAIN and words.get("surface") in COURTS)
        found = "court" if hard else "pitch"
    return found, plot


def _not_understood(tags: Mapping[str, Any]) -> str:
    """The word of an area that says nothing of the land, as a reason."""
    said = next(((key, word(tags.get(key))) for key in KEYS if word(tags.get(key))), None)
    return (
        f"{said[0]}={said[1][:40]} says nothing of the land"
        if said
        else "no word that could say what the land is"
    )


def axis_of(shape: Any, frame: Frame) -> tuple[float, float, float, float, float, float]:
    """See Vegetation.axis."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
    x, z = frame.to_blocks(corners[:, 0], corners[:, 1])
    if len(x) < 4:
        return float(x.mean()), float(z.mean()), 1.0, 0.0, 0.5, 0.5
    sides = np.stack([np.diff(x)[:2], np.diff(z)[:2]], axis=1)
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longer = int(np.argmax(lengths))
    along = sides[longer] / max(float(lengths[longer]), 1e-9)
    half, wide = float(lengths[longer]) / 2, float(lengths[1 - longer]) / 2
    return float(x[:4].mean()), float(z[:4].mean()), float(along[0]), float(along[1]), half, wide


def read_vegetation(
    sources: Sequence[VectorSource],
    frame: Frame,
    bounds: tuple[float, float, float, float],
    things: Sequence[Placed] = (),
) -> Vegetation:
    """The areas near the bounds (west, south, east, north in the frame's CRS). things: what the
    data has standing there, to which what is laid out gives way."""
    laid: list[tuple[float, Any, str | None, int]] = []
    uses: list[UsedArea] = []
    skipped: Counter[str] = Counter()
    for source in sources:
        features = read_features(source, frame.crs, bounds, "feature", theme=THEME)
        skipped.update(features.skipped)
        names = list(features.columns)
        rows = (
            zip(*(features.columns[name] for name in names), strict=True)
            if names
            else ((),) * len(features.geometry)
        )
        for shape, row in zip(features.geometry, rows, strict=True):
            tags = {name.lower(): value for name, value in zip(names, row, strict=True)}
            found = cover_of(tags)
            if found is None:
                skipped[_not_understood(tags)] += 1
            elif found[1] >= LAID_OUT and (why := read_layouts()[found[1] - LAID_OUT].why):
                skipped[why] += 1
            else:
                area = _area_of(shape, tags, found[1])
                if area is None:
                    skipped["not a polygon"] += 1
                else:
                    laid.append((-float(area.area), area, *found))
                    if (use := use_of(tags)) is not None:
                        uses.append(UsedArea(use, area))
    laid.sort(key=lambda item: item[0])
    axis = np.array([axis_of(shape, frame) for _, shape, _, _ in laid], np.float64).reshape(-1, 6)
    shapes = [shape for _, shape, _, _ in laid]
    plots = [_chosen(plot, *place) for (*_, plot), place in zip(laid, axis[:, :2], strict=True)]
    return Vegetation(
        outlines_of(shapes, frame),
        np.array([COVER.get(cover or "", STAYS) for _, _, cover, _ in laid], np.int32),
        np.array(_giving_way(shapes, plots, things), np.int32),
        axis,
        skipped,
        uses=tuple(uses),
    )


def _area_of(shape: Any, tags: Mapping[str, Any], plot: int) -> Any | None:
    """The area of a feature: of a line or point with a layout that has a width that of a strip or
    square, None where it has none."""
    if shapely.get_dimensions(shape) == 2:
        return shape
    usual = read_layouts()[plot - LAID_OUT].width if plot >= LAID_OUT else 0.0
    if usual <= 0:
        return None
    said = number(tags.get("width"))
    wide = said if 1.0 <= said <= WIDEST_M else usual
    flat = shapely.get_dimensions(shape) == 1
    return shapely.buffer(
        shape, wide / 2, cap_style="flat" if flat else "square", join_style="mitre"
    )


def _chosen(plot: int, mid_x: float, mid_z: float) -> int:
    """What is drawn on a plot with its middle at x, z: of several layouts one by lot."""
    layout = read_layouts()[plot - LAID_OUT] if plot >= LAID_OUT else None
    if layout is None or not layout.choices:
        return plot
    lot = hash2(int(np.floor(mid_x)), int(np.floor(mid_z)), AREA_LAYOUT) >> 5
    return LAID_OUT + numbers()[layout.choices[lot % len(layout.choices)]]


def _giving_way(shapes: Sequence[Any], plots: list[int], things: Sequence[Placed]) -> list[int]:
    """What is drawn on each plot, once it has given way to the things that stand on it."""
    rows, out = read_layouts(), list(plots)
    mine = [at for at, plot in enumerate(plots) if plot >= LAID_OUT]
    mine = [at for at in mine if rows[plots[at] - LAID_OUT].yields_to]
    if not mine or not things:
        return out
    points = shapely.points([(east, north) for _, east, north in things])
    tree = shapely.STRtree([shapes[at] for at in mine])
    on: dict[int, set[str]] = {}
    for thing, area in tree.query(points, predicate="dwithin", distance=ON_IT_M).T.tolist():
        on.setdefault(mine[area], set()).add(things[thing][0])
    for at, kinds in on.items():
        row = rows[out[at] - LAID_OUT]
        while row.yields_to & kinds:
            out[at] = LAID_OUT + numbers()[row.leaving]
            row = rows[out[at] - LAID_OUT]
    return out


def lay_vegetation(
    vegetation: Vegetation, grid: Grid, cover: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """`cover` (z, x) over the grid with the areas laid over it."""
    out = cover.astype(np.int32)
    said = np.flatnonzero(vegetation.codes != STAYS)
    burn(vegetation.outlines, vegetation.codes, grid.x0, grid.z0, out, order=said)
    return out.astype(np.uint8)
