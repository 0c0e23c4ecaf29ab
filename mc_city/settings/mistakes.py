"""What a mistake in a configuration is called, so that a person can mend it: a sentence for each
kind, with a line to write."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from worlds.errors import ConfigError
from worlds.shipped import SHIPPED

EXAMPLES = {
    "city.name": 'name = "Sundsvall"',
    "city.crs": 'crs = "EPSG:3006"',
    "city.origin": "origin = [619250, 6919812]",
    "city.turn_deg": "turn_deg = 12.4",
    "area.bounds": "bounds = [618226, 6918788, 620274, 6920836]",
    "area.scale": "scale = 1.0",
    "vertical.sea_level_y": "sea_level_y = 62",
    "vertical.scale": "scale = 1.0",
    "world.editions": 'editions = ["java", "bedrock"]',
    "world.spawn": "spawn = [619250, 6919812]",
    "world.time": "time = 6000",
    "world.seed": "seed = 0",
    "terrain.flat_m": "flat_m = 3.0",
    "osm.extract": 'extract = "data/town.osm.pbf"',
    "terrain.landcover": 'landcover = { path = "data/nmd.tif", legend = "nmd" }',
}
"""A line that is right, for the keys that are most often wrong."""
MEANINGS = {
    "city.origin": "two numbers: east, north",
    "city.turn_deg": "degrees clockwise, from -180 to 180",
    "area.bounds": "four numbers: west, south, east, north",
    "world.spawn": "two numbers: east, north",
    "area.scale": "blocks per metre, above 0 and at most 16",
    "vertical.scale": "blocks per metre of height, above 0 and at most 16",
    "vertical.sea_level_y": "the y of height 0, a whole number from -10000 to 10000",
}
ESCAPED = {code: repr(chr(code))[1:-1] for code in (*range(32), 127)} | {8: "\\b", 12: "\\f"}
"""Characters that cannot be seen → how they are written."""
COUNTS = {2: "two", 3: "three", 4: "four", 5: "five"}


class SettingError(ValueError):
    """What is wrong with a value, and what to write instead."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def read_text(path: Path) -> str:
    """The text of a configuration, whatever mark an editor put at its beginning. ConfigError for
    what is no text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        own = SHIPPED / "configs" / path.name
        raise ConfigError(
            f"configuration {path}: {error.strerror}",
            hint=f"the program has one of this name: copy {own} into a folder of yours"
            if path.suffix == ".toml" and own.is_file()
            else "name a TOML file; `mc-city init DIR` writes one",
        ) from error
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\x00" in data[:4096]:
            raise ConfigError(
                f"{path}: is a data file, no configuration",
                hint=f"`mc-city init my-city {path.name}` writes one that names it",
            ) from error
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"configuration {path}: line {line} is not UTF-8 text",
            hint="save it as UTF-8: in Notepad, Save as, Encoding: UTF-8",
        ) from error


def parse(text: str, path: Path) -> dict[str, Any]:
    """The table of a TOML text; ConfigError with the line and what is wrong in it."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _explain_toml(error, text, path) from error
    except RecursionError as error:
        raise ConfigError(
            f"configuration {path}: lists within lists without end",
            hint="no key takes such a value",
        ) from error


