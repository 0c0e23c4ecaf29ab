"""A build from its configuration to its folder: the city is read, its regions are made, and each
edition becomes whole."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from mc_city.build import java_edition, keeping, reuse
from mc_city.build.district_reports import report_of
from mc_city.build.districts import Written, write_area
from mc_city.build.fingerprint import fingerprint, require_unchanged
from mc_city.build.java_edition import java_world
from mc_city.build.noted_houses import houses_file
from mc_city.build.pools import crew_of, opened_pool
from mc_city.build.regions import STAGES, Plan, Region, bedrock_edition, stopwatch
from mc_city.build.report import machine, world_facts
from mc_city.build.staging import (
    MARK,
    NEW,
    claimed,
    discard,
    inventory,
    publish,
    require_replaceable,
    staging,
)
from mc_city.build.zips import write_zip
from mc_city.city.city import City
from mc_city.city.differences import state_of_shown
from mc_city.city.districts import Area, read_area
from mc_city.reports import (
    BuildReport,
    BuiltReport,
    EditionsReport,
    KeptBuildsReport,
    RegionReport,
)
from mc_city.settings.config import Config
from mc_city.settings.names import CREDITS, HOUSES
from mc_city.settings.provenance import attribution, caption
from mc_city.site.land import Progress
from worlds.bedrock.needed import require_amulet
from worlds.errors import SourceError
from worlds.java.palettes import palette_in
from worlds.layers import NOTES, State, Unit, unit_of
from worlds.plots import of_layers
from worlds.quoting import json_file
from worlds.topview import Tops, draw_map, map_step, save_map, seen_states
from worlds.volume import BlockState


def _plan(city: City, state: State, folder: Path, out: Path) -> Plan:
    """What the configuration's editions need, in the folder of a build into `out`."""
    world = city.config.world
    java = (
        java_world(city, folder / NEW / city.config.city.name) if "java" in world.editions else None
    )
    bedrock = (
        bedrock_edition().bedrock_world(city, folder / "bedrock", city.bedrock)
        if "bedrock" in world.editions
        else None
    )
    across, down = (len({region[axis] for region in city.grid.regions()}) for axis in (0, 1))
    # The map shows the blocks of the world that it lies beside.
    written: Sequence[BlockState] = city.palette.states
    if java:
        written = palette_in(city.palette, city.version)
    elif bedrock:
        written = bedrock_edition().written_states(bedrock, city)
    seen = seen_states(written)
    return Plan(
        city, state, java, bedrock, folder, seen=seen, map_step=map_step(across, down),
        made_with=reuse.made_with(city, bedrock.strip if bedrock else 0), out=out,
    )  # fmt: skip


