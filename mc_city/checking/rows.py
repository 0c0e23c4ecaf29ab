"""The rows of `check`'s table: what a city is made of, theme by theme, each with its sources and
what was left out."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from mc_city.checking.idea_lines import idea_lines
from mc_city.checking.models import model_lines
from mc_city.reports import (
    CheckReport,
    CityReport,
    ClassPlotsReport,
    DetaljplanerReport,
    InputReport,
)
from mc_city.settings.figures import counted, whole

MOST_REASONS, MOST_FIELDS = 6, 8
CANOPY_UNUSED = (
    "canopy: heights of trees, and neither landcover nor vegetation says where trees grow: not used"
)
MOST_NAMED, MOST_PROVISIONS = 12, 12
"""Plans that are named of those left out for one reason; reasons why provisions draw nothing."""
FIELD_ORDER = (
    "height_m",
    "height",
    "floors",
    "use",
    "kind",
    "class",
    "layer",
    "role",
    "name",
    "roof_shape",
    "width",
    "surface",
)
"""What a person wants to know first of the columns."""


class Row(NamedTuple):
    """used: of what was used, in few words; notes: everything else, one entry a line; inputs: the
    sources it comes from."""

    theme: str
    used: str
    notes: tuple[str, ...] = ()
    inputs: tuple[InputReport, ...] = ()


INPUTS = {
    "elevation": ("terrain.elevation",),
    "buildings": ("buildings.footprints", "buildings.surface_model"),
    "laser": ("buildings.point_cloud",),
    "trees": ("terrain.trees", "terrain.canopy"),
    "land cover": ("terrain.landcover",),
    "plans": ("plans.sources",),
    "what plans allow": ("plans.detaljplaner",),
    "places": ("names.places",),
    "class plots": ("class.plots",),
}
"""Row → the keys of its sources, where that is not `terrain.` and its name."""


def theme_of(key: str) -> str:
    """The row to which a source under a key of the configuration belongs."""
    return next(
        (theme for theme, keys in INPUTS.items() if key in keys), key.removeprefix("terrain.")
    )


def plainly(text: Any) -> str:
    """Text of a data file without what would steer a terminal."""
    return "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in str(text)
    )


DRAWN_ALL_THE_SAME = "bridge with less than"
"""How reasons begin that leave nothing out."""


def skip_line(reason: str, count: int) -> str:
    """`12 left out: no area`."""
    return (
        f"{count:,} "
        f"{'drawn all the same' if reason.startswith(DRAWN_ALL_THE_SAME) else 'left out'}: "
        f"{reason}"
    )


def _listed(counts: Mapping[str, int], most: int = MOST_REASONS) -> list[str]:
    """`12 left out: no area` for each reason, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    lines = [skip_line(reason, count) for reason, count in ordered[:most]]
    rest = sum(count for _, count in ordered[most:])
    return lines + (
        [f"{rest:,} left out for {len(ordered) - most} other reasons: see --json"] if rest else []
    )


def _columns_of(report: CityReport, theme: str) -> list[str]:
    """`height from height_m (812)`, and the values that say nothing."""
    told = report["columns"].get(theme, {})
    taken = told.get("taken", {})
    fields = sorted(
        taken, key=lambda name: FIELD_ORDER.index(name) if name in FIELD_ORDER else len(FIELD_ORDER)
    )
    parts = []
    for name in fields[:MOST_FIELDS]:
        columns = ", ".join(
            f"{column} ({count:,})" for column, count in taken[name]["columns"].items()
        )
        parts.append(f"{name.removesuffix('_m').replace('_', ' ')} from {columns}")
    lines = ["; ".join(parts)] if parts else []
    for name in fields:
        if "not_understood" in taken[name]:
            examples = ", ".join(f"'{value}'" for value in taken[name]["examples"])
            count = taken[name]["not_understood"]
            lines.append(
                f"{counted(count, 'value')} of {name.replace('_', ' ')} not understood: {examples}"
            )
    if told.get("left"):
        lines.append(f"not used: {', '.join(told['left'])}")
    return lines


def _remarks_of(report: CityReport, *themes: str) -> list[str]:
    """What is to be remarked of a theme's sources: of those of which nothing touches the area."""
    return [
        f"{source['file']}: {source['remark']}"
        for source in report["sources"]
        if source["theme"] in themes
        and source["remark"]
        and (source["touching"] or not source["from_extract"])
    ]


