"""What a detaljplan allows, from its file to a world in which it is shown and hidden."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from mc_city.build.build import build
from mc_city.build.report import source_report
from mc_city.city.drawing import draw, no_options
from mc_city.city.reading import read_city
from mc_city.saved.switching import toggle
from mc_city.settings.config import read_config
from tests.commands import run
from tests.conftest import quiet
from tests.detaljplaner import (
    RIDGE,
    RIDGE_DATUM,
    plan,
    provision,
    use,
    write_city_with_plans,
)
from tests.end_to_end.test_layers import assert_every_state_is_reached, assert_same_blocks
from tests.plans import SMALL_PLANS, write_plans
from worlds.rect import Rect

GLASS = ("minecraft:light_blue_stained_glass", "minecraft:white_stained_glass")
LAYER = "plan_kv_vaktaren"
WEST, EAST = (-60, 28, -30, 58), (14, -22, 20, -4)
"""Metres west, south, east, north of two quarters: on open ground, and beside the lake."""
PLANS = (
    plan(),
    use(WEST),
    use(EAST),
    use((-30, -60, 30, -40), "Park"),
    provision("Högsta nockhöjd är [höjd:decimaltal] meter.", "14,0", number=RIDGE, box=WEST),
    provision("", "30", number=RIDGE_DATUM, box=EAST),
    provision("Högsta nockhöjd 9 m", box=(-30, -60, 30, -40)),
)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    config = write_city_with_plans(tmp_path_factory.mktemp("detaljplan"), *PLANS)
    return read_city(read_config(config), quiet)


def glass_in(volume):
    """(y, z, x) bool."""
    names = [state.name in GLASS for state in volume.palette.states]
    return np.array(names)[volume.ids]


def shown(city):
    """(volume and ground of the city with the plan, volume without)."""
    active = city.developments.active([1])
    after, ground = draw(city, city.grid, active)
    before, _ = draw(city, city.grid, no_options(city))
    return after, ground, before


def test_volumes_stand_at_their_heights_above_the_ground_and_above_the_sea(city):
    after, ground, _ = shown(city)
    glass = glass_in(after)
    top_y = after.y0 + len(glass) - 1 - np.argmax(glass[::-1], axis=0)
    inside = glass.any(axis=0)
    west = (slice(64 - 58, 64 - 28), slice(64 - 60, 64 - 30))
    assert inside[west].all()
    assert (top_y[west] == ground.standing_y[west] + 14).all()
    east = (slice(64 + 4, 64 + 22), slice(64 + 14, 64 + 20))
    assert inside[east].all()
    assert (top_y[east] == city.grid.frame.y_block(np.array([30.0]))[0]).all()
    allowed = np.zeros_like(inside)
    allowed[west] = allowed[east] = True
    assert not inside[~allowed].any(), "a park is no ground to build on"


def test_glass_is_hollow_and_takes_nothing_that_stands(city):
    after, _, before = shown(city)
    glass = glass_in(after)
    first = after.y0 - before.y0
    was = np.zeros_like(after.ids)
    low, high = max(0, -first), min(len(was), len(before.ids) - first)
    was[low:high] = before.ids[low + first : high + first]
    air = after.palette.id("air")
    assert (was[glass] == air).all()
    assert not glass_in(before).any()
    changed = (after.ids != was) & ~glass
    assert not changed.any()
    middle = glass[:, 64 - 43, 64 - 45]
    assert middle.sum() == 1, "only the lid over the middle"
    side = glass[:, 64 - 43, 64 - 60]
    assert side.sum() in (13, 14), "up from the ground, or from the grass on it"


def test_every_state_with_other_plans_around_is_what_is_built_directly(tmp_path):
    config = write_city_with_plans(tmp_path, *PLANS)
    text = config.read_text("utf-8").replace("[plans]", '[plans]\nsources = "plans.geojson"')
    config.write_text(text, "utf-8")
    others = [one for one in SMALL_PLANS if one["properties"]["layer"] == "gamma"]
    write_plans(tmp_path / "plans.geojson", others)
    found = read_city(read_config(config), quiet)
    assert [layer.id for layer in found.developments.layers] == ["gamma", LAYER]
    assert_every_state_is_reached(found)


@pytest.fixture(scope="module")
def worlds(city, tmp_path_factory):
    """(today's world, the world that was built with the plan shown)."""
    out, java = tmp_path_factory.mktemp("worlds"), ("java",)
    config = city.config.with_world(editions=java)
    for name, layers in (("today", ()), ("shown", (LAYER,))):
        build(config, out / name, 1, False, quiet, layers)
    return out / "today" / "Liten", out / "shown" / "Liten"


def test_showing_makes_the_world_that_is_built_so_and_hiding_gives_today_back(worlds, tmp_path):
    today, planned = worlds
    world = shutil.copytree(today, tmp_path / "world")
    toggle(world, [LAYER], True, quiet)
    assert_same_blocks(world, planned)
    toggle(world, [LAYER], False, quiet)
    assert_same_blocks(world, today)


def test_board_and_legend_say_that_it_is_what_the_plan_allows(city):
    texts = {
        " ".join(part for part in sign.lines if part)
        for fixture in city.fixtures
        for sign in fixture.signs
    }
    assert any("Vad planen tillåter" in text for text in texts)
    assert "Laga kraft 2019-03-12" in texts
    wall = next(fixture for fixture in city.fixtures if fixture.name == "map_wall")
    legend = [" ".join(sign.lines) for sign in wall.signs]
    assert any("Vad planen tillåter What the plan allows" in text for text in legend)
    board = next(fixture for fixture in city.fixtures if fixture.name == LAYER)
    quarters = [Rect(-60, -58, 30, 30), Rect(14, 4, 6, 18)]
    assert not any(one.meets(fixture.ground) for one in quarters for fixture in city.fixtures), (
        "signs stand outside the glass"
    )
    pages = " ".join(" ".join(book.pages) for book in board.books)
    for word in ("Vad planen tillåter", "högst 14 m till nock", "nock högst 30 m över havet"):
        assert word in pages, word
    assert "What the plan allows" in pages


def test_the_report_names_what_was_read_and_what_was_left_out(worlds):
    report = json.loads((worlds[0].parent / "report.json").read_text("utf-8"))
    told = report["plans"]["detaljplaner"]
    assert told["read"] == 1
    assert told["plans"][0]["volumes"] == 2
    assert told["plans"][0]["lawful"] == "2019-03-12"
    assert report["plans"]["layers"][0]["allows"] is True
    assert report["plans"]["layers"][0]["lawful"] == "2019-03-12"


def test_volumes_that_end_below_the_ground_or_above_the_world_are_counted(tmp_path):
    features = (
        plan(),
        use(WEST),
        use(EAST),
        provision("", "4", number=RIDGE_DATUM, box=WEST),
        provision("", "390", number=RIDGE, box=EAST),
    )
    found = read_city(read_config(write_city_with_plans(tmp_path, *features)), quiet)
    notes = source_report(found)["plans"]["notes"]
    assert notes["volumes that end below the ground: nothing of them is seen"] == 1
    assert notes["volumes that the top of the world cuts off"] == 1
    after, _ = draw(found, found.grid, found.developments.active([1]))
    top = after.y0 + np.flatnonzero(glass_in(after).any(axis=(1, 2))).max()
    assert top == found.grid.frame.highest_y


def test_the_command_line_tells_of_plans_and_begins_a_configuration_with_them(tmp_path):
    config = write_city_with_plans(tmp_path, *PLANS)
    done = run("check", str(config))
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "what plans allow 1 of 1 plans" in said
    assert "Kv Väktaren: 2 volumes" in said
    started = run("init", str(tmp_path / "new"), str(tmp_path / "plan.json"))
    assert started.returncode == 0, started.stderr
    written = (tmp_path / "new" / "city.toml").read_text("utf-8")
    assert 'detaljplaner = ["../plan.json"]' in written
    (tmp_path / "plan.json").write_text('{"plangeometri": [', "utf-8")
    wrong = run("check", str(config))
    assert wrong.returncode == 1
    assert len(wrong.stderr.strip().splitlines()[-2:]) == 2
    assert "not readable as a detaljplan" in wrong.stderr
