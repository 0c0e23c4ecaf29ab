"""What a disk, a game or somebody else does while a world is built or changed: two clear lines, and
the old world or the new one."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mc_city.build import build as pipeline
from mc_city.build import pools, publishing
from mc_city.build.build import build
from mc_city.build.publishing import partial_folder
from mc_city.build.staging import disk_errors
from mc_city.handout.handout import pack
from mc_city.saved.changing import CHANGE
from mc_city.saved.facts import read_facts
from mc_city.saved.switching import toggle
from tests.conftest import quiet
from tests.kills.city import built, tiny_config
from tests.kills.killing import fresh, run, tree
from worlds.errors import SourceError, WorldError

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="counts operations in forks, as Linux names them"
)


@pytest.fixture
def java_out(made) -> Path:
    return made("java", True) / "out"


@pytest.fixture
def config(java_out):
    return tiny_config(java_out.parent.with_name(f"{java_out.parent.name}-city"), True, "java")


def refused(command: Callable[[], object], error: type[Exception] = WorldError) -> str:
    with pytest.raises(error) as caught:
        command()
    assert caught.value.hint
    assert "\n" not in f"{caught.value}{caught.value.hint}"
    return str(caught.value)


@contextmanager
def failing(number: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Every writing of a file below a folder fails with an error number from now on; gives the
    files that were asked for."""
    asked: list[Path] = []
    real = os.open

    def opened(path, flags, *more, **named):
        if flags & (os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(folder)):
            asked.append(Path(path))
            raise OSError(number, os.strerror(number), str(path))
        return real(path, flags, *more, **named)

    def path_open(self, mode="r", *arguments, **named):
        if set(mode) & set("wa+x") and str(self).startswith(str(folder)):
            asked.append(self)
            raise OSError(number, os.strerror(number), str(self))
        return real_path_open(self, mode, *arguments, **named)

    real_path_open = Path.open
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", opened)
        patch.setattr(Path, "open", path_open)
        yield asked


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_folder_that_is_not_to_be_written_is_said_before_the_work(
    number, config, tmp_path, monkeypatch
):
    monkeypatch.setattr(pipeline, "read_area", None)
    with failing(number, tmp_path, monkeypatch):
        assert "cannot be written" in refused(
            lambda: build(config, tmp_path / "out", 1, False, quiet)
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_disk_that_refuses_leaves_the_world_that_layers_would_change(
    number, java_out, tmp_path, monkeypatch
):
    world = fresh(java_out / "Liten", tmp_path / "Liten")
    old = tree(world)

    def refuses(path, _):
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as patch:
        patch.setattr("worlds.java.saved.write_region", refuses)

        def change() -> None:
            with disk_errors(world):
                toggle(world, [], True, quiet)

        assert ("disk is full" if number == errno.ENOSPC else "cannot be written") in refused(
            change
        )
    assert tree(world) == old
    toggle(world, [], True, quiet)
    assert [path.name for path in tmp_path.glob("*.zip")] == ["Liten-backup-1.zip"]


def test_the_disk_is_full_at_any_file_of_a_build(java_out, config, tmp_path):
    """Each opening for writing fails in turn; what was there stays, and the same command goes on
    when there is room."""
    template = tmp_path / "template"
    template.mkdir()
    fresh(java_out, template / "out")
    (template / "out" / "mine.txt").write_text("dear", "utf-8")
    work = tmp_path / "work"

    def command() -> None:
        built(config, work / "out", force=True)

    old = tree(fresh(template, work))
    operations = run(command, work).operations
    new = tree(work)
    opens = [number for number, what in enumerate(operations) if what.startswith("open ")]
    for number in opens[:: max(1, len(opens) // 6)]:
        fresh(template, work)
        ended = run(command, work, number, refuse=errno.ENOSPC)
        if "/.out.regions/" in operations[number]:
            # What only later builds need is left away.
            assert ended.text == ""
            assert tree(work) == new
            continue
        assert "the disk is full" in ended.text or "cannot be" in ended.text, operations[number]
        assert {name: value for name, value in tree(work).items() if name.startswith("out/")} == old
        assert run(command, work).text == ""
        assert tree(work) == new


def test_a_mounted_folder_is_refused_before_the_work(config, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "read_area", None)
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path / "disk")
    assert "mounted" in refused(lambda: build(config, tmp_path / "disk", 1, False, quiet))


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="no second disk here")
def test_a_world_is_built_on_another_disk(java_out, config, tmp_path):
    import tempfile

    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        assert Path(folder).stat().st_dev != tmp_path.stat().st_dev
        out = built(config, Path(folder) / "out")
        (out / "mine.txt").write_text("dear", "utf-8")
        built(config, out, force=True)
        assert tree(out) == tree(java_out)
        toggle(out / "Liten", [], True, quiet)
        assert {path.name for path in Path(folder).iterdir()} == {
            "out",
            "out-backup-1",
            ".out.lock",
            ".out.regions",
        }


def test_a_rename_that_fails_leaves_the_old_world(java_out, config, tmp_path, monkeypatch):
    """As on Windows, when a file in it is open."""
    out = fresh(java_out, tmp_path / "out")
    (out / "mine.txt").write_text("dear", "utf-8")
    old, replace = tree(out), os.replace

    def held(source, target):
        if Path(source) == out:
            raise PermissionError(errno.EACCES, "Access is denied", str(source))
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "exchanged", lambda *_: False)
        patch.setattr(os, "replace", held)
        assert "cannot be written" in refused(lambda: build(config, out, 1, True, quiet))
    assert tree(out) == old
    assert build(config, out, 1, True, quiet)["kept_old_as"] == str(tmp_path / "out-backup-1")
    assert tree(out) == tree(java_out)
    assert tree(tmp_path / "out-backup-1") == old


