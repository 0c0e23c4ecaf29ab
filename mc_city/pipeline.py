"""The tile loop: read → rasterise → voxelise → write, one region file at a time, in threads."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buildings.voxels import clear_ground, draw_buildings, measure_columns
from mc_city import __version__
from mc_city.config import Config
from mc_city.report import attribution, caption, machine, source_files, source_report, world_facts
from mc_city.scene import Progress, Scene, read_ground, read_scene
from mc_city.staging import disk_errors, inventory, publish, require_replaceable, staging
from terrain.frame import Grid
from terrain.ground import NO_WATER, SEA, Ground, below_layers, fill_ground, fill_plants
from worlds.connections import connect
from worlds.java.climate import BIOMES, LAND, OCEAN, RIVER
from worlds.java.leveldat import LevelSettings, write_level_dat
from worlds.java.palettes import PaletteTables, encode_palette
from worlds.java.region import encode_region, write_region
from worlds.topview import write_map
from worlds.volume import BlockVolume

SECTION = 16


@dataclass(frozen=True)
class Tile:
    """One region's blocks. volume: (y, 512, 512); biomes: (128, 128) uint8; present: (32, 32) bool, chunks of the area."""

    region: tuple[int, int]
    volume: BlockVolume
    below: NDArray[np.uint16]
    biomes: NDArray[np.uint8]
    present: NDArray[np.bool_]


