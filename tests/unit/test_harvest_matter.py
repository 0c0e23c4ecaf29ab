"""What blocks are made of and good for, by configs/built.toml."""

from __future__ import annotations

from mc_city.harvest.matter import OTHER, colour_of, material_of, matter_of, read_table, roles_of
from worlds.block_names import NAMES
from worlds.map_colors import UNKNOWN, map_color
from worlds.volume import AIR, BlockState


def named() -> set[str]:
    """Every whole name that the table has."""
    table = read_table()
    rows = [*table["material"], *table["role"].values()]
    return {name for row in rows for name in row.get("names", ())} | set(table["colour"])


def test_the_table_names_blocks_of_the_game_only():
    older = {"grass", "chain"}  # as games called them before
    assert named() - older - NAMES == set()
    for row in [*read_table()["material"], *read_table()["role"].values()]:
        for end in row.get("ends", ()):
            assert any(name.endswith(end) for name in NAMES), end
        for part in row.get("has", ()):
            assert any(part in name for name in NAMES), part


def test_nearly_every_block_has_a_material():
    known = [name for name in NAMES if material_of(name) != OTHER]
    assert len(known) > 0.9 * len(NAMES)
    assert {material_of(f"{wood}_planks") for wood in ("oak", "warped", "bamboo")} == {"wood"}
    assert material_of("brick_stairs") == "brick"
    assert material_of("red_stained_glass_pane") == "glass"
    assert material_of("spruce_leaves") == "plants"
    assert material_of("block_of_a_mod") == OTHER


def test_what_maps_never_show_has_a_colour_too():
    unknown = [name for name in NAMES if colour_of(name) == UNKNOWN]
    assert {material_of(name) for name in unknown} == {OTHER}
    assert colour_of("purpur_block") != colour_of("basalt") != UNKNOWN
    assert colour_of("bricks") == map_color("bricks")


def test_roles_tell_what_can_be_a_wall():
    states = ["stone", "water", "oak_leaves", "torch", "glass", "oak_log[axis=y]", "red_carpet"]
    matter = matter_of([AIR, *map(BlockState.parse, states)])
    assert matter.solid.tolist() == [False, True, False, False, False, True, True, False]
    assert {"door"} <= roles_of("oak_door")
    assert not roles_of("oak_trapdoor") & {"door"}
    assert "sign" in roles_of("oak_wall_hanging_sign")
