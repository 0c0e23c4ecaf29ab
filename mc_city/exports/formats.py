"""The formats in which a city is written for other programs: what each is for, and what writes
it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mc_city.exports.folders import Exported


@dataclass(frozen=True)
class Format:
    """name: as one types it; about: what it is for; writer: `module:function`, read when it is
    wanted; printed: it takes a `Printer`."""

    name: str
    about: str
    writer: str
    printed: bool = False

    def load(self) -> Callable[..., Exported]:
        """The function that writes it."""
        module, _, function = self.writer.partition(":")
        found: Callable[..., Exported] = getattr(import_module(module), function)
        return found


FORMATS = (
    Format(
        "web",
        "a page that opens in any browser, by a double click",
        "mc_city.exports.web.writing:export_web",
    ),
    Format(
        "gltf",
        "a GLB for Blender, VR and 3D viewers, with layers as nodes",
        "mc_city.exports.gltf:export_gltf",
    ),
    Format(
        "3dtiles",
        "3D Tiles, for viewers of the globe",
        "mc_city.exports.globe.writing:export_tiles",
    ),
    Format("cityjson", "the houses for GIS", "mc_city.exports.cityjson:export_cityjson"),
    Format(
        "3mf",
        "the town for a 3D printer, what is planned as pieces to be pressed into it",
        "mc_city.exports.printing.printing:export_print",
        printed=True,
    ),
    Format(
        "stl",
        "the same as 3mf for older programs, one file a piece",
        "mc_city.exports.printing.printing:export_print",
        printed=True,
    ),
)
