"""The palette of a city, and what each theme is drawn with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from buildings.drawing.allowances import (
    AllowanceBlocks,
    allowance_blocks,
    allowance_states,
)
from buildings.drawing.canopies import roof_post_states, roof_posts
from buildings.looks.look import Looks
from buildings.looks.roof_blocks import paint, roof_block_states, roof_table
from buildings.looks.styles import Styles, ground_blocks, look_table, step_blocks, style_states
from buildings.models.shades import model_states
from buildings.rooms.layouts import RoomTables, room_states, room_tables
from mc_city.placing.class_plots import PlotMarks, class_plot_states, plot_marks
from mc_city.placing.lamps import LampBlocks, lamp_blocks, lamp_states
from mc_city.placing.posts import SignBlocks, post_states, sign_blocks
from mc_city.site.houses import Houses, shapes_in_blocks
from mc_city.site.spanning import SpanBlocks, span_blocks, span_states
from terrain.areas.plots import PlotBlocks, plot_blocks, plot_states
from terrain.edges.drawing import EdgeBlocks, edge_blocks, edge_states
from terrain.frame import Frame
from terrain.furniture.drawing import FurnitureBlocks, furniture_blocks
from terrain.furniture.shapes import furniture_states
from terrain.ground.ground import GroundBlocks
from terrain.streets.profiles import block_lines
from terrain.streets.ways import Ways
from terrain.structures.drawing import structure_blocks, structure_states
from terrain.trees.litter import LitterBlocks, litter_blocks, litter_states
from terrain.trees.trees import TreeBlocks, tree_blocks, tree_states
from terrain.water.jetties import JettyBlocks, jetty_blocks, jetty_states
from terrain.water.waterside import WatersideBlocks, waterside_blocks, waterside_states
from worlds.connections import ConnectionTables, connection_tables, expand_families
from worlds.fixtures import Fixture
from worlds.materials import Materials
from worlds.records import Table
from worlds.volume import BlockState, Palette

LOW_STOREY = 3
"""Blocks from the floor to the eaves of what is as low as can be."""
POST_CLEAR_M = 0.7
"""Metres from the edge of a carriageway, path or track in which no post of a roof stands."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CityBlocks:
    """What each step of the drawing uses: palette ids of its theme, and of each house.

    looks: see buildings.looks.look; roof_posts: of ROOF_POST, see buildings.drawing.canopies;
    structures: (blocks,) of terrain.structures.shapes; models: (paints + 1,), the blocks of models
    and what carries them, empty without any.
    """

    ground: GroundBlocks
    looks: Looks
    roof_posts: Table
    rooms: RoomTables
    spans: SpanBlocks
    plots: PlotBlocks
    trees: TreeBlocks
    litter: LitterBlocks
    waterside: WatersideBlocks
    jetties: JettyBlocks
    lamps: LampBlocks
    signs: SignBlocks
    edges: EdgeBlocks
    structures: NDArray[np.uint16]
    furniture: FurnitureBlocks
    allowances: AllowanceBlocks
    connections: ConnectionTables
    models: NDArray[np.uint16]
    class_plots: PlotMarks | None = None

    def __repr__(self) -> str:
        return f"CityBlocks({len(self.looks.houses)} houses)"


THEME_STATES: tuple[Callable[[Materials], Iterable[BlockState]], ...] = (
    tree_states,
    post_states,
    lamp_states,
    span_states,
    roof_post_states,
    waterside_states,
    jetty_states,
    plot_states,
    furniture_states,
    litter_states,
    allowance_states,
    edge_states,
    structure_states,
    room_states,
)
"""The blocks of each theme, in the order in which palettes hold them."""


DRAWN_INTO_FIXTURES = ("boards", "map_wall", "class_plots")
"""Tables of what stands in fixtures and on plots: their blocks are looked up where there are none,
too."""


