"""pack.mcmeta of a world's data pack, and what makes the world higher than usual."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from worlds.java.dimension import CLOCKS, FROM_CLOCKS, is_raised, write_type
from worlds.java.versions import NEW_FORMATS, JavaVersion
from worlds.quoting import json_file

PACK = "mc_city"
"""The data pack of a world, and the namespace of what is in it."""
MOST = 999
"""The last data pack format that ours say they are for: newer games read what older ones read."""


def _pack_meta(version: JavaVersion, overlays: Mapping[str, int]) -> str:
    """pack.mcmeta for a version and all that come later. Games before format 82 read one kind of
    range, those after it the other; they refuse the old kind in a pack that is for new games
    only. overlays: folders, each with the format from which on it is laid over."""
    major, minor = version.pack_format

    def reach(low: int) -> dict[str, Any]:
        return {"min_inclusive": low, "max_inclusive": MOST}

    head: dict[str, Any] = (
        {"pack_format": major, "supported_formats": reach(major)} if major < NEW_FORMATS else {}
    )
    meta: dict[str, Any] = {
        "pack": {
            **head,
            "min_format": major if major < NEW_FORMATS else [major, minor],
            "max_format": MOST,
            "description": "mc-city: planerade områden / planned areas. Not an official Minecraft "
            "product.",
        }
    }
    entries = [
        ({"formats": reach(low)} if major < NEW_FORMATS else {})
        | {"min_format": low, "max_format": MOST, "directory": folder}
        for folder, low in overlays.items()
    ]
    return json_file(meta | ({"overlays": {"entries": entries}} if entries else {}))


def write_raised(pack: Path, version: JavaVersion) -> dict[str, int]:
    """Writes into a pack's folder what makes a world as high as its version says, if it is not as
    high as usual; returns the pack's overlays that belong to it, see `_pack_meta`."""
    if not is_raised(version):
        return {}
    write_type(pack, version)
    return {FROM_CLOCKS: CLOCKS} if version.pack_format[0] < CLOCKS else {}


def write_pack_meta(pack: Path, version: JavaVersion, overlays: Mapping[str, int]) -> None:
    (pack / "pack.mcmeta").write_text(_pack_meta(version, overlays), "utf-8", newline="\n")
