"""Reads a model, whatever its format, which its first bytes tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from buildings.models.citygml import read_citygml_model
from buildings.models.gltf import read_gltf
from buildings.models.ifc import read_ifc
from buildings.models.meshes import ReadModel, Upward
from buildings.models.obj import read_obj
from terrain.files.kinds import is_readable, model_format, what_is
from worlds.errors import SourceError

READERS: dict[str, tuple[Callable[[Path], ReadModel], Upward]] = {
    "gltf": (read_gltf, "y"),
    "obj": (read_obj, "y"),
    "ifc": (read_ifc, "z"),
    "citygml": (read_citygml_model, "z"),
}
"""Format → what reads it, and which of its axes goes up."""
KNOWN = "glTF (.glb, .gltf), OBJ, IFC or CityGML"


def read_model(path: Path) -> tuple[ReadModel, Upward]:
    """(the model, which of its axes goes up). SourceError for a file that is none."""
    try:
        if not is_readable(path) or path.is_dir():
            raise SourceError(
                f"{path}: {'a folder' if path.is_dir() else 'no such file'}",
                hint=f"models.path names one file: {KNOWN}",
            )
        kind, named = what_is(path), model_format(path)
        if named is None:
            hint = f"a model is {KNOWN}; {kind.advice}" if kind.advice else f"a model is {KNOWN}"
            what = (
                "not a model that is known, nor anything else that is"
                if kind.family == "unknown"
                else f"is {kind.name}, and that is no model that is known"
            )
            raise SourceError(f"{path}: {what}", hint=hint)
        read, up = READERS[named]
        return read(path), up
    except OSError as error:
        raise SourceError(
            f"{path}: cannot be read ({error.strerror or error})", hint="check the path and rights"
        ) from error
    except MemoryError as error:
        raise SourceError(
            f"{path}: needs more memory than there is", hint="save a simpler one"
        ) from error