def _explain_toml(error: tomllib.TOMLDecodeError, text: str, path: Path) -> ConfigError:
    place = re.search(r"at line (\d+)", str(error))
    lines = text.splitlines() or [""]
    number = min(int(place[1]), len(lines)) if place else len(lines)
    line = lines[number - 1]
    where = f"configuration {path}, line {number}"
    escaped = re.search(r'"([^"]*\\[^"]*)"?', line)
    if escaped:
        text_there = escaped[1]
        hint = (
            f"write it in single quotes, '{text_there}', or with forward slashes, "
            f'"{text_there.replace(chr(92), "/")}"'
        )
        return ConfigError(
            f'{where}: a \\ in "double quotes" begins a special character, so this is no path: '
            f"{line.strip()}",
            hint=hint,
        )
    if re.search("[“”„‘’]", line):
        return ConfigError(
            f"{where}: these quotes are a word processor's: {line.strip()}",
            hint="write straight ones, \" or '",
        )
    bare = re.match(r"\s*([\w.-]+)\s*=\s*([^\s\"'\[{#][^#]*)", line)
    if bare and ("Invalid value" in str(error) or "," in bare[2]):
        hint = f'text stands in quotes: {bare[1]} = "{bare[2].strip()}"; decimals have a point, 3.5'
        return ConfigError(f"{where}: not a value that TOML knows: {line.strip()}", hint=hint)
    if "overwrite" in str(error) or "twice" in str(error):
        return ConfigError(
            f"{where}: this stands there twice: {line.strip()}",
            hint="keep one of them; of a section, put all keys under one head",
        )
    return ConfigError(
        f"{where}: {error}",
        hint='mend this line; text stands in "quotes", lists in [brackets], one key on a line',
    )


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    """The sections that a key may hold, also inside lists and alternatives."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is Literal:
        return []
    return [model for inner in get_args(annotation) for model in _models_in(inner)]


def _known(model: type[BaseModel]) -> dict[str, Any]:
    """The keys of a section, as a person writes them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _field(location: tuple[int | str, ...], root: type[BaseModel]) -> tuple[type[BaseModel], Any]:
    """(the section that the last step of a location lies in, what that step is there)."""
    model, annotation = root, root
    for step in location:
        if isinstance(step, int):
            continue
        found = _models_in(annotation)
        model = next((one for one in found if step in _known(one)), found[0] if found else model)
        annotation = _known(model)[step].annotation if step in _known(model) else None  # type: ignore[assignment]
    return model, annotation


def _takes_a_list(annotation: Any) -> bool:
    plain = [annotation, *(get_args(annotation) if isinstance(annotation, types.UnionType) else ())]
    return any(get_origin(one) is tuple for one in plain)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value).translate(ESCAPED)
    text = f'"{text}"' if isinstance(value, str) else text
    return text if len(text) <= 60 else f"{text[:60]} …"


def _wanted(entry: Any, key: str, annotation: Any) -> str:
    """What a key takes, as the end of a sentence."""
    if key in MEANINGS:
        return MEANINGS[key]
    kind, held, value = entry["type"], entry.get("ctx", {}), entry["input"]
    if isinstance(value, float) and value != value:
        return "a number"
    if kind == "literal_error":
        return f"one of {held['expected']}"
    if kind.startswith("bool"):
        return "true or false"
    if kind.startswith("int"):
        return "a whole number"
    if kind.startswith("float"):
        return "a number"
    if kind.startswith("string"):
        return "text in quotes"
    if kind.startswith(("greater", "less")):
        return str(entry["msg"]).removeprefix("Input should be ")
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        found = _models_in(annotation)
        files = found and "path" in found[0].model_fields
        return (
            'the path of a file in quotes, or { path = "…", … }'
            if files
            else "a section of its own: its name in [brackets], its keys below"
        )
    if kind.startswith("path"):
        return "the path of a file in quotes"
    return str(entry["msg"]).removeprefix("Input should be ")


def explain(error: ValidationError, path: Path, root: type[BaseModel]) -> ConfigError:
    """The first mistake of a configuration in a sentence."""
    # A misspelt key makes another one missing: the misspelling is what to say.
    first = min(error.errors(), key=lambda entry: entry["type"] != "extra_forbidden")
    steps = tuple(step for step in first["loc"] if not (isinstance(step, str) and "[" in step))
    names = [str(step) for step in steps if isinstance(step, str)]
    key = ".".join(names)
    model, annotation = _field(steps, root)
    if first["type"] == "extra_forbidden":
        known = [name for name in _known(model) if name != "path" or model is not root]
        near = difflib.get_close_matches(names[-1], known, 1, 0.5)
        return ConfigError(
            f"unknown key {key} ({path})",
            hint=f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}",
        )
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, SettingError):
        value = "" if isinstance(first["input"], dict) else f" = {_shown(first['input'])}"
        return ConfigError(f"{key}{value}: {cause} ({path})", hint=cause.hint)
    example = (
        f"write it as in {EXAMPLES[key]}"
        if key in EXAMPLES
        else "correct this key; docs/own-data.md lists what each accepts"
    )
    if first["type"] == "value_error":
        message = first["msg"].removeprefix("Value error, ")
        value = f" = {_shown(first['input'])}" if not isinstance(first["input"], dict) else ""
        return ConfigError(f"{key}{value}: {message} ({path})", hint=example)
    if first["type"] == "missing" and not isinstance(steps[-1], int):
        return ConfigError(f"{key} is missing ({path})", hint=_where_it_goes(names))
    return _explain_value(first, steps, key, annotation=annotation, path=path, example=example)


