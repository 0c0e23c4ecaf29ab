"""The folder that the window works on."""

from __future__ import annotations

import os

import pytest

from mc_city import api
from mc_city.app.aside import finish, set_aside
from mc_city.app.config_text import ChangedMeanwhileError
from mc_city.app.project import open_project, usual_folder
from mc_city.app.words import LANGUAGES, read_words
from tests.app.conftest import enter, looked_at, served
from tests.conftest import write_city
from worlds.errors import ConfigError
from worlds.shipped import SHIPPED


def test_a_folder_is_made_and_begins_with_the_sample(tmp_path):
    project = open_project(tmp_path / "new" / "city")
    assert project.folder.is_dir()
    assert not project.has_config
    assert project.read_config().city.name == "Sundsvall"
    config = project.write_value(
        ("area", "bounds"), [619186, 6919748, 619314, 6919876], project.digest()
    )
    assert config == api.read_config(project.folder)
    assert config.buildings.footprints[0].path == SHIPPED / "data" / "sundsvall" / "buildings.gpkg"
    with pytest.raises(ChangedMeanwhileError):
        project.write_value(("area", "scale"), 2.0, "another digest")
    assert api.read_config(project.folder).area.scale == 1.0


def test_a_folder_that_the_command_line_made_is_a_project(tmp_path):
    config = write_city(tmp_path)
    project = open_project(tmp_path)
    assert project.config == config
    project.write_value(("area", "scale"), 0.5, project.digest())
    assert api.read_config(tmp_path).area.scale == 0.5
    config.rename(tmp_path / "liten.toml")
    assert open_project(tmp_path).config == tmp_path / "liten.toml"


def test_the_programs_own_folder_is_no_project(tmp_path):
    program = tmp_path / "mc-city"
    assert usual_folder(tmp_path) == program
    program.mkdir()
    (program / "pyproject.toml").touch()
    assert usual_folder(tmp_path) == tmp_path / "mc-city-project"
    with pytest.raises(ConfigError, match="is a folder of a program"):
        open_project(program)
    with pytest.raises(ConfigError, match="cannot be made"):
        open_project(program / "pyproject.toml" / "inner")


def test_a_city_that_is_put_aside_is_whole_there_and_the_project_empty(tmp_path):
    for number in range(2):
        project = open_project(tmp_path)
        write_city(tmp_path)
        (project.out / "Liten").mkdir(parents=True)
        (project.kept).mkdir()
        held = sorted(path.name for path in tmp_path.iterdir() if path.name != "aside")
        target = set_aside(project)
        assert target == tmp_path / "aside" / ("Liten" if number == 0 else "Liten-2")
        assert sorted(path.name for path in target.iterdir()) == held
        assert [path.name for path in tmp_path.iterdir()] == ["aside"]
        assert not project.has_config
        assert open_project(target).read_config().terrain.elevation[0].path == target / "dem.tif"


def test_what_a_killed_program_had_not_put_aside_yet_is_put_there(tmp_path, monkeypatch):
    write_city(tmp_path)
    real, moved = os.replace, []

    def broken(source, target) -> None:
        if len(moved) == 2:
            raise KeyboardInterrupt
        moved.append(source)
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("mc_city.app.aside.os.replace", broken)
        with pytest.raises(KeyboardInterrupt):
            set_aside(open_project(tmp_path))
    finish(open_project(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["aside"]
    assert open_project(tmp_path / "aside" / "Liten").read_config().city.name == "Liten"


def test_a_new_city_is_begun_in_the_page_once_it_is_meant(tmp_path, browser):
    write_city(tmp_path)
    with served(tmp_path) as window, looked_at(browser) as page:
        enter(page, window, "build")
        page.get_by_role("button", name="Ny stad").click()
        page.get_by_role("button", name="Avbryt").press("Enter")
        page.locator("dialog").wait_for(state="detached")
        assert window.project.has_config
        page.get_by_role("button", name="Ny stad").press("Enter")
        page.get_by_role("button", name="Lägg undan").press("Enter")
        page.wait_for_selector("#place > .room-bring[data-ready]")
        assert not window.project.has_config
        assert (tmp_path / "aside" / "Liten" / "city.toml").is_file()
        assert page.get_by_role("button", name="Ny stad").is_hidden()


def test_every_word_stands_in_both_languages_with_the_same_gaps():
    words = read_words()
    assert len(words) > 100
    for key, texts in words.items():
        assert set(texts) == set(LANGUAGES), key
        gaps = [
            sorted(part.split("}")[0] for part in texts[one].split("{")[1:]) for one in LANGUAGES
        ]
        # The English of what the program says is a pattern; Swedish needs not all of what it finds.
        is_pattern = key.startswith("said.")
        assert set(gaps[0]) <= set(gaps[1]) if is_pattern else gaps[0] == gaps[1], key
