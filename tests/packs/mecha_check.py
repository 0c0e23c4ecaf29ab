"""mecha's opinion of the functions of a data pack, and its syntax trees as plain data for the other
checks."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.packs.packview import PackView, read_view
from tests.packs.programs import HERE, mecha_folder

Node = dict[str, Any]


def mecha_faults(pack: Path, version: str = "1.21.4") -> list[str]:
    """`file:line: message` for every line that is no command of that version, overlays taken into
    account."""
    view = read_view(pack, version)
    parsed = parse_functions(view)
    return [
        f"{view.shown(view.functions[name])}:{line}: {text}"
        for name, answer in parsed.items()
        for line, text in answer["faults"]
    ]


def parse_functions(view: PackView) -> dict[str, dict[str, Any]]:
    """Function id → {"commands": nodes, "faults": [[line, message]]}; no text is parsed twice in a
    session."""
    return parse_views([view])[0]


def parse_views(views: Sequence[PackView]) -> list[dict[str, dict[str, Any]]]:
    """As `parse_functions`, for several packs of one version in one start of mecha."""
    (tree,) = {tree_of(view.version) for view in views}
    parsed = _parsed(tree)
    texts = [
        {name: path.read_text("utf-8") for name, path in view.functions.items()} for view in views
    ]
    missing = {text: text for view in texts for text in view.values() if text not in parsed}
    if missing:
        parsed |= _parse(tree, missing)
    return [{name: parsed[text] for name, text in view.items()} for view in texts]


def tree_of(version: str) -> str:
    """The tree of mecha's that is nearest: what came after its last one, own_check knows."""
    major, minor = version.split(".")[:2]
    return f"{major}.{minor}" if major == "1" else "1.21"


@lru_cache
def _parsed(tree: str) -> dict[str, dict[str, Any]]:  # noqa: ARG001 - one table a tree, filled as texts come
    return {}


def _parse(tree: str, texts: dict[str, str]) -> dict[str, dict[str, Any]]:
    server = _server()
    server.stdin.write(json.dumps({"version": tree, "functions": texts}) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    assert answer, f"mecha ended with {server.wait(60)}; its words are on stderr"
    return json.loads(answer)


@lru_cache(maxsize=1)
def _server() -> subprocess.Popen[str]:
    """mecha takes half a second to start, so one process serves the whole session; it ends when we
    do."""
    environment = {**os.environ, "PYTHONPATH": str(mecha_folder())}
    command = [sys.executable, str(HERE / "mecha" / "parse.py")]
    server = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment,
    )
    atexit.register(server.communicate)
    return server
