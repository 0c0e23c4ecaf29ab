"""What `build` writes in both editions: one city, the same bytes every time, and files that the
programs of others accept."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from buildings.developments.developments import RESERVED
from mc_city.build import bedrock_edition, java_edition
from mc_city.build.build import build
from mc_city.build.staging import inventory, partial_folder
from mc_city.checking.telling import build_notes, last_lines
from mc_city.city.drawing import voxelise
from mc_city.settings.config import read_config
from tests.bedrock_worlds import expected_counts, records_of
from tests.commands import run
from tests.conftest import PROJECT, quiet, sample_config, write_city
from tests.packs.bedrock.diagnoser import diagnoser_faults
from tests.packs.bedrock.executor import Blocks, World
from tests.packs.bedrock.own_check import own_faults
from tests.plans import SMALL_PLANS, write_planned_city
from tests.readers.amulet_words import OVERWORLD, Words, compare_chunk, entity_words
from tests.readers.bedrock_programs import (
    BLOCK_ENTITIES,
    BLOCKS,
    CHUNKS,
    ERROR,
    INTERNAL,
    WARNING,
    plain_name,
    read_with_operator,
    validate,
)
from tests.regions import window_of
from tests.strict_bedrock import lacking
from worlds.bedrock.behaviour import pack_root
from worlds.bedrock.scores import read_scores
from worlds.bedrock.sizes import megabytes
from worlds.bedrock.translate import encode_bedrock_palette
from worlds.java.climate import BIOMES
from worlds.java.layout import region_files
from worlds.java.pack_meta import PACK
from worlds.java.reader import read_region_volume
from worlds.volume import BlockState

EXPECTED_DIFFERENCES: frozenset[tuple[tuple[str, ...], tuple[str, ...]]] = frozenset()
"""(block of the Java world, block of the Bedrock world), both in Bedrock's words, that may stand in
one place: none. A block that Bedrock lacks would have to be here, and is in report.json."""

SINCE = {
    "cut_sandstone": "sandstone", "smooth_sandstone": "sandstone", "coarse_dirt": "dirt",
    "stone_bricks": "stonebrick",
    "cracked_stone_bricks": "stonebrick", "mossy_stone_bricks": "stonebrick",
    "dandelion": "yellow_flower",
    "andesite_slab": "stone_block_slab3", "polished_andesite_slab": "stone_block_slab3",
    "polished_diorite_slab": "stone_block_slab3",
    "polished_granite_slab": "stone_block_slab3", "smooth_quartz_slab": "stone_block_slab4",
    "normal_stone_slab": "stone_block_slab4",
    "smooth_quartz": "quartz_block", "quartz_pillar": "quartz_block",
    "chiseled_stone_bricks": "stonebrick",
    "chiseled_quartz_block": "quartz_block",
    "dark_prismarine": "prismarine", "dark_prismarine_slab": "stone_block_slab2",
    "prismarine_slab": "stone_block_slab2", "red_nether_brick_slab": "stone_block_slab2",
    **{f"{kind}_wall": "cobblestone_wall" for kind in (
        "stone_brick", "prismarine", "andesite", "diorite", "granite", "sandstone", "red_sandstone",
        "brick", "mossy_cobblestone", "mossy_stone_brick", "nether_brick", "red_nether_brick",
        "end_stone_brick",
    )},
}  # fmt: skip
"""Names of versions after 1.21.0, which some readers give, and what the blocks were called in
it."""


MUTE = ("beehive", "bell", "campfire")
"""Blocks with an entity in which nothing is written."""


@dataclass(frozen=True)
class Built:
    """out: what build wrote; java, bedrock: world folders, apart from it, that readers may
    change."""

    out: Path
    java: Path
    bedrock: Path

    @property
    def report(self) -> dict[str, Any]:
        return json.loads((self.out / "report.json").read_text("utf-8"))


def unpacked(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder


def copies(out: Path, city: str, folder: Path) -> Built:
    java = shutil.copytree(out / city, folder / "java")
    return Built(out, java, unpacked(out / f"{city}.mcworld", folder / "bedrock"))


@pytest.fixture(scope="module")
def planned(planned_out, tmp_path_factory) -> Built:
    """The small planned city as one job writes it."""
    return copies(planned_out(), "Liten", tmp_path_factory.mktemp("planned"))


@pytest.fixture(scope="module")
def shown(planned_out, tmp_path_factory) -> Built:
    """The same, built with two of its layers shown."""
    return copies(planned_out("alfa", "beta/b"), "Liten", tmp_path_factory.mktemp("shown"))


@pytest.fixture(scope="module")
def sample(sample_out, tmp_path_factory) -> Built:
    return copies(sample_out, "Sundsvall", tmp_path_factory.mktemp("sample_copies"))


class Levels:
    """Both worlds of a build, opened by amulet-core."""

    def __init__(self, built: Built) -> None:
        import amulet

        self.java, self.bedrock = (
            amulet.load_level(str(built.java)),
            amulet.load_level(str(built.bedrock)),
        )
        self.words: Words = {}

    def __enter__(self) -> Levels:
        return self

    def __exit__(self, *_: object) -> None:
        self.java.close()
        self.bedrock.close()

    def chunks(self) -> list[tuple[int, int]]:
        """The chunks of both worlds, which must be the same."""
        found = set(self.bedrock.all_chunk_coords(OVERWORLD))
        assert found == set(self.java.all_chunk_coords(OVERWORLD))
        return sorted(found)

    def compared(
        self, chunks: Iterable[tuple[int, int]]
    ) -> Counter[tuple[tuple[str, ...], tuple[str, ...]]]:
        return sum(
            (compare_chunk(self.java, self.bedrock, place, self.words) for place in chunks),
            Counter(),
        )

    def written(
        self, chunks: Iterable[tuple[int, int]]
    ) -> dict[tuple[int, int, int], tuple[str, Any]]:
        """What block entities say, which must be the same in both."""
        found: dict[tuple[int, int, int], tuple[str, Any]] = {}
        for place in chunks:
            theirs, ours = entity_words(self.java, place), entity_words(self.bedrock, place)
            assert theirs == ours, place
            found.update(ours)
        return found


def unexpected(
    compared: Counter[tuple[tuple[str, ...], tuple[str, ...]]],
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], int]:
    return {
        pair: count
        for pair, count in compared.items()
        if pair[0] != pair[1] and pair not in EXPECTED_DIFFERENCES
    }


@pytest.mark.parametrize("which", ["planned", "shown"])
def test_amulet_finds_one_city_in_both_worlds_of_a_build(which, request):
    with Levels(request.getfixturevalue(which)) as levels:
        chunks = levels.chunks()
        assert len(chunks) == 64
        compared = levels.compared(chunks)
        assert unexpected(compared) == {}
        assert sum(compared.values()) == 64 * 16 * 16 * 384
        names = {layers[0].split("[")[0] for layers, _ in compared}
        assert len(names) > 30
        assert {
            "minecraft:command_block",
            "minecraft:lectern",
            "minecraft:wall_sign",
            "minecraft:stone_button",
        } <= names


def test_what_signs_books_and_buttons_say_is_the_same_in_both_worlds(planned):
    with Levels(planned) as levels:
        written = levels.written(levels.chunks())
    kinds = Counter(kind for kind, _ in written.values())
    assert kinds.keys() == {"sign", "lectern", "command_block"}
    signs = [words for kind, words in written.values() if kind == "sign"]
    assert any("Alfa kvarter" in line for front, _ in signs for line in front)
    assert all(back == [""] * 4 for _, back in signs)
    books = [words for kind, words in written.values() if kind == "lectern"]
    assert kinds["lectern"] == 4, "the city room's, and one at each board"
    assert any("Ett nytt kvarter." in page for _, _, pages in books for page in pages)
    commands = {words for kind, words in written.values() if kind == "command_block"}
    assert "function beta/press_2" in commands
    for name in (command.removeprefix("function ") for command in commands):
        assert (
            planned.java
            / "datapacks"
            / PACK
            / "data"
            / "mc_city"
            / "function"
            / f"{name}.mcfunction"
        ).exists(), name
        assert (pack_root(planned.bedrock) / "functions" / f"{name}.mcfunction").exists(), name


@dataclass(frozen=True)
class Meant:
    """blocks: how often each name is to be found, as `expected_counts` has it; written: the kind of
    each block entity, by place."""

    blocks: Counter[str]
    written: dict[tuple[int, int, int], str]

    def entity_counts(self) -> dict[str, int]:
        names = {"sign": "sign", "lectern": "lectern", "command_block": "commandBlock"}
        mute = {name: self.blocks[name] for name in MUTE if name in self.blocks}
        return dict(Counter(names[kind] for kind in self.written.values())) | mute


@pytest.fixture(scope="module")
def meant(sample_scene) -> Meant:
    """What the sample's voxels are, drawn here region by region."""
    scene, written = sample_scene, dict[tuple[int, int, int], str]()

    def tiles() -> Iterator[tuple[Any, ...]]:
        for region in scene.grid.regions():
            tile = voxelise(scene, *region)
            written.update({sign.at: "sign" for sign in tile.signs})
            for fixture in tile.fixtures:
                written.update({sign.at: "sign" for sign in fixture.signs})
                written.update({book.at: "lectern" for book in fixture.books})
                written.update({press.at: "command_block" for press in fixture.presses})
            yield tile.region, tile.volume, tile.below, tile.biomes, tile.present

    blocks = expected_counts(tiles(), encode_bedrock_palette(scene.palette, scene.bedrock, BIOMES))
    return Meant(blocks, written)


