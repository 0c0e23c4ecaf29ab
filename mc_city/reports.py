"""What a report is made of, by name: `check --json` prints a CityReport, report.json is a
BuildReport. Counts but where something else is said."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from mc_city.idea_reports import ProposedReport

Reasons = dict[str, int]
"""Why something was left out or not used, and how often."""


NOTHING = "NOTHING but the ground"
"""How it begins that no source has anything in the area."""


class TurnReport(TypedDict, total=False):
    """Of an area that is turned: degrees clockwise; width and depth in metres."""

    turn_deg: float
    size_m: list[float]


class AskewReport(TypedDict, total=False):
    """Of an area whose streets lie askew: degrees clockwise by which most of them do; the turn_deg
    that puts those along the blocks."""

    askew_deg: float
    turn_to_deg: float


class AreaReport(TurnReport, AskewReport):
    """bounds: west, south, east, north, of the box round an area that is turned;
    share_beyond_extract: 0 … 1."""

    bounds: list[float]
    columns: int
    share_beyond_extract: float


class SourceReport(TypedDict):
    """A vector source. product: what it is, '' where that is not known by a name; features: None
    where counting them would mean reading all of an extract; touching: those that touch the area;
    distance_m: from the area, None where it cannot be said in the city's CRS."""

    theme: str
    from_extract: bool
    file: str
    layer: str | None
    product: str
    features: int | None
    touching: int
    crs: str
    extent: list[float] | None
    extent_in_city: list[float] | None
    distance_m: float | None
    closed_at_edge: int
    shortened_at_edge: int
    cut_and_left_out: int
    remark: str


class FieldReport(TypedDict):
    """What a field was taken from. columns: values by column; not_understood: values that say
    nothing, with examples."""

    columns: dict[str, int]
    not_understood: NotRequired[int]
    examples: NotRequired[list[str]]


class ColumnsReport(TypedDict, total=False):
    """Of a theme's sources. taken: by field; left: columns that nothing was taken from, some of
    them."""

    taken: dict[str, FieldReport]
    left: list[str]


class RasterReport(TypedDict):
    """heights: what they are counted from."""

    file: str
    unit: str
    cell_m: float
    bounds: list[float]
    heights: str
    notes: NotRequired[list[str]]


class FlatReport(TypedDict, total=False):
    """Of a city without elevation."""

    flat_m: float
    illustrative: bool


class VoidReport(TypedDict, total=False):
    """Of elevation that lacks data."""

    without_data_at: str


class ElevationReport(FlatReport, VoidReport):
    """voids_filled, columns_without_data: columns."""

    rasters: list[RasterReport]
    lowest_m: float
    highest_m: float
    voids_filled: int
    columns_without_data: int
    remarks: list[str]


class UnmappedReport(TypedDict):
    """What the surface model shows besides trees and known houses."""

    buildings: int
    square_metres: int
    remarks: list[str]


class WaterReport(TypedDict):
    bodies: int
    skipped: Reasons


class PiersReport(TypedDict):
    decks: int
    decks_by_rule: int
    boats: int
    afloat: dict[str, int]
    gates: int
    skipped: Reasons


class EdgesReport(TypedDict):
    """lines: hedges, fences and walls of the data; by_rule: others, by what they are around
    (garden, school …); points: columns of gates, posts and bollards."""

    lines: int
    by_rule: Reasons
    points: int
    skipped: Reasons


class ParcelsReport(TypedDict):
    """read: polygons; gardens: those along which a garden's edges run."""

    read: int
    gardens: int
    skipped: Reasons


class StructuresReport(TypedDict):
    """given, by_rule: kind → how many the data place, and how many rules do; cut: those that reach
    beyond the world; wires: blocks of wires, ropes and tracks."""

    given: dict[str, int]
    by_rule: dict[str, int]
    wires: int
    cut: int
    skipped: Reasons


class StreetsReport(TypedDict):
    """metres: of all that are laid; named: names; broader_than_long: strips square to their line,
    without round ends."""

    laid: int
    on_bridges: int
    in_tunnels: int
    metres: int
    named: int
    broader_than_long: int
    skipped: Reasons
    values_not_used: Reasons
    houses_in_the_way: int


class SquaresReport(TypedDict):
    laid: int
    skipped: Reasons


class SpansReport(TypedDict):
    """raised: ramps that were made for a bridge."""

    bridges: int
    raised: int
    tunnels: int
    tracks: int
    platforms: int
    houses_in_the_way: int
    skipped: Reasons


