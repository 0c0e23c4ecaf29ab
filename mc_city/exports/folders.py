"""A folder with what was exported: whole or not there, with whose data it is beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mc_city.build.publishing import NEW
from mc_city.build.staging import (
    claimed,
    disk_errors,
    inventory,
    publish,
    require_unused,
    staging,
)
from mc_city.exports.scene import Scene
from mc_city.settings.names import CREDITS
from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.quoting import json_text

ABOUT = "about.json"
MOST_CREDITS = 4 << 20
MOST_COPYRIGHT = 4000
NOT_OFFICIAL = (
    "Not an official Minecraft product; not approved by or associated with Mojang or Microsoft."
)


@dataclass(frozen=True)
class Exported:
    """What an export made. folder: with all of it; files: bytes by name; counts: what was written,
    by word; kept: where the folder that was there before is kept."""

    folder: Path
    files: Mapping[str, int]
    counts: Mapping[str, int]
    kept: Path | None = None


def _credits(scene: Scene) -> str:
    """Whose data the world is made of, as its build wrote it."""
    path = scene.folder / CREDITS
    try:
        text = read_file(path, MOST_CREDITS).decode("utf-8", "replace")
    except FileNotFoundError:
        text = f"{scene.note.city}\n"
    except (OSError, ValueError) as error:
        raise WorldError(
            f"{path}: not readable ({error})", hint="take the world again from its zip or a backup"
        ) from error
    return f"{text.rstrip()}\n\n{NOT_OFFICIAL}\n"


def copyright_of(scene: Scene) -> str:
    """Whose data it is made of, and under which licences."""
    named = [
        (one.get("attribution") or one.get("name"), one.get("licence"))
        for one in scene.note.sources
    ]
    texts = [f"{whose} ({licence})" if licence else f"{whose}" for whose, licence in named if whose]
    return "; ".join(dict.fromkeys(texts))[:MOST_COPYRIGHT]


def about(scene: Scene, counts: Mapping[str, int]) -> dict[str, object]:
    """What an export says of itself: where it lies, its layers, whose data it is made of."""
    note = scene.note
    return {
        "made_by": note.made_by,
        "city": note.city,
        "frame": note.frame.model_dump(mode="json"),
        "layers": [layer.model_dump(mode="json", exclude_none=True) for layer in note.layers],
        "sources": list(note.sources),
        "counts": dict(counts),
        "note": NOT_OFFICIAL,
    }


def write_export(
    scene: Scene,
    out: Path,
    force: bool,
    write: Callable[[Path], Mapping[str, int]],
    told: Mapping[str, object] | None = None,
) -> Exported:
    """Has a folder written beside and put in its place whole. write: fills it, and says what it
    counted; told: what else it says of itself. WorldError for a folder that is there already, which
    with `force` is kept beside the new one."""
    require_unused(out, True, {}, "OUT")
    with disk_errors(out, "choose another OUT"), claimed(out) as published:
        require_unused(out, force, published, "OUT")
        with staging(out, "export") as work:
            made = work / NEW
            made.mkdir()
            counts = write(made)
            (made / CREDITS).write_text(_credits(scene), "utf-8")
            (made / ABOUT).write_text(
                json_text(about(scene, counts) | dict(told or {}), indent=2), "utf-8"
            )
            files = inventory(made)
            kept = publish(out, files, published)
    sizes = {name: (out / name).stat().st_size for name in files}
    return Exported(out, sizes, counts, kept)
