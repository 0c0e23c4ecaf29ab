"""The Amulet packages, by which Bedrock worlds are translated and read back. Their licences bar
some users, so a program that writes Java worlds only does without them."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from worlds.errors import WorldError

AMULET = ("PyMCTranslate", "amulet", "amulet_nbt", "leveldb")
"""As they are imported; installed as PyMCTranslate, amulet-core, amulet-nbt, amulet-leveldb."""


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:
        return False


def require_amulet() -> None:
    """WorldError where one of them is not installed. They are made quiet: one logs its number, and
    every name that it does not know, which we find ourselves."""
    logging.getLogger("PyMCTranslate").setLevel(logging.ERROR)
    missing = [name for name in AMULET if not _is_there(name)]
    if missing:
        raise WorldError(
            f"Bedrock worlds need packages that are not installed: {', '.join(missing)}",
            hint="pip install 'mc-city[bedrock]', or build with --edition java",
        )
