"""What bc-minecraft-bedrock-diagnoser says of a behaviour pack: syntax, unknown blocks and
entities, missing functions.

It does not look behind `execute … run`, so the pack is given to it with each such command on a line
of its own as well. Its tables let only a selector be the first holder of `scoreboard players
operation`, so one is put there; and it knows no structure by its name with a colon, so what it says
of those is left to our own check."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.packs.programs import HERE, npm_folder

STRUCTURES = re.compile("structures?", re.IGNORECASE)
HOLDER = re.compile(r'^(scoreboard players operation )"#[^"]+"')
BEHIND = re.compile(r"^execute .*? run (?=\w+ )")


def diagnoser_faults(pack: Path) -> list[str]:
    """`file: message` for every error and warning. AssertionError when the program itself did not
    come through."""
    folder = npm_folder(HERE / "bedrock")
    with TemporaryDirectory() as temporary:
        copy = Path(temporary) / "behavior_packs" / pack.name
        shutil.copytree(pack, copy, ignore=shutil.ignore_patterns("*.mcstructure", "*.png"))
        for path in copy.rglob("*.mcfunction"):
            lines = [HOLDER.sub(r"\1@s", line) for line in path.read_text("utf-8").splitlines()]
            path.write_text(
                "\n".join(lines + [BEHIND.sub("", line) for line in lines if BEHIND.match(line)])
                + "\n",
                "utf-8",
            )
        done = subprocess.run(
            ["node", str(folder / "lint.mjs"), str(copy)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert answer["files"] == len(
            [path for path in copy.rglob("*") if path.suffix in (".mcfunction", ".json", ".lang")]
        )
        return [
            f"{Path(fault['file']).relative_to(copy).as_posix()}: {fault['message']} "
            f"({fault['code']})"
            for fault in answer["found"]
            if fault["severity"] >= 2 and not STRUCTURES.search(fault["code"])
        ]
