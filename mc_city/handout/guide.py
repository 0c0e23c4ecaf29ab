"""The teacher guide: in Swedish and in English a printable page about the city, one for a lesson,
one for each way in which a class meets and one for the lab, in a single HTML file that fetches
nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from string import Template
from typing import Any

from PIL import Image

from buildings.developments.texts import homes, status_words
from mc_city.saved.layer_map import COLOURS
from mc_city.settings.names import NOTICE
from worlds.bedrock.sizes import megabytes
from worlds.quoting import html_text
from worlds.words import read_words

TEMPLATES = Path(__file__).parent
SWEDISH, ENGLISH = 0, 1
PARTS = ("", "_lesson", "_class", "_lab")
"""Of the guide in each language, in their order, by the ends of their templates' names."""
ROWS = 7
"""Planned areas in the table; further ones are named below it."""
TITLE, LIST = 110, 300
"""Letters of one source, and of a list of them; ATTRIBUTION.txt has all of them."""
CALLED = 28
"""Letters of an area's name on a map."""
PICTURE_PX = 900
MARGIN = 48
"""Blocks shown around the planned areas."""
_MARK = re.compile(r"<!-- (if [\w! ]+|end) -->")

Box = tuple[int, int, int, int]
"""West x, north z, east x, south z in blocks, the last two exclusive."""


@dataclass(frozen=True)
class Handed:
    """A file of the hand-out folder. size: in bytes, None = it is not there."""

    name: str
    size: int | None


@dataclass(frozen=True)
class Mark:
    """A planned area on a map. right, down: where, in blocks of the world or as parts of the map's
    width and height."""

    number: int
    name: str
    right: float
    down: float


@dataclass(frozen=True)
class Picture:
    """A map. marks: as parts of its width and height."""

    jpeg: bytes
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Contents:
    """What is in the hand-out folder. java, world, template: the three files; folder: the Java
    world's name in its zip; bedrock_version: of the game that last saved the Bedrock world, as it
    calls itself, '' = unknown; bedrock_layers, npc: whether that world has buttons and guides;
    years: the steps of the year dial; votes: whether there are buttons for votes; plots:
    whether a class builds on plots; today, planned: maps."""

    java: Handed
    world: Handed
    template: Handed
    folder: str
    bedrock_layers: bool
    npc: bool
    years: tuple[int, ...]
    today: Picture | None
    planned: Picture | None
    bedrock_version: str = ""
    votes: bool = False
    plots: bool = False


def choose(text: str, holds: Set[str]) -> str:
    """The text without what stands between `<!-- if a !b -->` and its `<!-- end -->` unless a holds
    and b does not.

    ValueError when the marks do not match."""
    out, shown = [], [True]
    for number, part in enumerate(_MARK.split(text)):
        if number % 2 == 0:
            out.append(part if shown[-1] else "")
        elif part == "end":
            shown.pop()
        else:
            wanted = part.split()[1:]
            shown.append(
                shown[-1]
                and all((word.lstrip("!") in holds) != word.startswith("!") for word in wanted)
            )
        if not shown:
            raise ValueError("an end without its if")
    if len(shown) != 1:
        raise ValueError("an if without its end")
    return "".join(out)


