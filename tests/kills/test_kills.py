"""Build, `layers show|hide` and `pack`, killed before each of their operations on files: `info`
then finds the old world or the new one, backups are whole, and the same command again makes what it
makes when nothing happens."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from mc_city.build import publishing
from mc_city.handout.handout import pack
from mc_city.saved.facts import read_facts
from mc_city.saved.switching import toggle
from tests.conftest import quiet
from tests.kills.city import EDITIONS, built, tiny_config
from tests.kills.killing import fresh, run, tree
from tests.upgrade import upgrade
from worlds.errors import WorldError

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="counts operations in forks, as Linux names them"
)
TELLING = (
    "publishing.json",
    "exchange",
    "backup",
    "journal.json",
    "/done/",
    "batch",
    "closing",
    "/out ",
    "/out-handout ",
)
"""In operations at which one world takes the place of another."""


@dataclass(frozen=True)
class Case:
    """A command and what it begins with. template: the folder that it works in, as it begins;
    command: does it there; place: where in that folder the old world or the new one stands; world:
    for `info`, in that folder."""

    template: Path
    command: Callable[[Path], object]
    place: str
    world: str


def config_of(template: Path, plans: bool, editions: str):
    return tiny_config(template.with_name(f"{template.name}-city"), plans, editions)


def world_of(editions: str) -> str:
    return "Liten.mcworld" if editions == "bedrock" else "Liten"


def build_case(made, tmp_path: Path, editions: str, plans: bool, old: str) -> Case:
    """old: what stands in OUT: nothing, a build of this program (the other of with and without
    plans), or something changed since."""
    source = made(editions, plans)
    config = config_of(source, plans, editions)
    template = tmp_path / "template"
    template.mkdir()
    if old != "nothing":
        fresh(made(editions, not plans), template)
    if old == "changed":
        (template / "out" / "mine.txt").write_text("dear", "utf-8")
    return Case(
        template,
        lambda work: built(config, work / "out", force=old == "changed"),
        "out",
        f"out/{world_of(editions)}",
    )


def layers_case(made, tmp_path: Path, kind: str, show: bool) -> Case:
    source = made("bedrock" if kind in ("mcworld", "database") else "java", True) / "out"
    template = tmp_path / "template"
    template.mkdir()
    name = {
        "upgraded": "Liten",
        "folder": "Liten",
        "zip": "Liten-java.zip",
        "mcworld": "Liten.mcworld",
        "database": "Bedrock",
    }[kind]
    if kind in ("folder", "upgraded"):
        fresh(source / "Liten", template / name)
        if kind == "upgraded":
            upgrade(template / name)
    elif kind == "database":
        with zipfile.ZipFile(source / "Liten.mcworld") as archive:
            archive.extractall(template / name)
    else:
        (template / name).write_bytes((source / name).read_bytes())
    if not show:
        # In a process of its own: LevelDB's thread, once begun here, would be awaited for ever in
        # every fork, where it does not run.
        assert (
            run(lambda: toggle(template / name, [], True, quiet), tmp_path / "nowhere").text == ""
        )
    return Case(template, lambda work: toggle(work / name, [], show, quiet), name, name)


def pack_case(made, tmp_path: Path, editions: str, plans: bool, over: bool) -> Case:
    template = fresh(made(editions, plans), tmp_path / "template")
    if over:
        (template / "out-handout").mkdir()
        (template / "out-handout" / "mine.txt").write_text("dear", "utf-8")
    return Case(
        template,
        lambda work: pack(work / "out", None, over, 1, quiet),
        "out-handout",
        f"out/{world_of(editions)}",
    )


def below(files: dict[str, str], place: str) -> dict[str, str]:
    return {
        name: value
        for name, value in files.items()
        if name == place or name.startswith(f"{place}/")
    }


def look(case: Case, work: Path, old: dict[str, str], new: dict[str, str]) -> None:
    """What `info` says must be the old world or the new one, and that is what stands there; every
    backup that has its name is whole."""
    try:
        facts = read_facts(work / case.world)
        assert {state["shown"] for state in facts["layer_states"]} in (set(), {False}, {True})
    except WorldError:
        assert not below(old, case.place), "nothing stood there before"
    publishing.put_right(work / case.place)
    left = tree(work)
    assert below(left, case.place) in (below(old, case.place), below(new, case.place))
    kept = {
        name: value
        for name, value in left.items()
        if "-backup-" in name.split("/")[0] and ".partial" not in name
    }
    assert kept.items() <= new.items()
    if below(left, case.place) != below(old, case.place):
        assert kept == {
            name: value for name, value in new.items() if "-backup-" in name.split("/")[0]
        }


def without_second_backup(left: dict[str, str], new: dict[str, str], place: str) -> dict[str, str]:
    """What is left, without a backup of the finished folder: killed when all was done, a command
    with --force that is given again keeps what it made the first time beside, too."""
    backups = {
        name.split("/")[0] for name in left.keys() - new.keys() if "-backup-" in name.split("/")[0]
    }
    for backup in backups:
        if {name[len(backup) :]: value for name, value in below(left, backup).items()} == {
            name[len(place) :]: value for name, value in below(new, place).items()
        }:
            left = {name: value for name, value in left.items() if name.split("/")[0] != backup}
    return left


def kill_everywhere(case: Case, work: Path, chosen: Callable[[list[str]], list[int]]) -> int:
    """Kills the command before the chosen operations, and in the middle of those that write;
    returns how often. Killed when all was done, a command without --force may refuse to do it
    again."""
    command = partial(case.command, work)
    old = tree(fresh(case.template, work))
    whole = run(command, work)
    assert whole.text == ""
    new = tree(work)
    kills = 0
    for number in chosen(whole.operations):
        for torn in (False, True) if whole.operations[number].startswith("open ") else (False,):
            where = f"{number} {whole.operations[number]}{' half written' if torn else ''}"
            fresh(case.template, work)
            ended = run(command, work, number, torn)
            assert ended.killed, where
            if (number + torn) % 2:
                assert run(lambda: look(case, work, old, new), work).text == "", where
            again = run(command, work)
            refused = "is there already" in again.text and below(tree(work), case.place) == below(
                new, case.place
            )
            assert again.text == "" or refused, f"{where}: {again.text}"
            left = without_second_backup(tree(work), new, case.place)
            assert left == new, f"{where}: {sorted(left.items() ^ new.items())}"
            kills += 1
    return kills


def some(count: int) -> Callable[[list[str]], list[int]]:
    """About so many operations: most of them where one world takes the place of another, the others
    all over the command."""

    def chosen(operations: list[str]) -> list[int]:
        telling = [
            number
            for number, what in enumerate(operations)
            if any(word in f"{what} " for word in TELLING)
        ]
        spread = range(0, len(operations), max(1, 3 * len(operations) // count))
        return sorted(
            {*telling[:: max(1, 3 * len(telling) // (2 * count))], *spread, len(operations) - 1}
        )

    return chosen


def every(operations: list[str]) -> list[int]:
    return list(range(len(operations)))


def without_exchange(case: Case) -> Case:
    """As where two folders cannot change places in one step."""

    def command(work: Path) -> object:
        publishing._exchanger = lambda: None
        return case.command(work)

    return Case(case.template, command, case.place, case.world)


def test_a_build_is_killed_here_and_there(made, tmp_path, record_property):
    case = build_case(made, tmp_path, "both", True, "changed")
    record_property("kills", kill_everywhere(case, tmp_path / "work", some(8)))


def test_a_build_is_killed_where_folders_cannot_change_places(made, tmp_path):
    case = without_exchange(build_case(made, tmp_path, "java", False, "changed"))

    def publishing_only(operations: list[str]) -> list[int]:
        first = next(number for number, what in enumerate(operations) if "publishing.json" in what)
        return [*range(first, first + 9), len(operations) - 1]

    assert kill_everywhere(case, tmp_path / "work", publishing_only) > 9


@pytest.mark.parametrize("kind", ["folder", "upgraded", "zip", "mcworld", "database"])
def test_a_change_of_layers_is_killed_here_and_there(kind, made, tmp_path):
    kill_everywhere(layers_case(made, tmp_path, kind, True), tmp_path / "work", some(5))


def test_a_pack_is_killed_here_and_there(made, tmp_path):
    kill_everywhere(pack_case(made, tmp_path, "both", True, True), tmp_path / "work", some(3))


@pytest.mark.stress
@pytest.mark.parametrize("old", ["nothing", "built", "changed"])
@pytest.mark.parametrize("plans", [True, False], ids=["plans", "bare"])
@pytest.mark.parametrize("editions", list(EDITIONS))
def test_a_build_is_killed_before_each_operation(
    editions, plans, old, made, tmp_path, record_property
):
    kills = kill_everywhere(
        build_case(made, tmp_path, editions, plans, old), tmp_path / "work", every
    )
    record_property("kills", kills)
    print(f"build {editions} {plans} over {old}: {kills} kills")


@pytest.mark.stress
@pytest.mark.parametrize("show", [True, False], ids=["show", "hide"])
@pytest.mark.parametrize("kind", ["folder", "upgraded", "zip", "mcworld", "database"])
def test_a_change_of_layers_is_killed_before_each_operation(
    kind, show, made, tmp_path, record_property
):
    kills = kill_everywhere(layers_case(made, tmp_path, kind, show), tmp_path / "work", every)
    record_property("kills", kills)
    print(f"layers {'show' if show else 'hide'} {kind}: {kills} kills")


@pytest.mark.stress
@pytest.mark.parametrize("over", [True, False], ids=["over another", "fresh"])
@pytest.mark.parametrize("plans", [True, False], ids=["plans", "bare"])
@pytest.mark.parametrize("editions", list(EDITIONS))
def test_a_pack_is_killed_before_each_operation(
    editions, plans, over, made, tmp_path, record_property
):
    kills = kill_everywhere(
        pack_case(made, tmp_path, editions, plans, over), tmp_path / "work", every
    )
    record_property("kills", kills)
    print(f"pack {editions} {plans}: {kills} kills")
