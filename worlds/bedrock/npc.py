"""Guides: NPCs whose dialogues tell what is planned and have its buttons, as teachers know them
from Education's own worlds.

They are summoned by the pack's functions, not written into the database: what an actor's record
must hold is nowhere said and no program but the game reads it, while `summon` and `dialogue` are
documented commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worlds.fixtures import Fixture, pages
from worlds.quoting import bedrock_argument, json_file
from worlds.words import Words

FRONT = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Steps (x, z) away from a wall whose front looks north, east, south, west."""
YAW = (180, -90, 0, 90)
LETTERS = 280
"""Of one page: what fits into the speech bubble."""
MOST_BUTTONS = 6
CHOICES = 4
"""Buttons of a page that run something; two more turn the page and change the language."""
OWN, ENGLISH = 0, 1
"""Of texts in two languages: the city's, and English."""


@dataclass(frozen=True)
class Choice:
    """A button. label: in the city's language, English; function: what it runs, as in
    `norra_kajen/press_1`."""

    label: tuple[str, str]
    function: str


@dataclass(frozen=True)
class Guide:
    """An NPC. id: [a-z0-9_]+, one of a kind; name: shown over its head; text: likewise, of any
    length; at: the block of its feet; yaw: degrees, 0 looks south, 90 west."""

    id: str
    name: str
    text: tuple[str, str]
    choices: tuple[Choice, ...]
    at: tuple[int, int, int]
    yaw: int

    @property
    def tag(self) -> str:
        return f"mc_city_guide_{self.id}"


def scene_tag(guide: Guide, page: int = 0, language: int = OWN) -> str:
    return f"mc_city_{guide.id}_{('own', 'en')[language]}_{page}"


def standing_place(fixture: Fixture, right: int, ahead: int) -> tuple[tuple[int, int, int], int]:
    """(block, yaw) of someone who stands with the back to a fixture's wall, so many steps from its
    lectern."""
    x, y, z = fixture.books[0].at
    front = FRONT[fixture.facing]
    # To the right as one sees the front.
    side = (front[1], -front[0])
    return (x + right * side[0] + ahead * front[0], y, z + right * side[1] + ahead * front[1]), YAW[
        fixture.facing
    ]


def _scenes(guide: Guide, language: int, words: Words) -> list[dict[str, object]]:
    texts = pages(guide.text[language], LETTERS, None) or ("",)
    count = max(len(texts), -(-len(guide.choices) // CHOICES))

    def turn(label: str, page: int, to: int) -> dict[str, object]:
        command = (
            f"/dialogue open @e[type=npc,tag={guide.tag},c=1] @initiator "
            f"{scene_tag(guide, page, to)}"
        )
        return {"name": label, "commands": [command]}

    out: list[dict[str, object]] = []
    for page in range(count):
        chosen = guide.choices[page * CHOICES : (page + 1) * CHOICES]
        buttons: list[dict[str, object]] = [
            {"name": choice.label[language], "commands": [f"/function {choice.function}"]}
            for choice in chosen
        ]
        if count > 1:
            last = page == count - 1
            buttons.append(
                turn(
                    words.pair("back" if last else "more")[language],
                    0 if last else page + 1,
                    language,
                )
            )
        if not words.one_language:
            # In the other language's own words.
            buttons.append(turn(words.pair("this_language")[1 - language], 0, 1 - language))
        text = texts[min(page, len(texts) - 1)]
        out.append(
            {
                "scene_tag": scene_tag(guide, page, language),
                "npc_name": guide.name,
                "text": text,
                "buttons": buttons,
            }
        )
    return out


def dialogue_file(guide: Guide, words: Words) -> str:
    """The scenes of a guide, in the city's language and in English, as JSON."""
    languages = (OWN,) if words.one_language else (OWN, ENGLISH)
    scenes = [scene for language in languages for scene in _scenes(guide, language, words)]
    return json_file({"format_version": "1.17", "minecraft:npc_dialogue": {"scenes": scenes}})


def summon_commands(guide: Guide) -> list[str]:
    """Sets the guide in its place, in place of one that is there."""
    x, y, z = guide.at
    # The old one may still be dying while the new one gets its words.
    new = "@e[type=npc,tag=mc_city_new]"
    return [
        f"kill @e[type=npc,tag={guide.tag}]",
        f"summon minecraft:npc {bedrock_argument(guide.name)} {x} {y} {z}",
        f"tag @e[type=npc,tag=!{guide.tag},x={x},y={y},z={z},r=2,c=1] add mc_city_new",
        f"tp {new} {x} {y} {z} {guide.yaw} 0",
        f"dialogue change {new} {scene_tag(guide)}",
        f"tag {new} add {guide.tag}",
        f"tag {new} remove mc_city_new",
    ]


def require_distinct(guides: Sequence[Guide]) -> None:
    """ValueError when two guides share an id."""
    if len({guide.id for guide in guides}) != len(guides):
        raise ValueError("two guides have one id")
