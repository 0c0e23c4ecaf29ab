"""The command line: commands, progress, and errors in two lines. What they do is in `api`.

Each command is one function with all its options as parameters, however many: typer reads them
there. Elsewhere eight are the limit.
"""

from __future__ import annotations

import os
import sys
import traceback
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from mc_city import __version__, api
from mc_city.arguments import (
    Afresh,
    IdeaFiles,
    KeepBuilds,
    four_numbers,
    nameable,
    nameable_or_address,
)
from mc_city.cli_app import window
from mc_city.cli_class import harvest, pack
from mc_city.cli_export import export
from mc_city.progress import progress_bar, say, tell_before
from worlds.errors import ConfigError, McCityError
from worlds.quoting import json_text, plain, typed_path

app = typer.Typer(
    help="Turns a city's own geodata into a Minecraft world. "
    "Not an official Minecraft product; not approved by or associated with Mojang or Microsoft.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="print the version"),
    ] = False,
) -> None:
    """What comes before any command."""


class Edition(StrEnum):
    """What can be written."""

    JAVA = "java"
    BEDROCK = "bedrock"
    ALL = "all"


def _load(config: Path | None, area: str | None = None, ideas: list[Path] | None = None) -> Any:
    loaded = api.read_config(config)
    loaded = loaded.with_ideas(ideas) if ideas else loaded
    return loaded.with_area(four_numbers(area)) if area is not None else loaded


@app.command()
def build(
    config: Annotated[
        Path | None,
        typer.Argument(
            callback=nameable,
            help="configuration, or the folder that init made; without one the Sundsvall sample",
        ),
    ] = None,
    out: Annotated[
        str,
        typer.Option(
            callback=nameable_or_address,
            help="folder for the world, its zip, map and report, or an address that they are sent "
            "to, as in s3://bucket/city",
        ),
    ] = "out",
    edition: Annotated[
        Edition | None,
        typer.Option(
            help="which edition to write; without it those that the configuration names, or else "
            "both"
        ),
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="west,south,east,north instead of the configured area")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="regions built at the same time")] = min(
        os.cpu_count() or 1, 4
    ),
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="who makes the regions instead of threads: `dask` for processes of this machine, "
            "--jobs of them, or a running Dask cluster, as in tcp://10.0.0.5:8786"
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            help="also when OUT was changed or is not ours; the old folder is kept beside it"
        ),
    ] = False,
    show: Annotated[
        list[str] | None,
        typer.Option(help="a planned layer that the world begins with; may be given several times"),
    ] = None,
    java_version: Annotated[
        str | None,
        typer.Option(help="the Java game to write for instead of the configured one, as in 1.21.4"),
    ] = None,
    bedrock_version: Annotated[
        str | None,
        typer.Option(
            help="the Bedrock or Education game to write for instead of the configured one, as in "
            "1.26.30"
        ),
    ] = None,
    ideas: IdeaFiles = None,
    afresh: Afresh = False,
    keep_builds: KeepBuilds = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="also when it takes more than 100,000 chunks, 5 GB or an hour"),
    ] = False,
) -> None:
    """Builds the world.  Example: mc-city build configs/sundsvall.toml --out out"""
    loaded = _load(config, area, ideas)
    if edition is not None:
        editions = (
            (Edition.JAVA.value, Edition.BEDROCK.value)
            if edition is Edition.ALL
            else (edition.value,)
        )
        loaded = loaded.with_world(editions=editions)
    if java_version is not None:
        loaded = loaded.with_world(java_version=java_version)
    if bedrock_version is not None:
        loaded = loaded.with_world(bedrock_version=bedrock_version)
    from mc_city.build.delivery import is_address, local_folder
    from mc_city.checking.telling import build_notes, earlier_lines, last_lines, substitutions

    crew = f"dask:{jobs}" if scheduler == "dask" else scheduler or jobs
    folder = local_folder(out) if is_address(out) else Path(out)
    with progress_bar() as progress:
        built = api.build(
            loaded, out, show=show or (), jobs=crew, force=api.Again(force, afresh, keep_builds),
            told=lambda found: tell_before(found, loaded.city.name, folder),
            large=yes, progress=progress,
        )  # fmt: skip
    report = built.report
    old, there = report["kept_old_as"], built.address
    kept = [f"what was in {folder} is kept as {old}"] if old else []
    kept += [f"sent to {there}: {built.sent} files; the rest was there"] if there else []
    for line in (
        *build_notes(report),
        *substitutions(report),
        *earlier_lines(report),
        *kept,
        "",
        *last_lines(report, folder, loaded.city.name),
    ):
        say(line)


