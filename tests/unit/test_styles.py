"""Styles: one table says which blocks a city is made of; a file of one's own changes any part."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import PyMCTranslate
import pytest

from buildings.looks.styles import Styles, read_styles
from mc_city.city.blocks import city_palette
from mc_city.settings.config import PROJECT
from tests.materials import MATERIALS, STYLE
from worlds.block_names import NAMES, nearest_name
from worlds.errors import ConfigError
from worlds.materials import Materials, full_block
from worlds.state_values import property_values
from worlds.style_tables import STYLES
from worlds.volume import BlockState


def styled(folder: Path, text: str) -> Styles:
    path = folder / "my.toml"
    path.write_text(text, "utf-8")
    return read_styles(path)


def leaves(table: Any, name: str = "") -> Iterator[str]:
    """The name of each value of a table."""
    if isinstance(table, str):
        yield name
        return
    pairs = table.items() if isinstance(table, Mapping) else enumerate(table)
    for key, value in pairs:
        if isinstance(value, (Mapping, list, str)):
            yield from leaves(value, f"{name}.{key}".strip("."))


def test_the_names_of_blocks_are_those_of_the_newest_game():
    """Against PyMCTranslate's table, which we did not write."""
    table = PyMCTranslate.new_translation_manager().get_version("java", (26, 3, 0)).block
    assert set(table.base_names("minecraft")) == NAMES


def test_one_s_own_file_changes_what_it_names_and_nothing_else(tmp_path):
    own = styled(tmp_path, '[lamps]\npole = "spruce_fence"\n[ground.grass]\ntops = ["moss_block"]')
    assert str(own.blocks.block("lamps.pole")) == (
        "minecraft:spruce_fence[east=false,north=false,south=false,west=false]"
    )
    assert own.blocks.block("lamps.light") == MATERIALS.block("lamps.light")
    assert own.ground["grass"].tops == ("moss_block",)
    assert own.ground["grass"].plants == STYLE.ground["grass"].plants
    assert own.uses == STYLE.uses
    assert BlockState.parse("minecraft:moss_block") in city_palette(own)


