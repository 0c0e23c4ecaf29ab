"""The behaviour pack inside a Bedrock world: its functions, dialogues and structures, and the files
that make it a pack."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from worlds.bedrock.functions import BUDGET, batches_of, pack_functions, structure_id
from worlds.bedrock.mcworld import LANGUAGES, NAMESPACE
from worlds.bedrock.npc import Guide, dialogue_file, require_distinct
from worlds.bedrock.plots import with_plots
from worlds.bedrock.structures import soaked_places, write_structure
from worlds.bedrock.translate import BedrockTables
from worlds.bedrock.versions import BedrockVersion
from worlds.bedrock.votes import with_votes
from worlds.fixtures import Fixture
from worlds.layers import Change, Piece, State, Switch, Unit
from worlds.plots import NO_PLOTS, PlotPack, plot_of
from worlds.quoting import function_file, json_file, lang_line
from worlds.words import Words

PACK = "mc_city"
PACK_VERSION = [1, 0, 0]
ICON_SIDE = 256


def pack_root(world: Path) -> Path:
    return world / "behavior_packs" / PACK


def structure_folder(world: Path) -> Path:
    """Where a world's behaviour pack keeps its structures."""
    return pack_root(world) / "structures" / PACK


def structure_path(world: Path, piece: Piece) -> Path:
    """The file of a piece."""
    return structure_folder(world) / f"{structure_id(piece)}.mcstructure"


def write_unit(
    world: Path, unit: Unit, changes: Mapping[str, Change], tables: BedrockTables
) -> int:
    """Writes the structures of a unit, whose blocks are in `changes` by the names of its pieces;
    returns their bytes."""
    pieces = unit.distinct_pieces()
    placed = [changes[piece.name] for piece in pieces]
    # On a plot anybody may have poured water anywhere.
    soaked = (
        soaked_places(placed, tables)
        if plot_of(unit) is None
        else [np.ones(len(change.x), bool) for change in placed]
    )
    return sum(
        write_structure(structure_path(world, piece), changes[piece.name], tables, places)
        for piece, places in zip(pieces, soaked, strict=True)
    )  # fmt: skip


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")


def _digest(root: Path) -> str:
    """One number for all that is in the pack, so that a changed pack is another one to the game,
    which caches them."""
    state = hashlib.sha256()
    for path in sorted(
        path for path in root.rglob("*") if path.is_file() and path.name != "manifest.json"
    ):
        state.update(f"{path.relative_to(root).as_posix()} {path.stat().st_size}\n".encode())
        state.update(path.read_bytes())
    return state.hexdigest()


def pack_manifest(digest: str, version: BedrockVersion) -> dict[str, Any]:
    """manifest.json; its names are those of `texts`."""
    return {
        "format_version": version.manifest,
        "header": {
            "name": "pack.name",
            "description": "pack.description",
            "uuid": str(uuid.uuid5(NAMESPACE, f"behaviour {digest}")),
            "version": PACK_VERSION,
            "min_engine_version": list(version.numbers),
        },
        "modules": [
            {
                "type": "data",
                "uuid": str(uuid.uuid5(NAMESPACE, f"functions {digest}")),
                "version": PACK_VERSION,
            }
        ],
    }


@dataclass(frozen=True, kw_only=True)
class PackContents:
    """What a pack switches. years: of the years' dial; state: of each switch, as the world was
    built; fixtures: whose ballots are voted at; plots: where a class builds; more: other functions
    by name, in place of ours where we have such; besides: lines that some of them have besides;
    stays: whether the pack is there, and keeps its icon, texts and dialogues."""

    switches: Sequence[Switch]
    units: Sequence[Unit]
    years: Sequence[int]
    state: State
    guides: Sequence[Guide]
    fixtures: Sequence[Fixture] = ()
    plots: PlotPack = NO_PLOTS
    more: Mapping[str, Sequence[str]] = field(default_factory=dict)
    besides: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stays: bool = False