@app.command()
def check(
    config: Annotated[
        Path | None,
        typer.Argument(
            callback=nameable,
            help="configuration, or the folder that init made; without one the Sundsvall sample",
        ),
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="west,south,east,north instead of the configured area")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="everything, as JSON on stdout")] = False,
    picture: Annotated[
        Path | None,
        typer.Option(
            callback=nameable,
            help="where the picture of the area goes; without it check.png beside the "
            "configuration, and with --json none",
        ),
    ] = None,
    ideas: IdeaFiles = None,
) -> None:
    """Reads every source without building, prints a row for each and draws the area; exit 1 if a
    build would fail.  Example: mc-city check my-city"""
    loaded = _load(config, area, ideas)
    from mc_city.checking.picture import own_picture
    from mc_city.checking.rows import table_rows
    from mc_city.checking.table import print_table
    from mc_city.checking.telling import checked_line, loud_notes

    png = picture
    if picture is None and not as_json:
        png = own_picture(loaded.path)
    with progress_bar() as progress:
        report = api.check(
            loaded,
            picture=png,
            progress=progress,
            told=lambda found: tell_before(found, loaded.city.name, None),
        )
    if as_json:
        print(json_text(report, 1))
    else:
        print_table(table_rows(report))
    for line in loud_notes(report):
        say(line)
    if png is not None:
        say(f"the area with its sources, to look at and print: {png}")
    elif not as_json:
        say("no picture: check.png there is another or cannot be written; give --picture PATH")
    say(checked_line(report, typed_path(loaded.path)))


@app.command()
def info(
    world: Annotated[
        Path,
        typer.Argument(
            callback=nameable,
            help="a world folder of either edition, a .zip of one, a .mcworld or .mctemplate",
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="as JSON on stdout")] = False,
) -> None:
    """What a world is: frame, area, version, sources and licences.  Example: mc-city info
    out/Sundsvall"""
    from mc_city.checking.telling import source_line
    from mc_city.saved.facts import place_lines, read_facts, saved_lines

    facts = read_facts(world)
    if as_json:
        print(json_text(facts, 1))
        return
    frame, area = facts["frame"], facts["area"]
    edition = (
        " ".join(str(facts[key]) for key in ("edition", "version") if facts.get(key))
        or "edition not said"
    )
    print(f"{facts['city']}: {edition}, {facts['made_by']}")
    for line in saved_lines(facts["saved"]):
        print(line)
    for line in place_lines(frame, area):
        print(line)
    for state in facts["layer_states"]:
        print(f"layer: {state['id']}  {'shown' if state['shown'] else 'hidden'}  {state['name']}")
    if not facts["layers"]:
        print("layers: none")
    for source in facts["sources"]:
        print(source_line(source))


