"""The checks of data packs: a good pack passes all, each broken one fails exactly those meant for
it; the executor's rules."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbtlib
import numpy as np
import pytest

from tests.packs.blocks import Blocks
from tests.packs.executor import ChainTooLongError, World
from tests.packs.mecha_check import mecha_faults, parse_views
from tests.packs.own_check import mcmeta_faults, own_faults
from tests.packs.packview import read_view
from tests.packs.parts import UnknownCommandError
from tests.packs.programs import HERE
from tests.packs.spyglass_check import spyglass_faults_of
from tests.packs.structures import Structure, read_structure
from worlds.volume import BlockState

AT = "data/town/function/broken.mcfunction"
TOWER = "data/town/structure/tower.nbt"
# Broken pack → what mecha, Spyglass and our own check say, each the beginnings of its lines.
MECHA_SAYS = {
    "command": [f"{AT}:2: Expected literal 'objectives'", f"{AT}:3: Expected literal '<'"]
}
SPYGLASS_SAYS = {
    "command": [f"{AT}:2: Expected", f"{AT}:2: Trailing", f"{AT}:3: Expected", f"{AT}:3: Trailing"],
    "block": [f"{AT}:2: Cannot find block “minecraft:stoone”"],
    "function": [f"{AT}:{line}: Cannot find function “town:nowhere”" for line in (1, 2, 3)],
    "structure": [f"{AT}:1: Cannot find structure “town:nothing”"],
    "folder": ["data/town/functions/old.mcfunction:1: Files in the “functions” folder"],
}
OWN_SAYS = {
    "block": [f"{AT}:2: minecraft:stoone: no such block"],
    "button": [f"{AT}:1: function town:nowhere does not exist"],
    "fill": [f"{AT}:1: fills 33792 blocks"],
    "forceload": [f"{AT}:1: force-loads 272 chunks"],
    "function": [f"{AT}:{line}: function town:nowhere does not exist" for line in (1, 2, 3)],
    "mcmeta": [
        "pack.mcmeta: pack: supported_formats reaches 94",
        "pack.mcmeta: overlay elsewhere: the folder elsewhere/data does not exist",
    ],
    "name": ["data/town/function/Mill.mcfunction: a name"],
    "property": [
        f"{AT}:1: minecraft:oak_stairs[facing=up,half=bottom,shape=straight]: facing cannot be up"
    ],
    "size": [
        f"{TOWER}: size (1, 49, 1)",
        f"{TOWER}: DataVersion 3955, should be 4189",
        f"{TOWER}: a block lies outside",
    ],
    "state": [
        f"{TOWER}: minecraft:oak_fence[east=yes,north=false,south=false,west=false]: east cannot "
        f"be yes"
    ],
    "structure": [f"{AT}:1: structure town:nothing does not exist"],
    "tag": ["data/minecraft/tags/function/load.json: function town:nowhere does not exist"],
    "too_new": [f"{AT}:1: dialog came with 1.21.6"],
}
BROKEN = sorted(folder.name.removeprefix("broken_") for folder in HERE.glob("broken_*"))


@pytest.fixture(scope="module")
def packs(tmp_path_factory) -> dict[str, Path]:
    """`good`, and the good pack with each broken one laid over it; structures turned from text into
    the game's format."""
    folder = tmp_path_factory.mktemp("packs")
    made = {"good": folder / "good"} | {name: folder / name for name in BROKEN}
    for name, pack in made.items():
        shutil.copytree(HERE / "good", pack)
        if name != "good":
            shutil.copytree(HERE / f"broken_{name}", pack, dirs_exist_ok=True)
        for text in pack.rglob("*.snbt"):
            nbtlib.File(nbtlib.parse_nbt(text.read_text("utf-8"))).save(
                text.with_suffix(".nbt"), gzipped=True
            )
            text.unlink()
    parse_views([read_view(pack, "1.21.4") for pack in made.values()])
    return made


def agree(said: list[str], wanted: list[str]) -> bool:
    return len(said) == len(wanted) and all(
        line.startswith(start) for line, start in zip(said, wanted, strict=True)
    )


def test_every_broken_pack_is_meant_for_a_check():
    assert set(BROKEN) == {*MECHA_SAYS, *SPYGLASS_SAYS, *OWN_SAYS}


@pytest.mark.parametrize("version", ["1.21.4", "1.21.5", "1.21.11"])
def test_good_pack(packs, version):
    assert mecha_faults(packs["good"], version) == []
    assert own_faults(packs["good"], version, data_version=4189) == []


