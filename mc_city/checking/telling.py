"""What the program says of a report: a table for a person, notes, and the last lines of a build."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mc_city.checking.models import loud_models, model_lines
from mc_city.reports import BuildReport, CityReport, DetaljplanerReport, EditionReport
from mc_city.settings.figures import whole
from worlds.bedrock.sizes import megabytes, size_warning
from worlds.quoting import typed_path

MUCH_BEYOND = 0.1
"""Share of the area beyond an extract from which on it is said."""
PLAIN_WIDTH = 80
"""Characters in a line of a table that no terminal shows."""
MOST_REASONS, MOST_FIELDS = 6, 8
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
    """theme: '' where it goes on; used: of what was used, in few words; notes: everything else, one
    entry a line."""

    theme: str
    used: str
    notes: tuple[str, ...] = ()


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
                f"{count:,} value{'s' if count > 1 else ''} of {name.replace('_', ' ')} not "
                f"understood: {examples}"
            )
    if told.get("left"):
        lines.append(f"not used: {', '.join(told['left'])}")
    return lines


def _sources_of(report: CityReport, *themes: str) -> list[str]:
    """A line a source: the file, what is in it and what of that touches the area; its remark. An
    extract that has nothing of a theme is not named for it."""
    lines = []
    for source in report["sources"]:
        if source["theme"] not in themes or (source["from_extract"] and not source["touching"]):
            continue
        layer = f", {source['layer']}" if source["layer"] else ""
        held = "" if source["features"] is None else f" of {source['features']:,}"
        line = (
            f"{source['file']}{layer} ({source['crs']}): {source['touching']:,}{held} touch "
            f"the area"
        )
        lines.append(line + (f"; {source['remark']}" if source["remark"] else ""))
    return lines


def _area_row(report: CityReport) -> Row:
    area = report["area"]
    west, south, east, north = area["bounds"]
    notes = [f"W {whole(west)} S {whole(south)} E {whole(east)} N {whole(north)}"]
    if area["share_beyond_extract"]:
        notes.append(f"{area['share_beyond_extract']:.0%} of it lies beyond the extract")
    return Row("area", f"{east - west:,.0f} x {north - south:,.0f} m", tuple(notes))


def _ground_row(report: CityReport) -> Row:
    relief = report["elevation"]
    if "flat_m" in relief:
        return Row("elevation", "none", (f"the ground is flat at {relief['flat_m']:g} m",))
    notes = [
        f"{raster['file']}: cells of {raster['cell_m']:g} m, in {raster['unit']}"
        + (f", as {raster['zero']}" if "zero" in raster else "")
        for raster in relief["rasters"]
    ]
    notes += relief["remarks"]
    if relief["voids_filled"]:
        notes.append(f"{relief['voids_filled']:,} columns in small voids filled")
    if relief["columns_without_data"]:
        notes.append(
            f"{relief['columns_without_data']:,} columns without data are as high as the nearest"
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
        *_sources_of(report, "buildings.footprints"),
        *([f"heights from: {came}"] if came else []),
    ]
    notes += _columns_of(report, "buildings.footprints")
    notes += [f"{houses['repaired']:,} repaired"] if houses["repaired"] else []
    notes += [
        f"value not used: {count:,} x {note}" for note, count in houses["values_not_used"].items()
    ]
    return Row(
        "buildings",
        f"{houses['drawn']:,} of {houses['read']:,} drawn",
        (*notes, *_listed(houses["skipped"])),
    )


def _laser_rows(report: CityReport) -> Iterator[Row]:
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
    if laser["trees"] is not None:
        notes.append(f"{laser['trees']:,} trees that no other source has")
    yield Row("laser", f"{laser['houses'].get('measured', 0):,} houses measured", tuple(notes))


def _counted(counts: Mapping[str, int]) -> str:
    """`12 gable, 3 flat`, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} {name}" for name, count in ordered) or "none"


