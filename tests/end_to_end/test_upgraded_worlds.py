"""Worlds that a newer game has saved since they were built: read, changed, drawn and packed as
before, wherever their files lie now."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
from pathlib import Path

import nbtlib
import numpy as np
import pytest
from nbtlib import Byte, Compound, Int, List, String
from PIL import Image

from mc_city.build.build import build
from mc_city.cli import main
from mc_city.saved import changing
from mc_city.saved.opening import opened_world
from mc_city.saved.switching import layer_states, read_world_layers, toggle, unfinished
from mc_city.settings.config import read_config
from tests import upgrade
from tests.conftest import quiet
from tests.plans import feature, point, rectangle, write_plans
from worlds.errors import WorldError
from worlds.java.layout import find_layout

SHOWN = ("alfa", "beta/b")
PLANS = [
    feature(rectangle(-20, -16, 6, -4), layer="alfa", role="building", floors=2, use="house"),
    feature(
        point(-24, -14), layer="alfa", role="info", name="Alfa", status="antagen", done_year=2031
    ),
    feature(rectangle(-4, -10, 20, 12), layer="beta", variant="a", role="ground", surface="park"),
    feature(
        rectangle(2, -8, 18, 8), layer="beta", variant="b", role="building", floors=5, use="office"
    ),
    feature(point(24, 14), layer="beta", role="info", name="Beta", status="samråd", done_year=2036),
]
"""Two layers that meet, across four regions."""
CITY = """[city]
name = "Liten"
crs = "EPSG:3006"
origin = [600000, 6900000]
[area]
bounds = [599968, 6899968, 600032, 6900032]
[terrain]
flat_m = 10
[world]
java_version = "1.21.4"
editions = ["java"]
[plans]
sources = "plans.geojson"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[tuple[str, ...], Path]:
    """Worlds of 1.21.4 by the layers they begin with; OUT is the folder above."""
    folder = tmp_path_factory.mktemp("upgraded")
    write_plans(folder / "plans.geojson", PLANS)
    (folder / "city.toml").write_text(CITY, "utf-8")
    config = read_config(folder / "city.toml")
    worlds = {}
    for shown in ((), SHOWN):
        out = folder / f"out{len(shown)}"
        build(config, out, 2, False, quiet, shown)
        worlds[shown] = out / config.city.name
    return worlds


def west(x: int, _: int) -> bool:
    return x < 0


KINDS = {
    "as built": lambda world: world,
    "26.1": lambda world: upgrade.upgrade(world, "26.1"),
    "26.3": lambda world: upgrade.upgrade(world, "26.3"),
    "26.3, half of it visited": lambda world: upgrade.upgrade(world, "26.3", west),
}


@pytest.fixture(scope="module")
def upgraded(built, tmp_path_factory):
    """What gives a fresh copy of a built world as a game has saved it since."""
    folder, made = tmp_path_factory.mktemp("kinds"), {}

    def copy(kind: str, target: Path, shown: tuple[str, ...] = ()) -> Path:
        if (kind, shown) not in made:
            whole = folder / f"{len(made)}"
            made[kind, shown] = KINDS[kind](shutil.copytree(built[shown], whole / "Liten"))
        return shutil.copytree(made[kind, shown], target)

    return copy


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def said(*arguments: object) -> tuple[int, list[str], list[str]]:
    """(exit code, lines on stdout, lines on stderr) of the program."""
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["mc-city", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0), out.getvalue().splitlines(), err.getvalue().splitlines()


@pytest.mark.parametrize("kind", KINDS)
def test_layers_switch_block_for_block(kind, upgraded, built, tmp_path):
    world = upgraded(kind, tmp_path / "Liten")
    done = toggle(world, list(SHOWN), True, quiet)
    assert done.changed > 500
    assert (done.strange, done.missing, done.unfinished) == (0, 0, 0)
    assert upgrade.differing(world, built[SHOWN]) == []
    held = read_world_layers(world)
    assert [state.id for state in layer_states(held) if state.shown] == ["alfa", "beta/b"]
    assert unfinished(held) == 0
    assert (toggle(world, [], False, quiet).strange, unfinished(read_world_layers(world))) == (0, 0)
    assert upgrade.differing(world, built[()]) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_leaves_each_chunk_in_the_form_of_the_version_that_saved_it(
    kind, upgraded, tmp_path
):
    world = upgraded(kind, tmp_path / "Liten")
    toggle(world, list(SHOWN), True, quiet)
    seen = set()
    for chunk in upgrade.every_chunk(world):
        number = int(chunk["DataVersion"])
        for section in chunk["sections"]:
            palette = section["block_states"]["palette"]
            tags = [
                tag[""] if isinstance(tag, dict) and list(tag) == [""] else tag for tag in palette
            ]
            if number < 5006:
                assert all("Name" in tag for tag in tags)
                continue
            # A list of names alone is one, and what is as by default is its name alone: as the game
            # has it.
            assert isinstance(palette[0], String) == all(isinstance(tag, String) for tag in tags)
            for tag in tags:
                name, properties = upgrade.split(tag)
                assert isinstance(tag, String) == (properties == upgrade.defaults(name)), tag
                assert isinstance(tag, String) or set(tag) <= {"id", "properties"}
        seen.add(number)
    wanted = {
        "as built": {4189},
        "26.1": {4786},
        "26.3": {5023},
        "26.3, half of it visited": {4189, 5023},
    }
    assert seen == wanted[kind]