@pytest.mark.parametrize("name", BROKEN)
def test_broken_pack(packs, name):
    said = mecha_faults(packs[name])
    assert agree(said, MECHA_SAYS.get(name, [])), said
    said = own_faults(packs[name])
    assert agree(said, OWN_SAYS.get(name, [])), said


def test_spyglass_finds_what_it_should(packs):
    names = ["good", *sorted(SPYGLASS_SAYS)]
    for name, said in zip(names, spyglass_faults_of([packs[name] for name in names]), strict=True):
        assert agree(said, SPYGLASS_SAYS.get(name, [])), (name, said)


@pytest.mark.slow
def test_spyglass_says_nothing_else(packs):
    for version in ("1.21.5", "1.21.11"):
        assert spyglass_faults_of([packs["good"]], version) == [[]]
    names = [name for name in BROKEN if name not in SPYGLASS_SAYS and name != "mcmeta"]
    for name, said in zip(names, spyglass_faults_of([packs[name] for name in names]), strict=True):
        assert said == [], name


def test_spyglass_knows_text_components_of_each_version(packs, tmp_path):
    """The overlay's own words in a game before 1.21.5, and an objective that the world brings."""
    shutil.copytree(packs["good"], tmp_path / "pack")
    shutil.copy(
        packs["good"] / "newer/data/town/function/say.mcfunction",
        tmp_path / "pack/data/town/function/say.mcfunction",
    )
    (tmp_path / "pack/data/town/function/other.mcfunction").write_text(
        "scoreboard players set #a elsewhere 1\n", "utf-8"
    )
    (said,) = spyglass_faults_of([tmp_path / "pack"], declared=("elsewhere",))
    assert said
    assert all(line.startswith("data/town/function/say.mcfunction:1: ") for line in said)


@pytest.mark.parametrize(
    ("meta", "fault"),
    [
        ('{"pack": {"description": "", "pack_format": 61}}', None),
        ('{"pack": {"description": "", "pack_format": 94}}', "pack_format 94 alone"),
        ('{"pack": {"description": "", "min_format": 94, "max_format": [94, 1]}}', None),
        (
            '{"pack": {"description": "", "min_format": 61, "max_format": 94}}',
            "supported_formats is needed",
        ),
        (
            '{"pack": {"description": "", "pack_format": 48, "supported_formats": [61, 94], '
            '"min_format": 61, "max_format": 94}}',
            "outside the range",
        ),
        (
            '{"pack": {"description": "", "pack_format": 61, "supported_formats": [48, 94], '
            '"min_format": 61, "max_format": 94}}',
            "disagree",
        ),
        ('{"pack": {"description": ""}, ', "JSONDecodeError"),
        ('{"pack": {"pack_format": 61}}', "no description"),
    ],
)
def test_mcmeta(tmp_path, meta, fault):
    (tmp_path / "pack.mcmeta").write_text(meta, "utf-8")
    said = mcmeta_faults(tmp_path)
    assert (said == []) if fault is None else any(fault in line for line in said), said


# The executor


def write_pack(folder: Path, **functions: str) -> Path:
    """A pack of functions `t:<name>`, with `t:load` as load when there is one; `structures` are
    added by the tests."""
    for name, text in functions.items():
        path = folder / f"data/t/function/{name}.mcfunction"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for tag in {"load", "tick"} & set(functions):
        path = folder / f"data/minecraft/tags/function/{tag}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{{"values": ["t:{tag}"]}}', "utf-8")
    return folder


def write_structure(
    pack: Path, name: str, size: tuple[int, int, int], blocks: dict[tuple[int, int, int], str]
) -> None:
    states = [BlockState.parse(text) for text in blocks.values()]
    palette = nbtlib.List[nbtlib.Compound]()
    for state in states:
        properties = nbtlib.Compound({key: nbtlib.String(value) for key, value in state.properties})
        palette.append(
            nbtlib.Compound(
                {
                    "Name": nbtlib.String(state.name),
                    **({"Properties": properties} if properties else {}),
                }
            )
        )
    listed = [
        nbtlib.Compound({"pos": nbtlib.List[nbtlib.Int](at), "state": nbtlib.Int(index)})
        for index, at in enumerate(blocks)
    ]
    root = {
        "DataVersion": nbtlib.Int(4189),
        "size": nbtlib.List[nbtlib.Int](size),
        "palette": palette,
        "blocks": nbtlib.List[nbtlib.Compound](listed),
    }
    path = pack / f"data/t/structure/{name}.nbt"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbtlib.File(root).save(path, gzipped=True)