def _write_worlds(
    plan: Plan,
    made: Path,
    regions: Sequence[RegionReport],
    tops: Mapping[Region, Tops],
    houses: bytes,
    jobs: int,
    progress: Progress,
) -> EditionsReport:
    """Everything but the regions: the worlds' settings, notes, packs, icons and archives, and the
    map; returns facts by edition. houses: the note of them."""
    city, java, bedrock, lap = plan.city, plan.java, plan.bedrock, stopwatch()
    name, units = city.config.city.name, _units(regions)
    facts: EditionsReport = {}
    seconds = dict.fromkeys(("java", "bedrock", "map"), 0.0)
    if java:
        blocks = _java_blocks(regions)
        replaced = sum((Counter(region["substituted_java"]) for region in regions), Counter[str]())
        facts["java"] = {
            "version": city.version.name,
            "layers": java_edition.write_world(java, city, plan.state, units, blocks),
            "blocks_substituted": dict(sorted(replaced.items())),
            "stands_for": java_edition.stand_ins(java),
        }
        (java.folder / HOUSES).write_bytes(houses)
    seconds["java"] += lap()
    if bedrock:
        size = bedrock_edition().write_world(bedrock, city, plan.state, units)
        (bedrock.folder / NOTES / HOUSES).write_bytes(houses)
        substituted = sum((Counter(region["substituted"]) for region in regions), Counter[str]())
        facts["bedrock"] = {
            "version": bedrock.version.name,
            "database_bytes": size,
            "blocks_substituted": dict(sorted(substituted.items())),
            "stands_for": bedrock_edition().stand_ins(bedrock),
            "properties_left_out": len(bedrock.tables.simplified),
        }
    seconds["bedrock"] += lap()
    progress("map", 0, 1)
    drawn = java.folder if java else bedrock.folder if bedrock else made
    picture, step, _ = draw_map(drawn, jobs=jobs, progress=progress, known=tops)
    save_map(picture, made / "map.png", caption(city.config), step, city.config.city.turn_deg)
    seconds["map"] = lap()
    progress("zip", 0, 1)
    if java:
        java_edition.write_icon(java, picture)
        write_zip(java.folder, made / f"{name}-java.zip")
    seconds["java"] += lap()
    if bedrock:
        facts["bedrock"]["layers"] = bedrock_edition().write_pack(
            bedrock, city, plan.state, units, picture
        )
        bedrock_edition().write_archives(
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


def _java_blocks(regions: Sequence[RegionReport]) -> str:
    """A digest of the files of Java's regions, as they were made."""
    made = (item for region in regions for item in region["files"].items())
    files = sorted(f"{name} {found}" for name, found in made if name.startswith(f"{NEW}/"))
    return hashlib.sha256("\n".join(files).encode()).hexdigest()


def _bring(
    plan: Plan, out: Path, keep_builds: Path | None, shown: Sequence[str]
) -> KeptBuildsReport:
    """Has what somebody built in the world `keep_builds` in the new one too; says what it was."""
    if keep_builds is None or plan.java is None:
        return {"chunks": [], "would_change": [], "beyond": []}
    folder = plan.folder / "kept"
    with keeping.found(plan.city.config, out, keep_builds, folder, shown) as kept:
        return keeping.bring(kept, plan.city, plan.java.folder)


def build(
    config: Config,
    out: Path,
    jobs: int | str,
    force: bool,
    progress: Progress,
    shown: Sequence[str] = (),
    *,
    afresh: bool = False,
    keep_builds: Path | None = None,
) -> BuiltReport:
    """Builds the configuration into `out` and returns its report. jobs: who makes the regions, as
    `crew_of` has it; shown: ids of the layers that the worlds begin with; afresh: without what
    earlier builds have made; keep_builds: a Java world that was built into `out`, in which what
    somebody has built since is kept.

    Raises McCityError before OUT is touched."""
    # A link stays one: what it leads to is replaced.
    # A link that leads to itself ends here, and is refused below.
    out = Path(os.path.realpath(out))
    if "bedrock" in config.world.editions:
        require_amulet()
    crew = crew_of(jobs)
    with claimed(out) as published, ExitStack() as workers:
        require_replaceable(out, force or keep_builds is not None)
        if keep_builds is not None:
            keeping.require_keepable(config, out, keep_builds)
        lap, seconds = stopwatch(), dict[str, float]()
        before = fingerprint(config, shown)
        digests = {path: digest for path, (digest, _) in before.files.items()}
        pool = workers.enter_context(opened_pool(crew, digests))
        area = read_area(config, progress)
        state = state_of_shown(area.face, shown)
        seconds["read"] = lap()
        # What a killed build took of an earlier one is not made afresh.
        with staging(out, f"{before.text} afresh" if afresh else before.text) as folder:
            made = folder / NEW
            made.mkdir(exist_ok=True)
            if afresh:
                reuse.forget(out)
            plan = _plan(area.face, state, folder, out)
            written = write_area(plan, area, pool, progress)
            workers.close()
            regions = list(written.regions.values())
            held = _bring(plan, out, keep_builds, shown)
            seconds["regions"] = lap()
            # What somebody built is seen from above, too.
            built_in = {(x >> 5, z >> 5) for x, z in held["chunks"]}
            tops = {key: top for key, top in written.tops.items() if key not in built_in}
            editions = _write_worlds(
                plan, made, regions, tops,
                houses=houses_file(config, written.houses), jobs=crew.jobs, progress=progress,
            )  # fmt: skip
            (made / CREDITS).write_text(attribution(config), "utf-8", newline="\n")
            seconds["files"] = lap()
            report = _report(area, written, editions, seconds, made)
            try:
                require_unchanged(config, before)
            except SourceError:
                discard(folder)
                raise
            report["kept_builds"] = held
            report["reused"]["kept"] = reuse.keep(
                plan, out, written.regions, written.tops, written.reused
            )
            (made / MARK).write_text(json_file(report), "utf-8")
            kept = publish(out, report["files"], published)
    return {**report, "kept_old_as": str(kept) if kept else None}


def _report(
    area: Area,
    written: Written,
    editions: EditionsReport,
    seconds: dict[str, float],
    made: Path,
) -> BuildReport:
    regions = list(written.regions.values())
    chunks = sum(facts["chunks"] for facts in regions)
    return {
        **report_of(area, written.reports, written.runs),
        "world": world_facts(area.face),
        "editions": editions,
        "reused": {"regions": len(written.reused), "of": len(regions), "kept": False},
        "kept_builds": {"chunks": [], "would_change": [], "beyond": []},
        "units": len(of_layers(_units(regions))),
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
