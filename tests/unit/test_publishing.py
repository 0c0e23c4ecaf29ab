"""Folders and links that stand where a build makes its own."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mc_city.build.build import build
from mc_city.build.estimate import estimate
from mc_city.build.publishing import JOURNAL, partial_folder, put_right
from mc_city.build.staging import NEW, claimed, inventory, publish, require_replaceable, staging
from mc_city.settings.config import read_config
from mc_city.starter import write_starter
from tests.conftest import quiet, write_city
from worlds.errors import McCityError, WorldError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


def build_into(out: Path) -> None:
    """What a build does to OUT and beside it."""
    with claimed(out) as published:
        require_replaceable(out, False)
        with staging(out, "fingerprint") as folder:
            (folder / NEW).mkdir(exist_ok=True)
            (folder / NEW / "world").write_text("new", "utf-8")
            publish(out, inventory(folder / NEW), published)


def refused(out: Path) -> str:
    with pytest.raises(WorldError) as caught:
        build_into(out)
    return str(caught.value)


@pytest.mark.parametrize("inside", ["a", "fingerprint", JOURNAL])
def test_a_partial_folder_that_leads_elsewhere_takes_nothing_with_it(tmp_path, inside):
    """Whatever is in the other folder; it was emptied once its words were those of a build."""
    out, other = tmp_path / "out", tmp_path / "other"
    (other / "folder").mkdir(parents=True)
    (other / "folder" / "thesis").write_text("precious", "utf-8")
    words = {"fingerprint": "fingerprint", JOURNAL: '{"new": [1, 2], "keep": false, "files": {}}'}
    (other / inside).write_text(words.get(inside, "x"), "utf-8")
    out.mkdir()
    before = sorted(other.rglob("*"))
    partial_folder(out).symlink_to(other)
    put_right(out)
    build_into(out)
    assert (out / "world").read_text("utf-8") == "new"
    assert sorted(other.rglob("*")) == before
    assert not partial_folder(out).is_symlink()


def test_a_file_in_the_place_of_the_partial_folder_is_no_end(tmp_path):
    partial_folder(tmp_path / "out").write_text("x", "utf-8")
    build_into(tmp_path / "out")
    assert (tmp_path / "out" / "world").exists()


def test_a_lock_that_leads_elsewhere_is_refused(tmp_path):
    (tmp_path / "victim").write_text("precious", "utf-8")
    (tmp_path / ".out.lock").symlink_to(tmp_path / "victim")
    assert "cannot be written" in refused(tmp_path / "out")
    assert (tmp_path / "victim").read_text("utf-8") == "precious"


def test_nothing_is_built_into_a_world(tmp_path):
    (tmp_path / "World" / "region").mkdir(parents=True)
    (tmp_path / "World" / "level.dat").write_bytes(b"x")
    for name in ("out", "region", "region/deep/out"):
        assert "inside the world" in refused(tmp_path / "World" / name)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["World", "level.dat", "region"]


def test_the_whole_disk_is_no_folder_for_a_world():
    assert "whole disk" in refused(Path("/"))


def test_a_link_to_itself_is_refused(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    config = read_config(write_city(tmp_path / "city"))
    commands = (
        lambda: build_into(tmp_path / "loop"),
        lambda: build(config, tmp_path / "loop", 1, False, quiet),
        lambda: estimate(config, tmp_path / "loop", 1),
        lambda: write_starter(tmp_path / "new", [tmp_path / "loop"]),
    )
    for command in commands:
        with suppress(McCityError):
            command()
    assert (tmp_path / "loop").is_symlink()