def world_of(folder: Path, objectives: tuple[str, ...] = ("o",), **functions: str) -> World:
    world = World(write_pack(folder, **functions))
    world.objectives |= set(objectives)
    return world


def scores(world: World, *names: str) -> list[int | None]:
    return [world.score(f"#{name}", "o") for name in names]


def test_good_pack_runs(packs):
    world = World(packs["good"], loads_after=3)
    world.restart()
    assert world.unknown_commands() == []
    world.run("town:mill/show")
    world.tick(2)
    assert world.bossbars["town:work"]["value"] == 2
    assert world.blocks.get(4, 64, 8) is None
    world.tick(2)
    assert [stats.places for stats in world.stats] == [0, 0, 1, 1]
    assert str(world.blocks.get(4, 64, 8)) == "minecraft:stone"
    assert str(world.blocks.get(5, 65, 9)) == "minecraft:oak_sign[rotation=8]"
    assert world.blocks.entities[21, 65, 9]["id"] == "minecraft:sign"
    world.tick()
    assert (world.bossbars, world.forced, world.scheduled) == ({}, {}, [])
    assert world.said() == ["The mill stands", "minecraft:block.note_block.pling", "done"]
    assert str(world.blocks.get(31, 65, 31)).startswith("minecraft:oak_stairs[")


def test_scoreboard(tmp_path):
    text = """
        scoreboard players set #a o 7
        scoreboard players add #b o 2147483647
        scoreboard players add #b o 2
        scoreboard players remove #c o 3
        scoreboard players operation #d o = #a o
        scoreboard players operation #d o /= #c o
        scoreboard players operation #e o = #a o
        scoreboard players operation #e o %= #c o
        scoreboard players operation #f o += #nobody o
        scoreboard players set #g o 1
        scoreboard players operation #g o >< #a o
        execute store success score #zero o run scoreboard players operation #g o /= #f o
        execute store success score #again o run scoreboard objectives add o dummy
        execute store result score #get o run scoreboard players get #c o
        execute store success score #missing o run scoreboard players get #unheard o
        execute store success score #lost o run scoreboard players set #a nowhere 1
    """
    world = world_of(tmp_path, run="\n".join(line.strip() for line in text.splitlines()))
    world.run("t:run")
    assert scores(world, "a", "b", "c", "d", "e", "f", "g", "nobody") == [
        1,
        -2147483647,
        -3,
        -3,
        -2,
        0,
        7,
        0,
    ]
    assert scores(world, "zero", "again", "get", "missing", "lost") == [0, 0, -3, 0, 0]


def test_execute_if_and_store(tmp_path):
    world = world_of(
        tmp_path,
        run="""scoreboard players set #a o 3
execute if score #a o matches 2..4 run scoreboard players set #in o 1
execute unless score #a o matches ..2 run scoreboard players set #above o 1
execute if score #none o matches 0 run scoreboard players set #bad o 1
execute unless score #none o matches 0 run scoreboard players set #unset o 1
execute if score #a o > #none o run scoreboard players set #bad o 1
scoreboard players set #kept o 9
execute store success score #kept o if score #a o matches 5 run say no
execute store success score #plain o if score #a o matches 5
execute store result score #value o run function t:five
scoreboard players set #void o 8
execute store result score #void o run function t:void
execute store success score #failed o run function t:fail
execute if loaded 0 64 0 run scoreboard players set #bad o 1
execute as @a run scoreboard players add @s o 1
execute as @a at @s store success score #two o store result score #three o run \
scoreboard players set #x o 3
""",
        five="return 5",
        void="say nothing to give back",
        fail="return fail",
    )
    world.players = ("Alex", "Kim")
    world.run("t:run")
    assert scores(world, "in", "above", "unset", "bad") == [1, 1, 1, None]
    assert scores(world, "kept", "plain", "value", "void", "failed") == [9, 0, 5, 8, 0]
    assert scores(world, "two", "three") == [1, 3]
    assert (world.score("Alex", "o"), world.score("Kim", "o")) == (1, 1)


def test_return(tmp_path):
    after = "\nscoreboard players set #after o 1"
    world = world_of(
        tmp_path,
        value=f"return 4{after}",
        fail=f"return fail{after}",
        run=f"return run scoreboard players set #x o 6{after}",
        conditional=f"execute if score #x o matches 6 run return run function t:value{after}",
        unmet=f"return run execute if score #x o matches 7 run say no{after}",
        void=f"return run function t:say{after}",
        say="say hello",
        all=f"function t:value\nfunction t:fail{after}",
    )
    assert [world.run(f"t:{name}") for name in ("value", "fail", "run", "conditional", "unmet",
    "void")] == [
        (1, 4), (0, 0), (1, 6), (1, 4), (0, 0), (0, 0)
    ]  # fmt: skip
    assert scores(world, "after") == [None]
    assert world.run("t:all") is None
    assert scores(world, "after") == [1]


