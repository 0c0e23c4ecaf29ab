"""The world that was handed out, in the edition that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mc_city.saved.opening import opened_world
from mc_city.settings.names import FACTS
from terrain.frame import Frame
from terrain.plane import turned
from worlds.bedrock.level import is_bedrock
from worlds.errors import WorldError
from worlds.layers import note_path
from worlds.notes import WorldNote, read_note

ENDINGS = (".mcworld", ".mctemplate", ".zip")


def candidates(base: Path) -> list[Path]:
    """The worlds that BASE may mean: itself, and those that the same build made beside it."""
    if base.is_dir() and (base / "level.dat").exists():
        beside = [*base.parent.glob("*.mcworld"), *base.parent.glob("*-java.zip")]
        return [base, *sorted(beside)]
    if base.is_dir():
        inside = [path for path in sorted(base.iterdir()) if path.suffix.lower() in ENDINGS[::2]]
        folders = [path.parent for path in sorted(base.glob("*/level.dat"))]
        if not inside and not folders:
            raise WorldError(
                f"{base}: no world in this folder",
                hint="name the world that was handed out, or the folder that it was built into",
            )
        return [*inside, *folders]
    beside = [path for path in base.parent.glob("*") if path.suffix.lower() in ENDINGS[::2]]
    return [base, *sorted(path for path in beside if path != base)]


def read_world_note(folder: Path) -> WorldNote | None:
    path = note_path(folder, FACTS)
    return read_note(path, WorldNote) if path.exists() else None


def frame_of(note: WorldNote) -> Frame:
    """The frame in which a world was built."""
    frame = note.frame
    return Frame(
        crs=turned(frame.crs, frame.origin, frame.turn_deg),
        origin_east=frame.origin[0],
        origin_north=frame.origin[1],
        scale=frame.blocks_per_metre,
        sea_level_y=frame.sea_level_y,
        vertical_scale=frame.vertical_scale,
    )


@dataclass(frozen=True)
class HandedOut:
    """folders: the world in each edition that is there, True for Bedrock; note: what it says of
    itself."""

    note: WorldNote
    folders: dict[bool, Path] = field(default_factory=dict)

    def of_edition(self, bedrock: bool) -> Path:
        """WorldError where it is not there in that edition."""
        if bedrock not in self.folders:
            edition = "Bedrock" if bedrock else "Java"
            raise WorldError(
                f"the world that was handed out is not there for {edition}",
                hint="name the folder that it was built into as BASE: it has both editions",
            )
        return self.folders[bedrock]

    @property
    def any_folder(self) -> Path:
        """Java's where it is there, which is read faster."""
        return self.folders[min(self.folders)]

    def require_same(self, world: Path) -> None:
        """WorldError for a folder of a world that says that it is another city's, or lies
        elsewhere. One that says nothing of itself passes: some programs drop the note."""
        note = read_world_note(world)
        if note is None:
            return
        if note.city != self.note.city or note.frame != self.note.frame:
            raise WorldError(
                f"{world.name}: is of another city, or of one that was built with another origin, "
                f"turn or scale",
                hint="name the world that it was made from as BASE",
            )


@contextmanager
def opened_base(base: Path) -> Iterator[HandedOut]:
    """The world that was handed out, in all editions that lie beside it, opened for the time being.
    WorldError for one that mc-city did not make."""
    if not base.exists():
        raise WorldError(
            f"{base}: no such file or folder",
            hint="name the world that was handed out, as in out/Sundsvall.mcworld",
        )
    with ExitStack() as stack:
        note, folders = None, dict[bool, Path]()
        for path in candidates(base):
            if len(folders) == 2:
                break
            try:
                folder = stack.enter_context(opened_world(path))
                found = read_world_note(folder)
            except WorldError:
                if path == base:
                    raise
                continue
            if found is None or (note is not None and not _one_city(note, found)):
                continue
            note = note or found
            folders.setdefault(is_bedrock(folder), folder)
        if note is None:
            raise WorldError(
                f"{base}: not made by mc-city (no mc_city.json in it)",
                hint="name the world that was handed out",
            )
        yield HandedOut(note, folders)


def _one_city(one: WorldNote, other: WorldNote) -> bool:
    """Whether two worlds are of one build, but for their edition."""
    return (one.city, one.frame, one.area, one.layers) == (
        other.city, other.frame, other.area, other.layers,
    )  # fmt: skip
