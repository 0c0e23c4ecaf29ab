"""A switched Bedrock world is, block for block, the world that was built so, as a folder and as a
.mcworld."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image

from mc_city.build.zips import write_zip
from mc_city.saved.facts import read_facts, world_caption
from mc_city.saved.layer_map import GAP, drawn_in, write_layer_map
from mc_city.saved.opening import opened_world
from mc_city.saved.switching import layer_states, read_world_layers, toggle, unfinished
from mc_city.saved.world import World as SavedWorld
from tests.bedrock_city import as_saved_by, differing_records, records_in, write_all
from tests.bedrock_worlds import entry
from tests.commands import run
from tests.conftest import quiet
from tests.packs.bedrock.executor import World
from tests.packs.bedrock.small_city import TEXTS, VERSION, blocks_of
from tests.readers.bedrock_programs import read_with_operator
from tests.regions import window_of
from worlds.bedrock import mcworld
from worlds.bedrock.behaviour import pack_root, structure_path
from worlds.bedrock.mcworld import write_mctemplate, write_mcworld
from worlds.bedrock.reader import opened_regions, read_region_volume
from worlds.bedrock.saved import change_world_blocks, opened_for_change
from worlds.bedrock.saved_sections import SavedState
from worlds.bedrock.scores import SCOREBOARD, read_scores, scores_of, write_scores
from worlds.bedrock.structures import read_mcstructure
from worlds.bedrock.units import change_units
from worlds.bedrock.versions import NEWEST
from worlds.errors import WorldError
from worlds.layers import starting_scores
from worlds.topview import draw_map

TODAY = (0, 0, 0)
HOLD = (
    "import leveldb, sys; d = leveldb.LevelDB(sys.argv[1]); print('held', flush=True); "
    "sys.stdin.read(); d.close()"
)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """The small city with the layers gamma, alfa and beta (a, b), in that order."""
    return write_all(tmp_path_factory.mktemp("bedrock"))


@pytest.fixture
def world(city, tmp_path):
    """Today's world, the test's own."""
    return shutil.copytree(city.built(TODAY), tmp_path / "world")


def assert_same(world, built):
    assert differing_records(world, built) == []


def layer_scores(world):
    """But for those that only the pack's work needs, whose names have a dot."""
    return {
        (objective, holder): value
        for (objective, holder), value in read_scores(world).items()
        if "." not in holder
    }


def set_blocks(world, places, states, **more):
    x, y, z = np.array(places, np.int32).T
    with opened_for_change(world) as database:
        return change_world_blocks(
            database, world, (x, y, z), np.arange(len(places)) % len(states), states, **more
        )


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("tried", [4, pytest.param(12, marks=pytest.mark.slow)])
def test_every_state_is_reached_from_another_as_it_is_built(tried, city, world):
    states = list(itertools.product(*(range(switch.states) for switch in city.city.switches)))
    assert len(states) == 12
    random.Random(4).shuffle(states)
    for state in [*states[:tried], TODAY]:
        change_units(world, read_world_layers(world), state, quiet)
        assert_same(world, city.built(state))
        assert layer_scores(world) == starting_scores(city.city.switches, city.city.units, state)


@pytest.fixture(scope="module")
def newest_city(tmp_path_factory):
    """The same city for the newest game."""
    return write_all(tmp_path_factory.mktemp("newest"), NEWEST)


def test_every_state_of_a_world_for_the_newest_game_is_reached_as_it_is_built(
    newest_city, tmp_path
):
    world = shutil.copytree(newest_city.built(TODAY), tmp_path / "world")
    for state in [(1, 0, 2), (0, 1, 1), (1, 1, 2), (0, 0, 1), TODAY]:
        change_units(world, read_world_layers(world), state, quiet)
        assert_same(world, newest_city.built(state))
        assert layer_scores(world) == starting_scores(
            newest_city.city.switches, newest_city.city.units, state
        )
    assert json.loads(run("info", "--json", world).stdout)["version"] == "1.26.30"


def blocks_in(world, numbers):
    """By region: the number of each block's state, from where to where. numbers: of each state in
    Java's words, which grows."""
    found = {}
    with opened_regions(world) as regions:
        for region in regions.chunks:
            volume, present = read_region_volume(regions, region)
            names = map(str, volume.palette.states)
            table = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.uint16)
            found[region] = table[volume.ids[window_of(present)]], volume.y0, present
    return found


