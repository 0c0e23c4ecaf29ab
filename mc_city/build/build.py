"""The tile loop: read → rasterise → voxelise → write, one region at a time, in threads; each
edition from the same voxels."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mc_city.build import java_edition
from mc_city.build.fingerprint import fingerprint, require_unchanged
from mc_city.build.java_edition import JavaWorld, java_world
from mc_city.build.report import machine, source_report, world_facts
from mc_city.build.staging import (
    MARK,
    NEW,
    NOTES,
    claimed,
    digest,
    discard,
    inventory,
    publish,
    require_replaceable,
    staging,
)
from mc_city.build.zips import write_zip
from mc_city.city.city import City
from mc_city.city.differences import Differences, check_meetings, differences, state_of_shown
from mc_city.city.drawing import voxelise
from mc_city.city.reading import read_city
from mc_city.reports import BuildReport, BuiltReport, EditionsReport, RegionReport
from mc_city.settings.config import Config
from mc_city.settings.names import CREDITS
from mc_city.settings.provenance import attribution, caption
from mc_city.site.land import Progress
from worlds.bedrock.needed import require_amulet
from worlds.errors import SourceError
from worlds.java.palettes import palette_in
from worlds.layers import State, Unit, unit_facts, unit_of
from worlds.quoting import json_file
from worlds.topview import Seen, Tops, draw_map, map_step, save_map, seen_states, tops_of
from worlds.volume import BlockState

if TYPE_CHECKING:
    from mc_city.build.bedrock_edition import BedrockWorld

STAGES = ("voxels", "differences", "java", "bedrock")


@dataclass(frozen=True)
class Plan:
    """What is to be written. state: that the worlds begin with; java, bedrock: None where that
    edition is not asked for; folder: the build's own, with notes which regions are done; seen,
    map_step: how the palette looks from above, and columns a pixel of the map."""

    city: City
    state: State
    java: JavaWorld | None
    bedrock: BedrockWorld | None
    folder: Path
    seen: Seen
    map_step: int


def _bedrock_edition() -> Any:
    """What writes Bedrock worlds: loaded for a build that makes one."""
    from mc_city.build import bedrock_edition

    return bedrock_edition


def _stopwatch() -> Callable[[], float]:
    """Says how many seconds have passed since it was last asked."""
    last = time.perf_counter()

    def lap() -> float:
        nonlocal last
        before, last = last, time.perf_counter()
        return round(last - before, 3)

    return lap


def _write_tile(plan: Plan, region: tuple[int, int]) -> tuple[RegionReport, Tops]:
    city, lap, seconds = plan.city, _stopwatch(), dict[str, float]()
    today = tile = voxelise(city, *region)
    if any(plan.state):
        tile = voxelise(city, *region, city.developments.active(plan.state))
    seconds["voxels"] = lap()
    found = differences(city, today) if len(city.developments) else Differences((), {})
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
        part, substituted = _bedrock_edition().write_tile(plan.bedrock, city, tile)
        written += [part, *_bedrock_edition().write_differences(plan.bedrock, found)]
    seconds["bedrock"] = lap()
    facts: RegionReport = {
        "chunks": int(tile.present.sum()),
        "blocks": int(tile.volume.ids.size + len(tile.below) * 512 * 512),
        "seconds": seconds,
        "substituted": substituted,
        "substituted_java": replaced,
        "units": [unit_facts(unit) for unit in found.units],
        # What a later build believes this note by.
        "files": {path.relative_to(plan.folder).as_posix(): digest(path) for path in written},
    }
    note = plan.folder / NOTES / f"{region[0]}.{region[1]}.json"
    partial = note.with_suffix(".partial")
    partial.write_text(json.dumps(facts), "utf-8")
    os.replace(partial, note)
    return facts, tops_of(tile.volume, tile.present, plan.seen, plan.map_step)


def write_regions(
    plan: Plan, jobs: int, progress: Progress
) -> tuple[list[RegionReport], dict[tuple[int, int], Tops]]:
    """Writes every region of the area that is not done yet; the notes remember which are. Returns
    (each region's facts, how those look from above that were not done)."""
    city, notes = plan.city, plan.folder / NOTES
    notes.mkdir(exist_ok=True)
    regions = list(city.grid.regions())
    facts: dict[tuple[int, int], RegionReport] = {}
    tops: dict[tuple[int, int], Tops] = {}
    for region in regions:
        note = notes / f"{region[0]}.{region[1]}.json"
        if note.exists():
            facts[region] = json.loads(note.read_text("utf-8"))
    waiting = [region for region in regions if region not in facts]
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = {pool.submit(_write_tile, plan, region): region for region in waiting}
        try:
            for future in as_completed(futures):
                region = futures[future]
                facts[region], tops[region] = future.result()
                progress("regions", len(facts), len(regions))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [facts[region] for region in regions], tops


def _plan(city: City, state: State, folder: Path) -> Plan:
    """What the configuration's editions need, in the folder of a build."""
    world = city.config.world
    java = (
        java_world(city, folder / NEW / city.config.city.name) if "java" in world.editions else None
    )
    bedrock = (
        _bedrock_edition().bedrock_world(city, folder / "bedrock", city.bedrock)
        if "bedrock" in world.editions
        else None
    )
    across, down = (len({region[axis] for region in city.grid.regions()}) for axis in (0, 1))
    # The map shows the blocks of the world that it lies beside.
    written: Sequence[BlockState] = city.palette.states
    if java:
        written = palette_in(city.palette, city.version)
    elif bedrock:
        written = _bedrock_edition().written_states(bedrock, city)
    seen = seen_states(written)
    return Plan(city, state, java, bedrock, folder, seen=seen, map_step=map_step(across, down))


def _write_worlds(
    plan: Plan,
    made: Path,
    regions: Sequence[RegionReport],
    tops: Mapping[tuple[int, int], Tops],
    jobs: int,
    progress: Progress,
) -> EditionsReport:
    """Everything but the regions: the worlds' settings, packs, icons and archives, and the map;
    returns facts by edition."""
    city, java, bedrock, lap = plan.city, plan.java, plan.bedrock, _stopwatch()
    name, units = city.config.city.name, _units(regions)
    facts: EditionsReport = {}
    seconds = dict.fromkeys(("java", "bedrock", "map"), 0.0)
    if java:
        replaced = sum((Counter(region["substituted_java"]) for region in regions), Counter[str]())
        facts["java"] = {
            "version": city.version.name,
            "layers": java_edition.write_world(java, city, plan.state, units),
            "blocks_substituted": dict(sorted(replaced.items())),
            "stands_for": java_edition.stand_ins(java),
        }
    seconds["java"] += lap()
    if bedrock:
        size = _bedrock_edition().write_world(bedrock, city, plan.state, units)
        substituted = sum((Counter(region["substituted"]) for region in regions), Counter[str]())
        facts["bedrock"] = {
            "version": bedrock.version.name,
            "database_bytes": size,
            "blocks_substituted": dict(sorted(substituted.items())),
            "stands_for": _bedrock_edition().stand_ins(bedrock),
            "properties_left_out": len(bedrock.tables.simplified),
        }
    seconds["bedrock"] += lap()
    progress("map", 0, 1)
    drawn = java.folder if java else bedrock.folder if bedrock else made
    picture, step, _ = draw_map(drawn, jobs=jobs, progress=progress, known=tops)
    save_map(picture, made / "map.png", caption(city.config), step)
    seconds["map"] = lap()
    progress("zip", 0, 1)
    if java:
        java_edition.write_icon(java, picture)
        write_zip(java.folder, made / f"{name}-java.zip")
    seconds["java"] += lap()
    if bedrock:
        facts["bedrock"]["layers"] = _bedrock_edition().write_pack(
            bedrock, city, plan.state, units, picture
        )
        _bedrock_edition().write_archives(
            bedrock, city, made / f"{name}.mcworld", made / f"{name}.mctemplate"
        )
        facts["bedrock"]["mcworld_bytes"] = (made / f"{name}.mcworld").stat().st_size
    seconds["bedrock"] += lap()
    if java:
        facts["java"]["seconds"] = _seconds_of("java", regions, seconds)
    if bedrock:
        facts["bedrock"]["seconds"] = _seconds_of("bedrock", regions, seconds)
    return facts


def _seconds_of(
    edition: str, regions: Sequence[RegionReport], seconds: Mapping[str, float]
) -> float:
    """Of all that is done for one edition."""
    return round(sum(region["seconds"][edition] for region in regions) + seconds[edition], 3)


def _units(regions: Sequence[RegionReport]) -> list[Unit]:
    return [unit_of(facts) for region in regions for facts in region["units"]]


def build(
    config: Config, out: Path, jobs: int, force: bool, progress: Progress, shown: Sequence[str] = ()
) -> BuiltReport:
    """Builds the configuration into `out` and returns its report. shown: ids of the layers that the
    worlds begin with.

    Raises McCityError before OUT is touched."""
    # A link stays one: what it leads to is replaced.
    # A link that leads to itself ends here, and is refused below.
    out = Path(os.path.realpath(out))
    if "bedrock" in config.world.editions:
        require_amulet()
    with claimed(out) as published:
        require_replaceable(out, force)
        lap, seconds = _stopwatch(), dict[str, float]()
        before = fingerprint(config, shown)
        city = read_city(config, progress)
        state = state_of_shown(city, shown)
        check_meetings(city)
        seconds["read"] = lap()
        with staging(out, before.text) as folder:
            made = folder / NEW
            made.mkdir(exist_ok=True)
            plan = _plan(city, state, folder)
            regions, tops = write_regions(plan, jobs, progress)
            seconds["regions"] = lap()
            editions = _write_worlds(plan, made, regions, tops, jobs=jobs, progress=progress)
            (made / CREDITS).write_text(attribution(config), "utf-8", newline="\n")
            seconds["files"] = lap()
            report = _report(city, regions, editions, seconds, made)
            (made / MARK).write_text(json_file(report), "utf-8")
            try:
                require_unchanged(config, before)
            except SourceError:
                discard(folder)
                raise
            kept = publish(out, report["files"], published)
    return {**report, "kept_old_as": str(kept) if kept else None}


def _report(
    city: City,
    regions: Sequence[RegionReport],
    editions: EditionsReport,
    seconds: dict[str, float],
    made: Path,
) -> BuildReport:
    chunks = sum(facts["chunks"] for facts in regions)
    return {
        **source_report(city),
        "world": world_facts(city),
        "editions": editions,
        "units": len(_units(regions)),
        "chunks": chunks,
        "blocks": sum(facts["blocks"] for facts in regions),
        "chunks_per_second": round(chunks / (seconds["read"] + seconds["regions"])),
        "seconds": seconds,
        "region_seconds": {
            key: round(sum(facts["seconds"][key] for facts in regions), 3) for key in STAGES
        },
        "machine": machine(),
        "files": inventory(made),
    }
