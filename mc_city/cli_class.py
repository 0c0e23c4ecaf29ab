"""Commands for what goes to classes, and for what comes back from them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mc_city import api
from mc_city.arguments import nameable
from mc_city.progress import progress_bar, say


def pack(
    world: Annotated[
        Path,
        typer.Argument(
            callback=nameable, help="the folder that `mc-city build` wrote, or the world in it"
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            callback=nameable,
            help="folder for the hand-out; without it beside what was built, as out-handout",
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="regions drawn at the same time")] = min(
        os.cpu_count() or 1, 4
    ),
    force: Annotated[
        bool,
        typer.Option(help="also when the folder is there already; the old one is kept beside it"),
    ] = False,
) -> None:
    """Gathers what a teacher hands out: worlds, maps, sources and a guide to print.  Example:
    mc-city pack out --out sundsvall-klass"""
    from mc_city.handout.handout import GUIDE
    from worlds.bedrock.sizes import megabytes

    with progress_bar() as progress:
        packed = api.pack(world, out, force=force, jobs=jobs, progress=progress)
    kept = [f"what was there is kept as {packed.kept}"] if packed.kept else []
    missing = [f"missing: {name} ({reason})" for name, reason in packed.missing]
    sizes = [
        f"{name} ({megabytes((packed.folder / name).stat().st_size)})" for name in packed.files
    ]
    for line in (*kept, *sizes, *missing, *(f"note: {note}" for note in packed.notes)):
        say(line)
    say(
        f"hand out {packed.folder}; print {packed.folder / GUIDE}: its pages in Swedish, then in "
        f"English"
    )


def harvest(
    base: Annotated[
        Path,
        typer.Argument(
            callback=nameable,
            help="the world that was handed out, or the folder that it was built into",
        ),
    ],
    returned: Annotated[
        list[str],
        typer.Argument(
            help="worlds that came back, of either edition: files, folders of them, or patterns "
            "with *"
        ),
    ],
    out: Annotated[Path, typer.Option(callback=nameable, help="folder for what is found")] = Path(
        "ideas"
    ),
    force: Annotated[
        bool,
        typer.Option(help="also when the folder is there already; the old one is kept beside it"),
    ] = False,
    world: Annotated[
        bool,
        typer.Option(help="also a world in which all of it stands, with boards to vote at"),
    ] = True,
) -> None:
    """What a class built, as geodata and a report.  Example: mc-city harvest out klass4b --out
    ideas"""
    with progress_bar() as progress:
        found = api.harvest(base, returned, out, force=force, world=world, progress=progress)
    for line in found.lines():
        say(line)