def test_a_link_stays_a_link(java_out, config, tmp_path):
    (tmp_path / "disk").mkdir()
    link = tmp_path / "out"
    link.symlink_to(tmp_path / "disk" / "world", target_is_directory=True)
    for _ in range(2):
        built(config, link)
        assert link.is_symlink()
        assert tree(tmp_path / "disk" / "world") == tree(java_out)
    assert {path.name for path in (tmp_path / "disk").iterdir()} == {
        "world",
        ".world.lock",
        ".world.regions",
    }
    assert {path.name for path in tmp_path.iterdir()} == {"disk", "out"}


def test_an_archive_behind_a_link_is_changed_where_it_lies(java_out, tmp_path):
    (tmp_path / "disk").mkdir()
    target = tmp_path / "disk" / "Liten.zip"
    target.write_bytes((java_out / "Liten-java.zip").read_bytes())
    link = tmp_path / "Liten.zip"
    link.symlink_to(target)
    toggle(link, [], True, quiet)
    assert link.is_symlink()
    assert read_facts(target)["layer_states"][0]["shown"]


def test_of_two_builds_into_one_folder_the_second_is_refused(java_out, config, tmp_path):
    tried = []

    def meanwhile(what: str, *_: object) -> None:
        if what == "regions" and not tried:
            tried.append(refused(lambda: build(config, tmp_path / "out", 1, False, quiet)))

    build(config, tmp_path / "out", 1, False, meanwhile)
    assert "another build" in tried[0]
    assert tree(tmp_path / "out") == tree(java_out)


def test_of_two_changes_of_an_archive_the_second_is_refused(java_out, tmp_path):
    world = tmp_path / "Liten.zip"
    world.write_bytes((java_out / "Liten-java.zip").read_bytes())
    tried = []

    def meanwhile(*_: object) -> None:
        if not tried:
            tried.append(refused(lambda: toggle(world, [], True, quiet)))

    toggle(world, [], True, meanwhile)
    assert "another command" in tried[0]


def same_size(path: Path, back: bool) -> None:
    """Changes a source without changing its size, and sets the time of its change to what it was,
    or before."""
    stat = path.stat()
    text = path.read_text("utf-8")
    other = text.replace('"floors": 2', '"floors": 9', 1)
    assert other != text
    path.write_text(other, "utf-8")
    before = stat.st_mtime_ns - (3_600_000_000_000 if back else 0)
    os.utime(path, ns=(before, before))


