"""Things as children build them, each with what it is: those by which the rules were made.

They are ours: built in code, by one who has watched children play but is none. See held_out.py for
those by which the rules were not made.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.harvest.builder import GROUND, Site, hill, river

Maker = Callable[[], Site]
THINGS: dict[str, tuple[str, Maker]] = {}
"""name → (kind, what builds it)."""


def thing(kind: str) -> Callable[[Maker], Maker]:
    def keep(maker: Maker) -> Maker:
        THINGS[maker.__name__] = kind, maker
        return maker

    return keep


# Houses


@thing("house")
def hut_of_dirt() -> Site:
    site = Site().walls((0, 1, 0), (4, 3, 4), "dirt").box((0, 4, 0), (4, 4, 4), "dirt")
    return site.box((2, 1, 0), (2, 2, 0), "air")


@thing("house")
def house_of_glass() -> Site:
    site = Site().hollow((0, 0, 0), (8, 5, 6), "glass").box((0, 0, 0), (8, 0, 6), "oak_planks")
    return site.at(4, 1, 0, "oak_door").at(4, 2, 0, "oak_door").at(2, 1, 3, "red_bed")


@thing("house")
def house_without_roof() -> Site:
    site = Site().walls((0, 1, 0), (8, 3, 7), "cobblestone").box((0, 0, 0), (8, 0, 7), "oak_planks")
    return site.box((3, 1, 0), (4, 2, 0), "air").at(6, 1, 5, "crafting_table")


@thing("house")
def villa_with_gable() -> Site:
    site = Site().hollow((0, 0, 0), (10, 4, 8), "birch_planks")
    for up in range(5):
        site.box((-1, 4 + up, -1 + up), (11, 4 + up, -1 + up), "brick_stairs")
        site.box((-1, 4 + up, 9 - up), (11, 4 + up, 9 - up), "brick_stairs")
        site.box((0, 4 + up, up), (0, 4 + up, 8 - up), "birch_planks")
        site.box((10, 4 + up, up), (10, 4 + up, 8 - up), "birch_planks")
    site.box((2, 2, 0), (3, 3, 0), "glass_pane").box((7, 2, 0), (8, 3, 0), "glass_pane")
    site.at(5, 1, 0, "spruce_door").at(5, 2, 0, "spruce_door")
    site.walls((-5, 1, -5), (15, 1, 13), "oak_fence")
    return site.sign(5, 1, -2, "Här bor jag")


@thing("house")
def stable() -> Site:
    site = (
        Site().walls((0, 1, 0), (12, 3, 6), "spruce_planks").box((0, 4, 0), (12, 4, 6), "hay_block")
    )
    site.box((0, 5, 0), (12, 5, 6), "spruce_slab")
    site.box((0, 1, 0), (12, 2, 0), "air")
    for x in (0, 4, 8, 12):
        site.box((x, 1, 0), (x, 3, 6), "spruce_fence")
    return site.box((1, 1, 5), (11, 1, 5), "hay_block")


@thing("house")
def castle() -> Site:
    site = Site().walls((0, 1, 0), (20, 6, 20), "stone_bricks")
    for x in (0, 17):
        for z in (0, 17):
            site.hollow((x, 0, z), (x + 3, 9, z + 3), "stone_bricks")
    site.hollow((6, 0, 6), (14, 7, 14), "stone_bricks")
    return site.box((9, 1, 0), (11, 4, 0), "air").box((9, 1, 6), (11, 3, 6), "air")


@thing("house")
def two_storeys_with_cellar() -> Site:
    site = Site().hollow((0, -4, 0), (8, 0, 8), "stone_bricks")
    site.hollow((0, 0, 0), (8, 4, 8), "white_concrete").hollow(
        (0, 4, 0), (8, 8, 8), "white_concrete"
    )
    return site.box((2, 2, 0), (6, 3, 0), "glass").box((2, 6, 0), (6, 7, 0), "glass")


@thing("house")
def house_on_poles() -> Site:
    site = Site()
    for x in (0, 6):
        for z in (0, 6):
            site.box((x, 1, z), (x, 5, z), "oak_log")
    site.hollow((0, 5, 0), (6, 9, 6), "oak_planks").box((3, 1, -1), (3, 5, -1), "ladder")
    return site.box((3, 6, 0), (3, 7, 0), "air")


# Towers


@thing("tower")
def tower_of_cobble() -> Site:
    return Site().box((0, 1, 0), (2, 18, 2), "cobblestone")


@thing("tower")
def pillar_of_dirt() -> Site:
    return Site().box((0, 1, 0), (0, 24, 0), "dirt")


@thing("tower")
def skyscraper() -> Site:
    site = Site().walls((0, 1, 0), (11, 40, 11), "light_blue_stained_glass")
    for y in range(0, 41, 4):
        site.box((0, y, 0), (11, y, 11), "white_concrete")
    return site


@thing("tower")
def lookout_with_platform() -> Site:
    site = (
        Site()
        .walls((0, 1, 0), (4, 14, 4), "oak_planks")
        .box((-2, 15, -2), (6, 15, 6), "oak_planks")
    )
    site.walls((-2, 16, -2), (6, 16, 6), "oak_fence").box((2, 1, 1), (2, 15, 1), "ladder")
    return site.box((2, 1, 0), (2, 2, 0), "air")


@thing("tower")
def television_tower() -> Site:
    site = Site().box((0, 1, 0), (0, 34, 0), "iron_block").box((-2, 20, -2), (2, 22, 2), "glass")
    return site.box((-1, 1, -1), (1, 4, 1), "stone")


# Bridges


@thing("bridge")
def bridge_of_planks() -> Site:
    site = Site(wet=river(3, 18)).box((0, 1, 0), (21, 1, 3), "oak_planks")
    return site.box((0, 2, 0), (21, 2, 0), "oak_fence").box((0, 2, 3), (21, 2, 3), "oak_fence")


@thing("bridge")
def arched_bridge() -> Site:
    site = Site(wet=river(4, 22))
    for x in range(27):
        site.box((x, 1 + min(x, 26 - x) // 3, 0), (x, 1 + min(x, 26 - x) // 3, 4), "stone_bricks")
        for z in (0, 4):
            site.at(x, 2 + min(x, 26 - x) // 3, z, "stone_brick_wall")
    return site


@thing("bridge")
def bridge_over_a_road() -> Site:
    site = Site().box((0, 6, 0), (24, 6, 4), "smooth_stone")
    for x in (5, 12, 19):
        site.box((x, 1, 1), (x, 5, 3), "stone")
    for step in range(5):
        site.box((-5 + step, 1, 0), (-5 + step, 1 + step, 4), "stone")
        site.box((29 - step, 1, 0), (29 - step, 1 + step, 4), "stone")
    return site.box((0, 7, 0), (24, 7, 0), "iron_bars").box((0, 7, 4), (24, 7, 4), "iron_bars")


@thing("bridge")
def hanging_bridge_with_towers() -> Site:
    site = Site(wet=river(6, 34)).box((0, 3, 0), (40, 3, 4), "birch_planks")
    for x in (8, 32):
        site.box((x, -3, 0), (x, 14, 0), "red_concrete").box((x, -3, 4), (x, 14, 4), "red_concrete")
        site.box((x, 14, 0), (x, 14, 4), "red_concrete")
    for x in range(8, 33):
        drop = min(x - 8, 32 - x)
        for z in (0, 4):
            site.at(x, max(4, 13 - drop), z, "iron_chain")
    return site


# Parks


@thing("park")
def park_of_trees_and_flowers() -> Site:
    site = Site()
    for x, z in ((0, 0), (8, 2), (3, 9), (11, 11)):
        site.tree(x, z)
    for x, z, flower in (
        (2, 4, "poppy"),
        (5, 5, "dandelion"),
        (7, 7, "red_tulip"),
        (9, 5, "allium"),
    ):
        site.at(x, 1, z, flower)
    return site.box((4, 1, 3), (6, 1, 3), "oak_stairs")


@thing("park")
def flower_bed() -> Site:
    site = Site().walls((0, 1, 0), (8, 1, 6), "oak_planks").box((1, 1, 1), (7, 1, 5), "poppy")
    return site.box((3, 1, 1), (4, 1, 5), "cornflower")


@thing("park")
def park_with_paths_and_pond() -> Site:
    site = Site().box((0, 0, 6), (20, 0, 7), "dirt_path").box((9, 0, 0), (10, 0, 14), "dirt_path")
    site.box((13, 0, 10), (16, 0, 12), "water")
    for x, z in ((2, 2), (5, 11), (15, 2), (19, 12), (2, 13)):
        site.tree(x, z, "birch")
    return site.box((6, 1, 5), (8, 1, 5), "spruce_stairs").at(11, 1, 5, "lantern")


@thing("park")
def field_of_carrots() -> Site:
    site = Site().box((0, 0, 0), (8, 0, 8), "farmland").box((0, 1, 0), (8, 1, 8), "carrots")
    return site.box((4, 0, 0), (4, 0, 8), "water").box((4, 1, 0), (4, 1, 8), "air")


@thing("park")
def zoo() -> Site:
    site = Site()
    for x in (0, 9, 18):
        site.walls((x, 1, 0), (x + 7, 1, 7), "oak_fence").tree(x + 4, 4)
        site.sign(x + 3, 1, -1, "Lejon")
    site.box((0, 0, -3), (25, 0, -2), "gravel")
    return site.many([(2, 1, 2), (11, 1, 2), (20, 1, 3), (21, 1, 2)], "short_grass")


# Playgrounds


@thing("playground")
def football_pitch() -> Site:
    site = Site().walls((0, 0, 0), (24, 0, 14), "white_concrete")
    site.box((12, 0, 0), (12, 0, 14), "white_concrete")
    for x in (0, 24):
        site.box((x, 1, 5), (x, 3, 5), "white_wool").box((x, 1, 9), (x, 3, 9), "white_wool")
        site.box((x, 3, 5), (x, 3, 9), "white_wool")
    return site


@thing("playground")
def roller_coaster() -> Site:
    site = Site()
    for x in range(30):
        up = 2 + abs((x % 16) - 8)
        site.box((x, 1, 0), (x, up, 0), "oak_planks").at(x, up + 1, 0, "powered_rail")
        site.at(x, 1, 8, "rail")
    for z in range(1, 8):
        site.at(0, 1, z, "rail").at(29, 1, z, "rail")
    return site


@thing("playground")
def playground_with_slide() -> Site:
    site = Site().box((0, 0, 0), (5, 0, 5), "sand")
    site.box((8, 1, 2), (8, 3, 2), "oak_log").box((8, 4, 1), (9, 4, 3), "red_wool")
    for step in range(4):
        site.at(10 + step, 4 - step, 2, "yellow_concrete")
    site.box((7, 1, 2), (7, 4, 2), "ladder")
    for x in (2, 5):
        site.box((x, 1, 9), (x, 3, 9), "spruce_fence")
    return (
        site.box((2, 4, 9), (5, 4, 9), "spruce_fence")
        .at(3, 2, 9, "oak_slab")
        .at(4, 1, 12, "slime_block")
    )


@thing("playground")
def football_pitch_all_green() -> Site:
    site = Site().box((0, 0, 0), (20, 0, 12), "lime_concrete")
    site.walls((0, 0, 0), (20, 0, 12), "white_concrete").box(
        (10, 0, 0), (10, 0, 12), "white_concrete"
    )
    for x in (0, 20):
        site.box((x, 1, 4), (x, 2, 4), "iron_bars").box((x, 1, 8), (x, 2, 8), "iron_bars")
    return site


# Paths


@thing("path")
def path_of_gravel() -> Site:
    site = Site()
    for x in range(40):
        z = (x // 5) % 4
        site.box((x, 0, z), (x, 0, z + 2), "gravel")
    return site


@thing("path")
def road_with_lines() -> Site:
    site = Site().box((0, 0, 0), (60, 0, 6), "black_concrete")
    for x in range(0, 60, 4):
        site.box((x, 0, 3), (x + 1, 0, 3), "white_concrete")
    for x in range(0, 60, 12):
        site.box((x, 1, -1), (x, 3, -1), "oak_fence").at(x, 4, -1, "glowstone")
    return site


@thing("path")
def path_laid_on_grass() -> Site:
    return Site().box((0, 1, 0), (25, 1, 1), "oak_slab").box((25, 1, 0), (26, 1, 20), "oak_slab")


@thing("path")
def cycle_way_aslant() -> Site:
    site = Site()
    for step in range(35):
        site.box((step, 0, step), (step + 3, 0, step), "red_concrete")
    return site


# Water


@thing("water")
def swimming_pool() -> Site:
    site = Site().walls((0, 0, 0), (9, 0, 6), "quartz_block").box((1, -2, 1), (8, 0, 5), "water")
    return site.box((1, -3, 1), (8, -3, 5), "light_blue_concrete")


@thing("water")
def fountain() -> Site:
    site = Site().walls((0, 1, 0), (6, 1, 6), "stone_bricks").box((1, 1, 1), (5, 1, 5), "water")
    return (
        site.box((3, 1, 3), (3, 4, 3), "stone_bricks")
        .at(3, 5, 3, "water")
        .box((3, 2, 2), (3, 4, 2), "water")
    )


@thing("water")
def canal() -> Site:
    return Site().box((0, -1, 0), (40, 0, 3), "water")


@thing("water")
def pond_with_reeds() -> Site:
    site = Site().box((2, 0, 0), (8, 0, 10), "water").box((0, 0, 2), (10, 0, 8), "water")
    return (
        site.box((1, 1, 1), (1, 2, 1), "sugar_cane").at(5, 1, 5, "lily_pad").at(6, 1, 2, "lily_pad")
    )


# Sculptures


@thing("sculpture")
def pixel_art_heart() -> Site:
    rows = [".rr.rr.", "rrrrrrr", "rrrrrrr", ".rrrrr.", "..rrr..", "...r..."]
    return Site().pixels(0, 1, 0, rows, {"r": "red_wool"})


@thing("sculpture")
def statue_of_a_man() -> Site:
    site = Site().box((0, 1, 0), (0, 4, 0), "blue_wool").box((2, 1, 0), (2, 4, 0), "blue_wool")
    site.box((0, 5, 0), (2, 8, 0), "cyan_wool").box((-1, 6, 0), (-1, 8, 0), "orange_terracotta")
    site.box((3, 6, 0), (3, 8, 0), "orange_terracotta")
    return site.box((0, 9, -1), (2, 11, 1), "orange_terracotta")


@thing("sculpture")
def letters_of_wool() -> Site:
    rows = ["a.a..aaa", "a.a...a.", "aaa...a.", "a.a...a.", "a.a..aaa"]
    return Site().pixels(0, 1, 0, rows, {"a": "yellow_wool"})


@thing("sculpture")
def creeper_of_concrete() -> Site:
    site = (
        Site()
        .box((0, 1, 0), (3, 2, 5), "green_concrete")
        .box((0, 3, 2), (3, 8, 3), "lime_concrete")
    )
    site.box((0, 9, 1), (3, 12, 4), "lime_concrete")
    return site.many([(1, 11, 1), (2, 11, 1), (1, 9, 1)], "black_concrete")


@thing("sculpture")
def pixel_art_lying() -> Site:
    site = Site().box((0, 1, 0), (13, 1, 13), "yellow_wool")
    site.box((3, 1, 3), (4, 1, 4), "black_wool").box((9, 1, 3), (10, 1, 4), "black_wool")
    return site.box((3, 1, 9), (10, 1, 9), "black_wool")


# Tunnels


@thing("tunnel")
def tunnel_through_a_hill() -> Site:
    return Site(height=hill).box((-15, 1, 0), (15, 3, 2), "air")


@thing("tunnel")
def mine_with_stairs() -> Site:
    site = Site()
    for step in range(12):
        site.box((step, -step, 0), (step, 2 - step, 1), "air")
    return (
        site.box((12, -12, 0), (30, -10, 1), "air").at(20, -11, 0, "torch").at(27, -11, 1, "torch")
    )


@thing("tunnel")
def metro_of_concrete() -> Site:
    site = Site().hollow((0, -9, 0), (40, -4, 5), "white_concrete")
    site.box((0, -8, 2), (40, -8, 2), "rail").box((0, -8, 1), (0, -7, 4), "air")
    return site.box((-1, -8, 2), (-1, 0, 3), "air")


# Signs


@thing("sign")
def sign_alone() -> Site:
    return Site().sign(0, 1, 0, "Bygg ett badhus här!")


@thing("sign")
def signs_in_a_row() -> Site:
    site = Site()
    for x in range(4):
        site.sign(2 * x, 1, 0, f"Regel {x + 1}")
    return site


@thing("sign")
def sign_on_a_post() -> Site:
    return Site().box((0, 1, 0), (0, 2, 0), "oak_fence").sign(0, 2, -1, "Skolan", "oak_wall_sign")


# Walls


@thing("wall")
def wall_of_stone() -> Site:
    return Site().box((0, 1, 0), (30, 4, 1), "stone_bricks")


@thing("wall")
def fence_round_a_field() -> Site:
    return Site().walls((0, 1, 0), (30, 1, 24), "oak_fence")


@thing("wall")
def wall_that_winds() -> Site:
    site = Site()
    for x in range(30):
        site.box((x, 1, x // 3), (x, 3, x // 3), "cobblestone")
    return site.box((29, 1, 10), (29, 3, 30), "cobblestone")


# Demolition


@thing("demolition")
def house_torn_down() -> Site:
    site = Site().stand((0, 1, 0), (9, 6, 9), "bricks").stand((1, 1, 1), (8, 5, 8), "air")
    return site.box((0, 1, 0), (9, 6, 9), "air")


@thing("demolition")
def half_of_a_roof_gone() -> Site:
    site = (
        Site().stand((0, 1, 0), (14, 8, 12), "white_concrete").stand((1, 1, 1), (13, 7, 11), "air")
    )
    return site.box((0, 6, 0), (7, 8, 12), "air")


@thing("demolition")
def trees_felled() -> Site:
    site = Site()
    for x in (0, 6, 12):
        site.stand((x - 2, 4, -2), (x + 2, 6, 2), "spruce_leaves").stand(
            (x, 1, 0), (x, 5, 0), "spruce_log"
        )
        site.box((x - 2, 1, -2), (x + 2, 6, 2), "air")
    return site


# What is none of them


@thing("other")
def hole_dug() -> Site:
    return Site().box((0, -3, 0), (4, 0, 4), "air")


@thing("other")
def a_few_blocks_of_dirt() -> Site:
    return Site().many(
        [(0, 1, 0), (0, 2, 0), (1, 1, 0), (4, 1, 2), (5, 1, 2), (2, 1, 5), (2, 2, 5)], "dirt"
    )


@thing("other")
def heap_of_earth() -> Site:
    return (
        Site()
        .box((0, 1, 0), (7, 1, 7), "dirt")
        .box((1, 2, 1), (6, 2, 6), "dirt")
        .box((3, 3, 3), (4, 3, 4), "dirt")
    )


@thing("other")
def torches_here_and_there() -> Site:
    return Site().many(
        [(0, 1, 0), (5, 1, 2), (9, 1, 5), (4, 1, 7), (12, 1, 9), (8, 1, 11), (3, 1, 12)], "torch"
    )


assert GROUND > 0
