"""What a build will take, said before any work: blocks, chunks, megabytes, minutes, free disk, and
how far the elevation reaches."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from mc_city.reports import EstimateReport
from mc_city.settings.config import Config
from mc_city.settings.fetched import is_to_be_fetched
from mc_city.settings.figures import counted
from mc_city.site.sources import height_sources
from terrain.frame import REGION
from terrain.plane import CityCrs, way
from terrain.rasters.elevation import Raster, inspect_raster
from worlds.ahead import compiled_ahead
from worlds.compiling import compiling_told
from worlds.errors import WorldError

BYTES_A_CHUNK = {"java": 6_500, "bedrock": 2_200}
"""On the disk with the archives, measured over the sample."""
WHILE_BUILDING = 1.6
"""How many times that is needed while it is written, measured over the sample (226 MB at the most,
143 MB at the end)."""
CORE_SECONDS_A_CHUNK = {"both": 0.0048, "java": 0.0038, "bedrock": 0.0039}
"""Of a core for reading, drawing and packing, measured over the sample with its layers."""
COMPILE_SECONDS = 60
KERNELS = 349
"""Compiled, in all variants, by the first build of 64 chunks of the sample in both editions."""
MOST_CHUNKS, MOST_BYTES, MOST_SECONDS = 100_000, 5_000_000_000, 3600
"""Beyond any of these a build asks for --yes."""
SPARE_BYTES = 200_000_000
"""What must stay free on the disk."""
BORDER = 29_999_984
"""How far from block 0 0 a world reaches, in either edition."""


@dataclass(frozen=True)
class Estimate:
    """blocks_x, blocks_z: of the area; megabytes: edition → with its archives; seconds: about, with
    these jobs; free_bytes: on the disk of OUT; covered: share of the area, 0 … 1, that lies within
    the elevation rasters, None for a flat ground."""

    blocks_x: int
    blocks_z: int
    chunks: int
    bytes_by_edition: dict[str, int]
    seconds: float
    free_bytes: int
    covered: float | None

    @property
    def bytes_needed(self) -> int:
        return round(sum(self.bytes_by_edition.values()) * WHILE_BUILDING)

    def facts(self) -> EstimateReport:
        return {
            "blocks": [self.blocks_x, self.blocks_z],
            "chunks": self.chunks,
            "megabytes": {
                edition: round(size / 1e6) for edition, size in self.bytes_by_edition.items()
            },
            "minutes": round(self.seconds / 60, 1),
            "free_megabytes": round(self.free_bytes / 1e6),
            "elevation_covers": None if self.covered is None else round(self.covered, 4),
        }


def megabytes(size: float) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{max(size / 1e6, 1.0):,.0f} MB"


def duration(seconds: float) -> str:
    return (
        "less than a minute"
        if seconds < 50
        else f"{max(round(seconds / 60), 1):,} min"
        if seconds < 5400
        else f"{seconds / 3600:,.1f} hours"
    )


def raster_outline(raster: Raster, place: CityCrs) -> shapely.Polygon:
    """The outline of a raster in the city."""
    rows, columns = raster.shape
    corners = shapely.segmentize(shapely.box(0, 0, columns, rows), max(rows, columns) / 16)
    transformer = way(raster.crs, place)
    cells, at = ~raster.to_cells, shapely.get_coordinates(corners)
    east, north = (
        one * at[:, 0] + two * at[:, 1] + more for one, two, more in (cells[:3], cells[3:6])
    )
    return shapely.Polygon(np.column_stack(transformer.transform(east, north)))


def elevation_share(config: Config) -> float | None:
    """The share of the area that lies within the elevation rasters' outlines; their cells may still
    hold nothing. None for a flat ground, and for one that is still to be fetched. SourceError for
    one that cannot be used."""
    if config.terrain.flat_m is not None or is_to_be_fetched(config.fetch):
        return None
    area = shapely.box(*config.grid.bounds)
    outlines = []
    for source in height_sources(
        config.terrain.elevation, "terrain.elevation", config.terrain.elevation_unit
    ):
        outlines.append(raster_outline(inspect_raster(source), config.frame.crs))
    known = shapely.union_all(
        [
            shapely.make_valid(outline)
            for outline in outlines
            if np.isfinite(shapely.get_coordinates(outline)).all()
        ]
    )
    return float(shapely.intersection(known, area).area / area.area)


def free_bytes(out: Path) -> int:
    """What is free on the disk that OUT is, or will be, on."""
    whole = Path(os.path.realpath(out))
    folder = next(parent for parent in (whole, *whole.parents) if parent.exists())
    return shutil.disk_usage(folder).free


def cold_start() -> bool:
    """Whether the kernels are not compiled yet on this machine, which takes a minute once."""
    from worlds.java.chunks import encode_chunks
    from worlds.kernels import is_cold

    return is_cold(encode_chunks)


@contextmanager
def compiling_shown(config: Config, progress: Callable[[str, int, int], None]) -> Iterator[None]:
    """Progress of the kernels that are compiled meanwhile, where they have not been yet: other
    processes help then."""
    if not cold_start():
        yield
        return
    unasked = () if "bedrock" in config.world.editions else ("worlds.bedrock",)
    with (
        compiling_told(lambda done: progress("kernels", done, max(done, KERNELS))),
        compiled_ahead(unasked),
    ):
        yield


def estimate(config: Config, out: Path, jobs: int) -> Estimate:
    grid = config.grid
    chunks = (grid.nx // 16) * (grid.nz // 16)
    editions = config.world.editions
    each = CORE_SECONDS_A_CHUNK["both" if len(set(editions)) > 1 else editions[0]]
    regions = max(grid.nx // REGION, 1) * max(grid.nz // REGION, 1)
    workers = min(jobs, os.cpu_count() or 1, regions)
    seconds = 5 + chunks * each / workers + (COMPILE_SECONDS if cold_start() else 0)
    sizes: dict[str, int] = {
        edition: BYTES_A_CHUNK[edition] * chunks for edition in dict.fromkeys(editions)
    }
    return Estimate(
        blocks_x=grid.nx,
        blocks_z=grid.nz,
        chunks=chunks,
        bytes_by_edition=sizes,
        seconds=seconds,
        free_bytes=free_bytes(out),
        covered=elevation_share(config),
    )


def estimate_lines(found: Estimate, city: str, out: Path | None) -> list[str]:
    """Two lines that are said before any work. out: None where nothing is written."""
    sizes = ", ".join(
        f"{edition.capitalize()} {megabytes(size)}"
        for edition, size in found.bytes_by_edition.items()
    )
    lines = [
        f"{city}: {found.blocks_x:,} x {found.blocks_z:,} blocks, {counted(found.chunks, 'chunk')}"
        + ("" if out is None else f", into {out}"),
        f"about {sizes}, {duration(found.seconds)}; {megabytes(found.free_bytes)} free on the disk",
    ]
    if found.covered is None:
        lines[1] += "; no elevation model, the ground is flat"
    else:
        lines[1] += (
            (f"; elevation for {found.covered:.0%} of the area")
            if found.covered < 0.9995
            else "; elevation files over all of the area"
        )
    return lines


def require_possible(found: Estimate, config: Config, out: Path, agreed: bool) -> None:
    """WorldError for what cannot fit on the disk or in a world; and for what takes much, unless it
    is agreed to."""
    grid = config.grid
    farthest = max(abs(grid.x0), abs(grid.z0), abs(grid.x0 + grid.nx), abs(grid.z0 + grid.nz))
    if farthest > BORDER:
        raise WorldError(
            f"the area reaches {farthest:,} blocks from the city's origin, and a world ends at "
            f"{BORDER:,}",
            hint="lower area.scale, or move city.origin nearer",
        )
    needed = found.bytes_needed + SPARE_BYTES
    smaller = "build a smaller --area, lower area.scale, or one --edition only"
    if needed > found.free_bytes:
        raise WorldError(
            f"{out}: {found.chunks:,} chunks take about {megabytes(needed)}, and "
            f"{megabytes(found.free_bytes)} are free on this disk",
            hint=f"free some space, give --out on another disk, or {smaller}",
        )
    much = []
    if found.chunks > MOST_CHUNKS:
        much.append(f"{found.chunks:,} chunks (more than {MOST_CHUNKS:,})")
    if found.bytes_needed > MOST_BYTES:
        much.append(f"{megabytes(found.bytes_needed)} (more than {megabytes(MOST_BYTES)})")
    if found.seconds > MOST_SECONDS:
        much.append(f"{duration(found.seconds)} (more than an hour)")
    if much and not agreed:
        raise WorldError(
            f"this is a large build: {', '.join(much)}",
            hint=f"give --yes if that is meant; or {smaller}",
        )
