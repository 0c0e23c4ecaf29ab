"""The plans of a project: which file they stand in, what is in it, and changing it. The file stays
the truth; somebody may edit it in a GIS meanwhile."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from buildings.developments.developments import (
    NO_DEVELOPMENTS,
    Developments,
    read_developments,
)
from mc_city.app.config_text import digest_of as config_digest
from mc_city.app.config_text import with_sources, write_held
from mc_city.app.credits import write_credit
from mc_city.app.plan_changes import Change, PlanFeature, changed
from mc_city.app.plan_history import FOLDER, History, Told, file_digest
from mc_city.app.plans_geojson import (
    changed_document,
    collection_of,
    features_of,
    read_document,
    write_document,
)
from mc_city.app.plans_geopackage import change_rows, read_rows, require_closed
from mc_city.app.project import Project
from mc_city.build.staging import disk_errors
from mc_city.settings.config import Config, Source
from mc_city.settings.provenance import notes_by_file
from mc_city.site.sources import vector_source
from terrain.files.vectors import VectorSource, layer_of
from terrain.plane import way
from terrain.vectors.features import source_crs
from worlds.errors import McCityError, SourceError

GEOJSON, GEOPACKAGE = (".geojson", ".json"), (".gpkg",)
NAME = "plans.geojson"
METRES, DEGREES = 2, 7
"""Decimals of a coordinate that is drawn: a centimetre."""
OUTSIDE = "outside the area"
DRAWN = {"title": "planned developments / planerade områden", "real": False}
"""What is said of plans that are drawn here: nobody measured them."""


@dataclass(frozen=True, kw_only=True)
class PlansFile:
    """The plans of a project as it stands. own: the file that may be changed, None where the
    project has none yet; sources: all files of plans, in the order of the configuration."""

    project: Project
    config: Config
    own: VectorSource | None
    sources: tuple[VectorSource, ...]

    @cached_property
    def history(self) -> History:
        """Of the own file."""
        assert self.own is not None
        within = self.own.path.resolve().relative_to(self.project.folder.resolve())
        return History(self.own.path, self.project.folder / FOLDER / "__".join(within.parts))

    def digest(self) -> str:
        """Of the own file: what a page was made from."""
        return file_digest(self.own.path) if self.own is not None else ""

    def told(self) -> Told:
        return self.history.told() if self.own is not None else Told()

    def read(self, path: Path | None = None) -> list[PlanFeature]:
        """The features of the own file, or of a version of it."""
        if self.own is None:
            return []
        if self.own.path.suffix.lower() in GEOPACKAGE:
            return read_rows(path or self.own.path, layer_of(self.own))
        return features_of(read_document(path or self.own.path))

    def developments(self, path: Path | None = None) -> Developments:
        """What a build would read. path: of a version that stands in for the own file."""
        if not self.sources:
            return NO_DEVELOPMENTS
        sources = [
            replace(one, path=path) if path is not None and one == self.own else one
            for one in self.sources
        ]
        grid = self.config.grid
        try:
            return read_developments(sources, grid.frame.crs, grid.bounds)
        except McCityError as error:
            if path is None or self.own is None:
                raise
            said = str(error).replace(str(path), self.own.path.name)
            raise type(error)(said, hint=error.hint) from error

    def to_city(self, shapes: Sequence[Any]) -> list[Any]:
        """Shapes of the own file in metres right and up of the city's plane."""
        return [self._moved(one, to_city=True) for one in shapes]

    def from_city(self, shape: Any) -> Any:
        """A shape in the city as the own file has it, to the centimetre."""
        return self._moved(shape, to_city=False)

    @cached_property
    def _crs(self) -> str:
        assert self.own is not None
        return source_crs(self.own)

    def _moved(self, shape: Any, to_city: bool) -> Any:
        if shape is None or self.own is None:
            return shape
        city, own = self.config.grid.frame.crs, self._crs
        moved, swapped = way(own, city) if to_city else way(city, own), self.own.swap_axes
        decimals = METRES if to_city else DEGREES if _in_degrees(own) else METRES

        def placed(points: Any) -> Any:
            flat = points[:, 1::-1] if swapped and to_city else points[:, :2]
            there = np.round(np.column_stack(moved.transform(flat[:, 0], flat[:, 1])), decimals)
            there = there[:, ::-1] if swapped and not to_city else there
            return np.column_stack([there, points[:, 2:]])

        return shapely.transform(shape, placed, include_z=bool(shapely.has_z(shape)))


def _in_degrees(crs: str) -> bool:
    from pyproj import CRS

    return CRS.from_user_input(crs).is_geographic


def open_plans(project: Project) -> PlansFile:
    """The plans of a project, or those of the sample, which nobody may change."""
    config = project.read_config()
    named = [(one, vector_source(one)) for one in config.plans.sources]
    own = next((source for one, source in named if _is_own(one, project)), None)
    return PlansFile(
        project=project, config=config, own=own, sources=tuple(source for _, source in named)
    )


def _is_own(source: Source, project: Project) -> bool:
    """Whether a file is the project's, and one that can be changed."""
    path = source.path.resolve()
    return (
        project.has_config
        and path.is_file()
        and path.is_relative_to(project.folder.resolve())
        and _is_changeable(source)
    )


