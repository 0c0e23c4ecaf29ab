"""The command line: commands, progress, and errors in two lines."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mc_city import __version__
from worlds.errors import ConfigError, McCityError, WorldError

app = typer.Typer(
    help="Turns a city's own geodata into a Minecraft world. "
    "Not an official Minecraft product; not approved by or associated with Mojang or Microsoft.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

WORDS = {
    "survey": "reading the elevation",
    "houses": "planning the houses",
    "regions": "building regions",
    "map": "drawing the map",
    "zip": "packing the zip",
    "layers": "changing regions",
}


MUCH_BEYOND = 0.1
"""Share of the area beyond an extract from which on it is said."""
BYTES_A_CHUNK = {"java": 10_800, "bedrock": 7_200}
"""On the disk with the archives, measured over the sample."""


class Edition(StrEnum):
    """What can be written."""

    JAVA = "java"
    BEDROCK = "bedrock"
    ALL = "all"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def progress_bar() -> Iterator[Any]:
    """A callback that shows progress on stderr: a bar with rate and time left, or plain lines when it is no terminal."""
    if not sys.stderr.isatty():
        last: dict[str, int] = {}

        def plain(what: str, done: int, total: int) -> None:
            tenth = 10 * done // max(total, 1)
            if last.get(what) != tenth:
                last[what] = tenth
                say(f"{WORDS[what]}: {done} of {total}" if total > 1 else WORDS[what])

        yield plain
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True),
    )  # fmt: skip
    tasks: dict[str, Any] = {}
    with bar:

        def draw(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(WORDS[what], total=total, rate="")
            speed = bar.tasks[tasks[what]].speed
            rate = f"{1024 * speed:,.0f} chunks/s" if what == "regions" and speed else ""
            bar.update(tasks[what], completed=done, total=total, rate=rate)

        yield draw


def _bounds(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise ConfigError(
            f"--area {text}: not four numbers", hint="give west,south,east,north, as in 618226,6918788,620274,6920836"
        ) from error
    return west, south, east, north


def _load(config: Path | None, area: str | None = None) -> Any:
    from mc_city.config import DEFAULT_CONFIG, read_config

    loaded = read_config(config or DEFAULT_CONFIG)
    return loaded.with_area(_bounds(area)) if area else loaded


def _cold_start() -> bool:
    """Whether the kernels are not compiled yet on this machine, which takes a minute once."""
    import worlds.java.chunks as kernels

    folder = Path(kernels.__file__).parent / "__pycache__"
    return not any(folder.glob("chunks.encode_chunk-*.nbc"))


@app.command()
def build(
    config: Annotated[Path | None, typer.Argument(help="configuration file; without one the embedded Sundsvall sample is built")] = None,
    out: Annotated[Path, typer.Option(help="folder for the world, its zip, map and report")] = Path("out"),
    edition: Annotated[
        Edition | None, typer.Option(help="which edition to write; without it those that the configuration names, or else both")
    ] = None,
    area: Annotated[str | None, typer.Option(help="west,south,east,north instead of the configured area")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="regions built at the same time")] = min(os.cpu_count() or 1, 4),
    force: Annotated[bool, typer.Option(help="also when OUT was changed or is not ours; the old folder is kept beside it")] = False,
    show: Annotated[list[str] | None, typer.Option(help="a planned layer that the world begins with; may be given several times")] = None,
) -> None:
    """Builds the world.  Example: mc-city build configs/sundsvall.toml --out out"""
    loaded = _load(config, area)
    if edition is not None:
        editions = (Edition.JAVA.value, Edition.BEDROCK.value) if edition is Edition.ALL else (edition.value,)
        loaded = loaded.model_copy(update={"world": loaded.world.model_copy(update={"editions": editions})})
    from mc_city.pipeline import build as run

    grid = loaded.grid
    chunks = grid.nx // 16 * (grid.nz // 16)
    size = sum(BYTES_A_CHUNK[name] for name in loaded.world.editions) * chunks / 1e6
    say(f"{loaded.city.name}: {grid.nx} x {grid.nz} blocks, {chunks:,} chunks, about {size:,.0f} MB, into {out}")
    if _cold_start():
        say("first run on this machine: compiling the kernels takes about a minute, once")
    with progress_bar() as progress:
        report = run(loaded, out, jobs, force, progress, tuple(show or ()))
    _say_report(report)
    if report["kept_old_as"]:
        say(f"what was in {out} is kept as {report['kept_old_as']}")
    seconds = report["seconds"]
    say(f"{report['chunks']:,} chunks in {seconds['read'] + seconds['regions']:.1f} s, {report['chunks_per_second']:,} a second")
    say(f"map, archives and other files: {seconds['files']:.1f} s; picture: {out / 'map.png'}")
    _say_editions(report, out, loaded.city.name)


def _say_editions(report: dict[str, Any], out: Path, city: str) -> None:
    editions = report["editions"]
    if "java" in editions:
        say(f"Java {editions['java']['version']} or later: open {out / city}, or hand out {out / f'{city}-java.zip'}")
    if "bedrock" in editions:
        facts = editions["bedrock"]
        say(f"Bedrock and Education {facts['version']} or later: open {out / f'{city}.mcworld'}; a copy for each: {city}.mctemplate")
        for state, count in facts["blocks_substituted"].items():
            say(f"Bedrock lacks {state}: {count:,} x {facts['stands_for'][state]} instead")


def _say_report(report: dict[str, Any]) -> None:
    houses = report["buildings"]
    sources = ", ".join(f"{count} from {source}" for source, count in houses["heights_from"].items())
    say(f"buildings: {houses['drawn']} of {houses['read']} drawn; heights: {sources or 'none'}")
    for part in ("buildings", "water", "streets"):
        for reason, count in report[part]["skipped"].items():
            say(f"{part} skipped: {count}, {reason}")
    for part, what in (("streets", "a street"), ("spans", "a bridge")):
        count = report[part]["houses_in_the_way"]
        if count:
            say(f"houses in the way of {what}: {count}; they stand, and it breaks off there")
    for note, count in houses["values_not_used"].items():
        say(f"value not used: {count} x {note}")
    plans = report["plans"]
    for layer in plans["layers"]:
        say(f"layer {layer['id']}: {layer['name']}" + (f", {layer['status']}" if "status" in layer else ""))
    for chosen in plans["meet"]:
        say(f"layers meet: {', '.join(chosen)}; where they do, the last named is what one sees")
    for kind in ("skipped", "notes"):
        for reason, count in plans[kind].items():
            say(f"plans {kind if kind == 'skipped' else 'note'}: {reason}" + (f" ({count})" if count > 1 else ""))
    for code, count in report["landcover"]["unknown_codes"].items():
        say(f"land cover: {count:,} cells with code {code}, which the legend lacks")
    beyond = report["area"]["share_beyond_extract"]
    if beyond > MUCH_BEYOND:
        say(f"area: {beyond:.0%} of it lies beyond the extract, where nothing is known: fit area.bounds to it, or take a larger extract")
    for line in (*report["empty"], *report["cut"]):
        say(line)
    relief = report["elevation"]
    if "flat_m" in relief:
        say(f"elevation: none, the ground is flat at {relief['flat_m']:g} m")
    if relief["voids_filled"] or relief["columns_without_data"]:
        far = f", {relief['columns_without_data']:,} without data are as high as the nearest" if relief["columns_without_data"] else ""
        say(f"elevation: {relief['voids_filled']:,} columns in small voids filled{far}")


@app.command()
def check(
    config: Annotated[Path | None, typer.Argument(help="configuration file; without one the embedded sample")] = None,
    area: Annotated[str | None, typer.Option(help="west,south,east,north instead of the configured area")] = None,
) -> None:
    """Reads every source without building; exit 1 if a build would fail.  Example: mc-city check my/city.toml"""
    loaded = _load(config, area)
    from mc_city.report import source_report
    from mc_city.scene import read_scene

    with progress_bar() as progress:
        report = source_report(read_scene(loaded, progress))
    _say_report(report)
    print(json.dumps(report, indent=1, ensure_ascii=False))


@app.command()
def info(
    world: Annotated[Path, typer.Argument(help="a world folder of either edition, a .zip of one, a .mcworld or .mctemplate")],
    as_json: Annotated[bool, typer.Option("--json", help="as JSON on stdout")] = False,
) -> None:
    """What a world is: frame, area, version, sources and licences.  Example: mc-city info out/Sundsvall"""
    from mc_city.inspect import read_facts

    facts = read_facts(world)
    if as_json:
        print(json.dumps(facts, indent=1, ensure_ascii=False))
        return
    frame, area = facts["frame"], facts["area"]
    print(f"{facts['city']}: {facts['edition']} {facts['version']}, {facts['made_by']}")
    print(f"frame: {frame['crs']}, block 0 0 at E {frame['origin'][0]} N {frame['origin'][1]}")
    print(f"scale: {frame['blocks_per_metre']} blocks per metre, height 0 at y {frame['sea_level_y']}")
    west, south, east, north = area["bounds"]
    print(f"area: W {west:g} S {south:g} E {east:g} N {north:g}, blocks {area['blocks']}")
    for state in facts["layer_states"]:
        print(f"layer: {state['id']}  {'shown' if state['shown'] else 'hidden'}  {state['name']}")
    if not facts["layers"]:
        print("layers: none")
    for source in facts["sources"]:
        print(f"source: {source.get('title')}: {source.get('licence')} {source.get('attribution', '')}")


layers = typer.Typer(help="Planned developments in a saved world: list, show, hide.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(layers, name="layers")
WorldArgument = Annotated[Path, typer.Argument(help="a world folder of either edition, a .zip of one or a .mcworld, with the game closed")]
LayersArgument = Annotated[list[str] | None, typer.Argument(help="ids as `layers list` prints them; none means all")]


@layers.command("list")
def layers_list(world: WorldArgument) -> None:
    """One line a layer: id, shown or hidden, name.  Example: mc-city layers list out/Sundsvall"""
    from mc_city.inspect import opened_world
    from mc_city.toggle import layer_states, read_world_layers, unfinished

    with opened_world(world) as folder:
        held = read_world_layers(folder)
    for state in layer_states(held):
        print(f"{state.id}  {'shown' if state.shown else 'hidden'}  {state.name}")
    if unfinished(held):
        say(f"{unfinished(held)} places are not finished: open the world in the game, or show or hide again")


def _toggle(world: Path, names: list[str] | None, show: bool) -> None:
    from mc_city.staging import disk_errors
    from mc_city.toggle import toggle

    with progress_bar() as progress, disk_errors(world):
        done = toggle(world, names or [], show, progress)
    if done.backup is None:
        say("nothing to do: it is so already")
        return
    say(f"{done.changed:,} blocks changed; the world as it was: {done.backup}")
    if done.strange:
        say(f"{done.strange:,} of them had been built or changed by somebody, and are in the backup only")
    if done.missing:
        say(f"{done.missing:,} blocks lie in chunks that this world does not have, and were left out")


@layers.command("show")
def layers_show(world: WorldArgument, layer: LayersArgument = None) -> None:
    """Shows planned developments in a saved world; a backup is made first.  Example: mc-city layers show out/Sundsvall norra_kajen"""
    _toggle(world, layer, True)


@layers.command("hide")
def layers_hide(world: WorldArgument, layer: LayersArgument = None) -> None:
    """Hides them again: today is back, block for block.  Example: mc-city layers hide out/Sundsvall norra_kajen"""
    _toggle(world, layer, False)


@app.command("map")
def map_(
    world: Annotated[Path, typer.Argument(help="a world folder of either edition, a .zip of one, a .mcworld or .mctemplate")],
    png: Annotated[Path, typer.Argument(help="the picture to write")],
    jobs: Annotated[int, typer.Option(min=1)] = min(os.cpu_count() or 1, 4),
    max_px: Annotated[int, typer.Option(min=64, help="longest side of the picture; larger worlds are thinned out")] = 4096,
    with_layers: Annotated[bool, typer.Option("--layers", help="today and with all plans, side by side")] = False,
) -> None:
    """A shaded picture of a world from above.  Example: mc-city map out/Sundsvall map.png"""
    from mc_city.inspect import opened_world, world_caption
    from mc_city.layer_map import write_layer_map
    from mc_city.staging import disk_errors
    from worlds.topview import write_map

    if png.suffix.lower() != ".png":
        raise WorldError(f"{png}: not a .png", hint="give the picture a name that ends in .png")
    with opened_world(world) as folder, disk_errors(png):
        draw = write_layer_map if with_layers else write_map
        draw(folder, png, caption=world_caption(folder), jobs=jobs, max_px=max_px)
    say(f"wrote {png}")


@app.command()
def pack(
    world: Annotated[Path, typer.Argument(help="the folder that `mc-city build` wrote, or the world in it")],
    out: Annotated[Path | None, typer.Option(help="folder for the hand-out; without it beside what was built, as out-handout")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="regions drawn at the same time")] = min(os.cpu_count() or 1, 4),
    force: Annotated[bool, typer.Option(help="also when the folder is there already; the old one is kept beside it")] = False,
) -> None:
    """Gathers what a teacher hands out: worlds, maps, sources and a guide to print.  Example: mc-city pack out --out sundsvall-klass"""
    from mc_city.handout import GUIDE
    from mc_city.handout import pack as run

    with progress_bar() as progress:
        packed = run(world, out, force, jobs, progress)
    kept = [f"what was there is kept as {packed.kept}"] if packed.kept else []
    missing = [f"missing: {name} ({reason})" for name, reason in packed.missing]
    for line in (*kept, *packed.files, *missing, *(f"note: {note}" for note in packed.notes)):
        say(line)
    say(f"hand out {packed.folder}; print {packed.folder / GUIDE}: a page in Swedish, a page in English")


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="a folder that is not there yet, or empty")]) -> None:
    """Writes a commented starter configuration for a new city.  Example: mc-city init my-city"""
    from mc_city.starter import write_starter

    say(f"wrote {write_starter(folder)}: put your files into {folder / 'data'}, correct the paths, then run `mc-city check`")


@app.command()
def version() -> None:
    """Prints the version."""
    print(__version__)


def main() -> None:
    """The program: 0 done, 1 the user's mistake in two lines, 2 wrong usage; anything else is a bug and says so."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except McCityError as error:
        say(f"error: {' '.join(str(error).split())}")
        say(f"hint: {error.hint}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("stopped; the same command goes on where it was")
        sys.exit(130)
    except Exception:
        traceback.print_exc()
        say("this could be a bug in mc-city: please report it with the lines above")
        sys.exit(70)
