"""The Bedrock edition of a build, which Minecraft Education opens too: one world, handed out as
.mcworld and .mctemplate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from buildings.developments.texts import dial_years
from mc_city.build.report import write_world_facts
from mc_city.city.city import City
from mc_city.city.differences import Differences, switches_of
from mc_city.city.drawing import Tile
from mc_city.city.plot_resets import layers_below
from mc_city.placing.npcs import guides_of
from worlds.bedrock.behaviour import (
    PackContents,
    structure_folder,
    structure_path,
    write_behaviour_pack,
    write_unit,
)
from worlds.bedrock.entities import fixture_entities
from worlds.bedrock.functions import starting_scores
from worlds.bedrock.leveldat import BedrockSettings
from worlds.bedrock.leveldb import strip_length, write_part
from worlds.bedrock.mcworld import write_bedrock_world, write_icon, write_mctemplate, write_mcworld
from worlds.bedrock.npc import Guide
from worlds.bedrock.region import count_substituted, encode_region_records
from worlds.bedrock.scores import SCOREBOARD, scores_record
from worlds.bedrock.translate import BedrockTables, encode_bedrock_palette
from worlds.bedrock.versions import BedrockVersion
from worlds.bedrock.votes import write_tallies
from worlds.java.climate import BIOMES
from worlds.layers import NOTES, State, Unit, write_layers
from worlds.plots import PlotPack, of_layers, resettable, starting_plots, write_plots
from worlds.volume import BlockState
from worlds.votes import ballots_of, starting_votes, write_ballots


@dataclass(frozen=True)
class BedrockWorld:
    """A world in the making. folder: the world's; parts: where the records of its regions wait;
    strip: by which those of the whole area are cut; tables: the palette in Bedrock's words."""

    folder: Path
    parts: Path
    strip: int
    version: BedrockVersion
    tables: BedrockTables


