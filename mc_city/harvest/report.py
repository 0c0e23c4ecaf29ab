"""The report of a harvest: one HTML file that fetches nothing and prints on A4, in Swedish with
English beside it."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

from mc_city.harvest.built import Sender
from mc_city.harvest.harvest import LeftOut
from mc_city.harvest.maps import (
    BaseMap,
    Ground,
    ground_definition,
    ground_of,
    heat_map,
    outline_in_blocks,
    outlines_map,
)
from mc_city.harvest.proposals import Proposal
from mc_city.harvest.saying import (
    COLOURS,
    KINDS,
    Said,
    decimal,
    kind_said,
    materials_said,
    over_plan,
    shortened,
    words_said,
)
from mc_city.harvest.senders import sender_of
from terrain.frame import Frame
from worlds.errors import WorldError
from worlds.names import near_name
from worlds.quoting import html_text, plain

TEMPLATE = Path(__file__).with_name("report.html")
REPORT = "ideas.html"
LETTERS, TEXTS = 240, 6
"""Of a text of a sign or a book on a card, and how many texts."""
NAME = 60
"""Letters of a class, a code, a file or an area."""
MOST_ROWS = 200
"""Of a table of files."""
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
MOST_COLOURS = 6
FEW = 60
"""Proposals up to which both maps of all of them stand on one page."""


@dataclass(frozen=True)
class NotCounted:
    """Changes that are not a person's. what: in both languages; blocks: how many."""

    what: Said
    blocks: int


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a report tells of. city: its name; frame: of the world that was handed out; proposals:
    in the order of their numbers; senders: of each world that was read, also of those in which
    nothing was built; developments: id → name of what is planned, in the order of the world; base:
    a picture of that world, None = none; left_out: worlds that could not be read; not_counted:
    what the game and the layers changed; credits: whose data the map shows, a line each."""

    city: str
    frame: Frame
    proposals: Sequence[Proposal]
    senders: Sequence[Sender]
    developments: Mapping[str, str] = field(default_factory=dict)
    base: BaseMap | None = None
    left_out: Sequence[LeftOut] = ()
    not_counted: Sequence[NotCounted] = ()
    credits: Sequence[str] = ()


def _both(said: Said) -> str:
    """Swedish with English beside it; once where they are one."""
    swedish, english = html_text(said.swedish), html_text(said.english)
    return swedish if swedish == english else f'{swedish} <i lang="en">{english}</i>'


def _natural(text: str) -> list[tuple[int, str]]:
    """A key that puts 10a after 9a."""
    return [
        (int(part), "") if part.isascii() and part.isdigit() else (0, part.casefold())
        for part in re.split(r"([0-9]{1,9})", text)
    ]


def _class_name(school_class: str) -> Said:
    return (
        Said(shortened(school_class, NAME), shortened(school_class, NAME))
        if school_class
        else Said("utan klass", "no class")
    )


def _many(count: int, one: Said, more: Said) -> Said:
    words = one if count == 1 else more
    return Said(f"{count} {words.swedish}", f"{count} {words.english}")


def _ranges(numbers: Sequence[int]) -> str:
    """Numbers in their order, as in `1–4, 7`."""
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and number == out[-1][1] + 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}–{high}" for low, high in out)


def _worlds(proposals: Sequence[Proposal]) -> int:
    return len({(one.sender.school_class, one.sender.pupil, one.sender.file) for one in proposals})


def _classes(told: Told) -> list[str]:
    """Of all worlds that were read and of all proposals, those without a class last."""
    senders = [*told.senders, *(proposal.sender for proposal in told.proposals)]
    names = {sender.school_class for sender in senders}
    return sorted(names, key=lambda name: (not name, _natural(name), name))


def _of_class(told: Told, school_class: str) -> list[Proposal]:
    return [one for one in told.proposals if one.sender.school_class == school_class]


def _figures(told: Told) -> str:
    kinds = {proposal.kind for proposal in told.proposals}
    cells = (
        (len(told.senders), Said("världar", "worlds")),
        (len([name for name in _classes(told) if name]), Said("klasser", "classes")),
        (len(told.proposals), Said("förslag", "proposals")),
        (len(kinds), Said("slag av förslag", "kinds of proposals")),
    )
    return "".join(f"<div><b>{count}</b>{_both(said)}</div>" for count, said in cells)


def _contents(told: Told) -> str:
    """The classes, each with where its proposals are found."""
    rows = []
    for number, name in enumerate(_classes(told)):
        own = _of_class(told, name)
        worlds = len([one for one in told.senders if one.school_class == name])
        title = _both(_class_name(name))
        link = f'<a href="#class{number}">{title}</a>' if own else title
        rows.append(
            f'<tr><td><b>{link}</b></td><td class="num">{worlds}</td>'
            f'<td class="num">{len(own)}</td>'
            f"<td>{_ranges([one.number for one in own]) or '–'}</td></tr>"
        )
    return "".join(rows)


def _hex(colour: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _swatch(colour: str) -> str:
    return f'<span class="swatch" style="background:{colour}" title="{colour}"></span>'


def _kinds(told: Told) -> str:
    counts = Counter(proposal.kind for proposal in told.proposals)
    most = max(counts.values(), default=1)
    return "".join(
        f"<tr><td>{_swatch(_hex(COLOURS[kind]))}{_both(KINDS[kind])}</td>"
        f'<td class="num">{count}</td><td style="width:32mm">'
        f'<span class="stripe" style="width:{30 * count / most:.1f}mm"></span></td></tr>'
        for kind, count in counts.most_common()
    )


def _area_name(told: Told, name: str) -> str:
    return shortened(told.developments.get(name, name), NAME)


def _developments(told: Told) -> str:
    """How many built on each planned area, and how many on none."""
    known = [*told.developments]
    known += sorted({name for one in told.proposals for name in one.on} - set(known))
    rows = [
        (html_text(_area_name(told, name)), [one for one in told.proposals if name in one.on])
        for name in known
    ]
    outside = Said("utanför planerade områden", "outside planned areas")
    rows.append((_both(outside), [one for one in told.proposals if not one.on]))
    return "".join(
        f'<tr><td>{title}</td><td class="num">{len(own)}</td>'
        f'<td class="num">{_worlds(own)}</td></tr>'
        for title, own in rows
    )


def _against(told: Told) -> str:
    """Which proposals are higher than a plan allows."""
    judged = [one for one in told.proposals if one.over_plan_m is not None]
    if not judged:
        return ""
    above = [one for one in judged if round((one.over_plan_m or 0.0) * 10) > 0]
    numbers = _ranges([one.number for one in above])
    said = Said(
        f"{len(above)} av {len(judged)} förslag på mark med detaljplan är högre än planen medger"
        + (f": nr {numbers}." if numbers else "."),
        f"{len(above)} of {len(judged)} proposals on land with a detaljplan are higher than the "
        f"plan allows.",
    )
    return (
        f'<p class="box"><b>{html_text(said.swedish)}</b> '
        f'<i lang="en">{html_text(said.english)}</i></p>'
    )


def _swatches(proposal: Proposal) -> str:
    colours = [one for one in proposal.colours if COLOUR.fullmatch(one)][:MOST_COLOURS]
    return "".join(map(_swatch, colours))


def _rows(told: Told, proposal: Proposal) -> list[tuple[Said, str]]:
    """(what, value as HTML) of a card."""
    high, top, area, volume = (
        decimal(value, places).swedish
        for value, places in (
            (proposal.height_m, 1),
            (proposal.top_m, 1),
            (proposal.area_m2, 0),
            (proposal.volume_m3, 0),
        )
    )
    floors = ""
    if proposal.floors is not None:
        word = Said("våning", "storey") if proposal.floors == 1 else Said("våningar", "storeys")
        floors = f", {proposal.floors} {_both(word)}"
    middle = proposal.outline.centroid
    rows = [
        (
            Said("Höjd", "Height"),
            f"{high} m, överkant {'+' if proposal.top_m >= 0 else ''}{top} m{floors}",
        ),
        (Said("Yta, volym", "Area, volume"), f"{area} m², {volume} m³"),
        (
            Said("Block", "Block"),
            f"+{proposal.added}, −{proposal.removed}, {proposal.replaced} utbytta "
            f'<i lang="en">replaced</i>',
        ),
        (Said("Läge", "Place"), f"N {middle.y:.0f}, E {middle.x:.0f}"),
    ]
    if proposal.materials:
        rows.insert(
            3,
            (
                Said("Material", "Material"),
                f"{_both(materials_said(proposal.materials, 3))} {_swatches(proposal)}",
            ),
        )
    if proposal.plot is not None:
        rows.append((Said("Tomt", "Plot"), str(proposal.plot)))
    if proposal.on:
        names = ", ".join(_area_name(told, name) for name in proposal.on[:4])
        rows.append((Said("På planerat", "On planned"), html_text(names)))
    return rows


def _said(proposal: Proposal) -> str:
    texts = words_said(proposal.words, LETTERS, TEXTS)
    lines = "".join(f"<p>”{html_text(text)}”</p>" for text in texts)
    return f'<div class="said">{lines}</div>' if lines else ""


def _card(told: Told, proposal: Proposal, picture: bytes | None) -> str:
    kind = kind_said(proposal)
    title = f"{kind.swedish[:1].upper()}{kind.swedish[1:]}"
    who = " · ".join(
        shortened(part, 24)
        for part in (proposal.sender.school_class, proposal.sender.pupil)
        if part
    )
    if picture is None:
        image = '<div class="none">Ingen bild <i lang="en">no picture</i></div>'
    else:
        source = "data:image/png;base64," + base64.b64encode(picture).decode("ascii")
        image = f'<img src="{source}" alt="{html_text(f"Förslag {proposal.number}: {title}")}">'
    over = ""
    if proposal.over_plan_m is not None:
        words = over_plan(proposal.over_plan_m)
        is_over = round(proposal.over_plan_m * 10) > 0
        over = (
            f'<p class="{"over" if is_over else "within"}">{"▲ " if is_over else ""}'
            f"{_both(words)}</p>"
        )
    listed = "".join(
        f"<dt>{_both(said)}</dt><dd>{value}</dd>" for said, value in _rows(told, proposal)
    )
    return (
        f'<article class="card" id="p{proposal.number}"><h3><span class="mark">'
        f"{proposal.number}</span><span>{html_text(title)}"
        f'<i lang="en">{html_text(kind.english)}</i></span>'
        f'<span class="who">{html_text(who)}</span></h3>{image}{_said(proposal)}'
        f"<dl>{listed}</dl>{over}</article>"
    )


def _class_pages(
    told: Told, ground: Ground, outlines: Mapping[int, object], pictures: Mapping[str, bytes]
) -> str:
    """A section for each class: its own map, its cards."""
    classes = _classes(told)
    out = []
    for number, name in enumerate(classes):
        own = _of_class(told, name)
        if not own:
            continue
        mine = [outlines[one.number] for one in own]
        drawn = outlines_map(ground, own, mine, told.frame) if len(classes) > 1 else ""
        cards = "".join(_card(told, one, pictures.get(one.id)) for one in own)
        said = _class_name(name)
        title = Said(f"Klass {said.swedish}", f"Class {said.english}") if name else said
        count = _many(len(own), Said("förslag", "proposal"), Said("förslag", "proposals"))
        out.append(
            f'<section class="page" id="class{number}"><h2>{html_text(title.swedish)}: '
            f"{count.swedish} "
            f'<i lang="en">{html_text(title.english)}: {count.english}</i> '
            f'<a class="top" href="#top">↑ upp</a></h2>'
            + (f'<figure class="half">{drawn}</figure>' if drawn else "")
            + f'<div class="cards">{cards}</div></section>'
        )
    return "\n".join(out)


def _whose(left: LeftOut) -> str:
    """The class and code of a world that was left out: its file may have a child's name."""
    sender = sender_of(Path("/", near_name(plain(left.file))))
    parts = [html_text(part) for part in (sender.school_class, sender.pupil) if part]
    return " · ".join(parts) or _both(Said("utan klass och kod", "no class or code"))


