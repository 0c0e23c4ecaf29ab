"""Features that came over the network, written as one layer of a GeoPackage."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from worlds.errors import SourceError

LAYER = "features"
LONGEST = 2**63
IDS = ("gml_id", "id", "objektidentitet", "fid")


def read_answer(path: Path) -> gpd.GeoDataFrame:
    """The features of a GeoJSON or GML file. SourceError where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            frame = pyogrio.read_dataframe(path, on_invalid="fix")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise SourceError(
            f"{path.name}: not features that can be read ({' '.join(str(error).split())[:120]})",
            hint="run the same command again; if it stays so, please report it",
        ) from error

    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
    return frame


def identities(frame: gpd.GeoDataFrame) -> pd.Series:
    """What tells features apart: their identifier where the service gives one, else their shape."""
    for name in IDS:
        if name in frame.columns and frame[name].notna().all() and frame[name].is_unique:
            return frame[name].astype(str)
    return frame.geometry.to_wkb(hex=True)


def joined(frames: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """All of them, each feature once."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return gpd.GeoDataFrame({"geometry": []})
    keys = pd.concat([identities(frame) for frame in filled], ignore_index=True)
    whole = pd.concat([pd.DataFrame(frame) for frame in filled], ignore_index=True)
    return gpd.GeoDataFrame(whole[~keys.duplicated().to_numpy()], geometry="geometry")


def _apart(names: Sequence[str]) -> list[str]:
    """Names of columns that a GeoPackage keeps apart, where capitals do not count and two names are
    taken."""
    taken, out = {"fid", "geom"}, []
    for name in names:
        whole, number = name, 2
        while whole.casefold() in taken:
            whole, number = f"{name}_{number}", number + 1
        taken.add(whole.casefold())
        out.append(whole)
    return out


def _keepable(value: object) -> object:
    """A value as a cell keeps it: long numbers and lists as text."""
    if isinstance(value, int) and not -LONGEST <= value < LONGEST:
        return str(value)
    return str(value) if isinstance(value, list | dict | tuple | np.ndarray) else value


def write_features(frame: gpd.GeoDataFrame, crs: str, target: Path, layer: str = LAYER) -> None:
    """One layer, mixed geometries allowed, also where there is no feature; beside those that the
    file has already."""
    kept = frame.drop(columns=[name for name in frame.columns if name.lower() in ("fid",)])
    kept = gpd.GeoDataFrame(kept, geometry="geometry").set_crs(crs, allow_override=True)
    columns = [name for name in kept.columns if name != "geometry"]
    for name in columns:
        if kept[name].dtype in (object, np.uint64):
            kept[name] = kept[name].astype(object).map(_keepable)
    kept = kept.rename(columns=dict(zip(columns, _apart(columns), strict=True)))
    kept["geometry"] = shapely.force_2d(kept.geometry.to_numpy())
    pyogrio.write_dataframe(
        kept,
        target,
        layer=layer,
        driver="GPKG",
        geometry_type="Unknown" if len(kept) else "Polygon",
    )