def bedrock_world(city: City, folder: Path, version: BedrockVersion) -> BedrockWorld:
    parts = folder.with_name(f"{folder.name}.parts")
    for path in (folder, parts):
        path.mkdir(parents=True, exist_ok=True)
    return BedrockWorld(
        folder,
        parts,
        strip=strip_length(city.grid.nz // 16),
        version=version,
        tables=encode_bedrock_palette(city.palette, version, BIOMES),
    )


def written_states(world: BedrockWorld, city: City) -> Sequence[BlockState]:
    """What stands in the world for each state of the palette."""
    from worlds.bedrock.reader import palette_in

    return palette_in(city.palette, world.tables)


def _part(world: BedrockWorld, region: tuple[int, int]) -> Path:
    return world.parts / f"r.{region[0]}.{region[1]}.part"


def files_of(world: BedrockWorld, region: tuple[int, int], units: Sequence[Unit]) -> list[Path]:
    """The files of a region and its units."""
    return [
        _part(world, region),
        *(
            structure_path(world.folder, piece)
            for unit in units
            for piece in unit.distinct_pieces()
        ),
    ]


def write_tile(world: BedrockWorld, tile: Tile) -> tuple[Path, Counter[str]]:
    """(the part of a tile, how many blocks of each state Bedrock lacks, so that something like them
    stands there)."""
    entities = fixture_entities(tile.fixtures, world.version, tile.signs)
    records = encode_region_records(
        *tile.region,
        tile.volume,
        below=tile.below,
        biomes=tile.biomes,
        present=tile.present,
        tables=world.tables,
        block_entities=entities,
    )
    path = _part(world, tile.region)
    write_part(path, records, world.strip)
    return path, count_substituted(tile.volume, tile.below, tile.present, world.tables)


def write_differences(world: BedrockWorld, found: Differences) -> list[Path]:
    """The structures of a region's units, in the world's behaviour pack."""
    for unit in found.units:
        write_unit(world.folder, unit, found.changes, world.tables)
    return [
        structure_path(world.folder, piece)
        for unit in found.units
        for piece in unit.distinct_pieces()
    ]


def _guides(city: City) -> tuple[Guide, ...]:
    return guides_of(
        city.config.city.name, city.developments.layers, city.fixtures, city.config.words
    )


def write_world(world: BedrockWorld, city: City, state: State, units: Sequence[Unit]) -> int:
    """Database, level.dat, and what the world says of itself; returns the database's bytes. The
    parts may go then.

    state: that the world begins with."""
    config = city.config
    x, y, z, _ = city.spawn
    settings = BedrockSettings(
        name=config.city.name,
        version=world.version,
        spawn=(x, y, z),
        game_mode=config.world.game_mode,
        time=config.world.time,
        daylight_cycle=config.world.daylight_cycle,
        weather_cycle=config.world.weather_cycle,
        seed=config.world.seed,
    )
    extras: dict[bytes, bytes] = {}
    notes = world.folder / NOTES
    notes.mkdir(exist_ok=True)
    plots = plot_pack(world, city, units)
    if len(city.developments) or len(city.class_plots):
        own, switches, ballots = of_layers(units), switches_of(city), ballots_of(city.fixtures)
        scores = starting_scores(switches, own, state, _guides(city)) | starting_votes(ballots)
        extras[SCOREBOARD] = scores_record(
            None, scores | starting_plots(plots.plots, plots.guarded)
        )
        if len(city.developments):
            write_layers(notes, switches, own)
        write_ballots(notes, ballots)
        write_plots(notes, plots.plots)
    write_world_facts(notes, city, "bedrock", world.version.name)
    return write_bedrock_world(world.folder, settings, sorted(world.parts.glob("*.part")), extras)


def plot_pack(world: BedrockWorld, city: City, units: Sequence[Unit]) -> PlotPack:
    """What the behaviour pack knows of plots. units: of the layers and plots. The bottom of the
    world stays as it is: teachers lay allow blocks there."""
    version, tables = world.version, world.tables
    return PlotPack(
        resettable(city.class_plots.plots, units),
        lowest=version.min_y,
        highest=version.max_y,
        below=tuple(
            (first, last, tables.names[tables.entry_of[block]].partition("[")[0])
            for first, last, block in layers_below(city.blocks.ground, version)
            if last > version.min_y
        ),
        guarded=city.config.lessons.guard,
    )


def write_pack(
    world: BedrockWorld,
    city: City,
    state: State,
    units: Sequence[Unit],
    picture: Image.Image,
) -> dict[str, Any]:
    """The world's icon and its behaviour pack; returns facts about the layers. picture: a map of
    the world."""
    write_icon(picture, world.folder / "world_icon.jpeg")
    if not (len(city.developments) or len(city.class_plots)):
        return {}
    name = city.config.city.name
    texts = {
        "sv_SE": (
            f"{name}: planerade områden",
            "Visar och döljer det som planeras. Inte en officiell Minecraft-produkt.",
        ),
        "en_US": (
            f"{name}: planned developments",
            "Shows and hides what is planned. Not an official Minecraft product.",
        ),
    }
    years = dial_years(city.developments.layers)
    switches = switches_of(city)
    words = city.config.words
    write_tallies(
        structure_folder(world.folder), city.fixtures, city.palette, world.tables, words=words
    )
    return write_behaviour_pack(
        world.folder,
        PackContents(
            switches=switches,
            units=of_layers(units),
            years=years,
            state=state,
            guides=_guides(city),
            fixtures=city.fixtures,
            plots=plot_pack(world, city, units),
        ),
        texts,
        picture=picture,
        version=world.version,
        words=words,
    )


def write_archives(world: BedrockWorld, city: City, mcworld: Path, mctemplate: Path) -> None:
    """The two files that are handed out."""
    name = city.config.city.name
    texts = {
        "sv_SE": (
            name,
            f"{name} i Minecraft, byggt av geodata; vad som är illustration står i "
            f"ATTRIBUTION.txt. Ingen officiell produkt.",
        ),
        "en_US": (
            name,
            f"{name} in Minecraft, built from geodata; ATTRIBUTION.txt says what is "
            f"illustrative. Not an official product.",
        ),
    }
    write_mcworld(world.folder, mcworld)
    write_mctemplate(mcworld, mctemplate, world.version, texts)


def stand_ins(world: BedrockWorld) -> dict[str, str]:
    """What stands for the states of the palette that became other blocks."""
    return dict(sorted(world.tables.substituted.values()))
