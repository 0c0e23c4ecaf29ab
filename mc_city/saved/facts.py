"""What a world says of itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mc_city.saved.opening import PACKS, opened_world
from mc_city.saved.switching import layer_states, read_world_layers
from mc_city.settings.figures import whole
from mc_city.settings.names import FACTS
from worlds.bedrock.level import is_bedrock
from worlds.bedrock.level import read_level as bedrock_level
from worlds.bounded import read_file
from worlds.errors import WorldError
from worlds.java.layout import find_layout
from worlds.java.level import read_level as java_level
from worlds.layers import note_path
from worlds.notes import WorldNote, read_note
from worlds.quoting import plain
from worlds.words import Words, read_words


def read_facts(world: Path) -> dict[str, Any]:
    """What the build wrote down in the world; WorldError for a world that mc-city did not make."""
    with opened_world(world, but=PACKS) as folder:
        facts = _facts(folder)
        if facts is not None:
            held = layer_states(read_world_layers(folder)) if facts["layers"] else []
            facts["layer_states"] = [
                {"id": state.id, "name": state.name, "shown": state.shown} for state in held
            ]
            facts["saved"] = _saved(folder)
    if facts is None:
        raise WorldError(
            f"{world}: not made by mc-city (no mc_city.json in it)",
            hint="`mc-city map` draws any world",
        )
    return facts


def _java_level(folder: Path) -> dict[str, Any]:
    layout, level = find_layout(folder), java_level(folder)
    players = [path for path in layout.player_data.glob("*.dat") if path.is_file()]
    return {
        "game": plain(level.version), "data_version": level.data_version,
        "folders": "dimensions" if layout.by_dimension else "root",
        "name": plain(level.name), "spawn": level.spawn,
        "data_packs": [plain(name) for name in level.data_packs],
        "players": len(players), "stale": [layout.within(path) for path in layout.stale],
    }  # fmt: skip


def _bedrock_level(folder: Path) -> dict[str, Any]:
    level = bedrock_level(folder)
    return {"game": plain(level.version), "name": plain(level.name), "spawn": level.spawn}


def _saved(folder: Path) -> dict[str, Any]:
    """What level.dat says of the game that saved a world last; its fault when it cannot be read,
    which the notes do not need."""
    try:
        return _bedrock_level(folder) if is_bedrock(folder) else _java_level(folder)
    except WorldError as error:
        return {"game": "", "fault": plain(str(error))}


def saved_lines(saved: dict[str, Any]) -> list[str]:
    """What to say of the game that saved a world last, for `info`."""
    if "fault" in saved:
        return [f"saved by: not known, {saved['fault']}"]
    number = f" (DataVersion {saved['data_version']})" if "data_version" in saved else ""
    players = f", played by {saved['players']}" if saved.get("players") else ""
    return [
        f"saved by: {saved['game'] or 'a game that does not say'}{number}{players}",
        *_stale_lines(saved.get("stale", [])),
    ]


def place_lines(frame: dict[str, Any], area: dict[str, Any]) -> list[str]:
    """What to say of where a world lies, for `info`."""
    east, north = frame["origin"]
    turn = f", turned {frame['turn_deg']:g}° clockwise" if frame.get("turn_deg") else ""
    west, south, right, top = (whole(value) for value in area["bounds"])
    lines = [
        f"frame: {frame['crs']}, block 0 0 at E {whole(east)} N {whole(north)}{turn}",
        f"scale: {frame['blocks_per_metre']} blocks per metre, height 0 at y "
        f"{frame['sea_level_y']}",
        f"area: W {west} S {south} E {right} N {top}, blocks {area['blocks']}",
    ]
    if area.get("corners"):
        corners = "; ".join(f"E {whole(x)} N {whole(y)}" for x, y in area["corners"])
        lines.append(f"corners, from its map's upper left clockwise: {corners}")
    return lines


def stale_lines(folder: Path) -> list[str]:
    """What to say of files in a world that the game does not read, as it looks for them elsewhere
    since it saved the world."""
    if is_bedrock(folder):
        return []
    layout = find_layout(folder)
    return _stale_lines([layout.within(path) for path in layout.stale])


def _stale_lines(names: Sequence[str]) -> list[str]:
    return [f"not read by the game that saved the world: {name}" for name in names]


def _facts(folder: Path) -> dict[str, Any] | None:
    path = note_path(folder, FACTS)
    return (
        read_note(path, WorldNote).model_dump(mode="json", exclude_unset=True)
        if path.exists()
        else None
    )


MOST_NAME = 4096


def _name(folder: Path) -> str:
    """What a world is called that says nothing more of itself. Bedrock's folders have names that
    mean nothing."""
    path = folder / "levelname.txt"
    try:
        name = (
            plain(read_file(path, MOST_NAME).decode("utf-8", "replace")).strip()
            if path.is_file()
            else ""
        )
    except (OSError, ValueError):
        name = ""
    return name or plain(folder.name)


def facts_words(facts: dict[str, Any]) -> Words:
    """The words of the language that a world's notes name; worlds that name none are Swedish."""
    return read_words(str(facts.get("language", "sv")))


def world_words(folder: Path) -> Words:
    return facts_words(_facts(folder) or {})


def world_turn(folder: Path) -> float:
    """Degrees clockwise by which a world's grid is turned; 0 of one that does not say."""
    return float((_facts(folder) or {}).get("frame", {}).get("turn_deg", 0.0))


def world_caption(folder: Path) -> list[str]:
    """The lines for a map of an existing world: its name and whose data it shows."""
    facts = _facts(folder)
    if facts is None:
        return [_name(folder)]
    lines = [str(facts["city"])]
    made_up = [
        str(source.get("title", "?")) for source in facts["sources"] if source.get("real") is False
    ]
    if made_up:
        lines.append(f"{facts_words(facts).both('illustrative')}: " + "; ".join(made_up))
    credit_lines = dict.fromkeys(
        str(source["attribution"]) for source in facts["sources"] if source.get("attribution")
    )
    return lines + (["; ".join(credit_lines)] if credit_lines else [])