@pytest.mark.parametrize("kind", ["26.1", "26.3, half of it visited"])
def test_what_a_child_has_built_stays_where_no_layer_touches_and_is_counted_where_one_does(
    kind, upgraded, built, tmp_path
):
    world = upgraded(kind, tmp_path / "Liten")
    version = kind[:4]
    units = {place for place, _, _ in upgrade.differing(built[()], built[SHOWN])}
    free, changed = next(place for place in sorted(units)), max(units)
    # High above everything, in chunks that layers change, a hut of two blocks, a sign that says
    # something, and a chest.
    x, z = free[0], free[2]
    state = upgrade.state_tag
    game = upgrade.GAMES[version]
    blocks = {
        (x, 200, z): state("minecraft:gold_block", {}, game, False),
        (x, 201, z): state(
            "minecraft:oak_stairs",
            {"facing": "west", "half": "top", "shape": "straight"},
            game,
            True,
        ),
        (x, 202, z): state("minecraft:oak_sign", {"rotation": "4"}, game, True),
        (x, 203, z): state("minecraft:chest", {"facing": "north", "type": "single"}, game, True),
        changed: state("minecraft:diamond_block", {}, game, False),
    }
    message = upgrade.mixed(
        [
            String("Elsas hus"),
            Compound({"text": String("röd"), "color": String("red")}),
            String(""),
            String(""),
        ]
    )
    sign = {
        "id": String("minecraft:sign"),
        "front_text": Compound({"messages": message, "color": String("black")}),
    }
    chest = {
        "id": String("minecraft:chest"),
        "Items": List[Compound]([Compound({"id": String("minecraft:dirt"), "count": Int(7)})]),
    }
    entities = {
        (x, 202, z): Compound({**sign, "allow_op_features": Byte(0)}),
        (x, 203, z): Compound(chest),
    }
    upgrade.play(world, blocks, version, entities)
    # And one block broken where no layer changes anything.
    broken = next(
        (bx, by, bz)
        for (bx, by, bz) in ((x, y, z) for y in range(-64, 0))
        if (bx, by, bz) not in units
    )
    upgrade.play(world, {broken: state("minecraft:air", {}, game, False)}, version)
    played = {place: name for place, _, name in upgrade.differing(built[()], world)}
    assert len(played) == 6
    before = upgrade.entities_of(world)
    done = toggle(world, list(SHOWN), True, quiet)
    assert done.strange == 1
    there = {place: name for place, _, name in upgrade.differing(built[SHOWN], world)}
    assert there == {place: name for place, name in played.items() if place != changed}
    after = upgrade.entities_of(world)
    for place in ((x, 202, z), (x, 203, z)):
        assert after[place] == before[place]


@pytest.mark.parametrize("kind", ["26.3"])
def test_signs_and_boards_of_the_game_keep_every_word_through_a_change(kind, upgraded, tmp_path):
    world = upgraded(kind, tmp_path / "Liten")
    before = upgrade.entities_of(world)
    assert {str(entity["id"]) for entity in before.values()} >= {
        "minecraft:sign",
        "minecraft:lectern",
        "minecraft:command_block",
    }
    toggle(world, [], True, quiet)
    toggle(world, [], False, quiet)
    assert upgrade.entities_of(world) == before


