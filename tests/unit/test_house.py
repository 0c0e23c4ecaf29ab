"""How the code is kept: what neither the linter nor the import contracts can say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mc_city.settings.config import PROJECT
from worlds.block_names import NAMES

TOPS = ("mc_city", "terrain", "buildings", "worlds")
MOST_PARAMETERS, MOST_POSITIONAL = 8, 5
MOST_LINES = 550
IN_A_ROW = {
    "_history": "the versions of a game, a row each",
    "Progress": "the columns of rich's bar, from left to right",
    "_ROW.pack": "the fields of a struct, in the order of its format",
    "crossings": "the arrays of an outline, handed to the kernel that all scans share",
}
"""Calls that hand on more than five things by their place, and what says which is which."""
COORDINATES = {
    "x", "y", "z", "dx", "dy", "dz", "nx", "ny", "nz", "x0", "y0", "z0", "x1", "y1", "z1",
    "xs", "ys", "zs", "_",
}  # fmt: skip
SHORT_WORDS = {"at", "by", "id", "Id", "in", "no", "of", "on", "or", "to", "up"}
AFFINE = set("abcdef")
"""As the field calls the six numbers of an affine transform."""


def modules() -> list[Path]:
    return [path for top in TOPS for path in sorted((PROJECT / top).rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def is_command(function: ast.FunctionDef) -> bool:
    """Options of the command line are parameters: typer reads them so."""
    return any("command" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_no_function_has_more_than_eight_parameters():
    long = []
    for path in modules():
        for function in functions(tree_of(path)):
            given = function.args
            names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            count = len([name for name in names if name not in ("self", "cls")])
            if count > MOST_PARAMETERS and not is_command(function):
                long.append(f"{name_of(path)}: {function.name} has {count}")
    assert long == []


def test_no_call_hands_on_more_than_five_things_by_their_place():
    """What stands sixth in a row is a guess for who reads it: it has a name there."""
    long = [
        f"{name_of(path)}:{node.lineno}: {ast.unparse(node.func)} has {len(node.args)}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and len(node.args) > MOST_POSITIONAL
        and ast.unparse(node.func) not in IN_A_ROW
    ]
    assert long == []


def given_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name) of parameters and of what is set."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            given = node.args
            for one in (*given.posonlyargs, *given.args, *given.kwonlyargs):
                yield node.lineno, one.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def test_names_are_words_or_coordinates():
    short = [
        f"{name_of(path)}:{line}: {name}"
        for path in modules()
        for line, name in given_names(tree_of(path))
        if len(name) < 3 and name not in COORDINATES | SHORT_WORDS | AFFINE
    ]
    assert short == []


def test_no_module_is_longer_than_one_reads_in_one_go():
    long = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {name: count for name, count in long.items() if count > MOST_LINES} == {}


def test_no_module_imports_what_is_private_to_another():
    private = [
        f"{name_of(path)}: {node.module}.{alias.name}"
        for path in modules()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in TOPS
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.endswith("__")
    ]
    assert private == []


def imported(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of ours that a module names, inside its functions too, but for types only."""
    tree = tree_of(path)
    types = [
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    ]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node not in types:
            named = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in known else node.module for name in named} & known.keys()
    return found


def test_no_import_goes_in_a_circle():
    """Not even one that is hidden in a function."""
    known = {name_of(path).removesuffix(".py").replace("/", "."): path for path in modules()}
    left = {name: imported(path, known) for name, path in known.items()}
    while free := [name for name, needs in left.items() if not needs & left.keys()]:
        left = {name: needs for name, needs in left.items() if name not in free}
    assert sorted(left) == []


def test_every_module_says_what_it_is():
    assert [name_of(path) for path in modules() if not ast.get_docstring(tree_of(path))] == []


def is_block(text: str) -> bool:
    """Whether a text can only be the name of a block: single words, as `gravel` and `stone`, are
    those of other fields too."""
    name = text.removeprefix("minecraft:").partition("[")[0]
    return name in NAMES and ("_" in name or name != text)


def test_blocks_are_named_in_the_style_table_and_in_worlds_only():
    named = [
        f"{name_of(path)}:{node.lineno}: {node.value}"
        for path in modules()
        if not name_of(path).startswith("worlds/")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_block(node.value)
    ]
    assert named == []
