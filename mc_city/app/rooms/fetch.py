"""Fetching open data, a part of the room where data are brought. Nothing here asks the network but
what a person pressed a button for."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mc_city import api
from mc_city.app.answers import Asked, answer, read_asked
from mc_city.app.config_text import read_held
from mc_city.app.fetching import begin_at, fetch_facts, plan_fetch, run_fetch, with_fetch
from mc_city.app.jobs import Jobs
from mc_city.app.project import Project
from worlds.errors import ConfigError

PLAN, FETCH = "fetch-plan", "fetch"


class Place(Asked):
    place: str = Field(min_length=2, max_length=120)


class Ticked(Asked):
    digest: str
    chosen: dict[str, str] = Field(max_length=20)
    contact: str = Field("", max_length=200)
    county: str = Field("", max_length=2)


def routes(project: Project, jobs: Jobs) -> list[Route]:
    def wanted(asked: Ticked) -> str:
        if not asked.chosen:
            raise ConfigError("nothing is ticked", hint="tick what is to be fetched")
        if not project.has_config:
            raise ConfigError("there is no city yet", hint="name a place, or bring files first")
        held = read_held(project.config)
        return with_fetch(held.text, asked.chosen, asked.contact, asked.county)

    async def told(_request: Request) -> Response:
        facts = await run_in_threadpool(fetch_facts, project)
        return answer({**facts, "plan": jobs.latest(PLAN), "job": jobs.latest(FETCH)})

    async def placed(request: Request) -> Response:
        asked = await read_asked(request, Place)
        return answer({"lines": await run_in_threadpool(begin_at, project, asked.place)})

    async def plan(request: Request) -> Response:
        text = await run_in_threadpool(wanted, await read_asked(request, Ticked))

        def work(progress: api.Progress) -> dict[str, Any]:
            return plan_fetch(project, text, progress)

        return answer({"number": jobs.start(PLAN, work)})

    async def fetch(request: Request) -> Response:
        asked = await read_asked(request, Ticked)
        text = await run_in_threadpool(wanted, asked)

        def work(progress: api.Progress) -> dict[str, Any]:
            return run_fetch(project, text, asked.digest, progress)

        return answer({"number": jobs.start(FETCH, work)})

    return [
        Route("/api/bring/sources", told),
        Route("/api/bring/place", placed, methods=["POST"]),
        Route("/api/bring/fetch/plan", plan, methods=["POST"]),
        Route("/api/bring/fetch", fetch, methods=["POST"]),
    ]
