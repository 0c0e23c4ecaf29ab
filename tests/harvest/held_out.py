"""Things as children build them that were built after the rules were fixed, and by which the rules
were not changed: what is told of them says more than what is told of labelled.py.

The same hand built both, so it still is no class of children.
"""

from __future__ import annotations

from tests.harvest.builder import Site, cells, hill, river
from tests.harvest.labelled import Maker

THINGS: dict[str, tuple[str, Maker]] = {}


def thing(kind: str):
    def keep(maker: Maker) -> Maker:
        THINGS[maker.__name__] = kind, maker
        return maker

    return keep


@thing("house")
def cabin_of_logs() -> Site:
    site = (
        Site().walls((0, 1, 0), (7, 3, 5), "spruce_log").box((0, 0, 0), (7, 0, 5), "spruce_planks")
    )
    for up in range(4):
        site.box((0, 4 + up, up - 1), (7, 4 + up, up - 1), "spruce_stairs")
        site.box((0, 4 + up, 6 - up), (7, 4 + up, 6 - up), "spruce_stairs")
    site.box((3, 1, 0), (3, 2, 0), "air").at(1, 1, 4, "white_bed").at(6, 1, 4, "furnace")
    return site.box((6, 4, 4), (6, 9, 4), "bricks")


@thing("house")
def tree_house() -> Site:
    site = Site().tree(0, 0, "jungle", 12).hollow((-3, 6, -3), (3, 10, 3), "jungle_planks")
    site.box((0, 6, 0), (0, 10, 0), "jungle_log").box((1, 1, 0), (1, 6, 0), "ladder")
    return site.box((-1, 7, -3), (1, 8, -3), "air")


@thing("house")
def greenhouse() -> Site:
    site = Site().hollow((0, 1, 0), (10, 5, 6), "glass").box((1, 0, 1), (9, 0, 5), "farmland")
    site.box((1, 1, 1), (9, 1, 5), "air").box((1, 1, 1), (9, 1, 2), "wheat")
    return site.box((1, 1, 4), (9, 1, 5), "carrots").box((0, 1, 3), (0, 2, 3), "air")


@thing("house")
def school_of_three_floors() -> Site:
    site = Site()
    for floor in range(3):
        site.hollow((0, 4 * floor, 0), (30, 4 * floor + 4, 12), "bricks")
        for x in range(2, 30, 4):
            site.box((x, 4 * floor + 2, 0), (x + 1, 4 * floor + 3, 0), "glass")
    return site.box((14, 1, 0), (16, 3, 0), "air").sign(13, 2, -1, "SKOLA")


@thing("house")
def igloo() -> Site:
    site = Site()
    for x, y, z in cells((-4, 0, -4), (4, 4, 4)):
        if 12 <= x * x + y * y + z * z <= 21:
            site.at(x, y + 1, z, "snow_block")
    return site.box((0, 1, -4), (0, 2, -3), "air")


@thing("tower")
def lighthouse() -> Site:
    site = Site()
    for y in range(20):
        site.walls(
            (-2, 1 + y, -2), (2, 1 + y, 2), "red_concrete" if y // 4 % 2 else "white_concrete"
        )
    site.box((-3, 21, -3), (3, 21, 3), "stone").walls((-1, 22, -1), (1, 24, 1), "glass")
    return site.at(0, 22, 0, "sea_lantern").box((-1, 25, -1), (1, 25, 1), "red_concrete")


@thing("tower")
def round_tower_of_stone() -> Site:
    site = Site()
    for x, y, z in cells((-4, 1, -4), (4, 16, 4)):
        if 11 <= x * x + z * z <= 18:
            site.at(x, y, z, "cobblestone")
    return site.box((-3, 16, -3), (3, 16, 3), "oak_planks")


@thing("tower")
def water_tower() -> Site:
    site = Site()
    for x in (0, 5):
        for z in (0, 5):
            site.box((x, 1, z), (x, 14, z), "iron_block")
    return site.hollow((-1, 15, -1), (6, 19, 6), "light_gray_concrete")


@thing("bridge")
def bridge_of_one_block() -> Site:
    return (
        Site(wet=river(2, 20))
        .box((0, 0, 0), (22, 0, 0), "cobblestone")
        .box((0, 0, 1), (22, 0, 1), "cobblestone")
    )


@thing("bridge")
def covered_bridge() -> Site:
    site = Site(wet=river(3, 20)).box((0, 1, 0), (23, 1, 4), "spruce_planks")
    for x in range(0, 24, 4):
        site.box((x, 2, 0), (x, 4, 0), "spruce_log").box((x, 2, 4), (x, 4, 4), "spruce_log")
    return site.box((0, 5, 0), (23, 5, 4), "brick_slab")


@thing("bridge")
def bridge_of_glass_between_roofs() -> Site:
    return (
        Site()
        .box((0, 14, 0), (18, 14, 3), "glass")
        .box((0, 15, 0), (18, 15, 0), "glass_pane")
        .box((0, 15, 3), (18, 15, 3), "glass_pane")
    )