def test_schedule(tmp_path):
    world = world_of(
        tmp_path,
        count="scoreboard players add #n o 1",
        loop="scoreboard players add #loop o 1\nschedule function t:loop 1t",
        once="schedule function t:count 2t\nschedule function t:count 3t replace",
        twice="schedule function t:count 2t append\nschedule function t:count 1s append",
        clear="execute store result score #cleared o run schedule clear t:count",
        zero="execute store success score #zero o run schedule function t:count 0t",
    )
    world.run("t:once")
    world.tick(2)
    assert scores(world, "n") == [None]
    world.tick()
    assert scores(world, "n") == [1]
    world.run("t:twice")
    world.tick(2)
    assert scores(world, "n") == [2]
    world.run("t:clear")
    world.run("t:zero")
    world.tick(30)
    assert scores(world, "n", "cleared", "zero") == [2, 1, 0]
    world.run("t:loop")
    world.tick(5)
    assert scores(world, "loop") == [6]


def test_forceload_and_loading(tmp_path):
    world = world_of(
        tmp_path,
        add="execute store result score #added o run forceload add -1 0 16 15",
        remove="execute store result score #removed o run forceload remove 0 0",
        many="execute store success score #many o run forceload add 0 0 256 255",
        see="execute store success score #loaded o if loaded 16 0 15",
    )
    world.loads_after = 2
    world.run("t:add")
    assert world.forced.keys() == {(-1, 0), (0, 0), (1, 0)}
    for loaded in (0, 1):
        world.tick(loaded + 1)
        world.run("t:see")
        assert scores(world, "loaded") == [loaded]
    world.run("t:remove")
    assert scores(world, "added", "removed") == [3, 1]
    world.run("t:add")
    assert scores(world, "added") == [1]
    world.run("t:add")
    assert scores(world, "added") == [0]
    world.run("t:many")
    assert scores(world, "many") == [0]


def test_structures_read_as_nbtlib_reads_them(packs):
    path = packs["good"] / "data/town/structure/mill.nbt"
    structure, root = read_structure(path), nbtlib.load(path)
    listed = [[int(number) for number in block["pos"]] for block in root["blocks"]]
    assert structure.at.tolist() == listed
    assert structure.state.tolist() == [int(block["state"]) for block in root["blocks"]]
    assert structure.entities == {4: root["blocks"][4]["nbt"]}
    assert str(structure.palette[1]) == "minecraft:oak_stairs[facing=east,half=top,shape=straight]"
    assert (structure.size, structure.data_version) == ((3, 2, 3), 4189)


def test_place(tmp_path):
    pack = write_pack(
        tmp_path, place="execute store success score #ok o run place template t:hut -2 63 14"
    )
    write_structure(
        pack,
        "hut",
        (4, 2, 1),
        {
            (0, 0, 0): "stone",
            (3, 1, 0): "air",
            (1, 1, 0): "oak_stairs[facing=east,half=top,shape=straight]",
        },
    )
    world = World(pack, objectives={"o"})
    world.blocks.set(0, 63, 14, BlockState.parse("dirt"))
    world.blocks.set(-1, 64, 14, BlockState.parse("water[level=0]"))
    world.kept_loaded = {(-1, 0)}
    world.run("t:place")
    assert scores(world, "ok") == [0]
    assert world.blocks.get(-2, 63, 14) is None
    world.kept_loaded = {(-1, 0), (0, 0)}
    world.run("t:place")
    assert scores(world, "ok") == [1]
    found = [
        str(world.blocks.get(x, y, 14)) for x, y in ((-2, 63), (1, 64), (-1, 64), (0, 63), (0, 64))
    ]
    wet = "minecraft:oak_stairs[facing=east,half=top,shape=straight,waterlogged=true]"
    assert found == ["minecraft:stone", "minecraft:air", wet, "minecraft:dirt", "None"]
    world.tick()
    assert (world.stats[0].blocks, world.stats[0].places) == (6 - 3, 1)


def test_place_wants_the_chunk_behind_the_template(tmp_path):
    pack = write_pack(
        tmp_path, place="execute store success score #ok o run place template t:wall 0 64 0"
    )
    write_structure(pack, "wall", (16, 1, 1), {(15, 0, 0): "stone"})
    world = World(pack, objectives={"o"}, kept_loaded={(0, 0)})
    world.run("t:place")
    assert scores(world, "ok") == [0]
    world.kept_loaded = {(0, 0), (1, 0)}
    world.run("t:place")
    assert scores(world, "ok") == [1]


