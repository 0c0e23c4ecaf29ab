"""What a provision of a detaljplan says of the height and place of buildings, from its code in
Boverket's catalogue or, where it has none that is known, from its wording."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from buildings.detaljplan.plans import Provision, Value
from worlds.notes import read_toml
from worlds.shipped import SHIPPED

CATALOGUE = SHIPPED / "configs" / "planbestammelser.toml"
HIGHEST_M = 400.0
"""Above the ground; and how far from the datum's zero a height may lie, see DATUM_M."""
DATUM_M = (-50.0, 2500.0)
MOST_STOREYS = 100
FARTHEST_M = 200.0
"""From a plot's boundary."""
UNITS_M = {"": 1.0, "m": 1.0, "meter": 1.0, "metre": 1.0, "metres": 1.0, "dm": 0.1, "cm": 0.01,
"mm": 0.001}  # fmt: skip
RIDGE, EAVES, STOREYS, PITCH, DISTANCE, BARE, SHEDS = (
    "ridge", "eaves", "storeys", "pitch", "distance", "bare", "sheds",
)  # fmt: skip
"""What a rule is about: the highest point, the height of the façade (byggnadshöjd), the number of
storeys, the steepest roof, metres from the plot's boundary, ground without buildings (prickmark),
ground with sheds only (korsmark)."""
_CODE = re.compile(
    r"DP_[A-Z]{2}_Eg_Hojd_(?P<sense>Hogsta|Lagsta|Exakt)Hojd_(?:Byggnadsverk)?"
    r"(?P<what>Nockhojd|Totalhojd|Byggnadshojd|(?:Hogsta|Lagsta|Exakt)Van)"
    r"(?P<datum>Nollplan)?(?:_.*)?"
)
_PITCH_CODE = re.compile(r"DP_[A-Z]{2}_Eg_Takvinkel_(?P<sense>Storsta|Minsta|Exakt)_.*")
_DISTANCE_CODE = re.compile(r"DP_[A-Z]{2}_Eg_Plac_Byggnadsverk_Fastgrans")
_OF_CODE = {"Nockhojd": RIDGE, "Totalhojd": RIDGE, "Byggnadshojd": EAVES}
_NUMBER = r"[+-]?\d{1,3}(?:[ \u00a0]\d{3})+(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?"
_ALONE = rf"(?<![\w.,])(?:{_NUMBER})(?!\d|e\d)"
"""Among words: no part of a code, or of a number in a form that no plan has."""
_FIRST = re.compile(_ALONE)
_SLOT = re.compile(r"\[([^\[\]:]*)(?::[^\[\]]*)?\]")
_HEIGHT = re.compile(
    r"(?P<ridge>nockhöjd|totalhöjd|taknock|(?:högsta|max(?:imal)?) (?:tillåtna )?höjd)"
    r"|(?P<eaves>byggnadshöjd|takfotshöjd|fasadhöjd"
    r"|(?:större|högre) höjd än|en höjd av (?:högst|max)"
    r"|höjd(?:en)? får (?:inte|ej|icke) överstiga|får (?:inte|ej|icke) vara högre än)"
)
_ON = re.compile(r"\w*\s+(?:på|för)\s+(.{1,80}?)\s+(?:är|ska|skall|får|i meter|:)")
_LEAST = re.compile(r"\b(?:lägsta|minsta|minst|minimum|lägst)\b")
_MOST = re.compile(r"\b(?:högsta|högst|största|maximala?|max|överstiga)\b")
_ABOVE_DATUM = re.compile(r"nollplan|över havet|\bm\.?\s?ö\.?\s?h\b|plushöjd|\brh\s?\d{2,4}\b")
_OTHER_DATUM = re.compile(
    r"\brh\s?(?:70|00|1970|1900)\b|(?:stadens|kommunens|lokalt|lokala|grundkartans)\s+\w*\s*"
    r"(?:nollplan|höjdsystem)"
)
_NUMERALS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9,
"x": 10, "xi": 11, "xii": 12, "en": 1, "ett": 1, "två": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6,
"sju": 7, "åtta": 8, "nio": 9, "tio": 10}  # fmt: skip
_COUNT = r"\d+(?:[.,]\d+)?|" + "|".join(sorted(_NUMERALS, key=len, reverse=True))
_STOREYS = re.compile(
    rf"\b(?P<before>{_COUNT}) våning(?:ar)?\b"
    rf"|våning(?:ar|santal(?:et)?)?\b[^.\d]{{0,40}}?\b(?P<after>{_COUNT})\b"
)
_PITCH = re.compile(r"takvinkel|taklutning")
_DISTANCE = re.compile(rf"(?P<metres>{_ALONE})\s*(?:m|meter)\.? (?:från|till) (?:\w+ )?\w*gräns")
_BARE = re.compile(
    r"(?:får (?:inte|ej|icke)|(?:inte|ej|icke) får) (?:bebyggas|förses med (?:någon )?byggnad)"
    r"|byggnad(?:er|sverk)? får (?:inte|ej|icke) (?:uppföras|finnas|placeras)(?! (?:till|med|högre"
    r"|närmare|över|i mer|på))"
    r"|prick(?:ad )?mark|punktprickad|byggnadsverk under mark"
)
_SHEDS = re.compile(
    r"får endast (?:förses|bebyggas) med|endast (?:komplement|uthus|garage|carport|förråd|mindre)"
    r"|korsmark|kors(?:prick|mark)ad|plusmark|ringmark"
)
_SHED = re.compile(
    r"komplement|uthus|garage|carport|förråd|miljöhus|sophus|skärmtak|plank\b|\bmur\b|växthus"
    r"|cykelhus|bjälklag|antenn|\bmast\b|transformator|bullerskydd|stängsel|skylt|teknikhus"
)


