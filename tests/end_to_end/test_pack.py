"""The hand-out folder of built worlds."""

import json
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from mc_city.build.staging import inventory
from mc_city.handout.handout import GUIDE, LAYER_MAP, MAP, find_build, pack
from mc_city.saved.layer_map import COLOURS, GAP
from mc_city.saved.switching import toggle
from tests.conftest import quiet
from worlds.errors import WorldError


@pytest.fixture
def out(planned_out, tmp_path):
    """A build's folder, the test's own."""
    return shutil.copytree(planned_out(), tmp_path / "out")


def as_built(out):
    """Takes what lies there as what was built."""
    report = json.loads((out / "report.json").read_text("utf-8"))
    (out / "report.json").write_text(json.dumps({**report, "files": inventory(out)}), "utf-8")


def test_the_folder_holds_what_was_built(out):
    before = inventory(out)
    packed = pack(out, None, False, 2, quiet)
    assert packed.folder == out.with_name("out-handout")
    assert packed.files == (
        "ATTRIBUTION.txt",
        "Liten-java.zip",
        "Liten.mctemplate",
        "Liten.mcworld",
        GUIDE,
        LAYER_MAP,
        MAP,
    )
    assert packed.missing == packed.notes == ()
    for name in ("ATTRIBUTION.txt", "Liten-java.zip", "Liten.mcworld", "Liten.mctemplate", MAP):
        assert (packed.folder / name).read_bytes() == (out / name).read_bytes()
    html = (packed.folder / GUIDE).read_text("utf-8")
    assert "Alfa kvarter" in html
    assert "<b>Guiden</b>" in html
    assert "<i>2035</i>, <i>2040</i>" in html
    assert "/function gamma/show" in html
    assert "/function mc_city:all/show" in html
    assert html.count('<img src="data:image/jpeg;base64,') == 4
    assert "finns inte i mappen" not in html
    assert str(out.parent) not in html
    assert inventory(out) == before
    both = np.asarray(Image.open(packed.folder / LAYER_MAP).convert("RGB"))
    today, planned = both[:128, :128], both[:128, 128 + GAP : 256 + GAP]
    assert (today != planned).any()
    for index in range(3):
        # Each area in its own colour, on both maps.
        for part in (today, planned):
            assert (part == COLOURS[index]).all(axis=2).sum() > 40
    commands = {
        "Alfa kvarter": ("/function alfa/show",),
        "Beta": ("/function beta/show_a", "…/show_b"),
        "Gamma": ("/function gamma/show",),
    }
    for name, wanted in commands.items():
        row = next(
            line for line in html.splitlines() if line.startswith("<tr>") and f"> {name}" in line
        )
        assert all(f"<code>{command}</code>" in row for command in wanted)
    assert html.count('class="called') == 12


def test_what_is_missing_is_said(out):
    for name in ("Liten.mcworld", "Liten.mctemplate"):
        (out / name).unlink()
    as_built(out)
    packed = pack(out, None, False, 2, quiet)
    assert [name for name, _ in packed.missing] == ["Liten.mcworld", "Liten.mctemplate"]
    html = (packed.folder / GUIDE).read_text("utf-8")
    assert "/function mc_city:gamma/show" in html
    assert html.count("finns inte i mappen") == 2


@pytest.mark.parametrize("named", ["out", "out/Liten.mcworld"])
def test_without_a_java_world_the_maps_come_from_the_other(out, tmp_path, named):
    with_java = pack(out, tmp_path / "java", False, 2, quiet)
    shutil.rmtree(out / "Liten")
    (out / "Liten-java.zip").unlink()
    as_built(out)
    packed = pack(tmp_path / named, tmp_path / "given", False, 2, quiet)
    assert [name for name, _ in packed.missing] == ["Liten-java.zip"]
    html = (packed.folder / GUIDE).read_text("utf-8")
    assert "saves" not in html
    assert html.count("<img ") == 4
    for name in (MAP, LAYER_MAP):
        ours, theirs = (
            np.asarray(Image.open(folder / name)).astype(int)
            for folder in (packed.folder, with_java.folder)
        )
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).mean() < 0.5


def test_a_bedrock_world_alone_is_packed(out, tmp_path):
    shutil.copy(out / "Liten.mcworld", tmp_path / "Liten.mcworld")
    packed = pack(tmp_path / "Liten.mcworld", None, False, 2, quiet)
    assert packed.folder == tmp_path / "Liten-handout"
    assert {name for name, _ in packed.missing} == {"Liten-java.zip", "Liten.mctemplate"}
    assert {"Liten.mcworld", LAYER_MAP, MAP, GUIDE, "ATTRIBUTION.txt"} <= set(packed.files)
    with zipfile.ZipFile(tmp_path / "Liten.mcworld") as archive:
        archive.extractall(tmp_path / "unpacked")
    again = pack(tmp_path / "unpacked", None, False, 2, quiet)
    assert (again.folder / "Liten.mcworld").read_bytes() == (
        tmp_path / "Liten.mcworld"
    ).read_bytes()


