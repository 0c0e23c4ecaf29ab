"""Reads an IFC file with ifcopenshell, in a process of its own: its kernel is C++, and what a
damaged file does to that must not end the program.

Run as `python -P ifc_worker.py MODEL OUT.npz MOST_FACES`; imports nothing of ours. Exit 3 with one
line on stderr where the file cannot be used.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from typing import Any

import numpy as np

NOT_DRAWN = {
    "IfcOpeningElement": "openings", "IfcSpace": "rooms", "IfcSite": "sites, which are ground",
    "IfcGrid": "grids", "IfcAnnotation": "annotations", "IfcVirtualElement": "virtual elements",
    "IfcReinforcingElement": "reinforcement", "IfcFastener": "fasteners",
    "IfcGeographicElement": "plants and ground", "IfcSpatialZone": "zones",
}  # fmt: skip
DEFAULTS = {
    "IfcWindow": (0.70, 0.80, 0.85, 0.3), "IfcCurtainWall": (0.70, 0.80, 0.85, 0.4),
    "IfcDoor": (0.45, 0.33, 0.22, 1.0), "IfcRoof": (0.45, 0.30, 0.26, 1.0),
    "IfcSlab": (0.62, 0.62, 0.60, 1.0), "IfcWall": (0.90, 0.88, 0.84, 1.0),
}  # fmt: skip
"""Red, green, blue, opacity of what has no style."""
PLAIN = (0.78, 0.78, 0.78, 1.0)
MOST_PRODUCTS, MOST_MEMORY = 500_000, 8 << 30
LEAST_NORTHING_M = 50_000.0
"""From a map's zero: what lies nearer was written in another unit."""
WORST_SCALE = 0.02
"""A map's metre is so near to one on the ground; what is farther is a unit that was forgotten."""


class RefusedError(Exception):
    """What is said in one line."""


def metres_of(unit: Any) -> float:
    """Of an IFC unit of length, 1 where it is none that is known."""
    if unit is None:
        return 1.0
    if unit.is_a("IfcSIUnit"):
        prefixes = {"MILLI": 1e-3, "CENTI": 1e-2, "DECI": 1e-1, "KILO": 1e3, None: 1.0}
        return prefixes.get(unit.Prefix, 1.0)
    if unit.is_a("IfcConversionBasedUnit"):
        factor = unit.ConversionFactor
        return float(factor.ValueComponent.wrappedValue) * metres_of(factor.UnitComponent)
    return 1.0


def project_metres(model: Any) -> float:
    for project in model.by_type("IfcProject"):
        units = project.UnitsInContext.Units if project.UnitsInContext else ()
        for unit in units:
            if getattr(unit, "UnitType", None) == "LENGTHUNIT":
                return metres_of(unit)
    return 1.0


def degrees_of(parts: Any) -> float:
    """Degrees, minutes, seconds and millionths, all with one sign."""
    steps = (1.0, 60.0, 3600.0, 3600e6)
    return sum(float(part) / step for part, step in zip(parts, steps, strict=False))


def map_place(model: Any) -> dict[str, Any] | None:
    """By its map conversion (IFC 4 and later)."""
    if model.schema == "IFC2X3":
        return None
    unit = project_metres(model)
    for found in model.by_type("IfcMapConversion"):
        crs = found.TargetCRS
        # Heights and places of the map are in its own unit, else in the project's.
        metres = metres_of(crs.MapUnit) if getattr(crs, "MapUnit", None) else unit
        if abs(found.Northings) * metres < LEAST_NORTHING_M < abs(found.Northings):
            # Written in metres without saying so.
            metres = 1.0
        cosine, sine = found.XAxisAbscissa, found.XAxisOrdinate
        known = cosine is not None and sine is not None
        angle = math.degrees(math.atan2(sine, cosine)) if known else 0.0
        scale = float(found.Scale or unit / metres) * metres / unit
        return {
            "crs": crs.Name if crs is not None else None,
            "east": float(found.Eastings) * metres,
            "north": float(found.Northings) * metres,
            "height_m": float(found.OrthogonalHeight) * metres,
            "turn": -angle,
            # How many metres of the map are one of the model: the grid's scale, nearly 1.
            "metres": scale if abs(scale - 1.0) <= WORST_SCALE else 1.0,
            "by": "map conversion",
        }
    return None


def true_north(model: Any) -> float:
    """Degrees clockwise by which the model is turned to have its north in the north."""
    for context in model.by_type("IfcGeometricRepresentationContext"):
        north = getattr(context, "TrueNorth", None)
        if north is not None and not context.is_a("IfcGeometricRepresentationSubContext"):
            x, y = north.DirectionRatios[:2]
            return math.degrees(math.atan2(y, x)) - 90.0
    return 0.0