layers = typer.Typer(
    help="Planned developments in a saved world: list, show, hide.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(layers, name="layers")
WorldArgument = Annotated[
    Path,
    typer.Argument(
        callback=nameable,
        help="a world folder of either edition, a .zip of one or a .mcworld, with the game closed",
    ),
]
LayersArgument = Annotated[
    list[str] | None, typer.Argument(help="ids as `layers list` prints them; none means all")
]


@layers.command("list")
def layers_list(world: WorldArgument) -> None:
    """One line a layer: id, shown or hidden, name.  Example: mc-city layers list out/Sundsvall"""
    from mc_city.saved.facts import stale_lines
    from mc_city.saved.opening import PACKS, opened_world
    from mc_city.saved.switching import layer_states, read_world_layers, unfinished

    with opened_world(world, but=PACKS) as folder:
        held, stale = read_world_layers(folder), stale_lines(folder)
    for state in layer_states(held):
        print(f"{state.id}  {'shown' if state.shown else 'hidden'}  {state.name}")
    if unfinished(held):
        say(
            f"{unfinished(held)} places are not finished: open the world in the game, or show or "
            f"hide again"
        )
    for line in stale:
        say(line)


def _toggle(world: Path, names: list[str] | None, show: bool) -> None:
    from mc_city.build.staging import disk_errors
    from mc_city.saved.switching import toggle

    with progress_bar() as progress, disk_errors(world):
        done = toggle(world, names or [], show, progress)
    for name in done.shown if show else ():
        own, _, variant = name.partition("/")
        if variant and name not in (names or ()) and (not names or own in names):
            say(f"{own} has variants, of which {name} is shown now: `layers list` names the others")
    if done.backup is None:
        say("nothing to do: it is so already")
        return
    say(f"{done.changed:,} blocks changed; the world as it was: {done.backup}")
    if done.strange:
        say(
            f"{done.strange:,} of them had been built or changed by somebody, and are in the "
            f"backup only"
        )
    if done.missing:
        say(
            f"{done.missing:,} blocks lie in chunks that this world does not have, and were "
            f"left out"
        )
        say(f"{done.unfinished:,} places are not finished: open the world in the game")


@layers.command("show")
def layers_show(world: WorldArgument, layer: LayersArgument = None) -> None:
    """Shows planned developments in a saved world; a backup is made first.  Example: mc-city layers
    show out/Sundsvall norra_kajen"""
    _toggle(world, layer, True)


@layers.command("hide")
def layers_hide(world: WorldArgument, layer: LayersArgument = None) -> None:
    """Hides them again: today is back, block for block.  Example: mc-city layers hide out/Sundsvall
    norra_kajen"""
    _toggle(world, layer, False)


@app.command("map")
def map_(
    world: Annotated[
        Path,
        typer.Argument(
            callback=nameable,
            help="a world folder of either edition, a .zip of one, a .mcworld or .mctemplate",
        ),
    ],
    png: Annotated[Path, typer.Argument(callback=nameable, help="the picture to write")],
    jobs: Annotated[int, typer.Option(min=1)] = min(os.cpu_count() or 1, 4),
    max_px: Annotated[
        int, typer.Option(min=64, help="longest side of the picture; larger worlds are thinned out")
    ] = 4096,
    with_layers: Annotated[
        bool, typer.Option("--layers", help="today and with all plans, side by side")
    ] = False,
) -> None:
    """A shaded picture of a world from above.  Example: mc-city map out/Sundsvall map.png"""
    api.draw_map(world, png, layers=with_layers, max_px=max_px, jobs=jobs)
    say(f"wrote {png}")


app.command()(pack)
app.command()(harvest)
app.command()(export)
app.command("app")(window)


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(callback=nameable, help="a folder that is not there yet, or empty")
    ],
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            callback=nameable,
            help="your data: rasters, footprints, extracts, models, plans; they stay where "
            "they are",
        ),
    ] = None,
    place: Annotated[
        str | None, typer.Option(help="instead of files: the name of a place to fetch data of")
    ] = None,
    bounds: Annotated[
        str | None, typer.Option(help="instead of files: west,south,east,north in degrees")
    ] = None,
) -> None:
    """Writes a commented configuration, for your files or to be filled in, or for a place, to be
    fetched.  Example: mc-city init my-city dem.tif houses.gpkg"""
    if [bool(files), place is not None, bounds is not None].count(True) > 1:
        raise ConfigError(
            "files, --place and --bounds say each for themselves where the city is",
            hint="give one of them",
        )
    box = None if bounds is None else four_numbers(bounds, "--bounds", "26.92,60.45,26.97,60.48")
    config, remarks = api.init(folder, files or [], place=place, bounds=box, told=say)
    if place is not None or bounds is not None:
        say(f"wrote {config}; next: mc-city fetch {typed_path(folder)}")
        return
    for remark in remarks:
        say(f"not used: {remark}")
    if files:
        say(f"wrote {config} for your files; next: mc-city check {typed_path(folder)}")
    else:
        say(
            f"wrote {config}: put your files into {folder / 'data'}, write its paths and where the "
            f"city is (crs, origin, bounds) into it, then run `mc-city check {typed_path(folder)}`"
        )


