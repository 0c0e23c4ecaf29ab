"""What is built is sent to a store whole, with its report last; nothing of others' is replaced, and
what a cut sending left is gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest

from mc_city.build import delivery
from mc_city.build.delivery import BEGUN, Store, deliver, local_folder, opened_store
from mc_city.build.staging import MARK, inventory
from mc_city.settings.config import Config, read_config
from tests.conftest import quiet
from tests.kills.city import write_tiny_city
from worlds.errors import McCityError, WorldError

FILES = {"Liten/level.dat": b"level", "Liten/region/r.0.0.mca": b"blocks" * 9, "map.png": b"map"}


def refused(command: Callable[[], object], error: type[McCityError] = WorldError) -> str:
    with pytest.raises(error) as caught:
        command()
    assert caught.value.hint
    assert "\n" not in f"{caught.value}{caught.value.hint}"
    return str(caught.value)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.chdir(tmp_path)
    return read_config(write_tiny_city(tmp_path / "city", False))


@pytest.fixture(params=["memory", "file"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    name = f"{tmp_path.name}/{request.node.name}".replace("[", "-").replace("]", "")
    if request.param == "file":
        return (tmp_path / "store" / "liten").as_uri()
    return f"memory://{name}"


class Maker:
    """In place of a build: writes files and their report."""

    def __init__(self, files: dict[str, bytes] = FILES) -> None:
        self.files, self.made = files, 0

    def __call__(self, folder: Path) -> Any:
        self.made += 1
        for name, data in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        for path in folder.rglob("*"):
            if path.is_file() and path.relative_to(folder).as_posix() not in self.files:
                path.unlink()
        report = {"files": inventory(folder)}
        (folder / MARK).write_text(json.dumps(report), "utf-8")
        return report


def sent(address: str, config: Config, make: Maker, force: bool = False) -> int:
    return deliver(address, config, (), force=force, progress=quiet, make=make).sent


def contents(address: str) -> dict[str, bytes]:
    store = opened_store(address)
    return {name: store.files.cat_file(store.path(name)) for name in store.sizes()}


def test_all_is_sent_and_the_report_last(address, config, monkeypatch):
    order: list[str] = []
    real = Store.put
    monkeypatch.setattr(
        Store, "put", lambda self, file, name: order.append(name) or real(self, file, name)
    )
    make = Maker()
    assert sent(address, config, make) == len(FILES) + 1
    assert order[-1] == MARK
    held = contents(address)
    assert {name: data for name, data in held.items() if name != MARK} == FILES
    assert json.loads(held[MARK])["files"] == inventory(local_folder(address))
    assert sent(address, config, make) == 0
    assert make.made == 1, "what waits here whole is not built again"


@pytest.mark.parametrize("after", range(len(FILES) + 1))
def test_a_cut_sending_is_finished_by_the_next_run(after, address, config, monkeypatch):
    real, make, put = Store.put, Maker(), []

    def cut(self: Store, file: Path, name: str) -> None:
        if len(put) == after:
            raise WorldError("cut", hint="again")
        put.append(name)
        real(self, file, name)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", cut)
        refused(lambda: sent(address, config, make))
    held = contents(address)
    assert MARK not in held
    assert BEGUN in held
    assert sent(address, config, make) == len(FILES) + 1 - after
    assert make.made == 1
    assert {*contents(address)} == {*FILES, MARK}


def test_half_a_file_is_sent_again(address, config, monkeypatch):
    make = Maker()
    with monkeypatch.context() as patch:
        patch.setattr(
            Store, "remove", lambda *_: (_ for _ in ()).throw(WorldError("cut", hint="again"))
        )
        refused(lambda: sent(address, config, make))
    store = opened_store(address)
    store.files.rm_file(store.path(MARK))
    store.files.pipe_file(store.path("map.png"), b"m")
    assert sent(address, config, make) == 2
    assert contents(address)["map.png"] == b"map"


def test_what_others_left_there_stays(address, config):
    store, make = opened_store(address), Maker()
    store.write("mine.txt", "dear")
    assert "did not make" in refused(lambda: sent(address, config, make))
    assert make.made == 0
    assert contents(address) == {"mine.txt": b"dear"}
    sent(address, config, make, force=True)
    assert {*contents(address)} == {*FILES, MARK, "mine.txt"}


@pytest.mark.parametrize("note", [MARK, BEGUN])
def test_another_build_is_replaced_only_when_that_is_asked_for(note, address, config):
    store, make = opened_store(address), Maker()
    store.write(note, json.dumps({"files": {"old/level.dat": "0"}}))
    store.write("old/level.dat", "old")
    assert "build" in refused(lambda: sent(address, config, make))
    assert make.made == 0
    sent(address, config, make, force=True)
    assert {*contents(address)} == {*FILES, MARK}


def test_other_settings_build_anew(address, config):
    make = Maker()
    sent(address, config, make)
    other = config.with_world(editions=("java",))
    assert "holds a build already" in refused(lambda: sent(address, other, make))
    sent(address, other, make, force=True)
    assert make.made == 2


def test_what_waits_here_is_built_again_where_that_is_asked_for(address, config):
    """As `--keep-builds` and `--afresh` do: what waits has not what somebody built since."""
    assert sent(address, config, Maker()) == 4
    other = Maker({**FILES, "map.png": b"another map"})
    given = {"progress": quiet, "make": other, "anew": True}
    assert deliver(address, config, (), force=True, **given).sent == 4
    assert other.made == 1
    assert contents(address)["map.png"] == b"another map"


def test_a_damaged_note_there_is_none_of_ours(address, config):
    opened_store(address).write(MARK, '{"files": [1, 2')
    assert "holds a build already" in refused(lambda: sent(address, config, Maker()))


def test_a_folder_that_was_changed_here_is_built_again(address, config):
    make = Maker()
    sent(address, config, make)
    (local_folder(address) / "map.png").write_bytes(b"other")
    sent(address, config, make, force=True)
    assert make.made == 2
    assert contents(address)["map.png"] == b"map"


def test_what_a_store_raises_is_two_lines():
    def gone(*_: object, **__: object) -> None:
        raise RuntimeError("no\naccount")

    store = Store("s3://x/y", SimpleNamespace(find=gone), "x/y")
    assert "cannot be reached or written (RuntimeError: no account)" in refused(store.sizes)


@pytest.mark.parametrize("given", ["s3://", "S3://x", "s3://x y", "nothing://x/y", "://x"])
def test_addresses_that_are_none(given):
    with pytest.raises(McCityError):
        opened_store(given)


def test_without_fsspec_two_lines_say_how_to_get_it(monkeypatch):
    monkeypatch.setattr(delivery, "find_spec", lambda _: None)
    assert "fsspec" in refused(lambda: opened_store("memory://x"))
    monkeypatch.undo()

    def lacks(*_: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", lacks)
    assert "Install s3fs" in refused(lambda: opened_store("s3://x/y"))


def test_an_address_has_a_folder_of_its_own_here():
    names = [local_folder(one) for one in ("s3://a/city", "gs://a/city", "s3://a/å ö/", "s3://a")]
    assert len(set(names)) == 4
    assert all(len(name.parts) == 1 for name in names)
    assert local_folder("s3://a/city/") == local_folder("s3://a/city")
