"""The solids that are printed: plates with pockets and slots, pieces for the pockets, keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.printing.letters import FINER, arrow, printed
from mc_city.exports.printing.pockets import Insert, Pocket
from mc_city.exports.printing.solids import Solid
from mc_city.exports.printing.stamps import (
    Side,
    Stamp,
    box_stamp,
    clipped,
    raster_stamp,
    with_stamps,
)
from mc_city.exports.printing.town import BASE, RIM, Box, Plate, Town

SLOT, LOOSE = 1600, 200
"""Micrometres of a slot's depth below a plate, and that a key is thinner."""
NECK, NECK_WIDE, HEAD, HEAD_WIDE = 4000, 4000, 4000, 10_000
"""Micrometres of half a key away from its seam: of its neck and of its head beyond, along and
across."""
TWO_KEYS, ONE_KEY = 60_000, 24_000
"""Micrometres of a seam that two keys hold, and the shortest that one does."""
RAISED, ENGRAVED, MARKED = 800, 600, 400
"""Micrometres: letters on the rim, letters below a plate, numbers in pockets and below pieces."""
SQUARE, SMALL_SQUARE = 900, 600
"""Micrometres of a letter's squares: on the rim and below plates; the smallest that is printed."""
INSET = 2000
"""Micrometres between letters and an edge."""
PUSH, PUSHED = 8000, 20_000
"""Micrometres of the hole through which a piece is pushed out, and of the narrowest pocket that has
one."""
NAME_ROOM = 30_000, 16_000
"""Micrometres across and along that a plate's name has below it."""
ARROW = 36
"""Parts of a square along each side of the picture of the arrow."""


class Seam(NamedTuple):
    """Where two plates meet. across: whether it runs to the north; place: cells from the west or
    south; span: its first and last cell."""

    across: bool
    place: int
    span: tuple[int, int]


def _long(town: Town, first: int, last: int) -> int:
    """Micrometres of some cells."""
    ends = town.edges(0, last)
    return int(ends[last] - ends[first])


def seams_of(town: Town) -> Iterator[Seam]:
    """All places where two plates meet."""
    for places, others, across in ((town.xs, town.ys, True), (town.ys, town.xs, False)):
        for place in places[1:-1]:
            for span in zip(others, others[1:], strict=False):
                yield Seam(across, place, span)


