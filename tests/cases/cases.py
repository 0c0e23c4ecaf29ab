"""Checking and building one of tests/data/cases, and reading the blocks of the world that comes
out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from mc_city.build.build import build
from mc_city.settings.config import read_config
from tests.commands import run
from tests.conftest import TESTED, quiet
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume

CASES = Path(__file__).resolve().parent.parent / "data" / "cases"
MARGIN = 64
"""Every case lies within so many blocks of its origin."""


@dataclass(frozen=True)
class Case:
    """out: the folder that the build wrote, with a Java world in it."""

    out: Path

    @cached_property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "report.json").read_text("utf-8"))
        return found

    @cached_property
    def _volumes(self) -> list[Any]:
        world = next(self.out.glob("*/level.dat")).parent
        return [read_region_volume(path)[0] for *_, path in region_files(world)]

    def block(self, x: int, y: int, z: int) -> str:
        """The state of one block as text, as in `minecraft:oak_stairs[facing=east]`; air above and
        below what is stored."""
        for volume in self._volumes:
            place = y - volume.y0, z - volume.z0, x - volume.x0
            if 0 <= place[1] < volume.ids.shape[1] and 0 <= place[2] < volume.ids.shape[2]:
                return (
                    str(volume.palette.states[volume.ids[place]])
                    if 0 <= place[0] < len(volume.ids)
                    else "minecraft:air"
                )
        raise AssertionError(f"column {x} {z} is not in this world")

    def column(self, x: int, z: int, low: int = 60, high: int = 100) -> list[str]:
        """The names, without properties, of the blocks of a column from y `low` up to `high`."""
        return [
            self.block(x, y, z).partition("[")[0].removeprefix("minecraft:")
            for y in range(low, high)
        ]

    def count(self, *names: str) -> int:
        """How many blocks in the world have one of these names, without `minecraft:`."""
        total = 0
        for volume in self._volumes:
            wanted = [
                index
                for index, state in enumerate(volume.palette.states)
                if str(state).partition("[")[0].split(":")[-1] in names
            ]
            total += int(np.isin(volume.ids, wanted).sum())
        return total


def build_case(
    name: str,
    folder: Path,
    changes: Mapping[str, str] = MappingProxyType({}),
    files: Mapping[str, str] = MappingProxyType({}),
) -> Case:
    """Builds a case, Java only. changes: text in its configuration → what stands there instead;
    files: name → what is in it instead."""
    config = folder / name / "city.toml"
    config.parent.mkdir(parents=True)
    for path in (CASES / name).iterdir():
        (config.parent / path.name).write_bytes(
            files[path.name].encode() if path.name in files else path.read_bytes()
        )
    text = config.read_text("utf-8")
    for old, new in changes.items():
        text = text.replace(old, new)
    config.write_text(text, "utf-8")
    loaded = read_config(config)
    loaded = loaded.with_world(editions=("java",), java_version=TESTED)
    build(loaded, folder / name / "out", 1, False, quiet)
    return Case(folder / name / "out")


def said(*arguments: str) -> tuple[int, str, str]:
    """(exit status, stdout, stderr) of the program."""
    done = run(*arguments)
    return done.returncode, done.stdout, done.stderr
