"""The folder that the window works on."""

from __future__ import annotations

import pytest

from mc_city import api
from mc_city.app.config_text import ChangedMeanwhileError
from mc_city.app.project import open_project, usual_folder
from mc_city.app.words import LANGUAGES, read_words
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


def test_every_word_stands_in_both_languages_with_the_same_gaps():
    words = read_words()
    assert len(words) > 100
    for key, texts in words.items():
        assert set(texts) == set(LANGUAGES), key
        gaps = [
            sorted(part.split("}")[0] for part in texts[one].split("{")[1:]) for one in LANGUAGES
        ]
        assert gaps[0] == gaps[1], key
