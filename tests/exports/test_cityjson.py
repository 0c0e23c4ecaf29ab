"""CityJSON of what was built, read back by cjio and checked by the official validator; solids by
manifold3d and trimesh."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import manifold3d
import numpy as np
import pytest
import shapely
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_city import api
from mc_city.build.build import build
from mc_city.build.house_notes import HouseNote, read_houses
from mc_city.exports.city_objects import house_parts
from mc_city.exports.scene import opened_scene, read_blocks
from mc_city.exports.solids import is_closed
from mc_city.settings.config import read_config
from mc_city.settings.names import HOUSES
from tests.conftest import ORIGIN, quiet, write_city
from tests.packs.programs import VALIDATORS, cargo_program
from worlds.errors import WorldError
from worlds.rect import Rect

FILES = ("Liten.city.json", "planned.city.json", "today.city.json")


@pytest.fixture(scope="module")
def exported(planned_out, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("cityjson") / "out"
    done = api.export(planned_out() / "Liten", out, "cityjson")
    assert done.counts == {"houses": 6, "roofs": 6}
    return out


def objects_of(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))["CityObjects"]


def named(objects: dict, **wanted) -> list[dict]:
    """The objects with some attributes."""
    return [
        one
        for one in objects.values()
        if all(one.get("attributes", {}).get(key) == value for key, value in wanted.items())
    ]


def mesh_of(model: dict, geometry: dict) -> trimesh.Trimesh:
    """A solid in metres from the origin, its faces cut into triangles by manifold3d."""
    scale = np.array(model["transform"]["scale"])
    corners = np.array(model["vertices"]) * scale
    triangles = []
    for rings in geometry["boundaries"][0]:
        places = [corners[ring] for ring in rings]
        ahead = np.roll(places[0], -1, axis=0)
        normal = np.cross(places[0] - places[0][0], ahead - places[0][0]).sum(axis=0)
        # Along the axis that it looks to most, so that it stays against the clock.
        axis = int(np.abs(normal).argmax())
        flat = [1, 2, 0, 1][axis : axis + 2]
        turn = flat if normal[axis] > 0 else flat[::-1]
        order = np.concatenate([np.array(ring) for ring in rings])
        found = manifold3d.triangulate([place[:, turn] for place in places])
        triangles += order[np.array(found)].tolist()
    return trimesh.Trimesh(corners, triangles, process=False)


def volume_of(mesh: trimesh.Trimesh) -> float:
    """Of a closed solid that looks outward, as manifold3d has it."""
    used, faces = np.unique(mesh.faces, return_inverse=True)
    solid = manifold3d.Manifold(
        manifold3d.Mesh(
            np.asarray(mesh.vertices[used], np.float32),
            np.asarray(faces.reshape(-1, 3), np.uint32),
        )
    )
    assert solid.status() == manifold3d.Error.NoError
    return float(solid.volume())


@pytest.mark.parametrize("name", FILES)
def test_all_solids_are_closed_and_look_outward(exported, name):
    model = json.loads((exported / name).read_text("utf-8"))
    solids = [
        geometry for one in model["CityObjects"].values() for geometry in one.get("geometry", ())
    ]
    assert len(solids) >= 6
    for geometry in solids:
        mesh = mesh_of(model, geometry)
        assert mesh.is_watertight
        assert mesh.is_winding_consistent
        assert volume_of(mesh) == pytest.approx(mesh.volume, rel=1e-3)
        assert mesh.volume > 100.0


def solids_of(path: Path, **wanted) -> dict[str, trimesh.Trimesh]:
    """The solids of the one object with these attributes, by their level of detail."""
    model = json.loads(path.read_text("utf-8"))
    (one,) = named(model["CityObjects"], **wanted)
    return {geometry["lod"]: mesh_of(model, geometry) for geometry in one["geometry"]}


def test_a_known_house_has_its_volume(exported):
    """Gabled, 15.2 by 12.5 metres, 7.5 metres high by its source."""
    path = exported / "Liten.city.json"
    solids = solids_of(path, function="house", state="today")
    (house,) = named(objects_of(path), function="house", state="today")
    told = house["attributes"]
    assert told["ridge_m"] - told["ground_m"] == pytest.approx(7.5, abs=0.011)
    bottom, area = solids["1.2"].bounds[0][2], 15.2 * 12.5
    rise = told["ridge_m"] - told["eaves_m"]
    up = told["eaves_m"] - bottom
    assert solids["2.2"].volume == pytest.approx(area * (up + rise / 2), rel=1e-3)
    assert solids["1.2"].volume == pytest.approx(area * (up + 0.7 * rise), rel=1e-3)
    assert solids["2.2"].bounds[1][2] == pytest.approx(told["ridge_m"], abs=0.002)
    assert told["roofType"] == "gable"
    assert told["roof_direction"] == 90.0


def test_a_yard_is_a_hole(exported):
    solids = solids_of(exported / "Liten.city.json", storeysAboveGround=4, state="today")
    mesh = solids["1.2"]
    with_yard = shapely.Polygon(
        [(0, 0), (25, 6), (22, 18), (-3, 12)], [[(6, 6), (16, 8.5), (15, 12), (5, 9.5)]]
    )
    low, high = mesh.bounds[:, 2]
    assert mesh.volume == pytest.approx(with_yard.area * (high - low), rel=1e-3)
    assert mesh.euler_number == 0


def test_houses_stand_where_their_source_has_them(exported):
    solids = solids_of(exported / "Liten.city.json", function="industry", state="today")
    assert np.allclose(solids["1.2"].bounds[:, :2], [[-6, -40], [6, -28]], atol=0.011)
    model = json.loads((exported / "Liten.city.json").read_text("utf-8"))
    assert model["transform"]["translate"] == [*ORIGIN, 0.0]


def test_heights_are_those_of_the_blocks_to_one_block(exported, planned_out):
    """The lowest top over the middle of the hall with a flat roof."""
    (hall,) = named(objects_of(exported / "today.city.json"), function="industry")
    told = hall["attributes"]
    with opened_scene(planned_out() / "Liten") as scene:
        blocks = read_blocks(scene, Rect(-3, 31, 6, 6))
    tops = len(blocks.ids) - 1 - np.argmax(blocks.ids[::-1] != 0, axis=0) + blocks.y0
    assert tops.min() - scene.note.frame.sea_level_y == pytest.approx(told["ridge_m"], abs=1.0)
    for name in ("eaves", "ridge"):
        built = told.get(f"built_{name}_m", told[f"{name}_m"])
        assert built == pytest.approx(told[f"{name}_m"], abs=1.0)


def test_planned_houses_tell_of_their_development(exported):
    found = objects_of(exported / "Liten.city.json")
    (alfa,) = named(found, development="alfa")
    told = alfa["attributes"]
    assert (told["development_name"], told["status"], told["done_year"]) == (
        "Alfa kvarter", "adopted", 2031,
    )  # fmt: skip
    assert told["state"] == "planned"
    options = sorted(one["attributes"]["options"] for one in named(found, development="beta"))
    assert options == [["beta/a"], ["beta/b"]]
    (taken,) = named(found, function="house", state="today")
    assert {"beta/a", "beta/b"} <= set(taken["attributes"]["demolished_by"])


def test_today_and_planned_are_whole_cities(exported):
    whole, planned, today = (objects_of(exported / name) for name in FILES)
    assert len(whole) == 6
    assert len(today) == len(named(today, state="today")) == 3
    # The first variant of each; what it takes down is gone.
    assert {tuple(one["attributes"].get("options", ())) for one in planned.values()} == {
        (), ("alfa",), ("beta/a",),
    }  # fmt: skip
    assert not named(planned, function="house", state="today")


READ_BY_CJIO = """
import sys
from cjio import cityjson
with open(sys.argv[1], encoding="utf-8") as file:
    model = cityjson.reader(file)
