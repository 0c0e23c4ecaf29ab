"""The values that a property of a block can have: facts of Java 26.3, as worlds.default_states has
which properties a block has."""

from __future__ import annotations

from worlds.default_states import default_properties

HOLDS_WATER = frozenset((
    "iron_bars", "glass_pane", "chain", "iron_chain", "ladder", "chest", "trapped_chest",
    "ender_chest", "rail", "lightning_rod",
    "scaffolding", "campfire", "soul_campfire", "lantern", "soul_lantern", "candle", "barrier",
    "light", "mangrove_roots",
    "mangrove_propagule", "hanging_roots", "glow_lichen", "sculk_vein", "resin_clump", "sea_pickle",
    "conduit",
    "amethyst_cluster", "sculk_sensor", "calibrated_sculk_sensor", "sculk_shrieker",
    "pointed_dripstone", "big_dripleaf",
    "big_dripleaf_stem", "small_dripleaf", "decorated_pot", "heavy_core", "dried_ghast",
    "sulfur_spike",
))  # fmt: skip
"""Blocks that have the property `waterlogged`."""

HOLDS_WATER_ENDS = (
    "_slab", "_stairs", "_glass_pane", "_fence", "_wall", "_leaves", "_trapdoor", "_sign", "_rail",
    "_candle", "_coral",
    "_coral_fan", "_coral_wall_fan", "_amethyst_bud", "_grate", "_shelf", "copper_bars",
    "copper_chain", "copper_chest",
    "copper_golem_statue", "copper_lantern", "_lightning_rod",
)  # fmt: skip
"""The same by the ends of names."""

