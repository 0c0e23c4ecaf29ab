"""The colour of a model at each place where its surface is met, as blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buildings.looks.colours import cielab, parse_colour
from buildings.models.meshes import Mesh
from buildings.models.voxels import Hits
from terrain.frame import quantised
from worlds.errors import ConfigError
from worlds.materials import Materials
from worlds.volume import BlockState

SOLID, GLASS = "models.blocks", "models.glass"
CLEAR, NOTHING = 190, 13
"""Opacity, 0 … 255, below which a surface is glass, and below which it is not there."""
LEVELS = 11
"""Of a picture, each of half the size of the one before."""
NO_BLOCK = -1
AT_ONCE = 1 << 14


@dataclass(frozen=True, eq=False)
class Paints:
    """The blocks that models are made of. names: solid ones first; solid: how many those are;
    colours: (n, 3) float64, CIELAB; foundation: what stands below a model on a slope."""

    states: tuple[BlockState, ...]
    solid: int
    colours: NDArray[np.float64]
    foundation: BlockState

    @property
    def names(self) -> list[str]:
        return [state.name.removeprefix("minecraft:") for state in self.states]


def _table(materials: Materials, name: str) -> dict[BlockState, tuple[int, int, int]]:
    found: dict[BlockState, tuple[int, int, int]] = {}
    held: Mapping[str, str] = materials.value(name)
    for block, colour in held.items():
        rgb = parse_colour(colour)
        if rgb is None:
            raise ConfigError(
                f"style {name}.{block}: {colour!r} is no colour ({materials.path})",
                hint='write it as "#a05040"',
            )
        found[materials.state(block, f"{name}.{block}")] = rgb
    if not found:
        raise ConfigError(
            f"style {name}: there is no block in it ({materials.path})",
            hint="compare it with configs/styles.toml",
        )
    return found


def model_paints(materials: Materials) -> Paints:
    solid, glass = _table(materials, SOLID), _table(materials, GLASS)
    colours = np.array([*solid.values(), *glass.values()], float)
    return Paints(
        (*solid, *glass), len(solid), cielab(colours), materials.block("models.foundation")
    )


def model_states(materials: Materials) -> Iterable[BlockState]:
    paints = model_paints(materials)
    return [*paints.states, paints.foundation]


def differences(aim: NDArray[np.float64], known: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, m): how unlike colours (n, 3) are to known ones (m, 3), CIELAB, as CIE 94 has it for
    cloth, squared: hue counts more than strength, and that more than lightness."""
    light, red, yellow = np.moveaxis(aim[:, None, :] - known[None], -1, 0)
    strong = np.sqrt(aim[:, 1] ** 2 + aim[:, 2] ** 2)[:, None]
    chroma = strong - np.sqrt(known[:, 1] ** 2 + known[:, 2] ** 2)[None]
    hue = np.maximum(red**2 + yellow**2 - chroma**2, 0.0)
    return np.asarray(
        (light / 2.0) ** 2 + (chroma / (1 + 0.048 * strong)) ** 2 + hue / (1 + 0.014 * strong) ** 2
    )


def nearest_paints(
    colours: NDArray[np.uint8], clear: NDArray[np.bool_], paints: Paints
) -> NDArray[np.int16]:
    """(n,) int16: the paint that is nearest to each colour (n, 3) in CIELAB, of glass where
    clear."""
    red, green, blue = colours.astype(np.int64).T
    packed = (red << 17) + (green << 9) + (blue << 1) + clear
    unique, which = np.unique(packed, return_inverse=True)
    rgb = np.stack([unique >> 17 & 255, unique >> 9 & 255, unique >> 1 & 255], axis=-1)
    aim, glass = cielab(rgb.astype(float)), (unique & 1).astype(bool)
    out = np.empty(len(unique), np.int16)
    for begin in range(0, len(unique), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        away = quantised(differences(aim[part], paints.colours))
        of_glass = np.arange(len(paints.states)) >= paints.solid
        away[glass[part, None] != of_glass[None]] = np.inf
        out[part] = np.argmin(away, axis=1)
    return out[which]


def halved(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half the rows and columns, at least one: the mean of each four pixels."""
    rows, columns = picture.shape[:2]
    even = np.pad(picture, ((0, rows % 2), (0, columns % 2), (0, 0)), mode="edge").astype(np.uint16)
    four = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    mean: NDArray[np.uint8] = ((four + 2) >> 2).astype(np.uint8)
    return mean


def _cross(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cross(first, second), np.float64)


def _levels(mesh: Mesh, blocks: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.int8]:
    """(n,) int8: for each face the level of a picture (rows, columns) of which a pixel is nearly a
    block. blocks: (n, 3, 3), corners in blocks."""
    one, two = mesh.mapped[:, 1] - mesh.mapped[:, 0], mesh.mapped[:, 2] - mesh.mapped[:, 0]
    pixels = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) * size[0] * size[1]
    area = (_cross(blocks[:, 1] - blocks[:, 0], blocks[:, 2] - blocks[:, 0]) ** 2).sum(axis=1)
    # Squares of areas are compared: 4 pixels a block is a level, 16 times in squares.
    out = np.zeros(len(mesh), np.int8)
    for level in range(1, LEVELS):
        out += pixels**2 >= 16.0**level * area
    return out


def _pixels(
    picture: NDArray[np.uint8], at: NDArray[np.float64], levels: NDArray[np.int8]
) -> NDArray[np.uint8]:
    """(n, 4) uint8 at u, v (n, 2), v from below; pictures repeat."""
    out = np.empty((len(at), 4), np.uint8)
    share = quantised(at)
    share -= np.floor(share)
    for level in range(LEVELS):
        mine = levels == level
        if mine.any():
            rows, columns = picture.shape[:2]
            column = np.floor(share[mine, 0] * columns).astype(np.int64) % columns
            row = np.floor((1.0 - share[mine, 1]) * rows).astype(np.int64) % rows
            out[mine] = picture[row, column]
        picture = halved(picture)
    return out


def paints_of(
    mesh: Mesh, blocks: NDArray[np.float64], hits: Hits, paints: Paints
) -> NDArray[np.int16]:
    """(hits,) int16: the paint of each hit, NO_BLOCK where the surface is not there. blocks: (n, 3,
    3), the faces' corners in blocks."""
    colours = np.empty((len(hits.cell), 4), np.uint8)
    used = mesh.material[hits.face]
    for number, material in enumerate(mesh.materials):
        mine = np.flatnonzero(used == number)
        if not len(mine):
            continue
        face = hits.face[mine]
        shown = np.tile(np.array(material.colour, np.int64), (len(mine), 1))
        if material.picture is not None:
            corners = mesh.mapped[face]
            second, third = (
                share[mine, None].astype(np.float64) for share in (hits.second, hits.third)
            )
            at = (
                corners[:, 0]
                + second * (corners[:, 1] - corners[:, 0])
                + third * (corners[:, 2] - corners[:, 0])
            )
            rows, columns = material.picture.shape[:2]
            levels = _levels(mesh, blocks, (rows, columns))
            seen = _pixels(material.picture, at, levels[face]).astype(np.int64)
            if material.cut:
                seen[:, 3] = np.where(seen[:, 3] >= material.cut * 255, 255, 0)
            elif not material.clear:
                seen[:, 3] = 255
            shown = (shown * seen + 127) // 255
        shown = (shown * mesh.shades[face].astype(np.int64) + 127) // 255
        colours[mine] = shown
    found = nearest_paints(colours[:, :3], colours[:, 3] < CLEAR, paints)
    found[colours[:, 3] < NOTHING] = NO_BLOCK
    return found