def _biomes(ground: Ground) -> NDArray[np.uint8]:
    """Biome of each 4 × 4 columns: sea or river as soon as there is water in it, so that none of it can freeze."""
    shape = (ground.grid.nz // 4, 4, ground.grid.nx // 4, 4)
    wet = (ground.water_y != NO_WATER).reshape(shape).any(axis=(1, 3))
    sea = (ground.water_kind == SEA).reshape(shape).any(axis=(1, 3))
    return np.where(sea, OCEAN, np.where(wet, RIVER, LAND)).astype(np.uint8)


def _present(grid: Grid, tile: Grid) -> NDArray[np.bool_]:
    inside = grid.intersection(tile)
    present = np.zeros((32, 32), bool)
    z, x = (inside.z0 - tile.z0) // 16, (inside.x0 - tile.x0) // 16
    present[z : z + inside.nz // 16, x : x + inside.nx // 16] = True
    return present


def voxelise(scene: Scene, region_x: int, region_z: int) -> Tile:
    """All blocks of one region. One column more is drawn on each side, so that panes and stairs see their neighbours."""
    grid = scene.grid.region(region_x, region_z)
    halo = grid.grow(1)
    ground = read_ground(scene, halo)
    columns = measure_columns(scene.outlines, scene.plans, scene.order, halo.x0, halo.z0, halo.shape)
    built = np.unique(columns.owner[columns.owner >= 0])
    lowest = int(ground.ground_y.min())
    highest = max(int(ground.standing_y.max()), int(scene.plans.top_y[built].max()) if len(built) else lowest)
    min_y, max_y = scene.version.min_y, scene.version.max_y
    y0 = max(min_y, (lowest - 5) // SECTION * SECTION)
    top = min(max_y + 1, -(-(highest + 3) // SECTION) * SECTION)
    ids = np.zeros((top - y0, *halo.shape), np.uint16)
    cut = clear_ground(ground.ground_y, columns.owner, scene.plans.floor_y)
    under_houses = Ground(halo, cut, ground.water_y, ground.water_kind, ground.cover, ground.missing)
    fill_ground(ids, y0, under_houses, scene.blocks, min_y)
    fill_plants(ids, y0, ground, columns.owner < 0, scene.blocks)
    draw_buildings(ids, y0, halo.x0, halo.z0, cut, ground.standing_y, columns, scene.plans, scene.look)
    connect(ids, scene.connections)
    volume = BlockVolume(grid.x0, y0, grid.z0, ids[:, 1:-1, 1:-1], scene.palette)
    return Tile(
        (region_x, region_z), volume, below_layers(scene.blocks, min_y, y0), _biomes(ground.crop(grid)),
        _present(scene.grid, grid),
    )  # fmt: skip


def _write_tile(scene: Scene, tables: PaletteTables, region: tuple[int, int], world: Path, notes: Path) -> dict[str, Any]:
    start = time.perf_counter()
    tile = voxelise(scene, *region)
    drawn = time.perf_counter()
    data = encode_region(*region, tile.volume, tile.below, tile.biomes, tile.present, tables, scene.version)
    write_region(world / "region" / f"r.{region[0]}.{region[1]}.mca", data)
    done = time.perf_counter()
    facts = {
        "chunks": int(tile.present.sum()),
        "blocks": int(tile.volume.ids.size + len(tile.below) * 512 * 512),
        "seconds": {"voxels": round(drawn - start, 3), "write": round(done - drawn, 3)},
    }
    partial = notes.with_suffix(".partial")
    partial.write_text(json.dumps(facts), "utf-8")
    os.replace(partial, notes)
    return facts


def write_regions(scene: Scene, world: Path, notes: Path, jobs: int, progress: Progress) -> list[dict[str, Any]]:
    """Writes every region of the area that is not done yet; `notes` remembers which are. Returns each region's facts."""
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
        futures = {
            pool.submit(_write_tile, scene, tables, region, world, notes / f"{region[0]}.{region[1]}.json"): region for region in waiting
        }
        try:
            for future in as_completed(futures):
                facts[futures[future]] = future.result()
                progress("regions", len(facts), len(regions))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [facts[region] for region in regions]


def find_spawn(scene: Scene) -> tuple[int, int, int]:
    """The open, dry ground nearest to the wished spawn: block x, y (of the feet) and z."""
    config, grid = scene.config, scene.grid
    east, north = config.world.spawn or config.city.origin
    x, z = grid.frame.to_blocks(east, north)
    wished_x, wished_z = int(np.floor(x)), int(np.floor(z))
    inside = grid.x0 <= wished_x < grid.x0 + grid.nx and grid.z0 <= wished_z < grid.z0 + grid.nz
    if not inside:
        wished_x, wished_z = grid.x0 + grid.nx // 2, grid.z0 + grid.nz // 2
    around = Grid(grid.frame, wished_x - 256, wished_z - 256, 512, 512).intersection(grid)
    ground = read_ground(scene, around)
    owner = measure_columns(scene.outlines, scene.plans, scene.order, around.x0, around.z0, around.shape).owner
    free = (owner < 0) & (ground.water_y == NO_WATER) & ~ground.missing
    zs, xs = np.indices(around.shape)
    away = np.hypot(zs + around.z0 - wished_z, xs + around.x0 - wished_x) + np.where(free, 0, 1e6)
    row, column = np.unravel_index(int(np.argmin(away)), away.shape)
    feet = int(ground.standing_y[row, column]) + 1
    return int(around.x0 + column), feet, int(around.z0 + row)


def fingerprint(config: Config) -> str:
    """Says whether a killed build can be taken up again: the same program, settings and files."""
    state = hashlib.sha256(f"{__version__} {config.model_dump_json()}".encode())
    code = Path(__file__).resolve().parent.parent
    modules = [path for name in ("mc_city", "terrain", "buildings", "worlds") for path in (code / name).rglob("*.py")]
    for path in [*source_files(config), config.styles, *sorted(modules)]:
        if path.exists():
            stat = path.stat()
            state.update(f"{path} {stat.st_size} {stat.st_mtime_ns}".encode())
    return state.hexdigest()


def write_zip(folder: Path, target: Path) -> None:
    """The world folder as a zip, files in order and with a fixed date, so that equal worlds give equal zips."""
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, (2024, 12, 3, 0, 0, 0))
            # Regions are mostly the padding of deflated chunks: the fastest level takes it all.
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def _write_world_files(scene: Scene, world: Path) -> None:
    config, grid = scene.config, scene.grid
    settings = LevelSettings(
        name=config.city.name,
        version=scene.version,
        spawn=find_spawn(scene),
        border_centre=(grid.x0 + grid.nx / 2, grid.z0 + grid.nz / 2),
        border_size=float(max(grid.nx, grid.nz)),
        game_mode=config.world.game_mode,
        time=config.world.time,
        daylight_cycle=config.world.daylight_cycle,
        weather_cycle=config.world.weather_cycle,
        seed=config.world.seed,
    )
    write_level_dat(world / "level.dat", settings)
    (world / "ATTRIBUTION.txt").write_text(attribution(config), "utf-8", newline="\n")
    facts = json.dumps(world_facts(scene), indent=1, ensure_ascii=False)
    (world / "mc_city.json").write_text(facts + "\n", "utf-8", newline="\n")


def build(config: Config, out: Path, jobs: int, force: bool, progress: Progress) -> dict[str, Any]:
    """Builds the configuration into `out` and returns its report. Raises McCityError before OUT is touched."""
    out = out.resolve()
    require_replaceable(out, force)
    marks = {"start": time.perf_counter()}
    scene = read_scene(config, progress)
    marks["read"] = time.perf_counter()
    with staging(out, fingerprint(config)) as folder:
        made = folder / "out"
        world = made / config.city.name
        world.mkdir(parents=True, exist_ok=True)
        regions = write_regions(scene, world, folder / "done", jobs, progress)
        marks["regions"] = time.perf_counter()
        _write_world_files(scene, world)
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
            "chunks": chunks,
            "blocks": sum(facts["blocks"] for facts in regions),
            "chunks_per_second": round(chunks / (marks["regions"] - marks["start"])),
            "seconds": {name: round(marks[name] - marks[before], 3) for before, name in zip(names, names[1:], strict=False)},
            "region_seconds": {key: round(sum(facts["seconds"][key] for facts in regions), 3) for key in ("voxels", "write")},
            "machine": machine(),
            "files": inventory(made),
        }
        with disk_errors(out):
            (made / "report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
            kept = publish(folder, out)
    report["kept_old_as"] = str(kept) if kept else None
    return report