def test_restart_keeps_what_the_game_keeps(tmp_path):
    world = world_of(
        tmp_path,
        load="scoreboard players add #opened o 1",
        go="forceload add 0 0\nschedule function t:late 3t\nbossbar add t:bar 'Work'\nfill 0 64 0 "
        "1 64 0 stone",
        late="execute store success score #loaded o if loaded 0 0 0",
    )
    world.kept_loaded = {(0, 0)}
    world.run("t:go")
    world.kept_loaded = set()
    world.tick()
    saved = world.save()
    world.tick(2)
    assert scores(world, "loaded", "opened") == [1, None]
    world.restart(saved)
    assert scores(world, "loaded", "opened") == [None, 1]
    assert world.bossbars["t:bar"]["name"] == "Work"
    assert str(world.blocks.get(1, 64, 0)) == "minecraft:stone"
    assert not world.is_loaded([(0, 0)])
    world.tick(2)
    assert scores(world, "loaded") == [1]
    world.restart()
    assert scores(world, "loaded", "opened") == [1, 2]


def test_limits_and_what_it_does_not_know(tmp_path):
    world = world_of(
        tmp_path,
        ten="say 0\n" * 10,
        summon="summon minecraft:pig",
        lost="function t:nowhere",
        bad="sya hello",
        tick="scoreboard players add #ticks o 1",
    )
    world.chain_length = 9
    with pytest.raises(ChainTooLongError, match="t:ten"):
        world.run("t:ten")
    with pytest.raises(UnknownCommandError, match="t:summon:1: summon"):
        world.run("t:summon")
    with pytest.raises(KeyError, match="t:nowhere"):
        world.run("t:lost")
    with pytest.raises(ValueError, match="t:bad would not load"):
        world.run("t:bad")
    assert world.unknown_commands() == ["t:summon:1: summon:entity"]
    world.tick(3)
    assert scores(world, "ticks") == [3]
    assert world.stats[-1].commands == 1


def test_reads_a_scoreboard(tmp_path):
    objective = nbtlib.Compound(
        {"Name": nbtlib.String("o"), "CriteriaName": nbtlib.String("dummy")}
    )
    score = nbtlib.Compound(
        {"Name": nbtlib.String("#a"), "Objective": nbtlib.String("o"), "Score": nbtlib.Int(-1)}
    )
    data = nbtlib.Compound(
        {
            "Objectives": nbtlib.List[nbtlib.Compound]([objective]),
            "PlayerScores": nbtlib.List[nbtlib.Compound]([score]),
        }
    )
    nbtlib.File({"data": data}).save(tmp_path / "scoreboard.dat", gzipped=True)
    world = world_of(tmp_path / "pack", objectives=(), say="say a")
    world.read_scoreboard(tmp_path / "scoreboard.dat")
    assert world.objectives == {"o"}
    assert scores(world, "a") == [-1]


def test_text_with_a_score(tmp_path):
    world = world_of(
        tmp_path,
        run='scoreboard players set #a o 5\ntitle @a actionbar ["of ", {"score": {"name": "#a", '
        '"objective": "o"}}]',
    )
    world.run("t:run")
    assert world.said("actionbar") == ["of 5"]


def test_boxes_of_blocks_and_templates_agree():
    """A template placed across sections at odd positions, against the same blocks set one by
    one."""
    random = np.random.default_rng(1)
    states = [BlockState.parse(name) for name in ("stone", "dirt", "air")]
    at = np.unique(random.integers(0, 40, (500, 3)), axis=0)
    structure = Structure(4189, (40, 40, 40), tuple(states), at, random.integers(0, 3, len(at)), {})
    placed, single = Blocks("1.21.4"), Blocks("1.21.4")
    ground = random.integers(0, 3, (50, 60, 70))
    for blocks in (placed, single):
        blocks.put(-37, -9, 5, ground, states)
    assert placed.place(structure, (-33, -7, 11)) == len(at)
    for (x, y, z), state in zip(at.tolist(), structure.state, strict=True):
        single.set(x - 33, y - 7, z + 11, states[state])
    np.testing.assert_array_equal(
        placed.box(-50, -20, 0, (90, 90, 90)), single.box(-50, -20, 0, (90, 90, 90))
    )
    copy = placed.copy()
    copy.set(0, 0, 20, BlockState.parse("gold_block"))
    assert placed.get(0, 0, 20) != copy.get(0, 0, 20)
