"""What is said of proposals, in Swedish and in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mc_city.harvest.proposals import Kind, Proposal
from worlds.quoting import plain


class Said(NamedTuple):
    """A text in both languages."""

    swedish: str
    english: str


KINDS: Mapping[Kind, Said] = {
    "house": Said("hus", "house"),
    "tower": Said("torn", "tower"),
    "bridge": Said("bro", "bridge"),
    "park": Said("park", "park"),
    "playground": Said("lekplats", "playground"),
    "path": Said("väg", "path"),
    "water": Said("vatten", "water"),
    "sculpture": Said("konstverk", "sculpture"),
    "tunnel": Said("tunnel", "tunnel"),
    "sign": Said("skylt", "sign"),
    "wall": Said("mur", "wall"),
    "demolition": Said("rivning", "demolition"),
    "other": Said("annat", "other"),
}
COLOURS: Mapping[Kind, tuple[int, int, int]] = {
    "house": (214, 69, 65),
    "tower": (142, 68, 173),
    "bridge": (122, 85, 58),
    "park": (46, 139, 60),
    "playground": (243, 156, 18),
    "path": (110, 110, 116),
    "water": (41, 128, 200),
    "sculpture": (216, 74, 150),
    "tunnel": (64, 64, 72),
    "sign": (196, 170, 30),
    "wall": (160, 120, 96),
    "demolition": (30, 30, 30),
    "other": (92, 130, 140),
}
"""Of each kind on maps."""
SURENESS = ((0.8, Said("tydligt", "clear")), (0.55, Said("troligt", "likely")))
"""Confidence from which a kind is called so."""
DOUBTFUL = Said("osäkert", "uncertain")
MATERIALS: Mapping[str, Said] = {
    "wood": Said("trä", "wood"),
    "brick": Said("tegel", "brick"),
    "glass": Said("glas", "glass"),
    "stone": Said("sten", "stone"),
    "concrete": Said("betong", "concrete"),
    "wool": Said("ull", "wool"),
    "earth": Said("jord", "earth"),
    "dirt": Said("jord", "earth"),
    "sand": Said("sand", "sand"),
    "sandstone": Said("sandsten", "sandstone"),
    "gravel": Said("grus", "gravel"),
    "grass": Said("gräs", "grass"),
    "plants": Said("växter", "plants"),
    "plant": Said("växter", "plants"),
    "leaves": Said("löv", "leaves"),
    "flowers": Said("blommor", "flowers"),
    "water": Said("vatten", "water"),
    "lava": Said("lava", "lava"),
    "metal": Said("metall", "metal"),
    "iron": Said("järn", "iron"),
    "copper": Said("koppar", "copper"),
    "gold": Said("guld", "gold"),
    "diamond": Said("diamant", "diamond"),
    "gems": Said("ädelstenar", "gems"),
    "quartz": Said("kvarts", "quartz"),
    "terracotta": Said("terrakotta", "terracotta"),
    "clay": Said("lera", "clay"),
    "ice": Said("is", "ice"),
    "snow": Said("snö", "snow"),
    "light": Said("lampor", "lamps"),
    "lamps": Said("lampor", "lamps"),
    "furniture": Said("möbler", "furniture"),
    "rail": Said("räls", "rails"),
    "rails": Said("räls", "rails"),
    "redstone": Said("redstone", "redstone"),
    "other": Said("annat", "other"),
}
LETTERS = 40
"""Of a material that has no words here."""
NUMBERS = (
    Said("noll", "zero"), Said("en", "one"), Said("två", "two"), Said("tre", "three"),
    Said("fyra", "four"), Said("fem", "five"), Said("sex", "six"), Said("sju", "seven"),
    Said("åtta", "eight"), Said("nio", "nine"), Said("tio", "ten"), Said("elva", "eleven"),
    Said("tolv", "twelve"),
)  # fmt: skip


def kind_said(proposal: Proposal) -> Said:
    """Its kind with how sure that is, as in `hus (troligt)`."""
    words, sure = KINDS[proposal.kind], proposal.confidence
    if proposal.kind == "other":
        return Said(f"{words.swedish} (går inte att säga vad)", f"{words.english} (cannot be told)")
    how = next((said for least, said in SURENESS if sure >= least), DOUBTFUL)
    return Said(f"{words.swedish} ({how.swedish})", f"{words.english} ({how.english})")


def decimal(value: float, places: int = 1) -> Said:
    """A number with at most so many decimals; 12,5 in Swedish."""
    text = f"{value:,.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    text = "0" if text in ("-0", "") else text
    return Said(text.replace(",", "\u00a0").replace(".", ","), text)


def over_plan(metres: float) -> Said:
    """How a top lies to what a plan allows, as in `tre meter över vad planen medger`."""
    tenths = round(metres * 10)
    if tenths <= 0:
        return Said("inom vad planen medger", "within what the plan allows")
    whole, rest = divmod(tenths, 10)
    number = NUMBERS[whole] if rest == 0 and whole < len(NUMBERS) else decimal(tenths / 10)
    metre = "metre" if tenths == 10 else "metres"
    return Said(
        f"{number.swedish} meter över vad planen medger",
        f"{number.english} {metre} above what the plan allows",
    )


def materials_said(materials: Mapping[str, int], most: int = 4) -> Said:
    """The commonest materials, those that are much of it first."""
    names = [shortened(name, LETTERS) for name, count in materials.items() if count > 0][:most]
    known = [MATERIALS.get(name, Said(name, name)) for name in names]
    return Said(
        ", ".join(dict.fromkeys(one.swedish for one in known)),
        ", ".join(dict.fromkeys(one.english for one in known)),
    )


def shortened(text: str, letters: int) -> str:
    """One line of plain text of at most so many letters."""
    # Cut first: somebody may have written megabytes.
    text = plain(text[: 4 * letters + 64]).strip()
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def words_said(words: Iterable[str], letters: int, most: int) -> list[str]:
    """What signs and books say, each once, shortened; the last line tells how many more there
    are."""
    texts = list(dict.fromkeys(short for one in words if (short := shortened(one, letters))))
    return texts if len(texts) <= most else [*texts[:most], f"… + {len(texts) - most}"]
