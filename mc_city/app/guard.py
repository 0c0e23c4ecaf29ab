"""Who may ask: this machine's own browser, which was given the token, on pages of ours, and nobody
else. See docs/app.md."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CHANGING = "x-mc-city"
"""A header that no form of another site can send."""
BODIES = ("application/json", "multipart/form-data")
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
REPORT_POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Of a report, which has its style and pictures in itself: in it nothing runs, whatever stands
there."""
LOOK_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Of the page in 3D: its own scripts run, and ask nobody for anything."""
REFUSED = """<!doctype html><html lang="sv"><meta charset="utf-8"><title>mc-city</title>
<h1>Det här fönstret är låst</h1>
<p>Öppna adressen som programmet skrev ut när det startade (den slutar med <code>?token=…</code>),
eller starta <code>mc-city app</code> igen.</p>
<p lang="en">This window is locked. Open the address that the program printed when it was started,
which ends in <code>?token=…</code>, or start <code>mc-city app</code> again.</p>
"""


@dataclass(frozen=True)
class Guard:
    """The application behind its door. port: where it is served, on loopback only."""

    app: ASGIApp
    token: str
    port: int

    @property
    def cookie(self) -> str:
        """Cookies do not know ports: their name does."""
        return f"mc-city-{self.port}"

    @property
    def hosts(self) -> tuple[str, str]:
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("Content-Security-Policy")
                headers.update(HEADERS)
                if policy in (REPORT_POLICY, LOOK_POLICY):
                    headers["Content-Security-Policy"] = policy
            await send(message)

        told = self._refusal(scope)
        await (told or self.app)(scope, receive, send_guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """What is answered instead of what was asked for; None where that may be had."""
        headers = Headers(scope=scope)
        if self._is_foreign(headers):
            return _refused()
        if scope["method"] == "GET" and scope["path"] == "/" and scope["query_string"]:
            given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
            if given:
                return self._let_in() if self._is_token(given[0]) else _refused()
        if not self._is_token(self._cookie_of(headers)):
            return _refused()
        if scope["method"] in ("GET", "HEAD"):
            return None
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] != "POST" or headers.get(CHANGING) != "1" or kind not in BODIES:
            return _refused()
        return None

    def _is_foreign(self, headers: Headers) -> bool:
        """Whether the browser says that another site, or a name of another site, asks."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return True
        if any(origin != f"http://{hosts[0]}" for origin in headers.getlist("origin")):
            return True
        return any(
            site not in ("same-origin", "none") for site in headers.getlist("sec-fetch-site")
        )

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())

    def _cookie_of(self, headers: Headers) -> str:
        for line in headers.getlist("cookie"):
            try:
                found = SimpleCookie(line).get(self.cookie)
            except CookieError:
                continue
            if found is not None:
                return found.value
        return ""

    def _let_in(self) -> Response:
        """The token goes from the address into a cookie that no script reads."""
        response = RedirectResponse("/", 303)
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="strict", path="/")
        return response


def _refused() -> Response:
    return HTMLResponse(REFUSED, 403)
