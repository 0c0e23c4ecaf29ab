"""The blocks of the shipped style, for tests that draw."""

from __future__ import annotations

from buildings.looks.styles import read_styles
from worlds.style_tables import STYLES

STYLE = read_styles(STYLES)
MATERIALS = STYLE.blocks
