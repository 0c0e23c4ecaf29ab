"""What was fetched, as entries of the folder's `sources.toml`: credits for the world, and what a
later run needs to know that it need not fetch anew."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mc_city.fetch.downloads import digest_of
from worlds.errors import SourceError
from worlds.notes import read_source_notes, why
from worlds.quoting import plain, toml_text

NOTES = "sources.toml"
HEAD = "# Whose data lies here. `mc-city fetch` writes what stands between `fetched` and `end`."
UNKNOWN = "unknown: ask the one who offers the data"


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Whose data it is. date: of the data, where the source says it; note: what a user of the world
    should know."""

    title: str
    licence: str = UNKNOWN
    attribution: str = ""
    date: str = ""
    taken: str = ""
    note: str = ""


@dataclass(frozen=True)
class Record:
    """One file that was fetched. query: all that decides what is in it."""

    source: str
    file: str
    query: str
    day: str
    credit: Credit
    digest: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    def entry(self) -> dict[str, str]:
        credit = self.credit
        texts = {
            "title": credit.title,
            "files": self.file,
            "licence": credit.licence,
            "attribution": credit.attribution,
            "date": credit.date,
            "taken": credit.taken,
            "note": credit.note,
            "source": self.source,
            "query": self.query,
            "fetched": self.day,
            "sha256": self.digest,
            **self.more,
        }
        return {key: plain(text)[:1900] for key, text in texts.items() if text or key == "date"}

    def text(self) -> str:
        lines = [f"{key} = {toml_text(text)}" for key, text in self.entry().items()]
        return "\n".join(["[[source]]", *lines, "real = true"])


def _block(source: str) -> re.Pattern[str]:
    name = re.escape(source)
    return re.compile(rf"^# fetched: {name}\n.*?^# end of {name}\n*", re.M | re.S)


def read_records(folder: Path) -> dict[str, dict[str, str]]:
    """Source → its entry. SourceError for notes that cannot be read."""
    notes = folder / NOTES
    if not notes.exists():
        return {}
    try:
        entries = read_source_notes(notes)
    except (OSError, ValueError) as error:
        raise SourceError(
            f"{notes}: not readable ({why(error)})", hint="mend it, or move it away"
        ) from error
    return {str(entry["source"]): entry for entry in entries if entry.get("sha256")}


def is_current(folder: Path, file: str, query: str, entry: Mapping[str, str] | None) -> bool:
    """Whether the file is there, unchanged, and holds what is asked for."""
    path = folder / file
    return (
        entry is not None
        and entry.get("query") == plain(query)[:1900]
        and path.is_file()
        and digest_of(path) == entry.get("sha256")
    )


def is_own(folder: Path, file: str, entry: Mapping[str, str] | None) -> bool:
    """Whether what lies in a file's place is somebody's own: something that was not fetched, or was
    changed since."""
    path = folder / file
    if not os.path.lexists(path):
        return False
    return entry is None or not path.is_file() or digest_of(path) != entry.get("sha256")


def write_record(folder: Path, record: Record) -> None:
    """Puts an entry in the place of an earlier one of the same source. What others wrote in the
    file stays as it is."""
    notes = folder / NOTES
    text = notes.read_text("utf-8-sig") if notes.exists() else f"{HEAD}\n\n"
    text = _block(record.source).sub("", text)
    text = text.rstrip("\n") + "\n\n"
    text += f"# fetched: {record.source}\n{record.text()}\n# end of {record.source}\n"
    part = notes.with_name(f"{NOTES}.part")
    part.write_text(text, "utf-8", newline="\n")
    os.replace(part, notes)