def _write_looks(
    root: Path,
    guides: Sequence[Guide],
    texts: Mapping[str, tuple[str, str]],
    picture: Image.Image,
    words: Words,
) -> None:
    """What a pack shows, and what it says by itself: its name, its icon, its guides."""
    _write_text(root / "functions" / "tick.json", json_file({"values": ["mc_city/tick"]}))
    for guide in guides:
        _write_text(root / "dialogue" / f"{guide.id}.json", dialogue_file(guide, words))
    _write_text(root / "texts" / "languages.json", json_file(sorted(texts)))
    for language, (name, description) in texts.items():
        _write_text(
            root / "texts" / f"{language}.lang",
            lang_line("pack.name", name) + lang_line("pack.description", description),
        )
    icon = ImageOps.fit(picture.convert("RGB"), (ICON_SIDE, ICON_SIDE), Image.Resampling.LANCZOS)
    icon.save(root / "pack_icon.png")


def write_behaviour_pack(
    world: Path,
    contents: PackContents,
    texts: Mapping[str, tuple[str, str]],
    picture: Image.Image,
    version: BedrockVersion,
    words: Words,
) -> dict[str, Any]:
    """Writes the pack beside its structures, which are there already, and says so in the world;
    returns counts for the report.

    texts: by language (en_US, sv_SE), the pack's
    name and description. ValueError when a language is missing, two guides share an id, or a switch
    has a name that the pack needs."""
    missing = set(LANGUAGES) - set(texts)
    if missing:
        raise ValueError(f"texts for {', '.join(sorted(missing))} are missing")
    switches, units, guides = contents.switches, contents.units, contents.guides
    require_distinct(guides)
    root = pack_root(world)
    plots, jobs = contents.plots, len(batches_of(units)) + len(guides)
    functions = pack_functions(
        switches,
        units,
        years=contents.years,
        state=contents.state,
        guides=guides,
        words=words,
        plots=len(plots.resets),
    )
    functions = with_votes(functions, contents.fixtures, words)
    functions = with_plots(functions, plots, switches, jobs + 1, words)
    functions = {**functions, **{name: list(lines) for name, lines in contents.more.items()}}
    for name, lines in contents.besides.items():
        functions[name] = [*functions.get(name, ()), *lines]
    for name, lines in functions.items():
        _write_text(root / "functions" / f"{name}.mcfunction", function_file(lines))
    if not contents.stays:
        _write_looks(root, guides, texts, picture, words)
    manifest = pack_manifest(_digest(root), version)
    _write_text(root / "manifest.json", json_file(manifest))
    _write_text(
        world / "world_behavior_packs.json",
        json_file([{"pack_id": manifest["header"]["uuid"], "version": PACK_VERSION}]),
    )
    every = [*units, *(unit for reset in plots.resets for unit in reset.units)]
    files = {
        structure_path(world, piece) for unit in every for pieces in unit.pieces for piece in pieces
    } | set(structure_folder(world).glob("votes-*.mcstructure"))
    return {
        "functions": len(functions),
        "guides": len(guides),
        "pieces": len(files),
        "structure_bytes": sum(path.stat().st_size for path in files),
        "by_layer": {
            switch.id: _layer_counts(index, units) for index, switch in enumerate(switches)
        },
    }


def _layer_counts(index: int, units: Sequence[Unit]) -> dict[str, int]:
    """How much switching one layer sets in motion: units, blocks, ticks of work (loading comes on
    top)."""
    mine = [unit for unit in units if index in unit.switches]
    ticks = 0
    for listed in batches_of(mine):
        spent = 0
        # To find it, to ask for it, to work, and to see that all is done.
        ticks += 4
        for _, unit in listed:
            if spent >= BUDGET:
                ticks, spent = ticks + 1, 0
            spent += unit.blocks
    return {"units": len(mine), "blocks": sum(unit.blocks for unit in mine), "ticks": ticks}
