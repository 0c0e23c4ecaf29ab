"""A switched world is, block for block, the world that was built so: in any order, in the game's
files and on the command line."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import sys

import nbtlib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mc_city.city.differences import (
    differences,
    state_of_shown,
    switches_of,
    touched_columns,
)
from mc_city.city.drawing import draw, no_options, voxelise
from mc_city.city.reading import read_city
from mc_city.saved.switching import toggle
from mc_city.settings.config import read_config
from terrain.ground.ground import below_layers
from tests.commands import run
from tests.conftest import quiet
from tests.plans import feature, line, point, rectangle, write_planned_city
from tests.regions import window_of
from worlds.errors import SourceError, WorldError
from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume
from worlds.layers import combination, read_layers

LOW, HIGH = 0, 256


def range_of(volumes, changes):
    """(first y, y behind the last) of what is drawn in any of the volumes or placed by a change:
    below there are the ground's own layers in each of them, above it is air."""
    drawn = [(each.y0, each.y0 + len(each.ids)) for each in volumes]
    placed = [(int(each.y.min()), int(each.y.max()) + 1) for each in changes]
    lows, highs = zip(*drawn, *placed, strict=True)
    return min(lows), max(highs)


def levels(scene, volume, low, high):
    """(y, z, x) ids of a volume from `low` up to `high`, which hold its own range."""
    out = np.empty((high - low, *volume.ids.shape[1:]), np.uint16)
    below = below_layers(scene.blocks.ground, scene.version.min_y, volume.y0)
    start, end = volume.y0 - low, volume.y0 - low + len(volume.ids)
    out[:start] = below[len(below) - start :, None, None]
    out[start:end] = volume.ids
    out[end:] = 0
    return out


def switched(scene, base, built, found, state):
    """(reached, built): the blocks of today after placing every unit's combination of a state, and
    those that are drawn in it, over the same range of heights."""
    low, high = range_of((base, built), found.changes.values())
    out = levels(scene, base, low, high)
    switches = switches_of(scene)
    for unit in found.units:
        for piece in unit.pieces[combination(switches, unit.switches, state)]:
            change = found.changes[piece.name]
            out[change.y - low, change.z - base.z0, change.x - base.x0] = change.ids
    return out, levels(scene, built, low, high)


def all_states(switches):
    return list(itertools.product(*(range(switch.states) for switch in switches)))


@pytest.fixture(scope="module")
def planned(planned_config, planned_read):
    """(configuration, scene) of the small city with three layers that meet."""
    return planned_config, planned_read()


def assert_every_state_is_reached(scene):
    switches = switches_of(scene)
    for region in scene.grid.regions():
        found = differences(scene, voxelise(scene, *region))
        inside = scene.grid.region(*region).intersection(scene.grid)
        base = draw(scene, inside, no_options(scene))[0]
        for state in all_states(switches):
            drawn = draw(scene, inside, scene.developments.active(state))[0]
            reached, built = switched(scene, base, drawn, found, state)
            wrong = np.argwhere(reached != built)
            names = (
                [scene.palette.states[blocks[tuple(wrong[0])]] for blocks in (reached, built)]
                if len(wrong)
                else []
            )
            assert not len(wrong), (state, region, len(wrong), wrong[:3], names)


def test_every_state_of_layers_that_meet_is_what_is_built_directly(planned):
    _, scene = planned
    assert len(all_states(switches_of(scene))) == 12
    assert_every_state_is_reached(scene)


def test_a_unit_lists_the_same_places_in_every_combination_and_nothing_that_never_differs(planned):
    _, scene = planned
    for region in scene.grid.regions():
        found = differences(scene, voxelise(scene, *region))
        for unit in found.units:
            tables = []
            for pieces in unit.pieces:
                parts = [
                    found.changes[piece.name] for piece in pieces if "/clear_" not in piece.name
                ]
                tables.append(
                    np.concatenate(
                        [np.stack([part.x, part.y, part.z, part.ids]) for part in parts], axis=1
                    )
                )
            places = {table[:3].tobytes() for table in tables}
            assert len(places) == 1
            ids = np.stack([table[3] for table in tables])
            assert (ids != ids[0]).any(axis=0).all()