@pytest.mark.parametrize("kind", ["26.1", "26.3"])
def test_scores_stay_where_the_game_reads_them_and_nothing_else_is_written(
    kind, upgraded, tmp_path
):
    world = upgraded(kind, tmp_path / "Liten")
    names = tree(world).keys()
    toggle(world, ["alfa"], True, quiet)
    assert tree(world).keys() == names
    root = nbtlib.load(world / "data" / "minecraft" / "scoreboard.dat")
    assert int(root["DataVersion"]) == upgrade.GAMES[kind[:4]].number
    scores = {
        (str(one["Objective"]), str(one["Name"])): int(one.get("Score", 0))
        for one in root["data"]["PlayerScores"]
    }
    assert scores["mc_city", "#alfa"] == 1
    assert scores["mc_city", "#beta"] == 0
    assert (
        min(value for (objective, _), value in scores.items() if objective == "mc_city_unit") >= 0
    )


@pytest.mark.parametrize("kind", ["26.3, half of it visited"])
def test_info_lists_and_maps_are_alike(kind, upgraded, built, tmp_path):
    old, world = built[()], upgraded(kind, tmp_path / "Liten")
    facts = []
    for path in (old, world):
        code, out, _ = said("info", path, "--json")
        assert code == 0
        facts.append(json.loads(out[0] if len(out) == 1 else "\n".join(out)))
    saved = [one.pop("saved") for one in facts]
    assert facts[0] == facts[1]
    assert [one["data_version"] for one in saved] == [4189, upgrade.GAMES[kind[:4]].number]
    assert [one["players"] for one in saved] == [0, 1]
    for key in ("name", "spawn", "data_packs"):
        assert saved[0][key] == saved[1][key]
    assert said("layers", "list", old)[:2] == said("layers", "list", world)[:2]
    for options in ((), ("--layers",)):
        pictures = []
        for name, path in (("old.png", old), ("new.png", world)):
            assert said("map", path, tmp_path / name, *options)[0] == 0
            pictures.append(np.asarray(Image.open(tmp_path / name)))
        assert np.array_equal(*pictures)


@pytest.mark.parametrize("kind", ["26.3"])
def test_a_handout_of_an_upgraded_world_is_made_as_before(kind, upgraded, built, tmp_path):
    shutil.copytree(built[()].parent, tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "Liten")
    world = upgraded(kind, tmp_path / "out" / "Liten")
    alone = upgraded(kind, tmp_path / "alone" / "Liten")
    for path, folder in ((tmp_path / "out", tmp_path / "first"), (alone, tmp_path / "second")):
        code, _, lines = said("pack", path, "--out", folder)
        assert code == 0, lines
        shutil.unpack_archive(folder / "Liten-java.zip", folder / "unpacked")
        inside = tree(folder / "unpacked" / "Liten")
        assert {
            name: data for name, data in tree(world).items() if name != "session.lock"
        } == inside
        assert (folder / "map-layers.png").exists()


def test_an_archive_of_an_upgraded_world_is_changed_in_its_place(upgraded, built, tmp_path):
    upgraded("26.3", tmp_path / "whole" / "Liten")
    archive = Path(shutil.make_archive(str(tmp_path / "Liten"), "zip", tmp_path / "whole"))
    toggle(archive, list(SHOWN), True, quiet)
    shutil.unpack_archive(archive, tmp_path / "after")
    assert upgrade.differing(tmp_path / "after" / "Liten", built[SHOWN]) == []
    assert not (tmp_path / "after" / "Liten" / "data" / "scoreboard.dat").exists()


def test_amulet_reads_what_was_changed(upgraded, built, tmp_path):
    """Another's reader of 26.3 finds in every changed chunk what stands in the world that was built
    so."""
    amulet = pytest.importorskip("amulet")
    world = upgraded("26.3", tmp_path / "Liten")
    toggle(world, list(SHOWN), True, quiet)
    chunks = sorted(
        {
            (place[0] >> 4, place[2] >> 4)
            for place, _, _ in upgrade.differing(built[()], built[SHOWN])
        }
    )
    # It writes into what it opens.
    shutil.copytree(built[SHOWN], tmp_path / "built")
    levels = [amulet.load_level(str(path)) for path in (world, tmp_path / "built")]
    try:
        assert levels[0].level_wrapper.version == 5023
        for place in chunks:
            cells = []
            for level in levels:
                chunk = level.get_chunk(*place, "minecraft:overworld")
                names = np.array([block.full_blockstate for block in chunk.block_palette.blocks])
                cells.append(names[np.asarray(chunk.blocks[:, slice(-64, 320), :])])
            assert np.array_equal(*cells), place
        assert len(chunks) > 4
    finally:
        for level in levels:
            level.close()


