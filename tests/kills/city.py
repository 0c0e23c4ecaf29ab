"""A city of two chunks in two regions, whose computing is done once: what is left of a build is what it does to files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mc_city import bedrock_edition, differences, pipeline, report
from mc_city.config import Config, read_config
from mc_city.pipeline import build
from tests.conftest import quiet
from tests.plans import feature, point, rectangle, write_plans

EDITIONS = {"java": ("java",), "bedrock": ("bedrock",), "both": ("java", "bedrock")}


def write_tiny_city(folder: Path, plans: bool) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_plans(
        folder / "plans.geojson",
        [
            feature(rectangle(-12, -12, 8, -4), layer="alfa", role="building", floors=2, use="house"),
            feature(point(-14, -14), layer="alfa", role="info", name="Alfa", status="antagen", done_year=2031),
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
"""
    config.write_text(text + ('[plans]\nsources = "plans.geojson"\n' if plans else ""), "utf-8")
    return config


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, whose results are kept by who is asked about: the same scene, region and state give the same."""
    kept: dict[Any, tuple[Any, Any]] = {}

    def known(*arguments: Any, **named: Any) -> Any:
        key = tuple(part if isinstance(part, int | str | tuple) else id(part) for part in arguments), tuple(named.items())
        if key not in kept:
            # The arguments are kept too, so that no other gets the place of one in memory.
            kept[key] = arguments, function(*arguments, **named)
        return kept[key][1]

    return known


@contextmanager
def computed_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        tiles = _once(pipeline.voxelise)

        def voxelise(scene: Any, x: int, z: int, active: Any = None) -> Any:
            return tiles(scene, x, z) if active is None else tiles(scene, x, z, active)

        scenes: dict[str, Any] = {}
        read_scene = pipeline.read_scene

        def known_scene(config: Config, progress: Any) -> Any:
            key = config.model_dump_json()
            if key not in scenes:
                scenes[key] = read_scene(config, progress)
            return scenes[key]

        patch.setattr(pipeline, "read_scene", known_scene)
        patch.setattr(pipeline, "voxelise", voxelise)
        for module, name in (
            (pipeline, "differences"), (pipeline, "check_meetings"), (pipeline, "source_report"), (report, "check_meetings"),
            (bedrock_edition, "encode_bedrock_palette"), (differences, "touched_columns"),
        ):  # fmt: skip
            patch.setattr(module, name, _once(getattr(module, name)))
        yield


def with_editions(config: Config, editions: tuple[str, ...]) -> Config:
    return config.model_copy(update={"world": config.world.model_copy(update={"editions": editions})})


def tiny_config(folder: Path, plans: bool, editions: str) -> Config:
    """The configuration; its files are written if they are not there."""
    path = folder / "city.toml"
    return with_editions(read_config(path if path.exists() else write_tiny_city(folder, plans)), EDITIONS[editions])


def built(config: Config, out: Path, shown: tuple[str, ...] = (), force: bool = False) -> Path:
    build(config, out, 1, force, quiet, shown)
    return out
