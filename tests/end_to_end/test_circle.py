"""The whole circle: a world is handed out, children build in it, what they built is harvested,
named by the lab, and stands in the next world as a layer, block for block in both editions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from mc_city import api
from mc_city.build.build import build
from mc_city.build.zips import write_zip
from mc_city.harvest.around import opened_blocks
from mc_city.harvest.keeping import read_blocks
from mc_city.saved.switching import toggle
from mc_city.settings.config import read_config
from mc_city.site.land import read_ground
from terrain.frame import Grid
from tests.commands import run
from tests.conftest import quiet
from tests.detaljplaner import write_city_with_plans
from tests.end_to_end.test_detaljplan import LAYER, PLANS
from tests.harvest.child import build_in, hut
from tests.harvest.test_differing import unpacked
from tests.ideas import edited
from worlds.bedrock import reader as bedrock_reader
from worlds.bedrock import returned as bedrock
from worlds.bedrock.level import is_bedrock
from worlds.bedrock.mcworld import write_mcworld
from worlds.java import returned as java

OVER = 3
"""Blocks that the tower stands above the 14 m that the plan allows."""


def tower(x: int, y: int, z: int, blocks: int) -> dict[tuple[int, int, int], str]:
    """Walls of four by four, with fences that join on top of them."""
    found = {}
    for dx in range(4):
        for dz in range(4):
            for up in range(blocks):
                if dx in (0, 3) or dz in (0, 3):
                    found[x + dx, y + up, z + dz] = "minecraft:bricks"
    for dx in range(4):
        found[x + dx, y + blocks - 1, z] = (
            f"minecraft:oak_fence[east={str(dx < 3).lower()},north=false,south=false,"
            f"west={str(dx > 0).lower()},waterlogged=false]"
        )
    return found


@pytest.fixture(scope="module")
def circle(tmp_path_factory):
    """(configuration's file, OUT of the first world, the harvest's folder, the highest ground below
    the tower)."""
    base = tmp_path_factory.mktemp("circle")
    path = write_city_with_plans(base, *PLANS)
    config = read_config(path)
    build(config, base / "out", 1, False, quiet)
    from mc_city.city.reading import read_city

    land = read_city(config, quiet).land

    def ground(x: int, z: int, across: int) -> int:
        return int(read_ground(land, Grid(config.frame, x, z, across, across)).standing_y.max())

    top = ground(-52, -48, 4)
    folder = base / "klass 4b"
    folder.mkdir()
    java = unpacked(base / "out", "java", base / "java" / "Liten")
    build_in(java, tower(-52, top + 1, -48, 14 + OVER), {(-50, top + 1, -43): "Utsikten"})
    write_zip(java, folder / "07.zip")
    bedrock = unpacked(base / "out", "bedrock", base / "bedrock" / "Liten")
    build_in(bedrock, hut(0, ground(0, 40, 5) + 1, 40))
    write_mcworld(bedrock, folder / "08.mcworld")
    api.harvest(base / "out", [folder], base / "ideas")
    return path, base / "out", base / "ideas", top


def blocks_in(world: Path, kept) -> list[str]:
    """What stands in a world's folder where the blocks of a proposal are."""
    with opened_blocks(world) as regions:
        out = []
        for x, y, z in zip(kept.x.tolist(), kept.y.tolist(), kept.z.tolist(), strict=True):
            volume = regions((x >> 9, z >> 9))
            row, column, level = z - volume.z0, x - volume.x0, y - volume.y0
            known = 0 <= level < len(volume.ids)
            out.append(str(volume.palette.states[volume.ids[level, row, column]]) if known else "?")
    return out


def written(world: Path) -> dict[tuple[int, int, int], str]:
    """What is written on signs of a world's folder."""
    every, found = np.ones((32, 32), bool), {}
    if is_bedrock(world):
        with bedrock_reader.opened_regions(world) as held:
            for region in held.chunks:
                found |= {at: text for at, _, text in bedrock.texts_of(held, region, every)}
    else:
        for path in java.regions_of(world).values():
            found |= {at: text for at, _, text in java.texts_of(path, every)}
    return found


