"""What boards and books say, Swedish first and English beside it."""

from __future__ import annotations

from collections.abc import Sequence

from buildings.boards import Button, sign_lines
from buildings.developments import Development
from worlds.fixtures import Book, pages

STATUS = {
    "idea": ("Idé", "Idea"),
    "consultation": ("Samråd pågår", "Consultation"),
    "adopted": ("Antagen plan", "Adopted plan"),
    "building": ("Byggs nu", "Being built"),
    "built": ("Byggd", "Built"),
    "paused": ("Pausad", "Paused"),
}
ILLUSTRATIVE = (
    "Formen i spelet är illustrativ: den visar ungefär var och hur stort, inte hur det blir.",
    "The shape in the game is illustrative: roughly where and how large, not how it will be.",
)


def years(development: Development) -> str:
    """2026–2032, or what is known of it."""
    start, done = development.start_year, development.done_year
    if start is not None and done is not None and start != done:
        return f"{start}–{done}"
    if done is not None:
        return f"{done}"
    return f"{start}–" if start is not None else ""


def homes(count: int | None, word: str) -> str:
    return "" if count is None else f"{count:,} {word}".replace(",", "\u00a0")


def option_names(development: Development) -> tuple[str, ...]:
    """What the button of each option says."""
    if development.variants == ("",):
        return ("Planerat",)
    return tuple(f"Planerat {variant.upper().replace('_', ' ')}" for variant in development.variants)


def board_signs(development: Development) -> list[tuple[str, ...]]:
    """The signs of a board: name; status and years; homes; where to read on."""
    status, _ = STATUS.get(development.status or "", ("", ""))
    return [
        sign_lines(development.name),
        sign_lines(*(part for part in (homes(development.homes, "bostäder"), "Formen är", "illustrativ") if part)),
        sign_lines(*(part for part in (status, years(development)) if part)) or ("",),
        sign_lines("Läs boken!", "Read the book!"),
    ]


def board_buttons(development: Development) -> list[Button]:
    """Today, and one for each option."""
    names = ("Idag", *option_names(development))
    english = ("Today", *(name.replace("Planerat", "Planned") for name in names[1:]))
    return [
        Button(sign_lines(swedish, other), f"{development.id}/press_{number}")
        for number, (swedish, other) in enumerate(zip(names, english, strict=True))
    ]


def board_book(development: Development, sources: str) -> Book:
    """The book on a board's lectern: what is known, in Swedish, then in English."""
    parts = []
    for language, (heading, home_word, as_of, source, note) in enumerate((
        (development.name, "bostäder", "Uppgifterna är från", "Källa", ILLUSTRATIVE[0]),
        (development.name_en or development.name, "homes", "Facts as of", "Source", ILLUSTRATIVE[1]),
    )):  # fmt: skip
        facts = [
            heading,
            "",
            STATUS.get(development.status or "", ("", ""))[language],
            years(development),
            homes(development.homes, home_word),
        ]
        facts += [f"{as_of} {development.as_of}"] if development.as_of else []
        parts.append("\n".join(fact for number, fact in enumerate(facts) if fact or number == 1))
        text = development.description if language == 0 else development.description_en
        parts += [text] if text else []
        parts.append(note)
        if development.url or sources:
            parts.append(f"{source}: {development.url or sources}")
    return Book((0, 0, 0), development.name[:32], "mc-city", pages("\n\n".join(parts)))


def room_groups(developments: Sequence[Development], dial: Sequence[int]) -> list[list[Button]]:
    """The city room's buttons: each development's, then the years, then everything at once."""
    groups = []
    for development in developments:
        labels = ("Idag", *option_names(development))
        groups.append([
            Button(sign_lines(development.name, label), f"{development.id}/press_{number}") for number, label in enumerate(labels)
        ])  # fmt: skip
    steps = [Button(("", "Idag", "Today", ""), "year/press_today")]
    steps += [Button(("", "År / Year", str(year), ""), f"year/press_{year}") for year in dial]
    groups.append(steps)
    groups.append([Button(("", "Visa allt", "Show all", ""), "all/press_show")])
    return groups


def room_signs(city: str) -> list[tuple[str, ...]]:
    return [
        sign_lines(city, "Stadsrummet", "The city room"),
        sign_lines("Tryck på en", "knapp och se", "vad som planeras"),
        sign_lines("Press a button", "to see what is", "planned"),
        sign_lines("Läs boken!", "Read the book!"),
    ]


def room_book(city: str, real: str, illustrative: str) -> Book:
    """How the city room works, and what in the world is real."""
    text = f"""{city}

Varje knapp visar ett planerat område, eller tar bort det. Tryck igen så är det som idag.

Årsknapparna visar allt som enligt planerna är klart det året.

Bygg ditt eget förslag! Det du bygger där ett område visas försvinner när du trycker. Allt annat står kvar.

Verkligt: {real}

Illustrativt: {illustrative}

Each button shows a planned area, or takes it away. Press again and today is back.

The year buttons show all that is done by then, according to the plans.

Build your own proposal! What you build inside an area that is switched is overwritten; all else stays.

Real: {real}

Illustrative: {illustrative}

Not an official Minecraft product. Not approved by or associated with Mojang or Microsoft."""
    return Book((0, 0, 0), city[:32], "mc-city", pages(text))


def dial_years(developments: Sequence[Development]) -> tuple[int, ...]:
    """The steps of the year dial: every fifth year in which something more is done by then."""
    done = sorted({layer.done_year for layer in developments if layer.done_year is not None and layer.status != "paused"})
    return tuple(sorted({-(-year // 5) * 5 for year in done}))


def room_welcome(city: str) -> list[tuple[str, ...]]:
    """The signs that one sees first: the upper one welcomes, the lower one, at the height of the eyes, says where one is."""
    return [sign_lines("Välkommen till", city, "Welcome!"), sign_lines("Du är här:", "Stadsrummet", "You are here:", "the city room")]


def map_legend() -> list[tuple[str, ...]]:
    """What the colours of the map wall mean, in the order of buildings.map_wall.LEGEND."""
    pairs = (
        ("Du är här", "You are here"),
        ("Planerat", "Planned"),
        ("Hus", "Houses"),
        ("Gator och torg", "Streets"),
        ("Järnväg", "Railway"),
        ("Vatten", "Water"),
    )
    return [sign_lines(*pair) for pair in pairs]