def test_a_bedrock_world_that_was_switched_is_told_from_its_template(out, tmp_path):
    toggle(out / "Liten.mcworld", ["alfa"], True, quiet)
    packed = pack(out, tmp_path / "given", False, 2, quiet)
    assert packed.notes == (
        "Liten.mcworld was changed since it was built",
        "Liten.mctemplate is as it was built, without those changes",
    )


def test_a_changed_world_is_packed_as_it_is_now(out, tmp_path):
    toggle(out / "Liten", ["alfa"], True, quiet)
    packed = pack(out / "Liten", tmp_path / "given", False, 2, quiet)
    assert (packed.folder / "Liten-java.zip").read_bytes() != (out / "Liten-java.zip").read_bytes()
    with zipfile.ZipFile(packed.folder / "Liten-java.zip") as archive:
        assert archive.testzip() is None
        region = archive.read("Liten/region/r.0.0.mca")
    assert region == (out / "Liten" / "region" / "r.0.0.mca").read_bytes()
    assert (packed.folder / MAP).read_bytes() != (out / MAP).read_bytes()
    assert any("Liten.mcworld is as it was built" in note for note in packed.notes)


def test_a_world_taken_elsewhere_is_packed_alone(out, tmp_path):
    world = shutil.copytree(out / "Liten", tmp_path / "saves" / "Liten")
    packed = pack(world, None, False, 2, quiet)
    assert packed.folder == tmp_path / "saves" / "Liten-handout"
    assert {name for name, _ in packed.missing} == {"Liten.mcworld", "Liten.mctemplate"}
    assert "Liten-java.zip" in packed.files


def test_a_city_without_plans(small_world, tmp_path):
    packed = pack(small_world, tmp_path / "given", False, 2, quiet)
    assert LAYER_MAP not in packed.files
    assert LAYER_MAP not in [name for name, _ in packed.missing]
    assert "inga planerade områden" in (packed.folder / GUIDE).read_text("utf-8")


def test_a_folder_is_not_overwritten_unasked(out, tmp_path):
    given = tmp_path / "given"
    given.mkdir()
    pack(out, given, False, 2, quiet)
    (given / "own.txt").write_text("mine", "utf-8")
    before = inventory(given)
    with pytest.raises(WorldError, match="is there already") as caught:
        pack(out, given, False, 2, quiet)
    assert "--force" in caught.value.hint
    assert inventory(given) == before
    packed = pack(out, given, True, 2, quiet)
    assert inventory(packed.kept) == before
    assert not (given / "own.txt").exists()


def test_a_place_in_the_build_or_a_file_is_refused(out, tmp_path):
    for wrong in (out, out / "handout", out / "Liten" / "handout"):
        with pytest.raises(WorldError, match="lies in what was built"):
            pack(out, wrong, True, 2, quiet)
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(WorldError, match="is a file"):
        pack(out, tmp_path / "file", True, 2, quiet)


def test_what_is_no_build_is_refused(tmp_path):
    with pytest.raises(WorldError, match="no such file"):
        find_build(tmp_path / "nowhere")
    with pytest.raises(WorldError, match="not what a build made"):
        find_build(tmp_path)
    (tmp_path / "level.dat").write_bytes(b"")
    (tmp_path / "region").mkdir()
    with pytest.raises(WorldError, match="not made by mc-city"):
        find_build(tmp_path)


def test_a_world_too_large_for_educations_cloud_is_said(out, tmp_path, monkeypatch):
    monkeypatch.setattr("worlds.bedrock.sizes.NEAR_MB", 0)
    packed = pack(out, tmp_path / "given", False, 2, quiet)
    assert [note.split(" has ")[0] for note in packed.notes] == [
        "Liten.mcworld",
        "Liten.mctemplate",
    ]
    assert "near the 250 MB" in packed.notes[0]
    html = (packed.folder / GUIDE).read_text("utf-8")
    assert "Minecraft Education 1.21.0 eller senare" in html


def test_a_damaged_archive_is_said(out, tmp_path):
    (out / "Liten.mcworld").write_bytes(b"no zip")
    with pytest.raises(WorldError, match="damaged"):
        pack(out, tmp_path / "given", False, 2, quiet)
    assert not (tmp_path / "given").exists()
