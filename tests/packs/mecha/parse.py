"""Parses functions with mecha, in a process of its own.

Lines of {"version": …, "functions": {name: text}} come in and a line of answers goes out for each,
both JSON; it ends with its input. An answer is {"commands": [node, …], "faults": [[line, message],
…]} a function. A node is {"type": mecha's class without `Ast`} and its fields, one that is called
`type` as `kind`; commands have their `line` besides."""

from __future__ import annotations

import dataclasses
import json
import sys
from functools import cache

from mecha import AstCommand, AstNode, DiagnosticError, Mecha

MOST_FAULTS = 20


@cache
def fields_of(kind: type) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in ("location", "end_location")
    )


def plain(value: object) -> object:
    if isinstance(value, AstNode):
        node: dict[str, object] = {"type": type(value).__name__.removeprefix("Ast")}
        if isinstance(value, AstCommand):
            node["line"] = value.location.lineno
        for name in fields_of(type(value)):
            node["kind" if name == "type" else name] = plain(getattr(value, name))
        return node
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return repr(value)


def parse(mecha: Mecha, text: str) -> dict[str, object]:
    """mecha stops at the first fault: the line is taken out and the rest parsed again."""
    lines = text.split("\n")
    faults: list[tuple[int, str]] = []
    while len(faults) < MOST_FAULTS:
        try:
            root = mecha.parse("\n".join(lines))
        except DiagnosticError as error:
            first = error.diagnostics.exceptions[0]
            at = min(first.location.lineno, len(lines))
            while at > 1 and not lines[at - 1].strip():
                at -= 1  # a command that ends too soon is seen at the line after it
            if not lines[at - 1].strip():
                return {"commands": [], "faults": [*faults, (at, first.message)]}
            faults.append((at, first.message))
            lines[at - 1] = ""
        else:
            return {"commands": [plain(command) for command in root.commands], "faults": faults}
    return {"commands": [], "faults": faults}


def main() -> None:
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    known: dict[str, Mecha] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["version"] not in known:
            known[asked["version"]] = Mecha(version=asked["version"])
        mecha = known[asked["version"]]
        print(
            json.dumps({name: parse(mecha, text) for name, text in asked["functions"].items()}),
            flush=True,
        )


if __name__ == "__main__":
    main()