def assert_same_blocks(world, other):
    numbers = {}
    ours, theirs = blocks_in(world, numbers), blocks_in(other, numbers)
    assert ours.keys() == theirs.keys()
    for region, (blocks, low, present) in ours.items():
        assert low == theirs[region][1]
        assert np.array_equal(blocks, theirs[region][0])
        assert np.array_equal(present, theirs[region][2])


def test_a_world_that_todays_game_has_saved_is_switched_block_for_block(city, tmp_path):
    """Built for 1.21.0, upgraded by 26.30: chunks of version 42, blocks renamed, keys that we do
    not write."""
    world = as_saved_by(NEWEST, city.city, city.built(TODAY), tmp_path / "world")
    assert_same_blocks(world, city.built(TODAY))
    set_blocks(world, [(-60, 90, 60)], [SavedState(entry("gold_block", NEWEST.block_version))])
    for state in [(1, 0, 2), (0, 1, 0), TODAY]:
        assert run("layers", "hide", world).returncode == 0
        names = [
            name for name, shown in zip(("gamma", "alfa", "beta/b"), state, strict=True) if shown
        ]
        if names:
            done = toggle(world, names, True, quiet)
            assert (done.strange, done.missing) == (0, 0)
        wanted = shutil.copytree(city.built(state), tmp_path / f"wanted {state}")
        set_blocks(wanted, [(-60, 90, 60)], [SavedState(entry("gold_block"))])
        assert_same_blocks(world, wanted)
    before, after = records_in(city.built(TODAY)), records_in(world)
    versions = {value for key, value in after.items() if len(key) == 9 and key[8] == 44}
    assert versions == {bytes([42])}, "a chunk stays of its game's version"
    assert {key for key in after if key not in before}, "and what we do not know stays"
    for words in (("map", world, tmp_path / "a.png"), ("info", world), ("layers", "list", world)):
        assert run(*words).returncode == 0


def newer_storage(world):
    data = (world / "level.dat").read_bytes()
    (world / "level.dat").write_bytes(struct.pack("<i", 11) + data[4:])


def newer_key(world):
    data = (world / "level.dat").read_bytes()
    at = data.index(b"StorageVersion") + len("StorageVersion")
    (world / "level.dat").write_bytes(data[:at] + struct.pack("<i", 12) + data[at + 4 :])


def newer_chunk(world):
    with opened_for_change(world) as database:
        for key in [key for key in database.keys() if len(key) == 9 and key[8] == 44]:  # noqa: SIM118
            database.put(key, bytes([43]))


@pytest.mark.parametrize(
    ("newer", "said"),
    [
        (newer_storage, "storage version 11, known: 10"),
        (newer_key, "storage version 12"),
        (newer_chunk, "of version 43"),
    ],
)
def test_a_world_of_a_game_newer_than_known_is_read_and_not_written(world, tmp_path, newer, said):
    newer(world)
    before = {name: data for name, data in files_of(world).items() if name != "db/LOCK"}
    for words in (("map", world, tmp_path / "a.png"), ("info", world), ("layers", "list", world)):
        assert run(*words).returncode == 0
    refused = run("layers", "show", world, "alfa")
    assert refused.returncode == 1
    assert [line.split(":")[0] for line in refused.stderr.strip().splitlines()] == ["error", "hint"]
    assert "saved by a newer game" in refused.stderr
    assert said in refused.stderr
    assert {name: data for name, data in files_of(world).items() if name != "db/LOCK"} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "world"]


def test_show_and_hide_by_name(city, world):
    assert toggle(world, ["gamma"], True, quiet).changed > 1000
    assert_same(world, city.built((1, 0, 0)))
    toggle(world, ["beta/b", "alfa"], True, quiet)
    toggle(world, ["gamma"], False, quiet)
    assert_same(world, city.built((0, 1, 2)))
    assert toggle(world, ["beta"], True, quiet).backup is None, "a variant that is shown stays"
    assert_same(world, city.built((0, 1, 2)))
    toggle(world, ["beta/a"], True, quiet)
    toggle(world, [], False, quiet)
    assert_same(world, city.built(TODAY))
    shown = run("layers", "show", world, "beta")
    assert "beta has variants, of which beta/a is shown now" in shown.stderr
    again = run("layers", "show", world, "beta/a")
    assert "variants" not in again.stderr


def test_nothing_but_the_database_is_touched(city, world):
    toggle(world, ["alfa"], True, quiet)
    ours, theirs = (
        {name: data for name, data in files_of(folder).items() if name[:3] != "db/"}
        for folder in (world, city.built(TODAY))
    )
    assert ours == theirs


