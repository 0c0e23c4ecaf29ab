"""Whatever a child builds is found, and nothing else: in both editions, in whatever layers are
shown."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from mc_city.harvest.differing import find_difference
from mc_city.saved.switching import toggle
from tests.conftest import quiet
from tests.harvest.child import build_in, hut
from worlds.layers import LAYERS_FILE, note_path

EDITIONS = ("java", "bedrock")


def unpacked(out: Path, edition: str, target: Path) -> Path:
    """The folder of a world of a build, as it was handed out."""
    if edition == "java":
        shutil.copytree(out / "Liten", target)
    else:
        target.mkdir(parents=True)
        with zipfile.ZipFile(out / "Liten.mcworld") as archive:
            archive.extractall(target)
    return target


def found_in(base: Path, world: Path) -> dict[tuple[int, int, int], tuple[str, str]]:
    built = find_difference(base, world, quiet).built
    return {
        (x, y, z): (built.states[before].name, built.states[after].name)
        for x, y, z, before, after in zip(
            built.x.tolist(), built.y.tolist(), built.z.tolist(), built.before.tolist(),
            built.after.tolist(), strict=True,
        )
    }  # fmt: skip


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("shown", [False, True])
def test_a_hut_is_found_whole_and_nothing_else(planned_out, tmp_path, edition, shown):
    out = planned_out()
    base = unpacked(out, edition, tmp_path / "base")
    world = unpacked(out, edition, tmp_path / "world")
    assert found_in(base, world) == {}
    wanted = hut(-58, 100, -60)
    build_in(world, wanted)
    if shown:
        toggle(world, ["alfa"], True, quiet)
    found = found_in(base, world)
    assert {at: after for at, (_, after) in found.items()} == wanted
    # Some programs drop what a world says of itself; its scores stay.
    note_path(world, LAYERS_FILE).unlink()
    assert found_in(base, world) == found
