"""Kinds of trees: which form each has, how high it grows, and what data call it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from terrain.trees.shapes import FORMS


@dataclass(frozen=True)
class Species:
    """form: of terrain.trees.shapes.FORMS; low, high: blocks, of trees whose height is not known;
    words: in Swedish, English and Latin; Swedish compounds end in them: vårtbjörk, parklind; sheds:
    whether its leaves fall."""

    form: str
    low: int
    high: int
    words: tuple[str, ...]
    sheds: bool = True


SPECIES: dict[str, Species] = {
    "birch": Species("birch", 7, 13, ("björk", "bjork", "birch", "betula")),
    "oak": Species("oak", 6, 9, ("ek", "oak", "quercus", "platan", "platanus", "oxel", "valnöt",
    "juglans", "robinia", "päron", "pyrus", "avenbok", "hornbeam", "carpinus")),
    "spruce": Species("spruce", 9, 19, ("gran", "spruce", "picea", "fir", "abies", "ädelgran",
    "douglasgran", "tsuga"), sheds=False),
    "pine": Species("pine", 11, 19, ("tall", "pine", "pinus", "fura"), sheds=False),
    "bush": Species("bush", 1, 2, ("buske", "bush", "shrub", "häck", "hedge", "syren", "syringa",
    "ligustrum", "berberis", "rosa", "spirea"), sheds=False),
    "poplar": Species("poplar", 11, 18, ("poppel", "poplar", "populus", "pyramidpoppel")),
    "willow": Species("willow", 7, 11, ("pil", "vide", "willow", "salix", "tårpil")),
    "linden": Species("oak", 7, 12, ("lind", "linden", "lime", "tilia")),
    "maple": Species("oak", 7, 10, ("lönn", "lonn", "maple", "acer")),
    "rowan": Species("birch", 5, 8, ("rönn", "ronn", "rowan", "sorbus", "hägg", "padus")),
    "ash": Species("oak", 9, 14, ("ask", "ash", "fraxinus")),
    "aspen": Species("birch", 9, 15, ("asp", "aspen", "tremula")),
    "alder": Species("birch", 7, 12, ("al", "klibbal", "gråal", "alder", "alnus")),
    "elm": Species("oak", 10, 14, ("alm", "elm", "ulmus")),
    "beech": Species("oak", 9, 15, ("bok", "beech", "fagus", "blodbok", "rödbok")),
    "cherry": Species("oak", 4, 7, ("körsbär", "körsbärsträd", "cherry", "prunus", "plommon",
    "magnolia")),
    "apple": Species("oak", 4, 6, ("äpple", "apel", "äppelträd", "apple", "malus", "hagtorn",
    "crataegus")),
    "larch": Species("spruce", 10, 17, ("lärk", "lark", "larch", "larix")),
    "hazel": Species("bush", 2, 3, ("hassel", "hazel", "corylus", "fläder", "sambucus")),
    "horse_chestnut": Species("oak", 8, 12, ("kastanj", "hästkastanj", "chestnut", "aesculus",
    "castanea")),
    "juniper": Species("poplar", 4, 5, ("enbuske", "juniper", "juniperus"), sheds=False),
    "yew": Species("spruce", 3, 6, ("idegran", "yew", "taxus"), sheds=False),
    "cypress": Species("poplar", 4, 9, ("cypress", "tuja", "thuja", "chamaecyparis", "cupressus"),
    sheds=False),
}  # fmt: skip
"""Their places are the codes in `Trees.kind`; the first are the forms themselves."""
NAMES = tuple(SPECIES)
BROAD, NEEDLE = len(NAMES), len(NAMES) + 1
"""Codes while reading: birch or oak, spruce or pine, whichever the lot says."""
_WORDS = {
    **{word: code for code, kind in enumerate(SPECIES.values()) for word in kind.words},
    **dict.fromkeys(("broadleaved", "deciduous", "lövträd", "lovtrad", "löv"), BROAD),
    **dict.fromkeys(
        ("needleleaved", "evergreen", "coniferous", "barrträd", "barrtrad", "barr"), NEEDLE
    ),
}
FORM_OF = tuple(FORMS.index(kind.form) for kind in SPECIES.values())
"""The form of each kind."""
LOWEST_HIGHEST = tuple((kind.low, kind.high) for kind in SPECIES.values())
"""Blocks, by kind, of trees whose height is not known."""
SHEDDING = tuple(kind.sheds for kind in SPECIES.values())
ALONE = ("enbuske",)
"""Words in which no compound ends."""
SHORTEST_ENDING = 3
"""Letters of the shortest word with which a compound ends, but for those that have fewer alone."""


@lru_cache(maxsize=4096)
def kind_of(text: str) -> int:
    """The code of the kind that a text for a tree means; BROAD or NEEDLE when it says no more; −1
    when it says nothing. The longest word that is known counts, of two as long the later: the
    species after its genus."""
    best, length = -1, 0
    for word in re.findall(r"[^\W_]+", text.lower()):
        for known, code in _WORDS.items():
            ends = (len(known) >= SHORTEST_ENDING or known == "ek") and known not in ALONE
            if (word == known or (ends and word.endswith(known))) and len(known) >= length:
                best, length = code, len(known)
    return best


def height_at_age(kind: int, girth_m: float, crown_m: float) -> int:
    """Blocks that a tree of a kind is high, young, grown or old by the girth of its trunk and the
    breadth of its crown, metres, 0 = not known; 0 where neither is."""
    if girth_m <= 0 and crown_m <= 0:
        return 0
    low, high = LOWEST_HIGHEST[kind]
    if girth_m > 1.6 or crown_m > 9.0:
        return high + max(1, (high - low) // 3)
    if max(girth_m / 0.6, crown_m / 3.5) < 1.0:
        return max(1, low - 2)
    return (low + high) // 2