@dataclass(frozen=True)
class Rule:
    """value: metres, storeys or degrees, NaN for BARE and SHEDS; datum: above the plan's zero
    instead of the ground; by_wording: read from the words, since no known code says it."""

    about: str
    value: float = math.nan
    datum: bool = False
    by_wording: bool = False


@dataclass(frozen=True)
class Unused:
    """Why a provision draws nothing, for a list of reasons with their counts."""

    reason: str


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """The catalogue's number of a provision → its code."""
    return {str(number).lower(): code for code, number in read_toml(CATALOGUE)["codes"].items()}


def code_of(provision: Provision) -> str:
    """The code of a provision whose catalogue number or code is known; '' otherwise."""
    said = provision.code.strip()
    return said if said.startswith("DP_") else _codes().get(said.lower(), "")


def plain_number(text: str) -> float | None:
    """14.0 of `14,0`, `14.0` or `+14`; None where a text is more or less than one number."""
    if not re.fullmatch(_NUMBER, text.strip()) or len(text) > 40:
        return None
    number = float(re.sub(r"[ \u00a0]", "", text.strip()).replace(",", "."))
    return number if math.isfinite(number) else None


def filled(provision: Provision) -> str:
    """The wording with its values in their slots (`[höjd:decimaltal]`), in lower case."""
    left = list(provision.values)

    def value_of(slot: re.Match[str]) -> str:
        name = slot[1].strip().casefold()
        found = next((value for value in left if value.name.casefold() == name), None)
        if found is None and left and not left[0].name:
            found = left[0]
        if found is None:
            return ""
        left.remove(found)
        return found.text

    text = unicodedata.normalize("NFC", _SLOT.sub(value_of, provision.wording))
    return re.sub(r"\s+", " ", text).strip().casefold()


def read_rule(provision: Provision) -> Rule | Unused:
    """The rule of a provision, or why it has none."""
    code, words = code_of(provision), filled(provision)
    found = _by_code(code, words, provision.values) or _by_wording(words, provision.values)
    if found is None:
        return Unused(f"not drawn: {_cited(code, provision)}")
    if isinstance(found, Rule) and found.datum and not _is_rh2000(provision.datum, words):
        return Unused("a height above another zero than RH 2000, which is not converted")
    return found


def _cited(code: str, provision: Provision) -> str:
    """What a provision is called in a list: its code, or its words without their numbers."""
    if code or provision.code.startswith("DP_"):
        return code or provision.code[:80]
    words = _FIRST.sub("…", _SLOT.sub("…", provision.wording)).strip()
    label = f"catalogue number {provision.code[:40]}" if provision.code else provision.label
    cut = words if len(words) <= 70 else words[:69] + "…"
    return cut or label or "a provision that says nothing"


def _is_rh2000(datum: str, words: str) -> bool:
    """Whether heights above the zero are above RH 2000's, as all new plans' are."""
    said = re.sub(r"[\s_]+", "", datum).casefold()
    known = said in ("", "epsg:5613", "5613", "rh2000", "urn:ogc:def:crs:epsg::5613")
    return known and not _OTHER_DATUM.search(words)


def _by_code(code: str, words: str, values: tuple[Value, ...]) -> Rule | Unused | None:
    height = _CODE.fullmatch(code)
    if height:
        if height["sense"] == "Lagsta":
            return Unused("a least height, which caps nothing")
        what = height["what"]
        if what.endswith("Van"):
            return _storeys(_first_of(values, words, _STOREYS), False)
        return _height(words, values, _OF_CODE[what], height["datum"] is not None, False)
    pitch = _PITCH_CODE.fullmatch(code)
    if pitch:
        if pitch["sense"] == "Minsta":
            return Unused("a least roof pitch, which caps nothing")
        return _pitch(words, values, False)
    if _DISTANCE_CODE.fullmatch(code):
        return _distance(words, values, False)
    return None


