"""The properties that a block has where a palette says only its name: since 26.3 the game writes
its default state so."""

from __future__ import annotations

from functools import lru_cache

from worlds.volume import BlockState

_DEFAULTS = {
    "type=bottom": "*_slab",
    "facing=north,half=bottom,shape=straight": "*_stairs",
    "facing=north": (
        "*_glazed_terracotta *_wall_banner *_wall_hanging_sign *_wall_sign *_wall_torch anvil "
        "attached_melon_stem "
        "attached_pumpkin_stem big_dripleaf_stem carved_pumpkin chipped_anvil damaged_anvil "
        "ender_chest jack_o_lantern ladder "
        "loom stonecutter wall_torch"
    ),
    "axis=y": (
        "*_chain *_hyphae *_log *_pillar *_stem *_wood bamboo_block basalt bone_block deepslate "
        "hay_block infested_deepslate "
        "muddy_mangrove_roots ochre_froglight pearlescent_froglight polished_basalt "
        "stripped_bamboo_block verdant_froglight"
    ),
    "east=false,north=false,south=false,west=false": "*_bars *_fence *_pane",
    "east=none,north=none,south=none,up=true,west=none": "*_wall",
    "rotation=8": "*_banner *_sign",
    "facing=north,half=bottom,open=false,powered=false": "*_trapdoor",
    "facing=north,half=lower,hinge=left,open=false,powered=false": "*_door",
    "facing=up": "*_amethyst_bud *_shulker_box amethyst_cluster end_rod shulker_box",
    "waterlogged=true": "*_coral *_coral_fan conduit",
    "lit=false": "*_candle_cake candle_cake deepslate_redstone_ore redstone_lamp redstone_ore",
    "candles=1,lit=false": "*_candle candle",
    "facing=north,occupied=false,part=foot": "*_bed",
    "age=0": (
        "beetroots cactus carrots chorus_flower frosted_ice kelp melon_stem nether_wart potatoes "
        "pumpkin_stem sugar_cane "
        "sweet_berry_bush torchflower_crop twisting_vines weeping_vines wheat"
    ),
    "face=wall,facing=north,powered=false": "*_button lever",
    "powered=false": "*_pressure_plate",
    "distance=7,persistent=false": "*_leaves",
    "attached=false,rotation=8": "*_hanging_sign",
    "facing=north,in_wall=false,open=false,powered=false": "*_fence_gate",
    "facing=north,powered=false,side_chain=unconnected": "*_shelf",
    "facing=north,type=single": "*_chest chest",
    "facing=north,waterlogged=true": "*_wall_fan",
    "hanging=false": "*_lantern lantern",
    "stage=0": (
        "acacia_sapling birch_sapling cherry_sapling dark_oak_sapling jungle_sapling oak_sapling "
        "pale_oak_sapling "
        "poplar_sapling spruce_sapling"
    ),
    "copper_golem_pose=standing,facing=north": "*_golem_statue",
    "facing=up,powered=false": "*_lightning_rod lightning_rod",
    "half=lower": "large_fern lilac peony pitcher_plant rose_bush sunflower tall_grass "
    "tall_seagrass",
    "lit=false,powered=false": "*_bulb",
    "facing=north,powered=false": "*_wall_head *_wall_skull",
    "powered=false,rotation=0": "*_head *_skull",
    "down=false,east=false,north=false,south=false,up=false,west=false": "chorus_plant "
    "glow_lichen resin_clump "
    "sculk_vein",
    "conditional=false,facing=north": "chain_command_block command_block repeating_command_block",
    "down=true,east=true,north=true,south=true,up=true,west=true": "*_mushroom_block mushroom_stem",
    "facing=north,lit=false": "*_furnace furnace smoker",
    "level=0": "composter lava water",
    "power=0": "heavy_weighted_pressure_plate light_weighted_pressure_plate target",
    "powered=false,shape=north_south": "*_rail",
    "snowy=false": "grass_block mycelium podzol",
    "age=0,facing=north": "cocoa shelf_mushroom",
    "dusted=0": "suspicious_gravel suspicious_sand",
    "extended=false,facing=north": "piston sticky_piston",
    "facing=north,flower_amount=1": "pink_petals wildflowers",
    "facing=north,honey_level=0": "bee_nest beehive",
    "facing=north,lit=true,signal_fire=false": "campfire soul_campfire",
    "facing=north,triggered=false": "dispenser dropper",
    "level=1": "powder_snow_cauldron water_cauldron",
    "thickness=tip,vertical_direction=up": "pointed_dripstone sulfur_spike",
    "age=0,berries=false": "cave_vines",
    "age=0,east=false,north=false,south=false,up=false,west=false": "fire",
    "age=0,half=lower": "pitcher_crop",
    "age=0,hanging=false,stage=0": "mangrove_propagule",
    "age=0,leaves=none,stage=0": "bamboo",
    "attached=false,disarmed=false,east=false,"
    "north=false,powered=false,south=false,west=false": "tripwire",
    "attached=false,facing=north,powered=false": "tripwire_hook",
    "attachment=floor,facing=north,powered=false": "bell",
    "axis=x": "nether_portal",
    "axis=y,creaking_heart_state=uprooted,natural=false": "creaking_heart",
    "berries=false": "cave_vines_plant",
    "bites=0": "cake",
    "bloom=false": "sculk_catalyst",
    "bottom=false,distance=7": "scaffolding",
    "bottom=true,east=none,north=none,south=none,west=none": "pale_moss_carpet",
    "can_summon=false,shrieking=false": "sculk_shrieker",
    "charges=0": "respawn_anchor",
    "cracked=false,facing=north": "decorated_pot",
    "crafting=false,orientation=north_up,triggered=false": "crafter",
    "delay=1,facing=north,locked=false,powered=false": "repeater",
    "drag=true": "bubble_column",
    "east=false,north=false,south=false,up=false,west=false": "vine",
    "east=none,north=none,power=0,south=none,west=none": "redstone_wire",
    "eggs=1,hatch=0": "turtle_egg",
    "enabled=true,facing=down": "hopper",
    "eye=false,facing=north": "end_portal_frame",
    "face=wall,facing=north": "grindstone",
    "facing=north,half=lower": "small_dripleaf",
    "facing=north,has_book=false,powered=false": "lectern",
    "facing=north,hydration=0": "dried_ghast",
    "facing=north,lit=true": "redstone_wall_torch",
    "facing=north,mode=compare,powered=false": "comparator",
    "facing=north,ominous=false,vault_state=inactive": "vault",
    "facing=north,open=false": "barrel",
    "facing=north,power=0,sculk_sensor_phase=inactive": "calibrated_sculk_sensor",
    "facing=north,segment_amount=1": "leaf_litter",
    "facing=north,short=false,type=normal": "piston_head",
    (
        "facing=north,slot_0_occupied=false,slot_1_occupied=false,slot_2_occupied=false,"
        "slot_3_occupied=false,slot_4_occupied=false,slot_5_occupied=false"
    ): "chiseled_bookshelf",
    "facing=north,tilt=none": "big_dripleaf",
    "facing=north,type=normal": "moving_piston",
    "facing=south,powered=false": "observer",
    "has_bottle_0=false,has_bottle_1=false,has_bottle_2=false": "brewing_stand",
    "has_record=false": "jukebox",
    "hatch=0": "sniffer_egg",
    "instrument=harp,note=0,powered=false": "note_block",
    "inverted=false,power=0": "daylight_detector",
    "layers=1": "snow",
    "level=15": "light",
    "lit=true": "redstone_torch",
    "mode=load": "structure_block",
    "mode=start": "test_block",
    "moisture=0": "farmland",
    "ominous=false,trial_spawner_state=inactive": "trial_spawner",
    "orientation=north_up": "jigsaw",
    "pickles=1,waterlogged=true": "sea_pickle",
    "potent_sulfur_state=dry": "potent_sulfur",
    "power=0,sculk_sensor_phase=inactive": "sculk_sensor",
    "shape=north_south": "rail",
    "tip=true": "pale_hanging_moss",
    "unstable=false": "tnt",
}
"""Blocks of 26.3 by the properties of their default state, `waterlogged=false` left out as in
our own states. *_end: all whose names end so, unless a longer end or the whole name stands
elsewhere."""
_NONE = ("sea_lantern",)
"""Blocks without properties whose names end like those of others."""

