"""The window's server: the rooms behind their guard, on a free port that only this machine
reaches."""

from __future__ import annotations

import mimetypes
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from mc_city.api import Progress
from mc_city.app.answers import Asked, answer, read_asked, told_bug, told_mistake
from mc_city.app.aside import finish, set_aside
from mc_city.app.guard import Guard
from mc_city.app.job_routes import job_routes
from mc_city.app.jobs import Jobs
from mc_city.app.project import Project
from mc_city.app.rooms import bring, build, check, choose, plans, worlds
from mc_city.app.words import PAGE, read_words
from worlds.errors import McCityError

ROOMS = (bring, choose, check, plans, build, worlds)
LOOPBACK = "127.0.0.1"
# Some systems' own tables call it plain text, which no browser runs.
mimetypes.add_type("text/javascript", ".js")


def application(project: Project, jobs: Jobs, token: str, port: int) -> ASGIApp:
    """Everything that is served."""
    words = read_words()

    async def told_words(_request: Request) -> Response:
        return answer(words)

    async def told_project(_request: Request) -> Response:
        return answer({"folder": str(project.folder), "has_config": project.has_config})

    async def begin_anew(request: Request) -> Response:
        await read_asked(request, Asked)

        def work(progress: Progress) -> dict[str, str]:
            progress("sources", 0, 1)
            return {"folder": str(set_aside(project))}

        return answer({"number": jobs.start("aside", work)})

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(jobs.close)

    app = Starlette(
        routes=[
            Route("/api/words", told_words),
            Route("/api/project", told_project),
            Route("/api/project/new", begin_anew, methods=["POST"]),
            *job_routes(jobs),
            *(route for room in ROOMS for route in room.routes(project, jobs)),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ],
        exception_handlers={McCityError: told_mistake, Exception: told_bug},
        lifespan=lifespan,
    )
    return Guard(app, token, port)


@dataclass
class Window:
    """A server that is bound to its port, and not yet running. address: with the token, for the
    browser of who started it."""

    project: Project
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    jobs: Jobs = field(default_factory=Jobs)

    def __post_init__(self) -> None:
        finish(self.project)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.bind((LOOPBACK, 0))
        self.port: int = self.socket.getsockname()[1]
        self.server = uvicorn.Server(
            uvicorn.Config(
                application(self.project, self.jobs, self.token, self.port),
                log_level="warning",
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=3,
            )
        )

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/?token={self.token}"

    def run(self) -> None:
        """Serves until it is stopped."""
        try:
            self.server.run(sockets=[self.socket])
        finally:
            self.socket.close()

    def stop(self) -> None:
        """Ends `run`, in whatever thread that is."""
        self.server.should_exit = True


def serve(project: Project, told: Callable[[str], None], shown: Callable[[str], object]) -> None:
    """Serves a project until Ctrl+C. told: is given the address to print; shown: opens it."""
    window = Window(project)
    window.socket.listen()
    told(window.address)
    shown(window.address)
    try:
        window.run()
    except KeyboardInterrupt:
        return
