"""What boards and books say, in the city's language first and in English beside it."""

from __future__ import annotations

from collections.abc import Sequence

from buildings.developments.boards import Button, Voting, sign_lines
from buildings.developments.developments import Development
from worlds.fixtures import PAGE, Book, pages
from worlds.words import Words

OWN, ENGLISH = 0, 1
"""Of texts in two languages."""
ROOM_PARAGRAPHS = ("book_buttons", "book_years", "book_build")
NOTICE = (
    "Not an official Minecraft product. Not approved by or associated with Mojang or Microsoft."
)

STATUSES = ("idea", "consultation", "adopted", "building", "built", "paused")


def status_words(status: object, words: Words) -> tuple[str, str]:
    """A status in the city's language and in English; empty for one that is unknown."""
    return words.pair(f"status_{status}") if status in STATUSES else ("", "")


def status_pair(development: Development, words: Words) -> tuple[str, str]:
    return status_words(development.status, words)


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


def lawful(development: Development, word: str) -> str:
    """`Laga kraft 2019-03-12`, or nothing."""
    return f"{word} {development.lawful}" if development.lawful else ""


def shape_word(development: Development) -> str:
    """The key of what is said of the shape: what a plan allows is no picture of a house, and what
    children built is as they built it."""
    return "proposed" if development.proposed else "allowed" if development.allows else "shape"


def option_names(development: Development, words: Words) -> tuple[tuple[str, str], ...]:
    """What the button of each option says, in the city's language and in English."""
    key = shape_word(development)
    own, english = words.pair("planned" if key == "shape" else key)
    if development.variants == ("",):
        return ((own, english),)
    variants = [variant.upper().replace("_", " ") for variant in development.variants]
    return tuple((f"{own} {variant}", f"{english} {variant}") for variant in variants)


def board_signs(development: Development, words: Words) -> list[tuple[str, ...]]:
    """The signs of a board: name; homes; status and years; where to read on."""
    status, _ = status_pair(development, words)
    return [
        sign_lines(development.name),
        sign_lines(
            *(
                part
                for part in (
                    homes(development.homes, words.own["homes"]),
                    words.own[shape_word(development)],
                )
                if part
            )
        ),
        sign_lines(*(part for part in _when(development, status, words.own["lawful"]) if part))
        or ("",),
        sign_lines(*words.lines("read_book")),
    ]


def _when(development: Development, status: str, word: str) -> tuple[str, ...]:
    """Status and years; of a plan that has gained legal force that and the day."""
    if development.lawful:
        return (lawful(development, word),)
    return status, years(development)


def board_buttons(development: Development, words: Words) -> list[Button]:
    """Today, and one for each option."""
    labels = (words.pair("today"), *option_names(development, words))
    return [
        Button(sign_lines(*dict.fromkeys(label)), f"{development.id}/press_{number}")
        for number, label in enumerate(labels)
    ]


def board_voting(development: Development, words: Words) -> Voting:
    """The buttons for votes: good, and not good."""
    good, bad = (
        Button(sign_lines(*words.lines(f"vote_{side}")), f"vote/{development.id}/{side}")
        for side in ("up", "down")
    )
    return Voting(development.id, development.name, good, bad, tally_lines("0", words))


def tally_lines(count: str, words: Words) -> tuple[str, ...]:
    """A sign that says how many votes there are; the same in every place."""
    return count, *words.lines("votes")


def _board_text(development: Development, sources: str, words: Words, language: int) -> list[str]:
    """What is known of a development in one language, in paragraphs."""

    def said(key: str) -> str:
        return words.pair(key)[language]

    name = development.name if language == OWN else development.name_en or development.name
    facts = [
        name,
        "",
        said(shape_word(development)) if development.allows or development.proposed else "",
        *_when(development, status_pair(development, words)[language], said("lawful")),
        homes(development.homes, said("homes")),
    ]
    facts += [f"{said('facts_from')} {development.as_of}"] if development.as_of else []
    parts = ["\n".join(fact for number, fact in enumerate(facts) if fact or number == 1)]
    text = development.description if language == OWN else development.description_en
    parts += [text] if text else []
    parts.append(said(f"{shape_word(development)}_note"))
    if development.url or sources:
        parts.append(f"{said('source')}: {development.url or sources}")
    return parts


