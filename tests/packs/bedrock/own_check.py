"""What the programs of others miss in a behaviour pack: coordinates, `execute` without `run`, block
states, references, areas, JSON."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import PyMCTranslate
from PIL import Image

from tests.packs.bedrock.grammar import Command, SyntaxFaultError, inner, parse
from tests.packs.bedrock.structures import Key, read_bedrock_structure

VERSION = (1, 21, 0)
MOST_CHUNKS, MOST_AREAS = 100, 10
MOST_FILLED = 32_768
MOST_BUTTONS, MOST_LETTERS, MOST_PATH = 6, 320, 80
SIDE = 64
NOTHING = ("minecraft:air", "minecraft:water")


@dataclass(frozen=True)
class Pack:
    """A behaviour pack as found. functions: lines by name; structures: files by the name that
    commands use; scenes: by tag."""

    root: Path
    functions: dict[str, list[str]]
    structures: dict[str, Path]
    scenes: dict[str, dict[str, Any]]


def read_pack(root: Path) -> Pack:
    """Unreadable JSON is left out; `json_faults` tells of it."""
    functions = {
        path.relative_to(root / "functions").with_suffix("").as_posix(): path.read_text(
            "utf-8"
        ).splitlines()
        for path in sorted((root / "functions").rglob("*.mcfunction"))
    }
    structures = {}
    for path in sorted((root / "structures").rglob("*.mcstructure")):
        space, _, rest = (
            path.relative_to(root / "structures").with_suffix("").as_posix().partition("/")
        )
        structures[f"{space}:{rest}"] = path
    scenes = {}
    for path in sorted((root / "dialogue").glob("*.json")):
        for scene in (_load(path) or {}).get("minecraft:npc_dialogue", {}).get("scenes", ()):
            scenes[scene["scene_tag"]] = scene
    return Pack(root, functions, structures, scenes)


def _load(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def own_faults(root: Path, world: Path | None = None) -> list[str]:
    """`file:line: message` (or `file: message`). world: the folder whose world_behavior_packs.json
    must name the pack."""
    pack = read_pack(root)
    return [
        *json_faults(root), *manifest_faults(root, world), *function_faults(pack),
        *area_faults(pack), *scene_faults(pack),
        *structure_faults(pack), *file_faults(root),
    ]  # fmt: skip


def json_faults(root: Path) -> list[str]:
    found = []
    for path in sorted(root.rglob("*.json")):
        try:
            json.loads(path.read_text("utf-8"))
        except ValueError as error:
            found.append(f"{path.relative_to(root).as_posix()}: no JSON: {error}")
    return found


def file_faults(root: Path) -> list[str]:
    """Paths that are too long for consoles or hold what some system does not take, the picture, and
    the languages."""
    found = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        if len(name) > MOST_PATH:
            found.append(f"{name}: a path of {len(name)} letters, at most {MOST_PATH}")
        if not all(letter.isascii() and (letter.isalnum() or letter in "_-./") for letter in name):
            found.append(f"{name}: a name that not every system takes")
    listed = _load(root / "texts" / "languages.json") or []
    files = sorted(path.stem for path in (root / "texts").glob("*.lang"))
    if sorted(listed) != files or not files:
        found.append(f"texts/languages.json: lists {listed}, there are {files}")
    for language in files:
        lines = (root / "texts" / f"{language}.lang").read_text("utf-8").splitlines()
        if {line.partition("=")[0] for line in lines if line.partition("=")[2]} < {
            "pack.name",
            "pack.description",
        }:
            found.append(f"texts/{language}.lang: pack.name or pack.description is missing")
    try:
        with Image.open(root / "pack_icon.png") as icon:
            if icon.format != "PNG" or icon.width != icon.height:
                found.append(f"pack_icon.png: {icon.format} of {icon.size}, should be a square PNG")
    except OSError as error:
        found.append(f"pack_icon.png: {error}")
    return found


def manifest_faults(root: Path, world: Path | None) -> list[str]:
    """Format, version, identities all distinct, and that the world names the pack as it is."""
    manifest = _load(root / "manifest.json")
    if manifest is None:
        return ["manifest.json: not readable"]
    found = []
    try:
        header, modules = manifest["header"], manifest["modules"]
        if manifest["format_version"] != 2 or header["min_engine_version"] != list(VERSION):
            found.append("format_version should be 2 and min_engine_version 1.21.0")
        identities = [header["uuid"], *(module["uuid"] for module in modules)]
        if len({str(uuid.UUID(each)) for each in identities}) != len(identities):
            found.append("a uuid occurs twice")
        if [module["type"] for module in modules] != ["data"]:
            found.append("should have one module of type data")
        for version in (header["version"], *(module["version"] for module in modules)):
            if not (
                isinstance(version, list)
                and len(version) == 3
                and all(isinstance(part, int) for part in version)
            ):
                found.append(f"version {version}")
        if world is not None:
            named = _load(world / "world_behavior_packs.json")
            if named != [{"pack_id": header["uuid"], "version": header["version"]}]:
                found.append("world_behavior_packs.json does not name the pack")
    except (KeyError, TypeError, ValueError) as error:
        found.append(f"{type(error).__name__} {error}")
    return [f"manifest.json: {fault}" for fault in found]


def function_faults(pack: Pack) -> list[str]:
    """Syntax of each line, and that what it names exists; tick.json too."""
    found = []
    for name, lines in pack.functions.items():
        for number, line in enumerate(lines, start=1):
            if line.strip() and not line.startswith("#"):
                found += [
                    f"functions/{name}.mcfunction:{number}: {fault}"
                    for fault in line_faults(line, pack)
                ]
    if (pack.root / "functions" / "tick.json").exists():
        ticking = (_load(pack.root / "functions" / "tick.json") or {}).get("values", [])
        found += [
            f"functions/tick.json: function {name} does not exist"
            for name in ticking
            if name not in pack.functions
        ]
    return found


def line_faults(line: str, pack: Pack) -> list[str]:
    try:
        command = parse(line)
    except SyntaxFaultError as error:
        return [str(error)]
    command = inner(command)
    asked = command.arguments
    if "function" in asked and asked["function"] not in pack.functions:
        return [f"function {asked['function']} does not exist"]
    if command.kind == "structure load" and asked["name"] not in pack.structures:
        return [f"structure {asked['name']} does not exist"]
    if "scene" in asked and asked["scene"] not in pack.scenes:
        return [f"scene {asked['scene']} does not exist"]
    if command.kind == "tickingarea add" and (chunks := area_chunks(command)) > MOST_CHUNKS:
        return [f"a ticking area of {chunks} chunks, at most {MOST_CHUNKS}"]
    if command.kind == "fill":
        fault = block_fault(asked["block"], {})
        count = filled_blocks(command)
        if count > MOST_FILLED:
            return [f"fills {count} blocks, at most {MOST_FILLED}"]
        return [fault] if fault else []
    if command.kind == "setblock":
        fault = block_fault(asked["block"], asked.get("states", {}))
        return [fault] if fault else []
    return []


def filled_blocks(command: Command) -> int:
    ends = ([int(part) for part in command.arguments[end]] for end in ("from", "to"))
    return prod(abs(last - first) + 1 for first, last in zip(*ends, strict=True))


def area_chunks(command: Command) -> int:
    (x0, _, z0), (x1, _, z1) = (
        [int(part) for part in command.arguments[end]] for end in ("from", "to")
    )
    return (abs((x1 >> 4) - (x0 >> 4)) + 1) * (abs((z1 >> 4) - (z0 >> 4)) + 1)


def area_faults(pack: Pack) -> list[str]:
    """Ticking areas: one name for one place, each removed somewhere, none waited for that nothing
    adds."""
    added, removed, awaited = defaultdict(set), set(), set()
    for lines in pack.functions.values():
        for line in lines:
            try:
                command = inner(parse(line))
            except SyntaxFaultError:
                continue
            asked = command.arguments
            if command.kind == "tickingarea add":
                added[asked["name"]].add((asked["from"], asked["to"]))
            elif command.kind == "tickingarea remove":
                removed.add(asked["name"])
            elif command.kind == "schedule":
                awaited.add(asked["area"])
    found = [
        f"ticking area {name}: {len(places)} places of one name"
        for name, places in added.items()
        if len(places) > 1
    ]
    found += [f"ticking area {name} is never removed" for name in sorted(added.keys() - removed)]
    return found + [
        f"ticking area {name} is waited for and never added"
        for name in sorted(awaited - added.keys())
    ]


def scene_faults(pack: Pack) -> list[str]:
    """Dialogues: tags that occur once, texts and buttons that fit, commands that are some."""
    found, seen = [], set()
    for path in sorted((pack.root / "dialogue").glob("*.json")):
        name = f"dialogue/{path.name}"
        try:
            scenes = json.loads(path.read_text("utf-8"))["minecraft:npc_dialogue"]["scenes"]
            for scene in scenes:
                tag = scene["scene_tag"]
                if tag in seen:
                    found.append(f"{name}: scene {tag} occurs twice")
                seen.add(tag)
                if not 0 < len(scene["text"]) <= MOST_LETTERS:
                    found.append(f"{name}: {tag}: a text of {len(scene['text'])} letters")
                if len(scene["buttons"]) > MOST_BUTTONS:
                    found.append(
                        f"{name}: {tag}: {len(scene['buttons'])} buttons, at most {MOST_BUTTONS}"
                    )
                for button in scene["buttons"]:
                    for command in button["commands"]:
                        faults = (
                            line_faults(command[1:], pack)
                            if command.startswith("/")
                            else ["no slash"]
                        )
                        found += [f"{name}: {tag}: {command}: {fault}" for fault in faults]
        except (ValueError, KeyError, TypeError) as error:
            found.append(f"{name}: {type(error).__name__} {error}")
    return found


def structure_faults(pack: Pack) -> list[str]:
    """Size, indices, states that exist, and that only water or nothing stands in the same place as
    a block."""
    found = []
    for path in pack.structures.values():
        name = path.relative_to(pack.root).as_posix()
        try:
            read = read_bedrock_structure(path)
        except ValueError as error:
            found.append(f"{name}: {error}")
            continue
        count = len(read.palette)
        if not all(1 <= side <= SIDE for side in read.size):
            found.append(f"{name}: size {read.size}")
        if not all(-1 <= layer.min() <= layer.max() < count for layer in (read.first, read.second)):
            found.append(f"{name}: an index beyond the palette of {count}")
        else:
            beside = {
                read.palette[index][0] for index in set(np.unique(read.second).tolist()) - {-1}
            }
            if ((read.first < 0) & (read.second >= 0)).any() or not beside <= {*NOTHING}:
                found.append(
                    f"{name}: the second layer may hold water, or air, in the place of a block, "
                    f"and nothing else"
                )
        found += [f"{name}: {fault}" for fault in map(state_fault, read.palette) if fault]
    return found


@lru_cache(maxsize=1)
def _tables() -> Any:
    return PyMCTranslate.new_translation_manager().get_version("bedrock", VERSION).block


@lru_cache(maxsize=4096)
def state_fault(key: Key) -> str | None:
    """What is wrong with a state of a structure, or None."""
    name, states, version = key
    known = _known_states(name)
    if known is None:
        return f"no block {name}"
    if version >> 8 != VERSION[0] << 16 | VERSION[1] << 8 | VERSION[2]:
        return f"{name} is of version {version:#x}"
    if {state for state, _ in states} != set(known):
        return f"{name}: states {[state for state, _ in states]}, should be {sorted(known)}"
    wrong = [
        state
        for state, value in states
        if value not in {f"{type(tag).__name__} {tag.py_data}" for tag in known[state]}
    ]
    return f"{name}: wrong value of {', '.join(wrong)}" if wrong else None


def block_fault(name: str, states: dict[str, Any]) -> str | None:
    """What is wrong with a block in a command, where states may be left out and bytes are true or
    false."""
    known = _known_states(name if ":" in name else f"minecraft:{name}")
    if known is None:
        return f"no block {name}"
    for state, value in states.items():
        if state not in known:
            return f"{name} has no state {state}"
        if value not in [tag.py_data for tag in known[state]]:
            return f"{name}: {state} cannot be {value}"
    return None


def _known_states(name: str) -> dict[str, list] | None:
    space, _, base = name.partition(":")
    if space not in _tables().namespaces() or base not in _tables().base_names(space):
        return None
    return dict(_tables().get_specification(space, base).valid_properties)