@thing("park")
def three_trees_and_a_bench() -> Site:
    site = Site().tree(0, 0, "cherry", 5).tree(7, 1, "cherry", 5).tree(3, 7, "birch", 6)
    return (
        site.box((3, 1, 2), (5, 1, 2), "spruce_stairs")
        .at(6, 1, 2, "oak_fence")
        .at(6, 2, 2, "lantern")
    )


@thing("park")
def rose_garden_with_hedges() -> Site:
    site = Site().walls((0, 1, 0), (14, 2, 14), "oak_leaves").box((7, 1, 0), (7, 2, 0), "air")
    site.box((7, 0, 0), (7, 0, 14), "gravel").box((0, 0, 7), (14, 0, 7), "gravel")
    for x in (2, 4, 10, 12):
        for z in (2, 4, 10, 12):
            site.at(x, 1, z, "rose_bush").at(x, 2, z, "rose_bush")
    return site


@thing("park")
def dog_yard() -> Site:
    site = Site().walls((0, 1, 0), (14, 1, 10), "spruce_fence").at(7, 1, 0, "spruce_fence_gate")
    site.tree(4, 5).tree(10, 4)
    return site.sign(7, 1, -1, "Hundrastgård").at(12, 1, 8, "composter")


@thing("playground")
def swings_and_sandbox() -> Site:
    site = Site().walls((0, 1, 0), (4, 1, 4), "oak_slab").box((1, 0, 1), (3, 0, 3), "sand")
    for x in (8, 13):
        site.box((x, 1, 0), (x, 4, 0), "oak_fence")
    site.box((8, 5, 0), (13, 5, 0), "oak_log")
    for x in (9, 12):
        site.box((x, 3, 0), (x, 4, 0), "iron_chain").at(x, 2, 0, "oak_trapdoor")
    return site


@thing("playground")
def skate_park() -> Site:
    site = Site().box((0, 0, 0), (16, 0, 10), "smooth_stone")
    for step in range(3):
        site.box((step, 1, 0), (step, 3 - step, 10), "quartz_block")
        site.box((16 - step, 1, 0), (16 - step, 3 - step, 10), "quartz_block")
    return site.box((8, 1, 3), (8, 1, 7), "iron_bars").box((5, 1, 5), (6, 1, 6), "quartz_slab")


@thing("playground")
def basketball_court() -> Site:
    site = (
        Site()
        .box((0, 0, 0), (15, 0, 9), "orange_terracotta")
        .walls((0, 0, 0), (15, 0, 9), "white_concrete")
    )
    for x in (0, 15):
        site.box((x, 1, 5), (x, 4, 5), "iron_bars").box((x, 4, 4), (x, 5, 6), "white_concrete")
    return site


@thing("playground")
def climbing_frame() -> Site:
    site = Site()
    for x in (0, 4, 8):
        site.box((x, 1, 0), (x, 4, 0), "oak_log").box((x, 1, 4), (x, 4, 4), "oak_log")
    site.box((0, 5, 0), (4, 5, 4), "yellow_wool").box((4, 5, 2), (8, 5, 2), "scaffolding")
    site.box((1, 1, 0), (1, 4, 0), "ladder").box((9, 3, 4), (9, 4, 4), "blue_concrete")
    return site.box((10, 1, 4), (10, 2, 4), "blue_concrete").at(12, 1, 2, "slime_block")


@thing("path")
def street_with_pavements() -> Site:
    site = Site().box((0, 0, 0), (50, 0, 4), "gray_concrete")
    site.box((0, 1, -2), (50, 1, -1), "stone_slab").box((0, 1, 5), (50, 1, 6), "stone_slab")
    return site.box((10, 0, 0), (10, 0, 4), "white_concrete").box(
        (12, 0, 0), (12, 0, 4), "white_concrete"
    )


@thing("path")
def path_up_the_hill() -> Site:
    site = Site(height=hill)
    for x in range(-22, 1):
        site.at(x, hill(x, 0) - 64, 0, "dirt_path").at(x, hill(x, 1) - 64, 1, "dirt_path")
    return site


@thing("path")
def square_of_setts() -> Site:
    return (
        Site()
        .box((0, 0, 0), (15, 0, 12), "stone_bricks")
        .box((7, 0, 5), (8, 0, 6), "polished_andesite")
    )


@thing("path")
def tram_line() -> Site:
    return Site().box((0, 0, 0), (45, 0, 0), "gravel").box((0, 1, 0), (45, 1, 0), "rail")


@thing("water")
def pool_above_the_ground() -> Site:
    site = (
        Site().box((0, 1, 0), (9, 3, 9), "light_blue_concrete").box((1, 2, 1), (8, 3, 8), "water")
    )
    return site.box((10, 1, 4), (10, 3, 4), "ladder")


