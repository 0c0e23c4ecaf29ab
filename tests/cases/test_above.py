"""What hangs over the ground, lies under it, or is no longer there: cases 06, 07, 09, 23, 25 and 53, and others of their kind."""

from __future__ import annotations

import pytest

from tests.cases.cases import Case, build_case

GROUND = 65
AIR = ("air", "short_grass", "fern", "dandelion", "poppy", "oxeye_daisy", "cornflower")
PLACES = [(-40, -2), (0, 3), (37, 1)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory):
    """Builds each case once."""
    held: dict[str, Case] = {}

    def of(name: str) -> Case:
        if name not in held:
            held[name] = build_case(name, tmp_path_factory.mktemp("above"))
        return held[name]

    return of


def free_over_ground(case: Case, x: int, z: int) -> int:
    """How many blocks over the ground, or a slab on it, are free; 40 where there is nothing above."""
    column = case.column(x, z, GROUND + 1, GROUND + 41)
    column = ["air", *column[1:]] if column[0].endswith("_slab") else column
    return next((level for level, name in enumerate(column) if name not in AIR), len(column))


def test_covered_and_buried_water_is_closed_and_ditches_are_open(built):
    case = built("06-culverts")
    for x in (-50, -11, 8, 44):
        for z in (50, 32, 14, -4):
            assert "water" not in case.column(x, z, 60, 70), (x, z)
        for z in (-22, -40):
            assert "water" in case.column(x, z, 60, 70), (x, z)
    assert case.report["water"]["skipped"] == {"water in a tunnel": 2, "water under ground": 1, "covered water": 1}


def test_disused_rails_lie_and_others_are_counted(built):
    case = built("07-dead-rails")
    for x in (-50, -11, 8, 44):
        rails = {z: any("rail" in case.column(x, z + side, 64, 68) for side in (-1, 0, 1)) for z in (54, 38, 22, 6, -10, -26, -42)}
        assert {z for z, there in rails.items() if there} == {-10, -42}, x
    skipped = case.report["streets"]["skipped"]
    for state in ("abandoned", "razed", "proposed", "construction", "dismantled"):
        assert skipped[f"railway {state}: no track lies there"] == 1


def test_under_ground_is_left_out_and_a_layer_proves_nothing(built):
    case = built("53-underground")
    for x in (-52, -39):
        assert free_over_ground(case, x, 20) < 8, "the house with layer −1 and nothing else stands"
    for x, z in ((-15, 20), (-24, 11), (45, 20), (36, 29)):
        assert case.column(x, z, 66, 90) == ["air"] * 24 or free_over_ground(case, x, z) == 40
    assert case.report["buildings"]["skipped"]["under ground"] == 3


@pytest.mark.parametrize(("x", "free"), [(-45, 5), (-15, 4), (15, 2), (45, 5)])
def test_roofs_are_open_below(built, x, free):
    """The roof at 5 m and its street, the fuel canopy, the carport, the station that begins at 6 m."""
    case = built("53-underground")
    for dx, dz in ((0, 0), (-4, 3), (6, -5), (2, 7)):
        assert free <= free_over_ground(case, x + dx, -20 + dz) < 10, (dx, dz)
        assert case.column(x + dx, -20 + dz, 64, 66)[1] not in AIR
    names = {name for dx in range(-10, 10) for dz in range(-10, 10) for name in case.column(x + dx, -20 + dz, 66, 66 + free)}
    assert not {name for name in names if name.endswith(("_door", "_stairs", "planks", "glass_pane", "glass"))}


def test_roofs_stand_on_posts_that_are_not_in_the_street(built):
    case = built("53-underground")
    for left, corner in ((-55, 2), (-25, 2), (5, 2)):
        posts = {
            (x, z)
            for x in range(left, left + 20)
            for z in range(-30, -10)
            if case.column(x, z, 66, 68) in (["spruce_fence"] * 2, ["stone_brick_wall"] * 2)
        }
        for x, z in ((left, -30), (left + 19, -30), (left, -11), (left + 19, -11)):
            assert any(abs(x - at) <= corner and abs(z - to) <= corner for at, to in posts), (left, x, z)
        assert 8 <= len(posts) <= 20
        assert not {post for post in posts if abs(post[0] + 45) < 4}
    assert not [x for x in range(35, 55) for z in range(-30, -10) if case.column(x, z, 66, 68) != ["air"] * 2]


def test_a_skywalk_hangs_between_the_houses(built):
    case = built("23-min-level")
    for x in range(-28, -11):
        for z in (-5, -1, 4):
            assert free_over_ground(case, x, z) in (8, 9), (x, z)
            column = case.column(x, z, 60, 100)
            assert 13 <= max(y for y, name in enumerate(column) if name != "air") - 5 <= 18
    for x, z in ((-40, 0), (0, 0), (-31, -15), (5, 15)):
        assert free_over_ground(case, x, z) < 9, "the houses beside it stand on the ground"
    # The walls of the houses that it joins are whole.
    for x in (-31, -10):
        for z in (-5, -1, 4):
            assert "air" not in case.column(x, z, 66, 74), (x, z)
    assert case.column(35, -20, 66, 90) == ["air"] * 24, "two storeys under ground and none above"