def place_of(model: Any) -> dict[str, Any]:
    found = map_place(model)
    if found is not None:
        return found
    turn = true_north(model)
    for site in model.by_type("IfcSite"):
        if site.RefLatitude and site.RefLongitude:
            return {
                "crs": "EPSG:4326", "east": degrees_of(site.RefLongitude),
                "north": degrees_of(site.RefLatitude),
                "height_m": float(site.RefElevation or 0.0) * project_metres(model),
                "turn": turn, "metres": 1.0, "by": "latitude and longitude of its site",
            }  # fmt: skip
    return {"turn": turn, "by": ""}


def colour_of(style: Any, kind: str) -> tuple[float, ...]:
    """Red, green, blue, opacity, 0 … 1."""
    default = next((own for name, own in DEFAULTS.items() if kind.startswith(name)), PLAIN)
    if style is None:
        return default
    shown, see = style.diffuse, style.transparency
    colour = float(shown.r()), float(shown.g()), float(shown.b()), 1.0 - (see if see == see else 0)
    return colour if all(0.0 <= value <= 1.0 for value in colour) else default


class Parts:
    """Triangles as they come, and the colours that they use."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.corners: list[Any] = []
        self.uses: list[Any] = []
        self.colours: dict[tuple[float, ...], int] = {}
        self.faces = 0

    def add(self, shape: Any, kind: str) -> None:
        geometry = shape.geometry
        points = np.array(geometry.verts, np.float64).reshape(-1, 3)
        faces = np.array(geometry.faces, np.int64).reshape(-1, 3)
        self.faces += len(faces)
        if self.faces > self.most:
            raise RefusedError(f"more than {self.most:,} faces")
        if not len(faces):
            return
        own = [colour_of(style, kind) for style in geometry.materials]
        numbers = [self.colours.setdefault(one, len(self.colours)) for one in own]
        fallback = self.colours.setdefault(colour_of(None, kind), len(self.colours))
        table = np.array([*numbers, fallback], np.int32)
        ids = np.array(geometry.material_ids, np.int64)
        ids = ids if len(ids) == len(faces) else np.full(len(faces), -1)
        self.corners.append(points[faces])
        self.uses.append(table[np.where((ids >= 0) & (ids < len(own)), ids, -1)])


def read(path: str, most: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arrays, facts)."""
    import ifcopenshell
    import ifcopenshell.geom

    kernel: Any = ifcopenshell.geom
    model = ifcopenshell.open(path)
    products = model.by_type("IfcProduct")
    if len(products) > MOST_PRODUCTS:
        raise RefusedError(f"{len(products):,} elements, {MOST_PRODUCTS:,} are possible")
    left_out: Counter[str] = Counter()
    skipped = []
    for name, said in NOT_DRAWN.items():
        try:
            own = [one for one in model.by_type(name) if getattr(one, "Representation", None)]
        except RuntimeError:
            continue
        left_out[f"{said} ({name})"] += len(own)
        skipped += own
    settings = kernel.settings()
    settings.set("use-world-coords", True)
    settings.set("apply-default-materials", False)
    names = {one.id() for one in skipped}
    wanted = [one for one in products if one.Representation and one.id() not in names]
    if not wanted:
        raise RefusedError("nothing in it has a shape")
    parts, done = Parts(most), set()
    walk = kernel.iterator(settings, model, 1, include=wanted)
    if walk.initialize():
        while True:
            shape = walk.get()
            done.add(shape.id)
            parts.add(shape, str(shape.type))
            if not walk.next():
                break
    left_out["elements whose shape cannot be made"] += len({one.id() for one in wanted} - done)
    if not parts.faces:
        raise RefusedError("nothing in it has a shape")
    arrays = {
        "corners": np.concatenate(parts.corners),
        "material": np.concatenate(parts.uses).astype(np.int32),
        "colours": np.array(list(parts.colours), np.float64),
    }
    facts = {"schema": str(model.schema), "place": place_of(model), "left_out": dict(+left_out),
             "products": len(done)}  # fmt: skip
    return arrays, facts


def bounded() -> None:
    """Ends this process before it takes the memory of all others, where the system can."""
    try:
        import resource
    except ImportError:
        return
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = MOST_MEMORY if most == resource.RLIM_INFINITY else min(most, MOST_MEMORY)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def main() -> None:
    path, out, most = sys.argv[1:4]
    bounded()
    try:
        arrays, facts = read(path, int(most))
    # Whatever a damaged file does to the library is one line to whoever asked.
    except Exception as error:
        print(" ".join(f"{error}".split())[:300] or type(error).__name__, file=sys.stderr)
        raise SystemExit(3) from None
    np.savez(out, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)


if __name__ == "__main__":
    main()
