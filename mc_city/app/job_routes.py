"""What pages ask of long work: how far it is, to pause, to go on, to stop."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mc_city.app.answers import answer
from mc_city.app.jobs import Jobs


def job_routes(jobs: Jobs) -> list[Route]:
    async def latest(request: Request) -> Response:
        return answer({"job": jobs.latest(request.query_params.get("kind"))})

    async def one(request: Request) -> Response:
        return answer({"job": jobs.told(request.path_params["number"])})

    def changed(name: str, change: Callable[[int], None]) -> Route:
        async def handler(request: Request) -> Response:
            number = request.path_params["number"]
            change(number)
            return answer({"job": jobs.told(number)})

        return Route(f"/api/jobs/{{number:int}}/{name}", handler, methods=["POST"])

    return [
        Route("/api/jobs", latest),
        Route("/api/jobs/{number:int}", one),
        changed("pause", jobs.pause),
        changed("resume", jobs.resume),
        changed("stop", jobs.stop),
    ]