def _why(left: LeftOut) -> str:
    """Why it was left out, without the name of its file."""
    name, reason = left.file.strip(), left.reason
    if name and name in reason:
        reason = reason.rpartition(name)[2].lstrip(":;,.) ")
    return html_text(shortened(reason, LETTERS))


def _left_out(told: Told) -> str:
    """The worlds that could not be read, and why."""
    if not told.left_out:
        return (
            '<div class="box"><p><b>Alla inlämnade världar har lästs.</b> '
            '<i lang="en">All returned worlds were read.</i></p></div>'
        )
    shown = told.left_out[:MOST_ROWS]
    rows = "".join(f"<tr><td>{_whose(one)}</td><td>{_why(one)}</td></tr>" for one in shown)
    if len(told.left_out) > len(shown):
        rows += f"<tr><td>… + {len(told.left_out) - len(shown)}</td><td></td></tr>"
    said = _many(
        len(told.left_out),
        Said("värld är inte med", "world was left out"),
        Said("världar är inte med", "worlds were left out"),
    )
    return (
        f'<div class="box care"><h3>{_both(said)}</h3><table><tr><th>Värld <i lang="en">World</i>'
        f'</th><th>Varför <i lang="en">Why</i></th></tr>{rows}</table></div>'
    )


def _not_counted(told: Told) -> str:
    rows = "".join(
        f"<tr><td>{_both(Said(*(shortened(text, NAME) for text in one.what)))}</td>"
        f'<td class="num">{decimal(one.blocks, 0).swedish}</td></tr>'
        for one in told.not_counted
        if one.blocks
    )
    return (
        f'<table><tr><th>Vad <i lang="en">What</i></th><th class="num">Block <i lang="en">Blocks'
        f"</i></th></tr>{rows}</table>"
        if rows
        else ""
    )


