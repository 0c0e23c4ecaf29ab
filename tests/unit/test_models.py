"""Models as files: what is read of each format, and what is refused."""

from __future__ import annotations

import base64
import json
import random
import struct
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from buildings.models import meshes
from buildings.models.beside import Pictures
from buildings.models.meshes import Material, ModelSource, plain_mesh
from buildings.models.polygons import triangles_of
from buildings.models.reading import read_model
from buildings.models.shades import halved, model_paints, nearest_paints
from buildings.models.shaping import shape_model
from mc_city.build.fingerprint import fingerprint
from mc_city.settings.config import Config, read_config
from mc_city.site import models as site_models
from mc_city.starter import write_starter
from terrain.files.kinds import model_format, what_is
from terrain.frame import Frame
from tests.conftest import ORIGIN, PROJECT, write_raster
from tests.models import (
    BLUE,
    LOW,
    RED,
    TALL,
    WHITE,
    city_with,
    glb_of,
    gltf_parts,
    map_place,
    triangles,
    write_glb,
    write_ifc,
    write_l,
    write_obj,
    write_round_model,
)
from tests.mutants import in_bytes, in_json
from worlds.errors import McCityError, SourceError
from worlds.style_tables import STYLES, read_materials

FRAME = Frame("EPSG:3006", 600_000, 6_900_000)
PAINTS = model_paints(read_materials(STYLES))
AT = (600_010.0, 6_900_010.0)


def shaped(path, **more):
    read, up = read_model(path)
    source = ModelSource(**{"path": path, "name": "x", "at": AT, **more})
    return shape_model(read, up, source, FRAME, PAINTS)


def refused(path, **more) -> str:
    with pytest.raises(SourceError) as caught:
        shaped(path, **more)
    said = f"{caught.value} | {caught.value.hint}"
    assert caught.value.hint
    assert "\n" not in said
    return said


def test_a_block_is_nearest_to_its_own_colour():
    table = read_materials(STYLES).value("models.blocks")
    colours = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in table.values()])
    found = nearest_paints(colours.astype(np.uint8), np.zeros(len(colours), bool), PAINTS)
    assert [PAINTS.names[number] for number in found] == list(table)


@pytest.mark.parametrize(
    ("colour", "clear", "wanted"),
    [
        ((230, 230, 226), False, "calcite smooth_quartz white_concrete"),
        ((128, 28, 24), False, "red_concrete red_wool"),
        ((90, 160, 130), False, "oxidized_cut_copper"),
        ((150, 190, 235), True, "light_blue_stained_glass glass"),
        ((225, 240, 245), True, "glass white_stained_glass"),
        ((60, 64, 66), False, "gray_concrete deepslate_tiles"),
        ((30, 60, 160), False, "blue_concrete"),
        ((128, 48, 31), False, "mangrove_planks red_terracotta red_concrete"),
    ],
)  # fmt: skip
def test_colours_become_what_a_person_would_choose(colour, clear, wanted):
    found = nearest_paints(np.array([colour], np.uint8), np.array([clear]), PAINTS)
    assert PAINTS.names[int(found[0])] in wanted.split()


def test_a_picture_is_halved_by_the_mean_of_four():
    picture = np.zeros((3, 4, 4), np.uint8)
    picture[0, 0], picture[1, 1] = 100, 50
    assert halved(picture)[0, 0].tolist() == [38] * 4
    assert halved(picture).shape == (2, 2, 4)


def test_a_concave_face_with_a_hole_has_the_area_that_it_has():
    outer = np.array([(0, 0, 0), (6, 0, 0), (6, 0, 6), (3, 0, 2), (0, 0, 6)], float)
    hole = np.array([(1, 0, 0.5), (1, 0, 1.5), (2, 0, 1.5), (2, 0, 0.5)], float)
    points = np.concatenate([outer, hole])
    for rings, area in (([outer], 24.0), ([outer, hole], 23.0)):
        parts = points[triangles_of(rings)]
        turns = np.cross(parts[:, 1] - parts[:, 0], parts[:, 2] - parts[:, 0])[:, 1] / 2
        assert turns.sum() == pytest.approx(-area)
        assert (turns < 0).all(), "all as the outer ring goes round"


