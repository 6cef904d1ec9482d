"""Calls that only another worker can answer: they are passed on to it.

Where to is known from the workers' own words alone. Who is called checks everything itself, as if
the page had come to it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.requests import Request
from starlette.responses import Response

from tripchat.api.origin import address_of
from tripchat.cluster.workers import workers

FORWARDED = "x-tripchat-forwarded"
"""A call that has been passed on once goes no further."""

_HEADERS = {
    "content-type",
    "cookie",
    "authorization",
    "host",
    "origin",
    "forwarded",
    "x-forwarded-host",
    "x-forwarded-proto",
}
"""What tells who calls, and how they have reached the site."""

_PATIENCE = httpx.Timeout(30, connect=2)
"""An answer takes as long as what was said takes to be read; nobody there is noticed sooner."""

_http: httpx.AsyncClient | None = None


@asynccontextmanager
async def forwarding() -> AsyncIterator[None]:
    """Be able to pass calls on."""
    global _http
    async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as _http:
        try:
            yield
        finally:
            _http = None


async def forward(request: Request, content: bytes, worker_id: str) -> Response | None:
    """The answer of another worker to a call with this body; None when there is none to be had."""
    url = workers.url_of(worker_id)
    if _http is None or url is None or FORWARDED in request.headers:
        return None
    headers = {name: value for name, value in request.headers.items() if name in _HEADERS}
    # Only what is known of where it comes from: a visitor may have put anything there.
    headers["x-forwarded-for"] = address_of(request)
    address = url + request.scope["raw_path"].decode("ascii")
    try:
        answer = await _http.request(
            request.method, address, content=content, headers={**headers, FORWARDED: "1"}
        )
    except httpx.HTTPError:
        return None
    return Response(
        answer.content,
        status_code=answer.status_code,
        headers={"Cache-Control": "no-store"},
        media_type=answer.headers.get("content-type"),
    )
