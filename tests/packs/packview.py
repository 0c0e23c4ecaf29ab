"""A data pack as a version of the game sees it: overlays applied, folders named as that version
names them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Version → DataVersion and data pack format with its minor part.
VERSIONS = {
    "1.20.4": (3700, (26, 0)),
    "1.21.1": (3955, (48, 0)),
    "1.21.3": (4082, (57, 0)),
    "1.21.4": (4189, (61, 0)),
    "1.21.5": (4325, (71, 0)),
    "1.21.6": (4435, (80, 0)),
    "1.21.8": (4440, (81, 0)),
    "1.21.9": (4554, (88, 0)),
    "1.21.10": (4556, (88, 0)),
    "1.21.11": (4671, (94, 1)),
    "26.1": (4786, (101, 1)),
    "26.2": (4903, (107, 1)),
    "26.3": (5023, (121, 0)),
}
# from this format on packs declare min_format and max_format, and formats have minor parts
MINOR_FORMATS = 82
# from this format (24w21a) on folders are `function`, `structure`, `tags/function`
SINGULAR = (45, 0)
Format = tuple[int, float]


@dataclass(frozen=True)
class PackView:
    """`files`: path as the game sees it (`data/…`) → file. `functions`, `structures`,
    `function_tags`: id → file."""

    pack: Path
    version: str
    files: dict[str, Path]
    functions: dict[str, Path]
    structures: dict[str, Path]
    function_tags: dict[str, Path]

    def shown(self, path: Path) -> str:
        return path.relative_to(self.pack).as_posix()


def read_view(pack: Path, version: str) -> PackView:
    """Reads names only, and pack.mcmeta, of which nothing is expected: a broken one gives a pack
    without overlays."""
    number = VERSIONS[version][1]
    files: dict[str, Path] = {}
    for root in (pack, *(pack / name for name in overlays(pack, number))):
        files |= {
            path.relative_to(root).as_posix(): path
            for path in sorted((root / "data").rglob("*"))
            if path.is_file()
        }
    s = "" if number >= SINGULAR else "s"
    kinds = (
        (f"function{s}", ".mcfunction"),
        (f"structure{s}", ".nbt"),
        (f"tags/function{s}", ".json"),
    )
    named = [_in_folder(files, folder, suffix) for folder, suffix in kinds]
    return PackView(pack, version, files, *named)


def overlays(pack: Path, number: Format) -> list[str]:
    """The folders of the overlays that apply to a pack format, lowest first."""
    try:
        entries = json.loads((pack / "pack.mcmeta").read_text("utf-8"))["overlays"]["entries"]
        return [entry["directory"] for entry in entries if _applies(entry, number)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def format_range(entry: dict[str, Any], old_key: str) -> tuple[Format, Format] | None:
    """The range that `supported_formats` or `formats` gives; None when there is none."""
    value = entry.get(old_key)
    if isinstance(value, int):
        return (value, 0), (value, float("inf"))
    if isinstance(value, list):
        return (value[0], 0), (value[1], float("inf"))
    if isinstance(value, dict):
        return (value["min_inclusive"], 0), (value["max_inclusive"], float("inf"))
    return None


def new_range(entry: dict[str, Any]) -> tuple[Format, Format] | None:
    """The range that `min_format` and `max_format` give: a number, [major] or [major, minor] each;
    None when one is missing."""
    if "min_format" not in entry or "max_format" not in entry:
        return None
    low, high = (
        [value] if isinstance(value, int) else list(value)
        for value in (entry["min_format"], entry["max_format"])
    )
    return (low[0], low[1] if len(low) > 1 else 0), (
        high[0],
        high[1] if len(high) > 1 else float("inf"),
    )


def _applies(entry: dict[str, Any], number: Format) -> bool:
    span = (new_range(entry) if number[0] >= MINOR_FORMATS else None) or format_range(
        entry, "formats"
    )
    return span is not None and span[0] <= number <= span[1]


def _in_folder(files: dict[str, Path], folder: str, suffix: str) -> dict[str, Path]:
    """Files below data/<namespace>/<folder>/ by their id."""
    found = {}
    for name, path in files.items():
        parts = name.split("/", 2)
        if len(parts) == 3 and parts[2].startswith(f"{folder}/") and name.endswith(suffix):
            found[f"{parts[1]}:{parts[2][len(folder) + 1 : -len(suffix)]}"] = path
    return found