Properties = tuple[tuple[str, str], ...]


def _pairs(text: str) -> Properties:
    return tuple(
        (key, value) for key, _, value in (pair.partition("=") for pair in text.split(","))
    )


_BY_NAME: dict[str, Properties] = {
    **{
        name: _pairs(text)
        for text, names in _DEFAULTS.items()
        for name in names.split()
        if not name.startswith("*")
    },
    **dict.fromkeys(_NONE, ()),
}
_BY_END = {
    name[1:]: _pairs(text)
    for text, names in _DEFAULTS.items()
    for name in names.split()
    if name.startswith("*")
}


@lru_cache(maxsize=4096)
def default_properties(name: str) -> Properties:
    """The properties of a block's default state, sorted; none for a block that we do not know.
    name: with its namespace."""
    space, _, own = name.partition(":")
    if space != "minecraft":
        return ()
    if own in _BY_NAME:
        return _BY_NAME[own]
    ends = (own[place:] for place in range(len(own)) if own[place] == "_")
    return next((_BY_END[end] for end in ends if end in _BY_END), ())


def completed(name: str, properties: Properties) -> BlockState:
    """The state with those properties, and as by default in all others; `waterlogged=false` is left
    out."""
    pairs = {**dict(default_properties(name)), **dict(properties)}
    return BlockState(
        name, tuple(sorted(pair for pair in pairs.items() if pair != ("waterlogged", "false")))
    )
