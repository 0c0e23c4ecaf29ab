"""Models of landmarks and planned houses, from their files to the blocks of a city."""

from __future__ import annotations

import numpy as np
import pytest

from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.frame import Grid
from tests.conftest import quiet
from tests.models import city_with, write_l

RED, BLUE = "red_concrete", "blue_concrete"


def entry(path, **more) -> str:
    held = {"path": str(path), "at": [600_030, 6_900_020], **more}
    lines = [f"{key} = {str(value).lower() if isinstance(value, bool) else value!r}"
             for key, value in held.items()]  # fmt: skip
    return "\n".join(["[[models]]", *lines, ""])


def city_of(folder, models, extra="", **more):
    return read_city(read_config(city_with(folder, models, extra, **more)), quiet)


class Drawn:
    """A drawn city, asked by places of the world."""

    def __init__(self, city, active=None):
        self.city = city
        self.volume, self.ground = draw(
            city, city.grid, no_options(city) if active is None else active
        )

    def name(self, x, y, z):
        volume = self.volume
        ids = volume.ids[y - volume.y0, z - volume.z0, x - volume.x0]
        return volume.palette.states[ids].name.removeprefix("minecraft:")

    def places(self, *names):
        """{(x, y, z)} of all blocks of these names."""
        volume = self.volume
        wanted = [state.name.removeprefix("minecraft:") in names for state in volume.palette.states]
        y, z, x = np.nonzero(np.array(wanted)[volume.ids])
        return set(
            zip((x + volume.x0).tolist(), (y + volume.y0).tolist(), (z + volume.z0).tolist(),
                strict=True)
        )  # fmt: skip


def shell(xs, ys, zs):
    """{(x, y, z)} of the sides of a box of blocks."""
    return {
        (x, y, z)
        for x in xs for y in ys for z in zs
        if x in (xs[0], xs[-1]) or y in (ys[0], ys[-1]) or z in (zs[0], zs[-1])
    }  # fmt: skip


def highest(city, xs, zs):
    """The highest ground below columns, without the model."""
    window = Grid(city.grid.frame, xs[0], zs[0], len(xs), len(zs))
    return int(read_ground(city.land, window).standing_y.max())


@pytest.mark.parametrize(
    ("turn", "tall", "low"),
    [
        # x east, z south of the origin: block 30, −20. Tall part (x, z), then the foot.
        (0, (range(30, 34), range(-23, -20)), (range(34, 36), range(-21, -20))),
        (90, (range(30, 33), range(-20, -16)), (range(30, 31), range(-16, -14))),
        (180, (range(26, 30), range(-20, -17)), (range(24, 26), range(-20, -19))),
        (270, (range(27, 30), range(-24, -20)), (range(29, 30), range(-26, -24))),
    ],
)
def test_a_glb_stands_on_the_ground_turned_clockwise(tmp_path, turn, tall, low):
    model = write_l(tmp_path / "l.glb")
    city = city_of(tmp_path, entry(model, turn=turn), buildings=False)
    drawn = Drawn(city)
    xs = range(min(tall[0][0], low[0][0]), max(tall[0][-1], low[0][-1]) + 1)
    zs = range(min(tall[1][0], low[1][0]), max(tall[1][-1], low[1][-1]) + 1)
    foot = max(highest(city, *tall), highest(city, *low)) + 1
    assert foot >= highest(city, xs, zs)
    assert drawn.places(RED) == shell(tall[0], range(foot, foot + 5), tall[1])
    assert drawn.places(BLUE) == {(x, foot, z) for x in low[0] for z in low[1]}
    inside = [
        (x, y, z) for x in tall[0][1:-1] for z in tall[1][1:-1] for y in range(foot + 1, foot + 4)
    ]
    assert inside
    assert {drawn.name(*place) for place in inside} == {"air"}
