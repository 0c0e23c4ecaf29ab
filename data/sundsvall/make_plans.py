"""Makes plans.geojson, the planned developments of the Sundsvall sample, from its streets and
shores. Deterministic.

    python data/sundsvall/make_plans.py

What is told of each development (plans.toml) are facts from public pages of 2018 to 2022; every
line and house is an illustration, drawn in metres along a shore or a street of the sample: a runs
along it, b away from it.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import shapely
from plan_axes import HERE, JOINT, Axes, Layer, Town, axes_between, points_along, read_town
from sample_streets import quarter, town
from shapely import LineString, Point

Boards = dict[str, dict[str, Any]]
"""What each development's board says, by the name of its layer."""
Floors = tuple[int, int, int, int]
"""Of the front, right, back and left wing of a block."""


def kept_clear(sample: Town, layer: Layer, metres: float) -> shapely.Geometry:
    """Where no new tree stands: water, today's streets, and what the layer builds, paves or
    floods."""
    built = [
        shapely.geometry.shape(row["geometry"])
        for row in layer.rows
        if row["properties"]["role"] in ("building", "street", "water")
    ]
    wide = [shape.buffer(metres + (4 if shape.geom_type == "LineString" else 0)) for shape in built]
    streets = [line.buffer(metres + 4) for line in sample.streets.values()]
    return shapely.union_all([sample.water.buffer(metres), *wide, *streets])


def north_shore(sample: Town) -> Axes:
    """Along the north quay from the mouth of Selångersån, b inland."""
    return sample.shore((619640, 6920104), (620374, 6920140), to_the_left=True)


def norra_kajen(sample: Town, boards: Boards) -> Layer:
    """Ten of the seventeen blocks, in three bays between the streets down to the quay; east of the
    first stage, which is built."""
    layer, axes = Layer("norra_kajen"), north_shore(sample)
    streets = [
        sample.streets[name]
        for name in ("Pollargatan", "Kranbilsgatan", "Oljehamnsgatan", "Heffnersvägen")
    ]
    pollar, heffner = axes.reach(streets[0], 40), axes.reach(streets[3], 40)
    layer.clear(sample, axes.block(pollar + 3, heffner - 3, 0, 166))
    layer.add("ground", axes.block(pollar + 8, heffner - 8, 13, 29), surface="park")
    layer.add("ground", axes.block(pollar + 14, heffner - 8, 146, 158), surface="park")
    layer.add("ground", axes.block(30, heffner + 6, 0, 13), surface="quay", level_m=2.2)
    bays = []
    for west, east in zip(streets[:-1], streets[1:], strict=True):
        bays.append(
            (
                max(axes.reach(west, b) for b in (40, 145)) + 9,
                min(axes.reach(east, b) for b in (40, 145)) - 9,
            )
        )
    harbour_park(layer, axes, *bays[1])
    kajgatan = sample.streets["Kajgatan"].intersection(axes.block(pollar, heffner + 1, 0, 60))
    layer.add("street", kajgatan, highway="living_street", width=6.0, surface="asphalt")
    lane = axes.line((axes.reach(streets[0], 91), 91), (axes.reach(streets[3], 91), 91))
    layer.add("street", lane, highway="residential", width=6.0, surface="asphalt")
    floors: tuple[tuple[Floors, Floors] | None, ...] = (
        ((4, 5, 6, 5), (5, 5, 6, 4)),
        None,
        ((5, 6, 6, 4), (4, 4, 5, 5)),
    )
    behind = (
        ((6, 7, 8, 6), (6, 6, 8, 7)),
        ((6, 8, 8, 6), (6, 6, 7, 8)),
        ((7, 6, 8, 6), (6, 7, 7, 6)),
    )
    for bay, (west, east) in enumerate(bays):
        middle = (west + east) / 2
        for half, (a0, a1) in enumerate(((west, middle - 4.5), (middle + 4.5, east))):
            if at_the_quay := floors[bay]:
                layer.courtyard(
                    axes, (a0, a1, 44, 84), at_the_quay[half], roof="gable" if half else "flat"
                )
            layer.courtyard(
                axes,
                (a0, a1, 98, 143),
                behind[bay][half],
                use="office" if bay == half == 1 else "apartments",
            )
        layer.add(
            "street",
            axes.line((middle, 97 if bay == 1 else 40), (middle, 150)),
            highway="footway",
            width=3.0,
            surface="gravel",
        )
    off = kept_clear(sample, layer, 2.5)
    layer.trees(points_along(axes, pollar + 12, heffner - 12, 24, 11), off=off)
    layer.trees(points_along(axes, pollar + 16, heffner - 12, 153, 11), off=off)
    layer.add("info", Point(axes.point(pollar - 12, 24)), **boards[layer.name])
    return layer