before = len(model.j["vertices"])
model.remove_duplicate_vertices()
model.remove_orphan_vertices()
facts = {
    "version": model.get_version(), "epsg": model.get_epsg(), "box": model.calculate_bbox(),
    "told": model.get_metadata()["geographicalExtent"], "houses": len(model.j["CityObjects"]),
    "clean": before == len(model.j["vertices"]),
}
import json
print(json.dumps(facts))
"""
"""In a process of its own: it changes how Python's json writes numbers."""


def test_it_lies_in_its_crs(exported):
    """cjio, which the makers of CityJSON wrote, reads it."""
    done = subprocess.run(
        [sys.executable, "-c", READ_BY_CJIO, exported / "Liten.city.json"],
        capture_output=True, text=True, timeout=100, check=True,
    )  # fmt: skip
    facts = json.loads(done.stdout)
    assert (facts["version"], facts["epsg"], facts["houses"]) == ("2.0", 3006, 6)
    assert facts["clean"]
    assert facts["told"] == pytest.approx(facts["box"], abs=0.0011)
    east, north = ORIGIN
    assert facts["box"][:2] == pytest.approx([east - 50.3, north - 40.0], abs=0.02)
    assert facts["box"][3:5] == pytest.approx([east + 30.0, north + 22.7], abs=0.02)


