"""A project: the folder that the window works on, laid out as `mc-city init` does, so that the
command line works on it too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mc_city import api
from mc_city.app.config_text import Place, Value, digest_of, read_held, with_value, write_held
from mc_city.settings.config import DEFAULT_CONFIG, Config
from worlds.errors import ConfigError
from worlds.quoting import toml_text
from worlds.shipped import SHIPPED


@dataclass(frozen=True)
class Project:
    """folder: absolute, and there."""

    folder: Path

    @property
    def config(self) -> Path:
        """Where the project's own configuration is, or will be."""
        named = self.folder / "city.toml"
        if named.is_file():
            return named
        others = [one for one in self.folder.glob("*.toml") if one.name != "sources.toml"]
        return others[0] if len(others) == 1 else named

    @property
    def has_config(self) -> bool:
        """Whether it has one; without one it shows the sample."""
        return self.config.is_file()

    @property
    def data(self) -> Path:
        """The files that were brought."""
        return self.folder / "data"

    @property
    def plans(self) -> Path:
        return self.folder / "plans.geojson"

    @property
    def out(self) -> Path:
        """What is built."""
        return self.folder / "out"

    @property
    def kept(self) -> Path:
        """What the window keeps for itself: pictures that took long, and what was begun."""
        return self.folder / ".mc-city"

    def read_config(self) -> Config:
        """The project's configuration, or the sample's."""
        return api.read_config(self.config if self.has_config else DEFAULT_CONFIG)

    def read_config_text(self) -> str:
        """The text of its configuration; of the sample's, as it would stand in this folder, where
        it has none."""
        path = self.config if self.has_config else DEFAULT_CONFIG
        text = read_held(path).text
        if self.has_config:
            return text
        beside = toml_text(f"{(SHIPPED / 'data').as_posix()}/")
        return text.replace('"../data/', beside[:-1])

    def digest(self) -> str:
        """Of the configuration's file: what a page was made from."""
        return digest_of(self.config)

    def write_value(self, place: Place, value: Value, digest: str) -> Config:
        """Sets a value of its configuration, of which the page knew the digest; a project that had
        none begins with the sample's. ChangedMeanwhileError where the file is another by now."""
        return write_held(self.config, with_value(self.read_config_text(), place, value), digest)


CHECKOUT = "pyproject.toml"
"""Stands in the program's own folder, which is no project."""


def usual_folder(home: Path) -> Path:
    """Where a project is unless another folder is named; beside the program where that has been put
    there."""
    folder = home / "mc-city"
    return home / "mc-city-project" if (folder / CHECKOUT).is_file() else folder


def open_project(folder: Path) -> Project:
    """The project in a folder, which is made when it is not there."""
    folder = folder.expanduser().resolve()
    if (folder / CHECKOUT).is_file():
        raise ConfigError(
            f"{folder}: is a folder of a program, not of a city",
            hint="name a folder of your own, as in mc-city app my-city",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"{folder}: cannot be made ({error.strerror})", hint="name another folder"
        ) from error
    return Project(folder)