def test_another_reader_finds_the_world_that_was_built(city, world, tmp_path):
    toggle(world, ["alfa", "beta/b"], True, quiet)
    chunks = sorted(
        {
            (
                int.from_bytes(key[:4], "little", signed=True),
                int.from_bytes(key[4:8], "little", signed=True),
            )
            for key in records_in(city.built(TODAY))
            if len(key) == 10 and key[8] == 47
        }
    )
    found = []
    for number, folder in enumerate((world, city.built((0, 1, 2)))):
        found.append(read_with_operator(shutil.copytree(folder, tmp_path / str(number)), chunks))
    assert found[0]["valid"]
    assert len(found[0]["chunks"]) == 64
    assert not any("missing" in chunk for chunk in found[0]["chunks"])
    assert found[0] == found[1]


def test_what_children_built_beside_stays_and_inside_is_counted(city, world):
    gold = [SavedState(entry("gold_block"))]
    # High over a planned house, and far away from all plans.
    set_blocks(world, [(-5, 130, 20), (-60, 90, 60)], gold)
    assert toggle(world, ["alfa"], True, quiet).strange == 0
    whole = differing_records(world, city.built((0, 1, 0)))
    toggle(world, ["alfa"], False, quiet)
    assert differing_records(world, city.built(TODAY)) == whole, "only what was built beside"
    assert len(whole) >= 2
    unit = next(unit for unit in city.city.units if unit.switches == (1,))
    piece = unit.pieces[0][-1]
    found = read_mcstructure(structure_path(world, piece))
    inside = (
        piece.at[0] + int(found.x[0]),
        piece.at[1] + int(found.y[0]),
        piece.at[2] + int(found.z[0]),
    )
    set_blocks(world, [inside], gold)
    assert toggle(world, ["alfa"], True, quiet).strange == 1


def test_a_backup_is_made_first_and_holds_the_world_as_it_was(world, tmp_path):
    before = files_of(world)
    done = toggle(world, ["alfa"], True, quiet)
    assert done.backup == tmp_path / "world-backup-1.mcworld"
    with zipfile.ZipFile(done.backup) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == before
        assert archive.namelist()[0] == "level.dat"
    assert toggle(world, ["alfa"], True, quiet).backup is None, "nothing to do"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["world", "world-backup-1.mcworld"]


