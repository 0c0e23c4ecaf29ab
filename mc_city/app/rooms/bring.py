"""Bringing data: files and folders are received, recognised and named in the configuration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mc_city.app.answers import Asked, answer, change_route
from mc_city.app.bringing import (
    Assigned,
    Data,
    assign,
    facts,
    name_in,
    read_data,
    remove,
    take,
)
from mc_city.app.config_text import read_held, with_value, write_held
from mc_city.app.credits import write_credit
from mc_city.app.incoming import Incoming, Wanted
from mc_city.app.jobs import Jobs
from mc_city.app.project import Project
from mc_city.app.recognising import Recogniser
from mc_city.app.rooms import fetch
from mc_city.app.shapes import corners_of, find_file, picture_of, shapes_of
from worlds.errors import ConfigError


class WantedFile(Asked):
    name: str = Field(min_length=1, max_length=1000)
    bytes: int = Field(ge=0)


class Begin(Asked):
    files: list[WantedFile]


class Of(Asked):
    batch: str = Field(max_length=40)


class Fixes(Asked):
    """What is corrected of a file."""

    crs: str | None = Field(None, max_length=100)
    swap_axes: bool | None = None
    unit: str | None = Field(None, max_length=10)
    legend: dict[str, str] | None = Field(None, max_length=64)


class Assign(Asked):
    digest: str
    name: str
    layer: str | None = None
    theme: str = ""
    fixes: Fixes = Fixes()


class Remove(Asked):
    digest: str
    name: str


class Called(Asked):
    digest: str
    name: str = Field(min_length=1, max_length=100)


class CreditOf(Asked):
    name: str
    title: str = Field("", max_length=300)
    licence: str = Field("", max_length=300)
    attribution: str = Field("", max_length=300)
    date: str = Field("", max_length=40)
    real: bool | None = None


@dataclass(frozen=True)
class Room:
    """What is asked of a project's data, each in a thread of its own."""

    project: Project
    recogniser: Recogniser
    incoming: Incoming

    def state(self) -> dict[str, Any]:
        return facts(read_data(self.project, self.recogniser))

    def _files(self) -> Data:
        return read_data(self.project, self.recogniser, remarked=False)

    def begin(self, asked: Begin) -> dict[str, Any]:
        batch, names = self.incoming.begin([Wanted(one.name, one.bytes) for one in asked.files])
        return {"batch": batch, "names": names}

    def end(self, asked: Of) -> dict[str, Any]:
        placed = self.incoming.end(asked.batch)
        take(self.project, self.recogniser, placed.new)
        new = [name_in(self.project, path) for path in placed.new]
        return {**self.state(), "new": new, "there": placed.there}

    def stop(self, asked: Of) -> dict[str, Any]:
        self.incoming.stop(asked.batch)
        return {}

    def assign(self, asked: Assign) -> dict[str, Any]:
        fixes = asked.fixes.model_dump(exclude_none=True)
        wanted = Assigned(asked.name, asked.layer, asked.theme, fixes)
        assign(self.project, self.recogniser, wanted, asked.digest)
        return self.state()

    def remove(self, asked: Remove) -> dict[str, Any]:
        remove(self.project, self.recogniser, asked.name, asked.digest)
        return self.state()

    def call(self, asked: Called) -> dict[str, Any]:
        held = read_held(self.project.config)
        new = with_value(held.text, ("city", "name"), asked.name)
        write_held(self.project.config, new, asked.digest)
        return self.state()

    def credit(self, asked: CreditOf) -> dict[str, Any]:
        said = asked.model_dump(exclude_none=True, exclude={"name"})
        one = find_file(self._files(), asked.name)
        write_credit(self.project.folder, one.path.name, said)
        return self.state()

    def shapes(self, name: str, number: int) -> Response:
        return answer(shapes_of(self._files(), name, number))

    def picture(self, name: str, _number: int) -> Response:
        picture = picture_of(self._files(), name)
        return Response(picture, media_type="image/png")

    def corners(self, name: str, number: int) -> Response:
        corners = corners_of(self._files(), name, number)
        return answer({"corners": corners})


def routes(project: Project, jobs: Jobs) -> list[Route]:
    room = Room(project, Recogniser(), Incoming(project.data))

    async def told(_request: Request) -> Response:
        return answer(await run_in_threadpool(room.state))

    async def receive(request: Request) -> Response:
        await room.incoming.receive(
            request.query_params.get("batch", ""),
            _number_of(request, "number"),
            request.headers.get("content-type", ""),
            request.stream(),
        )
        return answer({})

    return [
        Route("/api/bring/data", told),
        Route("/api/bring/file", receive, methods=["POST"]),
        change_route("/api/bring/begin", Begin, room.begin),
        change_route("/api/bring/end", Of, room.end),
        change_route("/api/bring/stop", Of, room.stop),
        change_route("/api/bring/assign", Assign, room.assign),
        change_route("/api/bring/remove", Remove, room.remove),
        change_route("/api/bring/city", Called, room.call),
        change_route("/api/bring/credit", CreditOf, room.credit),
        _show("shapes", room.shapes),
        _show("picture", room.picture),
        _show("corners", room.corners),
        *fetch.routes(project, jobs),
    ]


def _show(name: str, run: Callable[[str, int], Response]) -> Route:
    """What the map shows of one piece of a file."""

    async def handler(request: Request) -> Response:
        file, number = request.query_params.get("name", ""), _number_of(request, "piece")
        return await run_in_threadpool(run, file, number)

    return Route(f"/api/bring/{name}", handler)


def _number_of(request: Request, key: str) -> int:
    text = request.query_params.get(key, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise ConfigError("no such file or layer", hint="load the page anew")
    return int(text)
