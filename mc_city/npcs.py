"""The guides of a Bedrock world: one in the city room, one at each board, with the boards' facts and buttons."""

from __future__ import annotations

from collections.abc import Sequence

from buildings.board_texts import ILLUSTRATIVE, STATUS, dial_years, homes, option_names, years
from buildings.developments import Development
from worlds.bedrock.npc import Choice, Guide, standing_place
from worlds.fixtures import Fixture

ROOM = "city_room"
ROOM_TEXT = (
    "Välkommen till {city}! Jag visar vad som planeras. Välj ett år eller allt på en gång, eller gå till tavlorna. Tryck igen så är "
    "det som idag.",
    "Welcome to {city}! I show what is planned. Choose a year or everything at once, or walk to the boards. Press again and today is back.",
)


def _facts(development: Development, language: int) -> str:
    """What is known of a development, in a few lines."""
    status = STATUS.get(development.status or "", ("", ""))[language]
    line = ", ".join(part for part in (status, years(development), homes(development.homes, ("bostäder", "homes")[language])) if part)
    name = development.name if language == 0 else development.name_en or development.name
    text = development.description if language == 0 else development.description_en
    return "\n".join(part for part in (f"{name}\n{line}".strip(), text, ILLUSTRATIVE[language]) if part)


def board_guide(development: Development, fixture: Fixture) -> Guide:
    """The guide beside a development's board."""
    names = ("Idag", *option_names(development))
    english = ("Today", *(name.replace("Planerat", "Planned") for name in names[1:]))
    choices = tuple(
        Choice((swedish, other), f"{development.id}/press_{number}")
        for number, (swedish, other) in enumerate(zip(names, english, strict=True))
    )  # fmt: skip
    at, yaw = standing_place(fixture, -1, 0)
    return Guide(development.id, development.name, (_facts(development, 0), _facts(development, 1)), choices, at, yaw)


def room_guide(city: str, developments: Sequence[Development], fixture: Fixture) -> Guide:
    """The guide in the city room: the year dial and all plans at once."""
    choices = [Choice(("Idag", "Today"), "year/press_today")]
    choices += [Choice((f"År {year}", f"Year {year}"), f"year/press_{year}") for year in dial_years(developments)]
    choices.append(Choice(("Visa allt", "Show all"), "all/press_show"))
    at, yaw = standing_place(fixture, 0, 2)
    return Guide(ROOM, city, (ROOM_TEXT[0].format(city=city), ROOM_TEXT[1].format(city=city)), tuple(choices), at, yaw)


def guides_of(city: str, developments: Sequence[Development], fixtures: Sequence[Fixture]) -> tuple[Guide, ...]:
    """The guides of all fixtures that are a city room or a development's board."""
    by_id = {development.id: development for development in developments}
    out = []
    for fixture in fixtures:
        if fixture.name == ROOM:
            out.append(room_guide(city, developments, fixture))
        elif fixture.name in by_id:
            out.append(board_guide(by_id[fixture.name], fixture))
    return tuple(out)
