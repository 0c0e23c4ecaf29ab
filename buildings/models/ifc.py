"""IFC models, read with ifcopenshell, which comes with `mc-city[ifc]`: metres, z up, with the place
that their map conversion gives them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.models.meshes import (
    MOST_FACES,
    MOST_TEXT_BYTES,
    Material,
    Mesh,
    Place,
    ReadModel,
    too_much,
    unreadable,
)
from worlds.errors import SourceError
from worlds.quoting import plain

WHAT = "IFC model"
LONGEST_S = 1800
WORKER = Path(__file__).with_name("ifc_worker.py")


def _require_library(path: Path) -> None:
    if find_spec("ifcopenshell") is None:
        raise SourceError(
            f"{path}: an IFC model, and ifcopenshell, which reads such, is not installed",
            hint='install it with: pip install "mc-city[ifc]"; or save the model as GLB',
        )


def _ran(path: Path, out: Path) -> None:
    """Lets the worker read a file into `out`. SourceError where it does not."""
    # Without the worker's own folder, whose modules are none of the library's.
    command = [sys.executable, "-P", str(WORKER), str(path), str(out), str(MOST_FACES)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LONGEST_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise too_much(path, f"not read within {LONGEST_S // 60} minutes") from error
    if done.returncode == 0 and out.exists():
        return
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode == 3 and said:
        raise unreadable(path, WHAT, plain(said[-1]))
    raise unreadable(path, WHAT, f"ifcopenshell ended with {done.returncode}")


def _require_end(path: Path) -> None:
    """SourceError for a file whose last line is lost: what is there can be read, and a roof is
    missing."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 4096))
        if b"END-ISO-10303-21" not in file.read():
            raise unreadable(path, WHAT, "it is cut short")


def _place(told: dict[str, Any]) -> Place:
    """NaN where the file does not say it."""
    return Place(
        crs=told.get("crs"),
        east=float(told.get("east", np.nan)),
        north=float(told.get("north", np.nan)),
        height_m=float(told.get("height_m", np.nan)),
        turn=float(told["turn"]),
        metres=float(told.get("metres", 1.0)),
    )


def _materials(colours: NDArray[np.float64]) -> tuple[Material, ...]:
    rounded = np.rint(np.clip(np.nan_to_num(colours, nan=0.8), 0.0, 1.0) * 255).astype(int)
    return tuple(Material((red, green, blue, see)) for red, green, blue, see in rounded.tolist())


def read_ifc(path: Path) -> ReadModel:
    """Its triangles in metres, z up, as in its own coordinates."""
    _require_library(path)
    if path.stat().st_size > MOST_TEXT_BYTES:
        raise too_much(path, f"larger than {MOST_TEXT_BYTES >> 20} MB")
    _require_end(path)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "model.npz"
        _ran(path, out)
        with np.load(out, allow_pickle=False) as held:
            corners, material, colours = held["corners"], held["material"], held["colours"]
            facts = json.loads(held["facts"].tobytes())
    notes = [f"{facts['products']:,} element{'' if facts['products'] == 1 else 's'}"]
    if facts["place"]["by"]:
        notes.append(f"placed by the {facts['place']['by']}")
    return ReadModel(
        format=f"IFC ({facts['schema']})",
        mesh=Mesh(
            corners=corners,
            material=material,
            mapped=np.zeros((len(corners), 3, 2)),
            shades=np.full((len(corners), 4), 255, np.uint8),
            materials=_materials(colours),
        ),
        place=_place(facts["place"]),
        zero="origin",
        left_out=Counter(facts["left_out"]),
        notes=tuple(notes),
    )
