"""The small planned city as a Bedrock world's pack, and its blocks in each state, for the tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from buildings.developments.texts import dial_years
from mc_city.build.bedrock_edition import BedrockWorld, plot_pack
from mc_city.city.city import City
from mc_city.city.differences import differences, switches_of
from mc_city.city.drawing import draw, voxelise
from mc_city.city.plot_resets import plot_resets
from mc_city.city.reading import read_city
from mc_city.placing.npcs import guides_of
from mc_city.settings.config import read_config
from terrain.ground.ground import below_layers
from tests.conftest import quiet
from tests.packs.bedrock.executor import Blocks
from tests.packs.bedrock.structures import Key, key_of_bytes
from tests.plans import SMALL_PLANS, write_planned_city
from worlds.bedrock.behaviour import (
    PackContents,
    pack_root,
    structure_folder,
    write_behaviour_pack,
    write_unit,
)
from worlds.bedrock.translate import BedrockTables, encode_bedrock_palette
from worlds.bedrock.versions import BedrockVersion, bedrock_version
from worlds.bedrock.votes import write_tallies
from worlds.java.climate import BIOMES
from worlds.layers import Switch, Unit
from worlds.plots import of_layers
from worlds.words import read_words

SWEDISH = read_words("sv")

VERSION = bedrock_version("1.21.0")
TEXTS = {"sv_SE": ("Liten", "Planerade områden"), "en_US": ("Liten", "Planned areas")}
LOW, HIGH = 0, 200


@dataclass(frozen=True)
class SmallCity:
    """world: the folder; counts: what `write_behaviour_pack` said; keys: each entry of the tables,
    as an independent reader has it."""

    scene: City
    world: Path
    switches: tuple[Switch, ...]
    units: tuple[Unit, ...]
    tables: BedrockTables
    counts: dict
    keys: tuple[Key, ...]

    @property
    def root(self) -> Path:
        return pack_root(self.world)

    @property
    def years(self) -> tuple[int, ...]:
        return dial_years(self.scene.developments.layers)


def write_small_city(
    folder: Path,
    state: tuple[int, ...] = (0, 0, 0),
    version: BedrockVersion = VERSION,
    config: Path | None = None,
) -> SmallCity:
    """config: of another city than the one with SMALL_PLANS."""
    if config is None:
        config = write_planned_city(folder / "plans", SMALL_PLANS)
    scene = read_city(read_config(config), quiet)
    tables = encode_bedrock_palette(scene.palette, version, BIOMES)
    world, switches = folder / "Liten", switches_of(scene)
    units: list[Unit] = []
    for region in scene.grid.regions():
        today = voxelise(scene, *region)
        found = plot_resets(scene, today, differences(scene, today))
        units += found.units
        for unit in found.units:
            write_unit(world, unit, found.changes, tables)
    layers = scene.developments.layers
    guides = guides_of("Liten", layers, scene.fixtures, SWEDISH)
    write_tallies(
        structure_folder(world), scene.fixtures, scene.palette, tables=tables, words=SWEDISH
    )
    picture = Image.new("RGB", (64, 48), (30, 90, 60))
    contents = PackContents(
        switches=switches,
        units=of_layers(units),
        years=dial_years(layers),
        state=state,
        guides=guides,
        fixtures=scene.fixtures,
        plots=plot_pack(BedrockWorld(world, world, 0, version, tables), scene, units),
    )
    counts = write_behaviour_pack(world, contents, TEXTS, picture, version, SWEDISH)
    whole, starts = tables.entries.tobytes(), tables.starts.tolist()
    keys = tuple(
        key_of_bytes(whole[start:end]) for start, end in zip(starts, starts[1:], strict=False)
    )
    return SmallCity(scene, world, switches, tuple(of_layers(units)), tables, counts, keys)


def blocks_of(city: SmallCity, state: tuple[int, ...]) -> Blocks:
    """The city as it is built in a state, from y LOW to HIGH, in Bedrock's blocks."""
    scene = city.scene
    volume, _ = draw(scene, scene.grid, scene.developments.active(state))
    ids = np.zeros((HIGH - LOW, *volume.ids.shape[1:]), np.uint16)
    ids[: volume.y0 - LOW] = below_layers(scene.blocks.ground, scene.version.min_y, volume.y0)[
        LOW - scene.version.min_y :, None, None
    ]
    ids[volume.y0 - LOW : volume.y0 - LOW + len(volume.ids)] = volume.ids
    numbers: dict[Key, int] = {}
    number_of = np.array([numbers.setdefault(key, len(numbers)) for key in city.keys])
    first = number_of[city.tables.entry_of[ids]]
    second = number_of[np.where(city.tables.wet[ids], city.tables.water, 0)]
    corner = scene.grid.x0, LOW, scene.grid.z0
    return Blocks(
        corner,
        first.transpose(2, 0, 1).astype(np.int32),
        second.transpose(2, 0, 1).astype(np.int32),
        numbers,
    )
