"""The fixed words that stand in a world, in the city's language and in English beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from worlds.shipped import SHIPPED

WORDS = SHIPPED / "configs" / "words.toml"
ENGLISH = "en"


@dataclass(frozen=True)
class Words:
    """language: as in `sv`; own, english: by the keys of configs/words.toml."""

    language: str
    own: Mapping[str, str]
    english: Mapping[str, str]

    @property
    def one_language(self) -> bool:
        """Whether English is all there is, so that nothing is said twice."""
        return self.own == self.english

    def pair(self, key: str, **filled: object) -> tuple[str, str]:
        """(in the city's language, in English)."""
        return self.own[key].format(**filled), self.english[key].format(**filled)

    def lines(self, key: str, **filled: object) -> tuple[str, ...]:
        """Both, or one where they are the same."""
        return tuple(dict.fromkeys(self.pair(key, **filled)))

    def both(self, key: str, **filled: object) -> str:
        """Both on one line, as in `Klart! / Done!`."""
        return " / ".join(self.lines(key, **filled))


@lru_cache
def _tables(path: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(path.read_text("utf-8"))


def languages(path: Path = WORDS) -> tuple[str, ...]:
    """The languages that have words."""
    return tuple(sorted(_tables(path)))


def read_words(language: str, path: Path = WORDS) -> Words:
    """The words of a language; English where the table has none."""
    tables = _tables(path)
    return Words(language, {**tables[ENGLISH], **tables.get(language, {})}, tables[ENGLISH])
