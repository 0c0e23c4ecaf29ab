"""What a service says when it does not give what was asked for, and what to do then."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from worlds.errors import SourceError
from worlds.quoting import plain

HEAD = 4096
"""Bytes of an answer in which it shows what it is."""
LONGEST = 240
_TAGS = re.compile(rb"<(?:style|script|head)\b.*?</(?:style|script|head)>|<[^>]*>", re.S | re.I)
_EXCEPTION = re.compile(
    rb"<(?:\w+:)?(?:ExceptionReport|ServiceExceptionReport|ServiceException|Error)\b"
)
AGAIN = "run the same command again later; it goes on where it was"
HINTS: Mapping[int, str] = {
    400: "the service does not take this question; it may have changed: please report it",
    401: "the login is missing or wrong: `mc-city login` keeps a right one",
    403: "the service does not let you have this; see its conditions",
    404: "it may have been moved: please report it",
    406: 'the service wants to know who asks: write contact = "you@example.org" under [fetch]',
    410: "it is no longer there: please report it",
    429: f"it has been asked too often: {AGAIN}",
}
"""Status → what to do; of the others, see `hint_of`."""
BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Answers after which one may ask again."""
WORDS = {
    400: "does not understand the question",
    401: "wants a login, or does not know this one",
    403: "refuses",
    404: "has no such thing",
    406: "does not accept the request",
    410: "has this no longer",
    416: "has no such part of the file",
    429: "has been asked too often",
    500: "has failed",
    502: "cannot be reached behind its gateway",
    503: "is busy or being repaired",
    504: "took too long",
}


def whole_number(text: str) -> int | None:
    """The number in a header; None where it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def hint_of(status: int, hints: Mapping[int, str]) -> str:
    """What to do about an answer. hints: of the source, which knows more."""
    return hints.get(status) or HINTS.get(status) or AGAIN


def text_of(body: bytes) -> str:
    """What an error page says, as one short line."""
    text = _TAGS.sub(b" ", body).decode("utf-8", "replace")
    line = re.sub(r"\s+", " ", plain(text)).strip()
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} …"


def complaint_in(head: bytes) -> str | None:
    """What an answer of status 200 complains of: OGC services report errors so, and gateways send
    their web pages. head: its first bytes. None where it is none."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:HEAD]
    if start[:1] == b"<" and _EXCEPTION.search(start[:1500]):
        return text_of(start) or "an exception without words"
    if re.match(rb"<!doctype html|<html", start, re.I):
        return f"a web page: {text_of(start)}"
    return None


class AbsentError(SourceError):
    """The service has no such thing."""


def refused(host: str, status: int, body: bytes, hints: Mapping[int, str]) -> SourceError:
    """The error of an answer that is none."""
    said = text_of(body)
    words = WORDS.get(status, "answers in a way that is not understood")
    told = f": {said}" if said else ""
    kind = AbsentError if status in (404, 410) else SourceError
    return kind(f"{host} {words} ({status}){told}", hint=hint_of(status, hints))


def seconds_of(retry_after: str | None) -> float | None:
    """Seconds that a `Retry-After` asks to wait: a number of them or a date."""
    if not retry_after:
        return None
    seconds = whole_number(retry_after)
    if seconds is not None:
        return float(seconds)
    try:
        at = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)
