"""A layer of an extract as a table held in columns, and the questions that are asked of it: by a
condition, and by a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from terrain.files import ogr
from terrain.files.vectors import Bounds
from terrain.osm.conditions import rows_of
from terrain.osm.objects import Numbers, Tags, Words, starts_of, tags_of

OSM_CRS = "EPSG:4326"
OF_SHAPES = ("fid", "ogr_")
"""Beginnings of names by which a condition asks for what is no column."""


@dataclass(frozen=True, eq=False)
class Layer:
    """geometry: (n,) shapely objects in degrees; ids: (n,), of the way or relation or node of each;
    of_way: (n,), whether an area is a way; tags: of each."""

    geometry: NDArray[np.object_]
    ids: Numbers
    of_way: NDArray[np.bool_]
    tags: Tags

    def __len__(self) -> int:
        return len(self.ids)


def joined_layers(layers: Sequence[Layer]) -> Layer:
    """Layers, one after the other."""
    return Layer(
        np.concatenate([layer.geometry for layer in layers]),
        np.concatenate([layer.ids for layer in layers]),
        np.concatenate([layer.of_way for layer in layers]),
        Tags(
            starts_of(np.concatenate([np.diff(layer.tags.starts) for layer in layers])),
            np.concatenate([layer.tags.keys for layer in layers]),
            np.concatenate([layer.tags.values for layer in layers]),
        ),
    )


def patched(tags: Tags, patches: Mapping[int, Mapping[str, str]], words: Words) -> Tags:
    """The tags with others in the place of those of some rows."""
    if not patches:
        return tags
    rows = np.array(sorted(patches), np.int64)
    others = tags_of([patches[row] for row in rows.tolist()], words)
    owners = tags.owners
    keep = ~np.isin(owners, rows)
    every = np.concatenate([owners[keep], rows[others.owners]])
    order = np.argsort(every, kind="stable")
    return Tags(
        starts_of(np.bincount(every, minlength=len(tags.starts) - 1)),
        np.concatenate([tags.keys[keep], others.keys])[order],
        np.concatenate([tags.values[keep], others.values])[order],
    )


@dataclass(frozen=True, eq=False)
class Table:
    """layer: what is in it; keys: of the tags that are columns; with_ways: whether areas that are
    ways have their ids in a column of their own."""

    layer: Layer
    keys: tuple[str, ...]
    with_ways: bool
    words: Words
    _answers: dict[str, NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[str, ...]:
        return ("osm_id", *(("osm_way_id",) if self.with_ways else ()), *self.keys)

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """(n, 4) west, south, east, north of each feature."""
        found: NDArray[np.float64] = shapely.bounds(self.layer.geometry).reshape(-1, 4)
        return found

    @cached_property
    def _filled(self) -> dict[str, tuple[Numbers, Numbers]]:
        """Key → (rows that have it, numbers of their words)."""
        tags = self.layer.tags
        order = np.argsort(tags.keys, kind="stable")
        keys, owners, values = tags.keys[order], tags.owners[order], tags.values[order]
        found = {}
        for key in self.keys:
            for number in self.words.known([key]).tolist():
                own = slice(*np.searchsorted(keys, [number, number + 1]).tolist())
                if own.start < own.stop:
                    found[key] = owners[own], values[own]
        return found

    @cached_property
    def _texts(self) -> NDArray[np.object_]:
        return np.array(self.words.texts, object)

    def column(self, name: str, rows: Numbers) -> NDArray[np.object_]:
        """(rows,) the texts in a column, None where there is none."""
        if name in ("osm_id", "osm_way_id"):
            is_way = self.layer.of_way[rows]
            shown = is_way if name == "osm_way_id" else ~is_way
            ids = self.layer.ids[rows].tolist()
            texts = [
                str(number) if there else None
                for number, there in zip(ids, shown.tolist(), strict=True)
            ]
            return np.array(texts, object)
        column = np.full(len(rows), None, object)
        if name in self._filled:
            filled = np.full(len(self.layer), -1, np.int64)
            owners, values = self._filled[name]
            filled[owners] = values
            there = filled[rows] >= 0
            column[there] = self._texts[filled[rows][there]]
        return column

    def chosen(self, where: str | None) -> NDArray[np.bool_]:
        """(n,) which features a condition is true of. It is asked of each combination of words that
        occurs, not of each feature. ValueError or an error of pyogrio's for one that is not
        understood."""
        if where is None:
            return np.ones(len(self.layer), bool)
        if where not in self._answers:
            self._answers[where] = self._asked(where)
        return self._answers[where]

    def _asked(self, where: str) -> NDArray[np.bool_]:
        every = np.arange(len(self.layer))
        # A column is perhaps meant where its name occurs; more than are meant do no harm.
        meant = [name for name in self.fields if name.lower() in where.lower()]
        if any(word in where.lower() for word in OF_SHAPES):
            return _true_of(where, self.layer.geometry, self.fields, self._columns(every))
        if not meant:
            meant = list(self.fields[:1])
        kind = np.zeros(len(every), np.int64)
        for name in meant:
            kind = self._divided(kind, name)
        _, first, which = np.unique(kind, return_index=True, return_inverse=True)
        columns = [self.column(name, first) for name in meant]
        found = rows_of(where, dict(zip(meant, columns, strict=True)))
        if found is None:
            found = _true_of(where, shapely.points(np.zeros((len(first), 2))), meant, columns)
        return found[which]

    def _divided(self, kind: Numbers, name: str) -> Numbers:
        """(n,) kinds of features, those of which a column differs told apart."""
        if name in ("osm_id", "osm_way_id"):
            return np.arange(len(kind))
        if name not in self._filled:
            return kind
        owners, values = self._filled[name]
        own = np.zeros(len(kind), np.int64)
        own[owners] = values + 1
        found: Numbers = np.unique(kind * (own.max() + 1) + own, return_inverse=True)[1]
        return found

    def _columns(self, rows: Numbers) -> list[NDArray[np.object_]]:
        return [self.column(name, rows) for name in self.fields]

    def near(self, box: Bounds | None) -> NDArray[np.bool_]:
        """(n,) which features touch a box, in degrees."""
        if box is None:
            return np.ones(len(self.layer), bool)
        west, south, east, north = self.boxes.T
        near: NDArray[np.bool_] = (
            (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
        )
        inside = (west >= box[0]) & (east <= box[2]) & (south >= box[1]) & (north <= box[3])
        doubtful = near & ~inside
        area = shapely.box(*box)
        shapely.prepare(area)
        near[doubtful] = shapely.intersects(area, self.layer.geometry[doubtful])
        return near

    def rows(self, where: str | None, box: Bounds | None) -> Numbers:
        """The features near a box of which a condition is true."""
        return np.flatnonzero(self.chosen(where) & self.near(box))

    def read(self, rows: Numbers) -> tuple[NDArray[np.object_], dict[str, NDArray[np.object_]]]:
        """(geometry, columns) of features."""
        return self.layer.geometry[rows], dict(zip(self.fields, self._columns(rows), strict=True))


def _true_of(
    where: str, shapes: Any, names: Sequence[str], columns: Sequence[NDArray[np.object_]]
) -> NDArray[np.bool_]:
    """(n,) of which rows GDAL finds a condition true."""
    file = BytesIO()
    ogr.raw.write(
        file,
        shapely.to_wkb(shapes),
        list(columns),
        list(names),
        driver="FlatGeobuf",
        geometry_type="Unknown",
        crs=OSM_CRS,
        SPATIAL_INDEX="NO",
    )
    out = np.zeros(len(shapes), bool)
    _, fids, _, _ = ogr.raw.read(
        file.getvalue(), where=where, read_geometry=False, return_fids=True
    )
    out[fids] = True
    return out