@pytest.mark.parametrize("back", [True, False], ids=["clock set back", "at the same time"])
def test_a_source_that_is_changed_meanwhile_is_noticed(back, java_out, tmp_path):
    config = tiny_config(tmp_path / "city", True, "java")
    out = fresh(java_out, tmp_path / "out")
    changed = []

    def meanwhile(what: str, *_: object) -> None:
        if what == "regions" and not changed:
            changed.append(same_size(tmp_path / "city" / "plans.geojson", back))

    assert "was changed while" in refused(
        lambda: build(config, out, 1, False, meanwhile), SourceError
    )
    assert tree(out) == tree(java_out), "the old world stays"
    assert not partial_folder(out).exists(), "nothing of the mixture is left to go on from"


@pytest.mark.parametrize("back", [True, False], ids=["clock set back", "at the same time"])
def test_a_killed_build_does_not_go_on_with_other_sources(back, tmp_path, monkeypatch):
    config = tiny_config(tmp_path / "city", True, "java")

    def killed(what: str, *_: object) -> None:
        if what == "map":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(config, tmp_path / "out", 1, False, killed)
    assert len(list((partial_folder(tmp_path / "out") / "done").iterdir())) == 2
    same_size(tmp_path / "city" / "plans.geojson", back)
    drawn = []
    real = pools.make_region
    monkeypatch.setattr(
        pools, "make_region", lambda plan, region: drawn.append(region) or real(plan, region)
    )
    build(config, tmp_path / "out", 1, False, quiet)
    assert len(drawn) == 2


@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_a_region_counts_as_done_only_with_its_files(
    damage, java_out, config, tmp_path, monkeypatch
):
    def killed(what: str, *_: object) -> None:
        if what == "map":
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        build(config, out, 1, False, killed)
    region = partial_folder(out) / "out" / "Liten" / "region" / "r.0.0.mca"
    data = region.read_bytes()
    region.unlink()
    if damage != "gone":
        region.write_bytes(data[:-4096] if damage == "cut" else bytes(len(data)))
    (partial_folder(out) / "out" / "Liten" / "left.partial").write_bytes(b"half")
    drawn = []
    real = pools.make_region
    monkeypatch.setattr(
        pools, "make_region", lambda plan, region: drawn.append(region) or real(plan, region)
    )
    build(config, out, 1, False, quiet)
    assert drawn == [(0, 0)]
    assert tree(out) == tree(java_out)


@contextmanager
def held_by_another(lock: Path) -> Iterator[None]:
    """Another process holds a file as the game does."""
    import fcntl

    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT)
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(ready[1], b"x")
        os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    try:
        yield
    finally:
        os.write(done[1], b"x")
        os.waitpid(child, 0)
        for end in (*ready, *done):
            os.close(end)


@pytest.mark.parametrize("lock", ["Liten/session.lock", "Liten/db/LOCK"])
def test_a_world_that_a_game_has_open_is_not_replaced(lock, java_out, config, tmp_path):
    out = fresh(java_out, tmp_path / "out")
    (out / lock).parent.mkdir(exist_ok=True)
    (out / lock).write_bytes(b"\xe2\x98\x83")
    with held_by_another(out / lock):
        assert "open in Minecraft" in refused(lambda: build(config, out, 1, True, quiet))
    assert build(config, out, 1, True, quiet)["kept_old_as"]


def test_a_world_that_is_opened_during_the_build_is_not_replaced(java_out, config, tmp_path):
    out = fresh(java_out, tmp_path / "out")
    (out / "Liten" / "session.lock").write_bytes(b"\xe2\x98\x83")
    old = tree(out)
    with held_by_another(out / "Liten" / "lock"):

        def build_it() -> None:
            holding = []

            def opens(what: str, *_: object) -> None:
                if what == "map" and not holding:
                    holding.append(held_by_another(out / "Liten" / "session.lock"))
                    holding[0].__enter__()

            try:
                build(config, out, 1, True, opens)
            finally:
                holding[0].__exit__(None, None, None)

        assert "open in Minecraft" in refused(build_it)
    assert {name: value for name, value in tree(out).items() if name != "Liten/lock"} == old


def test_layers_of_a_world_that_a_game_has_open_stay(java_out, tmp_path):
    world = fresh(java_out / "Liten", tmp_path / "Liten")
    (world / "session.lock").write_bytes(b"\xe2\x98\x83")
    old = tree(world)
    with held_by_another(world / "session.lock"):
        assert "open in Minecraft" in refused(lambda: toggle(world, [], True, quiet))
    assert tree(world) == old
    assert list(tmp_path.iterdir()) == [world], "no backup of nothing"


