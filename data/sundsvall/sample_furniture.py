"""Street furniture of the sample: what makes Stora Torget a lively place, bus stops, a fountain in
Vängåvan. All of it is illustrative."""

from __future__ import annotations

import shapely
from sample_streets import AVENUES, CROSS_STREETS, quarter, town
from shapely import Point

RINK = (-30.0, -1.3, -23.5, -12.6)
"""Metres along and across Storgatan: the real rink's measured 28.7 × 10.9 m and bearing, further
south than it lies, since the city room of the world stands there."""
NORTH, EAST, SOUTH, WEST = 12.4, 102.4, 192.4, 282.4
"""Bearings of the grid of Stenstaden."""

ON_TORGET = (
    ("statue", 16, -11, NORTH), ("bench", 10, -11, EAST), ("bench", 22, -11, WEST), ("bench", 16,
    -16.5, NORTH),
    *(("stall", 5 + 7 * number, -25, NORTH) for number in range(5)), *(("stall", -39,
    -3 + 7 * number, EAST) for number in range(4)),
    *(("bench", -25 + 9 * number, -27.2, NORTH) for number in range(3)), ("bicycle_parking", 40,
    -14, WEST),
    ("bicycle_parking", 40, 6, WEST), ("waste_basket", 34.5, -20, WEST), ("waste_basket", -33, -9,
    EAST),
    ("planter", 36, -3, WEST), ("waste_basket", 24, 25.5, SOUTH),
    *(("bench" if number % 2 else "planter", -30 + 9 * number, 25, SOUTH) for number in range(8)),
    *(("planter" if number % 3 == 2 else "bench", 41, -24 + 9 * number, WEST) for number in (0, 2,
    3, 5)),
)  # fmt: skip
IN_VANGAVAN = (
    ("fountain", 92, 74, NORTH), ("bench", 83, 74, EAST), ("bench", 101, 74, WEST), ("bench", 92,
    65, NORTH), ("bench", 92, 83, SOUTH),
    ("bandstand", 74, 60, EAST), ("planter", 84.5, 82, SOUTH), ("planter", 99.5, 66, NORTH),
    ("waste_basket", 99, 80, SOUTH),
)  # fmt: skip
CORNERS = ("fire_hydrant", "post_box", "waste_basket", "street_cabinet", "parking_meter",
           "bicycle_parking", "advertising_column", "grit_bin", "bench", "parcel_locker",
           "telephone", "vending_machine", "recycling", "charging_station")  # fmt: skip
"""What stands on the pavements of Stenstaden, by turns."""
ELSEWHERE = (
    ("picnic_table", (619076.0, 6920796.0), SOUTH), ("bench", (619084.0, 6920790.0), 180.0),
    ("picnic_table", town(-344, -351), NORTH),
    ("memorial", town(-318, -232), WEST),
    ("viewpoint", (619100.0, 6920812.0), 180.0), ("map_board", (619122.0, 6920800.0), 180.0),
    ("guidepost", (619100.0, 6920700.0), 180.0), ("lean_to", (619062.0, 6920860.0), 180.0),
    ("firepit", (619062.0, 6920850.0), 0.0), ("cairn", (619040.0, 6920874.0), 0.0),
    ("well", (619012.0, 6920812.0), 0.0), ("toilets", (619058.0, 6920806.0), 180.0),
    ("bell", (618992.0, 6920786.0), 0.0), ("rune_stone", (619040.0, 6920786.0), 180.0),
    ("hunting_stand", (618470.0, 6920640.0), 180.0), ("feeding_rack", (618500.0, 6920660.0), 0.0),
    ("bird_hide", (618600.0, 6920700.0), 0.0), ("boulder", (618980.0, 6920640.0), 0.0),
    ("taxi", (619935.0, 6919404.0), 0.0), ("ticket_machine", (619880.0, 6919388.0), 0.0),
    ("luggage_locker", (619884.0, 6919388.0), 0.0), ("clock", (619860.0, 6919400.0), 0.0),
    ("bicycle_rental", (619856.0, 6919390.0), 0.0), ("kick_scooters", (619950.0, 6919404.0), 0.0),
    ("anchor", (619630.0, 6920030.0), 90.0), ("life_ring", (619652.0, 6920098.0), 180.0),
    ("public_bookcase", town(-40, 20), EAST), ("chess", town(-36, 14), EAST),
    ("outdoor_seating", town(-20, 19), SOUTH), ("outdoor_seating", town(4, 19), SOUTH),
    ("atm", town(36, 26), SOUTH), ("defibrillator", town(-43, -12), EAST),
)  # fmt: skip
STOPS = (
    ("Stora Torget", town(-35, -30.4)), ("Vängåvan", town(84, 106)), ("Esplanaden", town(155.5,
    -131.5)),
    ("Esplanaden", town(138.5, -86.5)),
    ("Sundsvall C", (619868.0, 6919408.0)), ("Sundsvall C", (619908.0, 6919408.5)), ("Norra kajen",
    (619700.0, 6920260.0)),
    ("Norrmalm", (619120.0, 6920096.0)),
)  # fmt: skip


def furniture_rows() -> list[dict]:
    rows = [
        _row(kind, town(along, across), bearing)
        for kind, along, across, bearing in (*ON_TORGET, *IN_VANGAVAN)
    ]
    rows += [_row(kind, place, bearing) for kind, place, bearing in ELSEWHERE]
    rows += on_corners()
    rows += [{**_row("bus_stop", place, None), "name": name} for name, place in STOPS]
    return [
        *rows,
        {
            "kind": "ice_rink",
            "name": "Isbanan",
            "direction": None,
            "geometry": shapely.set_precision(quarter(*RINK), 0.1),
        },
    ]


def on_corners() -> list[dict]:
    """Along the walls of the avenues, one between each two cross streets."""
    rows, number = [], 0
    for along, (name, half) in AVENUES.items():
        if name == "Esplanaden":
            continue
        for across in list(CROSS_STREETS)[1:-1]:
            kind = CORNERS[number % len(CORNERS)]
            rows.append(_row(kind, town(along + half - 1.0, across - 14.0 - number % 5), WEST))
            number += 1
    return rows


def _row(kind: str, place: tuple[float, float], bearing: float | None) -> dict:
    return {
        "kind": kind,
        "name": None,
        "direction": bearing,
        "geometry": shapely.set_precision(Point(place), 0.1),
    }