def _model_rows(report: CityReport) -> Iterator[Row]:
    models = report.get("models")
    if models is not None:
        yield Row("models", f"{len(models['standing']):,} stand", tuple(model_lines(models)))


def _street_rows(report: CityReport) -> Iterator[Row]:
    streets, spans = report["streets"], report["spans"]
    notes = [
        f"{streets['metres'] / 1000:,.1f} km, {streets['named']} names",
        *_sources_of(report, "terrain.streets"),
    ]
    notes += [*_columns_of(report, "terrain.streets"), *_listed(streets["skipped"])]
    if streets["houses_in_the_way"]:
        notes.append(
            f"{streets['houses_in_the_way']} houses in the way: they stand, and the street breaks "
            f"off there"
        )
    yield Row("streets", f"{streets['laid']:,} laid", tuple(notes))
    notes = [
        f"of the streets {streets['on_bridges']} on bridges, {streets['in_tunnels']} in tunnels"
    ]
    notes += (
        [f"{spans['houses_in_the_way']} houses in the way of a bridge"]
        if spans["houses_in_the_way"]
        else []
    )
    yield Row(
        "bridges",
        f"{spans['bridges']:,}, tunnels {spans['tunnels']:,}",
        (*notes, *_listed(spans["skipped"])),
    )
    yield Row("rails", f"{spans['tracks']:,} tracks", (f"{spans['platforms']} platforms",))


def _theme_rows(report: CityReport) -> Iterator[Row]:
    """A row for each theme of which nothing more is told than its number."""
    water, squares, vegetation = report["water"], report["squares"], report["vegetation"]
    trees, piers, furniture = report["trees"], report["piers"], report["furniture"]
    for part, count, counted, skipped in (
        ("water", water["bodies"], "bodies", water["skipped"]),
        ("squares", squares["laid"], "laid", squares["skipped"]),
        ("vegetation", vegetation["areas"], "areas", vegetation["skipped"]),
        ("trees", trees["read"], "read", trees["skipped"]),
        ("piers", piers["decks"], "decks", piers["skipped"]),
        ("furniture", furniture["given"], "named", furniture["skipped"]),
    ):
        theme = f"terrain.{part}"
        notes = (*_sources_of(report, theme), *_columns_of(report, theme), *_listed(skipped))
        if count or notes:
            yield Row(part, f"{count:,} {counted}", notes)


def _plan_rows(report: CityReport) -> Iterator[Row]:
    plans = report["plans"]
    notes = [*_sources_of(report, "plans.sources"), *_columns_of(report, "plans.sources")]
    notes += [
        f"{layer['id']}: {layer['name']}" + (f", {layer['status']}" if "status" in layer else "")
        for layer in plans["layers"]
        if not layer.get("allows")
    ]
    notes += [
        f"{reason}" + (f" ({count})" if count > 1 else "")
        for reason, count in plans["notes"].items()
    ]
    yield Row("plans", f"{len(plans['layers'])} layers", (*notes, *_listed(plans["skipped"])))
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
        f"{plan['name']}: {plan['volumes']:,} volume{'s' if plan['volumes'] > 1 else ''}, "
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


def table_rows(report: CityReport) -> list[Row]:
    """The table of what a city is made of, in the order in which it is looked for."""
    rows = [_area_row(report), _ground_row(report), _houses_row(report), *_laser_rows(report)]
    rows += _model_rows(report)
    rows += [*_street_rows(report), *_theme_rows(report)]
    unknown = report["landcover"]["unknown_codes"]
    if unknown:
        rows.append(
            Row(
                "land cover",
                f"{len(unknown)} codes",
                tuple(
                    f"{cells:,} cells with code {code}: not in the legend"
                    for code, cells in unknown.items()
                ),
            )
        )
    if any(report["plans"].get(part) for part in ("layers", "skipped", "detaljplaner")):
        rows += _plan_rows(report)
    places = _sources_of(report, "names.places")
    if places:
        count = sum(
            source["touching"] for source in report["sources"] if source["theme"] == "names.places"
        )
        rows.append(Row("places", f"{count:,} named", tuple(places)))
    return rows


