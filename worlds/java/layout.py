"""Where the files of a world lie: in the folders of its dimensions since 26.1, at its root before.
Nowhere else are these folders spelled."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from worlds.java.level import LEVEL_DAT, data_version
from worlds.java.versions import VERSIONS

BY_DIMENSION = next(
    version.data_version for version in VERSIONS.values() if version.layout == "dimensions"
)
"""DataVersion since which a world has a folder for each dimension, and its settings lie in files of
their own."""
OVERWORLD = PurePosixPath("dimensions/minecraft/overworld")
SCOREBOARD = "scoreboard.dat"
REGION_NAME = re.compile(r"r\.(-?\d{1,9})\.(-?\d{1,9})\.mca")
EMPTY_REGION = 8192
"""Bytes of a region file without chunks: its tables."""
OF_PLAYERS = ("playerdata", "stats", "advancements", "players")
"""Folders of a world that say who has played in it, and how they voted."""
_APART = frozenset((
    *OF_PLAYERS, "entities", "poi", "DIM-1", "DIM1",
    (OVERWORLD / "entities").as_posix(), (OVERWORLD / "poi").as_posix(),
))  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """The files and folders of a world, there or not. by_dimension: as since 26.1; region,
    entities, poi: folders of the overworld's region files; dimension_data: folder of what concerns
    the overworld alone; data: folder of what concerns the whole world; player_data: folder of a
    file for each player; game_rules, world_gen_settings, world_clocks, weather: level.dat where
    these lie in it; stale: files and folders of the other layout that are there too, and that the
    game does not read."""

    world: Path
    by_dimension: bool
    region: Path
    entities: Path
    poi: Path
    dimension_data: Path
    data: Path
    scoreboard: Path
    player_data: Path
    game_rules: Path
    world_gen_settings: Path
    world_clocks: Path
    weather: Path
    stale: tuple[Path, ...] = ()

    def region_file(self, x: int, z: int) -> Path:
        return self.region / f"r.{x}.{z}.mca"

    def region_files(self) -> list[tuple[int, int, Path]]:
        """(region x, region z, path) of the overworld's region files, in order; empty ones left
        out."""
        found = []
        for path in self.region.glob("r.*.mca"):
            match = REGION_NAME.fullmatch(path.name)
            if match and path.is_file() and path.stat().st_size > EMPTY_REGION:
                found.append((int(match[1]), int(match[2]), path))
        return sorted(found)

    def within(self, path: Path) -> str:
        """A path of the world from its root, with forward slashes."""
        return path.relative_to(self.world).as_posix()


def _at_root(world: Path) -> Layout:
    level, data = world / LEVEL_DAT, world / "data"
    return Layout(
        world=world,
        by_dimension=False,
        region=world / "region",
        entities=world / "entities",
        poi=world / "poi",
        dimension_data=data,
        data=data,
        scoreboard=data / SCOREBOARD,
        player_data=world / "playerdata",
        game_rules=level,
        world_gen_settings=level,
        world_clocks=level,
        weather=level,
    )


def _by_dimension(world: Path) -> Layout:
    dimension, data = world / OVERWORLD, world / "data" / "minecraft"
    own = dimension / "data" / "minecraft"
    return Layout(
        world=world,
        by_dimension=True,
        region=dimension / "region",
        entities=dimension / "entities",
        poi=dimension / "poi",
        dimension_data=own,
        data=data,
        scoreboard=data / SCOREBOARD,
        player_data=world / "players" / "data",
        game_rules=data / "game_rules.dat",
        world_gen_settings=data / "world_gen_settings.dat",
        world_clocks=data / "world_clocks.dat",
        weather=data / "weather.dat",
    )


def layout_of(world: Path, data_version: int) -> Layout:
    """Where a game of this version reads and writes."""
    return (_by_dimension if data_version >= BY_DIMENSION else _at_root)(world)


def _has_region(layout: Layout) -> bool:
    return layout.region.is_dir()


def _has_scores(layout: Layout) -> bool:
    return layout.scoreboard.is_file()


def _holds(path: Path) -> bool:
    return path.is_file() or (path.is_dir() and any(path.iterdir()))


def _left(layout: Layout) -> tuple[Path, ...]:
    """Files and folders of a layout that are there."""
    named = (layout.region, layout.entities, layout.poi, layout.scoreboard, layout.player_data)
    return tuple(path for path in named if _holds(path))


def find_layout(world: Path) -> Layout:
    """Where a world's files lie on the disk. Where those of both layouts are there, or of neither,
    level.dat says which are read; WorldError when it is damaged and is asked."""
    layouts = (_at_root(world), _by_dimension(world))
    signs: tuple[Callable[[Layout], object], ...] = (Layout.region_files, _has_region, _has_scores)
    found = next(
        (
            there
            for is_there in signs
            if (there := [layout for layout in layouts if is_there(layout)])
        ),
        [],
    )
    if len(found) != 1:
        said = data_version(world) if (world / LEVEL_DAT).exists() else 0
        found = [layout_of(world, said)]
    return replace(found[0], stale=_left(layouts[1 - layouts.index(found[0])]))


def region_files(world: Path) -> list[tuple[int, int, Path]]:
    """(region x, region z, path) of the overworld's region files, in order; empty ones left out."""
    return find_layout(world).region_files()


def is_apart(folder: str) -> bool:
    """Whether a folder of a world, named from its root, holds nothing that changing the overworld's
    blocks concerns: players, entities, other dimensions."""
    parts = PurePosixPath(folder).parts
    other_dimension = parts[:1] == OVERWORLD.parts[:1] and any(
        mine != its for mine, its in zip(parts, OVERWORLD.parts, strict=False)
    )
    return folder in _APART or other_dimension
