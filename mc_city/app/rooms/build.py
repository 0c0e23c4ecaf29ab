"""Building: what to build, the work itself, and what has been made of it."""

from __future__ import annotations

from typing import Any, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mc_city import api
from mc_city.api import Progress
from mc_city.app.angle import SIDES
from mc_city.app.answers import Asked, answer, read_asked
from mc_city.app.building import (
    Choices,
    angle_of_built,
    built,
    forget_begun,
    packed_folder,
    possible,
    read_begun,
    told_of,
    weights_of,
    write_begun,
)
from mc_city.app.config_text import ChangedMeanwhileError
from mc_city.app.guard import LOOK_POLICY
from mc_city.app.jobs import Jobs
from mc_city.app.looking import KIND, make_page, page_folder, served_file, told_page
from mc_city.app.project import Project
from mc_city.app.saved_worlds import world_called
from mc_city.app.showing import show_in_folder
from worlds.errors import WorldError

PACK_WEIGHTS = {"map": 0.7, "zip": 0.3}


class Start(Asked):
    """digest: of the configuration that the page was made from."""

    choices: Choices
    digest: str


class Shown(Asked):
    """What to show in the system's own window of files."""

    what: Literal["built", "packed", "look"]
    name: str = ""


def _start(project: Project, jobs: Jobs, asked: Start) -> int:
    if project.digest() != asked.digest:
        raise ChangedMeanwhileError(
            "the configuration was changed meanwhile",
            hint="look at what would be built now, and start again",
        )
    config, choices = asked.choices.applied(project.read_config()), asked.choices
    world = world_called(project, choices.keep).path if choices.keep else None

    def work(progress: Progress) -> dict[str, Any]:
        write_begun(project, choices)
        first: list[int] = []

        def told(what: str, done: int, total: int) -> None:
            if what == "regions" and not first:
                first.append(done - 1)
            progress(what, done, total)

        made = api.build(
            config,
            project.out,
            show=choices.show,
            force=api.Again(choices.force, keep_builds=world),
            large=choices.large,
            progress=told,
        )
        forget_begun(project)
        return told_of(made.report, first[0] if first else None)

    return jobs.start("build", work, weights_of(config))


def _pack(project: Project, jobs: Jobs) -> int:
    def work(progress: Progress) -> dict[str, Any]:
        packed = api.pack(project.out, packed_folder(project), force=True, progress=progress)
        return {
            "folder": str(packed.folder),
            "files": list(packed.files),
            "missing": [list(one) for one in packed.missing],
            "notes": list(packed.notes),
            "kept": str(packed.kept or ""),
        }

    return jobs.start("pack", work, PACK_WEIGHTS)


def _state(project: Project, jobs: Jobs) -> dict[str, Any]:
    return {
        "job": jobs.latest("build"),
        "pack": jobs.latest("pack"),
        "looking": jobs.latest(KIND),
        "look": told_page(project),
        "begun": read_begun(project),
        "built": built(project),
    }


def _show(project: Project, asked: Shown) -> None:
    """Only what lies in these folders, by a name without any path."""
    folders = {"built": project.out, "packed": packed_folder(project), "look": page_folder(project)}
    folder = folders[asked.what]
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if asked.name and asked.name not in names:
        raise WorldError(f"there is no such file in {folder}", hint="reload the page")
    show_in_folder(folder / asked.name if asked.name else folder)


def routes(project: Project, jobs: Jobs) -> list[Route]:
    async def choices(_request: Request) -> Response:
        return answer(await run_in_threadpool(possible, project))

    async def state(_request: Request) -> Response:
        return answer(await run_in_threadpool(_state, project, jobs))

    async def start(request: Request) -> Response:
        asked = await read_asked(request, Start)
        return answer({"number": await run_in_threadpool(_start, project, jobs, asked)})

    async def pack(request: Request) -> Response:
        await read_asked(request, Asked)
        return answer({"number": _pack(project, jobs)})

    async def look(request: Request) -> Response:
        await read_asked(request, Asked)
        return answer({"number": jobs.start(KIND, lambda progress: make_page(project, progress))})

    async def look_file(request: Request) -> Response:
        name = request.path_params["name"] or "index.html"
        path = await run_in_threadpool(served_file, project, name)
        return FileResponse(path, headers={"Content-Security-Policy": LOOK_POLICY})

    async def show(request: Request) -> Response:
        await run_in_threadpool(_show, project, await read_asked(request, Shown))
        return answer({})

    async def picture(_request: Request) -> Response:
        path = project.out / "map.png"
        if not path.is_file():
            raise WorldError("there is no map yet", hint="build first")
        return FileResponse(path, media_type="image/png")

    async def angle(request: Request) -> Response:
        side = request.path_params["side"]
        if side not in SIDES:
            raise WorldError(
                "one looks from the south, west, north or east", hint="reload the page"
            )
        drawn = await run_in_threadpool(angle_of_built, project, side)
        return Response(drawn, media_type="image/png")

    return [
        Route("/api/build/angle/{side}.png", angle),
        Route("/api/build/choices", choices),
        Route("/api/build/state", state),
        Route("/api/build/start", start, methods=["POST"]),
        Route("/api/build/pack", pack, methods=["POST"]),
        Route("/api/build/look", look, methods=["POST"]),
        Route("/look/{name:path}", look_file),
        Route("/api/build/show", show, methods=["POST"]),
        Route("/api/build/map.png", picture),
    ]