def test_the_formats_are_known_by_their_content(tmp_path):
    head, _ = gltf_parts([(TALL, RED)])
    (tmp_path / "a.gltf").write_text(json.dumps(head), "utf-8")
    files = {
        "gltf": [write_l(tmp_path / "a.dat"), tmp_path / "a.gltf"],
        "obj": [write_obj(tmp_path / "b.txt", [(TALL, "m")], "# gjord i Blender\no Hus")],
        "ifc": [write_ifc(tmp_path / "c.bin", [(TALL, RED)])],
    }
    for kind, paths in files.items():
        assert [model_format(path) for path in paths] == [kind] * len(paths)
    assert "[[models]]" in what_is(tmp_path / "a.dat").advice


def test_nobody_says_where_a_model_stands(tmp_path):
    assert "at = [" in refused(write_l(tmp_path / "l.glb"), at=None)


@pytest.mark.parametrize(
    "uri",
    [
        "../x.bin", "/etc/passwd", "http://a.se/x.bin", "a/../../x", "C:\\x", "%2e%2e/x.bin",
        "file:///etc/passwd", "..\\x.png",
    ],
)  # fmt: skip
@pytest.mark.parametrize("what", ["buffers", "images"])
def test_a_gltf_must_not_name_files_elsewhere(tmp_path, uri, what):
    head, blob = gltf_parts([(TALL, RED)])
    (tmp_path / "m").mkdir()
    (tmp_path / "x.bin").write_bytes(blob)
    (tmp_path / "m" / "b.bin").write_bytes(blob)
    head["buffers"][0]["uri"] = "b.bin"
    head["images"] = [{"uri": "data:image/png;base64,"}]
    head[what][0]["uri"] = uri
    path = tmp_path / "m" / "a.gltf"
    path.write_text(json.dumps(head), "utf-8")
    assert "outside its own folder" in refused(path)


