"""Runs the programs of others that read Bedrock worlds: Mojang's Creator Tools, and
bedrock-world-operator in its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.packs.programs import READERS, go_program, npm_folder

BLOCKS, BLOCK_ENTITIES, CHUNKS = 121, 122, 128
"""Facts of a world in Mojang's report."""
ERROR, WARNING, INTERNAL = 3, 4, 5


@dataclass(frozen=True)
class Verdict:
    """code: what the program ended with; said: its words; items: of its report."""

    code: int
    said: str
    items: list[dict[str, Any]]

    def world(self, fact: int) -> dict[str, Any]:
        (found,) = (
            item for item in self.items if item["gId"] == "WORLDDATA" and item["gIx"] == fact
        )
        return found

    def counts(self, fact: int) -> dict[str, int]:
        return {
            name: value["count"]
            for name, value in self.world(fact)["fs"].items()
            if "count" in value
        }

    def of_kind(self, *kinds: int) -> list[str]:
        """`check file: what` of each item of these kinds."""
        return [
            f"{item['gId']} {item.get('p', '')}: {item.get('d', '')}"
            for item in self.items
            if item["iTp"] in kinds
        ]


def plain_name(name: str) -> str:
    """A block's name as it can be compared with those of the report."""
    return name.replace("minecraft", "").replace(":", "").replace("_", "").lower()


def validate(world: Path, out: Path) -> Verdict:
    """What Mojang's validator says of a .mcworld or .mctemplate. A download of 300 MB the first
    time."""
    folder = npm_folder(READERS / "creator_tools")
    command = [
        "npx",
        "--no-install",
        "mct",
        "validate",
        "main",
        "--if",
        str(world),
        "--offline",
        "-o",
        str(out),
        "-y",
    ]
    environment = {**os.environ, "NODE_OPTIONS": f'--require "{folder / "offline.cjs"}"'}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    (report,) = out.glob("*.mcr.json")
    return Verdict(
        done.returncode, done.stdout + done.stderr, json.loads(report.read_text("utf-8"))["items"]
    )


def read_with_operator(
    world: Path, chunks: Iterable[tuple[int, int]], how: str = "runs"
) -> dict[str, Any]:
    """What tests/readers/read_bedrock.py prints of some chunks. The world is changed by looking:
    give it a copy."""
    command = [sys.executable, str(READERS / "read_bedrock.py"), str(world), how]
    places = " ".join(f"{x},{z}" for x, z in chunks)
    done = subprocess.run(command, input=places, capture_output=True, text=True, timeout=1800)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def read_with_dragonfly(world: Path, chunks: Iterable[tuple[int, int]]) -> dict[str, Any]:
    """What tests/readers/dragonfly prints of some chunks. The world is changed by looking: give it
    a copy. Skips where there is no Go, which builds it the first time (some minutes)."""
    program = go_program(READERS / "dragonfly")
    if program is None:
        pytest.skip("dragonfly needs Go")
    places = " ".join(f"{x},{z}" for x, z in chunks)
    done = subprocess.run(
        [str(program), str(world)], input=places, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
