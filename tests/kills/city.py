"""A city of two chunks in two regions, whose computing is done once: what is left of a build is
what it does to files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mc_city.build import bedrock_edition, regions, report, reuse
from mc_city.build import districts as writing
from mc_city.build.build import build
from mc_city.city import differences
from mc_city.city import districts as reading
from mc_city.settings.config import Config, World, read_config
from tests.conftest import quiet
from tests.plans import feature, point, rectangle, write_plans

EDITIONS = {"java": ("java",), "bedrock": ("bedrock",), "both": ("java", "bedrock")}


def write_tiny_city(folder: Path, plans: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_plans(
        folder / "plans.geojson",
        [
            feature(
                rectangle(-12, -12, 8, -4), layer="alfa", role="building", floors=2, use="house"
            ),
            feature(
                point(-14, -14),
                layer="alfa",
                role="info",
                name="Alfa",
                status="antagen",
                done_year=2031,
            ),
        ],
    )
    config = folder / "city.toml"
    text = """[city]
name = "Liten"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [599984, 6899984, 600016, 6900000]
[terrain]
flat_m = 10
[world]
java_version = "1.21.4"
"""
    config.write_text(text + ('[plans]\nsources = "plans.geojson"\n' if plans else ""), "utf-8")
    return config


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose results are kept by what it is asked about: the same land, region and
    state give the same."""
    kept: dict[Any, tuple[Any, Any]] = {}

    def known(*arguments: Any, **named: Any) -> Any:
        key = tuple(
            part if isinstance(part, int | str | tuple) else id(getattr(part, "land", part))
            for part in arguments
        )
        if key not in kept:
            # The arguments are kept too, so that no other gets the place of one in memory.
            kept[key] = arguments, function(*arguments, **named)
        return kept[key][1]

    return known


def _known_scenes() -> Callable[[Config, Any], Any]:
    """`read_city`, but for each content of the configuration once, wherever it lies and whatever
    its editions."""
    scenes: dict[str, Any] = {}
    read_city = reading.read_city

    def known(config: Config, progress: Any) -> Any:
        key = (
            config.model_copy(update={"world": World()})
            .model_dump_json()
            .replace(str(config.path.parent), "")
        )
        if key not in scenes:
            scenes[key] = read_city(config, progress)
        return replace(scenes[key], config=config)

    return known


@cache
def _computed() -> list[tuple[Any, str, Any]]:
    """What stands in place of what, so that it is computed once for all tests."""
    names = (
        (regions, "part_of"), (reuse, "part_of"), (regions, "part_key"),
        (regions, "voxelise"), (regions, "differences"), (reading, "check_meetings"), (writing,
        "source_report"),
        (report, "check_meetings"), (bedrock_edition, "encode_bedrock_palette"), (differences,
        "touched_columns"),
    )  # fmt: skip
    return [
        (reading, "read_city", _known_scenes()),
        *((module, name, _once(getattr(module, name))) for module, name in names),
    ]


@contextmanager
def computed_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module, name, function in _computed():
            patch.setattr(module, name, function)
        yield


def with_editions(config: Config, editions: tuple[str, ...]) -> Config:
    return config.with_world(editions=editions)


def tiny_config(folder: Path, plans: bool, editions: str) -> Config:
    """The configuration; its files are written if they are not there."""
    path = folder / "city.toml"
    return with_editions(
        read_config(path if path.exists() else write_tiny_city(folder, plans)), EDITIONS[editions]
    )


def built(config: Config, out: Path, shown: tuple[str, ...] = (), force: bool = False) -> Path:
    build(config, out, 1, force, quiet, shown)
    return out
