"""The tile loop: read → rasterise → voxelise → write, one region file at a time, in threads."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from buildings.board_texts import dial_years
from mc_city import __version__
from mc_city.config import Config
from mc_city.differences import check_meetings, differences, state_of_shown, switches_of
from mc_city.land import Progress
from mc_city.provenance import attribution, caption, source_files
from mc_city.report import machine, source_report, world_facts
from mc_city.scene import Scene, read_scene
from mc_city.staging import disk_errors, inventory, publish, require_replaceable, staging
from mc_city.voxelise import Tile, voxelise
from mc_city.zips import write_zip
from worlds.java.climate import BIOMES
from worlds.java.datapack import PACK, structure_folder, write_datapack
from worlds.java.entities import fixture_entities
from worlds.java.leveldat import LevelSettings, write_level_dat
from worlds.java.palettes import PaletteTables, encode_palette
from worlds.java.region import encode_region, write_region
from worlds.java.scores import write_scores
from worlds.java.structures import Template, write_template
from worlds.layers import Unit, starting_scores, unit_facts, unit_of, write_layers
from worlds.topview import write_map


@dataclass(frozen=True)
class Plan:
    """What is to be written. state: for each development 0, or the number of the option that the world begins with."""

    scene: Scene
    state: tuple[int, ...]
    world: Path
    notes: Path


def _write_differences(plan: Plan, tile: Tile) -> list[dict[str, Any]]:
    """The structures of a region's units in the world's data pack; returns the units as plain data."""
    scene, found = plan.scene, differences(plan.scene, tile)
    folder = structure_folder(plan.world, scene.version)
    for unit in found.units:
        for piece in {piece.name: piece for pieces in unit.pieces for piece in pieces}.values():
            change = found.changes[piece.name]
            x, y, z = piece.at
            template = Template(change.x - x, change.y - y, change.z - z, scene.palette.states, change.ids.astype(np.int64))
            write_template(folder / f"{piece.name}.nbt", template, scene.version.data_version)
    return [unit_facts(unit) for unit in found.units]


def _write_tile(plan: Plan, tables: PaletteTables, region: tuple[int, int]) -> dict[str, Any]:
    scene, world = plan.scene, plan.world
    start = time.perf_counter()
    today = tile = voxelise(scene, *region)
    if any(plan.state):
        tile = voxelise(scene, *region, scene.developments.active(plan.state))
    drawn = time.perf_counter()
    entities = fixture_entities(scene.fixtures, scene.version)
    data = encode_region(*region, tile.volume, tile.below, tile.biomes, tile.present, tables, scene.version, entities)
    write_region(world / "region" / f"r.{region[0]}.{region[1]}.mca", data)
    written = time.perf_counter()
    units = _write_differences(plan, today) if len(scene.developments) else []
    done = time.perf_counter()
    facts = {
        "chunks": int(tile.present.sum()),
        "blocks": int(tile.volume.ids.size + len(tile.below) * 512 * 512),
        "seconds": {"voxels": round(drawn - start, 3), "write": round(written - drawn, 3), "layers": round(done - written, 3)},
        "units": units,
    }
    note = plan.notes / f"{region[0]}.{region[1]}.json"
    partial = note.with_suffix(".partial")
    partial.write_text(json.dumps(facts), "utf-8")
    os.replace(partial, note)
    return facts


def write_regions(plan: Plan, jobs: int, progress: Progress) -> list[dict[str, Any]]:
    """Writes every region of the area that is not done yet; the notes remember which are. Returns each region's facts."""
    scene, world, notes = plan.scene, plan.world, plan.notes
    tables = encode_palette(scene.palette, BIOMES)
    (world / "region").mkdir(parents=True, exist_ok=True)
    notes.mkdir(exist_ok=True)
    regions = list(scene.grid.regions())
    facts: dict[tuple[int, int], dict[str, Any]] = {}
    for region in regions:
        note = notes / f"{region[0]}.{region[1]}.json"
        if note.exists():
            facts[region] = json.loads(note.read_text("utf-8"))
    waiting = [region for region in regions if region not in facts]
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = {pool.submit(_write_tile, plan, tables, region): region for region in waiting}
        try:
            for future in as_completed(futures):
                facts[futures[future]] = future.result()
                progress("regions", len(facts), len(regions))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [facts[region] for region in regions]