_TRUTH = "false true"
_SIDES = "north south west east"
_ASCENDING = "ascending_east ascending_west ascending_north ascending_south"
_ARM = {"*_wall pale_moss_carpet": "none low tall", "redstone_wire": "up side none"}
_NUMBERS = {
    "age": {
        "carrots melon_stem potatoes pumpkin_stem wheat": 7,
        "beetroots frosted_ice nether_wart sweet_berry_bush": 3,
        "cave_vines kelp twisting_vines weeping_vines": 25,
        "bamboo shelf_mushroom torchflower_crop": 1,
        "cactus fire sugar_cane": 15,
        "mangrove_propagule pitcher_crop": 4,
        "chorus_flower": 5,
        "cocoa": 2,
    },
    "bites": {"*": 6},
    "charges": {"*": 4},
    "dusted": {"*": 3},
    "hatch": {"*": 2},
    "honey_level": {"*": 5},
    "hydration": {"*": 3},
    "level": {"*": 15, "composter": 8},
    "moisture": {"*": 7},
    "note": {"*": 24},
    "power": {"*": 15},
    "rotation": {"*": 15},
    "stage": {"*": 1},
    "distance": {"*": 7},
    "candles": {"*": 4},
    "delay": {"*": 4},
    "eggs": {"*": 4},
    "flower_amount": {"*": 4},
    "layers": {"*": 8},
    "pickles": {"*": 4},
    "segment_amount": {"*": 4},
}
"""The greatest value of each, by the names or ends of names of blocks."""
_FROM_ONE = (
    "distance", "candles", "delay", "eggs", "flower_amount", "layers", "pickles", "segment_amount",
)  # fmt: skip
_WORDS = {
    "attachment": {"*": "floor ceiling single_wall double_wall"},
    "axis": {"*": "x y z", "nether_portal": "x z"},
    "copper_golem_pose": {"*": "standing sitting running star"},
    "creaking_heart_state": {"*": "uprooted dormant awake"},
    "east": _ARM,
    "north": _ARM,
    "south": _ARM,
    "west": _ARM,
    "face": {"*": "floor wall ceiling"},
    "facing": {
        "*": _SIDES,
        "hopper": f"{_SIDES} down",
        (
            "*_amethyst_bud *_lightning_rod *_shulker_box amethyst_cluster barrel "
            "chain_command_block command_block dispenser dropper end_rod lightning_rod "
            "moving_piston observer piston piston_head repeating_command_block shulker_box "
            "sticky_piston"
        ): f"{_SIDES} up down",
    },
    "half": {
        "*": "top bottom",
        (
            "*_door large_fern lilac peony pitcher_crop pitcher_plant rose_bush small_dripleaf "
            "sunflower tall_grass tall_seagrass"
        ): "upper lower",
    },
    "hinge": {"*": "left right"},
    "instrument": {
        "*": (
            "harp basedrum snare hat bass flute bell guitar chime xylophone iron_xylophone "
            "cow_bell didgeridoo bit banjo pling trumpet trumpet_exposed trumpet_oxidized "
            "trumpet_weathered zombie skeleton creeper dragon wither_skeleton piglin custom_head"
        )
    },
    "leaves": {"*": "none small large"},
    "level": {"powder_snow_cauldron water_cauldron": "1 2 3"},
    "distance": {"scaffolding": "0 1 2 3 4 5 6 7"},
    "mode": {
        "comparator": "compare subtract",
        "structure_block": "save load corner data",
        "test_block": "start log fail accept",
    },
    "orientation": {
        "*": (
            "down_east down_north down_south down_west up_east up_north up_south up_west west_up "
            "east_up north_up south_up"
        )
    },
    "part": {"*": "head foot"},
    "potent_sulfur_state": {"*": "dry wet dormant erupting continuous"},
    "sculk_sensor_phase": {"*": "inactive active cooldown"},
    "shape": {
        "*": "straight inner_left inner_right outer_left outer_right",
        "*_rail": f"north_south east_west {_ASCENDING}",
        "rail": (f"north_south east_west {_ASCENDING} south_east south_west north_west north_east"),
    },
    "side_chain": {"*": "unconnected right center left"},
    "thickness": {"*": "tip_merge tip frustum middle base"},
    "tilt": {"*": "none unstable partial full"},
    "trial_spawner_state": {
        "*": "inactive waiting_for_players active waiting_for_reward_ejection ejecting_reward "
        "cooldown"
    },
    "type": {
        "*": "top bottom double",
        "*_chest chest": "single left right",
        "moving_piston piston_head": "normal sticky",
    },
    "vault_state": {"*": "inactive active unlocking ejecting"},
    "vertical_direction": {"*": "up down"},
}
"""The words of each, by the names or ends of names of blocks. What stands in none of these tables
is true or false."""


def _counted(key: str, most: int) -> str:
    return " ".join(str(number) for number in range(int(key in _FROM_ONE), most + 1))


def _by_end(tables: dict[str, dict[str, str]]) -> dict[str, dict[str, tuple[str, ...]]]:
    return {
        key: {name: tuple(words.split()) for names, words in one.items() for name in names.split()}
        for key, one in tables.items()
    }


_TABLES = _by_end(
    {
        key: {
            **{names: _counted(key, most) for names, most in _NUMBERS.get(key, {}).items()},
            **_WORDS.get(key, {}),
        }
        for key in (*_NUMBERS, *_WORDS)
    }
)


def can_hold_water(name: str) -> bool:
    """Whether a block, named without its namespace, has the property `waterlogged`."""
    return name in HOLDS_WATER or name.endswith(HOLDS_WATER_ENDS)


def property_values(name: str, key: str) -> tuple[str, ...]:
    """The values that a property of a block, named without its namespace, can have; none where the
    block has no such property."""
    known = dict(default_properties(f"minecraft:{name}"))
    if key not in known and not (key == "waterlogged" and can_hold_water(name)):
        return ()
    table = _TABLES.get(key, {})
    ends = [f"*{name[place:]}" for place in range(len(name)) if name[place] == "_"]
    found = next((table[one] for one in (name, *ends, "*") if one in table), ())
    return found or tuple(_TRUTH.split())
