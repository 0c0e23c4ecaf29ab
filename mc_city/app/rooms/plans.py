"""Plans: what is planned, edited in its file."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from mc_city.api import Progress
from mc_city.app import plan_edits
from mc_city.app.answers import Asked, answer, read_asked
from mc_city.app.jobs import Jobs
from mc_city.app.plan_changes import Change, PlanFeature
from mc_city.app.plan_edits import Form
from mc_city.app.plan_pictures import piece_of, write_ground, write_looks
from mc_city.app.plan_telling import told_plans
from mc_city.app.plans_file import PlansFile, change_plans, open_plans, step_plans
from mc_city.app.project import Project
from worlds.errors import SourceError

MOST_POINTS = 2000
Name = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=20_000)]
Point = tuple[float, float]
Values = dict[Name, Text | float | None]
Keys = Annotated[list[int], Field(max_length=5000)]


class Begin(Asked):
    """A new development, and where its board stands."""

    kind: Literal["begin"]
    name: Name
    at: Point

    def changes(self, plans: PlansFile, features: list[PlanFeature]) -> tuple[Change, ...]:
        return plan_edits.begun(plans, features, self.name, self.at)


class Describe(Asked):
    """What a board says."""

    kind: Literal["describe"]
    layer: Name
    values: Values

    def changes(self, _plans: PlansFile, features: list[PlanFeature]) -> tuple[Change, ...]:
        return plan_edits.described(features, self.layer, self.values)


class Draw(Asked):
    """A new feature."""

    kind: Literal["draw"]
    layer: Name
    role: Name
    form: Form
    points: Annotated[list[Point], Field(max_length=MOST_POINTS)]
    values: Values = Field(default_factory=dict)

    def changes(self, plans: PlansFile, _features: list[PlanFeature]) -> tuple[Change, ...]:
        shape = plan_edits.shape_drawn(plans, self.role, self.form, self.points)
        return plan_edits.drawn(plans, self.layer, self.role, shape, self.values)


class Alter(Asked):
    """Other values of features."""

    kind: Literal["alter"]
    keys: Keys
    values: Values

    def changes(self, _plans: PlansFile, features: list[PlanFeature]) -> tuple[Change, ...]:
        return plan_edits.altered(features, self.keys, self.values)


class Move(Asked):
    """Features further right and up, in metres."""

    kind: Literal["move"]
    keys: Keys
    by: Point

    def changes(self, plans: PlansFile, features: list[PlanFeature]) -> tuple[Change, ...]:
        return plan_edits.moved(plans, features, self.keys, self.by)


class Remove(Asked):
    """Features, or a whole layer, taken away."""

    kind: Literal["remove"]
    keys: Keys = Field(default_factory=list)
    layer: Name | None = None

    def changes(self, _plans: PlansFile, features: list[PlanFeature]) -> tuple[Change, ...]:
        return plan_edits.removed(features, self.keys, self.layer)


class Option(Asked):
    """An alternative of a layer: copied under a new name, or renamed."""

    kind: Literal["option"]
    layer: Name
    option: Name
    name: Name
    copied: bool

    def changes(self, _plans: PlansFile, features: list[PlanFeature]) -> tuple[Change, ...]:
        change = plan_edits.option_copied if self.copied else plan_edits.option_renamed
        return change(features, self.layer, self.option, self.name)


class Rank(Asked):
    """A layer one place up or down."""

    kind: Literal["rank"]
    layer: Name
    later: bool

    def changes(self, plans: PlansFile, features: list[PlanFeature]) -> tuple[Change, ...]:
        return plan_edits.ranked(plans, features, self.layer, self.later)


class Edit(Asked):
    """digest: of the file that the page was made from."""

    digest: Name
    edit: Annotated[
        Begin | Describe | Draw | Alter | Move | Remove | Option | Rank,
        Field(discriminator="kind"),
    ]


class Step(Asked):
    digest: Name


class Look(Asked):
    """A piece of the city, and which layers stand in its second picture; none = all."""

    bounds: tuple[float, float, float, float]
    shown: list[Name] = Field(default_factory=list, max_length=64)


def routes(project: Project, jobs: Jobs) -> list[Route]:
    """The room's paths."""

    async def told(_request: Request) -> Response:
        return answer(await run_in_threadpool(lambda: told_plans(open_plans(project))))

    async def edit(request: Request) -> Response:
        asked = await read_asked(request, Edit)

        def made() -> dict[str, Any]:
            kind = asked.edit.kind
            return told_plans(
                change_plans(open_plans(project), asked.digest, asked.edit.changes, kind)
            )

        return answer(await run_in_threadpool(made))

    def stepping(name: str, forward: bool) -> Route:
        async def step(request: Request) -> Response:
            asked = await read_asked(request, Step)
            return answer(
                await run_in_threadpool(
                    lambda: told_plans(step_plans(open_plans(project), asked.digest, forward))
                )
            )

        return Route(f"/api/plans/{name}", step, methods=["POST"])

    async def ground(_request: Request) -> Response:
        path = await run_in_threadpool(lambda: write_ground(project.read_config(), project.kept))
        return FileResponse(path, media_type="image/png")

    async def look(request: Request) -> Response:
        asked = await read_asked(request, Look)
        config = await run_in_threadpool(project.read_config)
        piece_of(config, asked.bounds)

        def work(progress: Progress) -> dict[str, Any]:
            made = write_looks(config, asked.bounds, asked.shown, project.kept, progress)
            return {
                "today": f"/api/plans/look/{made.today.name}",
                "planned": f"/api/plans/look/{made.planned.name}",
                "bounds": made.bounds,
            }

        return answer({"job": jobs.start("look", work)})

    async def picture(request: Request) -> Response:
        name = request.path_params["name"]
        path = project.kept / name
        if not re.fullmatch(r"look-[0-9a-f]{16}-[01]\.png", name) or not path.is_file():
            raise SourceError("that picture is not there any more", hint="draw it again")
        return FileResponse(path, media_type="image/png")

    return [
        Route("/api/plans", told),
        Route("/api/plans/edit", edit, methods=["POST"]),
        stepping("undo", forward=False),
        stepping("redo", forward=True),
        Route("/api/plans/ground.png", ground),
        Route("/api/plans/look", look, methods=["POST"]),
        Route("/api/plans/look/{name}", picture),
    ]