@thing("water")
def water_slide_with_pool() -> Site:
    site = Site().box((0, 0, 0), (7, 0, 7), "water").walls((-1, 0, -1), (8, 0, 8), "quartz_block")
    for step in range(6):
        site.box((9 + step, 1 + step, 2), (9 + step, 1 + step, 4), "yellow_concrete")
        site.at(9 + step, 2 + step, 3, "water")
    return site.box((15, 1, 3), (15, 6, 3), "ladder")


@thing("water")
def waterfall_from_a_rock() -> Site:
    site = Site().box((0, 1, 0), (3, 6, 4), "stone").box((4, 1, 1), (4, 6, 3), "water")
    return site.box((4, 0, 0), (9, 0, 4), "water")


@thing("sculpture")
def horse_of_stone() -> Site:
    site = Site()
    for x in (0, 5):
        for z in (0, 2):
            site.box((x, 1, z), (x, 3, z), "stone_bricks")
    return site.box((0, 4, 0), (5, 6, 2), "stone_bricks").box((6, 6, 1), (7, 9, 1), "stone_bricks")


@thing("sculpture")
def flag_of_sweden() -> Site:
    site = Site().box((0, 1, 0), (0, 12, 0), "oak_log").box((1, 7, 0), (10, 12, 0), "blue_wool")
    return site.box((4, 7, 0), (4, 12, 0), "yellow_wool").box((1, 9, 0), (10, 10, 0), "yellow_wool")


@thing("sculpture")
def pyramid_of_gold() -> Site:
    site = Site()
    for up in range(6):
        site.box((up, 1 + up, up), (12 - up, 1 + up, 12 - up), "gold_block")
    return site


@thing("sculpture")
def snowman() -> Site:
    site = Site().box((0, 1, 0), (4, 4, 4), "snow_block").box((1, 5, 1), (3, 7, 3), "snow_block")
    return site.at(2, 8, 2, "carved_pumpkin").at(0, 6, 2, "oak_fence").at(4, 6, 2, "oak_fence")


@thing("tunnel")
def tunnel_lined_with_stone() -> Site:
    site = Site(height=hill).box((-14, 1, -1), (14, 5, 3), "stone_bricks")
    return site.box((-14, 1, 0), (14, 4, 2), "air").box((-14, 0, 0), (14, 0, 2), "gray_concrete")


@thing("tunnel")
def crooked_mine() -> Site:
    site = Site().box((0, -6, 0), (1, 0, 1), "air").box((0, -6, 0), (12, -4, 1), "air")
    site.box((12, -6, 0), (13, -4, 14), "air").box((13, -6, 13), (24, -4, 14), "air")
    return site.box((0, -6, 0), (0, 0, 0), "ladder").at(8, -5, 0, "wall_torch")


@thing("sign")
def board_with_four_signs() -> Site:
    site = Site().box((0, 1, 0), (3, 3, 0), "oak_planks")
    for x in range(4):
        site.sign(x, 2, -1, f"Rad {x}", "oak_wall_sign")
    return site


@thing("sign")
def sign_under_a_lamp() -> Site:
    return Site().sign(0, 1, 0, "Mer gräs!", "birch_sign").at(1, 1, 0, "torch")


@thing("wall")
def town_wall_with_towers() -> Site:
    site = Site().walls((0, 1, 0), (50, 5, 40), "stone_bricks")
    return site.box((24, 1, 0), (26, 3, 0), "air")


@thing("wall")
def noise_barrier_of_glass() -> Site:
    return (
        Site().box((0, 1, 0), (35, 3, 0), "glass_pane").box((0, 1, 0), (35, 1, 0), "gray_concrete")
    )


@thing("demolition")
def tower_block_cut_down() -> Site:
    site = (
        Site()
        .stand((0, 1, 0), (11, 24, 11), "light_gray_concrete")
        .stand((1, 1, 1), (10, 23, 10), "air")
    )
    return site.box((0, 13, 0), (11, 24, 11), "air")


@thing("demolition")
def car_park_made_a_lawn() -> Site:
    site = (
        Site()
        .stand((0, 0, 0), (20, 0, 14), "gray_concrete")
        .stand((0, 1, 0), (20, 2, 0), "stone_bricks")
    )
    return site.box((0, 1, 0), (20, 2, 0), "air").box((0, 0, 0), (1, 0, 14), "grass_block")


@thing("other")
def pit_with_steps() -> Site:
    return Site().box((0, -2, 0), (8, 0, 8), "air").box((2, -5, 2), (6, -3, 6), "air")


@thing("other")
def chests_and_furnaces_on_the_grass() -> Site:
    site = Site().at(0, 1, 0, "chest").at(1, 1, 0, "chest").at(3, 1, 1, "crafting_table")
    return site.at(4, 1, 1, "furnace").at(2, 1, 4, "white_bed").at(5, 1, 3, "torch")


@thing("other")
def blown_up_ground() -> Site:
    site = Site()
    for x, y, z in cells((-5, -4, -5), (5, 0, 5)):
        if x * x + 2 * y * y + z * z <= 22:
            site.at(x, y, z, "air")
    return site
