"""What the program says of a report: what a person must not miss, and the last lines of a build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mc_city.checking.idea_lines import idea_lines
from mc_city.checking.models import loud_models
from mc_city.checking.rows import (
    DRAWN_ALL_THE_SAME,
    MOST_REASONS,
    laser_rows,
    left_out_plans,
    model_rows,
    plainly,
    plot_lines,
    skip_line,
)
from mc_city.reports import NOTHING, BuildReport, CityReport, EditionReport
from mc_city.settings.figures import counted
from worlds.bedrock.sizes import megabytes, size_warning
from worlds.quoting import typed_path

MUCH_BEYOND = 0.1
"""Share of the area beyond an extract from which on it is said."""


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
    if "class_plots" in report:
        lines += [f"plots, {line}" for line in plot_lines(report["class_plots"])]
    relief = report["elevation"]
    if "flat_m" in relief:
        lines.append(f"elevation: none, the ground is flat at {relief['flat_m']:g} m")
    if relief["columns_without_data"]:
        lines.append(
            f"elevation: {relief['columns_without_data']:,} columns without data are as high as "
            f"the nearest"
        )
    return lines


def checked_line(report: CityReport, config: str) -> str:
    """What can be done now, the last line of `check`. config: as it is typed."""
    if any(str(line).startswith(NOTHING) for line in report["empty"]):
        return (
            "only bare ground would be built: correct area.bounds or name sources of this place "
            f"first, then `mc-city check {config}` again"
        )
    return f"this can be built: mc-city build {config}"


def earlier_lines(report: BuildReport) -> list[str]:
    """How much of it an earlier build had made, and what somebody else had built; if any."""
    reused, kept = report["reused"], report["kept_builds"]
    lines = []
    if reused["regions"]:
        lines.append(
            f"{reused['regions']} of {counted(reused['of'], 'region')} not made again: nothing "
            f"that they are made from has changed"
        )
    if kept["chunks"]:
        line = f"{counted(len(kept['chunks']), 'chunk')} kept as somebody had built there"
        if kept["would_change"]:
            places = ", ".join(f"{16 * x} {16 * z}" for x, z in kept["would_change"][:MOST_REASONS])
            line += (
                f"; in {len(kept['would_change'])} of them the new city would be another, at x z "
                f"{places}{' …' if len(kept['would_change']) > MOST_REASONS else ''}"
            )
        lines.append(line)
    if kept["beyond"]:
        lines.append(
            f"{counted(len(kept['beyond']), 'chunk')} with what somebody built lie outside the new "
            f"area: they are in the old folder only"
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
        "edges",
        "parcels",
        "structures",
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
    lines += [f"idea {line}" for line in idea_lines(report["plans"].get("ideas", ()))]
    allowing = report["plans"].get("detaljplaner")
    if allowing:
        lines += [f"detaljplaner: {line}" for line in left_out_plans(allowing["left_out"])]
    bedrock = report["editions"].get("bedrock")
    if bedrock and (
        warning := size_warning(f"{report['world']['city']}.mcworld", bedrock["mcworld_bytes"])
    ):
        lines.append(warning)
    for row in (*laser_rows(report), *model_rows(report)):
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
    area = report["area"]
    west, south, east, north = area["bounds"]
    wide, high = area.get("size_m", (east - west, north - south))
    took = seconds["read"] + seconds["regions"] + seconds["files"]
    lines = [
        f"made {city}: {wide:,.0f} x {high:,.0f} m, "
        f"{counted(report['buildings']['drawn'], 'house')}, "
        f"{counted(len(report['plans']['layers']), 'planned layer')}, "
        f"{counted(report['chunks'], 'chunk')} in "
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