def test_a_world_that_is_open_is_refused_and_left_alone(city, world, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(world / "db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as game:
        assert game.stdout.readline().strip() == b"held"
        with pytest.raises(WorldError, match="is open in Minecraft"):
            toggle(world, ["alfa"], True, quiet)
        assert not layer_states(read_world_layers(world))[1].shown, "it can be looked at meanwhile"
        game.stdin.close()
    assert_same(world, city.built(TODAY))
    assert [path.name for path in tmp_path.iterdir()] == ["world"]


def test_an_interrupted_change_has_not_happened(city, world, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(
            "worlds.bedrock.units.change_world_blocks", Mock(side_effect=RuntimeError("power cut"))
        )
        with pytest.raises(RuntimeError):
            toggle(world, ["alfa"], True, quiet)
    assert_same(world, city.built(TODAY))
    assert not unfinished(read_world_layers(world))
    assert not layer_states(read_world_layers(world))[1].shown
    toggle(world, ["alfa"], True, quiet)
    assert_same(world, city.built((0, 1, 0)))


def test_what_the_game_left_half_done_is_told_and_finished(city, world):
    """The game was closed while it showed alfa: some units are marked, one is already changed,
    others have yet to be."""
    work = {
        ("mc_city", "#work.init"): 2,
        ("mc_city", "#work.job"): 3,
        ("mc_city", "#work.scan"): 1,
        ("mc_city", "#lock"): 1,
    }
    with opened_for_change(world) as database:
        write_scores(database, {**work, ("mc_city", "#alfa"): 1, ("mc_city_unit", "#0"): -1})
    left = unfinished(read_world_layers(world))
    assert left > 1
    listed = run("layers", "list", world)
    assert "alfa  shown" in listed.stdout
    assert f"{left} places are not finished" in listed.stderr
    done = toggle(world, ["alfa"], True, quiet)
    assert (done.strange, done.backup is None) == (0, False)
    assert_same(world, city.built((0, 1, 0)))
    assert work.items() <= read_scores(world).items(), (
        "the pack's own scores stay, and so does the lock"
    )
    assert not unfinished(read_world_layers(world))


@pytest.mark.parametrize("opened_before", [False, True])
def test_the_pack_goes_on_from_what_was_switched_outside(city, world, opened_before):
    """A pack that has not run yet would write down the state that the world was built in."""
    blocks = blocks_of(city.city, TODAY)
    if opened_before:
        game = World(pack_root(world), blocks)
        game.settle()
        with opened_for_change(world) as database:
            write_scores(database, game.scores)
    toggle(world, ["alfa", "beta/b"], True, quiet)
    scores = scores_of(records_in(world)[SCOREBOARD])
    game = World(
        pack_root(world),
        blocks_of(city.city, (0, 1, 2)),
        scores=dict(scores),
        objectives={name for name, _ in scores},
    )
    game.settle()
    assert bool(game.guides) != opened_before, "whoever greets comes once"
    assert [game.score(name) for name in ("gamma", "alfa", "beta")] == [0, 1, 2]
    game.run("all/press_show")
    game.run("all/hide")
    game.settle()
    today = blocks_of(city.city, TODAY)
    assert np.array_equal(game.blocks.first, today.first)
    assert np.array_equal(game.blocks.second, today.second)


def test_a_mcworld_is_changed_as_a_folder_is(city, world, tmp_path):
    archive = tmp_path / "Liten.mcworld"
    write_mcworld(city.built(TODAY), archive)
    old = archive.read_bytes()
    done = toggle(archive, ["gamma"], True, quiet)
    assert done.backup == tmp_path / "Liten-backup-1.mcworld"
    assert done.backup.read_bytes() == old
    with zipfile.ZipFile(archive) as packed:
        assert packed.namelist()[0] == "level.dat"
        packed.extractall(tmp_path / "new")
    assert_same(tmp_path / "new", city.built((1, 0, 0)))
    assert files_of(tmp_path / "new").keys() - {"db"} >= {
        "levelname.txt",
        "world_icon.jpeg",
        "mc_city_layers.json",
    }
    assert toggle(world, ["gamma"], True, quiet).changed == done.changed
    assert sorted(path.name for path in tmp_path.glob("Liten*")) == [
        "Liten-backup-1.mcworld",
        "Liten.mcworld",
    ]


def test_layers_show_makes_the_mcworld_that_build_show_makes(planned_out, tmp_path):
    for name, shown in (("today", ()), ("planned", ("alfa", "beta/b"))):
        with zipfile.ZipFile(planned_out(*shown) / "Liten.mcworld") as packed:
            packed.extractall(tmp_path / f"built {name}")
    archive = Path(shutil.copy(planned_out() / "Liten.mcworld", tmp_path))
    for names, show, wanted in ((["alfa", "beta/b"], True, "planned"), ([], False, "today")):
        toggle(archive, names, show, quiet)
        with opened_world(archive) as world:
            assert_same(world, tmp_path / f"built {wanted}")
            assert read_scores(world) == read_scores(tmp_path / f"built {wanted}")


@pytest.mark.parametrize("inside", ["", "Liten", "klass 4/Liten"])
def test_a_zip_keeps_its_layout(city, inside, tmp_path):
    shutil.copytree(city.built(TODAY), tmp_path / "all" / inside)
    (tmp_path / "all" / "läs mig.txt").write_text("Hej", "utf-8")
    write_zip(tmp_path / "all", tmp_path / "b.zip", inside="")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        before = {name for name in archive.namelist() if "/db/" not in f"/{name}"}
    assert toggle(tmp_path / "b.zip", ["gamma"], True, quiet).backup == tmp_path / "b-backup-1.zip"
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert {name for name in archive.namelist() if "/db/" not in f"/{name}"} == before
        archive.extractall(tmp_path / "new")
    assert_same(tmp_path / "new" / inside, city.built((1, 0, 0)))


def test_an_archive_that_cannot_be_packed_stays_as_it_was(city, tmp_path, monkeypatch):
    archive = tmp_path / "Liten.mcworld"
    write_mcworld(city.built(TODAY), archive)
    old = archive.read_bytes()

    def full(_, target):
        target.write_bytes(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mcworld, "write_mcworld", full)
    with pytest.raises(OSError, match="No space"):
        toggle(archive, ["gamma"], True, quiet)
    assert archive.read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "Liten-backup-1.mcworld",
        "Liten.mcworld",
    ]


def test_a_template_can_be_looked_at_but_not_changed(city, tmp_path):
    template = tmp_path / "Liten.mctemplate"
    write_mcworld(city.built((0, 1, 0)), tmp_path / "Liten.mcworld")
    write_mctemplate(tmp_path / "Liten.mcworld", template, VERSION, TEXTS)
    old = template.read_bytes()
    assert "alfa  shown" in run("layers", "list", template).stdout
    assert read_facts(template)["layer_states"][1]["shown"]
    assert run("map", template, tmp_path / "map.png").returncode == 0
    refused = run("layers", "hide", template)
    assert refused.returncode == 1
    assert [line.split(":")[0] for line in refused.stderr.strip().splitlines()] == ["error", "hint"]
    assert ".mcworld, or build with --show" in refused.stderr
    assert template.read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "Liten.mctemplate",
        "Liten.mcworld",
        "map.png",
    ]


def test_the_command_line(city, world, tmp_path):
    listed = run("layers", "list", world)
    assert [row.split()[:2] for row in listed.stdout.splitlines()] == [
        ["gamma", "hidden"], ["alfa", "hidden"], ["beta/a", "hidden"], ["beta/b", "hidden"],
    ]  # fmt: skip
    shown = run("layers", "show", world, "beta/b", "alfa")
    assert shown.returncode == 0, shown.stderr
    assert "blocks changed; the world as it was:" in shown.stderr
    assert_same(world, city.built((0, 1, 2)))
    facts = json.loads(run("info", "--json", world).stdout)
    assert (facts["edition"], facts["version"], facts["city"]) == ("bedrock", "1.21.0", "Liten")
    assert [state["id"] for state in facts["layer_states"] if state["shown"]] == ["alfa", "beta/b"]
    assert "layer: beta/b  shown" in run("info", world).stdout
    archive = tmp_path / "a.mcworld"
    write_mcworld(world, archive)
    assert run("layers", "hide", archive).returncode == 0
    assert "shown" not in run("layers", "list", archive).stdout
    assert json.loads(run("info", "--json", archive).stdout)["edition"] == "bedrock"
    for words in (
        ("map", world),
        ("map", "--layers", world),
        ("map", archive),
        ("map", "--layers", archive),
    ):
        done = run(*words, tmp_path / "a.png")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "a.png").stat().st_size > 1000
    wrong = run("layers", "show", world, "nowhere")
    assert wrong.returncode == 1
    assert [line.split(":")[0] for line in wrong.stderr.strip().splitlines()] == ["error", "hint"]
    assert "beta/a" in wrong.stderr


