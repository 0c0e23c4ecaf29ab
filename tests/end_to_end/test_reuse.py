"""A build takes from an earlier one the regions of which nothing has changed, and has the bytes of
a build that takes none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely.geometry import box

from mc_city.build import build as pipeline
from mc_city.build import java_edition, reuse
from mc_city.build.build import build
from mc_city.build.publishing import partial_folder
from mc_city.build.reuse import ENTRY, FILES, TOPS, kept_folder
from mc_city.build.staging import inventory
from mc_city.city.city import City
from mc_city.city.reading import read_city
from mc_city.settings.config import Config, read_config
from tests.conftest import ORIGIN, quiet, write_raster
from tests.plans import SMALL_PLANS, feature, rectangle, write_planned_city, write_plans

WEST, MIDDLE, EAST = (-2, 0), (-1, 0), (0, 0)
"""The regions of the city: what there is in it but ground lies where the last two meet."""
AREA = (-700, -48, 48, 0)


def write_long_city(folder: Path) -> Path:
    """The small city with its plans, and 600 m of empty ground west of it."""
    config = write_planned_city(folder, SMALL_PLANS)
    east, north = ORIGIN
    rows, columns = np.indices((400, 1400))
    heights = (8 + 0.01 * columns + 3 * np.sin(rows / 30)).astype(np.float32)
    write_raster(folder / "dem.tif", heights, transform=from_origin(east - 1200, north + 200, 1, 1))
    text = config.read_text("utf-8")
    old = next(line for line in text.splitlines() if line.startswith("bounds"))
    west, south, right, up = AREA
    new = f"bounds = [{east + west}, {north + south}, {east + right}, {north + up}]"
    config.write_text(text.replace(old, new), "utf-8")
    return config


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> tuple[Path, Path]:
    """(configuration, OUT that was built from it); tests take a copy."""
    folder = tmp_path_factory.mktemp("long")
    config = write_long_city(folder)
    report = build(read_config(config), folder / "out", 2, False, quiet)
    assert report["reused"] == {"regions": 0, "of": 3, "kept": True}
    return config, folder / "out"


@pytest.fixture(scope="module")
def scene(city) -> tuple[City, Path]:
    """The city, read, and OUT that was built from it."""
    return read_city(read_config(city[0]), quiet), city[1]


@pytest.fixture
def mine(city, tmp_path) -> tuple[Path, Path]:
    """A copy of the city and of what was built."""
    folder = shutil.copytree(city[0].parent, tmp_path / "city")
    return folder / city[0].name, folder / city[1].name


def again(config: Config | Path, out: Path, jobs: int = 1, **more: Any) -> set[tuple[int, int]]:
    """Builds into OUT; which regions were made."""
    loaded = config if isinstance(config, Config) else read_config(config)
    made: list[tuple[int, int]] = []
    real = java_edition.write_tile

    def noted(world: Any, scene: Any, tile: Any) -> Any:
        made.append(tile.region)
        return real(world, scene, tile)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(java_edition, "write_tile", noted)
        report = build(loaded, out, jobs, False, quiet, **more)
    assert report["reused"]["regions"] == report["reused"]["of"] - len(made)
    return set(made)


def same_as_afresh(config: Config | Path, out: Path) -> bool:
    loaded = config if isinstance(config, Config) else read_config(config)
    other = out.parent / "other"
    build(loaded, other, 2, False, quiet, afresh=True)
    return inventory(out) == inventory(other)


def test_of_nothing_changed_nothing_is_made_again(mine):
    config, out = mine
    before = inventory(out)
    assert again(config, out) == set()
    assert inventory(out) == before
    assert again(config, out, afresh=True) == {WEST, MIDDLE, EAST}
    assert inventory(out) == before


def _plans(config: Path, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    features = json.loads(json.dumps(SMALL_PLANS))
    change(features)
    write_plans(config.parent / "plans.geojson", features)


def test_a_plan_a_house_and_a_height_have_only_their_regions_made_again(mine):
    config, out = mine
    _plans(config, lambda features: features[0]["properties"].update(floors=6))
    assert again(config, out) == {MIDDLE, EAST}
    with rasterio.open(config.parent / "dem.tif", "r+") as raster:
        cells = raster.read(1)
        cells[220, 510] += 3
        raster.write(cells, 1)
    assert again(config, out, jobs=2) == {WEST}
    houses = gpd.read_file(config.parent / "houses.gpkg")
    east, north = ORIGIN
    added = box(east - 300, north - 20, east - 288, north - 10)
    houses.loc[len(houses)] = {**houses.iloc[0].to_dict(), "geometry": added}
    houses = houses.set_crs("EPSG:3006", allow_override=True)
    houses.to_file(config.parent / "houses.gpkg", layer="houses")
    made = again(config, out)
    # The map wall shows it too, wherever it stands.
    assert MIDDLE in made
    assert WEST not in made
    assert same_as_afresh(config, out)


@pytest.mark.slow
def test_a_new_layer_elsewhere_renumbers_the_others(mine):
    """Layers are numbered by their order: one before the others is a new number for each."""
    config, out = mine
    far = feature(
        rectangle(-580, -30, -560, -10), layer="aaa", role="building", floors=3, use="house"
    )
    _plans(config, lambda features: features.insert(0, far))
    made = again(config, out)
    assert WEST in made
    assert same_as_afresh(config, out)


def test_an_area_that_grows_and_shrinks_keeps_what_is_in_it(mine):
    config, out = mine
    loaded, (east, north) = read_config(config), ORIGIN
    before = inventory(out)
    wider = loaded.with_area((east - 1100, north - 48, east + 48, north))
    # One region is new, and one has more chunks.
    assert again(wider, out) == {(-3, 0), WEST}
    assert same_as_afresh(wider, out)
    assert again(loaded, out, jobs=2) == {WEST}
    assert inventory(out) == before
    assert {path.name for path in kept_folder(out).iterdir()} == {"-2.0", "-1.0", "0.0"}


@pytest.mark.slow
def test_other_styles_have_all_made_again(mine):
    config, out = mine
    styles = config.parent / "styles.toml"
    loaded = read_config(config)
    text = loaded.styles.read_text("utf-8")
    styles.write_text(f"{text}\n# another day\n", "utf-8")
    config.write_text(f'styles = "styles.toml"\n{config.read_text("utf-8")}', "utf-8")
    assert again(config, out) == {WEST, MIDDLE, EAST}


def _damage(out: Path, what: str) -> None:
    """Damages what is kept of MIDDLE."""
    entry = kept_folder(out) / "-1.0"
    part = next((entry / FILES).rglob("*.part"))
    note = json.loads((entry / ENTRY).read_text("utf-8"))
    if what == "note":
        (entry / ENTRY).write_text('{"layers": [[[', "utf-8")
    elif what == "other files":
        files = note["facts"]["files"]
        files["out/Liten/../../../evil"] = next(iter(files.values()))
        (entry / ENTRY).write_text(json.dumps(note), "utf-8")
    elif what == "other layers":
        note["layers"] = note["layers"][:1]
        (entry / ENTRY).write_text(json.dumps(note), "utf-8")
    elif what == "facts":
        note["facts"]["blocks"] += 1
        (entry / ENTRY).write_text(json.dumps(note), "utf-8")
    elif what == "part":
        part.write_bytes(part.read_bytes()[:-1] + b"x")
    elif what == "link":
        part.symlink_to(shutil.move(part, out.parent / "elsewhere"))
    elif what == "tops":
        (entry / TOPS).write_bytes(b"nothing")


@pytest.mark.parametrize(
    ("what", "made"),
    [
        ("note", {MIDDLE}),
        ("other files", {MIDDLE}),
        ("other layers", {MIDDLE}),
        ("facts", {MIDDLE}),
        ("part", {MIDDLE}),
        ("link", {MIDDLE}),
        ("tops", set()),
    ],
)
def test_what_is_damaged_is_made_again(scene, what, made, tmp_path):
    city, out = scene
    folder = tmp_path / "out"
    shutil.copytree(out, folder)
    shutil.copytree(kept_folder(out), kept_folder(folder))
    _damage(folder, what)
    (tmp_path / "partial").mkdir()
    taken = reuse.take(pipeline._plan(city, (0, 0, 0), tmp_path / "partial", folder))
    assert {WEST, MIDDLE, EAST} - taken.regions == made
    assert taken.tops.keys() == {WEST, EAST}
    assert not (tmp_path / "evil").exists()


@pytest.mark.slow
def test_a_disk_that_refuses_what_is_kept_does_not_stop_the_build(mine, monkeypatch):
    config, out = mine
    before = inventory(out)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reuse, "_keep", full)
    report = build(read_config(config), out, 1, False, quiet, afresh=True)
    assert report["reused"] == {"regions": 0, "of": 3, "kept": False}
    assert inventory(out) == before
    assert not kept_folder(out).exists()
    monkeypatch.undo()
    kept_folder(out).write_bytes(b"a file of somebody's")
    assert again(config, out) == {WEST, MIDDLE, EAST}
    assert kept_folder(out).read_bytes() == b"a file of somebody's"


def test_what_somebody_put_where_regions_are_kept_stays(mine):
    """Also when the folder leads elsewhere, or an entry does; what is kept works nevertheless."""
    config, out = mine
    elsewhere, photos = out.parent / "elsewhere", out.parent / "photos"
    kept_folder(out).rename(elsewhere)
    kept_folder(out).symlink_to(elsewhere)
    photos.mkdir()
    for folder in (elsewhere, photos):
        (folder / ENTRY).write_bytes(b"mine")
    (elsewhere / "album").mkdir()
    shutil.rmtree(elsewhere / "-2.0")
    (elsewhere / "-2.0").symlink_to(photos)
    assert again(config, out) == {WEST}
    assert again(config, out) == set()
    assert again(config, out, afresh=True) == {WEST, MIDDLE, EAST}
    reuse.forget(out)
    assert {path.name for path in elsewhere.iterdir()} == {ENTRY, "album"}
    for folder in (elsewhere, photos):
        assert (folder / ENTRY).read_bytes() == b"mine"


def test_afresh_takes_nothing_that_a_stopped_build_took(mine, monkeypatch):
    config, out = mine
    monkeypatch.setattr(pipeline, "_write_worlds", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build(read_config(config), out, 1, False, quiet)
    assert partial_folder(out).exists()
    monkeypatch.undo()
    assert again(config, out, afresh=True) == {WEST, MIDDLE, EAST}


@pytest.mark.slow
@pytest.mark.parametrize("where", ["take", "keep"])
def test_a_build_that_is_stopped_leaves_nothing_half(mine, monkeypatch, where):
    config, out = mine
    _plans(config, lambda features: features[0]["properties"].update(floors=6))
    real = reuse._bring if where == "take" else reuse._keep
    called = []

    def stops(*arguments: Any) -> Any:
        called.append(arguments)
        if len(called) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(reuse, real.__name__, stops)
    with pytest.raises(KeyboardInterrupt):
        build(read_config(config), out, 1, False, quiet)
    monkeypatch.undo()
    build(read_config(config), out, 1, False, quiet)
    assert not partial_folder(out).exists()
    assert same_as_afresh(config, out)