def _figure(drawn: str, swedish: str, english: str) -> str:
    return (
        f"<figure>{drawn}<figcaption>{html_text(swedish)} "
        f'<i lang="en">{html_text(english)}</i></figcaption></figure>'
    )


def report_html(told: Told, pictures: Mapping[str, bytes]) -> str:
    """The whole page. pictures: PNGs by the ids of proposals, as `draw_proposal` makes them; a card
    without one says so."""
    shapes = [outline_in_blocks(one.outline, told.frame) for one in told.proposals]
    outlines = {one.number: shape for one, shape in zip(told.proposals, shapes, strict=True)}
    ground = ground_of(told.base, shapes)
    worlds = _many(
        len(told.senders),
        Said("inlämnad värld", "returned world"),
        Said("inlämnade världar", "returned worlds"),
    )
    few = len(told.proposals) <= FEW
    metres = decimal(1 / told.frame.scale, 2)
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        city=html_text(shortened(told.city, NAME)),
        ground=ground_definition(ground),
        worlds_sv=worlds.swedish,
        worlds_en=worlds.english,
        few=" few" if few else "",
        turn="" if few else '</section>\n<section class="page">',
        figures=_figures(told),
        contents=_contents(told),
        kinds=_kinds(told),
        developments=_developments(told),
        against=_against(told),
        map=_figure(
            outlines_map(ground, told.proposals, shapes, told.frame),
            "Varje förslag har sin egen kontur; numret är kortets.",
            "Each proposal has its own outline; the number is that of its card.",
        ),
        heat=_figure(
            heat_map(ground, told.proposals, shapes, told.frame),
            "Siffran är i hur många världar någon byggt i rutan; mörkare är fler.",
            "The figure is in how many worlds somebody built in the square; darker is more.",
        ),
        classes=_class_pages(told, ground, outlines, pictures),
        left_out=_left_out(told),
        noise=_not_counted(told),
        scale_sv=f"Ett block är {metres.swedish} meter.",
        scale_en=f"One block is {metres.english} m.",
        credits=html_text("; ".join(shortened(one, LETTERS) for one in told.credits)),
    )


def write_report(folder: Path, told: Told, pictures: Mapping[str, bytes]) -> Path:
    """Writes ideas.html into a folder, which it makes; returns its path. WorldError when it cannot
    be written."""
    path = folder / REPORT
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(report_html(told, pictures), "utf-8")
    except OSError as error:
        raise WorldError(
            f"{path}: cannot be written ({plain(error)})", hint="name another folder"
        ) from error
    return path
