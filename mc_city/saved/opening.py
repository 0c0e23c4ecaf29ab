"""Opens worlds that exist: folders, and archives unpacked for the time being."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path

from mc_city.build.publishing import put_right
from mc_city.saved.archives import opened_archive
from mc_city.saved.changing import finish_change
from worlds.errors import WorldError

PACKS = ("behavior_packs", "resource_packs")
"""Folders of Bedrock worlds that say nothing of their state."""


@contextmanager
def opened_world(world: Path, but: Container[str] = ()) -> Iterator[Path]:
    """The folder of a Java or Bedrock world; an archive is unpacked for the time being, all but
    folders of the names that the caller has no use for. WorldError when it is no world.
    What a killed command left of a change is put right first, or taken back."""
    put_right(world)
    if world.is_dir():
        if not (world / "level.dat").exists():
            inside = sorted(path.parent for path in world.glob("*/level.dat"))
            hint = (
                f"did you mean {inside[0]}?" if inside else "name the folder that holds level.dat"
            )
            raise WorldError(f"{world}: no Minecraft world (no level.dat in it)", hint=hint)
        finish_change(world)
        yield world
        return
    if not world.exists():
        hint = "name a world folder, as in out/Sundsvall, a .zip of one, or a .mcworld"
        raise WorldError(f"{world}: no such file or folder", hint=hint)
    with opened_archive(world, but) as (_, folder):
        yield folder