def shorten(text: str, letters: int) -> str:
    """At most so many letters, cut between words."""
    text = " ".join(text.split())
    return (
        text if len(text) <= letters else text[: letters - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    )


def listed(texts: Sequence[str]) -> str:
    """A line of texts, each once; what does not fit is counted."""
    out, texts = "", list(dict.fromkeys(texts))
    for number, text in enumerate(texts):
        if number and len(out) + len(text) > LIST:
            return f"{out}; + {len(texts) - number}."
        out += f"; {text}" if out else text
    return f"{out}." if out else ""


def in_language(title: str, language: int) -> str:
    """A title written as `English / svenska` in one of the two; any other stays as it is."""
    parts = title.split(" / ")
    return parts[1 - language] if len(parts) == 2 else title


def picture_of(map_part: Image.Image, area: Box, shown: Box, marks: Sequence[Mark] = ()) -> Picture:
    """The part `shown` of a picture of `area`. marks: in blocks."""
    scale = map_part.width / (area[2] - area[0])
    west, north = area[:2]
    corners = (
        (shown[0] - west) * scale,
        (shown[1] - north) * scale,
        (shown[2] - west) * scale,
        (shown[3] - north) * scale,
    )
    left, top, right, bottom = (round(corner) for corner in corners)
    part = map_part.convert("RGB").crop((left, top, right, bottom))
    part.thumbnail((PICTURE_PX, PICTURE_PX), Image.Resampling.LANCZOS)
    data = BytesIO()
    part.save(data, "JPEG", quality=82, optimize=True)
    width, height = shown[2] - shown[0], shown[3] - shown[1]
    placed = (
        replace(mark, right=(mark.right - shown[0]) / width, down=(mark.down - shown[1]) / height)
        for mark in marks
    )
    return Picture(data.getvalue(), tuple(placed))


def framed(area: Box, places: Sequence[Box]) -> Box:
    """A window around some places, 1.9 to 2.6 times as wide as high where the area allows it;
    without places, the area."""
    west, north, east, south = area
    if not places:
        return area
    left, top = (
        min(place[0] for place in places) - MARGIN,
        min(place[1] for place in places) - MARGIN,
    )
    right, bottom = (
        max(place[2] for place in places) + MARGIN,
        max(place[3] for place in places) + MARGIN,
    )
    width = min(max(right - left, round(1.9 * (bottom - top)), 256), east - west)
    height = min(max(bottom - top, round(width / 2.6)), south - north)
    left = min(max((left + right - width) // 2, west), east - width)
    top = min(max((top + bottom - height) // 2, north), south - height)
    return left, top, left + width, top + height


def _mark(number: int, place: str = "") -> str:
    """The number of a planned area in a dot of its colour. place: where on a map, as style; '' = in
    a line of text."""
    return f'<span class="mark" style="{place}background:{colour_of(number)}">{number}</span>'


def colour_of(number: int) -> str:
    """The colour of a planned area, as it is outlined on the maps."""
    red, green, blue = COLOURS[(number - 1) % len(COLOURS)]
    return f"#{red:02x}{green:02x}{blue:02x}"


def _mark_on_map(mark: Mark) -> str:
    place = f"left:{100 * mark.right:.1f}%;top:{100 * mark.down:.1f}%;"
    # To the left of its dot where there is no room to the right.
    side = "called left" if mark.right > 0.6 else "called"
    return (
        f'{_mark(mark.number, place)}<span class="{side}" '
        f'style="{place}">{html_text(shorten(mark.name, CALLED))}</span>'
    )


def _figure(picture: Picture, caption: str, alt: str) -> str:
    marks = "".join(_mark_on_map(mark) for mark in picture.marks)
    source = "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode("ascii")
    return (
        f'<figure><div><img src="{source}" '
        f'alt="{html_text(alt)}">{marks}</div><figcaption>{html_text(caption)}</figcaption></figure>'
    )


def _maps(contents: Contents, layers: bool, language: int) -> str:
    today, planned = (("Idag", "Planerat"), ("Today", "Planned"))[language]
    note = (". Utsnitt, se även map.png", ". A part, see also map.png")[language]
    alt = ("Karta över staden", "Map of the city")[language]
    if contents.today is None:
        return ""
    if contents.planned is None:
        tall = "" if layers else " tall"
        return f'<div class="maps one{tall}">{_figure(contents.today, today, alt)}</div>'
    figures = _figure(contents.today, today + note, f"{alt}: {today}") + _figure(
        contents.planned, planned, f"{alt}: {planned}"
    )
    return f'<div class="maps">{figures}</div>'


def _years(layer: Mapping[str, Any]) -> str:
    start, done = layer.get("start_year"), layer.get("done_year")
    if start is not None and done is not None and start != done:
        return f"{start}–{done}"
    return str(done) if done is not None else f"{start}–" if start is not None else ""


def _layer_name(layer: Mapping[str, Any], language: int) -> str:
    name = str(layer["name"])
    return str(layer.get("name_en") or name) if language == ENGLISH else name


def _commands(layer: Mapping[str, Any], prefix: str) -> str:
    """What shows a layer, a command for each of its options."""
    first, *others = [str(option).partition("/")[2] for option in layer["options"]]
    commands = [
        f"{prefix}{layer['id']}/show" + (f"_{first}" if first else ""),
        *(f"…/show_{option}" for option in others),
    ]
    return " ".join(f"<code>{html_text(command)}</code>" for command in commands)


def _layer_row(number: int, layer: Mapping[str, Any], language: int, prefix: str) -> str:
    name = html_text(shorten(_layer_name(layer, language), 60))
    if len(layer["options"]) > 1:
        name += html_text(f" ({len(layer['options'])} {('förslag', 'proposals')[language]})")
    words = read_words("sv")
    status = status_words(layer.get("status"), words)[language]
    when = _years(layer)
    if layer.get("allows"):
        status, when = words.pair("allowed")[language], str(layer.get("lawful") or "")
    count = homes(layer.get("homes"), "").strip()
    if language == ENGLISH:
        count = count.replace("\u00a0", ",")
    cells = [
        f"{_mark(number)} {name}",
        html_text(status),
        html_text(when),
        html_text(count),
        html_text(str(layer.get("as_of", ""))),
        _commands(layer, prefix),
    ]
    return "<tr>" + "".join(f"<td>{cell or '–'}</td>" for cell in cells) + "</tr>"


def _layers_more(layers: Sequence[Mapping[str, Any]], language: int) -> str:
    rest = layers[ROWS:]
    if not rest:
        return ""
    named = shorten(", ".join(_layer_name(layer, language) for layer in rest), 200)
    return html_text(
        (f"Och {len(rest)} till: {named}.", f"And {len(rest)} more: {named}.")[language]
    )


def _real(sources: Sequence[Mapping[str, Any]], language: int) -> str:
    """A paragraph each for what is real, made up, or not told by its source."""
    words = (
        ("Verkligt", "Illustration, ungefär som det kan vara", "Källan säger inte"),
        ("Real", "Illustration, roughly as it may be", "The source does not say"),
    )[language]
    out = []
    for word, kind in zip(words, (True, False, None), strict=True):
        titles = [
            shorten(in_language(str(one.get("title", "?")), language), TITLE)
            for one in sources
            if one.get("real") is kind
        ]
        if titles:
            out.append(f"<p><b>{word}:</b> {html_text(listed(titles))}</p>")
    return "\n".join(out)


def _sources(sources: Sequence[Mapping[str, Any]]) -> str:
    """Whose data, under which licence, each pair once."""
    pairs = [(str(one.get("attribution") or ""), str(one.get("licence") or "")) for one in sources]
    return html_text(
        listed(
            [shorten(", ".join(part for part in pair if part), TITLE) for pair in pairs if pair[0]]
        )
    )


def _file_note(file: Handed, language: int) -> str:
    if file.size is None:
        return (
            ' <span class="missing">'
            + ("finns inte i mappen", "is not in the folder")[language]
            + "</span>"
        )
    size = max(round(file.size / 1e6), 1)
    return f" ({size}\u00a0MB)"


def _again(contents: Contents, language: int) -> str:
    if contents.template.size is not None:
        return (
            "skapa en ny värld från mallen, eller importera filen igen.",
            "create a new world from the template, or import the file again.",
        )[language]
    if contents.world.size is not None:
        return ("importera filen igen.", "import the file again.")[language]
    return ("packa upp zip-filen igen.", "unpack the zip again.")[language]


def _scale(facts: Mapping[str, Any], language: int) -> str:
    metres = 1 / float(facts["frame"]["blocks_per_metre"])
    number = f"{metres:.3g}"
    if language == SWEDISH:
        return (
            f"Ett block är {number.replace('.', ',')} meter."
            if metres != 1
            else "Ett block är en meter."
        )
    return f"One block is {number} metres." if metres != 1 else "One block is one metre."


def _holds(facts: Mapping[str, Any], contents: Contents) -> set[str]:
    world, template = contents.world.size is not None, contents.template.size is not None
    said = {
        "layers": bool(facts["layers"]), "java": contents.java.size is not None, "world": world,
        "template": template,
        "bedrock": world or template, "bedrock_layers": contents.bedrock_layers,
        "npc": contents.npc, "years": bool(contents.years), "votes": contents.votes,
        "plots": contents.plots,
    }  # fmt: skip
    return {name for name, value in said.items() if value}


def _pages(facts: Mapping[str, Any], contents: Contents, language: int) -> list[str]:
    """The guide's parts in one language."""
    layers, sources = facts["layers"], facts["sources"]
    years = contents.years
    prefix = "/function " if contents.bedrock_layers else "/function mc_city:"
    texts = {
        "city": html_text(str(facts["city"])),
        "place": html_text(_layer_name(layers[0], language)) if layers else "",
        "scale": _scale(facts, language),
        "maps": _maps(contents, bool(layers), language),
        "version": html_text(str(facts.get("version", ""))),
        "bedrock_version": html_text(contents.bedrock_version),
        "mcworld_size": megabytes(contents.world.size or 0).replace(
            ".", "," if language == SWEDISH else "."
        ),
        "folder": html_text(contents.folder),
        "prefix": prefix,
        "years": ", ".join(f"<i>{year}</i>" for year in years),
        "year": str(years[len(years) // 2]) if years else "",
        "again": _again(contents, language),
        "layers": "\n".join(
            _layer_row(number, layer, language, prefix)
            for number, layer in enumerate(layers[:ROWS], 1)
        ),
        "layers_more": _layers_more(layers, language),
        "illustrative_form": read_words("sv").pair("shape_note")[language],
        "real": _real(sources, language),
        "sources": _sources(sources),
        "notice": "<br>".join(
            html_text(line)
            for line in sorted(
                NOTICE.splitlines(), key=lambda line: line.startswith("INTE") == bool(language)
            )
        ),
        "made_by": html_text(str(facts["made_by"])),
    }
    for kind, file in (
        ("java", contents.java),
        ("mcworld", contents.world),
        ("mctemplate", contents.template),
    ):
        texts |= {f"{kind}_name": html_text(file.name), f"{kind}_note": _file_note(file, language)}
    holds, code = _holds(facts, contents), ("sv", "en")[language]
    bodies = [(TEMPLATES / f"guide{part}_{code}.html").read_text("utf-8") for part in PARTS]
    return [Template(choose(body, holds)).substitute(texts) for body in bodies]


def guide_html(facts: Mapping[str, Any], contents: Contents) -> str:
    """The whole guide. facts: what the world says of itself (`mc_city.json`)."""
    frame = Template((TEMPLATES / "guide.html").read_text("utf-8"))
    dense = len(facts["layers"]) > 3 or len(facts["sources"]) > 6
    pages: dict[str, str] = {}
    for code, language in (("sv", SWEDISH), ("en", ENGLISH)):
        found = _pages(facts, contents, language)
        pages |= {f"{code}{part}": text for part, text in zip(PARTS, found, strict=True)}
    return frame.substitute(
        pages, city=html_text(str(facts["city"])), density="dense" if dense else "plain"
    )