def fingerprint(config: Config, shown: Sequence[str] = ()) -> str:
    """Says whether a killed build can be taken up again: the same program, settings and files."""
    state = hashlib.sha256(f"{__version__} {config.model_dump_json()} {' '.join(shown)}".encode())
    code = Path(__file__).resolve().parent.parent
    modules = [path for name in ("mc_city", "terrain", "buildings", "worlds") for path in (code / name).rglob("*.py")]
    for path in [*source_files(config), config.styles, *sorted(modules)]:
        if path.exists():
            stat = path.stat()
            state.update(f"{path} {stat.st_size} {stat.st_mtime_ns}".encode())
    return state.hexdigest()


def _write_world_files(plan: Plan, units: Sequence[Unit]) -> dict[str, Any]:
    """level.dat, the data pack with its state, and what the world says of itself; returns facts about the layers."""
    scene, world = plan.scene, plan.world
    config, grid = scene.config, scene.grid
    x, y, z, angle = scene.spawn
    settings = LevelSettings(
        name=config.city.name,
        version=scene.version,
        spawn=(x, y, z),
        spawn_angle=angle,
        border_centre=(grid.x0 + grid.nx / 2, grid.z0 + grid.nz / 2),
        border_size=float(max(grid.nx, grid.nz)),
        game_mode=config.world.game_mode,
        time=config.world.time,
        daylight_cycle=config.world.daylight_cycle,
        weather_cycle=config.world.weather_cycle,
        seed=config.world.seed,
        data_packs=("vanilla", f"file/{PACK}") if len(scene.developments) else ("vanilla",),
    )
    write_level_dat(world / "level.dat", settings)
    layers: dict[str, Any] = {}
    if len(scene.developments):
        switches = switches_of(scene)
        pack = write_datapack(world, switches, units, dial_years(scene.developments.layers), scene.version)
        write_scores(world, starting_scores(switches, units, plan.state))
        write_layers(world, switches, units)
        layers = {**pack, "units": len(units)}
    (world / "ATTRIBUTION.txt").write_text(attribution(config), "utf-8", newline="\n")
    facts = json.dumps(world_facts(scene), indent=1, ensure_ascii=False)
    (world / "mc_city.json").write_text(facts + "\n", "utf-8", newline="\n")
    return layers


def build(config: Config, out: Path, jobs: int, force: bool, progress: Progress, shown: Sequence[str] = ()) -> dict[str, Any]:
    """Builds the configuration into `out` and returns its report. shown: ids of the layers that the world begins with.

    Raises McCityError before OUT is touched."""
    out = out.resolve()
    require_replaceable(out, force)
    marks = {"start": time.perf_counter()}
    scene = read_scene(config, progress)
    state = state_of_shown(scene, shown)
    check_meetings(scene)
    marks["read"] = time.perf_counter()
    with staging(out, fingerprint(config, shown)) as folder:
        made = folder / "out"
        world = made / config.city.name
        world.mkdir(parents=True, exist_ok=True)
        plan = Plan(scene, state, world, folder / "done")
        regions = write_regions(plan, jobs, progress)
        marks["regions"] = time.perf_counter()
        units = [unit_of(facts) for region in regions for facts in region["units"]]
        layers = _write_world_files(plan, units)
        progress("map", 0, 1)
        write_map(world, made / "map.png", caption=caption(config), jobs=jobs)
        marks["map"] = time.perf_counter()
        progress("zip", 0, 1)
        write_zip(world, made / f"{config.city.name}-java.zip")
        (made / "ATTRIBUTION.txt").write_text(attribution(config), "utf-8", newline="\n")
        marks["files"] = time.perf_counter()
        chunks = sum(facts["chunks"] for facts in regions)
        names = list(marks)
        report = {
            **source_report(scene),
            "world": world_facts(scene),
            "layers": {**source_report(scene)["plans"], **layers},
            "chunks": chunks,
            "blocks": sum(facts["blocks"] for facts in regions),
            "chunks_per_second": round(chunks / (marks["regions"] - marks["start"])),
            "seconds": {name: round(marks[name] - marks[before], 3) for before, name in zip(names, names[1:], strict=False)},
            "region_seconds": {key: round(sum(facts["seconds"][key] for facts in regions), 3) for key in ("voxels", "write", "layers")},
            "machine": machine(),
            "files": inventory(made),
        }
        with disk_errors(out):
            (made / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
            kept = publish(folder, out)
    report["kept_old_as"] = str(kept) if kept else None
    return report