metres = st.integers(-58, 58)
sizes = st.integers(4, 40)


@st.composite
def planned_features(draw, layer):
    west, south = draw(metres), draw(metres)
    place = rectangle(west, south, west + draw(sizes), south + draw(sizes))
    variant = draw(st.sampled_from([None, None, "a", "b"]))
    role = draw(
        st.sampled_from(["building", "building", "ground", "water", "street", "tree", "demolish"])
    )
    facts = {"layer": layer, "role": role} | ({"variant": variant} if variant else {})
    if role == "building":
        roof = draw(st.sampled_from(["flat", "gable", "hip", "mansard"]))
        return feature(place, floors=draw(st.integers(1, 9)), roof_shape=roof, **facts)
    if role == "ground":
        level = draw(st.sampled_from([None, None, 3.0, 12.0, 25.0]))
        return feature(
            place,
            surface=draw(st.sampled_from(["park", "quay", "square", "playground"])),
            level_m=level,
            **facts,
        )
    if role == "water":
        return feature(place, level_m=draw(st.sampled_from([None, 10.0])), **facts)
    if role == "street":
        return feature(
            line((west, south), (draw(metres), draw(metres) + 0.5)), highway="residential", **facts
        )
    if role == "tree":
        return feature(
            point(west, south),
            species=draw(st.sampled_from(["birch", "oak", "spruce", "pine"])),
            **facts,
        )
    return feature(place, **facts)


@st.composite
def plans(draw):
    features = []
    for layer in ("alfa", "beta", "gamma")[: draw(st.integers(1, 3))]:
        features += draw(st.lists(planned_features(layer), min_size=1, max_size=4))
        if draw(st.booleans()):
            features.append(
                feature(
                    point(draw(metres), draw(metres)),
                    layer=layer,
                    role="info",
                    name=layer,
                    done_year=draw(st.integers(2026, 2040)),
                )
            )
    return features


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_generated_plans_reach_every_state(tmp_path_factory, features):
    config = read_config(write_planned_city(tmp_path_factory.mktemp("generated"), features))
    assert_every_state_is_reached(read_city(config, quiet))


def world_blocks(world, numbers):
    """{region: (chunks that are there, (y, z, x) around them)} of a written world; states by their
    number in `numbers`, which grows."""
    out = {}
    for x, z, path in region_files(world):
        volume, present = read_region_volume(path)
        table = np.array(
            [numbers.setdefault(state, len(numbers)) for state in volume.palette.states], np.uint16
        )
        ids = volume.ids[window_of(present)]
        blocks = np.full((HIGH - LOW, *ids.shape[1:]), table[0], np.uint16)
        low = max(LOW, volume.y0)
        blocks[low - LOW : volume.y0 + len(ids) - LOW] = table[ids[low - volume.y0 :]]
        out[x, z] = present, blocks
    return out


def assert_same_blocks(first, second):
    numbers = {}
    one, other = world_blocks(first, numbers), world_blocks(second, numbers)
    assert one.keys() == other.keys()
    for region, (present, blocks) in one.items():
        assert np.array_equal(present, other[region][0]), region
        assert np.array_equal(blocks, other[region][1]), region


@pytest.fixture(scope="module")
def built(planned_out):
    """Built worlds by the layers they begin with."""
    return {shown: planned_out(*shown) / "Liten" for shown in ((), ("alfa", "beta/b"), ("gamma",))}


def test_layers_show_makes_the_world_that_build_show_makes(built, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "world")
    assert toggle(world, ["gamma"], True, quiet).changed > 1000
    assert_same_blocks(world, built["gamma",])
    toggle(world, ["beta/b", "alfa"], True, quiet)
    toggle(world, ["gamma"], False, quiet)
    assert_same_blocks(world, built["alfa", "beta/b"])
    toggle(world, ["beta/a"], True, quiet)
    toggle(world, [], False, quiet)
    assert_same_blocks(world, built[()])
    state = nbtlib.load(world / "data" / "scoreboard.dat")["data"]["PlayerScores"]
    built_state = nbtlib.load(built[()] / "data" / "scoreboard.dat")["data"]["PlayerScores"]
    assert {(s["Objective"], s["Name"], int(s["Score"])) for s in state} == {
        (s["Objective"], s["Name"], int(s["Score"])) for s in built_state
    }