def board_book(development: Development, sources: str, words: Words) -> Book:
    """The book on a board's lectern: what is known, in the city's language, then in English."""
    languages = (OWN,) if words.one_language else (OWN, ENGLISH)
    texts = [
        "\n\n".join(_board_text(development, sources, words, language)) for language in languages
    ]
    return Book((0, 0, 0), development.name[:32], "mc-city", pages(PAGE.join(texts)))


def room_groups(
    developments: Sequence[Development], dial: Sequence[int], words: Words, votes: bool = False
) -> list[list[Button]]:
    """The city room's buttons: each development's, then the years, then everything at once, and
    beside that what has been voted."""
    groups = []
    for development in developments:
        labels = (words.own["today"], *(own for own, _ in option_names(development, words)))
        groups.append([
            Button(sign_lines(development.name, label),
            f"{development.id}/press_{number}") for number, label in enumerate(labels)
        ])  # fmt: skip
    steps = [Button(("", *sign_lines(*words.lines("today"))), "year/press_today")]
    steps += [
        Button(("", *sign_lines(words.both("year"), str(year))), f"year/press_{year}")
        for year in dial
    ]
    groups.append(steps)
    everything = [Button(("", *sign_lines(*words.lines("show_all"))), "all/press_show")]
    if votes:
        everything.append(Button(("", *sign_lines(*words.lines("all_votes"))), "vote/result"))
    groups.append(everything)
    return groups


def room_signs(city: str, words: Words) -> list[tuple[str, ...]]:
    return [
        sign_lines(city, *words.lines("room")),
        *(sign_lines(line) for line in words.lines("press")),
        sign_lines(*words.lines("read_book")),
    ]


def room_book(city: str, real: str, illustrative: str, words: Words, votes: bool = False) -> Book:
    """How the city room works, and what in the world is real. real, illustrative: what the sources
    say, empty where they do not; votes: whether one votes at the boards."""
    texts, paragraphs = [], (*ROOM_PARAGRAPHS[:-1], *("book_votes",) * votes, ROOM_PARAGRAPHS[-1])
    for language in (OWN,) if words.one_language else (OWN, ENGLISH):
        said = {
            key: words.pair(key)[language]
            for key in (*paragraphs, "real", "illustrative", "see_credits")
        }
        parts = [city, *(said[key] for key in paragraphs)]
        parts += [
            f"{said['real']}: {real or said['see_credits']}",
            f"{said['illustrative']}: {illustrative or said['see_credits']}",
        ]
        texts.append("\n\n".join(parts))
    return Book((0, 0, 0), city[:32], "mc-city", pages(PAGE.join([*texts, NOTICE])))


def dial_years(developments: Sequence[Development]) -> tuple[int, ...]:
    """The steps of the year dial: every fifth year in which something more is done by then."""
    done = sorted(
        {
            layer.done_year
            for layer in developments
            if layer.done_year is not None and layer.status != "paused"
        }
    )
    return tuple(sorted({-(-year // 5) * 5 for year in done}))


def room_welcome(city: str, words: Words) -> list[tuple[str, ...]]:
    """The signs that one sees first: the upper one welcomes, the lower one, at the height of the
    eyes, says where one is."""
    english = () if words.one_language else (words.english["welcome"],)
    said = dict.fromkeys(zip(words.pair("here"), words.pair("room"), strict=True))
    where = [line for here, room in said for line in (f"{here}:", room)]
    return [sign_lines(words.own["welcome_to"], city, *english), sign_lines(*where)]


def map_legend(words: Words, allowed: bool = False) -> list[tuple[str, ...]]:
    """What the colours of the map wall mean, in the order of
    buildings.developments.map_wall.LEGEND; allowed: whether some plan says what it allows."""
    keys = ("here", "planned", "houses", "streets", "railway", "water")
    return [sign_lines(*words.lines(key)) for key in (*keys, *(("allowed",) if allowed else ()))]
