"""The command for the window in the browser."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from mc_city.arguments import nameable
from mc_city.progress import say


def window(
    folder: Annotated[
        Path | None,
        typer.Argument(
            callback=nameable,
            help="the project's folder, made when it is not there; without one `mc-city` in your "
            "home folder",
        ),
    ] = None,
    browser: Annotated[
        bool, typer.Option(help="open the browser, or only print the address")
    ] = True,
) -> None:
    """Opens a window in the browser that does what these commands do; only this machine reaches it.
    Example: mc-city app my-city"""
    from mc_city.app.project import open_project, usual_folder
    from mc_city.app.server import serve

    project = open_project(folder or usual_folder(Path.home()))

    def told(address: str) -> None:
        say(f"project: {project.folder}")
        say(f"open {address}")
        say("Ctrl+C here ends it")

    serve(project, told, webbrowser.open if browser else lambda _address: None)
    say("ended; the same command goes on where it was")