def names(states: list[str]) -> list[str]:
    return [state.partition("[")[0] for state in states]


def test_what_was_built_is_compared_with_what_the_plan_allows(circle):
    _, _, ideas, _ = circle
    table = gpd.read_file(ideas / "ideas.gpkg", layer="ideas")
    told = dict(zip(table.id, table.over_plan_m, strict=True))
    # The plan counts from the ground of each column, the tower stands on the highest.
    assert OVER <= told["4b-07-1"] <= OVER + 2
    assert np.isnan(told["4b-08-1"])
    assert "över vad planen medger" in (ideas / "ideas.html").read_text("utf-8")
    assert table.title.tolist()[0].endswith(" 1, klass 4b")
    assert table.build.isna().all()


def test_a_volume_is_compared_too(circle, tmp_path):
    path, _, ideas, _ = circle
    shutil.copytree(ideas, tmp_path / "ideas")
    edited(tmp_path / "ideas" / "ideas.gpkg", build=["volym", "nej"], kind=["tower", "house"])
    done = run("check", path, "--ideas", tmp_path / "ideas", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)["plans"]
    assert [(one["id"], one["built"]) for one in told["ideas"]] == [("4b-07-1", "volume")]
    # A house has whole storeys, and stands on the ground of its door.
    assert abs(told["ideas"][0]["over_plan_m"] - OVER) <= 3
    assert told["skipped"]["ideas that are not to be built"] == 1


def test_the_next_world_has_it_block_for_block_and_without_it_nothing(circle, tmp_path):
    path, out, ideas, top = circle
    harvest = tmp_path / "ideas"
    shutil.copytree(ideas, harvest)
    table = gpd.read_file(harvest / "ideas.gpkg", layer="ideas")
    title = ["Utsikten" if one == "4b-07-1" else name
             for one, name in zip(table.id, table.title, strict=True)]  # fmt: skip
    edited(harvest / "ideas.gpkg", title=title, build=["ja", "block"])
    done = run("build", path, "--ideas", harvest, "--show", "idea_4b_07_1", "--show",
               "idea_4b_08_1", "--out", tmp_path / "out", "--jobs", "1")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "m above what the plan allows" in done.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    told = {one["id"]: one for one in report["plans"]["ideas"]}
    assert told["4b-07-1"]["title"] == "Utsikten"
    assert OVER <= told["4b-07-1"]["over_plan_m"] <= OVER + 2
    assert told["4b-08-1"]["over_plan_m"] is None
    layers = {one["id"]: one for one in report["world"]["layers"]}
    assert layers["idea_4b_07_1"]["name"] == "Utsikten"
    assert layers["idea_4b_07_1"]["status"] == "idea"
    described = layers["idea_4b_07_1"]["description"].split("\n")
    assert described[0] == "Utsikten"
    assert any(line.endswith("meter över vad planen medger") for line in described)
    assert "done_year" not in layers["idea_4b_07_1"]
    for edition in ("java", "bedrock"):
        world = unpacked(tmp_path / "out", edition, tmp_path / edition)
        first = unpacked(out, edition, tmp_path / f"first {edition}")
        for own_id in ("4b-07-1", "4b-08-1"):
            kept = read_blocks(harvest, own_id)
            wanted = [str(kept.states[number]) for number in kept.after.tolist()]
            built = blocks_in(world, kept)
            if edition == "java":
                assert built == wanted
            assert names(built) == names(wanted)
        sign = (-50, top + 1, -43)
        assert written(world)[sign].strip() == "Utsikten"
        toggle(world, [], False, quiet)
        assert sign not in written(world)
        for own_id in ("4b-07-1", "4b-08-1"):
            kept = read_blocks(harvest, own_id)
            assert blocks_in(world, kept) == blocks_in(first, kept)
        toggle(world, ["idea_4b_07_1", LAYER], True, quiet)
        assert written(world)[sign].strip() == "Utsikten"
        kept = read_blocks(harvest, "4b-07-1")
        assert names(blocks_in(world, kept)) == names(
            [str(kept.states[number]) for number in kept.after.tolist()]
        )
