"""Spyglass's opinion of a data pack: syntax, unknown ids, references to what does not exist, wrong
folders.

It would fetch its tables from the network; here they come from mecha's command tree and npm's
minecraft-data."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.packs.packview import PackView, read_view
from tests.packs.programs import HERE, mecha_folder, minecraft_data, npm_folder

# Registry of the game → file of minecraft-data, whose entries have a `name`.
REGISTRIES = {
    "entity_type": "entities",
    "item": "items",
    "sound_event": "sounds",
    "particle_type": "particles",
}


def spyglass_faults(
    pack: Path, version: str = "1.21.4", declared: tuple[str, ...] = ()
) -> list[str]:
    """`file:line: message` for everything Spyglass says of the pack as that version sees it,
    overlays applied.

    `declared`: objectives that the world brings (scoreboard.dat). AssertionError when Spyglass
    itself did not come through."""
    return spyglass_faults_of([pack], version, declared)[0]


def spyglass_faults_of(
    packs: Sequence[Path], version: str = "1.21.4", declared: tuple[str, ...] = ()
) -> list[list[str]]:
    """The faults of several packs, each linted by itself, in one start of Spyglass."""
    spyglass = npm_folder(HERE / "spyglass")
    views = [read_view(pack, version) for pack in packs]
    with TemporaryDirectory() as folder:
        tables = Path(folder) / "tables.json"
        tables.write_text(json.dumps(read_tables(version)), "utf-8")
        seen = [Path(folder) / str(number) for number in range(len(packs))]
        for view, copied in zip(views, seen, strict=True):
            for name, path in {"pack.mcmeta": view.pack / "pack.mcmeta", **view.files}.items():
                (copied / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copied / name)
        command = ["node", str(spyglass / "lint.mjs"), str(tables), *map(str, seen)]
        done = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", timeout=1800
        )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert not answer["troubles"], answer["troubles"]
    return [_told(view, each, declared) for view, each in zip(views, answer["packs"], strict=True)]


def _told(view: PackView, answer: dict, declared: tuple[str, ...]) -> list[str]:
    assert answer["files"], f"Spyglass found no file in {view.pack}"
    excused = {f"Cannot find objective “{name}” (rule: undeclaredSymbol)" for name in declared}
    faults = (fault for fault in answer["found"] if fault["message"] not in excused)
    return [
        f"{view.shown(view.files[fault['file']])}:{fault['line']}: {fault['message']}"
        for fault in faults
    ]


def command_tree(version: str) -> object:
    """mecha's tree, or for games that are newer than it minecraft-data's in the same form."""
    if not version.startswith("1."):
        return _as_reported(minecraft_data(version, "commands")["root"])  # type: ignore[call-overload]
    tree = mecha_folder() / "mecha" / "resources" / f"{'_'.join(version.split('.')[:2])}.json"
    return json.loads(tree.read_text("utf-8"))


def _as_reported(node: dict[str, Any]) -> dict[str, Any]:
    """A node of minecraft-data's tree as the game's own report has it."""
    out: dict[str, Any] = {"type": node["type"]}
    if node["children"]:
        out["children"] = {child["name"]: _as_reported(child) for child in node["children"]}
    if node["executable"]:
        out["executable"] = True
    if node["redirects"]:
        out["redirect"] = node["redirects"]
    if "parser" in node:
        out["parser"] = node["parser"]["parser"]
        out |= {"properties": node["parser"]["modifier"]} if node["parser"]["modifier"] else {}
    return out


def read_tables(version: str) -> dict[str, object]:
    """What Spyglass asks for: command tree, registries, and block states without properties, which
    it does not check."""
    blocks = minecraft_data(version, "blocks")
    registries = {
        "block": [block["name"] for block in blocks],
        "fluid": ["empty", "flowing_lava", "flowing_water", "lava", "water"],
    }
    for registry, name in REGISTRIES.items():
        registries[registry] = [
            entry["name"].removeprefix("minecraft:") for entry in minecraft_data(version, name)
        ]
    return {
        "version": version,
        "commands": command_tree(version),
        "block_states": {block["name"]: [{}, {}] for block in blocks},
        "registries": registries,
    }
