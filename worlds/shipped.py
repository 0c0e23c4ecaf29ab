"""Where the files lie that come with the program: its tables and words (`configs/`), the sample, a
font and the geoid model (`data/`). In a checkout they stand at its top, for everybody to see; an
installed program carries them inside this package."""

from __future__ import annotations

from pathlib import Path

INSTALLED = Path(__file__).resolve().parent / "shipped_files"
CHECKOUT = Path(__file__).resolve().parent.parent
SHIPPED = INSTALLED if INSTALLED.is_dir() else CHECKOUT
"""The folder that holds `configs/` and `data/`."""
