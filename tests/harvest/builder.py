"""A small language in which things are built as children build them, on a ground: for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from mc_city.harvest.built import Built, Text
from worlds.volume import AIR, BlockState

GROUND = 64
Place = tuple[int, int, int]


def flat(_x: int, _z: int) -> int:
    return GROUND


def dry(_x: int, _z: int) -> bool:
    return False


@dataclass
class Site:
    """height: y of the ground's topmost block; wet: where a river runs, three blocks deep, its
    surface one below the banks; stood: what was there before, by its place."""

    height: Callable[[int, int], int] = flat
    wet: Callable[[int, int], bool] = dry
    stood: dict[Place, str] = field(default_factory=dict)
    put: dict[Place, str] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)

    def before(self, x: int, y: int, z: int) -> str:
        if (x, y, z) in self.stood:
            return self.stood[x, y, z]
        top = self.height(x, z)
        if self.wet(x, z) and top - 3 <= y < top:
            return "water"
        if y > top or (self.wet(x, z) and y == top):
            return "air"
        return "grass_block" if y == top else "dirt" if y > top - 3 else "stone"

    def ground(self, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """As a harvest knows it: seen from above, roofs are ground, trees are not."""
        columns = [(int(a), int(b)) for a, b in zip(x, z, strict=True)]
        wet = np.array([self.wet(*column) for column in columns], bool)
        tops = {column: self.height(*column) - self.wet(*column) for column in columns}
        for (a, y, b), block in self.stood.items():
            if (a, b) in tops and not block.endswith(("air", "_leaves", "_log", "grass")):
                tops[a, b] = max(tops[a, b], y)
        return np.array([tops[column] for column in columns], np.int64), wet

    # One block, a box, its four walls, its frame; y counts from the first above the ground.
    def at(self, x: int, y: int, z: int, block: str) -> Site:
        self.put[x, GROUND + y, z] = block
        return self

    def box(self, first: Place, last: Place, block: str) -> Site:
        for x, y, z in cells(first, last):
            self.at(x, y, z, block)
        return self

    def walls(self, first: Place, last: Place, block: str) -> Site:
        for x, y, z in cells(first, last):
            if x in (first[0], last[0]) or z in (first[2], last[2]):
                self.at(x, y, z, block)
        return self

    def hollow(self, first: Place, last: Place, block: str) -> Site:
        """Walls, a floor and a roof, and air within."""
        self.box(first, last, block)
        inner = [tuple(a + 1 for a in first), tuple(b - 1 for b in last)]
        return self.box(*inner, "air")  # type: ignore[arg-type]

    def many(self, places: list[Place], block: str) -> Site:
        for place in places:
            self.at(*place, block)
        return self

    def tree(self, x: int, z: int, wood: str = "oak", tall: int = 4) -> Site:
        self.box((x, 1, z), (x, tall, z), f"{wood}_log")
        for dx, y, dz in cells((-2, tall - 1, -2), (2, tall + 1, 2)):
            if abs(dx) + abs(dz) + max(0, y - tall) <= 3 and (dx or dz or y > tall):
                self.at(x + dx, y, z + dz, f"{wood}_leaves")
        return self

    def pixels(self, x: int, y: int, z: int, rows: list[str], blocks: dict[str, str]) -> Site:
        """A picture, upright along x, its topmost row first."""
        for line, row in enumerate(rows):
            for column, letter in enumerate(row):
                if letter in blocks:
                    self.at(x + column, y + len(rows) - 1 - line, z, blocks[letter])
        return self

    def sign(self, x: int, y: int, z: int, text: str, block: str = "oak_sign") -> Site:
        self.texts.append(Text(x, GROUND + y, z, "sign", text))
        return self.at(x, y, z, block)

    def stand(self, first: Place, last: Place, block: str) -> Site:
        """What stood there before anybody came: a box."""
        for x, y, z in cells(first, last):
            self.stood[x, GROUND + y, z] = block
        return self

    def built(self) -> Built:
        rows = sorted(
            (y, z, x, self.before(x, y, z), block)
            for (x, y, z), block in self.put.items()
            if block != self.before(x, y, z)
        )
        names = dict.fromkeys([str(AIR), *(f"minecraft:{n}" for row in rows for n in row[3:])])
        number = {name: at for at, name in enumerate(names)}

        def column(at: int) -> np.ndarray:
            return np.array([row[at] for row in rows], np.int32)

        def states(at: int) -> np.ndarray:
            return np.array([number[f"minecraft:{row[at]}"] for row in rows], np.int32)

        return Built(
            x=column(2), y=column(0), z=column(1), before=states(3), after=states(4),
            states=tuple(BlockState.parse(name) for name in names), texts=tuple(self.texts),
        )  # fmt: skip


def cells(first: Place, last: Place) -> Iterator[Place]:
    for x in range(min(first[0], last[0]), max(first[0], last[0]) + 1):
        for y in range(min(first[1], last[1]), max(first[1], last[1]) + 1):
            for z in range(min(first[2], last[2]), max(first[2], last[2]) + 1):
                yield x, y, z


def river(first_x: int, last_x: int) -> Callable[[int, int], bool]:
    return lambda x, _z: first_x <= x <= last_x


def hill(x: int, z: int) -> int:
    """Fourteen blocks high, around (0, 0), its sides steep."""
    return GROUND + max(0, 14 - max(0, max(abs(x), abs(z)) - 10) * 3)
