"""Models where they stand: each decided whole, once, as blocks at places of the city."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buildings.models.meshes import ModelSource
from terrain.frame import Frame, Grid
from terrain.works.presence import Options, Presence
from worlds.canvas import Canvas
from worlds.rect import Rect

LEAVE, AIR, FIRST_BLOCK = 0, 1, 2
"""What a model's codes say: what was there stays; nothing; the first of its blocks."""
FOOT = 2
"""Layers of a model from its foot on that are taken to stand on the ground."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Shape:
    """A model as blocks, before it is known how high it stands.

    codes: (y, z, x) uint8; x0, z0: the block of codes[:, 0, 0]; foot: the layer that stands on the
    ground; low: the first layer of codes[0], counted from the foot; used: how many voxels have each
    code.
    """

    codes: NDArray[np.uint8]
    x0: int
    z0: int
    low: int
    closed: bool
    used: NDArray[np.int64]

    @property
    def columns(self) -> NDArray[np.bool_]:
        """(z, x) bool: where any of it is."""
        return np.asarray((self.codes != LEAVE).any(axis=0))

    @property
    def foot(self) -> NDArray[np.bool_]:
        """(z, x) bool: where it stands on the ground."""
        first = max(-self.low, 0)
        return np.asarray((self.codes[first : first + FOOT] != LEAVE).any(axis=0))

    @property
    def rect(self) -> Rect:
        return Rect(self.x0, self.z0, self.codes.shape[2], self.codes.shape[1])

    def grid(self, frame: Frame) -> Grid:
        """The columns below it."""
        rect = self.rect
        return Grid(frame, rect.x, rect.z, rect.nx, rect.nz)


@dataclass(frozen=True, kw_only=True)
class Pose:
    """Where a model stands. east, north: of its point (east, north) in its own metres; turn:
    degrees, clockwise; metres: of the city for one of the model; foot_m: height of the model's own
    that stands on the ground, or at height_m above the datum, None for the ground."""

    east: float
    north: float
    own: tuple[float, float]
    turn: float
    metres: float
    foot_m: float
    height_m: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Shaped:
    """A model as blocks, and what is told of it. size_m: east, north, up; used: block → how
    many."""

    source: ModelSource
    shape: Shape
    frame: Frame
    pose: Pose
    format: str
    size_m: tuple[float, float, float]
    faces: int
    materials: int
    pictures: int
    used: dict[str, int]
    left_out: Counter[str]
    notes: tuple[str, ...]

    @property
    def grid(self) -> Grid:
        """The columns below it."""
        return self.shape.grid(self.frame)


@dataclass(frozen=True, kw_only=True, eq=False)
class StandingModel:
    """foot_y: of the blocks that stand on the ground; over_m: metres from the highest ground below
    its foot to that; replaced, crossed: houses that give way, and that it reaches into."""

    shaped: Shaped
    foot_y: int
    over_m: float
    replaced: int = 0
    crossed: int = 0

    @property
    def name(self) -> str:
        return self.shaped.source.name

    @property
    def shape(self) -> Shape:
        return self.shaped.shape

    @property
    def y0(self) -> int:
        return self.foot_y + self.shape.low

    @property
    def top_y(self) -> int:
        return self.y0 + len(self.shape.codes) - 1

    def __repr__(self) -> str:
        return f"StandingModel({self.name!r}, {self.shape.rect}, y {self.y0} to {self.top_y})"


@dataclass(frozen=True, kw_only=True, eq=False)
class Models:
    """All models, in the order in which later ones stand over earlier ones. presence: of (models,)
    things; skipped: models that do not stand, with the reason."""

    standing: tuple[StandingModel, ...]
    presence: Presence
    skipped: Counter[str]

    def __len__(self) -> int:
        return len(self.standing)

    def __repr__(self) -> str:
        return f"Models({len(self)})"

    def there(self, grid: Grid, chosen: NDArray[np.bool_]) -> list[StandingModel]:
        """Those of a mask (models,) bool that reach into the grid."""
        return [
            model
            for model, wanted in zip(self.standing, chosen, strict=True)
            if wanted and model.shape.rect.meets(grid.rect)
        ]

    def columns(self, grid: Grid, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(z, x) bool: the columns that hold something of the models of a mask (models,) bool."""
        out = np.zeros(grid.shape, bool)
        for model in self.there(grid, chosen):
            mine = model.shape.grid(grid.frame)
            both = mine.intersection(grid)
            out[both.window_in(grid)] |= model.shape.columns[both.window_in(mine)]
        return out

    def any_columns(self, grid: Grid) -> NDArray[np.bool_]:
        """The same of all models, in whatever state they stand."""
        return self.columns(grid, np.ones(len(self), bool))

    def levels(self, grid: Grid, active: Options) -> tuple[list[int], list[int]]:
        """(lowest y, highest y) of each model that stands on the grid in a state."""
        there = self.there(grid, self.presence.standing(active))
        return [model.y0 for model in there], [model.top_y for model in there]


def no_models(options: int = 0) -> Models:
    return Models(
        standing=(),
        presence=Presence(np.zeros((0, options), bool), np.zeros((options, 0), bool)),
        skipped=Counter(),
    )


NO_MODELS = no_models()


def draw_models(
    canvas: Canvas,
    ground_y: NDArray[np.int32],
    kept: NDArray[np.bool_],
    models: list[StandingModel],
    table: NDArray[np.uint16],
) -> None:
    """Draws models, and what carries them where the ground is lower than their foot. ground_y,
    kept: (z, x), the ground, and where nothing may change; table: code − FIRST_BLOCK → palette id,
    its last entry what carries them."""
    layers, depth, width = canvas.ids.shape
    lut = np.concatenate([np.zeros(FIRST_BLOCK, np.uint16), table])
    for model in models:
        shape = model.shape
        left, near = max(shape.x0, canvas.x0), max(shape.z0, canvas.z0)
        right = min(shape.x0 + shape.codes.shape[2], canvas.x0 + width)
        far = min(shape.z0 + shape.codes.shape[1], canvas.z0 + depth)
        if left >= right or near >= far:
            continue
        here = slice(near - canvas.z0, far - canvas.z0), slice(left - canvas.x0, right - canvas.x0)
        mine = slice(near - shape.z0, far - shape.z0), slice(left - shape.x0, right - shape.x0)
        free = ~kept[here]
        foot = shape.foot[mine] & free
        _carry(canvas, model, here, foot=foot, ground_y=ground_y[here], block=table[-1])
        bottom, top = max(model.y0, canvas.y0), min(model.top_y + 1, canvas.y0 + layers)
        for y in range(bottom, top):
            codes = shape.codes[y - model.y0][mine]
            level = canvas.ids[y - canvas.y0][here]
            np.copyto(level, lut[codes], where=(codes != LEAVE) & free)


def _carry(
    canvas: Canvas,
    model: StandingModel,
    here: tuple[slice, slice],
    foot: NDArray[np.bool_],
    ground_y: NDArray[np.int32],
    block: np.uint16,
) -> None:
    """Fills the columns below its foot, down to the ground."""
    if not foot.any():
        return
    first = max(int(ground_y[foot].min()) + 1, canvas.y0)
    for y in range(first, min(model.foot_y, canvas.y0 + len(canvas.ids))):
        canvas.ids[y - canvas.y0][here][foot & (ground_y < y)] = block
