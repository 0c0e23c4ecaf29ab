"""What the other layers of a file of Sweden's national road database say of its network: its class,
width, name, surface, and how high one can drive under a bridge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from terrain.plane import CityCrs
from terrain.vectors.features import Bounds, Features, VectorSource, read_features
from terrain.vectors.held import held_layers
from terrain.vectors.nearest import nearest_lines
from terrain.vectors.products import Product, bare, layers_beside
from terrain.vectors.words import metres_of, number, word

ELEMENT, START, END = "elementid", "startmeasure", "endmeasure"
"""Columns that say of which link of the network a row tells, and from where to where, 0 … 1."""
WIDTH, CROSSING = "bredd", "konstruktion"
SAME_PLACE_M = 1.5
"""How far from the middle of a street the line may run that tells of it, where no measures do."""
CUT_M, DIFFERS_M = 5.0, 0.5
"""A street is cut where it grows wider or narrower by so much; into pieces as long as this, at
least."""
NEAR_BRIDGE_M = 15.0
"""From a bridge to the sign that tells its free height."""
FREE_HEIGHT = ("hojdhinder", "frihojd")
"""Part of the name of the layer, and the column."""


@dataclass(frozen=True)
class _Table:
    """Rows of a layer with their columns by bare names."""

    geometry: NDArray[np.object_]
    columns: dict[str, NDArray[np.object_]]

    @property
    def measured(self) -> bool:
        return {ELEMENT, START, END} <= self.columns.keys()

    def spans(self) -> Iterator[tuple[str, float, float]]:
        """(link, from, to) of each row."""
        for link, start, end in zip(
            *(self.columns[name] for name in (ELEMENT, START, END)), strict=True
        ):
            yield str(link), number(start), number(end)


Pieces = dict[str, list[tuple[float, float, Any]]]
"""Link → (from, to, value)."""


def _table(features: Features, product: Product) -> _Table:
    """The rows that are still valid."""
    columns = {bare(name): values for name, values in reversed(features.columns.items())}
    keep = np.ones(len(features.geometry), bool)
    for rule in product.without:
        for name in rule.columns:
            if rule.before is not None and name in columns:
                keep &= ~np.array([rule.holds(value) for value in columns[name]], bool)
    return _Table(features.geometry[keep], {name: held[keep] for name, held in columns.items()})


def _pieces(other: _Table, values: NDArray[np.object_]) -> Pieces:
    pieces: Pieces = defaultdict(list)
    for (link, start, end), value in zip(other.spans(), values, strict=True):
        if start < end and value is not None and value == value:
            pieces[link].append((start, end, value))
    return pieces


def _by_measure(network: _Table, pieces: Pieces) -> NDArray[np.object_]:
    """(n,) the value that holds along most of each row, None where none does."""
    out = np.full(len(network.geometry), None, object)
    for row, (link, start, end) in enumerate(network.spans()):
        along: dict[Any, float] = defaultdict(float)
        for low, high, value in pieces.get(link, ()):
            shared = min(end, high) - max(start, low)
            if shared > 0:
                along[value] += shared
        if along:
            out[row] = max(along, key=lambda value: (along[value], str(value)))
    return out


def _by_place(network: _Table, other: _Table, values: NDArray[np.object_]) -> NDArray[np.object_]:
    """(n,) the value of the line that runs through the middle of each row."""
    middles = shapely.line_interpolate_point(network.geometry, 0.5, normalized=True)
    mine, theirs = nearest_lines(middles, other.geometry, SAME_PLACE_M)
    out = np.full(len(middles), None, object)
    out[mine] = values[theirs]
    return out


def _changes(pieces: Sequence[tuple[float, float, Any]], start: float, end: float) -> list[float]:
    """Where between two measures the width changes."""
    inside = sorted(
        (piece for piece in pieces if min(end, piece[1]) > max(start, piece[0])),
        key=lambda piece: piece[:2],
    )
    cuts = []
    for (_, until, before), (since, _, after) in zip(inside, inside[1:], strict=False):
        if abs(metres_of(before) - metres_of(after)) >= DIFFERS_M:
            cuts.append((until + since) / 2)
    return [cut for cut in cuts if start < cut < end]


def _cut(network: Features, pieces: Pieces, table: _Table) -> Features:
    """The network with its rows cut where their width changes."""
    shapes: list[Any] = []
    rows: list[int] = []
    spans: list[tuple[float, float]] = []
    for row, (link, start, end) in enumerate(table.spans()):
        line = network.geometry[row]
        places = [start]
        if line.geom_type == "LineString" and start < end:
            least = CUT_M / max(line.length, CUT_M) * (end - start)
            for cut in _changes(pieces.get(link, ()), start, end):
                if cut - places[-1] >= least and end - cut >= least:
                    places.append(cut)
        for low, high in zip(places, [*places[1:], end], strict=True):
            whole = len(places) == 1
            part = (
                line
                if whole
                else substring(
                    line, (low - start) / (end - start), (high - start) / (end - start), True
                )
            )
            shapes.append(part)
            rows.append(row)
            spans.append((low, high))
    geometry = np.empty(len(shapes), object)
    geometry[:] = shapes
    columns = {name: values[rows] for name, values in network.columns.items()}
    for name in columns:
        if bare(name) in (START, END):
            columns[name] = np.array([span[bare(name) == END] for span in spans], object)
    return replace(network, geometry=geometry, columns=columns)


def _free_heights(bridges: NDArray[np.bool_], network: _Table, other: _Table) -> Any:
    """(n,) the lowest free height that a sign beside each bridge tells."""
    out = np.full(len(network.geometry), None, object)
    if not bridges.any() or FREE_HEIGHT[1] not in other.columns:
        return out
    index = np.flatnonzero(bridges)
    mine, signs = shapely.STRtree(other.geometry).query(
        network.geometry[index], predicate="dwithin", distance=NEAR_BRIDGE_M
    )
    for row, sign in zip(index[mine].tolist(), signs.tolist(), strict=True):
        height = number(other.columns[FREE_HEIGHT[1]][sign])
        if height > 0 and (out[row] is None or height < out[row]):
            out[row] = height
    return out


@dataclass(frozen=True)
class _Said:
    """What one layer says: a column as it is called beside the network, and its values."""

    called: str
    table: _Table
    values: NDArray[np.object_]


@dataclass(frozen=True)
class _File:
    """The file of a network. source: with its layer named; bounds: around all of the network."""

    source: VectorSource
    product: Product
    crs: CityCrs
    bounds: Bounds

    @property
    def others(self) -> list[str]:
        return [layer.name for layer in held_layers(self.source) if layer.name != self.source.layer]

    def read(self, layer: str, kind: str) -> _Table:
        other = replace(self.source, layer=layer, where=None)
        return _table(read_features(other, self.crs, self.bounds, kind), self.product)


def _said_beside(file: _File, known: set[str]) -> list[_Said]:
    """What the layers say that the network does not say itself. known: bare names of its
    columns."""
    found: dict[str, _Said] = {}
    for beside in layers_beside():
        for layer in file.others:
            if beside.layer not in layer.casefold() or beside.called in known | found.keys():
                continue
            other = file.read(layer, "line")
            there = np.full(len(other.geometry), "ja", object)
            values = other.columns.get(beside.column) if beside.column else there
            if values is not None and len(values):
                found[beside.called] = _Said(beside.called, other, values)
    return list(found.values())


def with_layers_beside(
    network: Features, product: Product, source: VectorSource, crs: CityCrs
) -> Features:
    """The network with columns for what the other layers of its file hold, cut where its width
    changes. source: with the network's layer named; crs: the city's."""
    if not len(network.geometry):
        return network
    # Around whole rows: what one says must not depend on the area that is built.
    around = shapely.bounds(shapely.buffer(shapely.box(*shapely.total_bounds(network.geometry)),
                                           NEAR_BRIDGE_M))  # fmt: skip
    file = _File(source, product, crs, tuple(around.tolist()))
    table = _bare_table(network)
    found = _said_beside(file, set(table.columns))
    for said in found:
        if said.called == WIDTH and table.measured and said.table.measured:
            network = _cut(network, _pieces(said.table, said.values), table)
            table = _bare_table(network)
    columns = dict(network.columns)
    for said in found:
        if table.measured and said.table.measured:
            columns[said.called] = _by_measure(table, _pieces(said.table, said.values))
        else:
            columns[said.called] = _by_place(table, said.table, said.values)
    signs = [layer for layer in file.others if FREE_HEIGHT[0] in layer.casefold()]
    if CROSSING in columns and signs and FREE_HEIGHT[1] not in table.columns:
        over = [word(said).startswith(("överfart", "bro")) for said in columns[CROSSING]]
        columns[FREE_HEIGHT[1]] = _free_heights(
            np.array(over, bool), table, file.read(signs[0], "feature")
        )
    return replace(network, columns=columns)


def _bare_table(features: Features) -> _Table:
    return _Table(
        features.geometry, {bare(name): held for name, held in reversed(features.columns.items())}
    )