def _area_row(report: CityReport) -> Row:
    area = report["area"]
    west, south, east, north = area["bounds"]
    notes = [f"W {whole(west)} S {whole(south)} E {whole(east)} N {whole(north)}"]
    if area["share_beyond_extract"]:
        notes.append(f"{area['share_beyond_extract']:.0%} of it lies beyond the extract")
    if "turn_deg" in area:
        notes.append(f"turned {area['turn_deg']:g}° clockwise")
    if "askew_deg" in area:
        notes.append(
            f"the streets lie {abs(area['askew_deg']):g}° askew; turn_deg = "
            f"{area['turn_to_deg']:g} under [city] puts them along the blocks"
        )
    wide, high = area.get("size_m", (east - west, north - south))
    return Row("area", f"{wide:,.0f} x {high:,.0f} m", tuple(notes))


def _ground_row(report: CityReport) -> Row:
    relief = report["elevation"]
    if "flat_m" in relief:
        return Row("elevation", "none", (f"the ground is flat at {relief['flat_m']:g} m",))
    notes = list(relief["remarks"])
    if relief["voids_filled"]:
        notes.append(f"{counted(relief['voids_filled'], 'column')} in small voids filled")
    if relief["columns_without_data"]:
        notes.append(
            f"{counted(relief['columns_without_data'], 'column')} without data: as high as the "
            "nearest"
        )
    return Row(
        "elevation", f"{relief['lowest_m']:.1f} to {relief['highest_m']:.1f} m", tuple(notes)
    )


def _houses_row(report: CityReport) -> Row:
    houses = report["buildings"]
    came = ", ".join(
        f"{count:,} {source}"
        for source, count in sorted(houses["heights_from"].items(), key=lambda item: -item[1])
    )
    notes = [
        *_remarks_of(report, "buildings.footprints"),
        *([f"heights from: {came}"] if came else []),
    ]
    notes += _columns_of(report, "buildings.footprints")
    notes += [f"{houses['repaired']:,} repaired"] if houses["repaired"] else []
    notes += [
        f"value not used: {count:,} x {note}" for note, count in houses["values_not_used"].items()
    ]
    here = sum(
        source["touching"]
        for source in report["sources"]
        if source["theme"] == "buildings.footprints"
    )
    # Of a city model, and of an extract, parts are drawn for the houses that have any.
    unit = " houses and parts of houses" if houses["read"] > here else ""
    return Row(
        "buildings",
        f"{houses['drawn']:,} of {houses['read']:,}{unit} drawn",
        (*notes, *_listed(houses["skipped"])),
    )


def laser_rows(report: CityReport) -> Iterator[Row]:
    laser = report.get("laser")
    if laser is None:
        return
    notes = []
    for cloud in laser["clouds"]:
        part = "read in part" if cloud["octree"] else "read whole"
        notes.append(
            f"{cloud['file']}: {cloud['in_area']:,} of {cloud['points']:,} points in the area, "
            f"{part}"
        )
        notes += [f"{cloud['file']}: {note}" for note in cloud["notes"]]
        notes += _listed(cloud["skipped"])
    notes.append(f"houses: {_counted(laser['houses'])}")
    if laser["roofs"]:
        notes.append(f"roofs: {_counted(laser['roofs'])}; error {laser['error_m']:.2f} m")
    if laser["bridges"]:
        notes.append(f"{counted(laser['bridges'], 'bridge')} as high as the decks were measured")
    if laser["trees"] is not None:
        notes.append(f"{counted(laser['trees'], 'tree')} that no other source has")
    measured = counted(laser["houses"].get("measured", 0), "house")
    yield Row("laser", f"{measured} measured", tuple(notes))