@pytest.mark.parametrize("kind", ["as built", "26.3"])
def test_a_change_that_is_killed_on_the_way_says_so_and_is_finished_by_the_next_command(
    kind, upgraded, built, tmp_path, monkeypatch
):
    world = upgraded(kind, tmp_path / "Liten")
    moved, move = [], changing._move

    def killed(source: Path, target: Path) -> None:
        if moved:
            raise KeyboardInterrupt
        moved.append(target)
        move(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(changing, "_move", killed)
        with pytest.raises(KeyboardInterrupt):
            toggle(world, list(SHOWN), True, quiet)
    # The scores first: the game would finish what is not done.
    assert moved == [find_layout(world).scoreboard]
    assert unfinished(read_world_layers(world)) > 1
    with opened_world(world):
        assert unfinished(read_world_layers(world)) == 0
    assert upgrade.differing(world, built[SHOWN]) == []
    assert not (world / changing.CHANGE).exists()


def moved_only(world: Path) -> None:
    """As an upgrade that we once only simulated: files moved, and a number set."""
    for old, new in (
        ("region", upgrade.MOVED["region"]),
        ("data/scoreboard.dat", "data/minecraft/scoreboard.dat"),
    ):
        (world / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(world / old, world / new)
    level = nbtlib.load(world / "level.dat")
    level["Data"]["DataVersion"] = Int(5023)
    level.save()


def test_a_world_whose_files_were_only_moved_is_changed_where_they_are(built, tmp_path):
    """What was "0 blocks changed", exit 0, with a stray scoreboard that said that the layer is
    shown."""
    world = shutil.copytree(built[()], tmp_path / "Liten")
    moved_only(world)
    code, _, lines = said("layers", "show", world, *SHOWN)
    assert code == 0
    assert "0 blocks changed" not in lines[0]
    assert not (world / "data" / "scoreboard.dat").exists()
    assert upgrade.differing(world, built[SHOWN]) == []


def lose_all(world: Path) -> None:
    shutil.rmtree(find_layout(world).region)


def lose_one(world: Path) -> None:
    find_layout(world).region_files()[0][2].unlink()


def empty_one(world: Path) -> None:
    find_layout(world).region_files()[0][2].write_bytes(bytes(8192))


@pytest.mark.parametrize("kind", ["as built", "26.3"])
@pytest.mark.parametrize("lose", [lose_all, lose_one, empty_one])
def test_a_missing_region_is_an_error_before_anything_is_written(kind, lose, upgraded, tmp_path):
    world = upgraded(kind, tmp_path / "Liten")
    lose(world)
    before = tree(tmp_path)
    for command in ("show", "hide"):
        names = () if command == "show" else ("alfa",)
        code, _, lines = said("layers", command, world, *names)
        if command == "hide":
            # They are hidden: there is nothing to do.
            assert (code, lines) == (0, ["nothing to do: it is so already"])
            continue
        assert code == 1
        assert len(lines) == 2
        assert lines[0].startswith("error: ")
        assert ".mca" in lines[0]
    assert tree(tmp_path) == before


def drop_chunks(world: Path, places: set[tuple[int, int]]) -> None:
    for path in sorted(upgrade.region_folder(world).glob("*.mca")):
        chunks = upgrade.read_chunks(path)
        upgrade.write_chunks(
            path, {place: chunk for place, chunk in chunks.items() if place not in places}
        )


@pytest.mark.parametrize("kind", ["as built", "26.3"])
def test_units_in_chunks_that_are_gone_are_not_said_to_be_done(kind, upgraded, built, tmp_path):
    world = upgraded(kind, tmp_path / "Liten")
    x, _, z = upgrade.differing(built[()], built[SHOWN])[0][0]
    drop_chunks(world, {(x >> 4, z >> 4)})
    done = toggle(world, list(SHOWN), True, quiet)
    assert done.missing > 0
    assert done.unfinished == unfinished(read_world_layers(world)) == 1
    gone = [place for place, _, _ in upgrade.differing(world, built[SHOWN])]
    assert {(x >> 4, z >> 4)} == {(place[0] >> 4, place[2] >> 4) for place in gone}
    with pytest.raises(WorldError, match="nothing could be changed"):
        toggle(world, list(SHOWN), True, quiet)


@pytest.mark.parametrize("kind", ["as built", "26.3"])
def test_a_world_without_any_of_the_chunks_is_an_error_before_anything_is_written(
    kind, upgraded, built, tmp_path
):
    world = upgraded(kind, tmp_path / "Liten")
    spots = {
        (place[0] >> 5, place[2] >> 5) for place, _, _ in upgrade.differing(built[()], built[SHOWN])
    }
    # Each unit is two by two chunks.
    drop_chunks(
        world, {(2 * x + dx, 2 * z + dz) for x, z in spots for dx in (0, 1) for dz in (0, 1)}
    )
    before = tree(tmp_path)
    code, _, lines = said("layers", "show", world, "alfa")
    assert (code, len(lines)) == (1, 2)
    assert tree(tmp_path) == before


def newer(world: Path, number: int = 5126, name: str = "26.4-snapshot-6") -> None:
    level = nbtlib.load(world / "level.dat")
    level["Data"]["DataVersion"] = Int(number)
    level["Data"]["Version"]["Name"] = String(name)
    level.save()


def test_a_world_of_a_newer_game_is_read_and_not_written(upgraded, tmp_path):
    world = upgraded("26.3", tmp_path / "Liten")
    newer(world)
    before = tree(tmp_path)
    code, out, _ = said("info", world)
    assert code == 0
    assert any("26.4-snapshot-6" in line for line in out)
    assert said("layers", "list", world)[0] == 0
    assert said("map", world, tmp_path / "map.png")[0] == 0
    (tmp_path / "map.png").unlink()
    code, _, lines = said("layers", "show", world, "alfa")
    assert (code, len(lines)) == (1, 2)
    assert all(word in lines[0] for word in ("26.4-snapshot-6", "5126", "26.3", "5023"))
    assert tree(tmp_path) == before


def test_a_single_chunk_of_a_newer_game_keeps_the_whole_world_as_it_is(upgraded, built, tmp_path):
    world = upgraded("26.3", tmp_path / "Liten")
    x, _, z = upgrade.differing(built[()], built[SHOWN])[0][0]
    for path in sorted(upgrade.region_folder(world).glob("*.mca")):
        chunks = upgrade.read_chunks(path)
        if (x >> 4, z >> 4) in chunks:
            chunks[x >> 4, z >> 4]["DataVersion"] = Int(5024)
            upgrade.write_chunks(path, chunks)
    before = tree(world)
    with pytest.raises(WorldError, match="saved by a newer game"):
        toggle(world, list(SHOWN), True, quiet)
    assert tree(world) == before


def test_files_that_the_game_does_not_read_are_named_and_left(upgraded, tmp_path):
    world = upgraded("26.3", tmp_path / "Liten")
    (world / "data" / "scoreboard.dat").write_bytes(b"stray")
    code, out, lines = said("info", world)
    assert code == 0
    assert any("data/scoreboard.dat" in line for line in (*out, *lines))
    toggle(world, ["alfa"], True, quiet)
    assert (world / "data" / "scoreboard.dat").read_bytes() == b"stray"
    assert layer_states(read_world_layers(world))[0].shown


def test_regions_where_the_game_does_not_look_are_drawn_and_not_changed(built, tmp_path):
    world = shutil.copytree(built[()], tmp_path / "Liten")
    newer(world, 5023, "26.3")
    before = tree(world)
    assert said("map", world, tmp_path / "map.png")[0] == 0
    with pytest.raises(
        WorldError,
        match="reads dimensions/minecraft/overworld/region, and has its regions in region",
    ):
        toggle(world, ["alfa"], True, quiet)
    assert tree(world) == before


@pytest.mark.parametrize("lay", [shutil.move, shutil.copytree], ids=["one folder", "both"])
def test_structures_are_found_whatever_game_saved_the_world_since(lay, built, tmp_path):
    """A pack of 1.20.4 has them in `structures`, and keeps them there when 1.21 saves the world;
    today's lays them in both."""
    world = shutil.copytree(built[()], tmp_path / "Liten")
    inside = world / "datapacks" / "mc_city" / "data" / "mc_city"
    lay(inside / "structure", inside / "structures")
    assert toggle(world, list(SHOWN), True, quiet).changed > 500
    assert upgrade.differing(world, built[SHOWN]) == []


def test_the_fixture_is_no_world_of_ours(upgraded, tmp_path):
    """What it plays really happens: otherwise the tests above would show nothing."""
    world = upgraded("26.3", tmp_path / "Liten")
    kinds = set()
    for chunk in upgrade.every_chunk(world):
        for section in chunk["sections"]:
            palette = section["block_states"]["palette"]
            kinds.add(
                type(palette[0]).__name__
                if len(palette) == 1 or isinstance(palette[0], String)
                else "both"
            )
            kinds.update(
                "wrapped" if list(tag) == [""] else "named"
                for tag in palette
                if isinstance(tag, dict)
            )
    assert kinds == {"String", "both", "wrapped", "named"}
    assert not (world / "region").exists()
