"""`check`'s table as text: a row a source under each theme, 100 characters wide."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from mc_city.checking.rows import Row, plainly
from mc_city.reports import InputReport
from mc_city.settings.figures import whole

WIDTH = 100
COLUMNS = (("SOURCE", 29), ("CRS", 11), ("COVERS", 6), ("HOLDS", 18), ("DATE", 10), ("LICENCE", 17))
"""Heads and widths; with two blanks before the first and one between, WIDTH together."""
THEME = 17
UNSAID = "not said"
NOTE, MORE = " " * 4, " " * 8
"""Before what is said of a theme, and before its second line."""


class Line(NamedTuple):
    """text: without the end of the line; bold: whether a terminal shows it so."""

    text: str
    bold: bool = False


def share(part: float) -> str:
    """`93 %`; all and nothing are said only of what is all or nothing."""
    percent = min(max(round(100 * part), int(part > 0)), 100 if part > 0.9995 else 99)
    return f"{percent} %"


def _cells(texts: Sequence[str]) -> Iterator[str]:
    """The lines of one row: what does not fit its column goes on below."""
    columns = [
        textwrap.wrap(plainly(text), width, break_on_hyphens=False) or [""]
        for text, (_, width) in zip(texts, COLUMNS, strict=True)
    ]
    for parts in zip_longest(*columns, fillvalue=""):
        padded = " ".join(
            text.ljust(width) for text, (_, width) in zip(parts, COLUMNS, strict=True)
        )
        yield f"  {padded}".rstrip()


def _said(text: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        plainly(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )


def _input_lines(one: InputReport) -> Iterator[str]:
    name = f"{one['file']}, {one['layer']}" if one["layer"] else one["file"]
    yield from _cells(
        (
            name, one["crs"], share(one["covers"]), one["holds"], one["date"] or UNSAID,
            one["licence"] or UNSAID,
        )
    )  # fmt: skip
    told = [one["kind"]] + (["ILLUSTRATIVE"] if one["real"] is False else [])
    if one["extent"] is not None:
        sides = zip("WSEN", one["extent"], strict=True)
        told.append(" ".join(f"{side} {whole(round(value))}" for side, value in sides))
    if one["heights"]:
        told.append(f"heights: {one['heights']}")
    yield from _said("; ".join(told), NOTE, MORE)


def table_lines(rows: Sequence[Row]) -> Iterator[Line]:
    """The whole table."""
    yield Line(next(_cells([head for head, _ in COLUMNS])), True)
    for row in rows:
        yield Line("")
        yield Line(plainly(f"{row.theme.ljust(THEME)} {row.used}"), True)
        for one in row.inputs:
            yield from (Line(text) for text in _input_lines(one))
        for note in row.notes:
            yield from (Line(text) for text in _said(f"- {note}", NOTE, f"{NOTE}  "))


def print_table(rows: Sequence[Row]) -> None:
    """The table on stdout, with bold heads on a terminal."""
    from rich.console import Console
    from rich.text import Text

    terminal = sys.stdout.isatty()
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for line in table_lines(rows):
        console.print(Text(line.text, style="bold" if terminal and line.bold else ""))
