"""scoreboard.dat: the scores that data packs keep their state in."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbtlib import Byte, Compound, File, Int, List, String

from worlds.bounded import gunzip, read_file
from worlds.errors import WorldError
from worlds.java.layout import find_layout
from worlds.java.level import data_version
from worlds.java.versions import JavaVersion, version_of
from worlds.nbt import parse_file
from worlds.quoting import java_text

Scores = Mapping[tuple[str, str], int]
"""(objective, holder) → score, −2³¹ … 2³¹ − 1. A holder that no player is called, as `#one`, is
shown nowhere."""
MOST_BYTES, MOST_TAGS = 64 << 20, 1_000_000


def _read(path: Path) -> Any:
    """The whole file as a compound with lists of compounds in `data`; WorldError when it is
    none."""
    try:
        root = parse_file(gunzip(read_file(path, MOST_BYTES), MOST_BYTES), most_tags=MOST_TAGS)
        data = root["data"]
        int(root.get("DataVersion", 0))
        for score in data.get("PlayerScores", []):
            str(score["Name"]), str(score["Objective"]), int(score.get("Score", 0))
        for objective in data.get("Objectives", []):
            str(objective["Name"])
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorldError(
            f"{path}: not a readable scoreboard ({error})",
            hint="take it again from a backup of the world",
        ) from error
    return root


def read_scores(world: Path) -> dict[tuple[str, str], int]:
    """(objective, holder) → score of a world folder; empty when it has no scoreboard. WorldError
    when it is damaged."""
    path = find_layout(world).scoreboard
    if not path.exists():
        return {}
    scores = _read(path)["data"].get("PlayerScores", [])
    return {
        (str(score["Objective"]), str(score["Name"])): int(score.get("Score", 0))
        for score in scores
    }


def _objective(name: str, version: JavaVersion) -> Compound:
    """A dummy objective that only commands change, shown nowhere."""
    shown = name if version.text == "nbt" else java_text(name)
    return Compound({
        "Name": String(name), "CriteriaName": String("dummy"), "DisplayName": String(shown),
        "RenderType": String("integer"),
        "display_auto_update": Byte(0),
    })  # fmt: skip


def _score(objective: str, holder: str, value: int) -> Compound:
    return Compound(
        {
            "Name": String(holder),
            "Objective": String(objective),
            "Score": Int(value),
            "Locked": Byte(0),
        }
    )


def _with_scores(data: Any, scores: Scores, version: JavaVersion) -> Compound:
    """The scoreboard with these scores and the objectives they need; all else as it is."""
    objectives = list(data.get("Objectives", []))
    known = {str(objective["Name"]) for objective in objectives}
    objectives += [
        _objective(name, version) for name in sorted({name for name, _ in scores} - known)
    ]
    left = dict(scores)
    entries = []
    for entry in data.get("PlayerScores", []):
        value = left.pop((str(entry["Objective"]), str(entry["Name"])), None)
        entries.append(entry if value is None else Compound({**entry, "Score": Int(value)}))
    entries += [
        _score(objective, holder, value) for (objective, holder), value in sorted(left.items())
    ]
    changed = {"Objectives": List[Compound](objectives), "PlayerScores": List[Compound](entries)}
    return Compound({**data, **changed})


def scoreboard(scores: Scores, version: JavaVersion) -> File:
    """A whole scoreboard.dat with these scores on dummy objectives, sorted."""
    empty = {
        "Objectives": [],
        "PlayerScores": [],
        "Teams": List[Compound]([]),
        "DisplaySlots": Compound({}),
    }
    data = _with_scores(empty, scores, version)
    return File({"data": data, "DataVersion": Int(version.data_version)}, gzipped=True)


def write_scores(world: Path, scores: Scores) -> None:
    """Sets these scores in a world folder, whose scoreboard is made when there is none; other
    scores, objectives and teams stay.

    The same world and scores give the same bytes; the file is there whole or not at all. WorldError
    when it is damaged.
    """
    path = find_layout(world).scoreboard
    version = data_version(world)
    if path.exists():
        root = _read(path)
        root["data"] = _with_scores(
            root["data"], scores, version_of(int(root.get("DataVersion", version)))
        )
    else:
        root = scoreboard(scores, version_of(version))
    raw, packed = io.BytesIO(), io.BytesIO()
    root.write(raw)
    # Not gzip.compress: with mtime=0 that leaves the header's byte for the operating system to
    # zlib.
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream:
        stream.write(raw.getvalue())
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_bytes(packed.getvalue())
    os.replace(partial, path)