def harbour_park(layer: Layer, axes: Axes, west: float, east: float) -> None:
    """In the middle bay: a basin dug into the quay, a park and a playground behind it."""
    a0, a1 = west + 28, east - 28
    layer.add("ground", axes.block(a0 - 10, a1 + 10, 0, 28), surface="quay", level_m=2.2)
    layer.add("water", axes.block(a0, a1, -1, 20), level_m=0.0, kind="sea")
    layer.add("ground", axes.block(west, east, 42, 84), surface="park")
    layer.add("ground", axes.block(west + 14, west + 40, 50, 70), surface="playground")
    layer.add("ground", axes.block(east - 42, east - 14, 48, 64), surface="square")
    layer.building(axes.block(east - 38, east - 18, 68, 76), 1, "retail", "gable")
    layer.trees(
        [
            axes.point(west + 5 + step, b)
            for step in range(0, int(east - west) - 5, 13)
            for b in (80,)
        ]
    )
    layer.trees(
        [axes.point(west + 48 + step, b) for step in (0, 11, 22) for b in (50, 62)], "birch", 9.0
    )


def sodra_kajen(sample: Town, boards: Boards) -> Layer:
    """Four blocks on the south shore. Variant a: courtyards open to a wide quay. Variant b: gabled
    rows that step down to a park."""
    layer, axes = (
        Layer("sodra_kajen"),
        sample.shore((619896, 6919653), (620299, 6919612), to_the_left=False),
    )
    lane = sample.streets["Södra kajen"]
    layer.clear(sample, axes.block(14, 345, 0, 74))
    courts, rows = layer.only("a"), layer.only("b")
    wide = ((40, 100), (108, 168), (198, 250), (260, 312))
    for one in (courts, rows):
        one.add("ground", axes.block(36, 326, 12, 52), surface="park")
    layer.add("ground", axes.block(32, 330, 0, 12), surface="quay", level_m=2.0)
    end = axes.point(axes.reach(lane, 30), 30)
    layer.add(
        "street",
        LineString([lane.coords[0], end]),
        highway="living_street",
        width=6.0,
        surface="asphalt",
    )
    courts.add("ground", axes.block(36, 326, 12, 20), surface="quay", level_m=2.0)
    courts.add("ground", axes.block(172, 194, 20, 28), surface="square")
    for number, (a0, a1) in enumerate(wide):
        back = 62 if number < 2 else 55
        courts.courtyard(
            axes,
            (a0, a1, 22, back),
            ((0, 4, 6, 4), (4, 5, 5, 4), (4, 4, 6, 5), (0, 4, 5, 4))[number],
        )
    courts.trees(points_along(axes, 44, 322, 16, 14), off=kept_clear(sample, courts, 2.0))
    rows.add("ground", axes.block(126, 156, 14, 30), surface="playground")
    rows.add(
        "street", axes.line((40, 24), (122, 24)), highway="footway", width=3.0, surface="gravel"
    )
    for a0, a1 in wide:
        for number, a in enumerate((a0 + 2, (a0 + a1) / 2 - 5.5, a1 - 13)):
            row_to_the_water(rows, axes, a, 58 if a < 172 else 52, number)
    rows.trees(
        points_along(axes, 42, 120, 18, 10) + points_along(axes, 200, 312, 18, 10), "birch", 7.0
    )
    rows.trees(points_along(axes, 46, 166, 66, 12), off=kept_clear(sample, rows, 2.0))
    layer.add("info", Point(axes.point(190, 36)), **boards[layer.name])
    return layer


def row_to_the_water(layer: Layer, axes: Axes, a: float, back: float, number: int) -> None:
    """A row across the shore: three floors behind, two towards the water."""
    middle = back - 14
    layer.building(axes.block(a, a + 11, middle, back), 4 if number == 1 else 3, roof="gable")
    layer.building(
        axes.block(a, a + 11, 28 if number != 1 else 31, middle - JOINT), 2, roof="gable"
    )