def print_table(rows: Sequence[Row]) -> None:
    """The table on stdout: with lines and bold heads on a terminal, plain and 80 columns wide
    elsewhere."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, highlight=False, width=None if terminal else PLAIN_WIDTH)
    table = Table(
        box=box.SIMPLE if terminal else None,
        pad_edge=False,
        show_lines=False,
        header_style="bold" if terminal else "",
    )
    table.add_column("theme", no_wrap=True)
    table.add_column("in the city", max_width=22)
    table.add_column("from, and what was left out", overflow="fold")
    for row in rows:
        notes = [Text(plainly(note)) for note in row.notes] or [Text("")]
        table.add_row(Text(row.theme, style="bold" if terminal else ""), Text(row.used), notes[0])
        for note in notes[1:]:
            table.add_row("", "", note)
    console.print(table)


def loud_notes(report: CityReport) -> list[str]:
    """What a person must not miss: what is empty, beyond the data, or not as the data says."""
    lines = [str(line) for line in (*report["empty"], *report["cut"])]
    beyond = report["area"]["share_beyond_extract"]
    if beyond > MUCH_BEYOND:
        lines.append(
            f"area: {beyond:.0%} of it lies beyond the extract, where nothing is known: fit "
            f"area.bounds to it, or take a larger extract"
        )
    for count, what in (
        (report["streets"]["houses_in_the_way"], "a street"),
        (report["spans"]["houses_in_the_way"], "a bridge"),
    ):
        if count:
            lines.append(
                f"houses in the way of {what}: {count}; they stand, and it breaks off there"
            )
    lines += report["unmapped"]["remarks"]
    lines += loud_models(report["models"]) if "models" in report else []
    plans = report["plans"]
    lines += [
        f"layers meet: {', '.join(chosen)}; where they do, the last named is what one sees"
        for chosen in plans["meet"]
    ]
    lines += [
        f"plans skipped: {reason}" + (f" ({count})" if count > 1 else "")
        for reason, count in plans["skipped"].items()
    ]
    relief = report["elevation"]
    if "flat_m" in relief:
        lines.append(f"elevation: none, the ground is flat at {relief['flat_m']:g} m")
    if relief["columns_without_data"]:
        lines.append(
            f"elevation: {relief['columns_without_data']:,} columns without data are as high as "
            f"the nearest"
        )
    return lines


def build_notes(report: BuildReport) -> list[str]:
    """The same for a build, which shows no table: with what was left out, and values that were not
    used."""
    houses = report["buildings"]
    came = ", ".join(f"{count} from {source}" for source, count in houses["heights_from"].items())
    lines = [f"buildings: {houses['drawn']} of {houses['read']} drawn; heights: {came or 'none'}"]
    for part in (
        "buildings",
        "water",
        "streets",
        "spans",
        "squares",
        "vegetation",
        "trees",
        "piers",
        "furniture",
    ):
        reasons = list(report[part]["skipped"].items())[:MOST_REASONS]
        lines += [
            f"{part}: {skip_line(reason, count)}"
            if reason.startswith(DRAWN_ALL_THE_SAME)
            else f"{part} skipped: {count}, {reason}"
            for reason, count in reasons
        ]
    lines += [
        f"value not used: {count} x {note}" for note, count in houses["values_not_used"].items()
    ]
    lines += [
        f"layer {layer['id']}: {layer['name']}"
        + (f", {layer['status']}" if "status" in layer else "")
        + (", what a plan allows" if layer.get("allows") else "")
        for layer in report["plans"]["layers"]
    ]
    lines += [
        f"plans note: {reason}" + (f" ({count})" if count > 1 else "")
        for reason, count in report["plans"]["notes"].items()
    ]
    allowing = report["plans"].get("detaljplaner")
    if allowing:
        lines += [f"detaljplaner: {line}" for line in left_out_plans(allowing["left_out"])]
    bedrock = report["editions"].get("bedrock")
    if bedrock and (
        warning := size_warning(f"{report['world']['city']}.mcworld", bedrock["mcworld_bytes"])
    ):
        lines.append(warning)
    for row in (*_laser_rows(report), *_model_rows(report)):
        lines += [f"{row.theme}: {note}" for note in row.notes]
    unknown = report["landcover"]["unknown_codes"]
    lines += [
        f"land cover: {count:,} cells with code {code}, which the legend lacks"
        for code, count in unknown.items()
    ]
    lines += report["elevation"]["remarks"]
    if report["elevation"]["voids_filled"]:
        lines.append(
            f"elevation: {report['elevation']['voids_filled']:,} columns in small voids filled"
        )
    return [plainly(line) for line in (*lines, *loud_notes(report))]


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def last_lines(report: BuildReport, out: Path, city: str) -> list[str]:
    """Five lines: what was made, where it is for each edition, what it looks like, and what to do
    next."""
    editions, seconds = report["editions"], report["seconds"]
    west, south, east, north = report["area"]["bounds"]
    took = seconds["read"] + seconds["regions"] + seconds["files"]
    lines = [
        f"made {city}: {east - west:,.0f} x {north - south:,.0f} m, "
        f"{report['buildings']['drawn']:,} houses, "
        f"{len(report['plans']['layers'])} planned layers, {report['chunks']:,} chunks in "
        f"{_minutes(took)}"
    ]
    if "java" in editions:
        lines.append(
            f"Java {editions['java']['version']} or later: copy {out / city} into the game's "
            f"saves, or hand out {city}-java.zip"
        )
    if "bedrock" in editions:
        version, size = (
            editions["bedrock"]["version"],
            megabytes(editions["bedrock"]["mcworld_bytes"]),
        )
        lines.append(
            f"Bedrock and Education {version} or later: double-click {out / f'{city}.mcworld'} "
            f"({size}); a copy for each pupil: "
            f"{city}.mctemplate"
        )
    lines.append(
        f"what it looks like: {out / 'map.png'}; what was left out and why: {out / 'report.json'}"
    )
    world = out / (city if "java" in editions else f"{city}.mcworld")
    pack, info = f"mc-city pack {typed_path(out)}", f"mc-city info {typed_path(world)}"
    lines.append(f"next: `{pack}` gathers what a teacher hands out; `{info}` tells of the world")
    return [plainly(line) for line in lines]


def source_line(source: Mapping[str, Any]) -> str:
    """A source of a world with its licence and whom to name."""
    said = [str(text) for text in (source.get("licence"), source.get("attribution")) if text]
    return f"source: {source.get('title')}: {'; '.join(said) or 'its licence is not known'}"


MOST_LACKING = 4
"""Blocks that are told one by one of those that a version lacks."""


def substitutions(report: BuildReport) -> list[str]:
    """Blocks that the versions which are written lack, and what stands for them: the most frequent
    by name, then how many more."""
    editions = report["editions"]
    written: list[tuple[str, EditionReport]] = []
    if "java" in editions:
        written.append((f"Java {editions['java']['version']}", editions["java"]))
    if "bedrock" in editions:
        written.append(("Bedrock", editions["bedrock"]))
    lines = []
    for version, facts in written:
        counts: Counter[tuple[str, str]] = Counter()
        for state, count in facts["blocks_substituted"].items():
            counts[state.partition("[")[0], facts["stands_for"][state].partition("[")[0]] += count
        told = counts.most_common(MOST_LACKING)
        lines += [
            f"{version} lacks {name}: {count:,} x {other} instead" for (name, other), count in told
        ]
        if len(counts) > len(told):
            rest = counts.total() - sum(count for _, count in told)
            lines.append(
                f"{version} lacks {len(counts) - len(told)} more: {rest:,} x others "
                f"instead, all in report.json"
            )
    return lines