def _where_it_goes(names: list[str]) -> str:
    key = ".".join(names)
    if key == "terrain":
        return (
            'write a section [terrain] with elevation = ["dem.tif"], or with flat_m = 3.0 '
            "where there is no elevation model"
        )
    if len(names) > 1 and key in EXAMPLES:
        return f"write under [{names[0]}]: {EXAMPLES[key]}"
    if len(names) == 1:
        lines = [
            line
            for name, line in EXAMPLES.items()
            if name.startswith(f"{key}.") and name != "area.scale"
        ]
        return f"write a section [{key}]" + (f" with {', '.join(lines)}" if lines else "")
    return "`mc-city init DIR` writes a commented example"


def _explain_value(
    first: Any, steps: tuple[int | str, ...], key: str, annotation: Any, path: Path, example: str
) -> ConfigError:
    value, kind = first["input"], first["type"]
    if kind in ("too_long", "too_short", "missing"):
        held = value if isinstance(value, (list, tuple)) else ()
        bounds = first.get("ctx", {})
        counted = (
            f"at most {bounds['max_length']}"
            if kind == "too_long"
            else f"at least {bounds['min_length']}"
            if kind == "too_short"
            else "another number"
        )
        meant = MEANINGS.get(key, counted)
        if key == "world.editions":
            return ConfigError(
                f"{key} = []: no edition to write, at least 1 is needed ({path})", hint=example
            )
        return ConfigError(
            f"{key}: {COUNTS.get(len(held), len(held))} values, and it takes {meant} ({path})",
            hint=example,
        )
    wanted = _wanted(first, key, annotation)
    alone = not any(isinstance(step, int) for step in steps)
    if alone and isinstance(value, list) and not _takes_a_list(annotation):
        return ConfigError(
            f"{key}: a list of {len(value)}, and it takes one value, {wanted} ({path})",
            hint=example,
        )
    return ConfigError(f"{key} = {_shown(value)}: it takes {wanted} ({path})", hint=example)


def find_config(path: Path) -> Path:
    """The configuration that a person means: a file, or the one in a folder that `init` made."""
    if not path.is_dir():
        return path
    if (path / "city.toml").is_file():
        return path / "city.toml"
    inside = sorted(found for found in path.glob("*.toml") if found.name != "sources.toml")
    if len(inside) == 1:
        return inside[0]
    names = ", ".join(found.name for found in inside[:6])
    hint = (
        f"name one of them: {names}"
        if inside
        else f"`mc-city init {path.name}-city FILE…` writes one for your files"
    )
    raise ConfigError(f"{path}: a folder with {len(inside) or 'no'} configurations", hint=hint)


def require_plain_path(value: Path) -> None:
    """SettingError for a web address, and for a path in which double quotes turned a backslash into
    a tab or a line break."""
    text = str(value)
    if re.match(r"(https?|ftp|s3):/", text):
        raise SettingError(
            "a web address, and files are not fetched",
            hint="download it, and write the path of the file",
        )
    if any(ord(character) < 32 for character in text):
        shown = text.translate(ESCAPED)
        raise SettingError(
            'a \\ in "double quotes" begins a special character, here a tab or a line break, so '
            "this is no path",
            hint=f"write it in single quotes, '{shown}'",
        )