def test_what_children_built_beside_stays_and_inside_is_counted(built, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "world")
    from worlds.java.saved import blocks_at, change_region
    from worlds.volume import Palette

    palette = Palette.of(["gold_block"])
    path = world / "region" / "r.-1.0.mca"
    # High over a planned house, and far away from all plans.
    x, y, z = (np.array(axis, np.int32) for axis in ((-5, -60), (130, 90), (20, 60)))
    change_region(path, x, y, z, np.array([1, 1]), palette)
    done = toggle(world, ["alfa"], True, quiet)
    assert done.strange == 0
    assert [state.name for state in blocks_at(path, x, y, z)] == ["minecraft:gold_block"] * 2
    toggle(world, ["alfa"], False, quiet)
    switches, units = read_layers(world)
    inside = next(unit for unit in units if unit.switches == (1,) and unit.pieces[0][0].at[0] < 0)
    piece = inside.pieces[0][-1]
    from worlds.java.datapack import structure_folder
    from worlds.java.structures import read_template
    from worlds.java.versions import java_version

    template = read_template(structure_folder(world, java_version("1.21.4")) / f"{piece.name}.nbt")
    spot = tuple(
        np.array([axis], np.int32)
        for axis in (
            piece.at[0] + template.x[0],
            piece.at[1] + template.y[0],
            piece.at[2] + template.z[0],
        )
    )
    region = world / "region" / f"r.{spot[0][0] >> 9}.{spot[2][0] >> 9}.mca"
    change_region(region, *spot, np.array([1]), palette)
    assert toggle(world, [switches[1].id], True, quiet).strange == 1


def test_a_backup_is_made_first_and_holds_the_world_as_it_was(built, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "world")
    done = toggle(world, ["alfa"], True, quiet)
    assert done.backup is not None
    shutil.unpack_archive(done.backup, tmp_path / "old")
    assert_same_blocks(tmp_path / "old" / "world", built[()])
    assert toggle(world, ["alfa"], True, quiet).backup is None, "nothing to do"
    assert len(list(tmp_path.glob("*.zip"))) == 1


def test_an_interrupted_change_is_finished_by_the_next(built, tmp_path, monkeypatch):
    world = shutil.copytree(built[()], tmp_path / "world")
    import worlds.java.units as module

    real, calls = module.change_region, []

    def fails_the_second_time(*arguments, **more):
        calls.append(arguments[0])
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return real(*arguments, **more)

    monkeypatch.setattr(module, "change_region", fails_the_second_time)
    with pytest.raises(RuntimeError):
        toggle(world, ["alfa", "beta/b"], True, quiet)
    monkeypatch.setattr(module, "change_region", real)
    done = toggle(world, ["alfa", "beta/b"], True, quiet)
    assert (done.strange, done.backup is None) == (0, False)
    assert_same_blocks(world, built["alfa", "beta/b"])


def test_a_world_that_is_open_is_refused_and_left_alone(built, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "world")
    (world / "session.lock").write_bytes("☃".encode())
    code = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(world / "session.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as game:
        assert game.stdout.readline() == b"held\n"
        with pytest.raises(WorldError, match="open"):
            toggle(world, ["alfa"], True, quiet)
        game.stdin.close()
    assert_same_blocks(world, built[()])
    assert not list(tmp_path.glob("*.zip"))


def test_a_zip_is_changed_as_a_folder_is(built, tmp_path):
    zipped = shutil.copy(built[()].parent / "Liten-java.zip", tmp_path / "Liten-java.zip")
    toggle(tmp_path / "Liten-java.zip", ["gamma"], True, quiet)
    shutil.unpack_archive(zipped, tmp_path / "new")
    assert_same_blocks(tmp_path / "new" / "Liten", built["gamma",])


def test_a_world_at_the_root_of_a_zip_stays_there(built, tmp_path):
    shutil.copytree(built[()], tmp_path / "all")
    (tmp_path / "all" / "notes").mkdir()
    (tmp_path / "all" / "notes" / "read me.txt").write_text("Hej", "utf-8")
    shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "all")
    toggle(tmp_path / "a.zip", ["gamma"], True, quiet)
    shutil.unpack_archive(tmp_path / "a.zip", tmp_path / "new")
    assert (tmp_path / "new" / "notes" / "read me.txt").exists()
    assert_same_blocks(tmp_path / "new", built["gamma",])
    assert sorted(path.name for path in tmp_path.glob("a*")) == ["a-backup-1.zip", "a.zip", "all"]


