"""Damaged files, made from whole ones by chance that is always the same, and the commands that are
to bear them.

Run as a program it tries some of them, so that a crash ends nothing but that: `python -m
tests.mutants START FIRST LAST FOLDER KIND …`, those from FIRST to LAST of each kind, but of the
first kind from START; the folder holds a build's in world/out and a configuration's in city.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.memory import read_megabytes

UPGRADED = "upgraded"
"""Folder beside the worlds for the one that another game has saved since."""
SECONDS, BYTES = 60, 6 << 30
"""Of processor time that one mutant may take, and ten times that by the clock; the address space of
the whole child, of which most is libraries and threads."""
STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**70, -(2**70), 1e308, float("nan"), float("inf"),
    "", "../../../X", "/etc/x", "C:\\X",
    "CON", "a\nb", "\u202e", "\x00", "x" * 5000, "9" * 5000, [], {}, [[]], [None], {"a": {}},
    ["x"] * 40, "<script>", "§k", "\ud800",
)  # fmt: skip
TOML_STRANGE = (
    "true", "0", "-1", "1e400", "nan", "inf", "99999999999999999999", '""', '"../../X"', '"CON"',
    "[]", "{}", "[[[[]]]]", "1979-05-27",
    '"\\u0000"', "[" * 3000, "'x", '"' + "x" * 3000 + '"', "[1, 2, 3, 4]", "{ path = 1 }",
    '{ path = "dem.tif", nodata = "x" }',
)  # fmt: skip
XML_STRANGE = (
    "",
    "nan",
    "inf",
    "1e400",
    "-99999999999999999999",
    "x" * 3000,
    "&#0;",
    "&lol;",
    "9" * 400,
    "2030-13-45",
    "\u202e",
)


def in_bytes(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, cut off, put in, taken out or doubled."""
    # Half of the time at the head, where files say what they are.
    kind, at = (
        chance.randrange(8),
        chance.randrange(max(min(len(data), chance.choice((1024, 1 << 30))), 1)),
    )
    out, run = bytearray(data), chance.choice((1, 4, 16, 256))
    if kind == 0:
        for _ in range(chance.choice((1, 2, 8, 64))):
            out[min(at + chance.randrange(64), len(out) - 1)] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del out[at:]
    elif kind == 2:
        out[at:at] = chance.randbytes(run)
    elif kind == 3:
        del out[at : at + run]
    elif kind == 4:
        out[at:at] = out[at : at + chance.choice((16, 256, 4096))] * chance.choice((1, 8))
    elif kind == 5:
        out[at : at + run] = bytes([chance.choice((0, 0xFF, 0x80))]) * len(out[at : at + run])
    elif kind == 6:
        out[at : at + 4] = chance.choice(
            (b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\x80")
        )
    else:
        other = chance.randrange(len(out))
        out[at : at + run], out[other : other + run] = out[other : other + run], out[at : at + run]
    return bytes(out)


def _places(value: Any, held: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in pairs:
        held.append((value, key))
        _places(inner, held)
    return held


def in_json(data: bytes, chance: random.Random) -> bytes:
    """A value of another kind or beyond all measure, a key missing or doubled, or nesting without
    end."""
    value = json.loads(data)
    if chance.randrange(12) == 0:
        return json.dumps(chance.choice(STRANGE)).encode()
    if chance.randrange(20) == 0:
        return data.rstrip()[:-1] + b',"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    for _ in range(chance.choice((1, 1, 1, 3))):
        places = _places(value, [])
        if not places:
            break
        where, key = chance.choice(places)
        kind = chance.randrange(6)
        if kind == 0:
            del where[key]
        elif kind == 1 and isinstance(where, list):
            where.extend([where[key]] * 300)
        elif kind == 1:
            where[f"{key}é"] = where.pop(key)
        elif kind == 2 and isinstance(where[key], int | float):
            where[key] = where[key] * chance.choice((-1, 1e3, 1e9, 1e-9))
        else:
            where[key] = chance.choice(STRANGE)
    return json.dumps(value).encode("utf-8", "surrogatepass")


def in_toml(data: bytes, chance: random.Random) -> bytes:
    lines = data.decode().split("\n")
    at = chance.randrange(len(lines))
    kind = chance.randrange(5)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(at, lines[chance.randrange(len(lines))])
    else:
        settings = [number for number, line in enumerate(lines) if "=" in line]
        at = chance.choice(settings)
        lines[at] = lines[at].partition("=")[0] + "= " + chance.choice(TOML_STRANGE)
    return "\n".join(lines).encode()


def in_xml(data: bytes, chance: random.Random) -> bytes:
    found = list(re.finditer(rb'"([^"]*)"', data))
    where = chance.choice(found)
    return data[: where.start(1)] + chance.choice(XML_STRANGE).encode() + data[where.end(1) :]


def in_nbt(data: bytes, chance: random.Random) -> bytes:
    """What a gzip file holds, changed and packed again."""
    return gzip.compress(in_bytes(gzip.decompress(data), chance), 1)


def in_region(data: bytes, chance: random.Random) -> bytes:
    """One chunk of a region file, changed and deflated again if there is room."""
    table = struct.unpack(">1024I", data[:4096])
    start, count = (lambda entry: ((entry >> 8) * 4096, (entry & 255) * 4096))(
        chance.choice([entry for entry in table if entry])
    )
    (length,) = struct.unpack_from(">I", data, start)
    body = zlib.compress(in_bytes(zlib.decompress(data[start + 5 : start + 4 + length]), chance))
    record = struct.pack(">IB", len(body) + 1, 2) + body
    return (
        data[:start] + record.ljust(count, b"\0") + data[start + count :]
        if len(record) <= count
        else in_bytes(data, chance)
    )


def in_table(data: bytes, chance: random.Random) -> bytes:
    """One block of a database's table, changed, deflated again and with the right check sum."""
    from worlds.bedrock.sstable import RAW_DEFLATE, masked_crc
    from worlds.bedrock.tables import handles, inflated, table_ends

    others, index = table_ends(data)
    offset, size = chance.choice(
        [others, index, *handles(inflated(data[index[0] : index[0] + index[1] + 1]))]
    )
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = (
        packer.compress(in_bytes(inflated(data[offset : offset + size + 1]), chance))
        + packer.flush()
    )
    if len(body) > size:
        return in_bytes(data, chance)
    block = body.ljust(size, b"\0") + bytes([RAW_DEFLATE])
    return data[:offset] + block + masked_crc(block) + data[offset + size + 5 :]


def in_tags(data: bytes, chance: random.Random) -> bytes:
    """The value of one tag: the file is as whole as before."""
    where = chance.choice(list(re.finditer(rb'v="([^"]*)"', data)))
    return data[: where.start(1)] + chance.choice(XML_STRANGE[:6]).encode() + data[where.end(1) :]


Mutation = Callable[[bytes, random.Random], bytes]
ENDINGS: dict[str, tuple[Mutation, ...]] = {
    ".json": (in_json, in_json, in_bytes), ".geojson": (in_json, in_json, in_bytes),
    ".dat": (in_nbt, in_bytes), ".nbt": (in_nbt, in_bytes),
    ".mca": (in_region, in_bytes), ".ldb": (in_table, in_bytes), ".toml": (in_toml, in_toml,
    in_bytes),
    ".osm": (in_tags, in_xml, in_bytes),
}  # fmt: skip


def mutated(path: Path, chance: random.Random) -> None:
    """Changes a file in its place."""
    kinds = ENDINGS.get(path.suffix, (in_bytes,))
    if path.name == "level.dat" and (path.parent / "db").exists():
        kinds = (in_bytes,)
    path.write_bytes(chance.choice(kinds)(path.read_bytes(), chance))


def _one_of(folder: Path, chance: random.Random) -> Path:
    """A file of a world, each kind of file as likely as another."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".mcfunction", ".png", ".jpeg")
    )
    ending = chance.choice(sorted({path.suffix for path in files} | {"mc_city"}))
    return chance.choice(
        [path for path in files if path.suffix == ending or path.name.startswith("mc_city")]
    )


def java_world(whole: Path, folder: Path, chance: random.Random | None) -> Path:
    """A copy of the Java world, damaged unless chance is None; the same with the others."""
    world = shutil.copytree(next(whole.glob("*/level.dat")).parent, folder / "Liten")
    if chance:
        mutated(_one_of(world, chance), chance)
    return world


def java26_world(whole: Path, folder: Path, chance: random.Random | None) -> Path:
    """The same world as the game of 26.3 saved it since."""
    world = shutil.copytree(whole / UPGRADED / "Liten", folder / "Liten")
    if chance:
        mutated(_one_of(world, chance), chance)
    return world


def mcworld(whole: Path, folder: Path, chance: random.Random | None) -> Path:
    target = folder / "Liten.mcworld"
    shutil.copyfile(next(whole.glob("*.mcworld")), target)
    if chance is None:
        return target
    if chance.randrange(3) == 0:
        mutated(target, chance)
        return target
    inside = folder / "inside"
    with zipfile.ZipFile(target) as archive:
        archive.extractall(inside)
    mutated(_one_of(inside, chance), chance)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in inside.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(inside).as_posix())
    shutil.rmtree(inside)
    return target


def source(name: str) -> Callable[[Path, Path, random.Random | None], Path]:
    """What damages one file of a configuration's folder, and names the configuration."""

    def damage(whole: Path, folder: Path, chance: random.Random | None) -> Path:
        city = shutil.copytree(whole, folder / "city")
        if chance:
            mutated(city / name, chance)
        return city / "city.toml"

    return damage


WORLDS = {"java": java_world, "java26": java26_world, "mcworld": mcworld}
SOURCES = {
    "geopackage": "houses.gpkg", "geotiff": "dem.tif", "cityjson": "model.json",
    "osm": "streets.osm", "plans": "plans.geojson",
    "configuration": "city.toml", "sources": "sources.toml", "ideas": "ideas/ideas.gpkg",
    "kept blocks": "ideas/blocks/4b-07-1.nbt", "kept index": "ideas/blocks/4b-07-1.json",
}  # fmt: skip
KINDS = (*WORLDS, *SOURCES)


def commands(kind: str, target: Path, folder: Path, number: int, whole: Path) -> list[list[str]]:
    """What is tried on a mutant: for worlds what is quick always, and the rest in turn. whole: the
    folder of what it was made from."""
    if kind not in WORLDS:
        return [["check", str(target)]]
    others = [
        ["map", str(target), str(folder / "out" / "map.png"), "--jobs", "1"],
        ["layers", "show", str(target)],
        ["pack", str(target), "--out", str(folder / "out" / "handout"), "--jobs", "1"],
        ["map", str(target), str(folder / "out" / "map.png"), "--layers", "--jobs", "1"],
        ["harvest", str(whole), str(target), "--out",
         str(folder / "out" / "ideas")],
    ]  # fmt: skip
    return [["info", str(target)], ["layers", "list", str(target)], others[number % len(others)]]


def run(arguments: Sequence[str]) -> tuple[int, str]:
    """(exit status, what was said) of a command in this process: 0, 1 for an error in two lines, 70
    for anything else."""
    from mc_city.cli import app
    from worlds.errors import McCityError

    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            app(list(arguments), standalone_mode=False)
    except McCityError as error:
        said = f"{error} | {error.hint}"
        return (1, said) if error.hint and "\n" not in error.hint else (70, said)
    except BaseException:
        return 70, traceback.format_exc()
    return 0, out.getvalue()


def _present(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def try_one(kind: str, number: int, whole: Path, folder: Path) -> tuple[int, list[str]]:
    """(highest exit status, what failed) of the mutant `number`: its commands, and what they may
    leave where."""
    chance = random.Random(f"{kind} {number}")
    box, spare = folder / "a" / "b" / "c", folder / "temporary"
    for part in (box / "out", spare):
        part.mkdir(parents=True)
    tempfile.tempdir = str(spare)
    make = WORLDS[kind] if kind in WORLDS else source(SOURCES[kind])
    target = make(whole, box, chance)
    before = _present(folder)
    status, faults = 0, []
    for arguments in commands(kind, target, box, number, whole):
        code, said = run(arguments)
        status = max(status, code)
        if code not in (0, 1):
            faults.append(f"{arguments[:2]}: {said[-1500:]}")
    more = _present(folder) - before
    inside = {
        f"a/b/c/{name}" for name in ("out", "Liten", "Liten-backup-1.zip", "Liten-backup-1.mcworld")
    }
    # A lock for who works on a world of that name stays in the system's folder for such things.
    more -= {name for name in more if re.fullmatch(r"temporary/mc-city-\w+\.lock", name)}
    # What `check` draws beside the configuration.
    more -= {"a/b/c/city/check.png"}
    strays = sorted(
        name
        for name in more
        if not any(name == one or name.startswith(f"{one}/") for one in inside)
    )
    if strays:
        faults.append(f"left behind: {strays[:5]}")
    return status, faults


def _warm_up(kind: str, whole: Path) -> None:
    """Runs the commands on what is not damaged, so that no mutant is charged for what is compiled
    and loaded once."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
        box = Path(folder) / "box"
        (box / "out").mkdir(parents=True)
        make = WORLDS[kind] if kind in WORLDS else source(SOURCES[kind])
        target = make(whole, box, None)
        for number in range(5):
            (box / f"out{number}").mkdir()
            for arguments in commands(kind, target, box, number, whole):
                code, said = run(
                    [
                        argument.replace(str(box / "out"), str(box / f"out{number}"))
                        for argument in arguments
                    ]
                )
                if code:
                    raise RuntimeError(f"{arguments} fails on what is whole: {said}")
            if kind not in WORLDS:
                break


def main(numbers: range, folder: Path, kinds: Sequence[str], start: int) -> None:
    """Tries mutants of each kind and writes a line of JSON for each before and after."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind in kinds:
        print(json.dumps({"kind": kind}), flush=True)
        whole = folder / "world" / "out" if kind in WORLDS else folder / "city"
        _warm_up(kind, whole)
        _try_all(kind, numbers if kind != kinds[0] else range(start, numbers.stop), whole)


def _try_all(kind: str, numbers: range, whole: Path) -> None:
    for number in numbers:
        print(json.dumps({"kind": kind, "begins": number}), flush=True)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        signal.alarm(10 * SECONDS)
        start = time.process_time()
        with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/tmp")) as folder:
            status, faults = try_one(kind, number, whole, Path(folder).resolve())
            tempfile.tempdir = None
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        peak = read_megabytes("VmHWM")
        seconds = round(time.process_time() - start, 2)
        print(
            json.dumps(
                {
                    "kind": kind,
                    "number": number,
                    "status": status,
                    "faults": faults,
                    "seconds": seconds,
                    "mb": peak,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    beginning, first, last = map(int, sys.argv[1:4])
    main(range(first, last), Path(sys.argv[4]), sys.argv[5:], beginning)
