"""What the room for building knows: what can be built, what was begun, and what was made."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from mc_city import api
from mc_city.app.angle import angle_png
from mc_city.app.answers import Asked
from mc_city.app.area import measured
from mc_city.app.project import Project
from mc_city.app.saved_worlds import found_worlds
from mc_city.build.estimate import estimate
from mc_city.build.keeping import require_keepable
from mc_city.build.publishing import partial_folder, write_whole
from mc_city.build.staging import MARK, NOTES, disk_errors, require_replaceable
from mc_city.checking.telling import build_notes, earlier_lines, substitutions
from mc_city.city.themes.plans import read_layers
from mc_city.reports import BuiltReport
from mc_city.settings.config import Config
from mc_city.site.ideas import read_ideas
from mc_city.site.models import ShapedModels
from worlds.bedrock.needed import require_amulet
from worlds.bedrock.versions import VERSIONS as BEDROCK_VERSIONS
from worlds.errors import McCityError, WorldError
from worlds.java.versions import VERSIONS as JAVA_VERSIONS
from worlds.notes import ReportNote, read_note
from worlds.quoting import json_file
from worlds.rect import Rect

WEIGHTS = {
    "sources": 0.10, "survey": 0.02, "houses": 0.03, "regions": 0.62, "map": 0.05, "zip": 0.18,
}  # fmt: skip
"""Shares of a build's time by step, measured over the sample."""
LASER_WEIGHT = 0.2
BEGUN = "build.json"
Edition = Literal["java", "bedrock"]


class Choices(Asked):
    """What a person chose of a build. show: options of layers that the worlds begin with; large:
    that it may be a large one; force: that an OUT which was changed may be kept beside it; keep:
    the world, by what it is called here, of which what somebody built in it stays."""

    editions: tuple[Edition, ...] = Field(min_length=1, max_length=2)
    java_version: str = Field(max_length=20)
    bedrock_version: str = Field(max_length=20)
    show: tuple[str, ...] = Field((), max_length=500)
    large: bool = False
    force: bool = False
    keep: str = Field("", max_length=16)

    def applied(self, config: Config) -> Config:
        """ConfigError for a version that is none."""
        return config.with_world(
            editions=tuple(dict.fromkeys(self.editions)),
            java_version=self.java_version,
            bedrock_version=self.bedrock_version,
        )


def weights_of(config: Config) -> dict[str, float]:
    """Shares of the time by step, in their order."""
    if not config.buildings.point_cloud:
        return WEIGHTS
    share = {name: weight * (1 - LASER_WEIGHT) for name, weight in WEIGHTS.items()}
    first = {"sources": share.pop("sources"), "laser points": LASER_WEIGHT}
    return {**first, **share}


def write_begun(project: Project, choices: Choices) -> None:
    """Keeps what was chosen, for who finds the build broken off."""
    with disk_errors(project.kept, "close the program that holds it"):
        project.kept.mkdir(exist_ok=True)
        write_whole(project.kept / BEGUN, json_file(choices.model_dump(mode="json")))


def forget_begun(project: Project) -> None:
    (project.kept / BEGUN).unlink(missing_ok=True)


def read_begun(project: Project) -> dict[str, Any] | None:
    """What was chosen of a build that did not come to its end, and how many regions of it are
    done; None where there is none."""
    try:
        text = (project.kept / BEGUN).read_text("utf-8")
        choices = Choices.model_validate_json(text)
    except (OSError, ValueError, ValidationError):
        return None
    done = len(list((partial_folder(project.out) / NOTES).glob("*.json")))
    return {"choices": choices.model_dump(mode="json"), "regions": done}


def layers_of(config: Config) -> list[dict[str, Any]]:
    """The planned layers that a build would have, each with its options; those that only models
    bring by their names alone."""
    developments = read_layers(
        config, ShapedModels(shaped=(), skipped=Counter()), read_ideas(config)
    )
    found: list[dict[str, Any]] = [
        {
            "id": one.id,
            "name": one.name,
            "status": one.status,
            "years": [one.start_year, one.done_year],
            "options": [one.option_id(1 + number) for number in range(len(one.variants))],
            "variants": list(one.variants),
        }
        for one in developments.layers
    ]
    known = {one["id"] for one in found}
    for model in config.models:
        if model.layer and model.layer not in known:
            known.add(model.layer)
            found.append(
                {
                    "id": model.layer, "name": model.layer, "status": None, "years": [None, None],
                    "options": [model.layer], "variants": [""],
                }
            )  # fmt: skip
    return found


def _fault(asked: Any, *given: Any) -> str:
    """What a refusal says, '' where there is none."""
    try:
        asked(*given)
    except McCityError as error:
        return str(error)
    return ""