def test_neither_must_an_obj_nor_its_materials(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    (tmp_path / "x.mtl").write_text("newmtl a\nKd 1 0 0\n", "utf-8")
    path = write_obj(folder / "a.obj", [(TALL, "a")], "mtllib ../x.mtl")
    assert "outside its own folder" in refused(path)
    (folder / "b.mtl").write_text("newmtl a\nmap_Kd -s 2 2 2 ../../x.png\n", "utf-8")
    path = write_obj(folder / "b.obj", [(TALL, "a")], "mtllib b.mtl")
    assert "outside its own folder" in refused(path)
    link = folder / "c.mtl"
    link.symlink_to(tmp_path / "x.mtl")
    path = write_obj(folder / "c.obj", [(TALL, "a")], "mtllib c.mtl")
    assert "outside its own folder" in refused(path)


def test_pictures_that_are_not_there_are_counted_and_the_model_stands(tmp_path):
    (tmp_path / "a.mtl").write_text("newmtl a\nmap_Kd borta.png\n", "utf-8")
    path = write_obj(tmp_path / "a.obj", [(TALL, "a"), (LOW, "okänd")], "mtllib a.mtl")
    found = shaped(path)
    assert found.left_out["pictures or materials that are not there"] == 1
    assert found.left_out["materials that no library has, drawn grey"] == 1
    assert found.faces == 24


def cyclic(head):
    head["nodes"] = [{"children": [0], "mesh": 0}]


def many(head):
    head["nodes"] = [{"mesh": 0, "children": [1, 1, 1, 1, 1, 1, 1, 1]}] + [
        {"children": [number] * 8} for number in range(2, 30)
    ]


def endless(head):
    head["accessors"].append({"componentType": 5126, "count": 1 << 40, "type": "VEC3"})


def beyond(head):
    head["bufferViews"][0]["byteLength"] = 1 << 30


def corner(head):
    head["accessors"].append({"bufferView": 0, "componentType": 5125, "count": 3, "type": "SCALAR"})
    head["meshes"][0]["primitives"][0]["indices"] = len(head["accessors"]) - 1


def packed(head):
    head["extensionsRequired"] = ["KHR_draco_mesh_compression"]


def shared(head):
    part = head["meshes"][0]["primitives"][0]
    head["meshes"] = [{"primitives": [part] * 1000} for _ in range(300)]


def lines(head):
    head["meshes"][0]["primitives"][0]["mode"] = 1


def empty(head):
    head["meshes"] = []


def far(head):
    head["nodes"] = [{"mesh": 0, "scale": [1e30, 1e30, 1e30]}]


def wide(head):
    head["nodes"] = [{"mesh": 0, "scale": [1000, 1, 1000]}]


@pytest.mark.parametrize(
    "damage", [cyclic, many, endless, beyond, corner, packed, shared, lines, empty, far, wide]
)
def test_a_gltf_that_would_take_all_or_is_none_ends_in_two_lines(tmp_path, damage):
    head, blob = gltf_parts([(TALL, RED)])
    damage(head)
    (tmp_path / "a.glb").write_bytes(glb_of(head, blob))
    assert "a.glb" in refused(tmp_path / "a.glb")


def test_faces_are_counted_where_they_stand_and_not_where_they_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(meshes, "MOST_FACES", 100)
    head, blob = gltf_parts([(TALL, RED)])
    head["nodes"] = [{"mesh": 0} for _ in range(20)]
    head["scenes"] = [{"nodes": list(range(20))}]
    (tmp_path / "a.glb").write_bytes(glb_of(head, blob))
    assert "108 faces, 100 are possible" in refused(tmp_path / "a.glb")


@pytest.mark.parametrize("fault", ["sparse", "elsewhere"])
def test_points_that_are_packed_in_other_ways_are_no_zeros(tmp_path, fault):
    """Sparse arrays, and Draco where the file does not say that it is needed."""
    head, blob = gltf_parts([(TALL, RED), (LOW, BLUE)])
    if fault == "sparse":
        head["accessors"][0]["sparse"] = {"count": 1}
    else:
        del head["accessors"][0]["bufferView"]
    path = tmp_path / "a.glb"
    path.write_bytes(glb_of(head, blob))
    with pytest.raises(SourceError, match="packed in a way that is not known") as caught:
        read_model(path)
    assert "without compression" in caught.value.hint


def test_bones_and_instances_that_are_not_followed_are_told(tmp_path):
    nodes = [{"mesh": 0, "skin": 0}, {}]
    path = write_glb(
        tmp_path / "a.glb", [(TALL, RED)], nodes=nodes, skins=[{"joints": [1]}],
        extensionsUsed=["EXT_mesh_gpu_instancing"],
    )  # fmt: skip
    assert len(read_model(path)[0].notes) == 2


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(50), b"<svg/>"])
def test_pictures_that_no_library_opens_are_counted(tmp_path, data):
    uri = "data:image/png;base64," + base64.b64encode(data).decode()
    head, blob = gltf_parts([(TALL, RED)])
    head |= {"images": [{"uri": uri}], "textures": [{"source": 0}]}
    head["materials"][0]["pbrMetallicRoughness"] = {"baseColorTexture": {"index": 0}}
    path = tmp_path / "a.glb"
    path.write_bytes(glb_of(head, blob))
    assert read_model(path)[0].left_out["pictures that cannot be read"] == 1


def test_greys_of_16_bits_are_as_light_as_they_are():
    grey = Image.fromarray(np.full((2, 2), 100 * 257, np.uint16))
    picture = Pictures(1, Counter()).of(grey)
    assert picture is not None
    assert np.unique(picture[..., :3]).tolist() == [100]


def test_a_file_that_stands_many_times_is_read_once(tmp_path, monkeypatch):
    write_l(tmp_path / "l.glb")
    entry = '[[models]]\npath = "l.glb"\nat = [{}, {}]\n'
    places = [entry.format(ORIGIN[0] + 10 * number, ORIGIN[1]) for number in range(3)]
    config = read_config(city_with(tmp_path, "\n".join(places)))
    read = []

    def counted(path):
        read.append(path)
        return read_model(path)

    monkeypatch.setattr(site_models, "read_model", counted)
    assert len(site_models.read_models(config, lambda: PAINTS).shaped) == 3
    assert len(read) == 1


