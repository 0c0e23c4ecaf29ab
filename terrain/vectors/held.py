"""What files of well-known products hold: which of their layers serve a theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from terrain.files import ogr
from terrain.files.databases import require_bounded
from terrain.files.vectors import (
    VectorSource,
    layer_info,
    opened,
    read_raw,
    refuse_other_kinds,
    without_warnings,
)
from terrain.osm.extract import is_osm
from terrain.vectors.features import is_model
from terrain.vectors.products import (
    Product,
    bare,
    geometry_of,
    knows,
    products_of_layer,
    recognise,
)
from worlds.errors import SourceError

FIRST = 200
"""Rows of a layer that are looked at to know its words."""


@dataclass(frozen=True)
class HeldLayer:
    """A layer of a file. columns: their names; geometry: `polygon`, `line`, `point`, or None where
    it may be anything."""

    name: str
    columns: tuple[str, ...]
    geometry: str | None

    def themes(self) -> Mapping[str, Product]:
        """The themes that it serves, with the product that it is then."""
        found: dict[str, Product] = {}
        for product in products_of_layer(self.name, self.columns, self.geometry):
            if not product.named_only:
                found = {**{theme: product for theme in product.themes}, **found}
        return found


def held_layers(source: VectorSource) -> tuple[HeldLayer, ...]:
    """The layers with geometry of a file; none of one that cannot be read so, or is an extract or a
    city model."""
    try:
        path = opened(replace(source, layer=None)).path
        stat = path.stat()
    except (SourceError, OSError):
        return ()
    return _layers(path, stat.st_mtime_ns, stat.st_size)


def _is_bounded(path: Path, layer: str) -> bool:
    """Whether a layer ends. Who names one that does not is told so where it is read."""
    try:
        require_bounded(path, layer)
    except SourceError:
        return False
    return True


@lru_cache(maxsize=64)
def _layers(path: Path, changed: int, size: int) -> tuple[HeldLayer, ...]:  # noqa: ARG001 - a file that has changed is another file
    source = VectorSource(path)
    try:
        refuse_other_kinds(source)
        if is_osm(path) or is_model(source):
            return ()
        with without_warnings():
            listed = [(str(name), kind) for name, kind in ogr.list_layers(path)]
        return tuple(
            HeldLayer(
                name,
                tuple(str(column) for column in layer_info(source, name)["fields"]),
                geometry_of(str(kind)),
            )
            for name, kind in listed
            if kind is not None and _is_bounded(path, name)
        )
    except (SourceError, ogr.DataSourceError, ogr.DataLayerError, OSError):
        return ()


def serving(source: VectorSource, theme: str) -> list[VectorSource]:
    """The layers of a source that serve a theme, where it names none and the file has several of a
    well-known product; the source itself otherwise."""
    if source.layer is not None:
        return [source]
    layers = held_layers(source)
    if len(layers) < 2:
        return [source]
    found = [replace(source, layer=layer.name) for layer in layers if theme in layer.themes()]
    return found or [source]


def product_of(source: VectorSource, theme: str) -> Product | None:
    """The product that a source is, which is named under a theme."""
    layers = held_layers(source)
    if source.layer is None and len(layers) != 1:
        return None
    for layer in layers:
        if source.layer in (None, layer.name):
            product = recognise(theme, layer.name, layer.columns, layer.geometry)
            sure = product is None or product.is_sure(layer.name)
            return product if sure or _knows(product, theme, source, layer) else None
    return None


def _knows(product: Product | None, theme: str, source: VectorSource, layer: HeldLayer) -> bool:
    """Whether a product knows the words in the first rows of a layer."""
    path = opened(replace(source, layer=None)).path
    try:
        with without_warnings():
            meta, _, _, values = read_raw(
                path, source.encoding, layer=layer.name, max_features=FIRST, read_geometry=False
            )
    except (ogr.DataSourceError, ogr.DataLayerError, ValueError):
        return False
    names = [bare(str(name)) for name in meta["fields"]]
    columns = {name: np.asarray(held, object) for name, held in zip(names, values, strict=True)}
    return product is not None and knows(product, theme, columns)


def read_elsewhere(source: VectorSource, theme: str) -> dict[str, list[VectorSource]]:
    """Theme → the layers of a source that are read there though they are named under another: areas
    of streets under `terrain.streets` are ground that is paved."""
    found: dict[str, list[VectorSource]] = {}
    for layer in held_layers(source):
        if source.layer in (None, layer.name):
            for product in products_of_layer(layer.name, layer.columns, layer.geometry):
                if product.instead_of == theme:
                    named = replace(source, layer=layer.name)
                    found.setdefault(next(iter(product.themes)), []).append(named)
    return found


def themes_of(sources: Sequence[VectorSource]) -> dict[str, list[VectorSource]]:
    """Theme → the layers of the files that serve it."""
    served: dict[str, list[VectorSource]] = {}
    for source in sources:
        for layer in held_layers(source):
            if source.layer in (None, layer.name):
                for theme in layer.themes():
                    served.setdefault(theme, []).append(replace(source, layer=layer.name))
    return served
