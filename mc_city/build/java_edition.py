"""The Java edition of a build: the world's folder, from its regions to its data pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from buildings.developments.texts import dial_years
from mc_city.build.report import write_world_facts
from mc_city.city.city import City
from mc_city.city.differences import Differences, switches_of
from mc_city.city.drawing import Tile
from mc_city.city.plot_resets import layers_below
from worlds.java.climate import BIOMES
from worlds.java.datapack import structure_folder, write_datapack, write_height_pack
from worlds.java.dimension import is_raised
from worlds.java.entities import fixture_entities, sign_without_place
from worlds.java.layout import layout_of
from worlds.java.leveldat import LevelSettings, write_level
from worlds.java.pack_meta import PACK
from worlds.java.palettes import PaletteTables, encode_palette
from worlds.java.region import count_substituted, encode_region, write_region
from worlds.java.scores import write_scores
from worlds.java.structures import Template, write_template
from worlds.layers import State, Unit, starting_scores, write_layers
from worlds.plots import PlotPack, of_layers, resettable, starting_plots, write_plots
from worlds.votes import ballots_of, starting_votes, write_ballots

ICON_SIDE = 64


@dataclass(frozen=True)
class JavaWorld:
    """A world in the making. folder: the world's; tables: the palette in Java's bytes."""

    folder: Path
    tables: PaletteTables


def java_world(city: City, folder: Path) -> JavaWorld:
    layout_of(folder, city.version.data_version).region.mkdir(parents=True, exist_ok=True)
    return JavaWorld(folder, encode_palette(city.palette, BIOMES, city.version))


def files_of(
    world: JavaWorld, city: City, region: tuple[int, int], units: Sequence[Unit]
) -> list[Path]:
    """The files of a region and its units."""
    folder = structure_folder(world.folder, city.version)
    return [
        layout_of(world.folder, city.version.data_version).region_file(*region),
        *(folder / f"{piece.name}.nbt" for unit in units for piece in unit.distinct_pieces()),
    ]


def write_tile(world: JavaWorld, city: City, tile: Tile) -> tuple[Path, Counter[str]]:
    """The region file of a tile, and how many of its blocks others stand for in this version."""
    entities = fixture_entities(tile.fixtures, city.version, tile.signs)
    data = encode_region(
        tile.region,
        tile.volume,
        tile.below,
        biomes=tile.biomes,
        present=tile.present,
        tables=world.tables,
        version=city.version,
        block_entities=entities,
    )
    path = layout_of(world.folder, city.version.data_version).region_file(*tile.region)
    write_region(path, data)
    return path, count_substituted(tile.volume, tile.present, world.tables)


def write_differences(world: JavaWorld, city: City, found: Differences) -> list[Path]:
    """The structures of a region's units, in the world's data pack."""
    folder, written = structure_folder(world.folder, city.version), []
    for unit in found.units:
        for piece in unit.distinct_pieces():
            change = found.changes[piece.name]
            x, y, z = piece.at
            template = Template(
                change.x - x,
                change.y - y,
                change.z - z,
                city.palette.states,
                change.ids.astype(np.int64),
                entities={
                    number: sign_without_place(sign, city.version)
                    for number, sign in change.signs.items()
                },
            )
            path = folder / f"{piece.name}.nbt"
            write_template(path, template, city.version)
            written.append(path)
    return written


def write_world(
    world: JavaWorld, city: City, state: State, units: Sequence[Unit], blocks: str = ""
) -> dict[str, Any]:
    """level.dat, the data pack with its state, and what the world says of itself; returns facts
    about the layers.

    state: that the world begins with; blocks: a digest of its regions."""
    config, grid = city.config, city.grid
    x, y, z, angle = city.spawn
    plots = plot_pack(world, city, units)
    units, has_pack = of_layers(units), len(city.developments) + len(city.class_plots) > 0
    settings = LevelSettings(
        name=config.city.name,
        version=city.version,
        spawn=(x, y, z),
        spawn_angle=angle,
        border_centre=(grid.x0 + grid.nx / 2, grid.z0 + grid.nz / 2),
        border_size=float(max(grid.nx, grid.nz)),
        game_mode=config.world.game_mode,
        time=config.world.time,
        daylight_cycle=config.world.daylight_cycle,
        weather_cycle=config.world.weather_cycle,
        seed=config.world.seed,
        data_packs=("vanilla", f"file/{PACK}")
        if has_pack or is_raised(city.version)
        else ("vanilla",),
    )
    write_level(world.folder, settings)
    write_world_facts(world.folder, city, "java", city.version.name, blocks)
    if not has_pack:
        write_height_pack(world.folder, city.version)
        return {}
    switches, ballots = switches_of(city), ballots_of(city.fixtures)
    facts = write_datapack(
        world.folder,
        switches,
        units,
        years=dial_years(city.developments.layers),
        version=city.version,
        words=config.words,
        ballots=ballots,
        plots=plots,
    )
    scores = {**starting_scores(switches, units, state), **starting_votes(ballots)}
    write_scores(world.folder, {**scores, **starting_plots(plots.plots, plots.guarded)})
    if len(city.developments):
        write_layers(world.folder, switches, units)
    write_ballots(world.folder, ballots)
    write_plots(world.folder, plots.plots)
    return facts


def plot_pack(world: JavaWorld, city: City, units: Sequence[Unit]) -> PlotPack:
    """What the data pack knows of plots. units: of the layers and plots."""
    ground, version = city.blocks.ground, city.version
    stands_for = {number: name for number, (_, name) in world.tables.substituted.items()}
    below = tuple(
        (first, last, stands_for.get(block, str(city.palette.states[block])))
        for first, last, block in layers_below(ground, version)
    )
    return PlotPack(
        resettable(city.class_plots.plots, units),
        lowest=version.min_y,
        highest=version.max_y,
        below=below,
        guarded=city.config.lessons.guard,
    )


def stand_ins(world: JavaWorld) -> dict[str, str]:
    """What stands for the blocks that the version lacks."""
    return dict(sorted(world.tables.substituted.values()))


def write_icon(world: JavaWorld, picture: Image.Image) -> None:
    """The picture that the world list shows, cut from the middle of a map."""
    icon = ImageOps.fit(picture.convert("RGB"), (ICON_SIDE, ICON_SIDE), Image.Resampling.LANCZOS)
    icon.save(world.folder / "icon.png")