def _counted(counts: Mapping[str, int]) -> str:
    """`12 gable, 3 flat`, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} {name}" for name, count in ordered) or "none"


def model_rows(report: CityReport) -> Iterator[Row]:
    models = report.get("models")
    if models is not None:
        yield Row("models", f"{len(models['standing']):,} stand", tuple(model_lines(models)))


def _street_rows(report: CityReport) -> Iterator[Row]:
    streets, spans = report["streets"], report["spans"]
    notes = [
        f"{streets['metres'] / 1000:,.1f} km, {counted(streets['named'], 'name')}",
        *_remarks_of(report, "terrain.streets"),
    ]
    notes += [*_columns_of(report, "terrain.streets"), *_listed(streets["skipped"])]
    if streets["broader_than_long"]:
        notes.append(
            f"broader than they are long: {streets['broader_than_long']:,}; they end square to "
            f"their line, without round ends"
        )
    if streets["houses_in_the_way"]:
        notes.append(
            f"{counted(streets['houses_in_the_way'], 'house')} in the way: the street breaks off "
            f"there"
        )
    yield Row("streets", f"{streets['laid']:,} laid", tuple(notes))
    notes = [
        f"of the streets {streets['on_bridges']} on bridges, {streets['in_tunnels']} in tunnels"
    ]
    notes += (
        [f"{counted(spans['houses_in_the_way'], 'house')} in the way of a bridge"]
        if spans["houses_in_the_way"]
        else []
    )
    yield Row(
        "bridges",
        f"{spans['bridges']:,}, tunnels {spans['tunnels']:,}",
        (*notes, *_listed(spans["skipped"])),
    )
    yield Row(
        "rails", counted(spans["tracks"], "track"), (counted(spans["platforms"], "platform"),)
    )


def _canopy_notes(report: CityReport, given: Set[str]) -> list[str]:
    """That heights of trees are of no use where nothing says where trees grow."""
    idle = "terrain.canopy" in given and not report["vegetation"]["areas"]
    return [CANOPY_UNUSED] if idle and "terrain.landcover" not in given else []


def _theme_rows(report: CityReport, given: Set[str]) -> Iterator[Row]:
    """A row for each theme of which nothing more is told than its number. given: the keys of the
    configuration that name sources."""
    water, squares, vegetation = report["water"], report["squares"], report["vegetation"]
    trees, piers, furniture = report["trees"], report["piers"], report["furniture"]
    edges, structures = report["edges"], report["structures"]
    for part, count, words, skipped in (
        ("water", water["bodies"], ("body", "bodies"), water["skipped"]),
        ("squares", squares["laid"], ("laid", "laid"), squares["skipped"]),
        ("vegetation", vegetation["areas"], ("area", "areas"), vegetation["skipped"]),
        ("trees", trees["read"], ("read", "read"), trees["skipped"]),
        ("piers", piers["decks"], ("deck", "decks"), piers["skipped"]),
        ("edges", edges["lines"], ("line", "lines"), edges["skipped"]),
        (
            "parcels",
            report["parcels"]["read"],
            ("read", "read"),
            report["parcels"]["skipped"],
        ),
        (
            "structures",
            sum(structures["given"].values()),
            ("standing", "standing"),
            structures["skipped"],
        ),
        ("furniture", furniture["given"], ("named", "named"), furniture["skipped"]),
    ):
        theme = f"terrain.{part}"
        named = any(source["theme"] == theme and source["touching"] for source in report["sources"])
        notes = (*_remarks_of(report, theme), *_columns_of(report, theme), *_listed(skipped))
        if part == "trees":
            named = named or "terrain.canopy" in given
            notes = (*notes, *_canopy_notes(report, given))
        if count or notes or named:
            yield Row(part, counted(count, *words), notes)


def _plan_rows(report: CityReport) -> Iterator[Row]:
    plans = report["plans"]
    notes = [*_remarks_of(report, "plans.sources"), *_columns_of(report, "plans.sources")]
    notes += [
        f"{layer['id']}: {layer['name']}" + (f", {layer['status']}" if "status" in layer else "")
        for layer in plans["layers"]
        if not layer.get("allows")
    ]
    notes += [
        f"{reason}" + (f" ({count})" if count > 1 else "")
        for reason, count in plans["notes"].items()
    ]
    count = len(plans["layers"])
    yield Row("plans", counted(count, "layer"), (*notes, *_listed(plans["skipped"])))
    if plans.get("ideas"):
        ideas = plans["ideas"]
        yield Row("ideas", counted(len(ideas), "proposal"), tuple(idea_lines(ideas)))
    if "detaljplaner" in plans:
        yield _detaljplaner_row(plans["detaljplaner"])


def left_out_plans(left_out: Mapping[str, Sequence[str]]) -> list[str]:
    """A line for each reason: how many plans, and the first of them by name."""
    lines = []
    for reason, names in left_out.items():
        more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
        shown = ", ".join(name[:60] for name in names[:MOST_NAMED])
        lines.append(f"{len(names):,} left out, {reason}: {shown}{more}")
    return lines


def _detaljplaner_row(plans: DetaljplanerReport) -> Row:
    """What detaljplaner came to: the volumes of each, and what was left out."""
    notes = [
        f"{table['file']}, {table['layer']}: {table['rows']:,} rows, read as {table['as']}; "
        + ", ".join(f"{fact} from {column}" for fact, column in table["columns"].items())
        for table in plans["recognised"]
    ]
    notes += [
        f"{plan['name']}: {counted(plan['volumes'], 'volume')}, "
        f"{plan['square_metres']:,} m2"
        + "".join(f", {plan[key]}" for key in ("status", "lawful", "group") if plan[key])
        for plan in plans["plans"]
    ]
    notes += left_out_plans(plans["left_out"])
    notes += [f"{count:,} x {note}" for note, count in plans["notes"].items()]
    not_drawn = sorted(plans["provisions_not_drawn"].items(), key=lambda item: -item[1])
    notes += [f"{count:,} x {reason}" for reason, count in not_drawn[:MOST_PROVISIONS]]
    if len(not_drawn) > MOST_PROVISIONS:
        rest = sum(count for _, count in not_drawn[MOST_PROVISIONS:])
        notes.append(f"{rest:,} provisions not drawn for other reasons: see --json")
    return Row(
        "what plans allow",
        f"{len(plans['plans']):,} of {plans['read']:,} plans",
        (*notes, *_listed(plans["skipped"])),
    )


def _cover_row(report: CityReport, named: bool) -> Iterator[Row]:
    unknown = report["landcover"]["unknown_codes"]
    if named or unknown:
        notes = [
            f"{counted(cells, 'cell')} with code {code}: not in the legend"
            for code, cells in unknown.items()
        ]
        used = f"{counted(len(unknown), 'code')} unknown" if unknown else "every code known"
        yield Row("land cover", used, tuple(notes))


def plot_lines(plots: ClassPlotsReport) -> list[str]:
    """What a person must not miss of building plots."""
    left_out, notes = plots["left_out"], [*plots["notes"]]
    lines = [
        f"left out: {reason}" + (f" ({count:,})" if count > 1 else "")
        for reason, count in [*left_out.items()][:MOST_NAMED]
    ]
    more = sum([*left_out.values()][MOST_NAMED:])
    return [
        *lines,
        *([f"left out: {more:,} more, see report.json or --json"] if more else []),
        *notes[:MOST_NAMED],
        *([f"notes: {len(notes) - MOST_NAMED:,} more"] if len(notes) > MOST_NAMED else []),
    ]


def _plot_row(report: CityReport, plots: ClassPlotsReport) -> Row:
    notes = (*_remarks_of(report, "class.plots"), *plot_lines(plots))
    return Row("class plots", f"{plots['laid']:,} of {plots['asked']:,}", notes)


def table_rows(report: CheckReport) -> list[Row]:
    """The table of what a city is made of, in the order in which it is looked for."""
    named = {one["theme"] for one in report["inputs"]}
    rows = [_area_row(report), _ground_row(report), _houses_row(report), *laser_rows(report)]
    rows += model_rows(report)
    rows += [*_street_rows(report), *_theme_rows(report, named)]
    rows += _cover_row(report, "terrain.landcover" in named)
    if any(report["plans"].get(part) for part in ("layers", "skipped", "detaljplaner")):
        rows += _plan_rows(report)
    if "names.places" in named:
        count = sum(
            source["touching"] for source in report["sources"] if source["theme"] == "names.places"
        )
        remarks = _remarks_of(report, "names.places")
        rows.append(Row("places", f"{count:,} named", tuple(remarks)))
    if "class_plots" in report:
        rows.append(_plot_row(report, report["class_plots"]))
    return [_with_inputs(row, report["inputs"]) for row in rows]


def _with_inputs(row: Row, inputs: Sequence[InputReport]) -> Row:
    return row._replace(inputs=tuple(one for one in inputs if theme_of(one["theme"]) == row.theme))
