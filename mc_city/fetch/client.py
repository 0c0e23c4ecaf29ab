"""The one HTTP client: asks one thing at a time, waits when it is told to, goes on where a transfer
broke off, and gives a login to the hosts of its account only.

Addresses are always those of the services. `MC_CITY_HOSTS` may put others in their place
("host=http://127.0.0.1:8000/there" with spaces between): for tests and mirrors, and in the
environment only, since a configuration comes from others and must not lead a login astray.
"""

from __future__ import annotations

import json
import logging
import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx2 as http
import stamina

from mc_city import __version__
from mc_city.fetch.answers import AGAIN, BUSY, HEAD, AbsentError, complaint_in, refused, seconds_of
from mc_city.fetch.credentials import Login
from worlds.errors import SourceError
from worlds.quoting import plain

logging.getLogger("stamina").addHandler(logging.NullHandler())
TRIES, FIRST_WAIT, MOST_WAIT = 6, 1.0, 60.0
PATIENCE = 600.0
"""Seconds that a service may ask to wait; after longer ones it is the user who asks again."""
MOST_REDIRECTS = 5
MOST_ANSWER = 128 << 20
"""Bytes of an answer that is held in memory."""
MIRRORS, CONTACT = "MC_CITY_HOSTS", "MC_CITY_CONTACT"
Told = Callable[[str], None]


class BusyError(Exception):
    """A service that may be asked again. wait_s: when it says so."""

    def __init__(self, refusal: SourceError, wait_s: float | None = None) -> None:
        super().__init__(str(refusal))
        self.refusal, self.wait_s = refusal, wait_s


@dataclass(frozen=True)
class Question:
    """What is asked. hints: status → what to do, where the source knows more than `answers`;
    least_wait_s: before one asks again; own: also read answers of these statuses; absent: statuses
    that mean, besides 404, that there is no such thing."""

    url: str
    data: Mapping[str, str] | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    login: Login | None = None
    hints: Mapping[int, str] = field(default_factory=dict)
    least_wait_s: float = 0.0
    timeout_s: float = 60.0
    own: tuple[int, ...] = ()
    absent: tuple[int, ...] = ()

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url


@dataclass(frozen=True)
class Answer:
    """The whole of an answer. url: where it came from in the end."""

    status: int
    url: str
    kind: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def user_agent(contact: str) -> str:
    who = contact or os.environ.get(CONTACT, "").strip()
    return f"mc-city/{__version__} (open data for a model of a city; {who or 'no contact given'})"


def parted(url: str) -> SplitResult:
    """An address in its parts. SourceError for what is no address of the web."""
    try:
        parts = urlsplit(url)
        http.URL(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, http.InvalidURL):
        known = False
    if not known:
        raise SourceError(f"{plain(url)[:120]}: no address of the web", hint=AGAIN)
    return parts


def joined_address(url: str, place: object) -> str:
    """Where a link of what lies at an address leads. SourceError for what is no address of the
    web."""
    try:
        following = urljoin(url, str(place or ""))
    except ValueError:
        following = str(place)
    parted(following)
    return following


def require_new(url: str, asked: set[str]) -> None:
    """SourceError for a page that leads back to one that was asked for; notes that it is."""
    if url in asked:
        raise SourceError(
            f"{urlsplit(url).hostname} leads in a circle from page to page", hint="please report it"
        )
    asked.add(url)


def mirrors() -> dict[str, str]:
    """Host → the address that stands in its place."""
    pairs = (entry.partition("=") for entry in os.environ.get(MIRRORS, "").split())
    return {host: base.rstrip("/") for host, _, base in pairs if base}


def _silent(_line: str) -> None:
    """Nobody is told."""


