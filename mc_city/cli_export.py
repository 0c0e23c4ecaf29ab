"""The command for the city outside the game."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mc_city import api
from mc_city.arguments import four_numbers, nameable
from mc_city.progress import progress_bar, say


class Format(StrEnum):
    """What can be exported."""

    WEB = "web"
    GLTF = "gltf"


def export(
    world: Annotated[
        Path,
        typer.Argument(
            callback=nameable,
            help="a saved world of either edition: its folder, a .zip of it or a .mcworld",
        ),
    ],
    kind: Annotated[
        Format,
        typer.Argument(
            metavar="FORMAT",
            help="web: a page that opens in any browser, by a double click; gltf: a GLB for "
            "Blender, VR and 3D viewers",
        ),
    ],
    out: Annotated[Path, typer.Argument(callback=nameable, help="folder for it")],
    area: Annotated[
        str | None,
        typer.Option(help="west,south,east,north of a part of the world, in its CRS"),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(help="also when the folder is there already; the old one is kept beside it"),
    ] = False,
) -> None:
    """Writes the city for other programs.  Example: mc-city export out/Sundsvall web out-web"""
    from worlds.bedrock.sizes import megabytes

    bounds = four_numbers(area) if area is not None else None
    with progress_bar() as progress:
        done = api.export(world, out, kind.value, area=bounds, force=force, progress=progress)
    kept = [f"what was there is kept as {done.kept}"] if done.kept else []
    parts: dict[str, list[int]] = {}
    for name, size in done.files.items():
        folder, inside, _ = name.partition("/")
        parts.setdefault(folder + inside, []).append(size)
    sizes = [
        f"{name} ({megabytes(sum(held))})" + (f", {len(held):,} files" if len(held) > 1 else "")
        for name, held in parts.items()
    ]
    counted = ", ".join(f"{count:,} {word}" for word, count in done.counts.items())
    for line in (*kept, *sizes):
        say(line)
    say(f"{done.folder}: {counted}")
