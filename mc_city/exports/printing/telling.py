"""What the people who print are told: the parts, their sizes, how they join, whose data it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mc_city.exports.folders import NOT_OFFICIAL
from mc_city.exports.printing.solids import MICRO, Mesh
from mc_city.exports.printing.town import Town
from mc_city.settings.names import CREDITS
from worlds.notes import WorldNote
from worlds.quoting import plain

DENSITY = 1.24
"""Grams of a cubic centimetre of PLA."""
SKIN, FILLED = 1.0, 0.15
"""Millimetres of solid plastic below a surface, and how much of the rest is plastic."""
SWEDISH, ENGLISH = 0, 1
Both = tuple[str, str]
"""In Swedish, in English."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A part that was written. kind: plate, insert or key; name: its code; file: where it is; size:
    millimetres across, along and up; grams: of plastic, about; count: how many are needed."""

    kind: str
    name: str
    title: Both
    file: str
    size: tuple[float, float, float]
    grams: float
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told besides the parts. few: changes that are too small for a piece; left_out:
    pockets for which not all combinations are printed."""

    town: Town
    note: WorldNote
    few: int
    left_out: tuple[int, ...]


def grams_of(mesh: Mesh) -> float:
    """About how much plastic a part takes: a skin, and a little of what is inside of it."""
    volume = mesh.volume
    skin = min(mesh.surface * SKIN, volume)
    return DENSITY * (skin + FILLED * (volume - skin)) / MICRO


def scale_text(scale: float) -> str:
    """As in 1:1000."""
    return f"1:{scale:g}"


def _numbers(text: str) -> Both:
    """A number as each language writes it."""
    return text.replace(".", ","), text


def _row(made: Made) -> Both:
    sides = _numbers(" × ".join(f"{side:.1f}" for side in made.size))
    count = f"{made.count} × " if made.count > 1 else ""
    grams = max(round(made.grams), 1)
    swedish, english = (
        f"  {made.file}: {count}{made.name}, {title}, {size} mm, {grams} g"
        for title, size in zip(made.title, sides, strict=True)
    )
    return swedish, english


def _about(told: Told, parts: Sequence[Made]) -> Iterator[Both]:
    """How large it is and what it takes."""
    printer = told.town.printer
    scale = scale_text(printer.scale)
    grams = round(sum(one.grams * one.count for one in parts))
    high = _numbers(f"{max(one.size[2] for one in parts):.1f}")
    long = _numbers(f"{1000 / printer.scale:g}")
    bed = f"{printer.bed[0]:g} × {printer.bed[1]:g} mm"
    yield (
        f"{told.note.city} i skala {scale}, för 3D-skrivare",
        f"{told.note.city} at {scale}, for a 3D printer",
    )
    yield "", ""
    yield (
        f"Höjderna har samma skala som bredderna: en meter är {long[0]} mm åt alla håll.",
        f"Heights have the same scale as widths: a metre is {long[1]} mm in every direction.",
    )
    yield (
        f"Alla delar ryms på en bädd av {bed}; den högsta är {high[0]} mm. Ingen behöver stöd.",
        f"All parts fit a bed of {bed}; the highest is {high[1]} mm. None needs supports.",
    )
    yield (
        f"Plast: ungefär {grams} g PLA för allt (15 % fyllning).",
        f"Plastic: about {grams} g of PLA for everything (15 % infill).",
    )


def _plates(parts: Sequence[Made]) -> Iterator[Both]:
    """What the plates are called and how they join."""
    count = sum(one.kind == "plate" for one in parts)
    keys = sum(one.count for one in parts if one.kind == "key")
    yield "", ""
    yield (
        f"PLATTOR ({count}). Bokstaven är kolumnen från väster, siffran raden från norr; namnet "
        "står under plattan. Pilen på kanten i söder pekar mot norr.",
        f"PLATES ({count}). The letter is the column from the west, the number the row from the "
        "north; the name is below the plate. The arrow on the rim in the south points north.",
    )
    if keys:
        yield (
            "Lägg plattorna upp och ned bredvid varandra och tryck in en nyckel i varje spår "
            f"({keys} stycken). De håller ihop plattorna; lim behövs inte.",
            "Lay the plates beside each other, upside down, and press a key into each slot "
            f"({keys} of them). They hold the plates together; no glue is needed.",
        )


def _pieces(told: Told, parts: Sequence[Made]) -> Iterator[Both]:
    """How pieces are exchanged, and which there are not."""
    air = _numbers(f"{told.town.printer.clearance:g}")
    if any(one.kind == "insert" for one in parts):
        yield "", ""
        yield (
            "BITAR. Varje ficka i en platta har ett nummer i botten. Bitarna som passar i den har "
            "samma nummer och en bokstav på undersidan; A är i dag. Tryck i den bit som ska visas, "
            "och tryck ut den underifrån, genom hålet.",
            "PIECES. Each pocket of a plate has a number in its floor. The pieces that fit it have "
            "the same number and a letter below; A is today. Press in the one to be shown, and "
            "push it out from below, through the hole.",
        )
        yield (
            f"Mellan bit och ficka är det {air[0]} mm luft på varje sida. Sitter bitarna för hårt "
            "eller för löst: exportera igen med ett annat tal efter --clearance.",
            f"Between a piece and its pocket there are {air[1]} mm of air on each side. If they "
            "are too tight or too loose, export again with another number after --clearance.",
        )
    for number in told.left_out:
        yield (
            f"Ficka {number}: alla kombinationer är för många; varje förslag för sig och alla "
            "tillsammans finns.",
            f"Pocket {number}: all combinations are too many; each proposal alone and all of them "
            "together are there.",
        )
    if told.few:
        yield (
            f"{told.few} ändringar är för små för en egen bit och är på plattorna som i dag.",
            f"{told.few} changes are too small for a piece of their own and are on the plates as "
            "today.",
        )


def _sources(note: WorldNote) -> Iterator[Both]:
    """A line for each source: real or illustrative, what, whose, licence."""
    yield f"KÄLLOR (mer i {CREDITS})", f"SOURCES (more in {CREDITS})"
    for one in note.sources:
        held = [str(one[key]) for key in ("title", "attribution", "licence") if one.get(key)]
        real = one.get("real") is not False
        yield (
            "  " + plain(" · ".join(["verkligt" if real else "illustrativt", *held])),
            "  " + plain(" · ".join(["real" if real else "illustrative", *held])),
        )


def _lines(told: Told, parts: Sequence[Made]) -> Iterator[Both]:
    yield from _about(told, parts)
    yield from _plates(parts)
    yield from _pieces(told, parts)
    yield "", ""
    yield "DELAR", "PARTS"
    yield from (_row(one) for one in parts)
    yield "", ""
    yield (
        "Staket, skyltar, lyktor och växter är för tunna och saknas. Under broar och utsprång är "
        "det fyllt. Det som är tunnare än 0,8 mm är förtjockat.",
        "Fences, signs, lamps and plants are too thin and left out. What is below bridges and "
        "overhangs is filled. What is thinner than 0.8 mm is thickened.",
    )
    yield from _sources(told.note)
    yield (
        "Modellen är till för samtal. Den är inget beslut och ingen officiell karta.",
        "The model is made for conversation. It is no decision and no official map.",
    )


def print_text(told: Told, parts: Sequence[Made]) -> str:
    """`print.txt`: in Swedish, then in English."""
    lines = list(_lines(told, parts))
    swedish, english = ([line[language] for line in lines] for language in (SWEDISH, ENGLISH))
    return "\n".join([*swedish, "", "-" * 72, "", *english, NOT_OFFICIAL]) + "\n"
