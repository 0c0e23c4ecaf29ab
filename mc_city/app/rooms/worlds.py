"""Saved worlds: facts, layers, maps and hand-outs."""

from __future__ import annotations

from starlette.routing import Route

from mc_city.app.jobs import Jobs
from mc_city.app.project import Project


def routes(project: Project, jobs: Jobs) -> list[Route]:  # noqa: ARG001
    return []