def test_an_empty_file_is_the_shipped_style(tmp_path):
    assert city_palette(styled(tmp_path, "")) == city_palette(STYLE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[lamps]\npole = "dark_oak_fense"', ["lamps.pole", "dark_oak_fense", "dark_oak_fence"]),
        ('[lamps]\npost = "oak_fence"', ["lamps.post", "pole"]),
        ('[lamp]\npole = "oak_fence"', ["lamp", "lamps"]),
        ("[lamps]\npole = 3", ["lamps.pole", "a text in quotes", "3"]),
        ("lamps = 3", ["lamps", "a table"]),
        ('[lamps]\npole = ["oak_fence"]', ["lamps.pole", "a text in quotes"]),
        ('[lamps]\npole = "oak_fence[north"', ["lamps.pole", "bracket"]),
        ('[lamps]\npole = "stone[axis=y]"', ["lamps.pole", "axis", "none"]),
        ('[ground.grass]\ntops = []', ["ground.grass.tops", "empty"]),
        ('[ground.grass]\ntops = "moss_block"', ["ground.grass.tops", "list"]),
        ('[ground.grass]\ntops = [3]', ["ground.grass.tops.0", "a text in quotes"]),
        ('[ground.gras]\ntops = ["dirt"]', ["ground.gras", "grass"]),
        ('[ground.grass]\ntopps = ["dirt"]', ["ground.grass.topps", "tops"]),
        ('[ground.grass]\npattern = "waves"', ["ground.grass.pattern", "waves", "rows"]),
        ("[ground.grass]\nplant_share = 7", ["ground.grass.plant_share", "7"]),
        ("[ground.grass]\nperiod = 0", ["ground.grass.period"]),
        ("[use.house]\nstorey = 0", ["use.house.storey", "0"]),
        ("[use.house]\nstories = 3", ["use.house.stories", "storey"]),
        ("[use.house.window]\nspacing = 0", ["use.house.window.spacing"]),
        ('[use.house]\nlooks = [{ wall = "bricks" }]', ["use.house.looks", "trim"]),
        ('[use.house]\nlooks = [{ wall = "brics", trim = "stone", plinth = "stone", '
         'roof = "brick" }]', ["wall", "brics", "bricks"]),
        ('[use.house]\nlooks = [{ wall = "bricks", trim = "stone", plinth = "stone", '
         'roof = "bricks" }]', ["roof", "bricks_slab", "brick_slab"]),
        ('[jetties]\nhulls = ["oak_planks"]', ["jetties.hulls", "4"]),
        ('[jetties]\ntrims = ["oak", "birch", "sprce", "oak"]',
         ["jetties.trims.2", "sprce_trapdoor", "spruce_trapdoor"]),
        ('[quays]\nladder = "stone"', ["quays.ladder", "facing"]),
        ('[interiors]\nshelf = "stone"', ["interiors.shelf", "facing"]),
        ('[signs]\nwood = "stone"', ["signs.wood", "stone_sign"]),
        ('[colours.walls]\nbrics = "#aabbcc"', ["colours.walls", "brics", "bricks"]),
        ('[models.blocks]\nbrics = "#aabbcc"', ["models.blocks", "brics", "bricks"]),
        ('[models.glass]\nglass = "milky"', ["models.glass.glass", "milky", "#a05040"]),
        ("[lamps\n", ["style table"]),
        ('[quays]\nfender = "oak_log[axis=q]"', ["quays.fender", "axis", "'q'", "x, y, z"]),
        ('[water_plants]\nkelp_top = "kelp[age=99]"', ["water_plants.kelp_top", "'99'", "25"]),
        ('[ground.grass]\ntops = ["stone[waterlogged=true]"]', ["ground.grass.tops.0", "none"]),
        ('[lamps]\npole = "oak_fence[north=true,north=false]"', ["lamps.pole", "twice"]),
        ('[use.house]\nroof = "gabled"', ["use.house.roof", "gabled", "gable"]),
        ('[colours.walls]\nbricks = "reddish"', ["colours.walls.bricks", "reddish", "#a05040"]),
        ('[colours.roofs]\nbrick = ""', ["colours.roofs.brick", "#a05040"]),
        ('[use.house]\nlooks = [{ wall = "chest", trim = "stone", plinth = "stone", '
         'roof = "brick" }]', ["use.house.looks.0.wall", "chest", "full block"]),
        ('[use.house]\nlooks = [{ wall = "bricks", trim = "stone", plinth = "stone", '
         'wall2 = "oak_sign", roof = "brick" }]', ["use.house.looks.0.wall2", "oak_sign"]),
        ('[use.house]\nlooks = [{ wall = "gravel", trim = "stone", plinth = "stone", '
         'roof = "brick" }]', ["use.house.looks.0.wall", "falls"]),
        ('[use.house]\nlooks = [{ wall = 3, trim = "stone", plinth = "stone", roof = "brick" }]',
         ["use.house.looks.0.wall", "3"]),
        ('[use.house]\nlooks = [{ wall = "bricks", trim = "stone", plinth = "stone", '
         'roof = "brik" }]', ["use.house.looks.0.roof", "brik"]),
        ('[colours.roofs]\nbrik = "#aabbcc"', ["colours.roofs.brik"]),
        ('[materials.roofs]\ntegel = "brik"', ["materials.roofs.tegel", "brik"]),
        ('[materials.walls]\ntegel = "red_bed"', ["materials.walls.tegel", "red_bed"]),
        ('[models.blocks]\nwater = "#3344ff"', ["models.blocks.water", "full block"]),
        ('[colours.walls]\noak_stairs = "#3344ff"', ["colours.walls.oak_stairs"]),
        ('[ground.grass]\ntops = ["water"]', ["ground.grass.tops.0", "water", "grass_block"]),
        ('[ground.grass]\nslabs = ["stone"]', ["ground.grass.slabs.0", "no slab"]),
        ('[ground.grass]\nplants = ["sunflower"]', ["ground.grass.plants.0", "half"]),
        ('slab = "stone"', ["slab", "stone"]),
        ('[rocks]\nstone = "sand"', ["rocks.stone", "falls"]),
        ('[map_wall]\nlow = "bananas"', ["map_wall.low", "bananas"]),
        ('[boards]\nbutton = "bananas"', ["boards.button", "bananas"]),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place_and_what_to_do(tmp_path, text, said):
    with pytest.raises(ConfigError) as caught:
        city_palette(styled(tmp_path, text))
    whole = f"{caught.value} {caught.value.hint}"
    assert [word for word in [*said, "my.toml"] if word not in whole] == [], whole


def test_what_a_style_may_well_name_is_taken(tmp_path):
    """Blocks of other kinds than ours where nothing goes wrong with them."""
    own = styled(
        tmp_path,
        """
        [facades]
        chimney = "campfire"
        [furniture]
        waste_basket = "cauldron"
        [ground.sand]
        tops = ["gravel", "red_sand", "farmland", "stone_slab[type=double]"]
        [use.house]
        looks = [{ wall = "glass", trim = "oak_log[axis=x]", plinth = "pumpkin", roof = "oak" }]
        [roofs]
        planted = "oak_leaves"
        [models.blocks]
        "oak_log[axis=x]" = "#aabbcc"
        """,
    )
    assert len(city_palette(own)) > 0
    assert str(own.blocks.block("roofs.planted")) == (
        "minecraft:oak_leaves[distance=7,persistent=true]"
    ), "leaves far from a trunk stay"


def test_the_shipped_style_obeys_the_rules_for_one_s_own(tmp_path):
    assert city_palette(styled(tmp_path, STYLES.read_text("utf-8"))) == city_palette(STYLE)


def test_the_values_of_properties_are_those_of_the_game():
    """Against PyMCTranslate's table, which we did not write."""
    table = PyMCTranslate.new_translation_manager().get_version("java", (26, 3, 0)).block
    wrong = {
        (name, key): property_values(name, key)
        for name in table.base_names("minecraft")
        for key, values in table.get_specification("minecraft", name).valid_properties.items()
        if {value.py_str for value in values} != set(property_values(name, key))
    }
    assert wrong == {}
    assert property_values("stone", "waterlogged") == ()
    assert property_values("oak_slab", "waterlogged") == ("false", "true")


def test_a_material_that_something_is_made_of_is_asked_for_and_no_other_is_in_the_table(
    monkeypatch,
):
    asked: set[str] = set()
    told = Materials.text
    monkeypatch.setattr(Materials, "text", lambda self, name: asked.add(name) or told(self, name))
    city_palette(STYLE)
    given = {
        name
        for name in leaves(MATERIALS.table)
        if name.split(".")[0] not in ("use", "ground", "colours", "materials")
    }
    # Blocks of which the nearest is taken are keys there, as colours of walls are.
    given, asked = (
        {name for name in names if not name.startswith(("models.blocks.", "models.glass."))}
        for names in (given, asked)
    )
    assert given == asked


def test_a_longer_list_of_a_lot_is_spread_and_one_of_one_is_everywhere(tmp_path):
    own = styled(tmp_path, '[quays]\nwall = ["bricks"]')
    assert [str(state) for state in own.blocks.blocks("quays.wall")] == ["minecraft:bricks"]


def test_the_example_of_the_documents_works(tmp_path):
    text = (PROJECT / "docs" / "styles.md").read_text("utf-8")
    example = re.search(r"( {7}\[use\.shed\]\n.*?)\n\n", text, re.S)
    assert example
    own = styled(tmp_path, textwrap.dedent(example[1]))
    assert [look.wall for look in own.uses["shed"].looks] == ["red_terracotta"]
    assert own.uses["shed"].storey == STYLE.uses["shed"].storey


@pytest.mark.parametrize(
    ("family", "block"),
    [
        ("brick", "bricks"), ("deepslate_tile", "deepslate_tiles"), ("oak", "oak_planks"),
        ("bamboo", "bamboo_planks"), ("quartz", "quartz_block"), ("purpur", "purpur_block"),
        ("smooth_quartz", "smooth_quartz"), ("stone", "stone"), ("cut_copper", "cut_copper"),
        ("crimson", "crimson_planks"), ("mud_brick", "mud_bricks"),
    ],
)  # fmt: skip
def test_the_full_block_of_a_family(family, block):
    assert full_block(family) == block


def test_a_name_like_no_other_has_no_nearest():
    assert nearest_name("xyzzyx") == ""
    assert nearest_name("minecraft:stne") == "stone"
