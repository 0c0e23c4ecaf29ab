"""Small inputs that the tests make for themselves, and worlds built from them once a session."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from filelock import FileLock
from hypothesis import settings
from rasterio.transform import from_origin
from shapely import Polygon, box

from mc_city.build.build import build
from mc_city.city.city import City
from mc_city.city.reading import read_city
from mc_city.settings.config import DEFAULT_CONFIG, Config, read_config
from terrain.frame import Grid
from terrain.plane import in_city
from tests.packs.programs import READERS, npm_folder

# The gate shall fail for a change, not for a lot; look for new examples with
# HYPOTHESIS_PROFILE=default.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

LONGEST = (
    "end_to_end/test_bedrock_layers",
    "end_to_end/test_layers",
    "end_to_end/test_truth",
    "end_to_end/test_editions",
    "end_to_end/test_datapack",
    "packs/bedrock/test_behaviour_pack",
    "cases/test_worlds",
    "end_to_end/test_installed",
    "end_to_end/test_invariants",
    "end_to_end/test_real_data",
    "end_to_end/test_java_versions",
    "property/test_mutants",
    "end_to_end/test_reuse",
    "end_to_end/test_keep_builds",
    "unit/test_kernels",
    "unit/test_bedrock_versions",
    "property/test_random_cities",
    "app/test_build",
    "end_to_end/test_cluster",
    "packs/test_pack_tools",
    "end_to_end/test_bad_input",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest come first, so that no worker is left alone with one of them at
    the end."""
    order = {PROJECT / "tests" / f"{name}.py": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


PROJECT = Path(__file__).resolve().parent.parent
SHARED = PROJECT.parent / "shared"
ORIGIN = (600_000.0, 6_900_000.0)


def quiet(what: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def write_raster(
    path: Path,
    cells: np.ndarray,
    crs: str | None = "EPSG:3006",
    transform=None,
    nodata=-9999.0,
    **more,
) -> Path:
    """A raster whose upper left corner is 200 m north-west of ORIGIN, with 1 m cells unless a
    transform is given."""
    profile = {
        "driver": "GTiff",
        "dtype": cells.dtype,
        "count": 1,
        "height": cells.shape[0],
        "width": cells.shape[1],
        "crs": crs,
        "transform": transform or from_origin(ORIGIN[0] - 200, ORIGIN[1] + 200, 1, 1),
        "nodata": nodata,
        **more,
    }
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(cells, 1)
    return path


TESTED = "1.21.4"
"""The Java version of the small cities and of the sample in the tests: the last that all the
readers of others know."""


def sample_config(java_version: str = TESTED) -> Config:
    """The embedded sample."""
    return read_config(DEFAULT_CONFIG).with_world(java_version=java_version)


def piece(area: Grid, east_m: float, south_m: float, *size: int) -> Grid:
    """So many columns across and down of a city's area, about a place so many metres east and south
    of its origin on the map; moved inside where it would reach out of it."""
    frame, (nx, nz) = area.frame, size
    middle = in_city(frame.crs, frame.origin_east + east_m, frame.origin_north - south_m)
    x, z = (round(value) for value in frame.to_blocks(*middle))
    x0 = min(max(x - nx // 2, area.x0), area.x0 + area.nx - nx)
    z0 = min(max(z - nz // 2, area.z0), area.z0 + area.nz - nz)
    return Grid(frame, x0, z0, nx, nz)


@cache
def files_of(write: Callable[[Path], None]) -> dict[str, bytes]:
    """The files that a function writes into a folder, by name; it runs once."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def write_files(folder: Path, write: Callable[[Path], None]) -> None:
    """What `write` writes, into a folder that may be there: making a GeoPackage takes longer than
    everything else about a small city."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files_of(write).items():
        (folder / name).write_bytes(data)


def _write_land(folder: Path) -> None:
    """The small city's heights, houses and lake."""
    rows, columns = np.indices((400, 400))
    heights = (8 + 0.05 * columns + 3 * np.sin(rows / 30)).astype(np.float32)
    write_raster(folder / "dem.tif", heights)
    east, north = ORIGIN
    houses = {
        "geometry": [
            box(east - 50.3, north + 10.2, east - 35.1, north + 22.7),
            Polygon(
                [
                    (east, north),
                    (east + 25, north + 6),
                    (east + 22, north + 18),
                    (east - 3, north + 12),
                ],
                [
                    [
                        (east + 6, north + 6),
                        (east + 16, north + 8.5),
                        (east + 15, north + 12),
                        (east + 5, north + 9.5),
                    ]
                ],
            ),
            box(east - 6, north - 40, east + 6, north - 28),
        ],
        "objektidentitet": ["a", "b", "c"],
        "andamal1": ["Bostad;Småhus friliggande", "Bostad;Flerfamiljshus", "Industri;"],
        "height_m": ["7,5 m", None, "9"],
        "floors": [None, 4, None],
        "roof_shape": ["gable", None, "flat"],
    }
    gpd.GeoDataFrame(houses, crs="EPSG:3006").to_file(folder / "houses.gpkg", layer="houses")
    lake = {
        "geometry": [box(east + 20, north - 60, east + 55, north - 25)],
        "kind": ["lake"],
        "level_m": [9.0],
    }
    gpd.GeoDataFrame(lake, crs="EPSG:3006").to_file(folder / "water.gpkg", layer="water")


def write_city(
    folder: Path,
    extra: str = "",
    buildings: bool = True,
    bounds: str = "599936, 6899936, 600064, 6900064",
    java_version: str = TESTED,
) -> Path:
    """A configuration of a small city: a slope, a lake in its south-east, some houses. Returns the
    TOML file."""
    if "[world]" not in extra:
        extra += "\n[world]\n"
    if "java_version" not in extra:
        extra = extra.replace("[world]", f'[world]\njava_version = "{java_version}"')
    write_files(folder, _write_land)
    config = folder / "city.toml"
    config.write_text(
        f"""
[city]
name = "Liten"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [{bounds}]
[terrain]
elevation = "dem.tif"
water = "water.gpkg"
{"[buildings]" if buildings else ""}
{'footprints = "houses.gpkg"' if buildings else ""}
{extra}
""",
        "utf-8",
    )
    return config


def made_once(tmp_path_factory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that one of the workers makes for all of them: not to be changed."""
    # The folder of a run holds one folder for each worker.
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "shared"
    folder, ready = shared / name, shared / f"{name}.ready"
    shared.mkdir(exist_ok=True)
    with FileLock(shared / f"{name}.lock"):
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            ready.touch()
    return folder


@pytest.fixture(scope="session")
def small_world(tmp_path_factory) -> Path:
    """The small city, built: OUT with the world in Liten/."""

    def make(folder: Path) -> None:
        build(read_config(write_city(folder)), folder / "out", 2, False, quiet)

    return made_once(tmp_path_factory, "small", make) / "out"


@pytest.fixture(scope="session")
def halves(tmp_path_factory) -> tuple[Path, Path]:
    """OUT of the west of the small city and of its east. The border runs through a house and the
    lake."""

    def make(folder: Path) -> None:
        config = read_config(write_city(folder))
        west, south, east, north = config.area.bounds
        for name, bounds in (
            ("left", (west, south, west + 77, north)),
            ("right", (west + 77, south, east, north)),
        ):
            build(config.with_area(bounds), folder / name, 1, False, quiet)

    folder = made_once(tmp_path_factory, "halves", make)
    return folder / "left", folder / "right"


@pytest.fixture(scope="session")
def planned_config(tmp_path_factory) -> Config:
    """The small city with three layers that meet."""

    def make(folder: Path) -> None:
        write_planned_city(folder, SMALL_PLANS)

    from tests.plans import SMALL_PLANS, write_planned_city

    return read_config(made_once(tmp_path_factory, "plans", make) / "city.toml")


@pytest.fixture(scope="session")
def planned_read(planned_config) -> Callable[[], City]:
    """That city, read once in a process: which layers are shown is no matter of reading."""
    return cache(lambda: read_city(planned_config, quiet))


@pytest.fixture(scope="session")
def planned_out(planned_config, planned_read, tmp_path_factory) -> Callable[..., Path]:
    """OUT of that city in both editions, built with the layers that are named shown."""

    def out(*shown: str) -> Path:
        name = "-".join(["planned", *shown]).replace("/", "_")

        def make(folder: Path) -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("mc_city.city.districts.read_city", lambda *_: planned_read())
                build(planned_config, folder / "out", 2 if shown else 1, False, quiet, shown)

        return made_once(tmp_path_factory, name, make) / "out"

    return out


@pytest.fixture(scope="session")
def small_scene(tmp_path_factory):
    return read_city(read_config(write_city(tmp_path_factory.mktemp("scene"))), quiet)


@pytest.fixture(scope="session")
def sample_scene():
    return read_city(sample_config(), quiet)


@pytest.fixture(scope="session")
def sample_out(tmp_path_factory) -> Path:
    """The embedded sample, built whole."""

    def make(folder: Path) -> None:
        build(sample_config(), folder / "out", 2, False, quiet)

    return made_once(tmp_path_factory, "sample", make) / "out"


@pytest.fixture(scope="session")
def node_reader():
    """Runs tests/readers/read_blocks.js; installs what it needs the first time."""
    readers = npm_folder(READERS)

    def read(world: Path, version: str, y: tuple[int, int], chunks: tuple[int, int, int, int]):
        command = [
            "node",
            str(readers / "read_blocks.js"),
            str(world),
            version,
            *map(str, (*y, *chunks)),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return read
