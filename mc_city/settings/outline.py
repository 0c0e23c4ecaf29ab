"""The outline of an area as a small drawing, for notebooks."""

from __future__ import annotations

from mc_city.settings.figures import whole
from worlds.quoting import html_text

SIDE, ROOM = 200.0, 14
"""Pixels of the longer side, and of the room round it."""


def round_length(metres: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that is no longer than this."""
    power = 10.0 ** (len(str(int(max(metres, 1)))) - 1)
    return max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1))


def area_svg(
    name: str,
    crs: str,
    bounds: tuple[float, float, float, float],
    blocks: tuple[int, int],
    *,
    blocks_per_metre: float = 1.0,
    turn_deg: float = 0.0,
) -> str:
    """An SVG with an area's outline, its corners, a scale and its size. bounds: west, south, east,
    north of the box round it in the units of the CRS, metres; blocks: east to west, north to south;
    turn_deg: clockwise, of the area in its box."""
    west, south, east, north = bounds
    pixels = SIDE / max(east - west, north - south, 1e-9)
    wide, high = (east - west) * pixels, (north - south) * pixels
    bar = round_length((east - west) / 3)
    low, base = high + 2 * ROOM, high + 2 * ROOM + 8
    lines = [
        f"{name}: {blocks[0]:,} x {blocks[1]:,} blocks"
        + (f", turned {turn_deg:g}° clockwise" if turn_deg else ""),
        f"{crs}, W {whole(west)} S {whole(south)} E {whole(east)} N {whole(north)}",
    ]
    own, place = (wide, high), f'x="{ROOM}" y="{ROOM}"'
    if turn_deg:
        own = blocks[0] / blocks_per_metre * pixels, blocks[1] / blocks_per_metre * pixels
        x, y = ROOM + wide / 2, ROOM + high / 2
        place = (
            f'x="{x - own[0] / 2:.1f}" y="{y - own[1] / 2:.1f}" '
            f'transform="rotate({turn_deg:g} {x:.1f} {y:.1f})"'
        )
    texts = "".join(
        f'<text x="{ROOM}" y="{base + 16 + 15 * number:.0f}">{html_text(line)}</text>'
        for number, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(wide + 2 * ROOM, 420):.0f}" '
        f'height="{base + 40:.0f}" font-family="sans-serif" font-size="12">'
        f'<rect {place} width="{own[0]:.1f}" height="{own[1]:.1f}" fill="#dfe8d8" '
        f'stroke="#345"/>'
        f'<path d="M{ROOM} {low:.1f}h{bar * pixels:.1f}" stroke="#345" stroke-width="3"/>'
        f'<text x="{ROOM + bar * pixels + 6:.1f}" y="{low + 4:.1f}">{whole(bar)} m</text>'
        f"{texts}</svg>"
    )