@pytest.mark.parametrize("stands", [TODAY, (1, 1, 2)])
def test_the_layer_map_shows_today_and_the_plans_whatever_stands(city, stands, tmp_path):
    world = city.built(stands)
    layers = read_world_layers(world)
    for option, state in ((0, TODAY), (1, (1, 1, 1))):
        wanted = np.asarray(draw_map(city.built(state)).picture)
        assert np.array_equal(np.asarray(drawn_in(world, layers, option).picture), wanted), state
    write_layer_map(world, tmp_path / "both.png")
    with Image.open(tmp_path / "both.png") as both:
        assert both.width == 2 * wanted.shape[1] + GAP


def test_what_is_no_world_is_refused_in_words_for_both_editions(city, world, tmp_path):
    (tmp_path / "no.mcworld").write_bytes(b"PK nothing")
    with zipfile.ZipFile(tmp_path / "empty.mcworld", "w") as archive:
        archive.writestr("a.txt", "a")
    for name, text in (
        ("no.mcworld", "cannot be unpacked"),
        ("empty.mcworld", "no level.dat"),
        ("none.mcworld", "no such file"),
    ):
        with pytest.raises(WorldError, match=text) as caught, opened_world(tmp_path / name):
            pass
        assert ".mcworld" in caught.value.hint
    structure = structure_path(world, city.city.units[0].pieces[1][0])
    structure.write_bytes(structure.read_bytes()[:100])
    with pytest.raises(WorldError, match="not a readable structure"):
        toggle(world, [], True, quiet)
    assert_same(world, city.built(TODAY))


def test_a_world_that_is_not_ours_is_called_by_its_name(world, tmp_path):
    for name in ("mc_city.json", "mc_city_layers.json"):
        (world / name).unlink()
    assert world_caption(world) == ["Liten"]
    with pytest.raises(WorldError, match="not made by mc-city"):
        read_facts(world)
    with pytest.raises(WorldError, match="has no layers"):
        toggle(world, [], True, quiet)
    assert SavedWorld(world).layers == ()
    (world / "levelname.txt").unlink()
    write_mcworld(world, tmp_path / "Klass 4.mcworld")
    with opened_world(tmp_path / "Klass 4.mcworld") as folder:
        assert world_caption(folder) == ["Klass 4"]
