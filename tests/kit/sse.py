"""Server-sent events, read as the standard says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Event:
    """An event; without data it only tells the position."""

    id: str
    name: str
    data: str


async def events_of(response: httpx.Response) -> AsyncIterator[Event]:
    """The events of an answer, as they come; one that is cut off in the middle does not count."""
    fields: dict[str, str] = {}
    async for line in _lines(response):
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if "id" in fields:
            yield Event(fields["id"], fields.get("event", "message"), fields.get("data", ""))
        fields = {}


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    # httpx's own lines also end where a text has, say, a U+2028.
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield line.decode()