def city_palette(
    styles: Styles,
    fixtures: Sequence[Fixture] = (),
    models: bool = False,
    built: Sequence[BlockState] = (),
    plots: bool = False,
) -> Palette:
    """Every state that any piece of the city may hold. models, plots: whether there are some;
    built: of what somebody built, as it is kept.
    ConfigError where a style names a block that the game does not have."""
    states = [*style_states(styles), *roof_block_states(styles)]
    for theme_states in THEME_STATES:
        states += theme_states(styles.blocks)
    of_models = list(model_states(styles.blocks))
    for table in DRAWN_INTO_FIXTURES:
        for part in styles.blocks.value(table):
            styles.blocks.block(f"{table}.{part}")
    states += of_models if models else []
    standing = {state for fixture in fixtures for *_, state in fixture.blocks}
    own, marks = sorted(built), class_plot_states(styles.blocks) if plots else []
    last = [*sorted(standing), *expand_families(own), *marks]
    return Palette.of([*states, *expand_families(states), *last])


def city_blocks(
    houses: Houses,
    ways: Ways,
    frame: Frame,
    styles: Styles,
    palette: Palette,
    models: bool = False,
    plots: bool = False,
) -> CityBlocks:
    ground, materials = ground_blocks(styles, palette), styles.blocks
    trees = tree_blocks(palette, materials, ground.plants.ravel())
    signs = sign_blocks(palette, materials)
    return CityBlocks(
        ground=ground,
        looks=_looks(houses, styles, palette),
        roof_posts=_roof_posts(houses, ways, frame, _post_ids(palette, materials)),
        rooms=room_tables(palette, materials),
        spans=span_blocks(palette, materials),
        plots=plot_blocks(palette, materials),
        trees=trees,
        litter=litter_blocks(palette, materials),
        waterside=waterside_blocks(palette, materials),
        jetties=jetty_blocks(palette, materials),
        lamps=lamp_blocks(palette, materials),
        signs=signs,
        edges=edge_blocks(palette, materials, trees.soft),
        structures=structure_blocks(palette, materials),
        furniture=furniture_blocks(palette, materials),
        allowances=allowance_blocks(palette, materials),
        connections=connection_tables(palette),
        models=_model_blocks(palette, materials, models),
        class_plots=plot_marks(palette, materials, signs.signs, trees.soft) if plots else None,
    )


def _model_blocks(palette: Palette, materials: Materials, models: bool) -> NDArray[np.uint16]:
    states = model_states(materials) if models else ()
    return np.array([palette.id(state) for state in states], np.uint16)


def _looks(houses: Houses, styles: Styles, palette: Palette) -> Looks:
    """The look of each building; one of a single low storey has no parapet, which would be a third
    of its height."""
    footprints = houses.footprints
    table = look_table(styles, footprints.use, footprints.seed, palette)
    look = paint(table, footprints, styles, palette)
    look["has_parapet"][houses.plans.eaves_y - houses.plans.floor_y <= LOW_STOREY] = False
    return Looks(look, roof_table(footprints, styles, palette), step_blocks(palette, styles.blocks))


def _post_ids(palette: Palette, materials: Materials) -> tuple[int, int]:
    slight, stout = (palette.id(state) for state in roof_post_states(materials))
    return slight, stout


def _roof_posts(houses: Houses, ways: Ways, frame: Frame, posts: tuple[int, int]) -> Table:
    """The posts of roofs that stand on some: none on a carriageway, a path or a track."""
    footprints = houses.footprints
    passing = ~ways.tunnel
    clear = (ways.width_m[passing] / 2 + POST_CLEAR_M) * frame.scale
    strips = shapely.buffer(block_lines(ways.take(passing), frame), clear, cap_style="flat")
    slight = np.array([use == "garage" for use in footprints.use], bool)
    return roof_posts(
        shapes_in_blocks(footprints.geometry, frame),
        ~np.isnan(footprints.open_m),
        slight,
        strips,
        posts,
    )