def test_a_picture_larger_than_can_be_is_left_out(tmp_path):
    header = struct.pack(">II5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + b"\0\0\0\0"
    (tmp_path / "p.png").write_bytes(data)
    (tmp_path / "a.mtl").write_text("newmtl a\nmap_Kd p.png\n", "utf-8")
    path = write_obj(tmp_path / "a.obj", [(TALL, "a")], "mtllib a.mtl")
    assert sum(count for why, count in shaped(path).left_out.items() if "picture" in why) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n", "line 4"), ("v 0 0\nf 1 1 1\n", "line 1"),
        ("v 0 0 0\nv 1 0 0\nf 1 2\n", "no faces"), ("v 0 0 0\nv a 0 0\nf 1 2 1\n", "line 2"),
        ("v 0 0 0\nv 1 0 0\nv nan 1 0\nf 1 2 3\n", "no faces with an area"),
        ("v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "no faces with an area"),
    ],
)  # fmt: skip
def test_an_obj_that_is_none_is_refused_with_its_line(tmp_path, text, said):
    (tmp_path / "a.obj").write_text(text, "utf-8")
    assert said in refused(tmp_path / "a.obj")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_text_with_a_mark_of_its_encoding_is_read(tmp_path, encoding):
    path = write_obj(tmp_path / "a.obj", [(TALL, "stone")])
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    plain = shaped(path)
    path.write_bytes(mark + path.read_text("utf-8").encode(encoding))
    assert shaped(path).size_m == plain.size_m


def test_a_model_of_some_millimetres_is_asked_about(tmp_path):
    path = write_obj(tmp_path / "a.obj", [(TALL, "stone")], scale=0.001)
    assert "is its unit another" in " ".join(shaped(path).notes)
    assert shaped(path, scale=1000).notes == ()


def test_negative_corners_and_faces_of_many_corners_are_read(tmp_path):
    text = "v 0 0 0\nv 4 0 0\nv 4 0 -4\nv 2 0 -1\nv 0 0 -4\nf -5 -4 -3 -2 \\\n -1\nl 1 2\n"
    (tmp_path / "a.obj").write_text(text, "utf-8")
    found = shaped(tmp_path / "a.obj")
    assert found.faces == 3
    assert found.left_out["lines"] == 1


CITYGML = """<?xml version="1.0"?>
<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0" xmlns:gml="http://www.opengis.net/gml"
 xmlns:bldg="http://www.opengis.net/citygml/building/2.0"
 xmlns:app="http://www.opengis.net/citygml/appearance/2.0">
<gml:boundedBy><gml:Envelope srsName="EPSG:3006" srsDimension="3"/></gml:boundedBy>
<core:cityObjectMember><bldg:Building gml:id="b"><bldg:boundedBy><bldg:WallSurface gml:id="w">
<bldg:lod2MultiSurface><gml:MultiSurface><gml:surfaceMember><gml:Polygon gml:id="p"><gml:exterior>
<gml:LinearRing gml:id="r"><gml:posList>{ring}</gml:posList></gml:LinearRing></gml:exterior>
</gml:Polygon>
</gml:surfaceMember></gml:MultiSurface></bldg:lod2MultiSurface></bldg:WallSurface></bldg:boundedBy>
</bldg:Building></core:cityObjectMember>
<app:appearanceMember><app:Appearance><app:surfaceDataMember><app:ParameterizedTexture>
<app:imageURI>{picture}</app:imageURI><app:target uri="#p"><app:TexCoordList>
<app:textureCoordinates ring="#r">0 0 1 0 1 1 0 1 0 0</app:textureCoordinates></app:TexCoordList>
</app:target>
</app:ParameterizedTexture></app:surfaceDataMember></app:Appearance></app:appearanceMember>
</core:CityModel>"""
RING = "600004 6900008 30 600012 6900008 30 600012 6900008 34 600004 6900008 34 600004 6900008 30"


def test_a_citygml_wall_stands_where_it_says_with_its_texture(tmp_path):
    pixels = np.full((32, 64, 3), RED, np.uint8)
    pixels[:, 32:] = BLUE
    Image.fromarray(pixels).save(tmp_path / "w.png")
    path = tmp_path / "a.gml"
    path.write_text(CITYGML.format(ring=RING, picture="w.png"), "utf-8")
    found = shaped(path, at=None)
    assert found.used == {"red_concrete": 16, "blue_concrete": 16}
    assert found.pose.height_m == 30.0
    assert (found.shape.x0, found.shape.z0) in ((4, -9), (4, -8))
    names = [PAINTS.names[code - 2] for code in found.shape.codes[0, 0]]
    assert names == ["red_concrete"] * 4 + ["blue_concrete"] * 4
    path.write_text(CITYGML.format(ring=RING, picture="../w.png"), "utf-8")
    assert "outside its own folder" in refused(path, at=None)


