"""Saved worlds: facts, layers, maps, hand-outs, and what came back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mc_city.api import Progress
from mc_city.app.answers import Asked, answer, change_route
from mc_city.app.exporting import (
    EXPORT,
    ExportWanted,
    draw_plan,
    export_facts,
    export_world,
    told_formats,
)
from mc_city.app.guard import REPORT_POLICY
from mc_city.app.incoming import Incoming, Wanted
from mc_city.app.jobs import Jobs, Work
from mc_city.app.project import Project
from mc_city.app.saved_worlds import (
    HANDOUT,
    IDEAS,
    brought_folder,
    draw_world,
    found_worlds,
    handout_folder,
    harvest_worlds,
    pack_world,
    require_free,
    switch_layer,
    told_world,
    world_called,
)
from mc_city.app.showing import show_in_folder
from worlds.errors import ConfigError, WorldError

Id = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
Name = Annotated[str, Field(max_length=300)]
REPORT = "ideas.html"
PATIENCE_S = 30.0


class Of(Asked):
    id: Id


class Switch(Of):
    """option: `layer` or `layer/variant`; empty = today."""

    layer: Name
    option: Name = ""


class Drawn(Of):
    layers: bool = False


class Packed(Of):
    force: bool = False


class Exported(Of, ExportWanted):
    """A world, and what is exported of it."""


class Harvested(Asked):
    base: Id
    returned: list[Id] = Field(min_length=1, max_length=200)
    force: bool = False


class WantedFile(Asked):
    name: str = Field(min_length=1, max_length=1000)
    bytes: int = Field(ge=0)


class Begin(Asked):
    files: list[WantedFile] = Field(max_length=4000)


class Batch(Asked):
    batch: str = Field(max_length=40)


class Shown(Asked):
    """What to show in the system's own window of files."""

    what: Literal["world", "ideas", "handout", "export", "brought"]
    id: Id | None = None
    name: Name = ""