@pytest.mark.slow
def test_the_official_validator_finds_nothing(exported):
    program = cargo_program(VALIDATORS / "cityjson")
    assert program, "this test needs Rust"
    for name in FILES:
        done = subprocess.run(
            [program, exported / name], capture_output=True, text=True, timeout=60, check=True
        )
        found = dict(line.split(": ", 1) for line in done.stdout.splitlines())
        assert {"json_syntax", "schema", "semantics_arrays", "duplicate_vertices"} <= set(found)
        assert {criterion: said for criterion, said in found.items() if said != "ok"} == {}


def test_both_editions_give_the_same_files(exported, planned_out, tmp_path):
    api.export(planned_out() / "Liten.mcworld", tmp_path / "out", "cityjson")
    for name in FILES:
        assert (tmp_path / "out" / name).read_bytes() == (exported / name).read_bytes()


def test_a_part_has_the_houses_whose_place_is_in_it(planned_out, tmp_path):
    east, north = ORIGIN
    area = east - 60, north + 5, east - 30, north + 30
    done = api.export(planned_out() / "Liten", tmp_path / "out", "cityjson", area=area)
    assert done.counts["houses"] == 1
    (one,) = objects_of(tmp_path / "out" / "Liten.city.json").values()
    assert one["attributes"]["function"] == "house"


def copied(world: Path, folder: Path) -> Path:
    """The notes of a world, as a world of their own."""
    folder.mkdir()
    for name in ("level.dat", "mc_city.json", HOUSES):
        (folder / name).write_bytes((world / name).read_bytes())
    return folder


def test_worlds_of_earlier_versions_say_to_build_again(planned_out, tmp_path):
    world = copied(planned_out() / "Liten", tmp_path / "old")
    (world / HOUSES).unlink()
    with pytest.raises(WorldError, match="noted no houses") as raised:
        api.export(world, tmp_path / "out", "cityjson")
    assert "build it again" in raised.value.hint
    assert not (tmp_path / "out").exists()


def note_of(world: Path) -> dict:
    return json.loads(gzip.decompress((world / HOUSES).read_bytes()))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("shape", []), ("shape", [[[0, 0, 1]]]), ("shape", [[[0, 0, 1, 1, 2, float("nan")]]]),
        ("shape", [[[0, 0, 1, 1, 10**30, 2]]]), ("eaves", None), ("eaves", -(10**9)), ("ridge", 0),
        ("roof", "../x"), ("id", ""), ("options", ["../x"]), ("slopes", [1.0]),
        ("slopes", [1e400] * 4), ("built", {}), ("roof_direction", 720.0),
    ],
)  # fmt: skip
def test_a_note_that_no_build_wrote_is_refused(planned_out, tmp_path, key, value):
    world = copied(planned_out() / "Liten", tmp_path / "world")
    note = note_of(world)
    note["houses"][0][key] = value
    (world / HOUSES).write_bytes(gzip.compress(json.dumps(note).encode()))
    with pytest.raises(WorldError, match="not readable"):
        api.export(world, tmp_path / "out", "cityjson")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("data", [b"", b"\x1f\x8b", b"{}", gzip.compress(b"\0" * (300 << 20))])
def test_a_file_that_is_no_note_is_refused(planned_out, tmp_path, data):
    world = copied(planned_out() / "Liten", tmp_path / "world")
    (world / HOUSES).write_bytes(data)
    with pytest.raises(WorldError, match="not readable"):
        read_houses(world / HOUSES)


def test_a_city_without_plans_is_one_file(small_world, tmp_path):
    done = api.export(small_world / "Liten", tmp_path / "out", "cityjson")
    assert set(done.files) == {"ATTRIBUTION.txt", "Liten.city.json", "about.json"}
    assert done.counts["houses"] == 3