def _is_changeable(source: Source) -> bool:
    # Of a file of which only some features are meant nobody could tell where a new one went.
    return source.where is None and source.path.suffix.lower() in (*GEOJSON, *GEOPACKAGE)


def begun_plans(plans: PlansFile) -> PlansFile:
    """The plans with a file of the project's own: a copy of what was named elsewhere, or a new one
    beside it. The configuration then names it, which is written where there was none."""
    if plans.own is not None:
        return plans
    project, named = plans.project, plans.config.plans.sources
    held = config_digest(project.config)
    text = project.read_config_text().replace("\r\n", "\n")
    # Only one file can be stood in for; of several, all stay and the new one joins them.
    single = named[0] if len(named) == 1 and _is_changeable(named[0]) else None
    with disk_errors(project.folder, "close the program that holds it"):
        if single is not None:
            ending = single.path.suffix.lower()
            path = _free_path(project.folder, ending, single.path.read_bytes())
            _copy_whole(single.path, path)
            said = single.model_dump(exclude_defaults=True, exclude={"path"})
            entries: list[Any] = [{"path": path.name, **said}]
            credit = _credit_of(plans.config, single.path)
        else:
            path = _free_path(project.folder, GEOJSON[0], None)
            _write_empty(path, plans.config)
            entries = [*_as_entries(named, project.folder), {"path": path.name}]
            credit = DRAWN
        write_credit(project.folder, path.name, credit)
        write_held(project.config, with_sources(text, "plans.sources", entries), held)
    return open_plans(project)


def _credit_of(config: Config, path: Path) -> dict[str, Any]:
    """Whose a file of plans is: what is known of it goes along with its copy."""
    known = notes_by_file(config).get(path, [])
    own = [one for one in known if path.name in str(one.get("files", ""))]
    return {
        key: value
        for key, value in (own[0] if own else {}).items()
        if key in ("title", "licence", "attribution", "date", "real")
    }


def _as_entries(named: Sequence[Source], folder: Path) -> list[Any]:
    out = []
    for one in named:
        path = one.path
        near = path.relative_to(folder) if path.is_relative_to(folder) else path
        said = one.model_dump(exclude_defaults=True, exclude={"path"})
        out.append({"path": near.as_posix(), **said})
    return out


def _free_path(folder: Path, ending: str, content: bytes | None) -> Path:
    """A name that nothing has, or a file that is just what will be written: a window that was
    killed had made it then."""
    number = 1
    while True:
        path = folder / f"plans{'' if number == 1 else f'_{number}'}{ending}"
        if not path.exists() or (content is not None and path.read_bytes() == content):
            return path
        number += 1


def _copy_whole(path: Path, target: Path) -> None:
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(path, partial)
    partial.replace(target)


def _write_empty(path: Path, config: Config) -> None:
    write_document(path, collection_of(config.city.crs))


def change_plans(
    plans: PlansFile,
    digest: str,
    changes_of: Callable[[PlansFile, list[PlanFeature]], tuple[Change, ...]],
    said: str,
) -> PlansFile:
    """Makes changes of a project's plans: a new version beside, which the reader of a build must
    take, then stands in the file's place. digest: of the file that they were made from; said: what
    they do. ChangedMeanwhileError when the file is another by now."""
    if plans.digest() != digest:
        raise changed("the file of plans")
    plans = begun_plans(plans)
    assert plans.own is not None
    path, history = plans.own.path, plans.history
    before = file_digest(path)
    with history.alone():
        if file_digest(path) != (digest or before):
            raise changed(path.name)
        changes = changes_of(plans, plans.read())
        if not changes:
            return plans
        with history.draft() as draft:
            if path.suffix.lower() in GEOPACKAGE:
                require_closed(path)
                shutil.copyfile(path, draft)
                change_rows(draft, layer_of(plans.own), changes, path.name)
            else:
                write_document(draft, changed_document(read_document(path), changes, path.name))
            _require_sound(plans, draft)
            history.put(draft, said)
    return open_plans(plans.project)


def _require_sound(plans: PlansFile, draft: Path) -> None:
    """SourceError where a build could not read a version, or would skip what it took before."""
    after = plans.developments(draft)
    try:
        before = plans.developments().skipped
    except McCityError:
        # What cannot be read as it is becomes better, if anything.
        return
    worse = [
        reason
        for reason, count in (after.skipped - before).items()
        if count and not reason.startswith(OUTSIDE)
    ]
    if worse:
        raise SourceError(
            f"a build would skip it: {worse[0]}", hint="draw it again, a little differently"
        )


def step_plans(plans: PlansFile, digest: str, forward: bool) -> PlansFile:
    """Takes the last change back, or makes it again. ChangedMeanwhileError when the file is
    another by now."""
    if plans.own is None:
        return plans
    with plans.history.alone():
        if plans.digest() != digest:
            raise changed(plans.own.path.name)
        if plans.own.path.suffix.lower() in GEOPACKAGE:
            require_closed(plans.own.path)
        plans.history.step(forward)
    return open_plans(plans.project)