@dataclass(frozen=True)
class Room:
    """What is asked of a project's worlds, each in a thread of its own; long work as jobs, whose
    numbers are answered. alone: held by whoever reads or changes a world, as what a killed change
    left is put right by the next reader, who must not take one that goes on for such."""

    project: Project
    jobs: Jobs
    incoming: Incoming
    alone: Lock

    def listed(self) -> dict[str, Any]:
        worlds = [
            {"id": one.id, "name": one.name, "where": one.where, "kind": one.kind}
            for one in found_worlds(self.project)
        ]
        report = (self.project.folder / IDEAS / REPORT).is_file()
        return {
            "worlds": worlds, "job": self.jobs.latest(), "report": report, **told_formats(),
        }  # fmt: skip

    def switch(self, asked: Switch) -> dict[str, Any]:
        found = world_called(self.project, asked.id)
        return self._begun(
            "switch", lambda progress: switch_layer(found, asked.layer, asked.option, progress)
        )

    def draw(self, asked: Drawn) -> dict[str, Any]:
        found = world_called(self.project, asked.id)

        def work(progress: Progress) -> dict[str, Any]:
            return {"picture": draw_world(self.project, found, asked.layers, progress)}

        return self._begun("world map", work)

    def pack(self, asked: Packed) -> dict[str, Any]:
        found = world_called(self.project, asked.id)
        require_free(handout_folder(self.project, found), asked.force)
        return self._begun(
            "pack world", lambda progress: pack_world(self.project, found, asked.force, progress)
        )

    def plan(self, asked: Of) -> dict[str, Any]:
        found = world_called(self.project, asked.id)
        return self._begun("world map", lambda progress: draw_plan(self.project, found, progress))

    def export(self, asked: Exported) -> dict[str, Any]:
        found = world_called(self.project, asked.id)
        return self._begun(
            "export", lambda progress: export_world(self.project, found, asked, progress)
        )

    def harvest(self, asked: Harvested) -> dict[str, Any]:
        base = world_called(self.project, asked.base)
        require_free(self.project.folder / IDEAS, asked.force)
        returned = [world_called(self.project, name) for name in asked.returned]
        return self._begun(
            "harvest",
            lambda progress: harvest_worlds(self.project, base, returned, asked.force, progress),
        )

    def world(self, name: str) -> dict[str, Any]:
        found = world_called(self.project, name)
        if not self.alone.acquire(timeout=PATIENCE_S):
            raise WorldError("a world is being worked on just now", hint="wait until that is done")
        try:
            told = told_world(found)
        finally:
            self.alone.release()
        return {**told, **(export_facts(told) if told["ours"] else {})}

    def _begun(self, kind: str, work: Work) -> dict[str, Any]:
        def by_itself(progress: Progress) -> Any:
            with self.alone:
                return work(progress)

        return {"job": self.jobs.start(kind, by_itself)}

    def begin(self, asked: Begin) -> dict[str, Any]:
        batch, names = self.incoming.begin([Wanted(one.name, one.bytes) for one in asked.files])
        return {"batch": batch, "names": names}

    def end(self, asked: Batch) -> dict[str, Any]:
        placed = self.incoming.end(asked.batch)
        return {"new": [path.name for path in placed.new], "there": list(placed.there)}

    def stop(self, asked: Batch) -> dict[str, Any]:
        self.incoming.stop(asked.batch)
        return {}

    def show(self, asked: Shown) -> dict[str, Any]:
        show_in_folder(self._folder(asked))
        return {}

    def _folder(self, asked: Shown) -> Path:
        if asked.what == "world":
            return world_called(self.project, asked.id or "").path
        if asked.what in ("handout", "export"):
            if not re.fullmatch(rf"(out-{HANDOUT}|({HANDOUT}|{EXPORT})-[^/\\]+)", asked.name):
                raise ConfigError("no such folder", hint="reload the page")
            return self.project.folder / asked.name
        return self.project.folder / IDEAS if asked.what == "ideas" else self.incoming.data

    def picture(self, name: str) -> Response:
        path = self.project.kept / name
        if not re.fullmatch(r"world-[0-9a-f]{16}(-layers|-plan)?\.png", name) or not path.is_file():
            raise WorldError("that picture is not there any more", hint="draw it again")
        return FileResponse(path, media_type="image/png")

    def report(self) -> Response:
        path = self.project.folder / IDEAS / REPORT
        if not path.is_file():
            raise WorldError("there is no report yet", hint="compare worlds that came back first")
        # What children wrote stands in it: nothing of it may run.
        headers = {"Content-Security-Policy": REPORT_POLICY}
        return FileResponse(path, media_type="text/html", headers=headers)


def routes(project: Project, jobs: Jobs) -> list[Route]:
    """The room's paths."""
    room = Room(project, jobs, Incoming(brought_folder(project)), Lock())

    async def listed(_request: Request) -> Response:
        return answer(await run_in_threadpool(room.listed))

    async def one(request: Request) -> Response:
        return answer(await run_in_threadpool(room.world, request.path_params["name"]))

    async def picture(request: Request) -> Response:
        return room.picture(request.path_params["name"])

    async def report(_request: Request) -> Response:
        return room.report()

    async def receive(request: Request) -> Response:
        number = request.query_params.get("number", "")
        await room.incoming.receive(
            request.query_params.get("batch", ""),
            int(number) if re.fullmatch("[0-9]{1,6}", number) else -1,
            request.headers.get("content-type", ""),
            request.stream(),
        )
        return answer({})

    return [
        Route("/api/worlds", listed),
        Route("/api/worlds/report", report),
        Route("/api/worlds/one/{name}", one),
        Route("/api/worlds/picture/{name}", picture),
        Route("/api/worlds/file", receive, methods=["POST"]),
        change_route("/api/worlds/switch", Switch, room.switch),
        change_route("/api/worlds/map", Drawn, room.draw),
        change_route("/api/worlds/pack", Packed, room.pack),
        change_route("/api/worlds/plan", Of, room.plan),
        change_route("/api/worlds/export", Exported, room.export),
        change_route("/api/worlds/harvest", Harvested, room.harvest),
        change_route("/api/worlds/show", Shown, room.show),
        change_route("/api/worlds/begin", Begin, room.begin),
        change_route("/api/worlds/end", Batch, room.end),
        change_route("/api/worlds/stop", Batch, room.stop),
    ]
