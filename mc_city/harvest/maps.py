"""Maps of proposals as drawings in a page: numbered outlines, and how often each place was built
on, over a picture of the world from above."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image

from mc_city.harvest.proposals import Proposal
from mc_city.harvest.saying import COLOURS
from terrain.frame import Frame
from terrain.plane import in_city, turn_of

MARGIN = 20
"""Blocks shown around the proposals."""
SMALLEST = 96
"""Blocks along the shorter side of a map, where the world is so large."""
WIDEST, NARROWEST = 2.0, 0.95
"""Of a map, its width against its height."""
MOST_PX, FINE_PX = 1500, 1000
"""Of the picture under the maps, along its longer side: at most, and at least about half of it."""
CELLS = 36
"""Of the heat map, along its width."""
FEW = 60
"""Proposals up to which their numbers are written large."""
STEEPEST = 5
"""Worlds from which on a place is as dark as can be."""


@dataclass(frozen=True)
class BaseMap:
    """A picture of the world that was handed out, from above. png: its bytes; corner: x, z of the
    block at its upper left; step: blocks a pixel; frame: of that world."""

    png: bytes
    corner: tuple[int, int]
    step: int
    frame: Frame


class Window(NamedTuple):
    """What a map shows, in blocks: west x, north z, and its size."""

    x: float
    z: float
    width: float
    height: float

    @property
    def unit(self) -> float:
        """Of what is written on it: a hundredth of its width."""
        return self.width / 100


def outline_in_blocks(outline: Any, frame: Frame) -> Any:
    """An outline of the CRS on the map in blocks of the world, x and z."""

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, z = frame.to_blocks(*in_city(frame.crs, points[:, 0], points[:, 1]))
        return np.stack([x, z], axis=1)

    return shapely.transform(shapely.force_2d(outline), moved)


def window_of(outlines: Sequence[Any], picture: Window) -> Window:
    """The part of the picture's that holds outlines in blocks, in a shape that suits a page; the
    whole where there are none."""
    if not outlines:
        return picture
    west, north, east, south = (float(value) for value in shapely.total_bounds(list(outlines)))
    width = max(east - west + 2 * MARGIN, SMALLEST)
    height = max(south - north + 2 * MARGIN, SMALLEST)
    width, height = max(width, NARROWEST * height), max(height, width / WIDEST)
    width, height = min(width, picture.width), min(height, picture.height)
    x, z = (west + east - width) / 2, (north + south - height) / 2
    x = min(max(x, picture.x), picture.x + picture.width - width)
    z = min(max(z, picture.z), picture.z + picture.height - height)
    return Window(math.floor(x), math.floor(z), math.ceil(width), math.ceil(height))


class Ground(NamedTuple):
    """The picture under all maps of a page. window: what it shows; source: as the address of an
    image, '' = there is none."""

    window: Window
    source: str


def ground_of(base: BaseMap | None, outlines: Sequence[Any]) -> Ground:
    """The part of a picture that the maps of a page need, small enough for it."""
    if base is None:
        return Ground(window_of(outlines, Window(-1e9, -1e9, 2e9, 2e9)), "")
    picture = Image.open(BytesIO(base.png)).convert("RGB")
    whole = Window(*base.corner, picture.width * base.step, picture.height * base.step)
    window = window_of(outlines, whole)
    left, top = (window.x - whole.x) / base.step, (window.z - whole.z) / base.step
    part = picture.crop(
        (
            math.floor(left),
            math.floor(top),
            math.ceil(left + window.width / base.step),
            math.ceil(top + window.height / base.step),
        )
    )
    # What was cut is a whole number of pixels, which may be a little more.
    shown = Window(
        whole.x + math.floor(left) * base.step,
        whole.z + math.floor(top) * base.step,
        part.width * base.step,
        part.height * base.step,
    )
    if max(part.size) > MOST_PX:
        part.thumbnail((MOST_PX, MOST_PX), Image.Resampling.LANCZOS)
    # Blocks of a small part stay square where a page stretches it.
    times = FINE_PX // max(part.size)
    if times > 1:
        part = part.resize((part.width * times, part.height * times), Image.Resampling.NEAREST)
    data = BytesIO()
    part.save(data, "JPEG", quality=80, optimize=True)
    return Ground(
        shown, "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii")
    )


def ground_definition(ground: Ground) -> str:
    """The picture, once in a page: every map uses it."""
    if not ground.source:
        return ""
    window = ground.window
    return (
        '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
        f'<image id="ground" x="{window.x:g}" y="{window.z:g}" width="{window.width:g}" '
        f'height="{window.height:g}" preserveAspectRatio="none" href="{ground.source}"/>'
        "</defs></svg>"
    )


def _path(outline: Any) -> str:
    """The rings of an outline in blocks as a path."""
    simple = shapely.simplify(outline, 0.3)
    out = []
    for part in shapely.get_parts(simple):
        for ring in (part.exterior, *part.interiors):
            points = shapely.get_coordinates(ring)[:-1]
            out.append("M" + "L".join(f"{x:.1f} {z:.1f}" for x, z in points.tolist()) + "Z")
    return "".join(out)


def _spiral(x: float, z: float, step: float) -> Iterator[tuple[float, float]]:
    """Places around one, the near ones first."""
    yield x, z
    for number in range(1, 700):
        turn, away = 2.399963 * number, step * math.sqrt(number)
        yield x + away * math.cos(turn), z + away * math.sin(turn)


def label_places(
    wanted: Sequence[tuple[float, float]], radius: float, window: Window
) -> list[tuple[float, float]]:
    """Where round labels stand so that none lies on another, each as near to where it is wanted as
    there is room."""
    placed: list[tuple[float, float]] = []
    for x, z in wanted:
        taken = np.array(placed, float).reshape(-1, 2)
        chosen = (x, z)
        for right, down in _spiral(x, z, 0.8 * radius):
            inside = (
                window.x + radius <= right <= window.x + window.width - radius
                and window.z + radius <= down <= window.z + window.height - radius
            )
            away = np.square(taken - (right, down)).sum(axis=1).min(initial=np.inf)
            if inside and away >= 4.2 * radius * radius:
                chosen = right, down
                break
        placed.append(chosen)
    return placed


def _north(window: Window, frame: Frame) -> str:
    """An arrow to the north in the upper right corner; the map's top is that of the world."""
    unit = window.unit
    x, z = window.x + window.width - 4 * unit, window.z + 4 * unit
    return (
        f'<g transform="translate({x:.2f} {z:.2f}) rotate({-turn_of(frame.crs):.3f})">'
        f'<circle r="{3.2 * unit:.2f}" fill="#fff" fill-opacity=".85"/>'
        f'<path d="M0 {-2.8 * unit:.2f}L{unit:.2f} 0H{-unit:.2f}Z" fill="#111"/>'
        f'<text y="{2.1 * unit:.2f}" font-size="{2 * unit:.2f}" text-anchor="middle" '
        f'font-weight="bold">N</text></g>'
    )