def keys_of(town: Town, seam: Seam) -> list[int]:
    """Micrometres along a seam at which keys lie, from the town's corner; none where the plates are
    too small for any."""
    places = town.xs if seam.across else town.ys
    number = places.index(seam.place)
    beside = (places[number - 1], seam.place), (seam.place, places[number + 1])
    first, long = _long(town, 0, seam.span[0]), _long(town, *seam.span)
    if min(_long(town, *span) for span in beside) < ONE_KEY or long < ONE_KEY:
        return []
    quarters = (1, 3) if long >= TWO_KEYS else (2,)
    return [first + long * quarter // 4 for quarter in quarters]


def _slot(seam: Seam, place: int, middle: int, ahead: int) -> list[Stamp]:
    """The half of a slot on one side of a seam. place, middle: of the seam and along it, in
    micrometres; ahead: 1 to the east or north of it, −1 to the west or south."""
    found = []
    for near, far, wide in ((0, NECK, NECK_WIDE), (NECK, NECK + HEAD, HEAD_WIDE)):
        low, high = sorted((place + ahead * near, place + ahead * far))
        left, right = middle - wide // 2, middle + wide // 2
        corners = (low, left, high, right) if seam.across else (left, low, right, high)
        west, south, east, north = corners
        found.append(box_stamp(west, south, east, north, side=Side.BOTTOM, level=SLOT))
    return found


def _slots(town: Town, plate: Plate) -> list[Stamp]:
    """The slots below a plate, in micrometres from the town's corner."""
    found = []
    for seam in seams_of(town):
        spans = (plate.box.west, plate.box.east), (plate.box.south, plate.box.north)
        across, along = spans if seam.across else spans[::-1]
        if along != seam.span or seam.place not in across:
            continue
        ahead = 1 if seam.place == across[0] else -1
        for middle in keys_of(town, seam):
            found += _slot(seam, _long(town, 0, seam.place), middle, ahead)
    return found


def key_solid(clearance: int) -> Solid:
    """A key: it lies in two slots and holds two plates together. clearance: micrometres."""
    air = clearance
    end, neck = NECK + HEAD - air, NECK + air
    xs = np.array([-end, -neck, neck, end], np.int64) + end
    half, thin = HEAD_WIDE // 2 - air, NECK_WIDE // 2 - air
    ys = np.array([-half, -thin, thin, half], np.int64) + half
    tops = np.full((3, 3), SLOT - LOOSE, np.int32)
    tops[0, 1] = tops[2, 1] = 0
    return Solid(xs, ys, tops, np.zeros((3, 3), np.int32))


def _fitting(text: str, wide: int, high: int) -> tuple[NDArray[np.bool_], int] | None:
    """(a text in parts of squares, micrometres of such a part) as large as there is room for; None
    where there is none."""
    while text:
        marked = printed(text)
        rows, columns = (long // FINER for long in marked.shape)
        square = min(SQUARE, wide // columns, high // rows)
        if square >= SMALL_SQUARE:
            return marked, square // FINER
        text = text[:-1].rstrip()
    return None


def _rim(town: Town, texts: tuple[str, str, float], plate: Plate) -> list[Stamp]:
    """The arrow and the texts on the strip in the south of the first plate, in micrometres from the
    town's corner. texts: the town's name, its scale, and how far its rows run clockwise of north,
    in degrees."""
    name, scale, turn = texts
    wide, level = _long(town, 0, plate.box.east), BASE + RAISED
    side = RIM - INSET
    found = [
        raster_stamp(arrow(turn, ARROW), (INSET, -RIM + INSET // 2), side // ARROW, Side.TOP, level)
    ]
    letter = _fitting("N", side, side)
    left = INSET + side + INSET // 2
    if letter:
        found.append(raster_stamp(letter[0], (left, -RIM + INSET), letter[1], Side.TOP, level))
        left += letter[0].shape[1] * letter[1] + 2 * INSET
    told = _fitting(scale, wide - INSET - left, RIM - INSET)
    room = wide - INSET - left - (told[0].shape[1] * told[1] + 2 * INSET if told else 0)
    written = _fitting(name, room, RIM - INSET)
    for text in (written, told):
        if text:
            found.append(raster_stamp(text[0], (left, -RIM + INSET), text[1], Side.TOP, level))
            left += text[0].shape[1] * text[1] + 2 * INSET
    return found


def _below(text: str, corner: tuple[int, int], room: tuple[int, int], level: int) -> list[Stamp]:
    """A text on an underside, as it is read from there, in the middle of a rectangle. corner: its
    south-western one; room: its sides, micrometres."""
    fitted = _fitting(text, room[0] - 2 * INSET, room[1] - 2 * INSET)
    if fitted is None:
        return []
    marked, part = fitted
    high, wide = (long * part for long in marked.shape)
    at = corner[0] + (room[0] - wide) // 2, corner[1] + (room[1] - high) // 2
    return [raster_stamp(marked[:, ::-1], at, part, Side.BOTTOM, level)]


def _plate_name(
    name: str, sides: tuple[int, int, int, int], others: Sequence[Stamp]
) -> list[Stamp]:
    """The name below a plate: in its middle, or where no slot or hole is in the way. sides: west,
    south, east and north of the plate, micrometres; others: what else is cut into it."""
    west, south, east, north = sides
    room = min(NAME_ROOM[0], east - west), min(NAME_ROOM[1], north - south)
    taken = [stamp for stamp in others if stamp.side is not Side.TOP]
    corners = [
        (west + (east - west - room[0]) * across // 8, south + (north - south - room[1]) * up // 8)
        for up in (4, 2, 6, 1, 7)
        for across in (4, 2, 6, 1, 7)
    ]

    def is_free(corner: tuple[int, int]) -> bool:
        return not any(
            corner[0] < stamp.xs[-1]
            and stamp.xs[0] < corner[0] + room[0]
            and corner[1] < stamp.ys[-1]
            and stamp.ys[0] < corner[1] + room[1]
            for stamp in taken
        )

    place = next((corner for corner in corners if is_free(corner)), corners[0])
    return _below(name, place, room, ENGRAVED)


def _pocket_stamps(town: Town, pocket: Pocket, part: Box) -> list[Stamp]:
    """What is in the floor of a pocket: its number, and a hole. In micrometres from the town's
    corner."""
    west, south = _long(town, 0, part.west), _long(town, 0, part.south)
    wide, deep = _long(town, part.west, part.east), _long(town, part.south, part.north)
    found = []
    holed = min(wide, deep) >= PUSHED
    if holed:
        left, low = west + (wide - PUSH) // 2, south + (deep - PUSH) // 2
        found.append(box_stamp(left, low, left + PUSH, low + PUSH, side=Side.THROUGH))
    # Beside the hole, if there is one.
    room = (wide - PUSH) // 2 if holed else wide
    fitted = _fitting(str(pocket.number), room - INSET, deep - INSET)
    if fitted:
        marked, square = fitted
        at = west + INSET // 2, south + INSET // 2
        found.append(raster_stamp(marked, at, square, Side.TOP, pocket.floor - MARKED))
    return found


def _around(town: Town, box: Box, air: Sequence[int]) -> tuple[int, int, int, int]:
    """West, south, east and north of a box in micrometres, less the air at each of these sides."""
    west, south = _long(town, 0, box.west), _long(town, 0, box.south)
    east, north = _long(town, 0, box.east), _long(town, 0, box.north)
    return west + air[0], south + air[1], east - air[2], north - air[3]


def plate_solid(
    town: Town,
    plate: Plate,
    today: NDArray[np.int16],
    pockets: Sequence[Pocket],
    texts: tuple[str, str, float],
) -> Solid:
    """A plate of the town, with its south-western corner at 0, 0. today: cells of the whole town;
    texts: see `_rim`."""
    box = plate.box
    tops = town.micrometres(today[box.window])
    stamps = _slots(town, plate)
    for pocket in pockets:
        part = pocket.box.shared(box)
        if pocket.box.meets(box):
            rows, columns = part.window
            tops[
                rows.start - box.south : rows.stop - box.south,
                columns.start - box.west : columns.stop - box.west,
            ] = pocket.floor
            stamps += _pocket_stamps(town, pocket, part)
    half = town.clearance // 2
    inner = [
        half * (side not in outer)
        for side, outer in (
            (box.west, (0,)), (box.south, (0,)), (box.east, (town.box.east,)),
            (box.north, (town.box.north,)),
        )
    ]  # fmt: skip
    west, south, east, north = _around(town, box, inner)
    xs, ys = town.edges(box.west, box.east), town.edges(box.south, box.north)
    if plate.rim:
        ys = np.concatenate([[-RIM], ys])
        tops = np.concatenate([np.full((1, box.wide), BASE, np.int32), tops])
        south = -RIM
        if box.west == 0:
            stamps += _rim(town, texts, plate)
    xs, columns = clipped(xs, west, east)
    ys, rows = clipped(ys, south, north)
    tops = tops[rows, columns]
    stamps = [*_plate_name(plate.name, (west, south, east, north), stamps), *stamps]
    solid = with_stamps(Solid(xs, ys, tops, np.zeros_like(tops)), stamps)
    return solid._replace(xs=solid.xs - west, ys=solid.ys - south)


def insert_solid(town: Town, pocket: Pocket, insert: Insert) -> Solid:
    """A piece for a pocket, with its south-western corner at 0, 0."""
    box = pocket.box
    tops = town.micrometres(insert.heights) - pocket.floor
    west, south, east, north = _around(town, box, insert_air(town, box))
    xs, columns = clipped(town.edges(box.west, box.east), west, east)
    ys, rows = clipped(town.edges(box.south, box.north), south, north)
    tops = tops[rows, columns].astype(np.int32)
    code = _below(insert.code, (west, south), (east - west, north - south), MARKED)
    solid = with_stamps(Solid(xs, ys, tops, np.zeros_like(tops)), code)
    return solid._replace(xs=solid.xs - west, ys=solid.ys - south)


def insert_air(town: Town, box: Box) -> tuple[int, int, int, int]:
    """Micrometres of air in the west, south, east and north of a piece: half where it ends with its
    plate, as the other half is the next one's."""
    half, whole = town.clearance // 2, town.clearance
    return (
        half if box.west in town.xs else whole,
        half if box.south in town.ys else whole,
        half if box.east in town.xs else whole,
        half if box.north in town.ys else whole,
    )