def _by_wording(words: str, values: tuple[Value, ...]) -> Rule | Unused | None:
    if "våning" in words and (_STOREYS.search(words) or values) and not _HEIGHT.search(words):
        if _is_least(words, values):
            return Unused("a least number of storeys, which caps nothing")
        return _storeys(_first_of(values, words, _STOREYS), True)
    height = _HEIGHT.search(words)
    # "Marken får inte vara högre än" is of the ground.
    if height and not words.startswith("mark"):
        if _is_least(words, values):
            return Unused("a least height, which caps nothing")
        about = RIDGE if height["ridge"] else EAVES
        return _height(words, values, about, bool(_ABOVE_DATUM.search(words)), True)
    if _PITCH.search(words):
        if _is_least(words, values) and not _MOST.search(words) and len(_FIRST.findall(words)) < 2:
            return Unused("a least roof pitch, which caps nothing")
        return _pitch(words, values, True)
    if _DISTANCE.search(words):
        return _distance(words, values, True)
    if _BARE.search(words):
        return Rule(BARE, by_wording=True)
    return Rule(SHEDS, by_wording=True) if _SHEDS.search(words) else None


def _is_least(words: str, values: tuple[Value, ...]) -> bool:
    senses = {value.sense.casefold() for value in values if value.sense}
    if senses & {"min", "minst", "minimum"}:
        return not senses & {"max", "exakt"}
    return bool(_LEAST.search(words)) and not _MOST.search(words)


def _first_of(values: tuple[Value, ...], words: str, pattern: re.Pattern[str]) -> str:
    """The first value that is a number, else what the pattern finds in the words."""
    for value in values:
        text = value.text.strip().casefold()
        if plain_number(text) is not None or text in _NUMERALS:
            return text
    found = pattern.search(words)
    return next((group for group in found.groups() if group), "") if found else ""


def _storeys(text: str, by_wording: bool) -> Rule | Unused:
    number = float(_NUMERALS[text]) if text in _NUMERALS else plain_number(text)
    if number is None or not 1 <= number <= MOST_STOREYS:
        return Unused("a number of storeys that is none")
    return Rule(STOREYS, math.floor(number), by_wording=by_wording)


def _subject(words: str, height: re.Match[str] | None) -> str:
    """What a height is said of: `komplementbyggnad` of `högsta nockhöjd på komplementbyggnad är`,
    or what stands before the word."""
    if height is None:
        return words[:80]
    after = _ON.match(words[height.end() :])
    return words[: height.start()] + " " + (after[1] if after else "")


def _height(
    words: str, values: tuple[Value, ...], about: str, datum: bool, by_wording: bool
) -> Rule | Unused:
    said = _HEIGHT.search(words)
    if _SHED.search(_subject(words, said)):
        return Unused("a height of sheds, garages and the like only")
    value = next((value for value in values if plain_number(value.text) is not None), None)
    if value is not None:
        metres, unit = plain_number(value.text), value.unit.strip().casefold().rstrip(".")
    else:
        found = re.search(
            rf"(?P<metres>{_ALONE})\s*(?P<unit>dm|cm|mm|m|meter)?\b",
            words[said.end() if said else 0 :],
        )
        metres, unit = (plain_number(found["metres"]), found["unit"] or "") if found else (None, "")
    if unit.startswith(("meter över", "m över", "m ö", "m.ö", "möh")):
        unit, datum = "m", True
    if metres is None:
        return Unused("a height that is no number")
    if unit not in UNITS_M:
        return Unused("a height in a unit that is not known")
    metres *= UNITS_M[unit]
    low, high = DATUM_M if datum else (0.0, HIGHEST_M)
    if not low < metres <= high:
        return Unused("a height that no house has")
    return Rule(about, metres, datum, by_wording)


def _pitch(words: str, values: tuple[Value, ...], by_wording: bool) -> Rule | Unused:
    """The steepest roof: of `22–38 grader` the larger."""
    said = _PITCH.search(words)
    if _SHED.search(words[: said.start()] if said else ""):
        return Unused("a roof pitch of sheds, garages and the like only")
    numbers = [plain_number(value.text) for value in values]
    numbers = [one for one in numbers if one is not None] or [
        plain_number(text) for text in _FIRST.findall(words.replace("-", " "))
    ]
    degrees = max((one for one in numbers if one is not None), default=math.nan)
    if not 0 <= degrees < 85:
        return Unused("a roof pitch that is none")
    return Rule(PITCH, degrees, by_wording=by_wording)


def _distance(words: str, values: tuple[Value, ...], by_wording: bool) -> Rule | Unused:
    if _SHED.search(words.partition("placeras")[0]):
        return Unused("a distance of sheds, garages and the like only")
    found = _DISTANCE.search(words)
    numbers = [plain_number(value.text) for value in values]
    numbers = [one for one in numbers if one is not None]
    metres = numbers[0] if numbers else plain_number(found["metres"]) if found else None
    if metres is None or not 0 <= metres <= FARTHEST_M:
        return Unused("a distance to the boundary that is none")
    return Rule(DISTANCE, metres, by_wording=by_wording)
