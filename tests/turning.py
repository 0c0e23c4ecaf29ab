"""A city's files turned about its origin: what a turned frame must undo, block for block."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import laspy
import numpy as np
import pyogrio
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from terrain.plane import CityCrs, Plane, on_map, turn_of

Floats = NDArray[np.float64]
SNAP = 1024
"""Parts of a metre to which coordinates are put first, so that what is turned there and back is
the same after it is quantised."""
DIRECTIONS = ("roof:direction", "direction")
MAP_X, MAP_Y = (500_000.0, 700_000.0), (6_800_000.0, 7_000_000.0)
FOUR = r"(\d+\.?\d*), (\d+\.?\d*), (\d+\.?\d*), (\d+\.?\d*)"
TWO = r"(\d+\.?\d*), (\d+\.?\d*)"


def moved(points: Floats, place: CityCrs) -> Floats:
    """(n, 2) coordinates in the city, snapped, as they are on the map."""
    snapped = np.rint(points * SNAP) / SNAP
    return np.column_stack(on_map(place, snapped[:, 0], snapped[:, 1]))


def _affine(place: CityCrs) -> Affine:
    """From coordinates in the city to those on the map."""
    zero, right, up = (on_map(place, *point) for point in ((0.0, 0.0), (1e6, 0.0), (0.0, 1e6)))
    across = [(right[axis] - zero[axis]) / 1e6 for axis in (0, 1)]
    along = [(up[axis] - zero[axis]) / 1e6 for axis in (0, 1)]
    return Affine(across[0], along[0], zero[0], across[1], along[1], zero[1])


def _features(source: Path, target: Path, place: CityCrs) -> None:
    for layer in pyogrio.list_layers(source)[:, 0]:
        table = gpd.read_file(source, layer=layer)
        crs = table.crs
        table = table.to_crs("EPSG:3006")
        table = table.set_geometry(
            shapely.transform(table.geometry.to_numpy(), lambda points: moved(points, place))
        ).set_crs("EPSG:3006", allow_override=True)
        for name in DIRECTIONS:
            if name in table:
                table[name] = [
                    None if said is None else str(float(said) + turn_of(place))
                    for said in table[name]
                ]
        table.to_crs(crs).to_file(target, layer=layer)


def _raster(source: Path, target: Path, place: CityCrs) -> None:
    with rasterio.open(source) as old:
        profile, cells = old.profile, old.read()
    if isinstance(place, Plane):
        profile["transform"] = _affine(place) @ profile["transform"]
    with rasterio.open(target, "w", **profile) as new:
        new.write(cells)


def _cloud(source: Path, target: Path, place: CityCrs) -> None:
    old = laspy.read(source)
    points = moved(np.column_stack([old.x, old.y]), place)
    head = laspy.LasHeader(point_format=6, version="1.4")
    head.offsets = np.array([*np.floor(points.min(axis=0)), 0.0])
    head.scales = np.array([2.0**-22, 2.0**-22, 0.001])
    head.add_crs(CRS.from_user_input("EPSG:5845"))
    new = laspy.LasData(head)
    new.x, new.y, new.z = points[:, 0], points[:, 1], old.z
    for name in ("classification", "number_of_returns", "return_number"):
        setattr(new, name, np.asarray(getattr(old, name)))
    new.write(target, laz_backend=laspy.LazBackend.Lazrs)


def _in_json(value: Any, place: CityCrs) -> Any:
    """With every list that begins with a coordinate of the map moved."""
    if isinstance(value, dict):
        return {key: _in_json(one, place) for key, one in value.items()}
    if not isinstance(value, list):
        return value
    numbers = len(value) > 1 and all(isinstance(one, int | float) for one in value)
    if numbers and MAP_X[0] < value[0] < MAP_X[1] and MAP_Y[0] < value[1] < MAP_Y[1]:
        return [*moved(np.array([value[:2]], float), place)[0].tolist(), *value[2:]]
    return [_in_json(one, place) for one in value]


def _json(source: Path, target: Path, place: CityCrs) -> None:
    target.write_text(json.dumps(_in_json(json.loads(source.read_text("utf-8")), place)), "utf-8")


def _gml(source: Path, target: Path, place: CityCrs) -> None:
    def turned(found: re.Match[str]) -> str:
        points = np.array(found[1].split(), float).reshape(-1, 3)
        points[:, :2] = moved(points[:, :2], place)
        return f"<gml:posList>{' '.join(f'{one:.9f}' for one in points.ravel())}</gml:posList>"

    text = source.read_text("utf-8")
    target.write_text(re.sub(r"<gml:posList>([^<]*)</gml:posList>", turned, text), "utf-8")


def _obj(source: Path, target: Path, place: CityCrs) -> None:
    lines = []
    for line in source.read_text("utf-8").splitlines():
        if line.startswith("v "):
            x, y, z = (float(one) for one in line.split()[1:])
            x, y = moved(np.array([[x, y]]), place)[0].tolist()
            line = f"v {x:.9f} {y:.9f} {z:.3f}"
        lines.append(line)
    target.write_text("\n".join(lines), "utf-8")


def _settings(source: Path, target: Path, place: CityCrs) -> None:
    """The boxes of a configuration keep their middle and size; points and turns follow."""

    def box(found: re.Match[str]) -> str:
        west, south, east, north = (float(one) for one in found.groups()[1:])
        half = (east - west) / 2, (north - south) / 2
        x, y = on_map(place, west + half[0], south + half[1])
        return f"{found[1]}[{x - half[0]}, {y - half[1]}, {x + half[0]}, {y + half[1]}]"

    def point(found: re.Match[str]) -> str:
        x, y = on_map(place, float(found[2]), float(found[3]))
        return f"{found[1]}[{x}, {y}]"

    text = source.read_text("utf-8")
    text = re.sub(rf"(bounds = )\[{FOUR}\]", box, text)
    text = re.sub(rf"((?:at|spawn) = )\[{TWO}\]", point, text)
    text = re.sub(
        r"(\bturn = )(-?[\d.]+)",
        lambda found: f"{found[1]}{float(found[2]) + turn_of(place)}",
        text,
    )
    text = text.replace("[city]\n", f"[city]\nturn_deg = {turn_of(place)}\n")
    target.write_text(text, "utf-8")


WRITERS: dict[str, Callable[[Path, Path, CityCrs], None]] = {
    ".gpkg": _features, ".tif": _raster, ".laz": _cloud, ".json": _json, ".gml": _gml, ".obj": _obj,
    ".toml": _settings,
}  # fmt: skip


def write_turned(config: Path, folder: Path, place: CityCrs) -> Path:
    """The files of a city's folder as they are where the city is turned, and its configuration,
    which turns the frame by as much. place: what `turn_deg` says."""
    folder.mkdir(parents=True)
    for path in sorted(config.parent.iterdir()):
        write = WRITERS.get(path.suffix)
        if write is None:
            shutil.copyfile(path, folder / path.name)
        else:
            write(path, folder / path.name, place)
    return folder / config.name