def test_a_house_at_the_border_is_whole_on_both_sides(halves):
    shapes = []
    for side in halves:
        houses = read_houses(side / "Liten" / HOUSES).houses
        shapes.append({house.id: house.model_dump() for house in houses})
    both = set(shapes[0]) & set(shapes[1])
    assert both
    assert all(shapes[0][name] == shapes[1][name] for name in both)


def test_a_turned_city_stands_where_the_map_has_it(tmp_path):
    config = read_config(write_city(tmp_path))
    turned = config.model_copy(update={"city": config.city.model_copy(update={"turn_deg": 30.0})})
    build(turned, tmp_path / "out", 1, False, quiet)
    houses = {house.id: house for house in read_houses(tmp_path / "out" / "Liten" / HOUSES).houses}
    ring = np.array(houses["c"].shape[0][0]).reshape(-1, 2) / 100
    assert np.allclose([ring.min(axis=0), ring.max(axis=0)], [[-6, -40], [6, -28]], atol=0.011)
    assert houses["a"].roof_direction == 90.0


def house(ring: list[tuple[float, float]], slopes: list[float], **more) -> HouseNote:
    flat = [round(100 * value) for corner in ring for value in corner]
    facts = {
        "id": "a", "shape": [[flat]], "ground": 0, "bottom": -50, "eaves": 600, "ridge": 900,
        "built": {"floor_y": 0, "eaves_y": 6, "rise": 3.0}, "roof": "hip",
        "height_from": "column", "use": "house", "slopes": slopes, **more,
    }  # fmt: skip
    return HouseNote.model_validate_json(json.dumps(facts))


@settings(max_examples=60)
@given(
    st.lists(st.floats(0.0, 6.283), min_size=3, max_size=9, unique=True),
    st.floats(4.0, 40.0),
    st.floats(0.3, 1.0),
    st.booleans(),
    st.data(),
)
def test_any_plain_roof_is_closed(angles, size, narrow, clockwise, data):
    """Houses whose corners lie on an ellipse, with slopes from some of their walls."""
    ring = [
        (size * np.cos(angle), narrow * size * np.sin(angle))
        for angle in sorted(angles, reverse=clockwise)
    ]
    slopes = data.draw(
        st.lists(st.sampled_from([0.0, 0.5, 0.7]), min_size=len(ring), max_size=len(ring))
    )
    knee = data.draw(st.sampled_from([None, (1.5, 0.2)]))
    for part in house_parts(house(ring, slopes, knee=knee)):
        assert all(is_closed(solid) for solid in part.values())


def test_roofs_are_made_for_plain_houses():
    """As it closes or is left out, that it is there is asked for too."""
    ring = [(0.0, 0.0), (10.0, 0.0), (10.0, 8.0), (0.0, 8.0)]
    for slopes, faces in (
        ([0.6, 0.0, 0.6, 0.0], 2), ([0.6] * 4, 4), ([0.3, 0.0, 0.0, 0.0], 1),
        ([0.6, 0.6, 0.6, 0.0], 3),
    ):  # fmt: skip
        for turn in (0.0, 0.3, 1.1):
            cos, sin = np.cos(turn), np.sin(turn)
            turned = [(cos * x - sin * y, sin * x + cos * y) for x, y in ring]
            for own, order in ((turned, slopes), (turned[::-1], [*slopes[-2::-1], slopes[-1]])):
                (part,) = house_parts(house(own, order))
                roofs = [face for face in part["2.2"] if face.kind == "RoofSurface"]
                assert len(roofs) == faces
                top = max(corner[2] for face in roofs for corner in face.rings[0])
                assert top == 9000


def test_a_mansard_has_its_knee():
    ring = [(0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0)]
    (part,) = house_parts(house(ring, [1.6, 0.0, 1.6, 0.0], knee=(1.2, 0.3), roof="mansard"))
    roofs = [face for face in part["2.2"] if face.kind == "RoofSurface"]
    assert len(roofs) == 4
    heights = sorted({corner[2] for face in roofs for corner in face.rings[0]})
    # Eaves, knee and ridge: 1.6 a metre meets 1.2 and 0.3 a metre after 12/13 m.
    assert heights == [6000, 6000 + round(3000 * (1.6 * 12 / 13) / 2.7), 9000]
