"""A check of a project: everything is read, nothing is built. What it found is kept in the
project's hidden folder, for every window."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

from PIL import Image

from mc_city import api
from mc_city.app.config_text import digest_of
from mc_city.app.findings import findings
from mc_city.app.project import Project
from mc_city.build.estimate import compiling_shown, estimate
from mc_city.build.publishing import write_whole
from mc_city.build.report import source_report
from mc_city.build.staging import disk_errors
from mc_city.checking.inputs import read_inputs
from mc_city.checking.picture import own_picture, write_picture
from mc_city.checking.plan_view import PlanView, draw_plan
from mc_city.checking.rows import Row, table_rows
from mc_city.checking.table import share
from mc_city.checking.telling import checked_line
from mc_city.city.reading import read_city
from mc_city.reports import InputReport
from mc_city.settings.fetched import require_fetched
from worlds.bounded import read_file
from worlds.quoting import json_text

ROOM = (1400, 1400)
"""Pixels of the map's picture at the most."""
MOST_BYTES = 32 << 20
OTHER = "free some space"


def facts_path(project: Project) -> Path:
    return project.kept / "check.json"


def map_path(project: Project) -> Path:
    return project.kept / "check-map.png"


def run_check(project: Project, progress: api.Progress) -> dict[str, Any]:
    """Checks, keeps what was found, and returns it. McCityError where a build would fail."""
    config, digest = project.read_config(), digest_of(project.config)
    require_fetched(config.fetch, config.path)
    before = estimate(config, project.out, api.JOBS)
    with compiling_shown(config, progress):
        city = read_city(config, progress)
        inputs = read_inputs(city)
        report: Any = {
            "build": before.facts(),
            "inputs": [one.facts() for one in inputs],
            **source_report(city),
        }
        found = findings(city, inputs, report)
        view = draw_plan(city, ROOM)
        sheet = own_picture(config.path) if project.has_config else None
        with disk_errors(project.folder, OTHER):
            project.kept.mkdir(exist_ok=True)
            if sheet is not None:
                write_picture(city, inputs, sheet)
            _write_map(view, map_path(project))
            told = {
                "digest": digest,
                "made": round(time.time() * 1000),
                "picture": sheet.name if sheet is not None else None,
                "bounds": _bounds_of(view),
                "area": list(config.grid.bounds),
                "ready": not any(one.level == "stop" for one in found),
                "line": checked_line(report, str(config.path)),
                "houses": view.houses,
                "rows": [_row_facts(row) for row in table_rows(report)],
                "findings": [one.facts() for one in found],
            }
            write_whole(facts_path(project), json_text(told))
    return {"findings": len(found)}


def read_check(project: Project) -> dict[str, Any] | None:
    """What the last check found, and whether the configuration is another since; None where there
    was none."""
    try:
        told: dict[str, Any] = json.loads(read_file(facts_path(project), MOST_BYTES))
        return {**told, "old": told["digest"] != digest_of(project.config)}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write_map(view: PlanView, path: Path) -> None:
    held = io.BytesIO()
    Image.fromarray(view.pixels).save(held, "PNG")
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(held.getvalue())
    partial.replace(path)


def _bounds_of(view: PlanView) -> list[float]:
    """Left, lower, right and upper edge of the picture, metres in the city's plane."""
    high, wide = view.pixels.shape[:2]
    left, upper = view.frame.to_city(0.0, 0.0)
    right, lower = view.frame.to_city(float(wide), float(high))
    return [float(value) for value in (left, lower, right, upper)]


def _row_facts(row: Row) -> dict[str, Any]:
    return {
        "theme": row.theme,
        "used": row.used,
        "notes": list(row.notes),
        "inputs": [_input_facts(one) for one in row.inputs],
    }


def _input_facts(one: InputReport) -> dict[str, Any]:
    kept = ("file", "layer", "crs", "kind", "holds", "heights", "date", "licence", "real")
    facts: dict[str, Any] = dict(one)
    return {key: facts[key] for key in kept} | {"covers": share(one["covers"])}
