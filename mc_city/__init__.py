"""Turns a city's own geodata into a Minecraft world.

>>> import mc_city
>>> config = mc_city.read_config()  # the Sundsvall sample; a path reads another one
>>> config
<Config Sundsvall: EPSG:3006, 2048 x 2048 blocks>
>>> built = mc_city.build(config, "out")  # doctest: +SKIP
>>> world = mc_city.open_world("out/Sundsvall")  # doctest: +SKIP
>>> world.show("norra_kajen")  # doctest: +SKIP

Names are loaded when they are asked for: `import mc_city` itself loads nothing else of the program,
and nothing of others.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mc_city.shadowed import require_own_packages

if TYPE_CHECKING:
    from mc_city.api import (
        Again,
        Built,
        Config,
        ConfigError,
        McCityError,
        Printer,
        SourceError,
        World,
        WorldError,
        build,
        check,
        draw_map,
        export,
        fetch,
        harvest,
        init,
        layers,
        open_world,
        pack,
        read_config,
    )

__version__ = "0.5.0"
__all__ = [
    "Again",
    "Built",
    "Config",
    "ConfigError",
    "McCityError",
    "Printer",
    "SourceError",
    "World",
    "WorldError",
    "build",
    "check",
    "draw_map",
    "export",
    "fetch",
    "harvest",
    "init",
    "layers",
    "open_world",
    "pack",
    "read_config",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        require_own_packages()
        return getattr(import_module("mc_city.api"), name)
    raise AttributeError(f"module 'mc_city' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


class CalledRoom(ModuleType):
    """A room of the program with the name of a function of `mc_city`: Python sets the room in the
    function's place when it is imported, so the room can be called as the function is."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        function = self.__name__.rpartition(".")[2]
        return getattr(import_module("mc_city.api"), function)(*arguments, **named)
