"""A class's worlds come back: each is compared, the damaged one is named and left out, and nobody
is called by name."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from mc_city.build.zips import write_zip
from mc_city.harvest import harvest as harvesting
from mc_city.harvest.handed_out import opened_base
from mc_city.harvest.harvest import Harvest, worlds_in
from mc_city.harvest.senders import sender_of, senders_of
from tests.conftest import quiet
from tests.harvest.child import build_in, hut
from tests.harvest.test_differing import unpacked
from worlds.bedrock.mcworld import write_mcworld
from worlds.errors import WorldError

HUT = hut(-58, 100, -60)


def harvest(base: Path, returned: list[Path], progress=quiet) -> Harvest:
    with opened_base(base) as handed:
        return harvesting.harvest(handed, returned, progress)


@pytest.fixture(scope="module")
def came_back(planned_out, tmp_path_factory) -> tuple[Path, Path]:
    """(what a build made, a folder of worlds of a class)."""
    out, folder = planned_out(), tmp_path_factory.mktemp("back") / "klass 4b"
    folder.mkdir()
    java = unpacked(out, "java", folder.parent / "java" / "Liten")
    build_in(java, HUT, {(-50, 100, -60): "En koja for alla"})
    write_zip(java, folder / "07.zip")
    bedrock = unpacked(out, "bedrock", folder.parent / "bedrock" / "Liten")
    build_in(bedrock, HUT)
    write_mcworld(bedrock, folder / "Anna Andersson.mcworld")
    (folder / "elev 9.mcworld").write_bytes((out / "Liten.mcworld").read_bytes()[:-2000])
    return out, folder


def test_each_world_is_compared_and_the_damaged_one_is_named(came_back):
    out, folder = came_back
    told = []
    found = harvest(out / "Liten.mcworld", [folder], lambda *step: told.append(step))
    assert [world.edition for world in found.worlds] == ["java", "bedrock"]
    for world in found.worlds:
        built = world.difference.built
        names = [built.states[number].name for number in built.after.tolist()]
        places = zip(built.x.tolist(), built.y.tolist(), built.z.tolist(), strict=True)
        assert {at: name for at, name in zip(places, names, strict=True) if at in HUT} == HUT
        assert len(built) == len(HUT) + (world.edition == "java")
    assert [text.text for text in found.worlds[0].difference.built.texts] == ["En koja for alla"]
    assert [one.file for one in found.left_out] == ["elev 9.mcworld"]
    assert "cannot be unpacked" in found.left_out[0].reason
    assert [(one.sender.school_class, one.sender.pupil) for one in found.worlds] == [
        ("4b", "07"),
        ("4b", "n1"),
    ]
    assert ("worlds", 3, 3) in told
    assert found.frame.to_blocks(*found.note.frame.origin) == (0.0, 0.0)


def test_a_world_of_another_city_is_left_out(came_back, tmp_path):
    out, _ = came_back
    other = unpacked(out, "java", tmp_path / "other")
    notes = other / "mc_city.json"
    notes.write_text(notes.read_text("utf-8").replace('"Liten"', '"Annan"'), "utf-8")
    found = harvest(out, [other], quiet)
    assert not found.worlds
    assert "another city" in found.left_out[0].reason


def test_the_other_edition_must_lie_beside_what_was_handed_out(came_back, tmp_path):
    out, folder = came_back
    alone = tmp_path / "Liten.mcworld"
    shutil.copyfile(out / "Liten.mcworld", alone)
    found = harvest(alone, [folder / "07.zip"], quiet)
    assert "not there for Java" in found.left_out[0].reason


def test_what_was_handed_out_must_be_ours(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("level.dat", b"none")
    with pytest.raises(WorldError):
        harvest(tmp_path / "x.zip", [tmp_path / "x.zip"], quiet)
    with pytest.raises(WorldError, match="no such file"):
        harvest(tmp_path / "none", [tmp_path / "x.zip"], quiet)


def test_patterns_and_folders_are_resolved(tmp_path):
    for name in ("b.zip", "a.mcworld", "note.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "level.dat").write_bytes(b"")
    assert [path.name for path in worlds_in([tmp_path])] == ["a.mcworld", "b.zip", "c"]
    assert [path.name for path in worlds_in([str(tmp_path / "*.zip")])] == ["b.zip"]
    assert len(worlds_in([tmp_path, tmp_path / "b.zip"])) == 3
    for nothing in ("nothing.zip", "*.rar"):
        with pytest.raises(WorldError, match="no world"):
            worlds_in([tmp_path / nothing])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("klass4b-07.mcworld", ("4b", "07")),
        ("4B_12.zip", ("4b", "12")),
        ("klass 5a – elev 3.mcworld", ("5a", "3")),
        ("Kalle Andersson.mcworld", ("", "")),
        ("Kalle Andersson 4b.mcworld", ("4b", "")),
        ("grupp c - par 2.zip", ("c", "2")),
        ("Sundsvall (3).mcworld", ("", "3")),
        ("åk 6.mcworld", ("6", "")),
        ("../klass4b/a3.zip", ("4b", "a3")),
    ],
)
def test_a_name_says_the_class_and_a_code_and_never_who(tmp_path, name, wanted):
    path = tmp_path / "x" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.resolve().parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    sender = sender_of(path)
    assert (sender.school_class, sender.pupil) == wanted


def test_two_of_one_code_are_told_apart(tmp_path):
    paths = [tmp_path / name for name in ("4b 1.zip", "4b 1.mcworld", "5a 1.zip", "Eva.zip")]
    for path in paths:
        path.write_bytes(b"")
    assert [(one.school_class, one.pupil) for one in senders_of(paths)] == [
        ("4b", "1"), ("4b", "n1"), ("5a", "1"), ("", "n2"),
    ]  # fmt: skip
