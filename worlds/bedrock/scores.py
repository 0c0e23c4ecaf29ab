"""The record `scoreboard` of a Bedrock world's database: the scores that behaviour packs keep their
state in."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtlib import Byte, Compound, Int, List, Long, String

from worlds.bedrock.reader import opened_copy, read_entry
from worlds.bedrock.region import compound_bytes
from worlds.bedrock.tables import read_record
from worlds.errors import WorldError

if TYPE_CHECKING:
    from leveldb import LevelDB

Scores = Mapping[tuple[str, str], int]
"""(objective, holder) → score, −2³¹ … 2³¹ − 1. A holder whose name begins with # is shown
nowhere."""
SCOREBOARD = b"scoreboard"
NOBODY = 3
"""The kind of a holder that is a name only, neither a player nor an entity."""


def _damaged(error: Exception) -> WorldError:
    return WorldError(
        f"the world's scoreboard is not readable ({error})",
        hint="take the world again from its .mcworld or a backup",
    )


def _read(record: bytes | None) -> Any:
    """The record as a compound; an empty one when there is none."""
    if record is None:
        return {}
    try:
        root = read_entry(record)
        for entry in root.get("Entries", []):
            int(entry["ScoreboardId"]), int(entry["IdentityType"])
        for objective in root.get("Objectives", []):
            (
                str(objective["Name"]),
                [
                    (int(score["ScoreboardId"]), int(score["Score"]))
                    for score in objective["Scores"]
                ],
            )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(error) from error
    return root


def _holders(root: Any) -> dict[str, int]:
    """The number of each holder that is a name only."""
    entries = root.get("Entries", [])
    return {
        str(entry["FakePlayerName"]): int(entry["ScoreboardId"])
        for entry in entries
        if int(entry["IdentityType"]) == NOBODY
    }


def scores_of(record: bytes | None) -> dict[tuple[str, str], int]:
    """(objective, holder) → score of holders that are names; none when there is no record.
    WorldError when it is damaged."""
    root = _read(record)
    names = {number: name for name, number in _holders(root).items()}
    return {
        (str(objective["Name"]), names[int(score["ScoreboardId"])]): int(score["Score"])
        for objective in root.get("Objectives", [])
        for score in objective["Scores"]
        if int(score["ScoreboardId"]) in names
    }


def _objective(name: str, scores: list[Any]) -> Compound:
    """An objective that only commands change."""
    return Compound({
        "Criteria": String("dummy"), "DisplayName": String(name), "Name": String(name),
        "Scores": List[Compound](scores),
    })  # fmt: skip


def _with_scores(objective: Any, wanted: Mapping[int, int]) -> Compound:
    """An objective with these scores by the holders' numbers; its others stay."""
    left = dict(wanted)
    scores = []
    for score in objective["Scores"]:
        value = left.pop(int(score["ScoreboardId"]), None)
        scores.append(score if value is None else Compound({**score, "Score": Int(value)}))
    scores += [
        Compound({"Score": Int(value), "ScoreboardId": Long(number)})
        for number, value in sorted(left.items())
    ]
    return Compound({**objective, "Scores": List[Compound](scores)})


def scores_record(record: bytes | None, scores: Scores) -> bytes:
    """The record with these scores, on dummy objectives where they are not there yet; all else in
    it stays.

    record: as it is, None when the world has none. The same record and scores give the same bytes.
    WorldError when it is damaged.
    """
    root = _read(record)
    holders, entries = _holders(root), list(root.get("Entries", []))
    last = max(
        [int(root.get("LastUniqueID", 0)), *(int(entry["ScoreboardId"]) for entry in entries)]
    )
    for name in sorted({holder for _, holder in scores} - holders.keys()):
        last += 1
        holders[name] = last
        entries.append(
            Compound(
                {
                    "FakePlayerName": String(name),
                    "IdentityType": Byte(NOBODY),
                    "ScoreboardId": Long(last),
                }
            )
        )
    wanted: dict[str, dict[int, int]] = {}
    for (objective, holder), value in scores.items():
        wanted.setdefault(objective, {})[holders[holder]] = value
    objectives = [
        _with_scores(one, wanted.pop(str(one["Name"]), {})) for one in root.get("Objectives", [])
    ]
    objectives += [
        _with_scores(_objective(name, []), values) for name, values in sorted(wanted.items())
    ]
    empty = {"Criteria": List([]), "DisplayObjectives": List[Compound]([])}
    new = {
        "Entries": List[Compound](entries),
        "LastUniqueID": Long(last),
        "Objectives": List[Compound](objectives),
    }
    return compound_bytes({**empty, **root, **new})


def read_scores(world: Path) -> dict[tuple[str, str], int]:
    """The scores of a world's folder, which is not touched; errors as `scores_of` and
    `opened_copy`."""
    try:
        record = read_record(world / "db", SCOREBOARD)
    except (OSError, ValueError, IndexError, struct.error):
        with opened_copy(world) as database:
            record = stored(database)
    return scores_of(record)


def stored(database: LevelDB) -> bytes | None:
    """The record of an open database, None when it has none."""
    return database.get(SCOREBOARD) if SCOREBOARD in database else None


def write_scores(database: LevelDB, scores: Scores) -> None:
    """Sets these scores in an open database; `change_world_blocks` takes the record, too, to write
    it together with blocks."""
    database.put(SCOREBOARD, scores_record(stored(database), scores))
