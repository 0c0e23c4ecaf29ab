"""Checking: the table and the picture of what the sources hold, and what was found."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mc_city import api
from mc_city.app.answers import answer
from mc_city.app.checked import map_path, read_check, run_check
from mc_city.app.jobs import Jobs
from mc_city.app.project import Project
from mc_city.checking.picture import NAME
from worlds.errors import WorldError

KIND = "check"


def routes(project: Project, jobs: Jobs) -> list[Route]:
    def state() -> dict[str, Any]:
        return {
            "has_config": project.has_config,
            "job": jobs.latest(KIND),
            "check": read_check(project),
        }

    async def told(_request: Request) -> Response:
        return answer(await run_in_threadpool(state))

    async def begin(_request: Request) -> Response:
        def work(progress: api.Progress) -> dict[str, Any]:
            return run_check(project, progress)

        return answer({"number": jobs.start(KIND, work)})

    async def drawn(_request: Request) -> Response:
        path = map_path(project)
        if not path.is_file():
            raise WorldError("nothing was checked yet", hint="press the button first")
        return FileResponse(path, media_type="image/png")

    async def sheet(_request: Request) -> Response:
        path = project.config.parent / NAME
        if not path.is_file():
            raise WorldError("there is no picture", hint="check again")
        return FileResponse(path, media_type="image/png")

    return [
        Route("/api/check/state", told),
        Route("/api/check/begin", begin, methods=["POST"]),
        Route("/api/check/map", drawn),
        Route("/api/check/sheet", sheet),
    ]