@app.command()
def fetch(
    config: Annotated[
        Path,
        typer.Argument(
            callback=nameable, help="configuration with a section [fetch], or its folder"
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="only say what would be fetched, and how large it is")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="ask nobody; exit 1 if something is not there")
    ] = False,
    renew: Annotated[
        bool, typer.Option("--renew", help="fetch anew what is there already")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="also when it is more than 1 GB")] = False,
) -> None:
    """Fetches the open data that a configuration names.  Example: mc-city fetch
    configs/sundsvall-open.toml"""
    loaded = _load(config)
    with progress_bar() as progress:
        fetched = api.fetch(
            loaded, dry_run=dry_run, offline=offline, renew=renew, large=yes,
            progress=progress, told=say,
        )  # fmt: skip
    if not dry_run:
        say(f"all is in {fetched.folder}; next: mc-city build {typed_path(config)}")


@app.command()
def login(
    account: Annotated[str, typer.Argument(help="whose account, as in lantmateriet")],
    forget: Annotated[bool, typer.Option("--forget", help="take it out again")] = False,
) -> None:
    """Keeps an account's secret in the system's keyring.  Example: mc-city login lantmateriet"""
    from mc_city.fetch.credentials import (
        account_of,
        forget_login,
        keep_login,
        require_keyring,
    )

    found = account_of(account)
    if forget:
        there = forget_login(found)
        say(f"{found.title}: {'forgotten' if there else 'nothing was kept'}")
        return
    require_keyring(found)
    user = typer.prompt(f"user of {found.title}", err=True)
    secret = typer.prompt("password (it does not show)", hide_input=True, err=True)
    keep_login(found, user, secret)
    say(f"{found.title}: kept in this system's keyring, and in no file of mc-city")


@app.command(hidden=True)
def logout(account: Annotated[str, typer.Argument()] = "lantmateriet") -> None:
    """What people type; `login --forget` does it."""
    raise ConfigError(
        "there is no command logout", hint=f"did you mean `mc-city login {account} --forget`?"
    )


@app.command()
def version() -> None:
    """Prints the version."""
    print(__version__)


@cache
def _command() -> Any:
    """The command line, whose options take a while to be put together."""
    return typer.main.get_command(app)


def main() -> None:
    """The program: 0 done, 1 the user's mistake in two lines, 2 wrong usage; anything else is a bug
    and says so."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        _command()()
    except McCityError as error:
        say(f"error: {plain(str(error))}")
        say(f"hint: {plain(error.hint)}")
        sys.exit(1)
    except (KeyboardInterrupt, SystemExit) as ended:
        # Typer makes an exit of its own of what the keyboard interrupts.
        code = 130 if isinstance(ended, KeyboardInterrupt) else ended.code
        if code == 130:
            say("stopped; the same command goes on where it was")
        sys.exit(code)
    except Exception:
        traceback.print_exc()
        say("this could be a bug in mc-city: please report it with the lines above")
        sys.exit(70)
