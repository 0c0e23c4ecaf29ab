"""What the server answers to its page, and how it takes what the page sends: as untrusted as any
file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mc_city.app.config_text import ChangedMeanwhileError
from worlds.errors import ConfigError, McCityError
from worlds.quoting import json_text, plain

MOST_BYTES = 4_000_000
"""Of a question in JSON."""


class Asked(BaseModel):
    """What a page asks: nothing that is not known, no texts for numbers."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


AnyAsked = TypeVar("AnyAsked", bound=Asked)


class TooLargeError(McCityError):
    """More was sent than is taken."""


def answer(value: Any, status: int = 200) -> Response:
    return Response(json_text(value), status, media_type="application/json")


async def read_asked(request: Request, kind: type[AnyAsked]) -> AnyAsked:
    """The JSON of a question, bounded and checked."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise TooLargeError("the page sent too much at once", hint="reload the page")
    try:
        return kind.model_validate_json(bytes(body))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise ConfigError(
            f"what the page sent is not understood: {plain(where)}: {plain(first['msg'])}",
            hint="reload the page",
        ) from error


def change_route(
    path: str, kind: type[AnyAsked], run: Callable[[AnyAsked], dict[str, Any]]
) -> Route:
    """The route of a change: its question checked, run in a thread, its answer in JSON."""

    async def handler(request: Request) -> Response:
        asked = await read_asked(request, kind)
        return answer(await run_in_threadpool(run, asked))

    return Route(path, handler, methods=["POST"])


def told_mistake(_request: Request, error: Exception) -> Response:
    """A mistake that a person can mend: what and where, and what to do."""
    hint = error.hint if isinstance(error, McCityError) else ""
    status = 409 if isinstance(error, ChangedMeanwhileError) else 400
    status = 413 if isinstance(error, TooLargeError) else status
    return answer({"error": plain(str(error)), "hint": plain(hint)}, status)


def told_bug(_request: Request, error: Exception) -> Response:
    """A fault of the program's; the traceback is where the program was started."""
    return answer(
        {
            "error": f"this is a bug in mc-city: {type(error).__name__}: {plain(error)[:300]}",
            "hint": "please report it with what the window shows that mc-city was started from",
            "bug": True,
        },
        500,
    )