def test_names_that_are_none_are_refused_with_those_that_are(built, planned, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "world")
    with pytest.raises(WorldError, match="delta") as caught:
        toggle(world, ["delta"], True, quiet)
    assert "beta/a" in caught.value.hint
    with pytest.raises(SourceError, match="delta"):
        state_of_shown(planned[1], ["delta"])
    with pytest.raises(SourceError, match="variants"):
        state_of_shown(planned[1], ["beta/a", "beta/b"])


def test_the_command_line_lists_shows_and_hides(built, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "world")
    listed = run("layers", "list", str(world))
    assert [row.split()[:2] for row in listed.stdout.splitlines()] == [
        ["gamma", "hidden"], ["alfa", "hidden"], ["beta/a", "hidden"], ["beta/b", "hidden"],
    ]  # fmt: skip
    assert run("layers", "show", str(world), "alfa").returncode == 0
    assert "alfa  shown" in run("layers", "list", str(world)).stdout
    assert json.loads(run("info", "--json", str(world)).stdout)["layer_states"][1] == {
        "id": "alfa",
        "name": "Alfa kvarter",
        "shown": True,
    }
    wrong = run("layers", "show", str(world), "nowhere")
    assert wrong.returncode == 1
    assert len(wrong.stderr.strip().splitlines()) == 2
    assert run("map", "--layers", str(world), str(tmp_path / "both.png")).returncode == 0
    assert (tmp_path / "both.png").stat().st_size > 1000


def states_to_try(switches, mine):
    """Each option of the layers `mine` alone, all layers at once with either variant, the two that
    meet, and all but `mine` at once; those in which `mine` are alike once."""
    names = [switch.id for switch in switches]
    meet = {names.index("norra_kajen"), names.index("inre_hamnen")}
    others = tuple(0 if rank in mine else switch.states - 1 for rank, switch in enumerate(switches))
    wanted = [
        state
        for state in all_states(switches)
        if all(state)
        or sum(map(bool, state)) == 1
        or {rank for rank, shown in enumerate(state) if shown} == meet
    ]
    alike = {(tuple(state[rank] for rank in mine), all(state)): state for state in wanted}
    assert len(alike) >= 2
    return [state for state in alike.values() if any(state[rank] for rank in mine)] + [others]


def test_every_layer_of_the_sample_is_what_is_built_directly(sample_scene):
    """Each option alone, all at once with either variant, and the two that meet, over all regions
    that they touch; and all that do not touch a region change nothing in it."""
    scene, switches = sample_scene, switches_of(sample_scene)
    assert len(switches) >= 5
    concerned, touching = 0, set()
    for region in scene.grid.regions():
        grid = scene.grid.region(*region)
        if not touched_columns(scene, grid).any():
            continue
        today = voxelise(scene, *region)
        found = differences(scene, today)
        if not found.units:
            continue
        concerned += 1
        mine = sorted({rank for unit in found.units for rank in unit.switches})
        touching.update(mine)
        for state in states_to_try(switches, mine):
            drawn = draw(scene, grid, scene.developments.active(state))[0]
            reached, built = switched(scene, today.volume, drawn, found, state)
            assert np.array_equal(reached, built), (region, state)
    assert concerned >= 4
    assert touching == set(range(len(switches)))
