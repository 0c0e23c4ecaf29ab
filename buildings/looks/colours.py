"""Colours of registers, in names or as #hex, and the blocks that come nearest to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from terrain.frame import quantised

NAMES = {
    "black": "#1b1b1b", "white": "#f4f4f0", "gray": "#808080", "grey": "#808080",
    "silver": "#c0c0c0", "lightgray": "#cfcfcf",
    "darkgray": "#505050", "dimgray": "#696969", "slategray": "#708090", "darkslategray": "#2f4f4f",
    "anthracite": "#383e42",
    "gainsboro": "#dcdcdc", "whitesmoke": "#f0f0f0", "red": "#a8322a", "darkred": "#8b1a1a",
    "maroon": "#7a2420", "firebrick": "#a52a2a",
    "brown": "#7a4a2a", "saddlebrown": "#8b4513", "sienna": "#a0522d", "chocolate": "#a5602a",
    "rosybrown": "#bc8f8f",
    "tan": "#d2b48c", "beige": "#e8dfc0", "cream": "#f3e9c6", "ivory": "#f6f2dc",
    "linen": "#f0e6d8", "wheat": "#ecd9ae",
    "sand": "#dbcf9f", "ochre": "#c98a2b", "yellow": "#e8c02c", "lightyellow": "#f2e6a2",
    "gold": "#e0b030", "khaki": "#d8cf8a",
    "orange": "#e07a20", "darkorange": "#d86a10", "salmon": "#e9967a", "pink": "#e8a8b0",
    "green": "#4a7a35", "darkgreen": "#2f4f2a",
    "lightgreen": "#a3c994", "olive": "#7a7a30", "palegreen": "#a8d8a0", "teal": "#2a7f7a",
    "turquoise": "#50b8a8", "copper": "#b8663f",
    "patina": "#52a384", "verdigris": "#52a384", "blue": "#3a55a0", "darkblue": "#263468",
    "navy": "#22305e", "lightblue": "#9fc4de",
    "skyblue": "#87c0e0", "steelblue": "#4682b4", "purple": "#6f3a88", "violet": "#a080b8",
    "terracotta": "#b5674a", "brick": "#96543f",
    "falu": "#80301f", "faluröd": "#80301f", "röd": "#8f2f24", "gul": "#e0b44c", "vit": "#f4f4f0",
    "svart": "#1b1b1b", "grå": "#808080",
    "grön": "#4a7a35", "blå": "#3a55a0", "brun": "#7a4a2a",
}  # fmt: skip
"""Colour words of OpenStreetMap and Swedish registers, as painted on houses rather than as on
screens."""
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")
_WEIGHT_OF_LIGHTNESS = 0.8
"""A wall of another hue is told sooner than one that is a little lighter."""
_GREEN = 5.0
"""How far from grey a colour is seen as green, in CIELAB."""


def parse_colour(value: object) -> tuple[int, int, int] | None:
    """Red, green, blue (0 … 255) of `#a52`, `#aa5522`, `dark red`, `light_blue`; of a list the
    first; None for no colour."""
    return _red_green_blue(str(value)) if value is not None and value == value else None


@lru_cache(maxsize=4096)
def _red_green_blue(said: str) -> tuple[int, int, int] | None:
    text = said.strip().lower()
    text = re.split(r"[;,/]", text)[0].strip()
    word = re.sub(r"[\s_-]", "", text).replace("grey", "gray")
    found = _HEX.fullmatch(text) or _HEX.fullmatch(
        NAMES.get(word, NAMES.get(re.sub(r"^(light|dark|pale)", "", word), ""))
    )
    if not found:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def cielab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """(…, 3) L*, a*, b* (D65) of sRGB values 0 … 255."""
    share = np.asarray(rgb, float) / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = (linear[..., None, :] * matrix).sum(axis=-1) / np.array([0.9505, 1.0, 1.089])
    root = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16.0 / 116.0)
    return np.stack(
        [
            116.0 * root[..., 1] - 16.0,
            500.0 * (root[..., 0] - root[..., 1]),
            200.0 * (root[..., 1] - root[..., 2]),
        ],
        axis=-1,
    )


def nearest_block(colour: object, table: Mapping[str, str]) -> str | None:
    """The name in `table` (name → #hex) whose colour is nearest in CIELAB; None when `colour` is
    none."""
    wanted = parse_colour(colour)
    return None if wanted is None or not table else _nearest(wanted, tuple(table.items()))


@lru_cache(maxsize=4096)
def _nearest(wanted: tuple[int, int, int], table: tuple[tuple[str, str], ...]) -> str:
    names = [name for name, _ in table]
    known = np.array([parse_colour(colour) for _, colour in table], float)
    there, aim = cielab(known), cielab(np.array(wanted, float))
    away = quantised(
        np.sqrt((((there - aim) * np.array([_WEIGHT_OF_LIGHTNESS, 1.0, 1.0])) ** 2).sum(axis=1))
    )
    if aim[1] < -_GREEN:
        # Old copper is paler than any of its blocks, and must not turn white.
        away += np.where(there[:, 1] > -_GREEN, 2 * _GREEN, 0.0)
    return names[int(np.argmin(away))]


def made_of(material: object, table: Mapping[str, str]) -> str | None:
    """The block of a material's word (`brick`, `metal_planks`, `sheet metal`, `tegel`): the first
    entry of `table` whose word is in it; None for an unknown one."""
    text = (
        str(material).strip().lower().replace("_", " ")
        if material is not None and material == material
        else ""
    )
    return next((block for word, block in table.items() if word in text), None) if text else None