def _bar(window: Window, blocks_per_metre: float) -> str:
    """A scale in the lower left corner."""
    metres = window.width / blocks_per_metre / 4
    power = 10.0 ** math.floor(math.log10(max(metres, 1)))
    length = max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1))
    unit = window.unit
    x, z = window.x + 2 * unit, window.z + window.height - 2 * unit
    long = length * blocks_per_metre
    return (
        f'<g class="bar"><rect x="{x - unit:.2f}" y="{z - 3.6 * unit:.2f}" '
        f'width="{long + 2 * unit:.2f}" height="{4.6 * unit:.2f}" fill="#fff" '
        f'fill-opacity=".85"/><path d="M{x:.2f} {z - unit:.2f}v{unit:.2f}h{long:.2f}'
        f'v{-unit:.2f}" fill="none" stroke="#111" stroke-width="{unit / 3:.2f}"/>'
        f'<text x="{x + long / 2:.2f}" y="{z - 1.1 * unit:.2f}" font-size="{1.9 * unit:.2f}" '
        f'text-anchor="middle">{length:g} m</text></g>'
    )


def _legend(window: Window, frame: Frame) -> str:
    return _bar(window, frame.scale) + _north(window, frame)


def _drawing(ground: Ground, window: Window, inside: str, label: str) -> str:
    below = '<use href="#ground"/>' if ground.source else ""
    return (
        f'<svg class="map" role="img" aria-label="{label}" viewBox="{window.x:g} {window.z:g} '
        f'{window.width:g} {window.height:g}" style="--shape:{window.width / window.height:.4f}">'
        f'<rect x="{window.x:g}" y="{window.z:g}" width="{window.width:g}" '
        f'height="{window.height:g}" fill="#eef0ec"/>{below}{inside}</svg>'
    )


