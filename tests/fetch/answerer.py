"""A small HTTP server on loopback that answers as a test says, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """cut: how many bytes of the body are sent before the connection breaks; None = all."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/octet-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


Answering = Callable[[Asked], Reply]


def whole_or_part(body: bytes, asked: Asked, tag: str = '"one"', **more: Any) -> Reply:
    """A file, or the part of it that is asked for."""
    wanted = asked.headers.get("range", "")
    if not wanted or asked.headers.get("if-range", tag) != tag:
        return Reply(body, headers={"ETag": tag, "Accept-Ranges": "bytes"}, **more)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    begin, end = int(first), min(int(last) if last else len(body) - 1, len(body) - 1)
    if begin >= len(body):
        return Reply(status=416, headers={"Content-Range": f"bytes */{len(body)}"})
    span = {"ETag": tag, "Content-Range": f"bytes {begin}-{end}/{len(body)}"}
    return Reply(body[begin : end + 1], 206, headers=span, **more)


@dataclass
class Answerer:
    """routes: beginning of a path → what answers; the longest that fits."""

    port: int = 0
    routes: dict[str, Answering] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        fits = [route for route in self.routes if asked.path.startswith(route)]
        return self.routes[max(fits, key=len)](asked) if fits else Reply(status=404)

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


def _handler(answerer: Answerer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            parts = urlsplit(self.path)
            query = {key: held[0] for key, held in parse_qs(parts.query).items()}
            length = int(self.headers.get("content-length") or 0)
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = self.rfile.read(length)
            reply = answerer.answer(Asked(self.command, parts.path, query, headers, body))
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            if reply.cut is not None:
                self.close_connection = True

        do_GET = do_POST = _reply  # noqa: N815

        def log_message(self, *words: object) -> None:
            """Nothing on stderr."""

    return Handler


@contextmanager
def answering() -> Iterator[Answerer]:
    answerer = Answerer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(answerer)) as server:
        answerer.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield answerer
        finally:
            server.shutdown()
            thread.join()
