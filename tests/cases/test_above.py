"""What hangs over the ground, lies under it, or is no longer there: cases 06, 07, 09, 23, 25 and
53, and others of their kind."""

from __future__ import annotations

import pytest
from pyproj import Transformer

from tests.cases.cases import Case, build_case

GROUND = 65
AIR = ("air", "short_grass", "fern", "dandelion", "poppy", "oxeye_daisy", "cornflower")


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
    """How many blocks over the ground, or a slab on it, are free; 40 where there is nothing
    above."""
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
    assert case.report["water"]["skipped"] == {
        "water in a tunnel": 2,
        "water under ground": 1,
        "covered water": 1,
    }


def test_disused_rails_lie_and_others_are_counted(built):
    case = built("07-dead-rails")
    for x in (-50, -11, 8, 44):
        rails = {
            z: any("rail" in case.column(x, z + side, 64, 68) for side in (-1, 0, 1))
            for z in (54, 38, 22, 6, -10, -26, -42)
        }
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
    """The roof at 5 m and its street, the fuel canopy, the carport, the station that begins at 6
    m."""
    case = built("53-underground")
    for dx, dz in ((0, 0), (-4, 3), (6, -5), (2, 7)):
        assert free <= free_over_ground(case, x + dx, -20 + dz) < 10, (dx, dz)
        assert case.column(x + dx, -20 + dz, 64, 66)[1] not in AIR
    names = {
        name
        for dx in range(-10, 10)
        for dz in range(-10, 10)
        for name in case.column(x + dx, -20 + dz, 66, 66 + free)
    }
    assert not {
        name
        for name in names
        if name.endswith(("_door", "_stairs", "planks", "glass_pane", "glass"))
    }


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
            assert any(abs(x - at) <= corner and abs(z - to) <= corner for at, to in posts), (
                left,
                x,
                z,
            )
        assert 8 <= len(posts) <= 20
        assert not {post for post in posts if abs(post[0] + 45) < 4}
    assert not [
        x
        for x in range(35, 55)
        for z in range(-30, -10)
        if case.column(x, z, 66, 68) != ["air"] * 2
    ]


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


def roof_top(case: Case, x: int, z: int) -> int:
    """y of the highest block of a column."""
    return GROUND + max(
        level
        for level, name in enumerate(case.column(x, z, GROUND, GROUND + 30))
        if name not in AIR
    )


@pytest.mark.parametrize(
    ("left", "top", "along_x"),
    [(-55, 38, True), (-10, 38, False), (-55, -2, True), (-10, -2, False)],
)
def test_ridges_lie_square_to_the_direction(built, left, top, along_x):
    """Of houses of 30 × 12 m: along, across, falling south, falling east."""
    case = built("09-roof-orientation")
    tops = {(x, z): roof_top(case, left + x, top + z) for x in (2, 15, 27) for z in (1, 6, 10)}
    if along_x:
        assert all(tops[x, 6] > tops[x, 1] and tops[x, 6] > tops[x, 10] for x in (2, 15, 27))
        assert tops[2, 6] == tops[15, 6] == tops[27, 6]
    else:
        assert all(tops[15, z] > tops[2, z] and tops[15, z] > tops[27, z] for z in (1, 6, 10))
        assert tops[15, 1] == tops[15, 6] == tops[15, 10]
    assert 8 <= max(tops.values()) - GROUND <= 10


def test_a_lean_to_falls_the_way_it_is_said(built):
    case = built("09-roof-orientation")
    for x in (-50, -40, -30):
        assert roof_top(case, x, -31) < roof_top(case, x, -26) < roof_top(case, x, -21)


def test_a_bridge_on_flat_ground_leaves_four_blocks_over_the_street(built):
    case = built("25-bridge-none")
    for z in (-2, -1, 0, 1):
        for x in (-2, -1, 0, 1, 2):
            assert free_over_ground(case, x, z) >= 4, (x, z)
    # From one end to the other one walks: no step is higher than one block.
    heights = []
    for x in range(-60, 60):
        column = case.column(x, 0, 60, 90)
        heights.append(
            60
            + max(
                y for y, name in enumerate(column) if name not in AIR and not name.endswith("_slab")
            )
        )
    assert (
        max(abs(after - before) for before, after in zip(heights, heights[1:], strict=False)) <= 1
    )
    assert max(heights) >= 70
    assert case.report["spans"]["raised"] == 1
    assert not case.report["spans"]["skipped"]


INVENTED = """<?xml version='1.0' encoding='UTF-8'?>
<osm version='0.6' generator='test'>
<bounds minlat='62.3893104' minlon='17.3031431' maxlat='62.3915245' maxlon='17.3082667'/>
{nodes}
{ways}
</osm>
"""


