"""Text that comes from data: made plain where it is read, and quoted for each language that the
program writes.

Whatever stands in a file of somebody else (names, descriptions, years, sources) passes `plain` or
`prose` on reading. Whoever writes commands, JSON, HTML, TOML or a `.lang` file takes the function
for that language from here and from nowhere else; each is safe for any string at all, also for one
that nobody made plain.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, time
from typing import Any

FORMATTING = "§"
"""Begins a formatting code in both editions, and cannot be escaped."""
JOINERS = "\u200c\u200d"
"""Invisible, but some scripts and emoji are wrong without them."""
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n\s*\n")
_NOT_IN_JSON = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\ufffb\ufffe\uffff]"
)
_NOT_IN_TOML = re.compile(
    '["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]'
)


def is_noise(letter: str) -> bool:
    """Whether a letter shows nothing and only does harm: controls, overrides of the direction,
    halves of pairs, private use."""
    kind = unicodedata.category(letter)
    number = ord(letter)
    no_character = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    return (
        letter == FORMATTING
        or kind in ("Cc", "Cs", "Co", "Zl", "Zp")
        or (kind == "Cf" and letter not in JOINERS)
        or no_character
    )


def plain(value: object) -> str:
    """A value as one line of text that people can read: breaks and tabs become spaces; controls,
    marks that turn the direction of writing, and the game's § go."""
    text = str(value)
    if text.isprintable() and FORMATTING not in text:
        return text
    text = "".join(letter for letter in _BREAKS.sub(" ", text) if not is_noise(letter))
    return re.sub(" {2,}", " ", text).strip()


def prose(value: object) -> str:
    """As `plain`, but for texts of several paragraphs: a break of the line, or a blank line,
    stays."""
    text = re.sub("\r\n?|\x85|\u2028", "\n", str(value)).replace("\u2029", "\n\n")
    paragraphs = (
        "\n".join(line for part in paragraph.split("\n") if (line := plain(part).strip()))
        for paragraph in _BLANK_LINES.split(text)
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


PROSE = frozenset(("description", "description_en"))
"""Properties that may have several paragraphs."""


def plain_values(value: Any) -> Any:
    """What JSON or TOML of somebody else holds, at any depth: texts, days and keys made plain, what
    stands under PROSE made prose."""
    if isinstance(value, dict):
        return {
            plain(key): prose(one) if key in PROSE and isinstance(one, str) else plain_values(one)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [plain_values(one) for one in value]
    return plain(value) if isinstance(value, str | date | time) else value


def json_text(value: object, indent: int | None = None) -> str:
    """Any value as JSON, on one line unless indented. Nothing invisible stands in it as itself;
    half a pair becomes U+FFFD."""

    def escaped(found: re.Match[str]) -> str:
        number = ord(found[0])
        return "\\ufffd" if 0xD800 <= number <= 0xDFFF else f"\\u{number:04x}"

    # Such letters can only stand inside of strings, where their escape means the same.
    return _NOT_IN_JSON.sub(escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def json_file(value: object, indent: int | None = 1) -> str:
    """The whole of a JSON file."""
    return json_text(value, indent) + "\n"


def java_text(text: str) -> str:
    """Plain text as a text component of Java's commands, and of NBT before 1.21.5."""
    return json_text({"text": text})


def java_texts(parts: Sequence[dict[str, Any]]) -> str:
    """Text components in a row, as Java's commands take them."""
    return json_text(list(parts))


def raw_text(*parts: str | dict[str, Any]) -> str:
    """What Bedrock's `tellraw` and `titleraw` take: plain texts, and other components as they
    are."""
    return json_text(
        {"rawtext": [{"text": part} if isinstance(part, str) else part for part in parts]}
    )


def bedrock_argument(text: str) -> str:
    """Plain text as an argument in quotes of Bedrock's commands, on one line, without what could
    end it."""
    return '"' + plain(text).replace("\\", "").replace('"', "'") + '"'


def bedrock_shown(text: str) -> str:
    """Plain text for Bedrock's signs and books, which take a JSON object for raw text with
    selectors and scores in it."""
    text = "\n".join(plain(line) for line in text.split("\n"))
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}({text[start + 1 :]}" if text[start : start + 1] == "{" else text


def function_file(lines: Sequence[str]) -> str:
    """The whole of a function of either edition, one command a line. ValueError for what would be
    no command, or more than one."""
    for line in lines:
        # Java joins a line that ends in a backslash with the next, and fills in one that begins
        # with a dollar.
        if (
            not line
            or _BREAKS.search(line)
            or "\0" in line
            or line.endswith("\\")
            or line[0] in "$#/ "
        ):
            raise ValueError(f"not one command: {line!r}")
    return "\n".join(lines) + "\n"


def lang_line(key: str, text: str) -> str:
    """An entry of a Bedrock `.lang` file, with the end of its line."""
    return f"{key}={plain(text)}\n"


def typed_path(path: object) -> str:
    """A path as an argument of a command that a person copies, into any shell of Unix or Windows:
    in quotes where it needs them."""
    text = plain(path)
    return text if re.fullmatch(r"[\w./\\:~+-]+", text) else f'"{text}"'


def html_text(value: object) -> str:
    """Text in an HTML page, or in the quotes of an attribute."""
    return html.escape(plain(value), quote=True)


def toml_text(text: str) -> str:
    """A string of TOML with its quotes, on one line."""

    def escaped(found: re.Match[str]) -> str:
        number = ord(found[0])
        return (
            f"\\u{0xFFFD if 0xD800 <= number <= 0xDFFF else number:04x}"
            if found[0] not in '"\\'
            else f"\\{found[0]}"
        )

    return '"' + _NOT_IN_TOML.sub(escaped, text) + '"'
