"""What the page says, in Swedish and English: one file of words for each room, in page/words/."""

from __future__ import annotations

import json
from pathlib import Path

PAGE = Path(__file__).parent / "page"
LANGUAGES = ("sv", "en")


def read_words() -> dict[str, dict[str, str]]:
    """Key → language → text. ValueError for a key that stands twice."""
    words: dict[str, dict[str, str]] = {}
    for path in sorted((PAGE / "words").glob("*.json")):
        for key, texts in json.loads(path.read_text("utf-8")).items():
            if key in words:
                raise ValueError(f"{path.name}: {key} stands in another file, too")
            words[key] = texts
    return words
