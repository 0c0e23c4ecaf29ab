"""Streets, squares and rails of the sample: the grid of Stenstaden at its real bearing, roads that
follow the hillsides."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from sample_relief import TOWN, river_course
from scipy.ndimage import gaussian_filter1d
from shapely import LineString, Polygon, box

TORGET = np.array([619250.0, 6919812.0])
BEARING = math.radians(102.4)
ALONG = np.array([math.sin(BEARING), math.cos(BEARING)])
ACROSS = np.array([-math.cos(BEARING), math.sin(BEARING)])
WEST, EAST = TOWN[0], TOWN[2]
INSIDE = box(*TOWN)

# Metres along Storgatan from Stora Torget, and across it: the middle of each street. Half is to the
# walls of the houses.
AVENUES = {-387: ("Skolhusallén", 9.0), -303: ("Bankgatan", 7.0), -217: ("Nybrogatan", 8.0),
-134: ("Thulegatan", 7.0),
           -52: ("Västra Torggatan", 6.5), 52: ("Östra Torggatan", 6.5), 147: ("Esplanaden", 22.0),
           243: ("Tullgatan", 7.0),
           327: ("Packhusgatan", 7.0), 407: ("Hamngatan", 9.0)}  # fmt: skip
CROSS_STREETS = {112: ("Sjögatan", 7.0), 36: ("Storgatan", 7.0), -38: ("Kyrkogatan", 7.0),
-118: ("Köpmangatan", 7.0),
                 -198: ("Trädgårdsgatan", 7.0), -280: ("Rådhusgatan", 7.0), -362: ("Bergsgatan",
                 7.0)}  # fmt: skip
PAVEMENT = 2.0
RAIL = [(618000, 6919668), (618126, 6919640), (618400, 6919563), (618700, 6919455), (618950,
6919385), (619200, 6919343),
        (619500, 6919328), (619900, 6919352), (620150, 6919384), (620374, 6919442), (620480,
        6919470)]  # fmt: skip
NORTH_ROAD = [(617950, 6919960), (618126, 6919985), (618300, 6920030), (618500, 6920022), (618680,
6920075), (618850, 6920118),
              (619050, 6920100), (619250, 6920116), (619430, 6920150), (619560, 6920188), (619680,
              6920262),
              (619800, 6920290), (620000, 6920298), (620480, 6920312)]  # fmt: skip


@dataclass(frozen=True)
class Street:
    """width: of the carriageway, metres; half: from the middle to where houses may stand."""

    line: LineString
    highway: str
    name: str | None
    width: float
    half: float
    surface: str = "asphalt"
    bridge: bool = False
    service: str | None = None

    @property
    def paved_half(self) -> float:
        """From the middle to the outer edge of the pavement."""
        walked = self.highway in (
            "primary",
            "secondary",
            "tertiary",
            "residential",
            "living_street",
        )
        return self.width / 2 + (PAVEMENT if walked else 0.0)


def town(along: float, across: float) -> tuple[float, float]:
    """A point of the grid of Stenstaden: metres along Storgatan and across it (north) from Stora
    Torget → (east, north)."""
    east, north = TORGET + along * ALONG + across * ACROSS
    return float(east), float(north)


def quarter(a0: float, a1: float, b0: float, b1: float) -> Polygon:
    return Polygon([town(a0, b0), town(a1, b0), town(a1, b1), town(a0, b1)])


def curve(points: list[tuple[float, float]], sigma: float = 3.0) -> LineString:
    dense = shapely.get_coordinates(LineString(points).segmentize(10))
    return LineString(gaussian_filter1d(dense, sigma, axis=0, mode="nearest"))


def longest(shape: shapely.Geometry) -> LineString:
    """The longest line in what a cut has left."""
    lines = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString"]
    if shape.geom_type == "MultiLineString":
        lines += list(shapely.get_parts(shapely.line_merge(shape)))
    return max(lines, key=lambda part: part.length) if lines else LineString()


def stretched(line: LineString, metres: float) -> LineString:
    """The line, longer by `metres` at both ends."""
    points = shapely.get_coordinates(line)
    first, last = points[0] - points[1], points[-1] - points[-2]
    start = points[0] + first / np.hypot(*first) * metres
    end = points[-1] + last / np.hypot(*last) * metres
    return LineString(np.vstack([start, points, end]))


def between(line: LineString, lower: LineString, upper: LineString) -> LineString:
    """The piece of `line` from one street to another, ending exactly on both."""
    cuts = [line.intersection(other) for other in (lower, upper)]
    if any(cut.is_empty for cut in cuts):
        return LineString()
    ends = sorted(line.project(shapely.get_parts(cut)[0].centroid) for cut in cuts)
    return shapely.ops.substring(line, *ends)


def strand() -> LineString:
    """Strandgatan, along the south bank."""
    points, normal, half = river_course()
    line = points - normal * (half + 15)[:, None]
    return LineString(line[(line[:, 0] > WEST) & (line[:, 0] < 619612)])


def stone_town(sea: Polygon, along_river: LineString) -> list[Street]:
    """The grid: avenues down from the river, cross streets between Skolhusallén and the harbour."""
    south_of_river = Polygon(
        [*along_river.coords, town(470, 255), town(480, -420), town(-480, -420)]
    ).buffer(0)
    ashore = INSIDE.difference(sea.buffer(13))
    out = [Street(along_river, "residential", "Strandgatan", 7.0, 6.5)]
    for at, (name, half) in AVENUES.items():
        end = -362 if at <= 147 else -280
        line = longest(
            LineString([town(at, 330), town(at, end)])
            .intersection(south_of_river)
            .intersection(ashore)
        )
        if name == "Esplanaden":
            for side in (-15.0, 15.0):
                lane = longest(
                    LineString([town(at + side, 330), town(at + side, end)]).intersection(
                        south_of_river
                    )
                )
                out.append(Street(lane, "secondary", name, 8.0, 7.0))
            out.append(Street(line, "footway", "Esplanaden", 3.0, 4.0, "gravel"))
        elif name == "Hamngatan":
            out.append(Street(line, "primary", name, 10.0, half))
        else:
            quiet = "torg" in name.lower()
            out.append(
                Street(
                    line,
                    "living_street" if quiet else "residential",
                    name,
                    2 * (half - PAVEMENT),
                    half,
                )
            )
    for at, (name, half) in CROSS_STREETS.items():
        start, end = (-387, 147 if at == -362 else 407)
        line = longest(
            LineString([town(start, at), town(end, at)])
            .intersection(south_of_river)
            .intersection(ashore)
        )
        if name == "Storgatan":
            line = longest(LineString([town(-387, at), town(327, at)]))
            out.append(Street(line, "pedestrian", name, 2 * half, half, "paving_stones"))
            out.append(
                Street(LineString([town(327, at), town(545, at)]), "residential", name, 10.0, half)
            )
        else:
            out.append(Street(line, "residential", name, 2 * (half - PAVEMENT), half))
    lane = longest(
        LineString([town(162, 190), town(407, 190)])
        .intersection(south_of_river)
        .intersection(ashore)
    )
    out.append(Street(lane, "residential", "Magasinsgatan", 9.0, 6.5))
    return out


def outer_town(sea: Polygon) -> list[Street]:
    """West along the river, east round the harbour, south to the railway."""
    ashore = INSIDE.difference(sea.buffer(16))

    def street(
        points: list[tuple[float, float]], highway: str, name: str, width: float, sigma: float = 4.0
    ) -> Street:
        points_line = curve(points, sigma) if sigma else LineString(points)
        first, last = points[0], points[-1]
        line = LineString([first, *list(points_line.coords)[1:-1], last])
        return Street(
            longest(line.intersection(ashore)), highway, name, width, width / 2 + PAVEMENT + 1.5
        )

    rail_side = [(618126, 6919683), (618400, 6919612), (618700, 6919506), (618960, 6919436),
    (619316, 6919396), (619500, 6919376),
                 (619700, 6919400), (619900, 6919414), (620150, 6919440), (620400,
                 6919500)]  # fmt: skip
    south_side = [(x, y - 40) for x, y in RAIL]
    return [
        street(NORTH_ROAD, "primary", "Norra vägen", 10.0, 5),
        street([town(-387, 36), (618640, 6919880), (618400, 6919838), (618100, 6919800)],
        "secondary", "Storgatan", 9.0),
        street([town(-387, -118), (618640, 6919752), (618400, 6919722), (618340, 6919628)],
        "residential", "Köpmangatan", 7.0),
        street([town(-387, -280), (618700, 6919610), (618560, 6919567)], "residential",
        "Rådhusgatan", 7.0, 2),
        street(rail_side, "secondary", "Norra Järnvägsgatan", 9.0, 6),
        street(south_side, "residential", "Södra Järnvägsgatan", 7.0, 6),
        street([(618700, 6919895), (618672, 6919757), (618690, 6919600)], "residential",
        "Västermalmsgatan", 6.5, 2),
        street([(618535, 6919963), (618520, 6919860), (618500, 6919735), (618470, 6919590)],
        "residential", "Västergatan", 6.5, 3),
        street([(618300, 6919985), (618285, 6919820), (618250, 6919652)], "residential",
        "Bryggerigatan", 6.5, 3),
        street([town(407, -118), town(560, -118), (619930, 6919560), (620400, 6919556)],
        "secondary", "Landsvägsallén", 9.0),
        street([town(407, -198), town(700, -198), (619925, 6919410)], "residential",
        "Trädgårdsgatan", 7.0, 2),
        street([town(520, 160), town(545, 36), town(545, -118), town(545, -198), (619716, 6919398)],
               "residential", "Magasinskajen", 7.0, 2),
        street([town(407, 112), town(700, 122)], "residential", "Sjögatan", 7.0, 0),
        street([town(660, 130), town(640, 60), town(628, -118), town(628, -198)], "residential",
        "Hamnplan", 7.0, 3),
        street([town(407, -280), town(470, -296), (619716, 6919398)], "primary", "Hamngatan", 10.0,
        2),
        street([(620080, 6919560), (620090, 6919490), (620085, 6919425)], "residential",
        "Rosenborgsgatan", 6.5, 2),
        street([(620060, 6919560), (620075, 6919620)], "service", "Södra kajen", 6.0, 0),
        street([(620250, 6919560), (620262, 6919500), (620258, 6919455)], "residential",
        "Varvsgatan", 6.5, 2),
        street([town(147, -362), (619312, 6919396)], "secondary", "Esplanaden", 9.0, 0),
        street([town(-387, -362), (618822, 6919474)], "residential", "Skolhusallén", 8.0, 0),
        *[street([(x, 6920133), (x + 4, float(np.interp(x + 4, *np.array(NORTH_ROAD).T)))],
        "residential", name, 6.5, 0)
          for x, name in ((619716, "Lastkajsgatan"), (619836, "Pollargatan"), (619965,
          "Kranbilsgatan"), (620110, "Oljehamnsgatan"),
                          (620262, "Heffnersvägen"))],
        street([(619838, 6920146), (620400, 6920180)], "service", "Kajgatan", 6.0, 0),
    ]  # fmt: skip


def bridges(river: Polygon, along_river: LineString) -> list[Street]:
    """Over the river, from Strandgatan to Norra vägen, in a wet and two dry pieces."""
    north_road = curve(NORTH_ROAD, 5)
    lines = [(LineString([town(a, 40), town(a + lean, 430)]), highway, name, width)
             for a, lean, highway, name, width in (
                 (-387, 0, "residential", "Skolhusallén", 9.0), (-217, 0, "residential",
                 "Nybrogatan", 9.0),
                 (-52, 12, "footway", "Puckelbron", 4.0),
                 (132, 0, "secondary", "Storbron", 8.0), (162, 0, "secondary", "Storbron",
                 8.0))]  # fmt: skip
    lines.append(
        (LineString([(618531, 6919880), (618545, 6920080)]), "residential", "Västergatan", 7.0)
    )
    lines.append(
        (LineString([(618297, 6919880), (618312, 6920080)]), "residential", "Bryggerigatan", 6.5)
    )
    out: list[Street] = []
    for line, highway, name, width in lines:
        piece = between(line, along_river, north_road)
        wet = river.buffer(2.5)
        out.append(
            Street(
                longest(piece.intersection(wet)),
                highway,
                name,
                width,
                width / 2 + 3,
                "asphalt",
                True,
            )
        )
        out += [
            Street(part, highway, name, width, width / 2 + 3)
            for part in shapely.get_parts(piece.difference(wet))
        ]
    return [street for street in out if not street.line.is_empty]


def waterside_paths(sea: Polygon) -> list[Street]:
    points, normal, half = river_course()
    north_bank = points + normal * (half + 8)[:, None]
    path = LineString(north_bank[(north_bank[:, 0] > WEST) & (north_bank[:, 0] < 619600)])
    quay = longest(sea.buffer(7).exterior.intersection(box(619640, 6920100, EAST, 6920250)))
    return [
        Street(path, "cycleway", "Åstråket", 3.0, 3.0),
        Street(quay, "footway", "Norra kajpromenaden", 3.5, 3.0, "paving_stones"),
    ]


def flat_streets(sea: Polygon, river: Polygon) -> list[Street]:
    """All streets of the low town."""
    along_river = strand()
    return [
        *stone_town(sea, along_river),
        *outer_town(sea),
        *bridges(river, along_river),
        *waterside_paths(sea),
    ]


def park_paths() -> list[dict]:
    """In Vängåvan, from all four streets between the limes to the place around the fountain."""
    ways = [
        Street(LineString([town(*end), town(*start)]), "footway", None, 3.0, 1.5, "gravel")
        for end, start in (((58, 76), (84, 76)), ((125.5, 76), (100, 76)), ((92, 42.5), (92, 64)),
                           ((92, 105.5), (92, 84)))
    ]  # fmt: skip
    return street_rows(ways)


def fountain_place() -> dict:
    """The plates around Vängåvan's fountain and its benches."""
    place = shapely.Point(*town(92, 74)).buffer(12.5, quad_segs=8)
    return {"geometry": shapely.set_precision(place, 0.01), "name": None, "kind": "square"}