def test_what_is_seen_from_outside_counts_for_a_wall():
    """A wall of two skins in one block: red outside, blue inside."""
    outer, inner = triangles(((0, 0, 0), (6, 6, 6))), triangles(((0.3, 0.3, 0.3), (5.7, 5.7, 5.7)))
    red, blue = (plain_mesh(part, Material((*colour, 255))) for part, colour in
                 ((outer, RED), (inner[:, ::-1], BLUE)))  # fmt: skip
    read = meshes.ReadModel(format="test", mesh=meshes.joined([blue, red]))
    source = ModelSource(path=STYLES, name="x", at=AT)
    found = shape_model(read, "z", source, FRAME, PAINTS)
    assert list(found.used) == ["red_concrete"]


@pytest.mark.parametrize(("inside", "inner"), [("hollow", 0), ("solid", 8**3), ("kept", 2 * 8 * 8)])
def test_what_is_in_a_closed_body_is_as_one_wishes(inside, inner):
    rooms = np.concatenate([triangles(((1, 1, low), (9, 9, low + 0.1))) for low in (3.2, 6.2)])
    box = triangles(((0, 0, 0), (10, 10, 10)))
    mesh = plain_mesh(np.concatenate([box, rooms]), Material((*RED, 255)))
    read = meshes.ReadModel(format="test", mesh=mesh)
    source = ModelSource(path=STYLES, name="x", at=AT, inside=inside)
    found = shape_model(read, "z", source, FRAME, PAINTS)
    assert sum(found.used.values()) == 10**3 - 8**3 + inner


def outcome(path) -> str:
    """`stands`, `refused` in two lines, or what was said else."""
    try:
        shaped(path)
    except McCityError as error:
        said = f"{error}{error.hint}"
        return "refused" if error.hint and "\n" not in said else said
    return "stands"


def mutants_of(path, count):
    data = path.read_bytes()
    for number in range(count):
        chance = random.Random(f"{path.name} {number}")
        if path.suffix == ".glb" and number % 2:
            head, blob = gltf_parts([(TALL, RED), (LOW, BLUE)])
            yield glb_of(in_json(json.dumps(head).encode(), chance), blob)
        else:
            yield in_bytes(data, chance)


