"""The part of a file that a request asks for (RFC 9110, one range)."""

import re
from typing import NamedTuple

from starlette.datastructures import Headers

_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII | re.IGNORECASE)


class Span(NamedTuple):
    """The bytes from `start` up to `end`, exclusive."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """The file has none of the bytes that were asked for."""


def wanted(headers: Headers, etag: str, size: int) -> Span | None:
    """The part that is asked for; None when it is the whole. Raises Unsatisfiable.

    Several ranges, or what cannot be read as one, ask for the whole; so does a range of something
    else than this (`If-Range`).
    """
    found = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if found is None or headers.get("if-range", etag) != etag:
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if not first:
        span = Span(max(0, size - int(last)), size)
    else:
        if last and int(last) < int(first):
            return None
        span = Span(int(first), min(size, int(last) + 1) if last else size)
    if span.start >= span.end:
        raise Unsatisfiable
    return span


def is_known(headers: Headers, etag: str) -> bool:
    """Whether the browser has this already (`If-None-Match`)."""
    given = headers.get("if-none-match", "")
    return given.strip() == "*" or etag in {
        each.strip().removeprefix("W/") for each in given.split(",")
    }
