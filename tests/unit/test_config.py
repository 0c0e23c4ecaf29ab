"""Configurations: what paths mean, wherever they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from mc_city.settings.config import Config, LandCoverSource, Source, read_config
from worlds.errors import ConfigError

HEAD = (
    '[city]\nname = "Liten"\ncrs = "EPSG:3006"\norigin = [619250, 6919812]\n[area]\nbounds = '
    "[619000, 6919600, 619256, 6919856]\n"
)
FLAT = "[terrain]\nflat_m = 3.0\n"


def named_paths(value: Any) -> list[Path]:
    """Every path in a section, but that of the configuration itself and the style table's."""
    if isinstance(value, Path):
        return [value]
    if isinstance(value, BaseModel):
        return [
            path
            for name in type(value).model_fields
            if name != "styles"
            for path in named_paths(getattr(value, name))
        ]
    return (
        [path for inner in value for path in named_paths(inner)]
        if isinstance(value, (list, tuple))
        else []
    )


def keys_of_files() -> list[tuple[str, str]]:
    found = []
    for section, field in Config.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for key, inner in field.annotation.model_fields.items():
                if any(
                    kind.__name__ in str(inner.annotation) for kind in (Source, LandCoverSource)
                ):
                    found.append((section, key))
    return found


def test_every_key_of_a_file_is_found():
    assert {
        ("terrain", "canopy"),
        ("terrain", "vegetation"),
        ("terrain", "landcover"),
        ("plans", "sources"),
    } <= set(keys_of_files())


@pytest.mark.parametrize(("section", "key"), keys_of_files())
def test_paths_are_relative_to_the_configuration(section, key, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    value = '{ path = "../maps/given.tif" }' if key == "landcover" else '"../maps/given.tif"'
    terrain = "[terrain]\n" if key == "elevation" else FLAT
    lines = (
        f"{terrain}{key} = {value}\n"
        if section == "terrain"
        else f"{FLAT}[{section}]\n{key} = {value}\n"
    )
    (tmp_path / "configs").mkdir()
    path = tmp_path / "configs" / "city.toml"
    path.write_text(HEAD + lines, "utf-8")
    config = read_config(path)
    assert named_paths(getattr(config, section)) == [(tmp_path / "maps" / "given.tif").resolve()]


@pytest.mark.parametrize(("section", "key"), keys_of_files())
def test_a_path_that_no_file_can_have_is_named(section, key, tmp_path):
    long = "x" * 2000
    value = f'{{ path = "{long}" }}' if key == "landcover" else f'"{long}"'
    terrain = "[terrain]\n" if key == "elevation" else FLAT
    path = tmp_path / "city.toml"
    path.write_text(
        HEAD
        + (
            f"{terrain}{key} = {value}\n"
            if section == "terrain"
            else f"{FLAT}[{section}]\n{key} = {value}\n"
        ),
        "utf-8",
    )
    with pytest.raises(ConfigError, match=rf"{section}\.{key}.*cannot be looked for") as caught:
        read_config(path)
    assert len(str(caught.value)) < 400


def test_the_extract_and_the_styles_are_relative_too(tmp_path):
    path = tmp_path / "city.toml"
    path.write_text(
        'styles = "my.toml"\n' + HEAD + FLAT + '[osm]\nextract = "town.osm.pbf"\n', "utf-8"
    )
    config = read_config(path)
    assert config.styles == (tmp_path / "my.toml").resolve()
    assert config.osm is not None
    assert config.osm.extract == (tmp_path / "town.osm.pbf").resolve()
    assert {source.path for source in config.terrain.piers} == {config.osm.extract}
