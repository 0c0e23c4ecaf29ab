"""Opening worlds that exist: folders, and zips of them."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mc_city.provenance import FACTS
from worlds.errors import WorldError
from worlds.layers import note_path


@contextmanager
def opened_world(world: Path) -> Iterator[Path]:
    """The world's folder; a zip is unpacked for the time being. WorldError when it is no Java world."""
    if world.is_dir():
        if not (world / "level.dat").exists():
            inside = sorted(path.parent for path in world.glob("*/level.dat"))
            hint = f"did you mean {inside[0]}?" if inside else "name the folder that holds level.dat"
            raise WorldError(f"{world}: no Minecraft world (no level.dat in it)", hint=hint)
        yield world
        return
    if not world.exists():
        raise WorldError(f"{world}: no such file or folder", hint="name a world folder, as in out/Sundsvall, or a zip of one")
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(world) as archive:
                archive.extractall(folder)
        except (zipfile.BadZipFile, OSError) as error:
            raise WorldError(f"{world}: cannot be unpacked ({error})", hint="name a world folder or a whole .zip") from error
        found = sorted(Path(folder).rglob("level.dat"))
        if not found:
            raise WorldError(f"{world}: no level.dat inside", hint="name a zip of a Java world")
        yield found[0].parent


def read_facts(world: Path) -> dict[str, Any]:
    """What the build wrote down in the world; WorldError for a world that mc-city did not make."""
    from mc_city.toggle import layer_states, read_world_layers

    with opened_world(world) as folder:
        facts = _facts(folder)
        if facts is not None:
            held = layer_states(read_world_layers(folder)) if facts["layers"] else []
            facts["layer_states"] = [{"id": state.id, "name": state.name, "shown": state.shown} for state in held]
    if facts is None:
        raise WorldError(f"{world}: not made by mc-city (no mc_city.json in it)", hint="`mc-city map` draws any Java world")
    return facts


def _facts(folder: Path) -> dict[str, Any] | None:
    path = note_path(folder, FACTS)
    if not path.exists():
        return None
    try:
        facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise WorldError(f"{path}: not readable ({error})", hint="take it again from the zip of this world") from error
    return facts


def world_caption(folder: Path) -> list[str]:
    """The lines for a map of an existing world: its name and whose data it shows."""
    facts = _facts(folder)
    if facts is None:
        return [folder.name]
    lines = [str(facts["city"])]
    made_up = [str(source["title"]) for source in facts["sources"] if source.get("real") is False]
    if made_up:
        lines.append("Illustrativt / illustrative: " + "; ".join(made_up))
    credit_lines = dict.fromkeys(str(source["attribution"]) for source in facts["sources"] if source.get("attribution"))
    return lines + (["; ".join(credit_lines)] if credit_lines else [])