def keepable(project: Project, config: Config) -> list[dict[str, str]]:
    """Java worlds that were built into OUT, wherever they are now: what somebody built in one of
    them can stay."""
    if not (project.out / MARK).is_file():
        return []
    java = config.with_world(editions=("java",))
    return [
        {"id": one.id, "name": one.name, "where": one.where}
        for one in found_worlds(project)
        if one.kind == "java" and not _fault(require_keepable, java, project.out, one.path)
    ]


def possible(project: Project) -> dict[str, Any]:
    """What can be chosen, and what stands against building."""
    config = project.read_config()
    world = config.world
    return {
        "digest": project.digest(),
        "city": config.city.name,
        "editions": list(world.editions),
        "java_version": world.java_version,
        "bedrock_version": world.bedrock_version,
        "java_versions": list(reversed(JAVA_VERSIONS)),
        "bedrock_versions": list(reversed(BEDROCK_VERSIONS)),
        "bedrock_fault": _fault(require_amulet),
        "changed_fault": _fault(require_replaceable, project.out, False),
        "keepable": keepable(project, config),
        "layers": layers_of(config),
        "measured": measured(estimate(config, project.out, api.JOBS)),
        "sizes": {
            edition: estimate(
                config.with_world(editions=(edition,)), project.out, api.JOBS
            ).bytes_needed
            for edition in ("java", "bedrock")
        },
    }


def kind_of(name: str) -> str:
    """What a file of a build is for: a key of the page's words."""
    for ending, kind in (
        ("-java.zip", "java_zip"), (".mcworld", "mcworld"), (".mctemplate", "mctemplate"),
        ("map.png", "map"), ("map-layers.png", "map"), ("guide.html", "guide"),
        ("report.json", "report"), ("ATTRIBUTION.txt", "credits"),
    ):  # fmt: skip
        if name.endswith(ending):
            return kind
    return "other"


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(one.stat().st_size for one in files if one.is_file())


def files_in(folder: Path) -> list[dict[str, Any]]:
    """What lies in a folder that was built or packed: name, size in bytes, what it is for."""
    if not folder.is_dir():
        return []
    found = [
        {
            "name": path.name,
            "bytes": _size(path),
            "kind": "java_folder"
            if (path / "level.dat").is_file()
            else "folder"
            if path.is_dir()
            else kind_of(path.name),
        }
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".")
    ]
    order = ("mcworld", "mctemplate", "java_zip", "java_folder")
    return sorted(found, key=lambda one: order.index(one["kind"]) if one["kind"] in order else 9)


def built(project: Project) -> dict[str, Any] | None:
    """What stands in OUT, if a build of ours made it."""
    mark = project.out / MARK
    try:
        note = read_note(mark, ReportNote).model_dump(mode="json", exclude_unset=True)
    except WorldError:
        return None
    stamp = mark.stat().st_mtime_ns
    return {
        "files": files_in(project.out),
        "stamp": str(stamp),
        "made": mark.stat().st_mtime,
        "has_map": (project.out / "map.png").is_file(),
        "packed": files_in(packed_folder(project)),
        "folder": str(project.out),
        "city": note["world"]["city"],
    }


@lru_cache(maxsize=8)
def _angle(world: Path, area: Rect, side: str, _stamp: int) -> bytes:
    return angle_png(world, area, side)


def built_world(project: Project) -> tuple[Path, Rect] | None:
    """The world that was built, for Java where there is one, and its columns; None where nothing
    is built."""
    try:
        world = read_note(project.out / MARK, ReportNote).world
    except WorldError:
        return None
    x0, z0, x1, z1 = world.area.blocks
    folder, archive = project.out / world.city, project.out / f"{world.city}.mcworld"
    path = folder if folder.is_dir() else archive
    return (path, Rect(x0, z0, x1 - x0, z1 - z0)) if path.exists() else None


def angle_of_built(project: Project, side: str) -> bytes:
    """What was built at an angle, as PNG, drawn once for each build."""
    found = built_world(project)
    if found is None:
        raise WorldError("there is no world yet", hint="build first")
    return _angle(*found, side, (project.out / MARK).stat().st_mtime_ns)


def packed_folder(project: Project) -> Path:
    """Where the hand-out is put: as `mc-city pack` does."""
    return project.out.with_name(f"{project.out.name}-handout")


def told_of(report: BuiltReport, already: int | None) -> dict[str, Any]:
    """What is said of a build at its end. already: regions that were there when the first was made,
    from an earlier build or one that was broken off; None where none had to be made."""
    total = report["reused"]["of"]
    return {
        "chunks": report["chunks"],
        "blocks": report["blocks"],
        "houses": report["buildings"]["drawn"],
        "layers": len(report["plans"]["layers"]),
        "reused": [total if already is None else already, total],
        "kept": report["kept_old_as"] or "",
        "notes": [*build_notes(report), *substitutions(report), *earlier_lines(report)],
    }