def town(features: list[tuple[list[tuple[float, float]], dict[str, str]]]) -> str:
    """An extract of lines and, where the last point is the first, areas: points x, z in blocks from
    the case's origin."""
    to_degrees = Transformer.from_crs("EPSG:3006", "EPSG:4326", always_xy=True)
    nodes, ways = [], []
    for number, (points, tags) in enumerate(features):
        refs = []
        for place, (x, z) in enumerate(points[:-1] if points[0] == points[-1] else points):
            lon, lat = to_degrees.transform(619200 + x, 6919800 - z)
            refs.append(1000 * (number + 1) + place)
            nodes.append(f"<node id='{refs[-1]}' version='1' lat='{lat:.8f}' lon='{lon:.8f}'/>")
        if points[0] == points[-1]:
            refs.append(refs[0])
        inner = "".join(f"<nd ref='{ref}'/>" for ref in refs) + "".join(
            f'<tag k="{key}" v="{value}"/>' for key, value in tags.items()
        )
        ways.append(f"<way id='{number + 1}' version='1'>{inner}</way>")
    return INVENTED.format(nodes="\n".join(nodes), ways="\n".join(ways))


def square(x: float, z: float, side: float = 16.0) -> list[tuple[float, float]]:
    return [(x, z), (x + side, z), (x + side, z + side), (x, z + side), (x, z)]


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Another town with what the cases have in other words."""
    features = [
        (square(-60, -60), {"building": "yes", "height": "12", "min_height": "6",
        "building:part": "no"}),
        (square(-40, -60), {"building:part": "roof", "height": "7", "min_height": "6"}),
        (square(-20, -60), {"building": "yes", "amenity": "shelter"}),
        (square(0, -60), {"man_made": "canopy", "height": "5"}),
        (square(20, -60), {"building": "roof", "roof:shape": "gabled", "height": "8",
        "roof:height": "3"}),
        (square(40, -60), {"building": "yes", "location": "underground", "layer": "-2"}),
        (square(-60, -30), {"building": "yes", "layer": "-1", "building:levels:underground": "3"}),
        (square(-40, -30), {"building": "parking", "parking": "underground"}),
        (square(-20, -30), {"demolished:building": "house"}),
        (square(0, -30), {"building": "construction"}),
        (square(20, -30), {"building": "proposed"}),
        (square(40, -30), {"disused:building": "warehouse", "height": "9"}),
        ([(-60, 0), (60, 0)], {"disused:railway": "rail"}),
        ([(-60, 8), (60, 8)], {"razed:railway": "rail"}),
        ([(-60, 16), (60, 16)], {"highway": "construction", "construction": "residential"}),
        ([(-60, 24), (-20, 24)], {"waterway": "ditch", "width": "3"}),
        ([(-20, 24), (0, 24)], {"waterway": "ditch", "width": "3", "tunnel": "culvert"}),
        ([(0, 24), (60, 24)], {"waterway": "ditch", "width": "3"}),
        (square(-60, 36), {"natural": "water", "covered": "yes"}),
        (square(-40, 36), {"natural": "water", "location": "underground"}),
        (square(-20, 36), {"natural": "water"}),
        (square(20, 36), {"building": "shed", "height": "2.5"}),
        (square(40, 36), {"building": "yes", "height": "4", "min_height": "5"}),
    ]  # fmt: skip
    folder = tmp_path_factory.mktemp("invented")
    return build_case("53-underground", folder, files={"town.osm": town(features)})


def test_other_words_for_what_hangs(invented):
    assert free_over_ground(invented, -52, -52) >= 5
    for x in (-32, -12, 8, 28):
        assert 2 <= free_over_ground(invented, x, -52) < 10, x
        assert {invented.column(x + 7, -45 - side, 66, 67)[0] for side in (0, 1)} & {
            "stone_brick_wall",
            "spruce_fence",
            "air",
        }
    assert 7 <= roof_top(invented, 28, -52) - GROUND <= 9


def test_other_words_for_what_is_not_there(invented):
    for x, z in ((48, -52), (-52, -22), (-32, -22), (-12, -22), (28, -22)):
        assert free_over_ground(invented, x, z) == 40, (x, z)
    skipped = invented.report["buildings"]["skipped"]
    assert skipped["under ground"] == 3
    assert skipped["demolished: no building is there"] == 1
    assert skipped["proposed: no building is there"] == 1
    for x, z in ((8, -22), (48, -22)):
        assert free_over_ground(invented, x, z) < 10, (x, z)
    assert (
        invented.report["buildings"]["values_not_used"]["under construction: drawn as it will be"]
        == 1
    )
    assert any("rail" in invented.column(5, z, 64, 68) for z in (-1, 0, 1))
    assert not any("rail" in invented.column(5, z, 64, 68) for z in (7, 8, 9))
    streets = invented.report["streets"]["skipped"]
    assert streets["railway razed: no track lies there"] == 1
    assert streets["highway construction: no street is there"] == 1


def test_a_ditch_is_open_up_to_its_culvert(invented):
    for x in (-50, -24, -21, 1, 4, 50):
        assert "water" in invented.column(x, 24, 60, 70), x
    for x in (-16, -10, -4):
        assert "water" not in invented.column(x, 24, 60, 70), x
    assert "water" in invented.column(-12, 44, 60, 70)
    for x in (-52, -32):
        assert "water" not in invented.column(x, 44, 60, 70), x
    assert invented.report["water"]["skipped"] == {
        "water in a tunnel": 1,
        "covered water": 1,
        "water under ground": 1,
    }


def test_low_and_contradictory_heights(invented):
    assert 2 <= roof_top(invented, 28, 44) - GROUND <= 3
    assert free_over_ground(invented, 48, 44) < 4, (
        "it begins above its top: it stands on the ground"
    )
    assert any("min_height" in note for note in invented.report["buildings"]["values_not_used"])