def alliero(sample: Town, boards: Boards) -> Layer:
    """Three blocks between Strandgatan and Storgatan, with a pond in the middle yard."""
    strand, west, east = (
        sample.streets[name] for name in ("Strandgatan", "Bryggerigatan", "Västergatan")
    )
    first, last = (
        strand.interpolate(strand.project(cross.intersection(strand).centroid))
        for cross in (west, east)
    )
    layer, axes = (
        Layer("alliero"),
        axes_between((first.x, first.y), (last.x, last.y), to_the_left=False),
    )
    length = first.distance(last)
    layer.clear(sample, axes.block(4, length - 4, 5, 88))
    layer.add("ground", axes.block(10, length - 12, 14, 58), surface="park")
    layer.add("ground", axes.block(76, 148, 62, 72), surface="square")
    layer.add("ground", axes.block(24, 64, 71, 82), surface="playground")
    layer.add(
        "street",
        axes.line((axes.reach(west, 66), 66), (70, 66)),
        highway="living_street",
        width=5.5,
        surface="asphalt",
    )
    layer.add(
        "street", axes.line((83, 14), (83, 61)), highway="footway", width=3.0, surface="gravel"
    )
    layer.add(
        "street", axes.line((153, 14), (153, 58)), highway="footway", width=3.0, surface="gravel"
    )
    layer.courtyard(axes, (18, 78, 17, 60), (4, 6, 8, 5))
    layer.courtyard(axes, (88, 148, 17, 60), (5, 6, 8, 6))
    layer.courtyard(axes, (158, 212, 17, 56), (4, 5, 7, 6), roof="gable")
    layer.add("water", axes.block(108, 128, 34, 42), level_m=5.2, kind="pond")
    off = kept_clear(sample, layer, 2.0)
    layer.trees(
        points_along(axes, 14, length - 14, -9, 12) + points_along(axes, 80, 146, 70, 11), off=off
    )
    layer.add("info", Point(axes.point(160, 63.5)), **boards[layer.name])
    return layer


def inre_hamnen(sample: Town, boards: Boards) -> Layer:
    """Five small blocks instead of the warehouses on the quay of the harbour head, and a quay round
    to the mouth of the river."""
    layer, axes = (
        Layer("inre_hamnen"),
        sample.shore((619668, 6919954), (619971, 6919848), to_the_left=False),
    )
    shared = north_shore(sample)
    layer.clear(sample, axes.block(40, 298, 8, 62).union(axes.block(40, 100, 8, 84)))
    layer.add("ground", axes.block(46, 298, 14, 56), surface="square")
    layer.add("ground", axes.block(0, 312, 0, 14), surface="quay", level_m=2.0)
    layer.add("ground", shared.block(0, 62, 0, 12), surface="quay", level_m=2.2)
    layer.add("ground", axes.block(210, 244, 58, 66), surface="playground")
    end = sample.streets["Magasinskajen"].coords[0]
    layer.add(
        "street",
        LineString([end, axes.point(148, 16)]),
        highway="living_street",
        width=6.0,
        surface="asphalt",
    )
    for number, (a0, floors) in enumerate(((52, 4), (100, 5), (160, 4), (208, 5), (256, 4))):
        layer.add("ground", axes.block(a0, a0 + 36, 32, 54), surface="park")
        layer.building(
            axes.block(a0, a0 + 36, 18, 31), floors, roof="gable" if number % 2 else "flat"
        )
        wing = a0 if number % 2 else a0 + 24
        layer.building(
            axes.block(wing, wing + 12, 35, 53),
            floors - 1,
            "apartments" if number != 2 else "office",
            "gable",
        )
    off = kept_clear(sample, layer, 2.5)
    layer.trees(points_along(axes, 50, 306, 11, 16), off=off)
    layer.trees([shared.point(a, 10.8) for a in (6, 15, 24)], "birch", 7.0)
    layer.add("info", Point(axes.point(140, 60)), **boards[layer.name])
    return layer


def torget_tower(boards: Boards) -> Layer:
    """A tower in the south-east of Stora Torget; a, b in the grid of Stenstaden. The middle of the
    square stays as it is."""
    layer = Layer("torget_tower")
    layer.add("ground", quarter(22, 45, -30, -4), surface="square")
    layer.add(
        "street",
        LineString([town(47, 3), town(25, 3)]),
        highway="pedestrian",
        width=4.0,
        surface="square",
    )
    layer.building(quarter(24, 44, -29, -9), 38, height_m=110.0)
    layer.building(quarter(26, 44, -9 + JOINT, -2), 2, "retail")
    layer.trees([town(42, b) for b in (10, 17, 24)], height_m=7.0)
    layer.add("info", Point(*town(34, 15)), **boards[layer.name])
    return layer


def write_plans(path: Path, layers: list[Layer]) -> None:
    """One feature a line, so that a change can be read in a diff."""
    features = ",\n".join(
        json.dumps(row, ensure_ascii=False) for layer in layers for row in layer.rows
    )
    crs = '{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}'
    text = (
        f'{{"type": "FeatureCollection", "name": "plans", "crs": {crs}, "features": '
        f"[\n{features}\n]}}\n"
    )
    path.write_text(text, "utf-8", newline="\n")


def main() -> None:
    sample = read_town()
    boards = tomllib.loads((HERE / "plans.toml").read_text("utf-8"))
    developments = (norra_kajen, sodra_kajen, alliero, inre_hamnen)
    write_plans(
        HERE / "plans.geojson",
        [*(draw(sample, boards) for draw in developments), torget_tower(boards)],
    )


if __name__ == "__main__":
    main()
