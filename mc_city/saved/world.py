"""A saved world as one object: what it says of itself, its layers, its map."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mc_city.build.staging import disk_errors
from mc_city.saved.facts import read_facts, world_caption, world_turn
from mc_city.saved.opening import PACKS, opened_world
from mc_city.saved.switching import (
    LayerState,
    Toggled,
    has_layers,
    layer_states,
    read_world_layers,
    toggle,
)
from mc_city.settings.outline import area_svg
from worlds.errors import ConfigError, WorldError


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody is told."""


@dataclass(frozen=True, repr=False)
class World:
    """A Java world folder, a .zip of one, a .mcworld or an unpacked Bedrock world. Nothing is kept:
    each question reads the world anew."""

    path: Path

    def __repr__(self) -> str:
        return f"<World {self.path}>"

    @property
    def facts(self) -> dict[str, Any]:
        """Frame, area, version, sources and layers, as `mc-city info --json` prints them.
        WorldError for a world that mc-city did not make."""
        return read_facts(self.path)

    @property
    def layers(self) -> tuple[LayerState, ...]:
        """Its planned developments: id, name, and whether each is shown; none without plans."""
        with opened_world(self.path, but=PACKS) as folder:
            return tuple(layer_states(read_world_layers(folder))) if has_layers(folder) else ()

    def show(self, *layers: str) -> Toggled:
        """Shows layers by id, all without one; a backup is made beside the world first."""
        return self._toggle(layers, True)

    def hide(self, *layers: str) -> Toggled:
        """Hides layers by id, all without one: today is back, block for block."""
        return self._toggle(layers, False)

    def _toggle(self, layers: Sequence[str], show: bool) -> Toggled:
        with disk_errors(self.path):
            return toggle(self.path, layers, show, quiet)

    def map(
        self, png: Path | str, *, layers: bool = False, max_px: int = 4096, jobs: int = 2
    ) -> Path:
        """Draws it from above; layers: today and with all plans, side by side. Returns the path."""
        return write_world_map(self.path, Path(png), layers=layers, max_px=max_px, jobs=jobs)

    def _repr_svg_(self) -> str:
        """The area's outline, in a notebook."""
        facts = self.facts
        area = facts["area"]
        x0, z0, x1, z1 = area["blocks"]
        west, south, east, north = area["bounds"]
        crs = facts["frame"]["crs"]
        return area_svg(
            facts["city"],
            crs,
            (west, south, east, north),
            (x1 - x0, z1 - z0),
            blocks_per_metre=facts["frame"]["blocks_per_metre"],
            turn_deg=facts["frame"].get("turn_deg", 0.0),
        )


def write_world_map(
    world: Path, png: Path, *, layers: bool = False, max_px: int = 4096, jobs: int = 2
) -> Path:
    """A picture of any world from above. WorldError for a target that cannot be written."""
    for name, value in (("jobs", jobs), ("max_px", max_px)):
        if not isinstance(value, int) or value < 1:
            raise ConfigError(f"{name} = {value!r:.80}", hint="give a whole number from 1")
    if png.suffix.lower() != ".png":
        raise WorldError(f"{png}: not a .png", hint="give the picture a name that ends in .png")
    if png.exists() and not png.is_file():
        raise WorldError(f"{png}: is there, and is no file", hint="give the picture another name")
    if not Path(os.path.realpath(png)).parent.is_dir():
        raise WorldError(
            f"{png.parent}: no such folder", hint="make it first, or name one that is there"
        )
    from mc_city.saved.layer_map import write_layer_map
    from worlds.topview import write_map

    with opened_world(world) as folder, disk_errors(png):
        draw = write_layer_map if layers else write_map
        draw(
            folder,
            png,
            caption=world_caption(folder),
            turn_deg=world_turn(folder),
            jobs=jobs,
            max_px=max_px,
        )
    return png