@pytest.mark.slow
def test_amulet_finds_one_sample_in_both_worlds(sample, meant):
    """Every 8th chunk of each region, in each of its rows and columns, and every chunk with
    something written in it."""
    with Levels(sample) as levels:
        chunks = levels.chunks()
        assert len(chunks) == 16_384
        picked = [(x, z) for x, z in chunks if (x + 5 * z) % 8 == 0]
        assert Counter((x >> 5, z >> 5) for x, z in picked) == {
            (x, z): 128 for x in range(-2, 2) for z in range(-2, 2)
        }
        written = levels.written(sorted({(x >> 4, z >> 4) for x, _, z in meant.written}))
        assert {place: kind for place, (kind, _) in written.items()} == meant.written
        assert (
            unexpected(
                levels.compared(sorted({*picked, *((x >> 4, z >> 4) for x, _, z in written)}))
            )
            == {}
        )


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["mcworld", "mctemplate"])
def test_mojangs_validator_accepts_the_sample_and_counts_what_we_meant(
    suffix, sample, meant, tmp_path
):
    verdict = validate(sample.out / f"Sundsvall.{suffix}", tmp_path / "report")
    assert verdict.code == 0, verdict.said
    assert verdict.of_kind(ERROR, INTERNAL) == []
    # Its schema of dialogues takes the list of scenes for a list of texts; the documentation of the
    # format has objects.
    known = "object value found, but a string is required"
    assert [
        warning
        for warning in verdict.of_kind(WARNING)
        if "/dialogue/" not in warning or known not in warning
    ] == []
    assert "Assertion failed" not in verdict.said
    assert {
        plain_name(name): count for name, count in verdict.counts(BLOCKS).items()
    } == meant.blocks
    assert verdict.counts(BLOCK_ENTITIES) == meant.entity_counts()
    assert verdict.world(CHUNKS)["d"] == 16_384