def _veil(window: Window, strong: float) -> str:
    """White over the picture below, so that what is drawn on it is seen."""
    return (
        f'<rect x="{window.x:g}" y="{window.z:g}" width="{window.width:g}" '
        f'height="{window.height:g}" fill="#fff" fill-opacity="{strong:g}"/>'
    )


def outlines_map(
    ground: Ground, proposals: Sequence[Proposal], outlines: Sequence[Any], frame: Frame
) -> str:
    """A map with the outline and the number of each proposal. outlines: theirs, in blocks."""
    window = window_of(outlines, ground.window)
    unit = window.unit
    radius = unit * (1.9 if len(proposals) <= FEW else 1.15)
    points = [
        (float(point.x), float(point.y))
        for point in (shapely.point_on_surface(outline) for outline in outlines)
    ]
    shapes, lines, marks = [], [], []
    for proposal, outline in zip(proposals, outlines, strict=True):
        red, green, blue = COLOURS[proposal.kind]
        path = _path(outline)
        shapes.append(
            f'<path d="{path}" fill="rgb({red},{green},{blue})" fill-opacity=".35" '
            f'stroke="#fff" stroke-width="{unit * 0.8:.2f}"/><path d="{path}" fill="none" '
            f'stroke="rgb({red},{green},{blue})" stroke-width="{unit * 0.45:.2f}"/>'
        )
    wanted = [
        # Beside what is so small that the label would hide it.
        (x + 1.6 * radius, z - 1.6 * radius) if outline.area < 40 * radius * radius else (x, z)
        for outline, (x, z) in zip(outlines, points, strict=True)
    ]
    for proposal, (x, z), (right, down) in zip(
        proposals, points, label_places(wanted, radius, window), strict=True
    ):
        if (x, z) != (right, down):
            lines.append(f"M{x:.1f} {z:.1f}L{right:.1f} {down:.1f}")
        marks.append(
            f'<a href="#p{proposal.number}"><circle cx="{right:.1f}" cy="{down:.1f}" '
            f'r="{radius:.2f}"/><text x="{right:.1f}" y="{down + 0.36 * radius:.2f}">'
            f"{proposal.number}</text></a>"
        )
    return _drawing(
        ground,
        window,
        f'{_veil(window, 0.3)}{"".join(shapes)}<path class="lead" stroke-width="{unit * 0.22:.2f}" '
        f'd="{"".join(lines)}"/><g class="no" font-size="{radius * 1.1:.2f}" '
        f'stroke-width="{unit * 0.16:.2f}">{"".join(marks)}</g>{_legend(window, frame)}',
        "Karta med förslagens nummer / map with the numbers of the proposals",
    )


def cell_size(width: float) -> int:
    """Blocks along a side of a heat map's cells: a power of two from 4."""
    side = 4
    while width / side > CELLS:
        side *= 2
    return side


def built_on(proposals: Sequence[Proposal], side: int) -> dict[tuple[int, int], int]:
    """(x, z) of cells of `side` blocks → in how many worlds something was built there."""
    cells: dict[tuple[int, int], set[tuple[str, str, str]]] = {}
    for proposal in proposals:
        sender = proposal.sender
        places = np.stack([proposal.built.x // side, proposal.built.z // side], axis=1)
        for x, z in np.unique(places, axis=0).tolist():
            cells.setdefault((x, z), set()).add((sender.school_class, sender.pupil, sender.file))
    return {place: len(cells[place]) for place in sorted(cells)}


def heat_map(
    ground: Ground, proposals: Sequence[Proposal], outlines: Sequence[Any], frame: Frame
) -> str:
    """A map of cells: the more worlds have something there, the darker, and how many they are."""
    window = window_of(outlines, ground.window)
    side = cell_size(window.width)
    cells = []
    for (x, z), count in built_on(proposals, side).items():
        strong = 0.25 + 0.6 * min(count - 1, STEEPEST - 1) / (STEEPEST - 1)
        ink = "#fff" if strong > 0.5 else "#111"
        cells.append(
            f'<rect x="{x * side}" y="{z * side}" width="{side}" height="{side}" '
            f'fill="#7a0019" fill-opacity="{strong:.2f}"/>'
            f'<text x="{(x + 0.5) * side:g}" y="{(z + 0.68) * side:g}" fill="{ink}">{count}</text>'
        )
    return _drawing(
        ground,
        window,
        f'{_veil(window, 0.7)}<g class="heat" font-size="{0.52 * side:g}" text-anchor="middle">'
        f"{''.join(cells)}</g>{_legend(window, frame)}",
        "Karta över hur många världar som byggt var / map of how many worlds built where",
    )
