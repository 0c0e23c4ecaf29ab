"""The command for the city outside the game."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mc_city import api
from mc_city.arguments import four_numbers, nameable, two_numbers
from mc_city.exports.formats import FORMATS
from mc_city.progress import progress_bar, say


def _printer(scale: float | None, bed: str | None, clearance: float | None) -> api.Printer | None:
    """What was asked of a print; None where nothing was."""
    from mc_city.exports.printing.settings import Printer

    given: dict[str, Any] = {"scale": scale, "clearance": clearance}
    if bed is not None:
        given["bed"] = two_numbers(bed)
    held = {name: value for name, value in given.items() if value is not None}
    return Printer(**held) if held else None


def export(
    world: Annotated[
        Path,
        typer.Argument(
            callback=nameable,
            help="a saved world of either edition: its folder, a .zip of it or a .mcworld",
        ),
    ],
    kind: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="; ".join(f"{one.name}: {one.about}" for one in FORMATS),
        ),
    ],
    out: Annotated[Path, typer.Argument(callback=nameable, help="folder for it")],
    area: Annotated[
        str | None,
        typer.Option(help="west,south,east,north of a part of the world, in its CRS"),
    ] = None,
    scale: Annotated[
        float | None, typer.Option(help="of a print: 1000 for 1:1000, as it is if not given")
    ] = None,
    bed: Annotated[
        str | None, typer.Option(help="of the printer, in mm; 200x200 if not given")
    ] = None,
    clearance: Annotated[
        float | None,
        typer.Option(help="air at each side of what is pressed in, in mm; 0.2 if not given"),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(help="also when the folder is there already; the old one is kept beside it"),
    ] = False,
) -> None:
    """Writes the city for other programs.  Example: mc-city export out/Sundsvall web out-web"""
    from worlds.bedrock.sizes import megabytes

    bounds = four_numbers(area) if area is not None else None
    printer = _printer(scale, bed, clearance)
    with progress_bar() as progress:
        done = api.export(
            world, out, kind, area=bounds, force=force, printer=printer, progress=progress
        )
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
