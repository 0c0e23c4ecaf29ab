"""Choosing the area: what the data cover, and what a build of a rectangle would take."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mc_city import api
from mc_city.app.answers import Asked, answer, read_asked
from mc_city.app.area import bounds_to_write, measured
from mc_city.app.basemap import CREDIT, Basemap, Tile, told_tiles
from mc_city.app.jobs import Jobs
from mc_city.app.overview import known_names, overview_grid, overview_png, reaches, shown_bounds
from mc_city.app.project import Project
from mc_city.build.estimate import estimate
from mc_city.settings.config import Config
from terrain.plane import Bounds, crs_text, on_map, turn_of
from worlds.errors import ConfigError

LONGEST_M = 60_000.0
"""Of an area's side, in metres: what a slip of the hand draws is not counted out."""


class Rectangle(Asked):
    """west, south, east, north in metres of the city's plane, as the map shows it."""

    bounds: tuple[float, float, float, float]

    def checked(self) -> Bounds:
        west, south, east, north = self.bounds
        if not (0 < east - west <= LONGEST_M and 0 < north - south <= LONGEST_M):
            raise ConfigError(
                f"an area of {east - west:,.0f} x {north - south:,.0f} m",
                hint="draw one with sides from 1 m to 60 km",
            )
        return self.bounds


class Wanted(Asked):
    """Whether a map of the network is shown."""

    wanted: bool


class Looked(Asked):
    """What the page's map shows, in so many pixels."""

    bounds: tuple[float, float, float, float]
    width: float = Field(gt=0, le=10_000)


class Chosen(Rectangle):
    """digest: of the configuration that the page was made from."""

    digest: str


Stamps = tuple[tuple[str, int, int], ...]


def _stamps(config: Config) -> Stamps:
    """What tells whether the files beside a configuration, or it itself, have changed."""
    terrain = config.terrain
    vectors = (terrain.water, terrain.streets, terrain.vegetation, config.buildings.footprints)
    paths = [config.path, *(one.path for one in terrain.elevation)]
    paths += [one.path for group in (*vectors, config.plans.sources) for one in group]
    known = [path for path in paths if path.exists()]
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in known)


@lru_cache(maxsize=2)
def _known(path: Path, _stamps: Stamps) -> dict[str, Any]:
    """What is told of the sources of a configuration, read once for each state of its files."""
    config = api.read_config(path)
    known = reaches(config)
    bounds = shown_bounds(config, known)
    sources = [
        {
            "theme": one.theme, "file": one.file, "ring": one.ring, "fault": one.fault,
            "hint": one.hint,
        }
        for one in known
    ]  # fmt: skip
    return {
        "shown": [round(value, 1) for value in bounds],
        "sources": sources,
        "names": known_names(config, bounds),
    }


@lru_cache(maxsize=2)
def _drawn(path: Path, _stamps: Stamps) -> bytes:
    config = api.read_config(path)
    bounds = shown_bounds(config, reaches(config))
    return overview_png(config, overview_grid(config, bounds))


class Overviews:
    """The overview of a project: who asks for it while it is drawn waits for it."""

    def __init__(self) -> None:
        self._lock = Lock()

    def facts(self, config: Config) -> dict[str, Any]:
        with self._lock:
            return _known(config.path, _stamps(config))

    def picture(self, config: Config) -> bytes:
        with self._lock:
            return _drawn(config.path, _stamps(config))


def _measure(project: Project, shown: Bounds) -> dict[str, Any]:
    config = project.read_config()
    found = config.with_area(bounds_to_write(config.frame.crs, shown))
    middle = [(shown[0] + shown[2]) / 2, (shown[1] + shown[3]) / 2]
    east, north = on_map(config.frame.crs, *middle)
    return {
        **measured(estimate(found, project.out, api.JOBS)),
        "middle": [round(float(east)), round(float(north))],
    }


def _state(project: Project, overviews: Overviews) -> dict[str, Any]:
    digest, config = project.digest(), project.read_config()
    grid, place = config.grid, config.frame.crs
    return {
        "digest": digest,
        "has_config": project.has_config,
        "city": config.city.name,
        "crs": crs_text(place),
        "turn_deg": turn_of(place),
        "origin": list(config.city.origin),
        "area": [round(value, 1) for value in grid.bounds],
        "measured": _measure(project, grid.bounds),
        **overviews.facts(config),
    }


def routes(project: Project, jobs: Jobs) -> list[Route]:  # noqa: ARG001
    overviews, basemap = Overviews(), Basemap(project.kept / "tiles")

    async def state(_request: Request) -> Response:
        return answer(await run_in_threadpool(_state, project, overviews))

    async def picture(_request: Request) -> Response:
        config = await run_in_threadpool(project.read_config)
        drawn = await run_in_threadpool(overviews.picture, config)
        return Response(drawn, media_type="image/png")

    async def measure(request: Request) -> Response:
        asked = (await read_asked(request, Rectangle)).checked()
        return answer(await run_in_threadpool(_measure, project, asked))

    async def choose(request: Request) -> Response:
        asked = await read_asked(request, Chosen)
        config = await run_in_threadpool(project.read_config)
        bounds = bounds_to_write(config.frame.crs, asked.checked())
        place = ("area", "bounds")
        await run_in_threadpool(project.write_value, place, list(bounds), asked.digest)
        return answer(await run_in_threadpool(_state, project, overviews))

    async def switch(request: Request) -> Response:
        basemap.switch((await read_asked(request, Wanted)).wanted)
        return answer({"credit": CREDIT})

    async def tiles(request: Request) -> Response:
        asked = await read_asked(request, Looked)
        config = await run_in_threadpool(project.read_config)
        found = told_tiles(config.frame.crs, asked.bounds, asked.width)
        return answer({"tiles": found if basemap.is_on else []})

    async def tile(request: Request) -> Response:
        wanted = Tile(**{name: request.path_params[name] for name in ("zoom", "column", "row")})
        picture = await run_in_threadpool(basemap.picture, wanted)
        return Response(picture, media_type="image/png")

    return [
        Route("/api/choose/basemap", switch, methods=["POST"]),
        Route("/api/choose/basemap/tiles", tiles, methods=["POST"]),
        Route("/api/choose/basemap/{zoom:int}/{column:int}/{row:int}.png", tile),
        Route("/api/choose/state", state),
        Route("/api/choose/picture.png", picture),
        Route("/api/choose/measure", measure, methods=["POST"]),
        Route("/api/choose/area", choose, methods=["POST"]),
    ]