class Client:
    """Asks services. contact: an address that they see; told: called with what a person should
    know while it takes long."""

    def __init__(self, contact: str = "", told: Told = _silent) -> None:
        self._mirrors = mirrors()
        self._told = told
        self._http = http.Client(
            headers={"User-Agent": user_agent(contact), "Accept": "*/*"},
            limits=http.Limits(max_connections=1, max_keepalive_connections=1),
            follow_redirects=False,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def _place(self, url: str) -> str:
        """Where an address really leads. SourceError for what is no address of the web."""
        parts = parted(url)
        base = self._mirrors.get(parts.hostname or "")
        if base is None:
            return url
        return base + (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def _may_log_in(self, url: str, login: Login | None) -> bool:
        parts = urlsplit(url)
        return (
            login is not None
            and parts.hostname in login.account.hosts
            and (parts.scheme == "https" or parts.hostname in self._mirrors)
        )

    @contextmanager
    def _opened(self, question: Question, url: str) -> Iterator[http.Response]:
        """An answer whose body is still to be read, redirects not followed."""
        headers = dict(question.headers)
        if self._may_log_in(url, question.login):
            assert question.login is not None
            headers["Authorization"] = question.login.header
        asks = question.data is not None or question.body is not None
        with self._http.stream(
            "POST" if asks else "GET",
            self._place(url),
            data=question.data,
            json=question.body,
            headers=headers,
            timeout=http.Timeout(question.timeout_s, connect=20.0),
        ) as response:
            yield response

    @contextmanager
    def answer(self, question: Question) -> Iterator[tuple[str, http.Response]]:
        """(where it came from, an answer of status 2xx or of `question.own`), its body still to be
        read, by one try. BusyError where one may try again, SourceError otherwise."""
        url, host = question.url, question.host
        try:
            for _ in range(MOST_REDIRECTS):
                with self._opened(question, url) as response:
                    if response.is_redirect:
                        url = self._next(url, response.headers.get("location", ""))
                        continue
                    self._require_good(question, url, response)
                    yield url, response
                    return
        except http.TimeoutException as error:
            late = SourceError(f"{host} does not answer in time", hint=AGAIN)
            raise BusyError(late) from error
        except (http.TransportError, http.DecodingError) as error:
            raise self._broken(host, error) from error
        raise SourceError(f"{host} sends from place to place without end", hint=AGAIN)

    def _next(self, url: str, location: str) -> str:
        following = joined_address(url, location)
        if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
            raise SourceError(
                f"{urlsplit(url).hostname} leads from a safe connection to an unsafe one",
                hint="this is not followed; please report it",
            )
        return following

    def _require_good(self, question: Question, url: str, response: http.Response) -> None:
        status = response.status_code
        if 200 <= status < 300 or status in question.own:
            return
        body = b"".join(_first(response.iter_bytes(), 4 * HEAD))
        host = urlsplit(url).hostname or question.host
        error = refused(host, status, body, question.hints)
        if status in question.absent:
            error = AbsentError(str(error), hint=error.hint)
        if question.login is not None:
            error = type(error)(question.login.cleaned(str(error)), hint=error.hint)
        if status not in BUSY:
            raise error
        wait = seconds_of(response.headers.get("retry-after"))
        if wait is not None and wait > PATIENCE:
            raise SourceError(f"{error}; it asks to wait {in_words(wait)}", hint=error.hint)
        raise BusyError(error, wait)

    def _broken(self, host: str, error: Exception) -> Exception:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return SourceError(
                    f"{host}: its certificate is not trusted ({cause.verify_message})",
                    hint="behind a proxy that looks into connections, install its certificate in "
                    "this system",
                )
            cause = cause.__cause__ or cause.__context__
        unknown = isinstance(error, http.ConnectError)
        words = "cannot be reached" if unknown else "broke off in the middle of its answer"
        hint = "check the network, then run the same command again" if unknown else AGAIN
        return BusyError(SourceError(f"{host} {words}", hint=hint))

    def patiently(self, question: Question, work: Callable[[], Any]) -> Any:
        """What `work` returns, tried again while it is said to be worth it, longer each time."""

        told: list[str] = []

        def wait(error: Exception) -> bool | float:
            if not isinstance(error, BusyError):
                return False
            asked = max(error.wait_s or 0.0, question.least_wait_s)
            if asked:
                self._told(f"{question.host} asks to wait {in_words(asked)}")
            elif not told:
                self._told(f"{error.refusal}; it is asked again for a while")
                told.append(question.host)
            return asked or True

        try:
            for attempt in stamina.retry_context(
                on=wait, attempts=TRIES, timeout=None, wait_initial=FIRST_WAIT, wait_max=MOST_WAIT
            ):
                with attempt:
                    return work()
        except BusyError as error:
            raise error.refusal from error
        raise AssertionError("unreachable")

    def ask(self, question: Question) -> Answer:
        """The whole of an answer. SourceError for a complaint in the dress of an answer, and for
        one that does not end."""

        def once() -> Answer:
            with self.answer(question) as (url, response):
                body = b"".join(_first(response.iter_bytes(), MOST_ANSWER + 1))
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                return Answer(response.status_code, url, kind, response.headers, body)

        answer: Answer = self.patiently(question, once)
        if len(answer.body) > MOST_ANSWER:
            raise SourceError(f"{question.host} answers without end", hint="please report it")
        complaint = complaint_in(answer.body)
        if complaint and answer.status < 300:
            raise SourceError(f"{question.host} answers with {complaint}", hint=AGAIN)
        return answer

    def ask_json(self, question: Question) -> dict[str, Any]:
        """An answer in JSON, an object."""
        answer = self.ask(question)
        try:
            held = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                f"{question.host} answers with something else than JSON ({answer.kind})", hint=AGAIN
            ) from error
        if not isinstance(held, dict):
            raise SourceError(f"{question.host} answers in another form", hint="please report it")
        return held


def _first(parts: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Parts until they are `most` bytes, the last one cut."""
    for part in parts:
        yield part[:most]
        most -= len(part)
        if most <= 0:
            return


def in_words(seconds: float) -> str:
    """A time as people say it."""
    for size, name in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"
