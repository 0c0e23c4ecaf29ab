"""A region of a build: drawn, written for each edition from the same voxels, noted as done."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mc_city.build import java_edition
from mc_city.build.java_edition import JavaWorld
from mc_city.build.staging import NOTES, digest
from mc_city.city.city import City
from mc_city.city.differences import Differences, differences
from mc_city.city.drawing import voxelise
from mc_city.city.occupancy import HALO
from mc_city.city.part import Part, part_of
from mc_city.city.part_key import grid_asked, part_key
from mc_city.city.plot_resets import plot_resets
from mc_city.reports import RegionReport
from mc_city.site.land import holding_ground, holding_heights
from worlds.layers import State, Unit, unit_facts
from worlds.topview import Seen, Tops, tops_of

if TYPE_CHECKING:
    from mc_city.build.bedrock_edition import BedrockWorld

STAGES = ("voxels", "differences", "java", "bedrock")
Region = tuple[int, int]
"""x, z of a region, as its file is called."""


@dataclass(frozen=True)
class Plan:
    """What is to be written. state: that the worlds begin with; java, bedrock: None where that
    edition is not asked for; folder: the build's own, with notes which regions are done; seen,
    map_step: how the palette looks from above, and columns a pixel of the map; made_with: a digest
    of what all regions are made with; out: where an earlier build may stand, whose regions can be
    taken."""

    city: City
    state: State
    java: JavaWorld | None
    bedrock: BedrockWorld | None
    folder: Path
    seen: Seen
    map_step: int
    made_with: str = ""
    out: Path | None = None

    def key(self, part: Part, region: Region) -> str:
        """The digest of what a region is made from: where it is the same, its files are."""
        return part_key(part, region, f"{self.made_with} {part.state(self.state)}")


@dataclass(frozen=True)
class RegionMade:
    """What became of a region. tops: how it looks from above; files: what is in its files, by their
    paths in the build's folder, where another machine made them; none where they are written."""

    facts: RegionReport
    tops: Tops
    files: Mapping[str, bytes] = field(default_factory=dict)


def bedrock_edition() -> Any:
    """What writes Bedrock worlds: loaded for a build that makes one."""
    from mc_city.build import bedrock_edition

    return bedrock_edition


def stopwatch() -> Callable[[], float]:
    """Says how many seconds have passed since it was last asked."""
    last = time.perf_counter()

    def lap() -> float:
        nonlocal last
        before, last = last, time.perf_counter()
        return round(last - before, 3)

    return lap


def make_region(plan: Plan, region: Region) -> RegionMade:
    """Draws a region and writes its files below the plan's folder; what is in them depends on its
    part of the city alone."""
    lap, seconds, part = stopwatch(), dict[str, float](), part_of(plan.city, region)
    # Heights are asked for by the key and by each drawing.
    land = holding_heights(part.city.land, grid_asked(part.city, part.city.grid))
    part = replace(part, city=replace(part.city, land=land))
    city, state = part.city, part.state(plan.state)
    key = plan.key(part, region)
    if len(city.developments):
        held = holding_ground(land, city.grid.intersection(city.grid.region(*region)).grow(HALO))
        city = replace(city, land=held)
    today = tile = voxelise(city, *region)
    if any(state):
        tile = voxelise(city, *region, city.developments.active(state))
    seconds["voxels"] = lap()
    found = differences(city, today) if len(city.developments) else Differences((), {})
    if len(city.class_plots):
        found = plot_resets(city, today, found)
    seconds["differences"] = lap()
    written: list[Path] = []
    replaced: Counter[str] = Counter()
    if plan.java:
        region_file, replaced = java_edition.write_tile(plan.java, city, tile)
        written.append(region_file)
        written += java_edition.write_differences(plan.java, city, found)
    seconds["java"] = lap()
    substituted: Counter[str] = Counter()
    if plan.bedrock:
        held, substituted = bedrock_edition().write_tile(plan.bedrock, tile)
        written += [held, *bedrock_edition().write_differences(plan.bedrock, found)]
    seconds["bedrock"] = lap()
    facts: RegionReport = {
        "chunks": int(tile.present.sum()),
        "blocks": int(tile.volume.ids.size + len(tile.below) * 512 * 512),
        "seconds": seconds,
        "substituted": substituted,
        "substituted_java": replaced,
        "units": [unit_facts(_of_whole(unit, part)) for unit in found.units],
        "key": key,
        # What a later build believes this note by.
        "files": {path.relative_to(plan.folder).as_posix(): digest(path) for path in written},
    }
    return RegionMade(facts, tops_of(tile.volume, tile.present, plan.seen, plan.map_step))


def _of_whole(unit: Unit, part: Part) -> Unit:
    """A part's unit as one of the city's."""
    return replace(unit, switches=tuple(part.layers[list(unit.switches)].tolist()))


def note_of(folder: Path, region: Region) -> Path:
    """Where a build in a folder notes that a region is done."""
    return folder / NOTES / f"{region[0]}.{region[1]}.json"


def write_note(folder: Path, region: Region, facts: RegionReport) -> None:
    """Notes that a region's files are written."""
    note = note_of(folder, region)
    note.parent.mkdir(exist_ok=True)
    partial = note.with_suffix(".partial")
    partial.write_text(json.dumps(facts), "utf-8")
    os.replace(partial, note)
