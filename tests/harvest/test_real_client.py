"""A client that we did not write builds by hand on a server that we did not write: every block it
placed is found, and no other."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from mc_city.harvest.differing import find_difference
from tests.conftest import quiet
from tests.packs.programs import READERS, npm_folder

AT = (-56, 100, -56)


@pytest.mark.slow
def test_blocks_placed_by_hand_are_found_and_no_others(planned_out, tmp_path):
    out = planned_out()
    world = shutil.copytree(out / "Liten", tmp_path / "world")
    folder = npm_folder(READERS / "squid")
    built = find_difference(out / "Liten", world, quiet).built
    assert len(built) == 0
    command = ["node", str(folder / "build.js"), "1.21.4", str(world), *map(str, AT), "gold_block"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith("[[")]
    placed = {tuple(place) for place in json.loads(lines[-1])}
    assert len(placed) >= 6
    built = find_difference(out / "Liten", world, quiet).built
    found = set(zip(built.x.tolist(), built.y.tolist(), built.z.tolist(), strict=True))
    assert found == placed
    assert {built.states[number].name for number in built.after.tolist()} == {
        "minecraft:gold_block"
    }
