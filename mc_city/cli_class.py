"""Commands for what comes back from classes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mc_city import api
from mc_city.arguments import nameable
from mc_city.progress import progress_bar, say


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
) -> None:
    """What a class built, as geodata and a report.  Example: mc-city harvest out klass4b --out
    ideas"""
    with progress_bar() as progress:
        found = api.harvest(base, returned, out, force=force, progress=progress)
    for line in found.lines():
        say(line)
