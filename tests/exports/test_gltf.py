"""GLB files, read back by Khronos' validator and by trimesh."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import trimesh

from mc_city import api
from tests.packs.programs import VALIDATORS, npm_folder
from worlds.errors import ConfigError, WorldError


@pytest.fixture(scope="module")
def exported(planned_out, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("gltf") / "out"
    done = api.export(planned_out() / "Liten", out, "gltf")
    assert done.counts["faces"] > 1000
    return out


def test_khronos_validator_finds_nothing(exported):
    command = ["node", "validate_gltf.js", str(exported / "Liten.glb")]
    done = subprocess.run(
        command, cwd=npm_folder(VALIDATORS), capture_output=True, text=True, timeout=300, check=True
    )
    report = json.loads(done.stdout)
    assert report["issues"]["messages"] == []
    assert report["info"]["totalTriangleCount"] > 2000


def document(path: Path) -> dict:
    data = path.read_bytes()
    return json.loads(data[20 : 20 + int.from_bytes(data[12:16], "little")])


def test_scenes_show_today_and_what_is_planned(exported, planned_out):
    found = document(exported / "Liten.glb")
    assert [scene["name"] for scene in found["scenes"]] == ["today", "planned", "every state"]
    shown = [
        [found["nodes"][node]["extras"]["layers"] for node in scene["nodes"]]
        for scene in found["scenes"][:2]
    ]
    assert all(set(layers.values()) <= {0} for layers in shown[0])
    assert all(set(layers.values()) <= {1} for layers in shown[1])
    ids = {switch for layers in shown[1] for switch in layers}
    assert ids == {layer.id.partition("/")[0] for layer in
                   api.open_world(planned_out() / "Liten").layers}  # fmt: skip


def test_it_lies_where_the_world_lies(exported, planned_out):
    """In metres from the origin, −z to grid north, height 0 at y 0."""
    scene = trimesh.load(exported / "Liten.glb")
    low, high = scene.bounds
    facts = api.open_world(planned_out() / "Liten").facts
    west, south, east, north = facts["area"]["bounds"]
    zero = facts["frame"]["origin"]
    expected = np.array([[west - zero[0], zero[1] - north], [east - zero[0], zero[1] - south]])
    assert np.allclose([low[[0, 2]], high[[0, 2]]], expected, atol=16.0)
    extras = document(exported / "Liten.glb")["asset"]["extras"]
    assert extras["origin"] == zero
    assert extras["crs"] == facts["frame"]["crs"]


def test_a_part_is_smaller_and_lies_where_it_was_asked_for(planned_out, tmp_path):
    facts = api.open_world(planned_out() / "Liten").facts
    west, south, east, north = facts["area"]["bounds"]
    middle = ((west + east) / 2, (south + north) / 2)
    part = middle[0] - 20, middle[1] - 20, middle[0] + 20, middle[1] + 20
    api.export(planned_out() / "Liten", tmp_path / "out", "gltf", area=part)
    low, high = trimesh.load(tmp_path / "out" / "Liten.glb").bounds
    assert (high - low)[[0, 2]].tolist() == [40.0, 40.0]
    zero = facts["frame"]["origin"]
    assert np.allclose(low[[0, 2]], [part[0] - zero[0], zero[1] - part[3]], atol=1.0)


@pytest.mark.parametrize(
    "area", [(0.0, 0.0, 1.0, 1.0), (5.0, 5.0, 1.0, 1.0), (float("nan"), 0.0, 1.0, 1.0)]
)
def test_an_area_that_is_none_is_explained(planned_out, tmp_path, area):
    with pytest.raises(ConfigError, match="--area"):
        api.export(planned_out() / "Liten", tmp_path / "out", "gltf", area=area)
    assert not (tmp_path / "out").exists()


def test_what_is_there_is_not_overwritten_unasked(exported, planned_out):
    before = (exported / "Liten.glb").read_bytes()
    with pytest.raises(WorldError, match="there already"):
        api.export(planned_out() / "Liten", exported, "gltf")
    assert (exported / "Liten.glb").read_bytes() == before


def test_it_says_whose_data_it_is_made_of(exported):
    text = (exported / "ATTRIBUTION.txt").read_text("utf-8")
    assert "Not an official Minecraft product" in text
    assert json.loads((exported / "about.json").read_text("utf-8"))["city"] == "Liten"


def test_an_unknown_format_is_named(planned_out, tmp_path):
    with pytest.raises(ConfigError, match="no format"):
        api.export(planned_out() / "Liten", tmp_path / "out", "obj")
