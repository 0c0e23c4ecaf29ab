"""Colours of blocks seen from above: our own table, close to what players know."""

from __future__ import annotations

Color = tuple[int, int, int]

COLORS: dict[str, Color] = {
    "grass_block": (104, 148, 72), "moss_block": (99, 141, 66), "dirt": (134, 96, 67),
    "coarse_dirt": (119, 86, 59),
    "dirt_path": (158, 132, 84), "rooted_dirt": (136, 100, 74), "mud": (66, 62, 66),
    "packed_mud": (142, 107, 80), "podzol": (98, 72, 40), "stone": (125, 125, 125),
    "andesite": (136, 136, 137),
    "polished_andesite": (142, 146, 145), "diorite": (189, 188, 189), "polished_diorite": (196, 196,
    199),
    "granite": (149, 103, 86), "polished_granite": (154, 107, 89), "gravel": (131, 127, 126),
    "sand": (219, 207, 163),
    "clay": (160, 166, 179), "water": (52, 92, 168), "bricks": (151, 97, 83), "stone_bricks": (122,
    121, 122),
    "mossy_stone_bricks": (115, 121, 105), "mud_bricks": (137, 103, 79),
    "cracked_stone_bricks": (118, 117, 118), "smooth_stone": (158, 158, 158),
    "deepslate_tiles": (58, 58, 62),
    "cobbled_deepslate": (77, 77, 81), "polished_blackstone": (53, 48, 56),
    "oxidized_cut_copper": (80, 154, 128),
    "calcite": (223, 224, 220), "mossy_cobblestone": (110, 118, 95), "cobblestone": (127, 127, 127),
    "wildflowers": (150, 160, 80), "leaf_litter": (122, 96, 62), "bush": (92, 130, 66),
    "firefly_bush": (92, 130, 66),
    "short_grass": (98, 150, 66), "fern": (88, 140, 62), "gray_concrete": (66, 70, 74),
    "gray_concrete_powder": (77, 81, 85),
    "cyan_terracotta": (86, 91, 91), "terracotta": (152, 94, 67), "sandstone": (216, 203, 155),
    "bedrock": (85, 85, 85),
    "rail": (106, 94, 80), "tuff": (108, 109, 102), "smooth_quartz": (235, 230, 224),
    "iron_bars": (120, 122, 124),
    "snow_block": (248, 254, 254), "snow": (248, 254, 254), "ice": (145, 183, 253),
    "deepslate": (80, 80, 83),
    "sea_lantern": (200, 220, 212), "glass": (200, 222, 226), "mangrove_planks": (118, 54, 49),
    "oak_leaves": (76, 116, 48), "birch_leaves": (110, 142, 74), "spruce_leaves": (54, 88, 56),
    "dark_oak_leaves": (66, 100, 42), "cherry_leaves": (226, 170, 196), "azalea": (88, 126, 52),
    "flowering_azalea": (118, 118, 74), "packed_ice": (160, 194, 248), "dark_prismarine": (52, 91,
    75), "prismarine": (99, 156, 151), "lantern": (214, 160, 84), "barrel": (134, 100, 58),
    "ladder": (124, 97, 58), "iron_trapdoor": (202, 202, 202), "composter": (112, 70, 31),
    "target": (226, 170, 157), "end_rod": (207, 199, 192), "beehive": (180, 146, 90),
    "campfire": (110, 88, 54), "cauldron": (73, 72, 74), "water_cauldron": (60, 86, 140),
    "beetroots": (96, 128, 62), "carrots": (96, 136, 50), "potatoes": (88, 134, 54),
    "wheat": (186, 166, 86), "farmland": (112, 76, 48), "hay_block": (166, 139, 38),
    "melon": (111, 145, 31), "pumpkin": (198, 119, 25), "moss_carpet": (99, 141, 66),
    "lily_pad": (66, 112, 44), "orange_poplar_leaves": (206, 128, 52), "red_poplar_leaves": (170,
    66, 46), "yellow_poplar_leaves": (212, 182, 70), "bell": (222, 178, 58), "bookshelf": (116, 94,
    59), "cartography_table": (106, 90, 74), "crafting_table": (128, 104, 64), "lectern": (174, 138,
    82), "furnace": (110, 110, 110), "observer": (98, 98, 98), "daylight_detector": (130, 116, 94),
    "gold_block": (246, 208, 62), "iron_block": (220, 220, 220), "heavy_weighted_pressure_plate":
    (220, 220, 220), "lightning_rod": (180, 105, 80), "tripwire_hook": (140, 130, 110),
    "honeycomb_block": (229, 148, 30), "slime_block": (112, 192, 92), "ochre_froglight": (251, 245,
    206),
    # What children like to build with.
    "diamond_block": (104, 224, 216), "emerald_block": (48, 196, 92), "lapis_block": (36, 72, 148),
    "redstone_block": (172, 28, 12), "coal_block": (24, 24, 26), "netherite_block": (70, 64, 66),
    "obsidian": (22, 16, 34), "crying_obsidian": (46, 16, 84), "netherrack": (104, 42, 42),
    "nether_bricks": (46, 24, 28), "red_nether_bricks": (74, 10, 12), "glowstone": (212, 170, 100),
    "magma_block": (158, 72, 28), "lava": (220, 104, 24), "end_stone": (222, 224, 160),
    "end_stone_bricks": (220, 226, 164), "purpur_block": (168, 124, 168), "sponge": (198, 192, 76),
    "wet_sponge": (170, 178, 70), "tnt": (200, 60, 42), "cobweb": (226, 232, 236),
    "amethyst_block": (136, 98, 190), "dried_kelp_block": (56, 60, 38), "jack_o_lantern": (222, 152,
    30), "carved_pumpkin": (198, 119, 25), "redstone_lamp": (148, 92, 52), "bone_block": (224, 220,
    196), "red_sand": (188, 102, 34), "red_sandstone": (184, 98, 32), "cactus": (84, 126, 44),
    "sugar_cane": (146, 188, 100), "chest": (160, 116, 46), "trapped_chest": (160, 116, 46),
    "ender_chest": (46, 62, 66), "torch": (244, 196, 88), "wall_torch": (244, 196, 88),
    "shroomlight": (240, 148, 74), "honey_block": (244, 180, 56), "sculk": (14, 34, 40),
    "red_mushroom_block": (200, 46, 44), "brown_mushroom_block": (148, 112, 80), "mushroom_stem":
    (202, 196, 184), "blue_ice": (116, 166, 250), "poppy": (204, 44, 36), "dandelion": (246, 216,
    50), "blue_orchid": (52, 172, 226), "allium": (180, 120, 224), "azure_bluet": (226, 232, 226),
    "red_tulip": (212, 56, 40), "orange_tulip": (232, 132, 42), "white_tulip": (228, 236, 230),
    "pink_tulip": (230, 178, 214), "oxeye_daisy": (232, 232, 220), "cornflower": (78, 108, 216),
    "lily_of_the_valley": (232, 240, 236), "sunflower": (246, 200, 44), "lilac": (196, 142, 190),
    "rose_bush": (186, 40, 38), "peony": (226, 164, 212), "torchflower": (236, 146, 50),
    "pink_petals": (246, 180, 216), "respawn_anchor": (60, 26, 104), "note_block": (102, 66, 46),
    "jukebox": (102, 66, 46), "beacon": (130, 222, 216), "enchanting_table": (92, 30, 38),
}  # fmt: skip
DYES: dict[str, Color] = {
    "light_gray": (142, 142, 134), "light_blue": (58, 140, 200), "white": (228, 230, 230),
    "orange": (224, 97, 0),
    "magenta": (169, 48, 159), "yellow": (225, 170, 40), "lime": (94, 169, 24), "pink": (214, 101,
    143),
    "gray": (70, 74, 78), "cyan": (21, 119, 136), "purple": (100, 32, 156), "blue": (45, 47, 143),
    "brown": (112, 72, 42), "green": (73, 91, 36), "red": (150, 54, 45), "black": (20, 21, 24),
}  # fmt: skip
MATERIALS: dict[str, Color] = {
    "oxidized": (80, 154, 128), "weathered": (108, 153, 110), "exposed": (161, 125, 103),
    "mangrove": (118, 54, 49),
    "crimson": (101, 48, 70), "warped": (43, 104, 99),
    "spruce": (115, 85, 49), "birch": (192, 175, 121), "dark_oak": (67, 43, 20), "oak": (162, 131,
    79),
    "jungle": (160, 115, 81), "acacia": (168, 90, 50), "cherry": (226, 179, 172), "bamboo": (194,
    173, 80),
    "leaves": (66, 104, 44), "deepslate": (70, 70, 74), "blackstone": (48, 43, 50), "copper": (180,
    105, 80),
    "sandstone": (216, 203, 155), "quartz": (235, 229, 222), "brick": (151, 97, 83), "stone": (125,
    125, 125),
    "dirt": (134, 96, 67), "grass": (104, 148, 72), "terracotta": (152, 94, 67), "wood": (140, 110,
    70),
}  # fmt: skip
UNKNOWN: Color = (150, 140, 150)


def map_color(name: str) -> Color:
    """The colour of a block by its name, known or not, with or without namespace."""
    base = (name.partition(":")[2] or name).removeprefix("waxed_")
    for ending in ("", "_slab", "_stairs", "_wall"):
        stem = base.removesuffix(ending) if ending else base
        for word in (stem, f"{stem}s", f"{stem}_planks"):
            if word in COLORS:
                return COLORS[word]
    if base.endswith("_leaves"):  # of whatever wood, which is brown
        return MATERIALS["leaves"]
    for dye, color in DYES.items():
        if base.startswith(f"{dye}_"):
            if "terracotta" in base:
                earth = COLORS["terracotta"]
                return tuple(
                    (3 * first + 2 * second) // 5
                    for first, second in zip(color, earth, strict=True)
                )  # type: ignore[return-value]
            return color
    return next((color for word, color in MATERIALS.items() if word in base), UNKNOWN)
