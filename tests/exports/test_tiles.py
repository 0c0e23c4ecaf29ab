"""3D Tiles: their trees, and where they lie on the globe by PROJ's own reckoning."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from pyproj import Transformer, datadir

from mc_city import api
from mc_city.exports.globe.earth import bend_of, earth_below
from mc_city.exports.globe.writing import LEAF
from mc_city.exports.groups import coarse_groups, fine_groups
from mc_city.exports.scene import opened_scene, pieces_of, read_piece
from mc_city.exports.shells import shell_of
from terrain.rasters.datums import GEOIDS
from tests.packs.programs import VALIDATORS, npm_folder
from worlds.meshing import corners
from worlds.notes import FrameNote
from worlds.rect import Rect


@pytest.fixture(scope="module")
def exported(planned_out, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("tiles") / "out"
    done = api.export(planned_out() / "Liten", out, "3dtiles")
    assert done.counts["faces"] > 1000
    return out


class Placed(NamedTuple):
    """A tile. to_earth: (4, 4), from its metres to ECEF; parent: None = it is the root."""

    tile: dict[str, Any]
    to_earth: np.ndarray
    parent: Placed | None

    @property
    def files(self) -> list[str]:
        own = [self.tile["content"]] if "content" in self.tile else self.tile.get("contents", [])
        return [one["uri"] for one in own]

    @property
    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """(lowest, highest) corner."""
        told = np.array(self.tile["boundingVolume"]["box"])
        sides = told[3:].reshape(3, 3)
        assert (sides == np.diag(np.diag(sides))).all()
        return told[:3] - np.diag(sides), told[:3] + np.diag(sides)


def tilesets(folder: Path) -> dict[str, dict[str, Any]]:
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    return {name: told for name, told in found.items() if name != "about"}


def placed(tileset: dict[str, Any]) -> Iterator[Placed]:
    """All tiles, each after its parent."""
    waiting: list[tuple[dict[str, Any], Placed | None]] = [(tileset["root"], None)]
    while waiting:
        tile, parent = waiting.pop()
        own = np.array(tile["transform"]).reshape(4, 4).T
        found = Placed(tile, parent.to_earth @ own if parent else own, parent)
        yield found
        waiting += [(child, found) for child in tile.get("children", [])]


def moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def points_in(path: Path) -> list[np.ndarray]:
    """(n, 3) for each primitive of a GLB: its corners as 3D Tiles turn them, with z up."""
    data = path.read_bytes()
    long = int.from_bytes(data[12:16], "little")
    told, binary = json.loads(data[20 : 20 + long]), data[28 + long :]
    out = []
    for primitive in told["meshes"][0]["primitives"]:
        accessor = told["accessors"][primitive["attributes"]["POSITION"]]
        begin = told["bufferViews"][accessor["bufferView"]]["byteOffset"]
        flat = np.frombuffer(binary, "<f4", 3 * accessor["count"], begin).reshape(-1, 3)
        out.append(np.stack([flat[:, 0], -flat[:, 2], flat[:, 1]], axis=1).astype(np.float64))
    return out


def test_every_file_that_is_named_is_there_and_no_other(exported):
    named = {
        file for tileset in tilesets(exported).values() for one in placed(tileset)
        for file in one.files
    }  # fmt: skip
    assert named == {f"tiles/{path.name}" for path in (exported / "tiles").iterdir()}


def test_tilesets_are_today_all_planned_and_each_development_and_variant(exported, planned_out):
    layers = [
        layer.id.replace("/", "-") for layer in api.open_world(planned_out() / "Liten").layers
    ]
    assert set(tilesets(exported)) == {
        "tileset", "planned", *(f"planned-{layer}" for layer in layers)
    }  # fmt: skip


def states_of(file: str) -> dict[int, int]:
    """Which states of which layers a file is for."""
    told = (part.split("-") for part in Path(file).stem.split("_")[3:])
    return {int(number): int(state) for number, state in told}


def test_tilesets_differ_exactly_in_what_layers_change(exported, planned_out):
    found = tilesets(exported)
    tiles = {name: list(placed(told)) for name, told in found.items()}
    today = tiles["tileset"]
    ids = list(found["tileset"]["asset"]["extras"]["layers"])
    assert set(ids) == {layer.id.partition("/")[0] for layer in
                        api.open_world(planned_out() / "Liten").layers}  # fmt: skip
    changed = 0
    for name, own in tiles.items():
        state = found[name]["asset"]["extras"]["layers"]
        for one, other in zip(today, own, strict=True):
            assert one.tile["boundingVolume"] == other.tile["boundingVolume"]
            assert (one.to_earth == other.to_earth).all()
            always = [file for file in one.files if not states_of(file)]
            assert always == [file for file in other.files if not states_of(file)]
            for file in other.files:
                held = states_of(file)
                assert all(state[ids[number]] == value for number, value in held.items())
                changed += bool(held)
        if name != "tileset":
            assert {file for one in today for file in one.files} != {
                file for one in own for file in one.files
            }
    assert changed > len(tiles)


def test_what_a_tile_shows_lies_in_its_box_and_its_children_too(exported):
    for tileset in tilesets(exported).values():
        assert tileset["geometricError"] >= tileset["root"]["geometricError"]
        for one in placed(tileset):
            low, high = one.box
            for file in one.files:
                for points in points_in(exported / file):
                    assert (points >= low - 1e-3).all()
                    assert (points <= high + 1e-3).all()
            if one.parent is not None:
                ends = np.array(list(product(*zip(low, high, strict=True))))
                inside = moved(moved(ends, one.to_earth), np.linalg.inv(one.parent.to_earth))
                assert (inside >= one.parent.box[0] - 1e-3).all()
                assert (inside <= one.parent.box[1] + 1e-3).all()
                assert one.tile["geometricError"] < one.parent.tile["geometricError"]
            assert ("children" in one.tile) == (one.tile["geometricError"] > 0)


def expected(world: Path, times: int, rects: list[Rect]) -> np.ndarray:
    """(n, 3) ECEF, by PROJ alone, of the corners of what always stands in some pieces."""
    to_earth = Transformer.from_crs("EPSG:3006+5613", "EPSG:4978", always_xy=True)
    with opened_scene(world) as scene:
        frame, found = scene.note.frame, []
        for rect in rects:
            piece = read_piece(scene, rect)
            shell = shell_of(piece)
            groups = (
                fine_groups(scene, piece, shell)
                if times == 1
                else coarse_groups(scene, piece, shell, times)
            )
            quads = groups[0].quads
            found.append(corners(quads.take(~quads.clear)).reshape(-1, 3).astype(np.float64))
    points = np.concatenate(found)
    return np.stack(
        to_earth.transform(
            frame.origin[0] + points[:, 0],
            frame.origin[1] - points[:, 2],
            points[:, 1] - frame.sea_level_y,
        ),
        axis=1,
    )


def test_every_corner_lies_where_proj_puts_it(exported, planned_out):
    datadir.append_data_dir(str(GEOIDS))
    world = planned_out() / "Liten"
    with opened_scene(world) as scene:
        rects = list(pieces_of(scene.area, LEAF))
    seen = []
    for one in placed(tilesets(exported)["tileset"]):
        (file,) = [file for file in one.files if not states_of(file)]
        x, z, times = (int(part) for part in Path(file).stem.split("_"))
        own = rects if times > 1 else [rect for rect in rects if (rect.x, rect.z) == (x, z)]
        there = moved(points_in(exported / file)[0], one.to_earth)
        assert np.linalg.norm(there - expected(world, times, own), axis=1).max() < 0.01
        seen.append(times)
    assert sorted(seen) == [1, 1, 1, 1, 2]


def note(**more: Any) -> FrameNote:
    given: dict[str, Any] = {
        "crs": "EPSG:3006", "origin": (619250.0, 6919812.0), "blocks_per_metre": 1.0,
        "sea_level_y": 62, "vertical_scale": 1.0,
    }  # fmt: skip
    return FrameNote(**(given | more))


@pytest.mark.parametrize("turn_deg", [0.0, 37.0])
@pytest.mark.parametrize("at", [(0, 0), (5000, -3000), (-40_000, 60_000)])
def test_a_tile_keeps_to_the_round_earth_far_from_the_origin_too(at, turn_deg):
    """Five kilometres from it the ground of a flat model is two metres too high."""
    earth = earth_below(note(turn_deg=turn_deg), Rect(-1024, -1024, 2048, 2048))
    rect = Rect(*at, 2048, 2048)
    frame = earth.frame_at(rect.x + 1024, rect.z + 1024)
    piece = Rect(rect.x, rect.z, LEAF, LEAF)
    ends = list(product((piece.x, piece.x + LEAF), (0.0, 300.0), (piece.z, piece.z + LEAF)))
    points = np.array(ends)
    there = frame.centred(bend_of(earth, frame, piece).local(points))
    assert np.abs(there - earth.centred(points)).max() < 0.001


def test_up_is_up_and_north_is_true_north():
    earth = earth_below(note(turn_deg=90.0), Rect(0, 0, 16, 16))
    frame = earth.frame_at(0, 0)
    assert np.allclose(frame.axes.T @ frame.axes, np.eye(3), atol=1e-12)
    to_degrees = Transformer.from_crs(4978, 4979, always_xy=True)
    steps = np.array([[0.0, 0, 0], [100, 0, 0], [0, 100, 0], [0, 0, 100]])
    start, east, north, up = np.stack(to_degrees.transform(*frame.centred(steps).T), axis=1)
    assert east[0] > start[0]
    assert abs(east[1] - start[1]) < 1e-7
    assert north[1] > start[1]
    assert abs(north[0] - start[0]) < 1e-9
    assert np.allclose(up - start, [0, 0, 100.0], atol=1e-6)


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        ("EPSG:3006", "as the CRS is Sweden's, whose zero lies 26"),
        ("EPSG:5845", "heights above RH2000, whose zero lies 26"),
        ("EPSG:28992", "does not say what its heights are counted from"),
        ("EPSG:25832", "is not known here, and taken as 0"),
    ],
)
def test_it_says_what_is_known_of_heights(crs, said):
    origin = (80_000.0, 455_000.0) if crs == "EPSG:28992" else (619250.0, 6919812.0)
    assert said in earth_below(note(crs=crs, origin=origin), Rect(0, 0, 512, 512)).said


def test_beyond_the_geoid_model_heights_are_counted_from_the_ellipsoid():
    earth = earth_below(note(origin=(619250.0, 3_000_000.0)), Rect(0, 0, 512, 512))
    assert "taken as 0" in earth.said
    assert np.isfinite(earth.centred(np.array([[0.0, 62.0, 0.0], [9.0, 70.0, 9.0]]))).all()


def test_khronos_validator_finds_nothing(exported):
    files = sorted(map(str, (exported / "tiles").glob("*.glb")))
    done = subprocess.run(
        ["node", "validate_gltf.js", *files],
        cwd=npm_folder(VALIDATORS), capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == len(files) > 5
    assert [
        report["issues"]["messages"] for report in reports if report["issues"]["messages"]
    ] == []


def test_it_says_whose_data_it_is_made_of(exported):
    about = json.loads((exported / "about.json").read_text("utf-8"))
    assert "RH2000" in about["heights"]
    assert about["counts"]["tilesets"] == len(tilesets(exported))
    assert "Not an official Minecraft product" in (exported / "ATTRIBUTION.txt").read_text("utf-8")
    for tileset in tilesets(exported).values():
        assert tileset["asset"]["version"] == "1.1"
        assert tileset["asset"]["extras"]["city"] == "Liten"
