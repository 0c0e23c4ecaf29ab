"""Models that the tests make for themselves: a small L of two colours as GLB and OBJ, and an IFC
house. Metres; what they look like is told beside each."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from tests.conftest import write_city

RED, BLUE, WHITE = (142, 33, 33), (45, 47, 143), (207, 213, 214)
"""Of red, blue and white concrete."""
Box = tuple[tuple[float, float, float], tuple[float, float, float]]
TALL: Box = ((0, 0, 0), (4, 3, 5))
LOW: Box = ((4, 0, 0), (6, 1, 1))
"""East, north, up: the L, four metres by three and five high, with a foot of two to the east along
its south side."""
SIDES = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))


def corners_of(box: Box) -> list[tuple[float, float, float]]:
    (west, south, low), (east, north, high) = box
    return [
        (east if x else west, north if y else south, z)
        for z in (low, high)
        for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]


def triangles(box: Box) -> np.ndarray:
    """(12, 3, 3), fronts outwards."""
    corners = np.array(corners_of(box), float)
    return np.array(
        [corners[[a, *pair]] for a, b, c, d in SIDES for pair in ((b, c), (c, d))], float
    )


def light(colour: tuple[int, ...]) -> list[float]:
    """The share of light of a colour on a screen, as glTF has it."""
    share = [value / 255 for value in colour[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in share]
    return [*linear, (colour[3] / 255 if len(colour) > 3 else 1.0)]


def gltf_parts(
    boxes: list[tuple[Box, tuple[int, ...]]], **more: Any
) -> tuple[dict[str, Any], bytes]:
    """(header, buffer) of a glTF with one mesh of a primitive for each box: y up, -z north."""
    blob, accessors, views, primitives, materials = b"", [], [], [], []
    for number, (box, colour) in enumerate(boxes):
        east, north, up = np.moveaxis(triangles(box).reshape(-1, 3), 1, 0)
        points = np.stack([east, up, -north], axis=1).astype("<f4")
        views.append({"buffer": 0, "byteOffset": len(blob), "byteLength": points.nbytes})
        blob += points.tobytes()
        accessors.append({
            "bufferView": number, "componentType": 5126, "count": len(points), "type": "VEC3",
            "min": points.min(0).tolist(), "max": points.max(0).tolist(),
        })  # fmt: skip
        primitives.append({"attributes": {"POSITION": number}, "material": number})
        see = {"alphaMode": "BLEND"} if len(colour) > 3 else {}
        materials.append({"pbrMetallicRoughness": {"baseColorFactor": light(colour)}, **see})
    head = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}], "meshes": [{"primitives": primitives}], "materials": materials,
        "accessors": accessors, "bufferViews": views, "buffers": [{"byteLength": len(blob)}],
    }  # fmt: skip
    return {**head, **more}, blob


def glb_of(head: dict[str, Any] | bytes, blob: bytes) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    blob += b"\0" * (-len(blob) % 4)
    whole = 12 + 8 + len(text) + 8 + len(blob)
    return (
        struct.pack("<4s2I", b"glTF", 2, whole)
        + struct.pack("<I4s", len(text), b"JSON") + text
        + struct.pack("<I4s", len(blob), b"BIN\0") + blob
    )  # fmt: skip


def write_glb(path: Path, boxes: list[tuple[Box, tuple[int, ...]]], **more: Any) -> Path:
    path.write_bytes(glb_of(*gltf_parts(boxes, **more)))
    return path


def write_l(path: Path) -> Path:
    """The L as GLB: the tall part red, the foot blue."""
    return write_glb(path, [(TALL, RED), (LOW, BLUE)])


def write_obj(path: Path, boxes: list[tuple[Box, str]], head: str = "", scale: float = 1.0) -> Path:
    """Boxes of named materials, z up, faces of four corners."""
    lines = [head]
    for number, (box, material) in enumerate(boxes):
        lines += [f"v {x * scale:g} {y * scale:g} {z * scale:g}" for x, y, z in corners_of(box)]
        lines.append(f"usemtl {material}")
        lines += [
            "f " + " ".join(str(1 + 8 * number + corner) for corner in side) for side in SIDES
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def city_with(folder: Path, models: str, extra: str = "", **more: Any) -> Path:
    """The small city with `[[models]]` entries; returns its configuration."""
    return write_city(folder, f"{extra}\n{models}", **more)


def _ifc_box(first: int, box: Box, colour: tuple[int, int, int], kind: str, unit: float) -> str:
    (west, south, low), (east, north, high) = ((value / unit for value in end) for end in box)
    red, green, blue = (value / 255 for value in colour)
    names = [f"#{first + number}" for number in range(14)]
    point, flat, profile, at, corner, up, body, shade, tint, style, item, shape, whole, product = (
        names
    )
    return f"""
{point}=IFCCARTESIANPOINT(({(west + east) / 2:.6f},{(south + north) / 2:.6f}));
{flat}=IFCAXIS2PLACEMENT2D({point},$);
{profile}=IFCRECTANGLEPROFILEDEF(.AREA.,$,{flat},{east - west:.6f},{north - south:.6f});
{corner}=IFCCARTESIANPOINT((0.,0.,{low:.6f}));
{at}=IFCAXIS2PLACEMENT3D({corner},$,$);
{up}=IFCDIRECTION((0.,0.,1.));
{body}=IFCEXTRUDEDAREASOLID({profile},{at},{up},{high - low:.6f});
{tint}=IFCCOLOURRGB($,{red:.6f},{green:.6f},{blue:.6f});
{shade}=IFCSURFACESTYLESHADING({tint},0.);
{style}=IFCSURFACESTYLE($,.BOTH.,({shade}));
{item}=IFCSTYLEDITEM({body},({style}),$);
{shape}=IFCSHAPEREPRESENTATION(#10,'Body','SweptSolid',({body}));
{whole}=IFCPRODUCTDEFINITIONSHAPE($,$,({shape}));
{product}={kind}('{first:022d}',$,$,$,$,#13,{whole},$,$);"""


def write_ifc(
    path: Path,
    boxes: list[tuple[Box, tuple[int, int, int]]],
    place: str = "",
    unit: str = ".MILLI.",
    north: str = "$",
) -> Path:
    """Walls, in the metres of the boxes whatever the unit; place: more lines, north: TrueNorth."""
    metres = {".MILLI.": 0.001, "$": 1.0}[unit]
    walls = "".join(
        _ifc_box(100 + 20 * number, box, colour, "IFCWALL", metres)
        for number, (box, colour) in enumerate(boxes)
    )
    path.write_text(
        f"""ISO-10303-21;
HEADER;
FILE_DESCRIPTION((''),'2;1');
FILE_NAME('','2024-01-01T00:00:00',(''),(''),'','','');
FILE_SCHEMA(('IFC4'));
ENDSEC;
DATA;
#1=IFCPROJECT('0000000000000000000001',$,'Hus',$,$,$,$,(#10),#5);
#5=IFCUNITASSIGNMENT((#6));
#6=IFCSIUNIT(*,.LENGTHUNIT.,{unit},.METRE.);
#7=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#10=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-05,#11,{north});
#11=IFCAXIS2PLACEMENT3D(#12,$,$);
#12=IFCCARTESIANPOINT((0.,0.,0.));
#13=IFCLOCALPLACEMENT($,#11);
{place}{walls}
ENDSEC;
END-ISO-10303-21;
""",
        "utf-8",
    )
    return path


def map_place(
    east: float, north: float, height: float, axis: tuple[float, float], more: str = "#7", scale="$"
) -> str:
    """The lines of a map conversion in SWEREF 99 TM. axis: the model's x axis in the map; more: the
    map's unit."""
    return (
        f"#30=IFCPROJECTEDCRS('EPSG:3006',$,$,$,$,$,{more});\n"
        f"#31=IFCMAPCONVERSION(#10,#30,{east:.6f},{north:.6f},{height:.6f},"
        f"{axis[0]:.6f},{axis[1]:.6f},{scale});\n"
    )


def write_round_model(path: Path) -> Path:
    """A leaning round tower of 24 sides with a picture of many colours, as OBJ."""
    from PIL import Image

    rows, columns = np.indices((96, 192))
    pixels = np.stack([columns + 40, 2 * rows + 30, (columns * rows) % 200], axis=-1)
    Image.fromarray(pixels.astype(np.uint8)).save(path.with_suffix(".png"))
    path.with_suffix(".mtl").write_text(f"newmtl t\nmap_Kd {path.stem}.png\n", "utf-8")
    lines = [f"mtllib {path.stem}.mtl", "usemtl t"]
    for number in range(25):
        angle = number / 24 * 2 * np.pi
        x, z, share = 6.3 * np.cos(angle), 6.3 * np.sin(angle), number / 24
        lines += [f"v {x:.9f} 0 {z:.9f}", f"v {x + 2.1:.9f} 19.7 {z:.9f}"]
        lines += [f"vt {share:.9f} 0", f"vt {share:.9f} 1"]
    for number in range(24):
        ring = (2 * number + 1, 2 * number + 2, 2 * number + 4, 2 * number + 3)
        lines.append("f " + " ".join(f"{corner}/{corner}" for corner in ring))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