class VegetationReport(TypedDict):
    areas: int
    laid_out: dict[str, int]
    skipped: Reasons


LandcoverRaster = TypedDict("LandcoverRaster", {"file": str, "as": str, "because": str})


class LandcoverReport(TypedDict):
    """unknown_codes: cells by code that the legend lacks; rasters: those of the national land
    cover, with their edition and how it was recognised."""

    unknown_codes: dict[str, int]
    rasters: list[LandcoverRaster]


class TreesReport(TypedDict):
    read: int
    skipped: Reasons


class FurnitureReport(TypedDict):
    """given: by the data, lamps and crossings too; planned: with what rules add, without those: so
    many by_data, so many by_rule."""

    given: int
    planned: int
    by_data: int
    by_rule: int
    skipped: Reasons


class BuildingsReport(TypedDict):
    """heights_from: houses by what their height is known from."""

    read: int
    drawn: int
    repaired: int
    with_passages: int
    skipped: Reasons
    heights_from: dict[str, int]
    values_not_used: Reasons


class DetaljplanReport(TypedDict):
    """A plan that is a layer. volumes: that it allows; square_metres: of those."""

    name: str
    designation: str
    file: str
    status: str
    lawful: str
    group: str
    volumes: int
    square_metres: int


TableReport = TypedDict(
    "TableReport",
    {"file": str, "layer": str, "rows": int, "as": str, "columns": dict[str, str]},
)
"""A layer of a file in which plans were recognised: as what, and column by fact."""


class DetaljplanerReport(TypedDict):
    """left_out: names of plans by reason; skipped: features; provisions_not_drawn: by their
    words."""

    read: int
    plans: list[DetaljplanReport]
    left_out: dict[str, list[str]]
    skipped: Reasons
    provisions_not_drawn: Reasons
    notes: Reasons
    recognised: list[TableReport]


class AllowedReport(TypedDict, total=False):
    """Of a city that names detaljplaner."""

    detaljplaner: DetaljplanerReport


class PlansReport(AllowedReport, ProposedReport):
    """layers: as the world tells of them; features: by role; demolished, trees_removed: of today's;
    meet: sets of layers that meet in some column."""

    layers: list[dict[str, Any]]
    features: dict[str, int]
    demolished: int
    trees_removed: int
    meet: list[list[str]]
    skipped: Reasons
    notes: Reasons


class CloudReport(TypedDict):
    """A point cloud. unpacked: points; octree: whether only what is needed of it is unpacked;
    heights: what they are counted from."""

    file: str
    points: int
    unpacked: int
    in_area: int
    octree: bool
    heights: str
    skipped: Reasons
    notes: list[str]


class LaserReport(TypedDict):
    """houses: by what became of them; roofs: of those measured, by shape; error_m: of their fits,
    the middle one; bridges: whose decks lie as high as it sees them; trees: that stand by the laser
    alone, None where none is asked for."""

    clouds: list[CloudReport]
    bridges: int
    houses: dict[str, int]
    roofs: dict[str, int]
    error_m: float | None
    trees: int | None


class MeasuredReport(TypedDict, total=False):
    """Of a city that names point clouds."""

    laser: LaserReport


class ModelReport(TypedDict):
    """A model of a landmark or a planned house. layer: of the plan that brings it, '' for today's;
    goes_with_a_plan: whether some layer takes it away; size_m: east, north, up; at: east, north;
    turn: degrees clockwise; footprint_m: metres from west to east and from south to north as it
    stands; outside_m: how many of them lie outside the area; blocks: by name; inside: hollow,
    solid, kept or open."""

    name: str
    file: str
    format: str
    layer: str
    goes_with_a_plan: bool
    size_m: list[float]
    at: list[float]
    turn: float
    footprint_m: list[float]
    outside_m: list[float]
    foot_y: int
    foot_over_ground_m: float
    faces: int
    materials: int
    pictures: int
    voxels: int
    blocks: dict[str, int]
    inside: str
    houses_replaced: int
    houses_crossed: int
    left_out: Reasons
    notes: list[str]


class ModelsReport(TypedDict):
    standing: list[ModelReport]
    skipped: Reasons


class ModelledReport(TypedDict, total=False):
    """Of a city that names models."""

    models: ModelsReport


class ClassPlotsReport(TypedDict):
    """Building plots. asked, laid: how many; numbers: of those that are laid; left_out: what is
    none, and why; notes: what a person should know."""

    asked: int
    laid: int
    numbers: list[int]
    left_out: Reasons
    notes: Reasons