def street_rows(streets: list[Street]) -> list[dict]:
    return [{"highway": street.highway, "service": street.service, "name": street.name,
    "width": street.width, "surface": street.surface,
             "bridge": "yes" if street.bridge else None, "layer": 1 if street.bridge else None,
             "geometry": shapely.set_precision(street.line, 0.01)}
            for street in streets]  # fmt: skip


def squares_of(sea: Polygon, river: Polygon, beach: Polygon) -> list[dict]:
    """Squares, parks, quays and the bed of the railway (kind gravel); none in the water."""
    wet = shapely.union_all([sea, river])
    quay = sea.buffer(13).difference(wet).difference(beach).intersection(INSIDE)
    rows = [
        ("Stora Torget", "square", quarter(-45.5, 45.5, -31, 29)),
        ("Vängåvan", "park", quarter(58.5, 125, 43, 105)),
        ("Esplanaden", "park", quarter(138, 156, -362, 262)),
        ("Kyrkoparken", "park", quarter(-378, -310, -273, -205)),
        ("Skolgården", "park", quarter(-378, -310, -355, -287)),
        (
            "Åparken",
            "park",
            river.buffer(15)
            .difference(river.buffer(0.1))
            .intersection(box(618690, 6919800, 619632, 6920200)),
        ),
        ("Norra kajen", "quay", quay.intersection(box(619600, 6920090, EAST, 6920330))),
        ("Inre hamnen", "quay", quay.intersection(box(619560, 6919720, 620010, 6920090))),
        ("Södra kajen", "quay", quay.intersection(box(619560, 6919400, EAST, 6919720))),
        ("Resecentrum", "square", box(619850, 6919386, 619965, 6919408)),
        ("Järnvägen", "gravel", LineString(RAIL).buffer(6.5).intersection(INSIDE)),
        (
            "Bangården",
            "gravel",
            shapely.ops.substring(LineString(RAIL), 1480, 2080).buffer(15, cap_style="flat"),
        ),
    ]
    return [
        {"geometry": shape.difference(wet), "name": name, "kind": kind}
        for name, kind, shape in rows
    ]