def half_changed(world: Path, work: Path) -> None:
    """A change of its layers that is killed between two region files."""
    operations = run(lambda: toggle(world, [], True, quiet), work)
    moves = [
        number
        for number, what in enumerate(operations.operations)
        if what.startswith("rename") and "/region/" in what
    ]
    fresh(work.with_name("template"), work)
    assert run(lambda: toggle(world, [], True, quiet), work, moves[-1]).killed
    assert (world / CHANGE / "journal.json").exists()


@pytest.fixture
def interrupted(java_out, tmp_path) -> Path:
    fresh(java_out / "Liten", tmp_path / "template" / "Liten")
    work = fresh(tmp_path / "template", tmp_path / "work")
    half_changed(work / "Liten", work)
    return work / "Liten"


def test_a_world_that_was_played_half_changed_keeps_what_was_played(interrupted):
    """Between the kill and the next command: then the change is taken up from what stands there,
    with a backup of that."""
    import nbtlib

    level = nbtlib.load(interrupted / "level.dat")
    played = interrupted / "region" / "r.0.0.mca"
    data = bytearray(played.read_bytes())
    data[4096:4100] = (12345).to_bytes(4, "big")
    played.write_bytes(data)
    assert "DataVersion" in level["Data"]
    facts = read_facts(interrupted)
    assert facts["layer_states"][0]["shown"]
    assert not (interrupted / CHANGE).exists()
    assert played.read_bytes()[4096:4100] == data[4096:4100]
    done = toggle(interrupted, [], True, quiet)
    assert done.changed, "what was not finished is"
    assert done.backup.name == "Liten-backup-2.zip"
    assert played.read_bytes()[4096:4100] == data[4096:4100]


def test_a_half_changed_world_that_a_game_opens_is_left_to_it(interrupted):
    with held_by_another(interrupted / "session.lock"):
        read_facts(interrupted)
    assert (interrupted / CHANGE).exists()
    read_facts(interrupted)
    assert not (interrupted / CHANGE).exists()


@pytest.mark.parametrize(
    "step", [{"target": "../../stolen"}, {"source": "../../../secret"}, {"target": "/stolen"}]
)
def test_a_journal_that_leads_out_of_its_world_is_none(step, java_out, tmp_path):
    world = fresh(java_out / "Liten", tmp_path / "a" / "Liten")
    (tmp_path / "secret").write_text("mine", "utf-8")
    (world / CHANGE).mkdir()
    (world / CHANGE / "file").write_text("theirs", "utf-8")
    facts = {"source": "file", "target": "file", "before": None, "after": None, **step}
    (world / CHANGE / "journal.json").write_text(json.dumps([facts]), "utf-8")
    read_facts(world)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "secret"]
    assert list((tmp_path / "a").iterdir()) == [world]
    assert not (world / "file").exists()
    assert not (world / CHANGE).exists()


def test_what_is_damaged_in_a_change_is_said_of_the_world(java_out, tmp_path):
    """Not of the mirror, which is gone then."""
    world = fresh(java_out / "Liten", tmp_path / "Liten")
    region = world / "region" / "r.0.0.mca"
    data = bytearray(region.read_bytes())
    data[8192 + 5 : 8192 + 300] = bytes(295)
    region.write_bytes(data)
    said = refused(lambda: toggle(world, [], True, quiet))
    assert str(region) in said
    assert CHANGE not in said
    assert not (world / CHANGE).exists()


def test_pack_takes_up_where_it_was_killed_without_force(java_out, tmp_path):
    work = tmp_path / "work"
    fresh(java_out, work / "out")
    template = fresh(work, tmp_path / "template")
    operations = run(lambda: pack(work / "out", None, False, 1, quiet), work).operations
    new = tree(work)
    last = next(
        number for number, what in enumerate(operations) if what.startswith("rename /out-handout")
    )
    fresh(template, work)
    assert run(lambda: pack(work / "out", None, False, 1, quiet), work, last + 1).killed
    assert (work / "out-handout").is_dir()
    again = run(lambda: pack(work / "out", None, False, 1, quiet), work)
    assert again.text == ""
    assert tree(work) == new
    assert "is there already" in run(lambda: pack(work / "out", None, False, 1, quiet), work).text