class PlottedReport(TypedDict, total=False):
    """Of a city in which a class builds on plots."""

    class_plots: ClassPlotsReport


class CityReport(MeasuredReport, ModelledReport, PlottedReport):
    """What was read of a city. empty, cut: sentences about sources of which nothing touches the
    area, and about what the edge of an extract has cut; columns: by theme."""

    area: AreaReport
    sources: list[SourceReport]
    empty: list[str]
    cut: list[str]
    columns: dict[str, ColumnsReport]
    elevation: ElevationReport
    unmapped: UnmappedReport
    water: WaterReport
    piers: PiersReport
    edges: EdgesReport
    parcels: ParcelsReport
    structures: StructuresReport
    streets: StreetsReport
    squares: SquaresReport
    spans: SpansReport
    vegetation: VegetationReport
    landcover: LandcoverReport
    trees: TreesReport
    furniture: FurnitureReport
    buildings: BuildingsReport
    plans: PlansReport


class EstimateReport(TypedDict):
    """What a build would take. blocks: from west to east, from north to south; megabytes: by
    edition; elevation_covers: share of the area, None where nothing covers it."""

    blocks: list[int]
    chunks: int
    megabytes: dict[str, int]
    minutes: float
    free_megabytes: int
    elevation_covers: float | None


class InputReport(TypedDict):
    """A source as `check` lists it, or several alike in one row. kind: in words; files: how many;
    extent: west, south, east, north in the city's CRS; covers: share of the area, 0 … 1, in which
    it holds data, or that its extent covers; holds: how fine it is or how much of it touches the
    area; heights: what its heights are counted from, '' where it has none; date, licence: '' where
    nobody says; real: None where that is not said, or both."""

    theme: str
    kind: str
    file: str
    files: int
    layer: str | None
    crs: str
    extent: list[float] | None
    covers: float
    holds: str
    heights: str
    date: str
    licence: str
    real: bool | None


class CheckReport(CityReport):
    """inputs: a row for each source."""

    build: EstimateReport
    inputs: list[InputReport]


class MachineReport(TypedDict):
    system: str
    python: str
    peak_memory_mb: int | None


class RegionReport(TypedDict):
    """Of a region that is written. seconds: by part; substituted, substituted_java: blocks by the
    state that Bedrock, or the version of Java, lacks; units: see `unit_facts`; key: a digest of
    what it was made from; files: digest by name."""

    chunks: int
    blocks: int
    seconds: dict[str, float]
    substituted: dict[str, int]
    substituted_java: dict[str, int]
    units: list[dict[str, Any]]
    key: str
    files: dict[str, str]


class ReusedReport(TypedDict):
    """How many regions were taken from an earlier build, of how many; kept: whether this one's are
    kept for a later one."""

    regions: int
    of: int
    kept: bool


class KeptBuildsReport(TypedDict):
    """Chunks (x, z) that were kept as somebody left them; those of them in which the new plans or
    data would have changed something; those that the new world does not have, and so were not
    kept."""

    chunks: list[tuple[int, int]]
    would_change: list[tuple[int, int]]
    beyond: list[tuple[int, int]]


class EditionReport(TypedDict):
    """What both editions tell. blocks_substituted: by the state that the version lacks; stands_for:
    what stands there instead; layers: facts of their pack."""

    version: str
    blocks_substituted: dict[str, int]
    stands_for: dict[str, str]
    layers: NotRequired[dict[str, Any] | None]
    seconds: NotRequired[float]


class JavaReport(EditionReport):
    pass


class BedrockReport(EditionReport):
    """properties_left_out: states of the palette with properties that Bedrock does not have."""

    database_bytes: int
    properties_left_out: int
    mcworld_bytes: NotRequired[int]


class EditionsReport(TypedDict, total=False):
    java: JavaReport
    bedrock: BedrockReport


class BuildReport(CityReport):
    """world: as `info` tells of it; editions: facts of each that was built; reused: what an earlier
    build had made; kept_builds: what somebody else had; units: of the layers;
    seconds: of the steps, region_seconds: of the regions' parts, added up over threads; files:
    digest by name."""

    world: dict[str, Any]
    editions: EditionsReport
    reused: ReusedReport
    kept_builds: KeptBuildsReport
    units: int
    chunks: int
    blocks: int
    chunks_per_second: int
    seconds: dict[str, float]
    region_seconds: dict[str, float]
    machine: MachineReport
    files: dict[str, str]


class BuiltReport(BuildReport):
    """kept_old_as: where what was in the folder before went."""

    kept_old_as: str | None
