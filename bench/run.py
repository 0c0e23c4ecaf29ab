"""`make bench`: end to end and by stage, on the sample and on a made-up 4 × 4 km, and against amulet-core's own API.

Every build runs in a process of its own, twice, and the second counts: kernels compiled, files in the cache. Compare the
ratios; absolute rates are this machine's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.transform import from_origin
from scipy.ndimage import zoom
from shapely import box
from shapely.affinity import rotate

from mc_city.config import DEFAULT_CONFIG, PROJECT, read_config
from mc_city.scene import read_scene
from mc_city.voxelise import voxelise
from worlds.java.climate import BIOMES
from worlds.java.leveldat import LevelSettings, write_level_dat
from worlds.java.palettes import encode_palette
from worlds.java.region import encode_region, write_region

AMULET_CHUNKS = 64


def write_synthetic(folder: Path, side: int) -> Path:
    """A hilly square of `side` metres with a house every 30 m, as files; returns the configuration."""
    rng = np.random.default_rng(7)
    heights = 40 + 30 * zoom(rng.uniform(-1, 1, (side // 128 + 1, side // 128 + 1)), 128, order=3)[:side, :side]
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "width": side, "height": side, "crs": "EPSG:3006", "tiled": True}
    with rasterio.open(folder / "dem.tif", "w", transform=from_origin(600_000, 6_900_000, 1, 1), **profile) as raster:
        raster.write(heights.astype(np.float32), 1)
    houses = [
        rotate(box(600_000 + x - 6, 6_900_000 - z - 4, 600_000 + x + 6, 6_900_000 - z + 4), float(rng.uniform(0, 180)))
        for x in range(20, side - 20, 30)
        for z in range(20, side - 20, 30)
    ]
    gpd.GeoDataFrame({"geometry": houses}, crs="EPSG:3006").to_file(folder / "houses.gpkg", layer="houses")
    config = folder / "city.toml"
    config.write_text(
        f'[city]\nname = "Bench"\ncrs = "EPSG:3006"\norigin = [600000, 6900000]\n[area]\nbounds = [600000, {6_900_000 - side}, '
        f'{600_000 + side}, 6900000]\n[terrain]\nelevation = "dem.tif"\n[buildings]\nfootprints = "houses.gpkg"\n',
        "utf-8",
    )
    return config


def build_twice(config: Path, out: Path) -> dict:
    """The report of the second of two builds."""
    for _ in range(2):
        command = [sys.executable, "-m", "mc_city", "build", str(config), "--out", str(out), "--jobs", "2"]
        subprocess.run(command, cwd=PROJECT, check=True, stderr=subprocess.DEVNULL)
    return json.loads((out / "report.json").read_text("utf-8"))


def say_build(name: str, report: dict) -> None:
    seconds, chunks = report["seconds"], report["chunks"]
    total = sum(seconds.values())
    print(f"{name}: {chunks:,} chunks, {report['blocks']:,} blocks, {total:.1f} s in all")
    print(f"  peak memory: {report['machine']['peak_memory_mb']} MB")
    print(f"  terrain + buildings: {report['chunks_per_second']:,} chunks/s; with map, zip and report: {chunks / total:,.0f}")
    print("  wall seconds by stage: " + ", ".join(f"{stage} {value:.2f}" for stage, value in seconds.items()))
    print("  core seconds in tiles: " + ", ".join(f"{stage} {value:.2f}" for stage, value in report["region_seconds"].items()))


def say_layers(report: dict, world: Path) -> None:
    """What the planned layers cost: to compute, to keep, to switch."""
    spent, seconds = report["region_seconds"], report["seconds"]
    rest = seconds["read"] + spent["voxels"] + spent["write"] + seconds["map"] + seconds["files"]
    print(f"layers: differences {spent['layers']:.2f} core seconds, {spent['layers'] / rest:.0%} on top of the rest of the build")
    kept = report["layers"]
    size = sum(path.stat().st_size for path in (world / "datapacks").rglob("*.nbt"))
    print(f"  {kept['units']} units, {kept['pieces']} structures, {size:,} bytes, {kept['functions']} functions")
    for name, counts in kept["by_layer"].items():
        print(f"  {name}: {counts['units']} units, {counts['blocks']:,} blocks, {counts['bytes']:,} bytes, about {counts['ticks']} ticks")


def our_rate(scene, tile, folder: Path) -> float:
    """Chunks a second of our writer on one core: from a filled volume to a file."""
    tables = encode_palette(scene.palette, BIOMES)
    best = 0.0
    for _ in range(4):
        start = time.perf_counter()
        data = encode_region(*tile.region, tile.volume, tile.below, tile.biomes, tile.present, tables, scene.version)
        write_region(folder / "r.0.0.mca", data)
        best = max(best, tile.present.sum() / (time.perf_counter() - start))
    return best


def amulet_rate(scene, tile, folder: Path) -> float:
    """Chunks a second of amulet-core on one core: the same blocks of some of the same chunks, set as whole arrays, saved."""
    import amulet
    from amulet.api.block import Block
    from amulet.api.chunk import Chunk
    from amulet_nbt import StringTag

    version = scene.version
    world = folder / "amulet"
    (world / "region").mkdir(parents=True)
    write_level_dat(world / "level.dat", LevelSettings("Bench", version, (0, 80, 0), (0.0, 0.0), 512.0))
    level = amulet.load_level(str(world))
    translate = level.translation_manager.get_version("java", (1, 21, 4)).block.to_universal
    universal = []
    for state in scene.palette.states:
        space, _, name = state.name.partition(":")
        properties = {key: StringTag(value) for key, value in state.properties}
        universal.append(translate(Block(space, name, properties))[0])
    ids = np.concatenate([np.broadcast_to(tile.below[:, None, None], (len(tile.below), 512, 512)), tile.volume.ids])
    start = time.perf_counter()
    for number in range(AMULET_CHUNKS):
        x, z = number % 8 + 12, number // 8 + 12
        piece = ids[:, 16 * z : 16 * z + 16, 16 * x : 16 * x + 16]
        used, local = np.unique(piece, return_inverse=True)
        chunk = Chunk(x, z)
        numbers = np.array([chunk.block_palette.get_add_block(universal[index]) for index in [0, *used.tolist()]])[1:]
        blocks = numbers[local].reshape(piece.shape).transpose(2, 0, 1)
        chunk.blocks[:, -64 : -64 + blocks.shape[1], :] = blocks
        chunk.changed = True
        level.put_chunk(chunk, "minecraft:overworld")
    level.save()
    rate = AMULET_CHUNKS / (time.perf_counter() - start)
    level.close()
    return rate


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = build_twice(DEFAULT_CONFIG, folder / "sample")
        say_build("Sundsvall sample, 2 x 2 km", sample)
        say_layers(sample, folder / "sample" / "Sundsvall")
        for side in (2048, 4096):
            made = folder / str(side)
            made.mkdir()
            report = build_twice(write_synthetic(made, side), made / "out")
            say_build(f"synthetic, {side} m square", report)
        scene = read_scene(read_config(DEFAULT_CONFIG), lambda *_: None)
        tile = voxelise(scene, -1, 0)
        ours, theirs = our_rate(scene, tile, folder), amulet_rate(scene, tile, folder)
        print(f"writer, one core, filled volume to file: {ours:,.0f} chunks/s")
        print(f"amulet-core, the same chunks: {theirs:,.0f} chunks/s; ratio {ours / theirs:.0f}")


if __name__ == "__main__":
    main()