@pytest.mark.parametrize("kind", ["glb", "obj", "gml"])
def test_damaged_models_end_in_a_model_or_in_two_lines(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "glb":
        write_l(path)
    elif kind == "obj":
        write_obj(path, [(TALL, "a"), (LOW, "b")])
    else:
        path.write_text(CITYGML.format(ring=RING, picture="w.png"), "utf-8")
    ended = {"stands": 0, "refused": 0}
    for data in mutants_of(path, 150):
        path.write_bytes(data)
        ended[outcome(path)] += 1
    assert min(ended.values()) > 3


@pytest.mark.slow
def test_damaged_ifc_files_end_so_too(tmp_path):
    pytest.importorskip("ifcopenshell")
    path = write_ifc(tmp_path / "a.ifc", [(TALL, RED)])
    ended = {"stands": 0, "refused": 0}
    for data in mutants_of(path, 40):
        path.write_bytes(data)
        ended[outcome(path)] += 1
    assert min(ended.values()) > 3


def test_an_ifc_without_its_end_and_without_the_library_is_refused(tmp_path, monkeypatch):
    path = write_ifc(tmp_path / "a.ifc", [(TALL, RED)])
    path.write_bytes(path.read_bytes()[:-40])
    pytest.importorskip("ifcopenshell")
    assert "cut short" in refused(path)
    monkeypatch.setattr("buildings.models.ifc.find_spec", lambda _: None)
    assert "mc-city[ifc]" in refused(path)


def blocks_of(found, name, foot=0):
    """{(x, y, z)} of the blocks of a name, y from the foot."""
    shape = found.shape
    y, z, x = np.nonzero(shape.codes == 2 + PAINTS.names.index(name))
    places = np.stack([x + shape.x0, y + shape.low - foot, z + shape.z0], axis=1)
    return set(map(tuple, places.tolist()))


def shell(xs, ys, zs):
    return {
        (x, y, z)
        for x in xs for y in ys for z in zs
        if x in (xs[0], xs[-1]) or y in (ys[0], ys[-1]) or z in (zs[0], zs[-1])
    }  # fmt: skip


TURNS = {
    # x east, z south of the origin, block 30, −20. Tall part (x, z), then the foot.
    0: ((range(30, 34), range(-23, -20)), (range(34, 36), range(-21, -20))),
    90: ((range(30, 33), range(-20, -16)), (range(30, 31), range(-16, -14))),
    180: ((range(26, 30), range(-20, -17)), (range(24, 26), range(-20, -19))),
    270: ((range(27, 30), range(-24, -20)), (range(29, 30), range(-26, -24))),
}
HERE = (600_030.0, 6_900_020.0)


def assert_l(found, turn, low=0):
    tall, foot = TURNS[turn]
    assert blocks_of(found, "red_concrete") == shell(tall[0], range(low, low + 5), tall[1])
    assert blocks_of(found, "blue_concrete") == {(x, low, z) for x in foot[0] for z in foot[1]}


@pytest.mark.parametrize("turn", TURNS)
def test_a_model_is_turned_clockwise_around_its_origin(tmp_path, turn):
    assert_l(shaped(write_l(tmp_path / "l.glb"), at=HERE, turn=turn), turn)
    assert_l(shaped(write_l(tmp_path / "l.glb"), at=HERE, turn=turn - 360.0), turn)


@pytest.mark.parametrize(
    ("unit", "place"),
    [
        (".MILLI.", map_place(600_030, 6_900_020, 25, (0, 1), "#7", "0.001")),
        (".MILLI.", map_place(600_030_000, 6_900_020_000, 25_000, (0, 1), "$", "1.")),
        # As some programs write it: no scale, or metres without saying so.
        (".MILLI.", map_place(600_030, 6_900_020, 25, (0, 1), "#7", "1.")),
        (".MILLI.", map_place(600_030, 6_900_020, 25, (0, 1), "$", "$")),
        ("$", map_place(600_030, 6_900_020, 25, (0, 1))),
    ],
)
def test_an_ifc_house_stands_where_its_map_conversion_says(tmp_path, unit, place):
    pytest.importorskip("ifcopenshell")
    path = write_ifc(tmp_path / "l.ifc", [(TALL, RED), (LOW, BLUE)], place, unit)
    assert_l(shaped(path, at=None), 270)


def test_an_ifc_house_without_a_place_has_its_north_in_the_north_and_its_zero_on_the_ground(
    tmp_path,
):
    """North is along its x axis; its cellar reaches two metres below zero."""
    pytest.importorskip("ifcopenshell")
    boxes = [(TALL, RED), (LOW, BLUE), (((0, 0, -2), (4, 3, 0)), WHITE)]
    lines = "#20=IFCDIRECTION((1.,0.));\n"
    path = write_ifc(tmp_path / "l.ifc", boxes, lines, north="#20")
    found = shaped(path, at=HERE)
    assert_l(found, 270)
    assert {y for _, y, _ in blocks_of(found, "white_concrete")} == {-2, -1}
    assert found.pose.height_m is None
    whole = shaped(path, at=HERE, zero="foot")
    assert {y for _, y, _ in blocks_of(whole, "red_concrete")} == set(range(2, 7))


def test_a_model_of_another_unit_and_scale_is_as_large_as_it_should_be(tmp_path):
    red = " ".join(f"{value / 255:.4f}" for value in RED)
    blue = " ".join(f"{value / 255:.4f}" for value in BLUE)
    (tmp_path / "l.mtl").write_text(f"newmtl röd\nKd {red}\nnewmtl blå\nKd {blue}\n", "utf-8")
    boxes = [(TALL, "röd"), (LOW, "blå")]
    path = write_obj(tmp_path / "l.obj", boxes, "# utan enhet\nmtllib l.mtl", 1000.0)
    found = shaped(path, at=HERE, unit="mm", up="z", scale=2.0)
    assert blocks_of(found, "red_concrete") == shell(range(30, 38), range(10), range(-26, -20))
    # The foot is two blocks high, wide and deep: nothing of it is inside.
    assert blocks_of(found, "blue_concrete") == {
        (x, y, z) for x in range(38, 42) for y in (0, 1) for z in (-22, -21)
    }
    assert "unit" in refused(path, at=HERE, up="z")


def test_a_texture_gives_each_block_the_colour_of_its_part(tmp_path):
    """A wall eight metres wide and four high, of which the picture's left half is red and its
    upper right quarter blue."""
    pixels = np.full((64, 128, 3), WHITE, np.uint8)
    pixels[:, :64] = RED
    pixels[:32, 64:] = BLUE
    Image.fromarray(pixels).save(tmp_path / "vägg.png")
    (tmp_path / "wall.mtl").write_text("newmtl w\nKd 0.5 0.5 0.5\nmap_Kd vägg.png\n", "utf-8")
    (tmp_path / "wall.obj").write_text(
        "mtllib wall.mtl\nusemtl w\n"
        "v 0 0 0\nv 8 0 0\nv 8 4 0\nv 0 4 0\nv 0 0 -1\nv 8 0 -1\nv 8 4 -1\nv 0 4 -1\n"
        "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
        "f 1/1 2/2 3/3 4/4\nf 6/2 5/1 8/4 7/3\n",
        "utf-8",
    )
    found = shaped(tmp_path / "wall.obj", at=HERE)
    for name, xs, ys in (
        ("red_concrete", range(30, 34), range(4)), ("blue_concrete", range(34, 38), range(2, 4)),
        ("white_concrete", range(34, 38), range(2)),
    ):  # fmt: skip
        assert blocks_of(found, name) == {(x, y, -21) for x in xs for y in ys}


def test_a_gltf_texture_beside_it_is_seen_and_what_is_cut_out_is_not_there(tmp_path):
    """The same wall in glTF, v from above; where the picture is cut out nothing stands."""
    pixels = np.full((64, 128, 4), (*RED, 255), np.uint8)
    pixels[:32, 64:] = 0
    Image.fromarray(pixels).save(tmp_path / "w.png")
    points = np.array([(0, 0, 0), (8, 0, 0), (8, 4, 0), (0, 0, 0), (8, 4, 0), (0, 4, 0)], "<f4")
    spots = np.array([(0, 1), (1, 1), (1, 0), (0, 1), (1, 0), (0, 0)], "<f4")
    head, _ = gltf_parts([(TALL, RED)])
    head["accessors"] = [
        {"bufferView": 0, "componentType": 5126, "count": 6, "type": "VEC3"},
        {"bufferView": 1, "componentType": 5126, "count": 6, "type": "VEC2"},
    ]
    head["bufferViews"] = [
        {"buffer": 0, "byteOffset": 0, "byteLength": 72},
        {"buffer": 0, "byteOffset": 72, "byteLength": 48},
    ]
    head["buffers"] = [{"byteLength": 120, "uri": "w.bin"}]
    head["meshes"] = [{"primitives": [
        {"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "material": 0}]}]  # fmt: skip
    head["images"], head["textures"] = [{"uri": "w.png"}], [{"source": 0}]
    head["materials"] = [
        {"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}, "alphaMode": "MASK"}
    ]
    (tmp_path / "w.bin").write_bytes(points.tobytes() + spots.tobytes())
    (tmp_path / "w.gltf").write_text(json.dumps(head), "utf-8")
    found = shaped(tmp_path / "w.gltf", at=HERE)
    whole = {(x, y) for x in range(30, 38) for y in range(4)}
    cut = {(x, y) for x in range(34, 38) for y in (2, 3)}
    assert {(x, y) for x, y, _ in blocks_of(found, "red_concrete")} == whole - cut
    assert list(found.used) == ["red_concrete"]


def test_what_lets_light_through_is_glass_and_moved_pictures_are_told(tmp_path):
    """As Blender writes glass: opaque, with a share of light that goes through."""
    head, blob = gltf_parts([(TALL, (102, 153, 216)), (LOW, RED)])
    head["extensionsUsed"] = ["KHR_materials_transmission", "KHR_texture_transform"]
    head["materials"][0]["extensions"] = {"KHR_materials_transmission": {"transmissionFactor": 1.0}}
    (tmp_path / "g.glb").write_bytes(glb_of(head, blob))
    found = shaped(tmp_path / "g.glb")
    assert set(found.used) == {"light_blue_stained_glass", "red_concrete"}
    assert any("pictures are moved" in note for note in found.notes)


def test_glass_is_glass(tmp_path):
    path = write_glb(tmp_path / "g.glb", [(TALL, (102, 153, 216, 90))])
    assert shaped(path).used == {"light_blue_stained_glass": 4 * 3 * 5 - 2 * 1 * 3}


def test_a_round_tower_with_a_picture_is_closed_and_has_many_colours(tmp_path):
    found = shaped(write_round_model(tmp_path / "t.obj"), at=HERE, turn=17.3)
    assert found.shape.closed is False, "nothing is over it"
    assert len(found.used) > 8
    again = shaped(tmp_path / "t.obj", at=HERE, turn=17.3 + 360)
    assert (again.shape.codes == found.shape.codes).all()


def test_the_example_of_the_documents_is_a_configuration(tmp_path):
    text = (PROJECT / "docs" / "models.md").read_text("utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    area = f"{ORIGIN[0] - 64}, {ORIGIN[1] - 64}, {ORIGIN[0] + 64}, {ORIGIN[1] + 64}"
    example = example.replace("[618512.5, 6919884]", "[600010, 6900010]")
    (tmp_path / "city.toml").write_text(
        f'[city]\nname = "x"\ncrs = "EPSG:3006"\norigin = [600000, 6900000]\n[area]\n'
        f"bounds = [{area}]\n[terrain]\nflat_m = 3.0\n{example}",
        "utf-8",
    )
    entry = read_config(tmp_path / "city.toml").models[0]
    assert (entry.path, entry.turn) == (tmp_path / "kyrkan.glb", 32)


def test_init_names_a_model_for_who_knows_where_it_stands(tmp_path):
    write_l(tmp_path / "kyrkan.glb")
    write_raster(tmp_path / "dem.tif", np.full((400, 400), 12.0, np.float32))
    config, remarks = write_starter(
        tmp_path / "stad", [tmp_path / "dem.tif", tmp_path / "kyrkan.glb"]
    )
    text = config.read_text("utf-8")
    assert '# path = "../kyrkan.glb"' in text
    assert not remarks
    wanted = text.replace("# [[models]]", "[[models]]")
    for key in ("path", "at", "turn"):
        wanted = wanted.replace(f"# {key} = ", f"{key} = ")
    config.write_text(wanted, "utf-8")
    assert [entry.path for entry in read_config(config).models] == [tmp_path / "kyrkan.glb"]


def test_what_a_model_names_is_a_part_of_what_a_build_is_made_from(tmp_path):
    """A picture that is changed makes another city, as the model itself would."""
    write_round_model(tmp_path / "t.obj")
    head, blob = gltf_parts([(TALL, RED)])
    head["buffers"][0]["uri"] = "l%20b.bin"
    (tmp_path / "l b.bin").write_bytes(blob)
    (tmp_path / "l.gltf").write_text(json.dumps(head), "utf-8")
    (tmp_path / "w.jpg").write_bytes(b"x")
    (tmp_path / "a.gml").write_text(CITYGML.format(ring=RING, picture="w.jpg"), "utf-8")
    config = Config.of(
        city={"name": "x", "crs": "EPSG:3006", "origin": ORIGIN},
        area={"bounds": (ORIGIN[0], ORIGIN[1], ORIGIN[0] + 64, ORIGIN[1] + 64)},
        terrain={"flat_m": 3.0},
        models=[{"path": name} for name in ("t.obj", "l.gltf", "a.gml")],
        folder=tmp_path,
    )
    before = fingerprint(config)
    wanted = {"t.obj", "t.mtl", "t.png", "l.gltf", "l b.bin", "a.gml", "w.jpg"}
    assert {path.name for path in before.files} >= wanted
    (tmp_path / "t.png").write_bytes(b"another")
    assert fingerprint(config).text != before.text