@pytest.mark.slow
def test_bedrock_world_operator_reads_every_chunk_of_the_sample(
    sample, sample_scene, meant, tmp_path
):
    grid = sample_scene.grid
    chunks = [
        (x, z)
        for x in range(grid.x0 // 16, (grid.x0 + grid.nx) // 16)
        for z in range(grid.z0 // 16, (grid.z0 + grid.nz) // 16)
    ]
    found = read_with_operator(shutil.copytree(sample.bedrock, tmp_path / "copy"), chunks, "counts")
    assert found["valid"]
    assert found["level"] == {"name": "Sundsvall", "spawn": sample_scene.spawn[1]}
    assert found["missing"] == []
    first, second = found["layers"]
    assert "minecraft:unknown" not in {*first, *second}
    assert sum(first.values()) == 16_384 * 16 * 16 * 384
    assert set(second) <= {"minecraft:air", "minecraft:water"}
    theirs: Counter[str] = Counter()
    for name, count in first.items():
        plain = name.removeprefix("minecraft:")
        theirs[plain_name(SINCE.get(plain, plain))] += count
    del theirs["air"]
    assert theirs == {name: count for name, count in meant.blocks.items() if name != "air"}
    assert found["entities"] == {
        name[0].upper() + name[1:]: count for name, count in meant.entity_counts().items()
    }


def in_a_world(pack: Path, scores: dict[tuple[str, str], int]) -> World:
    """A pack in a world with these scores, whose blocks are not looked at."""
    nothing = Blocks((0, 0, 0), np.zeros((1, 1, 1), np.int32), np.zeros((1, 1, 1), np.int32), {})
    return World(
        pack, nothing, objectives={objective for objective, _ in scores}, scores=dict(scores)
    )


def initial_scores(world: Path) -> dict[tuple[str, str], int]:
    """The scores that its pack sets in a world without any, but for the one that only counts its
    own steps."""
    run, wanted = in_a_world(pack_root(world), {}), read_scores(world)["mc_city", "#work.init"]
    for _ in range(wanted):
        run.run("mc_city/tick")
    assert run.score("work.init") == wanted
    assert "mc_city/work" not in run.parsed
    return {
        place: value for place, value in run.scores.items() if place != ("mc_city", "#work.part")
    }


def assert_pack_is_sound(built: Built) -> None:
    root = pack_root(built.bedrock)
    assert own_faults(root, built.bedrock) == []
    assert json.loads((root / "manifest.json").read_text("utf-8"))["header"][
        "min_engine_version"
    ] == [1, 21, 0]
    facts = built.report["editions"]["bedrock"]["layers"]
    assert facts["functions"] == len(list(root.rglob("*.mcfunction")))
    assert facts["pieces"] == len(list(root.rglob("*.mcstructure")))
    assert read_scores(built.bedrock) == initial_scores(built.bedrock)
    assert built.report["units"] == sum(
        objective == "mc_city_unit" for objective, _ in read_scores(built.bedrock)
    )


def test_the_pack_of_a_build_is_sound_and_its_scores_are_those_it_would_set_itself(planned):
    assert_pack_is_sound(planned)
    assert diagnoser_faults(pack_root(planned.bedrock)) == []


def test_a_build_with_layers_shown_holds_their_scores(shown, planned):
    assert_pack_is_sound(shown)
    scores, hidden = read_scores(shown.bedrock), read_scores(planned.bedrock)
    assert {name: scores["mc_city", f"#{name}"] for name in ("alfa", "beta", "gamma")} == {
        "alfa": 1,
        "beta": 2,
        "gamma": 0,
    }
    assert {name: hidden["mc_city", f"#{name}"] for name in ("alfa", "beta", "gamma")} == {
        "alfa": 0,
        "beta": 0,
        "gamma": 0,
    }
    assert scores.keys() == hidden.keys()
    assert {value for (objective, _), value in hidden.items() if objective == "mc_city_unit"} == {0}
    assert any(value for (objective, _), value in scores.items() if objective == "mc_city_unit")


@pytest.mark.parametrize("which", ["planned", "shown"])
def test_a_built_world_is_not_set_up_again_and_has_nothing_to_rebuild(which, request):
    built = request.getfixturevalue(which)
    world = in_a_world(pack_root(built.bedrock), read_scores(built.bedrock))
    before = {
        place: value
        for place, value in world.scores.items()
        if place[0] == "mc_city_unit" or "." not in place[1]
    }
    world.settle()
    world.run("mc_city/start")
    world.settle()
    assert "mc_city/tick" in world.parsed
    assert not [name for name in world.parsed if name.startswith(("mc_city/init", "mc_city/unit"))]
    assert {place: world.scores[place] for place in before} == before
    assert len(world.guides) == 4


@pytest.mark.slow
def test_the_pack_of_the_sample_is_sound(sample):
    assert_pack_is_sound(sample)
    assert diagnoser_faults(pack_root(sample.bedrock)) == []


FILES = {
    "java": {"Liten", "Liten-java.zip"},
    "bedrock": {"Liten.mcworld", "Liten.mctemplate"},
    "always": {"map.png", "report.json", "ATTRIBUTION.txt"},
}


def top(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def contents(out: Path) -> dict[str, str]:
    """Check sums of all files, those in archives beside them, so that a difference says where it
    is."""
    found = inventory(out)
    for path in out.glob("*.mc*"):
        with zipfile.ZipFile(path) as archive:
            found |= {
                f"{path.name}/{name}": hashlib.sha256(archive.read(name)).hexdigest()
                for name in archive.namelist()
            }
    return found


def test_jobs_make_no_difference_to_either_edition(planned, planned_config, tmp_path):
    assert top(planned.out) == set.union(*FILES.values())
    build(planned_config, tmp_path / "out", 2, False, quiet)
    found = contents(tmp_path / "out")
    assert found == contents(planned.out)
    assert {"Liten.mcworld", "Liten.mctemplate", "Liten/region/r.-1.0.mca"} <= found.keys()


@pytest.mark.parametrize("edition", ["java", "bedrock"])
def test_one_edition_alone_has_the_bytes_it_has_beside_the_other(
    edition, planned, planned_config, tmp_path
):
    report = build(
        planned_config.with_world(editions=(edition,)), tmp_path / "out", 2, False, quiet
    )
    assert list(report["editions"]) == [edition]
    assert top(tmp_path / "out") == FILES[edition] | FILES["always"]
    alone, both = contents(tmp_path / "out"), contents(planned.out)
    assert alone == {name: both[name] for name in alone}


@pytest.mark.slow
def test_the_bedrock_sample_alone_has_the_bytes_it_has_beside_java(sample, tmp_path):
    """The picture of the map, in the icons too, is drawn from the Bedrock world here and from the
    Java world there."""
    build(sample_config().with_world(editions=("bedrock",)), tmp_path / "out", 1, False, quiet)
    alone, both = inventory(tmp_path / "out"), inventory(sample.out)
    assert alone.keys() == {
        "ATTRIBUTION.txt",
        "Sundsvall.mcworld",
        "Sundsvall.mctemplate",
        "map.png",
    }
    assert alone == {name: both[name] for name in alone}


def chunk_records(out: Path, folder: Path) -> dict[bytes, bytes]:
    return {
        key: value
        for key, value in records_of(unpacked(out / "Liten.mcworld", folder)).items()
        if len(key) in (9, 10)
    }


def test_two_adjacent_areas_join_record_for_record(small_world, halves, tmp_path):
    whole, left, right = (
        chunk_records(out, tmp_path / str(number))
        for number, out in enumerate((small_world, *halves))
    )
    assert len(left) < len(whole) > len(right) > 100
    assert left | right == whole


@pytest.mark.parametrize(
    ("module", "where", "calls", "kept"),
    [
        pytest.param(java_edition, "write_tile", 3, 2, id="java tile", marks=pytest.mark.slow),
        pytest.param(bedrock_edition, "write_tile", 3, 2, id="bedrock tile"),
        pytest.param(
            bedrock_edition, "write_differences", 2, 1, id="structures", marks=pytest.mark.slow
        ),
        pytest.param(bedrock_edition, "write_world", 1, 4, id="database", marks=pytest.mark.slow),
        pytest.param(bedrock_edition, "write_pack", 1, 4, id="pack", marks=pytest.mark.slow),
        pytest.param(bedrock_edition, "write_mctemplate", 1, 4, id="template"),
    ],
)
def test_a_build_stopped_anywhere_goes_on_and_gives_the_same_bytes(
    module, where, calls, kept, planned, planned_config, tmp_path, monkeypatch
):
    real, called = getattr(module, where), []

    def stops(*arguments: Any) -> Any:
        called.append(arguments)
        done = real(*arguments)
        if len(called) == calls:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(module, where, stops)
    with pytest.raises(KeyboardInterrupt):
        build(planned_config, tmp_path / "out", 1, False, quiet)
    assert not (tmp_path / "out").exists()
    assert len(list((partial_folder(tmp_path / "out") / "done").glob("*.json"))) >= kept
    build(planned_config, tmp_path / "out", 1, False, quiet)
    assert contents(tmp_path / "out") == contents(planned.out)
    assert not partial_folder(tmp_path / "out").exists()


@pytest.mark.parametrize("edition", ["java", "bedrock", "all"])
def test_the_command_line_writes_just_the_files_of_an_edition(edition, tmp_path):
    """Whatever the configuration asks for."""
    config = write_city(tmp_path, '[world]\neditions = ["java"]' if edition != "java" else "")
    done = run("build", str(config), "--out", str(tmp_path / "out"), "--edition", edition)
    assert done.returncode == 0, done.stderr
    wanted = FILES[edition] if edition != "all" else FILES["java"] | FILES["bedrock"]
    assert top(tmp_path / "out") == wanted | FILES["always"]
    for name, sentence in (
        ("java", "Java 1.21.4 or later"),
        ("bedrock", "Bedrock and Education 1.21.0 or later"),
    ):
        assert (sentence in done.stderr) == (edition in (name, "all"))


@pytest.mark.parametrize("version", ["1.20.80", "1.26.30"])
def test_the_configuration_names_editions_and_the_bedrock_version(version, tmp_path):
    config = write_city(tmp_path, f'[world]\neditions = ["bedrock"]\nbedrock_version = "{version}"')
    report = build(read_config(config), tmp_path / "out", 1, False, quiet)
    assert top(tmp_path / "out") == FILES["bedrock"] | FILES["always"]
    assert report["editions"]["bedrock"]["version"] == version
    size = (tmp_path / "out" / "Liten.mcworld").stat().st_size
    assert report["editions"]["bedrock"]["mcworld_bytes"] == size
    assert any(
        f"Liten.mcworld ({megabytes(size)})" in line
        for line in last_lines(report, Path("out"), "Liten")
    )
    assert not any("250 MB" in line for line in build_notes(report))
    report["editions"]["bedrock"]["mcworld_bytes"] = 251_000_000
    assert any("Liten.mcworld has 251 MB, over the 250 MB" in line for line in build_notes(report))
    world = unpacked(tmp_path / "out" / "Liten.mcworld", tmp_path / "world")
    import amulet

    level = amulet.load_level(str(world))
    assert level.level_wrapper.version[:3] == tuple(map(int, version.split(".")))
    level.close()
    manifest = json.loads(
        zipfile.ZipFile(tmp_path / "out" / "Liten.mctemplate").read("manifest.json")
    )
    assert manifest["header"]["base_game_version"] == [*map(int, version.split("."))]


@pytest.mark.parametrize("command", ["build", "check"])
def test_a_bedrock_version_that_cannot_be_written_is_refused_before_anything_is_written(
    command, tmp_path
):
    config = write_city(tmp_path, '[world]\nbedrock_version = "1.21.1"')
    before = {path.name for path in tmp_path.iterdir()}
    done = run(
        command, str(config), *(("--out", str(tmp_path / "out")) if command == "build" else ())
    )
    assert done.returncode == 1
    error, hint = (
        line for line in done.stderr.splitlines() if line.startswith(("error:", "hint:"))
    )
    assert "bedrock_version = '1.21.1'" in error
    assert "use '1.21.0'" in hint
    assert {path.name for path in tmp_path.iterdir()} - {".out.lock"} == before


def test_the_functions_that_packs_need_are_names_that_layers_cannot_have(planned):
    """So that a layer's folder never mixes with another."""
    layers = {"alfa", "beta", "gamma"}
    java = planned.java / "datapacks" / PACK / "data" / "mc_city" / "function"
    for folder in (java, pack_root(planned.bedrock) / "functions"):
        names = {path.stem for path in folder.iterdir()} - {"tick"}
        assert layers <= names
        assert names - layers <= set(RESERVED), folder


def replaced(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def placed(world: Path, names: set[str]) -> Counter[str]:
    """How often the states of these blocks stand in a Java world."""
    counts: Counter[str] = Counter()
    for _, _, path in region_files(world):
        volume, present = read_region_volume(path)
        ids = volume.ids[window_of(present)].ravel()
        for state, count in zip(
            volume.palette.states, np.bincount(ids, minlength=len(volume.palette)), strict=True
        ):
            if state.name.removeprefix("minecraft:") in names:
                counts[str(state)] += int(count)
    return counts


def ours(facts: dict, key: str) -> dict:
    """What is said of blocks that the sample's own tables name, and newer games have."""
    newer = lacking([BlockState.parse(state) for state in facts["stands_for"]], (1, 21, 0))
    return {state: what for state, what in facts[key].items() if state in newer}


def test_blocks_that_bedrock_lacks_are_counted_one_by_one(tmp_path):
    """Walls of pale oak, and resin under the grass: 1.21.0 has neither."""
    styles = (PROJECT / "configs" / "styles.toml").read_text("utf-8")
    styles = replaced(styles, 'wall = "bricks"', 'wall = "pale_oak_planks"')
    for wall in (
        "red_terracotta",
        "yellow_terracotta",
        "smooth_sandstone",
        "white_terracotta",
        "calcite",
        "terracotta",
    ):
        styles = styles.replace(f'wall = "{wall}"', 'wall = "pale_oak_planks"')
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "styles.toml").write_text(
        replaced(styles, 'unders = ["dirt"]', 'unders = ["resin_bricks"]'), "utf-8"
    )
    path = write_planned_city(tmp_path / "city", SMALL_PLANS)
    path.write_text('styles = "styles.toml"\n' + path.read_text("utf-8"), "utf-8")
    config = read_config(path)
    report = build(config, tmp_path / "out", 2, False, quiet)
    facts = report["editions"]["bedrock"]
    counted = placed(tmp_path / "out" / "Liten", {"pale_oak_planks", "resin_bricks"})
    assert counted.keys() == {"minecraft:pale_oak_planks", "minecraft:resin_bricks"}
    assert min(counted.values()) > 500
    assert facts["blocks_substituted"] == {**ours(facts, "blocks_substituted"), **counted}
    named = {
        "minecraft:pale_oak_planks": "minecraft:birch_planks",
        "minecraft:resin_bricks": "minecraft:brick_block",
    }
    assert facts["stands_for"] == {**ours(facts, "stands_for"), **named}
    with Levels(copies(tmp_path / "out", "Liten", tmp_path)) as levels:
        differing = {
            ours[0].split("[")[0]: count
            for (theirs, ours), count in levels.compared(levels.chunks()).items()
            if theirs != ours
        }
    assert differing == {
        "minecraft:birch_planks": counted["minecraft:pale_oak_planks"],
        "minecraft:brick_block": counted["minecraft:resin_bricks"],
    }
    said = run("build", str(path), "--out", str(tmp_path / "out"), "--edition", "bedrock").stderr
    assert (
        f"Bedrock lacks minecraft:pale_oak_planks: {counted['minecraft:pale_oak_planks']:,} x "
        f"minecraft:birch_planks instead" in said
    )


def test_a_city_without_foreign_blocks_reports_none(planned):
    facts = planned.report["editions"]["bedrock"]
    assert (facts["blocks_substituted"], facts["stands_for"]) == (
        ours(facts, "blocks_substituted"),
        ours(facts, "stands_for"),
    )
    assert facts["properties_left_out"] == 0
