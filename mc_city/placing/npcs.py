"""The guides of a Bedrock world: one in the city room, one at each board, with the boards' facts
and buttons."""

from __future__ import annotations

from collections.abc import Sequence

from buildings.developments.developments import Development
from buildings.developments.texts import (
    dial_years,
    homes,
    lawful,
    option_names,
    shape_word,
    status_pair,
    years,
)
from worlds.bedrock.npc import Choice, Guide, standing_place
from worlds.fixtures import Fixture
from worlds.words import Words

ROOM = "city_room"


def _facts(development: Development, language: int, words: Words) -> str:
    """What is known of a development, in a few lines."""
    status = status_pair(development, words)[language]
    line = ", ".join(
        part
        for part in (
            words.pair("allowed")[language] if development.allows else "",
            status,
            lawful(development, words.pair("lawful")[language]) or years(development),
            homes(development.homes, words.pair("homes")[language]),
        )
        if part
    )
    name = development.name if language == 0 else development.name_en or development.name
    text = development.description if language == 0 else development.description_en
    return "\n".join(
        part
        for part in (
            f"{name}\n{line}".strip(),
            text,
            words.pair(f"{shape_word(development)}_note")[language],
        )
        if part
    )


def board_guide(development: Development, fixture: Fixture, words: Words) -> Guide:
    """The guide beside a development's board."""
    labels = (words.pair("today"), *option_names(development, words))
    choices = tuple(
        Choice(label, f"{development.id}/press_{number}") for number, label in enumerate(labels)
    )
    at, yaw = standing_place(fixture, -1, 0)
    return Guide(
        id=development.id,
        name=development.name,
        text=(_facts(development, 0, words), _facts(development, 1, words)),
        choices=choices,
        at=at,
        yaw=yaw,
    )


def room_guide(
    city: str, developments: Sequence[Development], fixture: Fixture, words: Words
) -> Guide:
    """The guide in the city room: the year dial and all plans at once."""
    choices = [Choice(words.pair("today"), "year/press_today")]
    choices += [
        Choice(words.pair("year_button", year=year), f"year/press_{year}")
        for year in dial_years(developments)
    ]
    choices.append(Choice(words.pair("show_all"), "all/press_show"))
    at, yaw = standing_place(fixture, 0, 2)
    return Guide(
        id=ROOM,
        name=city,
        text=words.pair("room_guide", city=city),
        choices=tuple(choices),
        at=at,
        yaw=yaw,
    )


def guides_of(
    city: str, developments: Sequence[Development], fixtures: Sequence[Fixture], words: Words
) -> tuple[Guide, ...]:
    """The guides of all fixtures that are a city room or a development's board."""
    by_id = {development.id: development for development in developments}
    out = []
    for fixture in fixtures:
        if fixture.name == ROOM:
            out.append(room_guide(city, developments, fixture, words))
        elif fixture.name in by_id:
            out.append(board_guide(by_id[fixture.name], fixture, words))
    return tuple(out)
